"""The exclusion criteria E1 to E8, E13 and E14 as atoms, as the registry record words them. 'Present' keeps a patient out."""

from __future__ import annotations

from collections.abc import Callable

from protocol import parameters
from protocol.atoms import (
    Decision,
    Outcome,
    ago,
    atom,
    missing,
    of_log,
    present,
    reference,
    review,
    so_far,
    undetermined,
)
from protocol.codelists import (
    ImmuneEventKind,
    MalignancyException,
    Nyha,
    ProcedureKind,
    VaccineKind,
    VascularEvent,
)
from protocol.dates import (
    PartialDate,
    before,
    both,
    either,
    negated,
    shifted,
    within_days_before,
    within_months_before,
)
from protocol.facts import Clock, Fact, Patient
from protocol.inclusion import has_ici
from protocol.screening_facts import (
    AutoimmuneDisease,
    HistoryAsked,
    ImmuneEvent,
    OtherMalignancy,
    PriorProcedure,
    PriorTherapy,
    SclcHistory,
    Vaccine,
    VascularHistory,
)


def answered(answer: str, what: str, at: str, record: Fact | None, seen: str = "") -> Outcome:
    """A question that is the criterion itself; ``seen`` says what it was seen on, and when."""
    if not answer:
        return missing(what, at, record)
    said = f"{what[0].upper()}{what[1:]}: {'yes' if answer == 'Y' else 'no'}{f', {seen}' if seen else ''}."
    return present(answer == "Y", said, at, record)


def _imaged(what: str, on: PartialDate | None, patient: Patient, clock: Clock) -> str:
    return f"{what} {ago(so_far(on, patient, clock), patient, clock)}" if on else ""


# E1 ------------------------------------------------------------------------------------------------------------------------


def _cns(disease: SclcHistory | None, patient: Patient, clock: Clock) -> str:
    return _imaged("imaging", disease.cns_imaging_on, patient, clock) if disease else ""


@atom("E1", "a", "SCLC.leptomeningeal")
def leptomeningeal(disease: SclcHistory | None, patient: Patient, clock: Clock) -> Outcome:
    """Leptomeningeal disease, diagnosis or evidence."""
    answer = disease.leptomeningeal if disease else ""
    return answered(answer, "leptomeningeal disease", "SCLC.leptomeningeal", disease, _cns(disease, patient, clock))


@atom("E1", "b", "SCLC.cord_compression")
def cord_compression(disease: SclcHistory | None, patient: Patient, clock: Clock) -> Outcome:
    """Spinal cord compression, diagnosis or evidence."""
    answer = disease.cord_compression if disease else ""
    return answered(answer, "spinal cord compression", "SCLC.cord_compression", disease, _cns(disease, patient, clock))


# E2 ------------------------------------------------------------------------------------------------------------------------


def _reactions(
    history: HistoryAsked | None, events: tuple[ImmuneEvent, ...], lines: tuple[PriorTherapy, ...],
    judge: Callable[[ImmuneEvent], Outcome],
) -> Outcome:  # fmt: skip
    asked = history.irae_any if history else ""
    none_given = lines and all(line.drugs for line in lines) and not any(has_ici(line) for line in lines)
    if not events and asked != "Y" and none_given:
        return present(False, "No checkpoint inhibitor was given.", "PST.drugs", lines[0])
    return of_log(history, "irae_any", "immune-related event", "IRAE.category", events, judge)


def _graded(event: ImmuneEvent, at_least: int, what: str) -> Outcome | None:
    """None when the grade is at least so high; else what follows from it."""
    if not event.grade:
        return missing(f"grade of {event.term or 'the event'}", "IRAE.grade", event)
    said = f"{event.term}, grade {event.grade}: not {what}."
    return present(False, said, "IRAE.grade", event) if int(event.grade) < at_least else None


