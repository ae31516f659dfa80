"""What is refused before anything is served: triggers that are missing or altered, models that cannot be audited."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection, models, transaction

from audit import checks, triggers
from audit.models import AuditedModel
from tests.audit.build import is_sqlite, raw

if_sqlite = {
    "dropped": ["DROP TRIGGER audit_guard_patients_visit_update"],
    "dropped from the trail": ["DROP TRIGGER audit_guard_audit_change_replace"],
    "altered": [
        "DROP TRIGGER audit_guard_audit_change_update",
        "CREATE TRIGGER audit_guard_audit_change_update BEFORE UPDATE ON audit_change BEGIN SELECT 1; END",
    ],
    "moved to another table": [
        "DROP TRIGGER audit_guard_audit_change_delete",
        "CREATE TRIGGER audit_guard_audit_change_delete BEFORE DELETE ON audit_chainhead BEGIN SELECT 1; END",
    ],
}
if_postgresql = {
    "dropped": ["DROP TRIGGER audit_guard_history ON patients_visit"],
    "dropped from the trail": ["DROP TRIGGER audit_guard_truncate ON audit_change"],
    "switched off": ["ALTER TABLE patients_visit DISABLE TRIGGER audit_guard_history"],
    "all switched off": ["ALTER TABLE audit_change DISABLE TRIGGER ALL"],
    "not always on": ["ALTER TABLE audit_change ENABLE TRIGGER audit_guard_row"],
    "only for replicas": ["ALTER TABLE audit_change ENABLE REPLICA TRIGGER audit_guard_row"],
    "function emptied": [
        "CREATE OR REPLACE FUNCTION audit_guard_patients_visit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
    ],
    "fewer events": [
        "DROP TRIGGER audit_guard_row ON audit_change",
        "CREATE TRIGGER audit_guard_row BEFORE UPDATE ON audit_change FOR EACH ROW EXECUTE FUNCTION audit_guard_refuse()",
        "ALTER TABLE audit_change ENABLE ALWAYS TRIGGER audit_guard_row",
    ],
    "with a condition": [
        "DROP TRIGGER audit_guard_row ON audit_change",
        "CREATE TRIGGER audit_guard_row BEFORE UPDATE OR DELETE ON audit_change FOR EACH ROW WHEN (false) "
        "EXECUTE FUNCTION audit_guard_refuse()",
        "ALTER TABLE audit_change ENABLE ALWAYS TRIGGER audit_guard_row",
    ],
}


def found():
    return [each for each in run_checks(databases=["default"]) if each.id == "audit.E001"]


@pytest.mark.parametrize("name", [*if_sqlite, *if_postgresql])
def test_a_trigger_that_does_not_stand_is_an_error(db, name):
    statements = (if_sqlite if is_sqlite() else if_postgresql).get(name)
    if statements is None:
        return
    assert found() == []
    connection.check_constraints()
    with transaction.atomic():
        for sql in statements:
            raw(sql)
        [error] = found()
        assert "missing or altered" in error.msg and "migrate" in error.hint
        assert "audit.E001" not in {each.id for each in run_checks()}  # not asked about a database
        with checks.repairing():
            assert found() == []  # migrate must be able to run, to put it back
        triggers.install()
        assert found() == []
        transaction.set_rollback(True)


def test_migrate_puts_them_back(db):
    """Also past the check that would refuse to serve."""
    connection.check_constraints()
    triggers.uninstall()
    assert found()
    call_command("migrate", verbosity=0, skip_checks=False)
    assert not found()
    assert triggers.missing() == []


def test_every_model_of_the_house_is_fit():
    assert checks.audited_models() == []


def unfit(name, **values):
    """What the check says of a model made like this, beside one that is fit."""
    registry = apps.__class__(installed_apps=())
    meta = type("Meta", (), {"app_label": "specimens", "apps": registry})
    model = type(name, (models.Model,), {"__module__": __name__, "Meta": meta, **values})
    model.audited_fields = classmethod(AuditedModel.audited_fields.__func__)
    for default in ("trail_code", "unaudited", "written_once"):
        if default not in values:
            setattr(model, default, getattr(AuditedModel, default))
    return model


UNFIT = {
    "audit.E002": {"a": models.TextField()},
    "audit.E003": {"a": models.TextField(), "trail_code": "PATIENT"},
    "audit.E004": {"a": models.ManyToManyField("self"), "trail_code": "NEW"},
    "audit.E005": {"a": models.JSONField(), "trail_code": "NEW"},
    "audit.E007": {"a": models.TextField(), "trail_code": "NEW", "unaudited": ("a",), "written_once": True},
    "audit.E006": {"a": models.TextField(), "trail_code": "NEW", "unaudited": ("b",)},
}


@pytest.mark.parametrize("code", UNFIT)
def test_an_unfit_model_is_an_error(monkeypatch, code):
    from audit.models import audited_models

    every = audited_models()
    monkeypatch.setattr("audit.models.audited_models", lambda: [*every, unfit("Odd", **UNFIT[code])])
    assert [error.id for error in checks.audited_models()] == [code]


@pytest.mark.parametrize("code", ["ACCESS", "SCHEMA"])
def test_names_of_events_are_taken(monkeypatch, code):
    monkeypatch.setattr("audit.models.audited_models", lambda: [unfit("Odd", a=models.TextField(), trail_code=code)])
    assert [error.id for error in checks.audited_models()] == ["audit.E003"]
