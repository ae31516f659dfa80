"""Rules of an adverse event beside other records: stays, medication, the first dose, the end of treatment, the dose on the day."""

from __future__ import annotations

from protocol import parameters
from protocol.codelists import ActionTaken, Relationship, Stay, StopReason, YesNo
from protocol.dates import earlier
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import AdverseEvent, Dose, EndOfTreatment, Monitoring, Patient, moment
from protocol.infusion import given, is_given, start_of
from protocol.rules.common import after, linked
from protocol.safety_facts import HospitalStay
from protocol.scales import CRS, ICANS, TLS
from protocol.screening_facts import Medication

_TREATED = "A medication given for an event names it in the medication log."
_ACTION = "What an adverse event says of tarlatamab and what the dose says must agree."
NO_INTEREST = "NONE"  # the answer that an event is none of special interest
_INTEREST_OF = {CRS: "CRS", ICANS: "ICANS", TLS: "TLS"}  # terms that plainly belong to one


# Beside the other logs --------------------------------------------------------------------------------------------------------

@rule("AE-055", Severity.QUERY, "AE.is_hospitalisation", cites="A hospital stay that makes an event serious is recorded with its days.",
      source=Source.DESIGN, also=("HO.event", "HO.prolonged_by", "MON.event"))
def stay_not_recorded(event: AdverseEvent, stays: tuple[HospitalStay, ...], watched: tuple[Monitoring, ...]) -> Verdict:
    """The event led to a hospital stay or made one longer, and no stay names this event: enter the stay, or choose the event there.
    Watching after a dose that lasted longer is entered on that form.
    """
    if event.is_hospitalisation != YesNo.YES:
        return False if event.is_hospitalisation else None
    return not stays_of(event, stays) and not any(look(each).event == event.slot for each in watched)


@rule("AE-056", Severity.QUERY, "AE.stay_planned",
      cites="A planned stay by itself is not serious; one that an event made longer is.", source=Source.ASSUMPTION, also=("HO.planned",))
def stay_planned_differs(event: AdverseEvent, stays: tuple[HospitalStay, ...]) -> Verdict:
    """The answer here is that the stay was {said}, and the stay that began on {admitted} was {recorded}: correct the one that is wrong.
    """
    found = stays_of(event, stays)
    if len(found) != 1 or not event.stay_planned or not found[0].planned:
        return None
    if event.stay_planned == found[0].planned:
        return False
    words = {YesNo.YES.value: "planned", YesNo.NO.value: "not planned"}
    return {"said": words[event.stay_planned], "recorded": words[found[0].planned], "admitted": found[0].admitted_on or "a day not entered"}


@rule("AE-057", Severity.QUERY, "AE.treatment_given", cites=_TREATED, source=Source.DESIGN, also=("CM.for_event",))
def treated_without_medication(event: AdverseEvent, drugs: tuple[Medication, ...]) -> Verdict:
    """A medication was given for the event, and none in the medication log names this event: enter it, or choose the event there."""
    if not event.treatment_given:
        return None
    return event.treatment_given == YesNo.YES and not _given_for(event, drugs)


@rule("AE-058", Severity.QUERY, "AE.treatment_given", cites=_TREATED, source=Source.DESIGN, also=("CM.for_event",))
def medication_without_treatment(event: AdverseEvent, drugs: tuple[Medication, ...]) -> Verdict:
    """The answer is that no medication was given, and {name} of the medication log was given for this event: correct the one that is
    wrong.
    """
    if not event.treatment_given:
        return None
    drug = next(iter(_given_for(event, drugs)), None)
    return {"name": drug.name or "a medication"} if event.treatment_given == YesNo.NO and drug is not None else False


def _given_for(event: AdverseEvent, drugs: tuple[Medication, ...]) -> list[Medication]:
    return [each for each in drugs if look(each).for_event == event.slot]


def stays_of(event: AdverseEvent, stays: tuple[HospitalStay, ...]) -> list[HospitalStay]:
    """The hospital stays to which an event led, or which it made longer; a visit to the emergency room alone is none."""
    named = [each for each in stays if event.slot in (look(each).event, look(each).prolonged_by)]
    return [each for each in named if look(each).kind != Stay.EMERGENCY]


@rule("AE-059", Severity.QUERY, "AE.special_interest", cites="The parameter special_interest.", source=Source.ASSUMPTION,
      also=("AE.term",))
def of_special_interest(event: AdverseEvent) -> Verdict:
    """{term} is an event of special interest by its name, and the answer is {answer}: correct the one that is wrong."""
    named = parameters.value("special_interest")
    own = _INTEREST_OF.get(event.term, "")
    if not event.special_interest or not isinstance(named, dict) or own not in named:
        return None
    said = {NO_INTEREST: "no", **{code: f"'{label}'" for code, label in named.items()}}
    differs = event.special_interest != own
    return {"term": event.term, "answer": said.get(event.special_interest, event.special_interest)} if differs else False


