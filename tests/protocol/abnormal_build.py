"""Facts of laboratory abnormalities: a patient dosed on 15 June 2026 at 10:00, and what was measured before and after."""

from __future__ import annotations

from protocol import safety_facts
from tests.protocol.build import ae, case, dm, dose
from tests.protocol.screening_build import LABORATORY, RANGES, che, hem, make, uln

NEUT, PLAT, ALT = "Neutrophil count decreased", "Platelet count decreased", "Alanine aminotransferase increased"
OTHER_LABORATORY = "Night laboratory"
LINES = (*RANGES, uln("NEUT", "7.5", "G/L", low="1.8"), uln("PLAT", "400", "G/L", low="150"), uln("HGB", "160", "g/L", low="120"),
         uln("K", "5.1", "mmol/L", low="3.5"))  # fmt: skip


def blood(on="2026-07-06", visit="C2D1", at="08:00", **results):
    """Haematology of which only the named results are entered, 10^9/L and g/L."""
    names = ("hgb", "wbc", "neut", "lym", "plat")
    units = {f"{name}_unit": "G/L" if name != "hgb" else "g/L" for name in names if results.get(name)}
    empty = {each: "" for name in names for each in (name, f"{name}_unit")}
    return hem(**{**empty, "visit": visit, "taken_on": on, "taken_time": at, **units, **results})


def liver(on="2026-07-06", visit="C2D1", at="08:00", **results):
    """Chemistry of which only the named results are entered, in the units of the defaults."""
    names = ("sodium", "k", "creat", "alt", "ast", "alp", "bili", "alb")
    units = {"sodium": "mmol/L", "k": "mmol/L", "creat": "µmol/L", "bili": "µmol/L", "alb": "g/L", "ca": "mmol/L"}
    typed = {f"{name}_unit": units.get(name, "U/L") for name in results if not name.endswith(("_unit", "_missing", "laboratory"))}
    empty = {each: "" for name in names for each in (name, f"{name}_unit")}
    return che(**{**empty, "visit": visit, "taken_on": on, "taken_time": at, **typed, **results})


def lba(result="HEM C2D1 NEUT", answer="NOT CLINICALLY SIGNIFICANT", grade="3", on="2026-07-06", term=NEUT, event="", **rest):
    given = {"result": result, "answer": answer, "grade": grade, "sampled_on": on, "term": term, "event": event, **rest}
    return make(safety_facts.LaboratoryAbnormality, given, {})


def low_neutrophils(term=NEUT, on="2026-07-01", grade="3", **rest):
    return ae(term, on=on, grade=grade, **rest)


def treated(*records, baseline=True, **rest):
    """Ranges, sex, a normal blood count before the first dose (or none), the first dose, and the records."""
    before = (blood("2026-06-08", "SCR", neut="4.1", plat="230", hgb="130"),) if baseline else ()
    return case(*records, *before, *LINES, dm(), dose(), **rest)


__all__ = ["ALT", "LABORATORY", "LINES", "NEUT", "OTHER_LABORATORY", "PLAT", "blood", "lba", "liver", "low_neutrophils", "treated"]
