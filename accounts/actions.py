"""Writes on people and sites, each in one transaction and in somebody's name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from accounts.models import Membership, Site, User
from accounts.roles import Role
from audit.context import SYSTEM, Actor, acting
from protocol.sites import SITES


def create_user(
    *, username: str, full_name: str, email: str, password: str, roles: Iterable[tuple[Role, Site | None]],
    starts_on: date, by: Actor, ends_on: date | None = None,
) -> User:  # fmt: skip
    """A person with memberships from ``starts_on``; ValidationError in sentences when something does not fit."""
    with acting(by, source="accounts"):
        user = User(username=username, full_name=full_name, email=email)
        user.set_password(password)
        user._password = None
        user.password_set_on = starts_on
        user.full_clean()
        user.save()
        for role, site in roles:
            membership = Membership(user=user, role=role, site=site, starts_on=starts_on, ends_on=ends_on)
            membership.full_clean()
            membership.save()
    return user


def load_sites() -> int:
    """The sites of the registry record, as they stand there; returns how many were new or changed."""
    count = 0
    with acting(SYSTEM, reason="registry record", source="load_study"):
        for order, fact in enumerate(SITES, start=1):
            site = Site.objects.filter(code=fact.code).first() or Site(code=fact.code)
            site.name, site.city, site.country, site.time_zone = fact.name, fact.city, fact.country, fact.zone
            site.contact, site.comment, site.record_order = fact.contact, fact.note, order
            count += bool(site.changed())
            site.save()
    return count
