"""A result on a laboratory form together with what it is read by: its number, its unit, its range, its multiple of ULN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol import laboratory
from protocol.dates import before
from protocol.engine import look
from protocol.facts import Demographics
from protocol.laboratory import LabTest, Printed
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
