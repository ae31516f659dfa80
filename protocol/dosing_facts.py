"""What the rules see of the drug account: the vials of the patient's site."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from protocol.dates import PartialDate
from protocol.facts import Fact
from protocol.stock import CONSUMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Vial(Fact):
    """A vial in the account of the patient's site; ``number`` in capitals, ``state`` a value of protocol.stock.VialState.

    ``patient_number`` and ``dose`` say whose it is while it is dispensed or used. (``visit`` is the visit of a record, and a
    vial has none.) ``kept`` is the state that the pharmacist's entries give it, of a used vial when it was used, and
    ``dispensed_for`` the patient's number and the dose with which it left the pharmacy: no use changes these two.
    """

    form: ClassVar[str] = "VIAL"
    number: str
    lot: str
    strength_mg: Decimal | None
    expires_on: PartialDate | None
    state: str
    patient_number: str
    dose: str
    kept: str = ""
    dispensed_for: str = ""

    @property
    def where(self) -> str:
        return f"{self.form}:{self.number}"

    @property
    def is_used(self) -> bool:
        """Has an infusion used it, whatever became of the rest?"""
        return self.state in CONSUMED
