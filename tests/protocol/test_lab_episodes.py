"""Episodes of laboratory abnormalities against tables worked out by hand, and what settles and re-opens them."""

from __future__ import annotations

import random

import pytest

from protocol import parameters
from protocol.ctcae_criteria import OF_TEST
from protocol.ctcae_lab import grades, possible
from protocol.event_grades import worst_in
from protocol.lab_episodes import Results, episodes, standings
from protocol.laboratory import TESTS
from tests.protocol.abnormal_build import OTHER_LABORATORY, PLAT, blood, lba, liver, low_neutrophils, treated
from tests.protocol.build import ae, case, dm, dose, undated
from tests.protocol.grading import lab
from tests.protocol.safety_build import aeg
from tests.protocol.screening_build import anticoagulant, cmyn, coa, uln


def found(of):
    return Results.of(of)


def runs(of, test="NEUT"):
    """Each episode as 'visit:grade …', and '| visit' of what ended it."""
    said = []
    for each in episodes(found(of)):
        if each.test == test:
            end = f" | {each.ended.panel.visit}" if each.ended else ""
            said.append(" ".join(f"{one.result.panel.visit}:{one.grade}" for one in each.results) + end)
    return said


def waiting(of):
    """What waits for an answer: 'place grade'."""
    return [f"{each.open.result.place} {each.open.grade}" for each in stand(of) if each.open]


def stand(of):
    return standings(episodes(found(of)), of.of("AE"), of.of("LBA"), {each.slot: worst_in(of, each) for each in of.of("AE")})


def days(*values, name="neut", **first):
    """Blood counts of C2D1, C2D15, C3D1 …, every second Monday from 6 July 2026 on."""
    places = ("C2D1", "C2D15", "C3D1", "C3D15", "C4D1")
    on = ("2026-07-06", "2026-07-20", "2026-08-03", "2026-08-17", "2026-08-31")
    return [blood(day, place, **{name: value}, **first) for place, day, value in zip(places, on, values, strict=False) if value]


# Episodes: neutrophils in 10^9/L; grade 3 is under 1.0, grade 4 under 0.5 --------------------------------------------------


@pytest.mark.parametrize(("values", "expected"), [
    (["4.0"], []),
    (["1.0"], []),  # grade 2 to the very number
    (["0.99"], ["C2D1:3"]),
    (["0.5"], ["C2D1:3"]),
    (["0.49"], ["C2D1:4"]),
    (["0.9", "0.8"], ["C2D1:3 C2D15:3"]),
    (["0.9", "0.4", "0.9"], ["C2D1:3 C2D15:4 C3D1:3"]),
    (["0.9", "1.2", "0.9"], ["C2D1:3 | C2D15", "C3D1:3"]),
    (["0.9", "4.0", "0.4", "4.0"], ["C2D1:3 | C2D15", "C3D1:4 | C3D15"]),
    (["0.9", "", "0.9", "3.0"], ["C2D1:3 C3D1:3 | C3D15"]),
    (["0.9", "not measured", "0.9"], ["C2D1:3 C3D1:3"]),  # a word is no result: it ends nothing
    (["0.9", "<1.2", "0.9"], ["C2D1:3 C3D1:3"]),  # may be grade 3: it neither ends nor belongs
    (["<1.2"], []),
    (["<1.0"], ["C2D1:3"]),  # grade 3 or 4: never more than what is certain
    (["<0.5"], ["C2D1:4"]),
    (["<=1.0"], []),  # 1.0 itself would be grade 2
    ([">0.4"], []),
    (["0,4"], ["C2D1:4"]),
])  # fmt: skip
def test_runs_of_neutrophils(values, expected):
    assert runs(treated(*days(*values))) == expected


def test_each_test_and_term_has_its_own():
    of = treated(blood(neut="0.9", plat="20"), liver(k="6.5"), blood("2026-07-20", "C2D15", neut="4", plat="20"), liver("2026-07-20", "C2D15", k="2.2"))
    assert runs(of) == ["C2D1:3 | C2D15"]
    assert runs(of, "PLAT") == ["C2D1:4 C2D15:4"]
    assert [(each.term, each.results[0].result.panel.visit) for each in episodes(found(of)) if each.test == "K"] == [("Hyperkalemia", "C2D1"), ("Hypokalemia", "C2D15")]


