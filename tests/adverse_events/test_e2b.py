"""The E2B(R3) message: valid against the schemas of ICH whatever stands in the data, and it says only what the data say."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given

from adverse_events import e2b
from protocol import codelists
from protocol.icsr import Icsr
from protocol.laboratory_tests import TESTS
from tests.adverse_events.cases import DEAD, EMPTY, FULL, REPORTS, on
from tests.adverse_events.schema import problems, schema
from tests.fuzz.nasty import SETTINGS

pytestmark = pytest.mark.nodb
NS = {"h": "urn:hl7-org:v3"}
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def tree(report: Icsr):
    from lxml import etree

    return etree.fromstring(e2b.message(report))


def coded(report: Icsr, code: str) -> list:
    """The observations with that code of ICH's list."""
    return tree(report).xpath(f"//*[h:code[@code='{code}' and @codeSystem='2.16.840.1.113883.3.989.2.1.1.19']]", namespaces=NS)


def values(report: Icsr, code: str, attribute: str = "code") -> list[str]:
    return [each.get(attribute) for found in coded(report, code) for each in found.xpath("h:value", namespaces=NS)]


@pytest.mark.parametrize("report", [FULL, EMPTY, DEAD], ids=["full", "empty", "dead"])
def test_valid_against_the_schemas_of_ich(report):
    assert problems(e2b.message(report)) == []


@SETTINGS
@given(REPORTS)
def test_valid_whatever_stands_in_the_fields(report):
    assert problems(e2b.message(report)) == []


def test_the_check_does_refuse():
    """The check itself: what is not well-formed, and, where the schema is at hand, an element where it has none."""
    from lxml import etree

    with pytest.raises(etree.XMLSyntaxError):
        problems(e2b.message(FULL)[:-9])
    broken = e2b.message(FULL).replace(b"<statusCode", b"<madeUp/><statusCode")
    assert any("madeUp" in each for each in problems(broken)) == (schema() is not None)


@pytest.mark.parametrize(("typed", "shown"), [
    ("a\x00b\x0b\x1f", "a\ufffdb\ufffd\ufffd"), ("\ud83d", "\ufffd"), ("\ufffe\uffff", "\ufffd\ufffd"), ("tab\tline\n", "tab\tline\n"),
    ("🦠 και ß", "🦠 και ß"), ("\x7f\x85", "\x7f\x85"),
])  # fmt: skip
def test_what_xml_cannot_hold_is_seen_to_have_been_there(typed, shown):
    assert e2b.clean(typed) == shown


@pytest.mark.parametrize(("length", "most", "kept", "marked"), [(10, 10, 10, False), (11, 10, 10, True), (20_000, 250, 250, True), (0, 250, 0, False)])
def test_long_text_is_cut_and_says_so(length, most, kept, marked):
    found = e2b.fit("x" * length, most)
    assert (len(found), found.endswith(" […]")) == (kept, marked)


# ---- what it says ----------------------------------------------------------------------------------------------------


def test_it_says_everywhere_that_it_is_not_for_transmission():
    text = e2b.message(FULL).decode()
    assert "NOT FOR TRANSMISSION" in text.split("-->")[0]
    assert e2b.file_name(FULL) == "NOT-FOR-TRANSMISSION_GR-ETOP-2925GR01001AE3_v2.xml"
    ends = {each.get("root")[-2:]: each.get("extension") for each in tree(FULL).xpath("//h:device/h:id", namespaces=NS)}
    assert ends == {"14": "NOT-FOR-TRANSMISSION", "13": "NOT-FOR-TRANSMISSION", "12": "NOT-FOR-TRANSMISSION", "11": "NOT-FOR-TRANSMISSION"}
    assert tree(FULL).xpath("//h:processingCode/@code", namespaces=NS) == ["T"]


