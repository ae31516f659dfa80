"""Rules of progression and death."""

from __future__ import annotations

from protocol.codelists import DeathCause, Outcome
from protocol.dates import PartialDate, before, show
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import AdverseEvent, Clock, Consent, Death, Dose, Patient, Progression
from protocol.rules.common import NO_FUTURE, after, future, given

_DEATH = "The date of death is the last day of everything else that is recorded of the patient."
_PROGRESSION = "Progression on this form is the one after registration; an earlier one belongs to the history (I2)."


@rule("FUP-001", Severity.ERROR, "DD.died_on", cites=NO_FUTURE, source=Source.DESIGN)
def died_in_future(death: Death, clock: Clock) -> Verdict:
    """The date of death lies in the future: correct it."""
    return future(death.died_on, clock)


@rule("FUP-002", Severity.QUERY, "DD.died_on", cites=_DEATH, source=Source.DESIGN)
def died_before_consent(death: Death, consent: Consent | None) -> Verdict:
    """The patient died before signing the consent ({signed}): correct the date that is wrong."""
    signed = consent.patient_signed_on if consent else None
    early = before(death.died_on, signed)
    return {"signed": signed} if early else early


@rule("FUP-003", Severity.QUERY, "DD.died_on", cites=_DEATH, source=Source.DESIGN)
def died_before_registration(death: Death, patient: Patient) -> Verdict:
    """The patient died before registration ({day}): correct the date of death."""
    if patient.enrolled_on is None:
        return None
    early = before(death.died_on, PartialDate.of(patient.enrolled_on))
    return {"day": show(patient.enrolled_on.isoformat())} if early else early


# The query stands at the dose or event that comes too late (DOS-009, AE-018); one contradiction is asked for once.

@rule("FUP-004", Severity.NOTICE, "DD.died_on", cites=_DEATH, source=Source.DESIGN)
def died_before_last_dose(death: Death, doses: tuple[Dose, ...]) -> Verdict:
    """The patient died before {label} was given ({given}): correct the date that is wrong."""
    for dose in given(doses):
        if before(death.died_on, look(dose).given_on):
            return {"label": dose.visit, "given": dose.given_on}
    return False if death.died_on else None


@rule("FUP-005", Severity.NOTICE, "DD.died_on", cites=_DEATH, source=Source.DESIGN)
def died_before_event(death: Death, events: tuple[AdverseEvent, ...]) -> Verdict:
    """The patient died before {term} began ({started}): correct the date that is wrong."""
    for event in events:
        if before(death.died_on, look(event).started_on):
            return {"term": event.term, "started": event.started_on}
    return False if death.died_on else None


@rule("FUP-006", Severity.QUERY, "DD.cause", cites="A death from an adverse event is that event's outcome.", source=Source.DESIGN)
def died_of_no_event(death: Death, events: tuple[AdverseEvent, ...]) -> Verdict:
    """The cause of death is an adverse event, and no event is recorded as fatal: enter it, or correct the cause."""
    if not death.cause:
        return None
    return death.cause == DeathCause.ADVERSE_EVENT and all(look(event).outcome != Outcome.FATAL for event in events)


@rule("FUP-010", Severity.ERROR, "PD.progressed_on", cites=NO_FUTURE, source=Source.DESIGN)
def progressed_in_future(progression: Progression, clock: Clock) -> Verdict:
    """The progression is dated in the future: correct the date."""
    return future(progression.progressed_on, clock)


@rule("FUP-011", Severity.QUERY, "PD.progressed_on", cites=_PROGRESSION, source=Source.DESIGN)
def progressed_before_registration(progression: Progression, patient: Patient) -> Verdict:
    """The progression is dated before registration ({day}): that one belongs to the history. Correct the date."""
    if patient.enrolled_on is None:
        return None
    early = before(progression.progressed_on, PartialDate.of(patient.enrolled_on))
    return {"day": show(patient.enrolled_on.isoformat())} if early else early


@rule("FUP-012", Severity.QUERY, "PD.progressed_on", cites=_DEATH, source=Source.DESIGN)
def progressed_after_death(progression: Progression, death: Death | None) -> Verdict:
    """The progression is dated after the patient's death ({died}): correct the date that is wrong."""
    late = after(progression.progressed_on, death.died_on) if death else None
    return {"died": death.died_on} if death and late else late
