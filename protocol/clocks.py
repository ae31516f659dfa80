"""The clocks of a serious event: the site's 24 hours, the sponsor's days for a SUSAR, and those of a Swiss site.

Hours are elapsed time between instants, so a night of 23 or 25 hours changes nothing. Days are calendar days where the clock
runs: day 0 is the day of the first knowledge, a due date is the last day inside, and a weekend moves none. Sources are named
beside every date; what is no text of a regulation is marked OWN there or in the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from protocol import parameters
from protocol.codelists import Relationship
from protocol.dates import Moment, Tri, both, either, show

EU_24_HOURS = "Regulation (EU) 536/2014, Article 41(2): not later than 24 hours after becoming aware"
SWISS_24_HOURS = "Swiss Clinical Trials Ordinance, Articles 40(1) and 41(1): within 24 hours after it became known"
EU_FATAL = "Regulation (EU) 536/2014, Article 42(2)(a): fatal or life-threatening SUSAR, 7 days"
EU_FOLLOW_UP = "Regulation (EU) 536/2014, Article 42: what was incomplete, within 8 days more"
EU_OTHER = "Regulation (EU) 536/2014, Article 42(2)(b): other SUSAR, 15 days"
EU_TURNED_FATAL = "Regulation (EU) 536/2014, Article 42(2)(c), read as 7 days from that knowledge (OWN)"
SWISS_FATAL_SAE = "Swiss Clinical Trials Ordinance, Article 40(2): fatal serious event, 7 days unless the protocol differs"
SWISS_FATAL_SUSAR = "Swiss Clinical Trials Ordinance, Article 41(2): fatal SUSAR, 7 days"
SWISS_OTHER_SUSAR = "Swiss Clinical Trials Ordinance, Article 41(2): other SUSAR, 15 days"

# The site's 24 hours --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OtherMeans:
    """A first report by telephone, fax or mail: it counts once the safety desk has acknowledged it."""

    at: Moment
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class SiteClock:
    """Instants in UTC: ``due`` is 24 hours after the earliest moment at which the site may have become aware, ``at_latest``
    24 hours after the latest one."""

    due: datetime
    at_latest: datetime
    source: str

    def remaining(self, now: datetime) -> timedelta:
        """Time left; negative when the hours have passed."""
        return self.due - now

    def late(self, reported: Moment | None, now: datetime) -> Tri:
        """Was the report, or is it by now, later than 24 hours? The 24th hour to the second is in time; None when unknown
        times leave it open."""
        first = reported.first if reported else now
        last = reported.last if reported else now
        if first > self.at_latest:
            return True
        return False if last <= self.due else None


def site_clock(aware: Moment | None, country: str) -> SiteClock | None:
    """The clock from the site's awareness that the event is serious; None when no date is entered.

    An unknown time of day counts from the start of the day. An event that becomes serious later runs from when that became
    known, which is then the ``aware`` given here.
    """
    if aware is None:
        return None
    hours = timedelta(hours=parameters.whole("sae_report_hours"))
    source = f"{EU_24_HOURS}; {SWISS_24_HOURS}" if country == "CH" else EU_24_HOURS
    return SiteClock(aware.first + hours, aware.last + hours, source)


def first_report(by_system: datetime | None, by_other_means: OtherMeans | None) -> Moment | None:
    """When the first report reached the sponsor: the earlier of the system's and an acknowledged one by other means."""
    reports = [Moment.exactly(by_system)] if by_system else []
    if by_other_means and by_other_means.acknowledged:
        reports.append(by_other_means.at)
    if len(reports) == 2:
        return Moment(min(each.first for each in reports), min(each.last for each in reports))
    return reports[0] if reports else None


# Calendar days --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """A report and its last day. ``pending``: the event is not yet assessed; the day is the earliest it can be."""

    report: str
    to: str
    on: date
    source: str
    pending: bool = False

    def __str__(self) -> str:
        """'pending, earliest due 12-Jan-2026' or 'due 12-Jan-2026'."""
        said = f"due {show(self.on.isoformat())}"
        return f"pending, earliest {said}" if self.pending else said

    def late(self, reported_on: date | None, today: date) -> bool:
        """Was it reported after the day, or is the day over without a report?"""
        return (reported_on or today) > self.on


