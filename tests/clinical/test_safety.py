"""Serious events: the clock, the mail and the report; and the consistency of an event, end to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import OutboxMail
from adverse_events.case import case_of
from audit import clock
from crf import registry
from review.models import Query, QueryStatus
from tests.crf.fixtures import NOON
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-11-20"


def event(patient=None):
    found = registry.form("AE").objects.select_related("patient__site")
    return found.get(patient=patient) if patient else found.get()


def mails(prefix="serious-") -> list[str]:
    return list(OutboxMail.objects.filter(key__startswith=prefix).values_list("key", flat=True))


def report(world, user, patient, row=1, **typed):
    url = reverse("report", args=[patient.number, "AE", row])
    return world.client(user).post(url, {"base": "0", "late_reason": "Nobody was on the ward", **typed})


# ---- the first save --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["save", "submit"])
def test_serious_starts_the_clock_and_one_mail_at_the_first_save(world, coordinator, action):
    """Without a term, a grade or anything else."""
    patient = world.patient()
    page = Page(world, coordinator, patient, "AE", "new").fill(serious="Y")
    assert page.post(action).status_code == 302
    stored = event()
    assert (stored.serious_saved_at, stored.version) == (NOON, 1)
    assert mails() == [f"serious-{stored.pk}"]
    mail = OutboxMail.objects.get()
    assert mail.to_role == "SAFETY_DESK"
    assert patient.number not in mail.subject + mail.body
    assert f"{settings.SITE_URL}/safety/{stored.pk}/" in mail.body
    assert settings.SITE_URL.startswith("http")


def test_later_saves_write_no_mail_and_move_no_clock(world, coordinator):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="Y").post("save")
    with clock.set_to(NOON + timedelta(hours=3)):
        for term in ("Pyrexia", "Sepsis"):
            assert Page(world, coordinator, patient, "AE", "1").fill(term=term).post("submit", change_reason="x").status_code == 302
    assert (event().serious_saved_at, event().term) == (NOON, "Sepsis")
    assert len(mails()) == 1


def test_the_clock_starts_when_it_becomes_serious(world, coordinator):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="N", term="Pyrexia").post("save")
    assert (event().serious_saved_at, mails()) == (None, [])
    later = NOON + timedelta(hours=5)
    with clock.set_to(later):
        Page(world, coordinator, patient, "AE", "1").fill(serious="Y").post("save")
    assert event().serious_saved_at == later
    assert len(mails()) == 1


def test_taken_back_and_serious_again_is_one_mail(world, coordinator):
    patient = world.patient()
    for answer in ("Y", "N", "Y"):
        slot = "1" if registry.form("AE").objects.exists() else "new"
        Page(world, coordinator, patient, "AE", slot).fill(serious=answer).post("save")
    assert len(mails()) == 1
    assert event().serious_saved_at == NOON


def test_what_is_refused_writes_no_mail(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "AE", "new").fill(serious="Y", started_on="2026-11-21")
    assert page.post("save").status_code == 422
    assert mails() == []
    assert not registry.form("AE").objects.exists()


def test_two_events_are_two_mails(world, coordinator):
    patient = world.patient()
    for _ in range(2):
        Page(world, coordinator, patient, "AE", "new").fill(serious="Y").post("save")
    assert len(mails()) == 2


def test_a_void_event_runs_no_clock_and_cannot_be_reported(world, coordinator):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="Y").post("save")
    url, client = reverse("void", args=[patient.number, "AE", event().pk]), world.client(coordinator)
    client.post(url, {**read(client.get(url), "*").data, "reason": "Wrong patient"})
    assert event().voided
    assert len(mails()) == 1
    report(world, coordinator, patient)
    assert event().reported_at is None
    assert patient.number not in read(world.client(world.user("SAFETY_DESK")).get("/safety/")).shown
    casebook = read(world.client(coordinator).get(reverse("patient", args=[patient.number]))).shown
    assert "report due" not in casebook


# ---- 24 hours --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "day", "time", "due"),
    [
        ("FR03", "2026-11-20", "09:30", datetime(2026, 11, 21, 8, 30, tzinfo=UTC)),  # Lyon, winter: UTC+1
        ("FR03", "2026-07-20", "09:30", datetime(2026, 7, 21, 7, 30, tzinfo=UTC)),  # summer: UTC+2
        ("GR01", "2026-11-20", "09:30", datetime(2026, 11, 21, 7, 30, tzinfo=UTC)),  # Greece: UTC+2
        ("FR03", "2026-11-20", "UNK", datetime(2026, 11, 20, 23, 0, tzinfo=UTC)),  # the day's first minute counts
        ("FR03", "2026-11-20", "", datetime(2026, 11, 20, 23, 0, tzinfo=UTC)),
        ("FR03", "", "09:30", NOON + timedelta(hours=24)),  # no date: the first save
        ("FR03", "", "", NOON + timedelta(hours=24)),
        # 24 hours are 24 hours, also over the nights in which the clocks change.
        ("FR03", "2026-03-28", "12:00", datetime(2026, 3, 29, 11, 0, tzinfo=UTC)),
        ("FR03", "2026-10-24", "12:00", datetime(2026, 10, 25, 10, 0, tzinfo=UTC)),
        ("FR03", "2026-10-25", "02:30", datetime(2026, 10, 26, 0, 30, tzinfo=UTC)),  # the hour comes twice: the earlier one
        ("FR03", "2026-10-25", "UNK", datetime(2026, 10, 25, 22, 0, tzinfo=UTC)),
    ],
)
def test_the_report_is_due_24_hours_after_the_site_learned_of_it(world, site, day, time, due):
    user = world.user("COORDINATOR", site)
    patient = world.patient(site)
    page = Page(world, user, patient, "AE", "new").fill(serious="Y", aware_on=day, aware_time=time)
    assert page.post("save").status_code == 302, page.read.findings
    assert case_of(event()).clock.due == due


def test_an_hour_that_did_not_exist_is_refused(world, coordinator):
    patient = world.patient()
    page = Page(world, coordinator, patient, "AE", "new").fill(serious="Y", aware_on="2026-03-29", aware_time="02:30")
    assert page.post("save").status_code == 422
    assert page.read.rules("aware_time") == {"AE-037"}
    page.fill(aware_time="03:00")
    assert page.post("save").status_code == 302


def test_an_event_that_is_not_serious_has_no_clock(world, coordinator):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="N", term="Nausea").post("save")
    assert case_of(event()).clock is None
    assert report(world, coordinator, patient).status_code == 422
    assert event().reported_at is None


# ---- the report ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "word"), [(20, "Reported in time"), (20.5, "Reported in time"), (20.51, "Reported late"), (30, "Reported late")])
def test_the_report_stops_the_clock_in_time_or_late(world, coordinator, hours, word):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="Y", aware_on=DAY, aware_time="09:30").post("save")
    at = NOON + timedelta(hours=hours)  # due 21 November 08:30 UTC, 20.5 hours from noon
    with clock.set_to(at):
        assert report(world, coordinator, patient).status_code == 302
        assert event().reported_at == at
        assert word in read(world.client(world.user("SAFETY_DESK")).get("/safety/")).shown
    assert len(mails("reported-")) == 1


def test_it_is_reported_once(world, coordinator):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="Y").post("save")
    report(world, coordinator, patient)
    version = event().version
    with clock.set_to(NOON + timedelta(hours=1)):
        assert report(world, coordinator, patient).status_code == 302  # the same click twice
        assert "Version 1 was sent by" in read(report(world, coordinator, patient, narrative="Something else")).shown
    assert (event().reported_at, event().version) == (NOON, version)
    assert len(mails("reported-")) == 1


@pytest.mark.parametrize("role", ["MONITOR", "PHARMACIST", "SAFETY_DESK", "DATA_MANAGER", "INSPECTOR"])
def test_who_may_not_report(world, coordinator, role):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="Y").post("save")
    user = world.user(role, "FR03") if role in ("MONITOR", "PHARMACIST") else world.user(role)
    assert report(world, user, patient).status_code == 403
    assert event().reported_at is None


def test_the_safety_desk_sees_it_at_once_and_other_sites_never(world, coordinator):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="Y", term="Sepsis").post("save")
    assert patient.number in read(world.client(world.user("SAFETY_DESK")).get("/safety/")).shown
    stranger = world.client(world.user("COORDINATOR", "IT02"))
    assert patient.number not in read(stranger.get("/safety/")).shown
    assert stranger.get(f"/safety/{event().pk}/").status_code == 404


def test_the_clock_stands_on_top_of_every_page_of_the_patient(world, coordinator):
    patient = world.patient()
    Page(world, coordinator, patient, "AE", "new").fill(serious="Y").post("save")
    with clock.set_to(NOON + timedelta(hours=4)):
        assert "20 h" in Page(world, coordinator, patient, "IC", "SCR").read.shown
    with clock.set_to(NOON + timedelta(hours=26)):
        assert "2 h late" in Page(world, coordinator, patient, "IC", "SCR").read.shown


# ---- an event in itself ----------------------------------------------------------------------------------------------

GOOD = {
    "term": "Fever", "scale": "CTCAE 5.0", "grade": "2", "started_on": "2026-11-10", "ongoing": "Y", "serious": "N",
    "relationship": "N", "action_taken": "DOSE NOT CHANGED", "outcome": "RECOVERING/RESOLVING", "special_interest": "NONE", "baseline": "N",
    "treatment_given": "N",
}  # fmt: skip
SERIOUS = {"serious": "Y", "aware_on": DAY, "aware_time": "09:30"}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, set()),
        ({"relationship": "NOT YET ASSESSED"}, set()),
        ({"grade": "4"}, set()),  # a high grade does not make it serious
        ({**SERIOUS}, {"AE-001"}),
        ({**SERIOUS, "is_hospitalisation": "Y"}, {"AE-055"}),
        ({**SERIOUS, "is_hospitalisation": "Y", "stay_planned": "Y"}, {"AE-027", "AE-055"}),
        ({**SERIOUS, "is_medically_important": "Y", "aware_on": "2026-11-09"}, {"AE-030"}),
        ({"grade": "5"}, {"AE-004", "AE-005"}),
        ({**SERIOUS, "is_death": "Y", "outcome": "FATAL", "grade": "3", "ongoing": "N", "ended_on": DAY}, {"AE-003", "AE-007"}),
        ({"ongoing": "N", "outcome": "RECOVERED/RESOLVED"}, {"AE-009"}),
        ({"ongoing": "N", "outcome": "RECOVERED/RESOLVED", "ended_on": "2026-11"}, set()),
        ({"ongoing": "N", "outcome": "NOT RECOVERED/NOT RESOLVED", "ended_on": DAY}, {"AE-010"}),
        ({"outcome": "RECOVERED/RESOLVED"}, {"AE-012"}),
        ({"term": "Nothing of the list"}, {"AE-023"}),
        ({"term": "Cytokine release syndrome", "special_interest": "CRS"}, {"AE-021", "AE-123"}),
        ({"term": "Cytokine release syndrome", "scale": "ASTCT 2019"}, {"AE-059", "AE-123"}),
        ({"term": "Cytokine release syndrome", "scale": "ASTCT 2019", "special_interest": "CRS"}, {"AE-123"}),  # nobody has assessed it yet
        ({"action_taken": "DRUG WITHDRAWN", "left_study": "N"}, {"AE-024"}),
        ({"treatment_given": "Y"}, {"AE-057"}),
        ({"baseline": "Y", "worsened": "N"}, {"AE-061"}),
        ({"action_taken": "DOSE REDUCED"}, {"AE-026"}),
        ({"grade": "", "relationship": ""}, {"AE-AESTGR-required", "AE-AEREL-required"}),
    ],
)
def test_the_consistency_of_an_event(world, coordinator, changes, rules):
    patient = world.patient()
    page = Page(world, coordinator, patient, "AE", "new").fill(**{**GOOD, **changes})
    assert page.post("submit").status_code == 302, page.read.findings
    assert set(Query.objects.filter(form="AE").values_list("rule", flat=True)) == rules


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"started_on": "2026-11-21"}, "started_on", "AE-015"),
        ({"ongoing": "N", "ended_on": "2026-11-09"}, "ended_on", "AE-014"),
        ({"ongoing": "N", "ended_on": "2026-11-21"}, "ended_on", "AE-016"),
        ({"started_time": "10:00", "ongoing": "N", "ended_on": "2026-11-10", "ended_time": "09:59"}, "ended_on", "AE-014"),
        ({**SERIOUS, "aware_on": "2026-11-21"}, "aware_on", "AE-031"),
        ({**SERIOUS, "aware_time": "13:01"}, "aware_on", "AE-031"),
    ],
)
def test_what_cannot_be_true_of_an_event(world, coordinator, changes, field, rule):
    patient = world.patient()
    page = Page(world, coordinator, patient, "AE", "new").fill(**{**GOOD, **changes})
    assert page.post("submit").status_code == 422
    assert page.read.rules(field) == {rule}
    assert not registry.form("AE").objects.exists()
    assert mails() == []


@pytest.mark.parametrize(
    ("changes"), [{"ongoing": "N", "ended_on": "2026-11", "outcome": "RECOVERED/RESOLVED"}, {"started_on": "2026"}, {"started_on": "2026-11"}]
)
def test_a_date_not_fully_known_is_quiet_when_it_may_be_right(world, coordinator, changes):
    page = Page(world, coordinator, world.patient(), "AE", "new").fill(**{**GOOD, **changes})
    assert page.post("submit").status_code == 302
    assert not Query.objects.exists()


def test_the_answer_no_events_is_asked_about_when_there_was_one(world, coordinator):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        patient = world.enrolled()
    world.dose(patient, "C1D1", "2026-09-02", "1")
    world.dose(patient, "C1D8", "2026-09-09", "10")
    world.enter(patient, "AEYN", "C1D8", any_events="N")
    assert not Query.objects.exists()
    world.enter(patient, "AE", "new", **{**GOOD, "started_on": "2026-09-05"})
    query = Query.objects.get()
    assert (query.rule, query.form, query.status) == ("AE-032", "AEYN", QueryStatus.OPEN)
    assert "Fever began on 05-Sep-2026" in query.text
