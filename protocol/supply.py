"""Do the vials on the shelf cover the doses that are planned? Plain arithmetic for a warning; it says nothing of what to give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from protocol.stock import strengths


@dataclass(frozen=True, slots=True)
class Need:
    """Vials of one strength (mg) that a planned dose takes on a day."""

    on: date
    strength_mg: Decimal
    vials: int


def vials_for(mg: Decimal) -> dict[Decimal, int]:
    """Strength → number of vials that hold so many mg: as many of the largest as fit in, and so on; a rest takes one of the
    smallest. Own reading: the record names no vials.
    """
    found: dict[Decimal, int] = {}
    rest = mg
    for strength in sorted(strengths(), reverse=True):
        number = rest // strength
        if number:
            found[strength] = int(number)
            rest -= number * strength
    if rest > 0 and strengths():
        smallest = min(strengths())
        found[smallest] = found.get(smallest, 0) + int((rest / smallest).to_integral_value(rounding=ROUND_CEILING))
    return found


def short_of(needs: Iterable[Need], shelf: Iterable[tuple[Decimal, date | None]]) -> Counter[Decimal]:
    """Strength → vials that are missing, where some are. ``shelf``: strength and last day (None: not known, never used up first)
    of every vial. Each dose takes the vials that expire first of those that are still good on its day.
    """
    held = sorted(shelf, key=lambda vial: (vial[1] is None, vial[1] or date.max))
    missing: Counter[Decimal] = Counter()
    for need in sorted(needs, key=lambda each: each.on):
        for _ in range(need.vials):
            good = next((vial for vial in held if vial[0] == need.strength_mg and (vial[1] is None or vial[1] >= need.on)), None)
            if good is None:
                missing[need.strength_mg] += 1
            else:
                held.remove(good)
    return missing
