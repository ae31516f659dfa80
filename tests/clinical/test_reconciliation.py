"""Uses follow from the records of infusions; the reconciliation names everything that does not fit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.context import NotAudited
from audit.models import Change
from crf import registry
from dosing import accountability
from dosing.account import balance, balances
from dosing.accountability import record_uses
from dosing.reconciliation import reconcile, reconciled
from dosing.stock import Vial, VialMovement
from protocol.parameters import override
from protocol.stock import VialAct, VialState
from tests.clinical.pharmacy import DAY, EXPIRES, LOT, Pharmacy, snapshot

pytestmark = pytest.mark.usefixtures("noon")  # 20-Nov-2026
S, A = VialState, VialAct


@pytest.fixture
def pharmacy(world) -> Pharmacy:
    return Pharmacy(world)


@pytest.fixture
def patients(world):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        return world.enrolled(), world.enrolled()


@pytest.fixture
def anna(patients):
    return patients[0]


@pytest.fixture
def bert(patients):
    return patients[1]


def recorded(pharmacy, patient, dose: str, *numbers: str, on: str = DAY, mg: str = "10", occurrence: str = "GIVEN", voided: bool = False):
    """The record of an infusion as it stands in the database, and the uses that its save makes."""
    from accounts.access import actor_for
    from audit.context import acting
    from patients.models import Visit

    by = pharmacy.world.user("COORDINATOR", pharmacy.site.code)
    with acting(actor_for(by, pharmacy.site), reason="infusion", source="test"):
        visit = Visit.objects.filter(patient=patient, code=dose).first()
        if visit is None:
            visit = Visit(patient=patient, code=dose)
            visit.save()
        model = registry.form("EC")
        record = model.objects.filter(patient=patient, visit=visit).first() or model(patient=patient, visit=visit)
        record.occurrence, record.given_on, record.dose_mg, record.vials, record.voided = occurrence, on, Decimal(mg), "; ".join(numbers), voided
        record.save()
        given = occurrence == "GIVEN" and not voided
        record_uses(patient=patient, visit=dose, numbers=record.vials if given else (), on=record.given_on)
    return record


def sentences(pharmacy) -> list[str]:
    return [each.sentence for each in reconcile(pharmacy.site).mismatches]


# ---- uses ------------------------------------------------------------------------------------------------------------


def test_an_infusion_uses_its_vials(pharmacy, anna):
    pharmacy.receive()
    pharmacy.dispense("A1001", "A1002", patient=anna)
    recorded(pharmacy, anna, "C1D1", "a1001", "A1002")
    assert (pharmacy.state("A1001"), pharmacy.state("A1002"), pharmacy.state("A1003")) == (S.USED, S.USED, S.IN_STOCK)
    line = VialMovement.objects.get(vial__number="A1001", act="USE")
    assert (line.on, line.patient_number, line.dose, line.from_state, line.by_role) == (DAY, anna.number, "C1D1", "DISPENSED", "Site coordinator")
    assert Change.objects.filter(form="VIALMOVE", field="act", new="USE", actor="coordinator.fr03").count() == 2
    assert sentences(pharmacy) == []
    pharmacy.whole()


def test_saving_again_changes_nothing(pharmacy, anna):
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1001", "A1002")
    before = snapshot()
    pharmacy.uses(anna, "C1D1", "A1001", "A1002")
    pharmacy.uses(anna, "C1D1", " a1002 ", "A1001", "A1001")
    assert snapshot() == before


def test_the_account_follows_the_record(pharmacy, anna):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=anna)
    recorded(pharmacy, anna, "C1D1", "A1001", "A1002")
    recorded(pharmacy, anna, "C1D1", "A1002", "A1003")
    assert pharmacy.states() == {"A1001": S.DISPENSED, "A1002": S.USED, "A1003": S.USED, "A1004": S.IN_STOCK}
    assert pharmacy.acts("A1001") == ["RECEIVE", "DISPENSE", "USE", "UNUSE"]
    assert pharmacy.acts("A1002") == ["RECEIVE", "USE"]
    recorded(pharmacy, anna, "C1D1", "A1001", on="2026-09-03")
    assert pharmacy.held("A1001").standing.use.on == "2026-09-03"
    recorded(pharmacy, anna, "C1D1", occurrence="OMITTED")
    assert not Vial.objects.filter(state="USED").exists()
    pharmacy.whole()


def test_another_day_of_the_same_infusion(pharmacy, anna):
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1001")
    recorded(pharmacy, anna, "C1D1", "A1001", on="2026-09-05")
    uses = VialMovement.objects.filter(act="USE").order_by("id").values_list("on", flat=True)
    assert list(uses) == [DAY, "2026-09-05"]
    assert pharmacy.acts("A1001") == ["RECEIVE", "USE", "UNUSE", "USE"]
    pharmacy.whole()


def test_a_void_record_uses_nothing(pharmacy, anna):
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1001")
    recorded(pharmacy, anna, "C1D1", "A1001", voided=True)
    assert pharmacy.state("A1001") is S.IN_STOCK


def test_what_the_site_never_had_is_not_touched(pharmacy, world, anna):
    other = Pharmacy(world, "GR01")
    other.receive()
    before = snapshot()
    recorded(pharmacy, anna, "C1D1", "A1001", "X9")
    assert snapshot() == before
    assert sentences(pharmacy) == [f"The infusion of {anna.number}, C1D1 on 02-Sep-2026 names A1001, X9: FR03 never had it."]
    assert "GR01" not in str(sentences(pharmacy))


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ([], S.USED), ([A.QUARANTINE], S.USED), ([A.LOSE], S.USED), ([A.DESTROY], S.USED_DESTROYED), ([A.SEND_BACK], S.USED_SENT_BACK),
        ([A.LOSE, A.FIND], S.USED),
    ],
)  # fmt: skip
def test_an_infusion_that_took_place_is_stored_wherever_the_vial_was(pharmacy, anna, acts, state):
    pharmacy.receive()
    for act in acts:
        pharmacy.do(act, "A1001")
    before = pharmacy.state("A1001")
    recorded(pharmacy, anna, "C1D1", "A1001", on="2026-09-04")
    assert pharmacy.state("A1001") is state
    recorded(pharmacy, anna, "C1D1", "A1002", on="2026-09-04")
    assert pharmacy.state("A1001") is before
    pharmacy.whole()


def test_a_vial_stays_with_the_infusion_that_had_it_first(pharmacy, anna, bert):
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1001")
    recorded(pharmacy, bert, "C1D1", "A1001", "A1002")
    assert Vial.objects.get(number="A1001").patient_number == anna.number
    assert Vial.objects.get(number="A1002").patient_number == bert.number
    assert f"A1001 is named by 2 infusions: {anna.number}, C1D1 and {bert.number}, C1D1." in sentences(pharmacy)


def test_when_the_first_lets_it_go_the_second_has_it(pharmacy, anna, bert):
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1001")
    recorded(pharmacy, bert, "C1D1", "A1001", on="2026-09-03")
    recorded(pharmacy, anna, "C1D1", "A1002")
    assert (Vial.objects.get(number="A1001").patient_number, pharmacy.held("A1001").standing.use.on) == (bert.number, "2026-09-03")
    assert pharmacy.acts("A1001") == ["RECEIVE", "USE", "UNUSE", "USE"]
    pharmacy.whole()


def test_vials_that_are_entered_after_the_infusion(pharmacy, anna):
    recorded(pharmacy, anna, "C1D1", "A1001")
    assert "FR03 never had it" in str(sentences(pharmacy))
    pharmacy.receive()
    assert (pharmacy.state("A1001"), pharmacy.state("A1002")) == (S.USED, S.IN_STOCK)
    pharmacy.dispense("A1001", patient=anna)
    assert sentences(pharmacy) == []
    pharmacy.whole()


def test_a_vial_entered_by_mistake_is_not_used(pharmacy, anna):
    pharmacy.receive()
    pharmacy.correct("A1001")
    recorded(pharmacy, anna, "C1D1", "A1001")
    assert pharmacy.state("A1001") is S.MISTAKEN
    assert "names A1001: FR03 never had it" in str(sentences(pharmacy))
    pharmacy.receive(numbers="A1001", lot="L78")
    assert pharmacy.state("A1001") is S.USED
    assert "never had" not in str(sentences(pharmacy))


def test_uses_are_made_inside_the_save_of_the_record_only(pharmacy, anna):
    pharmacy.receive()
    with pytest.raises(NotAudited):
        record_uses(patient=anna, visit="C1D1", numbers=["A1001"], on=DAY)


def test_an_infusion_without_vials_asks_little(pharmacy, anna):
    pharmacy.receive()
    from accounts.access import actor_for
    from audit.context import acting

    by = pharmacy.world.user("COORDINATOR")
    with acting(actor_for(by, pharmacy.site), reason="x", source="test"), CaptureQueriesContext(connection) as asked:
        record_uses(patient=anna, visit="C1D1", numbers="", on=DAY)
    assert len(asked) == 1


# ---- what does not fit -----------------------------------------------------------------------------------------------


def test_everything_fits(pharmacy, anna):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=anna)
    recorded(pharmacy, anna, "C1D1", "A1001")
    pharmacy.do(A.DESTROY, "A1001", on="2026-09-03")
    pharmacy.count(3, on="2026-09-03")
    found = reconcile(pharmacy.site)
    assert found.mismatches == []
    row = next(row for row in found.rows if row.held.number == "A1001")
    assert (row.received, row.dispensed, row.used, row.returned) == ("2026-09-01", DAY, DAY, "")
    assert (row.gone, row.gone_on) == ("Destroyed", "2026-09-03")
    assert (row.dispensed_for, row.used_for) == (f"{anna.number}, C1D1",) * 2


def test_used_without_being_dispensed(pharmacy, anna):
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1001")
    assert sentences(pharmacy) == [f"A1001 was used for {anna.number}, C1D1 on 02-Sep-2026 without being dispensed."]
    pharmacy.dispense("A1001", patient=anna)
    assert sentences(pharmacy) == []


def test_used_after_it_had_come_back(pharmacy, anna):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=anna)
    pharmacy.do(A.TAKE_BACK, "A1001")
    recorded(pharmacy, anna, "C1D1", "A1001")
    assert "without being dispensed; the account had it as returned, to be checked." in sentences(pharmacy)[0]


def test_dispensed_for_one_and_used_for_another(pharmacy, anna, bert):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=anna)
    recorded(pharmacy, bert, "C1D1", "A1001")
    assert sentences(pharmacy) == [f"A1001 was used for {bert.number}, C1D1 on 02-Sep-2026, and it was dispensed for {anna.number}, C1D1."]


def test_used_before_it_was_dispensed(pharmacy, anna):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=anna, on="2026-09-04")
    recorded(pharmacy, anna, "C1D1", "A1001", on="2026-09-03")
    assert "before it was dispensed on 04-Sep-2026" in sentences(pharmacy)[0]
    recorded(pharmacy, anna, "C1D1", "A1001", on="2026-09-04")
    assert sentences(pharmacy) == []


@pytest.mark.parametrize(("act", "word"), [(A.DESTROY, "destroyed"), (A.LOSE, "lost"), (A.SEND_BACK, "sent back")])
def test_used_after_it_was_gone(pharmacy, anna, act, word):
    pharmacy.receive()
    pharmacy.do(act, "A1001", on="2026-09-03")
    recorded(pharmacy, anna, "C1D1", "A1001", on="2026-09-04")
    assert any(f"by the account it was {word} before, on 03-Sep-2026" in each for each in sentences(pharmacy))


@pytest.mark.parametrize(("day", "late"), [("2026-09-02", False), ("2026-09-03", True)])
def test_used_after_its_last_day(pharmacy, anna, day, late):
    pharmacy.receive(expires_on="2026-09-02")
    pharmacy.dispense("A1001", patient=anna)
    recorded(pharmacy, anna, "C1D1", "A1001", on=day)
    pharmacy.do(A.DESTROY, "A1002", "A1003", "A1004")
    assert (sentences(pharmacy) != []) is late
    if late:
        assert "after its last day, 02-Sep-2026." in sentences(pharmacy)[0]


@pytest.mark.parametrize(("day", "old"), [("2026-11-17", False), ("2026-11-16", True)])
def test_dispensed_and_neither_used_nor_taken_back(pharmacy, anna, day, old):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=anna, on=day)
    assert (sentences(pharmacy) != []) is old
    if old:
        assert sentences(pharmacy) == [f"A1001 was dispensed for {anna.number}, C1D1 on 16-Nov-2026, and is neither used nor taken back."]
    with override(dispensed_open_days=0):
        assert sentences(pharmacy)


def test_dispensed_for_an_infusion_that_does_not_name_it(pharmacy, anna):
    pharmacy.receive()
    pharmacy.dispense("A1001", "A1002", patient=anna, on="2026-11-20")
    recorded(pharmacy, anna, "C1D1", "A1001", on="2026-11-20")
    assert sentences(pharmacy) == [
        f"A1002 was dispensed for {anna.number}, C1D1 on 20-Nov-2026; the record of that infusion does not name it, and it is not taken back."
    ]
    pharmacy.do(A.TAKE_BACK, "A1002", on="2026-11-20")
    assert sentences(pharmacy) == []


@pytest.mark.parametrize(("expires", "over"), [("2026-11-20", False), ("2026-11", False), ("2026-11-19", True), ("2026-10", True)])
@pytest.mark.parametrize("act", [None, A.QUARANTINE])
def test_expired_and_still_there(pharmacy, expires, over, act):
    pharmacy.receive(expires_on=expires, numbers="A1001")
    if act:
        pharmacy.do(act, "A1001")
    assert (["is still in the pharmacy" in each for each in sentences(pharmacy)]) == ([True] if over else [])
    pharmacy.do(A.DESTROY, "A1001")
    assert sentences(pharmacy) == []


def test_an_infusion_without_vials(pharmacy, anna):
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1")
    assert sentences(pharmacy) == [f"The infusion of {anna.number}, C1D1 on 02-Sep-2026 names no vial."]
    recorded(pharmacy, anna, "C1D1", occurrence="DELAYED")
    assert sentences(pharmacy) == []


@pytest.mark.parametrize(("mg", "short"), [("10", False), ("10.01", True), ("7.5", False)])
def test_vials_that_hold_less_than_was_given(pharmacy, anna, mg, short):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=anna)
    recorded(pharmacy, anna, "C1D1", "A1001", mg=mg)
    said = f"The infusion of {anna.number}, C1D1 on 02-Sep-2026: 10.01 mg were given, and the vials named hold 10 mg."
    assert sentences(pharmacy) == ([said] if short else [])


def test_a_count_that_differs_stands_until_one_agrees(pharmacy):
    pharmacy.receive()
    pharmacy.count(3, on="2026-11-19", remark="searched")
    assert sentences(pharmacy) == [f"Lot {LOT}, 10 mg: 3 counted on 19-Nov-2026, 4 in the account."]
    pharmacy.do(A.LOSE, "A1004", on="2026-11-19")
    assert len(sentences(pharmacy)) == 1
    pharmacy.count(3, on="2026-11-20")
    assert sentences(pharmacy) == []


def test_the_account_and_the_record_disagree(pharmacy, anna):
    """It cannot happen by way of the forms; a record that was stored without its uses would show it."""
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1001")
    pharmacy.dispense("A1001", patient=anna)
    pharmacy.uses(anna, "C1D1", "A1002")
    said = sentences(pharmacy)
    assert f"A1002 is used for {anna.number}, C1D1 in the account, and the record of that infusion does not name it." in said
    assert f"A1001 is named by the infusion of {anna.number}, C1D1, and the account does not have it as used." in said


def test_rows_that_do_not_fit_stand_first(pharmacy, anna):
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1003")
    rows = reconcile(pharmacy.site).rows
    assert [row.held.number for row in rows] == ["A1003", "A1001", "A1002", "A1004"]
    assert rows[0].faults and not rows[1].faults


def test_each_site_by_itself_and_all_in_few_queries(pharmacy, world, anna):
    other = Pharmacy(world, "GR01")
    pharmacy.receive()
    other.receive(numbers="G1-G3")
    recorded(pharmacy, anna, "C1D1", "G1")
    with CaptureQueriesContext(connection) as asked:
        found = reconciled([pharmacy.site, other.site])
    assert [len(found[site.pk].mismatches) for site in (pharmacy.site, other.site)] == [1, 0]
    assert len(asked) <= 4
    with CaptureQueriesContext(connection) as asked:
        lines = balances([pharmacy.site, other.site])
    assert len(asked) == 1
    assert [lines[site.pk][0].received for site in (pharmacy.site, other.site)] == [4, 3]


def test_the_balance_of_a_day(pharmacy, anna):
    from datetime import date

    pharmacy.receive()
    pharmacy.dispense("A1001", "A1002", patient=anna, on="2026-09-03")
    recorded(pharmacy, anna, "C1D1", "A1001", on="2026-09-03")
    pharmacy.do(A.TAKE_BACK, "A1002", on="2026-09-05")
    found = {}
    for day in ("2026-08-31", "2026-09-01", "2026-09-03", "2026-09-05"):
        lines = balance(pharmacy.site, date.fromisoformat(day))
        found[day] = (lines[0].in_pharmacy, lines[0].of(S.DISPENSED), lines[0].used) if lines else ()
    assert found == {"2026-08-31": (), "2026-09-01": (4, 0, 0), "2026-09-03": (2, 1, 1), "2026-09-05": (3, 0, 1)}
    assert [(line.lot, line.expires_on, line.counts) for line in balance(pharmacy.site)] == [
        (line.lot, line.expires_on, line.counts) for line in balance(pharmacy.site, date(2026, 11, 20))
    ]
    assert balance(pharmacy.site)[0].expires_on == EXPIRES


def test_rules_of_whom_a_vial_concerns_are_run_again(pharmacy, anna, bert, monkeypatch):
    from crf.actions import Rechecked

    asked = []
    monkeypatch.setattr(accountability, "rules_reading", lambda code: [code])
    monkeypatch.setattr(accountability.actions, "recheck", lambda patients: asked.append([p.number for p in patients]) or Rechecked(opened=1, closed=2))
    pharmacy.receive()
    recorded(pharmacy, anna, "C1D1", "A1001")
    recorded(pharmacy, bert, "C1D1", "A1002")
    assert accountability.recheck(pharmacy.site, ["A1001"]) == "Rules were run again: 1 query was opened and 2 queries were closed."
    assert asked == [[anna.number]]
