"""The drug account against the records of infusions: what does not fit, a sentence each, and every vial's way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.urls import reverse

from accounts.models import Site
from audit import clock
from dosing.account import Held, Infusion, infusions, naming, vials_of, with_ledgers
from dosing.stock import StockCount
from protocol import parameters, stock
from protocol.dates import show
from protocol.stock import IN_PHARMACY, PUTS, Entry, VialAct, VialState


@dataclass(frozen=True)
class Mismatch:
    """Something that does not fit: the vial, dose or lot it is about, the sentence, and where one sees more."""

    about: str
    sentence: str
    url: str = ""


@dataclass
class Row:
    """The way of one vial: the day of each step that stands, ISO 8601, with whom it was for; and what does not fit."""

    held: Held
    received: str = ""
    dispensed: str = ""
    dispensed_for: str = ""
    used: str = ""
    used_for: str = ""
    returned: str = ""
    gone: str = ""
    gone_on: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def shown(self) -> dict[str, str]:
        """The days as people read them."""
        return {step: show(getattr(self, step)) for step in (*_STEPS.values(), "gone_on")}


@dataclass
class Reconciliation:
    """A site's account compared: the mismatches, and every vial, those with a mismatch first."""

    mismatches: list[Mismatch] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def reconcile(site: Site) -> Reconciliation:
    return reconciled([site])[site.pk]


def reconciled(sites: Collection[Site]) -> dict[int, Reconciliation]:
    """The comparison for several sites, by the site's id; as many queries for one site as for all."""
    held, given, counts = defaultdict(list), defaultdict(list), defaultdict(list)
    for each in with_ledgers(vials_of(sites)):
        if each.vial.state != VialState.MISTAKEN:
            held[each.vial.site_id].append(each)
    for infusion in infusions(sites):
        given[infusion.site].append(infusion)
    for count in StockCount.objects.filter(site__in=sites).order_by("counted_on", "id"):
        counts[count.site_id].append(count)
    return {site.pk: _of_site(site, held[site.pk], given[site.pk], counts[site.pk]) for site in sites}


def _of_site(site: Site, held: list[Held], given: list[Infusion], counts: list[StockCount]) -> Reconciliation:
    today, named = clock.today(site.time_zone), naming(given)
    recorded = {each.whose: each for each in given}
    found = Reconciliation([*_infusions(site, given, held), *_counts(site, counts)])
    for each in held:
        row = _row(each)
        row.faults = list(_vial(each, named.get(each.number, []), recorded, today))
        found.rows.append(row)
        url = reverse("drug_vial", args=[site.code, each.vial.pk])
        found.mismatches += [Mismatch(each.number, sentence, url) for sentence in row.faults]
    found.rows.sort(key=lambda row: not row.faults)
    return found


def _for(entry: Entry | Infusion) -> str:
    return f"{entry.patient}, {entry.dose}"


def _dated(on: str) -> str:
    return f" on {show(on)}" if on else ""


# ---- a vial ------------------------------------------------------------------------------------------------------------

_STEPS = {VialAct.RECEIVE: "received", VialAct.DISPENSE: "dispensed", VialAct.TAKE_BACK: "returned", VialAct.USE: "used"}
_GONE = {VialAct.DESTROY, VialAct.SEND_BACK, VialAct.LOSE, VialAct.SEND_ON, VialAct.ARRIVE}
_NOT_FOR_USE = (VialState.RETURNED, VialState.QUARANTINED, VialState.ON_THE_WAY, VialState.AT_ANOTHER_SITE)


def _row(held: Held) -> Row:
    row = Row(held)
    for entry in stock.that_stand(held.entries):
        step = _STEPS.get(entry.act)
        if step:
            setattr(row, step, entry.on)
            if entry.patient:
                setattr(row, f"{step}_for", _for(entry))
        elif entry.act in _GONE:
            place = held.vial.transfer.to_site.code if held.vial.transfer else ""
            words = {VialAct.SEND_ON: f"Sent to {place}", VialAct.ARRIVE: f"Received at {place}"}
            row.gone, row.gone_on = words.get(entry.act, entry.act.label), entry.on
        if entry.act in (VialAct.FIND, VialAct.RECEIVE):
            row.gone = row.gone_on = ""
    return row


