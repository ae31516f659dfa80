"""Rules of the doses of tarlatamab: amount, order, intervals, and what they may not come after.

A wrong dose that was given is stored, flagged and listed; nothing here says what to give.
"""

from __future__ import annotations

from protocol import parameters
from protocol.codelists import DoseOccurrence, ProgressionBasis
from protocol.dates import PartialDate, before, both, days_between, show
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import Death, Dose, EndOfTreatment, Patient, Progression, TreatmentHold, Withdrawal
from protocol.infusion import given, is_given
from protocol.rules.common import after, previous
from protocol.schedule import calendar, is_repeat, order, planned_dose, restart_row, visit_order

_FIRST = "1 mg on day 1 (C1D1)"
_LATER = "10 mg on day 8 (C1D8) and 10 mg on day 15 (C1D15), then 10 mg every two weeks (Q2W)"
_SCHEDULE = f"{_FIRST}, {_LATER}"
_UNTIL = (
    "then 10 mg every two weeks (Q2W) until disease progression according to RECIST v1.1 criteria, unacceptable toxicity, "
    "or patient decision, whichever comes first"
)
_NO_REPEAT = f"{_SCHEDULE}; the record foresees no repeated 1 mg, the label only after a delay."


# The amount ----------------------------------------------------------------------------------------------------------------

@rule("DOS-001", Severity.DEVIATION, "EC.dose_mg", cites=_FIRST, source=Source.REGISTRY, asks_safety=True)
def first_dose_amount(dose: Dose) -> Verdict:
    """{given} mg was given at C1D1; the protocol's first dose is {planned} mg. Correct the amount, or confirm it and say why."""
    if dose.visit != "C1D1" or not is_given(dose) or dose.dose_mg is None:
        return None
    planned = parameters.whole("first_dose_mg")
    return {"given": dose.dose_mg, "planned": planned} if dose.dose_mg != planned else False


@rule("DOS-002", Severity.QUERY, "EC.dose_mg", cites=_LATER, source=Source.REGISTRY)
def repeated_first_amount(dose: Dose) -> Verdict:
    """{given} mg was given at {label}, where the protocol has {planned} mg: a repeated step-up? That dose has a form of its own
    (R1, R2 …), and {label} keeps its place. Move it there, correct the amount, or confirm it with the reason.
    """
    if dose.visit == "C1D1" or is_repeat(dose.visit) or not is_given(dose) or dose.dose_mg is None:
        return None
    if dose.dose_mg != parameters.whole("first_dose_mg"):
        return False
    return {"given": dose.dose_mg, "label": dose.visit, "planned": parameters.whole("later_dose_mg")}


@rule("DOS-003", Severity.DEVIATION, "EC.dose_mg", cites=_LATER, source=Source.REGISTRY, asks_safety=True)
def later_dose_amount(dose: Dose) -> Verdict:
    """{given} mg was given at {label}; the protocol's dose is {planned} mg. Correct the amount, or confirm it and say why."""
    if dose.visit == "C1D1" or not is_given(dose) or dose.dose_mg is None:
        return None
    first, later = parameters.whole("first_dose_mg"), parameters.whole("later_dose_mg")
    if dose.dose_mg in (first, later):
        return False
    return {"given": dose.dose_mg, "label": dose.visit, "planned": first if is_repeat(dose.visit) else later}


@rule("DOS-041", Severity.QUERY, "EC.dose_mg", cites=_NO_REPEAT, source=Source.REGISTRY)
def repeat_of_later_amount(dose: Dose) -> Verdict:
    """{given} mg was given, and {label} is a repeated first dose of {planned} mg: {given} mg belong to the next label of the
    schedule. Move the record there, or correct the amount.
    """
    if not is_repeat(dose.visit) or not is_given(dose) or dose.dose_mg is None:
        return None
    if dose.dose_mg != parameters.whole("later_dose_mg"):
        return False
    return {"given": dose.dose_mg, "label": dose.visit, "planned": parameters.whole("first_dose_mg")}


