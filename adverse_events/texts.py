"""The words behind a grade: our own for ASTCT and Cairo-Bishop, the NCI's for CTCAE when they have been loaded.

The NCI's texts are no part of this project: ``manage.py load_ctcae_texts`` reads them from its workbook into this
installation.
"""

from __future__ import annotations

import csv
from pathlib import Path

from django.conf import settings

from protocol.codelists import Grade, Scale
from protocol.scales import grade_words
from protocol.terms import terms

COLUMNS = ["term", *(f"grade{grade}" for grade in Grade), "definition"]
_loaded: dict[str, dict[str, str]] = {}
_read_at: list[float] = []


def store() -> Path:
    """Where the loaded texts are kept; not under version control."""
    return Path(settings.BASE_DIR) / "ctcae_texts.csv"


def _texts() -> dict[str, dict[str, str]]:
    path = store()
    stamp = path.stat().st_mtime if path.is_file() else 0.0
    if _read_at != [stamp]:
        _loaded.clear()
        if stamp:
            with path.open(encoding="utf-8", newline="") as file:
                _loaded.update({row["term"]: row for row in csv.DictReader(file)})
        _read_at[:] = [stamp]
    return _loaded


def grade_text(term: str, scale: str, grade: str) -> str:
    """The text of a grade, or '' when there is none or it has not been loaded."""
    loaded = _texts().get(term, {}).get(f"grade{grade}", "") if scale == Scale.CTCAE else ""
    return loaded or grade_words(term, scale, grade)


def definition(term: str) -> str:
    """The NCI's definition of a CTCAE term, or '' when the texts have not been loaded."""
    return _texts().get(term, {}).get("definition", "")


def load(file: str | Path) -> tuple[int, int]:
    """Read the NCI's workbook (or the same table as CSV) and keep its texts; returns how many terms and grade texts.

    ValueError when it has not the columns, or not the terms, of CTCAE v5.0.
    """
    path = Path(file)
    rows = [_named(row) for row in (_workbook(path) if path.suffix.lower() == ".xlsx" else _csv(path))]
    if not rows or set(COLUMNS) - set(rows[0]):
        raise ValueError(f"The file must have the columns {', '.join(COLUMNS)}.")
    known = {term.name for term in terms() if not term.own}
    kept = [{name: row[name] for name in COLUMNS} for row in rows if row["term"] in known]
    if len(kept) != len(known):
        raise ValueError(f"The file has {len(kept)} of the {len(known)} terms of CTCAE v5.0. Is it another version?")
    part = store().with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS)
        writer.writeheader()
        writer.writerows(kept)
    part.replace(store())
    return len(kept), sum(bool(row[f"grade{grade}"]) for row in kept for grade in Grade)


def _named(row: dict[str, object]) -> dict[str, str]:
    """A row under our column names: the workbook says 'CTCAE Term' and 'Grade 1', and '-' where a term has no such grade."""
    named = {}
    for head, value in row.items():
        name = "".join(str(head or "").lower().split()).removeprefix("ctcae")
        text = " ".join(str(value if value is not None else "").split())
        named[name] = "" if text in ("-", "–") else text
    return named


def _csv(path: Path) -> list[dict]:
    with path.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def _workbook(path: Path) -> list[dict]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        heads, *rows = book.worksheets[0].iter_rows(values_only=True)
    finally:
        book.close()
    return [dict(zip(heads, row, strict=False)) for row in rows]
