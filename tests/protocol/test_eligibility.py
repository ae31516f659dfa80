"""The program's own results, and everything that can stand against registration."""

from __future__ import annotations

import dataclasses

import pytest

from protocol import parameters
from protocol.criteria import BY_ID, CRITERIA
from protocol.eligibility import Decision, answer_satisfies, due_before_first_dose, evaluate, gate_one, rule_id
from tests.protocol.build import case, consent, dm, draft, ecog, eligible, ie, sf, without

MET, NOT_MET, OPEN = Decision.MET, Decision.NOT_MET, Decision.UNDETERMINED


@pytest.mark.parametrize(("criterion", "of", "verdict", "words"), [
    ("I3", eligible(), MET, ["ECOG 2", "03-Jun-2026", "7 days before this check on 10-Jun-2026", "SCR-I03"]),
    ("I3", case(ecog()), MET, ["7 days before registration on 10-Jun-2026"]),
    ("I3", eligible(ecog=ecog("1")), NOT_MET, ["ECOG 1"]),
    ("I3", eligible(ecog=ecog("3", "2026-06-10")), NOT_MET, ["ECOG 3", "the day of this check"]),
    ("I3", case(ecog("2", "2026-06-11")), MET, ["1 day after registration"]),
    ("I3", eligible(ecog=ecog("2", "")), MET, ["date not entered"]),
    ("I3", eligible(ecog=None), OPEN, ["No ECOG"]),
    ("I4", eligible(), MET, ["Mar-1958", "68 years", "01-Jun-2026", "SCR-I04"]),
    ("I4", eligible(dm=dm("1958")), MET, ["67 or 68 years"]),
    ("I4", eligible(dm=dm("2007")), MET, ["18 or 19"]),
    ("I4", eligible(dm=dm("2008")), OPEN, ["17 or 18", "not known closely enough"]),
    ("I4", eligible(dm=dm("2009")), NOT_MET, ["16 or 17"]),
    ("I4", eligible(dm=dm("2008-05")), MET, ["18 years"]),
    ("I4", eligible(dm=dm("2008-06")), OPEN, ["17 or 18"]),
    ("I4", eligible(dm=dm("2008-07")), NOT_MET, ["17 years"]),
    ("I4", eligible(dm=dm("2008-06-01")), MET, ["18 years"]),
    ("I4", eligible(dm=dm("2008-06-02")), NOT_MET, ["17 years"]),
    ("I4", eligible(dm=dm("")), OPEN, ["birth date"]),
    ("I4", eligible(dm=None, consent=None), OPEN, ["birth date and date of the patient's signature"]),
    ("I10", eligible(), MET, ["Patient signed on 01-Jun-2026, 9 days before", "investigator signed on 01-Jun-2026", "SCR-I10"]),
    ("I10", eligible(consent=consent("2026-06-10", "2026-06-10")), MET, ["the day of this check"]),
    ("I10", eligible(consent=consent("2026-06-11")), NOT_MET, ["1 day after this check"]),
    ("I10", eligible(consent=consent("2026-06-01", "2026-06-11")), NOT_MET, []),
    ("I10", case(consent("2026-06-11")), NOT_MET, ["1 day after registration"]),
    ("I10", eligible(consent=consent("2026-06")), OPEN, ["0 to 20 days"]),
    ("I10", eligible(consent=consent("2026-05")), MET, ["10 to 40 days"]),
    ("I10", eligible(consent=consent("2026-06-01", "")), OPEN, ["not entered: investigator"]),
    ("I10", eligible(consent=None), OPEN, ["patient and investigator"]),
])  # fmt: skip
def test_results(criterion, of, verdict, words):
    result = evaluate(BY_ID[criterion], of)
    assert result.verdict is verdict
    assert all(word in result.evidence for word in words), result.evidence
    assert result.decided is (verdict in (MET, NOT_MET))


@pytest.mark.parametrize("each", [each for each in CRITERIA if each.id not in ("I3", "I4", "I10")], ids=lambda each: each.id)
def test_the_others_are_not_computed(each):
    assert evaluate(each, eligible()).verdict is Decision.NOT_COMPUTED


def unmet(of):
    return {point.rule for point in gate_one(of)}


def test_nothing_stands_against_an_eligible_patient():
    assert gate_one(eligible()) == []
    man = eligible(dm=dm(sex="M"), ie=ie(i09="NOT APPLICABLE", e17="NOT APPLICABLE", e18="NOT APPLICABLE"))
    assert gate_one(man) == []


GATED = [each for each in CRITERIA if 1 in each.gates]


