"""Visits outside the schedule: any number up to thirty, with the forms that may be needed, in the order of time."""

from __future__ import annotations

import itertools
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crf import casebook, entry, registry
from crf.registry import Header
from protocol.visits import UNSCHEDULED, VISITS
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-06-10"


def visit(world, patient, code="UNS01", day=DAY, action="submit", **more):
    return world.enter(patient, "UV", code, action=action, visited_on=day, reason="Fever since the evening", **more).saved.record


def book(patient):
    return casebook.casebook(patient, sees_all=True, may_enter=True)


def shown(patient) -> list[str]:
    return [column.code for column in book(patient).visits]


def cells(patient, visit: str) -> dict[str, str]:
    """Form → word, of the cells at a visit."""
    found = book(patient)
    place = [column.code for column in found.visits].index(visit)
    return {row.code: row.cells[place].text for area in found.areas for row in area.rows if row.cells[place]}


# ---- the visit's own form --------------------------------------------------------------------------------------------


def test_the_visit_is_stored(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "UV", "UNS01")
    assert page.fill(visited_on=DAY, reason="Fever since the evening").post("submit").status_code == 302
    record = registry.form("UV").objects.get()
    assert (record.visit.code, record.visited_on, record.reason, record.state) == ("UNS01", DAY, "Fever since the evening", "SUBMITTED")
    assert "Unscheduled 1" in page.open().shown


@pytest.mark.parametrize(("field", "rule"), [("visited_on", "UV-VISDAT-required"), ("reason", "UV-SVUPDES-required")])
def test_date_and_reason_are_asked_for(world, field, rule):
    from review.models import Query

    answers = {"visited_on": DAY, "reason": "Fever", field: ""}
    world.enter(world.patient(), "UV", "UNS01", **answers)
    assert Query.objects.get().rule == rule


@pytest.mark.parametrize("day", ["2026-11-21", "2026-06", "2026", "2026-02-30", "3026-01-01"])
def test_no_date_of_a_visit(world, day):
    """Tomorrow; a month; a year; a day that does not exist; a year too far."""
    patient = world.patient()
    result = world.enter(patient, "UV", "UNS01", expect=False, visited_on=day, reason="Fever")
    assert result.saved is None
    assert not registry.form("UV").objects.exists()


def test_today_is_a_date_of_a_visit(world):
    assert visit(world, world.patient(), day="2026-11-20").visited_on == "2026-11-20"


@pytest.mark.parametrize("slot", ["UNS00", "UNS31", "UNS1", "UNS001", "uns01", "UNS", "UNS0１", "SCR", "C1D1", "EOT", "new", "1"])
def test_no_such_unscheduled_visit(world, coordinator, slot):
    patient = world.patient()
    client = world.client(coordinator)
    for method in ("get", "post"):
        assert getattr(client, method)(f"/patients/{patient.number}/form/UV/{slot}/").status_code == 404


@pytest.mark.parametrize("slot", ["UNS01", "UNS30"])
def test_the_first_and_the_last_one(world, slot):
    assert visit(world, world.patient(), slot).slot == slot


@pytest.mark.parametrize("code", ["IC", "DM", "IE", "SF", "EC", "EOT", "DD"])
def test_what_belongs_to_a_planned_visit_is_not_done_there(world, coordinator, code):
    patient = world.patient()
    assert world.client(coordinator).get(f"/patients/{patient.number}/form/{code}/UNS01/").status_code == 404


# ---- the button ------------------------------------------------------------------------------------------------------


def button(world, user, patient) -> str:
    page = world.client(user).get(reverse("patient", args=[patient.number])).content.decode()
    found = re.search(r'<a class="btn [^"]*" href="([^"]*/form/UV/[^"]*)">', page)
    return found[1] if found else ""


def address(patient, slot: str) -> str:
    return reverse("record", args=[patient.number, "UV", slot])


def test_the_button_opens_the_next_free_visit(world, coordinator):
    patient = world.patient()
    assert button(world, coordinator, patient) == address(patient, "UNS01")
    visit(world, patient)
    assert button(world, coordinator, patient) == address(patient, "UNS02")
    visit(world, patient, "UNS03", action="save")
    assert button(world, coordinator, patient) == address(patient, "UNS02")


def test_a_visit_at_which_anything_is_entered_is_not_free(world, coordinator):
    patient = world.patient()
    world.enter(patient, "ECOG", "UNS01", assessed_on=DAY, ecog="2")
    assert button(world, coordinator, patient) == address(patient, "UNS02")
    assert cells(patient, "UNS01")["UV"] == "to enter"


def test_a_visit_entered_by_mistake_is_free_again(world, coordinator):
    patient = world.patient()
    record = visit(world, patient)
    world.client(coordinator).post(reverse("void", args=[patient.number, "UV", record.pk]), {"reason": "another patient"})
    assert button(world, coordinator, patient) == address(patient, "UNS01")
    assert shown(patient) == ["SCR"]
    assert visit(world, patient, day="2026-06-12").slot == "UNS01"


