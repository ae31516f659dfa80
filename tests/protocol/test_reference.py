"""Sites, criteria, parameters, terms and scales: complete, and as the sources have them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from protocol import criteria, parameters, terms
from protocol.codelists import Scale
from protocol.criteria import CRITERIA
from protocol.parameters import Origin
from protocol.scales import CRS, GRADES, ICANS, SCALE_OF, TLS, grade_words
from protocol.sites import BY_CODE, SITES
from protocol.terms import find, grades_for, scale_for, term

SHARED = Path(__file__).resolve().parents[3] / "shared"  # beside the repository on a developer's machine only
RECORD = SHARED / "protocol" / "registry-record-NCT07203053.txt"
WORKBOOK = SHARED / "data" / "ctcae" / "ctcae_v5_0.csv"


def record_text() -> str:
    """The record without the download's backslashes; where it is not at hand, the words that are shipped."""
    if not RECORD.exists():
        return "\n".join([each.text for each in CRITERIA] + [f"{s.name}\n{s.city}, , {s.contact}" for s in SITES])
    return re.sub(r"\\([>\[\]])", r"\1", RECORD.read_text(encoding="utf-8"))


def test_sites():
    assert len(SITES) == len(BY_CODE) == 19
    assert Counter(site.country for site in SITES) == {"FR": 4, "GR": 1, "IT": 5, "ES": 5, "CH": 4}
    assert [site.code for site in SITES] == [
        *(f"FR0{n}" for n in range(1, 5)), "GR01", *(f"IT0{n}" for n in range(1, 6)), *(f"ES0{n}" for n in range(1, 6)),
        *(f"CH0{n}" for n in range(1, 5)),
    ]  # fmt: skip
    assert all(ZoneInfo(site.zone) and site.code.startswith(site.country) for site in SITES)
    assert sum("Universitatrio" in site.name for site in SITES) == 2
    assert all("Universitatrio" in site.note for site in SITES if "Universitatrio" in site.name)


def test_sites_stand_in_the_record_in_this_order():
    record = record_text()
    names = [record.index(f"{site.name}\n{site.city}, ,") for site in SITES]
    assert names == sorted(names)
    facility = record.find("Facility Contacts")
    contacts = [record.index(site.contact, max(facility, 0)) for site in SITES]
    assert contacts == sorted(contacts)


def test_criteria():
    assert [each.id for each in CRITERIA] == [*(f"I{n}" for n in range(11)), *(f"E{n}" for n in range(1, 19))]
    assert len({each.field for each in CRITERIA}) == len({each.ietestcd for each in CRITERIA}) == 29
    assert all(len(each.ietestcd) <= 8 and each.short and each.text for each in CRITERIA)
    assert criteria.BY_FIELD["e09"].id == "E9"
    assert {each.id: each.gates for each in CRITERIA if each.gates != (1,)} == {
        "I9": (1, 2), "E10": (2,), "E11": (2,), "E12": (1, 2),  # E12 is asked again before the first dose: by design
    }  # fmt: skip
    assert {each.kind for each in CRITERIA if each.id.startswith("I")} == {"inclusion"}


@pytest.mark.parametrize("each", [each for each in CRITERIA if each.id != "I0"], ids=lambda each: each.id)
def test_criteria_are_the_records_words(each):
    assert each.text in record_text()
    assert "\\" not in each.text


def test_no_bullet_and_no_word_of_the_record_is_missing():
    bullets = {each.id: each.text.count("\n* ") for each in CRITERIA if "\n* " in each.text}
    assert bullets == {"I7": 2, "E2": 4, "E6": 6, "E9": 6, "E10": 2}
    assert len(" ".join(each.text for each in CRITERIA if each.id != "I0").split()) == 949


def test_i0_can_be_switched_off():
    assert criteria.active()[0].id == "I0"
    with parameters.override(i0_active=False):
        assert criteria.active()[0].id == "I1"
        assert len(criteria.active()) == 28
    assert len(criteria.at_gate(1)) == 27
    assert [each.id for each in criteria.at_gate(2)] == ["I9", "E10", "E11", "E12"]


