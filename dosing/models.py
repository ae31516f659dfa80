"""Tarlatamab: each dose, the monitoring after it, and the interruption and end of treatment."""

from __future__ import annotations

from django.db import models

from crf.declare import AskedIf, Section, Status
from crf.fields import (
    ClockTimeField,
    CodeField,
    LinkField,
    MissingReasonField,
    NumberField,
    PartialDateField,
    WordsField,
    yes_no,
)
from crf.models import Crf, numbered, one_per_visit
from protocol import codelists, event_grades, facts
from protocol.codelists import DoseOccurrence, DoseReason, EndOfTreatmentReason, Interruptions, YesNo
from protocol.exposure import contraception_until, last_given
from protocol.visits import DOSES

IF_GIVEN = AskedIf("occurrence", DoseOccurrence.GIVEN)
_TIME = "Time at the site; UNK when nobody knows it"


def _asked_after(number: int) -> AskedIf:
    """The times of the n-th interruption are asked when there were at least so many."""
    return AskedIf("interruptions", *[each for each in Interruptions if each.value >= str(number)])


class Administration(Crf):
    """One dose: given, delayed (it keeps its label) or omitted (it uses its label up). A repeated step-up dose has no label."""

    code = "EC"
    area = "Tarlatamab"
    visits = DOSES
    domain = "EC"
    dated_by = "given_on"
    fact = facts.Dose
    says = Status(20, "On treatment", "progress", when=IF_GIVEN, drafts=True)  # as the dose calendar reads it
    panel_template = "dosing/calendar.html"
    panel_needs = ("EC", "AE", *event_grades.FORMS, "SCAN", "PD")
    for_pharmacy = True
    kept_from_pharmacy = ("reason", "reason_event", "reason_details", "stop_reason", "reaction", "reaction_event")
    sections = (
        Section("This dose", "occurrence"),
        Section("Delay or omission", "reason", "reason_event", "reason_details"),
        Section("Preparation", "prepared_mg", "vials", "prepared_by", "premedication"),
        Section("Infusion", "given_on", "start_time", "ended_on", "end_time", "given_by", "completed", "stop_reason", "dose_mg",
                "volume_ml", "hydration"),
        Section("Interruptions", "interruptions", "stopped_1", "restarted_1", "stopped_2", "restarted_2", "stopped_3", "restarted_3"),
        Section("Reaction", "reaction", "reaction_event"),
    )  # fmt: skip
    asks_if = {
        "reason_event": AskedIf("reason", DoseReason.ADVERSE_EVENT),
        **dict.fromkeys(
            ("prepared_mg", "vials", "prepared_by", "premedication", "given_on", "start_time", "ended_on", "end_time", "given_by",
             "completed", "dose_mg", "dose_mg_missing", "volume_ml", "hydration", "interruptions", "reaction"), IF_GIVEN),
        "stop_reason": AskedIf("completed", YesNo.NO),
        **{f"{what}_{n}": _asked_after(n) for n in (1, 2, 3) for what in ("stopped", "restarted")},
        "reaction_event": AskedIf("reaction", YesNo.YES),
    }  # fmt: skip
    required = ("occurrence", "given_on", "start_time", "end_time", "dose_mg", "volume_ml", "prepared_by", "given_by",
                "completed", "stop_reason", "interruptions",
                "stopped_1", "restarted_1", "stopped_2", "restarted_2", "stopped_3", "restarted_3", "reaction", "reaction_event",
                "reason_event")  # fmt: skip
    exports = {
        "occurrence": "ECOCCUR", "reason": "ECREASOC", "reason_event": "ECAENO", "reason_details": "ECREASDT",
        "prepared_mg": "ECPREPDS", "vials": "ECREFID", "prepared_by": "ECPREPBY", "premedication": "ECPREMED",
        "given_on": "ECSTDAT", "start_time": "ECSTTIM", "ended_on": "ECENDAT", "end_time": "ECENTIM", "given_by": "ECGIVBY",
        "completed": "ECCOMPL", "stop_reason": "ECSTOPRS", "dose_mg": "ECDSTXT", "dose_mg_missing": "ECREASND",
        "volume_ml": "ECVAMT", "hydration": "ECHYDR", "interruptions": "ECITRPN",
        **{f"{what}_{n}": f"EC{code}T{n}" for n in (1, 2, 3) for what, code in (("stopped", "STOP"), ("restarted", "REST"))},
        "reaction": "ECREACT", "reaction_event": "ECREACNO",
    }  # fmt: skip

    occurrence = CodeField("What happened to this dose?", codelist=DoseOccurrence, db_comment="Given, delayed or omitted")  # fmt: skip  # noqa: E501
    reason = CodeField("Reason, when it was delayed or omitted", codelist=codelists.DoseReason, help_text="Keep it when a delayed dose is given at last", db_comment="Reason for delay or omission")  # fmt: skip  # noqa: E501
    reason_event = LinkField("Adverse event that caused it", to="AE", help_text="Enter the event first; then it stands on this list")
    reason_details = models.CharField("Reason in words", max_length=400, blank=True, default="", db_comment="Reason in words")  # fmt: skip  # noqa: E501
    prepared_mg = NumberField("Dose prepared", unit="mg", least=0, most=9999)
    vials = models.CharField("Vials", max_length=400, blank=True, default="", help_text="Numbers as printed, with ; between them. Lot and expiry are in the pharmacy's account", db_comment="Numbers of the vials")  # fmt: skip  # noqa: E501
    prepared_by = CodeField("Prepared by", codelist=codelists.Preparer)
    premedication = yes_no("Premedication given", help_text="Enter what was given in the medication log, once, and link it to this dose")  # fmt: skip  # noqa: E501
    given_on = PartialDateField("Date of the infusion", db_comment="Date of the infusion")
    start_time = ClockTimeField("Start", help_text=_TIME, db_comment="Start of the infusion, time at the site")
    ended_on = PartialDateField("Date of its end", help_text="Only when it ended after midnight", db_comment="Date of the end of the infusion, when another day")  # fmt: skip  # noqa: E501
    end_time = ClockTimeField("End", help_text=_TIME, db_comment="End of the infusion, time at the site")
    given_by = CodeField("Given by", codelist=codelists.Giver)
    completed = yes_no("Was the whole infusion given?")
    stop_reason = CodeField("Why it was not finished", codelist=codelists.StopReason)
    dose_mg = NumberField("Dose given", unit="mg", least=0, most=9999, decimal_places=2, help_text="What the patient really received", db_comment="Dose given, mg")  # fmt: skip  # noqa: E501
    dose_mg_missing = MissingReasonField(of="dose_mg")
    volume_ml = NumberField("Volume given", unit="mL", least=0, most=5000, max_digits=6)
    hydration = yes_no("Intravenous fluid given after it", help_text="Enter it in the medication log, and link it to this dose")
    interruptions = CodeField("How often was it stopped and started again?", codelist=Interruptions, max_length=1)
    stopped_1 = ClockTimeField("First stop", help_text=_TIME)
    restarted_1 = ClockTimeField("Started again", help_text=_TIME, db_comment="Started again after the first stop")
    stopped_2 = ClockTimeField("Second stop", help_text=_TIME)
    restarted_2 = ClockTimeField("Started again", help_text=_TIME, db_comment="Started again after the second stop")
    stopped_3 = ClockTimeField("Third stop", help_text=_TIME)
    restarted_3 = ClockTimeField("Started again for good", help_text=_TIME, db_comment="Started again for good")
    reaction = yes_no("Did the patient react during the infusion?")
    reaction_event = LinkField("Adverse event of the reaction", to="AE", help_text="Enter the event first; then it stands on this list")

    class Meta:
        verbose_name = "Tarlatamab administration"
        verbose_name_plural = "Tarlatamab administrations"
        constraints = one_per_visit("EC")

    def saved(self, before) -> None:
        """The drug account follows: the vials that this infusion used, none any more when it is void or was not given."""
        from dosing.accountability import record_uses

        given = self.occurrence == DoseOccurrence.GIVEN and not self.voided
        if given and self.vials or before.get("vials"):
            record_uses(patient=self.patient, visit=self.slot, numbers=self.vials if given else "", on=self.given_on)

    @classmethod
    def panel(cls, patient, case, headers, *, sees_all: bool, may_enter: bool):
        from dosing.calendar import dose_calendar

        return dose_calendar(patient, case, headers, sees_all=sees_all, may_enter=may_enter)


