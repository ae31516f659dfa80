"""The safety report of one event from the facts of its patient, as they are entered. What is not entered is named, never filled in.

Judgements (relation, outcome, seriousness) are copied. Derived are only the worst grade, the age in years, the time since the
last infusion, and which results lie outside their range.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from protocol import codelists, panels, parameters
from protocol.codelists import Relationship
from protocol.dates import PartialDate, before, full_years
from protocol.dosing_facts import Vial
from protocol.engine import Case
from protocol.event_grades import Assessed, rows, worst
from protocol.facts import AdverseEvent, Demographics, Dose, Fact, moment
from protocol.facts import Death as DeathFact
from protocol.icsr import (
    Administration,
    Condition,
    Death,
    Drug,
    Event,
    GradeAt,
    Icsr,
    Judgement,
    Missing,
    Reporter,
    Stay,
    Subject,
    Test,
    When,
    report_id,
)
from protocol.laboratory_facts import Chemistry, Coagulation, Haematology, LaboratoryPanel, OtherLaboratory
from protocol.laboratory_tests import BY_FIELD
from protocol.onset import since_dose
from protocol.panels import Reading
from protocol.safety_facts import GradeChange, HospitalStay, SyndromeAssessment
from protocol.screening_facts import (
    AutoimmuneDisease,
    ImmuneEvent,
    Infection,
    MedicalHistory,
    Medication,
    OtherMalignancy,
    PriorProcedure,
    PriorTherapy,
    ReferenceRange,
    SclcHistory,
    Smoking,
    VascularHistory,
    VitalSigns,
)
from protocol.terms import term

PANELS = (Haematology, Chemistry, Coagulation, OtherLaboratory)
HISTORY = (SclcHistory, PriorTherapy, PriorProcedure, MedicalHistory, OtherMalignancy, VascularHistory, AutoimmuneDisease,
           ImmuneEvent, Infection, Smoking)  # fmt: skip
READS: tuple[type[Fact], ...] = (AdverseEvent, GradeChange, HospitalStay, Dose, Medication, Demographics, VitalSigns, DeathFact,
                                 Vial, ReferenceRange, *PANELS, *HISTORY)  # fmt: skip
"""The facts that a report is made from, beside every assessment of CRS, ICANS and tumour lysis."""

_Fact = TypeVar("_Fact", bound=Fact)


def build(
    case: Case, row: int, reporter: Reporter, *, investigator: Judgement | None = None, sponsor: Judgement | None = None,
    version: int = 0, sent: bool = False, first_received: datetime | None = None, received: datetime | None = None, narrative: str = "",
    susar: bool | None = None,
) -> Icsr:  # fmt: skip
    """The report of the event with that number in the log; LookupError when the patient has none.

    ``case`` holds the facts of ``READS``. Without ``investigator`` the answer on the event's own form is taken.
    """
    event = next((each for each in _all(case, AdverseEvent) if each.row == row), None)
    if event is None:
        raise LookupError(f"{case.patient.number} has no adverse event {row}.")
    own = investigator or Judgement(relationship=event.relationship, by="Investigator" if event.relationship else "")
    made = Icsr(
        report_id=report_id(case.patient.number, row, case.patient.country), as_of=case.clock.now, subject=_subject(case, event),
        reporter=reporter, event=_event(case, event, own, sponsor or Judgement()), version=version, sent=sent,
        first_received=first_received, received=received, aware=When.of(event.aware_on, event.aware_time, case.patient.zone),
        narrative=narrative.strip(), doses=tuple(_doses(case)), drugs=tuple(_drugs(case, event)),
        history=tuple(_history(case)), tests=tuple(_tests(case, event)), death=_death(case), susar=susar,
    )  # fmt: skip
    return replace(made, missing=tuple(_missing(made)))


def _all(case: Case, kind: type[_Fact]) -> list[_Fact]:
    return [each for each in case.of(kind.form) if isinstance(each, kind)]


def _one(case: Case, kind: type[_Fact]) -> _Fact | None:
    return next(iter(_all(case, kind)), None)


def _subject(case: Case, event: AdverseEvent) -> Subject:
    """Age when the event began; weight and height as last measured by then."""
    person, measured = _one(case, Demographics), sorted(_all(case, VitalSigns), key=_taken)
    by_then = [each for each in measured if before(event.started_on, each.taken_on) is not True]
    return Subject(
        number=case.patient.number, country=case.patient.country,
        age=full_years(person.birth_date, event.started_on) if person else None, sex=person.sex if person else "",
        weight_kg=next((each.weight for each in reversed(by_then) if each.weight is not None), None),
        height_cm=next((each.height for each in reversed(by_then) if each.height is not None), None),
    )  # fmt: skip


def _taken(fact: Any) -> tuple[str, str]:
    return (fact.taken_on.text if fact.taken_on else "", fact.taken_time)


def _event(case: Case, event: AdverseEvent, investigator: Judgement, sponsor: Judgement) -> Event:
    patient, known = case.patient, term(event.term)
    changes, assessments = _all(case, GradeChange), list(assessed(case))
    found = since_dose(moment(event.started_on, event.started_time, patient), _all(case, Dose), patient)
    grades = tuple(
        GradeAt(at=When.of(each.on, each.time, patient.zone), grade=each.grade, source=each.place)
        for each in rows(event, changes, assessments, patient)
    )
    return Event(
        row=event.row, term=event.term, words=event.term_specify, soc=known.soc if known else "", scale=event.scale, grades=grades,
        worst=worst(event, changes, assessments), began=When.of(event.started_on, event.started_time, patient.zone),
        ended=When.of(event.ended_on, event.ended_time, patient.zone), ongoing=event.ongoing, outcome=event.outcome,
        action_taken=event.action_taken, serious=event.serious, criteria=event.criteria, stay_planned=event.stay_planned,
        stays=tuple(_stays(case, event)), after_dose=(found.label or "") if found else "", since_dose=found.span if found else None,
        investigator=investigator, sponsor=sponsor,
    )  # fmt: skip


def assessed(case: Case) -> Iterator[Assessed]:
    """Every assessment of CRS, ICANS and tumour lysis, whichever forms there are."""
    for facts in case.records.values():
        yield from (each for each in facts if isinstance(each, SyndromeAssessment))


def _stays(case: Case, event: AdverseEvent) -> Iterator[Stay]:
    zone = case.patient.zone
    for each in _all(case, HospitalStay):
        if event.slot in (each.event, each.prolonged_by):
            yield Stay(
                kind=_label(codelists.Stay, each.kind), admitted=When.of(each.admitted_on, each.admitted_time, zone),
                discharged=When.of(each.discharged_on, each.discharged_time, zone), ongoing=each.ongoing, planned=each.planned,
                prolonged=each.prolonged if each.prolonged_by in ("", event.slot) else "",
            )  # fmt: skip


def _doses(case: Case) -> Iterator[Administration]:
    """Every dose in order of time: given, delayed and omitted. Lots come from the drug account alone."""
    lots = {each.number: each.lot for each in _all(case, Vial)}
    zone = case.patient.zone
    ordered = sorted(_all(case, Dose), key=lambda dose: (dose.given_on.earliest.isoformat() if dose.given_on else "9", dose.start_time))
    for dose in ordered:
        numbers = [each.upper() for each in dose.vial_numbers]
        yield Administration(
            label=dose.visit, occurrence=dose.occurrence, began=When.of(dose.given_on, dose.start_time, zone),
            ended=When.of(dose.last_day, dose.end_time, zone), dose_mg=dose.dose_mg, completed=dose.completed, reason=dose.reason,
            lots=tuple(dict.fromkeys(lots[each] for each in numbers if each in lots)), vials=dose.vial_numbers,
            lots_unknown=tuple(each for each in numbers if each not in lots),
        )  # fmt: skip


def _drugs(case: Case, event: AdverseEvent) -> Iterator[Drug]:
    """What was taken around the event or for it: not what had certainly ended long before (a parameter), nor what came later."""
    zone = case.patient.zone
    for each in _all(case, Medication):
        treats = each.for_event == event.slot
        over = before(each.ended_on, _shifted(event.started_on, -parameters.whole("report_medication_days"))) is True
        later = before(event.started_on, each.started_on) is True
        if treats or not (over or later):
            yield Drug(
                name=each.name, dose=each.dose, unit=each.dose_unit, frequency=each.frequency, route=each.route,
                began=When.of(each.started_on, each.started_time, zone), ended=When.of(each.ended_on, each.ended_time, zone),
                ongoing=each.ongoing, indication=each.indication, treats=treats,
            )  # fmt: skip


def _shifted(day: PartialDate | None, days: int) -> PartialDate | None:
    """A date so many days later, as vague as it was; for comparing."""
    if day is None:
        return None
    return PartialDate(day.text, day.earliest + timedelta(days=days), day.latest + timedelta(days=days))


def _death(case: Case) -> Death | None:
    found = _one(case, DeathFact)
    if found is None:
        return None
    return Death(died=When.of(found.died_on, "", case.patient.zone), cause=found.cause, autopsy=found.autopsy)


# History ----------------------------------------------------------------------------------------------------------------


def _history(case: Case) -> Iterator[Condition]:
    for kind in HISTORY:
        for fact in case.of(kind.form):
            yield from _HISTORY[kind](fact)


def _label(codes: type[codelists.Codelist], value: str) -> str:
    return next((each.label for each in codes if each.value == value), value)


def _sclc(each: Any) -> Iterator[Condition]:
    if each.diagnosed_on or each.stage_at_enrolment:
        stage = _label(codelists.Stage, each.stage_at_enrolment).lower()
        said = [f"{stage} at enrolment" if stage else "", "brain metastases" if each.brain_metastases == "Y" else "",
                "liver metastases" if each.liver_metastases == "Y" else ""]  # fmt: skip
        yield Condition(kind="Disease under study", name="Small cell lung cancer", began=each.diagnosed_on, ongoing="Y",
                        remarks=", ".join(filter(None, said)))  # fmt: skip


def _therapy(each: Any) -> Iterator[Condition]:
    drugs = [_label(codelists.Agent, code) for code in each.drugs.split("; ") if code]
    if drugs or each.other_drug:
        last = max((day for day in (each.chemo_last_on, each.ici_last_on) if day), key=lambda day: day.latest, default=None)
        yield Condition(kind="Earlier systemic therapy", name=", ".join(filter(None, [*drugs, each.other_drug])),
                        began=each.chemo_first_on or each.ici_first_on, ended=last)  # fmt: skip


def _procedure(each: Any) -> Iterator[Condition]:
    name = each.name or _label(codelists.ProcedureKind, each.category)
    if name:
        yield Condition(kind="Procedure", name=name, began=each.performed_on, ended=each.ended_on)


def _medical(each: Any) -> Iterator[Condition]:
    if each.term:
        yield Condition(kind="Medical history", name=each.term, began=each.started_on, ended=each.ended_on, ongoing=each.ongoing)


def _malignancy(each: Any) -> Iterator[Condition]:
    if each.kind:
        yield Condition(kind="Other malignancy", name=each.kind, began=each.diagnosed_on, ongoing=each.still_active)


def _vascular(each: Any) -> Iterator[Condition]:
    if each.kind:
        yield Condition(kind="Heart and vessels", name=_label(codelists.VascularEvent, each.kind), began=each.occurred_on,
                        ended=each.ended_on, ongoing=each.ongoing)  # fmt: skip


def _autoimmune(each: Any) -> Iterator[Condition]:
    if each.name:
        yield Condition(kind="Autoimmune disease", name=each.name, ongoing=each.active)


def _immune(each: Any) -> Iterator[Condition]:
    if each.term:
        yield Condition(kind="Immune-related event", name=each.term, began=each.started_on,
                        remarks=f"grade {each.grade}" if each.grade else "")  # fmt: skip


def _infection(each: Any) -> Iterator[Condition]:
    if each.name:
        yield Condition(kind="Infection", name=each.name, began=each.started_on, ongoing=each.active)


def _smoking(each: Any) -> Iterator[Condition]:
    if each.status:
        years = f"{each.pack_years} pack-years" if each.pack_years is not None else ""
        yield Condition(kind="Smoking", name=_label(codelists.SmokingStatus, each.status), ended=each.stopped_on, remarks=years)


_HISTORY: dict[type[Fact], Any] = {
    SclcHistory: _sclc, PriorTherapy: _therapy, PriorProcedure: _procedure, MedicalHistory: _medical, OtherMalignancy: _malignancy,
    VascularHistory: _vascular, AutoimmuneDisease: _autoimmune, ImmuneEvent: _immune, Infection: _infection, Smoking: _smoking,
}  # fmt: skip


# Results ----------------------------------------------------------------------------------------------------------------


def _tests(case: Case, event: AdverseEvent) -> Iterator[Test]:
    """Results outside their range, from some days before the event began (a parameter) to its end, in order of time.

    The range is the laboratory's own. A result of which nobody can say whether it lies outside is not listed: it is on its form.
    """
    if event.started_on is None:
        return
    days = parameters.whole("report_laboratory_days")
    first, last = _shifted(event.started_on, -days), _shifted(event.started_on, days)
    ranges, person = _all(case, ReferenceRange), _one(case, Demographics)
    found: list[LaboratoryPanel] = [
        *_all(case, Haematology), *_all(case, Chemistry), *_all(case, Coagulation), *_all(case, OtherLaboratory)
    ]  # fmt: skip
    for panel in sorted(found, key=_taken):
        outside = before(panel.taken_on, first) is True or before(last, panel.taken_on) is True
        if outside or panel.taken_on is None:
            continue
        at = When.of(panel.taken_on, panel.taken_time, case.patient.zone)
        for name in (each for each in BY_FIELD if hasattr(panel, each)):
            reading = panels.read(panel, name, ranges, person)
            if reading is not None and panels.flag(reading) in ("LOW", "HIGH"):
                yield _test(reading, at)


def _test(reading: Reading, at: When | None) -> Test:
    low, high = (f"{each.number.normalize():f}" if each else "" for each in panels.limits(reading, reading.unit))
    result = panels.standard(reading)
    return Test(
        name=reading.test.label, at=at, text=reading.text, unit=reading.unit, low=low, high=high, flag=panels.flag(reading),
        sign=result.sign if result else "", number=result.number if result else None,
        standard_unit=reading.test.unit if result else "",
    )  # fmt: skip


# What is missing --------------------------------------------------------------------------------------------------------


def _missing(made: Icsr) -> Iterator[Missing]:
    """What a reader of a report expects and nobody has entered, with the form on which it is entered."""
    event, form, known = made.event, "Adverse event", term(made.event.term)
    asked = (
        (not event.term, "which event it is", form),
        (known is not None and known.needs_text and not event.words, "the event in words", form),
        (not event.worst, "its grade", form),
        (event.began is None, "when it began", form),
        (event.serious != "Y", "that it is serious", form),
        (event.serious == "Y" and not event.criteria, "why it is serious", form),
        (not event.outcome, "the outcome", form),
        (not event.action_taken, "the action taken with tarlatamab", form),
        (made.aware is None, "when the site learned that it is serious", form),
        (event.investigator.relationship in ("", Relationship.PENDING), "the investigator's causality", form),
        (not event.sponsor.withheld and event.sponsor.relationship in ("", Relationship.PENDING), "the sponsor's causality", "Safety desk"),
        (not event.sponsor.withheld and not event.sponsor.expectedness, "whether it was expected, and by which reference safety information", "Safety desk"),
        (made.first_received is None, "when the sponsor first received it", "Safety desk"),
        (not made.narrative, "the site's narrative", "Report"),
        (made.subject.age is None, "the age when it began", "Demographics"),
        (made.subject.age is not None and made.subject.age[0] != made.subject.age[1], _age_said(made), "Demographics"),
        (not made.subject.sex, "the sex", "Demographics"),
        (made.subject.weight_kg is None, "the weight", "Vital signs"),
        (not made.given, "any dose of tarlatamab", "Dose"),
        ("is_death" in event.criteria and made.death is None, "date and cause of death", "Death"),
        ("is_hospitalisation" in event.criteria and not event.stays, "the dates of the hospital stay", "Hospital stay"),
    )
    yield from (Missing(what, where) for absent, what, where in asked if absent)
    yield from _missing_of_doses(made.given)


def _age_said(made: Icsr) -> str:
    return f"the exact age ({made.subject.age[0]} or {made.subject.age[1]})" if made.subject.age else ""


def _missing_of_doses(doses: Iterable[Administration]) -> Iterator[Missing]:
    for dose in doses:
        form = f"Dose {dose.label}"
        if dose.began is None:
            yield Missing("the date of the infusion", form)
        if dose.dose_mg is None:
            yield Missing("the amount given", form)
        if not dose.vials:
            yield Missing("the lot: no vial is entered", form)
        elif dose.lots_unknown:
            yield Missing(f"the lot of vial {', '.join(dose.lots_unknown)}: the drug account does not know it", form)