def test_parameters():
    for name, each in parameters.PARAMETERS.items():
        assert each.name == name
        assert each.rests_on.strip()
        assert (each.origin is Origin.TO_BE_SUPPLIED) == (each.value is None), name
    expected = {"enrolment_cap": 48, "minimum_age_years": 18, "first_dose_mg": 1, "later_dose_mg": 10, "days_to_c1d8": 7,
                "days_to_c1d15": 7, "later_interval_days": 14, "required_ecog": 2, "sae_report_hours": 24,
                "contraception_days": 60}  # fmt: skip
    assert {name: parameters.whole(name) for name in expected} == expected
    assert parameters.birth_date_precision("FR") == "month"
    assert parameters.birth_date_precision("XX") == "month"
    with parameters.override(birth_date_precision={"FR": "day"}):
        assert parameters.birth_date_precision("FR") == "day"
    assert {row[0] for row in parameters.rows() if row[1] == "to be supplied"} == {
        "ecog_max_age_days", "laboratory_thresholds", "visit_window_days", "ae_collection_days", "scan_interval_days",
        "sd_minimum_days", "hbv_dna_interval_days", "laboratory_max_age_days", "oxygen_saturation_max_age_days",
        "pleural_effusion_max_age_days", "heart_scan_max_age_days", "ecg_max_age_days", "serology_max_age_days",
    }  # fmt: skip
    with pytest.raises(TypeError):
        parameters.whole("visit_window_days")
    with pytest.raises(TypeError):
        parameters.whole("i0_active")
    with pytest.raises(KeyError):
        parameters.value("no_such_parameter")


def test_registry_parameters_quote_the_record():
    if not RECORD.exists():
        assert all(each.rests_on for each in parameters.PARAMETERS.values())
        return
    record = record_text().replace("* ", "").replace("\n", " ")
    for each in parameters.PARAMETERS.values():
        if each.origin is Origin.REGISTRY:
            quoted = each.rests_on.split(", counted")[0]
            pieces = re.split(r" and (?=10 mg)|, (?=then)", quoted)
            assert all(piece in record for piece in pieces), each.name


# CTCAE: the published table's figures -----------------------------------------------------------------------------------

def test_ctcae_counts():
    listed = [each for each in terms.terms() if not each.own]
    assert len(listed) == len({each.name for each in listed}) == 837
    assert len({each.soc for each in listed}) == 26
    assert sum(each.needs_text for each in listed) == 26
    assert sum(each.ctcae_grades == GRADES for each in listed) == 330
    assert sum("5" not in each.ctcae_grades for each in listed) == 343
    assert all(each.ctcae_grades and set(each.ctcae_grades) <= set(GRADES) for each in listed)


def test_ctcae_is_the_workbooks():
    with terms.DATA.open(encoding="utf-8", newline="") as lines:
        shipped = list(csv.DictReader(lines))
    assert list(shipped[0]) == ["soc", "term", "grades"]
    if WORKBOOK.exists():
        with WORKBOOK.open(encoding="utf-8", newline="") as lines:
            expected = [
                {"soc": row["soc"], "term": row["term"],
                 "grades": " ".join(grade for grade in GRADES if row[f"grade{grade}"].strip())}
                for row in csv.DictReader(lines)
            ]  # fmt: skip
        assert shipped == expected
    # No definition, no grade text, no code of a licensed dictionary.
    assert not any(re.search(r"\d{6,}|; |<|>", row["term"]) for row in shipped)
    assert max(len(row["term"]) for row in shipped) < 100


@pytest.mark.parametrize(("name", "scale", "grades"), [
    ("Nausea", Scale.CTCAE, "123"), ("Febrile neutropenia", Scale.CTCAE, "345"), ("Sepsis", Scale.CTCAE, "345"),
    (CRS, Scale.ASTCT, "12345"), (ICANS, Scale.ASTCT, "12345"), (TLS, Scale.CAIRO_BISHOP, "12345"),
    ("No such term", Scale.CTCAE, "12345"),
])  # fmt: skip
def test_scales_and_grades(name, scale, grades):
    assert scale_for(name) == scale
    assert grades_for(name) == grades_for(name, scale) == tuple(grades)


def test_grades_on_another_scale():
    assert grades_for(TLS, Scale.CTCAE) == ("3", "4", "5")
    assert grades_for(CRS, Scale.CTCAE) == GRADES
    assert grades_for("Nausea", Scale.ASTCT) == ()
    assert grades_for(ICANS, Scale.CTCAE) == ()


def test_own_terms():
    assert [each.name for each in terms.terms() if each.own] == [ICANS]
    assert term(ICANS).ctcae_grades == ()
    assert term("nausea") is None
    for name in SCALE_OF:
        assert all(grade_words(name, scale_for(name), grade) for grade in GRADES)
        assert not grade_words(name, scale_for(name), "6")
    assert all(grade_words("Nausea", Scale.CTCAE, grade) for grade in GRADES)
    assert not grade_words("Nausea", Scale.ASTCT, "1")