def _severe(event: ImmuneEvent) -> Outcome:
    below = _graded(event, parameters.whole("severe_grade"), "severe")
    if below is not None:
        return below
    said = f"{event.term}, grade {event.grade}"
    if not event.category:
        return missing(f"kind of {event.term or 'the event'}", "IRAE.category", event)
    if event.category == ImmuneEventKind.ENDOCRINE:
        for name in ("replacement", "stable"):
            answer = getattr(event, name)
            if answer == "N":
                return present(True, f"{said}, endocrine, and not stable on replacement.", f"IRAE.{name}", event)
        if not event.replacement or not event.stable:
            return missing(f"whether {event.term} is stable on replacement", "IRAE.stable", event)
        return present(False, f"{said}, endocrine, clinically stable on replacement: the exception.", "IRAE.stable", event)
    return present(True, f"{said}: severe or life-threatening.", "IRAE.grade", event)


@atom("E2", "a", "IRAE.grade", "HX.irae_any")
def severe_immune_event(
    history: HistoryAsked | None, immune_events: tuple[ImmuneEvent, ...], lines: tuple[PriorTherapy, ...]
) -> Outcome:
    """Severe or life-threatening immune-mediated event (grade 3 or 4), but for a stable endocrinopathy on replacement."""
    return _reactions(history, immune_events, lines, _severe)


@atom("E2", "b", "IRAE.category", "HX.irae_any")
def immune_cns_event(
    history: HistoryAsked | None, immune_events: tuple[ImmuneEvent, ...], lines: tuple[PriorTherapy, ...]
) -> Outcome:
    """Immune-mediated encephalitis or another event of the central nervous system, any grade."""

    def one(event: ImmuneEvent) -> Outcome:
        if not event.category:
            return missing(f"kind of {event.term or 'the event'}", "IRAE.category", event)
        cns = event.category == ImmuneEventKind.CNS
        word = "an event" if cns else "no event"
        return present(cns, f"{event.term}: {word} of the central nervous system.", "IRAE.category", event)

    return _reactions(history, immune_events, lines, one)


@atom("E2", "c", "IRAE.grade", "IRAE.recurrent", "IRAE.recurrence_grade", "HX.irae_any")
def recurrent_pneumonitis(
    history: HistoryAsked | None, immune_events: tuple[ImmuneEvent, ...], lines: tuple[PriorTherapy, ...]
) -> Outcome:
    """Immune-mediated recurrent pneumonitis of grade 2 or more: certain when the recurrence had it, else for the reviewer."""

    def one(event: ImmuneEvent) -> Outcome:
        if not event.category:
            return missing(f"kind of {event.term or 'the event'}", "IRAE.category", event)
        if event.category != ImmuneEventKind.PNEUMONITIS:
            return present(False, f"{event.term}: no pneumonitis.", "IRAE.category", event)
        below = _graded(event, 2, "grade 2 or more")
        if below is not None:
            return below
        if not event.recurrent:
            return missing("whether the pneumonitis came back", "IRAE.recurrent", event)
        said = f"{event.term}, grade {event.grade}"
        if event.recurrent != "Y":
            return present(False, f"{said}, not recurrent.", "IRAE.recurrent", event)
        again = event.recurrence_grade
        if not again:
            return missing(f"grade of {event.term} when it came back", "IRAE.recurrence_grade", event)
        if int(again) >= 2:
            return present(True, f"{said}, recurrent with grade {again}.", "IRAE.recurrence_grade", event)
        return review(f"{said}, recurrent with grade {again}: is the grade of the recurrence meant?", "IRAE.recurrence_grade", event)

    return _reactions(history, immune_events, lines, one)


