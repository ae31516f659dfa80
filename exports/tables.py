"""What an export is made of: tables whose columns describe themselves. Formats and codebook read nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

Cell = str | int | bool | Decimal | date | datetime | None


@dataclass(frozen=True)
class Column:
    """One column, with everything that the codebook says of it.

    type        text, code, codes ('; ' between them), number, integer, date (ISO 8601, perhaps YYYY or YYYY-MM),
                time (HH:MM at the site, or UNK), datetime (UTC), yes/no (Y or N)
    values      codelist as 'value=label | value=label'
    source      form code and field that it comes from
    free_text   people typed it in their own words: to be read by a person before the data leave the sponsor
    """

    name: str
    label: str
    type: str = "text"
    unit: str = ""
    values: str = ""
    source: str = ""
    range: str = ""
    required: bool = False
    asked_if: str = ""
    note: str = ""
    free_text: bool = False


@dataclass
class Table:
    """A table: ``read`` gives its rows one by one. ``left_out`` are questions that are in no export, ``note`` says why."""

    name: str
    title: str
    columns: tuple[Column, ...]
    read: Callable[[], Iterable[Sequence[Cell]]]
    left_out: tuple[Column, ...] = ()
    filled: Counter[str] = field(default_factory=Counter)
    was_read: bool = False

    def rows(self) -> Iterator[Sequence[Cell]]:
        """The rows, counting on the way how often each free-text column is filled."""
        free = [(place, column.name) for place, column in enumerate(self.columns) if column.free_text]
        self.filled.clear()
        for row in self.read():
            for place, name in free:
                self.filled[name] += row[place] not in ("", None)
            yield row
        self.was_read = True


def plain(value: Cell) -> str:
    """A value as text that any program reads: ISO 8601, UTC with Z, Y and N, numbers without exponent, '' for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
