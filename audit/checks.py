"""System checks: triggers in place, audited models fit to be audited."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from django.core.checks import Error
from django.db import connections, models

_repairing: ContextVar[bool] = ContextVar("repairing", default=False)
# The canonical text of a value, and whether it was changed in place, are not certain for these.
UNFIT = (models.JSONField, models.BinaryField)


@contextlib.contextmanager
def repairing() -> Iterator[None]:
    """For the command that puts the triggers in place itself."""
    token = _repairing.set(True)
    try:
        yield
    finally:
        _repairing.reset(token)


def triggers_present(app_configs=None, databases=None, **kwargs):
    """Before serving: every trigger of ``audit.triggers`` is in the database."""
    if not databases or "default" not in databases or _repairing.get():
        return []
    from audit import triggers

    if "audit_change" not in connections["default"].introspection.table_names():
        return []  # nothing has been migrated yet
    gone = triggers.missing()
    if not gone:
        return []
    return [
        Error(
            f"{len(gone)} audit triggers are missing or altered, the first is {gone[0]}. "
            "The database would accept silent changes.",
            hint="Run manage.py migrate, which puts them back, then manage.py check_audit.",
            id="audit.E001",
        )
    ]


def audited_models(app_configs=None, **kwargs):
    """Every audited model has a code of its own, no many-to-many field (its rows would have no history), no unfit one."""
    from audit.models import audited_models as every

    problems, seen = [], {"ACCESS": None, "SCHEMA": None}  # what the trail calls events that belong to no record
    for model in every():
        if not model.trail_code:
            problems.append(Error(f"{model.__name__} has no code for the trail.", obj=model, id="audit.E002"))
        elif model.trail_code in seen:
            problems.append(Error(f"{model.trail_code} names two models.", obj=model, id="audit.E003"))
        if model._meta.many_to_many:
            problems.append(Error("An audited model has no many-to-many field.", obj=model, id="audit.E004"))
        for field in model.audited_fields():
            if isinstance(field, UNFIT):
                problems.append(Error(f"{field.name} is of a kind that the trail cannot compare.", obj=model, id="audit.E005"))
        if model.written_once and model.unaudited:
            problems.append(Error("What is written once has no field that changes outside the trail.", obj=model, id="audit.E007"))
        for name in set(model.unaudited) - {field.name for field in model._meta.concrete_fields}:
            problems.append(Error(f"{name}, left out of the trail, is no field.", obj=model, id="audit.E006"))
        seen[model.trail_code] = model
    return problems
