"""Facts beside an adverse event with defaults that fit together: later grades, assessments, stays, medication given for it.

The event of the defaults is the first record of the case, so that its number is 1, and began on 20 June 2026.
"""

from __future__ import annotations

from protocol import facts, safety_facts
from tests.protocol.screening_build import cm, make


def aeg(grade="3", on="2026-06-22", event="1", at="", **rest):
    return make(safety_facts.GradeChange, {"event": event, "grade": grade, "changed_on": on, "changed_time": at}, rest)


def forms_of_assessments():
    return {code: each for code, each in facts.FORMS.items() if issubclass(each, safety_facts.SyndromeAssessment)}


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


def uv(on="2026-06-18", visit="UNS01"):
    return make(facts.UnscheduledVisit, {"visited_on": on, "visit": visit}, {})
