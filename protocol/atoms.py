"""Atoms: the parts of a criterion that the program works out from the data, each a rule with its own sentence.

An atom is a function over facts, as a rule is; it answers an ``Outcome``: a verdict, the evidence for it (value, date, days
before the reference day) and where it is mended. A criterion's verdict follows from those of its atoms.

``SCR-I06a`` is the atom, and at the same time the query that opens when the investigator's answer differs from it.
``SCR-I06x`` opens when a criterion of several atoms is answered as not satisfied and every atom is satisfied;
``SCR-I06r`` asks the medical reviewer.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from protocol.codelists import InclusionAnswer, Sex
from protocol.criteria import BY_ID, Criterion
from protocol.dates import Moment, PartialDate, Tri, before, days_between, show
from protocol.engine import Need, needs_of
from protocol.facts import Clock, Fact, Patient, moment

REGISTRATION, FIRST_DOSE = 1, 2
_AnyFact = TypeVar("_AnyFact", bound=Fact)


class Decision(StrEnum):
    """What the program makes of an atom or a criterion."""

    MET = "MET"
    NOT_MET = "NOT MET"
    PRESENT = "PRESENT"
    ABSENT = "ABSENT"
    NA = "NOT APPLICABLE"
    UNDETERMINED = "UNDETERMINED"  # missing, contradictory, or a day nobody knows
    REVIEW = "REVIEW"  # the wording does not settle it: the medical reviewer decides
    NOT_COMPUTED = "NOT COMPUTED"  # a parameter to be supplied, or pure judgement: blocks nothing, never counts as met

    @property
    def satisfied(self) -> bool:
        return self in (Decision.MET, Decision.ABSENT, Decision.NA)

    @property
    def stands_against(self) -> bool:
        """Does it keep a patient from being registered?"""
        return self in (Decision.NOT_MET, Decision.PRESENT, Decision.UNDETERMINED, Decision.REVIEW)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An atom's answer.

    ``at`` is where it is mended or what it rests on ('FORM.field'), ``slot`` which record of that form (a visit, a number,
    '' when there is none yet). ``unknowable``: undetermined by a day that is entered as not known. ``applies``: is the
    criterion about this patient at all (False with NOT APPLICABLE, None when that is not known)?
    """

    verdict: Decision
    evidence: str
    at: str = ""
    slot: str = ""
    unknowable: bool = False
    applies: bool | None = True

    @property
    def for_review(self) -> bool:
        return self.verdict is Decision.REVIEW or self.unknowable


@dataclass(frozen=True, slots=True)
class Atom:
    """A part of a criterion. ``gate`` is the action it is asked at; ``rule`` its id in the catalogue."""

    criterion: Criterion
    letter: str
    gate: int
    sentence: str
    check: Callable[..., Outcome]
    needs: tuple[Need, ...]
    about: tuple[str, ...]  # 'FORM.field' of the questions that it rests on, first of all

    @property
    def rule(self) -> str:
        return f"SCR-{self.criterion.id[0]}{int(self.criterion.id[1:]):02}{self.letter}"


ATOMS: list[Atom] = []


def atom(
    criterion: str, letter: str, *about: str, gate: int = REGISTRATION
) -> Callable[[Callable[..., Outcome]], Callable[..., Outcome]]:
    """Declare the function as an atom of a criterion; its docstring says what is asked, ``about`` which questions answer it."""

    def declare(check: Callable[..., Outcome]) -> Callable[..., Outcome]:
        sentence = " ".join((inspect.getdoc(check) or "").split())
        ATOMS.append(Atom(BY_ID[criterion], letter, gate, sentence, check, needs_of(check), about))
        return check

    return declare


def atoms_of(criterion: Criterion, gate: int) -> tuple[Atom, ...]:
    return tuple(each for each in ATOMS if each.criterion is criterion and each.gate == gate)


def needs_of_all(atoms: Iterable[Atom]) -> tuple[Need, ...]:
    """What several atoms need together, each once; the same name always means the same fact."""
    needed: dict[str, Need] = {}
    for each in atoms:
        for need in each.needs:
            known = needed.setdefault(need.name, need)
            if known != need:
                raise TypeError(f"{each.rule} means something else by {need.name} than the atom before it.")
    return tuple(needed.values())


