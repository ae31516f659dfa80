"""The one clock. Everything that asks for the time asks here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """This moment, in UTC."""
    return _frozen.get() or timezone.now()


def today(zone: str) -> date:
    """The date it is now at a place in time zone ``zone``."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextlib.contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """The simulation and tests: act as if it were ``moment``. Refused in a database that is not marked DEMO."""
    from audit.models import Installation

    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone is no moment.")
    if not Installation.is_demo():
        raise RuntimeError("The clock can be set only in a database marked DEMO.")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
