"""The words behind a grade: our own for ASTCT and Cairo-Bishop, the NCI's for CTCAE when they have been loaded.

The NCI's texts are no part of this project: ``manage.py load_ctcae_texts`` reads them from its workbook (as CSV) into
this installation.
"""

from __future__ import annotations

import csv
from pathlib import Path

from django.conf import settings

from protocol.codelists import Scale
from protocol.scales import grade_words

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
    if scale == Scale.CTCAE:
        return _texts().get(term, {}).get(f"grade{grade}", "")
    return grade_words(term, scale, grade)
