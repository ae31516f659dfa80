"""What happens when people are people: two clicks, two tabs, the back button, a lunch break, no JavaScript, Greek, paper."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import expect

from adverse_events.models import AdverseEvent
from audit import clock
from audit.models import Change
from crf import registry
from dosing.models import Administration
from review.models import Deviation
from screening.models import Demographics, InformedConsent
from tests.conftest import PASSWORD, World

pytestmark = pytest.mark.browser

P = "/patients/FR03-001/"
F = P + "form/"


def test_clicks_tabs_and_the_back_button(someone, world: World):
    world.patient()
    nurse = someone("COORDINATOR", "FR03")

    # a double click on "Submit" makes one record, of a log too
    nurse.open(F + "AE/new/")
    nurse.write("term", "Nausea")
    nurse.choose("scale", "CTCAE 5.0")
    nurse.choose("grade", "1")
    nurse.date("started_on", "UNK 6 26")
    with nurse.page.expect_navigation():
        nurse.page.locator('.actionbar button[value="submit"]').dblclick()
    nurse.page.wait_for_url("**/AE/1/")
    nurse.page.wait_for_load_state("networkidle")
    assert AdverseEvent.objects.values_list("row", "started_on").get() == (1, "2026-06")

    # two posts of one page, the script being too slow to hold the second back
    nurse.open(F + "AE/new/")
    nurse.write("term", "Fatigue")
    twice = """async () => { const data = new FormData(document.getElementById('crf-form')); data.set('action', 'submit');
        const post = () => fetch(location.href, {method: 'POST', body: new URLSearchParams(data)}).then(answer => answer.status + ' ' + answer.url);
        return Promise.all([post(), post()]); }"""
    answers = nurse.page.evaluate(twice)
    assert all(re.match(r"200 .*/AE/2/$", each) for each in answers), answers
    assert AdverseEvent.objects.filter(term="Fatigue").count() == 1

    # back after a save shows the stored record; sending the old page again loses nothing and stores nothing twice
    nurse.open(F + "DM/SCR/")
    nurse.date("birth_date", "UNK 3 1958")
    nurse.choose("sex", "F")
    nurse.submit()
    nurse.page.go_back()
    nurse.page.wait_for_load_state()
    if nurse.page.locator('[name="base_version"]').input_value() == "0":
        nurse.date("birth_date", "UNK 3 1958")
        nurse.choose("sex", "F")
        nurse.submit()
        assert nurse.page.url.endswith("DM/SCR/")
    assert Demographics.objects.count() == 1 and Demographics.objects.get().version == 1

    # two tabs: the later one sees both values, and decides
    nurse.open(F + "DM/SCR/")
    doctor = someone("INVESTIGATOR", "FR03")
    doctor.open(F + "DM/SCR/")
    doctor.choose("sex", "M")
    doctor.write("change_reason", "Corrected from the source document")
    doctor.submit()
    nurse.date("birth_date", "UNK 4 1958")
    nurse.write("change_reason", "Typing error corrected")
    nurse.submit()
    assert "saved by somebody else while you had it open" in nurse.text() and "Investigator FR03" in nurse.text()
    row = nurse.page.locator("tr", has_text="Born")
    assert "Mar-1958" in row.inner_text() and "Apr-1958" in row.inner_text()
    assert Demographics.objects.get().birth_date == "1958-03"
    assert nurse.axe() == []
    nurse.picture("robust-conflict")
    nurse.press("Store what I typed")
    stored = Demographics.objects.get()
    assert (stored.birth_date, stored.version) == ("1958-04", 3)
    assert Change.objects.filter(form="DM", field="birth_date", version=3).values_list("old", "new").get() == (
        "1958-03",
        "1958-04",
    )


def test_typing_survives(someone, hands, live_server, world: World):
    world.enrolled()
    nurse = someone("COORDINATOR", "FR03")
    keys = nurse.page.keyboard

    # the rules speak while one types, and the cursor stays where it is
    nurse.open(F + "EC/C1D1/")
    nurse.choose("occurrence", "GIVEN")
    nurse.date("given_on", "2 7 26")
    nurse.page.locator('[name="dose_mg"]').focus()
    keys.type("10")
    keys.press("Shift+Tab")
    expect(nurse.row("dose_mg").locator(".finding--deviation")).to_contain_text("DOS-001")
    expect(nurse.page.locator('[name="completed"]').last).to_be_focused()
    nurse.write("start_time", "1000")
    nurse.page.locator('[name="end_time"]').focus()
    keys.type("0930")
    keys.press("Tab")
    expect(nurse.row("end_time").locator(".finding--error")).to_contain_text("DOS-007")
    expect(nurse.page.locator('[name="given_by"]').first).to_be_focused()
    nurse.picture("robust-live")
    nurse.write("end_time", "1045")
    nurse.write("dose_mg", "1")
    nurse.page.locator('[name="start_time"]').focus()
    expect(nurse.row("dose_mg").locator(".finding")).to_have_count(0)
    expect(nurse.row("end_time").locator(".finding")).to_have_count(0)
    assert not Administration.objects.exists()

    # the session ends while she types: log in again, and it is stored
    cookie = next(each for each in nurse.page.context.cookies() if each["name"] == "sessionid")
    session = SessionStore(cookie["value"])
    session["seen"] = (clock.now() - timedelta(hours=1)).isoformat()
    session.save()
    nurse.submit()
    assert "what you typed is kept" in nurse.text()
    assert not Administration.objects.exists()
    nurse.picture("robust-resume")
    assert nurse.axe() == []
    with nurse.page.expect_navigation(url=re.compile("/form/EC/C1D1/")):
        nurse.log_in(nurse.user.username, PASSWORD)
    nurse.page.wait_for_load_state()
    assert Administration.objects.values_list("dose_mg", "end_time", "state").get() == (1, "10:45", "SUBMITTED")
    assert "Submitted" in nurse.text()

    # without JavaScript a whole form can be entered, its refusals included
    plain = someone("COORDINATOR", "FR03", java_script_enabled=False)
    number = world.patient().number
    plain.open(f"/patients/{number}/form/IC/SCR/")
    page = plain.page
    for name in ("patient_signed_on", "investigator_signed_on"):
        for box, text in enumerate(("30", "Jun", "2026")):
            page.locator(f'[name="{name}_{box}"]').fill(text)
    page.locator('[name="patient_signed_time"]').fill("25:00")
    page.locator('[name="icf_version"]').fill("2.0")
    plain.submit()
    assert "IC-DSSTTIM-time" in page.content() and page.locator('[name="patient_signed_time"]').input_value() == "25:00"
    page.locator('[name="patient_signed_time"]').fill("11:30")
    plain.submit()
    consent = InformedConsent.objects.get(patient__number=number)
    assert (consent.investigator_signed_on, consent.patient_signed_time, consent.state) == (
        "2026-06-30",
        "11:30",
        "SUBMITTED",
    )

    # any language; Enter in a box sends nothing; leaving an unsaved page is asked about
    nurse.open(F + "AE/new/")
    greek = "Πυρετός 39 °C — «ρίγος», 发热, Zürich"
    nurse.write("term_specify", greek)
    nurse.page.locator('[name="term_specify"]').press("Enter")
    assert not AdverseEvent.objects.exists()
    asked = []
    nurse.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    nurse.page.evaluate("setTimeout(() => { location.href = '/patients/'; })")
    nurse.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert nurse.page.locator('[name="term_specify"]').input_value() == greek
    nurse.save()
    assert AdverseEvent.objects.get().term_specify == greek
    expect(nurse.page.locator('[name="term_specify"]')).to_have_value(greek)


def test_two_deviations_at_once(someone, world: World):
    """What was said about the first is still there when the second is missing."""
    world.enrolled()
    nurse = someone("COORDINATOR", "FR03")
    nurse.open(F + "EC/C1D15/")
    nurse.choose("occurrence", "GIVEN")
    nurse.date("given_on", "1 7 26")
    nurse.write("start_time", "10:00")
    nurse.write("end_time", "11:00")
    nurse.write("dose_mg", "5")
    nurse.submit()
    rules = nurse.page.locator(".confirm-check input").evaluate_all("all => all.map(box => box.id.slice(8))")
    assert set(rules) == {"DOS-003", "DOS-004", "DOS-005", "SCR-031"}
    said = {"DOS-003": "Half a vial was lost", "DOS-004": "Registered a day late", "DOS-005": "The paper of C1D1 is missing",
            "SCR-031": "Released on paper"}  # fmt: skip
    for rule, why in said.items():
        assert not Administration.objects.exists()
        nurse.page.locator(f"#confirm-{rule}").check()
        nurse.page.locator(f"#why-{rule}").fill(why)
        nurse.submit()
    assert Administration.objects.get().dose_mg == 5, "a reason was lost on the way, so the form can never be stored"
    assert dict(Deviation.objects.values_list("rule", "why"))["DOS-003"] == "Half a vial was lost"


DATES = {
    # typed from the day's box on: what the boxes say once the date is left
    "oct 2025": ["", "Oct", "2025"], "nov 2025": ["", "Nov", "2025"], "4 2024": ["", "Apr", "2024"], "2015": ["", "", "2015"],
    "2024-03": ["", "Mar", "2024"], "UK oct 2025": ["UNK", "Oct", "2025"], "5 3 26": ["05", "Mar", "2026"],
    "05-Mar-2026": ["05", "Mar", "2026"], "13 13 2024": ["13", "13", "2024"], "t": ["02", "Jul", "2026"],
}  # fmt: skip


def test_a_date_that_is_partly_known_is_typed_as_one_says_it(someone, world: World):
    """'oct' is a month and not the key of today, over an empty date and over one that stands there already."""
    patient = world.screened()
    world.enter(patient, "MH", "new", term="Hypertension", started_on="2025-12-24", ongoing="Y")
    nurse = someone("COORDINATOR", "FR03")
    nurse.page.on("dialog", lambda dialog: dialog.accept())  # leave without saving
    for slot in ("new", "1"):
        for typed, boxes in DATES.items():
            nurse.open(F + f"MH/{slot}/")
            nurse.page.locator('[name="started_on_0"]').focus()
            nurse.page.keyboard.type(typed)
            nurse.page.locator('[name="term"]').focus()
            assert nurse.boxes("started_on") == boxes, (slot, typed)
    nurse.open(F + "MH/new/")
    nurse.write("term", "Diabetes")
    nurse.choose("ongoing", "Y")
    nurse.date("started_on", "oct 2019")
    nurse.submit()
    assert registry.form("MH").objects.filter(term="Diabetes").values_list("started_on", flat=True).get() == "2019-10"


def test_on_paper(someone, world: World):
    """Printed, a form shows its answers and none of the machinery."""
    world.screened()
    nurse = someone("COORDINATOR", "FR03", width=1024, height=768)
    nurse.page.emulate_media(media="print")
    nurse.open(F + "IE/SCR/")
    for gone in (".sidenav", ".actionbar", ".topsearch", ".q-marks", ".sections"):
        expect(nurse.page.locator(gone).first).to_be_hidden()
    expect(nurse.row("e13")).to_be_visible()
    expect(nurse.page.locator(".strip")).to_contain_text("FR03-001")
    assert nurse.wider_than_page() <= 0
    nurse.picture("print-checklist")
    nurse.open(P)
    expect(nurse.page.locator(".matrix")).to_be_visible()
    nurse.picture("print-casebook")
    assert InformedConsent.objects.count() == 1


def test_the_focus_is_never_hidden(someone, world: World):
    """Tabbing through the longest form on a small tablet, nothing that sticks lies over the box one types into."""
    world.screened()
    nurse = someone("COORDINATOR", "FR03", width=1024, height=640)
    covered = """() => { const it = document.activeElement; if (it === document.body || it.closest('.actionbar, .topbar')) return '';
        const box = it.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + Math.min(box.height, 40) / 2, top = document.elementFromPoint(x, y);
        return top && (it.contains(top) || top.contains(it) || it.closest('label')?.contains(top)) ? '' : `${it.name || it.textContent} under ${top?.className}`; }"""
    for path in (F + "AE/new/", F + "IE/SCR/"):
        nurse.open(path)
        for key in ("Tab", "Shift+Tab"):
            found = []
            for _ in range(48):
                nurse.page.keyboard.press(key)
                found.append(nurse.page.evaluate(covered))
            assert not any(found), [each for each in found if each]
