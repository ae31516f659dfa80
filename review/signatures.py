"""Signatures: the password again, a meaning, a printed name, the values as they were; broken by a changed value alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.access import actor_for, check, grants
from accounts.login import confirm
from accounts.models import Site
from accounts.roles import SCOPES, Permission
from audit import clock
from audit.context import NotAudited, acting, current
from patients.models import Patient
from review.models import Signature
from review.texts import storable

Values = Mapping[str, str | None]  # field → its canonical text, as audit.values.snapshot gives it


class WrongPassword(Exception):
    """The password does not prove who signs; the message is the sentence the user reads."""


@dataclass(frozen=True)
class Proof:
    """The person has just typed the right password. Never stored, never sent: it lives as long as one request."""

    username: str


@dataclass(frozen=True)
class Signed:
    """Where the signature of a record stands: who signed what it means, and which fields have changed since."""

    signed: bool
    by: str = ""
    role: str = ""
    at: datetime | None = None
    meaning: str = ""
    broken: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Is it signed, with nothing changed since?"""
        return self.signed and not self.broken

    @property
    def kind(self) -> str:
        return "neutral" if not self.signed else "warn" if self.broken else "ok"

    @property
    def text(self) -> str:
        if not self.signed:
            return "Not signed"
        if self.broken:
            return f"Signature broken: {', '.join(self.broken)} changed since"
        return f"Signed: {self.meaning}, by {self.by} ({self.role})"


def prove(*, user, password: str) -> Proof:
    """Is this the person who is logged in? WrongPassword if not, and the trail counts it like a failed log-in.

    Before the act begins: inside it the failure could not be noted, because a refused act leaves nothing.
    """
    if _is_acting():
        raise NotAudited("The password is asked before the act begins; pass sign() the proof.")
    if not confirm(user, password):
        raise WrongPassword(
            "Nothing was signed: this is not your password, or the account is locked for 15 minutes after 5 wrong ones "
            "in a row. Type it again; if you have forgotten it, ask the administrator of the trial."
        )
    return Proof(user.username)


def _is_acting() -> bool:
    try:
        current()
    except NotAudited:
        return False
    return True


def sign(
    *, user, patient: Patient, form: str, record: int, meaning: str, values: Values, password: str | Proof,
    right: Permission | None = None,
) -> Signature:  # fmt: skip
    """Sign the values of a record in the user's name; joins the open act of the same person, which needs a Proof.

    ``meaning``: what the signature says, as a sentence; ``right``: the permission under which the person signs, printed as
    the role that holds it. The caller has checked that the record may be signed. Raises WrongPassword, and
    PermissionDenied when the person has no such role at the site today.
    """
    role = _role(user, patient.site, right)
    proof = password if isinstance(password, Proof) else prove(user=user, password=password)
    if proof.username != user.username:
        raise WrongPassword("Nothing was signed: the password is that of another person.")
    meaning = storable(meaning)
    if not meaning or not values:
        raise ValueError("A signature needs a meaning and values.")
    with acting(actor_for(user, patient.site), source="signature"):
        at = clock.now()
        signature = Signature(
            patient=patient, form=form, record=record, meaning=meaning, signer=user.username,
            printed_name=user.full_name, role=role, signed_at=at,
            covered=_cover(_salt(patient.number, form, record, user.username, at), values),
        )  # fmt: skip
        signature.save()
    return signature


def _role(user, site: Site, right: Permission | None) -> str:
    """The words of the role in which the person signs at a site."""
    if right is not None:
        check(user, right, site)
    fitting = [
        each.role for each in grants(user).held
        if each.site_id in (None, site.pk) and (right is None or right in SCOPES[each.role].permits)
    ]  # fmt: skip
    if not fitting:
        raise PermissionDenied(f"You have no role at {site.code} today, so you cannot sign there.")
    return fitting[0].label


def _salt(*about: object) -> str:
    """Another one for each signature, and the same in a simulation that is run again. It is no secret."""
    return hashlib.sha256("|".join(map(str, about)).encode()).hexdigest()[:16]


def _cover(salt: str, values: Values) -> str:
    digests = {name: _digest(salt, name, value) for name, value in sorted(values.items())}
    return json.dumps({"salt": salt, "fields": digests}, separators=(",", ":"))


def _digest(salt: str, name: str, value: str | None) -> str:
    return hashlib.sha256(f"{salt}|{name}|{value or ''}".encode()).hexdigest()


def covered_fields(covered: str) -> tuple[str, ...]:
    """Names of the fields that a signature covers."""
    return tuple(json.loads(covered)["fields"])


def standing(form: str, record: int, values: Values, *, meaning: str = "") -> Signed:
    """Where the latest signature of a record (with this ``meaning``) stands, given the values of now.

    A field that was not asked when it was signed breaks nothing; one that ``values`` lacks counts as empty.
    """
    found = Signature.objects.filter(form=form, record=record)
    last = (found.filter(meaning=meaning) if meaning else found).order_by("-id").first()
    if last is None:
        return Signed(False)
    covered = json.loads(last.covered)
    salt, fields = covered["salt"], covered["fields"]
    broken = tuple(name for name, digest in fields.items() if digest != _digest(salt, name, values.get(name)))
    return Signed(True, last.printed_name, last.role, last.signed_at, last.meaning, broken)


def is_signed(form: str, record: int) -> bool:
    """Has the record been signed, whatever has changed since?"""
    with connection.cursor() as cursor:  # asked at every save of a submitted record
        cursor.execute("SELECT 1 FROM review_signature WHERE form = %s AND record = %s LIMIT 1", [form, record])
        return cursor.fetchone() is not None
