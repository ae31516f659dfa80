"""What the rules see of screening: disease, history, medication, assessments, laboratory, and the site's own references."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from protocol.dates import PartialDate
from protocol.facts import Fact

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


# Laboratory: results and units as printed ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Haematology(Fact):
    form: ClassVar[str] = "HEM"
    taken_on: PartialDate | None
    taken_time: str = ""
    laboratory: str = ""
    standard_of_care: str = ""
    hgb: str = ""
    hgb_unit: str = ""
    hgb_missing: str = ""
    wbc: str = ""
    wbc_unit: str = ""
    wbc_missing: str = ""
    neut: str = ""
    neut_unit: str = ""
    neut_missing: str = ""
    lym: str = ""
    lym_unit: str = ""
    lym_missing: str = ""
    mono: str = ""
    mono_unit: str = ""
    mono_missing: str = ""
    eos: str = ""
    eos_unit: str = ""
    eos_missing: str = ""
    baso: str = ""
    baso_unit: str = ""
    baso_missing: str = ""
    plat: str = ""
    plat_unit: str = ""
    plat_missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chemistry(Fact):
    form: ClassVar[str] = "CHE"
    taken_on: PartialDate | None
    taken_time: str = ""
    laboratory: str = ""
    standard_of_care: str = ""
    sodium: str = ""
    sodium_unit: str = ""
    sodium_missing: str = ""
    k: str = ""
    k_unit: str = ""
    k_missing: str = ""
    cl: str = ""
    cl_unit: str = ""
    cl_missing: str = ""
    ca: str = ""
    ca_unit: str = ""
    ca_missing: str = ""
    mg: str = ""
    mg_unit: str = ""
    mg_missing: str = ""
    phos: str = ""
    phos_unit: str = ""
    phos_missing: str = ""
    creat: str = ""
    creat_unit: str = ""
    creat_missing: str = ""
    creatclr: str = ""
    creatclr_unit: str = ""
    creatclr_missing: str = ""
    gfre: str = ""
    gfre_unit: str = ""
    gfre_missing: str = ""
    urea: str = ""
    urea_unit: str = ""
    urea_missing: str = ""
    urean: str = ""
    urean_unit: str = ""
    urean_missing: str = ""
    urate: str = ""
    urate_unit: str = ""
    urate_missing: str = ""
    gluc: str = ""
    gluc_unit: str = ""
    gluc_missing: str = ""
    alt: str = ""
    alt_unit: str = ""
    alt_missing: str = ""
    ast: str = ""
    ast_unit: str = ""
    ast_missing: str = ""
    alp: str = ""
    alp_unit: str = ""
    alp_missing: str = ""
    ggt: str = ""
    ggt_unit: str = ""
    ggt_missing: str = ""
    ldh: str = ""
    ldh_unit: str = ""
    ldh_missing: str = ""
    bili: str = ""
    bili_unit: str = ""
    bili_missing: str = ""
    bildir: str = ""
    bildir_unit: str = ""
    bildir_missing: str = ""
    alb: str = ""
    alb_unit: str = ""
    alb_missing: str = ""
    prot: str = ""
    prot_unit: str = ""
    prot_missing: str = ""
    crp: str = ""
    crp_unit: str = ""
    crp_missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coagulation(Fact):
    form: ClassVar[str] = "COA"
    taken_on: PartialDate | None
    taken_time: str = ""
    laboratory: str = ""
    standard_of_care: str = ""
    pt: str = ""
    pt_unit: str = ""
    pt_missing: str = ""
    inr: str = ""
    inr_unit: str = ""
    inr_missing: str = ""
    aptt: str = ""
    aptt_unit: str = ""
    aptt_missing: str = ""
    ptt: str = ""
    ptt_unit: str = ""
    ptt_missing: str = ""
    fibrino: str = ""
    fibrino_unit: str = ""
    fibrino_missing: str = ""
    ddimer: str = ""
    ddimer_unit: str = ""
    ddimer_missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLaboratory(Fact):
    """Hormones, pancreas, ferritin, interleukin 6: what is measured when something asks for it."""

    form: ClassVar[str] = "LBO"
    taken_on: PartialDate | None
    taken_time: str = ""
    laboratory: str = ""
    standard_of_care: str = ""
    cacr: str = ""
    cacr_unit: str = ""
    cacr_missing: str = ""
    ferritin: str = ""
    ferritin_unit: str = ""
    ferritin_missing: str = ""
    lipaset: str = ""
    lipaset_unit: str = ""
    lipaset_missing: str = ""
    amylase: str = ""
    amylase_unit: str = ""
    amylase_missing: str = ""
    tsh: str = ""
    tsh_unit: str = ""
    tsh_missing: str = ""
    t4fr: str = ""
    t4fr_unit: str = ""
    t4fr_missing: str = ""
    t3fr: str = ""
    t3fr_unit: str = ""
    t3fr_missing: str = ""
    cortisol: str = ""
    cortisol_unit: str = ""
    cortisol_missing: str = ""
    intlk6: str = ""
    intlk6_unit: str = ""
    intlk6_missing: str = ""


LaboratoryPanel = Haematology | Chemistry | Coagulation | OtherLaboratory
REFERENCES: tuple[type[Fact], ...] = (IcfVersion, ReferenceRange, Ruling)


def drawn(panel: LaboratoryPanel) -> date | None:
    """The day of the sample, when it is fully known."""
    return panel.taken_on.known if panel.taken_on else None
