"""All changes of the trial: what is asked for, one page of it, and the CSV of exactly the same.

Written for a trail of a million rows. Every filter walks an index of ``audit.models.Change`` backwards; paging goes by key
and not by number; counting stops; reason and source, which have no index, are looked for within 31 days only.
"""

from __future__ import annotations

import csv
import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from accounts.access import actor_for, grants
from accounts.models import Site, User
from accounts.roles import Permission
from audit.context import event
from audit.models import Change, audited_models, model_for
from crf import pages, registry
from crf.fields import PartialDateField
from crf.lists import Filter, safe_cell
from patients.access import sites_for
from patients.models import Visit
from protocol.dates import show as show_date
from review.models import Signature
from review.signatures import covered_fields

PAGE = 50
COUNTED = 10_000  # beyond this a count says "over 10,000"
DAYS = 31  # reason and source are searched within this span
CSV_ROWS = 100_000
CSV_BATCH = 1_000
ACCESS = "ACCESS"
IN_LOG = "Number in the log"

# The doors by which something is written, as ``audit.acting(source=…)`` names them, in the words of the screen.
SOURCES = {
    "form": "entry form",
    "registration": "registration",
    "paper registration": "registration, entered from paper",
    "place": "place held for a patient",
    "rescreening": "screened again",
    "release": "release of the first dose",
    "query": "query",
    "verification": "source verification",
    "signature": "signature",
    "ruling": "ruling",
    "deviation": "deviation judged or entered",
    "reference": "site's references",
    "drug account": "drug account",
    "void": "voided",
    "restore": "restored",
    "move": "moved, wrong patient or visit",
    "safety report": "safety report",
    "safety desk": "safety desk",
    "check_rules": "re-check of rules",
    "admin": "administration",
    "accounts": "accounts",
    "password": "own password",
    "log-in": "log-in",
    "changes": "list of changes",
    "export": "export",
    "load_study": "set-up",
    "simulation": "simulation",
    "migration": "upgrade",
}


# ---- words -----------------------------------------------------------------------------------------------------------


def title(code: str) -> str:
    """What people call a form or another record of the trail."""
    if code == ACCESS:
        return "Access"
    try:
        words = str(model_for(code)._meta.verbose_name)
    except LookupError:
        return code
    return words[:1].upper() + words[1:]


def column(code: str, name: str) -> models.Field | None:
    """The model field behind a field of the trail; None when it exists no more."""
    try:
        fields = model_for(code)._meta.concrete_fields
    except LookupError:
        return None
    return next((each for each in fields if name in (each.attname, each.name)), None)


def label(code: str, name: str) -> str:
    """The question behind a field, or the field's name in words."""
    found = column(code, name)
    words = IN_LOG if name == "row" else str(found.verbose_name) if found is not None else name
    return words[:1].upper() + words[1:]


def moment(at: datetime, zone: str = "UTC") -> str:
    """05-Jan-2026 14:32 CET."""
    return f"{at.astimezone(ZoneInfo(zone)):%d-%b-%Y %H:%M %Z}"


def shown(code: str, name: str, value: str | None, known: Mapping[tuple[str, str], str]) -> str:
    """A value of the trail (canonical text) in the words of the screen."""
    if value in (None, ""):
        return ""
    found = column(code, name)
    if (code, name) == (Signature.trail_code, "covered"):
        return ", ".join(covered_fields(value))
    if isinstance(found, models.BooleanField):
        return {"Y": "Yes", "N": "No"}.get(value, value)
    if isinstance(found, models.DateTimeField):
        return moment(datetime.fromisoformat(value))
    if isinstance(found, models.DateField):
        return f"{date.fromisoformat(value):%d-%b-%Y}"
    if name == "form" and code not in _form_codes():
        return title(value)
    if isinstance(found, models.ForeignKey):
        return known.get((found.related_model._meta.label, value), value)
    if isinstance(found, PartialDateField) and code not in _form_codes():
        return show_date(value)
    if found is not None and found.choices and code not in _form_codes():
        return str(dict(found.flatchoices).get(value, value))
    return registry.display(code, name, value)


