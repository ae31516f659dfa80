"""Rules of adverse events: how seriousness, grade, outcome, dates and the action taken hang together.

A grade 3 or 4 laboratory finding does not make an event serious, and a death from the lung cancer needs no fatal event:
no rule says so.
"""

from __future__ import annotations

from protocol import parameters
from protocol.codelists import (
    ActionTaken,
    DoseOccurrence,
    EndOfTreatmentReason,
    Outcome,
    YesNo,
)
from protocol.dates import PartialDate, Tri, before, both, days_between, earlier, either
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.event_grades import worst
from protocol.facts import (
    AdverseEvent,
    Clock,
    Consent,
    Death,
    Dose,
    EndOfTreatment,
    EventsAsked,
    Monitoring,
    Patient,
    UnscheduledVisit,
    moment,
)  # fmt: skip
from protocol.infusion import given
from protocol.rules.common import (
    NO_FUTURE,
    NO_SUCH_TIME,
    after,
    future_moment,
    skipped,
)
from protocol.safety_facts import GradeChange, HospitalStay, SyndromeAssessment
from protocol.schedule import calendar, order
from protocol.terms import grades_for, scale_for, term

_SERIOUS = (
    "ICH E2A: an event is serious when it results in death, is life-threatening, needs or prolongs a hospital stay, results "
    "in lasting or significant disability, is a congenital anomaly, or is another medically important event."
)
_FATAL = "CTCAE 5.0: grade 5 is death from the event, so grade 5, outcome fatal and the criterion death go together."
_OUTCOME = "CDASH AE: an event that is over has an end date; one that goes on has none."
_GRADING = "Grading: CTCAE 5.0, with ASTCT for CRS and ICANS and Cairo-Bishop for tumour lysis syndrome."
_REPORT = "Regulation (EU) 536/2014, Article 41(2): the investigator reports within 24 hours of becoming aware."
_CRITERIA = ("is_death", "is_life_threatening", "is_hospitalisation", "is_disability", "is_congenital",
             "is_medically_important")  # fmt: skip
_OVER = (Outcome.RECOVERED, Outcome.SEQUELAE, Outcome.FATAL)
_NOT_OVER = (Outcome.RECOVERING, Outcome.NOT_RECOVERED)


def _ticked(event: AdverseEvent) -> list[str]:
    """The seriousness criteria answered yes, read one by one so that each is an input."""
    return [name for name in _CRITERIA if getattr(event, name) == YesNo.YES]


# Serious -------------------------------------------------------------------------------------------------------------------

@rule("AE-001", Severity.QUERY, "AE.serious", cites=_SERIOUS, source=Source.STANDARD)
def serious_without_criterion(event: AdverseEvent) -> Verdict:
    """The event is serious, and none of the six criteria is answered yes: say why it is serious, or answer 'No'."""
    return event.serious == YesNo.YES and not _ticked(event) if event.serious else None


@rule("AE-002", Severity.QUERY, "AE.serious", cites=_SERIOUS, source=Source.STANDARD)
def criterion_without_serious(event: AdverseEvent) -> Verdict:
    """A criterion of seriousness is answered yes, and the event is not serious: correct the one that is wrong."""
    return event.serious == YesNo.NO and bool(_ticked(event)) if event.serious else None


@rule("AE-027", Severity.QUERY, "AE.is_hospitalisation",
      cites="A stay that the protocol or a planned procedure foresees is not an event that 'requires hospitalisation'.",
      source=Source.ASSUMPTION)
def planned_stay_only(event: AdverseEvent, stays: tuple[HospitalStay, ...], watched: tuple[Monitoring, ...]) -> Verdict:
    """The only criterion is a planned hospital stay: a planned stay by itself is not serious, unless the event made it longer, which
    the stay then says. Correct the criterion or the stay, or confirm it.
    """
    if event.serious != YesNo.YES or event.stay_planned != YesNo.YES:
        return None
    longer = [*(look(each).prolonged_by for each in stays), *(look(each).event for each in watched)]
    return _ticked(event) == ["is_hospitalisation"] and event.slot not in longer


@rule("AE-029", Severity.NOTICE, "AE.aware_time", cites=_REPORT, source=Source.REGULATION)
def awareness_time_unknown(event: AdverseEvent) -> Verdict:
    """The time at which the site learned of it is unknown: the 24 hours count from the start of that day."""
    if event.serious != YesNo.YES or event.aware_on is None:
        return None
    return not event.aware_time


