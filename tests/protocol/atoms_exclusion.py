"""The table of the exclusion criteria E1 to E8, E13 and E14: each line a patient, and what the atom must say.

The check is on 10 June 2026. 14 days before it is 27 May, 3 days 7 June, 35 days 6 May, 12 months 10 June 2025, 2 years
10 June 2024.
"""

from __future__ import annotations

from tests.protocol.lines import Line, absent, missing, present, review, unknown
from tests.protocol.screening_build import aid, cvh, hx, irae, line, om, procedure, sclc, vax

REGISTERED = {"today": "2026-09-01", "enrolled": "2026-06-10"}
NO_ICI = line(drugs="CARBOPLATIN; ETOPOSIDE")


def asked(**answers):
    """The history questions with these answers."""
    return {"hx": hx(**answers)}


def yes_no(form, name, what):
    """A question that is the criterion itself."""
    make, key = {"sclc": (sclc, "sclc"), "hx": (hx, "hx")}[form]
    return [
        absent("no", says="no"),
        present("yes", **{key: make(**{name: "Y"})}, says=[what, "yes"]),
        missing("not answered", **{key: make(**{name: ""})}, says="Not entered"),
        missing("no form", **{key: None}),
    ]


JUDGED: dict[str, list[Line]] = {
    "SCR-E01a": [
        *yes_no("sclc", "leptomeningeal", "Leptomeningeal disease"),
        absent("imaged", says="no, imaging 02-Jun-2026, 8 days before this check on 10-Jun-2026"),
        absent("imaged this month", sclc=sclc(cns_imaging_on="2026-06"), says="imaging Jun-2026, 0 to 9 days"),
        absent("not imaged", sclc=sclc(cns_imaging_on=""), says="Leptomeningeal disease: no."),
        absent("brain metastases are none", sclc=sclc(brain_metastases="Y", brain_treated="Y")),
    ],
    "SCR-E01b": yes_no("sclc", "cord_compression", "Spinal cord compression"),
    "SCR-E03b": yes_no("hx", "immunosuppression_needed", "Immunosuppressive"),
    "SCR-E04a": [
        *yes_no("hx", "transplant", "Solid organ transplantation"),
        present("however long ago", hx=hx(transplant="Y", transplant_organ="Kidney, 1990")),
    ],
    "SCR-E13a": [
        *yes_no("hx", "ild", "Interstitial lung disease"),
        present("yes, seen on the CT", hx=hx(ild="Y"), says="yes, chest CT 11-May-2026, 30 days before this check"),
        absent("no CT", hx=hx(lung_imaging_on=""), says="Interstitial lung disease: no."),
    ],
    "SCR-E13b": yes_no("hx", "pneumonitis_active", "Active pneumonitis"),
}  # fmt: skip


def reaction(**changes):
    """An immune-related event, the history question answered with yes."""
    return {"hx": hx(irae_any="Y"), "irae": irae(**changes)}


ENDOCRINE = {"term": "Hypophysitis", "category": "ENDOCRINE", "grade": "3", "replacement": "Y", "stable": "Y"}
PNEUMONITIS = {"term": "Pneumonitis", "category": "PNEUMONITIS", "grade": "2", "recurrent": "Y", "recurrence_grade": "2"}
INFUSION = {"term": "Reaction", "category": "INFUSION RELATED REACTION", "grade": "2", "ici_stopped": "Y"}

NO_EVENTS = [
    absent("none", says="No immune-related event"),
    missing("not asked", **asked(irae_any=""), says="whether there was any"),
    missing("yes, and none entered", **asked(irae_any="Y")),
    missing("no history form", hx=None),
    absent("no checkpoint inhibitor was given, not asked", line=NO_ICI, hx=None, says="No checkpoint inhibitor was given"),
    missing("none was given, and yes all the same", line=NO_ICI, **asked(irae_any="Y")),
    missing("no line entered, not asked", line=None, hx=None),
    missing("drugs of a line not entered, not asked", line=(NO_ICI, line(line_number=2, drugs="")), hx=None),
    missing("an event that counts for nothing, question not answered", irae=irae(), **asked(irae_any="")),
]

