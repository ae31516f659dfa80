"""Every step of a report: the site sends, the desk reads, asks, assesses and closes, the investigator signs. docs/adr/0027.

Each is one transaction that holds the patient, so that a report and a save of the same patient wait for each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import Http404
from django.urls import reverse

from accounts import outbox
from accounts.access import actor_for, check, grants, holding_today
from accounts.models import Membership, Site
from accounts.roles import Permission, Role
from adverse_events import case_states as states
from adverse_events.case import FORMS, Case, case_of
from adverse_events.case_states import Act
from adverse_events.report_content import Content
from adverse_events.reports import AuthorityReport, RsiVersion, SafetyCase, SafetyReport, SponsorAssessment
from audit import clock
from audit.context import acting
from crf import registry
from patients.access import patient_for
from patients.models import Patient
from protocol.clocks import day_zero
from protocol.codelists import Relationship, YesNo
from protocol.dates import Moment, moment_of
from protocol.report_codelists import CaseStatus, Expectedness, ReportCategory, ReportChannel, Reporter
from review.actions import raise_query
from review.deviations import WORDS, NotDone
from review.models import RaisedFor
from review.signatures import prove, sign
from review.texts import storable

SOURCE = "safety report"
SITE_ROLES = (Role.INVESTIGATOR, Role.COORDINATOR)  # who is mailed at a site
CHANGED = "Somebody else has changed this since you opened the page. Read it as it is now, then act again."


def _few(text: str) -> bool:
    return len(text.split()) < WORDS


@contextmanager
def _held(user, given: Case, reason: str = "", source: str = SOURCE) -> Iterator[Case]:
    """The case as it stands now, the patient held, inside one act of the person."""
    with acting(actor_for(user, given.patient.site), reason=reason, source=source):
        patient = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=given.patient.pk)
        record = FORMS[given.form].objects.select_related("visit").get(pk=given.record.pk)
        record.patient = patient
        yield case_of(record)


def _refuse(user, case: Case, act: Act) -> None:
    """PermissionDenied or NotDone unless the person can do this now."""
    states.check_right(user, case, act)
    if sentence := states.why_not(case, act):
        raise NotDone({"": sentence})


# ---- the site sends ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """What is typed on the page of a report; ``other_on`` and ``other_time`` are text as a form cleans it."""

    narrative: str = ""
    reporter: str = ""
    late_reason: str = ""
    reason: str = ""
    other_on: str = ""
    other_time: str = ""
    other_channel: str = ""


def send_report(*, user, number: str, form: str, row: int, typed: Typed, base: int) -> SafetyReport:
    """Send the next version of a report: the initial one, a follow-up, or the nullification of a voided event.

    Nothing that is missing holds it back. ``base``: the number of the last version that the page knew (0: none). Raises
    Http404, PermissionDenied, and NotDone with every fault; the same click twice sends once.
    """
    patient = patient_for(user, number, Permission.REPORT)
    if form not in FORMS:
        raise Http404("Such records are not reported.")
    with acting(actor_for(user, patient.site), reason="report to the safety desk", source=SOURCE):
        patient = patient_for(user, number, Permission.REPORT, lock=True)
        record = FORMS[form].objects.filter(patient=patient, row=row).first()
        if record is None:
            raise Http404("There is no such event.")
        record.patient = patient
        return _send(user, case_of(record), typed, base)


def _send(user, case: Case, typed: Typed, base: int) -> SafetyReport:
    typed = Typed(**{name: storable(value) for name, value in vars(typed).items()})
    last = case.last
    if last is not None and last.number != base:
        if (last.number, last.sent_by, last.narrative) == (base + 1, user.username, typed.narrative):
            return last  # the same click twice
        raise NotDone({"": f"Version {last.number} was sent by {last.sent_name} after you opened this page. Look at what is new since then."})
    category = category_of(case)
    if refusal := why_nothing_is_sent(case):
        raise NotDone({"": refusal})
    if faults := _faults(case, category, typed):
        raise NotDone(faults)
    if typed.other_on:
        _store_other(case, typed, confirmed_by="")
    report = _report(user, case, category, typed)
    if case.record.reported_at is None:
        case.record.reported_at = report.sent_at
        case.record.save()
    report.record_version = case.record.version
    report.save()
    if case.status is CaseStatus.CLOSED:
        _set_status(case, CaseStatus.OPEN, f"Version {report.number} was sent after the case was closed.")
    _tell_desk_of(case, report)
    return report


def category_of(case: Case) -> ReportCategory:
    """What the next version is."""
    if case.needs_nullification:
        return ReportCategory.NULLIFICATION
    return ReportCategory.AMENDMENT if case.versions else ReportCategory.ORIGINAL


def why_nothing_is_sent(case: Case) -> str:
    """The sentence that says why no version can be sent now, whatever is typed, or ''."""
    if case.is_nullified and not case.is_reportable:
        return "The report was nullified: there is nothing more to send."
    if not case.versions and case.record.voided:
        return "This record is void and was never reported: there is nothing to send."
    if not case.versions and not case.is_reportable:
        return "Only a serious event is reported to the safety desk." if case.has_causality else (
            "This pregnancy began after the last day of contraception: it is not reported."
        )
    return ""


def _faults(case: Case, category: ReportCategory, typed: Typed) -> dict[str, str]:
    """Everything that is wrong with what was typed, by field."""
    faults = {}
    if typed.reporter and typed.reporter not in list(Reporter):
        faults["reporter"] = "Choose one of the list."
    if category is ReportCategory.NULLIFICATION and _few(typed.reason):
        faults["reason"] = "Say in a few words why the report is taken back: what was wrong with it?"
    if category is ReportCategory.AMENDMENT and not case.is_nullified and _nothing_new(case, typed):
        last = case.last
        faults["narrative"] = (
            f"Nothing has changed since version {last.number} was sent. Correct or complete the event first, or say here what is new."
        )
    if typed.other_on or typed.other_time or typed.other_channel:
        faults |= _other_faults(case, typed)
    if category is ReportCategory.ORIGINAL and case.late is True and _few(typed.late_reason):
        faults["late_reason"] = "The 24 hours are over. Say in a few words why the report is late; it is sent all the same."
    return faults


def _nothing_new(case: Case, typed: Typed) -> bool:
    last = case.last
    same = (last.narrative, last.reporter) == (typed.narrative, typed.reporter or last.reporter)
    return same and case.sent is not None and case.sent.values == case.content.values


def _report(user, case: Case, category: ReportCategory, typed: Typed) -> SafetyReport:
    """The version to be stored. A nullification repeats what was sent, since a void record says nothing."""
    sent: Content | None = case.sent
    content = sent if category is ReportCategory.NULLIFICATION and sent is not None else case.content
    held = grants(user).role_at(case.patient.site)
    return SafetyReport(
        patient=case.patient, form=case.form, record=case.record.pk, number=len(case.versions) + 1, category=category.value,
        content=json.dumps(content.values, ensure_ascii=False, separators=(",", ":")), own=json.dumps(sorted(content.own)),
        narrative=typed.narrative, reporter=typed.reporter or (case.last.reporter if case.last else ""),
        reason=typed.reason if category is ReportCategory.NULLIFICATION else "",
        late_reason=typed.late_reason if category is ReportCategory.ORIGINAL else "",
        record_version=case.record.version, sent_at=clock.now(), sent_by=user.username, sent_name=user.full_name,
        sent_role=held.role.label if held else "",
    )  # fmt: skip


def _other_faults(case: Case, typed: Typed) -> dict[str, str]:
    """What is wrong with a first report by other means."""
    faults = {}
    at: Moment | None = moment_of(typed.other_on, typed.other_time, case.patient.site.time_zone)
    if at is None:
        faults["other_on"] = "Enter the date on which it was first reported."
    elif at.first > case.now:
        faults["other_on"] = "This lies in the future. Correct date or time."
    elif case.record.voided or (case.aware and at.last < case.aware.first):
        faults["other_on"] = "This lies before the site learned that it is serious. Correct the one that is wrong."
    if not typed.other_time:
        faults["other_time"] = "Enter the time, or UNK when nobody knows it."
    if typed.other_channel not in list(ReportChannel):
        faults["other_channel"] = "Choose by what it was reported."
    return faults


def _stored(case: Case) -> SafetyCase:
    found = case.stored or SafetyCase(form=case.form, record=case.record.pk)
    found.patient = case.patient
    return found


def _store_other(case: Case, typed: Typed, *, confirmed_by: str) -> None:
    """A first report by other means; what the desk had confirmed falls when something else is entered."""
    stored = _stored(case)
    stored.other_on, stored.other_time, stored.other_channel = typed.other_on, typed.other_time, typed.other_channel
    if {"other_on", "other_time", "other_channel"} & set(stored.changed()) or confirmed_by:
        stored.other_acknowledged_at = clock.now() if confirmed_by else None
        stored.other_acknowledged_name = confirmed_by
    stored.save()
    case.stored = stored


def _set_status(case: Case, status: CaseStatus, reason: str) -> None:
    stored = _stored(case)
    stored.status, stored.status_reason = status.value, reason
    stored.save()
    case.stored = stored


# ---- on the page of an event ------------------------------------------------------------------------------------------


def acknowledge(*, user, case: Case) -> None:
    """The desk has read every version that was sent."""
    with _held(user, case, source="safety desk") as now:
        states.check_right(user, now, Act.ACKNOWLEDGE)
        for report in now.unread:  # none: somebody has done so a moment before
            report.patient = now.patient
            report.acknowledged_at, report.acknowledged_by, report.acknowledged_name = clock.now(), user.username, user.full_name
            report.save()


def sign_report(*, user, case: Case, password: str, seen: int) -> None:
    """The investigator signs the last version, as the event stands now. ``seen``: the version that the page showed.

    Sending never waits for it. Raises WrongPassword, PermissionDenied and NotDone.
    """
    states.check_right(user, case, Act.SIGN)
    proof = prove(user=user, password=password)
    with _held(user, case) as now:
        if now.last is None or now.last.number != seen:
            raise NotDone({"": CHANGED})
        if now.signature.stands:
            return
        _refuse(user, now, Act.SIGN)
        sign(
            user=user, patient=now.patient, form=now.form, record=now.record.pk, meaning=now.meaning, values=now.covered,
            password=proof, right=Permission.SIGN,
        )  # fmt: skip


def report_by_other_means(*, user, case: Case, typed: Typed) -> None:
    """Enter, or correct, that the event was first reported by telephone, fax or mail. What the desk enters is confirmed by that."""
    with _held(user, case) as now:
        _refuse(user, now, Act.OTHER)
        if faults := _other_faults(now, typed):
            raise NotDone(faults)
        of_desk = grants(user).may(Permission.SAFETY, now.patient.site)
        _store_other(now, typed, confirmed_by=user.full_name if of_desk else "")


def confirm_other_means(*, user, case: Case) -> None:
    """The desk confirms that it received the first report by other means: from now on that counts."""
    with _held(user, case, source="safety desk") as now:
        if now.other_acknowledged:
            states.check_right(user, now, Act.CONFIRM)
            return
        _refuse(user, now, Act.CONFIRM)
        stored = _stored(now)
        stored.other_acknowledged_at, stored.other_acknowledged_name = clock.now(), user.full_name
        stored.save()


def ask(*, user, case: Case, field: str, text: str) -> None:
    """The desk asks the site about one answer of the event: a query like any other, and a mail without patient data."""
    with _held(user, case, source="query") as now:
        _refuse(user, now, Act.ASK)
        faults = {}
        if field not in now.record.questions():
            faults["field"] = "Choose what the question is about."
        if _few(storable(text)):
            faults["text"] = "Write the question, so that somebody who was not there understands it."
        if faults:
            raise NotDone(faults)
        value = registry.display(now.form, field, getattr(now.record, field))
        query = raise_query(
            user=user, patient=now.patient, form=now.form, record=now.record.pk, field=field, text=text, value=value,
            raised_for=RaisedFor.SAFETY,
        )  # fmt: skip
        _tell_site_of(now, query.pk)


@dataclass(frozen=True)
class Judged:
    """The sponsor's assessment as the desk types it; ``rsi`` is the id of a version as text."""

    causality: str = ""
    expectedness: str = ""
    rsi: str = ""
    serious: str = ""
    comment: str = ""


