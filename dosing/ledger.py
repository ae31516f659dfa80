"""Writing ledgers of the drug account: vials locked with their lines, a further line, and refusals in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from accounts.models import Site
from audit import clock
from audit.context import current
from audit.write import save_all
from dosing.account import Held, with_ledgers
from dosing.stock import Vial, VialMovement
from protocol.dates import PartialDate, show
from protocol.stock import Entry, VialAct, VialState

SOURCE = "drug account"


class Refused(Exception):
    """Nothing was stored; ``faults`` says why: name of the question ('' for none) → sentences."""

    def __init__(self, faults: dict[str, list[str]]) -> None:
        super().__init__(" ".join(sentence for each in faults.values() for sentence in each))
        self.faults = faults


def refuse_if(faults: dict[str, list[str]]) -> None:
    found = {name: [each for each in sentences if each] for name, sentences in faults.items()}
    if any(found.values()):
        raise Refused({name: sentences for name, sentences in found.items() if sentences})


def today_at(site: Site) -> date:
    return clock.today(site.time_zone)


# ---- the ledger ------------------------------------------------------------------------------------------------------


def lock(where: Q) -> list[Held]:
    """Vials with their ledgers, held until the transaction ends; always in the same order, so that nobody waits in a ring."""
    return with_ledgers(Vial.objects.filter(where).select_for_update(of=("self",)).select_related("site").order_by("id"))


def hold_account(site: Site) -> None:
    """One after the other at the account of a site. Not its key: rows that point to the site, written before by somebody who
    also waits here, would close a ring.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)


def live(site: Site) -> Q:
    return Q(site=site) & ~Q(state=VialState.MISTAKEN.value)


def enter(
    held: Held, act: VialAct, on: str, *, whom: tuple[str, str] = ("", ""), reason: str = "", takes_back: int | None = None
) -> VialMovement:
    """A further line of a ledger, not yet stored; the vial is as it will be."""
    vial = held.vial
    line = VialMovement(
        vial=vial, act=act.value, on=on, from_state=vial.state, patient_number=whom[0], dose=whom[1], reason=reason,
        takes_back_id=takes_back, by_role=current().actor.role,
    )  # fmt: skip
    held.entries.append(Entry(-len(held.entries) - 1, act, on, *whom, takes_back))  # its number is not known yet
    standing = held.standing
    vial.state = line.to_state = standing.state.value
    vial.patient_number, vial.dose = standing.whose
    vial.kept = standing.kept.value
    vial.dispensed_for = f"{standing.out.patient} {standing.out.dose}" if standing.out else ""
    return line


def store(held: Iterable[Held], lines: list[VialMovement]) -> None:
    vials = [each.vial for each in held]
    if vials:
        save_all(vials)
    if lines:
        save_all(lines)


def no_day(on: str, today: date) -> str:
    """The sentence for what is no full date up to today, or ''."""
    if not on:
        return "Enter the day."
    try:
        day = PartialDate.parse(on).known
    except ValueError as error:
        return str(error)
    if day is None:
        return "The full date is needed: day, month and year."
    return f"{show(on)} lies in the future." if day > today else ""
