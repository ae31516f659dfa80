"""The pages of a site's references: the grid of a laboratory, who may do what, the lists, the admin."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.roles import SITE_ROLES, Permission
from assessments.references import ReferenceRange
from audit.models import Change
from crf import reference_actions as actions
from crf import registry
from crf.references import kinds
from protocol.laboratory import TESTS
from review.models import Query, QueryStatus
from screening.models import IcfVersion
from tests.crf.keeping import HAEMATOLOGY, LABORATORY, act, enter, offered, post_grid, stored, the_range, url
from tests.crf.page import read

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def client(world, coordinator):
    """The browser of a coordinator of FR03."""
    return world.client(coordinator)


@pytest.fixture
def site(world):
    return world.site("FR03")


# ---- the grid --------------------------------------------------------------------------------------------------------


def test_a_laboratory_is_entered_at_once(client):
    response = post_grid(client, HAEMATOLOGY)
    assert (response.status_code, response.url) == (302, url("site_references", "FR03"))
    lines = ReferenceRange.objects.order_by("id")
    assert [(line.test, line.unit, line.low, line.high) for line in lines] == [
        ("HGB", "g/dL", Decimal("12"), Decimal("16")), ("PLAT", "G/L", Decimal("150"), Decimal("400")),
        ("INR", "", Decimal("0.8"), Decimal("1.2")),
    ]  # fmt: skip
    assert len({change.change_set_id for change in Change.objects.filter(form="RANGE")}) == 1
    assert f"3 ranges of {LABORATORY} are stored." in client.get(response.url).content.decode()


def test_the_grid_has_a_row_for_every_test(client):
    page = read(client.get(url("enter_ranges", "FR03")))
    for test in TESTS.values():
        assert {f"{test.code.lower()}-{name}" for name in ("unit", "low", "high")} <= page.names
        assert test.label in page.shown
    assert len(TESTS) == 46


@pytest.mark.parametrize(
    ("rows", "head", "sentences"),
    [
        ({}, {}, ["No range is entered"]),
        ({"HGB": (" ", "", "  ")}, {}, ["No range is entered"]),
        ({"HGB": ("g/dL", "17", "16")}, {}, ["The lower limit, 17, is above the upper limit, 16"]),
        ({"HGB": ("feet", "12", "16"), "K": ("mmol/L", "x", "5")}, {}, ["“feet” is no known unit", "“x” is no number"]),
        ({"HGB": ("feet", "12", "16")}, {"valid_from": "2026-02-30"}, ["“feet” is no known unit", "There is no day 30"]),
        ({"HGB": ("g/dL", "12", "16")}, {"laboratory": ""}, ["“Laboratory” is empty"]),
        ({"HGB": ("g/dL", "12", "16")}, {"valid_from": ""}, ["“Valid from” is empty"]),
        ({"HGB": ("g/dL", "12", "16")}, {"age_from": "70", "age_to": "60"}, ["Age from 70 is above age to 60"]),
        ({"HGB": ("g/dL", "12", "16")}, {"sex": "U"}, ["U is not one of the available choices"]),
        ({"HGB": ("", "12", "16")}, {}, ["The unit of Haemoglobin is empty"]),
        ({"HGB": ("a\x01", "12", "16")}, {}, ["signs that cannot be stored"]),
    ],
)
def test_one_wrong_row_and_nothing_is_stored(client, rows, head, sentences):
    good = {} if "No range" in sentences[0] else {"PLAT": ("G/L", "150", "400")}
    response = post_grid(client, {**good, **rows}, **head)
    assert response.status_code == 422
    page = read(response)
    for sentence in sentences:
        assert page.shown.count(sentence) == (1 if "No range" in sentence else 2), sentence  # in the summary and where it is
    assert stored(ReferenceRange) == []
    for code, cells in rows.items():
        if "\x01" not in cells[0]:
            assert [page.data[f"{code.lower()}-{name}"][0] for name in ("unit", "low", "high")] == list(cells)


def test_a_row_with_a_unit_alone_says_in_which_unit_results_come(client):
    assert post_grid(client, {"CREATCLR": ("ml/min", "", "")}).status_code == 302
    assert (the_range().unit, the_range().low, the_range().high) == ("ml/min", None, None)


def test_the_grid_offers_to_end_the_older_ranges(client):
    post_grid(client, HAEMATOLOGY)
    newer = {"HGB": ("g/L", "118", "158"), "PLAT": ("G/L", "140", "400"), "CRP": ("mg/L", "", "5")}
    refused = post_grid(client, newer, valid_from="2026-07-01")
    assert refused.status_code == 422
    assert read(refused).shown.count("It would have to end on 30-Jun-2026.") == 4  # two rows, each in the summary too
    assert len(offered(refused).split()) == 2
    assert post_grid(client, newer, valid_from="2026-07-01", ending=offered(refused)).status_code == 302
    assert sorted(ReferenceRange.objects.filter(valid_to="2026-06-30").values_list("test", flat=True)) == ["HGB", "PLAT"]
    assert ReferenceRange.objects.filter(valid_from="2026-07-01", valid_to="").count() == 3


def test_where_one_row_cannot_be_helped_nothing_is_offered(client):
    post_grid(client, HAEMATOLOGY)
    post_grid(client, {"CRP": ("mg/L", "", "5")}, valid_from="2026-08-01")
    refused = post_grid(client, {"HGB": ("g/L", "118", "158"), "CRP": ("mg/L", "", "6")}, valid_from="2026-07-01")
    assert refused.status_code == 422
    assert offered(refused) == ""


def test_the_grid_sent_twice_is_stored_once(client):
    post_grid(client, HAEMATOLOGY)
    assert post_grid(client, HAEMATOLOGY).status_code == 302
    assert ReferenceRange.objects.count() == 3
    more = {**HAEMATOLOGY, "K": ("mmol/L", "3.5", "5")}
    assert post_grid(client, more).status_code == 302  # used again after 'back': only the new row is new
    assert ReferenceRange.objects.count() == 4


def test_the_next_round_begins_with_laboratory_and_day(client):
    response = post_grid(client, HAEMATOLOGY, action="next")
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
    assert post_grid(reader, HAEMATOLOGY).status_code == 403
    assert ReferenceRange.objects.count() == 1 and not the_range().withdrawn


def test_another_sites_references_do_not_exist(world, client):
    enter(client, "RANGE")
    line, stranger = the_range(), world.client(world.user("COORDINATOR", "FR01"))
    for address in (url("site_references", "FR03"), url("new_reference", "FR03", "RANGE"), url("enter_ranges", "FR03"),
                    url("reference", "FR03", "RANGE", line.pk), url("reference", "FR01", "RANGE", line.pk)):  # fmt: skip
        assert stranger.get(address).status_code == 404, address
        assert stranger.post(address, {"action": "withdraw", "reason": "x", "version": 1}).status_code in (404, 405), address
    assert not the_range().withdrawn


ODD = ("/IC/", "/RULING/", "/range/", "/RANGE/777/", "/ICFV/{pk}/", "77/")


@pytest.mark.parametrize("address", [f"/references/FR03{rest}" for rest in ODD])
def test_what_there_is_not(client, address):
    enter(client, "RANGE")
    for method in (client.get, client.post):
        assert method(address.format(pk=the_range().pk)).status_code in (404, 405)


def test_the_action_asks_for_the_right_itself(world, site):
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
    other = {"laboratory": "Autre laboratoire", "test": "INR", "unit": "", "low": "0.8", "high": "1.20"}
    enter(client, "RANGE", **other, valid_to="2026-11-20")
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
    post_grid(client, {"HGB": ("g/L", "120", "160"), "K": ("mmol/L", "3.5", "5"), "CRP": ("mg/L", "", "5")})
    for version in ("1.0", "2.0", "3.0"):
        enter(client, "ICFV", icf_version=version)
    for _ in range(3):
        world.patient()
    with django_assert_max_num_queries(16):
        client.get(url("site_references", "FR03"))


# ---- the admin -------------------------------------------------------------------------------------------------------


DAYS = {"RANGE": "01-Jan-2026", "ICFV": "04-May-2026"}


@pytest.mark.parametrize("code", DAYS)
def test_monitors_read_the_references_of_their_sites_in_the_admin(world, client, code):
    enter(client, code)
    kind = kinds()[code]
    line, admin = kind.objects.get(), f"admin:{kind._meta.app_label}_{kind._meta.model_name}"
    listed, page, on = reverse(f"{admin}_changelist"), reverse(f"{admin}_change", args=[line.pk]), DAYS[code]
    near, far = world.client(world.user("MONITOR", "FR03")), world.client(world.user("MONITOR", "FR01"))
    assert str(line) in near.get(listed).content.decode() and str(line) not in far.get(listed).content.decode()
    shown = near.get(page).content.decode()
    assert on in shown and url("reference", "FR03", code, line.pk) in shown
    assert far.get(page).status_code == 404
    assert near.post(page, {"withdrawn": "on"}).status_code == 403
    changes = near.get(url("changes") + f"?form={code}").content.decode()
    assert "site&#x27;s references" in changes and on in changes


def test_limits_the_wrong_way_round_are_said_once_and_in_our_words(client, site):
    data = {"laboratory": "Central laboratory", "test": "HGB", "unit": "g/L", "low": "160", "high": "120", "valid_from_0": "1",
            "valid_from_1": "6", "valid_from_2": "2026"}  # fmt: skip
    response = client.post(reverse("new_reference", args=[site.code, "RANGE"]), data)
    shown = response.content.decode()
    assert response.status_code == 422
    assert "The lower limit, 160, is above the upper limit, 120: correct the one that is wrong." in shown
    assert "range_low_not_above_high" not in shown and "Constraint" not in shown


def test_an_empty_unit_box_knows_the_unit_of_each_laboratory(world, client):
    enter(client, "RANGE", test="HGB", unit="g/dL", low="12", high="16")
    patient = world.patient()
    html = client.get(reverse("record", args=[patient.number, "HEM", "SCR"])).content.decode()
    box = re.search(r'<input[^>]*name="hgb_unit"[^>]*>', html)[0]
    assert f"{{&quot;{LABORATORY}&quot;: &quot;g/dL&quot;}}" in box and 'data-hints-by="laboratory"' in box
    assert "data-hints" not in re.search(r'<input[^>]*name="plat_unit"[^>]*>', html)[0], "no range of it is entered"
