"""The program's result for each criterion, the two gates with every point, and rulings beside them."""

from __future__ import annotations

import dataclasses

import pytest

import protocol.rules  # noqa: F401  fills the catalogue
from protocol import engine, parameters
from protocol.atoms import FIRST_DOSE, REGISTRATION, atoms_of
from protocol.criteria import BY_ID, CRITERIA
from protocol.eligibility import (
    Decision,
    answer_satisfies,
    differs_from,
    due_before_first_dose,
    evaluate,
    gate_id,
    gate_one,
    gate_two,
    rule_id,
)
from tests.protocol.atoms import LINES
from tests.protocol.atoms_inclusion import ALT, CR, HB
from tests.protocol.build import case, consent, dm, dose, draft, ecog, ie, sf, without
from tests.protocol.lines import treated
from tests.protocol.screening_build import (
    anticoagulant,
    cmyn,
    coa,
    hem,
    hx,
    infection,
    irae,
    line,
    organ,
    pt,
    rel,
    rp,
    ruling,
    sclc,
    ser,
    steroid,
    vax,
    vs,
    whole,
)

MET, NOT_MET, PRESENT, ABSENT = Decision.MET, Decision.NOT_MET, Decision.PRESENT, Decision.ABSENT
OPEN, REVIEW, NA, NOT_COMPUTED = Decision.UNDETERMINED, Decision.REVIEW, Decision.NA, Decision.NOT_COMPUTED
GATED = [each for each in CRITERIA if REGISTRATION in each.gates]
THRESHOLDS = {"laboratory_thresholds": [each["laboratory_thresholds"][0] for each in (HB, CR, ALT)]}
JUDGED = {"I5": NOT_COMPUTED, "E15": NOT_COMPUTED, "E16": NOT_COMPUTED}
OF_A_MAN = {**JUDGED, "I9": NA, "E17": NA}


def ill(last):
    """Pneumonia since May, its last sign on a day."""
    signs = {"symptoms": "Y", "clinical_signs": "N", "radiographic_signs": "Y", "uncontrolled": "Y"}
    return infection(name="Pneumonia", started_on="2026-05-20", **signs, last_sign_on=last)


def unmet(of):
    return {point.rule for point in gate_one(of)}


# Results -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("of", "special"), [(whole(), OF_A_MAN), (whole(woman=True), JUDGED)], ids=["man", "woman"])
def test_results_of_an_eligible_patient(of, special):
    found = {each.id: evaluate(each, of).verdict for each in CRITERIA}
    assert found == {each.id: special.get(each.id, MET if each.kind == "inclusion" else ABSENT) for each in CRITERIA}


@pytest.mark.parametrize(("criterion", "of", "verdict", "words"), [
    ("I0", whole(), MET, ["Confirmed by: histology, diagnosed 06-Oct-2025 (SCR-I00a).", "Extensive stage now (SCR-I00b)."]),
    ("I0", whole(sclc=sclc(confirmed_by="NOT CONFIRMED", stage_at_enrolment="")), NOT_MET, ["not confirmed (SCR-I00a)"]),
    ("I6", whole(coa=coa(inr="1.9", aptt="")), NOT_MET, ["1.9", "SCR-I06a"]),
    ("I6", whole(coa=coa(aptt="")), OPEN, ["aPTT or PTT (SCR-I06b)"]),
    ("I6", whole(cmyn=cmyn(any_anticoagulant="Y"), cm=anticoagulant()), MET, ["SCR-I06a, SCR-I06b", "SCR-I06d", "Apixaban"]),
    ("I7", whole(vs=vs(oxygen_saturation=90), ple=None), NOT_MET, ["90 %", "SCR-I07b"]),
    ("E2", whole(hx=hx(irae_any="Y"), irae=irae(category="CNS", grade="3")), PRESENT, ["SCR-E02a", "SCR-E02b"]),
    ("E5", whole(vax=vax("LIVE", "2026-05"), hx=hx(vaccine_any="Y")), OPEN, ["May-2026", "SCR-E05a"]),
    ("E9", whole(ser=ser(hcvab="NEGATIVE", hcv_rna="ABOVE LOQ")), REVIEW, ["SCR-E09b"]),
    ("E9", whole(ser=ser(hcvab="NEGATIVE", hcv_rna="ABOVE LOQ", hbsag="")), OPEN, ["HBsAg (SCR-E09c)"]),
    ("E15", whole(), NOT_COMPUTED, ["the investigator's answer decides"]),
])  # fmt: skip
def test_a_criterion_from_its_parts(criterion, of, verdict, words):
    result = evaluate(BY_ID[criterion], of)
    assert result.verdict is verdict
    assert all(word in result.evidence for word in words), result.evidence
    assert result.decided is (verdict in (MET, NOT_MET, PRESENT, ABSENT))


