"""check_audit names what was done behind the application's back, and says nothing when nothing was."""

from __future__ import annotations

import contextlib
import re
import threading
import uuid

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit import examine, triggers
from audit.chain import digest, set_hash
from audit.models import ChainHead, Change, ChangeSet, Seal, audited_models
from patients.models import Visit
from tests.audit.build import (
    OTTO,
    a_consent,
    a_patient,
    a_visit,
    behind_its_back,
    change,
    check_audit,
    is_sqlite,
    one_of_each,
    raw,
)

IC, PAST = "screening_informedconsent", "screening_historicalinformedconsent"


@pytest.fixture
def consent(db):
    """A consent in three versions by two people, on a chain with a patient and a visit, sealed after the second."""
    visit = a_visit()
    consent = a_consent(visit, icf_version="1.0", paper_number="Nr. 7 / Ω\r\nπ")
    change(consent, "typing error", icf_version="1.1", state="SUBMITTED")
    examine.seal()
    change(consent, "wrong page", OTTO, patient_signed_on="2026-06-02", icf_version="")
    connection.check_constraints()
    return consent


def _past(consent, version):
    return consent.history.model.objects.get(id=consent.pk, version=version).pk


def _set(consent, version):
    return consent.history.model.objects.get(id=consent.pk, version=version).change_set_id


def _key(value):
    return value.hex if is_sqlite() else str(value)


def _line(consent, field, version):
    return Change.objects.get(form="IC", record=str(consent.pk), field=field, version=version).pk


def _copy(table, where, **changed):
    """INSERT a copy of rows with some columns changed; the key given by the database."""
    columns = [c.name for c in connection.introspection.get_table_description(connection.cursor(), table)]
    keys = {"audit_change": "id", PAST: "history_id", IC: "id", "audit_seal": "id"}
    columns = [c for c in columns if c != keys.get(table) or c in changed]
    select = ", ".join(changed.get(c, f'"{c}"') for c in columns)
    into = ", ".join(f'"{c}"' for c in columns)
    return f'INSERT INTO "{table}" ({into}) SELECT {select} FROM "{table}" WHERE {where}'


def _rechain(key="FR03-001"):
    """Recompute a whole chain, so that only what was sealed before contradicts."""
    seq, tie = 0, "0" * 64
    for each in ChangeSet.objects.filter(chain=key).order_by("seq"):
        seq += 1
        each.seq, each.previous_hash = seq, tie
        rows = list(each.changes.order_by("line"))
        for row in rows:
            row.old_digest, row.new_digest = digest(row.salt, row.old), digest(row.salt, row.new)
            row.save()
        each.hash = tie = set_hash(each, rows)
        each.save()
    ChainHead.objects.filter(key=key).update(seq=seq, hash=tie)


def _forge_everywhere(consent):
    """A value changed in the row, in its history and in the trail, and the chain made to fit."""
    raw(f"UPDATE {IC} SET icf_version = '9' WHERE id = %s", consent.pk)
    Change.objects.filter(pk=_line(consent, "icf_version", 1)).update(new="9")
    Change.objects.filter(pk=_line(consent, "icf_version", 2)).update(old="9", new="9.1")
    Change.objects.filter(pk=_line(consent, "icf_version", 3)).update(old="9.1", new="9")
    raw(f"UPDATE {PAST} SET icf_version = '9' WHERE version <> 2")
    raw(f"UPDATE {PAST} SET icf_version = '9.1' WHERE version = 2")
    _rechain()


def _cut_off_the_end(consent):
    """The last change undone without a trace, the head rewritten."""
    last = _set(consent, 3)
    before = consent.history.model.objects.get(version=2, id=consent.pk)
    raw(f"UPDATE {IC} SET icf_version = '1.1', patient_signed_on = '2026-06-01', version = 2 WHERE id = %s", consent.pk)
    consent.__class__._base_manager.filter(pk=consent.pk).update(changed_at=before.changed_at)
    raw(f"DELETE FROM {PAST} WHERE version = 3")
    raw("DELETE FROM audit_change WHERE change_set_id = %s", _key(last))
    raw("DELETE FROM audit_changeset WHERE id = %s", _key(last))
    _rechain()


