"""The loop: a save runs every rule it can touch, also of other forms; a re-check runs all of them over what is stored."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import examine
from audit.models import ChangeSet
from audit.triggers import lifted
from crf import registry
from crf.actions import recheck
from patients.models import Patient
from protocol.engine import RULES, Severity
from review.models import Deviation, DeviationStatus, Query, QueryStatus
from tests.crf.page import Page

pytestmark = pytest.mark.usefixtures("noon")
ANSWERED = {"special_interest": "NONE", "baseline": "N", "treatment_given": "N"}  # of an event about which nothing is special


def behind_its_back(model, pk, **values) -> None:
    """Change a stored record and its last history row as no form can: raw SQL with the triggers lifted."""
    with lifted(), connection.cursor() as cursor:
        for column, value in values.items():
            cursor.execute(f'UPDATE "{model._meta.db_table}" SET "{column}" = %s WHERE id = %s', [value, pk])
            cursor.execute(f'UPDATE "{model.history.model._meta.db_table}" SET "{column}" = %s WHERE id = %s', [value, pk])


def check_rules(*arguments) -> tuple[str, str]:
    """What the command printed, and the sentence with which it failed ('' when it did not)."""
    out = StringIO()
    try:
        call_command("check_rules", *arguments, stdout=out)
    except CommandError as failure:
        return out.getvalue(), str(failure)
    return out.getvalue(), ""


# ---- rules of other forms --------------------------------------------------------------------------------------------


def test_an_end_of_treatment_before_a_dose_makes_that_dose_a_deviation(world):
    patient = world.enrolled()
    day = patient.enrolled_on.isoformat()
    dose = world.dose(patient, "C1D1", day, "1").saved.record
    assert not Deviation.objects.exists()
    done = world.enter(patient, "EOT", "EOT", ended_on="2026-11-19", reason="PHYSICIAN DECISION")
    assert done.saved.opened == 3  # DOS-006 at the dose, DOS-021 and DOS-031 at the end
    deviation = Deviation.objects.get()
    assert (deviation.rule, deviation.form, deviation.record, deviation.why) == ("DOS-006", "EC", dose.pk, "")
    query = Query.objects.get(rule="DOS-006")
    assert (query.form, query.record, query.status) == ("EC", dose.pk, QueryStatus.OPEN)
    assert query.value == "20-Nov-2026"
    coordinator = world.user("COORDINATOR", "FR03")
    page = Page(world, coordinator, patient, "EC", "C1D1")
    assert "The dose was given after tarlatamab was stopped for good (19-Nov-2026)" in page.read.shown
    # The next save of the dose asks for the reason that nobody has given yet.
    page.fill(reason_details="Given in the morning").post("submit", change_reason="Added")
    assert page.response.status_code == 422
    more = {"confirm-DOS-006": "1", "why-DOS-006": "The decision fell later", "change_reason": "Added"}
    assert page.post("submit", **more).status_code == 302
    assert Deviation.objects.get().why == "The decision fell later"
    # Corrected at the other form, it is withdrawn, and the query says what closed it.
    page = Page(world, coordinator, patient, "EOT", "EOT")
    page.fill(ended_on="2026-11-20").post("submit", change_reason="Misread")
    query.refresh_from_db()
    assert query.status == QueryStatus.CLOSED
    assert "19-Nov-2026 → 20-Nov-2026" in query.text
    assert "End of treatment" in query.text
    assert Deviation.objects.get().status == DeviationStatus.WITHDRAWN
    assert list(examine.findings()) == []


def test_the_other_form_in_progress_counts_and_its_own_queries_wait(world):
    """A rule reads drafts of other forms; a draft itself gets no query."""
    patient = world.patient()
    world.enter(patient, "IC", "SCR", action="save", patient_signed_on="2026-06-10", investigator_signed_on="2026-06-10", icf_version="1")
    world.enter(patient, "AE", "new", term="Pyrexia", scale="CTCAE 5.0", grade="1", started_on="2026-06-01")
    assert Query.objects.filter(rule="AE-017", form="AE").count() == 1
    assert not Query.objects.filter(form="IC").exists()


def test_an_event_is_asked_about_when_the_dose_behind_it_changes(world):
    patient = world.enrolled()
    answers = {
        "term": "Pyrexia", "scale": "CTCAE 5.0", "grade": "1", "started_on": "2026-11-20", "ongoing": "Y", "serious": "N",
        "relationship": "Y", "action_taken": "DRUG WITHDRAWN", "outcome": "RECOVERING/RESOLVING", "left_study": "N", **ANSWERED,
    }  # fmt: skip
    world.enter(patient, "AE", "new", **answers)
    query = Query.objects.get(rule="AE-024")
    assert query.status == QueryStatus.OPEN
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-20", reason="ADVERSE EVENT")
    query.refresh_from_db()
    assert query.status == QueryStatus.CLOSED
    assert "End of treatment" in query.text


def test_a_dose_given_as_planned_asks_about_an_event_that_says_interrupted(world):
    from datetime import UTC, datetime

    from audit import clock

    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        patient = world.enrolled()
    world.dose(patient, "C1D1", "2026-09-02", "1")
    answers = {
        "term": "Fever", "scale": "CTCAE 5.0", "grade": "1", "started_on": "2026-09-05", "ongoing": "Y", "serious": "N",
        "relationship": "Y", "action_taken": "DRUG INTERRUPTED", "outcome": "RECOVERING/RESOLVING", **ANSWERED,
    }  # fmt: skip
    event = world.enter(patient, "AE", "new", **answers).saved.record
    assert not Query.objects.exists()
    assert world.dose(patient, "C1D8", "2026-09-09", "10").saved.opened == 1
    query = Query.objects.get()
    assert (query.rule, query.form, query.record) == ("AE-025", "AE", event.pk)
    assert query.value == "Drug interrupted (dose delayed, omitted or infusion stopped)"


def test_a_draft_that_is_voided_or_changed_moves_the_queries_of_other_forms(world):
    patient = world.enrolled()
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-20", reason="DEATH")
    assert Query.objects.get(rule="DOS-023").status == QueryStatus.OPEN
    record = world.enter(patient, "DD", "FU", action="save", died_on="2026-11-20", cause="DISEASE UNDER STUDY").saved.record
    assert Query.objects.get(rule="DOS-023").status == QueryStatus.CLOSED
    from crf import actions

    actions.void(record=record, by=world.user("COORDINATOR", "FR03"), reason="Wrong patient")
    assert Query.objects.get(rule="DOS-023").status == QueryStatus.OPEN


# ---- stored data that cannot be true ---------------------------------------------------------------------------------


@pytest.fixture
def impossible(world):
    """A submitted dose whose end lies before its start, as only an import or an older rule could have left it."""
    patient = world.enrolled()
    record = world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "1").saved.record
    behind_its_back(type(record), record.pk, end_time="08:00")
    return patient


def test_a_re_check_finds_it_and_opens_a_query(world, impossible):
    recheck([impossible])
    query = Query.objects.get(rule="DOS-007")
    assert (query.status, query.field, query.value) == (QueryStatus.OPEN, "end_time", "08:00")
    assert "ends (08:00) before it starts (10:00)" in query.text


def test_it_never_blocks_the_correction_of_another_field(world, coordinator, impossible):
    recheck([impossible])
    page = Page(world, coordinator, impossible, "EC", "C1D1")
    page.fill(reason_details="Seen by Dr X").post("submit", change_reason="Added")
    assert page.response.status_code == 302, page.read.findings
    assert registry.form("EC").objects.get().reason_details == "Seen by Dr X"
    assert Query.objects.get(rule="DOS-007").status == QueryStatus.OPEN


@pytest.mark.parametrize("changed", [{"end_time": "09:00"}, {"start_time": "12:00"}, {"given_on": "2026-11-19"}])
def test_it_blocks_while_a_field_that_it_reads_is_changed_to_what_still_cannot_be(world, coordinator, impossible, changed):
    page = Page(world, coordinator, impossible, "EC", "C1D1")
    page.fill(**changed).post("submit", change_reason="Corrected")
    assert page.response.status_code == 422
    assert "DOS-007" in page.read.rules("summary")


def test_its_correction_closes_the_query(world, coordinator, impossible):
    recheck([impossible])
    page = Page(world, coordinator, impossible, "EC", "C1D1")
    page.fill(end_time="11:00").post("submit", change_reason="Corrected")
    assert page.response.status_code == 302
    query = Query.objects.get(rule="DOS-007")
    assert query.status == QueryStatus.CLOSED
    assert "08:00 → 11:00" in query.text


def test_an_error_reads_its_own_record_only():
    """Two forms can never lock each other."""
    for rule in RULES.values():
        if rule.severity is Severity.ERROR:
            assert rule.forms == {rule.form}
            assert not any(need.many for need in rule.needs)


# ---- re-check --------------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(world):
    """A patient with findings of every stored kind: an open query, an accepted one, a deviation, a draft."""
    patient = world.enrolled()
    day = patient.enrolled_on.isoformat()
    world.dose(patient, "C1D1", day, "5,5", **{"confirm-DOS-001": "1", "why-DOS-001": "Pump set wrongly"})
    world.enter(patient, "ECOG", "C1D1", assessed_on=day, ecog="5")
    world.enter(patient, "AE", "new", term="Pyrexia", scale="CTCAE 5.0", grade="5", serious="Y", aware_on=day, aware_time="UNK")
    world.enter(patient, "PD", "FU", action="save")
    from review.actions import act_on_query
    from review.states import Act

    for rule in ("SCR-007", "DOS-001"):
        query = Query.objects.get(rule=rule)
        act_on_query(user=world.user("COORDINATOR", "FR03"), query=query, act=Act.ANSWER, text="", value="5")
        act_on_query(user=world.user("MONITOR", "FR03"), query=query, act=Act.CLOSE, text="", value="5")
    return patient


def snapshot() -> list:
    return [
        list(Query.objects.order_by("id").values_list("id", "version", "status", "text")),
        list(Deviation.objects.order_by("id").values_list("id", "version", "status")), ChangeSet.objects.count(),
    ]  # fmt: skip


def test_a_re_check_of_what_the_forms_saved_writes_nothing(busy):
    before = snapshot()
    assert tuple(recheck(Patient.objects.all())) == (0, 0)
    assert snapshot() == before


def test_a_second_re_check_writes_nothing(busy, impossible):
    recheck(Patient.objects.all())
    before = snapshot()
    assert tuple(recheck(Patient.objects.all())) == (0, 0)
    assert snapshot() == before
    assert list(Query.objects.filter(rule__in=["SCR-007", "DOS-001"]).values_list("status", flat=True)) == ["CLOSED", "CLOSED"]


def test_a_draft_gets_no_query_by_a_re_check(busy):
    recheck(Patient.objects.all())
    assert not Query.objects.filter(form="PD").exists()


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_command_is_content_with_what_the_forms_saved(world):
    world.enrolled()
    out, failed = check_rules()
    assert failed == ""
    assert "Queries opened: 0, closed: 0." in out
    assert "agree" in out


def test_the_command_prints_a_line_per_rule_with_its_count(busy):
    out, failed = check_rules()
    assert failed == ""
    assert "DOS-001 DEVIATION: 1" in out.splitlines()
    assert "SCR-007 QUERY: 1" in out.splitlines()
    assert not any(line.startswith("PD-") for line in out.splitlines())


def test_the_command_fails_when_it_has_to_open_queries(world, impossible):
    out, failed = check_rules()
    assert "DOS-007 ERROR: 1" in out.splitlines()
    assert failed == "1 values that cannot be true, 1 queries opened."
    assert Query.objects.get(rule="DOS-007").status == QueryStatus.OPEN
    out, failed = check_rules()
    assert failed == "1 values that cannot be true, 0 queries opened."


def test_a_dry_run_counts_the_same_and_writes_nothing(world, impossible):
    before = snapshot()
    out, failed = check_rules("--dry-run")
    assert "DOS-007 ERROR: 1" in out.splitlines()
    assert "Queries would be opened: 1, would be closed: 0." in out
    assert failed == "1 values that cannot be true, 1 queries would be opened."
    assert snapshot() == before


def test_the_command_closes_what_no_longer_applies(world, coordinator):
    patient = world.patient()
    record = world.enter(patient, "ECOG", "SCR", assessed_on="2026-06-10", ecog="5").saved.record
    behind_its_back(type(record), record.pk, ecog="2")
    out, failed = check_rules()
    assert failed == ""
    query = Query.objects.get(rule="SCR-007")
    assert (query.status, query.text) == (QueryStatus.CLOSED, "Closed by a re-check of all rules: it no longer applies.")


def test_the_command_works_on_an_empty_trial(db):
    assert check_rules()[1] == ""
