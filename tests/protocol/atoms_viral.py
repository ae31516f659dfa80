"""The table of E9: HIV, and every row of the reference's tables of hepatitis C and B."""

from __future__ import annotations

from protocol.codelists import ViralLoad
from tests.protocol.lines import Line, absent, contradictory, missing, present, review
from tests.protocol.screening_build import ser

NEG, POS, UNCLEAR, NOT_DONE, EMPTY = "NEGATIVE", "POSITIVE", "INDETERMINATE", "NOT DONE", ""
ABOVE, BELOW, NONE_FOUND, AT, NO_LOAD = "ABOVE LOQ", "BELOW LOQ", "TARGET NOT DETECTED", "AT LOQ", "NOT DONE"
LOW_ONES, NO_ONES = (BELOW, NONE_FOUND), (NO_LOAD, EMPTY)
UNS = {"visit": "UNS-01", "taken_on": "2026-06-09"}
REGISTERED = {"today": "2026-09-01", "enrolled": "2026-06-10"}


def hiv(controlled, **changes):
    return {"ser": ser(hiv_status="KNOWN POSITIVE", hiv_controlled=controlled, **changes)}


def hcv(antibody, rna="", value=None, loq=None):
    return {"ser": ser(hcvab=antibody, hcv_rna=rna, hcv_rna_value=value, hcv_rna_loq=loq)}


def hbv(antigen, core, dna="", value=None, loq=None):
    return {"ser": ser(hbsag=antigen, hbcab=core, hbv_dna=dna, hbv_dna_value=value, hbv_dna_loq=loq)}