HEADER = {
    "actor": "otto.weiss", "actor_name": "Otto Weiß", "role": "Investigator", "actor_site": "FR04", "record_site": "FR04",
    "reason": "another reason", "source": "admin", "request_id": "x", "previous_hash": "1" * 64, "hash": "1" * 64,
    "at": "2026-01-01 00:00:00+00:00", "chain": "FR03-002", "seq": 77,
}  # fmt: skip
LINE = {
    "old": "0.9", "new": "1.2", "salt": "0" * 16, "old_digest": "1" * 64, "new_digest": "1" * 64, "patient": "FR03-002",
    "site": "FR04", "form": "DM", "record": "99", "version": 9, "field": "paper_number", "line": 99, "actor": "otto.weiss",
    "at": "2026-01-01 00:00:00+00:00", "after_sdv": True, "after_signature": True,
}  # fmt: skip
HISTORY = {
    "history_date": "2026-01-01 00:00:00+00:00", "history_type": "-", "history_user_id": "eve",
    "history_change_reason": "another reason", "icf_version": "7", "voided": True, "version": 9, "patient_signed_on": "",
    "changed_at": "2026-01-01 00:00:00+00:00", "patient_id": None, "visit_id": None, "id": 987_654,
}  # fmt: skip

# what was done → (how, what a line of check_audit must look like); X, M, L: the row, its middle and its last history row
TAMPERS = {
    "row changed": (lambda c: [f"UPDATE {IC} SET icf_version = '5' WHERE id = {c.pk}"], f"{IC} X: changed without history in icf_version"),
    "row changed to NULL": (lambda c: [f"UPDATE {IC} SET visit_id = NULL WHERE id = {c.pk}"], f"{IC} X: changed without history in visit_id"),
    "row's bookkeeping changed": (lambda c: [f"UPDATE {IC} SET version = 2 WHERE id = {c.pk}"], f"{IC} X: changed without history in version"),
    "row's time changed": (lambda c: [f"UPDATE {IC} SET changed_at = '2026-01-01 00:00:00+00:00'"], f"{IC} X: changed without history in changed_at"),
    "row deleted": (lambda c: [f"DELETE FROM {IC} WHERE id = {c.pk}"], f"{IC} X: deleted without history"),
    "row inserted": (lambda c: [_copy(IC, f"id = {c.pk}", id="9999", entry_token="NULL", voided="true")], f"{IC} 9999: inserted without history"),
    "history: first deleted": (lambda c: [f"DELETE FROM {PAST} WHERE version = 1"], f"{PAST} M: version 2 follows 0"),
    "history: middle deleted": (lambda c: [f"DELETE FROM {PAST} WHERE version = 2"], f"{PAST} L: version 3 follows 1"),
    "history: last deleted": (lambda c: [f"DELETE FROM {PAST} WHERE version = 3"], f"{IC} X: the trail has a version 3 that history has not"),
    "history: all deleted": (lambda c: [f"DELETE FROM {PAST}"], f"{IC} X: inserted without history"),
    "history: copy added at the end": (lambda c: [_copy(PAST, "version = 3")], rf"{PAST} \d+: version 3 follows 3"),
    "history: next version forged": (
        lambda c: [_copy(PAST, "version = 3", version="4", icf_version="'6'"), f"UPDATE {IC} SET version = 4, icf_version = '6'"],
        rf"{PAST} \d+: the trail has no change that made it",
    ),
    "history: of a record that never was": (lambda c: [_copy(PAST, "version = 1", id="777")], f"{IC} 777: deleted without history"),
    "history: of another change set": (
        lambda c: [f"UPDATE {PAST} SET change_set_id = (SELECT id FROM audit_changeset WHERE seq = 1 AND chain = 'FR03-001') WHERE version = 2"],
        f"{PAST} M: is of another change set than its changes",
    ),
    "history: of no change set": (lambda c: [(f"UPDATE {PAST} SET change_set_id = %s WHERE version = 2", _key(uuid.UUID(int=1)))], f"{PAST} M: its change set does not exist"),
    "history: two dates swapped": (
        lambda c: [
            (f"UPDATE {PAST} SET history_date = %s, changed_at = %s WHERE version = 1", *[c.history.get(version=2).history_date] * 2),
            (f"UPDATE {PAST} SET history_date = %s, changed_at = %s WHERE version = 2", *[c.history.get(version=1).history_date] * 2),
        ],
        f"{PAST} M: its date is not later than the one before",
    ),
    "history: a date moved by a microsecond": (
        lambda c: [(f"UPDATE {PAST} SET history_date = %s, changed_at = %s WHERE version = 2", *[c.history.get(version=2).history_date.replace(microsecond=c.history.get(version=2).history_date.microsecond ^ 1)] * 2)],
        f"{PAST} M: its date is not that of its changes",
    ),
    "change: deleted from the middle": (lambda c: [f"DELETE FROM audit_change WHERE id = {_line(c, 'icf_version', 2)}"], f"{PAST} M: differs from the trail in icf_version"),
    "change: deleted at the end": (lambda c: [f"DELETE FROM audit_change WHERE id = {_line(c, 'icf_version', 3)}"], "audit_changeset S3: header or changes do not give its hash"),
    "change: all of a set deleted": (lambda c: [("DELETE FROM audit_change WHERE change_set_id = %s", _key(_set(c, 2)))], f"{PAST} M: the trail has no change that made it"),
    "change: inserted": (lambda c: [_copy("audit_change", f"id = {_line(c, 'icf_version', 2)}", line="50", field="'paper_number'")], "audit_changeset S2: header or changes do not give its hash"),
    "change: inserted for a form that is none": (lambda c: [_copy("audit_change", f"id = {_line(c, 'icf_version', 2)}", line="50", form="'XX'")], r"audit_change \d+: there is no form XX"),
    "change: inserted for a record that is none": (lambda c: [_copy("audit_change", f"id = {_line(c, 'icf_version', 2)}", line="50", record="'zz'")], f"{IC} zz: the trail has a version 2 that history has not"),
    "change: inserted without a set": (
        lambda c: [_copy("audit_change", f"id = {_line(c, 'icf_version', 2)}", form="'ACCESS'", change_set_id=f"'{_key(uuid.UUID(int=1))}'")],
        r"audit_change \d+: its change set does not exist",
    ),
    "change: value and digest changed": (
        lambda c: [("UPDATE audit_change SET new = 'z', new_digest = %s WHERE id = %s", digest(Change.objects.get(pk=_line(c, "icf_version", 2)).salt, "z"), _line(c, "icf_version", 2))],
        "audit_changeset S2: header or changes do not give its hash",
    ),
    "change: blanked": (lambda c: [f"UPDATE audit_change SET old = NULL, new = NULL, salt = '' WHERE id = {_line(c, 'icf_version', 2)}"], "audit_change C: its value does not give its digest"),
    "change: salt blanked": (lambda c: [f"UPDATE audit_change SET salt = '' WHERE id = {_line(c, 'icf_version', 2)}"], "audit_change C: its value does not give its digest"),
    "change: empty is not ''": (lambda c: [f"UPDATE audit_change SET old = '' WHERE id = {_line(c, 'icf_version', 1)}"], r"audit_change \d+: its value does not give its digest"),
    "set: deleted from the middle": (lambda c: [("DELETE FROM audit_changeset WHERE id = %s", _key(_set(c, 2)))], f"{PAST} M: its change set does not exist"),
    "set: deleted at the end": (lambda c: [("DELETE FROM audit_changeset WHERE id = %s", _key(_set(c, 3)))], "audit_chainhead FR03-001: the chain does not end where its head says"),
    "set: deleted at the end, head rewritten": (
        lambda c: [("DELETE FROM audit_changeset WHERE id = %s", _key(_set(c, 3))), _rechain],
        f"{PAST} L: its change set does not exist",
    ),
    "set: inserted": (lambda c: [_copy("audit_changeset", "seq = 1 AND chain = 'FR03-001'", id=f"'{_key(uuid.UUID(int=1))}'", seq="99")], "audit_changeset 00000000-0000-0000-0000-000000000001: chain FR03-001 jumps from 4 to 99"),
    "set: inserted in a chain of its own": (lambda c: [_copy("audit_changeset", "seq = 1 AND chain = 'FR03-001'", id=f"'{_key(uuid.UUID(int=1))}'", chain="'FR03-009'")], "audit_chainhead FR03-009: the chain does not end where its head says"),
    "head: hash rewritten": (lambda c: ["UPDATE audit_chainhead SET hash = 'f' WHERE key = 'FR03-001'"], "audit_chainhead FR03-001: the chain does not end where its head says"),
    "head: put back by one": (lambda c: ["UPDATE audit_chainhead SET seq = seq - 1 WHERE key = 'FR03-001'"], "audit_chainhead FR03-001: the chain does not end where its head says"),
    "head: deleted": (lambda c: ["DELETE FROM audit_chainhead WHERE key = 'FR03-001'"], "audit_chainhead FR03-001: the chain does not end where its head says"),
    "head: of a chain that is none": (lambda c: ["INSERT INTO audit_chainhead (key, seq, hash) VALUES ('x', 1, 'f')"], "audit_chainhead x: the chain does not end where its head says"),
    "everything rewritten but the seal": (lambda c: [lambda: _forge_everywhere(c)], r"audit_seal \d+: chain FR03-001 no longer has link 3 as it was sealed"),
    "seal: root changed": (lambda c: ["UPDATE audit_seal SET root = 'f'"], r"audit_seal \d+: its heads do not give its root"),
    "seal: heads changed": (lambda c: [lambda: Seal.objects.update(heads={})], r"audit_seal \d+: its heads do not give its root"),
    "seal: made to fit": (
        lambda c: [lambda: Seal.objects.update(heads={"FR03-001": [3, "f"]}, root=examine.root_of({"FR03-001": [3, "f"]}))],
        r"audit_seal \d+: chain FR03-001 no longer has link 3 as it was sealed",
    ),
}  # fmt: skip


