"""Rules of consent, demographics, ECOG, the eligibility checklist and screen failure."""

from __future__ import annotations

import re

from protocol import parameters
from protocol.atoms import latest, latest_with, reference
from protocol.codelists import ExclusionAnswer, ScreenFailureReason
from protocol.criteria import ANSWERS, BY_FIELD, BY_ID, active
from protocol.dates import PartialDate, before, full_years, show
from protocol.eligibility import Decision, answer_satisfies
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import (
    Clock,
    Consent,
    Death,
    Demographics,
    Dose,
    EcogAssessment,
    Eligibility,
    Patient,
    ScreenFailure,
)  # fmt: skip
from protocol.first_dose import infections_ahead, steroids_ahead
from protocol.inclusion import of_age
from protocol.laboratory_facts import Chemistry, Haematology
from protocol.rules.common import NO_FUTURE, future
from protocol.screening_facts import Infection, Medication, OrganFunction

_I10 = BY_ID["I10"].text



# Criteria that are asked again before the first dose ------------------------------------------------------------------------

@rule("SCR-E10a", Severity.NOTICE, "IE.e10", cites=BY_ID["E10"].text, source=Source.REGISTRY)
def steroids_now(checklist: Eligibility) -> Verdict:
    """E10 (steroids in the week before the first dose) is present now. It does not stop registration and is asked again
    before the first dose.
    """
    return checklist.e10 == ExclusionAnswer.PRESENT if checklist.e10 else None


@rule("SCR-E11a", Severity.NOTICE, "IE.e11", cites=BY_ID["E11"].text, source=Source.REGISTRY)
def infection_now(checklist: Eligibility) -> Verdict:
    """E11 (infection in the week before the first dose) is present now. It does not stop registration and is asked again
    before the first dose.
    """
    return checklist.e11 == ExclusionAnswer.PRESENT if checklist.e11 else None


def _answered(checklist: Eligibility, answer: str) -> bool:
    """The program's look ahead is shown once the own one is saved: the answer, or the conclusion without it."""
    return bool(answer or checklist.all_satisfied) and answer != ExclusionAnswer.PRESENT


@rule("SCR-111", Severity.NOTICE, "IE.e10", cites=BY_ID["E10"].text, source=Source.REGISTRY)
def steroids_in_the_log(
    checklist: Eligibility, medications: tuple[Medication, ...], doses: tuple[Dose, ...], patient: Patient, clock: Clock
) -> Verdict:
    """By the medication log, E10 would stand against a first dose now: {evidence} It does not stop registration, and is
    asked again before the first dose.
    """
    if not _answered(checklist, checklist.e10):
        return None
    found = steroids_ahead(medications, doses, look(patient), clock)
    return {"evidence": found.evidence} if found else False


@rule("SCR-112", Severity.NOTICE, "IE.e11", cites=BY_ID["E11"].text, source=Source.REGISTRY)
def infection_in_the_log(
    checklist: Eligibility, infections: tuple[Infection, ...], doses: tuple[Dose, ...], patient: Patient, clock: Clock
) -> Verdict:
    """By the log of infections, E11 would stand against a first dose now: {evidence} It does not stop registration, and is
    asked again before the first dose.
    """
    if not _answered(checklist, checklist.e11):
        return None
    found = infections_ahead(infections, doses, look(patient), clock)
    return {"evidence": found.evidence} if found else False


# Organ function ------------------------------------------------------------------------------------------------------------------

# What each judgement is read from; any result of the blood count counts for the first.
_READ_FROM = {"haematological": (), "renal": ("creat", "creatclr", "gfre"), "liver": ("alt", "ast", "alp", "bili", "alb")}


@rule("SCR-114", Severity.QUERY, "ORG.assessed_on", cites=BY_ID["I5"].text, source=Source.DESIGN,
      also=("HEM.taken_on", "CHE.taken_on"))
def judged_before_the_last_sample(
    judgement: OrganFunction, judgements: tuple[OrganFunction, ...], haematologies: tuple[Haematology, ...],
    chemistries: tuple[Chemistry, ...], patient: Patient, clock: Clock,
) -> Verdict:  # fmt: skip
    """Blood was taken after this judgement ({which}): judge it again, on this form at the unscheduled visit, or correct the date
    that is wrong.
    """
    if judgement.assessed_on is None:
        return None
    until, found = reference(look(patient), clock), []
    for group, fields in _READ_FROM.items():
        if latest_with(group, [look(each) for each in judgements], "assessed_on", until) is not look(judgement) or not getattr(judgement, group):
            continue
        panels = chemistries if fields else haematologies
        plain = [look(each) for each in panels if not fields or any(getattr(look(each), name) for name in fields)]
        last = latest(plain, "taken_on", until)
        if last is not None and before(look(judgement).assessed_on, last.taken_on):
            sample = next(each for each in panels if look(each) is last)
            found.append(f"{group} function, sample of {sample.taken_on}")
    return {"which": "; ".join(found)} if found else False


