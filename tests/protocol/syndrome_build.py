"""Assessments of CRS, ICANS and tumour lysis with defaults that fit together, and the events and samples around them."""

from __future__ import annotations

from protocol import safety_facts as facts
from protocol.scales import CRS, ICANS, TLS
from tests.protocol.build import ae
from tests.protocol.screening_build import LABORATORY, che, lbo, make, steroid, uln

ONSET = "2026-06-16"


def crs_event(time="02:10", on=ONSET, **rest):
    return ae(CRS, on, **{"scale": "ASTCT 2019", "grade": "1", "started_time": time, **rest})


def icans_event(time="02:10", on=ONSET, **rest):
    return ae(ICANS, on, **{"scale": "ASTCT 2019", "grade": "1", "started_time": time, **rest})


def tls_event(time="02:10", on="2026-06-17", **rest):
    return ae(TLS, on, **{"scale": "CAIRO-BISHOP", "grade": "3", "started_time": time, **rest})


def crs(time="02:30", on=ONSET, **rest):
    """Fever, no hypotension, no oxygen, own grade 1. ``pressors``: names of those running; ``device`` and ``flow``."""
    pressors, device = rest.pop("pressors", None), rest.pop("device", None)
    given = {"event": "1", "assessed_on": on, "assessed_time": time, "temperature": "38.6", "fever_earlier": "N", "therapy": "NONE",
             "hypotension": "N", "oxygen": "NONE", "icu": "N", "grade": "1"}  # fmt: skip
    if pressors is not None:
        given |= {"hypotension": "Y", "hypotension_no_other_cause": "Y", "vasopressor": "Y" if pressors else "N", "vasopressors": pressors}
    if device is not None:
        given |= {"oxygen": device, "hypoxia_no_other_cause": "Y"}
    return make(facts.CrsAssessment, given, rest)


def icans(ice=10, time="02:30", on=ONSET, **rest):
    """Awake, no other sign; ``ice`` spreads a score over the items, None: not assessable."""
    given = {"event": "1", "assessed_on": on, "assessed_time": time, "assessable": "N" if ice is None else "Y", "consciousness": "ALERT",
             "seizure": "NONE", "deep_focal_weakness": "N", "raised_pressure": "NONE", "icu": "N", "grade": "0"}  # fmt: skip
    if ice is None:
        given["obstacle"] = "PHYSICAL CONDITION"
    else:
        given |= items(ice)
    return make(facts.IcansAssessment, given, rest)


def items(ice):
    found, left = {}, ice
    for item, most in (("orientation", 4), ("naming", 3), ("commands", 1), ("writing", 1), ("attention", 1)):
        found[item] = min(left, most)
        left -= found[item]
    return found


def tls(on="2026-06-18", time="09:00", **rest):
    given = {"event": "1", "assessed_on": on, "assessed_time": time, "arrhythmia": "0", "seizure": "0", "icu": "N", "grade": "2"}
    return make(facts.TlsAssessment, given, rest)


_BLOOD = dict(urate="300", urate_unit="µmol/L", k="4.1", phos="1.0", phos_unit="mmol/L", ca="2.30", ca_unit="mmol/L", alb="40",
              creat="80")  # fmt: skip
BASELINE = che(taken_on="2026-06-03", taken_time="08:00", **_BLOOD)
CREATININE = uln("CREAT", "100", "µmol/L")


def blood(on="2026-06-17", **results):
    """Chemistry without a finding, but for what is named."""
    return che(visit="C1D8", taken_on=on, taken_time="08:00", **{**_BLOOD, **results})


def corrected_calcium(text, on="2026-06-17"):
    return lbo(visit="C1D8", taken_on=on, taken_time="08:00", laboratory=LABORATORY, cacr=text, cacr_unit="mmol/L")


def tocilizumab(at="02:20", on=ONSET, **rest):
    given = {"name": "Tocilizumab", "drug_class": "IMMUNOSUPPRESSANT", "steroid": "", "dose": 560, "started_on": on, "started_time": at,
             "for_event": "1", "purpose": "TREATMENT"}  # fmt: skip
    return steroid(**{**given, **rest})
