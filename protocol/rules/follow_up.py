"""Rules of progression, hospital stays and death."""

from __future__ import annotations

from protocol.codelists import DeathCause, Outcome, Stay, YesNo
from protocol.dates import PartialDate, Tri, before, earlier, show
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import AdverseEvent, Clock, Consent, Death, Dose, Patient, Progression, moment
from protocol.infusion import given
from protocol.rules.common import NO_FUTURE, after, future, linked
from protocol.safety_facts import HospitalStay

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


# Death and its event ------------------------------------------------------------------------------------------------------------

@rule("FUP-030", Severity.QUERY, "DD.event", cites="A death from an adverse event is that event's outcome.", source=Source.DESIGN,
      also=("AE.outcome",))
def died_of_another_event(death: Death, events: tuple[AdverseEvent, ...]) -> Verdict:
    """The patient died of {term}, and the outcome of that event is not fatal: correct the one that is wrong."""
    event = linked(events, death.event)
    if event is None or not event.outcome:
        return None
    return {"term": event.term} if event.outcome != Outcome.FATAL else False


@rule("FUP-031", Severity.QUERY, "DD.cause", cites="A death from an adverse event is that event's outcome; one from the disease needs none.",
      source=Source.DESIGN, also=("AE.outcome",))
def fatal_event_is_no_cause(death: Death, events: tuple[AdverseEvent, ...]) -> Verdict:
    """{term} is recorded as fatal, and the primary cause of death is not an adverse event: correct the one that is wrong, or confirm
    both.
    """
    if not death.cause:
        return None
    if death.cause == DeathCause.ADVERSE_EVENT:
        return False
    for event in events:
        if look(event).outcome == Outcome.FATAL and event.outcome:
            return {"term": event.term}
    return False


# Hospital stays ------------------------------------------------------------------------------------------------------------------

_STAY = "A stay to which an event led begins after the event; one that an event made longer ends after it."
_SERIOUS_STAY = "ICH E2A: an event that requires a hospital stay, or makes one longer, is serious."


@rule("FUP-020", Severity.ERROR, "HO.discharged_time", cites="A stay ends after it began.", source=Source.DESIGN)
def discharged_before_admission(stay: HospitalStay, patient: Patient) -> Verdict:
    """The discharge is earlier on that day than the admission: correct the times."""
    if stay.admitted_on is None or stay.discharged_on is None or stay.admitted_on.text != stay.discharged_on.text:
        return None  # the order of days is a rule of the dates
    return earlier(
        moment(stay.discharged_on, stay.discharged_time, patient), moment(stay.admitted_on, stay.admitted_time, patient)
    )


@rule("FUP-021", Severity.QUERY, "HO.event", cites=_SERIOUS_STAY, source=Source.STANDARD, also=("AE.is_hospitalisation",))
def stay_without_criterion(stay: HospitalStay, events: tuple[AdverseEvent, ...]) -> Verdict:
    """{term} led to this stay, and is not recorded as serious for a hospital stay: correct the one that is wrong."""
    return _not_serious(stay, linked(events, stay.event))


@rule("FUP-022", Severity.QUERY, "HO.prolonged_by", cites=_SERIOUS_STAY, source=Source.STANDARD, also=("AE.is_hospitalisation",))
def longer_stay_without_criterion(stay: HospitalStay, events: tuple[AdverseEvent, ...]) -> Verdict:
    """{term} made this stay longer, and is not recorded as serious for a hospital stay: correct the one that is wrong."""
    return _not_serious(stay, linked(events, stay.prolonged_by))


def _not_serious(stay: HospitalStay, event: AdverseEvent | None) -> Verdict:
    if event is None or not event.serious or not stay.kind or stay.kind == Stay.EMERGENCY:
        return None
    return {"term": event.term} if event.is_hospitalisation != YesNo.YES else False


