"""Laboratory tests and units: every spelling, every factor against published tables, and nothing for what is unknown."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.laboratory import (
    BY_FIELD,
    MOLAR_MASS,
    TESTS,
    Panel,
    Printed,
    Range,
    canonical_unit,
    is_quick_percent,
    is_ratio,
    read_printed,
    shown,
    times_uln,
    to_standard,
)

QUIET = settings(deadline=None, database=None, derandomize=True, max_examples=200)
NUMBERS = st.decimals(0, 999999, allow_nan=False, allow_infinity=False, places=2)


def up_to(code, unit, high):
    """A range with only an upper limit."""
    return Range("A", code, unit, None, Decimal(high), "", None, None, None, None)


# The table -----------------------------------------------------------------------------------------------------------------


def test_the_tests_in_printing_order():
    panels = {panel: " ".join(test.code for test in TESTS.values() if test.panel is panel) for panel in Panel}
    assert panels == {
        Panel.HAEMATOLOGY: "HGB WBC NEUT LYM MONO EOS BASO PLAT",
        Panel.CHEMISTRY: "SODIUM K CL CA MG PHOS CREAT CREATCLR GFRE UREA UREAN URATE GLUC ALT AST ALP GGT LDH BILI BILDIR ALB "
                         "PROT CRP",
        Panel.COAGULATION: "PT INR APTT PTT FIBRINO DDIMER",
        Panel.OTHER: "CACR FERRITIN LIPASET AMYLASE TSH T4FR T3FR CORTISOL INTLK6",
    }
    assert list(TESTS) == " ".join(panels.values()).split()


@pytest.mark.parametrize("test", TESTS.values(), ids=lambda test: test.code)
def test_each_test_is_whole(test):
    assert TESTS[test.code] is test and BY_FIELD[test.field] is test and test.field == test.code.lower()
    assert test.units[test.unit] == 1 and test.known_units[0] == test.unit
    assert all(factor > 0 for factor in test.units.values())
    assert not set(test.as_reported) & set(test.units)
    assert all(canonical_unit(test, unit) == unit for unit in test.known_units)
    assert len(test.code) <= 8 and test.label


def test_plausible_ranges_are_those_of_the_reference():
    assert {test.code: (test.least, test.most) for test in TESTS.values() if (test.least, test.most) != (None, None)} == {
        "HGB": (20, 250), "NEUT": (0, 200), "PLAT": (0, 3000),
    }  # fmt: skip


# Units ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "unit", "spellings"), [
    ("HGB", "g/L", "g/L G/L g/l gr/L g.L-1 g·L⁻¹ mg/mL (g/L) [g/l]"),
    ("HGB", "g/dL", "g/dL G/DL g/dl g% gr/dl g/100mL"),
    ("HGB", "mmol/L", "mmol/L mmol/l mmol.L-1"),
    ("WBC", "10^9/L",
    "10^9/L 10*9/L 10**9/L 10⁹/L x10⁹/l ×10^9/L x10^9/L X10E9/L 10e9/L 10E+09/L 109/L x109/l *10^9/L G/L g/l "
     "Giga/L GI/L Gpt/L /nL 10^9.L-1 10⁹·L⁻¹ 10^9cells/L 10^6/mL"),
    ("PLAT", "10^9/L",
    "10^3/uL 10^3/µL 10^3/μL 10³/µl 10*3/uL 103/ul x10^3/mm3 x10E3/µL 10^3/mm³ 10^3/mm^3 10^3/mmc K/uL k/µl "
     "Κ/μL K/mm3 K/cumm Thou/mcL Tsd/µl Tsd./µl miles/mm3 1000/µL x1000/mm3 10^3/mcL"),
    ("NEUT", "10^6/L",
    "/mm3 /mm³ /mm^3 /mmc /cumm /µl /μL /uL /mcL 1/µL cells/mm3 cells/µL cel/mm3 10^6/L 10⁶/L 10^3/mL"),
    ("SODIUM", "mmol/L", "mmol/L mMol/l MMOL/L"), ("K", "mEq/L", "mEq/L meq/l mval/L mEq.L-1"),
    ("CREAT", "umol/L", "umol/L µmol/L μmol/l mcmol/L µmol.L-1 µmol·L⁻¹ umol/ℓ"),
    ("CREAT", "mg/dL", "mg/dL mg/dl MG/DL mg% mgr/dl mg/100ml mg/100mL mg.dL-1 mg∕dl"),
    ("CREAT", "mg/L", "mg/L mg/l µg/mL mcg/mL"), ("CREATCLR", "mL/min", "mL/min ml/min ml/mn mL.min-1"),
    ("CREATCLR", "mL/s", "mL/s ml/sec mL.s-1"), ("GLUC", "g/L", "g/L"), ("UREA", "g/L", "g/l"),
    ("ALT", "U/L", "U/L u/l U/l E/L Units/L U.L-1"), ("ALT", "IU/L", "IU/L UI/L ui/l U.I./L IE/L mUI/mL"),
    ("LDH", "ukat/L", "µkat/L ukat/l mckat/L μkat/L µkat.L-1"), ("LDH", "nkat/L", "nkat/L"),
    ("CRP", "mg/L", "mg/L"), ("CRP", "mg/dL", "mg/dl"), ("FIBRINO", "g/L", "g/L"), ("FIBRINO", "mg/dL", "mg/dL"),
    ("PT", "s", "s sec sec. secs seconds secondes secondi seg seg. segundos Sek S"),
    ("PT", "%", "% (%) Quick% %Quick TP%"),
    ("PT", "RATIO", "ratio"), ("INR", "RATIO", "ratio Ratio RATIO INR 1"),
    ("GFRE", "mL/min/1.73 m2", "mL/min/1.73m2 mL/min/1.73m² ml/min/1,73m² ml/mn/1.73m2 mL/min/1.73m^2 ml/min/1.73sqm"),
    ("UREAN", "mmol/L", "mmol/L"), ("UREAN", "mg/dL", "mg/dL"), ("UREAN", "g/L", "g/L"), ("PROT", "g/dL", "g/dL"),
    ("CL", "mEq/L", "mEq/L"), ("EOS", "10^6/L", "/mm3"), ("MONO", "10^9/L", "G/L"),
    ("DDIMER", "mg/L FEU", "mg/L(FEU) mgFEU/L FEUmg/L ug/mLFEU µgFEU/mL"),
    ("DDIMER", "ug/L FEU", "ug/LFEU µgFEU/L ng/mLFEU ngFEU/mL"), ("DDIMER", "mg/L", "mg/L ug/mL"),
    ("DDIMER", "ug/L", "ug/L ng/mL µg/l"), ("CACR", "mg/dL", "mg/dl"), ("FERRITIN", "ug/L", "ug/L µg/L ng/mL mcg/L"),
    ("LIPASET", "U/L", "U/L"), ("AMYLASE", "IU/L", "UI/L"),
    ("TSH", "mIU/L", "mIU/L mUI/L mU/L µUI/mL uIU/mL µU/mL mIE/L"), ("T4FR", "pmol/L", "pmol/L"), ("T4FR", "ng/dL", "ng/dL"),
    ("T4FR", "ng/L", "ng/L pg/mL"), ("T3FR", "ng/L", "pg/mL"), ("CORTISOL", "nmol/L", "nmol/L"),
    ("CORTISOL", "ug/dL", "µg/dL mcg/dL"), ("CORTISOL", "ug/L", "ng/mL µg/L"), ("INTLK6", "ng/L", "ng/L pg/mL"),
    ("APTT", "RATIO", "ratio Ratio RATIO rapport M/T"), ("PTT", "RATIO", "ratio"), ("PTT", "s", "s"),
])  # fmt: skip
def test_spellings(code, unit, spellings):
    test = TESTS[code]
    assert {typed: canonical_unit(test, typed) for typed in spellings.split()} == dict.fromkeys(spellings.split(), unit)
    assert {canonical_unit(test, f"  {typed[:2]} {typed[2:]}\u00a0") for typed in spellings.split()} == {unit}


def test_only_an_inr_has_no_unit():
    assert [code for code, test in TESTS.items() if canonical_unit(test, "")] == ["INR"]
    assert [code for code, test in TESTS.items() if canonical_unit(test, " \u00a0 ")] == ["INR"]


@pytest.mark.parametrize(("code", "typed"), [
    ("HGB", "10^9/L"), ("HGB", "%"), ("HGB", "g"), ("HGB", "g/mL"), ("HGB", "dL"), ("HGB", "ug/L"), ("HGB", "umol/L"),
    ("WBC", "%"), ("NEUT", "%"), ("LYM", "%"), ("WBC", "10^12/L"), ("WBC", "T/L"), ("WBC", "M/uL"), ("WBC", "10^-9/L"),
    ("WBC", "10^9"), ("WBC", "10^3"), ("WBC", "10^39/L"), ("WBC", "10^3/L"), ("WBC", "1093/L"), ("WBC", "mil/mm3"),
    ("WBC", "mill/mm3"), ("WBC", "100/uL"), ("WBC", "uL"), ("WBC", "mm3"), ("WBC", "K/L"), ("WBC", "mm2"),
    ("WBC", "L"), ("WBC", "mg/dL"),
    ("PLAT", "10^6/uL"), ("SODIUM", "mg/dL"), ("SODIUM", "umol/L"), ("K", "mol/L"), ("PHOS", "mEq/L"), ("CA", "umol/L"),
    ("CREAT", "g/L"), ("CREAT", "nmol/L"), ("CREAT", "mol/L"), ("CREAT", "mmol/mol"), ("CREAT", "mg"),
    ("CREAT", "mg/24h"),
    ("CREATCLR", "mL/min/1.73m2"), ("CREATCLR", "mL/min/1.73 m2"), ("CREATCLR", "L/min"), ("UREA", "BUN"),
    ("UREA", "mg N/dL"), ("GFRE", "mL/min"), ("GFRE", "mL/min/m2"), ("GFRE", "mL/min/1.83m2"), ("UREAN", "BUN"),
    ("DDIMER", "ng/mL DDU"), ("DDIMER", "FEU"), ("DDIMER", "g/L"), ("TSH", "U/L"), ("TSH", "IU/mL"), ("T4FR", "ug/dL"),
    ("T3FR", "nmol/L"), ("CORTISOL", "pmol/L"), ("CORTISOL", "mg/dL"), ("INTLK6", "ng/dL"), ("FERRITIN", "pmol/L"),
    ("PROT", "%"), ("EOS", "%"), ("MONO", "%"), ("BASO", "%"), ("CL", "mg/dL"), ("LIPASET", "ukat"), ("ALT", "mU/L"),
    ("ALT", "g/L"), ("ALT", "UL"), ("ALT", "U"), ("ALT", "kU/L"), ("ALT", "mU/L"), ("ALT", "kat/L"), ("ALT", "mkat/L"),
    ("ALB", "%"), ("ALB", "mg/L"), ("CRP", "ng/mL"), ("CRP", "nmol/L"), ("BILI", "mmol/L"),
    ("PT", "INR"), ("PT", "min"), ("PT", "ms"), ("APTT", "%"), ("APTT", "INR"), ("PTT", "%"), ("INR", "s"), ("INR", "%"),
    ("FIBRINO", "%"), ("FIBRINO", "umol/L"), ("HGB", "?"), ("HGB", "unknown"), ("HGB", "\x00"), ("HGB", "g/L" + "L" * 60),
    ("HGB", "g/L" * 1000), ("HGB", "g/L" + " " * 60 + "?"), ("HGB", "ｇ／ｄＬ"),
])  # fmt: skip
def test_unknown_units_give_nothing(code, typed):
    test, one = TESTS[code], Printed("", Decimal(1))
    assert canonical_unit(test, typed) is None
    assert to_standard(test, one, typed) is None
    assert times_uln(test, one, typed, up_to(code, test.unit, "1")) is None
    assert times_uln(test, one, test.unit, up_to(code, typed, "1")) is None


@given(st.sampled_from(list(TESTS.values())), st.text(max_size=20))
@QUIET
def test_any_text_is_a_unit_or_none(test, typed):
    assert canonical_unit(test, typed) in (None, *test.known_units)


# What a source prints for one quantity in two units; each side is rounded as printed there.
PAIRS = [
    # DiaSys Diagnostics, reference ranges of the analytes
    ("UREA", "17", "mg/dL", "2.8", "mmol/L"), ("UREA", "43", "mg/dL", "7.2", "mmol/L"),
    ("UREA", "44", "mg/dL", "7.3", "mmol/L"),
    ("URATE", "2.6", "mg/dL", "155", "umol/L"), ("URATE", "6.0", "mg/dL", "357", "umol/L"),
    ("URATE", "7.2", "mg/dL", "428", "umol/L"),
    ("ALT", "34", "U/L", "0.57", "ukat/L"), ("ALT", "45", "U/L", "0.75", "ukat/L"),
    ("ALT", "31", "U/L", "0.52", "ukat/L"),
    # Ceriotti et al., Clin Chem Lab Med 2010;48:1593: AST and ALT of the IFCC study
    ("AST", "11", "U/L", "0.18", "ukat/L"), ("AST", "34", "U/L", "0.57", "ukat/L"),
    ("ALT", "41", "U/L", "0.68", "ukat/L"),
    # Internal medicine textbook, appendix of blood chemistry: urea nitrogen; what thyroid laboratories print of free thyroxine
    ("UREAN", "8", "mg/dL", "2.9", "mmol/L"), ("UREAN", "20", "mg/dL", "7.1", "mmol/L"),
    ("T4FR", "1", "ng/dL", "12.87", "pmol/L"), ("T4FR", "1.2", "ng/dL", "15.4", "pmol/L"),
    # Oncology textbook, appendix of normal values in conventional and SI units
    ("BILI", "1.3", "mg/dL", "22", "umol/L"), ("BILDIR", "0.3", "mg/dL", "5", "umol/L"),
    ("ALB", "5.2", "g/dL", "52", "g/L"),
    # Cairo and Bishop, limits of laboratory tumour lysis
    ("URATE", "8", "mg/dL", "476", "umol/L"), ("PHOS", "4.5", "mg/dL", "1.45", "mmol/L"),
    ("CA", "7", "mg/dL", "1.75", "mmol/L"),
    # Davis's laboratory values, haemoglobin of men and of women
    ("HGB", "14", "g/dL", "8.7", "mmol/L"), ("HGB", "18", "g/dL", "11.2", "mmol/L"),
    ("HGB", "12", "g/dL", "7.4", "mmol/L"),
    # American Diabetes Association, fasting glucose; package leaflet of a calcium reagent; R package transplantr
    ("GLUC", "126", "mg/dL", "7.0", "mmol/L"), ("GLUC", "70", "mg/dL", "3.9", "mmol/L"),
    ("CA", "8.5", "mg/dL", "2.1", "mmol/L"), ("CA", "10.5", "mg/dL", "2.6", "mmol/L"),
    ("CREAT", "3.5", "mg/dL", "309", "umol/L"), ("CREAT", "270", "umol/L", "3.1", "mg/dL"),
    ("BILI", "5.4", "mg/dL", "92", "umol/L"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "number", "unit", "other", "other_unit"), PAIRS)
def test_published_pairs(code, number, unit, other, other_unit):
    test = TESTS[code]
    found = to_standard(test, read_printed(number), unit).number / test.units[other_unit]
    assert found.quantize(Decimal(other), ROUND_HALF_UP) == Decimal(other)


# Factors as printed in tables, with the digits printed there.
JOURNAL = "unit conversion table of the journal Clinical Chemistry"
YOUNG = "table after Young, Ann Intern Med 1987;106:114"
KRATZ = "Kratz et al., N Engl J Med 2004;351:1548"


@pytest.mark.parametrize(("source", "code", "unit", "factor"), [
    (JOURNAL, "CREAT", "mg/dL", "88.4"), (JOURNAL, "BILI", "mg/dL", "17.1"), (JOURNAL, "CA", "mg/dL", "0.2495"),
    (JOURNAL, "CA", "mEq/L", "0.5"), (JOURNAL, "CORTISOL", "ug/dL", "27.59"), (JOURNAL, "CL", "mEq/L", "1"), (JOURNAL, "ALB", "g/dL", "10"), (JOURNAL, "CRP", "mg/dL", "10"),
    (YOUNG, "CREAT", "mg/dL", "88.40"), (YOUNG, "BILI", "mg/dL", "17.10"), (YOUNG, "URATE", "mg/dL", "59.48"),
    (YOUNG, "GLUC", "mg/dL", "0.05551"), (YOUNG, "PHOS", "mg/dL", "0.3229"), (YOUNG, "MG", "mg/dL", "0.4114"),
    (YOUNG, "UREA", "mg/dL", "0.1665"), (YOUNG, "FIBRINO", "mg/dL", "0.01"), (YOUNG, "K", "mEq/L", "1.0"),
])  # fmt: skip
def test_published_factors(source, code, unit, factor):
    assert TESTS[code].units[unit].quantize(Decimal(factor), ROUND_HALF_UP) == Decimal(factor), source


@pytest.mark.parametrize(("source", "code", "unit", "other", "factor"), [
    (KRATZ, "HGB", "g/dL", "mmol/L", "0.6206"), (JOURNAL, "CREATCLR", "mL/min", "mL/s", "0.01667"),
    (YOUNG, "LDH", "U/L", "nkat/L", "16.67"), (JOURNAL, "ALT", "U/L", "ukat/L", "0.01667"),
])  # fmt: skip
def test_published_factors_between_two_units(source, code, unit, other, factor):
    found = TESTS[code].units[unit] / TESTS[code].units[other]
    assert found.quantize(Decimal(factor), ROUND_HALF_UP) == Decimal(factor), source


@pytest.mark.parametrize(("code", "formula"), [
    ("CREAT", "C4H7N3O1"), ("UREA", "C1H4N2O1"), ("URATE", "C5H4N4O3"), ("GLUC", "C6H12O6"), ("BILI", "C33H36N4O6"),
    ("CA", "Ca1"),
    ("MG", "Mg1"), ("PHOS", "P1"), ("UREAN", "N2"), ("T4FR", "C15H11I4N1O4"), ("T3FR", "C15H12I3N1O4"), ("CORTISOL", "C21H30O5"),
])  # fmt: skip
def test_molar_masses_are_sums_of_the_standard_atomic_weights(code, formula):
    weights = {"C": "12.011", "H": "1.008", "N": "14.007", "O": "15.999", "Ca": "40.078", "Mg": "24.305", "P": "30.974",
               "I": "126.904"}
    total = sum(Fraction(weights[atom]) * int(count) for atom, count in re.findall(r"([A-Z][a-z]?)(\d+)", formula))
    places = 2 if len(re.findall("[A-Z]", formula)) > 1 else 3
    assert round(total, places) == MOLAR_MASS[code]


@pytest.mark.parametrize(("code", "text", "unit", "expected"), [
    ("HGB", "13,2", "g/dl", "132"), ("HGB", "132", "G/L", "132"), ("HGB", "<2.0", "g/dL", "<20"),
    ("NEUT", "1500", "/mm3", "1.5"),
    ("PLAT", "150 000", "/µL", "150"), ("PLAT", "150", "10^3/mmc", "150"), ("PLAT", "<5", "G/L", "<5"),
    ("CREAT", "1", "mmol/L", "1000"),
    ("CREAT", "11.3120", "mg/L", "100"), ("CREAT", "1.1312", "mg/dL", "100"), ("URATE", "0.3", "mmol/L", "300"),
    ("MG", "1.5", "mEq/L", "0.75"), ("ALT", ">10", "µkat/L", ">600"), ("ALT", "500", "nkat/L", "30"),
    ("ALT", "40", "UI/L", "40"),
    ("UREA", "0.5", "g/L", "8.325"), ("GLUC", "1,00", "g/L", "5.551"), ("CREATCLR", "1.5", "mL/s", "90"),
    ("CRP", "≥2", "mg/dL", "≥20"), ("FIBRINO", "350", "mg/dL", "3.5"),
    ("INR", "1,10", "", "1.10"),
    ("PT", "12.5", "sec", "12.5"), ("PT", "85", "%", None), ("PT", "1.1", "ratio", None), ("APTT", "1.1", "ratio", None),
    ("PTT", "1.1", "Ratio", None), ("APTT", "30", "", None), ("HGB", "13.2", "", None), ("NEUT", "55", "%", None),
])  # fmt: skip
def test_to_standard(code, text, unit, expected):
    found = to_standard(TESTS[code], read_printed(text), unit)
    assert (shown(found) if found else None) == expected


CONVERTING = [(test, unit) for test in TESTS.values() for unit in test.units]


@given(st.sampled_from(CONVERTING), NUMBERS, st.sampled_from(["", "<", ">="]))
@QUIET
def test_there_and_back(pair, number, sign):
    test, unit = pair
    standard = to_standard(test, Printed(sign, number), unit)
    assert standard.sign == sign
    assert abs(standard.number / test.units[unit] - number) <= Decimal("1e-20")
    assert standard.number == number if unit == test.unit else True


@given(st.sampled_from(list(TESTS.values())), st.data(), st.integers(1, 99999), st.integers(1, 400))
@QUIET
def test_a_multiple_is_the_same_in_every_unit(test, data, high, percent):
    """Nothing is lost on the way: 1.5 x the limit is 1.5 x the limit, whichever of the exact units either is in."""
    unit = data.draw(st.sampled_from(list(test.units)))
    tenfold = {"mg/dL": ("mg/L", 10), "g/dL": ("g/L", 10), "10^9/L": ("10^6/L", 1000), "ukat/L": ("nkat/L", 1000)}
    other, scale = tenfold.get(unit, (unit, 1))
    if other not in test.units:
        other, scale = unit, 1
    result = Printed("", Decimal(high) * percent / 100 * scale)
    assert times_uln(test, result, other, up_to(test.code, unit, str(high))).number == Decimal(percent) / 100


@pytest.mark.parametrize(("code", "unit", "quick", "ratio"), [
    ("PT", "%", True, False), ("PT", "Quick %", True, False), ("PT", "s", False, False), ("PT", "ratio", False, True),
    ("APTT", "ratio", False, True), ("PTT", "RATIO", False, True), ("APTT", "%", False, False),
    ("APTT", "s", False, False),
    ("APTT", "", False, False), ("INR", "ratio", False, False), ("INR", "", False, False), ("INR", "%", False, False),
    ("NEUT", "%", False, False), ("ALB", "ratio", False, False),
])  # fmt: skip
def test_coagulation_as_reported(code, unit, quick, ratio):
    assert (is_quick_percent(TESTS[code], unit), is_ratio(TESTS[code], unit)) == (quick, ratio)
