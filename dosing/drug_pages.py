"""What the pages of the drug account show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access import grants
from accounts.models import Site
from accounts.roles import Permission
from audit import clock
from audit.history import history_of
from crf import lists
from crf.lists import Filter, Head, asked
from crf.reference_pages import faults_of
from dosing import accountability
from dosing.account import Held, Line, balance, balances, vials_of, with_ledgers
from dosing.reconciliation import Mismatch, Reconciliation, Row, reconcile, reconciled
from dosing.stock import Shipment, StockCount, Transfer, Vial, VialMovement
from dosing.transfers import on_the_way
from patients.access import site_for, sites_for
from protocol import parameters, stock
from protocol.dates import show
from protocol.stock import BY_PERSON, CONSUMED, VialAct, VialState

KNOWS = (Permission.VIEW, Permission.DRUG)  # who may read the account of a site

# State → the icon that stands beside its words.
KINDS = {
    VialState.IN_STOCK: "ok", VialState.DISPENSED: "progress", VialState.RETURNED: "due", VialState.QUARANTINED: "warn",
    VialState.USED: "submitted", VialState.USED_DESTROYED: "closed", VialState.USED_SENT_BACK: "closed",
    VialState.DESTROYED: "closed", VialState.SENT_BACK: "closed", VialState.LOST: "danger", VialState.MISTAKEN: "void",
    VialState.ON_THE_WAY: "progress", VialState.AT_ANOTHER_SITE: "closed", VialState.USED_AWAY: "warn",
}  # fmt: skip
# What is done, as the button has it.
DO = {
    VialAct.DISPENSE: "Dispense", VialAct.TAKE_BACK: "Take back from the ward", VialAct.RETURN: "Return to stock, checked",
    VialAct.QUARANTINE: "Put in quarantine", VialAct.RELEASE: "Release from quarantine", VialAct.DESTROY: "Destroy",
    VialAct.SEND_BACK: "Send back to the sponsor", VialAct.LOSE: "Enter as lost", VialAct.FIND: "Enter as found again",
    VialAct.SEND_ON: "Send to another site",
}  # fmt: skip


def plain(number: Decimal) -> str:
    """10, not 10.00."""
    return f"{number.normalize():f}"


def site_or_404(user, code: str, permission: Permission | None = None) -> Site:
    return site_for(user, code, permission, sees=KNOWS)


def vial_or_404(site: Site, pk: int) -> Held:
    found = with_ledgers(vials_of([site]).filter(pk=pk)) if pk < 2**63 else []
    if not found:
        raise Http404("There is no such vial at this site.")
    return found[0]


def today(site: Site) -> date:
    return clock.today(site.time_zone)


def about(user, site: Site) -> dict:
    """What every page of a site's account is given."""
    return {
        "site": site, "zone": site.time_zone, "several": sites_for(user, *KNOWS).count() > 1,
        "may_keep": grants(user).may(Permission.STOCK, site), "may_count": accountability.may_count(user, site),
    }  # fmt: skip


# ---- all sites ---------------------------------------------------------------------------------------------------------


@dataclass
class SiteLine:
    """A site's account in a line: vials in the pharmacy by strength, those out, and what does not fit."""

    site: Site
    in_pharmacy: list[int]
    dispensed: int
    used: int
    expiry: tuple[str, str]
    mismatches: int


def overview(user) -> list[SiteLine]:
    """A line for each of the person's sites; the number of queries is the same for one site and for all."""
    sites = list(sites_for(user, *KNOWS).order_by("record_order", "id"))
    found, compared = balances(sites), reconciled(sites)
    return [_site_line(site, found[site.pk], compared[site.pk]) for site in sites]


def _site_line(site: Site, lines: list[Line], compared: Reconciliation) -> SiteLine:
    held = [line for line in lines if line.in_pharmacy]
    nearest = min(held, key=lambda line: stock.last_day(line.expires_on) or date.max, default=None)
    return SiteLine(
        site, [sum(line.in_pharmacy for line in lines if line.strength_mg == each) for each in stock.strengths()],
        sum(line.of(VialState.DISPENSED) for line in lines), sum(line.used for line in lines),
        expiry(nearest.expires_on, today(site)) if nearest else ("", ""), len(compared.mismatches),
    )  # fmt: skip


def expiry(expires_on: str, on: date) -> tuple[str, str]:
    """(kind, words) of how near the expiry of vials in the pharmacy is."""
    last = stock.last_day(expires_on)
    if last is None:
        return "", ""
    left = (last - on).days
    if left < 0:
        return "danger", "Expired"
    if left > parameters.whole("expiry_warning_days"):
        return "ok", "In date"
    return "due", "Expires today" if left == 0 else f"Expires in {left} day{'' if left == 1 else 's'}"


