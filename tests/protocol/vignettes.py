"""Whole patients for eligibility: one line says what is special about a patient, and which criteria come out how.

All others come out as in the patient of ``whole``: a man born in 1958 (or a woman born in 1985, of childbearing potential)
with extensive-stage disease, against whose registration nothing stands. Consent was signed on 1 June 2026 and the day of
the check is 10 June. The investigator has answered every criterion as satisfied, unless the answers (``ie``) are named.

    Sentence, {criterion: outcome}, the records that are different.

``but_for``: with these records instead the same criterion stands against the patient, so it is the exception that saves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from protocol.atoms import REGISTRATION, Decision
from protocol.engine import Case
from tests.protocol.build import consent, dm, ecog, ie
from tests.protocol.screening_build import (
    aid,
    anticoagulant,
    che,
    cmyn,
    coa,
    cv,
    cvh,
    eg,
    hem,
    hx,
    infection,
    irae,
    line,
    mh,
    om,
    organ,
    ple,
    procedure,
    pt,
    routine,
    rp,
    sclc,
    ser,
    uln,
    vax,
    vs,
    whole,
)


class Comes(Enum):
    """How a criterion comes out: the program's result, and whether the medical reviewer is asked."""

    MET = Decision.MET, False
    NOT_MET = Decision.NOT_MET, False
    PRESENT = Decision.PRESENT, False
    ABSENT = Decision.ABSENT, False
    NA = Decision.NA, False
    JUDGED = Decision.NOT_COMPUTED, False  # nothing is computed: the investigator's answer decides
    OPEN = Decision.UNDETERMINED, False  # missing, unreadable or contradictory: it can be mended
    UNKNOWABLE = Decision.UNDETERMINED, True  # a day that nobody knows any more
    REVIEW = Decision.REVIEW, True  # the wording does not settle it
    REFUSED = "as in the base patient, and the investigator's answer refuses", False

    @property
    def stands_against(self) -> bool:
        return self is Comes.REFUSED or self.value[0].stands_against


MET, NOT_MET, PRESENT, ABSENT, NA, OPEN = Comes.MET, Comes.NOT_MET, Comes.PRESENT, Comes.ABSENT, Comes.NA, Comes.OPEN
UNKNOWABLE, REVIEW, REFUSED = Comes.UNKNOWABLE, Comes.REVIEW, Comes.REFUSED


@dataclass(frozen=True)
class Vignette:
    """A patient; ``but_for`` is the same patient without what saves, ``base`` the one that it is compared with."""

    what: str
    comes: dict[str, Comes]
    of: Case
    base: Case
    gate: int = REGISTRATION
    but_for: Case | None = None
    under: dict[str, object] = field(default_factory=dict)


def v(what, comes, *more, but_for=None, under=None, woman=False, **changes):
    """Before registration."""
    without = whole(*more, woman=woman, **{**changes, **but_for}) if but_for else None
    of = whole(*more, woman=woman, **changes)
    return Vignette(what, comes, of, whole(woman=woman), REGISTRATION, without, under or {})


# Words for records that are often different --------------------------------------------------------------------------------

ANSWERS_OF_A_MAN = {"i09": "NOT APPLICABLE", "e17": "NOT APPLICABLE"}


def limited(drugs="CISPLATIN; ETOPOSIDE; DURVALUMAB", last="2025-12-23", **changes):
    """A line for limited stage; progression was on 11 May 2026."""
    return line(stage="LS", drugs=drugs, chemo_first_on="2025-05-05", chemo_last_on=last, **changes)


def second(drugs="TOPOTECAN", **changes):
    later = {"chemo_first_on": "2026-03-02", "chemo_last_on": "2026-04-13", "ici_first_on": "", "ici_last_on": ""}
    return line(line_number=2, drugs=drugs, **{**later, **changes})


BACK = {"recurrent": "Y", "recurrence_grade": "2"}


def reaction(category, grade="3", **changes):
    return {"hx": hx(irae_any="Y"), "irae": irae(category=category, grade=grade, **changes)}


def vaccinated(kind, on):
    return {"hx": hx(vaccine_any="Y"), "vax": vax(kind, on)}


def cancer(exception="NONE", diagnosed="2025-02", until="2025-03", **changes):
    other = om(exception=exception, diagnosed_on=diagnosed, active_until=until, **changes)
    return {"hx": hx(malignancy_any="Y"), "om": other}


def vascular(kind="MYOCARDIAL INFARCTION", on="2026-01-20", **changes):
    return {"hx": hx(vascular_any="Y"), "cvh": cvh(kind=kind, occurred_on=on, **changes)}


def autoimmune(last="2025-09-01", **changes):
    return {"hx": hx(autoimmune_any="Y"), "aid": aid(last_treated_on=last, **changes)}


def operated(on="2026-05-20", name="Hip replacement", major="Y"):
    return {"hx": hx(surgery_any="Y"), "procedure": procedure(name=name, performed_on=on, major=major)}


def infected(**changes):
    return {"hx": hx(infection_any="Y"), "infection": infection(**changes)}


def on_a_drip(since, **changes):
    """Pneumonia under intravenous antibiotics."""
    unfinished = {"active": "Y", "parenteral": "Y", "antibiotics_completed": "N", "symptoms_resolved": "N"}
    return infected(**{"name": "Pneumonia", "started_on": since, **unfinished, **changes})


def anticoagulated(inr="2.6", **changes):
    return {"cmyn": cmyn(any_medication="Y", any_anticoagulant="Y"), "cm": anticoagulant(**changes), "coa": coa(inr=inr)}


def hepatitis(**changes):
    return {"ser": ser(**changes)}


def later_sample(**results):
    """A serology at an unscheduled visit with these results only."""
    nothing = dict.fromkeys(("hiv_status", "hbsag", "hbcab", "hcvab"), "")
    return ser(**{"visit": "UNS-01", "taken_on": "2026-06-09", **nothing, **results})


