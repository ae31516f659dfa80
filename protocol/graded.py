"""A grade that follows from entered findings: certain, or the grades still possible and what is missing to tell them apart.

An unanswered question is never read as No. The grade is worked out for every answer it could have, so that what is certain
is certain whatever the answer, and only a question that can change the grade is called missing.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from protocol.dates import Moment

NOT_IT = "NOT"  # the findings do not make this syndrome at all
NONE_NOW = "0"  # graded, and nothing of it at this moment
_ORDER = (NOT_IT, NONE_NOW, "1", "2", "3", "4", "5")


def by_weight(grades: Iterable[str]) -> tuple[str, ...]:
    """Each grade once, the lowest first."""
    return tuple(sorted(set(grades), key=_ORDER.index))


@dataclass(frozen=True, slots=True)
class Graded:
    """What follows from the findings.

    ``possible`` are the grades that the entered answers leave open, lowest first ('NOT' when it may not be that syndrome).
    ``cell`` is what in the table gave the grade, in our own words; while several are possible, the lowest of them.
    ``missing`` are the answers that would narrow it; ``reason`` why there is no grade; ``note`` what a reader should know.
    """

    possible: tuple[str, ...]
    cell: str = ""
    missing: tuple[str, ...] = ()
    reason: str = ""
    note: str = ""

    @property
    def grade(self) -> str | None:
        """'1' to '5', or '0' for none at this moment; None while several are possible, and when it is not that syndrome."""
        return self.possible[0] if len(self.possible) == 1 and self.possible != (NOT_IT,) else None

    def allows(self, grade: str) -> bool:
        """May a grade given by a person be right, as far as the findings tell?"""
        return grade in self.possible


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of a table's cell and the questions whose answers they rest on."""

    words: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """The grade of one full set of answers."""

    grade: str
    cells: tuple[Cell, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_Findings = TypeVar("_Findings", bound=_Dataclass)


def settle(
    findings: _Findings,
    unanswered: Mapping[str, Sequence[object]],
    asked: Mapping[str, tuple[str, ...]],
    judge: Callable[[_Findings], Judged],
) -> Graded:
    """Judge the findings with every answer that each unanswered question could have.

    ``unanswered`` maps the attribute to answers that stand for all; ``asked`` to the words for what is missing. A cell that
    rests on an answer nobody gave is not quoted.
    """
    names = tuple(unanswered)
    found: dict[tuple[int, ...], Judged] = {}
    for chosen in itertools.product(*(range(len(unanswered[name])) for name in names)):
        answers = {name: unanswered[name][n] for name, n in zip(names, chosen, strict=True)}
        found[chosen] = judge(dataclasses.replace(findings, **answers))
    possible = by_weight(each.grade for each in found.values())
    missing = [word for at, name in enumerate(names) if _matters(found, at) for word in asked[name]]
    lowest = [each for each in found.values() if each.grade == possible[0]]
    return Graded(
        possible=possible,
        cell="; ".join(_quoted(lowest, set(names))),
        missing=tuple(dict.fromkeys(missing)),
        reason=lowest[0].reason if len(possible) == 1 else "",
        note=" ".join(_common([each.notes for each in found.values()])),
    )


def _matters(found: Mapping[tuple[int, ...], Judged], at: int) -> bool:
    """Do two sets of answers that differ in this one alone give two grades?"""
    grades: dict[tuple[int, ...], str] = {}
    for chosen, judged in found.items():
        if grades.setdefault((*chosen[:at], *chosen[at + 1 :]), judged.grade) != judged.grade:
            return True
    return False


def _quoted(judged: Sequence[Judged], unanswered: set[str]) -> tuple[str, ...]:
    return _common([[cell.words for cell in each.cells if not unanswered & set(cell.rests_on)] for each in judged])


def _common(lists: Sequence[Sequence[str]]) -> tuple[str, ...]:
    shared = set(lists[0]).intersection(*lists)
    return tuple(word for word in dict.fromkeys(lists[0]) if word in shared)


# Courses --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """One assessment of a course: when (None: not known), and its grade."""

    at: Moment | None
    graded: Graded


@dataclass(frozen=True, slots=True)
class Course:
    """Repeated assessments. ``reached`` is when the worst grade was first certain; None while it is open, or not dated."""

    worst: Graded
    reached: Moment | None
    series: tuple[Point, ...]


def in_order(at: Moment | None) -> tuple[bool, object, object]:
    """Sort key: by time, what has none last."""
    return (True, 0, 0) if at is None else (False, at.first, at.last)


def course(points: Iterable[Point]) -> Course:
    """The worst grade of assessments, when it was reached, and the assessments in order of time; ValueError without any."""
    series = tuple(sorted(points, key=lambda point: in_order(point.at)))
    if not series:
        raise ValueError("A course needs at least one assessment.")
    least = max((point.graded.possible[0] for point in series), key=_ORDER.index)
    at_least = [each for point in series for each in point.graded.possible if _ORDER.index(each) >= _ORDER.index(least)]
    possible = by_weight(at_least)
    bearing = next(point for point in series if point.graded.possible[0] == least)
    open_ones = [point.graded for point in series if _ORDER.index(point.graded.possible[-1]) > _ORDER.index(least)]
    worst = Graded(
        possible=possible,
        cell=bearing.graded.cell,
        missing=tuple(dict.fromkeys(word for graded in open_ones for word in graded.missing)),
        reason=bearing.graded.reason if possible == (NOT_IT,) else "",
        note=bearing.graded.note,
    )
    return Course(worst, bearing.at if len(possible) == 1 and least != NOT_IT else None, series)
