"""The laboratories of the simulated trial print what the program can read."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from demo import laboratories
from protocol.laboratory import TESTS, canonical_unit, read_printed
from protocol.sites import SITES

pytestmark = pytest.mark.nodb

ALL = [each for found in laboratories.LABORATORIES.values() for each in found]
PARTS = ("NEUT", "LYM", "MONO", "EOS", "BASO")
BY_SITE = {site.code: laboratories.LABORATORIES[site.code][0] for site in SITES}


def test_every_site_has_one_or_two_with_names_of_their_own():
    assert {len(found) for found in laboratories.LABORATORIES.values()} == {1, 2}
    assert set(laboratories.LABORATORIES) == {site.code for site in SITES}
    assert len({each.name for each in ALL}) == len(ALL) and max(len(each.name) for each in ALL) <= 60


@pytest.mark.parametrize("laboratory", ALL, ids=lambda each: each.name)
def test_ranges_are_in_known_units_and_not_upside_down(laboratory):
    for found in laboratories.ranges(laboratory):
        assert canonical_unit(TESTS[found["test"]], found["unit"]) is not None, found
        assert found["low"] or found["high"], found
        assert not (found["low"] and found["high"]) or Decimal(found["low"]) < Decimal(found["high"]), found


@pytest.mark.parametrize("laboratory", ALL, ids=lambda each: each.name)
def test_results_can_be_read_and_lie_in_the_range_of_both_sexes(laboratory):
    for code, limits in laboratory.tests.items():
        for seed in range(40):
            read = read_printed(laboratories.printed(laboratory.name, code, Random(seed)))
            assert read is not None
            for each in limits:
                assert not each.high or read.number <= Decimal(each.high)
                assert not each.low or read.number >= Decimal(each.low)


@pytest.mark.parametrize("laboratory", [*(each.name for each in BY_SITE.values()), ""])
def test_white_cells_are_not_fewer_than_their_parts(laboratory):
    least = {code: [] for code in ("WBC", *PARTS)}
    for seed in range(300):
        for code, found in least.items():
            found.append(read_printed(laboratories.printed(laboratory, code, Random(seed))).number)
    assert min(least["WBC"]) >= sum(max(least[part]) for part in PARTS)


def test_what_a_laboratory_does_not_measure_is_not_printed():
    night = laboratories.LABORATORIES["FR03"][1]
    assert laboratories.printed(night.name, "HGB", Random(1)) and laboratories.printed(night.name, "CA", Random(1)) == ""
    with pytest.raises(ValueError, match="no upper limit of CA"):
        laboratories.times_limit(night.name, "CA", "2")


def test_the_unit_is_typed_only_where_no_range_says_it():
    assert laboratories.unit(BY_SITE["FR03"].name, "HGB") == ""
    assert laboratories.unit("", "HGB") == "g/L" and laboratories.unit("Somewhere else", "INR") == "RATIO"


@pytest.mark.parametrize(("site", "printed"), [("FR03", "1,92"), ("GR01", "1,92"), ("CH03", "1,92")])
def test_so_many_times_the_upper_limit(site, printed):
    assert laboratories.times_limit(BY_SITE[site].name, "INR", "1.6") == printed
