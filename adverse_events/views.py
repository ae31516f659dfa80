"""Choosing a term, the events of a patient, the safety desk's list, the report, and a patient's laboratory abnormalities."""

from __future__ import annotations

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import check, grants
from accounts.roles import Permission
from adverse_events import abnormalities
from adverse_events.access import event_for, serious_events
from adverse_events.actions import report_serious_event
from adverse_events.log import event_log
from adverse_events.models import AdverseEvent
from adverse_events.texts import definition, grade_text
from audit import clock
from crf import lists
from crf.strip import strip
from patients.access import patient_for
from patients.actions import Refused
from protocol import parameters
from protocol import terms as protocol_terms
from protocol.codelists import Grade


@require_GET
def terms(request):
    """Terms that fit what is typed, for the type-ahead."""
    found = protocol_terms.find(request.GET.get("q", "")[:100])
    return JsonResponse({"results": [
        {"value": term.name, "label": term.name, "group": term.soc, "hint": "" if term.scale == "CTCAE 5.0" else str(term.scale)}
        for term in found
    ]})  # fmt: skip


@require_GET
def grades(request):
    """Which grades a term has on a scale, with their texts as far as they are loaded."""
    name, scale = request.GET.get("term", "")[:200], request.GET.get("scale", "")[:40]
    known = protocol_terms.term(name)
    scale = scale or (str(known.scale) if known else "")
    available = protocol_terms.grades_for(name, scale) if known else tuple(Grade)
    return JsonResponse({"scale": scale, "definition": definition(name), "grades": [
        {"value": grade.value, "label": grade.label, "text": grade_text(name, scale, grade.value), "available": grade.value in available}
        for grade in Grade
    ]})  # fmt: skip


@require_GET
def events(request, number):
    """The adverse events of a patient, one line each."""
    patient = patient_for(request.user, number, Permission.VIEW)
    listing = event_log(request, patient)
    around = {"patient": patient, "strip": strip(patient), "may_enter": grants(request.user).may(Permission.ENTER, patient.site)}
    return lists.respond(request, listing, "adverse_events/log.html", "events", around=around)


@require_GET
def safety(request):
    """Serious events, those not yet reported first, with what is left of the 24 hours."""
    check(request.user, Permission.VIEW)
    events = [_clock(event) for event in serious_events(request.user)]
    events.sort(key=lambda each: (each["event"].reported_at is not None, each["due"] or clock.now()))
    return render(request, "adverse_events/safety.html", {"events": events})


def _clock(event: AdverseEvent) -> dict:
    due, reported = event.due_at, event.reported_at
    late = due is not None and (reported or clock.now()) > due
    if reported:
        word = ("warn", "Reported late") if late else ("ok", "Reported in time")
    else:
        word = ("overdue", "Report is late") if late else ("due", "Report is due")
    return {"event": event, "from": event.clock_from, "due": due, "kind": word[0], "word": word[1]}


@require_GET
def safety_event(request, pk):
    """The link of the mail: leads to the event's form."""
    check(request.user, Permission.VIEW)
    event = event_for(request.user, pk)
    return redirect("record", event.patient.number, "AE", event.row)


@require_POST
def report(request, number, row):
    """Report a serious event to the safety desk, now."""
    try:
        report_serious_event(user=request.user, number=number, row=row)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The event is reported to the safety desk.")
    return redirect("record", number, "AE", row)


@require_GET
def laboratory_abnormalities(request, number):
    """What waits for an answer among a patient's laboratory results, and what has been said of the rest."""
    patient = patient_for(request.user, number, Permission.VIEW)
    may_enter = grants(request.user).may(Permission.ENTER, patient.site)
    return render(request, "adverse_events/abnormalities.html", {
        "patient": patient, "strip": strip(patient), "may_enter": may_enter, "least": parameters.whole("laboratory_event_grade"),
        **abnormalities.page(patient, may_enter=may_enter),
    })  # fmt: skip
