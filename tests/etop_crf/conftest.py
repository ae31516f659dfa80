"""A small trial, made by the same actions as the screen uses: a home site, another site, and one person for every role."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.db import transaction

from accounts.models import User
from accounts.roles import SCOPES, Role
from audit import clock
from crf import registry
from review.actions import raise_query
from review.verification import verify
from screening.actions import register_patient
from tests import chart
from tests.conftest import PASSWORD, World

HOME, AWAY = "FR03", "CH01"
NOW = datetime(2026, 7, 2, 9, 0, tzinfo=UTC)


def june(day: int, hour: int = 9):
    return clock.set_to(datetime(2026, 6, day, hour, tzinfo=UTC))


def build(world) -> SimpleNamespace:
    """HOME: one patient on treatment (C1D8 overdue, a query, a serious event, a verified form changed since), one who can be
    registered, one with a form in progress. AWAY: one patient."""
    people = {role.value.lower(): world.user(role, *([HOME] if scope.at_sites else [])) for role, scope in SCOPES.items()}
    people |= {"away_coordinator": world.user(Role.COORDINATOR, AWAY), "away_monitor": world.user(Role.MONITOR, AWAY)}
    with june(10):
        first = world.screened(HOME)
        third = world.patient(AWAY)
        world.enter(third, "DM", "SCR", birth_date="1948", sex="M")
    with june(11):
        first = register_patient(user=people["investigator"], number=first.number, password=PASSWORD)
        chart.release(first, people["coordinator"])
    with june(15):
        world.dose(first, "C1D1", "2026-06-15", "1")
    with june(16):
        demographics = registry.form("DM").objects.get(patient=first)
        verify(user=people["monitor"], patient=first, form="DM", record=demographics.pk, version=demographics.version)
    with june(17):
        world.enter(first, "DM", "SCR", birth_date="1959", sex="M", change_reason="misread the letter")
        query = raise_query(
            user=people["monitor"], patient=first, form="DM", record=demographics.pk, field="birth_date",
            text="Please check against the letter.", value="1959",
        )  # fmt: skip
        event = world.enter(
            first, "AE", "new", action="save", term="Fever", scale="CTCAE 5.0", grade="3", started_on="2026-06-16",
            ongoing="Y", serious="Y", is_hospitalisation="Y", aware_on="2026-06-17", aware_time="08:00",
        ).saved.record  # fmt: skip
    with june(20):
        second = world.screened(HOME)
        fourth = world.patient(HOME)
        world.enter(fourth, "DM", "SCR", action="save", birth_date="1950", sex="F")
    return SimpleNamespace(
        people=people, first=first, second=second, third=third, fourth=fourth, query=query, event=event,
        home_record=registry.form("DM").objects.get(patient=first), away_record=registry.form("DM").objects.get(patient=third),
    )  # fmt: skip


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The small trial, made once a module in a transaction that never ends well; each test works in a savepoint of it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build(World())
        transaction.set_rollback(True)


@pytest.fixture
def small(built, db) -> SimpleNamespace:
    """The small trial, fresh for each test, and the clock at NOW while it runs."""
    with clock.set_to(NOW):
        yield copy.deepcopy(built)


@pytest.fixture
def as_(client, small):
    """Log a person in by name or as a user: ``as_('monitor').get(…)``."""

    def logged_in(who: str | User):
        client.logout()  # or the clock of a test would find the session idle
        client.force_login(small.people[who] if isinstance(who, str) else who)
        return client

    return logged_in
