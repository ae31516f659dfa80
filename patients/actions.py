"""Numbers, places and the cap: creating a patient, holding a place, and the moment of enrolment.

Whoever counts places holds the patient first and the study after it, until the transaction ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Site, SiteStatus
from audit import clock
from audit.context import SYSTEM, Actor, acting
from audit.models import ChainHead, Installation
from patients.models import EnrolmentSource, Patient, Recruitment, Slot, SlotStatus, Study
from protocol import parameters
from protocol.dates import show


class Refused(Exception):
    """An act that must not happen; the message says every reason, in sentences that the user reads."""


def create_patient(*, site: Site, by: Actor) -> Patient:
    """A new screening number at ``site``: the site's code and a running number, never used again."""
    with acting(by, source="form"):
        return _new_patient(site)


def rescreen(*, patient: Patient, ended: bool, by: Actor) -> Patient:
    """A new screening number for the same person, whose earlier screening has ``ended`` in a screen failure.

    Nothing is copied: every form is filled in anew. Refused for a patient who was registered or has been screened again.
    """
    with acting(by, source="rescreening"):
        patient = _hold(patient)
        said = _screened_again(patient)
        if patient.enrolment_number is not None:
            said.append(f"{patient.number} is registered: a registered patient is not screened again.")
        if not ended:
            said.append(f"The screening of {patient.number} has not ended: submit the screen failure first.")
        if said:
            raise Refused(" ".join(said))
        return _new_patient(patient.site, rescreening_of=patient)


def _new_patient(site: Site, rescreening_of: Patient | None = None) -> Patient:
    site = Site.objects.select_for_update().get(pk=site.pk)  # one after the other at a site
    if site.status == SiteStatus.CLOSED:
        raise Refused(f"{site.code} is closed: no patient can be screened there.")
    patient = Patient(site=site, number=f"{site.code}-{_last_number(site) + 1:03d}", rescreening_of=rescreening_of)
    patient.save()
    return patient


def _last_number(site: Site) -> int:
    """The highest running number of a site; as a number, since 'FR03-1000' sorts before 'FR03-999'."""
    numbers = Patient.objects.filter(site=site).values_list("number", flat=True)
    return max((int(number.rpartition("-")[2]) for number in numbers), default=0)


def _hold(patient: Patient) -> Patient:
    return Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk)


def lock_study() -> Study:
    """Hold everybody else off the numbers until this transaction ends."""
    return Study.objects.select_for_update().get()


# Places -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """The places of the trial at one moment."""

    used: int
    held: int
    cap: int

    @property
    def free(self) -> int:
        return max(0, self.cap - self.used - self.held)

    @property
    def text(self) -> str:
        return f"{self.used} of {self.cap} used, {self.held} held"


def enrolled() -> int:
    """How many patients have been registered."""
    return Patient.objects.filter(enrolment_number__isnull=False).count()


def cap() -> int:
    """How many patients the trial takes."""
    return parameters.whole("enrolment_cap")


def holding_now(but: Patient | None = None) -> QuerySet[Slot]:
    """Places that are held at this moment, the first to run out first; ``but`` is a patient whose own does not count."""
    held = Slot.objects.filter(status=SlotStatus.HELD, expires_at__gt=clock.now()).order_by("expires_at", "id")
    return held if but is None else held.exclude(patient=but)


def held(but: Patient | None = None) -> int:
    return holding_now(but).count()


def places(but: Patient | None = None) -> Places:
    """Used, held and all; ``but`` leaves out the place that is held for that patient."""
    return Places(enrolled(), held(but), cap())


def slot_of(patient: Patient) -> Slot | None:
    """The place that is held for the patient now."""
    return holding_now().filter(patient=patient).first()


def against_a_place(patient: Patient, study: Study | None = None) -> list[str]:
    """Why the patient can have no place of the trial now, whatever the patient's forms say: every reason, a sentence each."""
    said = _screened_again(patient)
    if patient.enrolment_number is not None:
        said.append(f"{patient.number} is registered already, as number {patient.enrolment_number}.")
    if (study or Study.objects.get()).recruitment != Recruitment.OPEN:
        said.append("Recruitment is not open: no patient can be registered now.")
    found = places(patient)
    if found.used >= found.cap:
        said.append(f"All {found.cap} places of the trial are taken: no further patient can be registered.")
    elif not found.free:
        until = at_the_site(holding_now(patient).values_list("expires_at", flat=True)[0], patient.site)
        said.append(f"No place is free: {found.text}. The first that is held for another patient is held until {until}.")
    return said


