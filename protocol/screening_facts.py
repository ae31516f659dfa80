"""What the rules see of screening: disease, history, medication, assessments, laboratory, and the site's own references."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from protocol.dates import PartialDate
from protocol.facts import Fact
from protocol.laboratory_facts import Chemistry as Chemistry  # the laboratory's, read under one name with these
from protocol.laboratory_facts import Coagulation as Coagulation
from protocol.laboratory_facts import Haematology as Haematology
from protocol.laboratory_facts import LaboratoryPanel as LaboratoryPanel
from protocol.laboratory_facts import OtherLaboratory as OtherLaboratory

# References: not entered for a patient, and read by rules like records ----------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class IcfVersion(Fact):
    """A version of the consent form that the ethics committee approved for the patient's site."""

    form: ClassVar[str] = "ICFV"
    icf_version: str
    approved_on: PartialDate | None
    reconsent: str  # 'Y': patients in the trial sign it too


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRange(Fact):
    """The range of a laboratory of the site for one test; ages in whole years, days inclusive, limits in ``unit``."""

    form: ClassVar[str] = "RANGE"
    laboratory: str
    test: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    sex: str
    age_from: int | None
    age_to: int | None
    valid_from: PartialDate | None
    valid_to: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling(Fact):
    """A decision of the medical reviewer on how a criterion's wording applies; it holds for exactly these ``inputs``."""

    form: ClassVar[str] = "RULING"
    rule: str
    inputs: str
    outcome: str  # SATISFIED or NOT SATISFIED
    reason: str
    decided_by: str
    decided_at: datetime | None


# Consent -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsent(Fact):
    form: ClassVar[str] = "RIC"
    patient_signed_on: PartialDate | None
    investigator_signed_on: PartialDate | None
    icf_version: str
    reason: str


