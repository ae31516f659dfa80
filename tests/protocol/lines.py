"""One line of the tables of the atoms: what is special about a patient, and what the atom must make of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.atoms import Decision
from protocol.engine import Case
from tests.protocol.build import dose
from tests.protocol.screening_build import whole


@dataclass(frozen=True)
class Line:
    """``words`` must stand in the evidence; ``unknowable`` is an undetermined that a day nobody knows has caused.

    ``under`` are parameters that are to be supplied, ``at`` is where it is mended. ``alone`` is False where the same data make
    another part of the criterion count more.
    """

    what: str
    of: Case
    verdict: Decision
    words: tuple[str, ...] = ()
    unknowable: bool = False
    alone: bool = True
    under: dict[str, object] = field(default_factory=dict)
    at: str = ""

    @property
    def for_review(self) -> bool:
        return self.verdict is Decision.REVIEW or self.unknowable


def _lines(verdict, unknowable=False, of=whole):
    def line(what, *more, says=(), alone=True, under=None, at="", **changes):
        words = (says,) if isinstance(says, str) else tuple(says)
        return Line(what, of(*more, **changes), verdict, words, unknowable, alone, under or {}, at)

    return line


def treated(*more, **changes):
    """Registered on 10 June, first infusion on 15 June at 10:00; now it is 14:00 there."""
    situation = {"today": "2026-06-15", "enrolled": "2026-06-10", "dose": dose()}
    return whole(*more, **{**situation, **changes})


met = _lines(Decision.MET)
not_met = _lines(Decision.NOT_MET)
present = _lines(Decision.PRESENT)
absent = _lines(Decision.ABSENT)
na = _lines(Decision.NA)
review = _lines(Decision.REVIEW)
missing = _lines(Decision.UNDETERMINED)
contradictory = missing
unknown = _lines(Decision.UNDETERMINED, unknowable=True)
not_computed = _lines(Decision.NOT_COMPUTED)
