"""CSV that any reader loads and no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exports import csvformat
from exports.tables import Column, Table, plain

pytestmark = pytest.mark.nodb

HOSTILE = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\tx", "\rx", "\nx", "=cmd|' /C calc'!A0", '=HYPERLINK("x","y")']
HARMLESS = [
    "a=1",
    "5 - 3",
    'Müller, "Jr"',
    "two\r\nlines",
    "one\nline",
    "'quoted'",
    " = spaced",
    "日本",
    "😀",
    "a;b",
    "",
]


def written(tmp_path, rows, columns=("A",)) -> bytes:
    table = Table("t", "T", tuple(Column(name, name) for name in columns), lambda: rows)
    assert list(csvformat.write([table], tmp_path)) == [("t.csv", len(rows), len(columns))]
    return (tmp_path / "t.csv").read_bytes()


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_a_formula(tmp_path, text):
    assert read(written(tmp_path, [(text,)]))[1] == ["'" + text]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_comes_back_as_it_was(tmp_path, text):
    assert read(written(tmp_path, [(text, "x")], ("A", "B")))[1] == [text, "x"]


def test_a_table_of_all_of_them(tmp_path):
    rows = [(one, two) for one in HOSTILE + HARMLESS for two in HOSTILE + HARMLESS]
    found = read(written(tmp_path, rows, ("A", "B")))
    assert found[0] == ["A", "B"] and len(found) == len(rows) + 1
    for row, back in zip(rows, found[1:], strict=True):
        assert back == [f"'{text}" if text in HOSTILE else text for text in row]
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") for cell in back)


def test_typed_cells_are_exempt():
    assert csvformat.cell(-5) == "-5"
    assert csvformat.cell(Decimal("-0.50")) == "-0.5"
    assert csvformat.cell("-5") == "'-5"


def test_no_mark_at_the_start_and_crlf_at_the_ends(tmp_path):
    assert written(tmp_path, [("é",)]) == "A\r\né\r\n".encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (0, "0"),
        (True, "Y"),
        (False, "N"),
        (Decimal("10.00"), "10"),
        (Decimal("0.30"), "0.3"),
        (Decimal("100"), "100"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.00"), "0"),
        (date(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5, 10, 0, tzinfo=UTC), "2026-03-05T10:00:00.000000Z"),
        (datetime(2026, 3, 5, 10, 0, tzinfo=timezone(timedelta(hours=2))), "2026-03-05T08:00:00.000000Z"),
    ],
)
def test_values_are_plain(value, text):
    assert plain(value) == text


def test_text_counts_are_of_the_rows_that_were_read():
    table = Table(
        "t", "T", (Column("A", "a", free_text=True), Column("B", "b")), lambda: [("x", ""), ("", "y"), (None, "z")]
    )
    assert not table.was_read
    for _ in range(2):
        assert len(list(table.rows())) == 3
        assert (table.filled, table.was_read) == ({"A": 1}, True)
