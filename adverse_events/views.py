"""Choosing a term; the safety desk's list, the page of a case, and the report."""

from __future__ import annotations

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import check
from accounts.roles import Permission
from adverse_events.case_page import (
    DONE,
    Posted,
    act_of,
    case_for,
    case_page,
    case_to_report,
    do,
    keep_rsi,
    read_sending,
    report_page,
    rsi_page,
    sent_or_faults,
)
from adverse_events.desk import desk_list
from adverse_events.texts import definition, grade_text
from crf import lists
from protocol import terms as protocol_terms
from protocol.codelists import Grade
from review.deviations import NotDone
from review.signatures import WrongPassword


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
def safety(request):
    """Serious events and pregnancies, with what is left of the 24 hours."""
    check(request.user, Permission.VIEW)
    return lists.respond(request, desk_list(request), "adverse_events/safety.html", "events")


@require_GET
def safety_event(request, pk):
    """The link of the mail about an adverse event."""
    check(request.user, Permission.VIEW)
    case = case_for(request.user, "AE", pk)
    return redirect(case.url)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def safety_case(request, code, pk):
    """One event with its versions, questions and assessments; POST is one act on it."""
    case = case_for(request.user, code, pk)
    if request.method == "GET":
        return render(request, "adverse_events/case.html", case_page(request.user, case))
    posted = Posted(act_of(request.POST), request.POST)
    try:
        do(request.user, case, posted.act, request.POST)
    except NotDone as refusal:
        posted.faults = refusal.faults
    except WrongPassword as wrong:
        posted.faults = {"password": str(wrong)}
    if posted.faults:
        now = case_for(request.user, code, pk)
        return render(request, "adverse_events/case.html", case_page(request.user, now, posted), status=422)
    messages.success(request, DONE[posted.act])
    return redirect(f"{case.url}#main")


@require_http_methods(["GET", "POST"])
def report(request, number, code, row):
    """The report of an event: filled in from what is entered; POST sends it."""
    case = case_to_report(request.user, number, code, row)
    if request.method == "GET":
        return render(request, "adverse_events/send.html", report_page(request.user, case))
    posted = read_sending(case, request.POST)
    if not posted.faults:
        posted.faults = sent_or_faults(request.user, case, posted)
    if posted.faults:
        now = case_to_report(request.user, number, code, row)
        return render(request, "adverse_events/send.html", report_page(request.user, now, posted), status=422)
    messages.success(request, "The report is sent to the safety desk.")
    return redirect(f"{case.url}#main")


@require_http_methods(["GET", "POST"])
def safety_rsi(request):
    """The versions of the reference safety information, kept by the safety desk."""
    check(request.user, Permission.VIEW)
    if request.method == "GET":
        return render(request, "adverse_events/rsi.html", rsi_page(request.user))
    check(request.user, Permission.SAFETY)
    faults = keep_rsi(request.user, request.POST)
    if faults:
        return render(request, "adverse_events/rsi.html", rsi_page(request.user, request.POST, faults), status=422)
    messages.success(request, "The list is stored.")
    return redirect("safety_rsi")
