"""Does the trail tell the truth? Every row, every history row, every chain, every seal, compared with each other."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator

from django.db import connection

from audit import triggers
from audit.chain import START, digest, set_hash
from audit.models import ChainHead, Change, ChangeSet, Seal, audited_models
from audit.values import snapshot


def findings() -> Iterator[str]:
    """One line per finding, ``table pk: what``; none when all is well."""
    gone = triggers.missing()
    if gone:
        yield f"triggers: {len(gone)} missing, the first is {gone[0]}"
    yield from _left_unaudited()
    for model in audited_models():
        yield from _records(model)
    yield from _chains()
    yield from _seals()


def _left_unaudited() -> Iterator[str]:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl, pk, op FROM audit_unaudited")
        for table, pk, op in cursor.fetchall():
            yield f"{table} {pk}: written without an audit record ({op})"


def _records(model) -> Iterator[str]:
    """Live rows against last history rows, and every history row against the fold of the changes up to its version."""
    table, fields = model._meta.db_table, model.audited_fields()
    names = {field.attname for field in fields}
    sets = set(ChangeSet.objects.values_list("id", flat=True))
    folded: dict[str, dict[int, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for change in Change.objects.filter(form=model.trail_code).order_by("id").iterator(2000):
        folded[change.record][change.version].append(change)

    last: dict[int, object] = {}
    state: dict[int, dict[str, str | None]] = {}
    for past in model.history.model._default_manager.order_by("id", "history_id").iterator(2000):
        before = last.get(past.id)
        if past.change_set_id not in sets:
            yield f"{past._meta.db_table} {past.history_id}: its change set does not exist"
        if before is not None and past.history_date <= before.history_date:
            yield f"{past._meta.db_table} {past.history_id}: its date is not later than the one before"
        if past.version != (before.version if before else 0) + 1:
            yield f"{past._meta.db_table} {past.history_id}: version {past.version} follows {before.version if before else 0}"  # fmt: skip  # noqa: E501
        now = state.setdefault(past.id, dict.fromkeys(names))
        for change in folded[str(past.id)].pop(past.version, []):
            if change.field not in names:
                continue
            if now[change.field] != change.old and change.salt:
                yield f"audit_change {change.id}: old value does not follow from the change before"
            now[change.field] = change.new
        if snapshot(past, fields) != now:
            wrong = sorted(name for name, value in snapshot(past, fields).items() if value != now[name])
            yield f"{past._meta.db_table} {past.history_id}: differs from the trail in {', '.join(wrong)}"
            state[past.id] = snapshot(past, fields)
        last[past.id] = past
    for record, versions in folded.items():
        for version in versions:
            yield f"{table} {record}: the trail has a version {version} that history has not"

    alive = set()
    for live in model._base_manager.order_by("pk").iterator(2000):
        alive.add(live.pk)
        past = last.get(live.pk)
        if past is None:
            yield f"{table} {live.pk}: inserted without history"
            continue
        wrong = [f.attname for f in (*fields, *_bookkeeping(model)) if _text(f, live) != _text(f, past)]
        if wrong:
            yield f"{table} {live.pk}: changed without history in {', '.join(sorted(wrong))}"
    for pk, past in last.items():
        if pk not in alive and past.history_type != "-":
            yield f"{table} {pk}: deleted without history"


def _bookkeeping(model):
    return [model._meta.get_field("version"), model._meta.get_field("changed_at")]


def _text(field, instance):
    return snapshot(instance, [field])[field.attname]


def _chains() -> Iterator[str]:
    previous: dict[str, tuple[int, str]] = {}
    changes = Change.objects.order_by("change_set__chain", "change_set__seq", "line").iterator(2000)
    pending = next(changes, None)
    for each in ChangeSet.objects.order_by("chain", "seq").iterator(2000):
        rows = []
        while pending is not None and pending.change_set_id == each.id:
            rows.append(pending)
            pending = next(changes, None)
        seq, tie = previous.get(each.chain, (0, START))
        if each.seq != seq + 1:
            yield f"audit_changeset {each.id}: chain {each.chain} jumps from {seq} to {each.seq}"
        if each.previous_hash != tie:
            yield f"audit_changeset {each.id}: is not tied to the set before it in chain {each.chain}"
        if each.hash != set_hash(each, rows):
            yield f"audit_changeset {each.id}: header or changes do not give its hash"
        for row in rows:
            if row.salt and (digest(row.salt, row.old), digest(row.salt, row.new)) != (row.old_digest, row.new_digest):
                yield f"audit_change {row.id}: its value does not give its digest"
            if (row.at, row.actor) != (each.at, each.actor):
                yield f"audit_change {row.id}: time or actor is not that of its set"
        previous[each.chain] = each.seq, each.hash
    if pending is not None:
        yield f"audit_change {pending.id}: its change set does not exist or is out of order"
    heads = {head.key: (head.seq, head.hash) for head in ChainHead.objects.all()}
    for key in sorted({*heads, *previous}):
        if heads.get(key, (0, START)) != previous.get(key, (0, START)):
            yield f"audit_chainhead {key}: the chain does not end where its head says"


def root_of(heads: dict[str, list]) -> str:
    """The one figure that stands for all chains: SHA-256 over their heads in order of key."""
    return hashlib.sha256(json.dumps(heads, sort_keys=True).encode()).hexdigest()


def _seals() -> Iterator[str]:
    for seal in Seal.objects.order_by("id"):
        if root_of(seal.heads) != seal.root:
            yield f"audit_seal {seal.id}: its heads do not give its root"
        for key, (seq, tie) in seal.heads.items():
            if seq and not ChangeSet.objects.filter(chain=key, seq=seq, hash=tie).exists():
                yield f"audit_seal {seal.id}: chain {key} no longer has link {seq} as it was sealed"


def seal() -> Seal:
    """Seal all chains as they are now; keep the root outside the database."""
    from audit import clock

    heads = {head.key: [head.seq, head.hash] for head in ChainHead.objects.order_by("key")}
    return Seal.objects.create(at=clock.now(), root=root_of(heads), heads=heads)
