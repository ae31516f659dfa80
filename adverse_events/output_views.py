"""The pages of the outputs of a safety report, and of the safety overview."""

from __future__ import annotations

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from adverse_events import outputs
from adverse_events.case_page import case_for


@require_http_methods(["GET", "POST"])
def safety_outputs(request, code, pk):
    """What the CIOMS I form and the E2B(R3) message say; POST makes the file."""
    case = case_for(request.user, code, pk)
    if request.method == "POST":
        return outputs.printed(request.user, case, request.POST.get("output", ""), request.POST.get("version", ""))
    return render(request, "adverse_events/outputs.html", outputs.page(request.user, case, request.GET.get("version", "")))
