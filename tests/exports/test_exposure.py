"""The tables of exposure and of the dose calendar, as of a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit import clock
from exports.exposure import CALENDAR, EXPOSURE

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(world):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        found = world.enrolled()
    with clock.set_to(datetime(2026, 9, 25, 9, 0, tzinfo=UTC)):
        world.dose(found, "C1D1", "2026-09-02", "1")
        world.enter(found, "EC", "C1D8", occurrence="DELAYED", reason="LOGISTICAL PROBLEM")
        world.dose(found, "R1", "2026-09-18", "1")
    return found


def test_one_row_a_patient_with_all_that_follows_from_the_doses(world, patient, take):
    with clock.set_to(datetime(2026, 9, 26, 9, 0, tzinfo=UTC)):
        world.dose(patient, "C1D8", "2026-09-25", "10", change_reason="Given at last")
        taken = take()
    assert taken.head("exposure.csv") == [column.name for column in EXPOSURE]
    (row,) = taken.of("exposure", patient)
    assert row == {
        "STUDYID": "ETOP 29-25", "SITEID": "FR03", "SUBJID": patient.number, "EXNDOSE": "3", "EXNREP": "1", "EXNOMIT": "0",
        "EXNDLY": "1", "EXDLYD": "9", "EXCUMDS": "12", "EXPLNDS": "11", "EXSTDAT": "2026-09-02", "EXENDAT": "2026-09-25",
        "EXDUR": "24", "EXRDI": "0.5091", "CONTRDAT": "2026-11-24",
    }  # fmt: skip


def test_the_calendar_is_that_of_the_moment(world, patient, take):
    with clock.set_to(datetime(2026, 9, 24, 9, 0, tzinfo=UTC)):
        before = clock.now()
    with clock.set_to(datetime(2026, 9, 26, 9, 0, tzinfo=UTC)):
        moment = clock.now()
        now = take(as_of=moment)
        none = take(as_of=before)
    assert now.head("dose_calendar.csv") == [column.name for column in CALENDAR]
    rows = now.of("dose_calendar", patient)
    assert [(row["VISIT"], row["PLNDOSE"], row["PLNDAT"], row["ECSTDAT"], row["DAYSLATE"], row["STATUS"]) for row in rows] == [
        ("C1D1", "1", "", "2026-09-02", "", "given"), ("R1", "", "2026-09-09", "2026-09-18", "9", "given"),
        ("C1D8", "10", "2026-09-25", "", "1", "delayed"), ("C1D15", "10", "", "", "", "planned"),
    ]  # fmt: skip
    assert none.of("dose_calendar", patient) == []  # nothing was entered by then
    assert none.of("exposure", patient) == []


def test_a_void_dose_counts_for_nothing(world, patient, take):
    from crf import actions, registry

    with clock.set_to(datetime(2026, 9, 26, 9, 0, tzinfo=UTC)):
        record = registry.form("EC").objects.select_related("visit").get(patient=patient, visit__code="R1")
        record.patient = patient
        actions.void(record=record, by=world.user("COORDINATOR", "FR03"), reason="another patient's")
        taken = take()
    assert [row["VISIT"] for row in taken.of("dose_calendar", patient)] == ["C1D1", "C1D8", "C1D15"]
    assert taken.of("exposure", patient)[0]["EXNDOSE"] == "1"


def test_no_row_for_who_has_no_dose_record(world, take):
    patient = world.enrolled()
    taken = take()
    assert taken.of("exposure", patient) == taken.of("dose_calendar", patient) == []


def test_the_codebook_says_what_is_assumed_and_where_links_lead(world, patient, take):
    rows = {(row["TABLE"], row["COLUMN"]): row for row in take()["codebook"]}
    assert "assumed" in rows["exposure", "EXRDI"]["NOTE"]
    assert "Points to AE" in rows["ec", "ECAENO"]["NOTE"]
    assert rows["ec", "ECAENO"]["FREETEXT"] == "N"
