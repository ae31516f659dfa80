"""Tarlatamab: each rule at its boundary, through the form, asserted on records, queries and the register."""

from __future__ import annotations

import pytest

from crf import registry
from review.models import Deviation, Query
from tests.conftest import WHOLE
from tests.crf.page import Page

pytestmark = pytest.mark.usefixtures("noon")
ENROLLED = "2026-11-20"


@pytest.fixture
def patient(world):
    """Registered on 1 September 2026, so that doses may lie between then and now."""
    from datetime import UTC, datetime

    from audit import clock

    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        return world.enrolled()


def given(world, user, patient, label, day, mg, start="10:00", end="11:00", **more):
    page = Page(world, user, patient, "EC", label)
    page.fill(occurrence="GIVEN", given_on=day, start_time=start, end_time=end, dose_mg=mg, **{**WHOLE, **more})
    page.post("submit")
    return page


def asked_to_confirm(page) -> set[str]:
    return {name.removeprefix("confirm-") for name in page.read.names if name.startswith("confirm-")}


def queries() -> set[str]:
    return set(Query.objects.filter(form="EC").values_list("rule", flat=True))


@pytest.mark.parametrize("mg", ["1", "1.0", "1,00"])
def test_the_first_dose_is_1_mg(world, coordinator, patient, mg):
    page = given(world, coordinator, patient, "C1D1", "2026-09-02", mg)
    assert page.response.status_code == 302
    assert not Query.objects.exists()
    assert not Deviation.objects.exists()


@pytest.mark.parametrize("mg", ["10", "10.00"])
def test_later_doses_are_10_mg(world, coordinator, patient, mg):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    for label, day in (("C1D8", "2026-09-09"), ("C1D15", "2026-09-16"), ("C2D1", "2026-09-30")):
        assert given(world, coordinator, patient, label, day, mg).response.status_code == 302
    assert not Query.objects.exists()
    assert not Deviation.objects.exists()


@pytest.mark.parametrize("mg", ["0", "0.99", "1.01", "5", "10", "100"])
def test_any_other_first_amount_is_a_deviation(world, coordinator, patient, mg):
    page = given(world, coordinator, patient, "C1D1", "2026-09-02", mg)
    assert page.response.status_code == 422
    assert asked_to_confirm(page) == {"DOS-001"}
    assert page.post("submit", **{"confirm-DOS-001": "1", "why-DOS-001": "Pump"}).status_code == 302
    assert Deviation.objects.get().rule == "DOS-001"
    assert queries() == {"DOS-001"}


@pytest.mark.parametrize("mg", ["0", "0.99", "1.01", "5", "9.99", "10.01", "100"])
def test_any_other_later_amount_is_a_deviation(world, coordinator, patient, mg):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    page = given(world, coordinator, patient, "C1D8", "2026-09-09", mg)
    assert page.response.status_code == 422
    assert asked_to_confirm(page) == {"DOS-003"}
    page.post("submit", **{"confirm-DOS-003": "1", "why-DOS-003": "Pump"})
    assert Deviation.objects.get().rule == "DOS-003"


@pytest.mark.parametrize("label", ["C1D8", "C1D15", "C2D1"])
def test_1_mg_later_is_a_query_repeated_step_up(world, coordinator, patient, label):
    days = {"C1D1": "2026-09-02", "C1D8": "2026-09-09", "C1D15": "2026-09-16", "C2D1": "2026-09-30"}
    for each, day in days.items():
        mg = "1" if each in ("C1D1", label) else "10"
        assert given(world, coordinator, patient, each, day, mg).response.status_code == 302
        if each == label:
            break
    query = Query.objects.get()
    assert (query.rule, query.field, query.value) == ("DOS-002", "dose_mg", "1")
    assert "a repeated step-up?" in query.text
    assert not Deviation.objects.exists()


@pytest.mark.parametrize(("day", "deviates"), [("2026-08-31", True), ("2026-09-01", False), ("2026-09-02", False)])
def test_before_registration(world, coordinator, patient, day, deviates):
    page = given(world, coordinator, patient, "C1D1", day, "1")
    assert (page.response.status_code == 422) == deviates
    # A dose before registration has no release either.
    assert asked_to_confirm(page) == ({"DOS-004", "SCR-031"} if deviates else set())
    if deviates:
        assert not registry.form("EC").objects.exists()


def test_without_registration(world, coordinator):
    patient = world.screened()
    page = given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    assert asked_to_confirm(page) == {"DOS-004", "SCR-031"}
    assert "to a patient who is not registered" in page.read.shown


@pytest.mark.parametrize(("day", "deviates"), [("2026-09-01", True), ("2026-09-02", True), ("2026-09-03", False)])
def test_out_of_order(world, coordinator, patient, day, deviates):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    page = given(world, coordinator, patient, "C1D8", day, "10")
    assert (page.response.status_code == 422) == deviates
    assert ("DOS-005" in asked_to_confirm(page)) == deviates


