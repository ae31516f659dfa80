"""What the database refuses by itself: the trail is append-only, and nothing is written without its record."""

from __future__ import annotations

import contextlib
import uuid

import pytest
from django.core import serializers
from django.db import DatabaseError, connection, transaction
from django.db.models import F, ProtectedError

from audit.context import NotAudited, Stale
from audit.models import Change, ChangeSet, audited_models
from audit.write import save_all
from patients.models import Patient, Visit
from screening.models import InformedConsent
from tests.audit.build import (
    a_consent,
    a_patient,
    a_visit,
    acts,
    append_only_rows,
    change,
    check_audit,
    is_sqlite,
    one_of_each,
    raw,
)  # fmt: skip

REFUSED = (NotAudited, Stale, DatabaseError)


# ---- the trail ---------------------------------------------------------------------------------------------------------


def _columns(model, without=()):
    return ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields if f.column not in without)


def _nudged(model):
    """An ordinary column and a value for it, for an UPDATE."""
    field = next(f for f in model._meta.concrete_fields if not f.primary_key and not f.is_relation)
    return field.column, getattr(model._base_manager.first(), field.attname)


def _pk(model):
    return model._meta.pk.column


def _upsert(model):
    pk, columns = _pk(model), _columns(model)
    raw(
        f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {columns} FROM "{model._meta.db_table}" WHERE 1 = 1 LIMIT 1 '
        f'ON CONFLICT ("{pk}") DO UPDATE SET "{pk}" = excluded."{pk}"'
    )


ON_THE_TRAIL = {
    "queryset update": lambda m: m._base_manager.update(**{_nudged(m)[0]: _nudged(m)[1]}),
    "save": lambda m: m._base_manager.first().save(force_update=True),
    "delete": lambda m: m._base_manager.first().delete(),
    "queryset delete": lambda m: m._base_manager.all()._raw_delete("default"),
    "raw update": lambda m: raw(f'UPDATE "{m._meta.db_table}" SET "{_pk(m)}" = "{_pk(m)}"'),
    "raw delete": lambda m: raw(f'DELETE FROM "{m._meta.db_table}"'),
    "upsert": _upsert,
}
ONLY_SQLITE = {
    "insert or replace": lambda m: raw(f'INSERT OR REPLACE INTO "{m._meta.db_table}" SELECT * FROM "{m._meta.db_table}"'),
    "replace": lambda m: raw(f'REPLACE INTO "{m._meta.db_table}" SELECT * FROM "{m._meta.db_table}" LIMIT 1'),
    "update or replace": lambda m: raw(f'UPDATE OR REPLACE "{m._meta.db_table}" SET "{_pk(m)}" = "{_pk(m)}"'),
    "update or ignore": lambda m: raw(f'UPDATE OR IGNORE "{m._meta.db_table}" SET "{_pk(m)}" = "{_pk(m)}"'),
}
ONLY_POSTGRESQL = {
    "truncate": lambda m: raw(f'TRUNCATE "{m._meta.db_table}" CASCADE'),
    "truncate from a referenced table": lambda m: raw(f'TRUNCATE audit_changeset, "{m._meta.db_table}" CASCADE'),
    "in replica mode": lambda m: (raw("SET LOCAL session_replication_role = replica"), raw(f'DELETE FROM "{m._meta.db_table}"')),  # fmt: skip  # noqa: E501
}


def test_history_and_trail_are_append_only(db):
    attempts = ON_THE_TRAIL | (ONLY_SQLITE if is_sqlite() else ONLY_POSTGRESQL)
    models = append_only_rows()
    connection.check_constraints()
    assert len(models) >= 7 + len(audited_models())
    for model in models:
        before = list(model._base_manager.order_by("pk").values_list())
        assert before, model
        for name, attempt in attempts.items():
            with pytest.raises(DatabaseError) as caught, transaction.atomic():
                attempt(model)
            if not isinstance(caught.value, ProtectedError):  # Django itself keeps what others refer to
                assert "append-only" in str(caught.value), (model, name)
            assert list(model._base_manager.order_by("pk").values_list()) == before, (model, name)


