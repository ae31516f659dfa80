"""Who may open the outputs of a safety report and the safety overview, for the access matrix."""

from __future__ import annotations

from accounts.roles import Permission as P
from tests.doors import Case, Door, needs

OUTPUTS: dict[str, list[Case]] = {
    "safety_overview": [Case(get=needs(P.VIEW))],
    "safety_list": [Case(get=needs(P.VIEW))],
    "safety_outputs": [Case(get=Door(sees=(P.VIEW,)), post=Door((P.SAFETY, P.REPORT), (P.VIEW,)), args="AE {event}", data={"output": "e2b"})],
}
