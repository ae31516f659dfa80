"""CTCAE 5.0 grades of laboratory results: both sides of every limit in every unit system, baselines, and what stays open."""

from __future__ import annotations

import csv
import itertools
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import parameters, terms
from protocol.ctcae_criteria import CRITERIA, NOT_BY_NUMBER, OF_TEST, Of, When
from protocol.ctcae_lab import grades, worst
from protocol.laboratory import TESTS
from tests.protocol.grading import lab
from tests.protocol.test_reference import WORKBOOK

QUIET = settings(deadline=None, database=None, derandomize=True, max_examples=300)


def grade(term, reading, **rest):
    """The grade of a result by one term, all possible ones joined ('0', '2', '0 1')."""
    found = next(each for each in grades(reading, **rest) if each.term == term)
    assert (found.grade is None) is (len(found.possible) != 1)
    assert bool(found.missing) is (len(found.possible) > 1)
    return " ".join(found.possible)


# The table -------------------------------------------------------------------------------------------------------------------


def test_every_test_of_the_trial_is_graded_or_says_why_not():
    assert set(OF_TEST) | set(NOT_BY_NUMBER) == set(TESTS)
    for code in TESTS:
        found = grades(lab(code, "1"))
        assert found and all(each.possible or each.reason for each in found)
        assert {each.term for each in found} == {each.term for each in OF_TEST.get(code, ()) if not each.switch} | {
            term for term, _ in NOT_BY_NUMBER.get(code, ())
        }


def test_terms_and_grades_exist_in_ctcae():
    for each in CRITERIA:
        assert set(map(str, each.grades)) <= set(terms.term(each.term).grades), each.term
    for term, _ in itertools.chain(*NOT_BY_NUMBER.values()):
        assert not term or terms.term(term)


def test_every_fixed_limit_is_printed_in_the_standard_unit_and_in_units_that_exist():
    for each in CRITERIA:
        for limit in (limit for bands in each.columns.values() for band in bands for limit in band.limits):
            if limit.of in (Of.VALUE, Of.OVER_ULN):
                assert set(limit.numbers) == set(each.printed_units) and TESTS[each.test].unit in limit.numbers
                assert set(limit.numbers) <= set(TESTS[each.test].factors)
                # what is printed for two systems is about the same amount (0.9 mg/dL and 0.4 mmol/L of magnesium are 8 % apart)
                standard = {round(float(number * TESTS[each.test].factors[unit]), 6) for unit, number in limit.numbers.items()}
                assert max(standard) / min(standard) < 1.09, (each.term, standard)


def test_bands_get_worse():
    for each in CRITERIA:
        for bands in each.columns.values():
            assert [band.grade for band in bands] == sorted({band.grade for band in bands})
            for kind in Of:
                numbers = [max(limit.numbers.values()) for band in bands for limit in band.limits if limit.of is kind]
                assert numbers == sorted(numbers, reverse=not each.rises), (each.term, kind)


# Limits ----------------------------------------------------------------------------------------------------------------------
# term, test, unit, range in that unit, and pairs: a value and its grade, the two sides of every limit.