# ---- one site ----------------------------------------------------------------------------------------------------------


@dataclass
class BalanceRow:
    """A line of the balance as the page has it."""

    line: Line
    strength: str
    expires: str
    kind: str
    word: str
    cells: list[int]
    expiry_url: str


@dataclass
class VialRow:
    vial: Vial
    strength: str
    expires: str
    kind: str
    word: str
    whose: str
    since: str
    url: str
    void: bool

    @property
    def since_shown(self) -> str:
        return show(self.since)


@dataclass
class ShipmentRow:
    shipment: Shipment
    strength: str
    received: str
    expires: str
    vials: int  # that stand in the account


@dataclass
class Box:
    """A transfer with its vials that are still on the way."""

    transfer: Transfer
    vials: list[Vial]

    @property
    def what(self) -> str:
        """How many vials of which lots."""
        lots = Counter((each.strength_mg, each.lot) for each in self.vials)
        return ", ".join(f"{lists.counted(n, 'vial')} of lot {lot}, {plain(strength)} mg" for (strength, lot), n in sorted(lots.items()))

    @property
    def lines(self) -> list[tuple[Vial, str, str]]:
        """Each vial with its strength and its expiry, as people read them."""
        return [(each, plain(each.strength_mg), show(each.expires_on)) for each in self.vials]

    @property
    def sent(self) -> str:
        return show(self.transfer.sent_on)

    @property
    def url(self) -> str:
        return reverse("drug_arrival", args=[self.transfer.to_site.code, self.transfer.pk])


def boxes(sites: Iterable[Site]) -> list[Box]:
    """The boxes that are on the way to some sites, the oldest first."""
    found: dict[int, Box] = {}
    for vial in on_the_way(list(sites)):
        found.setdefault(vial.transfer_id, Box(vial.transfer, [])).vials.append(vial)
    return list(found.values())


@dataclass
class Account(lists.Listing):
    """The stock of a site: the balance, the shipments, and the vials that the filter asks for."""

    balance: list[BalanceRow] = field(default_factory=list)
    total: list[int] = field(default_factory=list)
    shipments: list[ShipmentRow] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    acts: list[tuple[str, str]] = field(default_factory=list)
    about: dict = field(default_factory=dict)


BALANCE_HEADS = ("Received", "In stock", "To be checked", "In quarantine", "In the pharmacy", "Dispensed", "Used", "Destroyed", "Sent back", "Lost", "Sent on")  # fmt: skip  # noqa: E501
VIAL_COLUMNS = {"Vial": "number", "Strength": "strength", "Lot": "lot", "Expires": "expires", "State": "state", "For": "whose", "Since": "since"}  # fmt: skip  # noqa: E501


def _cells(line: Line) -> list[int]:
    states = (VialState.IN_STOCK, VialState.RETURNED, VialState.QUARANTINED)
    return [line.received, *(line.of(state) for state in states), line.in_pharmacy, line.of(VialState.DISPENSED), line.used,
            line.of(VialState.DESTROYED), line.of(VialState.SENT_BACK), line.of(VialState.LOST), line.sent_on]  # fmt: skip


def account(request, site: Site) -> Account:
    """The stock of a site, its vials as the URL asks for them."""
    day, lines, held = today(site), balance(site), with_ledgers(vials_of([site]))
    rows, cells = [balance_row(site, line) for line in lines], [_cells(line) for line in lines]
    filters = _filters(request, lines)
    kept = {each.name: each.value for each in filters if each.value}
    sort = asked(request, "sort")
    found = _sorted([vial_row(site, each, day) for each in held if _fits(each, kept)], sort)
    return Account(
        found, filters, list(VIAL_COLUMNS), [_csv(each) for each in found],
        balance=rows, total=[sum(column) for column in zip(*cells, strict=True)] if len(lines) > 1 else [], shipments=_shipments(site, held),
        heads=lists.heads(VIAL_COLUMNS, kept, sort, num=("Strength",)), acts=[(act.value, DO[act]) for act in BY_PERSON],
        about={**about(request.user, site), "balance_heads": BALANCE_HEADS, "sorted": [("sort", sort)] if sort else [],
               "vials_csv": "?" + urlencode({**kept, **({"sort": sort} if sort else {}), "csv": 1}),
               "mismatches": len(reconcile(site).mismatches), "all": len(held), "boxes": boxes([site])},
    )  # fmt: skip


