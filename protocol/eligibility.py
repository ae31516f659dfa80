"""Eligibility: the program's result for each criterion, beside the investigator's answer, and what stands against an action.

The program's result never replaces the answer: it is shown once the answer is saved, and a difference is a query. Gate 1 is
registration, gate 2 the release of the first dose. A ruling of the medical reviewer settles how a criterion's wording
applies to a case that is for review; it can settle nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from protocol import engine, exclusion, first_dose, inclusion, parameters, pregnancy, signatures, viral  # noqa: F401  the atoms are declared there
from protocol.atoms import (
    ATOMS,
    FIRST_DOSE,
    NOT_FOR_ALL,
    REGISTRATION,
    Atom,
    Decision,
    Outcome,
    answer_satisfies,
    atoms_of,
    differs,
    needs_of_all,
    run,
    worst,
)
from protocol.codelists import ExclusionAnswer, InclusionAnswer, Sex
from protocol.criteria import CRITERIA, Criterion, active, at_gate
from protocol.dates import show
from protocol.engine import Case, Need, Rule, Severity, Source, Verdict, look, rule
from protocol.facts import Clock, Consent, Demographics, EcogAssessment, Eligibility, Fact, Patient, ScreenFailure
from protocol.screening_facts import FirstDoseCheck, Ruling

_AnyFact = TypeVar("_AnyFact", bound=Fact)
_RULINGS = Need("rulings", Ruling, many=True, optional=False)
_FAILURE = Need("failure", ScreenFailure, many=False, optional=True)
# Where the investigator answers, by gate.
CHECKLIST: dict[int, type[Fact]] = {REGISTRATION: Eligibility, FIRST_DOSE: FirstDoseCheck}


@dataclass(frozen=True, slots=True)
class Result:
    """The program's result for a criterion, and the outcome of each atom that it follows from."""

    criterion: Criterion
    verdict: Decision
    parts: tuple[tuple[Atom, Outcome], ...]
    for_review: bool = False
    ruling: Ruling | None = None

    @property
    def decided(self) -> bool:
        return self.verdict in (Decision.MET, Decision.NOT_MET, Decision.PRESENT, Decision.ABSENT)

    @property
    def review(self) -> str:
        """The id of the question to the medical reviewer."""
        return review_id(self.criterion, self.parts[0][0].gate) if self.parts else ""

    @property
    def deciding(self) -> tuple[tuple[Atom, Outcome], ...]:
        """The parts that make the verdict what it is; all of them when every part is satisfied."""
        if not self.parts:
            return ()
        first = worst([outcome for _, outcome in self.parts])
        alike = [part for part in self.parts if part[1].verdict is first.verdict and part[1].for_review == first.for_review]
        asked = [part for part in self.parts if part[1].for_review] if first.for_review else alike
        return self.parts if first.verdict.satisfied else tuple(asked)

    @property
    def evidence(self) -> str:
        """What the verdict rests on: value, date, days before the reference day, rule."""
        if not self.parts:
            return "Nothing is computed for this criterion; the investigator's answer decides."
        said: dict[str, list[str]] = {}
        for part, outcome in self.deciding:
            said.setdefault(outcome.evidence, []).append(part.rule)
        text = " ".join(f"{evidence.rstrip('.')} ({', '.join(rules)})." for evidence, rules in said.items())
        if self.ruling is None:
            return text
        return f"{text} Decided by the medical reviewer: {self.ruling.reason}"


@dataclass(frozen=True, slots=True)
class Unmet:
    """A point that stands against an action: where it is mended, and the rule and criterion it concerns ('' for none).

    ``slot`` is the record's visit or number, '' when there is none yet; ``ahead`` what the logs have against it already.
    """

    rule: str
    criterion: str
    sentence: str
    form: str
    field: str
    slot: str = ""
    ahead: str = ""


# What the program works out ------------------------------------------------------------------------------------------------


