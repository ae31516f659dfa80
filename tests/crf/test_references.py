"""What a site keeps once for all its patients: the lists, the forms, the grid; and that patients' queries follow."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Permission
from assessments.references import ReferenceRange
from audit import clock
from audit.models import Change, ChangeSet
from crf import reference_actions as actions
from crf import registry
from crf.references import kinds
from patients.models import Patient
from review.models import Query, QueryStatus
from screening.models import IcfVersion
from tests.crf.page import read

pytestmark = pytest.mark.usefixtures("noon")

LABORATORY = "CHU Lyon"
RANGE = {"laboratory": LABORATORY, "test": "HGB", "unit": "g/dL", "low": "12.0", "high": "16", "valid_from": "2026-01-01"}
ICF = {"icf_version": "2.0", "approved_on": "2026-05-04", "reconsent": "N"}


def boxes(model, answers: dict) -> dict:
    from tests.conftest import World

    return World().typed(model, answers)


def url(name: str, *args) -> str:
    return reverse(name, args=args)


@pytest.fixture
def site(world):
    return world.site("FR03")


@pytest.fixture
def client(world, coordinator):
    return world.client(coordinator)


def enter(client, code: str, *, site: str = "FR03", ending: str = "", **answers):
    """Post the form of one line; dates as ISO text."""
    good = RANGE if code == "RANGE" else ICF
    typed = boxes(kinds()[code], {**good, **answers})
    return client.post(url("new_reference", site, code), {**typed, "ending": ending})


def the_range(**where) -> ReferenceRange:
    return ReferenceRange.objects.get(**where)


def stored(kind) -> list[tuple]:
    return [line.answers() for line in kind.objects.order_by("id")]


# ---- the kinds -------------------------------------------------------------------------------------------------------


def test_there_are_two_kinds_and_each_is_declared_whole():
    assert set(kinds()) == {"ICFV", "RANGE"}
    for kind in kinds().values():
        assert kind.title and kind.empty and kind.dataset
        assert set(kind.required) <= set(kind.asked) == set(kind.exports)
        assert kind.figures <= set(kind.heads)
        assert {field.name for field in kind._meta.concrete_fields} - set(kind.asked) == {
            "id", "version_number", "changed_at", "site", "withdrawn", "withdraw_reason",
        } - {"version_number"} | {"version"} - set(kind.asked)  # fmt: skip


# ---- one line --------------------------------------------------------------------------------------------------------


def test_a_range_is_stored_with_its_trail(client, coordinator):
    response = enter(client, "RANGE", sex="F", age_from="18", age_to="60", valid_to="2026-12-31")
    assert (response.status_code, response.url) == (302, url("site_references", "FR03"))
    line = the_range()
    assert line.answers() == (LABORATORY, "HGB", "g/dL", Decimal("12"), Decimal("16"), "F", 18, 60, "2026-01-01", "2026-12-31")
    assert (line.site.code, line.withdrawn, line.version) == ("FR03", False, 1)
    sets = ChangeSet.objects.filter(changes__form="RANGE", changes__record=str(line.pk)).distinct()
    assert [(each.chain, each.source, each.actor, each.record_site) for each in sets] == [
        ("study", "reference", coordinator.username, "FR03")
    ]


def test_a_version_is_stored(client):
    assert enter(client, "ICFV", icf_version="  2.0  of   May ").status_code == 302
    assert stored(IcfVersion) == [("2.0 of May", "2026-05-04", "N")]


@pytest.mark.parametrize(
    ("code", "answers", "sentence"),
    [
        ("ICFV", {"icf_version": ""}, "“Version” is empty"),
        ("ICFV", {"icf_version": "   "}, "“Version” is empty"),
        ("ICFV", {"icf_version": "x" * 41}, "at most 40"),
        ("ICFV", {"icf_version": "a\x01b"}, "signs that cannot be stored"),
        ("ICFV", {"approved_on": ""}, "“Approved on” is empty"),
        ("ICFV", {"approved_on": "2026-05"}, "The full date is needed"),
        ("ICFV", {"approved_on": "2026-02-30"}, "There is no day 30 in Feb 2026"),
        ("ICFV", {"approved_on": "2026-11-21"}, "lies in the future"),
        ("ICFV", {"reconsent": ""}, "is empty"),
        ("ICFV", {"reconsent": "MAYBE"}, "MAYBE is not one of the available choices"),
        ("RANGE", {"laboratory": ""}, "“Laboratory” is empty"),
        ("RANGE", {"laboratory": "x" * 61}, "at most 60"),
        ("RANGE", {"test": ""}, "“Test” is empty"),
        ("RANGE", {"test": "XYZ"}, "XYZ is not one of the available choices"),
        ("RANGE", {"unit": "mg"}, "“mg” is no known unit of Haemoglobin. Known: g/L, g/dL, mmol/L."),
        ("RANGE", {"unit": ""}, "The unit of Haemoglobin is empty. Known: g/L"),
        ("RANGE", {"test": "PT", "unit": "g/dL"}, "“g/dL” is no known unit of Prothrombin time"),
        ("RANGE", {"low": "16.1"}, "The lower limit, 16.1, is above the upper limit, 16"),
        ("RANGE", {"low": "twelve"}, "“twelve” is no number"),
        ("RANGE", {"low": "-1"}, "“-1” is no number"),
        ("RANGE", {"high": "<16"}, "“<16” is no number"),
        ("RANGE", {"low": "1e1"}, "is no number"),
        ("RANGE", {"high": "150.000"}, "can be read as 150.000 or as 150000. Type 150000, or 150.0000."),
        ("RANGE", {"high": "1.23456"}, "at most four decimal places"),
        ("RANGE", {"high": "123456789"}, "at most four decimal places and eight digits"),
        ("RANGE", {"sex": "INTERSEX"}, "INTERSEX is not one of the available choices"),
        ("RANGE", {"age_from": "x"}, "Enter whole years"),
        ("RANGE", {"age_from": "18.5"}, "Enter whole years"),
        ("RANGE", {"age_from": "61", "age_to": "60"}, "Age from 61 is above age to 60"),
        ("RANGE", {"age_to": "151"}, "at most 150"),
        ("RANGE", {"valid_from": ""}, "“Valid from” is empty"),
        ("RANGE", {"valid_from": "2026"}, "The full date is needed"),
        ("RANGE", {"valid_from": "2027-11-22"}, "more than a year ahead"),
        ("RANGE", {"valid_to": "2025-12-31"}, "lies before the first"),
        ("RANGE", {"valid_to": "2027-11-22"}, "more than a year ahead"),
    ],
)
def test_what_cannot_be_stored_is_said_and_nothing_typed_is_lost(client, code, answers, sentence):
    response = enter(client, code, **answers)
    assert response.status_code == 422
    page = read(response)
    assert sentence in page.shown
    assert stored(kinds()[code]) == []
    typed = boxes(kinds()[code], {**(RANGE if code == "RANGE" else ICF), **answers})
    for name, value in typed.items():
        if value and value not in ("MAYBE", "XYZ", "INTERSEX", "a\x01b"):
            assert page.data.get(name) == [value], name


@pytest.mark.parametrize(
    ("code", "answers"),
    [
        ("ICFV", {"approved_on": "2026-11-20"}),
        ("RANGE", {"valid_from": "2027-11-21"}),
        ("RANGE", {"valid_from": "2026-01-01", "valid_to": "2026-01-01"}),
        ("RANGE", {"low": "16", "high": "16,0"}),
        ("RANGE", {"low": "", "high": "16"}),
        ("RANGE", {"low": "12", "high": ""}),
        ("RANGE", {"low": "", "high": ""}),
        ("RANGE", {"low": "0.850", "high": "1"}),
        ("RANGE", {"test": "PLAT", "unit": "G/L", "low": "150", "high": "400"}),
        ("RANGE", {"test": "PLAT", "unit": "/µL", "low": "150 000", "high": "400'000"}),
        ("RANGE", {"test": "INR", "unit": "", "low": ",8", "high": "1,2"}),
        ("RANGE", {"test": "PT", "unit": "%", "low": "70", "high": "120"}),
        ("RANGE", {"age_from": "0", "age_to": "150"}),
    ],
)
def test_what_lies_on_the_boundary_is_stored(client, code, answers):
    assert enter(client, code, **answers).status_code == 302
    assert len(stored(kinds()[code])) == 1


def test_a_future_version_is_a_matter_of_the_sites_day(world):
    """At 23:30 UTC it is the next day in Lyon."""
    client = world.client(world.user("COORDINATOR", "FR03"))
    with clock.set_to(clock.now().replace(hour=23, minute=30)):
        assert enter(client, "ICFV", approved_on="2026-11-21").status_code == 302
        assert enter(client, "ICFV", icf_version="3", approved_on="2026-11-22").status_code == 422


def test_a_version_stands_once(client):
    enter(client, "ICFV")
    response = enter(client, "ICFV", icf_version="2.0", approved_on="2026-05-05")
    assert response.status_code == 422
    assert "Version 2.0 is on the list already, approved on 04-May-2026" in read(response).shown
    assert len(stored(IcfVersion)) == 1


def test_the_same_click_twice_stores_one_line(client):
    for code in kinds():
        first, second = enter(client, code), enter(client, code)
        assert (first.status_code, second.status_code) == (302, 302)
        assert len(stored(kinds()[code])) == 1
    assert "stands on the list already; nothing was stored twice" in client.get(second.url).content.decode()


def test_a_laboratory_keeps_one_spelling(client):
    enter(client, "RANGE")
    assert enter(client, "RANGE", laboratory="chu  LYON", test="CRP", unit="mg/L").status_code == 302
    assert set(ReferenceRange.objects.values_list("laboratory", flat=True)) == {LABORATORY}


# ---- overlap ---------------------------------------------------------------------------------------------------------


def offered(response) -> str:
    """The value of the tick that ends the older lines; '' when it is not offered."""
    found = re.search(r'name="ending" value="([0-9: ]+)"', response.content.decode())
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("answers", "can_end"),
    [
        ({"valid_from": "2026-06-01"}, True),
        ({"valid_from": "2026-06-01", "valid_to": "2026-07-01"}, True),
        ({"valid_from": "2026-01-02"}, True),
        ({"valid_from": "2026-01-01", "low": "11"}, False),
        ({"valid_from": "2025-06-01"}, False),
        ({"valid_from": "2025-06-01", "valid_to": "2026-01-01"}, False),
        ({"valid_from": "2026-12-31"}, True),
    ],
)
def test_an_overlap_is_refused_and_named(client, answers, can_end):
    enter(client, "RANGE", valid_to="2026-12-31")
    response = enter(client, "RANGE", **answers)
    assert response.status_code == 422
    said = read(response).shown
    assert f"Haemoglobin has a range at {LABORATORY} already: 12 to 16 g/dL, both sexes, from 01-Jan-2026 to 31-Dec-2026." in said
    assert bool(offered(response)) is can_end
    assert len(stored(ReferenceRange)) == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"valid_from": "2027-01-01"},
        {"valid_from": "2025-01-01", "valid_to": "2025-12-31"},
        {"laboratory": "Laboratoire du Parc"},
        {"test": "CRP", "unit": "mg/L"},
        {"sex": "F"},
        {"age_from": "60"},
        {"sex": "M", "age_from": "60"},
    ],
)
def test_what_does_not_overlap_or_goes_before_is_stored(client, answers):
    enter(client, "RANGE", valid_to="2026-12-31")
    assert enter(client, "RANGE", **answers).status_code == 302
    assert len(stored(ReferenceRange)) == 2


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({"sex": "F"}, {"sex": "M"}, False),
        ({"sex": "F"}, {"sex": "F"}, True),
        ({"age_to": "59"}, {"age_from": "60"}, False),
        ({"age_to": "60"}, {"age_from": "60"}, True),
        ({"age_from": "18", "age_to": "40"}, {"age_from": "30", "age_to": "50"}, True),
        ({"sex": "F", "age_to": "59"}, {"sex": "F", "age_from": "60"}, False),
        ({"sex": "F", "age_to": "59"}, {"sex": "M", "age_to": "59"}, False),
        ({"sex": "F"}, {"age_from": "60"}, True),
        ({"sex": "F", "age_from": "60"}, {"sex": "F"}, False),
    ],
)
def test_two_ranges_for_one_patient_of_the_same_standing_are_refused(client, first, second, refused):
    enter(client, "RANGE", **first)
    response = enter(client, "RANGE", **second, low="11")
    assert response.status_code == (422 if refused else 302)
    if refused and first != second:
        assert "Both would apply to some patients" in read(response).shown
        assert offered(response) == ""


def test_the_old_range_ends_on_the_day_before_when_that_is_agreed_to(client):
    enter(client, "RANGE")
    refused = enter(client, "RANGE", valid_from="2026-03-01", low="11.5")
    assert "It would have to end on 28-Feb-2026." in read(refused).shown
    assert enter(client, "RANGE", valid_from="2026-03-01", low="11.5", ending=offered(refused)).status_code == 302
    old, new = ReferenceRange.objects.order_by("id")
    assert (old.valid_to, old.version, new.valid_from, new.valid_to) == ("2026-02-28", 2, "2026-03-01", "")
    change = Change.objects.get(form="RANGE", record=str(old.pk), field="valid_to", version=2)
    assert (change.old, change.new, change.change_set.reason) == (None, "2026-02-28", "a newer line takes its place")
    assert change.change_set_id == Change.objects.filter(form="RANGE", record=str(new.pk)).first().change_set_id


@pytest.mark.parametrize("ending", ["0:1", "{pk}:2", "{pk}", "x", "9999999999999999999:1", "{pk}:1x" * 3])
def test_only_the_line_that_was_shown_is_ended(client, ending):
    enter(client, "RANGE")
    response = enter(client, "RANGE", valid_from="2026-03-01", ending=ending.format(pk=the_range().pk))
    if ending.startswith("{pk}:1"):
        assert response.status_code == 302
        return
    assert response.status_code == 422
    assert the_range().valid_to == ""


# ---- ending and withdrawing ------------------------------------------------------------------------------------------


def act(client, line, action: str, *, version: int | None = None, **typed):
    data = boxes(ReferenceRange, {"valid_to": typed.pop("on")}) if "on" in typed else {}
    version = line.version if version is None else version
    return client.post(url("reference", "FR03", line.trail_code, line.pk), {**data, **typed, "action": action, "version": version})


def test_a_line_is_withdrawn_with_a_reason_and_stays_on_the_list(client):
    enter(client, "RANGE")
    assert act(client, the_range(), "withdraw", reason="  read from the wrong column ").status_code == 302
    line = the_range()
    assert (line.withdrawn, line.withdraw_reason, line.version) == (True, "read from the wrong column", 2)
    assert Change.objects.get(form="RANGE", field="withdrawn", version=2).change_set.reason == "read from the wrong column"
    page = client.get(url("site_references", "FR03")).content.decode()
    assert '<tr class="is-void">' in page and "Withdrawn: read from the wrong column" in page
    assert enter(client, "RANGE", low="11").status_code == 302  # its place is free


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_no_withdrawal_without_a_reason(client, reason):
    enter(client, "RANGE")
    response = act(client, the_range(), "withdraw", reason=reason)
    assert response.status_code == 422
    assert "Say in a few words what is wrong with it." in response.content.decode()
    assert not the_range().withdrawn


def test_a_range_is_ended_once(client):
    enter(client, "RANGE")
    assert act(client, the_range(), "end", on="2026-10-31").status_code == 302
    assert (the_range().valid_to, the_range().version) == ("2026-10-31", 2)
    assert act(client, the_range(), "end", on="2026-10-31").status_code == 302  # the same click twice
    response = act(client, the_range(), "end", on="2026-11-30")
    assert response.status_code == 422
    assert "It ended on 31-Oct-2026 already" in response.content.decode()
    assert (the_range().valid_to, the_range().version) == ("2026-10-31", 2)


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("", "Enter the last day"),
        ("2026-10", "The full date is needed"),
        ("2026-10-32", "There is no day 32"),
        ("2025-12-31", "lies before the first, 01-Jan-2026"),
        ("2027-11-22", "more than a year ahead"),
    ],
)
def test_an_end_that_cannot_be_is_refused(client, on, sentence):
    enter(client, "RANGE")
    response = act(client, the_range(), "end", on=on)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert the_range().valid_to == ""


@pytest.mark.parametrize("on", ["2026-01-01", "2027-11-21"])
def test_an_end_on_the_boundary(client, on):
    enter(client, "RANGE")
    assert act(client, the_range(), "end", on=on).status_code == 302
    assert the_range().valid_to == on


def test_a_version_has_no_end(client):
    enter(client, "ICFV")
    line = IcfVersion.objects.get()
    response = client.post(url("reference", "FR03", "ICFV", line.pk), {"action": "end", "version": "1", **boxes(ReferenceRange, {"valid_to": "2026-10-31"})})  # noqa: E501
    assert response.status_code == 422
    assert "Such a line has no end." in response.content.decode()


@pytest.mark.parametrize("action", ["", "delete", "restore"])
def test_there_are_no_other_acts(client, action):
    enter(client, "RANGE")
    assert act(client, the_range(), action, reason="x").status_code == 404


@pytest.mark.parametrize("version", [0, 2, "x", "9" * 30, "²"])
def test_another_tab_sees_that_the_line_has_changed(client, version):
    enter(client, "RANGE")
    for action, typed in (("withdraw", {"reason": "wrong column"}), ("end", {"on": "2026-10-31"})):
        response = act(client, the_range(), action, version=version, **typed)
        assert response.status_code == 409
        assert "Somebody has changed this line since you opened the page" in response.content.decode()
    assert (the_range().withdrawn, the_range().valid_to, the_range().version) == (False, "", 1)


def test_whoever_withdraws_what_has_been_ended_meanwhile_looks_again(client):
    enter(client, "RANGE")
    stale = the_range()
    act(client, the_range(), "end", on="2026-10-31")
    response = act(client, stale, "withdraw", reason="wrong column")
    assert response.status_code == 409
    assert "wrong column" in response.content.decode()  # what was typed
    assert not the_range().withdrawn


def test_the_second_click_on_withdraw_finds_it_done(client):
    enter(client, "RANGE")
    stale = the_range()
    for _ in range(2):
        assert act(client, stale, "withdraw", reason="wrong column").status_code == 302
    assert the_range().version == 2


def test_a_withdrawn_line_has_no_end(client):
    enter(client, "RANGE")
    act(client, the_range(), "withdraw", reason="wrong column")
    assert act(client, the_range(), "end", on="2026-10-31").status_code == 422
    page = client.get(url("reference", "FR03", "RANGE", the_range().pk)).content.decode()
    assert 'value="end"' not in page and 'value="withdraw"' not in page


def test_the_page_of_a_line_tells_its_history(client, coordinator):
    enter(client, "RANGE")
    act(client, the_range(), "end", on="2026-10-31")
    act(client, the_range(), "withdraw", reason="wrong column")
    said = read(client.get(url("reference", "FR03", "RANGE", the_range().pk)), "*").shown
    for words in ("Haemoglobin", "12", "01-Jan-2026", "31-Oct-2026", "end of validity", "wrong column", coordinator.full_name, "Yes"):
        assert words in said
    assert "site_id" not in said


# ---- the grid --------------------------------------------------------------------------------------------------------


def grid(client, rows: dict[str, tuple[str, str, str]], *, action: str = "store", ending: str = "", **head):
    """Post the grid: rows by the test's code as (unit, low, high)."""
    head = {"laboratory": LABORATORY, "valid_from": "2026-01-01", **head}
    data = boxes(ReferenceRange, head)
    for code, cells in rows.items():
        data |= {f"{code.lower()}-{name}": text for name, text in zip(("unit", "low", "high"), cells, strict=True)}
    return client.post(url("enter_ranges", "FR03"), {**data, "action": action, "ending": ending})


