"""The casebook of a patient and the matrix of many, from headers alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from django.urls import reverse

from crf import registry
from crf.models import Crf
from crf.registry import Header
from patients.models import Patient
from protocol.dates import show
from protocol.engine import Case
from protocol.facts import UnscheduledVisit
from protocol.schedule import END_OF_TREATMENT, FOLLOW_UP, SCREENING, visit_name
from protocol.visits import DOSE_LABELS, DOSES, FLOATING, UNSCHEDULED, VISITS
from review.models import Query, QueryStatus


@dataclass
class Cell:
    """One form at one visit: icon kind and word, never colour alone."""

    kind: str
    text: str
    url: str = ""
    queries: int = 0
    label: str = ""


@dataclass
class Row:
    label: str
    code: str
    cells: list[Cell | None]


@dataclass
class Area:
    title: str
    rows: list[Row]


@dataclass
class Log:
    label: str
    code: str
    url: str
    new_url: str
    count: int
    queries: int


@dataclass
class Column:
    """A visit of the matrix."""

    code: str
    label: str
    current: bool
    date: str = ""


@dataclass
class Casebook:
    visits: list[Column]
    areas: list[Area]
    logs: list[Log]
    status: tuple[str, str]
    open_queries: int
    headers: list[Header] = field(default_factory=list)
    unscheduled_url: str = ""


VISIT_FORM, VISIT_AREA = UnscheduledVisit.form, "Visit"  # what makes a visit outside the schedule; it stands first
DATES_VISIT = (VISIT_FORM, "EC", "EOT")  # forms whose date is that of their visit


def next_dose_label(found: Iterable[Header]) -> str:
    """The first dose label that has no record yet."""
    used = {each.visit for each in found if each.form == "EC" and not each.voided}
    return next((label for label in DOSE_LABELS if label not in used), DOSE_LABELS[-1])


def columns(found: list[Header], enrolled: bool) -> list[str]:
    """The visits to show: screening; once enrolled those with a form and the next dose; end of treatment, follow-up.

    A repeated dose and an unscheduled visit stand where their date puts them; without a date behind the doses.
    """
    live = {each.visit for each in found if not each.voided}
    used = live | {each.visit for each in found}.difference(FLOATING)
    ahead = {next_dose_label(found), END_OF_TREATMENT, FOLLOW_UP} if enrolled else set()
    wanted, dates = used | {SCREENING} | ahead, visit_dates(found)
    planned = wanted.difference(FLOATING)
    ordered = [visit for visit in VISITS if visit in planned]
    for visit in sorted(wanted.intersection(FLOATING), key=lambda code: (dates.get(code, "9999"), code)):
        ordered.insert(_place(visit, ordered, dates, live), visit)
    return ordered


def _place(visit: str, ordered: list[str], dates: dict[str, str], live: set[str]) -> int:
    """Behind all that is not later, and before what is later or still to come."""
    mine = dates.get(visit, "")
    first = max((n for n, other in enumerate(ordered) if mine and "" < dates.get(other, "") <= mine), default=0) + 1
    for n, other in enumerate(ordered[first:], first):
        on = dates.get(other, "")
        ahead = other in (END_OF_TREATMENT, FOLLOW_UP) or (bool(mine) and other not in live)
        if on > mine if on and mine else ahead:
            return n
    return len(ordered)


def visit_dates(found: Iterable[Header]) -> dict[str, str]:
    """Visit → its date (ISO 8601), of the visits whose own form gives the full date."""
    return {each.visit: each.on for each in found if each.form in DATES_VISIT and not each.voided and len(each.on) == 10}


def next_free(codes: Iterable[str], found: Iterable[Header]) -> str:
    """The first of some visits that nothing is entered at; '' when all are used."""
    used = {each.visit for each in found if not each.voided}
    return next((code for code in codes if code not in used), "")


def visit_label(code: str) -> str:
    """A visit in words; a dose keeps its label, which everybody uses."""
    return code if code in DOSES else visit_name(code)


def may_see(user_sees_all: bool, form: type[Crf]) -> bool:
    """A pharmacist sees the doses and nothing else."""
    return user_sees_all or form.for_pharmacy


def casebook(patient: Patient, *, sees_all: bool, may_enter: bool = False) -> Casebook:
    """The patient's casebook in two queries: headers, and counts of open queries."""
    found = registry.headers([patient.pk])
    counts = open_queries([patient.pk])[patient.pk]
    visits, dates = columns(found, patient.enrolment_number is not None), visit_dates(found)
    if not sees_all:
        visits, dates = [visit for visit in visits if visit not in UNSCHEDULED], {}
    by_place = {(each.form, each.slot): each for each in found if not each.voided}
    areas: dict[str, list[Row]] = {}
    logs = []
    for form in registry.forms():
        if not may_see(sees_all, form):
            continue
        if form.is_log():
            mine = [each for each in found if each.form == form.code and not each.voided]
            asked = sum(counts[form.code, each.record] for each in mine)
            url = form.log_url(patient.number)
            new_url = reverse("record", args=[patient.number, form.code, "new"]) if may_enter else ""
            logs.append(Log(str(form._meta.verbose_name_plural), form.code, url, new_url, len(mine), asked))
            continue
        cells = [_cell(patient, form, visit, by_place.get((form.code, visit)), counts) for visit in visits]
        if any(cells):
            areas.setdefault(form.area, []).append(Row(str(form._meta.verbose_name), form.code, cells))
    current, free = next_dose_label(found), next_free(UNSCHEDULED, found)
    return Casebook(
        [Column(visit, visit_label(visit), visit == current, show(dates.get(visit, ""))) for visit in visits],
        [Area(title, areas[title]) for title in sorted(areas, key=lambda title: title != VISIT_AREA)], logs, registry.patient_status(patient, found),
        sum(counts.values()), found,
        reverse("record", args=[patient.number, VISIT_FORM, free]) if may_enter and free else "",
    )  # fmt: skip


