"""The pages of the outputs of a safety report, and of the safety overview."""

from __future__ import annotations

from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import check
from accounts.roles import Permission
from adverse_events import outputs, overview
from adverse_events.case_page import case_for
from crf import lists


@require_http_methods(["GET", "POST"])
def safety_outputs(request, code, pk):
    """What the CIOMS I form and the E2B(R3) message say; POST makes the file."""
    case = case_for(request.user, code, pk)
    if request.method == "POST":
        return outputs.printed(request.user, case, request.POST.get("output", ""), request.POST.get("version", ""))
    return render(request, "adverse_events/outputs.html", outputs.page(request.user, case, request.GET.get("version", "")))


@require_GET
def safety_overview(request):
    """Adverse events by class, term and worst grade; CRS and ICANS by dose. Every number leads to the list behind it."""
    check(request.user, Permission.VIEW)
    if request.GET.get("csv"):
        return lists.respond(request, overview.csv_of(request), "", "safety-overview")
    return render(request, "adverse_events/overview.html", overview.tables(request))


@require_GET
def safety_list(request):
    """The events behind a number of the overview."""
    check(request.user, Permission.VIEW)
    return lists.respond(request, overview.behind(request), "adverse_events/overview_list.html", "events")
