"""Screening numbers, enrolment numbers, the cap, and the doors to a patient."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from accounts.access import actor_for
from accounts.models import SiteStatus
from accounts.roles import Permission
from audit import clock
from audit.context import SYSTEM, NotAudited, acting
from audit.models import ChainHead, Change
from patients import actions
from patients.access import patient_for, patients_for, sites_for, within_sites
from patients.models import Patient, Recruitment, Study, Visit
from protocol import parameters
from screening.actions import NotEligible, register_patient
from tests.conftest import PASSWORD

P = Permission


def numbers() -> list[str]:
    return list(Patient.objects.values_list("number", flat=True))


# ---- screening numbers -----------------------------------------------------------------------------------------------


def test_numbers_start_with_the_site_and_run(world):
    assert [world.patient(code).number for code in ("FR03", "FR03", "CH01", "FR03")] == ["FR03-001", "FR03-002", "CH01-001", "FR03-003"]


def test_each_patient_has_a_chain(world):
    patient = world.patient()
    assert (patient.chain_key(), patient.site_code()) == (patient.number, "FR03")
    assert ChainHead.objects.get(key="FR03-001").seq >= 1
    made = Change.objects.get(form="PATIENT", field="number")
    assert (made.patient, made.site, made.new, made.change_set.actor_site) == ("FR03-001", "FR03", "FR03-001", "FR03")


def test_a_number_is_never_used_again(world):
    first = world.patient()
    with pytest.raises(NotAudited):
        first.delete()
    with pytest.raises(NotAudited):
        Patient.objects.all().delete()
    assert world.patient().number == "FR03-002"


def test_the_thousandth_number_follows_the_999th(world):
    site = world.site()
    with acting(SYSTEM, source="test"):
        for number in ("FR03-999", "FR03-1000"):
            Patient(site=site, number=number).save()
    assert world.patient().number == "FR03-1001"


def test_two_patients_cannot_have_one_number(world):
    patient = world.patient()
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        Patient(site=patient.site, number=patient.number).save()


@pytest.mark.parametrize(
    ("status", "refused"), [(SiteStatus.CLOSED, True), (SiteStatus.ACTIVE, False), (SiteStatus.ON_HOLD, False), (SiteStatus.PLANNED, False)]
)  # fmt: skip
def test_a_closed_site_takes_no_patient(world, status, refused):
    site, by = world.site(), actor_for(world.user("COORDINATOR"))
    with acting(SYSTEM, source="test"):
        site.status = status
        site.save()
    if refused:
        with pytest.raises(actions.Refused, match="FR03 is closed: no patient can be screened there."):
            actions.create_patient(site=site, by=by)
    else:
        actions.create_patient(site=site, by=by)
    assert len(numbers()) == (not refused)


# ---- registration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "activated_in", "why"),
    [
        (SiteStatus.PLANNED, None, "active"),
        (SiteStatus.PLANNED, -10, "active"),
        (SiteStatus.ACTIVE, 1, "active"),
        (SiteStatus.ON_HOLD, -10, "active"),
        (SiteStatus.CLOSED, -10, "active"),
        (SiteStatus.ACTIVE, 0, ""),
        (SiteStatus.ACTIVE, -10, ""),
    ],
)
def test_the_site_must_be_active_today(world, status, activated_in, why):
    patient, by = world.screened(), world.user("INVESTIGATOR")
    site = patient.site
    with acting(SYSTEM, source="test"):
        site.status = status
        site.activated_on = None if activated_in is None else clock.today(site.time_zone) + timedelta(days=activated_in)
        site.save()
    if why:
        with pytest.raises(NotEligible) as refusal:
            register_patient(user=by, number=patient.number, password=PASSWORD)
        assert [point for point in refusal.value.unmet if why in point.sentence], refusal.value.unmet
        patient.refresh_from_db()
        assert patient.enrolment_number is None
    else:
        assert register_patient(user=by, number=patient.number, password=PASSWORD).enrolment_number == 1


def test_number_and_time_come_together_from_the_clock(world):
    patient = world.screened()
    with clock.set_to(clock.now() + timedelta(hours=1)):
        now = clock.now()
        done = register_patient(user=world.user("INVESTIGATOR"), number=patient.number, password=PASSWORD)
    assert (done.enrolment_number, done.enrolled_at) == (1, now)
    assert done.enrolled_on == now.astimezone(ZoneInfo("Europe/Paris")).date()
    fields = Change.objects.filter(form="PATIENT", patient=patient.number, field__startswith="enrol").select_related("change_set")
    assert {each.field for each in fields} == {"enrolment_number", "enrolled_at", "enrolment_source"}
    assert {(each.change_set.actor, each.change_set.source) for each in fields} == {("investigator.fr03", "registration")}


def test_the_cap(world):
    """Four eligible patients, three places."""
    patients = [world.screened("FR03"), world.screened("CH01"), world.screened("FR03"), world.screened("CH01")]
    by = world.user("INVESTIGATOR", "FR03", "CH01")
    with parameters.override(enrolment_cap=3):
        given = [register_patient(user=by, number=each.number, password=PASSWORD).enrolment_number for each in patients[:3]]
        assert given == [1, 2, 3]
        with pytest.raises(actions.Refused, match="All 3 places of the trial are taken: no further patient can be registered."):
            register_patient(user=by, number=patients[3].number, password=PASSWORD)
    assert register_patient(user=by, number=patients[3].number, password=PASSWORD).enrolment_number == 4, "with the protocol's cap again"
    assert actions.cap() == 48


@pytest.mark.parametrize("recruitment", [Recruitment.PAUSED, Recruitment.CLOSED])
def test_no_registration_while_recruitment_is_not_open(world, recruitment):
    patient = world.screened()
    with acting(SYSTEM, source="test"):
        study = Study.objects.get()
        study.recruitment = recruitment
        study.save()
    with pytest.raises(actions.Refused, match="Recruitment is not open"):
        register_patient(user=world.user("INVESTIGATOR"), number=patient.number, password=PASSWORD)


def test_nobody_is_registered_twice(world):
    patient = world.enrolled()
    with pytest.raises(actions.Refused, match="FR03-001 is registered already, as number 1."):
        actions.enrol(patient=patient, by=SYSTEM)


@pytest.mark.parametrize("role", ["COORDINATOR", "MONITOR", "DATA_MANAGER", "SAFETY_DESK", "MEDICAL_REVIEWER", "INSPECTOR", "PHARMACIST"])
def test_registering_is_for_investigators(world, role):
    patient = world.screened()
    with pytest.raises(PermissionDenied):
        register_patient(user=world.user(role), number=patient.number, password=PASSWORD)
    patient.refresh_from_db()
    assert patient.enrolment_number is None


@pytest.mark.parametrize(("role", "site"), [("INVESTIGATOR", "FR01"), ("STATISTICIAN", None), ("ADMINISTRATOR", None)])
def test_nor_for_those_who_do_not_know_the_patient(world, role, site):
    patient = world.screened()
    with pytest.raises(Http404):
        register_patient(user=world.user(role, *([site] if site else [])), number=patient.number, password=PASSWORD)


@pytest.mark.parametrize("values", [{"enrolment_number": 1}, {"enrolled_at": "now"}])
def test_a_number_without_a_time_is_refused_by_the_database(world, values):
    patient = world.patient()
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        for name, value in values.items():
            setattr(patient, name, clock.now() if value == "now" else value)
        patient.save()


def test_there_is_one_study(db):
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        Study(id=2).save()


def test_a_visit_belongs_to_its_patient(world):
    patient = world.patient()
    with acting(SYSTEM, source="test"):
        visit = Visit(patient=patient, code="SCR")
        visit.save()
    assert (visit.chain_key(), visit.site_code(), str(visit)) == ("FR03-001", "FR03", "FR03-001 SCR")
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        Visit(patient=patient, code="SCR").save()


def test_a_database_with_real_data_never_becomes_a_demo(db, monkeypatch):
    monkeypatch.setattr("audit.models.Installation.is_demo", classmethod(lambda cls: False))
    with pytest.raises(CommandError, match="not marked DEMO"):
        call_command("load_study", "--demo")
    call_command("load_study", verbosity=0)


# ---- the doors -------------------------------------------------------------------------------------------------------

SEES = {  # role → what of the patients at its own site, at another site
    "COORDINATOR": (True, False), "INVESTIGATOR": (True, False), "SUB_INVESTIGATOR": (True, False), "PHARMACIST": (True, False),
    "MONITOR": (True, False), "DATA_MANAGER": (True, True), "SAFETY_DESK": (True, True), "MEDICAL_REVIEWER": (True, True),
    "STATISTICIAN": (False, False), "ADMINISTRATOR": (False, False), "INSPECTOR": (True, True),
}  # fmt: skip


@pytest.mark.parametrize(("role", "own", "other"), [(role, *sees) for role, sees in SEES.items()])
def test_who_knows_of_whom(world, role, own, other):
    world.patient("FR03")
    world.patient("FR01")
    user = world.user(role)
    known = ["FR01-001"] * other + ["FR03-001"] * own
    assert [patient.number for patient in patients_for(user)] == known
    for number in ("FR01-001", "FR03-001"):
        if number in known:
            assert patient_for(user, number).number == number
        else:
            with pytest.raises(Http404):
                patient_for(user, number)


def test_the_pharmacist_knows_of_patients_and_reads_none(world):
    patient, user = world.patient(), world.user("PHARMACIST")
    assert patient_for(user, patient.number, P.DRUG) == patient
    with pytest.raises(PermissionDenied):
        patient_for(user, patient.number, P.VIEW)
    assert list(within_sites(user, Visit.objects.all(), "patient__site")) == []
    assert list(sites_for(user, P.VIEW)) == []
    assert [site.code for site in sites_for(user, P.DRUG)] == ["FR03"]


@pytest.mark.parametrize("number", ["", " ", "FR03", "FR03-1", "fr03-001", "FR03-001 ", "FR03-999", "%", "FR03-001'--", "\x00", "FR03-001\x00", "ＦＲ03-001", "x" * 10_000])
def test_what_is_no_number_is_no_patient(world, number):
    world.patient()
    with pytest.raises(Http404):
        patient_for(world.user("DATA_MANAGER"), number)


def test_nobody_knows_nobody(world):
    from django.contrib.auth.models import AnonymousUser

    world.patient()
    assert list(patients_for(AnonymousUser())) == []
    assert list(sites_for(AnonymousUser(), P.VIEW)) == []


def test_a_door_is_one_query(world, django_assert_num_queries):
    patient, user = world.patient(), world.user("COORDINATOR")
    user.__dict__.pop("_grants", None)
    with django_assert_num_queries(2):  # memberships, patient with site
        patient_for(user, patient.number, P.ENTER).site.time_zone  # noqa: B018
    with django_assert_num_queries(1):
        patient_for(user, patient.number, P.ENTER)


def test_locking_needs_a_transaction_where_the_database_locks(world):
    patient, user = world.patient(), world.user("COORDINATOR")
    with transaction.atomic():
        assert patient_for(user, patient.number, lock=True) == patient
    assert connection.vendor in ("sqlite", "postgresql")
