"""The grade of an adverse event over time, and its worst one.

The record of an event holds the grade with which it began. Each later grade is a dated row: a change of grade, or the
investigator's grade of an assessment of CRS, ICANS or tumour lysis. One fact is entered once: nobody enters a change of grade
for what an assessment says already. The worst grade is derived, never typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from protocol import facts
from protocol.dates import Moment, PartialDate, Tri, earlier
from protocol.engine import Case, look
from protocol.facts import AdverseEvent, Patient, moment
from protocol.graded import NONE_NOW, in_order
from protocol.safety_facts import GradeChange, SyndromeAssessment
from protocol.scales import GRADES

# The forms whose records give an event later grades.
FORMS = tuple(code for code, fact in facts.FORMS.items() if issubclass(fact, (GradeChange, SyndromeAssessment)))
NOT_BEGUN = ""  # before the event, as far as grades go


class Assessed(Protocol):
    """An assessment that gives an event a grade at a moment."""

    @property
    def where(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def assessed_on(self) -> PartialDate | None: ...
    @property
    def assessed_time(self) -> str: ...
    @property
    def grade(self) -> str: ...


@dataclass(frozen=True, slots=True)
class GradeRow:
    """From ``at`` on (None: nobody knows when) the event had ``grade``: '1' to '5', or '0' for none of it for the time being.

    ``place`` names the record that says so ('AE:1', 'AEG:2'), ``on`` and ``time`` are its date and time as entered.
    """

    at: Moment | None
    grade: str
    place: str
    on: PartialDate | None
    time: str


def changes_of(event: AdverseEvent, changes: Iterable[GradeChange]) -> list[GradeChange]:
    """The changes of grade that belong to an event; which those are is no input of a rule."""
    return [each for each in changes if look(each).event == event.slot]


def assessments_of(event: AdverseEvent, assessments: Iterable[Assessed]) -> list[Assessed]:
    """The assessments that belong to an event."""
    return [each for each in assessments if look(each).event == event.slot]


def rows(
    event: AdverseEvent, changes: Iterable[GradeChange], assessments: Iterable[Assessed], patient: Patient
) -> tuple[GradeRow, ...]:
    """The dated grades of an event in order of time: how it began first, what has no date last; what has no grade is left out."""
    later = [_row(each.where, each.grade, each.changed_on, each.changed_time, patient) for each in changes_of(event, changes)]
    later += [_row(each.where, each.grade, each.assessed_on, each.assessed_time, patient) for each in assessments_of(event, assessments)]
    first = _row(event.where, event.grade, event.started_on, event.started_time, patient)
    ordered = [first, *sorted(later, key=lambda row: in_order(row.at))]
    return tuple(row for row in ordered if row.grade in (NONE_NOW, *GRADES))


def _row(place: str, grade: str, on: PartialDate | None, time: str, patient: Patient) -> GradeRow:
    return GradeRow(moment(on, time, patient), grade, place, on, time)


def worst(event: AdverseEvent, changes: Iterable[GradeChange], assessments: Iterable[Assessed]) -> str:
    """The highest grade that the event had at any time; '' while it has none."""
    found = [event.grade, *(each.grade for each in changes_of(event, changes)), *(each.grade for each in assessments_of(event, assessments))]
    return max((grade for grade in found if grade in GRADES), default="")


def of_case(case: Case) -> tuple[list[GradeChange], list[SyndromeAssessment]]:
    """Every change of grade and every assessment of a patient, from a case that has the records of ``FORMS``."""
    found = [fact for code in FORMS for fact in case.of(code)]
    return [each for each in found if isinstance(each, GradeChange)], [each for each in found if isinstance(each, SyndromeAssessment)]


def worst_in(case: Case, event: AdverseEvent) -> str:
    """The worst grade of an event, from a case that has the records of ``FORMS``."""
    return worst(event, *of_case(case))


def worst_of(found: Sequence[GradeRow]) -> str:
    """The highest grade among rows; '' when there is none."""
    return max((row.grade for row in found if row.grade in GRADES), default="")


def reached_by(found: Sequence[GradeRow], at: Moment | None) -> tuple[GradeRow, ...]:
    """The rows that had certainly come by a moment."""
    return tuple(row for row in found if _come(row, at) is True)


def grades_on(found: Sequence[GradeRow], at: Moment | None) -> tuple[str, ...]:
    """The grades that the event may have had at a moment, lowest first; '' among them when it may not have begun.

    ``found`` are the rows of one event, as ``rows`` gives them. A row without a date may have come at any time after the
    beginning. The end of the event is not looked at: it is the event's own answer.
    """
    by_then = [row for row in found if _come(row, at) is not False]
    certain = [row for row in by_then if _come(row, at) is True]
    possible = {row.grade for row in by_then if not any(_replaced(row, later, found) for later in certain if later is not row)}
    if not certain:
        possible.add(NOT_BEGUN)
    return tuple(sorted(possible))


def grade_on(found: Sequence[GradeRow], at: Moment | None) -> str | None:
    """The grade that the event had at a moment, '' before it began; None when the known data cannot decide it."""
    possible = grades_on(found, at)
    return possible[0] if len(possible) == 1 else None


def above_on(found: Sequence[GradeRow], at: Moment | None, limit: int) -> Tri:
    """Had the event a grade above ``limit`` at a moment?"""
    answers = {grade != NOT_BEGUN and int(grade) > limit for grade in grades_on(found, at)}
    return answers.pop() if len(answers) == 1 else None


def _come(row: GradeRow, at: Moment | None) -> Tri:
    """Had the row come by then? The moment itself counts."""
    too_late = earlier(at, row.at)
    return None if too_late is None else not too_late


def _replaced(row: GradeRow, later: GradeRow, found: Sequence[GradeRow]) -> bool:
    """Had ``later`` certainly taken the place of ``row``? How the event began comes before whatever followed."""
    if row is found[0] and row.place.startswith(f"{AdverseEvent.form}:"):
        return True
    return row.at is not None and earlier(row.at, later.at) is True
