"""Local laboratory: results and units as printed; number, standard unit and range are derived, never typed twice."""

from __future__ import annotations

from collections.abc import Sequence

from assessments.examinations import AND_EVERY_DOSE, AT_SCREENING, standard_of_care
from assessments.references import suggest_laboratory
from crf.declare import Section
from crf.facts import fact_of
from crf.fields import ClockTimeField, MissingReasonField, PartialDateField, ResultField, SuggestField, UnitField
from crf.models import Crf, one_per_visit
from protocol import laboratory
from protocol import screening_facts as facts
from protocol.clearance import clearance
from protocol.ctcae_lab import LabGrade
from protocol.engine import Case
from protocol.lab_episodes import GRADED_WITH, Results
from protocol.panels import Reading, flag, limits, standard

# A result is read with the laboratory's range for the patient's sex and age, and graded against the one before the first dose.
READ_WITH = GRADED_WITH


def computed(record: Crf, case: Case) -> dict[str, tuple[str, str]]:
    """Beside each stored result what follows from it: '11.2 g/dL = 112 g/L, range 120 to 160: low', and its CTCAE grade."""
    results = Results.of(case, [record.code])
    fact = next((each for each in results.panels if each.id == record.pk), None)
    found = {}
    for name in (name for section in record.sections for name in section.fields):
        result = results.result(fact, name) if fact is not None and name in laboratory.BY_FIELD else None
        if result is not None:
            words = (said(result.reading), graded(result.reading, results.grades(result)))
            found[name] = ({"LOW": "down", "HIGH": "up"}.get(flag(result.reading), ""), ". ".join(filter(None, words)))
    return {name: (kind, sentence) for name, (kind, sentence) in found.items() if sentence}


def graded(reading: Reading, grades: Sequence[LabGrade]) -> str:
    """The CTCAE grade in words with its evidence: by the terms above grade 0, and by those that need something to be told.

    What beside the number would change it is not said at each result: it is on the patient's page of abnormalities. '' for a
    test that no number grades.
    """
    found = [each for each in grades if each.possible]
    certain = [each for each in found if each.grade not in (None, "0")]
    unsure = [each for each in found if each.grade is None]
    said = [f"CTCAE {each.term}, {each.evidence.split('; ', 1)[1]}" for each in certain]
    if unsure:
        missing = ", ".join(dict.fromkeys(word for each in unsure for word in each.missing))
        which = "; ".join(f"{each.term} {' or '.join(each.possible)}" for each in unsure)
        unread = standard(reading) is None
        said.append(f"No CTCAE grade: missing is {missing}" if unread else f"CTCAE grade not certain ({which}): missing is {missing}")
    if found and not said:
        return "CTCAE grade 0"
    return ". ".join(said)


def said(reading: Reading) -> str:
    """The reading in words, limits in the standard unit where there is one; '' when nothing follows from the result."""
    test, result = reading.test, standard(reading)
    if reading.printed is None or laboratory.canonical_unit(test, reading.unit) is None:
        return ""
    known, unit = laboratory.canonical_unit(test, reading.unit), test.unit if result else reading.unit
    words = f"{reading.text} {_unit(reading.unit)}".rstrip()
    if result and known != test.unit and test.factors[known] != 1:
        words += f" = {laboratory.shown(result)} {_unit(test.unit)}"
    low, high = (each and laboratory.shown(each) for each in limits(reading, unit))
    if low and high:
        words += f", range {low} to {high}"
    elif low or high:
        words += f", range {f'from {low}' if low else f'up to {high}'}"
    elif reading.range is None:
        return f"{words}, no range of this laboratory for that day"
    elif (reading.range.low, reading.range.high) != (None, None):
        return f"{words}, its range is in {reading.range.unit} and cannot be compared"
    return words + {"LOW": ": low", "HIGH": ": high", "NORMAL": ": within"}.get(flag(reading), "")


def _unit(unit: str) -> str:
    return "" if unit == "RATIO" else unit


SAMPLE = {"taken_on": "LBDAT", "taken_time": "LBTIM", "laboratory": "LBNAM", "standard_of_care": "LBSOC"}


def _results(sections: tuple[Section, ...]) -> dict[str, str]:
    """The variables of every result of a form: as printed, its unit, and why there is none; a field is named after its test."""
    names = [name for section in sections for name in section.fields if name not in SAMPLE]
    ends = {"": "LBORRES", "_unit": "LBORRESU", "_missing": "LBREASND"}
    return {f"{name}{end}": f"{name.upper()}_{variable}" for name in names for end, variable in ends.items()}


