"""The inclusion criteria I0 to I8 as atoms, as the registry record words them.

Where the record leaves a point open the reading taken is said beside it; what only a person can decide goes to the medical
reviewer.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from protocol import laboratory, parameters
from protocol.atoms import (
    Decision,
    Outcome,
    ago,
    atom,
    latest,
    latest_with,
    met,
    missing,
    not_applicable,
    present,
    reference,
    review,
    slot_of,
    so_far,
    undetermined,
    worst,
)
from protocol.codelists import (
    CHECKPOINT_INHIBITORS,
    PLATINUM,
    Agent,
    AnticoagulationIntent,
    Confirmation,
    EchoMethod,
    MedicationClass,
    Stage,
)
from protocol.dates import (
    PartialDate,
    Tri,
    before,
    both,
    full_years,
    negated,
    shifted,
    within_days_before,
)
from protocol.facts import Clock, Consent, Demographics, EcogAssessment, Patient
from protocol.panels import FORM_OF, Reading, read
from protocol.screening_facts import (
    Chemistry,
    Coagulation,
    Electrocardiogram,
    Haematology,
    HeartScan,
    LaboratoryPanel,
    Medication,
    MedicationAsked,
    OrganFunction,
    PleuralEffusion,
    PriorTherapy,
    ReferenceRange,
    SclcHistory,
    VitalSigns,
)

# I0 ----------------------------------------------------------------------------------------------------------------------


@atom("I0", "a", "SCLC.confirmed_by")
def confirmed(disease: SclcHistory | None) -> Outcome:
    """Confirmed by histology or cytology."""
    if disease is None or not disease.confirmed_by:
        return missing("how small cell lung cancer was confirmed", "SCLC.confirmed_by", disease)
    by = Confirmation(disease.confirmed_by).words
    confirmed = disease.confirmed_by != Confirmation.NOT_CONFIRMED
    on = f", diagnosed {disease.diagnosed_on}" if confirmed and disease.diagnosed_on else ""
    return met(confirmed, f"Confirmed by: {by}{on}.", "SCLC.confirmed_by", disease)


@atom("I0", "b", "SCLC.stage_at_enrolment")
def extensive_stage(disease: SclcHistory | None) -> Outcome:
    """Extensive stage at enrolment."""
    if disease is None or not disease.stage_at_enrolment:
        return missing("stage now", "SCLC.stage_at_enrolment", disease)
    stage = Stage(disease.stage_at_enrolment)
    return met(stage is Stage.EXTENSIVE, f"{stage.label} now.", "SCLC.stage_at_enrolment", disease)


# I1, I2 --------------------------------------------------------------------------------------------------------------------


def is_platinum_etoposide(line: PriorTherapy) -> bool:
    return bool(line.agents & PLATINUM) and Agent.ETOPOSIDE in line.agents


def has_ici(line: PriorTherapy) -> bool:
    return bool(line.agents & CHECKPOINT_INHIBITORS)


def _in_order(lines: tuple[PriorTherapy, ...]) -> list[PriorTherapy]:
    return sorted(lines, key=lambda line: (line.line_number or Decimal(99), line.row))


def _named(line: PriorTherapy) -> str:
    drugs = ", ".join(agent.words for agent in Agent if agent in line.agents)
    return f"line {line.line_number or '?'} ({Stage(line.stage).words}: {drugs})"


def _until(line: PriorTherapy, patient: Patient, clock: Clock) -> PartialDate | None:
    """The last day on which progression counts as soon: six calendar months after the last chemotherapy."""
    return shifted(so_far(line.chemo_last_on, patient, clock), parameters.whole("ls_progression_months"))


@atom("I1", "a", "PST.drugs", "PST.chemo_last_on", "PST.relapsed_on", "SCLC.progressed_on")
def one_line(lines: tuple[PriorTherapy, ...], disease: SclcHistory | None, patient: Patient, clock: Clock) -> Outcome:
    """One line of platinum-etoposide with a checkpoint inhibitor; after limited stage, progression on it or within 6 months
    of its last chemotherapy.
    """
    at = "PST.drugs"
    if not lines:
        return missing("prior systemic therapy", at)
    for line in _in_order(lines):
        if not line.drugs or not line.stage:
            return missing(f"drugs or stage of line {line.line_number or line.row}", at if line.stage else "PST.stage", line)
    doublets = [line for line in _in_order(lines) if is_platinum_etoposide(line)]
    others = [line for line in lines if line not in doublets]
    if len(doublets) == 1:
        found = _single(doublets[0], lines, disease, patient, clock)
    elif len(doublets) == 2 and {line.stage for line in doublets} == {Stage.LIMITED, Stage.EXTENSIVE}:
        found = _limited_then_extensive(doublets, patient, clock)
    else:
        said = " and ".join(_named(line) for line in doublets) or "none with platinum and etoposide"
        found = met(False, f"Lines of platinum-etoposide: {said}. One is required.", at,
                    doublets[-1] if doublets else lines[0])
    if others and (found.verdict is Decision.MET or found.for_review):
        further = ", ".join(_named(line) for line in others)
        said = f"{found.evidence} There is a further systemic line: {further}. Does 'only one line' still hold?"
        return review(said, at, others[0]) if found.verdict is Decision.MET else replace(found, evidence=said)
    return found


def _single(
    line: PriorTherapy, lines: tuple[PriorTherapy, ...], disease: SclcHistory | None, patient: Patient, clock: Clock
) -> Outcome:
    if line.stage == Stage.EXTENSIVE:
        said = "with" if has_ici(line) else "without"
        return met(has_ici(line), f"Platinum-etoposide once, {_named(line)}, {said} a checkpoint inhibitor.", "PST.drugs",
                   line)
    progressed = so_far(line.relapsed_on or (disease.progressed_on if disease else None), patient, clock)
    if progressed is None:
        return missing("date of progression", "SCLC.progressed_on", disease)
    for name, what in (("chemo_first_on", "first"), ("chemo_last_on", "last")):
        if getattr(line, name) is None:
            return missing(f"{what} day of chemotherapy of line {line.line_number or line.row}", f"PST.{name}", line)
    soon = both(negated(before(progressed, line.chemo_first_on)), negated(before(_until(line, patient, clock), progressed)))
    if soon is not True and line.relapsed_on is None and line is not _in_order(lines)[-1]:
        return missing(f"progression after line {line.line_number or line.row}, before the next line", "PST.relapsed_on",
                       line)
    months = parameters.whole("ls_progression_months")
    said = (
        f"Platinum-etoposide once, {_named(line)}, last chemotherapy {line.chemo_last_on}, progression {progressed}; "
        f"allowed: on treatment or within {months} months of the last chemotherapy."
    )
    if soon is not False and not any(has_ici(each) for each in lines):
        said += " No checkpoint inhibitor was ever given: does the exception for limited stage need one?"
        if soon:
            return review(said, "PST.drugs", line)
    return met(soon, said, "PST.chemo_last_on", line)


def _limited_then_extensive(doublets: list[PriorTherapy], patient: Patient, clock: Clock) -> Outcome:
    limited = next(line for line in doublets if line.stage == Stage.LIMITED)
    extensive = next(line for line in doublets if line.stage == Stage.EXTENSIVE)
    said = f"Two lines of platinum-etoposide: {_named(limited)} and {_named(extensive)}."
    if not has_ici(extensive):
        return met(False, f"{said} The second has no checkpoint inhibitor.", "PST.drugs", extensive)
    if limited.relapsed_on is None or limited.chemo_last_on is None:
        name = "relapsed_on" if limited.relapsed_on is None else "chemo_last_on"
        return missing("progression after the line for limited stage, or its last chemotherapy", f"PST.{name}", limited)
    months = parameters.whole("ls_progression_months")
    said += f" After the first, progression {limited.relapsed_on}, last chemotherapy {limited.chemo_last_on}."
    if before(limited.relapsed_on, limited.chemo_first_on):
        return undetermined(f"{said} That is before its chemotherapy began: correct the date.", "PST.relapsed_on", limited)
    late = before(_until(limited, patient, clock), so_far(limited.relapsed_on, patient, clock))
    if late:
        return review(f"{said} That is more than {months} months: does the line for limited stage count?", "PST.relapsed_on",
                      limited)
    return met(None if late is None else False, f"{said} Within {months} months it counts as the one line.",
               "PST.relapsed_on", limited)


@atom("I2", "a", "SCLC.progressed_on", "PST.chemo_first_on")
def progressed(lines: tuple[PriorTherapy, ...], disease: SclcHistory | None, patient: Patient, clock: Clock) -> Outcome:
    """Progression on or after first-line treatment, and before enrolment."""
    on = so_far(disease.progressed_on, patient, clock) if disease else None
    if on is None:
        return missing("date of progression", "SCLC.progressed_on", disease)
    doublets = [line for line in _in_order(lines) if is_platinum_etoposide(line)]
    line = next((each for each in doublets if each.stage == Stage.EXTENSIVE), doublets[0] if doublets else None)
    if line is None or line.chemo_first_on is None:
        return missing("first day of the first-line chemotherapy", "PST.chemo_first_on", line)
    said = f"Progression {ago(on, patient, clock)}; first-line treatment began {line.chemo_first_on}."
    day = reference(patient, clock)
    return met(both(negated(before(on, line.chemo_first_on)), negated(before(day, on))), said, "SCLC.progressed_on", disease)


# I3, I4 --------------------------------------------------------------------------------------------------------------------


@atom("I3", "a", "ECOG.ecog")
def ecog_two(ecogs: tuple[EcogAssessment, ...], patient: Patient, clock: Clock) -> Outcome:
    """Exactly ECOG 2 at screening; 1 and 3 both fail. The record gives no age limit for the assessment."""
    ecog = latest_with("ecog", ecogs, "assessed_on", reference(patient, clock))
    if ecog is None or not ecog.ecog:
        return Outcome(Decision.UNDETERMINED, "No ECOG performance status of screening is entered.", "ECOG.ecog",
                       slot_of(ecog))
    required = str(parameters.whole("required_ecog"))
    when = f"assessed on {ago(ecog.assessed_on, patient, clock)}" if ecog.assessed_on else "date not entered"
    return met(ecog.ecog == required, f"ECOG {ecog.ecog}, {when}; required: exactly {required}.", "ECOG.ecog", ecog)


@atom("I4", "a", "DM.birth_date", "IC.patient_signed_on")
def of_age(demographics: Demographics | None, consent: Consent | None) -> Outcome:
    """Completed years on the day the patient signed; the record names no day, and consent is the stricter reading."""
    born = demographics.birth_date if demographics else None
    signed = consent.patient_signed_on if consent else None
    years = full_years(born, signed)
    if born is None or signed is None or years is None:
        lacking = [name for name, found in (("birth date", born), ("date of the patient's signature", signed)) if not found]
        at, record = ("DM.birth_date", demographics) if born is None else ("IC.patient_signed_on", consent)
        return missing(" and ".join(lacking), at, record)
    required = parameters.whole("minimum_age_years")
    least, most = years
    age = f"{least} years" if least == most else f"{least} or {most} years" if most == least + 1 else f"{least} to {most} years"
    said = f"Born {born}, {age} on the day of consent {signed}; required: {required} or more."
    if least >= required or most < required:
        return met(least >= required, said, "DM.birth_date", demographics)
    return met(None, f"{said} The birth date is not known closely enough to decide.", "DM.birth_date", demographics)


# I5 ------------------------------------------------------------------------------------------------------------------------


def _organ(
    group: str, organs: tuple[OrganFunction, ...], panels: tuple[LaboratoryPanel, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, disease: SclcHistory | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """The investigator's last judgement first; then each threshold of the group that is supplied."""
    at = f"ORG.{group}"
    judgement = latest_with(group, organs, "assessed_on", reference(patient, clock))
    answer = getattr(judgement, group) if judgement else ""
    if judgement is None or not answer:
        return missing(f"judgement of {group} function", at, judgement)
    if answer == "N":
        return met(False, f"Judged not adequate ({group} function; {ago(judgement.assessed_on, patient, clock)}).", at, judgement)
    wanted = [each for each in laboratory.read_thresholds(parameters.value("laboratory_thresholds")) if each.group == group]
    if not wanted:
        judged = ago(judgement.assessed_on, patient, clock)
        said = f"Judged adequate ({group} function; {judged}). The record gives no threshold, so nothing is compared."
        return Outcome(Decision.NOT_COMPUTED, said, at, slot_of(judgement))
    spread = {"Y": True, "N": False}.get(disease.liver_metastases) if disease else None
    return worst([_against(each, panels, ranges, demographics, spread, patient, clock) for each in wanted])