IMMUNE: dict[str, list[Line]] = {
    "SCR-E02a": [
        *NO_EVENTS,
        *(present(f"grade {grade}", **reaction(grade=grade), says=[f"grade {grade}", "severe"]) for grade in "34"),
        *(absent(f"grade {grade}", **reaction(grade=grade), says="not severe") for grade in "12"),
        absent("endocrine, grade 3, stable on replacement", **reaction(**ENDOCRINE), says="the exception"),
        absent("endocrine, grade 4, stable on replacement", **reaction(**{**ENDOCRINE, "grade": "4"})),
        present("endocrine, grade 3, not on replacement", **reaction(**{**ENDOCRINE, "replacement": "N"}),
                says="not stable"),
        present("endocrine, grade 3, not stable", **reaction(**{**ENDOCRINE, "stable": "N"})),
        absent("endocrine, grade 2, not stable", **reaction(**{**ENDOCRINE, "grade": "2", "stable": "N"})),
        missing("endocrine, grade 3, stability not answered", **reaction(**{**ENDOCRINE, "stable": ""}),
                says="stable on replacement"),
        missing("endocrine, grade 3, replacement not answered", **reaction(**{**ENDOCRINE, "replacement": ""})),
        present("colitis grade 3, stable on replacement: no endocrine event",
                **reaction(**{**ENDOCRINE, "category": "OTHER"})),
        missing("no grade", **reaction(grade=""), says="grade of Rash"),
        missing("grade 3, kind not entered", **reaction(grade="3", category=""), says="kind of Rash"),
        present("the worst of two", hx=hx(irae_any="Y"), irae=(irae(), irae(term="Colitis", grade="3")), says="Colitis"),
        present("grade 3, although the question says none", irae=irae(grade="3")),
        present("grade 3, although no checkpoint inhibitor is entered", line=NO_ICI, irae=irae(grade="3")),
        present("one severe, another without a grade", hx=hx(irae_any="Y"), irae=(irae(grade=""), irae(grade="4"))),
    ],
    "SCR-E02b": [
        *NO_EVENTS,
        *(present(f"CNS, grade {grade}", **reaction(category="CNS", grade=grade), says="central nervous system")
          for grade in "1234"),
        present("CNS, grade not entered", **reaction(category="CNS", grade="")),
        absent("hypophysitis is endocrine", **reaction(**ENDOCRINE)),
        absent("rash", **reaction(), says="no event"),
        missing("kind not entered", **reaction(category="")),
    ],
    "SCR-E02c": [
        *NO_EVENTS,
        *(present(f"recurrent, grade {grade}", **reaction(**{**PNEUMONITIS, "grade": grade}), says="recurrent with grade 2")
          for grade in "234"),
        present("grade 4, and 3 when it came back", **reaction(**{**PNEUMONITIS, "grade": "4", "recurrence_grade": "3"}),
                says=["grade 4", "recurrent with grade 3"]),
        *(review(f"grade {grade}, and 1 when it came back", **reaction(**{**PNEUMONITIS, "grade": grade, "recurrence_grade": "1"}),
                 says=[f"grade {grade}", "recurrent with grade 1", "is the grade of the recurrence meant?"], alone=grade == "2")
          for grade in "23"),
        missing("grade of the recurrence not entered", **reaction(**{**PNEUMONITIS, "recurrence_grade": ""}),
                says="grade of Pneumonitis when it came back"),
        present("one for the reviewer, another certain", hx=hx(irae_any="Y"),
                irae=(irae(**{**PNEUMONITIS, "recurrence_grade": "1"}), irae(**PNEUMONITIS))),
        absent("recurrent, grade 1", **reaction(**{**PNEUMONITIS, "grade": "1", "recurrence_grade": "1"}), says="not grade 2 or more"),
        absent("grade 2, not recurrent", **reaction(**{**PNEUMONITIS, "recurrent": "N", "recurrence_grade": ""}), says="not recurrent"),
        absent("recurrent rash, grade 2", **reaction(grade="2", recurrent="Y", recurrence_grade="2"), says="no pneumonitis"),
        missing("grade 2, recurrence not answered", **reaction(**{**PNEUMONITIS, "recurrent": ""}), says="came back"),
        missing("recurrent, no grade", **reaction(**{**PNEUMONITIS, "grade": ""})),
        missing("kind not entered", **reaction(**{**PNEUMONITIS, "category": ""})),
    ],
    "SCR-E02d": [
        *NO_EVENTS,
        present("stopped for good", **reaction(**INFUSION), says="stopped for good"),
        present("stopped for good, grade 1", **reaction(**{**INFUSION, "grade": "1"})),
        absent("not stopped", **reaction(**{**INFUSION, "ici_stopped": "N"}), says="was not"),
        absent("another event, stopped for good", **reaction(ici_stopped="Y")),
        missing("not answered", **reaction(**{**INFUSION, "ici_stopped": ""})),
        missing("kind not entered", **reaction(**{**INFUSION, "category": ""})),
    ],
    "SCR-E03a": [
        absent("none", says="No autoimmune disease"),
        missing("not asked", **asked(autoimmune_any="")),
        missing("yes, and none entered", **asked(autoimmune_any="Y")),
        missing("no history form", hx=None),
        absent("last treated long ago", **asked(autoimmune_any="Y"), aid=aid(),
               says=["Psoriasis", "15-Jan-2020", "2 years"]),
        present("treatment ongoing", aid=aid(treatment_ongoing="Y"), says="ongoing"),
        present("last treated 2 years before", aid=aid(last_treated_on="2024-06-10")),
        absent("last treated a day earlier", aid=aid(last_treated_on="2024-06-09")),
        present("last treated on the reference day", aid=aid(last_treated_on="2026-06-10")),
        present("last treated after registration", aid=aid(last_treated_on="2026-06-11"), **REGISTERED),
        absent("in the month before the boundary", aid=aid(last_treated_on="2024-05")),
        unknown("in the month of the boundary", aid=aid(last_treated_on="2024-06")),
        present("in the month after it", aid=aid(last_treated_on="2024-07")),
        unknown("in the year of the boundary", aid=aid(last_treated_on="2024")),
        absent("in the year before", aid=aid(last_treated_on="2023")),
        absent("check on 29 Feb: 27 Feb two years before", aid=aid(last_treated_on="2022-02-27"), today="2024-02-29"),
        present("check on 29 Feb: 28 Feb two years before", aid=aid(last_treated_on="2022-02-28"), today="2024-02-29"),
        absent("not active", aid=aid(active="N", treatment_ongoing="Y"), says="not active"),
        absent("never treated systemically", aid=aid(systemic="N"), says="never"),
        absent("replacement only", aid=aid(replacement_only="Y", treatment_ongoing="Y"), says="replacement"),
        missing("activity not answered", aid=aid(active=""), says="is active"),
        missing("treatment not answered", aid=aid(systemic="")),
        missing("replacement not answered", aid=aid(replacement_only="")),
        missing("last treatment not entered", aid=aid(last_treated_on=""), says="last systemic treatment"),
        present("one of two", aid=(aid(), aid(name="Lupus", treatment_ongoing="Y")), says="Lupus"),
        missing("one unknown closely, one not entered", aid=(aid(last_treated_on="2024-06"), aid(active=""))),
        missing("long ago, question not answered", **asked(autoimmune_any=""), aid=aid(), says="any other"),
    ],
}  # fmt: skip

