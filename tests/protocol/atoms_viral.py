"""The table of E9: HIV, and every row of the reference's tables of hepatitis C and B."""

from __future__ import annotations

from tests.protocol.lines import Line, absent, contradictory, missing, present, review
from tests.protocol.screening_build import ser

NEG, POS, UNCLEAR, NOT_DONE, EMPTY = "NEGATIVE", "POSITIVE", "INDETERMINATE", "NOT DONE", ""
ABOVE, BELOW, NONE_FOUND, AT, NO_LOAD = "ABOVE LOQ", "BELOW LOQ", "TARGET NOT DETECTED", "AT LOQ", "NOT DONE"
LOW_ONES, NO_ONES = (BELOW, NONE_FOUND), (NO_LOAD, EMPTY)
UNS = {"visit": "UNS-01", "taken_on": "2026-06-09"}
REGISTERED = {"today": "2026-09-01", "enrolled": "2026-06-10"}


def hcv(antibody, rna="", value=None, loq=None):
    return {"ser": ser(hcvab=antibody, hcv_rna=rna, hcv_rna_value=value, hcv_rna_loq=loq)}


def hbv(antigen, core, dna="", value=None, loq=None):
    return {"ser": ser(hbsag=antigen, hbcab=core, hbv_dna=dna, hbv_dna_value=value, hbv_dna_loq=loq)}


def named(*results):
    return ", ".join(each.lower() or "empty" for each in results)


ANY_CORE = (POS, NEG, UNCLEAR, NOT_DONE, EMPTY)