def assess(*, user, case: Case, judged: Judged, version: int) -> None:
    """Store the sponsor's assessment beside the investigator's. ``version``: that of the assessment on the page (0: none)."""
    with _held(user, case, source="safety desk") as now:
        _refuse(user, now, Act.ASSESS)
        rsi = RsiVersion.objects.filter(pk=judged.rsi, withdrawn=False).first() if judged.rsi.isascii() and judged.rsi.isdecimal() and len(judged.rsi) < 10 else None
        found = now.sponsor or SponsorAssessment(form=now.form, record=now.record.pk)
        found.patient = now.patient
        if judged.rsi and rsi is None and judged.rsi == str(found.rsi_id):
            rsi = found.rsi  # withdrawn since, and yet what it was judged against
        if faults := _judged_faults(now, judged, rsi):
            raise NotDone(faults)
        wanted = {"causality": judged.causality, "expectedness": judged.expectedness, "rsi": rsi, "serious": judged.serious,
                  "comment": storable(judged.comment)}  # fmt: skip
        if found.pk and all(getattr(found, name) == value for name, value in wanted.items()):
            return
        if found.version != version:
            raise NotDone({"": CHANGED})
        for name, value in wanted.items():
            setattr(found, name, value)
        found.assessed_at, found.assessed_name = clock.now(), user.full_name
        found.save()


