"""Places of the trial that are held for a while, and a person who is screened again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from accounts.access import actor_for
from accounts.models import SiteStatus
from audit import clock, examine
from audit.context import SYSTEM, acting
from audit.models import Change
from patients import actions
from patients.actions import Places, Refused
from patients.models import Patient, Recruitment, Slot, SlotStatus, Study
from protocol import parameters
from screening.actions import give_back_place, hold_place, register_patient, screen_again
from tests.conftest import PASSWORD

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # 13:00 in Lyon and Bern
HOURS = 72


@pytest.fixture(autouse=True)
def noon(world):
    with clock.set_to(NOW):
        yield


def later(**span):
    return clock.set_to(NOW + timedelta(**span))


def hold(world, patient, role: str = "COORDINATOR") -> Slot:
    return hold_place(user=world.user(role, patient.site.code), number=patient.number)


def register(world, patient) -> Patient:
    return register_patient(user=world.user("INVESTIGATOR", patient.site.code), number=patient.number, password=PASSWORD)


def states() -> list[str]:
    return list(Slot.objects.order_by("id").values_list("status", flat=True))


# ---- counting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "held", "cap", "text", "free"),
    [(41, 3, 48, "41 of 48 used, 3 held", 4), (0, 0, 48, "0 of 48 used, 0 held", 48), (45, 3, 48, "45 of 48 used, 3 held", 0),
     (48, 0, 48, "48 of 48 used, 0 held", 0), (48, 2, 48, "48 of 48 used, 2 held", 0)],
)  # fmt: skip
def test_the_words(used, held, cap, text, free):
    assert (Places(used, held, cap).text, Places(used, held, cap).free) == (text, free)


def test_used_and_held_are_counted_apart(world):
    hold(world, world.patient("FR03"))
    hold(world, world.patient("CH01"))
    world.enrolled()
    assert actions.places() == Places(1, 2, 48)


@pytest.mark.parametrize(("after", "held"), [(timedelta(0), 1), (timedelta(hours=HOURS) - timedelta(seconds=1), 1), (timedelta(hours=HOURS), 0)])
def test_a_place_counts_until_its_last_second(world, after, held):
    slot = hold(world, world.patient())
    assert slot.expires_at - slot.requested_at == timedelta(hours=HOURS)
    with clock.set_to(NOW + after):
        assert actions.held() == held
    assert states() == [SlotStatus.HELD], "looking marks nothing"


def test_what_has_run_out_is_marked_by_the_system_at_the_next_act(world):
    hold(world, world.patient("CH01"))
    with later(hours=HOURS):
        hold(world, world.patient("FR03"))
    assert states() == [SlotStatus.EXPIRED, SlotStatus.HELD]
    marked = Change.objects.select_related("change_set").get(form="SLOT", field="status", new="EXPIRED")
    assert (marked.patient, marked.actor, marked.change_set.source) == ("CH01-001", SYSTEM.username, "place")
    assert list(examine.findings()) == []


def test_looking_at_the_pages_writes_nothing(world):
    patient = world.screened()
    hold(world, patient)
    with later(hours=HOURS):
        client, before = world.client(world.user("COORDINATOR")), Change.objects.count()
        page = client.get(reverse("registration", args=[patient.number])).content.decode()
        home = client.get("/").content.decode()
        assert "0 of 48 used, 0 held" in page and "0 of 48 used, 0 held" in home
        assert Change.objects.count() == before
    assert states() == [SlotStatus.HELD]


# ---- asking for a place ----------------------------------------------------------------------------------------------


def test_a_place_is_kept_for_its_patient(world):
    """One place left: held for one patient, another one cannot take it, and the first one gets it."""
    mine, other = world.screened("FR03"), world.screened("CH01")
    with parameters.override(enrolment_cap=1):
        hold(world, mine)
        with pytest.raises(Refused, match=r"No place is free: 0 of 1 used, 1 held.*is held until 23-Nov-2026 at 13:00 \(Europe/Zurich\)"):
            register(world, other)
        with pytest.raises(Refused, match="No place is free"):
            hold(world, other)
        assert register(world, mine).enrolment_number == 1
        with pytest.raises(Refused, match="All 1 places of the trial are taken"):
            register(world, other)
    assert states() == [SlotStatus.USED]


def test_without_one_registration_takes_a_free_place(world):
    patient = world.screened()
    hold(world, world.patient("CH01"))
    with parameters.override(enrolment_cap=2):
        assert register(world, patient).enrolment_number == 1
        assert actions.places() == Places(1, 1, 2)


def test_a_place_that_has_run_out_is_anybodys(world):
    late, other = world.screened("FR03"), world.screened("CH01")
    hold(world, late)
    with parameters.override(enrolment_cap=1), later(hours=HOURS):
        assert register(world, other).enrolment_number == 1
        with pytest.raises(Refused, match="All 1 places"):
            register(world, late)
    assert states() == [SlotStatus.EXPIRED]


def test_a_late_patient_is_registered_while_there_is_room(world):
    late = world.screened()
    hold(world, late)
    with later(hours=HOURS + 1):
        assert register(world, late).enrolment_number == 1
    assert states() == [SlotStatus.EXPIRED]


def test_one_at_a_time(world):
    patient = world.patient()
    hold(world, patient)
    with pytest.raises(Refused, match=r"A place is held for FR03-001 already, until 23-Nov-2026 at 13:00 \(Europe/Paris\)."):
        hold(world, patient)
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        Slot(patient=patient, requested_at=NOW, expires_at=NOW + timedelta(hours=1)).save()
    with later(hours=HOURS):
        hold(world, patient)
    assert states() == [SlotStatus.EXPIRED, SlotStatus.HELD]


@pytest.mark.parametrize("status", [SiteStatus.PLANNED, SiteStatus.ON_HOLD, SiteStatus.CLOSED])
def test_no_place_for_a_site_that_is_not_active(world, status):
    patient = world.patient()
    with acting(SYSTEM, source="test"):
        patient.site.status = status
        patient.site.save()
    with pytest.raises(Refused, match="FR03 is not active"):
        actions.request_slot(patient=patient, by=SYSTEM)


def test_every_reason_at_once(world):
    patient = world.enrolled()
    with acting(SYSTEM, source="test"):
        study = Study.objects.get()
        study.recruitment = Recruitment.PAUSED
        study.save()
        patient.site.status = SiteStatus.ON_HOLD
        patient.site.save()
    with parameters.override(enrolment_cap=1), pytest.raises(Refused) as refusal:
        hold(world, patient)
    for part in ("registered already, as number 1", "Recruitment is not open", "All 1 places", "FR03 is not active"):
        assert part in str(refusal.value)
    assert states() == []


# ---- giving back -----------------------------------------------------------------------------------------------------


def test_a_place_is_given_back_with_a_reason(world):
    patient = world.patient()
    hold(world, patient)
    give_back_place(user=world.user("COORDINATOR"), number=patient.number, reason="Consent withdrawn")
    assert states() == [SlotStatus.GIVEN_BACK]
    assert actions.places().held == 0
    change = Change.objects.select_related("change_set").get(form="SLOT", new="GIVEN BACK")
    assert (change.change_set.reason, change.actor) == ("Consent withdrawn", "coordinator.fr03")
    hold(world, patient)
    assert states() == [SlotStatus.GIVEN_BACK, SlotStatus.HELD]


@pytest.mark.parametrize("reason", ["", "   "])
def test_never_without_a_reason(world, reason):
    patient = world.patient()
    hold(world, patient)
    with pytest.raises(Refused, match="Say in a few words why"):
        give_back_place(user=world.user("COORDINATOR"), number=patient.number, reason=reason)
    assert states() == [SlotStatus.HELD]


@pytest.mark.parametrize("after", ["nothing", "used", "given back", "run out"])
def test_there_is_nothing_to_give_back(world, after):
    patient = world.screened()
    by = world.user("COORDINATOR")
    if after != "nothing":
        hold(world, patient)
    if after == "used":
        register(world, patient)
    if after == "given back":
        give_back_place(user=by, number=patient.number, reason="x")
    kept = states()
    with later(hours=HOURS if after == "run out" else 0), pytest.raises(Refused, match="No place is held for FR03-001"):
        give_back_place(user=by, number=patient.number, reason="x")
    assert states() == kept


@pytest.mark.parametrize("role", ["COORDINATOR", "INVESTIGATOR", "SUB_INVESTIGATOR"])
def test_those_who_enter_data_hold_places(world, role):
    hold(world, world.patient(), role)
    assert states() == [SlotStatus.HELD]


@pytest.mark.parametrize(
    ("role", "refusal"),
    [("PHARMACIST", PermissionDenied), ("MONITOR", PermissionDenied), ("DATA_MANAGER", PermissionDenied), ("INSPECTOR", PermissionDenied),
     ("MEDICAL_REVIEWER", PermissionDenied), ("ADMINISTRATOR", Http404), ("STATISTICIAN", Http404)],
)  # fmt: skip
def test_nobody_else_does(world, role, refusal):
    patient = world.patient()
    with pytest.raises(refusal):
        hold_place(user=world.user(role), number=patient.number)
    with pytest.raises(refusal):
        give_back_place(user=world.user(role), number=patient.number, reason="x")
    with pytest.raises(Http404):
        hold_place(user=world.user("COORDINATOR", "FR01"), number=patient.number)
    assert states() == []


def test_on_the_page(world):
    patient, client = world.screened(), world.client(world.user("COORDINATOR"))
    url, page = reverse("place", args=[patient.number]), reverse("registration", args=[patient.number])
    assert "Hold a place for 72 hours" in client.get(page).content.decode()
    assert client.post(url, {"action": "request"}).url == page
    shown = client.get(page).content.decode()
    assert "23-Nov-2026 13:00 CET" in shown and "0 of 48 used, 1 held" in shown
    assert "Say in a few words why" in client.post(url, {"action": "give back", "reason": " "}, follow=True).content.decode()
    client.post(url, {"action": "give back", "reason": "Moved away"})
    assert states() == [SlotStatus.GIVEN_BACK]
    assert client.post(url, {"action": "take all"}).status_code == 404


@pytest.mark.parametrize("role", ["COORDINATOR", "INVESTIGATOR", "PHARMACIST", "MONITOR", "DATA_MANAGER"])
def test_everybody_at_a_site_is_told_how_many_places_there_are(world, role):
    hold(world, world.patient("CH01"))
    world.enrolled("CH01")
    page = world.client(world.user(role)).get("/").content.decode()
    assert "1 of 48 used, 1 held" in page
    if role not in ("DATA_MANAGER",):
        assert "CH01-00" not in page


@pytest.mark.parametrize("role", ["STATISTICIAN", "ADMINISTRATOR"])
def test_who_knows_no_patient_is_not_told(world, role):
    assert "of 48 used" not in world.client(world.user(role)).get("/").content.decode()


# ---- screened again --------------------------------------------------------------------------------------------------


def failed(world, **how):
    patient = world.screened(ecog="1", i03="NOT FULFILLED")
    world.enter(patient, "SF", "SCR", decided_on="2026-06-12", reason="ELIGIBILITY CRITERIA NOT MET", criteria=["I3"], **how)
    return patient


def again(world, patient) -> Patient:
    return screen_again(user=world.user("COORDINATOR", patient.site.code), number=patient.number)


def test_a_new_screening_of_the_same_person(world):
    first = failed(world)
    second = again(world, first)
    assert (second.number, second.rescreening_of, first.rescreening, second.site) == ("FR03-002", first, second, first.site)
    from crf import registry

    assert registry.headers([second.pk]) == [], "nothing is copied"
    made = Change.objects.select_related("change_set").get(form="PATIENT", patient="FR03-002", field="rescreening_of_id")
    assert (made.new, made.change_set.source, made.actor) == (str(first.pk), "rescreening", "coordinator.fr03")
    assert list(examine.findings()) == []


def test_and_again(world):
    first = failed(world)
    second = again(world, first)
    world.enter(second, "IC", "SCR", patient_signed_on="2026-07-01", investigator_signed_on="2026-07-01", icf_version="1.0")
    world.enter(second, "SF", "SCR", decided_on="2026-07-02", reason="WITHDRAWAL OF CONSENT")
    assert again(world, second).rescreening_of == second


@pytest.mark.parametrize(
    ("so", "why"),
    [("in screening", "has not ended: submit the screen failure first"), ("in progress", "has not ended"), ("void", "has not ended"),
     ("registered", "is registered: a registered patient is not screened again"), ("again", "was screened again as FR03-002")],
)  # fmt: skip
def test_not_before_the_screening_has_ended_and_not_twice(world, so, why):
    from crf.actions import void
    from crf.registry import form

    patient = world.enrolled() if so == "registered" else world.screened() if so == "in screening" else failed(world, action="save" if so == "in progress" else "submit")  # fmt: skip  # noqa: E501
    if so == "void":
        void(record=form("SF").objects.get(), by=world.user("COORDINATOR"), reason="Another patient's")
    if so == "again":
        again(world, patient)
    before = Patient.objects.count()
    with pytest.raises(Refused, match=why):
        again(world, patient)
    assert Patient.objects.count() == before


def test_a_person_is_not_registered_under_the_earlier_number(world):
    """The screen failure is voided after the second screening has begun: only the second one leads on."""
    from crf.actions import void
    from crf.registry import form

    first = world.screened()
    world.enter(first, "SF", "SCR", decided_on="2026-06-12", reason="PHYSICIAN DECISION")
    again(world, first)
    void(record=form("SF").objects.get(), by=world.user("COORDINATOR"), reason="Entered too early")
    with pytest.raises(Refused, match="FR03-001 was screened again as FR03-002: go on with that screening."):
        register(world, first)
    with pytest.raises(Refused, match="was screened again"):
        hold(world, first)
    first.refresh_from_db()
    assert first.enrolment_number is None


def test_the_database_knows_one_next_screening(world):
    first = failed(world)
    again(world, first)
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        Patient(site=first.site, number="FR03-009", rescreening_of=first).save()


def test_a_closed_site_screens_nobody_again(world):
    patient = failed(world)
    with acting(SYSTEM, source="test"):
        patient.site.status = SiteStatus.CLOSED
        patient.site.save()
    with pytest.raises(Refused, match="FR03 is closed"):
        actions.rescreen(patient=patient, ended=True, by=actor_for(world.user("COORDINATOR"), patient.site))


def test_both_casebooks_lead_to_each_other(world):
    first, client = failed(world), world.client(world.user("COORDINATOR"))
    page = client.get(reverse("patient", args=[first.number])).content.decode()
    assert "Screen this patient again" in page
    made = client.post(reverse("rescreen", args=[first.number]))
    assert made.url == reverse("patient", args=["FR03-002"])
    after = client.get(reverse("patient", args=[first.number])).content.decode()
    assert "screened again as" in after and "FR03-002" in after and "Screen this patient again" not in after
    assert 'screened before as <a href="/patients/FR03-001/">' in client.get(made.url).content.decode()
    assert "was screened again" in client.post(reverse("rescreen", args=[first.number]), follow=True).content.decode()


@pytest.mark.parametrize("role", ["MONITOR", "DATA_MANAGER", "INSPECTOR"])
def test_who_only_reads_is_not_offered_it(world, role):
    patient, client = failed(world), world.client(world.user(role))
    assert "Screen this patient again" not in client.get(reverse("patient", args=[patient.number])).content.decode()
    assert client.post(reverse("rescreen", args=[patient.number])).status_code == 403


# ---- whose screening has ended ---------------------------------------------------------------------------------------

FAILED = {"decided_on": "2026-11-20", "reason": "OTHER", "details": "moved away"}


def test_a_submitted_screen_failure_gives_the_place_back_at_once(world):
    patient = world.screened()
    hold(world, patient)
    world.enter(patient, "SF", "SCR", action="save", **FAILED)
    assert states() == [SlotStatus.HELD], "in progress says nothing yet"
    world.enter(patient, "SF", "SCR", **FAILED)
    assert states() == [SlotStatus.GIVEN_BACK]
    assert actions.places().held == 0
    change = Change.objects.get(form="SLOT", field="status", new=SlotStatus.GIVEN_BACK)
    assert change.change_set == Change.objects.get(form="SF", field="state", new="SUBMITTED").change_set, "one act"
    assert list(examine.findings()) == []


def test_a_place_that_was_used_stays_used(world):
    patient = world.screened()
    hold(world, patient)
    register(world, patient)
    world.enter(patient, "SF", "SCR", **FAILED)
    assert states() == [SlotStatus.USED]


def test_no_place_is_held_for_a_screen_failure(world):
    patient = world.screened()
    world.enter(patient, "SF", "SCR", **FAILED)
    with pytest.raises(Refused, match="The screening of FR03-001 has ended in a screen failure: no place is held for it."):
        hold(world, patient)
    client = world.client(world.user("COORDINATOR"))
    html = client.get(reverse("registration", args=[patient.number])).content.decode()
    assert "Hold a place" not in html
    assert "Record a screen failure" not in html
    assert "decided on 20-Nov-2026" in html
    client.post(reverse("place", args=[patient.number]), {"action": "request"})
    assert states() == []


@pytest.mark.parametrize("how", ["voided", "in progress"])
def test_a_screen_failure_that_does_not_stand_refuses_no_place(world, how):
    patient = world.screened()
    world.enter(patient, "SF", "SCR", action="save" if how == "in progress" else "submit", **FAILED)
    if how == "voided":
        from crf.actions import void
        from crf.registry import form

        with transaction.atomic():
            void(record=form("SF").objects.get(), by=world.user("COORDINATOR"), reason="entered by mistake")
    assert hold(world, patient).status == SlotStatus.HELD