def evaluate(criterion: Criterion, case: Case, gate: int = 0) -> Result:
    """The program's result for a criterion from all of the case's records, at the gate (0: the first it is asked at)."""
    atoms = atoms_of(criterion, gate or criterion.gates[0])
    rulings = tuple(each for each in case.of(Ruling.form) if isinstance(each, Ruling))
    return _ruled(criterion, atoms, engine.arguments(_needs(atoms), case), rulings)


def _needs(atoms: Sequence[Atom]) -> tuple[Need, ...]:
    """What the atoms read, and whether screening has ended."""
    return (*needs_of_all(atoms), _FAILURE)


def _judged(criterion: Criterion, atoms: Sequence[Atom], given: Mapping[str, Any]) -> Result:
    if not atoms:
        return Result(criterion, Decision.NOT_COMPUTED, ())
    # The day of registration is the day that windows count from, and no input: else registering would ask everything again.
    plain = {name: look(each) if name == "patient" else each for name, each in given.items()}
    failure = plain.pop(_FAILURE.name, None)
    if failure is not None and failure.decided_on and "clock" in plain:
        # A screening that has ended is judged by the day it ended: else its windows would go on moving.
        plain["clock"] = Clock(look(plain["clock"]).now, failure.decided_on.latest)
    parts = tuple((each, run(each, plain)) for each in atoms)
    found = worst([outcome for _, outcome in parts])
    return Result(criterion, found.verdict, parts, found.for_review)


def _ruled(criterion: Criterion, atoms: Sequence[Atom], given: Mapping[str, Any], rulings: Iterable[Ruling]) -> Result:
    """The result, and where it is for review what the medical reviewer has decided about exactly these inputs."""
    result = _judged(criterion, atoms, given)
    if not result.for_review or not rulings:
        return result
    inputs = engine.watching(given, lambda watched: _judged(criterion, atoms, watched))[1]
    name = review_id(criterion, atoms[0].gate)
    ruling = next((each for each in rulings if each.rule == name and each.inputs == inputs and each.outcome), None)
    if ruling is None:
        return result
    good, bad = (Decision.MET, Decision.NOT_MET) if criterion.kind == "inclusion" else (Decision.ABSENT, Decision.PRESENT)
    return Result(criterion, good if ruling.outcome == "SATISFIED" else bad, result.parts, True, ruling)


def differs_from(result: Result, answer: str) -> bool:
    """Does the investigator's answer say something else than the result as a whole, or than a part that is known to apply?"""
    whole = Outcome(result.verdict, "", applies=None)
    return differs(result.criterion, answer, whole, both_ways=True) is True or wrongly_not_applicable(result, answer)


def wrongly_not_applicable(result: Result, answer: str) -> bool:
    """Is the answer 'not applicable', and the criterion about this patient by the entered data?"""
    of_some = answer == InclusionAnswer.NOT_APPLICABLE and result.criterion.id in NOT_FOR_ALL
    return of_some and any(differs(result.criterion, answer, outcome, both_ways=True) for _, outcome in result.parts)


def _one(case: Case, kind: type[_AnyFact]) -> _AnyFact | None:
    return next((fact for fact in case.of(kind.form) if isinstance(fact, kind)), None)


def _answer_words(criterion: Criterion, answer: str) -> str:
    return f"its answer is {answer_label(criterion, answer)}" if answer else "it has no submitted answer"


def answer_label(criterion: Criterion, answer: str) -> str:
    """The answer as it is read: Fulfilled, Absent …"""
    return (InclusionAnswer if criterion.kind == "inclusion" else ExclusionAnswer)(answer).label


# The rules of each criterion ---------------------------------------------------------------------------------------------------


def rule_id(criterion: Criterion, suffix: str = "") -> str:
    """SCR-I06 for the record's sixth inclusion criterion."""
    return f"SCR-{criterion.id[0]}{int(criterion.id[1:]):02}{suffix}"


def review_id(criterion: Criterion, gate: int) -> str:
    """SCR-I01r; SCR-E10s for a question that belongs to the first dose of a criterion asked twice."""
    return rule_id(criterion, "s" if gate == FIRST_DOSE and REGISTRATION in criterion.gates else "r")


