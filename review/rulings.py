"""Rulings: questions that a criterion's wording leaves open, and the medical reviewer's answers.

A ruling answers an open question and nothing else: it changes no answer of the investigator and no result that the data
settle, and no criterion is waived by it. What was decided holds for the data that it was decided on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts import outbox
from accounts.access import actor_for, check
from accounts.roles import Permission, Role
from audit import clock
from audit.context import SYSTEM, acting, current
from audit.history import history_of
from audit.models import ChangeSet
from audit.write import save_all
from patients.actions import Refused
from patients.models import Patient
from protocol.engine import Finding, Severity
from review.models import Ruling, RulingOutcome, RulingStatus
from review.texts import storable

OPEN, DECIDED, WITHDRAWN = RulingStatus.OPEN, RulingStatus.DECIDED, RulingStatus.WITHDRAWN
WORDS = 3  # a reason has at least so many
KINDS = {OPEN: "open", DECIDED: "ok", WITHDRAWN: "closed"}  # of components/status.html
DECISION = ("outcome", "reason", "decided_inputs", "decided_by", "decided_at")

_NUMBER = re.compile(r"SCR-([IE])(\d+)")


def criterion_of(rule: str) -> str:
    """The criterion that a rule belongs to: SCR-I01r → I1; '' when its id names none."""
    found = _NUMBER.match(rule)
    return f"{found[1]}{int(found[2])}" if found else ""


def decisions(patient: Patient) -> dict[str, Ruling]:
    """Rule → the ruling that holds now. It was decided on ``ruling.inputs``; a finding with others is an open question."""
    return {each.rule: each for each in Ruling.objects.filter(patient=patient, status=DECIDED)}


# ---- asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Synced:
    """What a sync did, for the message on the page: questions put to the reviewer, and questions that no longer arise."""

    asked: int = 0
    withdrawn: int = 0


def sync(*, patient: Patient, judged: Collection[str], findings: Sequence[Finding]) -> Synced:
    """Make the patient's rulings agree with what the rules of severity REVIEW find now.

    ``judged``: ids of the rules that were run. A decision falls when what it was made on changes, and holds again when
    that comes back. Call inside ``acting`` with the patient locked.
    """
    current()
    if not judged:
        return Synced()
    live = {f.rule.id: f for f in findings if f.rule.severity is Severity.REVIEW and f.rule.id in judged}
    known = {each.rule: each for each in Ruling.objects.filter(patient=patient) if each.rule in judged}
    new, moved, asked = [], [], []
    for rule, found in live.items():
        ruling = known.get(rule)
        if ruling is None:
            ruling = Ruling(rule=rule, criterion=criterion_of(rule))
        elif ruling.status != WITHDRAWN and ruling.inputs == found.inputs:
            continue  # asked already, or decided on exactly this
        (moved if ruling.pk else new).append(ruling)
        ruling.patient = patient  # the one already read, with its site
        ruling.question, ruling.inputs = found.message, found.inputs
        if _decided_before(ruling):
            ruling.status = DECIDED
        else:
            ruling.status, ruling.asked_at = OPEN, clock.now()
            asked.append(ruling)
    gone = [each for rule, each in known.items() if rule not in live and each.status != WITHDRAWN]
    for ruling in gone:
        ruling.patient, ruling.status = patient, WITHDRAWN
    save_all(new)
    save_all(moved + gone)
    for ruling in asked:
        _post(ruling)
    return Synced(len(asked), len(gone))


def _decided_before(ruling: Ruling) -> bool:
    """Take up the latest decision that was made on the present inputs; False when there is none."""
    if not ruling.decided_inputs:
        return False
    if ruling.decided_inputs == ruling.inputs:
        return True
    past = history_of(Ruling)._default_manager.filter(id=ruling.pk, status=DECIDED, decided_inputs=ruling.inputs)
    last = past.order_by("-history_id").first()
    for name in DECISION if last else ():
        setattr(ruling, name, getattr(last, name))
    return last is not None


def _post(ruling: Ruling) -> None:
    """Tell the medical reviewer that there is something to decide; the mail says where, not about whom."""
    outbox.post(
        key=f"ruling-{ruling.patient_id}-{ruling.rule}-{ruling.inputs}", to_role=Role.MEDICAL_REVIEWER,
        subject="START-lung: a criterion needs your decision",
        body=(
            f"The data do not settle criterion {ruling.criterion or ruling.rule} for a patient: its wording leaves a "
            f"question open. Registration waits for your decision.\n\nRead and decide at: {link_to(ruling)}\n\n"
            "This mail holds no patient data. Log in to read the case."
        ),
    )  # fmt: skip


def link_to(ruling: Ruling) -> str:
    """The whole address of a ruling, for a mail: number in, nothing about the patient."""
    return settings.SITE_URL + reverse("ruling", args=[ruling.pk])


# ---- deciding --------------------------------------------------------------------------------------------------------


class NotDecided(Refused):
    """The decision was not stored; ``faults`` says why, by field ('' for the whole)."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