def test_only_what_decides_is_said():
    result = evaluate(BY_ID["I0"], whole(sclc=sclc(confirmed_by="NOT CONFIRMED")))
    assert "Extensive" not in result.evidence


@pytest.mark.parametrize(("changes", "verdict"), [
    ({}, MET),
    ({"hem": hem(hgb="8.9")}, NOT_MET),
    ({"hem": hem(hgb="")}, OPEN),
    ({"hem": hem(hgb_unit="points")}, OPEN),
    ({"organ": organ(renal="N")}, NOT_MET),
    ({"organ": organ(renal="")}, OPEN),
])  # fmt: skip
def test_i5_with_thresholds(changes, verdict):
    with parameters.override(**THRESHOLDS):
        assert evaluate(BY_ID["I5"], whole(**changes)).verdict is verdict


def test_i5_with_a_threshold_for_one_group_is_still_judged_for_the_others():
    with parameters.override(**HB):
        assert evaluate(BY_ID["I5"], whole()).verdict is NOT_COMPUTED
        assert evaluate(BY_ID["I5"], whole(hem=hem(hgb="8.9"))).verdict is NOT_MET


def test_the_day_of_registration_is_the_reference_afterwards():
    later = {"today": "2026-09-01", "enrolled": "2026-06-10"}
    assert "7 days before registration on 10-Jun-2026" in evaluate(BY_ID["I3"], whole(**later)).evidence
    assert evaluate(BY_ID["I3"], whole(ecog=ecog("2", "2026-06-11"), **later)).verdict is OPEN
    assert evaluate(BY_ID["E5"], whole(vax=vax("LIVE", "2026-08-31"), hx=hx(vaccine_any="Y"), **later)).verdict is ABSENT


# The answer beside the result ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("criterion", "answer", "of", "differs"), [
    ("I3", "FULFILLED", whole(), False),
    ("I3", "NOT FULFILLED", whole(), True),
    ("I3", "NOT APPLICABLE", whole(), True),
    ("I3", "", whole(), False),
    ("I3", "FULFILLED", whole(ecog=ecog("1")), True),
    ("I3", "NOT FULFILLED", whole(ecog=ecog("1")), False),
    ("I3", "NOT FULFILLED", whole(ecog=None), False),
    ("I5", "NOT FULFILLED", whole(), False),
    ("I6", "FULFILLED", whole(cmyn=cmyn(any_anticoagulant="Y"), cm=anticoagulant()), False),
    ("I6", "NOT FULFILLED", whole(), True),
    ("I9", "FULFILLED", whole(), True),
    ("I9", "NOT APPLICABLE", whole(), False),
    ("I9", "NOT APPLICABLE", whole(woman=True), True),
    ("E2", "PRESENT", whole(), True),
    ("E2", "ABSENT", whole(hx=hx(irae_any="Y"), irae=irae(grade="3")), True),
    ("E17", "ABSENT", whole(), False),
    ("E17", "PRESENT", whole(), True),
    ("E9", "ABSENT", whole(ser=ser(hcvab="NEGATIVE", hcv_rna="ABOVE LOQ")), False),
])  # fmt: skip
def test_difference(criterion, answer, of, differs):
    assert differs_from(evaluate(BY_ID[criterion], of), answer) is differs


