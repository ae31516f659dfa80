"""One of the processes that race each other: reads acts from stdin as JSON, one a line, and says what became of them.

Before each act it says "ready" and waits for a line, so that all start together. A crowd is several acts at once, each in
a thread with a connection of its own. The trial's cap for the race, and a world without the lock, exist in this process
alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

os.environ["DJANGO_SETTINGS_MODULE"] = "etop_crf.settings_test"

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from accounts.models import User  # noqa: E402
from patients import actions  # noqa: E402
from patients.models import Study  # noqa: E402
from protocol import parameters  # noqa: E402
from screening.actions import NotEligible, hold_place, register_patient  # noqa: E402
from tests.conftest import PASSWORD  # noqa: E402

PAUSE = 0.5  # seconds between counting and writing in the world without the lock


@contextlib.contextmanager
def without_the_lock() -> Iterator[None]:
    """The study is read and not locked, and counting and writing lie apart.

    On SQLite a write transaction is alone from its first statement, so there the count must be taken before it.
    """
    count = actions.places
    before = count() if connection.vendor == "sqlite" else None

    def slowly(but=None) -> actions.Places:
        if before is not None:
            return before
        found = count(but)
        time.sleep(PAUSE)
        return found

    with mock.patch.object(actions, "lock_study", lambda: Study.objects.get()), mock.patch.object(actions, "places", slowly):
        if before is not None:
            time.sleep(PAUSE)  # until every process has counted
        yield


@contextlib.contextmanager
def world_of(cap: int, locked: bool) -> Iterator[None]:
    with parameters.override(enrolment_cap=cap), contextlib.nullcontext() if locked else without_the_lock():
        yield


def register(user: str, number: str, cap: int, locked: bool = True) -> str:
    with world_of(cap, locked):
        return _register(user, number)


def _register(user: str, number: str) -> str:
    try:
        patient = register_patient(user=User.objects.get(username=user), number=number, password=PASSWORD)
    except NotEligible as refusal:
        return f"not eligible: {[point.sentence for point in refusal.unmet]} {refusal.said}"
    except actions.Refused as refusal:
        return str(refusal)
    return f"number {patient.enrolment_number}"


def _hold(user: str, number: str) -> str:
    try:
        hold_place(user=User.objects.get(username=user), number=number)
    except actions.Refused as refusal:
        return str(refusal)
    return "held"


def crowd(asks: list[dict], cap: int, locked: bool = True) -> list[str]:
    """Many acts at once; what became of each, in order."""
    start = threading.Barrier(len(asks))

    def one(ask: dict) -> str:
        start.wait()
        try:
            return {"hold": _hold, "register": _register}[ask["act"]](ask["user"], ask["number"])
        except Exception as error:  # what the race breaks is what the test wants to hear of
            return type(error).__name__
        finally:
            connection.close()

    with world_of(cap, locked), ThreadPoolExecutor(len(asks)) as people:
        return list(people.map(one, asks))


def create(user: str, site: str) -> str:
    """Through the page, as the coordinator does."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=user))
    response = client.post(reverse("new_patient"), {"site": site})
    return f"{response.status_code} {response.headers.get('Location', '')}"


ACTS: dict[str, Callable[..., object]] = {"register": register, "create": create, "crowd": crowd}


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        act = ACTS[asked.pop("act")]
        connection.ensure_connection()
        print("ready", flush=True)  # noqa: T201
        sys.stdin.readline()
        try:
            outcome = act(**asked)
        except Exception as error:  # what the race breaks is what the test wants to hear of
            outcome = type(error).__name__
        connection.close()
        print(json.dumps(outcome), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
