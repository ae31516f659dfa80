"""Laboratory results as of a moment, one row a result, each with what follows from it: standard unit, range, flag.

Nothing of it is stored: it is derived from the results and the site's ranges as they were at the moment.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Context, Decimal

from accounts.models import Site
from assessments.references import ReferenceRange
from audit.history import as_of
from crf import registry
from crf.fields import ResultField
from crf.models import Crf
from exports.history import CHUNK, past
from exports.subjects import SUBJECT, Subject
from exports.tables import Cell, Column, Table
from patients.models import Visit
from protocol import facts, panels
from protocol.dates import PartialDate
from protocol.laboratory import Printed
from protocol.panels import Reading, flag, limits, standard
from protocol.schedule import visit_order
from protocol.screening_facts import ReferenceRange as RangeFact

Ranges = dict[tuple[str, str], list[RangeFact]]  # by site and laboratory

_SHARED = {field.name for field in dataclasses.fields(facts.Fact)}
_ROUNDED = Context(prec=12)
FLAGS = "LOW=Low | NORMAL=Within | HIGH=High"
_SAME = "In the unit of the result; empty where the range is in a unit that does not convert."
COLUMNS = (
    *SUBJECT,
    Column("VISIT", "Visit", "code"),
    Column("FORM", "Form code", "code"),
    Column("RECID", "Number of the record within its form", "integer", note="Joins to the form's table."),
    Column("STATE", "State", "code", values="IN PROGRESS=In progress | SUBMITTED=Submitted"),
    Column("LBDAT", "Date of the sample", "date"),
    Column("LBTIM", "Time of the sample", "time"),
    Column("LBNAM", "Laboratory", free_text=True),
    Column("LBTESTCD", "Test, code", "code", note="CDISC LBTESTCD."),
    Column("LBTEST", "Test"),
    Column("LBORRES", "Result as printed", free_text=True),
    Column("LBORRESU", "Unit as printed", free_text=True, note="As typed; where none was, that of the laboratory's range."),
    Column("LBSTRESC", "Result in the standard unit, with its sign", note="<0.3 and >1650 have a sign. Derived."),
    Column("LBSTRESN", "Result in the standard unit, as a number", "number", note="Empty where a sign stands. Derived."),
    Column("LBSTRESU", "Standard unit", note="Empty where nothing could be derived."),
    Column("LBORNRLO", "Lower limit of the range", "number", note=_SAME),
    Column("LBORNRHI", "Upper limit of the range", "number", note=_SAME),
    Column("LBNRIND", "Against the range", "code", values=FLAGS, note="Empty when it cannot be said."),
)


def results(moment: datetime, subjects: dict[int, Subject]) -> Table:
    """All results of records that are not void. In memory: the sites' ranges, and sex and birth date of each patient."""

    def read() -> Iterator[tuple[Cell, ...]]:
        ranges, people = _ranges(moment), _demographics(moment)
        for form in registry.forms():
            if _questions(form):
                yield from _results(form, moment, subjects, ranges, people)

    return Table("lb", "Laboratory results, one a row", COLUMNS, read)


def _questions(form: type[Crf]) -> list[str]:
    asked = [name for section in form.sections for name in section.fields]
    return [name for name in asked if isinstance(form._meta.get_field(name), ResultField)]


def _results(
    form: type[Crf], moment: datetime, subjects: dict[int, Subject], ranges: Ranges, people: dict[int, facts.Demographics]
) -> Iterator[tuple[Cell, ...]]:
    names = [field.name for field in dataclasses.fields(form.fact) if field.name not in _SHARED]
    rows = (
        as_of(form, moment)
        .filter(voided=False)
        .annotate(visit_code=past(Visit, moment, "visit_id", "code"))
        .order_by("patient__number", "id")
        .values_list("patient_id", "visit_code", "id", "state", *names)
    )
    for patient, group in itertools.groupby(rows.iterator(CHUNK), key=lambda row: row[0]):
        if patient not in subjects:
            continue  # made by a transaction that was still open when the patients were read
        subject = subjects[patient]
        for _, visit, record, state, *values in sorted(group, key=_place):
            panel = _fact(form, dict(zip(names, values, strict=True)))
            near = ranges.get((subject.site, panel.laboratory), [])
            for name in _questions(form):
                reading = panels.read(panel, name, near, people.get(patient))
                if reading is not None:
                    on = panel.taken_on.text if panel.taken_on else ""
                    sample = (visit, form.code, record, state, on, panel.taken_time, panel.laboratory)
                    yield *subject.keys, *sample, *_derived(reading)


def _place(row: tuple) -> tuple[int, int]:
    _, visit, record, *_ = row
    try:
        return visit_order(visit) if visit else -1, record
    except ValueError:
        return 99_999, record


def _derived(reading: Reading) -> tuple[Cell, ...]:
    """Test, result and unit as printed; then result, range and flag as they follow from it."""
    result = standard(reading)
    number = _plain(result)
    return (
        reading.test.code, reading.test.label, reading.text, reading.unit,
        f"{result.sign}{number:f}" if result else "", None if result is None or result.sign else number,
        reading.test.unit if result else "", *(_plain(each) for each in limits(reading, reading.unit)), flag(reading),
    )  # fmt: skip


def _plain(printed: Printed | None) -> Decimal | None:
    """The number to twelve significant digits, without needless noughts."""
    return None if printed is None else printed.number.normalize(_ROUNDED)


def _fact(form: type[Crf], values: dict[str, str]):
    return form.fact(id=0, submitted=True, visit="", row=0, **{**values, "taken_on": _date(values["taken_on"])})


def _date(text: str) -> PartialDate | None:
    try:
        return PartialDate.parse(text) if text else None
    except ValueError:
        return None  # a form in progress may hold what is no date yet


def _ranges(moment: datetime) -> Ranges:
    sites = dict(as_of(Site, moment).values_list("id", "code"))
    names = [field.name for field in dataclasses.fields(RangeFact) if field.name not in _SHARED]
    found: Ranges = defaultdict(list)
    rows = as_of(ReferenceRange, moment).filter(withdrawn=False).values_list("site_id", *names)
    for site, *values in rows.iterator(CHUNK):
        given = dict(zip(names, values, strict=True))
        days = {name: _date(given[name]) for name in ("valid_from", "valid_to")}
        line = RangeFact(id=0, submitted=True, visit="", row=0, **{**given, **days})
        found[sites.get(site, ""), line.laboratory].append(line)
    return found


def _demographics(moment: datetime) -> dict[int, facts.Demographics]:
    rows = as_of(registry.form("DM"), moment).filter(voided=False).values_list("patient_id", "birth_date", "sex")
    return {
        patient: facts.Demographics(id=0, submitted=True, visit="", row=0, birth_date=_date(born), sex=sex)
        for patient, born, sex in rows.iterator(CHUNK)
    }
