"""The page on which data exports are taken and cuts are named."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import actor_for, check
from accounts.roles import Permission
from exports import pages


@require_http_methods(["GET", "POST"])
def exports(request):
    """Take an export, name a cut, see those that were taken."""
    check(request.user, Permission.EXPORT)
    if request.method == "GET":
        return render(request, "exports/exports.html", pages.context())
    return _cut(request) if request.POST.get("action") == "cut" else _export(request)


def _export(request):
    form = pages.ExportForm(request.POST, prefix="export")
    made = pages.run(form, actor_for(request.user))
    if made is None:
        return render(request, "exports/exports.html", pages.context(export_form=form), status=422)
    file, name = made
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _cut(request):
    form = pages.CutForm(request.POST, prefix="cut")
    cut = pages.new_cut(form, actor_for(request.user))
    if cut is None:
        return render(request, "exports/exports.html", pages.context(cut_form=form), status=422)
    messages.success(request, f"The cut {cut.name} is named. It can be exported again at any time.")
    return redirect("exports")