def later(**given):
    """A later sample with these results only."""
    return {"other": ser(**{**UNS, **dict.fromkeys(("hiv_status", "hbsag", "hbcab", "hcvab"), ""), **given})}


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
        present("known positive and not controlled, later not tested", **hiv("N"), **later(hiv_status="NOT TESTED"),
                says=["not controlled", "03-Jun-2026"]),
        present("known positive and not controlled, a later sample without HIV", **hiv("N"), **later(hcvab=NEG)),
        absent("known positive and controlled, later not tested", **hiv("Y"), **later(hiv_status="NOT TESTED")),
        absent("negative, later not tested", **later(hiv_status="NOT TESTED"), says="negative"),
        contradictory("known positive, later negative", **hiv("N"), **later(hiv_status="NEGATIVE"), at="SER.hiv_status",
                      says=["known positive (03-Jun-2026)", "negative (09-Jun-2026)", "Correct the one that is wrong"]),
        contradictory("known positive and controlled, later negative", **hiv("Y"), **later(hiv_status="NEGATIVE")),
        contradictory("negative and known positive on one day", **later(hiv_status="KNOWN POSITIVE", hiv_controlled="N",
                                                                        taken_on="2026-06-03")),
        present("negative, known positive on the day after", **later(hiv_status="KNOWN POSITIVE", hiv_controlled="N",
                                                                     taken_on="2026-06-04")),
        contradictory("known positive without a date, and negative", **hiv("N", taken_on=""), **later(hiv_status="NEGATIVE")),
        present("known positive, negative only after registration", **hiv("N"),
                **later(hiv_status="NEGATIVE", taken_on="2026-06-11"), **REGISTERED),
        present("known positive and not controlled, later controlled not answered", **hiv("N"),
                **later(hiv_status="KNOWN POSITIVE")),
        absent("known positive and not controlled, later controlled", **hiv("N"),
               **later(hiv_status="KNOWN POSITIVE", hiv_controlled="Y"), says="09-Jun-2026"),
        present("negative, then positive", other=ser(**UNS, hiv_status="KNOWN POSITIVE", hiv_controlled="N")),
        absent("positive after registration only", other=ser(visit="UNS-01", taken_on="2026-06-11",
                                                             hiv_status="KNOWN POSITIVE"), **REGISTERED),
    ],
    "SCR-E09b": [
        *(absent(f"antibody negative, RNA {named(rna)}", **hcv(NEG, rna), says="; HCV RNA not needed.") for rna in NO_ONES),
        *(absent(f"antibody negative, RNA {named(rna)}", **hcv(NEG, rna), says=f"HCV RNA {ViralLoad(rna).label.lower()}, 03-Jun-2026")
          for rna in LOW_ONES),
        *(review(f"antibody negative, RNA {named(rna)}", **hcv(NEG, rna), says="how does the criterion apply")
          for rna in (ABOVE, AT)),
        present("antibody positive, RNA above", **hcv(POS, ABOVE),
                says=["HCV antibody positive", "above the limit of quantification", "03-Jun-2026"]),
        *(absent(f"antibody positive, RNA {named(rna)}", **hcv(POS, rna)) for rna in LOW_ONES),
        *(missing(f"antibody positive, RNA {named(rna)}", **hcv(POS, rna), says=["HCV RNA is needed", f"; HCV RNA {said}."])
          for rna, said in ((NO_LOAD, "not done"), (EMPTY, "not entered"))),
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
        present("value above the limit", **hcv(POS, ABOVE, 16, 15), says="above the limit of quantification (16, limit 15)"),
        absent("value below the limit", **hcv(POS, BELOW, 14, 15)),
        present("value above the limit, nothing ticked", **hcv(POS, EMPTY, "15.01", 15)),
        absent("value below the limit, nothing ticked", **hcv(POS, EMPTY, "14.99", 15)),
        contradictory("value above the limit, ticked as below", **hcv(POS, BELOW, 16, 15), says="Correct one of them"),
        contradictory("value above the limit, ticked as not detected", **hcv(POS, NONE_FOUND, 16, 15)),
        contradictory("value below the limit, ticked as above", **hcv(POS, ABOVE, 14, 15)),
        contradictory("a value, ticked as not done", **hcv(POS, NO_LOAD, 16, 15)),
        # A later sample
        present("antibody positive, RNA above in a later sample", **hcv(POS), **later(hcv_rna=ABOVE),
                says=["HCV antibody positive, 03-Jun-2026", "HCV RNA above the limit of quantification, 09-Jun-2026"], at="SER.hcv_rna"),
        absent("antibody positive, RNA below in a later sample", **hcv(POS), **later(hcv_rna=BELOW)),
        absent("antibody positive, RNA above, below in a later sample", **hcv(POS, ABOVE), **later(hcv_rna=BELOW)),
        present("antibody positive, RNA above, not done later", **hcv(POS, ABOVE), **later(hcv_rna=NO_LOAD)),
        present("antibody positive, RNA above, both not done later", **hcv(POS, ABOVE), **later(hcvab=NOT_DONE, hcv_rna=NO_LOAD)),
        present("antibody not done, positive later, RNA above", **hcv(NOT_DONE, ABOVE), **later(hcvab=POS)),
        review("antibody positive and RNA above, antibody negative later", **hcv(POS, ABOVE), **later(hcvab=NEG)),
        missing("antibody negative, indeterminate later", **hcv(NEG), **later(hcvab=UNCLEAR)),
        contradictory("RNA above, contradictory in a later sample", **hcv(POS, ABOVE),
                      **later(hcv_rna=BELOW, hcv_rna_value=16, hcv_rna_loq=15)),
        missing("no antibody, RNA in a later sample", **hcv(EMPTY), **later(hcv_rna=ABOVE), at="SER.hcvab"),
        absent("RNA above only after registration", **hcv(POS, BELOW), **later(hcv_rna=ABOVE, taken_on="2026-06-11"),
               **REGISTERED),
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
                  says=["HBV DNA is needed", f"; HBV DNA {said}."])
          for core in ANY_CORE for dna, said in ((NO_LOAD, "not done"), (EMPTY, "not entered"))),
        missing("HBsAg positive, anti-HBc not entered: not needed", **hbv(POS, EMPTY), says="; anti-HBc not needed; HBV DNA not entered."),
        *(absent(f"HBsAg negative, anti-HBc positive, DNA {named(dna)}", **hbv(NEG, POS, dna), says="Resolved infection")
          for dna in LOW_ONES),
        review("HBsAg negative, anti-HBc positive, DNA above", **hbv(NEG, POS, ABOVE), says="'resolved' needs DNA below"),
        *(missing(f"HBsAg negative, anti-HBc positive, DNA {named(dna)}", **hbv(NEG, POS, dna)) for dna in NO_ONES),
        *(absent(f"HBsAg and anti-HBc negative, DNA {named(dna)}", **hbv(NEG, NEG, dna), says="; HBV DNA not needed.") for dna in NO_ONES),
        *(absent(f"HBsAg and anti-HBc negative, DNA {named(dna)}", **hbv(NEG, NEG, dna)) for dna in LOW_ONES),
        review("HBsAg and anti-HBc negative, DNA above", **hbv(NEG, NEG, ABOVE)),
        *(missing(f"HBsAg negative, anti-HBc {named(core)}, no DNA", **hbv(NEG, core), says="anti-HBc result is needed")
          for core in (UNCLEAR, NOT_DONE, EMPTY)),
        missing("HBsAg negative, anti-HBc not entered: nothing is said of the DNA yet", **hbv(NEG, EMPTY),
                says="10-Jun-2026; anti-HBc not entered. An anti-HBc result is needed."),
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
        # A later sample
        review("good, and a later sample with the DNA only, above", **later(hbv_dna=ABOVE),
               says=["HBsAg negative, anti-HBc negative, 03-Jun-2026", "HBV DNA above the limit of quantification, 09-Jun-2026"]),
        absent("good, and a later sample with the DNA only, below", **later(hbv_dna=BELOW)),
        present("HBsAg positive, DNA above in a later sample", **hbv(POS, POS), **later(hbv_dna=ABOVE)),
        absent("HBsAg positive, DNA below in a later sample", **hbv(POS, POS), **later(hbv_dna=BELOW), says="Inactive carrier"),
        present("active, and not done later", **hbv(POS, POS, ABOVE), **later(hbsag=NOT_DONE, hbcab=NOT_DONE, hbv_dna=NO_LOAD)),
        present("active, and a later sample without hepatitis B", **hbv(POS, POS, ABOVE), **later(hcvab=NEG)),
        review("active, HBsAg negative later, DNA not measured again", **hbv(POS, POS, ABOVE), **later(hbsag=NEG)),
        absent("anti-HBc not done, positive later, DNA below", **hbv(NEG, NOT_DONE, BELOW), **later(hbcab=POS),
               says="Resolved infection"),
        missing("anti-HBc positive, DNA not measured in either", **hbv(NEG, POS), **later(hbsag=NEG), says="HBV DNA is needed"),
        missing("anti-HBc not entered in either", **hbv(NEG, EMPTY), **later(hbsag=NEG), says="anti-HBc result is needed"),
    ],
}  # fmt: skip
