"""Reports of serious events and pregnancies to the sponsor, and what the safety desk makes of them. docs/adr/0027.

An event is known here as form code and record id, so that adverse events and pregnancies share everything.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.context import NotAudited
from audit.models import AuditedModel
from crf.fields import ClockTimeField, CodeField, PartialDateField, WordsField
from patients.models import Patient
from protocol.codelists import Relationship, YesNo
from protocol.report_codelists import CaseStatus, Expectedness, ReportCategory, ReportChannel, Reporter


class AboutAnEvent(AuditedModel):
    """Something about one event of a patient that is reported: an adverse event (AE) or a pregnancy (PREG)."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", db_comment="Patient")
    form = models.CharField("form", max_length=20, db_comment="AE or PREG")
    record = models.PositiveBigIntegerField("record", db_comment="Number of the record within its form")

    class Meta:
        abstract = True

    def chain_key(self) -> str:
        return self.patient.number

    def site_code(self) -> str:
        return self.patient.site.code


class SafetyReport(AboutAnEvent):
    """One version of a report, as it was sent. It is written once; afterwards the desk acknowledges it and nothing else changes.

    ``content`` is JSON: 'FORM:slot.field' → the value in stored form, of everything that was sent; ``own`` is a JSON list of
    the places ('FORM:slot') among it that are the event itself and what is linked to it.
    """

    trail_code = "SAEREPORT"
    ACKNOWLEDGED = ("acknowledged_at", "acknowledged_by", "acknowledged_name")

    number = models.PositiveIntegerField("version of the report", db_comment="From 1, in the order in which they were sent")
    category = CodeField("category", codelist=ReportCategory, db_comment="Initial, follow-up or nullification (SAERCAT)")
    content = models.TextField("what was sent", db_comment="JSON: FORM:slot.field and stored value")
    own = models.TextField("records that are the event itself", db_comment="JSON list of FORM:slot")
    record_version = models.PositiveIntegerField("version of the record that was sent", db_comment="Of the event's own record")
    narrative = WordsField("narrative")
    reporter = CodeField("reporter", codelist=Reporter, db_comment="Qualification of whoever tells of the event")
    reason = WordsField("reason of the nullification", db_comment="Why the report is taken back")
    late_reason = WordsField("why it is late", db_comment="Why the first report came after 24 hours")
    sent_at = models.DateTimeField("sent at", db_comment="System time, UTC")
    sent_by = models.CharField("sent by", max_length=150, db_comment="User name")
    sent_name = models.CharField("printed name", max_length=200, db_comment="Name of the sender at that time")
    sent_role = models.CharField("role", max_length=60, db_comment="Role of the sender at that time")
    acknowledged_at = models.DateTimeField("acknowledged at", null=True, blank=True, db_comment="By the safety desk, UTC")
    acknowledged_by = models.CharField("acknowledged by", max_length=150, blank=True, default="", db_comment="User name")
    acknowledged_name = models.CharField("acknowledged by (name)", max_length=200, blank=True, default="", db_comment="Name at that time")

    class Meta:
        verbose_name = "safety report"
        constraints = [
            models.UniqueConstraint(fields=["form", "record", "number"], name="safety_report_number"),
            models.UniqueConstraint(
                fields=["form", "record"], condition=Q(category=ReportCategory.ORIGINAL.value), name="one_initial_report"
            ),
            models.CheckConstraint(
                condition=~Q(category=ReportCategory.NULLIFICATION.value) | ~Q(reason=""), name="nullification_says_why"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by="", acknowledged_name="")
                | Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="") & ~Q(acknowledged_name=""),
                name="acknowledged_by_somebody",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["patient"], name="safety_report_patient")]

    def __str__(self) -> str:
        return f"Report {self.number} of {self.form} {self.record}"

    def prepare(self, work):
        if not self._state.adding and set(self.changed()) - set(self.ACKNOWLEDGED):
            raise NotAudited("What was sent is never changed: a follow-up says what is new.")
        return super().prepare(work)


