"""Examples of the rules of laboratory abnormalities. The records come first in a case, so the event of an example is number 1."""

from __future__ import annotations

from tests.protocol.abnormal_build import ALT, NEUT, blood, lba, liver, low_neutrophils, treated
from tests.protocol.build import ae, case
from tests.protocol.examples import Examples
from tests.protocol.safety_build import aeg
from tests.protocol.screening_build import hem


def said(answer="EVENT", **rest):
    return lba(answer=answer, event="1", **rest)


EXAMPLES: dict[str, Examples] = {
    # Grade 3 of neutrophils is under 1.0, grade 2 begins under 1.5
    "AE-180": Examples(
        [treated(lba(), blood(neut="1.0")), treated(lba(), blood(neut="4.0")), treated(lba(grade="4"), blood(neut="0.5")),
         treated(lba()), treated(lba(), blood(neut="")), treated(lba(), blood(plat="80")), treated(lba(result="HEM C2D1 PLAT"), blood(neut="0.7")),
         treated(lba(), blood("2026-07-07", neut="0.9")), treated(lba(on="2026-07-07"), blood("2026-07-06", neut="0.9")),
         treated(lba(), blood(visit="C2D15", neut="0.7")),
         treated(lba(result="CHE C2D1 ALT", term=ALT), liver("2026-06-08", "SCR", alt="90"), liver(alt="450"))],
        [treated(lba(), blood(neut="0.99")), treated(lba(), blood(neut="0.3")), treated(lba(), blood("2026-07-06", neut="0.9")),
         treated(lba(), blood("2026-07", neut="0.9")), treated(lba(), blood("", neut="0.9")), treated(lba(on=""), blood(neut="0.9")),
         treated(lba(), blood(neut="0.9", neut_unit="furlongs")), treated(lba(), blood(neut="low")), treated(lba(grade=""), blood(neut="4.0")),
         treated(lba(result=""), blood(neut="4.0")), treated(lba(), blood(neut="<1.2")),
         treated(lba(result="CHE C2D1 ALT", term=ALT), liver("2026-06-08", "SCR", alt="90"), liver(alt="451")),
         treated(lba(result="CHE C2D1 ALT", term=ALT), liver("2026-06-08", "SCR", alt="30"), liver(alt="201")),
         treated(hem(visit="C2D1", neut="0.2"))],
    ),
    "AE-181": Examples(
        [case(low_neutrophils(on="2026-07-07"), said()), case(low_neutrophils(end="2026-07-05"), said()), case(low_neutrophils(on="2026-08"), said()),
         case(low_neutrophils(on="2026-07-07"), said("PART OF ANOTHER EVENT")), case(low_neutrophils(on="2026-07-08"), said(on="2026-07-07"))],
        [case(low_neutrophils(on="2026-07-06"), said()), case(low_neutrophils(end="2026-07-06"), said()), case(low_neutrophils(on="2026-07"), said()),
         case(low_neutrophils(on=""), said()), case(low_neutrophils(end="2026-07"), said()), case(low_neutrophils(on="2026-07-07"), said(on="")),
         case(low_neutrophils(on="2026-07-07"), lba()), case(low_neutrophils(on="2026-07-07"), lba(answer="EVENT", event="9")),
         case(low_neutrophils(on="2026-07-08"), said(on="2026-07-08")), case(low_neutrophils(ongoing="N"), said())],
    ),
    "AE-182": Examples(
        [case(low_neutrophils(grade="2"), said()), case(low_neutrophils(grade="3"), said(grade="4")), case(ae("Sepsis", grade="3"), said(grade="4")),
         case(low_neutrophils(grade="1"), aeg("2"), said())],
        [case(low_neutrophils(grade="3"), said()), case(low_neutrophils(grade="4"), said()), case(low_neutrophils(grade=""), said()),
         case(low_neutrophils(grade="2"), aeg("3"), said()),
         case(low_neutrophils(grade="2"), said("PART OF ANOTHER EVENT")), case(low_neutrophils(grade="2"), lba()),
         case(low_neutrophils(grade="2"), said(grade="")), case(low_neutrophils(grade="2"), lba(answer="EVENT", event="9", term=NEUT))],
    ),
}  # fmt: skip
