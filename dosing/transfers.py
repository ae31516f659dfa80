"""Vials that go from one site to another: sent by the one, received by the other, in one ledger each.

The account of the site that sends keeps the vial as one that has left; that of the site that receives begins, or goes on, with
its receipt. Until then the vial is on the way and belongs to the account of the site that sent it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from accounts.access import actor_for, check
from accounts.models import Site, SiteStatus
from accounts.roles import Permission
from audit.context import acting
from dosing.accountability import take_in
from dosing.ledger import SOURCE, enter, hold_account, live, lock, no_day, refuse_if, store, today_at
from dosing.stock import Shipment, Transfer, Vial
from protocol import stock
from protocol.codelists import YesNo
from protocol.stock import VialAct, VialState
from review.texts import storable


def other_sites(site: Site) -> QuerySet[Site]:
    """The sites to which vials can be sent: active ones."""
    return Site.objects.filter(status=SiteStatus.ACTIVE).exclude(pk=site.pk).order_by("record_order", "id")


def on_the_way(sites: Collection[Site]) -> QuerySet[Vial]:
    """Vials that were sent to one of these sites and have not been received, the oldest first."""
    waiting = Vial.objects.filter(state=VialState.ON_THE_WAY.value, transfer__to_site__in=list(sites))
    return waiting.select_related("transfer__site", "transfer__to_site").order_by("transfer__sent_on", "transfer_id", "strength_mg", "number")


def send_on(*, by, site: Site, to: str, numbers: Collection[str], on: str, reason: str, reference: str = "") -> Transfer:
    """Send vials in stock to another active site (its code), all or none. Raises Refused with a sentence for each vial."""
    check(by, Permission.STOCK, site)
    reason, reference = storable(reason), storable(reference)
    other = other_sites(site).filter(code=to).first() if "\x00" not in to else None
    refuse_if({
        "numbers": ["" if numbers else "Choose at least one vial."], "on": [no_day(on, today_at(site))],
        "reason": ["" if reason else "Say why, and who of the sponsor has agreed."],
        "to": ["" if other else "Choose the site to which they go." if not to else f"“{to[:10]}” is no other active site of the trial."],
    })  # fmt: skip
    day = date.fromisoformat(on)
    with acting(actor_for(by, site), reason=reason, source=SOURCE) as work:
        held = {each.number: each for each in lock(live(site) & Q(number__in=[each for each in numbers if "\x00" not in each]))}
        missing = sorted(set(numbers) - set(held))
        refuse_if({"numbers": [
            f"Not in the account of {site.code}: {stock.as_ranges(missing)}." if missing else "",
            *(stock.why_not(number, each.standing, VialAct.SEND_ON, day, expires_on=each.vial.expires_on) for number, each in held.items()),
        ]})  # fmt: skip
        sent = Transfer(site=site, to_site=other, sent_on=on, reference=reference, remark=reason, by_role=work.actor.role)
        sent.save()
        for each in held.values():
            each.vial.transfer = sent
        store(held.values(), [enter(each, VialAct.SEND_ON, on, reason=f"To {sent.to_site.code}. {reason}") for each in held.values()])
    return sent


def arrive(
    *, by, site: Site, transfer: Transfer, numbers: Collection[str], counted: int | None, received_on: str, temperature_kept: str, remark: str = ""
) -> list[Shipment]:
    """Receive vials of a transfer; those that were not in the box stay on the way. A shipment for each lot. Raises Refused.

    When the temperature was not kept they go into quarantine at once, as those of any other shipment.
    """
    check(by, Permission.STOCK, site)
    remark = storable(remark)
    refuse_if(arrival_faults(site, numbers=numbers, counted=counted, received_on=received_on, temperature_kept=temperature_kept, remark=remark))
    day = date.fromisoformat(received_on)
    with acting(actor_for(by, site), reason="received", source=SOURCE) as work:
        hold_account(site)
        of_box = Q(site=transfer.site, transfer=transfer, number__in=[each for each in numbers if "\x00" not in each])
        held = {each.number: each for each in lock(of_box)}
        missing = sorted(set(numbers) - set(held))
        refuse_if({"numbers": [
            f"Not in this box: {stock.as_ranges(missing)}." if missing else "",
            *(stock.why_not(number, each.standing, VialAct.ARRIVE, day) for number, each in held.items()),
        ]})  # fmt: skip
        # The sender's account lets a number go before the receiver's takes it.
        store(held.values(), [enter(each, VialAct.ARRIVE, received_on, reason=f"At {site.code}") for each in held.values()])
        lots: dict[tuple, list[str]] = defaultdict(list)
        for each in held.values():
            lots[each.vial.strength_mg, each.vial.lot, each.vial.expires_on].append(each.number)
        shipments = []
        for (strength, lot, expires), found in sorted(lots.items()):
            shipment = Shipment(
                site=site, received_on=received_on, reference=transfer.reference, lot=lot, strength_mg=strength, expires_on=expires,
                temperature_kept=temperature_kept, remark=remark, transfer=transfer, by_role=work.actor.role,
            )  # fmt: skip
            shipment.save()
            take_in(shipment, sorted(found))
            shipments.append(shipment)
    return shipments


def arrival_faults(
    site: Site, *, numbers: Collection[str], counted: int | None, received_on: str, temperature_kept: str, remark: str
) -> dict[str, list[str]]:
    """What stands against such a receipt, whatever the box: name of the question → sentences, perhaps ''."""
    differs = counted is not None and bool(numbers) and counted != len(numbers)
    return {
        "numbers": ["" if numbers else "Tick the vials that were in the box."],
        "counted": ["Enter how many vials were in the box." if counted is None else "",
                    f"Ticked on the list: {len(numbers)}; counted in the box: {counted}. Compare them again." if differs else ""],
        "received_on": [no_day(received_on, today_at(site))],
        "temperature_kept": ["" if temperature_kept in tuple(YesNo) else "Answer yes or no: the logger in the box tells."],
        "remark": ["Say what the logger shows, and who was told." if temperature_kept == YesNo.NO and not remark else ""],
    }  # fmt: skip
