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
MOST_REPEATS = 12  # repeated step-up doses of one patient
_LABEL = re.compile(r"C([1-9][0-9]{0,2})D(1|8|15)", re.ASCII)
_REPEAT = re.compile(r"R([1-9]|1[0-2])", re.ASCII)
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


def repeat_code(n: int) -> str:
    """The n-th repeated step-up dose, n from 1 to ``MOST_REPEATS``: it uses up no label of the schedule."""
    if not 1 <= n <= MOST_REPEATS:
        raise ValueError(f"Repeated doses are numbered from 1 to {MOST_REPEATS}.")
    return f"R{n}"


def is_repeat(label: str) -> bool:
    """Is it a repeated step-up dose?"""
    return bool(_REPEAT.fullmatch(label))


def visit_codes(doses: int, unscheduled: int = 0, repeats: int = 0) -> tuple[str, ...]:
    """The visits in order: screening, so many doses, repeated doses and unscheduled visits, end of treatment, follow-up."""
    planned = (planned_dose(n).label for n in range(1, doses + 1))
    again = (repeat_code(n) for n in range(1, repeats + 1))
    besides = (unscheduled_code(n) for n in range(1, unscheduled + 1))
    return (SCREENING, *planned, *again, *besides, END_OF_TREATMENT, FOLLOW_UP)


def visit_order(code: str) -> int:
    """Sorts visit codes of any number; ValueError when there is no such visit.

    A code does not tell when a repeated dose or an unscheduled visit was: they stand behind the doses.
    """
    fixed = {SCREENING: 0, END_OF_TREATMENT: 10_000, FOLLOW_UP: 10_001}
    if match := _REPEAT.fullmatch(code):
        return 8_000 + int(match[1])
    if match := _UNSCHEDULED.fullmatch(code):
        return 9_000 + int(match[1])
    return fixed[code] if code in fixed else label_order(code)


def visit_name(code: str) -> str:
    """The visit in words."""
    fixed = {SCREENING: "Screening", END_OF_TREATMENT: "End of treatment", FOLLOW_UP: "Follow-up"}
    if match := _UNSCHEDULED.fullmatch(code):
        return f"Unscheduled {int(match[1])}"
    if match := _REPEAT.fullmatch(code):
        return f"Repeated step-up dose {match[1]}"
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

    ``n`` is the dose's place in the schedule, 0 for a repeated step-up dose. ``ideal`` counts from the first dose,
    ``planned`` from what happened since (None: not known yet); ``window`` is the first and last day around it, where the
    protocol's window is supplied. ``dose_planned_mg`` is None, shown as a dash, for a repeated dose and once the label's
    restart limit is passed: then ``quoted`` is the row of the label's table. ``planned`` of a repeated dose is that of the label
    which it came instead of, when that was overdue: the delay ends with it. ``days_late`` counts from ``planned`` to the
    day given, or to today while a dose is still to come; negative when early.
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
    window: tuple[date, date] | None = None
    quoted: str = ""


@dataclass(slots=True)
class _Course:
    """How far the calendar has come: what the next planned date counts from, and the latest infusion."""

    base: date | None = None
    since: tuple[date, Dose] | None = None
    pending: tuple[int, ...] = ()  # days to the next doses, where they are not those of their labels
    beyond: str = ""  # past a restart limit: the row of the label's table
    waiting: bool = False  # below a dose that is still to come

    def planned(self, n: int) -> date | None:
        if self.base is None or n < 2:
            return None
        return self.base + timedelta(days=self.pending[0] if self.pending else interval_days(n))

    def infused(self, on: date, dose: Dose) -> None:
        if self.since is None or on >= self.since[0]:
            self.since = on, dose
        self.base, self.waiting = self.since[0], False

    def look_at(self, status: Status, planned: date | None, given: date | None, today: date | None, *, to_come: bool) -> None:
        """Is the label's restart limit passed when this dose is given, or would be?"""
        if status is Status.GIVEN:
            self.beyond, self.waiting = _limit_passed(self.since, given), False
        elif not self.waiting:  # what comes after a dose still to come counts from that one
            self.waiting = status is Status.DELAYED or to_come
            reference = max((day for day in (planned, today if self.waiting else None) if day), default=None)
            self.beyond = self.beyond or _limit_passed(self.since, reference)

    def go_on(self, status: Status, given: date | None, dose: Dose | None, planned: date | None) -> None:
        """What the dose after this one counts from."""
        if given and dose:
            self.infused(given, dose)
        elif status is Status.GIVEN:
            self.base = self.since = None  # given on an unknown day: nothing can be counted from it
        else:
            self.base = None if status is Status.DELAYED else planned
        if status is not Status.DELAYED:
            self.pending = self.pending[1:]

    def repeat(self, on: date, dose: Dose, waiting: date | None = None) -> CalendarRow:
        """The row of a repeated step-up dose; 10 mg follow after a week, and then what 'the planned schedule' means.

        ``waiting``: the planned date of the label that waits meanwhile. When it has passed, the repeated dose ends that delay.
        """
        late = (on - waiting).days if waiting and on > waiting else None
        row = CalendarRow(0, dose.visit, None, None, waiting if late else None, dose.given_on, dose.dose_mg, late, Status.GIVEN)
        self.infused(on, dose)
        if self.since and self.since[1] is dose:  # entered with a date before another dose, it restarts nothing
            again = (parameters.whole("days_to_c1d15"),) if parameters.value("schedule_after_restart") == "AS CYCLE 1" else ()
            self.pending, self.beyond = (parameters.whole("days_after_repeated_step_up"), *again), ""
        return row