HAEMATOLOGY = {"HGB": ("g/dL", "12.0", "16.0"), "PLAT": ("G/L", "150", "400"), "WBC": ("", "", ""), "INR": ("", "0,8", "1,2")}


def test_a_laboratory_is_entered_at_once(client):
    response = grid(client, HAEMATOLOGY)
    assert (response.status_code, response.url) == (302, url("site_references", "FR03"))
    lines = ReferenceRange.objects.order_by("id")
    assert [(line.test, line.unit, line.low, line.high) for line in lines] == [
        ("HGB", "g/dL", Decimal("12"), Decimal("16")), ("PLAT", "G/L", Decimal("150"), Decimal("400")), ("INR", "", Decimal("0.8"), Decimal("1.2")),
    ]  # fmt: skip
    assert len({change.change_set_id for change in Change.objects.filter(form="RANGE")}) == 1
    assert f"3 ranges of {LABORATORY} are stored." in client.get(response.url).content.decode()


def test_the_grid_has_a_row_for_every_test(client):
    from protocol.laboratory import TESTS

    page = read(client.get(url("enter_ranges", "FR03")))
    for test in TESTS.values():
        assert {f"{test.code.lower()}-{name}" for name in ("unit", "low", "high")} <= page.names
        assert test.label in page.shown
    assert len(TESTS) == 29