@rule("AE-030", Severity.QUERY, "AE.aware_on", cites=_REPORT, source=Source.REGULATION)
def aware_before_onset(event: AdverseEvent, patient: Patient) -> Verdict:
    """The site learned of the serious event before it began: correct the date or time that is wrong."""
    if event.serious != YesNo.YES:
        return None
    return earlier(moment(event.aware_on, event.aware_time, patient), moment(event.started_on, event.started_time, patient))


@rule("AE-031", Severity.ERROR, "AE.aware_on", cites=NO_FUTURE, source=Source.DESIGN)
def aware_in_future(event: AdverseEvent, patient: Patient, clock: Clock) -> Verdict:
    """The moment at which the site learned of it lies in the future: correct date or time."""
    return future_moment(event.aware_on, event.aware_time, patient, clock)


# Fatal ----------------------------------------------------------------------------------------------------------------------

def _has_grade_five(name: str) -> bool:
    return "5" in grades_for(name)


@rule("AE-003", Severity.QUERY, "AE.grade", cites=_FATAL, source=Source.STANDARD)
def fatal_without_grade_five(
    event: AdverseEvent, changes: tuple[GradeChange, ...], assessments: tuple[SyndromeAssessment, ...]
) -> Verdict:
    """The event led to death, and its worst grade is {grade}: a fatal event is grade 5 in the end. Add that change of grade, or
    correct the outcome.
    """
    grade = worst(event, changes, assessments)
    if not grade or not event.term:
        return None
    fatal = event.outcome == Outcome.FATAL or event.is_death == YesNo.YES
    return {"grade": grade} if fatal and grade != "5" and _has_grade_five(event.term) else False


@rule("AE-004", Severity.QUERY, "AE.outcome", cites=_FATAL, source=Source.STANDARD)
def grade_five_without_fatal(
    event: AdverseEvent, changes: tuple[GradeChange, ...], assessments: tuple[SyndromeAssessment, ...]
) -> Verdict:
    """By its worst grade or criterion the event led to death, and its outcome is not fatal: correct the one that is wrong."""
    if not event.outcome:
        return None
    return event.outcome != Outcome.FATAL and (worst(event, changes, assessments) == "5" or event.is_death == YesNo.YES)


@rule("AE-005", Severity.QUERY, "AE.is_death", cites=_FATAL, source=Source.STANDARD)
def fatal_without_criterion(
    event: AdverseEvent, changes: tuple[GradeChange, ...], assessments: tuple[SyndromeAssessment, ...]
) -> Verdict:
    """By its grade or outcome the event led to death, and 'it led to death' is not answered yes: the event is serious.
    Correct the one that is wrong.
    """
    if not event.serious:
        return None
    return event.is_death != YesNo.YES and (worst(event, changes, assessments) == "5" or event.outcome == Outcome.FATAL)


@rule("AE-006", Severity.QUERY, "AE.term", cites=_FATAL, source=Source.STANDARD)
def fatal_term_without_grade_five(event: AdverseEvent) -> Verdict:
    """The event led to death, and {term} has no grade 5: record the event that the patient died of, or confirm the term."""
    if not event.term:
        return None
    fatal = event.outcome == Outcome.FATAL or event.is_death == YesNo.YES
    return {"term": event.term} if fatal and not _has_grade_five(event.term) else False


@rule("AE-007", Severity.QUERY, "AE.outcome", cites=_FATAL, source=Source.STANDARD)
def fatal_without_death(event: AdverseEvent, death: Death | None) -> Verdict:
    """The event is fatal, and no death is recorded: complete the form Death too."""
    return event.outcome == Outcome.FATAL and death is None if event.outcome else None


@rule("AE-008", Severity.QUERY, "AE.ended_on", cites=_FATAL, source=Source.STANDARD)
def fatal_end_is_not_death(event: AdverseEvent, death: Death | None) -> Verdict:
    """A fatal event ends on the day of death, {died}, and this one ends on {ended}: correct the date that is wrong."""
    if event.outcome != Outcome.FATAL or death is None:
        return None
    differs = either(before(event.ended_on, death.died_on), after(event.ended_on, death.died_on))
    return {"died": death.died_on, "ended": event.ended_on} if differs else differs


# Outcome and end ---------------------------------------------------------------------------------------------------------------

@rule("AE-009", Severity.QUERY, "AE.ended_on", cites=_OUTCOME, source=Source.STANDARD)
def over_without_end(event: AdverseEvent) -> Verdict:
    """The outcome says that the event is over, and it has no end date: enter the date, as exactly as it is known."""
    if not event.outcome or event.ongoing == YesNo.YES:
        return None
    return event.outcome in _OVER and event.ended_on is None