@rule("FUP-023", Severity.QUERY, "HO.admitted_on", cites=_STAY, source=Source.DESIGN, also=("AE.started_on",))
def admitted_before_event(stay: HospitalStay, events: tuple[AdverseEvent, ...], patient: Patient) -> Verdict:
    """{term} began ({started}) after the admission to which it is said to have led: correct the date that is wrong, or choose the
    event as the one that made the stay longer.
    """
    event = linked(events, stay.event)
    if event is None:
        return None
    late = earlier(moment(stay.admitted_on, stay.admitted_time, patient), moment(event.started_on, event.started_time, patient))
    return {"term": event.term, "started": event.started_on} if late else late


@rule("FUP-024", Severity.QUERY, "HO.admitted_on", cites=_STAY, source=Source.DESIGN, also=("AE.ended_on",))
def admitted_after_event(stay: HospitalStay, events: tuple[AdverseEvent, ...], patient: Patient) -> Verdict:
    """{term} was over ({ended}) before the admission to which it is said to have led: correct the date that is wrong."""
    event = linked(events, stay.event)
    if event is None:
        return None
    early = earlier(moment(event.ended_on, event.ended_time, patient), moment(stay.admitted_on, stay.admitted_time, patient))
    return {"term": event.term, "ended": event.ended_on} if early else early


@rule("FUP-025", Severity.QUERY, "HO.discharged_on", cites=_STAY, source=Source.DESIGN, also=("AE.started_on",))
def discharged_before_event(stay: HospitalStay, events: tuple[AdverseEvent, ...], patient: Patient) -> Verdict:
    """{term} began ({started}) after the discharge from the stay that it is said to have made longer: correct the date that is wrong."""
    event = linked(events, stay.prolonged_by)
    if event is None:
        return None
    late = earlier(moment(stay.discharged_on, stay.discharged_time, patient), moment(event.started_on, event.started_time, patient))
    return {"term": event.term, "started": event.started_on} if late else late


@rule("FUP-026", Severity.QUERY, "HO.admitted_on", cites=_DEATH, source=Source.DESIGN, also=("DD.died_on",))
def admitted_after_death(stay: HospitalStay, death: Death | None) -> Verdict:
    """The stay begins after the patient's death ({died}): correct the date that is wrong."""
    late = after(stay.admitted_on, death.died_on) if death else None
    return {"died": death.died_on} if death and late else late


@rule("FUP-027", Severity.QUERY, "HO.discharged_on", cites=_DEATH, source=Source.DESIGN, also=("DD.died_on",))
def discharged_after_death(stay: HospitalStay, death: Death | None) -> Verdict:
    """The stay ends after the patient's death ({died}): correct the date that is wrong."""
    late = after(stay.discharged_on, death.died_on) if death else None
    return {"died": death.died_on} if death and late else late


@rule("FUP-028", Severity.QUERY, "HO.ongoing", cites=_DEATH, source=Source.DESIGN, also=("DD.died_on",))
def there_after_death(stay: HospitalStay, death: Death | None) -> Verdict:
    """The patient is said to be still in hospital, and died on {died}: a stay in which somebody dies ends on that day."""
    if not stay.ongoing or death is None or death.died_on is None:
        return None
    return {"died": death.died_on} if stay.ongoing == YesNo.YES else False


@rule("FUP-029", Severity.NOTICE, "HO.admitted_on", cites="A stay is recorded once.", source=Source.DESIGN)
def stay_twice(stay: HospitalStay, stays: tuple[HospitalStay, ...]) -> Verdict:
    """A stay of the same kind that began on {admitted} is recorded already, and the two overlap: is it one stay?"""
    if not stay.kind or stay.admitted_on is None:
        return None
    for each in stays:
        its = look(each)
        if its.row >= stay.row or its.kind != stay.kind:
            continue
        if _over(its, stay) is False and _over(stay, its) is False:
            return {"admitted": each.admitted_on}
    return False


def _over(stay: HospitalStay, other: HospitalStay) -> Tri:
    """Was the stay over before the day on which the other one began?"""
    if stay.discharged_on is None and stay.ongoing == YesNo.YES:
        return False
    return before(stay.discharged_on, other.admitted_on)