class Haematology(Crf):
    """Haematology of a local laboratory."""

    code = "HEM"
    area = "Laboratory"
    visits = AND_EVERY_DOSE
    domain = "LB"
    dated_by = "taken_on"
    fact = facts.Haematology
    computes_from = ("HEM", *READ_WITH)
    sections = (
        Section("Sample", "taken_on", "taken_time", "laboratory", "standard_of_care"),
        Section("Results", "hgb", "wbc", "neut", "lym", "mono", "eos", "baso", "plat"),
    )  # fmt: skip
    required = ("taken_on", "laboratory", "hgb", "neut", "plat")
    exports = {**SAMPLE, **_results(sections)}

    taken_on = PartialDateField("Date of the sample", past=True)
    taken_time = ClockTimeField("Time of the sample")
    laboratory = SuggestField("Laboratory", help_text="As it is named on the site's list of laboratories")
    standard_of_care = standard_of_care()
    hgb = ResultField("Haemoglobin", test="HGB")
    hgb_unit = UnitField(of="hgb")
    hgb_missing = MissingReasonField(of="hgb")
    wbc = ResultField("Leukocytes", test="WBC")
    wbc_unit = UnitField(of="wbc")
    wbc_missing = MissingReasonField(of="wbc")
    neut = ResultField("Neutrophils", test="NEUT")
    neut_unit = UnitField(of="neut")
    neut_missing = MissingReasonField(of="neut")
    lym = ResultField("Lymphocytes", test="LYM")
    lym_unit = UnitField(of="lym")
    lym_missing = MissingReasonField(of="lym")
    mono = ResultField("Monocytes", test="MONO")
    mono_unit = UnitField(of="mono")
    mono_missing = MissingReasonField(of="mono")
    eos = ResultField("Eosinophils", test="EOS")
    eos_unit = UnitField(of="eos")
    eos_missing = MissingReasonField(of="eos")
    baso = ResultField("Basophils", test="BASO")
    baso_unit = UnitField(of="baso")
    baso_missing = MissingReasonField(of="baso")
    plat = ResultField("Platelets", test="PLAT")
    plat_unit = UnitField(of="plat")
    plat_missing = MissingReasonField(of="plat")

    class Meta:
        verbose_name = verbose_name_plural = "Haematology"
        constraints = one_per_visit("HEM")

    @classmethod
    def adapt(cls, form, patient) -> None:
        suggest_laboratory(form, patient)

    def computed(self, case) -> dict[str, tuple[str, str]]:
        return computed(self, case)