# Disease and history -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SclcHistory(Fact):
    form: ClassVar[str] = "SCLC"
    confirmed_by: str
    diagnosed_on: PartialDate | None
    stage_at_diagnosis: str
    stage_at_enrolment: str
    progressed_on: PartialDate | None
    progression_basis: str
    imaging_on: PartialDate | None
    leptomeningeal: str
    cord_compression: str
    cns_imaging_on: PartialDate | None
    brain_metastases: str
    brain_treated: str
    brain_steroids: str
    liver_metastases: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorTherapy(Fact):
    """One line of systemic therapy for SCLC; ``drugs`` are codes with '; ' between them."""

    form: ClassVar[str] = "PST"
    line_number: Decimal | None
    stage: str
    drugs: str
    other_drug: str
    chemo_first_on: PartialDate | None
    chemo_last_on: PartialDate | None
    ici_first_on: PartialDate | None
    ici_last_on: PartialDate | None
    relapsed_on: PartialDate | None

    @property
    def agents(self) -> frozenset[str]:
        return frozenset(self.drugs.split("; ")) if self.drugs else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorProcedure(Fact):
    form: ClassVar[str] = "PR"
    category: str
    name: str
    performed_on: PartialDate | None
    ended_on: PartialDate | None
    major: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmuneEvent(Fact):
    form: ClassVar[str] = "IRAE"
    term: str
    category: str
    grade: str
    started_on: PartialDate | None
    recurrent: str
    recurrence_grade: str
    ici_stopped: str
    status: str
    replacement: str
    stable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAsked(Fact):
    """Was there any …? A log that is empty says nothing by itself."""

    form: ClassVar[str] = "HX"
    asked_on: PartialDate | None
    medical_any: str
    radiotherapy_any: str
    surgery_any: str
    irae_any: str
    malignancy_any: str
    vascular_any: str
    autoimmune_any: str
    immunosuppression_needed: str
    transplant: str
    transplant_organ: str
    infection_any: str
    vaccine_any: str
    ild: str
    pneumonitis_active: str
    lung_imaging_on: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicalHistory(Fact):
    form: ClassVar[str] = "MH"
    term: str
    started_on: PartialDate | None
    ongoing: str
    ended_on: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMalignancy(Fact):
    form: ClassVar[str] = "OM"
    kind: str
    diagnosed_on: PartialDate | None
    still_active: str
    active_until: PartialDate | None
    exception: str
    curative: str
    curative_on: PartialDate | None
    adequately_treated: str
    no_evidence: str
    no_evidence_since: PartialDate | None
    low_risk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VascularHistory(Fact):
    form: ClassVar[str] = "CVH"
    kind: str
    occurred_on: PartialDate | None
    nyha: str
    nyha_on: PartialDate | None
    ongoing: str
    ended_on: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoimmuneDisease(Fact):
    form: ClassVar[str] = "AID"
    name: str
    active: str
    systemic: str
    replacement_only: str
    treatment_ongoing: str
    last_treated_on: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Infection(Fact):
    form: ClassVar[str] = "INF"
    name: str
    started_on: PartialDate | None
    symptoms: str
    clinical_signs: str
    radiographic_signs: str
    uncontrolled: str
    active: str
    last_sign_on: PartialDate | None
    last_sign_time: str
    parenteral: str
    antibiotic: str
    antibiotics_completed: str
    antibiotics_ended_on: PartialDate | None
    symptoms_resolved: str

    @property
    def has_signs(self) -> bool:
        return "Y" in (self.symptoms, self.clinical_signs, self.radiographic_signs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoking(Fact):
    form: ClassVar[str] = "SU"
    status: str
    pack_years: Decimal | None
    stopped_on: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Childbearing(Fact):
    form: ClassVar[str] = "RP"
    assessed_on: PartialDate | None
    potential: str
    no_potential_reason: str
    menopausal_status: str
    last_period_on: PartialDate | None
    pregnant: str
    breastfeeding: str
    sexually_active: str
    willing: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganFunction(Fact):
    """The investigator's own judgement of I5."""

    form: ClassVar[str] = "ORG"
    assessed_on: PartialDate | None
    haematological: str
    renal: str
    liver: str
    support: str  # transfusion or growth factor in the last 14 days
    support_on: PartialDate | None
    gilbert: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDoseCheck(Fact):
    """Gate 2: what is asked in the days before the first infusion, and when it was released (UTC)."""

    form: ClassVar[str] = "REL"
    checked_on: PartialDate | None
    checked_time: str
    i09: str
    e10: str
    e11: str
    e12: str
    symptoms: str
    clinical_signs: str
    radiographic_signs: str
    uncontrolled: str
    last_sign_on: PartialDate | None
    last_sign_time: str
    immunosuppressant_any: str
    released_at: datetime | None

    @property
    def has_signs(self) -> bool:
        return "Y" in (self.symptoms, self.clinical_signs, self.radiographic_signs)


# Medication ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationAsked(Fact):
    """Was any medication taken since the last visit?"""

    form: ClassVar[str] = "CMYN"
    asked_on: PartialDate | None
    any_medication: str
    any_anticoagulant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Medication(Fact):
    """``dose`` is a single dose in ``dose_unit``; ``changed_on`` the day its dose was last changed."""

    form: ClassVar[str] = "CM"
    name: str
    drug_class: str
    steroid: str
    purpose: str
    intent: str
    stable_confirmed: str
    dose: Decimal | None
    dose_unit: str
    frequency: str
    route: str
    started_on: PartialDate | None
    started_time: str
    changed_on: PartialDate | None
    ongoing: str
    ended_on: PartialDate | None
    ended_time: str
    around_dose: str = ""  # label of the dose that it was given around
    for_event: str = ""  # number of the adverse event that it was given for
    indication: str = ""  # in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Vaccine(Fact):
    form: ClassVar[str] = "VAX"
    name: str
    kind: str
    given_on: PartialDate | None


# Assessments ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalSigns(Fact):
    """mmHg, beats and breaths a minute, °C, %, kg, cm."""

    form: ClassVar[str] = "VS"
    taken_on: PartialDate | None
    taken_time: str
    standard_of_care: str
    temperature: Decimal | None
    systolic: Decimal | None
    diastolic: Decimal | None
    pulse: Decimal | None
    respiration: Decimal | None
    oxygen_saturation: Decimal | None
    oxygen_saturation_missing: str
    room_air: str
    weight: Decimal | None
    height: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrocardiogram(Fact):
    form: ClassVar[str] = "EG"
    recorded_on: PartialDate | None
    standard_of_care: str
    interpretation: str
    finding: str
    significant: str
    heart_rate: Decimal | None
    qtcf: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartScan(Fact):
    """ECHO or MUGA: LVEF in %."""

    form: ClassVar[str] = "CV"
    scanned_on: PartialDate | None
    standard_of_care: str
    method: str
    lvef: Decimal | None
    lvef_missing: str
    effusion: str
    effusion_significant: str
    effusion_method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PleuralEffusion(Fact):
    form: ClassVar[str] = "PLE"
    assessed_on: PartialDate | None
    standard_of_care: str
    effusion: str
    significant: str
    catheter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PregnancyTest(Fact):
    form: ClassVar[str] = "PT"
    specimen: str
    tested_on: PartialDate | None
    tested_time: str
    result: str
    standard_of_care: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Serology(Fact):
    form: ClassVar[str] = "SER"
    taken_on: PartialDate | None
    standard_of_care: str
    hiv_status: str
    hiv_controlled: str
    hbsag: str
    hbcab: str
    hbv_dna: str
    hbv_dna_value: Decimal | None
    hbv_dna_loq: Decimal | None
    hbv_prophylaxis: str
    hcvab: str
    hcv_rna: str
    hcv_rna_value: Decimal | None
    hcv_rna_loq: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HbvMonitoring(Fact):
    form: ClassVar[str] = "HBV"
    taken_on: PartialDate | None
    hbv_dna: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IceScore(Fact):
    """Immune effector cell-associated encephalopathy score, item by item."""

    form: ClassVar[str] = "ICE"
    assessed_on: PartialDate | None
    assessed_time: str
    standard_of_care: str
    assessable: str
    obstacle: str
    orientation: Decimal | None
    naming: Decimal | None
    commands: Decimal | None
    writing: Decimal | None
    attention: Decimal | None


# What belongs to them all ----------------------------------------------------------------------------------------------------

REFERENCES: tuple[type[Fact], ...] = (IcfVersion, ReferenceRange, Ruling)


def drawn(panel: LaboratoryPanel) -> date | None:
    """The day of the sample, when it is fully known."""
    return panel.taken_on.known if panel.taken_on else None
