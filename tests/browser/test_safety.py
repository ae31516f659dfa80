"""A serious event at night: the nurse reports it, the desk reads and asks, the investigator signs, the follow-up says what is new."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from adverse_events.reports import SafetyReport
from review.models import Query
from tests.browser.person import Person
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

EVENT = {
    "term": "Cytokine release syndrome", "scale": "ASTCT 2019", "grade": "2", "ongoing": "Y", "serious": "Y", "is_hospitalisation": "Y",
    "relationship": "NOT YET ASSESSED", "action_taken": "DOSE NOT CHANGED", "outcome": "NOT RECOVERED/NOT RESOLVED",
}  # fmt: skip


@pytest.fixture
def record(world, hands):
    """Entered by the nurse a moment ago."""
    patient = world.enrolled()
    day = patient.enrolled_on.isoformat()
    world.dose(patient, "C1D1", day, "1", start_time="08:00", end_time="09:00")
    return world.enter(patient, "AE", "new", started_on=day, aware_on=day, aware_time="10:30", **EVENT).saved.record


def opened(person: Person, act: str) -> None:
    person.page.locator(f"#act-{act} > summary").click()


def test_from_the_night_to_the_closed_case(someone, world, record, hands):
    number, case = record.patient.number, f"/safety/AE/{record.pk}/"
    hands.forward(hours=15)  # 2 in the morning
    nurse = someone("COORDINATOR", "FR03", width=1024, height=768)
    nurse.open("/")
    nurse.page.get_by_role("link", name="serious event to report").click()
    expect(nurse.page.locator("tbody tr")).to_have_count(1)
    found = nurse.axe()
    nurse.page.locator("tbody td a").first.click()
    expect(nurse.page.locator(".page-head time")).to_have_text("report due in 8 h")
    hands.forward(hours=1)  # the clock on the page goes by the server's time
    nurse.page.get_by_role("link", name="Report to the safety desk").click()
    expect(nurse.page.locator(".strip-clock")).to_contain_text("report due in 7 h")
    expect(nurse.page.locator("main")).to_contain_text("Could tarlatamab have caused it?")
    found += nurse.axe()
    nurse.picture("safety-send")
    nurse.page.locator("#send-narrative").fill("Fever and hypotension six hours after the infusion; fluids were given.")
    nurse.press("Send the report now")
    expect(nurse.page.get_by_text("The report is sent to the safety desk.")).to_be_visible()
    assert nurse.page.locator(".strip-clock").count() == 0
    assert nurse.wider_than_page() <= 1

    # The desk reads it, acknowledges it and asks.
    desk = someone("SAFETY_DESK", width=1280)
    hands.forward(hours=5)
    desk.open("/")
    desk.page.get_by_role("link", name="version to read").click()
    found += desk.axe()
    desk.picture("safety-list")
    desk.page.locator("tbody td a").first.click()
    desk.press("Acknowledge version 1")
    opened(desk, "ask")
    desk.page.locator("#ask-field").select_option("grade")
    desk.page.locator("#ask-text").fill("Was a vasopressor needed?")
    desk.page.locator("#act-ask button").click()
    expect(desk.page.locator(".thread")).to_contain_text("Was a vasopressor needed?")
    found += desk.axe()

    # The nurse answers where the event stands.
    nurse.open(case)
    nurse.page.locator(".thread textarea").fill("No, fluids were enough.")
    nurse.page.locator('.thread button[value="answer"]').click()
    expect(nurse.page.locator(".thread")).to_contain_text("No, fluids were enough.")
    assert Query.objects.get(raised_for="SAFETY").status == "ANSWERED"

    # The investigator judges causality, which is new, sends the follow-up and signs it; a wrong password first.
    investigator = someone("INVESTIGATOR", "FR03", width=1024, height=768)
    investigator.open(f"/patients/{number}/form/AE/1/")
    investigator.choose("relationship", "N")
    investigator.choose("ongoing", "N")
    investigator.date("ended_on", "3 7 26")
    investigator.choose("outcome", "RECOVERED/RESOLVED")
    investigator.page.locator("#change_reason").fill("Judged by the investigator")
    investigator.submit()
    expect(investigator.page.locator("main")).to_contain_text("Something has changed since then")
    investigator.page.get_by_role("link", name="Send a follow-up").click()
    found += investigator.axe()
    investigator.press("Send the follow-up")
    version = investigator.page.locator("#version-2")
    expect(version.locator("dl.kv").nth(1)).to_contain_text("Not yet assessed")
    expect(version).to_contain_text("Recovered / resolved")
    expect(version).not_to_contain_text("Cytokine release syndrome")
    investigator.page.locator("#sign-password").fill("wrong")
    investigator.press("Sign version 2")
    expect(investigator.page.locator("#error-summary")).to_be_focused()
    found += investigator.axe()
    investigator.page.locator("#sign-password").fill(PASSWORD)
    investigator.press("Sign version 2")
    expect(investigator.page.locator("main")).to_contain_text("Signed: I have read version 2")
    investigator.picture("safety-signed")

    # The desk closes the question and the case, after everything that stands against it.
    desk.open(case)
    expect(desk.page.locator("main")).to_contain_text("It cannot be closed yet")
    desk.press("Acknowledge version 2")
    desk.page.locator('.thread button[value="close"]').click()
    expect(desk.page.locator(".thread > summary")).to_contain_text("Closed")
    desk.page.locator("#assess-causality").select_option("N")
    desk.page.locator("#act-assess button").click()
    expect(desk.page.get_by_text("Nothing stands against closing it.")).to_be_visible()
    desk.page.locator("#close-reason").fill("Recovered, signed, nothing more is to come")
    desk.press("Close the case")
    expect(desk.page.locator(".page-head")).to_contain_text("Closed")
    desk.picture("safety-closed")
    found += desk.axe()
    assert desk.wider_than_page() <= 1
    assert list(SafetyReport.objects.order_by("number").values_list("category", flat=True)) == ["ORIGINAL", "AMENDMENT"]
    monitor = someone("MONITOR", "FR03")
    assert monitor.open(case) == 200 and monitor.page.locator("main form").count() == 0
    assert not found, "\n".join(found)


def test_the_clock_goes_on_while_nobody_touches_the_page(someone, record, hands):
    nurse = someone("COORDINATOR", "FR03")
    nurse.page.clock.install(time="2030-01-01T00:00:00Z")  # the ward's computer is years ahead: the server's time counts
    nurse.open(f"/safety/AE/{record.pk}/")
    clock = nurse.page.locator(".page-head time")
    expect(clock).to_have_text("report due in 23 h")  # it is 11:00, and the site knew at 10:30
    nurse.page.clock.run_for("23:15:00")
    expect(clock).to_have_text("report due in 14 min")
    nurse.page.clock.run_for("00:30:00")
    expect(clock).to_have_text("report 15 min late")
