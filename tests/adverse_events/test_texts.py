"""Loading the NCI's grade texts: what is kept, what is refused, what is shown."""

import csv
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from adverse_events import texts
from protocol.terms import terms

COLUMNS = ["soc", "term", "grade1", "grade2", "grade3", "grade4", "grade5", "definition"]


@pytest.fixture
def workbook(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    path = tmp_path / "workbook.csv"

    def write(names, columns=COLUMNS):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows({"soc": "s", "term": name, "grade1": f"one of {name}", "definition": f"what {name} is", "navigational_note": "never kept"} for name in names)
        return path

    return write


def names():
    return [term.name for term in terms() if not term.own]


@pytest.mark.nodb
def test_texts_are_kept_and_shown(workbook):
    assert texts.load(workbook(names())) == (837, 837)
    assert texts.grade_text("Fatigue", "CTCAE 5.0", "1") == "one of Fatigue"
    assert texts.definition("Fatigue") == "what Fatigue is"
    assert "never kept" not in texts.store().read_text(encoding="utf-8")


@pytest.mark.nodb
def test_the_workbook_as_it_is_published(tmp_path, settings):
    """Its own heads, a code column that must not be kept, and '-' where a term has no such grade."""
    from openpyxl import Workbook

    settings.BASE_DIR = tmp_path
    book = Workbook()
    heads = ["MedDRA Code", "MedDRA SOC", "CTCAE Term", *(f"Grade {n}   " for n in range(1, 6)), "Definition", "Navigational Note"]
    book.active.append(heads)
    for name in names():
        book.active.append([10000001, "s", f"{name} ", "Mild", "-", None, "", "Death", "A disorder", "note"])
    book.save(tmp_path / "CTCAE.xlsx")
    assert texts.load(tmp_path / "CTCAE.xlsx") == (837, 2 * 837)
    assert texts.grade_text("Fatigue", "CTCAE 5.0", "1") == "Mild"
    assert texts.definition("Fatigue") == "A disorder"
    assert "10000001" not in texts.store().read_text(encoding="utf-8")


@pytest.mark.nodb
def test_the_command_says_in_a_sentence_what_is_wrong(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "no.xlsx").write_text("no workbook")
    with pytest.raises(CommandError):
        call_command("load_ctcae_texts", str(tmp_path / "no.xlsx"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_ctcae_texts", str(tmp_path / "missing.csv"))


@pytest.mark.nodb
def test_without_loaded_texts_our_own_words_stand_there(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    shown = texts.grade_text("Cytokine release syndrome", "ASTCT 2019", "2")
    assert shown and shown != texts.grade_text("Cytokine release syndrome", "ASTCT 2019", "3")


@pytest.mark.nodb
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda all_names: (all_names[:-1], COLUMNS), "836 of the 837"),
        (lambda all_names: ([], COLUMNS), "must have the columns"),
        (lambda all_names: (all_names, ["soc", "term"]), "must have the columns"),
    ],
)
def test_another_file_is_refused_and_changes_nothing(workbook, change, sentence):
    some, columns = change(names())
    with pytest.raises(ValueError, match=sentence):
        texts.load(workbook(some, columns))
    assert not texts.store().exists()


@pytest.mark.nodb
def test_the_published_workbook_loads(tmp_path, settings):
    """Against the NCI's own table where it is at hand (CTCAE_CSV, or beside the project); otherwise against our term list."""
    settings.BASE_DIR = tmp_path
    beside = Path(__file__).parents[3] / "shared" / "data" / "ctcae" / "ctcae_v5_0.csv"
    path = Path(os.environ.get("CTCAE_CSV") or beside)
    if path.is_file():
        assert texts.load(path)[0] == 837
        assert "haemoglobin" in texts.grade_text("Anemia", "CTCAE 5.0", "3").lower().replace("hgb", "haemoglobin")
    else:
        assert len(names()) == 837
