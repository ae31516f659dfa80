"""Queries and protocol deviations. A record is known here only as form code and id, never as a class."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.models import AuditedModel
from patients.models import Patient


class QueryStatus(models.TextChoices):
    OPEN = "OPEN", "Open"
    ANSWERED = "ANSWERED", "Answered"
    CLOSED = "CLOSED", "Closed"


class Reviewed(AuditedModel):
    """Something said about one field of one record."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    form = models.CharField("form", max_length=20)
    record = models.PositiveBigIntegerField("record")
    field = models.CharField("field", max_length=60, blank=True)
    rule = models.CharField("rule", max_length=60, blank=True, help_text="Empty when a person raised it.")

    class Meta:
        abstract = True

    def chain_key(self) -> str:
        return self.patient.number

    def site_code(self) -> str:
        return self.patient.site.code


class Query(Reviewed):
    """A question to the site. Each post is a version of this row, so its history is the thread."""

    trail_code = "QUERY"
    status = models.CharField("status", max_length=10, choices=QueryStatus, default=QueryStatus.OPEN)
    text = models.TextField("text", help_text="The latest post.")
    value = models.TextField("value", blank=True, help_text="The field's value at the latest post.")
    raised_by = models.CharField("raised by", max_length=150)
    opened_at = models.DateTimeField("opened at")
    inputs = models.CharField(max_length=32, blank=True, help_text="Digest of what the rule read.")
    confirmed_inputs = models.CharField(max_length=32, blank=True, help_text="What had been read when it was confirmed.")

    class Meta:
        verbose_name_plural = "queries"
        constraints = [
            models.UniqueConstraint(fields=["rule", "record"], condition=~Q(rule=""), name="one_query_of_a_rule")
        ]
        indexes = [models.Index(fields=["patient", "status"], name="query_patient_status")]

    def __str__(self) -> str:
        return f"Query {self.pk} on {self.form} {self.field}"

    @property
    def is_system(self) -> bool:
        return self.rule != ""


class DeviationStatus(models.TextChoices):
    PROPOSED = "PROPOSED", "Proposed"
    WITHDRAWN = "WITHDRAWN", "Withdrawn, the data were corrected"


class Deviation(Reviewed):
    """Something that happened against the protocol, with the rule's text and why it happened."""

    trail_code = "DEVIATION"
    status = models.CharField("status", max_length=10, choices=DeviationStatus, default=DeviationStatus.PROPOSED)
    text = models.TextField("what happened")
    rests_on = models.TextField("what the protocol says")
    why = models.TextField("why it happened", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "record"], name="one_deviation_of_a_rule")]
        indexes = [models.Index(fields=["patient", "status"], name="deviation_patient_status")]

    def __str__(self) -> str:
        return f"Deviation {self.rule} on {self.form}"


class Verification(AuditedModel):
    """Source data verification of a record: somebody compared this version of it with the source."""

    trail_code = "SDV"
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    form = models.CharField("form", max_length=20)
    record = models.PositiveBigIntegerField("record")
    verified_version = models.PositiveIntegerField("version that was verified")
    withdrawn = models.BooleanField("withdrawn", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "record"], name="one_verification_of_a_record")]

    def __str__(self) -> str:
        return f"Verification of {self.form} {self.record}"

    def chain_key(self) -> str:
        return self.patient.number

    def site_code(self) -> str:
        return self.patient.site.code