def test_replace_by_another_unique_key_is_refused(db):
    """REPLACE takes away whatever row stands in the way of any unique key, and fires no trigger for it."""
    a_visit()
    if not is_sqlite():
        return  # PostgreSQL has no such statement
    forged = {
        ChangeSet: (_columns(ChangeSet, ("id",)), f"'{uuid.uuid4().hex}'", "id"),
        Change: (_columns(Change, ("id",)), "NULL", "id"),
    }
    for recursive in ("ON", "OFF"):  # the application's connection, and a shell's
        raw(f"PRAGMA recursive_triggers = {recursive}")
        for model, (columns, new, pk) in forged.items():
            before = list(model.objects.order_by("pk").values_list())
            table = model._meta.db_table
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                raw(f"INSERT OR REPLACE INTO {table} ({pk}, {columns}) SELECT {new}, {columns} FROM {table} LIMIT 1")
            assert list(model.objects.order_by("pk").values_list()) == before
    raw("PRAGMA recursive_triggers = ON")


# ---- what is written once ----------------------------------------------------------------------------------------------


def _with_its_record(model, statement: str) -> None:
    """A change that the guard of audited rows lets pass, because a history row says the same."""
    history = model.history.model
    raw(statement)
    past = history.objects.order_by("history_id").last()
    past.history_id, past.version = None, past.version + 1
    past.history_type = "-" if statement.startswith("DELETE") else "~"
    past.save(force_insert=True)


def test_what_is_written_once_is_not_changed_even_with_a_record_of_it(db):
    one_of_each()
    connection.check_constraints()
    once = [model for model in audited_models() if model.written_once]
    assert {model.trail_code for model in once} == {"VIALMOVE", "COUNT", "TRANSFER"}
    for model in once:
        table, columns = model._meta.db_table, _columns(model)
        attempts = [
            lambda m=model, t=table: _with_its_record(m, f'UPDATE "{t}" SET version = version + 1'),
            lambda m=model, t=table: _with_its_record(m, f'DELETE FROM "{t}"'),
            lambda t=table: raw(f'UPDATE "{t}" SET id = id + 1000'),
            lambda m=model: _upsert(m),
        ]
        attempts += [lambda m=model, each=each: each(m) for each in (ONLY_SQLITE if is_sqlite() else ONLY_POSTGRESQL).values()]
        before = list(model.objects.order_by("pk").values_list())
        for attempt in attempts:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                attempt()
            assert list(model.objects.order_by("pk").values_list()) == before, (model, columns)
        with pytest.raises(NotAudited, match="never changed"):
            change(model.objects.get(), by_role="somebody else")
        with acts():
            model.objects.get().save()  # nothing to write: nothing is refused
    assert check_audit() == []


def test_the_guard_of_other_audited_rows_lets_a_change_with_its_record_pass(db):
    """The other side: without the declaration the same statements are an honest change."""
    visit = a_visit()
    _with_its_record(Visit, "UPDATE patients_visit SET version = version + 1")
    connection.check_constraints()
    assert Visit.objects.get().version == visit.version + 1


# ---- audited rows ------------------------------------------------------------------------------------------------------


def _skip_history(visit):
    visit.code, visit.skip_history_when_saving = "C1D1", True
    with acts():
        visit.save()


def _without_record(visit):
    visit.code = "C1D1"
    with acts():
        visit.save_without_historical_record()


def _save_then_raw(visit):
    with acts():
        visit.code = "C1D1"
        visit.save()
        raw("UPDATE patients_visit SET code = 'C1D8' WHERE id = %s", visit.pk)


def _raw_then_other_history(visit):
    """A forged history row that says something else than the row."""
    past = visit.history.first()
    raw("UPDATE patients_visit SET code = 'C1D8', version = 2 WHERE id = %s", visit.pk)
    past.history_id, past.code, past.version, past.history_type = None, "C1D1", 2, "~"
    past.save(force_insert=True)


def _history_then_raw(visit):
    past = visit.history.first()
    past.history_id, past.code, past.version, past.history_type = None, "C1D8", 2, "~"
    past.save(force_insert=True)
    raw("UPDATE patients_visit SET code = 'C1D9', version = 2 WHERE id = %s", visit.pk)


def _update_only_version(visit):
    raw("UPDATE patients_visit SET version = version + 1 WHERE id = %s", visit.pk)


def _rekey(visit):
    with acts():
        raw("UPDATE patients_visit SET id = id + 1000 WHERE id = %s", visit.pk)


def _bulk_insert(visit):
    Visit._base_manager.bulk_create([Visit(patient=visit.patient, code="C1D1", version=1, changed_at=visit.changed_at)])


