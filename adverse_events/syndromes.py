"""Assessments of CRS, ICANS and tumour lysis: findings, and the investigator's own grade, as often as the patient is looked at.

Onset and end are those of the adverse event, drugs those of the medication log, laboratory values those of the laboratory:
shown here and typed nowhere twice. What follows from the findings is shown beside the own grade once that is saved.
"""

from __future__ import annotations

from typing import Any

from adverse_events import course
from crf.declare import AskedIf, Next, Section
from crf.facts import load_case
from crf.fields import ClockTimeField, CodeField, CodeSetField, LinkField, NumberField, PartialDateField, yes_no
from crf.models import Crf, numbered
from protocol import safety_codelists as codelists
from protocol import safety_facts as facts
from protocol.codelists import IceObstacle, YesNo
from protocol.engine import Case
from protocol.safety_codelists import FeverTherapy, OxygenDevice
from protocol.scales import CRS, ICANS, TLS
from protocol.syndromes import (
    ICE_NAMES,
    NEEDS,
    TERM_OF,
    assessed_at,
    baseline_ice,
    given_for,
    graded_in,
    is_anticytokine,
    opening_dose,
    points,
    said,
    since_infusion,
)

_WHEN = {"event": "FAAENO", "assessed_on": "FADAT", "assessed_time": "FATIM"}
_CARE = {"icu": "FAICU", "elsewhere": "FAOTHHSP", "elsewhere_kind": "FAHSPTYP", "grade": "FATOXGR"}
_ELSEWHERE = AskedIf("elsewhere", YesNo.YES)
_AT_SITE = "Time at the site; UNK when nobody knows it"


def _event(what: str) -> LinkField:
    return LinkField("Adverse event", to="AE", help_text=f"The event of {what}; onset and end are entered there", db_comment=f"Number of the adverse event of {what}")  # fmt: skip  # noqa: E501


def _own_grade(scale: str) -> CodeField:
    return CodeField(f"Grade at this assessment, by {scale}", codelist=codelists.AssessedGrade, max_length=1, help_text="The investigator's own. What follows from the findings is shown once it is saved", db_comment="Grade at this assessment, by the investigator")  # fmt: skip  # noqa: E501


class _Shown:
    """Reading the records around an assessment for its page."""

    def __init__(self, record: Crf, case: Case) -> None:
        self.case, self.patient = case, case.patient
        self.fact: Any = next((each for each in case.of(record.code) if each.id == record.pk), None)
        self.event: Any = next((each for each in case.of("AE") if self.fact and each.slot == self.fact.event), None)

    def times(self) -> dict[str, tuple[str, str]]:
        """Onset and end of the event, and where the assessment lies after onset and infusion."""
        found = {}
        if self.event is not None:
            found["event"] = ("neutral", course.onset_words(self.event, self.case))
        since = since_infusion(assessed_at(self.fact, self.patient), self.case.of("EC"), self.patient)
        if since is not None:
            found["assessed_time"] = ("neutral", str(since))
        return found

    def grade(self) -> dict[str, tuple[str, str]]:
        """What follows from the findings, beside the own grade and never before it."""
        if not self.fact.grade:
            return {}
        graded = graded_in(self.case, self.fact, self.event)
        return {"grade": ("neutral" if graded.allows(self.fact.grade) else "warn", said(graded, TERM_OF[self.fact.form]))}


def _computed(record: Crf, case: Case) -> tuple[_Shown, dict[str, tuple[str, str]]]:
    shown = _Shown(record, case)
    return shown, {**shown.times(), **shown.grade()} if shown.fact is not None else {}


def _tell_onset(form: Any, patient: Any) -> None:
    """A new assessment that an event has brought says when that began, while one asks for the time."""
    if form.is_bound or form.instance.pk is not None or not form.initial.get("event"):
        return
    case = load_case(patient, ("AE", "EC"))
    event = next((each for each in case.of("AE") if each.slot == form.initial["event"]), None)
    if event is not None:
        form.fields["assessed_on"].help_text = course.onset_words(event, case)


