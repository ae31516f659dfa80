"""The table of the inclusion criteria I0 to I5 and I7 to I10: each line a patient, and what the atom must say.

The check is on 10 June 2026, the consent of 1 June. I6 has a table of its own.
"""

from __future__ import annotations

from protocol.codelists import CHECKPOINT_INHIBITORS
from tests.protocol.build import consent, dm, ecog
from tests.protocol.lines import Line, met, missing, na, not_computed, not_met, review, unknown
from tests.protocol.screening_build import (
    che,
    coa,
    cv,
    eg,
    hem,
    ice,
    lbo,
    line,
    organ,
    ple,
    pt,
    routine,
    rp,
    sclc,
    ser,
    uln,
    vs,
)

PE = "CARBOPLATIN; ETOPOSIDE"
ICI = f"{PE}; DURVALUMAB"
REGISTERED = {"today": "2026-09-01", "enrolled": "2026-06-10"}
UNS = {"visit": "UNS-01"}


def limited(last="2025-11-10", relapsed="", drugs=ICI, **rest):
    """Platinum-etoposide for limited stage, from August 2025 on unless said otherwise."""
    return line(**{"stage": "LS", "drugs": drugs, "chemo_first_on": "2025-08-04", "chemo_last_on": last,
                   "relapsed_on": relapsed,
                   "ici_first_on": "", "ici_last_on": "", **rest})  # fmt: skip


def early(last, **rest):
    return limited(last, **{"chemo_first_on": "2023-05-02", **rest})


def progressed(on):
    return sclc(progressed_on=on, stage_at_diagnosis="LS")


def then(drugs, number=2, **rest):
    """A further line."""
    return line(line_number=number, drugs=drugs, chemo_first_on="2026-02-02", chemo_last_on="2026-03-30", **rest)


AGAIN = then(f"{PE}; ATEZOLIZUMAB")
LATE = limited("2024-11-10", "2025-11-11", PE, chemo_first_on="2024-08-01")
WITHIN, AFTER = "2026-05-10", "2026-05-11"  # six months after 10 November 2025, and the day after

ES_SCLC: dict[str, list[Line]] = {
    "SCR-I00a": [
        met("by histology", says="histology, diagnosed 06-Oct-2025"),
        met("by histology, no day of it", sclc=sclc(diagnosed_on=""), says="histology."),
        met("by cytology", sclc=sclc(confirmed_by="CYTOLOGY"), says="cytology"),
        not_met("not confirmed", sclc=sclc(confirmed_by="NOT CONFIRMED"), says="not confirmed"),
        missing("not answered", sclc=sclc(confirmed_by=""), says="Not entered"),
        missing("no history of the disease at all", sclc=None),
    ],
    "SCR-I00b": [
        met("extensive", says="Extensive stage now"),
        met("limited at diagnosis, extensive now", sclc=sclc(stage_at_diagnosis="LS")),
        not_met("limited", sclc=sclc(stage_at_enrolment="LS"), says="Limited stage now"),
        not_met("extensive at diagnosis, limited now", sclc=sclc(stage_at_diagnosis="ES", stage_at_enrolment="LS")),
        missing("not answered, whatever it was at diagnosis", sclc=sclc(stage_at_enrolment=""), says="stage now"),
        missing("no history of the disease at all", sclc=None),
    ],
}  # fmt: skip

