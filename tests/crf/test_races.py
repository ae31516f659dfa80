"""Separate processes that really save at the same moment, on the database in use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from audit import examine
from crf import registry
from patients.models import Visit
from tests.crf.page import Page, read

pytestmark = [pytest.mark.commits, pytest.mark.django_db(transaction=True)]
RACERS = 3
DAY = "2026-06-10"


def race(folder: Path, jobs: list[tuple]) -> list[dict]:
    """Post all (user, url, data) at the same moment, each from a process of its own; returns status and url of each."""
    environment = {**os.environ, "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"])}
    program, go, running = Path(__file__).with_name("racer.py"), folder / "go", []
    for n, (user, url, data) in enumerate(jobs):
        process = subprocess.Popen(
            [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment,
        )  # fmt: skip
        ready = folder / f"ready-{n}"
        job = {"root": str(settings.BASE_DIR), "username": user.username, "url": url, "data": data, "ready": str(ready), "go": str(go)}
        process.stdin.write(json.dumps(job))
        process.stdin.close()
        process.stdin = None
        running.append((process, ready))
    deadline = time.monotonic() + 60
    while not all(ready.exists() or process.poll() is not None for process, ready in running):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    go.touch()
    answers = []
    for process, _ in running:
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
        answers.append(json.loads(out))
    return answers


def statuses(answers) -> Counter:
    return Counter(answer["status"] for answer in answers)


@pytest.fixture
def people(world):
    return [world.user("COORDINATOR", "FR03", username=f"coordinator.{n}") for n in range(RACERS)]


@pytest.fixture
def patient(world):
    return world.patient()


def test_a_new_visit_form_saved_by_all_at_once(world, people, patient, tmp_path):
    url = reverse("record", args=[patient.number, "IC", "SCR"])
    pages = [Page(world, user, patient, "IC", "SCR").fill(icf_version=f"by {n}") for n, user in enumerate(people)]
    answers = race(tmp_path, [(user, url, {**page.read.data, "action": "save"}) for user, page in zip(people, pages, strict=True)])
    assert statuses(answers) == {302: 1, 409: RACERS - 1}
    record = registry.form("IC").objects.get(patient=patient)
    assert record.version == 1
    assert Visit.objects.filter(patient=patient).count() == 1
    assert list(examine.findings()) == []


def test_a_stored_form_changed_by_all_at_once(world, people, patient, tmp_path):
    world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1.0")
    url = reverse("record", args=[patient.number, "IC", "SCR"])
    pages = [Page(world, user, patient, "IC", "SCR").fill(icf_version=f"by {n}") for n, user in enumerate(people)]
    more = {"action": "submit", "change_reason": "Read again"}
    answers = race(tmp_path, [(user, url, {**page.read.data, **more}) for user, page in zip(people, pages, strict=True)])
    assert statuses(answers) == {302: 1, 409: RACERS - 1}
    record = registry.form("IC").objects.get(patient=patient)
    assert record.version == 2
    assert record.history.count() == 2
    assert list(examine.findings()) == []


def test_many_clicks_on_one_new_log_page_make_one_record(world, people, patient, tmp_path):
    page = Page(world, people[0], patient, "AE", "new").fill(term="Pyrexia", serious="Y")
    answers = race(tmp_path, [(people[0], page.url, {**page.read.data, "action": "save"})] * RACERS)
    assert {(each["status"], each["url"]) for each in answers} == {(302, reverse("record", args=[patient.number, "AE", "1"]))}
    from accounts.models import OutboxMail

    assert registry.form("AE").objects.count() == 1
    assert OutboxMail.objects.count() == 1
    assert list(examine.findings()) == []


def test_new_log_records_of_several_people_are_all_kept(world, people, patient, tmp_path):
    pages = [Page(world, user, patient, "AE", "new").fill(term=f"Pyrexia {n}") for n, user in enumerate(people)]
    jobs = [(user, page.url, {**page.read.data, "action": "submit"}) for user, page in zip(people, pages, strict=True)]
    assert statuses(race(tmp_path, jobs)) == {302: RACERS}
    rows = registry.form("AE").objects.order_by("row").values_list("row", flat=True)
    assert list(rows) == list(range(1, RACERS + 1))
    assert list(examine.findings()) == []


def test_an_answer_and_a_save_at_once_lose_nothing(world, people, patient, tmp_path):
    """A query is answered while the data behind it change: the thread and its history agree afterwards."""
    from review.models import Query

    world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="5")
    query = Query.objects.get(rule="SCR-007")
    page = Page(world, people[0], patient, "ECOG", "SCR").fill(ecog="2")
    save = (people[0], page.url, {**page.read.data, "action": "submit", "change_reason": "Read again"})
    answer = (people[1], reverse("query_act", args=[query.pk]), {"action": "answer", "text": "It is right"})
    got = race(tmp_path, [save, answer])
    assert got[0]["status"] == 302
    assert got[1]["status"] in (302, 403)
    query.refresh_from_db()
    assert query.status == "CLOSED"
    assert query.history.count() == query.version
    assert list(examine.findings()) == []


def test_a_record_voided_by_all_at_once_is_void_once(world, people, patient, tmp_path):
    record = world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1.0").saved.record
    url = reverse("void", args=[patient.number, "IC", record.pk])
    forms = [{**read(world.client(user).get(url), "*").data, "reason": "Wrong patient"} for user in people]
    answers = race(tmp_path, [(user, url, form) for user, form in zip(people, forms, strict=True)])
    assert 500 not in statuses(answers)
    record.refresh_from_db()
    assert (record.voided, record.version) == (True, 2)
    assert list(examine.findings()) == []


def test_a_laboratory_entered_by_all_at_once_stands_once(world, people, tmp_path):
    """The same rows by everybody (a double click), and one more row each with another limit: the first one holds."""
    from assessments.references import ReferenceRange

    day = {"laboratory": "CHU Lyon", "valid_from_0": "1", "valid_from_1": "1", "valid_from_2": "2026"}
    url, same = reverse("enter_ranges", args=["FR03"]), {**day, "hgb-unit": "g/L", "hgb-low": "120", "hgb-high": "160"}
    assert statuses(race(tmp_path, [(user, url, same) for user in people])) == {302: RACERS}
    assert ReferenceRange.objects.count() == 1
    (tmp_path / "again").mkdir()
    each = [{**day, "k-unit": "mmol/L", "k-low": f"3.{n}"} for n in range(RACERS)]
    answers = race(tmp_path / "again", [(user, url, data) for user, data in zip(people, each, strict=True)])
    assert statuses(answers) == {302: 1, 422: RACERS - 1}
    assert ReferenceRange.objects.filter(test="K").count() == 1
    assert list(examine.findings()) == []
