"""The medical reviewer's rulings: the list, and the page on which one is read and decided."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib import messages
from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import check, grants
from accounts.models import User
from accounts.roles import Permission
from crf import lists
from crf.strip import strip
from patients.access import sites_for, within_sites
from protocol.criteria import BY_ID
from review import rulings as review
from review.models import Ruling, RulingOutcome, RulingStatus

# Column head → what the list is sorted by ('': not by this).
COLUMNS = {
    "Patient": "patient", "Criterion": "criterion", "Question": "", "Asked": "asked", "Status": "status", "Decision": "",
    "Decided": "decided",
}  # fmt: skip
CSV = [
    "Patient", "Site", "Criterion", "Question", "Status", "Decision", "Reason", "Decided by", "Decided at", "Asked at",
    "Rule",
]  # fmt: skip


def _rank(name: str, order: list[str]) -> Case:
    """Places in an order of our own, for sorting."""
    places = (When(**{name: value}, then=Value(place)) for place, value in enumerate(order))
    return Case(*places, default=Value(len(order)), output_field=IntegerField())


_BY_STATUS = _rank("status", [str(review.OPEN), str(review.DECIDED), str(review.WITHDRAWN)])
SORTS = {
    "status": (_BY_STATUS, "asked_at", "id"),
    "patient": ("patient__number", _rank("criterion", list(BY_ID)), "id"),
    "criterion": (_rank("criterion", list(BY_ID)), "patient__number", "id"),
    "asked": ("asked_at", "id"),
    # Both databases alike: what is not decided comes last, and first the other way round.
    "decided": (Case(When(status=review.DECIDED, then=F("decided_at"))).asc(nulls_last=True), "id"),
}


@dataclass
class Tally:
    """How many rulings of a status there are at the person's sites."""

    count: int
    text: str
    kind: str
    url: str


@dataclass
class Rulings(lists.Listing):
    """The list with what stands around it."""

    heads: list[lists.Head] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    csv_url: str = ""


# ---- pages -----------------------------------------------------------------------------------------------------------


@require_GET
def rulings(request):
    """The rulings of the person's sites, open ones first."""
    check(request.user, Permission.VIEW)
    return lists.respond(request, ruling_list(request), "review/rulings.html", "rulings")


@require_http_methods(["GET", "POST"])
def ruling(request, pk):
    """One ruling with its history; POST decides."""
    found = ruling_for(request.user, pk)
    if request.method == "GET":
        return render(request, "review/ruling.html", page(request.user, found))
    check(request.user, Permission.DECIDE, found.patient.site)
    typed = {name: request.POST.get(name, "") for name in ("outcome", "reason", "inputs", "version")}
    version = int(typed["version"]) if typed["version"].isdecimal() and len(typed["version"]) < 10 else 0
    try:
        review.decide(user=request.user, ruling=found, **typed | {"version": version})
    except review.NotDecided as refusal:
        moved = isinstance(refusal, review.Moved)
        kept = typed | {"outcome": ""} if moved else typed  # the answer was to another question
        now = page(request.user, ruling_for(request.user, pk), kept, refusal.faults)
        return render(request, "review/ruling.html", now | {"moved": moved}, status=409 if moved else 422)
    messages.success(request, "The decision is stored. It holds as long as the data that it rests on stay as they are.")
    return redirect("ruling", pk)


def ruling_for(user, pk: int) -> Ruling:
    """A ruling at the person's sites; 404 otherwise."""
    found = within_sites(user, Ruling.objects.select_related("patient__site"), "patient__site").filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such ruling at your sites.")
    return found


def page(user, found: Ruling, typed: dict[str, str] | None = None, faults: dict[str, str] | None = None) -> dict:
    """Everything on the page of one ruling; ``typed`` is shown again when it could not be stored."""
    criterion, typed = BY_ID.get(found.criterion), typed or {}
    excludes = criterion is not None and criterion.kind == "exclusion"
    answers = (
        (RulingOutcome.SATISFIED, "The criterion is satisfied in this case", "What it excludes is absent." * excludes),
        (RulingOutcome.NOT_SATISFIED, "It is not satisfied", "What it excludes is present." * excludes),
    )
    return {
        "ruling": found, "criterion": criterion, "patient": found.patient, "strip": strip(found.patient),
        "state": review.state(found), "kind": review.kind(found), "steps": review.steps(found),
        "may_decide": grants(user).may(Permission.DECIDE, found.patient.site) and found.status != review.WITHDRAWN,
        "answers": [(value, words, means, typed.get("outcome") == value) for value, words, means in answers],
        "typed": typed, "faults": faults or {}, "whole_fault": (faults or {}).get("", ""),
        "decided_by": _names([found]).get(found.decided_by, found.decided_by),
        "eligibility_url": reverse("eligibility", args=[found.patient.number]),
    }  # fmt: skip


