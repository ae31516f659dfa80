"""Tarlatamab: each planned dose, and the end of treatment."""

from __future__ import annotations

from django.db import models

from crf.declare import AskedIf, Section, Status
from crf.fields import ClockTimeField, CodeField, MissingReasonField, NumberField, PartialDateField
from crf.models import Crf, one_per_visit
from protocol import codelists, facts
from protocol.codelists import DoseOccurrence
from protocol.visits import DOSE_LABELS


class Administration(Crf):
    """One planned dose: given, delayed (it keeps its label) or omitted (it uses its label up)."""

    code = "EC"
    area = "Tarlatamab"
    visits = DOSE_LABELS
    domain = "EC"
    dated_by = "given_on"
    fact = facts.Dose
    says = Status(20, "On treatment", "progress", when=AskedIf("occurrence", DoseOccurrence.GIVEN))
    for_pharmacy = True
    sections = (
        Section("This dose", "occurrence"),
        Section("Infusion", "given_on", "start_time", "end_time", "dose_mg"),
        Section("Delay or omission", "reason", "reason_details"),
    )
    asks_if = {
        "given_on": AskedIf("occurrence", DoseOccurrence.GIVEN),
        "start_time": AskedIf("occurrence", DoseOccurrence.GIVEN),
        "end_time": AskedIf("occurrence", DoseOccurrence.GIVEN),
        "dose_mg": AskedIf("occurrence", DoseOccurrence.GIVEN),
        "dose_mg_missing": AskedIf("occurrence", DoseOccurrence.GIVEN),
    }
    required = ("occurrence", "given_on", "start_time", "end_time", "dose_mg")
    exports = {
        "occurrence": "ECOCCUR",
        "reason": "ECREASOC",
        "reason_details": "ECREASDT",
        "given_on": "ECSTDAT",
        "start_time": "ECSTTIM",
        "end_time": "ECENTIM",
        "dose_mg": "ECDSTXT",
        "dose_mg_missing": "ECREASND",
    }

    occurrence = CodeField("What happened to this dose?", codelist=DoseOccurrence, db_comment="Given, delayed or omitted")  # fmt: skip  # noqa: E501
    reason = CodeField("Reason, when it was delayed or omitted", codelist=codelists.DoseReason, help_text="Keep it when a delayed dose is given at last", db_comment="Reason for delay or omission")  # fmt: skip  # noqa: E501
    reason_details = models.CharField("Reason in words", max_length=400, blank=True, default="", db_comment="Reason in words")  # fmt: skip  # noqa: E501
    given_on = PartialDateField("Date of the infusion", db_comment="Date of the infusion")
    start_time = ClockTimeField("Start", help_text="Time at the site; UNK when nobody knows it", db_comment="Start of the infusion, time at the site")  # fmt: skip  # noqa: E501
    end_time = ClockTimeField("End", help_text="Time at the site; UNK when nobody knows it", db_comment="End of the infusion, time at the site")  # fmt: skip  # noqa: E501
    dose_mg = NumberField("Dose given", unit="mg", least=0, most=9999, decimal_places=2, db_comment="Dose given, mg")
    dose_mg_missing = MissingReasonField(of="dose_mg")

    class Meta:
        verbose_name = "Tarlatamab administration"
        verbose_name_plural = "Tarlatamab administrations"
        constraints = one_per_visit("EC")


class EndOfTreatment(Crf):
    """Permanent discontinuation of tarlatamab."""

    code = "EOT"
    area = "Tarlatamab"
    visits = ("EOT",)
    domain = "DS"
    dated_by = "ended_on"
    fact = facts.EndOfTreatment
    if_needed = True
    says = Status(30, "Off treatment", "neutral")
    sections = (Section("End of treatment", "ended_on", "reason", "details"),)
    required = ("ended_on", "reason")
    exports = {"ended_on": "DSSTDAT", "reason": "DSDECOD", "details": "DSTERM"}

    ended_on = PartialDateField("Date of the decision to stop for good", db_comment="Date of permanent discontinuation")
    reason = CodeField("Main reason", codelist=codelists.EndOfTreatmentReason, db_comment="Reason, CDISC C66727")
    details = models.TextField("Details", blank=True, default="", db_comment="Details in words")

    class Meta:
        verbose_name = "End of treatment"
        verbose_name_plural = "Ends of treatment"
        constraints = one_per_visit("EOT")