GIVEN = {"hx": hx(vaccine_any="Y")}
NO_VACCINE = [
    absent("none", says="No vaccination"),
    missing("not asked", **asked(vaccine_any="")),
    missing("yes, and none entered", **asked(vaccine_any="Y")),
    missing("type not entered", **GIVEN, vax=vax("", "2026-06-09"), says="type of the vaccine"),
    missing("no history form", hx=None),
]
LIVE, ATTENUATED, DEAD, JYNNEOS = "LIVE", "LIVE-ATTENUATED", "INACTIVATED OR NON-LIVE", "VIRAL NON-REPLICATING"

VACCINES: dict[str, list[Line]] = {
    "SCR-E05a": [
        *NO_VACCINE,
        *(present(f"{kind}, 14 days before", **GIVEN, vax=vax(kind, "2026-05-27"),
                  says=["14 days before", "window: 14 days"])
          for kind in (LIVE, ATTENUATED)),
        *(absent(f"{kind}, 15 days before", **GIVEN, vax=vax(kind, "2026-05-26")) for kind in (LIVE, ATTENUATED)),
        present("on the reference day", **GIVEN, vax=vax(LIVE, "2026-06-10")),
        absent("the day after registration", vax=vax(LIVE, "2026-06-11"), **REGISTERED),
        present("14 days before registration", vax=vax(LIVE, "2026-05-27"), **REGISTERED, says="before registration"),
        *(absent(f"{kind}, yesterday", **GIVEN, vax=vax(kind, "2026-06-09")) for kind in (DEAD, JYNNEOS)),
        absent("in the month before the window", **GIVEN, vax=vax(LIVE, "2026-04")),
        unknown("in the month of the boundary", **GIVEN, vax=vax(LIVE, "2026-05")),
        present("in the month of the check, which has come to its 10th day", **GIVEN, vax=vax(LIVE, "2026-06"),
                says="0 to 9 days from this check"),
        present("in that month on its 15th day", **GIVEN, vax=vax(LIVE, "2026-06"), today="2026-06-15"),
        unknown("in that month on its 16th day", **GIVEN, vax=vax(LIVE, "2026-06"), today="2026-06-16"),
        unknown("in the month of registration, seen later", **GIVEN, vax=vax(LIVE, "2026-06"), **REGISTERED),
        unknown("only the year", **GIVEN, vax=vax(LIVE, "2026")),
        missing("no date", **GIVEN, vax=vax(LIVE, ""), says="date of the vaccine"),
        present("one of three", **GIVEN, vax=(vax(), vax(LIVE, "2026-06-01"), vax(LIVE, ""))),
    ],
    "SCR-E05b": [
        *NO_VACCINE,
        *(present(f"{kind}, 3 days before", **GIVEN, vax=vax(kind, "2026-06-07"), says=["3 days before", "window: 3 days"])
          for kind in (DEAD, JYNNEOS)),
        *(absent(f"{kind}, 4 days before", **GIVEN, vax=vax(kind, "2026-06-06")) for kind in (DEAD, JYNNEOS)),
        present("its name keeps its capital in the sentence", **GIVEN, vax=vax(JYNNEOS, "2026-06-10"),
                says="(live viral, non-replicating (such as Jynneos)) 10-Jun-2026"),
        present("on the reference day", **GIVEN, vax=vax(DEAD, "2026-06-10")),
        absent("the day after registration", vax=vax(DEAD, "2026-06-11"), **REGISTERED),
        *(absent(f"{kind}, yesterday: not meant here", **GIVEN, vax=vax(kind, "2026-06-09")) for kind in (LIVE, ATTENUATED)),
        absent("in the month before", **GIVEN, vax=vax(DEAD, "2026-05")),
        unknown("in the month of the check", **GIVEN, vax=vax(DEAD, "2026-06")),
        present("on the third of the month, in this month", **GIVEN, vax=vax(DEAD, "2026-06"), today="2026-06-03"),
        present("on the fourth of the month, in this month", **GIVEN, vax=vax(DEAD, "2026-06"), today="2026-06-04"),
        unknown("on the fifth of the month, in this month", **GIVEN, vax=vax(DEAD, "2026-06"), today="2026-06-05"),
        missing("no date", **GIVEN, vax=vax(DEAD, "")),
    ],
}  # fmt: skip

