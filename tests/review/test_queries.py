"""The life of a query with the data behind it, on the pages that people use."""

from __future__ import annotations

import pytest
from django.urls import reverse

from crf import pages
from crf.actions import recheck
from review.models import Query, QueryStatus
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-06-10"
OPEN, ANSWERED, CLOSED = QueryStatus.OPEN, QueryStatus.ANSWERED, QueryStatus.CLOSED


@pytest.fixture
def monitor(world):
    return world.user("MONITOR", "FR03")


@pytest.fixture
def patient(world):
    return world.patient()


def ecog(world, patient, value="5", action="submit"):
    return world.enter(patient, "ECOG", "SCR", action=action, assessed_on=DAY, ecog=value).saved.record


def the(rule="SCR-007") -> Query:
    return Query.objects.select_related("patient__site").get(rule=rule)


def act(world, user, query, action, text=""):
    return world.client(user).post(reverse("query_act", args=[query.pk]), {"action": action, "text": text})


def change(world, user, patient, code, slot, reason="Read again", **answers):
    page = Page(world, user, patient, code, slot)
    page.fill(**answers).post("submit", change_reason=reason)
    assert page.response.status_code == 302, page.read.findings
    return page


def test_it_opens_at_submission_not_in_progress(world, coordinator, patient):
    ecog(world, patient, action="save")
    assert not Query.objects.exists()
    page = Page(world, coordinator, patient, "ECOG", "SCR")
    page.post("submit")
    query = the()
    assert (query.status, query.form, query.field, query.raised_by) == (OPEN, "ECOG", "ecog", "system")
    assert query.value == "5 – dead"
    shown = read(page.client.get(page.url))
    assert "ECOG 5 means that the patient is dead" in shown.shown
    assert f'id="thread-{query.pk}"' in page.client.get(page.url).content.decode()


def test_a_correction_closes_it_and_names_the_change(world, coordinator, patient):
    ecog(world, patient)
    change(world, coordinator, patient, "ECOG", "SCR", ecog="2")
    query = the()
    assert query.status == CLOSED
    assert "5 – dead → 2 – cares for self" in query.text
    assert coordinator.full_name in query.text
    assert "ECOG performance status" in query.text


def test_a_confirmed_and_accepted_value_stays_closed(world, coordinator, monitor, patient):
    ecog(world, patient)
    assert act(world, coordinator, the(), "answer").status_code == 302
    assert the().status == ANSWERED
    assert act(world, monitor, the(), "close", "Seen in the source").status_code == 302
    assert (the().status, the().text) == (CLOSED, "Seen in the source")
    version = the().version
    Page(world, coordinator, patient, "ECOG", "SCR").post("submit")
    change(world, coordinator, patient, "ECOG", "SCR", assessed_on="2026-06-11")  # no input of this rule
    world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1")
    recheck([patient])
    assert (the().status, the().version) == (CLOSED, version)


def test_it_opens_again_when_an_input_changes(world, coordinator, monitor):
    patient = world.enrolled()
    day = patient.enrolled_on.isoformat()
    world.dose(patient, "C1D1", day, "2", **{"confirm-DOS-001": "1", "why-DOS-001": "Pump"})
    query = the("DOS-001")
    act(world, coordinator, query, "answer")
    act(world, monitor, query, "close")
    opened = the("DOS-001").opened_at
    change(world, coordinator, patient, "EC", "C1D1", dose_mg="3", **{"confirm-DOS-001": "1", "why-DOS-001": "Syringe"})
    again = the("DOS-001")
    assert again.status == OPEN
    assert "3 mg was given" in again.text
    assert again.value == "3"
    assert again.opened_at >= opened


@pytest.mark.parametrize("same", ["2.0", "2,00", "2"])
def test_the_same_value_typed_in_another_way_is_no_change(world, coordinator, monitor, same):
    patient = world.enrolled()
    world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "2", **{"confirm-DOS-001": "1", "why-DOS-001": "Pump"})
    act(world, coordinator, the("DOS-001"), "answer")
    act(world, monitor, the("DOS-001"), "close")
    page = Page(world, coordinator, patient, "EC", "C1D1")
    assert page.fill(dose_mg=same).post("submit").status_code == 302
    assert the("DOS-001").status == CLOSED