NO_POTENTIAL = rp(potential="N", no_potential_reason="POSTMENOPAUSAL", menopausal_status="POSTMENOPAUSAL")
HAEMOGLOBIN = {"laboratory_thresholds": [
    {"group": "haematological", "test": "HGB", "operator": ">=", "value": "9", "of": "unit", "unit": "g/dL",
     "with_liver_metastases": None},
]}  # fmt: skip
ALT = {"laboratory_thresholds": [
    {"group": "liver", "test": "ALT", "operator": "<=", "value": "2.5", "of": "ULN", "unit": "",
     "with_liver_metastases": "5"},
]}  # fmt: skip


# Each criterion failing alone ----------------------------------------------------------------------------------------------

ALONE = [
    v("Small cell lung cancer was assumed from imaging and never confirmed.", {"I0": NOT_MET},
      sclc=sclc(confirmed_by="NOT CONFIRMED")),
    v("The disease is of limited stage at enrolment.", {"I0": NOT_MET}, sclc=sclc(stage_at_enrolment="LS")),
    v("Carboplatin-etoposide without any checkpoint inhibitor for extensive stage.", {"I1": NOT_MET},
      line=line(drugs="CARBOPLATIN; ETOPOSIDE")),
    v("Two lines of platinum-etoposide with atezolizumab, both for extensive stage.", {"I1": NOT_MET},
      line=(line(), second("CARBOPLATIN; ETOPOSIDE; ATEZOLIZUMAB"))),
    v("Only topotecan so far, and no platinum-etoposide: there is no first line to progress on.",
      {"I1": NOT_MET, "I2": OPEN},
      line=line(drugs="TOPOTECAN; ATEZOLIZUMAB")),
    v("Irinotecan in place of etoposide: the line is no platinum-etoposide doublet.", {"I1": NOT_MET, "I2": OPEN},
      line=line(drugs="CARBOPLATIN; IRINOTECAN; ATEZOLIZUMAB")),
    v("The progression that is entered lies before the first line of treatment.", {"I2": NOT_MET},
      sclc=sclc(progressed_on="2025-10-19")),
    v("No progression date is entered.", {"I2": OPEN}, sclc=sclc(progressed_on="")),
    v("ECOG 1: too fit for this trial.", {"I3": NOT_MET}, ecog=ecog("1")),
    v("ECOG 3: too ill for this trial.", {"I3": NOT_MET}, ecog=ecog("3")),
    v("Consent was signed the day before the 18th birthday.", {"I4": NOT_MET}, dm=dm("2008-06-02", "M")),
    v("The investigator judges renal function as not adequate.", {"I5": NOT_MET}, organ=organ(renal="N")),
    v("The judgement of liver function is missing.", {"I5": OPEN}, organ=organ(liver="")),
    v("INR 1.9 with an upper limit of 1.2, without an anticoagulant.", {"I6": NOT_MET}, coa=coa(inr="1.9")),
    v("An aPTT of 62 s with an upper limit of 40 s.", {"I6": NOT_MET}, coa=coa(aptt="62")),
    v("A clinically significant pleural effusion without a catheter.", {"I7": NOT_MET},
      ple=ple(effusion="Y", significant="Y", catheter="N")),
    v("Oxygen saturation of 94 % under 2 litres of oxygen.", {"I7": NOT_MET}, vs=vs(oxygen_saturation=94, room_air="N")),
    v("LVEF 45 %.", {"I8": NOT_MET}, cv=cv(lvef=45)),
    v("A clinically significant pericardial effusion on the echocardiogram.", {"I8": NOT_MET},
      cv=cv(effusion="Y", effusion_significant="Y")),
    v("Atrial fibrillation on the ECG, judged as clinically significant.", {"I8": NOT_MET},
      eg=eg(interpretation="ABNORMAL", significant="Y")),
    v("The pregnancy test of a woman of childbearing potential was 36 days ago.", {"I9": NOT_MET}, woman=True,
      pt=pt("2026-05-05", standard_of_care="Y")),
    v("A woman of childbearing potential without any pregnancy test.", {"I9": OPEN}, woman=True, pt=None),
    v("The investigator has not dated the signature under the consent.", {"I10": OPEN}, consent=consent("2026-06-01", "")),
    v("The investigator's signature is dated the day after the check.", {"I10": NOT_MET},
      consent=consent("2026-06-01", "2026-06-11")),
    v("The investigator signed on 9 June, and the echocardiogram for the trial was on the 4th.", {"I10": NOT_MET},
      consent=consent("2026-06-01", "2026-06-09"), **routine(cv=cv(standard_of_care="N"))),
    v("Leptomeningeal disease on the MRI.", {"E1": PRESENT}, sclc=sclc(leptomeningeal="Y")),
    v("Spinal cord compression.", {"E1": PRESENT}, sclc=sclc(cord_compression="Y")),
    v("Colitis of grade 4 under atezolizumab.", {"E2": PRESENT}, **reaction("OTHER", "4", term="Colitis")),
    v("Immune-mediated encephalitis of grade 1.", {"E2": PRESENT}, **reaction("CNS", "1", term="Encephalitis")),
    v("Pneumonitis of grade 2 that came back under atezolizumab.", {"E2": PRESENT},
      **reaction("PNEUMONITIS", "2", **BACK)),
    v("Pneumonitis of grade 3 that came back with grade 2.", {"E2": PRESENT},
      **reaction("PNEUMONITIS", "3", **BACK)),
    v("An infusion-related reaction of grade 2 ended atezolizumab for good.", {"E2": PRESENT},
      **reaction("INFUSION RELATED REACTION", "2", ici_stopped="Y")),
    v("Active psoriasis, treated with methotrexate until last September.", {"E3": PRESENT}, **autoimmune()),
    v("Another disease will need immunosuppressive therapy during the trial.", {"E3": PRESENT},
      hx=hx(immunosuppression_needed="Y")),
    v("A kidney transplant in 1998.", {"E4": PRESENT}, hx=hx(transplant="Y", transplant_organ="Kidney")),
    v("A yellow fever vaccine 9 days ago.", {"E5": PRESENT}, **vaccinated("LIVE-ATTENUATED", "2026-06-01")),
    v("A COVID-19 mRNA vaccine yesterday.", {"E5": PRESENT}, **vaccinated("INACTIVATED OR NON-LIVE", "2026-06-09")),
    v("A renal cell carcinoma that was diagnosed last year.", {"E6": PRESENT}, **cancer()),
    v("A myocardial infarction in January.", {"E7": PRESENT}, **vascular()),
    v("Heart failure of NYHA class III in March.", {"E7": PRESENT},
      **vascular("CONGESTIVE HEART FAILURE", "2024", nyha="CLASS III", nyha_on="2026-03-03", ongoing="Y")),
    v("A transient ischaemic attack in April.", {"E8": PRESENT}, **vascular("TRANSIENT ISCHEMIC ATTACK", "2026-04-11")),
    v("Known HIV infection that is not controlled.", {"E9": PRESENT},
      **hepatitis(hiv_status="KNOWN POSITIVE", hiv_controlled="N")),
    v("Active hepatitis C: antibody and RNA above the limit of quantification.", {"E9": PRESENT},
      **hepatitis(hcvab="POSITIVE", hcv_rna="ABOVE LOQ")),
    v("Active hepatitis B: HBsAg and DNA above the limit of quantification.", {"E9": PRESENT},
      **hepatitis(hbsag="POSITIVE", hbcab="POSITIVE", hbv_dna_value=2000, hbv_dna_loq=20)),
    v("Pneumonia under intravenous antibiotics.", {"E12": PRESENT},
      **infected(name="Pneumonia", active="Y", parenteral="Y", antibiotics_completed="N", symptoms_resolved="N")),
    v("Interstitial lung disease on the CT.", {"E13": PRESENT}, hx=hx(ild="Y")),
    v("Active, non-infectious pneumonitis on the CT.", {"E13": PRESENT}, hx=hx(pneumonitis_active="Y")),
    v("A hip replacement three weeks ago.", {"E14": PRESENT}, **operated()),
    v("The investigator sees a concurrent condition that compromises safety: the program computes nothing.",
      {"E15": REFUSED},
      ie=ie(**ANSWERS_OF_A_MAN, e15="PRESENT", e15_details="Decompensated cirrhosis")),
    v("The investigator expects that the patient will not comply: the program computes nothing.", {"E16": REFUSED},
      ie=ie(**ANSWERS_OF_A_MAN, e16="PRESENT", e16_details="Has missed all visits")),
    v("A woman who is breast-feeding.", {"E17": PRESENT}, woman=True, rp=rp(breastfeeding="Y")),
    v("A sexually active man who is not willing to use contraception.", {"E18": PRESENT},
      rp=rp(woman=False, willing="N", method="")),
    v("A sexually active woman of childbearing potential who is not willing to use contraception.", {"E18": PRESENT},
      woman=True,
      rp=rp(willing="N", method="")),
]  # fmt: skip