# Consent ------------------------------------------------------------------------------------------------------------------

@rule("SCR-001", Severity.ERROR, "IC.patient_signed_on", cites=NO_FUTURE, source=Source.DESIGN)
def patient_signed_in_future(consent: Consent, clock: Clock) -> Verdict:
    """The patient's signature is dated in the future: enter the date on the signed form."""
    return future(consent.patient_signed_on, clock)


@rule("SCR-002", Severity.ERROR, "IC.investigator_signed_on", cites=NO_FUTURE, source=Source.DESIGN)
def investigator_signed_in_future(consent: Consent, clock: Clock) -> Verdict:
    """The investigator's signature is dated in the future: enter the date on the signed form."""
    return future(consent.investigator_signed_on, clock)


@rule("SCR-003", Severity.NOTICE, "IC.investigator_signed_on", cites=_I10, source=Source.REGISTRY,
      also=("IC.patient_signed_on",))
def signed_on_two_days(consent: Consent) -> Verdict:
    """Patient and investigator signed on different days: check both dates against the signed form."""
    patient, investigator = consent.patient_signed_on, consent.investigator_signed_on
    if before(patient, investigator) or before(investigator, patient):
        return True
    return False if patient and investigator and patient.known and investigator.known else None


@rule("SCR-021", Severity.DEVIATION, "IC.patient_signed_on", cites=_I10, source=Source.REGISTRY)
def consent_after_registration(consent: Consent, patient: Patient) -> Verdict:
    """The patient signed after registration ({day}): consent comes before any trial-related intervention. Correct the date,
    or confirm it and say why.
    """
    if patient.enrolled_on is None:
        return None
    late = before(PartialDate.of(patient.enrolled_on), consent.patient_signed_on)
    return {"day": show(patient.enrolled_on.isoformat())} if late else late


@rule("SCR-022", Severity.DEVIATION, "IC.investigator_signed_on", cites=_I10, source=Source.REGISTRY)
def investigator_signed_after_registration(consent: Consent, patient: Patient) -> Verdict:
    """The investigator signed after registration ({day}): both signatures come before any trial-related intervention. Correct
    the date, or confirm it and say why.
    """
    if patient.enrolled_on is None:
        return None
    late = before(PartialDate.of(patient.enrolled_on), consent.investigator_signed_on)
    return {"day": show(patient.enrolled_on.isoformat())} if late else late


# Demographics ------------------------------------------------------------------------------------------------------------

@rule("SCR-004", Severity.ERROR, "DM.birth_date", cites=NO_FUTURE, source=Source.DESIGN)
def born_in_future(demographics: Demographics, clock: Clock) -> Verdict:
    """The birth date lies in the future: correct it."""
    return future(demographics.birth_date, clock)


@rule("SCR-005", Severity.ERROR, "DM.birth_date", cites="Nobody in a trial is older than 120 years.",
      source=Source.ASSUMPTION, requires=("maximum_age_years",))
def too_old(demographics: Demographics, clock: Clock) -> Verdict:
    """This birth date makes the patient at least {years} years old today: correct the year."""
    years = full_years(demographics.birth_date, PartialDate.of(clock.today))
    if years is None:
        return None
    return {"years": years[0]} if years[0] > parameters.whole("maximum_age_years") else False


@rule("SCR-006", Severity.QUERY, "DM.birth_date", cites=BY_ID["I4"].text, source=Source.REGISTRY,
      also=("IC.patient_signed_on",))
def under_age(demographics: Demographics, consent: Consent | None) -> Verdict:
    """By this birth date the patient is younger than 18 on the day of consent: check the year of birth."""
    outcome = of_age(demographics, consent)
    return None if outcome.verdict is Decision.UNDETERMINED else outcome.verdict is Decision.NOT_MET


@rule("SCR-020", Severity.ERROR, "DM.birth_date", cites="As little of the birth date is collected as the age needs.",
      source=Source.ASSUMPTION, requires=("birth_date_precision",))
def birth_date_too_exact(demographics: Demographics, patient: Patient) -> Verdict:
    """In this country the birth date is collected as {allowed} only: leave out the rest."""
    if demographics.birth_date is None:
        return None
    allowed = parameters.birth_date_precision(patient.country)
    exactness = ("year", "month", "day")
    if exactness.index(demographics.birth_date.precision) <= exactness.index(allowed):
        return False
    return {"allowed": "year" if allowed == "year" else "month and year"}


# ECOG --------------------------------------------------------------------------------------------------------------------

@rule("SCR-007", Severity.QUERY, "ECOG.ecog", cites="ECOG scale (Oken et al. 1982): 5 is dead.", source=Source.STANDARD)
def ecog_five(ecog: EcogAssessment) -> Verdict:
    """ECOG 5 means that the patient is dead: correct the grade, or record the death on its own form."""
    return ecog.ecog == "5" if ecog.ecog else None


