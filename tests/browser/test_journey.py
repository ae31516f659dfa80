"""The way of one patient through the trial, as site, monitor and safety desk see it. After every save the database is asked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from accounts.models import OutboxMail
from adverse_events.models import AdverseEvent
from assessments.models import EcogAssessment
from dosing.models import Administration
from patients.models import Patient
from protocol.criteria import CRITERIA, active
from review.models import Deviation, Query, QueryStatus
from screening.models import Demographics, Eligibility, InformedConsent, ScreenFailure
from tests import chart
from tests.conftest import PASSWORD, World

pytestmark = pytest.mark.browser

P = "/patients/FR03-001/"
F = P + "form/"


def test_from_consent_to_registration(someone, hands, world: World):
    """Coordinator and investigator in Lyon; the clock stands at 14 June 2026."""
    hands.forward(days=-18)
    world.site("FR03")
    coordinator = world.user("COORDINATOR", "FR03")
    nurse = someone()

    # log-in, by keyboard: the cursor stands in the first box
    nurse.open("/")
    expect(nurse.page.get_by_label("User name")).to_be_focused()
    keys = nurse.page.keyboard
    keys.type(coordinator.username)
    keys.press("Tab")
    keys.type(PASSWORD)
    with nurse.page.expect_navigation():
        keys.press("Enter")
    assert nurse.page.url.endswith("/"), nurse.page.url
    assert "Site coordinator FR03" in nurse.text()

    # a new patient
    nurse.page.get_by_role("link", name="Patients", exact=True).click()
    nurse.press("New patient at FR03")
    patient = Patient.objects.get()
    assert patient.number == "FR03-001" and patient.site.code == "FR03"
    assert nurse.page.url.endswith(P)

    # informed consent, hands on the keyboard: "10 6 26" spreads over the boxes, Ctrl+Enter submits and leads on
    nurse.page.get_by_role("link", name=re.compile("Informed consent, Screening")).click()
    nurse.page.locator('[name="patient_signed_on_0"]').focus()
    keys.type("10 6 26")
    assert nurse.boxes("patient_signed_on")[0] == "10"
    keys.press("Tab")
    assert nurse.boxes("patient_signed_on") == ["10", "Jun", "2026"]
    keys.type("930")
    keys.press("Tab")
    keys.type("10-jun-2026")
    keys.press("Tab")
    assert nurse.boxes("investigator_signed_on") == ["10", "Jun", "2026"]
    keys.press("Tab")  # past the time
    expect(nurse.page.locator('[name="icf_version"]')).to_be_focused()
    keys.type("FR 1.0 – version française")
    nurse.picture("journey-consent")
    with nurse.page.expect_navigation():
        keys.press("Control+Enter")
    consent = InformedConsent.objects.get()
    assert (consent.patient_signed_on, consent.patient_signed_time, consent.investigator_signed_on) == (
        "2026-06-10",
        "09:30",
        "2026-06-10",
    )
    assert (consent.icf_version, consent.state) == ("FR 1.0 – version française", "SUBMITTED")

    # demographics: France stores no day of birth; the refusal names its rule and keeps what was typed
    assert nurse.page.url.endswith("DM/SCR/"), nurse.page.url
    nurse.date("birth_date", "5 3 58")
    nurse.choose("sex", "M")
    nurse.submit()
    expect(nurse.page.locator("#error-summary")).to_be_focused()
    assert "DM-BRTHDAT-precision" in nurse.page.locator("#error-summary").inner_text()
    assert "DM-BRTHDAT-precision" in nurse.row("birth_date").inner_text()
    assert nurse.boxes("birth_date") == ["05", "Mar", "1958"]
    assert nurse.page.locator('[name="sex"][value="M"]').is_checked()
    assert not Demographics.objects.exists()
    nurse.page.locator("#error-summary a").first.click()
    expect(nurse.page.locator('[name="birth_date_0"]')).to_be_focused()
    keys.type("UK")
    nurse.submit()
    assert Demographics.objects.values_list("birth_date", "sex").get() == ("1958-03", "M")

    # ECOG 1, chosen by its digit
    nurse.open(F + "ECOG/SCR/")
    nurse.date("assessed_on", "10 6 26")
    nurse.page.locator('[name="ecog"]').first.focus()
    keys.press("1")
    nurse.submit()
    assert EcogAssessment.objects.get().ecog == "1"

    # the checklist: first saved half, then submitted. The program says nothing before the own answer is stored
    nurse.open(F + "IE/SCR/")
    nurse.date("assessed_on", "10 6 26")
    for criterion in active():
        nurse.choose(criterion.field, "FULFILLED" if criterion.kind == "inclusion" else "ABSENT")
    nurse.choose("i09", "NOT APPLICABLE")
    assert nurse.page.locator(".q-computed").count() == 0
    nurse.submit()
    answers = Eligibility.objects.get()
    assert all(getattr(answers, each.field) in ("FULFILLED", "ABSENT", "NOT APPLICABLE") for each in CRITERIA)
    assert nurse.page.locator(".q-computed").count() == 25  # every criterion but E10, E11 (first dose) and E15, E16 (judgement)
    assert "ECOG 1" in nurse.row("i03").locator(".q-computed").inner_text()
    query = Query.objects.get(rule="SCR-I03a")
    assert query.status == QueryStatus.OPEN and query.field == "i03"
    expect(nurse.row("i03").locator(".thread")).to_be_visible()
    nurse.picture("journey-checklist", whole=False)

    # registering is not offered to her
    nurse.open(P + "registration/")
    assert nurse.page.get_by_role("button", name=re.compile("Register FR03-001")).count() == 0
    assert "Only an investigator of the site can register" in nurse.text()

    # the investigator is refused, sees why, and where
    doctor = someone("INVESTIGATOR", "FR03")
    doctor.open(P + "registration/")
    doctor.picture("journey-unmet")
    assert doctor.page.get_by_role("button", name=re.compile("Sign and register")).count() == 0
    patient.refresh_from_db()
    assert patient.enrolment_number is None
    unmet = doctor.page.locator(".summary a", has_text="ECOG 1")
    assert unmet.count() == 1
    unmet.click()
    doctor.page.wait_for_url("**/ECOG/SCR/#q-ecog")

    # he corrects it: a reason is asked for, the query closes with its cause
    doctor.choose("ecog", "2")
    doctor.submit()
    assert EcogAssessment.objects.get().ecog == "1", "a submitted answer was changed without a reason"
    assert doctor.page.locator('[name="ecog"][value="2"]').is_checked()
    doctor.page.locator("#error-summary a").first.click()
    expect(doctor.page.locator("#change_reason")).to_be_focused()
    doctor.page.get_by_role("button", name="Corrected from the source document").click()
    doctor.submit()
    assert EcogAssessment.objects.get().ecog == "2"
    query.refresh_from_db()
    assert query.status == QueryStatus.CLOSED and "Closed by a change in ECOG performance status" in query.text

    # what the other forms of screening hold, without their pages
    chart.enter(patient, world.user("COORDINATOR", "FR03"))
    doctor.open(P + "registration/")
    assert "Nothing stands against registration" in doctor.text()
    doctor.page.locator("#password").fill(PASSWORD)
    doctor.press("Sign and register FR03-001")
    patient.refresh_from_db()
    assert (patient.enrolment_number, patient.enrolled_on.isoformat()) == (1, "2026-06-14")
    doctor.picture("journey-registered")

    # the history, in place: old struck through → new, who, when, why
    doctor.open(F + "ECOG/SCR/")
    doctor.row("ecog").get_by_role("link", name=re.compile("History")).click()
    change = doctor.page.locator("dialog .change").first
    expect(change).to_be_visible()
    assert "1 –" in change.locator("del").inner_text() and "2 –" in change.locator("ins").inner_text()
    said = change.inner_text()
    assert (
        "Investigator FR03 (Investigator)" in said and "Corrected from the source document" in said and "CEST" in said
    )
    doctor.picture("journey-history", whole=False)
    doctor.page.keyboard.press("Escape")
    expect(doctor.page.locator("dialog")).to_have_count(0)

    # another patient, ineligible for good, is recorded as a screen failure with its criterion
    other = world.screened(e13="PRESENT")
    nurse.open(f"/patients/{other.number}/registration/")
    nurse.page.get_by_role("link", name="Record a screen failure").click()
    nurse.date("decided_on", "12 6 26")
    expect(nurse.row("criteria")).to_be_hidden()
    nurse.choose("reason", "ELIGIBILITY CRITERIA NOT MET")
    expect(nurse.row("criteria")).to_be_visible()
    nurse.page.locator('[name="criteria"][value="E13"]').check()
    nurse.submit()
    failure = ScreenFailure.objects.get()
    assert (failure.decided_on, failure.criteria, failure.state) == ("2026-06-12", "E13", "SUBMITTED")
    nurse.open("/patients/")
    assert "Screen failure" in nurse.page.locator("tr", has_text=other.number).inner_text()


def test_from_the_first_dose_to_a_serious_event(someone, hands, world: World):
    hands.forward(days=-18)
    patient = world.enrolled()
    hands.forward(days=1, hours=5)
    nurse = someone("COORDINATOR", "FR03")
    keys = nurse.page.keyboard

    # 10 mg at C1D1: not stored before it is confirmed with a reason
    nurse.open(P)
    nurse.page.get_by_role("link", name=re.compile("Tarlatamab administration, C1D1")).click()
    nurse.choose("occurrence", "GIVEN")
    nurse.date("given_on", "15 6 26")
    nurse.write("start_time", "1000")
    nurse.write("end_time", "11:00")
    nurse.write("dose_mg", "10")
    nurse.submit()
    expect(nurse.page.locator("#error-summary")).to_be_focused()
    assert "Not stored yet" in nurse.page.locator("#error-summary").inner_text()
    assert not Administration.objects.exists()
    nurse.picture("journey-confirm")
    nurse.page.locator("#error-summary a").first.click()
    expect(nurse.page.locator("#confirm-DOS-001")).to_be_focused()
    keys.press("Space")
    keys.press("Tab")
    keys.type("Wrong vial taken from the fridge")
    nurse.submit()
    dose = Administration.objects.get()
    assert (dose.dose_mg, dose.start_time, dose.state) == (10, "10:00", "SUBMITTED")
    deviation = Deviation.objects.get()
    assert (deviation.rule, deviation.why) == ("DOS-001", "Wrong vial taken from the fridge")
    nurse.open("/deviations/")
    assert "Wrong vial taken from the fridge" in nurse.page.locator("tr", has_text="DOS-001").inner_text()

    # it was a typing error: 1 mg, decimal comma and all; the query closes, the deviation is withdrawn
    nurse.open(F + "EC/C1D1/")
    nurse.write("dose_mg", "1,0")
    nurse.page.get_by_role("button", name="Typing error corrected").click()
    nurse.submit()
    dose.refresh_from_db()
    assert dose.dose_mg == 1
    assert Query.objects.get(rule="DOS-001").status == QueryStatus.CLOSED
    deviation.refresh_from_db()
    assert deviation.status != "PROPOSED", deviation.status

    # the second dose is delayed and keeps its label
    hands.forward(days=7)
    nurse = someone("COORDINATOR", "FR03")
    keys = nurse.page.keyboard
    nurse.open(F + "EC/C1D8/")
    nurse.choose("occurrence", "DELAYED")
    expect(nurse.row("given_on")).to_be_hidden()
    nurse.choose("reason", "ADVERSE EVENT")
    nurse.submit()
    assert Administration.objects.filter(visit__code="C1D8").values_list("occurrence", "reason", "given_on").get() == (
        "DELAYED",
        "ADVERSE EVENT",
        "",
    )
    nurse.open(P)
    assert "delayed" in nurse.page.get_by_role("region", name="Table of the dose calendar").locator("tr", has_text="C1D8").last.inner_text()

    # fever, found by typing; grades with their texts; a grade that a term does not have cannot be chosen
    nurse.page.get_by_role("link", name="Add to Adverse events").click()
    term = nurse.page.get_by_role("combobox", name="Event", exact=True)
    term.focus()
    keys.type("rash acne", delay=20)
    expect(nurse.page.get_by_role("option").first).to_be_visible()
    term.fill("")
    keys.type("fever", delay=20)
    expect(nurse.page.get_by_role("option", name=re.compile("^Fever"))).to_be_visible()
    nurse.picture("journey-typeahead", whole=False)
    while "Fever" != nurse.page.locator("[role=option][aria-selected=true]").evaluate_all(
        "all => all.length ? all[0].firstChild.textContent : ''"
    ):
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(term).to_have_value("Fever")
    nurse.choose("scale", "CTCAE 5.0")
    expect(nurse.page.locator('[name="grade"][value="5"]')).to_be_enabled()
    term.fill("")
    keys.type("alopecia", delay=20)
    expect(nurse.page.get_by_role("option", name="Alopecia")).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(nurse.page.locator('[name="grade"][value="3"]')).to_be_disabled()
    assert "not a grade of this term" in nurse.row("grade").inner_text()
    term.fill("")
    keys.type("cytokine rel", delay=20)
    expect(nurse.page.get_by_role("option").first).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    nurse.choose("scale", "ASTCT 2019")
    expect(nurse.row("grade")).to_contain_text("no low blood pressure")
    term.fill("")
    keys.type("fever", delay=20)
    expect(nurse.page.get_by_role("option", name=re.compile("^Fever"))).to_be_visible()
    while "Fever" != nurse.page.locator("[role=option][aria-selected=true]").evaluate_all(
        "all => all.length ? all[0].firstChild.textContent : ''"
    ):
        keys.press("ArrowDown")
    keys.press("Tab")
    nurse.choose("scale", "CTCAE 5.0")
    nurse.choose("grade", "3")
    nurse.date("started_on", "22 6 26")
    nurse.choose("ongoing", "Y")

    # serious: the questions appear, the first save starts the clock and writes one mail, though the form is not finished
    expect(nurse.row("is_hospitalisation")).to_be_hidden()
    nurse.choose("serious", "Y")
    expect(nurse.row("is_hospitalisation")).to_be_visible()
    nurse.choose("is_hospitalisation", "Y")
    nurse.date("aware_on", "22 6 26")
    nurse.write("aware_time", "14:00")
    nurse.save()
    event = AdverseEvent.objects.get()
    assert (event.term, event.grade, event.state) == ("Fever", "3", "IN PROGRESS")
    assert event.serious_saved_at is not None and event.reported_at is None
    mail = OutboxMail.objects.get(key=f"serious-{event.pk}")
    assert mail.to_role == "SAFETY_DESK" and "Fever" not in mail.body and patient.number not in mail.body
    assert re.search(r"report due in \d+ h", nurse.page.locator(".strip-clock").inner_text())
    assert "23-Jun-2026 14:00 CEST" in nurse.text()
    nurse.picture("journey-serious")

    # the safety desk sees it, the site reports it
    desk = someone("SAFETY_DESK")
    desk.open(f"/safety/{event.pk}/")
    assert desk.page.url.endswith(f"/safety/AE/{event.pk}/")
    desk.open("/safety/")
    assert "Report is due" in desk.text() and "CEST" in desk.text()
    nurse.page.get_by_role("link", name="Report to the safety desk").click()
    nurse.press("Send the report now")
    event.refresh_from_db()
    assert event.reported_at is not None
    assert nurse.page.locator(".strip-clock").count() == 0
    nurse.open(f"/patients/{patient.number}/form/AE/1/")
    nurse.choose("relationship", "Y")
    nurse.choose("action_taken", "DRUG INTERRUPTED")
    nurse.choose("outcome", "RECOVERING/RESOLVING")
    nurse.submit()
    event.refresh_from_db()
    assert event.state == "SUBMITTED"
    assert list(OutboxMail.objects.filter(key=f"serious-{event.pk}")) == [mail], "one event, one first mail"

    # the monitor asks under the field
    monitor = someone("MONITOR", "FR03")
    monitor.open(F + "AE/1/")
    monitor.page.get_by_text("Raise a query on this form").click()
    monitor.page.get_by_label("Field", exact=True).select_option("grade")
    monitor.page.get_by_label("Your question to the site").fill(
        "The chart says 40.2 °C: grade 3 needs > 40.0. Please confirm."
    )
    monitor.press("Raise the query")
    query = Query.objects.get(form="AE", field="grade", rule="")
    assert query.status == QueryStatus.OPEN

    # the coordinator answers in place; what she was typing elsewhere in the form stays
    nurse.open(F + "AE/1/")
    nurse.write("started_time", "09:15")
    thread = nurse.page.locator(f"#thread-{query.pk}")
    thread.locator("textarea").fill("40.2 °C at 09:15, see the chart")
    nurse.picture("journey-thread")
    thread.get_by_role("button", name="Value is confirmed").click()
    expect(nurse.page.locator(f"#thread-{query.pk}")).to_contain_text("see the chart")
    expect(nurse.page.locator(f"#thread-{query.pk} summary")).to_contain_text("Answered")
    query.refresh_from_db()
    assert query.status == QueryStatus.ANSWERED
    assert nurse.page.locator('[name="started_time"]').input_value() == "09:15"
    event.refresh_from_db()
    assert event.started_time == "", "the answer must not save the form"
    nurse.page.get_by_role("button", name="New information in the source").click()
    nurse.submit()
    event.refresh_from_db()
    assert event.started_time == "09:15"

    # the monitor closes it
    monitor.open(F + f"AE/1/#thread-{query.pk}")
    monitor.page.locator(f"#thread-{query.pk}").get_by_role("button", name="Close").click()
    expect(monitor.page.locator(f"#thread-{query.pk} summary")).to_contain_text("Closed")
    query.refresh_from_db()
    assert query.status == QueryStatus.CLOSED
