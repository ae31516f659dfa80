"""What may be typed into a field, and what becomes of it: tables without a database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from crf.fields import ClockTimeField, CodeSetField, NumberField, PartialDateField
from crf.widgets import PartialDateWidget

FULL_WIDTH = "２０２６"


@pytest.mark.parametrize(
    ("day", "month", "year", "least", "stored"),
    [
        ("5", "3", "26", "day", "2026-03-05"),
        ("05", "03", "2026", "day", "2026-03-05"),
        (" 5 ", " Mar ", " 2026 ", "day", "2026-03-05"),
        ("5", "MARCH", "2026", "day", "2026-03-05"),
        ("5", "mar", "2026", "day", "2026-03-05"),
        ("29", "2", "2024", "day", "2024-02-29"),
        ("31", "12", "39", "day", "2039-12-31"),
        ("31", "12", "40", "day", "1940-12-31"),
        ("1", "1", "00", "day", "2000-01-01"),
        ("1", "1", "1900", "day", "1900-01-01"),
        ("31", "12", "2100", "day", "2100-12-31"),
        ("UK", "3", "2026", "month", "2026-03"),
        ("unk", "Mar", "2026", "month", "2026-03"),
        ("UNK", "UNK", "2026", "year", "2026"),
        ("", "", "2026", "year", "2026"),
        ("", "3", "2026", "month", "2026-03"),
        ("-", "-", "58", "year", "1958"),
        ("", "", "", "day", ""),
        ("  ", "", "", "day", ""),
    ],
)
def test_dates_that_are_understood(day, month, year, least, stored):
    assert PartialDateField(least=least).formfield().clean([day, month, year]) == stored


@pytest.mark.parametrize(
    ("day", "month", "year", "least", "code", "says"),
    [
        ("31", "Feb", "2026", "day", "date", "There is no day 31 in Feb 2026."),
        ("29", "2", "2026", "day", "date", "There is no day 29 in Feb 2026."),
        ("0", "3", "2026", "day", "date", "There is no day 0"),
        ("00", "3", "2026", "day", "date", "There is no day 0"),
        ("32", "1", "2026", "day", "date", "There is no day 32"),
        ("5", "0", "2026", "day", "date", "There is no month 0"),
        ("5", "00", "2026", "day", "date", "There is no month 0"),
        ("5", "13", "2026", "day", "date", "There is no month 13"),
        ("5", "xyz", "2026", "day", "date", "not a date"),
        ("5", "3", "1899", "day", "date", "1899 is outside"),
        ("5", "3", "2101", "day", "date", "2101 is outside"),
        ("5", "3", "0", "day", "date", "not a date"),
        ("5", "3", "226", "day", "date", "not a date"),
        ("5", "3", "20266", "day", "date", "not a date"),
        ("5", "3", "UNK", "day", "date", "not a date"),
        ("UNK", "UNK", "UNK", "year", "date", "not a date"),
        ("UNK", "UNK", "", "year", "date", "not a date"),
        ("", "UNK", "", "year", "date", "not a date"),
        ("-", "", "", "year", "date", "not a date"),
        ("5", "", "2026", "year", "date", "not a date"),
        ("5", "UNK", "2026", "year", "date", "not a date"),
        ("5", "3", "", "day", "date", "not a date"),
        ("-5", "3", "2026", "day", "date", "not a date"),
        ("5.5", "3", "2026", "day", "date", "not a date"),
        ("５", "3", "2026", "day", "date", "not a date"),
        ("5", "３", "2026", "day", "date", "not a date"),
        ("5", "3", FULL_WIDTH, "day", "date", "not a date"),
        ("5", "3", "２６", "day", "date", "not a date"),
        ("٥", "3", "2026", "day", "date", "not a date"),
        ("UNK", "3", "2026", "day", "precision", "full date is needed"),
        ("", "", "2026", "month", "precision", "month and year"),
    ],
)
def test_dates_that_are_refused(day, month, year, least, code, says):
    with pytest.raises(ValidationError, match=says) as refused:
        PartialDateField(least=least).formfield().clean([day, month, year])
    assert refused.value.error_list[0].code == code


@pytest.mark.parametrize(("least", "says"), [
    ("year", "What is not known stays empty: Mar-2024, or 2024."), ("month", "A day that is not known stays empty: Mar-2024."), ("day", ""),
])  # fmt: skip
def test_whoever_may_leave_a_part_empty_is_told_how(least, says):
    with pytest.raises(ValidationError) as refused:
        PartialDateField(least=least).formfield().clean(["4", "24", ""])
    (sentence,) = refused.value.messages
    assert sentence.endswith(says or "for example 05-Mar-2026.")


@pytest.mark.parametrize(
    ("most", "typed", "refused"),
    [
        ("year", ["", "", "1958"], False),
        ("year", ["", "3", "1958"], True),
        ("month", ["", "3", "1958"], False),
        ("month", ["5", "3", "1958"], True),
        ("day", ["5", "3", "1958"], False),
    ],
)
def test_what_may_not_be_stored_of_a_date(most, typed, refused):
    field = PartialDateField(least="year").formfield()
    field.most = most
    if refused:
        with pytest.raises(ValidationError) as error:
            field.clean(typed)
        assert error.value.error_list[0].code == "precision"
    else:
        assert field.clean(typed)


@pytest.mark.parametrize(
    ("stored", "boxes"),
    [
        ("2026-03-05", ["5", "Mar", "2026"]),
        ("2026-03", ["UNK", "Mar", "2026"]),
        ("2026", ["UNK", "UNK", "2026"]),
        ("", ["", "", ""]),
        (None, ["", "", ""]),
    ],
)
def test_a_stored_date_comes_back_in_its_boxes_and_is_read_as_the_same(stored, boxes):
    assert PartialDateWidget().decompress(stored) == boxes
    assert PartialDateWidget.iso(boxes) == (stored or "")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("9:30", "09:30"), ("09:30", "09:30"), ("930", "09:30"), ("0930", "09:30"), ("9h30", "09:30"), ("9H30", "09:30"),
        ("9.30", "09:30"), ("0:00", "00:00"), ("23:59", "23:59"), ("unk", "UNK"), ("UK", "UNK"), (" 9:30 ", "09:30"), ("", ""),
    ],
)  # fmt: skip
def test_times_that_are_understood(typed, stored):
    assert ClockTimeField().formfield().clean(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["24:00", "23:60", "9", "12345", "9:3", "noon", "９:３０", "９３０", "-1:00", "9:30:15", "1e3", "\x00", "99:99", "::", "9:30 pm"],
)
def test_times_that_are_refused(typed):
    with pytest.raises(ValidationError):
        ClockTimeField().formfield().clean(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1", "1"), ("1.5", "1.5"), ("1,5", "1.5"), (" 10 ", "10"), ("0", "0"), ("-0", "0"), ("9999", "9999"), ("10.00", "10.00"),
        ("+5", "5"), (".5", "0.5"), ("5.", "5"),
    ],
)  # fmt: skip
def test_numbers_that_are_understood(typed, stored):
    found = NumberField(least=0, most=9999, decimal_places=2).formfield().clean(typed)
    assert found == Decimal(stored)
    assert not str(found).startswith("-")


@pytest.mark.parametrize("typed", ["", "   "])
def test_no_number_is_none(typed):
    assert NumberField().formfield().clean(typed) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("１０", "invalid"), ("٣", "invalid"), ("1_000", "invalid"), ("1e3", "invalid"), ("1e309", "invalid"), ("NaN", "invalid"),
        ("sNaN", "invalid"), ("Infinity", "invalid"), ("-inf", "invalid"), ("0x10", "invalid"), ("1,000.5", "invalid"),
        ("1,000", "max_decimal_places"), ("ten", "invalid"), ("1 000", "invalid"), ("−5", "invalid"), ("<0.3", "invalid"),
        ("-1", "min_value"), ("10000", "max_value"), ("9" * 400, "max_value"), ("1.555", "max_decimal_places"),
    ],
)  # fmt: skip
def test_numbers_that_are_refused(typed, code):
    with pytest.raises(ValidationError) as refused:
        NumberField(least=0, most=9999, max_digits=8, decimal_places=2).formfield().clean(typed)
    assert code in {error.code for error in refused.value.error_list}


def test_several_codes_are_kept_in_the_order_of_the_list():
    field = CodeSetField(choices=[("I1", "One"), ("I2", "Two"), ("E1", "Three")]).formfield()
    assert field.clean(["E1", "I1", "E1"]) == "I1; E1"
    assert field.prepare_value("I1; E1") == ["I1", "E1"]
    assert field.clean([]) == ""
    with pytest.raises(ValidationError):
        field.clean(["I1", "I9"])
    assert not field.has_changed("I1; E1", ["E1", "I1"])
    assert field.has_changed("I1", ["I1", "E1"])
