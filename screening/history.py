"""Forms about the disease and what came before: lung cancer, earlier treatment, history, infections, childbearing."""

from __future__ import annotations

from crf import registry
from crf.declare import AskedIf, Section
from crf.fields import ClockTimeField, CodeField, CodeSetField, NumberField, PartialDateField, WordsField, yes_no
from crf.models import Crf, numbered, one_per_visit
from protocol import codelists
from protocol import screening_facts as facts
from protocol.visits import UNSCHEDULED

SCREENING = ("SCR",)
DISEASE, HISTORY = "Disease", "History"


class SclcHistory(Crf):
    """Small cell lung cancer: confirmation, stage, progression before enrolment, spread (I0, I2, E1)."""

    code = "SCLC"
    area = DISEASE
    visits = SCREENING
    domain = "MH"
    dated_by = "diagnosed_on"
    fact = facts.SclcHistory
    sections = (
        Section("Diagnosis", "confirmed_by", "diagnosed_on", "stage_at_diagnosis", "stage_at_enrolment"),
        Section("Progression before enrolment", "progressed_on", "progression_basis", "imaging_on"),
        Section("Central nervous system", "leptomeningeal", "cord_compression", "cns_imaging_on", "cns_imaging_method",
                "brain_metastases", "brain_treated", "brain_steroids"),
        Section("Liver", "liver_metastases"),
    )  # fmt: skip
    asks_if = {"imaging_on": AskedIf("progression_basis", codelists.DiseaseProgressionBasis.RADIOLOGICAL),
               "brain_treated": AskedIf("brain_metastases", "Y"), "brain_steroids": AskedIf("brain_metastases", "Y")}  # fmt: skip
    required = ("confirmed_by", "diagnosed_on", "stage_at_diagnosis", "stage_at_enrolment", "progressed_on", "progression_basis",
                "leptomeningeal", "cord_compression", "brain_metastases", "brain_treated", "liver_metastases")  # fmt: skip
    exports = {
        "confirmed_by": "MHMETHOD", "diagnosed_on": "MHSTDAT", "stage_at_diagnosis": "MHSTAGED", "stage_at_enrolment": "MHSTAGEE",
        "progressed_on": "MHPDDAT", "progression_basis": "MHPDBAS", "imaging_on": "MHPDIDAT", "leptomeningeal": "MHLEPTO",
        "cord_compression": "MHCORD", "cns_imaging_on": "MHCNSDAT", "cns_imaging_method": "MHCNSMET", "brain_metastases": "MHBRAIN",
        "brain_treated": "MHBRTRT", "brain_steroids": "MHBRSTER", "liver_metastases": "MHLIVER",
    }  # fmt: skip

    confirmed_by = CodeField("Small cell lung cancer confirmed by", codelist=codelists.Confirmation)
    diagnosed_on = PartialDateField("Date of the pathological diagnosis", least="year", past=True)
    stage_at_diagnosis = CodeField("Stage at first diagnosis", codelist=codelists.Stage, max_length=4)
    stage_at_enrolment = CodeField("Stage now", codelist=codelists.Stage, max_length=4)
    progressed_on = PartialDateField("Date of progression on or after first-line treatment", least="year", past=True, after="diagnosed_on")  # fmt: skip  # noqa: E501
    progression_basis = CodeField("Progression seen by", codelist=codelists.DiseaseProgressionBasis)
    imaging_on = PartialDateField("Date of the imaging", least="year", past=True)
    leptomeningeal = yes_no("Leptomeningeal disease: diagnosis or evidence", help_text="Ever, not only now")
    cord_compression = yes_no("Spinal cord compression: diagnosis or evidence", help_text="Ever, not only now")
    cns_imaging_on = PartialDateField("Date of the imaging of brain or spine", least="year", past=True)
    cns_imaging_method = CodeField("Imaged by", codelist=codelists.ImagingMethod, max_length=20)
    brain_metastases = yes_no("Brain metastases")
    brain_treated = yes_no("Brain metastases treated")
    brain_steroids = yes_no("Steroids for brain metastases now", help_text="Enter the medication in its log too")
    liver_metastases = yes_no("Liver metastases")

    class Meta:
        verbose_name = verbose_name_plural = "Lung cancer history"
        constraints = one_per_visit("SCLC")


