"""Laboratory abnormalities from the result to the answer: page, form, to-do list, and what brings along what."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from adverse_events import abnormalities
from adverse_events.abnormalities import LaboratoryAbnormality
from audit import clock
from crf.facts import load_case, load_cases
from crf.reference_actions import add
from etop_crf import todo
from protocol import lab_episodes
from review.models import Query
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LAB = "CHU Lyon"
NEUT = "Neutrophil count decreased"


@pytest.fixture
def summer(world):
    """It is 2 July 2026."""
    with clock.set_to(datetime(2026, 7, 2, 10, tzinfo=UTC)):
        yield


@pytest.fixture
def ranges(world):
    two_ranges(world)


def two_ranges(world):
    """The laboratory's range of neutrophils and of ALT."""
    from assessments.references import ReferenceRange

    site = world.site()
    lines = [ReferenceRange(site=site, laboratory=LAB, test=test, unit=unit, low=low and Decimal(low), high=Decimal(high), valid_from="2026-01-01")
             for test, unit, low, high in (("NEUT", "G/L", "1.8", "7.5"), ("ALT", "U/L", None, "40"))]  # fmt: skip
    for line in lines:
        add(user=world.user("COORDINATOR", "FR03"), site=site, lines=[line])


@pytest.fixture
def patient(world, ranges, noon):
    return dosed(world)


def dosed(world):
    """A normal blood count, and the first dose on 1 July."""
    patient = world.patient()
    world.enter(patient, "DM", "SCR", birth_date="1958", sex="F")
    blood(world, patient, "SCR", "2026-06-10", "4.1")
    given = {"occurrence": "GIVEN", "given_on": "2026-07-01", "start_time": "10:00", "end_time": "11:00", "dose_mg": "1"}
    world.enter(patient, "EC", "C1D1", action="save", **given)  # what is still in progress counts as well
    return patient


def blood(world, patient, visit, on, neut, **rest):
    given = {"taken_on": on, "taken_time": "08:00", "laboratory": LAB, "neut": neut, "standard_of_care": "Y", **rest}
    return world.enter(patient, "HEM", visit, **given).saved.record


def event(world, patient, **rest):
    given = {"term": NEUT, "scale": "CTCAE 5.0", "grade": "3", "started_on": "2026-07-08", "ongoing": "Y", "outcome": "NOT RECOVERED/NOT RESOLVED",
             "serious": "N", "relationship": "Y", "action_taken": "DOSE NOT CHANGED"}  # fmt: skip
    return world.enter(patient, "AE", "new", **{**given, **rest}).saved.record


def judge(world, patient, result="HEM C1D8 NEUT", answer="NOT CLINICALLY SIGNIFICANT", **rest):
    return world.enter(patient, "LBA", "new", result=result, answer=answer, **rest)


def waiting(patient):
    return [f"{each.open.result.place} {each.open.grade}" for each in abnormalities.judged(patient) if each.open]


def open_queries(patient, rule):
    return list(Query.objects.filter(patient=patient, rule=rule).exclude(status="CLOSED"))


