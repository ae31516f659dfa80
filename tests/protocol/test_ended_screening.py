"""Windows count back from today until screening ends; a screening that has ended is judged by the day it ended."""

from __future__ import annotations

import pytest

from protocol.atoms import Decision
from protocol.criteria import BY_ID
from protocol.eligibility import evaluate
from tests.protocol.build import case, consent, dm, sf
from tests.protocol.screening_build import hx, vax


def live_vaccine(*more, today, on="2026-06-01"):
    records = (consent(), dm(sex="M"), hx(vaccine_any="Y"), vax("LIVE", on), *more)
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


@pytest.mark.parametrize(("today", "verdict"), [
    ("2026-06-10", Decision.PRESENT),  # the month has come to its 10th day: entered by then, it lies before the end
    ("2026-06-11", Decision.UNDETERMINED),  # it may have been on the 11th, after the screening had ended
])  # fmt: skip
def test_a_month_that_is_not_over_ends_today_and_not_with_the_screening(today, verdict):
    assert live_vaccine(sf("2026-06-10", criteria="E5"), today=today, on="2026-06") is verdict
