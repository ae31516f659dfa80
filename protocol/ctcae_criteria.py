"""The numeric criteria of CTCAE 5.0 for the laboratory tests of the trial, as a table.

Source: NCI, Common Terminology Criteria for Adverse Events v5.0, 27 November 2017. Term names and limits are its facts; no
sentence of it is here. A fixed limit is kept once for every unit system in which it is printed. Readings that the printed
criteria leave open are marked OWN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Of(StrEnum):
    """What a limit is measured against."""

    VALUE = "value"  # a fixed number
    ULN = "ULN"
    LLN = "LLN"
    BASELINE = "baseline"
    OVER_ULN = "above ULN"  # the upper limit plus a fixed number


class When(StrEnum):
    """Under which condition a column of limits applies."""

    ALWAYS = ""
    NORMAL = "baseline normal"
    ABNORMAL = "baseline abnormal"
    FREE = "no anticoagulant"
    ANTICOAGULATED = "on an anticoagulant"


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a grade begins: past this (``included``: or at it). ``numbers`` by unit for fixed ones, else one under ''."""

    of: Of
    numbers: Mapping[str, Fraction]
    included: bool = False

    @property
    def factor(self) -> Fraction:
        return self.numbers[""]


@dataclass(frozen=True, slots=True)
class Band:
    """A grade and the limits where it begins; any one of several is enough."""

    grade: int
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One term for one test: ``rises`` says which way is worse; ``columns`` the bands by condition, lowest grade first.

    ``notes`` say, by the grade that the number gives, what beside the number can make it another one.
    """

    term: str
    test: str
    rises: bool
    columns: Mapping[When, tuple[Band, ...]]
    notes: Mapping[int, str]
    switch: str = ""  # the parameter that turns it on

    @property
    def grades(self) -> tuple[int, ...]:
        return tuple(sorted({band.grade for bands in self.columns.values() for band in bands}))

    @property
    def printed_units(self) -> tuple[str, ...]:
        """Units in which fixed limits are printed."""
        limits = [limit for bands in self.columns.values() for band in bands for limit in band.limits]
        return tuple(dict.fromkeys(unit for limit in limits for unit in limit.numbers if unit))

    @property
    def needs_baseline(self) -> bool:
        """Does it ask for the baseline, or whether that was normal?"""
        return any(when in (When.NORMAL, When.ABNORMAL) for when in self.columns) or any(
            limit.of is Of.BASELINE for bands in self.columns.values() for band in bands for limit in band.limits
        )


# Short hands for the table --------------------------------------------------------------------------------------------


def _at(text: str, included: bool = False) -> Limit:
    """'100 g/L = 10 g/dL = 6.2 mmol/L'."""
    parts = [part.split(maxsplit=1) for part in text.split(" = ")]
    return Limit(Of.VALUE, {unit: Fraction(number) for number, unit in parts}, included)


def _times(of: Of, number: str, included: bool = False) -> Limit:
    return Limit(of, {"": Fraction(number)}, included)


def _bands(*limits: Limit | tuple[Limit, ...] | None) -> tuple[Band, ...]:
    """Grade 1, 2, 3, 4 in order; None where the term has no such grade by number."""
    return tuple(Band(grade, each if isinstance(each, tuple) else (each,)) for grade, each in enumerate(limits, 1) if each)


def _fixed(term: str, test: str, way: Of, *limits: str | None, notes: Mapping[int, str] | None = None) -> Criterion:
    """Grade 1 past the limit of normal, the others past fixed limits."""
    fixed = [None if each is None else _at(each) for each in limits]
    return Criterion(term, test, way is Of.ULN, {When.ALWAYS: _bands(_times(way, "1"), *fixed)}, notes or {})


def _multiples(of: Of, *numbers: str) -> tuple[Band, ...]:
    return _bands(*(_times(of, number) for number in numbers))


def _enzyme(term: str, test: str, first: str, second: str) -> Criterion:
    """ALT, AST, ALP, GGT: multiples of ULN, or of a baseline that was abnormal (grade 1 begins at ``first`` times, itself in)."""
    abnormal = _bands(_times(Of.BASELINE, first, True), *(_times(Of.BASELINE, each) for each in (second, "5", "20")))
    return Criterion(term, test, True, {When.NORMAL: _multiples(Of.ULN, "1", second, "5", "20"), When.ABNORMAL: abnormal}, {})


_OR_INTERVENTION = "A higher grade stands when treatment was started (2), a hospital is needed (3) or life is in danger (4)."
_OR_HOSPITAL = "A higher grade stands when there are symptoms (2), a hospital is needed (3) or life is in danger (4)."
_OR_DANGER = "Grade 4 stands whatever the number when life is in danger."


def _all(note: str, *grades: int) -> dict[int, str]:
    return dict.fromkeys(grades or (1, 2, 3), note)


def _calcium(test: str) -> tuple[Criterion, Criterion]:
    return (
        _fixed("Hypercalcemia", test, Of.ULN, "2.9 mmol/L = 11.5 mg/dL", "3.1 mmol/L = 12.5 mg/dL", "3.4 mmol/L = 13.5 mg/dL",
               notes=_all(_OR_HOSPITAL)),
        _fixed("Hypocalcemia", test, Of.LLN, "2 mmol/L = 8 mg/dL", "1.75 mmol/L = 7 mg/dL", "1.5 mmol/L = 6 mg/dL",
               notes=_all(_OR_HOSPITAL)),
    )  # fmt: skip


def _pancreas(term: str, test: str) -> Criterion:
    """The number alone supports the grade of a patient without symptoms: 2 up to five times ULN, 3 beyond."""
    return Criterion(term, test, True, {When.ALWAYS: _multiples(Of.ULN, "1", "1.5", "5")}, {
        2: "Grade 3 stands when it is over 2 x ULN and there are signs or symptoms.",
        3: "Grade 4 stands when there are signs or symptoms."})  # fmt: skip


def _clearance(test: str, unit: str, switch: str = "") -> Criterion:
    """OWN: v5 prints whole numbers (59 to 30, 29 to 15); what lies between two bands belongs to the worse one."""
    bands = _bands(_times(Of.LLN, "1"), *(_at(f"{number} {unit}") for number in ("60", "30", "15")))
    indexed = "" if not switch else " The limits are per 1.73 m2 of body surface."
    note = f"A chronic disease lasts: one result does not make it. Dialysis or a transplant is grade 4.{indexed}"
    return Criterion("Chronic kidney disease", test, False, {When.ALWAYS: bands}, _all(note, 1, 2, 3, 4), switch)


_INCREASE = "2 g/dL = 20 g/L", "4 g/dL = 40 g/L"


def _over_uln(text: str) -> Limit:
    return Limit(Of.OVER_ULN, _at(text).numbers)


CRITERIA: tuple[Criterion, ...] = (
    # Haematology
    _fixed("Anemia", "HGB", Of.LLN, "100 g/L = 10 g/dL = 6.2 mmol/L", "80 g/L = 8 g/dL = 4.9 mmol/L",
           notes=_all("Grade 3 stands whatever the number when a transfusion is needed, grade 4 when life is in danger.")),
    # OWN: v5 prints an increase without saying from where; v4 printed 'above ULN'.
    Criterion("Hemoglobin increased", "HGB", True,
              {When.ALWAYS: _bands(_times(Of.ULN, "1"), *(_over_uln(each) for each in _INCREASE))}, {}),
    _fixed("White blood cell decreased", "WBC", Of.LLN, "3 10^9/L", "2 10^9/L", "1 10^9/L"),
    Criterion("Leukocytosis", "WBC", True, {When.ALWAYS: _bands(None, None, _at("100 10^9/L"))},
              {3: "Grade 4 stands when white cells clog vessels and treatment is urgent."}),
    _fixed("Neutrophil count decreased", "NEUT", Of.LLN, "1.5 10^9/L", "1 10^9/L", "0.5 10^9/L"),
    _fixed("Lymphocyte count decreased", "LYM", Of.LLN, "0.8 10^9/L", "0.5 10^9/L", "0.2 10^9/L"),
    Criterion("Lymphocyte count increased", "LYM", True, {When.ALWAYS: _bands(None, _at("4 10^9/L"), _at("20 10^9/L"))}, {}),
    _fixed("Platelet count decreased", "PLAT", Of.LLN, "75 10^9/L", "50 10^9/L", "25 10^9/L"),
    # v5 asks for both, over ULN and over baseline: over the baseline where that was over ULN, else over ULN.
    Criterion("Eosinophilia", "EOS", True, {When.NORMAL: _multiples(Of.ULN, "1"), When.ABNORMAL: _multiples(Of.BASELINE, "1")},
              {1: "Grade 3 stands when steroids were started for it."}),
    # Electrolytes
    _fixed("Hypernatremia", "SODIUM", Of.ULN, "150 mmol/L", "155 mmol/L", "160 mmol/L", notes=_all(_OR_INTERVENTION)),
    # OWN: v5 prints whole numbers (125 to 129, 120 to 124); what lies between two bands belongs to the worse one.
    _fixed("Hyponatremia", "SODIUM", Of.LLN, "130 mmol/L", "125 mmol/L", "120 mmol/L",
           notes={1: _OR_DANGER, 2: "Grade 3 stands when there are symptoms, grade 4 when life is in danger.", 3: _OR_DANGER}),
    _fixed("Hyperkalemia", "K", Of.ULN, "5.5 mmol/L", "6 mmol/L", "7 mmol/L", notes=_all(_OR_INTERVENTION)),
    # The number alone supports grade 1 down to 3.0 mmol/L; symptoms make the same number grade 2.
    _fixed("Hypokalemia", "K", Of.LLN, None, "3 mmol/L", "2.5 mmol/L",
           notes={1: "Grade 2 stands when there are symptoms or treatment is needed, 3 when a hospital is, 4 when life is in danger.",
                  3: _OR_DANGER}),
    # Calcium corrected for albumin
    *_calcium("CA"),
    *_calcium("CACR"),  # as the laboratory corrected it
    _fixed("Hypermagnesemia", "MG", Of.ULN, None, "1.23 mmol/L = 3 mg/dL", "3.3 mmol/L = 8 mg/dL", notes=_all(_OR_DANGER, 1, 3)),
    _fixed("Hypomagnesemia", "MG", Of.LLN, "0.5 mmol/L = 1.2 mg/dL", "0.4 mmol/L = 0.9 mg/dL", "0.3 mmol/L = 0.7 mg/dL",
           notes=_all(_OR_DANGER)),
    # Kidney. OWN: of the two, a rise over baseline is enough also within the normal range.
    Criterion("Creatinine increased", "CREAT", True, {When.ALWAYS: _bands(
        _times(Of.ULN, "1"), (_times(Of.BASELINE, "1.5"), _times(Of.ULN, "1.5")),
        (_times(Of.BASELINE, "3"), _times(Of.ULN, "3")), _times(Of.ULN, "6"))}, {}),
    _clearance("GFRE", "mL/min/1.73 m2"),
    _clearance("CREATCLR", "mL/min", switch="ctcae_clearance_as_if_indexed"),
    # Metabolism
    Criterion("Hyperuricemia", "URATE", True, {When.ALWAYS: _multiples(Of.ULN, "1")},
              {1: "Grade 3 stands when it has consequences in the body, grade 4 when life is in danger."}),
    _fixed("Hypoglycemia", "GLUC", Of.LLN, "3 mmol/L = 55 mg/dL", "2.2 mmol/L = 40 mg/dL", "1.7 mmol/L = 30 mg/dL",
           notes=_all("Grade 4 stands whatever the number when life is in danger or there is a seizure.")),
    _fixed("Hypoalbuminemia", "ALB", Of.LLN, "30 g/L = 3 g/dL", "20 g/L = 2 g/dL",
           notes=_all(_OR_DANGER)),
    # OWN: v5 prints 'increased' and no number; read as over ULN.
    Criterion("Thyroid stimulating hormone increased", "TSH", True, {When.ALWAYS: _multiples(Of.ULN, "1")},
              {1: "Only while nothing is done about it; a disease of the thyroid is graded by its own term."}),
    # Liver and pancreas
    _enzyme("Alanine aminotransferase increased", "ALT", "1.5", "3"),
    _enzyme("Aspartate aminotransferase increased", "AST", "1.5", "3"),
    _enzyme("Alkaline phosphatase increased", "ALP", "2", "2.5"),
    _enzyme("GGT increased", "GGT", "2", "2.5"),
    Criterion("Blood lactate dehydrogenase increased", "LDH", True, {When.ALWAYS: _multiples(Of.ULN, "1")}, {}),
    _pancreas("Lipase increased", "LIPASET"),
    _pancreas("Serum amylase increased", "AMYLASE"),
    Criterion("Blood bilirubin increased", "BILI", True, {
        When.NORMAL: _multiples(Of.ULN, "1", "1.5", "3", "10"),
        When.ABNORMAL: _multiples(Of.BASELINE, "1", "1.5", "3", "10")}, {}),
    # Coagulation. OWN: multiples of the baseline replace the fixed limits in a patient on an anticoagulant.
    Criterion("INR increased", "INR", True, {
        When.FREE: _bands(_at("1.2 RATIO"), _at("1.5 RATIO"), _at("2.5 RATIO")),
        When.ANTICOAGULATED: _multiples(Of.BASELINE, "1", "1.5", "2.5")}, _all("Grade 3 stands when there is bleeding.", 1, 2)),
    Criterion("Activated partial thromboplastin time prolonged", "APTT", True,
              {When.ALWAYS: _multiples(Of.ULN, "1", "1.5", "2.5")}, _all("Grade 3 stands when there is bleeding.", 1, 2)),
    # OWN: v5's own definition of the term names the PTT, so a PTT is graded by it too.
    Criterion("Activated partial thromboplastin time prolonged", "PTT", True,
              {When.ALWAYS: _multiples(Of.ULN, "1", "1.5", "2.5")}, _all("Grade 3 stands when there is bleeding.", 1, 2)),
    # OWN: 'if abnormal' is read of the baseline, as in the terms beside it; 50 mg/dL counts in both cases.
    Criterion("Fibrinogen decreased", "FIBRINO", False, {
        When.NORMAL: _bands(*(_times(Of.LLN, each) for each in ("1", "0.75", "0.5")),
                            (_times(Of.LLN, "0.25"), _at("0.5 g/L = 50 mg/dL"))),
        When.ABNORMAL: _bands(_times(Of.BASELINE, "1"), _times(Of.BASELINE, "0.75", True), _times(Of.BASELINE, "0.5", True),
                              (_times(Of.BASELINE, "0.25", True), _at("0.5 g/L = 50 mg/dL")))}, {}),
)  # fmt: skip

_BY_TREATMENT = "CTCAE 5.0 grades it by what has to be done, not by a number."
_NO_TERM = "CTCAE 5.0 has no term for it."
# Test → term ('' where there is none) and why no number gives its grade.
NOT_BY_NUMBER: dict[str, tuple[tuple[str, str], ...]] = {
    "PHOS": (("Hyperphosphatemia", _BY_TREATMENT), ("Hypophosphatemia", _BY_TREATMENT)),
    "GLUC": (("Hyperglycemia", "CTCAE 5.0 grades it by a change from baseline and its treatment, not by a number."),),
    "CREATCLR": (("Chronic kidney disease", "CTCAE 5.0 prints its limits per 1.73 m2 of body surface; this clearance is not "
                  "indexed."),),
    **dict.fromkeys(("UREA", "UREAN", "CRP", "MONO", "BASO", "CL", "PROT", "DDIMER", "FERRITIN", "INTLK6"), (("", _NO_TERM),)),
    **dict.fromkeys(("T4FR", "T3FR"), (("", "CTCAE 5.0 grades a thyroid that works too much or too little by symptoms and treatment."),)),
    "CORTISOL": (("", "CTCAE 5.0 grades adrenal insufficiency by symptoms and treatment."),),
    "BILDIR": (("", "CTCAE 5.0 grades total bilirubin and has no term for the direct one."),),
    "PT": (("", "CTCAE 5.0 grades the INR and has no term for the prothrombin time."),),
}  # fmt: skip

OF_TEST: dict[str, tuple[Criterion, ...]] = {
    test: tuple(each for each in CRITERIA if each.test == test) for test in dict.fromkeys(each.test for each in CRITERIA)
}
