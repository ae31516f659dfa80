"""Laboratory results: what is read, which range applies, what is compared, and what is left open."""

from __future__ import annotations

import itertools
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.laboratory import (
    TESTS,
    Printed,
    Range,
    Threshold,
    compare,
    range_for,
    read_printed,
    read_thresholds,
    shown,
    threshold_holds,
    times_uln,
    two_readings,
)
from protocol.screening_facts import ReferenceRange
from tests.protocol.build import day

QUIET = settings(deadline=None, database=None, derandomize=True, max_examples=200)
NARROW, THIN, FIXED = "\u202f", "\u2009", "\u00a0"


def printed(text):
    read = read_printed(text)
    assert read is not None, text
    return read


# Reading -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "sign", "number"), [
    ("5", "", "5"), ("0", "", "0"), ("13.2", "", "13.2"), ("13,2", "", "13.2"), ("5.20", "", "5.20"), ("05.2", "", "5.2"),
    (".5", "", "0.5"), (",5", "", "0.5"), ("0.850", "", "0.850"), ("0,850", "", "0.850"), ("00.850", "", "0.850"),
    ("1.2345", "", "1.2345"), ("1,23", "", "1.23"), ("1234.567", "", "1234.567"), ("1234,567", "", "1234.567"),
    ("150000", "", "150000"), ("1 234", "", "1234"), ("150 000", "", "150000"), (f"1{NARROW}234", "", "1234"),
    (f"1{THIN}234", "", "1234"), (f"150{FIXED}000", "", "150000"), ("1 234 567", "", "1234567"),
    ("150'000", "", "150000"),
    ("150’000", "", "150000"), ("1 234,5", "", "1234.5"), ("1'234.56", "", "1234.56"), ("1 234,567", "", "1234.567"),
    ("  7.4 ", "", "7.4"), (f"{FIXED}7.4\t", "", "7.4"), ("999999999999.999", "", "999999999999.999"),
    ("<0.3", "<", "0.3"), ("< 0,3", "<", "0.3"), ("<,3", "<", "0.3"), (">1650", ">", "1650"), ("> 1 650", ">", "1650"),
    ("≤5", "<=", "5"), ("<=5", "<=", "5"), ("=<5", "<=", "5"), ("⩽5", "<=", "5"), ("≦ 5", "<=", "5"),
    ("≥5", ">=", "5"), (">=5", ">=", "5"), ("=>5", ">=", "5"), ("⩾5", ">=", "5"), (f"≧{NARROW}5", ">=", "5"),
])  # fmt: skip
def test_reads_what_laboratories_print(text, sign, number):
    read = printed(text)
    assert (read.sign, str(read.number)) == (sign, number)


@pytest.mark.parametrize("text", [
    "", " ", "haemolysed", "12-14", "12 - 14", "1,234.5", "1.234,5", "1.234", "1,234", "150.000", "150,000", "<1.234",
    "10.000",
    "> 999,999", "1.234.567", "1,234,567", "12 14", "1  234", "1 23", "1 2345", "12345 678", "0 300", "1 234'567",
    "1\t234",
    "1\n234", "5.", "5,", ".", ",", "-5", "−5", "+5", "±5", "~5", "=5", "5-", "1e3", "1E3", "1.5e-3", "10^3", "1_000",
    "0x10",
    "5 H", "5*", "5 mg/dL", "5%", "(5)", "5?", "nan", "NaN", "inf", "Infinity", "sNaN", "٣", "５", "1²", "½", "Ⅳ", "໐",
    "<", ">", "≤",
    "<<5", "<>5", "><5", "< = 5", "5<", "<-5", "< <5", "&lt;5", "‹5", "\x00", "5\x00", "\u200b5", "\u202e5", "1\u2003234",
    "9" * 16, "1" * 400, "0." + "1" * 15, "9 999 999 999 999 999", "neg", "ND", "UNK", "—", "1/2", "5:3", "1..5", "1.,5",
])  # fmt: skip
def test_reads_nothing_else(text):
    assert read_printed(text) is None


@pytest.mark.parametrize(("text", "both"), [
    ("1.234", ("1.234", "1234")), ("150,000", ("150.000", "150000")), ("<1,000", ("1.000", "1000")),
    (" 12.345 ", ("12.345", "12345")),
    ("0.234", None), ("1234.567", None), ("1.23", None), ("1.2345", None), ("1 234", None), ("1.234.567", None),
    ("", None),
    ("x", None), ("１.234", None),
])  # fmt: skip
def test_two_readings(text, both):
    found = two_readings(text)
    assert (tuple(map(str, found)) if found else None) == both
    assert not found or read_printed(text) is None