def test_the_grade_that_counts_is_a_parameter():
    of = treated(*days("1.2", "0.4", "1.2"))
    assert runs(of) == ["C2D15:4 | C3D1"]
    with parameters.override(laboratory_event_grade=2):
        assert runs(of) == ["C2D1:2 C2D15:4 C3D1:2"]
    with parameters.override(laboratory_event_grade=4):
        assert runs(of) == ["C2D15:4 | C3D1"]


# Before and after the first dose -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sample", "expected"), [
    (blood("2026-06-14", "UNS01", neut="0.9"), []),
    (blood("2026-06-15", "C1D1", at="08:00", neut="0.9"), []),
    (blood("2026-06-15", "C1D1", at="10:00", neut="0.9"), []),
    (blood("2026-06-15", "UNS01", at="10:01", neut="0.9"), ["UNS01:3"]),
    (blood("2026-06-15", "C1D1", at="", neut="0.9"), []),  # taken before the infusion (an assumption)
    (blood("2026-06-16", "UNS01", at="", neut="0.9"), ["UNS01:3"]),
    (blood("2026-06", "UNS01", at="", neut="0.9"), []),  # nobody knows
    (blood("2026-07", "UNS01", at="", neut="0.9"), ["UNS01:3"]),
    (blood("2026", "UNS01", at="", neut="0.9"), []),
    (blood("", "UNS01", at="", neut="0.9"), []),
])  # fmt: skip
def test_only_what_is_certainly_after_the_first_dose(sample, expected):
    assert runs(treated(sample, baseline=False)) == expected


def test_nothing_before_any_dose_is_given():
    assert runs(case(blood(neut="0.9"), dm())) == []
    assert runs(case(blood(neut="0.9"), dm(), dose(occurrence="OMITTED"))) == []
    assert runs(case(blood(neut="0.9"), dm(), undated("C1D1"))) == []  # given, and nobody knows when
    assert runs(case(blood(neut="0.9"), dm(), undated("C1D1"), dose("C1D8", "2026-06-22"))) == ["C2D1:3"]


@pytest.mark.parametrize(("baseline", "values", "expected"), [
    ("1.2", ["1.1"], []),
    ("1.2", ["0.9"], ["C2D1:3"]),  # grade 2 before, 3 now
    ("0.9", ["0.8"], []),  # grade 3 before and now: medical history
    ("0.9", ["0.4"], ["C2D1:4"]),
    ("0.9", ["0.4", "0.9", "0.4"], ["C2D1:4 | C2D15", "C3D1:4"]),  # back to where it was
    ("0.4", ["0.3", "0.1"], []),
    ("<1.2", ["0.9"], []),  # it may have been grade 3
    ("<1.2", ["0.4"], []),  # or 4
    ("not measured", ["0.9"], ["C2D1:3"]),
])  # fmt: skip
def test_worse_than_the_baseline(baseline, values, expected):
    assert runs(treated(blood("2026-06-08", "SCR", neut=baseline), *days(*values), baseline=False)) == expected


def test_the_baseline_is_the_last_result_before_the_first_dose():
    early, late = blood("2026-06-03", "SCR", neut="0.9"), blood("2026-06-14", "UNS01", neut="4.0")
    of = treated(early, late, *days("0.9"), baseline=False)
    assert found(of).baseline("NEUT").panel.visit == "UNS01"
    assert runs(of) == ["C2D1:3"]
    of = treated(early, late, blood("2026-06-15", "C1D1", neut="0.8"), *days("0.9"), baseline=False)
    assert found(of).baseline("NEUT").panel.visit == "C1D1"
    assert runs(of) == []
    of = treated(early, late, blood("2026-06-15", "C1D1", neut="low"), *days("0.9"), baseline=False)
    assert found(of).baseline("NEUT").panel.visit == "UNS01"  # a word is no result
    of = treated(early, blood("2026-06", "UNS01", neut="4.0"), *days("0.9"), baseline=False)
    assert found(of).baseline("NEUT") is None  # either side of the first dose


