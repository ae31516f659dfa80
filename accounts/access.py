"""The questions that views and templates ask about a person's rights."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from accounts.models import Membership, Site
from accounts.roles import SCOPES, Permission, Role
from audit import clock
from audit.context import Actor

# Trial-wide dates (memberships of people who belong to no site) are dates at the sponsor's seat, Bern.
SPONSOR_ZONE = "Europe/Zurich"


@dataclass(frozen=True)
class Grants:
    """The memberships that hold today."""

    memberships: tuple[Membership, ...]

    def _with(self, permission: Permission) -> list[Membership]:
        return [each for each in self.memberships if permission in SCOPES[Role(each.role)].permits]

    def may(self, permission: Permission, site: Site | None = None) -> bool:
        """May the person do this, at that site or (None) anywhere?"""
        return any(site is None or each.site_id in (None, site.id) for each in self._with(permission))

    def site_ids(self, *permissions: Permission) -> set[int] | None:
        """Sites at which one of the permissions holds; None means all."""
        ids = {each.site_id for permission in permissions for each in self._with(permission)}
        return None if None in ids else ids

    def role_at(self, site: Site | None) -> Membership | None:
        """The membership in which the person acts at a site."""
        fitting = [each for each in self.memberships if site is None or each.site_id in (None, site.id)]
        return fitting[0] if fitting else None


def holding_today(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those that have begun and not yet ended."""
    today = clock.today(SPONSOR_ZONE)
    return memberships.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), starts_on__lte=today)


def grants(user) -> Grants:
    """The person's memberships of today, read once per request; none for nobody."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Grants(())
    known = user.__dict__.get("_grants")
    if known is None:
        rows = holding_today(Membership.objects.filter(user=user))
        known = user.__dict__["_grants"] = Grants(tuple(rows.select_related("site").order_by("id")))
    return known


def actor_for(user, site: Site | None = None) -> Actor:
    """The person as the trail names them, in the role they have at ``site``."""
    membership = grants(user).role_at(site)
    return Actor(
        user.username, user.full_name,
        membership.get_role_display() if membership else "",
        membership.site.code if membership and membership.site else "",
    )  # fmt: skip


def check(user, permission: Permission, site: Site | None = None) -> None:
    """PermissionDenied, in a sentence, unless the person may do this."""
    if not grants(user).may(permission, site):
        where = f" at {site.code}" if site else ""
        raise PermissionDenied(f"You may not {permission.value}{where}: your role does not include it.")
