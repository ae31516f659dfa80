"""The schemas of ICH for E2B(R3) messages. They are no part of the project: they stand beside it, or where E2B_R3 says."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "e2b-r3"
TOP = Path("multicacheschemas") / "MCCI_IN200100UV01.xsd"


@cache
def schema():
    """The schema as lxml reads it; where it is not at hand the test is skipped and says so (in CI that is a failure)."""
    from lxml import etree

    path = Path(os.environ.get("E2B_R3") or BESIDE) / TOP
    if not path.is_file():
        pytest.skip(f"The schemas of ICH E2B(R3) are not at {path}. Name their directory in E2B_R3.")
    return etree.XMLSchema(etree.parse(str(path)))


def problems(message: bytes) -> list[str]:
    """Why a message is not valid; [] when it is."""
    from lxml import etree

    found = schema()
    found.validate(etree.fromstring(message))
    return [f"{each.line}: {each.message}" for each in found.error_log]