@pytest.mark.parametrize(
    ("rows", "head", "sentences"),
    [
        ({}, {}, ["No range is entered"]),
        ({"HGB": (" ", "", "  ")}, {}, ["No range is entered"]),
        ({"HGB": ("g/dL", "17", "16")}, {}, ["The lower limit, 17, is above the upper limit, 16"]),
        ({"HGB": ("furlong", "12", "16"), "K": ("mmol/L", "x", "5")}, {}, ["“furlong” is no known unit of Haemoglobin", "“x” is no number"]),
        ({"HGB": ("furlong", "12", "16")}, {"valid_from": "2026-02-30"}, ["“furlong” is no known unit", "There is no day 30"]),
        ({"HGB": ("g/dL", "12", "16")}, {"laboratory": ""}, ["“Laboratory” is empty"]),
        ({"HGB": ("g/dL", "12", "16")}, {"valid_from": ""}, ["“Valid from” is empty"]),
        ({"HGB": ("g/dL", "12", "16")}, {"age_from": "70", "age_to": "60"}, ["Age from 70 is above age to 60"]),
        ({"HGB": ("g/dL", "12", "16")}, {"sex": "U"}, ["U is not one of the available choices"]),
        ({"HGB": ("", "12", "16")}, {}, ["The unit of Haemoglobin is empty"]),
        ({"HGB": ("a\x01", "12", "16")}, {}, ["signs that cannot be stored"]),
    ],
)
def test_one_wrong_row_and_nothing_is_stored(client, rows, head, sentences):
    response = grid(client, {"PLAT": ("G/L", "150", "400"), **rows} if rows and "No range" not in sentences[0] else rows, **head)
    assert response.status_code == 422
    page = read(response)
    for sentence in sentences:
        assert page.shown.count(sentence) == (1 if "No range" in sentence else 2), sentence  # in the summary and where it is
    assert stored(ReferenceRange) == []
    for code, cells in rows.items():
        if "\x01" not in cells[0]:
            assert [page.data[f"{code.lower()}-{name}"][0] for name in ("unit", "low", "high")] == list(cells)


