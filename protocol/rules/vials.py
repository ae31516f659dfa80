"""Rules of the vials that an infusion names, against the account of the patient's site.

An infusion that took place is always stored. What should not have been used is a deviation, and the safety desk is asked
whether it was a medication error.
"""

from __future__ import annotations

from collections.abc import Iterator

from protocol.dates import before
from protocol.dosing_facts import Vial
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import Dose, Patient
from protocol.infusion import is_given
from protocol.stock import VialState

_GCP = "ICH E6: the investigational product is used only as the protocol foresees, accounted for, and within its expiry."
_UNFIT = (VialState.QUARANTINED, VialState.RETURNED, VialState.DESTROYED, VialState.SENT_BACK, VialState.LOST,
          VialState.ON_THE_WAY, VialState.AT_ANOTHER_SITE)  # fmt: skip


def _named(dose: Dose, vials: tuple[Vial, ...]) -> Iterator[tuple[str, Vial | None]]:
    """Each vial that a dose names, with what the account has of it; nothing while the site has no account."""
    if not is_given(dose) or not vials:
        return
    known = {look(each).number: each for each in vials}
    for number in dose.vial_numbers:
        yield number, known.get(number)


@rule("DOS-060", Severity.DEVIATION, "EC.vials", cites=_GCP, source=Source.STANDARD, asks_safety=True)
def vial_of_another_place(dose: Dose, vials: tuple[Vial, ...]) -> Verdict:
    """Vial {number} is not in the account of this site. Correct the number, have the pharmacy enter its receipt, or confirm it and
    say why.
    """
    return next(({"number": number} for number, vial in _named(dose, vials) if vial is None), False if dose.vials else None)


@rule("DOS-061", Severity.DEVIATION, "EC.vials", cites=_GCP, source=Source.STANDARD, asks_safety=True, also=("EC.given_on",))
def vial_expired(dose: Dose, vials: tuple[Vial, ...]) -> Verdict:
    """Vial {number} expired on {expires}, and the infusion was on {given}. Correct the number or the date, or confirm it and say why."""
    for number, vial in _named(dose, vials):
        if vial is not None and before(vial.expires_on, dose.given_on):
            return {"number": number, "expires": vial.expires_on, "given": dose.given_on}
    return False if dose.vials else None


@rule("DOS-062", Severity.DEVIATION, "EC.vials", cites=_GCP, source=Source.STANDARD, asks_safety=True)
def vial_used_before(dose: Dose, vials: tuple[Vial, ...], patient: Patient) -> Verdict:
    """Vial {number} was used for another infusion ({whose}). Correct the number, or confirm it and say why."""
    for number, vial in _named(dose, vials):
        if vial is not None and look(vial).is_used and (vial.patient_number, vial.dose) != (look(patient).number, dose.visit):
            mine = vial.patient_number == look(patient).number
            return {"number": number, "whose": vial.dose if mine else "of another patient"}
    return False if dose.vials else None


@rule("DOS-068", Severity.DEVIATION, "EC.vials", cites=_GCP, source=Source.STANDARD, asks_safety=True)
def vial_not_for_use(dose: Dose, vials: tuple[Vial, ...]) -> Verdict:
    """By the account vial {number} is {state}: it was not to be used. Correct the number or the account, or confirm it and say why."""
    for number, vial in _named(dose, vials):
        if vial is not None and vial.kept in _UNFIT:
            return {"number": number, "state": VialState(vial.kept).words}
    return False if dose.vials else None


@rule("DOS-069", Severity.QUERY, "EC.vials", cites=_GCP, source=Source.STANDARD)
def vial_of_another_dose(dose: Dose, vials: tuple[Vial, ...], patient: Patient) -> Verdict:
    """Vial {number} was dispensed for {whose}: check the number."""
    for number, vial in _named(dose, vials):
        if vial is None or vial.dispensed_for in ("", f"{look(patient).number} {dose.visit}"):
            continue
        whose, _, label = vial.dispensed_for.partition(" ")
        return {"number": number, "whose": label if whose == look(patient).number else "another patient"}
    return False if dose.vials else None


@rule("DOS-070", Severity.QUERY, "EC.vials", cites="Nothing is prepared that the vials do not hold.", source=Source.DESIGN,
      also=("EC.prepared_mg", "EC.dose_mg"))
def vials_hold_less(dose: Dose, vials: tuple[Vial, ...]) -> Verdict:
    """The vials hold {held} mg together, and {amount} mg were prepared or given: a vial is missing, or an amount is wrong."""
    amount = dose.prepared_mg if dose.prepared_mg is not None else dose.dose_mg
    found = [vial for _, vial in _named(dose, vials)]
    strengths = [vial.strength_mg for vial in found if vial is not None]
    if amount is None or not found or len(strengths) != len(found):
        return None
    held = sum(strength for strength in strengths if strength is not None)
    return {"held": held, "amount": amount} if held < amount else False