# Before the first dose, and after the last one ------------------------------------------------------------------------------------

@rule("AE-060", Severity.QUERY, "AE.baseline", cites="What was there before the first dose is a baseline condition.",
      source=Source.DESIGN, also=("AE.started_on",))
def began_before_first_dose(event: AdverseEvent, doses: tuple[Dose, ...], patient: Patient) -> Verdict:
    """The event began before the first dose ({first}), and the answer is that the condition was not there then: correct the one that
    is wrong.
    """
    first = linked(doses, "C1D1")
    if first is None or not is_given(first) or not event.baseline:
        return None
    if event.baseline != YesNo.NO:
        return False
    early = earlier(moment(event.started_on, event.started_time, patient), start_of(first, patient))
    return {"first": first.given_on} if early else early


@rule("AE-061", Severity.QUERY, "AE.worsened", cites="A condition that was there before and has not got worse is medical history.",
      source=Source.DESIGN, also=("AE.baseline",))
def baseline_not_worse(event: AdverseEvent) -> Verdict:
    """The condition was there before the first dose and has not got worse: it belongs to the medical history. Correct the one that is
    wrong, or void this record.
    """
    return event.baseline == YesNo.YES and event.worsened == YesNo.NO if event.worsened else None


@rule("AE-062", Severity.QUERY, "AE.relationship", cites="Nothing causes what was there before it.", source=Source.DESIGN,
      also=("AE.started_on",))
def caused_before_first_dose(event: AdverseEvent, doses: tuple[Dose, ...], patient: Patient) -> Verdict:
    """The event began before the first dose ({first}), and tarlatamab is said to have possibly caused it: correct the one that is wrong.
    Of a condition that got worse, the event begins when it did.
    """
    first = linked(doses, "C1D1")
    if first is None or not is_given(first) or not event.relationship:
        return None
    if event.relationship != Relationship.YES:
        return False
    early = earlier(moment(event.started_on, event.started_time, patient), start_of(first, patient))
    return {"first": first.given_on} if early else early


@rule("AE-063", Severity.QUERY, "AE.left_study", cites="Who leaves the trial gets no more tarlatamab.", source=Source.DESIGN,
      also=("EOT.ended_on",))
def left_without_end(event: AdverseEvent, end: EndOfTreatment | None, patient: Patient) -> Verdict:
    """The event made the patient leave the trial, and no end of treatment is recorded: complete that form too."""
    if not event.left_study or patient.enrolled_on is None:
        return None
    return event.left_study == YesNo.YES and end is None


@rule("AE-067", Severity.QUERY, "AE.action_taken", cites="After the end of treatment there is no dose to act on.", source=Source.DESIGN,
      also=("EOT.ended_on",))
def action_after_the_end(event: AdverseEvent, end: EndOfTreatment | None) -> Verdict:
    """The event began after the end of treatment ({ended}), and something is said to have been done with tarlatamab: answer 'Not
    applicable', or correct the date that is wrong.
    """
    if end is None or not event.action_taken:
        return None
    if event.action_taken in (ActionTaken.NOT_APPLICABLE, ActionTaken.UNKNOWN):
        return False
    late = after(event.started_on, end.ended_on)
    return {"ended": end.ended_on} if late else late


@rule("AE-068", Severity.QUERY, "AE.action_taken", cites=_ACTION, source=Source.DESIGN)
def action_while_treated(event: AdverseEvent, doses: tuple[Dose, ...], patient: Patient) -> Verdict:
    """The action is 'not applicable', and the event began during treatment: {label} was given after it, on {given}. Say what was done
    with tarlatamab.
    """
    if not event.action_taken:
        return None
    if event.action_taken != ActionTaken.NOT_APPLICABLE:
        return False
    onset = moment(event.started_on, event.started_time, patient)
    plain = given([look(each) for each in doses])
    if not any(earlier(start_of(each, look(patient)), onset) for each in plain):
        return None
    for each in doses:
        if is_given(look(each)) and earlier(onset, start_of(look(each), look(patient))):
            return {"label": each.visit, "given": each.given_on}
    return None if event.started_on is None else False


@rule("AE-070", Severity.QUERY, "AE.action_taken", cites=_ACTION, source=Source.DESIGN, also=("EC.reaction_event",))
def stopped_by_the_event(event: AdverseEvent, doses: tuple[Dose, ...]) -> Verdict:
    """The infusion of {label} was not finished because of this event, and the action taken is neither 'drug interrupted' nor
    'withdrawn': correct the one that is wrong.
    """
    if not event.action_taken:
        return None
    if event.action_taken in (ActionTaken.INTERRUPTED, ActionTaken.WITHDRAWN):
        return False
    for each in doses:
        if look(each).reaction_event == event.slot and look(each).stop_reason == StopReason.REACTION:
            return {"label": each.visit}
    return False