class Monitoring(Crf):
    """How long and where the patient was watched after a dose."""

    code = "MON"
    area = "Tarlatamab"
    visits = DOSES
    domain = "PR"
    dated_by = "started_on"
    fact = facts.Monitoring
    sections = (
        Section("Watched in a healthcare setting", "place", "started_on", "started_time", "ended_on", "ended_time"),
        Section("Besides", "stayed_near", "event"),
    )
    required = ("place", "started_on", "started_time", "ended_on", "ended_time")
    exports = {"place": "PRLOC", "started_on": "PRSTDAT", "started_time": "PRSTTIM", "ended_on": "PRENDAT", "ended_time": "PRENTIM",
               "stayed_near": "PRNEAR", "event": "PRAENO"}  # fmt: skip

    place = CodeField("Where", codelist=codelists.MonitoringPlace)
    started_on = PartialDateField("Watched from", past=True)
    started_time = ClockTimeField("Time", on="started_on", help_text=_TIME, db_comment="Time at which it began, at the site")
    ended_on = PartialDateField("Watched until", past=True, after="started_on")
    ended_time = ClockTimeField("Time of its end", on="ended_on", help_text=_TIME)
    stayed_near = yes_no("Stayed within an hour of a hospital, with somebody, for 48 hours in all", help_text="Asked at C1D1, C1D8 and repeated step-up (label)")  # fmt: skip  # noqa: E501
    event = LinkField("Adverse event that made it longer", to="AE", help_text="Only when it lasted longer than planned")

    class Meta:
        verbose_name = verbose_name_plural = "Monitoring after the dose"
        constraints = one_per_visit("MON")


