"""Rules of laboratory abnormalities that were judged, against the result, and against the adverse event that is named."""

from __future__ import annotations

from protocol.dates import before
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.event_grades import worst
from protocol.facts import AdverseEvent, Demographics, Dose, Patient
from protocol.lab_episodes import Result, Results, outside
from protocol.laboratory_facts import Chemistry, Coagulation, Haematology, LaboratoryPanel, OtherLaboratory
from protocol.rules.common import linked
from protocol.safety_codelists import AbnormalityAnswer
from protocol.safety_facts import GradeChange, LaboratoryAbnormality, SyndromeAssessment
from protocol.screening_facts import Medication, MedicationAsked, ReferenceRange

_AS_IT_IS = "An answer is about the result as it was judged: when the result is corrected, the answer is looked at again."
_ONE_EVENT = "An abnormal result that is an adverse event is described by that event: its day by the event's course, its grade by the event's."


@rule("AE-180", Severity.QUERY, "LBA.result", cites=_AS_IT_IS, source=Source.DESIGN)
def result_has_changed(
    judged: LaboratoryAbnormality, haematology: tuple[Haematology, ...], chemistry: tuple[Chemistry, ...],
    coagulation: tuple[Coagulation, ...], other: tuple[OtherLaboratory, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, doses: tuple[Dose, ...], medications: tuple[Medication, ...], asked: tuple[MedicationAsked, ...],
    patient: Patient,
) -> Verdict:  # fmt: skip
    """It was judged at grade {grade} ({term}, {on}), and {now}. Void this answer if it means nothing any more; a result that still
    needs an answer is on the patient's page of laboratory abnormalities.
    """
    if not judged.result or not judged.grade:
        return None
    form = judged.result.split(" ")[0]
    panels: tuple[LaboratoryPanel, ...] = (*haematology, *chemistry, *coagulation, *other)
    mine = tuple(each for each in panels if look(each).form == form)
    found = Results(mine, ranges=ranges, demographics=demographics, doses=doses, medications=medications, asked=asked, patient=patient)
    result = found.at(judged.result)
    panel = next((each for each in mine if result is not None and look(each) is result.panel), None)
    now = _now(judged, found, result, panel)
    if now:
        return {"grade": judged.grade, "term": judged.term, "on": judged.sampled_on, "now": now}
    return None if now is None else False


def _now(judged: LaboratoryAbnormality, found: Results, result: Result | None, panel: LaboratoryPanel | None) -> str | None:
    """What is different now, '' when nothing is; None when it cannot be said."""
    if result is None or panel is None:
        return "there is no such result now"
    value, on = getattr(panel, result.name), panel.taken_on  # read from the watched record: these are the inputs
    possible = found.possible(result).get(judged.term, ())
    if possible and possible[-1] < judged.grade:
        return f"with {value} it is grade {' or '.join(possible)} now"
    if before(on, judged.sampled_on) or before(judged.sampled_on, on):
        return f"the sample is of {on} now"
    return "" if possible and possible[0] >= judged.grade else None


@rule("AE-181", Severity.QUERY, "LBA.event", cites=_ONE_EVENT, source=Source.DESIGN, also=("AE.started_on", "AE.ended_on"))
def event_of_another_time(judged: LaboratoryAbnormality, events: tuple[AdverseEvent, ...]) -> Verdict:
    """The sample is of {on}, when event {number} ({term}) had not begun or was over: choose another event, or correct its dates."""
    event = linked(events, judged.event)
    if event is None:
        return None
    fires = outside(event, judged.sampled_on)
    return {"on": judged.sampled_on, "number": judged.event, "term": event.term} if fires else fires


@rule("AE-182", Severity.QUERY, "LBA.event", cites=_ONE_EVENT, source=Source.DESIGN, also=("AE.grade",))
def event_of_lower_grade(
    judged: LaboratoryAbnormality, events: tuple[AdverseEvent, ...], changes: tuple[GradeChange, ...],
    assessments: tuple[SyndromeAssessment, ...],
) -> Verdict:  # fmt: skip
    """The result is of grade {grade}, and event {number} ({term}) has the worst grade {worst}: correct the event's grades, or
    choose another answer.
    """
    event = linked(events, judged.event)
    if event is None or judged.answer != AbnormalityAnswer.EVENT or not judged.grade:
        return None
    found = worst(event, changes, assessments)
    if not found:
        return None
    return {"grade": judged.grade, "number": judged.event, "term": event.term, "worst": found} if found < judged.grade else False
