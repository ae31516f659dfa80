"""How a rule is declared, what it may ask for, and how it is run.

A rule is a function over facts. Its annotated parameters say what it needs:

* ``event: AdverseEvent``            the record the rule speaks of (its own form)
* ``consent: Consent | None``        the one record of a form that a patient has once
* ``doses: tuple[Dose, ...]``        all records of a form
* ``tuple[SyndromeAssessment, ...]`` all records of every form that shares these questions
* ``patient: Patient``, ``clock: Clock``

It answers True (it fires), False (it is quiet) or None (the known data cannot decide it, so it stays quiet); a mapping
also fires, and fills the places in the sentence of its docstring. Every attribute that it reads is noted: these are its
inputs, and a value once confirmed stays confirmed until one of them changes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from protocol import dosing_facts as _dosing_facts  # noqa: F401  enters its facts in FORMS
from protocol import parameters
from protocol import safety_facts as _safety_facts  # noqa: F401  enters its facts in FORMS
from protocol import screening_facts as _screening_facts  # noqa: F401  enters its facts in FORMS
from protocol.facts import FORMS, Clock, Fact, Patient

Verdict = bool | None | Mapping[str, object]


class Severity(StrEnum):
    ERROR = "ERROR"  # cannot be true: not stored
    QUERY = "QUERY"  # doubtful: stored, a query opens
    DEVIATION = "DEVIATION"  # true and against the protocol: stored once confirmed with a reason
    GATE = "GATE"  # must hold before an action: the action is refused
    NOTICE = "NOTICE"  # worth knowing: shown
    REVIEW = "REVIEW"  # the wording does not settle it: the medical reviewer decides, registration waits


class Source(StrEnum):
    REGISTRY = "registry record"
    LABEL = "label, 2024 version, not in the registry record"
    REGULATION = "regulation"
    STANDARD = "standard"
    DESIGN = "design"
    ASSUMPTION = "assumption"


@dataclass(frozen=True, slots=True)
class Need:
    """One parameter of a rule: which fact, and whether one, perhaps one, or all of them."""

    name: str
    fact: Any  # Patient, Clock or a subclass of Fact
    many: bool
    optional: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the forms whose records it gets: one, or those of every form that shares these questions; () for others."""
        if not issubclass(self.fact, Fact):
            return ()
        return (self.fact.form,) if self.fact.form else tuple(code for code, each in FORMS.items() if issubclass(each, self.fact))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the trial. ``form`` and ``field`` say where its sentence is shown."""

    id: str
    severity: Severity
    form: str
    field: str
    cites: str
    source: Source
    since: str
    message: str
    check: Callable[..., Verdict]
    needs: tuple[Need, ...]
    requires: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # 'FORM.field' of further questions that its sentence speaks of
    asks_safety: bool = False  # its deviations ask the safety desk whether it was a medication error
    judged: str = ""  # the question with a person's own judgement that it holds against the program's: silent before that is stored

    forms: frozenset[str] = dataclasses.field(init=False)  # codes of the forms whose facts it reads
    own: Need | None = dataclasses.field(init=False)  # the parameter that is the record it speaks of; a gate has none
    alone: bool = dataclasses.field(init=False)  # it reads nothing but that record, the patient and the clock

    def __post_init__(self) -> None:
        facts = [need for need in self.needs if issubclass(need.fact, Fact)]
        own = [need for need in facts if need.fact.form == self.form and not need.many and not need.optional]
        object.__setattr__(self, "forms", frozenset(code for need in facts for code in need.codes))
        object.__setattr__(self, "own", own[0] if own else None)
        object.__setattr__(self, "alone", bool(own) and len(facts) == 1)

    @property
    def on(self) -> bool:
        """False while a parameter it rests on is still to be supplied."""
        return all(parameters.value(name) is not None for name in self.requires)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fires: on which record (None: not yet stored, or a gate), in which words, from which inputs."""

    rule: Rule
    record: int | None
    message: str
    inputs: str
    fields: tuple[str, ...]
    reads: frozenset[str] = frozenset()  # everything that was read, as 'FORM:VISIT.field'

    @property
    def fact(self) -> str:
        """What was found, without what to do about it: the first sentence of the message."""
        first, stop, _ = self.message.partition(". ")
        return first + stop.strip()

    @property
    def key(self) -> tuple[str, int | None]:
        return self.rule.id, self.record


