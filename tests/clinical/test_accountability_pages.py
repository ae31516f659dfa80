"""The pages of the drug account, as the pharmacist, the monitor and everybody else has them."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from io import StringIO
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from audit.models import Change
from dosing.stock import Shipment, StockCount, Vial, VialMovement
from protocol.parameters import override
from protocol.stock import BY_PERSON, VialAct
from tests.clinical.pharmacy import DAY, LOT, Pharmacy, snapshot
from tests.clinical.test_reconciliation import recorded
from tests.crf.page import read

pytestmark = pytest.mark.usefixtures("noon")  # 20-Nov-2026
A = VialAct


@pytest.fixture
def pharmacy(world) -> Pharmacy:
    return Pharmacy(world)


@pytest.fixture
def client(world, pharmacy):
    return world.client(pharmacy.user)


@pytest.fixture
def patient(world):
    with clock.set_to(datetime(2026, 9, 1, 9, 0, tzinfo=UTC)):
        return world.enrolled()


def url(name: str, *args, site: str = "FR03", **query) -> str:
    return reverse(name, args=[site, *args]) + (f"?{urlencode(query, doseq=True)}" if query else "")


def day(name: str, text: str) -> dict[str, str]:
    year, month, number = [*text.split("-"), "", ""][:3]
    return {f"{name}_0": number, f"{name}_1": month, f"{name}_2": year}


def box(**changes) -> dict[str, str]:
    given = {"received_on": DAY, "expires_on": "2027-03-31", "strength_mg": "10", "lot": LOT, "numbers": "A1001-A1003", "counted": "3",
             "temperature_kept": "Y", "reference": "DN-1", "remark": ""} | changes  # fmt: skip
    return {**given, **day("received_on", given.pop("received_on")), **day("expires_on", given.pop("expires_on"))}


def shown(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def table(response) -> list[list[str]]:
    return list(csv.reader(StringIO(response.content.decode())))


# ---- a shipment ------------------------------------------------------------------------------------------------------


def test_a_shipment_is_received_on_its_page(client, pharmacy):
    page = read(client.get(url("drug_receive")))
    assert page.data["received_on_2"] == ["2026"] and page.data["received_on_1"] == ["Nov"]
    answer = client.post(url("drug_receive"), box(), follow=True)
    assert answer.redirect_chain == [(url("drug_site"), 302)]
    assert "3 vials of lot L77, 10 mg, are in stock: A1001 to A1003." in shown(answer)
    assert Shipment.objects.get().reference == "DN-1"
    assert Vial.objects.filter(state="IN STOCK").count() == 3


def test_a_month_of_expiry(client):
    client.post(url("drug_receive"), box() | {"expires_on_0": "UK", "expires_on_1": "3"})
    assert Shipment.objects.get().expires_on == "2027-03"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"numbers": "A1001-A1003, A1002"}, "Named twice: A1002."),
        ({"counted": "4"}, "The list has 3 numbers, and 4 vials were counted"),
        ({"counted": "three"}, "Enter a whole number."),
        ({"counted": "٣"}, "Enter a whole number."),
        ({"strength_mg": "5"}, "5 is not one of the available choices"),
        ({"received_on": "2026-13-01"}, "There is no month 13."),
        ({"received_on": "2026-11-21"}, "lies in the future"),
        ({"expires_on": "2027"}, "At least month and year are needed."),
        ({"temperature_kept": "N"}, "Say what the logger shows"),
        ({"numbers": "A1\x00"}, "Null characters are not allowed"),
        ({"numbers": "A" * 10_001}, "at most 10000"),
    ],
)
def test_a_shipment_that_is_refused_loses_nothing(client, changes, said):
    typed = box(**changes)
    answer = client.post(url("drug_receive"), typed)
    assert answer.status_code == 422
    page = read(answer)
    assert said in page.shown and "Everything you typed is still below." in page.shown
    for name, value in typed.items():
        if name in page.names and value and "\x00" not in value and len(value) < 5_000 and not (name == "strength_mg" and value == "5"):
            assert value in page.data[name], name
    assert not Shipment.objects.exists()


def test_all_that_is_wrong_is_said_at_once(client):
    answer = client.post(url("drug_receive"), {"counted": "x"})
    page = read(answer)
    for sentence in ("Enter the day.", "Enter the lot", "Choose the strength", "Enter the expiry date", "Enter the numbers", "whole number", "Answer yes or no"):
        assert sentence in page.shown
    assert "Enter how many vials" not in page.shown  # it could not be read, which is said already


def test_a_warm_box_says_that_it_is_in_quarantine(client):
    answer = client.post(url("drug_receive"), box(temperature_kept="N", remark="14 °C, sponsor told"), follow=True)
    assert "are in quarantine" in shown(answer)
    assert "Not kept" in shown(answer)


def test_an_expired_box_is_stored_and_said(client):
    answer = client.post(url("drug_receive"), box(expires_on="2026-11-19"), follow=True)
    assert "They have expired: last day 19-Nov-2026." in shown(answer)


# ---- the stock -------------------------------------------------------------------------------------------------------


def test_an_empty_account_says_what_would_stand_there(client, world):
    assert "Enter the first shipment" in shown(client.get(url("drug_site")))
    other = world.client(world.user("COORDINATOR"))
    assert "The pharmacist enters the shipments" in shown(other.get(url("drug_site")))


def test_the_balance_and_the_vials(client, pharmacy, patient):
    pharmacy.receive()
    pharmacy.receive(numbers="B1-B2", lot="S1", strength_mg=1)
    pharmacy.dispense("A1001", patient=patient)
    pharmacy.do(A.DESTROY, "B1")
    page = shown(client.get(url("drug_site")))
    assert re.search(r"10 mg, L77 31-Dec-2026 4 3 0 0 3 1 0 0 0 0", page)
    assert re.search(r"1 mg, S1 31-Dec-2026 2 1 0 0 1 0 0 1 0 0", page)
    assert re.search(r"All 6 4 0 0 4 1 0 1 0 0", page)
    assert f"Dispensed {patient.number} C1D1 02-Sep-2026" in page


@pytest.mark.parametrize(
    ("expires", "word"),
    [("2026-11-19", "Expired"), ("2026-11-20", "Expires today"), ("2026-11-21", "Expires in 1 day "), ("2026-12-20", "Expires in 30 days"), ("2026-12-21", "")],
)
def test_how_near_the_expiry_is(client, pharmacy, expires, word):
    pharmacy.receive(expires_on=expires)
    page = shown(client.get(url("drug_site")))
    found = re.findall(r"Expires (?:today|in \d+ days?) |Expired ", page.split("In the pharmacy”")[0].replace("Strength, lot, expires", ""))
    assert [each.strip() for each in found] == ([word.strip()] if word else [])
    with override(expiry_warning_days=0):
        assert "Expires in" not in shown(client.get(url("drug_site")))


def test_the_csv_is_what_is_shown(client, pharmacy, patient):
    pharmacy.receive()
    pharmacy.receive(numbers="B1-B2", lot="S1", strength_mg=1, expires_on="2027-02")
    pharmacy.dispense("A1002", patient=patient)
    heads = ["Vial", "Strength", "Lot", "Expires", "State", "For", "Since"]
    assert table(client.get(url("drug_site", csv=1)))[:2] == [heads, ["B1", "1", "S1", "2027-02", "In stock", "", "2026-09-01"]]
    for query, numbers in (
        ({"state": "DISPENSED"}, ["A1002"]), ({"strength": "1"}, ["B1", "B2"]), ({"lot": LOT, "sort": "-number"}, ["A1004", "A1003", "A1002", "A1001"]),
        ({"q": patient.number}, ["A1002"]), ({"q": "b"}, ["B1", "B2"]), ({"q": "\x00"}, ["B1", "B2", "A1001", "A1002", "A1003", "A1004"]),
        ({"state": "nonsense"}, []), ({"sort": "nonsense", "lot": "S1"}, ["B1", "B2"]), ({"sort": "expires"}, ["A1001", "A1002", "A1003", "A1004", "B1", "B2"]),
    ):  # fmt: skip
        assert [row[0] for row in table(client.get(url("drug_site", csv=1, **query)))[1:]] == numbers, query
        page = client.get(url("drug_site", **query)).content.decode()
        assert re.findall(r'<th scope="row"><a href="/drug/FR03/vial/\d+/">([^<]+)</a>', page) == numbers


@pytest.mark.parametrize("sort", ["number", "strength", "lot", "expires", "state", "whose", "since"])
def test_every_column_sorts_both_ways(client, pharmacy, patient, sort):
    pharmacy.receive()
    pharmacy.dispense("A1003", patient=patient)
    up, down = ([row[0] for row in table(client.get(url("drug_site", csv=1, sort=each)))[1:]] for each in (sort, f"-{sort}"))
    assert up == down[::-1] and len(up) == 4


def test_a_formula_in_a_lot_is_text(client, pharmacy):
    pharmacy.receive(lot="=1+1", remark="<script>alert(1)</script>")
    assert table(client.get(url("drug_site", csv=1)))[1][2] == "'=1+1"
    assert "<script>alert" not in client.get(url("drug_site")).content.decode()


def test_the_number_of_queries_does_not_grow(client, pharmacy):
    pharmacy.receive(numbers="A1001-A1002")
    client.get(url("drug_site"))
    with CaptureQueriesContext(connection) as few:
        client.get(url("drug_site"))
    pharmacy.receive(numbers="B1001-B1100")
    with CaptureQueriesContext(connection) as many:
        client.get(url("drug_site"))
    assert len(many) == len(few)


# ---- an act ----------------------------------------------------------------------------------------------------------


def act(client, code: str, *numbers: str, on: str = DAY, **typed):
    return client.post(url("drug_act"), {"act": code, "vial": list(numbers), **day("on", on), **typed})


def test_vials_are_chosen_and_dispensed(client, pharmacy, patient):
    pharmacy.receive()
    pharmacy.do(A.QUARANTINE, "A1002")
    page = client.get(url("drug_act", act="DISPENSE", vial=["A1001", "A1002", "X9"]))
    form = read(page)
    assert form.data["vial"] == ["A1001"]  # the one in quarantine is shown, and not ticked
    assert "In quarantine cannot be done with it now" in form.shown and "X9" not in form.shown
    assert patient.number in page.content.decode() and 'value="C1D1"' in page.content.decode()
    answer = client.post(url("drug_act"), {**form.data, "patient": patient.number, "dose": "C1D1", **day("on", DAY)}, follow=True)
    assert "Dispensed: A1001." in shown(answer)
    assert Vial.objects.get(number="A1001").patient_number == patient.number


def test_only_registered_patients_of_the_site_are_offered(client, pharmacy, world, patient):
    pharmacy.receive()
    waiting, away = world.patient(), world.enrolled("GR01")
    page = client.get(url("drug_act", act="DISPENSE", vial=["A1001"])).content.decode()
    assert patient.number in page and waiting.number not in page and away.number not in page


@pytest.mark.parametrize("code", BY_PERSON)
def test_each_act_has_its_page(client, pharmacy, code):
    pharmacy.receive()
    form = read(client.get(url("drug_act", act=code.value, vial=["A1001"])))
    assert {"on_0", "reason", "vial", "act"} <= form.names
    assert ("patient" in form.names) is (code is A.DISPENSE)


@pytest.mark.parametrize("code", ["RECEIVE", "USE", "UNUSE", "CORRECT", "nonsense", "\x00"])
def test_what_is_no_act_of_the_pharmacist(client, pharmacy, code):
    pharmacy.receive()
    before = snapshot()
    assert client.get(url("drug_act", act=code, vial=["A1001"])).status_code == 404
    assert act(client, code, "A1001").status_code == 404
    assert snapshot() == before


@pytest.mark.parametrize(
    ("code", "numbers", "typed", "said"),
    [
        ("DESTROY", ["A1001"], {"reason": " "}, "Say why."),
        ("DESTROY", ["A1001"], {"reason": "x", "on": ""}, "Enter the day."),
        ("DESTROY", ["A1001"], {"reason": "x", "on": "2026-02-30"}, "There is no day 30 in Feb 2026."),
        ("TAKE BACK", ["A1001"], {}, "A1001 is in stock: it cannot be taken back."),
        ("DESTROY", ["A1001", "X9"], {"reason": "x"}, "Not in the account of FR03: X9."),
        ("DISPENSE", ["A1001"], {}, "Choose the patient."),
        ("DISPENSE", ["A1001"], {"patient": "FR03-999", "dose": "C1D1"}, "FR03-999 is not one of the available choices"),
    ],
)
def test_a_refused_act_keeps_what_was_typed(client, pharmacy, patient, code, numbers, typed, said):
    pharmacy.receive()
    before = snapshot()
    answer = act(client, code, *numbers, **typed)
    assert answer.status_code == 422
    page = read(answer)
    assert said in page.shown
    assert page.data["vial"] == ["A1001"]
    assert snapshot() == before


def test_an_address_without_an_act_or_a_lot_leads_to_the_stock(client, pharmacy):
    pharmacy.receive()
    for name in ("drug_act", "drug_expiry"):
        assert client.get(url(name)).url == client.post(url(name), {"vial": "A1001"}).url == url("drug_site")


def test_without_vials_the_page_says_what_to_do(client, pharmacy):
    assert "Tick the vials on the list first" in shown(client.get(url("drug_act", act="DESTROY")))
    assert "Tick the vials on the list first" in shown(act(client, "DESTROY", reason="x"))
    assert act(client, "DESTROY", *["\x00", "x" * 5_000], reason="x").status_code == 422


def test_a_double_click_is_refused_in_words(client, pharmacy, patient):
    pharmacy.receive()
    whom = {"patient": patient.number, "dose": "C1D1"}
    assert act(client, "DISPENSE", "A1001", **whom).status_code == 302
    again = act(client, "DISPENSE", "A1001", **whom)
    assert again.status_code == 422
    assert f"A1001 is dispensed for {patient.number}, C1D1: it cannot be dispensed." in shown(again)
    assert VialMovement.objects.filter(act="DISPENSE").count() == 1


# ---- a vial ----------------------------------------------------------------------------------------------------------


def vial_url(number: str, site: str = "FR03") -> str:
    return url("drug_vial", Vial.objects.filter(number=number).latest("id").pk, site=site)


def test_a_vials_page_has_its_whole_ledger(client, pharmacy, patient):
    pharmacy.receive(remark="on dry ice")
    pharmacy.dispense("A1001", patient=patient)
    pharmacy.uses(patient, "C1D1", "A1001")
    pharmacy.do(A.DESTROY, "A1001", reason="Remains")
    page = client.get(vial_url("A1001"))
    said = shown(page)
    for words in ("Received", "Dispensed", "Used, remains destroyed", "Remains", "on dry ice", "Pharmacist FR03 (Pharmacist)",
                  "Site coordinator FR03 (Site coordinator)", "20-Nov-2026 13:00 CET", "02-Sep-2026"):  # fmt: skip
        assert words in said, words
    assert reverse("record", args=[patient.number, "EC", "C1D1"]) in page.content.decode()


@pytest.mark.parametrize(
    ("done", "buttons"),
    [
        ([], {"Dispense", "Put in quarantine", "Destroy", "Send back to the sponsor", "Enter as lost", "Send to another site"}),
        ([A.QUARANTINE], {"Release from quarantine", "Destroy", "Send back to the sponsor", "Enter as lost"}),
        ([A.LOSE], {"Enter as found again"}),
        ([A.DESTROY], set()),
    ],
)
def test_what_can_be_done_stands_there(client, pharmacy, world, done, buttons):
    pharmacy.receive()
    for each in done:
        pharmacy.do(each, "A1001")
    page = client.get(vial_url("A1001")).content.decode()
    assert set(re.findall(r'class="btn btn-[a-z-]+" href="/drug/FR03/act/[^"]*">([^<]+)</a>', page)) == buttons
    monitor = world.client(world.user("MONITOR")).get(vial_url("A1001")).content.decode()
    assert "/drug/FR03/act/" not in monitor and "<textarea" not in monitor


def test_the_last_line_is_taken_back_on_the_page(client, pharmacy):
    pharmacy.receive()
    pharmacy.do(A.DESTROY, "A1001")
    form = read(client.get(vial_url("A1001")), "*")
    empty = client.post(vial_url("A1001"), {"entry": form.data["entry"][0], "reason": " "})
    assert empty.status_code == 422 and "Say what was wrong with it." in shown(empty)
    answer = client.post(vial_url("A1001"), {"entry": form.data["entry"][0], "reason": "it was A1002"}, follow=True)
    assert "A1001: the line is taken back." in shown(answer) and "taken back by line 3" in shown(answer)
    assert Vial.objects.get(number="A1001").state == "IN STOCK"
    late = client.post(vial_url("A1001"), {"entry": form.data["entry"][0], "reason": "typed twice"})
    assert late.status_code == 409 and "has changed since you opened the page" in shown(late) and "typed twice" in shown(late)


@pytest.mark.parametrize("entry", ["", "x", "0", "-1", "9" * 40, "٣", "\x00"])
def test_nonsense_is_taken_back_by_nobody(client, pharmacy, entry):
    pharmacy.receive()
    before = snapshot()
    assert client.post(vial_url("A1001"), {"entry": entry, "reason": "x"}).status_code == 409
    assert snapshot() == before


def test_a_vial_that_never_came(client, pharmacy):
    pharmacy.receive()
    page = client.get(vial_url("A1001"))
    assert "Entered by mistake" in shown(page)
    form = read(page, "*")
    client.post(vial_url("A1001"), {"entry": form.data["entry"][0], "reason": "typed wrong"})
    page = client.get(vial_url("A1001"))
    assert "is-struck" in page.content.decode() and "<textarea" not in page.content.decode()
    assert client.get(url("drug_site")).content.decode().count('name="vial"') == 3


def test_another_sites_vial_does_not_exist(client, pharmacy, world):
    Pharmacy(world, "GR01").receive(numbers="G1")
    away = Vial.objects.get(number="G1").pk
    assert client.get(url("drug_vial", away)).status_code == 404
    assert client.get(url("drug_vial", away, site="GR01")).status_code == 404
    assert client.get(url("drug_vial", 2**63)).status_code == 404
    assert act(client, "DESTROY", "G1", reason="x").status_code == 422
    assert Vial.objects.get(number="G1").state == "IN STOCK"


# ---- expiry ----------------------------------------------------------------------------------------------------------


def test_a_lot_gets_another_date_on_its_page(client, pharmacy):
    pharmacy.receive()
    where = {"strength": "10", "lot": LOT, "expires": "2026-12-31"}
    assert url("drug_expiry", **where).replace("&", "&amp;") in client.get(url("drug_site")).content.decode()
    refused = client.post(url("drug_expiry", **where), day("expires_on", "2026-12-31") | {"reason": ""})
    assert refused.status_code == 422
    assert "It has this date already." in shown(refused) and "Say why" in shown(refused)
    answer = client.post(url("drug_expiry", **where), day("expires_on", "2027-06-30") | {"reason": "Extended"}, follow=True)
    assert "The new date stands for 4 vials of lot L77." in shown(answer)
    assert set(Vial.objects.values_list("expires_on", flat=True)) == {"2027-06-30"}
    assert client.get(url("drug_expiry", **where)).status_code == 404


# ---- reconciliation and counts -----------------------------------------------------------------------------------------


def test_the_reconciliation_list(world, pharmacy, patient):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=patient)
    recorded(pharmacy, patient, "C1D1", "A1001", "A1002", mg="1")
    monitor = world.client(world.user("MONITOR"))
    page = shown(monitor.get(url("drug_reconciliation")))
    assert "What does not fit: 1" in page
    assert f"A1002 was used for {patient.number}, C1D1 on 02-Sep-2026 without being dispensed." in page
    assert "The stock has not been counted yet." in page
    rows = table(monitor.get(url("drug_reconciliation", csv=1)))
    assert rows[0][0] == "Vial" and rows[0][-1] == "What does not fit"
    assert [row[0] for row in rows[1:]] == ["A1002", "A1001", "A1003", "A1004"]
    assert [row[0] for row in table(monitor.get(url("drug_reconciliation", csv=1, only=1)))[1:]] == ["A1002"]
    assert [row[0] for row in table(monitor.get(url("drug_reconciliation", csv=1, state="IN STOCK")))[1:]] == ["A1003", "A1004"]
    assert "1 to look at" in shown(monitor.get(url("drug_site")))


def test_when_everything_fits_it_says_so(world, pharmacy):
    pharmacy.receive()
    pharmacy.count(4, on="2026-11-20")
    page = shown(world.client(world.user("MONITOR")).get(url("drug_reconciliation")))
    assert "Everything fits." in page and "Last count: 20-Nov-2026 (Pharmacist)." in page


@pytest.mark.parametrize("role", ["PHARMACIST", "MONITOR"])
def test_a_count_is_entered_on_its_page(world, pharmacy, role):
    pharmacy.receive()
    client = world.client(world.user(role))
    typed = {"which": f"10 {LOT}", "counted": "3", "remark": "", **day("counted_on", "2026-11-20")}
    refused = client.post(url("drug_counts"), typed)
    assert refused.status_code == 422
    assert "The account has 4. Count again" in shown(refused) and read(refused).data["counted"] == ["3"]
    answer = client.post(url("drug_counts"), typed | {"remark": "One is missing"}, follow=True)
    assert "Lot L77: 3 counted, 4 in the account." in shown(answer) and "Differs" in shown(answer)
    client.post(url("drug_counts"), typed | {"counted": "4"})
    assert list(StockCount.objects.order_by("id").values_list("counted", "expected", "by_role")) == [
        (3, 4, world.user(role).full_name.split(" FR03")[0]), (4, 4, world.user(role).full_name.split(" FR03")[0]),
    ]  # fmt: skip
    assert table(client.get(url("drug_counts", csv=1)))[1][:5] == ["2026-11-20", "10", LOT, "4", "4"]


@pytest.mark.parametrize("role", ["COORDINATOR", "DATA_MANAGER", "INSPECTOR"])
def test_others_read_the_counts(world, pharmacy, role):
    pharmacy.receive()
    client = world.client(world.user(role))
    assert "Enter a count" not in shown(client.get(url("drug_counts")))
    assert client.post(url("drug_counts"), {}).status_code == 403


@pytest.mark.parametrize("typed", [{}, {"which": "10 nonsense"}, {"which": "x"}, {"counted": "-1"}, {"counted": "1e9"}, {"which": "\x00"}])
def test_a_count_of_nonsense(client, pharmacy, typed):
    pharmacy.receive()
    assert client.post(url("drug_counts"), {"which": f"10 {LOT}", "counted": "", **day("counted_on", DAY)} | typed).status_code == 422
    assert not StockCount.objects.exists()


# ---- who -------------------------------------------------------------------------------------------------------------

READERS = ["COORDINATOR", "INVESTIGATOR", "SUB_INVESTIGATOR", "PHARMACIST", "MONITOR", "DATA_MANAGER", "SAFETY_DESK", "MEDICAL_REVIEWER", "INSPECTOR"]


@pytest.mark.parametrize("role", READERS)
def test_who_reads_the_account(world, pharmacy, role):
    pharmacy.receive()
    client = world.client(world.user(role))
    for name in ("drug_site", "drug_counts", "drug_reconciliation"):
        assert client.get(url(name)).status_code == 200
    assert client.get(vial_url("A1001")).status_code == 200
    assert ("Receive a shipment" in shown(client.get(url("drug_site")))) is (role == "PHARMACIST")
    assert 'href="/drug/"' in client.get("/").content.decode()


@pytest.mark.parametrize("role", ["STATISTICIAN", "ADMINISTRATOR"])
def test_who_does_not(world, pharmacy, role):
    pharmacy.receive()
    client = world.client(world.user(role))
    assert client.get("/drug/").status_code == 403
    assert client.get(url("drug_site")).status_code == 404
    assert 'href="/drug/"' not in client.get("/").content.decode()


def test_who_has_one_site_is_led_to_it_and_who_has_more_sees_all(world, pharmacy, client):
    Pharmacy(world, "GR01").receive(numbers="G1-G3", expires_on="2026-11-25")
    pharmacy.receive()
    assert client.get("/drug/").url == url("drug_site")
    page = shown(world.client(world.user("DATA_MANAGER")).get("/drug/"))
    assert "FR03" in page and "Expires in 5 days" in page
    assert re.search(r"GR01 \S+ 0 3 0 0", page)
    monitor = shown(world.client(world.user("MONITOR", "FR03", "FR01")).get("/drug/"))
    assert "FR01" in monitor and "GR01" not in monitor


def test_the_overview_asks_the_same_for_one_site_and_all(world, pharmacy):
    client = world.client(world.user("DATA_MANAGER"))
    pharmacy.receive()
    client.get("/drug/")
    with CaptureQueriesContext(connection) as few:
        client.get("/drug/")
    for n, site in enumerate(("GR01", "IT01", "ES03")):
        Pharmacy(world, site).receive(numbers=f"{'GIE'[n]}1001-{'GIE'[n]}1030")
    with CaptureQueriesContext(connection) as many:
        client.get("/drug/")
    assert len(many) == len(few)


def test_the_account_says_no_more_of_a_patient_than_number_and_dose(client, pharmacy, world, patient):
    pharmacy.receive()
    recorded(pharmacy, patient, "C1D1", "A1001")
    for page in (url("drug_site"), url("drug_reconciliation"), vial_url("A1001")):
        said = shown(client.get(page))
        assert patient.number in said
        assert not re.search(r"1958|Male|Female|ECOG|consent|adverse", said, re.I)


# ---- the admin -------------------------------------------------------------------------------------------------------


def test_a_monitor_audits_the_account_of_the_own_sites_only(world, pharmacy, patient):
    pharmacy.receive()
    pharmacy.dispense("A1001", patient=patient)
    pharmacy.count(3, on="2026-11-20")
    near, away = world.client(world.user("MONITOR")), world.client(world.user("MONITOR", "GR01"))
    for model in (Shipment, Vial, VialMovement, StockCount):
        record = model.objects.latest("id")
        listed = reverse(f"admin:dosing_{model._meta.model_name}_changelist")
        one = reverse(f"admin:dosing_{model._meta.model_name}_change", args=[record.pk])
        assert "FR03" in near.get(listed).content.decode().split("changelist-form")[-1], model
        assert near.get(one).status_code == 200
        assert "FR03" not in away.get(listed).content.decode().split("changelist-form")[-1], model
        assert away.get(one).status_code == 404
        assert near.post(one, {"state": "LOST"}).status_code == 403
    one = reverse("admin:dosing_vial_change", args=[Vial.objects.get(number="A1001").pk])
    page = shown(near.get(one))
    assert "31-Dec-2026" in page and "Dispensed" in page
    assert vial_url("A1001") in near.get(one).content.decode()


def test_all_changes_name_the_door(world, pharmacy):
    pharmacy.receive()
    assert Change.objects.filter(form="VIAL").exists()
    page = shown(world.client(world.user("MONITOR")).get("/changes/?form=VIAL"))
    assert "drug account" in page and "In stock" in page
