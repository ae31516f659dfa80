"""What happens to the simulated patients. Each story is a course of events, from consent to wherever it leads.

A story says only what makes it special: every form of a visit is filled in from its declaration, and forms that do not
exist yet will be filled in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from crf import registry
from demo import abnormal, deviations, screening_stories, syndromes, texts
from demo.chart import Trait
from demo.events import HOSPITAL_STAY, OF_INTEREST, ended, recovery, regraded, stay
from demo.life import Course, Life
from demo.pharmacy import give_back, supply
from demo.safety import late_case, pregnancy_told, whole_case
from demo.screening import LOGS, ON_OCCASION, before_first_dose, eligible, monitoring, premedication, visit
from protocol.codelists import (
    ActionTaken,
    DeathCause,
    DoseOccurrence,
    DoseReason,
    EndOfTreatmentReason,
    Outcome,
    ProgressionBasis,
    Relationship,
)
from protocol.infusion import is_step_up, watch_row
from protocol.scales import CRS, ICANS
from protocol.schedule import is_repeat, label_order, planned_dose
from protocol.terms import grades_for, scale_for
from review.models import DeviationCategory

Story = Callable[..., Course]

MOST_DOSES = 13  # with seven forms each, and those of screening, a patient stays below 150 records

# Parts of every story -------------------------------------------------------------------------------------------------


def dose(life: Life, *, mg: str = "", why: dict[str, str] | None = None, **answers: object) -> Course:
    """The next dose on its day: the visit's forms before it, the infusion of about an hour, its form after it."""
    label, planned = life.next_dose, max(life.due, life.today)
    yield life.some_time(planned, 8, 9)
    if label != "C1D1":
        yield from visit(life, label)
        yield from _infusion(life, label, mg=mg, why=why, **answers)
        return
    yield from before_first_dose(life)
    if Trait.NOT_RELEASED in life.traits:
        why = {"SCR-031": texts.NOT_RELEASED[life.country]}
    elif Trait.RELEASED_ON_PAPER in life.traits:
        why = {"SCR-031": texts.RELEASED_ON_PAPER[life.country]}
    yield from _infusion(life, label, mg=mg, why=why, **answers)
    if Trait.NOT_RELEASED in life.traits:
        life.meanwhile(release_forgotten(life, life.query_of("SCR-031")))
        life.meanwhile(deviations.accepted(life, "SCR-031", DeviationCategory.MAJOR))
        life.meanwhile(deviations.flagged(life, "SCR-031"))
    elif Trait.RELEASED_ON_PAPER in life.traits:
        life.meanwhile(released_on_paper(life, life.query_of("SCR-031")))
        life.meanwhile(deviations.rejected(life, "SCR-031", "It was signed on paper before the infusion; the paper is in the file."))
    if Trait.HEPATITIS_B in life.traits:
        life.meanwhile(monitoring(life))
    yield from _logs(life)


def release_forgotten(life: Life, query) -> Course:
    """The site explains why the first dose was given without a release, and the reviewer accepts it."""
    yield from life.in_days(2, 5)
    life.answer(query, "Confirmed: the check was done before the infusion, and the release was forgotten.")
    yield from life.in_days(3, 8)
    life.accept(query, "Seen in the file; it stays in the register of deviations.")


def released_on_paper(life: Life, query) -> Course:
    """The paper is shown to the reviewer: it was released, and the deviation is rejected."""
    yield from life.in_days(1, 3)
    life.answer(query, "Confirmed: the release is on paper, signed before the infusion.")
    yield from life.in_days(3, 8)
    life.accept(query, "The paper is in the file.")


