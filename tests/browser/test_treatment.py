"""A course of tarlatamab as the ward, the pharmacy, the monitor, the safety desk and the statistician see it: a first night in hospital, a second dose
sixteen days after the first, a stop for toxicity; one infusion with a vial that the site never had.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from playwright.sync_api import expect

from adverse_events.models import AdverseEvent
from dosing.models import Administration, EndOfTreatment, Monitoring
from dosing.stock import Vial
from review.models import Deviation, Query, QueryStatus, SafetyQuestion
from tests.conftest import World

pytestmark = pytest.mark.browser

P = "/patients/FR03-001/"
F = P + "form/"


def waiting() -> list[str]:
    return sorted(Query.objects.exclude(status=QueryStatus.CLOSED).values_list("rule", flat=True))


def received(person, strength: str, lot: str, numbers: str, counted: str, expires: str) -> None:
    person.open("/drug/FR03/receive/")
    person.date("received_on", "15 6 26")
    person.choose("strength_mg", strength)
    person.write("lot", lot)
    person.date("expires_on", expires)
    person.write("numbers", numbers)
    person.write("counted", counted)
    person.choose("temperature_kept", "Y")
    person.press("Store")


def dispensed(person, number: str, dose: str) -> None:
    person.open(f"/drug/FR03/act/?act=DISPENSE&vial={number}")
    person.choose("patient", "FR03-001")
    person.choose("dose", dose)
    person.press("Dispense")
    assert f"Dispensed: {number}." in person.text()


def infused(person, label: str, day: str, mg: str, vial: str) -> None:
    """Fill in a whole infusion from 10 to 11 o'clock; it is not submitted yet."""
    person.open(F + f"EC/{label}/")
    person.choose("occurrence", "GIVEN")
    for name, text in {"prepared_mg": mg, "vials": vial, "start_time": "1000", "end_time": "1100", "dose_mg": mg, "volume_ml": "250"}.items():
        person.write(name, text)
    person.date("given_on", day)
    for name, value in {"prepared_by": "PHARMACIST", "premedication": "Y", "given_by": "NURSE", "completed": "Y", "hydration": "Y", "interruptions": "0",
                        "reaction": "N"}.items():  # fmt: skip
        person.choose(name, value)


def premedicated(person, label: str, day: str) -> None:
    """From the dose's own page, so that it is linked to it."""
    person.open(F + f"EC/{label}/")
    person.page.get_by_role("link", name="Add to Medication").click()
    person.write("name", "Dexamethasone")
    for name, value in {"drug_class": "CORTICOSTEROID", "steroid": "DEXAMETHASONE", "purpose": "PROPHYLAXIS OF TARLATAMAB AE", "frequency": "ONCE",
                        "route": "INTRAVENOUS", "ongoing": "N", "dose_unit": "mg"}.items():  # fmt: skip
        person.choose(name, value)
    person.write("dose", "8")
    person.date("started_on", day)
    person.write("started_time", "0915")
    person.date("ended_on", day)
    person.write("ended_time", "0915")
    person.submit()


def watched(person, label: str, day: str, until: str, at: str) -> None:
    person.open(F + f"MON/{label}/")
    person.choose("place", "WARD")
    person.date("started_on", day)
    person.write("started_time", "1000")
    person.date("ended_on", until)
    person.write("ended_time", at)
    person.choose("stayed_near", "Y")
    person.submit()


def event(person, term: str, grade: str, day: str, *, ended: str = "", action: str) -> None:
    person.open(F + "AE/new/")
    person.page.get_by_role("combobox", name="Event", exact=True).fill(term)
    person.page.keyboard.press("Tab")
    person.choose("scale", "CTCAE 5.0")
    person.choose("grade", grade)
    person.choose("special_interest", "NONE")
    person.date("started_on", day)
    person.choose("baseline", "N")
    person.choose("ongoing", "N" if ended else "Y")
    if ended:
        person.date("ended_on", ended)
    person.choose("serious", "N")
    person.choose("relationship", "Y")
    person.choose("action_taken", action)
    person.choose("treatment_given", "N")
    person.choose("outcome", "RECOVERED/RESOLVED" if ended else "NOT RECOVERED/NOT RESOLVED")
    person.submit()


