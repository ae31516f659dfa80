"""Results, one a row with what follows from them; and the references of the sites."""

from __future__ import annotations

import inspect
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.references import ReferenceRange
from audit import clock
from crf import actions as forms
from crf import reference_actions, registry
from exports.laboratory import COLUMNS
from screening.models import IcfVersion

pytestmark = pytest.mark.django_db

LABORATORY = "CHU Lyon"


@pytest.fixture
def keeper(world):
    return world.user("COORDINATOR", "FR03")


@pytest.fixture
def put(world, keeper):
    """put('HGB', 'g/dL', '12', '16', …) enters a range of the site."""

    def put(test: str, unit: str, low: str = "", high: str = "", *, site: str = "FR03", ending=(), **more) -> ReferenceRange:
        place, by = world.site(site), world.user("COORDINATOR", site)
        limits = {name: Decimal(text) if text else None for name, text in (("low", low), ("high", high))}
        given = {"laboratory": LABORATORY, "valid_from": "2026-01-01", **more}
        line = ReferenceRange(site=place, test=test, unit=unit, **limits, **given)
        return reference_actions.add(user=by, site=place, lines=[line], ending=ending).new[0]

    return put


@pytest.fixture
def patient(world):
    found = world.patient()
    world.enter(found, "DM", "SCR", birth_date="1958", sex="F")
    return found


def sample(world, patient, code: str = "HEM", slot: str = "SCR", **answers):
    given = {"taken_on": "2026-06-10", "laboratory": LABORATORY, **answers}
    return world.enter(patient, code, slot, **given).saved.record


def one(taken, patient, test: str) -> dict[str, str]:
    return next(row for row in taken.of("lb", patient) if row["LBTESTCD"] == test)


def test_a_result_with_all_that_follows_from_it(world, patient, put, take):
    put("HGB", "g/L", "120", "160")
    record = sample(world, patient, taken_time="08:30", hgb="11.2", hgb_unit="g/dL")
    taken = take()
    assert taken.head("lb.csv") == [column.name for column in COLUMNS]
    assert one(taken, patient, "HGB") == {
        "STUDYID": "ETOP 29-25", "SITEID": "FR03", "SUBJID": patient.number, "VISIT": "SCR", "FORM": "HEM",
        "RECID": str(record.pk), "STATE": "SUBMITTED", "LBDAT": "2026-06-10", "LBTIM": "08:30", "LBNAM": LABORATORY,
        "LBTESTCD": "HGB", "LBTEST": "Haemoglobin", "LBORRES": "11.2", "LBORRESU": "g/dL", "LBSTRESC": "112",
        "LBSTRESN": "112", "LBSTRESU": "g/L", "LBORNRLO": "12", "LBORNRHI": "16", "LBNRIND": "LOW",
        "LBTOX": "Anemia", "LBTOXGR": "1", "LBTOXPOS": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("test", "result", "unit", "limits", "expected"),
    [
        # the boundaries, both inclusive
        ("HGB", "120", "g/L", ("g/L", "120", "160"), ("120", "120", "g/L", "120", "160", "NORMAL")),
        ("HGB", "119.9", "g/L", ("g/L", "120", "160"), ("119.9", "119.9", "g/L", "120", "160", "LOW")),
        ("HGB", "160", "g/L", ("g/L", "120", "160"), ("160", "160", "g/L", "120", "160", "NORMAL")),
        ("HGB", "160,1", "g/L", ("g/L", "120", "160"), ("160.1", "160.1", "g/L", "120", "160", "HIGH")),
        # the unit of the range
        ("HGB", "12", "", ("g/dL", "12", "16"), ("120", "120", "g/L", "12", "16", "NORMAL")),
        ("PLAT", "150 000", "/µL", ("G/L", "150", "400"), ("150", "150", "10^9/L", "150000", "400000", "NORMAL")),
        # one limit, or none
        ("HGB", "161", "g/L", ("g/L", "", "160"), ("161", "161", "g/L", "", "160", "HIGH")),
        ("HGB", "161", "g/L", ("g/L", "120", ""), ("161", "161", "g/L", "120", "", "NORMAL")),
        ("HGB", "161", "g/L", ("g/L", "", ""), ("161", "161", "g/L", "", "", "")),
        # with a sign there is no number, and perhaps no answer
        ("HGB", "<12", "g/dL", ("g/L", "120", "160"), ("<120", "", "g/L", "12", "16", "LOW")),
        ("HGB", "<13", "g/dL", ("g/L", "120", "160"), ("<130", "", "g/L", "12", "16", "")),
        ("HGB", "≥16.1", "g/dL", ("g/L", "120", "160"), (">=161", "", "g/L", "12", "16", "HIGH")),
        # what cannot be read or converted is passed on as it stands
        ("HGB", "see letter", "g/L", ("g/L", "120", "160"), ("", "", "", "120", "160", "")),
        ("HGB", "1.234", "g/L", ("g/L", "120", "160"), ("", "", "", "120", "160", "")),
        ("HGB", "11.2", "pints", ("g/L", "120", "160"), ("", "", "", "", "", "")),
    ],
)
def test_number_range_and_flag(world, patient, put, take, test, result, unit, limits, expected):
    put(test, *limits)
    sample(world, patient, **{test.lower(): result, f"{test.lower()}_unit": unit})
    row = one(take(), patient, test)
    assert (row["LBORRES"], row["LBORRESU"]) == (result, unit or limits[0])
    assert tuple(row[name] for name in ("LBSTRESC", "LBSTRESN", "LBSTRESU", "LBORNRLO", "LBORNRHI", "LBNRIND")) == expected