PRIOR_THERAPY: dict[str, list[Line]] = {
    "SCR-I01a": [
        # Path A
        met("ES, carboplatin, etoposide, atezolizumab", says=["with a checkpoint inhibitor", "atezolizumab"]),
        *(met(f"ES, cisplatin, etoposide, {each.label.lower()}", line=line(drugs=f"CISPLATIN; ETOPOSIDE; {each}"))
          for each in sorted(CHECKPOINT_INHIBITORS)),
        met("ES, both platinums one after the other in one line",
            line=line(drugs="CISPLATIN; CARBOPLATIN; ETOPOSIDE; DURVALUMAB")),
        met("ES, checkpoint inhibitor as maintenance only", line=line(ici_first_on="2026-01-12")),
        met("ES, no date known", line=line(chemo_first_on="", chemo_last_on="", ici_first_on="", ici_last_on="")),
        not_met("ES without a checkpoint inhibitor", line=line(drugs=PE), says="without a checkpoint inhibitor"),
        not_met("ES, the checkpoint inhibitor in a line of its own", line=line(drugs=PE), other=then("NIVOLUMAB"),
                says="without a checkpoint inhibitor"),
        not_met("platinum without etoposide", line=line(drugs="CARBOPLATIN; PACLITAXEL; ATEZOLIZUMAB"),
                says="none with platinum and etoposide"),
        not_met("etoposide without platinum", line=line(drugs="ETOPOSIDE; ATEZOLIZUMAB"), says="One is required"),
        not_met("a checkpoint inhibitor alone", line=line(drugs="ATEZOLIZUMAB")),
        # Platinum-etoposide more than once
        not_met("twice for ES", other=AGAIN, says=["line 1", "line 2"]),
        not_met("twice for LS", line=limited(), other=limited(line_number=2)),
        not_met("three times", line=LATE, other=AGAIN, third=then(ICI, 3)),
        # Path B: both boundary days, calendar months
        met("LS, progression on treatment", line=limited(), sclc=progressed("2025-10-01"),
            says=["10-Nov-2025", "01-Oct-2025"]),
        met("LS, on the first day of chemotherapy", line=limited(), sclc=progressed("2025-08-04")),
        met("LS, on the last day of chemotherapy", line=limited(), sclc=progressed("2025-11-10")),
        met("LS, six months to the day", line=limited(), sclc=progressed(WITHIN), says="within 6 months"),
        not_met("LS, six months and a day", line=limited(), sclc=progressed(AFTER), says=["11-May-2026", "10-Nov-2025"]),
        not_met("LS, progression before the chemotherapy", line=limited(), sclc=progressed("2025-08-03")),
        met("LS, 31 Aug + 6 months = 28 Feb", line=limited("2025-08-31"), sclc=progressed("2026-02-28")),
        not_met("LS, 31 Aug and 1 Mar", line=limited("2025-08-31"), sclc=progressed("2026-03-01")),
        met("LS, 31 Aug + 6 months = 29 Feb", line=early("2023-08-31"), sclc=progressed("2024-02-29")),
        not_met("LS, 31 Aug and 1 Mar of a leap year", line=early("2023-08-31"), sclc=progressed("2024-03-01")),
        met("LS, 31 Oct + 6 months = 30 Apr", line=limited("2025-10-31"), sclc=progressed("2026-04-30")),
        not_met("LS, 31 Oct and 1 May", line=limited("2025-10-31"), sclc=progressed("2026-05-01")),
        # Path B: partial dates on both sides of the boundary
        met("LS, progression in a month that lies inside", line=limited(), sclc=progressed("2026-04")),
        met("LS, in the month that ends on the last day inside", line=limited("2025-10-31"), sclc=progressed("2026-04")),
        unknown("LS, in the month of the boundary", line=limited(), sclc=progressed("2026-05"), says="May-2026"),
        not_met("LS, in a month that lies outside", line=limited(), sclc=progressed("2026-06")),
        unknown("LS, only the year of progression", line=limited(), sclc=progressed("2026")),
        met("LS, in the month of the check, on whose day the six months end", line=limited("2025-12-10"),
            sclc=progressed("2026-06")),
        unknown("LS, in the month of the check, on the day before whose the six months end", line=limited("2025-12-09"),
                sclc=progressed("2026-06")),
        met("LS, progression this year, the last chemotherapy too", line=limited("2026", chemo_first_on="2026-01-05"),
            sclc=progressed("2026-02-01")),
        met("LS, last chemotherapy in a month, progression inside for each day", line=limited("2025-11"),
            sclc=progressed("2026-05-01")),
        unknown("LS, last chemotherapy in a month that leaves it open", line=limited("2025-11"), sclc=progressed(WITHIN)),
        unknown("LS, its last open day", line=limited("2025-11"), sclc=progressed("2026-05-30")),
        not_met("LS, last chemotherapy in a month, outside for each day", line=limited("2025-11"),
                sclc=progressed("2026-05-31")),
        unknown("LS, only the year of the last chemotherapy", line=limited("2025"), sclc=progressed(WITHIN)),
        unknown("LS, progression in the month in which chemotherapy began", line=limited(), sclc=progressed("2025-08")),
        # Path B: a checkpoint inhibitor or none, missing days
        review("LS, no checkpoint inhibitor ever", line=limited(drugs=PE), sclc=progressed(WITHIN),
               says=["No checkpoint inhibitor", "does the exception"]),
        not_met("LS, none, and too late", line=limited(drugs=PE), sclc=progressed(AFTER)),
        unknown("LS, none, and perhaps too late", line=limited(drugs=PE), sclc=progressed("2026-05"),
                says="No checkpoint inhibitor"),
        missing("LS, no day of progression", line=limited(), sclc=progressed(""), says="date of progression"),
        missing("LS, no history of the disease", line=limited(), sclc=None),
        missing("LS, no first day", line=limited(chemo_first_on=""), sclc=progressed(WITHIN),
                says="first day of chemotherapy"),
        missing("LS, no last day", line=limited(""), sclc=progressed(WITHIN), says="last day of chemotherapy of line 1"),
        # Path C
        review("LS, relapse after more than 6 months, then ES with a checkpoint inhibitor", line=LATE, other=AGAIN,
               says=["more than 6 months", "does the line for limited stage count"]),
        review("the same, entered the other way round", line=AGAIN, other=LATE),
        not_met("LS, relapse six months to the day, then ES", line=limited(relapsed=WITHIN), other=AGAIN,
                says="counts as the one line"),
        review("LS, relapse six months and a day, then ES", line=limited(relapsed=AFTER), other=AGAIN),
        unknown("LS, relapse in the month of the boundary, then ES", line=limited(relapsed="2026-05"), other=AGAIN),
        not_met("LS, relapse in the month before it, no first day known",
                line=limited(relapsed="2026-04", chemo_first_on=""), other=AGAIN),
        not_met("LS, then ES without a checkpoint inhibitor", line=LATE, other=then(PE), says="no checkpoint inhibitor"),
        missing("LS, no relapse entered, then ES", line=limited("2024-11-10", "", PE), other=AGAIN,
                says="progression after the line", at="PST.relapsed_on"),
        missing("LS, no last chemotherapy, then ES", line=limited("", "2025-11-11", PE), other=AGAIN,
                at="PST.chemo_last_on"),
        missing("LS, relapse before its chemotherapy began, then ES", line=limited(relapsed="2025-08-03"), other=AGAIN,
                says="correct the date"),
        # A further line
        *(review(f"ES, then {drugs.lower()}", other=then(drugs), says=["further systemic line", "line 2"])
          for drugs in ("TOPOTECAN", "LURBINECTEDIN", "IRINOTECAN", "CARBOPLATIN; PACLITAXEL", "OTHER")),
        review("LS with early relapse, then topotecan, and progression long after", line=limited(relapsed=WITHIN),
               other=then("TOPOTECAN"),
               sclc=progressed("2026-06-01"), says="further systemic line"),
        not_met("LS with late relapse, then topotecan", line=limited(relapsed=AFTER), other=then("TOPOTECAN"),
                sclc=progressed("2026-06-01")),
        missing("LS, then topotecan, the relapse between them not entered", line=limited(), other=then("TOPOTECAN"),
                sclc=progressed("2026-06-01"), says="before the next line"),
        review("LS, then topotecan, and the last progression soon enough", line=limited(), other=then("TOPOTECAN"),
               sclc=progressed(WITHIN)),
        unknown("LS, perhaps too late, then topotecan", line=limited(relapsed="2026-05"), other=then("TOPOTECAN"),
                sclc=progressed("2026-06-01"), says="further systemic line"),
        review("path C, then topotecan", line=LATE, other=AGAIN, third=then("TOPOTECAN", 3),
               says=["further systemic line", "more than 6 months"]),
        not_met("ES without a checkpoint inhibitor, then topotecan", line=line(drugs=PE), other=then("TOPOTECAN")),
        # Missing
        missing("no line", line=None, says="prior systemic therapy"),
        missing("no drugs", line=line(drugs="")),
        missing("no stage", line=line(stage="")),
        missing("no drugs of a second line", other=then("")),
    ],
    "SCR-I02a": [
        met("progression after first line", says=["11-May-2026", "30 days before this check on 10-Jun-2026", "20-Oct-2025"]),
        met("on the first day of treatment", sclc=progressed("2025-10-20")),
        not_met("the day before it", sclc=progressed("2025-10-19")),
        met("on the reference day", sclc=progressed("2026-06-10"), says="the day of this check"),
        not_met("the day after it", sclc=progressed("2026-06-11"), says="1 day after this check"),
        met("on the day of registration", sclc=progressed("2026-06-10"), says="the day of registration", **REGISTERED),
        not_met("the day after registration", sclc=progressed("2026-06-11"), **REGISTERED),
        met("in a month after it began", sclc=progressed("2025-11")),
        not_met("in a month before it began", sclc=progressed("2025-09")),
        unknown("in the month in which it began", sclc=progressed("2025-10")),
        met("in the month of the check, which has come to its 10th day", sclc=progressed("2026-06"),
            says="0 to 9 days from this check"),
        met("in the year of the check", sclc=progressed("2026")),
        unknown("in the month of registration, seen later", sclc=progressed("2026-06"), **REGISTERED),
        unknown("in the month of registration, seen on the day after it", sclc=progressed("2026-06"), today="2026-06-11",
                enrolled="2026-06-10"),
        not_met("in the month after registration", sclc=progressed("2026-07"), **REGISTERED),
        unknown("in the year in which it began", sclc=progressed("2025")),
        met("in a month, and it began in an earlier one", sclc=progressed("2025-11"), line=line(chemo_first_on="2025-10")),
        unknown("in the same month, both days unknown", sclc=progressed("2025-10"), line=line(chemo_first_on="2025-10")),
        met("the line that counts is the one for ES", line=LATE, other=AGAIN, sclc=progressed("2026-02-02")),
        not_met("before that one began", line=LATE, other=AGAIN, sclc=progressed("2026-02-01")),
        met("after limited stage only", line=limited(), sclc=progressed("2025-10-01")),
        missing("no day of progression", sclc=progressed(""), says="date of progression"),
        missing("no history of the disease", sclc=None),
        missing("no first day of chemotherapy", line=line(chemo_first_on=""), says="first day"),
        missing("no line", line=None),
    ],
}  # fmt: skip

