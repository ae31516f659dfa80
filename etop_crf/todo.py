"""What is waiting for a person: counts that lead to the list behind them, and the short lists that the home page holds.

The number of database queries is the same for two patients and for two thousand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.http import urlencode

from accounts import login, outbox
from accounts.access import SPONSOR_ZONE, grants, holding_today
from accounts.models import Membership, Site, SiteStatus, User
from accounts.policy import FAILURES, LOCKED_FOR
from accounts.roles import Permission
from adverse_events import abnormalities, desk
from adverse_events.case import Case, candidates
from audit import clock
from audit.models import Change
from crf import registry
from crf.deviation_list import judged_again
from crf.facts import fact_of, patient_fact
from crf.registry import Header
from dosing import supply
from etop_crf import changes
from patients.access import patients_for, sites_for, within_sites
from patients.actions import Places, places
from patients.models import Patient
from protocol import parameters
from protocol.dates import show
from protocol.facts import Clock
from protocol.schedule import CalendarRow, Status, calendar
from protocol.viral import next_dna
from review import breach
from review.models import Breach, Deviation, DeviationStatus, Query, QueryStatus, Ruling, RulingStatus, SafetyQuestion

SOON = 7  # days ahead for which a dose is shown as due
SHOWN = 12  # lines of a short list
LATELY = 7  # days of changes that an auditor is told of
ENDING = 30  # days before which an administrator is told that a role ends
SCREENING_FORMS = ("IC", "DM", "ECOG", "IE")  # submitted: the patient can be registered, or recorded as a screen failure
ENDS = ("EOT", "DD")  # after one of these no dose is due


@dataclass
class Task:
    """A count and what it counts; ``kind`` is a status of components/status.html."""

    count: int | str
    text: str
    url: str
    kind: str = "neutral"
    detail: str = ""
    icon: str = ""


@dataclass
class Item:
    """One line of a short list."""

    patient: str
    patient_url: str
    what: str
    url: str
    when: str = ""
    kind: str = "neutral"
    word: str = ""


@dataclass
class Short:
    """A short list on the home page; ``empty`` says what would stand there."""

    anchor: str
    title: str
    items: list[Item]
    empty: str
    more: int = 0


@dataclass
class Group:
    """Tasks that belong together."""

    title: str
    tasks: list[Task]


@dataclass
class SiteRow:
    code: str
    name: str
    status: str
    kind: str
    screened: int
    registered: int
    url: str


@dataclass
class Recruitment:
    registered: int
    places: int
    held: int
    sites: list[SiteRow]


@dataclass
class ToDo:
    groups: list[Group] = field(default_factory=list)
    lists: list[Short] = field(default_factory=list)
    recruitment: Recruitment | None = None
    places: str = ""  # of the trial, for everybody at a site
    nothing: bool = False


def todo(user) -> ToDo:
    """Everything that the person's roles of today have to do."""
    held, found = grants(user), ToDo()
    patients = list(patients_for(user))
    headers = _headers(held, patients)
    waiting = _queries(user) if held.may(Permission.VIEW) else []
    treated = _treated(user, patients, headers) if held.may(Permission.ENTER) or held.may(Permission.DRUG) else []
    if held.may(Permission.ENTER) or held.may(Permission.DRUG):
        _for_the_site(user, held, patients, headers, waiting, treated, found)
    if held.may(Permission.STOCK):
        found.groups.append(_for_the_pharmacy(user, treated))
    if held.may(Permission.RAISE):
        found.groups.append(_for_review(user, held, waiting))
    if held.may(Permission.JUDGE):
        found.groups.append(_for_judgement(user))
    if held.may(Permission.DECIDE):
        found.groups.append(_for_the_reviewer(user))
    if held.may(Permission.SAFETY):
        found.groups.append(_for_safety(user))
    if held.may(Permission.AUDIT):
        found.groups.append(_for_audit(user))
    if held.may(Permission.EXPORT):
        task = Task("", "Take a data export", reverse("exports"), detail="one table per form, with codebook and manifest", icon="exports")
        found.groups.append(Group("Exports", [task]))
    if held.may(Permission.MANAGE):
        found.groups.append(_for_administration())
    if held.may(Permission.VIEW) or held.may(Permission.DRUG):
        taken = places()
        found.places = taken.text
        if held.may(Permission.VIEW):
            found.recruitment = _recruitment(user, patients, taken)
    found.nothing = not (found.groups or found.recruitment)
    return found