def _judged_faults(case: Case, judged: Judged, rsi: RsiVersion | None) -> dict[str, str]:
    faults = {}
    if judged.causality not in list(Relationship):
        faults["causality"] = "Choose one of the answers; “not yet assessed” is one."
    if judged.expectedness and judged.expectedness not in list(Expectedness):
        faults["expectedness"] = "Choose one of the answers."
    if judged.expectedness and rsi is None:
        faults["rsi"] = "Name the version of the reference safety information against which it was judged; the list is kept under Safety."
    if rsi is not None and not judged.expectedness:
        faults["expectedness"] = "Say whether the event is expected by that version, or choose none."
    if judged.serious not in ("", YesNo.YES, YesNo.NO):
        faults["serious"] = "Choose one of the answers."
    elif judged.serious == YesNo.NO and case.record.serious == YesNo.YES and _few(storable(judged.comment)):
        faults["comment"] = "Say why the sponsor judges it otherwise; the event stays serious, since the site says so."
    return faults


def tick(*, user, case: Case, key: str, on: date | None, reference: str) -> None:
    """Enter that a report to an authority was made. ``key``: 'report|recipient' of one that is due."""
    with _held(user, case, source="safety desk") as now:
        states.check_right(user, now, Act.TICK)
        due = next((each for each in now.regulatory if each.key == key), None)
        reference = storable(reference)
        if due is not None and due.done is not None and (due.done.reported_on, due.done.reference) == (on, reference):
            return  # the same click twice
        _refuse(user, now, Act.TICK)
        faults = {}
        if due is None or due.done is not None:
            faults["due"] = "Choose one of the reports that are due."
        if on is None:
            faults["on"] = "Enter the date of the report."
        elif on > day_zero(now.now):
            faults["on"] = "This lies in the future. Correct the date."
        elif now.known and on < day_zero(now.known):
            faults["on"] = "This lies before the sponsor knew of the event. Correct the date."
        if not reference:
            faults["reference"] = "Enter the number or name under which it was reported."
        if faults:
            raise NotDone(faults)
        AuthorityReport(
            patient=now.patient, form=now.form, record=now.record.pk, report=due.due.report, recipient=due.due.to,
            reported_on=on, reference=reference[:100],
        ).save()  # fmt: skip


