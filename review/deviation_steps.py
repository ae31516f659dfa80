"""The history of a deviation, step by step: what it was and became, by whom, when, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from audit.context import SYSTEM
from audit.history import history_of
from audit.models import ChangeSet
from review import deviation_states as states
from review.models import Deviation

# What a reader is shown when it changes; reasons stand beside the step that gave them.
FACETS = {
    "status": "Status", "category": "Category", "description": "Monitor's wording", "text": "What happened",
    "rests_on": "What the protocol says", "why": "Why it happened", "started_on": "Date",
    "breach": "Potential serious breach", "breach_aware_at": "Sponsor aware at", "breach_ended_at": "Reported or assessed at",
    "safety_question": "Question to the safety desk",
}  # fmt: skip
KINDS = {states.PROPOSED: "open", states.ACCEPTED: "warn", states.REJECTED: "closed", states.WITHDRAWN: "closed", states.VOID: "void"}  # of components/status.html
SAFETY_KINDS = {"": "neutral", states.ASKED: "open", states.ERROR: "warn", states.NO_ERROR: "ok"}
BY_PERSON = "deviation"  # the door by which people judge, flag and answer; all others are the program, following the data


@dataclass(frozen=True)
class Line:
    """One thing that changed; times as they are, for the page to show in its zone."""

    label: str
    old: str | datetime
    new: str | datetime


@dataclass(frozen=True)
class Step:
    """One version of a deviation."""

    title: str
    lines: tuple[Line, ...]
    who: str
    role: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Judgement:
    """A judgement that held before."""

    status: str
    category: str
    description: str
    who: str
    at: datetime


@dataclass(frozen=True)
class History:
    """All steps, oldest first, and the latest judgement that a person has made (None: nobody yet)."""

    steps: tuple[Step, ...]
    judged: Judgement | None


def history(deviation: Deviation) -> History:
    """The whole history of a deviation, in two queries."""
    rows = list(history_of(Deviation)._default_manager.filter(id=deviation.pk).order_by("history_id"))
    sets = ChangeSet.objects.in_bulk([row.change_set_id for row in rows])
    steps, before, judged = [], None, None
    for row in rows:
        act = sets[row.change_set_id]
        steps.append(_step(row, before, act))
        if row.status in (states.ACCEPTED, states.REJECTED) and act.source == BY_PERSON and _judges(row, before):
            judged = Judgement(row.get_status_display(), row.category, row.description, act.actor_name, row.history_date)
        before = row
    return History(tuple(steps), judged)


def _judges(row, before) -> bool:
    names = ("status", "category", "description", "judgement_reason")
    return before is None or any(getattr(row, name) != getattr(before, name) for name in names)


def _step(row, before, act: ChangeSet) -> Step:
    by_person = act.source == BY_PERSON
    who, role = (act.actor_name, act.role) if by_person else ("The program", _occasion(act))
    # The system says why it re-checks; that is the occasion once more.
    reason = "" if act.actor == SYSTEM.username else act.reason
    return Step(_title(row, before), tuple(_lines(row, before)), who, role, row.history_date, reason)


def _occasion(act: ChangeSet) -> str:
    return "at a re-check of all rules" if act.actor == SYSTEM.username else f"when {act.actor_name} saved data"


def _lines(row, before) -> Iterator[Line]:
    for name, label in FACETS.items():
        if before is None and name == "rests_on":
            continue  # it stands over the history, and is long
        old, new = _shown(before, name) if before is not None else "", _shown(row, name)
        if old != new:
            yield Line(label, old, new)


def _shown(row, name: str) -> str | datetime:
    value = getattr(row, name)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return f"{value:%d-%b-%Y}"
    display = getattr(row, f"get_{name}_display", None)
    return display() if display and value else value or ""


def _title(row, before) -> str:
    if before is None:
        return "Entered" if row.rule == "" else "Proposed"
    moved = {name for name in FACETS if getattr(row, name) != getattr(before, name)}
    if "status" in moved:
        return "Proposed again" if row.status == states.PROPOSED else row.get_status_display().partition(",")[0]
    if "breach" in moved:
        if row.breach == states.POTENTIAL:
            return "Flagged again" if before.breach else "Flagged"
        return {states.REPORTED: "Reported", states.NOT_SERIOUS: "Assessed"}[row.breach]
    if "breach_aware_at" in moved:
        return "Awareness corrected"
    if "safety_question" in moved or row.safety_answer != before.safety_answer:
        return "Answered by the safety desk" if row.safety_question in (states.ERROR, states.NO_ERROR) else "Safety desk asked"
    if row.status == states.ACCEPTED and _judges(row, before):
        return "Judged anew"
    if "text" in moved:
        return "Found changed"
    return "Explained" if "why" in moved else "Changed"