@pytest.mark.parametrize(("typed", "first"), [
    ("fever", "Fever"), ("FEV", "Fever"), ("pyrexia", "Fever"), ("low platelets", "Platelet count decreased"),
    ("low plat", "Platelet count decreased"), ("thrombocytop", "Platelet count decreased"),
    ("neutropenia", "Neutrophil count decreased"), ("neutropenic fever", "Febrile neutropenia"), ("crs", CRS),
    ("cytokine", CRS), ("icans", ICANS), ("neurotox", ICANS), ("tls", TLS), ("tumour lysis", TLS), ("diarrhoea", "Diarrhea"),
    ("anaemia", "Anemia"), ("dyspnoea", "Dyspnea"), ("breathless", "Dyspnea"), ("oedema limbs", "Edema limbs"),
    ("haematuria", "Hematuria"), ("oesophagitis", "Esophagitis"), ("tiredness", "Fatigue"), ("taste", "Dysgeusia"),
    ("Guillain-Barré", "Guillain-Barre syndrome"), ("pain back", "Back pain"), ("back p", "Back pain"),
    ("pneumonia", "Lung infection"), ("ALT", "Alanine aminotransferase increased"), ("low sodium", "Hyponatremia"),
    ("decreased appetite", "Anorexia"), ("nausea", "Nausea"), ("hand-foot", "Palmar-plantar erythrodysesthesia syndrome"),
    ("pulmonary embolism", "Thromboembolic event"), ("leucopenia", "White blood cell decreased"),
    # What a nurse types
    ("high fever", "Fever"), ("temp", "Fever"), ("throwing up", "Vomiting"), ("feeling sick", "Nausea"), ("low white cells", "White blood cell decreased"),
    ("white cells low", "White blood cell decreased"), ("rash", "Rash maculo-papular"), ("itchy", "Pruritus"), ("short of breath", "Dyspnea"),
    ("SOB", "Dyspnea"), ("confused", "Confusion"), ("sleepy", "Somnolence"), ("drowsy", "Somnolence"), ("hard to wake", "Depressed level of consciousness"),
    ("sodium low", "Hyponatremia"), ("SIADH", "Hyponatremia"), ("low potassium", "Hypokalemia"), ("loss of taste", "Dysgeusia"), ("metallic taste", "Dysgeusia"),
    ("shivering", "Chills"), ("low bp", "Hypotension"), ("low oxygen", "Hypoxia"), ("fits", "Seizure"), ("shaky hands", "Tremor"), ("handwriting", "Tremor"),
    ("cannot find words", "Dysphasia"), ("slurred speech", "Dysarthria"), ("can't sleep", "Insomnia"), ("tired", "Fatigue"), ("weak", "Generalized muscle weakness"),
    ("constipated", "Constipation"), ("watery stools", "Diarrhea"), ("mouth sores", "Mucositis oral"), ("no appetite", "Anorexia"), ("losing weight", "Weight loss"),
    ("swollen legs", "Edema limbs"), ("blood clot", "Thromboembolic event"), ("nosebleed", "Epistaxis"), ("water infection", "Urinary tract infection"),
    ("blood in urine", "Hematuria"), ("jaundice", "Blood bilirubin increased"), ("allergic", "Allergic reaction"), ("heart racing", "Palpitations"),
    ("irregular heartbeat", "Atrial fibrillation"), ("fainted", "Syncope"), ("stiff neck", "Meningismus"), ("cytokine storm", CRS), ("neurotoxicity", ICANS),
])  # fmt: skip
def test_typing_finds(typed, first):
    assert find(typed)[0].name == first


@pytest.mark.parametrize("typed", ["", "   ", "-", "xyzzy", "\x00", "é" * 10_000, "fever nausea"])
def test_typing_finds_nothing(typed):
    assert find(typed) == []


def test_every_term_is_found_by_its_name_and_every_synonym_leads_somewhere():
    assert all(find(each.name)[0] == each for each in terms.terms())
    assert set(terms._SYNONYMS) <= {each.name for each in terms.terms()}
    for each in terms.terms():
        assert all(each in find(word)[:3] for word in each.synonyms), each.name  # among the first that are offered
    assert len(find("pain", limit=5)) == 5
    assert not find("chest pain")[0].needs_text
