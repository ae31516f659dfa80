"""A small trial through the real write path, and exports of it read back with Python's own csv."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

BIRTH = "1931-07"
FORMULA = '=HYPERLINK("http://example.org","x")'


@dataclass
class Exported:
    """An export on disk."""

    path: Path
    manifest: object
    _read: dict = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[dict[str, str]]:
        if name not in self._read:
            with (self.path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                self._read[name] = list(csv.DictReader(file, strict=True))
        return self._read[name]

    def of(self, name: str, patient) -> list[dict[str, str]]:
        return [row for row in self[name] if row["SUBJID"] == patient.number]

    def head(self, name: str) -> list[str]:
        with (self.path / name).open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file))

    @property
    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.path.iterdir())}


@pytest.fixture
def take(tmp_path, db):
    """take(as_of=…, cut=…) exports into a new directory."""
    from audit.context import SYSTEM
    from exports.actions import export

    count = iter(range(1000))

    def take(**how) -> Exported:
        path = tmp_path / f"export-{next(count)}"
        return Exported(path, export(to=path, format="csv", by=how.pop("by", SYSTEM), **how))

    return take


@dataclass
class Story:
    """A patient, and the moments between what happened."""

    patient: object
    moments: dict[str, datetime] = field(default_factory=dict)


EVENT = {
    "scale": "CTCAE 5.0", "grade": "2", "started_on": "2026-06-12", "ongoing": "Y", "serious": "N", "relationship": "N",
    "action_taken": "DOSE NOT CHANGED", "outcome": "NOT RECOVERED/NOT RESOLVED",
}  # fmt: skip


@pytest.fixture
def story(world) -> Story:
    """Screened, with an adverse event that is regraded, one that is void, and a birth date that sentences repeat."""
    from audit import clock
    from crf import actions
    from protocol.criteria import CRITERIA
    from review.actions import raise_query

    by, patient = world.user("COORDINATOR", "FR03"), world.patient()
    told = Story(patient)
    day = "2026-06-10"
    world.enter(patient, "IC", "SCR", patient_signed_on=day, investigator_signed_on=day, icf_version="1.0")
    demographics = world.enter(patient, "DM", "SCR", birth_date=BIRTH, sex="F").saved.record
    answers = {each.field: "FULFILLED" if each.kind == "inclusion" else "ABSENT" for each in CRITERIA}
    # The program finds the age fulfilled: a query whose text holds the birth date.
    world.enter(patient, "IE", "SCR", assessed_on=day, **{**answers, "i04": "NOT FULFILLED"})
    first = world.enter(patient, "AE", "new", term="Nausea", **EVENT).saved.record
    second = world.enter(patient, "AE", "new", term="Other, specify", term_specify=FORMULA, **EVENT).saved.record
    raise_query(
        user=world.user("MONITOR", "FR03"), patient=patient, form="DM", record=demographics.pk, field="birth_date",
        text=f"Is {BIRTH} right?", value="Jul-1931",
    )  # fmt: skip
    told.moments["before"] = clock.now()
    regraded = {**EVENT, "grade": "3", "term": "Nausea"}
    world.enter(patient, "AE", str(first.row), change_reason="seen in the letter", **regraded)
    actions.void(record=second, by=by, reason="belongs to another patient")
    told.moments["after"] = clock.now()
    # A correction closes the query on I4 with the change in words, and its reason repeats the date.
    world.enter(patient, "DM", "SCR", birth_date="1930-07", sex="F", change_reason=f"it was typed as {BIRTH}")
    told.moments["end"] = clock.now()
    return told
