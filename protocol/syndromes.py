"""CRS, ICANS and tumour lysis as the stored records give them: onset beside the infusion, grade of each assessment, course.

The computations stand in ``astct`` and ``cairo_bishop``; here the answers of the forms become their findings. What the
program works out is shown and compared once the investigator's own grade is stored, and never takes its place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from protocol.astct import FEVER, CrsFindings, IcansFindings, crs_course, icans_grade
from protocol.cairo_bishop import ClinicalFindings, Sample, inside, tls_grade
from protocol.codelists import MedicationClass, Outcome, YesNo
from protocol.dates import Moment, PartialDate, Tri, before, earlier
from protocol.engine import Case, look
from protocol.facts import AdverseEvent, Demographics, Dose, Patient, moment
from protocol.graded import NONE_NOW, NOT_IT, Graded, in_order
from protocol.infusion import Span, given, is_given, start_of
from protocol.laboratory import BY_FIELD, read_printed
from protocol.onset import since_dose
from protocol.panels import Reading, read
from protocol.safety_codelists import FeverTherapy
from protocol.safety_facts import CrsAssessment, IcansAssessment, SyndromeAssessment, TlsAssessment
from protocol.scales import CRS, ICANS, TLS
from protocol.screening_facts import Chemistry, IceScore, Medication, OtherLaboratory, ReferenceRange

ICE_NAMES = ("orientation", "naming", "commands", "writing", "attention")
NAMES = {CRS: "CRS", ICANS: "ICANS", TLS: "Tumour lysis"}
FACT_OF: dict[str, type[SyndromeAssessment]] = {CRS: CrsAssessment, ICANS: IcansAssessment, TLS: TlsAssessment}
TERM_OF = {fact.form: term for term, fact in FACT_OF.items()}
SCALES = {CRS: "ASTCT", ICANS: "ASTCT", TLS: "Cairo-Bishop"}
# What the grade of an assessment, and where it stands beside infusion and treatment, are worked out from.
NEEDS = ("AE", "EC", "CM", "CRS", "ICANS", "TLS", "ICE", "CHE", "LBO", "DM", "RANGE")


def tri(answer: str) -> Tri:
    return True if answer == YesNo.YES else False if answer == YesNo.NO else None


# Beside infusion and treatment ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Since:
    """The last infusion before a moment: which, the how-manieth, and how long after its start."""

    dose: Dose
    number: int
    span: Span | None

    def __str__(self) -> str:
        after = f"{self.span} after" if self.span else "after"
        return f"{after} the start of infusion {self.dose.visit}, dose {self.number}"


def since_infusion(at: Moment | None, doses: Iterable[Dose], patient: Patient) -> Since | None:
    """How long after the START of the last infusion a moment lies; None before the first one, and while it is not certain which
    was the last (``protocol.onset``). Doses given are counted in order of time, repeated step-up doses among them.
    """
    plain = [look(each) for each in doses]
    found = since_dose(at, plain, look(patient))
    if found is None or not found.label:
        return None
    begun = sorted(given(plain), key=lambda each: in_order(start_of(each, look(patient))))
    number, dose = next((number, each) for number, each in enumerate(begun, 1) if each.visit == found.label)
    return Since(dose, number, found.span)


def onset_of(event: AdverseEvent, patient: Patient) -> Moment | None:
    return moment(event.started_on, event.started_time, patient)


def assessed_at(assessment: SyndromeAssessment, patient: Patient) -> Moment | None:
    return moment(assessment.assessed_on, assessment.assessed_time, patient)


_ANTICYTOKINE = ("tocilizumab", "actemra", "tyenne", "siltuximab", "anakinra")


def is_anticytokine(drug: Medication) -> bool:
    """Tocilizumab and its like, a corticosteroid, or another immunosuppressant (OWN: read from kind and name)."""
    kinds = (MedicationClass.STEROID, MedicationClass.IMMUNOSUPPRESSANT)
    return drug.drug_class in kinds or any(name in drug.name.lower() for name in _ANTICYTOKINE)


def given_for(event: AdverseEvent | None, drugs: Iterable[Medication]) -> list[Medication]:
    """The medication that is linked to the event; which that is, is no input."""
    return [each for each in drugs if event is not None and look(each).for_event == event.slot]


def from_onset(drug: Medication, event: AdverseEvent, patient: Patient) -> str:
    """'3:10 h after onset'; '' when it cannot be said."""
    onset, given = onset_of(event, patient), moment(drug.started_on, drug.started_time, patient)
    late, early = Span.between(onset, given), Span.between(given, onset)
    if late is None or early is None:
        return ""
    return f"{early} before onset" if early.least > 0 else f"{late} after onset"


# Grades ---------------------------------------------------------------------------------------------------------------


def crs_findings(found: CrsAssessment) -> CrsFindings:
    """The answers of a form as the table asks for them."""
    names = frozenset(filter(None, found.vasopressors.split("; ")))
    return CrsFindings(
        temperature=found.temperature, fever_earlier=tri(found.fever_earlier),
        antipyretic_or_anticytokine=found.therapy != FeverTherapy.NONE if found.therapy else None,
        hypotension=tri(found.hypotension),
        vasopressors=frozenset() if found.vasopressor == YesNo.NO else names or None,
        hypotension_no_other_cause=tri(found.hypotension_no_other_cause), oxygen=found.oxygen, oxygen_flow=found.oxygen_flow,
        hypoxia_no_other_cause=tri(found.hypoxia_no_other_cause),
    )  # fmt: skip


def icans_findings(found: IcansAssessment) -> IcansFindings:
    return IcansFindings(
        assessable=tri(found.assessable), obstacle=found.obstacle, orientation=found.orientation, naming=found.naming,
        commands=found.commands, writing=found.writing, attention=found.attention, consciousness=found.consciousness,
        consciousness_no_other_cause=tri(found.consciousness_no_other_cause), seizure=found.seizure,
        deep_focal_weakness=tri(found.deep_focal_weakness), raised_pressure=found.raised_pressure,
        haemorrhage=tri(found.haemorrhage),
    )  # fmt: skip


def crs_graded(found: CrsAssessment, others: Iterable[CrsAssessment], patient: Patient) -> Graded:
    """The grade of one assessment; a fever and a therapy of the event's earlier assessments count for it.

    Where nobody knows which of two was earlier, a No to either question is no answer.
    """
    at = assessed_at(look(found), look(patient))
    before_it: list[tuple[Moment | None, CrsFindings]] = []
    perhaps: list[tuple[Moment | None, CrsFindings]] = []
    for each in others:
        if look(each).event == look(found).event and look(each).row != look(found).row:
            come = earlier(assessed_at(look(each), look(patient)), at)
            if come is not False:
                (before_it if come else perhaps).append((assessed_at(each, patient), crs_findings(each)))
    own = crs_findings(found)
    if own.fever_earlier is False and any(each.fever_earlier or (each.temperature or 0) >= FEVER for _, each in perhaps):
        own = dataclasses.replace(own, fever_earlier=None)
    if own.antipyretic_or_anticytokine is False and any(each.antipyretic_or_anticytokine for _, each in perhaps):
        own = dataclasses.replace(own, antipyretic_or_anticytokine=None)
    return crs_course([*before_it, (assessed_at(found, patient), own)]).series[-1].graded


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A patient's chemistry, corrected calcium among the other tests, and what it is read with."""

    chemistry: Sequence[Chemistry]
    other: Sequence[OtherLaboratory]
    ranges: Sequence[ReferenceRange]
    demographics: Demographics | None