def balance_row(site: Site, line: Line) -> BalanceRow:
    kind, word = expiry(line.expires_on, today(site)) if line.in_pharmacy else ("", "")
    where = {"strength": plain(line.strength_mg), "lot": line.lot, "expires": line.expires_on}
    return BalanceRow(line, where["strength"], show(line.expires_on), kind, word, _cells(line),
                      f"{reverse('drug_expiry', args=[site.code])}?{urlencode(where)}")  # fmt: skip


def _filters(request, lines: list[Line]) -> list[Filter]:
    strengths = dict.fromkeys(plain(line.strength_mg) for line in lines)
    lots = dict.fromkeys(line.lot for line in lines)
    return [
        Filter("state", "State", "select", asked(request, "state"), VialState.choices()),
        Filter("strength", "Strength", "select", asked(request, "strength"), [(each, f"{each} mg") for each in strengths]),
        Filter("lot", "Lot", "select", asked(request, "lot"), [(lot, lot) for lot in lots]),
        Filter("q", "Vial or patient", "text", asked(request, "q")),
    ]


def _fits(held: Held, kept: dict[str, str]) -> bool:
    vial = held.vial
    fits = {"state": vial.state, "strength": plain(vial.strength_mg), "lot": vial.lot}
    words = f"{vial.number} {vial.patient_number}".casefold()
    return all(value.casefold() in words if name == "q" else fits[name] == value for name, value in kept.items())


def vial_row(site: Site, held: Held, day: date) -> VialRow:
    vial, state = held.vial, VialState(held.vial.state)
    word, standing = state.label, held.standing
    if state in stock.IN_PHARMACY and stock.expired(vial.expires_on, day):
        word = f"{word}, expired"
    last = standing.use if state in CONSUMED and standing.use else standing.custody
    return VialRow(
        vial, plain(vial.strength_mg), show(vial.expires_on), "danger" if word.endswith("expired") else KINDS[state], word,
        f"{vial.patient_number} {vial.dose}".strip(), last.on if last else "", reverse("drug_vial", args=[site.code, vial.pk]),
        state is VialState.MISTAKEN,
    )  # fmt: skip


def _csv(row: VialRow) -> list[object]:
    return [row.vial.number, row.strength, row.vial.lot, row.vial.expires_on, row.word, row.whose, row.since]


_ORDER = {
    "number": lambda row: row.vial.number, "strength": lambda row: row.vial.strength_mg, "lot": lambda row: row.vial.lot,
    "expires": lambda row: row.vial.expires_on, "state": lambda row: list(VialState).index(VialState(row.vial.state)),
    "whose": lambda row: row.whose or "\uffff", "since": lambda row: row.since,
}  # fmt: skip


def _sorted(rows: list[VialRow], sort: str) -> list[VialRow]:
    key = _ORDER.get(sort.removeprefix("-"))
    ordered = sorted(rows, key=key) if key else rows
    return ordered[::-1] if key and sort.startswith("-") else ordered


def _shipments(site: Site, held: list[Held]) -> list[ShipmentRow]:
    """The shipments, the latest first."""
    standing = Counter(each.vial.shipment_id for each in held if each.vial.state != VialState.MISTAKEN)
    found = Shipment.objects.filter(site=site).select_related("transfer__site").order_by("-received_on", "-id")
    return [ShipmentRow(each, plain(each.strength_mg), show(each.received_on), show(each.expires_on), standing[each.pk]) for each in found]


# ---- one vial ----------------------------------------------------------------------------------------------------------


@dataclass
class LedgerLine:
    """A line of the ledger as the page has it."""

    number: int
    on: str
    what: str
    whose: str
    to: str
    reason: str
    who: str
    role: str
    at: object
    void: bool
    takes_back: str


def vial_page(user, site: Site, held: Held, typed: str = "", faults: dict[str, list[str]] | None = None) -> dict:
    """One vial: what it is, its whole ledger, what can be done."""
    vial, state = held.vial, VialState(held.vial.state)
    given, may = about(user, site), grants(user).may(Permission.STOCK, site)
    acts = [(DO[act], f"{reverse('drug_act', args=[site.code])}?{urlencode({'act': act.value, 'vial': vial.number})}") for act in stock.acts_in(state)]
    last = held.standing.custody
    return {
        **given, "vial": vial, "row": vial_row(site, held, today(site)), "lines": _ledger(held),
        "state_kind": KINDS[state], "state_word": state.label, "acts": acts if may else [], "last": last if may and last and last.act is not VialAct.ARRIVE else None,
        "last_words": _last_words(held), "typed": typed, "faults": faults or {}, "strength": plain(vial.strength_mg),
        "sent": show(vial.transfer.sent_on) if vial.transfer and state in (VialState.ON_THE_WAY, *stock.LEFT) else "",
        "expires": show(vial.expires_on), "received": show(vial.shipment.received_on), "dose_url": reverse("record", args=[vial.patient_number, "EC", vial.dose]) if vial.dose else "",
    }  # fmt: skip


