"""The words in which a form is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """Questions that stand together under a heading, in order, by field name."""

    title: str
    fields: tuple[str, ...]

    def __init__(self, title: str, *fields: str) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "fields", fields)


@dataclass(frozen=True)
class AskedIf:
    """A question is asked only when ``field`` has one of ``values``; otherwise it is hidden and stays empty."""

    field: str
    values: tuple[str, ...]

    def __init__(self, field: str, *values: str) -> None:
        object.__setattr__(self, "field", field)
        object.__setattr__(self, "values", tuple(str(value) for value in values))

    def holds(self, answer: object) -> bool:
        return str(answer or "") in self.values

    def __str__(self) -> str:
        return f"{self.field}={'|'.join(self.values)}"


@dataclass(frozen=True)
class Next:
    """The record to which 'submit and next' leads: its form, its visit, its number or 'new', and the links that a new one brings."""

    form: str
    slot: str = "new"
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """What a submitted record of this form says about the patient as a whole; the highest ``rank`` wins.

    ``when``: only records with one of these answers say it; ``drafts``: also while in progress.
    """

    rank: int
    text: str
    kind: str
    when: AskedIf | None = None
    drafts: bool = False
