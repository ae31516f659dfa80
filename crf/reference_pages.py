"""Pages of what a site keeps once for all its patients: the lists, one line with its history, and the form of a new one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import check, grants
from accounts.models import Site
from accounts.roles import Permission
from audit import clock
from audit.trail import changes_of
from crf import pages, reference_forms
from crf import reference_actions as actions
from crf.fields import PartialDateFormField
from crf.references import SiteReference, Told, kinds, lines_of
from patients.access import site_for, sites_for
from protocol.dates import show

# ---- pages -----------------------------------------------------------------------------------------------------------


@require_GET
def references(request):
    """The person's sites; who has one is led to it."""
    check(request.user, Permission.VIEW)
    sites = list(sites_for(request.user, Permission.VIEW).order_by("record_order", "id"))
    if len(sites) == 1:
        return redirect("site_references", sites[0].code)
    titles = [kind.title for kind in kinds().values()]
    return render(request, "crf/references.html", {"kinds": titles, "sites": tallies(sites)})


@require_GET
def site_references(request, site):
    """Everything that a site keeps, a list for each kind."""
    found = site_for(request.user, site)
    return render(request, "crf/site_references.html", {
        "site": found, "lists": lists(found), "may_keep": grants(request.user).may(Permission.REFERENCE, found),
        "several": sites_for(request.user, Permission.VIEW).count() > 1,
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def new_reference(request, site, code):
    """One new line."""
    found, kind = site_for(request.user, site, Permission.REFERENCE), kind_or_404(code)
    data = request.POST if request.method == "POST" else None
    form = reference_forms.form_for(kind)(data, instance=kind(site=found), site=found)
    if request.method == "GET":
        return render(request, "crf/reference_new.html", entry_page(found, form))
    kept = refused = None
    if form.is_valid():
        try:
            kept = actions.add(user=request.user, site=found, lines=[form.instance], ending=reference_forms.agreed(data))
        except actions.NotKept as refusal:
            refused = refusal
            form.refuse(refusal.faults[0])
    else:
        form.refuse({name: said for name, said in form.instance.faults(today(found)).items() if name not in form.errors})
    if kept is None:
        return render(request, "crf/reference_new.html", entry_page(found, form, refused), status=422)
    return stored(request, found, kept, str(kept.new[0] if kept.new else kept.known[0]))


@require_http_methods(["GET", "POST"])
def reference(request, site, code, pk):
    """One line with its history; POST ends or withdraws it."""
    found = site_for(request.user, site)
    line = line_or_404(found, kind_or_404(code), pk)
    if request.method == "GET":
        return render(request, "crf/reference.html", line_page(request.user, line))
    check(request.user, Permission.REFERENCE, found)
    act, form = request.POST.get("action", ""), EndForm(request.POST, site=found)
    try:
        line, said = change(request.user, line, act, request.POST, form)
    except actions.NotKept as refusal:
        now = line_or_404(found, type(line), pk)
        context = line_page(request.user, now, request.POST, refusal.faults[0], form)
        return render(request, "crf/reference.html", context, status=409 if isinstance(refusal, actions.Moved) else 422)
    messages.success(request, " ".join(filter(None, [said, actions.recheck(found)])))
    return redirect("site_references", found.code)


# ---- what the views ask ----------------------------------------------------------------------------------------------


def today(site: Site) -> date:
    return clock.today(site.time_zone)


def kind_or_404(code: str) -> type[SiteReference]:
    if code not in kinds():
        raise Http404("A site keeps nothing of that kind.")
    return kinds()[code]


def line_or_404(site: Site, kind: type[SiteReference], pk: int) -> SiteReference:
    found = kind.objects.filter(site=site, pk=pk).first()
    if found is None:
        raise Http404("There is no such line at this site.")
    found.site = site
    return found


class EndForm(reference_forms.forms.Form):
    """The last day of validity."""

    valid_to = PartialDateFormField(least="day", label="Last day on which it holds", required=False)

    def __init__(self, *args, site: Site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        reference_forms.dated(self, site)


def change(user, line: SiteReference, act: str, data, form: EndForm) -> tuple[SiteReference, str]:
    """Withdraw or end the line; the line as it now is, and what to say. Raises NotKept."""
    typed = data.get("version", "")
    version = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
    if act == "withdraw":
        reason = data.get("reason", "")
        return actions.withdraw(user=user, line=line, version=version, reason=reason), f"{line} is withdrawn."
    if act != "end":
        raise Http404("There is no such act.")
    if not form.is_valid():
        raise actions.NotKept({0: {"valid_to": " ".join(form.errors["valid_to"])}})
    on = form.cleaned_data["valid_to"]
    return actions.end(user=user, line=line, version=version, on=on), f"{line} holds until {show(on)}."


def stored(request, site: Site, kept: actions.Kept, what: str):
    """Say what was stored and what followed for the patients' queries; back to the lists."""
    one = len(kept.new or kept.known) == 1
    if kept.new:
        said = [f"{what} {'is' if one else 'are'} stored."]
    else:
        said = [f"{what} {'stands' if one else 'stand'} on the list already; nothing was stored twice."]
    if kept.ended:
        n = len(kept.ended)
        said.append(f"{n} older line{' ends' if n == 1 else 's end'} on the day before.")
    if kept.new:
        said.append(actions.recheck(site))
    (messages.success if kept.new else messages.info)(request, " ".join(filter(None, said)))
    return redirect("site_references", site.code)


# ---- what the pages show ---------------------------------------------------------------------------------------------


@dataclass
class Cell:
    text: str
    figure: bool


@dataclass
class Row:
    """A line as the page's table takes it."""

    cells: list[Cell]
    kind: str
    state: str
    void: bool
    url: str
    changeable: bool


@dataclass
class List:
    """The lines of one kind, under the headings of their groups."""

    title: str
    one: str
    empty: str
    heads: list[Cell]
    new_url: str
    many_url: str
    many_label: str
    groups: list[tuple[str, list[Row]]] = field(default_factory=list)


def lists(site: Site) -> list[List]:
    """A list for each kind of reference."""
    found = []
    for code, kind in kinds().items():
        address, words = kind.many
        told = kind.told(site, lines_of(kind, site), today(site))
        found.append(List(
            kind.title, str(kind._meta.verbose_name), kind.empty, [Cell(head, head in kind.figures) for head in kind.columns()],
            reverse("new_reference", args=[site.code, code]), reverse(address, args=[site.code]) if address else "", words,
            [(group, [_row(site, each) for each in lines]) for group, lines in groupby(told, key=lambda each: each.group)],
        ))  # fmt: skip
    return found


def _row(site: Site, told: Told) -> Row:
    kind, line = type(told.line), told.line
    cells = [Cell(text, head in kind.figures) for head, text in zip(kind.columns(), told.cells, strict=True)]
    url = reverse("reference", args=[site.code, kind.trail_code, line.pk])
    return Row(cells, told.kind, told.state, line.withdrawn, url, not line.withdrawn)


def tallies(sites: list[Site]) -> list[tuple[Site, list[int]]]:
    """Each site with the number of its standing lines of each kind."""
    counts = []
    for kind in kinds().values():
        rows = kind.objects.filter(site__in=sites, withdrawn=False).order_by().values_list("site_id").annotate(n=Count("id"))
        counts.append(dict(rows))
    return [(site, [each.get(site.pk, 0) for each in counts]) for site in sites]


def entry_page(site: Site, form, refused: actions.NotKept | None = None) -> dict:
    """The form of a new line; ``offered`` are older lines that could be ended so that it can stand."""
    kind = type(form.instance)
    offered = refused.offered if refused else []
    return {
        "site": site, "form": form, "title": f"New {kind._meta.verbose_name}", "offered": reference_forms.offer(offered),
        "count": len(offered), "faults": faults_of(form), "needed": kind.required,
    }  # fmt: skip


def faults_of(form) -> list[tuple[str, str]]:
    """(where, sentence) of everything that is wrong, for the summary."""
    found = []
    for name, sentences in form.errors.items():
        at = form[name].id_for_label or f"id_{form.add_prefix(name)}" if name in form.fields else ""
        found += [(at, sentence) for sentence in sentences]
    return found


def line_page(
    user, line: SiteReference, typed=None, faults: dict[str, str] | None = None, form: EndForm | None = None
) -> dict:
    """One line: its answers, its history, and the forms that end or withdraw it."""
    kind, site = type(line), line.site
    rows = [each for each in pages.change_rows(changes_of(kind.trail_code, line.pk)) if _says(each)]
    may = grants(user).may(Permission.REFERENCE, site) and not line.withdrawn
    told = next(each for each in kind.told(site, lines_of(kind, site), today(site)) if each.line.pk == line.pk)
    return {
        "site": site, "line": line, "title": f"{str(kind._meta.verbose_name).capitalize()}", "told": told,
        "answers": [(line.label(name), line.said(name) or "—") for name in kind.asked], "rows": rows,
        "may_withdraw": may, "may_end": may and kind.ends and not line.valid_to, "form": form or EndForm(site=site),
        "typed": typed or {}, "faults": faults or {}, "whole_fault": (faults or {}).get("", ""),
    }  # fmt: skip


def _says(row: pages.ChangeRow) -> bool:
    """Does a change say something to a reader? Not whose it is, nor that a new line is not withdrawn."""
    row.label = row.label[:1].upper() + row.label[1:]
    if row.field == "withdrawn":
        row.old, row.new = ("Yes" if value == "Y" else "No" if value == "N" else "" for value in (row.old, row.new))
        return row.old != ""
    return row.field not in ("site_id", "withdraw_reason")