def _vial(held: Held, named: Sequence[Infusion], recorded: dict[tuple[str, str], Infusion], today: date) -> Iterator[str]:
    """What does not fit about a vial."""
    number, use = held.number, held.standing.use
    if use is not None:
        yield from _used(held, use)
        if not any(each.whose == (use.patient, use.dose) for each in named):
            yield f"{number} is used for {_for(use)} in the account, and the record of that infusion does not name it."
    elif named:
        yield f"{number} is named by the infusion of {_for(named[0])}, and the account does not have it as used."
    else:
        yield from _left(held, recorded, today)
    if len(named) > 1:
        yield f"{number} is named by {len(named)} infusions: {' and '.join(_for(each) for each in named)}."


def _used(held: Held, use: Entry) -> Iterator[str]:
    number, vial, standing = held.number, held.vial, held.standing
    out, custody = standing.out, standing.custody
    was = f"{number} was used for {_for(use)}{_dated(use.on)}"
    if out is None:
        where = standing.kept
        besides = f"; the account had it as {where.label.lower()}" if where in _NOT_FOR_USE else ""
        yield f"{was} without being dispensed{besides}."
    elif (out.patient, out.dose) != (use.patient, use.dose):
        yield f"{was}, and it was dispensed for {_for(out)}."
    elif use.on and len(use.on) == len(out.on) and use.on < out.on:
        yield f"{was}, before it was dispensed{_dated(out.on)}."
    if custody is not None and custody.act in _GONE and use.on and custody.on < use.on:
        yield f"{was}; by the account it was {PUTS[custody.act].label.lower().removesuffix(' unused')} before, on {show(custody.on)}."
    last, first = stock.last_day(vial.expires_on), stock.first_day(use.on)
    if last and first and first > last:
        yield f"{was}, after its last day, {show(vial.expires_on)}."


def _left(held: Held, recorded: dict[tuple[str, str], Infusion], today: date) -> Iterator[str]:
    number, vial, standing = held.number, held.vial, held.standing
    out = standing.out
    if standing.state is VialState.DISPENSED and out is not None:
        was = f"{number} was dispensed for {_for(out)}{_dated(out.on)}"
        longest = timedelta(days=parameters.whole("dispensed_open_days"))
        if (out.patient, out.dose) in recorded:
            yield f"{was}; the record of that infusion does not name it, and it is not taken back."
        elif today - date.fromisoformat(out.on) > longest:
            yield f"{was}, and is neither used nor taken back."
    if standing.state is VialState.ON_THE_WAY and standing.custody is not None:
        longest = timedelta(days=parameters.whole("on_the_way_days"))
        if today - date.fromisoformat(standing.custody.on) > longest:
            yield f"{number} was sent to {vial.transfer.to_site.code}{_dated(standing.custody.on)}, and is not received there."
    if standing.state in IN_PHARMACY and stock.expired(vial.expires_on, today):
        yield f"{number} expired (last day {show(vial.expires_on)}) and is still in the pharmacy."


# ---- infusions and counts ----------------------------------------------------------------------------------------------


def _infusions(site: Site, given: Iterable[Infusion], held: Iterable[Held]) -> Iterator[Mismatch]:
    strengths = {each.number: each.vial.strength_mg for each in held}
    for each in given:
        url = reverse("record", args=[each.patient, "EC", each.dose])
        unknown = [number for number in each.numbers if number not in strengths]
        about, what = f"{each.patient} {each.dose}", f"The infusion of {_for(each)}{_dated(each.on)}"
        if not each.numbers:
            yield Mismatch(about, f"{what} names no vial.", url)
        elif unknown:
            yield Mismatch(about, f"{what} names {', '.join(unknown)}: {site.code} never had it.", url)
        else:
            hold = sum((strengths[number] for number in each.numbers), Decimal())
            if each.mg is not None and each.mg > hold:
                yield Mismatch(about, f"{what}: {_plain(each.mg)} mg were given, and the vials named hold {_plain(hold)} mg.", url)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _counts(site: Site, counts: Iterable[StockCount]) -> Iterator[Mismatch]:
    """The last count of each lot, where it found more or fewer than the account has."""
    last = {(each.strength_mg, each.lot): each for each in counts}
    url = reverse("drug_counts", args=[site.code])
    for (strength, lot), each in last.items():
        if each.counted != each.expected:
            said = f"Lot {lot}, {_plain(strength)} mg: {each.counted} counted on {show(each.counted_on)}, {each.expected} in the account."
            yield Mismatch(f"Lot {lot}", said, url)
