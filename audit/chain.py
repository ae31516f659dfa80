"""The hash chains: one per patient and one for the study, over change sets.

A set's hash covers its header and everything of its changes, of a value only a salted digest: so a redaction could blank
a value, and nothing else, without breaking the chain. As long as there is no redaction, ``examine`` reports every
blanked value.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable

from django.db import connection

from audit import clock
from audit.context import STUDY, Entry, Set, Work, request_id
from audit.sql import insert

START = "0" * 64
MARKS = ("after_sdv", "after_signature")  # a mark added later leaves the hashes of older sets as they are


def digest(salt: str, value: str | None) -> str:
    """Salted digest of one canonical value; '' for an empty one."""
    return "" if value is None else hashlib.sha256(f"{salt}|{value}".encode()).hexdigest()


def set_hash(change_set, changes: Iterable) -> str:
    """The hash of a ChangeSet with its Change rows in order of ``line``."""
    body = {
        name: str(getattr(change_set, name))
        for name in ("id", "chain", "seq", "actor", "actor_name", "role", "actor_site", "record_site", "reason",
                     "source", "request_id", "previous_hash")
    }  # fmt: skip
    body["at"] = change_set.at.isoformat(timespec="microseconds")
    body["changes"] = [
        [c.line, c.patient, c.site, c.form, c.record, c.version, c.field, c.old_digest, c.new_digest,
         c.at.isoformat(timespec="microseconds"), *(mark for mark in MARKS if getattr(c, mark))]
        for c in changes
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def write(work: Work) -> None:
    """Chain and store the sets of a unit of work: patients' chains first, the study's last, so that locks never cross."""
    standing = {key: (each, each.entries) for key, each in work.sets.items()}
    pending = sorted((key == STUDY, key) for key, (_, entries) in standing.items() if entries)
    if not pending:
        return
    keys = [key for _, key in pending]
    # Locked one after the other in the agreed order; a single statement would lock in the planner's order.
    heads = {key: _lock(key) or _first(key) for key in keys}
    sets, rows = [], []
    for key in keys:
        each, entries = standing[key]
        head = heads[key]
        change_set = _header(work, each, entries, head)
        changes = [_row(change_set, line, entry) for line, entry in enumerate(entries)]
        change_set.hash = head.hash = set_hash(change_set, changes)
        head.seq = change_set.seq
        sets.append(change_set)
        rows += changes
        _advance(head)
    insert(sets)
    insert(rows)


def _lock(key: str):
    """The head of a chain, held until the transaction ends; None when the chain has not begun. (Plain SQL: every save asks.)"""
    from audit.models import ChainHead

    hold = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT seq, hash FROM audit_chainhead WHERE key = %s{hold}", [key])  # noqa: S608
        found = cursor.fetchone()
    return ChainHead(key=key, seq=found[0], hash=found[1]) if found else None


def _advance(head) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_chainhead SET seq = %s, hash = %s WHERE key = %s", [head.seq, head.hash, head.key])


def _first(key: str):
    """The head of a new chain, locked; somebody else may have begun it a moment ago."""
    from audit.models import ChainHead

    ChainHead.objects.bulk_create([ChainHead(key=key)], ignore_conflicts=True)
    return ChainHead.objects.select_for_update().get(key=key)


def _header(work: Work, each: Set, entries: list[Entry], head):
    from audit.models import ChangeSet

    actor = work.actor
    # Never before the rows that it is about: under a stopped clock their dates still rise.
    at = max([clock.now(), *(entry.at for entry in entries if entry.at)])
    return ChangeSet(
        id=each.id, chain=each.chain, seq=head.seq + 1, actor=actor.username, actor_name=actor.name, role=actor.role,
        actor_site=actor.site, record_site=each.site, at=at, reason=work.reason, source=work.source,
        request_id=request_id.get(), previous_hash=head.hash,
    )  # fmt: skip


def _row(change_set, line: int, entry: Entry):
    from audit.models import Change

    salt = secrets.token_hex(8)
    return Change(
        change_set=change_set, line=line, patient=entry.patient, site=entry.site, form=entry.form, record=entry.record,
        version=entry.version, field=entry.field, old=entry.old, new=entry.new, salt=salt,
        old_digest=digest(salt, entry.old), new_digest=digest(salt, entry.new), at=entry.at or change_set.at,
        actor=change_set.actor, **entry.marks,
    )  # fmt: skip
