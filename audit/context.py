"""The actor and the unit of work: one transaction, one reason, one change set per chain."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

STUDY = "study"  # the chain of everything that belongs to no patient
request_id: ContextVar[str] = ContextVar("request_id", default="")
_work: ContextVar[Work | None] = ContextVar("work", default=None)


class NotAudited(Exception):
    """A write outside ``acting``, without a reason where one is needed, or by a door that keeps no trail."""


class Stale(Exception):
    """Somebody else saved the record after it was read."""


@dataclass(frozen=True)
class Actor:
    """Who acts: ``username`` is the key, the rest is as it was at the moment of the act."""

    username: str
    name: str
    role: str = ""
    site: str = ""


SYSTEM = Actor("system", "The system", "System")


@dataclass
class Entry:
    """One changed field of one record; ``old`` and ``new`` are canonical text or None (empty).

    ``at`` is the moment of the record's history row; None (an event without a record) means that of the set.
    """

    patient: str
    site: str
    form: str
    record: str
    version: int
    field: str
    old: str | None
    new: str | None
    marks: dict[str, bool] = field(default_factory=dict)
    at: datetime | None = None


class Written:
    """A note to the connection that something was written. Rolling a savepoint back drops the notes made in it."""

    def __init__(self) -> None:
        transaction.on_commit(self)

    def __call__(self) -> None:
        """Nothing is left to do at COMMIT."""


@dataclass
class Set:
    """What one unit of work does to one chain."""

    chain: str
    site: str
    since: int = 0
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    _noted: list[tuple[Written, list[Entry]]] = field(default_factory=list)

    def note(self, *entries: Entry) -> None:
        """Enter what has just been written."""
        self._noted.append((Written(), list(entries)))

    @property
    def entries(self) -> list[Entry]:
        """What was entered and has not been rolled back since, in order."""
        standing = {each[1] for each in connection.run_on_commit[self.since :]}
        return [entry for written, entries in self._noted if written in standing for entry in entries]


@dataclass
class Work:
    """The open unit of work."""

    actor: Actor
    reason: str
    source: str
    marks: dict[str, bool] = field(default_factory=dict)
    sets: dict[str, Set] = field(default_factory=dict)
    since: int = field(default_factory=lambda: len(connection.run_on_commit))

    def set_for(self, chain: str, site: str) -> Set:
        """The change set of a chain, begun at the first call."""
        return self.sets.setdefault(chain, Set(chain, site, self.since))


def current() -> Work:
    """The open unit of work; NotAudited when there is none."""
    work = _work.get()
    if work is None:
        raise NotAudited("Trial data are written inside acting(actor, reason=…): nobody is acting here.")
    return work


@contextlib.contextmanager
def acting(actor: Actor, *, reason: str = "", source: str, savepoint: bool = True) -> Iterator[Work]:
    """One transaction in the name of ``actor``; on leaving, its change sets are chained and stored.

    ``source`` says through which door (form, admin, command, simulation …). Inside another ``acting`` of the same actor
    it joins that one; a different actor is refused. ``savepoint=False`` saves two statements where the caller has a
    transaction of its own that it will roll back when this fails.
    """
    outer = _work.get()
    if outer is not None:
        if outer.actor != actor:
            raise NotAudited(f"{actor.username} cannot act inside the work of {outer.actor.username}.")
        yield outer
        return
    from audit import chain

    work = Work(actor, reason.strip(), source)
    with transaction.atomic(savepoint=savepoint):
        token = _work.set(work)
        try:
            yield work
            chain.write(work)
        finally:
            _work.reset(token)


def event(actor: Actor, what: str, *, about: str, detail: str = "", source: str, site: str = "") -> None:
    """Note an act that changes no record (a log-in, an export, a print) in the study's chain."""
    with acting(actor, source=source) as work:
        of = work.set_for(STUDY, site or actor.site)
        of.note(Entry("", site or actor.site, "ACCESS", about, 0, what, None, detail or "done"))