def _header(name, value):
    return lambda c: [(f"UPDATE audit_changeset SET {name} = %s WHERE id = %s", value, _key(_set(c, 2)))]


def _changed_line(name, value):
    return lambda c: [(f"UPDATE audit_change SET {name} = %s WHERE id = %s", value, _line(c, "icf_version", 2))]


def _changed_history(name, value, version):
    return lambda c: [(f"UPDATE {PAST} SET {name} = %s WHERE version = %s", value, version)]


for _name, _value in HEADER.items():
    TAMPERS[f"set: {_name}"] = (_header(_name, _value), "audit_changeset S2: ")
for _name, _value in LINE.items():
    TAMPERS[f"change: {_name}"] = (_changed_line(_name, _value), r"(audit_change C|audit_changeset S2): ")
for _name, _value in HISTORY.items():
    _where = rf"({PAST} (M|L)|{IC} (X|987654)): "
    TAMPERS[f"history: {_name}, in the middle"] = (_changed_history(_name, _value, 2), _where)
    TAMPERS[f"history: {_name}, at the end"] = (_changed_history(_name, _value, 3), _where)


KINDS = sorted({name.partition(":")[0].partition("'")[0].partition(" ")[0] for name in TAMPERS})


@pytest.mark.parametrize("kind", KINDS)
def test_it_names_what_was_done_behind_the_back(consent, kind):
    """One forgery after the other on the same records: each is undone, and at the end the trail must be whole again."""
    names = {
        "X": consent.pk, "M": _past(consent, 2), "L": _past(consent, 3), "S2": _set(consent, 2), "S3": _set(consent, 3),
        "C": _line(consent, "icf_version", 2),
    }  # fmt: skip
    assert check_audit() == []
    with behind_its_back():  # lifting hundreds of triggers takes longer than a forgery: once for all of them
        for name, (how, expected) in TAMPERS.items():
            if not name.startswith(kind):
                continue
            line = re.sub(r"\b(X|M|L|S2|S3|C)\b", lambda found: str(names[found[0]]), expected)
            with behind_its_back(*how(consent)):
                triggers_line, *lines = check_audit()
            assert triggers_line.startswith("triggers: "), name  # they are lifted as long as the forgery stands
            assert any(re.match(line, each) for each in lines), (name, lines)
            assert all(re.match(r"[a-z_]+ [^ ]+: \w", each) for each in lines), (name, lines)
        assert len(check_audit()) == 1, "each forgery was undone"
    assert check_audit() == []


