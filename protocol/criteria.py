"""The eligibility criteria: the registry record's words, in its order.

The words are the record's own, bullets included; only the backslashes that its download puts before > [ and ] are left
out. The numbers I1 to I10 and E1 to E18 follow the record's order; the protocol's numbers may differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from protocol import parameters
from protocol.engine import Source

Kind = Literal["inclusion", "exclusion"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the checklist.

    ``field`` is its answer on the form IE, ``gates`` the actions it is asked at (1: registration, 2: first dose),
    ``short`` a few words of our own, ``ietestcd`` its CDISC test code.
    """

    id: str
    field: str
    kind: Kind
    gates: tuple[int, ...]
    text: str
    short: str
    ietestcd: str
    source: Source

    @property
    def satisfied_by(self) -> str:
        """The answer that satisfies it in every patient."""
        return "FULFILLED" if self.kind == "inclusion" else "ABSENT"


def _inclusion(
    number: int, short: str, text: str, *, gates: tuple[int, ...] = (1,), source: Source = Source.REGISTRY
) -> Criterion:
    return Criterion(f"I{number}", f"i{number:02}", "inclusion", gates, text, short, f"INCL{number:02}", source)


def _exclusion(number: int, short: str, text: str, *, gates: tuple[int, ...] = (1,)) -> Criterion:
    return Criterion(f"E{number}", f"e{number:02}", "exclusion", gates, text, short, f"EXCL{number:02}", Source.REGISTRY)


