"""Findings that ask the medical reviewer, made up: what a rule makes of the data is tested with the rules."""

from __future__ import annotations

from audit.context import SYSTEM, acting
from protocol.engine import Finding, Rule, Severity, Source
from review.models import Ruling
from review.rulings import sync


def asked(rule: str = "SCR-I01r", message: str = "Does a second line count?", inputs: str = "a" * 32, *,
          severity: Severity = Severity.REVIEW, form: str = "IE", field: str = "i01") -> Finding:  # fmt: skip
    made = Rule(rule, severity, form, field, "cited", Source.REGISTRY, "", message, lambda: True, ())
    return Finding(made, None, message, inputs, ())


def ask_reviewer(patient) -> Ruling:
    """An open ruling of a patient."""
    found = asked()
    with acting(SYSTEM, source="check_rules"):
        sync(patient=patient, judged=[found.rule.id], findings=[found])
    return Ruling.objects.get(patient=patient, rule=found.rule.id)