@pytest.mark.nodb
def test_every_forgery_is_tried():
    assert all(any(name.startswith(kind) for kind in KINDS) for name in TAMPERS)


def test_the_end_cut_off_is_found_by_a_later_seal_alone(consent):
    """Without a seal nothing in the database can tell; that is why its root is kept elsewhere."""

    def without(*more, roots=()):
        with behind_its_back(lambda: _cut_off_the_end(consent), *more):
            triggers.install()
            return check_audit(*roots)

    assert without() == []
    kept = examine.seal()
    assert without() == [f"audit_seal {kept.pk}: chain FR03-001 no longer has link 4 as it was sealed"]
    roots = ("--root", kept.root)
    assert check_audit(*roots) == []
    assert without("DELETE FROM audit_seal") == []
    assert without("DELETE FROM audit_seal", roots=roots) == [f"audit_seal {kept.root}: no seal has this root"]


def test_missing_triggers_are_one_finding_and_rows_are_still_examined(consent):
    with behind_its_back():
        raw(f"UPDATE {IC} SET icf_version = '5' WHERE id = %s", consent.pk)
        first, second = check_audit()
    assert re.match(r"triggers: \d\d+ missing or altered, the first is .+", first)
    assert second == f"{IC} {consent.pk}: changed without history in icf_version"