OPERATED = {"hx": hx(surgery_any="Y")}


def major(on="2026-05-20", **changes):
    return {**OPERATED, "pr": procedure(**{"name": "Lobectomy", "performed_on": on, "major": "Y", **changes})}


SURGERY: dict[str, list[Line]] = {
    "SCR-E14a": [
        absent("none", says="No surgery"),
        missing("not asked", **asked(surgery_any="")),
        missing("yes, and none entered", **asked(surgery_any="Y")),
        missing("no history form", hx=None),
        present("35 days before", **major("2026-05-06"), says=["Lobectomy", "35 days before", "window: 35 days"]),
        absent("36 days before", **major("2026-05-05"), says="36 days before"),
        present("on the reference day", **major("2026-06-10")),
        present("on the day of registration", **major("2026-06-10"), **REGISTERED),
        absent("the day after registration", **major("2026-06-11"), **REGISTERED),
        absent("not major", **major(major="N"), says="no major procedure"),
        absent("36 days before, major not answered", **major("2026-05-05", major="")),
        missing("major not answered", **major(major=""), says="whether Lobectomy was major"),
        missing("no date", **major(""), says="date of Lobectomy"),
        missing("kind not entered", **major(category=""), says="kind of Lobectomy"),
        absent("in the month before the window", **major("2026-04")),
        unknown("in the month of the boundary", **major("2026-05")),
        present("in a month that lies inside", **major("2026-05"), today="2026-06-04"),
        present("in the month of the check", **major("2026-06"), says="0 to 9 days from this check"),
        unknown("in the month of registration, seen later", **major("2026-06"), **REGISTERED),
        unknown("only the year", **major("2026")),
        missing("perhaps inside, major not answered", **major("2026-05", major="")),
        missing("radiotherapy is none", **major(category="RADIOTHERAPY")),
        absent("radiotherapy yesterday, no surgery", pr=procedure(category="RADIOTHERAPY", performed_on="2026-06-09",
                                                                  major="")),
        present("one of two", **OPERATED, pr=(procedure(), procedure(name="Laminectomy", performed_on="2026-06-01",
                                                                     major="Y"))),
    ],
}  # fmt: skip

