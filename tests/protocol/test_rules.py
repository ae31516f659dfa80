"""Every rule fires where it should and is quiet where it should not; the catalogue keeps its own laws."""

from __future__ import annotations

import dataclasses
import importlib
import re
from pathlib import Path

import pytest

import protocol.rules  # noqa: F401  fills the catalogue
from protocol import engine, parameters
from protocol.criteria import meant
from protocol.engine import RULES, Severity, Source
from protocol.facts import FORMS, Clock, Fact, Patient
from protocol.rules.ages import AGES
from tests.protocol.build import ae, case, dd, dose, doses, ecog
from tests.protocol.screening_build import che, hem, rel
from tests.protocol.syndrome_build import crs

# The tables of examples, each module with an EXAMPLES of its own.
TABLES = [importlib.import_module(f"tests.protocol.{path.stem}").EXAMPLES
          for path in sorted(Path(__file__).parent.glob("examples*.py"))]
EXAMPLES = {name: each for table in TABLES for name, each in table.items()}
OWN = re.compile(r"(SCR|DOS|AE|FUP|ASM)-([IE][0-9]{2}[a-z]?|G[0-9]{2}|[0-9]{3})")
NO_OWN = (Severity.GATE, Severity.REVIEW)  # they speak of the patient, not of one record
OURS = {name: rule for name, rule in RULES.items() if OWN.fullmatch(name)}
FIRES = [(name, n) for name, each in EXAMPLES.items() for n in range(len(each.fires))]
QUIET = [(name, n) for name, each in EXAMPLES.items() for n in range(len(each.quiet))]


def found(name, of):
    with parameters.override(**EXAMPLES[name].under):
        return engine.findings([RULES[name]], of)


@pytest.mark.parametrize(("name", "n"), FIRES)
def test_fires(name, n):
    findings = found(name, EXAMPLES[name].fires[n])
    assert findings, f"{name} should fire"
    for each in findings:
        assert "{" not in each.message
        assert "None" not in each.message


@pytest.mark.parametrize(("name", "n"), QUIET)
def test_quiet(name, n):
    assert not found(name, EXAMPLES[name].quiet[n]), f"{name} should be quiet"


def test_every_rule_has_examples():
    assert set(OURS) == set(EXAMPLES)
    assert len(EXAMPLES) == sum(map(len, TABLES)), "a rule has its examples in one table"
    few = [name for name, each in EXAMPLES.items() if len(each.fires) < 1 or len(each.quiet) < 2]
    assert not few


def test_each_example_fires_on_one_record_only():
    noisy = [name for name, each in EXAMPLES.items() for example in each.fires if len(found(name, example)) > 1]
    assert not noisy


@pytest.mark.parametrize("rule", OURS.values(), ids=lambda rule: rule.id)
def test_laws_of_the_catalogue(rule):
    facts = [need.fact for need in rule.needs]
    assert rule.cites
    assert rule.message[-1] in ".}!?"
    fields = {field.name for field in dataclasses.fields(FORMS[rule.form])}
    assert rule.field in fields
    assert all(name in parameters.PARAMETERS for name in rule.requires)
    if rule.severity is Severity.ERROR:
        assert {fact for fact in facts if issubclass(fact, Fact)} == {FORMS[rule.form]}
        assert all(fact in (Patient, Clock, FORMS[rule.form]) for fact in facts)
        assert not any(need.many for need in rule.needs)
    if rule.severity is Severity.DEVIATION:
        assert rule.source in (Source.REGISTRY, Source.STANDARD)  # the record, or good clinical practice
    if rule.source is Source.LABEL:
        assert rule.severity in (Severity.QUERY, Severity.NOTICE)
    assert (rule.severity in NO_OWN) == (rule.own is None)


@pytest.mark.parametrize("rule", [rule for rule in OURS.values() if rule.own], ids=lambda rule: rule.id)
def test_an_empty_record_is_quiet(rule):
    """Missing data never makes a rule fire: not even a record in which nothing is filled in."""
    blanks = {"PartialDate | None": None, "Decimal | None": None, "datetime | None": None, "str": ""}
    kind = FORMS[rule.form]
    empty = kind(**{field.name: blanks[field.type] for field in dataclasses.fields(kind) if field.type in blanks})
    of = case(empty, enrolled="")
    with parameters.override(**EXAMPLES[rule.id].under):
        assert not engine.findings([rule], of)


# Sentences that leave it open which of two entries is wrong. A date beside registration, today or nothing is no such pair.
OF_TWO = re.compile("the one that is wrong|check both|correct the answer|Correct (the conclusion|the answer or|the version or)"
                    "|or correct the (sex|answer|drugs)|confirm both|correct the numbers", re.IGNORECASE)
ONE_ONLY = {
    "SCR-061",  # of 28 answers nobody knows which is wrong
    "SCR-062",  # beside the registration; the answers that it means are named as well
}