class PriorTherapy(Crf):
    """One line of systemic therapy for small cell lung cancer (I1)."""

    code = "PST"
    area = DISEASE
    domain = "CM"
    dated_by = "chemo_first_on"
    fact = facts.PriorTherapy
    sections = (
        Section("Line", "line_number", "stage", "drugs", "other_drug"),
        Section("Chemotherapy", "chemo_first_on", "chemo_last_on"),
        Section("Checkpoint inhibitor", "ici_first_on", "ici_last_on"),
        Section("When another line followed", "relapsed_on"),
    )
    required = ("line_number", "stage", "drugs", "chemo_first_on", "chemo_last_on")
    exports = {
        "line_number": "CMGRPID", "stage": "CMSTAGE", "drugs": "CMTRT", "other_drug": "CMTRTOTH", "chemo_first_on": "CMSTDAT",
        "chemo_last_on": "CMENDAT", "ici_first_on": "ICISTDAT", "ici_last_on": "ICIENDAT",
        "relapsed_on": "CMPDDAT",
    }  # fmt: skip

    line_number = NumberField("Line number", least=1, most=20, max_digits=2, decimal_places=0)
    stage = CodeField("Stage treated by this line", codelist=codelists.Stage, max_length=4)
    drugs = CodeSetField("Drugs of this line, maintenance included", choices=codelists.Agent.choices())
    other_drug = WordsField("Other drugs, in words")
    chemo_first_on = PartialDateField("First day of chemotherapy", least="year", past=True)
    chemo_last_on = PartialDateField("Last day of chemotherapy", least="year", past=True, after="chemo_first_on")
    ici_first_on = PartialDateField("First day of the checkpoint inhibitor", least="year", past=True)
    ici_last_on = PartialDateField("Last day of the checkpoint inhibitor", least="year", past=True, after="ici_first_on")
    relapsed_on = PartialDateField("Progression after this line", least="year", past=True, after="chemo_first_on", help_text="The progression that led to the trial is entered in the lung cancer history.")  # fmt: skip  # noqa: E501

    class Meta:
        verbose_name = "Prior systemic therapy"
        verbose_name_plural = "Prior systemic therapy"
        constraints = numbered("PST")


class PriorProcedure(Crf):
    """Radiotherapy or surgery before enrolment (E14)."""

    code = "PR"
    area = DISEASE
    domain = "PR"
    dated_by = "performed_on"
    fact = facts.PriorProcedure
    sections = (Section("Procedure", "category", "name", "performed_on", "ended_on", "major"),)
    asks_if = {"major": AskedIf("category", codelists.ProcedureKind.SURGERY)}
    required = ("category", "name", "performed_on", "major")
    exports = {"category": "PRCAT", "name": "PRTRT", "performed_on": "PRSTDAT", "ended_on": "PRENDAT", "major": "PRMAJOR"}

    category = CodeField("Kind", codelist=codelists.ProcedureKind)
    name = WordsField("What was done, and where in the body")
    performed_on = PartialDateField("Date, or first day", least="year", past=True)
    ended_on = PartialDateField("Last day", least="year", past=True, after="performed_on")
    major = yes_no("Major surgical procedure", help_text="The investigator's judgement")

    class Meta:
        verbose_name = "Prior radiotherapy or surgery"
        verbose_name_plural = "Prior radiotherapy and surgery"
        constraints = numbered("PR")


class ImmuneEvent(Crf):
    """An immune-related event of an earlier checkpoint inhibitor (E2)."""

    code = "IRAE"
    area = DISEASE
    domain = "MH"
    dated_by = "started_on"
    fact = facts.ImmuneEvent
    sections = (
        Section("Event", "term", "category", "grade", "started_on", "recurrent", "recurrence_grade", "ici_stopped",
                "status"),
        Section("Endocrine event now", "replacement", "stable"),
    )
    asks_if = {"recurrence_grade": AskedIf("recurrent", "Y"),
               "replacement": AskedIf("category", codelists.ImmuneEventKind.ENDOCRINE),
               "stable": AskedIf("category", codelists.ImmuneEventKind.ENDOCRINE)}  # fmt: skip
    required = (
        "term", "category", "grade", "recurrent", "recurrence_grade", "ici_stopped", "status", "replacement", "stable",
    )  # fmt: skip
    exports = {
        "term": "MHTERM", "category": "MHSCAT", "grade": "MHTOXGR", "started_on": "MHSTDAT", "recurrent": "MHRECUR",
        "recurrence_grade": "MHRECGR", "ici_stopped": "MHICIDIS", "status": "MHOUT", "replacement": "MHHRT", "stable": "MHSTABLE",
    }  # fmt: skip

    term = WordsField("Event")
    category = CodeField("Kind of event", codelist=codelists.ImmuneEventKind, help_text="Hypophysitis is endocrine, not an event of the central nervous system.")  # fmt: skip  # noqa: E501
    grade = CodeField("Worst grade (CTCAE)", codelist=codelists.PastGrade, max_length=1)
    started_on = PartialDateField("Onset", least="year", past=True)
    recurrent = yes_no("Did it come back?")
    recurrence_grade = CodeField("Worst grade when it came back (CTCAE)", codelist=codelists.PastGrade, max_length=1)
    ici_stopped = yes_no("Checkpoint inhibitor stopped for good because of it")
    status = CodeField("Status now", codelist=codelists.PastOutcome)
    replacement = yes_no("On hormone replacement")
    stable = yes_no("Clinically stable")

    class Meta:
        verbose_name = "Prior immune-related event"
        verbose_name_plural = "Prior immune-related events"
        constraints = numbered("IRAE")


