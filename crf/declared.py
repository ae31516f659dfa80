"""Rules that follow from a form's declaration: what is required, what lies in the past, in which order dates stand, what was
done before consent, which numbers are doubtful, and what a laboratory result needs to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crf import registry
from crf.facts import Unknown
from crf.fields import ClockTimeField, LinkField, NumberField, PartialDateField, ResultField
from crf.models import Crf
from protocol import engine, laboratory
from protocol.criteria import BY_ID
from protocol.dates import before
from protocol.engine import RULES, Need, Rule, Severity, Source, Verdict
from protocol.facts import FORMS, Clock, Consent, Patient
from protocol.panels import unit_of
from protocol.rules.common import NO_FUTURE, NO_SUCH_TIME, future, future_moment, skipped, slots
from protocol.screening_facts import ReferenceRange
from protocol.signatures import SIGNATURES, before_a_signature, last_signature, signatures

STANDARD_OF_CARE = "standard_of_care"
_CLOCK = Need("clock", Clock, many=False, optional=False)
_PATIENT = Need("patient", Patient, many=False, optional=False)
_CONSENT = Need("consent", Consent, many=False, optional=True)
_RANGES = Need("ranges", ReferenceRange, many=True, optional=False)


def rule_id(form: type[Crf], name: str, what: str) -> str:
    """The id of a rule or refusal that comes from a field's declaration: AE-AETERM-required."""
    return f"{form.code}-{form.exports.get(name, name.upper())}-{what}"


def enter_rules() -> None:
    """Put the rules of all forms' declarations in the catalogue, once."""
    import protocol.rules  # noqa: F401  the trial's own rules come first

    for form in registry.forms():
        for each in _rules(form):
            if each.id not in RULES:
                engine.add(each)


def _rules(form: type[Crf]) -> Iterator[Rule]:
    for name in form.required:
        yield _required(form, name)
    for field in form._meta.concrete_fields:
        if isinstance(field, PartialDateField) and field.past:
            yield _past(form, field.name)
        if isinstance(field, PartialDateField) and field.after:
            yield _order(form, field.after, field.name)
        if isinstance(field, NumberField) and (field.doubt_below is not None or field.doubt_above is not None):
            yield _doubtful(form, field)
        if isinstance(field, ClockTimeField) and field.on:
            yield from _moment(form, field)
        if isinstance(field, LinkField):
            yield _link(form, field)
        if isinstance(field, ResultField):
            yield from _result(form, field)
    if STANDARD_OF_CARE in {field.name for field in form._meta.concrete_fields}:
        yield _before_consent(form)


def label(form: type[Crf], name: str) -> str:
    return str(form._meta.get_field(name).verbose_name).rstrip("?:. ")


def _rule(
    form: type[Crf], name: str, what: str, severity: Severity, cites: str, source: Source, message: str,
    check: Callable[..., Verdict], *needs: Need, also: tuple[str, ...] = (),
) -> Rule:  # fmt: skip
    own = Need("record", FORMS[form.code], many=False, optional=False)
    check.__doc__ = message
    return Rule(
        rule_id(form, name, what), severity, form.code, name, cites, source, "first version", message, check, (own, *needs),
        also=also,
    )  # fmt: skip


def _required(form: type[Crf], name: str) -> Rule:
    asked, sibling = form.asks_if.get(name), f"{name}_missing"
    reads_sibling = any(field.name == sibling for field in form._meta.fields)
    only_first = name in form.required_first

    def check(record) -> bool:
        if only_first and record.visit != form.visits[0]:
            return False
        if asked is not None and not asked.holds(getattr(record, asked.field)):
            return False
        answer = getattr(record, name)
        if not form.in_force(name) or answer not in (None, "") or isinstance(answer, Unknown):
            return False
        return not (reads_sibling and getattr(record, sibling))

    message = f"“{label(form, name)}” has no answer. Enter it" + (", or say why there is none." if reads_sibling else ".")
    condition = f", asked when {asked.field} is {' or '.join(asked.values)}" if asked else ""
    condition += f", at visit {form.visits[0]}" if only_first else ""
    return _rule(form, name, "required", Severity.QUERY, f"Declared as required on the form{condition}.", Source.DESIGN,
                 message, check)  # fmt: skip


def _past(form: type[Crf], name: str) -> Rule:
    def check(record, clock) -> Verdict:
        return future(getattr(record, name), clock)

    message = f"“{label(form, name)}” lies in the future: correct the date."
    return _rule(form, name, "future", Severity.ERROR, NO_FUTURE, Source.DESIGN, message, check, _CLOCK)


def _moment(form: type[Crf], field: ClockTimeField) -> Iterator[Rule]:
    """A time of day and its date together: the moment has passed, and the clocks did not skip it."""
    name, on = field.name, field.on

    def ahead(record, patient, clock) -> Verdict:
        if not getattr(record, name) or future(getattr(record, on), clock):  # a date ahead is said at the date
            return False
        return future_moment(getattr(record, on), getattr(record, name), patient, clock)

    def gone(record, patient) -> Verdict:
        return {"time": getattr(record, name)} if skipped(getattr(record, on), getattr(record, name), patient) else False

    yield _rule(form, name, "future", Severity.ERROR, NO_FUTURE, Source.DESIGN,
                f"“{label(form, name)}” lies in the future: correct date or time.", ahead, _PATIENT, _CLOCK)  # fmt: skip
    yield _rule(form, name, "skipped", Severity.ERROR, NO_SUCH_TIME, Source.DESIGN,
                f"“{label(form, name)}”: there was no {{time}} at the site that night, the clocks went forward. Correct the time.",
                gone, _PATIENT)  # fmt: skip