def _infusion(life: Life, label: str, *, mg: str = "", reason: str = "", why: dict[str, str] | None = None, **answers: object) -> Course:  # fmt: skip  # noqa: E501
    amount = mg or ("1" if is_repeat(label) else str(planned_dose(label_order(label)).dose_mg))
    vials = supply(life, label, amount)
    life.started = start = life.now + timedelta(minutes=life.rng.randint(70, 150))
    end = start + timedelta(minutes=life.rng.randint(57, 66))
    yield end + timedelta(minutes=life.rng.randint(3, 20))
    stepping_up = is_step_up(label, life.repeated)
    given = {
        "occurrence": DoseOccurrence.GIVEN.value, "given_on": life.today, "start_time": f"{start:%H:%M}",
        "end_time": f"{end:%H:%M}", "dose_mg": amount, "prepared_mg": amount, "vials": "; ".join(vials), **INFUSION,
        "premedication": "Y" if stepping_up else "", "hydration": "Y" if stepping_up else "", **answers,
    }  # fmt: skip
    if reason:
        record = yield from life.change("EC", label, reason, **given)
    else:
        record = yield from life.enter("EC", label, why=why, **{"reason": "", **given})
    life.given.append(life.today)
    life.repeated = is_repeat(label)
    if life.repeated:
        life.due = life.today + timedelta(days=7)
    else:
        life.used(label, life.today)
    if stepping_up:
        life.meanwhile(premedication(life, label, start, end))
    overnight, life.severe = stepping_up or life.severe, False
    life.meanwhile(watched(life, label, start, end, start + timedelta(hours=23) if overnight else end + _watch(label)))
    return record


INFUSION = {"volume_ml": "250", "prepared_by": "PHARMACIST", "given_by": "NURSE", "completed": "Y", "interruptions": "0",
            "reaction": "N"}  # fmt: skip


def _watch(label: str) -> timedelta:
    """A little longer than the label's table has it."""
    row = watch_row(label)
    return timedelta(hours=row.hours if row else 2, minutes=20)


def watched(life: Life, label: str, start: datetime, end: datetime, until: datetime) -> Course:
    """The patient is watched after an infusion: overnight in the step-up, some hours later on."""
    yield life.in_hours(until + timedelta(minutes=10))
    overnight = until.date() > start.date()
    yield from life.enter(
        "MON", label, place="WARD" if overnight else "DAY UNIT", started_on=start.date(), started_time=f"{start:%H:%M}",
        ended_on=until.date(), ended_time=f"{until:%H:%M}", stayed_near="Y" if overnight else "",
    )  # fmt: skip


def _logs(life: Life) -> Course:
    """One record in each log that no story speaks of."""
    for form in registry.forms():
        if form.is_log() and form.code not in ON_OCCASION | LOGS:
            yield from life.enter(form.code)


def doses(life: Life, count: int, *, troubles: float = 0.22) -> Course:
    """So many doses more, now and then followed by one of the usual adverse events."""
    for _ in range(count):
        if life.over or len(life.given) >= MOST_DOSES:
            return
        yield from dose(life)
        if life.rng.random() < troubles and len(life.onsets) < 12:
            life.meanwhile(usual_event(life))


USUAL = (
    ("Dysgeusia", "12"), ("Anorexia", "12"), ("Fatigue", "122"), ("Fever", "11"), ("Constipation", "12"),
    ("Nausea", "112"), ("Anemia", "122"), ("Hyponatremia", "13"), ("Lymphocyte count decreased", "234"),
    ("Headache", "1"), ("Neutrophil count decreased", "22"), ("Cough", "1"), ("Insomnia", "12"),
)  # fmt: skip


def usual_event(life: Life) -> Course:
    """One of the events that are seen again and again, not serious; now and then an answer is forgotten, and asked for."""
    term, grades = life.rng.choice(USUAL)
    related = life.rng.choice([Relationship.YES, Relationship.YES, Relationship.NO])
    onset = life.now + timedelta(hours=life.rng.randint(6, 90))
    lasting = timedelta(days=life.rng.randint(2, 40))
    grade, forgotten = life.rng.choice(grades), life.rng.random() < 0.15
    if not forgotten:
        record = yield from event(life, term, grade, onset=onset, lasting=lasting, related=related)
        worse = str(int(grade) + 1)
        if lasting > timedelta(days=20) and worse in grades_for(term) and worse < "4":
            life.meanwhile(regraded(life, record, worse, onset + lasting / 3))
            life.meanwhile(regraded(life, record, grade, onset + lasting / 2))
        return
    record = yield from event(life, term, grade, onset=onset, lasting=lasting, relationship="")
    yield from life.in_days(3, 15)
    yield from life.change("AE", record.slot, "Answer to the query.", by=life.investigator, relationship=related.value)