def run(each: Atom, given: dict[str, Any]) -> Outcome:
    """The atom's outcome from facts by parameter name."""
    return each.check(*[given[need.name] for need in each.needs])


# Verdicts ------------------------------------------------------------------------------------------------------------------

_INCLUSION = {True: Decision.MET, False: Decision.NOT_MET, None: Decision.UNDETERMINED}
_EXCLUSION = {True: Decision.PRESENT, False: Decision.ABSENT, None: Decision.UNDETERMINED}


def slot_of(record: Fact | None) -> str:
    return record.slot if record is not None else ""


def met(holds: Tri, evidence: str, at: str, record: Fact | None = None) -> Outcome:
    """An inclusion's part from a three-valued answer; None is a day that nobody knows."""
    return Outcome(_INCLUSION[holds], evidence, at, slot_of(record), unknowable=holds is None)


def present(holds: Tri, evidence: str, at: str, record: Fact | None = None) -> Outcome:
    """An exclusion's part from a three-valued answer; None is a day that nobody knows."""
    return Outcome(_EXCLUSION[holds], evidence, at, slot_of(record), unknowable=holds is None)


def missing(what: str, at: str, record: Fact | None = None, *, applies: bool | None = True) -> Outcome:
    """Not entered yet: undetermined until it is."""
    return Outcome(Decision.UNDETERMINED, f"Not entered: {what}.", at, slot_of(record), applies=applies)


def undetermined(evidence: str, at: str, record: Fact | None = None) -> Outcome:
    return Outcome(Decision.UNDETERMINED, evidence, at, slot_of(record))


def review(evidence: str, at: str, record: Fact | None = None) -> Outcome:
    return Outcome(Decision.REVIEW, evidence, at, slot_of(record))


def not_applicable(evidence: str, at: str, record: Fact | None = None) -> Outcome:
    return Outcome(Decision.NA, evidence, at, slot_of(record), applies=False)


