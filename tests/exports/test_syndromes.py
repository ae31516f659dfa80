"""The tables of CRS, ICANS and tumour lysis, as of a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit import clock
from exports.syndromes import ASSESSMENTS, EVENTS
from protocol.scales import CRS, TLS

pytestmark = pytest.mark.django_db
WELL = {"fever_earlier": "N", "therapy": "NONE", "hypotension": "N", "oxygen": "NONE", "icu": "N"}
DAY = "2026-09-03"


@pytest.fixture
def patient(world):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        found = world.enrolled()
    with clock.set_to(datetime(2026, 9, 4, 9, 0, tzinfo=UTC)):
        world.dose(found, "C1D1", "2026-09-02", "1")
        event = {"scale": "ASTCT 2019", "grade": "1", "started_on": DAY, "ongoing": "Y"}
        world.enter(found, "AE", "new", term=CRS, started_time="02:10", **event)
        world.enter(found, "AE", "new", term="Nausea", **{**event, "scale": "CTCAE 5.0"})
        world.enter(found, "AE", "new", term=TLS, **{**event, "scale": "CAIRO-BISHOP"})
        when = {"event": "1", "assessed_on": DAY}
        world.enter(found, "CRS", "new", **when, assessed_time="02:40", temperature="38.6", **WELL, grade="1")
        low = {**WELL, "therapy": "ANTICYTOKINE", "hypotension": "Y", "vasopressor": "N", "hypotension_no_other_cause": "Y"}
        world.enter(found, "CRS", "new", **when, assessed_time="04:10", temperature="39", **low, grade="3")
        world.enter(found, "CM", "new", name="Tocilizumab", drug_class="IMMUNOSUPPRESSANT", started_on=DAY, started_time="04:00", for_event="1")
    return found


def test_one_row_an_event_and_one_an_assessment(patient, take):
    with clock.set_to(datetime(2026, 9, 5, 9, 0, tzinfo=UTC)):
        taken = take()
    assert taken.head("syndromes.csv") == [column.name for column in EVENTS]
    assert taken.head("syndrome_grades.csv") == [column.name for column in ASSESSMENTS]
    crs, tls = taken.of("syndromes", patient)
    assert crs == {
        "STUDYID": "ETOP 29-25", "SITEID": "FR03", "SUBJID": patient.number, "AENO": "1", "AETERM": CRS, "AESTDAT": DAY, "AESTTIM": "02:10",
        "ECNO": "C1D1", "DOSENUM": "1", "INFMIN": "970", "INFMAX": "970", "NASSESS": "2", "WORSTGR": "3", "WORSTCMP": "2", "TRTMIN": "110",
        "TRTMAX": "110",
    }  # fmt: skip
    assert (tls["AENO"], tls["NASSESS"], tls["WORSTGR"], tls["INFMIN"], tls["INFMAX"]) == ("3", "0", "", "840", "2279")
    first, second = taken.of("syndrome_grades", patient)
    assert (first["FORM"], first["ROW"], first["FATIM"], first["INFMIN"], first["ONSMIN"], first["FATOXGR"], first["CMPGR"], first["AGREES"]) == (
        "CRS", "1", "02:40", "1000", "30", "1", "1", "Y")  # fmt: skip
    assert (second["CMPGR"], second["CMPCELL"], second["AGREES"]) == ("2", "Hypotension: no vasopressor", "N")
    assert {row["FATOXGR"] for row in taken.of("crs", patient)} == {"1", "3"}
    assert [(row["ROW"], row["AESTGR"], row["AETOXGR"]) for row in taken.of("ae", patient)] == [("1", "1", "3"), ("2", "1", "1"), ("3", "1", "1")]


def test_they_are_those_of_the_moment(world, patient, take):
    with clock.set_to(datetime(2026, 9, 4, 10, 0, tzinfo=UTC)):
        before = clock.now()
    with clock.set_to(datetime(2026, 9, 6, 9, 0, tzinfo=UTC)):
        world.enter(patient, "CRS", "2", event="1", assessed_on=DAY, assessed_time="04:10", temperature="39", **WELL, grade="1", change_reason="x")
        world.enter(patient, "AE", "1", term=CRS, scale="ASTCT 2019", grade="1", started_on=DAY, started_time="01:10", ongoing="Y", change_reason="x")
    with clock.set_to(datetime(2026, 9, 7, 9, 0, tzinfo=UTC)):
        now, then = take(), take(as_of=before)
    assert [(row["WORSTGR"], row["INFMIN"]) for row in now.of("syndromes", patient)][0] == ("1", "910")
    assert [(row["WORSTGR"], row["INFMIN"]) for row in then.of("syndromes", patient)][0] == ("3", "970")
    assert [row["CMPGR"] for row in now.of("syndrome_grades", patient)] == ["1", "1"]