@pytest.mark.parametrize("rule", [each for each in OURS.values() if each.id.startswith(("SCR", "ASM"))], ids=lambda rule: rule.id)
def test_contradictory_entries_are_named_on_both_fields(rule):
    if rule.severity in NO_OWN or not OF_TWO.search(rule.message) or rule.id in ONE_ONLY:
        return
    own = f"{rule.form}.{rule.field}"
    others = [at for at in rule.also if at != own]
    # Another record of the same form may be the other side, at the same question.
    assert others or own in rule.also, f"{rule.id} names {own} only"
    forms = {at.partition(".")[0] for at in rule.also}
    assert forms <= rule.forms | {"DD"}, "what is named is read"
    for at in rule.also:
        form, _, field = at.partition(".")
        assert field in FORMS[form].__dataclass_fields__, at


def test_enough_sentences_speak_of_two_entries():
    of_two = {each.id for each in OURS.values() if OF_TWO.search(each.message) and each.severity not in NO_OWN}
    assert {"SCR-006", "SCR-012", "SCR-016", "SCR-017", "SCR-041", "SCR-060", "SCR-076", "SCR-I03a", "SCR-I06x", "ASM-004"} - of_two == {"SCR-006"}
    assert RULES["SCR-006"].also == ("IC.patient_signed_on",)  # whose sentence speaks of one date, and rests on two


@pytest.mark.parametrize(("form", "field", "sentence", "speaks"), [
    ("IE", "i01", "Not satisfied: I1, E12.", True), ("IE", "i10", "Not satisfied: I1, E12.", False),
    ("IE", "e12", "Not satisfied: I1, E12.", True), ("IE", "e01", "Not satisfied: I1, E12.", False),
    ("IE", "all_satisfied", "Not satisfied: I1.", True), ("REL", "e12", "E12 again", True), ("REL", "e10", "E12 again", False),
    ("ECOG", "ecog", "Nothing of it.", True), ("IE", "i03", "", False),
])  # fmt: skip
def test_an_answer_is_meant_when_its_criterion_is_named(form, field, sentence, speaks):
    assert meant(form, field, sentence) is speaks


def test_rules_to_be_supplied_are_off():
    off = {name for name, rule in OURS.items() if not rule.on}
    assert off == {each.rule for each in AGES} | {"DOS-018", "AE-034", "ASM-015"}
    for name in off:
        assert not engine.findings([RULES[name]], EXAMPLES[name].fires[0])


def test_an_id_is_used_once_and_a_rule_has_a_sentence():
    with pytest.raises(ValueError, match="two rules"):
        engine.add(RULES["DOS-001"])
    with pytest.raises(ValueError, match="no sentence"):
        engine.add(dataclasses.replace(RULES["DOS-001"], id="DOS-999", message=""))


def inputs(name, *records, **rest):
    (finding,) = engine.findings([RULES[name]], case(*records, **rest))
    return finding.inputs


def test_a_confirmed_value_is_not_asked_for_again_when_something_else_is_added():
    base = doses("2026-06-15", "2026-06-15")
    assert inputs("DOS-005", *base) == inputs("DOS-005", *base, dose("C1D15", occurrence="OMITTED"))
    assert inputs("AE-025", ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), *doses("2026-06-15", "2026-06-22")) == inputs(
        "AE-025", ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), *doses("2026-06-15", "2026-06-22", "2026-06-29")
    )
    assert inputs("FUP-006", dd(cause="ADVERSE EVENT")) == inputs("FUP-006", dd(cause="ADVERSE EVENT"), today="2026-10-01")


def test_it_is_asked_for_again_when_an_input_changes():
    assert inputs("DOS-005", *doses("2026-06-15", "2026-06-15")) != inputs("DOS-005", *doses("2026-06-15", "2026-06-14"))
    assert inputs("DOS-001", dose(mg="5")) != inputs("DOS-001", dose(mg="6"))


def test_all_findings_at_once():
    wrong = case(dose("C1D8", "2026-06-09", mg="5", start="11:00", end="10:00"))
    ids = {each.rule.id for each in engine.findings(OURS.values(), wrong) if each.rule.severity not in NO_OWN}
    assert ids == {"SCR-031", "DOS-003", "DOS-004", "DOS-005", "DOS-007", "DOS-052"}


def test_a_good_course_raises_nothing():
    given = doses("2026-06-15", "2026-06-22", "2026-06-29", "2026-07-13", "2026-07-27")
    good = case(
        rel(released_at="2026-06-15T07:30"), *given,
        *(each for one in given for each in (hem(visit=one.visit, taken_on=one.given_on.text), che(visit=one.visit, taken_on=one.given_on.text),
                                             ecog(on=one.given_on.text, visit=one.visit))),
        ae("Cytokine release syndrome", "2026-06-16", "2026-06-18", scale="ASTCT 2019", grade="1"),
    )
    (event,) = good.of("AE")
    good.records["CRS"] = (dataclasses.replace(crs(event=event.slot), id=99, row=1, submitted=True),)
    assert not [each for each in engine.findings(OURS.values(), good) if each.rule.severity not in NO_OWN]