@atom("E2", "d", "IRAE.ici_stopped", "HX.irae_any")
def infusion_reaction(
    history: HistoryAsked | None, immune_events: tuple[ImmuneEvent, ...], lines: tuple[PriorTherapy, ...]
) -> Outcome:
    """Infusion-related reaction that ended the immunotherapy for good."""

    def one(event: ImmuneEvent) -> Outcome:
        if not event.category:
            return missing(f"kind of {event.term or 'the event'}", "IRAE.category", event)
        if event.category != ImmuneEventKind.INFUSION_REACTION:
            return present(False, f"{event.term}: no infusion-related reaction.", "IRAE.category", event)
        if not event.ici_stopped:
            return missing("whether the checkpoint inhibitor was stopped for good", "IRAE.ici_stopped", event)
        word = "was" if event.ici_stopped == "Y" else "was not"
        said = f"{event.term}: the checkpoint inhibitor {word} stopped for good."
        return present(event.ici_stopped == "Y", said, "IRAE.ici_stopped", event)

    return _reactions(history, immune_events, lines, one)


# E3, E4 --------------------------------------------------------------------------------------------------------------------


@atom("E3", "a", "AID.active", "AID.last_treated_on", "HX.autoimmune_any")
def autoimmune(
    history: HistoryAsked | None, autoimmune_diseases: tuple[AutoimmuneDisease, ...], patient: Patient, clock: Clock
) -> Outcome:
    """Active autoimmune disease that required systemic treatment, other than replacement, within the past 2 years."""
    day = reference(patient, clock)

    def one(each: AutoimmuneDisease) -> Outcome:
        if each.active == "N":
            return present(False, f"{each.name}: not active.", "AID.active", each)
        if each.systemic == "N":
            return present(False, f"{each.name}: never treated systemically.", "AID.systemic", each)
        if each.replacement_only == "Y":
            return present(False, f"{each.name}: replacement therapy only.", "AID.replacement_only", each)
        asked = {"active": "is active", "systemic": "required systemic treatment", "replacement_only": "is on replacement only"}
        for name, what in asked.items():
            if not getattr(each, name):
                return missing(f"whether {each.name or 'the disease'} {what}", f"AID.{name}", each)
        if each.treatment_ongoing == "Y":
            return present(True, f"{each.name}: active, systemic treatment ongoing.", "AID.treatment_ongoing", each)
        if each.last_treated_on is None:
            return missing(f"last systemic treatment of {each.name}", "AID.last_treated_on", each)
        years, last = parameters.whole("autoimmune_years"), so_far(each.last_treated_on, patient, clock)
        recent = negated(before(last, shifted(day, -12 * years)))
        said = f"{each.name}: active, last systemic treatment {ago(last, patient, clock)}; window: {years} years."
        return present(recent, said, "AID.last_treated_on", each)

    return of_log(history, "autoimmune_any", "autoimmune disease", "AID.name", autoimmune_diseases, one)


@atom("E3", "b", "HX.immunosuppression_needed")
def immunosuppression_ahead(history: HistoryAsked | None) -> Outcome:
    """Another disease that will need immunosuppressive therapy during the trial: the investigator's forecast."""
    answer = history.immunosuppression_needed if history else ""
    return answered(answer, "immunosuppressive therapy foreseen", "HX.immunosuppression_needed", history)


@atom("E4", "a", "HX.transplant")
def transplant(history: HistoryAsked | None) -> Outcome:
    """Solid organ transplantation, ever."""
    return answered(history.transplant if history else "", "solid organ transplantation", "HX.transplant", history)


# E5 ------------------------------------------------------------------------------------------------------------------------

LIVE = (VaccineKind.LIVE, VaccineKind.ATTENUATED)


def _vaccinated(
    live: bool, vaccines: tuple[Vaccine, ...], history: HistoryAsked | None, patient: Patient, clock: Clock
) -> Outcome:
    days = parameters.whole("live_vaccine_days" if live else "other_vaccine_days")
    day = reference(patient, clock)

    def one(each: Vaccine) -> Outcome:
        if not each.kind:
            return missing(f"type of the vaccine {each.name}", "VAX.kind", each)
        kind = VaccineKind(each.kind).words
        if (each.kind in LIVE) is not live:
            return present(False, f"{each.name}: {kind}.", "VAX.kind", each)
        if each.given_on is None:
            return missing(f"date of the vaccine {each.name}", "VAX.given_on", each)
        on = so_far(each.given_on, patient, clock)
        said = f"{each.name} ({kind}) {ago(on, patient, clock)}; window: {days} days."
        return present(within_days_before(on, day, days), said, "VAX.given_on", each)

    return of_log(history, "vaccine_any", "vaccination", "VAX.kind", vaccines, one)


