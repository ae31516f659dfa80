"""CRS, ICANS and tumour lysis as of a moment: where each event and each assessment lies after infusion and onset, and the grade that
follows from the findings. Nothing of it is stored: it is derived from the records as they were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from audit.history import as_of
from crf import registry
from crf.facts import fact_of
from exports.exposure import record_at
from exports.history import past
from exports.laboratory import ranges_at
from exports.subjects import SUBJECT, Subject
from exports.tables import Cell, Column, Table
from patients.models import Visit
from protocol import facts
from protocol.dates import Moment
from protocol.engine import Case
from protocol.facts import AdverseEvent, moment
from protocol.graded import NOT_IT
from protocol.infusion import Span
from protocol.syndromes import FACT_OF, Assessed, EventCourse, Since, event_course

_READ = ("AE", "EC", "CM", "CRS", "ICANS", "TLS", "CHE", "LBO", "DM")
_AT_ONCE = 50  # patients in memory at a time
_MIN = "Least possible; both are the same where the times are known."
_SINCE = (
    Column("ECNO", "Last infusion before it", "code", note="Label of the dose. Derived, as every column from here."),
    Column("DOSENUM", "How many infusions it was", "integer", note="In order of time, repeated step-up doses included."),
    Column("INFMIN", "After the start of that infusion, at least", "integer", unit="min", note=_MIN),
    Column("INFMAX", "After the start of that infusion, at most", "integer", unit="min"),
)
EVENTS = (
    *SUBJECT,
    Column("AENO", "Number of the adverse event", "integer", note="Joins to ROW of the table ae."),
    Column("AETERM", "Event"),
    Column("AESTDAT", "Date of onset", "date"),
    Column("AESTTIM", "Time of onset", "time"),
    *_SINCE,
    Column("NASSESS", "Number of assessments", "integer"),
    Column("WORSTGR", "Worst own grade at an assessment", "code", note="0 is none at that moment. The event's worst grade stands in ae."),
    Column("WORSTCMP", "Worst grade that is certain from the findings", "code", note="5 after death from the event."),
    Column("TRTMIN", "From onset to the first anticytokine drug, at least", "integer", unit="min", note="Of the medication log. " + _MIN),
    Column("TRTMAX", "From onset to the first anticytokine drug, at most", "integer", unit="min"),
)  # fmt: skip
ASSESSMENTS = (
    *SUBJECT,
    Column("FORM", "Form code", "code", values="CRS=CRS assessment | ICANS=ICANS assessment | TLS=Tumour lysis assessment"),
    Column("ROW", "Number of the assessment in its log", "integer", note="Joins to the form's table."),
    Column("AENO", "Number of the adverse event", "integer"),
    Column("FADAT", "Date", "date"),
    Column("FATIM", "Time", "time"),
    *_SINCE,
    Column("ONSMIN", "After onset, at least", "integer", unit="min", note=_MIN),
    Column("ONSMAX", "After onset, at most", "integer", unit="min"),
    Column("FATOXGR", "Own grade", "code"),
    Column("CMPGR", "Grades that the findings allow", "codes", note="NOT: not this syndrome by its definition. One is certain."),
    Column("CMPCELL", "Cell of the table that gave it", note="In words of the program; of several grades that of the lowest."),
    Column("CMPMISS", "Answers that are missing to tell", note="In words of the program."),
    Column("AGREES", "Does the own grade agree with the findings?", "yes/no", note="Empty without an own grade."),
)  # fmt: skip


def syndromes(at: datetime, subjects: dict[int, Subject]) -> list[Table]:
    """One row an event, and one row an assessment."""

    def events() -> Iterator[tuple[Cell, ...]]:
        for subject, case, course in _courses(at, subjects):
            event = course.event
            yield (
                *subject.keys, event.row, event.term, _iso(event.started_on), event.started_time, *_since(course.since), len(course.assessments),
                course.worst_own, course.worst_computed, *_minutes(_treated(course, case)),
            )  # fmt: skip

    def assessments() -> Iterator[tuple[Cell, ...]]:
        for subject, _, course in _courses(at, subjects):
            for each in course.assessments:
                yield *subject.keys, *_assessment(each, course.event)

    return [
        Table("syndromes", "CRS, ICANS and tumour lysis, one row an event", EVENTS, events),
        Table("syndrome_grades", "Assessments of CRS, ICANS and tumour lysis, with what follows", ASSESSMENTS, assessments),
    ]


def _assessment(each: Assessed, event: AdverseEvent) -> tuple[Cell, ...]:
    fact, graded = each.fact, each.graded
    return (
        fact.form, fact.row, event.row, _iso(fact.assessed_on), fact.assessed_time, *_since(each.since), *_minutes(each.from_onset), fact.grade,
        "; ".join(graded.possible), graded.reason if graded.possible == (NOT_IT,) else graded.cell, ", ".join(graded.missing),
        graded.allows(fact.grade) if fact.grade else None,
    )  # fmt: skip


def _iso(on) -> str | None:
    return on.text if on else None


def _since(since: Since | None) -> tuple[Cell, ...]:
    return (since.dose.visit, since.number, *_minutes(since.span)) if since else (None, None, None, None)


def _minutes(span: Span | None) -> tuple[int | None, int | None]:
    return (span.least, span.most) if span else (None, None)


def _treated(course: EventCourse, case: Case) -> Span | None:
    begun: list[Moment] = [at for each in course.drugs if (at := moment(each.started_on, each.started_time, case.patient))]
    return Span.between(course.onset, begun[0]) if begun else None


def _courses(at: datetime, subjects: dict[int, Subject]) -> Iterator[tuple[Subject, Case, EventCourse]]:
    ranges = ranges_at(at)
    with_one = set(as_of(registry.form("AE"), at).filter(voided=False, term__in=list(FACT_OF)).values_list("patient_id", flat=True))
    ids = [pk for pk in subjects if pk in with_one]
    for first in range(0, len(ids), _AT_ONCE):
        found = _records(at, ids[first : first + _AT_ONCE])
        for pk in ids[first : first + _AT_ONCE]:
            subject = subjects[pk]
            person = facts.Patient(number=subject.number, country=subject.country, zone=subject.zone, site_active=True, enrolled_on=None)
            case = Case(person, facts.Clock(at, at.astimezone(ZoneInfo(subject.zone)).date()))
            case.records = {**{code: tuple(found[pk, code]) for code in _READ}, "RANGE": tuple(ranges.get(subject.site, ()))}
            for event in case.of("AE"):
                if isinstance(event, AdverseEvent) and event.term in FACT_OF:
                    yield subject, case, event_course(event, case)


def _records(at: datetime, ids: list[int]) -> dict[tuple[int, str], list[facts.Fact]]:
    """Facts by patient and form code, void records left out."""
    found: dict[tuple[int, str], list[facts.Fact]] = defaultdict(list)
    for code in _READ:
        form = registry.form(code)
        rows = as_of(form, at).filter(voided=False, patient_id__in=ids).annotate(visit_code=past(Visit, at, "visit_id", "code"))
        for row in rows.order_by("id"):
            found[row.patient_id, code].append(fact_of(record_at(form, row), row.visit_code or ""))
    return found