# An exception, or the other side of the wording, saves the patient ---------------------------------------------------------

STABLE = {"replacement": "Y", "stable": "Y"}
TREATED = {"adequately_treated": "Y", "no_evidence": "Y"}
SAVED = [
    v("Limited stage, progression 5 months after the last chemotherapy, during durvalumab.", {"I1": MET}, line=limited(),
      but_for={"line": limited(last="2025-10-23")}),
    v("Limited stage, progression between two cycles of chemotherapy.", {"I1": MET}, line=limited(last="2026-06-01"),
      but_for={"line": limited(last="2025-10-23")}),
    v("A pleural effusion that is managed with an indwelling catheter.", {"I7": MET},
      ple=ple(effusion="Y", significant="Y", catheter="Y"),
      but_for={"ple": ple(effusion="Y", significant="Y", catheter="N")}),
    v("A small pleural effusion, judged as not significant.", {"I7": MET},
      ple=ple(effusion="Y", significant="N", catheter="N"),
      but_for={"ple": ple(effusion="Y", significant="Y", catheter="N")}),
    v("INR 2.6 on a vitamin K antagonist whose dose has been the same since January.", {"I6": MET}, **anticoagulated(),
      but_for={"cmyn": cmyn(), "cm": None}),
    v("Therapeutic anticoagulation, dose unchanged for exactly 42 days.", {"I6": MET},
      **anticoagulated(changed_on="2026-04-29"),
      but_for=anticoagulated(changed_on="2026-04-30")),
    v("A pericardial effusion that is not clinically significant.", {"I8": MET},
      cv=cv(effusion="Y", effusion_significant="N"),
      but_for={"cv": cv(effusion="Y", effusion_significant="Y")}),
    v("An old bundle branch block, judged as not significant.", {"I8": MET},
      eg=eg(interpretation="ABNORMAL", significant="N"),
      but_for={"eg": eg(interpretation="ABNORMAL", significant="Y")}),
    v("A woman after the menopause: no pregnancy test, no question about contraception.", {"I9": NA, "E18": NA}, woman=True,
      pt=None,
      rp=NO_POTENTIAL, but_for={"rp": rp(sexually_active="", willing="")}),
    v("Hypothyroidism of grade 3 under atezolizumab, stable on levothyroxine.", {"E2": ABSENT},
      **reaction("ENDOCRINE", "3", **STABLE),
      but_for=reaction("ENDOCRINE", "3", replacement="Y", stable="N")),
    v("Type 1 diabetes of grade 4 under durvalumab, stable on insulin.", {"E2": ABSENT},
      **reaction("ENDOCRINE", "4", **STABLE),
      but_for=reaction("OTHER", "4", **STABLE)),
    v("Immune-mediated hepatitis of grade 2.", {"E2": ABSENT}, **reaction("OTHER", "2"), but_for=reaction("OTHER", "3")),
    v("Pneumonitis of grade 2, once.", {"E2": ABSENT}, **reaction("PNEUMONITIS", "2"),
      but_for=reaction("PNEUMONITIS", "2", **BACK)),
    v("Recurrent pneumonitis of grade 1.", {"E2": ABSENT}, **reaction("PNEUMONITIS", "1", recurrent="Y", recurrence_grade="1"),
      but_for=reaction("PNEUMONITIS", "2", **BACK)),
    v("An infusion-related reaction after which atezolizumab went on.", {"E2": ABSENT},
      **reaction("INFUSION RELATED REACTION", "2"),
      but_for=reaction("INFUSION RELATED REACTION", "2", ici_stopped="Y")),
    v("Autoimmune thyroiditis on replacement therapy only.", {"E3": ABSENT},
      **autoimmune("", name="Hashimoto thyroiditis", replacement_only="Y", treatment_ongoing="Y"),
      but_for=autoimmune("", name="Hashimoto thyroiditis", treatment_ongoing="Y")),
    v("Vitiligo, active, never treated systemically.", {"E3": ABSENT},
      **autoimmune("", name="Vitiligo", systemic="N", replacement_only=""), but_for=autoimmune()),
    v("Rheumatoid arthritis in remission.", {"E3": ABSENT}, **autoimmune(active="N"), but_for=autoimmune()),
    v("A prostate cancer of low risk, operated, free of disease for 14 months, at low risk of recurrence.", {"E6": ABSENT},
      **cancer("LOW RISK", curative="Y", no_evidence="Y", no_evidence_since="2025-04-01", low_risk="Y"), but_for=cancer()),
    v("A basal cell carcinoma of the skin, excised.", {"E6": ABSENT},
      **cancer("NON-MELANOMA SKIN OR LENTIGO MALIGNA", **TREATED),
      but_for=cancer("NON-MELANOMA SKIN OR LENTIGO MALIGNA", adequately_treated="Y", no_evidence="N")),
    v("A cervical carcinoma in situ, treated by conisation.", {"E6": ABSENT}, woman=True,
      **cancer("CERVICAL CARCINOMA IN SITU", **TREATED),
      but_for=cancer("CERVICAL CARCINOMA IN SITU", adequately_treated="N", no_evidence="Y")),
    v("A ductal carcinoma in situ of the breast, operated and irradiated.", {"E6": ABSENT}, woman=True,
      **cancer("BREAST DCIS", **TREATED),
      but_for=cancer("BREAST DCIS", adequately_treated="Y", no_evidence="N")),
    v("Prostatic intraepithelial neoplasia without evidence of prostate cancer.", {"E6": ABSENT},
      **cancer("PROSTATIC INTRAEPITHELIAL NEOPLASIA", no_evidence="Y"),
      but_for=cancer("PROSTATIC INTRAEPITHELIAL NEOPLASIA", no_evidence="N")),
    v("A papillary non-invasive carcinoma of the bladder, adequately treated; the wording asks for nothing else.",
      {"E6": ABSENT},
      **cancer("UROTHELIAL NON-INVASIVE", adequately_treated="Y"),
      but_for=cancer("UROTHELIAL NON-INVASIVE", adequately_treated="N")),
    v("Heart failure of NYHA class II.", {"E7": ABSENT},
      **vascular("CONGESTIVE HEART FAILURE", "2024", nyha="CLASS II", nyha_on="2026-03-03", ongoing="Y"),
      but_for=vascular("CONGESTIVE HEART FAILURE", "2024", nyha="CLASS III", nyha_on="2026-03-03", ongoing="Y")),
    v("A deep vein thrombosis in April: not arterial.", {"E8": ABSENT}, **vascular("OTHER", "2026-04-11"),
      but_for=vascular("OTHER ARTERIAL THROMBOSIS", "2026-04-11")),
    v("Known HIV infection, controlled.", {"E9": ABSENT}, **hepatitis(hiv_status="KNOWN POSITIVE", hiv_controlled="Y"),
      but_for=hepatitis(hiv_status="KNOWN POSITIVE", hiv_controlled="N")),
    v("HIV never tested: the record asks for no test.", {"E9": ABSENT}, **hepatitis(hiv_status="NOT TESTED"),
      but_for=hepatitis(hiv_status="")),
    v("Hepatitis C cured: antibody, RNA below the limit.", {"E9": ABSENT},
      **hepatitis(hcvab="POSITIVE", hcv_rna="BELOW LOQ"),
      but_for=hepatitis(hcvab="POSITIVE", hcv_rna="ABOVE LOQ")),
    v("Inactive carrier of hepatitis B: HBsAg, DNA not detected.", {"E9": ABSENT},
      **hepatitis(hbsag="POSITIVE", hbcab="POSITIVE", hbv_dna="TARGET NOT DETECTED"),
      but_for=hepatitis(hbsag="POSITIVE", hbcab="POSITIVE", hbv_dna="ABOVE LOQ")),
    v("Resolved hepatitis B: anti-HBc without HBsAg, DNA 10 IU/mL with a limit of 20.", {"E9": ABSENT},
      **hepatitis(hbcab="POSITIVE", hbv_dna_value=10, hbv_dna_loq=20), but_for=hepatitis(hbcab="POSITIVE")),
    v("A pneumonia whose intravenous antibiotics are completed and whose symptoms are gone, since yesterday.",
      {"E12": ABSENT},
      **infected(parenteral="Y", antibiotics_completed="Y", antibiotics_ended_on="2026-06-09", symptoms_resolved="Y"),
      but_for=infected(parenteral="Y", antibiotics_completed="Y", antibiotics_ended_on="2026-06-09", symptoms_resolved="N")),
    v("A cystitis treated with tablets.", {"E12": ABSENT}, **infected(name="Cystitis", active="Y"),
      but_for=infected(name="Cystitis", active="Y", parenteral="Y", antibiotics_completed="N", symptoms_resolved="N")),
    v("A port was implanted last week: a minor procedure.", {"E14": ABSENT},
      **operated("2026-06-03", "Port implantation", "N"),
      but_for=operated("2026-06-03")),
    v("A man who is not sexually active and was not asked about contraception.", {"E18": NA},
      rp=rp(woman=False, sexually_active="N", willing="", method=""), but_for={"rp": rp(woman=False, willing="N")}),
]  # fmt: skip


