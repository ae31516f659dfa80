"""A session ends after a pause, and what was typed outlives it."""

from __future__ import annotations

import pytest
from django.core import signing
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import login as words
from accounts.middleware import RESUME, RESUME_FOR, TYPIST, resume_page
from accounts.policy import IDLE
from screening.models import InformedConsent
from tests.accounts.tools import action, acts, everywhere, hidden, is_in, later, log_in

GREEK = "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία — «ναι», <b>&amp; \"όχι\"'"
TYPED = {
    "patient_signed_on_0": "10", "patient_signed_on_1": "6", "patient_signed_on_2": "2026", "investigator_signed_on_0": "10",
    "investigator_signed_on_1": "6", "investigator_signed_on_2": "2026", "icf_version": "1.0", "origin": "EDC",
    "base_version": "0", "action": "submit",
}  # fmt: skip


@pytest.fixture
def patient(world):
    return world.patient("FR03", by=world.user("COORDINATOR", "FR03", username="anna"))


@pytest.fixture
def url(patient) -> str:
    return reverse("record", args=[patient.number, "IC", "SCR"])


@pytest.fixture
def client(patient) -> Client:
    return log_in("anna")[0]


# ---- the pause -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pause", "stays"), [({"minutes": 29, "seconds": 59}, True), ({"minutes": 30}, True), ({"minutes": 30, "seconds": 1}, False), ({"days": 1}, False)]
)  # fmt: skip
def test_the_session_ends_after_half_an_hour(client, url, pause, stays):
    with later(seconds=0):
        with later(minutes=2):
            assert client.get(url).status_code == 200  # written as the last activity
            with later(**pause):
                response = client.get(url)
    assert is_in(client) is stays
    assert response.status_code == (200 if stays else 302)
    if not stays:
        assert response.url == f"/login/?next={url}"
        assert acts("anna")[-1] == ("anna", words.IDLE)


def test_the_pause_is_counted_from_the_log_in_when_nothing_was_opened_since(client, url):
    with later(minutes=31):
        assert client.get(url).status_code == 302


def test_work_keeps_the_session_for_the_whole_shift(client, url):
    with later(seconds=0):
        for minutes in range(0, 8 * 60, 29):
            with later(minutes=minutes):
                assert client.get(url).status_code == 200


def test_a_ping_is_activity(client, url):
    with later(minutes=29):
        assert client.post(reverse("ping")).status_code == 204
        with later(minutes=29):
            assert client.get(url).status_code == 200


WRITES = ("INSERT", "UPDATE", "DELETE", "BEGIN", "SAVEPOINT")


def written(client, url) -> list[str]:
    with CaptureQueriesContext(connection) as said:
        assert client.get(url).status_code == 200
    return [each["sql"] for each in said.captured_queries if each["sql"].startswith(WRITES)]


def test_activity_is_written_at_most_once_a_minute(client, url):
    client.get(url)
    with later(seconds=0):
        with later(minutes=2):
            assert written(client, url)  # the session's row
            for seconds in (0, 1, 30, 60):
                with later(seconds=seconds):
                    assert written(client, url) == []
            with later(seconds=61):
                assert written(client, url)


def test_the_log_in_page_after_a_pause_is_the_log_in_page(client):
    with later(minutes=31):
        response = client.get(reverse("login"))
    assert response.status_code == 200
    assert not is_in(client)


def test_logging_out_after_a_pause_is_logging_out(client):
    with later(minutes=31):
        response = client.post(reverse("logout"))
    assert (response.status_code, response.url) == (302, "/login/")
    assert not is_in(client)
    assert [what for _, what in acts("anna")] == [words.IN, words.IDLE]


def test_the_live_check_of_a_form_is_not_kept(client, url):
    with later(minutes=31):
        response = client.post(url, TYPED | {"action": "check"})
    assert response.status_code == 302
    assert Client().post(url, TYPED | {"action": "check"}).status_code == 302


# ---- what was typed --------------------------------------------------------------------------------------------------


