"""Creatinine clearance by Cockcroft and Gault: the formula, what it is read from, and when nothing follows."""

from __future__ import annotations

from fractions import Fraction

import pytest

from protocol.clearance import clearance, cockcroft_gault
from tests.protocol.build import dm
from tests.protocol.screening_build import RANGES, che, vs


@pytest.mark.parametrize(("creatinine", "years", "kilograms", "sex", "expected"), [
    ("1", 68, 72, "M", "72"), ("1", 68, 72, "F", "61.2"), ("2", 68, 72, "M", "36"), ("0.8", 60, 80, "M", "111.1"),
    ("1.2", 0, 72, "M", "116.7"), ("1", 139, 72, "M", "1"),
])  # fmt: skip
def test_the_formula(creatinine, years, kilograms, sex, expected):
    found = cockcroft_gault(Fraction(creatinine), years, Fraction(kilograms), sex)
    assert round(float(found), 1) == float(expected)


@pytest.mark.parametrize(("creatinine", "years", "sex"), [
    ("0", 68, "M"), ("1", 140, "M"), ("1", -1, "M"), ("1", 68, "U"), ("1", 68, "INTERSEX"), ("1", 68, ""),
])  # fmt: skip
def test_nothing_beyond_the_formula(creatinine, years, sex):
    assert cockcroft_gault(Fraction(creatinine), years, Fraction(72), sex) is None


WEIGHED = (vs(weight=72),)


def found(born="1958-06-01", sex="M", signs=WEIGHED, ranges=RANGES, **sample):
    return clearance(che(**{"creat": "1.0", "creat_unit": "mg/dL", **sample}), ranges, dm(born, sex), signs)


@pytest.mark.parametrize(("changes", "said"), [
    ({}, "Cockcroft-Gault 72 mL/min (weight 72 kg of 03-Jun-2026)"),
    ({"sex": "F"}, "Cockcroft-Gault 61 mL/min (weight 72 kg of 03-Jun-2026)"),
    ({"creat": "88,40", "creat_unit": "µmol/L"}, "Cockcroft-Gault 72 mL/min (weight 72 kg of 03-Jun-2026)"),
    ({"creat": "88,40", "creat_unit": ""}, "Cockcroft-Gault 72 mL/min (weight 72 kg of 03-Jun-2026)"),  # the range's unit
    ({"creat": "<1.0"}, "Cockcroft-Gault >72 mL/min (weight 72 kg of 03-Jun-2026)"),
    ({"creat": "≥1.0"}, "Cockcroft-Gault ≤72 mL/min (weight 72 kg of 03-Jun-2026)"),
    # The day before and the day of the 68th birthday; a birth date without its day has two ages
    ({"born": "1958-06-09"}, "Cockcroft-Gault 73 mL/min (weight 72 kg of 03-Jun-2026)"),
    ({"born": "1958-06-08"}, "Cockcroft-Gault 72 mL/min (weight 72 kg of 03-Jun-2026)"),
    ({"born": "1958-06"}, "Cockcroft-Gault 72 to 73 mL/min (weight 72 kg of 03-Jun-2026)"),
    ({"born": "1958-05"}, "Cockcroft-Gault 72 mL/min (weight 72 kg of 03-Jun-2026)"),
    # The weight: the last one up to the day of the sample, or else the first after it
    ({"signs": (vs(weight=72), vs(visit="UNS01", taken_on="2026-06-08", weight=80))},
     "Cockcroft-Gault 80 mL/min (weight 80 kg of 08-Jun-2026)"),
    ({"signs": (vs(weight=72), vs(visit="UNS01", taken_on="2026-06-09", weight=80))},
     "Cockcroft-Gault 72 mL/min (weight 72 kg of 03-Jun-2026)"),
    ({"signs": (vs(weight=None), vs(visit="UNS01", taken_on="2026-06-09", weight=80), vs(visit="C1D1", taken_on="2026-06-15", weight=90))},
     "Cockcroft-Gault 80 mL/min (weight 80 kg of 09-Jun-2026)"),
    ({"signs": (vs(taken_on="", weight="72.5"),)}, "Cockcroft-Gault 73 mL/min (weight 72.5 kg)"),
])  # fmt: skip
def test_from_the_forms(changes, said):
    assert str(found(**changes)) == said


@pytest.mark.parametrize("changes", [
    {"creat": ""}, {"creat": "haemolytic"}, {"creat_unit": "ticks"}, {"creat_unit": "", "ranges": ()}, {"taken_on": ""},
    {"born": ""}, {"sex": ""}, {"sex": "U"}, {"signs": ()}, {"signs": (vs(weight=None),)}, {"creat": "0"},
])  # fmt: skip
def test_without_one_of_them_nothing_follows(changes):
    assert found(**changes) is None


def test_without_demographics_nothing_follows():
    assert clearance(che(), RANGES, None, (vs(),)) is None