def event(
    life: Life, term: str, grade: str, *, onset: datetime, lasting: timedelta | None = None,
    related: Relationship = Relationship.YES, action: ActionTaken = ActionTaken.NOT_CHANGED, submit: bool = True,
    learned_after: timedelta | None = None, saved_after: timedelta = timedelta(minutes=40), **answers: object,
) -> Course:  # fmt: skip
    """An adverse event, entered after its onset; its end follows when it is over. The value is the record.

    ``learned_after`` makes it serious: the site learned of it so long after onset and saves it ``saved_after`` that, at
    whatever hour.
    """
    life.onsets.append(onset.date())
    serious: dict[str, object] = {"serious": "N"}
    if learned_after is None:
        yield life.in_hours(onset + timedelta(hours=life.rng.randint(14, 30)))
    else:
        aware = onset + learned_after
        yield aware + saved_after
        serious = {**HOSPITAL_STAY, "aware_on": aware.date(), "aware_time": f"{aware:%H:%M}"}
    over = lasting is not None and onset + lasting < life.now
    course = ended(onset + lasting) if over else {"ongoing": "Y", "outcome": Outcome.NOT_RECOVERED.value}
    leaves = {} if action in (ActionTaken.NOT_CHANGED, ActionTaken.INTERRUPTED) else {"left_study": "N"}
    given = {
        "term": term, "scale": scale_for(term).value, "grade": grade, "started_on": onset.date(),
        "special_interest": OF_INTEREST.get(term, "NONE"), "baseline": "N", "treatment_given": "N", "other_action": "", **leaves,
        "started_time": f"{onset:%H:%M}" if scale_for(term) != "CTCAE 5.0" else "", "relationship": related.value,
        "action_taken": action.value, **course, **serious, **answers,
    }  # fmt: skip
    life.severe = life.severe or (term in (CRS, ICANS) and grade >= "2")
    assert grade in grades_for(term)  # noqa: S101  a story that is wrong is a mistake of ours
    record = yield from life.enter(
        "AE", by=life.investigator, submit=submit, urgent=learned_after is not None, **given
    )
    if lasting is not None and not over:
        life.meanwhile(recovery(life, record, onset + lasting))
    return record




def end_of_treatment(life: Life, reason: EndOfTreatmentReason, details: str = "") -> Course:
    """Tarlatamab is stopped for good."""
    life.over = True
    yield from life.enter("EOT", "EOT", by=life.investigator, reason=reason.value, details=details)
    yield from visit(life, "EOT")


def follow_up(life: Life, *, survives: float = 0.3) -> Course:
    """What comes after treatment: visits, and for most of the patients death from the disease."""
    if life.rng.random() >= survives:
        yield from death(life)


def death(life: Life, least: int = 20, most: int = 150) -> Course:
    """Death from the lung cancer, whatever the weekday; the site hears of it days later."""
    yield life.at(life.today + timedelta(days=life.rng.randint(least, most)), 6)
    life.died_on = died_on = life.today
    yield from life.in_days(1, 6)
    cause = {"cause": DeathCause.DISEASE.value, "details": texts.DIED[life.country]}
    yield from life.enter("DD", "FU", by=life.investigator, died_on=died_on, **cause)


def progressed(life: Life) -> Course:
    """Progression on the scan, and the end of treatment on the same day."""
    yield from life.in_days(5, 9)
    yield from life.enter("SCAN", method="CT SCAN", regions="Chest, abdomen, brain")
    yield from life.enter("PD", "FU", by=life.investigator, basis=ProgressionBasis.RECIST.value)
    yield from end_of_treatment(life, EndOfTreatmentReason.PROGRESSION, texts.PROGRESSED[life.country])
    yield from life.in_days(28, 40)
    yield from visit(life, "FU")


# Stories --------------------------------------------------------------------------------------------------------------


