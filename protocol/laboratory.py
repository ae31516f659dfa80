"""Laboratory results as printed: reading the number, converting it, finding the range that applies, comparing with a limit.

The text that was entered is kept elsewhere; everything here is derived from it and never stored over it. What cannot be
derived for certain is None: no number, no conversion, no multiple of a limit, no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import Protocol, TypeVar

from protocol.dates import PartialDate, Tri, both, full_years
from protocol.laboratory_tests import BY_FIELD, MOLAR_MASS, TESTS, LabTest, Panel, canonical_unit, decimal_of

# The number -----------------------------------------------------------------------------------------------------------

_SIGNS = {
    "": "", "<": "<", ">": ">", "<=": "<=", "=<": "<=", "≤": "<=", "⩽": "<=", "≦": "<=",
    ">=": ">=", "=>": ">=", "≥": ">=", "⩾": ">=", "≧": ">=",
}  # fmt: skip
_SIGN = r"(?P<sign><=|=<|>=|=>|[<>≤⩽≦≥⩾≧]|)[ \u00a0\u2009\u202f]*"
_GROUPED = r"[1-9][0-9]{0,2}(?P<gap>[ \u00a0\u2009\u202f'’])[0-9]{3}(?:(?P=gap)[0-9]{3})*(?:[.,][0-9]+)?"
_PRINTED = re.compile(f"{_SIGN}(?P<number>{_GROUPED}|[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)")
_TWO_WAYS = re.compile(f"{_SIGN}(?P<number>[1-9][0-9]{{0,2}}[.,][0-9]{{3}})")
_MOST_DIGITS = 15
_SHOWN = Context(prec=80, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Printed:
    """A result as a number: ``sign`` is '', '<', '<=', '>' or '>=', what the laboratory says about ``number``."""

    sign: str
    number: Decimal


def read_printed(text: str) -> Printed | None:
    """Read a result as a laboratory prints it; None when it cannot be read as one number for certain.

    * A comma or a point is the decimal separator; a leading zero may be missing (,5).
    * A space or an apostrophe between groups of three digits is a thousands separator (1 650, 150'000).
    * One comma or point with up to three digits before it and exactly three after it can be both: platelets are printed
      150.000 in Italy and Spain, and 1.234 may be 1.234 or 1234. It is not read, unless a zero stands first (0.850). See
      ``two_readings``.
    * A sign may stand before the number: < > ≤ ≥ <= >= =< =>.
    * Anything else is not read: words, flags, ranges, exponents, plus and minus, digits of other scripts, two different
      separators that could both be decimal (1,234.5), more than 15 digits.
    """
    text = text.strip()
    match = _PRINTED.fullmatch(text)
    if not match or _TWO_WAYS.fullmatch(text):
        return None
    number = re.sub(r"[^0-9.,]", "", match["number"]).replace(",", ".")
    if len(number) - number.count(".") > _MOST_DIGITS:
        return None
    return Printed(_SIGNS[match["sign"]], Decimal(number))


def two_readings(text: str) -> tuple[Decimal, Decimal] | None:
    """What 1.234 or 150,000 may mean, as decimal number and as thousands; None for a text with at most one reading."""
    match = _TWO_WAYS.fullmatch(text.strip())
    if not match:
        return None
    number = match["number"].replace(",", ".")
    return Decimal(number), Decimal(number.replace(".", ""))


def shown(printed: Printed, limit: Decimal | None = None) -> str:
    """For people: rounded to four significant digits, never inside the whole number (88.40, 1234567, ≥0.01235).

    With ``limit``, as many digits more as keep a number that differs from it looking different. Never compute with it.
    """
    number = printed.number
    places = max(0, 3 - number.adjusted()) if number else 3
    text = _rounded(number, places)
    while limit is not None and Decimal(text) == limit != number and places < 40:
        places += 1
        text = _rounded(number, places)
    return {"<=": "≤", ">=": "≥"}.get(printed.sign, printed.sign) + text


def _rounded(number: Decimal, places: int) -> str:
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        number = number.quantize(Decimal(1).scaleb(-places), context=_SHOWN)
    return f"{number:f}"


def compare(printed: Printed, operator: str, limit: Decimal) -> bool | None:
    """Does ``printed`` ``operator`` ``limit`` hold (operators <=, <, >=, >)? None when its sign leaves it open.

    <0.3 stands for every number below 0.3: it is <= 1.5 for certain; <2 may be or not. KeyError for another operator.
    """
    return _COMPARE[operator](printed, limit)


def _at_most(printed: Printed, limit: Decimal) -> bool | None:
    if printed.sign in ("<", "<="):
        return True if printed.number <= limit else None
    if printed.sign == ">":
        return False if printed.number >= limit else None
    if printed.sign == ">=":
        return False if printed.number > limit else None
    return printed.number <= limit


def _below(printed: Printed, limit: Decimal) -> bool | None:
    if printed.sign == "<":
        return True if printed.number <= limit else None
    if printed.sign == "<=":
        return True if printed.number < limit else None
    if printed.sign in (">", ">="):
        return False if printed.number >= limit else None
    return printed.number < limit


def _at_least(printed: Printed, limit: Decimal) -> bool | None:
    return _not(_below(printed, limit))


def _above(printed: Printed, limit: Decimal) -> bool | None:
    return _not(_at_most(printed, limit))


def _not(answer: Tri) -> Tri:
    return None if answer is None else not answer


_COMPARE = {"<=": _at_most, "<": _below, ">=": _at_least, ">": _above}

# Units ----------------------------------------------------------------------------------------------------------------


def _factor(test: LabTest, unit: str) -> Fraction | None:
    """The exact factor from a unit as typed to the standard unit; None for a unit that is unknown or does not convert."""
    canonical = canonical_unit(test, unit)
    return test.factors.get(canonical) if canonical else None


def _times(printed: Printed, factor: Fraction) -> Printed:
    """The result times a positive factor, exact to 28 digits; a factor of 1 leaves the digits as printed."""
    return printed if factor == 1 else Printed(printed.sign, decimal_of(Fraction(printed.number) * factor))


def to_standard(test: LabTest, printed: Printed, unit: str) -> Printed | None:
    """The result in the test's standard unit; None when the unit as typed is unknown or does not convert (Quick, ratios)."""
    factor = _factor(test, unit)
    return None if factor is None else _times(printed, factor)


def is_quick_percent(test: LabTest, unit: str) -> bool:
    """A prothrombin time as Quick's percentage of normal (TP): accepted as reported, and satisfies no limit."""
    return test.code == "PT" and canonical_unit(test, unit) == "%"


def is_ratio(test: LabTest, unit: str) -> bool:
    """A clotting time as the ratio of patient to control: accepted as reported, and no multiple of the upper limit."""
    return "RATIO" in test.as_reported and canonical_unit(test, unit) == "RATIO"


# Reference ranges -----------------------------------------------------------------------------------------------------


class RangeLike(Protocol):
    """Whatever has the attributes of a ``Range``."""

    @property
    def laboratory(self) -> str: ...
    @property
    def test(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def low(self) -> Decimal | None: ...
    @property
    def high(self) -> Decimal | None: ...
    @property
    def sex(self) -> str: ...
    @property
    def age_from(self) -> int | None: ...
    @property
    def age_to(self) -> int | None: ...
    @property
    def valid_from(self) -> PartialDate | None: ...
    @property
    def valid_to(self) -> PartialDate | None: ...


@dataclass(frozen=True, slots=True)
class Range:
    """The reference range of a laboratory for the test with code ``test``, limits in ``unit`` as typed, both inclusive.

    ``sex`` is F, M or '' for any; ages are completed years, both inclusive; both days of validity are inside, and an empty
    ``valid_to`` means until further notice.
    """

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


AnyRange = TypeVar("AnyRange", bound=RangeLike)
_OLDEST = 150


def range_for(
    ranges: Iterable[AnyRange], *, laboratory: str, test: str, sex: str, born: PartialDate | None, on: PartialDate | None
) -> AnyRange | None:
    """The range of a laboratory that applies to a patient's sample of the day ``on``, ``test`` by its code; None when none
    does, or when it is not certain which.

    Of the ranges that fit sex, age and day, one for both a sex and an age wins over one for a sex or an age, and that over a
    general one. Where the sex (anything but F and M), the birth date or the day is not known closely enough, every
    possibility is looked at: the range is certain only when each of them has one and all have the same limits; then it is
    any of these. Two ranges of the same standing with different limits leave it open, so does a gap between two periods, and
    a range without its first day. A sample without a date has no range.
    """
    if on is None:
        return None
    near = [each for each in ranges if each.laboratory == laboratory and each.test == test]
    found: AnyRange | None = None
    for one_sex in (sex,) if sex in ("F", "M") else ("F", "M"):
        for age in _ages(near, full_years(born, on) or (0, _OLDEST)):
            for day in _days(near, on):
                chosen = _applying(near, one_sex, age, day)
                if chosen is None or (found is not None and _limits(chosen) != _limits(found)):
                    return None
                found = found or chosen
    return found


def _ages(ranges: Iterable[RangeLike], years: tuple[int, int]) -> list[int]:
    """Of all possible ages the first of each run within which the same ranges fit."""
    first, last = years
    edges = {each.age_from for each in ranges} | {each.age_to + 1 for each in ranges if each.age_to is not None}
    return [first, *(edge for edge in edges if edge is not None and first < edge <= last)]


def _days(ranges: Iterable[RangeLike], on: PartialDate) -> list[date]:
    """Of all possible days the first of each run within which the same ranges fit."""
    edges: set[date] = set()
    for each in ranges:
        if each.valid_from:
            edges |= {each.valid_from.earliest, each.valid_from.latest}
        if each.valid_to:
            edges |= {each.valid_to.earliest + timedelta(days=1), each.valid_to.latest + timedelta(days=1)}
    return [on.earliest, *(edge for edge in edges if on.earliest < edge <= on.latest)]


def _applying(ranges: Iterable[AnyRange], sex: str, age: int, day: date) -> AnyRange | None:
    """The range that applies when everything about the sample is known; only the ranges' own days may be partial."""
    fitting = [
        (each, valid)
        for each in ranges
        if each.sex in ("", sex)
        and (each.age_from is None or age >= each.age_from)
        and (each.age_to is None or age <= each.age_to)
        and (valid := _valid(each, day)) is not False
    ]
    possible: list[AnyRange] = []
    for standing in (2, 1, 0):
        level = [(each, valid) for each, valid in fitting if _standing(each) == standing]
        possible += [each for each, _ in level]
        if any(valid for _, valid in level):
            return possible[0] if len({_limits(each) for each in possible}) == 1 else None
    return None


def _standing(each: RangeLike) -> int:
    return (each.sex != "") + (each.age_from is not None or each.age_to is not None)


def _valid(each: RangeLike, day: date) -> Tri:
    on, start, end = PartialDate.of(day), each.valid_from, each.valid_to
    begun = None if start is None else _reached(start, on.earliest)
    over = False if end is None else _reached(end, on.earliest - timedelta(days=1))
    return both(begun, _not(over))


def _reached(mark: PartialDate, day: date) -> Tri:
    """Is ``day`` on or after ``mark``?"""
    if day >= mark.latest:
        return True
    return False if day < mark.earliest else None


def _limits(each: RangeLike) -> tuple[object, ...]:
    """The limits for comparing two ranges: in the standard unit when the unit converts, else with the unit as typed."""
    test = TESTS.get(each.test)
    factor = _factor(test, each.unit) if test else None
    if factor is None:
        return each.unit.strip(), each.low, each.high
    return "", *(None if limit is None else Fraction(limit) * factor for limit in (each.low, each.high))


def times_uln(test: LabTest, printed: Printed, unit: str, range: RangeLike | None) -> Printed | None:
    """The result as a multiple of the upper limit of normal, exact to 28 digits and converted when the units differ.

    None without an upper limit above zero, and when either unit is unknown or does not convert (Quick, ratios).
    """
    if range is None or range.high is None or range.high <= 0:
        return None
    of_result, of_limit = _factor(test, unit), _factor(test, range.unit)
    if of_result is None or of_limit is None:
        return None
    return _times(printed, of_result / (Fraction(range.high) * of_limit))


# Thresholds -----------------------------------------------------------------------------------------------------------

GROUPS = ("haematological", "renal", "liver")
KEYS = ("group", "test", "operator", "value", "of", "unit", "with_liver_metastases")


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a result must satisfy: ``operator`` and ``value``, in ``unit`` (``of`` 'unit') or in multiples of the upper limit
    of normal (``of`` 'ULN'). ``with_liver_metastases`` replaces the value in patients who have them."""

    group: str
    test: str
    operator: str
    value: Decimal
    of: str
    unit: str = ""
    with_liver_metastases: Decimal | None = None


def threshold_holds(
    threshold: Threshold,
    test: LabTest,
    printed: Printed | None,
    unit: str,
    range: RangeLike | None,
    liver_metastases: bool | None,
) -> bool | None:
    """Does a result satisfy the threshold? None when it cannot be said: no number, a unit that is unknown or does not
    convert, no upper limit where one is needed, a sign that leaves it open, or unknown liver metastases that decide it."""
    if printed is None:
        return None
    if threshold.of == "ULN":
        found = times_uln(test, printed, unit, range)
    else:
        of_result, of_limit = _factor(test, unit), _factor(test, threshold.unit)
        found = None if of_result is None or of_limit is None else _times(printed, of_result / of_limit)
    if found is None:
        return None
    usual = compare(found, threshold.operator, threshold.value)
    if threshold.with_liver_metastases is None or liver_metastases is False:
        return usual
    special = compare(found, threshold.operator, threshold.with_liver_metastases)
    return special if liver_metastases or special is usual else None


def read_thresholds(value: object) -> tuple[Threshold, ...]:
    """The parameter ``laboratory_thresholds``: a list of mappings with exactly the keys ``KEYS``; None gives no threshold.

    Numbers may be Decimal, int or text; ``unit`` is '' for multiples of ULN. ValueError (a sentence) for anything else.
    """
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ValueError("The laboratory thresholds are not a list.")
    return tuple(_threshold(number, entry) for number, entry in enumerate(value, 1))


def _threshold(number: int, entry: object) -> Threshold:
    where = f"Laboratory threshold {number}"
    if not isinstance(entry, Mapping) or set(entry) != set(KEYS):
        raise ValueError(f"{where} needs exactly these entries: {', '.join(KEYS)}.")
    if entry["group"] not in GROUPS:
        raise ValueError(f"{where}: the group is one of {', '.join(GROUPS)}.")
    test = TESTS.get(entry["test"]) if isinstance(entry["test"], str) else None
    if test is None:
        raise ValueError(f"{where}: {entry['test']} is not the code of a laboratory test.")
    if entry["operator"] not in tuple(_COMPARE):
        raise ValueError(f"{where}: the operator is one of {', '.join(_COMPARE)}.")
    if entry["of"] not in ("unit", "ULN"):
        raise ValueError(f"{where}: 'of' is unit or ULN.")
    unit = entry["unit"]
    if entry["of"] == "ULN" and unit != "":
        raise ValueError(f"{where}: a multiple of ULN has no unit.")
    if entry["of"] == "unit" and (not isinstance(unit, str) or _factor(test, unit) is None):
        raise ValueError(f"{where}: {unit!r} is not a unit of {test.code} that converts.")
    special = entry["with_liver_metastases"]
    return Threshold(
        group=entry["group"],
        test=test.code,
        operator=entry["operator"],
        value=_positive(where, entry["value"]),
        of=entry["of"],
        unit=unit,
        with_liver_metastases=None if special is None else _positive(where, special),
    )


def _positive(where: str, given: object) -> Decimal:
    try:
        number = Decimal(given) if isinstance(given, Decimal | int | str) and not isinstance(given, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or number <= 0:
        raise ValueError(f"{where}: {given!r} is not a number above zero. Give it as text, for example '1.5'.")
    return number


__all__ = [
    "BY_FIELD", "GROUPS", "KEYS", "MOLAR_MASS", "TESTS", "AnyRange", "LabTest", "Panel", "Printed", "Range", "RangeLike",
    "Threshold", "canonical_unit", "compare", "is_quick_percent", "is_ratio", "range_for", "read_printed", "read_thresholds",
    "shown", "threshold_holds", "times_uln", "to_standard", "two_readings",
]  # fmt: skip
