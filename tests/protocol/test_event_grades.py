"""The grade of an event over time: rows in order, the worst one, and the grade at a moment, dates known or not."""

from __future__ import annotations

import pytest

from protocol import engine, facts
from protocol.dates import Moment
from protocol.event_grades import FORMS, above_on, grade_on, grades_on, reached_by, rows, worst, worst_in, worst_of
from tests.protocol.build import ae, case, day, doses
from tests.protocol.examples_events import CRS, aeg, assessed, forms_of_assessments

ZONE = "Europe/Paris"
PATIENT = facts.Patient("FR03-001", "FR", ZONE, True, None)


def at(on, time=""):
    return Moment.of(day(on), time, ZONE)


def event(grade="2", on="2026-06-20", **rest):
    (found,) = case(ae(grade=grade, on=on, **rest)).of("AE")
    return found


def course(first, *later):
    return rows(first, [each for each in later if each.form == "AEG"], [each for each in later if each.form != "AEG"], PATIENT)


# (the event, what came later) → the rows' grades in order of time, and the worst
TABLE = [
    ((event(),), "2", "2"),
    ((event(""),), "", ""),
    ((event(), aeg("3", "2026-06-22")), "23", "3"),
    ((event(), aeg("3", "2026-06-22"), aeg("1", "2026-06-25")), "231", "3"),
    ((event(), aeg("1", "2026-06-25"), aeg("3", "2026-06-22")), "231", "3"),  # in order of time, not of entry
    ((event("4"), aeg("3", "2026-06-22")), "43", "4"),
    ((event(), aeg("", "2026-06-22")), "2", "2"),
    ((event(""), aeg("3", "2026-06-22")), "3", "3"),
    ((event(), aeg("3", ""), aeg("1", "2026-06-22")), "213", "3"),  # what has no date stands last
    ((event(), aeg("3", "2026-06-22", event="2")), "2", "2"),  # of another event
    ((event(), aeg("3", "2026-06-22", event="")), "2", "2"),
    ((event(), aeg("3", "2026-06-10")), "23", "3"),  # how it began stands first whatever the dates say
    ((event("1"), assessed("2", "2026-06-21"), assessed("0", "2026-06-23")), "120", "2"),
    ((event("1"), assessed("NOT", "2026-06-21")), "1", "1"),
    ((event("1"), assessed("2", "2026-06-21", event="2")), "1", "1"),
    ((event("1"), assessed("2", "2026-06-21", at="14:00"), assessed("3", "2026-06-21", at="08:00"), aeg("4", "2026-06-21", at="10:00")), "1342", "4"),
]  # fmt: skip


@pytest.mark.parametrize(("of", "grades", "highest"), TABLE)
def test_rows_and_the_worst(of, grades, highest):
    first, *later = of
    found = course(first, *later)
    assert "".join(row.grade for row in found) == grades
    assert worst_of(found) == highest
    assert worst(first, [each for each in later if each.form == "AEG"], [each for each in later if each.form != "AEG"]) == highest


# rows, the moment → the grades possible then ("" is: it may not have begun), the grade when that is certain
PLAIN = (event(), aeg("3", "2026-06-22", at="12:00"), aeg("1", "2026-06-25"))
MOMENTS = [
    (PLAIN, ("2026-06-19", "23:59"), ("",), ""),
    (PLAIN, ("2026-06-20", "10:00"), ("", "2"), None),  # it began on that day, nobody knows when
    (PLAIN, ("2026-06-21", "00:00"), ("2",), "2"),
    (PLAIN, ("2026-06-22", "11:59"), ("2",), "2"),
    (PLAIN, ("2026-06-22", "12:00"), ("3",), "3"),  # the moment itself counts
    (PLAIN, ("2026-06-25", "10:00"), ("1", "3"), None),
    (PLAIN, ("2026-06-26", "00:00"), ("1",), "1"),
    (PLAIN, ("2026-06-22", ""), ("2", "3"), None),  # the moment is a whole day
    (PLAIN, ("2026-06", ""), ("", "1", "2", "3"), None),
    ((event(), aeg("3", "")), ("2026-07-01", "10:00"), ("2", "3"), None),  # undated: at any time
    ((event(), aeg("3", ""), aeg("1", "2026-06-25")), ("2026-07-01", "10:00"), ("1", "3"), None),
    ((event(), aeg("2", "")), ("2026-07-01", "10:00"), ("2",), "2"),
    ((event(on=""), aeg("3", "2026-06-22", at="12:00")), ("2026-06-21", "10:00"), ("", "2"), None),
    ((event(on=""), aeg("3", "2026-06-22", at="12:00")), ("2026-06-22", "12:00"), ("3",), "3"),
    ((event(on="2026-06-20"), aeg("3", "2026-06-20")), ("2026-06-21", "10:00"), ("3",), "3"),  # the change came after the beginning
    ((event(on="2026-06-20"), aeg("3", "2026-06-22"), aeg("1", "2026-06-22")), ("2026-06-23", "10:00"), ("1", "3"), None),  # which first?
    ((event(on="2026-06-20"), aeg("3", "2026-06"), aeg("1", "2026-07-02")), ("2026-07-01", "10:00"), ("3",), "3"),
    ((event(on="2026-06-20"), aeg("3", "2026-06")), ("2026-06-25", "10:00"), ("2", "3"), None),
    ((event("1", term=CRS), assessed("2", "2026-06-21", at="08:00"), assessed("0", "2026-06-22", at="08:00")), ("2026-06-22", "09:00"), ("0",), "0"),
    ((event(""), aeg("3", "2026-06-22")), ("2026-06-21", "09:00"), ("",), ""),
]  # fmt: skip