VASCULAR_NONE = [
    absent("none", says="No cardiac or arterial event"),
    missing("not asked", **asked(vascular_any="")),
    missing("yes, and none entered", **asked(vascular_any="Y")),
    missing("kind not entered", hx=hx(vascular_any="Y"), cvh=cvh(kind=""), says="kind of the event"),
    missing("no history form", hx=None),
]
FEBRUARY = {"today": "2024-02-29"}


def event(kind, on, **changes):
    return {"hx": hx(vascular_any="Y"), "cvh": cvh(kind=kind, occurred_on=on, **changes)}


def windowed(kind, label):
    """An event with a date, 12 calendar months."""
    return [
        present(f"{label}, 12 months before", **event(kind, "2025-06-10"),
                says=[label, "365 days before", "window: 12 months"]),
        absent(f"{label}, a day earlier", **event(kind, "2025-06-09")),
        present(f"{label}, on the reference day", **event(kind, "2026-06-10")),
        absent(f"{label}, the day after registration", **event(kind, "2026-06-11"), **REGISTERED),
        present(f"{label}, 12 months before registration", **event(kind, "2025-06-10"), **REGISTERED),
        present(f"{label}, check on 29 Feb: 28 Feb a year before", **event(kind, "2023-02-28"), **FEBRUARY),
        absent(f"{label}, check on 29 Feb: 27 Feb a year before", **event(kind, "2023-02-27"), **FEBRUARY),
        absent(f"{label}, in the month before the boundary", **event(kind, "2025-05")),
        unknown(f"{label}, in the month of the boundary", **event(kind, "2025-06")),
        present(f"{label}, in the month after it", **event(kind, "2025-07")),
        present(f"{label}, in the month of the check", **event(kind, "2026-06"), says="0 to 9 days from this check"),
        present(f"{label}, in the year of the check", **event(kind, "2026"), says="0 to 160 days from this check"),
        unknown(f"{label}, in the month of registration, seen later", **event(kind, "2026-06"), **REGISTERED),
        unknown(f"{label}, in the year of the boundary", **event(kind, "2025")),
        absent(f"{label}, in the year before it", **event(kind, "2024")),
        missing(f"{label}, no date", **event(kind, ""), says="date of the"),
    ]


CHF = "CONGESTIVE HEART FAILURE"


def failing(nyha, on="2026-06-01", **changes):
    return event(CHF, "2024-03", nyha=nyha, nyha_on=on, ongoing="Y", **changes)


