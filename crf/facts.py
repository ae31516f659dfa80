"""From stored records to the frozen facts that rules read. One function for all forms."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from decimal import Decimal

from audit import clock
from crf import registry
from crf.fields import UNKNOWN_TIME, ClockTimeField, NumberField, PartialDateField
from crf.models import Crf, State
from patients.models import Patient
from protocol import facts
from protocol.dates import PartialDate
from protocol.engine import Case


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
        return "" if value in (None, UNKNOWN_TIME) else value
    if isinstance(field, NumberField):
        return _plain(value)
    return value if value is not None else ""


def _plain(number: object) -> object:
    """The same number in the same digits before and after it is stored: 10, not 10.00 or 1E+1."""
    return Decimal(f"{number.normalize():f}") if isinstance(number, Decimal) else number


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
    for code in codes:
        form = registry.form(code)
        if instead is not None and code == instead.code and not form.is_log() and len(form.visits) == 1:
            case.records[code] = () if instead.voided else (fact_of(instead, visit),)
            continue  # the only record there can be is the one at hand
        stored = form.objects.filter(patient=patient, voided=False).select_related("visit").order_by("id")
        found = [fact_of(record) for record in stored if not (_is(instead, code) and record.pk == instead.pk)]
        if _is(instead, code) and not instead.voided:
            found.append(fact_of(instead, visit))
        case.records[code] = tuple(sorted(found, key=lambda fact: fact.id or 1 << 62))
    return case


def _is(instead: Crf | None, code: str) -> bool:
    return instead is not None and instead.code == code
