"""Writing many audited objects of one model at once: two statements, the same trail."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Case, Value, When

from audit.context import NotAudited, Stale, current
from audit.history import row
from audit.models import AuditedModel
from audit.sql import insert


def save_all(objects: Sequence[AuditedModel]) -> None:
    """Save objects of one model, all new or all stored, with history and trail. Unchanged ones are passed over.

    Raises Stale when somebody else saved one of them in between; then the caller's transaction must not go on.
    """
    if len(objects) == 1:
        return objects[0].save()  # the same two statements, made at less cost
    work = current()
    if len({(type(each), each._state.adding) for each in objects}) > 1:
        raise NotAudited("Objects saved together are of one model, and all new or all stored.")
    todo = [(each, changes) for each in objects if (changes := each.prepare(work))]
    if not todo:
        return
    model, adding = type(todo[0][0]), todo[0][0]._state.adding
    batch = [each for each, _ in todo]
    manager = model._base_manager
    if adding:
        manager.bulk_create(batch)
    else:
        # Each must still have the version that was read.
        read = Case(*(When(pk=each.pk, then=Value(each.version - 1)) for each in batch))
        touched = {"version", "changed_at"}.union(*(changes for _, changes in todo))
        names = [field.name for field in model._meta.concrete_fields if field.attname in touched]
        if manager.filter(version=read).bulk_update(batch, names) != len(batch):
            raise Stale(model.trail_code)
    insert([row(each, "+" if adding else "~") for each in batch])
    for each, changes in todo:
        each.note(work, changes)
