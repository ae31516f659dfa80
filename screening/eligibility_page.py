"""The eligibility page: one line per criterion, the investigator's answer, the program's result with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import reverse

from accounts.access import grants
from accounts.roles import Permission
from audit import clock
from crf import registry
from crf.strip import strip
from patients.actions import places
from patients.models import Patient
from protocol.atoms import FIRST_DOSE, REGISTRATION, Decision, Outcome
from protocol.criteria import Criterion, active
from protocol.eligibility import (
    CHECKLIST,
    Result,
    against_first_dose,
    ahead,
    answer_satisfies,
    differs_from,
    evaluate,
    gate_one,
    wrongly_not_applicable,
)
from protocol.engine import Case
from protocol.facts import Eligibility, ScreenFailure
from review.models import Ruling
from screening.actions import case_of
from screening.links import mended_at

DENSE = 8  # so many criteria in question take the smaller letters on paper
# Verdict → (icon, word). A verdict against the patient is never only a colour.
SHOWN = {
    Decision.MET: ("ok", "Met"), Decision.NOT_MET: ("warn", "Not met"), Decision.PRESENT: ("warn", "Present"),
    Decision.ABSENT: ("ok", "Absent"), Decision.NA: ("neutral", "Not applicable"), Decision.UNDETERMINED: ("missing", "Undetermined"),
    Decision.REVIEW: ("due", "For the medical reviewer"), Decision.NOT_COMPUTED: ("neutral", "Not computed"),
}  # fmt: skip


@dataclass
class Part:
    """What one atom rests on, and where that stands."""

    rule: str
    evidence: str
    kind: str
    word: str
    url: str


@dataclass
class Line:
    """One criterion at one gate. ``missing`` is shown before the answer is saved, ``parts`` only afterwards."""

    id: str
    short: str
    text: str
    gate: int
    answer: str
    answer_kind: str
    answer_url: str
    kind: str = ""
    word: str = ""
    parts: list[Part] = field(default_factory=list)
    missing: list[Part] = field(default_factory=list)
    differs: bool = False
    ruling: str = ""
    ruling_url: str = ""
    decision: Ruling | None = None
    earlier: str = ""
    ahead: Part | None = None

    @property
    def in_question(self) -> bool:
        """Is something against the criterion, open between people, or for the medical reviewer?"""
        return bool(self.differs or self.ruling or self.ahead or "warn" in (self.answer_kind, self.kind))

    @property
    def on_paper(self) -> str:
        """The record's words where something is in question, else the criterion's name; asked a second time, its name."""
        said_above = self.gate == FIRST_DOSE and self.id in ("I9", "E12")
        return " ".join(self.text.split()) if self.in_question and not said_above else f"{self.short[0].upper()}{self.short[1:]}"


def page(user, patient: Patient) -> dict:
    """What the page shows, from all that has been entered, drafts included."""
    case = case_of(patient)
    asked = {each.rule: each for each in Ruling.objects.filter(patient=patient)}
    lines = [_line(patient.number, each, gate, case, asked) for gate in (REGISTRATION, FIRST_DOSE) for each in active() if gate in each.gates]
    held = grants(user)
    failure = next((each for each in case.of(ScreenFailure.form) if isinstance(each, ScreenFailure)), None)
    return {
        "patient": patient, "as_of": clock.now(), "ended": failure, "counted_from": _counted_from(patient, failure), "strip": strip(patient, case=case), "places": places(),
        "dense": sum(line.in_question for line in lines) > DENSE,
        "groups": [
            ("Inclusion criteria", [line for line in lines if line.gate == REGISTRATION and line.id.startswith("I")]),
            ("Exclusion criteria", [line for line in lines if line.gate == REGISTRATION and line.id.startswith("E")]),
            ("Asked before the first dose", [line for line in lines if line.gate == FIRST_DOSE]),
        ],
        "drafts": _drafts(case), "standing": against_first_dose(case) if patient.enrolment_number else gate_one(case),
        "may_enter": held.may(Permission.ENTER, patient.site),
        "checklist_url": mended_at(patient.number, "IE", ""), "check_url": mended_at(patient.number, "REL", ""),
    }  # fmt: skip


def _counted_from(patient: Patient, failure: ScreenFailure | None) -> str:
    """The day from which windows count back, in words."""
    if patient.enrolment_number is not None:
        return "the day of registration"
    if failure is not None and failure.decided_on:
        return f"the day on which the screening ended, {failure.decided_on}"
    return "today"


def _line(number: str, criterion: Criterion, gate: int, case: Case, asked: dict[str, Ruling]) -> Line:
    checklist = next(iter(case.of(CHECKLIST[gate].form)), None)
    sex = next((getattr(each, "sex", "") for each in case.of("DM")), "")
    answer = getattr(checklist, criterion.field) if checklist else ""
    result = evaluate(criterion, case, gate)
    stands = answer_satisfies(criterion, answer, sex) and not wrongly_not_applicable(result, answer)
    line = Line(
        criterion.id, criterion.short, criterion.text, gate, registry.display(CHECKLIST[gate].form, criterion.field, answer),
        "missing" if not answer else "ok" if stands else "warn",
        mended_at(number, CHECKLIST[gate].form, criterion.field),
    )  # fmt: skip
    if gate == FIRST_DOSE and REGISTRATION not in criterion.gates:  # the checklist asks it too, and no gate reads that
        early = next((getattr(each, criterion.field) for each in case.of(CHECKLIST[REGISTRATION].form)), "")
        line.earlier = registry.display(CHECKLIST[REGISTRATION].form, criterion.field, early)
    if answer:
        _tell(line, number, result, answer, asked)
    else:
        line.missing = [_part(number, rule, outcome) for rule, outcome in _once(result) if _is_missing(outcome)]
        line.ahead = _ahead(number, criterion, gate, case)
    return line


def _ahead(number: str, criterion: Criterion, gate: int, case: Case) -> Part | None:
    """What the logs have against a first dose now, once the checklist of registration says something of its own."""
    checklist = next((each for each in case.of(CHECKLIST[REGISTRATION].form) if isinstance(each, Eligibility)), None)
    answered = checklist is not None and bool(getattr(checklist, criterion.field) or checklist.all_satisfied)
    found = ahead(criterion, case) if gate == FIRST_DOSE and answered else None
    return _part(number, "", found) if found else None


def _tell(line: Line, number: str, result: Result, answer: str, asked: dict[str, Ruling]) -> None:
    """The program's result, which is nobody's business before the investigator has answered."""
    line.kind, line.word = SHOWN[result.verdict]
    line.differs = differs_from(result, answer)
    parts = [_part(number, rule, outcome) for rule, outcome in _once(result)]
    line.missing = [part for part, (_, outcome) in zip(parts, _once(result), strict=True) if _is_missing(outcome)]
    line.parts = [part for part in parts if part not in line.missing]
    if result.ruling is not None:
        line.ruling = f"Decided by the medical reviewer: {result.ruling.reason}"
        line.decision = asked.get(result.ruling.rule)
        line.ruling_url = _page_of(line.decision)
    elif result.for_review:
        line.ruling = "The medical reviewer decides how the wording applies."
        line.ruling_url = _page_of(asked.get(result.review))


def _page_of(ruling: Ruling | None) -> str:
    return reverse("ruling", args=[ruling.pk]) if ruling else ""


def _is_missing(outcome: Outcome) -> bool:
    return outcome.verdict is Decision.UNDETERMINED and not outcome.unknowable


def _once(result: Result) -> list[tuple[str, Outcome]]:
    """(rules, outcome) with the same evidence said once."""
    said: dict[str, tuple[list[str], Outcome]] = {}
    for atom, outcome in result.parts:
        said.setdefault(outcome.evidence, ([], outcome))[0].append(atom.rule)
    return [(", ".join(rules), outcome) for rules, outcome in said.values()]


def _part(number: str, rule: str, outcome: Outcome) -> Part:
    form, _, name = outcome.at.partition(".")
    return Part(rule, outcome.evidence, *SHOWN[outcome.verdict], mended_at(number, form, name, outcome.slot))


def _drafts(case: Case) -> list[str]:
    """Titles of forms that are still in progress: they show here, and the gates do not read them."""
    return sorted({registry.title(code) for code, facts in case.records.items() for each in facts if not each.submitted})