LIMITS = [
    ("Anemia", "HGB", "g/L", dict(low="120"), "120:0 119:1 100:1 99.9:2 80:2 79.9:3 20:3"),
    ("Anemia", "HGB", "g/dL", dict(low="12"), "12:0 11.9:1 10.0:1 9.9:2 8.0:2 7.9:3"),
    ("Anemia", "HGB", "mmol/L", dict(low="7.5"), "7.5:0 7.4:1 6.2:1 6.19:2 4.9:2 4.89:3"),
    ("Hemoglobin increased", "HGB", "g/L", dict(high="160"), "160:0 160.1:1 180:1 180.1:2 200:2 200.1:3"),
    ("Hemoglobin increased", "HGB", "g/dL", dict(high="16"), "16:0 16.1:1 18:1 18.1:2 20:2 20.1:3"),
    ("White blood cell decreased", "WBC", "10^9/L", dict(low="4"), "4:0 3.9:1 3.0:1 2.9:2 2.0:2 1.9:3 1.0:3 0.9:4 0:4"),
    ("White blood cell decreased", "WBC", "/mm3", dict(low="4000"), "4000:0 3999:1 3000:1 2999:2 2000:2 1999:3 1000:3 999:4"),
    ("Leukocytosis", "WBC", "10^9/L", dict(high="10"), "10:0 11:0 100:0 100.1:3 500:3"),
    ("Leukocytosis", "WBC", "/mm3", dict(), "100000:0 100001:3"),
    ("Neutrophil count decreased", "NEUT", "10^9/L", dict(low="1.8"), "1.8:0 1.79:1 1.5:1 1.49:2 1.0:2 0.99:3 0.5:3 0.49:4"),
    ("Neutrophil count decreased", "NEUT", "/mm3", dict(low="1800"), "1800:0 1799:1 1500:1 1499:2 1000:2 999:3 500:3 499:4"),
    ("Lymphocyte count decreased", "LYM", "10^9/L", dict(low="1.0"), "1.0:0 0.99:1 0.8:1 0.79:2 0.5:2 0.49:3 0.2:3 0.19:4"),
    ("Lymphocyte count decreased", "LYM", "/mm3", dict(low="1000"), "1000:0 999:1 800:1 799:2 500:2 499:3 200:3 199:4"),
    ("Lymphocyte count increased", "LYM", "10^9/L", dict(high="4.8"), "3.9:0 4:0 4.1:2 20:2 20.1:3"),
    ("Lymphocyte count increased", "LYM", "/mm3", dict(), "4000:0 4001:2 20000:2 20001:3"),
    ("Platelet count decreased", "PLAT", "10^9/L", dict(low="150"), "150:0 149:1 75:1 74.9:2 50:2 49.9:3 25:3 24.9:4"),
    ("Platelet count decreased", "PLAT", "/mm3", dict(low="150000"), "150000:0 149999:1 75000:1 74999:2 50000:2 49999:3 25000:3 24999:4"),
    ("Hypernatremia", "SODIUM", "mmol/L", dict(high="145"), "145:0 146:1 150:1 150.1:2 155:2 155.1:3 160:3 160.1:4"),
    ("Hypernatremia", "SODIUM", "mEq/L", dict(high="145"), "145:0 146:1 150:1 151:2 155:2 156:3 160:3 161:4"),
    ("Hyponatremia", "SODIUM", "mmol/L", dict(low="135"),
     "135:0 134:1 130:1 129.9:2 129:2 125:2 124.9:3 124:3 120:3 119.9:4"),
    ("Hyponatremia", "SODIUM", "mEq/L", dict(low="135"), "135:0 134:1 130:1 129:2 125:2 124:3 120:3 119:4"),
    ("Hyperkalemia", "K", "mmol/L", dict(high="5.0"), "5.0:0 5.1:1 5.5:1 5.51:2 6.0:2 6.01:3 7.0:3 7.01:4"),
    ("Hypokalemia", "K", "mmol/L", dict(low="3.5"), "3.5:0 3.49:1 3.0:1 2.99:3 2.5:3 2.49:4"),
    ("Hypokalemia", "K", "mEq/L", dict(low="3.5"), "3.5:0 3.49:1 3.0:1 2.99:3 2.5:3 2.49:4"),
    ("Hypermagnesemia", "MG", "mmol/L", dict(high="1.05"), "1.05:0 1.06:1 1.23:1 1.24:3 3.30:3 3.31:4"),
    ("Hypermagnesemia", "MG", "mg/dL", dict(high="2.6"), "2.6:0 2.7:1 3.0:1 3.1:3 8.0:3 8.1:4"),
    ("Hypomagnesemia", "MG", "mmol/L", dict(low="0.7"), "0.7:0 0.69:1 0.5:1 0.49:2 0.4:2 0.39:3 0.3:3 0.29:4"),
    ("Hypomagnesemia", "MG", "mg/dL", dict(low="1.7"), "1.7:0 1.69:1 1.2:1 1.19:2 0.9:2 0.89:3 0.7:3 0.69:4"),
    ("Hypomagnesemia", "MG", "mEq/L", dict(low="1.4"), "1.4:0 1.39:1 1.0:1 0.99:2 0.8:2 0.79:3 0.6:3 0.59:4"),
    ("Hyperuricemia", "URATE", "umol/L", dict(high="420"), "420:0 421:1 2000:1"),
    ("Hyperuricemia", "URATE", "mg/dL", dict(high="7"), "7:0 7.1:1"),
    ("Hypoglycemia", "GLUC", "mmol/L", dict(low="3.9"), "3.9:0 3.89:1 3.0:1 2.99:2 2.2:2 2.19:3 1.7:3 1.69:4"),
    ("Hypoglycemia", "GLUC", "mg/dL", dict(low="70"), "70:0 69:1 55:1 54:2 40:2 39:3 30:3 29:4"),
    ("Hypoglycemia", "GLUC", "g/L", dict(low="0.70"), "0.70:0 0.69:1 0.55:1 0.54:2 0.40:2 0.39:3 0.30:3 0.29:4"),
    ("Hypoalbuminemia", "ALB", "g/L", dict(low="35"), "35:0 34:1 30:1 29.9:2 20:2 19.9:3"),
    ("Hypoalbuminemia", "ALB", "g/dL", dict(low="3.5"), "3.5:0 3.4:1 3.0:1 2.9:2 2.0:2 1.9:3"),
    ("Blood lactate dehydrogenase increased", "LDH", "U/L", dict(high="250"), "250:0 251:1 9999:1"),
    ("Blood lactate dehydrogenase increased", "LDH", "µkat/L", dict(high="4"), "4:0 4.1:1"),
    ("Activated partial thromboplastin time prolonged", "APTT", "s", dict(high="40"), "40:0 40.1:1 60:1 60.1:2 100:2 100.1:3"),
    ("Activated partial thromboplastin time prolonged", "PTT", "s", dict(high="40"), "40:0 40.1:1 60:1 60.1:2 100:2 100.1:3"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "code", "unit", "range_", "pairs"), LIMITS, ids=lambda part: part if isinstance(part, str) else "")
def test_limits(term, code, unit, range_, pairs):
    for pair in pairs.split():
        text, expected = pair.split(":")
        assert grade(term, lab(code, text, unit, **range_), at_baseline=code == "EOS") == expected, pair


LIMITS += [
    ("Eosinophilia", "EOS", "10^9/L", dict(high="0.5"), "0.5:0 0.51:1 20:1"),
    ("Eosinophilia", "EOS", "/mm3", dict(high="500"), "500:0 501:1"),
    ("Lipase increased", "LIPASET", "U/L", dict(high="60"), "60:0 60.1:1 90:1 90.1:2 120:2 120.1:2 300:2 300.1:3 9999:3"),
    ("Lipase increased", "LIPASET", "µkat/L", dict(high="1"), "1:0 1.1:1 1.5:1 1.6:2 5:2 5.1:3"),
    ("Serum amylase increased", "AMYLASE", "U/L", dict(high="60"), "60:0 60.1:1 90:1 90.1:2 120:2 120.1:2 300:2 300.1:3 9999:3"),
    ("Thyroid stimulating hormone increased", "TSH", "mIU/L", dict(high="4"), "4:0 4.1:1 90:1 0.1:0"),
    ("Chronic kidney disease", "GFRE", "mL/min/1.73 m2", dict(low="90"), "90:0 89:1 60:1 59.5:2 59:2 30:2 29.5:3 29:3 15:3 14.9:4 0:4"),
    ("Hypercalcemia", "CACR", "mmol/L", dict(high="2.6"), "2.6:0 2.61:1 2.9:1 2.91:2 3.1:2 3.11:3 3.4:3 3.41:4"),
    ("Hypocalcemia", "CACR", "mg/dL", dict(low="8.8"), "8.8:0 8.7:1 8.0:1 7.9:2 7.0:2 6.9:3 6.0:3 5.9:4"),
]  # fmt: skip


