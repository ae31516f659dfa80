"""Rules of the changes of grade of an adverse event."""

from __future__ import annotations

from protocol.dates import before, earlier, either
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.event_grades import grade_on, rows
from protocol.facts import AdverseEvent, Death, Patient, moment
from protocol.rules.common import after, linked
from protocol.safety_facts import GradeChange, SyndromeAssessment
from protocol.scales import CRS, ICANS, TLS
from protocol.terms import grades_for, term

_COURSE = "A change of grade lies between the beginning of the event and its end."
_ONCE = "A fact is entered once: an assessment of CRS, ICANS or tumour lysis gives its grade and time itself."
_FATAL = "CTCAE 5.0: grade 5 is death from the event."


@rule("AE-050", Severity.QUERY, "AEG.changed_on", cites=_COURSE, source=Source.DESIGN, also=("AE.started_on",))
def changed_before_onset(change: GradeChange, events: tuple[AdverseEvent, ...], patient: Patient) -> Verdict:
    """The grade of {term} changed before the event began ({started}): correct the date or time that is wrong."""
    event = linked(events, change.event)
    if event is None:
        return None
    early = earlier(moment(change.changed_on, change.changed_time, patient), moment(event.started_on, event.started_time, patient))
    return {"term": event.term, "started": event.started_on} if early else early


@rule("AE-051", Severity.QUERY, "AEG.changed_on", cites=_COURSE, source=Source.DESIGN, also=("AE.ended_on",))
def changed_after_end(change: GradeChange, events: tuple[AdverseEvent, ...], patient: Patient) -> Verdict:
    """The grade of {term} changed after the event was over ({ended}): correct the date or time that is wrong."""
    event = linked(events, change.event)
    if event is None:
        return None
    late = earlier(moment(event.ended_on, event.ended_time, patient), moment(change.changed_on, change.changed_time, patient))
    return {"term": event.term, "ended": event.ended_on} if late else late


@rule("AE-052", Severity.NOTICE, "AEG.grade", cites="A change of grade is to another grade.", source=Source.DESIGN)
def same_grade_again(
    change: GradeChange, events: tuple[AdverseEvent, ...], changes: tuple[GradeChange, ...],
    assessments: tuple[SyndromeAssessment, ...], patient: Patient,
) -> Verdict:  # fmt: skip
    """{term} had grade {grade} already when it is said to have changed to it: is this change needed?"""
    event = linked(events, change.event)
    at = moment(change.changed_on, change.changed_time, patient)
    if event is None or not change.grade or at is None:
        return None
    plain = rows(look(event), [look(each) for each in changes], [look(each) for each in assessments], look(patient))
    had = grade_on([each for each in plain if each.place != change.where], at)
    if had is None:
        return None
    return {"term": event.term, "grade": change.grade} if had == change.grade else False


@rule("AE-053", Severity.QUERY, "AEG.grade", cites="CTCAE 5.0: not every term has every grade.", source=Source.STANDARD)
def changed_to_no_grade(change: GradeChange, events: tuple[AdverseEvent, ...]) -> Verdict:
    """{term} has no grade {grade}; it has {grades}. Correct the grade, or the term of the event."""
    event = linked(events, change.event)
    if event is None or not change.grade or term(event.term) is None:
        return None
    grades = grades_for(event.term)
    return False if change.grade in grades else {"term": event.term, "grade": change.grade, "grades": ", ".join(grades)}


@rule("AE-054", Severity.NOTICE, "AEG.event", cites=_ONCE, source=Source.DESIGN)
def assessed_already(
    change: GradeChange, events: tuple[AdverseEvent, ...], assessments: tuple[SyndromeAssessment, ...]
) -> Verdict:
    """{term} has assessments of its own, which give its grades with their times: a change of grade beside them is not needed."""
    event = linked(events, change.event)
    if event is None or event.term not in (CRS, ICANS, TLS):
        return None
    return {"term": event.term} if any(look(each).event == event.slot for each in assessments) else False


@rule("AE-065", Severity.QUERY, "AEG.changed_on", cites=_FATAL, source=Source.STANDARD, also=("DD.died_on",))
def death_on_another_day(change: GradeChange, death: Death | None) -> Verdict:
    """The grade changed to 5 on {changed}, and the patient died on {died}: correct the date that is wrong."""
    if death is None or change.grade != "5":
        return None
    differs = either(before(change.changed_on, death.died_on), after(change.changed_on, death.died_on))
    return {"changed": change.changed_on, "died": death.died_on} if differs else differs


@rule("AE-066", Severity.QUERY, "AEG.changed_on", cites="No grade changes after death.", source=Source.DESIGN, also=("DD.died_on",))
def changed_after_death(change: GradeChange, death: Death | None) -> Verdict:
    """The grade changed after the patient's death ({died}): correct the date that is wrong."""
    if death is None or change.grade == "5":  # the day of a fatal grade is compared by AE-065
        return None
    late = after(change.changed_on, death.died_on)
    return {"died": death.died_on} if late else late