def test_an_eligible_patient_raises_no_query():
    thinned = whole(cmyn=cmyn(any_anticoagulant="Y", any_medication="Y"), cm=anticoagulant())
    for of in (whole(), whole(woman=True, rel=None), thinned):
        assert [found.rule.id for found in engine.findings(engine.RULES.values(), of) if found.rule.id.startswith("SCR-")
                and found.rule.severity in (engine.Severity.QUERY, engine.Severity.REVIEW)] == []  # fmt: skip


def test_answers_of_the_other_kind_never_satisfy():
    assert not answer_satisfies(BY_ID["I1"], "ABSENT", "F")
    assert not answer_satisfies(BY_ID["E1"], "FULFILLED", "F")
    assert not answer_satisfies(BY_ID["E1"], "", "F")


# Gate one --------------------------------------------------------------------------------------------------------------------


def test_nothing_stands_against_an_eligible_patient():
    assert gate_one(whole()) == []
    assert gate_one(whole(woman=True)) == []


@pytest.mark.parametrize("answer", ["", "no"])
@pytest.mark.parametrize("each", GATED, ids=lambda each: each.id)
def test_each_answer_alone(each, answer):
    given = {"": "", "no": "NOT FULFILLED" if each.kind == "inclusion" else "PRESENT"}[answer]
    (point,) = gate_one(whole(woman=True, ie=ie(**{each.field: given})))
    assert (point.rule, point.criterion, point.form, point.field) == (rule_id(each), each.id, "IE", each.field)
    assert each.id in point.sentence
    assert ("no submitted answer" if not given else given.capitalize()) in point.sentence


@pytest.mark.parametrize("each", GATED, ids=lambda each: each.id)
def test_not_applicable(each):
    """A woman of childbearing potential, and a man, both sexually active: to him I9 and E17 do not apply."""
    women = unmet(whole(woman=True, ie=ie(**{each.field: "NOT APPLICABLE"})))
    men = unmet(whole(ie=ie(**{"i09": "NOT APPLICABLE", "e17": "NOT APPLICABLE", each.field: "NOT APPLICABLE"})))
    assert women == {rule_id(each)}
    assert men == (set() if each.id in ("I9", "E17") else {rule_id(each)})


INTERSEX = {"woman": True, "dm": dm("1985", "INTERSEX")}


@pytest.mark.parametrize(("of", "answers", "rules"), [
    (whole(woman=True, pt=None, ie=ie(i09="NOT APPLICABLE")), {}, {"SCR-I09", "SCR-G19"}),
    (whole(woman=True, pt=pt(result="POSITIVE"), ie=ie(i09="NOT APPLICABLE")), {}, {"SCR-I09", "SCR-G19", "SCR-G57"}),
    (whole(woman=True, rp=rp(potential="N"), pt=None, ie=ie(i09="NOT APPLICABLE", e18="NOT APPLICABLE")), {}, set()),
    (whole(woman=True, rp=rp(potential=""), ie=ie(i09="NOT APPLICABLE")), {}, {"SCR-G19", "SCR-G58"}),  # nobody knows whether it applies
    (whole(woman=True, dm=dm("1985", ""), ie=ie(i09="NOT APPLICABLE", e18="NOT APPLICABLE")), {}, {"SCR-G19", "SCR-G57", "SCR-G58"}),
    (whole(**INTERSEX, ie=ie(i09="NOT APPLICABLE")), {}, {"SCR-I09"}),
    (whole(**INTERSEX, ie=ie(e17="NOT APPLICABLE")), {}, {"SCR-E17"}),
    (whole(woman=True, rp=rp(sexually_active="N", willing=""), ie=ie(e18="NOT APPLICABLE")), {}, set()),
    (whole(woman=True, rp=rp(willing="N"), ie=ie(e18="NOT APPLICABLE")), {}, {"SCR-E18", "SCR-G58"}),
    (whole(rp=rp(woman=False, willing=""), ie=ie(e18="NOT APPLICABLE")), {}, {"SCR-E18", "SCR-G58"}),
    (whole(rp=rp(woman=False, sexually_active=""), ie=ie(e18="NOT APPLICABLE")), {}, {"SCR-G58"}),
    (whole(rp=rp(woman=False, sexually_active="N"), ie=ie(e18="NOT APPLICABLE")), {}, set()),
])  # fmt: skip
def test_not_applicable_only_where_the_data_do_not_say_that_it_applies(of, answers, rules):
    assert unmet(of) == rules


