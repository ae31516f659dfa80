"""Rules of the dose after an adverse event: what the label's table waits for, compared with what was given.

They quote the row of the table; they say nothing of what to give.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocol import parameters
from protocol.codelists import ActionTaken, DoseReason, YesNo
from protocol.dates import Tri, both, earlier
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.event_grades import GradeRow, above_on, reached_by, rows, worst_of
from protocol.facts import AdverseEvent, Dose, Patient, moment
from protocol.infusion import is_given, start_of
from protocol.label import INFECTION, OTHER, WaitRow
from protocol.rules.common import linked
from protocol.safety_facts import GradeChange, SyndromeAssessment
from protocol.scales import CRS, ICANS
from protocol.schedule import is_repeat, order
from protocol.terms import term

_TABLE = "Label, dose modifications after adverse reactions."
_INFECTIONS = "Infections and infestations"
_Grades = tuple[tuple[GradeChange, ...], tuple[SyndromeAssessment, ...]]


def wait_row(event: AdverseEvent, grade: str, dose: Dose) -> WaitRow | None:
    """The row of the label's table that an event of that grade falls under; None when it has none."""
    table = parameters.value("wait_table")
    assert isinstance(table, tuple)
    known = term(event.term)
    step_up = is_repeat(dose.visit) or order(dose.visit) in (2, 3)
    for row in table:
        named = event.term in row.terms or OTHER in row.terms or (INFECTION in row.terms and known is not None and known.soc == _INFECTIONS)
        if named and grade in row.grades and (step_up or not row.step_up):
            return row if isinstance(row, WaitRow) else None
    return None


def _began_before(event: AdverseEvent, dose: Dose, patient: Patient) -> Tri:
    return earlier(moment(event.started_on, event.started_time, patient), start_of(dose, patient))


def _still_on(event: AdverseEvent, dose: Dose, patient: Patient) -> Tri:
    """Certainly not over when the infusion began?"""
    if event.ended_on is None:
        return True if event.ongoing == YesNo.YES else None
    return earlier(start_of(dose, patient), moment(event.ended_on, event.ended_time, patient))


_OWN, _NAMED, _ANY = "CRS and ICANS", "other events with a row of their own", "every other event"


def _kind(event: AdverseEvent, row: WaitRow) -> str:
    if event.term in (CRS, ICANS):
        return _OWN
    return _ANY if OTHER in row.terms else _NAMED


def _course(event: AdverseEvent, grades: _Grades, patient: Patient) -> tuple[GradeRow, ...]:
    """The grades of an event over time, unwatched."""
    changes, assessments = grades
    return rows(look(event), [look(each) for each in changes], [look(each) for each in assessments], look(patient))


def _until_then(event: AdverseEvent, grades: _Grades, dose: Dose, patient: Patient) -> str:
    """The worst grade that the event had certainly reached when the infusion began."""
    return worst_of(reached_by(_course(event, grades, patient), start_of(look(dose), look(patient))))


def _read(event: AdverseEvent, grades: _Grades, patient: Patient) -> None:
    """What the event's grades say is an input of the rule that has found something."""
    rows(event, *grades, look(patient))


def _waiting(dose: Dose, events: tuple[AdverseEvent, ...], grades: _Grades, patient: Patient, kind: str) -> Verdict:
    """An event of that kind which the table waits for: not recorded as over, and on that day above the grade that it waits for."""
    if not is_given(dose):
        return None
    start = start_of(look(dose), look(patient))
    for event in events:
        its, worst = look(event), _until_then(event, grades, dose, patient)
        row = wait_row(its, worst, look(dose)) if worst else None
        if row is None or row.until is None or _kind(its, row) != kind:
            continue
        above = above_on(_course(event, grades, patient), start, row.until)
        if both(_began_before(its, look(dose), look(patient)), _still_on(its, look(dose), look(patient)), above):
            _read(event, grades, patient)
            return {"event": event.term, "grade": worst, "since": event.started_on, "over": event.ended_on or "not yet",
                    "row": str(row), "given": dose.given_on}  # fmt: skip
    return False