@pytest.mark.parametrize(
    ("test", "result", "unit", "limits", "expected"),
    [
        ("PT", "65", "", ("%", "70", "120"), ("%", "", "", "70", "120", "LOW")),
        ("PT", "13", "s", ("%", "70", "120"), ("s", "13", "s", "", "", "")),
        ("INR", "1.2", "", ("", "0.8", "1.2"), ("", "1.2", "RATIO", "0.8", "1.2", "NORMAL")),
        ("APTT", "1.1", "ratio", ("ratio", "0.8", "1.2"), ("ratio", "", "", "0.8", "1.2", "NORMAL")),
    ],
)
def test_what_has_no_factor_is_compared_in_its_own_unit(world, patient, put, take, test, result, unit, limits, expected):
    put(test, *limits)
    sample(world, patient, "COA", **{test.lower(): result, f"{test.lower()}_unit": unit})
    row = one(take(), patient, test)
    assert tuple(row[name] for name in ("LBORRESU", "LBSTRESN", "LBSTRESU", "LBORNRLO", "LBORNRHI", "LBNRIND")) == expected


def test_the_range_is_that_of_sex_day_and_laboratory(world, patient, put, take):
    put("HGB", "g/L", "120", "160", sex="F", valid_to="2026-06-30")
    put("HGB", "g/L", "118", "158", sex="F", valid_from="2026-07-01")
    put("HGB", "g/L", "130", "170", sex="M")
    put("HGB", "g/L", "110", "150", laboratory="Another")
    put("HGB", "g/L", "100", "140", site="FR01")
    man = world.patient()
    world.enter(man, "DM", "SCR", birth_date="1958", sex="M")
    unknown = world.patient()
    for each, on in ((patient, "2026-06-30"), (man, "2026-06-30"), (unknown, "2026-06-30")):
        sample(world, each, hgb="121", taken_on=on)
    later = world.patient()
    world.enter(later, "DM", "SCR", birth_date="1958", sex="F")
    sample(world, later, hgb="121", taken_on="2026-07-01")
    elsewhere = world.patient("FR01")
    sample(world, elsewhere, hgb="121")
    taken = take()
    rows = [one(taken, each, "HGB") for each in (patient, man, unknown, later, elsewhere)]
    found = [(row["LBORNRLO"], row["LBNRIND"]) for row in rows]
    assert found == [("120", "NORMAL"), ("130", "LOW"), ("", ""), ("118", "NORMAL"), ("100", "NORMAL")]