def on_treatment(life: Life) -> Course:
    """Eligible, and treated to this day; a late paper form, a monitor's query asked twice, a corrected time, an open query, a
    deviation that the monitor has seen, and at the very end a serious event whose 24 hours are running.
    """
    if not (yield from eligible(life)):
        return
    life.meanwhile(deviations.copy_not_given(life))
    life.abnormal = dict(abnormal.FEW_LYMPHOCYTES)  # which nobody has judged yet
    life.meanwhile(running_clock(life))
    life.meanwhile(open_query(life))
    yield from doses(life, 1)
    yield from doses(life, 1, troubles=0)
    life.meanwhile(asked_twice(life, "C1D8"))
    paper = {"paper_date": life.due, "paper_time": "11:40", "paper_number": "P-0017"}
    yield from dose(life, **paper)
    yield from corrected_time(life)
    yield from doses(life, MOST_DOSES)
    yield from progressed(life)


def running_clock(life: Life) -> Course:
    """A serious event that the site learned of five hours before the end of the simulation and has not reported yet."""
    learned = life.until.astimezone(life.zone) - timedelta(hours=5)
    yield learned
    if life.given and life.died_on is None:
        unsure = {"related": Relationship.PENDING, "action": ActionTaken.NOT_APPLICABLE}
        yield from event(
            life, "Febrile neutropenia", "3", onset=learned - timedelta(hours=4), learned_after=timedelta(hours=4), **unsure
        )


def open_query(life: Life) -> Course:
    """A query by the reviewer of the last days before the end, not answered yet."""
    yield life.some_time((life.until - timedelta(days=9)).astimezone(life.zone).date(), 10, 15)
    if life.given and life.died_on is None:
        life.ask("EC", life.label, "start_time", "The nursing chart gives another start of the infusion. Which one is right?")


def asked_twice(life: Life, label: str) -> Course:
    """A monitor's query: answered, closed, asked again after a look at the source, answered and closed for good."""
    yield from life.in_days(12, 16)
    query = life.ask("EC", label, "end_time", "Please check the end of the infusion against the pump's log.")
    yield from life.in_days(1, 3)
    life.comment(query, "The log is with the pharmacy; we have asked for it.")
    yield from life.in_days(1, 3)
    life.answer(query, "Checked: the pump's log says the same.")
    yield from life.in_days(2, 4)
    life.accept(query, "Thank you.")
    yield from life.in_days(7, 12)
    life.ask_again(query, "The print-out in the file belongs to another day. Please check again.")
    yield from life.in_days(1, 3)
    life.answer(query, "The right print-out is now in the file; the time is confirmed.")
    yield from life.in_days(2, 4)
    life.accept(query, "Seen in the file.")


def corrected_time(life: Life) -> Course:
    """A value corrected after submission, with its reason."""
    label = life.label
    yield from life.in_days(1, 2)
    record = registry.form("EC").objects.get(patient__number=life.number, visit__code=label)
    end = datetime.fromisoformat(f"{record.given_on}T{record.end_time}") - timedelta(minutes=4)
    yield from life.change("EC", label, "Typing error: the pump's log gives another end.", end_time=f"{end:%H:%M}")


def never_dosed(life: Life) -> Course:
    """Registered and never dosed: the reviewer asks what became of the patient, and the site enters the end of treatment."""
    if not (yield from eligible(life)):
        return
    yield from life.in_days(25, 32)
    question = "Registered a month ago and no dose is entered. Please enter what happened."
    query = life.ask("IE", "SCR", "assessed_on", question)
    yield from life.in_days(2, 5)
    life.comment(query, "We are asking the referring hospital.")
    yield from life.in_days(3, 6)
    yield from end_of_treatment(life, EndOfTreatmentReason.PATIENT, texts.DECLINED[life.country])
    yield from life.enter("WD", "FU", by=life.investigator, scope=["TREATMENT"])
    yield from life.after(5, 15)
    life.answer(query, "The patient has decided against treatment; the end of treatment is entered.")
    yield from life.in_days(2, 6)
    life.accept(query, "Thank you.")


def screened_again(life: Life) -> Course:
    """A screen failure by ECOG, screened again weeks later, and treated."""
    if (yield from screening_stories.screened_again(life)):
        yield from doses(life, life.rng.randint(4, 12))
        yield from progressed(life)
        yield from follow_up(life)


