"""Wrong patient or visit: the record is void there, in progress here, and both trails say so; or nothing happens at all."""

from __future__ import annotations

import uuid
from random import Random

import pytest
from django.urls import reverse

from audit import examine
from audit.models import ChangeSet
from crf import entry, registry
from crf.checks import own_fields
from crf.forms import form_for
from demo import filler
from patients.models import Visit
from protocol import parameters
from review.actions import raise_query
from review.models import Query, QueryStatus
from tests.crf.fixtures import NOON
from tests.crf.page import Page, read
from tests.crf.test_races import race, statuses

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-06-10"
WHY = "It is the other patient's sheet"


@pytest.fixture
def wrong(world):
    return world.patient()


@pytest.fixture
def right(world, wrong):
    return world.patient()


def ecog(world, patient, visit="SCR", action="submit", **more):
    return world.enter(patient, "ECOG", visit, action=action, **{"assessed_on": DAY, "ecog": "2", **more}).saved.record


def url_of(record, number=""):
    return reverse("move", args=[number or record.patient.number, record.code, record.pk])


def posted(record, to, visit="", **more):
    """What the last form of the page sends."""
    return {"to": to if isinstance(to, str) else to.number, "visit": visit, "version": str(record.version), "reason": WHY,
            "token": str(uuid.uuid4()), **more}  # fmt: skip


def move(world, user, record, to, visit="", **more):
    return world.client(user).post(url_of(record), posted(record, to, visit, **more))


def live(code, patient, **where):
    return registry.form(code).objects.filter(patient=patient, voided=False, **where)


def sets(patient) -> list[ChangeSet]:
    return list(ChangeSet.objects.filter(chain=patient.number, source="move").order_by("seq"))


def untouched(record) -> bool:
    """The record stands as it stood, and nothing was entered anywhere else."""
    now = type(record).objects.get(pk=record.pk)
    return (now.version, now.voided) == (record.version, False) and type(record).objects.count() == 1 and not \
        ChangeSet.objects.filter(source="move").exists()  # fmt: skip


# ---- what happens ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["submit", "save"])
def test_to_another_patient(world, coordinator, wrong, right, action):
    record = ecog(world, wrong, action=action, paper_number="P-7")
    response = move(world, coordinator, record, right, "SCR")
    assert (response.status_code, response.url) == (302, reverse("record", args=[right.number, "ECOG", "SCR"]))
    old, new = type(record).objects.get(pk=record.pk), live("ECOG", right).get()
    assert old.voided
    assert old.void_reason == f"Moved to {right.number} ECOG SCR: {WHY}"
    assert (old.assessed_on, old.ecog) == (DAY, "2")
    assert (new.assessed_on, new.ecog, new.paper_number, new.origin) == (DAY, "2", "P-7", "PAPER")
    assert (new.state, new.version, new.visit.code) == ("IN PROGRESS", 1, "SCR")
    assert [(s.reason, s.actor) for s in sets(wrong)] == [(f"Moved to {right.number} ECOG SCR: {WHY}", coordinator.username)]
    assert [(s.reason, s.actor) for s in sets(right)] == [(f"Moved from {wrong.number} ECOG SCR: {WHY}", coordinator.username)]
    assert list(examine.findings()) == []


def test_to_another_visit_of_the_same_patient(world, coordinator, wrong):
    record = ecog(world, wrong, "C1D1")
    assert move(world, coordinator, record, wrong, "SCR").status_code == 302
    assert live("ECOG", wrong).get().visit.code == "SCR"
    assert [s.reason.partition(":")[0] for s in sets(wrong)] == [f"Moved to {wrong.number} ECOG SCR", f"Moved from {wrong.number} ECOG C1D1"]
    assert list(examine.findings()) == []


def test_a_log_record_gets_the_next_number_there(world, coordinator, wrong, right):
    for n in range(2):
        world.enter(right, "AE", "new", term=f"Cough {n}")
    record = world.enter(wrong, "AE", "new", term="Nausea", started_on="2026-06", grade="2", scale="CTCAE 5.0").saved.record
    response = move(world, coordinator, record, right)
    assert response.url == reverse("record", args=[right.number, "AE", "3"])
    new = live("AE", right, row=3).get()
    assert (new.term, new.started_on, new.grade, new.scale, new.visit_id) == ("Nausea", "2026-06", "2", "CTCAE 5.0", None)
    record.refresh_from_db()
    assert record.void_reason.startswith(f"Moved to {right.number} AE 3: ")


