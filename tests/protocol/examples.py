"""For every rule: cases in which it fires, and cases in which it stays quiet, with boundary days and unknown parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.criteria import CRITERIA
from protocol.engine import Case
from protocol.terms import OTHER
from tests.protocol.build import (
    ae,
    asked,
    case,
    consent,
    day,
    dd,
    dm,
    dose,
    doses,
    ecog,
    eligible,
    eot,
    fatal,
    ie,
    pd,
    serious,
    sf,
    undated,
    without,
)  # fmt: skip
from tests.protocol.safety_build import aeg, longer, uv, watched

FUTURE, TODAY, TOMORROW = "2027-01-01", "2026-09-01", "2026-09-02"


@dataclass
class Examples:
    """``under`` are parameters that are to be supplied, with a value for the test."""

    fires: list[Case]
    quiet: list[Case]
    under: dict[str, object] = field(default_factory=dict)


def unregistered(*records, **rest):
    return case(*records, enrolled="", **rest)


OTHER_TERM = "Cardiac disorders" + OTHER
SPRING = "2026-03-29"  # clocks go from 02:00 to 03:00 in Paris
AUTUMN = "2026-10-25"  # the hour from 02:00 to 03:00 comes twice
LATE = {"today": "2026-12-01"}

EXAMPLES: dict[str, Examples] = {
    # Screening: the answer beside the data
    "SCR-E10a": Examples([case(ie(e10="PRESENT"))], [case(ie()), case(ie(e10="")), case(ie(e11="PRESENT"))]),
    "SCR-E11a": Examples([case(ie(e11="PRESENT"))], [case(ie()), case(ie(e11="")), case(ie(e10="PRESENT"))]),
    # Consent
    "SCR-001": Examples(
        [case(consent(TOMORROW)), case(consent("2027")), case(consent("2026-10"))],
        [case(consent(TODAY)), case(consent("2026")), case(consent("2026-09")), case(consent("")),
         case(consent(TOMORROW), today=TOMORROW)],
    ),
    "SCR-002": Examples(
        [case(consent(investigator=TOMORROW)), case(consent(investigator="2027-01"))],
        [case(consent(investigator=TODAY)), case(consent(investigator="2026")), case(consent(investigator=""))],
    ),
    "SCR-003": Examples(
        [case(consent("2026-06-01", "2026-06-02")), case(consent("2026-06-02", "2026-06-01")),
         case(consent("2026-05", "2026-06-01"))],
        [case(consent()), case(consent("2026-06", "2026-06-01")), case(consent("", "2026-06-01"))],
    ),
    "SCR-021": Examples(
        [case(consent("2026-06-11")), case(consent("2026-07"))],
        [case(consent("2026-06-10")), case(consent("2026-06")), unregistered(consent("2026-06-11")), case(consent(""))],
    ),
    "SCR-022": Examples(
        [case(consent(investigator="2026-06-11"))],
        [case(consent(investigator="2026-06-10")), case(consent(investigator="2026-06")), case(consent(investigator="")),
         unregistered(consent(investigator="2026-06-11"))],
    ),
    # Demographics
    "SCR-004": Examples(
        [case(dm(FUTURE)), case(dm("2026-10")), case(dm(TOMORROW))],
        [case(dm("1958")), case(dm(TODAY)), case(dm("2026")), case(dm("2026-09")), case(dm(""))],
    ),
    "SCR-005": Examples(
        [case(dm("1904")), case(dm("1905-08")), case(dm("1905-09-01"))],
        [case(dm("1905-09-02")), case(dm("1905-09")), case(dm("1906")), case(dm("1905")), case(dm("")), case(dm("1958"))],
    ),
    "SCR-006": Examples(
        [case(dm("2009"), consent()), case(dm("2008-07"), consent()), case(dm("2008-06-02"), consent())],
        [case(dm("2008-06-01"), consent()), case(dm("2008"), consent()), case(dm("2008-06"), consent()), case(dm("2009")),
         case(dm(""), consent())],
    ),
    "SCR-020": Examples(
        [case(dm("1958-03-14")), case(dm("1958-03-14"), country="CH"), case(dm("1958-03-14"), country="XX")],
        [case(dm("1958-03")), case(dm("1958")), case(dm(""))],
    ),
    # ECOG
    "SCR-007": Examples([case(ecog("5"))], [case(ecog("4")), case(ecog("")), case(ecog("0"))]),
    "SCR-009": Examples(
        [case(ecog(on=TOMORROW)), case(ecog(on="2026-10"))], [case(ecog(on=TODAY)), case(ecog(on="2026-09")), case(ecog(on=""))]
    ),
    "SCR-019": Examples(
        [case(ecog(on="2026-05-26")), unregistered(ecog(on="2026-05-26"), today="2026-06-10"),
         case(ecog(on="2026-05-01"), ecog(on="2026-05-26", visit="UNS01")), case(ecog(on="2026-05-26", visit="UNS01")),
         case(ecog(on="2026-05-26"), ecog(on="2026-06-11", visit="UNS01")),  # after registration it is another matter
         case(ecog(on="2026-05-26"), ecog("", on="2026-06-09", visit="UNS01", ecog_missing="NOT DONE"))],
        [case(ecog(on="2026-05-27")), case(ecog(on="2026-05")), case(ecog(on="")),
         case(ecog(on="2026-05-26", visit="C2D1")), case(ecog(on="2026-05-26"), ecog(on="2026-05-27", visit="UNS01")),
         case(ecog(on="2026-05-27", visit="UNS01"), ecog(on="2026-04-01"))],
        under={"ecog_max_age_days": 14},
    ),
    # Checklist and screen failure
    "SCR-010": Examples([case(ie(TOMORROW))], [case(ie(TODAY)), case(ie("2026")), case(ie(""))]),
    "SCR-017": Examples(
        [case(ie("2026-05-31"), consent())],
        [case(ie("2026-06-01"), consent()), case(ie("2026-05-31")), case(ie("2026"), consent()), case(ie(""), consent())],
    ),
    "SCR-011": Examples([case(sf(TOMORROW))], [case(sf(TODAY)), case(sf("")), case(sf("2026-09"))]),
    "SCR-012": Examples(
        [case(sf("2026-05-31"), consent())], [case(sf("2026-06-01"), consent()), case(sf("2026-05-31")), case(sf("2026"), consent())]
    ),
    "SCR-013": Examples([case(sf())], [unregistered(sf()), unregistered(sf(""))]),
    "SCR-015": Examples(
        [case(sf(criteria="I11")), case(sf(criteria="I3; E19")), case(sf(criteria="E0"))],
        [case(sf(criteria="I3")), case(sf(criteria="I03, excl12, I10; E18")), case(sf(criteria="")),
         case(sf(criteria="not well"))],
    ),
    "SCR-016": Examples(
        [case(sf(criteria="I3"), ie()), case(sf(criteria="I3; E1"), ie(i03="NOT FULFILLED"))],
        [case(sf(criteria="I3"), ie(i03="NOT FULFILLED")), case(sf(criteria="E1"), ie(e01="PRESENT")),
         case(sf(criteria="I3"), ie(i03="")), case(sf(criteria="I3")), case(sf(reason="OTHER", criteria="I3"), ie()),
         case(sf(criteria=""), ie())],
    ),
    "SCR-018": Examples(
        [case(sf(reason="DEATH"))], [case(sf(reason="DEATH"), dd("2026-06-09")), case(sf()), case(sf(reason=""))]
    ),
    "SCR-023": Examples(
        [case(sf(reason="OTHER")), case(sf(reason="OTHER", details="  "))],
        [case(sf(reason="OTHER", details="moved away")), case(sf()), case(sf(reason=""))],
    ),
    # Dosing: amounts
    "DOS-001": Examples(
        [case(dose(mg="10")), case(dose(mg="0.5")), case(dose(mg="0"))],
        [case(dose()), case(dose(mg="1.00")), case(dose("C1D8", mg="10")), case(dose(mg="none")),
         case(dose(occurrence="DELAYED"))],
    ),
    "DOS-002": Examples(
        [case(dose("C1D8", mg="1")), case(dose("C4D15", mg="1.0"))],
        [case(dose()), case(dose("C1D8")), case(dose("C1D8", mg="none")), case(dose("C1D8", mg="2")),
         case(dose("C1D8", occurrence="OMITTED"))],
    ),
    "DOS-003": Examples(
        [case(dose("C1D8", mg="5")), case(dose("C2D1", mg="100")), case(dose("C1D15", mg="9.99")), case(dose("C2D1", mg="0"))],
        [case(dose("C1D8")), case(dose("C1D8", mg="1")), case(dose(mg="5")), case(dose("C1D8", mg="none")),
         case(dose("C1D8", mg="10.0"))],
    ),
    # Dosing: order
    "DOS-004": Examples(
        [case(dose(on="2026-06-09")), unregistered(dose()), unregistered(dose(on="")), case(dose(on="2026-05"))],
        [case(dose(on="2026-06-10")), case(dose(on="2026-06")), case(dose(on="")), unregistered(dose(occurrence="DELAYED"))],
    ),
    "DOS-005": Examples(
        [case(dose("C1D8", "2026-06-22")),
         case(*doses("2026-06-15", "2026-06-14")),
         case(*doses("2026-06-15", "2026-06-15")),
         case(dose(), dose("C1D8", occurrence="DELAYED"), dose("C1D15", "2026-06-29")),
         case(dose(), dose("C1D8", occurrence="OMITTED"), dose("C2D1", "2026-07-13")),
         case(dose(), undated("C1D8", "DELAYED"), dose("C1D15", ""))],
        [case(*doses("2026-06-15", "2026-06-16")),
         case(*doses("2026-06-15", "2026-06-22", "2026-06-29")),
         case(dose(), dose("C1D8", occurrence="OMITTED"), dose("C1D15", "2026-06-29")),
         case(*doses("2026-06", "2026-06-15")),
         case(*doses("2026-06-15", "")),
         case(*doses("2026-06-15", "2026-06-22"), dose("C1D15", occurrence="DELAYED")),
         case(dose())],
    ),
    "DOS-006": Examples(
        [case(dose(), eot("2026-06-14")), case(dose(on="2026-08-21"), eot("2026-08-20")),
         case(dose(on="2026-09"), eot("2026-08-31"), **LATE)],
        [case(dose(on="2026-08-20"), eot("2026-08-20")), case(dose(), eot("2026-06")), case(dose()), case(dose(on=""), eot()),
         case(dose(occurrence="OMITTED"), eot("2026-06-01")), case(dose(), eot(""))],
    ),
    "DOS-017": Examples(
        [case(dose(on="2026-08-16"), pd())],
        [case(dose(on="2026-08-15"), pd()), case(dose(on="2026-08-16"), pd(basis="SYMPTOMATIC DETERIORATION")), case(dose()),
         case(dose(on="2026-08"), pd()), case(dose(on="2026-08-16"), pd("2026-08"))],
    ),
    "DOS-009": Examples(
        [case(dose(on="2026-08-26"), dd())],
        [case(dose(on="2026-08-25"), dd()), case(dose(on="2026-08-26"), dd("2026-08")), case(dose()), case(dose(on=""), dd())],
    ),
    "DOS-013": Examples(
        [case(*doses("2026-06-15", "2026-06-15")), case(dose("C1D8", "2026-06-22"), dose("C2D1", "2026-06-22"))],
        [case(*doses("2026-06-15", "2026-06-16")), case(*doses("2026-06", "2026-06")), case(*doses("", "")),
         case(dose(), dose("C1D8", occurrence="OMITTED"))],
    ),
    # Dosing: times
    "DOS-007": Examples(
        [case(dose(start="11:00", end="10:59")),
         case(dose(on=AUTUMN, start="03:10", end="02:50"), **LATE)],
        [case(dose(start="11:00", end="11:00")), case(dose(start="", end="10:00")), case(dose(start="11:00", end="")),
         case(dose(on="2026-06", start="11:00", end="10:00")), case(dose(on="", start="11:00", end="10:00")),
         case(dose(on=AUTUMN, start="02:50", end="02:10"), **LATE)],
    ),
    "DOS-008": Examples(
        [case(dose(on=TOMORROW)), case(dose(on=TODAY, start="14:01")), case(dose(on="2026-10")),
         case(dose(on=TODAY, start="23:00", end=""))],
        [case(dose(on=TODAY, start="14:00")), case(dose(on=TODAY, start="")), case(dose(on="2026-09")), case(dose(on="")),
         case(dose(on=TODAY, start="15:00"), zone="Europe/Athens")],
    ),
    "DOS-015": Examples(
        [case(dose(on=TODAY, start="13:30", end="14:30")), case(dose(on=TODAY, start="13:00", end="14:01"))],
        [case(dose(on=TODAY, start="13:00", end="14:00")), case(dose(on=TODAY, end="")), case(dose(on="", end="23:00"))],
    ),
    "DOS-016": Examples(
        [case(dose(on=SPRING, start="02:30", end="04:00")), case(dose(on=SPRING, start="02:00"))],
        [case(dose(on=SPRING, start="03:00")), case(dose(on=SPRING, start="01:59")), case(dose(on="2026-03", start="02:30")),
         case(dose(on=SPRING, start="")), case(dose(on=SPRING, start="02:30"), zone="Europe/Athens")],
    ),
    "DOS-019": Examples(
        [case(dose(on=SPRING, start="01:30", end="02:30")), case(dose(on=SPRING, end="03:30"), zone="Europe/Athens")],
        [case(dose(on=SPRING, start="01:30", end="03:30")), case(dose(on="", end="02:30")), case(dose(on=SPRING, end=""))],
    ),
    # Dosing: delayed and omitted
    "DOS-010": Examples(
        [case(undated("C1D8", "DELAYED", given_on=day("2026-06-22"))), case(undated("C1D8", "OMITTED", dose_mg=0)),
         case(undated("C1D8", "OMITTED", start_time="10:00"))],
        [case(undated("C1D8", "DELAYED")), case(undated("C1D8", "OMITTED")), case(dose()), case(undated("C1D8", ""))],
    ),
    "DOS-014": Examples(
        [case(undated("C1D8", "DELAYED"), eot())],
        [case(undated("C1D8", "OMITTED"), eot()), case(undated("C1D8", "DELAYED")), case(dose(), eot())],
    ),
    # Dosing: intervals
    "DOS-011": Examples(
        [case(*doses("2026-06-15", "2026-06-20")), case(*doses("2026-06-15", "2026-06-22", "2026-06-29", "2026-07-10")),
         case(dose(), dose("C1D8", occurrence="OMITTED"), dose("C1D15", "2026-06-20"))],
        [case(*doses("2026-06-15", "2026-06-21")), case(*doses("2026-06-15", "2026-06-22", "2026-06-29", "2026-07-11")),
         case(*doses("2026-06", "2026-06-20")), case(*doses("2026-06-15", "2026-06-15")), case(dose()),
         case(*doses("2026-06-15", ""))],
    ),
    "DOS-012": Examples(
        [case(*doses("2026-06-15", "2026-06-30")),  # 15 days after 1 mg
         case(*doses("2026-06-15", "2026-06-22", "2026-07-14")),  # 22 days after C1D8
         case(*doses("2026-06-15", "2026-06-22", "2026-06-29", "2026-07-28")),  # 29 days after C1D15
         case(*doses("2026-06-15", "2026-06-22", "2026-06-29"), dose("C2D1", occurrence="OMITTED"), dose("C2D15", "2026-07-28"))],
        [case(*doses("2026-06-15", "2026-06-29")),  # day 14 is inside
         case(*doses("2026-06-15", "2026-06-22", "2026-07-13")),  # day 21 is inside
         case(*doses("2026-06-15", "2026-06-22", "2026-06-29", "2026-07-27")),  # day 28 is inside
         case(dose(), dose("C1D8", "2026-06-30", mg="1")), case(*doses("2026-06", "2026-07-10")),
         case(dose(mg="10"), dose("C1D8", "2026-07-30")), case(dose())],
    ),
    "DOS-018": Examples(
        [case(*doses("2026-06-15", "2026-06-25")), case(*doses("2026-06-15", "2026-06-19"))],
        [case(*doses("2026-06-15", "2026-06-24")), case(*doses("2026-06-15", "2026-06-20")), case(dose()),
         case(*doses("2026-06-15", "2026-06"))],
        under={"visit_window_days": 2},
    ),
    # End of treatment
    "DOS-020": Examples([case(eot(TOMORROW))], [case(eot(TODAY)), case(eot("2026-09")), case(eot(""))]),
    "DOS-021": Examples(
        [case(eot("2026-06-14"), dose()), case(eot("2026-05"), dose())],
        [case(eot("2026-06-15"), dose()), case(eot("2026-06"), dose()), case(eot("2026-06-14")),
         case(eot("2026-06-14"), dose("C1D8", "2026-06-22"))],
    ),
    "DOS-022": Examples([case(eot())], [case(eot(), pd()), case(eot(reason="ADVERSE EVENT")), case(eot(reason=""))]),
    "DOS-023": Examples(
        [case(eot(reason="DEATH"))], [case(eot(reason="DEATH"), dd()), case(eot()), case(eot(reason=""))]
    ),
    "DOS-024": Examples(
        [case(eot(reason="ADVERSE EVENT")), case(eot(reason="ADVERSE EVENT"), ae())],
        [case(eot(reason="ADVERSE EVENT"), ae(action_taken="DRUG WITHDRAWN")), case(eot()), case(eot(reason=""))],
    ),
    "DOS-025": Examples(
        [case(eot(), pd(basis="SYMPTOMATIC DETERIORATION"))],
        [case(eot(), pd()), case(eot()), case(eot(reason="PHYSICIAN DECISION"), pd(basis="SYMPTOMATIC DETERIORATION"))],
    ),
    "DOS-026": Examples(
        [case(eot("2026-08-14"), pd())],
        [case(eot("2026-08-15"), pd()), case(eot("2026-08"), pd()), case(eot("2026-08-14")),
         case(eot("2026-08-14", reason="PHYSICIAN DECISION"), pd())],
    ),
    "DOS-027": Examples(
        [case(eot("2026-08-26"), dd())], [case(eot("2026-08-25"), dd()), case(eot("2026-08-26")), case(eot("2026-08"), dd())]
    ),
    "DOS-030": Examples(
        [unregistered(eot()), unregistered(eot("2026-08"))], [case(eot()), unregistered(eot("")), case(eot(""))]
    ),
    "DOS-031": Examples(
        [case(eot("2026-06-09")), case(eot("2026-05"))],
        [case(eot("2026-06-10")), case(eot("2026-06-11")), case(eot("2026-06")), case(eot("")), unregistered(eot("2026-06-09"))],
    ),
    # Adverse events: serious
    "AE-001": Examples(
        [case(serious(because=()))], [case(serious()), case(ae()), case(ae(serious="")), case(ae(grade="4"))]
    ),
    "AE-002": Examples(
        [case(ae(is_life_threatening="Y")), case(ae(is_congenital="Y"))],
        [case(serious()), case(ae()), case(ae(is_death="N")), case(ae(serious="", is_death="Y"))],
    ),
    "AE-027": Examples(
        [case(serious(stay_planned="Y")), case(serious(stay_planned="Y"), longer(by="7")), case(serious(stay_planned="Y"), watched(event=""))],
        [case(serious()), case(serious(stay_planned="Y", because=("is_hospitalisation", "is_disability"))),
         case(serious(stay_planned="N")), case(ae(stay_planned="Y", is_hospitalisation="Y")),
         case(serious(stay_planned="Y"), longer(by="1")), case(serious(stay_planned="Y"), watched(event="1"))],
    ),
    "AE-029": Examples([case(serious(at=""))], [case(serious()), case(ae()), case(serious(aware="", at=""))]),
    "AE-030": Examples(
        [case(serious(aware="2026-06-19")), case(serious(started_time="09:01", aware="2026-06-20"))],
        [case(serious(started_time="09:00", aware="2026-06-20")), case(serious(aware="2026-06-20")), case(serious(aware="")),
         case(serious(on="2026-06", aware="2026-06-01")), case(ae(aware_on=day("2026-06-01")))],
    ),
    "AE-031": Examples(
        [case(serious(aware=TOMORROW)), case(serious(aware=TODAY, at="14:01"))],
        [case(serious(aware=TODAY, at="14:00")), case(serious(aware=TODAY, at="")), case(serious(aware=""))],
    ),
    # Adverse events: fatal
    "AE-003": Examples(
        [case(fatal(grade="4")), case(ae("Sepsis", is_death="Y")), case(ae("Sepsis", outcome="FATAL")), case(fatal(grade="3"), aeg("4")),
         case(fatal(grade="3"), aeg("5", event="7"))],
        [case(fatal()), case(ae()), case(fatal(grade="")), case(fatal("Nausea", grade="3")), case(fatal(grade="3"), aeg("5"))],
    ),
    "AE-004": Examples(
        [case(fatal(outcome="UNKNOWN")), case(ae(grade="5")), case(ae(is_death="Y")), case(ae(), aeg("5"))],
        [case(fatal()), case(ae()), case(fatal(outcome="")), case(ae(), aeg("5", event="7")), case(fatal(grade="3"), aeg("5"))],
    ),
    "AE-005": Examples(
        [case(ae(grade="5")), case(ae(outcome="FATAL")), case(fatal(is_death="N")), case(ae(), aeg("5"))],
        [case(fatal()), case(ae()), case(ae(grade="5", serious="")), case(ae(), aeg("4"))],
    ),
    "AE-006": Examples(
        [case(fatal("Nausea", grade="3")), case(ae("Fatigue", is_death="Y"))],
        [case(fatal()), case(fatal("Tumor lysis syndrome")), case(ae("Nausea")), case(fatal("")), case(fatal("No such term"))],
    ),
    "AE-007": Examples([case(fatal())], [case(fatal(), dd("2026-07-01")), case(ae()), case(ae(outcome=""))]),
    "AE-008": Examples(
        [case(fatal(), dd("2026-07-02")), case(fatal(), dd("2026-06-30")), case(fatal(), dd("2026-08"))],
        [case(fatal(), dd("2026-07-01")), case(fatal(), dd("2026-07")), case(fatal()), case(fatal(end=""), dd()),
         case(ae(end="2026-07-01"), dd())],
    ),
    # Adverse events: outcome and end
    "AE-009": Examples(
        [case(ae(outcome="RECOVERED/RESOLVED", ongoing="N")), case(fatal(end="", ongoing="N")),
         case(ae(outcome="RECOVERED/RESOLVED WITH SEQUELAE", ongoing=""))],
        [case(ae(end="2026-06-30")), case(ae(end="2026")), case(ae()), case(ae(outcome="UNKNOWN", ongoing="N")),
         case(ae(outcome="RECOVERED/RESOLVED", ongoing="Y")), case(ae(outcome=""))],
    ),
    "AE-010": Examples(
        [case(ae(end="2026-06-30", outcome="RECOVERING/RESOLVING")),
         case(ae(end="2026-06", outcome="NOT RECOVERED/NOT RESOLVED"))],
        [case(ae(end="2026-06-30")), case(ae()), case(ae(end="2026-06-30", outcome="UNKNOWN")),
         case(ae(end="2026-06-30", outcome=""))],
    ),
    "AE-011": Examples(
        [case(ae(end="2026-06-30", ongoing="Y")), case(ae(end="2026", ongoing="Y"))],
        [case(ae(end="2026-06-30")), case(ae()), case(ae(end="2026-06-30", ongoing=""))],
    ),
    "AE-012": Examples(
        [case(ae(outcome="RECOVERED/RESOLVED")), case(ae(outcome="FATAL"))],
        [case(ae()), case(ae(end="2026-06-30")), case(ae(outcome="")), case(ae(outcome="UNKNOWN")),
         case(ae(outcome="RECOVERED/RESOLVED", ongoing=""))],
    ),
    "AE-013": Examples(
        [case(ae(ongoing="N")), case(ae(ongoing="N", outcome="RECOVERING/RESOLVING"))],
        [case(ae()), case(ae(ongoing="N"), dd()), case(ae(ongoing="N", outcome="UNKNOWN")), case(ae(ongoing="", outcome="UNKNOWN"))],
    ),
    # Adverse events: dates and times
    "AE-014": Examples(
        [case(ae(end="2026-06-19")), case(ae(end="2026-05")), case(ae(end="2026-06-20", started_time="10:00", ended_time="09:59")),
         case(ae(on=AUTUMN, end=AUTUMN, started_time="03:00", ended_time="02:59"), **LATE)],
        [case(ae(end="2026-06-20")), case(ae(end="2026-06-20", started_time="10:00")),
         case(ae(end="2026-06-20", started_time="10:00", ended_time="10:00")), case(ae(end="2026-06")), case(ae(end="2026")),
         case(ae(on="", end="2026-06-20")), case(ae()),
         case(ae(on=AUTUMN, end=AUTUMN, started_time="02:40", ended_time="02:20"), **LATE)],
    ),
    "AE-015": Examples(
        [case(ae(on=TOMORROW)), case(ae(on="2027")), case(ae(on=TODAY, started_time="14:01"))],
        [case(ae(on=TODAY)), case(ae(on=TODAY, started_time="14:00")), case(ae(on="2026")), case(ae(on="2026-09")), case(ae(on=""))],
    ),
    "AE-016": Examples(
        [case(ae(end=TOMORROW)), case(ae(end=TODAY, ended_time="14:01"))],
        [case(ae(end=TODAY)), case(ae(end=TODAY, ended_time="14:00")), case(ae(end="2026")), case(ae())],
    ),
    "AE-035": Examples(
        [case(ae(on=SPRING, started_time="02:30"))],
        [case(ae(on=SPRING, started_time="03:30")), case(ae(on=SPRING)), case(ae(on="2026-03", started_time="02:30")),
         case(ae(on=AUTUMN, started_time="02:30"))],
    ),
    "AE-036": Examples(
        [case(ae(end=SPRING, ended_time="02:59"))],
        [case(ae(end=SPRING, ended_time="03:00")), case(ae(end=SPRING)), case(ae())],
    ),
    "AE-037": Examples(
        [case(serious(aware=SPRING, at="02:30"))],
        [case(serious(aware=SPRING, at="01:30")), case(serious(aware="", at="02:30")), case(ae())],
    ),
    "AE-017": Examples(
        [case(ae(on="2026-05-31"), consent()), case(ae(on="2025"), consent())],
        [case(ae(on="2026-06-01"), consent()), case(ae(on="2026"), consent()), case(ae(on="2026-05-31")), case(ae(on=""), consent())],
    ),
    "AE-018": Examples(
        [case(ae(on="2026-08-26"), dd())],
        [case(ae(on="2026-08-25"), dd()), case(ae(on="2026-08"), dd()), case(ae(on="2026-08-26")), case(ae(on=""), dd())],
    ),
    "AE-019": Examples(
        [case(ae(end="2026-08-26"), dd())],
        [case(ae(end="2026-08-25"), dd()), case(ae(end="2026-08"), dd()), case(fatal(end="2026-08-26"), dd()), case(ae(), dd())],
    ),
    "AE-034": Examples(
        [case(*doses("2026-06-15", "2026-06-22"), eot("2026-06-30"), ae(on="2026-07-23"))],
        [case(*doses("2026-06-15", "2026-06-22"), eot("2026-06-30"), ae(on="2026-07-22")),
         case(*doses("2026-06-15", "2026-06-22"), ae(on="2026-07-23")), case(eot(), ae(on="2026-07-23")),
         case(dose(), eot(), ae(on="2026"))],
        under={"ae_collection_days": 30},
    ),
    # Adverse events: term and grade
    "AE-020": Examples(
        [case(ae("Nausea", grade="4")), case(ae("Febrile neutropenia", grade="2")), case(ae("Alopecia", grade="3", scale=""))],
        [case(ae("Nausea", grade="3")), case(ae("Febrile neutropenia", grade="3")), case(ae(grade="")),
         case(ae("No such term", grade="5")), case(ae("Tumor lysis syndrome", scale="CAIRO-BISHOP", grade="1")),
         case(ae("Tumor lysis syndrome", grade="1"))],
    ),
    "AE-021": Examples(
        [case(ae("Cytokine release syndrome")), case(ae("Tumor lysis syndrome", scale="ASTCT 2019")),
         case(ae("Nausea", scale="ASTCT 2019"))],
        [case(ae("Cytokine release syndrome", scale="ASTCT 2019")), case(ae()), case(ae(scale="")),
         case(ae("No such term", scale="ASTCT 2019"))],
    ),
    "AE-022": Examples(
        [case(ae(OTHER_TERM)), case(ae(OTHER_TERM, term_specify="  "))],
        [case(ae(OTHER_TERM, term_specify="Broken heart")), case(ae()), case(ae(""))],
    ),
    "AE-023": Examples(
        [case(ae("Pyrexia")), case(ae("nausea"))], [case(ae("Fever")), case(ae("")), case(ae("Cytokine release syndrome"))]
    ),
    # Adverse events: action taken
    "AE-024": Examples(
        [case(ae(action_taken="DRUG WITHDRAWN"))],
        [case(ae(action_taken="DRUG WITHDRAWN"), eot()), case(ae()), case(ae(action_taken=""))],
    ),
    "AE-025": Examples(
        [case(ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), *doses("2026-06-15", "2026-06-22")),
         case(ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), *doses("2026-06-15", "2026-06-21"))],
        [case(ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), *doses("2026-06-15", "2026-06-23")),
         case(ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), dose(), undated("C1D8", "DELAYED")),
         case(ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), dose(), undated("C1D8", "OMITTED")),
         case(ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), dose(),
              dose("C1D8", "2026-06-22", reason="ADVERSE EVENT")),
         case(ae(on="2026-06-15", action_taken="DRUG INTERRUPTED"), *doses("2026-06-15", "2026-06-22")),
         case(ae(on="2026-06-17", action_taken="DRUG INTERRUPTED"), dose()),
         case(ae(on="2026", action_taken="DRUG INTERRUPTED"), *doses("2026-06-15", "2026-06-22")),
         case(ae(on="2026-06-17"), *doses("2026-06-15", "2026-06-22"))],
    ),
    "AE-026": Examples(
        [case(ae(action_taken="DOSE REDUCED")), case(ae(action_taken="DOSE INCREASED"))],
        [case(ae()), case(ae(action_taken="DOSE RATE REDUCED")), case(ae(action_taken=""))],
    ),
    # Adverse events: several
    "AE-032": Examples(
        [case(asked(), *doses("2026-06-15", "2026-06-22"), ae(on="2026-06-16")),
         case(asked(), *doses("2026-06-15", "2026-06-22"), ae(on="2026-06-21")),
         case(asked("R1"), dose(), dose("R1", "2026-07-06"), ae(on="2026-07-05")),  # at a repeated dose, and after one
         case(asked(), dose(), dose("R1", "2026-07-06"), dose("C1D8", "2026-07-13"), ae(on="2026-07-07")),
         case(asked("UNS01"), dose(), uv("2026-06-18"), ae(on="2026-06-17")),  # at an unscheduled visit, and after one
         case(asked(), *doses("2026-06-15", "2026-06-22"), uv("2026-06-18"), ae(on="2026-06-19")),
         case(asked("EOT"), *doses("2026-06-15", "2026-06-22"), eot("2026-07-20"), ae(on="2026-07-19"))],
        [case(asked(), *doses("2026-06-15", "2026-06-22"), ae(on="2026-06-15")),
         case(asked(), *doses("2026-06-15", "2026-06-22"), ae(on="2026-06-22")),
         case(asked(answer="Y"), *doses("2026-06-15", "2026-06-22"), ae(on="2026-06-16")),
         case(asked(), *doses("2026-06-15", "2026-06-22"), ae(on="2026-06")),
         case(asked(), *doses("2026-06-15", "2026-06-22")), case(asked(), dose(), ae(on="2026-06-16")),
         case(asked("C1D1"), dose(), ae(on="2026-06-10")), case(asked("UNS01"), dose(), ae(on="2026-06-17")),
         case(asked("UNS01"), dose(), uv("2026-06-18"), ae(on="2026-06-18")), case(asked("UNS01"), dose(), uv("2026-06"), ae(on="2026-06-17")),
         case(asked(), *doses("2026-06-15", "2026-06-22"), uv("2026-06-18"), ae(on="2026-06-17")),  # asked for at the visit before
         case(asked("EOT"), *doses("2026-06-15", "2026-06-22"), eot("2026-07-20"), ae(on="2026-07-21"))],
    ),
    "AE-033": Examples(
        [case(ae(), ae(on="2026-06-25")), case(ae(end="2026-06-30"), ae(on="2026-06-30", end="2026-07-05")),
         case(ae(OTHER_TERM, term_specify="Broken heart"), ae(OTHER_TERM, term_specify="broken heart "))],
        [case(ae(end="2026-06-30"), ae(on="2026-07-01")), case(ae(end="2026-06-30"), ae(on="2026-07-01", end="2026-07-05")),
         case(ae(), ae("Vomiting")), case(ae()),
         case(ae(end="2026-06"), ae(on="2026-06-25")), case(ae(""), ae("")),
         case(ae(OTHER_TERM, term_specify="Broken heart"), ae(OTHER_TERM, term_specify="Hiccup of the heart"))],
    ),
    # Follow-up
    "FUP-001": Examples([case(dd(TOMORROW)), case(dd("2026-10"))], [case(dd(TODAY)), case(dd("2026-09")), case(dd(""))]),
    "FUP-002": Examples(
        [case(dd("2026-05-31"), consent())], [case(dd("2026-06-01"), consent()), case(dd("2026"), consent()), case(dd("2026-05-31"))]
    ),
    "FUP-003": Examples(
        [case(dd("2026-06-09")), case(dd("2026-05"))], [case(dd("2026-06-10")), case(dd("2026-06")), unregistered(dd("2026-06-09"))]
    ),
    "FUP-004": Examples(
        [case(dd("2026-06-21"), *doses("2026-06-15", "2026-06-22"))],
        [case(dd("2026-06-22"), *doses("2026-06-15", "2026-06-22")), case(dd("2026-06"), dose()), case(dd()), case(dd(""), dose())],
    ),
    "FUP-005": Examples(
        [case(dd("2026-06-19"), ae())], [case(dd("2026-06-20"), ae()), case(dd("2026-06"), ae()), case(dd()), case(dd(""), ae())]
    ),
    "FUP-006": Examples(
        [case(dd(cause="ADVERSE EVENT")), case(dd(cause="ADVERSE EVENT"), ae())],
        [case(dd(cause="ADVERSE EVENT"), fatal(), ae()), case(dd()), case(dd(cause="")), case(dd(), ae())],
    ),
    "FUP-010": Examples([case(pd(TOMORROW))], [case(pd(TODAY)), case(pd("2026-09")), case(pd(""))]),
    "FUP-011": Examples(
        [case(pd("2026-06-09")), case(pd("2026-05"))], [case(pd("2026-06-10")), case(pd("2026-06")), unregistered(pd("2026-06-09"))]
    ),
    "FUP-012": Examples(
        [case(pd("2026-08-26"), dd())], [case(pd("2026-08-25"), dd()), case(pd("2026-08"), dd()), case(pd("2026-08-26"))]
    ),
    # Gates
    "SCR-G01": Examples([eligible(consent=None)], [eligible(), eligible(dm=None)]),
    "SCR-G02": Examples([eligible(dm=None)], [eligible(), eligible(ie=None)]),
    "SCR-G03": Examples([eligible(ecog=None), eligible(ecog=ecog(visit="C2D1"))], [eligible(), eligible(dm=None)]),
    "SCR-G04": Examples([eligible(ie=None)], [eligible(), eligible(ecog=None)]),
    "SCR-G05": Examples([case(active=False)], [case(), eligible()]),
    "SCR-G06": Examples([case()], [unregistered(), eligible()]),
    "SCR-G07": Examples([eligible(sf=sf())], [eligible(), without(eligible(sf=sf()), "SF")]),
}  # fmt: skip

# One gate per criterion that is asked at registration.
for _each in CRITERIA:
    if 1 in _each.gates:
        _no = "NOT FULFILLED" if _each.kind == "inclusion" else "PRESENT"
        _other = "e01" if _each.field != "e01" else "i01"
        EXAMPLES[f"SCR-{_each.field[0].upper()}{_each.field[1:]}"] = Examples(
            [eligible(ie=ie(**{_each.field: ""})), eligible(ie=ie(**{_each.field: _no})), eligible(ie=None)],
            [eligible(), eligible(ie=ie(**{_other: ""}))],
        )
