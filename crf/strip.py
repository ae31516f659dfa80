"""The patient strip: what stands on top of every page that belongs to a patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from audit import clock
from crf import registry
from crf.facts import load_case
from patients.models import Patient
from protocol import facts
from protocol.dates import full_years, show
from protocol.engine import Case
from protocol.schedule import calendar
from review.models import Query, QueryStatus


@dataclass
class Strip:
    number: str
    site: str
    age_sex: str
    status: str
    status_icon: str
    study_day: str
    last_dose: str
    next_due: str
    open_queries: int | None
    sae_clock: str
    sae_url: str
    sae_due: datetime | None
    url: str
    enrolment: str
    zone: str


NEEDS = ("DM", "IC", "EC")


def strip(patient: Patient, found: list | None = None, asked: int | None = None, case: Case | None = None, *, sees_all: bool = True) -> Strip:
    """The strip of a patient; headers, the count of open queries and the case save queries when the caller has them.

    Who does not see everything (a pharmacist) is shown what a dose needs: neither person, nor queries, nor events.
    """
    found = registry.headers([patient.pk]) if found is None else found
    case = case or load_case(patient, NEEDS)
    if asked is None:
        asked = Query.objects.filter(patient=patient).exclude(status=QueryStatus.CLOSED).count()
    status, kind = registry.patient_status(patient, found)
    if sees_all and status == registry.NEVER_DOSED:
        status += _why_never_dosed(patient)
    clock_text, clock_url, clock_due = _clock(patient, found) if sees_all else ("", "", None)
    doses = [dose for dose in case.of("EC") if isinstance(dose, facts.Dose)]
    return Strip(
        patient.number, f"{patient.site.code} {patient.site.city}", _age_sex(case) if sees_all else "", status, kind,
        _study_day(doses, case.clock.today), _last(doses), _next(doses, has_ended(found), patient),
        asked if sees_all else None, clock_text, clock_url, clock_due, reverse("patient", args=[patient.number]),
        f"No. {patient.enrolment_number}" if patient.enrolment_number else "", patient.site.time_zone,
    )  # fmt: skip


def has_ended(found: list) -> bool:
    """Has treatment been stopped for good?"""
    return any(each.form == "EOT" and not each.voided for each in found)


def _why_never_dosed(patient: Patient) -> str:
    """When and why treatment ended before it began."""
    end = registry.form("EOT").objects.filter(patient=patient, voided=False).first()
    words = [registry.display("EOT", name, getattr(end, name)) for name in ("ended_on", "reason")] if end else []
    return f" ({', '.join(filter(None, words))})" if any(words) else ""


def _age_sex(case: Case) -> str:
    people, consents = case.of("DM"), case.of("IC")
    if not people:
        return ""
    person = people[0]
    ages = full_years(person.birth_date, consents[0].patient_signed_on) if consents else None
    age = "" if ages is None else str(ages[0]) if ages[0] == ages[1] else f"{ages[0]}–{ages[1]}"
    return " ".join(part for part in (f"{age} y" if age else "", person.sex) if part)


def _given(doses) -> list:
    return [dose for dose in doses if dose.occurrence == "GIVEN" and dose.given_on and dose.given_on.known]


def _study_day(doses, today: date) -> str:
    first = min((dose.given_on.known for dose in _given(doses)), default=None)
    return f"Day {(today - first).days + 1}" if first and today >= first else ""


def _last(doses) -> str:
    given = _given(doses)
    if not given:
        return ""
    last = max(given, key=lambda dose: dose.given_on.known)
    return f"{last.visit} {show(last.given_on.text)}"


def _next(doses, ended: bool, patient: Patient) -> str:
    if ended or patient.enrolment_number is None:
        return ""
    rows = [row for row in calendar(doses, ended=ended) if row.status not in ("given", "omitted")]
    if not rows:
        return ""
    return f"{rows[0].label}{f' {show(rows[0].planned.isoformat())}' if rows[0].planned else ''}"


def _clock(patient: Patient, found: list) -> tuple[str, str, datetime | None]:
    """The most urgent event whose report has not been sent: in words, where it stands, and when it is due."""
    present = {each.form for each in found if not each.voided}
    records = [
        each for form in registry.forms() if form.unreported and form.code in present
        for each in form.objects.filter(patient=patient, voided=False, **form.unreported).order_by("id")
    ]  # fmt: skip
    for each in records:
        each.patient = patient  # with its site, already read
    waiting = [(due, each) for each in records if (due := each.report_due()) is not None]
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