def _list(name: str, **filters) -> str:
    return f"{reverse(name)}?{urlencode(filters)}" if filters else reverse(name)


def _plural(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


# ---- the site's staff ------------------------------------------------------------------------------------------------


def _headers(held, patients: list[Patient]) -> dict[int, list[Header]]:
    """Patient → headers, for those who enter data or prepare doses."""
    ids = held.site_ids(Permission.ENTER, Permission.DRUG)
    mine = [patient.pk for patient in patients if ids is None or patient.site_id in ids]
    found: dict[int, list[Header]] = defaultdict(list)
    for header in registry.headers(mine):
        if not header.voided:
            found[header.patient].append(header)
    return found


def _for_the_site(user, held, patients, headers, waiting, treated, found: ToDo) -> None:
    enters = held.site_ids(Permission.ENTER)
    mine = [patient for patient in patients if enters is None or patient.site_id in enters]
    doses = _doses(treated)
    tasks = []
    if mine or held.may(Permission.ENTER):
        drafts, ready, cases = _drafts(mine, headers), _ready(mine, headers), candidates(user, Permission.ENTER)
        abnormal = _abnormalities(mine, headers)
        asked = sum(site in enters and status == QueryStatus.OPEN for site, status, _, _ in waiting)
        tasks += [
            Task(asked, _plural(asked, "open query to answer", "open queries to answer"), _list("queries", status="OPEN"), "open" if asked else "ok"),
            *_reports_of_the_site(user, cases),
            _abnormality_task(abnormal),
            Task(len(drafts.items) + drafts.more, "forms in progress", "#drafts", "progress"),
            Task(len(ready.items) + ready.more, "screened, to be registered", "#ready", "due" if ready.items else "neutral"),
        ]  # fmt: skip
        found.lists += [drafts, ready]
        if abnormal:
            found.lists.append(_short("abnormalities", "Laboratory abnormalities without an answer", abnormal, ""))
        if sampled := _hbv_dna(user, mine, headers):
            late = sum(item.kind == "overdue" for item in sampled)
            tasks.append(Task(len(sampled), "HBV DNA due", "#hbv", "overdue" if late else "due", f"{late} overdue" if late else ""))
            found.lists.append(_short("hbv", "HBV DNA due", sampled, ""))
        if followed := _pregnancies(cases):
            tasks.append(Task(len(followed), _plural(len(followed), "pregnancy to follow", "pregnancies to follow"), "#pregnancies", "due"))
            found.lists.append(_short("pregnancies", "Pregnancies without an outcome", followed, ""))
    overdue = sum(item.kind == "overdue" for item in doses)
    tasks.append(Task(len(doses), _plural(len(doses), "dose due", "doses due"), "#doses",
                      "overdue" if overdue else "due" if doses else "ok", f"{overdue} overdue" if overdue else f"until {SOON} days from now"))  # fmt: skip  # noqa: E501
    found.groups.append(Group("At your site", tasks))
    empty = f"No dose is due. A registered patient's next dose stands here from {SOON} days before its planned date."
    found.lists.insert(0, _short("doses", "Doses due", doses, empty))


def _short(anchor: str, title: str, items: list[Item], empty: str) -> Short:
    return Short(anchor, title, items[:SHOWN], empty, max(0, len(items) - SHOWN))


def _drafts(patients, headers) -> Short:
    items = [
        Item(patient.number, _casebook(patient), f"{registry.title(each.form)}, {_place(each)}", _record(patient, each),
             kind="progress", word="In progress")
        for patient in patients for each in headers[patient.pk] if not each.submitted
    ]  # fmt: skip
    return _short("drafts", "Forms in progress", items, "No form is in progress. One that is saved and not submitted stands here.")  # fmt: skip  # noqa: E501


def _pregnancies(cases: list[Case]) -> list[Item]:
    """They stay here until their outcome is known, however long after treatment that is."""
    open_ones = [each.record for each in cases if each.form == "PREG" and not each.record.voided and not each.record.outcome]
    return [
        Item(each.patient.number, _casebook(each.patient), f"{each.get_whose_display()}, learned on {show(each.learned_on) or '?'}",
             reverse("record", args=[each.patient.number, each.code, each.slot]), kind="due", word="Outcome to come")
        for each in sorted(open_ones, key=lambda each: (each.patient.number, each.row))
    ]  # fmt: skip


def _hbv_dna(user, patients, headers) -> list[Item]:
    """The next HBV DNA of every patient who is monitored, when it is due within a week or overdue; the oldest first."""
    if parameters.value("hbv_dna_interval_days") is None:
        return []
    facts: dict[int, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for code in ("SER", "HBV"):
        stored = registry.form(code).objects.filter(voided=False, patient__enrolment_number__isnull=False).select_related("visit")
        for record in within_sites(user, stored, "patient__site", Permission.ENTER):
            facts[record.patient_id][code].append(fact_of(record))
    found = []
    for patient in patients:
        ended, now = any(each.form in ENDS for each in headers[patient.pk]), clock.now()
        at = Clock(now, clock.today(patient.site.time_zone))
        due = next_dna(facts[patient.pk]["SER"], facts[patient.pk]["HBV"], patient_fact(patient), at, ended=ended)
        if due is not None and (due - at.today).days <= SOON:
            late = (at.today - due).days
            word = f"{late} {_plural(late, 'day', 'days')} overdue" if late > 0 else "Due"
            url = reverse("record", args=[patient.number, "HBV", "new"])
            when = show(due.isoformat())
            found.append((due, Item(patient.number, _casebook(patient), "HBV DNA", url, when, "overdue" if late > 0 else "due", word)))
    return [item for _, item in sorted(found, key=lambda each: each[0])]


def _abnormalities(patients, headers) -> list[Item]:
    """Results after the first dose that no adverse event covers and nobody has judged; the worst and newest first."""
    dosed = [patient for patient in patients if any(each.form == "EC" for each in headers[patient.pk])]
    found = sorted(abnormalities.open_ones(dosed), key=lambda each: each[1].open.sort_key, reverse=True)
    return [
        Item(patient.number, _casebook(patient), abnormalities.in_words(each.open), reverse("abnormalities", args=[patient.number]),
             kind="due", word="To judge")
        for patient, each in found
    ]  # fmt: skip


def _abnormality_task(items: list[Item]) -> Task:
    words = _plural(len(items), "laboratory abnormality to judge", "laboratory abnormalities to judge")
    detail = f"grade {parameters.whole('laboratory_event_grade')} or more, and no adverse event" if items else ""
    return Task(len(items), words, "#abnormalities" if items else reverse("patients"), "due" if items else "ok", detail)


def _ready(patients, headers) -> Short:
    items = []
    for patient in patients:
        submitted = {each.form for each in headers[patient.pk] if each.submitted}
        settled = patient.enrolment_number is not None or submitted & {"SF", "DD"}
        if not settled and submitted.issuperset(SCREENING_FORMS):
            url = reverse("registration", args=[patient.number])
            items.append(Item(patient.number, _casebook(patient), "All screening forms are submitted", url, kind="due", word="To register"))  # fmt: skip  # noqa: E501
    empty = "Nobody waits for registration. A patient whose screening forms are all submitted stands here."
    return _short("ready", "To be registered, or recorded as a screen failure", items, empty)


def _treated(user, patients, headers) -> list[tuple[Patient, date, list]]:
    """The registered patients whose treatment goes on, each with the day at the site and the doses on record."""
    model = registry.form("EC")
    stored = model.objects.filter(voided=False, patient__enrolment_number__isnull=False).select_related("visit")
    doses = defaultdict(list)
    for record in within_sites(user, stored, "patient__site", Permission.ENTER, Permission.DRUG):
        doses[record.patient_id].append(fact_of(record))
    return [
        (patient, clock.today(patient.site.time_zone), doses[patient.pk]) for patient in patients
        if patient.enrolment_number is not None and not any(each.form in ENDS for each in headers[patient.pk])
    ]  # fmt: skip


def _doses(treated) -> list[Item]:
    """The next dose of every patient on treatment, when it is due within a week or overdue; the oldest first."""
    found = []
    for patient, today, doses in treated:
        row = next((r for r in calendar(doses, today=today) if r.status not in (Status.GIVEN, Status.OMITTED)), None)
        due = row.planned is None or (row.planned - today).days <= SOON if row else False
        if row is not None and due:
            found.append((str(row.planned or ""), _dose(patient, row)))
    return [item for _, item in sorted(found, key=lambda each: each[0])]


def _dose(patient: Patient, row: CalendarRow) -> Item:
    url = reverse("record", args=[patient.number, "EC", row.label])
    late = row.days_late or 0
    if late > 0:
        kind, word = "overdue", f"{late} {_plural(late, 'day', 'days')} overdue"
    elif row.status is Status.DELAYED:
        kind, word = "due", "Delayed"
    else:
        kind, word = "due", "Due"
    when = show(row.planned.isoformat()) if row.planned else "no planned date"
    return Item(patient.number, _casebook(patient), f"Dose {row.label}", url, when, kind, word)


def _casebook(patient: Patient) -> str:
    return reverse("patient", args=[patient.number])


def _record(patient: Patient, header: Header) -> str:
    return reverse("record", args=[patient.number, header.form, header.slot])


def _place(header: Header) -> str:
    return header.visit or f"number {header.row}"


# ---- the pharmacy ------------------------------------------------------------------------------------------------------


def _for_the_pharmacy(user, treated) -> Group:
    """Boxes on the way, vials that do not cover the planned doses, and vials that expire soon."""
    sites = list(sites_for(user, Permission.STOCK))
    stock = supply.of_sites(sites, treated)
    first, short = stock.boxes[0] if stock.boxes else None, sum(stock.missing.values())
    days, ahead = parameters.whole("expiry_warning_days"), parameters.whole("stock_ahead_days")
    page = reverse("drug_site", args=[sites[0].code]) if len(sites) == 1 else reverse("drug")
    return Group("Drug", [
        Task(len(stock.boxes), _plural(len(stock.boxes), "box on the way to you", "boxes on the way to you"), first.url if first else page,
             "due" if first else "ok", f"from {first.transfer.site.code}, sent on {first.sent}" if first else "sent by other sites, to be received"),
        Task(short, _plural(short, "vial", "vials") + " short for planned doses", page, "warn" if stock.missing else "ok",
             stock.words or f"the stock covers the next {ahead} days"),
        Task(stock.expiring, _plural(stock.expiring, "vial", "vials") + f" to expire within {days} days", f"{page}?sort=expires" if len(sites) == 1 else page,
             "warn" if stock.expiring else "ok", f"{stock.expired} of them expired already" if stock.expired else ""),
    ])  # fmt: skip


# ---- queries, safety, audit --------------------------------------------------------------------------------------------


def _queries(user) -> list[tuple]:
    """(site, status, opened at, raised by) of every query that is not closed."""
    found = Query.objects.exclude(status=QueryStatus.CLOSED)
    found = within_sites(user, found, "patient__site", Permission.VIEW)
    return list(found.values_list("patient__site_id", "status", "opened_at", "raised_by"))


def _for_review(user, held, waiting) -> Group:
    """Answers to look at, and how old the open queries are."""
    closes = held.site_ids(Permission.CLOSE)
    answered = [
        by for site, status, _, by in waiting
        if status == QueryStatus.ANSWERED and (closes is None or site in closes or by == user.username)
    ]  # fmt: skip
    ages = [(clock.now() - at).days for _, status, at, _ in waiting if status == QueryStatus.OPEN]
    month, week = sum(age > 30 for age in ages), sum(7 < age <= 30 for age in ages)
    detail = f"older than 30 days: {month} · 8 to 30 days: {week} · newer: {len(ages) - month - week}" if ages else "none at your sites"
    return Group("Queries", [
        Task(len(answered), _plural(len(answered), "answer to look at", "answers to look at"), _list("queries", status="ANSWERED"), "answered" if answered else "ok"),
        Task(len(ages), "open at the sites", _list("queries", status="OPEN"), "open" if ages else "ok", detail),
    ])  # fmt: skip


def _for_the_reviewer(user) -> Group:
    """Questions that a criterion's wording leaves open, and since when the oldest has been waiting."""
    waiting = within_sites(user, Ruling.objects.filter(status=RulingStatus.OPEN), "patient__site", Permission.DECIDE)
    asked = sorted(waiting.values_list("asked_at", flat=True))
    words = _plural(len(asked), "criterion needs your decision", "criteria need your decision")
    detail = f"the oldest asked on {show(asked[0].date().isoformat())}" if asked else "no registration waits for you"
    task = Task(len(asked), words, _list("rulings", status="OPEN"), "open" if asked else "ok", detail)
    return Group("Rulings", [task])


def _report_task(found: desk.Waiting) -> Task:
    now = clock.now()
    late = sum(each < now for each in found.due)
    ahead = [each for each in found.due if each >= now]
    detail = f"{late} late" if late else f"next within {(ahead[0] - now).total_seconds() / 3600:.0f} h" if ahead else ""
    words = _plural(found.reports, "serious event to report", "serious events to report")
    url = _list("safety", state="UNREPORTED") if found.reports else reverse("safety")
    return Task(found.reports, words, url, "overdue" if late else "due" if found.reports else "ok", detail)


def _reports_of_the_site(user, cases: list[Case]) -> list[Task]:
    """What the site's reports wait for: to be sent, answered, signed."""
    found = desk.waiting(cases)
    tasks = [_report_task(found)]
    if found.nullify:
        words = _plural(found.nullify, "reported event is void: nullify it", "reported events are void: nullify them")
        tasks.append(Task(found.nullify, words, _list("safety", state="UNREPORTED"), "due"))
    if found.asked:
        words = _plural(found.asked, "question of the safety desk", "questions of the safety desk")
        tasks.append(Task(found.asked, words, _list("safety", state="ASKED"), "open"))
    if found.unsigned:
        who = "you sign" if grants(user).may(Permission.SIGN) else "the investigator signs"
        words = _plural(found.unsigned, "report not signed yet", "reports not signed yet")
        tasks.append(Task(found.unsigned, words, _list("safety", state="UNSIGNED"), "due", who))
    return tasks


def _for_safety(user) -> Group:
    """The safety desk waits for the sites' reports, reads what has come, assesses it, and is asked about deviations."""
    found = desk.waiting(candidates(user, Permission.SAFETY))
    task = _report_task(found)
    task.text = _plural(found.reports, "serious event not yet reported", "serious events not yet reported")
    questions = Deviation.objects.filter(safety_question=SafetyQuestion.ASKED)
    asked = within_sites(user, questions, "patient__site", Permission.SAFETY).count()
    words = _plural(asked, "deviation: medication error?", "deviations: medication error?")
    dated = f"{found.dated_late} overdue" if found.dated_late else f"next {found.next_date}" if found.next_date else "none is due or pending"
    return Group("Safety", [
        task,
        Task(found.unread, _plural(found.unread, "version to read", "versions to read"), _list("safety", state="UNREAD"), "open" if found.unread else "ok"),
        Task(found.answered, _plural(found.answered, "answer to look at", "answers to look at"), _list("safety", state="ANSWERED"),
             "answered" if found.answered else "ok", f"{found.asked} still at the sites" if found.asked else ""),
        Task(found.unassessed, _plural(found.unassessed, "event to assess", "events to assess"), _list("safety", state="UNASSESSED"),
             "open" if found.unassessed else "ok", f"{found.unsigned} not signed yet" if found.unsigned else ""),
        Task(found.dated, _plural(found.dated, "event with a report to an authority", "events with a report to an authority"),
             _list("safety", authority=desk.DATED), "overdue" if found.dated_late else "due" if found.dated else "ok", dated),
        Task(asked, words, _list("deviations", safety=SafetyQuestion.ASKED.value), "open" if asked else "ok", "you answer on its page"),
        Task("", "All serious events", reverse("safety"), detail="and pregnancies, with what is left of the 24 hours", icon="safety"),
    ])  # fmt: skip


def _for_judgement(user) -> Group:
    """Deviations that the monitor or data management has still to judge, and the clocks that run."""
    mine = within_sites(user, Deviation.objects.all(), "patient__site", Permission.JUDGE)
    proposed = mine.filter(status=DeviationStatus.PROPOSED)
    waiting, again = proposed.count(), judged_again(proposed).count()
    flagged = list(mine.filter(breach=Breach.POTENTIAL).values_list("breach_aware_at", flat=True))
    now = clock.now()
    until = sorted(breach.due(aware) for aware in flagged)
    late = sum(each < now for each in until)
    detail = f"{late} overdue" if late else breach.left(until[0], now) if until else "no clock is running"
    return Group("Deviations", [
        Task(waiting, _plural(waiting, "deviation to judge", "deviations to judge"), _list("deviations", status=DeviationStatus.PROPOSED.value),
             "open" if waiting else "ok", f"{again} changed since they were judged" if again else ""),
        Task(len(flagged), _plural(len(flagged), "potential serious breach", "potential serious breaches"),
             _list("deviations", breach=Breach.POTENTIAL.value), "overdue" if late else "due" if flagged else "ok", detail),
    ])  # fmt: skip


def _for_audit(user) -> Group:
    since = clock.now().date() - timedelta(days=LATELY)
    codes = changes.may_see(user, sites_for(user, Permission.AUDIT))
    words = changes.count(changes.asked({"since": since.isoformat()}), codes)
    number, _, noun = words.rpartition(" ")
    return Group("Audit", [
        Task(number, f"{noun} in the last {LATELY} days", _list("changes", since=since.isoformat()), icon="audit"),
        Task("", "Every record with its history", reverse("admin:index"), detail="in the admin, read only", icon="monitoring"),
    ])  # fmt: skip


# ---- administration --------------------------------------------------------------------------------------------------


def locked_accounts() -> list[str]:
    """User names that cannot log in now after wrong passwords; the same question as ``accounts.login.is_locked``."""
    lately = Change.objects.filter(form=changes.ACCESS, field=login.FAILED, at__gt=clock.now() - LOCKED_FOR)
    tries = Change.objects.filter(form=changes.ACCESS, field__in=[login.IN, login.FAILED, login.PASSWORD], record__in=lately.values("record"))
    numbered = tries.annotate(n=Window(RowNumber(), partition_by=F("record"), order_by=F("id").desc())).filter(n__lte=FAILURES)  # fmt: skip  # noqa: E501
    latest = defaultdict(list)
    for record, what in numbered.values_list("record", "field"):
        latest[record].append(what)
    return sorted(name for name, all_ in latest.items() if name != login.UNKNOWN and all_ == [login.FAILED] * FAILURES)


def _for_administration() -> Group:
    today = clock.today(SPONSOR_ZONE)
    holds = holding_today(Membership.objects.filter(user=OuterRef("pk")))
    ending = Membership.objects.filter(ends_on__gte=today, ends_on__lte=today + timedelta(days=ENDING), user=OuterRef("pk"))
    people = User.objects.filter(is_active=True).annotate(held=Exists(holds), ends=Exists(ending)).aggregate(
        all=Count("pk"), idle=Count("pk", filter=Q(held=False)), ending=Count("pk", filter=Q(ends=True))
    )  # fmt: skip
    sites = Counter(Site.objects.values_list("status", flat=True))
    locked, mails = locked_accounts(), outbox.pending().count()
    users, places = reverse("admin:accounts_user_changelist"), reverse("admin:accounts_site_changelist")
    details = [f"{people['idle']} without a role today" if people["idle"] else "",
               f"{people['ending']} with a role that ends within {ENDING} days" if people["ending"] else ""]  # fmt: skip
    return Group("Users and sites", [
        Task(people["all"], "active users", f"{users}?is_active__exact=1", "neutral", ", ".join(filter(None, details)), "users"),
        Task(len(locked), _plural(len(locked), "locked account", "locked accounts"), f"{users}?{urlencode({'q': ' '.join(locked[:1])})}" if locked else users,
             "warn" if locked else "ok", ", ".join(locked) or "none after wrong passwords"),
        Task(sites[SiteStatus.ACTIVE], "active sites", places, "neutral", f"{sites[SiteStatus.PLANNED]} still to be activated", "sites"),
        Task(mails, _plural(mails, "mail not sent", "mails not sent"), users, "warn" if mails else "ok",
             "tried again by send_outbox" if mails else "every mail has gone out"),
    ])  # fmt: skip


# ---- recruitment -----------------------------------------------------------------------------------------------------


SITE_KINDS = {
    SiteStatus.ACTIVE: "ok", SiteStatus.PLANNED: "neutral", SiteStatus.ON_HOLD: "warn", SiteStatus.CLOSED: "closed",
}  # fmt: skip


def _recruitment(user, patients: list[Patient], taken: Places) -> Recruitment:
    screened = Counter(patient.site_id for patient in patients)
    registered = Counter(patient.site_id for patient in patients if patient.enrolment_number is not None)
    sites = [
        SiteRow(site.code, f"{site.city}, {site.name}", site.get_status_display(), SITE_KINDS[SiteStatus(site.status)],
                screened[site.pk], registered[site.pk], _list("patients", site=site.code))
        for site in sites_for(user, Permission.VIEW)
    ]  # fmt: skip
    return Recruitment(taken.used, taken.cap, taken.held, sites)
