"""After which dose, and how long after its start: both sides of the minute, and every way of not knowing."""

from __future__ import annotations

import pytest

from protocol.dates import Moment, PartialDate
from protocol.facts import Dose, Patient
from protocol.onset import since_dose

PATIENT = Patient(number="FR03-001", country="FR", zone="Europe/Paris", site_active=True, enrolled_on=None)


def dose(label: str, day: str | None, time: str = "", occurrence: str = "GIVEN") -> Dose:
    return Dose(visit=label, occurrence=occurrence, reason="", given_on=PartialDate.parse(day) if day else None,
                start_time=time, end_time="", dose_mg=None)  # fmt: skip


def at(day: str, time: str = "") -> Moment | None:
    return Moment.of(PartialDate.parse(day), time, PATIENT.zone)


FIRST, SECOND = dose("C1D1", "2026-03-05", "10:00"), dose("C1D8", "2026-03-12", "09:30")
CASES = [
    ("a minute before the first", at("2026-03-05", "09:59"), [FIRST], ("",), None),
    ("the minute of the start", at("2026-03-05", "10:00"), [FIRST], ("C1D1",), (0, 0)),
    ("sixteen hours after", at("2026-03-06", "02:00"), [FIRST], ("C1D1",), (960, 960)),
    ("the last of two", at("2026-03-12", "09:30"), [SECOND, FIRST], ("C1D8",), (0, 0)),
    ("a minute before the second", at("2026-03-12", "09:29"), [FIRST, SECOND], ("C1D1",), (10049, 10049)),
    ("no time, another day", at("2026-03-06"), [FIRST], ("C1D1",), (840, 2279)),
    ("no time, on the day of the first dose", at("2026-03-05"), [FIRST], ("", "C1D1"), None),
    ("no time, on the day of the second dose", at("2026-03-12"), [FIRST, SECOND], ("C1D1", "C1D8"), None),
    ("the month alone", at("2026-03"), [FIRST, SECOND], ("", "C1D1", "C1D8"), None),
    ("a dose without a date", at("2026-03-06", "02:00"), [FIRST, dose("C1D8", None)], ("C1D1", "C1D8"), None),
    ("a dose without a time, the day before", at("2026-03-13", "00:00"), [FIRST, dose("C1D8", "2026-03-12")], ("C1D8",), (1, 1440)),
    ("a dose that was omitted", at("2026-03-13", "00:00"), [FIRST, dose("C1D8", "2026-03-12", "09:30", "OMITTED")], ("C1D1",), (10920, 10920)),
    ("no dose at all", at("2026-03-05"), [], ("",), None),
    ("across the spring clock change", at("2026-03-29", "04:00"), [dose("C1D15", "2026-03-28", "04:00")], ("C1D15",), (1380, 1380)),
    ("across the autumn clock change", at("2026-10-25", "04:00"), [dose("C1D15", "2026-10-24", "04:00")], ("C1D15",), (1500, 1500)),
]  # fmt: skip


@pytest.mark.parametrize(("moment", "doses", "labels", "span"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_since_the_start_of_the_last_infusion(moment, doses, labels, span):
    found = since_dose(moment, doses, PATIENT)
    assert found is not None
    assert found.labels == labels
    assert (found.span and (found.span.least, found.span.most)) == span
    assert found.label == (labels[0] if len(labels) == 1 else None)


def test_an_event_without_a_date_followed_nothing():
    assert since_dose(None, [FIRST], PATIENT) is None
