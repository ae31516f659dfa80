"""Parameters of the trial. Each names its source; one that is still to be supplied has no value and switches its rules off."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from protocol.label import WAIT, WATCH


class Origin(StrEnum):
    REGISTRY = "registry"
    LABEL = "label"
    REGULATION = "regulation"
    ASSUMPTION = "assumption"
    TO_BE_SUPPLIED = "to be supplied"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of the trial: its value (None: to be supplied), unit, origin, and the words it rests on."""

    name: str
    value: object
    unit: str
    origin: Origin
    rests_on: str


PARAMETERS: dict[str, Parameter] = {}
_overrides: dict[str, object] = {}


def value(name: str) -> object:
    """The value in force; KeyError for a name that does not exist."""
    return _overrides[name] if name in _overrides else PARAMETERS[name].value


@contextlib.contextmanager
def override(**values: object) -> Iterator[None]:
    """Tests only: other values for a while."""
    before = dict(_overrides)
    _overrides.update(values)
    try:
        yield
    finally:
        _overrides.clear()
        _overrides.update(before)


def whole(name: str) -> int:
    """A parameter that is a whole number; TypeError for any other, or one to be supplied."""
    found = value(name)
    if isinstance(found, bool) or not isinstance(found, int):
        raise TypeError(f"The parameter {name} is no whole number.")
    return found


def flag(name: str) -> bool:
    """A parameter that is a switch."""
    return value(name) is True


def birth_date_precision(country: str) -> str:
    """'year', 'month' or 'day': how exactly a birth date may be collected in a country (month where none is named)."""
    by_country = value("birth_date_precision")
    return str(by_country.get(country, "month")) if isinstance(by_country, dict) else "month"


def rows() -> list[tuple[str, str, str, str, str]]:
    """For the documents: name, value, unit, origin and what it rests on, one line per parameter."""
    return [(each.name, _shown(each.value), each.unit, each.origin.value, each.rests_on) for each in PARAMETERS.values()]


def _shown(found: object) -> str:
    if found is None:
        return "to be supplied"
    if isinstance(found, bool):
        return "on" if found else "off"
    if isinstance(found, tuple):
        return ", ".join(map(str, found))
    if isinstance(found, dict):
        return ", ".join(f"{key}: {entry}" for key, entry in found.items())
    if isinstance(found, tuple):
        return "; ".join(str(entry) for entry in found)
    return str(found)


def _add(name: str, value: object, unit: str, origin: Origin, rests_on: str) -> None:
    PARAMETERS[name] = Parameter(name, value, unit, origin, rests_on)


_R, _L, _A, _S = Origin.REGISTRY, Origin.LABEL, Origin.ASSUMPTION, Origin.TO_BE_SUPPLIED

# The trial
_add("enrolment_cap", 48, "patients", _R, "48 participants")
_add("slot_hold_hours", 72, "hours", _A, "The record names no slots; a place that is held longer than this for a patient who is "
     "not registered would keep out another one.")

# Eligibility
_add("i0_active", True, "", _A, "Another public registry lists 'Histologically or cytologically confirmed ES-SCLC.' as "
     "the first inclusion criterion; the record at hand does not.")
_add("minimum_age_years", 18, "years", _R, "Age ≥18 years.")
_add("required_ecog", 2, "ECOG", _R, "ECOG Performance Status 2.")
_add("pregnancy_test_before_enrolment_days", 35, "days", _R, "negative urinary or serum pregnancy test within 5 weeks "
     "before enrolment")
_add("pregnancy_test_before_first_dose_days", 3, "days", _R, "Pregnancy test must be repeated within 3 days before the "
     "first dose of tarlatamab treatment.")
_add("steroid_window_days", 7, "days", _R, "Receiving systemic corticosteroid therapy or any other form of "
     "immunosuppressive therapy within 7 days prior to first dose of study treatment.")
_add("infection_window_days", 7, "days", _R, "acute and/or uncontrolled active systemic infection within 7 days prior to "
     "the first dose of study treatment")