def test_after_the_last_one_there_is_no_button(world, coordinator):
    found = [Header("UV", n, 1, code, 0, "SUBMITTED", False, 1, DAY) for n, code in enumerate(UNSCHEDULED)]
    assert casebook.next_free(UNSCHEDULED, found[:-1]) == "UNS30"
    assert casebook.next_free(UNSCHEDULED, found) == ""


@pytest.mark.parametrize("role", ["MONITOR", "PHARMACIST", "DATA_MANAGER", "INSPECTOR", "SAFETY_DESK"])
def test_who_does_not_enter_has_no_button(world, role):
    patient = world.patient()
    user = world.user(role)
    assert button(world, user, patient) == ""
    assert world.client(user).post(address(patient, "UNS01"), {"action": "save", "reason": "x"}).status_code == 403
    assert not registry.form("UV").objects.exists()


def test_a_pharmacist_does_not_learn_of_it(world):
    patient = world.patient()
    visit(world, patient)
    page = world.client(world.user("PHARMACIST")).get(reverse("patient", args=[patient.number]))
    assert "Unscheduled" not in page.content.decode()


# ---- in the casebook -------------------------------------------------------------------------------------------------


def test_at_an_unscheduled_visit_only_its_own_form_is_asked_for(world):
    patient = world.patient()
    visit(world, patient)
    there = cells(patient, "UNS01")
    assert there.pop("UV") == "submitted"
    assert set(there) == {form.code for form in registry.forms() if "UNS01" in form.visits} - {"UV"}
    assert "ECOG" in there
    assert set(there.values()) == {"if needed"}
    assert "UV" not in cells(patient, "SCR")


def test_what_is_done_there_is_shown_like_anything_else(world):
    patient = world.patient()
    visit(world, patient, action="save")
    world.enter(patient, "ECOG", "UNS01", assessed_on=DAY, ecog="2")
    found = cells(patient, "UNS01")
    assert (found["UV"], found["ECOG"]) == ("in progress", "submitted")


def test_the_visits_form_stands_first_and_the_date_over_it(world):
    patient = world.patient()
    visit(world, patient)
    found = book(patient)
    assert [row.code for row in found.areas[0].rows] == ["UV"]
    assert [(column.label, column.date) for column in found.visits] == [("Screening", ""), ("Unscheduled 1", "10-Jun-2026")]


@pytest.fixture
def two_forms(monkeypatch):
    """As if the trial had these two forms only."""
    both = (registry.form("UV"), registry.form("ECOG"))
    monkeypatch.setattr(registry, "forms", lambda: both)


def test_submit_and_next_leads_past_what_is_needed_only_sometimes(world, coordinator, two_forms):
    patient = world.patient()
    visit(world, patient)
    at = entry.find(coordinator, patient.number, "UV", "UNS01")
    assert entry.following(at) == reverse("record", args=[patient.number, "ECOG", "SCR"])
    world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="2")
    assert cells(patient, "UNS01") == {"UV": "submitted", "ECOG": "if needed"}
    assert entry.following(at) == reverse("patient", args=[patient.number])


def test_submit_and_next_leads_to_a_visit_that_nobody_described(world, coordinator, two_forms):
    patient = world.patient()
    world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="2")
    world.enter(patient, "ECOG", "UNS01", assessed_on=DAY, ecog="2")
    assert entry.following(entry.find(coordinator, patient.number, "ECOG", "SCR")) == address(patient, "UNS01")


@pytest.fixture
def treated():
    """Headers of a patient with doses on these days, and what else is said: (form, visit, date) …"""
    numbers = itertools.count(1)

    def made(*more: tuple[str, ...], doses=("2026-06-10", "2026-06-17")) -> list[Header]:
        given = [("EC", label, day) for label, day in zip(("C1D1", "C1D8", "C1D15"), doses, strict=False)]
        return [
            Header(form, next(numbers), 1, code, 0, "SUBMITTED", "void" in rest, 1, on) for form, code, on, *rest in [*given, *more]
        ]

    return made


