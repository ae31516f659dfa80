"""The deviation register: filters, order, counts, and the CSV of exactly what is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.http import urlencode

from accounts.roles import Permission
from audit.history import history_of
from crf import lists, registry
from crf.registry import Header
from patients.access import sites_for, within_sites
from protocol.dates import PartialDate
from review import breach
from review import deviation_states as states
from review.deviation_steps import KINDS, SAFETY_KINDS
from review.models import Breach, Deviation, DeviationCategory, DeviationStatus, SafetyQuestion

# Column head → what the list is sorted by ('': not by this).
COLUMNS = {
    "Patient": "patient", "Deviation": "form", "What happened": "", "Why it happened": "", "Status": "status", "Serious breach?": "breach", "Medication error?": "safety",
}  # fmt: skip
CSV = [
    "Number", "Patient", "Site", "Form", "Visit or number", "Date", "Rule", "Status", "Category", "What happened",
    "Monitor's wording", "What the protocol says", "Why it happened", "Reason of the judgement", "Potential serious breach",
    "Sponsor aware at", "Report due at", "Reported or assessed at", "Medication error?", "Reason of the safety desk",
]  # fmt: skip


def _rank(name: str, order: list[str]) -> Case:
    """Places in an order of our own, for sorting; what is not in it comes last."""
    places = (When(**{name: value}, then=Value(place)) for place, value in enumerate(order))
    return Case(*places, default=Value(len(order)), output_field=IntegerField())


SORTS = {
    "new": ("-id",),
    "patient": ("patient__number", "id"),
    "form": ("form", "patient__number", "id"),
    "category": (_rank("category", list(DeviationCategory)), "-id"),
    "status": (_rank("status", list(DeviationStatus)), _rank("category", list(DeviationCategory)), "-id"),
    # Running clocks first, the one that ends first on top.
    "breach": (_rank("breach", list(Breach)), F("breach_aware_at").asc(nulls_last=True), "-id"),
    "safety": (_rank("safety_question", list(SafetyQuestion)), "-id"),
}


@dataclass
class Tally:
    """How many deviations there are of a kind at the person's sites."""

    count: int
    text: str
    kind: str
    url: str


@dataclass
class Deviations(lists.Listing):
    """The list with what stands around it."""

    heads: list[lists.Head] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    csv_url: str = ""


def deviation_list(request) -> Deviations:
    """Deviations as the URL asks for them."""
    sites = [(site.code, str(site)) for site in sites_for(request.user, Permission.VIEW)]
    forms = [(WHOLE, "The patient as a whole"), *((each.code, registry.title(each.code)) for each in registry.forms())]
    options = {
        "status": ("Status", DeviationStatus.choices), "site": ("Site", sites), "category": ("Category", DeviationCategory.choices),
        "breach": ("Serious breach?", [*Breach.choices, (NONE, "Not flagged")]),
        "safety": ("Medication error?", [*SafetyQuestion.choices, (NONE, "Not asked")]), "form": ("Form", forms),
    }  # fmt: skip
    filters = [lists.Filter(name, label, "select", lists.asked(request, name), choices) for name, (label, choices) in options.items()]
    filters.append(lists.Filter("patient", "Patient", "text", lists.asked(request, "patient")))
    asked = {each.name: each.value for each in filters if each.value}
    sort = lists.asked(request, "sort")
    everything = within_sites(request.user, Deviation.objects.all(), "patient__site")
    found = _sorted(_narrowed(everything, asked), sort).select_related("patient__site").annotate(judged_before=_judged_before())
    listed = list(found[: lists.LIMIT])
    places = _places(listed)
    objects = [_object(each, places.get((each.form, each.record))) for each in listed]
    chosen = asked | ({"sort": sort} if sort else {})
    return Deviations(
        objects, filters, CSV, [_row(each) for each in objects], heads=lists.heads(COLUMNS, asked, sort),
        tallies=_tallies(everything, asked), hidden=[("sort", sort)] if sort else [],
        csv_url="?" + urlencode(chosen | {"csv": 1}),
    )  # fmt: skip


NONE, WHOLE = "NONE", "PATIENT"  # filters that ask for what is empty
_PATHS = {"site": "patient__site__code", "patient": "patient__number__iexact", "safety": "safety_question"}


