"""A reportable event with everything that is known of its reports: clocks, versions, assessments, questions. It only reads.

A case exists from the first save of Serious = yes (or of a pregnancy). All cases of a list are read in a fixed number of queries,
with what lists show of them; one case alone is read whole.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.db.models import Exists, F, Min, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from accounts.access import grants
from accounts.roles import Permission
from adverse_events.models import AdverseEvent
from adverse_events.pregnancy import Pregnancy
from adverse_events.report_content import Content, content_of, names_in_words
from adverse_events.reports import AuthorityReport, SafetyCase, SafetyReport, SponsorAssessment
from audit import clock
from audit.history import history_of
from crf import registry
from crf.facts import fact_of, load_cases
from crf.models import Crf
from patients.models import Patient
from protocol import clocks, event_grades
from protocol.clocks import Due, OtherMeans, SiteClock
from protocol.codelists import Grade, Outcome, Relationship, YesNo
from protocol.dates import Moment, PartialDate, Tri, moment_of
from protocol.exposure import contraception_until
from protocol.report_codelists import CaseStatus, Expectedness, ReportCategory
from protocol.rules.pregnancies import conceived_in_time
from review.models import Query, QueryStatus, RaisedFor, Signature
from review.signatures import Signed, standing

FORMS: dict[str, type[Crf]] = {AdverseEvent.code: AdverseEvent, Pregnancy.code: Pregnancy}
FATAL, THREAT = Q(is_death=YesNo.YES) | Q(outcome=Outcome.FATAL), Q(is_life_threatening=YesNo.YES)
# With UNKNOWN the site says that it cannot be learned (lost to follow-up): nothing more is to come (OWN).
FINAL = (Outcome.RECOVERED, Outcome.SEQUELAE, Outcome.FATAL, Outcome.UNKNOWN)


@dataclass
class Regulatory:
    """A report to an authority that is due, or was made."""

    due: Due
    done: AuthorityReport | None
    late: bool

    @property
    def key(self) -> str:
        return f"{self.due.report}|{self.due.to}"

    @property
    def kind(self) -> str:
        """Of components/status.html."""
        if self.done is not None:
            return "warn" if self.late else "ok"
        return "overdue" if self.late else "open" if self.due.pending else "due"

    @property
    def text(self) -> str:
        if self.done is None:
            return f"{self.due}{', overdue' if self.late and not self.due.pending else ''}"
        return f"reported {self.done.reported_on:%d-%b-%Y}{', late' if self.late else ''}"


@dataclass
class Case:
    """One event and what is known of its reports."""

    record: Crf
    patient: Patient
    versions: Sequence[SafetyReport] = ()
    stored: SafetyCase | None = None
    sponsor: SponsorAssessment | None = None
    authority: Sequence[AuthorityReport] = ()
    queries: Sequence[Query] = ()
    signed_meanings: frozenset[str] = frozenset()
    fatal_entered: datetime | None = None
    threat_entered: datetime | None = None
    died: bool = False
    until: PartialDate | None = None  # last day of contraception, for a pregnancy
    now: datetime = field(default_factory=clock.now)
    worst: str = ""  # grade over time; filled in by ``put_worst_grades`` where it is shown

    # What it is --------------------------------------------------------------------------------------------------------

    @property
    def form(self) -> str:
        return self.record.code

    @property
    def key(self) -> tuple[str, int]:
        return self.record.code, self.record.pk

    @property
    def has_causality(self) -> bool:
        return self.form == AdverseEvent.code

    @property
    def title(self) -> str:
        """The event in a few words."""
        if self.has_causality:
            specified = f": {self.record.term_specify}" if self.record.term_specify else ""
            return f"{self.record.term}{specified}" if self.record.term else "Event not yet named"
        return f"Pregnancy of {self.record.get_whose_display().lower()}" if self.record.whose else "Pregnancy"

    @property
    def worst_words(self) -> str:
        return Grade(self.worst).label if self.worst else ""

    @property
    def url(self) -> str:
        return reverse("safety_case", args=self.key)

    @property
    def record_url(self) -> str:
        return reverse("record", args=[self.patient.number, self.form, self.record.slot])

    @property
    def report_url(self) -> str:
        return reverse("report", args=[self.patient.number, self.form, self.record.row])

    @property
    def is_reportable(self) -> bool:
        """Serious and not void; a pregnancy, unless it certainly began after the last day of contraception."""
        if self.record.voided:
            return False
        if self.has_causality:
            return self.record.serious == YesNo.YES
        inside = conceived_in_time(fact_of(self.record, ""), self.until) if self.until else None
        return inside is not False

    # The site's clock --------------------------------------------------------------------------------------------------

    @property
    def aware(self) -> Moment | None:
        """When the site became aware, as entered; without a date, when it was first saved here."""
        names = ("aware_on", "aware_time") if self.has_causality else ("learned_on", "learned_time")
        entered = moment_of(*(getattr(self.record, name) for name in names), self.patient.site.time_zone)
        saved = self.record.serious_saved_at if self.has_causality else self.record.first_saved_at
        return entered or (Moment.exactly(saved) if saved else None)

    @property
    def clock(self) -> SiteClock | None:
        """The 24 hours; None for what is not reported."""
        return clocks.site_clock(self.aware, self.patient.site.country) if self.is_reportable or self.versions else None

    @property
    def other(self) -> Moment | None:
        """The first report by other means, as entered."""
        if self.stored is None:
            return None
        return moment_of(self.stored.other_on, self.stored.other_time, self.patient.site.time_zone)

    @property
    def other_acknowledged(self) -> bool:
        return self.stored is not None and self.stored.other_acknowledged_at is not None

    @property
    def first_report(self) -> Moment | None:
        """When the first report reached the sponsor, by this system or, acknowledged, by other means."""
        other = OtherMeans(self.other, self.other_acknowledged) if self.other else None
        return clocks.first_report(self.versions[0].sent_at if self.versions else None, other)

    @property
    def late(self) -> Tri:
        """Was it reported, or is it by now, later than 24 hours after the site became aware? None: unknown times leave it open."""
        return self.clock.late(self.first_report, self.now) if self.clock else None

    @property
    def is_waiting(self) -> bool:
        """Is the first report through this system still to be sent?"""
        return self.is_reportable and not self.versions

    @property
    def runs(self) -> bool:
        """Does the clock run: nothing has reached the sponsor yet?"""
        return self.is_reportable and self.first_report is None

    @property
    def clock_word(self) -> tuple[str, str]:
        """(kind, words) of the 24 hours."""
        if self.clock is None:
            return "neutral", "Not reported: it is not serious"
        if self.first_report is None:
            return ("overdue", "Report is late") if self.now > self.clock.due else ("due", "Report is due")
        words = {True: ("warn", "Reported late"), False: ("ok", "Reported in time"), None: ("warn", "Reported; in time or late, the times do not say")}
        return words[self.late]

    # Versions ----------------------------------------------------------------------------------------------------------

    @property
    def last(self) -> SafetyReport | None:
        return self.versions[-1] if self.versions else None

    @property
    def is_nullified(self) -> bool:
        return self.last is not None and self.last.category == ReportCategory.NULLIFICATION

    @property
    def unread(self) -> list[SafetyReport]:
        """Versions that the desk has not acknowledged."""
        return [each for each in self.versions if each.acknowledged_at is None]

    @property
    def needs_nullification(self) -> bool:
        """Was it reported, and has its record been voided since?"""
        return bool(self.versions) and self.record.voided and not self.is_nullified

    @functools.cached_property
    def content(self) -> Content:
        """What a report would say now."""
        return content_of(self.record)

    @property
    def sent(self) -> Content | None:
        """What the last version said."""
        return sent_content(self.last) if self.last else None

    @property
    def unsent(self) -> list[str]:
        """Keys of the event and what is linked to it that have changed since the last version: a follow-up says so.

        What stands around it (medication, laboratory) goes with the next version and does not ask for one by itself.
        """
        if self.sent is None or self.record.voided:
            return []
        own = self.sent.own | self.content.own
        return [
            key for key in {**self.content.values, **self.sent.values}
            if key.rpartition(".")[0] in own and self.sent.values.get(key) != self.content.values.get(key)
        ]  # fmt: skip

    # Signature ---------------------------------------------------------------------------------------------------------

    @property
    def meaning(self) -> str:
        """What whoever signs the last version says."""
        return meaning(self.last.number) if self.last else ""

    @property
    def covered(self) -> dict[str, str | None]:
        """What a signature covers: the event and what is linked to it as they are now, and the words of the last version."""
        last = self.last
        words: dict[str, str | None] = {"narrative": last.narrative, "reporter": last.reporter} if last else {}
        return words | {key: value for key, value in self.content.values.items() if self.content.of_event(key)}

    @functools.cached_property
    def signature(self) -> Signed:
        """Where the signature of the last version stands, worked out from the values of now."""
        return standing(self.form, self.record.pk, self.covered, meaning=self.meaning) if self.last else Signed(False)

    @property
    def broken_words(self) -> str:
        return names_in_words(key for key in self.signature.broken if "." in key)

    @property
    def is_signed(self) -> bool:
        """Has anybody signed the last version, whatever has changed since? (Cheap, for lists.)"""
        return self.meaning in self.signed_meanings

    # The desk ----------------------------------------------------------------------------------------------------------

    @property
    def status(self) -> CaseStatus:
        return CaseStatus(self.stored.status) if self.stored else CaseStatus.OPEN

    @property
    def open_queries(self) -> list[Query]:
        return [each for each in self.queries if each.status != QueryStatus.CLOSED]

    @property
    def answered(self) -> list[Query]:
        return [each for each in self.queries if each.status == QueryStatus.ANSWERED]

    @property
    def outcome_is_final(self) -> bool:
        """Nothing more is to come: the outcome is known, or the patient has died meanwhile. A pregnancy always has an outcome."""
        return self.record.outcome in FINAL or (self.died and self.has_causality) if self.has_causality else bool(self.record.outcome)

    @property
    def against_closing(self) -> list[str]:
        """Every reason why the desk cannot close the case now, as sentences."""
        if self.needs_nullification:
            return ["The event was voided after it was reported: the site sends a nullification first."]
        points = [
            (not self.versions and self.is_reportable, "Nothing has been reported yet."),
            (bool(self.unread), f"Acknowledge {_versions(self.unread)}."),
            (bool(self.open_queries), f"{len(self.open_queries)} of your questions {'is' if len(self.open_queries) == 1 else 'are'} open."),
        ]  # fmt: skip
        if self.versions and not self.is_nullified and not self.record.voided:
            points += [
                (not self.outcome_is_final, "The final outcome is not known."),
                (bool(self.unsent), "Something has changed since the last version: the site sends a follow-up first."),
                (not self.signature.stands, f"The investigator has not signed version {self.last.number} as it now stands."),
                (any(each.done is None for each in self.regulatory), "A report to an authority is due or may become due: assess the event, or enter that it was made."),
            ]  # fmt: skip
        return [sentence for stands, sentence in points if stands]

    # Authorities -------------------------------------------------------------------------------------------------------

    @property
    def found(self) -> clocks.Assessment:
        """What the regulatory dates depend on. An event is serious when either side says so: the sponsor never downgrades."""
        sponsor, fatal, threat = self.sponsor, None, None
        if self.record.is_death == YesNo.YES or self.record.outcome == Outcome.FATAL:
            fatal = self.fatal_entered
        if self.record.is_life_threatening == YesNo.YES:
            threat = self.threat_entered
        unexpected = {Expectedness.UNEXPECTED.value: True, Expectedness.EXPECTED.value: False}.get(sponsor.expectedness if sponsor else "")
        return clocks.Assessment(
            serious=self.record.serious == YesNo.YES or (sponsor is not None and sponsor.serious == YesNo.YES),
            investigator=self.record.relationship, sponsor=sponsor.causality if sponsor else "", unexpected=unexpected,
            fatal_known=fatal, threat_known=threat,
        )  # fmt: skip

    @property
    def known(self) -> datetime | None:
        """Day 0: when the sponsor could first know. What a site saves as serious the desk can read, and is mailed, at once; so
        the first save counts even before the report (OWN, an assumption on the side of the earlier date)."""
        first = self.first_report
        moments = [self.record.serious_saved_at, first.first if first else None]
        return min((each for each in moments if each), default=None)

    @property
    def dates(self) -> tuple[Due, ...]:
        """All reports to authorities that are due, or may become due."""
        if not self.has_causality or self.record.voided or self.is_nullified:
            return ()
        site, found = self.patient.site, self.found
        return clocks.sponsor_dates(found, self.known) + clocks.swiss_dates(
            found, self.aware.first if self.aware else None, site.country, site.time_zone
        )

    @property
    def regulatory(self) -> list[Regulatory]:
        """The dates with what has been done; a report that was made stays, also when no date asks for it any more."""
        today = clocks.day_zero(self.now)
        done = {(each.report, each.recipient): each for each in self.authority if not each.withdrawn}
        found = []
        for due in self.dates:
            made = done.get((due.report, due.to))
            found.append(Regulatory(due, made, due.late(made.reported_on if made else None, today)))
        return found

    @property
    def next_regulatory(self) -> Regulatory | None:
        return min((each for each in self.regulatory if each.done is None), key=lambda each: each.due.on, default=None)

    @property
    def state(self) -> tuple[str, str, str]:
        """(code, kind, words): the one thing that the case waits for, the most urgent first."""
        return self.waits_for[0]

    @functools.cached_property
    def waits_for(self) -> list[tuple[str, str, str]]:
        """(code, kind, words) of everything that the case waits for, the most urgent first; never empty."""
        if self.status is CaseStatus.CLOSED:
            return [("CLOSED", "closed", "Closed")]
        kind, words = self.clock_word
        reported = bool(self.versions) and not self.is_nullified
        points = [
            (self.is_waiting, ("UNREPORTED", kind, words if self.runs else "Reported by other means, form to come")),
            (self.needs_nullification, ("UNREPORTED", "due", "Voided: nullification to come")),
            (bool(self.unread), ("UNREAD", "open", f"{_versions(self.unread).capitalize()} to be read")),
            (bool(self.answered), ("ANSWERED", "answered", "Question answered")),
            (len(self.open_queries) > len(self.answered), ("ASKED", "open", "Question at the site")),
            (reported and not self.is_signed, ("UNSIGNED", "due", "Not signed yet")),
            (reported and self.has_causality and not (self.sponsor and self.sponsor.causality), ("UNASSESSED", "open", "To be assessed")),
            (reported and not self.outcome_is_final, ("FOLLOWED", "progress", "Outcome to come")),
        ]
        found = [state for applies, state in points if applies]
        return found or [("DONE", "ok", "Nullified, to be closed" if self.is_nullified else "To be closed")]


def meaning(number: int) -> str:
    """What a signature of a version says."""
    return f"I have read version {number} of this report, and what is judged in it is my judgement"


def _versions(found: Sequence[SafetyReport]) -> str:
    return f"version {found[0].number}" if len(found) == 1 else f"{len(found)} versions"


def sent_content(report: SafetyReport) -> Content:
    """The content of a version as it was sent."""
    return Content(json.loads(report.content), frozenset(json.loads(report.own)))


# ---- reading ----------------------------------------------------------------------------------------------------------


def cases_for(user, *permissions: Permission) -> list[Case]:
    """Every reportable or reported event at the sites where the person holds one of the permissions (reading, when none)."""
    return [case for case in candidates(user, *permissions) if case.is_reportable or case.versions]


def candidates(user, *permissions: Permission) -> list[Case]:
    """As ``cases_for``, with the pregnancies that are not reported; read for lists, in three queries or four."""
    ids, found = grants(user).site_ids(*(permissions or (Permission.VIEW,))), []
    for form, concerns in ((AdverseEvent, Q(serious=YesNo.YES, voided=False)), (Pregnancy, Q(voided=False))):
        reported = Exists(SafetyReport.objects.filter(form=form.code, record=OuterRef("pk")))
        rows = form.objects.filter(concerns | Q(reported))
        rows = rows if ids is None else rows.filter(patient__site__in=ids)
        found += rows.select_related("patient__site").order_by("id")
    return in_short(found)


def in_short(records: Sequence[Crf]) -> list[Case]:
    """Cases with what a list shows of them: everything that is known beside the events, of whatever kind, in one query."""
    if not records:
        return []
    cases = {(each.code, each.pk): Case(each, each.patient) for each in records}
    now, until = clock.now(), _until(records)
    dead = set()
    for what, form, record, *told in _beside(records):
        if what == "death":
            dead.add(int(record))
        elif (form, int(record)) in cases:
            _put(cases[form, int(record)], what, told)
    for case in cases.values():
        case.now, case.until, case.died = now, until.get(case.patient.pk), case.patient.pk in dead
        case.versions = sorted(case.versions, key=lambda report: report.number)
    return list(cases.values())


def _beside(records: Sequence[Crf]):
    """(what, form, record, four texts) of all that is on record about some events."""
    about = _about(records)
    events = [each.pk for each in records if each.code == AdverseEvent.code]
    past = history_of(AdverseEvent)._default_manager.filter(id__in=events)
    deaths = registry.form("DD").objects.filter(patient__in={each.patient_id for each in records}, voided=False)
    parts = [
        _texts(SafetyReport.objects.filter(about), "version", "form", "record", "number", "category", "acknowledged_at", "sent_at"),
        _texts(SafetyCase.objects.filter(about), "case", "form", "record", "status", "other_on", "other_time", "other_acknowledged_at"),
        _texts(Query.objects.filter(about, raised_for=RaisedFor.SAFETY), "query", "form", "record", "status", "", "", ""),
        _texts(Signature.objects.filter(about), "signature", "form", "record", "meaning", "", "", ""),
        _texts(SponsorAssessment.objects.filter(about), "sponsor", "form", "record", "causality", "expectedness", "rsi_id", "serious"),
        _texts(AuthorityReport.objects.filter(about, withdrawn=False), "authority", "form", "record", "report", "recipient", "reported_on", "reference"),
        _texts(past.filter(FATAL), "fatal", "", "id", "history_date", "", "", ""),
        _texts(past.filter(THREAT), "threat", "", "id", "history_date", "", "", ""),
        _texts(deaths, "death", "", "patient_id", "", "", "", ""),
    ]  # fmt: skip
    return parts[0].union(*parts[1:], all=True)


def _texts(rows, what: str, form: str, *names: str):
    """Rows as text, so that those of all tables fit in one query; a name that is '' is an empty column."""
    columns = [Cast(F(name), TextField()) if name else Value("", TextField()) for name in names]
    first = [Value(what, TextField()), Cast(F(form), TextField()) if form else Value(AdverseEvent.code, TextField())]
    given = {f"t{place}": column for place, column in enumerate([*first, *columns])}
    return rows.order_by().annotate(**given).values_list(*given)


def _put(case: Case, what: str, told: list[str]) -> None:
    """One line of what is known beside an event, into its case."""
    a, b, c, d = ("" if each is None else each for each in told)
    if what == "version":
        case.versions = [*case.versions, SafetyReport(number=int(a), category=b, acknowledged_at=_instant(c), sent_at=_instant(d))]
    elif what == "case":
        case.stored = SafetyCase(status=a, other_on=b, other_time=c, other_acknowledged_at=_instant(d))
    elif what == "query":
        case.queries = [*case.queries, Query(status=a)]
    elif what == "signature":
        case.signed_meanings |= {a}
    elif what == "sponsor":
        case.sponsor = SponsorAssessment(causality=a, expectedness=b, rsi_id=int(c) if c else None, serious=d)
    elif what == "authority":
        case.authority = [*case.authority, AuthorityReport(report=a, recipient=b, reported_on=date.fromisoformat(c[:10]), reference=d)]
    elif what == "fatal":
        case.fatal_entered = min(filter(None, (case.fatal_entered, _instant(a))))
    elif what == "threat":
        case.threat_entered = min(filter(None, (case.threat_entered, _instant(a))))


def _instant(text: str) -> datetime | None:
    """A moment from the text in which either database gives it (UTC)."""
    found = parse_datetime(text) if text else None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _about(records: Iterable[Crf]) -> Q:
    """What finds the rows about some events by form and record."""
    about = Q(form="", record=0)
    for code in FORMS:
        pks = [each.pk for each in records if each.code == code]
        if pks:
            about |= Q(form=code, record__in=pks)
    return about


def gathered(records: Sequence[Crf]) -> list[Case]:
    """Cases of some events, in a fixed number of queries; the records have their patients and sites read."""
    if not records:
        return []
    about = _about(records)
    versions, authority, queries, meanings = (defaultdict(list) for _ in range(4))
    for report in SafetyReport.objects.filter(about).order_by("number"):
        versions[report.form, report.record].append(report)
    for done in AuthorityReport.objects.filter(about).order_by("id"):
        authority[done.form, done.record].append(done)
    for query in Query.objects.filter(about, raised_for=RaisedFor.SAFETY).select_related("patient__site").order_by("id"):
        queries[query.form, query.record].append(query)
    for form, record, words in Signature.objects.filter(about).values_list("form", "record", "meaning"):
        meanings[form, record].append(words)
    stored = {(each.form, each.record): each for each in SafetyCase.objects.filter(about)}
    sponsor = {(each.form, each.record): each for each in SponsorAssessment.objects.filter(about).select_related("rsi")}
    fatal, threat = _first_entered(records)
    ids = {each.patient_id for each in records}
    dead = set(registry.form("DD").objects.filter(patient__in=ids, voided=False).values_list("patient_id", flat=True))
    until, now = _until(records), clock.now()
    return [
        Case(
            each, each.patient, versions[each.code, each.pk], stored.get((each.code, each.pk)), sponsor.get((each.code, each.pk)),
            authority[each.code, each.pk], queries[each.code, each.pk], frozenset(meanings[each.code, each.pk]),
            fatal.get(each.pk) if each.code == AdverseEvent.code else None, threat.get(each.pk) if each.code == AdverseEvent.code else None,
            each.patient_id in dead, until.get(each.patient_id), now,
        )
        for each in records
    ]  # fmt: skip


def _first_entered(records: Iterable[Crf]) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """When it was first entered that an event is fatal, or a threat to life: from then on the desk could read it."""
    pks = [each.pk for each in records if each.code == AdverseEvent.code]
    past = history_of(AdverseEvent)._default_manager.filter(id__in=pks).order_by()
    fatal, threat = (dict(past.filter(each).values_list("id").annotate(at=Min("history_date"))) for each in (FATAL, THREAT))
    return fatal, threat


def _until(records: Iterable[Crf]) -> dict[int, PartialDate | None]:
    """The last day of contraception of the patients with a pregnancy."""
    ids = {each.patient_id for each in records if each.code == Pregnancy.code}
    if not ids:
        return {}
    doses = defaultdict(list)
    for record in registry.form("EC").objects.filter(patient__in=ids, voided=False).select_related("visit"):
        doses[record.patient_id].append(fact_of(record))
    return {patient: contraception_until(given) for patient, given in doses.items()}


def put_worst_grades(cases: Iterable[Case]) -> None:
    """Fill in the worst grade that each event has had, in one query; of a void event, that with which it began."""
    events = [case for case in cases if case.has_causality]
    known = load_cases({case.patient.pk: case.patient for case in events}.values(), (AdverseEvent.code, *event_grades.FORMS))
    for case in events:
        facts = known[case.patient.pk]
        event = next((each for each in facts.of(AdverseEvent.code) if each.id == case.record.pk), None)
        case.worst = event_grades.worst_in(facts, event) if event is not None else case.record.grade


def case_of(record: Crf) -> Case:
    """The case of one event; its patient and site are read."""
    return gathered([record])[0]


def waiting_until(records: Sequence[Crf]) -> dict[int, datetime]:
    """By key: when the first report of each event or pregnancy is due; without those of which nothing is, or that have reached the
    sponsor. The records are of one form; their patients and sites are read.
    """
    waiting = [each for each in records if not each.voided and each.reported_at is None]
    if not waiting:
        return {}
    of_case = {each.record: each for each in SafetyCase.objects.filter(_about(waiting))}
    until = _until(waiting)
    cases = [Case(each, each.patient, stored=of_case.get(each.pk), until=until.get(each.patient_id)) for each in waiting]
    return {each.record.pk: each.clock.due for each in cases if each.runs and each.clock}


def is_assessed(case: Case) -> bool:
    """Has the investigator judged causality? Until then the site is not shown the sponsor's opinion."""
    return case.has_causality and case.record.relationship in (Relationship.YES, Relationship.NO)
