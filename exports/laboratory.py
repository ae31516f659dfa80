"""Laboratory results as of a moment, one row a result, each with what follows from it: standard unit, range, flag, grade.

Nothing of it is stored: it is derived from the results, the site's ranges, the doses and the anticoagulants as they were.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Context, Decimal
from typing import TypeVar

from accounts.models import Site
from assessments.references import ReferenceRange
from audit.history import as_of
from crf import registry
from crf.fields import UNKNOWN_TIME, ResultField
from crf.models import Crf, State
from exports.history import CHUNK, past
from exports.subjects import SUBJECT, Subject
from exports.tables import Cell, Column, Table
from patients.models import Visit
from protocol import facts
from protocol.codelists import DoseOccurrence, MedicationClass
from protocol.dates import PartialDate
from protocol.lab_episodes import Results
from protocol.laboratory import Printed
from protocol.panels import Reading, flag, limits, standard
from protocol.schedule import visit_order
from protocol.screening_facts import Medication, MedicationAsked
from protocol.screening_facts import ReferenceRange as RangeFact

Ranges = dict[str, list[RangeFact]]  # by site

AnyFact = TypeVar("AnyFact", bound=facts.Fact)
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
    Column("LBTOX", "Toxicity, CTCAE 5.0 term", note="The term of the higher grade where two grade the test; empty at grade 0. Derived."),
    Column("LBTOXGR", "Toxicity, CTCAE 5.0 grade", "code", values="0=None | 1=Grade 1 | 2=Grade 2 | 3=Grade 3 | 4=Grade 4",
           note="What the number alone supports; empty when it is not certain. The baseline is the last result before the first dose."),
    Column("LBTOXPOS", "Possible grades", note="Where the grade is not certain, lowest first."),
)


def results(moment: datetime, subjects: dict[int, Subject]) -> Table:
    """All results of records that are not void. In memory: the sites' ranges, and what of each patient a grade depends on."""

    def read() -> Iterator[tuple[Cell, ...]]:
        ranges, people = ranges_at(moment), _people(moment)
        for form in registry.forms():
            if _questions(form):
                yield from _results(form, moment, subjects, ranges, people)

    return Table("lb", "Laboratory results, one a row", COLUMNS, read)


def _questions(form: type[Crf]) -> list[str]:
    asked = [name for section in form.sections for name in section.fields]
    return [name for name in asked if isinstance(form._meta.get_field(name), ResultField)]


def _results(
    form: type[Crf], moment: datetime, subjects: dict[int, Subject], ranges: Ranges, people: dict[int, Person]
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
        subject, person = subjects[patient], people.get(patient, _NOBODY)
        rows = [(row, _fact(form, row, names)) for row in sorted(group, key=_place)]
        found = Results(
            [panel for _, panel in rows], ranges=ranges.get(subject.site, ()), demographics=person.demographics, doses=person.doses.values(),
            medications=person.anticoagulants.values(), asked=person.asked.values(), patient=_where(subject),
        )  # fmt: skip
        for (_, visit, record, state, *_), panel in rows:
            on = panel.taken_on.text if panel.taken_on else ""
            sample = (visit, form.code, record, state, on, panel.taken_time, panel.laboratory)
            for name in _questions(form):
                result = found.result(panel, name)
                if result is not None:
                    yield *subject.keys, *sample, *_derived(result.reading), *_graded(found.possible(result))


def _where(subject: Subject) -> facts.Patient:
    return facts.Patient(number=subject.number, country="", zone=subject.zone, site_active=True, enrolled_on=None)


def _graded(possible: dict[str, tuple[str, ...]]) -> tuple[Cell, ...]:
    """Term, grade when it is certain, the possible ones when it is not; of several terms the worst."""
    term, grades = max(possible.items(), key=lambda each: (each[1][0], each[1][-1]), default=("", ()))
    certain = len(grades) == 1
    return (term if grades and grades != ("0",) else "", grades[0] if certain else "", "" if certain else " ".join(grades))


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


def _fact(form: type[Crf], row: tuple, names: list[str]):
    _, visit, record, state, *given = row
    values = dict(zip(names, given, strict=True))
    return form.fact(id=record, submitted=state == State.SUBMITTED, visit=visit or "", row=0, **{**values, "taken_on": _date(values["taken_on"]), "taken_time": _time(values["taken_time"])})


def _time(text: str) -> str:
    return "" if text == UNKNOWN_TIME else text


def _date(text: str) -> PartialDate | None:
    try:
        return PartialDate.parse(text) if text else None
    except ValueError:
        return None  # a form in progress may hold what is no date yet


def ranges_at(moment: datetime) -> Ranges:
    sites = dict(as_of(Site, moment).values_list("id", "code"))
    names = [field.name for field in dataclasses.fields(RangeFact) if field.name not in _SHARED]
    found: Ranges = defaultdict(list)
    rows = as_of(ReferenceRange, moment).filter(withdrawn=False).values_list("site_id", *names)
    for site, *values in rows.iterator(CHUNK):
        given = dict(zip(names, values, strict=True))
        days = {name: _date(given[name]) for name in ("valid_from", "valid_to")}
        line = RangeFact(id=0, submitted=True, visit="", row=0, **{**given, **days})
        found[sites.get(site, "")].append(line)
    return found


@dataclass
class Person:
    """What of a patient a result is read and graded with; equal records once."""

    demographics: facts.Demographics | None = None
    doses: dict[tuple, facts.Dose] = field(default_factory=dict)
    anticoagulants: dict[tuple, Medication] = field(default_factory=dict)
    asked: dict[tuple, MedicationAsked] = field(default_factory=dict)


_NOBODY = Person()


def _people(moment: datetime) -> dict[int, Person]:
    found: dict[int, Person] = defaultdict(Person)
    for patient, born, sex in _rows("DM", moment, "birth_date", "sex"):
        found[patient].demographics = _blank(facts.Demographics, birth_date=_date(born), sex=sex)
    for patient, *given in _rows("EC", moment, "given_on", "start_time", occurrence=DoseOccurrence.GIVEN):
        on, at = given
        found[patient].doses[on, at] = _blank(facts.Dose, occurrence=DoseOccurrence.GIVEN.value, given_on=_date(on), start_time=_time(at))
    for patient, *given in _rows("CM", moment, "intent", "started_on", "ongoing", "ended_on", drug_class=MedicationClass.ANTICOAGULANT):
        intent, start, ongoing, end = given
        found[patient].anticoagulants[tuple(given)] = _blank(
            Medication, drug_class=MedicationClass.ANTICOAGULANT.value, intent=intent, started_on=_date(start), ongoing=ongoing, ended_on=_date(end)
        )
    for patient, answer in _rows("CMYN", moment, "any_anticoagulant"):
        found[patient].asked[(answer,)] = _blank(MedicationAsked, any_anticoagulant=answer)
    return found


def _rows(code: str, moment: datetime, *names: str, **only: str) -> Iterator[tuple]:
    return as_of(registry.form(code), moment).filter(voided=False, **only).values_list("patient_id", *names).iterator(CHUNK)


def _blank(fact: type[AnyFact], **given: object) -> AnyFact:
    """A fact of which only the named values are needed."""
    empty = {each.name: "" for each in dataclasses.fields(fact) if each.name not in _SHARED and each.default is dataclasses.MISSING}
    return fact(**{**empty, **given})