AGAIN_SEEN = {"other": ecog("1", "2026-06-08", "UNS-01")}

PERSON: dict[str, list[Line]] = {
    "SCR-I03a": [
        met("2", says=["ECOG 2", "03-Jun-2026", "7 days before this check on 10-Jun-2026", "exactly 2"]),
        *(not_met(f"{grade}", ecog=ecog(grade), says=f"ECOG {grade}") for grade in "01345"),
        met("2 on the reference day", ecog=ecog("2", "2026-06-10"), says="the day of this check"),
        missing("2 on the day after it only", ecog=ecog("2", "2026-06-11")),
        met("2 on the day of registration", ecog=ecog("2", "2026-06-10"), says="the day of registration", **REGISTERED),
        met("2, however long ago", ecog=ecog("2", "2025-06-10"), says="365 days before"),
        met("2, later 1 after registration", other=ecog("1", "2026-06-11", "UNS-01"), **REGISTERED),
        not_met("2, then 1 at an unscheduled visit", **AGAIN_SEEN, says=["ECOG 1", "08-Jun-2026"]),
        met("1, then 2 at an unscheduled visit", ecog=ecog("1"), other=ecog("2", "2026-06-08", "UNS-01")),
        not_met("2 and 1 on one day: the one entered last", other=ecog("1", "2026-06-03", "UNS-01")),
        met("2, later not assessed", other=ecog("", "2026-06-08", "UNS-01", ecog_missing="NOT DONE")),
        met("2 at screening, 1 in cycle 2", other=ecog("1", "2026-06-09", "C2D1")),
        met("2, without a date", ecog=ecog("2", ""), says="date not entered"),
        missing("no assessment", ecog=None, says="No ECOG"),
        missing("not done", ecog=ecog("")),
        missing("only in cycle 1", ecog=ecog("2", "2026-06-03", "C1D1")),
    ],
    "SCR-I04a": [
        met("68 years", says=["Mar-1958", "68 years", "01-Jun-2026", "18 or more"]),
        met("18th birthday on the day of consent", dm=dm("2008-06-01", "M"), says="18 years"),
        not_met("the day after consent", dm=dm("2008-06-02", "M"), says="17 years"),
        met("month before consent", dm=dm("2008-05", "M")),
        unknown("month of consent", dm=dm("2008-06", "M"), says=["17 or 18", "not known closely enough"]),
        not_met("month after consent", dm=dm("2008-07", "M")),
        met("year: 19 or more", dm=dm("2007", "M"), says="18 or 19"),
        unknown("year: 18", dm=dm("2008", "M"), says="17 or 18"),
        not_met("year: 17 or less", dm=dm("2009", "M"), says="16 or 17"),
        not_met("born on 29 Feb, consent on 28 Feb", dm=dm("2008-02-29", "M"), consent=consent("2026-02-28")),
        met("born on 29 Feb, consent on 1 Mar", dm=dm("2008-02-29", "M"), consent=consent("2026-03-01")),
        unknown("consent in the month of the birthday", dm=dm("2008-06-02", "M"), consent=consent("2026-06")),
        met("of age at consent, whatever the day of registration", dm=dm("2008-06-01", "M"), **REGISTERED),
        not_met("of age at registration only", dm=dm("2008-06-05", "M"), **REGISTERED),
        missing("no birth date", dm=dm("", "M"), says="birth date", at="DM.birth_date"),
        missing("no demographics and no consent", dm=None, consent=None,
                says="birth date and date of the patient's signature"),
        missing("no signature of the patient", consent=consent(""), at="IC.patient_signed_on"),
    ],
    "SCR-I10a": [
        met("both signed", says=["Patient signed on 01-Jun-2026, 9 days before", "investigator signed on 01-Jun-2026"]),
        met("both on the reference day", consent=consent("2026-06-10", "2026-06-10"), **routine(),
            says="the day of this check"),
        not_met("the patient on the day after", consent=consent("2026-06-11"), says="1 day after this check"),
        not_met("the investigator on the day after", consent=consent("2026-06-01", "2026-06-11")),
        met("both on the day of registration", consent=consent("2026-06-10", "2026-06-10"), **REGISTERED, **routine()),
        not_met("the patient after registration", consent=consent("2026-06-11"), says="1 day after registration",
                **REGISTERED),
        not_met("the investigator after registration", consent=consent("2026-06-01", "2026-06-11"), **REGISTERED),
        met("on two days, which is a notice only", consent=consent("2026-06-01", "2026-06-03")),
        met("in a month before", consent=consent("2026-05"), says="10 to 40 days"),
        unknown("in the month of the check", consent=consent("2026-06"), **routine(), says="0 to 20 days"),
        not_met("in a month after", consent=consent("2026-07")),
        missing("the investigator has not dated", consent=consent("2026-06-01", ""), says="not entered: investigator"),
        missing("the patient has not dated", consent=consent(""), says="not entered: patient"),
        missing("no consent", consent=None, says="patient and investigator"),
        # Neither after a procedure of the trial: the first one is of 3 June
        met("both on the day of the first procedure", consent=consent("2026-06-03", "2026-06-03"), **routine("N")),
        not_met("the patient the day after it", consent=consent("2026-06-04", "2026-06-01"), **routine("N"),
                says=["of 03-Jun-2026", "last the patient on 04-Jun-2026", "no routine care"], at="ECOG.assessed_on"),
        not_met("the investigator the day after it", consent=consent("2026-06-01", "2026-06-04"), **routine("N"),
                says="last the investigator on 04-Jun-2026"),
        *(not_met(f"{name}, before the investigator signed", consent=consent("2026-06-01", "2026-06-09"),
                  **routine(**{name: made(standard_of_care="N")}), says=says, at=at)
          for name, made, says, at in (("ecog", ecog, "ECOG performance status of 03-Jun-2026", "ECOG.assessed_on"),
                                       ("vs", vs, "Vital signs of 03-Jun-2026", "VS.taken_on"),
                                       ("eg", eg, "ECG of 03-Jun-2026", "EG.recorded_on"),
                                       ("cv", cv, "ECHO or MUGA of 04-Jun-2026", "CV.scanned_on"),
                                       ("ple", ple, "Pleural effusion of 03-Jun-2026", "PLE.assessed_on"),
                                       ("ser", ser, "Serology of 03-Jun-2026", "SER.taken_on"),
                                       ("hem", hem, "Haematology of 08-Jun-2026", "HEM.taken_on"),
                                       ("che", che, "Chemistry of 08-Jun-2026", "CHE.taken_on"),
                                       ("coa", coa, "Coagulation of 08-Jun-2026", "COA.taken_on"),
                                       ("ice", ice, "ICE score of 03-Jun-2026", "ICE.assessed_on"))),
        not_met("other laboratory tests before the investigator signed", consent=consent("2026-06-01", "2026-06-09"),
                lbo=lbo(standard_of_care="N"), **routine(), says="Other laboratory tests of 08-Jun-2026", at="LBO.taken_on"),
        not_met("a pregnancy test before the investigator signed", consent=consent("2026-06-01", "2026-06-04"), woman=True,
                pt=pt(standard_of_care="N"), **routine(), says="Pregnancy test of 03-Jun-2026", at="PT.tested_on"),
        met("all of it routine care", consent=consent("2026-06-01", "2026-06-09"), **routine()),
        met("a procedure before the first signature, routine care", vs=vs(taken_on="2026-05-01", standard_of_care="Y")),
        missing("a procedure before the first signature, not said whether routine care", vs=vs(taken_on="2026-05-31"),
                says="whether this was routine care: vital signs of 31-May-2026", at="VS.standard_of_care"),
        not_met("one that is no routine care, beside one of which it is not said", consent=consent("2026-06-01", "2026-06-09"),
                hem=hem(standard_of_care="N"), says="Haematology"),
        met("a procedure without a date", vs=vs(taken_on="", standard_of_care="N")),
        met("a later procedure, of which it is not said", other=vs(**UNS, taken_on="2026-06-09")),
        unknown("the investigator in the month of the procedures", consent=consent("2026-05-01", "2026-06"), **routine("N"),
                today="2026-07-10", says="last the investigator on Jun-2026"),
        met("a procedure in the month that begins with the signatures", vs=vs(taken_on="2026-06", standard_of_care="N")),
        unknown("a procedure in the month of the signatures", consent=consent("2026-06-02", "2026-06-02"),
                vs=vs(taken_on="2026-06", standard_of_care="N")),
        missing("the same, not said whether routine care", consent=consent("2026-06-02", "2026-06-02"),
                vs=vs(taken_on="2026-06"), at="VS.standard_of_care"),
        not_met("a procedure in the month before the signatures", vs=vs(taken_on="2026-05", standard_of_care="N")),
        not_met("after registration it still stands", consent=consent("2026-06-01", "2026-06-04"), **routine("N"),
                **REGISTERED),
    ],
}  # fmt: skip


