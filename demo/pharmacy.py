"""The pharmacies of the simulated sites: shipments, vials dispensed before each dose, remains destroyed, and counts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import Site, User
from accounts.roles import Role
from audit import clock
from demo.accounts import MONITORED, People
from demo.life import Course, Life
from demo.workdays import working_day
from dosing import accountability, transfers
from dosing.account import balance, vials_of
from dosing.stock import Vial
from protocol import stock
from protocol.sites import SITES
from protocol.stock import CONSUMED, VialAct, VialState

ONE, TEN = Decimal(1), Decimal(10)
BOX = {ONE: 6, TEN: 12}  # vials in a shipment
KEPT_FOR = {ONE: 190, TEN: 260}  # days from receipt to expiry: the first 1 mg vials run out of date while patients are treated
SPARE = 2  # fewer than so many left: the next shipment is on its way
WARM, WARM_DAYS = "CH03", 3  # the first box of this site travelled too warm; the sponsor decides some days later
BROKEN = "ES05"  # at this site a vial breaks
FORGOTTEN = ("ES05", "C2D1")  # the dispensing for this dose is not entered
LENDER, BORROWER = "FR04", "FR03"  # the one helps the other out, once
_PLACE = {site.code: n for n, site in enumerate(SITES)}


def run(site: Site, people: People, opens: date) -> Course:
    """The first shipments of a site, then its pharmacist's and monitor's months."""
    by, zone = people.of(Role.PHARMACIST, site.code), ZoneInfo(site.time_zone)
    yield datetime.combine(opens, time(14, 10), zone)
    warm = site.code == WARM
    for strength in (ONE, TEN):
        shipped(site, by, strength, "The logger shows 12 °C for five hours. The sponsor was told by telephone." if warm else "")
    if warm:
        yield datetime.combine(working_day(opens + timedelta(days=WARM_DAYS)), time(9, 5), zone)
        _do(by, site, VialAct.RELEASE, _in(site, VialState.QUARANTINED), "The sponsor releases them: stable for 24 hours at up to 25 °C, letter RL-12.")
    if site.code == BROKEN:
        yield datetime.combine(working_day(opens + timedelta(days=9)), time(15, 40), zone)
        _do(by, site, VialAct.DESTROY, _in(site, VialState.IN_STOCK, ONE)[:1], "Fell on the floor and broke.")
    month = 1
    while True:
        yield datetime.combine(working_day(opens + timedelta(days=30 * month)), time(16, 20), zone)
        tidy(site, by)
        counted(site, by)
        if site.code == LENDER and month == 1:
            yield from lent(site, people)
        if site.code in MONITORED and month % 2 == 0:
            counted(site, people.of(Role.MONITOR))
        month += 1


def shipped(site: Site, by: User, strength: Decimal, warm: str = "") -> None:
    """A shipment arrives today."""
    today = clock.today(site.time_zone)
    first = 10_001 + Vial.objects.count()
    box = BOX[strength]
    expires = today + timedelta(days=KEPT_FOR[strength])
    accountability.receive(
        by=by, site=site, received_on=today.isoformat(), lot=f"{'S' if strength == ONE else 'T'}{expires:%y%m}{_PLACE[site.code] % 3 + 1}",
        strength_mg=strength, expires_on=expires.isoformat(), numbers=f"T{first}-T{first + box - 1}", counted=box,
        temperature_kept="N" if warm else "Y", remark=warm, reference=f"DN-{first}",
    )  # fmt: skip


def lent(site: Site, people: People) -> Course:
    """Two vials go to another site, and are received there the day after."""
    zone, other = ZoneInfo(site.time_zone), Site.objects.get(code=BORROWER)
    today = clock.today(site.time_zone)
    sent = transfers.send_on(
        by=people.of(Role.PHARMACIST, site.code), site=site, to=BORROWER, numbers=_good(site, TEN)[:2], on=today.isoformat(), reference="TN-1",
        reason="They expect two patients more than planned. Agreed with the sponsor by letter.",
    )  # fmt: skip
    yield datetime.combine(working_day(today + timedelta(days=1)), time(10, 30), zone)
    numbers = [vial.number for vial in transfers.on_the_way([other]).filter(transfer=sent)]
    transfers.arrive(
        by=people.of(Role.PHARMACIST, BORROWER), site=other, transfer=sent, numbers=numbers, counted=len(numbers), temperature_kept="Y",
        received_on=clock.today(other.time_zone).isoformat(),
    )  # fmt: skip


def supply(life: Life, label: str, mg: str) -> list[str]:
    """The pharmacist dispenses the vials of a dose now, those that expire first; their numbers."""
    by, site = life.people.of(Role.PHARMACIST, life.site.code), life.site
    numbers = [number for strength, needed in _vials_for(Decimal(mg)) for number in _taken(site, by, strength, needed)]
    if (site.code, label) != FORGOTTEN:
        on = clock.today(site.time_zone).isoformat()
        accountability.dispense(by=by, site=site, numbers=numbers, on=on, patient=life.number, dose=label)
    return numbers


def give_back(life: Life, numbers: list[str], reason: str) -> None:
    """Vials that were dispensed and not needed come back, and are checked."""
    by, on = life.people.of(Role.PHARMACIST, life.site.code), life.today.isoformat()
    accountability.take_back(by=by, site=life.site, numbers=numbers, on=on, reason=reason)
    accountability.return_to_stock(by=by, site=life.site, numbers=numbers, on=on, reason="Unopened, kept cold.")


def _vials_for(mg: Decimal) -> list[tuple[Decimal, int]]:
    """How many vials of which strength: tens, and for a rest up to 3 mg ones."""
    tens, rest = divmod(mg, TEN)
    if rest > 3:
        tens, rest = tens + 1, Decimal(0)
    wanted = ((TEN, int(tens)), (ONE, int(rest.to_integral_value(rounding="ROUND_CEILING"))))
    return [(strength, n) for strength, n in wanted if n]


def _taken(site: Site, by: User, strength: Decimal, needed: int) -> list[str]:
    """The numbers of so many vials in stock and in date; a further shipment arrives in time when few are left."""
    if len(_good(site, strength)) < needed + SPARE:
        shipped(site, by, strength)
    return _good(site, strength)[:needed]


def _good(site: Site, strength: Decimal) -> list[str]:
    today = clock.today(site.time_zone)
    held = vials_of([site]).filter(state=VialState.IN_STOCK.value, strength_mg=strength).order_by("expires_on", "number")
    return [vial.number for vial in held if not stock.expired(vial.expires_on, today)]


def _in(site: Site, state: VialState, strength: Decimal | None = None) -> list[str]:
    found = vials_of([site]).filter(state=state.value)
    return [vial.number for vial in (found.filter(strength_mg=strength) if strength else found)]


def _do(by: User, site: Site, act: VialAct, numbers: list[str], reason: str) -> None:
    if numbers:
        accountability.move(by=by, site=site, act=act, numbers=numbers, on=clock.today(site.time_zone).isoformat(), reason=reason)


def tidy(site: Site, by: User) -> None:
    """Remains of used vials are destroyed, and what has expired."""
    today = clock.today(site.time_zone)
    _do(by, site, VialAct.DESTROY, _in(site, CONSUMED[0]), "Remains, destroyed as the pharmacy's procedure has it.")
    old = [vial.number for vial in vials_of([site]).filter(state=VialState.IN_STOCK.value) if stock.expired(vial.expires_on, today)]
    _do(by, site, VialAct.DESTROY, old, "Expired.")


def counted(site: Site, by: User) -> None:
    """Every lot is counted, and found as the account has it."""
    today = clock.today(site.time_zone).isoformat()
    lots: dict[tuple[Decimal, str], int] = {}
    for line in balance(site):
        lots[line.strength_mg, line.lot] = lots.get((line.strength_mg, line.lot), 0) + line.in_pharmacy
    for (strength, lot), found in lots.items():
        if found:
            accountability.count(by=by, site=site, counted_on=today, strength_mg=strength, lot=lot, counted=found)