def test_every_kind_of_answer_is_carried(world, coordinator, wrong, right):
    """Partial dates, times that nobody knows, figures, several codes, text of several lines, a reason for no answer."""
    dose = world.enter(wrong, "EC", "C1D1", action="save", occurrence="GIVEN", given_on="2026-11-19", start_time="UNK",
                       end_time="11:05", dose_mg="0.75", reason_details="à 10 h, <b>“so”</b>").saved.record  # fmt: skip
    failure = world.enter(wrong, "SF", "SCR", action="save", decided_on=DAY, reason="ELIGIBILITY CRITERIA NOT MET",
                          criteria=["I3", "E5"], details="One\r\ntwo").saved.record  # fmt: skip
    unknown = ecog(world, wrong, ecog="", ecog_missing="NOT DONE")
    for record, visit in ((dose, "C1D8"), (failure, "SCR"), (unknown, "C1D1")):
        assert move(world, coordinator, record, right, visit).status_code == 302
        new = live(record.code, right).get()
        for name in record.questions():
            assert getattr(new, name) == getattr(record, name), name
    assert live("ECOG", right).get().ecog_missing == "NOT DONE"
    assert live("SF", right).get().criteria == "I3; E5"


def test_the_queries_of_the_wrong_record_close_and_none_opens_on_a_draft(world, coordinator, wrong, right):
    record = ecog(world, wrong, ecog="5")
    raise_query(user=world.user("MONITOR"), patient=wrong, form="ECOG", record=record.pk, field="ecog", text="?", value="5")
    assert Query.objects.filter(record=record.pk, status=QueryStatus.OPEN).count() >= 2
    move(world, coordinator, record, right, "SCR")
    assert set(Query.objects.filter(patient=wrong, form="ECOG").values_list("status", flat=True)) == {"CLOSED"}
    assert not Query.objects.filter(patient=right, form="ECOG").exists()
    Page(world, coordinator, right, "ECOG", "SCR").post("submit")
    assert Query.objects.filter(patient=right, form="ECOG", status=QueryStatus.OPEN).exists()


def test_a_serious_event_starts_its_clock_and_its_mail_at_the_right_patient(world, coordinator, wrong, right):
    from accounts.models import OutboxMail

    record = world.enter(wrong, "AE", "new", term="Pyrexia", serious="Y").saved.record
    move(world, coordinator, record, right)
    new = live("AE", right).get()
    assert new.serious_saved_at is not None
    assert new.reported_at is None
    assert OutboxMail.objects.filter(key=f"serious-{new.pk}").count() == 1


def test_what_the_system_noted_is_named_as_left_behind(world, coordinator, wrong, right):
    record = world.enter(wrong, "AE", "new", term="Pyrexia", serious="Y").saved.record
    page = world.client(coordinator).get(url_of(record), {"to": right.number})
    assert "First saved as serious" in read(page, "*").shown


def test_the_place_left_is_free_again_and_the_place_of_a_void_record_is_free(world, coordinator, wrong, right):
    record = ecog(world, wrong)
    move(world, coordinator, record, right, "SCR")
    back = live("ECOG", right).get()
    assert move(world, coordinator, back, wrong, "SCR").status_code == 302
    assert live("ECOG", wrong).get().pk not in (record.pk, back.pk)
    assert not live("ECOG", right).exists()
    assert list(examine.findings()) == []


def test_between_two_sites_of_one_person(world, wrong):
    both = world.user("COORDINATOR", "FR03", "GR01")
    away = world.patient("GR01")
    record = ecog(world, wrong)
    assert move(world, both, record, away, "SCR").status_code == 302
    assert live("ECOG", away).count() == 1
    here, there = sets(wrong), sets(away)
    assert [(s.record_site, s.actor_site) for s in here + there] == [("FR03", "FR03"), ("GR01", "GR01")]
    assert list(examine.findings()) == []


# ---- what the page shows ---------------------------------------------------------------------------------------------


