"""Queries, deviations, verifications, signatures, rulings. A record is known here as form code and id, never as a class."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from audit.context import NotAudited
from audit.models import AuditedModel
from patients.models import Patient
from protocol import screening_facts
from protocol.facts import Fact


class QueryStatus(models.TextChoices):
    OPEN = "OPEN", "Open"
    ANSWERED = "ANSWERED", "Answered"
    CLOSED = "CLOSED", "Closed"


class RaisedFor(models.TextChoices):
    """The desk whose question a query is; everybody at that desk may close it."""

    SAFETY = "SAFETY", "Safety desk"


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
    raised_for = models.CharField("raised for", max_length=10, choices=RaisedFor, blank=True, default="")
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
    ACCEPTED = "ACCEPTED", "Accepted"
    REJECTED = "REJECTED", "Rejected"
    WITHDRAWN = "WITHDRAWN", "Withdrawn, the data were corrected"
    VOID = "VOID", "Void, entered by mistake"


class DeviationCategory(models.TextChoices):
    """Values of CDISC DVCAT."""

    MAJOR = "MAJOR", "Major"
    MINOR = "MINOR", "Minor"


class Breach(models.TextChoices):
    """Where the flag "potential serious breach" stands; '' when nobody has set it."""

    POTENTIAL = "POTENTIAL", "Potential serious breach"
    REPORTED = "REPORTED", "Reported as a serious breach"
    NOT_SERIOUS = "NOT SERIOUS", "Assessed: not a serious breach"


class SafetyQuestion(models.TextChoices):
    """The question to the safety desk; '' when nothing is asked."""

    ASKED = "ASKED", "Asked"
    ERROR = "MEDICATION ERROR", "Medication error"
    NO_ERROR = "NO MEDICATION ERROR", "No medication error"


class Deviation(Reviewed):
    """Something that happened against the protocol, with the rule's text and why it happened.

    A rule proposes it, and then ``text`` and ``rests_on`` are the program's; or a person enters it (``rule`` ''), on a
    record or on the patient as a whole (``form`` '', ``record`` 0). ``category`` to ``judgement_reason`` are those of the
    judgement that holds now. Each version of the row is a step of its history. docs/adr/0019.
    """

    trail_code = "DEVIATION"
    status = models.CharField("status", max_length=10, choices=DeviationStatus, default=DeviationStatus.PROPOSED)
    text = models.TextField("what happened")
    rests_on = models.TextField("what the protocol says")
    why = models.TextField("why it happened", blank=True)
    started_on = models.DateField("date of the deviation", null=True, blank=True, help_text="Empty: that of the record.")
    inputs = models.CharField(max_length=32, blank=True, default="", help_text="Digest of what the rule read.")
    explained_inputs = models.CharField(max_length=32, blank=True, default="", help_text="What had been read when it was explained.")  # fmt: skip  # noqa: E501

    category = models.CharField("category", max_length=5, choices=DeviationCategory, blank=True, default="")
    description = models.TextField("the monitor's wording", blank=True, default="")
    judgement_reason = models.TextField("reason of the judgement", blank=True, default="")

    breach = models.CharField("potential serious breach", max_length=11, choices=Breach, blank=True, default="")
    breach_reason = models.TextField("why it may be a serious breach", blank=True, default="")
    breach_aware_at = models.DateTimeField("sponsor aware at", null=True, blank=True)
    breach_ended_at = models.DateTimeField("reported or assessed at", null=True, blank=True)
    breach_end_reason = models.TextField("outcome of the assessment", blank=True, default="")

    safety_question = models.CharField("medication error?", max_length=19, choices=SafetyQuestion, blank=True, default="")
    safety_answer = models.TextField("reason of the safety desk", blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "record"], condition=~Q(rule=""), name="one_deviation_of_a_rule"),
            models.CheckConstraint(
                condition=Q(form="", record=0, rule="", started_on__isnull=False) | ~Q(form="") & Q(record__gt=0),
                name="deviation_is_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(status=DeviationStatus.ACCEPTED) & ~Q(category="") | ~Q(status=DeviationStatus.ACCEPTED) & Q(category="", description=""),
                name="accepted_deviation_has_a_category",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[DeviationStatus.REJECTED, DeviationStatus.VOID]) | ~Q(judgement_reason=""),
                name="rejected_deviation_says_why",
            ),
            models.CheckConstraint(
                condition=Q(breach="", breach_aware_at__isnull=True, breach_ended_at__isnull=True)
                | Q(breach=Breach.POTENTIAL, breach_aware_at__isnull=False, breach_ended_at__isnull=True) & ~Q(breach_reason="")
                | Q(breach=Breach.REPORTED, breach_aware_at__isnull=False, breach_ended_at__isnull=False) & ~Q(breach_reason="")
                | Q(breach=Breach.NOT_SERIOUS, breach_aware_at__isnull=False, breach_ended_at__isnull=False)
                & ~Q(breach_reason="") & ~Q(breach_end_reason=""),
                name="breach_has_its_times",
            ),
            models.CheckConstraint(
                condition=Q(safety_question__in=["", SafetyQuestion.ASKED], safety_answer="")
                | Q(safety_question__in=[SafetyQuestion.ERROR, SafetyQuestion.NO_ERROR]) & ~Q(safety_answer=""),
                name="answered_safety_question_says_why",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["patient", "status"], name="deviation_patient_status")]

    def __str__(self) -> str:
        return f"Deviation {self.rule or self.pk} on {self.form or 'the patient as a whole'}"

    @property
    def is_manual(self) -> bool:
        """Did a person enter it, without any rule?"""
        return self.rule == ""

    @property
    def words(self) -> str:
        """What happened, in the words that hold: the monitor's, else those of the rule or of whoever entered it."""
        return self.description or self.text

    def explains(self, inputs: str) -> bool:
        """Does the site's reason speak of exactly this? (One given before digests were kept is taken to.)"""
        return bool(self.why) and self.status != DeviationStatus.WITHDRAWN and self.explained_inputs in ("", inputs)

    @property
    def explained(self) -> bool:
        """Has the site said why, of what is found now?"""
        return bool(self.why) and self.explained_inputs in ("", self.inputs)


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


