"""Tumour lysis syndrome by Cairo-Bishop: thresholds, change from baseline, window, signs, and the grade."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from protocol import parameters
from protocol.cairo_bishop import ClinicalFindings, creatinine_levels, inside, laboratory_tls, tls_grade
from protocol.graded import NOT_IT
from protocol.safety_codelists import ArrhythmiaGrade, SeizureGrade
from tests.protocol.build import day
from tests.protocol.grading import lab, sample

DOSE = day("2026-06-15")
# Four normal results in the window, with their baselines: nothing is met, nothing is open.
NORMAL = {"URATE": "300", "K": "4.0", "PHOS": "1.00", "CA": "2.30"}
BASELINE = {code: sample(code, text, "2026-06-10") for code, text in NORMAL.items()}


def samples(on="2026-06-15", **results):
    """The four results of a day, normal where not said; None leaves one out."""
    given = {**NORMAL, **{code.upper(): text for code, text in results.items()}}
    return [text if not isinstance(text, str) else sample(code, text, on) for code, text in given.items() if text is not None]


def one(code, text, unit=None, **rest):
    """Is the criterion of one test met? Asked through a second one that is met for certain."""
    second = sample("K", "6.5") if code != "K" else sample("URATE", "500")
    mine = sample(code, text, unit=unit, **rest)
    others = [each for each in samples() if each.reading.test.code not in (code, second.reading.test.code)]
    return laboratory_tls([mine, second, *others], BASELINE, DOSE).present


# The four criteria --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "text", "unit", "met"), [
    ("URATE", "476", None, True), ("URATE", "475.9", None, True), ("URATE", "375", None, True), ("URATE", "374.9", None, False),
    ("URATE", "8", "mg/dL", True), ("URATE", "8.0", "mg/dL", True), ("URATE", "80", "mg/L", True),
    ("K", "6.0", None, True), ("K", "5", None, True), ("K", "4.99", None, False), ("K", "6.0", "mEq/L", True),
    ("PHOS", "1.45", None, True), ("PHOS", "1.25", None, True), ("PHOS", "1.24", None, False), ("PHOS", "4.5", "mg/dL", True),
    ("CA", "1.75", None, True), ("CA", "1.7250", None, True), ("CA", "1.76", None, False), ("CA", "7", "mg/dL", True),
    ("CA", "7.0", "mg/dL", True), ("CA", "3.5", "mEq/L", True), ("CA", "7.01", "mg/dL", False),
])  # fmt: skip
def test_criteria_with_a_baseline(code, text, unit, met):
    assert one(code, text, unit) is met


# Baselines so that only the fixed limit can be met: what rises stood higher before, calcium lower.
FAR = {code: sample(code, text, "2026-06-10") for code, text in
       {"URATE": "470", "K": "5.9", "PHOS": "1.44", "CA": "1.80"}.items()}  # fmt: skip


@pytest.mark.parametrize(("code", "text", "unit", "met"), [
    ("URATE", "476", None, True), ("URATE", "475.9", None, False), ("URATE", "475.9990", None, False), ("URATE", "476.0", None, True),
    ("URATE", "8.0", "mg/dL", True), ("URATE", "7.99", "mg/dL", False), ("URATE", "0.476", "mmol/L", True), ("URATE", "0.475", "mmol/L", False),
    ("K", "6.0", None, True), ("K", "5.99", None, False), ("K", "5.9990", None, False), ("K", "6", "mEq/L", True),
    ("PHOS", "1.45", None, True), ("PHOS", "1.4490", None, False), ("PHOS", "4.5", "mg/dL", True), ("PHOS", "4.49", "mg/dL", False),
    ("CA", "1.75", None, True), ("CA", "1.7510", None, False), ("CA", "1.74", None, True), ("CA", "7.0", "mg/dL", True),
    ("CA", "7.01", "mg/dL", False), ("CA", "3.5", "mEq/L", True), ("CA", "3.51", "mEq/L", False),
    # signs
    ("K", ">6", None, True), ("K", ">=6", None, True), ("K", ">5.9", None, None), ("K", "<6", None, False), ("K", "<=6", None, None),
    ("K", "<5", None, False), ("CA", "<1.75", None, True), ("CA", "<=1.75", None, True), ("CA", "<1.8", None, None), ("CA", ">1.75", None, False),
    ("CA", ">=1.75", None, None), ("URATE", "<500", None, None), ("URATE", ">476", None, True), ("URATE", ">475", None, None),
    # nothing that can be compared
    ("K", "haemolysed", None, None), ("K", "6.5", "mg/dL", None), ("URATE", "500", "", None),
])  # fmt: skip
def test_fixed_limits(code, text, unit, met):
    second = sample("K", "9") if code != "K" else sample("URATE", "900")
    others = [sample(other, FAR[other].reading.text) for other in FAR if other not in (code, second.reading.test.code)]
    assert laboratory_tls([sample(code, text, unit=unit), second, *others], FAR, DOSE).present is met


@pytest.mark.parametrize(("code", "before", "text", "met"), [
    ("URATE", "200", "250", True), ("URATE", "200", "249.9", False), ("URATE", "200", "250.1", True),
    ("K", "4.0", "5.0", True), ("K", "4.0", "4.99", False), ("K", "4.4", "5.5", True), ("K", "4.41", "5.5", False),
    ("PHOS", "0.80", "1.00", True), ("PHOS", "0.80", "0.999", False), ("CA", "2.40", "1.80", True), ("CA", "2.40", "1.8010", False),
    ("CA", "2.40", "3.00", False), ("K", "4.0", "3.0", False),  # the other way is no criterion
    ("K", "<4", "5.0", True), ("K", "<=4", "5.0", True), ("K", ">4", "5.0", False), ("K", ">=4", "5.0", None), ("K", "<4.1", "5.0", None),
    ("K", "4.0", ">5", True), ("K", "4.0", ">4.9", None), ("K", "4.0", "<5", False), ("K", "4.0", "<=5", None),
    ("CA", ">2.40", "1.80", True), ("CA", ">=2.40", "1.80", True), ("CA", "<2.40", "1.80", False), ("CA", "2.40", "<1.9", None),
    ("K", "none", "5.0", None), ("K", "none", "6.0", True),
])  # fmt: skip
def test_25_percent(code, before, text, met):
    second = sample("K", "9") if code != "K" else sample("URATE", "900")
    rest = [each for each in samples() if each.reading.test.code not in (code, second.reading.test.code)]
    found = laboratory_tls([sample(code, text), second, *rest], {**BASELINE, code: sample(code, before, "2026-06-10")}, DOSE)
    assert found.present is met


def test_25_percent_across_units():
    """4.0 mg/dL before and 1.6 mmol/L after: 1.2914 mmol/L, of which 25 % more is 1.6143."""
    before = {**BASELINE, "PHOS": sample("PHOS", "4.0", "2026-06-10", "mg/dL")}
    for text, met in (("1.40", False), ("1.44", False)):
        assert laboratory_tls([*samples(k="6.5", phos=text)], before, DOSE).present is met
    low = {**BASELINE, "PHOS": sample("PHOS", "2.0", "2026-06-10", "mg/dL")}  # 0.6457 mmol/L, 25 % more 0.80713
    assert laboratory_tls(samples(k="6.5", phos="0.8072"), low, DOSE).present is True
    assert laboratory_tls(samples(k="6.5", phos="0.8071"), low, DOSE).present is False


# Two of four ----------------------------------------------------------------------------------------------------------------

MET = {"URATE": "500", "K": "6.5", "PHOS": "1.60", "CA": "1.60"}


@pytest.mark.parametrize("states", list(itertools.product(("met", "not", "open"), repeat=4)))
def test_two_of_four(states):
    results, open_names = {}, []
    for code, state in zip(MET, states, strict=True):
        results[code.lower()] = MET[code] if state == "met" else NORMAL[code] if state == "not" else None
        open_names += [code] * (state == "open")
    met, may_be = states.count("met"), states.count("open")
    found = laboratory_tls(samples(**results), BASELINE, DOSE)
    assert found.present is (True if met >= 2 else False if met + may_be < 2 else None)
    assert len(found.met) == met
    assert len(found.missing) == (may_be if found.present is None else 0)


def test_on_two_days_and_by_any_sample():
    apart = [*samples("2026-06-13", k="6.1"), *samples("2026-06-21", urate="480")]
    found = laboratory_tls(apart, BASELINE, DOSE)
    assert found.present is True
    assert found.met == ("uric acid 480 umol/L on 21-Jun-2026: 476 umol/L or more", "potassium 6.1 mmol/L on 13-Jun-2026: 6 mmol/L or more")
    again = laboratory_tls([*samples(), *samples("2026-06-16", ca="1.60", phos="1.30")], BASELINE, DOSE)
    assert again.met == ("phosphate 1.30 mmol/L on 16-Jun-2026: 25 % or more above baseline 1.00 mmol/L",
                         "calcium 1.60 mmol/L on 16-Jun-2026: 1.75 mmol/L or less")  # fmt: skip


# The window -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "dose", "answer"), [
    ("2026-06-12", "2026-06-15", True), ("2026-06-11", "2026-06-15", False), ("2026-06-15", "2026-06-15", True),
    ("2026-06-22", "2026-06-15", True), ("2026-06-23", "2026-06-15", False), ("2026-05-31", "2026-06-02", True),
    ("2026-02-28", "2026-03-03", True), ("2026-02-27", "2026-03-03", False),  # over the end of February
    ("2026-06", "2026-06-15", None), ("2026", "2026-06-15", None), ("2026-05", "2026-06-15", False), ("2026-06-15", "2026-06", None),
    ("2026-05", "2026-06-02", None), ("2027", "2026-06-15", False), ("", "2026-06-15", None), ("2026-06-15", "", None),
])  # fmt: skip
def test_window(on, dose, answer):
    assert inside(day(on), day(dose)) is answer


@pytest.mark.parametrize(("on", "met"), [("2026-06-12", True), ("2026-06-11", None), ("2026-06-22", True), ("2026-06-23", None), ("2026-06", None)])
def test_samples_count_in_the_window_only(on, met):
    found = laboratory_tls(samples(on, k="6.5", urate="500"), BASELINE, DOSE)
    assert found.present is met
    if on == "2026-06-23":
        assert found.missing == tuple(f"{name} within the window" for name in ("uric acid", "potassium", "phosphate", "calcium"))
    if on == "2026-06":
        assert found.missing[0] == "the exact day of the sample with uric acid 500"


def test_another_dose_opens_another_window():
    late = samples("2026-06-25", k="6.5", urate="500")
    assert laboratory_tls(late, BASELINE, day("2026-06-22")).present is True
    assert laboratory_tls(late, BASELINE, DOSE).present is None
    unknown = laboratory_tls(late, BASELINE, None)
    assert unknown.present is None and unknown.missing == ("the day of the dose that opens the window",)


def test_a_normal_sample_outside_does_not_make_up_for_none_inside():
    found = laboratory_tls([*samples("2026-06-01"), sample("K", "6.5")], BASELINE, DOSE)
    assert found.present is None and "calcium within the window" in found.missing and "potassium within the window" not in found.missing


@pytest.mark.parametrize(("changes", "missing"), [
    ({"K": sample("K", "5.5")}, "baseline potassium"), ({"K": sample("K", "x")}, "potassium as a number with a unit that converts"),
    ({"K": sample("K", ">5.9")}, "baseline potassium"), ({"K": sample("K", "<6.2")}, "baseline potassium"),
])  # fmt: skip
def test_what_is_missing(changes, missing):
    baseline = {code: each for code, each in BASELINE.items() if code != "K"}
    given = [changes["K"], *samples(k=None, urate="500")]
    found = laboratory_tls(given, baseline, DOSE)
    assert found.present is None and found.missing == (missing,)


def test_signs_are_what_is_missing():
    found = laboratory_tls(samples(k=sample("K", "<6.2"), urate="500"), BASELINE, DOSE)
    assert found.present is None and found.missing == ("potassium without the sign (<6.2)",)
    signed = laboratory_tls([sample("CA", "1.70", albumin=">35"), *samples(k="6.5", ca=None)],
                            {**BASELINE, "CA": sample("CA", "1.80", "2026-06-10")}, DOSE)  # fmt: skip
    assert signed.present is None and signed.missing == ("albumin without the sign (>35)",)
    vague = laboratory_tls(samples(k="5.0", urate="500"), {**BASELINE, "K": sample("K", ">=4", "2026-06-10")}, DOSE)
    assert vague.present is None and vague.missing == ("baseline potassium without the sign (>=4)",)


# Calcium ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("calcium", "albumin", "met"), [
    ("1.60", None, True), ("1.60", "30", False), ("1.55", "30", True), ("1.5510", "30", False), ("1.75", "40", True), ("1.76", "41", True),
    ("1.70", ">35", None), ("1.70", ">45", True), ("1.60", "<30", False), ("1.60", "<40", None), ("1.60", "x", True),
])  # fmt: skip
def test_calcium_is_corrected_where_albumin_is_known(calcium, albumin, met):
    """+0.02 mmol/L for each g/L of albumin under 40."""
    baseline = {**BASELINE, "CA": sample("CA", "1.80", "2026-06-10")}  # 25 % less is 1.35
    mine = sample("CA", calcium, albumin=albumin)
    assert laboratory_tls([mine, *samples(k="6.5", ca=None)], baseline, DOSE).present is met
    if albumin == "30" and met:
        assert "calcium 1.55 mmol/L on 15-Jun-2026, corrected for albumin 30 g/L 1.75 mmol/L: 1.75 mmol/L or less" in (
            laboratory_tls([mine, *samples(k="6.5", ca=None)], baseline, DOSE).met
        )


def test_the_correction_is_a_parameter():
    mine = [sample("CA", "1.60", albumin="30"), *samples(k="6.5", ca=None)]
    baseline = {**BASELINE, "CA": sample("CA", "1.80", "2026-06-10")}
    assert laboratory_tls(mine, baseline, DOSE).present is False
    with parameters.override(tls_calcium_corrected=False):
        assert laboratory_tls(mine, baseline, DOSE).present is True


def test_a_change_is_corrected_on_both_sides_or_on_none():
    """2.40 before and 1.80 now are 25 %; corrected, 2.60 and 2.00 are 23 %."""
    now = [sample("CA", "1.80", albumin="30"), *samples(k="6.5", ca=None)]
    before = {**BASELINE, "CA": sample("CA", "2.40", "2026-06-10", albumin="30")}
    assert laboratory_tls(now, before, DOSE).present is False
    assert laboratory_tls(now, {**before, "CA": sample("CA", "2.40", "2026-06-10")}, DOSE).present is True
    fallen = [sample("CA", "1.70", albumin="35"), *samples(k="6.5", ca=None)]
    said = laboratory_tls(fallen, {**before, "CA": sample("CA", "2.40", "2026-06-10", albumin="40")}, DOSE).met[1]
    assert said == "calcium 1.70 mmol/L on 15-Jun-2026, corrected for albumin 35 g/L 1.8 mmol/L: 25 % or more below baseline 2.40 mmol/L"


def test_albumin_corrects_nothing_but_measured_calcium():
    given = [sample("K", "5.9", albumin="20"), *samples(k=None, urate="500")]
    assert laboratory_tls(given, {**BASELINE, "K": sample("K", "5.0", "2026-06-10")}, DOSE).present is False
    reported = [sample("CACR", "1.75", albumin="20"), *samples(ca=None, urate="500")]
    assert laboratory_tls(reported, BASELINE, DOSE).met[1] == "corrected calcium 1.75 mmol/L on 15-Jun-2026: 1.75 mmol/L or less"


@pytest.mark.parametrize(("given", "met"), [
    # what the laboratory corrected takes the place of what was measured that day
    ([sample("CA", "1.70"), sample("CACR", "2.00")], False), ([sample("CA", "1.90"), sample("CACR", "1.75")], True),
    ([sample("CA", "1.70", "2026-06-16"), sample("CACR", "2.00")], True), ([sample("CACR", "2.00")], False),
    # and not of what albumin corrects here
    ([sample("CA", "1.50", albumin="30"), sample("CACR", "2.00")], True), ([sample("CA", "1.70", albumin="30"), sample("CACR", "2.00")], False),
    ([sample("CACR", "7.0", unit="mg/dL")], True), ([sample("CACR", "7.1", unit="mg/dL")], False),
])  # fmt: skip
def test_corrected_calcium_as_reported(given, met):
    before = {**BASELINE, "CA": sample("CA", "1.80", "2026-06-10"), "CACR": sample("CACR", "2.10", "2026-06-10")}
    assert laboratory_tls([*given, *samples(ca=None, urate="500")], before, DOSE).present is met
    with parameters.override(tls_calcium_corrected=False):
        measured = [each for each in given if each.reading.test.code == "CA"]
        expected = any(float(each.reading.text) <= 1.75 for each in measured) if measured else None
        assert laboratory_tls([*given, *samples(ca=None, urate="500")], before, DOSE).present is expected


def test_a_change_of_corrected_calcium_has_its_own_baseline():
    given = [sample("CACR", "1.80"), *samples(ca=None, urate="500")]
    assert laboratory_tls(given, BASELINE, DOSE).missing == ("baseline calcium",)
    assert laboratory_tls(given, {**BASELINE, "CACR": sample("CACR", "2.40", "2026-06-10")}, DOSE).present is True
    assert laboratory_tls(given, {**BASELINE, "CACR": sample("CACR", "2.39", "2026-06-10")}, DOSE).present is False


# The grade ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "uln", "unit", "range_unit", "levels"), [
    ("149.9", "100", None, None, (0,)), ("150", "100", None, None, (1,)), ("150.0", "100", None, None, (1,)), ("150.01", "100", None, None, (2,)),
    ("1.5", "1.0", "mg/dL", None, (1,)), ("1.5001", "1.0", "mg/dL", None, (2,)), ("1.4999", "1.0", "mg/dL", None, (0,)),
    ("300", "100", None, None, (2,)), ("300.01", "100", None, None, (3,)), ("3.0001", "1", "mg/dL", None, (3,)), ("3.0", "1", "mg/dL", None, (2,)),
    ("600", "100", None, None, (3,)), ("600.01", "100", None, None, (4,)), ("90", "100", None, None, (0,)), ("0", "100", None, None, (0,)),
    # units that differ: 1 mg/dL is 88.4017 umol/L
    ("132.6", "1", None, "mg/dL", (0,)), ("132.7", "1", None, "mg/dL", (2,)), ("1.5", "88.4", "mg/dL", "umol/L", (2,)),
    # signs
    (">600", "100", None, None, (4,)), (">=600", "100", None, None, (3, 4)), ("<150", "100", None, None, (0,)), ("<=150", "100", None, None, (0, 1)),
    (">150", "100", None, None, (2, 3, 4)), (">=150", "100", None, None, (1, 2, 3, 4)), ("<300", "100", None, None, (0, 1, 2)),
    # nothing to compare with
    ("150", "", None, None, (0, 1, 2, 3, 4)), ("x", "100", None, None, (0, 1, 2, 3, 4)), ("150", "100", "g/L", None, (0, 1, 2, 3, 4)),
    ("150", "100", None, "what", (0, 1, 2, 3, 4)), ("150", "0", None, None, (0, 1, 2, 3, 4)),
])  # fmt: skip
def test_creatinine(text, uln, unit, range_unit, levels):
    assert creatinine_levels(lab("CREAT", text, unit, high=uln, range_unit=range_unit)) == levels


def test_exactly_is_the_ratio_of_the_printed_numbers():
    assert Fraction("126") / Fraction("84") == Fraction(3, 2)
    assert creatinine_levels(lab("CREAT", "126", high="84")) == (1,)
    assert creatinine_levels(lab("CREAT", "126.0000001", high="84")) == (2,)


PRESENT = [*samples(k="6.5", urate="500")]
EVIDENCE = "Laboratory tumour lysis: uric acid 500 umol/L on 15-Jun-2026: 476 umol/L or more; potassium 6.5 mmol/L on 15-Jun-2026: 6 mmol/L or more"


def creatinine(text, on="2026-06-16", uln="100"):
    return sample("CREAT", text, on, high=uln)


@pytest.mark.parametrize("arrhythmia", [each.value for each in ArrhythmiaGrade])
@pytest.mark.parametrize("seizure", [each.value for each in SeizureGrade])
def test_grade_is_the_worst(arrhythmia, seizure):
    for text, level in (("90", 0), ("150", 1), ("200", 2), ("400", 3), ("700", 4)):
        found = tls_grade([*PRESENT, creatinine(text)], BASELINE, DOSE, ClinicalFindings(arrhythmia=arrhythmia, seizure=seizure))
        assert found.grade == str(max(level, int(arrhythmia), int(seizure)))
        assert found.cell.endswith("no clinical sign" if found.grade == "0" else EVIDENCE) and EVIDENCE in found.cell


def test_seizure_has_no_grade_one():
    assert [each.value for each in SeizureGrade] == ["0", "2", "3", "4"]


NOTHING = ClinicalFindings(arrhythmia="0", seizure="0")


@pytest.mark.parametrize(("given", "clinical", "possible", "missing"), [
    (samples(), NOTHING, (NOT_IT,), ()), (samples(k="6.5"), NOTHING, (NOT_IT,), ()),
    ([*samples(), creatinine("700")], ClinicalFindings(arrhythmia="4", seizure="4"), (NOT_IT,), ()),
    (samples(), ClinicalFindings(died=True), ("5",), ()), ([], ClinicalFindings(died=True), ("5",), ()),
    (PRESENT, NOTHING, ("0", "1", "2", "3", "4"), ("creatinine within the window",)),
    ([*PRESENT, creatinine("90")], ClinicalFindings(seizure="2"), ("2", "3", "4"), ("arrhythmia",)),
    ([*PRESENT, creatinine("90")], ClinicalFindings(arrhythmia="1"), ("1", "2", "3", "4"), ("seizure",)),
    ([*PRESENT, creatinine("700")], ClinicalFindings(), ("4",), ()),
    ([*PRESENT, creatinine("400", uln="")], NOTHING, ("0", "1", "2", "3", "4"), ("upper limit of normal of creatinine",)),
    ([*PRESENT, creatinine("x")], NOTHING, ("0", "1", "2", "3", "4"), ("creatinine as a number with a unit that converts",)),
    ([*PRESENT, creatinine(">=600")], NOTHING, ("3", "4"), ("creatinine without the sign (>=600)",)),
    ([*PRESENT, creatinine("700", "2026-06-23")], NOTHING, ("0", "1", "2", "3", "4"), ("creatinine within the window",)),
    ([*PRESENT, creatinine("700", "2026-06-22")], NOTHING, ("4",), ()), ([*PRESENT, creatinine("700", "2026-06-12")], NOTHING, ("4",), ()),
    ([*PRESENT, creatinine("90"), creatinine("700", "2026-06-23")], NOTHING, ("0",), ()),
    ([*PRESENT, creatinine("90"), creatinine("200", "2026-06-18")], NOTHING, ("2",), ()),
    ([*PRESENT, creatinine("200"), creatinine("<=150", "2026-06-18")], NOTHING, ("2",), ()),
    ([*PRESENT, creatinine("500", "2026-06")], NOTHING, ("0", "3"),
     ("the exact days of the creatinine and of the dose that opens the window",)),
    ([*PRESENT, creatinine("200"), creatinine("500", "2026-06")], NOTHING, ("2", "3"),
     ("the exact days of the creatinine and of the dose that opens the window",)),
    ([sample("K", "6.5"), creatinine("200")], NOTHING, (NOT_IT, "2"),
     ("uric acid within the window", "phosphate within the window", "calcium within the window")),
    ([sample("K", "6.5"), creatinine("x")], ClinicalFindings(arrhythmia="3", seizure="0"), (NOT_IT, "3", "4"),
     ("uric acid within the window", "phosphate within the window", "calcium within the window",
      "creatinine as a number with a unit that converts")),
])  # fmt: skip
def test_grade_unknown(given, clinical, possible, missing):
    found = tls_grade(given, BASELINE, DOSE, clinical)
    assert (found.possible, found.missing) == (possible, missing)
    assert bool(found.reason) is (possible == (NOT_IT,))


@pytest.mark.parametrize(("text", "words"), [
    ("151", "over 1.5 to 3 times"), ("301", "over 3 to 6 times"), ("601", "over 6 times"), ("300", "over 1.5 to 3 times"),
])  # fmt: skip
def test_creatinine_in_words(text, words):
    found = tls_grade([*PRESENT, creatinine("90"), creatinine(text)], BASELINE, DOSE, NOTHING)
    assert found.cell.startswith(f"Creatinine: {words} the upper limit ({text} umol/L on 16-Jun-2026); Laboratory")


def test_words():
    found = tls_grade([*PRESENT, creatinine("150")], BASELINE, DOSE, NOTHING)
    assert found.cell == f"Creatinine: exactly 1.5 times the upper limit (150 umol/L on 16-Jun-2026); {EVIDENCE}"
    alone = tls_grade(samples(k="6.5"), BASELINE, DOSE, NOTHING)
    assert alone.grade is None and "needs two criteria in the window, met: potassium 6.5" in alone.reason
    graded = tls_grade([*PRESENT, creatinine("90")], BASELINE, DOSE, ClinicalFindings(arrhythmia="3", seizure="2"))
    assert graded.cell.startswith("Arrhythmia: grade 3, as the investigator graded it; Laboratory")
    assert tls_grade([], {}, None, ClinicalFindings(died=True)).cell == "Death from tumour lysis syndrome"