def _last_words(held: Held) -> str:
    last = held.standing.custody
    if last is None:
        return ""
    whom = f" for {last.patient}, {last.dose}" if last.patient else ""
    return f"{last.act.label}{whom} on {show(last.on)}"


def _ledger(held: Held) -> list[LedgerLine]:
    lines = list(VialMovement.objects.filter(vial=held.vial).order_by("id"))
    entered = history_of(VialMovement)._default_manager.filter(id__in=[each.pk for each in lines])
    who = {pk: (name, at) for pk, name, at in entered.values_list("id", "change_set__actor_name", "history_date")}
    place = {each.pk: n for n, each in enumerate(lines, start=1)}
    gone = {each.takes_back_id: place[each.pk] for each in lines if each.takes_back_id}
    return [
        LedgerLine(
            n, show(each.on) if each.on else "", each.get_act_display(), f"{each.patient_number} {each.dose}".strip(),
            each.get_to_state_display(), each.reason, who[each.pk][0], each.by_role, who[each.pk][1], each.pk in gone,
            f"takes back line {place[each.takes_back_id]}" if each.takes_back_id else f"taken back by line {gone[each.pk]}" if each.pk in gone else "",
        )
        for n, each in enumerate(lines, start=1)
    ]  # fmt: skip


# ---- reconciliation and counts -----------------------------------------------------------------------------------------


@dataclass
class Compared(lists.Listing):
    """The reconciliation list: what does not fit, then every vial's way."""

    mismatches: list[Mismatch] = field(default_factory=list)
    about: dict = field(default_factory=dict)


WAY = ["Vial", "Strength", "Lot", "Expires", "Received", "Dispensed", "Dispensed for", "Used", "Used for", "Taken back",
       "Destroyed, sent back, sent on, lost", "On", "State", "What does not fit"]  # fmt: skip


def compared(request, site: Site) -> Compared:
    """The reconciliation list of a site as the URL asks for it."""
    found = reconcile(site)
    only = Filter("only", "Only what does not fit", "check", "1" if asked(request, "only") else "")
    state = Filter("state", "State", "select", asked(request, "state"), VialState.choices())
    rows = [row for row in found.rows if (row.faults or not only.value) and state.value in ("", row.held.vial.state)]
    counted = StockCount.objects.filter(site=site).order_by("counted_on", "id").last()
    last = f"{show(counted.counted_on)} ({counted.by_role})" if counted else ""
    return Compared(
        [(row, vial_row(site, row.held, today(site))) for row in rows], [state, only], WAY, [_way(row) for row in rows],
        mismatches=found.mismatches, about={**about(request.user, site), "all": len(found.rows), "on": show(today(site).isoformat()),
                                            "last_count": last},
    )  # fmt: skip


def _way(row: Row) -> list[object]:
    vial = row.held.vial
    return [vial.number, plain(vial.strength_mg), vial.lot, vial.expires_on, row.received, row.dispensed, row.dispensed_for, row.used,
            row.used_for, row.returned, row.gone, row.gone_on, VialState(vial.state).label, " ".join(row.faults)]  # fmt: skip


COUNT_HEADS = ["Counted on", "Strength", "Lot", "Found", "In the account", "By", "Remark"]


@dataclass
class Counts(lists.Listing):
    """The counts of a site, the latest first, and the form of a new one."""

    form: object = None
    about: dict = field(default_factory=dict)


def counts(request, site: Site, form) -> Counts:
    found = list(StockCount.objects.filter(site=site).order_by("-counted_on", "-id"))
    rows = [[each.counted_on, plain(each.strength_mg), each.lot, each.counted, each.expected, each.by_role, each.remark] for each in found]
    objects = [(each, plain(each.strength_mg), show(each.counted_on), each.counted - each.expected) for each in found]
    return Counts(objects, [], COUNT_HEADS, rows, form=form, about={**about(request.user, site), "faults": faults_of(form),
        "lots": len(form.fields["which"].choices) > 1})  # fmt: skip
