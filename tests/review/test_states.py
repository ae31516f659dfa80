"""Who may do what with a query, and what becomes of it: the whole table."""

from __future__ import annotations

import itertools

import pytest
from django.core.exceptions import PermissionDenied

from accounts.roles import SITE_ROLES, Permission, Role
from review.actions import act_on_query, raise_query
from review.models import Query, QueryStatus
from review.states import RIGHTS, TRANSITIONS, Act, can, why_not

pytestmark = pytest.mark.usefixtures("noon")

OPEN, ANSWERED, CLOSED = QueryStatus.OPEN, QueryStatus.ANSWERED, QueryStatus.CLOSED
# For each status and act: what becomes of it, or why not.
TABLE = {
    (OPEN, Act.ANSWER): ANSWERED, (OPEN, Act.COMMENT): OPEN, (OPEN, Act.CLOSE): CLOSED, (OPEN, Act.REOPEN): None,
    (ANSWERED, Act.ANSWER): ANSWERED, (ANSWERED, Act.COMMENT): ANSWERED, (ANSWERED, Act.CLOSE): CLOSED, (ANSWERED, Act.REOPEN): OPEN,
    (CLOSED, Act.ANSWER): None, (CLOSED, Act.COMMENT): None, (CLOSED, Act.CLOSE): None, (CLOSED, Act.REOPEN): OPEN,
}  # fmt: skip
ENTERS = {Role.COORDINATOR, Role.INVESTIGATOR, Role.SUB_INVESTIGATOR}
RAISES = {Role.MONITOR, Role.DATA_MANAGER, Role.SAFETY_DESK, Role.MEDICAL_REVIEWER}
CLOSES = {Role.MONITOR, Role.DATA_MANAGER}
MAY = {Act.ANSWER: ENTERS, Act.COMMENT: ENTERS | RAISES, Act.CLOSE: CLOSES, Act.REOPEN: CLOSES}


def test_the_table_is_total():
    assert set(TABLE) == set(itertools.product(QueryStatus, Act))
    assert {key: to for key, to in TABLE.items() if to is not None} == TRANSITIONS
    assert set(RIGHTS) == set(Act)
    assert all(isinstance(each, Permission) for rights in RIGHTS.values() for each in rights)


@pytest.fixture
def query(world):
    """A system query on an ECOG that cannot be right."""
    patient = world.patient()
    world.enter(patient, "ECOG", "SCR", assessed_on="2026-06-10", ecog="5")
    return Query.objects.select_related("patient__site").get(rule="SCR-007")


def bring(world, query, status) -> Query:
    """The same query in another status, the proper way."""
    if status != OPEN:
        act_on_query(user=world.user("COORDINATOR", "FR03"), query=query, act=Act.ANSWER, text="", value="")
    if status == CLOSED:
        act_on_query(user=world.user("MONITOR", "FR03"), query=query, act=Act.CLOSE, text="", value="")
    return Query.objects.select_related("patient__site").get(pk=query.pk)


def person(world, role):
    return world.user(role, "FR03") if role in SITE_ROLES else world.user(role)


@pytest.mark.parametrize("status", list(QueryStatus))
@pytest.mark.parametrize("role", list(Role))
def test_every_role_every_status_every_act(world, query, role, status):
    user, query = person(world, role), bring(world, query, status)
    for act in Act:
        system_open = act is Act.CLOSE and status == OPEN  # it closes by itself when the data are corrected
        allowed = role in MAY[act] and TABLE[status, act] is not None and not system_open
        assert can(user, query, act) == allowed, (role, status, act, why_not(user, query, act))
        assert bool(why_not(user, query, act)) != allowed


@pytest.mark.parametrize(("status", "act"), [key for key, to in TABLE.items() if to is not None and key != (OPEN, Act.CLOSE)])
def test_each_transition_is_stored_with_its_post(world, query, status, act):
    query = bring(world, query, status)
    user = world.user("COORDINATOR", "FR03") if act in (Act.ANSWER, Act.COMMENT) else world.user("MONITOR", "FR03")
    version = query.version
    after = act_on_query(user=user, query=query, act=act, text=f"Text <{act}>", value="5")
    stored = Query.objects.get(pk=query.pk)
    assert (stored.status, stored.text, stored.value, stored.version) == (TABLE[status, act], f"Text <{act}>", "5", version + 1)
    assert after.pk == stored.pk
    assert stored.history.count() == stored.version