class HistoryAsked(Crf):
    """What there was: an empty log says nothing by itself."""

    code = "HX"
    area = HISTORY
    visits = SCREENING
    domain = "MH"
    dated_by = "asked_on"
    fact = facts.HistoryAsked
    sections = (
        Section("Earlier treatment", "asked_on", "radiotherapy_any", "surgery_any", "irae_any"),
        Section("Other diseases", "medical_any", "malignancy_any", "vascular_any", "autoimmune_any", "immunosuppression_needed",
                "transplant", "transplant_organ"),
        Section("Infection and vaccination", "infection_any", "vaccine_any"),
        Section("Lung", "ild", "pneumonitis_active", "lung_imaging_on"),
    )  # fmt: skip
    asks_if = {"transplant_organ": AskedIf("transplant", "Y")}
    required = (
        "asked_on", "medical_any", "radiotherapy_any", "surgery_any", "irae_any", "malignancy_any", "vascular_any",
        "autoimmune_any", "immunosuppression_needed", "transplant", "transplant_organ", "infection_any", "vaccine_any",
        "ild", "pneumonitis_active",
    )  # fmt: skip
    exports = {
        "asked_on": "MHDAT", "medical_any": "MHYN", "radiotherapy_any": "PRRADYN", "surgery_any": "PRSURYN", "irae_any": "IRAEYN",
        "malignancy_any": "MALIGYN", "vascular_any": "VASCYN", "autoimmune_any": "AUTOIMYN",
        "immunosuppression_needed": "IMMSUPYN", "transplant": "TRANSPYN", "transplant_organ": "TRANSPLO",
        "infection_any": "INFECTYN", "vaccine_any": "VACCYN", "ild": "ILDYN", "pneumonitis_active": "PNEUMOYN",
        "lung_imaging_on": "LUNGDAT",
    }  # fmt: skip

    asked_on = PartialDateField("Date of the interview", past=True)
    radiotherapy_any = yes_no("Any radiotherapy before", help_text="If yes, enter each in its log")
    surgery_any = yes_no("Any surgery in the last 3 months", help_text="If yes, enter each in its log")
    irae_any = yes_no("Any immune-related event of an earlier checkpoint inhibitor", help_text="If yes, enter each in its log")
    medical_any = yes_no("Any other relevant disease", help_text="If yes, enter each in its log")
    malignancy_any = yes_no("Any other malignancy, ever", help_text="If yes, enter each in its log")
    vascular_any = yes_no("Any heart attack, heart failure or arterial event, ever", help_text="If yes, enter each in its log")
    autoimmune_any = yes_no("Any autoimmune disease, ever", help_text="If yes, enter each in its log")
    immunosuppression_needed = yes_no("Any other disease that will need immunosuppressive therapy during the trial", help_text="The investigator's judgement")  # fmt: skip  # noqa: E501
    transplant = yes_no("Solid organ transplantation, ever")
    transplant_organ = WordsField("Which organ, and when")
    infection_any = yes_no("Any infection in the last 4 weeks, or active", help_text="If yes, enter each in its log")
    vaccine_any = yes_no("Any vaccination in the last 4 weeks", help_text="If yes, enter each in its log")
    ild = yes_no("Evidence of interstitial lung disease")
    pneumonitis_active = yes_no("Active, non-infectious pneumonitis")
    lung_imaging_on = PartialDateField("Date of the chest CT", least="year", past=True)

    class Meta:
        verbose_name = verbose_name_plural = "History questions"
        constraints = one_per_visit("HX")