def test_the_refusal_says_why_it_applies():
    (point,) = gate_one(whole(woman=True, ie=ie(i09="NOT APPLICABLE")))
    assert "its answer is Not applicable, and by the entered data it applies: Negative serum test 03-Jun-2026" in point.sentence
    assert (point.form, point.field) == ("IE", "i09")
    (point,) = gate_two(treated(**{**READY, "woman": True, "pt": SECOND, "rel": rel(i09="NOT APPLICABLE")}))
    assert point.rule == "SCR-G32"
    assert "by the entered data it applies: Negative" in point.sentence


def lines_against(gate):
    for each in CRITERIA:
        for part in atoms_of(each, gate):
            for verdict in dict.fromkeys(found.verdict for found in LINES[part.rule] if found.verdict.stands_against):
                fitting = [found for found in LINES[part.rule] if found.verdict is verdict and not found.under]
                against = next(found for found in fitting if found.alone)
                yield pytest.param(each, part, against, id=f"{part.rule} {verdict}: {against.what}")


@pytest.mark.parametrize(("criterion", "part", "against"), list(lines_against(REGISTRATION)))
def test_each_result_alone(criterion, part, against):
    """Whatever stands against the patient in the data is a point, with the place where it is mended."""
    points = {point.criterion: point for point in gate_one(against.of) if point.rule == gate_id(criterion, REGISTRATION)}
    assert set(points) == {criterion.id}
    assert points[criterion.id].field in engine.FORMS[points[criterion.id].form].__dataclass_fields__
    word = "open" if against.verdict is REVIEW else against.verdict.lower()
    assert f"is {word}" in points[criterion.id].sentence
    assert ("the medical reviewer is asked" in points[criterion.id].sentence) is against.for_review


@pytest.mark.parametrize(("of", "form", "field", "slot"), [
    (whole(ecog=ecog("1")), "ECOG", "ecog", "SCR"),
    (whole(other=ecog("1", "2026-06-08", "UNS-01")), "ECOG", "ecog", "UNS-01"),
    (whole(ecog=None), "ECOG", "ecog", ""),
    (whole(ecog=ecog("")), "ECOG", "ecog", "SCR"),
    (whole(hx=None), "HX", "irae_any", ""),
    (whole(coa=coa(aptt="")), "COA", "aptt", "SCR"),
    (whole(coa=coa(inr="2.0", aptt="90")), "COA", "inr", "SCR"),
])  # fmt: skip
def test_where_it_is_mended(of, form, field, slot):
    point = next(point for point in gate_one(of) if point.rule not in ("SCR-G01", "SCR-G03"))
    assert (point.form, point.field, point.slot) == (form, field, slot)


def test_a_row_of_a_log_is_named_by_its_number():
    of = whole(hx=hx(irae_any="Y"), irae=(irae(), irae(grade="3")))
    (point,) = gate_one(of)
    assert (point.rule, point.form, point.field) == ("SCR-G42", "IRAE", "grade")
    assert point.slot == str(of.of("IRAE")[1].row)


@pytest.mark.parametrize("field", ["e10", "e11"])
@pytest.mark.parametrize("answer", ["", "PRESENT", "ABSENT"])
def test_e10_and_e11_wait_for_the_first_dose(field, answer):
    data = {"cm": steroid(dose=50), "rel": None}
    assert gate_one(whole(woman=True, ie=ie(**{field: answer}), **data)) == []


