"""Who may open the pages of the safety desk, for the access matrix, and a case on which every act has something to act on."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from accounts.roles import Permission as P
from adverse_events.actions import Judged, Typed, add_rsi, assess, send_report, tick
from adverse_events.case import case_of
from adverse_events.case_states import RIGHTS
from adverse_events.reports import AuthorityReport, SafetyCase, SafetyReport, SponsorAssessment
from audit import clock
from protocol.clocks import day_zero
from tests.conftest import World
from tests.doors import Case, Door, needs, of_patient

REPORTED = (SafetyReport, SafetyCase, SponsorAssessment, AuthorityReport)
ON_A_CASE = {"seen": "1", "field": "term", "text": "What was it?", "causality": "Y", "reason": "Said in three words"}
SAFETY: dict[str, list[Case]] = {
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
    "safety_overview": [Case(get=needs(P.VIEW))],
    "safety_list": [Case(get=needs(P.VIEW))],
    "safety_outputs": [Case(get=Door(sees=(P.VIEW,)), post=Door((P.SAFETY, P.REPORT), (P.VIEW,)), args="AE {event}", data={"output": "e2b"})],
}


def report_everything(world: World, site: str, event) -> None:
    """The event is reported, first by telephone, and assessed; a report to an authority has been made."""
    desk, case = world.user("SAFETY_DESK"), case_of(event)
    moment = clock.now().astimezone(ZoneInfo(event.patient.site.time_zone))
    typed = Typed(narrative="A fever", other_on=moment.date().isoformat(), other_time="UNK", other_channel="FAX")
    send_report(user=world.user("COORDINATOR", site), number=event.patient.number, form="AE", row=event.row, typed=typed, base=0)
    rsi = add_rsi(user=desk, name="Brochure, edition one, section seven", dated_on=date(2026, 5, 4))
    judged = Judged(causality="Y", expectedness="UNEXPECTED", rsi=str(rsi.pk))
    assess(user=desk, case=case, judged=judged, version=0)
    found = case_of(event)
    tick(user=desk, case=found, key=found.regulatory[0].key, on=day_zero(clock.now()), reference="EV-1")
