"""Progression, withdrawal of consent, hospital stays and death, as far as dosing and safety need them now."""

from __future__ import annotations

from django.db import models

from crf.declare import AskedIf, Section, Status
from crf.fields import ClockTimeField, CodeField, CodeSetField, LinkField, PartialDateField, WordsField, yes_no
from crf.models import Crf, numbered, one_per_visit
from protocol import codelists, facts, safety_facts
from protocol.codelists import DeathCause, YesNo

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


class HospitalStay(Crf):
    """A stay in hospital, or a visit to the emergency room. Watching after a dose has a form of its own (MON)."""

    code = "HO"
    area = "Safety"
    domain = "HO"
    dated_by = "admitted_on"
    fact = safety_facts.HospitalStay
    sections = (
        Section("Stay", "kind", "reason", "planned", "event", "prolonged", "prolonged_by"),
        Section("Time", "admitted_on", "admitted_time", "ongoing", "discharged_on", "discharged_time"),
    )
    asks_if = {
        "event": AskedIf("planned", YesNo.NO),
        "prolonged_by": AskedIf("prolonged", YesNo.YES),
        "discharged_on": AskedIf("ongoing", YesNo.NO),
        "discharged_time": AskedIf("ongoing", YesNo.NO),
    }
    required = ("kind", "planned", "prolonged", "prolonged_by", "admitted_on", "ongoing", "discharged_on")
    exports = {
        "kind": "HODECOD", "reason": "HOREAS", "planned": "HOPLAN", "event": "HOAENO", "prolonged": "HOPROL",
        "prolonged_by": "HOPRAENO", "admitted_on": "HOSTDAT", "admitted_time": "HOSTTIM", "ongoing": "HOONGO",
        "discharged_on": "HOENDAT", "discharged_time": "HOENTIM",
    }  # fmt: skip

    kind = CodeField("What was it?", codelist=codelists.Stay)
    reason = WordsField("Reason")
    planned = yes_no("Was it planned, by the protocol or for a procedure?")
    event = LinkField("Adverse event that led to it", to="AE", help_text="Empty when no event did")
    prolonged = yes_no("Did an adverse event make it longer?")
    prolonged_by = LinkField("Adverse event that made it longer", to="AE")
    admitted_on = PartialDateField("Date of admission", past=True, least="month")
    admitted_time = ClockTimeField("Time of admission", on="admitted_on", help_text="If known")
    ongoing = yes_no("Still there?")
    discharged_on = PartialDateField("Date of discharge", past=True, least="month", after="admitted_on")
    discharged_time = ClockTimeField("Time of discharge", on="discharged_on", help_text="If known")

    class Meta:
        verbose_name = "Hospital stay"
        verbose_name_plural = "Hospital stays"
        constraints = numbered("HO")


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
    sections = (Section("Death", "died_on", "cause", "event", "autopsy", "details"),)
    asks_if = {"event": AskedIf("cause", DeathCause.ADVERSE_EVENT)}
    required = ("died_on", "cause", "event", "autopsy")
    exports = {"died_on": "DTHDAT", "cause": "PRCDTH", "event": "DDAENO", "autopsy": "AUTOPIND", "details": "DDORRES"}

    died_on = PartialDateField("Date of death", least="month", db_comment="Date of death")
    cause = CodeField("Primary cause", codelist=codelists.DeathCause, db_comment="Primary cause of death")
    event = LinkField("Adverse event that the patient died of", to="AE", help_text="Enter the event first; then it stands on this list")
    autopsy = yes_no("Was there an autopsy?")
    details = models.TextField("Details", blank=True, default="", db_comment="Details in words")

    class Meta:
        verbose_name = "Death"
        verbose_name_plural = "Deaths"
        constraints = one_per_visit("DD")
