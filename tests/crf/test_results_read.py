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


ANEMIA = "CTCAE Anemia, grade 1: under LLN, down to 10 g/dL (LLN 12 g/dL)"
NO_LIMITS = ("CTCAE grade not certain (Anemia 0 or 1; Hemoglobin increased 0 or 1 or 2 or 3): missing is lower limit of normal, "
             "upper limit of normal")  # fmt: skip


@pytest.mark.parametrize(
    ("result", "unit", "ranges", "sentence", "grade"),
    [
        ("11.2", "", [{}], "11.2 g/dL = 112 g/L, range 120 to 160: low", ANEMIA),
        ("11,2", "", [{}], "11,2 g/dL = 112 g/L, range 120 to 160: low", ANEMIA),
        ("12", "", [{}], "12 g/dL = 120 g/L, range 120 to 160: within", "CTCAE grade 0"),
        ("16", "", [{}], "16 g/dL = 160 g/L, range 120 to 160: within", "CTCAE grade 0"),
        ("16.1", "", [{}], "16.1 g/dL = 161 g/L, range 120 to 160: high", "CTCAE Hemoglobin increased, grade 1: over ULN, up to ULN + 2 g/dL (ULN 16 g/dL)"),
        ("161", "g/L", [{}], "161 g/L, range 120 to 160: high", "CTCAE Hemoglobin increased, grade 1: over ULN, up to ULN + 20 g/L (ULN 160 g/L)"),
        ("<13", "g/dL", [{}], "<13 g/dL = <130 g/L, range 120 to 160", "CTCAE grade not certain (Anemia 0 or 1 or 2 or 3): missing is the result without its sign (<13)"),
        ("<12", "g/dL", [{}], "<12 g/dL = <120 g/L, range 120 to 160: low", "CTCAE grade not certain (Anemia 1 or 2 or 3): missing is the result without its sign (<12)"),
        (">16", "g/dL", [{}], ">16 g/dL = >160 g/L, range 120 to 160: high", "CTCAE grade not certain (Hemoglobin increased 1 or 2 or 3): missing is the result without its sign (>16)"),
        ("<13", "g/dL", [{"low": "0"}], "<13 g/dL = <130 g/L, range 0 to 160: within", "CTCAE grade not certain (Anemia 0 or 1 or 2 or 3): missing is the result without its sign (<13), lower limit of normal"),
        ("11.2", "", [{"low": ""}], "11.2 g/dL = 112 g/L, range up to 160: within", "CTCAE grade not certain (Anemia 0 or 1): missing is lower limit of normal"),
        ("11.2", "", [{"high": ""}], "11.2 g/dL = 112 g/L, range from 120: low", f"{ANEMIA}. CTCAE grade not certain (Hemoglobin increased 0 or 1 or 2 or 3): missing is upper limit of normal"),
        ("11.2", "", [{"low": "", "high": ""}], "11.2 g/dL = 112 g/L", NO_LIMITS),
        ("11.2", "", [{"sex": "F", "low": "11"}, {}], "11.2 g/dL = 112 g/L, range 110 to 160: within", "CTCAE grade 0"),
        ("11.2", "", [{"sex": "M", "low": "11"}, {}], "11.2 g/dL = 112 g/L, range 120 to 160: low", ANEMIA),
        ("11.2", "g/dL", [{"valid_from": "2026-06-11"}], "11.2 g/dL = 112 g/L, no range of this laboratory for that day", NO_LIMITS),
        ("11.2", "g/dL", [{"laboratory": "Another"}], "11.2 g/dL = 112 g/L, no range of this laboratory for that day", NO_LIMITS),
        ("11.2", "g/dL", [], "11.2 g/dL = 112 g/L, no range of this laboratory for that day", NO_LIMITS),
        ("11.2", "", [], "", "No CTCAE grade: missing is a unit that converts"),
        ("11.2", "pints", [{}], "", "No CTCAE grade: missing is a unit that converts"),
        ("see letter", "g/dL", [{}], "", "No CTCAE grade: missing is a result that is one number"),
        ("1.234", "g/L", [{}], "", "No CTCAE grade: missing is a result that is one number"),
    ],
)
def test_what_follows_from_a_result_stands_beside_it(world, client, result, unit, ranges, sentence, grade):
    for each in ranges:
        assert enter(client, "RANGE", **each).status_code == 302
    patient, record = sample(world, hgb=result, hgb_unit=unit)
    _, said = record.computed(load_case(patient, record.computes_from)).get("hgb", ("", ""))
    assert said == ". ".join(filter(None, (sentence, grade)))
    page = read(client.get(url("record", patient.number, "HEM", "SCR")))
    assert f"Program: {said}" in page.shown


@pytest.mark.parametrize(
    ("test", "result", "unit", "limits", "sentence"),
    [
        ("PT", "85", "", ("%", "70", "120"), "85 %, range 70 to 120: within"),
        ("PT", "65", "", ("%", "70", "120"), "65 %, range 70 to 120: low"),
        ("PT", "13", "s", ("%", "70", "120"), "13 s, its range is in % and cannot be compared"),
        ("INR", "1.3", "", ("", "0.8", "1.2"), "1.3, range 0.8 to 1.2: high. CTCAE grade not certain (INR increased 0 or 1): missing is whether the patient takes an anticoagulant"),
        ("APTT", "1.1", "ratio", ("s", "25", "37"), "1.1 ratio, its range is in s and cannot be compared. No CTCAE grade: "
         "missing is a result in seconds: a ratio to a control is no multiple of the upper limit"),
        ("FIBRINO", "310", "", ("mg/dL", "200", "400"), "310 mg/dL = 3.1 g/L, range 2 to 4: within. CTCAE grade 0"),
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
    assert said == f"11.2 g/dL = 112 g/L, range 120 to 160: low. {ANEMIA}"
    assert unit_queries(patient) == []
    _, later = sample(world, taken_on="2026-10-02", hgb="112")
    said = later.computed(load_case(later.patient, later.computes_from))["hgb"][1]
    assert said == "112 g/L, range 118 to 158: low. CTCAE Anemia, grade 1: under LLN, down to 100 g/L (LLN 118 g/L)"


def test_another_tests_range_asks_nothing_again(world, client):
    patient, _ = sample(world)
    query = Query.objects.get(patient=patient, rule="HEM-HGB_LBORRES-unit")
    assert enter(client, "RANGE", test="CRP", unit="mg/L").status_code == 302
    assert Query.objects.get(pk=query.pk).version == query.version
