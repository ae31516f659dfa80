"""One infusion in time: its start and end, the parts in which it ran, and what surrounds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from protocol import parameters
from protocol.codelists import DoseOccurrence
from protocol.dates import Moment, PartialDate
from protocol.engine import look
from protocol.facts import Dose, Patient, moment
from protocol.label import WatchRow
from protocol.schedule import is_repeat, order
from protocol.screening_facts import Medication

NUMBERS = ("1", "2", "3")


def is_given(dose: Dose) -> bool:
    return dose.occurrence == DoseOccurrence.GIVEN


def given(doses: Iterable[Dose]) -> list[Dose]:
    """The doses given; looking through them makes no input of them."""
    return [dose for dose in doses if is_given(look(dose))]


@dataclass(frozen=True, slots=True)
class Span:
    """How long something lasted, in minutes: at least and at most, as far as its ends are known."""

    least: int
    most: int

    @classmethod
    def between(cls, start: Moment | None, end: Moment | None) -> Span | None:
        """None where one end is missing altogether."""
        if start is None or end is None:
            return None
        return cls(_minutes(end.first - start.last), _minutes(end.last - start.first))

    def __str__(self) -> str:
        return hours(self.least) if self.least == self.most else f"{hours(max(self.least, 0))} to {hours(self.most)}"


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def hours(minutes: int) -> str:
    """Minutes as people say them: 45 min, 22:00 h."""
    sign, minutes = ("−" if minutes < 0 else ""), abs(minutes)
    return f"{sign}{minutes} min" if minutes < 120 else f"{sign}{minutes // 60}:{minutes % 60:02d} h"


def start_of(dose: Dose, patient: Patient) -> Moment | None:
    return moment(dose.given_on, dose.start_time, patient)


def end_of(dose: Dose, patient: Patient) -> Moment | None:
    """When the infusion ended; an unknown end lies between its start and the end of that day."""
    end = moment(dose.last_day, dose.end_time, patient)
    start = start_of(dose, patient)
    if end is None or start is None or dose.end_time:
        return end
    return Moment(max(end.first, start.first), max(end.last, start.last))


def pauses(dose: Dose) -> list[tuple[str, str]]:
    """(stopped, started again) as entered, as many as are said to have been."""
    count = int(dose.interruptions or 0)
    return [(getattr(dose, f"stopped_{n}"), getattr(dose, f"restarted_{n}")) for n in NUMBERS[:count]]


def in_order(dose: Dose) -> bool | None:
    """Do start, stops, restarts and end follow each other, midnight passed at most as often as the dates say?

    None when too little is known to say. Times are those of the clock on the wall.
    """
    known = [each for each in (dose.start_time, *(time for pair in pauses(dose) for time in pair), dose.end_time) if each]
    if len(known) < 2:
        return None
    nights = sum(later < earlier for earlier, later in zip(known, known[1:], strict=False))
    allowed = _nights(dose.given_on, dose.ended_on)
    return None if allowed is None else nights <= allowed


def _nights(first: PartialDate | None, last: PartialDate | None) -> int | None:
    if last is None:
        return 0
    return (last.known - first.known).days if first and first.known and last.known else None


def running(dose: Dose, patient: Patient) -> Span | None:
    """How long the infusion ran, without its interruptions; None when an end of it, or of an interruption, is not known."""
    whole = Span.between(start_of(dose, patient), end_of(dose, patient))
    if whole is None or not dose.start_time or not dose.end_time:
        return None
    stood = 0
    for stopped, restarted in pauses(dose):
        if not stopped or not restarted:
            return None
        stood += (_of_day(restarted) - _of_day(stopped)) % (24 * 60)
    return Span(whole.least - stood, whole.most - stood)


def _of_day(clock_time: str) -> int:
    return int(clock_time[:2]) * 60 + int(clock_time[3:])


def around(drug: Medication, dose: Dose, patient: Patient) -> str:
    """When a medication was given, seen from the infusion: '45 min before the infusion C1D1'; '' when it cannot be said."""
    given, start, end = moment(drug.started_on, drug.started_time, patient), start_of(dose, patient), end_of(dose, patient)
    early, late = Span.between(given, start), Span.between(end, given)
    if early is None:
        return ""
    if early.most <= 0 and late is not None and late.least >= 0:
        return f"{late} after the infusion {dose.visit}"
    if early.least >= 0:
        return f"{early} before the infusion {dose.visit}"
    return f"during the infusion {dose.visit}" if early.most <= 0 else f"on the day of the infusion {dose.visit}"


def is_step_up(label: str, after_repeat: bool = False) -> bool:
    """Is it a dose of the step-up (C1D1, C1D8, a repeated 1 mg, or the 10 mg that follows one)?"""
    return label in ("C1D1", "C1D8") or is_repeat(label) or after_repeat


def watch_row(label: str, after_repeat: bool = False) -> WatchRow | None:
    """The row of the label's table on how long a patient is watched after this dose; None when it has none."""
    table = parameters.value("monitoring_table")
    n = order(label)
    if not isinstance(table, tuple) or not (is_step_up(label, after_repeat) or n):
        return None
    first, cycle_2, cycle_4, later = table
    if is_step_up(label, after_repeat) or n is None:
        return _row(first)
    return _row(cycle_2 if n <= 5 else cycle_4 if n <= 9 else later)


def _row(found: object) -> WatchRow:
    assert isinstance(found, WatchRow)
    return found
