"""What the database refuses by itself, the same on SQLite and PostgreSQL.

* History and trail are append-only: no UPDATE, DELETE, REPLACE or TRUNCATE. So are audited tables whose model says
  ``written_once``, even when a history row of the change is written with it.
* A transaction that changed an audited row without writing an equal history row cannot COMMIT.

PostgreSQL has deferred constraint triggers for the second. SQLite has not, but it has deferred foreign keys: a change
leaves a row in ``audit_unaudited`` that points to a key that cannot exist, and only an equal history row removes it.

What it cannot refuse, ``check_audit`` finds: whoever owns the database can switch triggers off, and whoever may write raw
SQL can delete from ``audit_unaudited`` or write a row together with a forged history row.

The SQL is made from the models as far as the tables have their columns, so that it can stand on any schema between two
migrations. Table rebuilds on SQLite break on triggers: they are dropped before a migration and rebuilt after it.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction

PREFIX = "audit_guard"
MESSAGE = "audit trail is append-only"


@dataclass(frozen=True)
class Trigger:
    """One trigger: ``key`` is its name here, ``sql`` makes it, ``shape`` is what the database then says of it."""

    key: str
    sql: str
    shape: tuple


@dataclass(frozen=True)
class Guarded:
    """An audited table, its history table and the columns that both have."""

    base: str
    history: str
    columns: tuple[str, ...]


def _tables() -> tuple[list[str], list[Guarded]]:
    """Append-only tables, and audited tables, of those that exist now; an audited table that is written once is in both."""
    from audit.models import AppendOnly, audited_models

    existing = _columns()
    guarded = []
    for model in audited_models():
        base, history = model._meta.db_table, model.history.model._meta.db_table
        if {base, history} <= set(existing):
            shared = existing[base] & existing[history]
            names = [f.column for f in model.history.model.tracked_fields if f.column in shared]
            guarded.append(Guarded(base, history, tuple(names)))
    append = [model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)]
    append += [model._meta.db_table for model in audited_models() if model.written_once]
    return [table for table in append if table in existing] + [each.history for each in guarded], guarded


def _columns() -> dict[str, set[str]]:
    """Every table with its columns, in one question. (Django's own way parses each table's SQL: a thousand times slower.)"""
    tables: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'")
        else:
            cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()")  # fmt: skip  # noqa: E501
        for table, column in cursor.fetchall():
            tables[table].add(column)
    return tables


def _sqlite(append: list[str], guarded: list[Guarded]) -> Iterator[Trigger]:
    def trigger(table: str, what: str, event: str, body: str, when: str = "") -> Trigger:
        name = f"{PREFIX}_{table}_{what}"
        sql = f'CREATE TRIGGER "{name}" {event} ON "{table}" {when} BEGIN {body}; END'
        return Trigger(name, sql, (sql,))

    refuse = f"SELECT RAISE(ABORT, '{MESSAGE}')"
    for table in append:
        yield trigger(table, "update", "BEFORE UPDATE", refuse)
        yield trigger(table, "delete", "BEFORE DELETE", refuse)
        # INSERT OR REPLACE takes away the row that stands in the way of any unique key, and asks no DELETE trigger.
        keys = [" AND ".join(f't."{c}" = NEW."{c}"' for c in key) for key in _unique_keys(table)]
        taken = " OR ".join(f'EXISTS (SELECT 1 FROM "{table}" t WHERE {same})' for same in keys)
        yield trigger(table, "replace", "BEFORE INSERT", refuse, f"WHEN {taken}")
    for each in guarded:
        once = each.base in append  # changed and deleted it cannot be: refused above
        if not once:
            keeps = "SELECT RAISE(ABORT, 'an audited row keeps its key')"
            yield trigger(each.base, "key", "BEFORE UPDATE OF id", keeps, "WHEN OLD.id IS NOT NEW.id")
        differs = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in each.columns)
        for event, row, sign, when in (
            ("INSERT", "NEW", "+", ""),
            ("UPDATE", "NEW", "~", f"WHEN {differs}"),
            ("DELETE", "OLD", "-", ""),
        ):
            if once and event != "INSERT":
                continue
            note = f"INSERT INTO audit_unaudited (tbl, pk, op) VALUES ('{each.base}', {row}.id, '{sign}')"
            yield trigger(each.base, event.lower(), f"AFTER {event}", note, when)
        same = " AND ".join(f'b."{c}" IS NEW."{c}"' for c in each.columns)
        clear = (
            f"DELETE FROM audit_unaudited WHERE tbl = '{each.base}' AND pk = NEW.id AND op = NEW.history_type "
            f"AND (NEW.history_type = '-' OR EXISTS (SELECT 1 FROM \"{each.base}\" b WHERE {same}))"
        )
        yield trigger(each.history, "clears", "AFTER INSERT", clear)


def _unique_keys(table: str) -> list[tuple[str, ...]]:
    """The column lists of which SQLite lets no two rows of a table have the same values, primary key first."""
    with connection.cursor() as cursor:
        cursor.execute(f'PRAGMA table_info("{table}")')
        keys = [tuple(row[1] for row in cursor.fetchall() if row[5])]
        cursor.execute(f'PRAGMA index_list("{table}")')
        for name in sorted(row[1] for row in cursor.fetchall() if row[2] and not row[4]):
            cursor.execute(f'PRAGMA index_info("{name}")')
            keys.append(tuple(row[2] for row in cursor.fetchall()))
    return list(dict.fromkeys(keys))


# What pg_trigger.tgtype says: row 1, before 2, insert 4, delete 8, update 16, truncate 32.
_ROW, _TRUNCATE, _GUARD = 1 + 2 + 8 + 16, 2 + 32, 1 + 4 + 8 + 16
_REFUSE = f" BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END "


def _postgres(append: list[str], guarded: list[Guarded]) -> Iterator[Trigger]:
    refuse = f"{PREFIX}_refuse"

    def refusing(table: str, what: str, event: str, each: str, kind: int) -> Trigger:
        name = f"{PREFIX}_{what}"
        sql = (
            f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {refuse}(); '
            f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {name}'
        )
        return Trigger(f"{table}.{name}", sql, (kind, False, _REFUSE))

    for table in append:
        yield refusing(table, "row", "UPDATE OR DELETE", "ROW", _ROW)
        yield refusing(table, "truncate", "TRUNCATE", "STATEMENT", _TRUNCATE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = cursor.fetchone()[0]
    for each in guarded:
        if each.base not in append:  # else it has this trigger already
            yield refusing(each.base, "truncate", "TRUNCATE", "STATEMENT", _TRUNCATE)
        # Names with their schema: a temporary table of the same name must not be read instead.
        base, history = f'"{schema}"."{each.base}"', f'"{schema}"."{each.history}"'
        ours = ", ".join(f'b."{c}"' for c in each.columns)
        theirs = ", ".join(f'h."{c}"' for c in each.columns)
        function, name = f"{PREFIX}_{each.base}", f"{PREFIX}_history"
        # No column of a form may be called what a variable is called here.
        body = f"""
            DECLARE _key bigint := coalesce(NEW.id, OLD.id); _kind text; _same boolean; _alive boolean;
            BEGIN
              IF TG_OP = 'UPDATE' AND OLD.id <> NEW.id THEN
                RAISE EXCEPTION 'an audited row keeps its key' USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              SELECT true INTO _alive FROM {base} WHERE id = _key;
              SELECT h.history_type, NOT (ROW({ours}) IS DISTINCT FROM ROW({theirs})) INTO _kind, _same
                FROM {history} h LEFT JOIN {base} b ON b.id = h.id
                WHERE h.id = _key ORDER BY h.history_id DESC LIMIT 1;
              IF _kind IS NULL OR (_alive IS NULL) <> (_kind = '-') OR (_alive AND NOT _same) THEN
                RAISE EXCEPTION 'change of {each.base} % without audit record', _key
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NULL;
            END """
        sql = f"""CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$;
            CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON "{each.base}"
              DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}();
            ALTER TABLE "{each.base}" ENABLE ALWAYS TRIGGER {name}"""
        yield Trigger(f"{each.base}.{name}", sql, (_GUARD, True, body))


def _wanted() -> list[Trigger]:
    make = _sqlite if connection.vendor == "sqlite" else _postgres
    return list(make(*_tables()))


def _present() -> Iterator[tuple[str, str, str, tuple]]:
    """(key, name, table, shape) of our triggers in the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
            for name, table, sql in cursor.fetchall():
                if name.startswith(PREFIX):
                    yield name, name, table, (sql,)
            return
        # One that is not ENABLEd ALWAYS (A) can be passed by in replica mode, or is off: that is not its shape.
        cursor.execute(
            "SELECT tgname, relname, tgtype, tginitdeferred, prosrc, tgenabled = 'A' AND tgqual IS NULL "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid "
            "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
        )
        for name, table, kind, deferred, source, always in cursor.fetchall():
            if name.startswith(PREFIX):
                yield f"{table}.{name}", name, table, (kind, deferred, source) if always else ()


