"""Results are read with the references of the site, and the patients' queries follow when these change."""

from __future__ import annotations

import re

import pytest

from audit.models import Change
from crf.facts import load_case
from patients.models import Patient
from review.models import Query, QueryStatus
from tests.crf.keeping import LABORATORY, act, enter, post_grid, the_range, url
from tests.crf.page import read

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def client(world, coordinator):
    """The browser of a coordinator of FR03."""
    return world.client(coordinator)


def sample(world, **changes):
    patient = world.patient()
    world.enter(patient, "DM", "SCR", birth_date="1958", sex="F")
    answers = {"taken_on": "2026-06-10", "laboratory": LABORATORY, "hgb": "11.2", "neut": "4", "neut_unit": "G/L"}
    answers |= {"plat": "200", "plat_unit": "G/L"}
    return patient, world.enter(patient, "HEM", "SCR", **{**answers, **changes}).saved.record


def unit_queries(patient) -> list[tuple[str, str]]:
    found = Query.objects.filter(patient=patient, field="hgb", rule__endswith="-unit")
    return list(found.values_list("rule", "status"))


def test_queries_follow_a_range_and_its_withdrawal(world, client):
    patient, _ = sample(world)
    world.patient()
    assert [status for _, status in unit_queries(patient)] == [QueryStatus.OPEN]
    page = client.get(enter(client, "RANGE").url).content.decode()
    assert [status for _, status in unit_queries(patient)] == [QueryStatus.CLOSED]
    assert re.search(r"The rules of the site&#x27;s 2 patients were run again: .*1 query was closed\.", page)
    line = the_range()
    page = client.get(act(client, line, "withdraw", reason="wrong column").url).content.decode()
    assert [status for _, status in unit_queries(patient)] == [QueryStatus.OPEN]
    assert re.search(r"were run again: \d quer(y was|ies were) opened", page)


def test_patients_of_another_site_are_left_alone(world, client):
    patient, _ = sample(world)
    far = world.client(world.user("COORDINATOR", "FR01"))
    world.site("FR01")
    last = Change.objects.order_by("-id").values_list("id", flat=True).first()
    assert enter(far, "RANGE", site="FR01").status_code == 302
    assert not Change.objects.filter(id__gt=last, patient=patient.number).exists()
    assert [status for _, status in unit_queries(patient)] == [QueryStatus.OPEN]


def test_a_site_without_patients_is_told_nothing_about_rules(client):
    assert Patient.objects.count() == 0
    assert "run again" not in client.get(enter(client, "RANGE").url).content.decode()


@pytest.mark.parametrize(
    ("result", "unit", "ranges", "sentence"),
    [
        ("11.2", "", [{}], "11.2 g/dL = 112 g/L, range 120 to 160: low"),
        ("11,2", "", [{}], "11,2 g/dL = 112 g/L, range 120 to 160: low"),
        ("12", "", [{}], "12 g/dL = 120 g/L, range 120 to 160: within"),
        ("16", "", [{}], "16 g/dL = 160 g/L, range 120 to 160: within"),
        ("16.1", "", [{}], "16.1 g/dL = 161 g/L, range 120 to 160: high"),
        ("161", "g/L", [{}], "161 g/L, range 120 to 160: high"),
        ("<13", "g/dL", [{}], "<13 g/dL = <130 g/L, range 120 to 160"),
        ("<12", "g/dL", [{}], "<12 g/dL = <120 g/L, range 120 to 160: low"),
        (">16", "g/dL", [{}], ">16 g/dL = >160 g/L, range 120 to 160: high"),
        ("<13", "g/dL", [{"low": "0"}], "<13 g/dL = <130 g/L, range 0 to 160: within"),
        ("11.2", "", [{"low": ""}], "11.2 g/dL = 112 g/L, range up to 160: within"),
        ("11.2", "", [{"high": ""}], "11.2 g/dL = 112 g/L, range from 120: low"),
        ("11.2", "", [{"low": "", "high": ""}], "11.2 g/dL = 112 g/L"),
        ("11.2", "", [{"sex": "F", "low": "11"}, {}], "11.2 g/dL = 112 g/L, range 110 to 160: within"),
        ("11.2", "", [{"sex": "M", "low": "11"}, {}], "11.2 g/dL = 112 g/L, range 120 to 160: low"),
        ("11.2", "g/dL", [{"valid_from": "2026-06-11"}], "11.2 g/dL = 112 g/L, no range of this laboratory for that day"),
        ("11.2", "g/dL", [{"laboratory": "Another"}], "11.2 g/dL = 112 g/L, no range of this laboratory for that day"),
        ("11.2", "g/dL", [], "11.2 g/dL = 112 g/L, no range of this laboratory for that day"),
        ("11.2", "", [], ""),
        ("11.2", "pints", [{}], ""),
        ("see letter", "g/dL", [{}], ""),
        ("1.234", "g/L", [{}], ""),
    ],
)
def test_what_follows_from_a_result_stands_beside_it(world, client, result, unit, ranges, sentence):
    for each in ranges:
        assert enter(client, "RANGE", **each).status_code == 302
    patient, record = sample(world, hgb=result, hgb_unit=unit)
    _, said = record.computed(load_case(patient, record.computes_from)).get("hgb", ("", ""))
    assert said == sentence
    page = read(client.get(url("record", patient.number, "HEM", "SCR")))
    assert (f"Program: {sentence or result}" in page.shown) is bool(sentence)


