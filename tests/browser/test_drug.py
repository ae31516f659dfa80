"""The pharmacist's day and the monitor's visit by keyboard; every page of the drug account passes axe and fits a tablet."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dosing.stock import Shipment, StockCount, Vial
from tests.clinical.pharmacy import Pharmacy
from tests.clinical.test_reconciliation import recorded
from tests.conftest import World

pytestmark = pytest.mark.browser


@pytest.fixture
def patient(hands, world: World):
    hands.forward(days=-10)
    patient = world.enrolled()
    hands.forward(days=10)
    return patient


def look(person, name: str, path: str = "") -> list[str]:
    if path and person.open(path) != 200:
        return [f"{path} does not open"]
    person.picture(name)
    found = person.axe()
    if (over := person.wider_than_page()) > 1:
        found.append(f"{person.page.url} is {over} px wider than the screen")
    return found


def test_vials_from_the_box_to_the_ward_and_back(someone, patient):
    pharmacist = someone("PHARMACIST", "FR03", width=1024, height=768)
    page, keys = pharmacist.page, pharmacist.page.keyboard
    found = look(pharmacist, "drug-empty", "/drug/")
    page.get_by_role("link", name="Receive a shipment").first.click()
    keys_of = {"Number of the delivery note": "DN-12", "Lot": "L77", "Vial numbers": "a1001-A1004", "Vials in the box": "5"}
    for label, text in keys_of.items():
        page.get_by_label(label, exact=label == "Lot").fill(text)
    pharmacist.choose("strength_mg", "10")
    pharmacist.date("expires_on", "UK 7 26")
    with page.expect_navigation():
        keys.press("Control+Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text("The list has 4 numbers, and 5 vials were counted")
    expect(page.locator("#error-summary")).to_contain_text("Answer yes or no")
    found += look(pharmacist, "drug-receive-errors")
    page.get_by_role("link", name="The list has 4 numbers").click()
    expect(page.get_by_label("Vials in the box")).to_be_focused()
    page.get_by_label("Vials in the box").fill("4")
    pharmacist.choose("temperature_kept", "Y")
    pharmacist.press("Store")
    assert "4 vials of lot L77, 10 mg, are in stock: A1001 to A1004." in pharmacist.text()
    assert Shipment.objects.get().expires_on == "2026-07"
    found += look(pharmacist, "drug-stock")
    page.get_by_label("Choose A1002").check()
    page.get_by_label("Choose A1001").check()
    page.get_by_label("With the chosen vials").select_option("DISPENSE")
    pharmacist.press("Next")
    found += look(pharmacist, "drug-dispense")
    pharmacist.press("Dispense")
    expect(page.locator("#error-summary")).to_contain_text("Choose the patient.")
    found += look(pharmacist, "drug-dispense-errors")
    expect(page.get_by_label("Choose A1001")).to_be_checked()
    pharmacist.choose("patient", patient.number)
    pharmacist.choose("dose", "C1D8")
    pharmacist.press("Dispense")
    assert "Dispensed: A1001, A1002." in pharmacist.text()
    page.get_by_role("link", name="A1002").click()
    page.get_by_role("link", name="Take back from the ward").click()
    pharmacist.write("reason", "Not needed")
    pharmacist.press("Take back from the ward")
    assert dict(Vial.objects.values_list("number", "state")) == {"A1001": "DISPENSED", "A1002": "RETURNED", "A1003": "IN STOCK", "A1004": "IN STOCK"}
    page.get_by_role("link", name="A1002").click()
    page.get_by_text("Take the last entry back").click()
    page.get_by_label("What was wrong with it?").fill("It was A1001")
    found += look(pharmacist, "drug-vial")
    pharmacist.press("Take it back")
    assert "A1002: the line is taken back." in pharmacist.text()
    found += look(pharmacist, "drug-vial-corrected")
    page.get_by_role("link", name="Stock of FR03", exact=True).click()
    page.locator(".balance").get_by_role("link", name="Jul-2026").click()
    found += look(pharmacist, "drug-expiry")
    assert not found, "\n".join(found)


def test_the_monitor_counts_and_reconciles(someone, world, patient):
    pharmacy, day = Pharmacy(world), "2026-06-25"
    pharmacy.receive(received_on=day, expires_on="2026-07-10")
    pharmacy.receive(received_on=day, expires_on="2026-07-01", numbers="B1", lot="OLD", temperature_kept="N", remark="12 °C for an hour; sponsor told")
    pharmacy.dispense("A1001", patient=patient, dose="C1D1", on=day)
    recorded(pharmacy, patient, "C1D1", "A1001", "A1002", "X9", on="2026-06-26")
    monitor = someone("MONITOR", "FR03", "FR01", width=1024, height=768)
    found = look(monitor, "drug-sites", "/drug/")
    monitor.page.get_by_role("link", name="3 to look at at FR03").click()
    for sentence in ("names X9: FR03 never had it", "A1002 was used for", "B1 expired (last day 01-Jul-2026)"):
        assert sentence in monitor.text()
    found += look(monitor, "drug-reconciliation")
    monitor.page.get_by_role("link", name="Count the stock").click()
    monitor.choose("which", "10 L77")
    monitor.page.get_by_label("Vials found").fill("1")
    monitor.press("Store the count")
    expect(monitor.page.locator("#error-summary")).to_contain_text("The account has 2.")
    found += look(monitor, "drug-count-errors")
    monitor.page.get_by_label("Remark").fill("A1004 was not found")
    monitor.press("Store the count")
    assert "Lot L77: 1 counted, 2 in the account." in monitor.text()
    found += look(monitor, "drug-counts")
    assert StockCount.objects.get().by_role == "Monitor"
    found += look(monitor, "drug-stock-monitor", "/drug/FR03/")
    found += look(monitor, "drug-stock-empty", "/drug/FR01/")
    assert monitor.page.locator("input[type=checkbox]").count() == 0
    assert not found, "\n".join(found)


def test_the_reconciliation_prints_without_what_only_a_screen_needs(someone, world, patient):
    pharmacy = Pharmacy(world)
    pharmacy.receive(received_on="2026-06-25", expires_on="2027-07")
    monitor = someone("MONITOR", "FR03")
    monitor.open("/drug/FR03/reconciliation/")
    monitor.page.emulate_media(media="print")
    for hidden in (".sidenav", ".filters", ".page-head-side"):
        expect(monitor.page.locator(hidden).first).to_be_hidden()
    expect(monitor.page.get_by_text("Monitor: name, date, signature")).to_be_visible()
    assert len(monitor.page.pdf(prefer_css_page_size=True)) > 10_000
    pharmacist = someone("PHARMACIST", "FR03")
    pharmacist.open("/drug/FR03/")
    pharmacist.page.emulate_media(media="print")
    expect(pharmacist.page.get_by_label("Choose A1001")).to_be_hidden()
    expect(pharmacist.page.get_by_role("link", name="A1001")).to_be_visible()


def test_a_box_from_one_site_to_another(someone, world, patient):
    """Chosen on the list of the one pharmacy, on the other's to-do until it is received there; a vial is missing in it."""
    Pharmacy(world).receive(received_on="2026-06-25", expires_on="2027-07")
    world.user("PHARMACIST", "GR01")
    lyon, athens = (someone("PHARMACIST", site, width=1024, height=768) for site in ("FR03", "GR01"))
    lyon.open("/drug/FR03/")
    for number in ("A1001", "A1002"):
        lyon.page.get_by_label(f"Choose {number}").check()
    lyon.page.get_by_label("With the chosen vials").select_option("SEND ON")
    lyon.press("Next")
    found = look(lyon, "drug-send")
    lyon.press("Send to another site")
    for sentence in ("Choose the site to which they go.", "Say why, and who of the sponsor has agreed."):
        expect(lyon.page.locator("#error-summary")).to_contain_text(sentence)
    found += look(lyon, "drug-send-errors")
    lyon.choose("to", "GR01")
    lyon.write("reference", "TN-1")
    lyon.write("reason", "Athens runs out; agreed by the sponsor on 1 July")
    lyon.press("Send to another site")
    assert "Sent to another site: A1001, A1002." in lyon.text()
    found += look(lyon, "drug-sent")
    found += look(lyon, "drug-sent-vial", f"/drug/FR03/vial/{Vial.objects.get(number='A1001').pk}/")
    assert "to GR01 Athens on 02-Jul-2026, delivery note TN-1" in lyon.text()
    found += look(athens, "drug-todo", "/")
    athens.page.get_by_role("link", name="1 box on the way to you").click()
    found += look(athens, "drug-arrival")
    athens.page.get_by_label("A1002 was in the box").uncheck()
    athens.write("counted", "2")
    athens.choose("temperature_kept", "Y")
    athens.press("Store")
    expect(athens.page.locator("#error-summary")).to_contain_text("Ticked on the list: 1; counted in the box: 2")
    expect(athens.page.get_by_label("A1002 was in the box")).not_to_be_checked()
    expect(athens.page.get_by_label("A1001 was in the box")).to_be_checked()
    found += look(athens, "drug-arrival-errors")
    athens.write("counted", "1")
    athens.write("remark", "A1002 was not in the box")
    athens.press("Store")
    assert "1 vial of lot L77, 10 mg, is in stock: A1001." in athens.text()
    found += look(athens, "drug-arrived")
    assert dict(Vial.objects.filter(site__code="FR03").values_list("number", "state"))["A1002"] == "ON THE WAY"
    assert dict(Vial.objects.filter(site__code="GR01").values_list("number", "state")) == {"A1001": "IN STOCK"}
    expect(athens.page.get_by_role("link", name="Receive the box")).to_be_visible()
    assert not found, "\n".join(found)
