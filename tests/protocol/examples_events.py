"""Rules of changes of grade, of what an event says beside other logs, and of hospital stays: fires, and stays quiet.

The event stands first, so that its number is 1; it began on 20 June 2026 unless it says otherwise, and today is 1 September.
The first dose was on 15 June at 10:00 in Lyon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from protocol import facts, safety_facts
from tests.protocol.build import ae, case, dd, dose, doses, eot, fatal, serious, undated
from tests.protocol.examples import Examples, unregistered
from tests.protocol.screening_build import cm, make

CRS, ICANS, TLS = "Cytokine release syndrome", "Immune effector cell-associated neurotoxicity syndrome (ICANS)", "Tumor lysis syndrome"


def aeg(grade="3", on="2026-06-22", event="1", at="", **rest):
    return make(safety_facts.GradeChange, {"event": event, "grade": grade, "changed_on": on, "changed_time": at}, rest)


def forms_of_assessments():
    return {code: each for code, each in facts.FORMS.items() if issubclass(each, safety_facts.SyndromeAssessment)}


if not forms_of_assessments():  # while the trial has no such form, one that stands for them

    @dataclass(frozen=True, slots=True, kw_only=True)
    class StandIn(safety_facts.SyndromeAssessment):
        form: ClassVar[str] = "XX"


def assessed(grade="2", on="2026-06-16", event="1", at=""):
    """An assessment of any of the forms that there are."""
    kind = next(iter(forms_of_assessments().values()))
    return make(kind, {"event": event, "grade": grade, "assessed_on": on, "assessed_time": at}, {})


def ho(on="2026-06-20", until="2026-06-25", event="1", planned="N", kind="HOSPITAL STAY", **rest):
    given = {"kind": kind, "admitted_on": on, "discharged_on": until, "event": event, "planned": planned, "prolonged": "N",
             "ongoing": "N" if until else "Y"}  # fmt: skip
    return make(safety_facts.HospitalStay, given, rest)


def longer(on="2026-06-15", until="2026-06-25", by="1", planned="Y", **rest):
    return ho(on, until, "", planned, **{"prolonged": "Y", "prolonged_by": by, **rest})


def watched(visit="C1D1", event="1"):
    return make(facts.Monitoring, {"visit": visit, "event": event, "place": "WARD"}, {})


def drug(event="1", name="Paracetamol", **rest):
    return cm(name=name, for_event=event, **rest)


def crs(grade="1", **rest):
    return ae(CRS, **{"scale": "ASTCT 2019", "grade": grade, **rest})


DOSED = doses("2026-06-15")
COURSE = doses("2026-06-15", "2026-06-22")

EXAMPLES = {
    # Changes of grade
    "AE-050": Examples(
        [case(ae(), aeg(on="2026-06-19")), case(ae(started_time="10:00"), aeg(on="2026-06-20", at="09:59")), case(ae(), aeg(on="2026-05"))],
        [case(ae(), aeg(on="2026-06-20")), case(ae(started_time="10:00"), aeg(on="2026-06-20", at="10:00")), case(ae(), aeg(on="2026-06")),
         case(ae(), aeg(on="")), case(ae(on=""), aeg()), case(ae(), aeg(on="2026-06-19", event="7")), case(ae(), aeg(on="2026-06-19", event=""))],
    ),
    "AE-051": Examples(
        [case(ae(end="2026-06-25"), aeg(on="2026-06-26")),
         case(ae(end="2026-06-25", ended_time="10:00"), aeg(on="2026-06-25", at="10:01"))],
        [case(ae(end="2026-06-25"), aeg(on="2026-06-25")), case(ae(end="2026-06-25", ended_time="10:00"), aeg(on="2026-06-25", at="10:00")),
         case(ae(), aeg(on="2026-06-26")), case(ae(end="2026-06"), aeg(on="2026-06-26")), case(ae(end="2026-06-25"), aeg(on="")),
         case(ae(end="2026-06-25"), aeg(on="2026-06-26", event="7"))],
    ),
    "AE-052": Examples(
        [case(ae(), aeg("2")), case(ae(), aeg("3", "2026-06-20"), aeg("1", "2026-06-22"), aeg("1", "2026-06-23")),
         case(ae(started_time="10:00"), aeg("2", "2026-06-20", at="10:00"))],
        [case(ae(), aeg("3")), case(ae(), aeg("3"), aeg("2", "2026-06-23")), case(ae(), aeg("2", "")), case(ae(), aeg("")),
         case(ae(grade=""), aeg("2")), case(ae(), aeg("2", event="7")), case(ae(started_time="10:00"), aeg("2", "2026-06-20", at="09:59")),
         case(ae(), aeg("3", ""), aeg("2", "2026-06-23"))],
    ),
    "AE-053": Examples(
        [case(ae(), aeg("4")), case(ae("Febrile neutropenia", grade="3"), aeg("2"))],
        [case(ae(), aeg("3")), case(ae(), aeg("")), case(ae("No such term"), aeg("5")), case(ae(), aeg("4", event="7")),
         case(ae(TLS, scale="CAIRO-BISHOP", grade="1"), aeg("2"))],
    ),
    "AE-054": Examples(
        [case(crs(), aeg("2"), assessed())],
        [case(crs(), aeg("2")), case(crs(), aeg("2"), assessed(event="7")), case(ae(), aeg("3"), assessed()), case(crs(), aeg("2", event=""), assessed())],
    ),
    "AE-065": Examples(
        [case(fatal(grade="4"), aeg("5", "2026-06-30"), dd("2026-07-01")), case(fatal(grade="4"), aeg("5", "2026-07-02"), dd("2026-07-01")),
         case(fatal(grade="4"), aeg("5", "2026-06"), dd("2026-07-01"))],
        [case(fatal(grade="4"), aeg("5", "2026-07-01"), dd("2026-07-01")), case(fatal(grade="4"), aeg("5", "2026-07"), dd("2026-07-01")),
         case(fatal(grade="4"), aeg("5", "2026-06-30")), case(fatal(grade="3"), aeg("4", "2026-06-30"), dd("2026-07-01")),
         case(fatal(grade="4"), aeg("5", ""), dd("2026-07-01"))],
    ),
    "AE-066": Examples(
        [case(ae(), aeg("3", "2026-08-26"), dd())],
        [case(ae(), aeg("3", "2026-08-25"), dd()), case(ae(), aeg("3", "2026-08-26")), case(ae(), aeg("5", "2026-08-26"), dd()),
         case(ae(), aeg("3", "2026-08"), dd()), case(ae(), aeg("3", ""), dd())],
    ),
    # Beside the other logs
    "AE-055": Examples(
        [case(serious()), case(serious(), ho(event="7")), case(serious(), ho(kind="EMERGENCY ROOM VISIT")), case(serious(), watched(event=""))],
        [case(serious(), ho()), case(serious(), longer()), case(serious(), watched()), case(serious(because=("is_disability",))),
         case(serious(is_hospitalisation="N", because=()))],
    ),
    "AE-056": Examples(
        [case(serious(stay_planned="Y"), ho()), case(serious(stay_planned="N"), longer())],
        [case(serious(stay_planned="N"), ho()), case(serious(stay_planned="Y"), longer()), case(serious(), ho()), case(serious(stay_planned="Y")),
         case(serious(stay_planned="Y"), ho(planned="")), case(serious(stay_planned="Y"), ho(), longer())],
    ),
    "AE-057": Examples(
        [case(ae(treatment_given="Y")), case(ae(treatment_given="Y"), drug("7"))],
        [case(ae(treatment_given="Y"), drug()), case(ae(treatment_given="N")), case(ae(treatment_given=""))],
    ),
    "AE-058": Examples(
        [case(ae(treatment_given="N"), drug()), case(ae(treatment_given="N"), drug(name=""))],
        [case(ae(treatment_given="Y"), drug()), case(ae(treatment_given="N"), drug("7")), case(ae(treatment_given=""), drug()), case(ae(treatment_given="N"))],
    ),
    "AE-059": Examples(
        [case(crs(special_interest="NONE")), case(crs(special_interest="ICANS")), case(ae(ICANS, special_interest="OTHER NEUROLOGIC")),
         case(ae(TLS, special_interest="NONE"))],
        [case(crs(special_interest="CRS")), case(ae(ICANS, special_interest="ICANS")), case(ae(TLS, special_interest="TLS")), case(crs()),
         case(ae(special_interest="NONE")), case(ae("Neutrophil count decreased", special_interest="NONE"))],
    ),
    # Before the first dose, and after the last one
    "AE-060": Examples(
        [case(ae(on="2026-06-14", baseline="N"), *DOSED), case(ae(on="2026-06-15", started_time="09:59", baseline="N"), *DOSED)],
        [case(ae(on="2026-06-15", baseline="N"), *DOSED), case(ae(on="2026-06-15", started_time="10:00", baseline="N"), *DOSED),
         case(ae(on="2026-06-16", baseline="N"), *DOSED), case(ae(on="2026-06-14", baseline="Y"), *DOSED), case(ae(on="2026-06-14"), *DOSED),
         case(ae(on="2026-06-14", baseline="N")), case(ae(on="2026-06", baseline="N"), *DOSED),
         case(ae(on="2026-06-14", baseline="N"), undated("C1D1", "DELAYED"))],
    ),
    "AE-061": Examples(
        [case(ae(baseline="Y", worsened="N"))],
        [case(ae(baseline="Y", worsened="Y")), case(ae(baseline="N")), case(ae(baseline="Y"))],
    ),
    "AE-062": Examples(
        [case(ae(on="2026-06-14"), *DOSED), case(ae(on="2026-06-15", started_time="09:59"), *DOSED)],
        [case(ae(on="2026-06-15"), *DOSED), case(ae(on="2026-06-15", started_time="10:00"), *DOSED), case(ae(on="2026-06-16"), *DOSED),
         case(ae(on="2026-06-14", relationship="N"), *DOSED), case(ae(on="2026-06-14", relationship="NOT YET ASSESSED"), *DOSED),
         case(ae(on="2026-06-14", relationship=""), *DOSED), case(ae(on="2026-06-14")), case(ae(on="2026"), *DOSED),
         case(ae(on="2026-06-14"), undated("C1D1", "DELAYED"))],
    ),
    "AE-063": Examples(
        [case(ae(left_study="Y"))],
        [case(ae(left_study="Y"), eot()), case(ae(left_study="N")), case(ae()), unregistered(ae(left_study="Y"))],
    ),
    "AE-067": Examples(
        [case(ae(on="2026-08-21"), eot("2026-08-20")), case(ae(on="2026-08-21", action_taken="DRUG INTERRUPTED"), eot("2026-08-20"))],
        [case(ae(on="2026-08-20"), eot("2026-08-20")), case(ae(on="2026-08-21", action_taken="NOT APPLICABLE"), eot("2026-08-20")),
         case(ae(on="2026-08-21", action_taken="UNKNOWN"), eot("2026-08-20")), case(ae(on="2026-08-21")), case(ae(on="2026-08"), eot("2026-08-20")),
         case(ae(on="2026-08-21", action_taken=""), eot("2026-08-20"))],
    ),
    "AE-068": Examples(
        [case(ae(on="2026-06-21", action_taken="NOT APPLICABLE"), *COURSE),
         case(ae(on="2026-06-22", started_time="09:59", action_taken="NOT APPLICABLE"), *COURSE)],
        [case(ae(on="2026-06-22", action_taken="NOT APPLICABLE"), *COURSE),
         case(ae(on="2026-06-22", started_time="10:00", action_taken="NOT APPLICABLE"), *COURSE),
         case(ae(on="2026-06-23", action_taken="NOT APPLICABLE"), *COURSE), case(ae(on="2026-06-14", action_taken="NOT APPLICABLE"), *COURSE),
         case(ae(on="2026-06-21"), *COURSE), case(ae(on="2026-06-21", action_taken=""), *COURSE), case(ae(on="2026-06", action_taken="NOT APPLICABLE"), *COURSE),
         case(ae(on="", action_taken="NOT APPLICABLE"), *COURSE), case(ae(on="2026-06-21", action_taken="NOT APPLICABLE"), *DOSED)],
    ),
    "AE-070": Examples(
        [case(ae(), dose(completed="N", stop_reason="ADVERSE EVENT", reaction="Y", reaction_event="1"))],
        [case(ae(action_taken="DRUG INTERRUPTED"), dose(stop_reason="ADVERSE EVENT", reaction_event="1")),
         case(ae(action_taken="DRUG WITHDRAWN"), dose(stop_reason="ADVERSE EVENT", reaction_event="1")), case(ae(), dose(reaction_event="1")),
         case(ae(), dose(stop_reason="ADVERSE EVENT", reaction_event="7")), case(ae(action_taken=""), dose(stop_reason="ADVERSE EVENT", reaction_event="1"))],
    ),
    # Hospital stays
    "FUP-020": Examples(
        [case(serious(), ho(until="2026-06-20", admitted_time="10:00", discharged_time="09:59"))],
        [case(serious(), ho(until="2026-06-20", admitted_time="10:00", discharged_time="10:00")), case(serious(), ho(until="2026-06-20", admitted_time="10:00")),
         case(serious(), ho(until="2026-06-19", admitted_time="10:00", discharged_time="09:00")), case(serious(), ho(until="")),
         case(serious(), ho("2026-06", "2026-06", admitted_time="10:00", discharged_time="09:00"))],
    ),
    "FUP-021": Examples(
        [case(ae(), ho()), case(serious(because=("is_disability",)), ho()), case(ae(), ho(kind="INTENSIVE CARE UNIT STAY"))],
        [case(serious(), ho()), case(ae(), ho(kind="EMERGENCY ROOM VISIT")), case(ae(serious=""), ho()), case(ae(), ho(event="")), case(ae(), ho(event="7")),
         case(ae(), ho(kind=""))],
    ),
    "FUP-022": Examples(
        [case(ae(), longer())], [case(serious(), longer()), case(ae(), longer(by="7")), case(ae(), ho()), case(ae(), longer(kind="EMERGENCY ROOM VISIT"))],
    ),
    "FUP-023": Examples(
        [case(serious(), ho("2026-06-19")), case(serious(started_time="10:00"), ho("2026-06-20", admitted_time="09:59"))],
        [case(serious(), ho("2026-06-20")), case(serious(started_time="10:00"), ho("2026-06-20", admitted_time="10:00")), case(serious(), ho("2026-06")),
         case(serious(), longer("2026-06-19")), case(serious(), ho("")), case(serious(), ho("2026-06-19", event="7"))],
    ),
    "FUP-024": Examples(
        [case(serious(end="2026-06-24"), ho("2026-06-25")), case(serious(end="2026-06-24", ended_time="10:00"), ho("2026-06-24", admitted_time="10:01"))],
        [case(serious(end="2026-06-24"), ho("2026-06-24")), case(serious(end="2026-06-24", ended_time="10:00"), ho("2026-06-24", admitted_time="10:00")),
         case(serious(), ho("2026-06-25")), case(serious(end="2026-06"), ho("2026-06-25")), case(serious(end="2026-06-24"), ho("2026-06-25", event="7"))],
    ),
    "FUP-025": Examples(
        [case(serious(), longer("2026-06-15", "2026-06-19")), case(serious(started_time="10:00"), longer(until="2026-06-20", discharged_time="09:59"))],
        [case(serious(), longer("2026-06-15", "2026-06-20")), case(serious(started_time="10:00"), longer(until="2026-06-20", discharged_time="10:00")),
         case(serious(), longer(until="")), case(serious(), longer("2026-06-15", "2026-06")), case(serious(), longer("2026-06-15", "2026-06-19", by="7"))],
    ),
    "FUP-026": Examples(
        [case(serious(), ho("2026-08-26", "2026-08-28"), dd())],
        [case(serious(), ho("2026-08-25", "2026-08-28"), dd()), case(serious(), ho("2026-08", "2026-08-28"), dd()), case(serious(), ho("2026-08-26", "2026-08-28")),
         case(serious(), ho("", "2026-08-28"), dd())],
    ),
    "FUP-027": Examples(
        [case(serious(), ho(until="2026-08-26"), dd())],
        [case(serious(), ho(until="2026-08-25"), dd()), case(serious(), ho(until="2026-08"), dd()), case(serious(), ho(until="2026-08-26")), case(serious(), ho(until=""), dd())],
    ),
    "FUP-028": Examples(
        [case(serious(), ho(until=""), dd())], [case(serious(), ho(), dd()), case(serious(), ho(until="")), case(serious(), ho(until=""), dd("")), case(serious(), ho(ongoing=""), dd())],
    ),
    "FUP-029": Examples(
        [case(ho(), ho("2026-06-25", "2026-06-27")), case(ho(until=""), ho("2026-07-25", "2026-07-27"))],
        [case(ho(), ho("2026-06-26", "2026-06-27")), case(ho(), ho("2026-06-25", kind="INTENSIVE CARE UNIT STAY")), case(ho(until="2026-06"), ho("2026-06-25")),
         case(ho(), ho("")), case(ho(kind=""), ho(kind="")), case(ho())],
    ),
    # Death
    "FUP-030": Examples(
        [case(ae(), dd(cause="ADVERSE EVENT", event="1"))],
        [case(fatal(), dd("2026-07-01", cause="ADVERSE EVENT", event="1")), case(ae(outcome=""), dd(event="1")), case(ae(), dd()), case(ae(), dd(event="7"))],
    ),
    "FUP-031": Examples(
        [case(fatal(), dd("2026-07-01")), case(fatal(), dd("2026-07-01", cause="UNKNOWN"))],
        [case(fatal(), dd("2026-07-01", cause="ADVERSE EVENT")), case(ae(), dd()), case(dd()), case(fatal(), dd("2026-07-01", cause=""))],
    ),
}
