"""From consent to registration, or to a screen failure: on the pages, asserted in the database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from crf import registry
from patients.models import Patient
from protocol.criteria import CRITERIA
from protocol.eligibility import gate_one
from review.models import Query, QueryStatus
from screening.actions import NotEligible, Paper, case_of, register_patient
from tests import chart
from tests.conftest import PASSWORD
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-06-10"


def answers(**changes) -> dict[str, str]:
    fine = {each.field: "FULFILLED" if each.kind == "inclusion" else "ABSENT" for each in CRITERIA}
    return {"assessed_on": DAY, "all_satisfied": "Y", **fine, "i09": "NOT APPLICABLE", "e17": "NOT APPLICABLE", **changes}


def registration(world, user, patient, method="post"):
    return getattr(world.client(user), method)(reverse("registration", args=[patient.number]), {"password": PASSWORD})


@pytest.fixture
def investigator(world):
    return world.user("INVESTIGATOR", "FR03")


# ---- the program's result beside the own answer ----------------------------------------------------------------------


def test_the_computed_result_is_shown_only_after_the_own_answer_is_saved(world, coordinator):
    patient = world.patient()
    world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1")
    world.enter(patient, "DM", "SCR", birth_date="1958", sex="M")
    world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="2")
    page = Page(world, coordinator, patient, "IE", "SCR")
    assert "Program:" not in page.read.shown
    page.fill(i04="FULFILLED")
    live = page.client.post(page.url, {**page.read.data, "action": "check"}).content.decode()
    assert "67 or 68 years" not in live
    page.post("save")
    shown = page.open().shown
    assert "Born 1958, 67 or 68 years" in shown or "67 or 68 years on the day of consent" in shown
    assert shown.count("Program:") == 1
    page.fill(i03="FULFILLED", i10="FULFILLED").post("save")
    assert page.open().shown.count("Program:") == 3


@pytest.mark.parametrize(
    ("code", "stored", "field", "answer", "rule"),
    [
        ("ECOG", {"assessed_on": DAY, "ecog": "1"}, "i03", "FULFILLED", "SCR-I03a"),
        ("ECOG", {"assessed_on": DAY, "ecog": "3"}, "i03", "FULFILLED", "SCR-I03a"),
        ("ECOG", {"assessed_on": DAY, "ecog": "2"}, "i03", "NOT FULFILLED", "SCR-I03a"),
        ("ECOG", {"assessed_on": DAY, "ecog": "2"}, "i03", "FULFILLED", ""),
        ("DM", {"birth_date": "2010", "sex": "M"}, "i04", "FULFILLED", "SCR-I04a"),
        ("DM", {"birth_date": "1958", "sex": "M"}, "i04", "NOT FULFILLED", "SCR-I04a"),
        ("DM", {"birth_date": "2008", "sex": "M"}, "i04", "FULFILLED", ""),  # 17 or 18: not known closely enough
        ("DM", {"birth_date": "1958", "sex": "M"}, "i04", "FULFILLED", ""),
    ],
)
def test_a_difference_is_a_query_on_the_answer(world, code, stored, field, answer, rule):
    patient = world.patient()
    world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1")
    world.enter(patient, code, "SCR", **stored)
    world.enter(patient, "IE", "SCR", **answers(**{field: answer}))
    differing = Query.objects.filter(form="IE", rule__in=["SCR-I03a", "SCR-I04a", "SCR-I10a"])
    assert set(differing.values_list("rule", flat=True)) == ({rule} if rule else set())
    assert all(query.field == field for query in differing)


def test_the_difference_may_come_later_from_the_other_form_and_go(world, coordinator):
    patient = world.screened()
    page = Page(world, coordinator, patient, "ECOG", "SCR")
    page.fill(ecog="1").post("submit", change_reason="Misread")
    query = Query.objects.get(rule="SCR-I03a")
    assert (query.status, query.value) == (QueryStatus.OPEN, "Fulfilled")
    page = Page(world, coordinator, patient, "ECOG", "SCR")
    page.fill(ecog="2").post("submit", change_reason="Right at first")
    assert Query.objects.get(rule="SCR-I03a").status == QueryStatus.CLOSED


def test_a_contradiction_is_named_on_both_fields(world, coordinator):
    """The answer and the value that it contradicts; the conclusion and the one answer that it contradicts."""
    patient = world.screened(ecog="1", e04="PRESENT")
    at_value = Page(world, coordinator, patient, "ECOG", "SCR").read.findings
    assert [(where, rule) for where, rule, _, _ in at_value] == [("ecog", "SCR-I03a")]
    # At its own question a query stands with its thread.
    assert Query.objects.get(rule="SCR-I03a").field == "i03"
    at_answers = Page(world, coordinator, patient, "IE", "SCR").read.findings
    assert [(where, rule) for where, rule, _, _ in at_answers] == [("e04", "SCR-060")]
    assert Query.objects.get(rule="SCR-060").field == "all_satisfied"


CONTRADICTORY = {
    # rule: what is entered, where the query stands, and the other question that its sentence speaks of
    "SCR-006": ([("DM", {"birth_date": "2009", "sex": "M"})], ("DM", "birth_date"), ("IC", "patient_signed_on")),
    "SCR-012": (
        [("SF", {"decided_on": "2026-06-09", "reason": "LOST TO FOLLOW-UP"})], ("SF", "decided_on"), ("IC", "patient_signed_on"),
    ),
    "SCR-016": (
        [("IE", answers()), ("SF", {"decided_on": DAY, "reason": "ELIGIBILITY CRITERIA NOT MET", "criteria": ["I5"]})],
        ("SF", "criteria"), ("IE", "i05"),
    ),
    "SCR-017": ([("IE", answers(assessed_on="2026-06-09"))], ("IE", "assessed_on"), ("IC", "patient_signed_on")),
    "SCR-060": ([("IE", answers(e04="PRESENT"))], ("IE", "all_satisfied"), ("IE", "e04")),
    "SCR-076": (
        [("SCLC", {**chart.CHART["SCLC"], "brain_metastases": "Y", "brain_treated": "Y", "brain_steroids": "Y"})],
        ("SCLC", "brain_steroids"), ("CM", "drug_class"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", CONTRADICTORY)
def test_a_contradiction_is_named_on_the_pages_of_both_forms(world, coordinator, rule):
    entered, (form, field), (other_form, other_field) = CONTRADICTORY[rule]
    patient = world.patient()
    world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1")
    for code, given in entered:
        world.enter(patient, code, "SCR", **given)
    query = Query.objects.get(rule=rule)
    assert (query.form, query.field, query.status) == (form, field, QueryStatus.OPEN)
    own = Page(world, coordinator, patient, form, "SCR")
    assert f'id="thread-{query.pk}"' in own.response.content.decode(), "the thread stands on the page of its question"
    slot = "new" if registry.form(other_form).is_log() else "SCR"
    beside = Page(world, coordinator, patient, other_form, slot).read.findings
    told = [(where, text) for where, found, _, text in beside if found == rule]
    assert [where for where, _ in told] == [other_field]
    assert query.text in told[0][1]


def test_an_answer_without_its_entry_is_told_where_the_entry_is_made(world, coordinator):
    """'Yes' beside an empty log: the query stands at the answer and on the page of a new entry, until there is one."""
    patient = world.patient()
    world.enter(patient, "HX", "SCR", asked_on=DAY, surgery_any="Y", vaccine_any="Y")
    assert set(Query.objects.filter(rule__in=("SCR-043", "SCR-057")).values_list("field", flat=True)) == {"surgery_any", "vaccine_any"}

    def told(form, slot):
        return [(where, rule) for where, rule, _, _ in Page(world, coordinator, patient, form, slot).read.findings]

    assert told("PR", "new") == [("name", "SCR-043")]
    assert told("VAX", "new") == [("name", "SCR-057")]
    assert told("OM", "new") == []
    world.enter(patient, "PR", "new", category="SURGERY", name="Lobectomy", performed_on="2026-05-20", major="Y")
    assert told("PR", "new") == told("PR", "1") == []


def test_the_program_never_fills_in_the_answer(world):
    patient = world.screened()
    registry.form("IE").objects.get(patient=patient)
    other = world.patient()
    world.enter(other, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1")
    world.enter(other, "IE", "SCR", assessed_on=DAY)
    stored = registry.form("IE").objects.get(patient=other)
    assert all(getattr(stored, each.field) == "" for each in CRITERIA)


def test_a_month_that_is_not_over_ends_today(world, investigator):
    """An infarction of this month keeps out for certain, today. Of a registration on paper some days ago nobody can say."""
    patient = world.screened(chart={"HX": {"vascular_any": "Y"}}, e07="PRESENT")
    world.enter(patient, "CVH", "new", kind="MYOCARDIAL INFARCTION", occurred_on="2026-11")
    (point,) = [point for point in gate_one(case_of(patient)) if point.rule == "SCR-G47"]
    assert "is present by the entered data" in point.sentence
    assert "Nov-2026, 0 to 19 days from this check on 20-Nov-2026" in point.sentence
    on_paper = Paper(datetime(2026, 11, 18, 9, 0, tzinfo=UTC), "P-17")
    with pytest.raises(NotEligible) as refusal:
        register_patient(user=investigator, number=patient.number, password=PASSWORD, paper=on_paper)
    (point,) = [point for point in refusal.value.unmet if point.rule == "SCR-G47"]
    assert "is undetermined (the medical reviewer is asked) by the entered data" in point.sentence


def test_a_supplementing_serology_asks_for_nothing_again(world, coordinator):
    """At screening every marker is asked for; at an unscheduled visit one result is enough, and it counts with the others."""
    patient = world.screened(chart={"SER": {"hbsag": "POSITIVE", "hbcab": "POSITIVE"}})
    world.enter(patient, "UV", "UNS01", visited_on="2026-06-15", reason="HBV DNA")
    world.enter(patient, "SER", "UNS01", taken_on="2026-06-15", hbv_dna="BELOW LOQ", hbv_prophylaxis="NOT NEEDED")
    assert not Query.objects.filter(form="SER").exists()
    assert not [point for point in gate_one(case_of(patient)) if point.criterion == "E9"]
    other = world.patient()
    world.enter(other, "SER", "SCR", taken_on=DAY, hbv_dna="BELOW LOQ")
    missed = Query.objects.filter(patient=other, rule__endswith="-required").values_list("field", flat=True)
    assert set(missed) == {"hiv_status", "hbsag", "hbcab", "hcvab"}


def test_two_hiv_results_that_contradict_are_named_on_both(world, coordinator):
    patient = world.screened(chart={"SER": {"hiv_status": "KNOWN POSITIVE", "hiv_controlled": "N"}}, e09="PRESENT")
    world.enter(patient, "UV", "UNS01", visited_on="2026-06-15", reason="Serology")
    world.enter(patient, "SER", "UNS01", taken_on="2026-06-15", hiv_status="NEGATIVE")
    assert Query.objects.get(rule="ASM-030").field == "hiv_status"
    for visit in ("SCR", "UNS01"):
        assert "known positive in the serology of 10-Jun-2026" in Page(world, coordinator, patient, "SER", visit).read.shown
    (point,) = [point for point in gate_one(case_of(patient)) if point.rule == "SCR-G49"]
    assert "is undetermined by the entered data" in point.sentence


# ---- registration ----------------------------------------------------------------------------------------------------


def test_the_investigator_registers(world, investigator):
    patient = world.screened()
    assert registration(world, investigator, patient, "get").status_code == 200
    assert registration(world, investigator, patient).status_code == 302
    patient.refresh_from_db()
    assert (patient.enrolment_number, patient.enrolled_on) == (1, date(2026, 11, 20))


def test_a_sub_investigator_registers_within_the_delegation(world):
    patient = world.screened()
    late = world.user("SUB_INVESTIGATOR", "FR03", username="sub.past", ends_on=date(2026, 11, 19))
    assert registration(world, late, patient).status_code in (403, 404)
    assert registration(world, world.user("SUB_INVESTIGATOR", "FR03"), patient).status_code == 302
    patient.refresh_from_db()
    assert patient.enrolment_number == 1


@pytest.mark.parametrize("role", ["COORDINATOR", "MONITOR", "DATA_MANAGER", "SAFETY_DESK", "MEDICAL_REVIEWER", "INSPECTOR", "PHARMACIST", "ADMINISTRATOR"])
def test_nobody_else_registers(world, role):
    patient = world.screened()
    user = world.user(role, "FR03") if role in ("COORDINATOR", "MONITOR", "PHARMACIST") else world.user(role)
    assert registration(world, user, patient).status_code in (403, 404)
    patient.refresh_from_db()
    assert patient.enrolment_number is None


def test_the_investigator_of_another_site_finds_no_such_patient(world):
    patient = world.screened()
    assert registration(world, world.user("INVESTIGATOR", "IT02"), patient).status_code == 404


def test_an_ineligible_patient_is_refused_with_every_unmet_point(world, investigator):
    patient = world.screened(ecog="1", i05="NOT FULFILLED", e04="PRESENT", i08="")
    assert registration(world, investigator, patient).status_code == 422
    patient.refresh_from_db()
    assert patient.enrolment_number is None
    html = registration(world, investigator, patient, "get").content.decode()
    for rule in ("SCR-I03b", "SCR-I05", "SCR-E04", "SCR-I08"):
        assert rule in html
    for rule in ("SCR-I01", "SCR-E05", "SCR-G01", "SCR-E10"):
        assert f">{rule}<" not in html


def test_nothing_entered_lists_everything(world, investigator):
    patient = world.patient()
    registration(world, investigator, patient)
    html = registration(world, investigator, patient, "get").content.decode()
    for rule in ("SCR-G01", "SCR-G02", "SCR-G03", "SCR-G04", "SCR-I01", "SCR-E18"):
        assert rule in html
    assert not Patient.objects.filter(enrolment_number__isnull=False).exists()


@pytest.mark.parametrize("code", ["IC", "DM", "ECOG", "IE"])
def test_a_gate_reads_submitted_records_only(world, investigator, coordinator, code):
    """The same answers in progress do not open the gate."""
    patient = world.patient()
    chart.enter(patient, coordinator)
    forms = {
        "IC": {"patient_signed_on": DAY, "investigator_signed_on": DAY, "icf_version": "1"},
        "DM": {"birth_date": "1958", "sex": "M"}, "ECOG": {"assessed_on": DAY, "ecog": "2"}, "IE": answers(),
    }  # fmt: skip
    for each, given in forms.items():
        world.enter(patient, each, "SCR", action="save" if each == code else "submit", **given)
    registration(world, investigator, patient)
    patient.refresh_from_db()
    assert patient.enrolment_number is None
    Page(world, coordinator, patient, code, "SCR").post("submit")
    registration(world, investigator, patient)
    patient.refresh_from_db()
    assert patient.enrolment_number == 1


@pytest.mark.parametrize(("field", "answer"), [("e10", "PRESENT"), ("e11", "PRESENT"), ("e10", ""), ("e11", "")])
def test_what_is_due_before_the_first_dose_does_not_stop_registration(world, investigator, field, answer):
    patient = world.screened(**{field: answer})
    assert "E10" in registration(world, investigator, patient, "get").content.decode()
    registration(world, investigator, patient)
    patient.refresh_from_db()
    assert patient.enrolment_number == 1


def test_one_is_registered_once(world, investigator):
    patient = world.screened()
    for _ in range(2):
        registration(world, investigator, patient)
    patient.refresh_from_db()
    assert (patient.enrolment_number, patient.version) == (1, 2)


def test_numbers_follow_each_other(world, investigator):
    numbers = []
    for _ in range(3):
        patient = world.screened()
        registration(world, investigator, patient)
        patient.refresh_from_db()
        numbers.append(patient.enrolment_number)
    assert numbers == [1, 2, 3]


def test_the_cap_holds(world, investigator):
    from protocol import parameters

    patients = [world.screened() for _ in range(2)]
    with parameters.override(enrolment_cap=1):
        for patient in patients:
            registration(world, investigator, patient)
    assert Patient.objects.filter(enrolment_number__isnull=False).count() == 1


# ---- screen failure --------------------------------------------------------------------------------------------------


def test_a_screen_failure_with_its_reasons(world, coordinator, investigator):
    patient = world.screened(ecog="1", i03="NOT FULFILLED")
    page = Page(world, coordinator, patient, "SF", "SCR")
    page.fill(decided_on="2026-06-12", reason="ELIGIBILITY CRITERIA NOT MET", criteria=["I3"], details="ECOG 1")
    assert page.post("submit").status_code == 302
    stored = registry.form("SF").objects.get()
    assert (stored.reason, stored.criteria, stored.details) == ("ELIGIBILITY CRITERIA NOT MET", "I3", "ECOG 1")
    assert not Query.objects.filter(form="SF").exists()
    assert "Screen failure" in read(page.client.get(reverse("patient", args=[patient.number]))).shown
    assert "SCR-G07" in registration(world, investigator, patient, "get").content.decode()


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"reason": "ELIGIBILITY CRITERIA NOT MET"}, "SF-DSCRIT-required"),
        ({"reason": "ELIGIBILITY CRITERIA NOT MET", "criteria": ["I5"]}, "SCR-016"),
        ({"reason": "DEATH"}, "SCR-018"),
        ({"reason": "OTHER"}, "SCR-023"),
        ({"decided_on": "2026-06-09", "reason": "LOST TO FOLLOW-UP"}, "SCR-012"),
    ],
)
def test_a_screen_failure_that_does_not_fit_is_queried(world, answers, rule):
    patient = world.screened()
    world.enter(patient, "SF", "SCR", **{"decided_on": "2026-06-12", **answers})
    assert set(Query.objects.filter(form="SF").values_list("rule", flat=True)) == {rule}


def test_the_birth_date_is_kept_as_the_country_allows(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "DM", "SCR")
    page.fill(birth_date="1958-03-05", sex="F").post("submit")
    assert page.response.status_code == 422
    assert "the day may not be stored in this country" in page.read.shown
    assert not registry.form("DM").objects.exists()
    page.fill(birth_date="1958-03").post("submit")
    assert registry.form("DM").objects.get().birth_date == "1958-03"
