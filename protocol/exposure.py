"""What follows from the doses of a patient: exposure, the last dose, and what is counted from it. Derived, never typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from protocol import parameters
from protocol.codelists import DoseOccurrence
from protocol.dates import PartialDate
from protocol.facts import Dose
from protocol.schedule import CalendarRow, Status, calendar, interval_days, planned_dose


def given_doses(doses: Iterable[Dose]) -> list[Dose]:
    """The doses given on a known day, in order of time."""
    given = [each for each in doses if each.occurrence == DoseOccurrence.GIVEN and each.given_on and each.given_on.known]
    return sorted(given, key=lambda each: (each.given_on.earliest if each.given_on else date.min, each.start_time))


def last_given(doses: Iterable[Dose]) -> Dose | None:
    """The last dose given on a known day."""
    return max(given_doses(doses), key=lambda each: each.given_on.earliest if each.given_on else date.min, default=None)


def contraception_until(doses: Iterable[Dose]) -> PartialDate | None:
    """The last day on which contraception is asked for: 60 days after the last dose (E18). None before any dose."""
    last = last_given(doses)
    if last is None or last.given_on is None:
        return None
    return PartialDate.of(last.given_on.earliest + timedelta(days=parameters.whole("contraception_days")))


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure of one patient. Amounts in mg, ``duration_days`` from the first to the last infusion, both counted.

    ``delayed`` doses were given later than planned, by ``delay_days`` together (a repeated step-up dose that came instead of an
    overdue one ends its delay, and counts). ``relative_dose_intensity`` is a share (1 is
    as planned), by the parameter of that name, an assumption: (mg given / mg planned) / (weeks taken / weeks planned).
    Planned are the amounts and intervals of the labels used up, the interval after the last one included; taken are the days
    from the first infusion to the last plus the interval after it. None where a figure cannot be said.
    """

    doses_given: int
    repeated_step_up: int
    omitted: int
    delayed: int
    delay_days: int
    cumulative_mg: Decimal | None
    first_on: date | None
    last_on: date | None
    duration_days: int | None
    planned_mg: Decimal | None
    relative_dose_intensity: Decimal | None


def exposure(doses: Sequence[Dose]) -> Exposure:
    """What a patient has received, as far as it is entered."""
    rows = calendar(doses, ahead=0)
    every = [each for each in doses if each.occurrence == DoseOccurrence.GIVEN]
    dated = given_doses(doses)
    amounts = [each.dose_mg for each in every]
    cumulative = sum((mg for mg in amounts if mg is not None), Decimal(0)) if None not in amounts else None
    days = [each.given_on.earliest for each in dated if each.given_on]
    first, last = (days[0], days[-1]) if days else (None, None)
    late = [row.days_late for row in rows if row.status is Status.GIVEN and (row.days_late or 0) > 0]
    used = [row for row in rows if row.n and row.status in (Status.GIVEN, Status.OMITTED)]
    # A label passed over without a record, and one still to come, leave the plan open before later doses only.
    planned_mg = sum((planned_dose(n).dose_mg for n in range(1, max((row.n for row in used), default=0) + 1)), Decimal(0))
    return Exposure(
        doses_given=len(every), repeated_step_up=sum(row.n == 0 for row in rows),
        omitted=sum(row.status is Status.OMITTED for row in rows), delayed=len(late),
        delay_days=sum(day for day in late if day), cumulative_mg=cumulative, first_on=first, last_on=last,
        duration_days=(last - first).days + 1 if first and last else None, planned_mg=planned_mg if used else None,
        relative_dose_intensity=_intensity(cumulative, planned_mg, used, days, len(every) == len(dated)),
    )  # fmt: skip


def _intensity(
    given_mg: Decimal | None, planned_mg: Decimal, used: Sequence[CalendarRow], days: Sequence[date], all_dated: bool
) -> Decimal | None:
    """Relative dose intensity to four places; None while a date or an amount is missing."""
    if given_mg is None or not planned_mg or not days or not used or not all_dated:
        return None
    last = max(row.n for row in used)
    planned_days = planned_dose(last + 1).trial_day - 1
    taken_days = (days[-1] - days[0]).days + interval_days(last + 1)
    return ((given_mg / planned_mg) / (Decimal(taken_days) / Decimal(planned_days))).quantize(Decimal("0.0001"))
