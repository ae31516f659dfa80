"""The screening log: a line for every screening number, what became of it, and nothing by which a person could be known."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import actor_for
from patients import actions as patients
from screening import log
from tests.crf.page import read

pytestmark = pytest.mark.usefixtures("noon")  # 20-Nov-2026
URL = "/screening-log/"
HEADS = ["Patient", "Site", "Consent", "Days", "Status", "On", "No.", "Reason", "Criteria", "Other screening"]


class Screenings:
    """Makes screenings of every kind."""

    def __init__(self, world) -> None:
        self.world = world

    def begun(self, site="FR03", consent="2026-11-10", action="submit"):
        patient = self.world.patient(site)
        if consent:
            self.world.enter(patient, "IC", "SCR", action=action, patient_signed_on=consent, investigator_signed_on=consent, icf_version="1.0")
        return patient

    def registered(self, site="FR03", **more):
        patient = self.begun(site, **more)
        return patients.enrol(patient=patient, by=actor_for(self.world.user("INVESTIGATOR", site), patient.site))

    def failed(self, site="FR03", on="2026-11-15", action="submit", criteria=("I3",), **more):
        patient = self.begun(site, **more)
        self.world.enter(patient, "SF", "SCR", action=action, decided_on=on, reason="ELIGIBILITY CRITERIA NOT MET",
                         criteria=list(criteria), details="The patient's name is Amélie")  # fmt: skip
        return patient

    def again(self, patient):
        by = actor_for(self.world.user("COORDINATOR", patient.site.code), patient.site)
        return patients.rescreen(patient=patient, ended=True, by=by)


@pytest.fixture
def screenings(world) -> Screenings:
    return Screenings(world)


@pytest.fixture
def look(world):
    """The log as somebody has it: the CSV as rows, the first one its heads."""

    def fetch(query="", user=None) -> list[list[str]]:
        response = world.client(user or world.user("COORDINATOR")).get(f"{URL}?csv=1{query}")
        assert response.status_code == 200
        return list(csv.reader(StringIO(response.content.decode())))

    return fetch


# ---- the lines -------------------------------------------------------------------------------------------------------


def test_somebody_in_screening(screenings, look):
    patient = screenings.begun()
    assert look() == [HEADS, [patient.number, "FR03", "2026-11-10", "10", "In screening", "", "", "", "", ""]]


@pytest.mark.parametrize(("consent", "days"), [("2026-11-20", "0"), ("2026-11-19", "1"), ("2025-11-20", "365"), ("2026-02-28", "265")])
def test_days_in_screening(screenings, look, consent, days):
    screenings.begun(consent=consent)
    assert look()[1][2:4] == [consent, days]


def test_a_day_is_a_day_at_the_site(screenings, look, world):
    """It is half past midnight of 21 November in Athens, still 20 November in Lyon."""
    from datetime import UTC, datetime

    from audit import clock

    near, east = screenings.begun(), screenings.begun("GR01")
    with clock.set_to(datetime(2026, 11, 20, 22, 30, tzinfo=UTC)):
        rows = look(user=world.user("DATA_MANAGER"))
    assert {row[0]: row[3] for row in rows[1:]} == {near.number: "10", east.number: "11"}


def test_no_consent_is_said(screenings, look):
    screenings.begun(consent="")
    assert look()[1][2:] == ["", "", "In screening", "", "", "no consent entered", "", ""]


def test_a_consent_in_progress_counts(screenings, look):
    screenings.begun(action="save")
    assert look()[1][2:4] == ["2026-11-10", "10"]


def test_a_void_consent_does_not(screenings, look, world, coordinator):
    from crf import registry

    patient = screenings.begun()
    consent = registry.form("IC").objects.get()
    world.client(coordinator).post(reverse("void", args=[patient.number, "IC", consent.pk]), {"reason": "typed twice"})
    assert look()[1][2:4] == ["", ""]


def test_somebody_registered(screenings, look):
    patient = screenings.registered()
    assert look()[1] == [patient.number, "FR03", "2026-11-10", "10", "Registered", "2026-11-20", "1", "", "", ""]


def test_a_failure(screenings, look):
    patient = screenings.failed(criteria=("I3", "E5"))
    expected = [patient.number, "FR03", "2026-11-10", "5", "Screen failure", "2026-11-15", "", "Eligibility criteria not met", "I3, E5", ""]
    assert look()[1] == expected


def test_a_failure_in_progress_is_none_yet(screenings, look):
    screenings.failed(action="save")
    assert look()[1][3:9] == ["10", "In screening", "", "", "the screen failure form is in progress", ""]


def test_a_void_failure_is_none(screenings, look, world, coordinator):
    from crf import registry

    patient = screenings.failed()
    failure = registry.form("SF").objects.get()
    world.client(coordinator).post(reverse("void", args=[patient.number, "SF", failure.pk]), {"reason": "another patient"})
    assert look()[1][4:9] == ["In screening", "", "", "", ""]


def test_a_registered_patient_is_no_failure_whatever_forms_there_are(screenings, look):
    """The form is a contradiction that rules ask about; the number is final."""
    patient = screenings.failed()
    patients.enrol(patient=patient, by=actor_for(screenings.world.user("INVESTIGATOR"), patient.site))
    assert look()[1][4:9] == ["Registered", "2026-11-20", "1", "", ""]


def test_a_death_in_screening_is_not_passed_over(screenings, look, world):
    patient = screenings.begun()
    world.enter(patient, "DD", "FU", died_on="2026-11-18", cause="DISEASE UNDER STUDY")
    assert look()[1][4:8] == ["In screening", "", "", "death is recorded, the screen failure form is missing"]


def test_screened_again(screenings, look):
    first = screenings.failed()
    second = screenings.again(first)
    one, other = look()[1:]
    assert one[4:] == ["Screen failure, screened again", "2026-11-15", "", "Eligibility criteria not met", "I3", f"again as {second.number}"]
    assert (other[0], other[4], other[9]) == (second.number, "In screening", f"before as {first.number}")


def test_screened_a_third_time(screenings, look, world):
    first = screenings.failed()
    second = screenings.again(first)
    world.enter(second, "SF", "SCR", decided_on="2026-11-19", reason="PHYSICIAN DECISION")
    third = screenings.again(second)
    assert [row[9] for row in look()[1:]] == [f"again as {second.number}", f"before as {first.number}; again as {third.number}", f"before as {second.number}"]


def test_the_counts(screenings, world):
    for _ in range(2):
        screenings.begun()
    screenings.registered()
    screenings.again(screenings.failed())
    screenings.failed()
    page = read(world.client(world.user("COORDINATOR")).get(URL), "*")
    assert "6 screened, 1 registered, 2 failed (1 screened again), 3 in screening." in page.shown
    assert "As of 20-Nov-2026" in page.shown


# ---- whose, and what not ---------------------------------------------------------------------------------------------


def test_everybody_sees_the_own_sites(screenings, look, world):
    near, far = screenings.begun().number, screenings.begun("FR01").number
    rows = {"COORDINATOR": [near], "MONITOR": [near], "INVESTIGATOR": [near], "DATA_MANAGER": [far, near], "SAFETY_DESK": [far, near],
            "MEDICAL_REVIEWER": [far, near], "INSPECTOR": [far, near]}  # fmt: skip
    for role, expected in rows.items():
        assert [row[0] for row in look(user=world.user(role))[1:]] == expected, role
        assert (far in read(world.client(world.user(role)).get(URL), "*").shown) is (far in expected), role
    both = world.user("COORDINATOR", "FR01", "FR03")
    assert [row[0] for row in look(user=both)[1:]] == [far, near]


@pytest.mark.parametrize("role", ["PHARMACIST", "STATISTICIAN", "ADMINISTRATOR"])
@pytest.mark.parametrize("query", ["", "?csv=1"])
def test_who_reads_no_records_sees_no_log(screenings, world, role, query):
    patient = screenings.begun()
    response = world.client(world.user(role)).get(URL + query)
    assert response.status_code == 403
    assert patient.number not in response.content.decode()


def test_a_pharmacist_here_and_coordinator_there_sees_there(screenings, look, world):
    from accounts.actions import create_user
    from accounts.roles import Role
    from audit.context import SYSTEM
    from tests.conftest import PASSWORD

    screenings.begun()
    far = screenings.begun("FR01")
    starts = world.user("COORDINATOR").memberships.first().starts_on
    roles = [(Role.PHARMACIST, world.site("FR03")), (Role.COORDINATOR, world.site("FR01"))]
    mixed = create_user(username="mixed", full_name="Mixed", email="", password=PASSWORD, roles=roles, starts_on=starts, by=SYSTEM)
    assert [row[0] for row in look(user=mixed)[1:]] == [far.number]


def test_the_site_filter_opens_no_other_site(screenings, look):
    screenings.begun()
    screenings.begun("FR01")
    assert look("&site=FR01") == [HEADS]


def test_nothing_identifying_is_in_it(screenings, look, world):
    patient = screenings.failed()
    world.enter(patient, "DM", "SCR", birth_date="1931-07", sex="F")
    page = world.client(world.user("DATA_MANAGER")).get(URL).content.decode()
    listed = str(look(user=world.user("DATA_MANAGER")))
    for text in (page, listed):
        assert "1931" not in text
        assert "Amélie" not in text  # free text may hold a name


def test_the_menu_leads_to_it(screenings, world):
    for role, there in (("COORDINATOR", True), ("MONITOR", True), ("INSPECTOR", True), ("PHARMACIST", False), ("ADMINISTRATOR", False)):
        page = world.client(world.user(role)).get("/").content.decode()
        assert (f'href="{URL}"' in page) is there, role


# ---- filters, order, CSV ---------------------------------------------------------------------------------------------


@pytest.fixture
def six(screenings, world):
    """One of each kind at two sites; their numbers by what they are."""
    found = {
        "october": screenings.begun(consent="2026-10-31"), "november": screenings.begun(consent="2026-11-01"),
        "nothing": screenings.begun(consent=""), "registered": screenings.registered("GR01", consent="2026-11-12"),
        "failed": screenings.failed(consent="2026-10-01", on="2026-10-04"),
        "again": screenings.failed("GR01", consent="2025-11-30", on="2025-12-01"),
    }  # fmt: skip
    found["new"] = screenings.again(found["again"])
    return {kind: patient.number for kind, patient in found.items()}


def numbers(response) -> list[str]:
    """The lines of the page, in order."""
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', response.content.decode())


FILTERS = {
    "": {"october", "november", "nothing", "registered", "failed", "again", "new"},
    "&site=GR01": {"registered", "again", "new"},
    "&status=SCREENING": {"october", "november", "nothing", "new"},
    "&status=REGISTERED": {"registered"},
    "&status=FAILED": {"failed"},
    "&status=AGAIN": {"again"},
    "&month=2026-10": {"october", "failed"},
    "&month=2026-11": {"november", "registered"},
    "&month=2025-11": {"again"},
    "&month=none": {"nothing", "new"},
    "&month=2026-10&status=SCREENING": {"october"},
    "&site=FR03&status=AGAIN": set(),
    "&site=XX99": set(), "&status=LOST": set(), "&month=2026-1": set(), "&month=2026": set(),
}  # fmt: skip


@pytest.mark.parametrize("query", FILTERS)
def test_filters(six, look, world, query):
    manager = world.user("DATA_MANAGER")
    expected = {six[kind] for kind in FILTERS[query]}
    assert {row[0] for row in look(query, manager)[1:]} == expected
    response = world.client(manager).get(f"{URL}?{query[1:]}")
    assert set(numbers(response)) == expected
    shown = read(response, "*").shown
    assert f"{len(expected)} screened" in shown
    assert ("No screening fits." in shown) is (not expected)


ORDERS = {
    "number": "october november nothing failed registered again new",
    "site": "october november nothing failed registered again new",
    "consent": "again failed october november registered nothing new",
    "on": "again failed registered october november nothing new",
    "status": "october november nothing new registered failed again",
    "days": "again failed registered november october nothing new",
}


@pytest.mark.parametrize("sort", ORDERS)
def test_sorting_both_ways(six, look, world, sort):
    manager = world.user("DATA_MANAGER")
    expected = [six[kind] for kind in ORDERS[sort].split()]
    assert [row[0] for row in look(f"&sort={sort}", manager)[1:]] == expected
    assert [row[0] for row in look(f"&sort=-{sort}", manager)[1:]] == expected[::-1]


@pytest.mark.parametrize("sort", ["", "x", "-", "--number", "\x00", "enrolment_number", "9" * 999])
def test_sorting_by_nothing_known_is_by_number(six, look, world, sort):
    rows = look(f"&sort={sort}", world.user("DATA_MANAGER"))[1:]
    assert {row[0] for row in rows} == set(six.values())


def test_page_and_file_hold_the_same(six, look, world):
    manager = world.user("DATA_MANAGER")
    query = "sort=-consent&site=FR03&status=SCREENING"
    response = world.client(manager).get(f"{URL}?{query}")
    page = response.content.decode()
    assert "?site=FR03&amp;status=SCREENING&amp;sort=-consent&amp;csv=1" in page
    assert numbers(response) == [row[0] for row in look(f"&{query}", manager)[1:]] == [six[kind] for kind in ("nothing", "november", "october")]
    assert 'aria-sort="descending"' in page
    assert '<input type="hidden" name="sort" value="-consent">' in page


def test_the_file_holds_no_formula(screenings, look, monkeypatch):
    monkeypatch.setattr(log, "lines", lambda user: [log.Line("=1+1", "+FR03", "", "@x", "")])
    assert look()[1][:2] == ["'=1+1", "'+FR03"]


def test_an_empty_log_says_what_would_stand_there(world):
    page = read(world.client(world.user("COORDINATOR")).get(URL), "*")
    assert "0 screened, 0 registered, 0 failed, 0 in screening." in page.shown
    assert "Every patient stands here from the moment a screening number is given" in page.shown


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_is_written(screenings, world, method):
    screenings.begun()
    assert getattr(world.client(world.user("COORDINATOR")), method)(URL).status_code == 405


# ---- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?csv=1", "?status=FAILED&sort=-days"])
def test_the_log_costs_the_same_for_two_and_for_ten(screenings, world, query):
    client = world.client(world.user("DATA_MANAGER"))

    def cost() -> int:
        client.get(URL + query)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(URL + query).status_code == 200
        return len([each for each in asked if "session" not in each["sql"]])

    def more() -> None:
        screenings.registered()
        screenings.again(screenings.failed("GR01"))

    more()
    before = cost()
    assert before <= 10
    for _ in range(3):
        more()
    assert cost() == before


def test_a_line_holds_plain_values(screenings, world):
    """A page asks nothing of the database while it is drawn."""
    screenings.registered()
    line = log.lines(world.user("DATA_MANAGER"))[0]
    assert not [value for value in vars(line).values() if isinstance(value, Model)]