def _form_codes() -> set[str]:
    return {form.code for form in registry.forms()}


@dataclass
class Line(pages.ChangeRow):
    """A change with everything that one line of a list says of it."""

    id: int = 0
    at: datetime | None = None
    utc: str = ""
    local: str = ""
    zone: str = ""
    site: str = ""
    patient: str = ""
    form: str = ""
    form_title: str = ""
    record: str = ""
    slot: str = ""
    username: str = ""
    door: str = ""
    note: str = ""
    url: str = ""
    anchor: str = ""
    version: int = 0
    identifying: bool = False

    @property
    def why(self) -> str:
        """The reason; '' at the first entry; otherwise why none was asked for."""
        if self.reason or self.form == ACCESS:
            return self.reason
        if self.version <= 1:
            return "first entry"
        return "not yet submitted" if self.form in _form_codes() else "no reason asked"

    @property
    def when_here(self) -> str:
        """At the record's own site, zone named; UTC for what belongs to no site."""
        return self.local or self.utc

    @property
    def local_short(self) -> str:
        """The time at the site, with its date only where that is another day."""
        return self.local.partition(" ")[2] if self.local[:11] == self.utc[:11] else self.local

    @property
    def full_label(self) -> str:
        """The field; of records of another kind on the same page, also which."""
        return f"{self.form_title} {self.slot} {self.label}" if self.form in ("MEMBERSHIP", ACCESS) else self.label

    @property
    def role_and_door(self) -> str:
        return f"{self.role} · {self.door}" if self.role else self.door


def lines(changes: Iterable[Change], zones: Mapping[str, str]) -> list[Line]:
    """Changes (with their sets) in the words of the screen; one query for all names. ``zones``: site code → time zone."""
    rows = list(changes)
    known = _names(rows)
    return [_line(change, row, zones, known) for change, row in zip(rows, pages.change_rows(rows), strict=True)]


def _line(change: Change, row: pages.ChangeRow, zones: Mapping[str, str], known: Mapping[tuple[str, str], str]) -> Line:
    code, name = change.form, change.field
    at_site = {("accounts.Site", change.old): "another site", ("accounts.Site", change.new): change.site,
               ("patients.Patient", change.new): change.patient}  # fmt: skip
    words = {**at_site, **known}
    zone = zones.get(change.site, "")
    marks = [word for on, word in ((change.after_sdv, "after verification"), (change.after_signature, "after signature")) if on]  # fmt: skip  # noqa: E501
    found = column(code, name)
    return Line(
        label=label(code, name), field=name, old=shown(code, name, change.old, words),
        new=shown(code, name, change.new, words), who=row.who, role=row.role, when=row.when, reason=row.reason,
        source=row.source, id=change.pk, at=change.at, utc=moment(change.at),
        local=moment(change.at, zone) if zone else "", zone=zone, site=change.site, patient=change.patient, form=code,
        form_title=title(code), record=change.record, slot=known.get((code, change.record), ""),
        username=change.actor, door=SOURCES.get(row.source, row.source), note=", ".join(marks),
        url=record_url(code, change.record), version=change.version,
        identifying=found is not None and found.name in getattr(found.model, "identifying", ()),
    )  # fmt: skip


def record_url(code: str, record: str) -> str:
    """Where the admin shows a record; '' for what is no record."""
    try:
        meta = model_for(code)._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record])
    except (LookupError, NoReverseMatch):
        return ""


def _names(changes: list[Change]) -> dict[tuple[str, str], str]:
    """(model label or form code, id) → visit code, user name, or place of the record; in one query."""
    wanted: dict[tuple[type[models.Model], str], set[int]] = defaultdict(set)
    for change in changes:
        found = column(change.form, change.field)
        if isinstance(found, models.ForeignKey) and found.related_model in (Visit, User):
            ids = {int(value) for value in (change.old, change.new) if value}
            wanted[found.related_model, found.related_model._meta.label] |= ids
        if change.form in _form_codes():
            wanted[registry.form(change.form), change.form].add(int(change.record))
    parts = [
        model._base_manager.filter(pk__in=ids).order_by()
        .annotate(name=_NAME.get(model, _SLOT), kind=Value(kind, CharField())).values_list("kind", "pk", "name")
        for (model, kind), ids in wanted.items() if ids
    ]  # fmt: skip
    if not parts:
        return {}
    found = parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]
    return {(kind, str(pk)): name for kind, pk, name in found}


