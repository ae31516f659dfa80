"""Rules of the infusion itself: its times, what was prepared and given, what surrounds it, and the monitoring after it."""

from __future__ import annotations

from protocol import parameters
from protocol.codelists import MedicationClass, YesNo
from protocol.dates import PartialDate, Tri, before, both, days_between, earlier, either
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.event_grades import reached_by, rows, worst_of
from protocol.facts import AdverseEvent, Clock, Dose, EcogAssessment, Monitoring, Patient, moment
from protocol.infusion import Span, end_of, hours, in_order, is_given, is_step_up, pauses, running, start_of, watch_row
from protocol.rules.common import (
    NO_FUTURE,
    NO_SUCH_TIME,
    after,
    future_moment,
    linked,
    previous,
    skipped,
    slots,
)
from protocol.safety_facts import GradeChange, SyndromeAssessment
from protocol.scales import CRS, ICANS
from protocol.schedule import is_repeat, order
from protocol.screening_facts import Chemistry, Haematology, Medication

_LABEL_PREMEDICATION = (
    "Label, premedication: dexamethasone 8 mg i.v. or equivalent within 1 hour before the infusion at C1D1 and C1D8; the same "
    "again when the step-up is repeated (own reading)."
)
_LABEL_HYDRATION = (
    "Label, hydration: 1 L of normal saline i.v. over 4 to 5 hours after the infusions of cycle 1 (read in a hospital's "
    "protocol; the label's own table was not readable)."
)
_LABEL_INFUSION = "Label, administration: 250 mL over 1 hour."
_LABEL_BEFORE = "Label: blood count, liver enzymes and bilirubin before each dose."
_TIMES = "Start, interruptions and end of an infusion follow each other."


def _after_repeat(dose: Dose, doses: tuple[Dose, ...]) -> bool:
    """Is it the first dose after a repeated 1 mg?"""
    last = previous(look(dose), [look(each) for each in doses])
    return last is not None and is_repeat(last.visit)


def _step_up(dose: Dose, doses: tuple[Dose, ...]) -> bool:
    return is_step_up(dose.visit, _after_repeat(dose, doses))


# Dates and times ---------------------------------------------------------------------------------------------------------------

@rule("DOS-007", Severity.ERROR, "EC.end_time", cites="An infusion ends after it starts.", source=Source.DESIGN,
      also=("EC.start_time", "EC.ended_on"))
def infusion_ends_before_start(dose: Dose, patient: Patient) -> Verdict:
    """The infusion ends ({end}) before it starts ({start}): correct the times."""
    if not dose.start_time or not dose.end_time:
        return None
    start = moment(dose.given_on, dose.start_time, patient)
    backwards = earlier(moment(dose.last_day, dose.end_time, patient), start)
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
    return future_moment(dose.last_day, dose.end_time, patient, clock)


@rule("DOS-016", Severity.ERROR, "EC.start_time", cites=NO_SUCH_TIME, source=Source.DESIGN)
def start_time_skipped(dose: Dose, patient: Patient) -> Verdict:
    """There was no {time} at the site that night: the clocks went forward. Correct the start time."""
    gone = skipped(dose.given_on, dose.start_time, patient)
    return {"time": dose.start_time} if gone else gone


@rule("DOS-019", Severity.ERROR, "EC.end_time", cites=NO_SUCH_TIME, source=Source.DESIGN)
def end_time_skipped(dose: Dose, patient: Patient) -> Verdict:
    """There was no {time} at the site that night: the clocks went forward. Correct the end time."""
    gone = skipped(dose.last_day, dose.end_time, patient)
    return {"time": dose.end_time} if gone else gone


@rule("DOS-054", Severity.ERROR, "EC.ended_on", cites="An infusion ends after it starts.", source=Source.DESIGN,
      also=("EC.given_on",))
def ends_on_an_earlier_day(dose: Dose) -> Verdict:
    """The infusion ends on a day before it began: correct the date, or leave it empty when it ended on the same day."""
    return before(dose.ended_on, dose.given_on)


@rule("DOS-055", Severity.QUERY, "EC.ended_on", cites=_LABEL_INFUSION, source=Source.LABEL)
def ends_days_later(dose: Dose) -> Verdict:
    """The infusion ends {days} days after it began: check the date; it is empty when the infusion ended on the same day."""
    days = days_between(dose.given_on, dose.ended_on)
    if days is None:
        return None
    return {"days": days[0]} if days[0] > 1 else False


