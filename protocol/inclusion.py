"""The inclusion criteria I0 to I10 as atoms, as the registry record words them.

Where the record leaves a point open the reading taken is said beside it; what only a person can decide goes to the medical
reviewer.
"""

from __future__ import annotations

from decimal import Decimal

from protocol import laboratory, parameters
from protocol.atoms import (
    FIRST_DOSE,
    Decision,
    Outcome,
    ago,
    atom,
    days_from,
    latest,
    met,
    missing,
    not_applicable,
    reference,
    review,
    slot_of,
    undetermined,
    worst,
)
from protocol.codelists import (
    CHECKPOINT_INHIBITORS,
    PLATINUM,
    Agent,
    AnticoagulationIntent,
    Confirmation,
    DoseOccurrence,
    MedicationClass,
    PregnancyResult,
    Sex,
    Stage,
)
from protocol.dates import (
    Moment,
    PartialDate,
    Tri,
    before,
    both,
    earlier,
    either,
    full_years,
    negated,
    shifted,
    within_days_before,
)
from protocol.facts import Clock, Consent, Demographics, Dose, EcogAssessment, Patient, moment
from protocol.panels import FORM_OF, Reading, read
from protocol.screening_facts import (
    Chemistry,
    Childbearing,
    Coagulation,
    Electrocardiogram,
    Haematology,
    HeartScan,
    LaboratoryPanel,
    Medication,
    MedicationAsked,
    OrganFunction,
    PleuralEffusion,
    PregnancyTest,
    PriorTherapy,
    ReferenceRange,
    SclcHistory,
    VitalSigns,
)

# I0 ----------------------------------------------------------------------------------------------------------------------


@atom("I0", "a")
def confirmed(disease: SclcHistory | None) -> Outcome:
    """Confirmed by histology or cytology."""
    if disease is None or not disease.confirmed_by:
        return missing("how small cell lung cancer was confirmed", "SCLC.confirmed_by", disease)
    label = Confirmation(disease.confirmed_by).label
    return met(disease.confirmed_by != Confirmation.NOT_CONFIRMED, f"Confirmed by: {label.lower()}.", "SCLC.confirmed_by", disease)


@atom("I0", "b")
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
    drugs = ", ".join(agent.label.lower() for agent in Agent if agent in line.agents)
    return f"line {line.line_number or '?'} ({Stage(line.stage).label.lower()}: {drugs})"


def _soon_after(line: PriorTherapy, progressed: PartialDate | None) -> Tri:
    """Did the disease progress on chemotherapy, or within six calendar months of its last day (that day inside)?"""
    limit = shifted(line.chemo_last_on, parameters.whole("ls_progression_months"))
    return both(negated(before(progressed, line.chemo_first_on)), negated(before(limit, progressed)))


@atom("I1", "a")
def one_line(lines: tuple[PriorTherapy, ...], disease: SclcHistory | None) -> Outcome:
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
        found = _single(doublets[0], lines, disease)
    elif len(doublets) == 2 and {line.stage for line in doublets} == {Stage.LIMITED, Stage.EXTENSIVE}:
        found = _limited_then_extensive(doublets)
    else:
        said = " and ".join(_named(line) for line in doublets) or "none with platinum and etoposide"
        found = met(False, f"Lines of platinum-etoposide: {said}. One is required.", at, doublets[-1] if doublets else lines[0])
    if others and found.verdict is Decision.MET:
        further = ", ".join(_named(line) for line in others)
        return review(f"{found.evidence} There is a further systemic line: {further}. Does 'only one line' still hold?", at, others[0])
    return found


