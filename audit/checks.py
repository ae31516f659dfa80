"""System checks: triggers in place, audited models fit to be audited."""

from django.core.checks import Error
from django.db import connections


def triggers_present(app_configs=None, databases=None, **kwargs):
    """Before serving: every trigger of ``audit.triggers`` is in the database."""
    if not databases or "default" not in databases:
        return []
    from audit import triggers

    if "audit_change" not in connections["default"].introspection.table_names():
        return []  # nothing has been migrated yet
    gone = triggers.missing()
    if not gone:
        return []
    return [
        Error(
            f"{len(gone)} audit triggers are missing, the first is {gone[0]}. The database would accept silent changes.",
            hint="Run manage.py migrate, which puts them back, then manage.py check_audit.",
            id="audit.E001",
        )
    ]


def audited_models(app_configs=None, **kwargs):
    """Every audited model has a code of its own and no many-to-many field (its rows would have no history)."""
    from audit.models import audited_models as models

    problems, seen = [], {}
    for model in models():
        if not model.trail_code:
            problems.append(Error(f"{model.__name__} has no code for the trail.", obj=model, id="audit.E002"))
        elif model.trail_code in seen:
            problems.append(Error(f"{model.trail_code} names two models.", obj=model, id="audit.E003"))
        if model._meta.many_to_many:
            problems.append(Error("An audited model has no many-to-many field.", obj=model, id="audit.E004"))
        seen[model.trail_code] = model
    return problems