def delayed_dose(life: Life) -> Course:
    """C1D15 is delayed by a week for an infection, with its reason, and then given. Of another event only the month of onset
    is known.
    """
    if not (yield from eligible(life)):
        return
    yield from doses(life, 2, troubles=0)
    onset = life.at(life.given[-1] + timedelta(days=5), 7)
    interrupted = {"related": Relationship.NO, "action": ActionTaken.INTERRUPTED}
    cold = event(life, "Upper respiratory infection", "2", onset=onset, lasting=timedelta(days=5), **interrupted)
    life.meanwhile(cold)
    life.meanwhile(unscheduled(life, onset + timedelta(hours=26), texts.NOT_WELL_ENOUGH[life.country]))
    partly = {"started_on": f"{life.given[0]:%Y-%m}", "related": Relationship.NO}
    life.meanwhile(event(life, "Insomnia", "1", onset=life.at(life.given[0], 22), lasting=timedelta(days=70), **partly))
    label, planned = life.next_dose, life.due
    yield life.some_time(planned, 9, 11)
    give_back(life, supply(life, label, "10"), "Not given: the dose is delayed.")
    yield from delayed_by(life, label, "Upper respiratory infection", texts.NOT_WELL_ENOUGH[life.country])
    yield life.some_time(planned + timedelta(days=7), 8, 9)
    yield from visit(life, label)
    yield from _infusion(life, label, reason="The delayed dose has been given.")
    yield from doses(life, 1, troubles=0)
    yield from step_up_again(life)
    yield from doses(life, life.rng.randint(1, 6))
    yield from progressed(life)
    yield from follow_up(life)


def number_of(life: Life, term: str) -> str:
    """The number of the patient's last event with that term."""
    return str(registry.form("AE").objects.filter(patient__number=life.number, term=term, voided=False).latest("row").row)


def delayed_by(life: Life, label: str, term: str, words: str) -> Course:
    """A dose is delayed because of an event that is entered already."""
    yield from life.enter(
        "EC", label, occurrence=DoseOccurrence.DELAYED.value, reason=DoseReason.ADVERSE_EVENT.value,
        reason_event=number_of(life, term), reason_details=words,
    )  # fmt: skip


def step_up_again(life: Life) -> Course:
    """Liver enzymes of grade 3: treatment is interrupted for more than four weeks, and begins again with 1 mg."""
    term, last = "Alanine aminotransferase increased", life.given[-1]
    onset = life.at(last + timedelta(days=11), 9)
    yield from event(life, term, "3", onset=onset, lasting=timedelta(days=12), action=ActionTaken.INTERRUPTED)
    caused = {"reason": DoseReason.ADVERSE_EVENT.value, "event": number_of(life, term)}
    hold = yield from life.enter("HOLD", resumed="N", **caused)
    label = life.next_dose
    yield life.some_time(life.due, 9, 11)
    yield from delayed_by(life, label, term, "")
    yield life.some_time(last + timedelta(days=30), 8, 9)
    yield from life.change("HOLD", hold.slot, "Treatment goes on.", resumed="Y", resumed_on=life.today)
    yield from visit(life, "R1")
    yield from _infusion(life, "R1")
    yield life.some_time(life.due, 8, 9)
    yield from visit(life, label)
    yield from _infusion(life, label, reason="The delayed dose has been given.")


def unscheduled(life: Life, moment: datetime, reason: str) -> Course:
    """The patient comes when nothing is planned: the visit's own form, and what was examined there."""
    yield life.in_hours(moment)
    yield from life.enter("UV", "UNS01", reason=reason)
    for code in ("ECOG", "VS", "HEM"):
        yield from life.enter(code, "UNS01", **life.chart.again(code))


def omitted_dose(life: Life, wrong: bool = False) -> Course:
    """C2D15 is omitted for lack of a bed; treatment goes on with the next label. One event is still in progress.

    ``wrong``: the dose before it was a wrong one.
    """
    if not (yield from eligible(life)):
        return
    yield from doses(life, 3)
    yield from (dose_too_small(life) if wrong else doses(life, 1))
    life.meanwhile(syndromes.lysis_in_the_laboratory(life, event))
    label, planned = life.next_dose, life.due
    yield life.some_time(planned, 14, 16)
    reason = {"reason": DoseReason.LOGISTICS.value, "reason_details": texts.NO_BED[life.country]}
    yield from life.enter("EC", label, occurrence=DoseOccurrence.OMITTED.value, **reason)
    life.used(label, planned)
    life.meanwhile(in_progress(life))
    life.meanwhile(partner_pregnant(life))
    yield from doses(life, life.rng.randint(8, 20))
    yield from progressed(life)
    yield from follow_up(life)