class TreatmentHold(Crf):
    """Tarlatamab is interrupted for a while; doses meanwhile are delayed or omitted on their own forms."""

    code = "HOLD"
    area = "Tarlatamab"
    domain = "DS"
    dated_by = "decided_on"
    fact = facts.TreatmentHold
    sections = (Section("Treatment interrupted", "decided_on", "reason", "event", "details"), Section("Resumed", "resumed", "resumed_on"))
    asks_if = {"event": AskedIf("reason", DoseReason.ADVERSE_EVENT), "resumed_on": AskedIf("resumed", YesNo.YES)}
    required = ("decided_on", "reason", "event", "resumed", "resumed_on")
    exports = {"decided_on": "DSSTDAT", "reason": "DSDECOD", "event": "DSAENO", "details": "DSTERM", "resumed": "DSRESUM",
               "resumed_on": "DSENDAT"}  # fmt: skip

    decided_on = PartialDateField("Date of the decision to interrupt", past=True)
    reason = CodeField("Reason", codelist=codelists.DoseReason)
    event = LinkField("Adverse event that caused it", to="AE")
    details = WordsField("Details")
    resumed = yes_no("Has treatment been resumed?")
    resumed_on = PartialDateField("Date of the decision to resume", past=True, after="decided_on")

    class Meta:
        verbose_name = "Interruption of treatment"
        verbose_name_plural = "Interruptions of treatment"
        constraints = numbered("HOLD")


class EndOfTreatment(Crf):
    """Permanent discontinuation of tarlatamab. The last dose and what follows from it are worked out, not asked."""

    code = "EOT"
    area = "Tarlatamab"
    visits = ("EOT",)
    domain = "DS"
    dated_by = "ended_on"
    fact = facts.EndOfTreatment
    if_needed = True
    says = Status(30, "Off treatment", "neutral")
    sections = (Section("End of treatment", "ended_on", "reason", "event", "details"),)
    asks_if = {"event": AskedIf("reason", EndOfTreatmentReason.TOXICITY)}
    required = ("ended_on", "reason", "event")
    computes_from = ("EC",)
    exports = {"ended_on": "DSSTDAT", "reason": "DSDECOD", "event": "DSAENO", "details": "DSTERM"}

    ended_on = PartialDateField("Date of the decision to stop for good", db_comment="Date of permanent discontinuation")
    reason = CodeField("Main reason", codelist=codelists.EndOfTreatmentReason, db_comment="Reason, CDISC C66727")
    event = LinkField("Adverse event that led to it", to="AE", help_text="The event's action is then “drug withdrawn for good”")
    details = models.TextField("Details", blank=True, default="", db_comment="Details in words")

    class Meta:
        verbose_name = "End of treatment"
        verbose_name_plural = "Ends of treatment"
        constraints = one_per_visit("EOT")

    def computed(self, case) -> dict[str, tuple[str, str]]:
        return {"ended_on": ("neutral", words)} if (words := after_last_dose(case.of("EC"))) else {}


def after_last_dose(doses) -> str:
    """The last dose, and until when contraception lasts and a pregnancy is reported."""
    last = last_given(doses)
    if last is None:
        return "No dose was given."
    return (
        f"Last dose: {last.visit} on {last.given_on}. Contraception lasts to {contraception_until(doses)}; a pregnancy conceived, "
        "or an exposure, up to that day is reported."
    )


from dosing import stock  # noqa: E402, F401  more models of this app