@given(st.one_of(
    st.text(max_size=40), st.text("0123456789.,<>=≤≥ '’\u202f-+eE²٣", max_size=15),
    st.binary(max_size=20).map(lambda b: b.decode("latin-1")),
))  # fmt: skip
@QUIET
def test_reading_never_fails(text):
    read, two = read_printed(text), two_readings(text)
    assert read is None or two is None
    if read:
        assert read.number >= 0 and read.number.is_finite() and read.sign in ("", "<", "<=", ">", ">=")
        assert re.sub(r"[^0-9]", "", text).lstrip("0") == re.sub(r"[^0-9]", "", f"{read.number:f}").lstrip("0")


NUMBERS = st.decimals(0, 999999, allow_nan=False, allow_infinity=False, places=2)


@given(NUMBERS, st.sampled_from(["", "<", "<=", ">", ">="]), st.sampled_from([".", ","]), st.sampled_from(["", " ",
NARROW, "'"]))
@QUIET
def test_a_number_comes_back_as_it_was_printed(number, sign, point, gap):
    whole, _, rest = str(number).partition(".")
    grouped = f"{int(whole):,}".replace(",", gap)
    assert read_printed(f"{sign}{grouped}{point}{rest}") == Printed(sign, number)


@pytest.mark.parametrize(("sign", "number", "limit", "text"), [
    ("", "88.40169731258840", None, "88.40"), ("", "132.602", None, "132.6"), ("", "5.20", None, "5.20"),
    ("", "5", None, "5"),
    ("", "0", None, "0"), ("", "0.0000", None, "0.000"), ("", "1234567", None, "1234567"),
    ("", "12345.678", None, "12346"),
    ("", "0.0123456", None, "0.01235"), ("<", "0.3", None, "<0.3"), ("<=", "5", None, "≤5"), (">=", "5", None, "≥5"),
    (">", "1650", None, ">1650"), ("", "1E+3", None, "1000"), ("", "9.99996", None, "10.000"),
    ("", "1.5025", None, "1.503"), ("", "1234.5", None, "1235"),
    ("", "0.001234567890123456789012345678", None, "0.001235"),
    ("", "1.50002", "1.5", "1.50002"), ("", "1.49998", "1.5", "1.49998"), ("", "1.5", "1.5", "1.5"),
    ("", "1.6", "1.5", "1.6"),
    ("", "132.6025", "132.6", "132.603"), ("", "132.6025", None, "132.6"), ("", "100000.4", "100000", "100000.4"),
])  # fmt: skip
def test_shown(sign, number, limit, text):
    assert shown(Printed(sign, Decimal(number)), Decimal(limit) if limit else None) == text


# Comparing -----------------------------------------------------------------------------------------------------------------

OPERATORS = ("<=", "<", ">=", ">")


@pytest.mark.parametrize(("text", "limit", "answers"), [
    # <=, <, >=, >
    ("1.4", "1.5", (True, True, False, False)), ("1.5", "1.5", (True, False, True, False)),
    ("1.6", "1.5", (False, False, True, True)),
    ("1.50", "1.5", (True, False, True, False)), ("1.5001", "1.5", (False, False, True, True)),
    ("<0.3", "1.5", (True, True, False, False)), ("<1.5", "1.5", (True, True, False, False)),
    ("<2", "1.5", (None, None, None, None)),
    ("<=1.4", "1.5", (True, True, False, False)), ("<=1.5", "1.5", (True, None, None, False)),
    ("<=2", "1.5", (None, None, None, None)),
    (">1650", "1.5", (False, False, True, True)), (">1.5", "1.5", (False, False, True, True)),
    (">1.2", "1.5", (None, None, None, None)),
    (">=1.6", "1.5", (False, False, True, True)), (">=1.5", "1.5", (None, False, True, None)),
    (">=1.4", "1.5", (None, None, None, None)),
])  # fmt: skip
def test_compare(text, limit, answers):
    assert tuple(compare(printed(text), operator, Decimal(limit)) for operator in OPERATORS) == answers


@pytest.mark.parametrize("operator", ["", "=", "==", "=<", "≤", "!="])
def test_compare_knows_four_operators(operator):
    with pytest.raises(KeyError):
        compare(Printed("", Decimal(1)), operator, Decimal(1))


