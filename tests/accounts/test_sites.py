"""The 19 sites of the registry record."""

from __future__ import annotations

from collections import Counter
from datetime import date
from zoneinfo import available_timezones

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.actions import load_sites
from accounts.models import Site, SiteStatus
from audit import examine
from audit.context import SYSTEM, acting
from audit.models import Change, ChangeSet

# City, country, name, contact as registry record NCT07203053 prints them, in its order.
RECORD = [
    ("FR01", "CHU Angers", "Angers", "FR", "Youssef Oulkhouir"),
    ("FR02", "Institut Bergonie", "Bordeaux", "FR", "Sophie Cousin"),
    ("FR03", "Lyon - Centre Léon Bérard", "Lyon", "FR", "Maurice Perol"),
    ("FR04", "Hôpital Nord de Marseille", "Marseille", "FR", "Laurent Greillier"),
    ("GR01", "Henry Dunant Hospital Center", "Athens", "GR", "Giannis Mountzios"),
    ("IT01", "Irccs Irst", "Meldola", "IT", "Angelo Delmonte"),
    ("IT02", "Instituto Europeo di Oncologia (IEO)", "Milan", "IT", "Filippo de Marinis"),
    ("IT03", "Santa Maria della Misericordia Hospital", "Perugia", "IT", "Giulio Metro"),
    ("IT04", "AO San Giovanni Addolorata", "Roma", "IT", "Antonio Lugini"),
    ("IT05", 'Istituto Nazionale Tumori "Regina Elena"', "Roma", "IT", "Federico Capuzzo"),
    ("ES01", "Hospital General Universitario Alicante", "Alicante", "ES", "Juan Luis Martí"),
    ("ES02", "Hospital de la Santa Creu I Sant Pau", "Barcelona", "ES", "Andrés Barba Joaquin"),
    ("ES03", "Hospital Universitatrio Vall d'Hebron", "Barcelona", "ES", "Pedro Rocha"),
    ("ES04", "ICO Hospitalet H. Duran I Reynals / H. Bellvitge", "Barcelona", "ES", "Miguel Ángel Mosteiro Lamas"),
    ("ES05", "Hospital Universitatrio Puerta del Hierro", "Madrid", "ES", "Mariano Provencio"),
    ("CH01", "Kantonsspital Baden", "Baden", "CH", "Sacha Rothschild"),
    ("CH02", "HFR - Hôpital cantonal", "Fribourg", "CH", "Adrienne Bettini"),
    ("CH03", "Geneva University Hospitals", "Geneva", "CH", "Alfredo Addeo"),
    ("CH04", "Kantonsspital St.Gallen", "Sankt Gallen", "CH", "Kira-Lee Koster"),
]


def test_the_sites_as_the_record_has_them(db):
    found = Site.objects.order_by("record_order").values_list("code", "name", "city", "country", "contact")
    assert list(found) == RECORD
    assert Counter(Site.objects.values_list("country", flat=True)) == {"FR": 4, "GR": 1, "IT": 5, "ES": 5, "CH": 4}
    assert list(Site.objects.values_list("record_order", flat=True)) == list(range(1, 20))


def test_each_has_a_time_zone_of_its_country_and_is_planned(db):
    zones = {"FR": "Europe/Paris", "GR": "Europe/Athens", "IT": "Europe/Rome", "ES": "Europe/Madrid", "CH": "Europe/Zurich"}
    for site in Site.objects.all():
        assert site.time_zone == zones[site.country] and site.time_zone in available_timezones()
        assert (site.status, site.activated_on) == (SiteStatus.PLANNED, None)
        site.full_clean()


@pytest.mark.parametrize(
    ("code", "word"), [("FR02", "accent"), ("FR03", "Pérol"), ("IT02", "Instituto"), ("IT05", "Cappuzzo"), ("ES03", "Universitatrio"), ("ES05", "Universitatrio")]
)  # fmt: skip
def test_spelling_variants_are_a_comment(db, code, word):
    assert word in Site.objects.get(code=code).comment


def test_loading_again_changes_nothing(db):
    before = Change.objects.count(), ChangeSet.objects.count(), list(Site.objects.values())
    assert load_sites() == 0
    call_command("load_study", "--demo", verbosity=0)
    assert (Change.objects.count(), ChangeSet.objects.count(), list(Site.objects.values())) == before


def test_what_the_administrator_decided_stays(world):
    site = world.site("GR01")
    with acting(SYSTEM, reason="closed early", source="test"):
        site.status = SiteStatus.CLOSED
        site.save()
    assert load_sites() == 0
    site.refresh_from_db()
    assert (site.status, site.activated_on) == (SiteStatus.CLOSED, date(2026, 6, 1))


def test_what_the_record_fixes_comes_back_and_says_why(world):
    site = world.site("GR01")
    with acting(SYSTEM, reason="typing error", source="test"):
        site.city = "Sparta"
        site.save()
    assert load_sites() == 1
    site = Site.objects.get(code="GR01")
    assert (site.city, site.status) == ("Athens", SiteStatus.ACTIVE)
    last = Change.objects.filter(form="SITE", record=str(site.pk), field="city").order_by("-id").select_related("change_set")[0]
    assert (last.old, last.new, last.change_set.actor, last.change_set.reason, last.change_set.source) == (
        "Sparta", "Athens", "system", "registry record", "load_study",
    )  # fmt: skip


def test_loading_is_in_the_trail(db):
    said = Change.objects.filter(form="SITE", field="name").select_related("change_set")
    assert said.count() == 19
    assert {(each.change_set.actor, each.change_set.reason) for each in said} == {("system", "registry record")}
    assert list(examine.findings()) == []


@pytest.mark.parametrize(
    ("status", "activated", "day", "active"),
    [
        (SiteStatus.ACTIVE, date(2026, 6, 1), date(2026, 5, 31), False),
        (SiteStatus.ACTIVE, date(2026, 6, 1), date(2026, 6, 1), True),
        (SiteStatus.ACTIVE, date(2026, 6, 1), date(2027, 6, 1), True),
        (SiteStatus.ACTIVE, None, date(2026, 6, 1), False),
        (SiteStatus.PLANNED, date(2026, 6, 1), date(2026, 6, 2), False),
        (SiteStatus.ON_HOLD, date(2026, 6, 1), date(2026, 6, 2), False),
        (SiteStatus.CLOSED, date(2026, 6, 1), date(2026, 6, 2), False),
    ],
)
def test_when_a_site_is_active(status, activated, day, active):
    assert Site(status=status, activated_on=activated).is_active_on(day) is active


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"time_zone": "Europe/Lyon"}, "no such time zone"), ({"time_zone": ""}, "no such time zone"), ({"status": "ACTIVE", "activated_on": None}, "needs the date"),
     ({"status": "OPEN"}, "not a valid choice"), ({"country": "FRA"}, "at most 2"), ({"name": ""}, "blank"), ({"code": "FR99"}, "never changes")],
)  # fmt: skip
def test_what_a_site_must_be(db, wrong, says):
    site = Site.objects.get(code="FR01")
    for name, value in wrong.items():
        setattr(site, name, value)
    with pytest.raises(ValidationError, match=says):
        site.full_clean()


def test_the_database_knows_it_too(db):
    site = Site.objects.get(code="FR01")
    site.status = SiteStatus.ACTIVE
    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
        site.save()
