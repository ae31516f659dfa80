"""The act of registering a patient: the gate, then the number."""

from __future__ import annotations

from accounts.access import actor_for
from accounts.roles import Permission
from audit.context import acting
from crf.actions import recheck_one
from crf.facts import load_case
from patients import actions as patients
from patients.access import patient_for
from patients.models import Patient
from protocol.eligibility import Unmet, gate_one
from protocol.engine import Case, gates

NEEDS = tuple(sorted({code for gate in gates() for code in gate.forms}))


class NotEligible(Exception):
    """Registration is refused; ``unmet`` lists every point."""

    def __init__(self, unmet: list[Unmet]) -> None:
        super().__init__(f"{len(unmet)} points stand against registration.")
        self.unmet = unmet


def case_of(patient: Patient) -> Case:
    """Everything that eligibility rests on, read fresh."""
    return load_case(patient, NEEDS)


def register_patient(*, user, number: str) -> Patient:
    """Register a patient in the user's name; NotEligible with every unmet point, or Refused by the cap.

    Gate and number are one transaction that holds the patient: nothing can change between them.
    """
    patient = patient_for(user, number, Permission.REGISTER)
    with acting(actor_for(user, patient.site), source="registration"):
        patient = patient_for(user, number, Permission.REGISTER, lock=True)
        unmet = gate_one(case_of(patient))
        if unmet:
            raise NotEligible(unmet)
        enrolled = patients.enrol(patient=patient, by=actor_for(user, patient.site))
        recheck_one(enrolled)  # some rules read the day of registration
        return enrolled
