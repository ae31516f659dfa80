"""``Crf``: the base of every form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from audit.models import AuditedModel
from crf.declare import AskedIf, Next, Section, Status
from crf.fields import ClockTimeField, CodeField, PartialDateField
from patients.models import Patient, Visit
from protocol.codelists import Codelist
from protocol.facts import Fact


class State(Codelist):
    IN_PROGRESS = "IN PROGRESS", "In progress"
    SUBMITTED = "SUBMITTED", "Submitted"


class Origin(Codelist):
    ENTERED = "EDC", "Entered here"
    PAPER = "PAPER", "Entered from paper"


class Crf(AuditedModel):
    """A form of the trial. A subclass declares itself with the class attributes below; nothing else is needed.

    code         form code, for ever
    area         heading under which the casebook shows it
    visits       visit codes at which it is expected; a log form has none and may have many records
    sections     the questions, in order
    asks_if      questions asked only after a certain answer
    required     questions that must have an answer when they are asked (each becomes a rule)
    required_first  of these, the ones that only the first of its visits needs: a later record may supplement it
    fact         the frozen fact that it yields to the rules
    exports      field → CDASH/SDTM variable, with the domain
    not_submitted  fields that go in no export
    identifying  fields that no export and no exported trail may show
    system_fields  fields that the program writes and nobody is asked
    dated_by     the field with the date that the record is about
    options_from field → (fields it depends on as 'name:field …', address that tells which options fit)
    if_needed    it is entered only when something happens; the casebook does not ask for it
    unregistered_only  it concerns patients who are not registered: of others it says nothing, and is not offered
    comes_last   its place among the forms that are entered after all others of the visit; 0 for those others
    for_pharmacy the pharmacist sees it, but for the questions ``kept_from_pharmacy``
    computes_from  forms whose facts ``computed`` reads
    unreported   what finds its records that wait to be reported to the safety desk: ``reports_due`` says until when
    says         what a submitted record says about the patient's status
    log_page     name of the address of the page that shows its log; '' for the page of every log
    brings       questions that an address may answer beforehand on the page of a new record; the person confirms them
    panel_template  what it draws on the patient's page, from the facts of ``panel_needs``
    ends_treatment  after it no dose is waited for
    strip_needs  forms whose facts ``strip`` reads, for the line on top of the patient's pages
    """

    code: ClassVar[str] = ""
    area: ClassVar[str] = ""
    visits: ClassVar[tuple[str, ...]] = ()
    sections: ClassVar[tuple[Section, ...]] = ()
    asks_if: ClassVar[dict[str, AskedIf]] = {}
    required: ClassVar[tuple[str, ...]] = ()
    required_first: ClassVar[tuple[str, ...]] = ()
    fact: ClassVar[type[Fact]]
    domain: ClassVar[str] = ""
    exports: ClassVar[dict[str, str]] = {}
    not_submitted: ClassVar[tuple[str, ...]] = ()
    identifying: ClassVar[tuple[str, ...]] = ()
    system_fields: ClassVar[tuple[str, ...]] = ()
    dated_by: ClassVar[str] = ""
    says: ClassVar[Status | None] = None
    computes_from: ClassVar[tuple[str, ...]] = ()
    if_needed: ClassVar[bool] = False
    unregistered_only: ClassVar[bool] = False
    comes_last: ClassVar[int] = 0
    options_from: ClassVar[dict[str, tuple[str, str]]] = {}
    log_page: ClassVar[str] = ""
    brings: ClassVar[tuple[str, ...]] = ()
    panel_template: ClassVar[str] = ""
    panel_needs: ClassVar[tuple[str, ...]] = ()
    strip_needs: ClassVar[tuple[str, ...]] = ()
    ends_treatment: ClassVar[bool] = False
    unreported: ClassVar[dict[str, object]] = {}
    for_pharmacy: ClassVar[bool] = False
    kept_from_pharmacy: ClassVar[tuple[str, ...]] = ()
    unaudited: ClassVar[tuple[str, ...]] = ("entry_token",)

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", db_comment="Patient")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+", db_comment="Visit; none for a log")
    row = models.PositiveIntegerField(default=0, db_comment="Number of the record in its log, from 1; 0 at a visit")
    state = models.CharField(max_length=12, choices=State.choices(), default=State.IN_PROGRESS.value, db_comment="State")
    voided = models.BooleanField(default=False, db_comment="Entered by mistake")
    void_reason = models.TextField(blank=True, default="", db_comment="Why it was voided")
    origin = CodeField("Where was this first written down?", codelist=Origin, default=Origin.ENTERED.value, max_length=6, db_comment="Entered directly, or from paper")  # fmt: skip  # noqa: E501
    paper_date = PartialDateField("Date on the paper", db_comment="Date on the paper form")
    paper_time = ClockTimeField("Time on the paper", db_comment="Time on the paper form")
    paper_number = models.CharField("Number of the paper form", max_length=40, blank=True, default="", db_comment="Number of the paper form")  # fmt: skip  # noqa: E501
    entry_token = models.UUIDField(null=True, editable=False, unique=True, db_comment="Given to the empty page, so that a double click makes one record")  # fmt: skip  # noqa: E501

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        cls.trail_code = cls.code

    def __str__(self) -> str:
        return f"{self.patient.number} {self.code} {self.slot}"

    def chain_key(self) -> str:
        return self.patient.number

    def site_code(self) -> str:
        return self.patient.site.code

    def needs_reason(self, before) -> bool:
        return before.get("state") == State.SUBMITTED

    @property
    def slot(self) -> str:
        """Where the record stands in the casebook: its visit, or its number in the log."""
        return self.visit.code if self.visit_id else str(self.row)

    @classmethod
    def is_log(cls) -> bool:
        return not cls.visits

    @classmethod
    def log_url(cls, number: str) -> str:
        """Where the log of a patient is shown."""
        return reverse(cls.log_page, args=[number]) if cls.log_page else reverse("log", args=[number, cls.code])

    @classmethod
    def questions(cls) -> list[str]:
        """Every question of the form, by field name, in order."""
        return [name for section in cls.sections for name in section.fields if cls.in_force(name)]

    @classmethod
    def in_force(cls, name: str) -> bool:
        """Is the question asked at all, under the parameters in force?"""
        return True

    @classmethod
    def adapt(cls, form, patient: Patient) -> None:
        """Last touches to an entry form that depend on the patient's site (a country's privacy rule)."""

    def offers(self, name: str, patient: Patient, chosen: str) -> list[tuple[str, str]]:
        """(value, words) of what an OfferField can be answered with; what is ``chosen`` already stays among them."""
        return []

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """What the program makes of the data, field → (kind, sentence); shown once the own answer is saved."""
        return {}

    @classmethod
    def page_extras(cls, user, record: Crf) -> dict:
        """More for the page of a record: ``extra_template`` stands over the form, ``below_template`` under it."""
        return {}

    @classmethod
    def panel(cls, patient: Patient, case, headers, *, sees_all: bool, may_enter: bool) -> object | None:
        """What ``panel_template`` is given as ``panel``; None when there is nothing to draw."""
        return None

    @classmethod
    def strip(cls, patient: Patient, case, headers, *, status: str, sees_all: bool) -> dict[str, object]:
        """What it says on the patient strip: name of an attribute of ``crf.strip.Strip`` → its value. ``status`` is the patient's."""
        return {}

    @classmethod
    def points_to(cls, target: Crf) -> bool:
        """Is a link of this form offered to that record? What is linked already stays."""
        return True

    def follows(self) -> Next | None:
        """Where 'submit and next' leads after this record; None: to the next form of the casebook."""
        return None

    @classmethod
    def reports_due(cls, records: Sequence[Crf]) -> dict[int, datetime]:
        """By key: when the first report of each to the safety desk is due; without those that wait for none."""
        return {}

    def beside(self, target: Crf) -> str:
        """What is said of it on the page of a record that it points to; '' for the usual words."""
        return ""

    def saving(self) -> None:
        """Fill the system fields just before the record is written."""

    def saved(self, before: dict[str, str | None]) -> None:
        """What follows from a save or a void, in the same transaction; ``before`` is the row as stored, {} for a new one."""

    def missing_field(self, name: str) -> str:
        """The sibling that says why ``name`` has no answer, or ''."""
        return f"{name}_missing" if _has(type(self), f"{name}_missing") else ""


PAPER = Section("Entered from paper", "paper_date", "paper_time", "paper_number")


def _has(model, name: str) -> bool:
    return any(field.name == name for field in model._meta.fields)


def one_per_visit(code: str) -> list[models.UniqueConstraint]:
    """A patient has one such record at a visit, void ones aside."""
    return [
        models.UniqueConstraint(fields=["patient", "visit"], condition=Q(voided=False), name=f"{code.lower()}_per_visit")
    ]


def numbered(code: str) -> list[models.UniqueConstraint]:
    """Records of a log are numbered, and no number is used twice."""
    return [models.UniqueConstraint(fields=["patient", "row"], name=f"{code.lower()}_row")]