VASCULAR: dict[str, list[Line]] = {
    "SCR-E07a": [
        *VASCULAR_NONE,
        *windowed("MYOCARDIAL INFARCTION", "Myocardial infarction"),
        absent("a stroke is not meant here", **event("STROKE", "2026-06-01"), says="not meant here"),
        absent("nor is heart failure", **failing("CLASS IV")),
        present("one of two", hx=hx(vascular_any="Y"), cvh=(cvh(), cvh(occurred_on="2026-01-02"))),
    ],
    "SCR-E07b": [
        *VASCULAR_NONE,
        present("NYHA III now", **failing("CLASS III"), says=["NYHA III", "9 days before", "window: 12 months"]),
        present("NYHA IV 12 months before", **failing("CLASS IV", "2025-06-10")),
        present("NYHA III 12 months before", **failing("CLASS III", "2025-06-10")),
        absent("NYHA III a day earlier", **failing("CLASS III", "2025-06-09")),
        missing("NYHA IV a day earlier: nothing is said about class III since then", **failing("CLASS IV", "2025-06-09"),
                says="Enter the worst class within the window", at="CVH.nyha"),
        missing("NYHA IV long ago", **failing("CLASS IV", "2024")),
        missing("NYHA IV in the month of the boundary", **failing("CLASS IV", "2025-06")),
        present("NYHA IV in the month after it", **failing("CLASS IV", "2025-07")),
        absent("NYHA IV the day after registration", **failing("CLASS IV", "2026-06-11"), **REGISTERED),
        present("NYHA III on the reference day", **failing("CLASS III", "2026-06-10")),
        absent("NYHA III the day after registration", **failing("CLASS III", "2026-06-11"), **REGISTERED),
        absent("NYHA II now", **failing("CLASS II"), says="not above class II"),
        absent("NYHA I now", **failing("CLASS I")),
        absent("NYHA II, no day", **failing("CLASS II", "")),
        unknown("NYHA III in the month of the boundary", **failing("CLASS III", "2025-06")),
        absent("NYHA III in the month before", **failing("CLASS III", "2025-05")),
        present("NYHA III in the month after", **failing("CLASS III", "2025-07")),
        present("NYHA III in the month of the check", **failing("CLASS III", "2026-06")),
        unknown("NYHA III in the month of registration, seen later", **failing("CLASS III", "2026-06"), **REGISTERED),
        missing("class not entered", **failing(""), says="worst NYHA class"),
        missing("NYHA III, no day", **failing("CLASS III", ""), says="last day with NYHA class III"),
        absent("an infarction is not meant here", **event("MYOCARDIAL INFARCTION", "2026-06-01")),
    ],
    "SCR-E08a": [
        *VASCULAR_NONE,
        *windowed("STROKE", "Stroke"),
        present("transient ischaemic attack", **event("TRANSIENT ISCHEMIC ATTACK", "2026-01-02")),
        present("another arterial thrombosis", **event("OTHER ARTERIAL THROMBOSIS", "2026-01-02")),
        absent("transient ischaemic attack long ago", **event("TRANSIENT ISCHEMIC ATTACK", "2025-06-09")),
        absent("a venous thrombosis is not meant", **event("OTHER", "2026-06-01"), says="not meant here"),
        absent("an infarction is E7", **event("MYOCARDIAL INFARCTION", "2026-06-01")),
        missing("long ago, question not answered", **{**event("STROKE", "2019-01-02"), **asked(vascular_any="")},
                says="any other"),
    ],
}  # fmt: skip

CANCER = {"hx": hx(malignancy_any="Y")}


def other(exception="NONE", on="2025-01-15", active="N", until="2025-06-15", **changes):
    """A malignancy within 2 years, of which no active disease is left."""
    given = {"exception": exception, "diagnosed_on": on, "still_active": active, "active_until": until, **changes}
    return {**CANCER, "om": om(**given)}


HOLDS = {
    "LOW RISK": {"curative": "Y", "no_evidence": "Y", "low_risk": "Y", "no_evidence_since": "2025-06-10",
                 "until": "2025-06-10"},
    "NON-MELANOMA SKIN OR LENTIGO MALIGNA": {"adequately_treated": "Y", "no_evidence": "Y"},
    "CERVICAL CARCINOMA IN SITU": {"adequately_treated": "Y", "no_evidence": "Y"},
    "BREAST DCIS": {"adequately_treated": "Y", "no_evidence": "Y"},
    "PROSTATIC INTRAEPITHELIAL NEOPLASIA": {"no_evidence": "Y"},
    "UROTHELIAL NON-INVASIVE": {"adequately_treated": "Y"},
}
LOW = HOLDS["LOW RISK"]


def conditions(kind):
    """Each condition of an exception failing alone, and not answered alone."""
    for name, answer in HOLDS[kind].items():
        if answer == "Y":
            yield present(f"{kind}: {name} fails", **other(kind, **{**HOLDS[kind], name: "N"}),
                          says="the exception does not hold")
            yield missing(f"{kind}: {name} not answered", **other(kind, **{**HOLDS[kind], name: ""}), says="whether")


def low(since, until="2025-01-31", **rest):
    return other("LOW RISK", **{**LOW, "no_evidence_since": since, "until": until}, **rest)


