"""The drug account in an export: as of the moment, described column by column, and adding up."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from audit import clock
from dosing.account import balance
from exports.drug import drug_account
from protocol.stock import VialAct
from tests.clinical.pharmacy import Pharmacy

TABLES = ("shipments", "vial_transfers", "vials", "vial_movements", "stock_counts")


@pytest.fixture
def told(world):
    """A pharmacy in which everything has happened once; and the moment before the last act."""
    pharmacy = Pharmacy(world)
    patient = world.enrolled()
    day = patient.enrolled_on.isoformat()
    on = {"received_on": day, "expires_on": f"{patient.enrolled_on.year + 1}-06"}
    shipment = pharmacy.receive(**on, numbers="A1001-A1003", reference="DN-7", remark='=HYPERLINK("x")')
    pharmacy.receive(**on, numbers="W1", strength_mg=1, lot="S1", temperature_kept="N", remark="14 °C")
    pharmacy.dispense("A1001", "A1002", patient=patient, on=day)
    pharmacy.uses(patient, "C1D1", "A1001", on=day)
    pharmacy.do(VialAct.TAKE_BACK, "A1002", on=day, reason="not needed")
    pharmacy.count(2, on=day, remark="all there")
    before = clock.now()
    pharmacy.correct("A1002", reason="it was given after all")
    return pharmacy, patient, shipment, before


def test_the_tables_are_as_the_account_has_it(told, take):
    pharmacy, patient, shipment, _ = told
    whole, day = take(), patient.enrolled_on.isoformat()
    assert whole["shipments"][0] == {
        "STUDYID": "ETOP 29-25", "SITEID": "FR03", "RECID": str(shipment.pk), "RECDAT": day, "SHIPREF": "DN-7", "LOT": "L77", "STRENGTH": "10",
        "EXPDAT": shipment.expires_on, "TEMPKEPT": "Y", "REMARK": f"'{shipment.remark}", "ROLE": "Pharmacist", "TRANSID": "",
    }  # fmt: skip
    vials = {row["DAREFID"]: row for row in whole["vials"]}
    assert {number: (row["STATE"], row["SUBJID"], row["DOSE"], row["KEPT"], row["DISPFOR"]) for number, row in vials.items()} == {
        "A1001": ("USED", patient.number, "C1D1", "DISPENSED", f"{patient.number} C1D1"),
        "A1002": ("DISPENSED", patient.number, "C1D1", "DISPENSED", f"{patient.number} C1D1"),
        "A1003": ("IN STOCK", "", "", "IN STOCK", ""), "W1": ("QUARANTINED", "", "", "QUARANTINED", ""),
    }  # fmt: skip
    moves = [row for row in whole["vial_movements"] if row["DAREFID"] == "A1002"]
    assert [(row["ACT"], row["DATEST"], row["DAORRES"], row["DAORRESU"], row["DADAT"], row["FROMST"], row["TOST"]) for row in moves] == [
        ("RECEIVE", "", "1", "VIAL", day, "", "IN STOCK"), ("DISPENSE", "Dispensed Amount", "1", "VIAL", day, "IN STOCK", "DISPENSED"),
        ("TAKE BACK", "Returned Amount", "1", "VIAL", day, "DISPENSED", "RETURNED"), ("CORRECT", "", "1", "VIAL", day, "RETURNED", "DISPENSED"),
    ]  # fmt: skip
    assert (moves[3]["TAKESBCK"], moves[3]["REASON"]) == (moves[2]["RECID"], "it was given after all")
    (count,) = whole["stock_counts"]
    assert [count[name] for name in ("DADAT", "LOT", "STRENGTH", "DAORRES", "EXPECTED", "REMARK")] == [day, "L77", "10", "2", "2", "all there"]


def test_the_movements_add_up_to_the_balance(told, take):
    pharmacy = told[0]
    sums: Counter = Counter()
    for row in take()["vial_movements"]:
        sums[row["TOST"]] += 1
        sums[row["FROMST"]] -= 1
    for line in balance(pharmacy.site):
        sums.subtract({state.value: n for state, n in line.counts.items()})
    sums.pop("")
    assert set(sums.values()) == {0}


def test_as_of_a_moment(told, take):
    earlier = take(as_of=told[3])
    assert [row["STATE"] for row in earlier["vials"] if row["DAREFID"] == "A1002"] == ["RETURNED"]
    assert "CORRECT" not in {row["ACT"] for row in earlier["vial_movements"]}


def test_a_transfer_joins_the_two_accounts(told, world, take):
    pharmacy, patient, _, _ = told
    day, other = patient.enrolled_on.isoformat(), Pharmacy(world, "GR01")
    sent = pharmacy.send("A1003", to="GR01", on=day, reference="TN-1", reason="Agreed by letter")
    other.arrive(sent, "A1003", on=day)
    whole = take()
    (row,) = whole["vial_transfers"]
    assert row == {
        "STUDYID": "ETOP 29-25", "SITEID": "FR03", "RECID": str(sent.pk), "SENTDAT": day, "TOSITEID": "GR01", "SHIPREF": "TN-1",
        "REASON": "Agreed by letter", "ROLE": "Pharmacist",
    }  # fmt: skip
    rows = [(each["SITEID"], each["STATE"], each["TRANSID"]) for each in whole["vials"] if each["DAREFID"] == "A1003"]
    assert sorted(rows) == [("FR03", "AT ANOTHER SITE", str(sent.pk)), ("GR01", "IN STOCK", "")]
    assert [each["SITEID"] for each in whole["shipments"] if each["TRANSID"] == str(sent.pk)] == ["GR01"]


def test_the_codebook_describes_every_column(told, take):
    whole = take()
    described = {(row["TABLE"], row["COLUMN"]): row for row in whole["codebook"] if row["TABLE"] in TABLES}
    for name in TABLES:
        assert {column for table, column in described if table == name} == set(whole.head(f"{name}.csv"))
    assert all(row["LABEL"] for row in described.values())
    assert "USED DESTROYED=Used, remains destroyed" in described["vials", "STATE"]["VALUES"]
    assert described["stock_counts", "REMARK"]["FREETEXT"] == "Y"
    free = {(row["TABLE"], row["COLUMN"]): row["FILLED"] for row in whole["free_text"] if row["TABLE"] in TABLES}
    assert free["vial_movements", "REASON"] == "5" and free["stock_counts", "REMARK"] == "1"


def test_an_empty_account_is_five_tables_with_heads(world, take):
    whole = take()
    for name in TABLES:
        assert whole[name] == []
        assert whole.head(f"{name}.csv")[:3] == ["STUDYID", "SITEID", "RECID"]


def test_queries_do_not_grow(world, django_assert_num_queries):
    pharmacy = Pharmacy(world)
    pharmacy.receive(numbers="A1001-A1003")

    def read():
        return [list(table.rows()) for table in drug_account(clock.now())]

    with django_assert_num_queries(7):
        read()
    pharmacy.receive(numbers="B1001-B1100", strength_mg=Decimal(1))
    with django_assert_num_queries(7):
        assert len(read()[2]) == 103