# ALT: grade 3 over 5 x ULN (40) after a normal baseline, over 5 x the baseline after one above the limit
@pytest.mark.parametrize(("baseline", "now", "expected"), [
    ("40", "200", []), ("40", "201", ["C2D1:3"]), ("40", "801", ["C2D1:4"]),
    ("41", "205", []), ("41", "206", ["C2D1:3"]),
    ("250", "1250", []), ("250", "1251", ["C2D1:3"]),  # grade 3 by ULN before, and worse than the baseline now
    ("", "201", []),  # nobody has entered the baseline yet
    ("300 U", "900", []),
])  # fmt: skip
def test_enzymes_against_their_baseline(baseline, now, expected):
    before = [liver("2026-06-08", "SCR", alt=baseline)] if baseline else []
    assert runs(treated(*before, liver(alt=now), baseline=False), "ALT") == expected


def test_a_test_that_was_never_measured_before_is_graded_without_a_baseline():
    screening = liver("2026-06-08", "SCR", k="4.0")
    assert runs(treated(screening, liver(alt="201")), "ALT") == ["C2D1:3"]
    assert runs(treated(liver(alt="201")), "ALT") == []  # the form of screening may still come


def test_creatinine_over_baseline_counts_within_the_range():
    before = liver("2026-06-08", "SCR", creat="50")
    assert runs(treated(before, liver(creat="150")), "CREAT") == []
    assert runs(treated(before, liver(creat="151")), "CREAT") == ["C2D1:3"]


@pytest.mark.parametrize(("drugs", "expected"), [
    ([cmyn()], ["C2D1:3"]), ([anticoagulant()], []), ([], []),
    ([cmyn(), anticoagulant(intent="PROPHYLACTIC")], ["C2D1:3"]), ([cmyn(), anticoagulant(ongoing="N", ended_on="2026-07-05")], ["C2D1:3"]),
    ([cmyn(), anticoagulant(ongoing="N", ended_on="2026-07-06")], []), ([cmyn(), anticoagulant(ongoing="N", ended_on="2026-07")], []),
    ([cmyn(), anticoagulant(started_on="2026-07-07")], ["C2D1:3"]),
])  # fmt: skip
def test_inr_with_and_without_an_anticoagulant(drugs, expected):
    samples = [coa(inr="2.4", aptt=""), coa(inr="2.6", aptt="", visit="C2D1", taken_on="2026-07-06")]
    assert runs(treated(*samples, *drugs), "INR") == expected


# Units, ranges, laboratories -----------------------------------------------------------------------------------------------


def test_a_unit_that_is_not_known_gives_no_episode_until_it_is_corrected():
    assert runs(treated(blood(neut="0.9", neut_unit="cells"))) == []
    assert runs(treated(blood(neut="900", neut_unit="/mm3"))) == ["C2D1:3"]
    assert runs(treated(blood(neut="0.9", neut_unit=""))) == ["C2D1:3"]  # the unit of the laboratory's range


def test_two_laboratories_each_with_its_own_range():
    night = uln("PLAT", "400", "G/L", low="150", laboratory=OTHER_LABORATORY), uln("ALT", "60", "U/L", laboratory=OTHER_LABORATORY)
    of = treated(
        liver("2026-06-08", "SCR", alt="30"), liver(alt="250"), liver("2026-07-07", "UNS01", laboratory=OTHER_LABORATORY, alt="250"),
        blood(plat="40"), blood("2026-07-07", "UNS01", plat="45", laboratory=OTHER_LABORATORY), *night,
    )  # fmt: skip
    assert runs(of, "ALT") == ["C2D1:3 | UNS01"]  # 6.25 x ULN here, 4.2 x there
    assert runs(of, "PLAT") == ["C2D1:3 UNS01:3"]
    unknown = treated(liver("2026-06-08", "SCR", alt="30"), liver(alt="250", laboratory="Nobody's"))
    assert runs(unknown, "ALT") == []


def test_two_results_of_one_day_end_nothing_unless_their_times_say_so():
    def pair(first, second):
        return treated(blood("2026-07-06", "C2D1", at=first, neut="0.9"), blood("2026-07-06", "UNS01", at=second, neut="4.0"))

    assert runs(pair("08:00", "14:00")) == ["C2D1:3 | UNS01"]
    assert runs(pair("08:00", "")) == runs(pair("", "14:00")) == runs(pair("08:00", "08:00")) == runs(pair("14:00", "08:00")) == ["C2D1:3"]


