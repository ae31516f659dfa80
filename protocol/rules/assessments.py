"""Rules of the assessments that parts of the trial share: medication, vaccines, serology, laboratory, examinations."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from protocol import laboratory
from protocol.atoms import reference
from protocol.codelists import (
    LOCAL_ROUTES,
    AnticoagulationIntent,
    EchoMethod,
    EffusionMethod,
    HivStatus,
    MedicationClass,
    Purpose,
    Sex,
    Steroid,
    TestResult,
    ViralLoad,
)
from protocol.criteria import BY_ID
from protocol.dates import PartialDate, before, full_years, negated
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.exclusion import LIVE
from protocol.facts import Clock, Death, Demographics, Dose, EndOfTreatment, Patient
from protocol.first_dose import prednisone_equivalent
from protocol.inclusion import anticoagulants
from protocol.panels import FORM_OF, unit_of
from protocol.rules.history import first_dose
from protocol.screening_facts import (
    Chemistry,
    Coagulation,
    Haematology,
    HbvMonitoring,
    HeartScan,
    LaboratoryPanel,
    Medication,
    OtherLaboratory,
    PregnancyTest,
    ReferenceRange,
    Serology,
    Vaccine,
    VitalSigns,
)
from protocol.viral import may_reactivate, next_dna

# Medication and vaccines ------------------------------------------------------------------------------------------------

@rule("ASM-005", Severity.NOTICE, "CM.intent",
      cites="Whether prophylactic anticoagulation is meant by I6 is not said; only therapeutic one is taken so.",
      source=Source.ASSUMPTION)
def prophylactic_only(drug: Medication) -> Verdict:
    """Prophylactic anticoagulation does not count as anticoagulation for I6: the limits of the clotting tests hold."""
    if drug.drug_class != MedicationClass.ANTICOAGULANT or not drug.intent:
        return None
    return drug.intent == AnticoagulationIntent.PROPHYLACTIC


@rule("ASM-006", Severity.QUERY, "CM.stable_confirmed", cites=BY_ID["I6"].text, source=Source.REGISTRY)
def stability_not_confirmed(drug: Medication, patient: Patient, clock: Clock) -> Verdict:
    """I6 asks for a stable dose of anticoagulation, and “Anticoagulation is on a stable dose” has no answer. Enter it."""
    if drug.intent != AnticoagulationIntent.THERAPEUTIC or drug.started_on is None:
        return None
    # Begun after registration it is none of I6's business.
    return not drug.stable_confirmed if anticoagulants((drug,), look(patient), clock) else False


@rule("ASM-007", Severity.QUERY, "CM.dose", cites=BY_ID["E10"].text, source=Source.REGISTRY,
      also=("CM.dose_unit", "CM.frequency"))
def steroid_without_daily_dose(drug: Medication) -> Verdict:
    """Without {names} nobody can say how much of the corticosteroid is taken a day. Enter it."""
    if drug.drug_class != MedicationClass.STEROID or not drug.route or drug.route in LOCAL_ROUTES:
        return None
    allowed = drug.purpose == Purpose.PROPHYLAXIS and drug.steroid == Steroid.DEXAMETHASONE
    if allowed or drug.purpose == Purpose.ANTIEMETIC or prednisone_equivalent(drug) is not None:
        return False
    entered = {"the single dose": drug.dose, "its unit": drug.dose_unit, "how often it is taken": drug.frequency}
    names = [words for words, answer in entered.items() if answer in (None, "")]
    return {"names": " and ".join(names)} if names else False


@rule("ASM-008", Severity.NOTICE, "VAX.given_on", cites="The record speaks of vaccines before enrolment only (E5).",
      source=Source.ASSUMPTION)
def live_vaccine_during_treatment(vaccine: Vaccine, doses: tuple[Dose, ...]) -> Verdict:
    """A live vaccine was given on or after the day of the first dose ({first}). The public record names no rule for
    vaccines during treatment: look it up in the protocol.
    """
    first = first_dose(doses) if vaccine.kind in LIVE else None
    if first is None:
        return None
    during = negated(before(vaccine.given_on, first.given_on))
    return {"first": first.given_on} if during else during


# Pregnancy test ---------------------------------------------------------------------------------------------------------

@rule("ASM-009", Severity.QUERY, "PT.result", cites=BY_ID["I9"].text, source=Source.REGISTRY, also=("DM.sex",))
def pregnancy_test_of_a_man(test: PregnancyTest, demographics: Demographics | None) -> Verdict:
    """A pregnancy test is entered, and the sex entered is male: void the test, or correct the sex."""
    if demographics is None or not (test.result or test.tested_on):
        return None
    return demographics.sex == Sex.MALE


# Serology ---------------------------------------------------------------------------------------------------------------

_LIMIT = "A viral load is above, exactly at or below the limit of quantification."


def _load_differs(flag: str, value: Decimal | None, limit: Decimal | None) -> Verdict:
    """Does the viral load as answered fit its value and limit?"""
    if not flag or value is None:
        return None
    if flag != ViralLoad.NOT_DONE and limit is None:
        return None
    fits = limit is not None and {
        ViralLoad.NOT_DETECTED: value < limit, ViralLoad.BELOW: value < limit, ViralLoad.ABOVE: value > limit,
        ViralLoad.EXACTLY: value == limit,
    }.get(ViralLoad(flag), False)  # fmt: skip
    shown = f"{limit:f}" if limit is not None else "(not entered)"
    return False if fits else {"flag": ViralLoad(flag).words, "value": f"{value:f}", "limit": shown}


def _no_load_in(serology: Serology, serologies: Sequence[Serology], name: str) -> bool:
    """Neither this sample nor another one has a viral load, nor a value and a limit that it follows from."""

    def none(each: Serology) -> bool:
        flag, value, limit = (getattr(each, f"{name}{part}") for part in ("", "_value", "_loq"))
        return flag == ViralLoad.NOT_DONE or (not flag and (value is None or limit is None))

    return none(serology) and all(none(look(each)) for each in serologies)


@rule("ASM-010", Severity.QUERY, "SER.hbv_dna", cites=_LIMIT, source=Source.DESIGN,
      also=("SER.hbv_dna_value", "SER.hbv_dna_loq"))
def hbv_dna_differs(serology: Serology) -> Verdict:
    """HBV DNA is answered '{flag}', with a value of {value} and a limit of quantification of {limit}: correct the one that
    is wrong.
    """
    return _load_differs(serology.hbv_dna, serology.hbv_dna_value, serology.hbv_dna_loq)


@rule("ASM-011", Severity.QUERY, "SER.hcv_rna", cites=_LIMIT, source=Source.DESIGN,
      also=("SER.hcv_rna_value", "SER.hcv_rna_loq"))
def hcv_rna_differs(serology: Serology) -> Verdict:
    """HCV RNA is answered '{flag}', with a value of {value} and a limit of quantification of {limit}: correct the one that
    is wrong.
    """
    return _load_differs(serology.hcv_rna, serology.hcv_rna_value, serology.hcv_rna_loq)


@rule("ASM-012", Severity.QUERY, "SER.hbv_dna", cites=BY_ID["E9"].text, source=Source.REGISTRY)
def hbv_dna_needed(serology: Serology, serologies: tuple[Serology, ...]) -> Verdict:
    """{which} is positive, so HBV DNA is needed. Enter its result against the limit of quantification, of this sample or of
    another one.
    """
    positive = [
        words for words, result in (("HBsAg", serology.hbsag), ("Anti-HBc", serology.hbcab)) if result == TestResult.POSITIVE
    ]  # fmt: skip
    if not positive:
        return None
    return {"which": positive[0]} if _no_load_in(serology, serologies, "hbv_dna") else False


@rule("ASM-013", Severity.QUERY, "SER.hcv_rna", cites=BY_ID["E9"].text, source=Source.REGISTRY)
def hcv_rna_needed(serology: Serology, serologies: tuple[Serology, ...]) -> Verdict:
    """The HCV antibody is positive, so HCV RNA is needed. Enter its result against the limit of quantification, of this
    sample or of another one.
    """
    if serology.hcvab != TestResult.POSITIVE:
        return None
    return _no_load_in(serology, serologies, "hcv_rna")


@rule("ASM-014", Severity.QUERY, "SER.hbv_prophylaxis", cites=BY_ID["E9"].text, source=Source.REGISTRY)
def prophylaxis_not_assessed(serology: Serology, serologies: tuple[Serology, ...], clock: Clock) -> Verdict:
    """By its serology this is an inactive carrier or a resolved hepatitis B, and whether HBV prophylaxis is needed has no
    answer. Enter it.
    """
    if not _is_the_one(serology, may_reactivate(serologies, PartialDate.of(clock.today))):
        return None
    return not any(each.hbv_prophylaxis for each in serologies)


def _is_the_one(serology: Serology, found: Serology | None) -> bool:
    return found is not None and look(found) is look(serology)


@rule("ASM-015", Severity.NOTICE, "SER.hbv_dna", cites=BY_ID["E9"].text, source=Source.REGISTRY,
      requires=("hbv_dna_interval_days",))
def hbv_dna_due(
    serology: Serology, serologies: tuple[Serology, ...], samples: tuple[HbvMonitoring, ...], patient: Patient, clock: Clock,
    end: EndOfTreatment | None, death: Death | None,
) -> Verdict:  # fmt: skip
    """The next HBV DNA is due since {day}: hepatitis B may come back, and it is monitored for as long as treatment lasts."""
    plain = [look(each) for each in serologies]
    due = next_dna(plain, [look(each) for each in samples], look(patient), clock, ended=end is not None or death is not None)
    if due is None or clock.today < due or look(serology) is not _with_antigen(plain, look(patient), clock):
        return None if due is None else False
    return {"day": PartialDate.of(due)} if serology.hbsag else None


def _with_antigen(serologies: Sequence[Serology], patient: Patient, clock: Clock) -> Serology | None:
    days = (PartialDate.of(clock.today), reference(patient, clock))
    return next((found for day in days if (found := may_reactivate(serologies, day)) is not None), None)


def _turned(serology: Serology, serologies: Sequence[Serology], name: str, positive: str) -> Verdict:
    """Is the marker negative here, and positive in a sample that does not certainly follow?"""
    if getattr(serology, name) != TestResult.NEGATIVE:
        return None
    for other in serologies:
        if getattr(look(other), name) == positive and before(look(serology).taken_on, look(other).taken_on) is not True:
            return {"day": other.taken_on or "an unknown day"} if getattr(other, name) else None
    return False


_TURNED = "A result that was positive and is negative later is worth a look."


@rule("ASM-030", Severity.QUERY, "SER.hiv_status", cites=_TURNED, source=Source.DESIGN, also=("SER.hiv_status",))
def hiv_turned_negative(serology: Serology, serologies: tuple[Serology, ...]) -> Verdict:
    """HIV is negative here, and known positive in the serology of {day}: correct the one that is wrong."""
    return _turned(serology, serologies, "hiv_status", HivStatus.POSITIVE)


@rule("ASM-031", Severity.QUERY, "SER.hbsag", cites=_TURNED, source=Source.DESIGN, also=("SER.hbsag",))
def hbsag_turned_negative(serology: Serology, serologies: tuple[Serology, ...]) -> Verdict:
    """HBsAg is negative here, and positive in the serology of {day}: correct the one that is wrong, or confirm both."""
    return _turned(serology, serologies, "hbsag", TestResult.POSITIVE)


@rule("ASM-032", Severity.QUERY, "SER.hbcab", cites=_TURNED, source=Source.DESIGN, also=("SER.hbcab",))
def hbcab_turned_negative(serology: Serology, serologies: tuple[Serology, ...]) -> Verdict:
    """Anti-HBc is negative here, and positive in the serology of {day}: correct the one that is wrong, or confirm both."""
    return _turned(serology, serologies, "hbcab", TestResult.POSITIVE)


@rule("ASM-033", Severity.QUERY, "SER.hcvab", cites=_TURNED, source=Source.DESIGN, also=("SER.hcvab",))
def hcvab_turned_negative(serology: Serology, serologies: tuple[Serology, ...]) -> Verdict:
    """The HCV antibody is negative here, and positive in the serology of {day}: correct the one that is wrong, or confirm
    both.
    """
    return _turned(serology, serologies, "hcvab", TestResult.POSITIVE)


@rule("ASM-016", Severity.QUERY, "HBV.hbv_dna", cites=BY_ID["E9"].text, source=Source.REGISTRY)
def hbv_reactivation(sample: HbvMonitoring) -> Verdict:
    """HBV DNA is above the limit of quantification: reactivation? Record it as an adverse event, or correct the result."""
    return sample.hbv_dna == ViralLoad.ABOVE if sample.hbv_dna else None


# Laboratory -------------------------------------------------------------------------------------------------------------

_NO_MULTIPLE = "A ratio to a control and a percentage of normal are no multiples of the upper limit of normal."


def _ratio(sample: Coagulation, name: str, ranges: Sequence[ReferenceRange]) -> Verdict:
    if not getattr(sample, name):
        return None
    return laboratory.is_ratio(laboratory.BY_FIELD[name], unit_of(sample, name, [look(each) for each in ranges]))


@rule("ASM-017", Severity.NOTICE, "COA.aptt", cites=_NO_MULTIPLE, source=Source.ASSUMPTION)
def aptt_as_ratio(sample: Coagulation, ranges: tuple[ReferenceRange, ...]) -> Verdict:
    """The aPTT is a ratio, which is no multiple of the upper limit: I6 asks for aPTT or PTT in seconds."""
    return _ratio(sample, "aptt", ranges)


@rule("ASM-018", Severity.NOTICE, "COA.ptt", cites=_NO_MULTIPLE, source=Source.ASSUMPTION)
def ptt_as_ratio(sample: Coagulation, ranges: tuple[ReferenceRange, ...]) -> Verdict:
    """The PTT is a ratio, which is no multiple of the upper limit: I6 asks for aPTT or PTT in seconds."""
    return _ratio(sample, "ptt", ranges)


@rule("ASM-019", Severity.NOTICE, "COA.pt", cites=_NO_MULTIPLE, source=Source.ASSUMPTION)
def quick_instead_of_inr(sample: Coagulation, ranges: tuple[ReferenceRange, ...]) -> Verdict:
    """Quick's percentage and a ratio satisfy no limit: for I6 enter the INR too."""
    if not sample.pt or sample.inr:
        return False if sample.pt else None
    test, unit = laboratory.BY_FIELD["pt"], unit_of(sample, "pt", [look(each) for each in ranges])
    return laboratory.is_quick_percent(test, unit) or laboratory.is_ratio(test, unit)


