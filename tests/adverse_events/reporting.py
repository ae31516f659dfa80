"""What the tests of reports share: a serious event, and the acts on it in the words of the trial."""

from __future__ import annotations

import json

import pytest

from adverse_events import actions
from adverse_events.actions import Typed
from adverse_events.case import case_of
from adverse_events.reports import SafetyReport
from tests.conftest import PASSWORD

DAY = "2026-11-20"
EVENT = {
    "term": "Fever", "scale": "CTCAE 5.0", "grade": "2", "started_on": "2026-11-19", "ongoing": "Y", "serious": "Y", "is_hospitalisation": "Y",
    "relationship": "NOT YET ASSESSED", "action_taken": "DOSE NOT CHANGED", "outcome": "NOT RECOVERED/NOT RESOLVED", "aware_on": DAY, "aware_time": "09:30",
}  # fmt: skip


@pytest.fixture
def patient(world):
    return world.patient()


@pytest.fixture
def record(world, patient):
    return world.enter(patient, "AE", "new", **EVENT).saved.record


@pytest.fixture
def desk(world):
    return world.user("SAFETY_DESK")


@pytest.fixture
def investigator(world):
    return world.user("INVESTIGATOR", "FR03")


def case(record):
    found = type(record).objects.select_related("visit", "patient__site").get(pk=record.pk)
    return case_of(found)


def send(user, record, base=0, **typed) -> SafetyReport:
    return actions.send_report(user=user, number=record.patient.number, form=record.code, row=record.row, typed=Typed(**typed), base=base)


def change(world, record, **answers):
    slot = str(record.row)
    stored = type(record).objects.get(pk=record.pk)
    now = {name: getattr(stored, name) for name in stored.questions() if getattr(stored, name) not in (None, "")}
    return world.enter(record.patient, record.code, slot, **{**now, **answers}, change_reason="New in the source", base_version=str(stored.version))


def sign(user, record):
    found = case(record)
    actions.sign_report(user=user, case=found, password=PASSWORD, seen=found.last.number)


def recovered(world, record):
    change(world, record, ongoing="N", ended_on=DAY, outcome="RECOVERED/RESOLVED", relationship="N")


def values(report) -> dict:
    return json.loads(report.content)


PHONED = {"other_on": DAY, "other_time": "10:00", "other_channel": "TELEPHONE"}
