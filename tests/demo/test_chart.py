"""A chart fits together whatever its traits are, and the same random numbers give the same chart."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from crf import registry
from crf.fields import PartialDateField
from crf.forms import form_for
from demo.chart import Chart, Trait, drawn, joined
from protocol.dates import PartialDate, before
from protocol.sites import SITES

pytestmark = pytest.mark.nodb

DAY = date(2026, 9, 9)
FIRST_OF = {site.country: site.code for site in reversed(SITES)}


def chart(seed: int = 1, *traits: Trait, sex: str = "M", country: str = "FR") -> Chart:
    return Chart(Random(seed), DAY, FIRST_OF[country], country, sex, joined(traits))


def entries(found: Chart) -> list[tuple[str, dict]]:
    return [*found.answers.items(), *found.rows]


@pytest.mark.parametrize("trait", list(Trait))
@pytest.mark.parametrize("country", sorted(FIRST_OF))
def test_every_answer_is_to_a_question_and_no_date_lies_after_consent(trait, country):
    for seed, sex in ((1, "M"), (2, "F"), (3, "M"), (4, "F")):
        holds_together(chart(seed, trait, sex=sex, country=country))


@pytest.mark.parametrize("seed", range(40))
def test_traits_together_hold_together(seed):
    holds_together(chart(seed, *drawn(Random(seed))))
    holds_together(chart(seed, Trait.LIMITED, Trait.ENDOCRINE, Trait.BRAIN))
    holds_together(chart(seed, Trait.TWO_LINES, Trait.ENDOCRINE))


def holds_together(found: Chart) -> None:
    for code, answers in entries(found):
        form = registry.form(code)
        assert set(answers) <= set(form_for(form).base_fields), code
        for name, value in answers.items():
            field = form._meta.get_field(name)
            if isinstance(field, PartialDateField) and value:
                on, first = PartialDate.parse(str(value)), answers.get(field.after)
                assert on.earliest <= DAY, (code, name)
                assert not first or before(on, PartialDate.parse(str(first))) is not True, (code, name)


def test_the_same_numbers_give_the_same_chart():
    assert entries(chart(7, Trait.HEART)) == entries(chart(7, Trait.HEART)) != entries(chart(8, Trait.HEART))


def logs(found: Chart) -> set[str]:
    return {code for code, _ in found.rows}


WRITES = {
    Trait.LIMITED: "PR", Trait.TWO_LINES: "PR", Trait.BRAIN: "PR", Trait.OPERATED: "PR", Trait.ENDOCRINE: "IRAE",
    Trait.OTHER_CANCER: "OM", Trait.HEART: "CVH", Trait.AUTOIMMUNE: "AID", Trait.INFECTION: "INF", Trait.VACCINE: "VAX",
}  # fmt: skip


@pytest.mark.parametrize(("trait", "log"), WRITES.items())
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_trait_is_in_its_log_and_nobody_else_has_it(trait, log, seed):
    assert log in logs(chart(seed, trait)) and log not in logs(chart(seed))


@pytest.mark.parametrize("seed", range(8))
def test_the_questions_beside_the_logs_agree_with_them(seed):
    found = chart(seed, *drawn(Random(seed)))
    asked, kinds = found.answers["HX"], {answers.get("category") for code, answers in found.rows if code == "PR"}
    for question, log in (("irae_any", "IRAE"), ("medical_any", "MH"), ("malignancy_any", "OM"), ("vascular_any", "CVH"),
                          ("autoimmune_any", "AID"), ("infection_any", "INF"), ("vaccine_any", "VAX")):  # fmt: skip
        assert (asked[question] == "Y") == (log in logs(found)), question
    assert (asked["surgery_any"] == "Y") == ("SURGERY" in kinds)
    assert (asked["radiotherapy_any"] == "Y") == bool(kinds - {"SURGERY"})


def test_somebody_of_childbearing_potential_is_a_woman_of_that_age():
    found = chart(1, Trait.FERTILE, sex="M")
    assert found.sex == "F" and 38 <= (DAY - found.born).days // 365 <= 47
    answers = found.checklist()
    assert (found.answers["RP"]["potential"], answers["i09"], answers["e17"]) == ("Y", "FULFILLED", "ABSENT")


@pytest.mark.parametrize(("sex", "e17"), [("M", "NOT APPLICABLE"), ("F", "ABSENT")])
def test_the_checklist_says_whom_a_criterion_is_not_about(sex, e17):
    answers = chart(1, sex=sex).checklist()
    assert (answers["i09"], answers["e17"], answers["all_satisfied"]) == ("NOT APPLICABLE", e17, "Y")
    assert chart(1, sex=sex).checklist(e13="PRESENT")["all_satisfied"] == "N"


@pytest.mark.parametrize(
    ("had", "wanted", "kept"),
    [
        ((Trait.LIMITED,), (Trait.TWO_LINES,), {Trait.TWO_LINES}),
        ((Trait.TWO_LINES, Trait.HEART), (Trait.LIMITED,), {Trait.LIMITED, Trait.HEART}),
        ((Trait.HEPATITIS_B, Trait.ANTICOAGULANT), (Trait.LIVER,), {Trait.LIVER}),
        ((Trait.ANTICOAGULANT, Trait.PROPHYLAXIS), (), {Trait.ANTICOAGULANT}),
        ((Trait.HEART,), (Trait.HEART,), {Trait.HEART}), ((), (), set()),
    ],
)  # fmt: skip
def test_traits_that_cannot_go_together(had, wanted, kept):
    assert joined(had, *wanted) == kept


def test_what_is_drawn_keeps_nobody_out():
    against = {
        Trait.LUNG, Trait.LIVER, Trait.PREGNANT, Trait.TWO_LINES, Trait.LIMITED_WITHOUT_ICI, Trait.NOT_RELEASED,
        Trait.RELEASED_ON_PAPER, Trait.ON_PAPER,
    }  # fmt: skip
    found = [drawn(Random(seed)) for seed in range(200)]
    assert not any(traits & against for traits in found) and len(set(found)) > 60


def test_screened_again_what_was_recent_has_passed():
    found = chart(1, Trait.VACCINE, Trait.INFECTION, Trait.OPERATED, Trait.BRAIN, Trait.HEART)
    found.later(date(2026, 10, 20))
    assert not {"VAX", "INF"} & logs(found) and {"CVH", "PR"} <= logs(found)
    asked = ("infection_any", "vaccine_any", "surgery_any", "radiotherapy_any")
    assert [found.answers["HX"][question] for question in asked] == ["N", "N", "N", "Y"]
