"""Spans of numbers and unit systems: exact, three-valued, and sound against every number that a span holds."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.exact import POSITIVE, Span, above, at_least, in_unit, limit_in, points, unit_for, words
from protocol.laboratory import TESTS, Printed
from tests.protocol.grading import lab

QUIET = settings(deadline=None, database=None, derandomize=True, max_examples=200)


def span(text):
    sign = text.rstrip("0123456789.")
    return Span.of(Printed(sign, Decimal(text.removeprefix(sign))))


@pytest.mark.parametrize(("a", "b", "is_above", "is_at_least"), [
    ("5", "4", True, True), ("5", "5", False, True), ("4", "5", False, False),
    ("<5", "5", False, False), ("<=5", "5", False, None), (">5", "5", True, True), (">=5", "5", None, True),
    ("<5", "4", None, None), (">4", "5", None, None), ("<3", "5", False, False), (">5", "<5", True, True),
    (">=5", "<=5", None, True), ("<5", ">=5", False, False), ("<=5", ">=5", False, None), (">5", ">5", None, None),
    ("5", ">5", False, False), ("5", ">=5", False, None), ("5", "<5", True, True), ("5", "<=5", None, True),
])  # fmt: skip
def test_comparing(a, b, is_above, is_at_least):
    assert above(span(a), span(b)) is is_above
    assert at_least(span(a), span(b)) is is_at_least


SIGNED = st.builds(Printed, st.sampled_from(["", "<", "<=", ">", ">="]), st.integers(0, 6).map(Decimal))


def members(span):
    """Numbers of a span in quarters, far enough beyond every whole limit used here."""
    return [Fraction(n, 4) for n in range(0, 32) if span.meets(Span.exactly(Fraction(n, 4)))]


@given(SIGNED, SIGNED)
@QUIET
def test_an_answer_holds_for_every_pair_and_none_means_two(a, b):
    a, b = Span.of(a), Span.of(b)
    pairs = [(x, y) for x in members(a) for y in members(b)]
    for found, answers in ((above(a, b), {x > y for x, y in pairs}), (at_least(a, b), {x >= y for x, y in pairs})):
        if not pairs:  # under 0
            continue
        assert found is (answers.pop() if len(answers) == 1 else None)


@given(SIGNED, st.lists(st.integers(0, 6).map(Fraction), max_size=4))
@QUIET
def test_points_meet_every_stretch_between_cuts(printed, cuts):
    whole = Span.of(printed)
    if printed.sign == "<" and printed.number == 0:
        return  # nothing is under 0

    def stretch(number):
        return tuple((number > cut) - (number < cut) for cut in cuts)

    chosen = points(whole, cuts)
    assert all(whole.meets(Span.exactly(each)) for each in chosen)
    assert {stretch(each) for each in chosen} == {stretch(each) for each in members(whole)}


def test_arithmetic():
    assert span("<4").times(Fraction(3, 2)) == Span(Fraction(0), True, Fraction(6), False)
    assert span(">=4").plus(span("<1")) == Span(Fraction(4), True, None, False)
    assert span("40").less(span("<30")) == Span(Fraction(10), False, Fraction(40), True)
    assert span(">4").less(span("<=1")) == Span(Fraction(3), False, None, False)
    assert POSITIVE.point is None and span("4").point == 4


@pytest.mark.parametrize(("code", "typed", "printed_for", "expected"), [
    ("CA", "mg/dL", ("mmol/L", "mg/dL"), "mg/dL"), ("CA", "mg/L", ("mmol/L", "mg/dL"), "mg/dL"),
    ("CA", "mmol/L", ("mmol/L", "mg/dL"), "mmol/L"), ("CA", "mEq/L", ("mmol/L", "mg/dL"), "mmol/L"),
    ("HGB", "g/dL", ("g/L", "g/dL", "mmol/L"), "g/dL"), ("HGB", "g/L", ("g/dL", "mmol/L"), "g/dL"),
    ("HGB", "mmol/L", ("g/L", "g/dL"), "g/L"), ("GLUC", "g/L", ("mmol/L", "mg/dL"), "mg/dL"),
    ("PLAT", "/mm3", ("10^9/L",), "10^9/L"), ("URATE", "mmol/L", ("umol/L", "mg/dL"), "umol/L"),
    ("ALT", "ukat/L", (), "U/L"), ("ALT", "nonsense", (), "U/L"), ("CA", "", ("mg/dL",), "mmol/L"),
])  # fmt: skip
def test_the_unit_system_of_a_result(code, typed, printed_for, expected):
    assert unit_for(TESTS[code], typed, printed_for) == expected


def test_readings_in_a_unit():
    assert in_unit(lab("PLAT", "75000", "/mm3"), "10^9/L") == Span.exactly(75)
    assert in_unit(lab("CREAT", "1", "mg/dL"), "umol/L").point == Fraction(10) / Fraction("113.12") * 1000
    for nothing in (lab("K", "haemolysed"), lab("K", "5", "mg/dL"), lab("APTT", "1.5", "ratio"), None):
        assert in_unit(nothing, "s" if nothing and nothing.test.code == "APTT" else "mmol/L") is None
    assert limit_in(lab("ALT", "1", high="0.5", range_unit="µkat/L"), "high", "U/L") == 30
    for nothing in (None, lab("ALT", "1", ranged=False), lab("ALT", "1"), lab("ALT", "1", high="0"),
                    lab("ALT", "1", high="40", range_unit="what")):  # fmt: skip
        assert limit_in(nothing, "high", "U/L") is None
        assert limit_in(nothing, "low", "U/L") is None


@pytest.mark.parametrize(("number", "unit", "expected"), [
    ("5.50", "mmol/L", "5.5 mmol/L"), ("100", "g/L", "100 g/L"), ("2", "", "2"), ("0.5", "g/L", "0.5 g/L"),
    ("1500", "", "1500"), ("0.123456", "", "0.1235"),
])  # fmt: skip
def test_words(number, unit, expected):
    assert words(Fraction(number), unit) == expected