class CrsAssessment(Crf):
    """Cytokine release syndrome at one moment, by ASTCT."""

    code = "CRS"
    area = "Safety"
    domain = "FA"
    dated_by = "assessed_on"
    fact = facts.CrsAssessment
    computes_from = NEEDS
    sections = (
        Section("Assessment", "event", "assessed_on", "assessed_time"),
        Section("Fever", "temperature", "fever_earlier", "therapy"),
        Section("Blood pressure", "hypotension", "vasopressor", "vasopressors", "hypotension_no_other_cause"),
        Section("Oxygen", "oxygen", "oxygen_flow", "hypoxia_no_other_cause"),
        Section("Care", "icu", "elsewhere", "elsewhere_kind"),
        Section("Grade", "grade"),
    )
    asks_if = {
        "vasopressor": AskedIf("hypotension", YesNo.YES),
        "vasopressors": AskedIf("vasopressor", YesNo.YES),
        "hypotension_no_other_cause": AskedIf("hypotension", YesNo.YES),
        "oxygen_flow": AskedIf("oxygen", OxygenDevice.LOW_FLOW, OxygenDevice.HIGH_FLOW),
        "hypoxia_no_other_cause": AskedIf("oxygen", *[each for each in OxygenDevice if each is not OxygenDevice.NONE]),
        "elsewhere_kind": _ELSEWHERE,
    }
    required = ("event", "assessed_on", "assessed_time", "temperature", "fever_earlier", "therapy", "hypotension", "vasopressor",
                "vasopressors", "hypotension_no_other_cause", "oxygen", "oxygen_flow", "hypoxia_no_other_cause", "icu", "grade")  # fmt: skip
    exports = {
        **_WHEN, "temperature": "FATEMP", "fever_earlier": "FAFEVER", "therapy": "FATRT", "hypotension": "FAHYPOT",
        "vasopressor": "FAVASOYN", "vasopressors": "FAVASO", "hypotension_no_other_cause": "FAHYPONC", "oxygen": "FAO2DEV",
        "oxygen_flow": "FAO2FLOW", "hypoxia_no_other_cause": "FAHYPXNC", **_CARE,
    }  # fmt: skip

    event = _event("cytokine release syndrome")
    assessed_on = PartialDateField("Date", past=True, db_comment="Date of the assessment")
    assessed_time = ClockTimeField("Time", on="assessed_on", help_text=_AT_SITE, db_comment="Time of the assessment at the site")
    temperature = NumberField("Highest temperature", unit="°C", least=30, most=45, max_digits=3, decimal_places=1, help_text="Since the last assessment, or since onset")  # fmt: skip  # noqa: E501
    fever_earlier = yes_no("Fever of 38 °C or more earlier in this event?")
    therapy = CodeField("Given against fever or cytokines, so far in this event", codelist=FeverTherapy, help_text="Tocilizumab and corticosteroids are entered in the medication log, linked to the event")  # fmt: skip  # noqa: E501
    hypotension = yes_no("Hypotension?", help_text="Yes also when vasopressors hold the pressure up")
    vasopressor = yes_no("Is a vasopressor running?")
    vasopressors = CodeSetField("Which", choices=codelists.Vasopressor.choices(), db_comment="Vasopressors running")
    hypotension_no_other_cause = yes_no("Any other cause of the hypotension ruled out?", db_comment="Hypotension has no other cause")
    oxygen = CodeField("Oxygen", codelist=OxygenDevice, db_comment="Oxygen device")
    oxygen_flow = NumberField("Flow", unit="L/min", least=0, most=100, max_digits=4, decimal_places=1, doubt_above=80, db_comment="Oxygen flow, L/min")  # fmt: skip  # noqa: E501
    hypoxia_no_other_cause = yes_no("Any other cause of the lack of oxygen ruled out?", db_comment="Hypoxia has no other cause")
    icu = yes_no("In intensive care?", help_text="The stay itself is entered as a hospital stay")
    elsewhere = yes_no("Treated in another hospital?", help_text="Only when it is so")
    elsewhere_kind = CodeField("Which kind of hospital", codelist=codelists.OtherHospital, help_text="No name")
    grade = _own_grade("ASTCT")

    class Meta:
        verbose_name = "CRS assessment"
        verbose_name_plural = "CRS assessments"
        constraints = numbered("CRS")

    @classmethod
    def adapt(cls, form, patient) -> None:
        _tell_onset(form, patient)

    @classmethod
    def points_to(cls, target: Crf) -> bool:
        return target.code != "AE" or target.term in ("", CRS)

    @classmethod
    def page_extras(cls, user, record) -> dict:
        return course.for_assessment(record)

    def beside(self, target: Crf) -> str:
        return course.looked_at(self)

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """Times, the drugs that were given for the event, and the grade."""
        shown, found = _computed(self, case)
        drugs = [each for each in given_for(shown.event, case.of("CM")) if is_anticytokine(each)]
        if drugs:
            found["therapy"] = ("neutral", "; ".join(course.drug_words(each, shown.event, case) for each in drugs))
        return found

    def follows(self) -> Next | None:
        """The drug, when one is answered that the log does not have; else the event."""
        case = load_case(self.patient, ("AE", "CM"))
        event = next((each for each in case.of("AE") if each.slot == self.event), None)
        told = self.therapy in (FeverTherapy.ANTICYTOKINE, FeverTherapy.BOTH)
        if told and event and not any(is_anticytokine(each) for each in given_for(event, case.of("CM"))):
            return Next("CM", links={"for_event": self.event})
        return Next("AE", self.event) if self.event else None


