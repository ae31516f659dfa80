"""Rules of tarlatamab administration and of the end of treatment.

A wrong dose that was given is stored, flagged and listed; nothing here says what to give.
"""

from __future__ import annotations

from protocol import parameters
from protocol.codelists import ActionTaken, DoseOccurrence, EndOfTreatmentReason, ProgressionBasis
from protocol.dates import PartialDate, before, days_between, earlier, show
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import AdverseEvent, Clock, Death, Dose, EndOfTreatment, Patient, Progression, moment
from protocol.rules.common import NO_FUTURE, NO_SUCH_TIME, after, future, future_moment, given, is_given, skipped
from protocol.schedule import calendar, order, planned_dose, restart_limit

_FIRST = "1 mg on day 1 (C1D1)"
_LATER = "10 mg on day 8 (C1D8) and 10 mg on day 15 (C1D15), then 10 mg every two weeks (Q2W)"
_SCHEDULE = f"{_FIRST}, {_LATER}"
_UNTIL = (
    "then 10 mg every two weeks (Q2W) until disease progression according to RECIST v1.1 criteria, unacceptable toxicity, "
    "or patient decision, whichever comes first"
)
_EOT = "End of treatment is the day tarlatamab was stopped for good, after the last dose."


# The amount ----------------------------------------------------------------------------------------------------------------

@rule("DOS-001", Severity.DEVIATION, "EC.dose_mg", cites=_FIRST, source=Source.REGISTRY)
def first_dose_amount(dose: Dose) -> Verdict:
    """{given} mg was given at C1D1; the protocol's first dose is {planned} mg. Correct the amount, or confirm it and say why."""
    if dose.visit != "C1D1" or not is_given(dose) or dose.dose_mg is None:
        return None
    planned = parameters.whole("first_dose_mg")
    return {"given": dose.dose_mg, "planned": planned} if dose.dose_mg != planned else False


@rule("DOS-002", Severity.QUERY, "EC.dose_mg", cites=_LATER, source=Source.REGISTRY)
def repeated_first_amount(dose: Dose) -> Verdict:
    """{given} mg was given at {label}, where the protocol has {planned} mg: a repeated step-up? Correct the amount, or confirm
    it with the reason.
    """
    if dose.visit == "C1D1" or not is_given(dose) or dose.dose_mg is None:
        return None
    if dose.dose_mg != parameters.whole("first_dose_mg"):
        return False
    return {"given": dose.dose_mg, "label": dose.visit, "planned": parameters.whole("later_dose_mg")}


@rule("DOS-003", Severity.DEVIATION, "EC.dose_mg", cites=_LATER, source=Source.REGISTRY)
def later_dose_amount(dose: Dose) -> Verdict:
    """{given} mg was given at {label}; the protocol's dose is {planned} mg. Correct the amount, or confirm it and say why."""
    if dose.visit == "C1D1" or not is_given(dose) or dose.dose_mg is None:
        return None
    planned = parameters.whole("later_dose_mg")
    if dose.dose_mg in (planned, parameters.whole("first_dose_mg")):
        return False
    return {"given": dose.dose_mg, "label": dose.visit, "planned": planned}


# The order of things ---------------------------------------------------------------------------------------------------------

@rule("DOS-004", Severity.DEVIATION, "EC.given_on",
      cites="Enrolment comes before treatment: the criteria are to be met 'prior to enrolment', and consent is signed 'prior "
            "to any trial-related intervention'.", source=Source.REGISTRY)
def given_before_registration(dose: Dose, patient: Patient) -> Verdict:
    """The dose was given {how}: a patient is registered before the first dose. Correct the date, or confirm it and say why."""
    if not is_given(dose):
        return None
    if patient.enrolled_on is None:
        return {"how": "to a patient who is not registered"}
    early = before(dose.given_on, PartialDate.of(patient.enrolled_on))
    return {"how": f"before registration ({show(patient.enrolled_on.isoformat())})"} if early else early