def resume(response, username="anna", client=None, **changes):
    """Log in on the page that holds the typing."""
    assert response.status_code == 401
    found = hidden(response)
    assert "resume_token" in found
    return log_in(username, client=client, **({"resume_token": found["resume_token"][0]} | changes))


def test_a_form_posted_after_the_pause_is_saved_after_the_log_in(client, url, patient):
    with later(minutes=31):
        response = client.post(url, TYPED)
        assert not InformedConsent.objects.exists()
        client, again = resume(response, client=client)
        assert again.status_code == 200
        assert action(again, "resume-form") == url
        kept = hidden(again)
        kept.pop("csrfmiddlewaretoken")
        assert {name: values[0] for name, values in kept.items()} == TYPED
        assert client.post(url, kept).status_code == 302
    saved = InformedConsent.objects.get()
    assert (saved.icf_version, saved.state, str(saved.patient_signed_on)) == ("1.0", "SUBMITTED", "2026-06-10")


@pytest.mark.parametrize("idle", [True, False])
def test_everything_typed_is_kept(client, url, idle):
    typed = {"greek": GREEK, "many": ["b", "a", "", "a"], "long": "x" * 10_000, "lines": "one\r\n two\r\n\r\nthree ", "empty": "",
             "quote": "\"><script>alert(1)</script>", "csrfmiddlewaretoken": "not this"}  # fmt: skip
    if not idle:
        client = Client()
    with later(minutes=31):
        response = client.post(url + "?visit=1&of=2", typed)
        _, again = resume(response)
    kept = hidden(again)
    kept.pop("csrfmiddlewaretoken")
    assert kept == {
        name: [text.replace("\r\n", "\n") for text in (value if isinstance(value, list) else [value])]
        for name, value in typed.items() if name != "csrfmiddlewaretoken"
    } | {"lines": ["one\r\n two\r\n\r\nthree "]}  # fmt: skip
    assert action(again, "resume-form") == url + "?visit=1&of=2"
    assert "<script>alert" not in again.content.decode()


def test_what_is_kept_lies_in_the_page_and_nowhere_else(client, url):
    with later(minutes=31):
        client.post(url, {"secret": "nobody-stores-this"})
    assert everywhere("nobody-stores-this") == []


def test_a_wrong_password_does_not_lose_it(client, url):
    with later(minutes=31):
        response = client.post(url, TYPED)
        _, wrong = log_in("anna", "wrong", resume_token=hidden(response)["resume_token"][0])
        assert wrong.status_code == 200
        _, again = log_in("anna", resume_token=hidden(wrong)["resume_token"][0])
    assert hidden(again)["icf_version"] == ["1.0"]


def test_it_is_given_back_to_the_same_person_only(client, url, world):
    world.user("INVESTIGATOR", "FR03", username="ivan")
    with later(minutes=31):
        other, response = resume(client.post(url, TYPED), "ivan")
        assert (response.status_code, response.url) == (302, "/")
        assert "icf_version" not in response.content.decode()
        shown = other.get(reverse("password")).content.decode()
    assert "Somebody else had typed into that form" in shown
    assert not InformedConsent.objects.exists()


def test_without_a_session_the_computer_remembers_who_typed(client, url, world):
    world.user("INVESTIGATOR", "FR03", username="ivan")
    client.post(reverse("logout"))  # in another window
    _, response = resume(client.post(url, TYPED), "ivan", client=client)
    assert response.url == "/"
    client.post(reverse("logout"))
    client.cookies[TYPIST] = signing.get_cookie_signer(salt=TYPIST + TYPIST).sign("anna")
    _, response = resume(client.post(url, TYPED), "anna", client=client)
    assert hidden(response)["icf_version"] == ["1.0"]


@pytest.mark.parametrize("forged", ["ivan", "ivan:x:y", "", "x" * 5000])
def test_a_forged_cookie_says_nothing(url, forged, world):
    world.user("INVESTIGATOR", "FR03", username="ivan")
    client = Client()
    client.cookies[TYPIST] = forged
    response = client.post(url, TYPED)
    assert signing.loads(hidden(response)["resume_token"][0], salt=RESUME)["user"] == ""


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = client.cookies[TYPIST]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", RESUME_FOR)


