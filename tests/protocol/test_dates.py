"""Partial dates and times, and comparisons that know when they do not know."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.dates import (
    Moment,
    PartialDate,
    before,
    both,
    days_between,
    earlier,
    either,
    exists,
    full_years,
    parse_time,
    show,
    within_days_before,
)  # fmt: skip
from tests.protocol.build import day

PARIS = "Europe/Paris"


@pytest.mark.parametrize(("text", "first", "last", "precision", "shown"), [
    ("2026", "2026-01-01", "2026-12-31", "year", "2026"),
    ("2026-02", "2026-02-01", "2026-02-28", "month", "Feb-2026"),
    ("2028-02", "2028-02-01", "2028-02-29", "month", "Feb-2028"),
    ("2026-03-05", "2026-03-05", "2026-03-05", "day", "05-Mar-2026"),
    ("1900", "1900-01-01", "1900-12-31", "year", "1900"),
    ("2100-12-31", "2100-12-31", "2100-12-31", "day", "31-Dec-2100"),
])  # fmt: skip
def test_reads(text, first, last, precision, shown):
    read = PartialDate.parse(text)
    assert (str(read.earliest), str(read.latest), read.precision, str(read), show(text)) == (first, last, precision, shown, shown)
    assert read.known == (read.earliest if precision == "day" else None)


@pytest.mark.parametrize("text", [
    "", "26", "1899", "2101", "2026-13", "2026-00", "2026-02-29", "2026-04-31", "2026-1-1", "05-03-2026", "2026-03-05T10:00",
    "２０２６", "2026-03-05\n", " 2026", "2026-", "abcd", "99999",
])  # fmt: skip
def test_refuses(text):
    with pytest.raises(ValueError, match=r"\.$"):
        PartialDate.parse(text)


@pytest.mark.parametrize("text", ["24:00", "12:60", "9:00", "12.00", "", "١٢:٠٠", "12:00:00"])
def test_refuses_times(text):
    with pytest.raises(ValueError, match="not a time"):
        parse_time(text)


@pytest.mark.parametrize(("a", "b", "answer"), [
    ("2026-03-04", "2026-03-05", True), ("2026-03-05", "2026-03-05", False), ("2026-03-06", "2026-03-05", False),
    ("2026-02", "2026-03", True), ("2026-03", "2026-03", None), ("2026-04", "2026-03", False),
    ("2026", "2026-12-31", None), ("2026", "2026-01-01", False), ("2025", "2026-01-01", True),
    ("2026-03", "2026-03-01", False), ("2026-03", "2026-03-31", None), ("2026-03-31", "2026-03", False),
    ("", "2026", None), ("2026", "", None),
])  # fmt: skip
def test_before(a, b, answer):
    assert before(day(a), day(b)) is answer


@pytest.mark.parametrize(("a", "reference", "days", "answer"), [
    ("2026-06-03", "2026-06-10", 7, True), ("2026-06-02", "2026-06-10", 7, False), ("2026-06-10", "2026-06-10", 7, True),
    ("2026-06-11", "2026-06-10", 7, False), ("2026-06", "2026-06-10", 7, None), ("2026-05", "2026-06-10", 7, False),
    ("2026-05", "2026-06-07", 7, None), ("2026-01-15", "2026", 7, None), ("2026-06", "2026-06-30", 35, True),
    ("", "2026-06-10", 7, None), ("2026-06-10", "", 7, None),
])  # fmt: skip
def test_within_days_before(a, reference, days, answer):
    assert within_days_before(day(a), day(reference), days) is answer


DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def _known(text: str) -> list[date]:
    read = PartialDate.parse(text)
    return [read.earliest + timedelta(days=n) for n in range((read.latest - read.earliest).days + 1)]


PARTIAL = st.builds(lambda on, length: on.isoformat()[:length], DAYS, st.sampled_from([7, 10]))


@given(PARTIAL, PARTIAL, st.integers(0, 40))
@settings(deadline=None, database=None, derandomize=True, max_examples=60)
def test_three_valued_answers_are_those_of_all_possible_days(a, b, days):
    pairs = [(x, y) for x in _known(a) for y in _known(b)]
    for answer, each in (
        (before(day(a), day(b)), {x < y for x, y in pairs}),
        (within_days_before(day(a), day(b), days), {0 <= (y - x).days <= days for x, y in pairs}),
    ):
        assert answer is (each.pop() if len(each) == 1 else None)
    gaps = [(y - x).days for x, y in pairs]
    assert days_between(day(a), day(b)) == (min(gaps), max(gaps))


@pytest.mark.parametrize(("born", "on", "years"), [
    ("1958-03-14", "2026-03-13", (67, 67)), ("1958-03-14", "2026-03-14", (68, 68)), ("1958-03", "2026-03-14", (67, 68)),
    ("1958", "2026-03-14", (67, 68)), ("2008-02-29", "2026-02-28", (17, 17)), ("2008-02-29", "2026-03-01", (18, 18)),
    ("2008", "2026", (17, 18)), ("2007", "2026-12-31", (19, 19)), ("2008", "2026-12-31", (18, 18)),
])  # fmt: skip
def test_full_years(born, on, years):
    assert full_years(day(born), day(on)) == years


def test_full_years_of_nothing():
    assert full_years(None, day("2026")) is None


TRUTH = [True, False, None]


@pytest.mark.parametrize("a", TRUTH)
@pytest.mark.parametrize("b", TRUTH)
def test_and_or(a, b):
    assert both(a, b) is (False if False in (a, b) else None if None in (a, b) else True)
    assert either(a, b) is (True if True in (a, b) else None if None in (a, b) else False)


def at(on, clock="", zone=PARIS):
    return Moment.of(day(on), clock, zone)


@pytest.mark.parametrize(("a", "b", "answer"), [
    (("2026-06-15", "10:00"), ("2026-06-15", "10:01"), True),
    (("2026-06-15", "10:00"), ("2026-06-15", "10:00"), False),
    (("2026-06-15", ""), ("2026-06-15", "10:00"), None),
    (("2026-06-15", ""), ("2026-06-16", "00:00"), True),
    (("2026-06", ""), ("2026-07-01", ""), True),
    (("2026-06-15", "10:00"), ("2026-06-15", "10:00", "Europe/Athens"), False),  # Athens is an hour ahead
    (("2026-06-15", "10:00", "Europe/Athens"), ("2026-06-15", "10:00"), True),
    # Clocks go back on 25 October 2026: 02:00 to 02:59 comes twice.
    (("2026-10-25", "02:50"), ("2026-10-25", "02:10"), None),
    (("2026-10-25", "01:59"), ("2026-10-25", "02:00"), True),
    (("2026-10-25", "02:59"), ("2026-10-25", "03:00"), True),
    # Clocks go forward on 29 March 2026: 01:59 is followed by 03:00.
    (("2026-03-29", "01:59"), ("2026-03-29", "03:00"), True),
])  # fmt: skip
def test_moments(a, b, answer):
    assert earlier(at(*a), at(*b)) is answer


def test_lengths_of_the_two_odd_days():
    for on, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-15", 24)):
        whole = at(on)
        assert whole.last - whole.first == timedelta(hours=hours, minutes=-1)
    assert at("2026-10-25", "02:30").last - at("2026-10-25", "02:30").first == timedelta(hours=1)
    assert at("2026-03-29", "01:30").first == at("2026-03-29", "01:30").last


@pytest.mark.parametrize(("on", "clock", "zone", "there"), [
    ("2026-03-29", "01:59", PARIS, True), ("2026-03-29", "02:00", PARIS, False), ("2026-03-29", "02:59", PARIS, False),
    ("2026-03-29", "03:00", PARIS, True), ("2026-03-29", "02:30", "Europe/Athens", True),
    ("2026-03-29", "03:30", "Europe/Athens", False), ("2026-10-25", "02:30", PARIS, True),
])  # fmt: skip
def test_exists(on, clock, zone, there):
    assert exists(date.fromisoformat(on), clock, zone) is there


def test_moment_of_nothing():
    assert Moment.of(None, "10:00", PARIS) is None
    assert earlier(None, at("2026-06-15")) is None
