"""From empty to head, from the oldest schema to head with rows and triggers in place, and changes of guarded tables."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from audit import triggers
from tests.audit.build import is_sqlite

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh(db, tmp_path):
    """The name of an empty database beside the one of the tests."""
    if is_sqlite():
        yield str(tmp_path / "fresh.sqlite3")
        return
    name = f"fresh_{uuid.uuid4().hex[:12]}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield name
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("what", ["upgrade", "operations"])
def test_on_a_fresh_database(fresh, what):
    run = subprocess.run(
        [sys.executable, "-m", "tests.audit.fresh", what], cwd=ROOT, env=os.environ | {"TEST_DATABASE_NAME": fresh},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert (run.returncode, run.stdout.strip()) == (0, "done"), run.stdout + run.stderr


@pytest.mark.commits
def test_a_migration_that_fails_leaves_the_triggers_in_place(transactional_db, monkeypatch):
    lifted = []

    def broken(self, *args, **kwargs):
        lifted.append(len(triggers.missing()))
        raise RuntimeError("power cut")

    monkeypatch.setattr("django.core.management.commands.migrate.MigrationExecutor.migrate", broken)
    with pytest.raises(RuntimeError):
        call_command("migrate", "exports", "zero", verbosity=0)
    assert lifted[0] > 50
    assert triggers.missing() == []


@pytest.mark.commits
def test_migrating_nothing_lifts_nothing(transactional_db, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("audit.triggers.install", lambda: None)
        call_command("migrate", verbosity=0)
        assert triggers.missing() == []
