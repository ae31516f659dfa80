"""Dates and times as a chart gives them: perhaps without day, month or hour.

A comparison answers True, False, or None when the known parts cannot decide it; a rule that gets None stays quiet.
"""

from __future__ import annotations

import calendar
import functools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

Tri = bool | None
Precision = Literal["year", "month", "day"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHAPE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A calendar date of which day, or day and month, may be unknown. ``text`` is ISO 8601: 2026, 2026-03, 2026-03-05."""

    text: str
    earliest: date
    latest: date

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read ISO 8601 text; ValueError (a sentence) when it is no date between 1900 and 2100."""
        return _parse(text)

    @classmethod
    def _read(cls, text: str) -> PartialDate:
        match = _SHAPE.fullmatch(text)
        if not match:
            raise ValueError("This is not a date. Enter day, month and year, for example 05-Mar-2026.")
        year = int(match[1])
        month, day = (int(part) if part else None for part in match.groups()[1:])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(f"The year {year} is outside {FIRST_YEAR} to {LAST_YEAR}.")
        if month is None:
            return cls(text, date(year, 1, 1), date(year, 12, 31))
        if not 1 <= month <= 12:
            raise ValueError(f"There is no month {month}.")
        last = calendar.monthrange(year, month)[1]
        if day is None:
            return cls(text, date(year, month, 1), date(year, month, last))
        if not 1 <= day <= last:
            raise ValueError(f"There is no day {day} in {MONTHS[month - 1]} {year}.")
        return cls(text, date(year, month, day), date(year, month, day))

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """The fully known date ``day``."""
        return cls(day.isoformat(), day, day)

    @property
    def precision(self) -> Precision:
        return ("year", "month", "day")[len(self.text) // 3 - 1]

    @property
    def known(self) -> date | None:
        """The day, when it is fully known."""
        return self.earliest if self.precision == "day" else None

    def __str__(self) -> str:
        return show(self.text)


@functools.lru_cache(4096)
def _parse(text: str) -> PartialDate:
    return PartialDate._read(text)


def show(text: str) -> str:
    """ISO text as people read it: 05-Mar-2026, Mar-2026, 2026."""
    parts = text.split("-")
    if len(parts) > 1:
        parts[1] = MONTHS[int(parts[1]) - 1]
    return "-".join(reversed(parts))


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time known between two instants (UTC, both inclusive to the minute).

    An unknown time of day spans the whole day; an hour that a clock change repeats spans both.
    """

    first: datetime
    last: datetime

    @classmethod
    def of(cls, day: PartialDate | None, clock_time: str, zone: str) -> Moment | None:
        """From the date and the wall-clock time ('HH:MM', '' when unknown) at a site in time zone ``zone``."""
        if day is None:
            return None
        tz = ZoneInfo(zone)
        at = parse_time(clock_time) if clock_time else None
        first = datetime.combine(day.earliest, at or time.min, tz).replace(fold=0)
        last = datetime.combine(day.latest, at or time(23, 59), tz).replace(fold=1)
        # In the hour that a clock change skips, fold 0 and 1 come out in reverse order.
        return cls(*sorted((first.astimezone(UTC), last.astimezone(UTC))))

    @classmethod
    def exactly(cls, instant: datetime) -> Moment:
        return cls(instant.astimezone(UTC), instant.astimezone(UTC))


def parse_time(text: str) -> time:
    """'HH:MM' as a time of day; ValueError (a sentence) otherwise."""
    match = _TIME.fullmatch(text)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError("This is not a time. Enter hours and minutes, for example 14:05, or UNK when it is not known.")
    return time(int(match[1]), int(match[2]))


def exists(day: date, clock_time: str, zone: str) -> bool:
    """False for a wall-clock time that the spring clock change skipped at that place on that day."""
    local = datetime.combine(day, parse_time(clock_time), ZoneInfo(zone))
    return local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None)


def before(a: PartialDate | None, b: PartialDate | None) -> Tri:
    """Is day ``a`` earlier than day ``b``?"""
    if a is None or b is None:
        return None
    if a.latest < b.earliest:
        return True
    return False if a.earliest >= b.latest else None


def earlier(a: Moment | None, b: Moment | None) -> Tri:
    """Is moment ``a`` earlier than moment ``b``?"""
    if a is None or b is None:
        return None
    if a.last < b.first:
        return True
    return False if a.first >= b.last else None


def within_days_before(a: PartialDate | None, reference: PartialDate | None, days: int) -> Tri:
    """Is ``a`` on the reference day or at most ``days`` calendar days before it (day ``days`` is inside)?"""
    if a is None or reference is None:
        return None
    # Both are unbroken runs of days, so every distance between these two is possible.
    least, most = (reference.earliest - a.latest).days, (reference.latest - a.earliest).days
    if least >= 0 and most <= days:
        return True
    return False if most < 0 or least > days else None


def days_between(a: PartialDate | None, b: PartialDate | None) -> tuple[int, int] | None:
    """Least and greatest possible number of days from ``a`` to ``b``."""
    if a is None or b is None:
        return None
    return (b.earliest - a.latest).days, (b.latest - a.earliest).days


def months_later(day: date, months: int) -> date:
    """The same day so many calendar months later (earlier when negative), or the last of its month where that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def shifted(day: PartialDate | None, months: int) -> PartialDate | None:
    """A date so many calendar months later, as vague as it was; it is for comparing, not for showing."""
    if day is None:
        return None
    first, last = months_later(day.earliest, months), months_later(day.latest, months)
    return PartialDate(first.isoformat(), first, last)


def within_months_before(a: PartialDate | None, reference: PartialDate | None, months: int) -> Tri:
    """Is ``a`` on the reference day or at most so many calendar months before it (the day itself is inside)?"""
    return both(negated(before(reference, a)), negated(before(a, shifted(reference, -months))))


def negated(answer: Tri) -> Tri:
    """Three-valued NOT."""
    return None if answer is None else not answer


def both(*answers: Tri) -> Tri:
    """Three-valued AND."""
    if any(answer is False for answer in answers):
        return False
    return None if any(answer is None for answer in answers) else True


def either(*answers: Tri) -> Tri:
    """Three-valued OR."""
    if any(answer is True for answer in answers):
        return True
    return None if any(answer is None for answer in answers) else False


def full_years(born: PartialDate | None, on: PartialDate | None) -> tuple[int, int] | None:
    """Least and greatest possible age in completed years on the day ``on``."""
    if born is None or on is None:
        return None
    return _years(born.latest, on.earliest), _years(born.earliest, on.latest)


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def moment_of(day: str, clock_time: str, zone: str) -> Moment | None:
    """As ``Moment.of``, from stored text; None when there is no date, or text that is none."""
    try:
        return Moment.of(PartialDate.parse(day), "" if clock_time == "UNK" else clock_time, zone) if day else None
    except ValueError:
        return None
