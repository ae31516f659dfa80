"""Writes on people and sites, each in one transaction and in somebody's name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from accounts.access import SPONSOR_ZONE
from accounts.login import PASSWORD
from accounts.models import Membership, Site, User
from accounts.roles import Role
from audit import clock
from audit.context import SYSTEM, Actor, acting, event
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


def change_password(*, user: User, password: str, by: Actor) -> None:
    """A new password. One that somebody else has set lets the person do nothing but choose their own.

    It ends a lock-out, and every session of the person but the one that asks for it.
    """
    own = by.username == user.username
    with acting(by, source="password"):
        user.set_password(password)
        user._password = None
        user.save(update_fields=["password"])
        user.password_set_on = clock.today(SPONSOR_ZONE)
        user.must_change_password = None if own else True
        user.save()
        event(by, PASSWORD, about=user.username, detail="" if own else "by somebody else", source="password")


def load_sites() -> int:
    """The sites of the registry record, as they stand there; returns how many were new or changed.

    Status and activation belong to the administrator and are left alone.
    """
    count = 0
    with acting(SYSTEM, reason="registry record", source="load_study"):
        for order, fact in enumerate(SITES, start=1):
            site = Site.objects.filter(code=fact.code).first() or Site(code=fact.code)
            site.name, site.city, site.country, site.time_zone = fact.name, fact.city, fact.country, fact.zone
            site.contact, site.comment, site.record_order = fact.contact, fact.note, order
            count += bool(site.changed())
            site.save()
    return count