_RANGES = "A result is read by the range of its laboratory for the patient's sex and age on the day of the sample."
# Worked out from other results: laboratories print no range for it.
_WITHOUT_RANGE = {"CREATCLR", "GFRE"}
_TESTS = {
    form: [test for test in laboratory.TESTS.values() if test.panel is panel and test.code not in _WITHOUT_RANGE]
    for panel, form in FORM_OF.items()
}


def _may_apply(each: ReferenceRange, panel: LaboratoryPanel, sex: str, ages: tuple[int, int]) -> bool:
    return (
        (each.sex in ("", sex) or sex not in (Sex.FEMALE, Sex.MALE))
        and (each.age_from is None or ages[1] >= each.age_from) and (each.age_to is None or ages[0] <= each.age_to)
        and before(panel.taken_on, each.valid_from) is not True and before(each.valid_to, panel.taken_on) is not True
    )  # fmt: skip


def _without_range(
    panel: LaboratoryPanel, ranges: Sequence[ReferenceRange], demographics: Demographics | None
) -> Verdict:
    """What no range can be meant for, whatever of sex, age and day is not known."""
    if not panel.laboratory or panel.taken_on is None or not ranges:
        return None
    plain, known = look(panel), look(demographics)
    mine = [look(each) for each in ranges if look(each).laboratory == plain.laboratory]
    if not mine:
        return {"what": f"“{plain.laboratory}” is not on the site's list of laboratories"}
    sex = known.sex if known else ""
    ages = full_years(known.birth_date if known else None, plain.taken_on) or (0, 200)
    covered = {each.test for each in mine if _may_apply(each, plain, sex, ages)}
    lacking = [test for test in _TESTS[plain.form] if getattr(plain, test.field) and test.code not in covered]
    if not lacking:
        return False
    # Watched, so that a further test without a range is asked about anew.
    names = [test.label for test in lacking if getattr(panel, test.field)]
    return {"what": f"“{plain.laboratory}” has no range on {plain.taken_on} that fits this patient for {', '.join(names)}"}