def test_every_result_has_a_row_and_nothing_else(world, patient, take):
    sample(world, patient, hgb="121", wbc="5", neut="", neut_missing="NOT DONE", plat="200")
    sample(world, patient, "CHE", creat="78", crp="5")
    sample(world, patient, "COA", inr="1.0")
    sample(world, patient, "HEM", "C1D1", hgb="118", action="save")
    rows = take().of("lb", patient)
    assert [(row["FORM"], row["VISIT"], row["LBTESTCD"], row["STATE"]) for row in rows] == [
        ("HEM", "SCR", "HGB", "SUBMITTED"), ("HEM", "SCR", "WBC", "SUBMITTED"), ("HEM", "SCR", "PLAT", "SUBMITTED"),
        ("HEM", "C1D1", "HGB", "IN PROGRESS"), ("CHE", "SCR", "CREAT", "SUBMITTED"), ("CHE", "SCR", "CRP", "SUBMITTED"),
        ("COA", "SCR", "INR", "SUBMITTED"),
    ]  # fmt: skip


def test_void_records_have_no_rows(world, patient, keeper, take):
    record = sample(world, patient, hgb="121")
    forms.void(record=record, by=keeper, reason="of another patient")
    assert take().of("lb", patient) == []


def test_all_of_it_is_of_the_moment(world, patient, put, keeper, take):
    """Result, range, sex and withdrawal as they were then, whatever came after."""
    moments = [clock.now()]
    line = put("HGB", "g/L", "120", "160")
    sample(world, patient, hgb="121")
    moments.append(clock.now())
    world.enter(patient, "HEM", "SCR", taken_on="2026-06-10", laboratory=LABORATORY, hgb="112", change_reason="misread")
    moments.append(clock.now())
    line.site = world.site()
    reference_actions.withdraw(user=keeper, line=line, version=line.version, reason="of another laboratory")
    moments.append(clock.now())
    put("HGB", "g/L", "100", "150", sex="M")
    world.enter(patient, "DM", "SCR", birth_date="1958", sex="M", change_reason="misread")
    moments.append(clock.now())
    rows = [take(as_of=at).of("lb", patient) for at in moments]
    found = [[(row["LBORRES"], row["LBORRESU"], row["LBNRIND"]) for row in each] for each in rows]
    assert found == [[], [("121", "g/L", "NORMAL")], [("112", "g/L", "LOW")], [("112", "", "")], [("112", "g/L", "NORMAL")]]


def test_a_partial_day_in_progress_breaks_nothing(world, patient, take):
    sample(world, patient, hgb="121", hgb_unit="g/L", taken_on="", action="save")
    row = one(take(), patient, "HGB")
    assert (row["LBDAT"], row["LBSTRESN"], row["LBNRIND"]) == ("", "121", "")


def test_long_fractions_are_cut_and_never_in_exponents(world, patient, take):
    sample(world, patient, "CHE", creat="1", creat_unit="mg/dL", bili="100000", bili_unit="umol/L")
    taken = take()
    assert one(taken, patient, "CREAT")["LBSTRESN"] == "88.4016973126"
    assert one(taken, patient, "BILI")["LBSTRESN"] == "100000"


def test_identity_stays_out(world, patient, put, take):
    put("HGB", "g/L", "120", "160")
    sample(world, patient, hgb="121")
    assert "1958" not in (take().path / "lb.csv").read_text()


def test_the_codebook_describes_every_column(world, patient, take):
    rows = [row for row in take()["codebook"] if row["TABLE"] in ("lb", "icf_versions", "reference_ranges")]
    assert {row["COLUMN"] for row in rows if row["TABLE"] == "lb"} == {column.name for column in COLUMNS}
    assert all(row["LABEL"] for row in rows)
    types = {(row["TABLE"], row["COLUMN"]): row["TYPE"] for row in rows}
    assert types["reference_ranges", "LOW"] == "number" and types["reference_ranges", "FROMDAT"] == "date"
    assert types["icf_versions", "RECONYN"] == "code" and types["reference_ranges", "WITHDRWN"] == "yes/no"


# ---- the references --------------------------------------------------------------------------------------------------


