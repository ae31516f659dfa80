"""What the pages of reports show: the note on the event's own form, the page of a report, and the page of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import grants
from accounts.roles import Permission, Role
from adverse_events import actions
from adverse_events import case_states as states
from adverse_events.actions import Judged, Typed, category_of, why_nothing_is_sent
from adverse_events.case import FORMS, Case, case_of, is_assessed, put_worst_grades, sent_content
from adverse_events.case_states import Act
from adverse_events.report_content import Content, Part, changes, told
from adverse_events.report_forms import DayForm, OtherMeansForm, number
from adverse_events.reports import RsiVersion, SafetyReport, SponsorAssessment
from audit.history import history_of
from audit.models import ChangeSet
from crf import pages, registry
from crf.models import Crf
from crf.strip import span_words, strip
from patients.access import patient_for, within_sites
from protocol.codelists import Relationship, YesNo
from protocol.report_codelists import Expectedness, ReportCategory, ReportChannel, Reporter

DONE = {
    Act.ACKNOWLEDGE: "Acknowledged.", Act.SIGN: "The report is signed.", Act.OTHER: "The first report by other means is stored.",
    Act.CONFIRM: "Confirmed: the first report by other means counts.", Act.ASK: "The question is asked; the site gets a mail, without patient data.",
    Act.ASSESS: "The assessment is stored.", Act.TICK: "The report to the authority is stored.", Act.UNTICK: "It is taken back, and due again.",
    Act.CLOSE: "The case is closed.", Act.REOPEN: "The case is open again.",
}  # fmt: skip
QUALIFIED = {Role.INVESTIGATOR: Reporter.PHYSICIAN, Role.SUB_INVESTIGATOR: Reporter.PHYSICIAN, Role.COORDINATOR: Reporter.OTHER}


# ---- finding ----------------------------------------------------------------------------------------------------------


def case_for(user, code: str, pk: int) -> Case:
    """A case at the person's sites; 404 for what does not exist there, or is nothing that is reported."""
    if code not in FORMS:
        raise Http404("Such records are not reported.")
    rows: QuerySet[Crf] = FORMS[code].objects.select_related("patient__site", "visit")
    record = within_sites(user, rows, "patient__site").filter(pk=pk).first()
    case = case_of(record) if record is not None else None
    if case is None or not (case.is_reportable or case.versions or case.stored):
        raise Http404("There is no such event at your sites.")
    return case


def case_to_report(user, number: str, code: str, row: int) -> Case:
    """The event of a log that is to be reported; 404 and 403 as everywhere."""
    patient = patient_for(user, number, Permission.REPORT)
    record = FORMS[code].objects.filter(patient=patient, row=row).select_related("visit").first() if code in FORMS else None
    if record is None:
        raise Http404("There is no such event.")
    record.patient = patient
    return case_of(record)


# ---- on the event's own form ------------------------------------------------------------------------------------------


def note(user, record: Crf) -> dict:
    """The clock and the reports over the event's form; nothing for an event that never was to be reported."""
    if record.pk is None or (record.code == "AE" and record.serious != YesNo.YES and record.reported_at is None):
        return {}
    case = case_of(record)
    if not (case.is_reportable or case.versions):
        return {}
    return {
        "extra_template": "adverse_events/report.html", "case": case, "clock_words": clock_words(case),
        "may_report": grants(user).may(Permission.REPORT, case.patient.site) and not why_nothing_is_sent(case),
        "unsent": bool(case.unsent) and not case.is_nullified,
    }  # fmt: skip


def clock_words(case: Case) -> str:
    """'report due in 20 h', while the clock runs; '' when it does not."""
    return span_words(case.clock.due, case.now) if case.runs and case.clock else ""


# ---- the page of a report ---------------------------------------------------------------------------------------------


@dataclass
class Sending:
    """What was posted to the page of a report: read, and as it was typed."""

    typed: Typed
    raw: Mapping[str, str]
    moment: OtherMeansForm
    base: int
    faults: dict[str, str] = field(default_factory=dict)


def read_sending(case: Case, data: Mapping[str, str]) -> Sending:
    """A post to the page of a report."""
    moment = OtherMeansForm(data, site=case.patient.site)
    read, faults = moment.typed()
    names = ("narrative", "reporter", "late_reason", "reason", "other_channel")
    typed = Typed(**{name: data.get(name, "") for name in names}, **read)
    return Sending(typed, data, moment, number(data, "base"), faults)


def sent_or_faults(user, case: Case, posted: Sending) -> dict[str, str]:
    """Send it; what is wrong by field when that was refused."""
    try:
        actions.send_report(
            user=user, number=case.patient.number, form=case.form, row=case.record.row, typed=posted.typed, base=posted.base
        )
    except actions.NotDone as refusal:
        return refusal.faults
    return {}


