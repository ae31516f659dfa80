"""The only doors to a patient. Another site's patient does not exist (404); a missing right is refused (403)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import check, grants
from accounts.models import Site
from accounts.roles import Permission
from patients.models import Patient


def patients_for(user) -> QuerySet[Patient]:
    """The patients whose existence the person may know."""
    ids = grants(user).site_ids(Permission.VIEW, Permission.DRUG)
    patients = Patient.objects.select_related("site")
    return patients if ids is None else patients.filter(site_id__in=ids)


def patient_for(user, number: str, permission: Permission | None = None, *, lock: bool = False) -> Patient:
    """One patient, 404 outside the person's sites, 403 without ``permission`` there; ``lock`` holds others off."""
    query = patients_for(user)
    if lock:
        query = query.select_for_update(of=("self",))
    # PostgreSQL cannot even compare text with a NUL sign, and an address may hold one.
    patient = query.filter(number=number).first() if "\x00" not in number else None
    if patient is None:
        raise Http404("There is no such patient at your sites.")
    if permission is not None:
        check(user, permission, patient.site)
    return patient


def within_sites(user, queryset: QuerySet, path: str, *permissions: Permission) -> QuerySet:
    """Rows of ``queryset`` at the sites where the person holds one of the permissions; ``path`` leads to the site's id."""
    ids = grants(user).site_ids(*(permissions or (Permission.VIEW,)))
    return queryset if ids is None else queryset.filter(**{f"{path}__in": ids})


def sites_for(user, *permissions: Permission) -> QuerySet[Site]:
    """The sites where the person holds one of the permissions."""
    return within_sites(user, Site.objects.all(), "id", *permissions)


def site_for(
    user, code: str, permission: Permission | None = None, *, sees: tuple[Permission, ...] = (Permission.VIEW,)
) -> Site:
    """One site where the person holds one of the permissions ``sees``, 404 elsewhere, 403 without ``permission`` there."""
    found = sites_for(user, *sees).filter(code=code).first() if "\x00" not in code else None
    if found is None:
        raise Http404("There is no such site among yours.")
    if permission is not None:
        check(user, permission, found)
    return found