# The program's result as a gate: ids that were given before the others keep their names.
_EARLIER = {"I3": "SCR-I03b", "I4": "SCR-I04b", "I10": "SCR-I10b"}
_AT_FIRST_DOSE = {"I9": "SCR-G36", "E10": "SCR-G37", "E11": "SCR-G38", "E12": "SCR-G39"}
_ANSWER_AT_FIRST_DOSE = {"I9": "SCR-G32", "E10": "SCR-G33", "E11": "SCR-G34", "E12": "SCR-G35"}


def gate_id(criterion: Criterion, gate: int) -> str:
    """The id of the gate that the program's result must pass."""
    if gate == FIRST_DOSE:
        return _AT_FIRST_DOSE[criterion.id]
    number = int(criterion.id[1:])
    return _EARLIER.get(criterion.id, f"SCR-G{10 + number if criterion.kind == 'inclusion' else 40 + number}")


def _enter(
    name: str, severity: Severity, criterion: Criterion, gate: int, message: str, check: Any, needs: Sequence[Need],
    also: Iterable[str] = (),
) -> None:  # fmt: skip
    check.__doc__ = message
    form = CHECKLIST[gate].form
    engine.add(Rule(
        name, severity, form, criterion.field, criterion.text, criterion.source, "registry record of 2026-01-22", message, check,
        tuple(needs), also=tuple(dict.fromkeys(also)),
    ))  # fmt: skip


def _given(needs: Sequence[Need], arguments: Sequence[Any]) -> dict[str, Any]:
    return {need.name: argument for need, argument in zip(needs, arguments, strict=True)}


def _declare_difference(criterion: Criterion, gate: int, each: Atom, single: bool) -> None:
    """The answer beside one atom: SCR-I06a."""
    own = Need("checklist", CHECKLIST[gate], many=False, optional=False)
    needs = (own, *_needs([each]))

    def check(*arguments: Any) -> Verdict:
        given = _given(needs, arguments)
        answer = getattr(given["checklist"], criterion.field)
        if not answer or criterion not in active():
            return None
        result = _judged(criterion, [each], given)
        outcome = result.parts[0][1]
        found = differs(criterion, answer, outcome, both_ways=single)
        if not found:
            return found
        return {"answer": answer_label(criterion, answer), "evidence": result.evidence}

    message = (
        f"{criterion.id} ({criterion.short}) is answered '{{answer}}', but the entered data say otherwise: {{evidence}} Correct "
        "the one that is wrong."
    )
    _enter(each.rule, Severity.QUERY, criterion, gate, message, check, needs, each.about)


def _declare_whole(criterion: Criterion, gate: int, atoms: Sequence[Atom]) -> None:
    """The answer 'not satisfied' beside atoms that are all satisfied: SCR-I06x."""
    own = Need("checklist", CHECKLIST[gate], many=False, optional=False)
    needs = (own, *_needs(atoms))

    def check(*arguments: Any) -> Verdict:
        given = _given(needs, arguments)
        answer = getattr(given["checklist"], criterion.field)
        if not answer or answer == InclusionAnswer.NOT_APPLICABLE or answer == criterion.satisfied_by:
            return False if answer else None
        result = _judged(criterion, atoms, given)
        if result.verdict not in (Decision.MET, Decision.ABSENT) or criterion not in active():
            return None
        return {"answer": answer_label(criterion, answer), "evidence": result.evidence}

    message = (
        f"{criterion.id} ({criterion.short}) is answered '{{answer}}', and by the entered data it is satisfied: {{evidence}} "
        "Correct the one that is wrong."
    )
    about = [at for each in atoms for at in each.about]
    _enter(rule_id(criterion, "x"), Severity.QUERY, criterion, gate, message, check, needs, about)


