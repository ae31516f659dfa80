"""One of the processes that race in test_race.py: ``python -m tests.audit.racer NUMBER SAVES GO [unlocked]``.

Waits for the file GO, then saves SAVES times into one patient's chain, the study's chain, and one record that all want.
Prints how often somebody else was faster.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "etop_crf.settings_test"
django.setup()

from django.db import connection  # noqa: E402

from accounts.models import Site  # noqa: E402
from audit import chain  # noqa: E402
from audit.context import Actor, Stale, acting, event  # noqa: E402
from audit.models import ChainHead  # noqa: E402
from patients.models import Patient, Visit  # noqa: E402


def _unlocked(key: str):
    """The lock left out, and the gap that it closes made wide."""
    found = ChainHead.objects.filter(key=key).first()
    time.sleep(0.05)
    return found


def main(number: int, saves: int, go: Path, *how: str) -> None:
    if how:
        chain._lock = _unlocked
    connection.ensure_connection()
    actor = Actor(f"person.{number}", f"Person {number}", "Coordinator", "FR03")
    print("ready", flush=True)
    while not go.exists():
        time.sleep(0.005)
    stale = 0
    for n in range(saves):
        with acting(actor, reason=f"{n}", source="race"):
            patient = Patient.objects.get(number="FR03-001")
            if n % 2:  # the study's chain is begun first or last, it must not matter
                event(actor, "print", about=actor.username, source="race")
            Visit(patient=patient, code=f"P{number}N{n}").save()
            event(actor, "print", about=actor.username, source="race")
        while True:
            try:
                with acting(actor, reason="one more", source="race"):
                    site = Site.objects.get(code="FR03")
                    site.comment = str(int(site.comment or 0) + 1)
                    site.save()
                break
            except Stale:
                stale += 1
    print(stale)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
