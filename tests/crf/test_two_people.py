"""Two people on one form, and one click twice: nothing is lost, nothing is stored twice."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit import examine
from audit.models import ChangeSet
from crf import registry
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-06-10"


@pytest.fixture
def second(world):
    return world.user("INVESTIGATOR", "FR03")


def stored(code, patient):
    return registry.form(code).objects.get(patient=patient, voided=False)


def consent(world, patient, **more):
    answers = {"patient_signed_on": DAY, "investigator_signed_on": DAY, "icf_version": "1.0"}
    world.enter(patient, "IC", "SCR", **{**answers, **more})


def test_the_later_one_sees_both_values_and_can_store_the_own_ones(world, coordinator, second):
    patient = world.patient()
    consent(world, patient)
    mine, theirs = (Page(world, user, patient, "IC", "SCR") for user in (coordinator, second))
    theirs.fill(icf_version="2.0").post("submit", change_reason="Theirs")
    mine.fill(icf_version="3.0 Ω", investigator_signed_on="2026-06-09").post("submit", change_reason="Mine")
    assert mine.response.status_code == 409
    shown = read(mine.response, "*")
    assert "2.0" in shown.shown
    assert "3.0 Ω" in shown.shown
    assert "10-Jun-2026" in shown.shown
    assert "09-Jun-2026" in shown.shown
    assert second.full_name in shown.shown
    assert stored("IC", patient).icf_version == "2.0"
    answers = {name: values for name, values in shown.data.items() if name in mine.read.names or name == "icf_version"}
    assert answers["icf_version"] == ["3.0 Ω"]
    form = {**shown.data, "action": "submit"}
    refused = mine.client.post(mine.url, {**form, "change_reason": ""})
    assert refused.status_code == 422
    assert read(refused).data["icf_version"] == ["3.0 Ω"]
    assert mine.client.post(mine.url, {**form, "change_reason": "The form says 3.0"}).status_code == 302
    record = stored("IC", patient)
    assert (record.icf_version, record.investigator_signed_on, record.version) == ("3.0 Ω", "2026-06-09", 3)
    assert [row.icf_version for row in record.history.order_by("history_id")] == ["1.0", "2.0", "3.0 Ω"]
    assert list(examine.findings()) == []


def test_in_progress_too(world, coordinator, second):
    patient = world.patient()
    world.enter(patient, "IC", "SCR", action="save", icf_version="1.0")
    mine, theirs = (Page(world, user, patient, "IC", "SCR") for user in (coordinator, second))
    theirs.fill(icf_version="2.0").post("save")
    mine.fill(icf_version="3.0").post("save")
    assert mine.response.status_code == 409
    assert stored("IC", patient).icf_version == "2.0"


def test_the_same_change_by_both_is_no_conflict_and_no_second_version(world, coordinator, second):
    patient = world.patient()
    consent(world, patient)
    mine, theirs = (Page(world, user, patient, "IC", "SCR") for user in (coordinator, second))
    for page in (theirs, mine):
        assert page.fill(icf_version="2.0").post("submit", change_reason="Read again").status_code == 302
    assert stored("IC", patient).version == 2


def test_a_double_click_on_a_stored_form_makes_one_version(world, coordinator):
    patient = world.patient()
    consent(world, patient)
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.fill(icf_version="2.0")
    for _ in range(2):
        assert page.post("submit", change_reason="Read again").status_code == 302
    assert stored("IC", patient).version == 2
    assert ChangeSet.objects.filter(reason="Read again").count() == 1


def test_a_double_click_on_a_new_form_makes_one_version(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.fill(icf_version="2.0")
    for _ in range(2):
        assert page.post("save").status_code == 302
    assert stored("IC", patient).version == 1


def test_a_double_click_on_a_new_log_record_makes_one_record(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "AE", "new")
    page.fill(term="Pyrexia", serious="Y")
    urls = {page.post("save").url for _ in range(2)}
    assert urls == {reverse("record", args=[patient.number, "AE", "1"])}
    assert registry.form("AE").objects.count() == 1


def test_two_new_pages_make_two_records(world, coordinator):
    patient = world.patient()
    for _ in range(2):
        page = Page(world, coordinator, patient, "AE", "new")
        assert page.fill(term="Pyrexia").post("save").status_code == 302
    assert list(registry.form("AE").objects.order_by("row").values_list("row", flat=True)) == [1, 2]


@pytest.mark.parametrize("code", ["AE", "IC"])
def test_the_same_new_page_used_again_for_other_answers_loses_nothing(world, coordinator, code):
    """Back, another answer, submit: the record is there already, so both are shown."""
    patient = world.patient()
    name = {"AE": "term", "IC": "icf_version"}[code]
    page = Page(world, coordinator, patient, code, "new" if code == "AE" else "SCR")
    assert page.fill(**{name: "First"}).post("save").status_code == 302
    page.fill(**{name: "Second"}).post("save")
    assert page.response.status_code == 409
    shown = read(page.response, "*")
    assert "First" in shown.shown
    assert "Second" in shown.shown
    assert getattr(stored(code, patient), name) == "First"
    target = reverse("record", args=[patient.number, code, stored(code, patient).slot])
    assert f'action="{target}"' in page.response.content.decode()
    page.client.post(target, {**shown.data, "action": "save"})
    assert getattr(stored(code, patient), name) == "Second"
    assert registry.form(code).objects.count() == 1


def test_a_difference_only_in_the_reason_for_no_answer_is_shown(world, coordinator, second):
    patient = world.patient()
    world.enter(patient, "ECOG", "SCR", action="save", assessed_on=DAY)
    mine, theirs = (Page(world, user, patient, "ECOG", "SCR") for user in (coordinator, second))
    theirs.fill(ecog_missing="NOT DONE").post("save")
    mine.fill(ecog_missing="UNKNOWN").post("save")
    assert mine.response.status_code == 409
    assert "Not done" in read(mine.response, "*").shown


def test_a_value_that_cannot_be_read_is_shown_as_typed(world, coordinator, second):
    patient = world.patient()
    world.enter(patient, "EC", "C1D1", action="save", occurrence="GIVEN")
    mine, theirs = (Page(world, user, patient, "EC", "C1D1") for user in (coordinator, second))
    theirs.fill(reason_details="x").post("save")
    mine.fill(dose_mg="ten", given_on="2026-02-31", reason_details="x").post("save")
    assert mine.response.status_code in (409, 422)
    shown = read(mine.response, "*")
    assert shown.data["dose_mg"] == ["ten"]
    assert shown.data["given_on_0"] == ["31"]


def test_two_who_open_the_same_empty_visit_form(world, coordinator, second):
    patient = world.patient()
    mine, theirs = (Page(world, user, patient, "DM", "SCR") for user in (coordinator, second))
    assert theirs.fill(birth_date="1958", sex="F").post("submit").status_code == 302
    mine.fill(birth_date="1959", sex="F").post("submit")
    if mine.response.status_code == 422:  # asked first why a submitted form is changed
        mine.post("submit", change_reason="The birth date is another")
    assert mine.response.status_code == 409
    shown = read(mine.response, "*").shown
    assert "1958" in shown
    assert "1959" in shown
    assert stored("DM", patient).birth_date == "1958"
    assert list(examine.findings()) == []


@pytest.mark.parametrize("token", ["", "x", "00000000-0000-0000-0000-000000000000", "\x00"])
def test_a_malformed_token_is_no_way_round(world, coordinator, token):
    patient = world.patient()
    page = Page(world, coordinator, patient, "AE", "new")
    page.fill(term="Pyrexia")
    page.read.data["entry_token"] = [token]
    assert page.post("save").status_code in (302, 422)


@pytest.mark.parametrize("base", ["", "0", "2", "99", "-1", "x", "１", "9" * 5000])
def test_a_wrong_base_version_never_overwrites(world, coordinator, base):
    patient = world.patient()
    consent(world, patient)
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.read.data["base_version"] = [base]
    page.fill(icf_version="9").post("submit", change_reason="x")
    if base != "１":
        assert page.response.status_code in (409, 422)
        assert stored("IC", patient).icf_version == "1.0"


@pytest.mark.parametrize("same", [True, False])
def test_ones_own_other_window_is_not_somebody_else(world, coordinator, second, same):
    patient = world.patient()
    first, later = Page(world, coordinator, patient, "DM", "SCR"), Page(world, coordinator if same else second, patient, "DM", "SCR")
    first.fill(birth_date="1958").post("save")
    assert later.fill(birth_date="1959").post("save").status_code == 409
    assert ("saved in another window" in later.read.shown) is same
    assert ("saved by somebody else" in later.read.shown) is not same