CALCIUM = [
    ("Hypercalcemia", "mmol/L", dict(high="2.6"), "2.6:0 2.61:1 2.9:1 2.91:2 3.1:2 3.11:3 3.4:3 3.41:4"),
    ("Hypercalcemia", "mg/dL", dict(high="10.4"), "10.4:0 10.5:1 11.5:1 11.6:2 12.5:2 12.6:3 13.5:3 13.6:4"),
    ("Hypocalcemia", "mmol/L", dict(low="2.2"), "2.2:0 2.19:1 2.0:1 1.99:2 1.75:2 1.74:3 1.5:3 1.49:4"),
    ("Hypocalcemia", "mg/dL", dict(low="8.8"), "8.8:0 8.7:1 8.0:1 7.9:2 7.0:2 6.9:3 6.0:3 5.9:4"),
    ("Hypocalcemia", "mg/L", dict(low="88"), "88:0 87:1 80:1 79:2 70:2 69:3 60:3 59:4"),
    ("Hypocalcemia", "mEq/L", dict(low="4.4"), "4.4:0 4.3:1 4.0:1 3.9:2 3.5:2 3.4:3 3.0:3 2.9:4"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "unit", "range_", "pairs"), CALCIUM)
def test_calcium_at_normal_albumin(term, unit, range_, pairs):
    for pair in pairs.split():
        text, expected = pair.split(":")
        for albumin in (lab("ALB", "40"), lab("ALB", "4", "g/dL")):
            assert grade(term, lab("CA", text, unit, **range_), albumin=albumin) == expected, pair


@pytest.mark.parametrize(("text", "unit", "albumin", "term", "expected"), [
    ("1.90", "mmol/L", "30", "Hypocalcemia", "1"),  # corrected 2.10
    ("1.80", "mmol/L", "30", "Hypocalcemia", "1"), ("1.79", "mmol/L", "30", "Hypocalcemia", "2"),  # 2.00, 1.99
    ("2.10", "mmol/L", "46", "Hypocalcemia", "2"),  # 1.98
    ("2.70", "mmol/L", "30", "Hypercalcemia", "1"), ("2.71", "mmol/L", "30", "Hypercalcemia", "2"),  # 2.90, 2.91
    ("7.2", "mg/dL", "30", "Hypocalcemia", "1"), ("7.1", "mg/dL", "30", "Hypocalcemia", "2"),  # 8.0, 7.9
    ("10.7", "mg/dL", "30", "Hypercalcemia", "1"), ("10.8", "mg/dL", "30", "Hypercalcemia", "2"),  # 11.5, 11.6
    (">2.70", "mmol/L", "30", "Hypercalcemia", "2 3 4"), ("1.90", "mmol/L", "<30", "Hypocalcemia", "0 1"), ("1.90", "mmol/L", ">40", "Hypocalcemia", "2 3"),
])  # fmt: skip
def test_calcium_is_corrected(text, unit, albumin, term, expected):
    range_ = dict(low="2.2", high="2.6") if unit == "mmol/L" else dict(low="8.8", high="10.4")
    assert grade(term, lab("CA", text, unit, **range_), albumin=lab("ALB", albumin)) == expected


@pytest.mark.parametrize("albumin", [None, lab("ALB", "x"), lab("ALB", "40", "mmol/L")])
def test_without_albumin_calcium_is_bounded(albumin):
    """Albumin of 10 to 60 g/L: corrected calcium lies 0.4 under to 0.6 over the result."""
    calcium = lab("CA", "2.30", low="2.2", high="2.6")
    assert grade("Hypercalcemia", calcium, albumin=albumin) == "0 1"
    assert grade("Hypocalcemia", calcium, albumin=albumin) == "0 1 2"
    assert grade("Hypercalcemia", lab("CA", "3.90", high="2.6"), albumin=albumin) == "4"
    assert grade("Hypercalcemia", lab("CA", "3.80", high="2.6"), albumin=albumin) == "3 4"
    assert grade("Hypercalcemia", lab("CA", "2.00", high="2.6"), albumin=albumin) == "0"
    found = next(each for each in grades(calcium, albumin=albumin) if each.term == "Hypercalcemia")
    assert found.missing == ("albumin of the same sample",) and "albumin not known" in found.evidence


def test_the_correction_is_an_assumption():
    assert parameters.PARAMETERS["calcium_correction"].origin is parameters.Origin.ASSUMPTION
    with parameters.override(calcium_correction={"albumin": "44", "mmol/L": "0.025", "mg/dL": "0.1"}):
        assert grade("Hypocalcemia", lab("CA", "1.65", low="2.2"), albumin=lab("ALB", "30")) == "1"


# Baselines -------------------------------------------------------------------------------------------------------------------

ENZYMES = [("Alanine aminotransferase increased", "ALT"), ("Aspartate aminotransferase increased", "AST"),
           ("Alkaline phosphatase increased", "ALP"), ("GGT increased", "GGT")]  # fmt: skip
NORMAL = "40:0 40.1:1 {m}:1 {m}.1:2 200:2 200.1:3 800:3 800.1:4"
ABNORMAL = "{f}.9:0 {g}:1 {m}:1 {m}.1:2 500:2 500.1:3 2000:3 2000.1:4"


