"""The safety desk: assessments, authorities, pregnancies, its list, exports and pages; end to end."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import OutboxMail
from adverse_events import actions
from adverse_events.actions import Judged, NotDone
from adverse_events.reports import SafetyReport, SponsorAssessment
from audit import clock
from exports.safety import safety
from tests.adverse_events.reporting import DAY, EVENT, PHONED, case, change, send, sign
from tests.crf.fixtures import NOON
from tests.crf.page import read

pytestmark = pytest.mark.usefixtures("noon")
# ---- the sponsor ------------------------------------------------------------------------------------------------------


def test_the_sponsors_opinion_stands_beside_and_keeps_its_history(world, coordinator, investigator, desk, record):
    send(coordinator, record)
    for user in (coordinator, investigator, world.user("MONITOR", "FR03"), world.user("DATA_MANAGER")):
        with pytest.raises(PermissionDenied):
            actions.assess(user=user, case=case(record), judged=Judged(causality="N"), version=0)
    with pytest.raises(NotDone) as refusal:
        actions.assess(user=desk, case=case(record), judged=Judged(causality="Y", expectedness="UNEXPECTED"), version=0)
    assert set(refusal.value.faults) == {"rsi"}, "no version is named yet"
    rsi = actions.add_rsi(user=desk, name="Brochure, edition one, section seven", dated_on=date(2026, 5, 4))
    actions.assess(user=desk, case=case(record), judged=Judged(causality="Y", expectedness="UNEXPECTED", rsi=str(rsi.pk)), version=0)
    with pytest.raises(NotDone):
        actions.assess(user=desk, case=case(record), judged=Judged(causality="N", comment="Another"), version=0)  # the page was old
    actions.assess(user=desk, case=case(record), judged=Judged(causality="N", comment="Another cause is likely"), version=1)
    stored = SponsorAssessment.objects.get()
    assert (stored.causality, stored.expectedness, stored.rsi, stored.version) == ("N", "", None, 2)
    record.refresh_from_db()
    assert record.relationship == "NOT YET ASSESSED", "the investigator's judgement is untouched"
    url, words = case(record).url, "Another cause is likely"
    assert words in read(world.client(desk).get(url)).shown and "expected by Brochure" in read(world.client(desk).get(url)).shown.lower().replace("brochure", "Brochure")
    assert words not in read(world.client(investigator).get(url)).shown, "not before the investigator has judged"
    assert words in read(world.client(world.user("MONITOR", "FR03")).get(url)).shown
    change(world, record, relationship="Y")
    assert words in read(world.client(investigator).get(url)).shown


@pytest.mark.parametrize(
    ("judged", "faults"),
    [
        ({}, {"causality"}), ({"causality": "MAYBE"}, {"causality"}), ({"causality": "Y", "expectedness": "EXPECTED"}, {"rsi"}),
        ({"causality": "Y", "expectedness": "EXPECTED", "rsi": "999999"}, {"rsi"}), ({"causality": "Y", "serious": "N"}, {"comment"}),
        ({"causality": "Y", "serious": "X"}, {"serious"}), ({"causality": "NOT YET ASSESSED"}, set()),
        ({"causality": "Y", "serious": "N", "comment": "A planned stay only"}, set()),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_assessment(desk, record, judged, faults):
    if faults:
        with pytest.raises(NotDone) as refusal:
            actions.assess(user=desk, case=case(record), judged=Judged(**judged), version=0)
        assert set(refusal.value.faults) == faults
    else:
        actions.assess(user=desk, case=case(record), judged=Judged(**judged), version=0)
        assert case(record).found.serious, "it stays serious, since the site says so"


def test_versions_of_the_reference_safety_information(world, desk, coordinator):
    with pytest.raises(PermissionDenied):
        actions.add_rsi(user=coordinator, name="Brochure, edition one, section seven", dated_on=date(2026, 5, 4))
    for name, day in (("Brochure", date(2026, 5, 4)), ("Brochure, edition one", None), ("Brochure, edition one", date(2026, 11, 21))):
        with pytest.raises(NotDone):
            actions.add_rsi(user=desk, name=name, dated_on=day)
    first = actions.add_rsi(user=desk, name="Brochure, edition one", dated_on=date(2026, 11, 20))
    assert actions.add_rsi(user=desk, name="Brochure, edition one", dated_on=date(2026, 11, 20)).pk == first.pk
    with pytest.raises(NotDone):
        actions.withdraw_rsi(user=desk, pk=first.pk, reason="wrong")
    actions.withdraw_rsi(user=desk, pk=first.pk, reason="The date was wrong")
    shown = read(world.client(coordinator).get("/safety/reference/")).shown
    assert "The date was wrong" in shown and "Add a version" not in shown


def test_a_report_to_an_authority_is_entered_and_taken_back(world, desk, record):
    rsi = actions.add_rsi(user=desk, name="Brochure, edition one", dated_on=date(2026, 11, 20))
    actions.assess(user=desk, case=case(record), judged=Judged(causality="Y", expectedness="UNEXPECTED", rsi=str(rsi.pk)), version=0)
    (due,) = case(record).regulatory
    for given, faults in [
        ({"on": None, "reference": "EV-1"}, {"on"}), ({"on": date(2026, 11, 21), "reference": "EV-1"}, {"on"}),
        ({"on": date(2026, 11, 19), "reference": "EV-1"}, {"on"}), ({"on": date(2026, 11, 20), "reference": " "}, {"reference"}),
        ({"on": date(2026, 11, 20), "reference": "EV-1", "key": "Something|Else"}, {"due"}),
    ]:  # fmt: skip
        with pytest.raises(NotDone) as refusal:
            actions.tick(user=desk, case=case(record), **{"key": due.key, **given})
        assert set(refusal.value.faults) == faults
    for _ in range(2):  # the same click twice
        actions.tick(user=desk, case=case(record), key=due.key, on=date(2026, 11, 20), reference="EV-1")
    assert case(record).next_regulatory is None and len(case(record).authority) == 1
    with pytest.raises(NotDone):
        actions.untick(user=desk, case=case(record), key=due.key, reason="no")
    actions.untick(user=desk, case=case(record), key=due.key, reason="Sent for another case")
    assert case(record).next_regulatory is not None


# ---- pregnancies ------------------------------------------------------------------------------------------------------


def test_a_pregnancy_is_reported_like_a_serious_event(world, coordinator, investigator, desk, patient):
    record = world.enter(patient, "PREG", "new", whose="PARTNER", action="save").saved.record
    assert OutboxMail.objects.filter(key=f"pregnancy-{record.pk}", to_role="SAFETY_DESK").count() == 1
    assert patient.number not in OutboxMail.objects.get(key=f"pregnancy-{record.pk}").body
    world.enter(patient, "PREG", "1", whose="PARTNER", learned_on=DAY, learned_time="10:00", agreed="Y", action="save")
    assert OutboxMail.objects.filter(key__startswith="pregnancy-").count() == 1
    assert case(record).clock.due == NOON - timedelta(hours=3) + timedelta(hours=24)
    assert "report due in 21 h" in read(world.client(coordinator).get(reverse("patient", args=[patient.number]))).shown
    assert "Pregnancy of the patient's partner" in read(world.client(desk).get("/safety/?what=PREG")).shown
    send(coordinator, record, narrative="A test was positive")
    sign(investigator, record)
    actions.acknowledge(user=desk, case=case(record))
    assert case(record).against_closing == ["The final outcome is not known."]
    with pytest.raises(NotDone):
        actions.assess(user=desk, case=case(record), judged=Judged(causality="Y"), version=0)


# ---- the list ---------------------------------------------------------------------------------------------------------


def rows(client, query="") -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(f"/safety/?csv=1&{query}").content.decode())))[1:]


def test_the_list_its_filters_and_its_file(world, coordinator, desk, record):
    other = world.enter(world.patient("IT02"), "AE", "new", serious="Y", term="Sepsis", action="save").saved.record
    world.enter(record.patient, "AE", "new", **{**EVENT, "serious": "N", "is_hospitalisation": "", "aware_on": "", "aware_time": ""})
    send(coordinator, record)
    client = world.client(desk)
    assert [(row[0], row[4], row[-1]) for row in rows(client)] == [
        (other.patient.number, "Sepsis", "Report is due"), (record.patient.number, "Fever", "Version 1 to be read"),
    ]  # fmt: skip
    for query, count in [("state=UNREAD", 1), ("state=UNSIGNED", 1), ("state=UNREPORTED", 1), ("state=CLOSED", 0), ("site=IT02", 1), ("what=PREG", 0), (f"patient={record.patient.number.lower()}", 1), ("authority=DATED", 2)]:
        assert len(rows(client, query)) == count, query
    assert [row[0] for row in rows(client, "sort=-patient")] == sorted([record.patient.number, other.patient.number], reverse=True)
    assert [row[0] for row in rows(world.client(coordinator))] == [record.patient.number], "another site's events do not exist"
    shown = read(client.get("/safety/")).shown
    assert "1 report to come" in shown and "1 to be read" in shown and "(1 unread)" in shown


def test_the_list_costs_the_same_for_many(world, coordinator, desk, record, django_assert_max_num_queries):
    send(coordinator, record)
    client = world.client(desk)
    client.get("/safety/")
    with django_assert_max_num_queries(12):
        client.get("/safety/")
    for _ in range(4):
        made = world.enter(record.patient, "AE", "new", serious="Y", action="save").saved.record
        send(coordinator, made)
    with django_assert_max_num_queries(12):
        client.get("/safety/")


def test_the_worst_grade_is_shown_and_not_the_first(world, coordinator, desk, record):
    world.enter(record.patient, "AEG", "new", event="1", grade="4", changed_on=DAY)
    client = world.client(desk)
    listed = client.get("/safety/").content.decode()
    assert "Grade 4" in listed and "Grade 2" not in listed
    assert [row[5] for row in rows(client)] == ["4"]
    assert "Fever, grade 4" in read(client.get(case(record).url)).shown


def test_what_waits_stands_on_the_home_page(world, coordinator, investigator, desk, record):
    assert "1 serious event to report" in read(world.client(coordinator).get("/")).shown
    send(coordinator, record)
    assert "0 serious events to report" in read(world.client(coordinator).get("/")).shown
    assert "1 report not signed yetyou sign" in read(world.client(investigator).get("/")).shown
    assert len(rows(world.client(investigator), "state=UNSIGNED")) == len(rows(world.client(desk), "state=UNREAD")) == 1, "it waits for both"
    shown = read(world.client(desk).get("/")).shown
    assert "1 version to read" in shown and "1 event to assess" in shown


# ---- exports ----------------------------------------------------------------------------------------------------------


def test_reports_and_assessments_are_tables_of_their_own(world, coordinator, desk, record):
    from exports.identity import Identity
    from exports.subjects import subjects_at

    send(coordinator, record, narrative="A fever", **PHONED)
    rsi = actions.add_rsi(user=desk, name="Brochure, edition one", dated_on=date(2026, 11, 20))
    actions.assess(user=desk, case=case(record), judged=Judged(causality="Y", expectedness="UNEXPECTED", rsi=str(rsi.pk)), version=0)
    actions.tick(user=desk, case=case(record), key=case(record).regulatory[0].key, on=date(2026, 11, 20), reference="EV-1")
    now = clock.now() + timedelta(seconds=1)
    found = {table.name: [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows()]
             for table in safety(now, subjects_at(now), Identity(now))}  # fmt: skip
    (report,), (stored,), (judged,), (made,), (version,) = (found[name] for name in ("safety_reports", "safety_cases", "sponsor_assessments", "authority_reports", "rsi"))
    assert (report["SUBJID"], report["SAERNUM"], report["SAERCAT"], report["NARRATIV"], report["EVENTID"]) == (record.patient.number, 1, "ORIGINAL", "A fever", record.pk)
    assert (stored["OTHRDAT"], stored["OTHRTIM"], stored["OTHRACKN"]) == (DAY, "10:00", None)
    assert (judged["SPREL"], judged["SPEXP"], judged["RSIID"], version["RECID"]) == ("Y", "UNEXPECTED", rsi.pk, rsi.pk)
    assert (made["RECIP"], made["REPREF"]) == ("EudraVigilance", "EV-1")


# ---- the pages --------------------------------------------------------------------------------------------------------


def test_an_hour_that_did_not_exist_is_refused_and_nothing_typed_is_lost(world, coordinator, record):
    url = reverse("report", args=[record.patient.number, "AE", "1"])
    typed = {"base": "0", "narrative": "A long narrative", "other_on_0": "29", "other_on_1": "3", "other_on_2": "2026", "other_time": "02:30", "other_channel": "FAX"}
    answer = world.client(coordinator).post(url, typed)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "the clocks went forward" in shown and "A long narrative" in shown and 'value="02:30"' in shown
    assert not SafetyReport.objects.exists()


def test_an_unknown_act_is_not_found_and_a_wrong_one_is_said(world, coordinator, desk, record):
    url = case(record).url
    assert world.client(desk).post(url, {"action": "explode"}).status_code == 404
    answer = world.client(desk).post(url, {"action": "close", "reason": "Because I want to"})
    assert answer.status_code == 422 and "Nothing has been reported yet." in answer.content.decode()
    assert world.client(coordinator).post(url, {"action": "close", "reason": "Because I want to"}).status_code == 403
    assert world.client(world.user("COORDINATOR", "IT02")).get(url).status_code == 404
