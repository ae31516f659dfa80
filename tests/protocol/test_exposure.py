"""Exposure: what follows from the doses, by hand and by property."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import parameters
from protocol.exposure import contraception_until, exposure, last_given
from protocol.schedule import planned_dose
from tests.protocol.build import dose, doses, undated


def figures(*records):
    found = exposure(records)
    return found.doses_given, found.cumulative_mg, found.planned_mg, found.duration_days, found.relative_dose_intensity


@pytest.mark.parametrize(("records", "expected"), [
    ((), (0, Decimal(0), None, None, None)),
    ((dose(),), (1, Decimal(1), Decimal(1), 1, Decimal("1.0000"))),
    (doses("2026-06-15", "2026-06-22", "2026-06-29", "2026-07-13"), (4, Decimal(31), Decimal(31), 29, Decimal("1.0000"))),
    # a week late at C1D15: 42 planned days taken in 49
    (doses("2026-06-15", "2026-06-22", "2026-07-06", "2026-07-20"), (4, Decimal(31), Decimal(31), 36, Decimal("0.8571"))),
    # C2D1 omitted: 31 of 41 mg (C2D15 planned 41), on time
    ((*doses("2026-06-15", "2026-06-22", "2026-06-29"), dose("C2D1", occurrence="OMITTED"), dose("C2D15", "2026-07-27")),
     (4, Decimal(31), Decimal(41), 43, Decimal("0.7561"))),
    # half an infusion
    ((dose(), dose("C1D8", "2026-06-22", mg="5")), (2, Decimal(6), Decimal(11), 8, Decimal("0.5455"))),
    # 1 mg again after 16 days, 10 mg a week later
    ((dose(), dose("R1", "2026-07-01", mg="1"), dose("C1D8", "2026-07-08")), (3, Decimal(12), Decimal(11), 24, Decimal("0.5091"))),
])  # fmt: skip
def test_figures_by_hand(records, expected):
    assert figures(*records) == expected


@pytest.mark.parametrize("records", [
    (dose(on="2026-06"),), (dose(mg="none"),), (dose(), dose("C1D8", "2026-06")), (undated("C1D1", "DELAYED"),),
])  # fmt: skip
def test_what_is_not_known_gives_no_intensity(records):
    assert exposure(records).relative_dose_intensity is None


def test_an_unknown_amount_gives_no_sum():
    assert exposure((dose(), dose("C1D8", "2026-06-22", mg="none"))).cumulative_mg is None


def test_delays_omissions_and_repeats_are_counted():
    found = exposure((dose(), dose("C1D8", "2026-06-25"), dose("C1D15", occurrence="OMITTED"), dose("R1", "2026-08-01", mg="1"),
                      dose("C2D1", "2026-08-09")))  # fmt: skip
    assert (found.delayed, found.delay_days, found.omitted, found.repeated_step_up) == (3, 20, 1, 1)


@pytest.mark.parametrize(("records", "until"), [
    ((), None), ((dose(on="2026-06"),), None), ((dose(),), "2026-08-14"), ((dose(), dose("C1D8", "2026-12-31")), "2027-03-01"),
    ((dose(), undated("C1D8", "OMITTED")), "2026-08-14"), ((dose(), dose("R1", "2026-07-01", mg="1")), "2026-08-30"),
])  # fmt: skip
def test_contraception_lasts_60_days_from_the_last_dose(records, until):
    found = contraception_until(records)
    assert (found.text if found else None) == until


def test_the_days_of_contraception_are_a_parameter():
    with parameters.override(contraception_days=30):
        assert contraception_until((dose(),)).text == "2026-07-15"


def test_the_last_dose_is_the_last_by_date_whatever_its_label():
    assert last_given((dose("C1D8", "2026-07-08"), dose(), dose("R1", "2026-07-01", mg="1"))).visit == "C1D8"


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
@settings(deadline=None, database=None, derandomize=True, max_examples=200)
def test_as_planned_is_1_and_never_more(lateness):
    """Whole doses, never early: the intensity is 1 exactly when nothing was late but the last dose, which loses nothing yet."""
    on, records = date(2026, 6, 15), []
    for n, late in enumerate(lateness, 1):
        if n > 1:
            on += timedelta(days=(7 if n <= 3 else 14) + late)
        records.append(dose(planned_dose(n).label, on.isoformat()))
    found = exposure(records).relative_dose_intensity
    assert 0 < found <= 1
    assert (found == 1) == (not any(lateness[1:]))
