"""The pharmacy of a site, as its pharmacist works in it: for the tests of the drug account."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from accounts.roles import Permission
from audit.context import acting
from dosing import accountability, transfers
from dosing.account import balance, vials_of, with_ledgers
from dosing.ledger import Refused
from dosing.stock import Shipment, Transfer, Vial, VialMovement
from protocol.stock import VialAct, VialState
from tests.doors import KNOWS, Case, Door, needs

_KEEPS, _COUNTS = Door((Permission.STOCK,), KNOWS), Door((Permission.STOCK, Permission.VERIFY), KNOWS)
_READS = Door(sees=KNOWS)
DOORS: dict[str, list[Case]] = {
    "drug": [Case(get=needs(*KNOWS))],
    "drug_site": [Case(get=_READS, args="{site}")],
    "drug_receive": [Case(get=_KEEPS, post=_KEEPS, args="{site}")],
    "drug_act": [Case(get=_KEEPS, post=_KEEPS, args="{site}", data={"act": "DESTROY", "vial": "A1001", "reason": "x", "on_0": "UK"}),
                 Case(get=_KEEPS, post=_KEEPS, args="{site}")],
    "drug_arrival": [Case(get=_KEEPS, post=_KEEPS, args="{site} {transfer}", data={"vial": "", "counted": "1"})],
    "drug_vial": [Case(get=_READS, post=_KEEPS, args="{site} {vial}", data={"entry": "1", "reason": "wrong vial"})],
    "drug_expiry": [Case(get=_KEEPS, post=_KEEPS, args="{site}")],
    "drug_counts": [Case(get=_READS, post=_COUNTS, args="{site}")],
    "drug_reconciliation": [Case(get=_READS, args="{site}")],
}  # fmt: skip
FOR_THE_PHARMACY = ("drug_receive", "drug_arrival", "drug_act", "drug_expiry")  # pages that only the pharmacist opens

CAME, DAY = "2026-09-01", "2026-09-02"
LOT, EXPIRES = "L77", "2026-12-31"
BOX = {
    "received_on": CAME, "lot": LOT, "strength_mg": Decimal(10), "expires_on": EXPIRES, "numbers": "A1001-A1004", "counted": 4,
    "temperature_kept": "Y",
}  # fmt: skip


class Pharmacy:
    """Everything that can be done with the account of a site; refusals come back as sentences."""

    def __init__(self, world, site: str = "FR03") -> None:
        self.world, self.site = world, world.site(site)
        self.user = world.user("PHARMACIST", site)

    def receive(self, **box) -> Shipment:
        given = {**BOX, **box}
        if "numbers" in box and "counted" not in box:
            from protocol.stock import listed

            given["counted"] = len(listed(given["numbers"]))
        return accountability.receive(by=self.user, site=self.site, **given)

    def do(self, act: VialAct, *numbers: str, on: str = DAY, reason: str = "seen", **whom) -> list[Vial]:
        return accountability.move(by=self.user, site=self.site, act=act, numbers=numbers, on=on, reason=reason, **whom)

    def dispense(self, *numbers: str, patient="", dose: str = "C1D1", on: str = DAY) -> list[Vial]:
        return self.do(VialAct.DISPENSE, *numbers, on=on, patient=getattr(patient, "number", patient), dose=dose)

    def send(self, *numbers: str, to: str = "GR01", on: str = DAY, reason: str = "They need them; agreed by the sponsor", **more) -> Transfer:
        return transfers.send_on(by=self.user, site=self.site, to=to, numbers=numbers, on=on, reason=reason, **more)

    def arrive(self, sent: Transfer, *numbers: str, on: str = DAY, counted: int | None = None, kept: str = "Y", remark: str = "") -> list[Shipment]:
        return transfers.arrive(by=self.user, site=self.site, transfer=sent, numbers=numbers, received_on=on, temperature_kept=kept, remark=remark,
                                counted=len(numbers) if counted is None else counted)  # fmt: skip

    def correct(self, number: str, reason: str = "wrong vial", entry: int | None = None) -> Vial:
        held = self.held(number)
        last = held.standing.custody
        line = entry if entry is not None else last.id if last else 0
        return accountability.correct(by=self.user, site=self.site, vial=held.vial.pk, entry=line, reason=reason)

    def count(self, counted: int, *, by=None, on: str = DAY, lot: str = LOT, strength: int = 10, remark: str = ""):
        return accountability.count(by=by or self.user, site=self.site, counted_on=on, strength_mg=Decimal(strength), lot=lot,
                                    counted=counted, remark=remark)  # fmt: skip

    def uses(self, patient, dose: str, *numbers: str, on: str = DAY) -> None:
        """What the save of the infusion's record does."""
        from accounts.access import actor_for

        by = self.world.user("COORDINATOR", self.site.code)
        with acting(actor_for(by, self.site), reason="infusion", source="test"):
            accountability.record_uses(patient=patient, visit=dose, numbers=numbers, on=on)

    def held(self, number: str):
        found = vials_of([self.site]).filter(number=number)
        return with_ledgers(found.exclude(state="MISTAKEN") if found.exclude(state="MISTAKEN").exists() else found)[0]

    def state(self, number: str) -> VialState:
        return VialState(self.held(number).vial.state)

    def states(self) -> dict[str, VialState]:
        return {held.number: VialState(held.vial.state) for held in with_ledgers(vials_of([self.site]))}

    def acts(self, number: str) -> list[str]:
        return [each.act for each in self.held(number).entries]

    def whole(self) -> None:
        """Whatever happened: row, fold and movements say the same, and the balance is the sum of the movements."""
        by_fold, by_row = Counter(), Counter()
        for held in with_ledgers(vials_of([self.site])):
            standing, vial = held.standing, held.vial
            assert vial.state == standing.state, vial
            assert (vial.patient_number, vial.dose) == standing.whose, vial
            assert vial.kept == standing.kept, vial
            assert vial.dispensed_for == (f"{standing.out.patient} {standing.out.dose}" if standing.out else ""), vial
            moves = list(VialMovement.objects.filter(vial=vial).order_by("id"))
            assert [each.from_state for each in moves] == ["", *(each.to_state for each in moves[:-1])]
            assert moves[-1].to_state == vial.state
            by_fold[standing.state] += 1
            by_row[VialState(vial.state)] += 1
        by_sum: Counter = Counter()
        for line in balance(self.site):
            by_sum += line.counts
            parts = (line.in_pharmacy, line.of(VialState.DISPENSED), line.used, line.of(VialState.DESTROYED),
                     line.of(VialState.SENT_BACK), line.of(VialState.LOST), line.sent_on)  # fmt: skip
            assert line.received == sum(parts)
        seen = by_row - Counter({VialState.MISTAKEN: by_row[VialState.MISTAKEN]})
        assert by_fold == by_row
        assert by_sum - Counter({VialState.MISTAKEN: by_sum[VialState.MISTAKEN]}) == seen


