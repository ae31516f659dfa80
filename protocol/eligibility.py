"""Eligibility: what the program can work out itself, and everything that still stands against registration.

The program's result never replaces the investigator's answer: it stands beside it, and a difference is a query. A
criterion that no rule works out yet is NOT_COMPUTED: it blocks nothing and never counts as met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from protocol import engine, parameters
from protocol.codelists import ExclusionAnswer, InclusionAnswer, Sex
from protocol.criteria import BY_ID, Criterion, active, at_gate
from protocol.dates import PartialDate, before, both, days_between, full_years, show
from protocol.engine import Case, Severity, Source, Verdict, rule
from protocol.facts import Clock, Consent, Demographics, EcogAssessment, Eligibility, Fact, Patient, ScreenFailure

REGISTRATION, FIRST_DOSE = 1, 2
_AnyFact = TypeVar("_AnyFact", bound=Fact)


class Decision(StrEnum):
    MET = "MET"
    NOT_MET = "NOT MET"
    NA = "NOT APPLICABLE"
    UNDETERMINED = "UNDETERMINED"  # missing or contradictory
    NOT_COMPUTED = "NOT COMPUTED"  # judgement, or no rule yet


@dataclass(frozen=True, slots=True)
class Result:
    """The program's result for a criterion, with the values, dates and days it rests on."""

    verdict: Decision
    evidence: str

    @property
    def decided(self) -> bool:
        return self.verdict in (Decision.MET, Decision.NOT_MET)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A point that stands against an action: where it is mended, and the rule and criterion it concerns ('' for none)."""

    rule: str
    criterion: str
    sentence: str
    form: str
    field: str


# What the program works out -------------------------------------------------------------------------------------------

def evaluate(criterion: Criterion, case: Case) -> Result:
    """The program's own result for a criterion, from all of the case's records."""
    consent = _one(case, Consent)
    if criterion.id == "I3":
        return ecog_result(_facts(case, EcogAssessment), case.patient, case.clock)
    if criterion.id == "I4":
        return age_result(_one(case, Demographics), consent)
    if criterion.id == "I10":
        return consent_result(consent, case.patient, case.clock)
    return Result(Decision.NOT_COMPUTED, "Nothing is computed for this criterion; the investigator's answer decides.")


def _facts(case: Case, kind: type[_AnyFact]) -> tuple[_AnyFact, ...]:
    return tuple(fact for fact in case.of(kind.form) if isinstance(fact, kind))


def _one(case: Case, kind: type[_AnyFact]) -> _AnyFact | None:
    return next(iter(_facts(case, kind)), None)


def screening_ecog(ecogs: Sequence[EcogAssessment]) -> EcogAssessment | None:
    """The ECOG assessment that counts for I3: the latest of screening."""
    screening = [each for each in ecogs if each.visit in ("", "SCR")]
    return max(screening, key=lambda each: each.assessed_on.latest if each.assessed_on else date.min, default=None)


def ecog_result(ecogs: Sequence[EcogAssessment], patient: Patient, clock: Clock) -> Result:
    """I3: exactly ECOG 2 at screening; 1 and 3 both fail. The record gives no age limit for the assessment."""
    ecog = screening_ecog(ecogs)
    if ecog is None or not ecog.ecog:
        return Result(Decision.UNDETERMINED, "No ECOG performance status of screening is entered (SCR-I03).")
    required = str(parameters.whole("required_ecog"))
    verdict = Decision.MET if ecog.ecog == required else Decision.NOT_MET
    day, what = _reference(patient, clock)
    when = f"assessed on {ecog.assessed_on}, {_days(ecog.assessed_on, day, what)}" if ecog.assessed_on else "date not entered"
    return Result(verdict, f"ECOG {ecog.ecog}, {when}; required: exactly {required} (SCR-I03).")


def age_result(demographics: Demographics | None, consent: Consent | None) -> Result:
    """I4: completed years on the day the patient signed, three-valued where day or month of birth is unknown.

    The record names no day to count from; the day of consent is the stricter reading.
    """
    born = demographics.birth_date if demographics else None
    signed = consent.patient_signed_on if consent else None
    years = full_years(born, signed)
    if born is None or signed is None or years is None:
        lacking = [name for name, found in (("birth date", born), ("date of the patient's signature", signed)) if not found]
        return Result(Decision.UNDETERMINED, f"Not entered: {' and '.join(lacking)} (SCR-I04).")
    required = parameters.whole("minimum_age_years")
    least, most = years
    age = f"{least} years" if least == most else f"{least} or {most} years" if most == least + 1 else f"{least} to {most} years"
    said = f"Born {born}, {age} on the day of consent {signed}; required: {required} or more (SCR-I04)."
    if least >= required:
        return Result(Decision.MET, said)
    if most < required:
        return Result(Decision.NOT_MET, said)
    return Result(Decision.UNDETERMINED, f"{said} The birth date is not known closely enough to decide.")


def consent_result(consent: Consent | None, patient: Patient, clock: Clock) -> Result:
    """I10: both signatures are dated, neither after registration (or after today, before registration)."""
    signed = {"patient": consent.patient_signed_on, "investigator": consent.investigator_signed_on} if consent else {}
    lacking = [who for who in ("patient", "investigator") if signed.get(who) is None]
    if lacking:
        return Result(Decision.UNDETERMINED, f"Date of signature not entered: {' and '.join(lacking)} (SCR-I10).")
    day, what = _reference(patient, clock)
    parts = [f"{who} signed on {on}, {_days(on, day, what)}" for who, on in signed.items() if on]
    in_time = both(*(_not(before(PartialDate.of(day), on)) for on in signed.values()))
    verdict = {True: Decision.MET, False: Decision.NOT_MET, None: Decision.UNDETERMINED}[in_time]
    said = "; ".join(parts)
    return Result(verdict, f"{said[0].upper()}{said[1:]} (SCR-I10).")


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _reference(patient: Patient, clock: Clock) -> tuple[date, str]:
    """The day that windows count from: registration, or the day of the check before it."""
    if patient.enrolled_on:
        return patient.enrolled_on, "registration"
    return clock.today, "this check"


def _days(on: PartialDate | None, day: date, what: str) -> str:
    counted = days_between(on, PartialDate.of(day))
    if counted is None:
        return ""
    least, most = counted
    end = f"{what} on {show(day.isoformat())}"
    if least != most:
        return f"{min(abs(least), abs(most)) if least * most > 0 else 0} to {max(abs(least), abs(most))} days from {end}"
    if least == 0:
        return f"the day of {end}"
    return f"{abs(least)} day{'s' if abs(least) > 1 else ''} {'before' if least > 0 else 'after'} {end}"


# Answers ----------------------------------------------------------------------------------------------------------------

def answer_satisfies(criterion: Criterion, answer: str, sex: str) -> bool:
    """Does the investigator's answer satisfy the criterion?

    'Not applicable' does so only where the record's own words name whom a criterion is about: I9 women of childbearing
    potential, E18 sexually active men and women of childbearing potential, E17 women (so never for a woman).
    """
    if answer == criterion.satisfied_by:
        return True
    if answer != InclusionAnswer.NOT_APPLICABLE:
        return False
    return criterion.id in ("I9", "E18") or (criterion.id == "E17" and sex != Sex.FEMALE)


def _answer_words(criterion: Criterion, answer: str) -> str:
    if not answer:
        return "it has no submitted answer"
    labels = InclusionAnswer if criterion.kind == "inclusion" else ExclusionAnswer
    return f"its answer is {labels(answer).label}"


# Gate 1: registration -----------------------------------------------------------------------------------------------

def _declare_answer_gate(criterion: Criterion) -> None:
    """One gate per criterion: the investigator's submitted answer must satisfy it."""

    def check(checklist: Eligibility | None, demographics: Demographics | None) -> Verdict:
        if criterion not in active():
            return False
        answer = getattr(checklist, criterion.field) if checklist else ""
        if answer_satisfies(criterion, answer, demographics.sex if demographics else ""):
            return False
        return {"answer": _answer_words(criterion, answer)}

    wanted = "Fulfilled" if criterion.kind == "inclusion" else "Absent"
    check.__doc__ = (
        f"{criterion.id} ({criterion.short}) must be answered {wanted} before the patient can be registered: {{answer}}."
    )
    rule(rule_id(criterion), Severity.GATE, f"IE.{criterion.field}", cites=criterion.text, source=criterion.source)(check)