def test_it_opens_again_when_an_input_on_another_form_changes(world, coordinator, monitor, patient):
    world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1")
    world.enter(patient, "AE", "new", term="Pyrexia", scale="CTCAE 5.0", grade="1", started_on="2026-06-05")
    act(world, coordinator, the("AE-017"), "answer", "It got worse after consent")
    act(world, monitor, the("AE-017"), "close")
    change(world, coordinator, patient, "IC", "SCR", icf_version="2")  # no input
    assert the("AE-017").status == CLOSED
    change(world, coordinator, patient, "IC", "SCR", patient_signed_on="2026-06-08")
    assert the("AE-017").status == OPEN
    assert "08-Jun-2026" in the("AE-017").text
    change(world, coordinator, patient, "IC", "SCR", patient_signed_on="2026-06-04")
    closed = the("AE-017")
    assert closed.status == CLOSED
    assert "Informed consent" in closed.text
    assert "08-Jun-2026 → 04-Jun-2026" in closed.text


def test_an_answered_query_is_asked_again_when_the_data_change(world, coordinator):
    patient = world.enrolled()
    world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "2", **{"confirm-DOS-001": "1", "why-DOS-001": "Pump"})
    act(world, coordinator, the("DOS-001"), "answer")
    change(world, coordinator, patient, "EC", "C1D1", reason_details="x")  # no input
    assert the("DOS-001").status == ANSWERED
    change(world, coordinator, patient, "EC", "C1D1", dose_mg="4", **{"confirm-DOS-001": "1", "why-DOS-001": "Syringe"})
    assert the("DOS-001").status == OPEN


def test_the_monitor_asks_again(world, coordinator, monitor, patient):
    ecog(world, patient)
    act(world, coordinator, the(), "answer")
    act(world, monitor, the(), "reopen")
    assert (the().status, the().text) == (OPEN, "Please check again.")
    act(world, coordinator, the(), "answer", "Checked")
    act(world, monitor, the(), "close")
    act(world, monitor, the(), "reopen", "One more look")
    assert the().status == OPEN


def test_a_second_same_finding_asks_nothing_twice(world, coordinator, patient):
    ecog(world, patient)
    change(world, coordinator, patient, "ECOG", "SCR", ecog="2")
    change(world, coordinator, patient, "ECOG", "SCR", ecog="5")
    assert Query.objects.filter(rule="SCR-007").count() == 1
    assert the().status == OPEN
    assert [row.status for row in the().history.order_by("history_id")] == ["OPEN", "CLOSED", "OPEN"]


# ---- by hand ---------------------------------------------------------------------------------------------------------


def test_a_monitor_raises_the_site_answers_the_monitor_closes(world, coordinator, monitor, patient):
    ecog(world, patient, "2")
    raise_url = reverse("query_raise", args=[patient.number, "ECOG", "SCR"])
    answer = world.client(monitor).post(raise_url, {"field": "ecog", "text": "The letter says 1. <b>Sure?</b>"})
    assert answer.status_code == 302
    query = Query.objects.get()
    assert (query.status, query.value, query.raised_by) == (OPEN, "2 – cares for self, unable to work, up more than half of waking hours", monitor.username)
    act(world, coordinator, query, "answer", "Yes, the letter is older")
    other = world.user("MONITOR", "FR03", username="monitor.two")
    assert act(world, other, query, "close").status_code == 403
    assert act(world, coordinator, query, "close").status_code == 403
    assert act(world, monitor, query, "close", "Thank you").status_code == 302
    assert Query.objects.get().status == CLOSED
    # A change of the value leaves a manual query alone.
    act(world, monitor, query, "reopen")
    change(world, coordinator, patient, "ECOG", "SCR", ecog="1")
    assert Query.objects.get().status == OPEN


@pytest.mark.parametrize(
    "data", [{}, {"field": "ecog"}, {"field": "ecog", "text": "  "}, {"field": "version", "text": "x"}, {"field": "\x00", "text": "x"}, {"text": "x"}]
)
def test_a_query_without_field_or_text_is_not_raised(world, monitor, patient, data):
    ecog(world, patient, "2")
    answer = world.client(monitor).post(reverse("query_raise", args=[patient.number, "ECOG", "SCR"]), data)
    assert answer.status_code == 302
    assert not Query.objects.exists()


def test_nothing_to_ask_about_a_form_that_is_not_entered(world, monitor, patient):
    world.client(monitor).post(reverse("query_raise", args=[patient.number, "ECOG", "SCR"]), {"field": "ecog", "text": "x"})
    assert not Query.objects.exists()


