"""What the database refuses by itself, the same on SQLite and PostgreSQL.

* History and trail are append-only: no UPDATE, DELETE, REPLACE or TRUNCATE.
* A transaction that changed an audited row without writing an equal history row cannot COMMIT.

PostgreSQL has deferred constraint triggers for the second. SQLite has not, but it has deferred foreign keys: a change
leaves a row in ``audit_unaudited`` that points to a key that cannot exist, and only an equal history row removes it.

The SQL is made from the models as far as the tables have their columns, so that it can stand on any schema between two
migrations. Table rebuilds on SQLite break on triggers: they are dropped before a migration and rebuilt after it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction

PREFIX = "audit_guard"
MESSAGE = "audit trail is append-only"


@dataclass(frozen=True)
class Guarded:
    """An audited table, its history table and the columns that both have."""

    base: str
    history: str
    columns: tuple[str, ...]


def _tables() -> tuple[list[str], list[Guarded]]:
    """Append-only tables, and audited tables, of those that exist now."""
    from audit.models import AppendOnly, audited_models

    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))

        def columns(table: str) -> set[str]:
            return {column.name for column in connection.introspection.get_table_description(cursor, table)}

        guarded = []
        for model in audited_models():
            base, history = model._meta.db_table, model.history.model._meta.db_table
            if {base, history} <= existing:
                shared = columns(base) & columns(history)
                names = [f.column for f in model.history.model.tracked_fields if f.column in shared]
                guarded.append(Guarded(base, history, tuple(names)))
    append = [model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)]
    return [table for table in append if table in existing] + [each.history for each in guarded], guarded


def _sqlite(append: list[str], guarded: list[Guarded]) -> Iterator[tuple[str, str]]:
    def trigger(table: str, what: str, event: str, body: str, when: str = "") -> tuple[str, str]:
        name = f"{PREFIX}_{table}_{what}"
        return name, f'CREATE TRIGGER "{name}" {event} ON "{table}" {when} BEGIN {body}; END'

    refuse = f"SELECT RAISE(ABORT, '{MESSAGE}')"
    for table in append:
        pk = _pk(table)
        yield trigger(table, "update", "BEFORE UPDATE", refuse)
        yield trigger(table, "delete", "BEFORE DELETE", refuse)
        # INSERT OR REPLACE fires no DELETE trigger.
        yield trigger(table, "replace", "BEFORE INSERT", refuse, f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE "{pk}" = NEW."{pk}")')  # fmt: skip  # noqa: E501
    for each in guarded:
        differs = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in each.columns)
        for event, row, sign, when in (
            ("INSERT", "NEW", "+", ""),
            ("UPDATE", "NEW", "~", f"WHEN {differs}"),
            ("DELETE", "OLD", "-", ""),
        ):
            note = f"INSERT INTO audit_unaudited (tbl, pk, op) VALUES ('{each.base}', {row}.id, '{sign}')"
            yield trigger(each.base, event.lower(), f"AFTER {event}", note, when)
        same = " AND ".join(f'b."{c}" IS NEW."{c}"' for c in each.columns)
        clear = (
            f"DELETE FROM audit_unaudited WHERE tbl = '{each.base}' AND pk = NEW.id AND op = NEW.history_type "
            f"AND (NEW.history_type = '-' OR EXISTS (SELECT 1 FROM \"{each.base}\" b WHERE {same}))"
        )
        yield trigger(each.history, "clears", "AFTER INSERT", clear)


def _postgres(append: list[str], guarded: list[Guarded]) -> Iterator[tuple[str, str]]:
    for table in append:
        for what, event, each in (("row", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
            name = f"{PREFIX}_{what}"
            yield f"{table}.{name}", (
                f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {PREFIX}_refuse(); '
                f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {name}'
            )
    for each in guarded:
        ours = ", ".join(f'b."{c}"' for c in each.columns)
        theirs = ", ".join(f'h."{c}"' for c in each.columns)
        function, name = f"{PREFIX}_{each.base}", f"{PREFIX}_history"
        yield f"{each.base}.{name}", (
            f"""CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE k bigint := coalesce(NEW.id, OLD.id); kind text; same boolean; alive boolean;
            BEGIN
              SELECT true INTO alive FROM "{each.base}" WHERE id = k;
              SELECT h.history_type, NOT (ROW({ours}) IS DISTINCT FROM ROW({theirs})) INTO kind, same
                FROM "{each.history}" h LEFT JOIN "{each.base}" b ON b.id = h.id
                WHERE h.id = k ORDER BY h.history_id DESC LIMIT 1;
              IF kind IS NULL OR (alive IS NULL) <> (kind = '-') OR (alive AND NOT same) THEN
                RAISE EXCEPTION 'change of {each.base} % without audit record', k
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON "{each.base}"
              DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}();
            ALTER TABLE "{each.base}" ENABLE ALWAYS TRIGGER {name}"""
        )


def _pk(table: str) -> str:
    with connection.cursor() as cursor:
        return connection.introspection.get_primary_key_column(cursor, table)


def _wanted() -> dict[str, str]:
    make = _sqlite if connection.vendor == "sqlite" else _postgres
    return dict(make(*_tables()))


def _present() -> list[tuple[str, str]]:
    """(name, table) of our triggers in the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        else:
            # A trigger that somebody switched off counts as missing.
            cursor.execute(
                "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
            )
        return [(name, table.strip('"')) for name, table in cursor.fetchall() if name.startswith(PREFIX)]


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
                    f"CREATE OR REPLACE FUNCTION {PREFIX}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
                )
            for sql in _wanted().values():
                cursor.execute(sql)


def uninstall() -> None:
    """Drop every one of our triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name, table in _present_or_off():
            cursor.execute(f'DROP TRIGGER "{name}"' + ("" if connection.vendor == "sqlite" else f' ON "{table}"'))


def _present_or_off() -> list[tuple[str, str]]:
    if connection.vendor == "sqlite":
        return _present()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        return [(name, table.strip('"')) for name, table in cursor.fetchall() if name.startswith(PREFIX)]


def missing() -> list[str]:
    """Names of triggers that should be there and are not, or are switched off."""
    present = {name if connection.vendor == "sqlite" else f"{table}.{name}" for name, table in _present()}
    return sorted(set(_wanted()) - present)


@contextlib.contextmanager
def lifted() -> Iterator[None]:
    """Tests and benchmarks on throw-away databases: no triggers for a while."""
    uninstall()
    try:
        yield
    finally:
        install()


def before_migrate(plan=(), **kwargs) -> None:
    if plan:
        uninstall()


def after_migrate(**kwargs) -> None:
    install()