@rule("AE-010", Severity.QUERY, "AE.outcome", cites=_OUTCOME, source=Source.STANDARD)
def end_of_what_goes_on(event: AdverseEvent) -> Verdict:
    """The outcome says that the event goes on, and it has an end date: correct the one that is wrong."""
    return event.outcome in _NOT_OVER and event.ended_on is not None if event.outcome else None


@rule("AE-011", Severity.QUERY, "AE.ongoing", cites=_OUTCOME, source=Source.STANDARD)
def ongoing_with_end(event: AdverseEvent) -> Verdict:
    """The event is still going on, and has an end date: correct the one that is wrong."""
    return event.ongoing == YesNo.YES and event.ended_on is not None if event.ongoing else None


@rule("AE-012", Severity.QUERY, "AE.outcome", cites=_OUTCOME, source=Source.STANDARD)
def ongoing_and_over(event: AdverseEvent) -> Verdict:
    """The event is still going on, and its outcome says that it is over: correct the one that is wrong."""
    if not event.ongoing or not event.outcome:
        return None
    return event.ongoing == YesNo.YES and event.outcome in _OVER


@rule("AE-013", Severity.QUERY, "AE.ongoing", cites=_OUTCOME, source=Source.STANDARD)
def ended_and_not_over(event: AdverseEvent, death: Death | None) -> Verdict:
    """The event is no longer going on, and its outcome says that it is not over: correct the one that is wrong."""
    if not event.ongoing or not event.outcome or death is not None:
        return None
    return event.ongoing == YesNo.NO and event.outcome in _NOT_OVER and event.ended_on is None


# Dates and times -----------------------------------------------------------------------------------------------------------------

@rule("AE-014", Severity.ERROR, "AE.ended_on", cites="An event ends after it began.", source=Source.DESIGN)
def ends_before_start(event: AdverseEvent, patient: Patient) -> Verdict:
    """The event ends before it began: correct the dates or times."""
    return earlier(moment(event.ended_on, event.ended_time, patient), moment(event.started_on, event.started_time, patient))


@rule("AE-015", Severity.ERROR, "AE.started_on", cites=NO_FUTURE, source=Source.DESIGN)
def starts_in_future(event: AdverseEvent, patient: Patient, clock: Clock) -> Verdict:
    """The event begins in the future: correct the date or time."""
    return future_moment(event.started_on, event.started_time, patient, clock)


@rule("AE-016", Severity.ERROR, "AE.ended_on", cites=NO_FUTURE, source=Source.DESIGN)
def ends_in_future(event: AdverseEvent, patient: Patient, clock: Clock) -> Verdict:
    """The event ends in the future: correct the date or time, or leave the event going on."""
    return future_moment(event.ended_on, event.ended_time, patient, clock)


@rule("AE-035", Severity.ERROR, "AE.started_time", cites=NO_SUCH_TIME, source=Source.DESIGN)
def start_time_skipped(event: AdverseEvent, patient: Patient) -> Verdict:
    """There was no {time} at the site that night: the clocks went forward. Correct the start time."""
    gone = skipped(event.started_on, event.started_time, patient)
    return {"time": event.started_time} if gone else gone


@rule("AE-036", Severity.ERROR, "AE.ended_time", cites=NO_SUCH_TIME, source=Source.DESIGN)
def end_time_skipped(event: AdverseEvent, patient: Patient) -> Verdict:
    """There was no {time} at the site that night: the clocks went forward. Correct the end time."""
    gone = skipped(event.ended_on, event.ended_time, patient)
    return {"time": event.ended_time} if gone else gone


@rule("AE-037", Severity.ERROR, "AE.aware_time", cites=NO_SUCH_TIME, source=Source.DESIGN)
def aware_time_skipped(event: AdverseEvent, patient: Patient) -> Verdict:
    """There was no {time} at the site that night: the clocks went forward. Correct the time."""
    gone = skipped(event.aware_on, event.aware_time, patient)
    return {"time": event.aware_time} if gone else gone


@rule("AE-017", Severity.QUERY, "AE.started_on", cites="What began before consent is medical history.", source=Source.DESIGN)
def starts_before_consent(event: AdverseEvent, consent: Consent | None) -> Verdict:
    """The event began before the patient signed the consent ({signed}): it belongs to the medical history; of a condition that
    got worse, the event begins when it did. Check the date, or confirm it.
    """
    signed = consent.patient_signed_on if consent else None
    early = before(event.started_on, signed)
    return {"signed": signed} if early else early


