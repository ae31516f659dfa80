"""Codelists of the forms for CRS, ICANS and tumour lysis; the words are ours, the values stand in no CDISC codelist."""

from __future__ import annotations

from protocol.codelists import Codelist


class Vasopressor(Codelist):
    """Drugs that ASTCT counts for the grade of CRS; vasopressin is not counted beside another one."""

    NOREPINEPHRINE = "NOREPINEPHRINE", "Noradrenaline (norepinephrine)"
    EPINEPHRINE = "EPINEPHRINE", "Adrenaline (epinephrine)"
    PHENYLEPHRINE = "PHENYLEPHRINE"
    DOPAMINE = "DOPAMINE"
    ANGIOTENSIN = "ANGIOTENSIN II", "Angiotensin II"
    VASOPRESSIN = "VASOPRESSIN", "Vasopressin (argipressin)"
    OTHER = "OTHER", "Another vasopressor"


class OxygenDevice(Codelist):
    """How oxygen is given. A nasal cannula is graded by its flow, whatever it is called."""

    NONE = "NONE", "No oxygen"
    LOW_FLOW = "LOW FLOW NASAL CANNULA", "Nasal cannula, low flow"
    BLOW_BY = "BLOW-BY", "Blow-by"
    HIGH_FLOW = "HIGH FLOW NASAL CANNULA", "Nasal cannula, high flow"
    FACE_MASK = "FACE MASK", "Face mask"
    NON_REBREATHER = "NON-REBREATHER MASK", "Non-rebreather mask"
    VENTURI = "VENTURI MASK", "Venturi mask"
    CPAP = "CPAP", "CPAP"
    BIPAP = "BIPAP", "BiPAP"
    INTUBATION = "INTUBATION", "Intubated and ventilated"


class Consciousness(Codelist):
    """How the patient wakes."""

    ALERT = "ALERT", "Awake and alert"
    SPONTANEOUS = "AWAKENS SPONTANEOUSLY", "Drowsy, wakes without being roused"
    VOICE = "AWAKENS TO VOICE", "Wakes to a voice"
    TOUCH = "AWAKENS TO TOUCH", "Wakes only to touch"
    UNAROUSABLE = "UNAROUSABLE", "Cannot be roused, or only by strong or repeated touch; stupor, coma"


class SeizureKind(Codelist):
    """Seizures as ASTCT tells them apart."""

    NONE = "NONE", "No seizure"
    RESOLVING = "RESOLVING", "Resolves fast, or seen on EEG only and ends with treatment"
    PROLONGED = "PROLONGED", "Longer than 5 minutes, or repeated without recovery in between; life in danger"


class RaisedPressure(Codelist):
    """Swelling of the brain and raised pressure inside the skull."""

    NONE = "NONE", "None"
    FOCAL = "FOCAL OEDEMA", "Local swelling on a scan"
    DIFFUSE = "DIFFUSE OEDEMA", "Diffuse swelling on a scan"
    SIGNS = "SIGNS", "Decerebrate or decorticate posture, sixth-nerve palsy, papilloedema or Cushing's triad"


class ArrhythmiaGrade(Codelist):
    """Cairo-Bishop, cardiac arrhythmia: the investigator's own grade."""

    NONE = "0", "None"
    ONE = "1", "Grade 1 – needs no treatment"
    TWO = "2", "Grade 2 – needs treatment, not at once"
    THREE = "3", "Grade 3 – symptoms, not fully controlled by drugs, or controlled by a device"
    FOUR = "4", "Grade 4 – life in danger"


class SeizureGrade(Codelist):
    """Cairo-Bishop, seizure: the investigator's own grade; the table has no grade 1."""

    NONE = "0", "None"
    TWO = "2", "Grade 2 – one short generalised seizure, well controlled, or rare focal ones"
    THREE = "3", "Grade 3 – with altered consciousness, or poorly controlled"
    FOUR = "4", "Grade 4 – long, repeated, or hard to control"


class FeverTherapy(Codelist):
    """What was given in the event so far that hides a fever: from then on a fever is no longer required for the grade."""

    NONE = "NONE", "None so far"
    ANTIPYRETIC = "ANTIPYRETIC", "Antipyretic only"
    ANTICYTOKINE = "ANTICYTOKINE", "Anticytokine (tocilizumab, corticosteroid)"
    BOTH = "BOTH", "Both"


class AssessedGrade(Codelist):
    """The investigator's own grade at one assessment. Death is the event's: it has no assessment."""

    NONE = "0", "Grade 0 – none now"
    ONE = "1", "Grade 1"
    TWO = "2", "Grade 2"
    THREE = "3", "Grade 3"
    FOUR = "4", "Grade 4"


class OtherHospital(Codelist):
    """Which kind of hospital treated the event, when it was not the site's. No name: it might say who the patient is."""

    UNIVERSITY = "UNIVERSITY HOSPITAL", "University hospital"
    GENERAL = "GENERAL HOSPITAL", "General hospital"
    PRIVATE = "PRIVATE HOSPITAL", "Private hospital or clinic"
    ABROAD = "HOSPITAL ABROAD", "Hospital in another country"
    OTHER = "OTHER", "Other"