def in_progress(life: Life) -> Course:
    """An event begun and not submitted: its grade is still being asked for."""
    onset = life.now + timedelta(days=2)
    yield from event(life, "Pruritus", "1", onset=onset, submit=False, related=Relationship.PENDING)


def partner_pregnant(life: Life) -> Course:
    """A pregnancy of the patient's partner, which goes on."""
    yield from life.in_days(4, 7)
    record = yield from life.enter(
        "PREG", whose="PARTNER", agreed="Y", tested_on=life.today, last_period_on=life.today - timedelta(days=40), outcome="",
        due_on=life.today + timedelta(days=240),
    )  # fmt: skip
    yield from pregnancy_told(life, record, timedelta(minutes=50))


def crs_grade_1(life: Life) -> Course:
    """Cytokine release syndrome of grade 1 in the evening after the first dose, over on the next day. The event was entered
    twice; the second record is void.
    """
    if not (yield from eligible(life)):
        return
    yield from doses(life, 1, troubles=0)
    onset = life.now + timedelta(hours=9)
    record = yield from event(life, CRS, "1", onset=onset, lasting=timedelta(hours=14))
    life.meanwhile(syndromes.crs_of_grade_1(life, record, onset))
    yield from life.in_days(1, 2)
    life.onsets.append(onset.date())
    scale = scale_for(CRS).value
    again = {"term": CRS, "scale": scale, "grade": "1", "started_on": onset.date(), **ended(onset + timedelta(hours=14))}
    rest = {"serious": "N", "relationship": Relationship.YES.value, "action_taken": ActionTaken.NOT_CHANGED.value,
            "special_interest": OF_INTEREST[CRS], "baseline": "N", "treatment_given": "N"}  # fmt: skip
    record = yield from life.enter("AE", **again, **rest)
    yield from life.after(15, 40)
    life.void(record, "Entered twice: this is the event that the investigator has entered already.")
    yield from doses(life, life.rng.randint(9, 24))
    yield from progressed(life)
    yield from follow_up(life)


def crs_grade_2(life: Life) -> Course:
    """Cytokine release syndrome of grade 2 after C1D8 makes the stay longer: serious, reported within the hour, over."""
    if not (yield from eligible(life)):
        return
    yield from doses(life, 2, troubles=0)
    onset = life.now + timedelta(hours=5)
    record = yield from event(
        life, CRS, "1", onset=onset, lasting=timedelta(hours=60), learned_after=timedelta(minutes=25),
        started_time=f"{onset:%H:%M}", stay_planned="", treatment_given="Y",
    )  # fmt: skip
    life.meanwhile(syndromes.crs_of_grade_2(life, record, onset))
    said = "Fever of 39.1 °C and hypotension some hours after the infusion, which fluids corrected; oxygen was not needed."
    yield from whole_case(life, record, timedelta(minutes=35), said, "The patient recovered and left the hospital.")
    yield from stay(life, record, onset + timedelta(hours=66), planned=True)
    yield from doses(life, life.rng.randint(10, 24))
    yield from progressed(life)
    yield from follow_up(life)


def icans(life: Life) -> Course:
    """ICANS of grade 2 after C1D15: a hospital stay that is reported to the safety desk too late."""
    if not (yield from eligible(life)):
        return
    life.meanwhile(abnormal.much_potassium(life))
    yield from doses(life, 3, troubles=0)
    onset = life.now + timedelta(hours=19)
    record = yield from event(
        life, ICANS, "1", onset=onset, lasting=timedelta(days=4), learned_after=timedelta(hours=2),
        saved_after=timedelta(hours=25), treatment_given="Y",
    )  # fmt: skip
    life.meanwhile(syndromes.icans_of_grade_2(life, record, onset))
    said = "Disorientation and difficulty in writing on the day after the infusion; stay prolonged, dexamethasone started."
    yield from late_case(life, record, timedelta(hours=1), said)
    yield from stay(life, record, onset + timedelta(days=5), planned=False)
    yield from doses(life, life.rng.randint(6, 16))
    yield from progressed(life)
    yield from follow_up(life)


