"""The picture of a patient's treatment over time: doses, delays, severe events, CRS and ICANS, scans.

Drawn by the server as SVG, in shapes, patterns and words, so that it reads without colour and on paper; the same lines stand
in a table below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from protocol.dates import PartialDate, show
from protocol.engine import Case
from protocol.event_grades import worst_in
from protocol.facts import AdverseEvent, Progression, Scan
from protocol.scales import CRS, ICANS
from protocol.schedule import CalendarRow, Status

WIDTH, LEFT, RIGHT = 960, 104, 24  # of the picture, in its own units
LANES = ("Doses", "Delays", "CRS, ICANS", "Grade 3 to 5", "Scans")
_TOP, _LANE = 24, 40
SEVERE = ("3", "4", "5")
_MOST_LABELS = 24  # beyond so many doses every other label is left to the table


@dataclass(frozen=True)
class Mark:
    """One thing that happened: on which lane, from when to when, in which shape, with which words."""

    lane: str
    shape: str
    label: str
    words: str
    first: date
    last: date


@dataclass(frozen=True)
class Drawn:
    """A mark with its place in the picture."""

    mark: Mark
    x: int
    width: int
    y: int
    label_y: int
    label: str


@dataclass(frozen=True)
class Timeline:
    """The picture as its template draws it."""

    width: int
    height: int
    lanes: tuple[tuple[str, int], ...]
    months: tuple[tuple[int, str], ...]
    today: int | None
    marks: tuple[Drawn, ...]

    @property
    def left(self) -> int:
        return LEFT


def timeline(rows: Sequence[CalendarRow], case: Case, *, sees_all: bool) -> Timeline | None:
    """The picture from the calendar and the patient's facts; without events and scans for who may not see them. None before
    the first dose.
    """
    marks = [*_doses(rows), *_delays(rows, case.clock.today)]
    if not any(mark.lane == "Doses" for mark in marks):
        return None
    if sees_all:
        marks += [*_events(case), *_scans(case)]
    first = min(mark.first for mark in marks if mark.lane == "Doses") - timedelta(days=7)
    marks = [mark for mark in marks if mark.last >= first]
    last = max(*(mark.last for mark in marks), case.clock.today) + timedelta(days=7)
    lanes = LANES if sees_all else LANES[:2]
    return _drawn(marks, first, last, case.clock.today, lanes)


def _doses(rows: Sequence[CalendarRow]) -> Iterator[Mark]:
    for row in rows:
        on = row.actual.known if row.actual else None
        amount = f"{row.dose_given_mg.normalize():f} mg" if row.dose_given_mg is not None else ""
        if on:
            shape = "repeated" if row.n == 0 else "given"
            yield Mark("Doses", shape, row.label, f"{row.label} given, {amount}".rstrip(", "), on, on)
        elif row.planned and row.status is not Status.GIVEN:
            shape = "omitted" if row.status is Status.OMITTED else "planned"
            yield Mark("Doses", shape, row.label, f"{row.label} {row.status}", row.planned, row.planned)


def _delays(rows: Sequence[CalendarRow], today: date) -> Iterator[Mark]:
    for row in rows:
        late = row.days_late or 0
        if row.planned and late > 0 and row.status is not Status.OMITTED:
            end = row.actual.known if row.actual and row.actual.known else today
            said = f"{row.label} {late} day{'s' if late > 1 else ''} later than planned"
            yield Mark("Delays", "delay", f"{late} d", said if row.actual else f"{said}, still to come", row.planned, end)


def _span(started: PartialDate, ended: PartialDate | None, ongoing: str, today: date) -> tuple[date, date]:
    last = ended.latest if ended else today if ongoing == "Y" else started.latest
    return started.earliest, max(started.earliest, min(last, today))


def _events(case: Case) -> Iterator[Mark]:
    for event in case.of("AE"):
        if not isinstance(event, AdverseEvent) or event.started_on is None:
            continue
        own, grade = event.term in (CRS, ICANS), worst_in(case, event)
        if not own and grade not in SEVERE:
            continue
        first, last = _span(event.started_on, event.ended_on, event.ongoing, case.clock.today)
        name = {CRS: "CRS", ICANS: "ICANS"}.get(event.term, event.term)
        words = f"{name} grade {grade or '?'}" + (", serious" if event.serious == "Y" else "")
        yield Mark("CRS, ICANS" if own else "Grade 3 to 5", "crs" if own else "severe", f"{name} {grade or '?'}" if own else grade,
                   f"{words}, {event.started_on} to {event.ended_on or 'now' if event.ended_on or event.ongoing == 'Y' else '?'}", first, last)  # fmt: skip


def _scans(case: Case) -> Iterator[Mark]:
    for scan in case.of("SCAN"):
        if isinstance(scan, Scan) and scan.scanned_on and scan.scanned_on.known:
            yield Mark("Scans", "scan", "", f"Scan, {scan.method or 'method not entered'}", scan.scanned_on.known, scan.scanned_on.known)
    for found in case.of("PD"):
        if isinstance(found, Progression) and found.progressed_on:
            on = found.progressed_on.earliest
            yield Mark("Scans", "progression", "PD", f"Progression, {found.basis or 'basis not entered'}", on, on)


def _drawn(marks: Sequence[Mark], first: date, last: date, today: date, lanes: Sequence[str]) -> Timeline:
    days = max((last - first).days, 1)

    def x(day: date) -> int:
        return LEFT + round((max(day, first) - first).days * (WIDTH - LEFT - RIGHT) / days)

    heights = {lane: _TOP + _LANE * number for number, lane in enumerate(lanes)}
    crowded = sum(mark.lane == "Doses" for mark in marks) > _MOST_LABELS
    drawn, taken = [], {lane: [-99, -99] for lane in lanes}  # where the last label ends, on each of two lines
    for mark in sorted(marks, key=lambda each: (each.first, each.last)):
        y, at = heights[mark.lane] + _LANE // 2, x(mark.first)
        label = "" if crowded and mark.shape == "given" and not mark.label.endswith("D1") else mark.label
        line = 0 if at > taken[mark.lane][0] else 1
        if label:
            taken[mark.lane][line] = at + 7 * len(label) + 4
        drawn.append(Drawn(mark, at, max(x(mark.last) - at, 3), y, y - 8 if line == 0 else y + 18, label))
    here = x(today) if first <= today <= last else None
    return Timeline(
        WIDTH, _TOP + _LANE * len(lanes) + 24, tuple((lane, heights[lane]) for lane in lanes),
        tuple((x(day), show(day.isoformat()[:7])) for day in _months(first, last, days)), here, tuple(drawn),
    )  # fmt: skip


def _months(first: date, last: date, days: int) -> Iterator[date]:
    """The first of each month, of every other or every sixth where they would stand too close."""
    step = 1 if days < 400 else 3 if days < 900 else 6
    day = first.replace(day=1)
    while day <= last:
        if day >= first and (day.month - 1) % step == 0:
            yield day
        day = (day + timedelta(days=32)).replace(day=1)