@atom("E5", "a", "VAX.kind", "VAX.given_on", "HX.vaccine_any")
def live_vaccine(vaccines: tuple[Vaccine, ...], history: HistoryAsked | None, patient: Patient, clock: Clock) -> Outcome:
    """Live or live-attenuated vaccine within 14 days before enrolment."""
    return _vaccinated(True, vaccines, history, patient, clock)


@atom("E5", "b", "VAX.kind", "VAX.given_on", "HX.vaccine_any")
def other_vaccine(vaccines: tuple[Vaccine, ...], history: HistoryAsked | None, patient: Patient, clock: Clock) -> Outcome:
    """Inactivated, non-live or non-replicating vaccine within 3 days before enrolment."""
    return _vaccinated(False, vaccines, history, patient, clock)


# E6 ------------------------------------------------------------------------------------------------------------------------


@atom("E6", "a", "OM.diagnosed_on", "OM.exception", "HX.malignancy_any")
def other_malignancy(
    history: HistoryAsked | None, malignancies: tuple[OtherMalignancy, ...], patient: Patient, clock: Clock
) -> Outcome:
    """Another malignancy diagnosed or active within the past 2 years, but for the six exceptions."""

    def one(each: OtherMalignancy) -> Outcome:
        return _malignancy(each, patient, clock)

    return of_log(history, "malignancy_any", "other malignancy", "OM.kind", malignancies, one)


def _malignancy(each: OtherMalignancy, patient: Patient, clock: Clock) -> Outcome:
    day, months = reference(patient, clock), 12 * parameters.whole("malignancy_years")
    diagnosed = so_far(each.diagnosed_on, patient, clock)
    said = f"{each.kind}, diagnosed {ago(diagnosed, patient, clock)}"
    active = True if each.still_active == "Y" else negated(before(each.active_until, shifted(day, -months)))
    known_then = negated(before(day, diagnosed)) if diagnosed else True
    recent = either(within_months_before(diagnosed, day, months), both(known_then, active))
    if recent is False:
        until = f", no active disease since {each.active_until}" if each.active_until else ""
        return present(False, f"{said}{until}: not within 2 years before enrolment.", "OM.diagnosed_on", each)
    excepted = _exception(each, day, said)
    if excepted.verdict is not Decision.PRESENT:
        return excepted
    if recent:
        return excepted
    if each.diagnosed_on is None or (each.still_active == "N" and each.active_until is None) or not each.still_active:
        name = "diagnosed_on" if each.diagnosed_on is None else "active_until" if each.still_active else "still_active"
        return missing(f"when {each.kind or 'the malignancy'} was active", f"OM.{name}", each)
    return present(None, f"{said}: it cannot be said whether that is within 2 years.", "OM.diagnosed_on", each)


# What each exception asks beside the malignancy itself.
EXCEPTIONS: dict[MalignancyException, tuple[str, ...]] = {
    MalignancyException.LOW_RISK: ("curative", "no_evidence", "low_risk"),
    MalignancyException.SKIN: ("adequately_treated", "no_evidence"),
    MalignancyException.CERVIX: ("adequately_treated", "no_evidence"),
    MalignancyException.BREAST: ("adequately_treated", "no_evidence"),
    MalignancyException.PROSTATE: ("no_evidence",),
    MalignancyException.UROTHELIAL: ("adequately_treated",),
}
_ASKED = {"curative": "treated with curative intent", "no_evidence": "without evidence of disease",
          "low_risk": "at low risk of recurrence", "adequately_treated": "adequately treated"}  # fmt: skip