# What the reference calls ambiguous, and what the data leave open ----------------------------------------------------------

AMBIGUOUS = [
    v("Limited stage, progression within 6 months, and no checkpoint inhibitor ever.", {"I1": REVIEW},
      line=limited("CISPLATIN; ETOPOSIDE")),
    v("Limited stage with relapse after a year, then platinum-etoposide with atezolizumab for extensive stage.",
      {"I1": REVIEW},
      line=(limited(last="2023-07-10", relapsed_on="2025-09-15"), line(line_number=2))),
    v("Limited stage with relapse after 3 months, then platinum-etoposide again: two lines count.", {"I1": NOT_MET},
      line=(limited(last="2025-07-07", relapsed_on="2025-10-07"), line(line_number=2))),
    v("A second line of topotecan after platinum-etoposide with atezolizumab.", {"I1": REVIEW}, line=(line(), second())),
    v("Limited stage, progression in an unknown day of the month in which the 6 months ended.", {"I1": UNKNOWABLE},
      sclc=sclc(progressed_on="2026-05"), line=limited(last="2025-11-11")),
    v("Progression in October 2025, day unknown; treatment began on the 20th.", {"I2": UNKNOWABLE},
      sclc=sclc(progressed_on="2025-10")),
    v("ECOG 2 at screening, and 3 a week later: the last one counts.", {"I3": NOT_MET},
      again=ecog("3", "2026-06-09", visit="UNS-01")),
    v("ECOG 3 at screening, and 2 a week later: the last one counts.", {"I3": MET}, ecog=ecog("3"),
      again=ecog("2", "2026-06-09", visit="UNS-01"), but_for={"again": None}),
    v("Only birth month and year are known, and the 18th birthday is in the month of consent.", {"I4": UNKNOWABLE},
      dm=dm("2008-06", "M")),
    v("Only the birth year is known, and it is 18 years before consent.", {"I4": UNKNOWABLE}, dm=dm("2008", "M")),
    v("Only the birth year is known, and it is 19 years before consent: an adult in any case.", {"I4": MET},
      dm=dm("2007", "M")),
    v("Haemoglobin 8.5 g/dL and judged as adequate: the record gives no threshold, so the judgement decides.",
      {"I5": Comes.JUDGED},
      hem=hem(hgb="8.5")),
    v("Haemoglobin 8.5 g/dL and judged as adequate, with a threshold of 9 g/dL supplied.", {"I5": NOT_MET},
      hem=hem(hgb="8.5"),
      under=HAEMOGLOBIN),
    v("ALT 4 x ULN with liver metastases, under a threshold of 2.5, with liver metastases 5.", {"I5": Comes.JUDGED},
      under=ALT,
      che=che(alt="160"), sclc=sclc(liver_metastases="Y"), but_for={"sclc": sclc()}),
    v("The prothrombin time is printed as Quick's percentage only.", {"I6": OPEN}, coa=coa(inr="", pt="85", pt_unit="%")),
    v("The aPTT is printed as a ratio only.", {"I6": OPEN}, coa=coa(aptt="1.1", aptt_unit="ratio")),
    v("The aPTT is in a unit that nobody has mapped.", {"I6": OPEN}, coa=coa(aptt="30", aptt_unit="ticks")),
    v("The laboratory gives no upper limit for the INR.", {"I6": OPEN}, ranges=(uln("APTT", "40", "s"),)),
    v("INR normal and prothrombin time above 1.5 x ULN: both are entered, so both must pass.", {"I6": NOT_MET},
      coa=coa(pt="20", pt_unit="s")),
    v("Prophylactic heparin with INR 1.9: only therapeutic anticoagulation is excepted.", {"I6": NOT_MET},
      **anticoagulated("1.9", name="Enoxaparin", intent="PROPHYLACTIC")),
    v("An anticoagulant of which nobody says whether it is therapeutic.", {"I6": OPEN}, **anticoagulated(intent="")),
    v("Pneumonitis of grade 2 that came back with grade 1.", {"E2": REVIEW},
      **reaction("PNEUMONITIS", "2", recurrent="Y", recurrence_grade="1")),
    v("Pneumonitis of grade 2 came back, and nobody has entered with which grade.", {"E2": OPEN},
      **reaction("PNEUMONITIS", "2", recurrent="Y")),
    v("Phenprocoumon adjusted two weeks ago to keep the INR in range, and called stable.", {"I6": REVIEW},
      **anticoagulated(name="Phenprocoumon", changed_on="2026-05-27", stable_confirmed="Y")),
    v("Phenprocoumon unchanged since January, and called not stable.", {"I6": NOT_MET},
      **anticoagulated(stable_confirmed="N")),
    v("Apixaban begun in April, day unknown: 42 days before the check are the 29th.", {"I6": UNKNOWABLE},
      **anticoagulated(started_on="2026-04")),
    v("A MUGA scan, and nobody says how a pericardial effusion was looked for.", {"I8": OPEN}, cv=cv(method="MUGA")),
    v("LVEF 60 % without effusion, and nobody says whether by ECHO or MUGA.", {"I8": OPEN}, cv=cv(method="")),
    v("The last pregnancy test is indeterminate.", {"I9": OPEN}, woman=True, pt=(pt(), pt("2026-06-09", "INDETERMINATE"))),
    v("The patient signed in June, day unknown.", {"I10": UNKNOWABLE}, consent=consent("2026-06", "2026-06-01"), **routine()),
    v("Blood was taken before both had signed, and nobody says whether it was routine care.", {"I10": OPEN},
      hem=hem(taken_on="2026-05-29")),
    v("Brain metastases, irradiated: the record does not exclude them.", {"E1": ABSENT},
      sclc=sclc(brain_metastases="Y", brain_treated="Y", brain_steroids="N")),
    v("Pneumonitis in which nobody says whether it came back.", {"E2": OPEN}, **reaction("PNEUMONITIS", "2", recurrent="")),
    v("Dermatitis of grade 3: 'severe' is read as grade 3.", {"E2": PRESENT}, **reaction("OTHER", "3", term="Dermatitis")),
    v("Hypophysitis of grade 3, stable on hydrocortisone, entered as endocrine.", {"E2": ABSENT},
      but_for=reaction("CNS", "3", **STABLE),
      **reaction("ENDOCRINE", "3", term="Hypophysitis", **STABLE)),
    v("Immune-related events are said to be there, and none is entered.", {"E2": OPEN}, hx=hx(irae_any="Y")),
    v("No checkpoint inhibitor was given, so E2 does not wait for its question.", {"I1": NOT_MET, "E2": ABSENT},
      line=line(drugs="CARBOPLATIN; ETOPOSIDE"), hx=hx(irae_any="")),
    v("Psoriasis last treated systemically in June 2024, day unknown.", {"E3": UNKNOWABLE}, **autoimmune("2024-06")),
    v("A live vaccine in May, day unknown.", {"E5": UNKNOWABLE}, **vaccinated("LIVE", "2026-05")),
    v("An inactivated vaccine in June, day unknown.", {"E5": UNKNOWABLE},
      **vaccinated("INACTIVATED OR NON-LIVE", "2026-06")),
    v("A renal cell carcinoma diagnosed and removed in June 2024, day unknown.", {"E6": UNKNOWABLE},
      **cancer("NONE", "2024-06", "2024-06")),
    v("A low-risk cancer without evidence of disease since June 2025, day unknown.", {"E6": UNKNOWABLE},
      **cancer("LOW RISK", curative="Y", no_evidence="Y", no_evidence_since="2025-06", low_risk="Y")),
    v("A lymphoma of 2015 that is still active.", {"E6": PRESENT},
      **cancer("NONE", "2015", "", kind="Lymphoma", still_active="Y")),
    v("A myocardial infarction in 2025, nothing else known.", {"E7": UNKNOWABLE}, **vascular(on="2025")),
    v("Heart failure of NYHA class IV in 2020, with nothing said about the last 12 months.", {"E7": OPEN},
      **vascular("CONGESTIVE HEART FAILURE", "2018", nyha="CLASS IV", nyha_on="2020-05-01", ongoing="Y")),
    v("Heart failure of NYHA class IV in 2020 and III last month: the worst class of the last 12 months is entered.",
      {"E7": PRESENT}, **vascular("CONGESTIVE HEART FAILURE", "2018", nyha="CLASS III", nyha_on="2026-05-12", ongoing="Y")),
    v("A stroke in June 2025, day unknown.", {"E8": UNKNOWABLE}, **vascular("STROKE", "2025-06")),
    v("HCV RNA above the limit without antibody.", {"E9": REVIEW}, **hepatitis(hcv_rna="ABOVE LOQ")),
    v("HCV antibody and no RNA.", {"E9": OPEN}, **hepatitis(hcvab="POSITIVE")),
    v("HCV antibody, and RNA exactly at the limit of quantification.", {"E9": REVIEW},
      **hepatitis(hcvab="POSITIVE", hcv_rna_value=15, hcv_rna_loq=15)),
    v("HBV DNA above the limit with anti-HBc and without HBsAg.", {"E9": REVIEW},
      **hepatitis(hbcab="POSITIVE", hbv_dna="ABOVE LOQ")),
    v("HBV DNA above the limit with neither HBsAg nor anti-HBc.", {"E9": REVIEW}, **hepatitis(hbv_dna="ABOVE LOQ")),
    v("HBsAg, and HBV DNA exactly at the limit of quantification.", {"E9": REVIEW},
      **hepatitis(hbsag="POSITIVE", hbcab="POSITIVE", hbv_dna_value=20, hbv_dna_loq=20)),
    v("HBsAg and no HBV DNA.", {"E9": OPEN}, **hepatitis(hbsag="POSITIVE", hbcab="POSITIVE")),
    v("HBsAg negative, anti-HBc not done.", {"E9": OPEN}, **hepatitis(hbcab="NOT DONE")),
    v("HBsAg indeterminate.", {"E9": OPEN}, **hepatitis(hbsag="INDETERMINATE")),
    v("Known HIV infection that is not controlled, and 'not tested' in a later serology.", {"E9": PRESENT},
      **hepatitis(hiv_status="KNOWN POSITIVE", hiv_controlled="N"), again=later_sample(hiv_status="NOT TESTED")),
    v("Known HIV infection, and negative in a later serology: one of the two is wrong.", {"E9": OPEN},
      **hepatitis(hiv_status="KNOWN POSITIVE", hiv_controlled="N"), again=later_sample(hiv_status="NEGATIVE")),
    v("HBsAg, and HBV DNA above the limit in a later sample of DNA alone.", {"E9": PRESENT},
      **hepatitis(hbsag="POSITIVE", hbcab="POSITIVE"), again=later_sample(hbv_dna="ABOVE LOQ")),
    v("HBsAg, and HBV DNA below the limit in a later sample of DNA alone: an inactive carrier.", {"E9": ABSENT},
      **hepatitis(hbsag="POSITIVE", hbcab="POSITIVE"), again=later_sample(hbv_dna="BELOW LOQ"), but_for={"again": None}),
    v("Active hepatitis C, and a later sample in which HCV was not done.", {"E9": PRESENT},
      **hepatitis(hcvab="POSITIVE", hcv_rna="ABOVE LOQ"), again=later_sample(hcvab="NOT DONE", hcv_rna="NOT DONE")),
    v("A radiation pneumonitis of 2024, resolved: judged as neither interstitial disease nor active.", {"E13": ABSENT},
      mh=mh(term="Radiation pneumonitis", started_on="2024-03", ongoing="N", ended_on="2024-08")),
    v("An operation in May, day unknown: the 5 weeks begin on the 6th.", {"E14": UNKNOWABLE}, **operated("2026-05")),
    v("Entered as not pregnant, and the last test is positive.", {"I9": NOT_MET, "E17": OPEN}, woman=True,
      pt=(pt(), pt("2026-06-09", "POSITIVE"))),
]  # fmt: skip


