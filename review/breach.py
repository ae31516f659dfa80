"""The clock of a potential serious breach: when the sponsor's report is due, and what is left of it.

Regulation (EU) 536/2014, Article 52: not later than seven days after the sponsor became aware. The law counts days and no
hours (other than for a serious event), so these are days of the calendar on the sponsor's clock: due at the same time of day,
seven days later. A night on which the clocks change makes that 167 or 169 hours, and never an eighth day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.access import SPONSOR_ZONE
from audit import clock
from protocol import parameters
from review.models import Breach

PARAMETER = "serious_breach_report_days"
SPONSOR = ZoneInfo(SPONSOR_ZONE)


def due(aware_at: datetime) -> datetime:
    """When the report is due, UTC; of a time that the clock change repeats or skips on that day, the earlier reading."""
    local = aware_at.astimezone(SPONSOR)
    day = local.date() + timedelta(days=parameters.whole(PARAMETER))
    return min(datetime.combine(day, local.time().replace(fold=fold), SPONSOR).astimezone(UTC) for fold in (0, 1))


@dataclass(frozen=True)
class Standing:
    """Where the flag stands now, as components/status.html takes it; ``due`` None when nobody has flagged it."""

    kind: str
    text: str
    due: datetime | None = None


def standing(deviation) -> Standing:
    """Where the flag of a deviation (or a version of it) stands at this moment."""
    if not deviation.breach:
        return Standing("neutral", "Not flagged")
    until = due(deviation.breach_aware_at)
    if deviation.breach == Breach.NOT_SERIOUS:
        return Standing("closed", Breach.NOT_SERIOUS.label, until)
    if deviation.breach == Breach.REPORTED:
        late = deviation.breach_ended_at > until
        return Standing(*("warn", "Reported late") if late else ("ok", "Reported in time"), until)
    now = clock.now()
    return Standing("overdue" if now > until else "due", left(until, now), until)


def left(until: datetime, now: datetime) -> str:
    """'due in 7 days', 'due in 5 hours', 'overdue by 2 days': whole days of the sponsor's calendar, then hours."""
    late = now > until
    first, last = (until, now) if late else (now, until)
    days = (_wall(last) - _wall(first)).days
    hours = int((last - first).total_seconds() // 3600)
    count, unit = (days, "day") if days else (hours, "hour")
    span = f"{count} {unit}{'' if count == 1 else 's'}" if count else "less than an hour"
    return f"overdue by {span}" if late else f"due in {span}"


def _wall(at: datetime) -> datetime:
    """What the sponsor's clock shows."""
    return at.astimezone(SPONSOR).replace(tzinfo=None)