@pytest.mark.parametrize(("of", "rules"), [
    (whole(ecog=ecog("1")), {"SCR-I03b"}),
    (whole(woman=True, ecog=ecog("1"), ie=ie(i03="NOT FULFILLED")), {"SCR-I03", "SCR-I03b"}),
    (whole(dm=dm("2009", "M")), {"SCR-I04b"}),
    (whole(consent=consent("2026-06-01", "")), {"SCR-I10b"}),
    (draft(whole(), "IC"), {"SCR-G01", "SCR-I04b", "SCR-I10b"}),
    (draft(whole(woman=True), "DM"), {"SCR-G02", "SCR-I04b", "SCR-G19", "SCR-G57", "SCR-G58"}),
    (draft(whole(), "ECOG"), {"SCR-G03", "SCR-I03b"}),
    (without(whole(), "ECOG"), {"SCR-G03", "SCR-I03b"}),
    (draft(whole(), "IE"), {"SCR-G04", *(rule_id(each) for each in GATED)}),
    (draft(whole(), "COA"), {"SCR-G16"}),
    (draft(whole(), "SER"), {"SCR-G49"}),
    (whole(sf=sf()), {"SCR-G07"}),
    (draft(whole(sf=sf()), "SF"), set()),
])  # fmt: skip
def test_other_points(of, rules):
    assert unmet(of) == rules


def test_site_and_earlier_registration():
    good = whole()
    inactive = dataclasses.replace(good, patient=dataclasses.replace(good.patient, site_active=False))
    assert unmet(inactive) == {"SCR-G05"}
    again = dataclasses.replace(good, patient=dataclasses.replace(good.patient, enrolled_on=good.clock.today))
    assert unmet(again) == {"SCR-G06"}


def test_all_points_at_once():
    nothing = case(enrolled="", active=False)
    computed = {gate_id(each, REGISTRATION) for each in GATED if atoms_of(each, REGISTRATION)}
    assert unmet(nothing) == {
        *(rule_id(each) for each in GATED), *computed, "SCR-G01", "SCR-G02", "SCR-G03", "SCR-G04", "SCR-G05",
    }  # fmt: skip
    assert len(computed) == 25
    points = gate_one(nothing)
    assert all(point.sentence and point.form and point.field for point in points)
    assert [point.rule for point in points[:5]] == ["SCR-G01", "SCR-G02", "SCR-G03", "SCR-G04", "SCR-G05"]


def test_i0_only_when_it_is_active():
    without_i0 = whole(woman=True, ie=ie(i00=""), sclc=sclc(confirmed_by=""))
    assert unmet(without_i0) == {"SCR-I00", "SCR-G10"}
    with parameters.override(i0_active=False):
        assert unmet(without_i0) == set()


@pytest.mark.parametrize(("of", "due"), [
    (whole(woman=True), ["I9", "E10", "E11", "E12"]),
    (whole(woman=True, ie=ie(i09="NOT APPLICABLE")), ["E10", "E11", "E12"]),
    (whole(), ["E10", "E11", "E12"]),
    (whole(woman=True, dm=dm(sex="INTERSEX")), ["I9", "E10", "E11", "E12"]),
    (whole(dm=None), ["E10", "E11", "E12"]),
    (whole(woman=True, ie=None), ["I9", "E10", "E11", "E12"]),
])  # fmt: skip
def test_due_before_the_first_dose(of, due):
    points = due_before_first_dose(of)
    assert [point.criterion for point in points] == due
    assert all(point.sentence for point in points)


@pytest.mark.parametrize(("changes", "words", "where"), [
    ({}, {}, {}),
    ({"cm": steroid(dose=40, ongoing="N", ended_on="2026-06-03")}, {"E10": "40 mg prednisone a day or equivalent"},
     {"E10": ("CM", "dose")}),
    ({"cm": steroid(dose=40, ongoing="N", ended_on="2026-06-02")}, {}, {}),
    ({"cm": steroid()}, {"E10": "also in the week before the first dose?"}, {"E10": ("CM", "dose")}),
    ({"cm": steroid(dose=40, purpose="")}, {}, {}),
    ({"inf": ill("2026-06-03")}, {"E11": "7 days before this check on 10-Jun-2026"}, {"E11": ("INF", "last_sign_on")}),
    ({"inf": ill("2026-06-02")}, {}, {}),
    ({"cm": steroid(dose=40), "inf": ill("2026-06-10")}, {"E10": "40 mg prednisone", "E11": "Pneumonia"},
     {"E10": ("CM", "dose"), "E11": ("INF", "last_sign_on")}),
    ({"cm": steroid(dose=40), "dose": dose(on="2026-06-10")}, {}, {}),
])  # fmt: skip
def test_what_the_logs_have_against_a_first_dose_now_is_said_ahead(changes, words, where):
    """Whatever the check before the first dose says, or before there is one; registration is not held back by it."""
    for check in (None, rel(i09="NOT APPLICABLE")):
        of = whole(**{"rel": check, **changes})
        points = {point.criterion: point for point in due_before_first_dose(of)}
        assert {name for name, point in points.items() if point.ahead} == set(words)
        assert all(said in points[name].ahead for name, said in words.items()), points
        assert {name: (points[name].form, points[name].field) for name in where} == where
        assert not {point.criterion for point in gate_one(of)} & {"E10", "E11"}


