"""How old the examinations of a criterion may be: a notice, once the parameter is supplied.

The registry record names no window for any of them ("Baseline oxygen saturation", "as determined by an echocardiogram"). So an
age keeps nobody out, neither as NOT MET nor as UNDETERMINED: the clinical reference recommends for ECOG 'no default that blocks;
warn', and what holds for one window that nobody has written holds for the others. The evidence of every atom gives the days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from protocol import engine, parameters
from protocol.atoms import latest, latest_with, reference
from protocol.criteria import BY_ID
from protocol.dates import PartialDate, days_between
from protocol.engine import Need, Rule, Severity, Source, Verdict, look
from protocol.facts import Clock, EcogAssessment, Fact, Patient
from protocol.screening_facts import (
    Chemistry,
    Coagulation,
    Electrocardiogram,
    Haematology,
    HeartScan,
    PleuralEffusion,
    Serology,
    VitalSigns,
)
from protocol.viral import markers_read

Reads = Callable[[Sequence[Any], PartialDate], Sequence[Fact | None]]


def _last_with(dated_by: str, *groups: tuple[str, ...]) -> Reads:
    """For each group of questions the last record in which one of them is answered, as the atoms read."""

    def reads(records: Sequence[Any], until: PartialDate) -> list[Fact | None]:
        return [
            latest([each for each in records if any(getattr(each, name) not in ("", None) for name in names)], dated_by, until)
            for names in groups
        ]  # fmt: skip

    return reads


@dataclass(frozen=True)
class Age:
    """The notice ``rule`` on records of ``fact``, dated by the question ``dated_by``, that ``criterion`` reads."""

    rule: str
    fact: type[Fact]
    dated_by: str
    what: str
    criterion: str
    parameter: str
    reads: Reads


_LAB = "laboratory_max_age_days"
AGES: tuple[Age, ...] = (
    Age("SCR-019", EcogAssessment, "assessed_on", "ECOG assessment", "I3", "ecog_max_age_days",
        lambda records, until: [latest_with("ecog", records, "assessed_on", until)]),
    Age("SCR-120", Haematology, "taken_on", "haematology", "I5", _LAB, _last_with("taken_on", ("hgb",), ("neut",), ("plat",))),
    Age("SCR-121", Chemistry, "taken_on", "chemistry", "I5", _LAB,
        _last_with("taken_on", ("creat",), ("alt",), ("ast",), ("bili",))),
    Age("SCR-122", Coagulation, "taken_on", "coagulation", "I6", _LAB, _last_with("taken_on", ("inr", "pt"), ("aptt", "ptt"))),
    Age("SCR-123", VitalSigns, "taken_on", "oxygen saturation", "I7", "oxygen_saturation_max_age_days",
        _last_with("taken_on", ("oxygen_saturation", "room_air"))),
    Age("SCR-124", PleuralEffusion, "assessed_on", "assessment of pleural effusion", "I7", "pleural_effusion_max_age_days",
        _last_with("assessed_on", ("effusion",))),
    Age("SCR-125", HeartScan, "scanned_on", "ECHO or MUGA", "I8", "heart_scan_max_age_days",
        _last_with("scanned_on", ("lvef",), ("effusion",))),
    Age("SCR-126", Electrocardiogram, "recorded_on", "ECG", "I8", "ecg_max_age_days",
        _last_with("recorded_on", ("interpretation",))),
    Age("SCR-127", Serology, "taken_on", "serology", "E9", "serology_max_age_days", markers_read),
)  # fmt: skip


def _declare(age: Age) -> None:
    needs = (
        Need("record", age.fact, many=False, optional=False), Need("records", age.fact, many=True, optional=False),
        Need("patient", Patient, many=False, optional=False), Need("clock", Clock, many=False, optional=False),
    )  # fmt: skip

    def check(record: Any, records: Sequence[Any], patient: Patient, clock: Clock) -> Verdict:
        day = reference(look(patient), clock)
        if not any(found is look(record) for found in age.reads([look(each) for each in records], day)):
            return False
        limit, days = parameters.whole(age.parameter), days_between(getattr(record, age.dated_by), day)
        if days is None:
            return None
        return {"days": days[0], "limit": limit} if days[0] > limit else False

    message = (
        f"{age.criterion} rests on this {age.what}, which is {{days}} days old at registration; the limit is {{limit}} days. "
        "Repeat it."
    )
    check.__doc__ = message
    cites = f"{BY_ID[age.criterion].text}\n(The record names no window.)"
    engine.add(Rule(
        age.rule, Severity.NOTICE, age.fact.form, age.dated_by, cites, Source.ASSUMPTION, "registry record of 2026-01-22", message,
        check, needs, requires=(age.parameter,),
    ))  # fmt: skip


for _age in AGES:
    _declare(_age)
