"""Treatment as a coordinator enters it: a first cycle with an overnight stay, a delay and a repeated step-up, a stop for
toxicity; asserted on records, queries and the register.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from audit import clock
from crf import registry
from crf.links import linked_here, offers
from protocol.stock import VialAct
from review.models import Deviation, Query, QueryStatus
from tests.clinical.pharmacy import Pharmacy
from tests.conftest import WHOLE
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")
DEX = {"name": "Dexamethasone", "drug_class": "CORTICOSTEROID", "steroid": "DEXAMETHASONE", "purpose": "PROPHYLAXIS OF TARLATAMAB AE",
       "dose": "8", "dose_unit": "mg", "frequency": "ONCE", "route": "INTRAVENOUS", "ongoing": "N"}  # fmt: skip
EVENT = {"scale": "CTCAE 5.0", "serious": "N", "relationship": "Y", "special_interest": "NONE", "baseline": "N", "treatment_given": "N"}


@pytest.fixture
def patient(world):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        return world.enrolled()


def given(world, patient, label, day, mg, **more):
    answers = {"occurrence": "GIVEN", "given_on": day, "start_time": "10:00", "end_time": "11:00", "dose_mg": mg, "prepared_mg": mg}
    return world.enter(patient, "EC", label, **{**answers, **more}).saved.record


def premedicated(world, patient, label, day, at="09:15"):
    on = {"started_on": day, "started_time": at, "ended_on": day, "ended_time": at}
    return world.enter(patient, "CM", "new", **DEX, **on, around_dose=label).saved.record


def watched(world, patient, label, day, until, at):
    world.enter(patient, "MON", label, place="WARD", started_on=day, started_time="10:00", ended_on=until, ended_time=at, stayed_near="Y")


def waiting():
    return sorted(Query.objects.exclude(status=QueryStatus.CLOSED).values_list("rule", flat=True))


def test_a_whole_course_without_a_false_query(world, patient):
    stepping = {"premedication": "Y", "hydration": "Y"}
    given(world, patient, "C1D1", "2026-09-02", "1", **stepping)
    premedicated(world, patient, "C1D1", "2026-09-02")
    watched(world, patient, "C1D1", "2026-09-02", "2026-09-03", "09:00")
    rash = world.enter(
        patient, "AE", "new", term="Rash maculo-papular", grade="2", started_on="2026-09-06", ongoing="N", ended_on="2026-09-16",
        outcome="RECOVERED/RESOLVED", action_taken="DRUG INTERRUPTED", **EVENT,
    ).saved.record  # fmt: skip
    world.enter(patient, "EC", "C1D8", occurrence="DELAYED", reason="ADVERSE EVENT", reason_event=str(rash.row))
    # 16 days after C1D1: 1 mg again, and 10 mg a week later under the label that was waiting.
    given(world, patient, "R1", "2026-09-18", "1", **stepping)
    premedicated(world, patient, "R1", "2026-09-18")
    watched(world, patient, "R1", "2026-09-18", "2026-09-19", "08:00")
    given(world, patient, "C1D8", "2026-09-25", "10", change_reason="Given at last", reason="ADVERSE EVENT", reason_event=str(rash.row), **stepping)
    premedicated(world, patient, "C1D8", "2026-09-25")
    watched(world, patient, "C1D8", "2026-09-25", "2026-09-26", "08:00")
    liver = world.enter(
        patient, "AE", "new", term="Alanine aminotransferase increased", grade="4", started_on="2026-09-28", ongoing="Y",
        outcome="NOT RECOVERED/NOT RESOLVED", action_taken="DOSE NOT CHANGED", **EVENT,
    ).saved.record  # fmt: skip
    world.enter(patient, "EOT", "EOT", ended_on="2026-09-29", reason="ADVERSE EVENT", event=str(liver.row))
    assert waiting() == ["DOS-024", "DOS-065"]  # the event does not say yet that the drug was withdrawn
    world.enter(
        patient, "AE", str(liver.row), term="Alanine aminotransferase increased", grade="4", started_on="2026-09-28", ongoing="Y",
        outcome="NOT RECOVERED/NOT RESOLVED", action_taken="DRUG WITHDRAWN", left_study="N", change_reason="Decided today", **EVENT,
    )  # fmt: skip
    assert waiting() == []
    assert not Deviation.objects.exists()
    page = Page(world, world.user("COORDINATOR", "FR03"), patient, "EOT", "EOT").read.shown
    assert "Last dose: C1D8 on 25-Sep-2026. Contraception lasts to 24-Nov-2026" in page


def test_every_true_deviation_is_listed(world, patient):
    given(world, patient, "C1D1", "2026-09-02", "1")
    why = {f"{kind}-{rule}": "x" for rule in ("DOS-040", "DOS-003", "DOS-042") for kind in ("confirm", "why")}
    given(world, patient, "R1", "2026-09-16", "1", **why)  # day 14: 10 mg would follow
    given(world, patient, "C1D8", "2026-09-23", "7.5", **why)
    world.enter(patient, "WD", "FU", withdrawn_on="2026-09-24", scope=["TREATMENT"])
    given(world, patient, "C1D15", "2026-09-30", "10", **why)
    assert set(Deviation.objects.values_list("rule", flat=True)) == {"DOS-040", "DOS-003", "DOS-042"}


@pytest.mark.parametrize(("label", "until", "at", "asked"), [
    ("C1D1", "2026-09-03", "08:00", False), ("C1D1", "2026-09-03", "07:59", True), ("C1D1", "2026-09-02", "17:00", True),
])  # fmt: skip
def test_the_stay_of_the_first_night(world, patient, label, until, at, asked):
    given(world, patient, label, "2026-09-02", "1")
    watched(world, patient, label, "2026-09-02", until, at)
    assert (waiting() == ["DOS-046"]) == asked
    assert not Deviation.objects.exists()  # what rests on the label is never one


def test_an_infusion_stopped_and_never_finished(world, coordinator, patient):
    reaction = world.enter(patient, "AE", "new", term="Infusion related reaction", grade="2", started_on="2026-09-02", started_time="10:20",
                           ongoing="N", ended_on="2026-09-02", ended_time="11:00", outcome="RECOVERED/RESOLVED", action_taken="DRUG INTERRUPTED",
                           **EVENT).saved.record  # fmt: skip
    page = Page(world, coordinator, patient, "EC", "C1D1").fill(
        occurrence="GIVEN", given_on="2026-09-02", start_time="10:00", end_time="10:50", prepared_mg="1", dose_mg="0.6", **WHOLE)
    page.fill(completed="N", stop_reason="ADVERSE EVENT", volume_ml="150", interruptions="1", stopped_1="10:20", restarted_1="10:35", reaction="Y",
              reaction_event=str(reaction.row))  # fmt: skip
    page.post("submit", **{"confirm-DOS-001": "1", "why-DOS-001": "Stopped for the reaction"})
    assert page.response.status_code == 302
    record = registry.form("EC").objects.get()
    assert (record.completed, str(record.dose_mg), record.reaction_event) == ("N", "0.60", "1")
    assert set(Deviation.objects.values_list("rule", flat=True)) == {"DOS-001"}
    assert waiting() == ["DOS-001"]


@pytest.mark.parametrize(("answers", "rule", "field"), [
    ({"start_time": "10:00", "end_time": "09:00"}, "DOS-007", "end_time"),
    ({"start_time": "23:30", "end_time": "00:30"}, "DOS-007", "end_time"),
    ({"ended_on": "2026-09-01"}, "DOS-054", "ended_on"),
    ({"interruptions": "1", "stopped_1": "10:40", "restarted_1": "10:30"}, "DOS-053", "interruptions"),
    ({"given_on": "2026-03-29", "start_time": "02:30", "end_time": "04:00"}, "DOS-016", "start_time"),
])  # fmt: skip
def test_a_time_that_cannot_be_is_refused_at_its_field_and_nothing_is_lost(world, coordinator, patient, answers, rule, field):
    page = Page(world, coordinator, patient, "EC", "C1D1")
    page.fill(**{"occurrence": "GIVEN", "given_on": "2026-09-02", "start_time": "10:00", "end_time": "11:00", "dose_mg": "1", "vials": "A-1",
                 **WHOLE, **answers}).post("submit")  # fmt: skip
    assert page.response.status_code == 422
    assert rule in page.read.rules(field)
    assert page.read.data["vials"] == ["A-1"]
    assert not registry.form("EC").objects.exists()


def test_an_infusion_past_midnight_is_stored(world, patient):
    given(world, patient, "C1D1", "2026-09-02", "1", start_time="23:30", end_time="00:30", ended_on="2026-09-03")
    assert not Query.objects.exists()


# Links ------------------------------------------------------------------------------------------------------------------------


def test_a_link_offers_the_patients_own_records_only(world, coordinator, patient):
    world.enter(patient, "AE", "new", term="Nausea", grade="1", started_on="2026-09-03", **EVENT)
    other = world.patient()
    world.enter(other, "AE", "new", term="Cough", grade="1", started_on="2026-09-03", **EVENT)
    assert [words for _, words in offers(patient, "AE")] == ["1 – Nausea, 03-Sep-2026"]
    page = Page(world, coordinator, patient, "EC", "C1D8").fill(occurrence="DELAYED", reason="ADVERSE EVENT")
    page.read.data["reason_event"] = ["2"]
    assert page.post("submit").status_code == 422
    assert "EC-ECAENO-codelist" in page.read.rules("reason_event")


def test_what_points_to_a_record_is_shown_there_and_can_be_added_from_there(world, coordinator, patient):
    dose = given(world, patient, "C1D1", "2026-09-02", "1")
    premedicated(world, patient, "C1D1", "2026-09-02")
    page = Page(world, coordinator, patient, "EC", "C1D1").read.shown
    assert "Medication 1: Dexamethasone 8 mg, 45 min before the infusion C1D1" in page
    dose.patient = patient
    group = next(each for each in linked_here(dose, may_enter=True) if each.title == "Medication")
    assert group.add_url.endswith("/form/CM/new/?around_dose=C1D1")
    fresh = read(world.client(coordinator).get(group.add_url))
    assert fresh.data["around_dose"] == ["C1D1"]
    assert not [each for each in linked_here(dose, may_enter=False) if not each.records]


def test_a_void_record_leaves_no_silent_link(world, coordinator, patient):
    from crf import actions

    event = world.enter(patient, "AE", "new", term="Nausea", grade="1", started_on="2026-09-03", action_taken="DRUG INTERRUPTED", ongoing="Y",
                        outcome="NOT RECOVERED/NOT RESOLVED", **EVENT).saved.record  # fmt: skip
    world.enter(patient, "EC", "C1D8", occurrence="DELAYED", reason="ADVERSE EVENT", reason_event="1")
    event.patient = patient
    actions.void(record=event, by=coordinator, reason="another patient's")
    assert waiting() == ["EC-ECAENO-link"]
    assert [words for _, words in offers(patient, "AE", "1")] == ["1 – Nausea, 03-Sep-2026 (void)"]
    assert offers(patient, "AE") == []
    actions.restore(record=event, by=coordinator, reason="it was this one")
    assert waiting() == []


# The patient's page ---------------------------------------------------------------------------------------------------------------


def casebook(world, user, patient):
    response = world.client(user).get(f"/patients/{patient.number}/")
    assert response.status_code == 200
    return response.content.decode()


def test_the_calendar_its_picture_and_the_exposure(world, coordinator, patient):
    assert "Treatment over time" not in casebook(world, coordinator, patient)
    given(world, patient, "C1D1", "2026-09-02", "1")
    world.enter(patient, "AE", "new", term="Cytokine release syndrome", scale="ASTCT 2019", grade="2", started_on="2026-09-03", ongoing="N",
                ended_on="2026-09-05", serious="N")  # fmt: skip
    world.enter(patient, "SCAN", "new", scanned_on="2026-10-10", method="CT SCAN")
    page = casebook(world, coordinator, patient)
    for words in ("Treatment over time", "CRS grade 2, 03-Sep-2026 to 05-Sep-2026", "Scan, CT SCAN", "C1D1 given, 1 mg", "Cumulative dose",
                  "up to 14 days since it 10 mg", "/form/EC/R1/"):  # fmt: skip
        assert words in page, words
    shown = casebook(world, world.user("PHARMACIST", "FR03"), patient)
    assert "Treatment over time" in shown
    assert "CRS" not in shown.partition("timeline")[2].partition("figcaption")[0]
    assert "/form/EC/R1/" not in shown


def test_the_pharmacist_sees_no_more_than_the_dose_needs(world, patient):
    world.enter(patient, "AE", "new", term="Nausea", grade="1", started_on="2026-09-03", **EVENT)
    given(world, patient, "C1D1", "2026-09-02", "1", reaction="Y", reaction_event="1", reason="ADVERSE EVENT", reason_details="Felt sick",
          reason_event="1")  # fmt: skip
    client = world.client(world.user("PHARMACIST", "FR03"))
    for path in ("", "history/"):
        page = client.get(f"/patients/{patient.number}/form/EC/C1D1/{path}").content.decode()
        for word in ("Nausea", "Felt sick", "Adverse event 1", "Did the patient react"):
            assert word not in page, (path, word)
    assert client.get(f"/patients/{patient.number}/form/MON/C1D1/").status_code == 403


def test_a_pregnancy_stays_on_the_list_until_its_outcome(world, coordinator, patient):
    given(world, patient, "C1D1", "2026-09-02", "1")
    pregnancy = {"whose": "PARTNER", "agreed": "Y", "learned_on": "2026-10-20", "learned_time": "10:00"}
    world.enter(patient, "PREG", "new", **pregnancy, conceived_on="2026-11-01")
    world.enter(patient, "EOT", "EOT", ended_on="2026-09-10", reason="PHYSICIAN DECISION")
    home = world.client(coordinator).get("/").content.decode()
    assert "Pregnancies without an outcome" in home
    page = Page(world, coordinator, patient, "PREG", "1").read.shown
    assert "begun by 01-Nov-2026, 60 days after the last dose: it is reported" in page
    world.enter(patient, "PREG", "1", **pregnancy, conceived_on="2026-11-02", outcome="UNKNOWN", change_reason="Learned")
    assert "begun after 01-Nov-2026" in Page(world, coordinator, patient, "PREG", "1").read.shown
    assert "Pregnancies without an outcome" not in world.client(coordinator).get("/").content.decode()
    assert "Pregnancies without" not in world.client(world.user("COORDINATOR", "GR01")).get("/").content.decode()


# Vials ------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pharmacy(world):
    found = Pharmacy(world)
    found.receive()  # A1001 to A1004, 10 mg, to 31-Dec-2026
    found.receive(numbers="B2001-B2002", strength_mg=Decimal(1), lot="L1")
    return found


def test_the_account_follows_the_infusion(world, coordinator, patient, pharmacy):
    from crf import actions

    pharmacy.dispense("B2001", patient=patient)
    record = given(world, patient, "C1D1", "2026-09-02", "1", vials="b2001")
    assert not Query.objects.exists()
    assert pharmacy.state("B2001") == "USED"
    given(world, patient, "C1D1", "2026-09-02", "1", vials="B2002", change_reason="Read again")
    assert (pharmacy.state("B2001"), pharmacy.state("B2002")) == ("DISPENSED", "USED")
    record = registry.form("EC").objects.select_related("visit").get(pk=record.pk)
    record.patient = patient
    actions.void(record=record, by=coordinator, reason="another patient's")
    assert pharmacy.state("B2002") == "IN STOCK"
    actions.restore(record=record, by=coordinator, reason="it was this one")
    assert pharmacy.state("B2002") == "USED"
    pharmacy.whole()


@pytest.mark.parametrize(("vials", "rule", "before"), [
    ("X1", "DOS-060", None), ("B2001", "DOS-061", "expired"), ("B2001", "DOS-062", "used"), ("B2001", "DOS-068", "quarantined"),
])  # fmt: skip
def test_what_was_given_is_stored_once_confirmed_and_the_safety_desk_is_asked(world, coordinator, patient, pharmacy, vials, rule, before):
    day = "2026-09-02"
    if before == "expired":
        from dosing import accountability

        accountability.redate(by=pharmacy.user, site=pharmacy.site, strength_mg=Decimal(1), lot="L1", old="2026-12-31", new="2026-09-01", reason="label")
    elif before == "used":
        other = world.enrolled()
        pharmacy.uses(other, "C1D1", "B2001")
    elif before == "quarantined":
        pharmacy.do(VialAct.QUARANTINE, "B2001")
    page = Page(world, coordinator, patient, "EC", "C1D1").fill(
        occurrence="GIVEN", given_on=day, start_time="10:00", end_time="11:00", dose_mg="1", prepared_mg="1", vials=vials, **WHOLE)  # fmt: skip
    page.post("submit")
    assert page.response.status_code == 422
    assert {name.removeprefix("confirm-") for name in page.read.names if name.startswith("confirm-")} == {rule}
    assert page.post("submit", **{f"confirm-{rule}": "1", f"why-{rule}": "Found out afterwards"}).status_code == 302
    deviation = Deviation.objects.get()
    assert (deviation.rule, deviation.safety_question) == (rule, "ASKED")
    assert registry.form("EC").objects.get().vials == vials
    pharmacy.whole()


@pytest.mark.parametrize(("mg", "stored"), [("100", True), ("0", True), ("-1", False), ("ten", False), ("1e3", False)])
def test_only_what_cannot_be_a_dose_is_refused(world, coordinator, patient, mg, stored):
    page = Page(world, coordinator, patient, "EC", "C1D1").fill(
        occurrence="GIVEN", given_on="2026-09-02", start_time="10:00", end_time="11:00", dose_mg=mg, **WHOLE)  # fmt: skip
    page.post("submit", **{"confirm-DOS-001": "1", "why-DOS-001": "Pump"})
    assert registry.form("EC").objects.exists() == stored
    assert Deviation.objects.filter(rule="DOS-001", safety_question="ASKED").exists() == stored
