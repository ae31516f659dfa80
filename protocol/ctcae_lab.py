"""The CTCAE 5.0 grade of a laboratory result: what the number alone supports, certain or possible, with the evidence in words.

What a grade needs beside the number (symptoms, treatment, a stay in hospital) is not computed: the grade is the lowest that
the number supports, and a note says what would raise it. The limits are those of ``protocol.ctcae_criteria``; everything is
compared as fractions, in the unit system of the result.
"""

from __future__ import annotations

import dataclasses
import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from protocol import parameters
from protocol.calcium import corrected
from protocol.ctcae_criteria import NOT_BY_NUMBER, OF_TEST, Band, Criterion, Limit, Of, When
from protocol.dates import Tri, either, negated
from protocol.exact import POSITIVE, Span, above, at_least, in_unit, limit_in, points, unit_for, words
from protocol.graded import by_weight
from protocol.laboratory import Printed, is_ratio
from protocol.panels import Reading

_MISSING = {
    Of.ULN: "upper limit of normal",
    Of.OVER_ULN: "upper limit of normal",
    Of.LLN: "lower limit of normal",
}


@dataclass(frozen=True, slots=True)
class LabGrade:
    """The grade of a result by one term.

    ``possible`` are the grades that what is known leaves open, lowest first; none for a term that no number grades, and
    ``reason`` says why. ``missing`` is what would narrow them. ``note`` says what beside the number changes the grade.
    """

    test: str
    term: str
    possible: tuple[str, ...]
    evidence: str
    missing: tuple[str, ...] = ()
    note: str = ""
    reason: str = ""

    @property
    def grade(self) -> str | None:
        """'0' to '4' when it is certain."""
        return self.possible[0] if len(self.possible) == 1 else None


def grades(
    reading: Reading,
    *,
    baseline: Reading | None = None,
    at_baseline: bool = False,
    albumin: Reading | None = None,
    anticoagulated: Tri = None,
) -> tuple[LabGrade, ...]:
    """The grade of a result by every term for its test.

    ``baseline`` is the result before treatment, with its own range; ``at_baseline``: the result is itself the baseline, or
    there never was one, and what CTCAE measures against a baseline is left out. ``albumin`` is that of the same sample, for
    calcium. ``anticoagulated``: is the patient on an anticoagulant (INR)?
    """
    test = reading.test
    on = [each for each in OF_TEST.get(test.code, ()) if not each.switch or parameters.flag(each.switch)]
    named = {each.term for each in on}
    without = [LabGrade(test.code, term, (), said(reading), reason=reason)
               for term, reason in NOT_BY_NUMBER.get(test.code, ()) if not term or term not in named]  # fmt: skip
    return (*(_Scene.of(each, reading, baseline, at_baseline, albumin, anticoagulated).graded() for each in on), *without)