def threshold(group, test, operator, value, of="unit", unit="", spread=None):
    given = {"group": group, "test": test, "operator": operator, "value": value, "of": of, "unit": unit,
             "with_liver_metastases": spread}
    return {"laboratory_thresholds": [given]}


HB = threshold("haematological", "HGB", ">=", "90", unit="g/L")
CR = threshold("renal", "CREAT", "<=", "1.5", "ULN")
ALT = threshold("liver", "ALT", "<=", "3", "ULN", spread="5")
TWO = {"laboratory_thresholds": HB["laboratory_thresholds"] + threshold("haematological", "PLAT", ">=", "100",
                                                                        unit="10^9/L")["laboratory_thresholds"]}


def organ_lines(group):
    return [
        not_computed("judged adequate, no threshold supplied", says=["Judged adequate", "no threshold"]),
        not_met("judged not adequate", organ=organ(**{group: "N"}), says="not adequate"),
        missing("no judgement", organ=organ(**{group: ""}), says=f"judgement of {group} function"),
        missing("no form", organ=None),
        not_computed("judged again at an unscheduled visit, on the day of the check",
                     organ=(organ(**{group: "N"}), organ(visit="UNS01", assessed_on="2026-06-10")), says="10-Jun-2026"),
        not_met("judged adequate only the day after it",
                organ=(organ(**{group: "N"}), organ(visit="UNS01", assessed_on="2026-06-11")), says="08-Jun-2026"),
        not_met("adequate, and no longer when judged again",
                organ=(organ(), organ(visit="UNS01", assessed_on="2026-06-09", **{group: "N"})), says="09-Jun-2026, 1 day before"),
        not_met("judged again for another organ", organ=(organ(**{group: "N"}), organ(visit="UNS01", assessed_on="2026-06-09", **{group: ""}))),
    ]


