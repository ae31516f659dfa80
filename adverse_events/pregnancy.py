"""A pregnancy of the patient, or of the patient's partner, from when it is known to its outcome."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from accounts import outbox
from accounts.roles import Role
from audit import clock
from crf.declare import AskedIf, Section
from crf.fields import ClockTimeField, CodeField, LinkField, PartialDateField, WordsField, yes_no
from crf.models import Crf, numbered
from protocol import codelists, facts
from protocol.codelists import PregnancyOutcome, PregnantPerson, YesNo
from protocol.exposure import contraception_until
from protocol.rules.pregnancies import conceived_in_time

_KNOWN = [each for each in PregnancyOutcome if each is not PregnancyOutcome.UNKNOWN]


class Pregnancy(Crf):
    """One pregnancy; it stays open until its outcome is known."""

    code = "PREG"
    area = "Safety"
    domain = "RP"
    dated_by = "learned_on"
    fact = facts.Pregnancy
    sections = (
        Section("Pregnancy", "whose", "agreed", "learned_on", "learned_time", "tested_on"),
        Section("When it began", "last_period_on", "conceived_on", "due_on"),
        Section("Outcome", "outcome", "outcome_on", "anomaly", "anomaly_event", "details"),
    )
    asks_if = {
        "agreed": AskedIf("whose", PregnantPerson.PARTNER),
        "outcome_on": AskedIf("outcome", *_KNOWN),
        "anomaly": AskedIf("outcome", *_KNOWN),
        "anomaly_event": AskedIf("anomaly", YesNo.YES),
    }
    required = ("whose", "agreed", "learned_on", "learned_time", "outcome_on", "anomaly", "anomaly_event")
    computes_from = ("EC", "PREG")
    unreported = {"reported_at__isnull": True}
    system_fields = ("first_saved_at", "reported_at")
    exports = {
        "first_saved_at": "RPFSTDTC", "reported_at": "RPREPDTC", "whose": "RPWHO", "agreed": "RPPCONS", "learned_on": "RPAWDAT", "learned_time": "RPAWTIM", "tested_on": "RPTSTDAT",
        "last_period_on": "LMPSTDAT", "conceived_on": "RPCONDAT", "due_on": "RPEDDAT", "outcome": "RPOUT", "outcome_on": "RPENDAT",
        "anomaly": "RPCONG", "anomaly_event": "RPAENO", "details": "RPTERM",
    }  # fmt: skip

    whose = CodeField("Who is pregnant?", codelist=PregnantPerson)
    agreed = yes_no("Has the partner agreed that it is recorded?")
    learned_on = PartialDateField("Date the site learned of it", past=True)
    learned_time = ClockTimeField("Time the site learned of it", on="learned_on")
    tested_on = PartialDateField("Date of the first positive test", past=True, least="month")
    last_period_on = PartialDateField("First day of the last period", past=True, least="month")
    conceived_on = PartialDateField("Date of conception, as estimated", past=True, least="month")
    due_on = PartialDateField("Expected date of delivery", least="month", help_text="As estimated; it may lie ahead")
    outcome = CodeField("Outcome", codelist=codelists.PregnancyOutcome, help_text="Empty while the pregnancy goes on")
    outcome_on = PartialDateField("Date of the outcome", past=True, least="month", after="last_period_on")
    anomaly = yes_no("Congenital anomaly or birth defect")
    anomaly_event = LinkField("Adverse event of the anomaly", to="AE", help_text="A congenital anomaly is a serious event")
    details = WordsField("Details")
    first_saved_at = models.DateTimeField("First saved", null=True, editable=False, db_comment="When the pregnancy was first saved, UTC")
    reported_at = models.DateTimeField("Reported to the safety desk", null=True, editable=False, db_comment="When the site reported it, UTC")

    class Meta:
        verbose_name = "Pregnancy"
        verbose_name_plural = "Pregnancies"
        constraints = numbered("PREG")

    @classmethod
    def page_extras(cls, user, record) -> dict:
        from adverse_events.case_page import note

        return note(user, record)

    def saving(self) -> None:
        """The first save starts the clock, unless it is known when the site learned of it; draft or not."""
        if self._state.adding:
            self.first_saved_at = clock.now()

    def saved(self, before) -> None:
        """… and writes the mail, in this transaction."""
        if not before:
            outbox.post(
                key=f"pregnancy-{self.pk}", to_role=Role.SAFETY_DESK, subject="START-lung: a pregnancy was entered",
                body=(
                    "A pregnancy was saved for the first time.\n\n"
                    f"Read it at: {settings.SITE_URL}{reverse('safety_case', args=[self.code, self.pk])}\n\n"
                    "This mail holds no patient data. Log in to read it."
                ),
            )  # fmt: skip

    @classmethod
    def reports_due(cls, records):
        from adverse_events.case import waiting_until

        return waiting_until(records)

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """Whether it is to be reported, from the last dose."""
        fact, until = next((each for each in case.of("PREG") if each.id == self.pk), None), contraception_until(case.of("EC"))
        inside = conceived_in_time(fact, until) if fact and until else None
        if inside is None:
            return {}
        said = f"begun by {until}, 60 days after the last dose: it is reported" if inside else f"begun after {until}, 60 days after the last dose"
        return {"conceived_on": ("due" if inside else "neutral", said)}
