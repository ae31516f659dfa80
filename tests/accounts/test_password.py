"""Choosing, changing and keeping passwords; the first administrator."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import login as words
from accounts.access import actor_for, grants
from accounts.actions import change_password
from accounts.models import Membership, User
from accounts.policy import FAILURES
from accounts.roles import Permission
from audit import examine
from audit.context import SYSTEM, acting
from audit.models import Change, ChangeSet
from tests.accounts.tools import acts, everywhere, is_in, log_in
from tests.conftest import PASSWORD

NEW = "Another-Staple-7-Pony"
URL = "/password/"


@pytest.fixture
def anna(world) -> User:
    return world.user("COORDINATOR", "FR03", username="anna")


@pytest.fixture
def client(anna) -> Client:
    return log_in("anna")[0]


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post(URL, {"old_password": old, "new_password1": new, "new_password2": new if again is None else again})


def stored(user) -> str:
    return User.objects.get(pk=user.pk).password


def test_a_new_password(anna, client):
    before = client.session.session_key
    elsewhere, _ = log_in("anna")
    response = change(client)
    assert (response.status_code, response.url) == (302, "/")
    assert client.session.session_key != before
    assert client.get(URL).status_code == 200, "this session goes on"
    assert elsewhere.get(URL).status_code == 302, "every other one has ended"
    assert not is_in(log_in("anna")[0])
    assert is_in(log_in("anna", NEW)[0])
    assert ("anna", words.PASSWORD) in acts("anna")
    assert list(examine.findings()) == []


@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("wrong", NEW, None, "not your present password"),
        ("", NEW, None, "This field is required"),
        (PASSWORD.lower(), NEW, None, "not your present password"),
        (PASSWORD + " ", NEW, None, "not your present password"),
        (PASSWORD, PASSWORD, None, "password you have now"),
        (PASSWORD, "", None, "This field is required"),
        (PASSWORD, NEW, NEW + "x", "match"),
        (PASSWORD, "short-11-ch", None, "at least 12"),
        (PASSWORD, "q1w2e3r4t5y6", None, "too common"),
        (PASSWORD, "729384756102938", None, "entirely numeric"),
        (PASSWORD, "anna@example.org", None, "too similar"),
    ],
)
def test_what_is_refused(anna, client, old, new, again, says):
    before = stored(anna)
    response = change(client, old, new, again)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert response.content.decode().count(says) <= 2, "each sentence once"
    assert stored(anna) == before
    for typed in (old, new):
        assert len(typed) < 12 or f'value="{typed}"' not in response.content.decode()


@pytest.mark.parametrize("new", ["twelve chars", "Ελληνικός-κωδικός-9", " starts and ends with blanks ", "x9-" * 40])
def test_what_is_accepted(anna, client, new):
    assert change(client, new=new).status_code == 302
    assert is_in(log_in("anna", new)[0])


def test_guessing_the_old_password_locks_the_account(anna, client):
    for _ in range(FAILURES):
        change(client, "wrong")
    assert change(client).status_code == 422
    assert acts("anna")[1:] == [("anna", words.FAILED)] * FAILURES + [("anna", words.LOCKED)]
    assert not is_in(log_in("anna")[0])


def test_no_hash_is_in_history_trail_or_session(anna, client):
    change(client)
    used = stored(anna)
    assert everywhere(used) == ["accounts_user.password"]
    assert everywhere(PASSWORD) == everywhere(NEW) == []
    assert not Change.objects.filter(field="password").exists()
    assert "password" not in [field.name for field in User.history.model._meta.get_fields()]


def test_a_hash_made_with_older_settings_is_renewed_at_log_in(anna, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", "django.contrib.auth.hashers.MD5PasswordHasher"]
    trail = Change.objects.count()
    assert stored(anna).startswith("md5$")
    client, _ = log_in("anna")
    assert stored(anna).startswith("pbkdf2_sha256$")
    assert is_in(client)
    assert client.get(URL).status_code == 200
    assert Change.objects.count() == trail + 1, "the log-in alone"
    connection.check_constraints()
    assert list(examine.findings()) == []


def test_a_wrong_password_renews_nothing(anna, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", "django.contrib.auth.hashers.MD5PasswordHasher"]
    log_in("anna", "wrong")
    assert stored(anna).startswith("md5$")


@pytest.mark.parametrize("hashed", ["", "!", "nonsense", make_password(None)])
def test_an_account_without_a_usable_password_lets_nobody_in(anna, hashed):
    with acting(SYSTEM, source="test"):
        anna.password = hashed
        anna.save(update_fields=["password"])
    for typed in ("", "!", hashed or "x", PASSWORD):
        assert not is_in(log_in("anna", typed)[0])


# ---- a password that somebody else has set ---------------------------------------------------------------------------


@pytest.fixture
def given(anna, world) -> Client:
    """Anna's browser after an administrator has set her password."""
    change_password(user=anna, password="Given-By-Admin-1", by=actor_for(world.user("ADMINISTRATOR")))
    return log_in("anna", "Given-By-Admin-1")[0]


