"""Hours since infusion and onset, the course of an event, and its picture, from facts alone."""

from __future__ import annotations

import re

import pytest

from adverse_events.course import GRADES, WIDTH, findings_words, picture
from protocol import engine
from protocol.event_grades import rows, worst
from protocol.facts import moment
from protocol.syndromes import event_course, opening_dose, since_infusion
from tests.protocol.build import case, day, dose, undated
from tests.protocol.syndrome_build import crs, crs_event, icans, icans_event, tls, tls_event, tocilizumab

pytestmark = pytest.mark.nodb


def course(*records, **rest):
    of = case(*records, **rest)
    return event_course(of.of("AE")[0], of), of


# Since the infusion ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("doses", "on", "time", "said"), [
    ([dose()], "2026-06-16", "02:10", "16:10 h after the start of infusion C1D1, dose 1"),
    ([dose()], "2026-06-15", "10:00", "0 min after the start of infusion C1D1, dose 1"),
    ([dose()], "2026-06-15", "09:59", "None"), ([dose()], "2026-06-14", "", "None"), ([], "2026-06-16", "02:10", "None"),
    ([dose(), dose("C1D8", "2026-06-22")], "2026-06-22", "09:59", "167:59 h after the start of infusion C1D1, dose 1"),
    ([dose(), dose("C1D8", "2026-06-22")], "2026-06-22", "10:00", "0 min after the start of infusion C1D8, dose 2"),
    ([dose(), dose("C1D8", "2026-06-22")], "2026-06-22", "", "None"),  # before or after C1D8
    ([dose(), dose("R1", "2026-06-30"), dose("C1D8", "2026-07-07")], "2026-06-30", "20:00", "10:00 h after the start of infusion R1, dose 2"),
    ([dose(), dose("R1", "2026-06-30"), dose("C1D8", "2026-07-07")], "2026-07-07", "20:00", "10:00 h after the start of infusion C1D8, dose 3"),
    ([dose(), undated("C1D8", "OMITTED"), dose("C1D15", "2026-06-29")], "2026-06-29", "12:00", "2:00 h after the start of infusion C1D15, dose 2"),
    ([dose(), undated("C1D8")], "2026-06-29", "12:00", "None"),  # which may have been the last
    ([dose(start="")], "2026-06-15", "12:00", "None"), ([dose(start="")], "2026-06-16", "12:00", "12:01 h to 36:00 h after the start of infusion C1D1, dose 1"),
    ([dose(on="2026-03-28", start="20:00")], "2026-03-29", "03:30", "6:30 h after the start of infusion C1D1, dose 1"),  # an hour is left out
    ([dose(on="2026-10-24", start="20:00")], "2026-10-25", "03:30", "8:30 h after the start of infusion C1D1, dose 1"),  # one comes twice
    ([dose(on="2026-10-24", start="20:00")], "2026-10-25", "02:30", "6:30 h to 7:30 h after the start of infusion C1D1, dose 1"),
])  # fmt: skip
def test_hours_since_the_start_of_the_last_infusion(doses, on, time, said):
    of = case(*doses, today="2026-12-01")
    assert str(since_infusion(moment(day(on), time, of.patient), of.of("EC"), of.patient)) == said


def test_the_last_infusion_before_the_event_opens_the_window_unless_another_is_chosen():
    of = case(tls_event(), dose(), dose("C1D8", "2026-06-18", start="08:00"), tls(), tls(opened_by="C1D8"), tls(opened_by="C1D15"))
    event, doses = of.of("AE")[0], of.of("EC")
    opened = [opening_dose(each, event, doses, of.patient) for each in of.of("TLS")]
    assert [each and each.visit for each in opened] == ["C1D1", "C1D8", None]
    assert opening_dose(of.of("TLS")[0], None, doses, of.patient).visit == "C1D8", "without an event the assessment counts"


# The course -----------------------------------------------------------------------------------------------------------

NIGHT = (
    crs_event("02:10"), dose(), crs("02:40"), crs("06:10", pressors="NOREPINEPHRINE", fever_earlier="Y", therapy="ANTICYTOKINE", grade="3"),
    crs("20:00", temperature="36.9", fever_earlier="Y", therapy="ANTICYTOKINE", grade="0"), tocilizumab("04:20"),
)  # fmt: skip


def test_a_course_in_order_of_time():
    found, _ = course(*NIGHT[:2], NIGHT[4], NIGHT[3], NIGHT[2], *NIGHT[5:])
    assert [each.graded.possible for each in found.assessments] == [("1",), ("3",), ("0",)]
    assert [str(each.from_onset) for each in found.assessments] == ["30 min", "4:00 h", "17:50 h"]
    assert [each.since.span.least for each in found.assessments] == [1000, 1210, 2040]
    assert (found.worst_own, found.worst_computed) == ("3", "3")
    assert [each.name for each in found.drugs] == ["Tocilizumab"]


def test_other_events_assessments_and_drugs_are_not_of_it():
    found, _ = course(crs_event(), crs(event="9"), icans(), tocilizumab(for_event="9"), tocilizumab(name="Paracetamol", drug_class="OTHER"))
    assert (found.assessments, found.drugs) == ((), ())


def test_death_is_the_events_answer():
    found, _ = course(icans_event(outcome="FATAL"), icans(5, grade="2"))
    assert (found.worst_own, found.worst_computed, found.died) == ("2", "5", True)