def possible(
    reading: Reading,
    *,
    baseline: Reading | None = None,
    at_baseline: bool = False,
    albumin: Reading | None = None,
    anticoagulated: Tri = None,
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(term, possible grades) by every term that a number grades: what ``grades`` says, without words, for many results.

    Between two limits that a result is held against, its grade is the same. So for a test, a unit, a range and a baseline each
    such stretch is graded once, and remembered.
    """
    found = []
    for number, criterion in enumerate(OF_TEST.get(reading.test.code, ())):
        if criterion.switch and not parameters.flag(criterion.switch):
            continue
        like = dataclasses.replace(reading, text="1", printed=_ONE, times_uln=None)
        steps = _steps(reading.test.code, number, like, baseline, at_baseline, anticoagulated)
        value = in_unit(reading, steps.unit)
        if value is not None and reading.test.code == "CA":
            value = corrected(value, steps.unit, albumin)[0]
        scene = functools.partial(_Scene.of, criterion, reading, baseline, at_baseline, albumin, anticoagulated)
        if value is None or value.point is None:
            found.append((criterion.term, scene().graded().possible))
            continue
        stretch = bisect_left(steps.cuts, value.point), bisect_right(steps.cuts, value.point)
        if stretch not in steps.known:
            steps.known[stretch] = scene().graded().possible
        found.append((criterion.term, steps.known[stretch]))
    return tuple(found)


_ONE = Printed("", Decimal(1))


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """Every number at which the grade of a result may change, in ``unit``; ``known``: the grades of a stretch between them."""

    unit: str
    cuts: tuple[Fraction, ...]
    known: dict[tuple[int, int], tuple[str, ...]]


@functools.lru_cache(8192)
def _steps(code: str, number: int, like: Reading, baseline: Reading | None, at_baseline: bool, anticoagulated: Tri) -> _Steps:
    """Of the criterion with this number among those of a test; ``like`` is any result in the same unit, with the same range."""
    scene = _Scene.of(OF_TEST[code][number], like, baseline, at_baseline, None, anticoagulated)
    limits = [limit for when in scene.columns for band in scene._bands(when) for limit in band.limits]
    begins = [each for limit in limits if (each := scene._begins(limit))]
    cuts = {end for each in begins for end in (each.low, each.high) if end is not None}
    return _Steps(scene.unit, tuple(sorted(cuts)), {})


def worst(found: Iterable[LabGrade]) -> LabGrade | None:
    """The one with the highest grade that is at least certain, then the highest possible; None when no number grades it."""
    graded = [each for each in found if each.possible]
    return max(graded, key=lambda each: (each.possible[0], each.possible[-1]), default=None)


def said(reading: Reading) -> str:
    """'Potassium 5.6 mmol/L'."""
    return f"{reading.test.label} {reading.text}{f' {reading.unit}' if reading.unit else ''}"


@dataclass(frozen=True, slots=True)
class _Scene:
    """A result, one criterion, and everything its limits are measured against, in the unit they are compared in."""

    criterion: Criterion
    reading: Reading
    unit: str
    value: Span
    correction: str
    low: Fraction | None
    high: Fraction | None
    baseline: Reading | None
    albumin: Reading | None
    columns: Mapping[When, Tri]
    unread: tuple[str, ...]
    at_baseline: bool

    @classmethod
    def of(
        cls, criterion: Criterion, reading: Reading, baseline: Reading | None, at_baseline: bool, albumin: Reading | None,
        anticoagulated: Tri,
    ) -> _Scene:  # fmt: skip
        test = reading.test
        unit = unit_for(test, reading.unit, criterion.printed_units)
        value, correction = in_unit(reading, unit), ""
        unread: tuple[str, ...] = ()
        if value is None:
            value, unread = POSITIVE, (_unread(reading),)
        elif test.code == "CA":
            value, by = corrected(value, unit, albumin)
            point = f" {words(value.point, unit)}" if value.point is not None else ""
            correction = f", corrected{point} for albumin {by}" if by else ", albumin not known"
            unread = () if by else ("albumin of the same sample",)
        if at_baseline:
            # Against itself an INR on an anticoagulant has not risen; the other terms leave the baseline out.
            baseline = reading if anticoagulated and When.ANTICOAGULATED in criterion.columns else None
        abnormal = False if at_baseline else _abnormal(baseline, criterion.rises)
        answers: dict[When, Tri] = {
            When.ALWAYS: True, When.NORMAL: negated(abnormal), When.ABNORMAL: abnormal,
            When.FREE: negated(anticoagulated), When.ANTICOAGULATED: anticoagulated,
        }  # fmt: skip
        columns = {when: answers[when] for when in criterion.columns if answers[when] is not False}
        return cls(criterion, reading, unit, value, correction, limit_in(reading, "low", unit), limit_in(reading, "high", unit),
                   baseline, albumin, columns, unread, at_baseline)  # fmt: skip

    def graded(self) -> LabGrade:
        found: set[str] = set()
        unknown: set[Of] = set()
        for when in self.columns:
            possible, open_ = self._possible(when)
            found |= possible
            unknown |= open_
        ordered = by_weight(found)
        missing = tuple(dict.fromkeys(self._missing(unknown))) if len(ordered) > 1 else ()
        evidence = f"{said(self.reading)}{self.correction}; {self._why(ordered)}"
        return LabGrade(self.reading.test.code, self.criterion.term, ordered, evidence, missing, self._note(ordered))

    def _missing(self, unknown: set[Of]) -> Iterable[str]:
        """What would narrow the grade, in words."""
        yield from self.unread
        if self.value == POSITIVE:
            return  # a limit would not help
        if self.value.point is None:
            yield from _signed("the result", self.reading)
            yield from _signed("albumin", self.albumin)
        split = None in self.columns.values()
        if split and When.FREE in self.columns:
            yield "whether the patient takes an anticoagulant"
        for each in Of:
            if each is Of.BASELINE and (each in unknown or (split and When.NORMAL in self.columns)):
                signed = tuple(_signed("the baseline", self.baseline)) if in_unit(self.baseline, self.unit) else ()
                yield from signed or (f"baseline value{' with its range' if When.NORMAL in self.columns else ''}",)
            elif each in unknown:
                yield _MISSING[each]

    # Where grades begin

    def _bands(self, when: When) -> tuple[Band, ...]:
        bands = self.criterion.columns[when]
        if not self.at_baseline or self.baseline is not None:
            return bands
        kept = [(band.grade, tuple(limit for limit in band.limits if limit.of is not Of.BASELINE)) for band in bands]
        return tuple(Band(grade, limits) for grade, limits in kept if limits)

    def _begins(self, limit: Limit) -> Span | None:
        """The number past which a grade begins; None when what it is measured against is not known."""
        if limit.of is Of.VALUE:
            return Span.exactly(limit.numbers[self.unit])
        if limit.of is Of.BASELINE:
            before = in_unit(self.baseline, self.unit)
            return None if before is None else before.times(limit.factor)
        reference = self.low if limit.of is Of.LLN else self.high
        if reference is None:
            return None
        return Span.exactly(reference + limit.numbers[self.unit] if limit.of is Of.OVER_ULN else reference * limit.factor)

    def _past(self, limit: Limit, value: Span) -> Tri:
        begins = self._begins(limit)
        if begins is None:
            return None
        first, second = (value, begins) if self.criterion.rises else (begins, value)
        return at_least(first, second) if limit.included else above(first, second)

    def _possible(self, when: When) -> tuple[set[str], set[Of]]:
        """The grades that one column leaves open, and what it was measured against that is not known."""
        bands = self._bands(when)
        begins = [each for band in bands for limit in band.limits if (each := self._begins(limit))]
        cuts = [end for each in begins for end in (each.low, each.high) if end is not None]
        found: set[str] = set()
        unknown: set[Of] = set()
        for number in points(self.value, cuts):
            past = [(band, either(*(self._past(limit, Span.exactly(number)) for limit in band.limits))) for band in bands]
            certain = max((band.grade for band, answer in past if answer), default=0)
            found |= {str(certain), *(str(band.grade) for band, answer in past if answer is None and band.grade > certain)}
            unknown |= {limit.of for band, answer in past if answer is None and band.grade > certain for limit in band.limits
                        if self._past(limit, Span.exactly(number)) is None}  # fmt: skip
        return found, unknown

    # In words

    def _why(self, possible: tuple[str, ...]) -> str:
        if len(possible) > 1:
            return f"grade {', '.join(possible[:-1])} or {possible[-1]}"
        grade, when = int(possible[0]), next(iter(self.columns))
        bands = self._bands(when)
        at = next((n for n, band in enumerate(bands) if band.grade == grade), None)
        shown = list(bands[0].limits) if at is None else [each for each in bands[at].limits if self._past(each, self.value)]
        if at is None:
            text = " and ".join(self._side(limit, inside=True) for limit in shown)
        else:
            text = " or ".join(self._side(limit, inside=False) for limit in shown)
            following = bands[at + 1].limits if at + 1 < len(bands) else ()
            if len(following) == 1:
                text = f"{text}, {self._end(following[0])}"
                shown.append(following[0])
        return f"grade {grade}: {text}{self._references(shown)}"

    def _side(self, limit: Limit, *, inside: bool) -> str:
        """On which side of a limit the result lies."""
        rises, number = self.criterion.rises, self._limit_words(limit)
        if limit.included:
            return f"{'under' if rises else 'over'} {number}" if inside else f"{number} or {'more' if rises else 'less'}"
        return f"{'not ' if inside else ''}{'over' if rises else 'under'} {number}"

    def _end(self, limit: Limit) -> str:
        """Where a band ends, which is where the next one begins."""
        if limit.included:
            return f"{'under' if self.criterion.rises else 'over'} {self._limit_words(limit)}"
        return f"{'up' if self.criterion.rises else 'down'} to {self._limit_words(limit)}"

    def _limit_words(self, limit: Limit) -> str:
        unit = "" if self.unit == "RATIO" else self.unit
        if limit.of is Of.VALUE:
            return words(limit.numbers[self.unit], unit)
        if limit.of is Of.OVER_ULN:
            return f"ULN + {words(limit.numbers[self.unit], unit)}"
        return limit.of.value if limit.factor == 1 else f"{words(limit.factor)} x {limit.of.value}"

    def _references(self, limits: Iterable[Limit]) -> str:
        unit = "" if self.unit == "RATIO" else self.unit
        kinds = {limit.of for limit in limits}
        told = []
        if kinds & {Of.ULN, Of.OVER_ULN} and self.high is not None:
            told.append(f"ULN {words(self.high, unit)}")
        if Of.LLN in kinds and self.low is not None:
            told.append(f"LLN {words(self.low, unit)}")
        if Of.BASELINE in kinds and self.baseline is not None:
            told.append(f"baseline {self.baseline.text} {self.baseline.unit}".strip())
        return f" ({', '.join(told)})" if told else ""

    def _note(self, possible: tuple[str, ...]) -> str:
        if len(possible) > 1:
            return ""
        notes = [self.criterion.notes.get(int(possible[0]), "")]
        edge = self.high if self.criterion.rises else self.low
        if possible[0] != "0" and edge is not None:
            first, second = (Span.exactly(edge), self.value) if self.criterion.rises else (self.value, Span.exactly(edge))
            if at_least(first, second):
                notes.append("The result lies inside the laboratory's own range.")
        if self.at_baseline and self.criterion.needs_baseline:
            notes.append("Graded without a baseline.")
        return " ".join(note for note in notes if note)


def _abnormal(baseline: Reading | None, rises: bool) -> Tri:
    """Was the baseline outside its own range, on the side that the term is about?"""
    if baseline is None:
        return None
    unit = baseline.test.unit
    found, edge = in_unit(baseline, unit), limit_in(baseline, "high" if rises else "low", unit)
    if found is None or edge is None:
        return None
    return above(found, Span.exactly(edge)) if rises else above(Span.exactly(edge), found)


def _signed(what: str, reading: Reading | None) -> Iterable[str]:
    if reading and reading.printed and reading.printed.sign:
        yield f"{what} without its sign ({reading.text})"


def _unread(reading: Reading) -> str:
    if reading.printed is None:
        return "a result that is one number"
    if is_ratio(reading.test, reading.unit):
        return "a result in seconds: a ratio to a control is no multiple of the upper limit"
    return "a unit that converts"
