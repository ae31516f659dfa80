"""Serious events as the person's sites let them be seen."""

from __future__ import annotations

from django.http import Http404

from adverse_events.models import AdverseEvent
from patients.access import within_sites
from protocol.codelists import YesNo


def serious_events(user):
    """The serious events of the person's sites, void ones left out."""
    found = AdverseEvent.objects.filter(serious=YesNo.YES, voided=False).select_related("patient__site")
    return within_sites(user, found, "patient__site")


def event_for(user, pk: int) -> AdverseEvent:
    """One event; 404 outside the person's sites."""
    event = within_sites(user, AdverseEvent.objects.select_related("patient"), "patient__site").filter(pk=pk).first()
    if event is None:
        raise Http404("There is no such event at your sites.")
    return event