@rule("AE-018", Severity.QUERY, "AE.started_on", cites="No event begins after death.", source=Source.DESIGN)
def starts_after_death(event: AdverseEvent, death: Death | None) -> Verdict:
    """The event begins after the patient's death ({died}): correct the date that is wrong."""
    late = after(event.started_on, death.died_on) if death else None
    return {"died": death.died_on} if death and late else late


@rule("AE-019", Severity.QUERY, "AE.ended_on", cites="No event ends after death.", source=Source.DESIGN)
def ends_after_death(event: AdverseEvent, death: Death | None) -> Verdict:
    """The event ends after the patient's death ({died}): correct the date that is wrong."""
    if death is None or event.outcome == Outcome.FATAL:  # a fatal event's end is compared by AE-008
        return None
    late = after(event.ended_on, death.died_on)
    return {"died": death.died_on} if late else late


@rule("AE-034", Severity.NOTICE, "AE.started_on", cites="How long after the last dose events are collected is not public.",
      source=Source.ASSUMPTION, requires=("ae_collection_days",))
def after_collection(event: AdverseEvent, doses: tuple[Dose, ...], end: EndOfTreatment | None) -> Verdict:
    """The event began more than {limit} days after the last dose: it lies outside the collection period."""
    if end is None or not given(doses):
        return None
    last = max(given(doses), key=lambda dose: order(dose.visit) or 0)
    days, limit = days_between(last.given_on, event.started_on), parameters.whole("ae_collection_days")
    if days is None:
        return None
    return {"limit": limit} if days[0] > limit else False


# Term and grade --------------------------------------------------------------------------------------------------------------------

@rule("AE-020", Severity.QUERY, "AE.grade", cites="CTCAE 5.0: not every term has every grade.", source=Source.STANDARD)
def grade_does_not_exist(event: AdverseEvent) -> Verdict:
    """{term} has no grade {grade}; it has {grades}. Correct the grade or the term."""
    if not event.grade or term(event.term) is None or event.scale not in ("", scale_for(event.term)):
        return None
    grades = grades_for(event.term)
    if event.grade in grades:
        return False
    return {"term": event.term, "grade": event.grade, "grades": ", ".join(grades)}


@rule("AE-021", Severity.QUERY, "AE.scale", cites=_GRADING, source=Source.STANDARD)
def wrong_scale(event: AdverseEvent) -> Verdict:
    """In this trial {term} is graded by {right}, not by {scale}: correct the scale, and check the grade."""
    if not event.scale or term(event.term) is None:
        return None
    right = scale_for(event.term)
    if event.scale == right:
        return False
    return {"term": event.term, "right": right.value, "scale": event.scale}


@rule("AE-022", Severity.QUERY, "AE.term_specify", cites="CTCAE 5.0: 'Other, specify' asks for the event in words.",
      source=Source.STANDARD)
def other_without_words(event: AdverseEvent) -> Verdict:
    """The term is 'Other, specify': say in a few words which event it is."""
    found = term(event.term)
    return found.needs_text and not event.term_specify.strip() if found else None


@rule("AE-023", Severity.QUERY, "AE.term", cites=_GRADING, source=Source.STANDARD)
def unknown_term(event: AdverseEvent) -> Verdict:
    """'{term}' is no term of the list: pick one, or 'Other, specify' of its class with the event in words."""
    if not event.term:
        return None
    return {"term": event.term} if term(event.term) is None else False


# The action taken ------------------------------------------------------------------------------------------------------------------

@rule("AE-024", Severity.QUERY, "AE.action_taken", cites="A drug withdrawn for good is the end of treatment.",
      source=Source.DESIGN)
def withdrawn_without_end(event: AdverseEvent, end: EndOfTreatment | None) -> Verdict:
    """Tarlatamab was withdrawn for good, and no end of treatment is recorded: complete the form End of treatment too."""
    return event.action_taken == ActionTaken.WITHDRAWN and end is None if event.action_taken else None


@rule("AE-038", Severity.QUERY, "AE.action_taken", cites="A drug withdrawn for good is the end of treatment.",
      source=Source.DESIGN, also=("EOT.reason",))
def withdrawn_for_another_reason(event: AdverseEvent, end: EndOfTreatment | None) -> Verdict:
    """Tarlatamab was withdrawn for good because of the event, and the end of treatment gives another reason ({reason}): correct the
    one that is wrong.
    """
    if end is None or not end.reason or event.action_taken != ActionTaken.WITHDRAWN:
        return None
    if end.reason in (EndOfTreatmentReason.TOXICITY, EndOfTreatmentReason.DEATH):
        return False
    return {"reason": EndOfTreatmentReason(end.reason).words}


