"""The safety desk's list: every serious event and pregnancy, filters and order in the URL, and the CSV of exactly what is shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.utils.http import urlencode

from accounts.roles import Permission
from adverse_events.case import Case, cases_for, put_worst_grades
from adverse_events.case_page import clock_words, rsi_versions, sees_sponsors_opinion
from crf import lists
from patients.access import sites_for
from protocol.dates import MONTHS
from protocol.report_codelists import CaseStatus

# code of ``Case.waits_for`` → words of the filter, in the order in which the desk works
STATES = {
    "UNREPORTED": "Report to come", "UNREAD": "To be read", "ANSWERED": "Question answered", "ASKED": "Question at the site",
    "UNSIGNED": "Not signed yet", "UNASSESSED": "To be assessed", "FOLLOWED": "Outcome to come", "DONE": "To be closed", "CLOSED": "Closed",
}  # fmt: skip
KINDS = {"UNREPORTED": "due", "UNREAD": "open", "ANSWERED": "answered", "ASKED": "open", "UNSIGNED": "due", "UNASSESSED": "open",
         "FOLLOWED": "progress", "DONE": "ok", "CLOSED": "closed"}  # fmt: skip
SHORT = {"Y": "yes", "N": "no", "NOT YET ASSESSED": "not yet assessed"}
WHAT = {"AE": "Serious events", "PREG": "Pregnancies"}
DATED = "DATED"  # filter: a report to an authority is due or pending
COLUMNS = {
    "Patient": "patient", "Event": "event", "State": "state", "24 hours": "due", "Versions": "sent", "Causality": "",
    "Authorities": "authority",
}  # fmt: skip
CSV = [
    "Patient", "Site", "Form", "Number", "Event", "Worst grade", "Site aware (earliest)", "Report due", "First report", "By other means", "24 hours",
    "Versions", "Last sent", "To be read", "Signed", "Investigator's causality", "Sponsor's causality", "Expectedness",
    "Reference safety information", "Next report to an authority", "To", "Due", "Open questions", "State",
]  # fmt: skip


@dataclass
class Shown:
    """A case as the list shows it."""

    case: Case
    codes: tuple[str, ...]
    kind: str
    text: str
    clock_words: str
    sees_sponsor: bool

    @property
    def site_causality(self) -> str:
        return SHORT.get(self.case.record.relationship, "—")

    @property
    def sponsor_causality(self) -> str:
        found = self.case.sponsor
        if found is None:
            return "—"
        return SHORT.get(found.causality, "—") + (f", {found.get_expectedness_display().lower()}" if found.expectedness else "")


@dataclass
class Tally:
    count: int
    text: str
    kind: str
    url: str


@dataclass
class Desk(lists.Listing):
    """The list with what stands around it."""

    heads: list[lists.Head] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    csv_url: str = ""


def desk_list(request) -> Desk:
    """Cases as the URL asks for them; without a filter all, what is most urgent first."""
    sites = [(site.code, str(site)) for site in sites_for(request.user, Permission.VIEW)]
    options = {"state": ("State", list(STATES.items())), "what": ("What", list(WHAT.items())), "site": ("Site", sites),
               "authority": ("Authorities", [(DATED, "A report is due or may become due")])}  # fmt: skip
    filters = [lists.Filter(name, label, "select", lists.asked(request, name), choices) for name, (label, choices) in options.items()]
    filters.append(lists.Filter("patient", "Patient", "text", lists.asked(request, "patient")))
    asked = {each.name: each.value for each in filters if each.value}
    sort = lists.asked(request, "sort")
    cases = cases_for(request.user)
    put_worst_grades(cases)
    every = [_shown(request.user, case) for case in cases]
    found = _sorted([each for each in every if _fits(each, asked)], sort)
    chosen = asked | ({"sort": sort} if sort else {})
    names = {each.pk: str(each) for each in rsi_versions()}
    return Desk(
        found, filters, CSV, [_row(each, names) for each in found], heads=lists.heads(COLUMNS, asked, sort), tallies=_tallies(every, asked),
        hidden=[("sort", sort)] if sort else [], csv_url="?" + urlencode(chosen | {"csv": 1}),
    )  # fmt: skip


def _shown(user, case: Case) -> Shown:
    codes = tuple(code for code, _, _ in case.waits_for)
    return Shown(case, codes, *case.state[1:], clock_words(case), sees_sponsors_opinion(user, case))


def _fits(each: Shown, asked: dict[str, str]) -> bool:
    case = each.case
    return all((
        "state" not in asked or asked["state"] in each.codes, asked.get("what", case.form) == case.form,
        asked.get("site", case.patient.site.code) == case.patient.site.code,
        asked.get("patient", case.patient.number).casefold() == case.patient.number.casefold(),
        "authority" not in asked or (asked["authority"] == DATED and case.next_regulatory is not None),
    ))  # fmt: skip


FAR = "9999"


def _sorted(found: list[Shown], sort: str) -> list[Shown]:
    """By what waits most urgently, or by the column that was asked for; with a minus the other way round."""

    def due(each: Shown) -> str:
        return each.case.clock.due.isoformat() if each.case.clock else FAR

    places = {code: place for place, code in enumerate(STATES)}
    keys = {
        "patient": lambda each: (each.case.patient.number,), "event": lambda each: (each.case.title.casefold(),),
        "due": lambda each: (not each.case.runs, due(each)), "sent": lambda each: (each.case.last.sent_at.isoformat() if each.case.last else FAR,),
        "authority": lambda each: (str(each.case.next_regulatory.due.on) if each.case.next_regulatory else FAR,),
        "state": lambda each: (places[each.codes[0]], due(each)),
    }  # fmt: skip
    key = keys.get(sort.removeprefix("-"), keys["state"])
    return sorted(found, key=lambda each: (*key(each), each.case.patient.number, each.case.key), reverse=sort.startswith("-"))


def _tallies(every: list[Shown], asked: dict[str, str]) -> list[Tally]:
    """How many wait for what (one may wait for several things), whatever state the filter asks for."""
    rest = {name: value for name, value in asked.items() if name not in ("state", "authority")}
    found = [each for each in every if _fits(each, rest)]
    counts = Counter(code for each in found for code in each.codes)
    tallies = [
        Tally(counts[code], words.lower(), KINDS[code], "?" + urlencode(rest | {"state": code})) for code, words in STATES.items() if counts[code]
    ]  # fmt: skip
    dated = sum(each.case.next_regulatory is not None for each in found)
    return [*tallies, *([Tally(dated, "with a report to an authority", "due", "?" + urlencode(rest | {"authority": DATED}))] if dated else [])]


def _row(each: Shown, names: dict[int, str]) -> list[str]:
    """A line of the CSV; times in UTC."""
    case, sponsor = each.case, each.case.sponsor if each.sees_sponsor else None
    first, coming = case.first_report, case.next_regulatory
    if coming is not None and not each.sees_sponsor and coming.due.to == "EudraVigilance":
        coming = None
    return [
        case.patient.number, case.patient.site.code, case.form, str(case.record.row), case.title, case.worst,
        _utc(case.aware.first if case.aware else None), _utc(case.clock.due if case.clock else None), _utc(first.first if first else None),
        "Y" if first is not None and case.other_acknowledged else "", case.clock_word[1], str(len(case.versions)),
        _utc(case.last.sent_at if case.last else None), str(len(case.unread)), "Y" if case.is_signed else "N" if case.versions else "",
        case.record.get_relationship_display() if case.has_causality else "", sponsor.get_causality_display() if sponsor else "",
        sponsor.get_expectedness_display() if sponsor else "", names.get(sponsor.rsi_id, "") if sponsor else "",
        coming.due.report if coming else "", coming.due.to if coming else "", coming.due.on.isoformat() if coming else "",
        str(len(case.open_queries)), each.text,
    ]  # fmt: skip


def _utc(at) -> str:
    return f"{at:%Y-%m-%dT%H:%MZ}" if at else ""


# ---- counts for the home page -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """What the events at a person's sites wait for; ``due`` are the running clocks, soonest first."""

    due: tuple
    reports: int
    unread: int
    answered: int
    asked: int
    unsigned: int
    unassessed: int
    dated: int
    dated_late: int
    next_date: str
    nullify: int


def waiting(found: list[Case]) -> Waiting:
    """Counts over some cases; closed ones, and what is not reported, wait for nothing."""
    cases = [each for each in found if each.status is CaseStatus.OPEN and (each.is_reportable or each.versions)]
    coming = [each.next_regulatory for each in cases if each.next_regulatory]
    next_on = min((each.due.on for each in coming), default=None)
    return Waiting(
        due=tuple(sorted(each.clock.due for each in cases if each.runs and each.clock)), reports=sum(each.is_waiting for each in cases),
        unread=sum(len(each.unread) for each in cases), answered=sum(len(each.answered) for each in cases),
        asked=sum(len(each.open_queries) - len(each.answered) for each in cases), unsigned=_count(cases, "UNSIGNED"),
        unassessed=_count(cases, "UNASSESSED"), dated=len(coming), dated_late=sum(each.late for each in coming),
        next_date=f"{next_on.day:02d}-{MONTHS[next_on.month - 1]}-{next_on.year}" if next_on else "",
        nullify=sum(each.needs_nullification for each in cases),
    )  # fmt: skip


def _count(cases: list[Case], code: str) -> int:
    return sum(code in [each for each, _, _ in case.waits_for] for case in cases)