@pytest.mark.parametrize(("status", "act"), [key for key, to in TABLE.items() if to is None])
def test_what_the_table_does_not_hold_is_refused_with_a_sentence(world, query, status, act):
    query = bring(world, query, status)
    user = world.user("COORDINATOR", "FR03") if act in (Act.ANSWER, Act.COMMENT) else world.user("MONITOR", "FR03")
    with pytest.raises(PermissionDenied, match=f"A query that is {query.get_status_display().lower()} cannot be"):
        act_on_query(user=user, query=query, act=act, text="x", value="")
    assert Query.objects.get(pk=query.pk).version == query.version


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR])
def test_people_of_another_site_may_do_nothing(world, query, role):
    stranger = world.user(role, "IT02")
    for status in QueryStatus:
        at = bring(world, query, status) if status != OPEN else query
        assert not any(can(stranger, at, act) for act in Act)
        query = at


def test_a_person_whose_membership_has_ended_may_do_nothing(world, query):
    from datetime import date

    former = world.user("COORDINATOR", "FR03", username="former", ends_on=date(2026, 11, 19))
    assert not any(can(former, query, act) for act in Act)


def test_an_open_system_query_is_not_closed_by_hand(world, query):
    for user in (world.user("MONITOR", "FR03"), world.user("DATA_MANAGER")):
        assert "closes by itself" in why_not(user, query, Act.CLOSE)


def manual(world, user, patient=None) -> Query:
    patient = patient or world.patient()
    record = world.enter(patient, "ECOG", "SCR", assessed_on="2026-06-10", ecog="2").saved.record
    query = raise_query(user=user, patient=patient, form="ECOG", record=record.pk, field="ecog", text=" Sure? ", value="2 – x")
    return Query.objects.select_related("patient__site").get(pk=query.pk)


def test_a_manual_query_is_closed_by_its_raiser_or_data_management(world):
    raiser, colleague = world.user("MONITOR", "FR03"), world.user("MONITOR", "FR03", username="monitor.two")
    query = manual(world, raiser)
    assert (query.text, query.status, query.raised_by, query.rule) == ("Sure?", OPEN, raiser.username, "")
    for status in (OPEN, ANSWERED):
        query = bring(world, query, status)
        assert can(raiser, query, Act.CLOSE)
        assert can(world.user("DATA_MANAGER"), query, Act.CLOSE)
        assert not can(colleague, query, Act.CLOSE)
        assert "closed by that person or by data management" in why_not(colleague, query, Act.CLOSE)
        assert not can(world.user("COORDINATOR", "FR03"), query, Act.CLOSE)
        assert can(colleague, query, Act.COMMENT)


def test_a_query_of_the_safety_desk_is_closed_by_data_management(world):
    query = manual(world, world.user("SAFETY_DESK"))
    assert not can(world.user("SAFETY_DESK"), query, Act.CLOSE)
    assert not can(world.user("MONITOR", "FR03"), query, Act.CLOSE)
    assert can(world.user("DATA_MANAGER"), query, Act.CLOSE)


def test_several_manual_queries_may_stand_on_one_field(world):
    monitor = world.user("MONITOR", "FR03")
    query = manual(world, monitor)
    raise_query(user=monitor, patient=query.patient, form="ECOG", record=query.record, field="ecog", text="And?", value="2")
    assert Query.objects.count() == 2


@pytest.mark.parametrize(("text", "stored"), [("  ", "The value is confirmed."), ("\x00", "\ufffd"), ("a\x00b", "a\ufffdb"), ("Ω<b>", "Ω<b>")])
def test_what_is_written_into_a_thread(world, query, text, stored):
    done = act_on_query(user=world.user("COORDINATOR", "FR03"), query=query, act=Act.ANSWER, text=text, value="")
    assert Query.objects.get(pk=done.pk).text == stored