def build_account(world, site: str, patient) -> dict[str, int]:
    """A vial that is dispensed, its account, and a count: for the matrix of access."""
    pharmacy, day = Pharmacy(world, site), patient.enrolled_on.isoformat()
    pharmacy.receive(received_on=day, expires_on=f"{patient.enrolled_on.year + 1}-12", numbers=f"{site}-1 {site}-2")
    pharmacy.dispense(f"{site}-1", patient=patient, on=day)
    pharmacy.count(1, on=day)
    other = Pharmacy(world, "GR01" if site != "GR01" else "ES01")
    other.receive(received_on=day, expires_on=f"{patient.enrolled_on.year + 1}-12", numbers=f"{site}-3")
    sent = other.send(f"{site}-3", to=site, on=day)
    return {"vial": Vial.objects.get(number=f"{site}-1").pk, "transfer": sent.pk}


def refusal(act, *args, **kwargs) -> str:
    """The sentences with which something is refused; it changes nothing."""
    before = snapshot()
    try:
        act(*args, **kwargs)
    except Refused as refused:
        assert snapshot() == before, "a refused act changed something"
        return str(refused)
    raise AssertionError("It was not refused.")


def snapshot() -> tuple:
    """Everything that the account holds, with versions."""
    return tuple(
        tuple(model.objects.order_by("id").values_list()) for model in (Shipment, Transfer, Vial, VialMovement)
    )  # fmt: skip
