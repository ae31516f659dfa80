"""What the grades of the trial's scales mean, in a few words of our own.

Adverse events are graded by CTCAE 5.0; cytokine release syndrome and ICANS by ASTCT (Lee et al., Biol Blood Marrow
Transplant 2019;25:625-638), tumour lysis syndrome by Cairo-Bishop (Cairo and Bishop, Br J Haematol 2004;127:3-11).
The NCI's own grade texts are loaded by a command and never part of the project.
"""

from __future__ import annotations

from protocol.codelists import Scale

GRADES = ("1", "2", "3", "4", "5")

CRS = "Cytokine release syndrome"
ICANS = "Immune effector cell-associated neurotoxicity syndrome (ICANS)"
TLS = "Tumor lysis syndrome"

# Terms that this trial does not grade by CTCAE.
SCALE_OF: dict[str, Scale] = {CRS: Scale.ASTCT, ICANS: Scale.ASTCT, TLS: Scale.CAIRO_BISHOP}

_GENERAL = {
    "1": "Mild; nothing needs to be done",
    "2": "Moderate; limits instrumental activities of daily living, or needs local or simple treatment",
    "3": "Severe; limits self-care or needs a hospital, life not in immediate danger",
    "4": "Life in danger; urgent treatment needed",
    "5": "Death from the event",
}
_CRS = {
    "1": "Fever of 38 °C or more, no low blood pressure, no lack of oxygen",
    "2": "Fever, with low blood pressure that needs no vasopressor, or oxygen by low-flow cannula (up to 6 L/min) or "
         "blow-by",
    "3": "Fever, with one vasopressor (vasopressin beside it or not), or oxygen by high-flow cannula (over 6 L/min), "
         "face, non-rebreather or Venturi mask",
    "4": "Fever, with several vasopressors (vasopressin not counted), or positive-pressure ventilation (CPAP, BiPAP, tube)",
    "5": "Death from cytokine release syndrome",
}  # fmt: skip
_ICANS = {
    "1": "ICE score 7 to 9, or drowsy and wakes without being roused",
    "2": "ICE score 3 to 6, or wakes to a voice",
    "3": "ICE score 0 to 2, or wakes only to touch, or a seizure that resolves fast, or local brain swelling on a scan",
    "4": "Cannot be roused or tested (ICE 0), or a long or repeated seizure, or deep weakness of one side or both legs, or "
         "diffuse brain swelling",
    "5": "Death from ICANS",
}  # fmt: skip
_TLS = {
    "1": "Creatinine 1.5 times the upper limit, or arrhythmia or seizure of this grade on the Cairo-Bishop table",
    "2": "Creatinine over 1.5 to 3 times the upper limit, or arrhythmia or seizure of this grade",
    "3": "Creatinine over 3 to 6 times the upper limit, or arrhythmia or seizure of this grade",
    "4": "Creatinine over 6 times the upper limit, or arrhythmia or seizure of this grade",
    "5": "Death from tumour lysis syndrome",
}
_WORDS: dict[tuple[str, Scale], dict[str, str]] = {
    (CRS, Scale.ASTCT): _CRS,
    (ICANS, Scale.ASTCT): _ICANS,
    (TLS, Scale.CAIRO_BISHOP): _TLS,
}


def grade_words(term: str, scale: str, grade: str) -> str:
    """A few words for a grade of a term; for CTCAE what the grade means in general; '' when the scale has no such grade."""
    if scale == Scale.CTCAE:
        return _GENERAL.get(grade, "")
    return next((words.get(grade, "") for (name, own), words in _WORDS.items() if name == term and own == scale), "")