class SafetyCase(AboutAnEvent):
    """What is noted of an event beside its reports: a first report by other means, and whether the desk has closed the case."""

    trail_code = "SAECASE"

    other_on = PartialDateField("first reported by other means on", db_comment="Date at the site")
    other_time = ClockTimeField("at", db_comment="Time at the site; UNK when nobody knows it")
    other_channel = CodeField("by", codelist=ReportChannel, db_comment="Channel of the first report by other means")
    other_acknowledged_at = models.DateTimeField("acknowledged at", null=True, blank=True, db_comment="By the safety desk, UTC")
    other_acknowledged_name = models.CharField("acknowledged by", max_length=200, blank=True, default="", db_comment="Name at that time")
    status = CodeField("status", codelist=CaseStatus, default=CaseStatus.OPEN.value, db_comment="Whether the desk has closed it")
    status_reason = WordsField("reason", db_comment="Why it was closed or opened again")

    class Meta:
        verbose_name = "safety case"
        constraints = [
            models.UniqueConstraint(fields=["form", "record"], name="one_case_of_an_event"),
            models.CheckConstraint(
                condition=Q(other_on="", other_time="", other_channel="", other_acknowledged_at__isnull=True)
                | ~Q(other_on="") & ~Q(other_time="") & ~Q(other_channel=""),
                name="other_means_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status=CaseStatus.CLOSED.value) | ~Q(status_reason=""), name="closed_case_says_why"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Case of {self.form} {self.record}"


class RsiVersion(AuditedModel):
    """A version of the reference safety information, as the safety desk names it; expectedness is judged against one of these."""

    trail_code = "RSI"

    name = models.CharField("document and version", max_length=200, db_comment="For example: Investigator's Brochure, edition 12, section 7")
    dated_on = models.DateField("date of the version", db_comment="Date of the document")
    withdrawn = models.BooleanField("withdrawn", default=False, db_comment="Entered by mistake")
    withdraw_reason = WordsField("why it was withdrawn")

    class Meta:
        verbose_name = "reference safety information"
        verbose_name_plural = "reference safety information"
        constraints = [
            models.UniqueConstraint(fields=["name", "dated_on"], condition=Q(withdrawn=False), name="one_rsi_of_a_name_and_date"),
            models.CheckConstraint(condition=Q(withdrawn=False) | ~Q(withdraw_reason=""), name="withdrawn_rsi_says_why"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name}, {self.dated_on:%d-%b-%Y}"


class SponsorAssessment(AboutAnEvent):
    """The sponsor's assessment, beside the investigator's, which it never replaces. Its history keeps every earlier one."""

    trail_code = "SPONSOR"

    causality = CodeField("could tarlatamab have caused it?", codelist=Relationship, db_comment="Sponsor's judgement of causality")
    expectedness = CodeField("expectedness", codelist=Expectedness, db_comment="Against the named version")
    rsi = models.ForeignKey(
        RsiVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="reference safety information",
        db_comment="Version against which expectedness was judged",
    )  # fmt: skip
    serious = CodeField("serious, if judged otherwise", codelist=YesNo, max_length=1, db_comment="Sponsor's judgement of seriousness; empty: as the investigator's")  # fmt: skip  # noqa: E501
    comment = WordsField("comment of the sponsor")
    assessed_at = models.DateTimeField("assessed at", db_comment="UTC")
    assessed_name = models.CharField("assessed by", max_length=200, db_comment="Name at that time")

    class Meta:
        verbose_name = "sponsor's assessment"
        constraints = [
            models.UniqueConstraint(fields=["form", "record"], name="one_sponsor_assessment"),
            models.CheckConstraint(
                condition=Q(expectedness="", rsi__isnull=True) | ~Q(expectedness="") & Q(rsi__isnull=False), name="expectedness_names_its_rsi"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Sponsor's assessment of {self.form} {self.record}"


class AuthorityReport(AboutAnEvent):
    """A report to an authority or ethics committee that was due and has been made: who made it did so outside this system."""

    trail_code = "SAEAUTH"

    report = models.CharField("report", max_length=60, db_comment="Which of the reports that are due")
    recipient = models.CharField("to", max_length=60, db_comment="Authority or ethics committee")
    reported_on = models.DateField("reported on", db_comment="Date of the report")
    reference = models.CharField("reference", max_length=100, db_comment="Number or name under which it was made")
    withdrawn = models.BooleanField("withdrawn", default=False, db_comment="Entered by mistake")
    withdraw_reason = WordsField("why it was withdrawn")

    class Meta:
        verbose_name = "report to an authority"
        verbose_name_plural = "reports to authorities"
        constraints = [
            models.UniqueConstraint(
                fields=["form", "record", "report", "recipient"], condition=Q(withdrawn=False), name="one_report_to_an_authority"
            ),
            models.CheckConstraint(condition=Q(withdrawn=False) | ~Q(withdraw_reason=""), name="withdrawn_report_says_why"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.report} to {self.recipient}"