_add("contraception_days", 60, "days", _R, "until at least 60 days after the last dose of tarlatamab treatment")
_add("ls_progression_months", 6, "months", _R, "within 6 months from chemotherapy completion")
_add("coagulation_limit", "1.5", "x ULN", _R, "≤1.5x ULN")
_add("stable_anticoagulation_days", 42, "days", _R, "stable dose of anticoagulation therapy for 6 weeks prior to enrolment")
_add("oxygen_saturation_above", 90, "%", _R, "Baseline oxygen saturation >90% on room air.")
_add("lvef_at_least", 50, "%", _R, "Left ventricular ejection fraction (LVEF) ≥50%")
_add("severe_grade", 3, "CTCAE grade", _A, "The record says 'severe or life-threatening' and gives no grade: 3 and 4 are the usual "
     "reading.")
_add("autoimmune_years", 2, "years", _R, "required systemic treatment (except replacement therapy) within the past 2 years")
_add("live_vaccine_days", 14, "days", _R, "live virus, including live-attenuated vaccination within 14 days prior to enrolment")
_add("other_vaccine_days", 3, "days", _R, "within 3 days prior to enrolment")
_add("malignancy_years", 2, "years", _R, "History of other malignancy within the past 2 years")
_add("malignancy_free_months", 12, "months", _R, "no known active disease present for ≥1 year before enrolment")
_add("cardiac_months", 12, "months", _R, "(New York Heart Association >class II) within 12 months prior to enrolment.")
_add("arterial_months", 12, "months", _R, "stroke or transient ischemic attack) within 12 months prior to enrolment.")
_add("major_surgery_days", 35, "days", _R, "Major surgical procedures within 5 weeks prior to enrolment.")
_add("low_dose_prednisone_mg", 10, "mg/day", _R, "Low-dose corticosteroids (prednisone ≤10 mg per day or equivalent)")
_add("steroid_equivalents", {"PREDNISONE": "10", "PREDNISOLONE": "10", "METHYLPREDNISOLONE": "8", "DEXAMETHASONE": "1.5",
     "HYDROCORTISONE": "40"}, "mg like 10 mg prednisone", _A, "Usual equivalents; the record names none.")
_add("hbv_dna_interval_days", None, "days", _S, "The record asks for regular monitoring and gives no interval.")
_add("ecog_max_age_days", None, "days", _S, "How old the ECOG assessment may be at registration is not public.")
_add("laboratory_max_age_days", None, "days", _S, "How old the blood results of I5 and I6 may be at registration is not public.")
_add("oxygen_saturation_max_age_days", None, "days", _S, "The record says 'baseline' and gives no window.")
_add("pleural_effusion_max_age_days", None, "days", _S, "How old the assessment of pleural effusion may be is not public.")
_add("heart_scan_max_age_days", None, "days", _S, "How old the ECHO or MUGA scan may be at registration is not public.")
_add("ecg_max_age_days", None, "days", _S, "How old the ECG may be at registration is not public.")
_add("serology_max_age_days", None, "days", _S, "Whether serology is asked of all, and how old it may be, is not public.")
_add("laboratory_thresholds", None, "", _S, "The record asks for adequate haematological, renal and liver function and "
     "gives no threshold.")
_add("birth_date_precision", {"FR": "month", "GR": "month", "IT": "month", "ES": "month", "CH": "month"}, "", _A,
     "As little of the birth date as the age needs; a country's ethics committee may allow the day.")
_add("maximum_age_years", 120, "years", _A, "An age that nobody in a trial has.")

