"""Codelists: the value that is stored (CDISC submission value where a codelist exists) and the words on the screen.

They live here, not beside the models, so that a rule and a form read the same list. ``Outcome.choices()`` is what a
Django field takes.
"""

from __future__ import annotations

from enum import StrEnum


class Codelist(StrEnum):
    """A closed list of values, each with the label that people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Codelist:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value.capitalize()
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class YesNo(Codelist):
    """CDISC NY C66742, restricted."""

    YES = "Y", "Yes"
    NO = "N", "No"


class MissingReason(Codelist):
    """Why a question has no answer; stored beside the empty value, never in it."""

    NOT_DONE = "NOT DONE", "Not done"
    UNKNOWN = "UNKNOWN", "Unknown"
    NOT_APPLICABLE = "NOT APPLICABLE", "Not applicable"


class Sex(Codelist):
    """CDISC SEX C66731."""

    FEMALE = "F", "Female"
    MALE = "M", "Male"
    INTERSEX = "INTERSEX", "Intersex"
    UNKNOWN = "U", "Unknown"


class Ecog(Codelist):
    """ECOG performance status (Oken et al., Am J Clin Oncol 1982;5:649-655); the words are ours."""

    FULLY_ACTIVE = "0", "0 – fully active"
    RESTRICTED = "1", "1 – restricted in strenuous activity, can do light work"
    SELF_CARE = "2", "2 – cares for self, unable to work, up more than half of waking hours"
    LIMITED = "3", "3 – limited self-care, in bed or chair more than half of waking hours"
    DISABLED = "4", "4 – no self-care, confined to bed or chair"
    DEAD = "5", "5 – dead"


class InclusionAnswer(Codelist):
    FULFILLED = "FULFILLED", "Fulfilled"
    NOT_FULFILLED = "NOT FULFILLED", "Not fulfilled"
    NOT_APPLICABLE = "NOT APPLICABLE", "Not applicable"


class ExclusionAnswer(Codelist):
    PRESENT = "PRESENT", "Present"
    ABSENT = "ABSENT", "Absent"
    NOT_APPLICABLE = "NOT APPLICABLE", "Not applicable"


class ScreenFailureReason(Codelist):
    """From CDISC NCOMPLT C66727 where a value fits."""

    ELIGIBILITY = "ELIGIBILITY CRITERIA NOT MET", "Eligibility criteria not met"
    WITHDRAWAL = "WITHDRAWAL OF CONSENT", "Consent withdrawn"
    SUBJECT = "WITHDRAWAL BY SUBJECT", "Patient decided against taking part"
    PHYSICIAN = "PHYSICIAN DECISION", "Physician's decision"
    DEATH = "DEATH", "Death"
    LOST = "LOST TO FOLLOW-UP", "Lost to follow-up"
    OTHER = "OTHER", "Other"


class DoseOccurrence(Codelist):
    GIVEN = "GIVEN", "Given"
    DELAYED = "DELAYED", "Delayed, still to come"
    OMITTED = "OMITTED", "Omitted"


class DoseReason(Codelist):
    """Why a dose was delayed or omitted."""

    ADVERSE_EVENT = "ADVERSE EVENT", "Adverse event"
    PATIENT = "WITHDRAWAL BY SUBJECT", "Patient's decision"
    PHYSICIAN = "PHYSICIAN DECISION", "Physician's decision"
    LOGISTICS = "LOGISTICAL PROBLEM", "Organisation (bed, holiday, drug supply)"
    OTHER = "OTHER", "Other"


class Interruptions(Codelist):
    """How often an infusion was stopped and started again."""

    NONE = "0", "Not at all"
    ONCE = "1", "Once"
    TWICE = "2", "Twice"
    THRICE = "3", "Three times or more"


class StopReason(Codelist):
    """Why an infusion was not finished."""

    REACTION = "ADVERSE EVENT", "Reaction of the patient"
    LINE = "DEVICE ISSUE", "Line or pump"
    PATIENT = "WITHDRAWAL BY SUBJECT", "Patient's decision"
    ERROR = "PREPARATION ERROR", "Wrong preparation noticed"
    OTHER = "OTHER", "Other"


class Preparer(Codelist):
    """Who prepared an infusion, by role."""

    PHARMACIST = "PHARMACIST", "Pharmacist"
    TECHNICIAN = "PHARMACY TECHNICIAN", "Pharmacy technician"
    NURSE = "NURSE", "Nurse"
    OTHER = "OTHER", "Other"


class Giver(Codelist):
    """Who gave an infusion, by role."""

    NURSE = "NURSE", "Nurse"
    PHYSICIAN = "PHYSICIAN", "Physician"
    OTHER = "OTHER", "Other"


class MonitoringPlace(Codelist):
    WARD = "WARD", "Hospital ward, overnight"
    DAY_UNIT = "DAY UNIT", "Day unit"
    INTENSIVE = "INTENSIVE CARE UNIT", "Intensive care unit"
    EMERGENCY = "EMERGENCY ROOM", "Emergency room"
    OTHER = "OTHER", "Other healthcare setting"


class EndOfTreatmentReason(Codelist):
    """CDISC NCOMPLT C66727; the first three are those the registry record names."""

    PROGRESSION = "PROGRESSIVE DISEASE", "Progressive disease (RECIST 1.1)"
    TOXICITY = "ADVERSE EVENT", "Unacceptable toxicity"
    PATIENT = "WITHDRAWAL BY SUBJECT", "Patient's decision"
    PHYSICIAN = "PHYSICIAN DECISION", "Physician's decision"
    CONSENT = "WITHDRAWAL OF CONSENT", "Consent withdrawn"
    DEATH = "DEATH", "Death"
    PREGNANCY = "PREGNANCY", "Pregnancy"
    LOST = "LOST TO FOLLOW-UP", "Lost to follow-up"
    DEVIATION = "PROTOCOL DEVIATION", "Protocol deviation"
    SPONSOR = "STUDY TERMINATED BY SPONSOR", "Trial ended by the sponsor"


class Scale(Codelist):
    """The grading scales of this trial: CTCAE v5, with ASTCT for CRS and ICANS and Cairo-Bishop for TLS."""

    CTCAE = "CTCAE 5.0", "CTCAE 5.0"
    ASTCT = "ASTCT 2019", "ASTCT 2019"
    CAIRO_BISHOP = "CAIRO-BISHOP", "Cairo-Bishop"


class Grade(Codelist):
    ONE = "1", "Grade 1"
    TWO = "2", "Grade 2"
    THREE = "3", "Grade 3"
    FOUR = "4", "Grade 4"
    FIVE = "5", "Grade 5"


class Relationship(Codelist):
    """Reasonable possibility that tarlatamab caused the event (Regulation (EU) 536/2014, Annex III)."""

    YES = "Y", "Yes, a reasonable possibility"
    NO = "N", "No reasonable possibility"
    PENDING = "NOT YET ASSESSED", "Not yet assessed"


class ActionTaken(Codelist):
    """CDISC ACN C66767."""

    NOT_CHANGED = "DOSE NOT CHANGED", "Dose not changed"
    INTERRUPTED = "DRUG INTERRUPTED", "Drug interrupted (dose delayed, omitted or infusion stopped)"
    WITHDRAWN = "DRUG WITHDRAWN", "Drug withdrawn for good"
    REDUCED = "DOSE REDUCED", "Dose reduced"
    INCREASED = "DOSE INCREASED", "Dose increased"
    RATE_REDUCED = "DOSE RATE REDUCED", "Infusion rate reduced"
    NOT_APPLICABLE = "NOT APPLICABLE", "Not applicable"
    UNKNOWN = "UNKNOWN", "Unknown"


class Outcome(Codelist):
    """CDISC OUT C66768."""

    RECOVERED = "RECOVERED/RESOLVED", "Recovered / resolved"
    SEQUELAE = "RECOVERED/RESOLVED WITH SEQUELAE", "Recovered / resolved with sequelae"
    RECOVERING = "RECOVERING/RESOLVING", "Recovering / resolving"
    NOT_RECOVERED = "NOT RECOVERED/NOT RESOLVED", "Not recovered / not resolved"
    FATAL = "FATAL", "Fatal"
    UNKNOWN = "UNKNOWN", "Unknown"


class Stay(Codelist):
    """CDISC HOEVENT, those that matter here."""

    HOSPITAL = "HOSPITAL STAY", "Hospital stay"
    INTENSIVE = "INTENSIVE CARE UNIT STAY", "Stay on an intensive care unit"
    EMERGENCY = "EMERGENCY ROOM VISIT", "Visit to the emergency room, without a stay"


class ProgressionBasis(Codelist):
    RECIST = "RECIST 1.1", "Imaging, RECIST 1.1"
    CLINICAL = "SYMPTOMATIC DETERIORATION", "Clinical, without RECIST progression"


class WithdrawalScope(Codelist):
    """From what the patient withdraws consent."""

    TREATMENT = "TREATMENT", "Tarlatamab"
    VISITS = "VISITS", "Visits and examinations of the trial"
    CONTACT = "CONTACT", "Being asked how they are (survival)"
    RECORDS = "RECORDS", "Reading the hospital's records from now on"


class ScanMethod(Codelist):
    """CDISC METHOD, those of tumour imaging."""

    CT = "CT SCAN", "CT"
    MRI = "MRI", "MRI"
    PET = "PET/CT SCAN", "PET/CT"
    BONE = "SCINTIGRAPHY", "Bone scan"
    OTHER = "OTHER", "Other"


class PregnantPerson(Codelist):
    PATIENT = "PATIENT", "The patient"
    PARTNER = "PARTNER", "The patient's partner"


class PregnancyOutcome(Codelist):
    LIVE_BIRTH = "LIVE BIRTH", "Live birth"
    SPONTANEOUS = "SPONTANEOUS ABORTION", "Miscarriage"
    INDUCED = "INDUCED ABORTION", "Induced abortion"
    STILLBIRTH = "STILLBIRTH", "Stillbirth"
    ECTOPIC = "ECTOPIC PREGNANCY", "Ectopic pregnancy"
    UNKNOWN = "UNKNOWN", "Unknown, and cannot be learned"


class DeathCause(Codelist):
    DISEASE = "DISEASE UNDER STUDY", "The lung cancer"
    ADVERSE_EVENT = "ADVERSE EVENT", "An adverse event"
    OTHER = "OTHER", "Another cause"
    UNKNOWN = "UNKNOWN", "Unknown"


# Screening and shared assessments -------------------------------------------------------------------------------------


class Confirmation(Codelist):
    """How small cell lung cancer was confirmed."""

    HISTOLOGY = "HISTOLOGY", "Histology"
    CYTOLOGY = "CYTOLOGY", "Cytology"
    NOT_CONFIRMED = "NOT CONFIRMED", "Not confirmed"


class Stage(Codelist):
    """Stage of small cell lung cancer, Veterans Administration scheme."""

    LIMITED = "LS", "Limited stage"
    EXTENSIVE = "ES", "Extensive stage"


class DiseaseProgressionBasis(Codelist):
    """What the progression before enrolment was seen by."""

    RADIOLOGICAL = "RADIOLOGICAL", "Imaging"
    CLINICAL = "CLINICAL", "Clinical signs"
    HISTOLOGICAL = "HISTOLOGICAL", "Biopsy"


class Agent(Codelist):
    """Drugs of earlier systemic therapy for SCLC; the list of checkpoint inhibitors is an assumption and can grow."""

    CISPLATIN = "CISPLATIN"
    CARBOPLATIN = "CARBOPLATIN"
    ETOPOSIDE = "ETOPOSIDE"
    ATEZOLIZUMAB = "ATEZOLIZUMAB"
    DURVALUMAB = "DURVALUMAB"
    SERPLULIMAB = "SERPLULIMAB"
    ADEBRELIMAB = "ADEBRELIMAB"
    TORIPALIMAB = "TORIPALIMAB"
    PEMBROLIZUMAB = "PEMBROLIZUMAB"
    NIVOLUMAB = "NIVOLUMAB"
    IPILIMUMAB = "IPILIMUMAB"
    TREMELIMUMAB = "TREMELIMUMAB"
    OTHER_ICI = "OTHER CHECKPOINT INHIBITOR", "Other checkpoint inhibitor"
    TOPOTECAN = "TOPOTECAN"
    LURBINECTEDIN = "LURBINECTEDIN"
    IRINOTECAN = "IRINOTECAN"
    PACLITAXEL = "PACLITAXEL"
    OTHER = "OTHER", "Other drug"


PLATINUM = frozenset({Agent.CISPLATIN, Agent.CARBOPLATIN})
CHECKPOINT_INHIBITORS = frozenset({
    Agent.ATEZOLIZUMAB, Agent.DURVALUMAB, Agent.SERPLULIMAB, Agent.ADEBRELIMAB, Agent.TORIPALIMAB, Agent.PEMBROLIZUMAB,
    Agent.NIVOLUMAB, Agent.IPILIMUMAB, Agent.TREMELIMUMAB, Agent.OTHER_ICI,
})  # fmt: skip


class Assessor(Codelist):
    """Who assessed the performance status."""

    INVESTIGATOR = "INVESTIGATOR", "Investigator"
    SUB_INVESTIGATOR = "SUB-INVESTIGATOR", "Sub-investigator"
    NURSE = "STUDY NURSE", "Study nurse"
    OTHER = "OTHER", "Another person"


class ImagingMethod(Codelist):
    """CDISC METHOD, those that show brain and spine, and the fluid around them."""

    MRI = "MRI", "MRI"
    CT = "CT SCAN", "CT"
    PET_CT = "PET/CT SCAN", "PET-CT"
    CYTOLOGY = "CYTOLOGY", "Cytology of the cerebrospinal fluid"


class ProcedureKind(Codelist):
    RADIOTHERAPY = "RADIOTHERAPY", "Radiotherapy"
    CRANIAL = "PROPHYLACTIC CRANIAL IRRADIATION", "Prophylactic cranial irradiation"
    SURGERY = "SURGERY", "Surgery"


class ImmuneEventKind(Codelist):
    ENDOCRINE = "ENDOCRINE", "Endocrine (hypophysitis included)"
    PNEUMONITIS = "PNEUMONITIS", "Pneumonitis"
    CNS = "CNS", "Encephalitis or another event of the central nervous system"
    INFUSION_REACTION = "INFUSION RELATED REACTION", "Infusion-related reaction"
    OTHER = "OTHER", "Other"


class PastGrade(Codelist):
    """Worst CTCAE grade of an event that the patient survived."""

    ONE = "1", "Grade 1"
    TWO = "2", "Grade 2"
    THREE = "3", "Grade 3"
    FOUR = "4", "Grade 4"


class PastOutcome(Codelist):
    """CDISC OUT C66768 of an event that the patient survived: its status now."""

    RECOVERED = "RECOVERED/RESOLVED", "Recovered / resolved"
    SEQUELAE = "RECOVERED/RESOLVED WITH SEQUELAE", "Recovered / resolved with sequelae"
    RECOVERING = "RECOVERING/RESOLVING", "Recovering / resolving"
    NOT_RECOVERED = "NOT RECOVERED/NOT RESOLVED", "Not recovered / not resolved"
    UNKNOWN = "UNKNOWN", "Unknown"


class MalignancyException(Codelist):
    """The six exceptions of exclusion criterion E6, and none of them."""

    LOW_RISK = "LOW RISK", "Low-risk malignancy treated with curative intent"
    SKIN = "NON-MELANOMA SKIN OR LENTIGO MALIGNA", "Non-melanoma skin cancer or lentigo maligna"
    CERVIX = "CERVICAL CARCINOMA IN SITU", "Cervical carcinoma in situ"
    BREAST = "BREAST DCIS", "Breast ductal carcinoma in situ"
    PROSTATE = "PROSTATIC INTRAEPITHELIAL NEOPLASIA", "Prostatic intraepithelial neoplasia"
    UROTHELIAL = "UROTHELIAL NON-INVASIVE", "Urothelial papillary non-invasive carcinoma or carcinoma in situ"
    NONE = "NONE", "None of these"


class VascularEvent(Codelist):
    INFARCTION = "MYOCARDIAL INFARCTION", "Myocardial infarction"
    HEART_FAILURE = "CONGESTIVE HEART FAILURE", "Congestive heart failure"
    STROKE = "STROKE", "Stroke"
    TIA = "TRANSIENT ISCHEMIC ATTACK", "Transient ischaemic attack"
    OTHER_ARTERIAL = "OTHER ARTERIAL THROMBOSIS", "Other arterial thrombosis"
    OTHER = "OTHER", "Another cardiac or vascular event"


class Nyha(Codelist):
    """New York Heart Association class."""

    I = "CLASS I", "I – no symptoms"  # noqa: E741  the class is called so
    II = "CLASS II", "II – symptoms on ordinary activity"
    III = "CLASS III", "III – symptoms on less than ordinary activity"
    IV = "CLASS IV", "IV – symptoms at rest"


class SmokingStatus(Codelist):
    """CDISC NCF."""

    NEVER = "NEVER", "Never"
    FORMER = "FORMER", "Former"
    CURRENT = "CURRENT", "Current"


class TestResult(Codelist):
    """Result of a serology or pregnancy test."""

    __test__ = False  # no test class, whatever its name

    NEGATIVE = "NEGATIVE", "Negative"
    POSITIVE = "POSITIVE", "Positive"
    INDETERMINATE = "INDETERMINATE", "Indeterminate"
    NOT_DONE = "NOT DONE", "Not done"


class PregnancyResult(Codelist):
    NEGATIVE = "NEGATIVE", "Negative"
    POSITIVE = "POSITIVE", "Positive"
    INDETERMINATE = "INDETERMINATE", "Indeterminate"


class Specimen(Codelist):
    URINE = "URINE", "Urine"
    SERUM = "SERUM", "Serum"


class ViralLoad(Codelist):
    """A viral load against the limit of quantification (LOQ)."""

    NOT_DETECTED = "TARGET NOT DETECTED", "Target not detected"
    BELOW = "BELOW LOQ", "Below the limit of quantification"
    ABOVE = "ABOVE LOQ", "Above the limit of quantification"
    EXACTLY = "AT LOQ", "Exactly at the limit of quantification"
    NOT_DONE = "NOT DONE", "Not done"


class ViralLoadUnit(Codelist):
    IU = "IU/mL", "IU/mL"
    COPIES = "copies/mL", "copies/mL"


class HivStatus(Codelist):
    POSITIVE = "KNOWN POSITIVE", "Known positive"
    NEGATIVE = "NEGATIVE", "Negative"
    NOT_TESTED = "NOT TESTED", "Not tested, none known"


class Prophylaxis(Codelist):
    GIVEN = "GIVEN", "Assessed: prophylaxis given"
    NOT_NEEDED = "NOT NEEDED", "Assessed: not needed"


class NoChildbearingReason(Codelist):
    POSTMENOPAUSAL = "POSTMENOPAUSAL", "Postmenopausal"
    STERILE = "SURGICALLY STERILE", "Surgically sterile"
    OTHER = "OTHER", "Other"


class MenopausalStatus(Codelist):
    """CDISC MENOSTAT."""

    PREMENOPAUSAL = "PREMENOPAUSAL", "Premenopausal"
    PERIMENOPAUSAL = "PERIMENOPAUSAL", "Perimenopausal"
    POSTMENOPAUSAL = "POSTMENOPAUSAL", "Postmenopausal"


class VaccineKind(Codelist):
    LIVE = "LIVE", "Live virus"
    ATTENUATED = "LIVE-ATTENUATED", "Live-attenuated"
    INACTIVATED = "INACTIVATED OR NON-LIVE", "Inactivated or non-live (mRNA and subunit included)"
    NON_REPLICATING = "VIRAL NON-REPLICATING", "Live viral, non-replicating (such as Jynneos)"


class MedicationClass(Codelist):
    """What the protocol asks about a medication."""

    STEROID = "CORTICOSTEROID", "Corticosteroid"
    IMMUNOSUPPRESSANT = "IMMUNOSUPPRESSANT", "Other immunosuppressant"
    ANTICOAGULANT = "ANTICOAGULANT", "Anticoagulant"
    FLUID = "FLUID", "Intravenous fluid (hydration)"
    OTHER = "OTHER", "Other medication"


class Steroid(Codelist):
    """Corticosteroids of which an equivalent to prednisone is known (an assumption: see the parameter steroid_equivalents)."""

    PREDNISONE = "PREDNISONE"
    PREDNISOLONE = "PREDNISOLONE"
    METHYLPREDNISOLONE = "METHYLPREDNISOLONE"
    DEXAMETHASONE = "DEXAMETHASONE"
    HYDROCORTISONE = "HYDROCORTISONE"
    OTHER = "OTHER", "Other corticosteroid"


class Purpose(Codelist):
    """Why a corticosteroid, immunosuppressant or anti-emetic is given."""

    PROPHYLAXIS = "PROPHYLAXIS OF TARLATAMAB AE", "Prophylaxis of tarlatamab-related adverse events"
    ANTIEMETIC = "ANTI-EMETIC", "Against nausea and vomiting"
    REPLACEMENT = "REPLACEMENT", "Hormone replacement"
    TREATMENT = "TREATMENT", "Treatment of a disease"
    OTHER = "OTHER", "Other"


class Route(Codelist):
    """CDISC ROUTE, those that matter here."""

    ORAL = "ORAL", "Oral"
    INTRAVENOUS = "INTRAVENOUS", "Intravenous"
    SUBCUTANEOUS = "SUBCUTANEOUS", "Subcutaneous"
    INTRAMUSCULAR = "INTRAMUSCULAR", "Intramuscular"
    TOPICAL = "TOPICAL", "Topical (skin, eye, ear)"
    INHALATION = "RESPIRATORY (INHALATION)", "Inhaled"
    NASAL = "NASAL", "Nasal"
    INTRA_ARTICULAR = "INTRA-ARTICULAR", "Into a joint"
    RECTAL = "RECTAL", "Rectal"
    OTHER = "OTHER", "Other"


LOCAL_ROUTES = frozenset({Route.TOPICAL, Route.INHALATION, Route.NASAL, Route.INTRA_ARTICULAR})


class Frequency(Codelist):
    """CDISC FREQ, those that are common."""

    ONCE = "ONCE", "Once"
    DAILY = "QD", "Once a day"
    TWICE = "BID", "Twice a day"
    THRICE = "TID", "Three times a day"
    FOUR_TIMES = "QID", "Four times a day"
    ALTERNATE = "QOD", "Every other day"
    WEEKLY = "QS", "Once a week"
    AS_NEEDED = "PRN", "As needed"
    OTHER = "OTHER", "Other"


class DoseUnit(Codelist):
    MG = "mg", "mg"
    G = "g", "g"
    UG = "ug", "µg"
    IU = "IU", "IU"
    ML = "mL", "mL"
    OTHER = "OTHER", "Other"


class AnticoagulationIntent(Codelist):
    THERAPEUTIC = "THERAPEUTIC", "Therapeutic"
    PROPHYLACTIC = "PROPHYLACTIC", "Prophylactic"


class EcgInterpretation(Codelist):
    """CDISC EGSTRESC, restricted."""

    NORMAL = "NORMAL", "Normal"
    ABNORMAL = "ABNORMAL", "Abnormal"


class EchoMethod(Codelist):
    ECHO = "ECHOCARDIOGRAPHY", "Echocardiogram (ECHO)"
    MUGA = "MUGA", "MUGA scan"


class EffusionMethod(Codelist):
    """How pericardial effusion was looked for when the ejection fraction was measured by MUGA."""

    ECHO = "ECHOCARDIOGRAPHY", "Echocardiogram"
    CT = "CT SCAN", "CT"
    MRI = "MRI", "MRI"
    MUGA = "MUGA", "MUGA scan alone"


class IceObstacle(Codelist):
    """Why the ICE score could not be assessed."""

    LANGUAGE = "LANGUAGE BARRIER", "No common language"
    CONDITION = "PHYSICAL CONDITION", "The patient's condition (aphasia, paresis, sedation, hearing or sight)"
    REFUSED = "SUBJECT REFUSED", "The patient declined"
    OTHER = "OTHER", "Other"


class ConsentReason(Codelist):
    """Why a patient signed again."""

    NEW_VERSION = "NEW VERSION", "New version of the consent form"
    FIRST_INVALID = "FIRST NOT VALID", "The first consent was not valid"
    REPRESENTATIVE = "CAPACITY", "Change of legal capacity"
    OTHER = "OTHER", "Other"
