"""Windows count back from today until screening ends; a screening that has ended is judged by the day it ended."""

from __future__ import annotations

import pytest

from protocol.atoms import Decision
from protocol.criteria import BY_ID
from protocol.eligibility import evaluate
from tests.protocol.build import case, consent, dm, sf
from tests.protocol.screening_build import hx, vax


def live_vaccine(*more, today):
    records = (consent(), dm(sex="M"), hx(vaccine_any="Y"), vax("LIVE", "2026-06-01"), *more)
    return evaluate(BY_ID["E5"], case(*records, today=today, enrolled="")).verdict


@pytest.mark.parametrize(("today", "more", "verdict"), [
    ("2026-06-15", (), Decision.PRESENT),
    ("2026-06-16", (), Decision.ABSENT),
    ("2026-07-30", (sf("2026-06-15", criteria="E5"),), Decision.PRESENT),
    ("2026-07-30", (sf("2026-06-16", criteria="E5"),), Decision.ABSENT),
    ("2026-07-30", (sf("", criteria="E5"),), Decision.ABSENT),
])  # fmt: skip
def test_the_window_stands_still_once_screening_has_ended(today, more, verdict):
    assert live_vaccine(*more, today=today) is verdict
