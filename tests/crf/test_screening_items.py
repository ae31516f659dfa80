"""Questions of screening that came later: asked where they belong, stored, exported, and read through the entry page."""

from __future__ import annotations

import pytest

from crf import registry
from crf.casebook import casebook
from protocol.laboratory import TESTS
from review.models import Query
from tests import chart
from tests.crf.page import Page

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-11-19"
LAB = "Central laboratory"


def asked(world, coordinator, patient, code, slot="SCR"):
    return set(Page(world, coordinator, patient, code, slot).read.names)


@pytest.mark.parametrize(("code", "slot", "name", "answers"), [
    ("ECOG", "SCR", "assessor", {"assessed_on": DAY, "ecog": "2", "assessor": "SUB-INVESTIGATOR"}),
    ("IC", "SCR", "investigator_signed_time", {"patient_signed_on": DAY, "investigator_signed_on": DAY, "icf_version": "1.0",
                                               "investigator_signed_time": "14:05"}),
    ("VS", "SCR", "fio2", {"taken_on": DAY, "oxygen_saturation": "94", "room_air": "N", "fio2": "28"}),
    ("SER", "SCR", "cd4", {"taken_on": DAY, "hiv_status": "KNOWN POSITIVE", "hiv_controlled": "Y", "hbsag": "NEGATIVE",
                           "hbcab": "NEGATIVE", "hcvab": "NEGATIVE", "hiv_rna": "TARGET NOT DETECTED", "cd4": "520", "hiv_art": "Y"}),
    ("IRAE", "new", "status", {"term": "Colitis", "category": "OTHER", "grade": "2", "started_on": "2026-01", "recurrent": "N",
                               "ici_stopped": "N", "status": "RECOVERED/RESOLVED"}),
    ("IRAE", "new", "recurrence_grade", {"term": "Pneumonitis", "category": "PNEUMONITIS", "grade": "2", "started_on": "2026-01",
                                         "recurrent": "Y", "recurrence_grade": "1", "ici_stopped": "N", "status": "RECOVERED/RESOLVED"}),
    ("OM", "new", "curative_on", {"kind": "Melanoma", "diagnosed_on": "2020-01", "still_active": "N", "active_until": "2020-03",
                                  "exception": "LOW RISK", "curative": "Y", "curative_on": "2020-03", "no_evidence": "Y",
                                  "no_evidence_since": "2020-03", "low_risk": "Y"}),
    ("INF", "new", "antibiotic", {"name": "Pneumonia", "started_on": "2026-11-01", "active": "N", "symptoms": "N",
                                  "clinical_signs": "N", "radiographic_signs": "N", "uncontrolled": "N", "parenteral": "Y",
                                  "antibiotic": "Ceftriaxone", "antibiotics_completed": "Y", "antibiotics_ended_on": "2026-11-05",
                                  "symptoms_resolved": "Y"}),
    ("COA", "SCR", "ddimer", {"taken_on": DAY, "laboratory": "X", "inr": "1.0", "inr_unit": "RATIO", "ddimer": "0,4",
                              "ddimer_unit": "mg/L FEU"}),
])  # fmt: skip
def test_it_is_stored_and_nothing_is_asked_about_it(world, coordinator, code, slot, name, answers):
    patient = world.patient()
    record = world.enter(patient, code, slot, **answers).saved.record
    record.refresh_from_db()
    assert str(getattr(record, name)) == answers[name]
    assert not Query.objects.filter(form=code, field=name).exists()
    assert name in type(record).exports


@pytest.mark.parametrize(("code", "slot", "name", "answers"), [
    ("IRAE", "new", "status", {"term": "Colitis"}), ("IRAE", "new", "recurrence_grade", {"term": "Pneumonitis", "recurrent": "Y"}),
    ("OM", "new", "curative_on", {"exception": "LOW RISK", "curative": "Y"}),
    ("INF", "new", "antibiotic", {"parenteral": "Y"}),
])  # fmt: skip
def test_what_a_criterion_is_read_by_is_asked_for(world, code, slot, name, answers):
    world.enter(world.patient(), code, slot, **answers)
    assert Query.objects.filter(form=code, field=name, rule__endswith="-required").count() == 1