class Chemistry(Crf):
    """Chemistry of a local laboratory."""

    code = "CHE"
    area = "Laboratory"
    visits = AND_EVERY_DOSE
    domain = "LB"
    dated_by = "taken_on"
    fact = facts.Chemistry
    computes_from = ("CHE", *READ_WITH, "VS")  # with the weight for the clearance
    sections = (
        Section("Sample", "taken_on", "taken_time", "laboratory", "standard_of_care"),
        Section("Results", "sodium", "k", "cl", "ca", "mg", "phos", "creat", "creatclr", "gfre", "urea", "urean", "urate",
                "gluc", "alt", "ast", "alp", "ggt", "ldh", "bili", "bildir", "alb", "prot", "crp"),
    )  # fmt: skip
    required = ("taken_on", "laboratory", "creat", "alt", "ast", "bili")
    exports = {**SAMPLE, **_results(sections)}

    taken_on = PartialDateField("Date of the sample", past=True)
    taken_time = ClockTimeField("Time of the sample")
    laboratory = SuggestField("Laboratory", help_text="As it is named on the site's list of laboratories")
    standard_of_care = standard_of_care()
    sodium = ResultField("Sodium", test="SODIUM")
    sodium_unit = UnitField(of="sodium")
    sodium_missing = MissingReasonField(of="sodium")
    k = ResultField("Potassium", test="K")
    k_unit = UnitField(of="k")
    k_missing = MissingReasonField(of="k")
    cl = ResultField("Chloride", test="CL")
    cl_unit = UnitField(of="cl")
    cl_missing = MissingReasonField(of="cl")
    ca = ResultField("Calcium", test="CA")
    ca_unit = UnitField(of="ca")
    ca_missing = MissingReasonField(of="ca")
    mg = ResultField("Magnesium", test="MG")
    mg_unit = UnitField(of="mg")
    mg_missing = MissingReasonField(of="mg")
    phos = ResultField("Phosphate", test="PHOS")
    phos_unit = UnitField(of="phos")
    phos_missing = MissingReasonField(of="phos")
    creat = ResultField("Creatinine", test="CREAT")
    creat_unit = UnitField(of="creat")
    creat_missing = MissingReasonField(of="creat")
    creatclr = ResultField("Creatinine clearance", test="CREATCLR", help_text="Measured. The estimate by Cockcroft-Gault is shown beside creatinine, and never typed")  # fmt: skip  # noqa: E501
    creatclr_unit = UnitField(of="creatclr")
    creatclr_missing = MissingReasonField(of="creatclr")
    gfre = ResultField("eGFR, as the laboratory prints it", test="GFRE")
    gfre_unit = UnitField(of="gfre")
    gfre_missing = MissingReasonField(of="gfre")
    urea = ResultField("Urea", test="UREA")
    urea_unit = UnitField(of="urea")
    urea_missing = MissingReasonField(of="urea")
    urean = ResultField("Urea nitrogen", test="UREAN", help_text="Only where the laboratory prints it instead of urea")
    urean_unit = UnitField(of="urean")
    urean_missing = MissingReasonField(of="urean")
    urate = ResultField("Uric acid", test="URATE")
    urate_unit = UnitField(of="urate")
    urate_missing = MissingReasonField(of="urate")
    gluc = ResultField("Glucose", test="GLUC")
    gluc_unit = UnitField(of="gluc")
    gluc_missing = MissingReasonField(of="gluc")
    alt = ResultField("ALT", test="ALT")
    alt_unit = UnitField(of="alt")
    alt_missing = MissingReasonField(of="alt")
    ast = ResultField("AST", test="AST")
    ast_unit = UnitField(of="ast")
    ast_missing = MissingReasonField(of="ast")
    alp = ResultField("Alkaline phosphatase", test="ALP")
    alp_unit = UnitField(of="alp")
    alp_missing = MissingReasonField(of="alp")
    ggt = ResultField("Gamma-GT", test="GGT")
    ggt_unit = UnitField(of="ggt")
    ggt_missing = MissingReasonField(of="ggt")
    ldh = ResultField("LDH", test="LDH")
    ldh_unit = UnitField(of="ldh")
    ldh_missing = MissingReasonField(of="ldh")
    bili = ResultField("Bilirubin, total", test="BILI")
    bili_unit = UnitField(of="bili")
    bili_missing = MissingReasonField(of="bili")
    bildir = ResultField("Bilirubin, direct", test="BILDIR")
    bildir_unit = UnitField(of="bildir")
    bildir_missing = MissingReasonField(of="bildir")
    alb = ResultField("Albumin", test="ALB")
    alb_unit = UnitField(of="alb")
    alb_missing = MissingReasonField(of="alb")
    prot = ResultField("Total protein", test="PROT")
    prot_unit = UnitField(of="prot")
    prot_missing = MissingReasonField(of="prot")
    crp = ResultField("C-reactive protein", test="CRP")
    crp_unit = UnitField(of="crp")
    crp_missing = MissingReasonField(of="crp")

    class Meta:
        verbose_name = verbose_name_plural = "Chemistry"
        constraints = one_per_visit("CHE")

    @classmethod
    def adapt(cls, form, patient) -> None:
        suggest_laboratory(form, patient)

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """The readings, and beside creatinine the clearance that follows from it."""
        found = computed(self, case)
        estimate = clearance(fact_of(self, ""), case.of("RANGE"), next(iter(case.of("DM")), None), case.of("VS"))
        if estimate is not None:
            kind, sentence = found.get("creat", ("", ""))
            found["creat"] = (kind, f"{sentence}; {estimate}" if sentence else str(estimate))
        return found


