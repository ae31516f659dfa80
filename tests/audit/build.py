"""Rows for the tests of the audit: generic, so that a new form or field is covered on the day it is added."""

from __future__ import annotations

import contextlib
import io
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from accounts.models import Site
from audit import triggers
from audit.context import Actor, acting
from audit.models import AppendOnly, audited_models
from patients.models import Patient, Visit

ANNA = Actor("anna.leroy", "Anna Leroy", "Site coordinator", "FR03")
OTTO = Actor("otto.weiss", "Otto Weiß", "Investigator", "FR03")
NOON = datetime(2026, 6, 10, 12, 0, 0, 5, tzinfo=UTC)


def acts(reason: str = "", actor: Actor = ANNA):
    return acting(actor, reason=reason, source="test")


def a_patient(number: str = "FR03-001") -> Patient:
    with acts():
        patient = Patient(site=Site.objects.get(code="FR03"), number=number)
        patient.save()
    return patient


def a_visit(patient: Patient | None = None, code: str = "SCR") -> Visit:
    with acts():
        visit = Visit(patient=patient or a_patient(), code=code)
        visit.save()
    return visit


def a_consent(visit: Visit, **values):
    from screening.models import InformedConsent

    with acts():
        consent = InformedConsent(
            patient=visit.patient, visit=visit, entry_token=uuid.uuid4(), **{"patient_signed_on": "2026-06-01", **values}
        )
        consent.save()
    return consent


def change(record, reason: str = "as in the source", actor: Actor = ANNA, **values):
    """Change a stored record as everybody should."""
    with acts(reason, actor):
        for name, value in values.items():
            setattr(record, name, value)
        record.save()
    return record


def raw(sql: str, *params) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


# ---- any row of any model ----------------------------------------------------------------------------------------------

PLAIN = {
    "PartialDateField": "2026-03", "ClockTimeField": "10:30", models.UUIDField: uuid.UUID(int=7), models.BooleanField: True,
    models.DateTimeField: NOON, models.DateField: date(2026, 6, 10), models.TimeField: time(10, 30),
    models.DecimalField: Decimal("1.5"), models.FloatField: 1.5, models.JSONField: {}, models.IntegerField: 3,
}  # fmt: skip
SPECIAL = {  # what a CHECK constraint asks for
    ("Study", "id"): 1, ("Site", "activated_on"): date(2026, 6, 1), ("Membership", "role"): "COORDINATOR",
    ("Deviation", "category"): "", ("Deviation", "description"): "",  # it is proposed
    ("Deviation", "breach"): "REPORTED", ("Deviation", "safety_question"): "MEDICATION ERROR",
}  # fmt: skip


def value_of(field: models.Field, name: str):
    """A value that fits the field, whatever it is."""
    if (name, field.name) in SPECIAL:
        return SPECIAL[name, field.name]
    for kind, value in PLAIN.items():
        if type(field).__name__ == kind or (not isinstance(kind, str) and isinstance(field, kind)):
            return value
    if field.choices:
        return next(value for value, _ in field.flatchoices if value)
    return f"{field.name} Ünïcode"[: field.max_length or 100]


def fill(model: type[models.Model], known: dict[str, models.Model], skip: tuple[str, ...] = ()) -> models.Model:
    """An unsaved row of a model (also a migration's), every column filled; relations to the rows in ``known``, by model."""
    values = {}
    for field in model._meta.concrete_fields:
        if field.primary_key and (model._meta.object_name, field.name) not in SPECIAL or field.name in skip:
            continue
        if field.is_relation:
            other = known.get(field.related_model._meta.object_name)
            values[field.attname] = other.pk if other is not None else None
        else:
            values[field.attname] = value_of(field, model._meta.object_name)
    return model(**values)


def one_of_each() -> dict[str, models.Model]:
    """A record of every audited model, saved as it should be; by model name."""
    known: dict[str, models.Model] = {}
    for model in audited_models():
        with acts():
            found = model.objects.first() if model.__name__ == "Study" else None
            record = found or fill(model, known, skip=("version", "changed_at"))
            if found is None and hasattr(record, "record_order"):
                record.record_order = 900
            if found is None:
                record.save()
            known[model.__name__] = record
    return known


def append_only_rows() -> list[type[models.Model]]:
    """Every append-only model, with at least one row in each."""
    from audit import examine

    one_of_each()
    examine.seal()
    known: dict[str, models.Model] = {}
    for model in apps.get_models():
        if issubclass(model, AppendOnly):
            if not model.objects.exists():
                fill(model, known).save(force_insert=True)
            known[model.__name__] = model.objects.first()
    kept = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    return kept + [model.history.model for model in audited_models()]


# ---- behind the application's back -------------------------------------------------------------------------------------


@contextlib.contextmanager
def behind_its_back(*statements):
    """Run raw SQL with triggers lifted and foreign keys not asked; afterwards everything is as if it had not been."""
    with transaction.atomic():
        triggers.uninstall()
        if not is_sqlite():
            raw("SET LOCAL session_replication_role = replica")
        for each in statements:
            each() if callable(each) else raw(*each) if isinstance(each, tuple) else raw(each)
        if not is_sqlite():
            raw("SET LOCAL session_replication_role = origin")
        yield
        transaction.set_rollback(True)


def check_audit(*options) -> list[str]:
    """What manage.py check_audit says: no line when all is well; it fails when and only when there is one."""
    out = io.StringIO()
    try:
        call_command("check_audit", *options, stdout=out)
    except CommandError as error:
        lines = out.getvalue().splitlines()
        assert str(error).startswith(f"{len(lines)} finding"), (error, lines)
        return lines
    assert out.getvalue() == "The trail is whole.\n"
    return []