def calendar(
    doses: Sequence[Dose], *, today: date | None = None, ahead: int = 1, ended: bool = False
) -> list[CalendarRow]:
    """The calendar up to the last recorded dose and ``ahead`` rows more (none once treatment has ended).

    A delayed dose keeps its label and has no new date before it is given, nor has any after it. An omitted one uses its
    label up; the next planned date counts from the omitted dose's planned date. A repeated 1 mg (R1, R2 …) uses up no label:
    it stands where its date puts it, and the next label counts from it (a week later, label). Nothing is planned earlier
    than the last dose given plus its interval. Overdue and late need ``today``.
    """
    recorded = {n: dose for dose in doses if (n := order(dose.visit)) is not None}
    repeats = sorted(
        ((on, dose) for dose in doses if is_repeat(dose.visit) and (on := _given_on(dose))),
        key=lambda each: (each[0], visit_order(each[1].visit)), reverse=True,
    )  # fmt: skip
    last_recorded = max(recorded, default=0)
    started = _given_on(recorded.get(1))
    rows: list[CalendarRow] = []
    course = _Course()
    for n in range(1, last_recorded + (0 if ended else ahead) + 1):
        plan, dose = planned_dose(n), recorded.get(n)
        while repeats and n > 1 and _comes_before(repeats[-1][0], n, recorded, course.planned(n)):
            rows.append(course.repeat(*repeats.pop(), course.planned(n)))
        planned, given = course.planned(n), _given_on(dose)
        status = _status(dose, planned, today)
        # A label passed over without a record is not to come any more.
        course.look_at(status, planned, given, today, to_come=n > last_recorded)
        rows.append(CalendarRow(
            n, plan.label, None if course.beyond else plan.dose_mg,
            started + timedelta(days=plan.trial_day - 1) if started else None, planned,
            dose.given_on if dose and _was_given(dose) else None, dose.dose_mg if dose and _was_given(dose) else None,
            _days_late(planned, given, status, today), status, window(planned), course.beyond,
        ))  # fmt: skip
        course.go_on(status, given, dose, planned)
    return rows + [course.repeat(*repeats.pop()) for _ in range(len(repeats))]


def _comes_before(on: date, n: int, recorded: dict[int, Dose], planned: date | None) -> bool:
    """Does a repeated dose of that day stand before label ``n``? Not before one that was omitted earlier."""
    dose = recorded.get(n)
    if dose is not None and dose.occurrence == DoseOccurrence.OMITTED and planned is not None and planned <= on:
        return False
    later = [day for m, each in recorded.items() if m >= n and (day := _given_on(each))]
    return not later or on < min(later)


def window(planned: date | None) -> tuple[date, date] | None:
    """First and last day of the protocol's window around a planned date; None until it is supplied."""
    days = parameters.value("visit_window_days")
    if planned is None or not isinstance(days, int):
        return None
    return planned - timedelta(days=days), planned + timedelta(days=days)


def _given_on(dose: Dose | None) -> date | None:
    return dose.given_on.known if dose and _was_given(dose) and dose.given_on else None


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


@dataclass(frozen=True, slots=True)
class RestartRow:
    """A row of the label's table on restarting after a delay: up to ``limit`` days since the last dose 10 mg follow."""

    last: str
    limit: int

    def __str__(self) -> str:
        return (
            f"Label, last dose {self.last}: up to {self.limit} days since it 10 mg, then the planned schedule; after more days "
            "1 mg, 10 mg one week later, then the planned schedule."
        )


_RESTART = {1: ("1 mg at C1D1", "restart_limit_after_c1d1_days"), 2: ("10 mg at C1D8", "restart_limit_after_c1d8_days")}
_RESTART_LATER = ("10 mg at C1D15 or later", "restart_limit_later_days")


def restart_row(dose: Dose) -> RestartRow | None:
    """The row of the table for this infusion as the last one; None when the table has no such row.

    A repeated 1 mg is read as the 1 mg of C1D1 (own reading: the label says no more than 'then the planned schedule').
    """
    n = 1 if is_repeat(dose.visit) else order(dose.visit)
    if n is None or dose.dose_mg != planned_dose(n).dose_mg:
        return None
    last, name = _RESTART.get(n, _RESTART_LATER)
    limit = parameters.value(name)
    return RestartRow(last, limit) if isinstance(limit, int) else None


def _limit_passed(since: tuple[date, Dose] | None, reference: date | None) -> str:
    """The row of the label's table whose limit is passed on that day, '' when none is."""
    row = restart_row(since[1]) if since else None
    if since is None or row is None or reference is None:
        return ""
    return str(row) if (reference - since[0]).days > row.limit else ""
