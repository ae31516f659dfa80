"""The adverse events of a patient on one page: filtered and sorted by the address, as CSV, with the grades over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import reverse

from adverse_events.case import Case, in_short
from adverse_events.case_page import clock_words
from adverse_events.models import NO_INTEREST, AdverseEvent, special_interests
from crf import lists, registry
from crf.facts import load_case
from crf.models import State
from patients.models import Patient
from protocol.codelists import Grade, YesNo
from protocol.dates import PartialDate
from protocol.event_grades import FORMS, GradeRow, of_case, rows, worst_of
from protocol.facts import AdverseEvent as Event
from protocol.graded import NONE_NOW
from review.models import Query, QueryStatus

ANY = "ANY"  # of special interest, whichever
COLUMNS = {"No.": "number", "Event": "term", "Grade": "grade", "Start": "start", "End": "end", "Serious": "serious", "Related": "related",
           "Special interest": "interest", "Action taken": "", "Outcome": "outcome", "Queries": "queries"}  # fmt: skip
CSV = ["No.", "Event", "In words", "Scale", "Grade at start", "Worst grade", "Grades over time", "Start", "End", "Ongoing", "Serious", "Report",
       "Related", "Special interest", "Action with tarlatamab", "Other action", "Outcome", "Open queries", "State"]  # fmt: skip
FIRST = "-start"  # the latest event on top


@dataclass(frozen=True)
class Line:
    """One event as the page shows it; ``since`` are its grades with the moments from which they hold."""

    event: AdverseEvent
    grades: tuple[GradeRow, ...]
    queries: int
    report: tuple[str, str]  # kind and words of the 24 hours; empty when it is not serious

    @property
    def worst(self) -> str:
        return worst_of(self.grades)

    @property
    def url(self) -> str:
        return reverse("record", args=[self.event.patient.number, "AE", self.event.slot])

    @property
    def change_url(self) -> str:
        return f"{reverse('record', args=[self.event.patient.number, 'AEG', 'new'])}?{urlencode({'event': self.event.slot})}"

    @property
    def state(self) -> tuple[str, str]:
        if self.event.voided:
            return "void", "Void"
        return ("", "") if self.event.state == State.SUBMITTED else ("progress", "In progress")

    @property
    def since(self) -> list[str]:
        """'2 since 20-Jun-2026', one line a grade; none when it never changed."""
        return [_said(row) for row in self.grades] if len(self.grades) > 1 else []

    def shown(self, name: str) -> str:
        """An answer in the words of the screen."""
        return registry.display("AE", name, getattr(self.event, name))

    @property
    def start(self) -> str:
        return " ".join(filter(None, (self.shown("started_on"), self.event.started_time)))

    @property
    def end(self) -> str:
        if self.event.ongoing == YesNo.YES:
            return "ongoing"
        return " ".join(filter(None, (self.shown("ended_on"), self.event.ended_time)))

    @property
    def interest(self) -> str:
        return "" if self.event.special_interest == NO_INTEREST else self.shown("special_interest")

    @property
    def outcome(self) -> str:
        """Recovered, Recovered with sequelae, Recovering, Not recovered …"""
        words = self.shown("outcome")
        return words.partition(" / ")[0] + (" with sequelae" if words.endswith("with sequelae") else "")

    @property
    def related(self) -> str:
        """The first word says it: Yes, No, Not yet assessed."""
        return self.shown("relationship").partition(",")[0].replace("No reasonable possibility", "No")

    @property
    def action(self) -> str:
        return self.shown("action_taken").partition(" (")[0]


def _said(row: GradeRow) -> str:
    grade = "none" if row.grade == NONE_NOW else row.grade
    return " ".join(filter(None, (grade, f"since {row.on}" if row.on else "date unknown", row.time)))


@dataclass
class Log(lists.Listing):
    """The page: the lines, what stands over them, and how many there are in all."""

    heads: list[lists.Head] = field(default_factory=list)
    tallies: list[tuple[int, str, str]] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    csv_url: str = ""
    in_all: int = 0


def event_log(request, patient: Patient) -> Log:
    """The events of a patient as the address asks for them, in a number of queries that does not grow with them."""
    everything = list(_lines(patient))
    filters = _filters(request)
    asked = {each.name: each.value for each in filters if each.value}
    sort = lists.asked(request, "sort") or FIRST
    lines = _sorted([line for line in everything if _fits(line, asked)], sort)
    chosen = asked | ({} if sort == FIRST else {"sort": sort})
    return Log(
        lines, filters, CSV, [_row(line) for line in lines], heads=lists.heads(COLUMNS, asked, sort, num=("No.", "Queries")),
        tallies=_tallies(everything), hidden=[] if sort == FIRST else [("sort", sort)], csv_url="?" + urlencode(chosen | {"csv": 1}),
        in_all=sum(not line.event.voided for line in everything),
    )  # fmt: skip


def _lines(patient: Patient) -> Iterator[Line]:
    case = load_case(patient, ("AE", *FORMS))
    facts = {fact.id: fact for fact in case.of("AE") if isinstance(fact, Event)}
    later = of_case(case)
    open_ones = Query.objects.filter(patient=patient, form__in=("AE", *FORMS)).exclude(status=QueryStatus.CLOSED)
    owner = {(code, fact.id): fact.event for code in FORMS for fact in case.of(code)}
    asked: Counter[str] = Counter()
    by_record = {fact.id: fact.slot for fact in facts.values()}
    for form, record in open_ones.values_list("form", "record"):
        asked[by_record.get(record, "") if form == "AE" else owner.get((form, record), "")] += 1
    events = list(AdverseEvent.objects.filter(patient=patient).order_by("row"))
    for event in events:
        event.patient = patient
    clocks = {each.record.pk: _report(each) for each in in_short([event for event in events if event.serious == YesNo.YES and not event.voided])}
    for event in events:
        fact = facts.get(event.pk)
        graded = rows(fact, *later, case.patient) if fact else ()
        yield Line(event, graded, asked[event.slot] if fact else 0, clocks.get(event.pk, ("", "")))


def _report(case: Case) -> tuple[str, str]:
    """Where the 24 hours of a serious event stand."""
    kind, words = case.clock_word
    running = clock_words(case)
    return kind, running[:1].upper() + running[1:] if running else words


def _filters(request) -> list[lists.Filter]:
    options = {
        "grade": ("Worst grade at least", [(grade.value, grade.label) for grade in Grade]),
        "serious": ("Serious", YesNo.choices()),
        "ongoing": ("Ongoing", YesNo.choices()),
        "related": ("Related to tarlatamab", [("Y", "Yes"), ("N", "No"), ("NOT YET ASSESSED", "Not yet assessed")]),
        "interest": ("Special interest", [(ANY, "Any of them"), *special_interests()]),
    }
    return [lists.Filter(name, label, "select", lists.asked(request, name), choices) for name, (label, choices) in options.items()]


def _fits(line: Line, asked: dict[str, str]) -> bool:
    event = line.event
    if asked and event.voided:
        return False
    wanted = {
        "grade": lambda grade: line.worst >= grade and line.worst != "",
        "serious": lambda answer: event.serious == answer,
        "ongoing": lambda answer: event.ongoing == answer,
        "related": lambda answer: event.relationship == answer,
        "interest": lambda code: (line.interest != "") if code == ANY else event.special_interest == code,
    }
    return all(wanted[name](value) for name, value in asked.items())


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    """By the column asked for, void ones last; what has no value stands behind what has one, either way round."""
    keys = {
        "number": lambda line: f"{line.event.row:06d}",
        "term": lambda line: line.event.term.casefold(),
        "grade": lambda line: line.worst,
        "start": lambda line: _day(line.event.started_on, line.event.started_time),
        "end": lambda line: _day(line.event.ended_on, line.event.ended_time),
        "serious": lambda line: line.event.serious,
        "related": lambda line: line.event.relationship,
        "interest": lambda line: line.interest.casefold(),
        "outcome": lambda line: line.event.outcome,
        "queries": lambda line: f"{line.queries:06d}",
    }
    key = keys.get(sort.removeprefix("-"), keys["start"])
    turned = sorted(lines, key=key, reverse=sort.startswith("-"))
    return sorted(turned, key=lambda line: (line.event.voided, key(line) == ""))


def _day(text: str, time: str) -> str:
    try:
        first = PartialDate.parse(text).earliest.isoformat() if text else ""
    except ValueError:
        return ""
    return f"{first} {time if time[:1].isdigit() else ''}" if first else ""


def _tallies(lines: list[Line]) -> list[tuple[int, str, str]]:
    """(count, words, address of the filter) of the events that are not void; what there is none of is left out."""
    live = [line for line in lines if not line.event.voided]
    asked = {
        "grade 3 or more": {"grade": "3"}, "serious": {"serious": "Y"}, "ongoing": {"ongoing": "Y"}, "related": {"related": "Y"},
        "not yet assessed": {"related": "NOT YET ASSESSED"}, "of special interest": {"interest": ANY},
    }  # fmt: skip
    counts = [(sum(_fits(line, chosen) for line in live), words, "?" + urlencode(chosen)) for words, chosen in asked.items()]
    return [tally for tally in counts if tally[0]]


def _row(line: Line) -> list[str]:
    event = line.event
    return [
        str(event.row), event.term, event.term_specify, event.scale, event.grade, line.worst, "; ".join(line.since), line.start,
        "" if event.ongoing == YesNo.YES else line.end, line.shown("ongoing"), line.shown("serious"), line.report[1], line.related,
        line.interest, line.action, event.other_action, line.shown("outcome"), str(line.queries), line.state[1] or "Submitted",
    ]  # fmt: skip
