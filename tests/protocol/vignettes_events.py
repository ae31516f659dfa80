"""Whole adverse events: one line says what happened to a patient, and which findings come of it.

The patient signed the consent on 1 June 2026, was registered on 10 June and had C1D1 on 15 June, C1D8 on 22 June and C1D15 on
29 June 2026; today is 1 September. The event stands first of the records of a line, so that its number is 1.

    Sentence, the findings by rule id ('' for none), the records.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.facts import AdverseEvent
from protocol.scales import CRS, ICANS, TLS
from tests.protocol import syndrome_build
from tests.protocol.build import ae, asked, case, consent, dd, dm, dose, doses, eot, serious
from tests.protocol.safety_build import aeg, drug, ho, longer, uv, watched

COURSE = doses("2026-06-15", "2026-06-22", "2026-06-29")
NEITHER = {"special_interest": "NONE", "baseline": "N", "treatment_given": "N"}


def event(term="Fever", on="2026-07-02", end="2026-07-04", **rest):
    """A grade 1 event after C1D15 that is over, with every question answered."""
    return ae(term, on, end, **{"grade": "1", **NEITHER, **rest})


def grave(term="Lung infection", on="2026-07-02", end="2026-07-12", because=("is_hospitalisation",), **rest):
    """A serious event of grade 3 that led to a hospital stay which nobody had planned."""
    return serious(term, "2026-07-03", on=on, end=end, because=because, **{"grade": "3", **NEITHER, "stay_planned": "N", **rest})


def deadly(term="Sepsis", on="2026-07-10", end="2026-07-14", **rest):
    """An event of which the patient died on 14 July, four days after it began as grade 3."""
    return serious(term, "2026-07-10", on=on, end=end, because=("is_death",), **{"grade": "3", "outcome": "FATAL", **NEITHER, "action_taken": "DRUG WITHDRAWN", "left_study": "Y", **rest})  # noqa: E501  # fmt: skip


def died(**rest):
    return dd("2026-07-14", **{"cause": "ADVERSE EVENT", "event": "1", "autopsy": "N", **rest})


def stopped(reason="ADVERSE EVENT", on="2026-07-14", **rest):
    return eot(on, reason, **{"event": "1" if reason == "ADVERSE EVENT" else "", **rest})


def crs(**rest):
    return event(CRS, **{"scale": "ASTCT 2019", "special_interest": "CRS", **rest})


@dataclass(frozen=True)
class Whole:
    """One event with its surroundings; one of CRS, ICANS or tumour lysis was assessed when it began, unless a line says otherwise."""

    what: str
    findings: str
    records: tuple
    given: tuple = COURSE
    assessed: bool = True

    @property
    def of(self):
        first = self.records[0]
        looked = ASSESSED.get(first.term) if self.assessed and isinstance(first, AdverseEvent) else None
        return case(*self.records, consent(), *self.given, *([looked(first.started_time, first.started_on.text, first.grade)] if looked else []))


ASSESSED = {
    CRS: lambda time, on, grade: syndrome_build.crs(time, on, grade=grade),
    ICANS: lambda time, on, grade: syndrome_build.icans(8, time, on, grade=grade),
    TLS: lambda time, on, grade: syndrome_build.tls(on, time, grade=grade),
}  # fmt: skip


VIGNETTES = [
    # Common events
    Whole("A fever of grade 1 that is over", "", (event(),)),
    Whole("A fever of grade 1, then 2, treated with paracetamol, over", "", (event(treatment_given="Y"), aeg("2", "2026-07-03"), drug())),
    Whole("The same, and paracetamol is not in the medication log", "AE-057", (event(treatment_given="Y"), aeg("2", "2026-07-03"))),
    Whole("The same, and the answer is that nothing was given", "AE-058", (event(), drug())),
    Whole("A fever that is still there on the day of entry", "", (event(end=""),)),
    Whole("Over by its outcome, without a day", "AE-009", (event(end="", ongoing="N", outcome="RECOVERED/RESOLVED"),)),
    Whole("Lost to follow-up: the outcome is unknown, and no end is needed", "", (event(end="", ongoing="N", outcome="UNKNOWN"),)),
    Whole("Ongoing, and there is an end", "AE-010 AE-011", (event(ongoing="Y", outcome="RECOVERING/RESOLVING"),)),
    Whole("Nausea of grade 4, which does not exist, then 5", "AE-004 AE-005 AE-020 AE-053", (event("Nausea", grade="4"), aeg("5", "2026-07-03"))),
    Whole("The grade changed before the event began", "AE-050", (event(), aeg("2", "2026-07-01"))),
    Whole("The grade changed after it was over", "AE-051", (event(), aeg("2", "2026-07-05"))),
    Whole("Entered twice", "AE-033", (event(), event(on="2026-07-03"))),
    Whole("It came back after it was over", "", (event(), event(on="2026-07-08", end="2026-07-09"))),
    Whole("Two nights after C1D8 and 'No' at C1D15", "AE-032", (event(on="2026-06-24", end="2026-06-25"), asked("C1D15"))),
    Whole("The same, and it was told at a visit in between", "", (event(on="2026-06-24", end="2026-06-25"), uv("2026-06-26"), asked("C1D15"))),
    # Baseline and consent
    Whole("A cough from before the trial, worse since C1D1", "", (event("Cough", baseline="Y", worsened="Y"),)),
    Whole("A cough from before the trial that never got worse", "AE-061", (event("Cough", baseline="Y", worsened="N"),)),
    Whole("A cough dated before the consent, not worse", "AE-017 AE-061 AE-062", (event("Cough", "2026-05-20", baseline="Y", worsened="N"),)),
    Whole("Between consent and first dose, and not caused by tarlatamab", "", (event("Cough", "2026-06-12", "2026-06-13", baseline="Y", worsened="Y", relationship="N", action_taken="NOT APPLICABLE", left_study="N"),)),  # noqa: E501
    Whole("Between consent and first dose, said to be new and caused", "AE-060 AE-062", (event("Cough", "2026-06-12", "2026-06-13"),)),
    # Serious
    Whole("Pneumonia in hospital", "", (grave(treatment_given="Y"), ho("2026-07-03", "2026-07-10"), drug(name="Amoxicillin"))),
    Whole("Pneumonia in hospital, and the stay is not entered", "AE-055", (grave(),)),
    Whole("Pneumonia in hospital, said to be not serious", "FUP-021", (event("Lung infection", end="2026-07-12", grade="3"), ho("2026-07-03", "2026-07-10"))),
    Whole("Serious without a criterion", "AE-001", (grave(because=(), stay_planned=""),)),
    Whole("Anaemia of grade 4 in the laboratory is severe, and not serious", "", (event("Anemia", grade="4", special_interest="CYTOPENIA"),)),
    Whole("CRS at C1D8 made the planned stay longer", "", (crs(on="2026-06-22", end="2026-06-24", started_time="15:00", serious="Y", is_hospitalisation="Y", stay_planned="Y"), longer("2026-06-22", "2026-06-24"))),  # noqa: E501
    Whole("The same, said on the form of the watching after the dose", "", (crs(on="2026-06-22", end="2026-06-24", started_time="15:00", serious="Y", is_hospitalisation="Y", stay_planned="Y"), watched("C1D8"))),  # noqa: E501
    Whole("CRS during a planned night in hospital, which is called serious for it", "AE-027 AE-055", (crs(on="2026-06-22", end="2026-06-23", started_time="15:00", serious="Y", is_hospitalisation="Y", stay_planned="Y"),)),  # noqa: E501
    Whole("In hospital before the event that is said to have led to it", "FUP-023", (grave(), ho("2026-07-01", "2026-07-10"))),
    Whole("In hospital after the event was over", "FUP-024", (grave(), ho("2026-07-13", "2026-07-15"))),
    Whole("Seen in the emergency room and sent home: no hospital stay", "", (event(), ho("2026-07-03", "2026-07-03", kind="EMERGENCY ROOM VISIT"))),
    # Of special interest
    Whole("CRS of grade 1", "", (crs(),)),
    Whole("CRS that nobody assessed", "AE-123", (crs(),), assessed=False),
    Whole("CRS whose assessment is of the day before it began", "AE-103", (crs(), syndrome_build.crs("08:00", "2026-07-01")), assessed=False),
    Whole("CRS with low pressure called grade 1", "AE-100", (crs(), syndrome_build.crs("08:00", "2026-07-02", pressors="")), assessed=False),
    Whole("CRS without a fever", "AE-101", (crs(), syndrome_build.crs("08:00", "2026-07-02", temperature="37.9")), assessed=False),
    Whole("CRS with tocilizumab that only the assessment knows", "AE-115", (crs(), syndrome_build.crs("08:00", "2026-07-02", therapy="BOTH")), assessed=False),
    Whole("CRS of grade 1 that was grade 3 in the night, with the drug that was given", "", (
        crs(treatment_given="Y"), syndrome_build.crs("08:00", "2026-07-02"), syndrome_build.tocilizumab("21:00", "2026-07-02"),
        syndrome_build.crs("23:00", "2026-07-02", fever_earlier="Y", therapy="ANTICYTOKINE", pressors="NOREPINEPHRINE", grade="3"),
        syndrome_build.crs("09:00", "2026-07-03", temperature="36.8", fever_earlier="Y", therapy="ANTICYTOKINE", grade="0"),
    ), assessed=False),
    Whole("ICANS of grade 3 by its ICE score, called grade 2", "AE-105", (
        event(ICANS, scale="ASTCT 2019", special_interest="ICANS"), syndrome_build.icans(2, "08:00", "2026-07-02", grade="2"),
    ), assessed=False),
    Whole("Tumour lysis with creatinine of 3.1 times the limit, called grade 2", "AE-110", (
        event(TLS, scale="CAIRO-BISHOP", special_interest="TLS"), dm(), syndrome_build.BASELINE, syndrome_build.CREATININE,
        syndrome_build.blood("2026-07-03", k="6.2", phos="1.50", creat="310"), syndrome_build.tls("2026-07-03", grade="2"),
    ), assessed=False),
    Whole("Tumour lysis with one of the four in the blood", "AE-111", (
        event(TLS, scale="CAIRO-BISHOP", special_interest="TLS"), dm(), syndrome_build.BASELINE, syndrome_build.CREATININE,
        syndrome_build.blood("2026-07-03", k="6.2"), syndrome_build.tls("2026-07-03", grade="1"),
    ), assessed=False),
    Whole("CRS of no special interest, graded by CTCAE", "AE-021 AE-059", (crs(special_interest="NONE", scale="CTCAE 5.0"),)),
    Whole("ICANS called another neurological event", "AE-059", (event(ICANS, scale="ASTCT 2019", special_interest="OTHER NEUROLOGIC"),)),
    Whole("Tumour lysis of grade 1, which CTCAE does not have", "", (event(TLS, scale="CAIRO-BISHOP", special_interest="TLS"),)),
    # Tarlatamab
    Whole("CRS after C1D8 still there at C1D15", "DOS-043", (crs(on="2026-06-23", end="2026-06-30"),)),
    Whole("ALT of grade 3 was grade 1 at C1D15", "", (event("Alanine aminotransferase increased", "2026-06-24", "2026-07-05", grade="3", special_interest="HEPATOTOXICITY"), aeg("1", "2026-06-27"))),  # noqa: E501
    Whole("ALT of grade 3 was still grade 2 at C1D15", "DOS-044", (event("Alanine aminotransferase increased", "2026-06-24", "2026-07-05", grade="3", special_interest="HEPATOTOXICITY"), aeg("2", "2026-06-27"))),  # noqa: E501
    Whole("ALT rose to grade 4, and C1D15 was given", "DOS-045", (event("Alanine aminotransferase increased", "2026-06-23", "2026-07-05", grade="2", special_interest="HEPATOTOXICITY"), aeg("4", "2026-06-25"))),  # noqa: E501
    Whole("Said to be interrupted, and C1D15 came on its day", "AE-025", (event(on="2026-06-24", end="2026-06-25", action_taken="DRUG INTERRUPTED"),)),
    Whole("Interrupted: C1D15 came four days late", "", (event(on="2026-06-24", end="2026-06-25", action_taken="DRUG INTERRUPTED"),), doses("2026-06-15", "2026-06-22", "2026-07-03")),
    Whole("C1D15 late because of it, and the event says that the dose did not change", "DOS-064", (event(on="2026-06-24", end="2026-06-25"), dose("C1D15", "2026-07-03", reason="ADVERSE EVENT", reason_event="1")), doses("2026-06-15", "2026-06-22")),  # noqa: E501
    Whole("The infusion was not finished because of it, and the dose did not change", "AE-070", (event("Infusion related reaction", "2026-06-29", "2026-06-29", started_time="10:20", special_interest="HYPERSENSITIVITY"), dose("C1D15", "2026-06-29", completed="N", stop_reason="ADVERSE EVENT", reaction="Y", reaction_event="1")), doses("2026-06-15", "2026-06-22")),  # noqa: E501
    Whole("Not applicable in the middle of treatment", "AE-068", (event(on="2026-06-24", end="2026-06-25", action_taken="NOT APPLICABLE", left_study="N"),)),
    Whole("Withdrawn for good, and treatment ended because of it", "", (event(action_taken="DRUG WITHDRAWN", left_study="N"), stopped())),
    Whole("Withdrawn for good, and no end of treatment", "AE-024", (event(action_taken="DRUG WITHDRAWN", left_study="N"),)),
    Whole("Withdrawn for good, and treatment ended for progression", "AE-038", (event(action_taken="DRUG WITHDRAWN", left_study="N"), stopped("PROGRESSIVE DISEASE"))),
    Whole("Treatment ended because of it, and the event says that the dose did not change", "DOS-024 DOS-065", (event(), stopped())),
    Whole("After the end of treatment, and still 'dose not changed'", "AE-067", (event(on="2026-07-16", end="2026-07-18"), stopped("PROGRESSIVE DISEASE"))),
    Whole("It made the patient leave the trial, and treatment goes on", "AE-024 AE-063", (event(action_taken="DRUG WITHDRAWN", left_study="Y"),)),
    # Death
    Whole("Died of sepsis that began as grade 3", "", (deadly(), aeg("5", "2026-07-14"), died(), stopped())),
    Whole("Died of sepsis, and the last grade is 4", "AE-003", (deadly(), aeg("4", "2026-07-12"), died(), stopped())),
    Whole("Died of sepsis, and the death is not recorded", "AE-007", (deadly(), aeg("5", "2026-07-14"), stopped())),
    Whole("Died of sepsis, dated a day later on the form of death", "AE-008 AE-065", (deadly(), aeg("5", "2026-07-14"), dd("2026-07-15", "ADVERSE EVENT", event="1"), stopped())),  # noqa: E501
    Whole("Died of sepsis, and the outcome says recovered", "AE-004 FUP-006 FUP-030", (deadly(outcome="RECOVERED/RESOLVED"), aeg("5", "2026-07-14"), died(), stopped())),
    Whole("Died of sepsis, and the cause of death is the disease", "FUP-031", (deadly(), aeg("5", "2026-07-14"), died(cause="DISEASE UNDER STUDY", event=""), stopped())),
    Whole("Died of nausea, which has no grade 5", "AE-006", (deadly("Nausea"), died(), stopped())),
    Whole("Died of the disease with a cough: no event is fatal, and none needs to be", "", (event("Cough", end=""), dd("2026-07-14"), stopped("DEATH"))),
    Whole("An event and a change of grade after the death", "AE-018 AE-019 AE-066 FUP-005", (event(on="2026-07-15", end="2026-07-17", action_taken="NOT APPLICABLE", left_study="N"), aeg("2", "2026-07-16"), dd("2026-07-14"), stopped("DEATH"))),  # noqa: E501
    Whole("Still in hospital after the death", "FUP-028", (grave(end="", outcome="NOT RECOVERED/NOT RESOLVED"), ho("2026-07-03", ""), dd("2026-07-14"), stopped("DEATH"))),
]
