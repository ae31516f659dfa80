"""Which rules compare days or times, and which of their examples stand next to one another."""

from __future__ import annotations

import dataclasses
from datetime import date
from types import CodeType, FunctionType

from protocol import dates
from protocol.dates import PartialDate
from protocol.engine import Case

# What a comparison of two days or times comes down to.
COMPARISONS = {dates.before, dates.earlier, dates.within_days_before, dates.within_months_before, dates.days_between, dates.full_years}


def compares_dates(function: object, seen: set[object] | None = None) -> bool:
    """Does a function of ``protocol`` call one of the comparisons, itself or through what it names or closes over?"""
    seen = set() if seen is None else seen
    if function in COMPARISONS:
        return True
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("protocol"):
        return False
    seen.add(function)
    names: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names |= set(code.co_names)
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
    named = [function.__globals__.get(name) for name in sorted(names)] + [cell.cell_contents for cell in function.__closure__ or ()]
    inside = [getattr(each, field.name) for each in named if dataclasses.is_dataclass(each) and not isinstance(each, type)
              for field in dataclasses.fields(each)]  # fmt: skip
    return any(compares_dates(each, seen) for each in (*named, *inside) if isinstance(each, FunctionType))


def _pairs(one: Case, other: Case) -> list[tuple[object, object]] | None:
    """The values of two cases side by side; None when they do not hold the same records."""
    if {form: len(facts) for form, facts in one.records.items()} != {form: len(facts) for form, facts in other.records.items()}:
        return None
    facts = [pair for form in one.records for pair in zip(one.records[form], other.records[form], strict=True)]
    facts += [(one.patient, other.patient)]
    values = [(getattr(a, field.name), getattr(b, field.name)) for a, b in facts for field in dataclasses.fields(a)
              if field.name not in ("id", "row")]  # fmt: skip
    return [*values, (one.clock.now, other.clock.now)]


def _minutes(time: object) -> int | None:
    return int(time[:2]) * 60 + int(time[3:]) if isinstance(time, str) and len(time) == 5 and time[2] == ":" else None


def _step(a: object, b: object) -> bool:
    """One day apart, or one minute."""
    if isinstance(a, PartialDate) and isinstance(b, PartialDate):
        a, b = a.known, b.known
    if isinstance(a, date) and isinstance(b, date):
        return abs((a - b).days) == 1
    first, second = _minutes(a), _minutes(b)
    return first is not None and second is not None and abs(first - second) == 1


def _less_known(full: object, part: object) -> bool:
    """The same day or time with a part unknown, or all of it."""
    if isinstance(full, PartialDate) and full.known:
        return part is None or isinstance(part, PartialDate) and not part.known
    return _minutes(full) is not None and part == ""


def _differ_by(one: Case, other: Case, how) -> bool:
    changed = [pair for pair in _pairs(one, other) or () if pair[0] != pair[1]]
    return bool(changed) and all(how(*pair) for pair in changed)


def next_to(one: Case, other: Case) -> bool:
    """Do two cases differ in nothing but days (or times), each by one?"""
    return _differ_by(one, other, _step)


def with_less_known(full: Case, other: Case) -> bool:
    """Is the other case the same with a day or time unknown, wholly or in part?"""
    return _differ_by(full, other, _less_known)
