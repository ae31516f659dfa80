"""The acts of screening: holding a place, registering a patient (gate, signature, number), screening somebody again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts import outbox
from accounts.access import actor_for
from accounts.models import Site
from accounts.roles import Permission, Role
from audit import clock
from audit.context import acting
from crf import registry
from crf.actions import recheck_one
from crf.facts import load_case
from crf.models import State
from patients import actions as patients
from patients.access import patient_for
from patients.actions import Refused
from patients.models import EnrolmentSource, Patient, Slot
from protocol.dates import Moment, earlier, moment_of, show
from protocol.eligibility import NEEDS, Unmet, gate_one
from protocol.engine import Case
from protocol.facts import Clock
from review.deviations import record_deviation
from review.signatures import Proof, WrongPassword, prove, sign
from review.texts import storable
from screening.models import Eligibility, InformedConsent
from screening.signed import signed_values

MEANING = "every criterion has been checked, the answers of the checklist are right, and the patient is to be registered"
PAPER_MEANING = "the answers of the checklist are right, and the patient was registered on paper on {moment}"

ALL_THE_SAME = "SCR-024"  # stands in the register for a paper registration that points stood against
RESTS_ON = "A patient is registered when every criterion that is asked before it is satisfied, at an active site."
SITE_GATE, TWICE_GATE = "SCR-G05", "SCR-G06"


class NotEligible(Exception):
    """Registration is refused; ``unmet`` are the gate's points, ``said`` is whatever else stands against it."""

    def __init__(self, unmet: Sequence[Unmet], said: Sequence[str] = ()) -> None:
        super().__init__(f"{len(unmet)} points stand against registration.")
        self.unmet, self.said = list(unmet), list(said)


@dataclass(frozen=True)
class Paper:
    """A registration that was written on paper first: when it happened (to the minute), and the number on the paper.

    ``all_the_same`` and ``why``: it happened although points stand against it, and why.
    """

    at: datetime
    number: str
    all_the_same: bool = False
    why: str = ""


def case_of(patient: Patient) -> Case:
    """Everything that eligibility rests on, read fresh."""
    return load_case(patient, NEEDS)


# Places, and screening again --------------------------------------------------------------------------------------------


def hold_place(*, user, number: str) -> Slot:
    """Hold a place of the trial for a patient of the user's site; Refused with every reason."""
    with transaction.atomic():
        patient = patient_for(user, number, Permission.ENTER, lock=True)
        return patients.request_slot(patient=patient, by=actor_for(user, patient.site), ended=screening_ended(patient))


def screening_ended(patient: Patient) -> bool:
    """Has the screening ended in a submitted screen failure?"""
    return registry.screening_failed(registry.headers([patient.pk], only=["SF"]))


def give_back_place(*, user, number: str, reason: str) -> Slot:
    """Let the place that is held for a patient go; Refused when there is none, or without a reason."""
    patient = patient_for(user, number, Permission.ENTER)
    return patients.give_back_slot(patient=patient, by=actor_for(user, patient.site), reason=storable(reason))


def screen_again(*, user, number: str) -> Patient:
    """A new screening of a person whose earlier one ended in a screen failure; Refused otherwise."""
    patient = patient_for(user, number, Permission.ENTER)
    with acting(actor_for(user, patient.site), source="rescreening"):
        patient = patient_for(user, number, Permission.ENTER, lock=True)
        return patients.rescreen(patient=patient, ended=screening_ended(patient), by=actor_for(user, patient.site))


# Registration -----------------------------------------------------------------------------------------------------------


def register_patient(*, user, number: str, password: str, paper: Paper | None = None) -> Patient:
    """Register a patient in the user's name, with the user's signature on the checklist.

    Gate, signature, number and place are one transaction that holds patient and study: nothing can change between them, and
    nothing is left half done. ``paper``: it happened on paper; every point is judged for that day. Raises NotEligible with
    every unmet point, Refused (no place, a moment that cannot be), or WrongPassword; each says all that is wrong.
    """
    patient = patient_for(user, number, Permission.REGISTER)
    proof, wrong = _proof(user, password)
    source, why = ("paper registration", storable(paper.why)) if paper else ("registration", "")
    with patients.holding(patient) as patient, acting(actor_for(user, patient.site), reason=why, source=source):
        unmet = points(patient, paper)
        happened = [point for point in unmet if paper and _may_have_happened(point)]
        said = patients.against_a_place(patient) + (_against_paper(patient, paper, happened) if paper else [])
        if paper and paper.all_the_same and paper.why.strip():
            unmet = [point for point in unmet if point not in happened]
        if unmet or said or proof is None:
            raise _refusal(unmet, said, wrong)
        checklist = _checklist(patient)
        sign(
            user=user, patient=patient, form=Eligibility.code, record=checklist.pk, meaning=_meaning(patient.site, paper.at if paper else None),
            values=signed_values(checklist), password=proof, right=Permission.REGISTER,
        )  # fmt: skip
        if paper and happened:
            _note_points(patient, checklist, paper, happened)
        done = patients.enrol(
            patient=patient, by=actor_for(user, patient.site), on_paper=paper.at if paper else None,
            paper_number=paper.number if paper else "",
        )  # fmt: skip
        recheck_one(done)  # some rules read the day of registration
        _post_mails(done)
        return done