def test_a_day_known_in_part_ends_nothing_unless_it_is_certainly_later():
    first = blood("2026-07-06", "C2D1", neut="0.9")
    assert runs(treated(first, blood("2026-07", "UNS01", at="", neut="4.0"))) == ["C2D1:3"]
    assert runs(treated(first, blood("2026-08", "UNS01", at="", neut="4.0"))) == ["C2D1:3 | UNS01"]
    assert runs(treated(first, blood("", "UNS01", at="", neut="4.0"))) == ["C2D1:3"]


# What is open ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("event", "open_"), [
    (low_neutrophils(), False), (low_neutrophils(grade="4"), False), (low_neutrophils(grade="2"), True), (low_neutrophils(grade=""), False),
    (low_neutrophils("White blood cell decreased"), True), (ae("Febrile neutropenia", on="2026-07-01", grade="3"), True),
    (low_neutrophils(on="2026-07-06"), False), (low_neutrophils(on="2026-07-07"), True),
    (low_neutrophils(end="2026-07-06"), False), (low_neutrophils(end="2026-07-05"), True),
    (low_neutrophils(on="2026-07"), False), (low_neutrophils(on=""), False), (low_neutrophils(end="2026-07"), False),
    (low_neutrophils(on="2026-08"), True), (low_neutrophils(end="2026-07-05", ongoing="Y"), False),
    (low_neutrophils(ongoing=""), False),
])  # fmt: skip
def test_what_an_event_covers(event, open_):
    assert waiting(treated(event, blood(neut="0.9"))) == (["HEM C2D1 NEUT 3"] if open_ else [])


def test_the_worst_grade_of_an_event_covers():
    assert waiting(treated(low_neutrophils(grade="2"), aeg("3"), blood(neut="0.9"))) == []
    assert waiting(treated(low_neutrophils(grade="1"), aeg("2"), blood(neut="0.9"))) == ["HEM C2D1 NEUT 3"]
    assert waiting(treated(low_neutrophils(grade="2"), aeg("3", event="2"), blood(neut="0.9"))) == ["HEM C2D1 NEUT 3"]


def test_one_proposal_for_an_episode_at_the_first_result_of_the_highest_grade():
    assert waiting(treated(*days("0.9", "0.4", "0.3", "0.9"))) == ["HEM C2D15 NEUT 4"]


def test_an_event_covers_only_the_results_of_its_days():
    assert waiting(treated(low_neutrophils(on="2026-07-06", end="2026-07-15"), *days("0.9", "0.8"))) == ["HEM C2D15 NEUT 3"]
    assert waiting(treated(low_neutrophils(on="2026-07-20"), *days("0.4", "0.8"))) == ["HEM C2D1 NEUT 4"]


@pytest.mark.parametrize("answer", ["NOT CLINICALLY SIGNIFICANT", "EVENT", "PART OF ANOTHER EVENT"])
def test_an_answer_settles_its_episode(answer):
    said = lba(answer=answer)
    assert waiting(treated(said, *days("0.9"))) == []
    assert waiting(treated(said, *days("0.9", "0.8", "0.95"))) == []  # as bad, later
    assert waiting(treated(said, *days("0.9", "0.4"))) == ["HEM C2D15 NEUT 4"]  # worse
    assert waiting(treated(said, *days("0.9", "4.0", "0.9"))) == ["HEM C3D1 NEUT 3"]  # recovered, and again
    assert waiting(treated(lba(answer=""), *days("0.9"))) == ["HEM C2D1 NEUT 3"]  # begun, and not answered


def test_a_higher_answer_settles_what_is_lower():
    again = lba("HEM C2D15 NEUT", grade="4", on="2026-07-20")
    assert waiting(treated(lba(), again, *days("0.9", "0.4", "0.9"))) == []
    assert waiting(treated(again, *days("0.9", "0.4", "0.9"))) == []
    assert waiting(treated(lba(), *days("0.9", "0.4", "0.9"))) == ["HEM C2D15 NEUT 4"]