def flip(token: str) -> str:
    return token[:5] + ("A" if token[5] != "A" else "B") + token[6:]


@pytest.mark.parametrize(
    "spoil",
    [flip, lambda token: token[:-1], lambda token: "", lambda token: "x", lambda token: token + "x", lambda token: "\x00",
     lambda token: signing.dumps({"user": "", "url": "/", "pairs": []}),
     lambda token: signing.dumps({"user": "", "url": "https://evil.example/", "pairs": []}, salt="other")],
)  # fmt: skip
def test_a_token_that_is_not_ours_resumes_nothing(client, url, spoil):
    with later(minutes=31):
        token = hidden(client.post(url, TYPED))["resume_token"][0]
        client, response = log_in("anna", resume_token=spoil(token))
        assert (response.status_code, response.url) == (302, "/")
        assert is_in(client)


@pytest.mark.parametrize(("age", "resumed"), [(RESUME_FOR, True), (RESUME_FOR + 2, False)])
def test_a_token_does_not_wait_for_ever(client, url, age, resumed, monkeypatch):
    with later(minutes=31):
        token = hidden(client.post(url, TYPED))["resume_token"][0]
        import time

        real = time.time()
        monkeypatch.setattr(signing.time, "time", lambda: real + age - 1)
        _, response = log_in("anna", resume_token=token)
    assert (response.status_code == 200) is resumed


def test_the_address_that_is_resumed_is_on_this_site():
    request = RequestFactory().post("/x/", TYPED)
    request.path = "//evil.example/x/"
    kept = signing.loads(hidden(resume_page(request, ""))["resume_token"][0], salt=RESUME)
    assert kept["url"] == "/%2Fevil.example/x/"


def test_after_the_log_in_the_rights_are_asked_again(client, url, world):
    """Resuming is a post like any other: somebody who may not enter data is refused."""
    world.user("MONITOR", "FR03", username="mona")
    reader = Client()
    response = reader.post(url, TYPED)
    reader, again = resume(response, "mona", client=reader)
    assert reader.post(url, hidden(again)).status_code == 403
    assert not InformedConsent.objects.exists()


@pytest.mark.parametrize("idle", [True, False])
def test_passwords_are_not_kept(client, idle):
    typed = {"old_password": "Old-Secret-Password-1", "new_password1": "New-Secret-Password-1", "new_password2": "New-Secret-Password-1"}
    if not idle:
        client = Client()
    with later(minutes=31):
        response = client.post(reverse("password"), typed)
    assert response.status_code == 401
    assert "resume_token" not in hidden(response)
    assert hidden(response)["next"] == ["/password/"]
    assert "Secret" not in response.content.decode()


def test_the_pause_and_the_check_of_the_client_agree(client):
    body = client.get(reverse("password")).content.decode()
    assert f'data-idle-seconds="{int(IDLE.total_seconds())}"' in body