# ---- the list --------------------------------------------------------------------------------------------------------


def ruling_list(request) -> Rulings:
    """Rulings as the URL asks for them."""
    sites = [(site.code, str(site)) for site in sites_for(request.user, Permission.VIEW)]
    criteria = [(each.id, f"{each.id} {each.short}") for each in BY_ID.values()]
    filters = [
        lists.Filter("status", "Status", "select", lists.asked(request, "status"), RulingStatus.choices),
        lists.Filter("site", "Site", "select", lists.asked(request, "site"), sites),
        lists.Filter("criterion", "Criterion", "select", lists.asked(request, "criterion"), criteria),
        lists.Filter("patient", "Patient", "text", lists.asked(request, "patient")),
    ]
    asked = {each.name: each.value for each in filters if each.value}
    sort = lists.asked(request, "sort")
    everything = within_sites(request.user, Ruling.objects.all(), "patient__site")
    listed = list(_sorted(_narrowed(everything, asked), sort).select_related("patient__site")[: lists.LIMIT])
    names = _names(listed)
    objects = [
        {"ruling": each, "url": reverse("ruling", args=[each.pk]), "kind": review.KINDS[RulingStatus(each.status)],
         "short": BY_ID[each.criterion].short if each.criterion in BY_ID else "",
         "decision": each.get_outcome_display() if each.status == review.DECIDED else "", "decision_kind": review.kind(each),
         "decided_by": names.get(each.decided_by, each.decided_by)}
        for each in listed
    ]  # fmt: skip
    chosen = asked | ({"sort": sort} if sort else {})
    return Rulings(
        objects, filters, CSV, [_row(each["ruling"], each["decision"]) for each in objects],
        heads=lists.heads(COLUMNS, asked, sort), tallies=_tallies(everything, asked), hidden=[("sort", sort)] if sort else [],
        csv_url="?" + urlencode(chosen | {"csv": 1}),
    )  # fmt: skip


def _narrowed(found: QuerySet[Ruling], asked: dict[str, str]) -> QuerySet[Ruling]:
    paths = {"site": "patient__site__code", "patient": "patient__number__iexact"}
    return found.filter(**{paths.get(name, name): value for name, value in asked.items()})


def _sorted(found: QuerySet[Ruling], sort: str) -> QuerySet[Ruling]:
    """Open ones first, or by the column that was asked for; with a minus the other way round."""
    ordered = found.order_by(*SORTS.get(sort.removeprefix("-"), SORTS["status"]))
    return ordered.reverse() if sort.startswith("-") else ordered


def _tallies(everything: QuerySet[Ruling], asked: dict[str, str]) -> list[Tally]:
    """By status, whatever status the filter asks for."""
    rest = {name: value for name, value in asked.items() if name != "status"}
    counts = dict(_narrowed(everything, rest).order_by().values_list("status").annotate(n=Count("id")))
    return [
        Tally(
            counts.get(status.value, 0), status.label.lower(), review.KINDS[status],
            "?" + urlencode(rest | {"status": status.value}),
        )
        for status in RulingStatus
    ]  # fmt: skip


def _names(found: list[Ruling]) -> dict[str, str]:
    """User name → full name of those who decided."""
    wanted = {each.decided_by for each in found if each.decided_by}
    return dict(User.objects.filter(username__in=wanted).values_list("username", "full_name")) if wanted else {}


def _row(each: Ruling, decision: str) -> list[str]:
    """A line of the CSV; times in UTC."""
    decided = each.status == review.DECIDED
    return [
        each.patient.number, each.patient.site.code, each.criterion, each.question, each.get_status_display(), decision,
        each.reason if decided else "", each.decided_by if decided else "",
        f"{each.decided_at:%Y-%m-%dT%H:%MZ}" if decided else "", f"{each.asked_at:%Y-%m-%dT%H:%MZ}", each.rule,
    ]  # fmt: skip
