"""What happens to an entry of the drug account: read, stored or refused, and what the person is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect

from accounts.models import Site
from crf.lists import asked, counted
from crf.reference_pages import faults_of
from dosing import accountability, transfers
from dosing.account import Line, balance, vials_of, with_ledgers
from dosing.drug_pages import DO, VialRow, about, plain, today, vial_row
from dosing.ledger import Refused
from dosing.stock import Shipment, Transfer, Vial
from dosing.stock_forms import AccountForm, ActForm, ArriveForm, CountForm, ExpiryForm, ReceiveForm
from protocol import stock
from protocol.codelists import YesNo
from protocol.dates import show
from protocol.stock import BY_PERSON, VialAct, VialState


def page(user, site: Site, form: AccountForm, title: str, **more) -> dict:
    """A page with an entry form."""
    return {**about(user, site), "form": form, "title": title, "faults": faults_of(form), "needed": form.needed, **more}


def stored(request, site: Site, said: str, numbers: Collection[str], to: str = "drug_site", *args):
    """Say what was stored and what followed from it; on to the next page."""
    messages.success(request, " ".join(filter(None, [said, accountability.recheck(site, numbers)])))
    return redirect(to, site.code, *args)


# ---- a shipment --------------------------------------------------------------------------------------------------------


def received(user, site: Site, form: ReceiveForm) -> Shipment | None:
    """The shipment as it is stored; None, with the sentences in the form, when it is refused."""
    if not form.is_valid():
        form.refuse(accountability.receipt_faults(site, **{name: value for name, value in form.typed().items() if name != "reference"}))
        return None
    try:
        return accountability.receive(by=user, site=site, **form.typed())
    except Refused as refusal:
        form.refuse(refusal.faults)
        return None


def numbers_of(shipment: Shipment) -> list[str]:
    return list(shipment.vials.order_by("number").values_list("number", flat=True))


def of_shipment(shipment: Shipment) -> str:
    """What has come in, in words."""
    numbers = numbers_of(shipment)
    where = f"{'is' if len(numbers) == 1 else 'are'} {'in quarantine' if shipment.temperature_kept == YesNo.NO else 'in stock'}"
    said = f"{counted(len(numbers), 'vial')} of lot {shipment.lot}, {plain(shipment.strength_mg)} mg, {where}: {stock.as_ranges(numbers)}."
    late = stock.expired(shipment.expires_on, today(shipment.site))
    return f"{said} They have expired: last day {show(shipment.expires_on)}." if late else said


# ---- a box from another site -------------------------------------------------------------------------------------------


def box_or_404(site: Site, pk: int) -> tuple[Transfer, list[Vial]]:
    """A transfer to this site with its vials that are still on the way; 404 when there is none (any more)."""
    vials = list(transfers.on_the_way([site]).filter(transfer=pk)) if pk < 2**63 else []
    if not vials:
        raise Http404("There is no such box on the way to this site; it may have been received already.")
    return vials[0].transfer, vials


def arrived(user, site: Site, sent: Transfer, numbers: Sequence[str], form: ArriveForm) -> list[Shipment]:
    """The shipments as they are stored; none, with the sentences in the form, when it is refused."""
    ticked = [stock.normal(each) for each in numbers]
    if not form.is_valid():
        form.refuse(transfers.arrival_faults(site, numbers=ticked, **form.typed()))
        return []
    try:
        return transfers.arrive(by=user, site=site, transfer=sent, numbers=ticked, **form.typed())
    except Refused as refusal:
        form.refuse(refusal.faults)
        return []


def after_arrival(request, site: Site, sent: Transfer, shipments: list[Shipment]):
    """Say what has come in; the rules of both sites' patients see the new accounts."""
    numbers = [number for each in shipments for number in numbers_of(each)]
    accountability.recheck(sent.site, numbers)
    return stored(request, site, " ".join(map(of_shipment, shipments)), numbers)


# ---- an act ------------------------------------------------------------------------------------------------------------


def act_or_404(code: str) -> VialAct:
    if code not in {act.value for act in BY_PERSON}:
        raise Http404("There is nothing of that kind to enter about a vial.")
    return VialAct(code)


def chosen(site: Site, numbers: Sequence[str]) -> list[VialRow]:
    """The vials of the site that an act is about, by their numbers."""
    wanted = [stock.normal(each) for each in numbers[: stock.MOST_VIALS] if "\x00" not in each]
    known = vials_of([site]).filter(number__in=wanted).exclude(state=VialState.MISTAKEN.value)
    return [vial_row(site, each, today(site)) for each in with_ledgers(known)]


def act_page(user, site: Site, act: VialAct, form: ActForm, vials: list[VialRow]) -> dict:
    """What is asked about an act; vials that cannot take part are named before anything is typed."""
    fit = {state for state in VialState if (state, act) in stock.TRANSITIONS}
    return page(user, site, form, DO[act], act=act, vials=[(row, VialState(row.vial.state) in fit) for row in vials])


def moved(user, site: Site, act: VialAct, numbers: Sequence[str], form: ActForm) -> bool:
    """Is the act stored? If not, the form has the sentences."""
    if not form.is_valid():
        return False
    write = transfers.send_on if act is VialAct.SEND_ON else partial(accountability.move, act=act)
    try:
        write(by=user, site=site, numbers=[stock.normal(each) for each in numbers], **form.typed())
    except Refused as refusal:
        form.refuse(refusal.faults)
        return False
    return True


def of_act(act: VialAct, vials: list[VialRow]) -> str:
    """What was done, in words."""
    return f"{act.label}: {stock.as_ranges([row.vial.number for row in vials])}."


def key(text: str) -> int:
    """The number of a line, as posted; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


# ---- expiry, counts ----------------------------------------------------------------------------------------------------


def lot_or_404(request, site: Site) -> Line:
    """The line of the balance that the address names."""
    wanted = tuple(asked(request, name) for name in ("strength", "lot", "expires"))
    for line in balance(site):
        if (plain(line.strength_mg), line.lot, line.expires_on) == wanted:
            return line
    raise Http404("There is no such lot in the account.")


def redated(user, site: Site, line: Line, form: ExpiryForm) -> list[str]:
    """The vials that have the new date; none, with the sentences in the form, when it is refused."""
    if not form.is_valid():
        return []
    typed = form.typed()
    try:
        return accountability.redate(by=user, site=site, strength_mg=line.strength_mg, lot=line.lot, old=line.expires_on,
                                     new=typed["expires_on"], reason=typed["reason"])  # fmt: skip
    except Refused as refusal:
        form.refuse(refusal.faults)
        return []


def count(user, site: Site, form: CountForm) -> str:
    """What was counted, in words; '', with the sentences in the form, when it is refused."""
    if not form.is_valid():
        return ""
    try:
        found = accountability.count(by=user, site=site, **form.asked())
    except Refused as refusal:
        form.refuse(refusal.faults)
        return ""
    said = f"Lot {found.lot}: {found.counted} counted"
    return f"{said}, as in the account." if found.counted == found.expected else f"{said}, {found.expected} in the account."