@rule("DOS-005", Severity.DEVIATION, "EC.given_on", cites=_SCHEDULE, source=Source.REGISTRY)
def out_of_order(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """{label} was given out of order: {why}. Enter the earlier dose, correct the dates, or confirm it and say why."""
    own = order(dose.visit)
    if own is None or not is_given(dose):
        return None
    recorded = {order(each.visit): each for each in doses}
    for n in range(1, own):
        label, each = planned_dose(n).label, recorded.get(n)
        if each is None:
            return {"label": dose.visit, "why": f"{label} is not recorded"}
        if look(each).occurrence == DoseOccurrence.DELAYED:
            return {"label": dose.visit, "why": f"{label} is {each.occurrence.lower()} and still to come"}
        if is_given(look(each)) and after(dose.given_on, each.given_on) is False:
            return {"label": dose.visit, "why": f"{label} was given on {each.given_on}, {dose.visit} on {dose.given_on}"}
    return False


@rule("DOS-006", Severity.DEVIATION, "EC.given_on", cites=_UNTIL, source=Source.REGISTRY)
def given_after_the_end(dose: Dose, end: EndOfTreatment | None) -> Verdict:
    """The dose was given after tarlatamab was stopped for good ({ended}). Correct the date, or confirm it and say why."""
    # The day itself stays quiet: a dose in the morning and the decision to stop in the afternoon are in order.
    if end is None or not is_given(dose):
        return None
    late = after(dose.given_on, end.ended_on)
    return {"ended": end.ended_on} if late else late


@rule("DOS-017", Severity.QUERY, "EC.given_on", cites=_UNTIL, source=Source.REGISTRY)
def given_after_progression(dose: Dose, progressions: tuple[Progression, ...]) -> Verdict:
    """The dose was given after progression by RECIST 1.1 ({progressed}); the protocol treats until progression. Check both
    dates.
    """
    if not is_given(dose):
        return None
    for progression in progressions:
        if look(progression).basis == ProgressionBasis.RECIST and after(dose.given_on, progression.progressed_on):
            return {"progressed": progression.progressed_on}
    return False


@rule("DOS-009", Severity.QUERY, "EC.given_on", cites="Nothing is given after death.", source=Source.DESIGN)
def given_after_death(dose: Dose, death: Death | None) -> Verdict:
    """The dose is dated after the patient's death ({died}): correct the date that is wrong."""
    if death is None or not is_given(dose):
        return None
    late = after(dose.given_on, death.died_on)
    return {"died": death.died_on} if late else late


@rule("DOS-013", Severity.QUERY, "EC.given_on", cites=_SCHEDULE, source=Source.REGISTRY)
def two_on_one_day(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """{label} and {other} are both recorded as given on {day}: correct the date that is wrong."""
    # Said at the earlier label: at the later one the same day is out of order (DOS-005).
    own, day = order(dose.visit), dose.given_on.known if dose.given_on else None
    if own is None or day is None or not is_given(dose):
        return None
    for other in given(doses):
        its = look(other).given_on
        if (order(other.visit) or 0) > own and its is not None and its.known == day:
            return {"label": dose.visit, "other": other.visit, "day": other.given_on}
    return False


# Dates and times ---------------------------------------------------------------------------------------------------------------

@rule("DOS-007", Severity.ERROR, "EC.end_time", cites="An infusion ends after it starts, on the same day.",
      source=Source.DESIGN)
def infusion_ends_before_start(dose: Dose, patient: Patient) -> Verdict:
    """The infusion ends ({end}) before it starts ({start}): correct the times."""
    if not dose.start_time or not dose.end_time:
        return None
    start = moment(dose.given_on, dose.start_time, patient)
    backwards = earlier(moment(dose.given_on, dose.end_time, patient), start)
    return {"start": dose.start_time, "end": dose.end_time} if backwards else backwards


@rule("DOS-008", Severity.ERROR, "EC.given_on", cites=NO_FUTURE, source=Source.DESIGN)
def given_in_future(dose: Dose, patient: Patient, clock: Clock) -> Verdict:
    """The infusion is dated in the future: correct the date or the start time."""
    return future_moment(dose.given_on, dose.start_time, patient, clock)


@rule("DOS-015", Severity.ERROR, "EC.end_time", cites=NO_FUTURE, source=Source.DESIGN)
def ends_in_future(dose: Dose, patient: Patient, clock: Clock) -> Verdict:
    """The infusion ends in the future: correct the end time, or enter it when the infusion is over."""
    if not dose.end_time:
        return None
    return future_moment(dose.given_on, dose.end_time, patient, clock)


@rule("DOS-016", Severity.ERROR, "EC.start_time", cites=NO_SUCH_TIME, source=Source.DESIGN)
def start_time_skipped(dose: Dose, patient: Patient) -> Verdict:
    """There was no {time} at the site that night: the clocks went forward. Correct the start time."""
    gone = skipped(dose.given_on, dose.start_time, patient)
    return {"time": dose.start_time} if gone else gone


@rule("DOS-019", Severity.ERROR, "EC.end_time", cites=NO_SUCH_TIME, source=Source.DESIGN)
def end_time_skipped(dose: Dose, patient: Patient) -> Verdict:
    """There was no {time} at the site that night: the clocks went forward. Correct the end time."""
    gone = skipped(dose.given_on, dose.end_time, patient)
    return {"time": dose.end_time} if gone else gone


# Delayed and omitted -----------------------------------------------------------------------------------------------------------

@rule("DOS-010", Severity.QUERY, "EC.occurrence", cites="A delayed dose is still to come; an omitted one is never given.",
      source=Source.DESIGN)
def not_given_with_infusion(dose: Dose) -> Verdict:
    """The dose is recorded as {occurrence}, yet {what} of an infusion is entered: correct the one that is wrong."""
    if dose.occurrence not in (DoseOccurrence.DELAYED, DoseOccurrence.OMITTED):
        return None
    entered = {"the date": dose.given_on, "the start": dose.start_time, "the end": dose.end_time, "the amount": dose.dose_mg}
    what = [name for name, found in entered.items() if found not in (None, "")]
    return {"occurrence": dose.occurrence.lower(), "what": ", ".join(what)} if what else False


@rule("DOS-014", Severity.NOTICE, "EC.occurrence", cites="A delayed dose is still to come; an omitted one is never given.",
      source=Source.DESIGN)
def delayed_after_the_end(dose: Dose, end: EndOfTreatment | None) -> Verdict:
    """The dose is still recorded as delayed, and tarlatamab was stopped for good: record it as omitted."""
    if not dose.occurrence:
        return None
    return dose.occurrence == DoseOccurrence.DELAYED and end is not None


# Intervals -----------------------------------------------------------------------------------------------------------------------

def _previous(dose: Dose, doses: tuple[Dose, ...]) -> Dose | None:
    """The dose given last before this one, by label."""
    own = order(dose.visit)
    if own is None or not is_given(dose):
        return None
    earlier_ones = [each for each in given(doses) if 0 < (order(each.visit) or 0) < own]
    return max(earlier_ones, key=lambda each: order(each.visit) or 0, default=None)


@rule("DOS-011", Severity.NOTICE, "EC.given_on", cites=_SCHEDULE, source=Source.ASSUMPTION,
      requires=("short_interval_cycle_1_days", "short_interval_later_days"))
def short_interval(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """Only {days} days after {label}; {planned} are planned. Check the date."""
    previous = _previous(dose, doses)
    days = days_between(previous.given_on, dose.given_on) if previous else None
    if previous is None or days is None:
        return None
    in_cycle_1 = dose.visit in ("C1D8", "C1D15")
    limit = parameters.whole("short_interval_cycle_1_days" if in_cycle_1 else "short_interval_later_days")
    planned = parameters.whole("days_to_c1d8" if in_cycle_1 else "later_interval_days")
    # On or before the earlier dose is out of order (DOS-005), not a short interval.
    return {"days": days[1], "label": previous.visit, "planned": planned} if 0 < days[0] and days[1] < limit else False


@rule("DOS-012", Severity.QUERY, "EC.dose_mg",
      cites="Label, restart after a delay: within 14 days of 1 mg at C1D1, 21 days of 10 mg at C1D8 or 28 days of 10 mg at "
            "C1D15 or later, 10 mg follows; after more days, 1 mg, and 10 mg a week later.", source=Source.LABEL,
      requires=("restart_limit_after_c1d1_days", "restart_limit_after_c1d8_days", "restart_limit_later_days"))
def restart_consistency(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """{given} mg was given {days} days after the last infusion ({label}, {last} mg). The label's table for this case reads:
    after more than {limit} days, 1 mg first. Check date and amount, or confirm them with the reason.
    """
    previous = _previous(dose, doses)
    if previous is None or dose.dose_mg is None or dose.dose_mg != parameters.whole("later_dose_mg"):
        return None
    limit, days = restart_limit(previous), days_between(previous.given_on, dose.given_on)
    if limit is None or days is None:
        return None
    if days[0] <= limit:
        return False if days[1] <= limit else None
    return {"given": dose.dose_mg, "days": days[0], "label": previous.visit, "last": previous.dose_mg, "limit": limit}


@rule("DOS-018", Severity.NOTICE, "EC.given_on", cites="The record gives no window around a planned dose.",
      source=Source.ASSUMPTION, requires=("visit_window_days",))
def outside_window(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """{label} was given {days} days from its planned date ({planned}); the window is {window} days. Check the date."""
    own, window = order(dose.visit), parameters.whole("visit_window_days")
    if own is None or not is_given(dose):
        return None
    row = calendar([look(each) for each in doses], ahead=0)[own - 1]
    if row.days_late is None or row.planned is None:
        return None
    if abs(row.days_late) <= window:
        return False
    return {"label": dose.visit, "days": abs(row.days_late), "planned": PartialDate.of(row.planned), "window": window}


# End of treatment ----------------------------------------------------------------------------------------------------------------

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
