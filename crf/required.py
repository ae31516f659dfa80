"""Being required is a rule too: one per required question, made from the declaration."""

from __future__ import annotations

from crf import registry
from crf.facts import Unknown
from crf.models import Crf
from protocol import engine
from protocol.engine import RULES, Need, Rule, Severity, Source
from protocol.facts import FORMS


def rule_id(form: type[Crf], name: str, what: str) -> str:
    """The id of a rule or refusal that comes from a field's declaration: AE-AETERM-required."""
    return f"{form.code}-{form.exports.get(name, name.upper())}-{what}"


def enter_rules() -> None:
    """Put the required-rules of all forms in the catalogue, once."""
    import protocol.rules  # noqa: F401  the trial's own rules come first

    for form in registry.forms():
        for name in form.required:
            if rule_id(form, name, "required") not in RULES:
                engine.add(_rule(form, name))


def _rule(form: type[Crf], name: str) -> Rule:
    asked, sibling = form.asks_if.get(name), f"{name}_missing"
    reads_sibling = any(field.name == sibling for field in form._meta.fields)

    def check(record) -> bool:
        if asked is not None and not asked.holds(getattr(record, asked.field)):
            return False
        answer = getattr(record, name)
        if not form.in_force(name) or answer not in (None, "") or isinstance(answer, Unknown):
            return False
        return not (reads_sibling and getattr(record, sibling))

    label = str(form._meta.get_field(name).verbose_name).rstrip("?:. ")
    check.__doc__ = f"“{label}” has no answer. Enter it" + (", or say why there is none." if reads_sibling else ".")
    condition = f", asked when {asked.field} is {' or '.join(asked.values)}" if asked else ""
    return Rule(
        rule_id(form, name, "required"), Severity.QUERY, form.code, name, f"Declared as required on the form{condition}.",
        Source.DESIGN, "first version", check.__doc__, check, (Need("record", FORMS[form.code], False, False),),
    )  # fmt: skip
