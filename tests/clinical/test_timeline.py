"""The picture of a treatment: what stands on it, in which shape, and that nothing on it is cut off or hidden."""

from __future__ import annotations

from datetime import date

import pytest

from dosing.timeline import WIDTH, timeline
from protocol.facts import Scan
from protocol.schedule import calendar
from tests.protocol.build import ae, case, day, dose, doses, pd, undated

pytestmark = pytest.mark.nodb

CRS = {"term": "Cytokine release syndrome", "scale": "ASTCT 2019"}


def drawn(*records, today="2026-08-01", sees_all=True):
    at = case(*records, today=today)
    return timeline(calendar(at.of("EC"), today=date.fromisoformat(today)), at, sees_all=sees_all)


def words(*records, lane="", **more) -> list[tuple[str, str]]:
    return [(each.mark.shape, each.mark.words) for each in drawn(*records, **more).marks if lane in ("", each.mark.lane)]


def scan(on: str) -> Scan:
    return Scan(scanned_on=day(on), method="CT SCAN", row=1)


def test_there_is_none_before_the_first_dose():
    assert drawn() is None
    assert drawn(undated("C1D1", "DELAYED")) is None


def test_given_planned_omitted_and_repeated_doses_have_a_shape_each():
    found = words(dose(), dose("C1D8", occurrence="OMITTED"), dose("R1", "2026-07-01", mg="1"), lane="Doses", today="2026-07-02")
    assert found == [("given", "C1D1 given, 1 mg"), ("omitted", "C1D8 omitted"), ("repeated", "R1 given, 1 mg"), ("planned", "C1D15 planned")]


@pytest.mark.parametrize(("on", "said"), [
    ("2026-06-21", []), ("2026-06-22", []), ("2026-06-23", ["C1D8 1 day later than planned"]), ("2026-06-24", ["C1D8 2 days later than planned"]),
])  # fmt: skip
def test_a_dose_given_late_has_a_bar(on, said):
    assert [each for _, each in words(dose(), dose("C1D8", on), lane="Delays", today=on)] == said


def test_what_is_still_to_come_grows_to_today_and_a_repeated_dose_ends_it():
    waiting = words(dose(), undated("C1D8", "DELAYED"), lane="Delays", today="2026-07-01")
    assert waiting == [("delay", "C1D8 9 days later than planned, still to come")]
    ended = words(dose(), undated("C1D8", "DELAYED"), dose("R1", "2026-07-01", mg="1"), lane="Delays", today="2026-07-02")
    assert ended == [("delay", "R1 9 days later than planned")]


@pytest.mark.parametrize(("term", "grade", "lane"), [
    ({"term": "Nausea"}, "2", None), ({"term": "Nausea"}, "3", "Grade 3 to 5"), ({"term": "Nausea"}, "5", "Grade 3 to 5"), ({"term": "Nausea"}, "", None),
    (CRS, "1", "CRS, ICANS"), (CRS, "", "CRS, ICANS"),
])  # fmt: skip
def test_severe_events_and_every_crs(term, grade, lane):
    found = [each.mark.lane for each in drawn(dose(), ae(**term, grade=grade, on="2026-06-20")).marks if each.mark.lane not in ("Doses", "Delays")]
    assert found == ([lane] if lane else [])


def test_who_does_not_see_everything_sees_doses_and_delays():
    found = drawn(dose(), ae("Nausea", "2026-06-20", grade="3"), scan("2026-07-01"), pd("2026-07-01"), sees_all=False)
    assert {each.mark.lane for each in found.marks} == {"Doses", "Delays"}
    assert [name for name, _ in found.lanes] == ["Doses", "Delays"]


def test_a_scan_and_the_progression_of_the_same_day_are_both_there():
    assert words(dose(), scan("2026-07-01"), pd("2026-07-01"), lane="Scans") == [("scan", "Scan, CT SCAN"), ("progression", "Progression, RECIST 1.1")]


@pytest.mark.parametrize("today", ["2026-07-24", "2026-08-20", "2026-08-31", "2026-09-24", "2027-12-20", "2029-06-25"])
def test_nothing_is_cut_off(today):
    found = drawn(*doses("2026-06-15", "2026-06-22", "2026-06-29"), today=today)
    assert all(x + 60 <= WIDTH for x, _ in found.months)
    assert all(found.left <= each.x <= WIDTH and each.x + each.width <= WIDTH for each in found.marks)
    assert 0 < len(found.months) <= 16
