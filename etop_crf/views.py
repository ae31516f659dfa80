"""The home page, and the page over all changes."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import check
from accounts.roles import Permission
from etop_crf import changes as trail
from etop_crf import todo


@require_GET
def home(request):
    """What is waiting for this person."""
    return render(request, "home.html", {"todo": todo.todo(request.user)})


@require_GET
def changes(request):
    """Every change of the person's sites, filtered by the URL; with ?csv=1 the same as a file."""
    check(request.user, Permission.AUDIT)
    if request.GET.get("csv") and not trail.asked(request.GET).refusals:
        response = StreamingHttpResponse(trail.csv_lines(request.user, request.GET), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="changes.csv"'
        return response
    page = trail.page(request.user, request.GET)
    context = {"page": page, "filters": page.filters, "csv_url": page.csv_url, "clear_url": request.path}
    return render(request, "etop_crf/changes.html", context)
