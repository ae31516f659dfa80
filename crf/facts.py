"""From stored records to the frozen facts that rules read. One function for all forms."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from django.db import connection, models
from django.utils.dateparse import parse_datetime

from audit import clock
from crf import registry
from crf.fields import UNKNOWN_TIME, ClockTimeField, PartialDateField
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


def fact_from(form: type[Crf], slot: str, values: Mapping[str, str]) -> facts.Fact:
    """The fact of a record that is kept as field → canonical text (what a sent report said); what is not there is empty.

    ``slot`` is its visit, or its number in the log.
    """
    own = {name: _value(field, values.get(name)) for name, field in _attributes(form)}
    return form.fact(submitted=True, visit="" if form.is_log() else slot, row=int(slot) if form.is_log() else 0, **own)


def _value(field: object, value: object) -> object:
    if isinstance(field, PartialDateField):
        try:
            return PartialDate.parse(str(value)) if value else None
        except ValueError:
            return None  # a form in progress may hold what is no date yet
    if isinstance(field, ClockTimeField):
        return NOBODY_KNOWS if value == UNKNOWN_TIME else value or ""
    if isinstance(field, models.DecimalField):
        # The same figure whether it was just typed or read from either database, and as people write it: 10, not 10.00.
        return None if value is None else Decimal(f"{Decimal(str(value)).normalize():f}")
    if isinstance(field, models.DateTimeField):
        return _instant(value)
    if isinstance(field, models.IntegerField):
        return None if value is None else int(value)
    return value if value is not None else ""


def _instant(value: object) -> datetime | None:
    """A point in time from a model, or from the text in which either database gives it (UTC)."""
    found = value if isinstance(value, datetime) else parse_datetime(str(value)) if value else None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def patient_fact(patient: Patient) -> facts.Patient:
    site = patient.site
    return facts.Patient(
        number=patient.number, country=site.country, zone=site.time_zone,
        site_active=site.is_active_on(clock.today(site.time_zone)), enrolled_on=patient.enrolled_on,
    )  # fmt: skip


def load_case(patient: Patient, codes: Iterable[str], instead: Crf | None = None, visit: str = "") -> Case:
    """The patient's records of some forms as facts, in one query whatever their number, void ones left out.

    Among the codes may be references: what the site keeps (ranges, consent versions) and rulings on the patient.
    ``instead`` is a record as it is about to be saved: it takes the place of its stored self.
    """
    now = clock.now()
    case = Case(patient_fact(patient), facts.Clock(now, clock.today(patient.site.time_zone)))
    case.records = {code: () for code in codes}
    at_hand = instead if instead is not None and instead.code in case.records else None
    # The only record there can be of a form with one visit is the one at hand.
    wanted = [code for code in case.records if at_hand is None or code != at_hand.code or len(at_hand.visits) != 1]
    found = _stored(patient, wanted)
    for code in case.records:
        mine = found.get(code, [])
        if at_hand is not None and at_hand.code == code:
            mine = [fact for fact in mine if fact.id != at_hand.pk]
            if not at_hand.voided:
                mine.append(fact_of(at_hand, visit))
        case.records[code] = tuple(sorted(mine, key=lambda fact: fact.id or 1 << 62))
    return case


def _stored(patient: Patient, codes: Sequence[str]) -> dict[str, list[facts.Fact]]:
    """Facts by code. Plain SQL: a save reads many forms, and building model objects only to copy them would be most of its
    time. Each record comes as one JSON array of text, so that forms of different columns fit in one UNION.
    """
    if not codes:
        return {}
    owners = {"patient": patient.pk, "site": patient.site_id}
    parts = [_part(code, connection.vendor) for code in codes]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sql for sql, _ in parts), [owners[owner] for _, owner in parts])
        rows = cursor.fetchall()
    found: dict[str, list[facts.Fact]] = {}
    for code, *stored, _ in rows:
        found.setdefault(code, []).append(_read(code, *stored))
    return found


def load_cases(patients: Sequence[Patient], codes: Iterable[str]) -> list[Case]:
    """As ``load_case`` for many patients, in one query whatever their number; forms alone, no references. The patients have
    their sites read."""
    now, chosen = clock.now(), list(codes)
    cases = {
        patient.pk: Case(patient_fact(patient), facts.Clock(now, clock.today(patient.site.time_zone)), {code: () for code in chosen})
        for patient in patients
    }  # fmt: skip
    if not cases or not chosen:
        return list(cases.values())
    ids = ", ".join(str(int(pk)) for pk in cases)
    parts = [_part(code, connection.vendor)[0].replace(_OF_PATIENT, f"r.patient_id IN ({ids})") for code in chosen]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts) + " ORDER BY 2")
        for code, *stored, patient in cursor.fetchall():
            cases[patient].records[code] = (*cases[patient].records[code], _read(code, *stored))
    return list(cases.values())


_OF_PATIENT = "r.patient_id = %s"


def _read(code: str, pk: int, state: str, visit: str | None, row: int, values: object) -> facts.Fact:
    """A row of ``_part`` as the fact that it is."""
    source = registry.fact_source(code)
    given = json.loads(values) if isinstance(values, str) else values
    return source.fact(
        id=pk, submitted=state == State.SUBMITTED, visit=visit or "", row=row,
        **{name: _value(field, value) for (name, field), value in zip(_attributes(source), given, strict=True)},
    )  # fmt: skip


@functools.cache
def _part(code: str, vendor: str) -> tuple[str, str]:
    """The SELECT of one form or reference, and whose id it takes: the patient's or the site's."""
    source = registry.fact_source(code)
    columns = ", ".join(f'CAST(r."{field.column}" AS TEXT)' for _, field in _attributes(source))
    array = f"json_build_array({columns})" if vendor == "postgresql" else f"json_array({columns})"
    table = source._meta.db_table
    if issubclass(source, Crf):
        return (
            f"SELECT '{code}', r.id, r.state, v.code, r.\"row\", {array}, r.patient_id FROM \"{table}\" r "  # noqa: S608  our own names
            "LEFT JOIN patients_visit v ON v.id = r.visit_id WHERE " + _OF_PATIENT + " AND NOT r.voided"
        ), "patient"
    return f"SELECT '{code}', r.id, '{State.SUBMITTED.value}', '', 0, {array}, 0 FROM \"{table}\" r WHERE {source.standing}", source.owner  # noqa: S608, E501  # fmt: skip
