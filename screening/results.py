"""The program's result beside an answer on a form."""

from __future__ import annotations

from protocol.atoms import Decision
from protocol.criteria import at_gate
from protocol.eligibility import evaluate
from protocol.engine import Case

_KINDS = {Decision.MET: "ok", Decision.ABSENT: "ok", Decision.NOT_MET: "warn", Decision.PRESENT: "warn"}


def results(record, case: Case, gate: int) -> dict[str, tuple[str, str]]:
    """(kind, sentence) by field, for each criterion of the gate that is answered and that the program works out."""
    shown = {}
    for criterion in at_gate(gate):
        if getattr(record, criterion.field):
            result = evaluate(criterion, case, gate)
            if result.verdict is not Decision.NOT_COMPUTED:
                kind = _KINDS.get(result.verdict, "neutral")
                shown[criterion.field] = (kind, f"{result.verdict.lower()}: {result.evidence}")
    return shown