@dataclass(slots=True)
class Case:
    """All that the rules may ask about one patient."""

    patient: Patient
    clock: Clock
    records: dict[str, tuple[Fact, ...]] = field(default_factory=dict)

    def of(self, form: str) -> tuple[Fact, ...]:
        return self.records.get(form, ())

    def submitted(self) -> Case:
        """The same case without records in progress: what a gate may read."""
        kept = {form: tuple(fact for fact in facts if fact.submitted) for form, facts in self.records.items()}
        return Case(self.patient, self.clock, kept)


RULES: dict[str, Rule] = {}


def rule(
    id: str,
    severity: Severity,
    at: str,
    *,
    cites: str,
    source: Source,
    since: str = "registry record of 2026-01-22",
    requires: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    asks_safety: bool = False,
    judged: str = "",
) -> Callable[[Callable[..., Verdict]], Callable[..., Verdict]]:
    """Declare the decorated function as the rule ``id``, shown at ``at`` ('FORM.field'). Its docstring is the message.

    ``also``: what contradicts it, shown there too. ``asks_safety``: a deviation asks the safety desk "medication error?".
    ``judged``: the question whose answer it holds against what follows from the data; it says nothing before that is stored.
    """

    def declare(check: Callable[..., Verdict]) -> Callable[..., Verdict]:
        form, _, field_name = at.partition(".")
        message = " ".join((inspect.getdoc(check) or "").split())
        needs = needs_of(check)
        add(Rule(id, severity, form, field_name, cites, source, since, message, check, needs, requires, also, asks_safety, judged))
        return check

    return declare


def add(new: Rule) -> None:
    """Enter a rule in the catalogue; ValueError when its id is taken, it has no sentence, or it asks what it cannot ask."""
    if new.id in RULES:
        raise ValueError(f"There are two rules {new.id}.")
    if not new.message:
        raise ValueError(f"Rule {new.id} has no sentence.")
    if new.asks_safety and new.severity is not Severity.DEVIATION:
        raise ValueError(f"Rule {new.id} makes no deviation, so it cannot ask the safety desk about one.")
    RULES[new.id] = new


def needs_of(check: Callable[..., object]) -> tuple[Need, ...]:
    """What a function over facts asks for, from its annotated parameters."""
    hints = typing.get_type_hints(check)
    return tuple(_need(name, hints[name]) for name in inspect.signature(check).parameters)


def _need(name: str, hint: Any) -> Need:
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        return Need(name, arguments[0], many=True, optional=False)
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return Need(name, arguments[0], many=False, optional=True)
    return Need(name, hint, many=False, optional=False)


# Which record it is, not what it says: reading these makes no input.
_IDENTITY = frozenset({"id", "visit", "row", "slot", "submitted", "form", "where"})
_T = TypeVar("_T")


def look(fact: _T) -> _T:
    """The fact, unwatched: what a rule reads from it is no input.

    For looking through all records of a form: one more dose must not ask again for a value that was confirmed.
    """
    return typing.cast(_T, fact._fact) if isinstance(fact, _Watched) else fact


class _Watched:
    """A fact that notes what is read from it."""

    __slots__ = ("_fact", "_read")

    def __init__(self, fact: object, read: dict[str, str]) -> None:
        self._fact, self._read = fact, read

    def __getattr__(self, name: str) -> Any:
        seen = getattr(self._fact, name)
        if name in _IDENTITY:
            return seen
        where = self._fact.where if isinstance(self._fact, Fact) else type(self._fact).__name__
        self._read[f"{where}.{name}"] = repr(seen)
        return seen


def findings(rules: Iterable[Rule], case: Case, at_hand: Fact | None = None) -> list[Finding]:
    """Run each rule over every record it speaks of (a gate once), and return what fires, in the rules' order.

    With ``at_hand`` a rule that reads nothing but its own record is run on that one record: the others are as they were.
    """
    return [found for each in rules if each.on for found in _run(each, case, at_hand)]


