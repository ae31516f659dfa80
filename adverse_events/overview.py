"""The safety overview: tables whose every number leads to the list behind it, and that list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.urls import reverse
from django.utils.http import urlencode

from accounts.roles import Permission
from adverse_events.icsr import codes
from crf import lists
from crf.facts import load_cases
from patients.access import sites_for, within_sites
from patients.models import Patient
from protocol import safety_overview as counting
from protocol.codelists import Outcome, Relationship, YesNo
from protocol.facts import FORMS, AdverseEvent, Dose
from protocol.infusion import hours
from protocol.safety_facts import GradeChange, SyndromeAssessment
from protocol.safety_overview import BEFORE, NO_GRADE, UNCERTAIN, Counts, DoseLine, Happening, Line
from protocol.scales import CRS, GRADES, ICANS

EVERYTHING = "1"  # of the filter period
PERIOD = "Events before the first dose too, and patients never dosed"
PLACES = {BEFORE: "Before any dose", UNCERTAIN: "Dose not certain"}
ALWAYS_SHOWN = 3  # the doses of the first cycle stand there without an event too
SERIOUS, RELATED, SEVERE = [("Y", "Serious")], [("Y", "Related to tarlatamab")], [("3", "Grade 3 or more")]


@dataclass(frozen=True)
class Number:
    """A figure of a table, and the list behind it; nothing to open behind a nought."""

    count: int
    url: str = ""
    share: str = ""

    def __str__(self) -> str:
        return str(self.count)


@dataclass(frozen=True)
class Row:
    """A line of a table: ``level`` 0 for all events, 1 for a class, 2 for a term."""

    name: str
    level: int
    numbers: list[Number]


@dataclass(frozen=True)
class Syndrome:
    """Events of one term by the dose before them, and how long after its start."""

    name: str
    rows: list[Row]
    onset: str
    each: list[str]
    url: str


@dataclass
class Scope:
    """The events that the filters site and period choose, and who was dosed among the patients."""

    user: object
    site: str
    everything: bool
    sites: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def cases(self):
        found = within_sites(self.user, Patient.objects.select_related("site"), "site_id")
        return list(load_cases(found.filter(site__code=self.site) if self.site else found, _needs()).values())

    @cached_property
    def doses_given(self) -> list[frozenset[str]]:
        return [given for given in (counting.labels_given(case) for case in self.cases) if given]

    @cached_property
    def events(self) -> list[Happening]:
        """Of patients who were dosed, those that did not certainly begin before the first dose; with ``everything`` all."""
        found = []
        for case in self.cases:
            if self.everything or counting.labels_given(case):
                of_patient = counting.happenings(case, case.patient.number.split("-")[0])
                found += [each for each in of_patient if self.everything or each.on_treatment is not False]
        return found

    @property
    def denominator(self) -> int:
        """The patients that a share is of: those dosed, with ``everything`` everybody."""
        return len(self.cases) if self.everything else len(self.doses_given)

    @property
    def kept(self) -> dict[str, str]:
        return {name: value for name, value in (("site", self.site), ("period", EVERYTHING if self.everything else "")) if value}


def _needs() -> list[str]:
    known = set(codes())
    assessed = [code for code, kind in FORMS.items() if issubclass(kind, SyndromeAssessment)]
    return [code for code in (AdverseEvent.form, GradeChange.form, Dose.form, *assessed) if code in known]


def scope_of(request) -> Scope:
    """What the URL asks for, within the person's sites."""
    sites = [(site.code, str(site)) for site in sites_for(request.user, Permission.VIEW)]
    return Scope(request.user, lists.asked(request, "site"), lists.asked(request, "period") == EVERYTHING, sites)


def _filters(scope: Scope) -> list[lists.Filter]:
    return [lists.Filter("site", "Site", "select", scope.site, scope.sites), lists.Filter("period", PERIOD, "check", EVERYTHING if scope.everything else "")]


# The tables -----------------------------------------------------------------------------------------------------------------

COLUMNS = ["Patients", *(f"Grade {grade}" for grade in GRADES), "No grade", "Grade 3 or more", "Serious", "Related", "Events"]