@pytest.mark.parametrize(("term", "code"), ENZYMES)
@pytest.mark.parametrize(("unit", "scale"), [("U/L", Decimal(1)), ("µkat/L", Decimal("0.5"))])
def test_liver_enzymes(term, code, unit, scale):
    """ULN 40; baselines 40 (normal, the limit itself) and 100 (abnormal)."""
    transaminase = code in ("ALT", "AST")
    normal = NORMAL.format(m=120 if transaminase else 100)
    abnormal = ABNORMAL.format(f=149 if transaminase else 199, g=150 if transaminase else 200, m=300 if transaminase else 250)
    for baseline, pairs in (("40", normal), ("10", normal), ("100", abnormal)):
        for pair in pairs.split():
            text, expected = pair.split(":")
            # the same numbers in another unit, so that the ratio stays
            value = lab(code, f"{Decimal(text) * scale:.4f}", unit, high=str(40 * scale))
            before = lab(code, str(Decimal(baseline) * scale), unit, high=str(40 * scale))
            assert grade(term, value, baseline=before) == expected, (baseline, pair)
    for pair in normal.split():
        text, expected = pair.split(":")
        assert grade(term, lab(code, text, high="40"), at_baseline=True) == expected


def test_what_abnormal_means_is_the_baselines_own_range():
    value = lab("ALT", "210", high="40")
    assert grade("Alanine aminotransferase increased", value, baseline=lab("ALT", "60", high="70")) == "3"
    assert grade("Alanine aminotransferase increased", value, baseline=lab("ALT", "60", high="50")) == "2"
    assert grade("Alanine aminotransferase increased", value, baseline=lab("ALT", "60")) == "2 3"
    assert grade("Alanine aminotransferase increased", value, baseline=lab("ALT", "1", "µkat/L", high="0.9")) == "2"
    assert grade("Alanine aminotransferase increased", value, baseline=lab("ALT", ">50", high="40")) == "0 1 2"
    assert grade("Alanine aminotransferase increased", value, baseline=lab("ALT", "<50", high="40")) == "2 3 4"


def test_bilirubin():
    pairs = {"10": "21:0 21.1:1 31.5:1 31.6:2 63:2 63.1:3 210:3 210.1:4",
             "30": "30:0 30.1:1 45:1 45.1:2 90:2 90.1:3 300:3 300.1:4 25:0"}  # fmt: skip
    for baseline, row in pairs.items():
        for pair in row.split():
            text, expected = pair.split(":")
            found = grade("Blood bilirubin increased", lab("BILI", text, high="21"), baseline=lab("BILI", baseline, high="21"))
            assert found == expected, (baseline, pair)
    conventional = "1.2:0 1.3:1 1.8:1 1.9:2 3.6:2 3.7:3 12:3 12.1:4"
    for pair in conventional.split():
        text, expected = pair.split(":")
        found = grade("Blood bilirubin increased", lab("BILI", text, "mg/dL", high="1.2"), baseline=lab("BILI", "10", high="21"))
        assert found == expected, pair


@pytest.mark.parametrize(("text", "baseline", "expected"), [
    ("90", "80", "0"), ("90.1", "80", "1"), ("120", "80", "1"), ("120.1", "80", "2"), ("135", "90", "1"), ("135.1", "90", "2"),
    ("240", "80", "2"), ("240.1", "80", "3"), ("270", "90", "2"), ("270.1", "90", "3"), ("540", "90", "3"), ("540.1", "90", "4"),
    ("75", "50", "0"), ("75.1", "50", "2"), ("60", "20", "2"), ("60.1", "20", "3"),  # inside the range
    ("300", "200", "3"), ("180", "200", "2"),  # a baseline over ULN does not raise the limits
    ("100", "", "1 2 3"), ("140", "", "2 3"), ("271", "", "3"), ("541", "", "4"), ("80", "", "0 2 3"),
    ("100", "<60", "2 3"), ("100", ">70", "1"), ("100", "x", "1 2 3"),
])  # fmt: skip
def test_creatinine(text, baseline, expected):
    before = lab("CREAT", baseline, high="90") if baseline else None
    assert grade("Creatinine increased", lab("CREAT", text, high="90"), baseline=before) == expected


def test_creatinine_in_conventional_units_and_without_limits():
    for text, expected in (("1.0", "0"), ("1.1", "1"), ("1.5", "1"), ("1.51", "2"), ("3.0", "2"), ("3.01", "3"), ("6.0", "3"), ("6.01", "4")):
        reading = lab("CREAT", text, "mg/dL", high="1")
        assert grade("Creatinine increased", reading, baseline=lab("CREAT", "1.0", "mg/dL")) == expected
        assert grade("Creatinine increased", reading, at_baseline=True) == expected
    assert grade("Creatinine increased", lab("CREAT", "100"), baseline=lab("CREAT", "60")) == "2 3 4"
    assert grade("Creatinine increased", lab("CREAT", "100"), at_baseline=True) == "0 1 2 3 4"
    assert "inside the laboratory's own range" in grades(lab("CREAT", "76", high="90"), baseline=lab("CREAT", "50"))[0].note


@pytest.mark.parametrize(("text", "baseline", "expected"), [
    ("0.5", "0.2", "0"), ("0.51", "0.2", "1"), ("0.51", "0.5", "1"), ("0.7", "0.7", "0"), ("0.71", "0.7", "1"), ("0.6", "0.7", "0"),
    ("0.51", "", "0 1"), ("0.5", "", "0 1"),
])  # fmt: skip
def test_eosinophils_over_the_limit_and_over_baseline(text, baseline, expected):
    before = lab("EOS", baseline, high="0.5") if baseline else None
    assert grade("Eosinophilia", lab("EOS", text, high="0.5"), baseline=before) == expected