# Against first; then what is plainly missing, so that the medical reviewer is asked once the data are there.
_ORDER = (
    Decision.NOT_MET, Decision.PRESENT, Decision.UNDETERMINED, Decision.REVIEW, Decision.NOT_COMPUTED, Decision.MET,
    Decision.ABSENT, Decision.NA,
)  # fmt: skip


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Of several outcomes the one that decides: against, plainly missing, for review, not computed, satisfied.

    What is for review is asked in one question, and what satisfies a criterion together is said together.
    """

    def standing(each: Outcome) -> tuple[int, bool]:
        return _ORDER.index(Decision.REVIEW if each.unknowable else each.verdict), each.unknowable

    found = min(outcomes, key=standing)
    if found.for_review:
        together = [each for each in outcomes if each.for_review]
    elif found.verdict in (Decision.MET, Decision.ABSENT):
        together = list(outcomes)
    else:
        return found
    return replace(found, evidence=" ".join(dict.fromkeys(each.evidence for each in together)))


def of_log(
    history: Fact | None, name: str, what: str, at: str, rows: Sequence[_AnyFact], judge: Callable[[_AnyFact], Outcome]
) -> Outcome:  # fmt: skip
    """What the rows of a log make of an exclusion. An empty log says nothing: the question ``HX.name`` decides."""
    answer = getattr(history, name) if history else ""
    if rows:
        found = worst([judge(each) for each in rows])
        return found if answer else worst([found, missing(f"whether there was any other {what}", f"HX.{name}", history)])
    if answer == "N":
        return present(False, f"No {what}.", f"HX.{name}", history)
    if answer == "Y":
        return missing(what, at)
    return missing(f"whether there was any {what}", f"HX.{name}", history)


# Days ----------------------------------------------------------------------------------------------------------------------


def reference(patient: Patient, clock: Clock) -> PartialDate:
    """The day that windows count back from: registration, or the day of the check before it."""
    return PartialDate.of(patient.enrolled_on or clock.today)


def so_far(on: PartialDate | None, patient: Patient, clock: Clock) -> PartialDate | None:
    """The date of what has happened, as far as it can lie: not after today, since no form takes a day that is still to come.

    'Jun-2026' on 10 June is 1 to 10 June. Today is the day of the check, also when windows count back from an earlier one.
    """
    today = clock.now.astimezone(ZoneInfo(patient.zone)).date()
    return replace(on, latest=today) if on is not None and on.earliest <= today < on.latest else on


def moment_so_far(on: PartialDate | None, clock_time: str, patient: Patient, clock: Clock) -> Moment | None:
    """When something happened that has happened: not after now."""
    at = moment(on, clock_time, patient)
    return Moment(at.first, clock.now) if at is not None and at.first <= clock.now < at.last else at


def ago(on: PartialDate | None, patient: Patient, clock: Clock) -> str:
    """'05-Mar-2026, 12 days before registration on 17-Mar-2026'."""
    if on is None:
        return "date not entered"
    what = "registration" if patient.enrolled_on else "this check"
    return f"{on}, {days_from(on, reference(patient, clock).earliest, what)}"


def days_from(on: PartialDate, day: date, what: str) -> str:
    """How many days lie between a date and an event, in words."""
    counted = days_between(on, PartialDate.of(day))
    end = f"{what} on {show(day.isoformat())}"
    if counted is None:
        return end
    least, most = counted
    if least != most:
        return f"{min(abs(least), abs(most)) if least * most > 0 else 0} to {max(abs(least), abs(most))} days from {end}"
    if least == 0:
        return f"the day of {end}"
    return f"{abs(least)} day{'s' if abs(least) > 1 else ''} {'before' if least > 0 else 'after'} {end}"


def of_screening(records: Iterable[_AnyFact], dated_by: str, until: PartialDate) -> list[_AnyFact]:
    """The records of screening or an unscheduled visit that are not certainly after a day."""
    return [
        each for each in records
        if (each.visit in ("", "SCR") or each.visit.startswith("UNS")) and before(until, getattr(each, dated_by)) is not True
    ]  # fmt: skip


def latest(records: Iterable[_AnyFact], dated_by: str, until: PartialDate) -> _AnyFact | None:
    """The last of these records: by day, then time, then order of entry."""
    clock_time = dated_by.replace("_on", "_time")

    def when(numbered: tuple[int, _AnyFact]) -> tuple[date, str, int]:
        number, each = numbered
        on: PartialDate | None = getattr(each, dated_by)
        return on.latest if on else date.min, getattr(each, clock_time, ""), number

    return max(enumerate(of_screening(records, dated_by, until)), key=when, default=(0, None))[1]


def latest_with(name: str, records: Iterable[_AnyFact], dated_by: str, until: PartialDate) -> _AnyFact | None:
    """The last record in which a question is answered; without any, the last record."""
    every = tuple(records)
    answered = [each for each in every if getattr(each, name) not in ("", None)]
    return latest(answered, dated_by, until) or latest(every, dated_by, until)


# The investigator's answer beside the verdict ----------------------------------------------------------------------------------

NOT_FOR_ALL = ("I9", "E17", "E18")  # the record's own words name whom they are about


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


def differs(criterion: Criterion, answer: str, outcome: Outcome, *, both_ways: bool) -> bool | None:
    """Does the answer say something else than the data? None while either is open.

    ``both_ways``: an answer 'not satisfied' beside a satisfied atom differs too, which only holds when the criterion has
    no other atom.
    """
    if not answer:
        return None
    not_applicable_answer = answer == InclusionAnswer.NOT_APPLICABLE
    if outcome.verdict is Decision.NA:
        # A part that does not apply says nothing about a criterion of several parts.
        if not both_ways:
            return None
        return not not_applicable_answer and (criterion.kind == "inclusion" or answer == "PRESENT")
    if outcome.verdict not in (Decision.MET, Decision.NOT_MET, Decision.PRESENT, Decision.ABSENT):
        known = outcome.applies is True and criterion.id in NOT_FOR_ALL
        return (not_applicable_answer and known) or None
    if not_applicable_answer:
        return outcome.verdict.satisfied or criterion.id in NOT_FOR_ALL
    if (answer == criterion.satisfied_by) == outcome.verdict.satisfied:
        return False
    return True if both_ways or not outcome.verdict.satisfied else None
