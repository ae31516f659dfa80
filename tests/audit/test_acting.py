"""One act, one transaction, one change set per chain; the hash made again from the description alone; moments in order."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.chain import write
from audit.context import STUDY, SYSTEM, Actor, NotAudited, acting, current, event, request_id
from audit.history import as_of
from audit.models import ChainHead, Change, ChangeSet, Installation
from audit.write import save_all
from patients.models import Visit
from tests.audit.build import (
    ANNA,
    NOON,
    OTTO,
    a_consent,
    a_patient,
    a_visit,
    acts,
    behind_its_back,
    change,
    check_audit,
)

MICRO = timedelta(microseconds=1)


def hash_again(change_set: ChangeSet) -> str:
    """The hash of a set as the documentation describes it, with nothing of the program's own in it."""
    lines = []
    for c in change_set.changes.order_by("line"):
        digests = ["" if v is None else hashlib.sha256(f"{c.salt}|{v}".encode()).hexdigest() for v in (c.old, c.new)]
        marks = [name for name in ("after_sdv", "after_signature") if getattr(c, name)]
        at = c.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
        lines.append([c.line, c.patient, c.site, c.form, c.record, c.version, c.field, *digests, at, *marks])
    s = change_set
    body = {
        "id": str(s.id), "chain": s.chain, "seq": str(s.seq), "actor": s.actor, "actor_name": s.actor_name, "role": s.role,
        "actor_site": s.actor_site, "record_site": s.record_site, "at": s.at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"),
        "reason": s.reason, "source": s.source, "request_id": s.request_id, "previous_hash": s.previous_hash, "changes": lines,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def test_one_set_for_each_chain_patients_first(db):
    one, two = a_patient("FR03-002"), a_patient("FR03-001")
    site = one.site
    before = set(ChangeSet.objects.values_list("pk", flat=True))
    token = request_id.set("the-request")
    with CaptureQueriesContext(connection) as queries, acts("because", ANNA) as work:
        work.marks["after_sdv"] = True
        site.comment = "Ω\n'\"\\ \u2028 end"
        site.save()
        for patient in (one, two):
            save_all([Visit(patient=patient, code="SCR"), Visit(patient=patient, code="C1D1")])
        work.marks.clear()
        one.enrolment_number, one.enrolled_at = 1, NOON
        one.save()
    request_id.reset(token)
    sets = ChangeSet.objects.exclude(pk__in=before)
    assert sorted(sets.values_list("chain", flat=True)) == ["FR03-001", "FR03-002", STUDY]
    locked = [params for sql in queries for params in [sql["sql"]] if "audit_chainhead" in params and "SELECT" in params]
    order = [next(key for key in ("FR03-001", "FR03-002", STUDY) if f"'{key}'" in sql) for sql in locked]
    assert order == ["FR03-001", "FR03-002", STUDY]
    for each in sets:
        assert (each.actor, each.actor_name, each.role, each.actor_site) == ("anna.leroy", "Anna Leroy", "Site coordinator", "FR03")
        assert (each.reason, each.source, each.request_id, each.record_site) == ("because", "test", "the-request", "FR03")
        assert [c.line for c in each.changes.order_by("id")] == list(range(each.changes.count()))
        assert {c.patient for c in each.changes.all()} == {"" if each.chain == STUDY else each.chain}
    marked = Change.objects.filter(change_set__in=sets)
    assert set(marked.filter(after_sdv=True).values_list("form", flat=True)) == {"SITE", "VISIT"}
    assert set(marked.filter(after_sdv=False).values_list("form", "field")) == {("PATIENT", "enrolment_number"), ("PATIENT", "enrolled_at")}  # fmt: skip  # noqa: E501
    assert check_audit() == []


def test_chains_are_contiguous_and_their_hashes_can_be_made_again(db):
    visit = a_visit()
    for n in range(5):
        change(visit, "Grund: größer\r\nὍμηρος 🫁", OTTO, code=f"V{n}")
    event(ANNA, "log-in", about="anna.leroy", source="log-in")
    ends = {}
    for each in ChangeSet.objects.order_by("chain", "seq"):
        seq, tie = ends.get(each.chain, (0, "0" * 64))
        assert (each.seq, each.previous_hash, each.hash) == (seq + 1, tie, hash_again(each))
        ends[each.chain] = each.seq, each.hash
    assert ends == {head.key: (head.seq, head.hash) for head in ChainHead.objects.exclude(seq=0)}
    assert len(ends) == 2


def test_acting_inside_acting(db):
    with acts("outer") as work:
        with acting(ANNA, reason="inner", source="other") as inner:
            assert inner is work is current()
            patient = a_patient()
        for other in (OTTO, SYSTEM, Actor("anna.leroy", "Anna Leroy", "Pharmacist", "FR03")):
            with pytest.raises(NotAudited), acting(other, source="test"):
                pytest.fail("another person acted")
        a_visit(patient)
    assert ChangeSet.objects.filter(chain=patient.number).values_list("reason", "source").get() == ("outer", "test")
    with pytest.raises(NotAudited):
        current()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_takes_everything_back(db, error):
    patient = a_patient()
    connection.check_constraints()
    before = (ChangeSet.objects.count(), Change.objects.count(), list(ChainHead.objects.order_by("key").values_list()))
    with pytest.raises(error), acts():
        a_visit(patient)
        event(ANNA, "print", about="x", source="test")
        raise error
    assert (ChangeSet.objects.count(), Change.objects.count(), list(ChainHead.objects.order_by("key").values_list())) == before
    assert not Visit.objects.exists()
    with pytest.raises(NotAudited):
        current()
    assert check_audit() == []


def test_doing_nothing_leaves_nothing(db):
    patient = a_patient()
    before = ChangeSet.objects.count()
    with acts("a reason"):
        patient.save()
        save_all([patient])
    assert ChangeSet.objects.count() == before
    assert patient.history.count() == 1


def test_what_a_save_costs(db):
    """BEGIN and COMMIT aside: row, history, head read, head written, set, changes."""
    visit = a_visit()
    with CaptureQueriesContext(connection) as queries:
        change(visit, code="C1D1")
    own = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(own) == 6, own


# ---- time --------------------------------------------------------------------------------------------------------------


def test_moments_rise_under_a_stopped_clock(db):
    with clock.set_to(NOON):
        visit = a_visit()
        with acts():
            for code in "ABC":
                visit.code = code
                visit.save()
        change(visit, code="D")
    with clock.set_to(NOON - timedelta(days=1)):  # a server's clock put back
        change(visit, code="E")
    dates = list(visit.history.order_by("history_id").values_list("history_date", flat=True))
    assert dates == [NOON + n * MICRO for n in range(6)]
    moments = list(Change.objects.filter(form="VISIT", field="code").order_by("id").values_list("at", flat=True))
    assert moments == dates
    sets = list(ChangeSet.objects.filter(chain="FR03-001").order_by("seq").values_list("at", flat=True))
    assert sets == [NOON, NOON + 3 * MICRO, NOON + 4 * MICRO, NOON + 5 * MICRO]
    assert check_audit() == []


def test_the_clock_is_set_only_where_it_is_a_demonstration(db, monkeypatch):
    with clock.set_to(NOON):
        assert clock.now() == NOON
        assert (clock.today("Pacific/Auckland"), clock.today("Europe/Paris")) == (date(2026, 6, 11), date(2026, 6, 10))
    with pytest.raises(ValueError, match="zone"), clock.set_to(datetime(2026, 1, 1)):  # noqa: DTZ001
        pytest.fail("a moment without a zone")
    monkeypatch.setattr("audit.models._known_demo", set())
    for rows in ([], [Installation(id=1, demo=False, created_at=NOON)]):
        with behind_its_back(lambda: Installation.objects.all().delete(), lambda r=rows: [each.save() for each in r]):
            with pytest.raises(RuntimeError, match="DEMO"), clock.set_to(NOON):
                pytest.fail("the clock was set")
            assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def _as_of(moment):
    return [(row.id, row.code) for row in as_of(Visit, moment)]


def test_as_of_at_its_boundaries(db):
    with clock.set_to(NOON):
        first = a_visit(code="A")
    with clock.set_to(NOON + timedelta(hours=1)), acts():
        first.code = "B"
        first.save()
        first.code = "C"  # a second save in the same transaction
        first.save()
        second = Visit(patient=first.patient, code="X")
        second.save()
    later = NOON + timedelta(hours=1)
    a, x = first.pk, second.pk
    expected = {
        NOON - MICRO: [], NOON: [(a, "A")], NOON + MICRO: [(a, "A")], later - MICRO: [(a, "A")],
        later: [(a, "B"), (x, "X")], later + MICRO: [(a, "C"), (x, "X")], later + timedelta(days=999): [(a, "C"), (x, "X")],
        None: [(a, "C"), (x, "X")],
    }  # fmt: skip
    for moment, rows in expected.items():
        assert _as_of(moment) == rows, moment
    with behind_its_back(lambda: _deleted(second, later + timedelta(hours=1))):
        assert _as_of(later + timedelta(hours=1) - MICRO) == [(a, "C"), (x, "X")]
        assert _as_of(later + timedelta(hours=1)) == _as_of(None) == [(a, "C")]


def _deleted(record, at):
    past = record.history.latest()
    past.history_id, past.history_type, past.history_date = None, "-", at
    past.save(force_insert=True)


def test_as_of_among_many_records(db):
    with clock.set_to(NOON):
        patient = a_patient()
        with acts():
            many = [Visit(patient=patient, code=f"V{n}") for n in range(60)]
            save_all(many)
    for n, visit in enumerate(many[::2]):
        with clock.set_to(NOON + timedelta(minutes=n + 1)):
            change(visit, code=visit.code + "B")
    with CaptureQueriesContext(connection) as queries:
        rows = _as_of(NOON + timedelta(minutes=10))
    assert len(queries) == 1
    assert len(rows) == 60
    assert [code for _, code in rows if code.endswith("B")] == [f"V{n}B" for n in range(0, 20, 2)]
    assert [code for _, code in _as_of(NOON)] == [f"V{n}" for n in range(60)]


def test_a_consent_says_who_when_and_why(db):
    consent = a_consent(a_visit(), icf_version="1.0", state="SUBMITTED")
    change(consent, "wrong page", OTTO, icf_version="")
    last = consent.history.latest()
    line = Change.objects.get(form="IC", field="icf_version", version=2)
    assert (last.history_user_id, last.history_change_reason, last.change_set_id) == ("otto.weiss", "wrong page", line.change_set_id)
    assert (line.old, line.new, line.at, line.actor, line.record) == ("1.0", None, last.history_date, "otto.weiss", str(consent.pk))
    assert not Change.objects.filter(field="entry_token").exists()


def test_an_empty_unit_of_work_is_not_written(db):
    with acts() as work:
        work.set_for("FR03-001", "FR03")
        write(work)
    assert not ChainHead.objects.filter(key="FR03-001").exists()


def test_the_simulated_trial_has_a_whole_trail(trial, db):
    """Thousands of acts through the real forms: every set's hash can be made again, and nothing is found."""
    assert check_audit() == []
    sets = ChangeSet.objects.order_by("chain", "seq")
    assert sets.count() > 200
    assert [each.pk for each in sets if each.hash != hash_again(each)] == []
