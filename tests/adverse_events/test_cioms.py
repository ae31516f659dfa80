"""The CIOMS I form, read back with a reader that nobody here wrote."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from pypdf import PdfReader

from adverse_events import cioms
from adverse_events import icsr_words as words
from protocol import codelists
from protocol.dates import PartialDate
from protocol.icsr import Icsr, Subject
from tests.adverse_events.cases import DEAD, EMPTY, FULL, REPORTS, on
from tests.fuzz.nasty import SETTINGS

pytestmark = pytest.mark.nodb


def pages(report: Icsr) -> list[str]:
    """The text of each page, every run of blanks as one."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(cioms.pdf(report))).pages]


def text(report: Icsr) -> str:
    return " ".join(pages(report))


@pytest.mark.parametrize("report", [FULL, EMPTY, DEAD], ids=["full", "empty", "dead"])
def test_every_numbered_field_is_on_the_first_page(report):
    first = pages(report)[0]
    for label in ("1. PATIENT INITIALS", "1a. COUNTRY", "2. DATE OF BIRTH", "2a. AGE", "3. SEX", "4–6. REACTION ONSET", "7 + 13. DESCRIBE", "8–12. CHECK ALL",
                  "14. SUSPECT", "15. DAILY", "16. ROUTE", "17. INDICATION", "18. THERAPY DATES", "19. THERAPY DURATION", "20. DID", "21. DID", "22. CONCOMITANT",
                  "23. OTHER", "24a. NAME", "24b. MFR", "24c. DATE", "24d. REPORT SOURCE", "DATE OF THIS REPORT", "25a. REPORT TYPE"):  # fmt: skip
        assert label in first, label


def test_greek_and_accents_are_printed():
    found = text(FULL)
    assert "Η ασθενής ανέκτησε την υγεία της." in found
    assert "Léon Bérard" in text(replace(EMPTY, narrative="Hôpital Léon Bérard, œdème, šč, ß"))
    assert "\ufffd" not in found


def test_the_fonts_are_in_the_file():
    fonts = [font for page in PdfReader(io.BytesIO(cioms.pdf(FULL))).pages for font in page["/Resources"]["/Font"].values()]
    named = {str(each.get_object()["/BaseFont"]) for each in fonts if "/FontDescriptor" in each.get_object()}
    assert any("DejaVuSansCondensed-Bold" in each for each in named)
    assert len(named) >= 2


def test_what_the_facts_say_stands_there():
    found = text(FULL)
    for said in ("Masked. Patient number GR01-001", "67", "Female", "day 12, month Mar, year 2026", "grade 2 from 13-Mar-2026 02:00", "13:40 h after the start of the infusion C1D8",
                 "C1D8: 10 mg, 12-Mar-2026 09:30 to 10:35, lot L78, lot of vial V003 not known", "Bisoprolol, 2.5 mg, once a day, oral, from 2024 continuing, for Hypertension",
                 "Small cell lung cancer", "C-reactive protein 182 mg/L, high (range up to 5)", "Expected, against Investigator's Brochure 9.0", "13-Mar-2026 09:00 (+0100)",
                 "2025-522288-13", "2 doses in 8 days", "made longer by the event"):  # fmt: skip
        assert said in found, said


def test_what_was_given_for_the_event_is_not_concomitant():
    first = pages(FULL)[0]
    assert "Tocilizumab" not in first[first.index("22. CONCOMITANT") : first.index("23. OTHER")]
    assert "Given for the event: Tocilizumab" in first


@pytest.mark.parametrize("report", [FULL, EMPTY, DEAD], ids=["full", "empty", "dead"])
def test_what_is_not_filled_is_said(report):
    found = text(report)
    assert "WHAT IS NOT FILLED, AND WHY" in found
    for line in cioms.unfilled(report):
        assert " ".join(line.split()) in found


def test_an_empty_report_ticks_nothing_but_what_it_is():
    """A study, and an initial report; a box that nobody answered stays empty."""
    assert [each.split()[0] for each in pages(EMPTY)[0].split("\u2612")[1:]] == ["STUDY", "INITIAL"]


CRITERIA = {"is_death": "PATIENT DIED", "is_hospitalisation": "INVOLVED OR PROLONGED", "is_disability": "INVOLVED PERSISTENT", "is_life_threatening": "LIFE THREATENING",
            "is_congenital": "CONGENITAL", "is_medically_important": "OTHER MEDICALLY"}  # fmt: skip