def test_from_the_result_to_the_answer(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0,9")
    assert waiting(patient) == ["HEM C1D8 NEUT 3"]
    record = judge(world, patient, comment="Steroids the day before").saved.record
    stored = LaboratoryAbnormality.objects.get(pk=record.pk)
    assert (stored.term, stored.grade, stored.sampled_on, stored.state) == (NEUT, "3", "2026-07-08", "SUBMITTED")
    assert waiting(patient) == []
    blood(world, patient, "C1D15", "2026-07-15", "0.8")
    assert waiting(patient) == []
    blood(world, patient, "C2D1", "2026-07-29", "0.4")
    assert waiting(patient) == ["HEM C2D1 NEUT 4"]


def test_what_is_judged_cannot_be_typed(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    record = judge(world, patient, grade="1", term="Nausea", sampled_on="2020-01-01").saved.record
    stored = LaboratoryAbnormality.objects.get(pk=record.pk)
    assert (stored.term, stored.grade, stored.sampled_on) == (NEUT, "3", "2026-07-08")


@pytest.mark.parametrize("result", ["HEM C1D8 PLAT", "HEM SCR NEUT", "HEM C2D1 NEUT", "nonsense", "HEM C1D8 NEUT "])
def test_only_what_waits_can_be_judged(world, patient, result):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    refused = world.enter(patient, "LBA", "new", expect=False, result=result, answer="NOT CLINICALLY SIGNIFICANT")
    assert refused.saved is None
    assert "result" in refused.form.errors
    assert LaboratoryAbnormality.objects.count() == 0


def test_judged_by_two_people_at_once_it_is_stored_once(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    judge(world, patient)
    again = world.enter(patient, "LBA", "new", expect=False, result="HEM C1D8 NEUT", answer="EVENT")
    assert again.saved is None
    assert "no longer" in str(again.form.errors["result"])


def test_a_stored_answer_can_be_corrected_though_nothing_waits_any_more(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    record = judge(world, patient).saved.record
    world.enter(patient, "LBA", record.slot, result="HEM C1D8 NEUT", answer="NOT CLINICALLY SIGNIFICANT", comment="Seen", change_reason="A word more")
    stored = LaboratoryAbnormality.objects.get(pk=record.pk)
    assert (stored.comment, stored.grade, stored.term) == ("Seen", "3", NEUT)
    page = world.client(world.user("MONITOR", "FR03")).get(f"/patients/{patient.number}/form/LBA/{record.slot}/").content.decode()
    assert "Judged at grade 3, Neutrophil count decreased, in the sample of 08-Jul-2026" in page


def test_a_voided_answer_and_a_voided_result(world, patient):
    from crf.actions import void

    sample = blood(world, patient, "C1D8", "2026-07-08", "0.9")
    record = judge(world, patient).saved.record
    by = world.user("COORDINATOR", "FR03")
    void(record=record, by=by, reason="Wrong answer")
    assert waiting(patient) == ["HEM C1D8 NEUT 3"]
    judge(world, patient)
    void(record=sample, by=by, reason="Another patient's")
    assert waiting(patient) == []
    assert [query.form for query in open_queries(patient, "AE-180")] == ["LBA"]


def test_a_corrected_value_asks_about_its_answer(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    judge(world, patient)
    blood(world, patient, "C1D8", "2026-07-08", "3.9", change_reason="Typing error")
    assert len(open_queries(patient, "AE-180")) == 1
    blood(world, patient, "C1D8", "2026-07-08", "0.9", change_reason="It was right")
    assert open_queries(patient, "AE-180") == []


def test_the_event_that_is_named(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    late = event(world, patient, started_on="2026-07-09", grade="2")
    record = judge(world, patient, answer="EVENT", event=late.slot).saved.record
    assert len(open_queries(patient, "AE-181")) == len(open_queries(patient, "AE-182")) == 1
    world.enter(patient, "AE", late.slot, term=NEUT, scale="CTCAE 5.0", grade="3", started_on="2026-07-08", ongoing="Y", serious="N", relationship="Y",
                outcome="NOT RECOVERED/NOT RESOLVED", action_taken="DOSE NOT CHANGED", change_reason="Read again")  # fmt: skip
    assert open_queries(patient, "AE-181") == open_queries(patient, "AE-182") == []
    other = world.patient()
    event(world, other)
    refused = world.enter(patient, "LBA", record.slot, expect=False, result="HEM C1D8 NEUT", answer="EVENT", event="7", change_reason="x")
    assert refused.saved is None  # no event of this patient has that number


def test_an_answer_that_is_an_event_must_say_which(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    judge(world, patient, answer="PART OF ANOTHER EVENT")
    assert len(open_queries(patient, "LBA-LBAAENO-required")) == 1


# The page ------------------------------------------------------------------------------------------------------------------


def page(world, patient, who="COORDINATOR"):
    user = world.user(who, "FR03") if who in ("COORDINATOR", "INVESTIGATOR") else world.user(who)
    return world.client(user).get(f"/patients/{patient.number}/laboratory-abnormalities/").content.decode()


def buttons(html):
    return {" ".join(re.sub("<[^>]+>", "", words).split()): url.replace("&amp;", "&")
            for url, words in re.findall(r'<a class="btn btn-sm[^"]*" href="([^"]+)">(.*?)</a>', html)}  # fmt: skip


def test_the_page_and_its_buttons(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    html = page(world, patient)
    for words in ("Waiting for an answer (1)", "Grade 3", "0.9 G/L", "1.8 to 7.5 G/L", "08-Jul-2026", "grade 3: under 1 10^9/L", "Settled (0)"):
        assert words in html, words
    urls = buttons(html)
    assert list(urls) == ["New adverse event", "An event that is entered", "Not clinically significant", "Part of another event"]
    assert parse_qs(urlsplit(urls["New adverse event"]).query) == {"term": [NEUT], "started_on": ["2026-07-08"]}
    client = world.client(world.user("INVESTIGATOR", "FR03"))
    form = client.get(urls["New adverse event"]).content.decode()
    assert f'value="{NEUT}"' in form and 'value="2026"' in form
    assert not re.search(r'name="grade"[^>]*checked', form)  # the grade is for the investigator to give
    assert re.search(r'value="CTCAE 5\.0"[^>]*(checked|selected)', form)  # the scale follows from the term
    form = client.get(urls["Not clinically significant"]).content.decode()
    assert re.search(r'<option value="HEM C1D8 NEUT" selected>Neutrophils 0\.9 G/L, grade 3, C1D8 08-Jul-2026<', form)
    assert re.search(r'value="NOT CLINICALLY SIGNIFICANT"[^>]*checked|checked[^>]*value="NOT CLINICALLY SIGNIFICANT"', form)
    assert LaboratoryAbnormality.objects.count() == 0  # nothing is stored by opening a page


def test_an_address_brings_only_what_the_form_lets_it(world, patient):
    client = world.client(world.user("COORDINATOR", "FR03"))
    form = client.get(f"/patients/{patient.number}/form/AE/new/?grade=4&serious=Y&term=Nausea&started_on=nonsense").content.decode()
    assert 'value="Nausea"' in form
    assert not re.search(r'name="(grade|serious)"[^>]*checked', form)
    assert client.get(f"/patients/{patient.number}/form/LBA/new/?answer=WRONG&result={'x' * 500}").status_code == 200


def test_what_is_settled_stands_below_with_its_answer_and_its_event(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    event(world, patient)
    html = page(world, patient)
    assert "Nothing waits for an answer" in html and "Settled (1)" in html
    assert "Adverse event 1: Neutrophil count decreased, worst grade 3" in html
    assert not buttons(html)


def test_who_reads_gets_no_buttons(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    for who in ("MONITOR", "DATA_MANAGER"):
        client = world.client(world.user(who, "FR03") if who == "MONITOR" else world.user(who))
        html = client.get(f"/patients/{patient.number}/laboratory-abnormalities/").content.decode()
        assert "Waiting for an answer (1)" in html and not buttons(html)


def test_the_grade_stands_beside_the_result_with_its_baseline(world, patient):
    world.enter(patient, "CHE", "SCR", taken_on="2026-06-10", laboratory=LAB, alt="60", standard_of_care="Y")
    world.enter(patient, "CHE", "C1D8", taken_on="2026-07-08", laboratory=LAB, alt="301", standard_of_care="Y")
    html = world.client(world.user("COORDINATOR", "FR03")).get(f"/patients/{patient.number}/form/CHE/C1D8/").content.decode()
    assert "CTCAE Alanine aminotransferase increased, grade 3: over 5 x baseline, up to 20 x baseline (baseline 60 U/L)" in html


# Many patients -------------------------------------------------------------------------------------------------------------


def test_the_to_do_page_counts_what_waits(world, patient):
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    user = world.user("COORDINATOR", "FR03")
    task = next(task for group in todo.todo(user).groups for task in group.tasks if "laboratory" in task.text)
    assert (task.count, task.kind) == (1, "due")
    html = world.client(user).get("/").content.decode()
    assert "laboratory abnormality to judge" in html and f"/patients/{patient.number}/laboratory-abnormalities/" in html
    judge(world, patient)
    task = next(task for group in todo.todo(user).groups for task in group.tasks if "laboratory" in task.text)
    assert (task.count, task.kind) == (0, "ok")


def test_many_patients_are_read_in_one_query_and_each_as_alone(world, patient):
    needs = (*lab_episodes.NEEDS, *lab_episodes.JUDGED_WITH, "VIAL", "RULING")
    blood(world, patient, "C1D8", "2026-07-08", "0.9")
    judge(world, patient)
    second = dosed(world)
    blood(world, second, "C1D8", "2026-07-08", "0.4")
    third = world.patient("CH02")
    everybody = [patient, second, third]
    with CaptureQueriesContext(connection) as queries:
        cases = load_cases(everybody, needs)
    assert len(queries) == 1
    for each in everybody:
        assert cases[each.pk].records == load_case(each, needs).records
    assert [(one.number, each.open.grade) for one, each in abnormalities.open_ones(everybody)] == [(second.number, "4")]
    assert load_cases([], needs) == {}


def test_the_patients_page_leads_to_it(world, summer):
    from screening.actions import register_patient

    patient = world.screened()
    client = world.client(world.user("INVESTIGATOR", "FR03"))
    link = f"/patients/{patient.number}/laboratory-abnormalities/"
    assert link not in client.get(f"/patients/{patient.number}/").content.decode()
    register_patient(user=world.user("INVESTIGATOR", "FR03"), number=patient.number, password=PASSWORD)
    assert link in client.get(f"/patients/{patient.number}/").content.decode()