def laboratory_of(case: Case) -> Laboratory:
    return Laboratory(
        _all(case, Chemistry), _all(case, OtherLaboratory), _all(case, ReferenceRange), next(iter(_all(case, Demographics)), None)
    )


_SAMPLED = ("urate", "k", "phos", "ca", "creat")


def opening_dose(found: TlsAssessment, event: AdverseEvent | None, doses: Sequence[Dose], patient: Patient) -> Dose | None:
    """The dose that opens the window: the one that was chosen, else the last infusion before the event (else the assessment)."""
    if found.opened_by:
        return next((each for each in doses if look(each).visit == found.opened_by and is_given(look(each))), None)
    at = (onset_of(event, patient) if event else None) or assessed_at(found, patient)
    since = since_infusion(at, doses, patient)
    return since.dose if since else None


def tls_graded(
    found: TlsAssessment, event: AdverseEvent | None, doses: Sequence[Dose], laboratory: Laboratory, patient: Patient
) -> Graded:
    """The grade of one assessment by the samples of the window taken up to it, arrhythmia and seizure.

    The baseline of each test is the last result certainly taken before the first infusion (OWN: 'baseline' is before treatment).
    """
    dose = opening_dose(found, event, doses, patient)
    opened_on = dose.given_on if dose else None
    samples = [each for each in _samples(laboratory, opened_on) if not before(found.assessed_on, each.on)]
    clinical = ClinicalFindings(arrhythmia=found.arrhythmia, seizure=found.seizure)
    return tls_grade(samples, _baseline(laboratory, doses, patient), opened_on, clinical)