def test_a_forged_post_does_not_even_end_the_session(patient, url):
    """CSRF is asked before the pause: another site cannot make us keep what it wrote."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world_user := patient.site.memberships.first().user)
    assert world_user.username == "anna"
    client.get(url)
    with later(minutes=31):
        assert client.post(url, TYPED).status_code == 403
    assert is_in(client)


# ---- the page is older than the log-in -------------------------------------------------------------------------------

OURS = {"HTTP_ORIGIN": "http://testserver"}


@pytest.fixture
def strict(patient) -> Client:
    """A browser, in which anna has logged in."""
    client = Client(enforce_csrf_checks=True)
    page = hidden_token(client.get(reverse("login")))
    log_in("anna", client=client, csrfmiddlewaretoken=page)
    assert is_in(client)
    return client


def hidden_token(response) -> str:
    return hidden(response)["csrfmiddlewaretoken"][0]


def again(client, username="anna") -> None:
    """In another window the session ends, and somebody logs in."""
    client.post(reverse("logout"), {"csrfmiddlewaretoken": hidden_token(client.get(reverse("password")))})
    log_in(username, client=client, csrfmiddlewaretoken=hidden_token(client.get(reverse("login"))))
    assert is_in(client)


def test_a_page_from_before_the_last_log_in_loses_nothing(strict, url):
    old = hidden_token(strict.get(url))
    again(strict)
    refused = strict.post(url, TYPED | {"csrfmiddlewaretoken": old}, **OURS)
    assert refused.status_code == 403
    assert not InformedConsent.objects.exists()
    assert "<dd>10 6 2026</dd>" in refused.content.decode()
    assert action(refused, "resume-form") == url
    kept = hidden(refused)
    assert {name: values[0] for name, values in kept.items() if name != "csrfmiddlewaretoken"} == TYPED
    assert strict.post(url, kept, **OURS).status_code == 302
    assert InformedConsent.objects.get().icf_version == "1.0"


def test_it_waits_for_a_confirmation_that_names_the_person(strict, url, world):
    world.user("INVESTIGATOR", "FR03", username="ivan")
    old = hidden_token(strict.get(url))
    again(strict, "ivan")
    shown = strict.post(url, TYPED | {"csrfmiddlewaretoken": old}, **OURS).content.decode()
    assert "You are logged in as Investigator FR03: send it only if you typed it yourself." in shown
    assert "resume.js" not in shown


def test_without_any_cookie_the_log_in_page_holds_it(strict, url):
    old = hidden_token(strict.get(url))
    strict.cookies.clear()
    response = strict.post(url, TYPED | {"csrfmiddlewaretoken": old}, **OURS)
    found = hidden(response)
    assert response.status_code == 401
    _, shown = log_in("anna", client=strict, resume_token=found["resume_token"][0], csrfmiddlewaretoken=found["csrfmiddlewaretoken"][0])
    assert strict.post(url, hidden(shown), **OURS).status_code == 302
    assert InformedConsent.objects.get().icf_version == "1.0"


def test_a_log_in_page_that_holds_it_and_is_too_old_itself_passes_it_on(strict, url):
    old = hidden_token(strict.get(url))
    strict.cookies.clear()
    found = hidden(strict.post(url, TYPED | {"csrfmiddlewaretoken": old}, **OURS))
    strict.cookies.clear()
    data = {"username": "anna", "password": "x", "resume_token": found["resume_token"][0], "csrfmiddlewaretoken": old}
    response = strict.post(reverse("login"), data, **OURS)
    assert (response.status_code, hidden(response)["resume_token"]) == (401, found["resume_token"])


@pytest.mark.parametrize("origin", [{}, {"HTTP_ORIGIN": "null"}, {"HTTP_ORIGIN": "https://evil.example"},
                                    {"HTTP_ORIGIN": "http://testserver.evil.example"}])  # fmt: skip
def test_what_another_site_sends_is_not_shown(strict, url, origin):
    response = strict.post(url, TYPED | {"icf_version": "forged"}, **origin)
    assert response.status_code == 403
    assert "forged" not in response.content.decode()
    assert "resume-form" not in response.content.decode()
    strict.cookies.clear()
    assert strict.post(url, TYPED, **origin).status_code == 403


def test_passwords_are_not_shown_again(strict):
    response = strict.post(reverse("password"), {"old_password": "Old-Secret-Password-1"}, **OURS)
    assert response.status_code == 403
    assert "Secret" not in response.content.decode()
    assert 'href="/password/"' in response.content.decode()


def test_the_live_check_is_not_kept_there_either(strict, url):
    response = strict.post(url, TYPED | {"action": "check"}, **OURS)
    assert (response.status_code, "resume-form" in response.content.decode()) == (403, False)


def test_what_was_typed_is_text_on_that_page(strict, url):
    response = strict.post(url, TYPED | {"icf_version": '"><script>alert(1)</script>'}, **OURS)
    assert "<script>alert" not in response.content.decode()
