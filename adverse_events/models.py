"""Adverse events: the log, and the question that makes an empty log mean something."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from accounts import outbox
from accounts.roles import Role
from adverse_events import course
from audit import clock
from crf.declare import AskedIf, Next, Section
from crf.fields import ClockTimeField, CodeField, PartialDateField
from crf.models import Crf, numbered, one_per_visit
from crf.widgets import TypeAhead
from protocol import codelists, facts, parameters
from protocol.codelists import ActionTaken, YesNo
from protocol.rules.event_links import NO_INTEREST
from protocol.terms import scale_for
from protocol.visits import DOSES, UNSCHEDULED


def _yes(question: str, comment: str) -> CodeField:
    return CodeField(question, codelist=YesNo, max_length=1, db_comment=comment)


def special_interests() -> list[tuple[str, str]]:
    """The answers to the question, from the parameter; 'none of them' is one that somebody gives."""
    named = parameters.value("special_interest")
    return [(NO_INTEREST, "No, none of these"), *(named.items() if isinstance(named, dict) else ())]


IF_SERIOUS = AskedIf("serious", YesNo.YES)


class AdverseEvent(Crf):
    """One event, from onset to outcome. Serious = yes starts the clock and the mail at the first save, draft or not."""

    code = "AE"
    area = "Safety"
    domain = "AE"
    log_page = "events"
    dated_by = "started_on"
    fact = facts.AdverseEvent
    sections = (
        Section("Event", "term", "term_specify", "scale", "grade", "special_interest"),
        Section("Course", "started_on", "started_time", "baseline", "worsened", "ongoing", "ended_on", "ended_time", "outcome"),
        Section("Tarlatamab and treatment", "relationship", "action_taken", "left_study", "treatment_given", "other_action"),
        Section(
            "Seriousness", "serious", "is_death", "is_life_threatening", "is_hospitalisation", "stay_planned",
            "is_disability", "is_congenital", "is_medically_important", "aware_on", "aware_time",
        ),
    )  # fmt: skip
    asks_if = {
        "worsened": AskedIf("baseline", YesNo.YES),
        "left_study": AskedIf("action_taken", ActionTaken.WITHDRAWN, ActionTaken.NOT_APPLICABLE, ActionTaken.UNKNOWN),
        "ended_on": AskedIf("ongoing", YesNo.NO),
        "ended_time": AskedIf("ongoing", YesNo.NO),
        "is_death": IF_SERIOUS,
        "is_life_threatening": IF_SERIOUS,
        "is_hospitalisation": IF_SERIOUS,
        "stay_planned": AskedIf("is_hospitalisation", YesNo.YES),
        "is_disability": IF_SERIOUS,
        "is_congenital": IF_SERIOUS,
        "is_medically_important": IF_SERIOUS,
        "aware_on": IF_SERIOUS,
        "aware_time": IF_SERIOUS,
    }
    required = ("term", "scale", "grade", "special_interest", "started_on", "baseline", "worsened", "ongoing", "serious",
                "relationship", "action_taken", "left_study", "treatment_given", "outcome", "aware_on", "aware_time")  # fmt: skip
    exports = {
        "term": "AETERM",
        "term_specify": "AETERMSP",
        "scale": "AESCALE",
        "grade": "AESTGR",
        "special_interest": "AESI",
        "baseline": "AEBLCOND",
        "worsened": "AEBLWORS",
        "started_on": "AESTDAT",
        "started_time": "AESTTIM",
        "ongoing": "AEONGO",
        "ended_on": "AEENDAT",
        "ended_time": "AEENTIM",
        "outcome": "AEOUT",
        "relationship": "AEREL",
        "action_taken": "AEACN",
        "left_study": "AEDIS",
        "treatment_given": "AECONTRT",
        "other_action": "AEACNOTH",
        "serious": "AESER",
        "is_death": "AESDTH",
        "is_life_threatening": "AESLIFE",
        "is_hospitalisation": "AESHOSP",
        "stay_planned": "AESHOSPP",
        "is_disability": "AESDISAB",
        "is_congenital": "AESCONG",
        "is_medically_important": "AESMIE",
        "aware_on": "AEAWDAT",
        "aware_time": "AEAWTIM",
        "serious_saved_at": "AESERDTC",
        "reported_at": "AEREPDTC",
    }
    brings = ("term", "started_on")
    options_from = {"grade": ("term:term scale:scale", "/terms/grades/")}
    unreported = {"serious": YesNo.YES, "reported_at__isnull": True}
    system_fields = ("serious_saved_at", "reported_at")

    term = models.CharField("Event", max_length=200, blank=True, default="", help_text="Type a few letters: CTCAE v5 terms and everyday words", db_comment="CTCAE v5.0 term, or a term of the trial")  # fmt: skip  # noqa: E501
    term_specify = models.CharField("If “Other, specify”: which event", max_length=200, blank=True, default="", db_comment="Event in words")  # fmt: skip  # noqa: E501
    scale = CodeField("Grading scale", codelist=codelists.Scale, db_comment="Scale that the grade belongs to")
    grade = CodeField("Grade when it began", codelist=codelists.Grade, max_length=1, help_text="Later grades are added as changes of grade; the worst one follows from them", db_comment="Grade at the onset, 1 to 5")  # fmt: skip  # noqa: E501
    special_interest = CodeField("Event of special interest?", choices=special_interests(), db_comment="Event of special interest, parameter special_interest")  # fmt: skip  # noqa: E501
    started_on = PartialDateField("Start date", least="year", db_comment="Date of onset")
    started_time = ClockTimeField("Start time", help_text="If known", db_comment="Time of onset at the site")
    baseline = _yes("Was the condition there before the first dose?", "Condition present before the first dose")
    worsened = _yes("Has it got worse since?", "Baseline condition that got worse")
    ongoing = _yes("Still going on?", "Ongoing")
    ended_on = PartialDateField("End date", least="year", db_comment="End date")
    ended_time = ClockTimeField("End time", help_text="If known", db_comment="End time at the site")
    outcome = CodeField("Outcome", codelist=codelists.Outcome, db_comment="Outcome, CDISC C66768")
    relationship = CodeField("Could tarlatamab have caused it?", codelist=codelists.Relationship, db_comment="Reasonable possibility, investigator's judgement")  # fmt: skip  # noqa: E501
    action_taken = CodeField("Action taken with tarlatamab", codelist=codelists.ActionTaken, db_comment="Action taken, CDISC C66767")  # fmt: skip  # noqa: E501
    left_study = _yes("Did it make the patient leave the trial?", "Led to discontinuation of the trial")
    treatment_given = _yes("Was a medication given for it?", "Treated with a medication")
    other_action = models.CharField("Other action because of it", max_length=200, blank=True, default="", help_text="Such as oxygen or a procedure; medication stands in its log", db_comment="Other action taken, in words")  # fmt: skip  # noqa: E501
    serious = _yes("Serious?", "Serious event")
    is_death = _yes("It led to death", "Results in death")
    is_life_threatening = _yes("The patient was at risk of death at the time", "Is life-threatening")
    is_hospitalisation = _yes("It led to a hospital stay, or made one longer", "Requires or prolongs hospitalisation")
    stay_planned = _yes("Was the stay planned, as the protocol foresees?", "Hospital stay planned per protocol")
    is_disability = _yes("It led to lasting or significant disability", "Disability or incapacity")
    is_congenital = _yes("It is a congenital anomaly or birth defect", "Congenital anomaly")
    is_medically_important = _yes("It is another medically important event", "Other medically important event")
    aware_on = PartialDateField("Date the site learned that it is serious", db_comment="Date of awareness of seriousness")
    aware_time = ClockTimeField("Time the site learned it", db_comment="Time of awareness of seriousness at the site")
    serious_saved_at = models.DateTimeField("First saved as serious", null=True, editable=False, db_comment="When Serious = yes was first saved, UTC")  # fmt: skip  # noqa: E501
    reported_at = models.DateTimeField("Reported to the safety desk", null=True, editable=False, db_comment="When the site reported it, UTC")  # fmt: skip  # noqa: E501

    class Meta:
        verbose_name = "Adverse event"
        verbose_name_plural = "Adverse events"
        constraints = numbered("AE")

    @classmethod
    def adapt(cls, form, patient) -> None:
        form.fields["term"].widget = TypeAhead(reverse("terms"))
        if form.instance.pk is None and form.initial.get("term"):  # an address has brought the term
            form.initial["scale"] = scale_for(form.initial["term"]).value

    @classmethod
    def strip(cls, patient, case, headers, *, status: str, sees_all: bool) -> dict[str, object]:
        """How many events there are, and the page of all of them."""
        if not sees_all:
            return {}
        known = sum(each.form == cls.code and not each.voided for each in headers)
        return {"events": known, "events_url": cls.log_url(patient.number)}

    @classmethod
    def page_extras(cls, user, record) -> dict:
        from adverse_events.case_page import note

        return {**note(user, record), **course.for_event(record)}

    def follows(self) -> Next | None:
        return course.first_assessment(self)

    def saving(self) -> None:
        """The first save as serious starts the clock, draft or not."""
        if self.serious == YesNo.YES and self.serious_saved_at is None:
            self.serious_saved_at = clock.now()

    def saved(self, before) -> None:
        """… and writes the mail, in this transaction."""
        if self.serious_saved_at is not None and before.get("serious_saved_at") is None:
            post_serious_mail(self)

    @classmethod
    def reports_due(cls, records):
        from adverse_events.case import waiting_until

        return waiting_until(records)


def link_to(event: AdverseEvent) -> str:
    """The whole address of an event, for a mail: number in, nothing about the patient."""
    return settings.SITE_URL + reverse("safety_event", args=[event.pk])


def post_serious_mail(event: AdverseEvent) -> None:
    """Tell the safety desk that there is something to read; the mail says where, not what."""
    outbox.post(
        key=f"serious-{event.pk}", to_role=Role.SAFETY_DESK, subject="START-lung: a serious event was entered",
        body=(
            "A serious adverse event was saved for the first time.\n\n"
            f"Read it at: {link_to(event)}\n\n"
            "This mail holds no patient data. Log in to read the event."
        ),
    )  # fmt: skip


class EventsAsked(Crf):
    """Were there adverse events since the last visit?"""

    code = "AEYN"
    area = "Safety"
    visits = (*DOSES, "EOT", *UNSCHEDULED)  # repeated doses among them; what comes later is entered as it is learned
    domain = "AE"
    dated_by = "any_events"
    fact = facts.EventsAsked
    sections = (Section("Since the last visit", "any_events"),)
    required = ("any_events",)
    exports = {"any_events": "AEYN"}

    any_events = _yes("Were there any adverse events since the last visit?", "Any adverse events")

    class Meta:
        verbose_name = "Adverse events asked for"
        verbose_name_plural = "Adverse events asked for"
        constraints = one_per_visit("AEYN")


from adverse_events import abnormalities, grades, pregnancy, reports, syndromes  # noqa: E402, F401  more models of this app