def _samples(laboratory: Laboratory, opened_on: PartialDate | None) -> list[Sample]:
    """The results in the window; other records are no input.

    One that may lie in it counts beside one that does: alone it does not say that the test was made in the window.
    """
    found = []
    for panel in laboratory.chemistry:
        if inside(look(panel).taken_on, opened_on) is not False:
            albumin = _read(panel, "alb", laboratory)
            found += [Sample(each, panel.taken_on, albumin if name == "ca" else None)
                      for name in _SAMPLED if (each := _read(panel, name, laboratory))]  # fmt: skip
    for other in laboratory.other:
        if inside(look(other).taken_on, opened_on) is not False and (corrected := _read(other, "cacr", laboratory)):
            found.append(Sample(corrected, other.taken_on))
    certain = {_kind(each) for each in found if inside(each.on, opened_on)}
    return [each for each in found if _kind(each) in certain]


def _kind(sample: Sample) -> str:
    code = sample.reading.test.code
    return "CA" if code == "CACR" else code


def _read(panel: Chemistry | OtherLaboratory, name: str, laboratory: Laboratory) -> Reading | None:
    return read(panel, name, laboratory.ranges, laboratory.demographics) if getattr(look(panel), name) else None


def _baseline(laboratory: Laboratory, doses: Iterable[Dose], patient: Patient) -> dict[str, Sample]:
    starts = [start for each in doses if is_given(look(each)) and (start := start_of(look(each), look(patient)))]
    first = min(starts, key=lambda start: start.first, default=None)
    found: dict[str, Sample] = {}
    for name in (*_SAMPLED, "cacr"):
        panels = laboratory.other if name == "cacr" else laboratory.chemistry
        taken = [(at, each) for each in panels if read_printed(getattr(look(each), name)) and (at := _taken(look(each), look(patient)))]
        earlier_ones = [pair for pair in taken if earlier(pair[0], first)]
        if earlier_ones:
            panel = max(earlier_ones, key=lambda pair: pair[0].last)[1]
            reading = _read(panel, name, laboratory)
            assert reading is not None
            found[BY_FIELD[name].code] = Sample(reading, panel.taken_on, _read(panel, "alb", laboratory) if name == "ca" else None)
    return found


def _taken(panel: Chemistry | OtherLaboratory, patient: Patient) -> Moment | None:
    return moment(panel.taken_on, panel.taken_time, patient)


def baseline_ice(scores: Iterable[IceScore]) -> IceScore | None:
    """The ICE score of screening, else that before the first dose: what a later one is read against."""
    by_visit = {each.visit: each for each in scores if each.assessable == YesNo.YES}
    return by_visit.get("SCR") or by_visit.get("C1D1")


def points(score: IceScore | IcansAssessment) -> int | None:
    """The ICE score, 0 to 10; None while an item is missing."""
    items = [getattr(score, name) for name in ICE_NAMES]
    return None if None in items else int(sum(items))


# The course of one event ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment in a course: when, what follows from its findings, and how long after onset and infusion."""

    fact: SyndromeAssessment
    at: Moment | None
    graded: Graded
    from_onset: Span | None
    since: Since | None