class MedicalHistory(Crf):
    """A disease before or at consent that no other form asks for."""

    code = "MH"
    area = HISTORY
    domain = "MH"
    dated_by = "started_on"
    fact = facts.MedicalHistory
    sections = (Section("Disease", "term", "started_on", "ongoing", "ended_on"),)
    asks_if = {"ended_on": AskedIf("ongoing", "N")}
    required = ("term", "ongoing")
    exports = {"term": "MHTERM", "started_on": "MHSTDAT", "ongoing": "MHONGO", "ended_on": "MHENDAT"}

    term = WordsField("Disease")
    started_on = PartialDateField("Since", least="year", past=True)
    ongoing = yes_no("Ongoing")
    ended_on = PartialDateField("Until", least="year", past=True, after="started_on")

    class Meta:
        verbose_name = verbose_name_plural = "Medical history"
        constraints = numbered("MH")


class OtherMalignancy(Crf):
    """Another malignancy, with the exceptions of E6."""

    code = "OM"
    area = HISTORY
    domain = "MH"
    dated_by = "diagnosed_on"
    fact = facts.OtherMalignancy
    sections = (
        Section("Malignancy", "kind", "diagnosed_on", "still_active", "active_until"),
        Section("Exception of criterion E6", "exception", "curative", "curative_on", "adequately_treated", "no_evidence", "no_evidence_since",
                "low_risk"),
    )  # fmt: skip
    asks_if = {
        "active_until": AskedIf("still_active", "N"),
        "curative": AskedIf("exception", codelists.MalignancyException.LOW_RISK),
        "curative_on": AskedIf("curative", "Y"),
        "low_risk": AskedIf("exception", codelists.MalignancyException.LOW_RISK),
        "no_evidence_since": AskedIf("no_evidence", "Y"),
    }  # fmt: skip
    required = ("kind", "diagnosed_on", "still_active", "exception", "curative", "curative_on", "no_evidence", "low_risk")
    exports = {
        "kind": "MHTERM", "diagnosed_on": "MHSTDAT", "still_active": "MHONGO", "active_until": "MHENDAT", "exception": "MHEXCEPT",
        "curative": "MHCURAT", "curative_on": "MHCURDAT", "adequately_treated": "MHADEQ", "no_evidence": "MHNED", "no_evidence_since": "MHNEDDAT",
        "low_risk": "MHLOWRSK",
    }  # fmt: skip

    kind = WordsField("Malignancy")
    diagnosed_on = PartialDateField("Date of diagnosis", least="year", past=True)
    still_active = yes_no("Active disease now")
    active_until = PartialDateField("Last day of active disease", least="year", past=True, after="diagnosed_on")
    exception = CodeField("Which exception it may fall under", codelist=codelists.MalignancyException)
    curative = yes_no("Treated with curative intent")
    curative_on = PartialDateField("Date of the curative treatment, or its last day", least="year", past=True, after="diagnosed_on")  # fmt: skip  # noqa: E501
    adequately_treated = yes_no("Adequately treated")
    no_evidence = yes_no("No evidence of disease", help_text="Yes means that no disease is known")
    no_evidence_since = PartialDateField("No known active disease since", least="year", past=True)
    low_risk = yes_no("Believed to be at low risk of recurrence", help_text="The investigator's judgement")

    class Meta:
        verbose_name = "Other malignancy"
        verbose_name_plural = "Other malignancies"
        constraints = numbered("OM")


class VascularHistory(Crf):
    """A cardiac or arterial event (E7, E8)."""

    code = "CVH"
    area = HISTORY
    domain = "MH"
    dated_by = "occurred_on"
    fact = facts.VascularHistory
    sections = (
        Section("Event", "kind", "name", "occurred_on"), Section("Heart failure", "nyha", "nyha_on", "ongoing", "ended_on"),
    )  # fmt: skip
    asks_if = {
        "nyha": AskedIf("kind", codelists.VascularEvent.HEART_FAILURE),
        "nyha_on": AskedIf("kind", codelists.VascularEvent.HEART_FAILURE),
        "ongoing": AskedIf("kind", codelists.VascularEvent.HEART_FAILURE),
        "ended_on": AskedIf("ongoing", "N"),
    }
    required = ("kind", "occurred_on", "nyha", "nyha_on", "ongoing", "ended_on")
    exports = {"kind": "MHDECOD", "name": "MHTERM", "occurred_on": "MHSTDAT", "nyha": "NYHACLS", "nyha_on": "NYHADAT",
               "ongoing": "MHONGO", "ended_on": "MHENDAT"}  # fmt: skip

    kind = CodeField("Kind of event", codelist=codelists.VascularEvent)
    name = WordsField("In words")
    occurred_on = PartialDateField("Date of the event, or of the first symptoms", least="year", past=True)
    nyha = CodeField("Worst NYHA class within the last 12 months", codelist=codelists.Nyha, help_text="Not the worst ever: a worse class of longer ago is no matter of E7")  # fmt: skip  # noqa: E501
    nyha_on = PartialDateField("Last day on which that class was present", least="year", past=True, after="occurred_on")
    ongoing = yes_no("Heart failure ongoing")
    ended_on = PartialDateField("Until", least="year", past=True, after="occurred_on")

    class Meta:
        verbose_name = "Cardiac or arterial event"
        verbose_name_plural = "Cardiac and arterial events"
        constraints = numbered("CVH")


