"""The life of a deviation as tables: what a person or a rule makes of it. ``check`` says why not, ``can`` only whether.

Three things have a life of their own: the judgement (status), the flag "potential serious breach", and the question to the
safety desk. A flag outlives the judgement: corrected data do not stop a clock that the law has started.
"""

from __future__ import annotations

from enum import StrEnum

from django.core.exceptions import PermissionDenied

from accounts.access import grants
from accounts.roles import Permission
from review.models import Breach, Deviation, DeviationStatus, SafetyQuestion


class Act(StrEnum):
    """What a person does."""

    ACCEPT = "accept"
    REJECT = "reject"
    VOID = "void"
    FLAG = "flag"
    CORRECT = "correct"
    REPORT = "report"
    DISMISS = "dismiss"
    ANSWER = "answer"


class Found(StrEnum):
    """What a rule finds when it is run again: the same as before, something else, or nothing."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"


PROPOSED, ACCEPTED, REJECTED = DeviationStatus.PROPOSED, DeviationStatus.ACCEPTED, DeviationStatus.REJECTED
WITHDRAWN, VOID = DeviationStatus.WITHDRAWN, DeviationStatus.VOID
POTENTIAL, REPORTED, NOT_SERIOUS = Breach.POTENTIAL, Breach.REPORTED, Breach.NOT_SERIOUS
ASKED, ERROR, NO_ERROR = SafetyQuestion.ASKED, SafetyQuestion.ERROR, SafetyQuestion.NO_ERROR

# From which status a judgement leads to which; one that is not here cannot be made.
JUDGEMENTS: dict[tuple[DeviationStatus, Act], DeviationStatus] = {
    (PROPOSED, Act.ACCEPT): ACCEPTED,
    (PROPOSED, Act.REJECT): REJECTED,
    (ACCEPTED, Act.ACCEPT): ACCEPTED,  # another category, or other words
    (ACCEPTED, Act.REJECT): REJECTED,
    (ACCEPTED, Act.VOID): VOID,
    (REJECTED, Act.ACCEPT): ACCEPTED,
}

# What the rules make of a deviation that they found before. One that a person entered they never touch.
FOLLOWS: dict[tuple[DeviationStatus, Found], DeviationStatus] = {
    (PROPOSED, Found.SAME): PROPOSED,
    (PROPOSED, Found.CHANGED): PROPOSED,
    (PROPOSED, Found.GONE): WITHDRAWN,
    (ACCEPTED, Found.SAME): ACCEPTED,
    (ACCEPTED, Found.CHANGED): PROPOSED,  # the judgement was on something else
    (ACCEPTED, Found.GONE): WITHDRAWN,
    (REJECTED, Found.SAME): REJECTED,
    (REJECTED, Found.CHANGED): PROPOSED,
    (REJECTED, Found.GONE): WITHDRAWN,
    (WITHDRAWN, Found.SAME): PROPOSED,
    (WITHDRAWN, Found.CHANGED): PROPOSED,
    (WITHDRAWN, Found.GONE): WITHDRAWN,
}

# The flag: who sets it starts the clock, and only an assessment for the sponsor ends it. What was ended by mistake runs again.
FLAGS: dict[tuple[str, Act], Breach] = {
    ("", Act.FLAG): POTENTIAL,
    (POTENTIAL, Act.CORRECT): POTENTIAL,
    (POTENTIAL, Act.REPORT): REPORTED,
    (POTENTIAL, Act.DISMISS): NOT_SERIOUS,
    (REPORTED, Act.FLAG): POTENTIAL,
    (NOT_SERIOUS, Act.FLAG): POTENTIAL,
}

# The safety desk answers what was asked, and may think again.
ANSWERABLE = (ASKED, ERROR, NO_ERROR)

JUDGING = (Act.ACCEPT, Act.REJECT, Act.VOID)
FLAGGING = (Act.FLAG, Act.CORRECT, Act.REPORT, Act.DISMISS)

RIGHTS: dict[Act, Permission] = {
    **dict.fromkeys((*JUDGING, Act.FLAG, Act.CORRECT), Permission.JUDGE),
    **dict.fromkeys((Act.REPORT, Act.DISMISS), Permission.BREACH),
    Act.ANSWER: Permission.SAFETY,
}

_WHO = {
    Permission.JUDGE: "a monitor of the site or data management",
    Permission.BREACH: "data management, for the sponsor",
    Permission.SAFETY: "the safety desk",
}
_DOING = {
    Act.ACCEPT: "accept this deviation", Act.REJECT: "reject this deviation", Act.VOID: "void this deviation",
    Act.FLAG: "flag a potential serious breach", Act.CORRECT: "correct when the sponsor became aware of it",
    Act.REPORT: "mark it as reported", Act.DISMISS: "assess it as no serious breach",
    Act.ANSWER: "answer whether it was a medication error",
}  # fmt: skip
_PAST = {Act.ACCEPT: "accepted", Act.REJECT: "rejected", Act.VOID: "voided"}


def why_no_right(user, deviation: Deviation, act: Act) -> str:
    """The sentence that says that the person's role does not include it, or ''."""
    right = RIGHTS[act]
    if grants(user).may(right, deviation.patient.site):
        return ""
    return f"You may not {_DOING[act]}: that is for {_WHO[right]}."


def why_not(user, deviation: Deviation, act: Act) -> str:
    """The sentence that says why the person cannot do this now, or ''."""
    return why_no_right(user, deviation, act) or why_not_now(deviation, act)


def why_not_now(deviation: Deviation, act: Act) -> str:
    """The sentence that says why nobody can do this now, or ''."""
    if act is Act.ANSWER:
        return "" if deviation.safety_question in ANSWERABLE else "The safety desk is asked nothing about this deviation."
    return _no_judgement(deviation, act) if act in JUDGING else _no_flag(deviation, act)


def _no_judgement(deviation: Deviation, act: Act) -> str:
    status = DeviationStatus(deviation.status)
    if act is Act.VOID and not deviation.is_manual:
        return "A deviation that was found by the program is not voided: reject it, and say why."
    if act is Act.REJECT and deviation.is_manual:
        return "A deviation that a person entered is not rejected: void it, and say why."
    if (status, act) not in JUDGEMENTS:
        return f"A deviation that is {_state(status)} cannot be {_PAST[act]}."
    if act is not Act.ACCEPT and deviation.breach == POTENTIAL:
        return f"It cannot be {_PAST[act]} while it is flagged as a potential serious breach: data management assesses that first."
    return ""


def _no_flag(deviation: Deviation, act: Act) -> str:
    if (deviation.breach, act) not in FLAGS:
        stands = f"“{deviation.get_breach_display()}”" if deviation.breach else "not flagged"
        return f"You cannot {_DOING[act]} now: the deviation is {stands}."
    if not deviation.breach and deviation.status not in (PROPOSED, ACCEPTED):
        return f"A deviation that is {_state(DeviationStatus(deviation.status))} cannot be flagged as a potential serious breach."
    return ""


def _state(status: DeviationStatus) -> str:
    return status.label.lower().partition(",")[0]


def can(user, deviation: Deviation, act: Act) -> bool:
    return not why_not(user, deviation, act)


def check(user, deviation: Deviation, act: Act) -> None:
    """PermissionDenied with the sentence unless the person can do this now."""
    reason = why_not(user, deviation, act)
    if reason:
        raise PermissionDenied(reason)
