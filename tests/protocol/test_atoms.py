"""Every line of the tables of the atoms, and what a ruling of the medical reviewer can and cannot do to it."""

from __future__ import annotations

import collections

import pytest

import protocol.rules  # noqa: F401  fills the catalogue
from protocol import engine, parameters
from protocol.atoms import ATOMS, Decision, Outcome, atoms_of, needs_of_all, run, worst
from protocol.criteria import CRITERIA
from protocol.eligibility import NEVER_FOR_REVIEW, _judged, evaluate, review_id
from protocol.rules.ages import AGES
from tests.protocol.atoms import ALL, LINES
from tests.protocol.build import consent, ecog
from tests.protocol.lines import missing, present, review, unknown
from tests.protocol.screening_build import anticoagulant, che, cmyn, coa, cv, eg, hem, ple, ruling, ser, vs, whole

BY_RULE = {each.rule: each for each in ATOMS}
NAMES = [f"{name}: {line.what}" for name, line in ALL]


def outcome(name, line):
    """What the atom says; and that it says the same while it is watched."""
    each = BY_RULE[name]
    with parameters.override(**line.under):
        given = engine.arguments(each.needs, line.of)
        found = run(each, given)
        assert engine.watching(given, lambda watched: run(each, watched))[0] == found
    return found


@pytest.mark.parametrize(("name", "line"), ALL, ids=NAMES)
def test_line(name, line):
    found = outcome(name, line)
    assert (found.verdict, found.unknowable) == (line.verdict, line.unknowable), found.evidence
    assert [word for word in line.words if word not in found.evidence] == [], found.evidence
    assert "None" not in found.evidence
    assert line.at in ("", found.at)
    if found.at:
        form, _, field = found.at.partition(".")
        assert field in engine.FORMS[form].__dataclass_fields__, found.at


# What each table must hold ----------------------------------------------------------------------------------------------------

WINDOWS = {
    "SCR-I01a", "SCR-I02a", "SCR-I04a", "SCR-I06d", "SCR-I09a", "SCR-I09b", "SCR-I10a", "SCR-E03a", "SCR-E05a", "SCR-E05b",
    "SCR-E06a", "SCR-E07a", "SCR-E07b", "SCR-E08a", "SCR-E10b", "SCR-E11b", "SCR-E14a",
}  # fmt: skip
REVIEWS = {"SCR-I01a", "SCR-I06d", "SCR-E02c", "SCR-E09b", "SCR-E09c", "SCR-E10b"}
NOT_ASKED_OF_ALL = {"SCR-I06a", "SCR-I06b", "SCR-I06d", "SCR-I09a", "SCR-I09b", "SCR-E17a", "SCR-E18a"}


def verdicts(name, **what):
    return {line.verdict for line in LINES[name] if all(getattr(line, key) == value for key, value in what.items())}


def test_no_atom_is_left_out():
    assert set(LINES) == set(BY_RULE)


@pytest.mark.parametrize("name", BY_RULE)
def test_each_verdict_of_an_atom_has_a_line(name):
    inclusion, exclusion = {Decision.MET, Decision.NOT_MET}, {Decision.PRESENT, Decision.ABSENT}
    both = inclusion if BY_RULE[name].criterion.kind == "inclusion" else exclusion
    special = {Decision.REVIEW} if name in REVIEWS else set()
    special |= {Decision.NA} if name in NOT_ASKED_OF_ALL else set()
    special |= {Decision.NOT_COMPUTED} if name.startswith("SCR-I05") else set()
    assert verdicts(name) == {*both, *special, Decision.UNDETERMINED}
    assert Decision.UNDETERMINED in verdicts(name, unknowable=False)


def test_a_day_nobody_knows_is_in_the_table_of_every_window():
    assert {name for name in LINES if verdicts(name, unknowable=True)} == WINDOWS | {"SCR-I06a", "SCR-I06b"}


def test_no_line_stands_twice():
    counted = collections.Counter(NAMES)
    assert [name for name, count in counted.items() if count > 1] == []


# Of several outcomes ---------------------------------------------------------------------------------------------------------------


def said(verdict, evidence="x", unknowable=False):
    return Outcome(verdict, evidence, unknowable=unknowable)


@pytest.mark.parametrize(("outcomes", "verdict", "for_review"), [
    ((Decision.MET, Decision.NOT_MET, Decision.UNDETERMINED, Decision.REVIEW), Decision.NOT_MET, False),
    ((Decision.REVIEW, "unknowable", Decision.PRESENT), Decision.PRESENT, False),
    ((Decision.REVIEW, Decision.UNDETERMINED, "unknowable"), Decision.UNDETERMINED, False),
    (("unknowable", Decision.REVIEW, Decision.ABSENT), Decision.REVIEW, True),
    (("unknowable", Decision.ABSENT), Decision.UNDETERMINED, True),
    (("unknowable", Decision.NOT_COMPUTED, Decision.MET), Decision.UNDETERMINED, True),
    ((Decision.NOT_COMPUTED, Decision.MET), Decision.NOT_COMPUTED, False),
    ((Decision.NA, Decision.MET), Decision.MET, False),
    ((Decision.NA, Decision.ABSENT), Decision.ABSENT, False),
    ((Decision.NA, Decision.NA), Decision.NA, False),
])  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_the_outcome_that_decides(outcomes, verdict, for_review, turned):
    made = [said(Decision.UNDETERMINED, unknowable=True) if each == "unknowable" else said(each) for each in outcomes]
    found = worst(made[::-1] if turned else made)
    assert (found.verdict, found.for_review) == (verdict, for_review)


