"""Each whole event has exactly the findings of its line."""

from __future__ import annotations

import pytest

from protocol import engine
from tests.protocol.test_rules import NO_OWN, OURS
from tests.protocol.vignettes_events import VIGNETTES

# What speaks of events: their own rules, those of stays and death, and those of a dose, an interruption or an end beside an event.
BESIDE_EVENTS = {rule.id for rule in OURS.values() if "AE" in rule.forms and rule.id.startswith("DOS-")}
SPEAK = [rule for rule in OURS.values() if rule.id.startswith(("AE-", "FUP-")) or rule.id in BESIDE_EVENTS]


@pytest.mark.parametrize("each", VIGNETTES, ids=lambda each: each.what)
def test_the_findings_of_a_whole_event(each):
    found = {finding.rule.id for finding in engine.findings(SPEAK, each.of)}
    assert " ".join(sorted(found)) == each.findings


def test_there_are_enough_and_each_says_something_else():
    assert len(VIGNETTES) >= 20
    assert len({each.what for each in VIGNETTES}) == len(VIGNETTES)
    assert sum(not each.findings for each in VIGNETTES) >= 10, "whole events that are all right stay quiet"
    assert len({rule for each in VIGNETTES for rule in each.findings.split()}) >= 30
    assert not {rule.id for rule in SPEAK} & {rule.id for rule in OURS.values() if rule.severity in NO_OWN}
