"""Every list against any query string: a page or a file, never a 500."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.clinical.pharmacy import Pharmacy
from tests.fuzz.nasty import SETTINGS, encoded, values

pytestmark = pytest.mark.usefixtures("noon")

LISTS = {
    "/patients/": ("site", "q"),
    "/queries/": ("status", "site", "form", "patient"),
    "/deviations/": ("status", "site", "patient", "form", "category", "breach", "safety"),
    "/drug/": ("site",),
    "/drug/FR03/": ("state", "strength", "lot", "q"),
    "/drug/FR03/reconciliation/": ("state", "only"),
    "/drug/FR03/counts/": ("lot",),
    "/safety/": ("site",),
    "/terms/": ("q",),
    "/terms/grades/": ("term", "scale"),
    "/changes/": ("site", "patient", "form", "field", "user", "since", "until", "reason", "source", "after_sdv", "after_signature",
                  "before", "after", "page", "at"),
}  # fmt: skip
GOOD = ("FR03", "FR03-001", "AE", "term", "OPEN", "ALL", "PROPOSED", "MAJOR", "NONE", "PATIENT", "POTENTIAL", "-breach", "IN STOCK", "10", "whose", "2026-11-20", "2026-01-01", "1", "0", "system", "Pyrexia", "CTCAE 5.0", "neu")


@pytest.fixture
def filled(world):
    Pharmacy(world).receive(lot="=1+1", remark="<script>alert(1)</script>")
    patient = world.patient()
    world.enter(patient, "AE", "new", term="=cmd|' /C calc'!A0", serious="Y", started_on="2026-06-10")
    world.enter(patient, "EC", "C1D1", occurrence="GIVEN", given_on="2026-06-10", dose_mg="5",
                **{f"{kind}-{rule}": "1" for kind in ("confirm", "why") for rule in ("DOS-001", "DOS-004", "SCR-031")})  # fmt: skip


@pytest.mark.parametrize("address", list(LISTS))
def test_any_query_string_is_answered(world, filled, address):
    clients = [world.client(user) for user in (world.user("MONITOR", "FR03"), world.user("DATA_MANAGER"))]
    pairs = st.lists(st.tuples(st.sampled_from([*LISTS[address], "csv", "ghost", "sort", "next"]), values(*GOOD)), max_size=6)

    @SETTINGS
    @given(pairs=pairs, csv=st.booleans(), client=st.sampled_from(clients))
    def run(pairs, csv, client):
        query = encoded([*pairs, *([("csv", b"1")] if csv else [])]).decode()
        with transaction.atomic():
            answer = client.get(f"{address}?{query}")
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code in (200, 302, 400)
            assert b"<script>alert" not in body or not answer["Content-Type"].startswith("text/html")
            if answer["Content-Type"].startswith("text/csv"):
                for line in body.decode().splitlines():
                    assert not line.startswith(("=", "+", "@"))
                    assert ',=' not in line
                    assert ',"=' not in line
            transaction.set_rollback(True)

    run()


@pytest.mark.parametrize("address", [each for each in LISTS if each not in ("/terms/", "/terms/grades/", "/changes/")])
@pytest.mark.parametrize("raw", ["%", "%zz", "&&&==", "q=%ff&q=%00", "a" * 5000, "site=FR03&site=IT02", "page=-1", "\u202e"])
def test_broken_query_strings(world, coordinator, filled, address, raw):
    assert world.client(coordinator).get(f"{address}?{raw}").status_code in (200, 302, 400)


@pytest.mark.parametrize("pk", ["0", "99999999", "9" * 30, "-1", "x", "１"])
@pytest.mark.parametrize("address", ["/queries/{}/", "/safety/{}/", "/deviations/{}/", "/patients/FR03-001/void/AE/{}/", "/patients/FR03-001/report/AE/{}/", "/safety/AE/{}/", "/safety/PREG/{}/"])
def test_numbers_that_nothing_has(world, coordinator, filled, address, pk):
    client = world.client(coordinator)
    answers = [client.get(address.format(pk)), client.post(address.format(pk), {"action": "comment", "reason": "x"})]
    assert all(answer.status_code in (302, 404, 405) for answer in answers)
    # A redirect says on the next page why nothing was done.
    assert not any(answer.status_code == 302 and "report" not in address for answer in answers)