def progression(life: Life, count: int = 0) -> Course:
    """Treated until progression by RECIST 1.1, then off treatment and alive. A query opened by a rule is mended by itself."""
    if not (yield from eligible(life)):
        return
    life.meanwhile(forgotten_answer(life))
    life.meanwhile(abnormal.few_lymphocytes(life))
    yield from doses(life, count or life.rng.randint(5, 30))
    yield from progressed(life)


def forgotten_answer(life: Life) -> Course:
    """An event submitted without its relationship: the query closes when the answer is entered."""
    yield life.some_time(life.due + timedelta(days=9), 9, 14)
    record = yield from event(life, "Fatigue", "2", onset=life.now - timedelta(days=1), relationship="")
    yield from life.in_days(3, 8)
    related = Relationship.YES.value
    yield from life.change("AE", record.slot, "Answer to the query.", by=life.investigator, relationship=related)


def death_from_disease(life: Life, count: int = 0) -> Course:
    """Progression, end of treatment, and death from the lung cancer; a query of a rule is answered and accepted."""
    if not (yield from eligible(life)):
        return
    yield from doses(life, 3)
    life.meanwhile(older_complaint(life))
    yield from doses(life, count or life.rng.randint(2, 16))
    yield from progressed(life)
    yield from death(life, 5, 30)


def older_complaint(life: Life) -> Course:
    """An event that began before consent and got worse: a rule asks, the site confirms, the reviewer accepts."""
    onset, before_consent = life.now + timedelta(hours=50), life.arrival - timedelta(days=12)
    worse = {"baseline": "Y", "worsened": "Y"}
    yield from event(life, "Dyspnea", "2", onset=onset, related=Relationship.NO, started_on=before_consent, **worse)
    query = life.query_of("AE-017")
    yield from life.in_days(2, 6)
    life.answer(query, "Confirmed: it was there before consent as grade 1, and is worse since the third dose.")
    yield from life.in_days(2, 6)
    life.accept(query, "Seen in the chart.")


def wrong_dose(life: Life) -> Course:
    """7.5 mg instead of 10 mg at C2D1: stored, confirmed with its reason, listed as a deviation; the answer waits."""
    if not (yield from eligible(life)):
        return
    yield from doses(life, 3)
    yield from dose_too_small(life)
    yield from doses(life, life.rng.randint(12, 26))
    yield from progressed(life)
    yield from follow_up(life)


def dose_too_small(life: Life) -> Course:
    yield from dose(life, mg="7.5", why={"DOS-003": texts.BROKEN_VIAL[life.country]})
    life.meanwhile(waiting_answer(life, life.query_of("DOS-003")))
    life.meanwhile(deviations.accepted(life, "DOS-003", DeviationCategory.MAJOR))


def waiting_answer(life: Life, query) -> Course:
    """The site has confirmed the value; the reviewer has not looked yet."""
    yield from life.in_days(1, 3)
    life.answer(query, "Confirmed: 7.5 mg were given; the pharmacy's record is in the file.")


def withdrawal(life: Life) -> Course:
    """Some doses, and then the patient decides to stop."""
    if not (yield from eligible(life)):
        return
    yield from doses(life, life.rng.randint(3, 14))
    yield from life.in_days(4, 9)
    yield from end_of_treatment(life, EndOfTreatmentReason.PATIENT, texts.DECLINED[life.country])
    yield from follow_up(life, survives=0.6)


# What each further patient is drawn from, with its weight.
DRAWN: tuple[tuple[Story, int], ...] = (
    (progression, 26), (death_from_disease, 18), (crs_grade_1, 10), (crs_grade_2, 5), (icans, 3), (delayed_dose, 6),
    (omitted_dose, 5), (withdrawal, 8), (wrong_dose, 2), (never_dosed, 2),
    (screening_stories.screen_failure_ecog, 5), (screening_stories.screen_failure_lung, 4),
    (screening_stories.screen_failure_liver, 3), (screening_stories.screen_failure_pregnancy, 1),
    (screening_stories.screen_failure_declined, 4),
)  # fmt: skip
