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


class ProgressionBasis(Codelist):
    RECIST = "RECIST 1.1", "Imaging, RECIST 1.1"
    CLINICAL = "SYMPTOMATIC DETERIORATION", "Clinical, without RECIST progression"


class DeathCause(Codelist):
    DISEASE = "DISEASE UNDER STUDY", "The lung cancer"
    ADVERSE_EVENT = "ADVERSE EVENT", "An adverse event"
    OTHER = "OTHER", "Another cause"
    UNKNOWN = "UNKNOWN", "Unknown"
