"""The chart of somebody who is eligible: what stands in every form that registration rests on, beside consent, sex and ECOG.

Dates lie so that the criteria are satisfied on any later day. Records are written as submitted ones without their pages:
tests that are about a form enter it themselves.
"""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from accounts.access import actor_for
from audit.context import SYSTEM, acting
from crf import registry
from crf.models import State
from patients.models import Visit

DAY = "2026-06-10"
CHART: dict[str, dict[str, object]] = {
    "SCLC": {
        "confirmed_by": "HISTOLOGY", "diagnosed_on": "2025-09-15", "stage_at_diagnosis": "ES", "stage_at_enrolment": "ES",
        "progressed_on": "2026-05-20", "progression_basis": "RADIOLOGICAL", "imaging_on": "2026-05-20", "leptomeningeal": "N",
        "cord_compression": "N", "brain_metastases": "N", "liver_metastases": "N",
    },
    "PST": {
        "line_number": 1, "stage": "ES", "drugs": "CARBOPLATIN; ETOPOSIDE; ATEZOLIZUMAB", "chemo_first_on": "2025-10-01",
        "chemo_last_on": "2026-01-14", "ici_first_on": "2025-10-01", "ici_last_on": "2026-05-06",
    },
    "HX": {
        "asked_on": DAY, "medical_any": "N", "radiotherapy_any": "N", "surgery_any": "N", "irae_any": "N",
        "malignancy_any": "N", "vascular_any": "N", "autoimmune_any": "N", "immunosuppression_needed": "N", "transplant": "N",
        "infection_any": "N", "vaccine_any": "N", "ild": "N", "pneumonitis_active": "N",
    },
    "SU": {"status": "FORMER", "stopped_on": "2025", "pack_years": 40},
    "RP": {"assessed_on": DAY, "sexually_active": "N"},
    "CMYN": {"asked_on": DAY, "any_medication": "N", "any_anticoagulant": "N"},
    "VS": {"taken_on": DAY, "oxygen_saturation": 95, "room_air": "Y"},
    "EG": {"recorded_on": DAY, "interpretation": "NORMAL"},
    "CV": {"scanned_on": DAY, "method": "ECHOCARDIOGRAPHY", "lvef": 60, "effusion": "N"},
    "PLE": {"assessed_on": DAY, "effusion": "N"},
    "SER": {"taken_on": DAY, "hiv_status": "NEGATIVE", "hbsag": "NEGATIVE", "hbcab": "NEGATIVE", "hcvab": "NEGATIVE"},
    "HEM": {"taken_on": DAY, "laboratory": "Central laboratory", "hgb": "121", "neut": "4.2", "plat": "233"},
    "CHE": {"taken_on": DAY, "laboratory": "Central laboratory", "creat": "78", "alt": "24", "ast": "22", "bili": "9"},
    "COA": {"taken_on": DAY, "laboratory": "Central laboratory", "inr": "1.0", "aptt": "31"},
    "ORG": {"assessed_on": DAY, "haematological": "Y", "renal": "Y", "liver": "Y", "support": "N", "gilbert": "N"},
    "ICE": {"assessed_on": DAY, "assessable": "Y", "orientation": 4, "naming": 3, "commands": 1, "writing": 1, "attention": 1},
}  # fmt: skip
WOMAN = {"potential": "Y", "pregnant": "N", "breastfeeding": "N", "menopausal_status": "PREMENOPAUSAL"}
RANGES = (
    ("HGB", "g/L", 120, 160), ("NEUT", "10^9/L", "1.8", "7.5"), ("PLAT", "10^9/L", 150, 400), ("CREAT", "umol/L", 50, 100),
    ("ALT", "U/L", None, 41), ("AST", "U/L", None, 40), ("BILI", "umol/L", None, 21), ("INR", "RATIO", "0.8", "1.2"),
    ("APTT", "s", 25, 37),
)  # fmt: skip


FIRST_DOSE = {
    "symptoms": "N", "clinical_signs": "N", "radiographic_signs": "N", "uncontrolled": "N", "immunosuppressant_any": "N",
    "i09": "NOT APPLICABLE", "e10": "ABSENT", "e11": "ABSENT", "e12": "ABSENT", "released_by": "Investigator FR03",
}  # fmt: skip


def release(patient, by) -> None:
    """The check before the first dose, released when the day of registration began."""
    day = patient.enrolled_on
    at = datetime.combine(day, time.min, ZoneInfo(patient.site.time_zone))
    with acting(actor_for(by, patient.site), source="test"):
        visit = Visit(patient=patient, code="C1D1")
        visit.save()
        check = registry.form("REL")(
            patient=patient, visit=visit, state=State.SUBMITTED, checked_on=day.isoformat(), released_at=at, **FIRST_DOSE
        )
        check.save()


def references(site) -> None:
    """The ranges of the site's laboratory, once."""
    from assessments.references import ReferenceRange

    if ReferenceRange.objects.filter(site=site).exists():
        return
    with acting(SYSTEM, source="test"):
        for test, unit, low, high in RANGES:
            ReferenceRange(
                site=site, laboratory="Central laboratory", test=test, unit=unit, low=low, high=high, valid_from="2026-01-01"
            ).save()


def enter(patient, by, **changes: dict[str, object] | None) -> None:
    """Write the chart; ``changes`` by form code replace answers, or leave the form out (None)."""
    references(patient.site)
    with acting(actor_for(by, patient.site), source="test"):
        visit = Visit.objects.filter(patient=patient, code="SCR").first()
        if visit is None:
            visit = Visit(patient=patient, code="SCR")
            visit.save()
        for code, answers in CHART.items():
            changed = changes.get(code, {})
            if changed is None:
                continue
            model = registry.form(code)
            place = {"row": 1} if model.is_log() else {"visit": visit}
            model(patient=patient, state=State.SUBMITTED, **place, **{**answers, **changed}).save()