def test_calcium_corrected_by_the_laboratory_is_not_corrected_again():
    assert grade("Hypocalcemia", lab("CACR", "2.10", low="2.2"), albumin=lab("ALB", "20")) == "1"
    assert grade("Hypocalcemia", lab("CACR", "2.10", low="2.2")) == "1"


@pytest.mark.parametrize(("text", "anticoagulated", "baseline", "expected"), [
    ("1.2", False, "", "0"), ("1.21", False, "", "1"), ("1.5", False, "", "1"), ("1.51", False, "", "2"), ("2.5", False, "", "2"),
    ("2.51", False, "", "3"), ("2.6", True, "2.6", "0"), ("2.61", True, "2.6", "1"), ("3.9", True, "2.6", "1"), ("3.91", True, "2.6", "2"),
    ("6.5", True, "2.6", "2"), ("6.51", True, "2.6", "3"), ("2.4", True, "2.6", "0"), ("2.6", True, "", "0 1 2 3"), ("2.6", None, "2.6", "0 3"),
    ("1.1", None, "1.1", "0"), ("2.6", False, "2.6", "3"),
])  # fmt: skip
def test_inr(text, anticoagulated, baseline, expected):
    before = lab("INR", baseline) if baseline else None
    assert grade("INR increased", lab("INR", text, high="1.2"), baseline=before, anticoagulated=anticoagulated) == expected


def test_inr_at_baseline():
    assert grade("INR increased", lab("INR", "2.6"), at_baseline=True, anticoagulated=True) == "0"
    assert grade("INR increased", lab("INR", "2.6"), at_baseline=True, anticoagulated=False) == "3"
    assert next(iter(grades(lab("INR", "2.6"), baseline=lab("INR", "2.6")))).missing == ("whether the patient takes an anticoagulant",)


@pytest.mark.parametrize(("text", "baseline", "expected"), [
    # LLN 2.0; a normal baseline
    ("2.0", "3", "0"), ("1.99", "3", "1"), ("1.5", "3", "1"), ("1.49", "3", "2"), ("1.0", "2", "2"), ("0.99", "2", "3"), ("0.5", "3", "3"),
    ("0.49", "3", "4"),
    # an abnormal one: 25, 50 and 75 % of the decrease are inside
    ("1.6", "1.6", "0"), ("1.7", "1.6", "0"), ("1.59", "1.6", "1"), ("1.21", "1.6", "1"), ("1.2", "1.6", "2"), ("0.81", "1.6", "2"), ("0.8", "1.6", "3"),
    ("0.51", "1.6", "3"), ("0.5", "1.6", "3"), ("0.49", "1.6", "4"), ("0.48", "1.92", "4"), ("0.5", "0.6", "1"), ("0.49", "0.6", "4"),
    ("1.3", "", "0 1 2 3 4"),
])  # fmt: skip
def test_fibrinogen(text, baseline, expected):
    before = lab("FIBRINO", baseline, low="2.0") if baseline else None
    assert grade("Fibrinogen decreased", lab("FIBRINO", text, low="2.0"), baseline=before) == expected
    if "." in text:
        mg = lab("FIBRINO", f"{Decimal(text) * 100:.4f}", "mg/dL", low="200")
        assert grade("Fibrinogen decreased", mg, baseline=before) == expected


def test_a_quarter_of_an_abnormal_fibrinogen():
    before = lab("FIBRINO", "2.4", low="2.5")
    assert grade("Fibrinogen decreased", lab("FIBRINO", "0.6", low="2.5"), baseline=before) == "4"
    assert grade("Fibrinogen decreased", lab("FIBRINO", "0.61", low="2.5"), baseline=before) == "3"
    assert grade("Fibrinogen decreased", lab("FIBRINO", "60", "mg/dL", low="250"), baseline=before) == "4"


# What stays open ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "text", "range_", "term", "possible"), [
    ("PLAT", "<10", dict(low="150"), "Platelet count decreased", "4"), ("PLAT", "<25", dict(low="150"), "Platelet count decreased", "4"),
    ("PLAT", "<=25", dict(low="150"), "Platelet count decreased", "3 4"), ("PLAT", "<30", dict(low="150"), "Platelet count decreased", "3 4"),
    ("PLAT", ">150", dict(low="150"), "Platelet count decreased", "0"), ("PLAT", ">=150", dict(low="150"), "Platelet count decreased", "0"),
    ("PLAT", ">74", dict(low="150"), "Platelet count decreased", "0 1 2"), ("PLAT", ">=75", dict(low="150"), "Platelet count decreased", "0 1"),
    ("K", ">7", dict(high="5"), "Hyperkalemia", "4"), ("K", ">=7", dict(high="5"), "Hyperkalemia", "3 4"), ("K", ">5.5", dict(high="5"), "Hyperkalemia", "2 3 4"),
    ("K", "<3", dict(low="3.5"), "Hypokalemia", "3 4"), ("K", "<=3", dict(low="3.5"), "Hypokalemia", "1 3 4"),
    ("ALT", ">1650", dict(high="40"), "Alanine aminotransferase increased", "4"),
    # without the limit of normal
    ("PLAT", "40", dict(), "Platelet count decreased", "3"), ("PLAT", "75", dict(), "Platelet count decreased", "0 1"),
    ("PLAT", "300", dict(), "Platelet count decreased", "0 1"), ("K", "5.6", dict(), "Hyperkalemia", "2"), ("K", "5.2", dict(), "Hyperkalemia", "0 1"),
    ("LDH", "900", dict(), "Blood lactate dehydrogenase increased", "0 1"), ("LYM", "25", dict(), "Lymphocyte count increased", "3"),
    ("WBC", "50", dict(), "Leukocytosis", "0"), ("HGB", "200", dict(), "Hemoglobin increased", "0 1 2 3"), ("ALB", "19", dict(), "Hypoalbuminemia", "3"),
    ("APTT", "60", dict(), "Activated partial thromboplastin time prolonged", "0 1 2 3"),
    ("K", "5.2", dict(high="0"), "Hyperkalemia", "0 1"),
    # no number, no unit
    ("K", "haemolysed", dict(high="5"), "Hyperkalemia", "0 1 2 3 4"), ("NEUT", "1.234", dict(low="2"), "Neutrophil count decreased", "0 1 2 3 4"),
    # an odd range: the lower limit lies under where grade 2 begins
    ("NEUT", "1.3", dict(low="1.2"), "Neutrophil count decreased", "2"), ("NEUT", "<=1.5", dict(low="1.2"), "Neutrophil count decreased", "0 2 3 4"),
])  # fmt: skip
def test_possible(code, text, range_, term, possible):
    assert grade(term, lab(code, text, **range_), at_baseline=True) == possible


