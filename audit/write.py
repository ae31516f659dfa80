"""Writing many audited objects of one model at once: two statements, the same trail."""

from __future__ import annotations

from collections.abc import Sequence

from audit.context import Stale, current
from audit.history import row
from audit.models import AuditedModel


def save_all(objects: Sequence[AuditedModel]) -> None:
    """Save objects of one model, all new or all stored, with history and trail. Unchanged ones are passed over.

    The caller holds a lock that keeps others from the stored ones (the patient's chain or a selected row).
    """
    work = current()
    todo = [(each, changes) for each in objects if (changes := each.prepare(work))]
    if not todo:
        return
    model, adding = type(todo[0][0]), todo[0][0]._state.adding
    batch = [each for each, _ in todo]
    manager = model._base_manager
    if adding:
        manager.bulk_create(batch)
        for each in batch:
            each._state.adding = False
    else:
        names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
        if manager.bulk_update(batch, names) != len(batch):
            raise Stale(model.trail_code)
    model.history.model._base_manager.bulk_create([row(each, "+" if adding else "~") for each in batch])
    for each, changes in todo:
        each.note(work, changes)
