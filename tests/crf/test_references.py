"""What a site keeps once for all its patients: entering a line, ending it, withdrawing it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from assessments.references import ReferenceRange
from audit import clock
from audit.models import Change, ChangeSet
from crf import reference_actions as actions
from crf import registry
from crf.references import SiteReference, kinds, lines_of
from screening.models import IcfVersion
from tests.crf.keeping import GOOD, LABORATORY, act, boxes, enter, offered, stored, the_range, url
from tests.crf.page import read

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def client(world, coordinator):
    """The browser of a coordinator of FR03."""
    return world.client(coordinator)


@pytest.fixture
def site(world):
    return world.site("FR03")


# ---- the kinds -------------------------------------------------------------------------------------------------------


def test_there_are_two_kinds_and_each_is_declared_whole():
    assert set(kinds()) == {"ICFV", "RANGE"}
    for kind in kinds().values():
        assert kind.title and kind.empty and kind.dataset
        assert set(kind.required) <= set(kind.asked) == set(kind.exports)
        assert kind.figures <= set(kind.heads)
        own = {field.name for field in kind._meta.concrete_fields if field.model is kind}
        kept = {"id", "version", "changed_at", "site", "withdrawn", "withdraw_reason"}  # by the base
        assert own - kept == set(kind.asked)


# ---- one line --------------------------------------------------------------------------------------------------------


def test_a_range_is_stored_with_its_trail(client, coordinator):
    response = enter(client, "RANGE", sex="F", age_from="18", age_to="60", valid_to="2026-12-31")
    assert (response.status_code, response.url) == (302, url("site_references", "FR03"))
    line = the_range()
    limits = (Decimal("12"), Decimal("16"))
    assert line.answers() == (LABORATORY, "HGB", "g/dL", *limits, "F", 18, 60, "2026-01-01", "2026-12-31")
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
    typed = boxes(kinds()[code], {**GOOD[code], **answers})
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


def test_an_empty_post_is_refused_in_words(client):
    for code, sentence in (("ICFV", "“Version” is empty"), ("RANGE", "“Laboratory” is empty")):
        response = client.post(url("new_reference", "FR03", code), {})
        assert response.status_code == 422 and sentence in read(response).shown
    response = client.post(url("enter_ranges", "FR03"), {})
    assert response.status_code == 422 and "No range is entered" in read(response).shown


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
    named = "12 to 16 g/dL, both sexes, from 01-Jan-2026 to 31-Dec-2026."
    assert f"Haemoglobin has a range at {LABORATORY} already: {named}" in said
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
    typed = {"action": "end", "version": "1", **boxes(ReferenceRange, {"valid_to": "2026-10-31"})}
    response = client.post(url("reference", "FR03", "ICFV", line.pk), typed)
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
    for words in ("Haemoglobin", "12", "01-Jan-2026", "31-Oct-2026", "end of validity", "wrong column", "Yes"):
        assert words in said
    assert coordinator.full_name in said
    assert "site_id" not in said


# ---- beneath the pages ----------------------------------------------------------------------------------------------


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
        on = (today + timedelta(days=days)).isoformat()
        line = ReferenceRange(site=site, laboratory="X", test="CRP", unit="mg/L", valid_from=on)
        assert ("valid_from" not in line.faults(today)) is stands


# ---- the list of a kind that says nothing of its own -----------------------------------------------------------------


@pytest.fixture
def plain(monkeypatch):
    """The kind of the ranges, as if it had no list of its own."""
    monkeypatch.setattr(ReferenceRange, "heads", ())
    monkeypatch.setattr(ReferenceRange, "figures", frozenset())
    monkeypatch.setattr(ReferenceRange, "told", classmethod(SiteReference.told.__func__))
    return ReferenceRange


def test_each_question_is_told_with_its_answer_in_display_words(client, site, plain):
    enter(client, "RANGE", sex="F", age_from="18", valid_to="2026-12-31")
    enter(client, "RANGE", test="INR", unit="", low="", high="")
    assert plain.columns() == ("Laboratory", "Test", "Unit", "Lower limit", "Upper limit", "Sex", "Age from", "Age to",
                               "Valid from", "Valid to")  # fmt: skip
    first, second = plain.told(site, lines_of(plain, site), date(2026, 11, 20))
    assert first.cells == (LABORATORY, "Haemoglobin", "g/dL", "12", "16", "Female", "18", "—", "01-Jan-2026", "31-Dec-2026")
    assert second.cells == (LABORATORY, "International normalised ratio (INR)", "—", "—", "—", "—", "—", "—", "01-Jan-2026", "—")
    shown = read(client.get(url("site_references", "FR03")), "*").shown
    assert "Lower limit" in shown
    assert "Female" in shown


@pytest.mark.parametrize(("on", "kind", "words"), [
    ("2025-12-31", "progress", "Not yet valid"), ("2026-01-01", "ok", "Valid"), ("2026-12-31", "ok", "Valid"),
    ("2027-01-01", "closed", "Ended"),
])  # fmt: skip
def test_how_a_line_stands_on_a_day(client, plain, on, kind, words):
    enter(client, "RANGE", valid_to="2026-12-31")
    assert the_range().standing_on(on) == (kind, words)
    act(client, the_range(), "withdraw", reason="Of another laboratory")
    assert the_range().standing_on(on) == ("void", "Withdrawn: Of another laboratory")


def test_a_kind_without_days_of_validity_stands_until_it_is_withdrawn(client):
    enter(client, "ICFV")
    assert IcfVersion.objects.get().standing_on("2020-01-01") == ("ok", "Valid")