class AutoimmuneDisease(Crf):
    """An autoimmune disease (E3)."""

    code = "AID"
    area = HISTORY
    domain = "MH"
    dated_by = "last_treated_on"
    fact = facts.AutoimmuneDisease
    sections = (
        Section("Disease", "name", "active"),
        Section("Treatment", "systemic", "replacement_only", "treatment_ongoing", "last_treated_on"),
    )
    asks_if = {"replacement_only": AskedIf("systemic", "Y"), "treatment_ongoing": AskedIf("systemic", "Y"),
               "last_treated_on": AskedIf("treatment_ongoing", "N")}  # fmt: skip
    required = ("name", "active", "systemic", "replacement_only", "treatment_ongoing", "last_treated_on")
    exports = {"name": "MHTERM", "active": "MHACTIVE", "systemic": "MHSYSTRT", "replacement_only": "MHREPL",
               "treatment_ongoing": "MHTRTONG", "last_treated_on": "MHTRTDAT"}  # fmt: skip

    name = WordsField("Disease")
    active = yes_no("Active now")
    systemic = yes_no("Ever required systemic treatment")
    replacement_only = yes_no("Replacement therapy only", help_text="Such as thyroid hormone, insulin or hydrocortisone for adrenal failure")  # fmt: skip  # noqa: E501
    treatment_ongoing = yes_no("Systemic treatment ongoing")
    last_treated_on = PartialDateField("Last day of systemic treatment", least="year", past=True)

    class Meta:
        verbose_name = "Autoimmune disease"
        verbose_name_plural = "Autoimmune diseases"
        constraints = numbered("AID")


class Infection(Crf):
    """An infection around screening (E11, E12)."""

    code = "INF"
    area = HISTORY
    domain = "MH"
    dated_by = "started_on"
    fact = facts.Infection
    sections = (
        Section("Infection", "name", "started_on", "active"),
        Section("Signs", "symptoms", "clinical_signs", "radiographic_signs", "uncontrolled", "last_sign_on", "last_sign_time"),
        Section("Parenteral antibiotics", "parenteral", "antibiotic", "antibiotics_completed", "antibiotics_ended_on", "symptoms_resolved"),
    )
    asks_if = {"antibiotic": AskedIf("parenteral", "Y"), "antibiotics_completed": AskedIf("parenteral", "Y"), "symptoms_resolved": AskedIf("parenteral", "Y"),
               "antibiotics_ended_on": AskedIf("antibiotics_completed", "Y")}  # fmt: skip
    required = ("name", "started_on", "active", "symptoms", "clinical_signs", "radiographic_signs", "uncontrolled", "parenteral",
                "antibiotic", "antibiotics_completed", "antibiotics_ended_on", "symptoms_resolved")  # fmt: skip
    exports = {
        "name": "MHTERM", "started_on": "MHSTDAT", "active": "MHONGO", "symptoms": "INFSYMP", "clinical_signs": "INFSIGN",
        "radiographic_signs": "INFRADIO", "uncontrolled": "INFUNCON", "last_sign_on": "INFLSDAT", "last_sign_time": "INFLSTIM",
        "parenteral": "INFIVAB", "antibiotic": "INFIVTRT", "antibiotics_completed": "INFIVCMP", "antibiotics_ended_on": "INFIVEND",
        "symptoms_resolved": "INFRESOL",
    }  # fmt: skip

    name = WordsField("Infection")
    started_on = PartialDateField("Since", least="year", past=True)
    active = yes_no("Active now")
    symptoms = yes_no("Symptoms")
    clinical_signs = yes_no("Clinical signs")
    radiographic_signs = yes_no("Radiographic signs")
    uncontrolled = yes_no("Acute or uncontrolled systemic infection", help_text="The investigator's judgement")
    last_sign_on = PartialDateField("Last day with a symptom or sign", least="year", past=True, after="started_on")
    last_sign_time = ClockTimeField("Time of the last symptom or sign", help_text="Matters only around the first infusion")
    parenteral = yes_no("Parenteral antibiotics needed")
    antibiotic = WordsField("Which antibiotic", help_text="Enter its course in the medication log too")
    antibiotics_completed = yes_no("Parenteral antibiotics completed")
    antibiotics_ended_on = PartialDateField("Last day of parenteral antibiotics", least="year", past=True)
    symptoms_resolved = yes_no("Symptoms resolved")

    class Meta:
        verbose_name = "Infection"
        verbose_name_plural = "Infections"
        constraints = numbered("INF")


