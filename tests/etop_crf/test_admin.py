"""The admin: who may open what, that nothing can be written, and that a record shows its whole history."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Membership, Site, User
from audit.models import Change, audited_models
from crf import registry
from patients.models import Patient, Study, Visit
from review.models import Query, Verification

pytestmark = pytest.mark.django_db

READERS = ["monitor", "data_manager", "inspector"]
OTHERS = ["coordinator", "investigator", "sub_investigator", "pharmacist", "safety_desk", "medical_reviewer", "statistician"]
PAGES = ["change", "history", "delete"]


def url(model, page: str = "changelist", *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def objects(small) -> dict[str, tuple]:
    """One record of each kind at home and away, as (home, away)."""
    return {
        "form": (small.home_record, small.away_record),
        "patient": (small.first, small.third),
        "visit": (Visit.objects.get(patient=small.first, code="SCR"), Visit.objects.get(patient=small.third, code="SCR")),
    }


# ---- what stands there -----------------------------------------------------------------------------------------------


def test_every_audited_model_is_in_the_admin():
    assert {model for model in audited_models() if not admin.site.is_registered(model)} == set()


def test_nothing_else_is_in_the_admin():
    assert set(admin.site._registry) == set(audited_models())


def test_groups_are_not():
    assert not admin.site.is_registered(Group)


def test_the_form_that_is_declared_tomorrow_needs_no_admin_class():
    assert {type(admin.site._registry[form]).__name__ for form in registry.forms()} == {"CrfAdmin"}


# ---- who may open it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("kind", ["form", "patient", "visit"])
def test_readers_open_their_sites_records(as_, small, who, kind):
    record = objects(small)[kind][0]
    client = as_(who)
    assert client.get(url(type(record))).status_code == 200
    response = client.get(url(type(record), "change", record.pk))
    assert response.status_code == 200
    assert str(record) in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", ["form", "patient", "visit"])
@pytest.mark.parametrize("who", ["away_monitor", "away_coordinator", "statistician", "administrator"])
def test_another_sites_record_does_not_exist(as_, small, who, kind, page):
    record = objects(small)[kind][0]
    assert as_(who).get(url(type(record), page, record.pk)).status_code == 404


@pytest.mark.parametrize("who", ["coordinator", "investigator", "pharmacist", "safety_desk", "medical_reviewer"])
@pytest.mark.parametrize("page", PAGES)
def test_the_own_sites_record_is_refused_to_the_wrong_role(as_, small, who, page):
    assert as_(who).get(url(type(small.home_record), page, small.home_record.pk)).status_code == 403


@pytest.mark.parametrize("who", [*OTHERS, *READERS, "administrator", "away_coordinator", "away_monitor"])
def test_a_record_that_does_not_exist_is_404_for_everybody(as_, small, who):
    client = as_(who)
    for page in PAGES:
        for key in ("999999", "99999999999999999999999", "abc", "1/2", "add2", "-1", "%00"):
            address = url(type(small.home_record), page, "KEY").replace("KEY", key)
            assert client.get(address).status_code == 404, address


def test_the_short_address_of_a_record_is_guarded_too(as_, small):
    short = url(type(small.home_record)) + f"{small.home_record.pk}/"
    assert as_("away_coordinator").get(short).status_code == 404
    assert as_("coordinator").get(short).status_code == 403
    assert as_("monitor").get(short).status_code == 302


@pytest.mark.parametrize("who", OTHERS)
def test_the_rest_of_the_admin_is_refused_to_other_roles(as_, who):
    client = as_(who)
    for address in ("/admin/", "/admin/screening/", "/admin/autocomplete/", "/admin/jsi18n/", "/admin/nothing/here/",
                    url(registry.form("DM")), url(User), url(Site), url(Membership, "add")):  # fmt: skip
        assert client.get(address).status_code == 403, address


def test_an_administrator_sees_no_clinical_data(as_, small):
    client = as_("administrator")
    page = client.get("/admin/").content.decode()
    assert "Users" in page and "Demographics" not in page and "Patients" not in page
    for model in [*registry.forms(), Patient, Visit, Query, Study]:
        assert client.get(url(model)).status_code == 403
    assert client.get("/changes/").status_code == 403


def test_the_list_holds_only_the_viewers_sites(as_, small):
    page = as_("monitor").get(url(type(small.home_record))).content.decode()
    assert small.first.number in page and small.third.number not in page and "CH01" not in page
    page = as_("data_manager").get(url(type(small.home_record))).content.decode()
    assert small.first.number in page and small.third.number in page


@pytest.mark.parametrize("query", ["site=CH01", "q=CH01", "state__exact=SUBMITTED", "o=1", "o=-2.1", "o=99", "voided__exact=0", "p=7", "all=", "e=1"])  # fmt: skip  # noqa: E501
def test_no_parameter_leads_to_another_site(as_, small, query):
    response = as_("monitor").get(f"{url(type(small.home_record))}?{query}", follow=True)
    assert response.status_code == 200
    assert small.third.number not in response.content.decode()


@pytest.mark.parametrize("query", ["patient__site__code=CH01", "patient__number__startswith=CH", "patient__site__contact__icontains=a"])  # fmt: skip  # noqa: E501
def test_lookups_across_relations_are_refused(as_, small, query):
    assert as_("monitor").get(f"{url(type(small.home_record))}?{query}").status_code == 400


def test_autocomplete_knows_only_the_viewers_sites(as_, small):
    query = "?app_label=screening&model_name=demographics&field_name=patient&term=0"
    found = as_("monitor").get(f"/admin/autocomplete/{query}").json()["results"]
    assert {each["text"] for each in found} == {small.first.number, small.second.number, small.fourth.number}


def test_nobody_is_asked_for_a_second_log_in(client, db):
    response = client.get("/admin/patients/patient/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/login/?next=")
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/login/?next=%2Fadmin%2F"


def test_log_out_and_password_are_those_of_the_house(as_):
    client = as_("monitor")
    assert client.get("/admin/password_change/").headers["Location"] == "/password/"
    assert client.get("/admin/logout/").status_code == 405
    assert client.post("/admin/logout/").headers["Location"] == "/login/"
    assert Change.objects.filter(form="ACCESS", field="log-out").exists()


# ---- nothing is written ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [*READERS, *OTHERS, "administrator"])
def test_no_post_writes_a_record(as_, small, who):
    client, before = as_(who), Change.objects.count()
    record = small.home_record
    for address, data in (
        (url(type(record), "change", record.pk), {"sex": "F", "_save": "1"}),
        (url(type(record), "delete", record.pk), {"post": "yes"}),
        (url(type(record), "history", record.pk), {"x": "1"}),
        (url(type(record), "add"), {"sex": "F", "_save": "1"}),
        (url(type(record)), {"action": "delete_selected", "_selected_action": record.pk, "post": "yes"}),
        (url(Patient, "change", small.first.pk), {"number": "XX", "_save": "1"}),
        (url(Study, "change", 1), {"recruitment": "CLOSED", "_save": "1"}),
        (url(Query, "change", small.query.pk), {"status": "CLOSED", "_save": "1"}),
    ):
        assert client.post(address, data).status_code in (302, 403, 404), address
    assert Change.objects.count() == before
    record.refresh_from_db()
    assert record.sex == "M"


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("model", [User, Site, Membership])
def test_readers_write_no_users_and_sites(as_, small, who, model):
    client, before = as_(who), Change.objects.count()
    person = small.people["coordinator"]
    one = {User: person, Site: small.first.site, Membership: person.memberships.get()}[model]
    assert client.get(url(model, "change", one.pk)).status_code == 200
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "change", one.pk), {"full_name": "X", "reason": "x"}).status_code == 403
    assert client.post(url(model, "add"), {"reason": "x"}).status_code == 403
    assert Change.objects.count() == before


def test_the_admins_own_log_stays_empty(as_, small):
    assert LogEntry.objects.count() == 0


# ---- a record and its history ----------------------------------------------------------------------------------------


def test_a_record_shows_every_change(as_, small):
    page = as_("monitor").get(url(type(small.home_record), "change", small.home_record.pk)).content.decode()
    assert "<del>1958</del>" in page and "<ins>1959</ins>" in page
    assert "misread the letter" in page and "Site coordinator" in page and "entry form" in page
    assert "17-Jun-2026 11:00 CEST" in page and "Europe/Paris" in page, "the time at the site, with its zone"
    assert "after verification" in page
    assert "Please check against the letter." in page


def test_as_many_lines_as_the_trail_has(as_, small):
    response = as_("monitor").get(url(type(small.home_record), "change", small.home_record.pk))
    trail = Change.objects.filter(form="DM", record=str(small.home_record.pk))
    assert [line.id for line in response.context["history"]] == list(trail.order_by("-id").values_list("id", flat=True))


def test_the_history_button_leads_to_the_trail(as_, small):
    record = small.home_record
    response = as_("monitor").get(url(type(record), "history", record.pk))
    assert response.headers["Location"] == url(type(record), "change", record.pk) + "#history"


def test_nobody_answers_a_query_in_the_admin(as_, small):
    page = as_("monitor").get(url(type(small.home_record), "change", small.home_record.pk)).content.decode()
    assert "<textarea" not in page


def test_every_form_shows_all_its_questions(as_, small):
    client = as_("data_manager")
    for code in ("IE", "EC", "AE", "IC", "ECOG"):
        form = registry.form(code)
        record = form.objects.filter(patient=small.first).get()
        response = client.get(url(form, "change", record.pk))
        shown = {value.name for block in response.context["blocks"] for value in block.values}
        assert {form._meta.get_field(name).attname for name in form.questions()} <= shown


@pytest.mark.parametrize("model", [model for model in audited_models()], ids=lambda model: model.__name__)
def test_every_list_and_record_opens(as_, small, model):
    client = as_("data_manager")
    assert client.get(url(model)).status_code == 200
    for record in model.objects.order_by("pk")[:3]:
        response = client.get(url(model, "change", record.pk))
        assert response.status_code == 200
        assert "History" in response.content.decode()


def test_a_verification_is_read_too(as_, small):
    assert Verification.objects.count() == 1
    assert as_("monitor").get(url(Verification)).status_code == 200
    assert as_("away_monitor").get(url(Verification, "change", Verification.objects.get().pk)).status_code == 404


def test_a_patient_lists_the_records(as_, small):
    response = as_("monitor").get(url(Patient, "change", small.first.pk))
    assert {each["title"] for each in response.context["records"]} >= {"Demographics", "Adverse event", "Informed consent"}


# ---- users and sites, as readers see them ----------------------------------------------------------------------------


def test_a_monitor_reads_the_people_of_the_own_site(as_, small):
    page = as_("monitor").get(url(User)).content.decode()
    assert "coordinator.fr03" in page and "data_manager" in page and "coordinator.ch01" not in page
    away = small.people["away_coordinator"]
    assert as_("monitor").get(url(User, "change", away.pk)).status_code == 404
    assert as_("monitor").get(url(Membership, "change", away.memberships.get().pk)).status_code == 404
    assert as_("monitor").get(url(Site, "change", Site.objects.get(code="CH01").pk)).status_code == 404


@pytest.mark.parametrize("who", [*READERS, "administrator"])
def test_no_page_shows_a_password(as_, small, who):
    person = small.people["coordinator"]
    page = as_(who).get(url(User, "change", person.pk)).content.decode()
    assert person.password not in page and "md5$" not in page and "pbkdf2" not in page


def test_pages_hold_no_inline_script_or_style(as_, small):
    client = as_("administrator")
    pages = ["/admin/", url(User), url(User, "add"), url(User, "change", small.people["coordinator"].pk), url(Site)]
    found = [client.get(page).content.decode() for page in pages]
    client = as_("monitor")
    record = small.home_record
    found += [client.get(page).content.decode() for page in ("/admin/", url(type(record)), url(type(record), "change", record.pk))]
    for html in found:
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html) if "application/json" not in tag)


def test_the_admin_asks_little_of_the_database(as_, small, django_assert_max_num_queries):
    client = as_("monitor")
    client.get("/admin/")
    with django_assert_max_num_queries(9):
        client.get(url(type(small.home_record)))
    with django_assert_max_num_queries(12):
        client.get(url(type(small.home_record), "change", small.home_record.pk))


def test_history_models_are_not_in_the_admin():
    histories = {model for model in apps.get_models() if model.__name__.startswith("Historical")}
    assert not histories & set(admin.site._registry)
