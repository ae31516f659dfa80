"""The clocks of serious events: 24 hours over zones and clock changes, and the days of a SUSAR and of a Swiss site."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from protocol import parameters
from protocol.clocks import (
    Assessment,
    Due,
    OtherMeans,
    day_zero,
    first_report,
    is_susar,
    site_clock,
    sponsor_dates,
    swiss_dates,
)
from protocol.dates import Moment
from protocol.parameters import Origin
from protocol.sites import SITES
from tests.protocol.build import day

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(on, clock_time, zone="Europe/Paris"):
    return Moment.of(day(on), clock_time, zone)


# 24 hours --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "on", "clock_time", "due"), [
    ("Europe/Paris", "2026-06-15", "09:00", "2026-06-16T07:00"), ("Europe/Athens", "2026-06-15", "09:00", "2026-06-16T06:00"),
    ("Europe/Zurich", "2026-12-31", "23:59", "2027-01-01T22:59"), ("Atlantic/Canary", "2026-06-15", "09:00", "2026-06-16T08:00"),
    # the night of 28 to 29 March has 23 hours: due at 10:00 by the wall, 24 elapsed hours
    ("Europe/Paris", "2026-03-28", "09:00", "2026-03-29T08:00"), ("Europe/Athens", "2026-03-28", "09:00", "2026-03-29T07:00"),
    # the night of 24 to 25 October has 25: due at 08:00 by the wall
    ("Europe/Paris", "2026-10-24", "09:00", "2026-10-25T07:00"), ("Europe/Athens", "2026-10-24", "09:00", "2026-10-25T06:00"),
    # an unknown time counts from the start of the day
    ("Europe/Paris", "2026-06-15", "", "2026-06-15T22:00"), ("Europe/Paris", "2026-06", "", "2026-06-01T22:00"),
    # the hour that comes twice: the earlier of the two
    ("Europe/Paris", "2026-10-25", "02:30", "2026-10-26T00:30"),
])  # fmt: skip
def test_due_is_24_elapsed_hours_later(zone, on, clock_time, due):
    assert site_clock(at(on, clock_time, zone), "FR").due == utc(due)


@pytest.mark.parametrize(("aware", "reported", "late"), [
    (("2026-06-15", "09:00"), "2026-06-16T07:00", False), (("2026-06-15", "09:00"), "2026-06-16T07:01", True),
    (("2026-06-15", "09:00"), "2026-06-16T06:59", False), (("2026-06-15", "09:00"), "2026-06-15T06:00", False),
    # 23-hour night: by the wall 10:00 is in time
    (("2026-03-28", "09:00"), "2026-03-29T08:00", False), (("2026-03-28", "09:00"), "2026-03-29T08:01", True),
    # 25-hour night: by the wall 08:01 is too late
    (("2026-10-24", "09:00"), "2026-10-25T07:00", False), (("2026-10-24", "09:00"), "2026-10-25T07:01", True),
    # unknown time: late for certain only after the end of the next day
    (("2026-06-15", ""), "2026-06-15T22:00", False), (("2026-06-15", ""), "2026-06-16T12:00", None), (("2026-06-15", ""), "2026-06-16T21:59", None),
    (("2026-06-15", ""), "2026-06-16T22:00", True),
    # the hour that comes twice
    (("2026-10-25", "02:30"), "2026-10-26T00:30", False), (("2026-10-25", "02:30"), "2026-10-26T01:00", None), (("2026-10-25", "02:30"), "2026-10-26T01:31", True),
])  # fmt: skip
def test_late(aware, reported, late):
    clock = site_clock(at(*aware), "FR")
    assert clock.late(Moment.exactly(utc(reported)), NOW) is late
    assert clock.late(None, utc(reported)) is late  # not reported by now
    assert clock.remaining(utc(reported)) == clock.due - utc(reported)


def test_a_report_of_unknown_time():
    clock = site_clock(at("2026-06-15", "09:00"), "FR")
    assert clock.late(at("2026-06-15", ""), NOW) is False
    assert clock.late(at("2026-06-16", ""), NOW) is None
    assert clock.late(at("2026-06-17", ""), NOW) is True


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.code)
@pytest.mark.parametrize("on", ["2026-01-31", "2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2028-02-28"])
def test_every_site_has_the_same_24_hours(site, on):
    for hour in ("00:00", "01:30", "02:30", "03:30", "12:00", "23:59"):
        aware = at(on, hour, site.zone)
        clock = site_clock(aware, site.country)
        assert clock.due - aware.first == timedelta(hours=24)
        assert ("Swiss" in clock.source) is (site.country == "CH") and "Article 41(2)" in clock.source


def test_the_hours_are_a_parameter_and_need_a_date():
    with parameters.override(sae_report_hours=12):
        assert site_clock(at("2026-06-15", "09:00"), "FR").due == utc("2026-06-15T19:00")
    assert site_clock(None, "FR") is None


@pytest.mark.parametrize(("by_system", "other", "acknowledged", "first"), [
    ("2026-06-15T12:00", "11:00", True, "2026-06-15T09:00"), ("2026-06-15T08:00", "11:00", True, "2026-06-15T08:00"),
    ("2026-06-15T12:00", "11:00", False, "2026-06-15T12:00"), ("", "11:00", True, "2026-06-15T09:00"), ("", "11:00", False, None),
    ("2026-06-15T12:00", None, False, "2026-06-15T12:00"), ("", None, False, None),
])  # fmt: skip
def test_first_report(by_system, other, acknowledged, first):
    means = OtherMeans(at("2026-06-15", other), acknowledged) if other else None
    found = first_report(utc(by_system) if by_system else None, means)
    assert found == (Moment.exactly(utc(first)) if first else None)


def test_a_first_report_at_an_unknown_time_spans_up_to_the_systems_own():
    found = first_report(utc("2026-06-15T12:00"), OtherMeans(at("2026-06-15", ""), True))
    assert found == Moment(utc("2026-06-14T22:00"), utc("2026-06-15T12:00"))


# SUSAR --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("serious", "investigator", "sponsor", "unexpected", "susar"), [
    (True, "Y", "", True, True), (True, "N", "Y", True, True), (True, "Y", "N", True, True),  # a sponsor's No does not undo a Yes
    (True, "N", "N", True, False), (True, "Y", "Y", False, False), (False, "Y", "Y", True, False), (True, "N", "", True, None),
    (True, "NOT YET ASSESSED", "N", True, None), (True, "Y", "", None, None), (True, "N", "N", None, False), (True, "", "", None, None),
    (True, "", "", False, False), (True, "NOT YET ASSESSED", "NOT YET ASSESSED", True, None),
])  # fmt: skip
def test_is_susar(serious, investigator, sponsor, unexpected, susar):
    assert is_susar(Assessment(serious=serious, investigator=investigator, sponsor=sponsor, unexpected=unexpected)) is susar


def test_a_susar_needs_all_three():
    for serious, investigator, sponsor, unexpected in itertools.product((True, False), "YN", "YN", (True, False)):
        found = is_susar(Assessment(serious=serious, investigator=investigator, sponsor=sponsor, unexpected=unexpected))
        assert found is (serious and "Y" in investigator + sponsor and unexpected)


SUSAR = dict(serious=True, investigator="Y", unexpected=True)
PENDING = dict(serious=True, investigator="Y")
KNOWN = utc("2026-06-15T10:00")


def days(dues):
    return [(due.on.isoformat(), due.report, due.pending) for due in dues]


@pytest.mark.parametrize(("answers", "expected"), [
    (SUSAR, [("2026-06-30", "SUSAR, other", False)]),
    ({**SUSAR, "fatal_known": KNOWN}, [("2026-06-22", "SUSAR, fatal or life-threatening", False), ("2026-06-30", "Follow-up to it", False)]),
    ({**SUSAR, "threat_known": KNOWN}, [("2026-06-22", "SUSAR, fatal or life-threatening", False), ("2026-06-30", "Follow-up to it", False)]),
    # known before the minimum data were
    ({**SUSAR, "threat_known": utc("2026-06-13T10:00")},
     [("2026-06-22", "SUSAR, fatal or life-threatening", False), ("2026-06-30", "Follow-up to it", False)]),
    # becomes so later: 7 days from that knowledge, beside the 15
    ({**SUSAR, "fatal_known": utc("2026-06-17T10:00")},
     [("2026-06-24", "SUSAR, now fatal or life-threatening", False), ("2026-06-30", "SUSAR, other", False), ("2026-07-02", "Follow-up to it", False)]),
    ({**SUSAR, "fatal_known": utc("2026-06-28T10:00")},
     [("2026-06-30", "SUSAR, other", False), ("2026-07-05", "SUSAR, now fatal or life-threatening", False), ("2026-07-13", "Follow-up to it", False)]),
    # a threat to life first, then death: the first counts
    ({**SUSAR, "threat_known": KNOWN, "fatal_known": utc("2026-06-20T10:00")},
     [("2026-06-22", "SUSAR, fatal or life-threatening", False), ("2026-06-30", "Follow-up to it", False)]),
    (PENDING, [("2026-06-30", "SUSAR, other", True)]),
    ({**PENDING, "fatal_known": KNOWN}, [("2026-06-22", "SUSAR, fatal or life-threatening", True), ("2026-06-30", "Follow-up to it", True)]),
    ({"serious": True, "fatal_known": KNOWN}, [("2026-06-22", "SUSAR, fatal or life-threatening", True), ("2026-06-30", "Follow-up to it", True)]),
    ({**SUSAR, "unexpected": False}, []), ({**SUSAR, "investigator": "N", "sponsor": "N"}, []), ({**SUSAR, "serious": False}, []),
])  # fmt: skip
def test_sponsor(answers, expected):
    found = sponsor_dates(Assessment(**answers), KNOWN)
    assert days(found) == expected
    assert all("536/2014, Article 42" in due.source and due.to == "EudraVigilance" for due in found)


def test_nothing_is_due_before_the_minimum_data_are_known():
    assert sponsor_dates(Assessment(**SUSAR), None) == ()


@pytest.mark.parametrize(("known", "zone", "zero"), [
    ("2026-06-15T21:59", "", "2026-06-15"), ("2026-06-15T22:00", "", "2026-06-16"),  # midnight in Bern in summer
    ("2026-12-15T22:59", "", "2026-12-15"), ("2026-12-15T23:00", "", "2026-12-16"), ("2026-06-15T21:30", "Europe/Athens", "2026-06-16"),
    ("2026-03-28T23:30", "", "2026-03-29"), ("2026-10-24T22:30", "", "2026-10-25"), ("2026-10-25T22:30", "", "2026-10-25"),
])  # fmt: skip
def test_day_zero_is_where_the_clock_runs(known, zone, zero):
    assert day_zero(utc(known), zone) == date.fromisoformat(zero)


def test_calendar_days_pass_clock_changes_and_leap_days():
    late = utc("2026-03-22T22:59")  # 23:59 in Bern
    assert days(sponsor_dates(Assessment(**SUSAR, fatal_known=late), late))[0][0] == "2026-03-29"
    assert days(sponsor_dates(Assessment(**SUSAR), utc("2028-02-20T12:00")))[0][0] == "2028-03-06"
    assert days(sponsor_dates(Assessment(**SUSAR), utc("2026-10-20T12:00")))[0][0] == "2026-11-04"


# Switzerland ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answers", "expected"), [
    (SUSAR, [("2026-06-30", "SUSAR, other", False)]),
    ({**SUSAR, "threat_known": KNOWN}, [("2026-06-30", "SUSAR, other", False)]),  # a threat to life is no death
    ({**SUSAR, "fatal_known": KNOWN}, [("2026-06-22", "Fatal serious event", False), ("2026-06-22", "Fatal SUSAR", False)]),
    ({**SUSAR, "unexpected": False, "fatal_known": KNOWN}, [("2026-06-22", "Fatal serious event", False)]),
    ({"serious": True, "fatal_known": KNOWN}, [("2026-06-22", "Fatal serious event", False), ("2026-06-22", "Fatal SUSAR", True)]),
    ({**SUSAR, "fatal_known": utc("2026-06-18T10:00")},
     [("2026-06-25", "Fatal serious event", False), ("2026-06-25", "Fatal SUSAR", False), ("2026-06-30", "SUSAR, other", False)]),
    (PENDING, [("2026-06-30", "SUSAR, other", True)]), ({**SUSAR, "unexpected": False}, []), ({**SUSAR, "serious": False}, []),
    ({"serious": False, "fatal_known": KNOWN}, []),
])  # fmt: skip
def test_swiss_site(answers, expected):
    found = swiss_dates(Assessment(**answers), KNOWN, "CH", "Europe/Zurich")
    assert days(found) == expected
    assert all("Swiss Clinical Trials Ordinance" in due.source and due.to == "ethics committee" for due in found)
    for country in ("FR", "GR", "IT", "ES", ""):
        assert swiss_dates(Assessment(**answers), KNOWN, country, "Europe/Paris") == ()
    assert swiss_dates(Assessment(**answers), None, "CH", "Europe/Zurich") == ()


def test_swiss_days_count_from_the_sites_day():
    found = swiss_dates(Assessment(**SUSAR), utc("2026-06-15T22:30"), "CH", "Europe/Zurich")  # 00:30 on the 16th
    assert days(found)[0][0] == "2026-07-01"


# Due dates --------------------------------------------------------------------------------------------------------------------------


def test_due_in_words_and_late():
    due = Due("SUSAR, other", "EudraVigilance", date(2026, 6, 30), "source")
    assert str(due) == "due 30-Jun-2026"
    assert str(Due("SUSAR, other", "EudraVigilance", date(2026, 1, 5), "source", pending=True)) == "pending, earliest due 05-Jan-2026"
    assert due.late(None, date(2026, 6, 30)) is False and due.late(None, date(2026, 7, 1)) is True
    assert due.late(date(2026, 6, 30), date(2026, 8, 1)) is False and due.late(date(2026, 7, 1), date(2026, 8, 1)) is True


def test_every_figure_is_a_parameter_with_its_source():
    names = ("susar_fatal_days", "susar_follow_up_days", "susar_other_days", "swiss_fatal_sae_days", "swiss_fatal_susar_days", "swiss_other_susar_days")
    assert all(parameters.PARAMETERS[name].origin is Origin.REGULATION for name in names)
    assert parameters.PARAMETERS["susar_turned_fatal_days"].origin is Origin.ASSUMPTION
    assert [parameters.whole(name) for name in names] == [7, 8, 15, 7, 7, 15]
    with parameters.override(susar_other_days=10, susar_turned_fatal_days=3):
        assert days(sponsor_dates(Assessment(**SUSAR, fatal_known=utc("2026-06-20T10:00")), KNOWN))[0][0] == "2026-06-23"
        assert days(sponsor_dates(Assessment(**SUSAR), KNOWN))[0][0] == "2026-06-25"
