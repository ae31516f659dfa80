"""Source data verification: who, of which version, and the mark on every later change."""

import pytest
from django.urls import reverse

from audit.models import Change
from review.models import Verification
from review.verification import standing


@pytest.fixture
def at(world):
    patient = world.screened()
    return patient, reverse("verify", args=[patient.number, "DM", "SCR"])


def record():
    from screening.models import Demographics

    return Demographics.objects.get()


def correct(world, patient, sex="F"):
    world.enter(patient, "DM", "SCR", birth_date="1958", sex=sex, change_reason="read again")


def test_a_monitor_verifies_the_version_shown(world, at):
    patient, url = at
    response = world.client(world.user("MONITOR")).post(url, {"action": "verify", "version": record().version})
    assert response.status_code == 302
    assert standing("DM", record().pk).text == "Verified"
    assert Verification.objects.get().verified_version == record().version


def test_a_change_after_it_is_marked_and_counted(world, at):
    patient, url = at
    monitor = world.client(world.user("MONITOR"))
    monitor.post(url, {"action": "verify", "version": record().version})
    correct(world, patient)
    marked = Change.objects.filter(after_sdv=True)
    assert [(change.form, change.field) for change in marked] == [("DM", "sex")]
    assert standing("DM", record().pk).text == "1 field changed since verification"
    monitor.post(url, {"action": "verify", "version": record().version})
    assert standing("DM", record().pk).text == "Verified"


def test_the_queries_that_follow_a_change_are_not_marked(world):
    patient = world.enrolled()
    day = patient.enrolled_on.isoformat()
    dose = world.dose(patient, "C1D1", day, "1").saved.record
    url = reverse("verify", args=[patient.number, "EC", "C1D1"])
    world.client(world.user("MONITOR")).post(url, {"action": "verify", "version": dose.version})
    world.dose(
        patient, "C1D1", day, "5", change_reason="read again", **{"confirm-DOS-001": "1", "why-DOS-001": "It happened"}
    )
    assert Change.objects.filter(form="QUERY").exists()
    assert Change.objects.filter(form="DEVIATION").exists()
    assert [(change.form, change.field) for change in Change.objects.filter(after_sdv=True)] == [("EC", "dose_mg")]


def test_a_void_after_it_is_marked(world, at):
    patient, url = at
    world.client(world.user("MONITOR")).post(url, {"action": "verify", "version": record().version})
    void = reverse("void", args=[patient.number, "DM", record().pk])
    world.client(world.user("COORDINATOR")).post(void, {"reason": "wrong patient", "act": "void"})
    marked = Change.objects.filter(after_sdv=True)
    assert {(change.form, change.field) for change in marked} == {("DM", "voided"), ("DM", "void_reason")}


def test_a_change_before_it_is_not_marked(world, at):
    correct(world, at[0])
    assert not Change.objects.filter(after_sdv=True).exists()


def test_a_version_that_was_not_shown_is_not_verified(world, at):
    patient, url = at
    stale = record().version
    correct(world, patient)
    world.client(world.user("MONITOR")).post(url, {"action": "verify", "version": stale})
    assert not Verification.objects.exists()


def test_it_can_be_taken_back(world, at):
    patient, url = at
    monitor = world.client(world.user("MONITOR"))
    monitor.post(url, {"action": "verify", "version": record().version})
    monitor.post(url, {"action": "withdraw"})
    assert not standing("DM", record().pk).verified
    correct(world, patient)
    assert not Change.objects.filter(after_sdv=True).exists()


@pytest.mark.parametrize(("role", "site", "status"), [
    ("COORDINATOR", "FR03", 403), ("INVESTIGATOR", "FR03", 403), ("DATA_MANAGER", "", 403), ("MONITOR", "CH01", 404),
])  # fmt: skip
def test_others_cannot(world, at, role, site, status):
    user = world.user(role, *([site] if site else []))
    assert world.client(user).post(at[1], {"action": "verify", "version": record().version}).status_code == status
    assert not Verification.objects.exists()
