"""Rules of disease and history, childbearing, and of the first dose beside its check.

What a criterion asks is an atom (protocol.atoms); here is what cannot be true together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from protocol import parameters
from protocol.atoms import Decision, latest, latest_with, reference
from protocol.codelists import (
    Agent,
    MedicationClass,
    MenopausalStatus,
    NoChildbearingReason,
    Nyha,
    PregnancyResult,
    Sex,
    Stage,
    VascularEvent,
    YesNo,
)
from protocol.criteria import BY_ID
from protocol.dates import Moment, PartialDate, before, earlier, either, shifted
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import Clock, Demographics, Dose, Patient, moment
from protocol.first_dose import IMMUNOSUPPRESSIVE, immunosuppressed, infected
from protocol.inclusion import has_ici
from protocol.infusion import given, is_given
from protocol.pregnancy import second_test
from protocol.rules.common import after
from protocol.screening_facts import (
    AutoimmuneDisease,
    Childbearing,
    FirstDoseCheck,
    ImmuneEvent,
    Infection,
    Medication,
    OtherMalignancy,
    PregnancyTest,
    PriorProcedure,
    PriorTherapy,
    SclcHistory,
    VascularHistory,
)

_TOGETHER = "Two answers that cannot both be true."


def first_dose(doses: Sequence[Dose]) -> Dose | None:
    """The first dose given: C1D1, or else the earliest with a date."""

    def day(dose: Dose) -> tuple[bool, date]:
        on = look(dose).given_on
        return dose.visit != "C1D1", on.earliest if on else date.max

    return min((each for each in given(doses) if look(each).given_on), key=day, default=None)


def registered_on(patient: Patient) -> PartialDate | None:
    return PartialDate.of(patient.enrolled_on) if patient.enrolled_on else None


# Lung cancer and earlier treatment --------------------------------------------------------------------------------------

@rule("SCR-075", Severity.QUERY, "SCLC.stage_at_enrolment", source=Source.ASSUMPTION, also=("SCLC.stage_at_diagnosis",),
      cites="A disease that was extensive does not become limited again.")
def stage_goes_back(disease: SclcHistory) -> Verdict:
    """The stage was extensive at first diagnosis, and is limited now: correct the one that is wrong."""
    if not disease.stage_at_diagnosis or not disease.stage_at_enrolment:
        return None
    return disease.stage_at_diagnosis == Stage.EXTENSIVE and disease.stage_at_enrolment == Stage.LIMITED


@rule("SCR-076", Severity.QUERY, "SCLC.brain_steroids", cites="What a patient takes is entered in the medication log.",
      source=Source.DESIGN, also=("CM.drug_class",))
def brain_steroids_without_medication(disease: SclcHistory, medications: tuple[Medication, ...]) -> Verdict:
    """Steroids for brain metastases are answered 'Yes', and the medication log has no corticosteroid yet. Enter it there,
    or correct the answer.
    """
    if disease.brain_steroids != YesNo.YES:
        return None
    return all(look(each).drug_class not in ("", MedicationClass.STEROID) for each in medications)


_LINES = "Each line of systemic therapy is entered once, with its drugs and days."


@rule("SCR-077", Severity.QUERY, "PST.ici_first_on", cites=_LINES, source=Source.DESIGN, also=("PST.drugs",))
def inhibitor_without_day(line: PriorTherapy) -> Verdict:
    """A checkpoint inhibitor is among the drugs, and its first day is not entered: enter it, or correct the drugs."""
    return line.ici_first_on is None and has_ici(line) if line.drugs else None


@rule("SCR-078", Severity.QUERY, "PST.drugs", cites=_LINES, source=Source.DESIGN,
      also=("PST.ici_first_on", "PST.ici_last_on"))
def day_without_inhibitor(line: PriorTherapy) -> Verdict:
    """Days of a checkpoint inhibitor are entered, and none is among the drugs: name it, or take the days out."""
    if not line.drugs:
        return None
    return not has_ici(line) and (line.ici_first_on is not None or line.ici_last_on is not None)


@rule("SCR-079", Severity.QUERY, "PST.other_drug", cites=_LINES, source=Source.DESIGN)
def other_drug_without_words(line: PriorTherapy) -> Verdict:
    """“{drug}” is among the drugs: say in words which it was."""
    if not line.drugs or line.other_drug.strip():
        return None
    drug = next((each for each in (Agent.OTHER, Agent.OTHER_ICI) if each in line.agents), None)
    return {"drug": drug.label} if drug else False


@rule("SCR-080", Severity.QUERY, "PST.line_number", cites=_LINES, source=Source.DESIGN, also=("PST.line_number",))
def line_number_twice(line: PriorTherapy, lines: tuple[PriorTherapy, ...]) -> Verdict:
    """There are two lines with the number {number}: correct the one that is wrong."""
    if line.line_number is None:
        return None
    other = next((each for each in lines if each.row < line.row and look(each).line_number == look(line).line_number), None)
    return {"number": other.line_number} if other else False


@rule("SCR-081", Severity.QUERY, "PST.chemo_first_on", cites="The disease is treated once it is diagnosed.",
      source=Source.DESIGN, also=("SCLC.diagnosed_on",))
def treated_before_diagnosis(line: PriorTherapy, disease: SclcHistory | None) -> Verdict:
    """Chemotherapy began before the pathological diagnosis ({diagnosed}): correct the date that is wrong, or confirm both.
    """
    early = before(line.chemo_first_on, disease.diagnosed_on) if disease else None
    return {"diagnosed": disease.diagnosed_on} if disease and early else early


@rule("SCR-082", Severity.QUERY, "PST.chemo_first_on", cites=_LINES, source=Source.DESIGN, also=("PST.chemo_first_on",))
def lines_out_of_order(line: PriorTherapy, lines: tuple[PriorTherapy, ...]) -> Verdict:
    """Line {number} begins before line {other} ({began}): correct the numbers or the dates."""
    if line.line_number is None:
        return None
    for other in lines:
        its = look(other).line_number
        if its is not None and its < line.line_number and before(line.chemo_first_on, look(other).chemo_first_on):
            return {"number": line.line_number, "other": other.line_number, "began": other.chemo_first_on}
    return False


_PRIOR = "Prior therapy is what came before registration."


@rule("SCR-083", Severity.QUERY, "PST.chemo_last_on", cites=_PRIOR, source=Source.DESIGN)
def chemotherapy_after_registration(line: PriorTherapy, patient: Patient) -> Verdict:
    """Chemotherapy is dated after registration ({day}): correct the date, or say which treatment that is."""
    registered = registered_on(patient)
    late = either(before(registered, line.chemo_first_on), before(registered, line.chemo_last_on))
    return {"day": registered} if late else late


@rule("SCR-084", Severity.QUERY, "PST.ici_last_on", cites=_PRIOR, source=Source.DESIGN)
def inhibitor_after_registration(line: PriorTherapy, patient: Patient) -> Verdict:
    """The checkpoint inhibitor is dated after registration ({day}): correct the date, or say which treatment that is."""
    registered = registered_on(patient)
    late = either(before(registered, line.ici_first_on), before(registered, line.ici_last_on))
    return {"day": registered} if late else late


@rule("SCR-085", Severity.NOTICE, "PR.performed_on", cites="Prior procedures are what came before the first dose.",
      source=Source.DESIGN)
def procedure_during_treatment(procedure: PriorProcedure, doses: tuple[Dose, ...]) -> Verdict:
    """This came after the first dose of tarlatamab ({first}): it is a procedure during the trial, not a prior one."""
    first = first_dose(doses)
    late = after(procedure.performed_on, first.given_on) if first else None
    return {"first": first.given_on} if first and late else late


@rule("SCR-086", Severity.QUERY, "IRAE.started_on", cites="An immune-related event follows the checkpoint inhibitor.",
      source=Source.DESIGN, also=("PST.ici_first_on",))
def event_before_inhibitor(event: ImmuneEvent, lines: tuple[PriorTherapy, ...]) -> Verdict:
    """The event began before the first dose of a checkpoint inhibitor ({first}): correct the date that is wrong."""
    with_one = [each for each in lines if has_ici(look(each)) or look(each).ici_first_on]
    if not with_one or not all(before(event.started_on, look(each).ici_first_on) for each in with_one):
        return None
    return {"first": min(with_one, key=_began).ici_first_on}


@rule("SCR-115", Severity.QUERY, "IRAE.term", cites="An immune-related event follows the checkpoint inhibitor.",
      source=Source.DESIGN, also=("PST.drugs",))
def event_without_inhibitor(event: ImmuneEvent, lines: tuple[PriorTherapy, ...]) -> Verdict:
    """An immune-related event of a checkpoint inhibitor is entered, and no line of prior therapy has one. Correct the one that
    is wrong.
    """
    if not event.term or not lines or not all(each.drugs for each in lines):
        return None
    return not any(has_ici(each) for each in lines)


@rule("SCR-113", Severity.ERROR, "IRAE.recurrence_grade", cites="The worst grade of an event is that of all its episodes.",
      source=Source.STANDARD, also=("IRAE.grade",))
def recurrence_above_worst_grade(event: ImmuneEvent) -> Verdict:
    """The event came back with grade {again}, which is above its worst grade ({worst}): correct the one that is wrong."""
    if not event.grade or not event.recurrence_grade:
        return None
    above = int(event.recurrence_grade) > int(event.grade)
    return {"again": event.recurrence_grade, "worst": event.grade} if above else False


def _began(line: PriorTherapy) -> date:
    on = look(line).ici_first_on
    return on.earliest if on else date.max


# Other diseases ---------------------------------------------------------------------------------------------------------

@rule("SCR-073", Severity.QUERY, "OM.still_active", cites=_TOGETHER, source=Source.DESIGN, also=("OM.no_evidence",))
def active_without_evidence(malignancy: OtherMalignancy) -> Verdict:
    """The malignancy is entered as active now, and as without evidence of disease: correct the one that is wrong."""
    return malignancy.no_evidence == YesNo.YES if malignancy.still_active == YesNo.YES else None


@rule("SCR-074", Severity.QUERY, "OM.active_until", cites=_TOGETHER, source=Source.DESIGN, also=("OM.no_evidence_since",))
def active_after_no_evidence(malignancy: OtherMalignancy) -> Verdict:
    """The last day of active disease lies after the day since which none is known ({since}): correct the one that is wrong.
    """
    late = after(malignancy.active_until, malignancy.no_evidence_since)
    return {"since": malignancy.no_evidence_since} if late else late


@rule("SCR-087", Severity.QUERY, "CVH.nyha_on", cites=_TOGETHER, source=Source.DESIGN, also=("CVH.ended_on",))
def class_after_the_end(event: VascularHistory) -> Verdict:
    """The NYHA class was present after the heart failure ended ({ended}): correct the date that is wrong."""
    late = after(event.nyha_on, event.ended_on)
    return {"ended": event.ended_on} if late else late


@rule("SCR-110", Severity.QUERY, "CVH.nyha", cites=BY_ID["E7"].text, source=Source.REGISTRY, also=("CVH.nyha_on",))
def worst_class_of_long_ago(event: VascularHistory, patient: Patient, clock: Clock) -> Verdict:
    """NYHA class IV was last present on {day}, more than {months} months ago, and what is asked is the worst class within
    them: correct the class or its day.
    """
    if event.kind != VascularEvent.HEART_FAILURE or event.nyha != Nyha.IV:
        return None
    months = parameters.whole("cardiac_months")
    old = before(event.nyha_on, shifted(reference(look(patient), clock), -months))
    return {"day": event.nyha_on, "months": months} if old else old


@rule("SCR-088", Severity.QUERY, "AID.active", cites=BY_ID["E3"].text, source=Source.REGISTRY,
      also=("AID.treatment_ongoing",))
def treated_and_not_active(disease: AutoimmuneDisease) -> Verdict:
    """The disease is not active, and its systemic treatment, which is more than replacement, goes on: correct the one that
    is wrong, or confirm that treatment keeps it quiet.
    """
    if disease.active != YesNo.NO or disease.replacement_only != YesNo.NO:
        return None
    return disease.treatment_ongoing == YesNo.YES


@rule("SCR-089", Severity.QUERY, "INF.antibiotics_ended_on", cites=_TOGETHER, source=Source.DESIGN, also=("INF.started_on",))
def antibiotics_before_infection(infection: Infection) -> Verdict:
    """The parenteral antibiotics ended before the infection began ({began}): correct the date that is wrong."""
    early = before(infection.antibiotics_ended_on, infection.started_on)
    return {"began": infection.started_on} if early else early


@rule("SCR-090", Severity.QUERY, "INF.active", cites=_TOGETHER, source=Source.DESIGN, also=("INF.symptoms_resolved",))
def active_and_resolved(infection: Infection) -> Verdict:
    """The infection is active now, and its symptoms have resolved: correct the one that is wrong."""
    return infection.symptoms_resolved == YesNo.YES if infection.active == YesNo.YES else None


def _no_last_sign(record: Infection | FirstDoseCheck) -> Verdict:
    """E11 asks when the last sign was, unless the infection is judged as neither acute nor uncontrolled."""
    if not record.has_signs or record.uncontrolled == YesNo.NO:
        return None
    return record.last_sign_on is None


@rule("SCR-091", Severity.QUERY, "INF.last_sign_on", cites=BY_ID["E11"].text, source=Source.REGISTRY)
def infection_without_last_sign(infection: Infection) -> Verdict:
    """There are symptoms or signs, and the last day with one is not entered: enter it."""
    return _no_last_sign(infection)


# Childbearing -----------------------------------------------------------------------------------------------------------

@rule("SCR-063", Severity.QUERY, "RP.potential", cites=BY_ID["I9"].text, source=Source.REGISTRY, also=("DM.sex",))
def childbearing_of_a_man(childbearing: Childbearing, demographics: Demographics | None) -> Verdict:
    """The sex entered is male, and this is answered: {names}. Take the answers out, or correct the sex."""
    if demographics is None or demographics.sex != Sex.MALE:
        return None
    names = {"potential": "childbearing potential", "no_potential_reason": "why there is none",
             "menopausal_status": "menopausal status", "last_period_on": "last period", "pregnant": "pregnant",
             "breastfeeding": "breast-feeding"}  # fmt: skip
    answered = [words for name, words in names.items() if getattr(childbearing, name)]
    return {"names": ", ".join(answered)} if answered else False


@rule("SCR-064", Severity.QUERY, "RP.no_potential_reason", cites=_TOGETHER, source=Source.DESIGN,
      also=("RP.menopausal_status",))
def postmenopausal_too_early(childbearing: Childbearing) -> Verdict:
    """The reason for no childbearing potential is 'Postmenopausal', and the menopausal status is {status}: correct the one
    that is wrong.
    """
    reason, status = childbearing.no_potential_reason, childbearing.menopausal_status
    if childbearing.potential != YesNo.NO or reason != NoChildbearingReason.POSTMENOPAUSAL or not status:
        return None
    return {"status": status.lower()} if status != MenopausalStatus.POSTMENOPAUSAL else False


@rule("SCR-065", Severity.QUERY, "RP.potential", cites=_TOGETHER, source=Source.DESIGN, also=("RP.menopausal_status",))
def potential_after_menopause(childbearing: Childbearing) -> Verdict:
    """The patient is of childbearing potential, and postmenopausal: correct the one that is wrong."""
    if childbearing.potential != YesNo.YES:
        return None
    return childbearing.menopausal_status == MenopausalStatus.POSTMENOPAUSAL


@rule("SCR-066", Severity.QUERY, "RP.pregnant", cites=_TOGETHER, source=Source.DESIGN, also=("RP.potential",))
def pregnant_without_potential(childbearing: Childbearing) -> Verdict:
    """The patient is pregnant, and not of childbearing potential: correct the one that is wrong."""
    return childbearing.potential == YesNo.NO if childbearing.pregnant == YesNo.YES else None


def _says_last(childbearing: Childbearing, childbearings: tuple[Childbearing, ...], until: PartialDate) -> bool:
    """Is it this record that E17 reads, of several?"""
    found = latest_with("pregnant", [look(each) for each in childbearings], "assessed_on", until)
    return look(childbearing) is found


@rule("SCR-067", Severity.QUERY, "RP.pregnant", cites=BY_ID["E17"].text, source=Source.REGISTRY, also=("PT.result",))
def positive_test(
    childbearing: Childbearing, childbearings: tuple[Childbearing, ...], tests: tuple[PregnancyTest, ...],
    demographics: Demographics | None, patient: Patient, clock: Clock,
) -> Verdict:  # fmt: skip
    """The last pregnancy test is positive ({day}), and the patient is not entered as pregnant: correct the one that is
    wrong.
    """
    if childbearing.pregnant == YesNo.YES or (demographics is not None and demographics.sex == Sex.MALE):
        return None
    # Only up to registration, which the answer is about; of a positive and another test on one day nobody knows the last.
    until = reference(look(patient), clock)
    if not _says_last(childbearing, childbearings, until):
        return None
    known = [look(each) for each in tests if look(each).result and before(until, look(each).tested_on) is False]
    last = latest(known, "tested_on", until)
    if last is None or last.result != PregnancyResult.POSITIVE:
        return None
    if any(each.result != PregnancyResult.POSITIVE and not before(each.tested_on, last.tested_on) for each in known):
        return None
    said = next(each for each in tests if look(each) is last)
    return {"day": said.tested_on} if said.result else None


@rule("SCR-068", Severity.QUERY, "RP.pregnant", cites=BY_ID["E17"].text, source=Source.REGISTRY, also=("PT.result",))
def negative_tests_only(
    childbearing: Childbearing, childbearings: tuple[Childbearing, ...], tests: tuple[PregnancyTest, ...], patient: Patient,
    clock: Clock,
) -> Verdict:  # fmt: skip
    """The patient is entered as pregnant, and every pregnancy test since the interview is negative: correct the one that is
    wrong.
    """
    asked = childbearing.assessed_on
    if childbearing.pregnant != YesNo.YES or asked is None:
        return None
    if not _says_last(childbearing, childbearings, reference(look(patient), clock)):
        return None
    since = [each for each in tests if look(each).result and before(look(each).tested_on, asked) is not True]
    if not since or any(look(each).result != PregnancyResult.NEGATIVE for each in since):
        return None
    # One that is certainly not older than the answer.
    return any(each.result and each.tested_on for each in since if before(look(each).tested_on, asked) is False)


@rule("SCR-069", Severity.NOTICE, "RP.method", cites=BY_ID["E18"].text, source=Source.REGISTRY)
def contraception_without_method(childbearing: Childbearing) -> Verdict:
    """The patient is willing to use contraception: note the method too."""
    if childbearing.sexually_active != YesNo.YES or childbearing.willing != YesNo.YES or childbearing.potential == YesNo.NO:
        return None
    return not childbearing.method.strip()


def _not_asked(childbearing: Childbearing, name: str, demographics: Demographics | None) -> Verdict:
    """Every patient is asked who is not entered as a man, once: the criteria need it."""
    if childbearing.visit != "SCR" or demographics is None or demographics.sex in ("", Sex.MALE):
        return None
    return not getattr(childbearing, name)


@rule("SCR-070", Severity.QUERY, "RP.potential", cites=BY_ID["I9"].text, source=Source.REGISTRY)
def potential_not_asked(childbearing: Childbearing, demographics: Demographics | None) -> Verdict:
    """“Of childbearing potential” has no answer, and the sex entered is not male. Enter it."""
    return _not_asked(childbearing, "potential", demographics)


@rule("SCR-071", Severity.QUERY, "RP.pregnant", cites=BY_ID["E17"].text, source=Source.REGISTRY)
def pregnant_not_asked(childbearing: Childbearing, demographics: Demographics | None) -> Verdict:
    """“Pregnant now” has no answer, and the sex entered is not male. Enter it."""
    return _not_asked(childbearing, "pregnant", demographics)


@rule("SCR-072", Severity.QUERY, "RP.breastfeeding", cites=BY_ID["E17"].text, source=Source.REGISTRY)
def breastfeeding_not_asked(childbearing: Childbearing, demographics: Demographics | None) -> Verdict:
    """“Breast-feeding now” has no answer, and the sex entered is not male. Enter it."""
    return _not_asked(childbearing, "breastfeeding", demographics)


# The check before the first dose ----------------------------------------------------------------------------------------

_CHECK = "The check comes after registration and before the first dose."


@rule("SCR-101", Severity.QUERY, "REL.checked_on", cites=_CHECK, source=Source.DESIGN)
def checked_before_registration(check: FirstDoseCheck, patient: Patient) -> Verdict:
    """The check is dated before the patient was registered ({day}): correct the date, or check again."""
    registered = registered_on(patient)
    early = before(check.checked_on, registered)
    return {"day": registered} if early else early


@rule("SCR-102", Severity.QUERY, "REL.checked_on", cites=_CHECK, source=Source.DESIGN, also=("EC.given_on",))
def checked_after_first_dose(check: FirstDoseCheck, doses: tuple[Dose, ...], patient: Patient) -> Verdict:
    """The check is dated after the first dose was given ({label}, {given}): correct the date or time that is wrong."""
    dose = first_dose(doses)
    if dose is None:
        return None
    start = moment(dose.given_on, dose.start_time, patient)
    late = earlier(start, moment(check.checked_on, check.checked_time, patient))
    return {"label": dose.visit, "given": dose.given_on} if late else late


@rule("SCR-103", Severity.QUERY, "REL.last_sign_on", cites=BY_ID["E11"].text, source=Source.REGISTRY)
def check_without_last_sign(check: FirstDoseCheck) -> Verdict:
    """There are symptoms or signs of infection, and the last day with one is not entered: enter it."""
    return _no_last_sign(check)


# A first dose that was given against its check --------------------------------------------------------------------------

def _is_first(dose: Dose, doses: Sequence[Dose]) -> bool:
    first = first_dose(doses) if is_given(dose) and dose.given_on else None
    return first is not None and first.visit == dose.visit


@rule("SCR-031", Severity.DEVIATION, "EC.given_on", source=Source.REGISTRY, also=("EC.start_time",),
      cites="\n".join(BY_ID[name].text for name in ("E10", "E11", "I9")))
def first_dose_without_release(
    dose: Dose, doses: tuple[Dose, ...], check: FirstDoseCheck | None, patient: Patient
) -> Verdict:
    """The first dose was given {how}: what is checked before it was not settled. Correct the date or time, or confirm it
    and say why.
    """
    if not _is_first(dose, doses):
        return None
    released = check.released_at if check else None
    if released is None:
        return {"how": "without a release"}
    # The start is known to the minute: within it nobody can say which came first.
    late = earlier(moment(dose.given_on, dose.start_time, patient), Moment.exactly(released.replace(second=0, microsecond=0)))
    return {"how": "before it was released"} if late else late


@rule("SCR-E10g", Severity.DEVIATION, "EC.given_on", cites=BY_ID["E10"].text, source=Source.REGISTRY)
def first_dose_under_immunosuppression(
    dose: Dose, doses: tuple[Dose, ...], check: FirstDoseCheck | None, medications: tuple[Medication, ...], patient: Patient,
    clock: Clock,
) -> Verdict:  # fmt: skip
    """The first dose was given with E10 (steroids in the week before it) present: {evidence} Correct the entries, or
    confirm it and say why.
    """
    if not _is_first(dose, doses) or dose.given_on is None or not dose.given_on.known:
        return None
    on = look(dose).given_on
    drugs = tuple(
        each for each in medications
        if look(each).drug_class in IMMUNOSUPPRESSIVE and before(on, look(each).started_on) is not True
    )  # fmt: skip
    found = immunosuppressed(check, drugs, (dose,), look(patient), clock)
    return {"evidence": found.evidence} if found.verdict is Decision.PRESENT else False


@rule("SCR-E11g", Severity.DEVIATION, "EC.given_on", cites=BY_ID["E11"].text, source=Source.REGISTRY)
def first_dose_under_infection(
    dose: Dose, doses: tuple[Dose, ...], check: FirstDoseCheck | None, infections: tuple[Infection, ...], patient: Patient,
    clock: Clock,
) -> Verdict:  # fmt: skip
    """The first dose was given with E11 (infection in the week before it) present: {evidence} Correct the entries, or
    confirm it and say why.
    """
    if not _is_first(dose, doses) or dose.given_on is None or not dose.given_on.known:
        return None
    until = tuple(each for each in infections if before(look(dose).given_on, look(each).started_on) is not True)
    found = infected(check, until, (dose,), look(patient), clock)
    return {"evidence": found.evidence} if found.verdict is Decision.PRESENT else False


@rule("SCR-I09g", Severity.DEVIATION, "EC.given_on", cites=BY_ID["I9"].text, source=Source.REGISTRY)
def first_dose_without_second_test(
    dose: Dose, doses: tuple[Dose, ...], demographics: Demographics | None, childbearings: tuple[Childbearing, ...],
    tests: tuple[PregnancyTest, ...], patient: Patient, clock: Clock,
) -> Verdict:  # fmt: skip
    """The first dose was given with I9 (second pregnancy test) not met: {evidence} Correct the entries, or confirm it and
    say why.
    """
    if not _is_first(dose, doses) or dose.given_on is None or not dose.given_on.known:
        return None
    until = tuple(each for each in tests if before(look(dose).given_on, look(each).tested_on) is not True)
    said = latest_with("potential", [look(each) for each in childbearings], "assessed_on", dose.given_on)
    potential = tuple(each for each in childbearings if look(each) is said)
    found = second_test(demographics, potential, until, (dose,), look(patient), clock)
    return {"evidence": found.evidence} if found.verdict is Decision.NOT_MET else False