@pytest.mark.parametrize("name", ["home", "patients", "queries", "exports", "changes", "admin:index"])
def test_a_given_password_opens_one_page(given, name):
    for response in (given.get(reverse(name)), given.post(reverse(name))):
        assert (response.status_code, response.url) == (302, URL)
    page = given.get(URL)
    assert page.status_code == 200
    assert "Somebody else has set your password" in page.content.decode()


def test_it_does_not_open_a_form_either(given, world):
    patient = world.patient("FR03")
    response = given.post(reverse("record", args=[patient.number, "IC", "SCR"]), {"icf_version": "1", "action": "submit"})
    assert (response.status_code, response.url) == (302, URL)


def test_one_may_leave_instead(given):
    assert given.post(reverse("logout")).status_code == 302
    assert not is_in(given)


def test_an_own_password_opens_the_rest(given, anna):
    assert change(given, "Given-By-Admin-1", "Given-By-Admin-1").status_code == 422
    assert change(given, "Given-By-Admin-1").status_code == 302
    assert given.get(reverse("patients")).status_code == 200
    assert User.objects.get(pk=anna.pk).must_change_password is None


def test_who_set_it_is_in_the_trail(given, anna):
    entry = Change.objects.filter(form="ACCESS", field=words.PASSWORD).select_related("change_set").get()
    assert (entry.record, entry.new, entry.change_set.actor) == ("anna", "by somebody else", "administrator")
    flag = Change.objects.get(form="USER", record=str(anna.pk), field="must_change_password")
    assert (flag.old, flag.new, flag.change_set.actor) == (None, "Y", "administrator")
    assert list(examine.findings()) == []


def test_it_ends_the_sessions_that_were_open(anna, client, world):
    assert client.get(URL).status_code == 200
    change_password(user=User.objects.get(pk=anna.pk), password=NEW, by=actor_for(world.user("ADMINISTRATOR")))
    assert client.get(URL).status_code == 302


# ---- the first administrator -----------------------------------------------------------------------------------------


def create(monkeypatch, username="root.admin", password=NEW, **more):
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", password)
    out = io.StringIO()
    call_command("create_administrator", username, "Ada Admin", stdout=out, **more)
    return out.getvalue()


def test_create_administrator(db, monkeypatch):
    assert create(monkeypatch, email="ada@example.org") == "root.admin can log in.\n"
    user = User.objects.get(username="root.admin")
    held = grants(user)
    assert held.may(Permission.MANAGE)
    assert not any(held.may(each) for each in Permission if each is not Permission.MANAGE)
    assert set(ChangeSet.objects.filter(changes__form="USER", changes__record=str(user.pk)).values_list("actor", flat=True)) == {"system"}
    assert is_in(log_in("root.admin", NEW)[0])
    assert everywhere(NEW) == []


@pytest.mark.parametrize(
    ("username", "password", "says"),
    [
        ("root.admin", "short", "at least 12"),
        ("root.admin", "root.admin.1", "too similar"),
        ("Root.Admin", NEW, "three or more"),
        ("ab", NEW, "three or more"),
        ("system", NEW, "belongs to the system"),
        ("anna", NEW, "already exists"),
    ],
)
def test_create_administrator_refuses_in_a_sentence(anna, monkeypatch, username, password, says):
    people = User.objects.count(), Membership.objects.count()
    with pytest.raises(CommandError, match=says):
        create(monkeypatch, username, password)
    assert (User.objects.count(), Membership.objects.count()) == people
    assert SYSTEM.username not in User.objects.values_list("username", flat=True)


def test_createsuperuser_is_no_way_round(db):
    with pytest.raises(Exception, match="create_superuser|acting|superuser"):
        call_command("createsuperuser", username="boss", full_name="Boss", interactive=False)
    assert not User.objects.exists()