def test_a_row_with_a_unit_alone_says_in_which_unit_results_come(client):
    assert grid(client, {"CREATCLR": ("ml/min", "", "")}).status_code == 302
    assert (the_range().unit, the_range().low, the_range().high) == ("ml/min", None, None)


def test_the_grid_offers_to_end_the_older_ranges(client):
    grid(client, HAEMATOLOGY)
    newer = {"HGB": ("g/L", "118", "158"), "PLAT": ("G/L", "140", "400"), "CRP": ("mg/L", "", "5")}
    refused = grid(client, newer, valid_from="2026-07-01")
    assert refused.status_code == 422
    assert read(refused).shown.count("It would have to end on 30-Jun-2026.") == 4  # two rows, each in the summary too
    assert len(offered(refused).split()) == 2
    assert grid(client, newer, valid_from="2026-07-01", ending=offered(refused)).status_code == 302
    assert sorted(ReferenceRange.objects.filter(valid_to="2026-06-30").values_list("test", flat=True)) == ["HGB", "PLAT"]
    assert ReferenceRange.objects.filter(valid_from="2026-07-01", valid_to="").count() == 3


def test_where_one_row_cannot_be_helped_nothing_is_offered(client):
    grid(client, HAEMATOLOGY)
    grid(client, {"CRP": ("mg/L", "", "5")}, valid_from="2026-08-01")
    refused = grid(client, {"HGB": ("g/L", "118", "158"), "CRP": ("mg/L", "", "6")}, valid_from="2026-07-01")
    assert refused.status_code == 422
    assert offered(refused) == ""