ORDER = {
    "before the first dose": ([("UV", "UNS01", "2026-06-09")], "SCR UNS01 C1D1 C1D8 C1D15 EOT FU"),
    "on the day of the first dose": ([("UV", "UNS01", "2026-06-10")], "SCR C1D1 UNS01 C1D8 C1D15 EOT FU"),
    "between two doses": ([("UV", "UNS01", "2026-06-12")], "SCR C1D1 UNS01 C1D8 C1D15 EOT FU"),
    "after the last dose given": ([("UV", "UNS01", "2026-07-30")], "SCR C1D1 C1D8 UNS01 C1D15 EOT FU"),
    "without a date": ([("UV", "UNS01", "")], "SCR C1D1 C1D8 C1D15 UNS01 EOT FU"),
    "without the visit's form": ([("ECOG", "UNS01", "2026-06-12")], "SCR C1D1 C1D8 C1D15 UNS01 EOT FU"),
    "numbered otherwise than they were": (
        [("UV", "UNS01", "2026-06-30"), ("UV", "UNS02", "2026-06-12"), ("UV", "UNS03", "2026-06-12")],
        "SCR C1D1 UNS02 UNS03 C1D8 UNS01 C1D15 EOT FU",
    ),
    "two of one day": ([("UV", "UNS02", "2026-06-12"), ("UV", "UNS01", "2026-06-12")], "SCR C1D1 UNS01 UNS02 C1D8 C1D15 EOT FU"),
    "a dose delayed, not given yet": (
        [("EC", "C1D15", ""), ("UV", "UNS01", "2026-06-25")], "SCR C1D1 C1D8 C1D15 UNS01 C2D1 EOT FU"
    ),
    "after treatment has ended": (
        [("EOT", "EOT", "2026-07-01"), ("UV", "UNS01", "2026-07-02")], "SCR C1D1 C1D8 C1D15 EOT UNS01 FU"
    ),
    "on the day treatment ended": (
        [("EOT", "EOT", "2026-07-01"), ("UV", "UNS01", "2026-07-01")], "SCR C1D1 C1D8 C1D15 EOT UNS01 FU"
    ),
    "before treatment ended": (
        [("EOT", "EOT", "2026-07-01"), ("UV", "UNS01", "2026-06-30")], "SCR C1D1 C1D8 UNS01 C1D15 EOT FU"
    ),
    "without a date, treatment ended": (
        [("EOT", "EOT", "2026-07-01"), ("UV", "UNS01", "")], "SCR C1D1 C1D8 C1D15 UNS01 EOT FU"
    ),
    "void": ([("UV", "UNS01", "2026-06-12", "void")], "SCR C1D1 C1D8 C1D15 EOT FU"),
    "one of them void": (
        [("UV", "UNS01", "2026-06-12", "void"), ("UV", "UNS01", "2026-06-30")], "SCR C1D1 C1D8 UNS01 C1D15 EOT FU"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ORDER)
def test_the_order_of_time(treated, case):
    more, expected = ORDER[case]
    assert " ".join(casebook.columns(treated(*more), enrolled=True)) == expected


@pytest.mark.parametrize(("more", "expected"), [
    ([], "SCR"), ([("UV", "UNS01", "2026-06-01")], "SCR UNS01"), ([("UV", "UNS01", "")], "SCR UNS01"),
    ([("UV", "UNS01", "2026-06-05"), ("UV", "UNS02", "2026-06-01")], "SCR UNS02 UNS01"),
    ([("UV", "UNS01", ""), ("UV", "UNS02", "2026-06-01")], "SCR UNS02 UNS01"),
])  # fmt: skip
def test_the_order_before_registration(treated, more, expected):
    assert " ".join(casebook.columns(treated(*more, doses=()), enrolled=False)) == expected


def test_the_matrix_shows_them_for_whoever_has_one(world, coordinator):
    one, other = world.patient(), world.patient()
    visit(world, one)
    visits, rows = casebook.matrix([one, other])
    assert visits == ["SCR", "UNS01"]
    assert [[cell.text if cell else None for cell in row.cells] for row in rows] == [[None, "1"], [None, None]]
    assert "UNS01" in read(world.client(coordinator).get(reverse("patients")), "*").shown


def test_every_visit_is_placed_once(treated):
    everything = [("UV", code, "") for code in UNSCHEDULED]
    found = casebook.columns(treated(*everything), enrolled=True)
    assert sorted(found, key=VISITS.index) == [code for code in VISITS if code in found]
    assert set(UNSCHEDULED) < set(found)


# ---- what a header tells of a date, and what it costs ----------------------------------------------------------------


def test_a_header_tells_no_identifying_date(world):
    patient = world.patient()
    world.enter(patient, "DM", "SCR", birth_date="1958-03", sex="F")
    world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="2")
    told = {each.form: each.on for each in registry.headers([patient.pk])}
    assert told == {"DM": "", "ECOG": DAY}


def test_no_form_tells_an_identifying_date(db):
    assert [form.code for form in registry.forms() if form.dated_by in form.identifying and registry._date_of(form) != "''"] == []


def test_unscheduled_visits_cost_no_query(world, coordinator):
    patient = world.patient()
    client, url = world.client(coordinator), reverse("patient", args=[patient.number])

    def cost() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    before = cost()
    for n in range(3):
        visit(world, patient, UNSCHEDULED[n], f"2026-06-{20 - n}")
        world.enter(patient, "ECOG", UNSCHEDULED[n], assessed_on=DAY, ecog="2")
    assert cost() == before
    with CaptureQueriesContext(connection) as asked:
        casebook.casebook(patient, sees_all=True)
    assert len(asked) == 2
