"""The doses of tarlatamab that the protocol plans, and the calendar that follows from those given.

Registry record: 1 mg on day 1 (C1D1), 10 mg on day 8 (C1D8) and day 15 (C1D15), then 10 mg every two weeks. The record
names no cycle length; labels from C2D1 on count 28-day cycles of two doses, as the product label does.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from protocol import parameters
from protocol.codelists import DoseOccurrence
from protocol.dates import PartialDate
from protocol.facts import Dose

SCREENING, END_OF_TREATMENT, FOLLOW_UP = "SCR", "EOT", "FU"
MOST_UNSCHEDULED = 30  # of one patient
_LABEL = re.compile(r"C([1-9][0-9]{0,2})D(1|8|15)", re.ASCII)
_UNSCHEDULED = re.compile(r"UNS(0[1-9]|[12][0-9]|30)", re.ASCII)


@dataclass(frozen=True, slots=True)
class PlannedDose:
    """Dose number ``n``: its label, trial day (day 1 is C1D1, there is no day 0) and amount."""

    n: int
    label: str
    trial_day: int
    dose_mg: Decimal


def planned_dose(n: int) -> PlannedDose:
    """The n-th planned dose, n from 1."""
    if n < 1:
        raise ValueError("Doses are numbered from 1.")
    if n <= 3:
        label = ("C1D1", "C1D8", "C1D15")[n - 1]
    else:
        cycle, second = divmod(n - 4, 2)
        label = f"C{cycle + 2}D{15 if second else 1}"
    mg = parameters.whole("first_dose_mg" if n == 1 else "later_dose_mg")
    return PlannedDose(n, label, 1 + sum(interval_days(each) for each in range(2, n + 1)), Decimal(mg))


def interval_days(n: int) -> int:
    """Planned days from dose n - 1 to dose n (n from 2)."""
    if n == 2:
        return parameters.whole("days_to_c1d8")
    return parameters.whole("days_to_c1d15" if n == 3 else "later_interval_days")


@functools.cache
def order(label: str) -> int | None:
    """The number of the dose with that label; None when it is no dose label."""
    match = _LABEL.fullmatch(label)
    if not match:
        return None
    cycle, day = int(match[1]), int(match[2])
    if cycle == 1:
        return {1: 1, 8: 2, 15: 3}[day]
    return None if day == 8 else 2 * cycle + (0 if day == 1 else 1)


def label_order(label: str) -> int:
    """The number of the dose with that label; ValueError when it is no dose label."""
    n = order(label)
    if n is None:
        raise ValueError(f"{label!r} is no dose of the schedule.")
    return n


def next_label(label: str) -> str:
    """The label after a label; the first one after ''."""
    return planned_dose(label_order(label) + 1 if label else 1).label


def unscheduled_code(n: int) -> str:
    """The n-th unscheduled visit, n from 1 to ``MOST_UNSCHEDULED``."""
    if not 1 <= n <= MOST_UNSCHEDULED:
        raise ValueError(f"Unscheduled visits are numbered from 1 to {MOST_UNSCHEDULED}.")
    return f"UNS{n:02d}"


def visit_codes(doses: int, unscheduled: int = 0) -> tuple[str, ...]:
    """The visits in order: screening, that many doses and unscheduled visits, end of treatment, follow-up."""
    planned = (planned_dose(n).label for n in range(1, doses + 1))
    besides = (unscheduled_code(n) for n in range(1, unscheduled + 1))
    return (SCREENING, *planned, *besides, END_OF_TREATMENT, FOLLOW_UP)


def visit_order(code: str) -> int:
    """Sorts visit codes of any number; ValueError when there is no such visit.

    A code does not tell when an unscheduled visit was: they stand behind the doses.
    """
    fixed = {SCREENING: 0, END_OF_TREATMENT: 10_000, FOLLOW_UP: 10_001}
    if match := _UNSCHEDULED.fullmatch(code):
        return 9_000 + int(match[1])
    return fixed[code] if code in fixed else label_order(code)


def visit_name(code: str) -> str:
    """The visit in words."""
    fixed = {SCREENING: "Screening", END_OF_TREATMENT: "End of treatment", FOLLOW_UP: "Follow-up"}
    if match := _UNSCHEDULED.fullmatch(code):
        return f"Unscheduled {int(match[1])}"
    match = _LABEL.fullmatch(code)
    return f"Cycle {match[1]}, day {match[2]}" if match else fixed[code]


class Status(StrEnum):
    PLANNED = "planned"
    OVERDUE = "overdue"
    GIVEN = "given"
    DELAYED = "delayed"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One line of the dose calendar.

    ``ideal`` counts from the first dose, ``planned`` from what happened since (None: not known yet). ``dose_planned_mg``
    is None, shown as a dash, once the label's restart limit is passed. ``days_late`` counts from ``planned`` to the day
    given, or to today while a dose is still to come; negative when early.
    """

    n: int
    label: str
    dose_planned_mg: Decimal | None
    ideal: date | None
    planned: date | None
    actual: PartialDate | None
    dose_given_mg: Decimal | None
    days_late: int | None
    status: Status


