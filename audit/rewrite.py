"""For data migrations: change stored values and leave the same trail as any other change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from audit import clock
from audit.context import STUDY, SYSTEM, acting
from audit.values import snapshot


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
            unit = work.set_for(chain, site)
            for name in after:
                if before[name] != after[name]:
                    unit.entries.append(_entry(chain, site, code, row, name, before[name], after[name]))
            values = {name: getattr(row, name) for name in _names(history) if hasattr(row, name)}
            history.objects.create(
                **values, history_type="~", history_date=row.changed_at, history_user_id=SYSTEM.username,
                history_change_reason=reason, change_set_id=unit.id,
            )  # fmt: skip
    return count


def _entry(chain, site, code, row, name, old, new):
    from audit.context import Entry

    return Entry("" if chain == STUDY else chain, site, code, str(row.pk), row.version, name, old, new)


def _names(model) -> set[str]:
    return {field.attname for field in model._meta.concrete_fields}