def _proof(user, password: str) -> tuple[Proof | None, WrongPassword | None]:
    if not password:  # nothing was typed: no attempt that counts
        return None, WrongPassword("Type your password: registering the patient is your signature.")
    try:
        return prove(user=user, password=password), None
    except WrongPassword as wrong:
        return None, wrong


def _refusal(unmet: list[Unmet], said: list[str], wrong: WrongPassword | None) -> Exception:
    """One exception that says everything."""
    if wrong and not (unmet or said):
        return wrong
    said = [*said, str(wrong)] if wrong else said
    return NotEligible(unmet, said) if unmet else Refused(" ".join(said))


def _checklist(patient: Patient) -> Eligibility:
    return Eligibility.objects.get(patient=patient, voided=False, state=State.SUBMITTED)


def points(patient: Patient, paper: Paper | None = None) -> list[Unmet]:
    """What stands against registering the patient now, or at the moment on the paper."""
    case = case_of(patient)
    if paper is None:
        return gate_one(case)
    # The case of that day says that it has happened.
    return [point for point in gate_one(_as_of(case, patient.site, paper)) if point.rule != TWICE_GATE]


# On paper ---------------------------------------------------------------------------------------------------------------


def _may_have_happened(point: Unmet) -> bool:
    """Can a registration have happened in spite of it? What is only not entered yet can be entered first."""
    return bool(point.criterion) or point.rule == SITE_GATE


def _as_of(case: Case, site: Site, paper: Paper) -> Case:
    """The case as the rules would have judged it at the moment on the paper."""
    day = paper.at.astimezone(ZoneInfo(site.time_zone)).date()
    patient = dataclasses.replace(case.patient, enrolled_on=day, site_active=site.is_active_on(day))
    return Case(patient, Clock(case.clock.now, day), case.records)


def _against_paper(patient: Patient, paper: Paper, happened: list[Unmet]) -> list[str]:
    said = []
    zone = patient.site.time_zone
    if paper.at > clock.now():
        said.append("The registration on paper lies in the future: correct its date or time.")
    for consent in InformedConsent.objects.filter(patient=patient, voided=False):
        signed = moment_of(consent.patient_signed_on, consent.patient_signed_time, zone)
        # Paper knows the minute: a registration within that of the signature is not before it.
        if signed is not None and earlier(Moment.exactly(paper.at), signed):
            when = " ".join(filter(None, [show(consent.patient_signed_on), consent.patient_signed_time]))
            said.append(f"The registration on paper lies before the patient's signature on the consent ({when}): check both.")
    if not paper.number.strip():
        said.append("Enter the number that stands on the paper.")
    if happened and paper.all_the_same and not paper.why.strip():
        said.append("Say why the patient was registered all the same.")
    return said


def _note_points(patient: Patient, checklist: Eligibility, paper: Paper, happened: list[Unmet]) -> None:
    listed = " ".join(point.sentence for point in happened)
    record_deviation(
        patient=patient, form=Eligibility.code, record=checklist.pk, field=Eligibility.dated_by, rule=ALL_THE_SAME,
        text=f"Registered on paper on {patients.at_the_site(paper.at, patient.site)} although this stood against it: {listed}",
        rests_on=RESTS_ON, why=paper.why,
    )  # fmt: skip


def _meaning(site: Site, on_paper: datetime | None) -> str:
    return PAPER_MEANING.format(moment=patients.at_the_site(on_paper, site)) if on_paper else MEANING


def meaning_of(patient: Patient) -> str:
    """What the signature under the patient's registration says."""
    return _meaning(patient.site, patient.enrolled_at if patient.enrolment_source == EnrolmentSource.PAPER else None)


# Mail -------------------------------------------------------------------------------------------------------------------


def _post_mails(patient: Patient) -> None:
    """Tell data management and the site's investigators; the mail holds a site and a count, nothing about the patient."""
    site, places = patient.site, patients.places()
    body = (
        f"{site.code} has registered a patient. The trial has now used {places.used} of {places.cap} places; "
        f"{places.held} more {'is' if places.held == 1 else 'are'} held.\n\n"
        f"Log in and open Patients to see it.\n\nThis mail holds no patient data."
    )
    for to, at in ((Role.DATA_MANAGER, None), (Role.INVESTIGATOR, site)):
        outbox.post(
            key=f"registered-{patient.pk}-{to.value.lower()}", to_role=to, site=at,
            subject=f"START-lung: {site.code} has registered a patient", body=body,
        )  # fmt: skip