def report_page(user, case: Case, posted: Sending | None = None) -> dict:
    """The page on which a version is sent: what it will say, taken from what is entered, and the few things typed here."""
    category, last = category_of(case), case.last
    now = case.sent if category is ReportCategory.NULLIFICATION else case.content
    new = changes(case.patient.number, case.sent, case.content) if case.sent and category is ReportCategory.AMENDMENT else []
    role = grants(user).role_at(case.patient.site)
    first = {"narrative": last.narrative if last else "", "reporter": last.reporter if last else QUALIFIED.get(role.role, "") if role else ""}
    return {
        "case": case, "patient": case.patient, "strip": strip(case.patient), "category": category, "refused": why_nothing_is_sent(case),
        "parts": told(case.patient.number, now) if now else [], "new": new, "last": last, "clock_words": clock_words(case),
        "late": case.late is True and category is ReportCategory.ORIGINAL, "missing": missing(case),
        "typed": posted.typed if posted else Typed(**first), "faults": posted.faults if posted else {},
        "moment": posted.moment if posted else OtherMeansForm(site=case.patient.site), "reporters": Reporter.choices(),
        "channels": ReportChannel.choices(),
    }  # fmt: skip


def missing(case: Case) -> list[tuple[str, str]]:
    """(question, field) of what a report ought to say and does not yet; it holds nothing back."""
    record = case.record
    names = ("term", "started_on", "grade", "relationship", "outcome", "aware_on", "aware_time") if case.has_causality else ("whose", "learned_on", "learned_time")
    empty = [name for name in names if getattr(record, name) in ("", Relationship.PENDING.value)]
    if case.has_causality and not any(getattr(record, name) == YesNo.YES for name in record.questions() if name.startswith("is_")):
        empty.append("is_death")
    words = {"is_death": "Why it is serious"}
    return [(words.get(name) or registry.label(case.form, name), name) for name in empty]


# ---- the page of a case -----------------------------------------------------------------------------------------------


@dataclass
class Version:
    """One version on the page: the report, and what it said or changed."""

    report: SafetyReport
    parts: list[Part]
    narrative_was: str | None
    is_first: bool


def _versions(case: Case) -> list[Version]:
    """Newest first; each but the first shows only what changed since the one before."""
    found: list[Version] = []
    before: Content | None = None
    words = ""
    for report in case.versions:
        content = sent_content(report)
        first = before is None
        parts = told(case.patient.number, content) if before is None else changes(case.patient.number, before, content)
        found.append(Version(report, parts, None if first or words == report.narrative else words, first))
        before, words = content, report.narrative
    return found[::-1]


@dataclass
class Posted:
    """What was posted to one act on the page of a case."""

    act: Act
    raw: Mapping[str, str]
    faults: dict[str, str] = field(default_factory=dict)


def act_of(data: Mapping[str, str]) -> Act:
    """What was posted; 404 for what is no act."""
    name = data.get("action", "")
    if name not in list(Act):
        raise Http404("There is no such act.")
    return Act(name)


def do(user, case: Case, act: Act, data: Mapping[str, str]) -> None:
    """Do what was posted. PermissionDenied, WrongPassword, and NotDone with every fault."""
    states.check_right(user, case, act)
    reason = data.get("reason", "")
    doing = {
        Act.ACKNOWLEDGE: partial(actions.acknowledge),
        Act.SIGN: partial(actions.sign_report, password=data.get("password", ""), seen=number(data, "seen")),
        Act.OTHER: partial(_other, data=data),
        Act.CONFIRM: partial(actions.confirm_other_means),
        Act.ASK: partial(actions.ask, field=data.get("field", ""), text=data.get("text", "")),
        Act.ASSESS: partial(actions.assess, judged=Judged(**{name: data.get(name, "") for name in Judged.__annotations__}), version=number(data, "version")),
        Act.TICK: partial(_tick, data=data),
        Act.UNTICK: partial(actions.untick, key=data.get("due", ""), reason=reason),
        Act.CLOSE: partial(actions.close, reason=reason),
        Act.REOPEN: partial(actions.reopen, reason=reason),
    }  # fmt: skip
    doing[act](user=user, case=case)


def _other(*, user, case: Case, data: Mapping[str, str]) -> None:
    read, faults = OtherMeansForm(data, site=case.patient.site).typed()
    if faults:
        raise actions.NotDone(faults)
    actions.report_by_other_means(user=user, case=case, typed=Typed(other_channel=data.get("other_channel", ""), **read))


def _tick(*, user, case: Case, data: Mapping[str, str]) -> None:
    day, fault = DayForm(data).day()
    if fault:
        raise actions.NotDone({"on": fault})
    actions.tick(user=user, case=case, key=data.get("due", ""), on=day, reference=data.get("reference", ""))


