"""The one write path: check, save, re-check, and let queries and deviations follow, all in one transaction."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max

from accounts.access import actor_for
from audit.context import SYSTEM, Work, acting, current
from crf import registry
from crf.facts import load_case
from crf.forms import CrfForm
from crf.models import Crf, State
from patients.models import Patient, Visit
from protocol.criteria import meant
from protocol.engine import RULES, Case, Finding, Rule, Severity, findings, reviews, rules_reading
from review import actions as review
from review import rulings
from review.models import Deviation
from review.signatures import is_signed
from review.texts import storable
from review.verification import is_verified


class Unacceptable(Exception):
    """The form cannot be stored as it is; ``check`` says what is in the way."""

    def __init__(self, check: Check) -> None:
        super().__init__("; ".join(finding.message for finding in check.errors + check.unconfirmed))
        self.check = check


class Conflict(Exception):
    """Somebody else (or the same click twice) saved the record first."""


@dataclass
class Check:
    """What the rules make of a form before it is saved."""

    case: Case
    ran: list[Rule]
    found: list[Finding]
    own: Crf
    visit: str = ""
    unconfirmed: list[Finding] = field(default_factory=list)
    touched: frozenset[str] | None = None  # names of the changed fields; None for a new record

    def _mine(self, severity: Severity) -> list[Finding]:
        mine = self.own.pk
        return [f for f in self.found if f.rule.severity is severity and f.rule.form == self.own.code and f.record == mine]  # fmt: skip  # noqa: E501

    @property
    def errors(self) -> list[Finding]:
        """What cannot be true in a new record, or in what is being changed.

        An ERROR in values that are stored already (a re-check found it) never blocks the correction of another field.
        """
        touched = self.touched
        return [f for f in self._mine(Severity.ERROR) if touched is None or touched & set(f.fields)]

    @property
    def deviations(self) -> list[Finding]:
        return self._mine(Severity.DEVIATION)

    @property
    def mine(self) -> list[Finding]:
        """Everything found about the record at hand."""
        return [f for severity in Severity for f in self._mine(severity)]

    @property
    def placed(self) -> list[tuple[Finding, str]]:
        """Every finding that speaks of the record at hand, with each field of it at which it is shown."""
        mine = [(f, f.rule.field) for f in self.mine]
        where = f"{self.own.code}:{self.visit or self.own.row}"
        for f in self.found:
            for at in f.rule.also:
                form, _, name = at.partition(".")
                read = f in self.mine or f"{where}.{name}" in f.reads
                if form == self.own.code and (f, name) not in mine and read and meant(form, name, f.message):
                    mine.append((f, name))
        return mine


def examine(record: Crf, visit: str) -> Check:
    """Run every rule that the record can touch, over the patient's stored data with the record laid over them."""
    ran = rules_reading(record.code)
    codes = sorted(_read_by([*ran, *reviews({record.code})]))
    case = load_case(record.patient, codes, instead=record, visit=visit)
    touched = None if record.pk is None else frozenset(record.changed())
    at_hand = next((fact for fact in case.of(record.code) if fact.id == record.pk), None)
    return Check(case, ran, findings(ran, case, at_hand), record, visit, touched=touched)


def _read_by(rules: Iterable[Rule]) -> set[str]:
    return {code for rule in rules if rule.on for code in rule.forms | {rule.form}}


@dataclass(frozen=True)
class Saved:
    """What a save did: the record, and the queries that it opened and closed."""

    record: Crf
    opened: int = 0
    closed: int = 0


