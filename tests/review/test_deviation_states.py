"""Who may do what with a deviation, and what becomes of it: judgement, flag and question, each the whole table."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.roles import SITE_ROLES, Permission, Role
from audit import clock
from audit.context import SYSTEM, NotAudited, acting
from audit.examine import findings
from audit.models import Change
from review import deviation_states as states
from review.deviation_states import ANSWERABLE, FLAGS, FOLLOWS, JUDGEMENTS, RIGHTS, Act, Found, can, why_not
from review.deviation_steps import history
from review.deviations import Moved, NotDone
from review.models import Breach, Deviation, DeviationStatus, SafetyQuestion
from tests.review.tools import REASON, deviates, follow_up, manual, proposed, step

pytestmark = pytest.mark.usefixtures("noon")

S, B = DeviationStatus, Breach
# For each status and judgement: what becomes of a deviation that a rule found, and of one that a person entered (None: nothing).
JUDGED = {
    (S.PROPOSED, Act.ACCEPT): S.ACCEPTED, (S.PROPOSED, Act.REJECT): S.REJECTED, (S.PROPOSED, Act.VOID): None,
    (S.ACCEPTED, Act.ACCEPT): S.ACCEPTED, (S.ACCEPTED, Act.REJECT): S.REJECTED, (S.ACCEPTED, Act.VOID): None,
    (S.REJECTED, Act.ACCEPT): S.ACCEPTED, (S.REJECTED, Act.REJECT): None, (S.REJECTED, Act.VOID): None,
    (S.WITHDRAWN, Act.ACCEPT): None, (S.WITHDRAWN, Act.REJECT): None, (S.WITHDRAWN, Act.VOID): None,
}  # fmt: skip
MANUAL = {
    (S.ACCEPTED, Act.ACCEPT): S.ACCEPTED, (S.ACCEPTED, Act.REJECT): None, (S.ACCEPTED, Act.VOID): S.VOID,
    (S.VOID, Act.ACCEPT): None, (S.VOID, Act.REJECT): None, (S.VOID, Act.VOID): None,
}  # fmt: skip
# For each state of the flag and act, on a deviation that is accepted.
FLAGGED = {
    ("", Act.FLAG): B.POTENTIAL, ("", Act.CORRECT): None, ("", Act.REPORT): None, ("", Act.DISMISS): None,
    (B.POTENTIAL, Act.FLAG): None, (B.POTENTIAL, Act.CORRECT): B.POTENTIAL, (B.POTENTIAL, Act.REPORT): B.REPORTED,
    (B.POTENTIAL, Act.DISMISS): B.NOT_SERIOUS,
    (B.REPORTED, Act.FLAG): B.POTENTIAL, (B.REPORTED, Act.CORRECT): None, (B.REPORTED, Act.REPORT): None, (B.REPORTED, Act.DISMISS): None,
    (B.NOT_SERIOUS, Act.FLAG): B.POTENTIAL, (B.NOT_SERIOUS, Act.CORRECT): None, (B.NOT_SERIOUS, Act.REPORT): None,
    (B.NOT_SERIOUS, Act.DISMISS): None,
}  # fmt: skip
MAY = {
    **dict.fromkeys((Act.ACCEPT, Act.REJECT, Act.VOID, Act.FLAG, Act.CORRECT), {Role.MONITOR, Role.DATA_MANAGER}),
    **dict.fromkeys((Act.REPORT, Act.DISMISS), {Role.DATA_MANAGER}),
    Act.ANSWER: {Role.SAFETY_DESK},
}
FIRED = {
    (S.PROPOSED, Found.SAME): S.PROPOSED, (S.PROPOSED, Found.CHANGED): S.PROPOSED, (S.PROPOSED, Found.GONE): S.WITHDRAWN,
    (S.ACCEPTED, Found.SAME): S.ACCEPTED, (S.ACCEPTED, Found.CHANGED): S.PROPOSED, (S.ACCEPTED, Found.GONE): S.WITHDRAWN,
    (S.REJECTED, Found.SAME): S.REJECTED, (S.REJECTED, Found.CHANGED): S.PROPOSED, (S.REJECTED, Found.GONE): S.WITHDRAWN,
    (S.WITHDRAWN, Found.SAME): S.PROPOSED, (S.WITHDRAWN, Found.CHANGED): S.PROPOSED, (S.WITHDRAWN, Found.GONE): S.WITHDRAWN,
}  # fmt: skip


def test_the_tables_are_total():
    by_rule = [each for each in S if each is not S.VOID]
    assert set(JUDGED) == set(itertools.product(by_rule, states.JUDGING))
    assert set(MANUAL) == set(itertools.product([S.ACCEPTED, S.VOID], states.JUDGING))
    assert {key: to for key, to in {**JUDGED, **{k: v for k, v in MANUAL.items() if v}}.items() if to} == JUDGEMENTS
    assert set(FIRED) == set(itertools.product(by_rule, Found)) and FIRED == FOLLOWS
    assert set(FLAGGED) == set(itertools.product(["", *B], states.FLAGGING))
    assert {key: to for key, to in FLAGGED.items() if to} == FLAGS
    assert set(ANSWERABLE) == set(SafetyQuestion)
    assert set(RIGHTS) == set(Act) == set(MAY) == {*states.JUDGING, *states.FLAGGING, Act.ANSWER}
    assert all(isinstance(each, Permission) for each in RIGHTS.values())


@pytest.fixture
def patient(world):
    return world.patient()


@pytest.fixture
def monitor(world):
    return world.user("MONITOR", "FR03")


@pytest.fixture
def manager(world):
    return world.user("DATA_MANAGER")


def bring(world, patient, status, *, by_person=False, flag="", **more) -> Deviation:
    """A deviation in a status, with its flag, the proper way."""
    monitor, manager = world.user("MONITOR", "FR03"), world.user("DATA_MANAGER")
    deviation = manual(monitor, patient) if by_person else proposed(patient, **more)
    if status in (S.ACCEPTED, S.VOID) and not by_person:
        step(monitor, deviation, Act.ACCEPT)
    if flag:
        step(monitor, deviation, Act.FLAG)
    if flag in (B.REPORTED, B.NOT_SERIOUS):
        step(manager, deviation, Act.REPORT if flag == B.REPORTED else Act.DISMISS)
    if status == S.REJECTED:
        step(monitor, deviation, Act.REJECT)
    if status == S.WITHDRAWN:
        follow_up(patient)
    if status == S.VOID:
        step(monitor, deviation, Act.VOID)
    return fresh(deviation)


def fresh(deviation) -> Deviation:
    return Deviation.objects.select_related("patient__site").get(pk=deviation.pk)


def person(world, role):
    return world.user(role, "FR03") if role in SITE_ROLES else world.user(role)


@pytest.mark.parametrize(("status", "by_person"), [*((s, False) for s in S if s is not S.VOID), (S.ACCEPTED, True), (S.VOID, True)])
def test_every_role_every_status_every_judgement(world, patient, status, by_person):
    deviation, table = bring(world, patient, status, by_person=by_person), MANUAL if by_person else JUDGED
    assert (deviation.status, deviation.is_manual) == (status, by_person)
    for role, act in itertools.product(Role, states.JUDGING):
        allowed = role in MAY[act] and table[status, act] is not None
        assert can(person(world, role), deviation, act) == allowed, (role, act, why_not(person(world, role), deviation, act))


@pytest.mark.parametrize("flag", ["", *B])
def test_every_role_every_flag(world, patient, flag):
    deviation = bring(world, patient, S.ACCEPTED, flag=flag)
    assert deviation.breach == flag
    for role, act in itertools.product(Role, states.FLAGGING):
        allowed = role in MAY[act] and FLAGGED[flag, act] is not None
        assert can(person(world, role), deviation, act) == allowed, (role, act)


@pytest.mark.parametrize("question", ["", *SafetyQuestion])
def test_every_role_every_question(world, patient, question):
    deviation = proposed(patient, asks_safety=bool(question))
    if question not in ("", SafetyQuestion.ASKED):
        step(world.user("SAFETY_DESK"), deviation, Act.ANSWER, answer=question.value)
    assert fresh(deviation).safety_question == question
    for role in Role:
        assert can(person(world, role), fresh(deviation), Act.ANSWER) == (role is Role.SAFETY_DESK and question != ""), role


@pytest.mark.parametrize("role", [Role.MONITOR, Role.COORDINATOR])
def test_people_of_another_site_may_do_nothing(world, patient, role):
    deviation = bring(world, patient, S.ACCEPTED, flag=B.POTENTIAL, asks_safety=True)
    assert not any(can(world.user(role, "IT02"), deviation, act) for act in Act)


def test_who_was_a_monitor_judges_no_more(world, patient):
    former = world.user("MONITOR", "FR03", username="former", ends_on=date(2026, 11, 19))
    deviation = bring(world, patient, S.PROPOSED)
    assert not any(can(former, deviation, act) for act in Act)
    with pytest.raises(PermissionDenied, match="a monitor of the site or data management"):
        step(former, deviation, Act.ACCEPT)


# ---- judging ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "act"), [key for key, to in JUDGED.items() if to])
def test_each_judgement_is_a_version_with_who_and_why(world, patient, monitor, status, act):
    deviation = bring(world, patient, status)
    done = step(monitor, deviation, act, category="MINOR", description=" In other words ")
    stored = fresh(deviation)
    accepted = act is Act.ACCEPT
    assert stored.status == JUDGED[status, act]
    assert (stored.category, stored.description) == (("MINOR", "In other words") if accepted else ("", ""))
    assert (stored.judgement_reason, stored.text, stored.version) == (REASON, deviation.text, deviation.version + 1)
    assert stored.history.count() == stored.version == done.version
    last = Change.objects.filter(form="DEVIATION").select_related("change_set").latest("id").change_set
    assert (last.actor, last.role, last.reason, last.source) == (monitor.username, "Monitor", REASON, "deviation")
    assert list(findings()) == []


@pytest.mark.parametrize(("status", "act"), [key for key, to in JUDGED.items() if not to])
def test_what_the_table_does_not_hold_is_refused(world, patient, monitor, status, act):
    deviation = bring(world, patient, status)
    with pytest.raises(PermissionDenied, match="A deviation that"):
        step(monitor, deviation, act)
    assert fresh(deviation).version == deviation.version


@pytest.mark.parametrize(("status", "act"), [key for key, to in MANUAL.items() if not to])
def test_what_a_person_entered_is_voided_and_not_rejected(world, patient, monitor, status, act):
    deviation = bring(world, patient, status, by_person=True)
    with pytest.raises(PermissionDenied, match="A deviation that"):
        step(monitor, deviation, act)


def test_the_first_acceptance_needs_no_reason_and_a_second_thought_does(patient, monitor):
    deviation = proposed(patient)
    assert step(monitor, deviation, Act.ACCEPT, reason="").judgement_reason == ""
    with pytest.raises(NotDone) as refused:
        step(monitor, deviation, Act.ACCEPT, category="MINOR", reason="two words")
    assert set(refused.value.faults) == {"reason"}
    assert step(monitor, deviation, Act.ACCEPT, category="MINOR").category == "MINOR"


FAULTS = [
    (Act.ACCEPT, {"category": ""}, {"category"}),
    (Act.ACCEPT, {"category": "major"}, {"category"}),
    (Act.ACCEPT, {"category": "IMPORTANT"}, {"category"}),
    (Act.REJECT, {"reason": ""}, {"reason"}),
    (Act.REJECT, {"reason": " two \n words "}, {"reason"}),
    (Act.FLAG, {"reason": "ok", "at": None}, {"reason", "at"}),
    (Act.FLAG, {"at": None}, {"at"}),
]


@pytest.mark.parametrize(("act", "said", "faults"), FAULTS)
def test_what_was_typed_is_refused_with_every_fault(patient, monitor, act, said, faults):
    deviation = proposed(patient)
    with pytest.raises(NotDone) as refused:
        step(monitor, deviation, act, **said)
    assert set(refused.value.faults) == faults
    assert fresh(deviation).version == 1


@pytest.mark.parametrize(("said", "faults"), [({"answer": ""}, {"answer"}), ({"answer": "ASKED"}, {"answer"}), ({"answer": "YES", "reason": "x"}, {"answer", "reason"})])
def test_an_answer_is_one_of_two_with_a_reason(world, patient, said, faults):
    deviation = proposed(patient, asks_safety=True)
    with pytest.raises(NotDone) as refused:
        step(world.user("SAFETY_DESK"), deviation, Act.ANSWER, **said)
    assert set(refused.value.faults) == faults


def test_the_same_words_as_the_programs_are_no_wording_of_ones_own(patient, monitor):
    deviation = proposed(patient)
    done = step(monitor, deviation, Act.ACCEPT, description=f"  {deviation.text} ")
    assert (done.description, done.words) == ("", deviation.text)
    assert step(monitor, deviation, Act.ACCEPT, description="The syringe\x00 held 5 mg").words == "The syringe\ufffd held 5 mg"


def test_what_was_not_read_is_not_judged(patient, monitor, manager):
    deviation = proposed(patient)
    step(monitor, deviation, Act.ACCEPT)
    with pytest.raises(Moved, match="has changed since you opened this page"):
        step(manager, deviation, Act.REJECT, version=1)
    with pytest.raises(Moved):
        step(manager, deviation, Act.ACCEPT, category="MINOR", version=1)
    follow_up(patient, deviates("b" * 32))
    with pytest.raises(Moved):
        step(monitor, deviation, Act.ACCEPT, version=2)
    assert fresh(deviation).status == S.PROPOSED


@pytest.mark.parametrize("act", [Act.ACCEPT, Act.REJECT, Act.FLAG])
def test_the_same_click_twice_is_one_step(patient, monitor, act):
    deviation = proposed(patient)
    for _ in range(2):
        step(monitor, deviation, act, version=1)
    assert fresh(deviation).version == 2


@pytest.mark.parametrize("act", [Act.REPORT, Act.DISMISS])
def test_the_same_click_twice_ends_the_clock_once(world, patient, manager, act):
    deviation = bring(world, patient, S.ACCEPTED, flag=B.POTENTIAL)
    for _ in range(2):
        step(manager, deviation, act, version=deviation.version)
    assert fresh(deviation).version == deviation.version + 1


@pytest.mark.parametrize("act", [Act.REJECT, Act.VOID])
def test_while_a_clock_runs_it_is_neither_rejected_nor_voided(world, patient, monitor, manager, act):
    deviation = bring(world, patient, S.ACCEPTED, by_person=act is Act.VOID, flag=B.POTENTIAL)
    with pytest.raises(PermissionDenied, match="data management assesses that first"):
        step(monitor, deviation, act)
    step(manager, deviation, Act.DISMISS)
    assert step(monitor, deviation, act).breach == B.NOT_SERIOUS


@pytest.mark.parametrize(("status", "by_person"), [(S.REJECTED, False), (S.WITHDRAWN, False), (S.VOID, True)])
def test_what_is_no_deviation_is_not_flagged(world, patient, monitor, status, by_person):
    deviation = bring(world, patient, status, by_person=by_person)
    with pytest.raises(PermissionDenied, match="cannot be flagged"):
        step(monitor, deviation, Act.FLAG)


def test_corrected_data_do_not_stop_the_clock(world, patient, manager):
    deviation = bring(world, patient, S.WITHDRAWN, flag=B.POTENTIAL)
    assert (deviation.status, deviation.breach) == (S.WITHDRAWN, B.POTENTIAL)
    assert step(manager, deviation, Act.DISMISS).breach == B.NOT_SERIOUS
    # What was ended by mistake can be taken back, whatever has become of the deviation.
    assert step(manager, deviation, Act.FLAG).breach == B.POTENTIAL


# ---- entered by a person ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_who_may_judge_may_enter(world, patient, role):
    user = person(world, role)
    if role in (Role.MONITOR, Role.DATA_MANAGER):
        deviation = manual(user, patient)
        assert (deviation.status, deviation.category, deviation.rule, deviation.form, deviation.record) == (S.ACCEPTED, "MINOR", "", "", 0)
    else:
        with pytest.raises(PermissionDenied, match="judge a deviation"):
            manual(user, patient)
        assert not Deviation.objects.exists()


def test_a_monitor_of_another_site_enters_nothing(world, patient):
    with pytest.raises(PermissionDenied):
        manual(world.user("MONITOR", "IT02"), patient)


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"started_on": None}, {"started_on"}),
        ({"started_on": date(2026, 11, 21)}, {"started_on"}),
        ({"text": "Too short"}, {"text"}),
        ({"rests_on": " "}, {"rests_on"}),
        ({"category": ""}, {"category"}),
        ({"category": "x", "text": "", "rests_on": "", "started_on": None}, {"category", "text", "rests_on", "started_on"}),
    ],
)
def test_an_entry_is_refused_with_every_fault(monitor, patient, typed, faults):
    with pytest.raises(NotDone) as refused:
        manual(monitor, patient, **typed)
    assert set(refused.value.faults) == faults
    assert not Deviation.objects.exists()


@pytest.mark.parametrize("typed", [{"started_on": date(2026, 11, 20)}, {"form": "ECOG", "record": 7, "started_on": None}])
def test_today_is_no_future_and_a_record_has_its_own_date(monitor, patient, typed):
    assert manual(monitor, patient, **typed).pk


def test_the_same_click_twice_enters_one(monitor, patient):
    assert manual(monitor, patient) == manual(monitor, patient)
    assert manual(monitor, patient, text="Another scan was not taken") != manual(monitor, patient)
    assert Deviation.objects.count() == 2


def test_after_a_void_the_same_can_be_entered_anew(monitor, patient):
    first = manual(monitor, patient)
    step(monitor, first, Act.VOID)
    assert manual(monitor, patient).pk != first.pk


def test_several_may_stand_on_one_record_and_no_rule_touches_them(monitor, patient):
    for text in ("One thing that happened", "Another thing that happened"):
        manual(monitor, patient, form="ECOG", record=1, text=text)
    proposed(patient)
    follow_up(patient)
    assert sorted(Deviation.objects.values_list("status", flat=True)) == ["ACCEPTED", "ACCEPTED", "WITHDRAWN"]


# ---- what the database refuses, and the history ----------------------------------------------------------------------

HALF = [
    {"status": S.ACCEPTED}, {"category": "MAJOR"}, {"description": "x"}, {"status": S.REJECTED}, {"status": S.VOID},
    {"breach": B.POTENTIAL, "breach_reason": "x"}, {"breach": B.REPORTED, "breach_reason": "x", "breach_aware_at": True},
    {"breach": B.POTENTIAL, "breach_aware_at": True}, {"breach_aware_at": True}, {"breach_ended_at": True},
    {"breach": B.NOT_SERIOUS, "breach_reason": "x", "breach_aware_at": True, "breach_ended_at": True},
    {"safety_question": SafetyQuestion.ERROR}, {"safety_answer": "x"}, {"form": "", "rule": "", "record": 0}, {"form": "", "record": 3}, {"record": 0},
]  # fmt: skip


@pytest.mark.parametrize("wrong", HALF, ids=[" ".join(each) for each in HALF])
def test_the_database_takes_no_half_deviation(patient, wrong):
    whole = {"form": "ECOG", "record": 5, "rule": "TST-902", "text": "x", "rests_on": "x"}
    given = {name: clock.now() if value is True else value for name, value in wrong.items()}
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        Deviation(patient=patient, **{**whole, **given}).save()
    with acting(SYSTEM, source="test"):
        Deviation(patient=patient, **whole).save()


def test_a_rule_has_one_deviation_of_a_record(patient):
    proposed(patient, record=5)
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        Deviation(patient=patient, form="ECOG", record=5, rule="TST-901", text="x", rests_on="x").save()


def test_none_is_deleted(patient):
    with pytest.raises(NotAudited):
        proposed(patient).delete()


def test_the_history_tells_every_step(world, patient, monitor, manager):
    deviation = proposed(patient, asks_safety=True)
    step(monitor, deviation, Act.ACCEPT, reason="", category="MINOR", description="Half of it was given")
    step(monitor, deviation, Act.ACCEPT, category="MAJOR", description="Half of it was given")
    step(monitor, deviation, Act.FLAG)
    step(world.user("SAFETY_DESK"), deviation, Act.ANSWER, answer="NO MEDICATION ERROR")
    follow_up(patient, deviates("b" * 32, "7 mg was given. Correct it.", asks_safety=True), why="The pump failed")
    step(manager, deviation, Act.DISMISS)
    follow_up(patient)
    past = history(fresh(deviation))
    assert [each.title for each in past.steps] == [
        "Proposed", "Accepted", "Judged anew", "Flagged", "Answered by the safety desk", "Proposed again", "Assessed", "Withdrawn",
    ]  # fmt: skip
    told = {each.title: {line.label: (line.old, line.new) for line in each.lines} for each in past.steps}
    assert told["Accepted"] == {"Status": ("Proposed", "Accepted"), "Category": ("", "Minor"), "Monitor's wording": ("", "Half of it was given")}
    assert told["Judged anew"] == {"Category": ("Minor", "Major")}
    assert told["Proposed again"]["What happened"] == ("5 mg was given.", "7 mg was given.")
    assert told["Proposed again"]["Why it happened"] == ("", "The pump failed")
    assert told["Proposed again"]["Question to the safety desk"] == ("No medication error", "Asked")
    assert told["Flagged"]["Sponsor aware at"] == ("", clock.now().replace(second=0, microsecond=0))
    who = [(each.who, each.role, each.reason) for each in past.steps]
    assert who[0] == ("The program", "at a re-check of all rules", "")
    assert who[1] == (monitor.full_name, "Monitor", "") and who[2] == (monitor.full_name, "Monitor", REASON)
    assert who[6] == (manager.full_name, "Data manager", REASON)
    assert (past.judged.status, past.judged.category, past.judged.who) == ("Accepted", "MAJOR", monitor.full_name)


def test_what_nobody_has_judged_has_no_judgement(patient):
    assert history(proposed(patient)).judged is None