@dataclass(frozen=True, slots=True)
class EventCourse:
    """One event of CRS, ICANS or tumour lysis over time; ``assessments`` in order of time, what has none last."""

    event: AdverseEvent
    onset: Moment | None
    since: Since | None
    died: bool
    assessments: tuple[Assessed, ...]
    drugs: tuple[Medication, ...]

    @property
    def judged(self) -> tuple[Assessed, ...]:
        """The assessments with the investigator's own grade: of these the program says its own."""
        return tuple(each for each in self.assessments if each.fact.grade)

    @property
    def worst_computed(self) -> str:
        """The highest grade that is certain from the findings, '5' after death; '' when none is."""
        if self.died:
            return "5"
        return max((each.graded.grade for each in self.judged if each.graded.grade), default="")

    @property
    def worst_own(self) -> str:
        return max((each.fact.grade for each in self.judged), default="")


def _all(case: Case, fact: type[Any]) -> tuple[Any, ...]:
    return case.of(fact.form)


def is_fatal(event: AdverseEvent) -> bool:
    """Death is the event's own answer; no assessment has it."""
    return event.grade == "5" or event.outcome == Outcome.FATAL or event.is_death == YesNo.YES


def assessments_of(event: AdverseEvent, case: Case) -> list[SyndromeAssessment]:
    """The assessments of the event's own form, in order of time."""
    fact = FACT_OF.get(event.term)
    mine = [each for each in _all(case, fact) if each.event == event.slot] if fact else []
    return sorted(mine, key=lambda each: (in_order(assessed_at(each, case.patient)), each.row))


def graded_in(case: Case, found: SyndromeAssessment, event: AdverseEvent | None) -> Graded:
    """What follows from an assessment's findings, with all that the patient's other records add to it."""
    if isinstance(found, CrsAssessment):
        return crs_graded(found, [each for each in _all(case, CrsAssessment) if each.row != found.row], case.patient)
    if isinstance(found, IcansAssessment):
        return icans_grade(icans_findings(found))
    assert isinstance(found, TlsAssessment)
    return tls_graded(found, event, _all(case, Dose), laboratory_of(case), case.patient)


def event_course(event: AdverseEvent, case: Case) -> EventCourse:
    """The course of an event of CRS, ICANS or tumour lysis, from the facts of ``NEEDS``."""
    onset, doses = onset_of(event, case.patient), _all(case, Dose)
    made = []
    for each in assessments_of(event, case):
        at = assessed_at(each, case.patient)
        span = Span.between(onset, at)
        made.append(Assessed(each, at, graded_in(case, each, event), span, since_infusion(at, doses, case.patient)))
    drugs = sorted(
        (each for each in given_for(event, _all(case, Medication)) if is_anticytokine(each)),
        key=lambda each: in_order(moment(each.started_on, each.started_time, case.patient)),
    )
    return EventCourse(event, onset, since_infusion(onset, doses, case.patient), is_fatal(event), tuple(made), tuple(drugs))


# In words -------------------------------------------------------------------------------------------------------------


def grade_words(possible: Sequence[str]) -> str:
    """'grade 2', 'grade 1 to 3', 'none of it any more', 'not CRS …' is left to the caller."""
    numbers = [each for each in possible if each not in (NOT_IT, NONE_NOW)]
    parts = ["not this syndrome"] if NOT_IT in possible else []
    parts += ["grade 0"] if NONE_NOW in possible else []
    if numbers:
        parts.append(f"grade {numbers[0]}" if len(numbers) == 1 else f"grade {numbers[0]} to {numbers[-1]}")
    return " or ".join(parts)


def said(graded: Graded, term: str) -> str:
    """The grade with the cell of the table that gave it, what is missing, and what a reader should know."""
    if graded.possible == (NOT_IT,):
        return graded.reason
    words = f"{SCALES[term]}: {grade_words(graded.possible)}"
    if graded.cell:
        words += f" – {graded.cell}"
    if graded.missing:
        words += f". Missing to tell: {', '.join(graded.missing)}"
    return words + "." + (f" {graded.note}" if graded.note else "")