@pytest.mark.parametrize("report", [FULL, EMPTY, DEAD], ids=["full", "empty", "dead"])
def test_what_is_not_filled_stands_in_the_comment(report):
    comment = e2b.message(report).decode().split("-->")[0]
    for line in e2b.unfilled(report):
        assert line in comment
    assert len(e2b.unfilled(report)) >= len(e2b.ALWAYS_UNFILLED) + len(report.missing)


def test_a_comment_cannot_be_closed_from_within():
    from protocol.icsr import Missing

    message = e2b.message(replace(FULL, missing=(Missing("--> <x/> --", "---"),)))
    assert problems(message) == []
    assert message.count(b"-->") == 1


def test_identity_is_masked():
    """No name, no birth date: the investigation number, an age and a sex."""
    person = tree(FULL).xpath("//h:player1", namespaces=NS)[0]
    assert person.xpath("h:name/@nullFlavor", namespaces=NS) == person.xpath("h:birthTime/@nullFlavor", namespaces=NS) == ["MSK"]
    assert person.xpath("h:asIdentifiedEntity/h:id/@extension", namespaces=NS) == ["GR01-001"]
    assert tree(FULL).xpath("//h:assignedPerson/h:name/*/@nullFlavor", namespaces=NS) == ["MSK", "MSK"]
    assert values(FULL, "3", "value") == ["67"]
    assert values(DEAD, "3", "value") == []  # 70 or 71: no single number


def test_no_code_of_meddra_is_in_it():
    assert b"2.16.840.1.113883.6.163" not in e2b.message(FULL)


@pytest.mark.parametrize(("outcome", "code"), list(zip([*codelists.Outcome, ""], ["1", "4", "2", "3", "5", "0", "0"], strict=True)))
def test_outcome(outcome, code):
    assert values(replace(FULL, event=replace(FULL.event, outcome=outcome)), "27") == [code]


ACTIONS = {
    "DOSE NOT CHANGED": "4", "DRUG INTERRUPTED": "0", "DRUG WITHDRAWN": "1", "DOSE REDUCED": "2", "DOSE INCREASED": "3",
    "DOSE RATE REDUCED": "0", "NOT APPLICABLE": "9", "UNKNOWN": "0", "": None,
}  # fmt: skip


def test_every_action_has_its_row():
    assert set(ACTIONS) == {each.value for each in codelists.ActionTaken} | {""}


@pytest.mark.parametrize(("action", "code"), list(ACTIONS.items()))
def test_action_taken(action, code):
    report = replace(FULL, event=replace(FULL.event, action_taken=action))
    found = tree(report).xpath("//h:act/h:code[@codeSystem='2.16.840.1.113883.3.989.2.1.1.15']/@code", namespaces=NS)
    assert found == ([code] if code else [])
    assert any("G.k.8" in each for each in e2b.unfilled(report)) is (action in ("DRUG INTERRUPTED", "DOSE RATE REDUCED"))


CRITERIA = {"is_death": "34", "is_life_threatening": "21", "is_hospitalisation": "33", "is_disability": "35", "is_congenital": "12", "is_medically_important": "26"}


@pytest.mark.parametrize("name", list(CRITERIA))
def test_each_criterion_is_true_or_not_informed_never_false(name):
    report = replace(FULL, event=replace(FULL.event, criteria=(name,)))
    for other, code in CRITERIA.items():
        assert values(report, code, "value") == (["true"] if other == name else [None])
        assert values(report, code, "nullFlavor") == ([None] if other == name else ["NI"])


@pytest.mark.parametrize(("at", "text"), [
    (on("2026"), "2026"), (on("2026-03"), "202603"), (on("2026-03-12"), "20260312"), (on("2026-03-12", "23:10"), "202603122310+0200"),
    (on("2026-07-12", "23:10"), "202607122310+0300"), (on("2026-03", "23:10"), "202603"),
])  # fmt: skip
def test_a_time_is_no_more_exact_than_it_is_known(at, text):
    assert at.hl7 == text
    found = tree(replace(FULL, event=replace(FULL.event, began=at))).xpath("//h:observation[h:code/@code='29']/h:effectiveTime/h:low/@value", namespaces=NS)
    assert found == [text]


