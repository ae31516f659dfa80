"""The patient strip: what stands on top of every page that belongs to a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from audit import clock
from crf import registry
from crf.facts import load_case
from patients.models import Patient
from protocol.dates import full_years
from protocol.engine import Case
from review.models import Query, QueryStatus


@dataclass
class Strip:
    """What templates/components/patient_strip.html shows. A form sets some of it by its own ``Crf.strip``."""

    number: str
    site: str
    age_sex: str
    status: str
    status_icon: str
    study_day: str = ""
    last_dose: str = ""
    next_due: str = ""
    open_queries: int | None = None
    events: int | None = None
    events_url: str = ""
    sae_clock: str = ""
    sae_url: str = ""
    sae_due: datetime | None = None
    url: str = ""
    enrolment: str = ""
    zone: str = ""


def needs() -> list[str]:
    """The forms that the strip reads: its own, and those of the forms that contribute to it."""
    return sorted({"DM", "IC"}.union(*(form.strip_needs for form in registry.forms())))


def strip(patient: Patient, found: list | None = None, asked: int | None = None, case: Case | None = None, *, sees_all: bool = True) -> Strip:
    """The strip of a patient; headers, the count of open queries and the case save queries when the caller has them.

    Who does not see everything (a pharmacist) is shown what a dose needs: neither person, nor queries, nor events.
    """
    found = registry.headers([patient.pk]) if found is None else found
    case = case or load_case(patient, needs())
    if asked is None:
        asked = Query.objects.filter(patient=patient).exclude(status=QueryStatus.CLOSED).count()
    status, kind = registry.patient_status(patient, found)
    clock_text, clock_url, clock_due = _clock(patient, found) if sees_all else ("", "", None)
    shown = Strip(
        patient.number, f"{patient.site.code} {patient.site.city}", _age_sex(case) if sees_all else "", status, kind,
        open_queries=asked if sees_all else None, sae_clock=clock_text, sae_url=clock_url, sae_due=clock_due,
        url=reverse("patient", args=[patient.number]),
        enrolment=f"No. {patient.enrolment_number}" if patient.enrolment_number else "", zone=patient.site.time_zone,
    )  # fmt: skip
    for form in registry.forms():
        for name, words in form.strip(patient, case, found, status=status, sees_all=sees_all).items():
            setattr(shown, name, words)
    return shown


def _age_sex(case: Case) -> str:
    people, consents = case.of("DM"), case.of("IC")
    if not people:
        return ""
    person = people[0]
    ages = full_years(person.birth_date, consents[0].patient_signed_on) if consents else None
    age = "" if ages is None else str(ages[0]) if ages[0] == ages[1] else f"{ages[0]}–{ages[1]}"
    return " ".join(part for part in (f"{age} y" if age else "", person.sex) if part)


def _clock(patient: Patient, found: list) -> tuple[str, str, datetime | None]:
    """The most urgent event whose report has not been sent: in words, where it stands, and when it is due."""
    present = {each.form for each in found if not each.voided}
    waiting = []
    for form in registry.forms():
        if not form.unreported or form.code not in present:
            continue
        records = list(form.objects.filter(patient=patient, voided=False, **form.unreported).order_by("id"))
        for each in records:
            each.patient = patient  # with its site, already read
        due_at = form.reports_due(records)
        waiting += [(due_at[each.pk], each) for each in records if each.pk in due_at]
    if not waiting:
        return "", "", None
    due, event = min(waiting, key=lambda each: each[0])
    return span_words(due, clock.now()), reverse("record", args=[patient.number, event.code, event.row]), due


def span_words(due: datetime, now: datetime) -> str:
    """'report due in 20 h', 'report 45 min late', 'report 5 days late'; static/js/clock.js says the same as time goes on."""
    left = abs(due - now).total_seconds()
    minutes, hours = int(left // 60), left / 3600
    words = f"{minutes} min" if hours < 1 else f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
    return f"report due in {words}" if due >= now else f"report {words} late"
