"""The home page: each role finds its own work, every count leads to the list behind it, and the cost does not grow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.login import FAILED, IN, is_locked
from accounts.models import Membership
from audit import clock
from audit.context import SYSTEM, acting, event
from etop_crf import todo
from protocol import parameters
from protocol.stock import VialAct
from review.actions import act_on_query
from review.states import Act
from tests.clinical.pharmacy import Pharmacy
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

EVERYBODY = [
    "coordinator", "investigator", "sub_investigator", "pharmacist", "monitor", "data_manager", "safety_desk",
    "medical_reviewer", "statistician", "administrator", "inspector", "away_coordinator", "away_monitor",
]  # fmt: skip


def home(as_, who):
    response = as_(who).get("/")
    assert response.status_code == 200
    return response.context["todo"], response.content.decode()


def tasks(found) -> dict[str, todo.Task]:
    return {task.text: task for group in found.groups for task in group.tasks}


def lists(found) -> dict[str, list[str]]:
    return {short.anchor: [(item.patient, item.what, item.word) for item in short.items] for short in found.lists}


def test_site_staff(as_, small):
    found, page = home(as_, "coordinator")
    own, shown = tasks(found), lists(found)
    # One query by the monitor; those of the rules depend on the rules of the day.
    assert own["serious event to report"].detail == "1 late"
    assert shown["doses"] == [("FR03-001", "Dose C1D8", "10 days overdue")]
    assert shown["drafts"] == [("FR03-003", "Demographics, SCR", "In progress"), ("FR03-001", "Adverse event, number 1", "In progress")][::-1]  # fmt: skip  # noqa: E501
    assert shown["ready"] == [("FR03-002", "All screening forms are submitted", "To register")]
    assert "CH01" not in page


def test_open_queries_to_answer(as_, small):
    before = next(task.count for text, task in tasks(home(as_, "coordinator")[0]).items() if "to answer" in text)
    act_on_query(user=small.people["coordinator"], query=small.query, act=Act.ANSWER, text="It is right.", value="1959")
    found = tasks(home(as_, "coordinator")[0])
    assert next(task.count for text, task in found.items() if "to answer" in text) == before - 1
    assert tasks(home(as_, "monitor")[0])["answer to look at"].count == 1
    assert tasks(home(as_, "data_manager")[0])["answer to look at"].count == 1
    assert tasks(home(as_, "away_monitor")[0])["answers to look at"].count == 0


def test_the_age_of_queries(as_, small):
    found = tasks(home(as_, "monitor")[0])["open at the sites"]
    assert found.count >= 1 and "older than 30 days: 0" in found.detail
    with clock.set_to(datetime(2026, 9, 1, tzinfo=UTC)):
        assert tasks(home(as_, "monitor")[0])["open at the sites"].detail.startswith(f"older than 30 days: {found.count} ")


def test_the_pharmacist_sees_doses_alone(as_, small):
    found, page = home(as_, "pharmacist")
    assert set(lists(found)) == {"doses"} and [group.title for group in found.groups] == ["At your site", "Drug"]
    assert list(tasks(found))[0] == "dose due" and all("vial" in task or "box" in task for task in list(tasks(found))[1:])
    assert found.recruitment is None and "serious" not in page


def test_a_dose_is_due_a_week_ahead(as_, small, world):
    with clock.set_to(datetime(2026, 6, 20, 12, tzinfo=UTC)):
        assert lists(home(as_, "pharmacist")[0])["doses"] == [("FR03-001", "Dose C1D8", "Due")]
    with clock.set_to(datetime(2026, 6, 23, 12, tzinfo=UTC)):
        world.dose(small.first, "C1D8", "2026-06-22", "10")
        world.dose(small.first, "C1D15", "2026-06-23", "10", expect=False, reason="x")
    with clock.set_to(datetime(2026, 6, 30, 12, tzinfo=UTC)):
        assert lists(home(as_, "pharmacist")[0])["doses"] == [("FR03-001", "Dose C1D15", "1 day overdue")]


def drug(as_) -> dict[str, todo.Task]:
    """The pharmacist's tasks by their first words."""
    (group,) = [group for group in home(as_, "pharmacist")[0].groups if group.title == "Drug"]
    return dict(zip(("boxes", "short", "expiring"), group.tasks, strict=True))


@pytest.mark.parametrize(
    ("day", "ahead", "short"),
    [("2026-06-16", 14, 1), ("2026-06-16", 13, 1), ("2026-06-15", 14, 2), ("2026-06-15", 13, 1), ("2026-06-15", 7, 1), ("2026-06-15", 6, 0)],
)
def test_the_stock_against_the_doses_of_the_next_days(as_, small, world, day, ahead, short):
    """C1D8 is planned for 22 June, C1D15 for the 29th; the 10 mg vials are counted, those of 1 mg cover nothing of it."""
    with clock.set_to(datetime(2026, 6, 16 if day.endswith("16") else 15, 12, tzinfo=UTC)), parameters.override(stock_ahead_days=ahead):
        pharmacy = Pharmacy(world)
        pharmacy.receive(received_on="2026-06-14", numbers="S1", strength_mg=1, lot="S")
        if day.endswith("16"):
            pharmacy.receive(received_on="2026-06-14", numbers="T1-T2", expires_on="2026-06-22")  # good on the day itself, not a week later
        found = drug(as_)["short"]
        assert found.count == short
        assert found.kind == ("warn" if short else "ok")
        assert ("of 10 mg, until" in found.detail) == bool(short)


