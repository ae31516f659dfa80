"""A deviation is stored once it is confirmed with a reason; then it is queried and stands in the register."""

from __future__ import annotations

import pytest

from crf import registry
from review.models import Deviation, DeviationStatus, Query, QueryStatus
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")
RULE = "DOS-001"


@pytest.fixture
def patient(world):
    return world.enrolled()


def typed(world, coordinator, patient, mg="5", **more):
    day = patient.enrolled_on.isoformat()
    answers = {"occurrence": "GIVEN", "given_on": day, "start_time": "10:00", "end_time": "11:00", "dose_mg": mg}
    return Page(world, coordinator, patient, "EC", "C1D1").fill(**{**answers, **more})


def doses():
    return registry.form("EC").objects.all()


@pytest.mark.parametrize(
    "given",
    [
        {}, {f"why-{RULE}": "Pump"}, {f"confirm-{RULE}": "1"}, {f"confirm-{RULE}": "1", f"why-{RULE}": "   "},
        {"confirm-DOS-003": "1", "why-DOS-003": "Another rule"}, {f"confirm-{RULE}": "", f"why-{RULE}": "Pump"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("action", ["submit", "next"])
def test_without_confirmation_and_reason_it_is_not_stored(world, coordinator, patient, action, given):
    page = typed(world, coordinator, patient)
    page.post(action, **given)
    assert page.response.status_code == 422
    assert f"confirm-{RULE}" in page.read.names
    assert f"why-{RULE}" in page.read.names
    assert page.read.rules("dose_mg") == {RULE}
    assert "5 mg was given at C1D1" in page.read.shown
    assert page.read.data["dose_mg"] == ["5"]
    assert not doses().exists()
    assert not Deviation.objects.exists()
    assert not Query.objects.exists()


def test_with_both_it_is_stored_queried_and_registered(world, coordinator, patient):
    page = typed(world, coordinator, patient)
    page.post("submit")
    answer = page.post("submit", **{f"confirm-{RULE}": "1", f"why-{RULE}": "The pump was set wrongly"})
    assert answer.status_code == 302
    deviation = Deviation.objects.get()
    assert (deviation.rule, deviation.form, deviation.record, deviation.field) == (RULE, "EC", doses().get().pk, "dose_mg")
    assert (deviation.status, deviation.why) == (DeviationStatus.PROPOSED, "The pump was set wrongly")
    assert deviation.rests_on == "1 mg on day 1 (C1D1)"
    query = Query.objects.get(rule=RULE)
    assert (query.status, query.field, query.value) == (QueryStatus.OPEN, "dose_mg", "5")
    for user in (coordinator, world.user("MONITOR", "FR03"), world.user("DATA_MANAGER"), world.user("MEDICAL_REVIEWER")):
        shown = read(world.client(user).get("/deviations/")).shown
        assert "The pump was set wrongly" in shown
        assert patient.number in shown
    assert patient.number not in read(world.client(world.user("MONITOR", "IT02")).get("/deviations/")).shown
    assert patient.number in page.client.get("/deviations/?csv=1").content.decode()


def test_in_progress_there_is_no_deviation(world, coordinator, patient):
    page = typed(world, coordinator, patient)
    assert page.post("save").status_code == 302
    assert not Deviation.objects.exists()
    assert not Query.objects.exists()
    page.open()
    assert page.post("submit").status_code == 422
    assert doses().get().state == "IN PROGRESS"


def stored(world, coordinator, patient, mg="5"):
    typed(world, coordinator, patient, mg).post("submit", **{f"confirm-{RULE}": "1", f"why-{RULE}": "Pump"})
    assert Deviation.objects.get().status == DeviationStatus.PROPOSED


def test_another_field_can_be_changed_without_confirming_again(world, coordinator, patient):
    stored(world, coordinator, patient)
    page = Page(world, coordinator, patient, "EC", "C1D1")
    assert page.fill(reason_details="x").post("submit", change_reason="Added").status_code == 302
    assert Deviation.objects.get().why == "Pump"


def test_a_correction_withdraws_it_and_closes_the_query(world, coordinator, patient):
    stored(world, coordinator, patient)
    page = Page(world, coordinator, patient, "EC", "C1D1")
    page.fill(dose_mg="1").post("submit", change_reason="Misread")
    assert page.response.status_code == 302
    assert Deviation.objects.get().status == DeviationStatus.WITHDRAWN
    assert Query.objects.get(rule=RULE).status == QueryStatus.CLOSED
    assert "5 → 1" in Query.objects.get(rule=RULE).text


def test_what_comes_back_is_confirmed_anew(world, coordinator, patient):
    stored(world, coordinator, patient)
    Page(world, coordinator, patient, "EC", "C1D1").fill(dose_mg="1").post("submit", change_reason="Misread")
    page = Page(world, coordinator, patient, "EC", "C1D1").fill(dose_mg="7")
    assert page.post("submit", change_reason="Read again").status_code == 422
    more = {"change_reason": "Read again", f"confirm-{RULE}": "1", f"why-{RULE}": "Wrong syringe"}
    assert page.post("submit", **more).status_code == 302
    deviation = Deviation.objects.get()
    assert (deviation.status, deviation.why) == (DeviationStatus.PROPOSED, "Wrong syringe")
    assert "7 mg" in deviation.text
    assert [row.status for row in deviation.history.order_by("history_id")] == ["PROPOSED", "WITHDRAWN", "PROPOSED"]
    assert Query.objects.get(rule=RULE).status == QueryStatus.OPEN


def test_all_deviations_are_asked_for_at_once(world, coordinator):
    patient = world.screened()
    answers = {"occurrence": "GIVEN", "given_on": "2026-06-20", "start_time": "10:00", "end_time": "11:00", "dose_mg": "5"}
    page = Page(world, coordinator, patient, "EC", "C1D8").fill(**answers)
    page.post("submit")
    rules = {"DOS-003", "DOS-004", "DOS-005", "SCR-031"}
    assert {name for name in page.read.names if name.startswith("confirm-")} == {f"confirm-{rule}" for rule in rules}
    some = {"confirm-DOS-003": "1", "why-DOS-003": "Pump"}
    assert page.post("submit", **some).status_code == 422
    assert not doses().exists()
    page.read.data.update({f"{kind}-{rule}": ["1"] for kind in ("confirm", "why") for rule in rules})
    assert page.post("submit").status_code == 302
    assert set(Deviation.objects.values_list("rule", flat=True)) == rules


def test_a_reason_typed_without_the_tick_is_kept(world, coordinator, patient):
    page = typed(world, coordinator, patient)
    page.post("submit", **{f"why-{RULE}": "The pump was set wrongly"})
    assert page.read.data[f"why-{RULE}"] == ["The pump was set wrongly"]


def test_a_confirmed_deviation_is_kept_while_an_error_is_corrected(world, coordinator, patient):
    page = typed(world, coordinator, patient, end_time="09:00")
    page.post("submit", **{f"confirm-{RULE}": "1", f"why-{RULE}": "The pump was set wrongly"})
    assert page.response.status_code == 422
    page.fill(end_time="11:00")
    assert page.post("submit").status_code == 302


def test_the_reason_is_cleaned_of_what_cannot_be_stored(world, coordinator, patient):
    page = typed(world, coordinator, patient)
    assert page.post("submit", **{f"confirm-{RULE}": "1", f"why-{RULE}": "Pu\x00mp"}).status_code == 302
    assert Deviation.objects.get().why == "Pu\ufffdmp"