MALIGNANCY: dict[str, list[Line]] = {
    "SCR-E06a": [
        absent("none", says="No other malignancy"),
        missing("not asked", **asked(malignancy_any="")),
        missing("yes, and none entered", **asked(malignancy_any="Y")),
        missing("no history form", hx=None),
        # The two years
        present("diagnosed 2 years before", **other(on="2024-06-10", until="2024-06-10"),
                says=["10-Jun-2024", "730 days before", "no exception"]),
        absent("diagnosed and gone a day earlier", **other(on="2024-06-09", until="2024-06-09"),
               says="not within 2 years before enrolment"),
        present("diagnosed long ago, active until 2 years before", **other(on="2015", until="2024-06-10")),
        absent("active until a day earlier", **other(on="2015", until="2024-06-09")),
        present("diagnosed long ago, still active", **other(on="2015", active="Y", until="")),
        present("diagnosed on the reference day", **other(on="2026-06-10", active="Y", until="")),
        absent("diagnosed the day after registration", **other(on="2026-06-11", active="Y", until=""), **REGISTERED),
        present("active until after registration", **other(on="2015", until="2026-07-01"), **REGISTERED),
        present("check on 29 Feb: diagnosed 28 Feb two years before", **other(on="2022-02-28", until="2022-02-28"),
                **FEBRUARY),
        absent("check on 29 Feb: diagnosed 27 Feb two years before", **other(on="2022-02-27", until="2022-02-27"),
               **FEBRUARY),
        absent("in the month before the boundary", **other(on="2024-05", until="2024-05")),
        unknown("in the month of the boundary", **other(on="2024-06", until="2024-06"), says="cannot be said"),
        present("in the month after it", **other(on="2024-07", until="2024-07")),
        unknown("diagnosed long ago, active until that month", **other(on="2015", until="2024-06")),
        unknown("in the year of the boundary", **other(on="2024", until="2024")),
        present("diagnosed in the month of the check", **other(on="2026-06", until="2026-06"), says="0 to 9 days"),
        present("diagnosed in the year of the check", **other(on="2026", until="2026")),
        unknown("diagnosed in the month of registration, seen later", **other(on="2026-06", until="2026-06"), **REGISTERED),
        missing("no day of diagnosis", **other(on="", until="2020-01"), says="active", at="OM.diagnosed_on"),
        missing("diagnosed long ago, activity not answered", **other(on="2015", active="", until=""), at="OM.still_active"),
        missing("diagnosed long ago, last active day not entered", **other(on="2015", until=""), at="OM.active_until"),
        present("diagnosed within, activity not answered", **other(active="", until="")),
        missing("exception not answered", **other(""), says="which exception"),
        absent("long ago, exception not answered", **other("", on="2015", until="2016")),
        # The six exceptions: holding, and each condition failing
        *(absent(f"{kind} holds", **other(kind, **given)) for kind, given in HOLDS.items()),
        *(each for kind in HOLDS for each in conditions(kind)),
        absent("low risk, free for 12 months", **low("2025-06-10"), says=["10-Jun-2025", "12 months before enrolment"]),
        present("low risk, free for a day less", **low("2025-06-11"), says="11-Jun-2025"),
        present("low risk, 29 Feb: since 1 Mar a year before", **low("2023-03-01", "2023-02-20", on="2023-01-15"),
                **FEBRUARY),
        absent("low risk, 29 Feb: since 28 Feb a year before", **low("2023-02-28", "2023-02-20", on="2023-01-15"),
               **FEBRUARY),
        absent("low risk, free since a month before", **low("2025-05")),
        unknown("low risk, free since the month of the boundary", **low("2025-06")),
        present("low risk, free since the month after", **low("2025-07")),
        missing("low risk, since when not entered", **low(""), says="since when"),
        missing("low risk, active after it was free", **low("2025-02-01", "2026-02-01"), says="Correct one of the two"),
        absent("still active, adequately treated, and no more is asked",
               **other("UROTHELIAL NON-INVASIVE", active="Y", until="",
               adequately_treated="Y")),
        present("still active, so not without evidence of disease", **other("BREAST DCIS", active="Y", until="",
                adequately_treated="Y", no_evidence="N")),
        missing("active and without evidence of disease", **other("BREAST DCIS", active="Y", until="",
                                                                  **HOLDS["BREAST DCIS"]),
                says="Correct one of the two"),
        absent("an exception that holds, dates unknown", **other("BREAST DCIS", on="", until="", **HOLDS["BREAST DCIS"])),
        present("one of two", **CANCER, om=(om(), om(diagnosed_on="2025-01"))),
        missing("long ago, question not answered", **{**other(on="2015", until="2016"), **asked(malignancy_any="")},
                says="any other"),
    ],
}  # fmt: skip

EXCLUSION: dict[str, list[Line]] = {**JUDGED, **IMMUNE, **VACCINES, **SURGERY, **VASCULAR, **MALIGNANCY}