SPREAD, NONE = sclc(liver_metastases="Y"), sclc(liver_metastases="N")

ORGANS: dict[str, list[Line]] = {
    "SCR-I05a": [
        *organ_lines("haematological"),
        met("9.0 g/dL = 90 g/L", hem=hem(hgb="9.0"), under=HB,
            says=["9.0 g/dL", ">= 90 g/L", "08-Jun-2026, 2 days before this check on 10-Jun-2026"]),
        met("a sample without a day", hem=hem(taken_on=""), under=HB, says="an unknown day"),
        not_met("8.9 g/dL", hem=hem(hgb="8.9"), under=HB),
        met("decimal comma, g/L", hem=hem(hgb="90,0", hgb_unit="g/l"), under=HB),
        not_met("judged not adequate, whatever the value", organ=organ(haematological="N"), under=HB),
        missing("judgement missing, value good", organ=organ(haematological=""), under=HB),
        missing("value missing", hem=hem(hgb=""), under=HB, says="Haemoglobin"),
        missing("no blood count", hem=None, under=HB),
        missing("unknown unit", hem=hem(hgb_unit="points"), under=HB, says="cannot be compared"),
        missing("no number", hem=hem(hgb="clotted"), under=HB),
        missing("below 9.5 g/dL leaves it open", hem=hem(hgb="<9.5"), under=HB),
        not_met("below 9.0 g/dL does not", hem=hem(hgb="<9.0"), under=HB),
        met("more than 9.0", hem=hem(hgb=">9.0"), under=HB),
        met("low, and better in a later sample", hem=hem(hgb="8.0"),
            other=hem(visit="UNS-01", taken_on="2026-06-09", hgb="9.4"), under=HB),
        not_met("good, and low in a later sample of the same day", other=hem(visit="UNS-01", taken_time="17:00", hgb="8.0"),
                under=HB),
        met("a later sample without it does not hide it", other=hem(visit="UNS-01", taken_on="2026-06-09", hgb=""),
            under=HB),
        missing("only after the reference day", hem=hem(taken_on="2026-06-11"), under=HB),
        met("on the reference day", hem=hem(taken_on="2026-06-10"), under=HB),
        not_computed("a threshold for another group", under=CR),
        met("two thresholds", under=TWO),
        not_met("the second fails", hem=hem(plat="99"), under=TWO, says="99"),
        missing("the second is missing", hem=hem(plat=""), under=TWO, says="Platelets"),
    ],
    "SCR-I05b": [
        *organ_lines("renal"),
        met("exactly 1.5 x ULN", che=che(creat="150"), under=CR, says="1.5 x ULN"),
        not_met("just above", che=che(creat="150.1"), under=CR),
        met("in another unit: 1.69 mg/dL", che=che(creat="1.69", creat_unit="mg/dL"), under=CR),
        not_met("1.70 mg/dL", che=che(creat="1.70", creat_unit="mg/dL"), under=CR),
        missing("no upper limit", ranges=None, under=CR, says="cannot be compared"),
        missing("upper limit of men only, sex not entered", ranges=(uln("CREAT", "100", "µmol/L", sex="M"),),
                dm=dm("1958", ""), under=CR),
        missing("value missing", che=che(creat=""), under=CR, says="Creatinine"),
        missing("no chemistry", che=None, under=CR),
    ],
    "SCR-I05c": [
        *organ_lines("liver"),
        met("no metastases, exactly 3 x ULN", che=che(alt="120"), sclc=NONE, under=ALT, says="3 x ULN"),
        not_met("no metastases, just above", che=che(alt="121"), sclc=NONE, under=ALT),
        met("metastases, just above 3 x", che=che(alt="121"), sclc=SPREAD, under=ALT, says="5 x ULN with liver metastases"),
        met("metastases, exactly 5 x", che=che(alt="200"), sclc=SPREAD, under=ALT),
        not_met("metastases, above 5 x", che=che(alt="201"), sclc=SPREAD, under=ALT),
        met("metastases not known, and it does not matter", che=che(alt="120"), sclc=sclc(liver_metastases=""), under=ALT),
        not_met("metastases not known, and too high for both", che=che(alt="201"), sclc=sclc(liver_metastases=""),
                under=ALT),
        missing("metastases not known, and they decide", che=che(alt="121"), sclc=sclc(liver_metastases=""), under=ALT,
                says="<= 3 x ULN, with liver metastases <= 5 x ULN"),
        missing("unknown unit", che=che(alt_unit="mg"), under=ALT),
        missing("value missing", che=che(alt=""), under=ALT),
    ],
}  # fmt: skip