def _run(each: Rule, case: Case, at_hand: Fact | None) -> Iterator[Finding]:
    records: Iterable[Fact | None] = case.of(each.form) if each.own else (None,)
    if at_hand is not None and each.alone and each.form == at_hand.form:
        records = (at_hand,)
    for record in records:
        verdict = each.check(*[_argument(need, case, record if need is each.own else None) for need in each.needs])
        if verdict is None or verdict is False:
            continue
        # It fires: run it once more over facts that note what is read. Rules are pure, so the answer is the same.
        read: dict[str, str] = {}
        watched = [_watched(_argument(need, case, record if need is each.own else None), read) for need in each.needs]
        verdict = each.check(*watched)
        message = each.message.format(**verdict) if isinstance(verdict, Mapping) else each.message
        # "today" moves on its own; a confirmed value must not be asked for again only because a day has passed.
        inputs = sorted(item for item in read.items() if not item[0].startswith("Clock."))
        prefix = f"{record.where}." if record else ""
        fields = tuple(key.removeprefix(prefix) for key in read if prefix and key.startswith(prefix))
        yield Finding(each, record.id if record else None, message, _digest(inputs), fields, frozenset(read))


def watching(given: Mapping[str, Any], run: Callable[[dict[str, Any]], _T]) -> tuple[_T, str]:
    """What a function over facts (by parameter name) answers, and the digest of what it read, as of a finding."""
    read: dict[str, str] = {}
    answer = run({name: _watched(each, read) for name, each in given.items()})
    return answer, _digest(sorted(item for item in read.items() if not item[0].startswith("Clock.")))


def arguments(needs: Iterable[Need], case: Case) -> dict[str, Any]:
    """The facts of a case that are asked for, by parameter name."""
    return {need.name: _argument(need, case, None) for need in needs}


def _argument(need: Need, case: Case, own: Fact | None) -> Any:
    if own is not None:
        return own
    if need.fact is Patient:
        return case.patient
    if need.fact is Clock:
        return case.clock
    facts = tuple(fact for code in need.codes for fact in case.of(code))
    if need.many:
        return facts
    return facts[0] if facts else None


def _watched(argument: Any, read: dict[str, str]) -> Any:
    if isinstance(argument, tuple):
        return tuple(_Watched(look(fact), read) for fact in argument)
    return None if argument is None else _Watched(look(argument), read)


def _digest(inputs: Sequence[tuple[str, str]]) -> str:
    return hashlib.sha256(repr(inputs).encode()).hexdigest()[:32]


_reading: dict[str, list[Rule]] = {}
_known = 0


def _readers() -> dict[str, list[Rule]]:
    """Form → the rules that read it; made again when the catalogue has grown."""
    global _known
    if _known != len(RULES):
        _reading.clear()
        for each in RULES.values():
            for code in each.forms | {each.form}:
                if each.severity not in (Severity.GATE, Severity.REVIEW):
                    _reading.setdefault(code, []).append(each)
        _known = len(RULES)
    return _reading


def also_at(form: str) -> dict[str, tuple[str, ...]]:
    """Rule id → questions of the form that its sentence speaks of beside its own."""
    found: dict[str, tuple[str, ...]] = {}
    for each in _readers().get(form, ()):
        names = tuple(at.partition(".")[2] for at in each.also if at.partition(".")[0] == form)
        if names:
            found[each.id] = names
    return found


def rules_reading(form: str) -> list[Rule]:
    """The rules to run again when a record of ``form`` changes, in catalogue order; gates run on their action."""
    return _readers().get(form, [])


def gates() -> list[Rule]:
    """The rules that must hold before an action."""
    return [each for each in RULES.values() if each.severity is Severity.GATE]


def reviews(forms: Collection[str] | None = None) -> list[Rule]:
    """The rules that ask the medical reviewer, of those that read one of ``forms`` (None: all)."""
    found = [each for each in RULES.values() if each.severity is Severity.REVIEW]
    return found if forms is None else [each for each in found if each.forms & set(forms)]


__all__ = [
    "FORMS", "RULES", "Case", "Finding", "Need", "Rule", "Severity", "Source", "Verdict",
    "add", "also_at", "arguments", "findings", "gates", "look", "needs_of", "reviews", "rule", "rules_reading", "watching",
]  # fmt: skip