class Coagulation(Crf):
    """Coagulation of a local laboratory."""

    code = "COA"
    area = "Laboratory"
    visits = AT_SCREENING
    domain = "LB"
    dated_by = "taken_on"
    fact = facts.Coagulation
    computes_from = ("COA", *READ_WITH)
    sections = (
        Section("Sample", "taken_on", "taken_time", "laboratory", "standard_of_care"),
        Section("Results", "pt", "inr", "aptt", "ptt", "fibrino", "ddimer"),
    )  # fmt: skip
    required = ("taken_on", "laboratory")
    exports = {**SAMPLE, **_results(sections)}

    taken_on = PartialDateField("Date of the sample", past=True)
    taken_time = ClockTimeField("Time of the sample")
    laboratory = SuggestField("Laboratory", help_text="As it is named on the site's list of laboratories")
    standard_of_care = standard_of_care()
    pt = ResultField("Prothrombin time (or Quick)", test="PT")
    pt_unit = UnitField(of="pt")
    pt_missing = MissingReasonField(of="pt")
    inr = ResultField("INR", test="INR")
    inr_unit = UnitField(of="inr")
    inr_missing = MissingReasonField(of="inr")
    aptt = ResultField("aPTT", test="APTT")
    aptt_unit = UnitField(of="aptt")
    aptt_missing = MissingReasonField(of="aptt")
    ptt = ResultField("PTT", test="PTT")
    ptt_unit = UnitField(of="ptt")
    ptt_missing = MissingReasonField(of="ptt")
    fibrino = ResultField("Fibrinogen", test="FIBRINO")
    fibrino_unit = UnitField(of="fibrino")
    fibrino_missing = MissingReasonField(of="fibrino")
    ddimer = ResultField("D-dimer", test="DDIMER", help_text="With FEU in the unit where the laboratory says so")
    ddimer_unit = UnitField(of="ddimer")
    ddimer_missing = MissingReasonField(of="ddimer")

    class Meta:
        verbose_name = verbose_name_plural = "Coagulation"
        constraints = one_per_visit("COA")

    @classmethod
    def adapt(cls, form, patient) -> None:
        suggest_laboratory(form, patient)

    def computed(self, case) -> dict[str, tuple[str, str]]:
        return computed(self, case)


class OtherLaboratory(Crf):
    """Tests of a local laboratory that are made when something asks for them: hormones after a checkpoint inhibitor, others."""

    code = "LBO"
    area = "Laboratory"
    visits = AND_EVERY_DOSE
    domain = "LB"
    dated_by = "taken_on"
    fact = facts.OtherLaboratory
    if_needed = True
    computes_from = ("LBO", *READ_WITH)
    sections = (
        Section("Sample", "taken_on", "taken_time", "laboratory", "standard_of_care"),
        Section("Hormones", "tsh", "t4fr", "t3fr", "cortisol"),
        Section("Other results", "cacr", "ferritin", "lipaset", "amylase", "intlk6"),
    )  # fmt: skip
    required = ("taken_on", "laboratory")
    exports = {**SAMPLE, **_results(sections)}

    taken_on = PartialDateField("Date of the sample", past=True)
    taken_time = ClockTimeField("Time of the sample")
    laboratory = SuggestField("Laboratory", help_text="As it is named on the site's list of laboratories")
    standard_of_care = standard_of_care()
    cacr = ResultField("Calcium, corrected", test="CACR")
    cacr_unit = UnitField(of="cacr")
    cacr_missing = MissingReasonField(of="cacr")
    ferritin = ResultField("Ferritin", test="FERRITIN")
    ferritin_unit = UnitField(of="ferritin")
    ferritin_missing = MissingReasonField(of="ferritin")
    lipaset = ResultField("Lipase", test="LIPASET")
    lipaset_unit = UnitField(of="lipaset")
    lipaset_missing = MissingReasonField(of="lipaset")
    amylase = ResultField("Amylase", test="AMYLASE")
    amylase_unit = UnitField(of="amylase")
    amylase_missing = MissingReasonField(of="amylase")
    tsh = ResultField("TSH", test="TSH")
    tsh_unit = UnitField(of="tsh")
    tsh_missing = MissingReasonField(of="tsh")
    t4fr = ResultField("Free T4", test="T4FR")
    t4fr_unit = UnitField(of="t4fr")
    t4fr_missing = MissingReasonField(of="t4fr")
    t3fr = ResultField("Free T3", test="T3FR")
    t3fr_unit = UnitField(of="t3fr")
    t3fr_missing = MissingReasonField(of="t3fr")
    cortisol = ResultField("Cortisol", test="CORTISOL")
    cortisol_unit = UnitField(of="cortisol")
    cortisol_missing = MissingReasonField(of="cortisol")
    intlk6 = ResultField("Interleukin 6", test="INTLK6")
    intlk6_unit = UnitField(of="intlk6")
    intlk6_missing = MissingReasonField(of="intlk6")

    class Meta:
        verbose_name = verbose_name_plural = "Other laboratory tests"
        constraints = one_per_visit("LBO")

    @classmethod
    def adapt(cls, form, patient) -> None:
        suggest_laboratory(form, patient)

    def computed(self, case) -> dict[str, tuple[str, str]]:
        return computed(self, case)