@pytest.mark.parametrize(("reading", "rest", "missing"), [
    (lab("PLAT", "80"), {}, ("lower limit of normal",)), (lab("K", "5.2", ranged=False), {}, ("upper limit of normal",)),
    (lab("PLAT", "<30", low="150"), {}, ("the result without its sign (<30)",)), (lab("K", "x", high="5"), {}, ("a result that is one number",)),
    (lab("K", "5.2", "mg/dL", high="5"), {}, ("a unit that converts",)),
    (lab("APTT", "1.6", "ratio", high="1.2"), {}, ("a result in seconds: a ratio to a control is no multiple of the upper limit",)),
    (lab("CA", "1.90", low="2.2", high="2.6"), {"albumin": lab("ALB", "<12")}, ("albumin without its sign (<12)",)),
    (lab("ALT", "210", high="40"), {"baseline": lab("ALT", ">50", high="40")}, ("the baseline without its sign (>50)",)),
    (lab("ALT", "210", high="40"), {"baseline": lab("ALT", "<50", high="40")}, ("the baseline without its sign (<50)",)),
    (lab("ALT", "210", high="40"), {"baseline": lab("ALT", "60")}, ("baseline value with its range",)),
    (lab("ALT", "210", high="40"), {"baseline": lab("ALT", "x", high="40")}, ("baseline value with its range",)),
    (lab("CREAT", "100", high="90"), {"baseline": lab("CREAT", "<60")}, ("the baseline without its sign (<60)",)),
    (lab("INR", "2.0"), {"baseline": lab("INR", "1.0")}, ()),
    (lab("ALT", "210", high="40"), {}, ("baseline value with its range",)),
    (lab("ALT", "210"), {"baseline": lab("ALT", "30", high="40")}, ("upper limit of normal",)),
    (lab("ALT", "210"), {"baseline": lab("ALT", "60", high="40")}, ()),
    (lab("CREAT", "80", high="90"), {}, ("baseline value",)), (lab("CREAT", "80"), {}, ("upper limit of normal", "baseline value")),
    (lab("INR", "2.6"), {"anticoagulated": True}, ("baseline value",)), (lab("PLAT", "40"), {}, ()),
    (lab("ALT", "<1000", high="40"), {"at_baseline": True}, ("the result without its sign (<1000)",)),
])  # fmt: skip
def test_what_is_missing(reading, rest, missing):
    assert grades(reading, **rest)[0].missing == missing