VIRAL: dict[str, list[Line]] = {
    "SCR-E09a": [
        absent("negative", says="negative"),
        absent("not tested, none known: no test is asked for", ser=ser(hiv_status="NOT TESTED"), says="not tested"),
        absent("positive, controlled", ser=ser(hiv_status="KNOWN POSITIVE", hiv_controlled="Y"), says="controlled"),
        present("positive, not controlled", ser=ser(hiv_status="KNOWN POSITIVE", hiv_controlled="N"), says="not controlled"),
        missing("positive, control not answered", ser=ser(hiv_status="KNOWN POSITIVE"), says="controlled"),
        missing("not answered", ser=ser(hiv_status=""), says="HIV status"),
        missing("no serology", ser=None),
        missing("only after the reference day", ser=ser(taken_on="2026-06-11")),
        present("negative, then positive", other=ser(**UNS, hiv_status="KNOWN POSITIVE", hiv_controlled="N")),
        absent("positive after registration only", other=ser(visit="UNS-01", taken_on="2026-06-11",
                                                             hiv_status="KNOWN POSITIVE"), **REGISTERED),
    ],
    "SCR-E09b": [
        *(absent(f"antibody negative, RNA {named(rna)}", **hcv(NEG, rna)) for rna in (*NO_ONES, *LOW_ONES)),
        *(review(f"antibody negative, RNA {named(rna)}", **hcv(NEG, rna), says="how does the criterion apply")
          for rna in (ABOVE, AT)),
        present("antibody positive, RNA above", **hcv(POS, ABOVE),
                says=["HCV antibody positive", "above loq", "03-Jun-2026"]),
        *(absent(f"antibody positive, RNA {named(rna)}", **hcv(POS, rna)) for rna in LOW_ONES),
        *(missing(f"antibody positive, RNA {named(rna)}", **hcv(POS, rna), says="HCV RNA is needed") for rna in NO_ONES),
        review("antibody positive, RNA at the limit", **hcv(POS, AT), says="neither above nor below"),
        *(missing(f"antibody {named(antibody)}, no RNA", **hcv(antibody), says="antibody")
          for antibody in (UNCLEAR, NOT_DONE, EMPTY)),
        *(missing(f"antibody {named(UNCLEAR)}, RNA {named(rna)}", **hcv(UNCLEAR, rna), says="antibody result is needed")
          for rna in (ABOVE, BELOW)),
        present("a value without a limit: what is ticked decides", **hcv(POS, ABOVE, 16)),
        absent("a limit without a value: what is ticked decides", **hcv(POS, BELOW, None, 15)),
        missing("a value without a limit, nothing ticked", **hcv(POS, EMPTY, 16), says="HCV RNA is needed"),
        review("value exactly the limit, ticked as below", **hcv(POS, BELOW, 15, 15), says="Exactly at the limit"),
        review("value exactly the limit, ticked as above", **hcv(POS, ABOVE, 15, 15)),
        review("value exactly the limit, nothing ticked", **hcv(POS, EMPTY, "15.00", 15)),
        review("antibody negative, value exactly the limit", **hcv(NEG, BELOW, 15, 15)),
        present("value above the limit", **hcv(POS, ABOVE, 16, 15)),
        absent("value below the limit", **hcv(POS, BELOW, 14, 15)),
        present("value above the limit, nothing ticked", **hcv(POS, EMPTY, "15.01", 15)),
        absent("value below the limit, nothing ticked", **hcv(POS, EMPTY, "14.99", 15)),
        contradictory("value above the limit, ticked as below", **hcv(POS, BELOW, 16, 15), says="Correct one of them"),
        contradictory("value above the limit, ticked as not detected", **hcv(POS, NONE_FOUND, 16, 15)),
        contradictory("value below the limit, ticked as above", **hcv(POS, ABOVE, 14, 15)),
        contradictory("a value, ticked as not done", **hcv(POS, NO_LOAD, 16, 15)),
        missing("no serology", ser=None),
        missing("only after the reference day", ser=ser(taken_on="2026-06-11")),
        absent("on the reference day", ser=ser(taken_on="2026-06-10")),
    ],
    "SCR-E09c": [
        *(present(f"HBsAg positive, anti-HBc {named(core)}, DNA above", **hbv(POS, core, ABOVE), says="HBsAg positive")
          for core in ANY_CORE),
        *(absent(f"HBsAg positive, anti-HBc {named(core)}, DNA {named(dna)}", **hbv(POS, core, dna), says="Inactive carrier")
          for core in ANY_CORE for dna in LOW_ONES),
        *(missing(f"HBsAg positive, anti-HBc {named(core)}, DNA {named(dna)}", **hbv(POS, core, dna),
                  says="HBV DNA is needed")
          for core in ANY_CORE for dna in NO_ONES),
        *(absent(f"HBsAg negative, anti-HBc positive, DNA {named(dna)}", **hbv(NEG, POS, dna), says="Resolved infection")
          for dna in LOW_ONES),
        review("HBsAg negative, anti-HBc positive, DNA above", **hbv(NEG, POS, ABOVE), says="'resolved' needs DNA below"),
        *(missing(f"HBsAg negative, anti-HBc positive, DNA {named(dna)}", **hbv(NEG, POS, dna)) for dna in NO_ONES),
        *(absent(f"HBsAg and anti-HBc negative, DNA {named(dna)}", **hbv(NEG, NEG, dna)) for dna in (*NO_ONES, *LOW_ONES)),
        review("HBsAg and anti-HBc negative, DNA above", **hbv(NEG, NEG, ABOVE)),
        *(missing(f"HBsAg negative, anti-HBc {named(core)}, no DNA", **hbv(NEG, core), says="anti-HBc result is needed")
          for core in (UNCLEAR, NOT_DONE, EMPTY)),
        *(missing(f"HBsAg {named(antigen)}, anti-HBc {named(core)}, no DNA", **hbv(antigen, core))
          for antigen in (UNCLEAR, NOT_DONE, EMPTY) for core in ANY_CORE),
        *(review(f"DNA at the limit, HBsAg {named(antigen)}, anti-HBc {named(core)}", **hbv(antigen, core, AT),
                 says="Exactly at the limit")
          for antigen, core in ((POS, POS), (NEG, POS), (NEG, NEG))),
        review("value exactly the limit, ticked as below", **hbv(POS, POS, BELOW, 10, 10)),
        review("value exactly the limit, resolved", **hbv(NEG, POS, BELOW, 10, "10.0")),
        contradictory("value above the limit, ticked as below", **hbv(POS, POS, BELOW, 11, 10), says="Correct one of them"),
        contradictory("value below the limit, ticked as above", **hbv(POS, POS, ABOVE, 9, 10)),
        present("value above the limit, nothing ticked", **hbv(POS, POS, EMPTY, 11, 10)),
        *(missing(f"HBsAg negative, anti-HBc {named(core)}, DNA below", **hbv(NEG, core, BELOW))
          for core in (UNCLEAR, NOT_DONE, EMPTY)),
        *(review(f"HBsAg negative, anti-HBc {named(core)}, DNA above", **hbv(NEG, core, ABOVE))
          for core in (UNCLEAR, NOT_DONE, EMPTY)),
        missing("no serology", ser=None),
        present("good, then active", other=ser(**UNS, hbsag=POS, hbcab=POS, hbv_dna=ABOVE)),
        missing("good, and a later sample with the DNA only", other=ser(**UNS, hbsag="", hbcab="", hbv_dna=ABOVE)),
    ],
}  # fmt: skip
