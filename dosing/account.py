"""Reading the drug account: vials with their ledgers, the balance, and the infusions that name vials."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet

from accounts.models import Site
from crf import registry
from dosing.stock import Vial, VialMovement
from protocol import stock
from protocol.codelists import DoseOccurrence
from protocol.stock import CONSUMED, IN_PHARMACY, Entry, Standing, VialState


@dataclass
class Held:
    """A vial with its ledger."""

    vial: Vial
    entries: list[Entry] = field(default_factory=list)

    @property
    def number(self) -> str:
        return self.vial.number

    @property
    def standing(self) -> Standing:
        return stock.fold(self.entries)


def with_ledgers(vials: QuerySet[Vial]) -> list[Held]:
    """Vials with their ledgers, in the order of the query; two queries whatever their number."""
    found = {vial.pk: Held(vial) for vial in vials}
    for movement in VialMovement.objects.filter(vial__in=list(found)).order_by("id"):
        found[movement.vial_id].entries.append(movement.entry())
    return list(found.values())


def vials_of(sites: Iterable[Site]) -> QuerySet[Vial]:
    """Every vial of some sites, by strength and number; those entered by mistake too."""
    return Vial.objects.filter(site__in=list(sites)).select_related("site", "shipment__transfer__site", "transfer__to_site").order_by("site_id", "strength_mg", "number", "id")


# ---- balance ---------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """What became of the vials of one strength, lot and expiry: how many are in each state. Every vial is in one."""

    strength_mg: Decimal
    lot: str
    expires_on: str
    counts: Counter[VialState] = field(default_factory=Counter)

    @property
    def received(self) -> int:
        return sum(self.counts.values()) - self.counts[VialState.MISTAKEN]

    @property
    def in_pharmacy(self) -> int:
        return sum(self.counts[state] for state in IN_PHARMACY)

    @property
    def used(self) -> int:
        return sum(self.counts[state] for state in CONSUMED)

    @property
    def sent_on(self) -> int:
        """To other sites, on the way or there."""
        return self.counts[VialState.ON_THE_WAY] + self.counts[VialState.AT_ANOTHER_SITE]

    def of(self, state: VialState) -> int:
        return self.counts[state]


def balance(site: Site, as_of: date | None = None) -> list[Line]:
    """The balance of a site's account by strength, lot and expiry: the sum of all movements, each of which takes a vial out of
    one state and puts it into another. With ``as_of`` what was true at the end of that day, by what is known now.
    """
    return balances([site], as_of)[site.pk]


def balances(sites: Collection[Site], as_of: date | None = None) -> dict[int, list[Line]]:
    """The balance of several sites, by the site's id."""
    lines: dict[int, dict[tuple, Line]] = {site.pk: {} for site in sites}
    for site, key, state, number in _summed(sites) if as_of is None else _on_the_day(sites, as_of):
        lines[site].setdefault(key, Line(*key)).counts[state] += number
    return {site: [found[key] for key in sorted(found) if found[key].received] for site, found in lines.items()}


def _summed(sites: Collection[Site]):
    """(site, line, state, how many more or fewer) of every kind of movement."""
    key = ("vial__site_id", "vial__strength_mg", "vial__lot", "vial__expires_on")
    moved = VialMovement.objects.filter(vial__site__in=sites).order_by().values_list(*key, "from_state", "to_state").annotate(n=Count("id"))
    for site, strength, lot, expires_on, before, after, n in moved:
        line = (strength, lot, expires_on)
        yield site, line, VialState(after), n
        if before:
            yield site, line, VialState(before), -n


def _on_the_day(sites: Collection[Site], day: date):
    for held in with_ledgers(vials_of(sites)):
        then = stock.fold(held.entries, until=day.isoformat())
        if then.custody is not None:
            vial = held.vial
            yield vial.site_id, (vial.strength_mg, vial.lot, vial.expires_on), then.state, 1


def in_pharmacy(site: Site, strength_mg: Decimal, lot: str, as_of: date | None = None) -> int:
    """How many vials of a lot a count of the pharmacy must find."""
    return sum(line.in_pharmacy for line in balance(site, as_of) if (line.strength_mg, line.lot) == (strength_mg, lot))


# ---- infusions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Infusion:
    """What the record of an infusion that took place says: ``on`` as ISO 8601 text, numbers in capitals, mg given."""

    site: int
    patient: str
    dose: str
    on: str
    numbers: tuple[str, ...]
    mg: Decimal | None

    @property
    def whose(self) -> tuple[str, str]:
        return self.patient, self.dose


def infusions(sites: Iterable[Site]) -> list[Infusion]:
    """The infusions on record at some sites, drafts too, void ones not; in order of date."""
    records = registry.form("EC").objects.filter(
        patient__site__in=list(sites), voided=False, occurrence=DoseOccurrence.GIVEN.value
    ).select_related("patient", "visit").order_by("given_on", "id")  # fmt: skip
    return [
        Infusion(each.patient.site_id, each.patient.number, each.visit.code, each.given_on, stock.numbers(each.vials), each.dose_mg)
        for each in records
    ]


def naming(found: Iterable[Infusion]) -> dict[str, list[Infusion]]:
    """Vial number → the infusions that name it."""
    by_number: dict[str, list[Infusion]] = defaultdict(list)
    for each in found:
        for number in each.numbers:
            by_number[number].append(each)
    return by_number