# A month or year that is not over ends with the day of the check: no form takes a day that is still to come ---------------------

SEEN_LATER = {"enrolled": "2026-06-10", "today": "2026-07-01"}
SO_FAR = [
    v("A myocardial infarction this month, day unknown: it lies before the check in any case.", {"E7": PRESENT},
      **vascular(on="2026-06")),
    v("A stroke this year, nothing else known.", {"E8": PRESENT}, **vascular("STROKE", "2026")),
    v("Heart failure of NYHA class IV this month, day unknown.", {"E7": PRESENT},
      **vascular("CONGESTIVE HEART FAILURE", "2024", nyha="CLASS IV", nyha_on="2026-06", ongoing="Y")),
    v("A live vaccine this month, which has come to its 10th day.", {"E5": PRESENT}, **vaccinated("LIVE", "2026-06")),
    v("A melanoma diagnosed this year, nothing else known.", {"E6": PRESENT},
      **cancer("NONE", "2026", "", kind="Melanoma", still_active="Y")),
    v("A major operation this month, day unknown.", {"E14": PRESENT}, **operated("2026-06")),
    v("Progression this month, day unknown: after the first line and not after the check.", {"I2": MET},
      sclc=sclc(progressed_on="2026-06"), but_for={"sclc": sclc(progressed_on="2025-09")}),
    v("Apixaban begun this month, day unknown: not six weeks ago.", {"I6": NOT_MET}, **anticoagulated(started_on="2026-06")),
    v("Registered on 10 June, and an infarction in June that is read in July: before or after, nobody can say.",
      {"E7": UNKNOWABLE}, **vascular(on="2026-06"), **SEEN_LATER),
    v("Registered on 10 June, and an operation in June that is read in July.", {"E14": UNKNOWABLE}, **operated("2026-06"),
      **SEEN_LATER),
]  # fmt: skip