def _exception(each: OtherMalignancy, day: PartialDate, diagnosed: str) -> Outcome:
    """ABSENT when an exception holds, PRESENT when none does."""
    if not each.exception:
        return missing(f"which exception {each.kind or 'the malignancy'} may fall under", "OM.exception", each)
    kind = MalignancyException(each.exception)
    if kind is MalignancyException.NONE:
        return present(True, f"{diagnosed}: within 2 years, and no exception.", "OM.exception", each)
    if each.still_active == "Y" and each.no_evidence == "Y":
        said = f"{each.kind} is entered as active and as without evidence of disease. Correct one of the two."
        return undetermined(said, "OM.no_evidence", each)
    for name in EXCEPTIONS[kind]:
        if getattr(each, name) == "N":
            return present(True, f"{diagnosed}: not {_ASKED[name]}, so the exception does not hold.", f"OM.{name}", each)
    for name in EXCEPTIONS[kind]:
        if not getattr(each, name):
            return missing(f"whether {each.kind or 'the malignancy'} is {_ASKED[name]}", f"OM.{name}", each)
    if kind is not MalignancyException.LOW_RISK:
        return present(False, f"{each.kind}: exception ({kind.words}).", "OM.exception", each)
    if each.no_evidence_since is None:
        return missing(f"since when no active disease of {each.kind} is known", "OM.no_evidence_since", each)
    if each.still_active == "N" and before(each.no_evidence_since, each.active_until):
        said = f"{each.kind}: active until {each.active_until}, and without evidence of disease since {each.no_evidence_since}."
        return undetermined(f"{said} Correct one of the two.", "OM.no_evidence_since", each)
    months = parameters.whole("malignancy_free_months")
    long = negated(before(shifted(day, -months), each.no_evidence_since))
    said = f"{diagnosed}: no known active disease since {each.no_evidence_since}; required: {months} months before enrolment."
    return present(negated(long), said, "OM.no_evidence_since", each)


# E7, E8 --------------------------------------------------------------------------------------------------------------------