def install() -> None:
    """Put every trigger in place, old ones dropped first: their column lists may be out of date."""
    with transaction.atomic():
        uninstall()
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("CREATE TABLE IF NOT EXISTS audit_never (id INTEGER PRIMARY KEY CHECK (id IS NULL))")
                cursor.execute(
                    "CREATE TABLE IF NOT EXISTS audit_unaudited (id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, pk NOT NULL, "
                    "op TEXT NOT NULL, never INTEGER NOT NULL DEFAULT 1 "
                    "REFERENCES audit_never (id) DEFERRABLE INITIALLY DEFERRED)"
                )
            else:
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {PREFIX}_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSE}$$"
                )
            for trigger in _wanted():
                cursor.execute(trigger.sql)


def uninstall() -> None:
    """Drop every one of our triggers; what the open transaction has still to answer for is judged first."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            connection.check_constraints()  # a table with pending trigger events cannot be altered
        with connection.cursor() as cursor:
            for _, name, table, _ in _present():
                cursor.execute(f'DROP TRIGGER "{name}"' + ("" if connection.vendor == "sqlite" else f' ON "{table}"'))


def missing() -> list[str]:
    """Triggers that should be there and are not, are switched off, or are not as this program makes them."""
    present = {key: shape for key, _, _, shape in _present()}
    return sorted(trigger.key for trigger in _wanted() if present.get(trigger.key) != trigger.shape)


@contextlib.contextmanager
def lifted() -> Iterator[None]:
    """Tests and benchmarks on throw-away databases: no triggers for a while."""
    uninstall()
    try:
        yield
    finally:
        install()


def replace_asks_triggers(connection, **kwargs) -> None:
    """On SQLite, let rows that INSERT OR REPLACE takes away fire the DELETE triggers."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers = ON")


_plan: list = []


def before_migrate(plan=(), **kwargs) -> None:
    _plan[:] = plan
    if plan:
        uninstall()


def after_migrate(plan=(), **kwargs) -> None:
    from audit.rewrite import note_added_columns

    install()
    note_added_columns(plan)
    _plan.clear()


def after_failed_migrate() -> None:
    """A migration broke off: what it got done stands, and the triggers belong back."""
    from django.db.migrations.recorder import MigrationRecorder

    if not _plan:
        return  # it had not begun
    done = MigrationRecorder(connection).applied_migrations()
    after_migrate([(each, backwards) for each, backwards in _plan if (each.app_label, each.name) in done])