def _single(line: PriorTherapy, lines: tuple[PriorTherapy, ...], disease: SclcHistory | None) -> Outcome:
    if line.stage == Stage.EXTENSIVE:
        said = "with" if has_ici(line) else "without"
        return met(has_ici(line), f"One {_named(line)}, {said} a checkpoint inhibitor.", "PST.drugs", line)
    progressed = disease.progressed_on if disease else None
    if progressed is None:
        return missing("date of progression", "SCLC.progressed_on", disease)
    for name, what in (("chemo_first_on", "first"), ("chemo_last_on", "last")):
        if getattr(line, name) is None:
            return missing(f"{what} day of chemotherapy of line {line.line_number or line.row}", f"PST.{name}", line)
    months = parameters.whole("ls_progression_months")
    said = (
        f"One {_named(line)}, last chemotherapy {line.chemo_last_on}, progression {progressed}; allowed: on treatment or "
        f"within {months} months of the last chemotherapy."
    )
    soon = _soon_after(line, progressed)
    if soon and not any(has_ici(each) for each in lines):
        return review(f"{said} No checkpoint inhibitor was ever given: does the exception for limited stage need one?", "PST.drugs", line)
    return met(soon, said, "PST.chemo_last_on", line)


def _limited_then_extensive(doublets: list[PriorTherapy]) -> Outcome:
    limited = next(line for line in doublets if line.stage == Stage.LIMITED)
    extensive = next(line for line in doublets if line.stage == Stage.EXTENSIVE)
    said = f"Two lines of platinum-etoposide: {_named(limited)} and {_named(extensive)}."
    if not has_ici(extensive):
        return met(False, f"{said} The second has no checkpoint inhibitor.", "PST.drugs", extensive)
    if limited.relapsed_on is None or limited.chemo_last_on is None:
        name = "relapsed_on" if limited.relapsed_on is None else "chemo_last_on"
        return missing("progression after the line for limited stage, or its last chemotherapy", f"PST.{name}", limited)
    soon = _soon_after(limited, limited.relapsed_on)
    months = parameters.whole("ls_progression_months")
    said += f" After the first, progression {limited.relapsed_on}, last chemotherapy {limited.chemo_last_on}."
    if soon is False:
        return review(f"{said} That is more than {months} months: does the line for limited stage count?", "PST.relapsed_on", limited)
    return met(None if soon is None else False, f"{said} Within {months} months it counts as the one line.", "PST.relapsed_on", limited)


@atom("I2", "a")
def progressed(lines: tuple[PriorTherapy, ...], disease: SclcHistory | None, patient: Patient, clock: Clock) -> Outcome:
    """Progression on or after first-line treatment, and before enrolment."""
    on = disease.progressed_on if disease else None
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


@atom("I3", "a")
def ecog_two(ecogs: tuple[EcogAssessment, ...], patient: Patient, clock: Clock) -> Outcome:
    """Exactly ECOG 2 at screening; 1 and 3 both fail. The record gives no age limit for the assessment."""
    ecog = latest(ecogs, "assessed_on", reference(patient, clock))
    if ecog is None or not ecog.ecog:
        return Outcome(Decision.UNDETERMINED, "No ECOG performance status of screening is entered.", "ECOG.ecog", slot_of(ecog))
    required = str(parameters.whole("required_ecog"))
    when = f"assessed on {ago(ecog.assessed_on, patient, clock)}" if ecog.assessed_on else "date not entered"
    return met(ecog.ecog == required, f"ECOG {ecog.ecog}, {when}; required: exactly {required}.", "ECOG.ecog", ecog)


@atom("I4", "a")
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
    group: str, judgement: OrganFunction | None, panels: tuple[LaboratoryPanel, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, disease: SclcHistory | None, day: PartialDate,
) -> Outcome:  # fmt: skip
    """The investigator's judgement first; then each threshold of the group that is supplied."""
    at = f"ORG.{group}"
    answer = getattr(judgement, group) if judgement else ""
    if not answer:
        return missing(f"judgement of {group} function", at, judgement)
    if answer == "N":
        return met(False, f"Judged not adequate ({group} function).", at, judgement)
    wanted = [each for each in laboratory.read_thresholds(parameters.value("laboratory_thresholds")) if each.group == group]
    if not wanted:
        said = f"Judged adequate ({group} function). The record gives no threshold, so nothing is compared."
        return Outcome(Decision.NOT_COMPUTED, said, at, slot_of(judgement))
    spread = {"Y": True, "N": False}.get(disease.liver_metastases) if disease else None
    return worst([_against(each, panels, ranges, demographics, spread, day) for each in wanted])


