"""Who may do what with a serious event that is reported, and why not now. ``why_not`` is the sentence, ``can`` the answer."""

from __future__ import annotations

from enum import StrEnum

from django.core.exceptions import PermissionDenied

from accounts.access import grants
from accounts.roles import Permission
from adverse_events.case import Case
from protocol.report_codelists import CaseStatus

P = Permission


class Act(StrEnum):
    """What a person does on the page of an event."""

    ACKNOWLEDGE = "acknowledge"  # the desk has read a version
    SIGN = "sign"
    OTHER = "other"  # first reported by other means
    CONFIRM = "confirm"  # … and the desk received it
    ASK = "ask"
    ASSESS = "assess"
    TICK = "tick"  # a report to an authority has been made
    UNTICK = "untick"  # … which was entered by mistake
    CLOSE = "close"
    REOPEN = "reopen"


RIGHTS: dict[Act, tuple[Permission, ...]] = {
    **dict.fromkeys((Act.ACKNOWLEDGE, Act.CONFIRM, Act.ASK, Act.ASSESS, Act.TICK, Act.UNTICK, Act.CLOSE, Act.REOPEN), (P.SAFETY,)),
    Act.SIGN: (P.SIGN,),
    Act.OTHER: (P.REPORT, P.SAFETY),
}

# From which status which act leads to which; the other acts leave it.
TRANSITIONS: dict[tuple[CaseStatus, Act], CaseStatus] = {
    (CaseStatus.OPEN, Act.CLOSE): CaseStatus.CLOSED,
    (CaseStatus.CLOSED, Act.REOPEN): CaseStatus.OPEN,
}


def why_no_right(user, case: Case, act: Act) -> str:
    """The sentence that says that the person's role does not include it, or ''."""
    if any(grants(user).may(each, case.patient.site) for each in RIGHTS[act]):
        return ""
    return f"You may not {RIGHTS[act][0].value}: your role does not include it."


def why_not(case: Case, act: Act) -> str:
    """The sentence that says why this cannot be done with the event as it stands, or ''."""
    closed = case.status is CaseStatus.CLOSED
    if act in (Act.CLOSE, Act.REOPEN) and (case.status, act) not in TRANSITIONS:
        return f"The case is {case.status.label.lower()} already."
    if act is Act.CLOSE:
        return " ".join(case.against_closing)
    if act is Act.ACKNOWLEDGE and not case.unread:
        return "Every version that was sent is acknowledged already."
    if act is Act.SIGN and not case.versions:
        return "Nothing has been reported yet: send the report, then sign it."
    if act is Act.SIGN and case.is_nullified:
        return "A report that was nullified is not signed."
    if act is Act.SIGN and case.signature.stands:
        return "The report is signed, and nothing has changed since."
    if act is Act.CONFIRM and (not case.other or case.other_acknowledged):
        return "No first report by other means waits to be confirmed."
    if act is Act.ASSESS and not case.has_causality:
        return "Causality and expectedness are judged of adverse events."
    if act is Act.TICK and not [each for each in case.regulatory if each.done is None]:
        return "No report to an authority is due."
    if act is Act.UNTICK and not [each for each in case.regulatory if each.done is not None]:
        return "No report to an authority has been entered."
    if closed and act in (Act.ASSESS, Act.TICK, Act.UNTICK, Act.OTHER):
        return "The case is closed. Open it again first."
    return ""


def can(user, case: Case, act: Act) -> bool:
    return not why_no_right(user, case, act) and not why_not(case, act)


def check_right(user, case: Case, act: Act) -> None:
    """PermissionDenied with the sentence unless the person's role includes it."""
    if refusal := why_no_right(user, case, act):
        raise PermissionDenied(refusal)