def _bulk_update(visit):
    visit.code = "C1D1"
    Visit._base_manager.bulk_update([visit], ["code"])


def _reverse_manager(visit):
    other = a_patient("FR03-002")
    other.visits.add(visit)  # moves the visit to another patient, by an UPDATE


def _expression(visit):
    with acts():
        visit.code = F("code")
        visit.save()


def _stale(visit):
    twin = Visit.objects.get(pk=visit.pk)
    change(visit, code="C1D1")
    change(twin, code="C1D8")


def _stale_again(visit):
    """Once refused is not forgotten: the second try does not overwrite either."""
    twin = Visit.objects.get(pk=visit.pk)
    change(visit, code="C1D1")
    for _ in range(3):
        try:
            with transaction.atomic():
                change(twin, code="C1D8")
        except Stale:
            continue
        return
    raise Stale


def _stale_in_bulk(visit):
    twin = Visit.objects.get(pk=visit.pk)
    change(visit, code="C1D1")
    with acts():
        twin.code = "C1D8"
        save_all([twin])


def _in_part(visit):
    change(Visit.objects.only("code").get(pk=visit.pk), code="C1D1")


def _in_part_then_completed(visit):
    part = Visit.objects.defer("code").get(pk=visit.pk)
    assert part.code == "SCR"  # loads it
    change(part, code="C1D1")


def _refreshed_in_part(visit):
    visit.refresh_from_db(fields=["version"])
    change(visit, code="C1D1")


def _update_fields(visit):
    with acts():
        visit.code = "C1D1"
        visit.save(update_fields=["code"])


def _other_key(visit):
    other = a_visit(a_patient("FR03-002"))
    visit.pk = other.pk
    change(visit, code="C1D1")


def _nobody(visit):
    visit.code = "C1D1"
    visit.save()


def _nobody_new(visit):
    Visit.objects.create(patient=visit.patient, code="C1D1")


def _loaddata(visit):
    visit.code = "C1D1"
    [again] = serializers.deserialize("json", serializers.serialize("json", [visit]))
    with acts():
        again.save()


def _history_of_nowhere(visit):
    past = visit.history.first()
    past.history_id, past.change_set_id, past.version = None, uuid.uuid4(), 2
    past.save(force_insert=True)


def _change_of_nowhere(visit):
    row = Change.objects.filter(form="VISIT").first()
    row.pk, row.change_set_id = None, uuid.uuid4()
    row.save(force_insert=True)


def _mixed(visit):
    with acts():
        visit.code = "C1D1"
        save_all([visit, Visit(patient=visit.patient, code="C1D8")])


def _nothing_at_all(visit):
    with acts():
        InformedConsent(state="", origin="").save()