def _points(question: str, most: int) -> NumberField:
    return NumberField(question, unit=f"of {most}", least=0, most=most, max_digits=1, decimal_places=0)


class IcansAssessment(Crf):
    """ICANS at one moment, by ASTCT: the ICE score item by item, and the other domains."""

    code = "ICANS"
    area = "Safety"
    domain = "FA"
    dated_by = "assessed_on"
    fact = facts.IcansAssessment
    computes_from = NEEDS
    sections = (
        Section("Assessment", "event", "assessed_on", "assessed_time"),
        Section("ICE score", "assessable", "obstacle", *ICE_NAMES),
        Section("Consciousness", "consciousness", "consciousness_no_other_cause"),
        Section("Seizure, weakness, pressure", "seizure", "deep_focal_weakness", "raised_pressure", "haemorrhage"),
        Section("Care", "icu", "elsewhere", "elsewhere_kind"),
        Section("Grade", "grade"),
    )
    asks_if = {
        "obstacle": AskedIf("assessable", YesNo.NO),
        **dict.fromkeys(ICE_NAMES, AskedIf("assessable", YesNo.YES)),
        "consciousness_no_other_cause": AskedIf("consciousness", *[each for each in codelists.Consciousness if each is not codelists.Consciousness.ALERT]),
        "haemorrhage": AskedIf("raised_pressure", *[each for each in codelists.RaisedPressure if each is not codelists.RaisedPressure.NONE]),
        "elsewhere_kind": _ELSEWHERE,
    }  # fmt: skip
    required = ("event", "assessed_on", "assessed_time", "assessable", "obstacle", *ICE_NAMES, "consciousness",
                "consciousness_no_other_cause", "seizure", "deep_focal_weakness", "raised_pressure", "haemorrhage", "icu", "grade")  # fmt: skip
    exports = {
        **_WHEN, "assessable": "FAICEYN", "obstacle": "FAICEND", "orientation": "FAICE1", "naming": "FAICE2", "commands": "FAICE3",
        "writing": "FAICE4", "attention": "FAICE5", "consciousness": "FACONSC", "consciousness_no_other_cause": "FACONNC",
        "seizure": "FASEIZ", "deep_focal_weakness": "FAMOTOR", "raised_pressure": "FAICP", "haemorrhage": "FAICH", **_CARE,
    }  # fmt: skip

    event = _event("ICANS")
    assessed_on = PartialDateField("Date", past=True, db_comment="Date of the assessment")
    assessed_time = ClockTimeField("Time", on="assessed_on", help_text=_AT_SITE, db_comment="Time of the assessment at the site")
    assessable = yes_no("Could the ICE score be assessed?")
    obstacle = CodeField("Not assessable because", codelist=IceObstacle)
    orientation = _points("Orientation: year, month, city, hospital", 4)
    naming = _points("Naming three objects", 3)
    commands = _points("Following a simple command", 1)
    writing = _points("Writing a standard sentence", 1)
    attention = _points("Counting backwards from 100 by ten", 1)
    consciousness = CodeField("Consciousness", codelist=codelists.Consciousness)
    consciousness_no_other_cause = yes_no("Any other cause ruled out?", db_comment="Depressed consciousness has no other cause")
    seizure = CodeField("Seizure", codelist=codelists.SeizureKind)
    deep_focal_weakness = yes_no("Deep weakness of one side or of both legs?", db_comment="Deep focal weakness")
    raised_pressure = CodeField("Swelling of the brain or raised pressure", codelist=codelists.RaisedPressure)
    haemorrhage = yes_no("Does it come with bleeding inside the skull?", help_text="Bleeding is an event of its own, graded by CTCAE", db_comment="Intracranial haemorrhage")  # fmt: skip  # noqa: E501
    icu = yes_no("In intensive care?", help_text="The stay itself is entered as a hospital stay")
    elsewhere = yes_no("Treated in another hospital?", help_text="Only when it is so")
    elsewhere_kind = CodeField("Which kind of hospital", codelist=codelists.OtherHospital, help_text="No name")
    grade = _own_grade("ASTCT")

    class Meta:
        verbose_name = "ICANS assessment"
        verbose_name_plural = "ICANS assessments"
        constraints = numbered("ICANS")

    @classmethod
    def adapt(cls, form, patient) -> None:
        """The points at baseline stand beside each item while one asks for them."""
        _tell_onset(form, patient)
        if form.is_bound:
            return
        before = baseline_ice(load_case(patient, ("ICE",)).of("ICE"))
        for name in ICE_NAMES if before else ():
            known = getattr(before, name)
            if known is not None:
                form.fields[name].help_text = f"At baseline ({before.assessed_on}): {known}"

    @classmethod
    def points_to(cls, target: Crf) -> bool:
        return target.code != "AE" or target.term in ("", ICANS)

    @classmethod
    def page_extras(cls, user, record) -> dict:
        return course.for_assessment(record)

    def beside(self, target: Crf) -> str:
        return course.looked_at(self)

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """Times, the ICE score beside its baseline, and the grade."""
        shown, found = _computed(self, case)
        score, before = points(shown.fact) if shown.fact else None, baseline_ice(case.of("ICE"))
        if score is not None:
            at_baseline = points(before) if before else None
            beside = f"; at baseline ({before.assessed_on}) {at_baseline} of 10" if before and at_baseline is not None else ""
            found["attention"] = ("neutral", f"ICE score {score} of 10{beside}")
        return found

    def follows(self) -> Next | None:
        return Next("AE", self.event) if self.event else None


