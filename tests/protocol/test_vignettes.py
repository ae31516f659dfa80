"""Each vignette: every criterion comes out as its line says, else as in the base patient; the gate lists what is against."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from protocol import engine, parameters
from protocol.atoms import atoms_of, needs_of_all, run
from protocol.codelists import MalignancyException
from protocol.criteria import BY_ID, CRITERIA
from protocol.eligibility import CHECKLIST, FIRST_DOSE, REGISTRATION, evaluate, gate_one, gate_two, review_id, rule_id
from protocol.engine import Case
from tests.protocol.screening_build import ruling
from tests.protocol.vignettes import BEFORE_REGISTRATION, REFUSED, SAVED, Comes
from tests.protocol.vignettes_first_dose import BEFORE_FIRST_DOSE

VIGNETTES = [*BEFORE_REGISTRATION, *BEFORE_FIRST_DOSE]
HARD = {Comes.NOT_MET, Comes.PRESENT}
FOR_REVIEW = [each for each in VIGNETTES if any(how.value[1] for how in each.comes.values())]
AGAINST = [each for each in VIGNETTES if set(each.comes.values()) & HARD]
BY_SENTENCE = pytest.mark.parametrize("each", VIGNETTES, ids=lambda each: each.what)
WITHOUT = [each for each in VIGNETTES if each.but_for is not None]


def asked(gate):
    """(criterion, gate it is asked at): at the first dose also those that only registration asks."""
    return [
        (each, gate if gate in each.gates else REGISTRATION) for each in CRITERIA
        if gate == FIRST_DOSE or gate in each.gates
    ]  # fmt: skip


def results(of, gate):
    """By criterion the verdict, and whether the medical reviewer is asked."""
    found = {}
    for criterion, at in asked(gate):
        result = evaluate(criterion, of, at)
        found[criterion.id] = (result.verdict, result.for_review)
    return found


def listed(of, gate):
    """The criteria that the gate lists; beside them it may only say that the patient is registered already."""
    points = (gate_one if gate == REGISTRATION else gate_two)(of)
    registered = gate == REGISTRATION and of.patient.enrolled_on is not None
    assert [point.rule for point in points if not point.criterion] == (["SCR-G06"] if registered else [])
    return {point.criterion for point in points if point.criterion}


@BY_SENTENCE
def test_every_criterion(each):
    wanted = {**results(each.base, each.gate), **{name: how.value for name, how in each.comes.items() if how is not REFUSED}}
    with parameters.override(**each.under):
        found = results(each.of, each.gate)
    assert found == wanted, {name: (found[name], wanted[name]) for name in found if found[name] != wanted[name]}


@BY_SENTENCE
def test_the_gate_lists_exactly_what_stands_against(each):
    at_gate = {criterion.id for criterion in CRITERIA if each.gate in criterion.gates}
    assert set(each.comes) <= at_gate
    with parameters.override(**each.under):
        assert listed(each.of, each.gate) == {name for name, how in each.comes.items() if how.stands_against}


@BY_SENTENCE
def test_the_medical_reviewer_is_asked_exactly_what_is_for_review(each):
    names = {review_id(criterion, each.gate): criterion.id for criterion in CRITERIA if each.gate in criterion.gates}
    with parameters.override(**each.under):
        found = {names[found.rule.id] for found in engine.findings(engine.reviews(), each.of) if found.rule.id in names}
    assert found == {name for name, how in each.comes.items() if how.value[1]}


@BY_SENTENCE
def test_an_answer_that_the_data_contradict_is_asked_about(each):
    """A query opens on each answer that says something else than the result, and on no other."""
    form = CHECKLIST[each.gate].form
    names = {rule_id(criterion): criterion for criterion in CRITERIA if each.gate in criterion.gates}
    rules = [
        rule for rule in engine.RULES.values()
        if rule.severity is engine.Severity.QUERY and rule.form == form and rule.id[:-1] in names
    ]  # fmt: skip
    with parameters.override(**each.under):
        found = {names[finding.rule.id[:-1]].id for finding in engine.findings(rules, each.of)}
        refused = {name for name, how in each.comes.items() if how is REFUSED}
        computed = {name for name in refused if evaluate(BY_ID[name], each.of, each.gate).decided}
    fulfilled = {"I9"} if each.comes.get("I9") is Comes.NA else set()  # answered as fulfilled, and not about this patient
    assert found == computed | fulfilled | {name for name, how in each.comes.items() if how in HARD}


@pytest.mark.parametrize("each", FOR_REVIEW, ids=lambda each: each.what)
def test_the_reviewer_settles_what_is_for_review(each):
    """Decided as satisfied, the criterion no longer stands against the patient; the others do as before."""
    open_ones = {name for name, how in each.comes.items() if how.value[1]}
    against = {name for name, how in each.comes.items() if how.stands_against}
    questions = {review_id(BY_ID[name], each.gate) for name in open_ones}
    decided = [
        ruling(rule=found.rule.id, inputs=found.inputs) for found in engine.findings(engine.reviews(), each.of)
        if found.rule.id in questions
    ]  # fmt: skip
    assert listed(adding(each.of, decided), each.gate) == against - open_ones
    refused = [dataclasses.replace(found, outcome="NOT SATISFIED") for found in decided]
    assert listed(adding(each.of, refused), each.gate) == against
    of_other_data = [dataclasses.replace(found, inputs="0" * 32) for found in decided]
    assert listed(adding(each.of, of_other_data), each.gate) == against


def adding(of, rulings):
    stored = tuple(dataclasses.replace(each, id=1000 + n, row=n, submitted=True) for n, each in enumerate(rulings, 1))
    return Case(of.patient, of.clock, {**of.records, "RULING": stored})


@pytest.mark.parametrize("each", AGAINST, ids=lambda each: each.what)
def test_the_reviewer_cannot_settle_anything_else(each):
    """A ruling beside a result that is against the patient changes nothing: no criterion is waived."""
    needless = [
        ruling(rule=review_id(BY_ID[name], each.gate), inputs=digest(BY_ID[name], each))
        for name, how in each.comes.items() if how in HARD
    ]  # fmt: skip
    against = {name for name, how in each.comes.items() if how.stands_against}
    with parameters.override(**each.under):
        assert listed(adding(each.of, needless), each.gate) == against


def digest(criterion, each):
    """The inputs that a question about the criterion would have been asked on."""
    atoms = atoms_of(criterion, each.gate)
    given = engine.arguments(needs_of_all(atoms), each.of)
    return engine.watching(given, lambda watched: [run(atom, watched) for atom in atoms])[1]


@pytest.mark.parametrize("each", WITHOUT, ids=lambda each: each.what)
def test_without_what_saves_the_same_criterion_stands_against(each):
    with parameters.override(**each.under):
        against = listed(each.but_for, each.gate)
    assert against & set(each.comes), against
    assert not any(how.stands_against for how in each.comes.values())


# The table itself ---------------------------------------------------------------------------------------------------------


def test_sentences_are_unique_and_are_sentences():
    assert [what for what, times in Counter(each.what for each in VIGNETTES).items() if times > 1] == []
    assert [each.what for each in VIGNETTES if not each.what.endswith(".") or each.what[0].islower()] == []


def test_there_are_enough():
    assert len(VIGNETTES) >= 45


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda each: each.id)
def test_every_criterion_fails_alone_in_at_least_one(criterion):
    alone = [each for each in VIGNETTES if set(each.comes) == {criterion.id}]
    assert [each.what for each in alone if each.comes[criterion.id] in {*HARD, REFUSED}]


@pytest.mark.parametrize("exception", [each for each in MalignancyException if each is not MalignancyException.NONE])
def test_every_exception_of_e6_saves_a_patient(exception):
    saved = [each for each in SAVED if any(malignancy.exception == exception for malignancy in each.of.of("OM"))]
    assert [each.comes for each in saved] == [{"E6": Comes.ABSENT}]


@pytest.mark.parametrize("how", Comes)
def test_every_outcome_appears(how):
    assert [each.what for each in VIGNETTES if how in each.comes.values()]


def test_every_exception_has_its_counterpart():
    assert [each.what for each in SAVED if each.but_for is None] == []


def test_nothing_stands_against_the_base_patients():
    for each in VIGNETTES:
        assert listed(each.base, each.gate) == set()