def test_a_dispensed_vial_covers_its_dose(as_, small, world):
    with clock.set_to(datetime(2026, 6, 15, 12, tzinfo=UTC)):
        pharmacy = Pharmacy(world)
        pharmacy.receive(received_on="2026-06-14", numbers="T1-T2", expires_on="2027-06")
        assert drug(as_)["short"].count == 0
        pharmacy.dispense("T1", patient=small.first, dose="C1D8", on="2026-06-15")
        assert drug(as_)["short"].count == 0
        pharmacy.do(VialAct.QUARANTINE, "T2", on="2026-06-15")
        assert drug(as_)["short"].count == 1
    world.enter(small.first, "EOT", "EOT", action="save", ended_on="2026-07-01")
    assert drug(as_)["short"].count == 0


@pytest.mark.parametrize(("day", "expiring", "expired"), [(1, 0, 0), (2, 1, 0), (32, 1, 0), (33, 1, 1)])
def test_vials_that_expire_within_thirty_days(as_, small, world, day, expiring, expired):
    """The last day is 1 August: 31 days after 1 July, 30 after the 2nd; on the day itself it has not expired."""
    with clock.set_to(datetime(2026, 6, 15, 12, tzinfo=UTC)):
        Pharmacy(world).receive(received_on="2026-06-14", numbers="T1", expires_on="2026-08-01")
    with clock.set_to(datetime(2026, 7, 1, 12, tzinfo=UTC) + timedelta(days=day - 1)):
        found = drug(as_)["expiring"]
        assert (found.count, found.detail) == (expiring, "1 of them expired already" if expired else "")
        with parameters.override(expiry_warning_days=0):
            assert drug(as_)["expiring"].count == (1 if day >= 32 else 0)


def test_a_box_on_the_way_leads_to_its_receipt(as_, small, world):
    with clock.set_to(datetime(2026, 6, 20, 12, tzinfo=UTC)):
        athens, lyon = Pharmacy(world, "GR01"), Pharmacy(world)
        athens.receive(received_on="2026-06-14", numbers="T1-T2", expires_on="2027-06")
        assert drug(as_)["boxes"].count == 0
        sent = athens.send("T1", to="FR03", on="2026-06-19")
        found = drug(as_)["boxes"]
        assert (found.count, found.detail, found.url) == (1, "from GR01, sent on 19-Jun-2026", f"/drug/FR03/arrivals/{sent.pk}/")
        lyon.arrive(sent, "T1", on="2026-06-20")
        assert drug(as_)["boxes"].count == 0


def test_nothing_is_due_after_the_end_of_treatment(as_, small, world):
    world.enter(small.first, "EOT", "EOT", action="save", ended_on="2026-07-01")
    assert lists(home(as_, "coordinator")[0])["doses"] == []


def test_a_registered_patient_waits_for_the_first_dose(as_, small, world):
    from screening.actions import register_patient

    register_patient(user=small.people["investigator"], number=small.second.number, password=PASSWORD)
    found = lists(home(as_, "coordinator")[0])
    assert ("FR03-002", "Dose C1D1", "Due") in found["doses"] and found["ready"] == []


def test_the_safety_desk(as_, small):
    found = tasks(home(as_, "safety_desk")[0])
    assert found["serious event not yet reported"].count == 1 and found["All serious events"].url == "/safety/"


def test_auditors(as_, small):
    found = tasks(home(as_, "inspector")[0])
    assert "changes in the last 7 days" in found and found["Every record with its history"].url == "/admin/"


def test_the_statistician(as_, small):
    found, page = home(as_, "statistician")
    assert [task.url for task in tasks(found).values()] == ["/exports/"] and found.recruitment is None
    assert "FR03-001" not in page


def test_the_administrator(as_, small):
    found, page = home(as_, "administrator")
    own = tasks(found)
    assert own["active users"].count == 13 and own["active sites"].count == 2 and own["locked accounts"].count == 0
    assert "FR03-001" not in page and found.recruitment is None


def failures(name: str, *what: str) -> None:
    for each in what:
        event(SYSTEM, each, about=name, source="log-in")


@pytest.mark.parametrize(
    ("before", "locked"),
    [([FAILED] * 4, False), ([FAILED] * 5, True), ([FAILED] * 9, True), ([FAILED] * 4 + [IN, FAILED], False),
     ([IN] + [FAILED] * 5, True), ([FAILED] * 5 + [IN], False), ([], False), ([FAILED] * 5 + ["password changed"], False)],
)  # fmt: skip
def test_locked_accounts_agree_with_the_log_in(small, before, locked):
    name = small.people["monitor"].username
    failures(name, *before)
    assert is_locked(name) == locked
    assert todo.locked_accounts() == ([name] if locked else [])


