"""Who may do what: one table. Site roles hold at the sites of the membership, the others at all sites."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.db import models


class Permission(Enum):
    """One thing that a person may be allowed to do; the value completes 'You may not …'."""

    VIEW = "read patients' records"
    DRUG = "read tarlatamab doses"
    ENTER = "enter patients' data"
    REGISTER = "register a patient for the trial"
    REPORT = "report a serious event"
    SIGN = "sign the report of a serious event"
    RAISE = "raise a query"
    CLOSE = "close a query"
    VERIFY = "verify against the source"
    JUDGE = "judge a deviation"
    BREACH = "assess a potential serious breach"
    AUDIT = "audit changes in the admin"
    SAFETY = "work at the safety desk"
    DECIDE = "decide how a criterion's wording applies"
    REFERENCE = "keep the site's references"
    STOCK = "keep the drug account"
    EXPORT = "take data exports"
    MANAGE = "manage users and sites"


class Role(models.TextChoices):
    COORDINATOR = "COORDINATOR", "Site coordinator"
    INVESTIGATOR = "INVESTIGATOR", "Investigator"
    SUB_INVESTIGATOR = "SUB_INVESTIGATOR", "Sub-investigator"
    PHARMACIST = "PHARMACIST", "Pharmacist"
    MONITOR = "MONITOR", "Monitor"
    DATA_MANAGER = "DATA_MANAGER", "Data manager"
    SAFETY_DESK = "SAFETY_DESK", "Safety desk"
    MEDICAL_REVIEWER = "MEDICAL_REVIEWER", "Medical reviewer"
    STATISTICIAN = "STATISTICIAN", "Statistician"
    ADMINISTRATOR = "ADMINISTRATOR", "Administrator"
    INSPECTOR = "INSPECTOR", "Inspector"


@dataclass(frozen=True)
class Scope:
    """What a role is for, whether it holds at named sites only, and what it permits."""

    purpose: str
    at_sites: bool
    permits: frozenset[Permission]


def _scope(purpose: str, at_sites: bool, *permits: Permission) -> Scope:
    return Scope(purpose, at_sites, frozenset(permits))


P = Permission
SCOPES: dict[Role, Scope] = {
    Role.COORDINATOR: _scope(
        "Enters visits from source notes and answers queries.", True, P.VIEW, P.ENTER, P.REPORT, P.REFERENCE
    ),
    Role.INVESTIGATOR: _scope(
        "Confirms eligibility, registers, judges causality.", True,
        P.VIEW, P.ENTER, P.REGISTER, P.REPORT, P.SIGN, P.REFERENCE,
    ),
    Role.SUB_INVESTIGATOR: _scope(
        "As the investigator, within the dates of the delegation.", True,
        P.VIEW, P.ENTER, P.REGISTER, P.REPORT, P.SIGN, P.REFERENCE,
    ),
    Role.PHARMACIST: _scope("Keeps the drug account, and sees the doses that vials are needed for.", True, P.DRUG, P.STOCK),
    Role.MONITOR: _scope(
        "Verifies against the source, raises and closes queries, judges deviations, audits every change.", True,
        P.VIEW, P.RAISE, P.CLOSE, P.VERIFY, P.JUDGE, P.AUDIT,
    ),
    Role.DATA_MANAGER: _scope(
        "Checks the data of all sites, judges deviations, makes data cuts.", False,
        P.VIEW, P.RAISE, P.CLOSE, P.JUDGE, P.BREACH, P.AUDIT, P.EXPORT, P.REFERENCE,
    ),
    Role.SAFETY_DESK: _scope("Receives serious events within 24 hours.", False, P.VIEW, P.SAFETY, P.RAISE),
    Role.MEDICAL_REVIEWER: _scope("Decides how a criterion's wording applies.", False, P.VIEW, P.RAISE, P.DECIDE),
    Role.STATISTICIAN: _scope("Takes exports that can be reproduced.", False, P.EXPORT),
    Role.ADMINISTRATOR: _scope("Manages users, roles and sites; touches no clinical data.", False, P.MANAGE),
    Role.INSPECTOR: _scope("Reads everything, for a limited time.", False, P.VIEW, P.AUDIT),
}  # fmt: skip

SITE_ROLES = [role for role, scope in SCOPES.items() if scope.at_sites]
STUDY_ROLES = [role for role, scope in SCOPES.items() if not scope.at_sites]
