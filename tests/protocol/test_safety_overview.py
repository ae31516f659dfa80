"""The safety overview against tables worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from protocol.codelists import Scale
from protocol.dates import PartialDate
from protocol.engine import Case
from protocol.facts import AdverseEvent, Clock, Dose, Patient
from protocol.safety_facts import GradeChange
from protocol.safety_overview import (
    BEFORE,
    NO_GRADE,
    NOT_NAMED,
    OTHER_TERMS,
    OWN_TERMS,
    UNCERTAIN,
    Onsets,
    by_class,
    by_dose,
    counts,
    happenings,
    labels_given,
    onsets,
    worst_by_patient,
)
from protocol.scales import CRS, ICANS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IMMUNE, GENERAL = "Immune system disorders", "General disorders and administration site conditions"


def ae(row: int, name: str, grade: str, day: str = "", time: str = "", *, serious: str = "N", related: str = "N") -> AdverseEvent:
    return AdverseEvent(
        id=row, row=row, term=name, term_specify="", scale=Scale.CTCAE, grade=grade, started_on=PartialDate.parse(day) if day else None, started_time=time,
        ongoing="", ended_on=None, ended_time="", serious=serious, is_death="", is_life_threatening="", is_hospitalisation="", is_disability="",
        is_congenital="", is_medically_important="", stay_planned="", aware_on=None, aware_time="", relationship=related, action_taken="", outcome="",
    )  # fmt: skip


def dose(label: str, day: str, time: str = "10:00", occurrence: str = "GIVEN") -> Dose:
    return Dose(visit=label, occurrence=occurrence, reason="", given_on=PartialDate.parse(day), start_time=time, end_time="", dose_mg=None)


def change(event: str, grade: str) -> GradeChange:
    return GradeChange(id=1, row=1, event=event, grade=grade, changed_on=PartialDate.parse("2026-03-20"), changed_time="")


def case(number: str, events, doses=(), changes=()) -> Case:
    patient = Patient(number=number, country="FR", zone="Europe/Paris", site_active=True, enrolled_on=None)
    return Case(patient, Clock(NOW, NOW.date()), {"AE": tuple(events), "EC": tuple(doses), "AEG": tuple(changes)})


C1D1, C1D8 = dose("C1D1", "2026-03-05"), dose("C1D8", "2026-03-12")
# Four patients, worked out by hand:
#   P1  CRS grade 1 at +16 h after C1D1, CRS grade 2 (later 3) at +20 h after C1D8, serious, related; fever grade 1
#   P2  CRS grade 2 at +15 h after C1D1, related; fatigue without a grade
#   P3  fever grade 2 before the first dose; ICANS grade 1 on the day of C1D8, no time
#   P4  never dosed; fever grade 1, no date
TRIAL = [
    case("P1", [ae(1, CRS, "1", "2026-03-06", "02:00", related="Y"), ae(2, CRS, "2", "2026-03-13", "06:00", serious="Y", related="Y"),
                ae(3, "Fever", "1", "2026-03-14", "08:00")], [C1D1, C1D8], [change("2", "3")]),
    case("P2", [ae(1, CRS, "2", "2026-03-06", "01:00", related="Y"), ae(2, "Fatigue", "", "2026-03-07")], [C1D1, dose("C1D8", "2026-03-12", occurrence="OMITTED")]),
    case("P3", [ae(1, "Fever", "2", "2026-03-04"), ae(2, ICANS, "1", "2026-03-12", related="NOT YET ASSESSED")], [C1D1, C1D8]),
    case("P4", [ae(1, "Fever", "1")]),
]  # fmt: skip
FOUND = [each for one in TRIAL for each in happenings(one, "FR03")]
TABLE = [  # soc, term, grades 1 to 5, no grade, patients, grade 3 or more, serious, related, events
    ("", "", (1, 2, 1, 0, 0), 0, 4, 1, 1, 2, 8),
    (GENERAL, "", (2, 1, 0, 0, 0), 1, 4, 0, 0, 0, 4),
    (GENERAL, "Fever", (2, 1, 0, 0, 0), 0, 3, 0, 0, 0, 3),
    (GENERAL, "Fatigue", (0, 0, 0, 0, 0), 1, 1, 0, 0, 0, 1),
    (IMMUNE, "", (0, 1, 1, 0, 0), 0, 2, 1, 1, 2, 3),
    (IMMUNE, CRS, (0, 1, 1, 0, 0), 0, 2, 1, 1, 2, 3),
    (OWN_TERMS, "", (1, 0, 0, 0, 0), 0, 1, 0, 0, 0, 1),
    (OWN_TERMS, ICANS, (1, 0, 0, 0, 0), 0, 1, 0, 0, 0, 1),
]


def test_by_class_and_term():
    lines = by_class(FOUND)
    read = [
        (line.soc, line.term, tuple(line.counts.by_grade[grade] for grade in "12345"), line.counts.by_grade[NO_GRADE], line.counts.patients, line.counts.severe,
         line.counts.serious, line.counts.related, line.counts.events)
        for line in lines
    ]  # fmt: skip
    assert read == TABLE


def test_the_grades_of_a_line_add_up_to_its_patients():
    for line in by_class(FOUND):
        assert sum(line.counts.by_grade.values()) == line.counts.patients


def test_no_event_makes_no_line():
    assert by_class([]) == []
    assert counts([]).patients == counts([]).events == 0


def test_a_patient_counts_once_with_the_worst():
    assert worst_by_patient(FOUND) == {"P1": "3", "P2": "2", "P3": "2", "P4": "1"}


def test_what_is_not_assessed_yet_is_not_related():
    assert [each.relationship for each in FOUND if each.term == ICANS] == ["NOT YET ASSESSED"]
    assert counts([each for each in FOUND if each.term == ICANS]).related == 0


@pytest.mark.parametrize(("name", "soc"), [("", OTHER_TERMS), ("A rash of my own", OTHER_TERMS), (ICANS, OWN_TERMS), (CRS, IMMUNE)])
def test_the_class_of_a_term(name, soc):
    found = happenings(case("P9", [ae(1, name, "1")]), "FR03")[0]
    assert (found.term, found.soc) == (name or NOT_NAMED, soc)


# ---- after which dose ------------------------------------------------------------------------------------------------

GIVEN = [labels_given(each) for each in TRIAL]


def test_who_was_given_what():
    assert GIVEN == [{"C1D1", "C1D8"}, {"C1D1"}, {"C1D1", "C1D8"}, frozenset()]


def lines_of(name: str):
    return [
        (line.dose, line.dosed, line.counts.patients, {grade: n for grade, n in line.counts.by_grade.items() if n}, line.onsets.minutes, line.onsets.unknown)
        for line in by_dose([each for each in FOUND if each.term == name], GIVEN)
    ]  # fmt: skip


def test_crs_by_dose():
    assert lines_of(CRS) == [
        ("C1D1", 3, 2, {"1": 1, "2": 1}, (900, 960), 0),
        ("C1D8", 2, 1, {"3": 1}, (1200,), 0),
    ]


def test_an_onset_without_time_on_the_day_of_a_dose_is_placed_nowhere():
    assert lines_of(ICANS) == [("C1D1", 3, 0, {}, (), 0), ("C1D8", 2, 0, {}, (), 0), (UNCERTAIN, 0, 1, {"1": 1}, (), 0)]


def test_before_any_dose_and_without_a_date():
    assert lines_of("Fever") == [
        ("C1D1", 3, 0, {}, (), 0), ("C1D8", 2, 1, {"1": 1}, (2760,), 0), (BEFORE, 0, 1, {"2": 1}, (), 0), (UNCERTAIN, 0, 1, {"1": 1}, (), 0),
    ]  # fmt: skip


def test_doses_stand_in_the_order_of_the_schedule_and_repeated_ones_after_them():
    given = [frozenset({"C2D1", "R2", "C1D8", "R10", "C1D1", "C10D1", "C1D15", "C2D15"})]
    assert [line.dose for line in by_dose([], given)] == ["C1D1", "C1D8", "C1D15", "C2D1", "C2D15", "C10D1", "R2", "R10"]


def test_a_dose_that_was_taken_back_keeps_its_line():
    """Its label has events, and nobody who was given it."""
    found = [replace(FOUND[0], since=replace(FOUND[0].since, labels=("C2D1",)))]
    assert [(line.dose, line.dosed) for line in by_dose(found, [])] == [("C2D1", 0)]


@pytest.mark.parametrize(("minutes", "median"), [((), None), ((5,), 5), ((1, 4), 3), ((1, 2), 2), ((1, 2, 9), 2)])
def test_median(minutes, median):
    assert Onsets(minutes, 0).median == median


def test_onsets_count_what_has_no_exact_time_apart():
    vague = happenings(case("P7", [ae(1, CRS, "1", "2026-03-06"), ae(2, CRS, "1", "2026-03-06", "02:00")], [C1D1]), "FR03")
    assert onsets(vague) == Onsets((960,), 1)


# ---- since the first dose --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "time", "doses", "answer"), [
    ("2026-03-05", "09:59", [C1D1], False), ("2026-03-05", "10:00", [C1D1], True), ("2026-03-05", "", [C1D1], None), ("2026-03-04", "", [C1D1], False),
    ("2026-03-06", "", [C1D1], True), ("", "", [C1D1], None), ("2026-03-06", "", [], None), ("2026-03", "", [C1D1], None),
    ("2026-03-06", "", [C1D8, C1D1], True),
])  # fmt: skip
def test_on_treatment(day, time, doses, answer):
    assert happenings(case("P8", [ae(1, "Fever", "1", day, time)], doses), "FR03")[0].on_treatment is answer
