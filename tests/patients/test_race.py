"""Numbers and the cap when many ask at the same moment, in processes of their own, on either database."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from accounts.access import actor_for
from audit import clock, examine
from patients import actions
from patients.models import Patient, Slot, SlotStatus

pytestmark = [pytest.mark.commits, pytest.mark.django_db(transaction=True)]

RACERS, CAP = 8, 3
IN_FLIGHT, PLACES = 50, 5
FULL = f"All {CAP} places of the trial are taken: no further patient can be registered."
Race = Callable[[list[dict]], list]


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


# ---- places: fifty at once ------------------------------------------------------------------------------------------


@pytest.fixture
def fifty(world) -> list[dict]:
    """What fifty people ask for at one moment: half a registration, half a place."""
    investigator = world.user("INVESTIGATOR", "FR03", "CH01")
    sites = ["FR03", "CH01"]
    registering = [world.screened(sites[n % 2]).number for n in range(IN_FLIGHT // 2)]
    holding = [world.patient(sites[n % 2]).number for n in range(IN_FLIGHT // 2)]
    acts = [("register", number) for number in registering] + [("hold", number) for number in holding]
    Random(7).shuffle(acts)
    return [{"act": act, "user": investigator.username, "number": number} for act, number in acts]


@pytest.fixture
def run_out(world) -> None:
    """Three places that were held and have run out; nobody has noted it yet."""
    by = world.user("COORDINATOR", "FR03")
    late = [world.patient("FR03") for _ in range(3)]
    with clock.set_to(clock.now() - timedelta(hours=80)):
        for patient in late:
            actions.request_slot(patient=patient, by=actor_for(by, patient.site))


def all_at_once(race, asks: list[dict], **world) -> list[str]:
    """Each of the processes lets its share of the fifty go at the one signal."""
    shares = [asks[n::RACERS] for n in range(RACERS)]
    return [outcome for share in race([{"act": "crowd", "asks": share, "cap": PLACES, **world} for share in shares]) for outcome in share]


def test_fifty_at_once_get_what_there_is(race, fifty, run_out):
    outcome = all_at_once(race, fifty)
    assert len(outcome) == IN_FLIGHT
    numbers = sorted(int(each.removeprefix("number ")) for each in outcome if re.fullmatch(r"number \d+", each))
    held = outcome.count("held")
    assert len(numbers) + held == PLACES, outcome
    refused = [each for each in outcome if re.match(r"(All 5 places|No place is free: )", each)]
    assert len(refused) == IN_FLIGHT - PLACES, outcome
    assert enrolment_numbers() == numbers == list(range(1, len(numbers) + 1))
    now = actions.places()
    assert (now.used, now.held) == (len(numbers), held)
    assert Slot.objects.filter(status=SlotStatus.EXPIRED).count() == 3
    assert list(examine.findings()) == []


def test_without_the_lock_fifty_get_too_much(race, fifty):
    """The negative control of the test above."""
    outcome = all_at_once(race, fifty, locked=False)
    now = actions.places()
    assert now.used + now.held > PLACES, outcome


def test_screening_numbers_of_one_site(race, world):
    user = world.user("COORDINATOR", "FR03").username
    outcome = race([{"act": "create", "user": user, "site": "FR03"}] * RACERS)
    assert sorted(outcome) == [f"302 /patients/FR03-{n:03d}/" for n in range(1, RACERS + 1)]
    assert list(Patient.objects.values_list("number", flat=True)) == [f"FR03-{n:03d}" for n in range(1, RACERS + 1)]
    assert list(examine.findings()) == []