class TlsAssessment(Crf):
    """Tumour lysis syndrome at one moment, by Cairo-Bishop; the laboratory stands on its own forms."""

    code = "TLS"
    area = "Safety"
    domain = "FA"
    dated_by = "assessed_on"
    fact = facts.TlsAssessment
    computes_from = NEEDS
    sections = (
        Section("Assessment", "event", "assessed_on", "assessed_time", "opened_by"),
        Section("Clinical signs", "arrhythmia", "seizure"),
        Section("Care", "icu", "elsewhere", "elsewhere_kind"),
        Section("Grade", "grade"),
    )
    asks_if = {"elsewhere_kind": _ELSEWHERE}
    required = ("event", "assessed_on", "assessed_time", "arrhythmia", "seizure", "icu", "grade")
    exports = {**_WHEN, "opened_by": "FAECNO", "arrhythmia": "FAARRGR", "seizure": "FASEIZGR", **_CARE}

    event = _event("tumour lysis")
    assessed_on = PartialDateField("Date", past=True, db_comment="Date of the assessment")
    assessed_time = ClockTimeField("Time", on="assessed_on", help_text=_AT_SITE, db_comment="Time of the assessment at the site")
    opened_by = LinkField("Dose that opens the window", to="EC", help_text="Empty: the last infusion before the event. The window is 3 days before to 7 days after its day")  # fmt: skip  # noqa: E501
    arrhythmia = CodeField("Arrhythmia, your grade", codelist=codelists.ArrhythmiaGrade, max_length=1, db_comment="Grade of arrhythmia by the investigator")  # fmt: skip  # noqa: E501
    seizure = CodeField("Seizure, your grade", codelist=codelists.SeizureGrade, max_length=1, db_comment="Grade of seizure by the investigator")  # fmt: skip  # noqa: E501
    icu = yes_no("In intensive care?", help_text="The stay itself is entered as a hospital stay")
    elsewhere = yes_no("Treated in another hospital?", help_text="Only when it is so")
    elsewhere_kind = CodeField("Which kind of hospital", codelist=codelists.OtherHospital, help_text="No name")
    grade = _own_grade("Cairo-Bishop")

    class Meta:
        verbose_name = "Tumour lysis assessment"
        verbose_name_plural = "Tumour lysis assessments"
        constraints = numbered("TLS")

    @classmethod
    def adapt(cls, form, patient) -> None:
        _tell_onset(form, patient)

    @classmethod
    def points_to(cls, target: Crf) -> bool:
        return target.code != "AE" or target.term in ("", TLS)

    @classmethod
    def page_extras(cls, user, record) -> dict:
        return course.for_assessment(record)

    def beside(self, target: Crf) -> str:
        return course.looked_at(self)

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """Times, the window, and the grade with the evidence of the laboratory."""
        shown, found = _computed(self, case)
        dose = opening_dose(shown.fact, shown.event, case.of("EC"), case.patient) if shown.fact else None
        if dose is not None:
            chosen = "as chosen" if self.opened_by else "the last before the event"
            found["opened_by"] = ("neutral", f"{dose.visit}, {dose.given_on}: {chosen}")
        return found

    def follows(self) -> Next | None:
        return Next("AE", self.event) if self.event else None


