"""Deviations that no rule finds in the data: an act was done although points stood against it."""

from __future__ import annotations

from audit.context import current
from patients.models import Patient
from review.models import Deviation, DeviationStatus
from review.texts import storable


def record_deviation(
    *, patient: Patient, form: str, record: int, field: str, rule: str, text: str, rests_on: str, why: str
) -> Deviation:
    """Enter in the register what happened against the protocol. A re-check of the rules never withdraws it.

    ``rule``: an id that no rule of the catalogue has. Call inside ``acting`` with the patient locked.
    """
    current()
    known = Deviation.objects.filter(rule=rule, record=record).first()
    deviation = known or Deviation(form=form, record=record, field=field, rule=rule)
    deviation.patient, deviation.status = patient, DeviationStatus.PROPOSED
    deviation.text, deviation.rests_on, deviation.why = storable(text), rests_on, storable(why)
    deviation.save()
    return deviation
