"""Rules of questions that sum up others: 'was there any …?' beside its log, and the conclusion of the checklist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from protocol import engine, parameters
from protocol.atoms import REGISTRATION, answer_satisfies
from protocol.codelists import LOCAL_ROUTES, ExclusionAnswer, MedicationClass, ProcedureKind, VascularEvent, YesNo
from protocol.criteria import CRITERIA, Criterion, at_gate
from protocol.dates import (
    PartialDate,
    Tri,
    before,
    both,
    earlier,
    either,
    negated,
    show,
    within_days_before,
    within_months_before,
)
from protocol.engine import Need, Rule, Severity, Source, Verdict, look, rule
from protocol.facts import Demographics, Eligibility, Fact, Patient, moment
from protocol.first_dose import IMMUNOSUPPRESSIVE
from protocol.screening_facts import (
    AutoimmuneDisease,
    FirstDoseCheck,
    HistoryAsked,
    ImmuneEvent,
    Infection,
    MedicalHistory,
    Medication,
    MedicationAsked,
    OtherMalignancy,
    PriorProcedure,
    Vaccine,
    VascularHistory,
)

# Does an entry belong to what was asked? (None: perhaps) ----------------------------------------------------------------

Fits = Callable[[Any, Any, Patient], Tri]
_FOUR_WEEKS, _THREE_MONTHS = 28, 3  # as the questions on the forms say


def _ever(dated_by: str) -> Fits:
    """Whatever did not come after the interview."""
    return lambda entry, asked, patient: before(asked.asked_on, getattr(entry, dated_by)) is not True


def _any(entry: Any, asked: Any, patient: Patient) -> Tri:
    return True


def _among(kind: str, *kinds: str) -> Tri:
    return kind in kinds if kind else None


def _strictly_before(day: PartialDate | None, other: PartialDate | None) -> Tri:
    """Is ``day`` before ``other``? On one and the same day nobody knows which came first."""
    return True if before(day, other) else False if before(other, day) else None


def _radiotherapy(entry: PriorProcedure, asked: HistoryAsked, patient: Patient) -> Tri:
    kind = _among(entry.category, ProcedureKind.RADIOTHERAPY, ProcedureKind.CRANIAL)
    return both(kind, before(asked.asked_on, entry.performed_on) is not True)


def _surgery(entry: PriorProcedure, asked: HistoryAsked, patient: Patient) -> Tri:
    recent = within_months_before(entry.performed_on, asked.asked_on, _THREE_MONTHS)
    return both(_among(entry.category, ProcedureKind.SURGERY), recent)


def _vascular(entry: VascularHistory, asked: HistoryAsked, patient: Patient) -> Tri:
    meant = None if entry.kind in ("", VascularEvent.OTHER) else True
    return both(meant, before(asked.asked_on, entry.occurred_on) is not True)


def _infection(entry: Infection, asked: HistoryAsked, patient: Patient) -> Tri:
    """In the 4 weeks before the interview, or active then."""
    day = asked.asked_on
    active = entry.active == YesNo.YES if entry.active else None
    signs = either(within_days_before(entry.last_sign_on, day, _FOUR_WEEKS), before(day, entry.last_sign_on))
    recent = either(active, within_days_before(entry.started_on, day, _FOUR_WEEKS), signs)
    return both(negated(before(day, entry.started_on)), recent)


def _vaccine(entry: Vaccine, asked: HistoryAsked, patient: Patient) -> Tri:
    return within_days_before(entry.given_on, asked.asked_on, _FOUR_WEEKS)


def _taken(entry: Medication, asked: MedicationAsked, patient: Patient) -> Tri:
    day = asked.asked_on
    recent = either(within_days_before(entry.ended_on, day, _FOUR_WEEKS), before(day, entry.ended_on))
    return both(_strictly_before(entry.started_on, day), True if entry.ongoing == YesNo.YES else recent)


def _anticoagulant(entry: Medication, asked: MedicationAsked, patient: Patient) -> Tri:
    day = asked.asked_on
    still = True if entry.ongoing == YesNo.YES else _strictly_before(day, entry.ended_on)
    kind = _among(entry.drug_class, MedicationClass.ANTICOAGULANT)
    return both(kind, _strictly_before(entry.started_on, day), still)


def _immunosuppressant(entry: Medication, check: FirstDoseCheck, patient: Patient) -> Tri:
    """Systemic, and taken in the days before the check: what is given that day after it is not meant."""
    days = parameters.whole("steroid_window_days")
    checked = moment(check.checked_on, check.checked_time, patient)
    begun = negated(earlier(checked, moment(entry.started_on, entry.started_time, patient)))
    recent = either(within_days_before(entry.ended_on, check.checked_on, days), before(check.checked_on, entry.ended_on))
    systemic = entry.route not in LOCAL_ROUTES if entry.route else None
    kind = _among(entry.drug_class, *IMMUNOSUPPRESSIVE)
    return both(kind, systemic, begun, True if entry.ongoing == YesNo.YES else recent)


# The pairs --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A question 'was there any …?' of a visit, and the log in which each is entered.

    ``no`` and ``yes`` are the ids of its two rules, ``about`` says what is asked about, ``log`` what people call the log. Of
    its entries, ``named_by`` is what is shown, with the day ``dated_by``.
    """

    no: str
    yes: str
    asks: type[Fact]
    question: str
    about: str
    entries: type[Fact]
    named_by: str
    dated_by: str
    log: str
    fits: Fits
    visit: str = "SCR"