@rule("DOS-053", Severity.ERROR, "EC.interruptions", cites=_TIMES, source=Source.DESIGN,
      also=("EC.start_time", "EC.end_time", "EC.stopped_1", "EC.restarted_1"))
def interruptions_out_of_order(dose: Dose) -> Verdict:
    """Start, stops, restarts and end do not follow each other: {times}. Correct the time that is wrong; of an infusion that
    ended after midnight enter the date of its end too.
    """
    if not pauses(dose):
        return None
    fits = in_order(dose)
    if fits is not False:
        return fits and False
    told = [dose.start_time, *(each for pair in pauses(dose) for each in pair), dose.end_time]
    return {"times": ", ".join(each or "unknown" for each in told)}


@rule("DOS-058", Severity.ERROR, "EC.interruptions", cites=NO_SUCH_TIME, source=Source.DESIGN)
def interruption_skipped(dose: Dose, patient: Patient) -> Verdict:
    """There was no {time} at the site that night: the clocks went forward. Correct the time of the interruption."""
    if dose.ended_on is not None and before(dose.given_on, dose.ended_on) is not False:
        return None  # which of the two days is meant is not asked
    for each in (time for pair in pauses(dose) for time in pair):
        if skipped(dose.given_on, each, patient):
            return {"time": each}
    return False


@rule("DOS-050", Severity.NOTICE, "EC.end_time", cites=_LABEL_INFUSION, source=Source.LABEL,
      requires=("infusion_minutes", "infusion_tolerance_minutes"))
def unusual_length(dose: Dose, patient: Patient) -> Verdict:
    """The infusion ran for {length}; the label has {planned}. Check the times."""
    if not is_given(dose) or dose.completed == YesNo.NO:
        return None
    length, planned = running(dose, patient), parameters.whole("infusion_minutes")
    if length is None or length.most < 0:
        return None
    tolerance = parameters.whole("infusion_tolerance_minutes")
    if length.most < planned - tolerance or length.least > planned + tolerance:
        return {"length": str(length), "planned": hours(planned)}
    return False if length.least >= planned - tolerance and length.most <= planned + tolerance else None


# Prepared and given ------------------------------------------------------------------------------------------------------------

@rule("DOS-056", Severity.QUERY, "EC.dose_mg", cites="Nothing is given that was not prepared.", source=Source.DESIGN,
      also=("EC.prepared_mg",))
def more_given_than_prepared(dose: Dose) -> Verdict:
    """{given} mg were given, and {prepared} mg were prepared: correct the amount that is wrong."""
    if dose.dose_mg is None or dose.prepared_mg is None:
        return None
    return {"given": dose.dose_mg, "prepared": dose.prepared_mg} if dose.dose_mg > dose.prepared_mg else False


@rule("DOS-057", Severity.QUERY, "EC.completed", cites="A whole infusion gives what was prepared.", source=Source.DESIGN,
      also=("EC.dose_mg", "EC.prepared_mg"))
def whole_or_not(dose: Dose) -> Verdict:
    """{prepared} mg were prepared and {given} mg given, and the infusion is recorded as {how}: correct the one that is wrong."""
    if dose.dose_mg is None or dose.prepared_mg is None or not dose.completed or dose.dose_mg > dose.prepared_mg:
        return None
    whole = dose.completed == YesNo.YES
    if whole == (dose.dose_mg == dose.prepared_mg):
        return False
    return {"prepared": dose.prepared_mg, "given": dose.dose_mg, "how": "given whole" if whole else "not finished"}


# Before and around it ------------------------------------------------------------------------------------------------------------

def _not_before(dose: Dose, on: PartialDate | None, clock_time: str, patient: Patient) -> Tri:
    """Was something of this visit certainly done after the infusion had begun?"""
    start = start_of(dose, patient)
    return either(after(on, dose.given_on), both(bool(clock_time), earlier(start, moment(on, clock_time, patient))))


@rule("DOS-051", Severity.QUERY, "EC.given_on", cites=_LABEL_BEFORE, source=Source.LABEL,
      also=("HEM.taken_on", "CHE.taken_on", "ECOG.assessed_on"))
