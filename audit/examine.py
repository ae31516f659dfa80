"""Does the trail tell the truth? Every row, every history row, every chain, every seal, compared with each other.

Everything is read once, in an order in which what belongs together comes together: the number of queries does not grow
with the data, and memory holds one record or one change set at a time.

A hash covers only the digests of old and new, so that a redaction by two people could blank a value some day. There is
no such redaction yet: a value that does not give its digest is a finding, also when it and its salt are empty.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Cast, Collate

from audit import triggers
from audit.chain import START, digest, set_hash
from audit.models import ChainHead, Change, ChangeSet, Seal, audited_models
from audit.rewrite import SCHEMA
from audit.values import canonical

BATCH = 2000


def findings(roots: Collection[str] = ()) -> Iterator[str]:
    """One line per finding, ``table pk: what``; none when all is well. All of it is read as of one moment.

    ``roots`` were printed by earlier seals and kept outside the database: each must still be the root of a seal.
    """
    with _one_moment():
        gone = triggers.missing()
        if gone:
            yield f"triggers: {len(gone)} missing or altered, the first is {gone[0]}"
        yield from _left_unaudited()
        added = _added_columns()
        for model in audited_models():
            yield from Records(model, added.get(model.trail_code, {})).findings()
        yield from _unknown_forms()
        yield from _orphans(Change)
        yield from _chains()
        for root in sorted(set(roots).difference(Seal.objects.values_list("root", flat=True)) if roots else ()):
            yield f"audit_seal {root}: no seal has this root"


@contextlib.contextmanager
def _one_moment() -> Iterator[None]:
    """Others go on writing meanwhile; what they write is not seen, so that nothing is found half done."""
    if connection.in_atomic_block:
        yield  # the caller has chosen
    elif connection.vendor == "sqlite":
        # Not atomic(), which would take the write lock.
        connection.ensure_connection()
        connection.connection.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            connection.connection.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def _left_unaudited() -> Iterator[str]:
    if connection.vendor != "sqlite" or "audit_unaudited" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl, pk, op FROM audit_unaudited")
        for table, pk, op in cursor.fetchall():
            yield f"{table} {pk}: written without an audit record ({op})"


def _added_columns() -> dict[str, dict[str, list[tuple[int, str]]]]:
    """Code of the model → column → (last history row that was there when it was added, the value that it came with)."""
    added: dict = defaultdict(lambda: defaultdict(list))
    for note in Change.objects.filter(form=SCHEMA).order_by("-id"):
        added[note.record][note.field].append((note.version, note.new))
    return added


def _unknown_forms() -> Iterator[str]:
    known = {model.trail_code for model in audited_models()} | {SCHEMA, "ACCESS"}
    for change in Change.objects.exclude(form__in=known).order_by("id").iterator(BATCH):
        yield f"audit_change {change.id}: there is no form {change.form}"


def _orphans(model) -> Iterator[str]:
    """Rows whose change set does not exist."""
    lost = model._base_manager.filter(~Exists(ChangeSet.objects.filter(pk=OuterRef("change_set_id")))).order_by("pk")
    for pk in lost.values_list("pk", flat=True):
        yield f"{model._meta.db_table} {pk}: its change set does not exist"


class Records:
    """The rows of one model, each with its history and its changes."""

    def __init__(self, model, added: dict[str, list[tuple[int, str]]]) -> None:
        self.table, self.past_table = model._meta.db_table, model.history.model._meta.db_table
        self.model, self.added = model, added
        self.fields = {field.attname: field for field in model.audited_fields()}
        self.columns = [field.attname for field in model.history.model.tracked_fields]

    def findings(self) -> Iterator[str]:
        history = self.model.history.model
        changes = Change.objects.filter(form=self.model.trail_code)
        # Not a join, which would hide a row whose set is gone.
        of = ChangeSet.objects.filter(pk=OuterRef("change_set_id"))
        said = history._base_manager.annotate(
            audit_actor=Subquery(of.values("actor")), audit_reason=Subquery(of.values("reason"))
        )
        yield from _orphans(history)
        for key, live, past, trail in _side_by_side(
            _keyed(self.model._base_manager.all(), "id").order_by("audit_key"),
            _keyed(said, "id").order_by("audit_key", "history_id"),
            _keyed(changes, "record").order_by("audit_key", "version", "id"),
        ):
            yield from self._record(key, live, past, trail)

    def _record(self, key: str, live: list, past: list, trail: list) -> Iterator[str]:
        versions: dict[int, list[Change]] = defaultdict(list)
        for change in trail:
            versions[change.version].append(change)
        state, before = self._initial(past), None
        for each in past:
            changes = versions.pop(each.version, [])
            yield from self._place(each, before)
            yield from self._writing(each, changes)
            yield from self._fold(each, changes, state)
            before = each
        for version in sorted(versions):
            yield f"{self.table} {key}: the trail has a version {version} that history has not"
        if not live:
            if before is not None and before.history_type != "-":
                yield f"{self.table} {key}: deleted without history"
        elif before is None:
            yield f"{self.table} {key}: inserted without history"
        else:
            wrong = [name for name in self.columns if getattr(live[0], name) != getattr(before, name)]
            if wrong:
                yield f"{self.table} {key}: changed without history in {', '.join(sorted(wrong))}"

    def _initial(self, past: list) -> dict[str, str | None]:
        """Empty, but for columns that were added with a value when the record was there already."""
        state: dict[str, str | None] = dict.fromkeys(self.fields)
        for name, notes in self.added.items():
            fitting = [value for last, value in notes if past and past[0].history_id <= last]
            if fitting and name in state:
                state[name] = fitting[0]
        return state

    def _place(self, each, before) -> Iterator[str]:
        name, last = f"{self.past_table} {each.history_id}", before.version if before else 0
        if each.version != last + 1:
            yield f"{name}: version {each.version} follows {last}"
        if each.history_type != ("~" if before else "+"):
            yield f"{name}: is of type {each.history_type}"
        if before is not None and each.history_date <= before.history_date:
            yield f"{name}: its date is not later than the one before"

    def _writing(self, each, changes: list[Change]) -> Iterator[str]:
        """The row says the same as its changes and its change set about who, when, why."""
        name = f"{self.past_table} {each.history_id}"
        if not changes:
            yield f"{name}: the trail has no change that made it"
        if any(change.change_set_id != each.change_set_id for change in changes):
            yield f"{name}: is of another change set than its changes"
        if each.history_date != each.changed_at or any(change.at != each.history_date for change in changes):
            yield f"{name}: its date is not that of its changes"
        wrong = (each.history_user_id, each.history_change_reason or "") != (each.audit_actor, each.audit_reason)
        if each.audit_actor is not None and wrong:  # None: the set does not exist, which is reported as such
            yield f"{name}: its user or reason is not that of its change set"

    def _fold(self, each, changes: list[Change], state: dict[str, str | None]) -> Iterator[str]:
        """The row is what its changes make of the row before. ``state`` becomes the row."""
        made = dict(state)
        for change in changes:
            if change.field not in made:
                continue  # a column that exists no more
            if not self._same(change.field, made[change.field], change.old):
                yield f"audit_change {change.id}: its old value is not what was there before"
            made[change.field] = change.new
        now = {name: canonical(field, getattr(each, name)) for name, field in self.fields.items()}
        wrong = sorted(name for name, value in now.items() if not self._same(name, made[name], value))
        if wrong:
            yield f"{self.past_table} {each.history_id}: differs from the trail in {', '.join(wrong)}"
        state.update(now)

    def _same(self, name: str, one: str | None, other: str | None) -> bool:
        """Equal as values of the column as it is today: a decimal place more does not change a number."""
        if one == other or one is None or other is None:
            return one == other
        field = self.fields[name]
        try:
            return canonical(field, one) == canonical(field, other)
        except (ValidationError, ArithmeticError, ValueError):
            return False


def _keyed(rows: models.QuerySet, column: str) -> models.QuerySet:
    """Rows with their record as text, which sorts alike everywhere: a forged record number need not be a number."""
    plain = "BINARY" if connection.vendor == "sqlite" else "C"
    return rows.annotate(audit_key=Collate(Cast(F(column), models.CharField()), plain))


def _side_by_side(*streams: models.QuerySet) -> Iterator[tuple[Any, ...]]:
    """(key, rows of the first stream with that key, of the second …), key by key, from streams in order of key."""
    groups = [itertools.groupby(stream.iterator(BATCH), key=lambda row: row.audit_key) for stream in streams]
    heads = [next(group, None) for group in groups]
    while any(heads):
        key = min(head[0] for head in heads if head)
        rows = []
        for place, head in enumerate(heads):
            mine = head is not None and head[0] == key
            rows.append(list(head[1]) if mine else [])
            if mine:
                heads[place] = next(groups[place], None)
        yield (key, *rows)


def _chains() -> Iterator[str]:
    sealed, roots = _sealed()
    yield from roots
    tied: dict[str, tuple[int, str]] = {}
    sets = ChangeSet.objects.order_by("chain", "seq").iterator(BATCH)
    changes = Change.objects.order_by("change_set__chain", "change_set__seq", "line")
    rows_of = itertools.groupby(changes.iterator(BATCH), key=lambda change: change.change_set_id)
    pending = next(rows_of, None)
    for each in sets:
        rows: list[Change] = []
        if pending is not None and pending[0] == each.id:
            rows = list(pending[1])
            pending = next(rows_of, None)
        seq, tie = tied.get(each.chain, (0, START))
        if each.seq != seq + 1:
            yield f"audit_changeset {each.id}: chain {each.chain} jumps from {seq} to {each.seq}"
        if each.previous_hash != tie:
            yield f"audit_changeset {each.id}: is not tied to the set before it in chain {each.chain}"
        if each.hash != set_hash(each, rows):
            yield f"audit_changeset {each.id}: header or changes do not give its hash"
        for row in rows:
            yield from _change(row, each)
        tied[each.chain] = each.seq, each.hash
        for number, hash in sealed.pop((each.chain, each.seq), ()):
            if hash != each.hash:
                yield f"audit_seal {number}: chain {each.chain} no longer has link {each.seq} as it was sealed"
    for (key, seq), marks in sorted(sealed.items()):
        for number, _ in marks:
            yield f"audit_seal {number}: chain {key} no longer has link {seq} as it was sealed"
    heads = {head.key: (head.seq, head.hash) for head in ChainHead.objects.all()}
    for key in sorted({*heads, *tied}):
        if heads.get(key, (0, START)) != tied.get(key, (0, START)):
            yield f"audit_chainhead {key}: the chain does not end where its head says"


def _change(row: Change, each: ChangeSet) -> Iterator[str]:
    if len(row.salt) != 16 or (digest(row.salt, row.old), digest(row.salt, row.new)) != (row.old_digest, row.new_digest):
        yield f"audit_change {row.id}: its value does not give its digest"
    if row.actor != each.actor or row.at > each.at:
        yield f"audit_change {row.id}: time or actor is not that of its set"


def _sealed() -> tuple[dict[tuple[str, int], list[tuple[int, str]]], list[str]]:
    """(chain, link) → (the first seal that says so, the hash it says); and what is wrong with the seals themselves."""
    sealed: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    wrong = []
    for seal in Seal.objects.order_by("id").iterator(100):
        if root_of(seal.heads) != seal.root:
            wrong.append(f"audit_seal {seal.id}: its heads do not give its root")
        for key, (seq, tie) in seal.heads.items():
            if seq and all(tie != known for _, known in sealed[key, seq]):
                sealed[key, seq].append((seal.id, tie))
    return sealed, wrong


def root_of(heads: dict[str, list]) -> str:
    """The one figure that stands for all chains: SHA-256 over their heads in order of key."""
    return hashlib.sha256(json.dumps(heads, sort_keys=True).encode()).hexdigest()


def seal() -> Seal:
    """Seal all chains as they are now; keep the root outside the database."""
    from audit import clock

    heads = {head.key: [head.seq, head.hash] for head in ChainHead.objects.order_by("key")}
    return Seal.objects.create(at=clock.now(), root=root_of(heads), heads=heads)
