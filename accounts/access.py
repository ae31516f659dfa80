"""The questions that views and templates ask about a person's rights."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import Membership, Site
from accounts.roles import SCOPES, Permission, Role
from audit import clock
from audit.context import Actor

# Trial-wide dates (memberships of people who belong to no site) are dates at the sponsor's seat, Bern.
SPONSOR_ZONE = "Europe/Zurich"


@dataclass(frozen=True)
class Held:
    """A role that somebody holds today, at a site or (None) in the whole trial."""

    role: Role
    site_id: int | None
    site_code: str


@dataclass(frozen=True)
class Grants:
    """The roles that hold today."""

    held: tuple[Held, ...]

    def _with(self, permission: Permission) -> list[Held]:
        return [each for each in self.held if permission in SCOPES[each.role].permits]

    def may(self, permission: Permission, site: Site | None = None) -> bool:
        """May the person do this, at that site or (None) anywhere?"""
        return any(site is None or each.site_id in (None, site.id) for each in self._with(permission))

    def site_ids(self, *permissions: Permission) -> set[int] | None:
        """Sites at which one of the permissions holds; None means all."""
        ids = {each.site_id for permission in permissions for each in self._with(permission)}
        return None if None in ids else ids

    def role_at(self, site: Site | None) -> Held | None:
        """The role in which the person acts at a site."""
        fitting = [each for each in self.held if site is None or each.site_id in (None, site.id)]
        return fitting[0] if fitting else None


def holding_today(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those that have begun and not yet ended."""
    today = clock.today(SPONSOR_ZONE)
    return memberships.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), starts_on__lte=today)


def grants(user) -> Grants:
    """What the person holds today, read once per request; nothing for nobody. (Plain SQL: every request asks.)"""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Grants(())
    known = user.__dict__.get("_grants")
    if known is None:
        today = connection.ops.adapt_datefield_value(clock.today(SPONSOR_ZONE))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT m.role, m.site_id, s.code FROM accounts_membership m LEFT JOIN accounts_site s ON s.id = m.site_id "
                "WHERE m.user_id = %s AND m.starts_on <= %s AND (m.ends_on IS NULL OR m.ends_on >= %s) ORDER BY m.id",
                [user.pk, today, today],
            )
            held = [Held(Role(role), site_id, code or "") for role, site_id, code in cursor.fetchall()]
        known = user.__dict__["_grants"] = Grants(tuple(held))
    return known


def actor_for(user, site: Site | None = None) -> Actor:
    """The person as the trail names them, in the role they have at ``site``."""
    held = grants(user).role_at(site)
    return Actor(user.username, user.full_name, held.role.label if held else "", held.site_code if held else "")


def check(user, permission: Permission, site: Site | None = None) -> None:
    """PermissionDenied, in a sentence, unless the person may do this."""
    if not grants(user).may(permission, site):
        where = f" at {site.code}" if site else ""
        raise PermissionDenied(f"You may not {permission.value}{where}: your role does not include it.")
