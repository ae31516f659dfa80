"""A small trial, made by the same actions as the screen uses: two sites with patients, and one person for every role."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from accounts.actions import create_user, load_sites
from accounts.models import Site, SiteStatus
from accounts.roles import SCOPES, Role
from audit import clock
from audit.context import SYSTEM, acting
from crf import registry
from crf.actions import save_crf
from crf.forms import form_for
from patients.actions import create_patient, enrol, load_study
from patients.models import Patient
from review.actions import raise_query

PASSWORD = "correct-horse-battery"
HOME, AWAY = "FR03", "CH01"


def day_parts(name: str, day: date | str) -> dict[str, str]:
    """What is posted for a date question."""
    year, month, number = (*str(day).split("-"), "UNK", "UNK")[:3]
    return {f"{name}_0": number, f"{name}_1": month, f"{name}_2": year}


def enter(user, patient: Patient, code: str, visit: str, data: dict, *, submit: bool = True, reason: str = "", why=None, record=None):  # fmt: skip  # noqa: E501
    """Fill in a form and save it through the one write path."""
    model = registry.form(code)
    instance = record or model(patient=patient)
    instance.patient = patient
    posted = {"origin": "EDC", "base_version": instance.version, **data}
    form = form_for(model)(posted, instance=instance, patient=patient)
    assert form.is_valid(), form.errors
    with transaction.atomic():
        return save_crf(form, by=user, visit=visit, submit=submit, reason=reason, why={} if why is None else why).record


def open_sites() -> None:
    with acting(SYSTEM, reason="site initiation visit", source="accounts"):
        for site in Site.objects.filter(code__in=[HOME, AWAY]):
            site.status, site.activated_on = SiteStatus.ACTIVE, date(2026, 1, 12)
            site.save()


def people() -> dict[str, object]:
    """One person a role (site roles at HOME), and a coordinator and a monitor AWAY; user name = role in small letters."""
    sites = {site.code: site for site in Site.objects.filter(code__in=[HOME, AWAY])}
    today = date(2026, 1, 1)
    made = {}

    def person(name: str, role: Role, site: Site | None, ends_on: date | None = None) -> None:
        made[name] = create_user(
            username=name, full_name=name.replace("_", " ").title(), email=f"{name}@example.org", password=PASSWORD,
            roles=[(role, site)], starts_on=today, by=SYSTEM, ends_on=ends_on,
        )  # fmt: skip

    for role, scope in SCOPES.items():
        last = date(2099, 12, 31) if role is Role.INSPECTOR else None
        person(role.value.lower(), role, sites[HOME] if scope.at_sites else None, last)
    person("away_coordinator", Role.COORDINATOR, sites[AWAY])
    person("away_monitor", Role.MONITOR, sites[AWAY])
    return made


def trial() -> SimpleNamespace:
    """Two patients at HOME (one registered and dosed, with a query and a serious event), one AWAY."""
    load_study(demo=False)
    load_sites()
    open_sites()
    users = people()
    home, away = Site.objects.get(code=HOME), Site.objects.get(code=AWAY)
    staff, other = users["coordinator"], users["away_coordinator"]
    first = create_patient(site=home, by=_actor(staff, home))
    second = create_patient(site=home, by=_actor(staff, home))
    third = create_patient(site=away, by=_actor(other, away))
    today = clock.today(home.time_zone)
    dm = enter(staff, first, "DM", "SCR", {**day_parts("birth_date", "1961-04"), "sex": "F"})
    dm = enter(staff, first, "DM", "SCR", {**day_parts("birth_date", "1961-05"), "sex": "F"}, reason="misread the letter", record=dm)  # fmt: skip  # noqa: E501
    enter(staff, second, "DM", "SCR", {**day_parts("birth_date", "1950"), "sex": "M"}, submit=False)
    away_dm = enter(other, third, "DM", "SCR", {**day_parts("birth_date", "1948"), "sex": "M"})
    enrol(patient=first, by=_actor(users["investigator"], home))
    first.refresh_from_db()
    dose = {"occurrence": "GIVEN", **day_parts("given_on", today - timedelta(days=9)), "start_time": "10:00",
            "end_time": "11:00", "dose_mg": "1"}  # fmt: skip
    given = enter(staff, first, "EC", "C1D1", dose, why=_anything())
    event = enter(staff, first, "AE", "", {
        "term": "Fever", "scale": "CTCAE 5.0", "grade": "3", **day_parts("started_on", today - timedelta(days=3)),
        "ongoing": "Y", "outcome": "NOT RECOVERED/NOT RESOLVED", "serious": "Y", "is_hospitalisation": "Y",
        **day_parts("aware_on", today - timedelta(days=3)), "aware_time": "09:00",
    }, submit=False)  # fmt: skip
    query = raise_query(
        user=users["monitor"], patient=first, form="DM", record=dm.pk, field="sex", text="Please check against the letter.", value="Female"
    )  # fmt: skip
    return SimpleNamespace(
        users=users, home=home, away=away, first=first, second=second, third=third, dm=dm, away_dm=away_dm, dose=given,
        event=event, query=query,
    )  # fmt: skip


def _actor(user, site):
    from accounts.access import actor_for

    return actor_for(user, site)


class _anything(dict):
    """A reason for whatever deviation the rules find in this made-up dose."""

    def get(self, key, default=None):
        return "made up for the test"


@pytest.fixture
def trial_data(db) -> SimpleNamespace:
    return trial()


@pytest.fixture
def as_user(client, trial_data):
    """Log a person in: ``as_user('monitor').get(…)``."""

    def logged_in(name: str):
        client.force_login(trial_data.users[name])
        return client

    return logged_in
