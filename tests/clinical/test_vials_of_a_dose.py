"""Vials named by an infusion, through the form: the account follows the record, and what was wrong with a vial stays wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit import clock, examine
from crf import actions, registry
from dosing import accountability
from protocol.stock import VialAct, VialState
from review.models import Deviation, Query
from tests.clinical.pharmacy import DAY, Pharmacy

pytestmark = pytest.mark.usefixtures("noon")  # 20-Nov-2026
A, S = VialAct, VialState


@pytest.fixture
def pharmacy(world) -> Pharmacy:
    pharmacy = Pharmacy(world)
    pharmacy.receive(strength_mg=1)
    return pharmacy


@pytest.fixture
def patient(world, pharmacy):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        return world.enrolled()


def given(world, patient, *numbers: str, label: str = "C1D1", day: str = DAY, **more):
    """The infusion as the coordinator enters it; deviations are confirmed."""
    wrong = {f"{word}-{rule}": "seen" for rule in ("DOS-060", "DOS-061", "DOS-062", "DOS-068") for word in ("confirm", "why")}
    return world.dose(patient, label, day, "1", prepared_mg="1", vials="; ".join(numbers), **wrong, **more).saved.record


def open_now() -> tuple[set[str], set[str]]:
    """(rules of vial queries that wait, rules of vial deviations that stand), after everything was checked again."""
    actions.recheck(registry.form("EC").objects.first().patient.__class__.objects.all())
    waiting = set(Query.objects.filter(field="vials").exclude(status="CLOSED").values_list("rule", flat=True))
    return waiting, set(Deviation.objects.filter(field="vials").exclude(status="WITHDRAWN").values_list("rule", flat=True))


def test_the_account_follows_the_form(world, pharmacy, patient):
    pharmacy.dispense("A1001", "A1002", patient=patient)
    given(world, patient, "A1001")
    assert (pharmacy.state("A1001"), pharmacy.state("A1002")) == (S.USED, S.DISPENSED)
    given(world, patient, "A1002", change_reason="the other one")
    assert (pharmacy.state("A1001"), pharmacy.state("A1002")) == (S.DISPENSED, S.USED)
    actions.void(record=registry.form("EC").objects.get(), by=world.user("COORDINATOR"), reason="another patient")
    assert (pharmacy.state("A1001"), pharmacy.state("A1002")) == (S.DISPENSED, S.DISPENSED)
    pharmacy.whole()
    assert list(examine.findings()) == []


def test_a_draft_uses_vials_too(world, pharmacy, patient):
    given(world, patient, "A1001", action="save")
    assert pharmacy.state("A1001") is S.USED


def test_a_good_vial_asks_nothing(world, pharmacy, patient):
    pharmacy.dispense("A1001", patient=patient)
    given(world, patient, "A1001")
    assert open_now() == (set(), set())


@pytest.mark.parametrize("act", [A.QUARANTINE, A.DESTROY, A.SEND_BACK, A.LOSE])
def test_a_vial_that_was_not_to_be_used_stays_a_deviation(world, pharmacy, patient, act):
    """The use makes it USED; what the pharmacist had it as before does not go away by that."""
    pharmacy.do(act, "A1001")
    given(world, patient, "A1001", day="2026-09-03")
    assert open_now() == ({"DOS-068"}, {"DOS-068"})
    pharmacy.correct("A1001", reason="it was A1002")
    assert open_now() == (set(), set())


def test_the_remains_may_be_destroyed(world, pharmacy, patient):
    pharmacy.dispense("A1001", patient=patient)
    given(world, patient, "A1001")
    pharmacy.do(A.DESTROY, "A1001")
    assert open_now() == (set(), set())


def test_a_vial_dispensed_for_another_dose_stays_a_query(world, pharmacy, patient):
    pharmacy.dispense("A1001", patient=patient, dose="C1D8")
    given(world, patient, "A1001")
    assert open_now() == ({"DOS-069"}, set())
    pharmacy.correct("A1001")
    pharmacy.dispense("A1001", patient=patient)
    assert open_now() == (set(), set())


def test_a_receipt_entered_late_is_found_by_the_page(world, pharmacy, patient):
    given(world, patient, "B1")
    assert open_now() == ({"DOS-060"}, {"DOS-060"})
    pharmacy.receive(numbers="B1", strength_mg=1)
    assert accountability.recheck(pharmacy.site, ["B1"]) == "Rules were run again: 1 query was closed."
    assert open_now() == (set(), set())


def test_an_expiry_that_was_typed_wrong(world, pharmacy, patient):
    from decimal import Decimal

    pharmacy.receive(numbers="B1", strength_mg=1, expires_on="2026-09-01", lot="X")
    given(world, patient, "B1", day="2026-09-02")
    assert open_now() == ({"DOS-061"}, {"DOS-061"})
    accountability.redate(by=pharmacy.user, site=pharmacy.site, strength_mg=Decimal(1), lot="X", old="2026-09-01", new="2027-09-01", reason="typed wrong")
    assert "1 query was closed" in accountability.recheck(pharmacy.site, ["B1"])
