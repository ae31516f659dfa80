"""Numbers and the cap when many ask at the same moment, in processes of their own, on either database."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from audit import examine
from patients.models import Patient

pytestmark = [pytest.mark.commits, pytest.mark.django_db(transaction=True)]

RACERS, CAP = 8, 3
FULL = f"All {CAP} places of the trial are taken: no further patient can be registered."
Race = Callable[[list[dict]], list[str]]


@pytest.fixture(scope="module")
def race(django_db_setup) -> Iterator[Race]:
    """Give each process one act; all start at one signal; returns what became of each."""
    environment = os.environ | {"TEST_DATABASE_NAME": str(connection.settings_dict["NAME"])}
    racers = [
        subprocess.Popen([sys.executable, "-m", "tests.patients.racer"], cwd=Path(__file__).parents[2], env=environment,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(RACERS)
    ]  # fmt: skip

    def say(racer: subprocess.Popen, line: str) -> None:
        racer.stdin.write(line + "\n")
        racer.stdin.flush()

    def run(acts: list[dict]) -> list[str]:
        for racer, act in zip(racers, acts, strict=True):
            say(racer, json.dumps(act))
        for racer in racers:
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            say(racer, "go")
        return [json.loads(racer.stdout.readline()) for racer in racers]

    yield run
    for racer in racers:
        racer.stdin.close()
    for racer in racers:
        racer.wait(timeout=30)
        racer.stdout.close()


@pytest.fixture
def eight(world) -> tuple[str, list[str]]:
    """Eight patients who may be registered, over two sites, and the investigator of both."""
    investigator = world.user("INVESTIGATOR", "FR03", "CH01")
    return investigator.username, [world.screened("FR03" if n % 2 else "CH01").number for n in range(RACERS)]


def enrolment_numbers() -> list[int]:
    return list(Patient.objects.exclude(enrolment_number=None).order_by("enrolment_number").values_list("enrolment_number", flat=True))


def test_the_cap_holds_when_all_ask_at_once(race, eight):
    user, numbers = eight
    outcome = race([{"act": "register", "user": user, "number": number, "cap": CAP} for number in numbers])
    assert Counter(outcome) == {"number 1": 1, "number 2": 1, "number 3": 1, FULL: RACERS - CAP}
    assert enrolment_numbers() == [1, 2, 3]
    assert list(examine.findings()) == []


def test_one_patient_is_registered_once(race, eight):
    user, numbers = eight
    outcome = race([{"act": "register", "user": user, "number": numbers[0], "cap": CAP}] * RACERS)
    assert outcome.count("number 1") == 1
    assert sum("registered" in each and "already" in each for each in outcome) == RACERS - 1, outcome
    assert enrolment_numbers() == [1]


def test_without_the_lock_the_race_is_lost(race, eight):
    """The negative control: it shows that the two tests above can fail."""
    user, numbers = eight
    outcome = race([{"act": "register", "user": user, "number": number, "cap": CAP, "locked": False} for number in numbers])
    given = [each for each in outcome if re.fullmatch(r"number \d+", each)]
    collided = outcome.count("IntegrityError")
    assert collided or len(given) > CAP or len(set(given)) < len(given), outcome


def test_screening_numbers_of_one_site(race, world):
    user = world.user("COORDINATOR", "FR03").username
    outcome = race([{"act": "create", "user": user, "site": "FR03"}] * RACERS)
    assert sorted(outcome) == [f"302 /patients/FR03-{n:03d}/" for n in range(1, RACERS + 1)]
    assert list(Patient.objects.values_list("number", flat=True)) == [f"FR03-{n:03d}" for n in range(1, RACERS + 1)]
    assert list(examine.findings()) == []