def day_zero(known: datetime, zone: str = "") -> date:
    """The calendar day of an instant where the clock runs: the sponsor's zone when none is given."""
    return known.astimezone(ZoneInfo(zone or str(parameters.value("sponsor_zone")))).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a date depends on; None and '' are not yet assessed.

    ``investigator`` and ``sponsor`` are values of ``Relationship``; ``unexpected`` against the named version of the reference
    safety information. ``fatal_known`` and ``threat_known``: the instant at which the one whose clock it is first knew that the
    event was fatal, or a threat to life; None while it is neither.
    """

    serious: bool
    investigator: str = ""
    sponsor: str = ""
    unexpected: Tri = None
    fatal_known: datetime | None = None
    threat_known: datetime | None = None


def is_susar(found: Assessment) -> Tri:
    """Serious, a reasonable possibility according to the investigator or the sponsor, and unexpected."""
    return both(found.serious, either(_related(found.investigator), _related(found.sponsor)), found.unexpected)


def _related(answer: str) -> Tri:
    return {Relationship.YES.value: True, Relationship.NO.value: False}.get(answer)


def sponsor_dates(found: Assessment, known: datetime | None) -> tuple[Due, ...]:
    """Until when the sponsor reports to EudraVigilance; ``known`` is its first knowledge of the minimum data (day 0).

    None for an event that is certainly no SUSAR, or while nothing is known. An event not yet assessed has the earliest date
    that it can get, as pending.
    """
    susar = is_susar(found)
    if susar is False or known is None:
        return ()
    start, pending = day_zero(known), susar is None
    grave = min((each for each in (found.fatal_known, found.threat_known) if each), default=None)
    to = "EudraVigilance"
    if grave is None:
        return (Due("SUSAR, other", to, _after(start, "susar_other_days"), EU_OTHER, pending),)
    if day_zero(grave) <= start:
        first = _after(start, "susar_fatal_days")
        return (
            Due("SUSAR, fatal or life-threatening", to, first, EU_FATAL, pending),
            Due("Follow-up to it", to, _after(first, "susar_follow_up_days"), EU_FOLLOW_UP, pending),
        )
    first = _after(day_zero(grave), "susar_turned_fatal_days")
    other = Due("SUSAR, other", to, _after(start, "susar_other_days"), EU_OTHER, pending)
    turned = Due("SUSAR, now fatal or life-threatening", to, first, EU_TURNED_FATAL, pending)
    after = Due("Follow-up to it", to, _after(first, "susar_follow_up_days"), EU_FOLLOW_UP, pending)
    return tuple(sorted((other, turned, after), key=lambda due: due.on))


def swiss_dates(found: Assessment, aware: datetime | None, country: str, zone: str) -> tuple[Due, ...]:
    """Until when the investigator of a Swiss site reports to the ethics committee; ``aware`` is the site's awareness (day 0).

    None for a site elsewhere. Of the rules only death counts, not a threat to life. A death that becomes known later runs from
    that day (OWN). In a trial of several centres the coordinating investigator informs the other committees in the same time.
    """
    if country != "CH" or aware is None or not found.serious:
        return ()
    susar, start, to = is_susar(found), day_zero(aware, zone), "ethics committee"
    dates = []
    if found.fatal_known is not None:
        died = max(start, day_zero(found.fatal_known, zone))
        dates.append(Due("Fatal serious event", to, _after(died, "swiss_fatal_sae_days"), SWISS_FATAL_SAE))
        if susar is not False:
            dates.append(Due("Fatal SUSAR", to, _after(died, "swiss_fatal_susar_days"), SWISS_FATAL_SUSAR, susar is None))
    if susar is not False and (found.fatal_known is None or day_zero(found.fatal_known, zone) > start):
        dates.append(Due("SUSAR, other", to, _after(start, "swiss_other_susar_days"), SWISS_OTHER_SUSAR, susar is None))
    return tuple(sorted(dates, key=lambda due: due.on))


def _after(day: date, name: str) -> date:
    return day + timedelta(days=parameters.whole(name))