# Dosing
_add("first_dose_mg", 1, "mg", _R, "1 mg on day 1 (C1D1)")
_add("later_dose_mg", 10, "mg", _R, "10 mg on day 8 (C1D8) and 10 mg on day 15 (C1D15), then 10 mg every two weeks (Q2W)")
_add("days_to_c1d8", 7, "days", _R, "10 mg on day 8 (C1D8), counted from day 1")
_add("days_to_c1d15", 7, "days", _R, "10 mg on day 15 (C1D15), counted from day 8")
_add("later_interval_days", 14, "days", _R, "then 10 mg every two weeks (Q2W)")
_add("short_interval_cycle_1_days", 6, "days", _A, "Fewer days than this between two doses of cycle 1 are worth a look.")
_add("short_interval_later_days", 12, "days", _A, "Fewer days than this between two later doses are worth a look.")
_add("restart_limit_after_c1d1_days", 14, "days", _L, "Last dose 1 mg at C1D1: up to 14 days since it, 10 mg follows.")
_add("restart_limit_after_c1d8_days", 21, "days", _L, "Last dose 10 mg at C1D8: up to 21 days since it, 10 mg follows.")
_add("restart_limit_later_days", 28, "days", _L, "Last dose 10 mg at C1D15 or later: up to 28 days since it, 10 mg "
     "follows. (This row was not readable in the public text; to be checked with the label at hand.)")
_add("infusion_minutes", 60, "minutes", _L, "Infuse over 1 hour, 250 mL at 250 mL/h.")
_add("infusion_tolerance_minutes", 15, "minutes", _A, "An infusion that much shorter or longer is worth a look.")
_add("premedication_minutes", 60, "minutes", _L, "Dexamethasone 8 mg i.v. or equivalent within 1 hour before C1D1 and C1D8. (Read in "
     "a hospital's protocol; the label's own table was not readable.)")
_add("monitoring_table", WATCH, "", _L, "Watched in a healthcare setting: 22 to 24 h from the start of the infusion at C1D1 and C1D8, "
     "6 to 8 h after it at C1D15 and in cycle 2, 3 to 4 h in cycles 3 and 4, 2 h from cycle 5.")
_add("monitoring_after_event_grade", 2, "grade", _L, "After CRS, ICANS or neurological toxicity of grade 2 or more the next dose is "
     "watched for 22 to 24 h again.")
_add("wait_table", WAIT, "", _L, "What the label says of the dose after CRS, ICANS and other adverse reactions.")
_add("days_after_repeated_step_up", 7, "days", _L, "Restart after a delay: 1 mg; if tolerated, 10 mg one week later.")
_add("schedule_after_restart", "NEXT LABEL", "", _A, "After 1 mg and 10 mg the label goes on with 'the planned schedule'. NEXT "
     "LABEL: the intervals of the labels that follow; AS CYCLE 1: one more dose after a week, as C1D15 after C1D8.")
_add("visit_window_days", None, "days", _S, "The record gives no window around a planned dose.")

# Safety and follow-up
_add("special_interest", {"CRS": "Cytokine release syndrome", "ICANS": "ICANS", "OTHER NEUROLOGIC": "Other neurological event",
     "TLS": "Tumour lysis syndrome", "CYTOPENIA": "Neutropenia or another cytopenia", "SERIOUS INFECTION": "Serious infection",
     "HEPATOTOXICITY": "Liver toxicity", "HYPERSENSITIVITY": "Hypersensitivity or infusion reaction", "PNEUMONITIS": "Pneumonitis"},
     "", _A, "The record names no events of special interest; these are the warnings of the label, and tumour lysis, which the trial "
     "grades by a scale of its own.")
_add("sae_report_hours", 24, "hours", Origin.REGULATION, "Regulation (EU) 536/2014, Article 41(2): the investigator "
     "reports a serious adverse event not later than 24 hours after becoming aware of it.")
_add("serious_breach_report_days", 7, "calendar days", Origin.REGULATION, "Regulation (EU) 536/2014, Article 52: the sponsor "
     "notifies the Member States of a serious breach not later than seven days after becoming aware of it.")
_add("vasopressin_alone_grade", 3, "ASTCT grade", _A, "The ASTCT table counts vasopressin beside another vasopressor only; "
     "alone it is read as one vasopressor.")
_add("syndrome_assessment_hours", 24, "hours", _A, "So long after its onset an event of CRS, ICANS or tumour lysis may be without an "
     "assessment before one is asked for: findings are entered when there is time.")
