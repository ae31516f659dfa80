"""Vials against planned doses: boundaries of expiry, and that the order in which they are named says nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.parameters import override
from protocol.supply import Need, short_of, vials_for

pytestmark = pytest.mark.nodb

ONE, TEN = Decimal(1), Decimal(10)
DAY = date(2026, 9, 10)


@pytest.mark.parametrize(
    ("mg", "vials"),
    [("1", {ONE: 1}), ("10", {TEN: 1}), ("0", {}), ("0.5", {ONE: 1}), ("7.5", {ONE: 8}), ("11", {TEN: 1, ONE: 1}), ("20", {TEN: 2}), ("9.99", {ONE: 10})],
)
def test_vials_for(mg, vials):
    assert vials_for(Decimal(mg)) == vials


def test_strengths_are_a_parameter():
    with override(vial_strengths_mg=("2.5",)):
        assert vials_for(TEN) == {Decimal("2.5"): 4}
    with override(vial_strengths_mg=()):
        assert vials_for(TEN) == {}


@pytest.mark.parametrize(
    ("needs", "shelf", "missing"),
    [
        ([], [], {}), ([(0, TEN, 1)], [], {TEN: 1}), ([(0, TEN, 1)], [(TEN, 0)], {}), ([(0, TEN, 1)], [(TEN, -1)], {TEN: 1}),
        ([(0, TEN, 1)], [(ONE, 9)], {TEN: 1}), ([(0, TEN, 1)], [(TEN, None)], {}), ([(0, TEN, 2)], [(TEN, 5)], {TEN: 1}),
        ([(0, TEN, 1), (7, TEN, 1)], [(TEN, 3), (TEN, 9)], {}),  # the one that expires first goes first
        ([(0, TEN, 1), (7, TEN, 1)], [(TEN, 3), (TEN, 4)], {TEN: 1}),
        ([(0, ONE, 1), (7, TEN, 1)], [(TEN, 9)], {ONE: 1}),
        ([(0, TEN, 1), (0, ONE, 3)], [], {TEN: 1, ONE: 3}),
    ],
)  # fmt: skip
def test_short_of(needs, shelf, missing):
    asked = [Need(DAY + timedelta(days=at), strength, n) for at, strength, n in needs]
    held = [(strength, None if last is None else DAY + timedelta(days=last)) for strength, last in shelf]
    assert short_of(asked, held) == Counter(missing)


@given(st.lists(st.integers(0, 9), max_size=4), st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=4))
def test_no_other_way_of_taking_them_covers_more(days, lasts):
    held = [None if last is None else DAY + timedelta(days=last) for last in lasts]
    asked = [DAY + timedelta(days=at) for at in days]
    found = short_of([Need(on, TEN, 1) for on in asked], [(TEN, last) for last in held])[TEN]
    padded = [*held, *[date.min] * len(asked)]  # a vial that is good for no dose stands for none
    best = max((sum(vial is None or vial >= on for on, vial in zip(asked, way, strict=False)) for way in permutations(padded, len(asked))), default=0)
    assert found == len(asked) - best