@pytest.mark.parametrize("name", list(CRITERIA))
def test_a_criterion_ticks_its_own_box_alone(name):
    first = pages(replace(EMPTY, event=replace(EMPTY.event, criteria=(name,))))[0]
    for other, said in CRITERIA.items():
        assert (f"\u2612 {said}" in first) is (other == name)
        assert (f"\u2610 {said}" in first) is (other != name)


@pytest.mark.parametrize("action", ["", *codelists.ActionTaken])
def test_not_applicable_only_where_the_drug_went_on(action):
    """Whether the event abated is a judgement: where the drug was stopped, no box is ticked."""
    first = pages(replace(EMPTY, event=replace(EMPTY.event, action_taken=action)))[0]
    field = first[first.index("20. DID") : first.index("21. DID")]
    went_on = action not in ("", "DRUG INTERRUPTED", "DRUG WITHDRAWN", "UNKNOWN")
    assert ("\u2612 NA" in field) is went_on
    assert ("Not asked" in field) is not went_on
    assert "\u2612 YES" not in field and "\u2612 NO" not in field


@pytest.mark.parametrize(("day", "said"), [("2026", "day –, month –, year 2026"), ("2026-03", "day –, month Mar, year 2026"), ("2026-03-12", "day 12, month Mar, year 2026")])
def test_an_onset_is_no_more_exact_than_it_is_known(day, said):
    assert said in pages(replace(FULL, event=replace(FULL.event, began=on(day))))[0]


def test_an_age_that_is_not_exact_is_said_so():
    assert "70 or 71" in pages(DEAD)[0]


def test_long_text_goes_on_over_the_pages_and_nothing_is_lost():
    words = [f"word{n}" for n in range(6000)]
    found = pages(replace(FULL, narrative=" ".join(words)))
    assert len(found) > 3
    assert "→ continued on the pages that follow" in found[0]
    everything = " ".join(found)
    assert [each for each in words if each not in everything] == []
    assert all(f"Page {n} of {len(found)}" in page for n, page in enumerate(found, start=1))


def test_a_word_without_end_is_broken_and_kept():
    found = "".join(pages(replace(FULL, narrative="x" * 20_000)))
    assert found.count("x") >= 20_000


def test_a_sign_without_a_letter_is_seen_to_have_been_there_and_named():
    found = text(replace(EMPTY, narrative="before 🦠\x07 after"))
    assert "before \ufffd\ufffd after" in found
    assert "U+0007, U+1F9A0" in found


@SETTINGS
@given(REPORTS)
def test_it_prints_whatever_stands_in_the_fields(report):
    found = pages(report)
    assert found[0].startswith("SUSPECT ADVERSE REACTION REPORT")
    assert f"Page {len(found)} of {len(found)}" in found[-1]


def test_no_identity_has_a_place_in_a_report():
    """The tree that both outputs are made from has nowhere to put one."""
    names = set(Subject.__dataclass_fields__)
    assert names == {"number", "country", "age", "sex", "weight_kg", "height_cm"}


def test_the_same_facts_make_the_same_file():
    assert cioms.pdf(FULL) == cioms.pdf(replace(FULL))


@pytest.mark.parametrize(("version", "sent", "said", "ticked", "name"), [
    (0, False, "not yet sent", "INITIAL", "unsent-after-v0"), (1, True, "version 1", "INITIAL", "v1"), (1, False, "not sent, after version 1", "FOLLOW-UP", "unsent-after-v1"),
    (2, True, "version 2", "FOLLOW-UP", "v2"),
])  # fmt: skip
def test_what_was_sent_and_what_was_not_are_told_apart(version, sent, said, ticked, name):
    report = replace(FULL, version=version, sent=sent)
    first = pages(report)[0]
    assert f"{report.report_id}, {said}" in first
    assert f"\u2612 {ticked}" in first
    assert cioms.file_name(report).endswith(f"_{name}.pdf")


@pytest.mark.parametrize(("began", "ended", "ongoing", "said"), [
    ("2011", "", "Y", "from 2011 continuing"), ("2011", "2015-03", "N", "from 2011 to Mar-2015"), ("2026-03-13", "2026-03-13", "N", "on 13-Mar-2026"),
    ("2026-03", "2026-03", "N", "in Mar-2026"), ("2026-03-13", "2026-03-13", "Y", "from 13-Mar-2026 continuing"), ("", "2015", "N", "to 2015"), ("", "", "", ""),
])  # fmt: skip
def test_from_when_to_when(began, ended, ongoing, said):
    days = [PartialDate.parse(each) if each else None for each in (began, ended)]
    assert words.period(*days, ongoing) == said