def _declare_review(criterion: Criterion, gate: int, atoms: Sequence[Atom]) -> None:
    needs = _needs(atoms)

    def check(*arguments: Any) -> Verdict:
        result = _judged(criterion, atoms, _given(needs, arguments))
        return {"evidence": result.evidence} if result.for_review and criterion in active() else False

    message = f"{criterion.id} ({criterion.short}): {{evidence}} How does the criterion's wording apply to this case?"
    _enter(review_id(criterion, gate), Severity.REVIEW, criterion, gate, message, check, needs)


def _declare_gate(criterion: Criterion, gate: int, atoms: Sequence[Atom]) -> None:
    needs = (*_needs(atoms), _RULINGS)

    def check(*arguments: Any) -> Verdict:
        given = _given(needs, arguments)
        rulings = given.pop(_RULINGS.name)
        result = _ruled(criterion, atoms, given, rulings)
        if criterion not in active() or not result.verdict.stands_against:
            return False
        return {"verdict": _verdict_words(result), "evidence": result.evidence}

    message = f"{criterion.id} ({criterion.short}) is {{verdict}} by the entered data: {{evidence}}"
    _enter(gate_id(criterion, gate), Severity.GATE, criterion, gate, message, check, needs)


def _verdict_words(result: Result) -> str:
    waits = " (the medical reviewer is asked)" if result.for_review and result.ruling is None else ""
    return {Decision.REVIEW: "open"}.get(result.verdict, str(result.verdict).lower()) + waits


def _declare_answer_gate(criterion: Criterion, gate: int) -> None:
    """The investigator's submitted answer must satisfy the criterion; 'not applicable' does not where the data say that it applies.
    """
    atoms = atoms_of(criterion, gate) if criterion.id in NOT_FOR_ALL else ()
    own = (
        Need("checklist", CHECKLIST[gate], many=False, optional=True), Need("demographics", Demographics, many=False, optional=True)
    )  # fmt: skip
    needs = tuple(dict.fromkeys((*own, *(_needs(atoms) if atoms else ()))))

    def check(*arguments: Any) -> Verdict:
        if criterion not in active():
            return False
        given = _given(needs, arguments)
        checklist, demographics = given["checklist"], given["demographics"]
        answer = getattr(checklist, criterion.field) if checklist else ""
        if not answer_satisfies(criterion, answer, demographics.sex if demographics else ""):
            return {"answer": _answer_words(criterion, answer)}
        if answer != InclusionAnswer.NOT_APPLICABLE:
            return False
        result = _judged(criterion, atoms, given)
        if not wrongly_not_applicable(result, answer):
            return False
        return {"answer": f"{_answer_words(criterion, answer)}, and by the entered data it applies: {result.evidence.rstrip('.')}"}

    wanted = "Fulfilled" if criterion.kind == "inclusion" else "Absent"
    act = "the patient can be registered" if gate == REGISTRATION else "the first dose can be released"
    message = f"{criterion.id} ({criterion.short}) must be answered {wanted} before {act}: {{answer}}."
    name = rule_id(criterion) if gate == REGISTRATION else _ANSWER_AT_FIRST_DOSE[criterion.id]
    _enter(name, Severity.GATE, criterion, gate, message, check, needs)


# Their parts read no date that may be unknown and leave no reading open: nothing for the medical reviewer.
NEVER_FOR_REVIEW = {"I0", "I3", "I5", "I7", "I8", "E1", "E4", "E12", "E13", "E17", "E18"}
# Which criterion a gate rule is about.
CRITERION_OF: dict[str, str] = {}

for _criterion in CRITERIA:
    for _gate in _criterion.gates:
        _declare_answer_gate(_criterion, _gate)
        CRITERION_OF[rule_id(_criterion) if _gate == REGISTRATION else _ANSWER_AT_FIRST_DOSE[_criterion.id]] = _criterion.id
        _atoms = atoms_of(_criterion, _gate)
        if not _atoms:
            continue
        for _atom in _atoms:
            _declare_difference(_criterion, _gate, _atom, single=len(_atoms) == 1)
        if len(_atoms) > 1:
            _declare_whole(_criterion, _gate, _atoms)
        if _criterion.id not in NEVER_FOR_REVIEW:
            _declare_review(_criterion, _gate, _atoms)
        _declare_gate(_criterion, _gate, _atoms)
        CRITERION_OF[gate_id(_criterion, _gate)] = _criterion.id


