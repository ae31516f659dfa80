"""What the tests of reports share: a serious event, and the acts on it in the words of the trial."""

from __future__ import annotations

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from accounts.roles import Permission
from adverse_events import actions
from adverse_events.actions import Judged, Typed
from adverse_events.case import case_of
from adverse_events.case_states import RIGHTS
from adverse_events.reports import AuthorityReport, SafetyCase, SafetyReport, SponsorAssessment
from audit import clock
from protocol.clocks import day_zero
from tests.conftest import PASSWORD
from tests.doors import Case, Door, needs, of_patient

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


# ---- for the access matrix --------------------------------------------------------------------------------------------

P = Permission
REPORTED = (SafetyReport, SafetyCase, SponsorAssessment, AuthorityReport)
ON_A_CASE = {"seen": "1", "field": "term", "text": "What was it?", "causality": "Y", "reason": "Said in three words"}
DOORS: dict[str, list[Case]] = {
    "report": [
        Case(get=of_patient(P.REPORT), post=of_patient(P.REPORT), args=args, data={"base": "0", "narrative": "A fever"})
        for args in ("{number} AE {row}", "{number} PREG {pregnancy}")
    ],
    "safety": [Case(get=needs(P.VIEW))],
    "safety_event": [Case(get=Door((P.VIEW,), (P.VIEW,), site_last=True), args="{event}")],
    "safety_case": [
        Case(get=Door(sees=(P.VIEW,)), post=Door(rights, (P.VIEW,)), args="AE {event}", data=ON_A_CASE | {"action": act})
        for act, rights in RIGHTS.items()
    ],
    "safety_rsi": [Case(get=needs(P.VIEW), post=needs(P.SAFETY), data={"action": "add", "name": "Brochure"})],
}


def report_everything(world, site: str, event) -> None:
    """The event is reported, first by telephone, and assessed; a report to an authority has been made."""
    desk_user, found = world.user("SAFETY_DESK"), case_of(event)
    moment = clock.now().astimezone(ZoneInfo(event.patient.site.time_zone))
    typed = Typed(narrative="A fever", other_on=moment.date().isoformat(), other_time="UNK", other_channel="FAX")
    actions.send_report(user=world.user("COORDINATOR", site), number=event.patient.number, form="AE", row=event.row, typed=typed, base=0)
    rsi = actions.add_rsi(user=desk_user, name="Brochure, edition one, section seven", dated_on=date(2026, 5, 4))
    judged = Judged(causality="Y", expectedness="UNEXPECTED", rsi=str(rsi.pk))
    actions.assess(user=desk_user, case=found, judged=judged, version=0)
    found = case_of(event)
    actions.tick(user=desk_user, case=found, key=found.regulatory[0].key, on=day_zero(clock.now()), reference="EV-1")
