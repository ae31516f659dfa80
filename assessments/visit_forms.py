"""The visit that nobody planned: what makes it a visit is this form; any form that may be needed there stands beside it."""

from __future__ import annotations

from django.db import models

from crf.declare import Section
from crf.fields import PartialDateField
from crf.models import Crf, one_per_visit
from protocol import facts
from protocol.visits import UNSCHEDULED


class UnscheduledVisit(Crf):
    """When the patient came outside the schedule, and why."""

    code = "UV"
    area = "Visit"
    visits = UNSCHEDULED
    domain = "SV"
    dated_by = "visited_on"
    fact = facts.UnscheduledVisit
    sections = (Section("Unscheduled visit", "visited_on", "reason"),)
    required = ("visited_on", "reason")
    exports = {"visited_on": "VISDAT", "reason": "SVUPDES"}

    visited_on = PartialDateField("Date of the visit", past=True, db_comment="Date of the unscheduled visit")
    reason = models.TextField(
        "Why did the patient come?", blank=True, default="", help_text="In a few words, such as: fever since the evening",
        db_comment="Reason for the unscheduled visit, in words",
    )  # fmt: skip

    class Meta:
        verbose_name = "Unscheduled visit"
        verbose_name_plural = "Unscheduled visits"
        constraints = one_per_visit("UV")
