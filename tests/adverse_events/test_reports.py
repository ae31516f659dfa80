"""Reports of serious events and pregnancies: versions, questions, signature, assessments, the desk's list; end to end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import OutboxMail
from adverse_events import actions
from adverse_events.actions import Judged, NotDone, Typed
from adverse_events.report_content import changes, content_of
from adverse_events.reports import SafetyCase, SafetyReport
from audit import clock
from audit.context import NotAudited
from audit.models import Change
from crf import registry
from crf.actions import void
from review.actions import act_on_query
from review.models import Query, QueryStatus
from review.signatures import WrongPassword
from review.states import Act, can
from tests.adverse_events.reporting import DAY, EVENT, PHONED, case, change, recovered, send, sign, values
from tests.conftest import PASSWORD
from tests.crf.fixtures import NOON
from tests.crf.page import read

pytestmark = pytest.mark.usefixtures("noon")
# ---- the initial report -----------------------------------------------------------------------------------------------


def test_it_holds_what_is_entered_and_nothing_that_names_the_patient(world, coordinator):
    patient = world.enrolled()
    day = patient.enrolled_on.isoformat()
    world.dose(patient, "C1D1", day, "1")
    world.enter(patient, "CM", "new", name="Paracetamol", started_on=day, ongoing="Y", action="save")
    world.enter(patient, "CM", "new", name="Long over", started_on="2020", ongoing="N", ended_on="2020-02", action="save")
    event = world.enter(patient, "AE", "new", **{**EVENT, "started_on": day, "aware_on": day}).saved.record
    world.enter(patient, "CM", "new", name="Tocilizumab", started_on=day, ongoing="N", ended_on=day, for_event=event.slot, action="save")
    stored = values(send(coordinator, event, narrative="A fever in the evening"))
    assert stored["AE:1.term"] == "Fever" and stored["AE:1.grade"] == "2" and stored["EC:C1D1.dose_mg"] == "1.00"
    assert stored["DM:SCR.sex"] == "M"
    said = set(stored.values())
    assert "Paracetamol" in said and "Tocilizumab" in said and "Long over" not in said
    assert not [key for key in stored if key.startswith("DM:") and key != "DM:SCR.sex"]
    identifying = {f"{form.code}.{name}" for form in registry.forms() for name in form.identifying}
    assert not {f"{key.partition(':')[0]}.{key.rpartition('.')[2]}" for key in stored} & identifying
    own = set(json.loads(SafetyReport.objects.get().own))
    assert "AE:1" in own and "CM:3" in own and "CM:1" not in own, "what treats the event is part of it"


@pytest.mark.parametrize(("taken", "inside"), [("2026-11-12", True), ("2026-11-11", False), ("", False)])
def test_vital_signs_and_laboratory_around_the_onset(world, patient, record, taken, inside):
    """The event began on 19 November; seven days before it are inside."""
    world.enter(patient, "VS", "SCR", taken_on=taken, temperature="38", action="save")
    assert any(key.startswith("VS:SCR.") for key in content_of(record).values) is inside


@pytest.mark.parametrize(("ended", "inside"), [("2026-10-20", True), ("2026-10-19", False), ("2026-10", True), ("2026-09", False), ("", True)])
def test_medication_that_had_ended_long_before_is_left_out(world, patient, record, ended, inside):
    """Thirty days before the onset are inside; what has no end is going on."""
    world.enter(patient, "CM", "new", name="Ramipril", started_on="2020", ongoing="N" if ended else "Y", ended_on=ended, action="save")
    assert ("Ramipril" in content_of(record).values.values()) is inside


def test_a_void_record_is_in_no_report(world, coordinator, patient, record):
    gone = world.enter(patient, "CM", "new", name="Entered twice", started_on=DAY, ongoing="Y", action="save").saved.record
    assert "Entered twice" in content_of(record).values.values()
    void(record=gone, by=coordinator, reason="entered twice")
    assert "Entered twice" not in content_of(record).values.values()


def test_nothing_that_is_missing_holds_it_back(world, coordinator, patient):
    bare = world.enter(patient, "AE", "new", serious="Y", action="save").saved.record
    client = world.client(coordinator)
    url = reverse("report", args=[patient.number, "AE", bare.row])
    shown = read(client.get(url)).shown
    assert "Not entered yet: Event, Start date, Grade when it began, Could tarlatamab have caused it?" in shown
    assert client.post(url, {"base": "0"}).status_code == 302
    report = SafetyReport.objects.get()
    assert (report.number, report.category, report.sent_at, report.sent_by, report.narrative) == (1, "ORIGINAL", NOON, coordinator.username, "")
    bare.refresh_from_db()
    assert bare.reported_at == NOON


def test_the_desk_is_mailed_a_link_and_nothing_else(coordinator, desk, patient, record, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send(coordinator, record, narrative="A fever of 39 in the evening")
    sent = mail.outbox[-1]
    assert reverse("safety_case", args=["AE", record.pk]) in sent.body and sent.bcc == [desk.email]
    for secret in (patient.number, "FR03", "Fever", "fever of 39"):
        assert secret not in str(sent.message())


def test_a_mail_server_that_is_down_holds_no_report_back(coordinator, desk, record, monkeypatch, django_capture_on_commit_callbacks):
    def refuse(self, *args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        report = send(coordinator, record)
    waiting = OutboxMail.objects.get(key=f"reported-AE-{record.pk}-1")
    assert report.pk and list(waiting.attempts.values_list("error", flat=True)) == ["OSError: no route to host"]


def test_a_report_that_is_refused_writes_no_mail(coordinator, record):
    with pytest.raises(NotDone):
        send(coordinator, record, other_channel="FAX")
    assert not OutboxMail.objects.filter(key__startswith="reported-").exists()
    assert not SafetyReport.objects.exists() and not SafetyCase.objects.exists()


@pytest.mark.parametrize(("hours", "reason", "faults"), [(20, "", set()), (20.5, "", set()), (20.6, "", {"late_reason"}), (20.6, "late", {"late_reason"}), (20.6, "Nobody knew it", set())])
def test_a_late_report_says_why(coordinator, record, hours, reason, faults):
    with clock.set_to(NOON + timedelta(hours=hours)):
        if faults:
            with pytest.raises(NotDone) as refusal:
                send(coordinator, record, late_reason=reason)
            assert set(refusal.value.faults) == faults
        else:
            assert send(coordinator, record, late_reason=reason).late_reason == reason


def test_sent_twice_by_one_click_is_sent_once(world, coordinator, record):
    first = send(coordinator, record, narrative="A fever")
    assert send(coordinator, record, narrative="A fever").pk == first.pk
    with pytest.raises(NotDone, match="Version 1 was sent by Site coordinator"):
        send(world.user("INVESTIGATOR", "FR03"), record, narrative="A fever")
    assert SafetyReport.objects.count() == 1


def test_what_was_sent_is_never_changed(coordinator, desk, record):
    report = send(coordinator, record)
    report.narrative = "Something else"
    from accounts.access import actor_for
    from audit.context import acting

    with acting(actor_for(coordinator, record.patient.site), reason="no", source="test"), pytest.raises(NotAudited):
        report.save()


# ---- follow-ups -------------------------------------------------------------------------------------------------------


def test_a_follow_up_shows_only_what_changed(world, coordinator, record):
    send(coordinator, record, narrative="A fever")
    change(world, record, grade="3", relationship="Y")
    second = send(coordinator, record, base=1, narrative="A fever")
    assert (second.number, second.category) == (2, "AMENDMENT")
    found = case(record)
    (part,) = changes("FR03-001", *(actions.Content(values(each), frozenset()) for each in found.versions))
    assert [(line.label, line.old, line.new) for line in part.lines] == [
        ("Grade when it began", "Grade 2", "Grade 3"), ("Could tarlatamab have caused it?", "Not yet assessed", "Yes, a reasonable possibility"),
    ]  # fmt: skip
    shown = read(world.client(coordinator).get(found.url)).shown
    assert shown.index("Version 2") < shown.index("Version 1")


def test_nothing_changed_is_refused_and_a_new_sentence_is_enough(world, coordinator, record):
    send(coordinator, record, narrative="A fever", reporter="PHYSICIAN")
    with pytest.raises(NotDone, match="Nothing has changed since version 1 was sent"):
        send(coordinator, record, base=1, narrative="A fever")
    with pytest.raises(NotDone):
        send(coordinator, record, base=1, narrative=" A fever ", reporter="PHYSICIAN")
    assert send(coordinator, record, base=1, narrative="A fever. She is better.").number == 2
    with pytest.raises(NotDone):
        send(coordinator, record, base=2, narrative="A fever. She is better.")


def test_the_page_says_that_something_has_changed(world, coordinator, record):
    send(coordinator, record)
    url = reverse("record", args=[record.patient.number, "AE", "1"])
    client = world.client(coordinator)
    assert "Something has changed since then" not in read(client.get(url)).shown
    world.enter(record.patient, "CM", "new", name="Ramipril", started_on=DAY, ongoing="Y", action="save")
    assert "Something has changed since then" not in read(client.get(url)).shown, "what stands around it asks for no follow-up"
    change(world, record, grade="3")
    assert "Something has changed since then" in read(client.get(url)).shown


def test_an_event_that_is_no_longer_serious_is_followed_up_and_stays_on_the_list(world, coordinator, record):
    send(coordinator, record)
    change(world, record, serious="N", is_hospitalisation="", aware_on="", aware_time="")
    assert send(coordinator, record, base=1).category == "AMENDMENT"
    assert record.patient.number in read(world.client(coordinator).get("/safety/")).shown


# ---- nullification ----------------------------------------------------------------------------------------------------


def test_an_event_entered_by_mistake_is_nullified_once_it_is_void(world, coordinator, desk, record):
    send(coordinator, record, narrative="A fever")
    void(record=record, by=coordinator, reason="wrong patient")
    found = case(record)
    assert found.state[2] == "Voided: nullification to come" and found.dates == ()
    with pytest.raises(NotDone) as refusal:
        send(coordinator, record, base=1, reason="wrong")
    assert set(refusal.value.faults) == {"reason"}
    last = send(coordinator, record, base=1, reason="It is another patient's event")
    assert (last.category, values(last)) == ("NULLIFICATION", values(SafetyReport.objects.get(number=1)))
    with pytest.raises(NotDone, match="there is nothing more to send"):
        send(coordinator, record, base=2, reason="It is another patient's event, again")
    actions.acknowledge(user=desk, case=case(record))
    actions.close(user=desk, case=case(record), reason="Taken back by the site")
    assert case(record).state[0] == "CLOSED"


def test_a_void_event_that_was_never_reported_needs_no_nullification(coordinator, record):
    void(record=record, by=coordinator, reason="wrong patient")
    with pytest.raises(NotDone, match="never reported"):
        send(coordinator, record, reason="It is another patient's event")


# ---- other means ------------------------------------------------------------------------------------------------------

def test_a_call_in_time_counts_once_the_desk_has_confirmed_it(coordinator, desk, record):
    with clock.set_to(NOON + timedelta(hours=30)):
        send(coordinator, record, late_reason="It had been telephoned before", **PHONED)
        assert case(record).late is True
        with pytest.raises(PermissionDenied):
            actions.confirm_other_means(user=coordinator, case=case(record))
        actions.confirm_other_means(user=desk, case=case(record))
        assert case(record).late is False
        # Corrected by the site, it is to be confirmed again.
        actions.report_by_other_means(user=coordinator, case=case(record), typed=Typed(**{**PHONED, "other_time": "10:30"}))
        assert case(record).late is True


def test_what_the_desk_enters_is_confirmed_by_that(desk, record):
    actions.report_by_other_means(user=desk, case=case(record), typed=Typed(**PHONED))
    found = case(record)
    assert found.other_acknowledged and not found.runs and found.is_waiting
    with clock.set_to(NOON + timedelta(hours=30)):
        send(record.patient and _coordinator(record), record)  # in time, so no reason is asked for


def _coordinator(record):
    from accounts.models import User

    return User.objects.get(username="coordinator.fr03")


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"other_on": DAY}, {"other_time", "other_channel"}),
        ({"other_channel": "FAX"}, {"other_on", "other_time"}),
        ({**PHONED, "other_on": "2026-11-21"}, {"other_on"}),  # the future
        ({**PHONED, "other_time": "13:01"}, {"other_on"}),
        ({**PHONED, "other_time": "09:29"}, {"other_on"}),  # before the site knew
        ({**PHONED, "other_on": "2026-11-19"}, {"other_on"}),
        ({**PHONED, "other_channel": "PIGEON"}, {"other_channel"}),
        ({**PHONED, "other_time": "UNK"}, set()),
        ({**PHONED, "other_time": "09:30"}, set()),
        ({**PHONED, "other_time": "13:00"}, set()),
    ],
)
def test_what_is_wrong_with_a_report_by_other_means(coordinator, record, typed, faults):
    if faults:
        with pytest.raises(NotDone) as refusal:
            actions.report_by_other_means(user=coordinator, case=case(record), typed=Typed(**typed))
        assert set(refusal.value.faults) == faults
    else:
        actions.report_by_other_means(user=coordinator, case=case(record), typed=Typed(**typed))
        assert SafetyCase.objects.get().other_channel == typed["other_channel"]


# ---- signature --------------------------------------------------------------------------------------------------------


def test_the_investigator_signs_and_a_changed_value_breaks_it(world, coordinator, investigator, record):
    with pytest.raises(NotDone):
        actions.sign_report(user=investigator, case=case(record), password=PASSWORD, seen=0)
    send(coordinator, record)
    assert not case(record).signature.signed
    with pytest.raises(PermissionDenied):
        sign(coordinator, record)
    with pytest.raises(WrongPassword):
        actions.sign_report(user=investigator, case=case(record), password="wrong", seen=1)
    sign(investigator, record)
    assert case(record).signature.stands and case(record).is_signed
    world.enter(record.patient, "CM", "new", name="Ramipril", started_on=DAY, ongoing="Y", action="save")
    assert case(record).signature.stands, "what stands around the event is not what was signed"
    change(world, record, grade="3")
    found = case(record)
    assert not found.signature.stands and found.broken_words == "Grade when it began"
    assert Change.objects.filter(form="AE", field="grade", after_signature=True).exists()
    send(coordinator, record, base=1)
    assert not case(record).signature.signed, "a new version is signed anew"
    sign(investigator, record)
    assert case(record).signature.stands


def test_a_version_sent_in_between_is_not_signed_unseen(world, coordinator, investigator, record):
    send(coordinator, record)
    seen = case(record)
    send(coordinator, record, base=1, narrative="Something new")
    with pytest.raises(NotDone):
        actions.sign_report(user=investigator, case=seen, password=PASSWORD, seen=1)


# ---- the desk ---------------------------------------------------------------------------------------------------------


def test_a_question_its_mail_its_answer_and_its_end(world, coordinator, investigator, desk, record, django_capture_on_commit_callbacks):
    send(coordinator, record)
    actions.acknowledge(user=desk, case=case(record))
    with pytest.raises(PermissionDenied):
        actions.ask(user=coordinator, case=case(record), field="grade", text="Which grade is it?")
    with django_capture_on_commit_callbacks(execute=True):
        actions.ask(user=desk, case=case(record), field="grade", text="Which grade is it?")
    query = Query.objects.get(raised_for="SAFETY")
    assert (query.form, query.record, query.field, query.value) == ("AE", record.pk, "grade", "Grade 2")
    assert {each.bcc[0] for each in mail.outbox[-2:]} == {coordinator.email, investigator.email}
    for each in mail.outbox[-2:]:
        assert reverse("safety_case", args=["AE", record.pk]) in each.body
        assert not {record.patient.number, "FR03", "Fever", "grade"} & set(str(each.message()).split())
    assert case(record).state[0] == "ASKED"
    act_on_query(user=coordinator, query=query, act=Act.ANSWER, text="Grade 2.", value="Grade 2")
    assert case(record).state[0] == "ANSWERED"
    query.refresh_from_db()
    colleague, monitor = world.user("SAFETY_DESK", username="desk.two"), world.user("MONITOR", "FR03")
    assert can(colleague, query, Act.CLOSE) and not can(monitor, query, Act.CLOSE) and not can(coordinator, query, Act.CLOSE)
    act_on_query(user=colleague, query=query, act=Act.CLOSE, text="", value="Grade 2")
    query.refresh_from_db()
    assert query.status == QueryStatus.CLOSED


def test_a_query_of_a_monitor_is_not_the_desks(world, desk, record):
    from review.actions import raise_query

    monitor = world.user("MONITOR", "FR03")
    query = raise_query(user=monitor, patient=record.patient, form="AE", record=record.pk, field="grade", text="?", value="2")
    assert not can(desk, query, Act.CLOSE) and can(monitor, query, Act.CLOSE)
    assert case(record).queries == []


def test_everything_that_stands_against_closing_is_said(world, coordinator, investigator, desk, record):
    assert case(record).against_closing == ["Nothing has been reported yet."]
    send(coordinator, record)
    actions.ask(user=desk, case=case(record), field="grade", text="Which grade is it?")
    change(world, record, grade="3")
    said = " ".join(case(record).against_closing)
    for words in ("Acknowledge version 1", "1 of your questions is open", "final outcome", "a follow-up first", "not signed version 1", "report to an authority"):
        assert words in said
    with pytest.raises(NotDone):
        actions.close(user=desk, case=case(record), reason="Nothing more is to come")
    recovered(world, record)
    send(coordinator, record, base=1)
    act_on_query(user=desk, query=Query.objects.get(raised_for="SAFETY"), act=Act.CLOSE, text="", value="")
    actions.acknowledge(user=desk, case=case(record))
    sign(investigator, record)
    assert len(case(record).against_closing) == 1, "not related to the investigator, not assessed by the sponsor"
    actions.assess(user=desk, case=case(record), judged=Judged(causality="N"), version=0)
    # Neither sees a possibility: no SUSAR, whatever is expected.
    assert case(record).against_closing == []
    with pytest.raises(PermissionDenied):
        actions.close(user=coordinator, case=case(record), reason="Nothing more is to come")
    with pytest.raises(NotDone):
        actions.close(user=desk, case=case(record), reason="done")
    actions.close(user=desk, case=case(record), reason="Nothing more is to come")
    assert case(record).state[0] == "CLOSED"
    with pytest.raises(NotDone):
        actions.close(user=desk, case=case(record), reason="Nothing more is to come")
    actions.reopen(user=desk, case=case(record), reason="A new letter has come")
    assert case(record).state[0] == "DONE"


def test_a_follow_up_opens_a_closed_case_again(world, coordinator, investigator, desk, record):
    recovered(world, record)
    send(coordinator, record)
    sign(investigator, record)
    actions.acknowledge(user=desk, case=case(record))
    actions.assess(user=desk, case=case(record), judged=Judged(causality="N"), version=0)
    actions.close(user=desk, case=case(record), reason="Nothing more is to come")
    send(coordinator, record, base=1, narrative="It has come back")
    found = case(record)
    assert (found.status, found.stored.status_reason) == ("OPEN", "Version 2 was sent after the case was closed.")
