"""The rules of the trial. Importing this package fills the catalogue ``protocol.engine.RULES``.

What a rule may read: an ERROR only its own record, the patient (time zone, country) and the clock, so that two forms can
never lock each other; across records the strongest is QUERY or DEVIATION. A DEVIATION rests on the registry record,
or on good clinical practice; a rule that rests on the product label is a QUERY or a NOTICE.
"""

from protocol import eligibility
from protocol.rules import (
    adverse_events,
    ages,
    assessments,
    consents,
    discontinuation,
    dosing,
    follow_up,
    grade_changes,
    history,
    infusions,
    pregnancies,
    questions,
    screening,
    syndromes,
    vials,
    waiting,
)

__all__ = [
    "adverse_events", "ages", "assessments", "consents", "discontinuation", "dosing", "eligibility", "follow_up", "grade_changes",
    "history", "infusions", "pregnancies", "questions", "screening", "syndromes", "vials", "waiting",
]  # fmt: skip
