"""What several groups of rules ask."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from protocol.dates import Moment, PartialDate, Tri, before, earlier, exists
from protocol.engine import look
from protocol.facts import Clock, Dose, Fact, Patient, moment
from protocol.infusion import given, is_given

_AnyFact = TypeVar("_AnyFact", bound=Fact)

NO_FUTURE = "A form records what has happened: no date lies after the day of entry."
NO_SUCH_TIME = "In the spring night of the clock change one hour does not exist at the site."


def future(day: PartialDate | None, clock: Clock) -> Tri:
    """Is the day certainly later than today at the patient's site?"""
    return before(PartialDate.of(clock.today), day)


def future_moment(day: PartialDate | None, clock_time: str, patient: Patient, clock: Clock) -> Tri:
    """Is the moment certainly later than now?"""
    return earlier(Moment.exactly(clock.now), moment(day, clock_time, patient))


def skipped(day: PartialDate | None, clock_time: str, patient: Patient) -> Tri:
    """Is this an hour that the spring clock change skipped at the site?"""
    known = day.known if day else None
    return not exists(known, clock_time, patient.zone) if known and clock_time else None


def slots(records: Iterable[Fact]) -> set[str]:
    """Where records stand: the visit, or the number in the log. Which they are is no input."""
    return {look(each).slot for each in records}


def linked(records: Iterable[_AnyFact], slot: str) -> _AnyFact | None:
    """The record that a link points to; None when there is none, or it is void."""
    return next((each for each in records if slot and look(each).slot == slot), None)


def after(day: PartialDate | None, other: PartialDate | None) -> Tri:
    """Is ``day`` later than ``other``?"""
    return before(other, day)


def previous(dose: Dose, doses: Iterable[Dose]) -> Dose | None:
    """The dose given last before this one, by date; None when none is certainly earlier."""
    if not is_given(dose):
        return None
    earlier_ones = [each for each in given(doses) if before(look(each).given_on, look(dose).given_on)]
    return max(earlier_ones, key=_day, default=None)


def _day(dose: Dose) -> date:
    on = look(dose).given_on
    return on.earliest if on else date.min
