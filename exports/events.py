"""The grades of each adverse event as of a moment, one row a grade. Nothing of it is stored: it follows from the records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from audit.history import as_of
from crf import registry
from exports.history import CHUNK
from exports.subjects import SUBJECT, Subject
from exports.tables import Cell, Column, Table
from protocol import codelists
from protocol.dates import moment_of
from protocol.event_grades import FORMS
from protocol.facts import AdverseEvent
from protocol.graded import in_order

GRADES = (
    *SUBJECT,
    Column("AESPID", "Number of the adverse event in its log", "integer", note="ROW of the table ae."),
    Column("AETERM", "Event"),
    Column("AESCALE", "Grading scale", "code", values=" | ".join(f"{value}={label}" for value, label in codelists.Scale.choices())),
    Column("AEGRSEQ", "Place among the grades of the event, in order of time", "integer", note="1 is how it began; what has no date stands last."),
    Column("TOXGR", "Grade from then on", "code", note="1 to 5; 0: none of it at that assessment."),
    Column("GRDAT", "Since (date)", "date"),
    Column("GRTIM", "Since (time)", "time", note="At the site."),
    Column("GRFORM", "Form of the record that says so", "code", values=" | ".join((AdverseEvent.form, *FORMS))),
    Column("GRROW", "Number of that record in its log", "integer"),
)  # fmt: skip


def _later(form: str) -> tuple[str, str]:
    """The names of the date and the time from which a later grade holds."""
    model = registry.form(form)
    return model.dated_by, model.dated_by.removesuffix("_on") + "_time"


def later_grades(moment: datetime) -> dict[tuple[int, str], list[str]]:
    """(patient id, number of the event) → the grades that it had after the first one."""
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for code in FORMS:
        rows = as_of(registry.form(code), moment).filter(voided=False).values_list("patient_id", "event", "grade")
        for patient, event, grade in rows.iterator(CHUNK):
            found[patient, event].append(grade)
    return found


def event_grades(moment: datetime, subjects: dict[int, Subject]) -> Table:
    """The table of grades: how each event began, and every change of it."""

    def read() -> Iterator[tuple[Cell, ...]]:
        later: dict[tuple[int, str], list[tuple]] = defaultdict(list)
        for code in FORMS:
            on, time = _later(code)
            rows = as_of(registry.form(code), moment).filter(voided=False).values_list("patient_id", "event", "grade", on, time, "row")
            for patient, event, *grade in rows.iterator(CHUNK):
                later[patient, event].append((*grade, code))
        events = as_of(registry.form(AdverseEvent.form), moment).filter(voided=False).order_by("patient__number", "row")
        names = ("patient_id", "row", "term", "scale", "grade", "started_on", "started_time")
        for patient, row, term, scale, grade, on, time in events.values_list(*names).iterator(CHUNK):
            if patient not in subjects:
                continue
            subject = subjects[patient]
            after = sorted(later.get((patient, str(row)), ()), key=lambda each: in_order(moment_of(each[1], each[2], subject.zone)))
            graded = [each for each in ((grade, on, time, row, AdverseEvent.form), *after) if each[0]]
            for number, (value, since, at, record, code) in enumerate(graded, start=1):
                yield *subject.keys, row, term, scale, number, value, since or None, at or None, code, record

    return Table("event_grades", "Grades of adverse events, one row a grade", GRADES, read)
