"""One infusion in time: its length without interruptions, what was given around it, and how long a patient is watched."""

from __future__ import annotations

import pytest

from protocol import parameters
from protocol.facts import Patient
from protocol.infusion import Span, around, hours, in_order, running, watch_row
from tests.protocol.build import day, dose
from tests.protocol.examples_treatment import paused
from tests.protocol.screening_build import cm

LYON = Patient(number="FR03-001", country="FR", zone="Europe/Paris", site_active=True, enrolled_on=None)
NIGHT = {"start": "23:30", "end": "00:30", "ended_on": day("2026-06-16")}


@pytest.mark.parametrize(("infusion", "minutes"), [
    (dose(), 60), (dose(end="10:00"), 0), (dose(**NIGHT), 60), (paused("10:30", "11:00"), 90), (paused("10:30", "11:00", "11:10", "11:20"), 80),
    (paused("23:50", "00:10", **NIGHT), 40), (dose(on="2026-10-25", start="01:30", end="03:30"), 180),  # the clocks go back
    (dose(on="2026-03-29", start="01:30", end="03:30"), 60),  # and forward
])  # fmt: skip
def test_how_long_it_ran(infusion, minutes):
    assert running(infusion, LYON) == Span(minutes, minutes)


@pytest.mark.parametrize("infusion", [dose(start=""), dose(end=""), dose(on=""), paused("10:30", ""), paused("", "10:40")])
def test_unknown_times_give_no_length(infusion):
    assert running(infusion, LYON) is None


@pytest.mark.parametrize(("infusion", "fits"), [
    (dose(), True), (dose(start=""), None), (paused("10:30", "10:20"), False), (paused("10:30", "10:40"), True),
    (dose(start="23:30", end="00:30"), False), (dose(**NIGHT), True), (paused("23:50", "00:10", **NIGHT), True),
    (paused("00:20", "00:10", **NIGHT), False),
])  # fmt: skip
def test_times_follow_each_other(infusion, fits):
    assert in_order(infusion) is fits


@pytest.mark.parametrize(("on", "at", "words"), [
    ("2026-06-15", "09:15", "45 min before the infusion C1D1"), ("2026-06-15", "08:00", "2:00 h before the infusion C1D1"),
    ("2026-06-15", "10:00", "0 min before the infusion C1D1"), ("2026-06-15", "10:30", "during the infusion C1D1"),
    ("2026-06-15", "11:00", "0 min after the infusion C1D1"), ("2026-06-15", "13:30", "2:30 h after the infusion C1D1"),
    ("2026-06-15", "", "on the day of the infusion C1D1"), ("2026-06-14", "", "10:01 h to 34:00 h before the infusion C1D1"), ("", "09:00", ""),
])  # fmt: skip
def test_when_a_medication_was_given(on, at, words):
    assert around(cm(started_on=on or None, started_time=at), dose(), LYON) == words


@pytest.mark.parametrize(("minutes", "words"), [
    (0, "0 min"), (119, "119 min"), (120, "2:00 h"), (1319, "21:59 h"), (-5, "−5 min"), (-150, "−2:30 h"),
])  # fmt: skip
def test_minutes_in_words(minutes, words):
    assert hours(minutes) == words


@pytest.mark.parametrize(("label", "after_repeat", "expected"), [
    ("C1D1", False, (22, "START")), ("C1D8", False, (22, "START")), ("R1", False, (22, "START")), ("C3D1", True, (22, "START")),
    ("C1D15", False, (6, "END")), ("C2D1", False, (6, "END")), ("C2D15", False, (6, "END")), ("C3D1", False, (3, "END")),
    ("C4D15", False, (3, "END")), ("C5D1", False, (2, "END")), ("C12D15", False, (2, "END")),
])  # fmt: skip
def test_the_row_of_the_table(label, after_repeat, expected):
    row = watch_row(label, after_repeat)
    assert (row.hours, row.counts_from) == expected


def test_no_row_for_what_is_no_dose_and_without_a_table():
    assert watch_row("SCR") is None
    with parameters.override(monitoring_table=None):
        assert watch_row("C1D1") is None
