"""Facts of screening with defaults that fit together, so that an example of a rule is one line.

Dates are ISO text, partial where that is meant; numbers are text or whole numbers. ``whole`` is a patient who can be
registered: the day of the check is 10 June 2026, consent was signed on 1 June.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal

from protocol import screening_facts as screening
from tests.protocol.build import case, consent, day, dm, ecog, ie

CHECK = "2026-06-10"
LABORATORY = "Central laboratory"
_BLANK = {"PartialDate | None": None, "Decimal | None": None, "int | None": None, "datetime | None": None, "str": ""}


def _read(kind, given):
    if kind == "PartialDate | None" and isinstance(given, str):
        return day(given)
    if kind == "Decimal | None" and given is not None:
        return Decimal(str(given)) if given != "" else None
    if kind == "datetime | None" and isinstance(given, str):
        return datetime.fromisoformat(given).replace(tzinfo=UTC) if given else None
    return given


def make(of, defaults, changes):
    """A fact from text; what is not named is empty."""
    fields = {field.name: field.type for field in dataclasses.fields(of)}
    given = {**defaults, **changes}
    unknown = set(given) - set(fields)
    assert not unknown, f"{of.__name__} has no {', '.join(sorted(unknown))}"
    empty = {name: _BLANK[kind] for name, kind in fields.items() if kind in _BLANK and name != "visit"}
    return of(**{**empty, **{name: _read(fields[name], value) for name, value in given.items()}})


def _log(of, **defaults):
    return lambda **changes: make(of, defaults, changes)


def _screening(of, **defaults):
    return lambda **changes: make(of, {"visit": "SCR", **defaults}, changes)


# Disease and history -------------------------------------------------------------------------------------------------------

sclc = _screening(
    screening.SclcHistory, confirmed_by="HISTOLOGY", diagnosed_on="2025-10-06", stage_at_diagnosis="ES",
    stage_at_enrolment="ES", progressed_on="2026-05-11", progression_basis="RADIOLOGICAL", imaging_on="2026-05-11",
    leptomeningeal="N", cord_compression="N", cns_imaging_on="2026-06-02", brain_metastases="N", liver_metastases="N",
)  # fmt: skip
line = _log(
    screening.PriorTherapy, line_number=1, stage="ES", drugs="CARBOPLATIN; ETOPOSIDE; ATEZOLIZUMAB",
    chemo_first_on="2025-10-20", chemo_last_on="2025-12-23", ici_first_on="2025-10-20", ici_last_on="2026-04-20",
)  # fmt: skip
procedure = _log(
    screening.PriorProcedure, category="SURGERY", name="Port implantation", performed_on="2025-10-15", major="N"
)
irae = _log(
    screening.ImmuneEvent, term="Rash", category="OTHER", grade="1", started_on="2025-12-01", recurrent="N", ici_stopped="N",
    replacement="N", stable="",
)  # fmt: skip
hx = _screening(
    screening.HistoryAsked, asked_on="2026-06-03", medical_any="N", radiotherapy_any="N", surgery_any="N", irae_any="N",
    malignancy_any="N", vascular_any="N", autoimmune_any="N", immunosuppression_needed="N", transplant="N",
    infection_any="N", vaccine_any="N", ild="N", pneumonitis_active="N", lung_imaging_on="2026-05-11",
)  # fmt: skip
mh = _log(screening.MedicalHistory, term="Hypertension", started_on="2015", ongoing="Y")
om = _log(
    screening.OtherMalignancy, kind="Renal cell carcinoma", diagnosed_on="2020-03", still_active="N", active_until="2020-05",
    exception="NONE",
)  # fmt: skip
cvh = _log(screening.VascularHistory, kind="MYOCARDIAL INFARCTION", occurred_on="2019-03-02", ongoing="N")
aid = _log(
    screening.AutoimmuneDisease, name="Psoriasis", active="Y", systemic="Y", replacement_only="N", treatment_ongoing="N",
    last_treated_on="2020-01-15",
)  # fmt: skip
infection = _log(
    screening.Infection, name="Bronchitis", started_on="2026-04-01", symptoms="N", clinical_signs="N", radiographic_signs="N",
    active="N", parenteral="N",
)  # fmt: skip
su = _screening(screening.Smoking, status="FORMER", pack_years=40, stopped_on="2025")

# Childbearing potential, judgement, the check before the first dose -------------------------------------------------------


def rp(woman=True, **changes):
    """A woman of childbearing potential, or a man; both sexually active and willing to use contraception."""
    own = {"potential": "Y", "menopausal_status": "PREMENOPAUSAL", "last_period_on": "2026-05-20", "pregnant": "N",
           "breastfeeding": "N"}  # fmt: skip
    both = {"visit": "SCR", "assessed_on": "2026-06-03", "sexually_active": "Y", "willing": "Y", "method": "Condom"}
    return make(screening.Childbearing, {**both, **(own if woman else {})}, changes)


organ = _screening(
    screening.OrganFunction, assessed_on="2026-06-08", haematological="Y", renal="Y", liver="Y", support="N", gilbert="N"
)
rel = _log(
    screening.FirstDoseCheck, visit="C1D1", checked_on=CHECK, checked_time="09:00", i09="FULFILLED", e10="ABSENT", e11="ABSENT",
    e12="ABSENT", symptoms="N", clinical_signs="N", radiographic_signs="N", immunosuppressant_any="N",
)  # fmt: skip

# Medication -------------------------------------------------------------------------------------------------------------

cmyn = _screening(screening.MedicationAsked, asked_on="2026-06-03", any_medication="N", any_anticoagulant="N")
cm = _log(
    screening.Medication, name="Ramipril", drug_class="OTHER", dose=5, dose_unit="mg", frequency="QD", route="ORAL",
    started_on="2015", ongoing="Y",
)  # fmt: skip


def steroid(name="Prednisone", dose=5, **changes):
    """A corticosteroid by mouth once a day since March 2026, for a disease."""
    own = dict(
        name=name, drug_class="CORTICOSTEROID", steroid=name.upper(), purpose="TREATMENT", dose=dose, started_on="2026-03-01"
    )
    return cm(**{**own, **changes})


def anticoagulant(name="Apixaban", **changes):
    """A therapeutic anticoagulant since January 2026."""
    own = dict(name=name, drug_class="ANTICOAGULANT", intent="THERAPEUTIC", frequency="BID", started_on="2026-01-12")
    return cm(**{**own, **changes})


def vax(kind="INACTIVATED OR NON-LIVE", given_on="2026-01-15", name="Influenza vaccine", **changes):
    return make(screening.Vaccine, {"kind": kind, "given_on": given_on, "name": name}, changes)


# Assessments ---------------------------------------------------------------------------------------------------------------

vs = _screening(
    screening.VitalSigns, taken_on="2026-06-03", taken_time="09:30", temperature="36.8", systolic=128, diastolic=76, pulse=82,
    respiration=16, oxygen_saturation=95, room_air="Y", weight=68, height=170,
)  # fmt: skip
eg = _screening(screening.Electrocardiogram, recorded_on="2026-06-03", interpretation="NORMAL", heart_rate=80, qtcf=420)
cv = _screening(screening.HeartScan, scanned_on="2026-06-04", method="ECHOCARDIOGRAPHY", lvef=60, effusion="N")
ple = _screening(screening.PleuralEffusion, assessed_on="2026-06-03", effusion="N")


def pt(tested_on="2026-06-03", result="NEGATIVE", tested_time="09:00", specimen="SERUM", **changes):
    own = {"tested_on": tested_on, "result": result, "tested_time": tested_time, "specimen": specimen}
    return make(screening.PregnancyTest, own, changes)


ser = _screening(
    screening.Serology, taken_on="2026-06-03", hiv_status="NEGATIVE", hbsag="NEGATIVE", hbcab="NEGATIVE", hcvab="NEGATIVE"
)
hbv = _log(screening.HbvMonitoring, taken_on="2026-08-03", hbv_dna="TARGET NOT DETECTED")
ice = _screening(
    screening.IceScore, assessed_on="2026-06-03", assessed_time="10:00", assessable="Y", orientation=4, naming=3, commands=1,
    writing=1, attention=1,
)  # fmt: skip

# Laboratory ----------------------------------------------------------------------------------------------------------------

_SAMPLE = {"taken_on": "2026-06-08", "taken_time": "08:00", "laboratory": LABORATORY}
hem = _screening(
    screening.Haematology, **_SAMPLE, hgb="12.1", hgb_unit="g/dL", wbc="6.4", wbc_unit="G/L", neut="4.1", neut_unit="G/L",
    lym="1.4", lym_unit="G/L", plat="230", plat_unit="G/L",
)  # fmt: skip
che = _screening(
    screening.Chemistry, **_SAMPLE, sodium="139", sodium_unit="mmol/L", k="4.1", k_unit="mmol/L", creat="80",
    creat_unit="µmol/L", alt="24", alt_unit="U/L", ast="22", ast_unit="U/L", alp="70", alp_unit="U/L", bili="9",
    bili_unit="µmol/L", alb="38", alb_unit="g/L",
)  # fmt: skip
coa = _screening(screening.Coagulation, **_SAMPLE, inr="1.0", aptt="30", aptt_unit="s")
lbo = _screening(screening.OtherLaboratory, **_SAMPLE, tsh="2.1", tsh_unit="mIU/L")


def uln(test="INR", high="1.2", unit="RATIO", **changes):
    """The range of the central laboratory for a test: its upper limit, for anyone, since 2025."""
    own = {"laboratory": LABORATORY, "test": test, "high": high, "unit": unit, "valid_from": "2025-01-01"}
    return make(screening.ReferenceRange, own, changes)


icfv = _log(screening.IcfVersion, icf_version="1.0", approved_on="2026-01-15", reconsent="N")
ric = _log(
    screening.Reconsent, patient_signed_on="2026-07-01", investigator_signed_on="2026-07-01", icf_version="2.0",
    reason="NEW VERSION",
)  # fmt: skip
ruling = _log(
    screening.Ruling, rule="SCR-I01r", inputs="", outcome="SATISFIED", reason="Read as one line.", decided_by="reviewer",
    decided_at="2026-06-09T10:00",
)  # fmt: skip

RANGES = (
    uln(), uln("PT", "13", "s"), uln("APTT", "40", "s"), uln("PTT", "40", "s"), uln("ALT", "40", "U/L"),
    uln("AST", "40", "U/L"),
    uln("BILI", "20", "µmol/L"), uln("CREAT", "100", "µmol/L"),
)  # fmt: skip


def records(woman=False):
    """By name what ``whole`` consists of; every criterion that can be computed is satisfied."""
    shared = {
        "icfv": icfv(), "ranges": RANGES, "consent": consent(), "ecog": ecog(), "sclc": sclc(), "line": line(), "hx": hx(),
        "cmyn": cmyn(), "vs": vs(), "eg": eg(), "cv": cv(), "ple": ple(), "ser": ser(), "organ": organ(), "hem": hem(),
        "che": che(), "coa": coa(), "su": su(), "ice": ice(),
    }  # fmt: skip
    if woman:
        return {**shared, "dm": dm("1985-03", "F"), "ie": ie(), "rp": rp(), "pt": pt(), "rel": rel()}
    answers = {"i09": "NOT APPLICABLE", "e17": "NOT APPLICABLE"}
    return {**shared, "dm": dm("1958-03", "M"), "ie": ie(**answers), "rp": rp(woman=False), "rel": rel(i09="NOT APPLICABLE")}


def routine(answer="Y", **changes):
    """The assessments of ``whole`` as routine care, or as another answer says; ``changes`` replace one or leave it out."""
    made = {"ecog": ecog(standard_of_care=answer), "vs": vs(standard_of_care=answer), "eg": eg(standard_of_care=answer),
            "cv": cv(standard_of_care=answer), "ple": ple(standard_of_care=answer), "ser": ser(standard_of_care=answer),
            "hem": hem(standard_of_care=answer), "che": che(standard_of_care=answer), "coa": coa(standard_of_care=answer),
            "ice": ice(standard_of_care=answer)}  # fmt: skip
    return {**made, **changes}


_SITUATION = ("today", "now", "enrolled", "zone", "country", "active")


def whole(*more, woman=False, **changes):
    """A patient against whose registration nothing stands, before it.

    ``changes`` by name replace a record (or add one or several), None leaves it out; ``more`` are further records; today,
    now, enrolled, zone, country and active go to the case.
    """
    situation = {"today": CHECK, "enrolled": "", **{name: changes.pop(name) for name in _SITUATION if name in changes}}
    named = {**records(woman), **changes}
    flat = []
    for given in (*named.values(), *more):
        flat += given if isinstance(given, tuple) else [given] if given is not None else []
    return case(*flat, **situation)