_add("calcium_correction", {"albumin": "40", "mmol/L": "0.02", "mg/dL": "0.08"}, "g/L; per g/L of albumin below it", _A,
     "CTCAE 5.0 grades calcium corrected for albumin and gives no formula; this is the usual one.")
_add("albumin_possible", {"least": "10", "most": "60"}, "g/L", _A, "Without a result of albumin, corrected calcium is bounded "
     "by the albumin that a living patient may have.")
_add("tls_calcium_corrected", True, "", _A, "Cairo-Bishop does not say whether calcium is corrected for albumin; it is where "
     "albumin of the same sample is known.")
_add("ctcae_clearance_as_if_indexed", False, "", _A, "CTCAE 5.0 grades chronic kidney disease by a clearance per 1.73 m2 of "
     "body surface; the clearance collected here is not indexed, and the disease lasts by definition.")
_add("susar_fatal_days", 7, "days", Origin.REGULATION, "Regulation (EU) 536/2014, Article 42(2)(a): fatal or "
     "life-threatening SUSAR. (The article's text was not readable; the figure is that of national pages, to be checked.)")
_add("susar_follow_up_days", 8, "days", Origin.REGULATION, "Regulation (EU) 536/2014, Article 42: a follow-up to the report "
     "of a fatal or life-threatening SUSAR, counted from its 7 days. (To be checked with the article at hand.)")
_add("susar_other_days", 15, "days", Origin.REGULATION, "Regulation (EU) 536/2014, Article 42(2)(b): any other SUSAR. (The "
     "article's text was not readable; the figure is that of national pages, to be checked.)")
_add("susar_turned_fatal_days", 7, "days", _A, "A SUSAR that turns out fatal or life-threatening later: 7 days from that "
     "knowledge.")
_add("swiss_fatal_sae_days", 7, "days", Origin.REGULATION, "Swiss Clinical Trials Ordinance (2022), Article 40(2): the "
     "investigator reports a fatal serious event to the ethics committee, unless the protocol says otherwise. (A newer "
     "consolidated version exists, to be checked.)")
_add("swiss_fatal_susar_days", 7, "days", Origin.REGULATION, "Swiss Clinical Trials Ordinance (2022), Article 41(2): a fatal "
     "SUSAR.")
_add("swiss_other_susar_days", 15, "days", Origin.REGULATION, "Swiss Clinical Trials Ordinance (2022), Article 41(2): any "
     "other SUSAR.")
_add("report_laboratory_days", 7, "days", _A, "Laboratory and vital signs so many days before and after the onset go into the "
     "report of a serious event.")
_add("report_medication_days", 30, "days", _A, "Medication that ended longer than this before the onset is left out of the report "
     "of a serious event.")
_add("sponsor_zone", "Europe/Zurich", "", _A, "The sponsor's seat is in Bern: its calendar days count there.")
_add("ae_collection_days", None, "days", _S, "How long after the last dose adverse events are collected is not public.")
_add("relative_dose_intensity", "(mg given / mg planned) / (weeks taken / weeks planned)", "", _A, "The record defines no dose "
     "intensity. Planned: the amounts and intervals of the labels used up, the last one's interval included; taken: from the "
     "first to the last infusion and the interval after it.")
_add("scan_interval_days", None, "days", _S, "The interval between tumour assessments is not public.")
_add("sd_minimum_days", None, "days", _S, "How long stable disease must last to count is not public.")

# Drug account
_add("vial_strengths_mg", ("1", "10"), "mg", _L, "Tarlatamab comes in vials of 1 mg and of 10 mg. (Own knowledge of the label's "
     "section on supply, which was not readable in the public text; to be checked with the packs of the trial.)")
_add("expiry_warning_days", 30, "days", _A, "A vial that expires within so many days is pointed out to the pharmacist.")
_add("dispensed_open_days", 3, "days", _A, "A vial that was dispensed longer ago than this, and is neither used nor taken back, stands "
     "on the reconciliation list.")
