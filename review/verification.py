"""Source data verification: pinned to a version of the record, so that what changed since can be shown, not only that."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from accounts.access import actor_for
from audit.context import acting
from audit.models import Change
from patients.models import Patient
from review.models import Verification


@dataclass(frozen=True)
class Verified:
    """Whether a record was verified, and how many fields have changed since."""

    verified: bool
    changed_since: int = 0

    @property
    def kind(self) -> str:
        return "neutral" if not self.verified else "warn" if self.changed_since else "verified"

    @property
    def text(self) -> str:
        if not self.verified:
            return "Not verified"
        fields = "field" if self.changed_since == 1 else "fields"
        return f"{self.changed_since} {fields} changed since verification" if self.changed_since else "Verified"


def is_verified(form: str, record: int) -> bool:
    """Has the record been verified, in this version or an earlier one?"""
    with connection.cursor() as cursor:  # asked at every save of a submitted record
        cursor.execute(
            "SELECT 1 FROM review_verification WHERE form = %s AND record = %s AND NOT withdrawn", [form, record]
        )
        return cursor.fetchone() is not None


def standing(form: str, record: int) -> Verified:
    """Where the verification of a record stands."""
    found = Verification.objects.filter(form=form, record=record, withdrawn=False).first()
    if found is None:
        return Verified(False)
    since = Change.objects.filter(form=form, record=str(record), version__gt=found.verified_version)
    return Verified(True, since.values("field").distinct().count())


def verify(*, user, patient: Patient, form: str, record: int, version: int) -> Verification:
    """The record, as it stands in ``version``, agrees with the source. The caller has checked the right to say so."""
    with acting(actor_for(user, patient.site), source="verification"):
        known = Verification.objects.filter(form=form, record=record).first()
        verification = known or Verification(form=form, record=record)
        verification.patient, verification.verified_version, verification.withdrawn = patient, version, False
        verification.save()
    return verification


def withdraw(*, user, patient: Patient, form: str, record: int) -> None:
    """Take a verification back."""
    with acting(actor_for(user, patient.site), source="verification"):
        verification = Verification.objects.filter(form=form, record=record, withdrawn=False).first()
        if verification is not None:
            verification.patient, verification.withdrawn = patient, True
            verification.save()