def test_the_grid_sent_twice_is_stored_once(client):
    grid(client, HAEMATOLOGY)
    assert grid(client, HAEMATOLOGY).status_code == 302
    assert ReferenceRange.objects.count() == 3
    more = {**HAEMATOLOGY, "K": ("mmol/L", "3.5", "5")}
    assert grid(client, more).status_code == 302  # used again after 'back': only the new row is new
    assert ReferenceRange.objects.count() == 4


def test_the_next_round_begins_with_laboratory_and_day(client):
    response = grid(client, HAEMATOLOGY, action="next")
    page = read(client.get(response.url))
    assert page.data["laboratory"] == [LABORATORY]
    assert [page.data[f"valid_from_{n}"] for n in range(3)] == [["1"], ["Jan"], ["2026"]]
    assert page.data["hgb-low"] == [""]


@pytest.mark.parametrize("start", ["?group=%00&from=x", "?from=2026-13-45", "?group=" + "x" * 5000, "?from=%F0%9F"])
def test_a_strange_start_of_the_grid_is_no_matter(client, start):
    assert client.get(url("enter_ranges", "FR03") + start).status_code == 200


# ---- rights ----------------------------------------------------------------------------------------------------------

KEEPERS = ["COORDINATOR", "INVESTIGATOR", "SUB_INVESTIGATOR", "DATA_MANAGER"]
READERS = ["MONITOR", "SAFETY_DESK", "MEDICAL_REVIEWER", "INSPECTOR"]


def person(world, role: str):
    from accounts.roles import SITE_ROLES

    return world.user(role, *(["FR03"] if role in SITE_ROLES else []))


@pytest.mark.parametrize("role", KEEPERS)
def test_who_keeps_references(world, site, role):
    client = world.client(person(world, role))
    assert enter(client, "RANGE").status_code == 302
    assert Change.objects.filter(form="RANGE").first().change_set.actor == person(world, role).username
    assert "New reference range" in client.get(url("site_references", "FR03")).content.decode()


@pytest.mark.parametrize("role", READERS)
def test_who_reads_them(world, client, role):
    enter(client, "RANGE")
    line, reader = the_range(), world.client(person(world, role))
    page = reader.get(url("site_references", "FR03")).content.decode()
    assert LABORATORY in page and "New reference range" not in page and "Add ranges" not in page
    shown = reader.get(url("reference", "FR03", "RANGE", line.pk)).content.decode()
    assert "Haemoglobin" in shown and 'value="withdraw"' not in shown
    assert enter(reader, "RANGE", low="11").status_code == 403
    assert act(reader, line, "withdraw", reason="x").status_code == 403
    assert grid(reader, HAEMATOLOGY).status_code == 403
    assert ReferenceRange.objects.count() == 1 and not the_range().withdrawn