class Smoking(Crf):
    """Tobacco."""

    code = "SU"
    area = HISTORY
    visits = SCREENING
    domain = "SU"
    dated_by = "stopped_on"
    fact = facts.Smoking
    sections = (Section("Smoking", "status", "pack_years", "stopped_on"),)
    asks_if = {"stopped_on": AskedIf("status", codelists.SmokingStatus.FORMER)}
    required = ("status",)
    exports = {"status": "SUNCF", "pack_years": "SUPACKYR", "stopped_on": "SUENDAT"}

    status = CodeField("Smoking", codelist=codelists.SmokingStatus)
    pack_years = NumberField("Pack-years", unit="years", least=0, most=300, max_digits=4, decimal_places=1)
    stopped_on = PartialDateField("Stopped", least="year", past=True)

    class Meta:
        verbose_name = verbose_name_plural = "Smoking"
        constraints = one_per_visit("SU")


class Childbearing(Crf):
    """Childbearing potential, pregnancy, lactation and contraception (I9, E17, E18)."""

    code = "RP"
    area = HISTORY
    visits = (*SCREENING, *UNSCHEDULED)
    domain = "RP"
    dated_by = "assessed_on"
    fact = facts.Childbearing
    sections = (
        Section("Women", "assessed_on", "potential", "no_potential_reason", "menopausal_status", "last_period_on", "pregnant",
                "breastfeeding"),
        Section("Contraception, women and men", "sexually_active", "willing", "method"),
    )  # fmt: skip
    asks_if = {"no_potential_reason": AskedIf("potential", "N"), "willing": AskedIf("sexually_active", "Y")}
    required = ("assessed_on", "no_potential_reason", "sexually_active", "willing")
    required_first = ("sexually_active",)
    exports = {
        "assessed_on": "RPDAT", "potential": "CHILDPOT", "no_potential_reason": "CHILDREA", "menopausal_status": "MENOSTAT",
        "last_period_on": "LMPSTDAT", "pregnant": "PREGIND", "breastfeeding": "SCBFCIND", "sexually_active": "SEXACTYN",
        "willing": "CONTRYN", "method": "CONTRMET",
    }  # fmt: skip

    assessed_on = PartialDateField("Date of the interview", past=True)
    potential = yes_no("Of childbearing potential", help_text="Women only; the investigator's answer is the fact.")
    no_potential_reason = CodeField("Not of childbearing potential because", codelist=codelists.NoChildbearingReason)
    menopausal_status = CodeField("Menopausal status", codelist=codelists.MenopausalStatus)
    last_period_on = PartialDateField("First day of the last period", least="year", past=True)
    pregnant = yes_no("Pregnant now", help_text="Women only")
    breastfeeding = yes_no("Breast-feeding now", help_text="Women only")
    sexually_active = yes_no("Sexually active")
    willing = yes_no("Willing to use an effective contraceptive method until at least 60 days after the last dose", help_text="Of women, only those of childbearing potential are meant.")  # fmt: skip  # noqa: E501
    method = WordsField("Method")

    class Meta:
        verbose_name = verbose_name_plural = "Childbearing and contraception"
        constraints = one_per_visit("RP")

    @classmethod
    def adapt(cls, form, patient) -> None:
        """Of a man the questions to women need no answer, and say so."""
        people = registry.form("DM").objects.filter(patient=patient, voided=False)
        if people.values_list("sex", flat=True).first() == codelists.Sex.MALE:
            for name in cls.sections[0].fields[1:]:
                form.fields[name].help_text = "Not needed: the patient is a man."
