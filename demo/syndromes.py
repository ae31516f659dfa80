"""CRS, ICANS and tumour lysis in the simulated trial: the assessments of an event, and what was given for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from crf.models import Crf
from demo import laboratories, texts
from demo.life import Course, Life
from protocol.codelists import ActionTaken
from protocol.safety_codelists import FeverTherapy, OxygenDevice

_WELL = {"hypotension": "N", "oxygen": OxygenDevice.NONE.value, "icu": "N", "elsewhere": "N"}
_TREATED = {"fever_earlier": "Y", "therapy": FeverTherapy.ANTICYTOKINE.value}
_AWAKE = {"assessable": "Y", "naming": "3", "commands": "1", "consciousness": "ALERT", "seizure": "NONE", "deep_focal_weakness": "N",
          "raised_pressure": "NONE", "icu": "N", "elsewhere": "N"}  # fmt: skip


def _assessed(life: Life, code: str, event: Crf, at: datetime, **answers: object) -> Course:
    """An assessment, entered when somebody is there."""
    yield life.in_hours(max(at + timedelta(minutes=20), life.now))
    when = {"assessed_on": at.date(), "assessed_time": f"{at:%H:%M}"}
    yield from life.enter(code, by=life.investigator, event=event.slot, **when, **answers)


def _given(life: Life, event: Crf, at: datetime, **drug: object) -> Course:
    """A drug for the event, once."""
    yield life.in_hours(max(at + timedelta(minutes=20), life.now))
    once = {"frequency": "ONCE", "route": "INTRAVENOUS", "ongoing": "N", "purpose": "TREATMENT"}
    when = {"started_on": at.date(), "started_time": f"{at:%H:%M}", "ended_on": at.date(), "ended_time": f"{at:%H:%M}"}
    yield from life.enter("CM", for_event=event.slot, **once, **when, **drug)


def crs_of_grade_1(life: Life, event: Crf, onset: datetime) -> Course:
    """A night with a fever, an antipyretic, and nothing of it on the next day."""
    first, last = onset + timedelta(minutes=40), onset + timedelta(hours=13)
    yield from _assessed(life, "CRS", event, first, temperature="38.4", fever_earlier="N", therapy="NONE", grade="1", **_WELL)
    yield from _assessed(life, "CRS", event, last, temperature="37.2", fever_earlier="Y", therapy="ANTIPYRETIC", grade="0", **_WELL)


def crs_of_grade_2(life: Life, event: Crf, onset: datetime) -> Course:
    """A fever, then low pressure and oxygen: tocilizumab, and some hours later only the fever is left."""
    at = [onset + timedelta(minutes=minutes) for minutes in (30, 290, 310, 900, 3480)]
    yield from _assessed(life, "CRS", event, at[0], temperature="38.9", fever_earlier="N", therapy="NONE", grade="1", **_WELL)
    drug = {"name": "Tocilizumab", "indication": "Cytokine release syndrome", "drug_class": "IMMUNOSUPPRESSANT", "dose": "560", "dose_unit": "mg"}
    yield from _given(life, event, at[1], **drug)
    low = {"hypotension": "Y", "vasopressor": "N", "hypotension_no_other_cause": "Y", "oxygen": OxygenDevice.LOW_FLOW.value,
           "oxygen_flow": "2", "hypoxia_no_other_cause": "Y"}  # fmt: skip
    yield from _assessed(life, "CRS", event, at[2], temperature="39.2", grade="2", **_TREATED, **{**_WELL, **low})
    yield from _assessed(life, "CRS", event, at[3], temperature="38.1", grade="1", **_TREATED, **_WELL)
    yield from _assessed(life, "CRS", event, at[4], temperature="36.9", grade="0", **_TREATED, **_WELL)


def icans_of_grade_2(life: Life, event: Crf, onset: datetime) -> Course:
    """Confused in the evening, worse in the night, dexamethasone, and well again after four days."""
    at = [onset + timedelta(hours=hours) for hours in (1, 5, 6, 94)]
    yield from _assessed(life, "ICANS", event, at[0], orientation="3", writing="0", attention="1", grade="1", **_AWAKE)
    drug = {"name": "Dexamethasone", "indication": "ICANS", "drug_class": "CORTICOSTEROID", "steroid": "DEXAMETHASONE", "dose": "10", "dose_unit": "mg"}
    yield from _given(life, event, at[1], **drug)
    worse = {**_AWAKE, "naming": "2", "consciousness": "AWAKENS TO VOICE", "consciousness_no_other_cause": "Y"}
    yield from _assessed(life, "ICANS", event, at[2], orientation="2", writing="0", attention="0", grade="2", **worse)
    yield from _assessed(life, "ICANS", event, at[3], orientation="4", writing="1", attention="1", grade="0", **_AWAKE)


def lysis_in_the_laboratory(life: Life) -> Course:
    """Two days after a dose the blood shows a tumour lysis with a creatinine of more than three times the limit."""
    from demo.stories import event
    from protocol.scales import TLS

    yield life.some_time(life.given[-1] + timedelta(days=2), 8, 10)
    sampled = life.now
    known = life.chart.again("CHE")
    high = {name: laboratories.times_limit(known["laboratory"], name.upper(), times) for name, times in (("k", "1.3"), ("phos", "1.4"), ("creat", "3.1"))}
    yield from life.enter("UV", "UNS01", reason=texts.NOT_WELL_ENOUGH[life.country])
    yield from life.enter("CHE", "UNS01", taken_time=f"{sampled:%H:%M}", **{**known, **high})
    onset = sampled + timedelta(hours=1)
    record = yield from event(life, TLS, "3", onset=onset, lasting=timedelta(days=6), action=ActionTaken.NOT_CHANGED)
    yield from _assessed(life, "TLS", record, onset + timedelta(hours=3), arrhythmia="0", seizure="0", icu="N", elsewhere="N", grade="3")
