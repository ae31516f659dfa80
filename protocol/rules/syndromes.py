"""Rules of the assessments of CRS, ICANS and tumour lysis: the own grade beside the findings, event, course and treatment.

None of them sets a grade: a difference is a query, and the investigator's grade stands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from protocol import engine, parameters
from protocol.astct import FEVER, LOW_FLOW, icans_grade
from protocol.dates import Moment, Tri, earlier
from protocol.engine import Need, Rule, Severity, Source, Verdict, look, rule
from protocol.facts import AdverseEvent, Clock, Demographics, Dose, Patient, moment
from protocol.graded import NOT_IT, Graded
from protocol.infusion import is_given
from protocol.rules.common import linked
from protocol.safety_codelists import AssessedGrade, Consciousness, FeverTherapy, OxygenDevice
from protocol.safety_facts import CrsAssessment, IcansAssessment, SyndromeAssessment, TlsAssessment
from protocol.scales import CRS, ICANS, TLS
from protocol.screening_facts import Chemistry, Medication, OtherLaboratory, ReferenceRange
from protocol.syndromes import (
    FACT_OF,
    NAMES,
    SCALES,
    Laboratory,
    assessed_at,
    crs_graded,
    given_for,
    grade_words,
    icans_findings,
    is_anticytokine,
    onset_of,
    points,
    tls_graded,
    tri,
)
from protocol.terms import term

_ASTCT = "ASTCT consensus grading (Lee et al., Biol Blood Marrow Transplant 2019;25:625-638)."
_CAIRO_BISHOP = "Cairo and Bishop, Br J Haematol 2004;127:3-11: laboratory and clinical tumour lysis, and its grades."
_ONE_FACT = "One fact is entered once: a drug stands in the medication log, and the assessment refers to it."
_COURSE = "An assessment of an event lies between its beginning and its end."


# The own grade beside the findings ------------------------------------------------------------------------------------


def _differs(grade: str, graded: Graded, name: str) -> Verdict:
    if not grade:
        return None
    if graded.possible == (NOT_IT,) or graded.allows(grade):
        return False
    why = f" ({graded.cell})" if graded.cell else ""
    return {"computed": grade_words(graded.possible) + why, "own": AssessedGrade(grade).label, "scale": SCALES[name]}


def _is_not_it(grade: str, graded: Graded) -> Verdict:
    if not grade:
        return None
    return {"reason": graded.reason} if graded.possible == (NOT_IT,) else False


@rule("AE-100", Severity.QUERY, "CRS.grade", cites=_ASTCT, source=Source.STANDARD, judged="grade")
def crs_grade_differs(found: CrsAssessment, others: tuple[CrsAssessment, ...], patient: Patient) -> Verdict:
    """By {scale} the findings give {computed}, and the own grade is “{own}”. Check both, and correct the one that is wrong or confirm
    the grade.
    """
    return _differs(found.grade, crs_graded(found, others, patient), CRS)


@rule("AE-101", Severity.QUERY, "CRS.temperature", cites=_ASTCT, source=Source.STANDARD, judged="grade")
def not_crs(found: CrsAssessment, others: tuple[CrsAssessment, ...], patient: Patient) -> Verdict:
    """{reason} Check temperature, earlier fever and therapy, or the event."""
    return _is_not_it(found.grade, crs_graded(found, others, patient))


@rule("AE-105", Severity.QUERY, "ICANS.grade", cites=_ASTCT, source=Source.STANDARD, judged="grade")
def icans_grade_differs(found: IcansAssessment) -> Verdict:
    """By {scale} the findings give {computed}, and the own grade is “{own}”. Check both, and correct the one that is wrong or confirm
    the grade.
    """
    return _differs(found.grade, icans_grade(icans_findings(found)), ICANS)


@rule("AE-110", Severity.QUERY, "TLS.grade", cites=_CAIRO_BISHOP, source=Source.STANDARD, judged="grade")
def tls_grade_differs(
    found: TlsAssessment, events: tuple[AdverseEvent, ...], doses: tuple[Dose, ...], chemistry: tuple[Chemistry, ...],
    other: tuple[OtherLaboratory, ...], ranges: tuple[ReferenceRange, ...], demographics: Demographics | None, patient: Patient,
) -> Verdict:  # fmt: skip
    """By {scale} laboratory and findings give {computed}, and the own grade is “{own}”. Check both, and correct the one that is wrong
    or confirm the grade.
    """
    laboratory = Laboratory(chemistry, other, ranges, demographics)
    return _differs(found.grade, tls_graded(found, linked(events, found.event), doses, laboratory, patient), TLS)


@rule("AE-111", Severity.QUERY, "TLS.opened_by", cites=_CAIRO_BISHOP, source=Source.STANDARD, judged="grade")
def not_tls(
    found: TlsAssessment, events: tuple[AdverseEvent, ...], doses: tuple[Dose, ...], chemistry: tuple[Chemistry, ...],
    other: tuple[OtherLaboratory, ...], ranges: tuple[ReferenceRange, ...], demographics: Demographics | None, patient: Patient,
) -> Verdict:  # fmt: skip
    """{reason} Check the samples of the window and the dose that opens it, or the event."""
    laboratory = Laboratory(chemistry, other, ranges, demographics)
    return _is_not_it(found.grade, tls_graded(found, linked(events, found.event), doses, laboratory, patient))


# The event ------------------------------------------------------------------------------------------------------------


def _of_another_event(found: Any, events: tuple[AdverseEvent, ...]) -> Verdict:
    event = linked(events, found.event)
    if event is None or term(event.term) is None:
        return None
    right = next(name for name, fact in FACT_OF.items() if fact.form == found.form)
    return {"term": event.term, "name": NAMES[right]} if event.term != right else False


def _outside(found: Any, events: tuple[AdverseEvent, ...], patient: Patient) -> Verdict:
    event = linked(events, found.event)
    if event is None:
        return None
    at, end = assessed_at(found, patient), moment(event.ended_on, event.ended_time, patient)
    early, late = earlier(at, onset_of(event, patient)), earlier(end, at)
    if early:
        return {"where": f"before the event began ({event.started_on} {event.started_time}".rstrip() + ")"}
    return {"where": f"after the event had ended ({event.ended_on} {event.ended_time}".rstrip() + ")"} if late else early


def _declare_for(fact: type[SyndromeAssessment], other_event: str, outside: str) -> None:
    """What every form of an assessment asks of its event."""
    own = Need("found", fact, many=False, optional=False)
    events = Need("events", AdverseEvent, many=True, optional=False)
    patient = Need("patient", Patient, many=False, optional=False)

    def add(id: str, field: str, message: str, cites: str, check: Any, *needs: Need) -> None:
        engine.add(Rule(id, Severity.QUERY, fact.form, field, cites, Source.DESIGN, "registry record of 2026-01-22", message, check,
                        (own, *needs)))  # fmt: skip

    add(other_event, "event", "The event is {term}, and this is an assessment of {name}: choose the right event, or correct its term.",
        "An assessment belongs to an event of its own term.", _of_another_event, events)  # fmt: skip
    add(outside, "assessed_on", "The assessment lies {where}: correct the date or time that is wrong.", _COURSE, _outside, events, patient)


_declare_for(CrsAssessment, "AE-102", "AE-103")
_declare_for(IcansAssessment, "AE-107", "AE-108")
_declare_for(TlsAssessment, "AE-112", "AE-113")


@rule("AE-123", Severity.QUERY, "AE.term", cites="The grade of CRS, ICANS and tumour lysis rests on findings that an assessment holds.",
      source=Source.ASSUMPTION)
def without_assessment(
    event: AdverseEvent, assessments: tuple[SyndromeAssessment, ...], patient: Patient, clock: Clock
) -> Verdict:
    """There is no assessment of this {name}, which began more than {hours} hours ago: add one, with the findings that its grade rests on."""
    fact = FACT_OF.get(event.term)
    if fact is None:
        return None
    if any(look(each).event == event.slot and look(each).form == fact.form for each in assessments):
        return False
    hours = parameters.whole("syndrome_assessment_hours")
    overdue = earlier(_later(onset_of(event, patient), hours), Moment.exactly(clock.now))
    return {"name": NAMES[event.term], "hours": hours} if overdue else overdue


def _later(at: Moment | None, hours: int) -> Moment | None:
    return Moment(at.first + timedelta(hours=hours), at.last + timedelta(hours=hours)) if at else None


# Treatment of CRS -----------------------------------------------------------------------------------------------------

_TOLD = (FeverTherapy.ANTICYTOKINE, FeverTherapy.BOTH)


@rule("AE-115", Severity.QUERY, "CRS.therapy", cites=_ONE_FACT, source=Source.DESIGN)
def therapy_without_medication(found: CrsAssessment, events: tuple[AdverseEvent, ...], drugs: tuple[Medication, ...]) -> Verdict:
    """Anticytokine therapy was given, and the medication log has no tocilizumab, corticosteroid or other such drug linked to the event:
    enter the drug there, or correct the answer.
    """
    event = linked(events, found.event)
    if event is None or not found.therapy:
        return None
    return found.therapy in _TOLD and not any(is_anticytokine(each) for each in given_for(look(event), drugs))


@rule("AE-116", Severity.QUERY, "CRS.therapy", cites=_ONE_FACT, source=Source.DESIGN)
def medication_without_therapy(
    found: CrsAssessment, events: tuple[AdverseEvent, ...], drugs: tuple[Medication, ...], patient: Patient
) -> Verdict:
    """The medication log has {drug} for this event, begun before the assessment, and no anticytokine therapy is answered: correct the
    answer, or the medication.
    """
    event = linked(events, found.event)
    if event is None or not found.therapy:
        return None
    if found.therapy in _TOLD:
        return False
    answers: list[Tri] = []
    for drug in given_for(look(event), drugs):
        if is_anticytokine(look(drug)):
            answers.append(earlier(moment(drug.started_on, drug.started_time, patient), assessed_at(found, patient)))
            if answers[-1] and is_anticytokine(drug):
                return {"drug": drug.name or "a drug"}
    return None if None in answers else False


@rule("AE-117", Severity.QUERY, "CRS.oxygen_flow", cites=_ASTCT, source=Source.STANDARD, also=("CRS.oxygen",))
def flow_against_device(found: CrsAssessment) -> Verdict:
    """The device is named {device}, and {flow} L/min is {is_flow}: the grade follows the flow. Correct the one that is wrong, or confirm
    both.
    """
    if found.oxygen_flow is None or found.oxygen not in (OxygenDevice.LOW_FLOW, OxygenDevice.HIGH_FLOW):
        return None
    high = found.oxygen_flow > LOW_FLOW
    if high is (found.oxygen == OxygenDevice.HIGH_FLOW):
        return False
    return {"device": OxygenDevice(found.oxygen).label, "flow": found.oxygen_flow, "is_flow": "high flow" if high else "low flow"}


def _others_of_event(found: CrsAssessment, others: tuple[CrsAssessment, ...]) -> list[CrsAssessment]:
    """The other assessments of the event; which those are is no input."""
    return [each for each in others if look(each).row != look(found).row and look(each).event == look(found).event]


def _at_an_earlier_one(found: CrsAssessment, said: list[CrsAssessment], patient: Patient) -> Tri:
    answers = [earlier(assessed_at(each, patient), assessed_at(found, patient)) for each in said]
    return True if True in answers else None if None in answers else False


@rule("AE-118", Severity.QUERY, "CRS.fever_earlier", cites=_ASTCT, source=Source.STANDARD)
def fever_was_earlier(found: CrsAssessment, others: tuple[CrsAssessment, ...], patient: Patient) -> Verdict:
    """An earlier assessment of this event has a fever, and “fever earlier” is answered no: correct the one that is wrong. The grade counts
    the fever.
    """
    if tri(found.fever_earlier) is not False:
        return None if not found.fever_earlier else False
    warm = [each for each in _others_of_event(found, others) if (look(each).temperature or 0) >= FEVER and each.temperature]
    return _at_an_earlier_one(found, warm, patient)


@rule("AE-119", Severity.QUERY, "CRS.therapy", cites=_ASTCT, source=Source.STANDARD)
def therapy_was_earlier(found: CrsAssessment, others: tuple[CrsAssessment, ...], patient: Patient) -> Verdict:
    """An earlier assessment of this event has a therapy against fever or cytokines, and here none is answered so far: correct the one
    that is wrong. The grade counts the therapy.
    """
    if found.therapy != FeverTherapy.NONE:
        return None if not found.therapy else False
    given = [each for each in _others_of_event(found, others) if look(each).therapy not in ("", FeverTherapy.NONE) and each.therapy]
    return _at_an_earlier_one(found, given, patient)


# ICANS and tumour lysis -----------------------------------------------------------------------------------------------


@rule("AE-120", Severity.QUERY, "ICANS.consciousness", cites=_ASTCT, source=Source.STANDARD, also=("ICANS.assessable",))
def answers_and_cannot_be_roused(found: IcansAssessment) -> Verdict:
    """The patient cannot be roused, and has an ICE score of {score}: correct the one that is wrong."""
    score = points(found)
    if not found.consciousness or score is None:
        return None
    return {"score": score} if found.consciousness == Consciousness.UNAROUSABLE and score else False


@rule("AE-122", Severity.QUERY, "TLS.opened_by", cites=_CAIRO_BISHOP, source=Source.STANDARD)
def opened_by_no_infusion(found: TlsAssessment, doses: tuple[Dose, ...], patient: Patient) -> Verdict:
    """The dose {label} opens the window, and {why}: choose the dose after which the tumour broke down."""
    dose = linked(doses, found.opened_by)
    if dose is None:
        return None
    if dose.occurrence and not is_given(dose):
        return {"label": found.opened_by, "why": "it was not given"}
    late = earlier(assessed_at(found, patient), moment(dose.given_on, dose.start_time, patient))
    return {"label": found.opened_by, "why": "it was given after this assessment"} if late else late