# Gate two --------------------------------------------------------------------------------------------------------------------

READY = {"dose": None, "enrolled": "2026-06-10", "today": "2026-06-15"}  # nothing is given yet
SECOND = (pt(), pt("2026-06-14"))


def against_release(of):
    return {point.rule for point in gate_two(of)}


def test_nothing_stands_against_the_first_dose():
    assert gate_two(treated(**READY)) == []
    assert gate_two(treated(**READY, woman=True, pt=SECOND)) == []


@pytest.mark.parametrize(("changes", "rules"), [
    ({"enrolled": ""}, {"SCR-G31"}),
    ({"rel": None}, {"SCR-G30", "SCR-G32", "SCR-G33", "SCR-G34", "SCR-G35", "SCR-G37", "SCR-G38"}),
    ({"rel": rel(i09="NOT APPLICABLE", released_at="2026-06-15T07:00")}, {"SCR-G40"}),
    ({"rel": rel(i09="")}, {"SCR-G32"}),
    ({"rel": rel(i09="NOT APPLICABLE", e10="PRESENT")}, {"SCR-G33"}),
    ({"rel": rel(i09="NOT APPLICABLE", e11="")}, {"SCR-G34"}),
    ({"rel": rel(i09="NOT APPLICABLE", e12="NOT APPLICABLE")}, {"SCR-G35"}),
    ({"woman": True}, {"SCR-G36"}),
    ({"woman": True, "rel": rel(i09="NOT APPLICABLE")}, {"SCR-G32", "SCR-G36"}),
    ({"woman": True, "pt": (*SECOND, pt("2026-06-15", "POSITIVE"))}, {"SCR-G36"}),
    ({"cm": steroid()}, {"SCR-G37"}),
    ({"cm": steroid(dose=20)}, {"SCR-G37"}),
    ({"rel": rel(i09="NOT APPLICABLE", symptoms="Y", uncontrolled="Y", last_sign_on="2026-06-14")}, {"SCR-G38"}),
    ({"hx": hx(infection_any="Y")}, {"SCR-G39"}),
    ({"ecog": ecog("1")}, set()),
    ({"ie": None, "consent": None}, set()),
])  # fmt: skip
def test_points_of_gate_two(changes, rules):
    of = treated(**{**READY, **changes})
    assert against_release(of) == rules
    assert all(point.sentence and point.form and point.field for point in gate_two(of))


def test_a_check_in_progress_releases_nothing():
    assert "SCR-G30" in against_release(draft(treated(**READY), "REL"))


@pytest.mark.parametrize(("criterion", "part", "against"), list(lines_against(FIRST_DOSE)))
def test_each_result_at_the_first_dose(criterion, part, against):
    points = {point.rule: point for point in gate_two(against.of)}
    point = points[gate_id(criterion, FIRST_DOSE)]
    assert point.criterion == criterion.id
    assert ("the medical reviewer is asked" in point.sentence) is against.for_review


def test_the_result_is_worked_out_again_with_the_real_time():
    """Released on the 15th, given on the 16th: the last dose of a steroid on the 8th then lies outside."""
    course = {"cm": steroid(dose=20, ongoing="N", ended_on="2026-06-08"), "enrolled": "2026-06-10"}
    assert evaluate(BY_ID["E10"], treated(**course, dose=None, today="2026-06-15"), FIRST_DOSE).verdict is PRESENT
    given_later = treated(**course, dose=dose(on="2026-06-16"), today="2026-06-16")
    assert evaluate(BY_ID["E10"], given_later, FIRST_DOSE).verdict is ABSENT
    assert evaluate(BY_ID["E10"], treated(**course, today="2026-06-16"), FIRST_DOSE).verdict is PRESENT