ON_A_ROW = {
    "queryset update": lambda v: Visit.objects.filter(pk=v.pk).update(code="C1D1"),
    "queryset delete": lambda v: Visit.objects.filter(pk=v.pk).delete(),
    "bulk_create": lambda v: Visit.objects.bulk_create([Visit(patient=v.patient, code="C1D1")]),
    "bulk_update": lambda v: Visit.objects.bulk_update([v], ["code"]),
    "update_or_create": lambda v: Visit.objects.update_or_create({"code": "C1D1"}, pk=v.pk),
    "update of related rows": lambda v: v.patient.visits.update(code="C1D1"),
    "base manager update": lambda v: Visit._base_manager.filter(pk=v.pk).update(code="C1D1"),
    "base manager delete": lambda v: Visit._base_manager.filter(pk=v.pk).delete(),
    "base manager raw delete": lambda v: Visit._base_manager.filter(pk=v.pk)._raw_delete("default"),
    "base manager bulk_create": _bulk_insert,
    "base manager bulk_update": _bulk_update,
    "reverse manager": _reverse_manager,
    "raw update": lambda v: raw("UPDATE patients_visit SET code = 'C1D1' WHERE id = %s", v.pk),
    "raw update of the version": _update_only_version,
    "raw update of the key": _rekey,
    "raw delete": lambda v: raw("DELETE FROM patients_visit WHERE id = %s", v.pk),
    "raw insert": lambda v: raw(
        "INSERT INTO patients_visit (version, changed_at, code, patient_id) "
        "SELECT 1, changed_at, 'C1D1', patient_id FROM patients_visit WHERE id = %s", v.pk,
    ),
    "skip_history_when_saving": _skip_history,
    "save_without_historical_record": _without_record,
    "save, then raw update": _save_then_raw,
    "raw update, then history with other content": _raw_then_other_history,
    "history, then raw update with other content": _history_then_raw,
    "history without a change set": _history_of_nowhere,
    "change without a change set": _change_of_nowhere,
    "nobody acting": _nobody,
    "nobody acting, new record": _nobody_new,
    "expression": _expression,
    "stale": _stale,
    "stale, tried again": _stale_again,
    "stale, many at once": _stale_in_bulk,
    "read in part": _in_part,
    "read in part, then completed": _in_part_then_completed,
    "read again in part": _refreshed_in_part,
    "another record's key": _other_key,
    "update_fields": _update_fields,
    "delete": lambda v: v.delete(),
    "loaddata": _loaddata,
    "new and stored together": _mixed,
    "nothing at all": _nothing_at_all,
}  # fmt: skip
if_sqlite = {
    "insert or replace": lambda v: raw("INSERT OR REPLACE INTO patients_visit SELECT * FROM patients_visit"),
    "replace over a unique key": lambda v: (
        a_visit(v.patient, "C1D1"),
        raw("UPDATE OR REPLACE patients_visit SET code = 'C1D1' WHERE code = 'SCR'"),
    ),
    "reopening the way out": lambda v: raw("INSERT INTO audit_never (id) VALUES (1)"),
}
if_postgresql = {
    "truncate": lambda v: raw("TRUNCATE patients_visit CASCADE"),
    "in replica mode": lambda v: (
        raw("SET LOCAL session_replication_role = replica"),
        raw("UPDATE patients_visit SET code = 'C1D1' WHERE id = %s", v.pk),
    ),
    "a decoy in the temporary schema": lambda v: (
        raw("CREATE TEMP TABLE patients_visit ON COMMIT DROP AS SELECT * FROM public.patients_visit"),
        raw("UPDATE public.patients_visit SET code = 'C1D1' WHERE id = %s", v.pk),
    ),
}


@pytest.mark.parametrize("name", [*ON_A_ROW, *if_sqlite, *if_postgresql])
def test_no_row_without_its_record(db, name):
    here = ON_A_ROW | (if_sqlite if is_sqlite() else if_postgresql)
    if name not in here:
        return  # the other database's statement
    visit = a_visit()
    visit = Visit.objects.get(pk=visit.pk)
    key = visit.pk
    connection.check_constraints()
    with pytest.raises(REFUSED), transaction.atomic():
        here[name](visit)
        connection.check_constraints()
    assert list(Visit.objects.values_list("pk", "code")) == [(key, "SCR")]
    assert check_audit() == []


@pytest.mark.commits
def test_nothing_of_it_can_be_committed(transactional_db):
    visit = a_visit()
    for name, attempt in (ON_A_ROW | (if_sqlite if is_sqlite() else if_postgresql)).items():
        with contextlib.suppress(*REFUSED), transaction.atomic():
            attempt(Visit.objects.get(pk=visit.pk))
        assert list(Visit.objects.values_list("pk", "code")) == [(visit.pk, "SCR")], name
    for name, attempt in ON_A_ROW.items():  # each statement a transaction of its own
        if name.startswith("stale") or name in ("reverse manager", "another record's key"):
            continue  # these begin with a write that is right
        if name == "history, then raw update with other content":
            continue  # a forged history row alone is not refused; check_audit names it
        with contextlib.suppress(*REFUSED):
            attempt(Visit.objects.get(pk=visit.pk))
        assert list(Visit.objects.values_list("pk", "code")) == [(visit.pk, "SCR")], name
    assert check_audit() == []


def test_submitted_data_are_changed_only_with_a_reason(db):
    consent = a_consent(a_visit(), state="SUBMITTED")
    for reason in ("", "  ", "\n"):
        with pytest.raises(NotAudited, match="reason"):
            change(InformedConsent.objects.get(pk=consent.pk), reason, icf_version="2.0")
    change(consent, "typing error", icf_version="2.0")
    assert InformedConsent.objects.get().icf_version == "2.0"