@rule("DOS-040", Severity.DEVIATION, "EC.given_on", cites=_NO_REPEAT, source=Source.REGISTRY)
def repeated_without_delay(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """1 mg was repeated {days} days after the last infusion ({last}): the record has 10 mg there, and the label repeats 1 mg
    only after more than {limit} days. Correct the date, or confirm it and say why.
    """
    before_it = previous(dose, doses) if is_repeat(dose.visit) else None
    row = restart_row(look(before_it)) if before_it is not None else None
    days = days_between(before_it.given_on, dose.given_on) if before_it is not None else None
    if before_it is None or row is None or days is None:
        return None
    if days[1] > row.limit:
        return False if days[0] > row.limit else None
    return {"days": days[1], "last": f"{before_it.visit}, {before_it.dose_mg} mg", "limit": row.limit}


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


@rule("DOS-017", Severity.DEVIATION, "EC.given_on", cites=_UNTIL, source=Source.REGISTRY, also=("PD.progressed_on",))
def given_after_progression(dose: Dose, progressions: tuple[Progression, ...]) -> Verdict:
    """The dose was given after progression by RECIST 1.1 ({progressed}); the protocol treats until progression. Correct the
    date that is wrong, or confirm it and say why.
    """
    if not is_given(dose):
        return None
    for progression in progressions:
        if look(progression).basis == ProgressionBasis.RECIST and after(dose.given_on, progression.progressed_on):
            return {"progressed": progression.progressed_on}
    return False


@rule("DOS-042", Severity.DEVIATION, "EC.given_on", cites=f"{_UNTIL}. Consent can be withdrawn at any time.",
      source=Source.REGISTRY, also=("WD.withdrawn_on",))
def given_after_withdrawal(dose: Dose, withdrawal: Withdrawal | None) -> Verdict:
    """The dose was given after the patient withdrew from treatment ({withdrawn}). Correct the date that is wrong, or confirm it
    and say why.
    """
    if withdrawal is None or not is_given(dose) or not withdrawal.of_treatment:
        return None
    late = after(dose.given_on, withdrawal.withdrawn_on)
    return {"withdrawn": withdrawal.withdrawn_on} if late else late


@rule("DOS-063", Severity.QUERY, "EC.given_on", cites="While treatment is interrupted no dose is given.", source=Source.DESIGN)
def given_during_hold(dose: Dose, holds: tuple[TreatmentHold, ...]) -> Verdict:
    """The dose was given while treatment was interrupted (since {since}): enter when treatment was resumed, or correct the
    date that is wrong.
    """
    if not is_given(dose):
        return None
    for hold in holds:
        held = look(hold)
        # A dose on the day of the decision, or on the day of resuming, is in order.
        going_on = {"N": True, "Y": before(dose.given_on, held.resumed_on)}.get(held.resumed)
        if both(after(dose.given_on, held.decided_on), going_on):
            return {"since": hold.decided_on}
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
    day = dose.given_on.known if dose.given_on else None
    if day is None or not is_given(dose):
        return None
    for other in given(doses):
        its = look(other).given_on
        if visit_order(other.visit) > visit_order(dose.visit) and its is not None and its.known == day:
            return {"label": dose.visit, "other": other.visit, "day": other.given_on}
    return False


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

@rule("DOS-011", Severity.NOTICE, "EC.given_on", cites=_SCHEDULE, source=Source.ASSUMPTION,
      requires=("short_interval_cycle_1_days", "short_interval_later_days"))
def short_interval(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """Only {days} days after {label}; {planned} are planned. Check the date."""
    last = previous(dose, doses)
    days = days_between(last.given_on, dose.given_on) if last else None
    if last is None or days is None or is_repeat(dose.visit):
        return None
    weekly = dose.visit in ("C1D8", "C1D15") or is_repeat(last.visit)
    limit = parameters.whole("short_interval_cycle_1_days" if weekly else "short_interval_later_days")
    planned = parameters.whole("days_to_c1d8" if weekly else "later_interval_days")
    return {"days": days[1], "label": last.visit, "planned": planned} if days[1] < limit else False


@rule("DOS-012", Severity.QUERY, "EC.dose_mg",
      cites="Label, restart after a delay: within 14 days of 1 mg at C1D1, 21 days of 10 mg at C1D8 or 28 days of 10 mg at "
            "C1D15 or later, 10 mg follows; after more days, 1 mg, and 10 mg a week later.", source=Source.LABEL,
      requires=("restart_limit_after_c1d1_days", "restart_limit_after_c1d8_days", "restart_limit_later_days"))
def restart_consistency(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """{given} mg was given {days} days after the last infusion ({label}, {last} mg). The label's table for this case reads:
    after more than {limit} days, 1 mg first. Check date and amount, or confirm them with the reason.
    """
    last = previous(dose, doses)
    if last is None or dose.dose_mg is None or dose.dose_mg != parameters.whole("later_dose_mg"):
        return None
    row, days = restart_row(look(last)), days_between(last.given_on, dose.given_on)
    if row is None or days is None:
        return None
    if days[0] <= row.limit:
        return False if days[1] <= row.limit else None
    return {"given": dose.dose_mg, "days": days[0], "label": last.visit, "last": last.dose_mg, "limit": row.limit}


@rule("DOS-018", Severity.NOTICE, "EC.given_on", cites="The record gives no window around a planned dose.",
      source=Source.ASSUMPTION, requires=("visit_window_days",))
def outside_window(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """{label} was given {days} days from its planned date ({planned}); the window is {window} days. Check the date."""
    own, window = order(dose.visit), parameters.whole("visit_window_days")
    if own is None or not is_given(dose):
        return None
    row = next(each for each in calendar([look(each) for each in doses], ahead=0) if each.n == own)
    if row.days_late is None or row.planned is None:
        return None
    if abs(row.days_late) <= window:
        return False
    return {"label": dose.visit, "days": abs(row.days_late), "planned": PartialDate.of(row.planned), "window": window}
