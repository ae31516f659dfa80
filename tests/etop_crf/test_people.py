"""Users, roles and sites in the admin: an administrator writes, always with a reason, and every refusal is a sentence."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import Membership, Site, SiteStatus, User
from audit.models import Change

pytestmark = pytest.mark.django_db
PASSWORD = "Battery-Staple-41-Horse"


def inline(*rows: dict, initial: int = 0) -> dict[str, str]:
    data = {"memberships-TOTAL_FORMS": str(len(rows)), "memberships-INITIAL_FORMS": str(initial)}
    for number, row in enumerate(rows):
        data |= {f"memberships-{number}-{name}": value for name, value in row.items()}
    return data


def site_id(code: str = "FR03") -> str:
    return str(Site.objects.get(code=code).pk)


ROLE = {"role": "COORDINATOR", "starts_on": "2026-07-01", "ends_on": ""}


def new_user(**changes) -> dict[str, str]:
    return {
        "username": "anna.new", "full_name": "Anna New", "email": "anna@example.org", "is_active": "on",
        "password1": PASSWORD, "password2": PASSWORD, "reason": "new coordinator", **inline({**ROLE, "site": site_id()}),
        **changes,
    }  # fmt: skip


def add(client, **changes):
    return client.post(reverse("admin:accounts_user_add"), new_user(**changes))


def change_page(record) -> str:
    return reverse(f"admin:accounts_{record._meta.model_name}_change", args=[record.pk])


def edit_user(person: User, *rows: dict, **changes) -> dict[str, str]:
    known = [
        {"id": str(m.pk), "user": str(person.pk), "role": m.role, "site": str(m.site_id or ""),
         "starts_on": str(m.starts_on), "ends_on": str(m.ends_on or "")}
        for m in person.memberships.order_by("id")
    ]  # fmt: skip
    return {
        "full_name": person.full_name, "email": person.email, "is_active": "on" if person.is_active else "",
        "base_version": str(person.version), "reason": "as asked by the site", **inline(*(rows or known), initial=len(known)),
        **changes,
    }  # fmt: skip


# ---- a new person ----------------------------------------------------------------------------------------------------


def test_a_new_person_with_a_role(as_, client, small):
    assert add(as_("administrator")).status_code == 302
    person = User.objects.get(username="anna.new")
    assert person.check_password(PASSWORD) and person.must_change_password
    assert str(person.memberships.get()) == "Site coordinator at FR03"
    trail = Change.objects.filter(form__in=["USER", "MEMBERSHIP"], actor="administrator").select_related("change_set")
    assert {(c.change_set.reason, c.change_set.source, c.change_set.role) for c in trail} == {("new coordinator", "admin", "Administrator")}
    assert len({c.change_set_id for c in trail}) == 1, "one act"
    assert not [c for c in trail if "password" in (c.field, c.new) or (c.new or "").startswith("md5")]


REFUSED = [
    ({"reason": ""}, "This field is required"),
    ({"reason": "   "}, "This field is required"),
    ({"reason": "x" * 501}, "at most 500 characters"),
    ({"username": "Anna New"}, "Use three or more of"),
    ({"username": "system"}, "belongs to the system itself"),
    ({"username": "coordinator.fr03"}, "already exists"),
    ({"username": ""}, "This field is required"),
    ({"full_name": ""}, "This field is required"),
    ({"email": "no address"}, "valid email address"),
    ({"password2": "something else"}, "The two passwords differ"),
    ({"password1": "short", "password2": "short"}, "too short"),
    ({"password1": "anna.new.2026", "password2": "anna.new.2026"}, "too similar"),
    ({"password1": "", "password2": ""}, "This field is required"),
    ({"memberships-0-site": ""}, "A site role needs a site"),
    ({"memberships-0-role": "DATA_MANAGER"}, "a trial-wide role has none"),
    ({"memberships-0-role": "INSPECTOR", "memberships-0-site": ""}, "access needs a last day"),
    ({"memberships-0-ends_on": "2026-06-30"}, "The last day lies before the first"),
    ({"memberships-0-starts_on": ""}, "This field is required"),
    ({"memberships-0-starts_on": "soon"}, "Enter a valid date"),
    ({"memberships-0-role": "EMPEROR"}, "is not one of the available choices"),
    ({"memberships-0-site": "99999"}, "not one of the available choices"),
    ({"full_name": "Anna\x00"}, "Null characters are not allowed"),
    ({"reason": "a\x00b"}, "Null characters are not allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "sentence"), REFUSED, ids=[f"{s}-{list(c)[0]}" for c, s in REFUSED])
def test_what_does_not_fit_is_a_sentence(as_, small, changes, sentence):
    client, before = as_("administrator"), Change.objects.count()
    response = add(client, **changes)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not User.objects.filter(full_name__startswith="Anna").exists()
    assert Change.objects.count() == before


def test_a_broken_formset_is_no_crash(as_, small):
    data = {name: value for name, value in new_user().items() if not name.startswith("memberships-")}
    assert as_("administrator").post(reverse("admin:accounts_user_add"), data).status_code == 200
    assert not User.objects.filter(username="anna.new").exists()


# ---- a known person --------------------------------------------------------------------------------------------------


def test_a_person_is_deactivated_not_deleted(as_, small):
    person = small.people["coordinator"]
    client = as_("administrator")
    assert client.post(change_page(person), edit_user(person, is_active="")).status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    assert Change.objects.filter(form="USER", record=str(person.pk), field="is_active", old="Y", new="N").exists()
    assert client.get(reverse("admin:accounts_user_delete", args=[person.pk])).status_code == 403
    assert client.post(reverse("admin:accounts_user_delete", args=[person.pk]), {"post": "yes"}).status_code == 403


def test_a_role_ends(as_, small):
    person = small.people["coordinator"]
    role = person.memberships.get()
    data = edit_user(person, **{"memberships-0-ends_on": "2026-07-31"})
    assert as_("administrator").post(change_page(person), data).status_code == 302
    role.refresh_from_db()
    assert role.ends_on == date(2026, 7, 31)
    line = Change.objects.filter(form="MEMBERSHIP", record=str(role.pk), field="ends_on").select_related("change_set").get()
    assert (line.site, line.change_set.reason) == ("FR03", "as asked by the site")


def test_a_change_without_a_reason_is_refused(as_, small):
    person = small.people["coordinator"]
    response = as_("administrator").post(change_page(person), edit_user(person, full_name="Somebody", reason=""))
    assert response.status_code == 200 and "This field is required" in response.content.decode()
    person.refresh_from_db()
    assert person.full_name != "Somebody"


def test_the_user_name_never_changes(as_, small):
    person = small.people["coordinator"]
    as_("administrator").post(change_page(person), edit_user(person, username="renamed"))
    person.refresh_from_db()
    assert person.username == "coordinator.fr03"


def test_two_administrators_at_once(as_, small):
    person = small.people["coordinator"]
    late = edit_user(person, full_name="The later one")
    client = as_("administrator")
    assert client.post(change_page(person), edit_user(person, full_name="The first one")).status_code == 302
    response = client.post(change_page(person), late)
    assert response.status_code == 200 and "Somebody else has changed this" in response.content.decode()
    person.refresh_from_db()
    assert person.full_name == "The first one"


def test_nobody_manages_oneself(as_, small):
    me, client = small.people["administrator"], as_("administrator")
    response = client.post(change_page(me), edit_user(me, is_active=""))
    assert "You cannot deactivate your own account" in response.content.decode()
    more = inline({"role": "DATA_MANAGER", "site": "", "starts_on": "2026-07-01", "ends_on": "", "user": str(me.pk)})
    known = edit_user(me)
    known |= {name.replace("-0-", "-1-"): value for name, value in more.items() if "-0-" in name}
    known["memberships-TOTAL_FORMS"] = "2"
    response = client.post(change_page(me), known)
    assert "You cannot change your own roles" in response.content.decode()
    assert Membership.objects.filter(user=me).count() == 1


# ---- passwords -------------------------------------------------------------------------------------------------------


def password_page(person) -> str:
    return reverse("admin:accounts_user_password", args=[person.pk])


def test_a_temporary_password(as_, client, small, world):
    person = small.people["coordinator"]
    theirs = world.client(person)
    assert theirs.get("/patients/").status_code == 200
    data = {"password1": PASSWORD, "password2": PASSWORD, "reason": "forgotten, called back"}
    assert as_("administrator").post(password_page(person), data).status_code == 302
    person.refresh_from_db()
    assert person.check_password(PASSWORD) and person.must_change_password
    assert theirs.get("/patients/").status_code == 302, "logged out everywhere"
    event = Change.objects.filter(form="ACCESS", record=person.username, field="password changed").select_related("change_set").get()  # fmt: skip  # noqa: E501
    assert (event.actor, event.change_set.reason, event.change_set.source) == ("administrator", "forgotten, called back", "admin")
    assert not Change.objects.filter(new__contains=PASSWORD).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"password2": "other"}, "The two passwords differ"), ({"password1": "abc", "password2": "abc"}, "too short"),
     ({"reason": ""}, "This field is required"), ({"password1": "123456789012345", "password2": "123456789012345"}, "entirely numeric")],
)  # fmt: skip
def test_a_bad_temporary_password_is_refused(as_, small, changes, sentence):
    person = small.people["coordinator"]
    old = person.password
    data = {"password1": PASSWORD, "password2": PASSWORD, "reason": "forgotten", **changes}
    response = as_("administrator").post(password_page(person), data)
    assert response.status_code == 200 and sentence in response.content.decode()
    person.refresh_from_db()
    assert person.password == old


@pytest.mark.parametrize("who", ["monitor", "data_manager", "inspector", "coordinator"])
def test_nobody_else_sets_passwords(as_, small, who):
    person = small.people["coordinator"]
    assert as_(who).get(password_page(person)).status_code == 403
    assert as_(who).post(password_page(person), {"password1": PASSWORD, "password2": PASSWORD, "reason": "x"}).status_code == 403
    person.refresh_from_db()
    assert not person.check_password(PASSWORD)


def test_the_own_password_is_changed_on_the_own_page(as_, small):
    assert as_("administrator").get(password_page(small.people["administrator"])).headers["Location"] == "/password/"


def test_a_password_for_nobody_is_404(as_, small):
    assert as_("administrator").get("/admin/accounts/user/99999/password/").status_code == 404


# ---- sites -----------------------------------------------------------------------------------------------------------


def edit_site(site: Site, **changes) -> dict[str, str]:
    names = ("code", "name", "city", "country", "time_zone", "contact", "record_order", "comment", "status")
    return {
        **{name: str(getattr(site, name)) for name in names}, "activated_on": str(site.activated_on or ""),
        "base_version": str(site.version), "reason": "initiation visit of 1 July", **changes,
    }  # fmt: skip


def test_a_site_is_activated(as_, small):
    site = Site.objects.get(code="GR01")
    data = edit_site(site, status="ACTIVE", activated_on="2026-07-01")
    assert as_("administrator").post(change_page(site), data).status_code == 302
    site.refresh_from_db()
    assert (site.status, site.activated_on) == (SiteStatus.ACTIVE, date(2026, 7, 1))
    assert Change.objects.filter(form="SITE", record=str(site.pk), field="status", new="ACTIVE", site="GR01").exists()


SITE_REFUSED = [
    ({"status": "ACTIVE", "activated_on": ""}, "An active site needs the date of its activation"),
    ({"time_zone": "Europe/Lyon"}, "There is no such time zone"),
    ({"time_zone": "../etc"}, "There is no such time zone"),
    ({"country": "France"}, "A country is two capital letters"),
    ({"record_order": "1"}, "already exists"),
    ({"record_order": "-1"}, "greater than or equal to 0"),
    ({"record_order": "99999999999999999999"}, "less than or equal to"),
    ({"name": ""}, "This field is required"),
    ({"status": "OPEN"}, "is not one of the available choices"),
    ({"activated_on": "1 July"}, "Enter a valid date"),
    ({"reason": ""}, "This field is required"),
]


@pytest.mark.parametrize(("changes", "sentence"), SITE_REFUSED, ids=[s for _, s in SITE_REFUSED])
def test_a_site_that_does_not_fit_is_refused(as_, small, changes, sentence):
    site, before = Site.objects.get(code="GR01"), Change.objects.count()
    response = as_("administrator").post(change_page(site), edit_site(site, **changes))
    assert response.status_code == 200 and sentence in response.content.decode()
    assert Change.objects.count() == before


def test_a_sites_code_never_changes(as_, small):
    site = Site.objects.get(code="GR01")
    as_("administrator").post(change_page(site), edit_site(site, code="GR09", comment="x"))
    site.refresh_from_db()
    assert (site.code, site.comment) == ("GR01", "x")


@pytest.mark.parametrize("code", ["gr02", "GRE1", "GR/1", "GR09\n", "FR03"])
def test_a_new_sites_code_has_its_form(as_, small, code):
    data = edit_site(Site.objects.get(code="GR01"), code=code, record_order="20", status="PLANNED")
    data.pop("base_version")
    response = as_("administrator").post(reverse("admin:accounts_site_add"), data)
    assert response.status_code == (302 if code.strip() == "GR09" else 200)
    assert Site.objects.exclude(code__regex=r"^[A-Z]{2}[0-9]{2}$").count() == 0


def test_an_administrator_reads_the_history_of_a_site(as_, small):
    page = as_("administrator").get(change_page(Site.objects.get(code="FR03"))).content.decode()
    assert "activation visit" in page and "registry record" in page