# Boundary days: each line is the last good day or value, and but_for the next one ------------------------------------------

LEAP = {"today": "2028-02-29"}
BOUNDARIES = [
    v("Consent on the 18th birthday.", {"I4": MET}, dm=dm("2008-06-01", "M"), but_for={"dm": dm("2008-06-02", "M")}),
    v("Born on 29 February 2008, consent on 1 March 2026.", {"I4": MET}, dm=dm("2008-02-29", "M"),
      consent=consent("2026-03-01", "2026-03-01"), but_for={"consent": consent("2026-02-28", "2026-02-28")}),
    v("Limited stage, progression 6 months to the day after the last chemotherapy.", {"I1": MET},
      line=limited(last="2025-11-11"),
      but_for={"line": limited(last="2025-11-10")}),
    v("Last chemotherapy on 31 August, progression on 28 February: six calendar months.", {"I1": MET},
      line=limited(last="2025-08-31"),
      sclc=sclc(progressed_on="2026-02-28"), but_for={"sclc": sclc(progressed_on="2026-03-01")}),
    v("Progression on the first day of treatment.", {"I2": MET}, sclc=sclc(progressed_on="2025-10-20"),
      but_for={"sclc": sclc(progressed_on="2025-10-19")}),
    v("INR exactly 1.5 x ULN.", {"I6": MET}, coa=coa(inr="1.8"), but_for={"coa": coa(inr="1.81")}),
    v("Oxygen saturation 91 %.", {"I7": MET}, vs=vs(oxygen_saturation=91), but_for={"vs": vs(oxygen_saturation=90)}),
    v("LVEF exactly 50 %.", {"I8": MET}, cv=cv(lvef=50), but_for={"cv": cv(lvef=49)}),
    v("A routine pregnancy test 35 days before.", {"I9": MET}, woman=True, pt=pt("2026-05-06", standard_of_care="Y"),
      but_for={"pt": pt("2026-05-05", standard_of_care="Y")}),
    v("Both signatures on the day of the check.", {"I10": MET}, consent=consent("2026-06-10", "2026-06-10"), **routine(),
      but_for={"consent": consent("2026-06-10", "2026-06-11")}),
    v("The investigator signed on the day of the echocardiogram, done for the trial.", {"I10": MET},
      consent=consent("2026-06-01", "2026-06-04"), **routine(cv=cv(standard_of_care="N")),
      but_for={"consent": consent("2026-06-01", "2026-06-05")}),
    v("Last systemic treatment of psoriasis 2 years and a day ago.", {"E3": ABSENT}, **autoimmune("2024-06-09"),
      but_for=autoimmune("2024-06-10")),
    v("A live vaccine 15 days before.", {"E5": ABSENT}, **vaccinated("LIVE", "2026-05-26"),
      but_for=vaccinated("LIVE", "2026-05-27")),
    v("An inactivated vaccine 4 days before.", {"E5": ABSENT}, **vaccinated("INACTIVATED OR NON-LIVE", "2026-06-06"),
      but_for=vaccinated("INACTIVATED OR NON-LIVE", "2026-06-07")),
    v("A non-replicating viral vaccine 4 days before: the 14 days of live vaccines are not meant.", {"E5": ABSENT},
      **vaccinated("VIRAL NON-REPLICATING", "2026-06-06"), but_for=vaccinated("VIRAL NON-REPLICATING", "2026-06-07")),
    v("Another malignancy 2 years and a day ago.", {"E6": ABSENT}, **cancer("NONE", "2024-06-09", "2024-06-09"),
      but_for=cancer("NONE", "2024-06-10", "2024-06-10")),
    v("A low-risk cancer, free of disease for a year to the day.", {"E6": ABSENT},
      **cancer("LOW RISK", curative="Y", no_evidence="Y", no_evidence_since="2025-06-10", low_risk="Y"),
      but_for=cancer("LOW RISK", curative="Y", no_evidence="Y", no_evidence_since="2025-06-11", low_risk="Y")),
    v("A myocardial infarction 12 months and a day ago.", {"E7": ABSENT}, **vascular(on="2025-06-09"),
      but_for=vascular(on="2025-06-10")),
    v("Heart failure, last of NYHA class III 12 months and a day ago.", {"E7": ABSENT},
      **vascular("CONGESTIVE HEART FAILURE", "2018", nyha="CLASS III", nyha_on="2025-06-09", ongoing="Y"),
      but_for=vascular("CONGESTIVE HEART FAILURE", "2018", nyha="CLASS III", nyha_on="2025-06-10", ongoing="Y")),
    v("Checked on 29 February: an infarction on 27 February a year before is outside the 12 months.", {"E7": ABSENT}, **LEAP,
      **vascular(on="2027-02-27"), but_for=vascular(on="2027-02-28")),
    v("Checked on 28 February: a stroke on 27 February a year before is outside.", {"E8": ABSENT}, today="2029-02-28",
      **vascular("STROKE", "2028-02-27"), but_for=vascular("STROKE", "2028-02-28")),
    v("A stroke 12 months and a day ago.", {"E8": ABSENT}, **vascular("STROKE", "2025-06-09"),
      but_for=vascular("STROKE", "2025-06-10")),
    v("A major operation 36 days before.", {"E14": ABSENT}, **operated("2026-05-05"), but_for=operated("2026-05-06")),
]  # fmt: skip