def test_one_question_names_all_that_is_for_review():
    found = worst([said(Decision.ABSENT, "a."), said(Decision.UNDETERMINED, "b.", True), said(Decision.REVIEW, "c.")])
    assert found.evidence == "b. c."


# Rulings -------------------------------------------------------------------------------------------------------------------------


def criterion_of(name):
    each = BY_RULE[name]
    return each.criterion, each.gate


def with_ruling(of, criterion, gate, outcome, inputs=None):
    """The case with a ruling on exactly what the criterion reads there."""
    atoms = atoms_of(criterion, gate)
    given = engine.arguments(needs_of_all(atoms), of)
    right = engine.watching(given, lambda watched: _judged(criterion, atoms, watched))[1]
    decided = ruling(rule=review_id(criterion, gate), inputs=right if inputs is None else inputs, outcome=outcome)
    return engine.Case(of.patient, of.clock, {**of.records, decided.form: (decided,)})


SETTLED = {
    ("inclusion", "SATISFIED"): Decision.MET, ("inclusion", "NOT SATISFIED"): Decision.NOT_MET,
    ("exclusion", "SATISFIED"): Decision.ABSENT, ("exclusion", "NOT SATISFIED"): Decision.PRESENT,
}  # fmt: skip


@pytest.mark.parametrize(("name", "line"), ALL, ids=NAMES)
def test_a_ruling(name, line):
    """It settles what is for review, both ways, on exactly these inputs; everything else stays as it was."""
    for outcome in ("SATISFIED", "NOT SATISFIED"):
        _ruled(name, line, outcome)


def _ruled(name, line, outcome):
    criterion, gate = criterion_of(name)
    with parameters.override(**line.under):
        before = evaluate(criterion, line.of, gate)
        after = evaluate(criterion, with_ruling(line.of, criterion, gate, outcome), gate)
        other = evaluate(criterion, with_ruling(line.of, criterion, gate, outcome, inputs="0" * 32), gate)
    assert other == before
    if line.for_review and line.alone:
        assert before.for_review
        assert after.verdict is SETTLED[criterion.kind, outcome]
        assert after.ruling is not None and "Read as one line." in after.evidence
    elif not before.for_review:
        assert after == before
    plainly_missing = line.verdict is Decision.UNDETERMINED and not line.unknowable
    if line.verdict in (Decision.NOT_MET, Decision.PRESENT) or plainly_missing:
        assert not before.for_review
        assert after == before


def test_a_ruling_does_not_reach_beyond_its_own_part():
    """A question for the reviewer beside a value that is plainly missing, or that is against: nothing is settled."""
    hepatitis = {"hcvab": "NEGATIVE", "hcv_rna": "ABOVE LOQ"}
    for of, verdict in (
        (review("", ser=ser(**hepatitis)).of, Decision.REVIEW),
        (missing("", ser=ser(**hepatitis, hbsag="")).of, Decision.UNDETERMINED),
        (present("", ser=ser(**hepatitis, hiv_status="KNOWN POSITIVE", hiv_controlled="N")).of, Decision.PRESENT),
    ):
        criterion, gate = criterion_of("SCR-E09b")
        assert evaluate(criterion, of, gate).verdict is verdict
        after = evaluate(criterion, with_ruling(of, criterion, gate, "SATISFIED"), gate).verdict
        assert after is (Decision.ABSENT if verdict is Decision.REVIEW else verdict)


@pytest.mark.parametrize("inr", ["3.0", "1.0"])
def test_two_parts_for_review_are_one_question(inr):
    of = unknown("", coa=coa(inr=inr, aptt="90"), cmyn=cmyn(any_anticoagulant="Y"),
                 cm=anticoagulant(ongoing="N", ended_on="2026-06")).of
    criterion, gate = criterion_of("SCR-I06a")
    assert evaluate(criterion, of, gate).for_review
    assert evaluate(criterion, with_ruling(of, criterion, gate, "SATISFIED"), gate).verdict is Decision.MET


def test_what_can_never_be_for_review_has_no_question():
    asked = {name for name, line in ALL if line.for_review}
    ever = {review_id(*criterion_of(name)) for name in asked}
    questions = {rule.id for rule in engine.RULES.values() if rule.severity is engine.Severity.REVIEW}
    assert ever == questions
    assert {each.criterion.id for each in ATOMS} - {criterion_of(name)[0].id for name in asked} == NEVER_FOR_REVIEW


# Ages ----------------------------------------------------------------------------------------------------------------------------

OLD = {
    "ecog": ecog("2", "2025-06-01"), "vs": vs(taken_on="2025-06-01"), "eg": eg(recorded_on="2025-06-01"),
    "cv": cv(scanned_on="2025-06-01"), "ple": ple(assessed_on="2025-06-01"), "ser": ser(taken_on="2025-06-01"),
    "hem": hem(taken_on="2025-06-01"), "che": che(taken_on="2025-06-01"), "coa": coa(taken_on="2025-06-01"),
}  # fmt: skip


def test_an_age_above_its_limit_is_a_notice_and_keeps_nobody_out():
    """The record names no window: with the limits supplied the verdicts stay, and every examination is named."""
    of = whole(consent=consent("2025-05-01", "2025-05-01"), **OLD)
    fresh = {criterion.id: evaluate(criterion, of).verdict for criterion in CRITERIA}
    with parameters.override(**{age.parameter: 14 for age in AGES}):
        assert {criterion.id: evaluate(criterion, of).verdict for criterion in CRITERIA} == fresh
        rules = [engine.RULES[age.rule] for age in AGES]
        found = engine.findings(rules, of)
    assert {each.rule.id for each in found} == {age.rule for age in AGES}
    assert {each.rule.severity for each in found} == {engine.Severity.NOTICE}
