"""Mail that cannot be lost."""

from __future__ import annotations

import io
from datetime import date, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from accounts import outbox
from accounts.models import Membership, OutboxAttempt, OutboxClaim, OutboxMail
from accounts.roles import Role
from audit import clock
from audit.context import SYSTEM, acting


@pytest.fixture
def desk(world):
    return world.user("SAFETY_DESK")


def post(key="serious-1"):
    return outbox.post(key=key, to_role=Role.SAFETY_DESK, subject="A serious event", body="Read it at: /safety/1/")


def send() -> str:
    out = io.StringIO()
    call_command("send_outbox", stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def dead_server(monkeypatch):
    """A mail server that hangs up until ``monkeypatch`` is undone."""

    def refuse(self, *args, **kwargs):
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    return monkeypatch


def test_a_mail_goes_out_when_the_data_are_stored(desk, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post()
        assert mail.outbox == []
    assert [(m.subject, m.bcc, m.to) for m in mail.outbox] == [("A serious event", [desk.email], [])]
    assert send() == "0 sent, 0 waiting"
    assert len(mail.outbox) == 1


def test_without_a_commit_nothing_goes_out(desk):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        post()
        raise ZeroDivisionError
    assert not OutboxMail.objects.exists()
    assert mail.outbox == []


def test_a_mail_server_that_is_down_and_comes_back(desk, dead_server, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post()
    assert send() == "0 sent, 1 waiting"
    assert send() == "0 sent, 1 waiting"
    assert set(OutboxAttempt.objects.values_list("error", flat=True)) == {
        "SMTPServerDisconnected: Connection unexpectedly closed"
    }
    dead_server.undo()
    assert send() == "1 sent, 0 waiting"
    assert send() == "0 sent, 0 waiting"
    assert len(mail.outbox) == 1
    assert OutboxAttempt.objects.count() == 4


def test_saving_does_not_wait_for_what_a_dead_server_left_behind(desk, dead_server, django_capture_on_commit_callbacks):
    for number in range(20):
        post(f"old-{number}")
    with django_capture_on_commit_callbacks(execute=True):
        post("new")
    assert [attempt.mail.key for attempt in OutboxAttempt.objects.all()] == ["new"]


def test_a_process_that_dies_between_commit_and_sending_loses_nothing(desk, monkeypatch, django_capture_on_commit_callbacks):
    def die(mail):
        raise KeyError("killed")

    monkeypatch.setattr(outbox, "_send", die)
    with django_capture_on_commit_callbacks(execute=True):
        post()  # robust: what fails after the commit does not fail the save
    assert list(outbox.pending()) == [OutboxMail.objects.get()]
    assert mail.outbox == []
    monkeypatch.undo()
    now = clock.now()
    for later, said in ((outbox.CLAIM / 2, "0 sent, 1 waiting"), (outbox.CLAIM + timedelta(seconds=1), "1 sent, 0 waiting")):
        with clock.set_to(now + later):  # until then it may be alive, and waiting for the mail server
            assert send() == said
    assert len(mail.outbox) == 1
    assert list(OutboxClaim.objects.values_list("number", flat=True)) == [1, 2]


def test_of_two_that_want_to_send_at_once_one_sends(desk, monkeypatch):
    """The second asks while the first one waits for the mail server."""
    post()
    the, said = OutboxMail.objects.get(), []
    real = outbox._send

    def slow(mail):
        said.append(outbox.attempt(mail))
        return real(mail)

    monkeypatch.setattr(outbox, "_send", slow)
    assert outbox.attempt(the) is True
    assert said == [None]
    assert outbox.attempt(the) is None
    assert len(mail.outbox) == 1


def test_a_claim_that_somebody_else_has_just_written_is_theirs(desk, monkeypatch):
    """Both have looked, both want number 1: the database lets one have it."""
    post()
    the = OutboxMail.objects.get()
    real = OutboxClaim.objects.create

    def late(**given):
        real(**given)  # the other one, a moment before
        return real(**given)

    monkeypatch.setattr(OutboxClaim.objects, "create", late)
    assert outbox.attempt(the) is None
    assert mail.outbox == []


def test_one_mail_that_cannot_go_out_does_not_hold_up_the_next(desk, world):
    outbox.post(key="nobody", to_role=Role.MEDICAL_REVIEWER, subject="x", body="y")
    post()
    assert send() == "1 sent, 1 waiting"
    last = OutboxAttempt.objects.get(mail__key="nobody")
    assert last.error == "Nobody with the role Medical reviewer has an e-mail address."
    world.user("MEDICAL_REVIEWER")
    assert send() == "1 sent, 0 waiting"


def test_once_per_key(desk):
    assert post() is not None
    assert post() is None
    assert post("serious-2") is not None
    assert OutboxMail.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMail.objects.create(created_at=clock.now(), key="serious-1", to_role=Role.SAFETY_DESK, subject="", body="")


@pytest.mark.parametrize("doing", ["update", "delete"])
@pytest.mark.parametrize("table", ["accounts_outboxmail", "accounts_outboxattempt", "accounts_outboxclaim"])
def test_what_was_mailed_cannot_be_changed(desk, table, doing):
    post()
    send()
    column = {"mail": "subject = 'x'", "attempt": "error = 'x'", "claim": "number = 7"}[table.removeprefix("accounts_outbox")]
    sql = f"UPDATE {table} SET {column}" if doing == "update" else f"DELETE FROM {table}"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("starts", "ends", "active", "address", "gets"),
    [
        (-10, None, True, "a@example.org", True),
        (0, 0, True, "a@example.org", True),
        (-10, -1, True, "a@example.org", False),
        (1, None, True, "a@example.org", False),
        (-10, None, False, "a@example.org", False),
        (-10, None, True, "", False),
    ],
)
def test_only_people_who_hold_the_role_today_are_written_to(world, starts, ends, active, address, gets):
    user = world.user("SAFETY_DESK", username="desk.two")
    today = clock.today("Europe/Zurich")
    with acting(SYSTEM, source="test"):
        user.email, user.is_active = address, active
        user.save()
        membership = Membership.objects.get(user=user)
        membership.starts_on = today + timedelta(days=starts)
        membership.ends_on = None if ends is None else today + timedelta(days=ends)
        membership.save()
    post()
    assert send() == ("1 sent, 0 waiting" if gets else "0 sent, 1 waiting")


def test_a_mail_to_a_role_at_one_site(world, desk):
    here, there, both = world.user("INVESTIGATOR", "FR03"), world.user("INVESTIGATOR", "CH01"), world.user("INVESTIGATOR", "FR03", "CH01")
    outbox.post(key="one-site", to_role=Role.INVESTIGATOR, site=world.site("FR03"), subject="x", body="y")
    outbox.post(key="every-site", to_role=Role.INVESTIGATOR, subject="x", body="y")
    assert send() == "2 sent, 0 waiting"
    assert [sorted(each.bcc) for each in mail.outbox] == [sorted([here.email, both.email]), sorted([here.email, there.email, both.email])]


def test_a_site_without_the_role_is_waited_for(world, desk):
    world.user("INVESTIGATOR", "CH01")
    outbox.post(key="nobody-there", to_role=Role.INVESTIGATOR, site=world.site("FR03"), subject="x", body="y")
    assert send() == "0 sent, 1 waiting"
    assert OutboxAttempt.objects.get().error == "Nobody with the role Investigator at FR03 has an e-mail address."
    world.user("INVESTIGATOR", "FR03")
    assert send() == "1 sent, 0 waiting"


def test_nobody_is_written_to_twice_and_nobody_sees_the_others(world, desk):
    world.user("SAFETY_DESK", username="desk.two")
    with acting(SYSTEM, source="test"):
        Membership(user=desk, role=Role.SAFETY_DESK, starts_on=date(2026, 2, 1)).save()
    post()
    send()
    assert mail.outbox[0].bcc == ["desk.two@example.org", "safety_desk@example.org"]
    assert "example.org" not in str(mail.outbox[0].message())


def test_a_serious_event_is_mailed_at_its_first_save_once_and_without_patient_data(world, desk, django_capture_on_commit_callbacks):
    patient = world.enrolled()
    client = world.client(world.user("COORDINATOR", "FR03"))
    page = reverse("record", args=[patient.number, "AE", "new"])
    event = {"term": "Cytokine release syndrome", "scale": "ASTCT 2019", "grade": "3", "serious": "Y", "action": "save",
             "origin": "EDC", "base_version": "0"}  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, event).status_code == 302
    assert len(mail.outbox) == 1
    with django_capture_on_commit_callbacks(execute=True):
        again = {**event, "base_version": "1", "grade": "4"}
        assert client.post(reverse("record", args=[patient.number, "AE", "1"]), again).status_code == 302
    assert len(mail.outbox) == 1
    said = str(mail.outbox[0].message())
    for secret in (patient.number, "FR03", "Cytokine", "CRS", "Lyon"):
        assert secret not in said