LUNG_AND_HEART: dict[str, list[Line]] = {
    "SCR-I07a": [
        met("no effusion", says=["No pleural effusion", "03-Jun-2026"]),
        met("effusion, not significant", ple=ple(effusion="Y", significant="N"), says="not clinically significant"),
        met("significant, with a catheter", ple=ple(effusion="Y", significant="Y", catheter="Y"), says="catheter"),
        met("with a catheter, significance not answered", ple=ple(effusion="Y", catheter="Y")),
        not_met("significant, no catheter", ple=ple(effusion="Y", significant="Y", catheter="N"),
                says="without an indwelling catheter"),
        missing("significance not answered, no catheter", ple=ple(effusion="Y", catheter="N"), says="significant"),
        missing("significant, catheter not answered", ple=ple(effusion="Y", significant="Y"), says="catheter"),
        missing("neither answered", ple=ple(effusion="Y")),
        missing("not answered", ple=ple(effusion="")),
        missing("no form", ple=None, says="pleural effusion"),
        met("significant, drained, none later", ple=ple(effusion="Y", significant="Y", catheter="N"),
            other=ple(**UNS, assessed_on="2026-06-09")),
        not_met("none, later significant", other=ple(**UNS, assessed_on="2026-06-09", effusion="Y", significant="Y",
                                                     catheter="N")),
        met("significant only after the check", other=ple(**UNS, assessed_on="2026-06-11", effusion="Y", significant="Y",
                                                          catheter="N")),
    ],
    "SCR-I07b": [
        met("95 %", says=["95 %", "on room air", "7 days before", "above 90 %"]),
        met("91 %", vs=vs(oxygen_saturation=91)),
        not_met("90 %", vs=vs(oxygen_saturation=90), says="90 %"),
        not_met("89 %", vs=vs(oxygen_saturation=89)),
        not_met("97 % with oxygen", vs=vs(oxygen_saturation=97, room_air="N"), says="not on room air"),
        not_met("only with oxygen, no value", vs=vs(oxygen_saturation=None, room_air="N")),
        missing("room air not answered", vs=vs(room_air=""), says="room air"),
        not_met("90 %, room air not answered: it fails either way", vs=vs(oxygen_saturation=90, room_air="")),
        missing("no value", vs=vs(oxygen_saturation=None), says="oxygen saturation"),
        missing("nothing measured", vs=vs(oxygen_saturation=None, room_air="")),
        missing("no vital signs", vs=None),
        not_met("95 %, and 90 % later the same day", other=vs(**UNS, taken_time="15:00", oxygen_saturation=90)),
        met("95 %, and 90 % earlier the same day, entered later", other=vs(**UNS, taken_time="08:00", oxygen_saturation=90)),
        met("90 %, and 91 % on the reference day", vs=vs(oxygen_saturation=90),
            other=vs(**UNS, taken_on="2026-06-10", oxygen_saturation=91)),
        met("95 %, and 90 % on the day after", other=vs(**UNS, taken_on="2026-06-11", oxygen_saturation=90)),
        met("95 %, later vital signs without it", other=vs(**UNS, taken_on="2026-06-09", oxygen_saturation=None,
                                                           room_air="")),
        met("95 %, and 90 % before a dose", other=vs(visit="C1D1", taken_on="2026-06-10", oxygen_saturation=90)),
    ],
    "SCR-I08a": [
        met("60 %", says=["LVEF 60 % by Echocardiogram (ECHO)", "04-Jun-2026", "6 days before", "at least 50 %"]),
        met("50 %", cv=cv(lvef=50)),
        not_met("49 %", cv=cv(lvef=49), says="LVEF 49 %"),
        not_met("49.9 %", cv=cv(lvef="49.9")),
        missing("60 %, method not entered", cv=cv(method=""), says="by ECHO or MUGA", at="CV.method"),
        missing("50 %, method not entered", cv=cv(lvef=50, method="")),
        not_met("49 %, method not entered: it fails either way", cv=cv(lvef=49, method=""), says="LVEF 49 % on 04-Jun-2026"),
        not_met("49 % by ECHO", cv=cv(lvef=49), says="LVEF 49 % by Echocardiogram (ECHO) on 04-Jun-2026"),
        met("50 % by MUGA", cv=cv(lvef=50, method="MUGA", effusion_method="CT SCAN")),
        missing("not measured", cv=cv(lvef=None, lvef_missing="NOT DONE"), says="ejection fraction"),
        missing("no scan", cv=None),
        not_met("60 %, later 45 %", other=cv(**UNS, scanned_on="2026-06-09", lvef=45)),
        met("60 %, a later scan for the effusion only", other=cv(**UNS, scanned_on="2026-06-09", lvef=None)),
        met("60 %, 45 % on the day after the check", other=cv(**UNS, scanned_on="2026-06-11", lvef=45)),
        missing("only on the day after the check", cv=cv(scanned_on="2026-06-11")),
    ],
    "SCR-I08b": [
        met("no effusion", says="No pericardial effusion"),
        met("effusion, not significant", cv=cv(effusion="Y", effusion_significant="N"), says="not clinically significant"),
        not_met("significant", cv=cv(effusion="Y", effusion_significant="Y"), says="clinically significant"),
        missing("significance not answered", cv=cv(effusion="Y"), says="significant"),
        missing("not answered", cv=cv(effusion="")),
        missing("MUGA, and not said how the effusion was looked for", cv=cv(method="MUGA"), says="MUGA"),
        missing("no effusion, method not entered", cv=cv(method=""), says="by ECHO or MUGA", at="CV.method"),
        missing("effusion not significant, method not entered", cv=cv(method="", effusion="Y", effusion_significant="N")),
        not_met("significant, method not entered", cv=cv(method="", effusion="Y", effusion_significant="Y")),
        not_met("significant by MUGA, and not said how the effusion was looked for", cv=cv(method="MUGA", effusion="Y",
                                                                                          effusion_significant="Y")),
        met("MUGA, looked for by CT", cv=cv(method="MUGA", effusion_method="CT SCAN")),
        not_met("MUGA, CT shows a significant one", cv=cv(method="MUGA", effusion_method="CT SCAN", effusion="Y",
                                                          effusion_significant="Y")),
        missing("no scan", cv=None),
    ],
    "SCR-I08c": [
        met("normal", says=["ECG normal", "03-Jun-2026"]),
        met("abnormal, not significant", eg=eg(interpretation="ABNORMAL", significant="N"),
            says="not clinically significant"),
        not_met("abnormal, significant", eg=eg(interpretation="ABNORMAL", significant="Y")),
        missing("abnormal, significance not answered", eg=eg(interpretation="ABNORMAL"), says="significant"),
        missing("not read", eg=eg(interpretation="")),
        missing("no ECG", eg=None, says="ECG"),
        not_met("normal, later significant", other=eg(**UNS, recorded_on="2026-06-09", interpretation="ABNORMAL",
                                                      significant="Y")),
        met("significant only after the check", other=eg(**UNS, recorded_on="2026-06-11", interpretation="ABNORMAL",
                                                         significant="Y")),
    ],
}  # fmt: skip