def test_the_page_shows_both_places_before_anything_happens(world, coordinator, wrong, right):
    world.enter(right, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY, icf_version="1.0")
    record = ecog(world, wrong)
    client = world.client(coordinator)
    first = client.get(url_of(record))
    assert right.number in read(first, "*").shown
    assert "Move it to" not in read(first, "*").shown
    second = client.get(url_of(record), {"to": right.number, "visit": "SCR"})
    shown = read(second, "*").shown
    for words in ("10-Jun-2026", "Informed consent", f"Move it to {right.number}, Screening"):
        assert words in shown
    assert untouched(record)


def test_a_figure_is_shown_with_its_unit_and_a_missing_answer_with_its_reason(world, coordinator, wrong, right):
    dose = world.enter(wrong, "EC", "C1D1", action="save", occurrence="GIVEN", dose_mg="10").saved.record
    unknown = ecog(world, wrong, ecog="", ecog_missing="NOT DONE")
    client = world.client(coordinator)
    dosed, missing = (client.get(url_of(each), {"to": right.number, "visit": visit}).context["answers"]
                      for each, visit in ((dose, "C1D1"), (unknown, "SCR")))  # fmt: skip
    assert ("Dose given", "10 mg") in dosed
    assert ("ECOG performance status – no answer, because", "Not done") in missing


def test_the_log_of_the_target_is_shown(world, coordinator, wrong, right):
    world.enter(right, "AE", "new", term="Cough")
    record = world.enter(wrong, "AE", "new", term="Nausea").saved.record
    assert "Cough" in read(world.client(coordinator).get(url_of(record), {"to": right.number}), "*").shown


def test_the_record_leads_there_and_a_void_one_does_not(world, coordinator, wrong, right):
    record = ecog(world, wrong)
    page = Page(world, coordinator, wrong, "ECOG", "SCR")
    assert url_of(record) in page.response.content.decode()
    log = world.enter(wrong, "AE", "new", term="Nausea").saved.record
    move(world, coordinator, log, right)
    gone = Page(world, coordinator, wrong, "AE", "1")
    assert url_of(log) not in gone.response.content.decode()
    assert f"Moved to {right.number} AE 1: {WHY}" in gone.read.shown


def test_both_histories_tell_it(world, coordinator, wrong, right):
    record = world.enter(wrong, "AE", "new", term="Nausea").saved.record
    move(world, coordinator, record, right)
    client = world.client(coordinator)
    for patient, words in ((wrong, f"Moved to {right.number} AE 1: {WHY}"), (right, f"Moved from {wrong.number} AE 1: {WHY}")):
        assert words in read(client.get(reverse("history", args=[patient.number, "AE", "1"])), "*").shown
    auditor = world.client(world.user("MONITOR")).get(reverse("changes"), {"patient": right.number})
    assert "moved, wrong patient or visit" in read(auditor, "*").shown


# ---- what is refused -------------------------------------------------------------------------------------------------


