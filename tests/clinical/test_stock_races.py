"""Separate processes at the same vials at the same moment, on the database in use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from audit import clock, examine
from dosing.stock import Shipment, Vial, VialMovement
from tests.clinical.pharmacy import Pharmacy
from tests.clinical.test_accountability_pages import box, day, vial_url
from tests.crf.page import Page
from tests.crf.test_races import RACERS, race, statuses

pytestmark = [pytest.mark.commits, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pharmacy(world) -> Pharmacy:
    return Pharmacy(world)


@pytest.fixture
def people(world, pharmacy):
    return [world.user("PHARMACIST", "FR03", username=f"pharmacist.{n}") for n in range(RACERS)]


@pytest.fixture
def today() -> str:
    return clock.today("Europe/Paris").isoformat()


@pytest.fixture
def ahead(today) -> str:
    return (clock.today("Europe/Paris") + timedelta(days=300)).isoformat()


def fine(pharmacy) -> None:
    pharmacy.whole()
    assert list(examine.findings()) == []


def test_one_vial_is_dispensed_once(world, pharmacy, people, tmp_path, today, ahead):
    pharmacy.receive(received_on=today, expires_on=ahead)
    patients = [world.enrolled() for _ in range(2)]
    url = reverse("drug_act", args=["FR03"])
    jobs = [(user, url, {"act": "DISPENSE", "vial": ["A1001"], "patient": patients[n % 2].number, "dose": "C1D1", **day("on", today)})
            for n, user in enumerate(people)]  # fmt: skip
    assert statuses(race(tmp_path, jobs)) == {302: 1, 422: RACERS - 1}
    assert VialMovement.objects.filter(act="DISPENSE").count() == 1
    fine(pharmacy)


def test_vials_named_in_other_orders_by_all_do_not_hold_each_other(pharmacy, people, tmp_path, today, ahead):
    pharmacy.receive(received_on=today, expires_on=ahead)
    url, numbers = reverse("drug_act", args=["FR03"]), ["A1001", "A1002", "A1003", "A1004"]
    acts = [("DESTROY", numbers), ("QUARANTINE", numbers[::-1]), ("LOSE", numbers[2:] + numbers[:2])]
    jobs = [(user, url, {"act": act, "vial": order, "reason": "all at once", **day("on", today)}) for user, (act, order) in zip(people, acts, strict=True)]
    found = statuses(race(tmp_path, jobs))
    assert found[302] >= 1 and set(found) <= {302, 422}  # what is quarantined or lost may still be destroyed afterwards
    assert len({each.state for each in Vial.objects.all()}) == 1
    fine(pharmacy)


def test_a_shipment_received_by_all_is_one(pharmacy, people, tmp_path, today, ahead):
    url = reverse("drug_receive", args=["FR03"])
    typed = box(received_on=today, expires_on=ahead)
    assert statuses(race(tmp_path, [(user, url, typed) for user in people])) == {302: 1, 422: RACERS - 1}
    assert (Shipment.objects.count(), Vial.objects.count()) == (1, 3)
    fine(pharmacy)


def test_a_number_received_by_two_sites_is_at_one(world, pharmacy, tmp_path, today, ahead):
    sites = ["FR03", "GR01", "IT01"]
    people = [Pharmacy(world, site).user for site in sites]
    typed = box(received_on=today, expires_on=ahead)
    jobs = [(user, reverse("drug_receive", args=[site]), typed) for user, site in zip(people, sites, strict=True)]
    assert statuses(race(tmp_path, jobs)) == {302: 1, 422: 2}
    assert (Shipment.objects.count(), Vial.objects.count()) == (1, 3)
    assert list(examine.findings()) == []


def test_a_line_is_taken_back_once(pharmacy, people, tmp_path, today, ahead):
    pharmacy.receive(received_on=today, expires_on=ahead)
    line = pharmacy.held("A1001").standing.custody.id
    jobs = [(user, vial_url("A1001"), {"entry": str(line), "reason": f"by {n}"}) for n, user in enumerate(people)]
    # The later ones find a vial that was entered by mistake.
    assert statuses(race(tmp_path, jobs)) == {302: 1, 409: RACERS - 1}
    assert VialMovement.objects.filter(act="CORRECT").count() == 1
    fine(pharmacy)


def test_an_infusion_and_the_pharmacist_at_one_vial(world, pharmacy, people, tmp_path, today, ahead):
    """Whoever comes first: the infusion is stored with its use, and the ledger says one thing after the other."""
    pharmacy.receive(received_on=today, expires_on=ahead, strength_mg=1)
    patient = world.enrolled()
    pharmacy.dispense("A1001", patient=patient, on=today)
    coordinator = world.user("COORDINATOR", "FR03")
    page = Page(world, coordinator, patient, "EC", "C1D1").fill(occurrence="GIVEN", given_on=today, dose_mg="1", vials="A1001")
    save = (coordinator, page.url, {**page.read.data, "action": "save"})
    back = (people[0], reverse("drug_act", args=["FR03"]), {"act": "TAKE BACK", "vial": ["A1001"], **day("on", today)})
    answers = race(tmp_path, [save, back])
    assert answers[0]["status"] == 302 and answers[1]["status"] in (302, 422)
    vial = Vial.objects.get(number="A1001")
    assert (vial.state, vial.patient_number) == ("USED", patient.number)
    assert vial.kept == ("RETURNED" if answers[1]["status"] == 302 else "DISPENSED")
    fine(pharmacy)


def test_an_infusion_and_the_receipt_of_its_vial(world, pharmacy, people, tmp_path, today, ahead):
    """Whoever comes second knows of the first: the vial is used."""
    patient, coordinator = world.enrolled(), world.user("COORDINATOR", "FR03")
    page = Page(world, coordinator, patient, "EC", "C1D1").fill(occurrence="GIVEN", given_on=today, dose_mg="1", vials="A1001")
    save = (coordinator, page.url, {**page.read.data, "action": "save"})
    come = (people[0], reverse("drug_receive", args=["FR03"]), box(received_on=today, expires_on=ahead, strength_mg="1"))
    assert statuses(race(tmp_path, [save, come])) == {302: 2}
    assert {vial.number: vial.state for vial in Vial.objects.all()} == {"A1001": "USED", "A1002": "IN STOCK", "A1003": "IN STOCK"}
    fine(pharmacy)


def test_infusions_of_one_site_with_vials_not_received_do_not_hold_each_other(world, pharmacy, people, tmp_path, today, ahead):
    """They and the receipt wait for the account of the site in turn: nobody waits in a ring, and all are stored."""
    jobs = []
    for n in range(RACERS):
        patient, coordinator = world.enrolled(), world.user("COORDINATOR", "FR03", username=f"coordinator.{n}")
        page = Page(world, coordinator, patient, "EC", "C1D1").fill(occurrence="GIVEN", given_on=today, dose_mg="1", vials=f"A100{n + 1}")
        jobs.append((coordinator, page.url, {**page.read.data, "action": "save"}))
    come = (people[0], reverse("drug_receive", args=["FR03"]), box(received_on=today, expires_on=ahead, strength_mg="1"))
    assert statuses(race(tmp_path, [*jobs, come])) == {302: RACERS + 1}
    assert {vial.state for vial in Vial.objects.all()} == {"USED"}
    fine(pharmacy)
