"""CSV as RFC 4180 has it: one file a table, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from crf.lists import safe_cell
from exports.tables import Cell, Table, plain

CONVENTIONS = (
    "UTF-8 without byte-order mark; CRLF at line ends; comma; quotes only where needed (RFC 4180); first line: column names.",
    "Empty cell: no value. Y and N: yes and no. Dates ISO 8601, YYYY or YYYY-MM where the rest is unknown. Datetimes UTC.",
    "A text that begins with = + - @, tab or a line break has an apostrophe put before it; numbers and dates never have.",
)


def cell(value: Cell) -> str:
    """One cell. Only text can hold a formula: a negative number stays a number."""
    return safe_cell(value) if isinstance(value, str) else plain(value)


def write(tables: Sequence[Table], directory: Path) -> Iterator[tuple[str, int, int]]:
    """Write ``NAME.csv`` for each table in order; gives file name, rows (without the head) and columns of each."""
    for table in tables:
        name, count = f"{table.name}.csv", 0
        with (directory / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([column.name for column in table.columns])
            for count, row in enumerate(table.rows(), start=1):  # noqa: B007  used after the loop
                writer.writerow([cell(value) for value in row])
        yield name, count, len(table.columns)