REFUSED = {
    "no patient": (lambda w, r: ("", "SCR"), "Choose the patient"),
    "no visit": (lambda w, r: (r, ""), "Choose the visit"),
    "a visit that the form does not know": (lambda w, r: (r, "EOT"), "Choose the visit"),
    "an unknown visit": (lambda w, r: (r, "C9D9\x00"), "Choose the visit"),
    "the same place": (lambda w, r: (w, "SCR"), "stands there already"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(world, coordinator, wrong, right, case):
    record = ecog(world, wrong)
    place, words = REFUSED[case]
    response = move(world, coordinator, record, *place(wrong, right))
    assert response.status_code == 422
    assert words in read(response, "*").shown
    assert untouched(record)


def test_refused_to_the_same_patient_in_a_log(world, coordinator, wrong):
    record = world.enter(wrong, "AE", "new", term="Nausea").saved.record
    response = move(world, coordinator, record, wrong)
    assert response.status_code == 422
    assert "choose another patient." in read(response, "*").shown
    assert untouched(record)


@pytest.mark.parametrize("reason", ["", "   ", None])
def test_refused_without_a_reason_and_what_was_chosen_stays(world, coordinator, wrong, right, reason):
    record = ecog(world, wrong)
    data = posted(record, right, "SCR", reason=reason)
    response = world.client(coordinator).post(url_of(record), {name: value for name, value in data.items() if value is not None})
    assert response.status_code == 422
    page = read(response, "*")
    assert "Say in a few words why" in page.shown
    assert page.data["to"][-1] == right.number
    assert page.data["token"] == [data["token"]]
    assert untouched(record)


@pytest.mark.parametrize("state", ["submit", "save"])
def test_refused_where_a_live_record_stands(world, coordinator, wrong, right, state):
    record, there = ecog(world, wrong), ecog(world, right, action=state, ecog="1")
    response = move(world, coordinator, record, right, "SCR")
    assert response.status_code == 422
    assert f"ECOG performance status of {right.number} at Screening is entered already" in read(response, "*").shown
    record.refresh_from_db()
    there.refresh_from_db()
    assert (record.voided, there.voided, there.version, there.ecog) == (False, False, 1, "1")


def test_refused_when_it_is_void(world, coordinator, wrong, right):
    record = ecog(world, wrong)
    world.client(coordinator).post(reverse("void", args=[wrong.number, "ECOG", record.pk]), {"reason": "typed twice"})
    response = move(world, coordinator, record, right, "SCR", version="2")
    assert response.status_code == 422
    assert "void already: typed twice" in read(response, "*").shown
    assert not live("ECOG", right).exists()
    assert "Move it to" not in read(world.client(coordinator).get(url_of(record), {"to": right.number, "visit": "SCR"}), "*").shown


@pytest.mark.parametrize("version", ["", "0", "2", "x", "１", "9" * 400])
def test_refused_in_another_version_than_the_page_showed(world, coordinator, wrong, right, version):
    record = ecog(world, wrong)
    response = move(world, coordinator, record, right, "SCR", version=version)
    assert response.status_code == 409
    assert untouched(record)


def test_changed_meanwhile_shows_the_new_answers_and_can_be_moved_then(world, coordinator, wrong, right):
    record = ecog(world, wrong)
    old = posted(record, right, "SCR")
    Page(world, world.user("INVESTIGATOR"), wrong, "ECOG", "SCR").fill(ecog="1").post("submit", change_reason="Read again")
    client = world.client(coordinator)
    response = client.post(url_of(record), old)
    assert response.status_code == 409
    page = read(response, "*")
    assert "Somebody has changed this record" in page.shown
    assert page.data["reason"] == [WHY]
    assert client.post(url_of(record), {**old, "version": page.data["version"][0]}).status_code == 302
    assert live("ECOG", right).get().ecog == "1"


def test_an_answer_that_the_target_may_not_store_refuses_the_whole(world, wrong):
    """The day of birth, which only some countries let be stored."""
    both = world.user("COORDINATOR", "FR03", "GR01")
    away = world.patient("GR01")
    with parameters.override(birth_date_precision={"FR": "day", "GR": "year"}):
        record = world.enter(wrong, "DM", "SCR", birth_date="1958-03-05", sex="F").saved.record
        page = read(world.client(both).get(url_of(record), {"to": away.number, "visit": "SCR"}), "*")
        response = move(world, both, record, away, "SCR")
    for shown in (page.shown, read(response, "*").shown):
        assert f"“Born”: 05-Mar-1958 cannot be stored for {away.number}. Enter the year only" in shown
    assert "reason" not in page.names
    assert response.status_code == 422
    assert untouched(record)


def test_an_answer_that_would_change_on_the_way_refuses_the_whole(world, coordinator, wrong, right):
    """Stored before the form asked differently: the page would empty it silently."""
    from audit.context import SYSTEM, acting

    record = world.enter(wrong, "EC", "C1D1", action="save", occurrence="DELAYED").saved.record
    with acting(SYSTEM, reason="test", source="test"):
        record.dose_mg = 10
        record.save()
    response = move(world, coordinator, record, right, "C1D1")
    assert response.status_code == 422
    assert "“Dose given”: 10 would not stay as it is" in read(response, "*").shown
    assert untouched(record)


def test_an_error_at_the_target_refuses_the_whole(world, coordinator, wrong, right, monkeypatch):
    """What cannot be true is not stored, there neither; and the record here is not void."""
    from audit import clock

    record = ecog(world, wrong)
    with clock.set_to(clock.now().replace(year=2026, month=6, day=1)):
        page = read(world.client(coordinator).get(url_of(record), {"to": right.number, "visit": "SCR"}), "*")
        response = move(world, coordinator, record, right, "SCR")
    assert "reason" not in page.names
    assert response.status_code == 422
    assert "future" in read(response, "*").shown
    assert untouched(record)


# ---- who may not -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "expected"),
    [("MONITOR", 403), ("DATA_MANAGER", 403), ("INSPECTOR", 403), ("SAFETY_DESK", 403), ("MEDICAL_REVIEWER", 403),
     ("PHARMACIST", 403), ("STATISTICIAN", 404), ("ADMINISTRATOR", 404), ("INVESTIGATOR", 302), ("SUB_INVESTIGATOR", 302)],
)  # fmt: skip
def test_who_may(world, wrong, right, role, expected):
    record = ecog(world, wrong)
    client = world.client(world.user(role))
    assert client.get(url_of(record)).status_code == (200 if expected == 302 else expected)
    assert client.post(url_of(record), posted(record, right, "SCR")).status_code == expected
    assert (expected == 302) is not untouched(record)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_target_of_another_site_does_not_exist(world, coordinator, wrong, method):
    away, record = world.patient("FR01"), ecog(world, wrong)
    response = getattr(world.client(coordinator), method)(url_of(record), posted(record, away, "SCR"))
    assert response.status_code == 404
    assert away.number not in read(world.client(coordinator).get(url_of(record)), "*").shown
    assert untouched(record)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_record_of_another_site_does_not_exist(world, wrong, method):
    record, away = ecog(world, wrong), world.patient("FR01")
    client = world.client(world.user("COORDINATOR", "FR01"))
    assert getattr(client, method)(url_of(record), posted(record, away, "SCR")).status_code == 404
    assert untouched(record)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_target_that_one_only_reads_is_refused(world, wrong, coordinator, method):
    """Coordinator here, monitor there: one may see the patient and enter nothing."""
    from accounts.actions import create_user
    from accounts.roles import Role
    from audit.context import SYSTEM
    from tests.conftest import PASSWORD

    mixed = create_user(username="mixed", full_name="Mixed", email="", password=PASSWORD, starts_on=coordinator.memberships.first().starts_on,
                        roles=[(Role.COORDINATOR, world.site("FR03")), (Role.MONITOR, world.site("FR01"))], by=SYSTEM)  # fmt: skip
    away, record = world.patient("FR01"), ecog(world, wrong)
    client = world.client(mixed)
    assert getattr(client, method)(url_of(record), posted(record, away, "SCR")).status_code == 403
    assert away.number not in read(client.get(url_of(record)), "*").shown
    back = ecog(world, away)
    assert getattr(client, method)(url_of(back), posted(back, wrong, "C1D1")).status_code == 403


@pytest.mark.parametrize("to", ["FR03-999", "nobody", "\x00", "FR03-001\x00", "x" * 5000, "'; --"])
def test_a_target_that_does_not_exist(world, coordinator, wrong, to):
    record = ecog(world, wrong)
    to = to.replace("FR03-001", "FR03-998")
    for method in ("get", "post"):
        assert getattr(world.client(coordinator), method)(url_of(record), posted(record, to, "SCR")).status_code == 404
    assert untouched(record)


def test_a_record_of_another_patient_is_not_reached_by_its_number(world, coordinator, wrong, right):
    record = ecog(world, wrong)
    response = world.client(coordinator).post(url_of(record, right.number), posted(record, wrong, "C1D1"))
    assert response.status_code == 404
    assert untouched(record)


# ---- twice -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["ECOG", "AE"])
def test_a_double_click_makes_one_record(world, coordinator, wrong, right, code):
    record = ecog(world, wrong) if code == "ECOG" else world.enter(wrong, "AE", "new", term="Nausea").saved.record
    data, client = posted(record, right, "SCR" if code == "ECOG" else ""), world.client(coordinator)
    answers = [client.post(url_of(record), data) for _ in range(3)]
    assert {(each.status_code, each.url) for each in answers} == {(302, reverse("record", args=[right.number, code, live(code, right).get().slot]))}
    assert type(record).objects.count() == 2
    assert len(sets(right)) == 1


def test_back_and_another_target_is_refused(world, coordinator, wrong, right):
    record, third = ecog(world, wrong), world.patient()
    data, client = posted(record, right, "SCR"), world.client(coordinator)
    assert client.post(url_of(record), data).status_code == 302
    for other in ({**data, "to": third.number}, {**data, "visit": "C1D1"}, {**data, "token": str(uuid.uuid4())}):
        response = client.post(url_of(record), other)
        assert response.status_code == 422
        assert f"void already: Moved to {right.number} ECOG SCR" in read(response, "*").shown
    assert type(record).objects.count() == 2


@pytest.mark.parametrize("token", ["", "x", "\x00", "9" * 400, "same"])
def test_a_token_that_is_none_or_used_is_no_obstacle(world, coordinator, wrong, right, token):
    record = ecog(world, wrong)
    used = str(record.entry_token or "") if token == "same" else token
    assert move(world, coordinator, record, right, "SCR", token=used).status_code == 302
    assert live("ECOG", right).count() == 1


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_make_one_record(world, coordinator, wrong, right, tmp_path):
    record = ecog(world, wrong)
    answers = race(tmp_path, [(coordinator, url_of(record), posted(record, right, "SCR", token=str(uuid.UUID(int=7))))] * 3)
    assert {(each["status"], each["url"]) for each in answers} == {(302, reverse("record", args=[right.number, "ECOG", "SCR"]))}
    assert type(record).objects.count() == 2
    assert Visit.objects.filter(patient=right).count() == 1
    assert list(examine.findings()) == []


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_two_who_move_in_opposite_directions_do_not_block_each_other(world, coordinator, wrong, right, tmp_path):
    there, back = ecog(world, wrong, "SCR"), ecog(world, right, "C1D1")
    jobs = [(coordinator, url_of(there), posted(there, right, "SCR")), (coordinator, url_of(back), posted(back, wrong, "C1D1"))]
    assert statuses(race(tmp_path, jobs)) == {302: 2}
    assert live("ECOG", right).get().visit.code == "SCR"
    assert live("ECOG", wrong).get().visit.code == "C1D1"
    assert list(examine.findings()) == []


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_two_records_moved_to_one_place_leave_one_there(world, coordinator, wrong, right, tmp_path):
    one, other = ecog(world, wrong, "SCR"), ecog(world, wrong, "C1D1")
    jobs = [(coordinator, url_of(each), posted(each, right, "SCR")) for each in (one, other)]
    assert statuses(race(tmp_path, jobs)) == {302: 1, 422: 1}
    assert live("ECOG", right).count() == live("ECOG", wrong).count() == 1
    assert list(examine.findings()) == []


# ---- all forms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [form.code for form in registry.forms()])
def test_every_form_can_be_moved_with_every_answer(world, coordinator, wrong, right, code):
    """What one saved as a draft, filled in from its declaration, is the same word for word at the other patient."""
    model = registry.form(code)
    place = "new" if model.is_log() else model.visits[0]
    data = filler.fill(model, Random(1), NOON, **({"birth_date": "1958-04"} if code == "DM" else {}))
    _, result = entry.post(coordinator, wrong.number, code, place, {**data, "action": "save"})
    assert result.saved is not None, (result.form.errors, result.check and result.check.errors)
    record = result.saved.record
    response = move(world, coordinator, record, right, "" if model.is_log() else place)
    assert response.status_code == 302, read(response, "*").shown
    new = live(code, right).get()
    asked = {field.name for field in own_fields(model)} - set(model.system_fields)
    assert {name: getattr(new, name) for name in asked} == {name: getattr(record, name) for name in asked}
    assert any(getattr(new, name) not in ("", None) for name in asked)
    assert new.state == "IN PROGRESS"
    assert list(examine.findings()) == []


def test_every_answer_of_a_form_is_either_carried_or_the_systems_own(db):
    """A field that neither the page asks nor the system writes would be lost on the way."""
    lost = {model.code: {field.name for field in own_fields(model)} - set(form_for(model).base_fields) - set(model.system_fields)
            for model in registry.forms()}  # fmt: skip
    assert {code: names for code, names in lost.items() if names} == {}
