"""Log-in, lock-out, and what the trail says about them."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.urls import reverse

from accounts import login as words
from accounts.access import actor_for
from accounts.actions import change_password
from accounts.models import User
from accounts.policy import FAILURES
from accounts.views import REFUSED
from audit.context import SYSTEM, acting
from audit.models import ChangeSet
from tests.accounts.tools import acts, everywhere, is_in, later, log_in
from tests.conftest import PASSWORD


@pytest.fixture
def anna(world) -> User:
    return world.user("COORDINATOR", "FR03", username="anna")


def fail(times: int, username: str = "anna") -> None:
    for _ in range(times):
        log_in(username, "wrong")


def deactivate(user: User) -> None:
    with acting(SYSTEM, source="test"):
        user.is_active = False
        user.save()


@pytest.mark.parametrize(("failures", "enters"), [(0, True), (FAILURES - 1, True), (FAILURES, False), (FAILURES + 1, False)])
def test_locked_after_so_many_failures_in_a_row(anna, failures, enters):
    fail(failures)
    client, response = log_in("anna")
    assert is_in(client) is enters
    assert response.status_code == (302 if enters else 200)


@pytest.mark.parametrize(("after", "enters"), [({"minutes": 14, "seconds": 59}, False), ({"minutes": 15}, True), ({"days": 9}, True)])
def test_a_lock_ends_after_15_minutes_exactly(anna, after, enters):
    with later(seconds=0):
        fail(FAILURES)
        with later(**after):
            client, _ = log_in("anna")
    assert is_in(client) is enters


def test_trying_while_locked_does_not_prolong_the_lock(anna):
    with later(seconds=0):
        fail(FAILURES)
        with later(minutes=14):
            fail(3)
        with later(minutes=15):
            client, _ = log_in("anna")
    assert is_in(client)


def test_after_a_lock_one_more_failure_locks_again(anna):
    with later(seconds=0):
        fail(FAILURES)
        with later(minutes=16):
            fail(1)
            client, _ = log_in("anna")
    assert not is_in(client)


def test_a_success_starts_the_count_anew(anna):
    fail(FAILURES - 1)
    assert is_in(log_in("anna")[0])
    fail(FAILURES - 1)
    assert is_in(log_in("anna")[0])


def test_a_new_password_ends_the_lock(anna, world):
    fail(FAILURES)
    change_password(user=anna, password="Another-Staple-7-Pony", by=actor_for(world.user("ADMINISTRATOR")))
    assert is_in(log_in("anna", "Another-Staple-7-Pony")[0])


@pytest.mark.parametrize("spelling", ["ANNA", "Anna", " anna", "anna ", "\tanna\n", "\u00a0anna\u2003", "aNNa  "])
def test_no_spelling_of_the_name_goes_round_the_lock(anna, spelling):
    fail(FAILURES - 1)
    fail(1, spelling)
    client, _ = log_in("anna")
    assert not is_in(client)
    client, _ = log_in(spelling)
    assert not is_in(client)
    assert acts("anna")[-1] == ("anna", words.LOCKED)


@pytest.mark.parametrize("spelling", ["ANNA", " Anna "])
def test_a_name_may_be_typed_in_capitals(anna, spelling):
    assert is_in(log_in(spelling)[0])


@pytest.mark.parametrize("name", ["ann", "anna2", "an na", "ａｎｎａ", "anna\u200b", "anna%", "ann_", "%", "*", "anna' OR '1'='1"])
def test_another_name_is_another_name(anna, name):
    assert not is_in(log_in(name)[0])
    assert acts()[-1] == (words.UNKNOWN, words.FAILED)


def test_one_account_is_locked_and_not_its_neighbour(anna, world):
    world.user("COORDINATOR", "FR03", username="bert")
    fail(FAILURES)
    assert is_in(log_in("bert")[0])


def refusals(world) -> dict[str, tuple[str, str]]:
    """Every way of not getting in: what is typed."""
    world.user("COORDINATOR", username="locked")
    deactivate(world.user("COORDINATOR", username="gone.away"))
    fail(FAILURES, "locked")
    return {"unknown": ("nobody", PASSWORD), "wrong": ("anna", "Not-The-Right-One-9"), "locked": ("locked", PASSWORD),
            "deactivated": ("gone.away", PASSWORD)}  # fmt: skip


def test_every_refusal_reads_the_same_and_takes_the_same_work(anna, world, monkeypatch):
    pages, hashed = {}, []
    real = MD5PasswordHasher.encode
    ways = refusals(world)
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or real(*args))
    for way, (username, password) in ways.items():
        hashed.clear()
        client, response = log_in(username, password)
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
        pages[way] = response.status_code, text.replace(f'value="{username}"', ""), len(hashed)
        assert not is_in(client)
        assert REFUSED in response.content.decode()
        assert password not in response.content.decode()
    assert len(set(pages.values())) == 1, pages


def test_a_name_that_nobody_has_is_kept_nowhere(anna):
    typed = "my-secret-typed-in-the-wrong-box"
    log_in(typed, "whatever")
    log_in("anna", typed)
    assert acts() == [(words.UNKNOWN, words.FAILED), ("anna", words.FAILED)]
    assert everywhere(typed) == []


def test_the_trail_of_a_day(anna):
    fail(1)
    client, _ = log_in("anna")
    client.post(reverse("logout"))
    client, _ = log_in("anna")
    with later(minutes=31):
        client.get(reverse("patients"))
        fail(FAILURES)
        log_in("anna")
    said = [what for _, what in acts("anna")]
    assert said == [
        words.FAILED, words.IN, words.OUT, words.IN, words.IDLE, *[words.FAILED] * FAILURES, words.LOCKED,
    ]  # fmt: skip
    who = dict(ChangeSet.objects.filter(changes__form="ACCESS").values_list("changes__field", "actor"))
    assert who == {
        words.FAILED: "system", words.IN: "anna", words.OUT: "anna", words.IDLE: "anna", words.LOCKED: "system",
    }  # fmt: skip
    entered = ChangeSet.objects.get(changes__form="ACCESS", changes__field=words.OUT)
    assert (entered.actor_name, entered.role, entered.actor_site) == ("Site coordinator FR03", "Site coordinator", "FR03")


def test_the_session_key_changes_at_log_in(anna):
    client = Client()
    session = client.session
    session["before"] = "log-in"
    session.save()
    given = session.session_key
    client.cookies["sessionid"] = given
    log_in("anna", client=client)
    assert is_in(client)
    assert client.session.session_key != given
    assert not client.session.exists(given)


def test_another_person_on_the_same_browser_takes_over_nothing(anna, world):
    world.user("MONITOR", "FR03", username="mona")
    client, _ = log_in("anna")
    session = client.session
    session["of"] = "anna"
    session.save()
    log_in("mona", client=client)
    assert client.session.get("of") is None


def test_a_deactivated_person_is_out_at_the_next_click(anna):
    client, _ = log_in("anna")
    assert client.get(reverse("patients")).status_code == 200
    deactivate(anna)
    response = client.get(reverse("patients"))
    assert response.status_code == 302
    assert response.url == "/login/?next=/patients/"


def test_logging_out_ends_the_session_for_whoever_has_the_cookie(anna):
    client, _ = log_in("anna")
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    assert thief.get(reverse("patients")).status_code == 200
    client.post(reverse("logout"))
    assert thief.get(reverse("patients")).status_code == 302


@pytest.mark.parametrize("client_is_in", [True, False])
def test_logging_out_twice_is_no_error(anna, client_is_in):
    client = log_in("anna")[0] if client_is_in else Client()
    for _ in range(2):
        response = client.post(reverse("logout"))
        assert (response.status_code, response.url) == (302, "/login/")


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "http:evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example",
     "///evil.example", "http:///evil.example", " https://evil.example", "https://testserver@evil.example/", "ftp://testserver/", "\x00/", ""],
)  # fmt: skip
def test_next_leads_to_no_other_site(anna, target):
    client, response = log_in("anna", next=target)
    assert is_in(client)
    assert response.url == "/"


@pytest.mark.parametrize("target", ["/patients/", "/queries/?status=ALL&site=FR03", "http://testserver/patients/"])
def test_next_leads_to_our_own_pages(anna, target):
    assert log_in("anna", next=target)[1].url == target


@pytest.mark.parametrize(
    "typed",
    [{}, {"username": "anna"}, {"password": PASSWORD}, {"username": "", "password": ""}, {"username": "\x00", "password": PASSWORD},
     {"username": "a" * 10_000, "password": "b" * 10_000}, {"username": "anna", "password": "\x00"},
     {"username": "\U0001f9a0 Ελένη", "password": "κωδικός"}],
)  # fmt: skip
def test_nonsense_is_refused_in_words(anna, typed):
    client = Client()
    response = client.post(reverse("login"), typed)
    assert response.status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("name", ["login", "logout", "password", "ping"])
def test_a_post_without_its_token_is_refused(anna, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    response = client.post(reverse(name), {"username": "anna", "password": PASSWORD})
    assert response.status_code == 403
    assert "too long" in response.content.decode()
