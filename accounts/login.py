"""Logging in, and what the trail says about it. Lock-out is a question to the trail, not a state of its own."""

from __future__ import annotations

from django.contrib.auth import authenticate, login, logout

from accounts.access import actor_for
from accounts.policy import FAILURES, LOCKED_FOR
from audit import clock
from audit.context import SYSTEM, event
from audit.models import Change

IN, FAILED, LOCKED, OUT, IDLE, PASSWORD = (
    "log-in", "failed log-in", "locked out", "log-out", "idle time-out", "password changed",
)  # fmt: skip
UNKNOWN = "unknown user name"  # what was typed is not kept: it may be a password


def is_locked(username: str) -> bool:
    """Are there too many failures since the last success, the latest of them recent?"""
    events = Change.objects.filter(form="ACCESS", record=username, field__in=[IN, FAILED]).order_by("-id")
    latest = list(events.values_list("field", "at")[:FAILURES])
    return (
        len(latest) == FAILURES
        and all(what == FAILED for what, _ in latest)
        and latest[0][1] > clock.now() - LOCKED_FOR
    )


def enter(request, username: str, password: str):
    """Log the person in and return the user, or None; the trail says which, never more to the outside."""
    from accounts.models import User

    username = username.strip().lower()
    known = User.objects.filter(username=username).exists()
    about = username if known else UNKNOWN
    if known and is_locked(username):
        event(SYSTEM, LOCKED, about=about, source="log-in")
        return None
    user = authenticate(request, username=username, password=password)
    if user is None:
        event(SYSTEM, FAILED, about=about, source="log-in")
        return None
    login(request, user)
    event(actor_for(user), IN, about=username, source="log-in")
    return user


def leave(request, why: str = OUT) -> None:
    """Log out, and say so in the trail."""
    user = request.user
    event(actor_for(user), why, about=user.username, source="log-in")
    logout(request)
