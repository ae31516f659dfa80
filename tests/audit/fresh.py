"""What has to be tried on a database of its own: run as ``python -m tests.audit.fresh WHAT`` by test_migrations.py.

The environment names the database (see etop_crf/settings_test.py). Every function raises AssertionError when it fails.
"""

from __future__ import annotations

import os
import sys
import uuid
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "etop_crf.settings_test"
django.setup()

from django.apps import apps as today  # noqa: E402
from django.core.checks import run_checks  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection, migrations, models, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402

from audit import examine, triggers  # noqa: E402
from audit.chain import digest, set_hash  # noqa: E402
from audit.context import STUDY  # noqa: E402
from audit.models import Change, audited_models  # noqa: E402
from audit.rewrite import SCHEMA, migration_rewrite  # noqa: E402
from audit.values import canonical  # noqa: E402
from tests.audit.build import NOON, change, fill, raw  # noqa: E402

BOOKKEEPING = {"id", "version", "changed_at"}
NUMBER = "FR03-001"


# ---- rows with history and trail, in a schema of any age ---------------------------------------------------------------


class Loader:
    """Writes through a migration's models what the program would have written: row, history, changes, set, head."""

    def __init__(self, apps) -> None:
        self.apps = apps
        self.known: dict[str, models.Model] = {}
        self.lines: dict[str, list] = {STUDY: [], NUMBER: []}
        self.sets = {chain: uuid.uuid4() for chain in self.lines}

    def load(self) -> None:
        self.apps.get_model("audit", "Installation").objects.create(id=1, demo=True, created_at=NOON)
        with transaction.atomic():
            for model in audited_models():
                try:
                    old = self.apps.get_model(model._meta.app_label, model._meta.object_name)
                except LookupError:
                    continue  # younger than this schema
                self._record(model, old)
            for chain in self.lines:
                self._close(chain)

    def _record(self, model, old) -> None:
        row = fill(old, self.known)
        if hasattr(row, "number") and model.__name__ == "Patient":
            row.number = NUMBER
        row.version, row.changed_at = 1, NOON
        row.save(force_insert=True)
        self.known[model.__name__] = row
        self._history(model, row, {})
        before = self._texts(model, row)
        free = [f for f in self._fields(model, row) if not f.choices and not f.is_relation and not f.unique]
        texts = [f for f in free if f.get_internal_type() in ("CharField", "TextField") and f.name not in ("rule", "number")]
        if texts and not model.written_once:
            setattr(row, texts[0].attname, "zwei")
            row.version, row.changed_at = 2, NOON + timedelta(seconds=1)
            row.save(force_update=True)
            self._history(model, row, before)

    def _fields(self, model, row):
        out = BOOKKEEPING.union(model.unaudited)
        return [f for f in row._meta.concrete_fields if f.name not in out]

    def _texts(self, model, row):
        return {f.attname: canonical(f, getattr(row, f.attname)) for f in self._fields(model, row)}

    def _history(self, model, row, before) -> None:
        chain = NUMBER if model.__name__ == "Patient" or any(f.name == "patient" for f in row._meta.concrete_fields) else STUDY
        history = self.apps.get_model(model._meta.app_label, f"Historical{model._meta.object_name}")
        own = {f.attname for f in history._meta.concrete_fields}
        history(
            **{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname in own},
            history_type="~" if before else "+", history_date=row.changed_at, history_user_id="anna",
            history_change_reason="loaded", change_set_id=self.sets[chain],
        ).save(force_insert=True)  # fmt: skip
        for name, text in self._texts(model, row).items():
            if text != before.get(name):
                self.lines[chain].append((model.trail_code, str(row.pk), row.version, name, before.get(name), text, row.changed_at))

    def _close(self, chain) -> None:
        header = {
            "chain": chain, "seq": 1, "actor": "anna", "actor_name": "Anna", "role": "Coordinator", "actor_site": "FR03",
            "record_site": "FR03", "at": NOON + timedelta(minutes=1), "reason": "loaded", "source": "form", "request_id": "",
            "previous_hash": "0" * 64,
        }  # fmt: skip
        of = self.apps.get_model("audit", "ChangeSet")(id=self.sets[chain], **header)
        line = self.apps.get_model("audit", "Change")
        changes = [
            line(
                change_set_id=of.id, line=n, patient="" if chain == STUDY else chain, site="FR03", form=form, record=record,
                version=version, field=field, old=old, new=new, salt="0123456789abcdef", at=at, actor="anna",
                old_digest=digest("0123456789abcdef", old), new_digest=digest("0123456789abcdef", new),
            )
            for n, (form, record, version, field, old, new, at) in enumerate(self.lines[chain])
        ]  # fmt: skip
        of.hash = set_hash(of, changes)
        of.save(force_insert=True)
        line.objects.bulk_create(changes)
        self.apps.get_model("audit", "ChainHead")(key=chain, seq=1, hash=of.hash).save(force_insert=True)


