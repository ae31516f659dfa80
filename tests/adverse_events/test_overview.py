"""The safety overview over stored data: every number is the list behind it, whoever looks, at whatever size."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adverse_events import overview
from adverse_events.models import AdverseEvent
from crf import registry
from crf.actions import void
from protocol.scales import CRS

FIRST = r'<td class="num">(?:<a href="([^"]*)">)?(\d+)'


def page(world, user, **query) -> str:
    response = world.client(user).get(reverse("safety_overview"), query)
    assert response.status_code == 200
    return response.content.decode()


def lines(text: str) -> list[tuple[str, list[tuple[str, int]]]]:
    """(head of the line, its numbers with what they open) of every line of every table."""
    rows = re.findall(r'<tr class="tally--\d"><th scope="row">(.*?)</th>(.*?)</tr>', text, re.S)
    return [(html.unescape(name), [(html.unescape(url), int(count)) for url, count in re.findall(FIRST, cells)]) for name, cells in rows]


def opened(client, url: str) -> tuple[int, int]:
    """How many patients and events the list behind a number has, from its CSV."""
    join = "&" if "?" in url else "?"
    read = list(csv.DictReader(io.StringIO(client.get(f"{url}{join}csv=1").content.decode())))
    return len({each["Patient"] for each in read}), len(read)


def test_every_number_of_the_trial_is_the_list_behind_it(trial, world, db):
    user = world.user("SAFETY_DESK")
    client, wrong, checked = world.client(user), [], 0
    for query in ({}, {"period": "1"}):
        for name, numbers in lines(page(world, user, **query)):
            numbers = numbers[-len(overview.COLUMNS) :]  # without the denominator of a dose
            for column, (url, count) in zip(overview.COLUMNS, numbers, strict=True):
                if not url:
                    assert count == 0
                    continue
                patients, events = opened(client, url)
                # Of serious and related events the list has the events, and the line counts their patients.
                if (events if column == "Events" else patients) != count:
                    wrong.append((query, name, column, count, patients, events))
                checked += 1
    assert wrong == []
    assert checked > 60


def test_the_numbers_are_those_of_the_records(trial, world, db):
    """Counted again, by hand, from the records: patients with CRS who were dosed."""
    dosed = set(registry.form("EC").objects.filter(occurrence="GIVEN", voided=False).values_list("patient_id", flat=True))
    with_crs = set(AdverseEvent.objects.filter(term=CRS, voided=False).values_list("patient_id", flat=True)) & dosed
    found = dict(lines(page(world, world.user("SAFETY_DESK"))))
    assert found[CRS][0][1] == len(with_crs) > 0
    assert f"{len(dosed)} of " in page(world, world.user("SAFETY_DESK"))


def test_a_site_sees_its_own_patients_alone(trial, world, db):
    some = AdverseEvent.objects.filter(voided=False).select_related("patient__site").first().patient.site
    text = world.client(world.user("COORDINATOR", some.code)).get(reverse("safety_list"), {"period": "1", "csv": 1}).content.decode()
    sites = {each["Site"] for each in csv.DictReader(io.StringIO(text))}
    assert sites == {some.code}
    elsewhere = world.client(world.user("COORDINATOR", some.code)).get(reverse("safety_list"), {"period": "1", "site": "CH04" if some.code != "CH04" else "FR01", "csv": 1})
    assert len(elsewhere.content.decode().splitlines()) == 1


@pytest.mark.parametrize("name", ["safety_overview", "safety_list"])
def test_as_many_queries_for_one_patient_as_for_the_trial(trial, world, db, name):
    client = world.client(world.user("SAFETY_DESK"))
    number = []
    for query in ({"site": AdverseEvent.objects.first().patient.site.code}, {}, {"period": "1"}):
        client.get(reverse(name), query)  # what a process reads once
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse(name), query)
        number.append(len(caught))
    assert len(set(number)) == 1
    assert number[0] <= 10


@pytest.mark.parametrize("which", ["terms", "doses"])
def test_the_csv_is_what_is_shown(trial, world, db, which):
    user = world.user("SAFETY_DESK")
    shown = lines(page(world, user))
    read = list(csv.reader(io.StringIO(world.client(user).get(reverse("safety_overview"), {"csv": which}).content.decode())))
    width = len(overview.COLUMNS) + (which == "doses")
    tables = [[str(count) for _, count in numbers] for _, numbers in shown if len(numbers) == width]
    assert [row[2:] for row in read[1:]] == tables
    assert len(tables) > 2


def test_an_empty_trial_says_what_would_stand_there(world, db):
    text = page(world, world.user("SAFETY_DESK"))
    assert "No adverse event is on record here." in text
    assert "Nobody has been dosed." in text
    listed = world.client(world.user("SAFETY_DESK")).get(reverse("safety_list")).content.decode()
    assert "No event fits." in listed


def test_a_void_event_is_not_counted_and_a_draft_is(world, db, noon, coordinator):
    patient = world.patient()
    world.enter(patient, "AE", "new", term="Fever", grade="1", action="save")
    assert dict(lines(page(world, world.user("SAFETY_DESK"), period="1")))["Fever"][0][1] == 1
    record = AdverseEvent.objects.get(patient=patient)
    void(record=record, by=coordinator, reason="typed for another patient")
    assert "No adverse event is on record here." in page(world, world.user("SAFETY_DESK"), period="1")


@pytest.mark.parametrize("query", ["sort=grade", "sort=-since", "sort=nothing", "worst=9", "dose=C9", "term=%00", "severe=x&worst=3", "patient=%27", "site=nowhere", "since=x"])
def test_any_filter_is_answered(trial, world, db, query):
    assert world.client(world.user("SAFETY_DESK")).get(f"{reverse('safety_list')}?{query}").status_code == 200


@pytest.mark.parametrize("role", ["PHARMACIST", "STATISTICIAN", "ADMINISTRATOR"])
@pytest.mark.parametrize("name", ["safety_overview", "safety_list"])
def test_who_reads_no_records_sees_no_counts(world, db, role, name):
    assert world.client(world.user(role)).get(reverse(name)).status_code == 403