def rule_id(criterion: Criterion) -> str:
    """SCR-I06 for the record's sixth inclusion criterion."""
    return f"SCR-{criterion.id[0]}{int(criterion.id[1:]):02}"


for _criterion in BY_ID.values():
    if REGISTRATION in _criterion.gates:
        _declare_answer_gate(_criterion)


def _stands_against(result: Result) -> Verdict:
    if result.verdict in (Decision.NOT_MET, Decision.UNDETERMINED):
        return {"verdict": str(result.verdict).lower(), "evidence": result.evidence}
    return False


@rule("SCR-I03b", Severity.GATE, "ECOG.ecog", cites=BY_ID["I3"].text, source=Source.REGISTRY)
def ecog_is_met(ecogs: tuple[EcogAssessment, ...], patient: Patient, clock: Clock) -> Verdict:
    """I3 (ECOG 2) is {verdict} by the entered data: {evidence}"""
    return _stands_against(ecog_result(ecogs, patient, clock))


@rule("SCR-I04b", Severity.GATE, "DM.birth_date", cites=BY_ID["I4"].text, source=Source.REGISTRY)
def age_is_met(demographics: Demographics | None, consent: Consent | None) -> Verdict:
    """I4 (age 18 or over) is {verdict} by the entered data: {evidence}"""
    return _stands_against(age_result(demographics, consent))


@rule("SCR-I10b", Severity.GATE, "IC.patient_signed_on", cites=BY_ID["I10"].text, source=Source.REGISTRY)
def consent_is_met(consent: Consent | None, patient: Patient, clock: Clock) -> Verdict:
    """I10 (written informed consent) is {verdict} by the entered data: {evidence}"""
    return _stands_against(consent_result(consent, patient, clock))


_GATE = "Registration reads submitted records only, and happens once, at an active site."


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
    return screening_ecog(ecogs) is None


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


def gate_one(case: Case) -> list[Unmet]:
    """All that stands against registering this patient, from submitted records; empty when nothing does.

    The cap of the trial is not here: it needs all patients, and is held where the enrolment number is issued.
    """
    # What is missing as a whole comes first: it explains the rest.
    gates = sorted(
        (gate for gate in engine.gates() if gate.id.startswith("SCR-")), key=lambda gate: not gate.id.startswith("SCR-G")
    )
    return [
        Unmet(found.rule.id, _criterion_of(found.rule.id), found.message, found.rule.form, found.rule.field)
        for found in engine.findings(gates, case.submitted())
    ]


def _criterion_of(rule_name: str) -> str:
    code = rule_name.removeprefix("SCR-").rstrip("ab")
    return f"{code[0]}{int(code[1:])}" if code[0] in "IE" else ""


def due_before_first_dose(case: Case) -> list[Unmet]:
    """What registration does not ask and the first dose does: E10, E11, and the second pregnancy test where it applies."""
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
        due.append(Unmet("", criterion.id, sentence, "IE", criterion.field))
    return due
