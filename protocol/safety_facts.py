"""What the rules see of an adverse event beside its own record: later grades, assessments, hospital stays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from protocol.dates import PartialDate
from protocol.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeChange(Fact):
    """From this moment on the event (its number in the log) had another grade than before."""

    form: ClassVar[str] = "AEG"
    event: str
    grade: str
    changed_on: PartialDate | None
    changed_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyndromeAssessment(Fact):
    """What the assessments of CRS, ICANS and tumour lysis share: a subclass is a form of its own.

    ``grade`` is the investigator's own, '1' to '5', or '0' for none of it at that moment. A rule that asks for
    ``tuple[SyndromeAssessment, ...]`` gets the records of every subclass, so that a new form is read by all of them.
    """

    event: str
    assessed_on: PartialDate | None
    assessed_time: str
    grade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalStay(Fact):
    """A stay, or a visit to the emergency room: ``event`` led to it, ``prolonged_by`` made it longer."""

    form: ClassVar[str] = "HO"
    event: str
    kind: str
    admitted_on: PartialDate | None
    admitted_time: str
    ongoing: str
    discharged_on: PartialDate | None
    discharged_time: str
    planned: str
    prolonged: str
    prolonged_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsAssessment(SyndromeAssessment):
    """One assessment of a cytokine release syndrome.

    ``temperature`` in °C, ``oxygen_flow`` in L/min; ``vasopressors`` are values of ``Vasopressor`` with '; ' between them.
    """

    form: ClassVar[str] = "CRS"
    temperature: Decimal | None
    fever_earlier: str
    therapy: str
    hypotension: str
    vasopressor: str
    vasopressors: str
    hypotension_no_other_cause: str
    oxygen: str
    oxygen_flow: Decimal | None
    hypoxia_no_other_cause: str
    icu: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IcansAssessment(SyndromeAssessment):
    """One assessment of an ICANS, the ICE score item by item in points."""

    form: ClassVar[str] = "ICANS"
    assessable: str
    obstacle: str
    orientation: Decimal | None
    naming: Decimal | None
    commands: Decimal | None
    writing: Decimal | None
    attention: Decimal | None
    consciousness: str
    consciousness_no_other_cause: str
    seizure: str
    deep_focal_weakness: str
    raised_pressure: str
    haemorrhage: str
    icu: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsAssessment(SyndromeAssessment):
    """One assessment of a tumour lysis syndrome. Laboratory values come from the laboratory's forms.

    ``opened_by`` is the label of the dose that opens the window ('': the last one before the event); ``arrhythmia`` and
    ``seizure`` are the investigator's own grades.
    """

    form: ClassVar[str] = "TLS"
    opened_by: str
    arrhythmia: str
    seizure: str
    icu: str