def tables(request) -> dict:
    """The page: the table by class and term, and one by dose for CRS and for ICANS."""
    scope = scope_of(request)
    rows = [_row(scope, line) for line in counting.by_class(scope.events)]
    kept = scope.kept
    return {
        "filters": _filters(scope), "columns": COLUMNS, "rows": rows, "syndromes": [_syndrome(scope, name) for name in (CRS, ICANS)],
        "dosed": len(scope.doses_given), "patients": len(scope.cases), "denominator": scope.denominator, "everything": scope.everything,
        "undated": [_number(scope, len({each.patient for each in scope.events if each.on_treatment is None}), since="UNKNOWN")],
        "csv_url": "?" + urlencode({**kept, "csv": "terms"}), "doses_csv_url": "?" + urlencode({**kept, "csv": "doses"}),
        "count_text": lists.counted(len(scope.events), "event"),
    }  # fmt: skip


def _url(scope: Scope, **chosen: str) -> str:
    query = {name: value for name, value in {**scope.kept, **chosen}.items() if value}
    return reverse("safety_list") + (f"?{urlencode(query)}" if query else "")


def _number(scope: Scope, count: int, share_of: int = 0, **chosen: str) -> Number:
    share = f"{100 * count / share_of:.0f} %" if count and share_of else ""
    return Number(count, _url(scope, **chosen) if count else "", share)


def _numbers(scope: Scope, counted: Counts, share_of: int, **line: str) -> list[Number]:
    grades = [_number(scope, counted.by_grade[grade], **line, worst=grade) for grade in (*GRADES, NO_GRADE)]
    return [
        _number(scope, counted.patients, share_of, **line), *grades, _number(scope, counted.severe, **line, severe="3"),
        _number(scope, counted.serious, **line, serious="Y"), _number(scope, counted.related, **line, related="Y"),
        _number(scope, counted.events, **line),
    ]  # fmt: skip


def _row(scope: Scope, line: Line) -> Row:
    name = line.term or line.soc or "Any adverse event"
    level = 2 if line.term else 1 if line.soc else 0
    return Row(name, level, _numbers(scope, line.counts, scope.denominator, soc=line.soc, term=line.term))


def _syndrome(scope: Scope, name: str) -> Syndrome:
    found = [each for each in scope.events if each.term == name]
    lines = counting.by_dose(found, scope.doses_given)
    shown = [line for n, line in enumerate(lines) if line.counts.events or n < ALWAYS_SHOWN]
    times = counting.onsets(found)
    said = ""
    if times.minutes:
        said = f"median {hours(times.median or 0)}, from {hours(times.minutes[0])} to {hours(times.minutes[-1])} ({lists.counted(len(times.minutes), 'event')})"
    if times.unknown:
        said += f"{'; ' if said else ''}of {lists.counted(times.unknown, 'event')} the exact time is not known"
    return Syndrome(name, [_dose_row(scope, name, line) for line in shown], said, [hours(each) for each in times.minutes], _url(scope, term=name))


def _dose_row(scope: Scope, name: str, line: DoseLine) -> Row:
    numbers = _numbers(scope, line.counts, line.dosed, term=name, dose=line.dose)
    return Row(PLACES.get(line.dose, line.dose), 2, [Number(line.dosed), *numbers])


def csv_of(request) -> lists.Listing:
    """One of the tables exactly as it is shown."""
    shown = tables(request)
    if request.GET.get("csv") == "doses":
        rows = [[each.name, row.name, *map(str, row.numbers)] for each in shown["syndromes"] for row in each.rows]
        return lists.Listing([], [], ["Event", "Dose", "Patients given it", *COLUMNS], rows)
    soc, rows = "", []
    for row in shown["rows"]:
        soc = row.name if row.level == 1 else soc
        rows.append([soc if row.level else "", row.name if row.level != 1 else "", *map(str, row.numbers)])
    return lists.Listing([], [], ["Class", "Event", *COLUMNS], rows)


# The list behind a number -----------------------------------------------------------------------------------------------------

HEADS = {"Patient": "patient", "Event": "term", "Worst grade": "grade", "Began": "", "After": "dose", "Since its start": "since", "Serious": "serious",
         "Related": "related", "Outcome": "outcome"}  # fmt: skip
CSV = ["Patient", "Site", "Number", "Class", "Event", "In words", "Scale", "Worst grade", "Began", "After dose", "Minutes since its start", "Serious", "Related",
       "Outcome"]  # fmt: skip


@dataclass
class Behind(lists.Listing):
    """The list with what stands around it."""

    heads: list[lists.Head] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    csv_url: str = ""
    patients: int = 0