def looked_at_after(
    dose: Dose, haematology: tuple[Haematology, ...], chemistry: tuple[Chemistry, ...], ecogs: tuple[EcogAssessment, ...],
    patient: Patient,
) -> Verdict:  # fmt: skip
    """{what} of this visit is dated {when}, after the infusion began on {given}: what is looked at before a dose comes before
    it. Correct the date that is wrong, or confirm both.
    """
    if not is_given(dose):
        return None
    ecog = linked(ecogs, dose.visit)
    blood: tuple[tuple[str, Haematology | Chemistry | None], ...] = (
        ("The blood count", linked(haematology, dose.visit)), ("The chemistry", linked(chemistry, dose.visit)),
    )  # fmt: skip
    for what, record in blood:
        if record is not None and _not_before(dose, record.taken_on, record.taken_time, patient):
            return {"what": what, "when": f"{record.taken_on} {record.taken_time}".strip(), "given": dose.given_on}
    if ecog is not None and after(ecog.assessed_on, dose.given_on):
        return {"what": "ECOG", "when": ecog.assessed_on, "given": dose.given_on}
    return False


@rule("DOS-052", Severity.NOTICE, "EC.occurrence", cites=_LABEL_BEFORE, source=Source.LABEL)
def nothing_of_the_day(
    dose: Dose, haematology: tuple[Haematology, ...], chemistry: tuple[Chemistry, ...], ecogs: tuple[EcogAssessment, ...]
) -> Verdict:
    """Of this visit {what} not entered yet."""
    if not is_given(dose):
        return None
    found = (("blood count", slots(haematology)), ("chemistry", slots(chemistry)), ("ECOG", slots(ecogs)))
    lacking = [name for name, visits in found if dose.visit not in visits]
    if not lacking:
        return False
    return {"what": f"{', '.join(lacking[:-1])} and {lacking[-1]} are" if len(lacking) > 1 else f"{lacking[0]} is"}


@rule("DOS-047", Severity.QUERY, "EC.premedication", cites=_LABEL_PREMEDICATION, source=Source.LABEL)
def no_premedication(dose: Dose, doses: tuple[Dose, ...]) -> Verdict:
    """{label} is a dose of the step-up, and no premedication was given: check it, or confirm it with the reason."""
    if not is_given(dose) or not dose.premedication:
        return None
    return {"label": dose.visit} if dose.premedication == YesNo.NO and _step_up(dose, doses) else False


@rule("DOS-048", Severity.QUERY, "EC.premedication", cites=_LABEL_PREMEDICATION, source=Source.LABEL)
def premedication_not_entered(
    dose: Dose, medications: tuple[Medication, ...], watched: tuple[Monitoring, ...]
) -> Verdict:
    """Premedication was given, and no corticosteroid in the medication log is linked to {label}: enter it there, once."""
    # Asked once the monitoring is entered: until then the log may be on its way.
    if dose.premedication != YesNo.YES or linked(watched, dose.visit) is None:
        return None
    return False if _steroids(dose, medications) else {"label": dose.visit}


def _steroids(dose: Dose, medications: tuple[Medication, ...]) -> list[Medication]:
    return [
        each for each in medications
        if look(each).around_dose == dose.visit and look(each).drug_class == MedicationClass.STEROID
    ]  # fmt: skip


@rule("DOS-049", Severity.QUERY, "CM.started_time", cites=_LABEL_PREMEDICATION, source=Source.LABEL,
      also=("CM.started_on", "CM.around_dose"), requires=("premedication_minutes",))
def premedication_at_another_time(drug: Medication, doses: tuple[Dose, ...], patient: Patient) -> Verdict:
    """{name} was given {when} the infusion {label}; the label's premedication is given within {limit} before it. Check the time,
    or confirm it with the reason.
    """
    dose = linked(doses, drug.around_dose)
    if dose is None or drug.drug_class != MedicationClass.STEROID or not is_given(dose) or not _step_up(dose, doses):
        return None
    lead = Span.between(moment(drug.started_on, drug.started_time, patient), start_of(dose, patient))
    if lead is None:
        return None
    limit = parameters.whole("premedication_minutes")
    said = {"name": drug.name or "The medication", "label": dose.visit, "limit": hours(limit)}
    if lead.most < 0:
        return {**said, "when": f"{hours(-lead.most)} after the start of"}
    if lead.least > limit:
        return {**said, "when": f"{lead} before"}
    return False if lead.least >= 0 and lead.most <= limit else None


