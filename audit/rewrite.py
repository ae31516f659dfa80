"""For migrations: change stored values, and let the trail know of columns that came with a value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection, migrations

from audit import clock
from audit.context import STUDY, SYSTEM, Entry, acting
from audit.values import canonical, snapshot

SCHEMA = "SCHEMA"  # stands for the form in entries about columns


def migration_rewrite(apps, app_label: str, model_name: str, change: Callable, *, reason: str, chain_of: Callable) -> int:
    """Apply ``change(row)`` to every row of a historical model; returns how many it changed.

    ``change`` sets attributes in place. ``chain_of(row)`` returns (chain key, site code, form code). Triggers are down
    while migrations run, so this writes history and changes itself; ``reason`` says why, in a sentence.
    """
    model = apps.get_model(app_label, model_name)
    history = apps.get_model(app_label, f"Historical{model_name}")
    skip = {"id", "version", "changed_at"}
    fields = [f for f in model._meta.concrete_fields if f.name not in skip and f.attname in _names(history)]
    count = 0
    with acting(SYSTEM, reason=reason, source="migration") as work:
        for row in model.objects.order_by("pk"):
            before = snapshot(row, fields)
            change(row)
            after = snapshot(row, fields)
            if before == after:
                continue
            count += 1
            row.version += 1
            row.changed_at = max(clock.now(), row.changed_at + timedelta(microseconds=1))
            row.save()
            chain, site, code = chain_of(row)
            unit, patient = work.set_for(chain, site), "" if chain == STUDY else chain
            unit.note(
                *(
                    Entry(patient, site, code, str(row.pk), row.version, name, before[name], after[name], at=row.changed_at)
                    for name in after
                    if before[name] != after[name]
                )
            )
            values = {name: getattr(row, name) for name in _names(history) if hasattr(row, name)}
            history.objects.create(
                **values, history_type="~", history_date=row.changed_at, history_user_id=SYSTEM.username,
                history_change_reason=reason, change_set_id=unit.id,
            )  # fmt: skip
    if connection.vendor == "postgresql":
        connection.check_constraints()  # PostgreSQL alters no table that has pending trigger events
    return count


def note_added_columns(plan) -> None:
    """A column added with a value gave it to every row and history row that was there; the trail says so, once.

    Such an entry has the model's code as its record and the last history row of that moment as its version, so that
    ``examine`` knows which records had the value from the beginning.
    """
    from audit.models import audited_models

    models = {(model._meta.app_label, model._meta.model_name): model for model in audited_models()}
    added = [
        (models[migration.app_label, operation.model_name_lower], operation.name)
        for migration, backwards in plan
        for operation in migration.operations
        if not backwards
        and isinstance(operation, migrations.AddField)
        and (migration.app_label, operation.model_name_lower) in models
    ]
    entries = []
    for model, name in added:
        field = next((each for each in model.audited_fields() if each.name == name), None)
        past = model.history.model._base_manager.order_by("history_id")
        first = past.first() if field else None
        value = canonical(field, getattr(first, field.attname)) if first else None
        if value is not None:
            entries.append(Entry("", "", SCHEMA, model.trail_code, past.last().history_id, field.attname, None, value))
    if entries:
        with acting(SYSTEM, reason="A new question came with an answer for the records that were there.", source="migration") as work:  # fmt: skip  # noqa: E501
            work.set_for(STUDY, "").note(*entries)


def _names(model) -> set[str]:
    return {field.attname for field in model._meta.concrete_fields}
