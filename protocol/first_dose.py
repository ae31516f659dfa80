"""What the record asks before the first dose: E10 and E11 up to the start of the infusion, and E12, asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from protocol import laboratory, parameters
from protocol.atoms import (
    FIRST_DOSE,
    Decision,
    Outcome,
    atom,
    days_from,
    missing,
    moment_so_far,
    of_log,
    present,
    reference,
    review,
    so_far,
    worst,
)
from protocol.codelists import (
    LOCAL_ROUTES,
    DoseOccurrence,
    Frequency,
    MedicationClass,
    Purpose,
    Route,
    Steroid,
)
from protocol.dates import Moment, PartialDate, Tri, before, both, earlier, either, negated
from protocol.engine import look
from protocol.facts import Clock, Dose, Patient, moment
from protocol.screening_facts import FirstDoseCheck, HistoryAsked, Infection, Medication


def infusion_start(doses: tuple[Dose, ...], patient: Patient, clock: Clock) -> tuple[Moment, PartialDate, str]:
    """The start of the first infusion: the real one once it is given, now before it. (moment, day at the site, words)

    When it began is no input: what the medical reviewer has decided before it still holds afterwards.
    """
    plain = [look(dose) for dose in doses]
    given = [dose for dose in plain if dose.occurrence == DoseOccurrence.GIVEN and dose.given_on and dose.given_on.known]
    if not given:
        return Moment.exactly(clock.now), PartialDate.of(clock.today), "this check"
    first = min(given, key=lambda dose: (dose.given_on.earliest if dose.given_on else clock.today, dose.start_time))
    start = moment(first.given_on, first.start_time, patient)
    assert start is not None and first.given_on is not None  # only dated doses are looked at
    return start, first.given_on, "the first dose"


def _floor(day: PartialDate, days: int) -> PartialDate:
    return PartialDate.of(day.earliest - timedelta(days=days))


# E10 -----------------------------------------------------------------------------------------------------------------------

_PER_DAY = {
    Frequency.ONCE: Decimal(1), Frequency.DAILY: Decimal(1), Frequency.TWICE: Decimal(2), Frequency.THRICE: Decimal(3),
    Frequency.FOUR_TIMES: Decimal(4), Frequency.ALTERNATE: Decimal(1),
}  # fmt: skip
IMMUNOSUPPRESSIVE = (MedicationClass.STEROID, MedicationClass.IMMUNOSUPPRESSANT)


def prednisone_equivalent(drug: Medication) -> Decimal | None:
    """mg of prednisone on a day of treatment; None when drug, dose, unit or frequency do not tell. Equivalents: assumption."""
    table = parameters.value("steroid_equivalents")
    same = table.get(drug.steroid) if isinstance(table, dict) else None
    factor = {"mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001")}.get(drug.dose_unit)
    times = _PER_DAY.get(Frequency(drug.frequency)) if drug.frequency else None
    if same is None or factor is None or times is None or drug.dose is None:
        return None
    return drug.dose * factor * times * 10 / Decimal(str(same))


def _inside(drug: Medication, start: Moment, floor: PartialDate, patient: Patient, clock: Clock) -> Tri:
    """Was the drug taken between the first day of the window and the start of the infusion?"""
    began = moment_so_far(drug.started_on, drug.started_time, patient, clock)
    not_later = None if began is None else negated(earlier(start, began))
    still = either(drug.ongoing == "Y", negated(before(drug.started_on, floor)), negated(before(drug.ended_on, floor)))
    return both(not_later, still)


def _span(drug: Medication) -> str:
    return f"{drug.started_on or '?'} to {'now' if drug.ongoing == 'Y' else drug.ended_on or '?'}"


def _steroid(drug: Medication, taken: Tri, day: PartialDate, what: str) -> Outcome | None:
    """PRESENT, ABSENT or open; None for a corticosteroid inside, whose dose is looked at together with the others."""
    days, at = parameters.whole("steroid_window_days"), "CM.started_on"
    name = drug.name or "the medication"
    if drug.route in LOCAL_ROUTES:
        return present(False, f"{name}: {Route(drug.route).words}, not systemic.", "CM.route", drug)
    said = f"{name} {_span(drug)}; window: {days} days before {what} on {day}"
    if taken is False:
        return present(False, f"{said}: outside it.", at, drug)
    if drug.purpose == Purpose.ANTIEMETIC:
        return present(False, f"{said}: anti-emetic, allowed.", "CM.purpose", drug)
    steroid = drug.drug_class == MedicationClass.STEROID
    if steroid and drug.purpose == Purpose.PROPHYLAXIS and drug.steroid == Steroid.DEXAMETHASONE:
        return present(False, f"{said}: prophylactic dexamethasone, allowed.", "CM.purpose", drug)
    if taken is None and (drug.started_on is None or (drug.ongoing != "Y" and drug.ended_on is None)):
        return missing(f"first or last dose of {name}", at if drug.started_on is None else "CM.ended_on", drug)
    for field in ("route", "purpose", "steroid") if steroid else ("route", "purpose"):
        if not getattr(drug, field):
            return missing(f"{field} of {name}", f"CM.{field}", drug)
    if taken is None:
        return present(None, f"{said}: it cannot be said whether it lies inside.", at, drug)
    return None if steroid else present(True, f"{said}: immunosuppressive.", "CM.drug_class", drug)


@atom("E10", "b", "CM.drug_class", "CM.dose", "REL.immunosuppressant_any", gate=FIRST_DOSE)
def immunosuppressed(
    first_dose_check: FirstDoseCheck | None, medications: tuple[Medication, ...], doses: tuple[Dose, ...], patient: Patient,
    clock: Clock,
) -> Outcome:  # fmt: skip
    """Systemic corticosteroid or another immunosuppressant from 7 days before the first dose to the start of the infusion,
    but for prophylactic dexamethasone and anti-emetics; a low dose goes to the medical reviewer.
    """
    outcomes, inside = _of_the_log(medications, doses, patient, clock)
    answer, at = first_dose_check.immunosuppressant_any if first_dose_check else "", "REL.immunosuppressant_any"
    if not answer:
        outcomes.append(missing("whether one was taken in the last 7 days", at, first_dose_check))
    elif answer == "Y" and not inside:
        outcomes.append(missing("the corticosteroid or immunosuppressant of the last 7 days", "CM.drug_class"))
    return worst(outcomes or [present(False, "No corticosteroid or immunosuppressant.", at, first_dose_check)])


def _of_the_log(
    medications: Sequence[Medication], doses: tuple[Dose, ...], patient: Patient, clock: Clock
) -> tuple[list[Outcome], bool]:
    """What each medication makes of E10, and whether a corticosteroid or immunosuppressant may lie inside the window."""
    start, day, what = infusion_start(doses, patient, clock)
    floor = _floor(day, parameters.whole("steroid_window_days"))
    outcomes, inside, low = [], False, []
    for drug in medications:
        if not drug.drug_class:
            outcomes.append(missing(f"kind of medication of {drug.name or 'an entry'}", "CM.drug_class", drug))
        elif drug.drug_class in IMMUNOSUPPRESSIVE:
            taken = _inside(drug, start, floor, patient, clock)
            inside = inside or taken is not False
            outcome = _steroid(drug, taken, day, what)
            low += [drug] if outcome is None else []
            outcomes += [outcome] if outcome else []
    if low:
        outcomes.append(_low_dose(low, floor, day, patient, clock))
    return outcomes, inside


def steroids_ahead(
    medications: tuple[Medication, ...], doses: tuple[Dose, ...], patient: Patient, clock: Clock
) -> Outcome | None:
    """What the medication log alone has against a first dose now (E10); None for nothing, or once it is given."""
    return None if _is_given(doses) else _against(_of_the_log(medications, doses, patient, clock)[0])


def _is_given(doses: Sequence[Dose]) -> bool:
    return any(look(each).occurrence == DoseOccurrence.GIVEN for each in doses)


def _against(outcomes: Sequence[Outcome]) -> Outcome | None:
    """What is present or for review; what is only not entered yet is asked for where it is entered."""
    found = [each for each in outcomes if each.verdict is Decision.PRESENT or each.for_review]
    return worst(found) if found else None


def _on(drug: Medication, day: date, patient: Patient, clock: Clock) -> Tri:
    at, first, last = PartialDate.of(day), so_far(drug.started_on, patient, clock), so_far(drug.ended_on, patient, clock)
    return both(negated(before(at, first)), True if drug.ongoing == "Y" else negated(before(last, at)))


def _most_a_day(
    drugs: Sequence[tuple[Medication, Decimal]], floor: PartialDate, day: PartialDate, patient: Patient, clock: Clock
) -> tuple[Decimal, Decimal]:
    """The highest daily sum within the window: at least so much, at most so much."""
    every = [floor.earliest + timedelta(days=n) for n in range((day.earliest - floor.earliest).days + 1)]
    taken = [[(amount, _on(drug, each, patient, clock)) for drug, amount in drugs] for each in every]
    certain = [sum((amount for amount, on in of_a_day if on), Decimal(0)) for of_a_day in taken]
    possible = [sum((amount for amount, on in of_a_day if on is not False), Decimal(0)) for of_a_day in taken]
    return max(*certain, *(amount for _, amount in drugs), Decimal(0)), max(possible)


def _mg(amount: Decimal, limit: int) -> str:
    """Rounded for people, and never so far that it looks like the limit when it is not."""
    return laboratory.shown(laboratory.Printed("", Decimal(f"{amount.normalize():f}")), Decimal(limit))


def _low_dose(
    drugs: Sequence[Medication], floor: PartialDate, day: PartialDate, patient: Patient, clock: Clock
) -> Outcome:
    """Together at most 10 mg of prednisone a day: the record permits it 'during the trial', which leaves these days open."""
    amounts = [(drug, prednisone_equivalent(drug)) for drug in drugs]
    least, most = _most_a_day([(drug, amount) for drug, amount in amounts if amount is not None], floor, day, patient, clock)
    names, limit = ", ".join(f"{each.name} {_span(each)}" for each in drugs), parameters.whole("low_dose_prednisone_mg")
    said = f"{names}: {_mg(least, limit)} mg prednisone a day or equivalent; low dose: at most {limit} mg."
    if least > limit:
        return present(True, said, "CM.dose", drugs[0])
    unknown = [drug for drug, amount in amounts if amount is None]
    lacking = next((each for each in unknown if each.dose is None or not each.dose_unit or not each.frequency), None)
    if lacking:
        return missing(f"daily dose of {lacking.name}", "CM.dose", lacking)
    if unknown:
        return review(f"{names}: the equivalent in prednisone is not known. Is it a low dose?", "CM.steroid", unknown[0])
    if most > limit:
        return present(None, f"{said} On days that are not known closely enough it may be up to {_mg(most, limit)} mg.",
                       "CM.dose", drugs[0])
    return review(f"{said} Permitted 'during the trial': also in the week before the first dose?", "CM.dose", drugs[0])


# E11, E12 ------------------------------------------------------------------------------------------------------------------


def _signs(
    record: FirstDoseCheck | Infection, what: str, since: PartialDate | None, start: Moment, day: PartialDate, words: str,
    patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """What began after the infusion had begun is an adverse event; an infection from before it lasts until its last sign.

    ``since`` is the first day of an infection; the check before the first dose has none.
    """
    form, days = record.form, parameters.whole("infection_window_days")
    if not record.has_signs:
        for name in ("symptoms", "clinical_signs", "radiographic_signs"):
            if not getattr(record, name):
                return missing(f"{name.replace('_', ' ')} of {what}", f"{form}.{name}", record)
        return present(False, f"No symptom or sign of {what}.", f"{form}.symptoms", record)
    if record.uncontrolled == "N":
        said = f"Signs of {what}, judged as no acute or uncontrolled systemic infection."
        return present(False, said, f"{form}.uncontrolled", record)
    since, last = so_far(since, patient, clock), so_far(record.last_sign_on, patient, clock)
    if last is None:
        return missing(f"last day with a sign of {what}", f"{form}.last_sign_on", record)
    later = earlier(start, moment_so_far(last, record.last_sign_time, patient, clock))
    floor = _floor(day, days)
    begun: Tri = False
    early: Tri = False
    if form == Infection.form:
        if since is None and later is not False:
            return missing(f"first day of {what}", f"{form}.started_on", record)
        begun = before(since, day) or (False if before(day, since) else None)
        early = negated(before(since, floor))
    inside = both(either(negated(before(last, floor)), early), either(negated(later), begun))
    said = f"Last sign of {what} {last}, {days_from(last, day.earliest, words)}; window: {days} days."
    if inside is not False and not record.uncontrolled:
        return missing(f"whether {what} is acute or uncontrolled", f"{form}.uncontrolled", record)
    return present(inside, said, f"{form}.last_sign_on", record)


@atom("E11", "b", "INF.last_sign_on", "REL.symptoms", gate=FIRST_DOSE)
def infected(
    first_dose_check: FirstDoseCheck | None, infections: tuple[Infection, ...], doses: tuple[Dose, ...], patient: Patient,
    clock: Clock,
) -> Outcome:  # fmt: skip
    """Symptoms or signs of an acute or uncontrolled systemic infection from 7 days before the first dose to its start."""
    found = _of_infections(infections, doses, patient, clock)
    if first_dose_check is None:
        found.append(missing("check before the first dose", "REL.symptoms"))
    else:
        start, day, words = infusion_start(doses, patient, clock)
        found.append(_signs(first_dose_check, "an infection", None, start, day, words, patient, clock))
    return worst(found)


def _of_infections(
    infections: Sequence[Infection], doses: tuple[Dose, ...], patient: Patient, clock: Clock
) -> list[Outcome]:
    start, day, words = infusion_start(doses, patient, clock)
    return [
        _signs(each, each.name or "the infection", each.started_on, start, day, words, patient, clock) for each in infections
    ]  # fmt: skip


def infections_ahead(
    infections: tuple[Infection, ...], doses: tuple[Dose, ...], patient: Patient, clock: Clock
) -> Outcome | None:
    """What the log of infections alone has against a first dose now (E11); None for nothing, or once it is given."""
    return None if _is_given(doses) else _against(_of_infections(infections, doses, patient, clock))


def _antibiotics(
    history: HistoryAsked | None, infections: tuple[Infection, ...], day: PartialDate, act: str
) -> Outcome:  # fmt: skip
    """As of the day of an act: what certainly began after it is none of the criterion's business."""

    def one(each: Infection) -> Outcome:
        name = each.name or "the infection"
        if before(day, each.started_on):
            return present(False, f"{name}: began {each.started_on}, after {act} on {day}.", "INF.started_on", each)
        if each.parenteral == "N":
            return present(False, f"{name}: no parenteral antibiotics needed.", "INF.parenteral", each)
        against = {
            "antibiotics_completed": ("N", "parenteral antibiotics not completed"),
            "symptoms_resolved": ("N", "symptoms not resolved"), "active": ("Y", "active, parenteral antibiotics needed"),
        }  # fmt: skip
        for field, (answer, words) in against.items():
            if each.parenteral == "Y" and getattr(each, field) == answer:
                return present(True, f"{name}: {words}.", f"INF.{field}", each)
        asked = {
            "parenteral": "needs parenteral antibiotics", "antibiotics_completed": "has had all its antibiotics",
            "symptoms_resolved": "has no symptoms any more", "active": "is active",
        }  # fmt: skip
        for field, words in asked.items():
            if not getattr(each, field):
                return missing(f"whether {name} {words}", f"INF.{field}", each)
        return present(False, f"{name}: antibiotics completed, symptoms resolved.", "INF.symptoms_resolved", each)

    return of_log(history, "infection_any", "infection", "INF.name", infections, one)


@atom("E12", "a", "INF.parenteral", "HX.infection_any")
def parenteral_antibiotics(
    history: HistoryAsked | None, infections: tuple[Infection, ...], patient: Patient, clock: Clock
) -> Outcome:
    """Known active infection that needs parenteral antibiotics, until they are completed and the symptoms resolved."""
    return _antibiotics(history, infections, reference(patient, clock), "registration")


@atom("E12", "b", "INF.parenteral", "HX.infection_any", gate=FIRST_DOSE)
def parenteral_antibiotics_again(
    history: HistoryAsked | None, infections: tuple[Infection, ...], doses: tuple[Dose, ...], patient: Patient, clock: Clock
) -> Outcome:
    """The same again before the first dose."""
    _, day, what = infusion_start(doses, patient, clock)
    return _antibiotics(history, infections, day, what)