def forbidden_writes_are_refused(known) -> None:
    """A change without record of every table, and of every history table, at COMMIT."""
    for model in audited_models():
        table, past = model._meta.db_table, model.history.model._meta.db_table
        if table not in connection.introspection.table_names() or model.__name__ not in known:
            continue
        for sql in (f'UPDATE "{table}" SET version = version + 1', f'DELETE FROM "{past}"', f'UPDATE "{past}" SET version = 9'):
            try:
                with transaction.atomic():
                    raw(sql)
            except DatabaseError:
                continue
            raise AssertionError(f"accepted: {sql}")


def stored() -> dict[str, dict[int, dict]]:
    """Every row of every audited table and its history, by column."""
    found = {}
    for model in audited_models():
        for table, pk in ((model._meta.db_table, "id"), (model.history.model._meta.db_table, "history_id")):
            if table in connection.introspection.table_names():
                with connection.cursor() as cursor:
                    cursor.execute(f'SELECT * FROM "{table}"')
                    names = [column[0] for column in cursor.description]
                    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
                found[table] = {row[pk]: row for row in rows}
    return found


def all_is_well() -> None:
    assert triggers.missing() == [], triggers.missing()
    assert [e for e in run_checks(databases=["default"]) if e.id.startswith("audit")] == []
    lines = list(examine.findings())
    assert lines == [], lines


# ---- what is tried -----------------------------------------------------------------------------------------------------


def upgrade() -> None:
    """Rows in the oldest committed schema, triggers in place, then to head."""
    loader = MigrationLoader(connection)
    ours = {model._meta.app_label for model in audited_models()} | {"audit"}
    # Every app's first migration that stands on first migrations alone: what was committed first.
    first = sorted(key for key in loader.graph.root_nodes() + list(loader.graph.nodes) if key[0] in ours and key[1].startswith("0001"))  # fmt: skip  # noqa: E501
    oldest = [key for key in dict.fromkeys(first) if all(n.startswith("0001") for app, n in loader.graph.forwards_plan(key) if app in ours)]  # fmt: skip  # noqa: E501
    for app, name in oldest:
        call_command("migrate", app, name, verbosity=0)
    assert triggers.missing() == []
    rows = Loader(MigrationLoader(connection).project_state(oldest).apps)
    rows.load()
    assert {"Patient", "Visit", "InformedConsent", "AdverseEvent", "Administration"} <= set(rows.known)
    forbidden_writes_are_refused(rows.known)
    before = stored()
    call_command("migrate", verbosity=0)
    all_is_well()
    after = stored()
    compared = 0
    for table, old in before.items():
        for key, row in old.items():
            new = after[table][key]
            shared = set(row) & set(new)
            if new["version"] == row["version"]:  # a migration that rewrites steps the version
                assert {c: row[c] for c in shared} == {c: new[c] for c in shared}, (table, key)
                compared += 1
    assert compared > 30, compared
    forbidden_writes_are_refused(rows.known)


class Schema:
    """Applies made-up migrations as ``migrate`` does."""

    def __init__(self) -> None:
        self.state = MigrationExecutor(connection).loader.project_state()

    def apply(self, app: str, *operations, noted: bool = True) -> None:
        migration = type("Migration", (migrations.Migration,), {"operations": list(operations)})("9999_made_up", app)
        plan = [(migration, False)]
        triggers.before_migrate(plan)
        assert len(triggers.missing()) > 50
        with connection.schema_editor(atomic=migration.atomic) as editor:
            self.state = migration.apply(self.state, editor)
        triggers.after_migrate(plan if noted else [])
        assert triggers.missing() == []


def both(operation, model: str, *args, **kwargs):
    """The operation on a model and on its history."""
    return operation(model, *args, **kwargs), operation(f"historical{model}", *args, **kwargs)


