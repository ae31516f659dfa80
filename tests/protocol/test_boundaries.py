"""Whatever compares days has an example on either side of its boundary, and one with a day that nobody knows."""

from __future__ import annotations

import itertools

import pytest

from protocol import engine, parameters
from protocol.atoms import ATOMS
from protocol.dates import PartialDate
from protocol.engine import RULES
from tests.protocol.atoms import LINES
from tests.protocol.build import case, consent, dose
from tests.protocol.neighbours import compares_dates, next_to, with_less_known
from tests.protocol.test_rules import EXAMPLES, NO_OWN, OURS

OF_ATOMS = {each.rule for each in ATOMS}
# Rules that judge one criterion's answer beside its data have the boundaries of the criterion, in the table of its atoms.
DATED = [rule for name, rule in OURS.items()
         if rule.severity not in NO_OWN and name not in OF_ATOMS and not name.endswith("x") and compares_dates(rule.check)]
DATED_ATOMS = [each for each in ATOMS if compares_dates(each.check)]


def says_nothing(rule, of):
    """Is the check of a rule undetermined for a record of the case?"""
    with parameters.override(**EXAMPLES[rule.id].under):
        for record in of.of(rule.form):
            others = engine.arguments([need for need in rule.needs if need is not rule.own], of)
            if rule.check(**others, **{rule.own.name: record}) is None:
                return True
    return False


def near(name):
    return any(next_to(*pair) for pair in itertools.product(EXAMPLES[name].fires, EXAMPLES[name].quiet))


def less_known(name):
    return any(with_less_known(*pair) for pair in itertools.product(EXAMPLES[name].fires, EXAMPLES[name].quiet))


@pytest.mark.parametrize("rule", DATED, ids=lambda rule: rule.id)
def test_both_boundary_days_are_examples(rule):
    assert near(rule.id), f"{rule.id}: no case that fires a day (or a minute) from one that stays quiet"


@pytest.mark.parametrize("rule", DATED, ids=lambda rule: rule.id)
def test_a_day_nobody_knows_is_an_example(rule):
    silent = any(says_nothing(rule, of) for of in EXAMPLES[rule.id].quiet)
    assert silent or less_known(rule.id), f"{rule.id}: no quiet case that is undetermined"


# These compare days only to find the latest record; the days of what they find play no part.
ONLY_THE_LATEST = {
    "SCR-I05b", "SCR-I05c", "SCR-I06b", "SCR-I07a", "SCR-I07b", "SCR-I08a", "SCR-I08b", "SCR-I08c", "SCR-E01a", "SCR-E01b",
    "SCR-E09c", "SCR-E13a", "SCR-E13b", "SCR-E17a",
}  # fmt: skip


@pytest.mark.parametrize("atom", [each for each in DATED_ATOMS if each.rule not in ONLY_THE_LATEST], ids=lambda atom: atom.rule)
def test_both_boundary_days_of_a_criterion_are_lines(atom):
    pairs = itertools.combinations(LINES[atom.rule], 2)
    assert any(one.verdict is not other.verdict and next_to(one.of, other.of) for one, other in pairs)


def test_the_demand_reaches_what_compares_days():
    assert len(DATED) > 100
    assert {"SCR-001", "SCR-019", "SCR-031", "DOS-005", "ASM-001", "AE-008", "FUP-001"} <= {rule.id for rule in DATED}
    assert not {"SCR-007", "ASM-023", "DOS-001"} & {rule.id for rule in DATED}
    assert ONLY_THE_LATEST <= {each.rule for each in DATED_ATOMS}
    assert compares_dates(RULES["SCR-040"].check)  # through what its pair of rules closes over
    assert not compares_dates(print)


@pytest.mark.parametrize(("one", "other", "apart"), [
    (case(consent("2026-06-01")), case(consent("2026-06-02")), True), (case(consent("2026-06-01")), case(consent("2026-06-03")), False),
    (case(consent("2026-06-01")), case(consent("2026-06")), False), (case(consent("2026-06-01")), case(consent("2026-06-01")), False),
    (case(consent("2026-06-01")), case(consent("2026-06-02", version="2.0")), False), (case(consent()), case(), False),
    (case(consent("2026-06-01")), case(consent("2026-06-02"), dose()), False), (case(), case(enrolled="2026-06-11"), True),
    (case(dose(start="10:00")), case(dose(start="09:59")), True), (case(dose(start="10:00")), case(dose(start="10:02")), False),
    (case(dose(start="10:00")), case(dose(start="")), False),
])  # fmt: skip
def test_what_stands_next_to_a_case(one, other, apart):
    assert next_to(one, other) is next_to(other, one) is apart


@pytest.mark.parametrize(("full", "part", "less"), [
    ("2026-06-01", "2026-06", True), ("2026-06-01", "", True), ("2026-06", "2026-06-01", False), ("2026-06-01", "2026-06-02", False),
    ("2026-06-01", "2026-06-01", False),
])  # fmt: skip
def test_what_knows_less_than_a_case(full, part, less):
    assert with_less_known(case(consent(full, "2026-06-01")), case(consent(part, "2026-06-01"))) is less


def test_a_number_that_grows_by_one_is_no_day():
    assert not next_to(case(dose(mg="1")), case(dose(mg="2")))
    assert PartialDate.parse("2026-06").known is None