def test_another_sites_references_do_not_exist(world, client):
    enter(client, "RANGE")
    line, stranger = the_range(), world.client(world.user("COORDINATOR", "FR01"))
    for address in (url("site_references", "FR03"), url("new_reference", "FR03", "RANGE"), url("enter_ranges", "FR03"),
                    url("reference", "FR03", "RANGE", line.pk), url("reference", "FR01", "RANGE", line.pk)):  # fmt: skip
        assert stranger.get(address).status_code == 404, address
        assert stranger.post(address, {"action": "withdraw", "reason": "x", "version": 1}).status_code in (404, 405), address
    assert not the_range().withdrawn


@pytest.mark.parametrize("address", ["/references/FR03/IC/", "/references/FR03/RULING/", "/references/FR03/range/", "/references/FR03/RANGE/777/",
                                     "/references/XX99/", "/references/FR03/ICFV/{pk}/"])  # fmt: skip
def test_what_there_is_not(client, address):
    enter(client, "RANGE")
    for method in (client.get, client.post):
        assert method(address.format(pk=the_range().pk)).status_code in (404, 405)


def test_the_action_asks_for_the_right_itself(world, site):
    from django.core.exceptions import PermissionDenied

    line = ReferenceRange(site=site, laboratory="X", test="CRP", unit="mg/L", valid_from="2026-01-01")
    for user in (world.user("MONITOR", "FR03"), world.user("COORDINATOR", "FR01")):
        with pytest.raises(PermissionDenied, match=Permission.REFERENCE.value):
            actions.add(user=user, site=site, lines=[line])
    assert ReferenceRange.objects.count() == 0


def test_who_has_several_sites_chooses(world, client):
    enter(client, "RANGE")
    assert client.get(url("references")).url == url("site_references", "FR03")
    both = world.client(world.user("COORDINATOR", "FR01", "FR03", username="both"))
    page = both.get(url("references")).content.decode()
    assert url("site_references", "FR01") in page and url("site_references", "FR03") in page
    assert url("site_references", "CH01") not in page
    assert world.client(world.user("STATISTICIAN")).get(url("references")).status_code == 403


# ---- the lists -------------------------------------------------------------------------------------------------------


