"""Registration on its page: the signature, the confirmation, the mails, paper, and the patient who is never dosed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.access import actor_for
from accounts.login import FAILED
from accounts.models import OutboxMail
from audit import clock, examine
from audit.context import acting
from audit.models import Change
from crf import entry, registry
from crf.models import State
from crf.strip import strip
from patients.models import Patient, Visit
from protocol import parameters
from review.models import Deviation, DeviationStatus, Query, Signature
from review.signatures import standing
from screening.actions import MEANING, NotEligible, Paper, register_patient, signed_values
from screening.models import Eligibility
from tests.chart import DAY
from tests.conftest import PASSWORD
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")
NIGHT = datetime(2026, 11, 18, 21, 10, tzinfo=UTC)  # 22:10 in Lyon
ON_PAPER = {"action": "paper", "paper_date_0": "18", "paper_date_1": "Nov", "paper_date_2": "2026", "paper_time": "2210", "paper_number": "P-17"}  # fmt: skip  # noqa: E501


@pytest.fixture
def investigator(world):
    return world.user("INVESTIGATOR", "FR03")


@pytest.fixture
def post(world, investigator):
    """Register on the page; returns the response."""

    def posted(patient, password=PASSWORD, user=None, **data):
        return world.client(user or investigator).post(reverse("registration", args=[patient.number]), {"password": password, **data})

    return posted


def number_of(patient) -> int | None:
    return Patient.objects.get(pk=patient.pk).enrolment_number


def written() -> tuple[int, int, int, int]:
    """What a registration leaves behind."""
    return (Patient.objects.exclude(enrolment_number=None).count(), Signature.objects.count(), Deviation.objects.count(), OutboxMail.objects.count())


# ---- the signature ---------------------------------------------------------------------------------------------------


def test_registering_is_a_signature_on_the_checklist(world, post, investigator):
    patient = world.screened()
    assert post(patient).url == reverse("registered", args=[patient.number])
    checklist = Eligibility.objects.get(patient=patient)
    signature = Signature.objects.get()
    assert (signature.form, signature.record, signature.signer, signature.role) == ("IE", checklist.pk, investigator.username, "Investigator")
    assert (signature.meaning, signature.signed_at) == (MEANING, clock.now())
    acts = {change.change_set_id for change in Change.objects.filter(patient=patient.number, form__in=["SIGNATURE", "PATIENT"]).exclude(field__in=["number", "site_id"])}  # fmt: skip  # noqa: E501
    assert len(acts) == 1, "signature and number are one act"
    assert list(examine.findings()) == []


def test_every_answer_is_signed_and_a_change_breaks_it(world, post):
    patient = world.screened()
    post(patient)
    checklist = Eligibility.objects.get(patient=patient)
    assert set(Eligibility.questions()) == set(signed_values(checklist))
    assert standing("IE", checklist.pk, signed_values(checklist)).stands
    world.enter(patient, "IE", "SCR", **{name: getattr(checklist, name) for name in Eligibility.questions()} | {"assessed_on": "2026-06-11"},
                change_reason="Second look")  # fmt: skip
    found = standing("IE", checklist.pk, signed_values(Eligibility.objects.get(patient=patient)))
    assert not found.stands and found.broken == ("assessed_on",)


def test_a_wrong_password_leaves_its_failure_and_nothing_else(world, post, investigator):
    patient = world.screened()
    response = post(patient, "Wrong-Horse-9-Battery")
    assert response.status_code == 422
    assert "not your password" in read(response).shown
    assert "Wrong-Horse" not in response.content.decode()
    assert written() == (0, 0, 0, 0)
    assert Change.objects.filter(form="ACCESS", record=investigator.username, field=FAILED).count() == 1
    assert post(patient).status_code == 302


def test_no_password_is_no_attempt(world, post, investigator):
    patient = world.screened()
    response = post(patient, "")
    assert response.status_code == 422 and "Type your password" in read(response).shown
    assert not Change.objects.filter(form="ACCESS", field=FAILED).exists()
    assert written() == (0, 0, 0, 0)


def test_a_locked_account_signs_nothing(world, post, investigator):
    patient = world.screened()
    for _ in range(5):
        post(patient, "Wrong-Horse-9-Battery")
    assert post(patient).status_code == 422
    assert written() == (0, 0, 0, 0)


def test_everything_that_is_wrong_is_said_at_once(world, investigator):
    patient, other = world.screened(ecog="1", e04="PRESENT"), world.enrolled("CH01")
    assert other.enrolment_number == 1
    with parameters.override(enrolment_cap=1), pytest.raises(NotEligible) as refusal:
        register_patient(user=investigator, number=patient.number, password="wrong")
    assert {"SCR-I03b", "SCR-E04"} <= {point.rule for point in refusal.value.unmet}
    said = " ".join(refusal.value.said)
    assert "All 1 places of the trial are taken" in said and "not your password" in said


def test_a_place_that_went_meanwhile_leaves_no_signature(world, post):
    patient = world.screened()
    world.enrolled("CH01")
    before = written()
    with parameters.override(enrolment_cap=1):
        response = post(patient)
    assert response.status_code == 422 and "All 1 places of the trial are taken" in read(response).shown
    assert written() == before


@pytest.mark.parametrize("at", ["sign", "enrol", "recheck_one", "_post_mails"])
def test_nothing_is_half_done(world, investigator, monkeypatch, at):
    """Whatever breaks in the middle, nothing of it is stored."""
    from patients import actions as numbers
    from screening import actions

    patient = world.screened()

    def breaks(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(numbers if at == "enrol" else actions, at, breaks)
    with pytest.raises(ZeroDivisionError):
        register_patient(user=investigator, number=patient.number, password=PASSWORD)
    assert written() == (0, 0, 0, 0)
    assert list(examine.findings()) == []


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "eligible", "offered"),
    [("INVESTIGATOR", True, True), ("SUB_INVESTIGATOR", True, True), ("INVESTIGATOR", False, False), ("COORDINATOR", True, False),
     ("MONITOR", True, False), ("DATA_MANAGER", True, False)],
)  # fmt: skip
def test_the_button_is_there_when_it_may_be_pressed(world, role, eligible, offered):
    patient = world.screened(**({} if eligible else {"ecog": "1"}))
    page = world.client(world.user(role)).get(reverse("registration", args=[patient.number])).content.decode()
    assert ("Sign and register FR03-001" in page) == offered
    assert ("It was registered on paper" in page) == (role in ("INVESTIGATOR", "SUB_INVESTIGATOR"))


def test_no_button_without_a_place(world, investigator):
    patient = world.screened()
    world.enrolled("CH01")
    with parameters.override(enrolment_cap=1):
        page = world.client(investigator).get(reverse("registration", args=[patient.number])).content.decode()
    assert "Sign and register" not in page and "All 1 places of the trial are taken" in page and "1 of 1 used, 0 held" in page


def test_the_confirmation(world, post, investigator):
    patient = world.screened()
    shown = read(world.client(investigator).get(post(patient).url)).shown
    for part in ("Enrolment number 1", "FR03-001", "20-Nov-2026 at 13:00 CET (Europe/Paris)", "Investigator FR03", f"“{MEANING}”",
                 "1 of 48 used, 0 held", "What is next: release of the first dose", "E10", "E11"):  # fmt: skip
        assert part in shown, part


def test_there_is_none_before(world, investigator):
    patient = world.screened()
    response = world.client(investigator).get(reverse("registered", args=[patient.number]))
    assert response.url == reverse("registration", args=[patient.number])


def test_the_confirmation_says_when_the_checklist_has_changed(world, post, investigator):
    patient = world.screened()
    url = post(patient).url
    checklist = Eligibility.objects.get(patient=patient)
    world.enter(patient, "IE", "SCR", **{name: getattr(checklist, name) for name in Eligibility.questions()} | {"assessed_on": "2026-06-11"},
                change_reason="Second look")  # fmt: skip
    assert "the signature is broken" in read(world.client(investigator).get(url)).shown


# ---- the mails -------------------------------------------------------------------------------------------------------


def test_data_management_and_the_sites_investigators_are_told(world, post, investigator, django_capture_on_commit_callbacks):
    manager, elsewhere = world.user("DATA_MANAGER"), world.user("INVESTIGATOR", "CH01")
    patient = world.screened()
    with django_capture_on_commit_callbacks(execute=True):
        post(patient)
    assert sorted(each.bcc for each in mail.outbox) == [[manager.email], [investigator.email]]
    assert elsewhere.email not in str([each.bcc for each in mail.outbox])
    for each in mail.outbox:
        assert "FR03 has registered a patient. The trial has now used 1 of 48 places" in each.body
        for secret in (patient.number, "FR03-", "1958", "ECOG", "Lyon", "number 1", "http"):
            assert secret not in str(each.message()), secret


def test_no_mail_for_what_was_refused(world, post, django_capture_on_commit_callbacks):
    world.user("DATA_MANAGER")
    with django_capture_on_commit_callbacks(execute=True):
        post(world.screened(ecog="1"))
    assert mail.outbox == [] and not OutboxMail.objects.exists()


# ---- on paper --------------------------------------------------------------------------------------------------------


def paper(**changes) -> dict[str, str]:
    return {**ON_PAPER, **changes}


def test_a_paper_registration_counts_from_its_true_moment(world, post):
    patient = world.screened()
    assert post(patient, **paper()).status_code == 302
    patient = Patient.objects.get(pk=patient.pk)
    assert (patient.enrolment_number, patient.enrolled_at, patient.enrolment_source, patient.paper_number) == (1, NIGHT, "PAPER", "P-17")
    change = Change.objects.select_related("change_set").get(form="PATIENT", field="enrolled_at")
    assert change.change_set.source == "paper registration"
    assert change.at - clock.now() < timedelta(seconds=1), "the moment of entry is in the trail"
    assert "registered on paper on 18-Nov-2026 at 22:10 (Europe/Paris)" in Signature.objects.get().meaning
    assert not Deviation.objects.exists()
    assert list(examine.findings()) == []


def test_its_confirmation_names_both_moments(world, post, investigator):
    patient = world.screened()
    shown = read(world.client(investigator).get(post(patient, **paper()).url)).shown
    for part in ("18-Nov-2026 at 22:10 CET", "number P-17; entered on 20-Nov-2026 at 13:00 CET", "“the answers of the checklist are right"):
        assert part in shown, part


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"paper_date_0": "21"}, "lies in the future"),
        ({"paper_date_0": "20", "paper_time": "13:01"}, "lies in the future"),
        ({"paper_date_0": "9", "paper_date_1": "6"}, "before the patient's signature on the consent (10-Jun-2026)"),
        ({"paper_date_0": "29", "paper_date_1": "3", "paper_time": "02:30"}, "There was no 02:30 at the site that night"),
        ({"paper_date_0": "31", "paper_date_1": "11"}, "There is no day 31 in Nov 2026"),
        ({"paper_date_0": "UNK"}, "The full date is needed"),
        ({"paper_date_0": "", "paper_date_1": "", "paper_date_2": ""}, "Enter the date that stands on the paper"),
        ({"paper_date_2": "1026"}, "outside 1900 to 2100"),
        ({"paper_time": ""}, "Enter the time that stands on the paper"),
        ({"paper_time": "UNK"}, "The time must be known"),
        ({"paper_time": "25:00"}, "This is not a time"),
        ({"paper_time": "late"}, "This is not a time"),
        ({"paper_number": " "}, "Enter the number that stands on the paper"),
        ({"paper_number": "x" * 41}, "at most 40 characters"),
        ({"paper_number": "P\x07"}, "signs that cannot be stored"),
        ({"password": "Wrong-Horse-9-Battery"}, "not your password"),
    ],
)
def test_a_moment_that_cannot_be_is_refused(world, post, typed, why):
    patient = world.screened()
    response = post(patient, **paper(**typed))
    assert response.status_code == 422
    assert why in read(response).shown
    assert written() == (0, 0, 0, 0)


@pytest.mark.parametrize(("at", "registered"), [("13:00", True), ("13:01", False)])
def test_now_is_the_last_moment(world, post, at, registered):
    patient = world.screened()
    post(patient, **paper(paper_date_0="20", paper_time=at))
    assert (number_of(patient) is not None) == registered


@pytest.mark.parametrize(("signed", "at", "registered"), [("22:10", "22:10", True), ("22:11", "22:10", False), ("", "00:00", True), ("22:09", "22:10", True)])
def test_consent_comes_first_to_the_minute(world, post, investigator, signed, at, registered):
    patient = world.screened()
    consent = registry.form("IC").objects.get(patient=patient)
    kept = {name: getattr(consent, name) for name in consent.questions()}
    world.enter(patient, "IC", "SCR", **kept | {"patient_signed_on": "2026-11-18", "investigator_signed_on": "2026-11-18", "patient_signed_time": signed},
                change_reason="Corrected from the source")  # fmt: skip
    post(patient, **paper(paper_time=at), all_the_same="on", why="The checklist was dated wrongly")
    assert (number_of(patient) is not None) == registered


def test_what_was_typed_is_still_there_but_for_the_password(world, post):
    patient = world.screened()
    response = post(patient, **paper(paper_time="25:00"))
    page = response.content.decode()
    assert read(response, "*").data["paper_number"] == ["P-17"]
    assert read(response, "*").data["paper_time"] == ["25:00"]
    assert PASSWORD not in page
    assert '<details class="panel raise" id="on-paper" open>' in page


def test_the_hour_that_the_clock_change_repeats_is_taken_as_the_first(world, post):
    patient = world.screened()
    post(patient, **paper(paper_date_0="25", paper_date_1="10", paper_time="02:30"))
    assert Patient.objects.get(pk=patient.pk).enrolled_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_cap_holds_for_paper_too(world, post):
    patient = world.screened()
    world.enrolled("CH01")
    with parameters.override(enrolment_cap=1):
        assert post(patient, **paper()).status_code == 422
    assert number_of(patient) is None


def test_nobody_is_registered_on_paper_a_second_time(world, post):
    patient = world.screened()
    post(patient)
    assert "is registered already, as number 1" in read(post(patient, **paper(all_the_same="on", why="x"))).shown
    assert Patient.objects.get(pk=patient.pk).enrolment_source == "EDC"


# What really happened, although points stand against it


def test_each_point_is_listed_and_nothing_is_stored_before_it_is_confirmed(world, post):
    patient = world.screened(ecog="1", e04="PRESENT")
    response = post(patient, **paper())
    shown = read(response).shown
    assert response.status_code == 422 and "SCR-I03b" in shown and "SCR-E04" in shown and "It was registered all the same" in shown
    assert written() == (0, 0, 0, 0)


@pytest.mark.parametrize("why", ["", "  "])
def test_never_without_saying_why(world, post, why):
    patient = world.screened(ecog="1")
    response = post(patient, **paper(all_the_same="on", why=why))
    assert "Say why the patient was registered all the same" in read(response).shown
    assert written() == (0, 0, 0, 0)
    assert "SCR-I03b" in read(response).shown
    assert re.search(r'name="all_the_same"[^>]* checked', response.content.decode())


def test_what_happened_is_stored_and_its_points_go_to_the_register(world, post):
    patient = world.screened(ecog="1", e04="PRESENT")
    assert post(patient, **paper(all_the_same="on", why="The night team had no access")).status_code == 302
    assert number_of(patient) == 1
    deviation = Deviation.objects.get(rule="SCR-024")
    checklist = Eligibility.objects.get(patient=patient)
    assert (deviation.form, deviation.record, deviation.why) == ("IE", checklist.pk, "The night team had no access")
    assert "I3 (ECOG 2) is not met" in deviation.text and "E4" in deviation.text
    register = read(world.client(world.user("MONITOR")).get(reverse("deviations"))).shown
    assert "The night team had no access" in register and "SCR-024" in register and "I3 (ECOG 2) is not met" in register
    assert Change.objects.filter(form="PATIENT", field="enrolled_at", change_set__reason="The night team had no access").exists()
    assert list(examine.findings()) == []


def test_the_register_keeps_it(world, post):
    """No re-check and no later correction takes it back: it is what happened."""
    from crf.actions import recheck

    patient = world.screened(ecog="1")
    post(patient, **paper(all_the_same="on", why="No access"))
    recheck([Patient.objects.get(pk=patient.pk)])
    world.enter(patient, "ECOG", "SCR", assessed_on="2026-06-10", ecog="2", change_reason="Misread")
    assert Deviation.objects.get(rule="SCR-024").status == DeviationStatus.PROPOSED


@pytest.mark.parametrize(
    ("missing", "rule"), [("IC", "SCR-G01"), ("DM", "SCR-G02"), ("ECOG", "SCR-G03"), ("IE", "SCR-G04"), ("SF", "SCR-G07")]
)
def test_what_is_only_not_entered_must_be_entered(world, post, missing, rule):
    """It is no deviation that a form is still to be submitted."""
    patient = world.screened()
    if missing == "SF":
        world.enter(patient, "SF", "SCR", decided_on="2026-06-12", reason="PHYSICIAN DECISION")
    else:
        from crf.actions import void

        void(record=registry.form(missing).objects.get(patient=patient), by=world.user("COORDINATOR"), reason="Typed twice")
    response = post(patient, **paper(all_the_same="on", why="No access"))
    assert response.status_code == 422 and rule in read(response).shown
    assert number_of(patient) is None


def test_the_site_is_judged_by_its_state_of_that_day(world, post):
    """Activated on 1 June; the paper is of a day before it."""
    patient = world.screened()
    consent = registry.form("IC").objects.get(patient=patient)
    kept = {name: getattr(consent, name) for name in consent.questions()}
    world.enter(patient, "IC", "SCR", **kept | {"patient_signed_on": "2026-05-20", "investigator_signed_on": "2026-05-20"},
                change_reason="Corrected from the source")  # fmt: skip
    early = paper(paper_date_0="31", paper_date_1="5")
    assert "SCR-G05" in read(post(patient, **early)).shown
    assert post(patient, **early, all_the_same="on", why="Activated by telephone").status_code == 302
    assert "The site is not active" in Deviation.objects.get(rule="SCR-024").text


def test_windows_count_from_the_true_day(world, investigator):
    """Consent signed on the day after the paper: met today, not met on the day of the registration."""
    routine = {"standard_of_care": "Y"}
    patient = world.screened(chart=dict.fromkeys(("VS", "EG", "CV", "PLE", "SER", "HEM", "CHE", "COA", "ICE"), routine))
    world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="2", **routine, change_reason="Read again")
    consent = registry.form("IC").objects.get(patient=patient)
    kept = {name: getattr(consent, name) for name in consent.questions()}
    world.enter(patient, "IC", "SCR", **kept | {"investigator_signed_on": "2026-11-19"}, change_reason="Corrected from the source")
    with pytest.raises(NotEligible) as refusal:
        register_patient(user=investigator, number=patient.number, password=PASSWORD, paper=Paper(NIGHT, "P-17"))
    assert [point.rule for point in refusal.value.unmet] == ["SCR-I10b"]
    assert register_patient(user=investigator, number=patient.number, password=PASSWORD).enrolment_number == 1


@pytest.mark.parametrize("role", ["COORDINATOR", "MONITOR", "DATA_MANAGER"])
def test_only_an_investigator_enters_it(world, post, role):
    patient = world.screened()
    assert post(patient, user=world.user(role), **paper()).status_code == 403
    assert number_of(patient) is None


# ---- registered and never dosed --------------------------------------------------------------------------------------


def status(patient) -> str:
    return registry.patient_status(Patient.objects.get(pk=patient.pk), registry.headers([patient.pk]))[0]


def test_registered_and_never_dosed(world, coordinator):
    patient = world.enrolled()
    assert status(patient) == "Registered, not yet dosed"
    world.enter(patient, "EOT", "EOT", action="save", ended_on="2026-11-20", reason="WITHDRAWAL BY SUBJECT")
    assert status(patient) == "Registered, not yet dosed", "in progress says nothing yet"
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-20", reason="WITHDRAWAL BY SUBJECT")
    assert status(patient) == "Registered, never dosed"
    page = read(world.client(coordinator).get(reverse("patient", args=[patient.number]))).shown
    assert "Registered, never dosed (20-Nov-2026, Patient's decision)" in page
    assert not Query.objects.filter(form="EOT").exists()


@pytest.mark.parametrize(
    ("dose", "words"),
    [({"occurrence": "OMITTED", "reason": "PHYSICIAN DECISION"}, "Registered, never dosed"),
     ({"occurrence": "GIVEN", "given_on": "2026-11-20", "start_time": "10:00", "end_time": "11:00", "dose_mg": "1"}, "Off treatment")],
)  # fmt: skip
def test_an_omitted_dose_is_none(world, dose, words):
    patient = world.enrolled()
    world.enter(patient, "EC", "C1D1", **dose)
    assert status(patient) == ("On treatment" if words == "Off treatment" else "Registered, not yet dosed")
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-20", reason="PHYSICIAN DECISION")
    assert status(patient) == words


def test_a_delayed_first_dose_is_no_treatment_yet(world):
    patient = world.enrolled()
    world.enter(patient, "EC", "C1D1", occurrence="DELAYED", reason="ADVERSE EVENT")
    assert status(patient) == "Registered, not yet dosed"


def test_who_died_before_the_first_dose_has_died(world):
    patient = world.enrolled()
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-20", reason="DEATH")
    world.enter(patient, "DD", "FU", died_on="2026-11-20", cause="DISEASE UNDER STUDY")
    assert status(patient) == "Died"
    assert "(" not in strip(Patient.objects.get(pk=patient.pk)).status


def test_the_pharmacist_is_not_told_why(world):
    patient = world.enrolled()
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-20", reason="WITHDRAWAL BY SUBJECT")
    page = read(world.client(world.user("PHARMACIST")).get(reverse("patient", args=[patient.number]))).shown
    assert "Registered, never dosed" in page and "Patient's decision" not in page


@pytest.mark.parametrize(("days", "rule"), [(-1, "DOS-031"), (0, "")])
def test_an_end_before_registration_is_queried(world, days, rule):
    patient = world.enrolled()
    day = (patient.enrolled_on + timedelta(days=days)).isoformat()
    world.enter(patient, "EOT", "EOT", ended_on=day, reason="PHYSICIAN DECISION")
    assert set(Query.objects.filter(form="EOT").values_list("rule", flat=True)) == ({rule} if rule else set())


def test_a_registered_patient_is_no_screen_failure(world, coordinator):
    patient = world.enrolled()
    book = world.client(coordinator).get(reverse("patient", args=[patient.number]))
    assert reverse("record", args=[patient.number, "SF", "SCR"]) not in book.content.decode(), "it is not offered"
    world.enter(patient, "SF", "SCR", decided_on="2026-11-20", reason="OTHER", details="typed into the wrong patient")
    assert status(patient) == "Registered, not yet dosed"
    assert set(Query.objects.filter(form="SF").values_list("rule", flat=True)) >= {"SCR-013"}
    world.dose(patient, "C1D1", "2026-11-20", "1")
    assert status(patient) == "On treatment"
    book = world.client(coordinator).get(reverse("patient", args=[patient.number]))
    assert reverse("record", args=[patient.number, "SF", "SCR"]) in book.content.decode(), "what was entered is found"


@pytest.mark.parametrize(
    ("occurrence", "words"),
    [("GIVEN", "On treatment"), ("OMITTED", "Registered, not yet dosed"), ("", "Registered, not yet dosed")],
)
def test_a_dose_that_was_given_counts_before_its_form_is_submitted(world, occurrence, words):
    patient = world.enrolled()
    world.enter(patient, "EC", "C1D1", action="save", occurrence=occurrence, given_on="2026-11-20")
    assert status(patient) == words
    assert bool(strip(Patient.objects.get(pk=patient.pk)).last_dose) is (words == "On treatment")


def test_the_checklist_is_asked_after_all_that_it_rests_on(world, coordinator):
    """'Submit and next' through screening, form by form."""
    patient, asked = world.patient(), ["IC"]
    with acting(actor_for(coordinator, patient.site), source="test"):
        visit = Visit(patient=patient, code="SCR")
        visit.save()
        while True:
            registry.form(asked[-1])(patient=patient, visit=visit, state=State.SUBMITTED).save()
            url = entry.following(entry.find(coordinator, patient.number, asked[-1], "SCR"))
            if "/SCR/" not in url:
                break
            asked.append(url.rstrip("/").split("/")[-2])
    assert asked[-2:] == ["ORG", "IE"]
    assert {"DM", "SCLC", "HX", "ECOG", "HEM", "CHE", "COA", "SER", "EG", "VS"} < set(asked[:-2])
    assert len(asked) == len(set(asked))


def test_what_the_first_dose_would_ask_is_warned_of_before_registration(world, investigator):
    """On the registration page, on the eligibility page and on the checklist; it holds nothing back, nor goes in the confirmation."""
    patient = world.screened(chart={"CMYN": {"any_medication": "Y"}})
    world.enter(patient, "CM", "new", name="Prednisone", drug_class="CORTICOSTEROID", steroid="PREDNISONE", purpose="TREATMENT",
                dose="40", dose_unit="mg", frequency="QD", route="ORAL", started_on="2026-11-01", ongoing="Y")  # fmt: skip
    client = world.client(investigator)

    def said(name, *more):
        return read(client.get(reverse(name, args=[patient.number, *more]))).shown

    warned = "40 mg prednisone a day or equivalent"
    assert warned in said("registration")
    assert warned in said("eligibility")
    page = Page(world, investigator, patient, "IE", "SCR")
    live = page.client.post(page.url, {**page.read.data, "action": "check"}).content.decode()
    assert "By the medication log, E10 would stand against a first dose now" in live
    register_patient(user=investigator, number=patient.number, password=PASSWORD)
    assert warned not in said("registered")
    assert "steroids in the week before the first dose" in said("registered")