def _narrowed(found: QuerySet[Deviation], asked: dict[str, str]) -> QuerySet[Deviation]:
    empty = {"breach": NONE, "safety": NONE, "form": WHOLE}
    return found.filter(**{_PATHS.get(name, name): "" if empty.get(name) == value else value for name, value in asked.items()})


def _sorted(found: QuerySet[Deviation], sort: str) -> QuerySet[Deviation]:
    """The newest first, or by the column that was asked for; with a minus the other way round."""
    ordered = found.order_by(*SORTS.get(sort.removeprefix("-"), SORTS["new"]))
    return ordered.reverse() if sort.startswith("-") else ordered


def _judged_before() -> Exists:
    """Has a person judged it, whatever became of that?"""
    past = history_of(Deviation)._default_manager.filter(id=OuterRef("pk"), status__in=[states.ACCEPTED, states.REJECTED])
    return Exists(past)


def judged_again(waiting: QuerySet[Deviation]) -> QuerySet[Deviation]:
    """Those of some proposed deviations whose judgement has fallen since."""
    return waiting.filter(_judged_before())


def _tallies(everything: QuerySet[Deviation], asked: dict[str, str]) -> list[Tally]:
    """By status, whatever status the filter asks for; then the clocks that run and the questions that wait."""
    rest = {name: value for name, value in asked.items() if name not in ("status", "breach", "safety")}
    found = _narrowed(everything, rest).order_by()
    counts = dict(found.values_list("status").annotate(n=Count("id")))
    waiting = found.aggregate(
        breach=Count("id", filter=Q(breach=Breach.POTENTIAL)), safety=Count("id", filter=Q(safety_question=SafetyQuestion.ASKED))
    )

    def tally(count: int, text: str, kind: str, **chosen: str) -> Tally:
        return Tally(count, text, kind, "?" + urlencode(rest | chosen))

    return [
        *(tally(counts.get(each.value, 0), each.label.lower().partition(",")[0], KINDS[each], status=each.value) for each in DeviationStatus),
        tally(waiting["breach"], "potential serious breach running", "due", breach=Breach.POTENTIAL.value),
        tally(waiting["safety"], "medication error? to answer", "open", safety=SafetyQuestion.ASKED.value),
    ]  # fmt: skip


def _places(listed: list[Deviation]) -> dict[tuple[str, int], Header]:
    """(form, record id) → header of the records that the deviations speak of, in one query."""
    codes = {each.form for each in listed if each.form}
    return {(each.form, each.record): each for each in registry.headers({each.patient_id for each in listed}, codes)} if codes else {}


def _object(each: Deviation, header: Header | None) -> dict:
    day = each.started_on.isoformat() if each.started_on else header.on if header else ""
    return {
        "deviation": each, "url": reverse("deviation", args=[each.pk]), "form": title(each), "slot": header.slot if header else "",
        "iso": day, "on": shown_date(day), "kind": KINDS[DeviationStatus(each.status)],
        "status": status_words(each, again=each.judged_before), "breach": breach.standing(each),
        "safety_kind": SAFETY_KINDS[each.safety_question],
    }  # fmt: skip


def title(deviation: Deviation) -> str:
    """What it is about: the form, or the patient as a whole."""
    return registry.title(deviation.form) if deviation.form else "The patient as a whole"


def shown_date(text: str) -> str:
    """A date that may be known in part, or no date yet (of a form in progress), in the words of the screen."""
    try:
        return str(PartialDate.parse(text)) if text else ""
    except ValueError:
        return text


def status_words(deviation: Deviation, *, again: bool) -> str:
    """The status in a word, and whether it is proposed again after it was judged."""
    if deviation.status == states.PROPOSED and again:
        return "Proposed again"
    return deviation.get_status_display().partition(",")[0]


def _row(shown: dict) -> list[str]:
    """A line of the CSV; times in UTC."""
    d, flag = shown["deviation"], shown["breach"]
    times = [f"{at:%Y-%m-%dT%H:%MZ}" if at else "" for at in (d.breach_aware_at, flag.due, d.breach_ended_at)]
    return [
        str(d.pk), d.patient.number, d.patient.site.code, shown["form"], shown["slot"], shown["iso"], d.rule, shown["status"],
        d.get_category_display(), d.text, d.description, d.rests_on, d.why, d.judgement_reason, flag.text if d.breach else "",
        *times, d.get_safety_question_display(), d.safety_answer,
    ]  # fmt: skip