class Moved(NotDecided):
    """The case, or somebody else's decision, has changed since the page was opened."""

    def __init__(self, sentence: str) -> None:
        super().__init__({"": sentence})


def decide(*, user, ruling: Ruling, outcome: str, reason: str, inputs: str, version: int) -> Ruling:
    """The medical reviewer's decision on the question as the page showed it (its ``inputs`` and ``version``).

    A second thought is a new version. Raises PermissionDenied, NotDecided for what was typed, and Moved when the data or
    the ruling are no longer those that the reviewer has read.
    """
    check(user, Permission.DECIDE, ruling.patient.site)
    reason = storable(reason)
    with acting(actor_for(user, ruling.patient.site), reason=reason, source="ruling"):
        patient = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=ruling.patient_id)
        ruling = Ruling.objects.select_for_update(of=("self",)).get(pk=ruling.pk)
        ruling.patient = patient
        decision = {"outcome": outcome, "reason": reason, "decided_by": user.username, "decided_inputs": inputs}
        if ruling.status == DECIDED and all(getattr(ruling, name) == value for name, value in decision.items()):
            return ruling  # the same click twice
        _check_present(ruling, inputs, version)
        if faults := _faults(outcome, reason):
            raise NotDecided(faults)
        for name, value in decision.items():
            setattr(ruling, name, value)
        ruling.status, ruling.decided_at = DECIDED, clock.now()
        ruling.save()
    return ruling


def _check_present(ruling: Ruling, inputs: str, version: int) -> None:
    if ruling.status == WITHDRAWN:
        raise Moved("The question no longer arises: the data have changed since. There is nothing to decide.")
    if ruling.inputs != inputs:
        raise Moved("The data have changed since you opened this page. Read the question as it is now, then decide.")
    if ruling.version != version:
        raise Moved("A decision has been made since you opened this page. Read it in the history, then decide again.")


def _faults(outcome: str, reason: str) -> dict[str, str]:
    """Everything that is wrong with what was typed, by field."""
    faults = {}
    if outcome not in RulingOutcome.values:
        faults["outcome"] = "Choose one of the two answers."
    if len(reason.split()) < WORDS:
        faults["reason"] = "Say in a few words why: an inspector who was not there must understand the decision."
    return faults


# ---- history ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One version of a ruling: what it was and became, by whom, when, and why; the question when it was put anew."""

    title: str
    was: str
    now: str
    kind: str
    who: str
    role: str
    at: datetime
    reason: str = ""
    question: str = ""


def steps(ruling: Ruling) -> list[Step]:
    """The whole history of a ruling, oldest first, in two queries."""
    rows = list(history_of(Ruling)._default_manager.filter(id=ruling.pk).order_by("history_id"))
    sets = ChangeSet.objects.in_bulk([row.change_set_id for row in rows])
    found, before, made = [], None, set()
    for row in rows:
        found.append(_step(row, before, sets[row.change_set_id], is_new=row.decided_at not in made))
        made.add(row.decided_at)
        before = row
    return found


def _step(row, before, act: ChangeSet, *, is_new: bool) -> Step:
    """``is_new``: nobody had made this decision before (otherwise it is taken up again)."""
    by_person = row.status == DECIDED and is_new
    who, role = (act.actor_name, act.role) if by_person else ("The program", _occasion(act))
    asked = row.status == OPEN or before is None
    if by_person:
        title, reason = ("Decided anew" if before.status == DECIDED else "Decided"), row.reason
    elif row.status == DECIDED:
        title, reason = "Decision holds again", "The data are again those that it was made on."
    elif row.status == WITHDRAWN:
        title, reason = "Withdrawn", "The question no longer arises from the data."
    else:
        title, reason = ("Asked again", "The data have changed.") if before is not None else ("Asked", "")
    question = row.question if asked and (before is None or before.question != row.question) else ""
    return Step(title, state(before) if before is not None else "", state(row), kind(row), who, role,
                row.history_date, reason, question)  # fmt: skip


def _occasion(act: ChangeSet) -> str:
    return "at a re-check of all rules" if act.actor == SYSTEM.username else f"when {act.actor_name} saved data"


def kind(ruling) -> str:
    """The kind of components/status.html for ``state``: a criterion that is not satisfied stands against registration."""
    unmet = ruling.status == DECIDED and ruling.outcome == RulingOutcome.NOT_SATISFIED
    return "warn" if unmet else KINDS[RulingStatus(ruling.status)]


def state(ruling) -> str:
    """'Open', 'Withdrawn', or the decision that holds."""
    return ruling.get_outcome_display() if ruling.status == DECIDED else ruling.get_status_display()
