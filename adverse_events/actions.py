"""Reporting a serious event to the safety desk."""

from __future__ import annotations

from django.http import Http404

from accounts import outbox
from accounts.access import actor_for
from accounts.roles import Permission, Role
from adverse_events.models import AdverseEvent, link_to
from audit import clock
from audit.context import acting
from patients.access import patient_for
from patients.actions import Refused


def report_serious_event(*, user, number: str, row: int) -> AdverseEvent:
    """Report the event now: the system's time ends the 24 hours. Refused when it is not serious, or reported already."""
    patient = patient_for(user, number, Permission.REPORT)
    with acting(actor_for(user, patient.site), reason="report to the safety desk", source="safety report"):
        patient = patient_for(user, number, Permission.REPORT, lock=True)
        event = AdverseEvent.objects.filter(patient=patient, row=row, voided=False).first()
        if event is None:
            raise Http404("There is no such event.")
        if event.serious != "Y":
            raise Refused("Only a serious event is reported to the safety desk.")
        if event.reported_at is not None:
            raise Refused("This event has been reported already.")
        event.patient = patient
        event.reported_at = clock.now()
        event.save()
        outbox.post(
            key=f"reported-{event.pk}", to_role=Role.SAFETY_DESK, subject="START-lung: a serious event was reported",
            body=f"A site has reported a serious event.\n\nRead it at: {link_to(event)}\n\nThis mail holds no patient data.",
        )  # fmt: skip
    return event