def case_page(user, case: Case, posted: Posted | None = None) -> dict:
    """Everything on the page of one case, for this person."""
    held, site = grants(user), case.patient.site
    of_desk = held.may(Permission.SAFETY, site)
    sees_sponsor = sees_sponsors_opinion(user, case)
    put_worst_grades([case])
    raw = posted.raw if posted else {}
    return {
        "case": case, "patient": case.patient, "strip": strip(case.patient), "versions": _versions(case), "posted": posted,
        "faults": posted.faults if posted else {}, "typed": raw, "can": {act.value: states.can(user, case, act) for act in Act},
        "may": {act.value: not states.why_no_right(user, case, act) for act in Act}, "against": case.against_closing,
        "may_report": held.may(Permission.REPORT, site) and not why_nothing_is_sent(case), "category": category_of(case),
        "clock_words": clock_words(case), "unsent": bool(case.unsent) and not case.is_nullified, "missing": missing(case) if case.is_reportable else [],
        "threads": pages.threads(user, list(case.queries)), "fields": [(name, registry.label(case.form, name)) for name in case.record.questions()],
        "moment": OtherMeansForm(raw if posted and posted.act is Act.OTHER else None, site=site, initial=_other_now(case)),
        "day": DayForm(raw if posted and posted.act is Act.TICK else None), "channels": ReportChannel.choices(),
        "of_desk": of_desk, "sees_sponsor": sees_sponsor, "sponsor": _sponsor_form(case, posted), "sponsor_steps": _assessments(case) if sees_sponsor else [],
        "relationships": Relationship.choices(), "expectednesses": Expectedness.choices(), "yes_no": YesNo.choices(),
        "rsi": rsi_versions(only_in_force=True), "regulatory": case.regulatory if sees_sponsor else [each for each in case.regulatory if each.due.to != "EudraVigilance"],
        "untick_steps": [each for each in case.authority if each.withdrawn],
    }  # fmt: skip


def sees_sponsors_opinion(user, case: Case) -> bool:
    """The site sees the sponsor's assessment once its investigator has judged causality; everybody else reads it at once."""
    held, site = grants(user), case.patient.site
    is_site = held.may(Permission.ENTER, site)
    return not is_site or held.may(Permission.SAFETY, site) or is_assessed(case)


def _other_now(case: Case) -> dict[str, str]:
    stored = case.stored
    return {"other_on": stored.other_on, "other_time": stored.other_time} if stored else {}


def _sponsor_form(case: Case, posted: Posted | None) -> dict[str, str]:
    """What the form of the assessment shows: what was typed, else what holds."""
    if posted is not None and posted.act is Act.ASSESS:
        return {name: posted.raw.get(name, "") for name in (*Judged.__annotations__, "version")}
    found = case.sponsor
    if found is None:
        return dict.fromkeys(Judged.__annotations__, "") | {"version": "0"}
    return {"causality": found.causality, "expectedness": found.expectedness, "rsi": str(found.rsi_id or ""), "serious": found.serious,
            "comment": found.comment, "version": str(found.version)}  # fmt: skip


@dataclass(frozen=True)
class Assessed:
    """One version of the sponsor's assessment, in words."""

    who: str
    role: str
    at: object
    words: str
    comment: str


def _assessments(case: Case) -> list[Assessed]:
    """Every version of the sponsor's assessment, newest first."""
    if case.sponsor is None:
        return []
    rows = list(history_of(SponsorAssessment)._default_manager.filter(id=case.sponsor.pk).order_by("-history_id"))
    sets = ChangeSet.objects.in_bulk([row.change_set_id for row in rows])
    names = {each.pk: str(each) for each in RsiVersion.objects.filter(pk__in=[row.rsi_id for row in rows if row.rsi_id])}
    found = []
    for row in rows:
        act = sets[row.change_set_id]
        words = [f"Causality: {row.get_causality_display().lower()}"]
        if row.expectedness:
            words.append(f"{row.get_expectedness_display().lower()} by {names.get(row.rsi_id, '?')}")
        if row.serious:
            words.append(f"serious: {row.get_serious_display().lower()}")
        found.append(Assessed(act.actor_name, act.role, row.history_date, "; ".join(words), row.comment))
    return found


def rsi_versions(*, only_in_force: bool = False) -> list[RsiVersion]:
    """The trial's list of versions, newest first."""
    found = RsiVersion.objects.order_by("withdrawn", "-dated_on", "-id")
    return list(found.filter(withdrawn=False) if only_in_force else found)


# ---- reference safety information -------------------------------------------------------------------------------------


def rsi_page(user, data: Mapping[str, str] | None = None, faults: dict[str, str] | None = None) -> dict:
    """The list of versions, and for the desk the form of another one."""
    data = data or {}
    return {
        "versions": rsi_versions(), "may": grants(user).may(Permission.SAFETY), "typed": data, "faults": faults or {},
        "day": DayForm(data if data.get("action") == "add" else None),
    }  # fmt: skip


def keep_rsi(user, data: Mapping[str, str]) -> dict[str, str]:
    """Add or withdraw a version; what is wrong by field when that was refused. 404 for what is no act."""
    try:
        if data.get("action") == "add":
            day, fault = DayForm(data).day()
            if fault:
                return {"dated_on": fault}
            actions.add_rsi(user=user, name=data.get("name", ""), dated_on=day)
        elif data.get("action") == "withdraw":
            actions.withdraw_rsi(user=user, pk=number(data, "version"), reason=data.get("reason", ""))
        else:
            raise Http404("There is no such act.")
    except actions.NotDone as refusal:
        return refusal.faults
    return {}
