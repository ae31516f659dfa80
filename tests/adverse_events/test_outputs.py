"""The outputs of real records: of every serious event of the simulated trial, as entered and as sent; who may print, and the trail."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from adverse_events import cioms, e2b
from adverse_events.actions import Typed, send_report
from adverse_events.case import case_of, gathered
from adverse_events.icsr import icsr_of
from adverse_events.models import AdverseEvent
from adverse_events.reports import SponsorAssessment
from audit import clock
from audit.context import SYSTEM, acting
from audit.models import Change
from crf import registry
from tests.adverse_events.schema import problems
from tests.crf.fixtures import NOON

DAY = "2026-11-16"
EVENT = {
    "term": "Cytokine release syndrome", "scale": "ASTCT 2019", "grade": "2", "started_on": DAY, "started_time": "21:30", "ongoing": "Y",
    "outcome": "RECOVERING/RESOLVING", "relationship": "Y", "action_taken": "DOSE NOT CHANGED", "serious": "Y", "is_hospitalisation": "Y",
    "aware_on": "2026-11-17", "aware_time": "08:00",
}  # fmt: skip


def text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


@pytest.fixture
def sick(world, noon, coordinator):
    """A treated patient with a serious event, lot and treatment known."""
    with clock.set_to(NOON - timedelta(days=5)):
        patient = world.enrolled()
    world.dose(patient, "C1D1", DAY, "1", start_time="09:00", end_time="10:00")
    world.enter(patient, "AE", "new", action="save", **EVENT)
    world.enter(patient, "CM", "new", name="Tocilizumab", drug_class="OTHER", dose="480", dose_unit="mg", route="INTRAVENOUS", started_on="2026-11-17", ongoing="N",
                ended_on="2026-11-17", for_event="1", action="save")  # fmt: skip
    return patient


def case(patient):
    return case_of(AdverseEvent.objects.select_related("patient__site").get(patient=patient))


def sent(world, patient, narrative: str = "Fever after the first dose."):
    send_report(user=world.user("COORDINATOR", "FR03"), number=patient.number, form="AE", row=1, typed=Typed(narrative=narrative, reporter="PHYSICIAN", late_reason="No one was there"), base=0)


def url(patient, **query) -> str:
    found = reverse("safety_outputs", args=["AE", AdverseEvent.objects.get(patient=patient).pk])
    return found + ("?version={version}".format(**query) if query else "")


def printed(world, role: str, patient, output: str = "cioms", version: str = "", *sites: str):
    return world.client(world.user(role, *sites)).post(url(patient), {"output": output, "version": version})


# ---- from the records ------------------------------------------------------------------------------------------------


def test_the_report_says_what_is_entered(sick):
    report = icsr_of(case(sick))
    event = report.event
    assert (event.name, event.worst, event.after_dose, event.criteria) == ("Cytokine release syndrome", "2", "C1D1", ("is_hospitalisation",))
    assert (event.since_dose.least, event.since_dose.most) == (750, 750)
    assert report.subject.age == (67, 68)  # born in 1958, of which nobody may know the month
    assert [(each.label, each.dose_mg) for each in report.given] == [("C1D1", 1)]
    assert [(each.name, each.treats) for each in report.drugs] == [("Tocilizumab", True)]
    assert "Small cell lung cancer" in [each.name for each in report.history]
    assert report.version == 0
    assert {each.what for each in report.missing} >= {"the sponsor's causality", "when the sponsor first received it", "the site's narrative"}


def test_no_identity_reaches_either_output(sick):
    """The birth date as entered, in any spelling, is nowhere."""
    report = icsr_of(case(sick))
    assert "1958" not in text(cioms.pdf(report))
    assert b"1958" not in e2b.message(report)


def test_one_query_however_many_records(sick, world, django_assert_num_queries):
    found = gathered(list(AdverseEvent.objects.select_related("patient__site")))[0]
    found.last, found.first_report, found.found  # noqa: B018  read before, so that the facts alone are counted
    with django_assert_num_queries(1):
        icsr_of(found)


def test_worse_later_is_worse_in_the_report(sick, world):
    world.enter(sick, "AEG", "new", event="1", grade="3", changed_on="2026-11-17", changed_time="02:00", action="save")
    report = icsr_of(case(sick))
    assert [(each.grade, str(each.at)) for each in report.event.grades] == [("2", "16-Nov-2026 21:30"), ("3", "17-Nov-2026 02:00")]
    assert report.event.worst == "3"


@pytest.mark.parametrize(("ended", "listed"), [("2026-10-17", True), ("2026-10-16", False), ("2026-11-20", True), ("2026", True)])
def test_what_ended_long_before_is_not_concomitant(sick, world, ended, listed):
    """Thirty days before the onset, the parameter, are still near."""
    world.enter(sick, "CM", "new", name="Bisoprolol", drug_class="OTHER", route="ORAL", started_on="2025", ongoing="N", ended_on=ended, action="save")
    assert ("Bisoprolol" in [each.name for each in icsr_of(case(sick)).drugs]) is listed


# ---- a version, as it was sent ---------------------------------------------------------------------------------------


def test_a_version_prints_as_it_was_sent(sick, world):
    sent(world, sick)
    with clock.set_to(NOON + timedelta(hours=1)):
        world.enter(sick, "AE", "1", action="save", change_reason="corrected", **EVENT | {"term": "Sepsis", "scale": "CTCAE 5.0"})
    now = case(sick)
    as_sent, live = icsr_of(now, now.versions[0]), icsr_of(now)
    assert (as_sent.event.term, live.event.term) == ("Cytokine release syndrome", "Sepsis")
    assert as_sent.event.worst == "2" and as_sent.event.after_dose == "C1D1"
    assert as_sent.narrative == "Fever after the first dose."
    assert as_sent.subject.age == live.subject.age
    assert (as_sent.version, as_sent.first_received) == (1, NOON)
    assert as_sent.reporter.role == "Physician"
    assert (as_sent.edition, live.edition) == ("version 1", "not sent, after version 1")
    assert problems(e2b.message(as_sent)) == []


def test_the_same_version_makes_the_same_report_until_something_is_entered(sick, world):
    """Nothing is lost on the way through what was stored with the version."""
    sent(world, sick)
    now = case(sick)
    as_sent, live = icsr_of(now, now.versions[0]), icsr_of(now)
    assert as_sent.event == live.event
    assert as_sent.doses == live.doses
    assert as_sent.drugs == live.drugs
    assert [each for each in as_sent.history if each not in live.history] == []


def test_both_judgements_and_the_reference(sick, world):
    from adverse_events.reports import RsiVersion

    with acting(SYSTEM, reason="test", source="test"):
        rsi = RsiVersion.objects.create(name="Investigator's Brochure, edition 12", dated_on=NOON.date())
        SponsorAssessment.objects.create(patient=sick, form="AE", record=case(sick).record.pk, causality="N", expectedness="UNEXPECTED", rsi=rsi,
                                         assessed_at=NOON, assessed_name="Safety desk")  # fmt: skip
    report = icsr_of(case(sick))
    assert (report.event.investigator.relationship, report.event.sponsor.relationship) == ("Y", "N")
    assert report.event.sponsor.reference.startswith("Investigator's Brochure, edition 12")
    assert report.susar is True  # the investigator's alone makes it one
    withheld = icsr_of(case(sick), sees_sponsor=False)
    assert withheld.event.sponsor.withheld and withheld.susar is None
    said = text(cioms.pdf(withheld))
    assert "edition 12" not in said and "not shown before the investigator's own judgement" in said
    assert b"edition 12" not in e2b.message(withheld)


# ---- the page and the print ------------------------------------------------------------------------------------------


def test_the_page_lists_what_is_not_filled_and_shows_the_form(sick, world):
    sent(world, sick)
    page = world.client(world.user("SAFETY_DESK")).get(url(sick)).content.decode()
    for said in ("Not filled", "MedDRA lowest level term: needs a MedDRA licence", "7 + 13. DESCRIBE REACTION", "Tocilizumab", "Version 1", "Not for transmission"):
        assert said in page, said
    assert "as sent with version 1" in world.client(world.user("SAFETY_DESK")).get(url(sick, version=1)).content.decode()


@pytest.mark.parametrize(("output", "kind", "begins"), [("cioms", "application/pdf", b"%PDF-"), ("e2b", "application/xml", b"<?xml")])
@pytest.mark.parametrize("role", ["SAFETY_DESK", "COORDINATOR", "INVESTIGATOR"])
def test_a_print_is_a_file_and_one_line_of_the_trail(sick, world, role, output, kind, begins):
    before = Change.objects.filter(form="ACCESS").count()
    response = printed(world, role, sick, output)
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert response.content.startswith(begins)
    new = Change.objects.filter(form="ACCESS").order_by("-id")[: Change.objects.filter(form="ACCESS").count() - before]
    assert [(each.field, each.new) for each in new if "print" in each.field] == [("print of a safety report", response["Content-Disposition"].split('"')[1])]


@pytest.mark.parametrize("role", ["MONITOR", "DATA_MANAGER", "INSPECTOR", "MEDICAL_REVIEWER"])
def test_who_reads_sees_the_page_and_prints_nothing(sick, world, role):
    sites = ("FR03",) if role == "MONITOR" else ()
    user = world.user(role, *sites)
    assert world.client(user).get(url(sick)).status_code == 200
    before = Change.objects.count()
    assert world.client(user).post(url(sick), {"output": "cioms"}).status_code == 403
    assert Change.objects.count() == before


@pytest.mark.parametrize(("role", "site"), [("COORDINATOR", "FR01"), ("MONITOR", "FR01"), ("STATISTICIAN", ""), ("PHARMACIST", "FR03"), ("ADMINISTRATOR", "")])
def test_elsewhere_it_does_not_exist(sick, world, role, site):
    client = world.client(world.user(role, *([site] if site else [])))
    assert client.get(url(sick)).status_code == client.post(url(sick), {"output": "cioms"}).status_code == 404


@pytest.mark.parametrize(("output", "version"), [("doc", ""), ("", ""), ("cioms", "1"), ("cioms", "x"), ("e2b", "-1"), ("e2b", "٣")])
def test_what_there_is_not_is_not_found(sick, world, output, version):
    assert printed(world, "SAFETY_DESK", sick, output, version).status_code == 404


def test_the_site_sees_the_sponsors_opinion_after_its_own(sick, world):
    with acting(SYSTEM, reason="test", source="test"):
        SponsorAssessment.objects.create(patient=sick, form="AE", record=case(sick).record.pk, causality="N", comment="Pneumonia was found",
                                         assessed_at=NOON, assessed_name="Safety desk")  # fmt: skip
    world.enter(sick, "AE", "1", action="save", **EVENT | {"relationship": "NOT YET ASSESSED"})
    assert "Pneumonia was found" not in printed(world, "COORDINATOR", sick, "e2b").content.decode()
    assert "Pneumonia was found" in printed(world, "SAFETY_DESK", sick, "e2b").content.decode()




# ---- the simulated trial ---------------------------------------------------------------------------------------------


def test_every_serious_event_of_the_trial_prints_and_is_valid(trial, db):
    """As entered now, and each version as it was sent."""
    found = list(AdverseEvent.objects.filter(serious="Y", voided=False).select_related("patient__site", "visit"))
    assert len(found) >= 3
    birth_dates = {pk: born for pk, born in registry.form("DM").objects.values_list("patient_id", "birth_date")}
    wrong, versions = [], 0
    for each in gathered(found):
        for version in (None, *(one for one in each.versions if one.category != "NULLIFICATION")):
            report = icsr_of(each, version)
            message, said = e2b.message(report), text(cioms.pdf(report))
            wrong += [(each.record.pk, line) for line in problems(message)]
            assert report.event.name.split(":")[0] in said
            born = birth_dates.get(each.record.patient_id, "")
            assert len(born) <= 4 or (born not in said and born.replace("-", "") not in message.decode())
            versions += version is not None
    assert wrong == []
    assert versions >= 2