def _against(
    threshold: laboratory.Threshold, panels: tuple[LaboratoryPanel, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, liver_metastases: bool | None, day: PartialDate,
) -> Outcome:  # fmt: skip
    test = laboratory.TESTS[threshold.test]
    form = FORM_OF[test.panel]
    at = f"{form}.{test.field}"
    panel = latest([each for each in panels if each.form == form and getattr(each, test.field)], "taken_on", day)
    reading = read(panel, test.field, ranges, demographics) if panel else None
    if panel is None or reading is None:
        return missing(test.label, at)
    unit = "x ULN" if threshold.of == "ULN" else threshold.unit
    said = f"{reading} on {panel.taken_on or 'an unknown day'}; required {threshold.operator} {threshold.value} {unit}."
    holds = laboratory.threshold_holds(threshold, test, reading.printed, reading.unit, reading.range, liver_metastases)
    if holds is None:
        return undetermined(f"{said} The result cannot be compared: look at its value, unit and range.", at, panel)
    return met(holds, said, at, panel)


@atom("I5", "a")
def haematological(
    organs: OrganFunction | None, haematologies: tuple[Haematology, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, disease: SclcHistory | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Adequate haematological function."""
    return _organ("haematological", organs, haematologies, ranges, demographics, disease, reference(patient, clock))


@atom("I5", "b")
def renal(
    organs: OrganFunction | None, chemistries: tuple[Chemistry, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, disease: SclcHistory | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Adequate renal function."""
    return _organ("renal", organs, chemistries, ranges, demographics, disease, reference(patient, clock))


@atom("I5", "c")
def liver(
    organs: OrganFunction | None, chemistries: tuple[Chemistry, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, disease: SclcHistory | None, patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Adequate liver function."""
    return _organ("liver", organs, chemistries, ranges, demographics, disease, reference(patient, clock))


# I6 ------------------------------------------------------------------------------------------------------------------------


def anticoagulants(medications: tuple[Medication, ...], day: PartialDate) -> list[Medication]:
    """The anticoagulants that are, or may be, taken on a day."""
    return [
        each for each in medications
        if each.drug_class == MedicationClass.ANTICOAGULANT and before(day, each.started_on) is not True
        and before(each.ended_on, day) is not True
    ]  # fmt: skip


def _anticoagulated(medications: tuple[Medication, ...], asked: tuple[MedicationAsked, ...], day: PartialDate) -> Outcome | None:
    """None when therapeutic anticoagulation is certain; else what stands in its place (NOT APPLICABLE: there is none)."""
    now = anticoagulants(medications, day)
    if any(each.intent == AnticoagulationIntent.THERAPEUTIC for each in now):
        return None
    unclear = next((each for each in now if not each.intent), None)
    if unclear:
        return missing(f"whether {unclear.name or 'the anticoagulant'} is therapeutic or prophylactic", "CM.intent", unclear)
    screening = next((each for each in asked if each.visit == "SCR"), None)
    if not now and (screening is None or not screening.any_anticoagulant):
        return missing("whether an anticoagulant is taken", "CMYN.any_anticoagulant", screening)
    if not now and screening is not None and screening.any_anticoagulant == "Y":
        return missing("the anticoagulant", "CM.drug_class")
    said = "Prophylactic anticoagulation only: the limits hold." if now else "No anticoagulant."
    return not_applicable(said, "CMYN.any_anticoagulant", screening)


_INR, _PT, _APTT, _PTT = ("inr", "pt", "aptt", "ptt")


def _clotting(
    names: tuple[str, str], what: str, samples: tuple[Coagulation, ...], ranges: tuple[ReferenceRange, ...],
    demographics: Demographics | None, medications: tuple[Medication, ...], asked: tuple[MedicationAsked, ...],
    patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Each of the two tests that is entered is at most 1.5 times its upper limit; at least one is needed."""
    day, at = reference(patient, clock), f"COA.{names[0]}"
    without = _anticoagulated(medications, asked, day)
    if without is None:
        return not_applicable("Therapeutic anticoagulation: a stable dose is asked for instead.", "CM.intent")
    if without.verdict is not Decision.NA:
        return without
    sample = latest(samples, "taken_on", day)
    readings = [found for found in (read(sample, name, ranges, demographics) for name in names) if found] if sample else []
    if sample is None or not readings:
        return missing(what, at, sample)
    usable = [each for each in readings if not _satisfies_no_limit(each)]
    when = f"on {ago(sample.taken_on, patient, clock)}"
    if not usable:
        kind = "Quick percentage" if readings[0].unit == "%" else "ratio"
        return undetermined(
            f"{readings[0]} {when}: a {kind} is no multiple of the upper limit. Enter {what} in seconds or as INR.", at, sample
        )
    return worst([_at_most_limit(each, when, sample) for each in usable])


def _satisfies_no_limit(reading: Reading) -> bool:
    return laboratory.is_quick_percent(reading.test, reading.unit) or laboratory.is_ratio(reading.test, reading.unit)


def _at_most_limit(reading: Reading, when: str, sample: Coagulation) -> Outcome:
    limit, at = Decimal(str(parameters.value("coagulation_limit"))), f"COA.{reading.test.field}"
    if reading.times_uln is None:
        return undetermined(f"{reading} {when}: its upper limit, or the unit, is not known for that laboratory and day.", at, sample)
    holds = laboratory.compare(reading.times_uln, "<=", limit)
    said = f"{reading}, {laboratory.shown(reading.times_uln, limit)} x ULN, {when}; allowed: at most {limit} x ULN."
    return undetermined(said, at, sample) if holds is None else met(holds, said, at, sample)


@atom("I6", "a")
def prothrombin(
    coagulations: tuple[Coagulation, ...], ranges: tuple[ReferenceRange, ...], demographics: Demographics | None,
    medications: tuple[Medication, ...], medication_asked: tuple[MedicationAsked, ...], patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """PT and INR, whichever are entered, at most 1.5 x ULN; not asked under therapeutic anticoagulation."""
    return _clotting((_INR, _PT), "INR or PT", coagulations, ranges, demographics, medications, medication_asked, patient, clock)


@atom("I6", "b")
def thromboplastin(
    coagulations: tuple[Coagulation, ...], ranges: tuple[ReferenceRange, ...], demographics: Demographics | None,
    medications: tuple[Medication, ...], medication_asked: tuple[MedicationAsked, ...], patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """PTT and aPTT, whichever are entered, at most 1.5 x ULN; not asked under therapeutic anticoagulation."""
    return _clotting((_APTT, _PTT), "aPTT or PTT", coagulations, ranges, demographics, medications, medication_asked, patient, clock)


@atom("I6", "d")
def stable_anticoagulation(
    medications: tuple[Medication, ...], medication_asked: tuple[MedicationAsked, ...], patient: Patient, clock: Clock
) -> Outcome:
    """Under therapeutic anticoagulation: the dose has not changed for 6 weeks before enrolment."""
    day = reference(patient, clock)
    without = _anticoagulated(medications, medication_asked, day)
    if without is not None:
        return without
    mine = [each for each in anticoagulants(medications, day) if each.intent == AnticoagulationIntent.THERAPEUTIC]
    return worst([_stable(each, day, patient, clock) for each in mine])


def _stable(drug: Medication, day: PartialDate, patient: Patient, clock: Clock) -> Outcome:
    since = drug.changed_on or drug.started_on
    if since is None:
        return missing(f"first dose of {drug.name or 'the anticoagulant'}", "CM.started_on", drug)
    days = parameters.whole("stable_anticoagulation_days")
    said = f"{drug.name}: dose unchanged since {ago(since, patient, clock)}; required: {days} days."
    if drug.stable_confirmed == "N":
        return met(False, f"{said} The investigator says that the dose is not stable.", "CM.stable_confirmed", drug)
    recent = either(before(day, since), within_days_before(since, day, days - 1))
    if recent and drug.stable_confirmed == "Y":
        return review(f"{said} The investigator calls the dose stable: does it count as stable?", "CM.changed_on", drug)
    return met(negated(recent), said, "CM.changed_on", drug)


# I7, I8 --------------------------------------------------------------------------------------------------------------------


@atom("I7", "a")
def pleural(effusions: tuple[PleuralEffusion, ...], patient: Patient, clock: Clock) -> Outcome:
    """No clinically significant pleural effusion, unless it is managed with an indwelling catheter."""
    found = latest(effusions, "assessed_on", reference(patient, clock))
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
        return missing(f"whether the effusion is {'managed with a catheter' if found.significant else 'significant'}", f"PLE.{name}", found)
    return met(False, f"Clinically significant pleural effusion without an indwelling catheter, {when}.", "PLE.significant", found)


@atom("I7", "b")
def saturation(vital_signs: tuple[VitalSigns, ...], patient: Patient, clock: Clock) -> Outcome:
    """Oxygen saturation above 90 % on room air: the last value at or before enrolment."""
    measured = [each for each in vital_signs if each.oxygen_saturation is not None or each.room_air]
    found = latest(measured, "taken_on", reference(patient, clock))
    if found is None or (found.oxygen_saturation is None and found.room_air != "N"):
        return missing("oxygen saturation", "VS.oxygen_saturation", found)
    when = f"measured on {ago(found.taken_on, patient, clock)}"
    if found.room_air == "N":
        return met(False, f"Measured with oxygen, not on room air, {when}.", "VS.room_air", found)
    if not found.room_air:
        return missing("whether it was measured on room air", "VS.room_air", found)
    limit = parameters.whole("oxygen_saturation_above")
    said = f"Oxygen saturation {found.oxygen_saturation} % on room air, {when}; required: above {limit} %."
    return met(found.oxygen_saturation is not None and found.oxygen_saturation > limit, said, "VS.oxygen_saturation", found)


@atom("I8", "a")
def ejection_fraction(heart_scans: tuple[HeartScan, ...], patient: Patient, clock: Clock) -> Outcome:
    """LVEF at least 50 %, by ECHO or MUGA."""
    found = latest(heart_scans, "scanned_on", reference(patient, clock))
    if found is None or found.lvef is None:
        return missing("left ventricular ejection fraction", "CV.lvef", found)
    limit = parameters.whole("lvef_at_least")
    said = f"LVEF {found.lvef} % on {ago(found.scanned_on, patient, clock)}; required: at least {limit} %."
    return met(found.lvef >= limit, said, "CV.lvef", found)


@atom("I8", "b")
def pericardial(heart_scans: tuple[HeartScan, ...], patient: Patient, clock: Clock) -> Outcome:
    """No clinically significant pericardial effusion."""
    found = latest(heart_scans, "scanned_on", reference(patient, clock))
    if found is None or not found.effusion:
        return missing("pericardial effusion", "CV.effusion", found)
    if found.method == "MUGA" and not found.effusion_method:
        return missing("how pericardial effusion was looked for beside the MUGA scan", "CV.effusion_method", found)
    when = f"scan on {ago(found.scanned_on, patient, clock)}"
    if found.effusion == "N":
        return met(True, f"No pericardial effusion, {when}.", "CV.effusion", found)
    if not found.effusion_significant:
        return missing("whether the pericardial effusion is significant", "CV.effusion_significant", found)
    word = "not " if found.effusion_significant == "N" else ""
    return met(bool(word), f"Pericardial effusion, {word}clinically significant, {when}.", "CV.effusion_significant", found)


@atom("I8", "c")
def electrocardiogram(ecgs: tuple[Electrocardiogram, ...], patient: Patient, clock: Clock) -> Outcome:
    """No clinically significant ECG finding."""
    found = latest(ecgs, "recorded_on", reference(patient, clock))
    if found is None or not found.interpretation:
        return missing("ECG", "EG.interpretation", found)
    when = f"recorded on {ago(found.recorded_on, patient, clock)}"
    if found.interpretation == "NORMAL":
        return met(True, f"ECG normal, {when}.", "EG.interpretation", found)
    if not found.significant:
        return missing("whether the ECG finding is significant", "EG.significant", found)
    word = "not " if found.significant == "N" else ""
    return met(bool(word), f"ECG abnormal, {word}clinically significant, {when}.", "EG.significant", found)


# I9 ------------------------------------------------------------------------------------------------------------------------


def may_be_pregnant(demographics: Demographics | None, childbearing: Childbearing | None) -> Outcome | None:
    """None when the patient is of childbearing potential; else why the criterion does not apply, or what is missing."""
    sex = demographics.sex if demographics else ""
    if sex == Sex.MALE:
        return not_applicable("The patient is a man.", "DM.sex", demographics)
    if not sex:
        return missing("sex", "DM.sex", demographics, applies=None)
    answer = childbearing.potential if childbearing else ""
    if answer == "N":
        return not_applicable("Not of childbearing potential.", "RP.potential", childbearing)
    return None if answer == "Y" else missing("childbearing potential", "RP.potential", childbearing, applies=None)


def _test(each: PregnancyTest) -> str:
    return f"{each.result.lower()} {each.specimen.lower() or 'pregnancy'} test {each.tested_on}"


def _tests_until(tests: tuple[PregnancyTest, ...], until: Moment, patient: Patient) -> list[PregnancyTest]:
    """Tests with a result that are not certainly after a moment, in order of time."""
    fitting = [
        each for each in tests
        if each.result and each.tested_on and earlier(until, moment(each.tested_on, each.tested_time, patient)) is not True
    ]  # fmt: skip
    return sorted(fitting, key=lambda each: (each.tested_on.latest if each.tested_on else None, each.tested_time, each.row))


def _enrolment_test(tests: list[PregnancyTest], day: PartialDate) -> tuple[Outcome, PregnancyTest | None]:
    """The verdict of the first test and, where one counts, which."""
    days, at = parameters.whole("pregnancy_test_before_enrolment_days"), "PT.result"
    if not tests:
        return missing("pregnancy test", at), None
    last = tests[-1]
    if last.result != PregnancyResult.NEGATIVE:
        said = f"The last test is not negative: {_test(last)}."
        return (met(False, said, at, last) if last.result == PregnancyResult.POSITIVE else undetermined(said, at, last)), None
    answers = [within_days_before(each.tested_on, day, days) for each in tests if each.result == PregnancyResult.NEGATIVE]
    negative = [each for each in tests if each.result == PregnancyResult.NEGATIVE]
    counting = [each for each, inside in zip(negative, answers, strict=True) if inside]
    chosen = counting[-1] if counting else negative[-1]
    what = f"{_test(chosen)[0].upper()}{_test(chosen)[1:]}, {days_from(chosen.tested_on or day, day.earliest, 'the reference day')}"
    return met(either(*answers), f"{what}; required: within {days} days before enrolment.", at, chosen), (counting or [None])[0]  # type: ignore[list-item]


@atom("I9", "a")
def first_test(
    demographics: Demographics | None, childbearing: Childbearing | None, tests: tuple[PregnancyTest, ...], patient: Patient,
    clock: Clock,
) -> Outcome:  # fmt: skip
    """Women of childbearing potential: a negative test within 5 weeks before enrolment and no later one that is not."""
    beside = may_be_pregnant(demographics, childbearing)
    if beside is not None:
        return beside
    day = reference(patient, clock)
    return _enrolment_test(_tests_until(tests, _end_of(day, patient), patient), day)[0]


def _end_of(day: PartialDate, patient: Patient) -> Moment:
    whole = moment(day, "", patient)
    assert whole is not None  # noqa: S101  a day has a moment
    return Moment.exactly(whole.last)


def infusion_start(doses: tuple[Dose, ...], patient: Patient, clock: Clock) -> tuple[Moment, PartialDate, str]:
    """The start of the first infusion: the real one once it is given, now before it. (moment, day at the site, words)"""
    given = [dose for dose in doses if dose.occurrence == DoseOccurrence.GIVEN and dose.given_on and dose.given_on.known]
    if not given:
        return Moment.exactly(clock.now), PartialDate.of(clock.today), "this check"
    first = min(given, key=lambda dose: (dose.given_on.earliest if dose.given_on else clock.today, dose.start_time))
    start = moment(first.given_on, first.start_time, patient)
    assert start is not None and first.given_on is not None  # noqa: S101  only dated doses are looked at
    return start, first.given_on, "the first dose"


@atom("I9", "b", gate=FIRST_DOSE)
def second_test(
    demographics: Demographics | None, childbearing: Childbearing | None, tests: tuple[PregnancyTest, ...],
    doses: tuple[Dose, ...], patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Women of childbearing potential: a second, negative test within 3 days before the first dose, before the infusion."""
    beside = may_be_pregnant(demographics, childbearing)
    if beside is not None:
        return beside
    start, day, what = infusion_start(doses, patient, clock)
    days, at = parameters.whole("pregnancy_test_before_first_dose_days"), "PT.result"
    known = _tests_until(tests, start, patient)
    if not known:
        return missing("second pregnancy test", at)
    last = known[-1]
    if last.result != PregnancyResult.NEGATIVE:
        said = f"The last test is not negative: {_test(last)}."
        return met(False, said, at, last) if last.result == PregnancyResult.POSITIVE else undetermined(said, at, last)
    enrolled = reference(patient, clock)
    first = _enrolment_test(_tests_until(tests, _end_of(enrolled, patient), patient), enrolled)[1]
    others = [each for each in known if each is not first and each.result == PregnancyResult.NEGATIVE]
    said = f"required: a second test within {days} days before the first dose"
    if not others:
        return met(False, f"There is one test only ({_test(last)}); {said}.", at, last)
    answers = [
        both(within_days_before(each.tested_on, day, days), earlier(moment(each.tested_on, each.tested_time, patient), start))
        for each in others
    ]  # fmt: skip
    said = f"{_test(others[-1])}, {days_from(others[-1].tested_on or day, day.earliest, what)}; {said}."
    return met(either(*answers), said[0].upper() + said[1:], at, others[-1])


# I10 -----------------------------------------------------------------------------------------------------------------------


@atom("I10", "a")
def signed(consent: Consent | None, patient: Patient, clock: Clock) -> Outcome:
    """Both signatures are dated, neither after enrolment (or after today, before it)."""
    dates = {"patient": consent.patient_signed_on, "investigator": consent.investigator_signed_on} if consent else {}
    lacking = [who for who in ("patient", "investigator") if dates.get(who) is None]
    if lacking:
        return Outcome(
            Decision.UNDETERMINED, f"Date of signature not entered: {' and '.join(lacking)}.", f"IC.{lacking[0]}_signed_on",
            slot_of(consent),
        )  # fmt: skip
    parts = [f"{who} signed on {ago(on, patient, clock)}" for who, on in dates.items()]
    said = "; ".join(parts)
    in_time = both(*(negated(before(reference(patient, clock), on)) for on in dates.values()))
    return met(in_time, f"{said[0].upper()}{said[1:]}.", "IC.patient_signed_on", consent)
