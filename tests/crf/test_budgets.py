"""How many queries a save, a casebook and the matrix may cost, whatever the number of forms, records and patients."""

from __future__ import annotations

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crf import casebook, entry, lists, registry
from demo.filler import fill
from tests.crf.fixtures import NOON
from tests.crf.page import Page
from tests.crf.test_forms import FORMS

pytestmark = pytest.mark.usefixtures("noon")

DAY = "2026-06-10"
# Three changed fields, of which one makes a rule ask (None: the form is too small for that).
CHANGES = {
    "IC": {"patient_signed_on": "2026-06-09", "investigator_signed_on": "2026-06-09", "icf_version": ""},
    "DM": {"birth_date": "1959", "sex": ""},
    "IE": {"assessed_on": "2026-06-11", "i01": "NOT FULFILLED", "i03": "NOT FULFILLED"},
    "SF": {"decided_on": "2026-06-11", "reason": "DEATH", "details": "At home"},
    "EC": {"dose_mg": "1", "start_time": "10:05", "reason_details": "As planned"},
    "EOT": {"ended_on": "2026-06-09", "reason": "DEATH", "details": "x"},
    "AE": {"term": "Nausea", "grade": "5", "outcome": "RECOVERED/RESOLVED"},
    "AEYN": {"any_events": ""},
    "ECOG": {"assessed_on": "2026-06-11", "ecog": "5"},
    "PD": {"progressed_on": "2026-06-02", "basis": ""},
    "DD": {"died_on": "2026-06-02", "cause": "ADVERSE EVENT", "details": "x"},
    "UV": {"visited_on": "2026-06-02", "reason": ""},
    "LBA": {"answer": "EVENT", "comment": "y"},
}
FIRST = {
    "IC": {"patient_signed_on": DAY, "investigator_signed_on": DAY, "icf_version": "1"},
    "DM": {"birth_date": "1958", "sex": "F"},
    "IE": {"assessed_on": DAY},
    "SF": {"decided_on": DAY, "reason": "LOST TO FOLLOW-UP"},
    "EC": {"occurrence": "GIVEN", "given_on": "2026-11-19", "start_time": "10:00", "end_time": "11:00", "dose_mg": "10"},
    "EOT": {"ended_on": DAY, "reason": "PHYSICIAN DECISION"},
    "AE": {"term": "Pyrexia", "scale": "CTCAE 5.0", "grade": "1", "started_on": "2026-11-19", "ongoing": "Y", "serious": "N",
           "relationship": "Y", "action_taken": "DOSE NOT CHANGED", "outcome": "RECOVERING/RESOLVING"},
    "AEYN": {"any_events": "N"},
    "ECOG": {"assessed_on": DAY, "ecog": "2"},
    "PD": {"progressed_on": "2026-11-19", "basis": "RECIST 1.1"},
    "DD": {"died_on": "2026-11-19", "cause": "DISEASE UNDER STUDY"},
    "UV": {"visited_on": DAY, "reason": "Fever"},
    "LBA": {"answer": "NOT CLINICALLY SIGNIFICANT", "comment": "x"},
}  # fmt: skip


def emptied(record) -> dict[str, str]:
    """Three answered questions that are asked of everybody, emptied; at least one of them is required. A log keeps an answer."""
    asked = [name for name in record.questions() if name not in record.asks_if and getattr(record, name) not in (None, "")]
    parents = {condition.field for condition in record.asks_if.values()}
    required = [name for name in asked if name in record.required and name not in parents]
    return dict.fromkeys([*required, *(name for name in asked if name not in required)][: min(3, len(asked) - record.is_log())], "")


def place(code: str) -> str:
    model = registry.form(code)
    return "new" if model.is_log() else "C1D8" if code == "EC" else model.visits[0]