CRITERIA: tuple[Criterion, ...] = (
    # Not in the record: another public registry lists it first. The parameter i0_active switches it.
    _inclusion(
        0, "ES-SCLC confirmed by histology or cytology",
        "Histologically or cytologically confirmed ES-SCLC.",
        source=Source.ASSUMPTION,
    ),  # fmt: skip
    _inclusion(
        1, "one platinum-etoposide line with checkpoint inhibition",
        "Previous treatment with only one line of platinum-etoposide doublet chemotherapy with "
        "immune-checkpoint inhibition for SCLC.\n"
        "Patients treated with a platinum-etoposide doublet chemotherapy for prior limited stage (LS)-SCLC "
        "may be eligible for the study if the disease has progressed on treatment or within 6 months from "
        "chemotherapy completion (i.e. during durvalumab consolidation): the platinum-etoposide line of "
        "therapy will count as one prior line of therapy.",
    ),  # fmt: skip
    _inclusion(
        2, "progression on or after first line",
        "Progressive disease on or after the first-line treatment for SCLC.",
    ),  # fmt: skip
    _inclusion(
        3, "ECOG 2",
        "ECOG Performance Status 2.",
    ),  # fmt: skip
    _inclusion(
        4, "age 18 or over",
        "Age ≥18 years.",
    ),  # fmt: skip
    _inclusion(
        5, "blood count, kidney and liver adequate",
        "Adequate haematological, renal and liver function.",
    ),  # fmt: skip
    _inclusion(
        6, "coagulation",
        "Coagulation function: Prothrombin time (PT)/international normalised ratio (INR) and partial "
        "thromboplastin time (PTT) or activated partial thromboplastin time (aPTT) ≤1.5x ULN, except for "
        "patients receiving anticoagulation, who must be on a stable dose of anticoagulation therapy for 6 "
        "weeks prior to enrolment.",
    ),  # fmt: skip
    _inclusion(
        7, "pleural effusion and oxygen saturation",
        "Pulmonary function:\n"
        "* No clinically significant pleural effusion. Pleural effusion managed with indwelling pleural "
        "catheter (e.g., PleurX) are allowed.\n"
        "* Baseline oxygen saturation >90% on room air.",
    ),  # fmt: skip
    _inclusion(
        8, "heart function",
        "Cardiac function: Left ventricular ejection fraction (LVEF) ≥50%, no clinically significant "
        "pericardial effusion as determined by an echocardiogram (ECHO) or multigated acquisition (MUGA) "
        "scan (preferred), and no clinically significant electrocardiogram (ECG) findings.",
    ),  # fmt: skip
    _inclusion(
        9, "pregnancy tests",
        "Women of childbearing potential, must have a negative urinary or serum pregnancy test within 5 "
        "weeks before enrolment. Pregnancy test must be repeated within 3 days before the first dose of "
        "tarlatamab treatment.",
        gates=(1, 2),
    ),  # fmt: skip
    _inclusion(
        10, "written informed consent",
        "Written Informed Consent must be signed and dated by the patient and the investigator prior to any "
        "trial-related intervention.",
    ),  # fmt: skip
    _exclusion(
        1, "leptomeningeal disease or cord compression",
        "Diagnosis or evidence of leptomeningeal disease or spinal cord compression",
    ),  # fmt: skip
    _exclusion(
        2, "severe immune reactions to earlier checkpoint inhibition",
        "Prior history of immune-checkpoint inhibitor treatment resulting in:\n"
        "* any severe or life-threatening immune-mediated adverse event,\n"
        "* history of immune-mediated encephalitis or another immune-mediated CNS event (any grade),\n"
        "* grade ≥2 immune-mediated recurrent pneumonitis,\n"
        "* infusion-related reactions leading to permanent discontinuation of the immunotherapy agent.\n"
        "Exception: patients with a history of immune-checkpoint inhibitor-induced endocrinopathy which is "
        "clinically stable on replacement therapy.",
    ),  # fmt: skip
    _exclusion(
        3, "autoimmune disease or immunosuppression",
        "Active autoimmune disease that has required systemic treatment (except replacement therapy) within "
        "the past 2 years or any other diseases requiring immunosuppressive therapy while on study.",
    ),  # fmt: skip
    _exclusion(
        4, "solid organ transplant",
        "History of solid organ transplantation.",
    ),  # fmt: skip
    _exclusion(
        5, "recent vaccination",
        "Treatment with live virus, including live-attenuated vaccination within 14 days prior to enrolment "
        "and inactive vaccines (e.g., non-live or non-replicating agent) and live viral non-replicating "
        "vaccines (e.g., Jynneos for Monkeypox infection) within 3 days prior to enrolment.",
    ),  # fmt: skip
    _exclusion(
        6, "other malignancy",
        "History of other malignancy within the past 2 years, with the following exceptions:\n"
        "* Low-risk malignancy treated with curative intent and with no known active disease present for ≥1 "
        "year before enrolment and believed to be at low risk for recurrence per investigator discretion.\n"
        "* Adequately treated non-melanoma skin cancer or lentigo maligna without evidence of disease.\n"
        "* Adequately treated cervical carcinoma in situ without evidence of disease.\n"
        "* Adequately treated breast ductal carcinoma in situ without evidence of disease.\n"
        "* Prostatic intraepithelial neoplasia without evidence of prostate cancer.\n"
        "* Adequately treated urothelial papillary non-invasive carcinoma or carcinoma in situ.",
    ),  # fmt: skip
    _exclusion(
        7, "heart attack or heart failure",
        "Myocardial infarction and/or symptomatic congestive heart failure (New York Heart Association "
        ">class II) within 12 months prior to enrolment.",
    ),  # fmt: skip
    _exclusion(
        8, "arterial thrombosis",
        "History of arterial thrombosis (e.g., stroke or transient ischemic attack) within 12 months prior "
        "to enrolment.",
    ),  # fmt: skip
    _exclusion(
        9, "uncontrolled HIV, hepatitis C or B",
        "Presence/history of an uncontrolled viral infection:\n"
        "* Known uncontrolled human immunodeficiency virus (HIV) infection.\n"
        "* Active hepatitis C infection (patients with detectable hepatitis C antibody [HCV Ab] and HCV RNA "
        "viral load above the limit of quantification).\n"
        "* Patients with presence of HCV Antibodies and HCV RNA viral load below the limit of quantification "
        "(HCV RNA negative) with or without prior treatment are allowed.\n"
        "* Active hepatitis B infection (presence of hepatitis B surface antigen [HBsAg] and hepatitis B "
        "virus [HBV] DNA viral load above the limit of quantification [HBV DNA positive]).\n"
        "* Patients with resolved HBV infection defined as absence of HBsAg and presence of HBV core "
        "antibody (anti-HBc) followed by an HBV DNA viral load below the limit of quantification (HBV DNA "
        "negative) are allowed, with a requirement for regular monitoring for reactivation for the duration "
        "of treatment on the study and assessing the need for HBV prophylaxis therapy per local or "
        "institutional guidelines.\n"
        "* Patients with chronic HBV infection inactive carrier state defined as presence of HBsAg and HBV "
        "DNA viral load below the limit of quantification [HBV DNA negative] are allowed, with a requirement "
        "for regular monitoring for reactivation for the duration of treatment on the study and assessing "
        "the need for HBV prophylaxis therapy per local or institutional guidelines.",
    ),  # fmt: skip
    _exclusion(
        10, "steroids in the week before the first dose",
        "Receiving systemic corticosteroid therapy or any other form of immunosuppressive therapy within 7 "
        "days prior to first dose of study treatment.\n"
        "* Prophylactic dexamethasone for the management of tarlatamab-related adverse events and any "
        "anti-emetic therapies are allowed.\n"
        "* Low-dose corticosteroids (prednisone ≤10 mg per day or equivalent) is permitted during the trial.",
        gates=(2,),
    ),  # fmt: skip
    _exclusion(
        11, "infection in the week before the first dose",
        "Patients with symptoms and/or clinical signs and/or radiographic signs that indicate an acute "
        "and/or uncontrolled active systemic infection within 7 days prior to the first dose of study "
        "treatment.",
        gates=(2,),
    ),  # fmt: skip
    _exclusion(
        12, "infection needing parenteral antibiotics",
        "Patient has known active infection requiring parenteral antibiotic treatment. Upon completion of "
        "parenteral antibiotics and resolution of symptoms, the patient may be considered eligible for the "
        "study from an infection standpoint.",
        gates=(1, 2),
    ),  # fmt: skip
    _exclusion(
        13, "interstitial lung disease or pneumonitis",
        "Evidence of interstitial lung disease or active, non-infectious pneumonitis.",
    ),  # fmt: skip
    _exclusion(
        14, "major surgery in the last 5 weeks",
        "Major surgical procedures within 5 weeks prior to enrolment.",
    ),  # fmt: skip
    _exclusion(
        15, "other medical condition",
        "Any concurrent medical condition which, in the opinion of the investigator, would compromise "
        "patient safety or interfere with the evaluations for tarlatamab.",
    ),  # fmt: skip
    _exclusion(
        16, "unlikely to comply",
        "Judgment by the investigator that the patient should not participate in the study if the patient is "
        "unlikely to comply with study procedures, restrictions, and requirements.",
    ),  # fmt: skip
    _exclusion(
        17, "pregnant or breast-feeding",
        "Women who are pregnant or in the period of lactation.",
    ),  # fmt: skip
    _exclusion(
        18, "no effective contraception",
        "Sexually active men and women of childbearing potential who are not willing to use an effective "
        "contraceptive method during the trial until at least 60 days after the last dose of tarlatamab "
        "treatment.",
    ),  # fmt: skip
)
BY_ID = {criterion.id: criterion for criterion in CRITERIA}
BY_FIELD = {criterion.field: criterion for criterion in CRITERIA}
ANSWERS = tuple(f"IE.{name}" for name in BY_FIELD)  # of the checklist; see ``meant``


def active() -> tuple[Criterion, ...]:
    """The criteria in force: I0 only when its parameter says so."""
    return tuple(each for each in CRITERIA if each.id != "I0" or parameters.flag("i0_active"))


def at_gate(gate: int) -> tuple[Criterion, ...]:
    """The criteria in force that are asked at gate 1 (registration) or 2 (first dose)."""
    return tuple(each for each in active() if gate in each.gates)


def meant(form: str, field: str, sentence: str) -> bool:
    """Does a sentence speak of this question? The answer to a criterion is meant when its id stands there, any other always."""
    criterion = BY_FIELD.get(field) if form in ("IE", "REL") else None
    return criterion is None or re.search(rf"\b{criterion.id}\b", sentence) is not None