def _link(form: type[Crf], field: LinkField) -> Rule:
    """A record that was pointed to may have been voided since."""
    name = field.name

    def check(record, targets) -> Verdict:
        linked = getattr(record, name)
        return {"slot": linked} if linked and linked not in slots(targets) else False

    message = f"“{label(form, name)}” points to {registry.title(field.to)} {{slot}}, which is void: choose the right record."
    targets = Need("targets", FORMS[field.to], many=True, optional=False)
    return _rule(form, name, "link", Severity.QUERY, "A link leads to a record that stands.", Source.DESIGN, message, check, targets)


def _order(form: type[Crf], first: str, then: str) -> Rule:
    def check(record) -> Verdict:
        return before(getattr(record, then), getattr(record, first))

    message = f"“{label(form, then)}” lies before “{label(form, first)}”: correct the one that is wrong."
    return _rule(form, then, "order", Severity.ERROR, "Nothing ends before it begins.", Source.DESIGN, message, check,
                 also=(f"{form.code}.{first}",))  # fmt: skip


def _doubtful(form: type[Crf], field: NumberField) -> Rule:
    name, least, most = field.name, field.doubt_below, field.doubt_above

    def check(record) -> Verdict:
        number = getattr(record, name)
        if number is None:
            return None
        return (least is not None and number < least) or (most is not None and number > most)

    span = f"{least} to {most}" if least is not None and most is not None else f"{least} or more" if most is None else f"at most {most}"
    message = f"“{label(form, name)}” is usually {span} {field.unit}".rstrip() + ": check the value and its unit."
    return _rule(form, name, "doubtful", Severity.QUERY, "Plausible range (an assumption).", Source.ASSUMPTION, message, check)


def _before_consent(form: type[Crf]) -> Rule:
    """A trial-specific assessment before both have signed is against I10; one of routine care may be used."""

    def check(record, consent) -> Verdict:
        signed = signatures(consent)
        early = before_a_signature(getattr(record, form.dated_by), signed)
        if not early or record.standard_of_care == "Y":
            return early and False
        return {"last": last_signature(signed)}

    message = (
        f"“{label(form, form.dated_by)}” lies before patient and investigator had signed the consent (last the {{last}}). "
        "Answer that it was done as standard of care, or correct the date; or confirm it and say why."
    )
    return _rule(form, form.dated_by, "consent", Severity.DEVIATION, BY_ID["I10"].text, Source.REGISTRY, message, check,
                 _CONSENT, also=(f"{form.code}.{STANDARD_OF_CARE}", *(f"IC.{name}" for name in SIGNATURES.values())))  # fmt: skip


# Laboratory results -------------------------------------------------------------------------------------------------------

_PRINTED = "Results are entered as printed; number and standard unit are derived."


def _result(form: type[Crf], field: ResultField) -> Iterator[Rule]:
    name, test = field.name, laboratory.TESTS[field.test]

    def unreadable(record) -> Verdict:
        printed = getattr(record, name)
        return laboratory.read_printed(printed) is None if printed else None

    def unit(record, ranges) -> Verdict:
        if not getattr(record, name):
            return None
        found = unit_of(record, name, ranges)
        if laboratory.canonical_unit(test, found) is not None:
            return False
        return {"unit": f"The unit “{found}” is not known for" if found else "There is no unit for"}

    def doubtful(record, ranges) -> Verdict:
        printed = laboratory.read_printed(getattr(record, name))
        if printed is None:
            return None
        standard = laboratory.to_standard(test, printed, unit_of(record, name, ranges))
        if standard is None:
            return None
        low = test.least is not None and laboratory.compare(standard, "<", test.least)
        high = test.most is not None and laboratory.compare(standard, ">", test.most)
        return {"value": f"{laboratory.shown(standard)} {test.unit}"} if low or high else False

    yield _rule(form, name, "unreadable", Severity.QUERY, _PRINTED, Source.DESIGN,
                f"“{label(form, name)}” cannot be read as a number: enter it as printed, for example 3.2, <0.3 or >1650; "
                "words belong in the reason for no answer.", unreadable)  # fmt: skip
    yield _rule(form, name, "unit", Severity.QUERY, _PRINTED, Source.DESIGN,
                f"{{unit}} “{label(form, name)}”: until it is, the result is stored as typed and nothing is worked out "
                "from it. Correct the unit, or enter it with the laboratory's range.", unit, _RANGES)  # fmt: skip
    if test.least is not None or test.most is not None:
        yield _rule(form, name, "doubtful", Severity.QUERY, "Plausible range (an assumption).", Source.ASSUMPTION,
                    f"“{label(form, name)}” would be {{value}}: check the value and its unit.", doubtful, _RANGES)  # fmt: skip