@pytest.mark.parametrize(
    ("test", "result", "unit", "limits", "sentence"),
    [
        ("PT", "85", "", ("%", "70", "120"), "85 %, range 70 to 120: within"),
        ("PT", "65", "", ("%", "70", "120"), "65 %, range 70 to 120: low"),
        ("PT", "13", "s", ("%", "70", "120"), "13 s, its range is in % and cannot be compared"),
        ("INR", "1.3", "", ("", "0.8", "1.2"), "1.3, range 0.8 to 1.2: high"),
        ("APTT", "1.1", "ratio", ("s", "25", "37"), "1.1 ratio, its range is in s and cannot be compared"),
        ("FIBRINO", "310", "", ("mg/dL", "200", "400"), "310 mg/dL = 3.1 g/L, range 2 to 4: within"),
    ],
)
def test_results_that_do_not_convert_are_compared_in_their_own_unit(world, client, test, result, unit, limits, sentence):
    assert post_grid(client, {test: limits}).status_code == 302
    patient, name = world.patient(), test.lower()
    answers = {"taken_on": "2026-06-10", "laboratory": LABORATORY, name: result, f"{name}_unit": unit}
    record = world.enter(patient, "COA", "SCR", **answers).saved.record
    assert record.computed(load_case(patient, record.computes_from))[name][1] == sentence


def test_nothing_stands_beside_a_result_that_is_not_stored(world, client):
    enter(client, "RANGE")
    patient = world.patient()
    typed = {"action": "submit", "origin": "EDC", "base_version": "0", "hgb": "11.2"}
    typed |= {"taken_on_0": "1", "taken_on_1": "1", "taken_on_2": "2030"}
    page = client.post(url("record", patient.number, "HEM", "SCR"), typed)
    assert page.status_code == 422
    assert "Program:" not in page.content.decode()


def test_a_new_unit_of_the_laboratory_leaves_older_results_as_they_were(world, client):
    """A result is read with the range of its own day."""
    enter(client, "RANGE")
    patient, record = sample(world)
    newer = {"unit": "g/L", "low": "118", "high": "158", "valid_from": "2026-10-01"}
    assert enter(client, "RANGE", **newer, ending=f"{the_range().pk}:1").status_code == 302
    said = record.computed(load_case(patient, record.computes_from))["hgb"][1]
    assert said == "11.2 g/dL = 112 g/L, range 120 to 160: low"
    assert unit_queries(patient) == []
    _, later = sample(world, taken_on="2026-10-02", hgb="112")
    assert later.computed(load_case(later.patient, later.computes_from))["hgb"][1] == "112 g/L, range 118 to 158: low"


def test_another_tests_range_asks_nothing_again(world, client):
    patient, _ = sample(world)
    query = Query.objects.get(patient=patient, rule="HEM-HGB_LBORRES-unit")
    assert enter(client, "RANGE", test="CRP", unit="mg/L").status_code == 302
    assert Query.objects.get(pk=query.pk).version == query.version