@rule("ASM-020", Severity.QUERY, "HEM.laboratory", cites=_RANGES, source=Source.DESIGN)
def haematology_without_range(
    panel: Haematology, ranges: tuple[ReferenceRange, ...], demographics: Demographics | None
) -> Verdict:
    """{what}: correct the laboratory's name or the date, or have the range entered in the list."""
    return _without_range(panel, ranges, demographics)


@rule("ASM-021", Severity.QUERY, "CHE.laboratory", cites=_RANGES, source=Source.DESIGN)
def chemistry_without_range(
    panel: Chemistry, ranges: tuple[ReferenceRange, ...], demographics: Demographics | None
) -> Verdict:
    """{what}: correct the laboratory's name or the date, or have the range entered in the list."""
    return _without_range(panel, ranges, demographics)


@rule("ASM-022", Severity.QUERY, "COA.laboratory", cites=_RANGES, source=Source.DESIGN)
def coagulation_without_range(
    panel: Coagulation, ranges: tuple[ReferenceRange, ...], demographics: Demographics | None
) -> Verdict:
    """{what}: correct the laboratory's name or the date, or have the range entered in the list."""
    return _without_range(panel, ranges, demographics)


@rule("ASM-034", Severity.QUERY, "LBO.laboratory", cites=_RANGES, source=Source.DESIGN)
def other_tests_without_range(
    panel: OtherLaboratory, ranges: tuple[ReferenceRange, ...], demographics: Demographics | None
) -> Verdict:
    """{what}: correct the laboratory's name or the date, or have the range entered in the list."""
    return _without_range(panel, ranges, demographics)


# Examinations -----------------------------------------------------------------------------------------------------------

@rule("ASM-023", Severity.QUERY, "VS.systolic", cites="The systolic pressure is the higher one.", source=Source.STANDARD,
      also=("VS.diastolic",))
def systolic_not_above_diastolic(signs: VitalSigns) -> Verdict:
    """The systolic pressure ({systolic}) is not above the diastolic one ({diastolic}): correct the one that is wrong."""
    if signs.systolic is None or signs.diastolic is None:
        return None
    if signs.systolic > signs.diastolic:
        return False
    return {"systolic": f"{signs.systolic:f}", "diastolic": f"{signs.diastolic:f}"}


@rule("ASM-024", Severity.NOTICE, "CV.effusion_method", cites="A MUGA scan normally does not show pericardial effusion.",
      source=Source.ASSUMPTION)
def effusion_by_muga_alone(scan: HeartScan) -> Verdict:
    """A MUGA scan normally does not show pericardial effusion (an assumption of this form, not of the record): was it
    looked for by echocardiogram, CT or MRI too?
    """
    if scan.method != EchoMethod.MUGA or not scan.effusion_method:
        return None
    return scan.effusion_method == EffusionMethod.MUGA