# Gates that are about the act itself -----------------------------------------------------------------------------------------

_GATE = "Registration reads submitted records only, and happens once, at an active site."
_RELEASE = "The first dose is released by the investigator once what the record asks before it has been checked."


@rule("SCR-G01", Severity.GATE, "IC.patient_signed_on", cites=_GATE, source=Source.DESIGN)
def consent_submitted(consent: Consent | None) -> Verdict:
    """The informed consent form is not submitted yet: submit it before the patient is registered."""
    return consent is None


@rule("SCR-G02", Severity.GATE, "DM.birth_date", cites=_GATE, source=Source.DESIGN)
def demographics_submitted(demographics: Demographics | None) -> Verdict:
    """The demographics form is not submitted yet: submit it before the patient is registered."""
    return demographics is None


@rule("SCR-G03", Severity.GATE, "ECOG.ecog", cites=_GATE, source=Source.DESIGN)
def ecog_submitted(ecogs: tuple[EcogAssessment, ...]) -> Verdict:
    """The ECOG form of screening is not submitted yet: submit it before the patient is registered."""
    return not any(each.visit in ("", "SCR") or each.visit.startswith("UNS") for each in ecogs)


@rule("SCR-G04", Severity.GATE, "IE.assessed_on", cites=_GATE, source=Source.DESIGN)
def checklist_submitted(checklist: Eligibility | None) -> Verdict:
    """The eligibility checklist is not submitted yet: submit it before the patient is registered."""
    return checklist is None


@rule("SCR-G05", Severity.GATE, "IE.assessed_on", cites=_GATE, source=Source.DESIGN)
def site_active(patient: Patient) -> Verdict:
    """The site is not active: patients can be registered once it has been activated."""
    return not patient.site_active


@rule("SCR-G06", Severity.GATE, "IE.assessed_on", cites=_GATE, source=Source.DESIGN)
def not_registered_yet(patient: Patient) -> Verdict:
    """The patient was registered on {day} already."""
    return {"day": show(patient.enrolled_on.isoformat())} if patient.enrolled_on else False


@rule("SCR-G07", Severity.GATE, "SF.reason", cites=_GATE, source=Source.DESIGN)
def no_screen_failure(failure: ScreenFailure | None) -> Verdict:
    """A screen failure is recorded: void that record first if it was a mistake."""
    return failure is not None


@rule("SCR-G30", Severity.GATE, "REL.checked_on", cites=_RELEASE, source=Source.DESIGN)
def check_submitted(first_dose_check: FirstDoseCheck | None) -> Verdict:
    """The check before the first dose is not submitted yet: submit it before the dose is released."""
    return first_dose_check is None


@rule("SCR-G31", Severity.GATE, "IE.assessed_on", cites=_RELEASE, source=Source.DESIGN)
def registered_first(patient: Patient) -> Verdict:
    """The patient is not registered yet: the first dose can be released only afterwards."""
    return patient.enrolled_on is None


@rule("SCR-G40", Severity.GATE, "REL.checked_on", cites=_RELEASE, source=Source.DESIGN)
def released_once(first_dose_check: FirstDoseCheck | None, clock: Clock) -> Verdict:
    """The first dose has been released already."""
    return first_dose_check is not None and first_dose_check.released_at is not None


RELEASED_ONCE = "SCR-G40"
ABOUT_RELEASE = {"SCR-G30", "SCR-G31", RELEASED_ONCE, *_AT_FIRST_DOSE.values(), *_ANSWER_AT_FIRST_DOSE.values()}