def test_a_write_left_over_from_a_shell_is_named(consent):
    """On SQLite a shell has foreign keys off: what it writes past the guard leaves a row."""
    if not is_sqlite():
        return
    with transaction.atomic():
        raw(f"UPDATE {IC} SET voided = 1 WHERE id = %s", consent.pk)
        lines = check_audit()
        transaction.set_rollback(True)
    assert f"{IC} {consent.pk}: written without an audit record (~)" in lines
    assert f"{IC} {consent.pk}: changed without history in voided" in lines


def test_a_table_of_every_model_is_examined(db):
    """For each audited model: a row changed, its history deleted, a row deleted, and every column of it changed."""
    rows = one_of_each()
    assert check_audit() == []
    with behind_its_back():
        for model in audited_models():
            row, base, past = rows[model.__name__], model._meta.db_table, model.history.model._meta.db_table
            forged = [
                (f'UPDATE "{base}" SET version = version + 1 WHERE id = {row.pk}', "changed without history in version"),
                (f'DELETE FROM "{past}" WHERE id = {row.pk}', "inserted without history"),
                (f'DELETE FROM "{base}" WHERE id = {row.pk}', "deleted without history"),
            ]
            for sql, line in forged:
                with behind_its_back(sql):
                    assert f"{base} {row.pk}: {line}" in examined(model), model
            for field in model.audited_fields():
                value = {field.attname: _other(field)}
                with suppress_check(), behind_its_back(lambda m=model, r=row, v=value: m._base_manager.filter(pk=r.pk).update(**v)):  # fmt: skip  # noqa: E501
                    assert examined(model) == [f"{base} {row.pk}: changed without history in {field.attname}"]
                with behind_its_back(lambda m=model, r=row, v=value: m.history.model.objects.filter(id=r.pk).update(**v)):
                    assert [line for line in examined(model) if line.endswith(f"differs from the trail in {field.attname}")]
    assert check_audit() == []


@contextlib.contextmanager
def suppress_check():
    """A value that the table's own CHECK refuses needs no other examination."""
    try:
        yield
    except IntegrityError as error:
        assert "check constraint" in str(error).lower(), error


def examined(model) -> list[str]:
    return list(examine.Records(model, {}).findings())


def _other(field):
    kind = field.get_internal_type()
    if "Decimal" in kind:
        return 0  # fits however few digits a field has
    if field.is_relation or "Integer" in kind:
        return 4242
    return {"BooleanField": False, "DateField": "2020-01-01", "DateTimeField": "2020-01-01 00:00:00+00:00"}.get(kind, "z")


def test_queries_do_not_grow_with_the_data(db):
    def count():
        with CaptureQueriesContext(connection) as captured:
            assert list(examine.findings()) == []
        return len(captured)

    one_of_each()
    few = count()
    patient = a_patient("FR03-002")
    for n in range(30):
        visit = a_visit(patient, f"V{n}")
        change(visit, code=f"W{n}")
        examine.seal()
    assert count() == few
    assert few < 6 * len(audited_models()) + 80, few


def test_the_seal_changes_with_the_data_and_can_be_checked(db, capsys):
    def root():
        call_command("seal")
        [line] = capsys.readouterr().out.splitlines()
        found = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (\d+) chains ([0-9a-f]{64})", line)
        assert found, line
        return int(found[1]), found[2]

    chains, first = root()
    assert root() == (chains, first)
    visit = a_visit()
    more, second = root()
    assert (more, second != first) == (chains + 1, True)
    change(visit, code="C1D1")
    assert root()[1] not in (first, second)
    assert Seal.objects.count() == 4
    assert [seal.root == examine.root_of(seal.heads) for seal in Seal.objects.all()] == [True] * 4
    assert check_audit("--root", first) == []
    assert check_audit("--root", "0" * 64) == [f"audit_seal {'0' * 64}: no seal has this root"]


@pytest.mark.commits
def test_what_others_write_meanwhile_is_no_finding(transactional_db):
    """All is read as of one moment: a change that is committed between two questions is not seen half."""
    visit = a_visit()

    def elsewhere():  # a thread has a connection of its own
        change(Visit.objects.get(pk=visit.pk), code="C1D1")
        connection.close()

    written = []

    def meanwhile(execute, sql, params, many, context):
        if not written and 'FROM "patients_historicalvisit"' in sql and "audit_key" in sql:
            written.append(sql)
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile):
        assert list(examine.findings()) == []
    assert written
    assert Visit.objects.get().code == "C1D1"
    assert check_audit() == []
