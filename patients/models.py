"""The patient and the visits: what every form hangs on."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from accounts.models import Site
from audit.models import AuditedModel


class Recruitment(models.TextChoices):
    OPEN = "OPEN", "Open"
    PAUSED = "PAUSED", "Paused"
    CLOSED = "CLOSED", "Closed"


class Study(AuditedModel):
    """The trial as a whole. There is one row; registering locks it, so that the cap holds."""

    trail_code = "STUDY"
    recruitment = models.CharField("recruitment", max_length=10, choices=Recruitment, default=Recruitment.OPEN)

    class Meta:
        verbose_name_plural = "study"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_study")]

    def __str__(self) -> str:
        return "START-lung"


class EnrolmentSource(models.TextChoices):
    """Where the registration was first written down."""

    EDC = "EDC", "Registered here"
    PAPER = "PAPER", "Registered on paper, entered afterwards"


class Patient(AuditedModel):
    """One screening of a person, known by number alone. Screened again, the person gets another number."""

    trail_code = "PATIENT"
    site = models.ForeignKey(Site, models.PROTECT, related_name="patients")
    number = models.CharField("screening number", max_length=20, unique=True)
    enrolment_number = models.PositiveIntegerField("enrolment number", null=True, blank=True, unique=True)
    enrolled_at = models.DateTimeField("registered at", null=True, blank=True)  # when it happened, not when it was entered
    enrolment_source = models.CharField("registered", max_length=6, choices=EnrolmentSource, blank=True, default="")
    paper_number = models.CharField("number of the paper registration", max_length=40, blank=True, default="")
    rescreening_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="rescreening", verbose_name="screened before as"
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(enrolment_number__isnull=True, enrolled_at__isnull=True)
                | Q(enrolment_number__isnull=False, enrolled_at__isnull=False),
                name="enrolment_number_and_time_together",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def chain_key(self) -> str:
        return self.number

    def site_code(self) -> str:
        return self.site.code

    @property
    def enrolled_on(self) -> date | None:
        """The date of registration at the patient's site."""
        return self.enrolled_at.astimezone(ZoneInfo(self.site.time_zone)).date() if self.enrolled_at else None


class SlotStatus(models.TextChoices):
    HELD = "HELD", "Held"
    USED = "USED", "Used"
    GIVEN_BACK = "GIVEN BACK", "Given back"
    EXPIRED = "EXPIRED", "Expired"


class Slot(AuditedModel):
    """A place of the trial that is kept for a patient in screening. It counts while it is held and has not run out."""

    trail_code = "SLOT"
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="slots")
    requested_at = models.DateTimeField("requested at")
    expires_at = models.DateTimeField("held until")
    status = models.CharField("status", max_length=10, choices=SlotStatus, default=SlotStatus.HELD)

    class Meta:
        verbose_name = "held place"
        constraints = [
            models.UniqueConstraint(fields=["patient"], condition=Q(status=SlotStatus.HELD), name="one_held_slot_of_a_patient"),
        ]

    def __str__(self) -> str:
        return f"Place held for {self.patient}"

    def chain_key(self) -> str:
        return self.patient.number

    def site_code(self) -> str:
        return self.patient.site.code


class Visit(AuditedModel):
    """A visit of a patient that has at least one form; ``code`` is its label in the protocol's schedule."""

    trail_code = "VISIT"
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="visits")
    code = models.CharField("visit", max_length=12)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "code"], name="one_visit_of_a_code")]

    def __str__(self) -> str:
        return f"{self.patient} {self.code}"

    def chain_key(self) -> str:
        return self.patient.number

    def site_code(self) -> str:
        return self.patient.site.code