def gate_one(case: Case) -> list[Unmet]:
    """All that stands against registering this patient, from submitted records; empty when nothing does.

    The cap of the trial is not here: it needs all patients, and is held where the enrolment number is issued.
    """
    return _standing_against(case, [gate for gate in engine.gates() if gate.id not in ABOUT_RELEASE], REGISTRATION)


def gate_two(case: Case) -> list[Unmet]:
    """All that stands against releasing the first dose, from submitted records."""
    return _standing_against(case, [gate for gate in engine.gates() if gate.id in ABOUT_RELEASE], FIRST_DOSE)


def against_first_dose(case: Case) -> list[Unmet]:
    """All that stands against giving the first dose as the data are now, whether or not it has been released."""
    return [point for point in gate_two(case) if point.rule != RELEASED_ONCE]


def _standing_against(case: Case, gates: Sequence[Rule], gate: int) -> list[Unmet]:
    case = case.submitted()
    mended = {gate_id(each, gate): _mended_at(evaluate(each, case, gate)) for each in at_gate(gate) if atoms_of(each, gate)}
    acts = {"SCR-G01", "SCR-G02", "SCR-G03", "SCR-G04", "SCR-G05", "SCR-G06", "SCR-G07", "SCR-G30", "SCR-G31", "SCR-G40"}
    points = []
    # What is missing as a whole comes first: it explains the rest.
    for found in sorted(engine.findings(gates, case), key=lambda each: each.rule.id not in acts):
        name = found.rule.id
        form, field, slot = mended.get(name) or (found.rule.form, found.rule.field, "")
        points.append(Unmet(name, CRITERION_OF.get(name, ""), found.message, form, field, slot))
    return points


def _mended_at(result: Result) -> tuple[str, str, str] | None:
    """(form, field, slot) of the first part that stands against the criterion."""
    outcome = result.deciding[0][1]
    form, _, field = outcome.at.partition(".")
    return (form, field, outcome.slot) if form else None


def due_before_first_dose(case: Case) -> list[Unmet]:
    """What registration does not ask and the first dose does, in a sentence each; nothing about I9 where it does not apply.

    E10 and E11 are looked at ahead: what the logs have against a first dose now is said beside the sentence.
    """
    checklist, demographics = _one(case, Eligibility), _one(case, Demographics)
    due = []
    for criterion in at_gate(FIRST_DOSE):
        if criterion.id == "I9":
            sex = demographics.sex if demographics else ""
            if sex in ("", Sex.MALE) or (checklist and checklist.i09 == InclusionAnswer.NOT_APPLICABLE):
                continue
            days = parameters.whole("pregnancy_test_before_first_dose_days")
            sentence = f"Second pregnancy test, within {days} days before the first dose"
        else:
            sentence = f"{criterion.id}: {criterion.short}"
        found = ahead(criterion, case)
        form, _, field = found.at.partition(".") if found else (CHECKLIST[FIRST_DOSE].form, "", criterion.field)
        due.append(Unmet("", criterion.id, sentence, form, field, found.slot if found else "", found.evidence if found else ""))
    return due


_AHEAD: dict[str, Callable[..., Outcome | None]] = {"E10": first_dose.steroids_ahead, "E11": first_dose.infections_ahead}


def ahead(criterion: Criterion, case: Case) -> Outcome | None:
    """What the logs alone have against a first dose now: E10 and E11, looked at before registration already."""
    look_ahead = _AHEAD.get(criterion.id)
    return look_ahead(*engine.arguments(engine.needs_of(look_ahead), case).values()) if look_ahead else None


NEEDS: tuple[str, ...] = tuple(sorted({code for gate in engine.gates() for code in gate.forms}))

__all__ = [
    "ABOUT_RELEASE", "ATOMS", "FIRST_DOSE", "NEEDS", "REGISTRATION", "Decision", "Outcome", "Result", "Unmet", "ahead", "answer_label",
    "answer_satisfies", "differs_from", "due_before_first_dose", "evaluate", "gate_id", "gate_one", "gate_two", "review_id", "rule_id",
    "wrongly_not_applicable",
]  # fmt: skip