def behind(request) -> Behind:
    """The events that make up a number. ``worst`` and ``severe`` mean the worst grade of the patient in the line: the list has
    all events of these patients in the line."""
    scope = scope_of(request)
    terms = sorted({each.term for each in scope.events})
    doses = [line.dose for line in counting.by_dose(scope.events, scope.doses_given)]
    options: dict[str, tuple[str, Sequence[tuple[str, str]]]] = {
        "soc": ("Class", [(name, name) for name in sorted({each.soc for each in scope.events})]), "term": ("Event", [(name, name) for name in terms]),
        "worst": ("Worst grade of the patient", [*((grade, f"Grade {grade}") for grade in GRADES), (NO_GRADE, "No grade")]),
        "severe": ("Gravity", SEVERE), "serious": ("Seriousness", SERIOUS), "related": ("Causality", RELATED),
        "dose": ("After dose", [(label, PLACES.get(label, label)) for label in doses]), "since": ("First dose", [("UNKNOWN", "Before or after it: not certain")]),
    }  # fmt: skip
    filters = _filters(scope) + [lists.Filter(name, label, "select", lists.asked(request, name), list(of)) for name, (label, of) in options.items()]
    filters.append(lists.Filter("patient", "Patient", "text", lists.asked(request, "patient")))
    asked = {each.name: each.value for each in filters if each.value}
    sort = lists.asked(request, "sort")
    found = _sorted(chosen(scope.events, asked), sort)
    kept = asked | ({"sort": sort} if sort else {})
    return Behind(
        [_shown(each) for each in found], filters, CSV, [_csv(each) for each in found], heads=lists.heads(HEADS, asked, sort),
        hidden=[("sort", sort)] if sort else [], csv_url="?" + urlencode(kept | {"csv": 1}), patients=len({each.patient for each in found}),
    )  # fmt: skip


def chosen(events: Sequence[Happening], asked: dict[str, str]) -> list[Happening]:
    """The events of a line; then of these, the patients' whose worst grade in it is asked for."""
    tests: dict[str, Callable[[Happening, str], bool]] = {
        "soc": lambda each, value: each.soc == value, "term": lambda each, value: each.term == value, "dose": lambda each, value: each.dose == value,
        "serious": lambda each, value: each.serious == value, "related": lambda each, value: each.relationship == value,
        "since": lambda each, value: each.on_treatment is None, "patient": lambda each, value: each.patient.casefold() == value.casefold(),
    }  # fmt: skip
    found = [each for each in events if all(test(each, asked[name]) for name, test in tests.items() if name in asked)]
    grades = counting.worst_by_patient(found)
    if "worst" in asked:
        found = [each for each in found if grades[each.patient] == asked["worst"]]
    return [each for each in found if "severe" not in asked or grades[each.patient] >= "3"]


def _sorted(found: list[Happening], sort: str) -> list[Happening]:
    """By patient and number, or by the column that was asked for; with a minus the other way round."""
    keys: dict[str, Callable[[Happening], tuple]] = {
        "patient": lambda each: (each.patient,), "term": lambda each: (each.term.casefold(),), "grade": lambda each: (each.grade,),
        "dose": lambda each: (each.dose,), "since": lambda each: (each.minutes is None, each.minutes or 0), "serious": lambda each: (each.serious,),
        "related": lambda each: (each.relationship,), "outcome": lambda each: (each.outcome,),
    }  # fmt: skip
    key = keys.get(sort.removeprefix("-"), keys["patient"])
    return sorted(found, key=lambda each: (*key(each), each.patient, each.row), reverse=sort.startswith("-"))


def _shown(each: Happening) -> dict:
    return {
        "event": each, "url": reverse("record", args=[each.patient, AdverseEvent.form, each.row]), "dose": PLACES.get(each.dose, each.dose),
        "since": str(each.since.span) if each.since and each.since.span else "", "serious": _label(YesNo, each.serious),
        "related": _label(Relationship, each.relationship), "outcome": _label(Outcome, each.outcome),
    }  # fmt: skip


def _csv(each: Happening) -> list[str]:
    return [
        each.patient, each.site, str(each.row), each.soc, each.term, each.words, each.scale, each.grade, each.began, each.dose,
        "" if each.minutes is None else str(each.minutes), each.serious, each.relationship, each.outcome,
    ]  # fmt: skip


def _label(codelist, value: str) -> str:
    return codelist(value).label if value in set(codelist) else value
