"""Lists with filters in the URL, and the CSV of exactly what is shown."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.roles import Permission
from crf import pages, registry
from crf.models import Crf
from patients.access import patients_for, sites_for, within_sites
from patients.models import Patient
from review.models import Query, QueryStatus


@dataclass
class Filter:
    """One filter as components/filters.html takes it."""

    name: str
    label: str
    kind: str
    value: str
    options: list = field(default_factory=list)


@dataclass
class Listing:
    """A filtered list: columns and rows of text for the CSV, objects for the page."""

    objects: list
    filters: list[Filter]
    columns: list[str]
    rows: list[list[str]]


@dataclass
class Head:
    """A column head as components/sort_header.html takes it; without ``url`` the list cannot be sorted by it."""

    label: str
    url: str = ""
    direction: str = ""
    num: bool = False


def heads(columns: Mapping[str, str], kept: Mapping[str, str], sort: str, num: Collection[str] = ()) -> list[Head]:
    """Heads of the columns (label → name to sort by, '' for none); the column in force turns round when it is chosen again.

    ``kept`` are the filters in force, ``sort`` is the name in force, with a minus for the other way round; ``num`` are the
    columns of figures.
    """
    found = []
    for label, name in columns.items():
        direction = {name: "ascending", f"-{name}": "descending"}.get(sort, "") if name else ""
        turned = f"-{name}" if direction == "ascending" else name
        found.append(Head(label, "?" + urlencode({**kept, "sort": turned}) if name else "", direction, label in num))
    return found


LIMIT = 500  # a page longer than this is not read; narrow the filter


def safe_cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def respond(request, listing: Listing, template: str, name: str, status: int = 200):
    """The page, or with ?csv=1 the same list as CSV."""
    if request.GET.get("csv"):
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        writer = csv.writer(response)
        writer.writerows([listing.columns, *([safe_cell(cell) for cell in row] for row in listing.rows)])
        return response
    kept = {each.name: each.value for each in listing.filters if each.value}
    return render(request, template, {
        "listing": listing, "filters": listing.filters, "count_text": counted(len(listing.rows), name.removesuffix("s") if name != "queries" else "query"),
        "csv_url": "?" + urlencode({**kept, "csv": 1}),
    }, status=status)  # fmt: skip


def counted(count: int, what: str) -> str:
    """'1 patient', '2 patients', '3 queries'."""
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{count} {what if count == 1 else many}"


def plain(text: str) -> str:
    """What somebody typed, fit to be looked for: PostgreSQL takes no NUL."""
    return text.replace("\x00", "").strip()[:100]


def asked(request, name: str) -> str:
    """A filter's value."""
    return plain(request.GET.get(name, ""))


def _site_filter(request, *permissions: Permission) -> Filter:
    options = [(site.code, str(site)) for site in sites_for(request.user, *permissions)]
    return Filter("site", "Site", "select", asked(request, "site"), options)


def patient_filters(request) -> list[Filter]:
    return [
        _site_filter(request, Permission.VIEW, Permission.DRUG),
        Filter("q", "Patient number", "text", asked(request, "q")),
    ]


def patients(request) -> list[Patient]:
    found = patients_for(request.user)
    if asked(request, "site"):
        found = found.filter(site__code=asked(request, "site"))
    if asked(request, "q"):
        found = found.filter(number__icontains=asked(request, "q"))
    return list(found[:LIMIT])


def query_list(request) -> Listing:
    """Queries, oldest first; open and answered ones unless the filter says otherwise."""
    status = asked(request, "status") or "WAITING"
    filters = [
        Filter("status", "Status", "select", status, [("WAITING", "Open or answered"), *QueryStatus.choices, ("ALL", "All")]),
        _site_filter(request, Permission.VIEW),
        Filter("form", "Form", "select", asked(request, "form"), [(f.code, str(f._meta.verbose_name)) for f in registry.forms()]),
        Filter("patient", "Patient", "text", asked(request, "patient")),
    ]  # fmt: skip
    found = within_sites(request.user, Query.objects.select_related("patient__site"), "patient__site")
    if status == "WAITING":
        found = found.exclude(status=QueryStatus.CLOSED)
    elif status in QueryStatus.values:
        found = found.filter(status=status)
    found = _narrow(request, found)
    listed = list(found.order_by("opened_at", "id")[:LIMIT])
    urls = _urls(listed)
    objects = [
        {"query": query, "url": f"{urls[query.form, query.record]}#thread-{query.pk}", "form": registry.title(query.form),
         "label": registry.label(query.form, query.field), "kind": pages.KINDS[QueryStatus(query.status)]}
        for query in listed
    ]  # fmt: skip
    rows = [
        [q.patient.number, q.patient.site.code, each["form"], each["label"], q.get_status_display(), q.rule,
         f"{q.opened_at:%Y-%m-%dT%H:%MZ}", q.text]
        for each in objects for q in [each["query"]]
    ]  # fmt: skip
    return Listing(objects, filters, ["Patient", "Site", "Form", "Field", "Status", "Rule", "Opened", "Text"], rows)


def _narrow(request, found):
    for name, path in (("site", "patient__site__code"), ("form", "form"), ("patient", "patient__number__iexact")):
        if asked(request, name):
            found = found.filter(**{path: asked(request, name)})
    return found


def query_for(user, pk: int) -> Query:
    """A query at the person's sites; 404 otherwise."""
    query = within_sites(user, Query.objects.select_related("patient__site"), "patient__site").filter(pk=pk).first()
    if query is None:
        raise Http404("There is no such query at your sites.")
    return query


def _record(about) -> Crf | None:
    return registry.form(about.form).objects.filter(pk=about.record).select_related("visit").first()


def local(path: str) -> str:
    """An address of this site without its query, as a page sends it along; '' for anything else."""
    return path if re.fullmatch(r"/[A-Za-z0-9/_-]*", path) and not path.startswith("//") else ""


def record_url(about) -> str:
    """Where the record stands that a query speaks of."""
    found = _record(about)
    return reverse("record", args=[about.patient.number, about.form, found.slot]) if found else reverse("queries")


def _urls(listed) -> dict[tuple[str, int], str]:
    """(form, record id) → address of the records that some queries speak of, in one query."""
    numbers = {each.patient_id: each.patient.number for each in listed}
    found = registry.headers(numbers, {each.form for each in listed}) if numbers else []
    places = {(each.form, each.record): reverse("record", args=[numbers[each.patient], each.form, each.slot]) for each in found}
    return defaultdict(lambda: reverse("queries"), places)


def value_now(query: Query) -> str:
    found = _record(query)
    return registry.display(query.form, query.field, getattr(found, query.field, "")) if found else ""


def log_columns(model: type[Crf]) -> list[str]:
    """The questions a log shows in its list: the first section and the date."""
    names = [name for section in model.sections[:2] for name in section.fields if model.in_force(name)]
    return [name for name in names if not name.endswith(("_time", "_specify"))][:7]


def log_rows(patient: Patient, model: type[Crf]) -> list[dict]:
    """One line a record, void ones last and marked."""
    columns = log_columns(model)
    return [
        {
            "url": reverse("record", args=[patient.number, model.code, record.row]), "number": record.row,
            "state": ("void", "Void") if record.voided else ("submitted", "Submitted") if record.state == "SUBMITTED" else ("progress", "In progress"),
            "voided": record.voided,
            "cells": [registry.display(model.code, name, getattr(record, name)) for name in columns],
        }
        for record in model.objects.filter(patient=patient).order_by("voided", "row")
    ]  # fmt: skip
