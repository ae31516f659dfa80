"""What the rules see of an adverse event beside its own record: laboratory abnormalities that were judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from protocol.dates import PartialDate
from protocol.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryAbnormality(Fact):
    """What a laboratory abnormality is, in the investigator's judgement.

    ``result`` says which result was judged: form, visit and CDISC test code, 'HEM C2D1 NEUT'. ``term``, ``grade`` and
    ``sampled_on`` are what it was judged at, as the program had worked them out; ``event`` is a number in the log of events.
    """

    form: ClassVar[str] = "LBA"
    result: str
    term: str
    grade: str
    sampled_on: PartialDate | None
    answer: str
    event: str
    comment: str = ""
