"""From a migrated database to a demo: its mark, the study, accounts, sites, and a simulated trial."""

from __future__ import annotations

from datetime import datetime

from accounts.actions import load_sites
from audit import clock
from audit.models import Installation
from demo import trial
from patients.actions import load_study
from patients.models import Patient


class NotForDemo(Exception):
    """The database is not one that may be filled with simulated data; the message says why."""


def prepare() -> None:
    """Mark an empty database as DEMO and load study and sites, at the time the simulated trial is prepared.

    Raises NotForDemo when it is real. What is there already stays as it is.
    """
    if not Installation.objects.exists():
        # The mark first: only then may the clock be set.
        Installation.objects.create(id=1, demo=True, created_at=clock.now())
    refuse_unless_demo()
    with clock.set_to(trial.preparation()):
        load_study(demo=True)
        load_sites()


def build(*, patients: int, seed: int, until: datetime) -> int:
    """Make a demo of a migrated database without patients; returns how many were screened up to ``until``.

    Raises NotForDemo when the database is real, or holds patients.
    """
    prepare()
    refuse_unless_empty_demo()
    return trial.simulate(patients=patients, seed=seed, until=until)


def refuse_unless_empty_demo() -> None:
    """NotForDemo unless the database is marked DEMO and holds no patient."""
    refuse_unless_demo()
    if Patient.objects.exists():
        raise NotForDemo("This database holds patients already: a trial is simulated into one that has none.")


def refuse_unless_demo() -> None:
    """NotForDemo unless the database is marked DEMO."""
    if not Installation.is_demo():
        raise NotForDemo("This database is not marked DEMO: nothing simulated is written to it, and it has no demo accounts.")