def test_what_is_allowed(db):
    """Saving inside acting, one or many, new or stored, twice in one transaction, and saving nothing."""
    visit = a_visit()
    with acts():
        visit.code = "C1D1"
        visit.save()
        visit.code = "C1D8"
        visit.save()
        visit.save()
    assert (visit.version, visit.history.count()) == (3, 3)
    with acts():
        many = [Visit(patient=visit.patient, code=f"C{n}D1") for n in range(3, 80)]
        save_all(many)
        for each in many:
            each.code += "A"
        save_all(many)
        save_all(many)
        save_all([])
    assert {each.version for each in Visit.objects.filter(code__endswith="A")} == {2}
    refreshed = Visit.objects.get(pk=visit.pk)
    change(visit, code="C1D15")
    refreshed.refresh_from_db()
    change(refreshed, code="C2D1")
    assert Change.objects.filter(form="VISIT", record=str(visit.pk)).order_by("id").last().old == "C1D15"
    connection.check_constraints()
    assert check_audit() == []


def test_a_copy_is_a_new_record(db):
    visit = Visit.objects.get(pk=a_visit().pk)
    visit.pk, visit._state.adding, visit.code = None, True, "C1D1"
    with acts():
        visit.save()
    assert (visit.version, visit.history.count()) == (1, 1)
    assert check_audit() == []


def test_a_savepoint_rolled_back_leaves_no_trace(db):
    """What was written and taken back inside one unit of work is not in the trail; the rest is."""
    patient = a_patient()
    sets = ChangeSet.objects.count()
    with acts():
        with transaction.atomic():
            Visit(patient=patient, code="SCR").save()
        for _ in range(2):
            with pytest.raises(DatabaseError), transaction.atomic():
                Visit(patient=patient, code="C1D1").save()
                Visit(patient=patient, code="SCR").save()  # there is one
    with pytest.raises(DatabaseError), acts(), transaction.atomic():
        Visit(patient=patient, code="SCR").save()
    with acts(), pytest.raises(DatabaseError), transaction.atomic():
        Visit(patient=patient, code="SCR").save()
    assert list(Visit.objects.values_list("code", flat=True)) == ["SCR"]
    assert ChangeSet.objects.count() == sets + 1
    connection.check_constraints()
    assert check_audit() == []


def test_a_password_goes_into_no_history_and_no_trail(world):
    user = world.user("COORDINATOR")
    before = (user.version, user.history.count(), Change.objects.count())
    with pytest.raises(NotAudited):
        user.save(update_fields=["password"])
    with pytest.raises(NotAudited), acts():
        user.save(update_fields=["password", "email"])
    with acts():
        user.set_password("Another-Horse-9-Battery")
        user._password = None
        user.save(update_fields=["password"])
    connection.check_constraints()
    assert (user.version, user.history.count(), Change.objects.count()) == before
    assert type(user).objects.get(pk=user.pk).check_password("Another-Horse-9-Battery")
    assert "password" not in {f.name for f in user.history.model._meta.get_fields()}
    assert not Change.objects.filter(field="password").exists()
    assert check_audit() == []


def test_every_audited_model_is_guarded(db):
    """The table of attempts stands for all: each model's own row is refused by its own triggers."""
    rows = one_of_each()
    connection.check_constraints()
    assert set(rows) == {model.__name__ for model in audited_models()}
    for model in audited_models():
        row, table = rows[model.__name__], model._meta.db_table
        columns = [f.column for f in model.audited_fields() if not f.is_relation and not f.null]
        texts = [f.column for f in model.audited_fields() if f.get_internal_type() in ("CharField", "TextField") and not f.choices]  # fmt: skip  # noqa: E501
        assert columns, model
        forbidden = [f'UPDATE "{table}" SET version = version + 1', f'DELETE FROM "{table}"']
        forbidden += [f'UPDATE "{table}" SET "{column}" = \'x\' WHERE id = {row.pk}' for column in texts]
        for sql in forbidden:
            with pytest.raises(DatabaseError), transaction.atomic():
                raw(sql)
                connection.check_constraints()
    assert check_audit() == []


def test_patients_are_not_swapped(db):
    """Two rows that trade their keys are two changes without a record."""
    one, two = a_patient("FR03-001"), a_patient("FR03-002")
    connection.check_constraints()
    with pytest.raises(DatabaseError), transaction.atomic():
        raw("UPDATE patients_patient SET id = -1 WHERE id = %s", one.pk)
        raw("UPDATE patients_patient SET id = %s WHERE id = %s", one.pk, two.pk)
        raw("UPDATE patients_patient SET id = %s WHERE id = -1", two.pk)
        connection.check_constraints()
    assert Patient.objects.get(pk=one.pk).number == "FR03-001"
