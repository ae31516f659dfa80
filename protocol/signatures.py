"""I10: both signatures, before any trial-related intervention.

Trial-related is every assessment of the trial that was not done as routine care anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from protocol.atoms import Decision, Outcome, ago, atom, met, missing, reference, slot_of, worst
from protocol.dates import PartialDate, Tri, before, both, either, negated
from protocol.engine import look
from protocol.facts import Clock, Consent, EcogAssessment, Fact, Patient
from protocol.screening_facts import (
    Chemistry,
    Coagulation,
    Electrocardiogram,
    Haematology,
    HeartScan,
    IceScore,
    OtherLaboratory,
    PleuralEffusion,
    PregnancyTest,
    Serology,
    VitalSigns,
)

# What may be routine care: the question that dates it, and what people call it.
PROCEDURES: dict[type[Fact], tuple[str, str]] = {
    EcogAssessment: ("assessed_on", "ECOG performance status"), VitalSigns: ("taken_on", "vital signs"),
    Electrocardiogram: ("recorded_on", "ECG"), HeartScan: ("scanned_on", "ECHO or MUGA"),
    PleuralEffusion: ("assessed_on", "pleural effusion"), PregnancyTest: ("tested_on", "pregnancy test"),
    Serology: ("taken_on", "serology"), Haematology: ("taken_on", "haematology"), Chemistry: ("taken_on", "chemistry"),
    Coagulation: ("taken_on", "coagulation"), IceScore: ("assessed_on", "ICE score"),
    OtherLaboratory: ("taken_on", "other laboratory tests"),
}  # fmt: skip
SIGNATURES = {"patient": "patient_signed_on", "investigator": "investigator_signed_on"}
Procedure = (
    EcogAssessment | VitalSigns | Electrocardiogram | HeartScan | PleuralEffusion | PregnancyTest | Serology | Haematology
    | Chemistry | Coagulation | OtherLaboratory | IceScore
)  # fmt: skip


def signatures(consent: Consent | None) -> dict[str, PartialDate]:
    """Who has signed, and when; the later one last."""
    dates = {who: getattr(consent, name) for who, name in SIGNATURES.items()} if consent else {}
    return dict(sorted(((who, on) for who, on in dates.items() if on), key=lambda each: each[1].earliest))


def before_a_signature(day: PartialDate | None, signed: dict[str, PartialDate]) -> Tri:
    """Does a day lie before the signature of the patient or of the investigator? None while that is not known."""
    return either(*(before(day, on) for on in signed.values())) if signed else None


def last_signature(signed: dict[str, PartialDate]) -> str:
    """'investigator on 09-Jun-2026': who signed last."""
    who, on = list(signed.items())[-1]
    return f"{who} on {on}"


@atom("I10", "a", "IC.patient_signed_on", "IC.investigator_signed_on")
def signed(
    consent: Consent | None, ecogs: tuple[EcogAssessment, ...], vital_signs: tuple[VitalSigns, ...],
    ecgs: tuple[Electrocardiogram, ...], heart_scans: tuple[HeartScan, ...], effusions: tuple[PleuralEffusion, ...],
    tests: tuple[PregnancyTest, ...], serologies: tuple[Serology, ...], haematologies: tuple[Haematology, ...],
    chemistries: tuple[Chemistry, ...], coagulations: tuple[Coagulation, ...],
    other_laboratories: tuple[OtherLaboratory, ...], ice_scores: tuple[IceScore, ...], patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Both signatures are dated, neither after enrolment (or after today, before it) nor after a procedure of the trial;
    what was done as routine care may be older.
    """
    dates = signatures(consent)
    lacking = [who for who in SIGNATURES if who not in dates]
    if lacking:
        return Outcome(
            Decision.UNDETERMINED, f"Date of signature not entered: {' and '.join(lacking)}.", f"IC.{lacking[0]}_signed_on",
            slot_of(consent),
        )  # fmt: skip
    said = "; ".join(f"{who} signed on {ago(dates[who], patient, clock)}" for who in SIGNATURES)
    in_time = both(*(negated(before(reference(patient, clock), on)) for on in dates.values()))
    found = met(in_time, f"{said[0].upper()}{said[1:]}.", "IC.patient_signed_on", consent)
    if found.verdict is Decision.NOT_MET:
        return found
    procedures: tuple[Procedure, ...] = (
        *ecogs, *vital_signs, *ecgs, *heart_scans, *effusions, *tests, *serologies, *haematologies, *chemistries, *coagulations,
        *other_laboratories, *ice_scores,
    )  # fmt: skip
    early = _too_early(procedures, dates)
    return worst([found, early] if early else [found])


def _too_early(procedures: Iterable[Procedure], signed: dict[str, PartialDate]) -> Outcome | None:
    """The procedure that certainly, or else perhaps, came before a signature; None when there is none.

    They are looked through unwatched: one that came later is no input of what is asked about this one.
    """

    def standing(each: Procedure) -> tuple[bool, bool, date]:
        plain = look(each)
        return before_a_signature(day_of(plain), signed) is not True, plain.standard_of_care != "N", _first(plain)

    early = [
        each for each in procedures
        if look(each).standard_of_care != "Y" and day_of(look(each)) and before_a_signature(day_of(look(each)), signed) is not False
    ]  # fmt: skip
    if not early:
        return None
    chosen = min(early, key=standing)
    name, what = PROCEDURES[type(look(chosen))]
    on = day_of(chosen)
    said = f"{what} of {on}, before both had signed the consent (last the {last_signature(signed)})"
    if not chosen.standard_of_care:
        return missing(f"whether this was routine care: {said}", f"{chosen.form}.standard_of_care", chosen)
    certain = before_a_signature(on, signed)
    return met(negated(certain), f"{said[0].upper()}{said[1:]}: no routine care.", f"{chosen.form}.{name}", chosen)


def day_of(procedure: Procedure) -> PartialDate | None:
    on: PartialDate | None = getattr(procedure, PROCEDURES[type(look(procedure))][0])
    return on


def _first(procedure: Procedure) -> date:
    on = day_of(procedure)
    return on.earliest if on else date.max