def test_a_label_left_out(world, coordinator, patient):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    page = given(world, coordinator, patient, "C1D15", "2026-09-16", "10")
    assert asked_to_confirm(page) == {"DOS-005"}
    assert "C1D8 is not recorded" in page.read.shown


def test_an_omitted_dose_uses_its_label_up_and_a_delayed_one_keeps_it(world, coordinator, patient):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    page = Page(world, coordinator, patient, "EC", "C1D8").fill(occurrence="DELAYED", reason="ADVERSE EVENT")
    assert page.post("submit").status_code == 302
    late = given(world, coordinator, patient, "C1D15", "2026-09-16", "10")
    assert asked_to_confirm(late) == {"DOS-005"}
    page = Page(world, coordinator, patient, "EC", "C1D8").fill(occurrence="OMITTED")
    page.post("submit", change_reason="Not given at all")
    assert given(world, coordinator, patient, "C1D15", "2026-09-16", "10").response.status_code == 302
    assert not Deviation.objects.exists()


def test_a_delayed_dose_is_given_under_its_own_label(world, coordinator, patient):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    Page(world, coordinator, patient, "EC", "C1D8").fill(occurrence="DELAYED", reason="LOGISTICAL PROBLEM").post("submit")
    page = Page(world, coordinator, patient, "EC", "C1D8")
    page.fill(occurrence="GIVEN", given_on="2026-09-12", start_time="10:00", end_time="11:00", dose_mg="10", **WHOLE)
    assert page.post("submit", change_reason="Given at last").status_code == 302
    stored = registry.form("EC").objects.get(visit__code="C1D8")
    assert (stored.occurrence, stored.reason, stored.given_on, stored.version) == ("GIVEN", "LOGISTICAL PROBLEM", "2026-09-12", 2)
    assert not Query.objects.exists()


@pytest.mark.parametrize(("day", "deviates"), [("2026-09-09", False), ("2026-09-10", False), ("2026-09-11", True)])
def test_after_the_end_of_treatment(world, coordinator, patient, day, deviates):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    world.enter(patient, "EOT", "EOT", ended_on="2026-09-10", reason="PHYSICIAN DECISION")
    page = given(world, coordinator, patient, "C1D8", day, "10")
    assert (page.response.status_code == 422) == deviates
    assert ("DOS-006" in asked_to_confirm(page)) == deviates


@pytest.mark.parametrize(
    ("start", "end", "rule"),
    [("10:00", "09:59", "DOS-007"), ("10:00", "10:00", ""), ("10:00", "10:01", ""), ("UNK", "09:00", ""), ("10:00", "UNK", "")],
)
def test_the_infusion_ends_after_it_starts(world, coordinator, patient, start, end, rule):
    page = given(world, coordinator, patient, "C1D1", "2026-09-02", "1", start, end)
    assert (page.response.status_code == 422) == bool(rule)
    if rule:
        assert page.read.rules("end_time") == {rule}
        assert not registry.form("EC").objects.exists()


@pytest.mark.parametrize(
    ("day", "start", "refused"),
    [("2026-11-20", "12:59", False), ("2026-11-20", "13:00", False), ("2026-11-20", "13:01", True), ("2026-11-21", "UNK", True), ("2026-11-20", "UNK", False)],
)
def test_now_is_noon_utc_and_one_in_lyon(world, coordinator, patient, day, start, refused):
    page = given(world, coordinator, patient, "C1D1", day, "1", start, "UNK")
    assert (page.response.status_code == 422) == refused
    if refused:
        assert "DOS-008" in page.read.rules("summary")


def test_the_label_is_never_told_what_to_give(world, coordinator, patient):
    """Past the restart limit the program says nothing about the amount; the entry is a query that cites the label."""
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    page = given(world, coordinator, patient, "C1D8", "2026-09-17", "10")  # day 15 after 1 mg
    assert page.response.status_code == 302
    assert queries() == {"DOS-012"}
    query = Query.objects.get()
    assert "15 days after" in query.text


def test_exactly_at_the_restart_limit_is_quiet(world, coordinator, patient):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    given(world, coordinator, patient, "C1D8", "2026-09-16", "10")  # day 14
    assert not Query.objects.exists()


def test_the_pharmacist_reads_doses_and_nothing_else(world, coordinator, patient):
    given(world, coordinator, patient, "C1D1", "2026-09-02", "1")
    client = world.client(world.user("PHARMACIST", "FR03"))
    assert client.get(f"/patients/{patient.number}/form/EC/C1D1/").status_code == 200
    for code, slot in (("IC", "SCR"), ("DM", "SCR"), ("AE", "new"), ("AEYN", "C1D1"), ("EOT", "EOT")):
        assert client.get(f"/patients/{patient.number}/form/{code}/{slot}/").status_code == 403
    assert client.post(f"/patients/{patient.number}/form/EC/C1D1/", {"action": "save"}).status_code == 403