def _cell(patient: Patient, form: type[Crf], visit: str, header: Header | None, counts: Counter) -> Cell | None:
    if visit not in form.visits:
        return None
    url = reverse("record", args=[patient.number, form.code, visit])
    name = f"{form._meta.verbose_name}, {visit_label(visit)}"
    if header is None and form.unregistered_only and patient.enrolment_number is not None:
        return None
    if header is None:
        needed = not form.if_needed and (visit not in UNSCHEDULED or form.code == VISIT_FORM)
        return Cell("missing", "to enter", url, 0, name) if needed else Cell("neutral", "if needed", url, 0, name)
    kind = ("submitted", "submitted") if header.submitted else ("progress", "in progress")
    return Cell(*kind, url, counts[form.code, header.record], name)


def open_queries(patients: Iterable[int]) -> dict[int, Counter]:
    """Patient → Counter of open or answered queries by (form, record), in one query."""
    found: dict[int, Counter] = defaultdict(Counter)
    waiting = Query.objects.filter(patient__in=list(patients)).exclude(status=QueryStatus.CLOSED)
    for patient, form, record in waiting.values_list("patient_id", "form", "record"):
        found[patient][form, record] += 1
    return found


@dataclass(frozen=True)
class Panel:
    """A part of the patient's page that a form draws."""

    template: str
    content: object


def panels(patient: Patient, book: Casebook, load: Callable[[Patient, Collection[str]], Case], *, sees_all: bool, may_enter: bool) -> tuple[list[Panel], Case]:  # fmt: skip  # noqa: E501
    """What forms have to show on the patient's page, from one loading of the facts that they ask for; and these facts."""
    drawing = [form for form in registry.forms() if form.panel_template and may_see(sees_all, form)]
    case = load(patient, sorted({code for form in drawing for code in form.panel_needs}))
    made = [(form.panel_template, form.panel(patient, case, book.headers, sees_all=sees_all, may_enter=may_enter)) for form in drawing]
    return [Panel(template, content) for template, content in made if content is not None], case


@dataclass
class MatrixRow:
    """One patient in the matrix of patients × visits."""

    patient: Patient
    status: tuple[str, str]
    open_queries: int
    cells: list[Cell | None]


def matrix(patients: list[Patient]) -> tuple[list[str], list[MatrixRow]]:
    """Visits and one row a patient, in two queries for all of them; a cell sums up the forms of a visit."""
    ids = [patient.pk for patient in patients]
    by_patient: dict[int, list[Header]] = defaultdict(list)
    for each in registry.headers(ids):
        by_patient[each.patient].append(each)
    counts = open_queries(ids)
    shown = {visit for patient in patients for visit in columns(by_patient[patient.pk], patient.enrolment_number is not None)}  # fmt: skip  # noqa: E501
    visits = [visit for visit in VISITS if visit in shown]
    rows = []
    for patient in patients:
        found = by_patient[patient.pk]
        cells = [_visit_cell(patient, visit, found, counts[patient.pk]) for visit in visits]
        rows.append(MatrixRow(patient, registry.patient_status(patient, found), sum(counts[patient.pk].values()), cells))
    return visits, rows


def _visit_cell(patient: Patient, visit: str, found: list[Header], counts: Counter) -> Cell | None:
    here = [each for each in found if each.visit == visit and not each.voided]
    if not here:
        return None
    url = reverse("patient", args=[patient.number]) + f"#{visit}"
    queries = sum(counts[each.form, each.record] for each in here)
    if queries:
        return Cell("open", str(queries), url, queries, f"{visit}: {queries} open queries")
    done = sum(each.submitted for each in here)
    if done == len(here):
        return Cell("submitted", str(done), url, 0, f"{visit}: {done} forms submitted")
    return Cell("progress", f"{done}/{len(here)}", url, 0, f"{visit}: {done} of {len(here)} forms submitted")


LEGEND = [
    ("missing", "to enter"), ("progress", "in progress"), ("submitted", "submitted"), ("open", "open queries"),
    ("neutral", "only if needed"),
]  # fmt: skip
