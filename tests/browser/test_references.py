"""Entering a laboratory's ranges and results by keyboard; the pages of the references pass axe and fit the screen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from assessments.references import ReferenceRange
from crf import reference_actions, registry
from screening.models import IcfVersion
from tests.conftest import World

pytestmark = pytest.mark.browser

LABORATORY = "CHU Lyon"


@pytest.fixture
def site(hands, world: World):
    return world.site("FR03")


def line(world: World, site, test: str, unit: str, low: str, high: str, **more) -> ReferenceRange:
    given = {"laboratory": LABORATORY, "valid_from": "2026-01-01", **more}
    new = ReferenceRange(site=site, test=test, unit=unit, low=Decimal(low), high=Decimal(high), **given)
    return reference_actions.add(user=world.user("COORDINATOR", "FR03"), site=site, lines=[new]).new[0]


def test_a_laboratory_is_typed_in_without_the_mouse(someone, world, site):
    line(world, site, "HGB", "g/dL", "12", "16")
    nurse = someone("COORDINATOR", "FR03", width=1024, height=768)
    nurse.open("/references/FR03/")
    nurse.page.get_by_role("link", name="Enter ranges of a laboratory").click()
    keys = nurse.page.keyboard
    nurse.page.get_by_label("Laboratory").focus()
    keys.type(LABORATORY)
    keys.press("Tab")
    keys.type("1 6 26")
    nurse.page.get_by_label("Unit of Haemoglobin").focus()
    for text in ("g/L", "158", "118"):  # the wrong way round
        keys.type(text)
        keys.press("Tab")
    nurse.page.get_by_label("Lower limit of Platelets").focus()
    keys.type("150.000")
    keys.press("Enter")
    expect(nurse.page.get_by_label("Lower limit of Sodium")).to_be_focused()  # down the column
    found = []
    with nurse.page.expect_navigation():
        keys.press("Control+Enter")
    expect(nurse.page.locator("#error-summary")).to_be_focused()
    for sentence in ("The lower limit, 158, is above the upper limit, 118", "“150.000” can be read as"):
        expect(nurse.page.locator("#error-summary")).to_contain_text(sentence)
    nurse.picture("references-grid-errors")
    found += nurse.axe()
    nurse.page.get_by_role("link", name="The lower limit, 158").click()
    expect(nurse.page.get_by_label("Lower limit of Haemoglobin")).to_be_focused()
    nurse.page.get_by_label("Lower limit of Haemoglobin").fill("118")
    nurse.page.get_by_label("Upper limit of Haemoglobin").fill("158")
    nurse.page.get_by_label("Lower limit of Platelets").fill("150 000")
    nurse.page.get_by_label("Unit of Platelets").fill("/µL")
    nurse.press("Store")
    expect(nurse.page.locator("#error-summary")).to_contain_text("It would have to end on 31-May-2026.")
    assert ReferenceRange.objects.count() == 1, "nothing is half stored"
    nurse.page.get_by_label("End the older range on the day before, and store").check()
    nurse.picture("references-grid-offer")
    found += nurse.axe()
    nurse.press("Store")
    assert "2 ranges of CHU Lyon are stored. 1 older line ends on the day before." in nurse.text()
    stored = ReferenceRange.objects.order_by("id").values_list("test", "low", "valid_from", "valid_to")
    assert [(test, int(low), *days) for test, low, *days in stored] == [
        ("HGB", 12, "2026-01-01", "2026-05-31"), ("HGB", 118, "2026-06-01", ""), ("PLAT", 150000, "2026-06-01", ""),
    ]  # fmt: skip
    assert not found, "\n".join(found)


def test_results_are_typed_one_below_the_other(someone, world, site):
    for test, unit, low, high in (("HGB", "g/dL", "12", "16"), ("WBC", "G/L", "4", "10"), ("NEUT", "G/L", "1.8", "7.5")):
        line(world, site, test, unit, low, high)
    patient = world.patient()
    nurse = someone("COORDINATOR", "FR03", width=1024, height=768)
    nurse.open(f"/patients/{patient.number}/form/HEM/SCR/")
    nurse.date("taken_on", "20 6 26")
    nurse.write("laboratory", LABORATORY)
    keys, at = nurse.page.keyboard, nurse.page.evaluate
    hints = [nurse.page.locator(f"[name={name}_unit]").get_attribute("placeholder") for name in ("hgb", "neut", "plat")]
    assert hints == ["g/dL", "G/L", "unit"], "what an empty box means at this laboratory"
    nurse.page.locator("[name=hgb]").focus()
    typed = []
    for key in ("11.2", "Enter", "6,1", "Tab", "4000", "ArrowRight", "/µL", "Home", "ArrowLeft", "Shift+Enter"):
        (keys.press if key[0].isalpha() else keys.type)(key)
        typed.append(at("document.activeElement.name"))
    assert typed == ["hgb", "wbc", "wbc", "neut", "neut", "neut_unit", "neut_unit", "neut_unit", "neut", "wbc"]
    keys.press("Tab")
    keys.press("Tab")
    assert at("document.activeElement.name") == "neut_unit", "a unit that holds something is a stop"
    boxes = [nurse.page.locator(f"[name={name}]").bounding_box() for name in ("hgb", "hgb_unit", "neut", "neut_unit")]
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] == boxes[2]["x"] and boxes[1]["x"] == boxes[3]["x"]
    nurse.submit()
    for sentence in ("11.2 g/dL = 112 g/L, range 120 to 160: low", "6,1 G/L, range 4 to 10: within", "4000 /µL = 4 10^9/L"):
        assert sentence in nurse.text()
    nurse.picture("laboratory-results")
    record = registry.form("HEM").objects.get(patient=patient)
    assert (record.hgb, record.hgb_unit, record.wbc, record.neut, record.neut_unit) == ("11.2", "", "6,1", "4000", "/µL")
    assert not nurse.axe()
    monitor = someone("MONITOR", "FR03")
    monitor.open(f"/patients/{patient.number}/form/HEM/SCR/")
    assert "4000 /µL" in " ".join(monitor.row("neut").inner_text().split())


def test_the_pages_of_the_references(someone, world, site):
    first = line(world, site, "HGB", "g/dL", "12", "16")
    second = line(world, site, "CRP", "mg/L", "0", "5")
    keeper = world.user("COORDINATOR", "FR03")
    reference_actions.withdraw(user=keeper, line=second, version=1, reason="read from the wrong column")
    version = IcfVersion(site=site, icf_version="2.0", approved_on="2026-05-04", reconsent="Y")
    reference_actions.add(user=keeper, site=site, lines=[version])
    found = []
    manager, nurse = someone("DATA_MANAGER"), someone("COORDINATOR", "FR03", width=1024, height=768)
    here = "/references/FR03/"
    pages = {"list": here, "grid": f"{here}ranges/", "new-range": f"{here}RANGE/", "new-version": f"{here}ICFV/",
             "range": f"{here}RANGE/{first.pk}/", "withdrawn": f"{here}RANGE/{second.pk}/",
             "version": f"{here}ICFV/{version.pk}/"}  # fmt: skip
    for who, paths in ((manager, {"sites": "/references/"}), (nurse, pages)):
        for name, path in paths.items():
            assert who.open(path) == 200
            who.picture(f"references-{name}")
            found += who.axe()
            if (over := who.wider_than_page()) > 1:
                found.append(f"{path} is {over} px wider than the screen")
    nurse.open(pages["range"])
    nurse.date("valid_to", "1 1 25")
    nurse.press("Enter the last day")
    expect(nurse.page.locator("#error-summary")).to_contain_text("lies before the first, 01-Jan-2026")
    found += nurse.axe()
    nurse.page.get_by_text("Entered by mistake").click()
    nurse.page.get_by_label("What is wrong with it?").fill("wrong laboratory")
    nurse.press("Withdraw the line")
    assert "is withdrawn." in nurse.text()
    first.refresh_from_db()
    assert first.withdrawn
    assert not found, "\n".join(found)