def save_crf(
    form: CrfForm, *, by, visit: str = "", submit: bool, reason: str = "", why: Mapping[str, str] | None = None,
    source: str = "form",
) -> Saved:  # fmt: skip
    """Store a valid form in the name of the user ``by``.

    ``visit``: the visit's code ('' for a log); ``reason``: why submitted data are changed; ``why``: rule id → why a
    deviation happened. Raises Unacceptable (an ERROR, or a deviation without a reason) and Conflict; then nothing is
    stored. The caller has locked the patient in the same transaction.
    """
    patient, record = form.patient, form.instance
    reason, why = storable(reason), {rule: storable(text) for rule, text in (why or {}).items()}
    with acting(actor_for(by, patient.site), reason=reason, source=source, savepoint=False) as work:
        work.reason = work.reason or reason
        _no_conflict(form)
        before = record.stored()
        record.patient = patient
        record.row = record.row or (next_row(type(record), patient) if record.is_log() else 0)
        was_submitted = before.get("state") == State.SUBMITTED
        if submit or was_submitted:
            record.state = State.SUBMITTED
        check = examine(record, visit)
        if record.state == State.SUBMITTED:
            check.unconfirmed = unconfirmed(check, why)
        if check.errors or check.unconfirmed:
            record.state = before.get("state") or State.IN_PROGRESS
            raise Unacceptable(check)
        if visit and record.visit_id is None:
            record.visit = _visit(patient, visit)
        record.saving()
        changes = record.changed()
        with _marked(work, record, was_submitted):
            record.save()
        record.saved(before)
        outcome = _follow(patient, check, record, _cause(record, changes, by), why)
    return Saved(record, outcome.opened, outcome.closed)


@contextlib.contextmanager
def _marked(work: Work, record: Crf, was_submitted: bool) -> Iterator[None]:
    """What is written of the record meanwhile says whether it comes after verification or signature; queries do not."""
    if was_submitted:
        work.marks["after_sdv"] = is_verified(record.code, record.pk)
        work.marks["after_signature"] = is_signed(record.code, record.pk)
    try:
        yield
    finally:
        work.marks.clear()


def _no_conflict(form: CrfForm) -> None:
    record, base = form.instance, form.cleaned_data.get("base_version")
    if (base or 0) != record.version:  # also the page of a record that has been voided since
        raise Conflict()
    if record.pk is None:
        record.entry_token = form.cleaned_data.get("entry_token")


def next_row(model: type[Crf], patient: Patient) -> int:
    """The number of the next record in a patient's log; void ones keep theirs."""
    return (model.objects.filter(patient=patient).aggregate(last=Max("row"))["last"] or 0) + 1


def _visit(patient: Patient, code: str) -> Visit:
    visit = Visit.objects.filter(patient=patient, code=code).first()
    if visit is None:
        visit = Visit(patient=patient, code=code)
        visit.save()
    return visit


def unconfirmed(check: Check, why: Mapping[str, str]) -> list[Finding]:
    """Deviations of this record that nobody has given a reason for, now or before.

    A reason stands, however the deviation was judged, as long as the rule reads the same: another amount is explained anew.
    """
    open_ones = [f for f in check.deviations if not why.get(f.rule.id, "").strip()]
    if not open_ones or check.own.pk is None:
        return open_ones
    known = {each.rule: each for each in Deviation.objects.filter(form=check.own.code, record=check.own.pk).exclude(rule="")}
    return [f for f in open_ones if f.rule.id not in known or not known[f.rule.id].explains(f.inputs)]


def _cause(record: Crf, changes: Mapping[str, tuple], by) -> str:
    """The change, in a sentence, for the queries that it closes."""
    said = [
        f"{registry.label(record.code, name)}: "
        + ("changed" if name in record.identifying else f"{registry.display(record.code, name, old) or 'empty'} → {registry.display(record.code, name, new) or 'empty'}")
        for name, (old, new) in changes.items()
        if name in record.questions()
    ]  # fmt: skip
    what = "; ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")
    return f"Closed by a change in {registry.title(record.code)}: {what or 'submitted'} ({by.full_name})."


def _follow(patient: Patient, check: Check, record: Crf, cause: str, why: Mapping[str, str]) -> review.Outcome:
    """Queries and deviations after a save. A new record is known to its findings from now on."""
    found = [
        f if f.record is not None else Finding(f.rule, record.pk, f.message, f.inputs, f.fields) for f in check.found
    ]
    submitted = {(code, fact.id) for code, facts in check.case.records.items() for fact in facts if fact.submitted}
    if record.state == State.SUBMITTED and not record.voided:
        submitted.add((record.code, record.pk))

    _ask_reviewer(patient, reviews({record.code}), check.case)
    # A void record is not among the facts, so every rule was run on all the others.
    alone = {rule.id for rule in check.ran if rule.alone and rule.form == record.code and not record.voided}
    return review.sync(
        patient=patient, judged={rule.id: record.pk if rule.id in alone else None for rule in check.ran},
        findings=found, submitted=submitted, cause=cause,
        value_of=functools.partial(_value_of, check.case, record), why=why,
    )  # fmt: skip