def operations() -> None:
    """From empty to head; then every kind of operation on guarded tables with rows in them, and rewriting of values."""
    call_command("migrate", verbosity=0)
    all_is_well()
    tables = set(connection.introspection.table_names())
    assert {model._meta.db_table for model in today.get_models() if model._meta.managed} <= tables

    schema = Schema()
    origin = today.get_model("screening", "InformedConsent")._meta.get_field("origin")
    schema.apply("screening", *both(migrations.RemoveField, "informedconsent", "origin"))
    rows = Loader(schema.state.apps)
    rows.load()
    consent = rows.known["InformedConsent"].pk
    with_origin = both(migrations.AddField, "informedconsent", "origin", origin.clone())
    without = both(migrations.RemoveField, "informedconsent", "origin")

    # A column that comes with a value: without a note in the trail it would look forged.
    schema.apply("screening", *with_origin, noted=False)
    lines = list(examine.findings())
    assert any("differs from the trail in origin" in line for line in lines), lines
    schema.apply("screening", *without)
    schema.apply("screening", *with_origin)
    all_is_well()
    note = Change.objects.get(form=SCHEMA)
    assert (note.record, note.field, note.old, note.new) == ("IC", "origin", None, "EDC")
    model = today.get_model("screening", "InformedConsent")
    change(model.objects.get(pk=consent), "found later", origin="PAPER", voided=True)
    all_is_well()
    last = Change.objects.filter(form="IC", field="origin").latest("id")
    assert (last.old, last.new) == ("EDC", "PAPER")
    with triggers.lifted():
        raw("UPDATE screening_historicalinformedconsent SET origin = 'PAPER' WHERE version = 1")
    assert any("differs from the trail in origin" in line for line in examine.findings())
    with triggers.lifted():
        raw("UPDATE screening_historicalinformedconsent SET origin = 'EDC' WHERE version = 1")

    # Every other kind, one at a time and together, on a table that others refer to.
    wide = models.CharField("visit", max_length=60)
    has_code = models.CheckConstraint(condition=~models.Q(code=""), name="visit_has_a_code")
    for kind in (
        both(migrations.AlterField, "visit", "code", wide),
        [migrations.AddConstraint("visit", has_code)],
        both(migrations.AddField, "visit", "room", models.CharField(max_length=9, default="none")),
        [migrations.AddIndex("visit", models.Index(fields=["room"], name="visit_room"))],
        both(migrations.RenameField, "visit", "room", "place"),
        [migrations.RemoveIndex("visit", "visit_room")],
        both(migrations.RemoveField, "visit", "place"),
        [migrations.RemoveConstraint("visit", "visit_has_a_code")],
        both(migrations.AddField, "visit", "room", models.IntegerField(null=True))
        + both(migrations.AlterField, "visit", "room", models.CharField(max_length=9, null=True))
        + both(migrations.RemoveField, "visit", "room"),
    ):
        schema.apply("patients", *kind)
        all_is_well()
        forbidden_writes_are_refused(rows.known)

    # Values rewritten between two alterations of the same tables, in one transaction.
    def shout(row) -> None:
        row.code = row.code.upper() + "!"

    def rewrite(apps, editor) -> None:
        done = migration_rewrite(
            apps, "patients", "Visit", shout, reason="Visit codes are written in capitals.",
            chain_of=lambda row: (row.patient.number, row.patient.site.code, "VISIT"),
        )  # fmt: skip
        again = migration_rewrite(
            apps, "patients", "Visit", lambda row: None, reason="Nothing.", chain_of=lambda row: (STUDY, "", "VISIT")
        )
        assert (done, again) == (1, 0)

    versions = today.get_model("patients", "Visit").objects.get().version
    schema.apply(
        "patients",
        *both(migrations.AlterField, "visit", "code", models.CharField("visit", max_length=70)),
        migrations.RunPython(rewrite),
        *both(migrations.AlterField, "visit", "code", models.CharField("visit", max_length=80)),
    )
    all_is_well()
    forbidden_writes_are_refused(rows.known)
    visit = today.get_model("patients", "Visit").objects.get()
    past = visit.history.latest()
    line = Change.objects.get(form="VISIT", version=versions + 1)
    assert (visit.code, visit.version, past.version, past.history_type) == ("ZWEI!", versions + 1, versions + 1, "~")
    assert (line.old, line.new, line.change_set.source, line.actor) == ("zwei", "ZWEI!", "migration", "system")
    assert past.change_set_id == line.change_set_id
    assert past.history_change_reason == line.change_set.reason == "Visit codes are written in capitals."
    change(visit, code="C1D1")
    all_is_well()

    # A value changed by a migration that takes no account of the trail does not stay hidden.
    def silently(apps, editor) -> None:
        apps.get_model("patients", "Visit").objects.update(code="C1D8")

    schema.apply("patients", migrations.RunPython(silently))
    assert [line.split(": ")[1] for line in examine.findings()] == ["changed without history in code"]


if __name__ == "__main__":
    {"upgrade": upgrade, "operations": operations}[sys.argv[1]]()
    print("done")