_SLOT = Coalesce(F("visit__code"), Cast("row", CharField()), output_field=CharField())
_NAME = {Visit: Cast("code", CharField()), User: Cast("username", CharField())}


def zones(sites: Iterable[Site] | None = None) -> dict[str, str]:
    """Site code → time zone."""
    return {site.code: site.time_zone for site in (Site.objects.all() if sites is None else sites)}


# ---- the filter ------------------------------------------------------------------------------------------------------


@dataclass
class Asked:
    """What the person wants to see, as the URL says it; ``refusals`` are the sentences that say why it cannot be shown."""

    site: str = ""
    patient: str = ""
    form: str = ""
    field: str = ""
    user: str = ""
    since: str = ""
    until: str = ""
    reason: str = ""
    source: str = ""
    after_sdv: bool = False
    after_signature: bool = False
    refusals: list[str] = dataclasses.field(default_factory=list)
    first: datetime | None = None  # the moments between which, the last one not included
    end: datetime | None = None

    @property
    def narrow(self) -> bool:
        """Is there a filter besides the site?"""
        return bool(set(self.query()) - {"site"})

    @property
    def by_date(self) -> bool:
        return self.first is not None or self.end is not None

    def query(self) -> dict[str, str]:
        """The filter as URL parameters."""
        texts = ("site", "patient", "form", "field", "user", "since", "until", "reason", "source")
        marks = ("after_sdv", "after_signature")
        kept = {name: getattr(self, name) for name in texts if getattr(self, name)}
        return kept | {name: "1" for name in marks if getattr(self, name)}


def asked(get: Mapping[str, str]) -> Asked:
    """Read the filter from the URL."""

    def text(name: str) -> str:
        return str(get.get(name, "")).replace("\x00", "").strip()[:150]

    found = Asked(
        text("site"), text("patient").upper(), text("form"), text("field"), text("user").lower(), text("since"),
        text("until"), text("reason"), text("source"), text("after_sdv") == "1", text("after_signature") == "1",
    )  # fmt: skip
    first, last = _day(found, "since", "From"), _day(found, "until", "Until")
    if first:
        found.first = datetime.combine(first, time.min, UTC)
    if last:
        found.end = datetime.combine(last, time.min, UTC) + timedelta(days=1)
    if first and last and first > last:
        found.refusals.append("The first day lies after the last.")
    within = found.first and found.end and found.end - found.first <= timedelta(days=DAYS)
    if (found.reason or found.source) and not within and not found.refusals:
        found.refusals.append(
            f"Reason and source are searched within at most {DAYS} days: enter both dates, no more than {DAYS} days apart."
        )
    return found


def _day(found: Asked, name: str, words: str) -> date | None:
    text = getattr(found, name)
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = None
    if text and (day is None or not 1900 <= day.year <= 2999):
        found.refusals.append(f"“{words}” is no date: enter it as 2026-03-05.")
        return None
    return day


def may_see(user, sites: Iterable[Site]) -> list[str] | None:
    """Codes of the sites whose changes the person may audit; None for everything, also what belongs to no site."""
    return None if grants(user).site_ids(Permission.AUDIT) is None else [site.code for site in sites]


def _matching(asked: Asked) -> QuerySet[Change]:
    """The changes that fit the filter, the sites left aside."""
    found = Change.objects.all()
    names = {"patient": asked.patient, "form": asked.form, "field": asked.field, "actor": asked.user}
    found = found.filter(**{name: value for name, value in names.items() if value})
    if asked.first:
        found = found.filter(at__gte=asked.first)
    if asked.end:
        found = found.filter(at__lt=asked.end)
    if asked.reason:
        found = found.filter(change_set__reason__icontains=asked.reason)
    if asked.source:
        found = found.filter(change_set__source=asked.source)
    if asked.after_sdv:
        found = found.filter(after_sdv=True)
    if asked.after_signature:
        found = found.filter(after_signature=True)
    return found


