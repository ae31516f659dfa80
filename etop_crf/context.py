"""What every page shows around its content."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts.access import grants
from accounts.policy import IDLE
from accounts.roles import Permission
from audit import clock
from audit.models import Installation

TRIAL = "START-lung · ETOP 29-25"


@dataclass
class Item:
    label: str
    url: str
    icon: str
    current: bool = False
    count: int | None = None


# Label, URL name, icon, permissions of which one is needed.
MENU = (
    ("To do", "home", "todo", (Permission.VIEW, Permission.DRUG, Permission.EXPORT, Permission.MANAGE)),
    ("Patients", "patients", "patients", (Permission.VIEW, Permission.DRUG)),
    ("Screening log", "screening_log", "paper", (Permission.VIEW,)),
    ("Queries", "queries", "queries", (Permission.VIEW,)),
    ("Deviations", "deviations", "deviations", (Permission.VIEW,)),
    ("Rulings", "rulings", "rules", (Permission.VIEW,)),
    ("Safety", "safety", "safety", (Permission.VIEW,)),
    ("Drug", "drug", "drug", (Permission.VIEW, Permission.DRUG)),
    ("References", "references", "sites", (Permission.VIEW,)),
    ("All changes", "changes", "audit", (Permission.AUDIT,)),
    ("Admin", "admin:index", "monitoring", (Permission.AUDIT, Permission.MANAGE)),
    ("Exports", "exports", "exports", (Permission.EXPORT,)),
)


def menu(user, path: str) -> list[Item]:
    """The entries of the left menu that the person may open."""
    held = grants(user)
    items = [
        Item(label, reverse(name), icon) for label, name, icon, needs in MENU if any(held.may(need) for need in needs)
    ]
    under = [item for item in items if path.startswith(item.url) and (item.url != "/" or path == "/")]
    if under:
        max(under, key=lambda item: len(item.url)).current = True
    return items


def frame(request) -> dict:
    """Trial, environment, menu and the person, for templates/base.html."""
    user = getattr(request, "user", None)
    known = {"trial": TRIAL, "demo": Installation.is_demo(), "now": clock.now()}
    if user is None or not user.is_authenticated:
        return {"frame": known}
    held = grants(user)
    first = held.role_at(None)
    sites = sorted({each.site_code for each in held.held if each.site_code})
    return {"frame": known | {
        "nav": menu(user, request.path), "user_name": user.full_name,
        "user_role": first.role.label if first else "No role today",
        "user_site": ", ".join(sites), "idle_seconds": int(IDLE.total_seconds()),
        "patient_search_url": reverse("patients") if held.may(Permission.VIEW) else "",
        "logout_url": reverse("logout"), "password_url": reverse("password"),
    }}  # fmt: skip
