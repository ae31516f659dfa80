"""When the next HBV DNA is due: from the last sample on, of whoever may reactivate, for as long as treatment lasts."""

from __future__ import annotations

from datetime import date

import pytest

from protocol import parameters
from protocol.viral import next_dna
from tests.protocol.build import case
from tests.protocol.screening_build import hbv, ser

CARRIER = {"hbsag": "POSITIVE", "hbv_dna": "BELOW LOQ"}
RESOLVED = {"hbcab": "POSITIVE", "hbv_dna": "TARGET NOT DETECTED"}
UNS = {"visit": "UNS01", "taken_on": "2026-07-01"}
NOTHING = dict.fromkeys(("hiv_status", "hbsag", "hbcab", "hcvab"), "")


def due(*records, interval=60, ended=False, **situation):
    of = case(*records, **situation)
    with parameters.override(hbv_dna_interval_days=interval):
        return next_dna(of.of("SER"), of.of("HBV"), of.patient, of.clock, ended=ended)


@pytest.mark.parametrize(("records", "day"), [
    ([ser(**CARRIER)], date(2026, 8, 2)),  # 3 June and 60 days
    ([ser(**RESOLVED)], date(2026, 8, 2)),
    ([ser(hbsag="POSITIVE"), ser(**{**UNS, **NOTHING}, hbv_dna="BELOW LOQ")], date(2026, 8, 30)),
    ([ser(**CARRIER), hbv(taken_on="2026-07-15")], date(2026, 9, 13)),
    ([ser(**CARRIER), hbv(taken_on="2026-07-15"), hbv(taken_on="2026-07-01")], date(2026, 9, 13)),
    ([ser(**CARRIER), hbv(taken_on="2026-07")], date(2026, 9, 29)),  # counted from the last day it may have been
    ([ser(**CARRIER), hbv(taken_on="2026-07-15", hbv_dna="NOT DONE")], date(2026, 8, 2)),
    ([ser(**CARRIER), hbv(taken_on="2026-07-15", hbv_dna="")], date(2026, 8, 2)),
    ([ser(**CARRIER), hbv(taken_on="2026-07-15", hbv_dna="ABOVE LOQ")], date(2026, 9, 13)),  # it has come back: more than ever
    ([ser(**CARRIER), ser(**{**UNS, **NOTHING}, hbv_dna="ABOVE LOQ")], date(2026, 8, 30)),
    ([ser(), ser(**{**UNS, **RESOLVED})], date(2026, 8, 30)),  # found out after registration
    ([ser()], None),
    ([ser(**{**CARRIER, "hbv_dna": "ABOVE LOQ"})], None),  # active: not eligible, treated
    ([ser(hbsag="POSITIVE")], None),
    ([ser(**CARRIER, taken_on="")], None),
    ([], None),
])  # fmt: skip
def test_the_next_day(records, day):
    assert due(*records) == day


def test_nobody_is_monitored_before_registration_nor_after_the_end():
    assert due(ser(**CARRIER), enrolled="") is None
    assert due(ser(**CARRIER), ended=True) is None


def test_without_an_interval_nothing_is_due():
    assert due(ser(**CARRIER), interval=None) is None
