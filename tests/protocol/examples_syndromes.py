"""Rules of the assessments of CRS, ICANS and tumour lysis: fires, and stays quiet. The event is record 1 of its patient."""

from __future__ import annotations

import dataclasses

from tests.protocol.build import ae, case, dm, dose, undated
from tests.protocol.examples import SPRING, Examples
from tests.protocol.screening_build import steroid
from tests.protocol.syndrome_build import (
    BASELINE,
    CREATININE,
    blood,
    corrected_calcium,
    crs,
    crs_event,
    icans,
    icans_event,
    tls,
    tls_event,
    tocilizumab,
)

WARM = crs("02:00", therapy="ANTICYTOKINE")
LYSIS = dict(k="6.2", phos="1.50")  # two criteria


def cool(at="02:01", **rest):
    """After a treated fever: cool, low pressure."""
    return crs(at, **{"temperature": "37.0", "pressors": "", **rest})


def lysed(*more, event=None, found=None, on="2026-06-17", **results):
    return case(event or tls_event(), dose(), dm(), BASELINE, CREATININE, blood(on, **{**LYSIS, **results}), found or tls(), *more)


EXAMPLES: dict[str, Examples] = {
    "AE-100": Examples(
        [case(crs_event(), crs(pressors="")), case(crs_event(), crs(device="LOW FLOW NASAL CANNULA", oxygen_flow="6")),
         case(crs_event(), crs(grade="2")), case(crs_event(), crs(grade="0")), case(crs_event(), crs(pressors="NOREPINEPHRINE", grade="2")),
         case(crs_event(), crs(temperature="38.0", grade="3")), case(crs_event(), WARM, cool()),
         case(crs_event(), crs(device="FACE MASK", grade="2")),
         case(crs_event(), crs(pressors="", hypotension_no_other_cause="N", grade="2"))],  # another cause: not counted
        [case(crs_event(), crs()), case(crs_event(), crs(grade="")), case(crs_event(), crs(pressors="", grade="2")),
         case(crs_event(), WARM, cool("02:00")), case(crs_event(), WARM, cool(grade="")),
         case(crs_event(), crs(hypotension="")), case(crs_event(), crs(hypotension="", grade="4")), case(crs_event(), crs(temperature="37.9")),
         case(crs_event(), crs(device="LOW FLOW NASAL CANNULA", oxygen_flow="6", grade="2")),
         case(crs_event(), crs(device="LOW FLOW NASAL CANNULA", oxygen_flow="6.1", grade="3")),
         case(crs_event(), crs(pressors="", hypotension_no_other_cause="N"))],
    ),
    "AE-101": Examples(
        [case(crs_event(), crs(temperature="37.9")), case(crs_event(), crs(temperature="37.0", fever_earlier="Y")),
         case(crs_event(), WARM, cool("02:00")), case(crs_event(), crs(temperature="37.0", therapy="BOTH"))],
        [case(crs_event(), crs(temperature="38.0")), case(crs_event(), crs(temperature="37.0", fever_earlier="Y", therapy="ANTIPYRETIC")),
         case(crs_event(), WARM, cool()), case(crs_event(), WARM, cool("")), case(crs_event(), crs(temperature="37.9", grade="")),
         case(crs_event(), crs(temperature=None)), case(crs_event(), crs(temperature="37.9", fever_earlier="", therapy=""))],
    ),
    "AE-102": Examples(
        [case(icans_event(), crs()), case(ae("Fever"), crs())],
        [case(crs_event(), crs()), case(ae("no such term"), crs()), case(ae(""), crs()), case(crs_event(), crs(event=""))],
    ),
    "AE-103": Examples(
        [case(crs_event("02:31"), crs("02:30")), case(crs_event(end="2026-06-17", ended_time="09:00"), crs("09:01", "2026-06-17")),
         case(crs_event(on="2026-06-17"), crs()), case(crs_event(on="2026-07"), crs())],
        [case(crs_event("02:30"), crs("02:30")), case(crs_event(end="2026-06-17", ended_time="09:00"), crs("09:00", "2026-06-17")),
         case(crs_event(end="2026-06-17"), crs("23:59", "2026-06-17")), case(crs_event("02:31"), crs("")), case(crs_event(""), crs("00:01")),
         case(crs_event("02:31"), crs(event=""))],
    ),
    "AE-105": Examples(
        [case(icans_event(), icans(9)), case(icans_event(), icans(6, grade="1")), case(icans_event(), icans(2, grade="2")),
         case(icans_event(), icans(0, grade="4")), case(icans_event(), icans(10, consciousness="AWAKENS TO VOICE", consciousness_no_other_cause="Y")),
         case(icans_event(), icans(10, seizure="RESOLVING", grade="2")), case(icans_event(), icans(None, grade="3"))],
        [case(icans_event(), icans()), case(icans_event(), icans(9, grade="1")), case(icans_event(), icans(7, grade="1")),
         case(icans_event(), icans(6, grade="2")), case(icans_event(), icans(3, grade="2")), case(icans_event(), icans(2, grade="3")),
         case(icans_event(), icans(0, grade="3")), case(icans_event(), icans(9, grade="")), case(icans_event(), icans(None)),
         case(icans_event(), icans(10, orientation=None, grade="2"))],  # 6 to 10: grade 0, 1 or 2
    ),
    "AE-107": Examples(
        [case(crs_event(), icans())], [case(icans_event(), icans()), case(ae(""), icans()), case(crs_event(), icans(event=""))]
    ),
    "AE-108": Examples(
        [case(icans_event("02:31"), icans(time="02:30"))],
        [case(icans_event("02:30"), icans(time="02:30")), case(icans_event("02:31"), icans(time="")), case(icans_event("02:31"), icans(event=""))],
    ),
    "AE-110": Examples(
        [lysed(), lysed(creat="150"), lysed(creat="301"), lysed(found=tls(arrhythmia="3")), lysed(on="2026-06-22", found=tls("2026-06-24")),
         lysed(found=tls("2026-06-17"))],
        [lysed(creat="151"), lysed(creat="300"), lysed(found=tls(grade="0")), lysed(creat="150", found=tls(grade="1")), lysed(found=tls(grade="")),
         lysed(on="2026-06-23", found=tls("2026-06-25")), lysed(found=tls(seizure="2")), lysed(found=tls("2026-06-16")),
         lysed(on="2026-06")],
    ),
    "AE-111": Examples(
        [lysed(k="4.1", phos="1.0"), lysed(k="6.2", phos="1.0"), lysed(k="5.1", phos="1.25", ca="1.76"),
         lysed(k="4.1", phos="1.0", on="2026-06-22", found=tls("2026-06-24")),
         lysed(corrected_calcium("2.20"), dataclasses.replace(corrected_calcium("2.30", "2026-06-03"), visit="SCR"), k="6.2", phos="1.0")],
        [lysed(), lysed(corrected_calcium("2.20"), k="6.2", phos="1.0"),  # its own baseline is not known
         lysed(k="6.0", phos="1.45"), lysed(k="6.2", phos="1.0", ca="1.75", alb="40"), lysed(k="6.2", phos="1.25"),
         lysed(k="4.1", phos="1.0", found=tls(grade="")), lysed(k="4.1", phos="1.0", on="2026-06-23", found=tls("2026-06-25")),
         lysed(k="4.1", phos="1.0", on="2026-06"), lysed(corrected_calcium("1.75"), k="6.2", phos="1.0", ca="")],
    ),
    "AE-112": Examples([case(crs_event(), tls())], [case(tls_event(), tls()), case(ae(""), tls()), case(crs_event(), tls(event=""))]),
    "AE-113": Examples(
        [case(tls_event("09:01", "2026-06-18"), tls())],
        [case(tls_event("09:00", "2026-06-18"), tls()), case(tls_event("", "2026-06-18"), tls()), case(tls_event("09:01", "2026-06-18"), tls(event=""))],
    ),
    "AE-123": Examples(
        [case(crs_event("13:59", "2026-08-31")), case(icans_event("13:59", "2026-08-31")), case(tls_event("13:59", "2026-08-31")),
         case(crs_event(), icans()), case(crs_event(), crs(event="3")), case(crs_event("", "2026-08-30"))],
        [case(crs_event("14:00", "2026-08-31")), case(crs_event(), crs()), case(icans_event(), icans()), case(tls_event(), tls()),
         case(crs_event("", "2026-08-31")), case(crs_event("", "2026-08")), case(ae("Fever")), case(ae("")), case(crs_event(on=""))],
    ),
    "AE-115": Examples(
        [case(crs_event(), crs(therapy="ANTICYTOKINE")), case(crs_event(), crs(therapy="BOTH"), tocilizumab(for_event="")),
         case(crs_event(), crs(therapy="BOTH"), tocilizumab(for_event="2")),
         case(crs_event(), crs(therapy="BOTH"), tocilizumab(name="Paracetamol", drug_class="OTHER"))],
        [case(crs_event(), crs(therapy="ANTICYTOKINE"), tocilizumab()), case(crs_event(), crs(therapy="ANTIPYRETIC")), case(crs_event(), crs(therapy="")),
         case(crs_event(), crs(therapy="ANTICYTOKINE"), tocilizumab(drug_class="")), case(crs_event(), crs(therapy="BOTH", event="")),
         case(crs_event(), crs(therapy="ANTICYTOKINE"), steroid("Dexamethasone", for_event="1", started_on="2026-06-16"))],
    ),
    "AE-116": Examples(
        [case(crs_event(), crs("02:21"), tocilizumab()), case(crs_event(), crs("02:21", therapy="ANTIPYRETIC"), tocilizumab(name=""))],
        [case(crs_event(), crs("02:20"), tocilizumab()), case(crs_event(), crs("02:21"), tocilizumab("")), case(crs_event(), crs("02:21")),
         case(crs_event(), crs("02:21", therapy="BOTH"), tocilizumab()), case(crs_event(), crs("02:21", therapy=""), tocilizumab()),
         case(crs_event(), crs("02:21"), tocilizumab(for_event="")), case(crs_event(), crs("02:21"), tocilizumab(name="Paracetamol", drug_class="OTHER"))],
    ),
    "AE-117": Examples(
        [case(crs_event(), crs(device="LOW FLOW NASAL CANNULA", oxygen_flow="6.1")), case(crs_event(), crs(device="HIGH FLOW NASAL CANNULA", oxygen_flow="6"))],
        [case(crs_event(), crs(device="LOW FLOW NASAL CANNULA", oxygen_flow="6")), case(crs_event(), crs(device="HIGH FLOW NASAL CANNULA", oxygen_flow="6.1")),
         case(crs_event(), crs(device="HIGH FLOW NASAL CANNULA")), case(crs_event(), crs(device="FACE MASK"))],
    ),
    "AE-118": Examples(
        [case(crs_event(), WARM, crs("02:01")), case(crs_event(), crs("02:00", temperature="38.0"), crs("02:01"))],
        [case(crs_event(), WARM, crs("02:00")), case(crs_event(), WARM, crs("")), case(crs_event(), WARM, crs("02:01", fever_earlier="Y")),
         case(crs_event(), WARM, crs("02:01", fever_earlier="")), case(crs_event(), crs("02:00", temperature="37.9"), crs("02:01")),
         case(crs_event(), WARM, crs("02:01", event="9"))],
    ),
    "AE-119": Examples(
        [case(crs_event(), WARM, crs("02:01")), case(crs_event(), crs("02:00", therapy="ANTIPYRETIC"), crs("02:01"))],
        [case(crs_event(), WARM, crs("02:00")), case(crs_event(), WARM, crs("")), case(crs_event(), WARM, crs("02:01", therapy="ANTIPYRETIC")),
         case(crs_event(), WARM, crs("02:01", therapy="")), case(crs_event(), crs("02:00"), crs("02:01")), case(crs_event(), WARM, crs("02:01", event="9"))],
    ),
    "AE-120": Examples(
        [case(icans_event(), icans(1, consciousness="UNAROUSABLE"))],
        [case(icans_event(), icans(0, consciousness="UNAROUSABLE")), case(icans_event(), icans(None, consciousness="UNAROUSABLE")),
         case(icans_event(), icans(1)), case(icans_event(), icans(1, consciousness=""))],
    ),
    "AE-122": Examples(
        [case(tls_event(), dose("C1D8", "2026-06-18", start="09:01"), tls(opened_by="C1D8")), case(tls_event(), undated("C1D8", "OMITTED"), tls(opened_by="C1D8")),
         case(tls_event(), dose("C1D8", SPRING.replace("2026", "2027")), tls(opened_by="C1D8"))],
        [case(tls_event(), dose("C1D8", "2026-06-18", start="09:00"), tls(opened_by="C1D8")), case(tls_event(), dose("C1D8", "2026-06-18", start=""), tls(opened_by="C1D8")),
         case(tls_event(), dose(), tls()), case(tls_event(), dose(), tls(opened_by="C1D15")), case(tls_event(), undated("C1D8", ""), tls(opened_by="C1D8"))],
    ),
}  # fmt: skip