def _vascular(
    history: HistoryAsked | None, events: tuple[VascularHistory, ...], kinds: tuple[VascularEvent, ...], parameter: str,
    patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    months, day = parameters.whole(parameter), reference(patient, clock)

    def one(each: VascularHistory) -> Outcome:
        if not each.kind:
            return missing("kind of the event", "CVH.kind", each)
        kind = VascularEvent(each.kind)
        if each.kind not in kinds:
            return present(False, f"{kind.label}: not meant here.", "CVH.kind", each)
        if each.kind == VascularEvent.HEART_FAILURE:
            return _heart_failure(each, months, day, patient, clock)
        if each.occurred_on is None:
            return missing(f"date of the {kind.words}", "CVH.occurred_on", each)
        on = so_far(each.occurred_on, patient, clock)
        said = f"{kind.label} {ago(on, patient, clock)}; window: {months} months."
        return present(within_months_before(on, day, months), said, "CVH.occurred_on", each)

    return of_log(history, "vascular_any", "cardiac or arterial event", "CVH.kind", events, one)


def _heart_failure(each: VascularHistory, months: int, day: PartialDate, patient: Patient, clock: Clock) -> Outcome:
    if not each.nyha:
        return missing("worst NYHA class of the heart failure within 12 months", "CVH.nyha", each)
    grade = Nyha(each.nyha)
    if grade in (Nyha.I, Nyha.II):
        return present(False, f"Heart failure, NYHA {grade.name}: not above class II.", "CVH.nyha", each)
    if each.nyha_on is None:
        return missing(f"last day with NYHA class {grade.name}", "CVH.nyha_on", each)
    on = so_far(each.nyha_on, patient, clock)
    said = f"Heart failure, NYHA {grade.name}, last {ago(on, patient, clock)}; window: {months} months."
    inside = within_months_before(on, day, months)
    if grade is Nyha.IV and inside is not True and before(day, on) is not True:
        # The last day of class IV leaves open when class III was last present.
        return undetermined(f"{said} Enter the worst class within the window, and its last day.", "CVH.nyha", each)
    return present(inside, said, "CVH.nyha_on", each)


@atom("E7", "a", "CVH.occurred_on", "HX.vascular_any")
def infarction(
    history: HistoryAsked | None, vascular: tuple[VascularHistory, ...], patient: Patient, clock: Clock
) -> Outcome:
    """Myocardial infarction within 12 months before enrolment."""
    return _vascular(history, vascular, (VascularEvent.INFARCTION,), "cardiac_months", patient, clock)


@atom("E7", "b", "CVH.nyha", "CVH.nyha_on", "HX.vascular_any")
def heart_failure(
    history: HistoryAsked | None, vascular: tuple[VascularHistory, ...], patient: Patient, clock: Clock
) -> Outcome:
    """Symptomatic congestive heart failure, NYHA above class II, within 12 months before enrolment."""
    return _vascular(history, vascular, (VascularEvent.HEART_FAILURE,), "cardiac_months", patient, clock)


@atom("E8", "a", "CVH.occurred_on", "HX.vascular_any")
def arterial(history: HistoryAsked | None, vascular: tuple[VascularHistory, ...], patient: Patient, clock: Clock) -> Outcome:
    """Arterial thrombosis (stroke, transient ischaemic attack, other) within 12 months before enrolment."""
    kinds = (VascularEvent.STROKE, VascularEvent.TIA, VascularEvent.OTHER_ARTERIAL)
    return _vascular(history, vascular, kinds, "arterial_months", patient, clock)


# E13, E14 ------------------------------------------------------------------------------------------------------------------


def _chest(history: HistoryAsked | None, patient: Patient, clock: Clock) -> str:
    return _imaged("chest CT", history.lung_imaging_on, patient, clock) if history else ""


@atom("E13", "a", "HX.ild")
def interstitial(history: HistoryAsked | None, patient: Patient, clock: Clock) -> Outcome:
    """Evidence of interstitial lung disease."""
    answer = history.ild if history else ""
    return answered(answer, "interstitial lung disease", "HX.ild", history, _chest(history, patient, clock))


@atom("E13", "b", "HX.pneumonitis_active")
def pneumonitis(history: HistoryAsked | None, patient: Patient, clock: Clock) -> Outcome:
    """Active, non-infectious pneumonitis."""
    answer = history.pneumonitis_active if history else ""
    return answered(answer, "active pneumonitis", "HX.pneumonitis_active", history, _chest(history, patient, clock))


@atom("E14", "a", "PR.performed_on", "PR.major", "HX.surgery_any")
def surgery(history: HistoryAsked | None, procedures: tuple[PriorProcedure, ...], patient: Patient, clock: Clock) -> Outcome:
    """Major surgical procedure within 5 weeks before enrolment."""
    days, day = parameters.whole("major_surgery_days"), reference(patient, clock)
    operations = [each for each in procedures if each.category in ("", ProcedureKind.SURGERY)]

    def one(each: PriorProcedure) -> Outcome:
        name = each.name or "the operation"
        if not each.category:
            return missing(f"kind of {each.name or 'the procedure'}", "PR.category", each)
        if each.major == "N":
            return present(False, f"{name}: no major procedure.", "PR.major", each)
        on = so_far(each.performed_on, patient, clock)
        inside = within_days_before(on, day, days)
        said = f"{name} {ago(on, patient, clock)}; window: {days} days."
        if inside is False:
            return present(False, said, "PR.performed_on", each)
        if not each.major or each.performed_on is None:
            field = "major" if not each.major else "performed_on"
            return missing(f"whether {name} was major" if field == "major" else f"date of {name}", f"PR.{field}", each)
        return present(inside, said, "PR.performed_on", each)

    return of_log(history, "surgery_any", "surgery", "PR.category", operations, one)