@pytest.mark.parametrize("answer", ["", "no"])
@pytest.mark.parametrize("each", GATED, ids=lambda each: each.id)
def test_each_criterion_alone(each, answer):
    given = {"": "", "no": "NOT FULFILLED" if each.kind == "inclusion" else "PRESENT"}[answer]
    (point,) = gate_one(eligible(ie=ie(**{each.field: given})))
    assert (point.rule, point.criterion, point.form, point.field) == (rule_id(each), each.id, "IE", each.field)
    assert each.id in point.sentence
    assert ("no submitted answer" if not given else given.capitalize()) in point.sentence


@pytest.mark.parametrize("each", GATED, ids=lambda each: each.id)
def test_not_applicable(each):
    women = unmet(eligible(ie=ie(**{each.field: "NOT APPLICABLE"})))
    men = unmet(eligible(dm=dm(sex="M"), ie=ie(**{each.field: "NOT APPLICABLE"})))
    assert women == (set() if each.id in ("I9", "E18") else {rule_id(each)})
    assert men == (set() if each.id in ("I9", "E18", "E17") else {rule_id(each)})


def test_answers_of_the_other_kind_never_satisfy():
    assert not answer_satisfies(BY_ID["I1"], "ABSENT", "F")
    assert not answer_satisfies(BY_ID["E1"], "FULFILLED", "F")
    assert not answer_satisfies(BY_ID["E1"], "", "F")


@pytest.mark.parametrize("field", ["e10", "e11"])
@pytest.mark.parametrize("answer", ["", "PRESENT", "ABSENT"])
def test_e10_and_e11_wait_for_the_first_dose(field, answer):
    assert gate_one(eligible(ie=ie(**{field: answer}))) == []


@pytest.mark.parametrize(("of", "rules"), [
    (eligible(ecog=ecog("1")), {"SCR-I03b"}),
    (eligible(ecog=ecog("1"), ie=ie(i03="NOT FULFILLED")), {"SCR-I03", "SCR-I03b"}),
    (eligible(dm=dm("2008")), {"SCR-I04b"}),
    (eligible(dm=dm("2009")), {"SCR-I04b"}),
    (eligible(consent=consent("2026-06-01", "")), {"SCR-I10b"}),
    (eligible(consent=consent("2026-06-11")), {"SCR-I10b"}),
    (draft(eligible(), "IC"), {"SCR-G01", "SCR-I04b", "SCR-I10b"}),
    (draft(eligible(), "DM"), {"SCR-G02", "SCR-I04b"}),
    (draft(eligible(), "ECOG"), {"SCR-G03", "SCR-I03b"}),
    (without(eligible(), "ECOG"), {"SCR-G03", "SCR-I03b"}),
    (draft(eligible(), "IE"), {"SCR-G04", *(rule_id(each) for each in GATED)}),
    (eligible(sf=sf()), {"SCR-G07"}),
    (draft(eligible(sf=sf()), "SF"), set()),
])  # fmt: skip
def test_other_points(of, rules):
    assert unmet(of) == rules


def test_site_and_earlier_registration():
    good = eligible()
    inactive = dataclasses.replace(good, patient=dataclasses.replace(good.patient, site_active=False))
    assert unmet(inactive) == {"SCR-G05"}
    again = dataclasses.replace(good, patient=dataclasses.replace(good.patient, enrolled_on=good.clock.today))
    assert unmet(again) == {"SCR-G06"}


def test_all_points_at_once():
    nothing = case(enrolled="", active=False)
    assert unmet(nothing) == {
        *(rule_id(each) for each in GATED), "SCR-I03b", "SCR-I04b", "SCR-I10b", "SCR-G01", "SCR-G02", "SCR-G03", "SCR-G04",
        "SCR-G05",
    }  # fmt: skip
    assert all(point.sentence and point.form and point.field for point in gate_one(nothing))


def test_i0_only_when_it_is_active():
    without_i0 = eligible(ie=ie(i00=""))
    assert unmet(without_i0) == {"SCR-I00"}
    with parameters.override(i0_active=False):
        assert unmet(without_i0) == set()


@pytest.mark.parametrize(("of", "due"), [
    (eligible(), ["I9", "E10", "E11"]),
    (eligible(ie=ie(i09="NOT APPLICABLE")), ["E10", "E11"]),
    (eligible(dm=dm(sex="M")), ["E10", "E11"]),
    (eligible(dm=dm(sex="INTERSEX")), ["I9", "E10", "E11"]),
    (eligible(dm=None), ["E10", "E11"]),
    (eligible(ie=None), ["I9", "E10", "E11"]),
])  # fmt: skip
def test_due_before_the_first_dose(of, due):
    points = due_before_first_dose(of)
    assert [point.criterion for point in points] == due
    assert all(point.sentence for point in points)
