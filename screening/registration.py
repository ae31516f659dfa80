"""The registration page and the page that confirms it: what stands against it, what was typed, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accounts.access import grants
from accounts.roles import Permission
from audit.trail import changes_of
from crf.strip import strip
from patients import actions as patients
from patients.actions import Refused
from patients.models import EnrolmentSource, Patient
from protocol import parameters
from protocol.eligibility import Unmet, due_before_first_dose, gate_one
from protocol.engine import Case
from review.signatures import Signed, WrongPassword, standing
from screening.actions import MEANING, NotEligible, case_of, meaning_of, points, register_patient
from screening.forms import PaperForm
from screening.links import mended_at
from screening.models import Eligibility, ScreenFailure
from screening.signed import signed_values


@dataclass
class Attempt:
    """What became of a post: registered, or everything that stands against it, with what was typed."""

    registered: Patient | None = None
    said: list[str] = field(default_factory=list)
    paper: PaperForm | None = None


def attempt(user, patient: Patient, data: Mapping[str, str]) -> Attempt:
    """Register the patient, on paper or now, as it was posted."""
    form = PaperForm(data, site=patient.site) if data.get("action") == "paper" else None
    if form is not None and not form.is_valid():
        return Attempt(paper=form, said=[sentence for errors in form.errors.values() for sentence in errors])
    try:
        done = register_patient(
            user=user, number=patient.number, password=data.get("password", ""), paper=form.paper() if form else None
        )
    except NotEligible as refusal:
        return Attempt(said=refusal.said, paper=form)  # the points are worked out again for the page
    except (Refused, WrongPassword) as refusal:
        return Attempt(said=[str(refusal)], paper=form)
    return Attempt(registered=done, paper=form)


def page(user, patient: Patient, tried: Attempt | None = None) -> dict:
    """The registration page, after a post that was refused with what was typed."""
    held, case = grants(user), case_of(patient)
    unmet = [] if patient.enrolment_number else gate_one(case)
    on_paper = tried.paper if tried else None
    stood = points(patient, on_paper.paper()) if on_paper and on_paper.is_valid() else []
    return {
        "patient": patient, "strip": strip(patient), "places": patients.places(), "slot": patients.slot_of(patient),
        "hold_hours": parameters.whole("slot_hold_hours"), "no_place": patients.against_a_place(patient),
        "unmet": linked(patient.number, unmet), "due": _due(patient.number, case), "meaning": MEANING,
        "may_register": held.may(Permission.REGISTER, patient.site), "may_enter": held.may(Permission.ENTER, patient.site),
        "ended": next(iter(case.of(ScreenFailure.code)), None), "fail_url": mended_at(patient.number, ScreenFailure.code, ""),
        "checklist_url": mended_at(patient.number, Eligibility.code, ""),
        "paper": on_paper or PaperForm(site=patient.site), "paper_open": on_paper is not None,
        "paper_points": linked(patient.number, stood),
        "refused": tried is not None, "said": tried.said if tried else [],
    }  # fmt: skip


def _due(number: str, case: Case) -> list[tuple[str, str, str]]:
    """(sentence, what the logs have against it already, where that stands) of what the first dose asks."""
    return [
        (point.sentence, point.ahead, mended_at(number, point.form, point.field, point.slot) if point.ahead else "")
        for point in due_before_first_dose(case)
    ]  # fmt: skip


def linked(number: str, unmet: Sequence[Unmet]) -> list[tuple[str, str, str]]:
    """(rule, sentence, where it is mended) of each unmet point."""
    return [(point.rule, point.sentence, mended_at(number, point.form, point.field, point.slot)) for point in unmet]


def confirmation(patient: Patient) -> dict:
    """The page that confirms a registration: printable, and complete without the program."""
    entered = changes_of(Patient.trail_code, patient.pk).filter(field="enrolment_number").first()
    return {
        "patient": patient, "strip": strip(patient), "places": patients.places(), "act": entered and entered.change_set,
        "on_paper": patient.enrolment_source == EnrolmentSource.PAPER, "signature": signature_of(patient),
        "due": due_before_first_dose(case_of(patient)),
    }  # fmt: skip


def signature_of(patient: Patient) -> Signed:
    """The investigator's signature under the registration, and whether the checklist has changed since."""
    checklist = Eligibility.objects.filter(patient=patient, voided=False).first()
    if checklist is None:
        return Signed(False)
    return standing(Eligibility.code, checklist.pk, signed_values(checklist), meaning=meaning_of(patient))
