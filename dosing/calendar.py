"""The dose calendar, the picture of it and the exposure, as the patient's page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from crf import registry
from crf.casebook import next_free
from crf.registry import Header
from dosing.timeline import Timeline, timeline
from patients.models import Patient
from protocol.dates import show
from protocol.engine import Case
from protocol.exposure import Exposure, exposure, given_doses, last_given
from protocol.facts import Dose
from protocol.schedule import CalendarRow, Status, calendar
from protocol.visits import REPEATS

KINDS = {
    Status.GIVEN: "submitted", Status.PLANNED: "neutral", Status.OVERDUE: "overdue", Status.DELAYED: "warn", Status.OMITTED: "void",
}  # fmt: skip


def on_the_strip(patient: Patient, case: Case, found: list[Header]) -> dict[str, str]:
    """Study day, last dose and next due, in words."""
    doses = [each for each in case.of("EC") if isinstance(each, Dose)]
    first, last = min(_days(doses), default=None), last_given(doses)
    today, said = case.clock.today, {"study_day": "", "last_dose": "", "next_due": ""}
    if first and today >= first:
        said["study_day"] = f"Day {(today - first).days + 1}"
    if last is not None:
        said["last_dose"] = f"{last.visit} {last.given_on}"
    if patient.enrolment_number is not None and not registry.treatment_ended(found):
        row = next((row for row in calendar(doses) if row.status not in (Status.GIVEN, Status.OMITTED)), None)
        said["next_due"] = f"{row.label} {show(row.planned.isoformat()) if row.planned else ''}".strip() if row else ""
    return said


def _days(doses: list[Dose]) -> list[date]:
    return [each.given_on.earliest for each in given_doses(doses) if each.given_on]


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
    rows = calendar(doses, today=case.clock.today, ended=registry.treatment_ended(found))
    given = any(row.status is Status.GIVEN for row in rows)
    free = next_free(REPEATS, found)
    return Calendar(
        tuple(Line(row, reverse("record", args=[patient.number, "EC", row.label]), KINDS[row.status]) for row in rows),
        reverse("record", args=[patient.number, "EC", free]) if may_enter and given and free else "",
        next((row.quoted for row in rows if row.quoted and row.status is not Status.GIVEN), ""),
        any(row.window for row in rows), timeline(rows, case, sees_all=sees_all), exposure(doses) if given else None,
        undosed=not given, dashes=any(row.dose_planned_mg is None or not row.n for row in rows),
    )  # fmt: skip
