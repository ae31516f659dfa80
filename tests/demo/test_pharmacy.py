"""The simulated pharmacies: every dose has its vials, dispensed before it, and the accounts add up."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from accounts.models import Site
from audit import clock
from demo.pharmacy import FORGOTTEN, WARM, _vials_for
from dosing.account import balances, infusions, vials_of, with_ledgers
from dosing.reconciliation import reconciled
from dosing.stock import Shipment, StockCount, Vial, VialMovement
from protocol import stock
from protocol.stock import VialAct, VialState
from tests.conftest import UNTIL

pytestmark = pytest.mark.django_db


@pytest.fixture
def sites(trial) -> list[Site]:
    return list(Site.objects.filter(patients__isnull=False).distinct())


@pytest.mark.parametrize(
    ("mg", "vials"),
    [("1", [(1, 1)]), ("3", [(1, 3)]), ("3.5", [(10, 1)]), ("7.5", [(10, 1)]), ("10", [(10, 1)]), ("11", [(10, 1), (1, 1)]), ("12.5", [(10, 1), (1, 3)]), ("0.5", [(1, 1)])],
)
def test_the_vials_of_an_amount(mg, vials):
    found = _vials_for(Decimal(mg))
    assert [(int(strength), n) for strength, n in found] == vials
    assert sum(strength * n for strength, n in found) >= Decimal(mg)


def test_every_site_with_patients_has_both_strengths_before_its_first_patient(sites):
    for site in sites:
        came = Shipment.objects.filter(site=site)
        assert set(came.values_list("strength_mg", flat=True)) == {Decimal(1), Decimal(10)}
        first = site.patients.order_by("id").first()
        assert min(came.values_list("received_on", flat=True)) <= first.history.earliest().history_date.date().isoformat()


def test_every_infusion_names_its_vials_and_they_were_used_for_it(sites):
    given = infusions(sites)
    held = {(each.vial.site_id, each.number): each for each in with_ledgers(vials_of(sites))}
    assert len(given) > 50
    for each in given:
        assert each.numbers, each
        used = [held[each.site, number] for number in each.numbers]
        assert sum(vial.vial.strength_mg for vial in used) >= each.mg
        for vial in used:
            assert (vial.vial.site_id, vial.standing.whose) == (each.site, each.whose)
            assert not stock.expired(vial.vial.expires_on, stock.first_day(each.on))
    assert Counter(number for each in given for number in each.numbers).most_common(1)[0][1] == 1


def test_what_does_not_fit_is_the_dispensing_that_was_forgotten(sites):
    with clock.set_to(UNTIL):
        found = [(site.code, each.sentence) for site in sites for each in reconciled([site])[site.pk].mismatches]
    forgotten = [each for each in found if "without being dispensed" in each[1]]
    assert [(site, FORGOTTEN[1] in sentence) for site, sentence in forgotten] == [(FORGOTTEN[0], True)]
    assert [each for each in found if each not in forgotten] == []


def test_the_balance_is_what_the_vials_say(sites):
    found = balances(sites)
    for site in sites:
        states = Counter(VialState(state) for state in vials_of([site]).values_list("state", flat=True))
        assert sum((line.counts for line in found[site.pk]), Counter()) == states


def test_what_happens_now_and_then_has_happened(sites):
    acts = set(VialMovement.objects.values_list("act", flat=True))
    assert acts >= {"RECEIVE", "QUARANTINE", "RELEASE", "DISPENSE", "USE", "DESTROY", "TAKE BACK", "RETURN", "SEND ON", "ARRIVE"}
    warm = Vial.objects.filter(site__code=WARM).first()
    assert [each.act for each in with_ledgers(vials_of([warm.site]).filter(pk=warm.pk))[0].entries[:3]] == [VialAct.RECEIVE, VialAct.QUARANTINE, VialAct.RELEASE]


def test_the_stock_is_counted(sites):
    assert all(each.counted == each.expected for each in StockCount.objects.all())
    assert set(StockCount.objects.values_list("by_role", flat=True)) == {"Pharmacist", "Monitor"}