def _cut(found: QuerySet[Change], asked: Asked, before: int | None, after: int | None) -> QuerySet[Change]:
    """Only what is older than the change ``before``, or newer than ``after``, in the order of the list."""
    if before is None and after is None:
        return found
    key, way = (before, "lt") if before is not None else (after, "gt")
    if not asked.by_date:
        return found.filter(**{f"id__{way}": key})
    at = Change.objects.filter(pk=key).values("at")  # the list goes by time, then by id
    return found.filter(**{f"at__{way}e": at}).filter(Q(**{f"at__{way}": at}) | Q(**{f"id__{way}": key}))


def _none(asked: Asked, codes: list[str] | None) -> bool:
    outside = codes is not None and (not codes or (asked.site and asked.site not in codes))
    return bool(asked.refusals or outside)


def window(
    asked: Asked, codes: list[str] | None, *, before: int | None = None, after: int | None = None, limit: int = PAGE,
) -> QuerySet[Change]:  # fmt: skip
    """The first ``limit`` changes before or after a key; newest first, or with ``after`` oldest first.

    Sites alone are read one by one and put together: each walks its own stretch of the index, and none sorts a site's
    whole trail. With another filter that one's index is walked and the site looked at in passing.
    """
    if _none(asked, codes):
        return Change.objects.none()
    order = ["at", "id"] if asked.by_date else ["id"]
    order = order if after is not None else [f"-{name}" for name in order]
    found = _cut(_matching(asked), asked, before, after)
    branches = [asked.site] if asked.site else codes
    if branches is None:
        return found.order_by(*order)[:limit]
    if asked.narrow:
        # No index can serve this comparison, so the database does not take that of the site, read it all, and sort.
        passing = found.alias(at_site=Coalesce("site", Value(""))).filter(at_site__in=branches)
        return passing.order_by(*order)[:limit]
    each = [found.filter(site=code).order_by(*order)[:limit] for code in branches]
    if len(each) == 1:
        return each[0]
    return Change.objects.filter(id__in=_together(each)).order_by(*order)[:limit]


def _together(querysets: list[QuerySet[Change]]) -> RawSQL:
    """The ids of several limited queries; the ORM cannot put limits inside a union on SQLite."""
    compiled = [queryset.values("id").query.sql_with_params() for queryset in querysets]
    parts = [f"SELECT id FROM ({sql}) AS part{number}" for number, (sql, _) in enumerate(compiled)]  # noqa: S608
    return RawSQL(" UNION ALL ".join(parts), [each for _, params in compiled for each in params])  # noqa: S611


def count(asked: Asked, codes: list[str] | None) -> str:
    """How many there are, in words; counting stops at 10,000."""
    number = window(asked, codes, limit=COUNTED + 1).values("id").count()
    return f"over {COUNTED:,} changes" if number > COUNTED else f"{number:,} {'change' if number == 1 else 'changes'}"


# ---- the page and the CSV --------------------------------------------------------------------------------------------


@dataclass
class Page:
    """What the template shows."""

    asked: Asked
    lines: list[Line]
    filters: list[Filter]
    count_text: str
    newer_url: str
    older_url: str
    csv_url: str


def page(user, get: Mapping[str, str]) -> Page:
    """One page of the changes that the person may audit: three queries, and a fourth for names."""
    wanted, sites = asked(get), list(sites_for(user, Permission.AUDIT))
    codes = may_see(user, sites)
    before, after = _key(get.get("before")), _key(get.get("after"))
    rows = list(window(wanted, codes, before=before, after=after, limit=PAGE + 1).select_related("change_set"))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    backwards = before is None and after is not None
    if backwards:
        rows.reverse()
    newer, older = (more, True) if backwards else (before is not None, more)
    query = wanted.query()
    return Page(
        wanted, lines(rows, zones(sites)), filters(wanted, sites), count(wanted, codes),
        f"?{urlencode({**query, 'after': rows[0].pk})}" if rows and newer else "",
        f"?{urlencode({**query, 'before': rows[-1].pk})}" if rows and older else "",
        f"?{urlencode({**query, 'csv': 1})}" if rows else "",
    )  # fmt: skip


