"""Eight processes write into the same chains at once: no link is lost, nobody waits for ever, nobody overwrites anybody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction

from accounts.models import Site
from audit.chain import _first, _lock
from audit.models import ChainHead, Change, ChangeSet
from patients.models import Visit
from tests.audit.build import a_patient, acts, check_audit, is_sqlite

ROOT = Path(__file__).parents[2]
PROCESSES, SAVES = 8, 10


def race(tmp_path, *how: str, processes: int = PROCESSES, saves: int = SAVES) -> list[tuple[int, str]]:
    """Start all, let them go together; (exit status, what each said)."""
    go = tmp_path / "go"
    env = os.environ | {"TEST_DATABASE_NAME": str(connection.settings_dict["NAME"])}
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.audit.racer", str(n), str(saves), str(go), *how], cwd=ROOT, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for n in range(processes)
    ]  # fmt: skip
    for each in racers:
        assert each.stdout.readline() == "ready\n"
    go.touch()
    return [(each.wait(), said) for each in racers for said in [each.communicate(timeout=300)[0]]]


@pytest.fixture
def start(transactional_db):
    with acts():
        site = Site.objects.get(code="FR03")
        site.comment = "0"
        site.save()
    a_patient()
    connection.close()


@pytest.mark.commits
def test_no_link_is_lost(start, tmp_path):
    before = {head.key: head.seq for head in ChainHead.objects.all()}
    results = race(tmp_path)
    assert [status for status, _ in results] == [0] * PROCESSES, results
    total = PROCESSES * SAVES
    assert Visit.objects.count() == total
    assert Site.objects.get(code="FR03").comment == str(total)
    heads = {head.key: head.seq for head in ChainHead.objects.all()}
    assert heads["FR03-001"] == before["FR03-001"] + total
    assert heads["study"] == before["study"] + 2 * total  # each event and each save of the site
    for chain, seq in heads.items():
        numbers = list(ChangeSet.objects.filter(chain=chain).order_by("seq").values_list("seq", flat=True))
        assert numbers == list(range(1, seq + 1))
    of_site = Change.objects.filter(form="SITE", field="comment", new__in=[str(n) for n in range(1, total + 1)])
    assert of_site.count() == total
    assert {change.actor for change in of_site} == {f"person.{n}" for n in range(PROCESSES)}
    if is_sqlite():
        assert {said.strip() for _, said in results} == {"0"}  # one writer at a time, from its first read on
    assert check_audit() == []


@pytest.mark.commits
def test_without_the_lock_links_would_be_lost(start, tmp_path):
    """The control that the race is one: without FOR UPDATE two sets take one place, which its unique key refuses."""
    results = race(tmp_path, "unlocked", processes=4, saves=3)
    failed = [said for status, said in results if status]
    if is_sqlite():
        assert not failed, failed  # a transaction there holds everybody else off from its beginning
    else:
        assert failed and all("change_set_place_in_chain" in said for said in failed), results
    assert check_audit() == []


@pytest.mark.commits
def test_a_chain_that_another_has_just_begun(transactional_db):
    """Whoever comes second finds the head that the first one made, and does not begin anew."""
    with transaction.atomic():
        assert _lock("new") is None
        assert (_first("new").seq, _first("new").seq, _lock("new").seq) == (0, 0, 0)
        ChainHead.objects.filter(key="new").update(seq=3)
        assert _first("new").seq == 3
    assert check_audit() == ["audit_chainhead new: the chain does not end where its head says"]
