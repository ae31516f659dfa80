"""A safety report from facts: what is copied, what is derived, what is left out at which boundary, and what is called missing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from protocol.dates import PartialDate
from protocol.dosing_facts import Vial
from protocol.engine import Case
from protocol.facts import AdverseEvent, Clock, Death, Demographics, Dose, Patient
from protocol.icsr import Icsr, Judgement, Missing, Reporter, When, report_id
from protocol.icsr_build import READS, build
from protocol.laboratory_facts import Chemistry
from protocol.safety_facts import GradeChange, HospitalStay
from protocol.screening_facts import MedicalHistory, Medication, ReferenceRange, VitalSigns

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SITE = Reporter(site="FR03", site_name="Lyon - Centre Léon Bérard", city="Lyon", country="FR", role="Physician")


def on(text: str) -> PartialDate | None:
    return PartialDate.parse(text) if text else None


def ae(**changes) -> AdverseEvent:
    answers = {
        "term": "Sepsis", "term_specify": "", "scale": "CTCAE 5.0", "grade": "4", "started_on": on("2026-03-12"), "started_time": "23:30", "ongoing": "N",
        "ended_on": on("2026-03-20"), "ended_time": "", "serious": "Y", "is_death": "", "is_life_threatening": "Y", "is_hospitalisation": "", "is_disability": "",
        "is_congenital": "", "is_medically_important": "", "stay_planned": "", "aware_on": on("2026-03-13"), "aware_time": "08:00", "relationship": "N",
        "action_taken": "DOSE NOT CHANGED", "outcome": "RECOVERED/RESOLVED",
    }  # fmt: skip
    return AdverseEvent(id=1, row=1, **{**answers, **changes})


def dose(label="C1D1", day="2026-03-05", mg="1", vials="V1", occurrence="GIVEN") -> Dose:
    return Dose(visit=label, occurrence=occurrence, reason="", given_on=on(day), start_time="10:00", end_time="11:00", dose_mg=Decimal(mg) if mg else None, vials=vials)


def vial(number="V1", lot="L77") -> Vial:
    return Vial(number=number, lot=lot, strength_mg=Decimal(1), expires_on=None, state="USED", patient_number="FR03-001", dose="C1D1")


def drug(name="Bisoprolol", began="2025", ended="", ongoing="Y", for_event="") -> Medication:
    return Medication(row=1, name=name, drug_class="OTHER", steroid="", purpose="", intent="", stable_confirmed="", dose=Decimal("2.5"), dose_unit="mg", frequency="QD",
                      route="ORAL", started_on=on(began), started_time="", changed_on=None, ongoing=ongoing, ended_on=on(ended), ended_time="", for_event=for_event)  # fmt: skip


def vitals(day: str, weight: str = "", height: str = "") -> VitalSigns:
    return VitalSigns(taken_on=on(day), taken_time="", standard_of_care="", temperature=None, systolic=None, diastolic=None, pulse=None, respiration=None,
                      oxygen_saturation=None, oxygen_saturation_missing="", room_air="", weight=Decimal(weight) if weight else None,
                      height=Decimal(height) if height else None)  # fmt: skip


RANGE = ReferenceRange(laboratory="CHU", test="CRP", unit="mg/L", low=None, high=Decimal(5), sex="", age_from=None, age_to=None, valid_from=on("2026-01-01"), valid_to=None)
FULL = {
    "AE": [ae()], "EC": [dose()], "VIAL": [vial()], "DM": [Demographics(birth_date=on("1958-02"), sex="F")], "VS": [vitals("2026-03-01", "60")],
}


def case(**records) -> Case:
    patient = Patient(number="FR03-001", country="FR", zone="Europe/Paris", site_active=True, enrolled_on=None)
    return Case(patient, Clock(NOW, NOW.date()), {code: tuple(each) for code, each in {**FULL, **records}.items()})


def report(said=None, **records) -> Icsr:
    sponsor = Judgement(relationship="N", by="Sponsor", expectedness="EXPECTED", reference="IB 9")
    given = {"sponsor": sponsor, "first_received": NOW, "received": NOW, "narrative": "Words.", **(said or {})}
    return build(case(**records), 1, SITE, **given)


def test_nothing_is_missing_from_a_full_report():
    assert report().missing == ()


@pytest.mark.parametrize(("changes", "what"), [
    ({"term": ""}, "which event it is"), ({"grade": ""}, "its grade"), ({"started_on": None}, "when it began"), ({"serious": "N"}, "that it is serious"),
    ({"is_life_threatening": ""}, "why it is serious"), ({"outcome": ""}, "the outcome"), ({"action_taken": ""}, "the action taken with tarlatamab"),
    ({"aware_on": None}, "when the site learned that it is serious"), ({"relationship": ""}, "the investigator's causality"),
    ({"relationship": "NOT YET ASSESSED"}, "the investigator's causality"), ({"is_death": "Y"}, "date and cause of death"),
    ({"is_hospitalisation": "Y"}, "the dates of the hospital stay"), ({"term": "Cardiac disorders - Other, specify"}, "the event in words"),
])  # fmt: skip
def test_each_answer_that_is_missing_is_named(changes, what):
    assert what in [each.what for each in report(AE=[ae(**changes)]).missing]
    assert what not in [each.what for each in report().missing]


@pytest.mark.parametrize(("records", "said", "what"), [
    ({"EC": []}, {}, "any dose of tarlatamab"), ({"EC": [dose(mg="")]}, {}, "the amount given"), ({"EC": [dose(day="")]}, {}, "the date of the infusion"),
    ({"EC": [dose(vials="")]}, {}, "the lot: no vial is entered"), ({"VIAL": []}, {}, "the lot of vial V1: the drug account does not know it"),
    ({"DM": []}, {}, "the age when it began"), ({"DM": [Demographics(birth_date=on("1958"), sex="F")]}, {}, "the exact age (67 or 68)"),
    ({"DM": [Demographics(birth_date=on("1958-02"), sex="")]}, {}, "the sex"), ({"VS": []}, {}, "the weight"), ({}, {"narrative": " "}, "the site's narrative"),
    ({}, {"first_received": None}, "when the sponsor first received it"), ({}, {"sponsor": Judgement()}, "the sponsor's causality"),
    ({}, {"sponsor": Judgement(relationship="N")}, "whether it was expected, and by which reference safety information"),
])  # fmt: skip
def test_what_is_missing_elsewhere_is_named(records, said, what):
    assert what in [each.what for each in report(said, **records).missing]


def test_what_is_withheld_is_not_called_missing():
    assert report({"sponsor": Judgement(withheld=True)}).missing == ()


def test_there_must_be_such_an_event():
    with pytest.raises(LookupError, match="no adverse event 1"):
        report(AE=[])


# ---- doses and lots --------------------------------------------------------------------------------------------------


def test_doses_in_order_with_lots_of_the_account():
    found = report(
        EC=[dose("C1D8", "2026-03-12", "10", "v2; V3"), dose(), dose("C1D15", "", "", "", "OMITTED")], VIAL=[vial(), vial("V2", "L78"), vial("V4", "L99")],
    ).doses  # fmt: skip
    assert [(each.label, each.lots, each.lots_unknown) for each in found] == [("C1D1", ("L77",), ()), ("C1D8", ("L78",), ("V3",)), ("C1D15", (), ())]


def test_after_the_start_of_the_last_infusion():
    event = report(EC=[dose(), dose("C1D8", "2026-03-12", "10")], VIAL=[vial()]).event
    assert event.after_dose == "C1D8"
    assert (event.since_dose.least, event.since_dose.most) == (810, 810)
    vague = report(AE=[ae(started_time="")], EC=[dose(), dose("C1D8", "2026-03-12", "10")]).event
    assert (vague.after_dose, vague.since_dose) == ("", None)


# ---- grades and stays ------------------------------------------------------------------------------------------------


def test_grades_in_order_and_the_worst():
    later = GradeChange(id=1, row=1, event="1", grade="5", changed_on=on("2026-03-14"), changed_time="")
    other = GradeChange(id=2, row=2, event="2", grade="3", changed_on=on("2026-03-14"), changed_time="")
    event = report(AEG=[later, other]).event
    assert [(each.grade, each.source) for each in event.grades] == [("4", "AE:1"), ("5", "AEG:1")]
    assert event.worst == "5"


def test_the_stays_of_the_event_alone():
    def stay(event: str, prolonged_by: str = "") -> HospitalStay:
        return HospitalStay(row=1, event=event, kind="HOSPITAL STAY", admitted_on=on("2026-03-13"), admitted_time="", ongoing="N", discharged_on=on("2026-03-20"),
                            discharged_time="", planned="N", prolonged="", prolonged_by=prolonged_by)  # fmt: skip

    assert len(report(HO=[stay("1"), stay("2"), stay("")]).event.stays) == 1
    assert len(report(HO=[stay("2", "1"), stay("2", "3")]).event.stays) == 1


def test_death():
    died = report(DD=[Death(died_on=on("2026-03-20"), cause="ADVERSE EVENT", autopsy="N")], AE=[ae(is_death="Y", outcome="FATAL")])
    assert died.death is not None and str(died.death.died) == "20-Mar-2026"
    assert died.missing == ()


# ---- what stands around ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("medication", "listed"), [
    (drug(), True), (drug(ended="2026-02-10", ongoing="N"), True), (drug(ended="2026-02-09", ongoing="N"), False), (drug(ended="2026-02", ongoing="N"), True),
    (drug(began="2026-03-12"), True), (drug(began="2026-03-13"), False), (drug(began=""), True), (drug(began="2026-03"), True),
    (drug(began="2026-03-13", for_event="1"), True), (drug(began="2026-03-13", for_event="2"), False), (drug(ended="2020", ongoing="N", for_event="1"), True),
])  # fmt: skip
def test_medication_around_the_event_or_for_it(medication, listed):
    """Thirty days before the onset (12 March) is 10 February; the certain alone leaves it out."""
    assert bool(report(CM=[medication]).drugs) is listed


@pytest.mark.parametrize(("day", "value", "listed"), [
    ("2026-03-05", "9", True), ("2026-03-04", "9", False), ("2026-03-19", "9", True), ("2026-03-20", "9", False), ("2026-03-12", "5", False), ("2026-03-12", "5.1", True),
    ("2026-03-12", "trace", False), ("2026-03", "9", True), ("", "9", False),
])  # fmt: skip
def test_results_outside_their_range_near_the_onset(day, value, listed):
    """Seven days before and after 12 March; at the limit is inside the range."""
    panel = Chemistry(visit="C1D8", taken_on=on(day), laboratory="CHU", crp=value, crp_unit="mg/L")
    found = report(CHE=[panel], RANGE=[RANGE]).tests
    assert [(each.name, each.flag, each.high) for each in found] == ([("C-reactive protein", "HIGH", "5")] if listed else [])


def test_a_result_without_a_range_is_not_called_abnormal():
    assert report(CHE=[Chemistry(taken_on=on("2026-03-12"), laboratory="CHU", crp="900", crp_unit="mg/L")]).tests == ()


def test_weight_as_last_measured_by_then():
    measured = [vitals("2026-04-01", "50"), vitals("2026-03-01", "60"), vitals("2026-03-11"), vitals("2026-02-01", "62", "170")]
    subject = report(VS=measured).subject
    assert (subject.weight_kg, subject.height_cm) == (60, 170)


def test_history():
    found = report(MH=[MedicalHistory(row=1, term="Hypertension", started_on=on("2011"), ongoing="Y", ended_on=None), MedicalHistory(row=2, term="", started_on=None, ongoing="", ended_on=None)])
    assert [(each.kind, each.name) for each in found.history] == [("Medical history", "Hypertension")]


# ---- small things ----------------------------------------------------------------------------------------------------


def test_the_number_of_a_case():
    assert report_id("FR03-001", 3, "FR") == "FR-ETOP-2925FR03001AE3"


@pytest.mark.parametrize(("day", "time", "offset", "hl7"), [
    ("2026-03-12", "23:10", "+0100", "202603122310+0100"), ("2026-03-29", "03:10", "+0200", "202603290310+0200"), ("2026-03-12", "", "", "20260312"),
    ("2026-03", "10:00", "", "202603"), ("2026", "", "", "2026"), ("1900-01-01", "10:00", "+0009", "190001011000+0009"),
])  # fmt: skip
def test_when(day, time, offset, hl7):
    at = When(PartialDate.parse(day), time, "Europe/Paris")
    assert (at.offset, at.hl7) == (offset, hl7)


def test_a_time_without_a_date_is_none():
    assert When.of(None, "10:00", "Europe/Paris") is None


def test_missing_in_words():
    assert (str(Missing("the sex", "Demographics")), str(Missing("the sex"))) == ("the sex (Demographics)", "the sex")


def test_every_form_that_a_report_reads_has_a_code():
    assert all(kind.form for kind in READS)
    assert len({kind.form for kind in READS}) == len(READS)