@given(
    st.sampled_from([each for each in CRITERIA if each.test != "CA" and not each.switch]),
    st.sampled_from(["", "<", "<=", ">", ">="]),
    st.integers(0, 60), st.integers(1, 40), st.integers(1, 40), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
@QUIET
def test_possible_holds_every_number_that_is_meant(criterion, sign, eighths, limit, before, know_limit, know_baseline, signed_baseline):
    """Whatever is left out or signed: the grade of each full set of numbers is among the possible ones."""
    scale = {"HGB": 20, "PLAT": 20, "SODIUM": 20, "ALB": 5}.get(criterion.test, 1)
    unit = TESTS[criterion.test].unit

    def result(number, sign_="", ranged=True):
        return lab(criterion.test, f"{sign_}{Decimal(number) / 8 * scale:.4f}", unit, low=str(limit * scale), high=str(limit * scale), ranged=ranged)

    baseline = result(before, "<=" if signed_baseline else "")
    vague = next(each for each in grades(
        result(eighths, sign, know_limit), baseline=baseline if know_baseline else None, anticoagulated=False if know_baseline else None,
    ) if each.term == criterion.term)  # fmt: skip
    holds = {"": lambda n: n == eighths, "<": lambda n: n < eighths, "<=": lambda n: n <= eighths, ">": lambda n: n > eighths,
             ">=": lambda n: n >= eighths}[sign]  # fmt: skip
    for number, was in itertools.product(filter(holds, {*range(0, 120, 7), abs(eighths - 1), eighths, eighths + 1}), {before, max(1, before // 2), 1} if signed_baseline else {before}):
        exact = next(each for each in grades(result(number), baseline=result(was), anticoagulated=False) if each.term == criterion.term)
        assert exact.grade in vague.possible


# No number, and words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "terms_"), [
    *((code, [""]) for code in ("UREAN", "MONO", "BASO", "CL", "PROT", "DDIMER", "FERRITIN", "INTLK6", "T4FR", "T3FR", "CORTISOL")),
    ("PHOS", ["Hyperphosphatemia", "Hypophosphatemia"]), ("UREA", [""]), ("CRP", [""]), ("BILDIR", [""]), ("PT", [""]),
    ("CREATCLR", ["Chronic kidney disease"]),
])  # fmt: skip
def test_not_graded_by_number(code, terms_):
    found = grades(lab(code, "9999", low="1", high="2"))
    assert [each.term for each in found] == terms_
    assert all(each.grade is None and each.possible == () and each.reason.startswith("CTCAE 5.0") for each in found)
    assert worst(found) is None


def test_high_glucose_has_no_grade_by_number_and_low_one_has():
    found = {each.term: each for each in grades(lab("GLUC", "25", low="3.9", high="5.6"))}
    assert found["Hypoglycemia"].grade == "0" and found["Hyperglycemia"].grade is None and found["Hyperglycemia"].reason


def test_clearance_can_be_graded_as_if_it_were_indexed():
    assert parameters.flag("ctcae_clearance_as_if_indexed") is False
    with parameters.override(ctcae_clearance_as_if_indexed=True):
        for text, expected in (("90", "0"), ("89", "1"), ("60", "1"), ("59.5", "2"), ("59", "2"), ("30", "2"), ("29", "3"), ("15", "3"), ("14.9", "4")):
            assert grade("Chronic kidney disease", lab("CREATCLR", text, low="90")) == expected
        assert grade("Chronic kidney disease", lab("CREATCLR", "1", "mL/s", low="1.5")) == "1"  # 60 mL/min
        assert [each.term for each in grades(lab("CREATCLR", "50"))] == ["Chronic kidney disease"]


@pytest.mark.parametrize(("reading", "rest", "evidence"), [
    (lab("NEUT", "0.9", low="1.8"), {}, "Neutrophils 0.9 10^9/L; grade 3: under 1 10^9/L, down to 0.5 10^9/L"),
    (lab("NEUT", "1.6", low="1.8"), {}, "Neutrophils 1.6 10^9/L; grade 1: under LLN, down to 1.5 10^9/L (LLN 1.8 10^9/L)"),
    (lab("NEUT", "450", "/mm3", low="1800"), {}, "Neutrophils 450 /mm3; grade 4: under 0.5 10^9/L"),
    (lab("NEUT", "3", low="1.8"), {}, "Neutrophils 3 10^9/L; grade 0: not under LLN (LLN 1.8 10^9/L)"),
    (lab("NEUT", "1.6"), {}, "Neutrophils 1.6 10^9/L; grade 0 or 1"),
    (lab("ALT", "210", high="40"), {"baseline": lab("ALT", "30", high="40")},
     "Alanine aminotransferase (ALT) 210 U/L; grade 3: over 5 x ULN, up to 20 x ULN (ULN 40 U/L)"),
    (lab("ALT", "95", high="40"), {"baseline": lab("ALT", "60", high="40")},
     "Alanine aminotransferase (ALT) 95 U/L; grade 1: 1.5 x baseline or more, up to 3 x baseline (baseline 60 U/L)"),
    (lab("ALT", "80", high="40"), {"baseline": lab("ALT", "60", high="40")},
     "Alanine aminotransferase (ALT) 80 U/L; grade 0: under 1.5 x baseline (baseline 60 U/L)"),
    (lab("CREAT", "200", high="90"), {"baseline": lab("CREAT", "80")},
     "Creatinine 200 umol/L; grade 2: over 1.5 x baseline or over 1.5 x ULN (ULN 90 umol/L, baseline 80 umol/L)"),
    (lab("CREAT", "600", high="90"), {"baseline": lab("CREAT", "80")}, "Creatinine 600 umol/L; grade 4: over 6 x ULN (ULN 90 umol/L)"),
    (lab("FIBRINO", "1.2", low="2"), {"baseline": lab("FIBRINO", "1.6", low="2")},
     "Fibrinogen 1.2 g/L; grade 2: 0.75 x baseline or less, over 0.5 x baseline (baseline 1.6 g/L)"),
    (lab("FIBRINO", "1.6", low="2"), {"baseline": lab("FIBRINO", "1.6", low="2")},
     "Fibrinogen 1.6 g/L; grade 0: not under baseline (baseline 1.6 g/L)"),
    (lab("INR", "1.6", ""), {"anticoagulated": False}, "International normalised ratio (INR) 1.6; grade 2: over 1.5, up to 2.5"),
])  # fmt: skip
def test_evidence(reading, rest, evidence):
    assert evidence in [each.evidence for each in grades(reading, **rest)]


def test_evidence_of_both_directions():
    low, high = grades(lab("HGB", "185", low="120", high="160"))
    assert low.evidence == "Haemoglobin 185 g/L; grade 0: not under LLN (LLN 120 g/L)"
    assert high.evidence == "Haemoglobin 185 g/L; grade 2: over ULN + 20 g/L, up to ULN + 40 g/L (ULN 160 g/L)"
    hyper, hypo = grades(lab("CA", "1.79", low="2.2", high="2.6"), albumin=lab("ALB", "30"))
    assert hypo.evidence == ("Calcium, total 1.79 mmol/L, corrected 1.99 mmol/L for albumin 30 g/L; "
                             "grade 2: under 2 mmol/L, down to 1.75 mmol/L")  # fmt: skip
    assert hyper.grade == "0"


@pytest.mark.parametrize(("reading", "rest", "words"), [
    (lab("SODIUM", "127", low="135", high="145"), {}, "Grade 3 stands when there are symptoms"),
    (lab("K", "3.2", low="3.5", high="5"), {}, "Grade 2 stands when there are symptoms"),
    (lab("K", "5.7", low="3.5", high="5"), {}, "treatment was started"), (lab("URATE", "500", high="420"), {}, "consequences"),
    (lab("HGB", "90", low="120", high="160"), {}, "transfusion"), (lab("ALT", "90", high="40"), {"at_baseline": True}, "Graded without a baseline."),
    (lab("LIPASET", "200", high="60"), {}, "Grade 3 stands when it is over 2"), (lab("AMYLASE", "400", high="60"), {}, "Grade 4"),
    (lab("TSH", "9", high="4"), {}, "thyroid"), (lab("EOS", "0.6", high="0.5"), {"at_baseline": True}, "steroids"),
    (lab("GFRE", "50", low="90"), {}, "one result does not make it"),
    (lab("INR", "1.4"), {"anticoagulated": False}, "bleeding"), (lab("INR", "2"), {"anticoagulated": False}, "bleeding"),
    (lab("APTT", "50", high="40"), {}, "bleeding"), (lab("PTT", "50", high="40"), {}, "bleeding"), (lab("MG", "1.1", low="0.7", high="1.05"), {}, "Grade 4"),
    (lab("MG", "1.5", low="0.7", high="1.05"), {}, "Grade 4"), (lab("MG", "0.6", low="0.7", high="1.05"), {}, "Grade 4"),
    (lab("CA", "2.7", low="2.2", high="2.6"), {"albumin": lab("ALB", "40")}, "symptoms"), (lab("GLUC", "3.5", low="3.9"), {}, "seizure"),
    (lab("LYM", "4.5", low="1", high="4.8"), {}, "inside the laboratory's own range"),
    (lab("NEUT", "1.3", low="1.2"), {}, "inside the laboratory's own range"),
])  # fmt: skip
def test_notes(reading, rest, words):
    assert words in worst(grades(reading, **rest)).note


def test_no_note_without_need():
    assert worst(grades(lab("INR", "2.6"), anticoagulated=False)).note == ""
    assert worst(grades(lab("APTT", "110", high="40"))).note == ""
    assert worst(grades(lab("PLAT", "60", low="150"))).note == ""
    assert all(each.note == "" for each in grades(lab("K", "4", low="3.5", high="5")))


def test_worst_of_both_directions():
    assert worst(grades(lab("K", "6.5", low="3.5", high="5"))).term == "Hyperkalemia"
    assert worst(grades(lab("K", "2.7", low="3.5", high="5"))).term == "Hypokalemia"
    assert worst(grades(lab("LYM", "0.9"))).possible == ("0", "1")
    assert worst([]) is None


# Against the NCI's own table -------------------------------------------------------------------------------------------------------


def printed(text, unit, sign):
    """Where a grade begins in a sentence of the table, for one unit: the first number after the sign in a part with the unit."""
    spelled = {"10^9/L": r"x 10e9 ?/L", "10^6/L": r"/mm3", "RATIO": r"(?=;|$| -)"}.get(unit, re.escape(unit))
    for part in text.split(";"):
        found = re.search(rf"{sign}=?\s*(?:LLN - |ULN - )?([0-9][0-9.,]*)", part)
        if found and re.search(spelled, part, re.IGNORECASE) and "onized" not in part:
            return Fraction(found[1].rstrip(".,").replace(",", ""))
    return None


if WORKBOOK.exists():  # beside the repository only: without it there is nothing to compare with, and no test

    def test_limits_stand_in_the_ncis_table():
        with WORKBOOK.open(encoding="utf-8", newline="") as lines:
            rows = {row["term"]: row for row in csv.DictReader(lines)}
        compared = 0
        for each in CRITERIA:
            for when, bands in each.columns.items():
                for band in bands:
                    text = rows[each.term][f"grade{band.grade}"]
                    for limit in band.limits:
                        compared += check(each, when, band, limit, text)
        assert compared > 120

    # Numbers that the table prints as the end of the band before, as whole numbers, or not as a limit.
    SAID_OTHERWISE = {
        ("Hyponatremia", 2): "125-129 mmol/L and asymptomatic", ("Hyponatremia", 3): "120-124 mmol/L regardless of symptoms",
        ("Thyroid stimulating hormone increased", 1): "TSH increased", ("Chronic kidney disease", 2): "59 - 30", ("Chronic kidney disease", 3): "29 - 15",
        ("Hemoglobin increased", 1): ">0 - 2 g/dL", ("Hemoglobin increased", 2): ">2 - 4 g/dL", ("Hemoglobin increased", 3): ">4 g/dL", ("Fibrinogen decreased", 4): "<50 mg/dL",
    }  # fmt: skip

    def check(criterion, when, band, limit, text):
        if (criterion.term, band.grade) in SAID_OTHERWISE and (limit.of is Of.VALUE or criterion.test in ("HGB", "TSH")):
            assert SAID_OTHERWISE[criterion.term, band.grade] in text
            return 1
        sign = ">" if criterion.rises else "<"
        if limit.of is Of.VALUE:
            for unit, number in limit.numbers.items():
                told = printed(text, unit, sign)
                if told is None and unit == "10^9/L":
                    told = printed(text, "10^6/L", sign) / 1000
                assert told == number, (criterion.term, band.grade, unit, text)
            return len(limit.numbers)
        if limit.of in (Of.ULN, Of.LLN) and limit.factor == 1:
            assert re.search(rf"{sign}\s*(1\.0 - )?.*{limit.of.value}", text), (criterion.term, text)
            return 1
        if when is When.ABNORMAL and criterion.test == "FIBRINO":
            percent = 100 - 100 * limit.factor
            assert f"{percent}" in text if percent else "<25% decrease" in text
            return 1
        if when is When.ABNORMAL and criterion.test == "EOS":
            assert text == ">ULN and >Baseline"
            return 1
        number = f"{float(limit.factor):g}"
        shape = rf"(>\s*|<\s*|^|; ?){re.escape(number)}(\.0)?( x [UL]LN)? ?(-|x)" if when is not When.ANTICOAGULATED else rf">{re.escape(number)}"
        assert re.search(shape, text), (criterion.term, band.grade, number, text)
        return 1
