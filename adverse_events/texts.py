"""The words behind a grade: our own for ASTCT and Cairo-Bishop, the NCI's for CTCAE when they have been loaded.

The NCI's texts are no part of this project: ``manage.py load_ctcae_texts`` reads them from its workbook (as CSV) into
this installation.
"""

from __future__ import annotations

import csv
from pathlib import Path

from django.conf import settings

from protocol.codelists import Grade, Scale
from protocol.scales import grade_words
from protocol.terms import terms

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


def load(file: str | Path) -> tuple[int, int]:
    """Read the workbook's CSV and keep term and grade texts; returns how many terms and texts.

    ValueError when it has not the columns, or not the terms, of CTCAE v5.0.
    """
    columns = ["term", *(f"grade{grade}" for grade in Grade)]
    with Path(file).open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    if not rows or set(columns) - set(rows[0]):
        raise ValueError(f"The file must have the columns {', '.join(columns)}.")
    known = {term.name for term in terms() if not term.own}
    kept = [{name: row[name].strip() for name in columns} for row in rows if row["term"] in known]
    if len(kept) != len(known):
        raise ValueError(f"The file has {len(kept)} of the {len(known)} terms of CTCAE v5.0. Is it another version?")
    part = store().with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns)
        writer.writeheader()
        writer.writerows(kept)
    part.replace(store())
    return len(kept), sum(bool(row[name]) for row in kept for name in columns[1:])