def _against(
    threshold: laboratory.Threshold, panels: tuple[LaboratoryPanel, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, liver_metastases: bool | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    test = laboratory.TESTS[threshold.test]
    form = FORM_OF[test.panel]
    at = f"{form}.{test.field}"
    panel = latest([each for each in panels if each.form == form and getattr(each, test.field)], "taken_on",
                   reference(patient, clock))
    reading = read(panel, test.field, ranges, demographics) if panel else None
    if panel is None or reading is None:
        return missing(test.label, at)
    unit, special = "x ULN" if threshold.of == "ULN" else threshold.unit, threshold.with_liver_metastases
    wanted = f"{threshold.operator} {special if special is not None and liver_metastases else threshold.value} {unit}"
    if special is not None and liver_metastases is None:
        wanted += f", with liver metastases {threshold.operator} {special} {unit}"
    elif special is not None and liver_metastases:
        wanted += " with liver metastases"
    said = f"{reading} on {ago(panel.taken_on, patient, clock) if panel.taken_on else 'an unknown day'}; required {wanted}."
    holds = laboratory.threshold_holds(threshold, test, reading.printed, reading.unit, reading.range, liver_metastases)
    if holds is None:
        return undetermined(f"{said} The result cannot be compared: look at its value, unit and range.", at, panel)
    return met(holds, said, at, panel)


@atom("I5", "a", "ORG.haematological")
def haematological(
    organs: tuple[OrganFunction, ...], haematologies: tuple[Haematology, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, disease: SclcHistory | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Adequate haematological function."""
    return _organ("haematological", organs, haematologies, ranges, demographics, disease, patient, clock)


@atom("I5", "b", "ORG.renal")
def renal(
    organs: tuple[OrganFunction, ...], chemistries: tuple[Chemistry, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, disease: SclcHistory | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Adequate renal function."""
    return _organ("renal", organs, chemistries, ranges, demographics, disease, patient, clock)


@atom("I5", "c", "ORG.liver")
def liver(
    organs: tuple[OrganFunction, ...], chemistries: tuple[Chemistry, ...], coagulations: tuple[Coagulation, ...],
    ranges: tuple[ReferenceRange, ...], demographics: Demographics | None, disease: SclcHistory | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Adequate liver function."""
    panels: tuple[LaboratoryPanel, ...] = (*chemistries, *coagulations)  # a protocol may ask for the INR here
    return _organ("liver", organs, panels, ranges, demographics, disease, patient, clock)


# I6 ------------------------------------------------------------------------------------------------------------------------


def _taken(drug: Medication, patient: Patient, clock: Clock) -> Tri:
    day = reference(patient, clock)
    still = True if drug.ongoing == "Y" else negated(before(so_far(drug.ended_on, patient, clock), day))
    return both(negated(before(day, so_far(drug.started_on, patient, clock))), still)


def anticoagulants(medications: tuple[Medication, ...], patient: Patient, clock: Clock) -> list[Medication]:
    """The anticoagulants that are, or may be, taken on the day that windows count back from."""
    return [
        each for each in medications
        if each.drug_class == MedicationClass.ANTICOAGULANT and _taken(each, patient, clock) is not False
    ]  # fmt: skip


def _therapeutic(medications: tuple[Medication, ...], patient: Patient, clock: Clock) -> list[Medication]:
    now = anticoagulants(medications, patient, clock)
    return [each for each in now if each.intent == AnticoagulationIntent.THERAPEUTIC]


def _anticoagulated(
    medications: tuple[Medication, ...], asked: tuple[MedicationAsked, ...], patient: Patient, clock: Clock
) -> Outcome | None:
    """None when therapeutic anticoagulation is certain; else what stands in its place (NOT APPLICABLE: there is none)."""
    now, therapeutic = anticoagulants(medications, patient, clock), _therapeutic(medications, patient, clock)
    if any(_taken(each, patient, clock) for each in therapeutic):
        return None
    unclear = next((each for each in now if not each.intent), None)
    if unclear:
        return missing(f"whether {unclear.name or 'the anticoagulant'} is therapeutic or prophylactic", "CM.intent", unclear)
    for each in therapeutic:
        for name, what in (("started_on", "first"), ("ended_on", "last")):
            if getattr(each, name) is None and not (name == "ended_on" and each.ongoing == "Y"):
                return missing(f"{what} dose of {each.name or 'the anticoagulant'}", f"CM.{name}", each)
    if therapeutic:
        perhaps = therapeutic[0]
        until = "now" if perhaps.ongoing == "Y" else perhaps.ended_on
        said = f"{perhaps.name}, {perhaps.started_on} to {until}: it cannot be said whether it is taken on {reference(patient, clock)}."
        return present(None, said, "CM.started_on", perhaps)
    screening = next((each for each in asked if each.visit == "SCR"), None)
    if not now and (screening is None or not screening.any_anticoagulant):
        return missing("whether an anticoagulant is taken", "CMYN.any_anticoagulant", screening)
    logged = any(each.drug_class == MedicationClass.ANTICOAGULANT for each in medications)
    if not logged and screening is not None and screening.any_anticoagulant == "Y":
        return missing("the anticoagulant", "CM.drug_class")
    ended = "The anticoagulant has ended: the limits hold." if logged else "No anticoagulant."
    said = "Prophylactic anticoagulation only: the limits hold." if now else ended
    return not_applicable(said, "CMYN.any_anticoagulant", screening)


def _either_way(perhaps: Outcome, found: Outcome) -> Outcome:
    """Where it is open whether a part is asked: the part when it is satisfied or not entered, else the open question."""
    return found if found.verdict is Decision.MET or not (found.verdict is Decision.NOT_MET or found.for_review) else perhaps


_INR, _PT, _APTT, _PTT = ("inr", "pt", "aptt", "ptt")


def _clotting(
    names: tuple[str, str], what: str, samples: tuple[Coagulation, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, medications: tuple[Medication, ...], asked: tuple[MedicationAsked, ...],
    patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Each of the two tests that is entered is at most 1.5 times its upper limit; at least one is needed."""
    without = _anticoagulated(medications, asked, patient, clock)
    if without is None:
        return not_applicable("Therapeutic anticoagulation: a stable dose is asked for instead.", "CM.intent")
    if without.verdict is not Decision.NA and not without.unknowable:
        return without
    found = _clots(names, what, samples, ranges, demographics, patient, clock)
    return found if without.verdict is Decision.NA else _either_way(without, found)


def _clots(
    names: tuple[str, str], what: str, samples: tuple[Coagulation, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    at = f"COA.{names[0]}"
    with_either = [each for each in samples if any(getattr(each, name) for name in names)]
    day = reference(patient, clock)
    sample = latest(with_either, "taken_on", day) or latest(samples, "taken_on", day)
    readings = [found for found in (read(sample, name, ranges, demographics) for name in names) if found] if sample else []
    if sample is None or not readings:
        return missing(what, at, sample)
    usable = [each for each in readings if not _satisfies_no_limit(each)]
    when = f"on {ago(sample.taken_on, patient, clock)}"
    if not usable:
        kind = "Quick percentage" if readings[0].unit == "%" else "ratio"
        how = "the INR, or the PT in seconds" if _INR in names else f"{what} in seconds"
        return undetermined(
            f"{readings[0]} {when}: a {kind} is no multiple of the upper limit. Enter {how}.", at, sample
        )
    return worst([_at_most_limit(each, when, sample) for each in usable])


def _satisfies_no_limit(reading: Reading) -> bool:
    return laboratory.is_quick_percent(reading.test, reading.unit) or laboratory.is_ratio(reading.test, reading.unit)


def _at_most_limit(reading: Reading, when: str, sample: Coagulation) -> Outcome:
    limit, at = Decimal(str(parameters.value("coagulation_limit"))), f"COA.{reading.test.field}"
    if reading.times_uln is None:
        return undetermined(f"{reading} {when}: its upper limit, or the unit, is not known for that laboratory and day.", at,
                            sample)
    holds = laboratory.compare(reading.times_uln, "<=", limit)
    said = f"{reading}, {laboratory.shown(reading.times_uln, limit)} x ULN, {when}; allowed: at most {limit} x ULN."
    return undetermined(said, at, sample) if holds is None else met(holds, said, at, sample)


@atom("I6", "a", "COA.inr", "COA.pt")
def prothrombin(
    coagulations: tuple[Coagulation, ...], ranges: tuple[ReferenceRange, ...], demographics: Demographics | None,
    medications: tuple[Medication, ...], medication_asked: tuple[MedicationAsked, ...], patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """PT and INR, whichever are entered, at most 1.5 x ULN; not asked under therapeutic anticoagulation."""
    return _clotting((_INR, _PT), "INR or PT", coagulations, ranges, demographics, medications, medication_asked, patient,
                     clock)


@atom("I6", "b", "COA.aptt", "COA.ptt")
def thromboplastin(
    coagulations: tuple[Coagulation, ...], ranges: tuple[ReferenceRange, ...], demographics: Demographics | None,
    medications: tuple[Medication, ...], medication_asked: tuple[MedicationAsked, ...], patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """PTT and aPTT, whichever are entered, at most 1.5 x ULN; not asked under therapeutic anticoagulation."""
    return _clotting((_APTT, _PTT), "aPTT or PTT", coagulations, ranges, demographics, medications, medication_asked,
                     patient, clock)


@atom("I6", "d", "CM.started_on", "CM.changed_on", "CM.stable_confirmed")
def stable_anticoagulation(
    medications: tuple[Medication, ...], medication_asked: tuple[MedicationAsked, ...], patient: Patient, clock: Clock
) -> Outcome:
    """Under therapeutic anticoagulation: the dose has not changed for 6 weeks before enrolment."""
    without = _anticoagulated(medications, medication_asked, patient, clock)
    if without is not None and not without.unknowable:
        return without
    found = worst([_stable(each, patient, clock) for each in _therapeutic(medications, patient, clock)])
    return found if without is None else _either_way(without, found)


def _stable(drug: Medication, patient: Patient, clock: Clock) -> Outcome:
    """Neither begun nor changed within the last 6 weeks; a change to keep the INR in range goes to the medical reviewer.

    A change after enrolment says nothing about the weeks before it.
    """
    if drug.started_on is None:
        return missing(f"first dose of {drug.name or 'the anticoagulant'}", "CM.started_on", drug)
    days, day = parameters.whole("stable_anticoagulation_days"), reference(patient, clock)
    changed_on = drug.changed_on if before(day, drug.changed_on) is not True else None
    first, since = so_far(drug.started_on, patient, clock), so_far(changed_on or drug.started_on, patient, clock)
    begun, unchanged = (negated(within_days_before(each, day, days - 1)) for each in (first, since))
    said = f"{drug.name}: dose unchanged since {ago(since, patient, clock)}; required: {days} days."
    if drug.stable_confirmed == "N":
        return met(False, f"{said} The investigator says that the dose is not stable.", "CM.stable_confirmed", drug)
    if begun is False:
        said = f"{drug.name}: begun {ago(first, patient, clock)}; required: a stable dose for {days} days."
        return met(False, said, "CM.started_on", drug)
    if unchanged is False and drug.stable_confirmed == "Y":
        return review(f"{said} The investigator calls the dose stable: does it count as stable?", "CM.changed_on", drug)
    return met(unchanged, said, "CM.changed_on", drug)


# I7, I8 --------------------------------------------------------------------------------------------------------------------


@atom("I7", "a", "PLE.effusion", "PLE.significant", "PLE.catheter")
def pleural(effusions: tuple[PleuralEffusion, ...], patient: Patient, clock: Clock) -> Outcome:
    """No clinically significant pleural effusion, unless it is managed with an indwelling catheter."""
    found = latest_with("effusion", effusions, "assessed_on", reference(patient, clock))
    if found is None or not found.effusion:
        return missing("pleural effusion", "PLE.effusion", found)
    when = f"assessed on {ago(found.assessed_on, patient, clock)}"
    if found.effusion == "N":
        return met(True, f"No pleural effusion, {when}.", "PLE.effusion", found)
    if found.catheter == "Y":
        return met(True, f"Pleural effusion managed with an indwelling catheter, {when}.", "PLE.catheter", found)
    if found.significant == "N":
        return met(True, f"Pleural effusion, not clinically significant, {when}.", "PLE.significant", found)
    if not found.significant or not found.catheter:
        name = "catheter" if found.significant else "significant"
        return missing(f"whether the effusion is {'managed with a catheter' if found.significant else 'significant'}",
                       f"PLE.{name}", found)
    return met(False, f"Clinically significant pleural effusion without an indwelling catheter, {when}.", "PLE.significant",
               found)


@atom("I7", "b", "VS.oxygen_saturation", "VS.room_air")
def saturation(vital_signs: tuple[VitalSigns, ...], patient: Patient, clock: Clock) -> Outcome:
    """Oxygen saturation above 90 % on room air: the last value at or before enrolment."""
    measured = [each for each in vital_signs if each.oxygen_saturation is not None or each.room_air]
    found = latest(measured, "taken_on", reference(patient, clock))
    if found is None or (found.oxygen_saturation is None and found.room_air != "N"):
        return missing("oxygen saturation", "VS.oxygen_saturation", found)
    when = f"measured on {ago(found.taken_on, patient, clock)}"
    if found.room_air == "N":
        return met(False, f"Measured with oxygen, not on room air, {when}.", "VS.room_air", found)
    limit = parameters.whole("oxygen_saturation_above")
    enough = found.oxygen_saturation is not None and found.oxygen_saturation > limit
    if enough and not found.room_air:
        return missing("whether it was measured on room air", "VS.room_air", found)
    air = " on room air" if found.room_air else ""
    said = f"Oxygen saturation {found.oxygen_saturation} %{air}, {when}; required: above {limit} % on room air."
    return met(enough, said, "VS.oxygen_saturation", found)


@atom("I8", "a", "CV.lvef")
def ejection_fraction(heart_scans: tuple[HeartScan, ...], patient: Patient, clock: Clock) -> Outcome:
    """LVEF at least 50 %, by ECHO or MUGA."""
    found = latest_with("lvef", heart_scans, "scanned_on", reference(patient, clock))
    if found is None or found.lvef is None:
        return missing("left ventricular ejection fraction", "CV.lvef", found)
    limit = parameters.whole("lvef_at_least")
    if found.lvef >= limit and not found.method:
        return missing("whether the ejection fraction was measured by ECHO or MUGA", "CV.method", found)
    by = f" by {EchoMethod(found.method).label}" if found.method else ""
    said = f"LVEF {found.lvef} %{by} on {ago(found.scanned_on, patient, clock)}; required: at least {limit} %."
    return met(found.lvef >= limit, said, "CV.lvef", found)


@atom("I8", "b", "CV.effusion", "CV.effusion_significant")
def pericardial(heart_scans: tuple[HeartScan, ...], patient: Patient, clock: Clock) -> Outcome:
    """No clinically significant pericardial effusion."""
    found = latest_with("effusion", heart_scans, "scanned_on", reference(patient, clock))
    if found is None or not found.effusion:
        return missing("pericardial effusion", "CV.effusion", found)
    against = found.effusion == "Y" and found.effusion_significant == "Y"  # however it was seen
    if not found.method and not against:
        return missing("whether pericardial effusion was looked for by ECHO or MUGA", "CV.method", found)
    if found.method == EchoMethod.MUGA and not found.effusion_method and not against:
        return missing("how pericardial effusion was looked for beside the MUGA scan", "CV.effusion_method", found)
    when = f"scan on {ago(found.scanned_on, patient, clock)}"
    if found.effusion == "N":
        return met(True, f"No pericardial effusion, {when}.", "CV.effusion", found)
    if not found.effusion_significant:
        return missing("whether the pericardial effusion is significant", "CV.effusion_significant", found)
    word = "not " if found.effusion_significant == "N" else ""
    return met(bool(word), f"Pericardial effusion, {word}clinically significant, {when}.", "CV.effusion_significant", found)


@atom("I8", "c", "EG.interpretation", "EG.significant")
def electrocardiogram(ecgs: tuple[Electrocardiogram, ...], patient: Patient, clock: Clock) -> Outcome:
    """No clinically significant ECG finding."""
    found = latest_with("interpretation", ecgs, "recorded_on", reference(patient, clock))
    if found is None or not found.interpretation:
        return missing("ECG", "EG.interpretation", found)
    when = f"recorded on {ago(found.recorded_on, patient, clock)}"
    if found.interpretation == "NORMAL":
        return met(True, f"ECG normal, {when}.", "EG.interpretation", found)
    if not found.significant:
        return missing("whether the ECG finding is significant", "EG.significant", found)
    word = "not " if found.significant == "N" else ""
    return met(bool(word), f"ECG abnormal, {word}clinically significant, {when}.", "EG.significant", found)
