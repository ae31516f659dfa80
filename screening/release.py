"""Gate 2: the investigator releases the first dose, once what the record asks before it has been checked."""

from __future__ import annotations

from accounts.access import actor_for, grants
from accounts.roles import Permission
from audit import clock
from audit.context import acting
from crf.actions import recheck_one
from crf.models import State
from crf.strip import strip
from patients.access import patient_for
from patients.models import Patient
from protocol.codelists import DoseOccurrence
from protocol.eligibility import against_first_dose, gate_two
from protocol.facts import Dose
from review.signatures import Signed, WrongPassword, prove, sign, standing
from screening.actions import NotEligible, case_of
from screening.judgement import FirstDoseCheck
from screening.links import mended_at
from screening.signed import signed_values

MEANING = "what is asked before the first dose has been checked, and the first dose of tarlatamab may be given"


def check_of(patient: Patient) -> FirstDoseCheck | None:
    """The patient's submitted check before the first dose."""
    found = FirstDoseCheck.objects.filter(patient=patient, voided=False, state=State.SUBMITTED).select_related("visit").first()
    if found is not None:
        found.patient = patient
    return found


def release_first_dose(*, user, number: str, password: str) -> FirstDoseCheck:
    """Release the first dose now, with the investigator's signature; NotEligible with every unmet point, WrongPassword.

    It records the moment and tells nobody what to give. A dose that was given without it is stored as a deviation.
    """
    patient = patient_for(user, number, Permission.REGISTER)
    if not password:
        raise WrongPassword("Type your password: releasing the first dose is your signature.")
    proof = prove(user=user, password=password)
    with acting(actor_for(user, patient.site), reason="release of the first dose", source="release"):
        patient = patient_for(user, number, Permission.REGISTER, lock=True)
        unmet = gate_two(case_of(patient))
        check = check_of(patient)
        if unmet or check is None:
            raise NotEligible(unmet)
        check.released_at, check.released_by = clock.now(), user.full_name
        check.save()
        sign(
            user=user, patient=patient, form=FirstDoseCheck.code, record=check.pk, meaning=MEANING,
            values=signed_values(check), password=proof, right=Permission.REGISTER,
        )  # fmt: skip
        recheck_one(patient)  # a dose that is entered already may be waiting for it
    return check


def page(user, patient: Patient, said: str = "") -> dict:
    """The release page; ``said`` is why it was refused a moment ago."""
    case, check = case_of(patient), check_of(patient)
    released = check is not None and check.released_at is not None
    return {
        "patient": patient, "strip": strip(patient, case=case), "meaning": MEANING, "said": said, "check": check,
        "released": released, "given": any(dose.occurrence == DoseOccurrence.GIVEN for dose in case.of("EC") if isinstance(dose, Dose)),
        "unmet": [
            (point.rule, point.sentence, mended_at(patient.number, point.form, point.field, point.slot))
            for point in against_first_dose(case)
        ],
        "signature": signature_of(check), "check_url": mended_at(patient.number, FirstDoseCheck.code, ""),
        "may_release": grants(user).may(Permission.REGISTER, patient.site),
    }  # fmt: skip


def signature_of(check: FirstDoseCheck | None) -> Signed:
    """The signature under the release, and whether the check has changed since."""
    return standing(FirstDoseCheck.code, check.pk, signed_values(check)) if check else Signed(False)