@pytest.mark.parametrize("code", FORMS)
def test_a_save_with_three_changes_and_one_query(world, coordinator, code):
    patient = world.patient()
    rules = ("DOS-004", "DOS-005", "SCR-031")
    why = {f"{kind}-{rule}": "x" for kind in ("confirm", "why") for rule in rules} if code == "EC" else {}
    if code in FIRST:
        record = world.enter(patient, code, place(code), **FIRST[code], **why).saved.record
    else:
        posted = fill(registry.form(code), Random(1), NOON)
        _, done = entry.post(coordinator, patient.number, code, place(code), {**posted, "action": "submit"})
        record = done.saved.record
    page = Page(world, coordinator, patient, code, record.slot).fill(**CHANGES.get(code) or emptied(record))
    data = {**{name: values[-1] if values else "" for name, values in page.read.data.items()},
            "action": "submit", "change_reason": "Read again", **why}  # fmt: skip
    from accounts.models import User

    user = User.objects.get(pk=coordinator.pk)
    with CaptureQueriesContext(connection) as asked:
        _, result = entry.post(user, patient.number, code, record.slot, data)
    assert result.saved is not None, (result.form.errors, result.check and result.check.mine)
    assert result.saved.opened + result.saved.closed >= 1
    listed = "\n".join(each["sql"][:110] for each in asked.captured_queries)
    assert len(asked) <= 16 + 1 + 4, listed  # all facts are one query, whatever the number of forms that rules read


@pytest.fixture
def full(world):
    """Patients with much entered: every form, several records of the log, queries."""

    def made(number: int):
        patients = []
        for _ in range(number):
            patient = world.enrolled()
            world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "1")
            for n in range(3):
                world.enter(patient, "AE", "new", term=f"Event {n}", serious="Y")
            world.enter(patient, "ECOG", "C1D1", assessed_on=DAY, ecog="5")
            patients.append(patient)
        return patients

    return made


@pytest.mark.parametrize("number", [1, 4])
def test_casebook_and_matrix(world, coordinator, full, number):
    patients = full(number)
    user = type(coordinator).objects.get(pk=coordinator.pk)
    with CaptureQueriesContext(connection) as asked:
        casebook.casebook(patients[0], sees_all=True)
    assert len(asked) <= 2
    with CaptureQueriesContext(connection) as asked:
        casebook.matrix(patients)
    assert len(asked) <= 2
    client = world.client(user)
    client.get("/patients/")
    for url in (f"/patients/{patients[0].number}/", "/patients/"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        pages = [each["sql"][:110] for each in asked.captured_queries if "session" not in each["sql"]]
        assert len(pages) <= 10 + 2, "\n".join(pages)  # the page itself, and who is asking


def test_the_lists_cost_the_same_for_one_patient_and_for_four(world, full):
    client = world.client(world.user("DATA_MANAGER"))

    def cost(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    urls = ("/queries/", "/queries/?csv=1", "/deviations/", "/safety/", "/patients/")
    full(1)
    before = {url: cost(url) for url in urls}
    full(3)
    assert {url: cost(url) for url in urls} == before


def test_a_list_leads_to_each_record(world, full):
    patients = full(2)
    from django.test import RequestFactory

    request = RequestFactory().get("/queries/")
    request.user = world.user("DATA_MANAGER")
    for each in lists.query_list(request).objects:
        found = lists.record_url(each["query"])
        assert each["url"] == f"{found}#thread-{each['query'].pk}"
        assert patients[0].number in found or patients[1].number in found


def test_a_log_list_costs_the_same_for_many_records(world, coordinator, full):
    patient = full(1)[0]
    client = world.client(coordinator)
    client.get(f"/patients/{patient.number}/form/AE/")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/patients/{patient.number}/form/AE/")
        return len(asked)

    before = cost()
    for n in range(5):
        world.enter(patient, "AE", "new", term=f"More {n}")
    assert cost() == before


def test_a_page_costs_the_same_with_many_queries(world, coordinator):
    patient = world.patient()
    world.enter(patient, "ECOG", "SCR", assessed_on=DAY, ecog="2")
    world.enter(patient, "IC", "SCR", patient_signed_on=DAY, investigator_signed_on=DAY)
    monitor = world.user("MONITOR", "FR03")
    from django.urls import reverse

    def cost() -> int:
        client = world.client(coordinator)
        url = reverse("record", args=[patient.number, "IC", "SCR"])
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        return len(asked)

    before = cost()
    raise_url = reverse("query_raise", args=[patient.number, "IC", "SCR"])
    for n in range(5):
        world.client(monitor).post(raise_url, {"field": "icf_version", "text": f"Question {n}"})
    assert cost() == before
