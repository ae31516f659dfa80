"""The planned doses, and the calendar after delays and omissions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocol import parameters
from protocol.schedule import (
    MOST_REPEATS,
    Status,
    calendar,
    interval_days,
    is_repeat,
    label_order,
    next_label,
    order,
    planned_dose,
    repeat_code,
    unscheduled_code,
    visit_codes,
    visit_name,
    visit_order,
)  # fmt: skip
from tests.protocol.build import dose, doses, undated


@pytest.mark.parametrize(("n", "label", "trial_day", "mg"), [
    (1, "C1D1", 1, 1), (2, "C1D8", 8, 10), (3, "C1D15", 15, 10), (4, "C2D1", 29, 10), (5, "C2D15", 43, 10),
    (6, "C3D1", 57, 10), (7, "C3D15", 71, 10), (8, "C4D1", 85, 10), (9, "C4D15", 99, 10), (90, "C45D1", 1233, 10),
])  # fmt: skip
def test_planned_doses(n, label, trial_day, mg):
    plan = planned_dose(n)
    assert (plan.label, plan.trial_day, plan.dose_mg) == (label, trial_day, Decimal(mg))
    assert label_order(label) == n
    assert next_label(label) == planned_dose(n + 1).label


def test_labels_one_to_one():
    labels = [planned_dose(n).label for n in range(1, 300)]
    assert len(set(labels)) == 299
    assert [label_order(label) for label in labels] == list(range(1, 300))
    assert next_label("") == "C1D1"


@pytest.mark.parametrize("label", ["", "SCR", "EOT", "C0D1", "C1D2", "C2D8", "C01D1", "c1d1", "C1D1 ", "R1", "C１D1", "C1000D1"])
def test_no_labels(label):
    assert order(label) is None
    with pytest.raises(ValueError, match="no dose"):
        label_order(label)


def test_visits():
    assert visit_codes(4) == ("SCR", "C1D1", "C1D8", "C1D15", "C2D1", "EOT", "FU")
    codes = visit_codes(130)
    assert sorted(reversed(codes), key=visit_order) == list(codes)
    assert visit_name("C2D15") == "Cycle 2, day 15"
    assert visit_name("SCR") == "Screening"


def test_unscheduled_visits():
    assert visit_codes(1, 2) == ("SCR", "C1D1", "UNS01", "UNS02", "EOT", "FU")
    codes = visit_codes(130, 30)
    assert sorted(reversed(codes), key=visit_order) == list(codes)
    assert len(set(codes)) == 163
    assert [visit_name(code) for code in ("UNS01", "UNS10", "UNS30")] == ["Unscheduled 1", "Unscheduled 10", "Unscheduled 30"]
    assert order("UNS01") is None


@pytest.mark.parametrize("n", [-1, 0, 31])
def test_unscheduled_visits_are_numbered_from_one_to_thirty(n):
    with pytest.raises(ValueError, match="from 1 to 30"):
        unscheduled_code(n)


@pytest.mark.parametrize("code", ["", "UNS", "UNS0", "UNS00", "UNS1", "UNS31", "UNS001", "uns01", "UNS01 ", "UNS0１", "XX"])
def test_no_visits(code):
    with pytest.raises(ValueError, match="no dose"):
        visit_order(code)
    with pytest.raises(KeyError):
        visit_name(code)


def test_doses_are_numbered_from_one():
    with pytest.raises(ValueError, match="from 1"):
        planned_dose(0)


def rows(*records, today=None, ahead=1, ended=False):
    """(label, planned mg or '-', planned date, days late, status) of each row; dates as day-month."""
    on = date.fromisoformat(today) if today else None
    return [
        (row.label, "-" if row.dose_planned_mg is None else int(row.dose_planned_mg),
         row.planned.strftime("%d%b") if row.planned else "", row.days_late, str(row.status))
        for row in calendar(records, today=on, ahead=ahead, ended=ended)
    ]  # fmt: skip


def test_before_the_first_dose():
    assert rows() == [("C1D1", 1, "", None, "planned")]
    assert rows(ahead=0) == []


def test_on_time():
    assert rows(*doses("2026-06-15", "2026-06-22"), ahead=2) == [
        ("C1D1", 1, "", None, "given"), ("C1D8", 10, "22Jun", 0, "given"), ("C1D15", 10, "29Jun", None, "planned"),
        ("C2D1", 10, "13Jul", None, "planned"),
    ]  # fmt: skip


def test_given_late_moves_what_follows():
    found = calendar(doses("2026-06-15", "2026-06-25"))
    assert [(row.label, str(row.ideal), str(row.planned)) for row in found[1:]] == [
        ("C1D8", "2026-06-22", "2026-06-22"), ("C1D15", "2026-06-29", "2026-07-02")
    ]  # fmt: skip
    assert found[1].days_late == 3


def test_given_early():
    assert rows(*doses("2026-06-15", "2026-06-20"))[1:] == [
        ("C1D8", 10, "22Jun", -2, "given"), ("C1D15", 10, "27Jun", None, "planned")
    ]  # fmt: skip


def test_delayed_keeps_its_label_and_nothing_after_it_has_a_date():
    assert rows(dose(), undated("C1D8", "DELAYED"), today="2026-06-25", ahead=2)[1:] == [
        ("C1D8", 10, "22Jun", 3, "delayed"), ("C1D15", 10, "", None, "planned"), ("C2D1", 10, "", None, "planned")
    ]  # fmt: skip


def test_omitted_uses_its_label_up_and_the_next_counts_from_its_planned_date():
    assert rows(dose(), dose("C1D8", occurrence="OMITTED"), dose("C1D15", "2026-06-29"))[1:] == [
        ("C1D8", 10, "22Jun", None, "omitted"), ("C1D15", 10, "29Jun", 0, "given"), ("C2D1", 10, "13Jul", None, "planned")
    ]  # fmt: skip


def test_overdue_needs_today():
    base = doses("2026-06-15")
    assert rows(*base)[1] == ("C1D8", 10, "22Jun", None, "planned")
    assert rows(*base, today="2026-06-22")[1] == ("C1D8", 10, "22Jun", None, "planned")
    assert rows(*base, today="2026-06-23")[1] == ("C1D8", 10, "22Jun", 1, "overdue")


@pytest.mark.parametrize(("given_on", "inside", "outside"), [
    (("2026-06-15",), "2026-06-29", "2026-06-30"),  # 14 days after 1 mg at C1D1
    (("2026-06-15", "2026-06-22"), "2026-07-13", "2026-07-14"),  # 21 days after C1D8
    (("2026-06-15", "2026-06-22", "2026-06-29"), "2026-07-27", "2026-07-28"),  # 28 days after C1D15
    (("2026-06-15", "2026-06-22", "2026-06-29", "2026-07-13"), "2026-08-10", "2026-08-11"),  # and after later doses
])  # fmt: skip
def test_past_a_restart_limit_the_planned_dose_is_a_dash(given_on, inside, outside):
    assert [row[1] for row in rows(*doses(*given_on), today=inside, ahead=2)[-2:]] == [10, 10]
    assert [row[1] for row in rows(*doses(*given_on), today=outside, ahead=2)[-2:]] == ["-", "-"]


def test_the_limit_counts_from_the_last_infusion_whatever_was_omitted():
    base = (*doses("2026-06-15", "2026-06-22", "2026-06-29"), dose("C2D1", occurrence="OMITTED"))
    assert rows(*base)[-1] == ("C2D15", 10, "27Jul", None, "planned")
    assert rows(*base, dose("C2D15", occurrence="OMITTED"))[-1] == ("C3D1", "-", "10Aug", None, "planned")


def test_rows_far_ahead_are_not_past_a_limit():
    assert {row[1] for row in rows(*doses("2026-06-15", "2026-06-22", "2026-06-29"), ahead=6)[3:]} == {10}


def test_a_dose_on_an_unknown_day_gives_no_dates_and_no_dash():
    base = (*doses("2026-06-15", "2026-06-22", "2026-06-29"), dose("C2D1", "2026-07"))
    assert rows(*base, today="2026-08-30")[-2:] == [("C2D1", 10, "13Jul", None, "given"), ("C2D15", 10, "", None, "planned")]
    assert rows(dose(on="2026-06"))[-1] == ("C1D8", 10, "", None, "planned")
    assert calendar([dose(on="2026-06")])[-1].ideal is None


def test_nothing_ahead_once_treatment_has_ended():
    assert [row[0] for row in rows(*doses("2026-06-15", "2026-06-22"), ended=True)] == ["C1D1", "C1D8"]


def test_a_label_without_record_stands_in_its_place():
    assert rows(dose(), dose("C1D15", "2026-06-29"), today="2026-07-01")[1:3] == [
        ("C1D8", 10, "22Jun", 9, "overdue"), ("C1D15", 10, "29Jun", 0, "given")
    ]  # fmt: skip


def test_what_is_no_dose_label_is_left_out():
    assert [row[0] for row in rows(dose("UNS01", "2026-07-01"), dose())] == ["C1D1", "C1D8"]


# Repeated step-up ------------------------------------------------------------------------------------------------------------

R1 = dose("R1", "2026-07-01", mg="1")  # 16 days after C1D1


def test_a_repeated_dose_uses_up_no_label_and_10_mg_follow_a_week_later():
    assert rows(dose(), R1, ahead=3, today="2026-07-02") == [
        ("C1D1", 1, "", None, "given"), ("R1", "-", "22Jun", 9, "given"), ("C1D8", 10, "08Jul", None, "planned"),
        ("C1D15", 10, "15Jul", None, "planned"), ("C2D1", 10, "29Jul", None, "planned"),
    ]  # fmt: skip


def test_it_takes_the_dash_away_that_stood_before_it():
    assert rows(dose(), today="2026-06-30")[-1][1] == "-"
    assert rows(dose(), R1, today="2026-07-02")[-1][1] == 10
    assert rows(dose(), R1, today="2026-07-15")[-1][1] == 10  # day 14 after the repeated 1 mg
    assert rows(dose(), R1, today="2026-07-16")[-1][1] == "-"


def test_the_row_of_the_label_is_quoted_where_the_dash_stands():
    found = calendar([dose()], today=date(2026, 6, 30))[-1]
    assert found.dose_planned_mg is None
    assert "up to 14 days" in found.quoted
    assert calendar([dose()], today=date(2026, 6, 29))[-1].quoted == ""


@pytest.mark.parametrize("records", [
    (dose(), undated("C1D8", "DELAYED"), R1), (dose(), R1), (dose(), R1, undated("C1D8", "")),
])  # fmt: skip
def test_the_next_label_counts_from_it_whatever_was_delayed(records):
    row = next(row for row in calendar(records, today=date(2026, 7, 2)) if row.label == "C1D8")
    assert row.planned == date(2026, 7, 8)


def test_it_stands_behind_what_was_omitted_before_it():
    found = rows(dose(), dose("C1D8", occurrence="OMITTED"), R1, today="2026-07-02")
    assert [(row[0], row[2]) for row in found] == [("C1D1", ""), ("C1D8", "22Jun"), ("R1", "29Jun"), ("C1D15", "08Jul")]


def test_an_omission_after_it_counts_from_it():
    found = rows(dose(), R1, dose("C1D8", occurrence="OMITTED"), dose("C1D15", "2026-07-15"))
    assert [(row[0], row[2], row[3]) for row in found[:4]] == [("C1D1", "", None), ("C1D8", "22Jun", None), ("R1", "29Jun", 2), ("C1D15", "08Jul", 7)]


def test_two_repeated_doses_and_one_later():
    second, third = dose("R2", "2026-07-20", mg="1"), dose("R3", "2026-09-01", mg="1")
    found = rows(dose(), R1, second, dose("C1D8", "2026-07-27"), dose("C1D15", "2026-08-03"), third, ahead=2)
    assert [row[0] for row in found] == ["C1D1", "R1", "R2", "C1D8", "C1D15", "R3", "C2D1", "C2D15"]
    assert [row[2] for row in found] == ["", "22Jun", "08Jul", "27Jul", "03Aug", "17Aug", "08Sep", "22Sep"]


@pytest.mark.parametrize(("day", "planned", "late"), [("2026-06-21", "", None), ("2026-06-22", "", None), ("2026-06-23", "22Jun", 1)])
def test_a_repeated_dose_ends_the_delay_of_the_label_that_waited(day, planned, late):
    """The days that were lost stay visible, though the label itself is not late any more."""
    found = rows(dose(), dose("R1", day, mg="1"), today="2026-06-24")
    assert [(row[0], row[2], row[3]) for row in found[1:2]] == [("R1", planned, late)]


def test_what_the_planned_schedule_means_after_it_is_a_parameter():
    later = (*doses("2026-06-15", "2026-06-22", "2026-06-29"), dose("R1", "2026-08-01", mg="1"))
    assert [row[2] for row in rows(*later, ahead=3)[-3:]] == ["08Aug", "22Aug", "05Sep"]
    with parameters.override(schedule_after_restart="AS CYCLE 1"):
        assert [row[2] for row in rows(*later, ahead=3)[-3:]] == ["08Aug", "15Aug", "29Aug"]


def test_it_is_shown_after_the_end_of_treatment_and_before_any_first_dose_it_changes_nothing():
    assert [row[0] for row in rows(dose(), R1, ended=True)] == ["C1D1", "R1"]
    assert [row[0] for row in rows(R1)] == ["C1D1", "R1"]
    assert [row[0] for row in rows(dose(), undated("R1", "OMITTED"))] == ["C1D1", "C1D8"]


def test_the_window_stands_beside_a_planned_date_once_it_is_supplied():
    assert calendar([dose()])[1].window is None
    with parameters.override(visit_window_days=2):
        assert calendar([dose()])[1].window == (date(2026, 6, 20), date(2026, 6, 24))
        assert calendar([])[0].window is None


@pytest.mark.parametrize("n", [0, -1, MOST_REPEATS + 1])
def test_repeated_doses_are_numbered(n):
    with pytest.raises(ValueError, match="from 1 to"):
        repeat_code(n)


def test_repeated_doses_are_visits_behind_the_doses():
    codes = visit_codes(4, 1, 3)
    assert codes == ("SCR", "C1D1", "C1D8", "C1D15", "C2D1", "R1", "R2", "R3", "UNS01", "EOT", "FU")
    assert sorted(reversed(codes), key=visit_order) == list(codes)
    assert visit_name("R2") == "Repeated step-up dose 2"
    assert [is_repeat(code) for code in ("R1", "R12", "R0", "R13", "R01", "C1D1", "")] == [True, True, *[False] * 5]


COURSE = st.lists(
    st.tuples(st.sampled_from(["GIVEN", "GIVEN", "GIVEN", "OMITTED", "DELAYED", "", "REPEATED"]), st.integers(-3, 40)), max_size=14
)


@given(COURSE, st.integers(0, 400), st.integers(0, 4), st.booleans())
@example([("GIVEN", 0), ("GIVEN", 0), ("REPEATED", -1), ("GIVEN", 0)], 0, 1, False)  # repeated, dated before a dose that was given
@settings(deadline=None, database=None, derandomize=True, max_examples=300)
def test_properties_of_every_calendar(course, today, ahead, ended):
    start, records, on, n, repeats = date(2026, 6, 15), [], date(2026, 6, 15), 0, 0
    for occurrence, gap in course:
        on += timedelta(days=gap if n or repeats else 0)
        if occurrence == "REPEATED":
            if repeats < MOST_REPEATS:
                repeats += 1
                records.append(dose(repeat_code(repeats), on.isoformat(), mg="1"))
            continue
        n += 1
        label = planned_dose(n).label
        records.append(dose(label, on.isoformat()) if occurrence == "GIVEN" else undated(label, occurrence))
    found = calendar(records, today=start + timedelta(days=today), ahead=ahead, ended=ended)
    labels = [row.label for row in found if row.n]
    assert len({row.label for row in found}) == len(found)  # every label is used at most once
    assert labels == [planned_dose(n).label for n in range(1, len(labels) + 1)]
    assert len(labels) == n + (0 if ended else ahead)
    assert sum(not row.n for row in found) == repeats
    latest = None
    for row in found:
        if row.planned is not None and latest is not None:
            weekly = row.n == 0 or latest[1] == 0
            assert row.planned >= latest[0] + timedelta(days=7 if weekly else interval_days(row.n))
        if row.actual is not None and row.actual.known:
            assert row.status is Status.GIVEN
            latest = (row.actual.known, row.n) if latest is None or row.actual.known >= latest[0] else latest
        if row.status is Status.OVERDUE:
            assert row.planned is not None
            assert row.days_late > 0  # an overdue date stays visible as overdue
    assert all(row.status is Status.GIVEN for row in found if row.dose_given_mg is not None)
    assert all(row.dose_given_mg is not None for row in found if row.status is Status.GIVEN)
