"""The life of a query as a table: who may do what, and what it becomes. ``check`` says why not, ``can`` only whether."""

from __future__ import annotations

from enum import StrEnum

from django.core.exceptions import PermissionDenied

from accounts.access import grants
from accounts.roles import Permission
from review.models import Query, QueryStatus, RaisedFor


class Act(StrEnum):
    ANSWER = "answer"
    COMMENT = "comment"
    CLOSE = "close"
    REOPEN = "reopen"


OPEN, ANSWERED, CLOSED = QueryStatus.OPEN, QueryStatus.ANSWERED, QueryStatus.CLOSED

# From which status an act leads to which; an act that is not here cannot be done.
TRANSITIONS: dict[tuple[QueryStatus, Act], QueryStatus] = {
    (OPEN, Act.ANSWER): ANSWERED,
    (OPEN, Act.COMMENT): OPEN,
    (OPEN, Act.CLOSE): CLOSED,
    (ANSWERED, Act.ANSWER): ANSWERED,
    (ANSWERED, Act.COMMENT): ANSWERED,
    (ANSWERED, Act.CLOSE): CLOSED,
    (ANSWERED, Act.REOPEN): OPEN,
    (CLOSED, Act.REOPEN): OPEN,
}

RIGHTS: dict[Act, tuple[Permission, ...]] = {
    Act.ANSWER: (Permission.ENTER,),
    Act.COMMENT: (Permission.ENTER, Permission.RAISE),
    Act.CLOSE: (Permission.CLOSE,),
    Act.REOPEN: (Permission.CLOSE,),
}

# A question of a desk is closed, and asked again, by whoever works there.
OF_DESK: dict[str, Permission] = {RaisedFor.SAFETY: Permission.SAFETY}


def why_not(user, query: Query, act: Act) -> str:
    """The sentence that says why the person cannot do this now, or ''."""
    held = grants(user)
    desk = OF_DESK.get(query.raised_for)
    of_desk = desk is not None and act in (Act.CLOSE, Act.REOPEN) and held.may(desk, query.patient.site)
    if not of_desk and not any(held.may(permission, query.patient.site) for permission in RIGHTS[act]):
        who = "the site's staff" if act is Act.ANSWER else "a monitor of the site or data management"
        return f"You may not {act} this query: that is for {who}."
    if (QueryStatus(query.status), act) not in TRANSITIONS:
        return f"A query that is {query.get_status_display().lower()} cannot be {_PAST[act]}."
    if act is Act.CLOSE and query.is_system and query.status == OPEN:
        return "This query closes by itself when the data are corrected, or after the site has answered it."
    raiser_only = act is Act.CLOSE and not query.is_system and not of_desk and held.site_ids(Permission.CLOSE) is not None
    if raiser_only and query.raised_by != user.username:
        return "A query that a person raised is closed by that person or by data management." if desk is None else (
            "A question of the safety desk is closed by the safety desk or by data management."
        )
    return ""


_PAST = {Act.ANSWER: "answered", Act.COMMENT: "commented on", Act.CLOSE: "closed", Act.REOPEN: "asked again"}


def can(user, query: Query, act: Act) -> bool:
    return not why_not(user, query, act)


def check(user, query: Query, act: Act) -> None:
    """PermissionDenied with the sentence unless the person can do this now."""
    reason = why_not(user, query, act)
    if reason:
        raise PermissionDenied(reason)
