"""What the rules see of an adverse event beside its own record: later grades, assessments, hospital stays."""

from __future__ import annotations

from dataclasses import dataclass
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
    """A stay, or a visit to the emergency room; ``prolonged`` says that an event made a planned one longer."""

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