def _screened_again(patient: Patient) -> list[str]:
    later = Patient.objects.filter(rescreening_of=patient).first()
    return [f"{patient.number} was screened again as {later.number}: go on with that screening."] if later else []


def at_the_site(moment: datetime, site: Site) -> str:
    """'05-Mar-2026 at 14:05 (Europe/Paris)': a moment on the clock of the site."""
    local = moment.astimezone(ZoneInfo(site.time_zone))
    return f"{show(local.date().isoformat())} at {local:%H:%M} ({site.time_zone})"


@contextlib.contextmanager
def holding(patient: Patient) -> Iterator[Patient]:
    """One transaction that holds the patient and the study off everybody else; places that have run out are marked first.

    Call it with nobody acting: what has run out is marked by the system, in the chains of the patients concerned.
    """
    with transaction.atomic():
        found = _hold(patient)
        lock_study()
        _mark_expired()
        yield found


def _mark_expired() -> None:
    over = Slot.objects.filter(status=SlotStatus.HELD, expires_at__lte=clock.now()).select_related("patient__site")
    with acting(SYSTEM, source="place"):
        for slot in over:
            slot.status = SlotStatus.EXPIRED
            slot.save()


def request_slot(*, patient: Patient, by: Actor, ended: bool = False) -> Slot:
    """Hold a place for the patient, whose screening has not ``ended``, for some days; Refused with every reason."""
    with holding(patient) as patient, acting(by, source="place"):
        said = against_a_place(patient)
        if ended:
            said.append(f"The screening of {patient.number} has ended in a screen failure: no place is held for it.")
        if not patient.site.is_active_on(clock.today(patient.site.time_zone)):
            said.append(f"{patient.site.code} is not active: a place can be held once the site has been activated.")
        own = slot_of(patient)
        if own is not None:
            said.append(f"A place is held for {patient.number} already, until {at_the_site(own.expires_at, patient.site)}.")
        if said:
            raise Refused(" ".join(said))
        now = clock.now()
        slot = Slot(patient=patient, requested_at=now, expires_at=now + timedelta(hours=parameters.whole("slot_hold_hours")))
        slot.save()
    return slot


def give_back_slot(*, patient: Patient, by: Actor, reason: str) -> Slot:
    """The place that is held for the patient is free again; Refused when none is held, or without a reason."""
    with holding(patient) as patient, acting(by, reason=reason, source="place"):
        slot = slot_of(patient)
        said = [] if slot else [f"No place is held for {patient.number}: it was given back, used, or has run out."]
        if not reason.strip():
            said.append("Say in a few words why the place is given back.")
        if slot is None or said:
            raise Refused(" ".join(said))
        slot.patient, slot.status = patient, SlotStatus.GIVEN_BACK
        slot.save()
    return slot


def let_go(patient: Patient) -> None:
    """The place that is held for the patient, if any, is free again; inside the caller's unit of work, which holds the patient."""
    lock_study()
    slot = slot_of(patient)
    if slot is not None:
        slot.patient, slot.status = patient, SlotStatus.GIVEN_BACK
        slot.save()


# Enrolment --------------------------------------------------------------------------------------------------------------


def enrol(*, patient: Patient, by: Actor, on_paper: datetime | None = None, paper_number: str = "") -> Patient:
    """Give the patient the next enrolment number, and the place that is held for the patient or a free one; else Refused.

    ``on_paper`` is the moment of a registration that is entered afterwards; otherwise it is now. The gate is not asked
    here: call it through ``screening.actions.register_patient``.
    """
    with acting(by, source="registration"):
        patient, study = _hold(patient), lock_study()
        said = against_a_place(patient, study)
        if said:
            raise Refused(" ".join(said))
        patient.enrolment_number = enrolled() + 1
        patient.enrolled_at = on_paper or clock.now()
        patient.enrolment_source = EnrolmentSource.PAPER if on_paper else EnrolmentSource.EDC
        patient.paper_number = paper_number
        patient.save()
        for slot in Slot.objects.filter(patient=patient, status=SlotStatus.HELD):
            slot.patient = patient
            slot.status = SlotStatus.USED if slot.expires_at > clock.now() else SlotStatus.EXPIRED
            slot.save()
    return patient


def load_study(*, demo: bool) -> None:
    """What a fresh database needs before anybody can work: its mark, the study row, the study's chain."""
    if not Installation.objects.exists():
        Installation.objects.create(id=1, demo=demo, created_at=clock.now())
    ChainHead.objects.get_or_create(key="study")
    if not Study.objects.exists():
        with acting(SYSTEM, source="load_study"):
            Study(id=1).save()
