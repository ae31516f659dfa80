"""Examples of the ages of examinations: registered on 10 June 2026, with a limit of 14 days. Day 14 is 27 May, day 15 the 26th."""

from __future__ import annotations

from protocol.rules.ages import AGES
from tests.protocol.build import case
from tests.protocol.examples import Examples, unregistered
from tests.protocol.screening_build import che, coa, cv, eg, hem, ple, ser, vs

DAY_14, DAY_15, LIMIT = "2026-05-27", "2026-05-26", 14
UNS = {"visit": "UNS01"}
CHECKED = {"today": "2026-06-10"}
# How each is made, and the answers without which it tells nothing.
MADE = {
    "SCR-120": (hem, ("hgb", "neut", "plat")), "SCR-121": (che, ("creat", "alt", "ast", "bili")),
    "SCR-122": (coa, ("inr", "pt", "aptt", "ptt")), "SCR-123": (vs, ("oxygen_saturation", "room_air")),
    "SCR-124": (ple, ("effusion",)), "SCR-125": (cv, ("lvef", "effusion")), "SCR-126": (eg, ("interpretation",)),
    "SCR-127": (ser, ("hiv_status", "hbsag", "hbcab", "hcvab")),
}  # fmt: skip


def examples(age):
    make, tells = MADE[age.rule]
    empty = {name: None if name in ("oxygen_saturation", "lvef") else "" for name in tells}

    def on(day, **changes):
        return make(**{age.dated_by: day, **changes})

    newer = on(DAY_14, **UNS)
    return Examples(
        [case(on(DAY_15)), unregistered(on(DAY_15), **CHECKED), case(on("2025")), case(on(DAY_15, **UNS)),
         case(on("2026-04-01"), on(DAY_15, **UNS)), case(on(DAY_15), on("2026-06-11", **UNS)),
         case(on(DAY_15), on(DAY_14, **UNS, **empty))],
        [case(on(DAY_14)), unregistered(on(DAY_14), **CHECKED), case(on("2026-05")), case(on("")), case(on(DAY_15), newer),
         case(newer, on("2026-04-01")), case(on(DAY_15, **empty)), case(on(DAY_15, visit="C1D1"))],
        under={age.parameter: LIMIT},
    )  # fmt: skip


EXAMPLES = {age.rule: examples(age) for age in AGES if age.rule in MADE}

# Parts of one criterion may rest on different records: each that is read has its age.
EXAMPLES["SCR-122"].fires.append(case(coa(taken_on=DAY_15), coa(**UNS, taken_on=DAY_14, inr="")))
EXAMPLES["SCR-122"].quiet.append(case(coa(taken_on=DAY_15, inr=""), coa(**UNS, taken_on=DAY_14, fibrino="3")))
EXAMPLES["SCR-125"].fires.append(case(cv(scanned_on=DAY_15), cv(**UNS, scanned_on=DAY_14, effusion="")))
EXAMPLES["SCR-127"].fires.append(case(ser(taken_on=DAY_15), ser(**UNS, taken_on=DAY_14, hcvab="NOT DONE")))