class Signature(AuditedModel):
    """A person has signed the answers of a record. It is written once; whether it is broken is worked out, not noted.

    ``covered`` is JSON: a salt, and for each field the SHA-256 of its value, so that a field added later breaks nothing.
    """

    trail_code = "SIGNATURE"
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    form = models.CharField("form", max_length=20)
    record = models.PositiveBigIntegerField("record")
    meaning = models.TextField("meaning of the signature")
    signer = models.CharField("signed by", max_length=150)
    printed_name = models.CharField("printed name", max_length=200)
    role = models.CharField("role", max_length=60)
    signed_at = models.DateTimeField("signed at")
    covered = models.TextField("fields that were signed")

    class Meta:
        indexes = [models.Index(fields=["form", "record"], name="signature_record")]

    def __str__(self) -> str:
        return f"Signature of {self.form} {self.record}"

    def chain_key(self) -> str:
        return self.patient.number

    def site_code(self) -> str:
        return self.patient.site.code

    def prepare(self, work):
        if not self._state.adding:
            raise NotAudited("A signature is never changed: who signs again makes a new one.")
        return super().prepare(work)


class RulingStatus(models.TextChoices):
    OPEN = "OPEN", "Open"
    DECIDED = "DECIDED", "Decided"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


class RulingOutcome(models.TextChoices):
    SATISFIED = "SATISFIED", "Satisfied in this case"
    NOT_SATISFIED = "NOT SATISFIED", "Not satisfied in this case"


class Ruling(AuditedModel):
    """A question to the medical reviewer: how a criterion's wording applies to this patient's case. One per rule.

    ``question`` and ``inputs`` are those of now. ``outcome`` to ``decided_at`` are those of the latest decision, which
    holds only while the status is DECIDED; each version of the row is a step of its history.
    """

    trail_code = "RULING"
    fact: ClassVar[type[Fact]] = screening_facts.Ruling  # rules read the decisions that stand
    owner: ClassVar[str] = "patient"
    standing: ClassVar[str] = "r.patient_id = %s AND r.status = 'DECIDED'"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    rule = models.CharField("rule", max_length=60)
    criterion = models.CharField("criterion", max_length=10)
    question = models.TextField("question, with the evidence")
    inputs = models.CharField(max_length=32, blank=True, help_text="Digest of what the rule read.")
    status = models.CharField("status", max_length=10, choices=RulingStatus, default=RulingStatus.OPEN)
    asked_at = models.DateTimeField("asked at")
    outcome = models.CharField("decision", max_length=13, choices=RulingOutcome, blank=True)
    reason = models.TextField("reason", blank=True)
    decided_inputs = models.CharField(max_length=32, blank=True, help_text="What had been read when it was decided.")
    decided_by = models.CharField("decided by", max_length=150, blank=True)
    decided_at = models.DateTimeField("decided at", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "rule"], name="one_ruling_of_a_rule"),
            models.CheckConstraint(
                condition=~Q(status=RulingStatus.DECIDED)
                | Q(decided_inputs=F("inputs"), decided_at__isnull=False)
                & ~Q(outcome="") & ~Q(reason="") & ~Q(decided_by=""),
                name="decided_ruling_is_complete",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["status"], name="ruling_status")]

    def __str__(self) -> str:
        return f"Ruling on {self.criterion or self.rule} of {self.patient}"

    def chain_key(self) -> str:
        return self.patient.number

    def site_code(self) -> str:
        return self.patient.site.code
