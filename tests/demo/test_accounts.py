"""The demo's accounts: one per role, named by role, with one password that works."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command

from accounts.access import grants
from accounts.models import Membership, Site, User
from accounts.roles import Role
from audit.models import ChangeSet
from demo import accounts
from protocol.sites import SITES

pytestmark = pytest.mark.django_db


def demo_users():
    return User.objects.filter(username__in=[each.username for each in accounts.accounts(site.code for site in SITES)])


def test_there_is_an_account_for_every_role(trial):
    held = Membership.objects.filter(user__in=demo_users())
    assert set(held.values_list("role", flat=True)) == set(Role.values)
    at_home = held.filter(site__code="FR03").values_list("role", flat=True)
    assert set(at_home) == {"COORDINATOR", "INVESTIGATOR", "SUB_INVESTIGATOR", "PHARMACIST", "MONITOR"}


def test_every_site_with_patients_has_a_coordinator_an_investigator_and_a_pharmacist(trial):
    for site in Site.objects.filter(patients__isnull=False).distinct():
        for role in ("coordinator", "investigator", "pharmacist"):
            assert User.objects.filter(username=f"{role}.{site.code.lower()}").exists()


def test_the_monitor_works_at_the_french_sites_and_one_in_switzerland(trial):
    sites = Membership.objects.filter(user__username="monitor").values_list("site__code", flat=True)
    assert sorted(sites) == ["CH01", "FR01", "FR02", "FR03", "FR04"]


def test_the_inspector_has_a_last_day(trial):
    assert Membership.objects.get(user__username="inspector").ends_on == accounts.INSPECTION_ENDS


def test_nobody_is_invented_and_no_mail_can_arrive(trial):
    for user in demo_users():
        assert user.full_name.split(",")[0] in Role.labels
        assert user.email.endswith("@example.org")
    assert User.objects.get(username="coordinator.fr03").full_name == "Site coordinator, Lyon"


def test_names_of_sites_in_one_city_differ():
    names = [each.full_name for each in accounts.accounts(site.code for site in SITES)]
    assert len(set(names)) == len(names)


def test_the_password_passes_the_rules_and_opens_every_account(trial, client):
    for user in demo_users():
        validate_password(accounts.PASSWORD, user)
    assert User.objects.get(username="statistician").check_password(accounts.PASSWORD)


def test_the_administrator_made_the_accounts_and_opened_the_sites(trial):
    by = ChangeSet.objects.filter(actor="administrator")
    assert by.filter(source="accounts").exists()
    opened = by.filter(source="admin", changes__form="SITE", changes__field="activated_on")
    assert opened.count() >= 9 and not opened.filter(reason="").exists()


def test_accounts_are_made_once(trial):
    before = User.objects.count()
    accounts.create(["FR03"])
    assert User.objects.count() == before


def test_the_table_names_each_account_and_the_password_once(trial):
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    text = out.getvalue()
    assert text.count(accounts.PASSWORD) == 1
    for user in demo_users():
        assert f"\n{user.username} " in text
    assert "FR03 Lyon" in text and "all sites" in text


def test_queries_are_reviewed_by_the_monitor_of_the_site_or_by_data_management(trial):
    people = accounts.People()
    reviewers = {code: people.reviewer(Site.objects.get(code=code)).username for code in ("FR03", "CH01", "GR01")}
    assert reviewers == {"FR03": "monitor", "CH01": "monitor", "GR01": "data.manager"}
    assert grants(people.of(Role.MONITOR)).site_ids is not None