@pytest.mark.parametrize("role", ["COORDINATOR", "INVESTIGATOR", "PHARMACIST", "INSPECTOR"])
def test_who_may_not_raise(world, patient, role):
    ecog(world, patient, "2")
    user = world.user(role) if role == "INSPECTOR" else world.user(role, "FR03")
    answer = world.client(user).post(reverse("query_raise", args=[patient.number, "ECOG", "SCR"]), {"field": "ecog", "text": "x"})
    assert answer.status_code == 403
    assert not Query.objects.exists()


def test_another_site_finds_no_such_query(world, patient):
    ecog(world, patient)
    for role in ("COORDINATOR", "MONITOR"):
        assert act(world, world.user(role, "IT02"), the(), "comment", "x").status_code == 404


@pytest.mark.parametrize("action", ["", "delete", "ANSWER", "\x00", "OPEN"])
def test_there_is_no_other_act(world, coordinator, patient, action):
    ecog(world, patient)
    assert act(world, coordinator, the(), action).status_code == 404
    assert the().version == 1


def test_queries_are_never_deleted(world, patient):
    from audit.context import NotAudited

    ecog(world, patient)
    with pytest.raises(NotAudited):
        the().delete()
    with pytest.raises(NotAudited):
        Query.objects.all().delete()


# ---- the thread ------------------------------------------------------------------------------------------------------


def test_the_thread_tells_who_when_what_and_the_value_at_the_time(world, coordinator, monitor, patient):
    ecog(world, patient)
    act(world, coordinator, the(), "answer", "As the doctor wrote")
    act(world, monitor, the(), "comment", "I shall look")
    act(world, monitor, the(), "reopen", "The letter says 2")
    change(world, coordinator, patient, "ECOG", "SCR", ecog="2")
    (thread,) = pages.threads(coordinator, [the()])
    got = [(post.who, post.role, post.text, post.value.split(" –")[0], post.state) for post in thread.posts]
    assert [each[:2] for each in got] == [
        ("The system", ""), (coordinator.full_name, "Site coordinator"), (monitor.full_name, "Monitor"),
        (monitor.full_name, "Monitor"), ("The system", ""),
    ]  # fmt: skip
    assert [each[2] for each in got[1:4]] == ["As the doctor wrote", "I shall look", "The letter says 2"]
    assert [each[3] for each in got[:4]] == ["5", "5", "5", "5"]
    assert [each[4] for each in got] == ["Open", "Answered", "Answered", "Open", "Closed"]
    times = [post.when for post in thread.posts]
    assert times == sorted(times)
    page = Page(world, coordinator, patient, "ECOG", "SCR").read.shown
    places = [page.index(text) for text in ("ECOG 5 means", "As the doctor wrote", "I shall look", "The letter says 2", "Closed by a change")]
    assert places == sorted(places)


def test_a_closed_system_query_shows_the_value_it_has_now(world, coordinator, patient):
    ecog(world, patient)
    change(world, coordinator, patient, "ECOG", "SCR", ecog="2")
    assert the().value.startswith("2 ")


def test_a_re_check_names_the_value_too(world, coordinator, patient):
    """Also at a form other than the one that was saved."""
    world.enter(patient, "AE", "new", term="Pyrexia", scale="CTCAE 5.0", grade="1", started_on="2026-06-05")
    world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1")
    assert the("AE-017").value == "05-Jun-2026"


def test_the_buttons_of_a_thread_are_those_that_the_person_may_use(world, coordinator, monitor, patient):
    ecog(world, patient)
    (mine,) = pages.threads(coordinator, [the()])
    (theirs,) = pages.threads(monitor, [the()])
    assert (mine.can_answer, mine.can_comment, mine.can_close, mine.can_reopen) == (True, True, False, False)
    assert (theirs.can_answer, theirs.can_comment, theirs.can_close, theirs.can_reopen) == (False, True, False, False)


def test_the_list_shows_what_waits(world, coordinator, monitor, patient):
    ecog(world, patient)
    for user in (coordinator, monitor, world.user("DATA_MANAGER")):
        client = world.client(user)
        assert patient.number in read(client.get("/queries/")).shown
        assert patient.number in client.get("/queries/?csv=1").content.decode()
        assert patient.number not in read(client.get("/queries/?status=CLOSED")).shown
    assert patient.number not in read(world.client(world.user("COORDINATOR", "IT02")).get("/queries/?status=ALL")).shown