_LOGS = "A log that is empty says nothing; the question beside it does."
_PROCEDURES = "log of prior radiotherapy and surgery"

PAIRS: tuple[Pair, ...] = (
    Pair("SCR-040", "SCR-041", HistoryAsked, "radiotherapy_any", "radiotherapy", PriorProcedure, "name", "performed_on",
         _PROCEDURES, _radiotherapy),
    Pair("SCR-042", "SCR-043", HistoryAsked, "surgery_any", "surgery in the last 3 months", PriorProcedure, "name",
         "performed_on", _PROCEDURES, _surgery),
    Pair("SCR-044", "SCR-045", HistoryAsked, "irae_any", "earlier immune-related events", ImmuneEvent, "term", "started_on",
         "log of prior immune-related events", _ever("started_on")),
    Pair("SCR-046", "SCR-047", HistoryAsked, "medical_any", "other relevant diseases", MedicalHistory, "term", "started_on",
         "medical history", _ever("started_on")),
    Pair("SCR-048", "SCR-049", HistoryAsked, "malignancy_any", "other malignancies", OtherMalignancy, "kind", "diagnosed_on",
         "log of other malignancies", _ever("diagnosed_on")),
    Pair("SCR-050", "SCR-051", HistoryAsked, "vascular_any", "heart attack, heart failure and arterial events",
         VascularHistory, "kind", "occurred_on", "log of cardiac and arterial events", _vascular),
    Pair("SCR-052", "SCR-053", HistoryAsked, "autoimmune_any", "autoimmune diseases", AutoimmuneDisease, "name", "",
         "log of autoimmune diseases", _any),
    Pair("SCR-054", "SCR-055", HistoryAsked, "infection_any", "infections in the last 4 weeks, or active", Infection, "name",
         "started_on", "log of infections", _infection),
    Pair("SCR-056", "SCR-057", HistoryAsked, "vaccine_any", "vaccinations in the last 4 weeks", Vaccine, "name", "given_on",
         "log of vaccinations", _vaccine),
    Pair("SCR-058", "SCR-059", FirstDoseCheck, "immunosuppressant_any",
         "systemic corticosteroids and immunosuppressants in the last 7 days", Medication, "name", "started_on",
         "medication log", _immunosuppressant, "C1D1"),
    # Asked at screening: beside a later 'No' would stand the premedication of that day.
    Pair("ASM-001", "ASM-002", MedicationAsked, "any_medication", "medication in the last 4 weeks", Medication, "name",
         "started_on", "medication log", _taken),
    Pair("ASM-003", "ASM-004", MedicationAsked, "any_anticoagulant", "anticoagulants", Medication, "name", "started_on",
         "medication log", _anticoagulant),
)  # fmt: skip


def _named(entry: Any, pair: Pair) -> str:
    """An entry of a log in words: 'Lobectomy (05-Mar-2026)'."""
    text = str(getattr(entry, pair.named_by)) or f"number {entry.row}"
    on = getattr(entry, pair.dated_by) if pair.dated_by else None
    return f"{text.capitalize() if text.isupper() else text}{f' ({on})' if on else ''}"


