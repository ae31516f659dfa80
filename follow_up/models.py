"""Progression, withdrawal of consent and death, as far as dosing and safety need them now."""

from __future__ import annotations

from django.db import models

from crf.declare import Section, Status
from crf.fields import CodeField, CodeSetField, PartialDateField, WordsField
from crf.models import Crf, one_per_visit
from protocol import codelists, facts

FOLLOW_UP = ("FU",)


class Progression(Crf):
    """Disease progression."""

    code = "PD"
    area = "Follow-up"
    visits = FOLLOW_UP
    domain = "RS"
    dated_by = "progressed_on"
    fact = facts.Progression
    if_needed = True
    sections = (Section("Progression", "progressed_on", "basis"),)
    required = ("progressed_on", "basis")
    exports = {"progressed_on": "RSDAT", "basis": "RSMETHOD"}

    progressed_on = PartialDateField("Date of progression", least="month", db_comment="Date of progression")
    basis = CodeField("Found by", codelist=codelists.ProgressionBasis, db_comment="Basis of the progression")

    class Meta:
        verbose_name = "Disease progression"
        verbose_name_plural = "Disease progressions"
        constraints = one_per_visit("PD")


class Withdrawal(Crf):
    """The patient withdrew consent, from all of the trial or a part of it. What is recorded until then stays."""

    code = "WD"
    area = "Follow-up"
    visits = FOLLOW_UP
    domain = "DS"
    dated_by = "withdrawn_on"
    fact = facts.Withdrawal
    if_needed = True
    says = Status(40, "Consent withdrawn", "neutral")
    sections = (Section("Withdrawal of consent", "withdrawn_on", "scope", "details"),)
    required = ("withdrawn_on", "scope")
    exports = {"withdrawn_on": "DSSTDAT", "scope": "DSSCOPE", "details": "DSTERM"}

    withdrawn_on = PartialDateField("Date of the withdrawal", past=True)
    scope = CodeSetField("Withdrawn from", choices=codelists.WithdrawalScope.choices(), help_text="The patient need not say why")
    details = WordsField("Details", help_text="In the patient's own words, when they were given")

    class Meta:
        verbose_name = "Withdrawal of consent"
        verbose_name_plural = "Withdrawals of consent"
        constraints = one_per_visit("WD")


class Death(Crf):
    """Death and its primary cause."""

    code = "DD"
    area = "Follow-up"
    visits = FOLLOW_UP
    domain = "DD"
    dated_by = "died_on"
    fact = facts.Death
    if_needed = True
    says = Status(70, "Died", "neutral")
    sections = (Section("Death", "died_on", "cause", "details"),)
    required = ("died_on", "cause")
    exports = {"died_on": "DTHDAT", "cause": "PRCDTH", "details": "DDORRES"}

    died_on = PartialDateField("Date of death", least="month", db_comment="Date of death")
    cause = CodeField("Primary cause", codelist=codelists.DeathCause, db_comment="Primary cause of death")
    details = models.TextField("Details", blank=True, default="", db_comment="Details in words")

    class Meta:
        verbose_name = "Death"
        verbose_name_plural = "Deaths"
        constraints = one_per_visit("DD")