TENTHS = st.integers(0, 40).map(lambda n: Decimal(n) / 10)


@given(st.sampled_from(["", "<", "<=", ">", ">="]), TENTHS, TENTHS, st.sampled_from(OPERATORS))
@QUIET
def test_compare_is_certain_exactly_when_every_number_meant_agrees(sign, number, limit, operator):
    def holds(a, how, b):
        return {"": a == b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[how]

    meant = [Decimal(n) / 20 for n in range(-20, 120) if holds(Decimal(n) / 20, sign, number)]
    answers = {holds(each, operator, limit) for each in meant}
    assert compare(Printed(sign, number), operator, limit) is (answers.pop() if len(answers) == 1 else None)


# Ranges --------------------------------------------------------------------------------------------------------------------


def of(test, unit, *, low="", high="", sex="", ages=(None, None), valid=("2020-01-01", ""), laboratory="A", kind=Range):
    return kind(
        laboratory=laboratory, test=test, unit=unit, low=Decimal(low) if low else None,
        high=Decimal(high) if high else None, sex=sex,
        age_from=ages[0], age_to=ages[1], valid_from=day(valid[0]), valid_to=day(valid[1]),
    )  # fmt: skip


GENERAL = of("ALT", "U/L", high="40")
FEMALE, MALE = of("ALT", "U/L", high="35", sex="F"), of("ALT", "U/L", high="50", sex="M")
ADULT, OLD = of("ALT", "U/L", high="45", ages=(18, 64)), of("ALT", "U/L", high="60", ages=(65, None))
OLD_MAN = of("ALT", "U/L", high="70", sex="M", ages=(65, 120))
UNTIL_MARCH = of("ALT", "U/L", high="40", valid=("2026-01-01", "2026-03-15"))
FROM_MARCH = of("ALT", "U/L", high="41", valid=("2026-03-16", ""))
SAME_FROM_MARCH = of("ALT", "IU/L", high="40", valid=("2026-03-16", ""))
MONTH_END = of("ALT", "U/L", high="40", valid=("2026-01-01", "2026-03-30"))
LAST_DAY = of("ALT", "U/L", high="41", valid=("2026-03-31", ""))
SOME_MARCH_DAY = of("ALT", "U/L", high="39", sex="F", valid=("2020", "2026-03"))
EVERY_AGE, FROM_ONE, TO_149 = (of("ALT", "U/L", high="40", ages=ages) for ages in ((0, 150), (1, 150), (0, 149)))
LATER = of("ALT", "U/L", high="40", valid=("2026-03-17", ""))
KATAL = of("ALT", "µkat/L", high="0.6", valid=("2026-03-16", "")), of("ALT", "U/L", high="36", valid=("2026-01-01",
"2026-03-15"))


@pytest.mark.parametrize(("ranges", "sex", "born", "on", "expected"), [
    ([GENERAL], "F", "1958-03", "2026-06-03", GENERAL), ([GENERAL], "", "", "2026-06-03", GENERAL),
    ([GENERAL], "U", "", "2026", GENERAL),
    ([], "F", "1958-03", "2026-06-03", None), ([GENERAL], "F", "1958-03", "", None),
    # sex
    ([GENERAL, FEMALE, MALE], "F", "1958", "2026-06-03", FEMALE),
    ([GENERAL, FEMALE, MALE], "M", "1958", "2026-06-03", MALE),
    ([GENERAL, FEMALE], "M", "1958", "2026-06-03", GENERAL), ([FEMALE], "M", "1958", "2026-06-03", None),
    ([FEMALE, MALE], "", "1958", "2026-06-03", None), ([GENERAL, FEMALE], "U", "1958", "2026-06-03", None),
    ([FEMALE, of("ALT", "U/l", high="35.0", sex="M")], "", "1958", "2026-06-03", FEMALE),
    ([FEMALE], "", "1958", "2026-06-03", None),
    # age, both boundary years and birthdays
    ([ADULT, OLD], "F", "1961-06-04", "2026-06-03", ADULT), ([ADULT, OLD], "F", "1961-06-03", "2026-06-03", OLD),
    ([ADULT, OLD], "F", "1961-06", "2026-06-03", None), ([ADULT, OLD], "F", "1961-07", "2026-06-03", ADULT),
    ([ADULT, OLD], "F", "1961-05", "2026-06-03", OLD), ([ADULT, OLD], "F", "1961", "2026-12-31", OLD),
    ([ADULT, OLD], "F", "1961", "2026-12-30", None), ([ADULT], "F", "2008-06-03", "2026-06-03", ADULT),
    ([ADULT], "F", "2008-06-04", "2026-06-03", None), ([ADULT], "F", "2008-06", "2026-06-03", None),
    ([ADULT, OLD], "F", "", "2026-06-03", None), ([GENERAL, ADULT], "F", "", "2026-06-03", None),
    ([GENERAL, of("ALT", "U/L", high="40", ages=(65, None))], "F", "", "2026-06-03", GENERAL),
    ([EVERY_AGE], "F", "", "2026-06-03", EVERY_AGE), ([FROM_ONE], "F", "", "2026-06-03", None),
    ([TO_149], "F", "", "2026-06-03", None),
    # the most specific wins, whatever the order
    ([GENERAL, ADULT], "F", "1980", "2026-06-03", ADULT), ([ADULT, GENERAL], "F", "1980", "2026-06-03", ADULT),
    ([OLD_MAN, MALE, OLD, GENERAL], "M", "1950", "2026-06-03", OLD_MAN), ([MALE, OLD], "M", "1950", "2026-06-03", None),
    ([OLD_MAN, MALE, OLD, GENERAL], "F", "1950", "2026-06-03", OLD),
    ([OLD_MAN, MALE, GENERAL], "", "1950", "2026-06-03", None),
    # two of the same standing
    ([GENERAL, of("ALT", "U/L", high="41")], "F", "1958", "2026-06-03", None),
    ([GENERAL, of("ALT", "U/L", low="5", high="40")], "F", "1958", "2026-06-03", None),
    ([GENERAL, of("ALT", "IU/l", high="40.0")], "F", "1958", "2026-06-03", GENERAL),
    ([GENERAL, of("ALT", "what", high="40")], "F", "1958", "2026-06-03", None),
    # validity, both boundary days
    ([UNTIL_MARCH, FROM_MARCH], "F", "1958", "2026-03-15", UNTIL_MARCH),
    ([UNTIL_MARCH, FROM_MARCH], "F", "1958", "2026-03-16", FROM_MARCH),
    ([UNTIL_MARCH], "F", "1958", "2026-01-01", UNTIL_MARCH), ([UNTIL_MARCH], "F", "1958", "2025-12-31", None),
    ([UNTIL_MARCH], "F", "1958", "2026-03-16", None), ([UNTIL_MARCH, FROM_MARCH], "F", "1958", "2026-03", None),
    ([UNTIL_MARCH, FROM_MARCH], "F", "1958", "2026-04", FROM_MARCH),
    ([UNTIL_MARCH, FROM_MARCH], "F", "1958", "2026-02", UNTIL_MARCH),
    ([UNTIL_MARCH, SAME_FROM_MARCH], "F", "1958", "2026-03", UNTIL_MARCH),
    ([UNTIL_MARCH, LATER], "F", "1958", "2026-03", None),
    ([UNTIL_MARCH, LATER], "F", "1958", "2026-03-16", None), ([UNTIL_MARCH, LATER], "F", "1958", "2026-02", UNTIL_MARCH),
    (list(KATAL), "F", "1958", "2026-03", KATAL[1]),
    ([MONTH_END, LAST_DAY], "F", "1958", "2026-03", None), ([MONTH_END, LAST_DAY], "F", "1958", "2026-03-31", LAST_DAY),
    # ranges whose own days are partial or missing
    ([GENERAL, SOME_MARCH_DAY], "F", "1958", "2026-03", None),
    ([GENERAL, SOME_MARCH_DAY], "F", "1958", "2026-02", SOME_MARCH_DAY),
    ([GENERAL, SOME_MARCH_DAY], "F", "1958", "2026-04", GENERAL),
    ([of("ALT", "U/L", high="40", valid=("2026-03", ""))], "F", "1958", "2026-03-31", of("ALT", "U/L", high="40",
    valid=("2026-03", ""))),
    ([of("ALT", "U/L", high="40", valid=("2026-03", ""))], "F", "1958", "2026-03-30", None),
    ([of("ALT", "U/L", high="40", valid=("2020", "2026-03"))], "F", "1958", "2026-03-01", of("ALT", "U/L", high="40",
    valid=("2020", "2026-03"))),
    ([of("ALT", "U/L", high="40", valid=("2020", "2026-03"))], "F", "1958", "2026-03-02", None),
    ([of("ALT", "U/L", high="40", valid=("", ""))], "F", "1958", "2026-03-02", None),
    ([GENERAL, of("ALT", "U/L", high="39", sex="F", valid=("2026-03", ""))], "F", "1958", "2026-03-05", None),
    ([GENERAL, of("ALT", "U/L", high="40", sex="F", valid=("2026-03", ""))], "F", "1958", "2026-03-05", GENERAL),
    # another laboratory, another test
    ([of("ALT", "U/L", high="40", laboratory="B")], "F", "1958", "2026-06-03", None),
    ([of("AST", "U/L", high="40")], "F", "1958", "2026-06-03", None),
])  # fmt: skip
def test_range_for(ranges, sex, born, on, expected):
    found = range_for(ranges, laboratory="A", test="ALT", sex=sex, born=day(born), on=day(on))
    if expected is None:
        assert found is None
    else:
        assert found in ranges and float(found.high) * (60 if "kat" in found.unit else 1) == float(expected.high)
        assert (found.sex, found.age_from, found.low) == (expected.sex, expected.age_from,
        expected.low) or found.high == expected.high


def test_ranges_may_be_facts():
    fact = of("ALT", "U/L", high="40", kind=ReferenceRange)
    assert range_for([fact], laboratory="A", test="ALT", sex="F", born=None, on=day("2026-06-03")) is fact
    assert times_uln(TESTS["ALT"], printed("60"), "U/L", fact) == Printed("", Decimal("1.5"))


SOME_RANGES = st.lists(st.builds(
    lambda high, sex, first, length, start, days: of(
        "ALT", "U/L", high=str(high), sex=sex, ages=(first, None if first is None else first + length),
        valid=(str(date(2026, 3, 1) + timedelta(days=start)), "" if days is None else str(date(2026, 3,
        1) + timedelta(days=start + days))),
    ),
    st.integers(40, 41), st.sampled_from(["", "F", "M"]), st.sampled_from([None, 64, 65]), st.integers(0, 2),
    st.integers(-40, 40), st.sampled_from([None, 0, 20]),
), max_size=4)  # fmt: skip


@given(SOME_RANGES, st.sampled_from(["", "F", "M"]), st.sampled_from(["1961", "1961-03", "1961-03-10"]),
st.sampled_from(["2026-03", "2026-03-10"]))
@QUIET
def test_a_range_applies_exactly_when_it_does_in_every_possible_case(ranges, sex, born, on):
    """Against the plain reading: all sexes, all ages and all days that the known parts allow, one by one."""
    possible = set()
    first, last = day(born), day(on)
    ages = range(last.earliest.year - 1961 - (born != "1961-03-10" or on != "2026-03-10"), last.latest.year - 1961 + 1)
    days = [last.earliest + timedelta(days=n) for n in range((last.latest - last.earliest).days + 1)]
    if born == "1961-03-10" and on == "2026-03-10":
        ages = [65]
    assert first is not None
    for one_sex, age, moment in itertools.product([sex] if sex else ["F", "M"], ages, days):
        fit = [
            each for each in ranges
            if each.sex in ("", one_sex) and (each.age_from is None or each.age_from <= age <= each.age_to)
            and each.valid_from.earliest <= moment and (each.valid_to is None or moment <= each.valid_to.earliest)
        ]  # fmt: skip
        best = max(((each.sex != "") + (each.age_from is not None) for each in fit), default=None)
        limits = {each.high for each in fit if (each.sex != "") + (each.age_from is not None) == best}
        possible.add(limits.pop() if len(limits) == 1 else None)
    found = range_for(ranges, laboratory="A", test="ALT", sex=sex, born=first, on=last)
    assert (found.high if found else None) == (possible.pop() if len(possible) == 1 else None)


@pytest.mark.parametrize(("code", "text", "unit", "limit", "limit_unit", "expected"), [
    ("ALT", "60", "U/L", "40", "U/L", "1.5"), ("ALT", "60.1", "U/L", "40", "U/L", "1.503"),
    ("ALT", "60.01", "U/L", "40", "U/L", "1.5003"), ("ALT", "1", "µkat/L", "40", "U/L", "1.5"),
    ("ALT", "60", "UI/l", "0.5", "ukat/L", "2"), ("ALT", "<3", "U/L", "40", "U/L", "<0.075"),
    ("ALT", ">1650", "U/L", "50", "U/L", ">33"),
    ("BILI", "2.4", "mg/dL", "12", "mg/L", "2"), ("CREAT", "113.12", "mg/L", "500", "umol/L", "2"),
    ("INR", "1.8", "", "1.2", "", "1.5"),
    ("INR", "1,8", "INR", "1.2", "ratio", "1.5"), ("APTT", "57", "sec", "38", "s", "1.5"),
    ("PT", "19.5", "s", "13.0", "s", "1.5"),
    ("ALT", "60", "U/L", "", "U/L", None), ("ALT", "60", "U/L", "0", "U/L", None), ("ALT", "60", "", "40", "U/L", None),
    ("ALT", "60", "U/L", "40", "", None), ("ALT", "60", "what", "40", "what", None), ("PT", "85", "%", "120", "%", None),
    ("PT", "85", "%", "13", "s", None), ("APTT", "1.3", "ratio", "1.2", "ratio", None),
    ("APTT", "1.3", "ratio", "38", "s", None),
    ("APTT", "57", "s", "1.2", "ratio", None), ("INR", "1.8", "", "13", "s", None),
])  # fmt: skip
def test_times_uln(code, text, unit, limit, limit_unit, expected):
    found = times_uln(TESTS[code], printed(text), unit, of(code, limit_unit, low="0", high=limit))
    assert (shown(found, Decimal("1.5")) if found else None) == expected


def test_no_range_no_multiple():
    assert times_uln(TESTS["ALT"], printed("60"), "U/L", None) is None


# Thresholds ----------------------------------------------------------------------------------------------------------------


def entry(**changes):
    usual = {"group": "liver", "test": "ALT", "operator": "<=", "value": "3", "of": "ULN", "unit": "",
    "with_liver_metastases": "5"}
    return {**usual, **changes}


ALT_3_5 = Threshold("liver", "ALT", "<=", Decimal(3), "ULN", "", Decimal(5))
HGB_9 = Threshold("haematological", "HGB", ">", Decimal(9), "unit", "g/dL")
NEUT_15 = Threshold("haematological", "NEUT", ">=", Decimal("1.5"), "unit", "10^9/L")
CREAT_15 = Threshold("renal", "CREAT", "<=", Decimal("1.5"), "unit", "mg/dL")
INR_15 = Threshold("liver", "INR", "<=", Decimal("1.5"), "ULN")


@pytest.mark.parametrize(("threshold", "text", "unit", "limit", "metastases", "expected"), [
    (ALT_3_5, "120", "U/L", ("40", "U/L"), False, True), (ALT_3_5, "121", "U/L", ("40", "U/L"), False, False),
    (ALT_3_5, "121", "U/L", ("40", "U/L"), True, True), (ALT_3_5, "200", "U/L", ("40", "U/L"), True, True),
    (ALT_3_5, "201", "U/L", ("40", "U/L"), True, False), (ALT_3_5, "120", "U/L", ("40", "U/L"), None, True),
    (ALT_3_5, "121", "U/L", ("40", "U/L"), None, None), (ALT_3_5, "200", "U/L", ("40", "U/L"), None, None),
    (ALT_3_5, "201", "U/L", ("40", "U/L"), None, False), (ALT_3_5, "2", "µkat/L", ("40", "U/L"), False, True),
    (ALT_3_5, "2.01", "g", ("40", "U/L"), False, None), (ALT_3_5, "120", "", ("40", "U/L"), False, None),
    (ALT_3_5, "120", "U/L", ("40", "?"), False, None), (ALT_3_5, "120", "U/L", ("", "U/L"), False, None),
    (ALT_3_5, "120", "U/L", None, False, None), (ALT_3_5, None, "U/L", ("40", "U/L"), False, None),
    (ALT_3_5, "<130", "U/L", ("40", "U/L"), False, None), (ALT_3_5, "<120", "U/L", ("40", "U/L"), False, True),
    (ALT_3_5, ">120", "U/L", ("40", "U/L"), False, False), (ALT_3_5, ">120", "U/L", ("40", "U/L"), True, None),
    (HGB_9, "9.1", "g/dL", None, None, True), (HGB_9, "9,0", "g/dl", None, None, False),
    (HGB_9, "90", "g/L", None, None, False),
    (HGB_9, "91", "g/L", None, None, True), (HGB_9, "90.01", "g/L", None, None, True),
    (HGB_9, "9.1", "", None, None, None),
    (HGB_9, "9.1", "%", None, None, None), (HGB_9, "5.6", "mmol/L", None, None, True),
    (HGB_9, "5.5", "mmol/L", None, None, False),
    (NEUT_15, "1500", "/mm3", None, None, True), (NEUT_15, "1499", "/µL", None, None, False),
    (NEUT_15, "1.5", "G/L", None, None, True),
    (NEUT_15, "1.49", "K/uL", None, None, False), (NEUT_15, "55", "%", None, None, None),
    (NEUT_15, ">=1.5", "G/L", None, None, True),
    (NEUT_15, ">1.4", "G/L", None, None, None), (NEUT_15, "<1.5", "G/L", None, None, False),
    (CREAT_15, "1.5", "mg/dL", None, None, True), (CREAT_15, "15", "mg/L", None, None, True),
    (CREAT_15, "15.01", "mg/L", None, None, False),
    (CREAT_15, "132", "umol/L", None, None, True), (CREAT_15, "132.6", "µmol/L", None, None, True),
    (CREAT_15, "132.7", "µmol/L", None, None, False),
    (INR_15, "1.8", "", ("1.2", ""), None, True), (INR_15, "1.81", "", ("1.2", ""), None, False),
    (INR_15, "1.2", "", None, None, None),
])  # fmt: skip
def test_threshold_holds(threshold, text, unit, limit, metastases, expected):
    test = TESTS[threshold.test]
    range_ = of(test.code, limit[1], high=limit[0]) if limit else None
    read = printed(text) if text else None
    assert threshold_holds(threshold, test, read, unit, range_, metastases) is expected


def test_reads_thresholds():
    assert read_thresholds([entry(value="0.5")])[0].value == Decimal("0.5")
    assert read_thresholds(None) == read_thresholds([]) == ()
    assert read_thresholds([
        entry(),
        entry(group="haematological", test="HGB", operator=">", value=9, of="unit", unit="g/dL",
        with_liver_metastases=None),
        entry(group="haematological", test="NEUT", operator=">=", value=Decimal("1.5"), of="unit", unit="G/L",
        with_liver_metastases=None),
    ]) == (ALT_3_5, HGB_9, Threshold("haematological", "NEUT", ">=", Decimal("1.5"), "unit", "G/L"))  # fmt: skip


@pytest.mark.parametrize(("value", "words"), [
    ({}, "not a list"), ("ALT <= 3", "not a list"), (3, "not a list"), ([None], "threshold 1 needs exactly"),
    (["x"], "needs exactly"),
    ([{}], "needs exactly"), ([entry(), entry(extra=1)], "threshold 2 needs exactly"),
    ([{key: text for key, text in entry().items() if key != "unit"}], "needs exactly"),
    ([entry(group="Liver")], "group"), ([entry(group=[])], "group"), ([entry(test="SGPT")], "SGPT"),
    ([entry(test="alt")], "alt"),
    ([entry(test=None)], "None"), ([entry(test=[])], "test"), ([entry(operator="≤")], "operator"),
    ([entry(operator="=")], "operator"),
    ([entry(operator=None)], "operator"), ([entry(of="uln")], "'of'"), ([entry(of="")], "'of'"),
    ([entry(unit="U/L")], "no unit"),
    ([entry(unit=None)], "no unit"), ([entry(of="unit")], "unit of ALT"), ([entry(of="unit", unit="g/L")], "unit of ALT"),
    ([entry(of="unit", unit=None)], "unit of ALT"), ([entry(test="PT", of="unit", unit="%")], "converts"),
    ([entry(test="APTT", of="unit", unit="ratio")], "converts"), ([entry(value="three")], "'three'"),
    ([entry(value=None)], "None"),
    ([entry(value=1.5)], "1.5"), ([entry(value=True)], "True"), ([entry(value="NaN")], "NaN"),
    ([entry(value="Infinity")], "Infinity"),
    ([entry(value=0)], "above zero"), ([entry(value="-1")], "above zero"), ([entry(value="")], "above zero"),
    ([entry(with_liver_metastases="")], "above zero"), ([entry(with_liver_metastases=0)], "above zero"),
])  # fmt: skip
def test_refuses_thresholds(value, words):
    with pytest.raises(ValueError, match=rf"{re.escape(words)}.*\.$"):
        read_thresholds(value)
