"""The page of a patient's adverse events: one line each, filters and order in the address, and the CSV of exactly what is shown."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from crf import actions, registry
from tests.crf.page import read

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
WHOLE = {"scale": "CTCAE 5.0", "serious": "N", "relationship": "N", "special_interest": "NONE", "baseline": "N", "treatment_given": "N",
         "action_taken": "DOSE NOT CHANGED"}  # fmt: skip
OVER = {"ongoing": "N", "outcome": "RECOVERED/RESOLVED"}
GOES_ON = {"ongoing": "Y", "outcome": "NOT RECOVERED/NOT RESOLVED"}


@pytest.fixture(autouse=True)
def now():
    with clock.set_to(NOW):
        yield


@pytest.fixture
def coordinator(world):
    return world.user("COORDINATOR", "FR03")


@pytest.fixture
def patient(world):
    return world.enrolled()


@pytest.fixture
def events(world, patient):
    """Fever 1 → 3 → 1, ongoing nausea that is related, CRS that is serious, rash in progress, a void cough."""
    add = {
        "Fever": {**OVER, "started_on": "2026-08-01", "ended_on": "2026-08-09", "grade": "1"},
        "Nausea": {**GOES_ON, "started_on": "2026-08", "grade": "2", "relationship": "Y"},
        "Cytokine release syndrome": {
            **GOES_ON, "started_on": "2026-08-20", "started_time": "22:15", "grade": "2", "scale": "ASTCT 2019", "special_interest": "CRS",
            "relationship": "NOT YET ASSESSED", "serious": "Y", "is_hospitalisation": "Y", "aware_on": "2026-09-01", "aware_time": "09:00",
        },
    }  # fmt: skip
    for term, answers in add.items():
        world.enter(patient, "AE", "new", term=term, **{**WHOLE, **answers})
    world.enter(patient, "AEG", "new", event="1", grade="1", changed_on="2026-08-07")
    world.enter(patient, "AEG", "new", event="1", grade="3", changed_on="2026-08-04", changed_time="06:30")
    world.enter(patient, "AE", "new", action="save", term="Rash maculo-papular", started_on="2026-08-30")
    cough = world.enter(patient, "AE", "new", term="Cough", **{**WHOLE, **OVER, "started_on": "2026-08-02", "ended_on": "2026-08-03", "grade": "1"})
    cough.saved.record.patient = patient
    actions.void(record=cough.saved.record, by=world.user("COORDINATOR", "FR03"), reason="another patient's")


def page(world, user, patient, **asked):
    return world.client(user).get(reverse("events", args=[patient.number]), asked)


def lines(world, user, patient, **asked):
    """The rows of the CSV as dictionaries."""
    response = page(world, user, patient, csv="1", **asked)
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def named(world, user, patient, **asked):
    return [row["Event"] for row in lines(world, user, patient, **asked)]


FEVER, NAUSEA, CRS, RASH, COUGH = "Fever", "Nausea", "Cytokine release syndrome", "Rash maculo-papular", "Cough"


@pytest.mark.parametrize(("asked", "terms"), [
    ({}, [RASH, CRS, FEVER, NAUSEA, COUGH]),  # the latest on top, what is known in part by its first day, void ones last
    ({"sort": "start"}, [FEVER, NAUSEA, CRS, RASH, COUGH]),
    ({"sort": "number"}, [FEVER, NAUSEA, CRS, RASH, COUGH]),
    ({"sort": "-number"}, [RASH, CRS, NAUSEA, FEVER, COUGH]),
    ({"sort": "term"}, [CRS, FEVER, NAUSEA, RASH, COUGH]),
    ({"sort": "-grade"}, [FEVER, NAUSEA, CRS, RASH, COUGH]),
    ({"sort": "grade"}, [NAUSEA, CRS, FEVER, RASH, COUGH]),  # without a grade behind those with one
    ({"sort": "nonsense"}, [FEVER, NAUSEA, CRS, RASH, COUGH]),
    ({"grade": "3"}, [FEVER]),  # the worst grade counts, not the one at the beginning
    ({"grade": "2"}, [CRS, FEVER, NAUSEA]),
    ({"grade": "4"}, []),
    ({"serious": "Y"}, [CRS]),
    ({"serious": "N"}, [FEVER, NAUSEA]),
    ({"ongoing": "Y"}, [CRS, NAUSEA]),
    ({"related": "Y"}, [NAUSEA]),
    ({"related": "NOT YET ASSESSED"}, [CRS]),
    ({"interest": "ANY"}, [CRS]),
    ({"interest": "NONE"}, [FEVER, NAUSEA]),
    ({"ongoing": "Y", "related": "Y"}, [NAUSEA]),
])  # fmt: skip
def test_filters_and_order(world, coordinator, patient, events, asked, terms):
    assert named(world, coordinator, patient, **asked) == terms


def test_a_line_says_everything(world, coordinator, patient, events):
    fever = next(row for row in lines(world, coordinator, patient) if row["Event"] == FEVER)
    assert (fever["Grade at start"], fever["Worst grade"], fever["Scale"]) == ("1", "3", "CTCAE 5.0")
    assert fever["Grades over time"] == "1 since 01-Aug-2026; 3 since 04-Aug-2026 06:30; 1 since 07-Aug-2026"
    assert (fever["Start"], fever["End"], fever["Ongoing"], fever["Outcome"]) == ("01-Aug-2026", "09-Aug-2026", "No", "Recovered / resolved")
    assert (fever["State"], fever["Report"], fever["Special interest"]) == ("Submitted", "", "")
    crs = next(row for row in lines(world, coordinator, patient) if row["Event"] == CRS)
    assert (crs["Serious"], crs["Report"], crs["Special interest"], crs["Start"]) == ("Yes", "Report due in 22 h", "Cytokine release syndrome", "20-Aug-2026 22:15")
    states = {row["Event"]: row["State"] for row in lines(world, coordinator, patient)}
    assert (states[RASH], states[COUGH]) == ("In progress", "Void")


def test_the_page_says_the_same(world, coordinator, patient, events):
    shown = read(page(world, coordinator, patient)).shown
    for words in ("4 events", "1 grade 3 or more", "1 serious", "2 ongoing", "1 related", "1 not yet assessed", "1 of special interest",
                  "3 since 04-Aug-2026 06:30", "Report due in 22 h", "New event", "Change of grade"):  # fmt: skip
        assert words in shown, words
    with clock.set_to(NOW + timedelta(hours=25)):
        assert "Report 3 h late" in read(page(world, coordinator, patient)).shown


def test_queries_of_a_change_of_grade_count_at_its_event(world, coordinator, patient, events):
    world.enter(patient, "AEG", "new", event="2", grade="4", changed_on="2026-08-25")  # nausea has no grade 4
    asked = {row["Event"]: row["Open queries"] for row in lines(world, coordinator, patient)}
    assert (asked[NAUSEA], asked[FEVER], asked[COUGH]) == ("1", "0", "0")


def test_who_may_not_enter_is_offered_nothing(world, patient, events):
    response = page(world, world.user("MONITOR", "FR03"), patient)
    assert response.status_code == 200 and b"New event" not in response.content and b"Change of grade" not in response.content


def test_another_site_and_the_pharmacy_see_nothing(world, patient, events):
    assert page(world, world.user("COORDINATOR", "FR01"), patient).status_code == 404
    assert page(world, world.user("PHARMACIST", "FR03"), patient).status_code == 403


def test_an_empty_page_says_what_would_stand_there(world, coordinator, patient):
    response = page(world, coordinator, patient)
    assert "No adverse event is entered" in read(response).shown
    assert named(world, coordinator, patient) == []


def test_a_filter_that_nothing_fits(world, coordinator, patient, events):
    assert "No event of this patient fits the filter." in read(page(world, coordinator, patient, grade="5")).shown


def test_the_log_of_events_is_this_page(world, coordinator, patient):
    assert registry.form("AE").log_url(patient.number) == reverse("events", args=[patient.number])
    assert world.client(coordinator).get(reverse("log", args=[patient.number, "AE"])).url == reverse("events", args=[patient.number])
    strip = world.client(coordinator).get(reverse("record", args=[patient.number, "IC", "SCR"])).content.decode()
    assert f'href="{reverse("events", args=[patient.number])}"' in strip


def test_the_number_of_queries_does_not_grow(world, coordinator, patient, events):
    client = world.client(coordinator)
    address = reverse("events", args=[patient.number])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for n in range(6):
        world.enter(patient, "AE", "new", term=f"Event {n}", grade="1", serious="Y")
        world.enter(patient, "AEG", "new", event=str(6 + n), grade="2", changed_on="2026-08-25")
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).status_code == 200
    assert len(many) == len(few) <= 20