def _declare(pair: Pair) -> None:
    needs = (
        Need("asked", pair.asks, many=False, optional=False), Need("entries", pair.entries, many=True, optional=False),
        Need("patient", Patient, many=False, optional=False),
    )  # fmt: skip

    def beside_no(asked: Any, entries: Sequence[Any], patient: Patient) -> Verdict:
        if asked.visit != pair.visit or getattr(asked, pair.question) != YesNo.NO:
            return None
        found = next((each for each in entries if pair.fits(look(each), look(asked), look(patient))), None)
        if found is None:
            return False
        pair.fits(found, asked, look(patient))  # once more, watched: what the other entries say is no input
        return {"entry": _named(found, pair)}

    def beside_yes(asked: Any, entries: Sequence[Any], patient: Patient) -> Verdict:
        if asked.visit != pair.visit or getattr(asked, pair.question) != YesNo.YES:
            return None
        return all(pair.fits(look(each), look(asked), look(patient)) is False for each in entries)

    asks = f"The answer about {pair.about} is"
    no = f"{asks} 'No', and the {pair.log} has an entry that fits: {{entry}}. Correct the answer or the entry."
    yes = f"{asks} 'Yes', and the {pair.log} has no entry that fits yet. Enter it there, or correct the answer."
    also = (f"{pair.entries.form}.{pair.named_by}",)
    for name, message, check in ((pair.no, no, beside_no), (pair.yes, yes, beside_yes)):
        check.__doc__ = message
        engine.add(Rule(
            name, Severity.QUERY, pair.asks.form, pair.question, _LOGS, Source.DESIGN, "registry record of 2026-01-22",
            message, check, needs, also=also,
        ))  # fmt: skip


for _pair in PAIRS:
    _declare(_pair)

# Rules that miss an entry of a log: they stand on its page for a new one, where the entry would be.
MISSING_ENTRY = frozenset({*(each.yes for each in PAIRS), "SCR-076"})


# The conclusion of the checklist ----------------------------------------------------------------------------------------

_CONCLUSION = "The conclusion of the checklist follows from its answers."
# The answers that the conclusion sums up; a finding is shown at those that it names. E10 and E11 are about the first dose.
_CONCLUDED = tuple(f"IE.{each.field}" for each in CRITERIA if REGISTRATION in each.gates)


def _unsatisfied(checklist: Eligibility, demographics: Demographics | None) -> list[Criterion]:
    """The criteria of registration with an answer that does not satisfy."""
    sex = demographics.sex if demographics else ""
    answers = [(each, getattr(checklist, each.field)) for each in at_gate(REGISTRATION)]
    return [each for each, answer in answers if answer and not answer_satisfies(each, answer, sex)]


def _ids(criteria: Sequence[Criterion]) -> str:
    return ", ".join(each.id for each in criteria)


@rule("SCR-060", Severity.QUERY, "IE.all_satisfied", cites=_CONCLUSION, source=Source.DESIGN, also=_CONCLUDED)
def concluded_against_an_answer(checklist: Eligibility, demographics: Demographics | None) -> Verdict:
    """The conclusion is that the patient meets all criteria, and by its answer this one is not satisfied: {names}. Correct
    the conclusion or the answer.
    """
    if checklist.all_satisfied != YesNo.YES:
        return None
    against = _unsatisfied(checklist, demographics)
    return {"names": _ids(against)} if against else False


@rule("SCR-061", Severity.QUERY, "IE.all_satisfied", cites=_CONCLUSION, source=Source.DESIGN)
def concluded_against_all_answers(checklist: Eligibility, demographics: Demographics | None) -> Verdict:
    """The conclusion is that the patient does not meet all criteria, and by the answers every criterion is satisfied.
    Correct the conclusion, or the answer that is wrong.
    """
    if checklist.all_satisfied != YesNo.NO or not all(getattr(checklist, each.field) for each in at_gate(REGISTRATION)):
        return None
    # E10 and E11 are about the days before the first dose; who finds one present now may well answer 'No'.
    ahead = ExclusionAnswer.PRESENT in (checklist.e10, checklist.e11)
    return not ahead and not _unsatisfied(checklist, demographics)


@rule("SCR-062", Severity.DEVIATION, "IE.all_satisfied", also=_CONCLUDED,
      cites="Eligibility Criteria (the record's heading): Inclusion Criteria, Exclusion Criteria.", source=Source.REGISTRY)
def registered_against_an_answer(checklist: Eligibility, demographics: Demographics | None, patient: Patient) -> Verdict:
    """The patient was registered on {day}, and by the checklist this is not satisfied: {names}. Correct the answer, or
    confirm it and say why.
    """
    against = _unsatisfied(checklist, demographics) if patient.enrolled_on else []
    if patient.enrolled_on is None or not against:
        return None
    return {"day": show(patient.enrolled_on.isoformat()), "names": _ids(against)}
