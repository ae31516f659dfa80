"""Logging in, and what the trail says about it. Lock-out is a question to the trail, not a state of its own."""

from __future__ import annotations

from django.contrib.auth import authenticate, login, logout

from accounts.access import actor_for
from accounts.models import User
from accounts.policy import FAILURES, LOCKED_FOR
from audit import clock
from audit.context import SYSTEM, event
from audit.models import Change

IN, FAILED, LOCKED, OUT, IDLE, PASSWORD = (
    "log-in", "failed log-in", "locked out", "log-out", "idle time-out", "password changed",
)  # fmt: skip
UNKNOWN = "unknown user name"  # what was typed is not kept: it may be a password


def is_locked(username: str) -> bool:
    """Are there too many failures since the last success or the last new password, the latest of them recent?"""
    events = Change.objects.filter(form="ACCESS", record=username, field__in=[IN, FAILED, PASSWORD]).order_by("-id")
    latest = list(events.values_list("field", "at")[:FAILURES])
    return (
        len(latest) == FAILURES
        and all(what == FAILED for what, _ in latest)
        and latest[0][1] > clock.now() - LOCKED_FOR
    )


def enter(request, username: str, password: str) -> User | None:
    """Log the person in and return the user, or None; the trail says which, never more to the outside."""
    username = username.strip().lower()
    known = User.objects.filter(username=username).exists()
    about = username if known else UNKNOWN
    if known and is_locked(username):
        _as_long_as_checking(password)
        event(SYSTEM, LOCKED, about=about, source="log-in")
        return None
    user = authenticate(request, username=username, password=password)
    if user is None:
        event(SYSTEM, FAILED, about=about, source="log-in")
        return None
    event(actor_for(user), IN, about=username, source="log-in")  # first the trail: nobody is in without it
    login(request, user)
    request.session["seen"] = clock.now().isoformat()
    return user


def confirm(user: User, password: str) -> bool:
    """Is this the password of the person who is logged in? A wrong one counts like a failed log-in; a locked account proves nothing."""
    if is_locked(user.username):
        _as_long_as_checking(password)
        event(SYSTEM, LOCKED, about=user.username, source="password")
        return False
    if user.check_password(password):
        return True
    event(SYSTEM, FAILED, about=user.username, source="password")
    return False


def _as_long_as_checking(password: str) -> None:
    """Take the time of a real check, so that a quick refusal does not tell which names exist and are locked."""
    User().set_password(password)


def leave(request, why: str = OUT) -> None:
    """Log out, and say so in the trail."""
    user = request.user
    event(actor_for(user), why, about=user.username, source="log-in")
    logout(request)
