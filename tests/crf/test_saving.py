"""In progress, submitted, changed with a reason, void: the life of a record."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audit import examine
from audit.models import Change, ChangeSet
from audit.trail import changes_of
from crf import actions, entry, registry
from crf.facts import load_case
from crf.models import State
from review.models import Deviation, DeviationStatus, Query, QueryStatus
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")

DAY = "2026-06-10"


def consent(world, patient, **more):
    answers = {"patient_signed_on": DAY, "investigator_signed_on": DAY, "icf_version": "1.0"}
    return world.enter(patient, "IC", "SCR", **{**answers, **more}).saved.record


def ic(patient):
    return registry.form("IC").objects.get(patient=patient, voided=False)


# ---- two stages ------------------------------------------------------------------------------------------------------


def test_a_record_in_progress_opens_no_query_and_needs_no_reason(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "IC", "SCR")
    assert page.fill(icf_version="1.0").post("save").status_code == 302
    assert ic(patient).state == State.IN_PROGRESS
    assert not Query.objects.exists()
    page.open()
    assert page.fill(icf_version="1.1").post("save").status_code == 302
    record = ic(patient)
    assert (record.icf_version, record.version, record.state) == ("1.1", 2, State.IN_PROGRESS)
    assert list(ChangeSet.objects.filter(chain=patient.number, source="form").values_list("reason", flat=True).distinct()) == [""]


def test_submitting_opens_the_queries_and_a_record_never_goes_back(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.fill(icf_version="1.0").post("save")
    page.open()
    assert page.post("submit").status_code == 302
    assert ic(patient).state == State.SUBMITTED
    assert set(Query.objects.values_list("rule", flat=True)) == {"IC-DSSTDAT-required", "IC-DSINVDAT-required"}
    page.open()
    page.fill(icf_version="1.2").post("save", change_reason="Read again from the form")
    record = ic(patient)
    assert (record.icf_version, record.state) == ("1.2", State.SUBMITTED)
    for action in ("save", "", "draft", "SAVE"):
        page.open()
        page.post(action)
        assert ic(patient).state == State.SUBMITTED
    assert Query.objects.filter(status=QueryStatus.OPEN).count() == 2
    assert list(examine.findings()) == []


def test_saving_without_a_change_writes_nothing(world, coordinator):
    patient = world.patient()
    consent(world, patient)
    page = Page(world, coordinator, patient, "IC", "SCR")
    before = ChangeSet.objects.count(), ic(patient).version
    assert page.post("submit").status_code == 302
    assert (ChangeSet.objects.count(), ic(patient).version) == before


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_change_after_submission_without_a_reason_is_refused_and_everything_typed_is_kept(world, coordinator, reason):
    patient = world.patient()
    consent(world, patient)
    page = Page(world, coordinator, patient, "IC", "SCR")
    before = ChangeSet.objects.count()
    page.fill(icf_version="2.0 <draft>", patient_signed_on="2026-06-09").post("submit", change_reason=reason)
    assert page.response.status_code == 422
    assert "change_reason_error" in page.response.content.decode()
    assert page.read.data["icf_version"] == ["2.0 <draft>"]
    assert [page.read.data[f"patient_signed_on_{n}"] for n in range(3)] == [["09"], ["06"], ["2026"]]
    assert (ic(patient).icf_version, ic(patient).version) == ("1.0", 1)
    assert ChangeSet.objects.count() == before


def test_with_a_reason_it_is_stored_and_the_history_says_it_all(world, coordinator):
    patient = world.patient()
    consent(world, patient)
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.fill(icf_version="2.0").post("submit", change_reason="Wrong version read")
    assert page.response.status_code == 302
    record = ic(patient)
    change = changes_of("IC", record.pk).first()
    assert (change.field, change.old, change.new, change.version) == ("icf_version", "1.0", "2.0", 2)
    act = change.change_set
    assert (act.actor, act.role, act.reason, act.source) == (coordinator.username, "Site coordinator", "Wrong version read", "form")
    assert [row.icf_version for row in record.history.order_by("history_id")] == ["1.0", "2.0"]
    shown = read(page.client.get(reverse("history", args=[patient.number, "IC", "SCR"]))).shown
    assert "Wrong version read" in shown
    assert "1.0" in shown
    assert "2.0" in shown
    assert list(examine.findings()) == []


def test_a_reason_is_kept_with_a_mark_for_signs_that_cannot_be_stored(world, coordinator):
    patient = world.patient()
    consent(world, patient)
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.fill(icf_version="2.0").post("submit", change_reason="Read\x00 ag\x1fain")
    assert page.response.status_code == 302
    assert ChangeSet.objects.filter(reason="Read\ufffd ag\ufffdain").count() == 1


@pytest.mark.parametrize("action", ["save", "submit", "next"])
def test_what_cannot_be_true_is_stored_neither_in_progress_nor_submitted(world, coordinator, action):
    patient = world.patient()
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.fill(patient_signed_on="2026-11-21", icf_version="1.0").post(action)
    assert page.response.status_code == 422
    assert page.read.rules("patient_signed_on") == {"SCR-001"}
    assert page.read.rules("summary") == {"SCR-001"}
    assert page.read.data["icf_version"] == ["1.0"]
    assert not registry.form("IC").objects.exists()
    page.fill(patient_signed_on="2026-11-20").post(action)
    assert page.response.status_code == 302


def test_refusals_of_type_name_the_field_and_the_rule(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "EC", "C1D1")
    page.fill(occurrence="GIVEN", given_on="2026-02-31", start_time="24:00", dose_mg="１")
    page.read.data["reason"] = ["NONE OF THESE"]
    page.post("save")
    assert page.response.status_code == 422
    assert page.read.rules("summary") == {"EC-ECSTDAT-date", "EC-ECSTTIM-time", "EC-ECDSTXT-type", "EC-ECREASOC-codelist"}
    assert page.read.rules("dose_mg") == {"EC-ECDSTXT-type"}
    assert page.read.data["dose_mg"] == ["１"]
    assert page.read.data["start_time"] == ["24:00"]
    assert [page.read.data[f"given_on_{n}"] for n in range(3)] == [["31"], ["02"], ["2026"]]
    assert not registry.form("EC").objects.exists()


# ---- dependent questions ---------------------------------------------------------------------------------------------

SERIOUS = {
    "term": "Pyrexia", "serious": "Y", "is_hospitalisation": "Y", "stay_planned": "N", "is_death": "N",
    "aware_on": DAY, "aware_time": "09:30",
}  # fmt: skip


def ae(patient):
    return registry.form("AE").objects.get(patient=patient)


def test_answers_to_questions_that_are_no_longer_asked_are_emptied(world, coordinator):
    patient = world.patient()
    world.enter(patient, "AE", "new", action="save", **SERIOUS)
    page = Page(world, coordinator, patient, "AE", "1")
    page.fill(serious="N").post("save")  # the page still holds the dependent answers
    assert page.response.status_code == 302
    stored = ae(patient)
    assert stored.serious == "N"
    assert [getattr(stored, name) for name in SERIOUS if name not in ("term", "serious")] == [""] * 5


def test_also_when_the_browser_sends_nothing_for_them(world, coordinator):
    patient = world.patient()
    world.enter(patient, "AE", "new", action="save", **SERIOUS)
    page = Page(world, coordinator, patient, "AE", "1")
    for name in ("is_hospitalisation", "stay_planned", "is_death", "aware_on_0", "aware_on_1", "aware_on_2", "aware_time"):
        del page.read.data[name]
    page.fill(serious="N").post("save")
    stored = ae(patient)
    assert [getattr(stored, name) for name in SERIOUS if name not in ("term", "serious")] == [""] * 5


def test_what_hangs_on_a_hidden_question_is_emptied_too(world, coordinator):
    patient = world.patient()
    world.enter(patient, "AE", "new", action="save", **SERIOUS)
    page = Page(world, coordinator, patient, "AE", "1")
    page.fill(is_hospitalisation="N").post("save")
    assert (ae(patient).is_hospitalisation, ae(patient).stay_planned) == ("N", "")


def test_an_error_in_a_question_that_is_not_asked_is_no_error(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "AE", "new")
    page.fill(serious="N", aware_on="2026-02-31", aware_time="99:99").post("save")
    assert page.response.status_code == 302
    assert (ae(patient).aware_on, ae(patient).aware_time) == ("", "")


def test_a_choice_that_is_taken_back_is_empty(world, coordinator):
    """A browser sends nothing for radio buttons of which none is chosen."""
    patient = world.patient()
    world.enter(patient, "DM", "SCR", action="save", birth_date="1958", sex="F")
    page = Page(world, coordinator, patient, "DM", "SCR")
    page.fill(sex="").post("save")
    assert page.response.status_code == 302
    stored = registry.form("DM").objects.get(patient=patient)
    assert (stored.sex, stored.birth_date) == ("", "1958")


def test_an_answer_and_a_reason_for_none_is_refused_at_the_field(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "ECOG", "SCR")
    page.fill(assessed_on=DAY, ecog="2", ecog_missing="NOT DONE").post("save")
    assert page.response.status_code == 422
    assert page.read.rules("ecog")
    assert page.read.rules("summary") == page.read.rules("ecog")
    assert page.read.data["ecog"] == ["2"]
    assert page.read.data["ecog_missing"] == ["NOT DONE"]
    assert not registry.form("ECOG").objects.exists()
    page.fill(ecog="").post("submit")
    assert page.response.status_code == 302
    assert not Query.objects.exists()


def test_a_wrong_reason_for_none_is_shown_at_its_question(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "ECOG", "SCR")
    page.fill(assessed_on=DAY, ecog_missing="FORGOTTEN").post("save")
    assert page.response.status_code == 422
    assert page.read.rules("ecog") == page.read.rules("summary") != set()


# ---- being required --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "slot", "answers", "asked"),
    [
        ("IC", "SCR", {}, {"IC-DSSTDAT-required", "IC-DSINVDAT-required", "IC-DSICFVER-required"}),
        ("IC", "SCR", {"icf_version": "1"}, {"IC-DSSTDAT-required", "IC-DSINVDAT-required"}),
        ("DM", "SCR", {}, {"DM-BRTHDAT-required", "DM-SEX-required"}),
        ("ECOG", "SCR", {}, {"ECOG-RSDAT-required", "ECOG-RSORRES-required"}),
        ("ECOG", "SCR", {"ecog_missing": "NOT DONE"}, {"ECOG-RSDAT-required"}),
        ("EC", "C1D1", {}, {"EC-ECOCCUR-required"}),
        ("EC", "C1D1", {"occurrence": "OMITTED"}, set()),
        ("EC", "C1D1", {"occurrence": "GIVEN", "given_on": DAY, "start_time": "UNK", "end_time": "UNK"}, {"EC-ECDSTXT-required"}),
        ("EC", "C1D1", {"occurrence": "GIVEN", "given_on": DAY, "start_time": "UNK", "dose_mg_missing": "UNKNOWN"}, {"EC-ECENTIM-required"}),
        ("SF", "SCR", {"decided_on": DAY, "reason": "LOST TO FOLLOW-UP"}, set()),
        ("SF", "SCR", {"decided_on": DAY, "reason": "ELIGIBILITY CRITERIA NOT MET"}, {"SF-DSCRIT-required"}),
        ("AEYN", "C1D1", {}, {"AEYN-AEYN-required"}),
        ("PD", "FU", {}, {"PD-RSDAT-required", "PD-RSMETHOD-required"}),
    ],
)  # fmt: skip
def test_required_questions_are_asked_for_once_they_are_asked(world, code, slot, answers, asked):
    patient = world.patient()
    why = NOT_REGISTERED if code == "EC" else {}
    world.enter(patient, code, slot, **answers, **why)
    found = Query.objects.filter(form=code, rule__endswith="-required")
    assert set(found.values_list("rule", flat=True)) == asked
    assert all(query.status == QueryStatus.OPEN and "has no answer" in query.text for query in found)


def test_a_time_that_nobody_knows_is_an_answer(world):
    patient = world.patient()
    world.enter(patient, "AE", "new", serious="Y", aware_on=DAY, aware_time="UNK")
    assert "AE-AEAWTIM-required" not in set(Query.objects.values_list("rule", flat=True))


def test_a_criterion_that_is_switched_off_is_not_asked_for(world):
    from protocol import parameters

    with parameters.override(i0_active=False):
        world.enter(world.patient(), "IE", "SCR")
        rules = set(Query.objects.values_list("field", flat=True))
    assert "i00" not in rules
    assert "i01" in rules
    assert not rules & {"e10", "e11"}


# A dose given to somebody who is not registered, and so without a release, confirmed.
NOT_REGISTERED = {f"{kind}-{rule}": "Emergency" for rule in ("DOS-004", "SCR-031") for kind in ("confirm", "why")}


# ---- void and restore ------------------------------------------------------------------------------------------------


def voiding(world, user, record, reason="Entered at the wrong patient"):
    """As the page does it, or as somebody does who has no such page."""
    url, client = reverse("void", args=[record.patient.number, record.code, record.pk]), world.client(user)
    page = client.get(url)
    return client.post(url, {**(read(page, "*").data if page.status_code == 200 else {}), "reason": reason})


def test_voiding_needs_a_reason(world, coordinator):
    record = consent(world, world.patient())
    assert voiding(world, coordinator, record, "  ").status_code == 422
    record.refresh_from_db()
    assert not record.voided


def test_a_void_record_is_left_out_of_facts_and_its_queries_are_closed(world, coordinator):
    patient = world.patient()
    record = world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="5").saved.record
    assert Query.objects.get(rule="SCR-007").status == QueryStatus.OPEN
    assert voiding(world, coordinator, record).status_code == 302
    record.refresh_from_db()
    assert (record.voided, record.void_reason, record.version) == (True, "Entered at the wrong patient", 2)
    assert load_case(patient, ["ECOG"]).of("ECOG") == ()
    query = Query.objects.get(rule="SCR-007")
    assert query.status == QueryStatus.CLOSED
    assert "Entered at the wrong patient" in query.text
    assert list(examine.findings()) == []


def test_the_place_of_a_void_record_is_free_and_the_void_one_cannot_come_back(world, coordinator):
    patient = world.patient()
    first = consent(world, patient)
    voiding(world, coordinator, first)
    second = consent(world, patient, icf_version="2.0")
    assert second.pk != first.pk
    answer = voiding(world, coordinator, first, "It was right after all")
    assert answer.status_code == 302
    first.refresh_from_db()
    assert first.voided
    assert "cannot be restored" in read(world.client(coordinator).get(answer.url)).shown or first.voided
    voiding(world, coordinator, second)
    voiding(world, coordinator, first, "It was right after all")
    first.refresh_from_db()
    assert (first.voided, first.void_reason) == (False, "")
    assert list(examine.findings()) == []


def test_a_restored_record_is_asked_for_again(world, coordinator):
    patient = world.patient()
    record = world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="5").saved.record
    voiding(world, coordinator, record)
    voiding(world, coordinator, record, "It was right after all")
    assert Query.objects.get(rule="SCR-007").status == QueryStatus.OPEN


def test_voiding_withdraws_the_deviation_and_restoring_brings_it_back(world, coordinator):
    patient = world.patient()
    record = world.dose(patient, "C1D1", DAY, "1", **NOT_REGISTERED).saved.record

    def stand():
        return set(Deviation.objects.values_list("rule", "status", "why"))

    given = {("DOS-004", "PROPOSED", "Emergency"), ("SCR-031", "PROPOSED", "Emergency")}
    assert stand() == given
    voiding(world, coordinator, record)
    assert {status for _, status, _ in stand()} == {DeviationStatus.WITHDRAWN}
    voiding(world, coordinator, record, "It was right after all")
    assert stand() == given


def test_voiding_one_of_several_leaves_the_queries_of_the_others(world, coordinator):
    patient = world.patient()
    first, second = (world.enter(patient, "AE", "new", term=f"No term {n}", serious="Y").saved.record for n in range(2))
    before = list(Query.objects.filter(record=second.pk).order_by("rule").values_list("rule", "status", "version"))
    assert len(before) > 3
    voiding(world, coordinator, first)
    first.refresh_from_db()
    assert first.voided
    assert list(Query.objects.filter(record=second.pk).order_by("rule").values_list("rule", "status", "version")) == before
    assert set(Query.objects.filter(record=first.pk).values_list("status", flat=True)) == {QueryStatus.CLOSED}
    voiding(world, coordinator, first, "It was right after all")
    assert set(Query.objects.filter(record=first.pk).values_list("status", flat=True)) == {QueryStatus.OPEN}
    assert list(Query.objects.filter(record=second.pk).order_by("rule").values_list("rule", "status", "version")) == before


def test_a_void_log_record_is_shown_and_nothing_can_be_entered(world, coordinator):
    patient = world.patient()
    record = world.enter(patient, "AE", "new", action="save", term="Pyrexia").saved.record
    voiding(world, coordinator, record)
    page = Page(world, coordinator, patient, "AE", "1")
    assert "Entered at the wrong patient" in page.read.shown
    answer = page.client.post(page.url, {"base_version": "2", "term": "Nausea", "action": "save"})
    assert answer.status_code == 422
    assert ae(patient).term == "Pyrexia"
    again = world.enter(patient, "AE", "new", action="save", term="Nausea").saved.record
    assert again.row == 2


def test_a_double_click_on_void_does_not_take_it_back(world, coordinator):
    """The page was made for a record that is not void: posted twice, it is void all the same."""
    record = consent(world, world.patient())
    url = reverse("void", args=[record.patient.number, "IC", record.pk])
    client = world.client(coordinator)
    form = {**read(client.get(url), "*").data, "reason": "Wrong patient"}
    for _ in range(2):
        client.post(url, form)
    record.refresh_from_db()
    assert (record.voided, record.version) == (True, 2)


def test_a_page_of_a_record_that_was_voided_since_makes_no_new_one_unasked(world, coordinator):
    patient = world.patient()
    record = consent(world, patient)
    page = Page(world, coordinator, patient, "IC", "SCR")
    voiding(world, coordinator, record)
    page.fill(icf_version="3.0").post("submit", change_reason="Newer form")
    assert page.response.status_code == 409
    assert registry.form("IC").objects.filter(patient=patient, voided=False).count() == 0


@pytest.mark.parametrize(("role", "status"), [("MONITOR", 403), ("DATA_MANAGER", 403), ("INSPECTOR", 403), ("PHARMACIST", 403)])
def test_others_cannot_enter_change_or_void(world, role, status):
    patient = world.patient()
    record = consent(world, patient)
    user = world.user(role) if role in ("DATA_MANAGER", "INSPECTOR") else world.user(role, "FR03")
    url = reverse("record", args=[patient.number, "IC", "SCR"])
    for action in ("save", "submit", "next", "check"):
        answer = world.client(user).post(url, {"base_version": "1", "icf_version": "9", "action": action})
        assert answer.status_code == status
    assert voiding(world, user, record).status_code == status
    record.refresh_from_db()
    assert (record.version, record.voided) == (1, False)


def test_actions_refuse_without_a_reason(world, coordinator):
    from audit.context import NotAudited

    record = consent(world, world.patient())
    with pytest.raises(NotAudited):
        actions.void(record=record, by=coordinator, reason="  ")


# ---- from paper ------------------------------------------------------------------------------------------------------


def test_a_form_from_paper_says_so(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.fill(icf_version="1", paper_date=DAY, paper_time="1415", paper_number="P-7").post("save")
    stored = ic(patient)
    assert (stored.origin, stored.paper_date, stored.paper_time, stored.paper_number) == ("PAPER", DAY, "14:15", "P-7")


def test_the_live_check_stores_nothing(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "EC", "C1D1")
    before = Change.objects.count()
    page.fill(occurrence="GIVEN", given_on=DAY, start_time="11:00", end_time="10:00", dose_mg="5")
    answer = page.client.post(page.url, {**page.read.data, "action": "check"})
    found = {each["rule_id"]: each["severity"] for each in answer.json()["findings"]}
    assert found["DOS-007"] == "ERROR"
    assert found["DOS-001"] == "DEVIATION"
    assert found["DOS-004"] == "DEVIATION"
    assert not any(rule.endswith("-required") for rule in found)
    assert Change.objects.count() == before
    assert not registry.form("EC").objects.exists()


def test_submit_and_next_leads_to_what_is_still_to_enter(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "IC", "SCR")
    page.fill(patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1").post("next")
    at = entry.find(coordinator, patient.number, "IC", "SCR")
    assert page.response.url == entry.following(at) == reverse("record", args=[patient.number, "DM", "SCR"])


# ---- nothing typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(each.code for each in registry.forms() if each.is_log()))
@pytest.mark.parametrize("action", ["save", "submit"])
def test_a_log_takes_no_empty_record(world, coordinator, code, action):
    patient = world.patient()
    page = Page(world, coordinator, patient, code, "new")
    page.read.data = {name: value for name, value in page.read.data.items() if name in ("base_version", "entry_token", "origin")}
    assert page.post(action).status_code == 422
    assert "Nothing is entered" in page.read.shown
    assert not registry.form(code).objects.exists()


def test_one_answer_is_something_and_a_visit_form_may_wait_empty(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "CM", "new")
    assert page.fill(name="Paracetamol").post("save").status_code == 302
    page = Page(world, coordinator, patient, "DM", "SCR")
    assert page.post("save").status_code == 302


def test_a_record_of_a_log_cannot_be_emptied(world, coordinator):
    patient = world.patient()
    Page(world, coordinator, patient, "CM", "new").fill(name="Paracetamol").post("save")
    page = Page(world, coordinator, patient, "CM", "1")
    assert page.fill(name="").post("save").status_code == 422
    assert registry.form("CM").objects.get().name == "Paracetamol"
