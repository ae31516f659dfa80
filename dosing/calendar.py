"""The dose calendar, the picture of it and the exposure, as the patient's page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from crf.casebook import next_free
from crf.registry import Header
from crf.strip import has_ended
from dosing.timeline import Timeline, timeline
from patients.models import Patient
from protocol.engine import Case
from protocol.exposure import Exposure, exposure
from protocol.facts import Dose
from protocol.schedule import CalendarRow, Status, calendar
from protocol.visits import REPEATS

KINDS = {
    Status.GIVEN: "submitted", Status.PLANNED: "neutral", Status.OVERDUE: "overdue", Status.DELAYED: "warn", Status.OMITTED: "void",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A row of the calendar with its address and the kind of its status."""

    row: CalendarRow
    url: str
    kind: str


@dataclass(frozen=True)
class Calendar:
    """What templates/dosing/calendar.html draws."""

    lines: tuple[Line, ...]
    repeat_url: str
    quoted: str
    windows: bool
    picture: Timeline | None
    exposure: Exposure | None
    undosed: bool = False
    dashes: bool = False


def dose_calendar(patient: Patient, case: Case, found: list[Header], *, sees_all: bool, may_enter: bool) -> Calendar | None:
    """The calendar of a registered patient; None for any other."""
    if patient.enrolment_number is None:
        return None
    doses = [each for each in case.of("EC") if isinstance(each, Dose)]
    rows = calendar(doses, today=case.clock.today, ended=has_ended(found))
    given = any(row.status is Status.GIVEN for row in rows)
    free = next_free(REPEATS, found)
    return Calendar(
        tuple(Line(row, reverse("record", args=[patient.number, "EC", row.label]), KINDS[row.status]) for row in rows),
        reverse("record", args=[patient.number, "EC", free]) if may_enter and given and free else "",
        next((row.quoted for row in rows if row.quoted and row.status is not Status.GIVEN), ""),
        any(row.window for row in rows), timeline(rows, case, sees_all=sees_all), exposure(doses) if given else None,
        undosed=not given, dashes=any(row.dose_planned_mg is None or not row.n for row in rows),
    )  # fmt: skip