@rule("AE-025", Severity.QUERY, "AE.action_taken", cites="A drug interrupted is a dose delayed, omitted or cut short.",
      source=Source.DESIGN)
def interrupted_without_delay(event: AdverseEvent, doses: tuple[Dose, ...]) -> Verdict:
    """Tarlatamab was interrupted, and {label} after the onset was given as planned: correct the action, or the dose."""
    if event.action_taken != ActionTaken.INTERRUPTED or event.started_on is None:
        return None
    onset, plain = event.started_on, [look(dose) for dose in doses]
    if any(_on_or_around(dose, onset) for dose in given(plain)):
        return None  # the infusion itself may have been stopped
    later = {dose.visit for dose in plain if after(dose.given_on, onset) or dose.occurrence != DoseOccurrence.GIVEN}
    rows = [row for row in calendar(plain, ahead=0) if row.label in later]
    # Only what comes after the last dose before the onset.
    last_before = max((order(dose.visit) or 0 for dose in given(plain) if before(dose.given_on, onset)), default=0)
    rows = [row for row in rows if row.n > last_before]
    if not rows:
        return None
    reasons = {dose.visit for dose in plain if dose.reason}
    if any(row.actual is None or (row.days_late or 0) > 0 or row.label in reasons for row in rows):
        return False
    return {"label": rows[0].label}


def _on_or_around(dose: Dose, onset: PartialDate) -> bool:
    return before(dose.given_on, onset) is not True and after(dose.given_on, onset) is not True


@rule("AE-026", Severity.QUERY, "AE.action_taken", cites="The record has 1 mg at C1D1 and 10 mg after, and no other amount.",
      source=Source.REGISTRY)
def dose_changed(event: AdverseEvent) -> Verdict:
    """The action says that the dose was {changed}; the protocol foresees no such change. Correct the action, or confirm it."""
    changed = {ActionTaken.REDUCED: "reduced", ActionTaken.INCREASED: "increased"}
    if not event.action_taken:
        return None
    word = changed.get(ActionTaken(event.action_taken))
    return {"changed": word} if word else False


# Several events ----------------------------------------------------------------------------------------------------------------------

@rule("AE-032", Severity.QUERY, "AEYN.any_events", cites="An empty log means nothing; the answer 'No' does.", source=Source.DESIGN)
def event_since_last_visit(
    asked: EventsAsked, doses: tuple[Dose, ...], visits: tuple[UnscheduledVisit, ...], end: EndOfTreatment | None,
    events: tuple[AdverseEvent, ...],
) -> Verdict:  # fmt: skip
    """The answer is 'No', and {term} began on {started}, between the visit before and this one: correct the one that is wrong."""
    if asked.any_events != YesNo.NO:
        return None
    days = {dose.visit: dose.given_on for dose in given(doses)} | {visit.visit: look(visit).visited_on for visit in visits}
    days |= {end.visit: look(end).ended_on} if end else {}
    this = days.get(asked.visit)
    last = max((day for day in days.values() if day and before(day, this)), key=lambda day: day.earliest, default=None)
    if this is None or last is None:
        return None
    for event in events:
        started = look(event).started_on
        if both(after(started, last), before(started, this)):
            return {"term": event.term, "started": event.started_on}
    return False


@rule("AE-033", Severity.NOTICE, "AE.term", cites="One event is recorded once.", source=Source.DESIGN)
def recorded_twice(event: AdverseEvent, events: tuple[AdverseEvent, ...]) -> Verdict:
    """{term} is recorded already, with onset {started}, and the two overlap: is it one event?"""
    if not event.term:
        return None
    words = event.term_specify.strip().casefold()
    for other in events:
        its = look(other)
        if its.row >= event.row or (its.term, its.term_specify.strip().casefold()) != (event.term, words):
            continue
        if _overlap(event, its):
            return {"term": event.term, "started": other.started_on}
    return False


def _overlap(a: AdverseEvent, b: AdverseEvent) -> bool:
    """Certainly on the same day at some time: neither is over before the other begins."""
    return _over_before(a, b) is False and _over_before(b, a) is False


def _over_before(a: AdverseEvent, b: AdverseEvent) -> Tri:
    if a.ended_on is None and a.ongoing == YesNo.YES:
        return False
    return before(a.ended_on or a.started_on, b.started_on)