W = {"woman": True}


def again(on, **answers):
    """The interview at an unscheduled visit, with these answers only."""
    blank = dict.fromkeys(("potential", "menopausal_status", "pregnant", "breastfeeding", "sexually_active", "willing", "method"), "")
    return rp(visit="UNS01", assessed_on=on, last_period_on="", **{**blank, **answers})


def asked_again(on, **answers):
    return rp(), again(on, **answers)


DAY_35, DAY_36 = "2026-05-06", "2026-05-05"  # before 10 June

PREGNANCY: dict[str, list[Line]] = {
    "SCR-I09a": [
        na("a man", says="The patient is a man"),
        na("a man with a positive test", pt=pt(result="POSITIVE")),
        na("a woman not of childbearing potential", rp=rp(potential="N"), pt=None, **W,
           says="Not of childbearing potential"),
        met("negative", **W, says=["Negative serum test 03-Jun-2026", "7 days before this check on 10-Jun-2026",
                                   "within 35 days"]),
        met("negative in urine", pt=pt(specimen="URINE"), **W),
        met("day 35", pt=pt(DAY_35), **W, says="35 days before"),
        not_met("day 36", pt=pt(DAY_36), **W, says="36 days before"),
        met("the reference day", pt=pt("2026-06-10"), **W, says="the day of this check"),
        missing("the day after only", pt=pt("2026-06-11"), **W),
        met("the day of registration", pt=pt("2026-06-10", tested_time=""), **W, **REGISTERED,
            says="the day of registration"),
        missing("the day after registration only", pt=pt("2026-06-11"), **W, **REGISTERED),
        met("day 36, and one inside", pt=(pt(DAY_36), pt(DAY_35)), **W),
        unknown("a month that may lie outside", pt=pt("2026-05"), **W),
        not_met("a month that lies outside", pt=pt("2026-04"), **W),
        unknown("the month of the check", pt=pt("2026-06"), **W),
        not_met("positive", pt=pt(result="POSITIVE"), **W, says="not negative"),
        missing("indeterminate", pt=pt(result="INDETERMINATE"), **W, says="indeterminate"),
        not_met("negative, later positive", pt=(pt(), pt("2026-06-04", "POSITIVE")), **W, says="positive"),
        met("positive, later negative", pt=(pt("2026-06-02", "POSITIVE"), pt()), **W),
        missing("negative, later indeterminate", pt=(pt(), pt("2026-06-04", "INDETERMINATE")), **W),
        met("indeterminate, later negative", pt=(pt("2026-06-02", "INDETERMINATE"), pt()), **W),
        met("negative, positive only after registration", pt=(pt(), pt("2026-06-11", "POSITIVE")), **W, **REGISTERED),
        not_met("negative at 9:00, positive at 15:00", pt=(pt(), pt(result="POSITIVE", tested_time="15:00")), **W),
        met("positive at 8:00, negative at 9:00", pt=(pt(result="POSITIVE", tested_time="08:00"), pt()), **W),
        not_met("positive and negative at one time", pt=(pt(), pt(result="POSITIVE")), **W),
        missing("negative at 9:00, positive that day at an unknown time", pt=(pt(), pt(result="POSITIVE", tested_time="")),
                **W),
        missing("negative, and a positive one without a date", pt=(pt(), pt("", "POSITIVE")), **W,
                says="date of the positive"),
        missing("no test", pt=None, **W, says="pregnancy test"),
        missing("a test without a result", pt=pt(result=""), **W),
        missing("sex not entered", dm=dm("1985", ""), **W, says="sex"),
        missing("childbearing potential not entered", rp=rp(potential=""), **W, says="childbearing potential"),
        missing("no form on it", rp=None, **W),
        na("no longer of childbearing potential, asked again on the day of the check", rp=asked_again("2026-06-10", potential="N"),
           pt=None, **W),
        missing("asked again only the day after it", rp=asked_again("2026-06-11", potential="N"), pt=None, **W),
        missing("of childbearing potential when asked again", rp=(rp(potential="N"), again("2026-06-10", potential="Y")), pt=None, **W),
        na("asked again about something else", rp=(rp(potential="N"), again("2026-06-10")), pt=None, **W),
        met("sex intersex, of childbearing potential", dm=dm("1985", "INTERSEX"), **W),
        na("sex unknown, not of childbearing potential", dm=dm("1985", "U"), rp=rp(potential="N"), **W),
    ],
}  # fmt: skip

INCLUSION: dict[str, list[Line]] = {**ES_SCLC, **PRIOR_THERAPY, **PERSON, **ORGANS, **LUNG_AND_HEART, **PREGNANCY}