@rule("SCR-009", Severity.ERROR, "ECOG.assessed_on", cites=NO_FUTURE, source=Source.DESIGN)
def ecog_in_future(ecog: EcogAssessment, clock: Clock) -> Verdict:
    """The ECOG assessment is dated in the future: correct the date."""
    return future(ecog.assessed_on, clock)


# Checklist ---------------------------------------------------------------------------------------------------------------

@rule("SCR-010", Severity.ERROR, "IE.assessed_on", cites=NO_FUTURE, source=Source.DESIGN)
def checklist_in_future(checklist: Eligibility, clock: Clock) -> Verdict:
    """The eligibility checklist is dated in the future: correct the date."""
    return future(checklist.assessed_on, clock)


@rule("SCR-017", Severity.QUERY, "IE.assessed_on", cites=_I10, source=Source.REGISTRY, also=("IC.patient_signed_on",))
def checklist_before_consent(checklist: Eligibility, consent: Consent | None) -> Verdict:
    """The checklist is dated before the patient signed the consent ({signed}): check both dates."""
    signed = consent.patient_signed_on if consent else None
    early = before(checklist.assessed_on, signed)
    return {"signed": signed} if early else early


# Screen failure ----------------------------------------------------------------------------------------------------------

_FAILURE = "A screen failure is a patient who consented and was not registered, with the reason."


@rule("SCR-011", Severity.ERROR, "SF.decided_on", cites=NO_FUTURE, source=Source.DESIGN)
def failure_in_future(failure: ScreenFailure, clock: Clock) -> Verdict:
    """The screen failure is dated in the future: correct the date."""
    return future(failure.decided_on, clock)


@rule("SCR-012", Severity.QUERY, "SF.decided_on", cites=_FAILURE, source=Source.DESIGN, also=("IC.patient_signed_on",))
def failure_before_consent(failure: ScreenFailure, consent: Consent | None) -> Verdict:
    """The screen failure is dated before the patient signed the consent ({signed}): check both dates."""
    signed = consent.patient_signed_on if consent else None
    early = before(failure.decided_on, signed)
    return {"signed": signed} if early else early


@rule("SCR-013", Severity.QUERY, "SF.decided_on", cites=_FAILURE, source=Source.DESIGN)
def failure_of_registered_patient(failure: ScreenFailure, patient: Patient) -> Verdict:
    """The patient was registered on {day}, so is no screen failure: void this record, and use End of treatment if the patient
    leaves.
    """
    return {"day": show(patient.enrolled_on.isoformat())} if patient.enrolled_on else False


def criteria_named(text: str) -> tuple[str, ...]:
    """The criteria (I3, E12) that the text of a screen failure names, in any usual spelling (I03, incl03, e12)."""
    found = re.findall(r"\b(i|e|incl|excl)\s?0*([0-9]{1,2})\b", text.casefold())
    return tuple(f"{kind[0].upper()}{int(number)}" for kind, number in found)


@rule("SCR-015", Severity.QUERY, "SF.criteria", cites=_FAILURE, source=Source.DESIGN)
def failure_names_known_criteria(failure: ScreenFailure) -> Verdict:
    """The checklist has no criterion {names}: name criteria as the checklist does, for example I3, E12."""
    if not failure.criteria.strip():
        return None
    known = {criterion.id for criterion in active()}
    unknown = [name for name in criteria_named(failure.criteria) if name not in known]
    return {"names": ", ".join(unknown)} if unknown else False


@rule("SCR-016", Severity.QUERY, "SF.criteria", cites=_FAILURE, source=Source.DESIGN, also=ANSWERS)
def failure_fits_checklist(
    failure: ScreenFailure, checklist: Eligibility | None, demographics: Demographics | None
) -> Verdict:
    """{names}: named as the reason of the screen failure, but satisfied on the checklist. Correct the one that is wrong."""
    if checklist is None or failure.reason != ScreenFailureReason.ELIGIBILITY:
        return None
    sex = demographics.sex if demographics else ""
    named = criteria_named(failure.criteria)
    satisfied = [
        criterion.id for name, criterion in BY_FIELD.items()
        if criterion.id in named and answer_satisfies(criterion, getattr(checklist, name), sex)
    ]  # fmt: skip
    return {"names": ", ".join(satisfied)} if satisfied else False


@rule("SCR-018", Severity.QUERY, "SF.reason", cites=_FAILURE, source=Source.DESIGN, also=("DD.died_on",))
def failure_by_death(failure: ScreenFailure, death: Death | None) -> Verdict:
    """The reason is death, and no death is recorded: complete the form Death too."""
    return failure.reason == ScreenFailureReason.DEATH and death is None if failure.reason else None


@rule("SCR-023", Severity.QUERY, "SF.details", cites=_FAILURE, source=Source.DESIGN)
def failure_for_another_reason(failure: ScreenFailure) -> Verdict:
    """The reason is 'Other': say in a few words which."""
    return failure.reason == ScreenFailureReason.OTHER and not failure.details.strip() if failure.reason else None
