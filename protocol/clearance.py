"""Creatinine clearance estimated from weight, age, sex and creatinine: derived and shown, never typed, never a verdict.

Cockcroft and Gault, Nephron 1976;16:31-41: (140 - age) x weight / (72 x creatinine in mg/dL), in women 0.85 of it; mL/min,
not indexed to body surface.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from protocol import laboratory
from protocol.codelists import Sex
from protocol.dates import PartialDate, full_years
from protocol.facts import Demographics
from protocol.panels import read
from protocol.screening_facts import Chemistry, ReferenceRange, VitalSigns

_OF_SEX = {Sex.MALE: Fraction(1), Sex.FEMALE: Fraction(85, 100)}
_TURNED = {"": "", "<": ">", "<=": ">=", ">": "<", ">=": "<="}  # the more creatinine, the less clearance


def cockcroft_gault(creatinine_mg_dl: Fraction, years: int, kilograms: Fraction, sex: str) -> Fraction | None:
    """mL/min; None for a sex other than F and M, without creatinine, and beyond the formula (140 years)."""
    if sex not in _OF_SEX or creatinine_mg_dl <= 0 or not 0 <= years < 140:
        return None
    return (140 - years) * kilograms * _OF_SEX[Sex(sex)] / (72 * creatinine_mg_dl)


@dataclass(frozen=True, slots=True)
class Clearance:
    """At least and at most so many mL/min (a birth date without its day leaves two ages); ``sign`` as of the creatinine."""

    sign: str
    least: Fraction
    most: Fraction
    weight: Decimal
    weighed_on: PartialDate | None

    def __str__(self) -> str:
        low, high = (str(_rounded(each)) for each in (self.least, self.most))
        value = low if low == high else f"{low} to {high}"
        on = f" of {self.weighed_on}" if self.weighed_on else ""
        sign = {"<=": "≤", ">=": "≥"}.get(self.sign, self.sign)
        return f"Cockcroft-Gault {sign}{value} mL/min (weight {self.weight:f} kg{on})"


def _rounded(exact: Fraction) -> int:
    return int((Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_UP))


def clearance(
    panel: Chemistry, ranges: Sequence[ReferenceRange], demographics: Demographics | None, vital_signs: Iterable[VitalSigns]
) -> Clearance | None:
    """From a sample's creatinine, with the weight nearest before it (or, without one, the first after it); None when one of
    creatinine, its unit, weight, sex, birth date and day is not known.
    """
    reading = read(panel, "creat", ranges, demographics)
    weighed = _weighed(vital_signs, panel.taken_on)
    years = full_years(demographics.birth_date if demographics else None, panel.taken_on)
    if reading is None or reading.printed is None or weighed is None or weighed.weight is None or years is None:
        return None
    standard = laboratory.to_standard(reading.test, reading.printed, reading.unit)
    if standard is None or demographics is None:
        return None
    milligrams = Fraction(standard.number) / reading.test.factors["mg/dL"]
    found = [cockcroft_gault(milligrams, age, Fraction(weighed.weight), demographics.sex) for age in years]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    return Clearance(_TURNED[standard.sign], min(known), max(known), weighed.weight, weighed.taken_on)


def _weighed(vital_signs: Iterable[VitalSigns], on: PartialDate | None) -> VitalSigns | None:
    if on is None:
        return None

    def when(each: VitalSigns) -> date:
        return each.taken_on.latest if each.taken_on else date.max

    ordered = sorted((each for each in vital_signs if each.weight is not None), key=when)
    before = [each for each in ordered if when(each) <= on.latest]
    return before[-1] if before else next(iter(ordered), None)
