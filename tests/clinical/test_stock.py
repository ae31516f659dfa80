"""The drug account: what may be entered, what is refused in which words, and that the balance is the sum of the movements."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import actor_for
from audit import clock, examine
from audit.context import NotAudited, acting
from audit.models import Change, ChangeSet
from crf.facts import load_case
from dosing import accountability
from dosing.account import balance, in_pharmacy
from dosing.ledger import Refused
from dosing.stock import Shipment, StockCount, Vial, VialMovement
from protocol.parameters import override
from protocol.stock import BY_PERSON, NEEDS_REASON, VialAct, VialState
from tests.clinical.pharmacy import CAME, DAY, EXPIRES, LOT, Pharmacy, refusal, snapshot

pytestmark = pytest.mark.usefixtures("noon")  # 20-Nov-2026
S, A = VialState, VialAct


@pytest.fixture
def pharmacy(world) -> Pharmacy:
    return Pharmacy(world)


@pytest.fixture
def patient(world):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        return world.enrolled()


# ---- receiving -------------------------------------------------------------------------------------------------------


def test_a_shipment_comes_in(pharmacy):
    shipment = pharmacy.receive(reference="DN-7", remark="on dry ice")
    assert pharmacy.states() == dict.fromkeys(("A1001", "A1002", "A1003", "A1004"), S.IN_STOCK)
    vial = Vial.objects.get(number="A1001")
    assert (vial.lot, vial.strength_mg, vial.expires_on, vial.shipment_id) == (LOT, Decimal(10), EXPIRES, shipment.pk)
    line = VialMovement.objects.get(vial=vial)
    assert (line.act, line.on, line.from_state, line.to_state, line.by_role) == ("RECEIVE", CAME, "", "IN STOCK", "Pharmacist")
    assert (shipment.reference, shipment.by_role, shipment.remark) == ("DN-7", "Pharmacist", "on dry ice")
    connection.check_constraints()
    assert list(examine.findings()) == []
    pharmacy.whole()


def test_it_is_one_act_in_the_trail_of_the_study(pharmacy):
    pharmacy.receive()
    sets = ChangeSet.objects.filter(changes__form="VIAL").distinct()
    assert [(each.chain, each.record_site, each.role, each.source) for each in sets] == [("study", "FR03", "Pharmacist", "drug account")]
    assert set(Change.objects.filter(change_set=sets[0]).values_list("form", flat=True)) == {"SHIPMENT", "VIAL", "VIALMOVE"}


def test_a_warm_box_goes_into_quarantine(pharmacy):
    pharmacy.receive(temperature_kept="N", remark="Logger shows 14 °C for two hours; sponsor told")
    assert set(pharmacy.states().values()) == {S.QUARANTINED}
    assert pharmacy.acts("A1001") == ["RECEIVE", "QUARANTINE"]
    assert VialMovement.objects.filter(act="QUARANTINE").first().reason.startswith("Logger shows 14 °C")
    pharmacy.whole()


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ({"received_on": ""}, "Enter the day."),
        ({"received_on": "2026-11-21"}, "21-Nov-2026 lies in the future."),
        ({"received_on": "2026-09"}, "The full date is needed"),
        ({"lot": "  "}, "Enter the lot"),
        ({"strength_mg": None}, "Choose the strength: 1 mg or 10 mg."),
        ({"strength_mg": Decimal(5)}, "Choose the strength: 1 mg or 10 mg."),
        ({"expires_on": ""}, "Enter the expiry date"),
        ({"expires_on": "2027"}, "Enter the expiry date"),
        ({"expires_on": "2036-11-22"}, "lies more than ten years ahead"),
        ({"temperature_kept": ""}, "Answer yes or no"),
        ({"temperature_kept": "N"}, "Say what the logger shows"),
        ({"numbers": ""}, "Enter the numbers"),
        ({"numbers": "A1004-A1001", "counted": 4}, "runs backwards"),
        ({"numbers": "A1 A2 a1 A3 A2", "counted": 5}, "Named twice: A1, A2."),
        ({"numbers": "A1001-A1010", "counted": 9}, "The list has 10 numbers, and 9 vials were counted"),
        ({"counted": None}, "Enter how many vials were in the box."),
    ],
)
def test_a_shipment_that_is_refused(pharmacy, box, said):
    assert said in refusal(pharmacy.receive, **box)
    assert not Shipment.objects.exists()


def test_everything_is_said_at_once(pharmacy):
    with pytest.raises(Refused) as caught:
        pharmacy.receive(received_on="", lot="", strength_mg=None, expires_on="", temperature_kept="", numbers="", counted=None)
    assert set(caught.value.faults) == {"received_on", "lot", "strength_mg", "expires_on", "temperature_kept", "numbers", "counted"}


@pytest.mark.parametrize("expires", ["2026-11-19", "2026-10", "2036-11-20"])
def test_what_came_is_stored_even_when_it_has_expired(pharmacy, expires):
    pharmacy.receive(expires_on=expires)
    assert len(pharmacy.states()) == 4


def test_a_number_is_unique_in_the_trial_whatever_its_letters(pharmacy, world):
    pharmacy.receive()
    assert "In the account already: A1003, A1004." in refusal(pharmacy.receive, numbers="a1003-A1006")
    other = Pharmacy(world, "GR01")
    said = refusal(other.receive, numbers="A1004-A1005")
    assert "Received by another site: A1004. Tell the sponsor." in said
    assert "FR03" not in said
    with pytest.raises(IntegrityError), transaction.atomic(), acting(actor_for(pharmacy.user, pharmacy.site), source="test"):
        Vial(site=other.site, shipment=Shipment.objects.first(), number="a1001", lot=LOT, strength_mg=1, expires_on=EXPIRES, state="LOST").save()


def test_a_race_between_two_sites_is_a_sentence(pharmacy, world, monkeypatch):
    pharmacy.receive()
    seen = iter([["", ""], ["", ""]])
    known = accountability._known
    monkeypatch.setattr(accountability, "_known", lambda site, typed: next(seen, None) or known(site, typed))
    with pytest.raises(Refused, match="Received by another site: A1001 to A1004"):
        Pharmacy(world, "GR01").receive()
    assert Vial.objects.count() == 4


def test_strengths_come_from_the_parameter(pharmacy):
    with override(vial_strengths_mg=("2.5",)):
        assert "Choose the strength: 2.5 mg." in refusal(pharmacy.receive)
        pharmacy.receive(strength_mg=Decimal("2.5"))


# ---- dispensing ------------------------------------------------------------------------------------------------------


def test_a_vial_is_dispensed(pharmacy, patient):
    pharmacy.receive()
    pharmacy.dispense("A1001", "A1002", patient=patient)
    vial = Vial.objects.get(number="A1001")
    assert (vial.state, vial.patient_number, vial.dose) == ("DISPENSED", patient.number, "C1D1")
    line = VialMovement.objects.get(vial=vial, act="DISPENSE")
    assert (line.from_state, line.to_state, line.patient_number, line.dose, line.on) == ("IN STOCK", "DISPENSED", patient.number, "C1D1", DAY)
    pharmacy.whole()


@pytest.mark.parametrize(("day", "refused"), [("2026-11-18", False), ("2026-11-19", False), ("2026-11-20", True)])
def test_not_after_its_last_day(pharmacy, patient, day, refused):
    pharmacy.receive(expires_on="2026-11-19")
    if refused:
        assert "A1001 expired: its last day is 19-Nov-2026. It must not be dispensed." in refusal(pharmacy.dispense, "A1001", patient=patient, on=day)
    else:
        pharmacy.dispense("A1001", patient=patient, on=day)


@pytest.mark.parametrize(("expires", "refused"), [("2026-11", False), ("2026-10", True)])
def test_a_month_is_good_to_its_end(pharmacy, patient, expires, refused):
    pharmacy.receive(expires_on=expires)
    if refused:
        assert "expired: its last day is Oct-2026" in refusal(pharmacy.dispense, "A1001", patient=patient, on="2026-11-20")
    else:
        pharmacy.dispense("A1001", patient=patient, on="2026-11-20")


@pytest.mark.parametrize(
    ("whom", "said"),
    [
        ({"patient": ""}, "Choose the patient."),
        ({"patient": "FR03-999"}, "There is no patient “FR03-999” at FR03."),
        ({"patient": "FR03-\x00"}, "There is no patient"),
        ({"dose": ""}, "Choose the dose."),
        ({"dose": "C9D9"}, "“C9D9” is no dose of the schedule."),
        ({"dose": "SCR"}, "“SCR” is no dose of the schedule."),
        ({"on": ""}, "Enter the day."),
        ({"on": "2026-11-21"}, "lies in the future"),
        ({"on": "2026-08-31"}, "A1001 was received on 01-Sep-2026"),
    ],
)
def test_whom_and_when(pharmacy, patient, whom, said):
    pharmacy.receive()
    assert said in refusal(pharmacy.dispense, "A1001", **{"patient": patient.number, **whom})


def test_not_for_somebody_who_is_not_registered(pharmacy, world):
    pharmacy.receive()
    waiting = world.patient()
    assert f"{waiting.number} is not registered for the trial" in refusal(pharmacy.dispense, "A1001", patient=waiting)


def test_not_for_a_patient_of_another_site(pharmacy, world):
    pharmacy.receive()
    away = world.enrolled("GR01")
    assert f"There is no patient “{away.number}” at FR03." in refusal(pharmacy.dispense, "A1001", patient=away)


def test_not_a_vial_of_another_site(pharmacy, world, patient):
    Pharmacy(world, "GR01").receive()
    assert "Not in the account of FR03: A1001." in refusal(pharmacy.dispense, "A1001", patient=patient)
    assert "Not in the account of FR03: X1." in refusal(pharmacy.dispense, "X1", patient=patient)
    assert "Choose at least one vial." in refusal(pharmacy.dispense, patient=patient)


def test_all_or_none_and_a_sentence_for_each(pharmacy, patient):
    pharmacy.receive()
    pharmacy.do(A.QUARANTINE, "A1002")
    pharmacy.dispense("A1003", patient=patient, dose="C1D8")
    said = refusal(pharmacy.dispense, "A1001", "A1002", "A1003", "B9", patient=patient)
    assert "A1002 is in quarantine: it cannot be dispensed." in said
    assert f"A1003 is dispensed for {patient.number}, C1D8: it cannot be dispensed." in said
    assert "Not in the account of FR03: B9." in said
    assert "A1001" not in said


def test_a_used_vial_is_dispensed_only_late_and_for_that_infusion(pharmacy, world, patient):
    pharmacy.receive()
    pharmacy.uses(patient, "C1D1", "A1001", on="2026-09-03")
    assert f"A1001 is used for {patient.number}, C1D1" in refusal(pharmacy.dispense, "A1001", patient=patient, dose="C1D8")
    assert "was used on 03-Sep-2026: it was not dispensed after that day" in refusal(pharmacy.dispense, "A1001", patient=patient, on="2026-09-04")
    pharmacy.dispense("A1001", patient=patient, on="2026-09-03")
    assert pharmacy.state("A1001") is S.USED
    assert "it cannot be dispensed" in refusal(pharmacy.dispense, "A1001", patient=patient, on="2026-09-03")
    pharmacy.whole()


# ---- the other acts --------------------------------------------------------------------------------------------------


def test_the_way_back(pharmacy, patient):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=patient)
    pharmacy.do(A.TAKE_BACK, "A1001", reason="")
    assert (pharmacy.state("A1001"), pharmacy.held("A1001").vial.patient_number) == (S.RETURNED, "")
    assert "back from the ward and not yet checked: it cannot be dispensed" in refusal(pharmacy.dispense, "A1001", patient=patient)
    pharmacy.do(A.RETURN, "A1001")
    pharmacy.dispense("A1001", patient=patient, dose="C1D8")
    pharmacy.whole()


@pytest.mark.parametrize("act", sorted(NEEDS_REASON - {A.CORRECT, A.SEND_ON}))
def test_some_acts_say_why(pharmacy, act):
    pharmacy.receive()
    assert "Say why." in refusal(pharmacy.do, act, "A1001", reason=" ")


def test_a_vial_is_sent_to_another_site_by_its_own_action_only(pharmacy):
    pharmacy.receive()
    with pytest.raises(ValueError, match="send_on"):
        pharmacy.do(A.SEND_ON, "A1001")
    assert pharmacy.state("A1001") is S.IN_STOCK


def test_every_named_action_does_its_act(pharmacy, patient):
    pharmacy.receive()
    common = {"by": pharmacy.user, "site": pharmacy.site, "numbers": ["A1001"], "on": DAY, "reason": "seen"}
    accountability.dispense(**common, patient=patient.number, dose="C1D1")
    for action in ("take_back", "return_to_stock", "quarantine", "release", "lose", "find", "release", "destroy"):
        getattr(accountability, action)(**common)
    accountability.send_back(**{**common, "numbers": ["A1002"]})
    assert pharmacy.acts("A1001") == ["RECEIVE", "DISPENSE", "TAKE BACK", "RETURN", "QUARANTINE", "RELEASE", "LOSE", "FIND", "RELEASE", "DESTROY"]
    assert pharmacy.acts("A1002") == ["RECEIVE", "SEND BACK"]


def test_days_do_not_run_backwards(pharmacy, patient):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=patient, on="2026-09-05")
    said = refusal(pharmacy.do, A.TAKE_BACK, "A1001", on="2026-09-04")
    assert "A1001 was dispensed on 05-Sep-2026: what comes after it is not dated 04-Sep-2026." in said
    pharmacy.do(A.TAKE_BACK, "A1001", on="2026-09-05")


@pytest.mark.parametrize("role", ["COORDINATOR", "INVESTIGATOR", "MONITOR", "DATA_MANAGER", "SAFETY_DESK", "STATISTICIAN", "ADMINISTRATOR", "INSPECTOR"])
def test_only_the_pharmacist_keeps_the_account(pharmacy, world, role):
    pharmacy.receive()
    pharmacy.user = world.user(role)
    before = snapshot()
    for attempt in (pharmacy.receive, lambda: pharmacy.do(A.DESTROY, "A1001"), lambda: pharmacy.correct("A1001")):
        with pytest.raises(PermissionDenied):
            attempt()
    with pytest.raises(PermissionDenied):
        accountability.redate(by=pharmacy.user, site=pharmacy.site, strength_mg=Decimal(10), lot=LOT, old=EXPIRES, new="2027", reason="x")
    assert snapshot() == before


def test_the_pharmacist_of_another_site_does_not(pharmacy, world):
    pharmacy.receive()
    pharmacy.user = world.user("PHARMACIST", "GR01")
    with pytest.raises(PermissionDenied):
        pharmacy.do(A.DESTROY, "A1001")


# ---- taken back ------------------------------------------------------------------------------------------------------


def test_the_last_line_is_taken_back_and_the_one_before_it_next(pharmacy, patient):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=patient)
    pharmacy.do(A.DESTROY, "A1001", on="2026-09-03")
    pharmacy.correct("A1001")
    assert (pharmacy.state("A1001"), pharmacy.held("A1001").vial.dose) == (S.DISPENSED, "C1D1")
    last = VialMovement.objects.filter(act="CORRECT").get()
    assert (last.on, last.reason, last.takes_back.act) == ("2026-09-03", "wrong vial", "DESTROY")
    pharmacy.correct("A1001")
    assert pharmacy.state("A1001") is S.IN_STOCK
    pharmacy.whole()


def test_a_line_is_taken_back_once_and_with_a_reason(pharmacy):
    pharmacy.receive()
    pharmacy.do(A.DESTROY, "A1001")
    line = pharmacy.held("A1001").standing.custody.id
    assert "Say what was wrong with it." in refusal(pharmacy.correct, "A1001", reason="  ")
    pharmacy.correct("A1001")
    assert "has changed since you opened the page" in refusal(pharmacy.correct, "A1001", entry=line)
    assert "has changed since" in refusal(pharmacy.correct, "A1001", entry=0)


def test_a_vial_that_never_came_leaves_its_number(pharmacy):
    pharmacy.receive()
    pharmacy.correct("A1001", reason="typed wrong")
    assert pharmacy.state("A1001") is S.MISTAKEN
    assert balance(pharmacy.site)[0].received == 3
    assert "Not in the account of FR03: A1001." in refusal(pharmacy.do, A.DESTROY, "A1001")
    pharmacy.receive(numbers="A1001", lot="L78")
    assert Vial.objects.filter(number="A1001").count() == 2
    assert "has changed since" in refusal(
        accountability.correct, by=pharmacy.user, site=pharmacy.site, vial=Vial.objects.get(state="MISTAKEN").pk, entry=1, reason="again"
    )
    pharmacy.whole()


def test_a_used_vial_is_not_made_one_that_never_came(pharmacy, patient):
    pharmacy.receive()
    pharmacy.uses(patient, "C1D1", "A1001")
    assert "correct the record of the infusion first" in refusal(pharmacy.correct, "A1001")


def test_what_the_infusion_did_is_not_the_pharmacists_to_take_back(pharmacy, patient):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=patient)
    pharmacy.uses(patient, "C1D1", "A1001")
    use = VialMovement.objects.get(act="USE")
    assert "not its last line" in refusal(pharmacy.correct, "A1001", entry=use.pk)
    pharmacy.correct("A1001")  # the dispensing, entered for the wrong vial
    assert pharmacy.state("A1001") is S.USED
    pharmacy.whole()


def test_a_line_of_a_ledger_is_never_changed(pharmacy):
    pharmacy.receive()
    line = VialMovement.objects.first()
    with pytest.raises(NotAudited, match="never changed"), acting(actor_for(pharmacy.user, pharmacy.site), reason="why", source="test"):
        line.on = "2026-10-01"
        line.save()
    with pytest.raises(NotAudited):
        line.delete()


# ---- expiry ----------------------------------------------------------------------------------------------------------


def redate(pharmacy, **changes):
    given = {"strength_mg": Decimal(10), "lot": LOT, "old": EXPIRES, "new": "2027-06-30", "reason": "Extended, letter of 1 October"}
    return accountability.redate(by=pharmacy.user, site=pharmacy.site, **{**given, **changes})


def test_a_lot_gets_another_date(pharmacy, world, patient):
    pharmacy.receive(expires_on="2026-11-10")
    pharmacy.receive(numbers="B1-B2", expires_on="2026-12-31")
    Pharmacy(world, "GR01").receive(numbers="C1", expires_on="2026-11-10")
    assert redate(pharmacy, old="2026-11-10") == ["A1001", "A1002", "A1003", "A1004"]
    assert dict(Vial.objects.values_list("number", "expires_on"))["C1"] == "2026-11-10"
    assert set(Shipment.objects.filter(site=pharmacy.site).values_list("expires_on", flat=True)) == {"2027-06-30", "2026-12-31"}
    pharmacy.dispense("A1001", patient=patient, on="2026-11-20")
    assert Change.objects.filter(form="VIAL", field="expires_on", old="2026-11-10").count() == 4
    pharmacy.whole()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"new": ""}, "Enter the expiry date"), ({"new": EXPIRES}, "It has this date already."), ({"reason": ""}, "Say why"),
        ({"new": "2037-01-01"}, "more than ten years"), ({"old": "2026-01-01"}, "There is no such lot"), ({"lot": "X"}, "There is no such lot"),
    ],
)  # fmt: skip
def test_a_date_that_is_refused(pharmacy, changes, said):
    pharmacy.receive()
    assert said in refusal(redate, pharmacy, **changes)


# ---- counts ----------------------------------------------------------------------------------------------------------


def test_a_count_keeps_what_the_account_had(pharmacy, world, patient):
    pharmacy.receive()
    pharmacy.do(A.QUARANTINE, "A1002")
    pharmacy.dispense("A1001", patient=patient)
    found = pharmacy.count(3, on="2026-11-20")
    pharmacy.do(A.DESTROY, "A1002", on="2026-11-20")
    found.refresh_from_db()
    assert (found.counted, found.expected, found.by_role) == (3, 3, "Pharmacist")
    assert pharmacy.count(2, on="2026-11-20", by=world.user("MONITOR")).by_role == "Monitor"


@pytest.mark.parametrize(("day", "expected"), [("2026-08-31", 0), ("2026-09-01", 4), ("2026-09-02", 3), ("2026-09-03", 3), ("2026-09-04", 4)])
def test_a_count_of_an_earlier_day(pharmacy, patient, day, expected):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=patient, on="2026-09-02")
    pharmacy.do(A.TAKE_BACK, "A1001", on="2026-09-04")
    pharmacy.do(A.DESTROY, "A1002", on="2026-09-02")
    pharmacy.correct("A1002")
    assert in_pharmacy(pharmacy.site, Decimal(10), LOT, date.fromisoformat(day)) == expected
    assert pharmacy.count(expected, on=day).expected == expected


def test_a_difference_needs_a_remark(pharmacy):
    pharmacy.receive()
    assert "The account has 4. Count again, or say in the remark" in refusal(pharmacy.count, 3)
    found = pharmacy.count(3, remark="One vial is missing, searched twice")
    assert (found.counted, found.expected) == (3, 4)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"on": ""}, "Enter the day."), ({"on": "2026-11-21"}, "future"), ({"lot": "X"}, "Choose the lot"), ({"strength": 1}, "Choose the lot"),
        ({"counted": None}, "Enter how many"), ({"counted": -1}, "Enter how many"), ({"counted": 10_000}, "Enter how many"),
    ],
)  # fmt: skip
def test_a_count_that_is_refused(pharmacy, wrong, said):
    pharmacy.receive()
    assert said in refusal(pharmacy.count, **{"counted": 4, **wrong})
    assert not StockCount.objects.exists()


@pytest.mark.parametrize("role", ["COORDINATOR", "INVESTIGATOR", "DATA_MANAGER", "INSPECTOR", "STATISTICIAN"])
def test_who_may_not_count(pharmacy, world, role):
    pharmacy.receive()
    with pytest.raises(PermissionDenied):
        pharmacy.count(4, by=world.user(role))
    with pytest.raises(PermissionDenied):
        pharmacy.count(4, by=world.user("MONITOR", "GR01"))


# ---- rules read the account ------------------------------------------------------------------------------------------


def test_vials_are_facts_of_the_patients_of_the_site(pharmacy, world, patient):
    pharmacy.receive(expires_on="2026-12")
    Pharmacy(world, "GR01").receive(numbers="G1")
    pharmacy.dispense("A1002", patient=patient)
    pharmacy.uses(patient, "C1D1", "A1003")
    pharmacy.correct("A1004")
    found = {fact.number: fact for fact in load_case(patient, ["VIAL"]).of("VIAL")}
    assert {number: (fact.state, fact.patient_number, fact.dose, fact.is_used) for number, fact in found.items()} == {
        "A1001": ("IN STOCK", "", "", False), "A1002": ("DISPENSED", patient.number, "C1D1", False), "A1003": ("USED", patient.number, "C1D1", True),
    }  # fmt: skip
    fact = found["A1001"]
    assert (fact.lot, fact.strength_mg, str(fact.expires_on), fact.where) == (LOT, Decimal(10), "Dec-2026", "VIAL:A1001")


# ---- whatever is done ------------------------------------------------------------------------------------------------

numbers = st.sampled_from(["A1001", "A1002", "B1"])
step = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(BY_PERSON), st.lists(numbers, min_size=1, max_size=2, unique=True), st.integers(0, 40), st.booleans()),
    st.tuples(st.just("correct"), numbers),
    st.tuples(st.just("receive"), st.sampled_from(["A1001 A1002", "B1", "A1002 B1"]), st.sampled_from("YN")),
    st.tuples(st.just("uses"), st.sampled_from(["C1D1", "C1D8"]), st.lists(numbers, max_size=2, unique=True), st.integers(0, 40)),
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=3, max_size=14))
def test_any_sequence_of_acts(pharmacy, patient, steps):
    """The balance is the sum of the movements, the state is what the ledger says, and what is refused changes nothing."""
    with transaction.atomic():
        pharmacy.receive(numbers="A1001 A1002")
        for each in steps:
            before = snapshot()
            try:
                _take(pharmacy, patient, each)
            except Refused:
                assert snapshot() == before
            pharmacy.whole()
        connection.check_constraints()
        transaction.set_rollback(True)


def _take(pharmacy, patient, each) -> None:
    day = date.fromordinal(date(2026, 9, 1).toordinal() + (each[3] if len(each) > 3 else 0)).isoformat()
    match each:
        case ("move", act, picked, _, right):
            if act is A.SEND_ON:
                pharmacy.send(*picked, on=day)
                return
            pharmacy.do(act, *picked, on=day, **({"patient": patient.number, "dose": "C1D1" if right else "C1D8"} if act is A.DISPENSE else {}))
        case ("correct", number):
            if Vial.objects.filter(site=pharmacy.site, number=number).exists():
                pharmacy.correct(number)
        case ("receive", typed, kept):
            pharmacy.receive(numbers=typed, temperature_kept=kept, remark="logger")
        case ("uses", dose, picked, _):
            pharmacy.uses(patient, dose, *picked, on=day)
