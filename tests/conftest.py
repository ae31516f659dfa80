"""What all tests share: a database with the study loaded, people, and a small builder that goes through the one write path.

Tests that use ``trial`` find the simulated trial in the database; it is built once, when the first of them asks. Tests
marked ``commits`` start from a flushed database with the study loaded anew.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client, TransactionTestCase

UNTIL = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PASSWORD = "Correct-Horse-9-Battery"
# An infusion of which nothing special is to be said.
WHOLE = {"volume_ml": "250", "prepared_by": "PHARMACIST", "given_by": "NURSE", "completed": "Y", "interruptions": "0", "reaction": "N"}


def load() -> None:
    """The study as the simulation finds it, dated before the first site opens."""
    from demo.build import prepare

    prepare()


_teardown = TransactionTestCase._fixture_teardown


def _teardown_without_triggers(self):
    """The flush after a committing test is what the append-only triggers forbid."""
    from audit.triggers import lifted

    with lifted():
        _teardown(self)


TransactionTestCase._fixture_teardown = _teardown_without_triggers


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        load()


def commits(item) -> bool:
    """Does the test really commit? (The browser's server does.)"""
    return bool(item.get_closest_marker("commits") or item.get_closest_marker("browser"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    """Before pytest-django sorts: a test that commits says so in its words, and what simulates patients of its own comes before
    the trial, whose sites keep references that no other patient expects.
    """
    items.sort(key=lambda item: "trial" in item.fixturenames)
    for item in items:
        if commits(item):
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(autouse=True)
def study_after_flush(request):
    """A committing test finds the study loaded and nobody in it, whatever the tests before it left or emptied."""
    if not commits(request.node):
        return
    request.getfixturevalue("transactional_db")
    from audit.triggers import lifted
    from patients.models import Patient

    if Patient.objects.exists():  # the simulated trial
        with lifted():
            call_command("flush", interactive=False, verbosity=0)
    load()


@pytest.fixture(scope="session")
def trial(django_db_setup, django_db_blocker):
    """The simulated trial of 12 patients, committed once."""
    from demo.build import build

    with django_db_blocker.unblock():
        build(patients=12, seed=1, until=UNTIL)


class World:
    """Makes people, sites and patients, and enters forms as the screen does."""

    def site(self, code: str = "FR03"):
        from accounts.models import Site, SiteStatus
        from audit.context import SYSTEM, acting

        site = Site.objects.get(code=code)
        if site.status != SiteStatus.ACTIVE:
            with acting(SYSTEM, reason="activation visit", source="test"):
                site.status, site.activated_on = SiteStatus.ACTIVE, date(2026, 6, 1)
                site.save()
        return site

    def user(self, role, *sites: str, username: str = "", ends_on=None):
        """A person with a role at some sites; for the same call the same person."""
        from accounts.actions import create_user
        from accounts.models import User
        from accounts.roles import SITE_ROLES, Role
        from audit.context import SYSTEM

        role = Role(role)
        if role in SITE_ROLES and not sites:
            sites = ("FR03",)
        if role == Role.INSPECTOR:
            ends_on = ends_on or date(2100, 1, 1)
        username = username or ".".join([role.value.lower(), *(code.lower() for code in sites)])
        found = User.objects.filter(username=username).first()
        return found or create_user(
            username=username, full_name=f"{role.label} {' '.join(sites)}".strip(), email=f"{username}@example.org",
            password=PASSWORD, roles=[(role, self.site(code)) for code in sites] or [(role, None)],
            starts_on=date(2026, 1, 1), ends_on=ends_on, by=SYSTEM,
        )  # fmt: skip

    def client(self, user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def patient(self, code: str = "FR03", by=None):
        from accounts.access import actor_for
        from patients.actions import create_patient

        site = self.site(code)
        return create_patient(site=site, by=actor_for(by or self.user("COORDINATOR", code), site))

    def enter(self, patient, code: str, slot: str, *, by=None, action: str = "submit", expect: bool = True, **answers):
        """Post a form as its page does; returns crf.entry's Result. Dates as ISO text, other values as typed."""
        from crf import entry, registry

        by = by or self.user("COORDINATOR", patient.site.code)
        if code == "EC" and answers.get("occurrence") == "GIVEN":
            answers = {**WHOLE, **answers}
        at = entry.find(by, patient.number, code, slot)
        data = {**self.typed(registry.form(code), answers), "action": action}
        data.setdefault("base_version", str(at.record.version))
        data.setdefault("origin", "EDC")
        _, result = entry.post(by, patient.number, code, slot, data)
        if expect:
            assert result.saved is not None, (result.form.errors, result.check and result.check.mine, result.conflict)
        return result

    def typed(self, model, answers: dict) -> dict[str, str]:
        """Answers as the browser sends them: a date in three boxes."""
        from crf.fields import PartialDateField

        data = {}
        for name, value in answers.items():
            field = next((f for f in model._meta.fields if f.name == name), None)
            if isinstance(field, PartialDateField):
                year, month, day = [*str(value).split("-"), "", ""][:3]
                data |= {f"{name}_0": day, f"{name}_1": month, f"{name}_2": year}
            else:
                data[name] = value
        return data

    def screened(self, code: str = "FR03", *, chart: dict | None = None, sex: str = "M", **changes):
        """A patient of whom everything is entered that registration rests on, and all of it is satisfied.

        ``changes``: other answers of the checklist, or ``ecog``; ``chart``: by form code, see tests/chart.py.
        """
        from protocol.criteria import CRITERIA
        from tests import chart as charts

        patient = self.patient(code)
        day = charts.DAY
        answers = {each.field: "FULFILLED" if each.kind == "inclusion" else "ABSENT" for each in CRITERIA}
        not_applicable = {"i09": "NOT APPLICABLE", "e18": "NOT APPLICABLE", "e17": "NOT APPLICABLE" if sex == "M" else "ABSENT"}
        self.enter(patient, "IC", "SCR", patient_signed_on=day, investigator_signed_on=day, icf_version="1.0")
        self.enter(patient, "DM", "SCR", birth_date="1958", sex=sex)
        self.enter(patient, "ECOG", "SCR", assessed_on=day, ecog=changes.pop("ecog", "2"))
        charts.enter(patient, self.user("COORDINATOR", code), **(chart or {}))
        satisfied = {"assessed_on": day, "all_satisfied": "Y", **answers, **not_applicable}
        self.enter(patient, "IE", "SCR", **{**satisfied, **changes})
        return patient

    def enrolled(self, code: str = "FR03", *, released: bool = True, **changes):
        """A registered patient, whose first dose is released unless a test wants it otherwise."""
        from screening.actions import register_patient
        from tests import chart as charts

        patient = self.screened(code, **changes)
        patient = register_patient(user=self.user("INVESTIGATOR", code), number=patient.number, password=PASSWORD)
        if released:
            charts.release(patient, self.user("COORDINATOR", code))
        return patient

    def dose(self, patient, label: str, day: str, mg: str, **more):
        from audit import clock

        now = clock.now().astimezone(ZoneInfo(patient.site.time_zone))
        over = day < now.date().isoformat() or f"{now:%H:%M}" >= "11:00"  # tests run at night too
        start, end = ("10:00", "11:00") if over else ("00:00", "00:00")
        answers = {"occurrence": "GIVEN", "given_on": day, "start_time": start, "end_time": end, "dose_mg": mg}
        return self.enter(patient, "EC", label, **{**answers, **more})


@pytest.fixture
def world(db) -> World:
    return World()