def untick(*, user, case: Case, key: str, reason: str) -> None:
    """Take back that a report to an authority was made: it was entered by mistake, and is due again."""
    reason = storable(reason)
    with _held(user, case, reason=reason, source="safety desk") as now:
        _refuse(user, now, Act.UNTICK)
        done = next((each.done for each in now.regulatory if each.key == key and each.done), None)
        faults = {} if done else {"due": "Choose one of the reports that were made."}
        if _few(reason):
            faults["reason"] = "Say in a few words what was wrong."
        if faults:
            raise NotDone(faults)
        done.patient, done.withdrawn, done.withdraw_reason = now.patient, True, reason
        done.save()


def close(*, user, case: Case, reason: str) -> None:
    """Close the case: nothing more is to come. Every condition that is not met is said."""
    _turn(user, case, Act.CLOSE, reason)


def reopen(*, user, case: Case, reason: str) -> None:
    """Open a closed case again."""
    _turn(user, case, Act.REOPEN, reason)


def _turn(user, case: Case, act: Act, reason: str) -> None:
    reason = storable(reason)
    with _held(user, case, reason=reason, source="safety desk") as now:
        _refuse(user, now, act)
        if _few(reason):
            raise NotDone({"reason": "Say in a few words why: an inspector who was not there must understand it."})
        _set_status(now, states.TRANSITIONS[now.status, act], reason)