def _ask_reviewer(patient: Patient, rules: list[Rule], case: Case) -> None:
    """Open, and withdraw, the questions to the medical reviewer that follow from submitted records."""
    rulings.sync(patient=patient, judged=[rule.id for rule in rules], findings=findings(rules, case.submitted()))


def _value_of(case: Case, at_hand: Crf | None, form: str, field: str, record: int) -> str:
    """The value of a field now, in the words of the screen: of the record at hand, or as the rules saw it."""
    if at_hand is not None and (form, record) == (at_hand.code, at_hand.pk):
        return registry.display(form, field, getattr(at_hand, field, ""))
    fact = next((each for each in case.of(form) if each.id == record), None)
    return registry.display(form, field, getattr(fact, field, "")) if fact else ""


def void(*, record: Crf, by, reason: str, source: str = "void") -> None:
    """Mark a record as entered by mistake: kept, struck through, left out of facts, gates and counts."""
    _set_void(record, by, reason, source, True)


def restore(*, record: Crf, by, reason: str) -> None:
    """Take a void back; the database refuses it (IntegrityError) when another record has taken the place."""
    _set_void(record, by, reason, "restore", False)


def _set_void(given: Crf, by, reason: str, source: str, voided: bool) -> None:
    patient, reason = given.patient, storable(reason)
    with acting(actor_for(by, patient.site), reason=reason, source=source) as work:
        # Read again: whoever clicked a moment before has held the patient until now.
        record = type(given).objects.select_related("visit").get(pk=given.pk)
        if record.voided != voided:
            before = record.stored()
            record.patient, record.voided, record.void_reason = patient, voided, reason if voided else ""
            with _marked(work, record, record.state == State.SUBMITTED):
                record.save()
            record.saved(before)
            if voided:
                cause = f"The record was voided: {reason}"
                review.close_all_of(patient=patient, form=record.code, record=record.pk, cause=cause)
            visit = record.visit.code if record.visit_id else ""
            _follow(patient, examine(record, visit), record, f"Closed because {record} was {'voided' if voided else 'restored'}.", {})  # fmt: skip  # noqa: E501
    given.voided, given.void_reason = record.voided, record.void_reason


@dataclass
class Rechecked:
    """What a re-check found: findings by rule (of submitted records), and the queries it opened and closed."""

    found: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    closed: int = 0

    def __iter__(self) -> Iterator[int]:
        return iter((self.opened, self.closed))


def recheck(patients: Iterable[Patient], *, dry_run: bool = False) -> Rechecked:
    """Run every rule over all stored data of some patients and sync the queries, one transaction a patient.

    ``dry_run`` counts what it would find, open and close, and writes nothing.
    """
    total = Rechecked()
    for patient in patients:
        with transaction.atomic():
            with acting(SYSTEM, reason="re-check of all rules", source="check_rules"):
                outcome = recheck_one(patient)
            if dry_run:
                transaction.set_rollback(True)
        total.found += outcome.found
        total.opened, total.closed = total.opened + outcome.opened, total.closed + outcome.closed
    return total


def recheck_one(patient: Patient) -> Rechecked:
    """As ``recheck``, for one patient and inside the caller's unit of work."""
    current()
    rules = [rule for rule in RULES.values() if rule.severity not in (Severity.GATE, Severity.REVIEW)]
    codes = sorted(_read_by([*rules, *reviews()]))
    case = load_case(Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk), codes)
    submitted = {(code, fact.id) for code, facts in case.records.items() for fact in facts if fact.submitted}
    found = findings(rules, case)
    outcome = review.sync(
        patient=patient, judged=dict.fromkeys(rule.id for rule in rules), findings=found, submitted=submitted,
        cause="Closed by a re-check of all rules: it no longer applies.",
        value_of=functools.partial(_value_of, case, None),
    )  # fmt: skip
    _ask_reviewer(patient, reviews(), case)
    counted = Counter(each.rule.id for each in found if (each.rule.form, each.record) in submitted)
    return Rechecked(counted, outcome.opened, outcome.closed)
