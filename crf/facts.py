"""From stored records to the frozen facts that rules read. One function for all forms."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from decimal import Decimal

from django.db import connection

from audit import clock
from crf import registry
from crf.fields import UNKNOWN_TIME, ClockTimeField, NumberField, PartialDateField
from crf.models import Crf, State
from patients.models import Patient
from protocol import facts
from protocol.dates import PartialDate
from protocol.engine import Case


class Unknown(str):
    """An answer that says nobody knows: '' to a rule that compares, and yet an answer to the rule that asks for one."""

    def __repr__(self) -> str:
        return "'UNK'"


NOBODY_KNOWS = Unknown("")


@functools.cache
def _attributes(form: type[Crf]) -> tuple[tuple[str, object], ...]:
    """(attribute, model field) of the form's fact, without those that every fact has."""
    shared = {field.name for field in dataclasses.fields(facts.Fact)}
    names = [field.name for field in dataclasses.fields(form.fact) if field.name not in shared]
    return tuple((name, form._meta.get_field(name)) for name in names)


def fact_of(record: Crf, visit: str | None = None) -> facts.Fact:
    """The fact that a record yields; ``visit`` saves a query when the caller knows its code."""
    if visit is None:
        visit = record.visit.code if record.visit_id else ""
    values = {name: _value(field, getattr(record, name)) for name, field in _attributes(type(record))}
    return record.fact(
        id=record.pk, submitted=record.state == State.SUBMITTED, visit=visit, row=record.row, **values
    )


def _value(field: object, value: object) -> object:
    if isinstance(field, PartialDateField):
        try:
            return PartialDate.parse(str(value)) if value else None
        except ValueError:
            return None  # a form in progress may hold what is no date yet
    if isinstance(field, ClockTimeField):
        return NOBODY_KNOWS if value == UNKNOWN_TIME else value or ""
    if isinstance(field, NumberField):
        # The same figure whether it was just typed or read from either database, and as people write it: 10, not 10.00.
        return None if value is None else Decimal(f"{Decimal(str(value)).normalize():f}")
    return value if value is not None else ""


def patient_fact(patient: Patient) -> facts.Patient:
    site = patient.site
    return facts.Patient(
        number=patient.number, country=site.country, zone=site.time_zone,
        site_active=site.is_active_on(clock.today(site.time_zone)), enrolled_on=patient.enrolled_on,
    )  # fmt: skip


def load_case(patient: Patient, codes: Iterable[str], instead: Crf | None = None, visit: str = "") -> Case:
    """The patient's records of some forms as facts, one query a form, void ones left out.

    ``instead`` is a record as it is about to be saved: it takes the place of its stored self.
    """
    now = clock.now()
    case = Case(patient_fact(patient), facts.Clock(now, clock.today(patient.site.time_zone)))
    with connection.cursor() as cursor:
        for code in codes:
            form = registry.form(code)
            at_hand = instead if instead is not None and instead.code == code else None
            if at_hand is not None and len(form.visits) == 1:
                case.records[code] = () if at_hand.voided else (fact_of(at_hand, visit),)
                continue  # the only record there can be is the one at hand
            found = [fact for fact in _stored(cursor, form, patient.pk) if at_hand is None or fact.id != at_hand.pk]
            if at_hand is not None and not at_hand.voided:
                found.append(fact_of(at_hand, visit))
            case.records[code] = tuple(sorted(found, key=lambda fact: fact.id or 1 << 62))
    return case


def _stored(cursor, form: type[Crf], patient: int) -> list[facts.Fact]:
    """Plain SQL: a save reads up to eight forms, and building model objects only to copy them would be most of its time."""
    cursor.execute(_sql(form), [patient])
    return [
        form.fact(
            id=pk, submitted=state == State.SUBMITTED, visit=visit or "", row=row,
            **{name: _value(field, value) for (name, field), value in zip(_attributes(form), values, strict=True)},
        )
        for pk, state, visit, row, *values in cursor.fetchall()
    ]  # fmt: skip


@functools.cache
def _sql(form: type[Crf]) -> str:
    columns = "".join(f', r."{field.column}"' for _, field in _attributes(form))
    return (
        f'SELECT r.id, r.state, v.code, r."row"{columns} FROM "{form._meta.db_table}" r '  # noqa: S608  our own names
        "LEFT JOIN patients_visit v ON v.id = r.visit_id WHERE r.patient_id = %s AND NOT r.voided ORDER BY r.id"
    )
