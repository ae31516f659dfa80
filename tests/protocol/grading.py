"""Readings, samples and findings for the tests of grades, so that a case is one line."""

from __future__ import annotations

from decimal import Decimal

from protocol.astct import CrsFindings, IcansFindings
from protocol.cairo_bishop import Sample
from protocol.dates import Moment
from protocol.laboratory import TESTS, read_printed, times_uln
from protocol.panels import Reading
from protocol.screening_facts import ReferenceRange
from tests.protocol.build import day


def lab(code, text, unit=None, *, low="", high="", range_unit=None, ranged=True):
    """A result as printed, in its standard unit when none is given, with a range in the same unit (``ranged``: or none)."""
    test = TESTS[code]
    typed = test.unit if unit is None else unit
    range_ = ReferenceRange(
        laboratory="A", test=code, unit=typed if range_unit is None else range_unit, low=Decimal(low) if low else None,
        high=Decimal(high) if high else None, sex="", age_from=None, age_to=None, valid_from=day("2020"), valid_to=None,
    ) if ranged else None  # fmt: skip
    printed = read_printed(text)
    return Reading(test, text, typed, printed, range_, times_uln(test, printed, typed, range_) if printed else None)


def sample(code, text, on="2026-06-15", unit=None, *, albumin=None, high="", **rest):
    return Sample(lab(code, text, unit, high=high, **rest), day(on), lab("ALB", albumin) if albumin else None)


def at(clock_time, on="2026-06-15", zone="Europe/Paris"):
    return Moment.of(day(on), clock_time, zone)


# Everything answered, nothing found.
_WELL = dict(temperature="37.0", fever_earlier=False, antipyretic_or_anticytokine=False, hypotension=False, vasopressors=(),
             hypotension_no_other_cause=True, oxygen="NONE", oxygen_flow=None, hypoxia_no_other_cause=True)  # fmt: skip
_AWAKE = dict(assessable=True, orientation=4, naming=3, commands=1, writing=1, attention=1, consciousness="ALERT",
              consciousness_no_other_cause=True, seizure="NONE", deep_focal_weakness=False, raised_pressure="NONE",
              haemorrhage=False)  # fmt: skip


def crs(temperature="38.0", pressors=None, device=None, flow=None, **answers):
    """Findings of CRS: what is not named is answered and normal. ``pressors`` (a set of names) imply low blood pressure."""
    given = {**_WELL, "temperature": temperature, **answers}
    if pressors is not None:
        given |= {"hypotension": True, "vasopressors": pressors}
    if device is not None:
        given |= {"oxygen": device}
    if flow is not None:
        given |= {"oxygen_flow": Decimal(flow)}
    given["temperature"] = Decimal(given["temperature"]) if given["temperature"] is not None else None
    given["vasopressors"] = frozenset(given["vasopressors"]) if given["vasopressors"] is not None else None
    return CrsFindings(**given)


def icans(ice=None, **answers):
    """Findings of ICANS: what is not named is answered and normal. ``ice`` spreads a score over the items."""
    given = dict(_AWAKE)
    if ice is not None:
        left = ice
        for item, most in (("orientation", 4), ("naming", 3), ("commands", 1), ("writing", 1), ("attention", 1)):
            given[item] = min(left, most)
            left -= given[item]
    return IcansFindings(**{**given, **answers})