def _key(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def filters(asked: Asked, sites: list[Site]) -> list[Filter]:
    """The filter as components/filters.html takes it; choices come from the declarations, never from the trail."""
    codes = [*_form_codes_in_order(), ACCESS]
    fields = Filter("field", "Field", "text", asked.field)
    if asked.form:
        fields = Filter("field", "Field", "select", asked.field, field_choices(asked.form))
    return [
        Filter("site", "Site", "select", asked.site, [(site.code, f"{site.code} {site.city}") for site in sites]),
        Filter("patient", "Patient", "text", asked.patient),
        Filter("form", "Form", "select", asked.form, [(code, title(code)) for code in codes]),
        fields,
        Filter("user", "User name", "text", asked.user),
        Filter("since", "From (UTC)", "date", asked.since),
        Filter("until", "Until (UTC)", "date", asked.until),
        Filter("reason", "Reason contains", "text", asked.reason),
        Filter("source", "Source", "select", asked.source, list(SOURCES.items())),
        Filter("after_sdv", "After verification", "check", "1" if asked.after_sdv else ""),
        Filter("after_signature", "After signature", "check", "1" if asked.after_signature else ""),
    ]


def _form_codes_in_order() -> list[str]:
    crfs = [form.code for form in registry.forms()]
    return crfs + [model.trail_code for model in audited_models() if model.trail_code not in crfs]


def field_choices(code: str) -> list[tuple[str, str]]:
    """(name in the trail, label) of a form's fields."""
    from accounts import login

    if code == ACCESS:
        events = (login.IN, login.FAILED, login.LOCKED, login.OUT, login.IDLE, login.PASSWORD)
        return [(each, label(code, each)) for each in events]
    try:
        model = model_for(code)
    except LookupError:
        return []
    return [(each.attname, label(code, each.attname)) for each in model.audited_fields()]


HEAD = [
    "Change", "At (UTC)", "At the site", "Site", "Patient", "Form", "Form code", "Record", "Place", "Field", "Field code",
    "Old", "New", "User name", "Name", "Role", "Reason", "Source", "After",
]  # fmt: skip
WITHHELD = "(identifying: to be read on the screen only)"


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(user, get: Mapping[str, str]) -> Iterator[str]:
    """The CSV of the same filter, newest first, read piece by piece; taking it is in the trail.

    Values of identifying fields stay on the screen: a file travels.
    """
    wanted, sites = asked(get), list(sites_for(user, Permission.AUDIT))
    detail = urlencode(wanted.query()) or "everything"
    event(actor_for(user), "changes as CSV", about=user.username, detail=detail, source="changes")
    return _csv(wanted, may_see(user, sites), zones(sites))


def _csv(wanted: Asked, codes: list[str] | None, places: Mapping[str, str]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEAD)
    before, left = None, CSV_ROWS
    while left > 0:
        size = min(CSV_BATCH, left)
        found = lines(window(wanted, codes, before=before, limit=size).select_related("change_set"), places)
        for line in found:
            yield writer.writerow([safe_cell(cell) for cell in _cells(line)])
        if len(found) < size:
            return
        before, left = found[-1].id, left - len(found)
    if window(wanted, codes, before=before, limit=1).exists():
        yield writer.writerow([f"Cut off after {CSV_ROWS:,} changes: there are older ones. Narrow the filter to see them."])


def _cells(line: Line) -> list[object]:
    old, new = line.old, line.new
    if line.identifying:
        old, new = WITHHELD if old else "", WITHHELD if new else ""
    return [
        line.id, f"{line.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", line.local, line.site, line.patient, line.form_title,
        line.form, line.record, line.slot, line.label, line.field, old, new, line.username, line.who, line.role,
        line.reason, line.source, line.note,
    ]  # fmt: skip