@pytest.mark.parametrize(("code", "slot", "name", "answers"), [
    ("IRAE", "new", "recurrence_grade", {"term": "Pneumonitis", "recurrent": "N"}),
    ("OM", "new", "curative_on", {"exception": "BREAST DCIS"}), ("OM", "new", "curative_on", {"exception": "LOW RISK", "curative": "N"}),
    ("INF", "new", "antibiotic", {"parenteral": "N"}),
    ("VS", "SCR", "fio2", {"taken_on": DAY, "oxygen_saturation": "94", "room_air": "N"}),
    ("ECOG", "SCR", "assessor", {"assessed_on": DAY, "ecog": "2"}),
])  # fmt: skip
def test_otherwise_it_is_not_asked_for(world, code, slot, name, answers):
    world.enter(world.patient(), code, slot, **answers)
    assert not Query.objects.filter(form=code, field=name).exists()


@pytest.mark.parametrize(("fio2", "stored"), [("21", True), ("100", True), ("20", False), ("101", False)])
def test_oxygen_is_between_room_air_and_pure(world, fio2, stored):
    result = world.enter(world.patient(), "VS", "SCR", expect=False, taken_on=DAY, room_air="N", fio2=fio2)
    assert (result.saved is not None) is stored


# ---- other laboratory tests ------------------------------------------------------------------------------------------


def test_other_tests_are_read_by_the_range_of_their_laboratory(world, coordinator):
    patient = world.patient()
    chart.references(patient.site)
    page = Page(world, coordinator, patient, "LBO", "SCR")
    page.fill(taken_on=DAY, laboratory=LAB, tsh="0.1", tsh_unit="µUI/mL", t4fr="2.1", t4fr_unit="ng/dL", cortisol="?")
    assert page.post("submit").status_code == 302
    rules = set(Query.objects.filter(form="LBO").values_list("rule", flat=True))
    assert rules == {"ASM-034", "LBO-CORTISOL_LBORRES-unreadable", "LBO-CORTISOL_LBORRES-unit"}
    assert "2.1 ng/dL = 27.03 pmol/L" in page.open().shown


def test_the_casebook_does_not_ask_for_them(world):
    patient = world.patient()
    book = casebook(patient, sees_all=True)
    row = next(row for area in book.areas for row in area.rows if row.code == "LBO")
    assert [cell.kind for cell in row.cells if cell] != ["missing"]


def test_every_test_is_a_question_of_one_form():
    places = [field.test for form in registry.forms() for field in form._meta.fields if hasattr(field, "test")]
    assert sorted(places) == sorted(TESTS)


# ---- clearance -------------------------------------------------------------------------------------------------------


def test_the_clearance_stands_beside_creatinine_and_is_nowhere_typed(world, coordinator):
    patient = world.patient()
    world.enter(patient, "DM", "SCR", birth_date="1958-01", sex="F")
    world.enter(patient, "VS", "SCR", taken_on=DAY, oxygen_saturation="95", room_air="Y", weight="72")
    page = Page(world, coordinator, patient, "CHE", "SCR")
    page.fill(taken_on=DAY, laboratory="X", creat="1,0", creat_unit="mg/dL", gfre="62", gfre_unit="mL/min/1.73m²").post("submit")
    assert "Cockcroft-Gault 61 mL/min (weight 72 kg of 19-Nov-2026)" in page.open().shown
    record = registry.form("CHE").objects.get()
    assert record.creatclr == ""
    assert not Query.objects.filter(rule__startswith="CHE-GFRE").exists()


@pytest.mark.parametrize(("worst", "again", "stored"), [("2", "1", True), ("2", "2", True), ("2", "3", False), ("1", "2", False)])
def test_what_came_back_is_not_above_the_worst_grade(world, worst, again, stored):
    result = world.enter(world.patient(), "IRAE", "new", expect=False, term="Pneumonitis", grade=worst, recurrent="Y", recurrence_grade=again)
    assert (result.saved is not None) is stored
