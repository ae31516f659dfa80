"""Shared by the tests of forms, review, the clinical journey and bad input."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # 13:00 in Lyon


@pytest.fixture
def noon(world):
    """It is noon of 20 November 2026 for everything that asks the time."""
    from audit import clock

    with clock.set_to(NOON):
        yield NOON


@pytest.fixture
def coordinator(world):
    return world.user("COORDINATOR", "FR03")
