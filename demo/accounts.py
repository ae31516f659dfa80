"""The accounts of the demo: named by role, one password for all, in a database marked DEMO only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password

from accounts.access import actor_for, check, grants
from accounts.models import Membership, Site, User
from accounts.roles import SITE_ROLES, STUDY_ROLES, Permission, Role
from audit.context import SYSTEM, Actor, acting
from protocol.sites import BY_CODE, SITES

PASSWORD = "Ward-round-at-seven"  # noqa: S105  printed by the commands; it opens nothing but simulated data
SINCE = date(2026, 5, 18)  # two weeks before the first site is activated
INSPECTION_ENDS = date(2030, 12, 31)

HOME = "FR03"  # the site with an account of every site role
MONITORED = ("FR01", "FR02", "FR03", "FR04", "CH01")
EVERYWHERE = (Role.COORDINATOR, Role.INVESTIGATOR, Role.PHARMACIST)  # at every site with patients


@dataclass(frozen=True)
class Account:
    """A demo account: the role, and the sites where it is held (none: the whole trial)."""

    role: Role
    sites: tuple[str, ...] = ()

    @property
    def username(self) -> str:
        name = self.role.value.lower().replace("sub_", "sub").replace("_", ".")
        return f"{name}.{self.sites[0].lower()}" if len(self.sites) == 1 else name

    @property
    def full_name(self) -> str:
        return f"{self.role.label}, {_city(self.sites[0])}" if len(self.sites) == 1 else f"{self.role.label}, demo"

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"

    @property
    def ends_on(self) -> date | None:
        return INSPECTION_ENDS if self.role is Role.INSPECTOR else None


def _city(code: str) -> str:
    """The site's city, with the code where the trial has several sites there."""
    city = BY_CODE[code].city
    return city if sum(site.city == city for site in SITES) == 1 else f"{city} {code}"


def accounts(sites: Iterable[str]) -> list[Account]:
    """One account per role, and a coordinator, an investigator and a pharmacist at each of ``sites``."""
    known = sorted({HOME, *sites}, key=lambda code: (code != HOME, code))
    at_home = [Account(role, (HOME,)) for role in SITE_ROLES if role is not Role.MONITOR]
    elsewhere = [Account(role, (code,)) for code in known[1:] for role in EVERYWHERE]
    return [*at_home, Account(Role.MONITOR, MONITORED), *map(Account, STUDY_ROLES), *elsewhere]


def create(sites: Iterable[str]) -> None:
    """The accounts that are not there yet: the administrator by the system, the others by the administrator."""
    validate_password(PASSWORD)
    # Hashed once: a password hash is slow on purpose, and this one is no secret.
    hashed = make_password(PASSWORD)
    site_of = {site.code: site for site in Site.objects.all()}
    wanted = sorted(accounts(sites), key=lambda each: each.role is not Role.ADMINISTRATOR)
    known = set(User.objects.values_list("username", flat=True))
    for account in wanted:
        if account.username in known:
            continue
        by = SYSTEM if account.role is Role.ADMINISTRATOR else actor_for(administrator())
        _create(account, hashed, [site_of[code] for code in account.sites] or [None], by)


def _create(account: Account, hashed: str, sites: Sequence[Site | None], by: Actor) -> None:
    """As accounts.actions.create_user, with a password that has been hashed already."""
    with acting(by, source="accounts"):
        user = User(username=account.username, full_name=account.full_name, email=account.email, password=hashed)
        user.password_set_on = SINCE
        user.full_clean()
        user.save()
        for site in sites:
            membership = Membership(user=user, role=account.role, site=site, starts_on=SINCE, ends_on=account.ends_on)
            membership.full_clean()
            membership.save()


def administrator() -> User:
    return User.objects.get(username=Account(Role.ADMINISTRATOR).username)


@dataclass
class People:
    """Who works at a site, each read from the database once."""

    users: dict[str, User] = field(default_factory=dict)

    def of(self, role: Role, site: str = "") -> User:
        """The demo account with the role, at the site for a role of sites."""
        account = Account(role, (site,)) if role in EVERYWHERE else Account(role, MONITORED if role is Role.MONITOR else ())
        if account.username not in self.users:
            self.users[account.username] = User.objects.get(username=account.username)
        return self.users[account.username]

    def reviewer(self, site: Site) -> User:
        """Who raises and closes queries at a site: its monitor, else the data manager."""
        monitor = self.of(Role.MONITOR)
        return monitor if grants(monitor).may(Permission.CLOSE, site) else self.of(Role.DATA_MANAGER)


def activate(site: Site, on: date, by: User) -> None:
    """Open a site for registration, as the administrator does in the admin."""
    check(by, Permission.MANAGE)
    with acting(actor_for(by), reason="Initiation visit done, contract signed.", source="admin"):
        site.status, site.activated_on = "ACTIVE", on
        site.full_clean()
        site.save()


def table() -> str:
    """User name, role and site of every demo account in this database, and the password once."""
    rows = [("User name", "Role", "Site"), ("---------", "----", "----")]
    present = set(User.objects.values_list("username", flat=True))
    for account in accounts(site.code for site in SITES):
        if account.username in present:
            rows.append((account.username, account.role.label, _where(account)))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}".rstrip() for row in rows]
    return "\n".join([*lines, "", f"Password of every demo account: {PASSWORD}"])


def _where(account: Account) -> str:
    if len(account.sites) == 1:
        return f"{account.sites[0]} {BY_CODE[account.sites[0]].city}"
    return ", ".join(account.sites) or "all sites"
