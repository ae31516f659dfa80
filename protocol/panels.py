"""A result on a laboratory form together with what it is read by: its number, its unit, its range, its multiple of ULN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from protocol import laboratory
from protocol.dates import before
from protocol.engine import look
from protocol.facts import Demographics
from protocol.laboratory import LabTest, Printed
from protocol.laboratory_tests import decimal_of
from protocol.screening_facts import LaboratoryPanel, ReferenceRange

FORM_OF = {
    laboratory.Panel.HAEMATOLOGY: "HEM", laboratory.Panel.CHEMISTRY: "CHE", laboratory.Panel.COAGULATION: "COA",
    laboratory.Panel.OTHER: "LBO",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """A result as printed and what follows from it; ``printed`` is None for a result that is no number."""

    test: LabTest
    text: str
    unit: str
    printed: Printed | None
    range: ReferenceRange | None
    times_uln: Printed | None

    def __str__(self) -> str:
        """'INR 1.4 (ULN 1.2)'."""
        limit = f" (ULN {self.range.high.normalize():f})" if self.range and self.range.high is not None else ""
        return f"{self.test.label} {self.text}{f' {self.unit}' if self.unit else ''}{limit}"


def unit_of(panel: LaboratoryPanel, name: str, ranges: Sequence[ReferenceRange]) -> str:
    """The unit of a result: as typed, else that of the laboratory's ranges for the test on the day of the sample, when they
    all mean the same unit.
    """
    typed: str = getattr(panel, f"{name}_unit")
    if typed or not panel.laboratory:
        return typed
    test, on = laboratory.BY_FIELD[name], panel.taken_on
    units = {
        laboratory.canonical_unit(test, each.unit) or each.unit: each.unit for each in _of(panel, test, ranges)
        if before(on, each.valid_from) is not True and before(each.valid_to, on) is not True
    }  # fmt: skip
    return units.popitem()[1] if len(units) == 1 else ""


def _of(panel: LaboratoryPanel, test: LabTest, ranges: Sequence[ReferenceRange]) -> list[ReferenceRange]:
    """The laboratory's ranges for the test: no other is an input of what a rule finds."""
    return [each for each in ranges if look(each).laboratory == panel.laboratory and look(each).test == test.code]


def read(
    panel: LaboratoryPanel, name: str, ranges: Sequence[ReferenceRange], demographics: Demographics | None
) -> Reading | None:
    """The result of a question of the panel; None when nothing is entered."""
    text: str = getattr(panel, name)
    if not text:
        return None
    test, unit = laboratory.BY_FIELD[name], unit_of(panel, name, ranges)
    printed = laboratory.read_printed(text)
    found = laboratory.range_for(
        _of(panel, test, ranges), laboratory=panel.laboratory, test=test.code, sex=demographics.sex if demographics else "",
        born=demographics.birth_date if demographics else None, on=panel.taken_on,
    )  # fmt: skip
    multiple = laboratory.times_uln(test, printed, unit, found) if printed else None
    return Reading(test, text, unit, printed, found, multiple)


def standard(reading: Reading) -> Printed | None:
    """The result in the test's standard unit; None when it is no number, or its unit is unknown or does not convert."""
    return laboratory.to_standard(reading.test, reading.printed, reading.unit) if reading.printed else None


def limits(reading: Reading, unit: str) -> tuple[Printed | None, Printed | None]:
    """Lower and upper limit of the range in ``unit``; None for a limit that there is not, or that does not convert."""
    if reading.range is None:
        return None, None
    low, high = (_in_unit(reading.test, each, reading.range.unit, unit) for each in (reading.range.low, reading.range.high))
    return low, high


def _in_unit(test: LabTest, limit: Decimal | None, unit: str, wanted: str) -> Printed | None:
    has, wants = laboratory.canonical_unit(test, unit), laboratory.canonical_unit(test, wanted)
    if limit is None or has is None or wants is None:
        return None
    if has == wants:
        return Printed("", limit.normalize())
    if has not in test.factors or wants not in test.factors:
        return None
    return Printed("", decimal_of(Fraction(limit) * test.factors[has] / test.factors[wants]))


def flag(reading: Reading) -> str:
    """LOW, HIGH or NORMAL against the range, both limits inclusive; '' when it cannot be said. Information, no verdict."""
    low, high = limits(reading, reading.unit)
    if reading.printed is None or (low is None and high is None):
        return ""
    if low is not None and laboratory.compare(reading.printed, "<", low.number):
        return "LOW"
    if high is not None and laboratory.compare(reading.printed, ">", high.number):
        return "HIGH"
    # No result is below nought, so a limit of nought is kept by <5 as well.
    fits_low = low is None or low.number <= 0 or laboratory.compare(reading.printed, ">=", low.number)
    fits_high = high is None or laboratory.compare(reading.printed, "<=", high.number)
    return "NORMAL" if fits_low and fits_high else ""
