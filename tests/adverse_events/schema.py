"""The schemas of ICH for E2B(R3) messages. They are no part of the project: they stand beside it, or where E2B_R3 says."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "e2b-r3"
TOP = Path("multicacheschemas") / "MCCI_IN200100UV01.xsd"


@cache
def schema():
    """The schema as lxml reads it; None where it is not beside the repository. A directory that E2B_R3 names must have it."""
    from lxml import etree

    named = os.environ.get("E2B_R3")
    path = Path(named or BESIDE) / TOP
    return etree.XMLSchema(etree.parse(str(path))) if named or path.is_file() else None


def problems(message: bytes) -> list[str]:
    """Why a message is not valid; [] when it is. Without the schema it must be well-formed all the same."""
    from lxml import etree

    tree, found = etree.fromstring(message), schema()
    if found is None:
        return []
    found.validate(tree)
    return [f"{each.line}: {each.message}" for each in found.error_log]