def test_an_answer_is_for_its_own_test_and_term():
    low = lba("HEM C2D1 PLAT", term=PLAT)
    assert waiting(treated(low, blood(neut="0.9", plat="40"))) == ["HEM C2D1 NEUT 3"]
    assert waiting(treated(lba("HEM C2D1 NEUT", term="White blood cell decreased"), blood(neut="0.9"))) == ["HEM C2D1 NEUT 3"]


def test_a_corrected_value_is_judged_anew():
    assert waiting(treated(lba(), blood(neut="0.4"))) == ["HEM C2D1 NEUT 4"]  # it was 0.9 when it was judged
    assert waiting(treated(lba(), blood(neut="0.8"))) == []  # the same grade
    assert waiting(treated(lba(), blood(neut="2.0"))) == []  # nothing of it is left; AE-180 asks
    assert waiting(treated(lba(), *days("2.0", "0.9"))) == ["HEM C2D15 NEUT 3"]  # what was said was of another result


def test_an_earlier_sample_entered_late_belongs_to_the_answered_episode():
    assert waiting(treated(lba(), blood("2026-07-01", "UNS01", neut="0.8"), *days("0.9"))) == []


def test_the_event_that_an_answer_names_covers_later_results_of_the_term():
    event = ae("Tumor lysis syndrome", on="2026-07-01", grade="4")  # number 1 of the log
    part = lba(answer="PART OF ANOTHER EVENT", event="1")
    assert waiting(treated(event, part, *days("0.9", "4.0", "0.9"))) == []
    assert waiting(treated(event, *days("0.9", "4.0", "0.9"))) == ["HEM C2D1 NEUT 3", "HEM C3D1 NEUT 3"]
    over = ae("Tumor lysis syndrome", on="2026-07-01", grade="4", end="2026-07-25")
    assert waiting(treated(over, part, *days("0.9", "4.0", "0.9"))) == ["HEM C3D1 NEUT 3"]
    assert waiting(treated(event, part, blood(neut="0.9", plat="40"))) == ["HEM C2D1 PLAT 3"]  # of this term alone


def test_a_record_that_was_voided_is_none_of_the_facts():
    assert waiting(treated(lba(), *days("0.9"))) == []
    assert waiting(treated(*days("0.9"))) == ["HEM C2D1 NEUT 3"]


# The short way to a grade --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("test", sorted(OF_TEST))
def test_possible_grades_agree_with_the_whole_evidence(test):
    """``possible`` remembers stretches; ``grades`` works everything out each time."""
    rng, units = random.Random(test), [*TESTS[test].factors, "furlongs"]
    for _ in range(60):
        unit = rng.choice(units)
        size = 10 ** rng.uniform(-1, 3)
        low, high = (f"{size * share:.2f}" for share in (rng.uniform(0.3, 0.9), rng.uniform(1, 1.8)))
        texts = [rng.choice(("", "", "", "<", ">=")) + f"{size * rng.choice((0.05, 0.2, 0.5, 0.75, 1, 1.5, 2.5, 3, 5, 6, 10, 20, 21)):.2f}" for _ in range(3)]
        before = rng.choice((None, lab(test, texts[0], unit, low=low, high=high)))
        rest = {"baseline": before, "at_baseline": rng.random() < 0.2, "anticoagulated": rng.choice((True, False, None))}
        rest["albumin"] = rng.choice((None, lab("ALB", f"{rng.randint(15, 55)}", "g/L")))
        for text in texts[1:]:
            reading = lab(test, text, unit, low=rng.choice(("", low)), high=high, ranged=rng.random() < 0.9)
            assert possible(reading, **rest) == tuple((each.term, each.possible) for each in grades(reading, **rest) if each.possible)


def test_a_place_that_is_none():
    results = found(treated(blood(neut="0.9")))
    assert results.at("HEM C2D1 NEUT").reading.text == "0.9"
    for place in ("", "HEM", "HEM C2D1", "HEM C2D1 ALT", "CHE C2D1 NEUT", "HEM C9D1 NEUT", "HEM C2D1 nonsense", "HEM C2D1 PLAT"):
        assert results.at(place) is None, place

