"""Vials that go from one site to another: both accounts balance at every moment, and the vial is where its ledger says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import clock, examine
from audit.models import Change
from dosing.drug_pages import boxes
from dosing.ledger import Refused
from dosing.reconciliation import reconcile
from dosing.stock import Shipment, Transfer, Vial
from protocol.parameters import override
from protocol.stock import VialAct, VialState
from review.models import Deviation
from tests.clinical.pharmacy import DAY, Pharmacy, refusal, snapshot

pytestmark = pytest.mark.usefixtures("noon")  # 20-Nov-2026
A, S = VialAct, VialState


@pytest.fixture
def lyon(world) -> Pharmacy:
    pharmacy = Pharmacy(world)
    pharmacy.receive()
    return pharmacy


@pytest.fixture
def athens(world) -> Pharmacy:
    return Pharmacy(world, "GR01")


@pytest.fixture
def patient(world):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        return world.enrolled()


def both_whole(*pharmacies: Pharmacy) -> None:
    for each in pharmacies:
        each.whole()
    connection.check_constraints()


def faults(pharmacy: Pharmacy) -> list[str]:
    return [each.sentence for each in reconcile(pharmacy.site).mismatches]


def test_sent_by_one_site_and_received_by_the_other(lyon, athens):
    sent = lyon.send("A1001", "A1002", on="2026-09-03", reference="TN-4")
    assert (lyon.state("A1001"), lyon.state("A1003"), athens.states()) == (S.ON_THE_WAY, S.IN_STOCK, {})
    both_whole(lyon, athens)
    (box,) = boxes([athens.site])
    assert (box.what, box.sent, box.transfer) == ("2 vials of lot L77, 10 mg", "03-Sep-2026", sent)
    assert boxes([lyon.site]) == []
    (shipment,) = athens.arrive(sent, "A1001", "A1002", on="2026-09-04")
    assert (lyon.state("A1001"), athens.state("A1001")) == (S.AT_ANOTHER_SITE, S.IN_STOCK)
    assert (lyon.acts("A1001"), athens.acts("A1001")) == (["RECEIVE", "SEND ON", "ARRIVE"], ["RECEIVE"])
    assert (shipment.transfer, shipment.reference, shipment.lot, shipment.expires_on) == (sent, "TN-4", "L77", "2026-12-31")
    both_whole(lyon, athens)
    assert boxes([athens.site]) == []
    athens.do(A.DESTROY, "A1001", on="2026-09-05")
    both_whole(lyon, athens)
    assert list(examine.findings()) == []


def test_who_did_it_stands_in_the_trail_of_each_site(lyon, athens):
    athens.arrive(lyon.send("A1001"), "A1001")
    lines = Change.objects.filter(form="VIALMOVE", field="act").values_list("site", "actor", "new")
    assert set(lines) == {
        ("FR03", lyon.user.username, "RECEIVE"), ("FR03", lyon.user.username, "SEND ON"), ("FR03", athens.user.username, "ARRIVE"),
        ("GR01", athens.user.username, "RECEIVE"),
    }  # fmt: skip


def test_what_was_not_in_the_box_stays_on_the_way(lyon, athens):
    sent = lyon.send("A1001", "A1002", "A1003")
    athens.arrive(sent, "A1001", "A1003", remark="A1002 was not in the box")
    assert [each.number for each in boxes([athens.site])[0].vials] == ["A1002"]
    assert lyon.state("A1002") is S.ON_THE_WAY
    lyon.do(A.LOSE, "A1002", on="2026-09-05", reason="Not in the box; the carrier searches")
    assert boxes([athens.site]) == []
    assert refusal(athens.arrive, sent, "A1002").startswith("A1002 is lost")
    both_whole(lyon, athens)


def test_a_warm_box_goes_into_quarantine(lyon, athens):
    sent = lyon.send("A1001")
    assert "Say what the logger shows" in refusal(athens.arrive, sent, "A1001", kept="N")
    athens.arrive(sent, "A1001", kept="N", remark="14 °C for two hours; sponsor told")
    assert athens.state("A1001") is S.QUARANTINED
    both_whole(lyon, athens)


def test_it_comes_back_into_its_old_ledger(lyon, athens):
    athens.arrive(lyon.send("A1001", on="2026-09-02"), "A1001", on="2026-09-03")
    lyon.arrive(athens.send("A1001", to="FR03", on="2026-09-04"), "A1001", on="2026-09-05")
    assert (lyon.state("A1001"), athens.state("A1001")) == (S.IN_STOCK, S.AT_ANOTHER_SITE)
    assert lyon.acts("A1001") == ["RECEIVE", "SEND ON", "ARRIVE", "RECEIVE"]
    assert Vial.objects.filter(number="A1001").count() == 2
    both_whole(lyon, athens)
    athens.arrive(lyon.send("A1001", on="2026-09-06"), "A1001", on="2026-09-07")
    assert (lyon.state("A1001"), athens.state("A1001")) == (S.AT_ANOTHER_SITE, S.IN_STOCK)
    both_whole(lyon, athens)


@pytest.mark.parametrize(
    ("numbers", "changes", "said"),
    [
        (["A1001"], {"to": "FR03"}, "no other active site"), (["A1001"], {"to": "IT01"}, "no other active site"), (["A1001"], {"to": ""}, "Choose the site"),
        (["A1001"], {"to": "GR\x00"}, "no other active site"), (["A1001"], {"reason": ""}, "who of the sponsor has agreed"), ([], {}, "at least one vial"),
        (["A1001"], {"on": ""}, "Enter the day."), (["A1001"], {"on": "2026-11-21"}, "future"), (["A1001"], {"on": "2026-08-31"}, "was received on"),
        (["X1"], {}, "Not in the account of FR03: X1"), (["A1001", "A1004"], {}, "A1004 is in quarantine"), (["E1"], {}, "E1 expired"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent(lyon, athens, numbers, changes, said):
    lyon.do(A.QUARANTINE, "A1004")
    lyon.receive(numbers="E1", lot="OLD", expires_on="2026-09-01")
    assert said in refusal(lyon.send, *numbers, **changes)
    assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    ("numbers", "changes", "said"),
    [
        ([], {"counted": 1}, "Tick the vials"), (["A1001"], {"counted": 2}, "Ticked on the list: 1; counted in the box: 2"), (["A1003"], {}, "Not in this box: A1003"),
        (["A1001"], {"on": "2026-09-01"}, "was sent to another site on 02-Sep-2026"), (["A1001"], {"on": ""}, "Enter the day."),
        (["A1001"], {"kept": ""}, "Answer yes or no"),
    ],
)  # fmt: skip
def test_what_cannot_be_received(lyon, athens, numbers, changes, said):
    sent = lyon.send("A1001", "A1002")
    assert said in refusal(athens.arrive, sent, *numbers, **changes)


def test_no_other_pharmacist_sends_or_receives(lyon, athens, world):
    sent = lyon.send("A1001")
    for role in ("COORDINATOR", "MONITOR", "INSPECTOR"):
        lyon.user = athens.user = world.user(role, *(["FR03"] if role != "INSPECTOR" else []))
        with pytest.raises(PermissionDenied):
            lyon.send("A1002")
        with pytest.raises(PermissionDenied):
            athens.arrive(sent, "A1001")


def test_a_vial_on_the_way_is_not_received_as_if_the_sponsor_had_sent_it(lyon, athens, world):
    lyon.send("A1001")
    assert "On the way from another site: A1001. Receive the box that is announced" in refusal(athens.receive, numbers="A1001")
    assert "Received by another site: A1001" in refusal(Pharmacy(world, "ES01").receive, numbers="A1001")
    assert "In the account already: A1001" in refusal(lyon.receive, numbers="A1001")


def test_a_sending_is_taken_back_until_it_is_received(lyon, athens):
    sent = lyon.send("A1001", "A1002")
    lyon.correct("A1001", "It is still here")
    assert (lyon.state("A1001"), [each.number for each in boxes([athens.site])[0].vials]) == (S.IN_STOCK, ["A1002"])
    athens.arrive(sent, "A1002")
    assert "A1002 was received at GR01: its pharmacist can take that back." in refusal(lyon.correct, "A1002")
    both_whole(lyon, athens)


def test_a_receipt_is_taken_back_and_the_vial_is_on_the_way_again(lyon, athens):
    sent = lyon.send("A1001")
    athens.arrive(sent, "A1001")
    athens.correct("A1001", "The box was not opened yet")
    assert (lyon.state("A1001"), athens.state("A1001")) == (S.ON_THE_WAY, S.MISTAKEN)
    both_whole(lyon, athens)
    athens.arrive(sent, "A1001", on="2026-09-05")
    assert athens.state("A1001") is S.IN_STOCK
    both_whole(lyon, athens)


def test_an_infusion_at_the_other_site_has_its_vial(lyon, athens, world, patient):
    """Named before the box was entered: the receipt finds the use, and nothing is wrong with it."""
    athens.uses(patient_of(world, "GR01"), "C1D1", "A1001", on="2026-09-06")
    athens.arrive(lyon.send("A1001"), "A1001")
    assert athens.state("A1001") is S.IN_STOCK  # no record names it: it was only the account that was told
    both_whole(lyon, athens)


def patient_of(world, site: str):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        return world.enrolled(site)


@pytest.mark.parametrize("received", [False, True])
def test_an_infusion_that_took_place_is_stored_and_is_a_deviation(lyon, athens, world, patient, received):
    """Given at the site that has sent it away."""
    sent = lyon.send("A1001")
    if received:
        athens.arrive(sent, "A1001")
    why = {f"{word}-{rule}": "seen" for rule in ("DOS-001", "DOS-068") for word in ("confirm", "why")}
    world.dose(patient, "C1D1", "2026-09-05", "1", prepared_mg="1", vials="A1001", **why)
    assert lyon.state("A1001") is (S.USED_AWAY if received else S.USED)
    assert [each.text for each in Deviation.objects.filter(rule="DOS-068")] == [
        f"By the account vial A1001 is {'at' if received else 'on the way to'} another site: it was not to be used."
    ]
    if not received:
        assert "A1001 is used for" in refusal(athens.arrive, sent, "A1001")
    assert any("A1001 was used for" in each and "another site" in each for each in faults(lyon))
    both_whole(lyon, athens)


@pytest.mark.parametrize(("on", "late"), [("2026-11-13", False), ("2026-11-12", True)])
def test_what_is_long_on_the_way_is_reconciled(lyon, athens, on, late):
    lyon.send("A1001", on=on)
    assert (faults(lyon) == [f"A1001 was sent to GR01 on {on[-2:]}-Nov-2026, and is not received there."]) == late
    with override(on_the_way_days=100):
        assert faults(lyon) == []


step = st.one_of(
    st.tuples(st.just("send"), st.booleans(), st.lists(st.sampled_from(["A1001", "A1002"]), min_size=1, max_size=2, unique=True)),
    st.tuples(st.just("arrive"), st.booleans(), st.lists(st.sampled_from(["A1001", "A1002"]), min_size=1, max_size=2, unique=True)),
    st.tuples(st.just("correct"), st.booleans(), st.sampled_from(["A1001", "A1002"])),
    st.tuples(st.just("use"), st.booleans(), st.sampled_from(["A1001", "A1002"])),
    st.tuples(st.just("lose"), st.booleans(), st.sampled_from(["A1001", "A1002"])),
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=4, max_size=14))
def test_any_sequence_keeps_both_accounts_whole(lyon, athens, patient, steps):
    """However vials go to and fro: each is in the hands of one site at most, and what is refused changes nothing."""
    with transaction.atomic():
        for act, ours, what in steps:
            here, there = (lyon, athens) if ours else (athens, lyon)
            before = snapshot()
            try:
                _take(act, here, there, what, patient)
            except Refused:
                assert snapshot() == before
            both_whole(lyon, athens)
            for number in ("A1001", "A1002"):
                left = [S.MISTAKEN, S.AT_ANOTHER_SITE, S.USED_AWAY]
                assert Vial.objects.filter(number=number).exclude(state__in=left).count() <= 1
                assert Vial.objects.filter(number=number, site=here.site).exclude(state=S.MISTAKEN).count() <= 1
        transaction.set_rollback(True)


def _take(act: str, here: Pharmacy, there: Pharmacy, what, patient) -> None:
    match act:
        case "send":
            here.send(*what, to=there.site.code, on=DAY)
        case "arrive":
            sent = Transfer.objects.filter(to_site=here.site).last()
            if sent is not None:
                here.arrive(sent, *what, on=DAY)
        case "correct":
            if Vial.objects.filter(site=here.site, number=what).exists():
                here.correct(what)
        case "use":
            if here.site == patient.site:
                here.uses(patient, "C1D1", what)
        case "lose":
            here.do(A.LOSE, what)


def test_the_page_of_a_box_is_that_of_the_site_to_which_it_goes(lyon, athens, world):
    sent = lyon.send("A1001", "A1002", on="2026-11-18")
    page = reverse("drug_arrival", args=["GR01", sent.pk])
    client = world.client(athens.user)
    assert "18-Nov-2026" in client.get(page).content.decode()
    assert page in client.get(reverse("drug_site", args=["GR01"])).content.decode()
    assert world.client(lyon.user).get(reverse("drug_arrival", args=["FR03", sent.pk])).status_code == 404
    assert world.client(lyon.user).get(page).status_code == 404
    typed = {"received_on_0": "19", "received_on_1": "11", "received_on_2": "2026", "temperature_kept": "Y", "vial": ["a1001"]}
    refused = client.post(page, {**typed, "counted": "2"})
    assert refused.status_code == 422
    assert "Ticked on the list: 1; counted in the box: 2." in refused.content.decode()
    assert client.post(page, {**typed, "counted": "1"}).status_code == 302
    assert (athens.state("A1001"), lyon.state("A1002")) == (S.IN_STOCK, S.ON_THE_WAY)
    athens.arrive(sent, "A1002", on="2026-11-19")
    assert client.get(page).status_code == 404, "nothing of it is on the way any more"
    both_whole(lyon, athens)


def test_shipments_of_a_mixed_box(lyon, athens):
    lyon.receive(numbers="B1-B2", lot="L78", strength_mg=1, expires_on="2027-01")
    sent = lyon.send("A1001", "B1", "B2")
    athens.arrive(sent, "A1001", "B1", "B2")
    assert sorted(Shipment.objects.filter(transfer=sent).values_list("lot", "expires_on")) == [("L77", "2026-12-31"), ("L78", "2027-01")]
    both_whole(lyon, athens)