def test_a_course_with_a_repeated_step_up_and_a_stop_for_toxicity(someone, hands, world: World):
    hands.forward(days=-18)
    world.enrolled()

    # the pharmacy, on the day of the first dose
    hands.forward(days=1)
    pharmacist = someone("PHARMACIST", "FR03")
    received(pharmacist, "1", "S1", "S1-S4", "4", "31 12 26")
    received(pharmacist, "10", "T1", "T1-T4", "4", "31 12 26")
    dispensed(pharmacist, "S1", "C1D1")

    # C1D1, the night in hospital
    hands.forward(days=1, hours=1)
    nurse = someone("COORDINATOR", "FR03")
    infused(nurse, "C1D1", "15 6 26", "1", "s1")
    nurse.picture("treatment-c1d1")
    nurse.submit()
    premedicated(nurse, "C1D1", "15 6 26")
    watched(nurse, "C1D1", "15 6 26", "16 6 26", "0800")
    nurse.open(F + "EC/C1D1/")
    expect(nurse.page.get_by_text("45 min before the infusion C1D1")).to_be_visible()
    nurse.picture("treatment-c1d1-linked")
    assert Vial.objects.get(number="S1").state == "USED"
    assert Monitoring.objects.get().ended_time == "08:00"
    assert waiting() == []

    # C1D8 is delayed for a rash, and keeps its label
    hands.forward(days=7)
    nurse = someone("COORDINATOR", "FR03")
    event(nurse, "Rash maculo-papular", "2", "21 6 26", action="DRUG INTERRUPTED")
    nurse.open(F + "EC/C1D8/")
    nurse.choose("occurrence", "DELAYED")
    nurse.choose("reason", "ADVERSE EVENT")
    nurse.choose("reason_event", "1")
    nurse.submit()
    nurse.open(P)
    table = nurse.page.get_by_role("region", name="Table of the dose calendar")
    expect(table.locator("tr", has_text="C1D8")).to_contain_text("delayed")
    assert waiting() == []

    # sixteen days after C1D1 the label's limit is passed: a dash, with its row, and nothing that says what to give
    hands.forward(days=8)
    nurse, pharmacist = someone("COORDINATOR", "FR03"), someone("PHARMACIST", "FR03")
    nurse.open(P)
    table = nurse.page.get_by_role("region", name="Table of the dose calendar")
    expect(table.locator("tr", has_text="C1D8")).to_contain_text("—")
    assert "up to 14 days" in nurse.text()
    nurse.picture("treatment-dash")
    dispensed(pharmacist, "S2", "R1")
    nurse.page.get_by_role("link", name=re.compile("Repeated 1 mg")).click()
    infused(nurse, "R1", "1 7 26", "1", "S2")
    nurse.submit()
    premedicated(nurse, "R1", "1 7 26")
    nurse.open(F + "AE/1/")
    nurse.choose("ongoing", "N")
    nurse.date("ended_on", "28 6 26")
    nurse.choose("outcome", "RECOVERED/RESOLVED")
    nurse.page.get_by_role("button", name="Corrected from the source document").click()
    nurse.submit()
    hands.forward(days=1)
    nurse = someone("COORDINATOR", "FR03")
    watched(nurse, "R1", "1 7 26", "2 7 26", "0800")
    assert waiting() == []

    # a week later 10 mg under the label that was waiting; the ward names a vial that this site never had
    hands.forward(days=7)
    nurse, pharmacist = someone("COORDINATOR", "FR03"), someone("PHARMACIST", "FR03")
    dispensed(pharmacist, "T1", "C1D8")
    infused(nurse, "C1D8", "8 7 26", "10", "X9")
    nurse.page.get_by_role("button", name="Corrected from the source document").click()
    nurse.submit()
    expect(nurse.page.locator("#error-summary")).to_contain_text("Not stored yet")
    assert Administration.objects.get(visit__code="C1D8").occurrence == "DELAYED"
    nurse.picture("treatment-foreign-vial")
    nurse.page.locator("#confirm-DOS-060").check()
    nurse.page.locator("#why-DOS-060").fill("A vial of the other ward's trial, found in the fridge")
    nurse.submit()
    assert Administration.objects.get(visit__code="C1D8").occurrence == "GIVEN"
    premedicated(nurse, "C1D8", "8 7 26")
    hands.forward(days=1)
    nurse = someone("COORDINATOR", "FR03")
    watched(nurse, "C1D8", "8 7 26", "9 7 26", "0800")
    assert waiting() == ["DOS-060"]
    assert set(Deviation.objects.values_list("rule", "status")) == {("DOS-060", "PROPOSED")}

    # liver values: treatment ends, and the event must say so too
    hands.forward(days=4)
    nurse = someone("COORDINATOR", "FR03")
    event(nurse, "Alanine aminotransferase increased", "4", "11 7 26", action="DOSE NOT CHANGED")
    nurse.open(F + "EOT/EOT/")
    nurse.date("ended_on", "12 7 26")
    nurse.choose("reason", "ADVERSE EVENT")
    nurse.choose("event", "2")
    nurse.submit()
    assert EndOfTreatment.objects.get().event == "2"
    assert set(waiting()) == {"DOS-060", "DOS-024", "DOS-065"}
    nurse.open(F + "AE/2/")
    nurse.choose("action_taken", "DRUG WITHDRAWN")
    nurse.choose("left_study", "N")
    nurse.page.get_by_role("button", name="Corrected from the source document").click()
    nurse.submit()
    assert AdverseEvent.objects.get(row=2).action_taken == "DRUG WITHDRAWN"
    assert waiting() == ["DOS-060"]
    nurse.open(F + "EOT/EOT/")
    assert "Last dose: C1D8 on 08-Jul-2026. Contraception lasts to 06-Sep-2026" in nurse.text()
    nurse.open(P)
    nurse.picture("treatment-calendar")
    found = nurse.axe()

    # the pharmacist takes the vial back that was dispensed and not used; the monitor reconciles and judges
    pharmacist = someone("PHARMACIST", "FR03")
    pharmacist.open("/drug/FR03/act/?act=TAKE+BACK&vial=T1")
    pharmacist.press("Take back from the ward")
    monitor = someone("MONITOR", "FR03")
    monitor.open("/drug/FR03/reconciliation/")
    assert "names X9: FR03 never had it" in monitor.text()
    assert monitor.page.get_by_text("was used for").count() == 0, "S1 and S2 fit"
    monitor.picture("treatment-reconciliation")
    monitor.open("/deviations/")
    monitor.page.locator("tbody td a").first.click()
    monitor.picture("treatment-deviation")
    found += monitor.axe()
    deviation = Deviation.objects.get()
    monitor.page.locator('#act-accept input[value="MAJOR"]').check()
    with monitor.page.expect_navigation():
        monitor.page.locator("#act-accept button[name=action]").click()
    deviation.refresh_from_db()
    assert (deviation.status, deviation.category) == ("ACCEPTED", "MAJOR")

    # the safety desk is asked, once
    desk = someone("SAFETY_DESK")
    desk.open("/")
    expect(desk.page.get_by_text("Medication error?").first).to_be_visible()
    desk.picture("treatment-safety-desk")
    assert deviation.safety_question == SafetyQuestion.ASKED

    # the statistician's exposure table
    statistician = someone("STATISTICIAN")
    statistician.open("/exports/")
    with statistician.page.expect_download() as download:
        statistician.page.get_by_role("button", name=re.compile("Download|Export|Take")).first.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        name = next(each for each in archive.namelist() if each.endswith("exposure.csv"))
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8-sig")))
    assert [{name: row[name] for name in ("SUBJID", "EXNDOSE", "EXNREP", "EXNDLY", "EXDLYD", "EXCUMDS", "EXDUR", "EXRDI")} for row in rows] == [{
        "SUBJID": "FR03-001", "EXNDOSE": "3", "EXNREP": "1", "EXNDLY": "1", "EXDLYD": "9", "EXCUMDS": "12", "EXDUR": "24", "EXRDI": "0.5091",
    }]  # fmt: skip
    assert not found, "\n".join(found)