def test_every_dose_that_was_given_with_amount_times_and_lot():
    inner = tree(FULL).xpath("//h:substanceAdministration/h:outboundRelationship2[@typeCode='COMP']/h:substanceAdministration", namespaces=NS)
    doses = [each for each in inner if each.xpath("h:routeCode/@code", namespaces=NS) == ["041"]]
    read = [
        [*each.xpath("h:doseQuantity/@value|h:doseQuantity/@unit", namespaces=NS), *each.xpath("h:effectiveTime/*/@value", namespaces=NS),
         *each.xpath(".//h:lotNumberText/text()", namespaces=NS)]
        for each in doses
    ]  # fmt: skip
    assert read == [
        ["1", "mg", "202603051000+0200", "202603051102+0200", "L77"],
        ["10", "mg", "202603120930+0200", "202603121035+0200", "L78"],
    ]


def test_what_was_given_for_the_event_is_no_drug_of_the_case_but_in_the_narrative():
    names = tree(FULL).xpath("//h:kindOfProduct/h:name/text()", namespaces=NS)
    assert names == ["Tarlatamab", "Bisoprolol", "Heparin"]
    assert "Tocilizumab" in tree(FULL).xpath("//h:investigationEvent/h:text/text()", namespaces=NS)[0]


def test_both_opinions_stand_side_by_side():
    report = replace(FULL, event=replace(FULL.event, sponsor=replace(FULL.event.sponsor, relationship="N")))
    found = {each.xpath(".//h:originalText/text()", namespaces=NS)[-1]: each.xpath("h:value/text()", namespaces=NS)[0] for each in coded(report, "39")}
    assert found == {"INVESTIGATOR": "Reasonable possibility", "SPONSOR": "No reasonable possibility"}


@pytest.mark.parametrize("relationship", ["", "NOT YET ASSESSED"])
def test_an_opinion_that_nobody_gave_is_not_in_it(relationship):
    event = replace(FULL.event, investigator=replace(FULL.event.investigator, relationship=relationship))
    assert len(coded(replace(FULL, event=event), "39")) == 1


def test_results_with_their_sign_in_ucum():
    read = [[(child.tag.split("}")[1], *sorted(child.attrib.values())) for child in each] for each in tree(FULL).xpath("//h:value[@xsi:type='IVL_PQ']", namespaces=NS | {"xsi": XSI[1:-1]})]
    assert read == [[("center", "182", "mg/L")], [("low", "NINF"), ("high", "10", "10*9/L", "false")]]


@pytest.mark.parametrize(("susar", "value"), [(True, "true"), (False, "false"), (None, None)])
def test_expedited_only_when_it_is_known(susar, value):
    assert values(replace(FULL, susar=susar), "23", "value") == [value]


def test_the_same_facts_make_the_same_message():
    assert e2b.message(FULL) == e2b.message(replace(FULL))


@pytest.mark.parametrize(("role", "code", "null"), [("Physician", "1", None), ("Pharmacist", "2", None), ("Nurse or other health professional", "3", None), ("", None, "UNK"), ("Somebody", None, "UNK")])
def test_the_qualification_is_said_or_unknown(role, code, null):
    found = tree(replace(FULL, reporter=replace(FULL.reporter, role=role))).xpath("//h:asQualifiedEntity/h:code", namespaces=NS)[0]
    assert (found.get("code"), found.get("nullFlavor")) == (code, null)


def test_every_unit_of_a_result_is_one_of_ucum():
    """No caret, no blank: letters, digits, / * . and annotations in brackets."""
    units = {e2b._UCUM.get(each.unit, each.unit) for each in TESTS.values()}
    assert [each for each in units if not re.fullmatch(r"[A-Za-z0-9/*.%]+(\[IU\]/L)?(\{[A-Za-z0-9._]+\})?", each)] == []