@rule("DOS-059", Severity.NOTICE, "EC.hydration", cites=_LABEL_HYDRATION, source=Source.LABEL)
def no_hydration(dose: Dose) -> Verdict:
    """No intravenous fluid was given after {label}."""
    if not is_given(dose) or not dose.hydration:
        return None
    in_cycle_1 = is_repeat(dose.visit) or (order(dose.visit) or 99) <= 3
    return {"label": dose.visit} if dose.hydration == YesNo.NO and in_cycle_1 else False


# The monitoring after it -----------------------------------------------------------------------------------------------------------

def _had_severe(
    events: tuple[AdverseEvent, ...], grades: tuple[tuple[GradeChange, ...], tuple[SyndromeAssessment, ...]], since: Dose | None,
    dose: Dose, patient: Patient,
) -> str:  # fmt: skip
    """CRS or ICANS of at least the label's grade that began with the dose before this one; '' when there was none."""
    if since is None:
        return ""
    least = str(parameters.whole("monitoring_after_event_grade"))
    for event in events:
        its = look(event)
        began = both(before(its.started_on, dose.given_on), before(its.started_on, since.given_on) is False)
        if its.term in (CRS, ICANS) and began:
            reached = worst_of(reached_by(rows(event, *grades, look(patient)), start_of(dose, look(patient))))
            if reached >= least:
                return f"{event.term} grade {reached}"
    return ""


@rule("DOS-046", Severity.QUERY, "MON.ended_time", cites="Label, monitoring after the infusion.", source=Source.LABEL,
      also=("MON.ended_on",), requires=("monitoring_table", "monitoring_after_event_grade"))
def watched_too_short(
    watched: Monitoring, doses: tuple[Dose, ...], events: tuple[AdverseEvent, ...], changes: tuple[GradeChange, ...],
    assessments: tuple[SyndromeAssessment, ...], patient: Patient,
) -> Verdict:  # fmt: skip
    """The patient was watched for {length} from the {counts_from} of the infusion {label}{why}. The label's row reads: {row}.
    Check the times, or confirm them with the reason.
    """
    dose = linked(doses, watched.visit)
    if dose is None or not is_given(dose):
        return None
    plain = [look(each) for each in doses]
    last = previous(look(dose), plain)
    row = watch_row(dose.visit, last is not None and is_repeat(last.visit))
    severe = _had_severe(events, (changes, assessments), last, look(dose), patient)
    if severe:
        row = watch_row("C1D1")
    if row is None:
        return None
    begin = start_of(dose, patient) if row.counts_from == "START" else end_of(dose, patient)
    length = Span.between(begin, moment(watched.ended_on, watched.ended_time, patient))
    if length is None:
        return None
    if length.most >= row.hours * 60:
        return False if length.least >= row.hours * 60 else None
    why = f", after {severe} with the dose before" if severe else ""
    return {"length": str(length), "counts_from": row.counts_from.lower(), "label": dose.visit, "row": str(row), "why": why}


@rule("DOS-067", Severity.QUERY, "MON.started_on", cites="The monitoring of a dose begins with it.", source=Source.DESIGN,
      also=("EC.given_on",))
def watched_on_another_day(watched: Monitoring, doses: tuple[Dose, ...]) -> Verdict:
    """The monitoring begins on {began}, and {label} was given on {given}: correct the date that is wrong."""
    dose = linked(doses, watched.visit)
    if dose is None or not is_given(dose):
        return None
    apart = days_between(dose.given_on, watched.started_on)
    if apart is None:
        return None
    # The evening before, or after an infusion that ended past midnight, is the same stay.
    far = apart[0] > 1 or apart[1] < -1
    return {"began": watched.started_on, "label": dose.visit, "given": dose.given_on} if far else False


@rule("DOS-071", Severity.QUERY, "MON.stayed_near", cites="Label, C1D1 and C1D8: within 1 hour of a healthcare setting for 48 hours "
      "in all from the start of the infusion, accompanied by a caregiver.", source=Source.LABEL)
def went_far(watched: Monitoring, doses: tuple[Dose, ...]) -> Verdict:
    """After {label} the patient did not stay near a hospital with somebody for 48 hours: check it, or confirm it with the reason."""
    dose = linked(doses, watched.visit)
    if dose is None or not is_given(dose) or not watched.stayed_near:
        return None
    return {"label": dose.visit} if watched.stayed_near == YesNo.NO and _step_up(dose, doses) else False
