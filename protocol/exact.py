"""Numbers that a result may stand for, compared without rounding, in the unit system in which a source prints its limit.

A source such as CTCAE prints a limit once for each unit system (8.0 mg/dL and 2.0 mmol/L of calcium), and the two are not
quite the same amount. A result is held against the limit printed for its own system: 8.0 mg/dL is not under 8.0 mg/dL,
although it is 1.996 mmol/L. Everything is a fraction; nothing is rounded before it is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from protocol.dates import Tri
from protocol.laboratory import LabTest, Printed, canonical_unit, shown
from protocol.laboratory_tests import decimal_of
from protocol.panels import Reading

Printings = Mapping[str, Fraction]  # a limit as a source prints it: unit → number


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers from ``low`` to ``high`` (None: without end); ``low_in`` and ``high_in``: do the ends belong to it?"""

    low: Fraction
    low_in: bool
    high: Fraction | None
    high_in: bool

    @classmethod
    def exactly(cls, number: Fraction | Decimal | int | str) -> Span:
        exact = Fraction(number)
        return cls(exact, True, exact, True)

    @classmethod
    def of(cls, printed: Printed) -> Span:
        """What a result as printed stands for; no laboratory result is below zero."""
        number = Fraction(printed.number)
        if printed.sign in ("<", "<="):
            return cls(Fraction(0), True, number, printed.sign == "<=")
        if printed.sign in (">", ">="):
            return cls(number, printed.sign == ">=", None, False)
        return cls.exactly(number)

    @property
    def point(self) -> Fraction | None:
        """The number, when there is only one."""
        return self.low if self.low == self.high else None

    def times(self, factor: Fraction) -> Span:
        """Multiplied by a factor above zero."""
        return Span(self.low * factor, self.low_in, None if self.high is None else self.high * factor, self.high_in)

    def plus(self, other: Span) -> Span:
        """Every sum of a number of the one and a number of the other."""
        high = None if self.high is None or other.high is None else self.high + other.high
        return Span(self.low + other.low, self.low_in and other.low_in, high, self.high_in and other.high_in)

    def less(self, other: Span) -> Span:
        """Every difference; the other has an upper end."""
        assert other.high is not None
        high = None if self.high is None else self.high - other.low
        return Span(self.low - other.high, self.low_in and other.high_in, high, self.high_in and other.low_in)

    def meets(self, other: Span) -> bool:
        """Have the two a number in common?"""
        return above(self, other) is not True and above(other, self) is not True


POSITIVE = Span(Fraction(0), False, None, False)  # a result or limit that is not known


def above(a: Span, b: Span) -> Tri:
    """Is a > b? None when it depends on which of the possible numbers they are."""
    if b.high is not None and (a.low > b.high or (a.low == b.high and not (a.low_in and b.high_in))):
        return True
    return False if a.high is not None and a.high <= b.low else None


def at_least(a: Span, b: Span) -> Tri:
    """Is a >= b?"""
    answer = above(b, a)
    return None if answer is None else not answer


def quotient(a: Span, b: Fraction) -> Span:
    """``a`` as a multiple of a number above zero."""
    return a.times(1 / b)


def points(span: Span, cuts: Iterable[Fraction]) -> tuple[Fraction, ...]:
    """Numbers of the span such that whatever changes only at ``cuts`` takes on them every value that it takes in the span."""
    if span.point is not None:
        return (span.point,)
    inside = sorted({cut for cut in cuts if span.low < cut and (span.high is None or cut < span.high)})
    beyond = [span.low, *inside][-1] + 2 if span.high is None else span.high
    edges = [span.low, *inside, beyond]
    between = [(a + b) / 2 for a, b in zip(edges, edges[1:], strict=False)]
    ends = [span.low] * span.low_in + [span.high] * (span.high is not None and span.high_in)
    return tuple(sorted({*inside, *between, *(end for end in ends if end is not None)}))


# Unit systems ---------------------------------------------------------------------------------------------------------


def factor(test: LabTest, unit: str) -> Fraction | None:
    """The exact factor from a unit as typed to the standard unit; None for one that is unknown or does not convert."""
    canonical = canonical_unit(test, unit)
    return test.factors.get(canonical) if canonical else None


def unit_for(test: LabTest, unit: str, printed_for: Iterable[str]) -> str:
    """In which unit a result in ``unit`` is held against limits that a source prints for some units.

    The one of its own system, that is, a power of ten from it (mg/L and mg/dL, 10^6/L and 10^9/L); else the standard unit.
    """
    own, printed = factor(test, unit), tuple(printed_for)
    if own is None:
        return test.unit
    same = [other for other in printed if test.factors[other] == own]
    near = [other for other in printed if _power_of_ten(own / test.factors[other])]
    return (*same, *near, test.unit)[0]


def _power_of_ten(ratio: Fraction) -> bool:
    number = max(ratio.numerator, ratio.denominator)
    return min(ratio.numerator, ratio.denominator) == 1 and str(number).strip("0") == "1"


def in_unit(reading: Reading | None, unit: str) -> Span | None:
    """The result in another unit; None for none, one that is no number, or a unit that does not convert."""
    if reading is None or reading.printed is None:
        return None
    own = factor(reading.test, reading.unit)
    return None if own is None else Span.of(reading.printed).times(own / reading.test.factors[unit])


def limit_in(reading: Reading | None, which: str, unit: str) -> Fraction | None:
    """The lower ('low') or upper ('high') limit of a result's own range in a unit; None without one above zero."""
    if reading is None or reading.range is None:
        return None
    limit = reading.range.high if which == "high" else reading.range.low
    own = factor(reading.test, reading.range.unit)
    if limit is None or limit <= 0 or own is None:
        return None
    return Fraction(limit) * own / reading.test.factors[unit]


def words(number: Fraction, unit: str = "", against: Fraction | None = None) -> str:
    """For people: up to four significant digits, more when a limit it differs from would look the same."""
    limit = decimal_of(against) if against is not None else None
    text = shown(Printed("", decimal_of(number)), limit)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}".strip()
