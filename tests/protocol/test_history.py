"""What the rules of the screening forms read: both sides of a contradiction, and nothing that would ask again without need."""

from __future__ import annotations

import pytest

import protocol.rules  # noqa: F401  fills the catalogue
from protocol import engine, parameters
from protocol.engine import RULES, Severity
from protocol.facts import FORMS
from protocol.rules.questions import MISSING_ENTRY
from tests.protocol import examples_assessments, examples_history
from tests.protocol.build import case, consent, dm, dose, ie
from tests.protocol.screening_build import (
    che,
    cm,
    hem,
    hx,
    icfv,
    infection,
    irae,
    line,
    organ,
    procedure,
    pt,
    rel,
    ric,
    rp,
    ser,
    steroid,
    uln,
    vax,
    whole,
)

EXAMPLES = {**examples_history.EXAMPLES, **examples_assessments.EXAMPLES}
# An entry that is missing has no field to read.
NAMED_TWICE = [(name, also) for name in EXAMPLES if name not in MISSING_ENTRY for also in RULES[name].also]


def found(name, of):
    with parameters.override(**EXAMPLES[name].under):
        return engine.findings([RULES[name]], of)


@pytest.mark.parametrize(("name", "also"), NAMED_TWICE)
def test_what_contradicts_is_named_on_its_own_form(name, also):
    """The finding is shown at a field of another record only when it has read that field."""
    form, _, field = also.partition(".")
    assert field in {each for each in FORMS[form].__dataclass_fields__}
    read = {each for of in EXAMPLES[name].fires for finding in found(name, of) for each in finding.reads}
    assert any(each.startswith(f"{form}:") and each.endswith(f".{field}") for each in read)


def test_the_other_record_is_named_and_no_third_one():
    of = case(hx(surgery_any="N"), procedure(performed_on="2020"), procedure(performed_on="2026-05-01"))
    (finding,) = found("SCR-042", of)
    rows = {each.row for each in of.of("PR") if f"{each.where}.name" in finding.reads}
    assert rows == {3}


def inputs(name, *records, **rest):
    (finding,) = found(name, case(*records, **rest))
    return finding.inputs


SURGERY = hx(), procedure(performed_on="2026-05-01")
UNRELEASED = rel(), dose()
PREDNISONE = dose(), steroid(dose=20)
SICK = dose(), infection(symptoms="Y", uncontrolled="Y", last_sign_on="2026-06-14")
ONE_TEST = dose(), dm(sex="F"), rp(), pt()
VERSIONS = consent(), icfv(), icfv(icf_version="2.0", approved_on="2026-07-01", reconsent="Y")


@pytest.mark.parametrize(
    ("name", "records", "more"),
    [
        ("SCR-042", SURGERY, procedure(performed_on="2026-04-01")),
        ("SCR-085", (procedure(performed_on="2026-07-01"), dose()), dose("C1D8", "2026-06-22")),
        ("SCR-086", (irae(started_on="2024"), line()), line(line_number=2, ici_first_on="2026-01-01")),
        ("SCR-031", UNRELEASED, dose("C1D8", "2026-06-22")),
        ("SCR-E10g", PREDNISONE, steroid(dose=50, started_on="2026-07-01")),
        ("SCR-E10g", PREDNISONE, cm()),
        ("SCR-E11g", SICK, infection(name="Cystitis", started_on="2026-07-01", symptoms="Y", uncontrolled="Y")),
        ("SCR-I09g", ONE_TEST, pt("2026-07-20")),
        ("SCR-095", VERSIONS, icfv(icf_version="2.1", approved_on="2026-07-10")),
        ("SCR-095", VERSIONS, ric(icf_version="1.0")),
        ("SCR-067", (rp(), pt(result="POSITIVE")), pt("2026-07-20")),
        ("SCR-067", (rp(), pt(result="POSITIVE")), rp(visit="UNS01", assessed_on="2026-07-20")),
        ("SCR-I09g", ONE_TEST, rp(visit="UNS01", assessed_on="2026-07-20", potential="N")),
        ("SCR-114", (organ(), hem(taken_on="2026-06-09")), organ(visit="UNS01", assessed_on="2026-07-20")),
        ("SCR-114", (organ(), hem(taken_on="2026-06-09")), hem(visit="UNS02", taken_on="2026-07-20")),
        ("ASM-008", (vax("LIVE", "2026-07-01"), dose()), dose("C1D8", "2026-06-22")),
        ("ASM-012", (ser(hbsag="POSITIVE"),), ser(visit="UNS01", hbv_dna="NOT DONE")),
    ],
)
def test_a_confirmed_value_is_not_asked_for_again(name, records, more):
    assert inputs(name, *records) == inputs(name, *records, more)


@pytest.mark.parametrize(
    ("name", "records", "instead"),
    [
        ("SCR-042", SURGERY, (hx(), procedure(performed_on="2026-05-02"))),
        ("SCR-E10g", PREDNISONE, (dose(), steroid(dose=30))),
        ("SCR-E11g", SICK, (dose(), infection(symptoms="Y", uncontrolled="Y", last_sign_on="2026-06-13"))),
        ("SCR-095", VERSIONS, (*VERSIONS, icfv(icf_version="3.0", approved_on="2026-08-01", reconsent="Y"))),
        ("ASM-021", (che(), uln("ALT")), (che(crp="3"), uln("ALT"))),
    ],
)
def test_it_is_asked_for_again_when_an_input_changes(name, records, instead):
    assert inputs(name, *records) != inputs(name, *instead)


NOT_ASKED = {"i09": "NOT APPLICABLE", "e17": "NOT APPLICABLE"}
CHECKED = {"checked_on": "2026-06-14", "released_at": "2026-06-15T07:00"}
# Ranges for every test that the laboratory forms of the example hold.
REST = tuple(uln(test, "999", "") for test in ("HGB", "WBC", "NEUT", "LYM", "PLAT", "SODIUM", "K", "ALP", "ALB"))


@pytest.mark.parametrize(
    ("more", "changes"),
    [
        (REST, {}),
        (REST, {"woman": True}),
        ((*REST, dose()), {"enrolled": "2026-06-10", "rel": rel(**CHECKED, i09="NOT APPLICABLE"), "ie": ie(**NOT_ASKED, all_satisfied="Y")}),
        ((*REST, dose(), pt("2026-06-13")), {"enrolled": "2026-06-10", "rel": rel(**CHECKED), "woman": True, "ie": ie(all_satisfied="Y")}),
    ],
)  # fmt: skip
def test_a_patient_as_it_should_be_raises_nothing(more, changes):
    ours = [RULES[name] for name in EXAMPLES]
    of = whole(*more, **{"today": "2026-06-20", **changes})
    assert [each.message for each in engine.findings(ours, of) if each.rule.severity is not Severity.NOTICE] == []
