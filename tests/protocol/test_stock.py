"""The arithmetic of the drug account: transitions are total, the ledger is read the same however it was written, numbers as typed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import stock
from protocol.dates import show
from protocol.parameters import override
from protocol.stock import (
    BY_PERSON,
    CONSUMED,
    IN_PHARMACY,
    LEFT,
    NEEDS_REASON,
    PUTS,
    TRANSITIONS,
    Entry,
    VialAct,
    VialState,
    fold,
)
from tests.protocol import build

pytestmark = pytest.mark.nodb

S, A = VialState, VialAct
DAY = "2026-09-01"
ALICE, BERT = ("FR03-001", "C1D8"), ("FR03-002", "C1D1")


def ledger(*lines) -> list[Entry]:
    """Entries as (act, takes back, whose, on), all but the act optional; numbered from 1."""
    made = []
    for n, line in enumerate(lines, start=1):
        act, back, whose, on = (*(line if isinstance(line, tuple) else (line,)), None, None, None)[:4]
        made.append(Entry(n, act, on or DAY, *(whose or ("", "")), back))
    return made


# ---- the table -------------------------------------------------------------------------------------------------------

CANNOT = {  # what the pharmacist can do in no way, state by state; everything else is in TRANSITIONS
    S.IN_STOCK: {A.TAKE_BACK, A.RETURN, A.RELEASE, A.FIND},
    S.DISPENSED: {A.DISPENSE, A.RETURN, A.QUARANTINE, A.RELEASE, A.SEND_BACK, A.FIND, A.SEND_ON},
    S.RETURNED: {A.DISPENSE, A.TAKE_BACK, A.RELEASE, A.FIND, A.SEND_ON},
    S.QUARANTINED: {A.DISPENSE, A.TAKE_BACK, A.RETURN, A.QUARANTINE, A.FIND, A.SEND_ON},
    S.USED: {A.TAKE_BACK, A.RETURN, A.QUARANTINE, A.RELEASE, A.LOSE, A.FIND, A.SEND_ON},
    S.LOST: set(BY_PERSON) - {A.FIND},
    S.ON_THE_WAY: set(BY_PERSON) - {A.LOSE},
    **{state: set(BY_PERSON) for state in (S.USED_DESTROYED, S.USED_SENT_BACK, S.DESTROYED, S.SENT_BACK, S.MISTAKEN, S.AT_ANOTHER_SITE, S.USED_AWAY)},
}  # fmt: skip


def test_every_state_and_act_is_decided():
    assert set(CANNOT) == set(S)
    for state in S:
        for act in BY_PERSON:
            assert ((state, act) in TRANSITIONS) != (act in CANNOT[state]), (state, act)
    assert {act for _, act in TRANSITIONS} == {*BY_PERSON, A.USE, A.ARRIVE, A.RECEIVE}
    assert {state for state, act in TRANSITIONS if act is A.RECEIVE} == set(LEFT), "only what had left comes in a second time"
    assert {state for state, act in TRANSITIONS if act is A.ARRIVE} == {S.ON_THE_WAY}


def test_every_act_is_one_of_person_record_or_correction():
    assert set(A) == {*PUTS, A.USE, A.UNUSE, A.CORRECT}
    assert set(BY_PERSON) == set(PUTS) - {A.RECEIVE, A.ARRIVE}
    assert set(NEEDS_REASON) < {*BY_PERSON, A.CORRECT}


def test_an_infusion_is_stored_wherever_the_account_has_the_vial():
    assert {state for state, act in TRANSITIONS if act is A.USE} == set(S) - {*CONSUMED, S.MISTAKEN}
    assert all(TRANSITIONS[state, act] in CONSUMED for state, act in TRANSITIONS if act is A.USE)


def test_a_vial_is_in_one_group():
    assert not set(IN_PHARMACY) & set(CONSUMED)
    assert all(PUTS[act] not in CONSUMED for act in PUTS)


def test_every_state_and_act_has_its_words():
    assert set(stock._IS) == set(S)
    assert set(stock._DONE) == {*BY_PERSON, A.ARRIVE}


# ---- reading a ledger ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "state", "whose"),
    [
        ([], S.MISTAKEN, ("", "")),
        ([A.RECEIVE], S.IN_STOCK, ("", "")),
        ([A.RECEIVE, A.QUARANTINE], S.QUARANTINED, ("", "")),
        ([A.RECEIVE, A.QUARANTINE, A.RELEASE], S.IN_STOCK, ("", "")),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE)], S.DISPENSED, ALICE),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), A.TAKE_BACK], S.RETURNED, ("", "")),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), A.TAKE_BACK, A.RETURN], S.IN_STOCK, ("", "")),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), (A.USE, None, ALICE)], S.USED, ALICE),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), (A.USE, None, BERT)], S.USED, BERT),
        ([A.RECEIVE, (A.USE, None, ALICE)], S.USED, ALICE),
        ([A.RECEIVE, (A.USE, None, ALICE), (A.DISPENSE, None, ALICE)], S.USED, ALICE),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), (A.USE, None, ALICE), A.DESTROY], S.USED_DESTROYED, ALICE),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), (A.USE, None, ALICE), A.SEND_BACK], S.USED_SENT_BACK, ALICE),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), A.DESTROY], S.DESTROYED, ("", "")),
        ([A.RECEIVE, A.LOSE, A.FIND], S.QUARANTINED, ("", "")),
        # taken back
        ([A.RECEIVE, (A.CORRECT, 1)], S.MISTAKEN, ("", "")),
        ([A.RECEIVE, A.DESTROY, (A.CORRECT, 2)], S.IN_STOCK, ("", "")),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), (A.CORRECT, 2)], S.IN_STOCK, ("", "")),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), A.TAKE_BACK, (A.CORRECT, 3)], S.DISPENSED, ALICE),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), A.LOSE, (A.CORRECT, 3), (A.CORRECT, 2)], S.IN_STOCK, ("", "")),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), (A.USE, None, ALICE), (A.UNUSE, 3, ALICE)], S.DISPENSED, ALICE),
        ([A.RECEIVE, (A.USE, None, ALICE), (A.UNUSE, 2, ALICE)], S.IN_STOCK, ("", "")),
        # the use goes, what was done with the vial since stays
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), (A.USE, None, ALICE), A.DESTROY, (A.UNUSE, 3, ALICE)], S.DESTROYED, ("", "")),
        ([A.RECEIVE, (A.USE, None, ALICE), A.SEND_BACK, (A.UNUSE, 2, ALICE)], S.SENT_BACK, ("", "")),
        ([A.RECEIVE, (A.USE, None, ALICE), (A.UNUSE, 2, ALICE), (A.USE, None, BERT)], S.USED, BERT),
        # what was done goes, the use stays
        ([A.RECEIVE, A.DESTROY, (A.USE, None, ALICE), (A.CORRECT, 2)], S.USED, ALICE),
        ([A.RECEIVE, (A.DISPENSE, None, ALICE), (A.USE, None, ALICE), (A.CORRECT, 2)], S.USED, ALICE),
    ],
)
def test_where_a_ledger_puts_a_vial(lines, state, whose):
    standing = fold(ledger(*lines))
    assert (standing.state, standing.whose) == (state, whose)


def test_until_a_day():
    lines = ledger((A.RECEIVE, None, None, "2026-09-01"), (A.DISPENSE, None, ALICE, "2026-09-03"), (A.USE, None, ALICE, "2026-09-04"))
    found = [fold(lines, until=f"2026-09-0{day}") for day in range(0, 6)]
    assert [each.custody is None for each in found[:2]] == [True, False]
    assert [each.state for each in found[1:]] == [S.IN_STOCK, S.IN_STOCK, S.DISPENSED, S.USED, S.USED]


def test_what_was_taken_back_never_was():
    lines = ledger((A.RECEIVE, None, None, "2026-09-01"), (A.DESTROY, None, None, "2026-09-02"), (A.CORRECT, 2, None, "2026-09-02"))
    assert {fold(lines, until=f"2026-09-0{day}").state for day in range(1, 9)} == {S.IN_STOCK}


@given(st.lists(st.sampled_from([*PUTS, A.USE, A.UNUSE, A.CORRECT]), max_size=14))
def test_table_and_fold_agree(wanted):
    """Whatever is done in whatever order: the state that the table says is the state that the whole ledger says."""
    entries = [Entry(1, A.RECEIVE, DAY)]
    for act in wanted:
        standing, state, n = fold(entries), fold(entries).state, len(entries) + 1
        if act is A.CORRECT:
            if standing.custody is None or (standing.custody.act is A.RECEIVE and standing.use):
                continue
            entries.append(Entry(n, act, DAY, takes_back=standing.custody.id))
        elif act is A.UNUSE:
            if standing.use is None:
                continue
            entries.append(Entry(n, act, DAY, takes_back=standing.use.id))
        elif (state, act) in TRANSITIONS:
            whose = ALICE if act in (A.USE, A.DISPENSE) else ("", "")
            entries.append(Entry(n, act, DAY, *whose))
            assert fold(entries).state is TRANSITIONS[state, act]
        assert fold(entries).state in S
        assert bool(fold(entries).use) == (fold(entries).state in CONSUMED)


# ---- why not ---------------------------------------------------------------------------------------------------------

IN, OUT, USED = [A.RECEIVE], [A.RECEIVE, (A.DISPENSE, None, ALICE)], [A.RECEIVE, (A.USE, None, ALICE)]


@pytest.mark.parametrize(
    ("lines", "act", "on", "whom", "said"),
    [
        (IN, A.DISPENSE, "2026-09-01", ALICE, ""),
        (IN, A.DISPENSE, "2026-08-31", ALICE, "was received on 01-Sep-2026: what comes after it is not dated 31-Aug-2026"),
        (IN, A.DISPENSE, "2026-09-30", ALICE, ""),
        (IN, A.DISPENSE, "2026-10-01", ALICE, "expired: its last day is 30-Sep-2026"),
        (IN, A.DESTROY, "2026-10-01", None, ""),
        (IN, A.TAKE_BACK, "2026-09-02", None, "A1 is in stock: it cannot be taken back."),
        (OUT, A.DISPENSE, "2026-09-02", BERT, "A1 is dispensed for FR03-001, C1D8: it cannot be dispensed."),
        (OUT, A.DISPENSE, "2026-09-02", ALICE, "it cannot be dispensed."),
        (OUT, A.TAKE_BACK, "2026-09-02", None, ""),
        (OUT, A.SEND_BACK, "2026-09-02", None, "it cannot be sent back."),
        (USED, A.DISPENSE, "2026-09-01", ALICE, ""),  # entered late, for that very infusion
        (USED, A.DISPENSE, "2026-09-02", ALICE, "was used on 01-Sep-2026: it was not dispensed after that day"),
        (USED, A.DISPENSE, "2026-09-01", BERT, "A1 is used for FR03-001, C1D8: it cannot be dispensed."),
        (USED, A.DISPENSE, "2026-09-01", ("FR03-001", "C1D15"), "it cannot be dispensed."),
        ([*USED, (A.DISPENSE, None, ALICE)], A.DISPENSE, "2026-09-01", ALICE, "it cannot be dispensed."),
        ([A.RECEIVE, A.QUARANTINE, (A.USE, None, ALICE)], A.DISPENSE, "2026-09-01", ALICE, "it cannot be dispensed."),
        (USED, A.DESTROY, "2026-09-01", None, ""),
        (USED, A.RETURN, "2026-09-01", None, "it cannot be returned to stock."),
        ([A.RECEIVE, A.DESTROY], A.DISPENSE, "2026-09-02", ALICE, "A1 is destroyed: it cannot be dispensed."),
        ([A.RECEIVE, A.QUARANTINE], A.DISPENSE, "2026-09-02", ALICE, "A1 is in quarantine: it cannot be dispensed."),
        ([A.RECEIVE, A.LOSE], A.DISPENSE, "2026-09-02", ALICE, "A1 is lost"),
        (IN, A.SEND_ON, "2026-09-30", None, ""),
        (IN, A.SEND_ON, "2026-10-01", None, "It must not be sent to another site."),
        (OUT, A.SEND_ON, "2026-09-02", None, "it cannot be sent to another site."),
        ([A.RECEIVE, A.QUARANTINE], A.SEND_ON, "2026-09-02", None, "A1 is in quarantine: it cannot be sent to another site."),
        ([A.RECEIVE, A.SEND_ON], A.DISPENSE, "2026-09-02", ALICE, "A1 is on the way to another site: it cannot be dispensed."),
        ([A.RECEIVE, A.SEND_ON], A.ARRIVE, "2026-09-01", None, ""),
        ([A.RECEIVE, A.SEND_ON], A.ARRIVE, "2026-08-31", None, "was sent to another site on 01-Sep-2026"),
        ([A.RECEIVE, A.SEND_ON], A.ARRIVE, "2026-12-01", None, ""),  # an expired vial that comes is received
        ([A.RECEIVE, A.SEND_ON, A.ARRIVE], A.ARRIVE, "2026-09-02", None, "A1 is at another site: it cannot be received from there."),
        ([A.RECEIVE, A.SEND_ON, (A.USE, None, ALICE)], A.ARRIVE, "2026-09-02", None, "A1 is used for FR03-001, C1D8: it cannot be received"),
        ([A.RECEIVE, A.SEND_BACK], A.QUARANTINE, "2026-09-02", None, "A1 is sent back to the sponsor"),
    ],
)
def test_why_not(lines, act, on, whom, said):
    found = stock.why_not("A1", fold(ledger(*lines)), act, date.fromisoformat(on), expires_on="2026-09-30", whom=whom or ("", ""))
    assert (said in found) if said else found == ""


# ---- numbers as typed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("A1001-A1004", ["A1001", "A1002", "A1003", "A1004"]),
        ("a1001 to a1002", ["A1001", "A1002"]),
        ("A1001 – A1002", ["A1001", "A1002"]),
        ("A1001-1003", ["A1001", "A1002", "A1003"]),
        ("A0999-A1001", ["A0999", "A1000", "A1001"]),
        ("A009-A011", ["A009", "A010", "A011"]),
        ("TA-10023-TA-10024", ["TA-10023", "TA-10024"]),
        ("12-001", ["12-001"]),
        ("TA-10023", ["TA-10023"]),
        ("A1, A2;A3\nA4\tA5", ["A1", "A2", "A3", "A4", "A5"]),
        ("A1, a1", ["A1", "A1"]),
        ("A1001-A1001", ["A1001"]),
        ("  ", []),
        (" ;, ", []),
        ("A1001-A1500", [f"A{n}" for n in range(1001, 1501)]),
    ],
)
def test_a_list_as_typed(typed, found):
    assert stock.listed(typed) == found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("A1004-A1001", "runs backwards"),
        ("A1001-A110", "not of the same length"),
        ("A1001-A1501", "has 501 vials"),
        ("A1001-A1400 B1001-B1400", "More than 500 vials"),
        ("Ä1001", "is no vial number"),
        ("A1001#", "is no vial number"),
        ("٣٤٥", "is no vial number"),
        ("A" * 21, "is no vial number"),
        ("-", "is no vial number"),
        ("A1001-" * 2_000, "is no vial number"),
    ],
)
def test_a_list_that_cannot_be_read(typed, said):
    with pytest.raises(ValueError, match=said):
        stock.listed(typed)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a1001; A1002,A1001  x9", ("A1001", "A1002", "X9")), ("", ()), (" ;, ", ()), ("A1001;a1001", ("A1001",)),
        ("A1 A2\tA3\nA4", ("A1", "A2", "A3", "A4")), ("A1\x00A2;\x00", ("A1", "A2")), ("\u00a0b7\u2003", ("B7",)),
    ],
)  # fmt: skip
def test_numbers_in_a_record_are_read_the_same_by_the_rules_and_by_the_account(typed, found):
    assert stock.numbers(typed) == found
    assert build.dose(vials=typed).vial_numbers == found


@given(st.lists(st.integers(1, 30), unique=True, max_size=12))
def test_ranges_say_the_same_vials(picked):
    numbers = [f"A{n:03}" for n in picked]
    assert sorted(stock.listed(stock.as_ranges(numbers))) == sorted(numbers)


@pytest.mark.parametrize(
    ("expires", "day", "over"),
    [
        ("2026-09-30", "2026-09-29", False), ("2026-09-30", "2026-09-30", False), ("2026-09-30", "2026-10-01", True),
        ("2026-09", "2026-09-30", False), ("2026-09", "2026-10-01", True), ("2028-02", "2028-02-29", False),
        ("", "2026-10-01", False), ("rubbish", "2026-10-01", False),
    ],
)  # fmt: skip
def test_expired(expires, day, over):
    assert stock.expired(expires, date.fromisoformat(day)) is over


def test_the_strengths_are_a_parameter():
    assert [str(each) for each in stock.strengths()] == ["1", "10"]
    with override(vial_strengths_mg=None):
        assert stock.strengths() == ()


def test_words():
    assert stock.said(fold(ledger(*OUT))) == "dispensed for FR03-001, C1D8"
    assert show(DAY) == "01-Sep-2026"
