"""Keeping the references of a site, as its pages do."""

from __future__ import annotations

import re

from django.urls import reverse

from assessments.references import ReferenceRange
from crf.references import kinds

LABORATORY = "CHU Lyon"
RANGE = {"laboratory": LABORATORY, "test": "HGB", "unit": "g/dL", "low": "12.0", "high": "16", "valid_from": "2026-01-01"}
ICF = {"icf_version": "2.0", "approved_on": "2026-05-04", "reconsent": "N"}
GOOD = {"RANGE": RANGE, "ICFV": ICF}
HAEMATOLOGY = {
    "HGB": ("g/dL", "12.0", "16.0"), "PLAT": ("G/L", "150", "400"), "WBC": ("", "", ""), "INR": ("", "0,8", "1,2"),
}  # fmt: skip


def boxes(model, answers: dict) -> dict:
    """Answers as the browser sends them."""
    from tests.conftest import World

    return World().typed(model, answers)


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def enter(client, code: str, *, site: str = "FR03", ending: str = "", **answers):
    """Post the form of one line; dates as ISO text."""
    typed = boxes(kinds()[code], {**GOOD[code], **answers})
    return client.post(url("new_reference", site, code), {**typed, "ending": ending})


def the_range(**where) -> ReferenceRange:
    return ReferenceRange.objects.get(**where)


def stored(kind) -> list[tuple]:
    return [line.answers() for line in kind.objects.order_by("id")]


def offered(response) -> str:
    """The value of the tick that ends the older lines; '' when it is not offered."""
    found = re.search(r'name="ending" value="([0-9: ]+)"', response.content.decode())
    return found[1] if found else ""


def act(client, line, action: str, *, version: int | None = None, **typed):
    data = boxes(ReferenceRange, {"valid_to": typed.pop("on")}) if "on" in typed else {}
    version = line.version if version is None else version
    data |= {**typed, "action": action, "version": version}
    return client.post(url("reference", "FR03", line.trail_code, line.pk), data)


def post_grid(client, rows: dict[str, tuple[str, str, str]], *, action: str = "store", ending: str = "", **head):
    """Post the grid: rows by the test's code as (unit, low, high)."""
    head = {"laboratory": LABORATORY, "valid_from": "2026-01-01", **head}
    data = boxes(ReferenceRange, head)
    for code, cells in rows.items():
        data |= {f"{code.lower()}-{name}": text for name, text in zip(("unit", "low", "high"), cells, strict=True)}
    return client.post(url("enter_ranges", "FR03"), {**data, "action": action, "ending": ending})