def test_a_lock_ends(as_, small):
    failures("monitor.fr03", *[FAILED] * 5)
    assert tasks(home(as_, "administrator")[0])["locked account"].detail == "monitor.fr03"
    with clock.set_to(datetime(2026, 7, 2, 9, 16, tzinfo=UTC)):
        assert todo.locked_accounts() == []


def test_recruitment(as_, small):
    found = home(as_, "coordinator")[0].recruitment
    assert (found.registered, found.places) == (1, 48)
    assert [(site.code, site.screened, site.registered) for site in found.sites] == [("FR03", 3, 1)]
    assert len(home(as_, "data_manager")[0].recruitment.sites) == 19


def test_without_a_role_the_page_says_so(as_, small):
    person = small.people["coordinator"]
    with acting(SYSTEM, reason="left", source="test"):
        role = Membership.objects.get(user=person)
        role.ends_on = datetime(2026, 7, 1).date()
        role.save()
    found, page = home(as_, "coordinator")
    assert found.nothing and "You have no role today" in page


def test_empty_lists_say_what_would_stand_there(as_, small):
    page = home(as_, "away_coordinator")[1]
    for sentence in ("No dose is due.", "No form is in progress.", "Nobody waits for registration."):
        assert sentence in page


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_count_leads_somewhere_the_person_may_go(as_, small, who):
    found, _ = home(as_, who)
    client = as_(who)
    anchors = {short.anchor for short in found.lists}
    for task in tasks(found).values():
        if task.url.startswith("#"):
            assert task.url[1:] in anchors
        else:
            assert client.get(task.url).status_code == 200, task.url
    for short in found.lists:
        for item in short.items:
            if "register" not in item.word or who in ("coordinator", "investigator", "sub_investigator"):
                assert client.get(item.url).status_code == 200, item.url


@pytest.mark.parametrize("who", EVERYBODY)
def test_fifteen_questions_whatever_the_number_of_patients(as_, small, world, who, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_(who)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    assert len(few) <= 15, [each["sql"][:120] for each in few]
    for _ in range(3):
        patient = world.patient("FR03")
        world.enter(patient, "DM", "SCR", action="save", birth_date="1950", sex="F")
    with CaptureQueriesContext(connection) as more:
        client.get("/")
    assert len(more) == len(few)


def test_nobody_without_log_in(client, db):
    assert client.get("/").headers["Location"] == "/login/?next=/"


CARRIER = {"taken_on": "2026-06-10", "hiv_status": "NEGATIVE", "hbsag": "POSITIVE", "hbcab": "POSITIVE", "hcvab": "NEGATIVE",
           "hbv_dna": "BELOW LOQ", "hbv_prophylaxis": "GIVEN"}  # fmt: skip


@pytest.mark.parametrize(("interval", "shown", "said"), [
    (None, None, None),
    (30, None, "HBV DNA due 10-Jul-2026."),  # 8 days ahead
    (29, ("FR03-001", "HBV DNA", "Due"), "HBV DNA due 09-Jul-2026."),  # 7 days ahead
    (22, ("FR03-001", "HBV DNA", "Due"), "HBV DNA due 02-Jul-2026."),  # today
    (21, ("FR03-001", "HBV DNA", "1 day overdue"), "HBV DNA due 01-Jul-2026, 1 day ago."),
])  # fmt: skip
def test_hbv_dna_stands_on_the_home_page_and_in_the_casebook(as_, small, world, interval, shown, said):
    world.enter(small.first, "SER", "SCR", change_reason="Read again", **CARRIER)
    with parameters.override(hbv_dna_interval_days=interval):
        assert lists(home(as_, "coordinator")[0]).get("hbv", [None])[0] == shown
        casebook = as_("coordinator").get(f"/patients/{small.first.number}/").content.decode()
        assert (said is None) == ("HBV DNA due" not in casebook)
        assert said is None or " ".join(said.split()) in " ".join(casebook.split())
        for who in ("pharmacist", "away_coordinator"):
            assert "hbv" not in lists(home(as_, who)[0])
        world.enter(small.first, "EOT", "EOT", ended_on="2026-07-01", reason="PHYSICIAN DECISION")
        assert "hbv" not in lists(home(as_, "coordinator")[0])
        assert "HBV DNA due" not in as_("coordinator").get(f"/patients/{small.first.number}/").content.decode()


def test_a_sample_moves_the_next_one(as_, small, world):
    world.enter(small.first, "SER", "SCR", change_reason="Read again", **CARRIER)
    with parameters.override(hbv_dna_interval_days=21):
        world.enter(small.first, "HBV", "new", taken_on="2026-07-01", hbv_dna="TARGET NOT DETECTED")
        assert "hbv" not in lists(home(as_, "coordinator")[0])
        assert "HBV DNA due 22-Jul-2026." in as_("coordinator").get(f"/patients/{small.first.number}/").content.decode()