@rule("DOS-043", Severity.QUERY, "EC.given_on", cites=_TABLE, source=Source.LABEL, requires=("wait_table",))
def given_before_resolved(
    dose: Dose, events: tuple[AdverseEvent, ...], changes: tuple[GradeChange, ...], assessments: tuple[SyndromeAssessment, ...],
    patient: Patient,
) -> Verdict:  # fmt: skip
    """The dose was given on {given} with {event} (worst grade {grade}, since {since}, over: {over}) not recorded as over. The label's row
    reads: {row} Check the dates, or confirm them with the reason.
    """
    return _waiting(dose, events, (changes, assessments), patient, _OWN)


@rule("DOS-044", Severity.QUERY, "EC.given_on", cites=_TABLE, source=Source.LABEL, requires=("wait_table",))
def given_while_waiting(
    dose: Dose, events: tuple[AdverseEvent, ...], changes: tuple[GradeChange, ...], assessments: tuple[SyndromeAssessment, ...],
    patient: Patient,
) -> Verdict:  # fmt: skip
    """The dose was given on {given} with {event} (worst grade {grade}, since {since}, over: {over}) not recorded as over. The label's
    row reads: {row} Check the dates, or confirm them with the reason.
    """
    return _waiting(dose, events, (changes, assessments), patient, _NAMED)


@rule("DOS-073", Severity.NOTICE, "EC.given_on", cites=_TABLE, source=Source.LABEL, requires=("wait_table",))
def given_with_a_severe_event(
    dose: Dose, events: tuple[AdverseEvent, ...], changes: tuple[GradeChange, ...], assessments: tuple[SyndromeAssessment, ...],
    patient: Patient,
) -> Verdict:  # fmt: skip
    """{event} (worst grade {grade}, since {since}, over: {over}) was not recorded as over when the dose was given on {given}. The
    label's row reads: {row}
    """
    return _waiting(dose, events, (changes, assessments), patient, _ANY)


@rule("DOS-045", Severity.QUERY, "EC.given_on", cites=_TABLE, source=Source.LABEL, requires=("wait_table",))
def given_after_a_stop(
    dose: Dose, events: tuple[AdverseEvent, ...], changes: tuple[GradeChange, ...], assessments: tuple[SyndromeAssessment, ...],
    patient: Patient,
) -> Verdict:  # fmt: skip
    """The dose was given after {event} of grade {grade} (since {since}). The label's row reads: {row} Check the entries, or confirm
    them with the reason.
    """
    if not is_given(dose):
        return None
    grades = (changes, assessments)
    by_then = {event.slot: _until_then(event, grades, dose, patient) for event in events}
    for event in events:
        its, worst = look(event), by_then[event.slot]
        row = wait_row(its, worst, look(dose)) if worst else None
        if row is None or not _began_before(its, look(dose), look(patient)):
            continue
        again = worst in row.stops_when_recurs and _before_it(its, [look(each) for each in events], by_then, patient)
        if row.until is None or again:
            _read(event, grades, patient)
            return {"event": event.term, "grade": worst, "since": event.started_on, "row": str(row)}
    return False


def _before_it(event: AdverseEvent, events: list[AdverseEvent], grades: Mapping[str, str], patient: Patient) -> bool:
    """Was there an earlier event of the same term and at least the same grade?"""
    return any(
        each.row != event.row and each.term == event.term and grades[each.slot] >= grades[event.slot]
        and earlier(moment(each.started_on, each.started_time, look(patient)), moment(event.started_on, event.started_time, look(patient)))
        for each in events
    )  # fmt: skip


@rule("DOS-064", Severity.QUERY, "EC.reason_event", cites="What an adverse event says of tarlatamab and what the dose says must agree.",
      source=Source.DESIGN, also=("AE.action_taken",))
def delayed_by_another_action(dose: Dose, events: tuple[AdverseEvent, ...]) -> Verdict:
    """{label} was delayed or omitted because of {term}, and its action taken is neither 'drug interrupted' nor 'withdrawn': correct
    the event's action, or choose the event that caused it.
    """
    event = linked(events, dose.reason_event)
    if event is None or dose.reason != DoseReason.ADVERSE_EVENT or not event.action_taken:
        return None
    fits = event.action_taken in (ActionTaken.INTERRUPTED, ActionTaken.WITHDRAWN)
    return False if fits else {"label": dose.visit, "term": event.term}
