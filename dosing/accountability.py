"""Writing the drug account: what the pharmacist enters, and the uses that follow from the records of infusions.

Every act is one transaction with the vials it concerns locked. Refusals are sentences, all at once, and leave nothing behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Q

from accounts.access import actor_for, check, grants
from accounts.models import Site
from accounts.roles import Permission
from audit.context import acting, current
from audit.write import save_all
from crf import actions, registry
from dosing.account import Held, in_pharmacy, infusions, naming
from dosing.ledger import SOURCE, Refused, enter, hold_account, live, lock, no_day, refuse_if, store, today_at
from dosing.stock import Shipment, StockCount, Vial, VialMovement
from patients.access import patients_for
from patients.models import Patient
from protocol import stock
from protocol.codelists import YesNo
from protocol.dates import PartialDate
from protocol.engine import rules_reading
from protocol.stock import LEFT, NEEDS_REASON, VialAct, VialState
from review.texts import storable

LONGEST_LIFE = timedelta(days=3653)  # an expiry date further ahead is a typing error
MOST = 9_999  # vials that anybody counts


# ---- receiving -------------------------------------------------------------------------------------------------------


def receive(
    *, by, site: Site, received_on: str, lot: str, strength_mg: Decimal | None, expires_on: str, numbers: str, counted: int | None,
    temperature_kept: str, remark: str = "", reference: str = "",
) -> Shipment:  # fmt: skip
    """Take vials of one lot into the account; all of them or none.

    ``numbers`` as typed, a list or ranges; ``counted`` is how many vials were in the box. When the temperature was not kept on
    the way they go into quarantine at once. Dates as ISO 8601 text. Raises Refused.
    """
    check(by, Permission.STOCK, site)
    lot, remark, reference = (storable(text) for text in (lot, remark, reference))
    refuse_if(receipt_faults(
        site, received_on=received_on, lot=lot, strength_mg=strength_mg, expires_on=expires_on, numbers=numbers, counted=counted,
        temperature_kept=temperature_kept, remark=remark,
    ))  # fmt: skip
    typed = stock.listed(numbers)
    shipment = Shipment(
        site=site, received_on=received_on, reference=reference, lot=lot, strength_mg=strength_mg, expires_on=expires_on,
        temperature_kept=temperature_kept, remark=remark,
    )  # fmt: skip
    try:
        with acting(actor_for(by, site), reason="received", source=SOURCE) as work:
            hold_account(site)
            refuse_if({"numbers": _known(site, typed)})
            shipment.by_role = work.actor.role
            shipment.save()
            take_in(shipment, typed)
    except IntegrityError as error:  # another site took one of them in at the same moment
        raise Refused({"numbers": _known(site, typed) or ["One of these vials has just been received elsewhere."]}) from error
    return shipment


def receipt_faults(
    site: Site, *, received_on: str, lot: str, strength_mg: Decimal | None, expires_on: str, numbers: str, counted: int | None,
    temperature_kept: str, remark: str,
) -> dict[str, list[str]]:  # fmt: skip
    """What stands against storing such a shipment: name of the question → sentences, perhaps ''."""
    typed, wrong = _typed(numbers, counted)
    return wrong | {
        "numbers": wrong["numbers"] + _known(site, typed),
        "received_on": [no_day(received_on, today_at(site))], "lot": ["" if lot else "Enter the lot, as printed."],
        "strength_mg": ["" if strength_mg in stock.strengths() else f"Choose the strength: {_strengths()}."],
        "expires_on": [_no_expiry(expires_on, today_at(site))],
        "temperature_kept": ["" if temperature_kept in tuple(YesNo) else "Answer yes or no: the logger in the box tells."],
        "remark": ["Say what the logger shows, and who was told." if temperature_kept == YesNo.NO and not remark else ""],
    }  # fmt: skip


def take_in(shipment: Shipment, typed: list[str]) -> None:
    """The vials of a shipment with the next lines of their ledgers; and their uses, where infusions name them already.

    A vial that had been at this site before, and was sent to another one, goes on with its old ledger.
    """
    on, whose = shipment.received_on, naming(infusions([shipment.site]))
    back = {each.number: each for each in lock(Q(site=shipment.site, number__in=typed, state__in=[state.value for state in LEFT]))}
    held = [back[number] if number in back else Held(Vial(site=shipment.site, number=number)) for number in typed]
    for each in held:
        each.vial.shipment, each.vial.lot = shipment, shipment.lot
        each.vial.strength_mg, each.vial.expires_on = shipment.strength_mg, shipment.expires_on
    reason = f"From {shipment.transfer.site.code}" if shipment.transfer else ""
    lines = [enter(each, VialAct.RECEIVE, on, reason=reason) for each in held]
    if shipment.temperature_kept == YesNo.NO:
        lines += [enter(each, VialAct.QUARANTINE, on, reason=shipment.remark) for each in held]
    for each in held:
        if whose.get(each.number) and each.standing.use is None:
            first = whose[each.number][0]
            lines.append(enter(each, VialAct.USE, first.on, whom=first.whose))
    for some in ([each.vial for each in held if each.number in back], [each.vial for each in held if each.number not in back]):
        if some:
            save_all(some)
    for line in lines:
        line.vial_id = line.vial.pk  # known only now
    save_all(lines)


def _typed(numbers: str, counted: int | None) -> tuple[list[str], dict[str, list[str]]]:
    """The numbers as typed, and what is wrong with them."""
    try:
        typed = stock.listed(numbers)
    except ValueError as error:
        return [], {"numbers": [str(error)], "counted": [""]}
    twice = sorted(number for number, n in Counter(typed).items() if n > 1)
    faults = {
        "numbers": ["" if typed else "Enter the numbers of the vials.", f"Named twice: {stock.as_ranges(twice)}." if twice else ""],
        "counted": ["Enter how many vials were in the box." if counted is None else ""],
    }  # fmt: skip
    if counted is not None and typed and not twice and counted != len(typed):
        faults["counted"] = [f"The list has {len(typed)} numbers, and {counted} vials were counted: compare them again."]
    return typed, faults


def _known(site: Site, typed: Collection[str]) -> list[str]:
    """Sentences about numbers that stand in the account of this site, or of another."""
    nowhere = [VialState.MISTAKEN.value, *(state.value for state in LEFT)]
    found = Vial.objects.filter(number__in=typed).exclude(state__in=nowhere).values_list("site_id", "number", "state", "transfer__to_site")
    here = [number for place, number, _, _ in found if place == site.pk]
    sent = [number for place, number, state, to in found if state == VialState.ON_THE_WAY and to == site.pk and place != site.pk]
    away = [number for place, number, _, _ in found if place != site.pk and number not in sent]
    return [
        f"In the account already: {stock.as_ranges(here)}." if here else "",
        f"On the way from another site: {stock.as_ranges(sent)}. Receive the box that is announced on the page of your stock." if sent else "",
        f"Received by another site: {stock.as_ranges(away)}. Tell the sponsor." if away else "",
    ]


def _strengths() -> str:
    return " or ".join(f"{each} mg" for each in stock.strengths())


def _no_expiry(on: str, today: date) -> str:
    try:
        found = PartialDate.parse(on) if on else None
    except ValueError as error:
        return str(error)
    if found is None or found.precision == "year":
        return "Enter the expiry date as printed: day, month and year, or month and year."
    return f"{found} lies more than ten years ahead: check the year." if found.latest > today + LONGEST_LIFE else ""


# ---- what the pharmacist does with vials -------------------------------------------------------------------------------


def move(
    *, by, site: Site, act: VialAct, numbers: Collection[str], on: str, reason: str = "", patient: str = "", dose: str = ""
) -> list[Vial]:
    """Enter one act for some vials of the site, for all or none. ``on`` as ISO 8601 text; ``patient`` (number) and ``dose``
    (label) belong to a dispensing. Raises Refused with a sentence for every vial that stands against it.
    """
    if act is VialAct.SEND_ON:
        raise ValueError("Vials are sent to another site by dosing.transfers.send_on.")
    check(by, Permission.STOCK, site)
    reason, today, whom = storable(reason), today_at(site), (patient, dose) if act is VialAct.DISPENSE else ("", "")
    refuse_if({
        "numbers": ["" if numbers else "Choose at least one vial."], "on": [no_day(on, today)],
        "reason": ["Say why." if act in NEEDS_REASON and not reason else ""],
        **(_nobody(by, site, patient, dose) if act is VialAct.DISPENSE else {}),
    })  # fmt: skip
    day = date.fromisoformat(on)
    with acting(actor_for(by, site), reason=reason or act.label.lower(), source=SOURCE):
        held = {each.number: each for each in lock(live(site) & Q(number__in=[each for each in numbers if "\x00" not in each]))}  # which PostgreSQL cannot even compare
        missing = sorted(set(numbers) - set(held))
        refuse_if({"numbers": [
            f"Not in the account of {site.code}: {stock.as_ranges(missing)}." if missing else "",
            *(stock.why_not(number, each.standing, act, day, expires_on=each.vial.expires_on, whom=whom) for number, each in held.items()),
        ]})  # fmt: skip
        store(held.values(), [enter(each, act, on, whom=whom, reason=reason) for each in held.values()])
    return [each.vial for each in held.values()]


dispense = partial(move, act=VialAct.DISPENSE)
take_back = partial(move, act=VialAct.TAKE_BACK)
return_to_stock = partial(move, act=VialAct.RETURN)
quarantine = partial(move, act=VialAct.QUARANTINE)
release = partial(move, act=VialAct.RELEASE)
destroy = partial(move, act=VialAct.DESTROY)
send_back = partial(move, act=VialAct.SEND_BACK)
lose = partial(move, act=VialAct.LOSE)
find = partial(move, act=VialAct.FIND)


def _nobody(by, site: Site, number: str, dose: str) -> dict[str, list[str]]:
    """What is wrong with the patient and dose of a dispensing."""
    found = patients_for(by).filter(site=site, number=number).first() if "\x00" not in number else None
    said = "" if found else f"There is no patient “{number}” at {site.code}." if number else "Choose the patient."
    if found is not None and found.enrolment_number is None:
        said = f"{number} is not registered for the trial: vials are dispensed for registered patients."
    known = dose in registry.form("EC").visits
    return {"patient": [said], "dose": ["" if known else f"“{dose}” is no dose of the schedule." if dose else "Choose the dose."]}


def correct(*, by, site: Site, vial: int, entry: int, reason: str) -> Vial:
    """Take back the last line that the pharmacist entered about a vial; of a receipt this means that it was entered by mistake.

    Raises Refused when it is not the last one (any more), or an infusion names the vial.
    """
    check(by, Permission.STOCK, site)
    reason = storable(reason)
    refuse_if({"reason": ["" if reason else "Say what was wrong with it."]})
    with acting(actor_for(by, site), reason=reason, source=SOURCE):
        (held,) = lock(Q(site=site, pk=vial))
        standing = held.standing
        last, number = standing.custody, held.number
        if last is None or last.id != entry:
            raise Refused({"": [f"The ledger of {number} has changed since you opened the page, or this is not its last line."]})
        if last.act is VialAct.ARRIVE:
            raise Refused({"": [f"{number} was received at {held.vial.transfer.to_site.code}: its pharmacist can take that back."]})
        if last.act is VialAct.RECEIVE and standing.use is not None:
            raise Refused({"": [f"{number} is {stock.said(standing)}: correct the record of the infusion first."]})
        came = held.vial.shipment.transfer if last.act is VialAct.RECEIVE else None
        store([held], [enter(held, VialAct.CORRECT, last.on, reason=reason, takes_back=last.id)])
        if came is not None:  # on the way again, in the account of the site that sent it
            (sent,) = lock(Q(site=came.site, transfer=came, number=number))
            arrived = sent.standing.custody
            if arrived is not None and arrived.act is VialAct.ARRIVE:
                store([sent], [enter(sent, VialAct.CORRECT, arrived.on, reason=reason, takes_back=arrived.id)])
    return held.vial


def redate(*, by, site: Site, strength_mg: Decimal, lot: str, old: str, new: str, reason: str) -> list[str]:
    """Give the vials of a lot that have one expiry date another one (extended, or mistyped); returns their numbers. Raises Refused."""
    check(by, Permission.STOCK, site)
    reason = storable(reason)
    same = "It has this date already." if old == new else ""
    refuse_if({"expires_on": [_no_expiry(new, today_at(site)) or same], "reason": ["" if reason else "Say why: extended by whom, or typed wrong."]})  # fmt: skip  # noqa: E501
    with acting(actor_for(by, site), reason=reason, source=SOURCE):
        of_lot = Q(site=site, strength_mg=strength_mg, lot=lot, expires_on=old)
        held = lock(of_lot & ~Q(state=VialState.MISTAKEN.value))
        refuse_if({"": ["" if held else "There is no such lot in the account any more."]})
        came = list(Shipment.objects.filter(pk__in={each.vial.shipment_id for each in held}).select_related("site"))
        for each in (*came, *(each.vial for each in held)):
            each.expires_on = new
        save_all([each.vial for each in held])
        save_all(came)
    return [each.number for each in held]


# ---- counts ------------------------------------------------------------------------------------------------------------


def may_count(user, site: Site) -> bool:
    """The pharmacist counts, and the monitor does at a visit."""
    held = grants(user)
    return held.may(Permission.STOCK, site) or held.may(Permission.VERIFY, site)


def count(*, by, site: Site, counted_on: str, strength_mg: Decimal | None, lot: str, counted: int | None, remark: str = "") -> StockCount:
    """Note how many vials of a lot were found in the pharmacy, beside what the account has. Raises Refused."""
    if not may_count(by, site):
        raise PermissionDenied(f"You may not enter a count of the stock at {site.code}: your role does not include it.")
    remark, today = storable(remark), today_at(site)
    known = Vial.objects.filter(site=site, strength_mg=strength_mg, lot=lot).exclude(state=VialState.MISTAKEN.value)
    refuse_if({
        "counted_on": [no_day(counted_on, today)],
        "lot": ["" if strength_mg is not None and known.exists() else "Choose the lot that was counted."],
        "counted": ["Enter how many were found; 0 when there was none." if counted is None or not 0 <= counted <= MOST else ""],
    })  # fmt: skip
    day = date.fromisoformat(counted_on)
    with acting(actor_for(by, site), reason="stock counted", source=SOURCE) as work:
        list(known.select_for_update().order_by("id").values_list("pk", flat=True))
        expected = in_pharmacy(site, strength_mg, lot, None if day == today else day)
        if counted != expected and not remark:
            said = f"The account has {expected}. Count again, or say in the remark what is known about the difference."
            raise Refused({"remark": [said]})
        found = StockCount(site=site, counted_on=counted_on, strength_mg=strength_mg, lot=lot, counted=counted, expected=expected,
                           remark=remark, by_role=work.actor.role)  # fmt: skip
        found.save()
    return found


# ---- uses, from the records of infusions -----------------------------------------------------------------------------


def record_uses(*, patient: Patient, visit: str, numbers: str | Iterable[str], on: str = "") -> None:
    """Make the uses in the account agree with what the record of an infusion says now; called inside the save of that record.

    ``visit``: the label of the dose; ``numbers``: those named, none when nothing was given or the record is void; ``on``: day of
    the infusion, ISO 8601. It adds and takes back, changes nothing when all agrees, and never refuses: a vial that the site
    never had is not touched, one that another infusion used stays with it, and the reconciliation tells of both.
    """
    current()
    named = set(stock.numbers(numbers) if isinstance(numbers, str) else map(stock.normal, numbers))
    site, whom = patient.site, (patient.number, visit)
    concerned = live(site) & (Q(number__in=named) | Q(patient_number=patient.number, dose=visit))
    held = lock(concerned)
    if named - {each.number for each in held}:  # its receipt may be under way: whoever comes second knows of the first
        hold_account(site)
        held = lock(concerned)
    lines, freed, touched = [], {}, set()
    for each in held:
        use = each.standing.use
        if use is not None and (use.patient, use.dose) == whom and (each.number not in named or use.on != on):
            lines.append(enter(each, VialAct.UNUSE, use.on, whom=whom, takes_back=use.id))
            touched.add(each.number)
            if each.number not in named:
                freed[each.number] = each
        if each.number in named and each.standing.use is None:
            lines.append(enter(each, VialAct.USE, on, whom=whom))
            touched.add(each.number)
    if freed:
        lines += _claimed(site, freed, whom)
    store([each for each in held if each.number in touched], lines)


def _claimed(site: Site, freed: dict[str, Held], besides: tuple[str, str]) -> list[VialMovement]:
    """Uses of vials that one infusion does not name any more and another one does."""
    whose = naming(each for each in infusions([site]) if each.whose != besides)
    firsts = [(held, whose[number][0]) for number, held in freed.items() if whose.get(number)]
    return [enter(held, VialAct.USE, first.on, whom=first.whose) for held, first in firsts]


def recheck(site: Site, numbers: Collection[str]) -> str:
    """Run the rules again of patients whose infusions name one of these vials; says in a sentence what followed."""
    if not rules_reading(Vial.trail_code):
        return ""
    whose = {each.patient for number, found in naming(infusions([site])).items() if number in numbers for each in found}
    done = actions.recheck(Patient.objects.filter(site=site, number__in=whose).order_by("id"))
    counts = ((done.opened, "opened"), (done.closed, "closed"))
    said = [f"{n} {'query was' if n == 1 else 'queries were'} {what}" for n, what in counts if n]
    return f"Rules were run again: {' and '.join(said)}." if said else ""