# Rulings ---------------------------------------------------------------------------------------------------------------------

FURTHER = {"other": line(line_number=2, drugs="TOPOTECAN")}


def decided(of, name, outcome="SATISFIED", **changes):
    """The case with a decision on the question as it stands."""
    (asked,) = engine.findings([engine.RULES[name]], of)
    made = dataclasses.replace(ruling(rule=name, inputs=asked.inputs, outcome=outcome, **changes), submitted=True)
    return engine.Case(of.patient, of.clock, {**of.records, made.form: (made,)})


def test_a_question_keeps_a_patient_waiting_until_it_is_decided():
    of = whole(**FURTHER)
    (point,) = gate_one(of)
    assert (point.rule, point.criterion) == ("SCR-G11", "I1")
    assert "is open (the medical reviewer is asked)" in point.sentence and "topotecan" in point.sentence
    assert gate_one(decided(of, "SCR-I01r")) == []
    (refused,) = gate_one(decided(of, "SCR-I01r", "NOT SATISFIED", reason="Two lines are two."))
    assert "is not met" in refused.sentence and "Two lines are two." in refused.sentence
    assert "asked" not in refused.sentence


@pytest.mark.parametrize("changes", [{"outcome": ""}, {"inputs": "0" * 32}, {"rule": "SCR-I02r"}])
def test_what_is_no_decision_settles_nothing(changes):
    of = decided(whole(**FURTHER), "SCR-I01r")
    (made,) = of.of("RULING")
    other = engine.Case(of.patient, of.clock, {**of.records, "RULING": (dataclasses.replace(made, **changes),)})
    assert unmet(other) == {"SCR-G11"}


def test_a_decision_lapses_when_what_it_rests_on_changes():
    of = decided(whole(**FURTHER), "SCR-I01r")
    (made,) = of.of("RULING")
    changed = whole(other=line(line_number=2, drugs="LURBINECTEDIN"))
    assert unmet(engine.Case(changed.patient, changed.clock, {**changed.records, "RULING": (made,)})) == {"SCR-G11"}


def test_a_decision_holds_after_registration():
    of = decided(whole(**FURTHER), "SCR-I01r")
    registered = dataclasses.replace(of, patient=dataclasses.replace(of.patient, enrolled_on=of.clock.today))
    assert evaluate(BY_ID["I1"], registered).verdict is MET


@pytest.mark.parametrize("outcome", ["SATISFIED", "NOT SATISFIED"])
def test_a_decision_before_the_first_dose_holds_after_it(outcome):
    course = {"cm": steroid(), "rel": rel(i09="NOT APPLICABLE", immunosuppressant_any="Y")}
    before = decided(treated(**READY, **course), "SCR-E10r", outcome)
    given = engine.Case(before.patient, before.clock, {**before.records, "EC": (dose(),)})
    wanted = ABSENT if outcome == "SATISFIED" else PRESENT
    assert [evaluate(BY_ID["E10"], of, FIRST_DOSE).verdict for of in (before, given)] == [wanted, wanted]


def test_the_questions_of_registration_and_of_the_first_dose_are_two():
    tests = {"woman": True, "pt": (pt("2026-05"), pt("2026-06-15", tested_time=""))}
    of = treated(**tests)
    names = {found.rule.id for found in engine.findings(engine.reviews(), of)}
    assert names == {"SCR-I09r", "SCR-I09s"}
    settled = decided(of, "SCR-I09r")
    assert evaluate(BY_ID["I9"], settled, REGISTRATION).verdict is MET
    assert evaluate(BY_ID["I9"], settled, FIRST_DOSE).verdict is OPEN


def test_rp_of_a_man_is_read_for_contraception_only():
    assert unmet(whole(rp=rp(woman=False, willing="N"))) == {"SCR-G58"}