# Several at once, and patients who are registered already ------------------------------------------------------------------

YESTERDAY = {"enrolled": "2026-06-09"}
TOGETHER = [
    v("ECOG 3, LVEF 40 %, SpO2 88 % and an infarction in January: all four are listed.",
      {"I3": NOT_MET, "I7": NOT_MET, "I8": NOT_MET, "E7": PRESENT}, ecog=ecog("3"), cv=cv(lvef=40),
      vs=vs(oxygen_saturation=88), **vascular()),
    v("No form of medical history: every question on it is open.",
      dict.fromkeys(("E2", "E3", "E4", "E5", "E6", "E7", "E8", "E12", "E13", "E14"), OPEN), hx=None),
    v("An infarction and a stroke on the same day in January.", {"E7": PRESENT, "E8": PRESENT}, hx=hx(vascular_any="Y"),
      cvh=(cvh(occurred_on="2026-01-20"), cvh(kind="STROKE", occurred_on="2026-01-20"))),
    v("A third line, HCV RNA exactly at the limit and a birth year only: three questions to the medical reviewer.",
      {"I1": REVIEW, "I4": UNKNOWABLE, "E9": REVIEW}, line=(line(), second()), dm=dm("2008", "M"),
      **hepatitis(hcvab="POSITIVE", hcv_rna="AT LOQ")),
    v("One basal cell carcinoma that is excepted beside one melanoma that is not.", {"E6": PRESENT},
      hx=hx(malignancy_any="Y"),
      om=(cancer("NON-MELANOMA SKIN OR LENTIGO MALIGNA", **TREATED)["om"], cancer("NONE", kind="Melanoma")["om"])),
    v("A pregnant woman with a positive test who refuses contraception.", {"I9": NOT_MET, "E17": PRESENT, "E18": PRESENT},
      woman=True,
      rp=rp(pregnant="Y", willing="N"), pt=pt("2026-06-09", "POSITIVE")),
    v("Answered as not fulfilled where the data say otherwise: the answer refuses, and the result stays.",
      {"I3": REFUSED, "I8": REFUSED},
      ie=ie(**ANSWERS_OF_A_MAN, i03="NOT FULFILLED", i08="NOT FULFILLED")),
    v("'Not applicable' is no answer to E4.", {"E4": REFUSED}, ie=ie(**ANSWERS_OF_A_MAN, e04="NOT APPLICABLE")),
    v("Registered yesterday, and today the ECOG of screening is corrected to 1.", {"I3": NOT_MET}, ecog=ecog("1"),
      **YESTERDAY),
    v("Registered yesterday with an operation 36 days before, which today is corrected to 35.", {"E14": PRESENT},
      **YESTERDAY,
      **operated("2026-05-05")),
    v("Registered yesterday: an ECOG of 3 found today changes nothing.", {"I3": MET}, **YESTERDAY,
      again=ecog("3", "2026-06-10", visit="UNS-01"), but_for={"again": ecog("3", "2026-06-09", visit="UNS-01")}),
    v("Registered yesterday and vaccinated today: after registration is not within.", {"E5": ABSENT}, **YESTERDAY,
      **vaccinated("LIVE", "2026-06-10"), but_for=vaccinated("LIVE", "2026-06-09")),
    v("Registered yesterday, and a pneumonia under intravenous antibiotics begins today.", {"E12": ABSENT}, **YESTERDAY,
      **on_a_drip("2026-06-10"), but_for=on_a_drip("2026-06-09")),
    v("Registered yesterday, and the investigator's signature turns out to be of today.", {"I10": NOT_MET}, **YESTERDAY,
      consent=consent("2026-06-01", "2026-06-10")),
]  # fmt: skip


BEFORE_REGISTRATION = [*ALONE, *SAVED, *AMBIGUOUS, *SO_FAR, *BOUNDARIES, *TOGETHER]
