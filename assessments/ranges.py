"""The grid: all ranges of a laboratory, entered on one page and stored in one transaction."""

from __future__ import annotations

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.models import Site
from accounts.roles import Permission
from assessments.range_forms import Grid
from crf import reference_actions as actions
from crf import reference_pages as pages
from crf.lists import asked
from crf.reference_forms import agreed, offer
from patients.access import site_for


@require_http_methods(["GET", "POST"])
def enter_ranges(request, site):
    """Enter ranges of a laboratory: a row for each test, empty rows are passed over."""
    found = site_for(request.user, site, Permission.REFERENCE)
    if request.method == "GET":
        start = {"laboratory": asked(request, "group"), "valid_from": asked(request, "from")}
        return render(request, "assessments/ranges.html", page(found, Grid(found, initial=start)))
    grid = Grid(found, request.POST)
    kept, refused = store(request.user, found, grid, request.POST)
    if kept is None:
        return render(request, "assessments/ranges.html", page(found, grid, refused), status=422)
    laboratory = (kept.new or kept.known)[0].laboratory
    n = len(kept.new or kept.known)
    answer = pages.stored(request, found, kept, f"{n} range{'' if n == 1 else 's'} of {laboratory}")
    if request.POST.get("action") == "next":
        more = urlencode({"group": laboratory, "from": (kept.new or kept.known)[0].valid_from})
        return redirect(f"{reverse('enter_ranges', args=[found.code])}?{more}")
    return answer


def store(user, site: Site, grid: Grid, data) -> tuple[actions.Kept | None, actions.NotKept | None]:
    """All filled rows or none; what is in the way stands in the grid afterwards."""
    if not grid.is_valid():
        grid.refuse(grid.faults(pages.today(site)))
        return None, None
    try:
        return actions.add(user=user, site=site, lines=grid.lines(), ending=agreed(data)), None
    except actions.NotKept as refusal:
        grid.refuse(refusal.faults)
        return None, refusal


def page(site: Site, grid: Grid, refused: actions.NotKept | None = None) -> dict:
    """What the template takes."""
    offered = refused.offered if refused else []
    faults = [fault for form in (grid.head, *grid.filled) for fault in pages.faults_of(form)]
    return {"site": site, "grid": grid, "faults": faults, "offered": offer(offered), "count": len(offered)}