def test_what_has_no_own_grade_is_not_said():
    found, of = course(crs_event(), crs(pressors="", grade=""))
    assert (found.judged, found.worst_computed, found.worst_own) == ((), "", "")
    assert picture(found, of) is None


def test_the_own_grades_of_assessments_are_grades_of_the_event_to_every_rule():
    """Nobody types a change of grade for them: a dose given while the event, begun as grade 1, was grade 3 is held against the label's row."""
    of = case(*NIGHT[:4], dose("C1D8", "2026-06-22"))
    event = of.of("AE")[0]
    assert worst(event, (), of.of("CRS")) == "3"
    assert [row.grade for row in rows(event, (), of.of("CRS"), of.patient)] == ["1", "1", "3"]
    (found,) = engine.findings([engine.RULES["DOS-043"]], of)
    assert "grade 3" in found.message
    without = case(*NIGHT[:3], dose("C1D8", "2026-06-22"))
    assert "grade 1" in engine.findings([engine.RULES["DOS-043"]], without)[0].message


# The picture ----------------------------------------------------------------------------------------------------------


def marks(drawn, shape):
    return [(mark.x, mark.y) for mark in drawn.marks if mark.shape == shape]


def test_the_picture_holds_own_and_computed_grades_infusion_onset_and_drug():
    drawn = picture(*course(*NIGHT))
    levels = dict(drawn.levels)
    assert list(levels) == [f"Grade {grade}" for grade in GRADES]
    own, computed = marks(drawn, "own"), marks(drawn, "computed")
    assert own == computed and len(own) == 3
    assert [y for _, y in own] == [levels["Grade 1"], levels["Grade 3"], levels["Grade 0"]]
    (infusion,), (onset,), (drug,) = (marks(drawn, shape) for shape in ("infusion", "onset", "drug"))
    assert drawn.left < infusion[0] < onset[0] < own[0][0] < drug[0] < own[1][0] < own[2][0] <= WIDTH
    numbers = [int(each) for each in re.findall(r"-?\d+", drawn.line)]
    assert drawn.line == f"M{own[0][0]} {own[0][1]} H{own[1][0]} V{own[1][1]} H{own[2][0]} V{own[2][1]}" and min(numbers) > 0
    assert {mark.words for mark in drawn.marks if mark.shape == "drug"} == {"Tocilizumab"}


def test_where_own_and_computed_differ_they_stand_apart_and_open_ones_are_dashed():
    drawn = picture(*course(crs_event(), crs("02:40", pressors="", grade="3"), crs("03:40", hypotension="", grade="2")))
    assert marks(drawn, "own")[0] != marks(drawn, "computed")[0]
    assert len(marks(drawn, "computed")) == 1 and len(marks(drawn, "open")) == 4  # grades 1 to 4 are possible


@pytest.mark.parametrize("times", [("02:40",), ("02:40", "02:41"), ("02:40", "23:59")])
def test_words_stay_inside_the_picture_and_off_each_other(times):
    drawn = picture(*course(crs_event("02:10"), dose(), *(crs(time) for time in times), tocilizumab("02:39"), tocilizumab("02:40")))
    said = sorted((mark.label_x, mark.label_x + 6 * len(mark.label)) for mark in drawn.marks if mark.label)
    assert all(0 <= first and last <= WIDTH for first, last in said)
    assert all(one[1] <= other[0] for one, other in zip(said, said[1:], strict=False))
    ticks = [(x, x + 6 * len(word)) for x, word in drawn.ticks]
    assert all(one[1] <= other[0] for one, other in zip(ticks, ticks[1:], strict=False)) and all(last <= WIDTH for _, last in ticks)


def test_ticks_are_those_of_the_sites_clock_across_the_change():
    drawn = picture(*course(crs_event("23:30", "2026-10-24"), crs("00:10", "2026-10-25"), crs("05:00", "2026-10-25", fever_earlier="Y"), today="2026-12-01"))
    words = [word for _, word in drawn.ticks]
    assert words.count("02:00") == 2, words  # the hour comes twice
    assert words[0].startswith("25-Oct")


def test_an_end_or_time_nobody_knows_is_left_to_the_words():
    drawn = picture(*course(crs_event("", ended_on=day("2026-06-17")), crs("02:40"), crs("")))
    assert not marks(drawn, "onset") and not marks(drawn, "end") and len(marks(drawn, "own")) == 1


@pytest.mark.parametrize(("fact", "words"), [
    (crs(), "38.6 °C, no hypotension, no oxygen"), (crs(pressors="NOREPINEPHRINE; VASOPRESSIN"), "38.6 °C, hypotension on norepinephrine, vasopressin, no oxygen"),
    (crs(device="LOW FLOW NASAL CANNULA", oxygen_flow="6.1"), "38.6 °C, no hypotension, nasal cannula, low flow 6.1 L/min"),
    (crs(temperature=None, hypotension="", oxygen=""), ""), (icans(7), "ICE 7 of 10, awake and alert"), (icans(None, deep_focal_weakness="Y"), "ICE not assessable, awake and alert, deep weakness"),
    (tls(arrhythmia="2"), "arrhythmia grade 2, no seizure"), (tls(arrhythmia="", seizure=""), ""),
])  # fmt: skip
def test_findings_in_one_line(fact, words):
    assert findings_words(fact) == words
