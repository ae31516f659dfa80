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


def load_cases(patients: Iterable[Patient], codes: Iterable[str]) -> dict[int, Case]:
    """As ``load_case``, of many patients (by their key), in one query whatever their number. The sites must have been read."""
    now, wanted = clock.now(), tuple(codes)
    everybody = list(patients)
    found = _stored_of(everybody, wanted)
    cases = {}
    for patient in everybody:
        case = cases[patient.pk] = Case(patient_fact(patient), facts.Clock(now, clock.today(patient.site.time_zone)))
        for code in wanted:
            owner = getattr(patient, _part(code, connection.vendor)[1])
            case.records[code] = tuple(sorted(found.get((code, owner), ()), key=lambda fact: fact.id or 1 << 62))
    return cases


def _stored(patient: Patient, codes: Sequence[str]) -> dict[str, list[facts.Fact]]:
    """Facts of one patient by code."""
    return {code: found for (code, _), found in _stored_of([patient], codes).items()}


def _stored_of(patients: Sequence[Patient], codes: Sequence[str]) -> dict[tuple[str, int], list[facts.Fact]]:
    """Facts by code and owner. Plain SQL: a save reads many forms, and building model objects only to copy them would be most
    of its time. Each record comes as one JSON array of text, so that forms of different columns fit in one UNION.
    """
    if not codes or not patients:
        return {}
    owners = {name: sorted({getattr(each, name) for each in patients}) for name in ("pk", "site_id")}
    parts = [_part(code, connection.vendor) for code in codes]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(sql.replace("= %s", f"IN ({', '.join(['%s'] * len(owners[owner]))})") for sql, owner in parts),
            [key for _, owner in parts for key in owners[owner]],
        )
        rows = cursor.fetchall()
    found: dict[tuple[str, int], list[facts.Fact]] = {}
    for code, of, pk, state, visit, row, values in rows:
        source = registry.fact_source(code)
        given = json.loads(values) if isinstance(values, str) else values
        found.setdefault((code, of), []).append(source.fact(
            id=pk, submitted=state == State.SUBMITTED, visit=visit or "", row=row,
            **{name: _value(field, value) for (name, field), value in zip(_attributes(source), given, strict=True)},
        ))  # fmt: skip
    return found


@functools.cache
def _part(code: str, vendor: str) -> tuple[str, str]:
    """The SELECT of one form or reference, and whose key it takes: an attribute of the patient."""
    source = registry.fact_source(code)
    columns = ", ".join(f'CAST(r."{field.column}" AS TEXT)' for _, field in _attributes(source))
    array = f"json_build_array({columns})" if vendor == "postgresql" else f"json_array({columns})"
    table = source._meta.db_table
    if issubclass(source, Crf):
        return (
            f"SELECT '{code}', r.patient_id, r.id, r.state, v.code, r.\"row\", {array} FROM \"{table}\" r "  # noqa: S608  our own names
            "LEFT JOIN patients_visit v ON v.id = r.visit_id WHERE r.patient_id = %s AND NOT r.voided"
        ), "pk"
    owner = f"{source.owner}_id"
    return f"SELECT '{code}', r.{owner}, r.id, '{State.SUBMITTED.value}', '', 0, {array} FROM \"{table}\" r WHERE {source.standing}", _KEY[owner]  # noqa: S608, E501  # fmt: skip


_KEY = {"patient_id": "pk", "site_id": "site_id"}
