"""The table of I6: prothrombin time and INR, thromboplastin time, and the exception under anticoagulation.

Upper limits: INR 1.2, PT 13 s, aPTT and PTT 40 s. Six weeks before 10 June 2026 are 42 days: 29 April.
"""

from __future__ import annotations

from tests.protocol.lines import Line, met, missing, na, not_met, review, unknown
from tests.protocol.screening_build import anticoagulant, cmyn, coa, uln

DAY_42, DAY_41 = "2026-04-29", "2026-04-30"
YES, NO, EMPTY = (cmyn(any_anticoagulant=answer) for answer in ("Y", "N", ""))
HEPARIN = {"name": "Enoxaparin", "intent": "PROPHYLACTIC"}
UNS = {"visit": "UNS-01", "taken_on": "2026-06-09"}
REGISTERED = {"today": "2026-09-01", "enrolled": "2026-06-10"}


def taking(**changes):
    return {"cmyn": YES, "cm": anticoagulant(**changes)}


COAGULATION: dict[str, list[Line]] = {
    "SCR-I06a": [
        met("INR 1.0", says=["1.0 RATIO (ULN 1.2)", "0.8333 x ULN", "08-Jun-2026", "2 days before", "1.5 x ULN"]),
        met("INR exactly 1.5 x ULN", coa=coa(inr="1.8")),
        not_met("INR just above", coa=coa(inr="1.81"), says="1.81"),
        met("INR with a comma", coa=coa(inr="1,80")),
        met("PT exactly 1.5 x ULN", coa=coa(inr="", pt="19.5", pt_unit="s")),
        not_met("PT just above", coa=coa(inr="", pt="19.6", pt_unit="s")),
        met("PT and INR, both inside", coa=coa(pt="19.5", pt_unit="s"), says=["INR", "Prothrombin"]),
        not_met("INR inside, PT above", coa=coa(pt="19.6", pt_unit="s"), says="Prothrombin"),
        not_met("PT inside, INR above", coa=coa(inr="1.81", pt="13", pt_unit="s"), says="INR"),
        met("Quick beside an INR", coa=coa(pt="70", pt_unit="%")),
        not_met("Quick beside an INR that is too high", coa=coa(inr="1.9", pt="70", pt_unit="%")),
        missing("Quick alone", coa=coa(inr="", pt="100", pt_unit="%"), says=["Quick", "no multiple of the upper limit"]),
        missing("PT as a ratio alone", coa=coa(inr="", pt="1.0", pt_unit="ratio"), says="no multiple"),
        met("below 1.8", coa=coa(inr="<1.8")),
        missing("below 1.9 leaves it open", coa=coa(inr="<1.9")),
        not_met("above 1.8", coa=coa(inr=">1.8")),
        missing("above 1.7 leaves it open", coa=coa(inr=">1.7")),
        missing("1.8 or more leaves it open", coa=coa(inr="≥1.8")),
        missing("no number", coa=coa(inr="clotted")),
        missing("INR without an upper limit", ranges=None, says="upper limit"),
        missing("upper limit of another laboratory", coa=coa(laboratory="Elsewhere")),
        missing("no laboratory", coa=coa(laboratory="")),
        missing("upper limit no longer valid that day", ranges=(uln(valid_to="2026-06-07"),)),
        met("upper limit valid to that day", ranges=(uln(valid_to="2026-06-08"),)),
        missing("upper limit valid from the day after", ranges=(uln(valid_from="2026-06-09"),)),
        not_met("upper limit of that day, not of today", ranges=(uln(high="1.0", valid_to="2026-06-08"), uln(valid_from="2026-06-09")),
                coa=coa(inr="1.6")),
        met("upper limit of the patient's sex", ranges=(uln(high="1.2", sex="M"), uln(high="0.5", sex="F"))),
        missing("unknown unit", coa=coa(inr="", pt="13", pt_unit="drops"), says="unit"),
        missing("neither INR nor PT", coa=coa(inr=""), says="INR or PT"),
        missing("no sample", coa=None),
        met("on the reference day", coa=coa(taken_on="2026-06-10")),
        missing("only on the day after", coa=coa(taken_on="2026-06-11")),
        not_met("inside, then above", other=coa(**UNS, inr="2.0")),
        met("above, then inside", coa=coa(inr="2.0"), other=coa(**UNS)),
        met("inside, then a sample with aPTT only", other=coa(**UNS, inr="")),
        # Anticoagulation
        na("therapeutic, INR 3", coa=coa(inr="3.0"), **taking(), says="Therapeutic anticoagulation"),
        met("prophylactic", **taking(**HEPARIN)),
        not_met("prophylactic, INR too high", coa=coa(inr="1.9"), **taking(**HEPARIN)),
        na("prophylactic and therapeutic", cmyn=YES, cm=(anticoagulant(**HEPARIN), anticoagulant())),
        missing("therapeutic or prophylactic not answered", **taking(intent=""), says="therapeutic or prophylactic"),
        missing("not asked", cmyn=EMPTY, says="whether an anticoagulant is taken"),
        missing("no form", cmyn=None),
        missing("yes, and none entered", cmyn=YES, says="the anticoagulant"),
        na("not asked, but one is entered", cmyn=EMPTY, cm=anticoagulant()),
        not_met("stopped the day before", coa=coa(inr="3.0"), cm=anticoagulant(ongoing="N", ended_on="2026-06-09")),
        na("last dose on the reference day", coa=coa(inr="3.0"), cm=anticoagulant(ongoing="N", ended_on="2026-06-10")),
        not_met("begun after registration", coa=coa(inr="3.0"), cm=anticoagulant(started_on="2026-06-11"), **REGISTERED),
        na("begun on the day of registration", coa=coa(inr="3.0"), cm=anticoagulant(started_on="2026-06-10"), **REGISTERED),
        met("stopped in the month of the check, INR inside either way", cm=anticoagulant(ongoing="N", ended_on="2026-06")),
        unknown("stopped in the month of the check, INR too high", coa=coa(inr="3.0"), cm=anticoagulant(ongoing="N", ended_on="2026-06"),
                says="cannot be said"),
        not_met("stopped in the month before", coa=coa(inr="3.0"), cm=anticoagulant(ongoing="N", ended_on="2026-05")),
        missing("stopped in the month of the check, no INR", coa=coa(inr=""), cm=anticoagulant(ongoing="N", ended_on="2026-06")),
        missing("stopped, last dose not entered", coa=coa(inr="3.0"), cm=anticoagulant(ongoing="N"), says="last dose"),
        missing("first dose not entered", coa=coa(inr="3.0"), cm=anticoagulant(started_on=""), says="first dose"),
    ],
    "SCR-I06b": [
        met("aPTT 30 s", says=["30 s (ULN 40)", "0.75"]),
        met("aPTT exactly 1.5 x ULN", coa=coa(aptt="60")),
        not_met("aPTT just above", coa=coa(aptt="60.1"), says="60.1"),
        met("PTT instead", coa=coa(aptt="", ptt="60", ptt_unit="s")),
        not_met("PTT just above", coa=coa(aptt="", ptt="60.1", ptt_unit="s")),
        not_met("aPTT inside, PTT above", coa=coa(ptt="61", ptt_unit="s")),
        missing("aPTT as a ratio alone", coa=coa(aptt="1.1", aptt_unit="ratio"), says="no multiple"),
        met("aPTT as a ratio, PTT in seconds", coa=coa(aptt="1.1", aptt_unit="ratio", ptt="40", ptt_unit="s")),
        not_met("aPTT as a ratio, PTT too long", coa=coa(aptt="1.1", aptt_unit="ratio", ptt="61", ptt_unit="s")),
        missing("above 40 s leaves it open", coa=coa(aptt=">40")),
        not_met("above 60 s", coa=coa(aptt=">60")),
        missing("unknown unit", coa=coa(aptt_unit="min")),
        missing("no upper limit", ranges=(uln(),)),
        missing("neither", coa=coa(aptt=""), says="aPTT or PTT"),
        missing("no sample", coa=None),
        met("inside, then a sample with INR only", other=coa(**UNS, aptt="")),
        na("therapeutic anticoagulation", coa=coa(aptt="90"), **taking()),
        not_met("prophylactic only", coa=coa(aptt="90"), **taking(**HEPARIN)),
        missing("intent not answered", coa=coa(aptt="90"), **taking(intent="")),
        missing("not asked", cmyn=EMPTY),
        unknown("stopped in the month of the check, too long", coa=coa(aptt="90"), cm=anticoagulant(ongoing="N", ended_on="2026-06")),
    ],
    "SCR-I06d": [
        na("none", says="No anticoagulant"),
        na("prophylactic", **taking(**HEPARIN), says="Prophylactic anticoagulation only"),
        met("unchanged since January", **taking(), says=["Apixaban", "12-Jan-2026", "149 days before", "42 days"]),
        met("begun 42 days before", **taking(started_on=DAY_42), says="42 days before"),
        not_met("begun 41 days before", **taking(started_on=DAY_41), says="41 days before"),
        met("changed 42 days before", **taking(changed_on=DAY_42)),
        not_met("changed 41 days before", **taking(changed_on=DAY_41)),
        not_met("changed on the reference day", **taking(changed_on="2026-06-10")),
        review("changed 41 days before, called stable", **taking(changed_on=DAY_41, stable_confirmed="Y"), says="count as stable"),
        met("changed 42 days before, called stable", **taking(changed_on=DAY_42, stable_confirmed="Y")),
        not_met("begun 41 days before, called stable", **taking(started_on=DAY_41, stable_confirmed="Y"), says="begun"),
        not_met("begun and changed since, called stable", **taking(started_on=DAY_41, changed_on="2026-05-20", stable_confirmed="Y")),
        not_met("unchanged for long, called not stable", **taking(stable_confirmed="N"), says="not stable"),
        met("begun in a month before", **taking(started_on="2026-03")),
        unknown("begun in the month of the boundary", **taking(started_on="2026-04")),
        not_met("begun in the month after", **taking(started_on="2026-05")),
        unknown("changed in the month of the boundary", **taking(changed_on="2026-04")),
        not_met("changed in the month after", **taking(changed_on="2026-05")),
        met("changed in a month before", **taking(changed_on="2026-03")),
        met("begun long ago, first day not entered, changed 42 days before", **taking(started_on="2025", changed_on=DAY_42)),
        missing("no day at all", **taking(started_on="")),
        missing("therapeutic or prophylactic not answered", **taking(intent="")),
        missing("not asked", cmyn=EMPTY),
        missing("yes, and none entered", cmyn=YES),
        not_met("one of two changed", cmyn=YES, cm=(anticoagulant(), anticoagulant("Enoxaparin", changed_on=DAY_41))),
        met("another, prophylactic, changed yesterday", cmyn=YES, cm=(anticoagulant(), anticoagulant(**HEPARIN, changed_on="2026-06-09"))),
        na("stopped before the check", cm=anticoagulant(ongoing="N", ended_on="2026-06-09")),
        met("stopped in the month of the check, stable before", cm=anticoagulant(ongoing="N", ended_on="2026-06")),
        unknown("stopped in the month of the check, changed before", cm=anticoagulant(ongoing="N", ended_on="2026-06", changed_on=DAY_41)),
        met("day 42 before registration, changed after it", **taking(started_on=DAY_42, ongoing="N", ended_on="2026-07-01"), **REGISTERED),
    ],
}  # fmt: skip