def rows(client, title: str) -> list[list[str]]:
    """The cells of a list, by its heading."""
    page = client.get(url("site_references", "FR03")).content.decode()
    part = re.search(rf"<h2[^>]*>{title}</h2>(.*?)</section>", page, re.S)[1]
    cells = [re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", part, re.S)]
    plain = [[" ".join(re.sub(r"<svg.*?</svg>|<[^>]*>", " ", cell, flags=re.S).split()) for cell in row] for row in cells]
    return [row for row in plain if row[0] not in ("Version", "Test") and len(row) > 1]  # neither heads nor groups


def test_the_list_of_ranges(client):
    enter(client, "RANGE", sex="F", age_from="18")
    enter(client, "RANGE", test="CRP", unit="mg/L", low="", high="5", valid_from="2025-01-01", valid_to="2026-11-19")
    enter(client, "RANGE", test="CRP", unit="mg/L", low="", high="6", valid_from="2026-11-21")
    enter(client, "RANGE", laboratory="Autre laboratoire", test="INR", unit="", low="0.8", high="1.20", valid_to="2026-11-20")
    assert rows(client, "Laboratory ranges") == [
        ["International normalised ratio (INR)", "", "both", "any", "0.8", "1.2", "01-Jan-2026", "20-Nov-2026", "Valid"],
        ["Haemoglobin", "g/dL", "female", "18 and older", "12", "16", "01-Jan-2026", "", "Valid"],
        ["C-reactive protein", "mg/L", "both", "any", "—", "5", "01-Jan-2025", "19-Nov-2026", "Ended"],
        ["C-reactive protein", "mg/L", "both", "any", "—", "6", "21-Nov-2026", "", "Not yet valid"],
    ]


def counts(client) -> list[list[str]]:
    """Version, signed by, still to sign, state."""
    return [row[:1] + row[3:] for row in rows(client, "Consent form versions")]


def test_who_signed_which_version_and_who_still_must(world, client):
    """Registered on 20 November, first consents of 10 June."""
    enter(client, "ICFV", icf_version="1.0", approved_on="2026-05-01")
    first, second, _, dead = (world.enrolled(released=False) for _ in range(4))
    world.screened()  # not registered: whoever is not in the trial signs no version again
    late = world.patient()
    signed = {"patient_signed_on": "2026-06-10", "investigator_signed_on": "2026-06-10"}
    world.enter(late, "IC", "SCR", icf_version="1.0", action="save", **signed)  # not submitted: it says nothing yet
    world.enter(dead, "DD", registry.form("DD").visits[0], died_on="2026-11-19", action="save")
    assert rows(client, "Consent form versions") == [["1.0", "01-May-2026", "No", "5", "—", "Newest"]]
    enter(client, "ICFV", icf_version="2.0", approved_on="2026-08-01", reconsent="Y")
    assert counts(client)[0] == ["2.0", "0", "3", "Newest"]
    again = {"patient_signed_on": "2026-09-05", "investigator_signed_on": "2026-09-05", "reason": "NEW VERSION"}
    world.enter(first, "RIC", "new", icf_version=" 2.0", **again)
    assert counts(client) == [["2.0", "1", "2", "Newest"], ["1.0", "5", "—", "Replaced"]]
    # Whoever signs a later version has no need of an earlier one.
    enter(client, "ICFV", icf_version="3.0", approved_on="2026-09-01", reconsent="N")
    world.enter(second, "RIC", "new", icf_version="3.0", **again)
    assert counts(client) == [["3.0", "1", "—", "Newest"], ["2.0", "1", "1", "Replaced"], ["1.0", "5", "—", "Replaced"]]
    assert Query.objects.filter(rule="SCR-095", status=QueryStatus.OPEN).count() == 1  # the rule asks as many
    act(client, IcfVersion.objects.get(icf_version="3.0"), "withdraw", reason="not approved here")
    assert counts(client) == [
        ["3.0", "", "", "Withdrawn: not approved here"], ["2.0", "1", "2", "Newest"], ["1.0", "5", "—", "Replaced"],
    ]  # fmt: skip


def test_a_version_approved_before_the_first_consent_is_not_signed_again(world, client):
    world.enrolled(released=False)
    enter(client, "ICFV", icf_version="2.0", approved_on="2026-06-10", reconsent="Y")
    assert counts(client) == [["2.0", "0", "0", "Newest"]]
    enter(client, "ICFV", icf_version="2.1", approved_on="2026-06-11", reconsent="Y")
    assert counts(client)[0] == ["2.1", "0", "1", "Newest"]


def test_no_patient_is_named_on_the_list(world, client):
    patient = world.patient()
    enter(client, "ICFV")
    assert patient.number not in client.get(url("site_references", "FR03")).content.decode()


def test_the_page_costs_the_same_whatever_stands_on_it(world, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        client.get(url("site_references", "FR03"))
    grid(client, {"HGB": ("g/L", "120", "160"), "K": ("mmol/L", "3.5", "5"), "CRP": ("mg/L", "", "5")})
    for version in ("1.0", "2.0", "3.0"):
        enter(client, "ICFV", icf_version=version)
    for _ in range(3):
        world.patient()
    with django_assert_max_num_queries(16):
        client.get(url("site_references", "FR03"))


# ---- what follows for patients ---------------------------------------------------------------------------------------


def sample(world, **changes):
    patient = world.patient()
    world.enter(patient, "DM", "SCR", birth_date="1958", sex="F")
    answers = {"taken_on": "2026-06-10", "laboratory": LABORATORY, "hgb": "11.2", "neut": "4", "neut_unit": "G/L", "plat": "200", "plat_unit": "G/L"}
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


@pytest.mark.parametrize(
    ("result", "unit", "ranges", "sentence"),
    [
        ("11.2", "", [{}], "11.2 g/dL = 112 g/L, range 120 to 160: low"),
        ("11,2", "", [{}], "11,2 g/dL = 112 g/L, range 120 to 160: low"),
        ("12", "", [{}], "12 g/dL = 120 g/L, range 120 to 160: within"),
        ("16", "", [{}], "16 g/dL = 160 g/L, range 120 to 160: within"),
        ("16.1", "", [{}], "16.1 g/dL = 161 g/L, range 120 to 160: high"),
        ("161", "g/L", [{}], "161 g/L, range 120 to 160: high"),
        ("<13", "g/dL", [{}], "<13 g/dL = <130 g/L, range 120 to 160"),
        ("<12", "g/dL", [{}], "<12 g/dL = <120 g/L, range 120 to 160: low"),
        (">16", "g/dL", [{}], ">16 g/dL = >160 g/L, range 120 to 160: high"),
        ("<13", "g/dL", [{"low": "0"}], "<13 g/dL = <130 g/L, range 0 to 160: within"),
        ("11.2", "", [{"low": ""}], "11.2 g/dL = 112 g/L, range up to 160: within"),
        ("11.2", "", [{"high": ""}], "11.2 g/dL = 112 g/L, range from 120: low"),
        ("11.2", "", [{"low": "", "high": ""}], "11.2 g/dL = 112 g/L"),
        ("11.2", "", [{"sex": "F", "low": "11"}, {}], "11.2 g/dL = 112 g/L, range 110 to 160: within"),
        ("11.2", "", [{"sex": "M", "low": "11"}, {}], "11.2 g/dL = 112 g/L, range 120 to 160: low"),
        ("11.2", "g/dL", [{"valid_from": "2026-06-11"}], "11.2 g/dL = 112 g/L, no range of this laboratory for that day"),
        ("11.2", "g/dL", [{"laboratory": "Another"}], "11.2 g/dL = 112 g/L, no range of this laboratory for that day"),
        ("11.2", "g/dL", [], "11.2 g/dL = 112 g/L, no range of this laboratory for that day"),
        ("11.2", "", [], ""),
        ("11.2", "pints", [{}], ""),
        ("see letter", "g/dL", [{}], ""),
        ("1.234", "g/L", [{}], ""),
    ],
)
def test_what_follows_from_a_result_stands_beside_it(world, client, result, unit, ranges, sentence):
    from crf.facts import load_case

    for each in ranges:
        assert enter(client, "RANGE", **each).status_code == 302
    patient, record = sample(world, hgb=result, hgb_unit=unit)
    _, said = record.computed(load_case(patient, record.computes_from)).get("hgb", ("", ""))
    assert said == sentence
    page = read(client.get(url("record", patient.number, "HEM", "SCR")))
    assert (f"Program: {sentence or result}" in page.shown) is bool(sentence)


@pytest.mark.parametrize(
    ("test", "result", "unit", "limits", "sentence"),
    [
        ("PT", "85", "", ("%", "70", "120"), "85 %, range 70 to 120: within"),
        ("PT", "65", "", ("%", "70", "120"), "65 %, range 70 to 120: low"),
        ("PT", "13", "s", ("%", "70", "120"), "13 s, its range is in % and cannot be compared"),
        ("INR", "1.3", "", ("", "0.8", "1.2"), "1.3, range 0.8 to 1.2: high"),
        ("APTT", "1.1", "ratio", ("s", "25", "37"), "1.1 ratio, its range is in s and cannot be compared"),
        ("FIBRINO", "310", "", ("mg/dL", "200", "400"), "310 mg/dL = 3.1 g/L, range 2 to 4: within"),
    ],
)
def test_results_that_do_not_convert_are_compared_in_their_own_unit(world, client, test, result, unit, limits, sentence):
    from crf.facts import load_case

    assert grid(client, {test: limits}).status_code == 302
    patient, name = world.patient(), test.lower()
    answers = {"taken_on": "2026-06-10", "laboratory": LABORATORY, name: result, f"{name}_unit": unit}
    record = world.enter(patient, "COA", "SCR", **answers).saved.record
    assert record.computed(load_case(patient, record.computes_from))[name][1] == sentence


def test_nothing_stands_beside_a_result_that_is_not_stored(world, client):
    enter(client, "RANGE")
    patient = world.patient()
    page = client.post(url("record", patient.number, "HEM", "SCR"), {"action": "submit", "origin": "EDC", "base_version": "0", "hgb": "11.2",
                                                                     "taken_on_0": "1", "taken_on_1": "1", "taken_on_2": "2030"})  # fmt: skip
    assert page.status_code == 422
    assert "Program:" not in page.content.decode()


# ---- the admin -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["RANGE", "ICFV"])
def test_monitors_read_the_references_of_their_sites_in_the_admin(world, client, code):
    enter(client, code)
    kind = kinds()[code]
    line, meta = kind.objects.get(), kind._meta
    listed, page = (reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=args) for name, args in (("changelist", []), ("change", [line.pk])))  # noqa: E501
    near, far = world.client(world.user("MONITOR", "FR03")), world.client(world.user("MONITOR", "FR01"))
    assert str(line) in near.get(listed).content.decode() and str(line) not in far.get(listed).content.decode()
    shown = near.get(page).content.decode()
    assert {"RANGE": "01-Jan-2026", "ICFV": "04-May-2026"}[code] in shown and url("reference", "FR03", code, line.pk) in shown
    assert far.get(page).status_code == 404
    assert near.post(page, {"withdrawn": "on"}).status_code == 403
    changes = near.get(url("changes") + f"?form={code}").content.decode()
    assert "site&#x27;s references" in changes and {"RANGE": "01-Jan-2026", "ICFV": "04-May-2026"}[code] in changes


def test_a_line_is_changed_with_a_reason_only(site, coordinator):
    from accounts.access import actor_for
    from audit.context import NotAudited, acting

    line = ReferenceRange(site=site, laboratory="X", test="CRP", unit="mg/L", valid_from="2026-01-01")
    actions.add(user=coordinator, site=site, lines=[line])
    line = the_range()
    with pytest.raises(NotAudited), acting(actor_for(coordinator, site), source="test"):
        line.withdrawn = True
        line.save()
    assert not the_range().withdrawn


def test_registry_speaks_of_references_in_words(site):
    assert registry.display("RANGE", "valid_from", "2026-01-01") == "01-Jan-2026"
    assert registry.display("RANGE", "low", "120.0000") == "120"
    assert registry.display("RANGE", "test", "HGB") == "Haemoglobin"
    assert registry.label("ICFV", "reconsent") == "Patients in the trial sign it too"
    assert registry.label("NOTHING", "field") == "field"


def test_a_day_more_than_a_year_ahead_is_counted_from_the_sites_day(site, coordinator):
    today = clock.today(site.time_zone)
    for days, stands in ((366, True), (367, False)):
        line = ReferenceRange(site=site, laboratory="X", test="CRP", unit="mg/L", valid_from=(today + timedelta(days=days)).isoformat())
        assert ("valid_from" not in line.faults(today)) is stands


def test_a_new_unit_of_the_laboratory_leaves_older_results_as_they_were(world, client):
    """Read with the range of the sample's day; what is said about a result is not said again when another range is entered."""
    from crf.facts import load_case

    enter(client, "RANGE")
    patient, record = sample(world)
    newer = {"unit": "g/L", "low": "118", "high": "158", "valid_from": "2026-10-01"}
    assert enter(client, "RANGE", **newer, ending=f"{the_range().pk}:1").status_code == 302
    assert record.computed(load_case(patient, record.computes_from))["hgb"][1] == "11.2 g/dL = 112 g/L, range 120 to 160: low"
    assert unit_queries(patient) == []
    _, later = sample(world, taken_on="2026-10-02", hgb="112")
    assert later.computed(load_case(later.patient, later.computes_from))["hgb"][1] == "112 g/L, range 118 to 158: low"


def test_another_tests_range_asks_nothing_again(world, client):
    patient, _ = sample(world)
    query = Query.objects.get(patient=patient, rule="HEM-HGB_LBORRES-unit")
    assert enter(client, "RANGE", test="CRP", unit="mg/L").status_code == 302
    assert Query.objects.get(pk=query.pk).version == query.version
