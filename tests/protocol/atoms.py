"""What each atom must say of which patient: the tables together, by the rule's id."""

from __future__ import annotations

from tests.protocol.atoms_coagulation import COAGULATION
from tests.protocol.atoms_exclusion import EXCLUSION
from tests.protocol.atoms_first_dose import FIRST_DOSE
from tests.protocol.atoms_inclusion import INCLUSION
from tests.protocol.atoms_viral import VIRAL
from tests.protocol.lines import Line

LINES: dict[str, list[Line]] = {**INCLUSION, **COAGULATION, **EXCLUSION, **VIRAL, **FIRST_DOSE}
ALL: list[tuple[str, Line]] = [(name, line) for name, lines in LINES.items() for line in lines]