def calendar(
    doses: Sequence[Dose], *, today: date | None = None, ahead: int = 1, ended: bool = False
) -> list[CalendarRow]:
    """The calendar up to the last recorded dose and ``ahead`` rows more (none once treatment has ended).

    A delayed dose keeps its label and has no new date before it is given, nor has any after it. An omitted one uses its
    label up; the next planned date counts from the omitted dose's planned date. Nothing is planned earlier than the last
    dose given plus its interval. Overdue and late need ``today``.
    """
    recorded = {n: dose for dose in doses if (n := order(dose.visit)) is not None}
    last_recorded = max(recorded, default=0)
    first = recorded.get(1)
    started = first.given_on.known if first and _was_given(first) and first.given_on else None
    rows: list[CalendarRow] = []
    base: date | None = None  # what the next planned date counts from
    last_given: tuple[date, Dose] | None = None  # the latest infusion so far
    beyond = False  # past a restart limit: what follows is not said
    waiting = False  # below a dose that is still to come
    for n in range(1, last_recorded + (0 if ended else ahead) + 1):
        plan, dose = planned_dose(n), recorded.get(n)
        planned = base + timedelta(days=interval_days(n)) if base and n > 1 else None
        actual = dose.given_on if dose and _was_given(dose) else None
        given = actual.known if actual else None
        status = _status(dose, planned, today)
        if status is Status.GIVEN:
            beyond, waiting = _restart_limit_passed(last_given, given), False
        elif not waiting:  # what comes after a dose still to come counts from that one
            # A label passed over without a record is not to come any more.
            waiting = status is Status.DELAYED or n > last_recorded
            reference = max((day for day in (planned, today if waiting else None) if day), default=None)
            beyond = beyond or _restart_limit_passed(last_given, reference)
        rows.append(CalendarRow(
            n, plan.label, None if beyond else plan.dose_mg,
            started + timedelta(days=plan.trial_day - 1) if started else None, planned, actual,
            dose.dose_mg if dose and _was_given(dose) else None, _days_late(planned, given, status, today), status,
        ))  # fmt: skip
        if given and dose:
            if last_given is None or given >= last_given[0]:
                last_given = given, dose
            base = last_given[0]
        elif status in (Status.GIVEN, Status.DELAYED):
            base = None
            if status is Status.GIVEN:
                last_given = None  # given on an unknown day: nothing can be counted from it
        else:
            base = planned
    return rows


def _was_given(dose: Dose) -> bool:
    return dose.occurrence == DoseOccurrence.GIVEN


def _status(dose: Dose | None, planned: date | None, today: date | None) -> Status:
    if dose and dose.occurrence:
        return {DoseOccurrence.GIVEN: Status.GIVEN, DoseOccurrence.DELAYED: Status.DELAYED,
                DoseOccurrence.OMITTED: Status.OMITTED}[DoseOccurrence(dose.occurrence)]  # fmt: skip
    return Status.OVERDUE if planned and today and today > planned else Status.PLANNED


def _to_come(status: Status, today: date | None) -> date | None:
    return today if status in (Status.PLANNED, Status.OVERDUE, Status.DELAYED) else None


def _days_late(planned: date | None, given: date | None, status: Status, today: date | None) -> int | None:
    if planned is None:
        return None
    if given:
        return (given - planned).days
    waiting = _to_come(status, today)
    return (waiting - planned).days if waiting and waiting > planned else None


def restart_limit(dose: Dose) -> int | None:
    """Days after this infusion within which the label continues with 10 mg; None when its table has no such row."""
    n = order(dose.visit)
    if n is None or dose.dose_mg != planned_dose(n).dose_mg:
        return None
    names = {1: "restart_limit_after_c1d1_days", 2: "restart_limit_after_c1d8_days"}
    limit = parameters.value(names.get(n, "restart_limit_later_days"))
    return limit if isinstance(limit, int) else None


def _restart_limit_passed(last_given: tuple[date, Dose] | None, reference: date | None) -> bool:
    if last_given is None or reference is None:
        return False
    limit = restart_limit(last_given[1])
    return limit is not None and (reference - last_given[0]).days > limit
