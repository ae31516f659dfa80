"""A deviation from the monitor's to-do to the end of its clock: by keyboard, with every refusal on the way looked at."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from review.models import Deviation
from tests.browser.person import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def deviation(world, hands) -> Deviation:
    patient = world.enrolled()
    world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "10", **{"confirm-DOS-001": "1", "why-DOS-001": "The wrong vial"})
    return Deviation.objects.get(rule="DOS-001")


def fresh(deviation: Deviation) -> Deviation:
    return Deviation.objects.get(pk=deviation.pk)


def tab_to(person: Person, selector: str) -> None:
    """Press Tab until the cursor is there."""
    for _ in range(80):
        if person.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        person.page.keyboard.press("Tab")
    raise AssertionError(f"The keyboard does not reach {selector}.")


def press_enter(person: Person) -> None:
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")


def test_from_the_to_do_to_the_end_of_the_clock(someone, world, deviation, hands):
    monitor = someone("MONITOR", "FR03", width=1024, height=768)
    monitor.open("/")
    monitor.page.get_by_role("link", name="deviation to judge").click()
    expect(monitor.page.locator("tbody tr")).to_have_count(1)
    found = monitor.axe()
    monitor.page.locator("tbody td a").first.click()
    expect(monitor.page.locator("h1")).to_contain_text("Tarlatamab administration, C1D1")
    found += monitor.axe()

    # Accepted without a category: the summary takes the cursor, its link leads to the choice.
    tab_to(monitor, "#act-accept button[name=action]")
    press_enter(monitor)
    expect(monitor.page.locator("#error-summary")).to_be_focused()
    monitor.picture("deviation-refused")
    found += monitor.axe()
    monitor.page.keyboard.press("Tab")
    monitor.page.keyboard.press("Enter")
    tab_to(monitor, "#accept-category input")
    monitor.page.keyboard.press("Space")
    tab_to(monitor, "#accept-description")
    monitor.page.keyboard.type("Ten times the planned dose was given")
    tab_to(monitor, "#act-accept button[name=action]")
    press_enter(monitor)
    stored = fresh(deviation)
    assert (stored.status, stored.category, stored.description) == ("ACCEPTED", "MAJOR", "Ten times the planned dose was given")
    assert stored.text.startswith("10 mg was given at C1D1")

    expect(monitor.page.locator("#act-accept")).not_to_have_attribute("open", "")
    expect(monitor.page.get_by_text("The deviation is accepted.")).to_be_in_viewport()

    # Flagged as of yesterday evening; a moment in the future is refused first, and nothing typed is lost.
    tab_to(monitor, "#act-flag > summary")
    monitor.page.keyboard.press("Enter")
    monitor.page.locator("#flag-at_date_0").focus()
    monitor.page.keyboard.type("3 7 26")
    monitor.page.locator("#flag-reason").fill("It may have harmed the patient")
    tab_to(monitor, "#act-flag button[name=action]")
    press_enter(monitor)
    expect(monitor.page.locator("#flag-at-error")).to_contain_text("lies in the future")
    expect(monitor.page.locator("#flag-reason")).to_have_value("It may have harmed the patient")
    expect(monitor.page.locator("#flag-at_date_0")).to_have_value("03")
    found += monitor.axe()
    monitor.page.locator("#flag-at_date_0").fill("1")
    monitor.page.locator("#flag-at_time").fill("18:30")
    tab_to(monitor, "#act-flag button[name=action]")
    press_enter(monitor)
    assert fresh(deviation).breach == "POTENTIAL"
    expect(monitor.page.locator(".page-head")).to_contain_text("due in 6 days")
    monitor.picture("deviation-flagged")
    found += monitor.axe()
    assert monitor.wider_than_page() <= 1

    # Data management ends the clock; before that the list tells when it has run out.
    manager = someone("DATA_MANAGER", width=1024, height=768)
    hands.forward(days=9)
    manager.open("/deviations/?breach=POTENTIAL")
    expect(manager.page.locator("tbody")).to_contain_text("overdue by 2 days")
    found += manager.axe()
    manager.page.locator("tbody td a").first.click()
    manager.page.locator("#act-dismiss > summary").click()
    manager.page.locator("#dismiss-reason").fill("The patient was not harmed, the data are sound")
    tab_to(manager, "#act-dismiss button[name=action]")
    press_enter(manager)
    assert fresh(deviation).breach == "NOT SERIOUS"
    expect(manager.page.locator(".page-head")).to_contain_text("Assessed: not a serious breach")
    assert not found, "\n".join(found)


def test_on_paper_there_is_the_whole_case_and_no_form(someone, deviation):
    monitor = someone("MONITOR", "FR03")
    monitor.open(f"/deviations/{deviation.pk}/")
    monitor.page.emulate_media(media="print")
    expect(monitor.page.locator("#act-accept")).to_be_hidden()
    for words in ("10 mg was given at C1D1", "1 mg on day 1 (C1D1)", "The wrong vial", "History"):
        expect(monitor.page.locator("main")).to_contain_text(words)
