"""What needs no database of the tests: who comes when, and that the same seed tells the same story again."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from demo import trial
from demo.workdays import is_working_day, last_working_day, working_day

ROOT = Path(__file__).resolve().parents[2]
END = datetime(2028, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.nodb


def environment(database: Path, **more: str) -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if key != "TEST_DATABASE_URL"}
    return env | {"TEST_DATABASE_NAME": str(database), "DJANGO_SETTINGS_MODULE": "etop_crf.settings_test", **more}


def start(database: Path, *arguments: str, hashseed: str) -> subprocess.Popen:
    """A process of its own that builds a trial in a migrated database and prints all that it wrote."""
    env = environment(database, PYTHONHASHSEED=hashseed, PYTHONPATH=str(ROOT))
    command = [sys.executable, str(Path(__file__).with_name("dump.py")), *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read(processes: list[subprocess.Popen]) -> list[dict]:
    """What they printed, once all have ended."""
    outputs = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), outputs[0][1][-2000:]
    return [json.loads(printed) for printed, _ in outputs]


@pytest.fixture
def migrated(tmp_path) -> Path:
    """A database with the schema and nothing in it: migrating costs more than a small trial."""
    path = tmp_path / "empty.sqlite3"
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment(path), check=True, capture_output=True, timeout=300)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def test_the_same_seed_gives_the_same_data(tmp_path, migrated):
    copies = [shutil.copy(migrated, tmp_path / f"{n}.sqlite3") for n in (1, 2, 3)]
    runs = [
        start(copy, "3", seed, "2026-07-25", hashseed=str(n))
        for n, (copy, seed) in enumerate(zip(copies, ["7", "7", "8"], strict=True), start=1)
    ]
    one, two, other = read(runs)
    assert one["EC"] and one["QUERY"] and one["trail"]
    for code, rows in one.items():
        assert rows == two[code], code
    assert one["EC"] != other["EC"]


def test_the_first_are_as_many_stories_at_eight_sites_or_more():
    assert len({part.story for part in trial.CAST}) == len(trial.CAST) == 14
    assert len({part.site for part in trial.CAST[:12]}) >= 8


@pytest.mark.parametrize("seed", range(10))
def test_further_patients_come_to_sites_that_are_active(seed):
    parts = trial.cast(48, seed, END)
    assert parts[:14] == list(trial.CAST) and len(parts) == 48
    assert all(part.day(END.date()) > trial.activations()[part.site] for part in parts)
    assert parts[-1].day(END.date()) < END.date()
    assert all(part.traits is None for part in parts[14:]), "drawn when they come"


@pytest.mark.parametrize("until", [trial.START, date(2026, 6, 15), date(2026, 11, 20), date(2028, 1, 1)])
def test_who_comes_before_the_end_finds_the_site_open(until):
    late = [part for part in trial.CAST if part.arrival < 0]
    assert late
    for part in late:
        assert part.day(until) > trial.activations()[part.site]
        soonest = trial.activations()[part.site] + timedelta(days=1)
        assert part.day(until) == max(until + timedelta(days=part.arrival), soonest)


@pytest.mark.parametrize("patients", [1, 5, 12, 14])
def test_fewer_patients_are_the_first_ones(patients):
    assert trial.cast(patients, 3, END) == list(trial.CAST[:patients])


def test_everybody_comes_in_time_when_recruitment_is_short():
    end = datetime(2026, 11, 20, tzinfo=UTC)
    drawn = trial.cast(48, 1, end)[14:]
    assert max(part.day(end.date()) for part in drawn) <= end.date() - timedelta(days=21)


def test_sites_are_activated_one_after_the_other_on_working_days():
    days = trial.activations()
    assert len(days) == 19 and min(days.values()) == trial.START == date(2026, 6, 1)
    assert all(is_working_day(day) for day in days.values()) and len(set(days.values())) == 19


@pytest.mark.parametrize(
    ("day", "works"),
    [(date(2026, 9, 11), date(2026, 9, 11)), (date(2026, 9, 12), date(2026, 9, 14)),
     (date(2026, 12, 25), date(2026, 12, 28)), (date(2027, 1, 1), date(2027, 1, 4))],
)  # fmt: skip
def test_working_days(day, works):
    assert working_day(day) == works


@pytest.mark.parametrize(
    ("day", "worked"),
    [(date(2026, 9, 11), date(2026, 9, 11)), (date(2026, 9, 13), date(2026, 9, 11)),
     (date(2026, 12, 26), date(2026, 12, 24)), (date(2027, 1, 1), date(2026, 12, 31))],
)  # fmt: skip
def test_the_last_working_day(day, worked):
    assert last_working_day(day) == worked
