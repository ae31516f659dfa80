"""Users, memberships, and what they allow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Grants, actor_for, check, grants
from accounts.actions import create_user
from accounts.models import Membership, Site, User
from accounts.roles import SCOPES, SITE_ROLES, STUDY_ROLES, Permission, Role
from audit import clock
from audit.context import SYSTEM, NotAudited, acting
from tests.conftest import PASSWORD

P = Permission
DAY = timedelta(days=1)


def create(username="anna", full_name="Anna Example", roles=(), **more):
    given = {"email": "", "password": PASSWORD, "starts_on": date(2026, 1, 1), "by": SYSTEM} | more
    return create_user(username=username, full_name=full_name, roles=roles, **given)


# ---- the table of rights ---------------------------------------------------------------------------------------------

WRITING = {P.ENTER, P.REGISTER, P.REPORT, P.RAISE, P.CLOSE, P.VERIFY, P.JUDGE, P.BREACH, P.SAFETY, P.MANAGE}
MUST_NEVER = {
    Role.COORDINATOR: {P.REGISTER, P.CLOSE, P.VERIFY, P.JUDGE, P.BREACH, P.AUDIT, P.EXPORT, P.MANAGE},
    Role.INVESTIGATOR: {P.CLOSE, P.VERIFY, P.JUDGE, P.BREACH, P.EXPORT, P.MANAGE},
    Role.SUB_INVESTIGATOR: {P.CLOSE, P.VERIFY, P.JUDGE, P.BREACH, P.EXPORT, P.MANAGE},
    Role.PHARMACIST: set(P) - {P.DRUG, P.STOCK},
    Role.MONITOR: {P.ENTER, P.REGISTER, P.REPORT, P.BREACH, P.SAFETY, P.MANAGE, P.EXPORT},
    Role.DATA_MANAGER: {P.ENTER, P.REGISTER, P.REPORT, P.SAFETY, P.MANAGE},
    Role.SAFETY_DESK: {P.ENTER, P.REGISTER, P.REPORT, P.JUDGE, P.BREACH, P.MANAGE, P.EXPORT},
    Role.MEDICAL_REVIEWER: {P.ENTER, P.REGISTER, P.REPORT, P.JUDGE, P.BREACH, P.MANAGE, P.EXPORT},
    Role.STATISTICIAN: set(P) - {P.EXPORT},
    Role.ADMINISTRATOR: set(P) - {P.MANAGE},
    Role.INSPECTOR: WRITING | {P.EXPORT},
}


@pytest.mark.parametrize("role", Role)
def test_no_role_has_what_it_must_never_have(role):
    assert not SCOPES[role].permits & MUST_NEVER[role]
    assert SCOPES[role].permits, "a role without a right is none"


def test_site_roles_and_trial_wide_roles_are_all_roles():
    assert sorted([*SITE_ROLES, *STUDY_ROLES]) == sorted(Role)
    assert set(SITE_ROLES) == {Role.COORDINATOR, Role.INVESTIGATOR, Role.SUB_INVESTIGATOR, Role.PHARMACIST, Role.MONITOR}


# ---- when a membership holds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(-5, None, True), (0, None, True), (1, None, False), (-5, 0, True), (-5, -1, False), (0, 0, True), (-5, 5, True), (3, 5, False)],
)
def test_first_and_last_day_are_inclusive(world, starts, ends, holds):
    today = clock.today("Europe/Zurich")
    user = create(roles=[(Role.COORDINATOR, world.site())], starts_on=today + starts * DAY, ends_on=None if ends is None else today + ends * DAY)
    assert grants(user).may(P.ENTER) is holds


def test_a_right_holds_at_its_site_alone(world):
    user = world.user("COORDINATOR", "FR03")
    lyon, angers = world.site("FR03"), world.site("FR01")
    assert grants(user).may(P.ENTER, lyon) and not grants(user).may(P.ENTER, angers)
    assert grants(user).site_ids(P.ENTER) == {lyon.id}
    assert grants(user).site_ids(P.EXPORT) == set()
    with pytest.raises(PermissionDenied, match="You may not enter patients' data at FR01: your role does not include it."):
        check(user, P.ENTER, angers)


def test_rights_of_two_roles_do_not_mix(world):
    """Monitor here, coordinator there: neither site gets both."""
    lyon, angers = world.site("FR03"), world.site("FR01")
    user = create(roles=[(Role.MONITOR, lyon), (Role.COORDINATOR, angers)])
    held = grants(user)
    assert held.may(P.VERIFY, lyon) and not held.may(P.ENTER, lyon)
    assert held.may(P.ENTER, angers) and not held.may(P.VERIFY, angers)
    assert held.site_ids(P.VIEW) == {lyon.id, angers.id}
    assert (actor_for(user, angers).role, actor_for(user, angers).site) == ("Site coordinator", "FR01")
    assert (actor_for(user, lyon).role, actor_for(user, lyon).site) == ("Monitor", "FR03")


def test_a_trial_wide_role_holds_everywhere(world):
    user = world.user("DATA_MANAGER")
    assert grants(user).site_ids(P.VIEW) is None
    assert all(grants(user).may(P.CLOSE, site) for site in Site.objects.all())
    assert grants(user).site_ids(P.ENTER) == set()


def test_somebody_without_a_role_may_nothing(world):
    user = create()
    assert grants(user) == Grants(())
    assert not any(grants(user).may(each) for each in P)
    assert not user.is_staff
    assert (actor_for(user).role, actor_for(user).site) == ("", "")


def test_a_deactivated_person_may_nothing(world):
    user = world.user("DATA_MANAGER")
    user.is_active = False
    assert not any(grants(user).may(each) for each in P)
    assert not user.is_staff and not user.has_perm("accounts.view_user") and not user.has_module_perms("accounts")


@pytest.mark.parametrize(
    ("role", "staff", "sees_forms", "manages"),
    [(role, role in ("MONITOR", "DATA_MANAGER", "INSPECTOR", "ADMINISTRATOR"), role in ("MONITOR", "DATA_MANAGER", "INSPECTOR"), role == "ADMINISTRATOR")
     for role in Role],
)  # fmt: skip
def test_what_the_admin_asks(world, role, staff, sees_forms, manages):
    user = world.user(role)
    assert user.is_staff is staff
    assert user.has_perm("screening.view_demographics") is sees_forms
    for model in ("user", "site", "membership"):
        assert user.has_perm(f"accounts.change_{model}") is manages
        assert user.has_perm(f"accounts.add_{model}") is manages
        assert not user.has_perm(f"accounts.delete_{model}")
    for perm in ("screening.change_demographics", "screening.add_demographics", "audit.change_change", "accounts.change_outboxmail",
                 "screening.delete_demographics", "patients.change_patient", "", "nonsense", "accounts", "accounts.change"):  # fmt: skip
        assert not user.has_perm(perm), perm


# ---- what a user and a membership must be ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["abc", "anna.b-c_d", "9lives", "a" * 60])
def test_user_names_that_do(db, name):
    assert create(name).username == name


@pytest.mark.parametrize(
    "name", ["", "ab", "Anna", "anna b", "anna\n", "anna@b", ".anna", "-anna", "ännä", "ａｎｎａ", "anna\x00", "a" * 61, "../etc", "system"]
)
def test_user_names_that_do_not(db, name):
    with pytest.raises(ValidationError):
        create(name)
    assert not User.objects.exists()


def test_a_user_name_is_given_once_for_ever(world):
    user = world.user("COORDINATOR", username="anna")
    with acting(SYSTEM, source="test"):
        user.is_active = False
        user.save()
    with pytest.raises(ValidationError, match="already exists"):
        create("anna")
    with pytest.raises(NotAudited):
        user.delete()
    with pytest.raises(NotAudited):
        User.objects.filter(pk=user.pk).delete()


def test_a_user_name_and_a_site_code_never_change(world):
    user, site = world.user("COORDINATOR", username="anna"), world.site()
    user.username, site.code = "anna2", "FR99"
    with pytest.raises(ValidationError, match="never changes"):
        User.objects.get(pk=user.pk).clean() or user.clean()
    with pytest.raises(ValidationError, match="never changes"):
        site.clean()


MEMBERSHIPS = [
    ({"role": "COORDINATOR", "site": None}, "A site role needs a site"),
    ({"role": "MONITOR", "site": None}, "A site role needs a site"),
    ({"role": "DATA_MANAGER"}, "a trial-wide role has none"),
    ({"role": "ADMINISTRATOR"}, "a trial-wide role has none"),
    ({"role": "INSPECTOR", "site": None}, "An inspector's access needs a last day"),
    ({"ends_on": date(2025, 12, 31)}, "The last day lies before the first"),
    ({"role": "GOD"}, "not a valid choice"),
    ({"role": ""}, "blank"),
    ({"starts_on": None}, "null"),
    ({"user": None}, "null"),
]


@pytest.mark.parametrize(("wrong", "says"), MEMBERSHIPS)
def test_a_membership_that_cannot_be_is_refused_in_a_sentence(world, wrong, says):
    values = {"user": world.user("COORDINATOR"), "site": world.site(), "role": "COORDINATOR", "starts_on": date(2026, 1, 1)}
    with pytest.raises(ValidationError, match=says):
        Membership(**(values | wrong)).full_clean()


@pytest.mark.parametrize(("wrong", "says"), MEMBERSHIPS[:6])
def test_and_by_the_database(world, wrong, says):
    values = {"user": world.user("COORDINATOR"), "site": world.site(), "role": "COORDINATOR", "starts_on": date(2026, 1, 1)}
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        Membership(**(values | wrong)).save()


@pytest.mark.parametrize("good", [{"ends_on": date(2026, 1, 1)}, {"role": "INSPECTOR", "site": None, "ends_on": date(2026, 3, 1)}, {"role": "STATISTICIAN", "site": None}])
def test_memberships_that_can_be(world, good):
    values = {"user": world.user("COORDINATOR"), "site": world.site(), "role": "COORDINATOR", "starts_on": date(2026, 1, 1)}
    Membership(**(values | good)).full_clean()


def test_a_person_with_one_wrong_role_is_not_half_created(world):
    with pytest.raises(ValidationError):
        create("half", roles=[(Role.COORDINATOR, world.site()), (Role.MONITOR, None)])
    assert not User.objects.filter(username="half").exists()
    assert not Membership.objects.filter(user__username="half").exists()


def test_a_superuser_cannot_be_written_by_hand(db):
    with pytest.raises(NotAudited):
        User(username="boss", full_name="Boss").save()
    with pytest.raises(NotAudited):
        User.objects.create(username="boss", full_name="Boss")
    with pytest.raises(NotAudited):
        User.objects.bulk_create([User(username="boss", full_name="Boss")])
