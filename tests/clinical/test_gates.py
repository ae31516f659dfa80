"""Gate 2 on its page, the eligibility page, and what they cost."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from crf import registry
from protocol.criteria import BY_ID, CRITERIA
from protocol.eligibility import NEEDS, gate_one
from review.models import Deviation, Query, Ruling, Signature
from screening.actions import case_of
from tests import chart
from tests.conftest import PASSWORD
from tests.crf.keeping import enter as enter_reference
from tests.crf.page import Page

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-11-20"
CHECK = {"checked_on": DAY, **{name: value for name, value in chart.FIRST_DOSE.items() if name != "released_by"}}


@pytest.fixture
def investigator(world):
    return world.user("INVESTIGATOR", "FR03")


def release(world, user, patient, password=PASSWORD):
    return world.client(user).post(reverse("release", args=[patient.number]), {"password": password})


def check_of(patient):
    return registry.form("REL").objects.get(patient=patient, voided=False)


# ---- release of the first dose ---------------------------------------------------------------------------------------


def test_the_investigator_releases_the_first_dose(world, investigator):
    patient = world.enrolled(released=False)
    world.enter(patient, "REL", "C1D1", **CHECK)
    assert release(world, investigator, patient).status_code == 302
    check = check_of(patient)
    assert check.released_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert check.released_by == investigator.full_name
    signature = Signature.objects.get(form="REL")
    assert (signature.record, signature.signer) == (check.pk, investigator.username)


@pytest.mark.parametrize(("changes", "rule"), [
    ({"e10": "PRESENT"}, "SCR-G33"),
    ({"e11": "PRESENT"}, "SCR-G34"),
    ({"e12": ""}, "SCR-G35"),
    ({"symptoms": "Y", "uncontrolled": "Y", "last_sign_on": DAY}, "SCR-G38"),
    ({"immunosuppressant_any": "Y"}, "SCR-G37"),
])  # fmt: skip
def test_what_stands_against_it_is_listed_and_nothing_is_released(world, investigator, changes, rule):
    patient = world.enrolled(released=False)
    world.enter(patient, "REL", "C1D1", **{**CHECK, **changes})
    response = release(world, investigator, patient)
    assert response.status_code == 422
    assert f">{rule}<" in response.content.decode()
    assert check_of(patient).released_at is None
    assert not Signature.objects.filter(form="REL").exists()


@pytest.mark.parametrize(("released", "late"), [((0, 20), False), ((0, 59), False), ((1, 0), True)])
def test_a_start_within_the_minute_of_the_release_is_no_deviation(world, investigator, released, late):
    """The start is entered to the minute, the release is stored to the second."""
    with clock.set_to(datetime(2026, 11, 19, 9, 0, tzinfo=UTC)):
        patient = world.enrolled(released=False)
    minutes, seconds = released
    with clock.set_to(datetime(2026, 11, 20, 9, minutes, seconds, tzinfo=UTC)):
        world.enter(patient, "REL", "C1D1", **CHECK)
        assert release(world, investigator, patient).status_code == 302
    why = {"confirm-SCR-031": "1", "why-SCR-031": "x"} if late else {}
    world.dose(patient, "C1D1", DAY, "1", start_time="10:00", end_time="11:00", **why)
    assert Deviation.objects.filter(rule="SCR-031").exists() is late


def test_an_infection_after_the_act_is_none_of_its_business(world):
    """Antibiotics begun after registration, and again after the first dose: nothing differs from the answers of then."""
    with clock.set_to(datetime(2026, 11, 2, 9, 0, tzinfo=UTC)):
        patient = world.enrolled()
        world.dose(patient, "C1D1", "2026-11-02", "1")
    sepsis = {"name": "Sepsis", "active": "Y", "symptoms": "Y", "clinical_signs": "Y", "radiographic_signs": "N", "uncontrolled": "Y",
              "last_sign_on": DAY, "parenteral": "Y", "antibiotics_completed": "N"}  # fmt: skip
    world.enter(patient, "INF", "new", started_on="2026-11-03", **sepsis)
    assert not Query.objects.filter(rule__startswith="SCR-E12").exists()
    world.enter(patient, "INF", "1", started_on="2026-11-02", change_reason="Read again", **sepsis)
    assert set(Query.objects.filter(rule__startswith="SCR-E12").values_list("rule", flat=True)) == {"SCR-E12a", "SCR-E12b"}


@pytest.mark.parametrize("password", ["", "wrong"])
def test_without_the_password_nothing_is_released(world, investigator, password):
    patient = world.enrolled(released=False)
    world.enter(patient, "REL", "C1D1", **CHECK)
    assert release(world, investigator, patient, password).status_code == 422
    assert check_of(patient).released_at is None


def test_a_check_in_progress_releases_nothing(world, investigator):
    patient = world.enrolled(released=False)
    world.enter(patient, "REL", "C1D1", action="save", **CHECK)
    response = release(world, investigator, patient)
    assert response.status_code == 422
    assert ">SCR-G30<" in response.content.decode()


@pytest.mark.parametrize(("role", "status"), [("COORDINATOR", 403), ("MONITOR", 403)])
def test_nobody_else_releases(world, role, status):
    patient = world.enrolled(released=False)
    world.enter(patient, "REL", "C1D1", **CHECK)
    assert release(world, world.user(role, "FR03"), patient).status_code == status
    assert release(world, world.user("INVESTIGATOR", "IT02"), patient).status_code == 404
    assert check_of(patient).released_at is None


def test_a_second_release_changes_nothing(world, investigator):
    patient = world.enrolled(released=False)
    world.enter(patient, "REL", "C1D1", **CHECK)
    release(world, investigator, patient)
    first = check_of(patient).released_at
    with clock.set_to(datetime(2026, 11, 20, 13, 0, tzinfo=UTC)):
        assert release(world, investigator, patient).status_code == 422
    assert check_of(patient).released_at == first
    assert Signature.objects.filter(form="REL").count() == 1


def test_a_first_dose_without_release_is_stored_as_a_deviation(world):
    patient = world.enrolled(released=False)
    coordinator = world.user("COORDINATOR", "FR03")
    page = Page(world, coordinator, patient, "EC", "C1D1")
    answers = {"occurrence": "GIVEN", "given_on": DAY, "start_time": "10:00", "end_time": "11:00", "dose_mg": "1"}
    page.fill(**answers).post("submit")
    assert page.response.status_code == 422
    assert "SCR-031" in {rule for _, rule, severity, _ in page.read.findings if severity == "DEVIATION"}
    said = {"confirm-SCR-031": "1", "why-SCR-031": "The network was down"}
    said |= {f"{kind}-{rule}": "x" for rule in ("SCR-I09g", "SCR-E10g", "SCR-E11g") for kind in ("confirm", "why")}
    assert page.post("submit", **said).status_code == 302
    deviation = Deviation.objects.get(rule="SCR-031")
    assert (deviation.form, deviation.why) == ("EC", "The network was down")


def test_a_steroid_entered_afterwards_makes_the_dose_a_deviation(world):
    """The real start of the infusion is what counts, whatever the check said."""
    patient = world.enrolled()
    world.dose(patient, "C1D1", DAY, "1")
    assert not Deviation.objects.exists()
    world.enter(
        patient, "CM", "new", name="Prednisone", drug_class="CORTICOSTEROID", steroid="PREDNISONE", purpose="TREATMENT",
        dose="40", dose_unit="mg", frequency="QD", route="ORAL", started_on="2026-11-15", ongoing="Y",
    )  # fmt: skip
    assert set(Deviation.objects.values_list("rule", "form")) == {("SCR-E10g", "EC")}


# ---- the eligibility page --------------------------------------------------------------------------------------------


def page_of(world, user, patient) -> str:
    response = world.client(user).get(reverse("eligibility", args=[patient.number]))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def refused(world, user, patient) -> set[str]:
    """Registers, if nothing stands against it; the ids of what does."""
    points = {point.rule for point in gate_one(case_of(patient))}
    response = world.client(user).post(reverse("registration", args=[patient.number]), {"password": PASSWORD})
    assert response.status_code == (422 if points else 302)
    return points


def line_of(html: str, criterion: str, gate: int = 1) -> str:
    return html.partition(f'<tr id="{criterion}-{gate}"')[2].partition("</tr>")[0]


def test_the_verdict_waits_for_the_answer_and_what_is_missing_does_not(world, coordinator):
    patient = world.screened(i03="", i06="", chart={"COA": None})
    html = page_of(world, coordinator, patient)
    assert "Met" not in line_of(html, "I3")
    assert "required: exactly 2" not in line_of(html, "I3")
    assert "Not entered: INR or PT" in line_of(html, "I6")
    assert f"/patients/{patient.number}/form/COA/SCR/#q-inr" in line_of(html, "I6")
    assert "required: exactly 2" in line_of(page_of(world, coordinator, world.screened()), "I3")


def test_a_difference_is_marked_and_overwrites_nothing(world, coordinator):
    patient = world.screened(chart={"COA": {"inr": "2.4"}})
    line = line_of(page_of(world, coordinator, patient), "I6")
    assert "Not met" in line
    assert "Fulfilled" in line
    assert "a query is open" in line
    assert Query.objects.filter(rule="SCR-I06a", form="IE", field="i06").exists()
    assert registry.form("IE").objects.get(patient=patient).i06 == "FULFILLED"


def test_a_review_is_asked_decided_and_then_registered(world, investigator):
    patient = world.screened()
    world.enter(
        patient, "PST", "new", line_number="2", stage="ES", drugs=["TOPOTECAN"], chemo_first_on="2026-02-01",
        chemo_last_on="2026-04-01",
    )  # fmt: skip
    ruling = Ruling.objects.get(rule="SCR-I01r")
    assert "further systemic line" in ruling.question
    register = world.client(investigator)
    url = reverse("registration", args=[patient.number])
    assert register.post(url, {"password": PASSWORD}).status_code == 422
    from review.rulings import decide

    reviewer = world.user("MEDICAL_REVIEWER")
    decide(user=reviewer, ruling=ruling, outcome="SATISFIED", reason="The trial counts platinum-etoposide only.",
           inputs=ruling.inputs, version=ruling.version)  # fmt: skip
    assert "The trial counts platinum-etoposide only." in line_of(page_of(world, investigator, patient), "I1")
    assert register.post(url, {"password": PASSWORD}).status_code == 302
    patient.refresh_from_db()
    assert patient.enrolment_number == 1
    ruling.refresh_from_db()
    assert ruling.status == "DECIDED"


def test_a_decision_against_the_patient_keeps_registration_closed(world, investigator):
    patient = world.screened()
    world.enter(
        patient, "PST", "new", line_number="2", stage="ES", drugs=["TOPOTECAN"], chemo_first_on="2026-02-01",
        chemo_last_on="2026-04-01",
    )  # fmt: skip
    from review.rulings import decide

    ruling = Ruling.objects.get(rule="SCR-I01r")
    decide(user=world.user("MEDICAL_REVIEWER"), ruling=ruling, outcome="NOT SATISFIED", reason="One systemic line in all.",
           inputs=ruling.inputs, version=ruling.version)  # fmt: skip
    assert "Not met" in line_of(page_of(world, investigator, patient), "I1")
    response = world.client(investigator).post(reverse("registration", args=[patient.number]), {"password": PASSWORD})
    assert response.status_code == 422


def test_the_page_of_a_fully_entered_patient_stays_within_its_budget(world, coordinator):
    patient = world.enrolled()
    client = world.client(coordinator)
    url = reverse("eligibility", args=[patient.number])
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    assert len(asked) <= 12, "\n".join(each["sql"][:90] for each in asked.captured_queries)
    assert len(NEEDS) > 25


# ---- bad input -------------------------------------------------------------------------------------------------------


def test_an_unknown_unit_is_stored_as_typed_and_asked_about(world, coordinator, investigator):
    patient = world.screened(chart={"COA": None})
    world.enter(
        patient, "COA", "SCR", taken_on="2026-06-10", laboratory="Central laboratory", inr="1,1", aptt="31", aptt_unit="bananas"
    )
    stored = registry.form("COA").objects.get(patient=patient)
    assert (stored.inr, stored.aptt, stored.aptt_unit) == ("1,1", "31", "bananas")
    assert set(Query.objects.filter(form="COA").values_list("rule", "field")) == {("COA-APTT_LBORRES-unit", "aptt")}
    line = line_of(page_of(world, coordinator, patient), "I6")
    assert "Undetermined" in line
    response = world.client(investigator).post(reverse("registration", args=[patient.number]), {"password": PASSWORD})
    assert ">SCR-G16<" in response.content.decode()


def test_a_laboratory_without_limits_is_not_asked_for_a_range_and_settles_no_limit(world, coordinator):
    """The line tells the unit; a multiple of the upper limit stays open and says why."""
    patient = world.screened(chart={"COA": {"laboratory": "City laboratory"}})
    line = {"laboratory": "City laboratory", "valid_from": "2026-01-01"}
    assert "its upper limit, or the unit, is not known" in line_of(page_of(world, coordinator, patient), "I6")
    for test, unit in (("INR", "RATIO"), ("APTT", "s")):
        assert enter_reference(world.client(coordinator), "RANGE", test=test, unit=unit, low="", high="", **line).status_code == 302
    assert not Query.objects.filter(form="COA", status="OPEN").exists()
    said = line_of(page_of(world, coordinator, patient), "I6")
    assert "Undetermined" in said
    assert "its upper limit, or the unit, is not known" in said


def test_contradictory_entries_are_named_on_both_fields(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "VS", "SCR")
    page.fill(taken_on="2026-06-10", systolic="80", diastolic="120", oxygen_saturation="95", room_air="Y").post("submit")
    page = Page(world, coordinator, patient, "VS", "SCR")
    assert page.response.status_code == 200
    at = {where for where, rule, _, _ in page.read.findings if rule.startswith("ASM-")}
    queried = set(Query.objects.filter(form="VS").values_list("field", flat=True))
    assert at | queried >= {"systolic", "diastolic"}


@pytest.mark.parametrize(("code", "name"), [
    (form.code, field.name) for form in registry.forms() for field in form._meta.concrete_fields if getattr(field, "past", False)
])  # fmt: skip
def test_a_date_in_the_future_is_refused_and_kept_on_the_page(world, coordinator, code, name):
    model = registry.form(code)
    if name in model.asks_if:
        parents = model.asks_if[name]
        answers = {parents.field: parents.values[0]}
        while parents.field in model.asks_if:
            parents = model.asks_if[parents.field]
            answers[parents.field] = parents.values[0]
    else:
        answers = {}
    patient = world.patient()
    slot = "new" if model.is_log() else model.visits[0]
    page = Page(world, coordinator, patient, code, slot).fill(**answers, **{name: "2026-11-21"})
    page.post("save")
    assert page.response.status_code == 422
    assert (name, f"{code}-{model.exports[name]}-future") in {(where, rule) for where, rule, _, _ in page.read.findings}
    assert page.read.data[f"{name}_2"] == ["2026"]
    assert not model.objects.filter(patient=patient).exists()


@pytest.mark.parametrize(("steroid", "dose", "shown"), [
    ("DEXAMETHASONE", "1.5", "like 10 mg of prednisone"), ("HYDROCORTISONE", "20", "like 5 mg of prednisone"),
    ("OTHER", "5", ""), ("PREDNISONE", "", ""),
])  # fmt: skip
def test_a_corticosteroid_shows_its_equivalent_in_prednisone(world, coordinator, steroid, dose, shown):
    patient = world.patient()
    record = world.enter(
        patient, "CM", "new", name="A steroid", drug_class="CORTICOSTEROID", steroid=steroid, purpose="TREATMENT", dose=dose,
        dose_unit="mg", frequency="QD", route="ORAL", started_on="2026-06-10", ongoing="Y",
    ).saved.record  # fmt: skip
    page = Page(world, coordinator, patient, "CM", record.slot).read.shown
    assert (shown in page) if shown else ("mg of prednisone" not in page)


# ---- after the release ---------------------------------------------------------------------------------------------------


def released_page(world, user, patient) -> str:
    html = world.client(user).get(reverse("release", args=[patient.number])).content.decode()
    return re.sub(r"\s+", " ", html)


def test_after_the_release_nothing_stands_against_the_first_dose(world, investigator):
    patient = world.enrolled()
    html = released_page(world, investigator, patient)
    assert 'id="against"' not in html
    assert "Enter the first dose" in html
    assert "Nothing stands against the first dose" in page_of(world, investigator, patient)


def test_what_came_up_after_the_release_is_listed_before_the_first_dose_is_entered(world, investigator):
    patient = world.enrolled()
    world.enter(patient, "REL", "C1D1", symptoms="Y", uncontrolled="Y", last_sign_on=DAY, change_reason="fever since this morning", **{
        name: value for name, value in CHECK.items() if name not in ("symptoms", "uncontrolled")})  # fmt: skip
    html = released_page(world, investigator, patient)
    assert ">SCR-G38<" in html
    assert ">SCR-G40<" not in html  # that it has been released is no point against it
    assert html.index("Released, but now 1 point stands against the first dose") < html.index("Enter the first dose")
    seen = page_of(world, investigator, patient)
    assert re.search(r"<strong>1 point</strong> stands against the first dose: <a href=\"[^\"]*/release/#against\">see it</a>\.</span>", seen)


def test_after_the_first_dose_it_is_not_entered_again(world, investigator):
    patient = world.enrolled()
    world.dose(patient, "C1D1", DAY, "1")
    assert "Enter the first dose" not in released_page(world, investigator, patient)


# ---- after a screen failure ----------------------------------------------------------------------------------------------


def test_the_page_says_that_the_screening_has_ended_and_from_which_day_it_counts(world, coordinator):
    patient = world.screened()
    assert "Windows count back from today." in page_of(world, coordinator, patient)
    world.enter(patient, "SF", "SCR", action="save", decided_on="2026-11-18", reason="OTHER", details="moved away")
    assert "A screen failure is in progress, decided on 18-Nov-2026:" in page_of(world, coordinator, patient)
    world.enter(patient, "SF", "SCR", decided_on="2026-11-18", reason="OTHER", details="moved away")
    html = page_of(world, coordinator, patient)
    assert "Windows count back from the day on which the screening ended, 18-Nov-2026." in html
    assert "<strong>The screening has ended</strong> in a screen failure, decided on 18-Nov-2026." in html


# ---- what is judged or asked again at an unscheduled visit -------------------------------------------------------------


def test_a_judgement_is_made_again_and_counts(world, investigator):
    patient = world.screened(chart={"ORG": {"renal": "N"}})
    assert "Not met" in line_of(page_of(world, investigator, patient), "I5")
    world.enter(patient, "UV", "UNS01", visited_on=DAY, reason="Creatinine again")
    world.enter(patient, "ORG", "UNS01", assessed_on=DAY, renal="Y")
    line = line_of(page_of(world, investigator, patient), "I5")
    assert "Judged adequate (renal function; 20-Nov-2026, the day of this check" in line
    assert "Judged adequate (liver function; 10-Jun-2026" in line
    assert not Query.objects.filter(form="ORG", status="OPEN").exists(), "nothing else is asked for a second time"
    response = world.client(investigator).post(reverse("registration", args=[patient.number]), {"password": PASSWORD})
    assert response.status_code == 302


def test_blood_taken_again_asks_for_the_judgement(world):
    patient = world.screened()
    world.enter(patient, "HEM", "UNS01", taken_on="2026-11-19", laboratory="Central laboratory", hgb="85", hgb_unit="g/L")
    asked = Query.objects.filter(form="ORG", rule="SCR-114", status="OPEN")
    assert "haematological function, sample of 19-Nov-2026" in asked.get().text
    world.enter(patient, "ORG", "UNS01", assessed_on="2026-11-18", haematological="Y")
    assert asked.count() == 1, "judged before the sample too"
    world.enter(patient, "ORG", "UNS01", assessed_on="2026-11-19", haematological="N", change_reason="Judged on the 19th")
    assert not asked.exists()
    assert Query.objects.filter(form="IE", field="i05", rule="SCR-I05a", status="OPEN").exists()


def test_childbearing_is_asked_again_without_what_has_not_changed(world, coordinator):
    woman = chart.WOMAN | {"sexually_active": "N"}
    patient = world.screened(sex="F", chart={"RP": woman}, i09="FULFILLED", e18="NOT APPLICABLE")
    assert "Not entered: pregnancy test" in line_of(page_of(world, coordinator, patient), "I9")
    world.enter(patient, "RP", "UNS01", assessed_on=DAY, potential="N", no_potential_reason="SURGICALLY STERILE")
    assert not Query.objects.filter(form="RP", status="OPEN").exists()
    line = line_of(page_of(world, coordinator, patient), "I9")
    assert "Not entered" not in line
    assert "Not of childbearing potential" in line


def test_a_woman_found_fertile_at_an_unscheduled_visit_is_not_registered_without_a_test(world, investigator):
    """The other way round: what did not apply applies, at once on the page and at the gate; then the test is entered."""
    patient = world.screened(sex="F", chart={"RP": {"potential": "N", "pregnant": "N", "breastfeeding": "N"}}, e18="NOT APPLICABLE")
    assert "Not of childbearing potential" in line_of(page_of(world, investigator, patient), "I9")
    world.enter(patient, "UV", "UNS01", visited_on=DAY, reason="Menses")
    world.enter(patient, "RP", "UNS01", assessed_on=DAY, potential="Y", sexually_active="Y", willing="Y")
    html = page_of(world, investigator, patient)
    assert "Not entered: pregnancy test" in line_of(html, "I9")
    assert "Willing to use effective contraception" in line_of(html, "E18")
    assert refused(world, investigator, patient) >= {"SCR-G19", "SCR-I09", "SCR-E18"}
    world.enter(patient, "PT", "new", tested_on=DAY, specimen="SERUM", result="NEGATIVE")
    satisfied = {each.field: each.satisfied_by for each in CRITERIA}
    world.enter(patient, "IE", "SCR", change_reason="Asked again", assessed_on=DAY, all_satisfied="Y", **satisfied)
    assert refused(world, investigator, patient) == set()
    patient.refresh_from_db()
    assert patient.enrolment_number == 1


def test_a_liver_judged_again_as_inadequate_closes_the_gate(world, investigator):
    patient = world.screened()
    world.enter(patient, "UV", "UNS01", visited_on=DAY, reason="ALT again")
    world.enter(patient, "ORG", "UNS01", assessed_on=DAY, liver="N")
    assert "Not met" in line_of(page_of(world, investigator, patient), "I5")
    assert "SCR-G15" in refused(world, investigator, patient)
    assert Query.objects.filter(form="IE", field="i05", status="OPEN").exists()


# ---- 'not applicable' where the data say that the criterion applies ----------------------------------------------------


FERTILE = {**chart.WOMAN, "sexually_active": "Y", "willing": "Y"}


@pytest.mark.parametrize(("sex", "rp", "test", "answers", "against", "why"), [
    ("F", FERTILE, "NEGATIVE", {"i09": "NOT APPLICABLE", "e18": "ABSENT"}, "SCR-I09", "Negative serum test 10-Nov-2026"),
    ("F", FERTILE, "POSITIVE", {"i09": "NOT APPLICABLE", "e18": "ABSENT"}, "SCR-I09", "The last test is not negative"),
    ("F", FERTILE, "", {"i09": "NOT APPLICABLE", "e18": "ABSENT"}, "SCR-I09", "Not entered: pregnancy test"),
    ("F", FERTILE, "NEGATIVE", {"i09": "FULFILLED", "e18": "NOT APPLICABLE"}, "SCR-E18", "Willing to use effective contraception"),
    ("M", {"sexually_active": "Y", "willing": "Y"}, "", {"e18": "NOT APPLICABLE"}, "SCR-E18", "Willing to use"),
    ("M", {"sexually_active": "Y", "willing": "N"}, "", {"e18": "NOT APPLICABLE"}, "SCR-E18", "Not willing to use"),
])  # fmt: skip
def test_not_applicable_does_not_register_where_it_applies(world, investigator, sex, rp, test, answers, against, why):
    patient = world.screened(sex=sex, chart={"RP": rp}, **answers)
    if test:
        world.enter(patient, "PT", "new", tested_on="2026-11-10", specimen="SERUM", result=test)
    client = world.client(investigator)
    response = client.post(reverse("registration", args=[patient.number]), {"password": PASSWORD})
    assert response.status_code == 422
    (sentence,) = [point.sentence for point in gate_one(case_of(patient)) if point.rule == against]
    assert f"must be answered {'Fulfilled' if against == 'SCR-I09' else 'Absent'}" in sentence
    assert f"its answer is Not applicable, and by the entered data it applies: {why}" in sentence
    criterion = "I9" if against == "SCR-I09" else "E18"
    line = line_of(page_of(world, investigator, patient), criterion)
    assert "status--warn" in line.partition("criterion-program")[0], "the answer does not stand"
    assert "differs from the answer: a query is open" in line
    assert why in line
    assert Query.objects.filter(form="IE", field=BY_ID[criterion].field, status="OPEN").exists()
    patient.refresh_from_db()
    assert patient.enrolment_number is None


@pytest.mark.parametrize(("sex", "rp", "answers"), [
    ("M", {"sexually_active": "N"}, {"i09": "NOT APPLICABLE", "e18": "NOT APPLICABLE"}),
    ("F", {"potential": "N", "pregnant": "N", "breastfeeding": "N"}, {"i09": "NOT APPLICABLE", "e18": "NOT APPLICABLE"}),
])  # fmt: skip
def test_not_applicable_registers_where_it_does_not_apply(world, investigator, sex, rp, answers):
    patient = world.screened(sex=sex, chart={"RP": rp}, **answers)
    assert refused(world, investigator, patient) == set()


def test_not_applicable_does_not_release_the_first_dose_of_a_woman_who_may_be_pregnant(world, investigator):
    with clock.set_to(datetime(2026, 11, 19, 9, 0, tzinfo=UTC)):
        patient = world.screened(sex="F", chart={"RP": FERTILE}, i09="FULFILLED", e18="ABSENT")
        world.enter(patient, "PT", "new", tested_on="2026-11-10", specimen="SERUM", result="NEGATIVE")
        assert refused(world, investigator, patient) == set()
        patient.refresh_from_db()
    world.enter(patient, "PT", "new", tested_on=DAY, specimen="URINE", result="NEGATIVE", tested_time="07:00")
    world.enter(patient, "REL", "C1D1", **CHECK)  # I9: not applicable
    response = release(world, investigator, patient)
    assert response.status_code == 422
    assert "and by the entered data it applies: Negative urine test 20-Nov-2026" in " ".join(response.content.decode().split())
    line = line_of(page_of(world, investigator, patient), "I9", 2)
    assert "status--warn" in line.partition("criterion-program")[0]
    assert "differs from the answer" in line
    world.enter(patient, "REL", "C1D1", change_reason="It applies", **{**CHECK, "i09": "FULFILLED"})
    assert release(world, investigator, patient).status_code == 302
    assert check_of(patient).released_at is not None


# ---- recurrent pneumonitis ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("again", "verdict", "words"), [
    ("2", "Present", "Pneumonitis, grade 2, recurrent with grade 2."),
    ("1", "For the medical reviewer", "recurrent with grade 1: is the grade of the recurrence meant?"),
    ("", "Undetermined", "Not entered: grade of Pneumonitis when it came back."),
])  # fmt: skip
def test_the_grade_of_the_recurrence_decides_e2(world, investigator, again, verdict, words):
    patient = world.screened(chart={"HX": {"irae_any": "Y"}})
    world.enter(
        patient, "IRAE", "new", term="Pneumonitis", category="PNEUMONITIS", grade="2", started_on="2026-01", recurrent="Y",
        recurrence_grade=again, ici_stopped="N", status="RECOVERED/RESOLVED",
    )  # fmt: skip
    line = line_of(page_of(world, investigator, patient), "E2")
    assert verdict in line
    assert words in line
    assert f"/form/IRAE/1/#q-{'recurrence_grade'}" in line
    assert "SCR-G42" in refused(world, investigator, patient)
    assert Ruling.objects.filter(rule="SCR-E02r").exists() is (again == "1")


# ---- smaller things of these pages -----------------------------------------------------------------------------------


def test_what_the_checklist_says_of_a_criterion_of_the_first_dose_is_shown_there(world, coordinator):
    patient = world.screened(e10="PRESENT")
    html = page_of(world, coordinator, patient)
    assert "on the checklist: Present" in line_of(html, "E10", 2)
    assert "on the checklist: Absent" in line_of(html, "E11", 2)
    assert "on the checklist" not in line_of(html, "E12", 2), "it is asked at registration, where it stands"


@pytest.mark.parametrize(("sex", "said"), [("M", True), ("F", False)])
def test_a_man_is_told_which_questions_are_not_for_him(world, coordinator, sex, said):
    patient = world.patient()
    world.enter(patient, "DM", "SCR", birth_date="1958", sex=sex)
    shown = Page(world, coordinator, patient, "RP", "SCR").read.shown
    assert shown.count("Not needed: the patient is a man.") == (6 if said else 0)


def test_the_casebook_leads_to_the_confirmation_and_explains_only_what_it_shows(world, coordinator):
    patient = world.enrolled()
    book = world.client(coordinator).get(reverse("patient", args=[patient.number])).content.decode()
    assert f'href="{reverse("registered", args=[patient.number])}"' in book
    assert "Dates are planned from the first dose on" in book
    assert "stands for a repeated dose" not in book
    world.dose(patient, "C1D1", DAY, "1")
    book = world.client(coordinator).get(reverse("patient", args=[patient.number])).content.decode()
    assert "Planned dates follow from the last dose given." in book
    assert "stands for a repeated dose" not in book