def test_references_of_the_moment(world, put, keeper, take):
    site = world.site()
    version = IcfVersion(site=site, icf_version="2.0", approved_on="2026-05-04", reconsent="Y")
    reference_actions.add(user=keeper, site=site, lines=[version])
    line = put("HGB", "g/dL", "12", "16.50", sex="F", age_from=18)
    before = clock.now()
    line.site = site
    reference_actions.withdraw(user=keeper, line=line, version=1, reason="wrong column")
    whole = take()
    assert whole["icf_versions"] == [{
        "STUDYID": "ETOP 29-25", "SITEID": "FR03", "RECID": str(version.pk), "ICFVER": "2.0", "APPRDAT": "2026-05-04",
        "RECONYN": "Y", "WITHDRWN": "N", "WITHREAS": "",
    }]  # fmt: skip
    assert whole["reference_ranges"] == [{
        "STUDYID": "ETOP 29-25", "SITEID": "FR03", "RECID": str(line.pk), "LBNAM": LABORATORY, "LBTESTCD": "HGB",
        "UNIT": "g/dL", "LOW": "12", "HIGH": "16.5",
        "SEX": "F", "AGEFROM": "18", "AGETO": "", "FROMDAT": "2026-01-01", "TODAT": "",
        "WITHDRWN": "Y", "WITHREAS": "wrong column",
    }]  # fmt: skip
    assert [row["WITHDRWN"] for row in take(as_of=before)["reference_ranges"]] == ["N"]
    about = ("RANGE", str(line.pk), "withdrawn")
    trail = [row for row in whole["audit_trail"] if (row["FORM"], row["RECID"], row["FIELD"]) == about]
    last = trail[-1]
    assert (last["OLD"], last["NEW"], last["REASON"], last["SOURCE"]) == ("N", "Y", "wrong column", "reference")


def test_queries_do_not_grow_with_results_or_patients(world, patient, put):
    from exports.laboratory import results
    from exports.subjects import subjects_at

    def read() -> tuple[int, int]:
        now = clock.now()
        table = results(now, subjects_at(now))
        with CaptureQueriesContext(connection) as asked:
            return sum(1 for _ in table.rows()), len(asked)

    put("HGB", "g/L", "120", "160")
    sample(world, patient, hgb="121", wbc="5", plat="200")
    few = read()
    for slot in registry.form("HEM").visits[2:5]:
        sample(world, patient, "HEM", slot, hgb="121", wbc="5", plat="200")
    sample(world, world.patient(), hgb="121")
    put("HGB", "g/L", "120", "160", laboratory="Another")
    assert (few[0], read()) == (3, (13, few[1]))


def test_rows_come_one_by_one(world, patient):
    """The first before the last is made: nothing is gathered."""
    from exports.laboratory import results
    from exports.subjects import subjects_at

    now = clock.now()
    sample(world, patient, hgb="121")
    rows = results(clock.now(), subjects_at(clock.now())).read()
    assert inspect.isgenerator(rows) and next(rows)[2] == patient.number
    assert list(results(now, subjects_at(now)).read()) == []


def test_the_grade_of_a_result_against_its_baseline(world, patient, put, take):
    put("ALT", "U/L", "", "40")
    sample(world, patient, "CHE", alt="60")
    dose = {"occurrence": "GIVEN", "given_on": "2026-07-01", "start_time": "10:00", "end_time": "11:00", "dose_mg": "1"}
    world.enter(patient, "EC", "C1D1", action="save", **dose)
    for slot, on, alt in (("C1D8", "2026-07-08", "300"), ("C1D15", "2026-07-15", "301"), ("C2D1", "2026-07-29", "<50"), ("C2D15", "2026-08-12", ">200")):
        sample(world, patient, "CHE", slot, taken_on=on, alt=alt)
    found = {row["VISIT"]: (row["LBTOX"], row["LBTOXGR"], row["LBTOXPOS"]) for row in take().of("lb", patient)}
    term = "Alanine aminotransferase increased"
    assert found == {
        "SCR": (term, "1", ""), "C1D8": (term, "2", ""), "C1D15": (term, "3", ""), "C2D1": ("", "0", ""), "C2D15": (term, "", "2 3 4"),
    }  # fmt: skip
