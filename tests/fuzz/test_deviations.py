"""The pages of deviations against any post: stored, refused with a sentence, or out of date, never a 500."""

from __future__ import annotations

import itertools

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from audit.examine import findings
from review.deviation_states import Act
from review.models import Deviation
from tests.fuzz.nasty import SETTINGS, encoded, values
from tests.review.tools import proposed, step

pytestmark = pytest.mark.usefixtures("noon")

ACT = ("action", "version", "category", "description", "reason", "answer", "at_date_0", "at_date_1", "at_date_2", "at_time")
ENTRY = ("about", "started_on_0", "started_on_1", "started_on_2", "text", "rests_on", "why", "category")
GOOD = (*Act, "1", "2", "3", "MAJOR", "MINOR", "MEDICATION ERROR", "Said in three words", "20", "nov", "2026", "12:00", "UNK", "02:30", "ECOG:1", "ECOG:0", "IC:99")


@pytest.mark.parametrize("which", ["act", "entry"])
def test_any_post_is_answered(world, which):
    patient = world.patient()
    record = world.enter(patient, "ECOG", "SCR", assessed_on="2026-06-10", ecog="2").saved.record
    deviation = proposed(patient, record=record.pk, asks_safety=True)
    step(world.user("MONITOR", "FR03"), deviation, Act.FLAG)
    clients = [world.client(user) for user in (world.user("MONITOR", "FR03"), world.user("DATA_MANAGER"), world.user("SAFETY_DESK"))]
    names = ACT if which == "act" else ENTRY
    address = reverse("deviation", args=[deviation.pk]) if which == "act" else reverse("new_deviation", args=[patient.number])
    pairs = st.lists(st.tuples(st.sampled_from(names), values(*GOOD)), max_size=12)

    @SETTINGS
    @given(pairs=pairs, client=st.sampled_from(clients))
    def run(pairs, client):
        with transaction.atomic():
            answer = client.post(address, encoded(pairs), content_type="application/x-www-form-urlencoded")
            assert answer.status_code in (302, 400, 403, 404, 409, 422)
            assert b"<script>alert" not in answer.content
            if answer.status_code == 302:
                shown = client.get(reverse("deviation", args=[Deviation.objects.latest("changed_at").pk]))
                assert shown.status_code == 200 and b"<script>alert" not in shown.content
                assert list(findings()) == []
            transaction.set_rollback(True)

    run()


LONG = "x" * 200_000
NASTY = ["\x00", "a\x00b", "\ud800", "‮", "²", "１", "٣", LONG, "<script>alert(1)</script>", "'; DROP TABLE review_deviation; --", "\r\n" * 50, "{{ 7*7 }}"]


@pytest.mark.parametrize("name", ["reason", "description", "at_date_0", "at_date_1", "at_date_2", "at_time", "version", "category"])
def test_one_nasty_value(world, name):
    deviation, client = proposed(world.patient(), record=1_000_001), world.client(world.user("MONITOR", "FR03"))
    usual = {"version": "1", "category": "MAJOR", "reason": "Said in three words", "at_date_0": "20", "at_date_1": "11", "at_date_2": "2026", "at_time": "12:00"}
    for text, action in itertools.product(NASTY, ("accept", "flag")):
        pairs = {**usual, "action": action, name: text}.items()
        body = encoded([(key, value.encode("utf-8", "surrogatepass")) for key, value in pairs])
        with transaction.atomic():
            answer = client.post(reverse("deviation", args=[deviation.pk]), body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code in (302, 400, 409, 422), (ascii(text)[:20], answer.status_code)
            assert b"<script>alert" not in answer.content
            transaction.set_rollback(True)