# ---- reference safety information -------------------------------------------------------------------------------------


def add_rsi(*, user, name: str, dated_on: date | None) -> RsiVersion:
    """Put a version of the reference safety information on the trial's list."""
    check(user, Permission.SAFETY)
    name = storable(name)
    faults = {}
    if _few(name):
        faults["name"] = "Name the document, its version and the section, for example: Investigator's Brochure, edition 12, section 7."
    if dated_on is None:
        faults["dated_on"] = "Enter the date of the version."
    elif dated_on > day_zero(clock.now()):
        faults["dated_on"] = "This lies in the future. Correct the date."
    if faults:
        raise NotDone(faults)
    with acting(actor_for(user), source="safety desk"):
        known = RsiVersion.objects.filter(name=name[:200], dated_on=dated_on, withdrawn=False).first()
        if known is not None:
            return known  # the same click twice
        version = RsiVersion(name=name[:200], dated_on=dated_on)
        version.save()
    return version


def withdraw_rsi(*, user, pk: int, reason: str) -> None:
    """Take a version off the list: entered by mistake. What was judged against it keeps its name."""
    check(user, Permission.SAFETY)
    reason = storable(reason)
    if _few(reason):
        raise NotDone({"reason": "Say in a few words what was wrong."})
    with acting(actor_for(user), reason=reason, source="safety desk"):
        version = RsiVersion.objects.select_for_update().filter(pk=pk).first()
        if version is None:
            raise Http404("There is no such version.")
        version.withdrawn, version.withdraw_reason = True, reason
        version.save()


# ---- mails: where to look, nothing about the patient ------------------------------------------------------------------


def _tell_desk_of(case: Case, report: SafetyReport) -> None:
    outbox.post(
        key=f"reported-{case.form}-{case.record.pk}-{report.number}", to_role=Role.SAFETY_DESK,
        subject=f"START-lung: a report was sent ({report.get_category_display().lower()})",
        body=f"A site has sent a report to the safety desk.\n\nRead it at: {settings.SITE_URL}{case.url}\n\nThis mail holds no patient data.",
    )  # fmt: skip


def _tell_site_of(case: Case, query: int) -> None:
    """To investigators and coordinators of the site; a role that nobody has there is not waited for, unless nobody has either."""
    site: Site = case.patient.site
    holders = holding_today(Membership.objects.filter(site=site, role__in=SITE_ROLES, user__is_active=True).exclude(user__email=""))
    held = set(holders.values_list("role", flat=True))
    for role in [each for each in SITE_ROLES if each in held] or SITE_ROLES[:1]:
        outbox.post(
            key=f"asked-{query}-{role}", to_role=role, site=site, subject="START-lung: the safety desk asks",
            body=(
                "The safety desk has a question about an event of your site.\n\n"
                f"Read and answer it at: {settings.SITE_URL}{reverse('safety_case', args=case.key)}\n\n"
                "This mail holds no patient data. Log in to read the case."
            ),
        )  # fmt: skip
