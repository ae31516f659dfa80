"""Numbers and the cap: creating a patient, and the moment of enrolment."""

from __future__ import annotations

from accounts.models import Site, SiteStatus
from audit import clock
from audit.context import SYSTEM, Actor, acting
from audit.models import ChainHead, Installation
from patients.models import Patient, Recruitment, Study
from protocol import parameters


class Refused(Exception):
    """An act that must not happen; the message is the sentence the user reads."""


def create_patient(*, site: Site, by: Actor) -> Patient:
    """A new screening number at ``site``: the site's code and a running number, never used again."""
    with acting(by, source="form"):
        site = Site.objects.select_for_update().get(pk=site.pk)  # one after the other at a site
        if site.status == SiteStatus.CLOSED:
            raise Refused(f"{site.code} is closed: no patient can be screened there.")
        patient = Patient(site=site, number=f"{site.code}-{_last_number(site) + 1:03d}")
        patient.save()
    return patient


def _last_number(site: Site) -> int:
    """The highest running number of a site; as a number, since 'FR03-1000' sorts before 'FR03-999'."""
    numbers = Patient.objects.filter(site=site).values_list("number", flat=True)
    return max((int(number.rpartition("-")[2]) for number in numbers), default=0)


def lock_study() -> Study:
    """Hold everybody else off the numbers until this transaction ends."""
    return Study.objects.select_for_update().get()


def enrolled() -> int:
    """How many patients have been registered."""
    return Patient.objects.filter(enrolment_number__isnull=False).count()


def cap() -> int:
    """How many patients the trial takes."""
    return parameters.whole("enrolment_cap")


def enrol(*, patient: Patient, by: Actor) -> Patient:
    """Give the patient the next enrolment number, now; Refused when there is none left or the patient has one.

    The gate is not asked here: call it through ``screening.actions.register_patient``.
    """
    with acting(by, source="registration"):
        study = lock_study()
        patient = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk)
        if patient.enrolment_number is not None:
            raise Refused(f"{patient.number} is registered already, as number {patient.enrolment_number}.")
        if study.recruitment != Recruitment.OPEN:
            raise Refused("Recruitment is not open: no patient can be registered now.")
        count = enrolled()
        if count >= cap():
            raise Refused(f"All {cap()} places of the trial are taken: no further patient can be registered.")
        patient.enrolment_number = count + 1
        patient.enrolled_at = clock.now()
        patient.save()
    return patient


def load_study(*, demo: bool) -> None:
    """What a fresh database needs before anybody can work: its mark, the study row, the study's chain."""
    if not Installation.objects.exists():
        Installation.objects.create(id=1, demo=demo, created_at=clock.now())
    ChainHead.objects.get_or_create(key="study")
    if not Study.objects.exists():
        with acting(SYSTEM, source="load_study"):
            Study(id=1).save()
