"""Rules of the interruption and the end of treatment."""

from __future__ import annotations

from protocol.codelists import ActionTaken, EndOfTreatmentReason, ProgressionBasis
from protocol.dates import PartialDate, before, show
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import (
    AdverseEvent,
    Clock,
    Death,
    Dose,
    EndOfTreatment,
    Patient,
    Progression,
    TreatmentHold,
    Withdrawal,
)
from protocol.infusion import given
from protocol.rules.common import NO_FUTURE, after, future, linked

_UNTIL = (
    "then 10 mg every two weeks (Q2W) until disease progression according to RECIST v1.1 criteria, unacceptable toxicity, "
    "or patient decision, whichever comes first"
)
_EOT = "End of treatment is the day tarlatamab was stopped for good, after the last dose."
_AGREE = "What an adverse event says of tarlatamab and what the dose says must agree."


@rule("DOS-020", Severity.ERROR, "EOT.ended_on", cites=NO_FUTURE, source=Source.DESIGN)
def end_in_future(end: EndOfTreatment, clock: Clock) -> Verdict:
    """The end of treatment is dated in the future: correct the date."""
    return future(end.ended_on, clock)


@rule("DOS-021", Severity.QUERY, "EOT.ended_on", cites=_EOT, source=Source.DESIGN)
def end_before_first_dose(end: EndOfTreatment, doses: tuple[Dose, ...]) -> Verdict:
    """Treatment ends before the first dose ({first}): correct the date that is wrong."""
    first = next((dose for dose in given(doses) if dose.visit == "C1D1"), None)
    if first is None:
        return None
    early = before(end.ended_on, first.given_on)
    return {"first": first.given_on} if early else early


@rule("DOS-022", Severity.QUERY, "EOT.reason", cites=_UNTIL, source=Source.REGISTRY)
def end_by_progression(end: EndOfTreatment, progressions: tuple[Progression, ...]) -> Verdict:
    """The reason is progression, and no progression is recorded: complete the form Disease progression too."""
    return end.reason == EndOfTreatmentReason.PROGRESSION and not progressions if end.reason else None


@rule("DOS-023", Severity.QUERY, "EOT.reason", cites=_EOT, source=Source.DESIGN)
def end_by_death(end: EndOfTreatment, death: Death | None) -> Verdict:
    """The reason is death, and no death is recorded: complete the form Death too."""
    return end.reason == EndOfTreatmentReason.DEATH and death is None if end.reason else None


@rule("DOS-024", Severity.QUERY, "EOT.reason", cites=_UNTIL, source=Source.REGISTRY)
def end_by_toxicity(end: EndOfTreatment, events: tuple[AdverseEvent, ...]) -> Verdict:
    """The reason is toxicity, and no adverse event says 'drug withdrawn for good': correct the reason or the event's action."""
    if not end.reason:
        return None
    if end.reason != EndOfTreatmentReason.TOXICITY:
        return False
    return not any(look(event).action_taken == ActionTaken.WITHDRAWN for event in events)


@rule("DOS-025", Severity.QUERY, "EOT.reason", cites=_UNTIL, source=Source.REGISTRY)
def end_by_recist_progression(end: EndOfTreatment, progressions: tuple[Progression, ...]) -> Verdict:
    """The reason is progression by RECIST 1.1, and the progression recorded is clinical only: correct the one that is wrong."""
    if end.reason != EndOfTreatmentReason.PROGRESSION or not progressions:
        return None
    return all(each.basis == ProgressionBasis.CLINICAL for each in progressions)


@rule("DOS-026", Severity.QUERY, "EOT.ended_on", cites=_EOT, source=Source.DESIGN)
def end_before_progression(end: EndOfTreatment, progressions: tuple[Progression, ...]) -> Verdict:
    """Treatment was stopped for progression before the progression ({progressed}): check both dates."""
    if end.reason != EndOfTreatmentReason.PROGRESSION or not progressions:
        return None
    if not all(before(end.ended_on, each.progressed_on) for each in progressions):
        return False
    return {"progressed": progressions[0].progressed_on}


@rule("DOS-027", Severity.QUERY, "EOT.ended_on", cites=_EOT, source=Source.DESIGN)
def end_after_death(end: EndOfTreatment, death: Death | None) -> Verdict:
    """Treatment ends after the patient's death ({died}): correct the date that is wrong."""
    late = after(end.ended_on, death.died_on) if death else None
    return {"died": death.died_on} if death and late else late


_NEVER_DOSED = "A registered patient who gets no dose leaves by End of treatment; before registration, by Screen failure."


@rule("DOS-030", Severity.QUERY, "EOT.ended_on", cites=_NEVER_DOSED, source=Source.DESIGN)
def end_without_registration(end: EndOfTreatment, patient: Patient) -> Verdict:
    """The patient is not registered, so there is no treatment to end: void this record, and use Screen failure."""
    return patient.enrolled_on is None if end.ended_on else None


@rule("DOS-031", Severity.QUERY, "EOT.ended_on", cites=_NEVER_DOSED, source=Source.DESIGN)
def end_before_registration(end: EndOfTreatment, patient: Patient) -> Verdict:
    """Treatment ends before the patient was registered ({day}): correct the date."""
    if patient.enrolled_on is None:
        return None
    early = before(end.ended_on, PartialDate.of(patient.enrolled_on))
    return {"day": show(patient.enrolled_on.isoformat())} if early else early


# What the adverse event says ----------------------------------------------------------------------------------------------

@rule("DOS-065", Severity.QUERY, "EOT.event", cites=_AGREE, source=Source.DESIGN, also=("AE.action_taken",))
def end_by_another_action(end: EndOfTreatment, events: tuple[AdverseEvent, ...]) -> Verdict:
    """Treatment ended because of {term}, and its action taken is not 'drug withdrawn for good': correct the event's action, or
    choose the event that led to it.
    """
    event = linked(events, end.event)
    if event is None or not event.action_taken:
        return None
    return {"term": event.term} if event.action_taken != ActionTaken.WITHDRAWN else False


@rule("DOS-066", Severity.QUERY, "HOLD.event", cites=_AGREE, source=Source.DESIGN, also=("AE.action_taken",))
def held_by_another_action(hold: TreatmentHold, events: tuple[AdverseEvent, ...]) -> Verdict:
    """Treatment was interrupted because of {term}, and its action taken is neither 'drug interrupted' nor 'withdrawn': correct
    the event's action, or choose the event that caused it.
    """
    event = linked(events, hold.event)
    if event is None or not event.action_taken:
        return None
    fits = event.action_taken in (ActionTaken.INTERRUPTED, ActionTaken.WITHDRAWN)
    return False if fits else {"term": event.term}


@rule("DOS-072", Severity.QUERY, "WD.scope", cites=_UNTIL, source=Source.REGISTRY, also=("EOT.ended_on",))
def withdrawn_without_end(withdrawal: Withdrawal, end: EndOfTreatment | None, patient: Patient) -> Verdict:
    """The patient has withdrawn from treatment, and no end of treatment is recorded: complete that form too."""
    if not withdrawal.scope or patient.enrolled_on is None:
        return None
    return withdrawal.of_treatment and end is None