@pytest.mark.parametrize(("of", "moment", "possible", "certain"), MOMENTS)
def test_the_grade_at_a_moment(of, moment, possible, certain):
    found = course(*of)
    assert grades_on(found, at(*moment)) == possible
    assert grade_on(found, at(*moment)) == certain


def test_at_a_moment_that_nobody_knows_every_grade_is_possible():
    assert grades_on(course(*PLAIN), None) == ("", "1", "2", "3")
    assert grade_on(course(*PLAIN), None) is None


@pytest.mark.parametrize(("moment", "limit", "above"), [
    (("2026-06-19", "10:00"), 0, False), (("2026-06-20", "10:00"), 1, None), (("2026-06-21", "10:00"), 1, True), (("2026-06-21", "10:00"), 2, False),
    (("2026-06-23", "10:00"), 2, True), (("2026-06-25", "10:00"), 2, None), (("2026-06-25", "10:00"), 0, True), (("2026-06-26", "10:00"), 1, False),
])  # fmt: skip
def test_above_a_limit(moment, limit, above):
    assert above_on(course(*PLAIN), at(*moment), limit) is above


def test_what_had_certainly_come():
    assert [row.grade for row in reached_by(course(*PLAIN), at("2026-06-25", "10:00"))] == ["2", "3"]
    assert reached_by(course(*PLAIN), at("2026-06-20", "10:00")) == ()
    assert worst_of(()) == ""


def test_a_row_says_where_it_stands():
    first, change = course(event(started_time="08:00"), aeg("3", "2026-06-22", at="12:00"))
    assert (first.place, str(first.on), first.time) == ("AE:1", "20-Jun-2026", "08:00")
    assert (change.place.partition(":")[0], str(change.on), change.time) == ("AEG", "22-Jun-2026", "12:00")


def test_the_worst_grade_from_a_case():
    of = case(ae(), aeg("4", "2026-06-22"), ae("Vomiting", grade="1"))
    assert [worst_in(of, each) for each in of.of("AE")] == ["4", "1"]
    assert "AEG" in FORMS
    assert set(FORMS) - {"AEG"} == set(forms_of_assessments()) - {"XX"}


def test_grades_read_by_a_rule_are_its_inputs():
    """A confirmed value is asked for again when a later grade changes, and not when that of another event does."""
    def inputs(*more):
        (found,) = engine.findings([engine.RULES["AE-003"]], case(ae("Sepsis", outcome="FATAL"), *more))
        return found.inputs

    assert inputs(aeg("3")) != inputs(aeg("4"))
    assert inputs(aeg("3"), aeg("3", event="9")) == inputs(aeg("3"), aeg("4", event="9"))


def test_a_rule_that_asks_for_assessments_reads_every_such_form():
    assert engine.RULES["AE-003"].forms == {"AE", "AEG"} | set(forms_of_assessments()) - {"XX"}
    assert not any(code == "" for code in facts.FORMS)


def test_the_dose_waits_for_the_grade_of_its_day():
    """ALT of grade 3 that is grade 1 on the day of the next dose no longer waits for anything; at grade 2 it does."""
    def found(*more):
        of = case(ae("Alanine aminotransferase increased", on="2026-06-17", grade="3"), *more, *doses("2026-06-15", "2026-06-22"))
        return [each.rule.id for each in engine.findings([engine.RULES[name] for name in ("DOS-043", "DOS-044", "DOS-045")], of)]

    assert found() == ["DOS-044"]
    assert found(aeg("2", "2026-06-20")) == ["DOS-044"]
    assert found(aeg("1", "2026-06-21")) == []
    assert found(aeg("1", "2026-06-22", at="09:59")) == []
    assert found(aeg("1", "2026-06-22", at="10:01")) == ["DOS-044"]
    assert found(aeg("1", "2026-06-22")) == []  # on the day, nobody knows when
    assert found(aeg("1", "")) == []
    assert found(aeg("4", "2026-06-20"), aeg("1", "2026-06-21")) == ["DOS-045"]  # the worst grade reached stops treatment
    assert found(aeg("4", "2026-06-23")) == ["DOS-044"]  # not yet reached
