"""The screening log: every screening number with what became of it, and nothing by which a person could be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.access import SPONSOR_ZONE, check
from accounts.roles import Permission
from audit import clock
from crf import lists, registry
from crf.models import State
from patients.access import patients_for, sites_for, within_sites
from patients.models import Patient
from protocol.dates import MONTHS, PartialDate, show

IN_SCREENING, REGISTERED, FAILED, AGAIN = "SCREENING", "REGISTERED", "FAILED", "AGAIN"
# Status → its words, and the icon that stands beside them; the order is that of the course of things.
STATUSES = {
    IN_SCREENING: ("In screening", "progress"), REGISTERED: ("Registered", "ok"),
    FAILED: ("Screen failure", "closed"), AGAIN: ("Screen failure, screened again", "closed"),
}  # fmt: skip
NO_CONSENT = "none"
# Column → what it is sorted by ('' for none).
COLUMNS = {
    "Patient": "number", "Site": "site", "Consent": "consent", "Days": "days", "Status": "status", "On": "on", "No.": "",
    "Reason": "", "Criteria": "", "Other screening": "",
}  # fmt: skip


@dataclass
class Line:
    """One screening. ``days`` run from consent to registration or failure, else to today; dates are ISO 8601."""

    number: str
    site: str
    consent: str
    before: str
    again: str
    status: str = IN_SCREENING
    on: str = ""
    days: int | None = None
    enrolment: int | None = None
    reason: str = ""
    criteria: str = ""

    @property
    def word(self) -> str:
        return STATUSES[self.status][0]

    @property
    def kind(self) -> str:
        return STATUSES[self.status][1]

    @property
    def consent_shown(self) -> str:
        return show(self.consent)

    @property
    def on_shown(self) -> str:
        return show(self.on)

    @property
    def other(self) -> str:
        said = [f"before as {self.before}"] if self.before else []
        return "; ".join(said + ([f"again as {self.again}"] if self.again else []))

    def cells(self) -> list[object]:
        """As the CSV has it."""
        return [self.number, self.site, self.consent, self.days, self.word, self.on, self.enrolment, self.reason,
                self.criteria, self.other]  # fmt: skip


@dataclass
class Log(lists.Listing):
    """The log with what stands around it."""

    heads: list[lists.Head] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    counts: str = ""
    csv_url: str = ""
    today: str = ""
    narrowed: str = ""


@require_GET
def screening_log(request):
    """The screening log of the person's sites."""
    check(request.user, Permission.VIEW)
    return lists.respond(request, log(request), "screening/log.html", "screening-log")


def log(request) -> Log:
    """The log as the URL asks for it."""
    everything = lines(request.user)
    sites = [(site.code, str(site)) for site in sites_for(request.user, Permission.VIEW)]
    filters = [
        lists.Filter("site", "Site", "select", lists.asked(request, "site"), sites),
        lists.Filter("status", "Status", "select", lists.asked(request, "status"), [(s, words) for s, (words, _) in STATUSES.items()]),
        lists.Filter("month", "Month of consent", "select", lists.asked(request, "month"), _months(everything)),
    ]  # fmt: skip
    asked = {each.name: each.value for each in filters if each.value}
    sort = lists.asked(request, "sort")
    found = _sorted([line for line in everything if all(_FITS[name](line) == value for name, value in asked.items())], sort)
    return Log(
        found, filters, list(COLUMNS), [line.cells() for line in found],
        heads=lists.heads(COLUMNS, asked, sort, num=("Days", "No.")), hidden=[("sort", sort)] if sort else [], counts=counted(found),
        csv_url="?" + urlencode({**asked, **({"sort": sort} if sort else {}), "csv": 1}),
        today=show(clock.today(SPONSOR_ZONE).isoformat()), narrowed="; ".join(_words(each) for each in filters if each.value),
    )  # fmt: skip


def _words(chosen: lists.Filter) -> str:
    return f"{chosen.label}: {dict(chosen.options).get(chosen.value, chosen.value)}"


# ---- the lines -------------------------------------------------------------------------------------------------------


def lines(user) -> list[Line]:
    """A line for each screening number at the sites whose records the person reads, in order of number.

    The number of database queries is the same for one patient and for thousands.
    """
    found = within_sites(user, patients_for(user), "site")
    patients = list(found)
    numbers = {patient.pk: patient.number for patient in patients}
    again = {patient.rescreening_of_id: patient.number for patient in patients}
    consents, failures = _of("IC", found, "patient_signed_on"), _of("SF", found, "state", "decided_on", "reason", "criteria")
    died = {each.patient for each in registry.headers(numbers, {"DD"}) if not each.voided}
    return [
        _line(patient, consents.get(patient.pk, ("",))[0], failures.get(patient.pk, ("", "", "", "")), patient.pk in died,
              before=numbers.get(patient.rescreening_of_id, ""), again=again.get(patient.pk, ""))
        for patient in patients
    ]  # fmt: skip


def _of(code: str, patients: QuerySet[Patient], *names: str) -> dict[int, tuple[str, ...]]:
    """Patient → some answers of a form of which a patient has one."""
    found = registry.form(code).objects.filter(patient__in=patients.values("pk"), voided=False)
    return {patient: tuple(answers) for patient, *answers in found.values_list("patient_id", *names)}


def _line(patient: Patient, consent: str, failure: tuple[str, ...], died: bool, *, before: str, again: str) -> Line:
    line = Line(patient.number, patient.site.code, consent, before, again)
    state, decided, reason, criteria = failure
    ended = state == State.SUBMITTED
    if patient.enrolment_number is not None:
        line.status, line.on, line.enrolment = REGISTERED, patient.enrolled_on.isoformat(), patient.enrolment_number
    elif ended or again:
        line.status = AGAIN if again else FAILED
        if ended:
            line.on, line.reason = decided, registry.display("SF", "reason", reason)
            line.criteria = criteria.replace("; ", ", ")
    else:
        line.reason = _waits_for(consent, state, died)
    last = clock.today(patient.site.time_zone) if line.status == IN_SCREENING else _day(line.on)
    first = _day(consent)
    line.days = (last - first).days if first and last else None
    return line


def _waits_for(consent: str, failure: str, died: bool) -> str:
    """What is missing before a screening can end, as far as the log can tell."""
    if failure:
        return "the screen failure form is in progress"
    if died:
        return "death is recorded, the screen failure form is missing"
    return "" if consent else "no consent entered"


def _day(text: str) -> date | None:
    return PartialDate.parse(text).known if text else None


# ---- filters, order, counts -------------------------------------------------------------------------------------------

_FITS: dict[str, Callable[[Line], str]] = {
    "site": lambda line: line.site, "status": lambda line: line.status, "month": lambda line: line.consent[:7] or NO_CONSENT,
}  # fmt: skip
_ORDER: dict[str, Callable[[Line], object]] = {
    "number": lambda line: "", "site": lambda line: line.site, "consent": lambda line: line.consent or "9999",
    "days": lambda line: (line.days is None, line.days or 0), "status": lambda line: list(STATUSES).index(line.status),
    "on": lambda line: line.on or "9999",
}  # fmt: skip


def _sorted(found: list[Line], sort: str) -> list[Line]:
    """By the column that was asked for, else by number; with a minus the other way round."""
    ordered = sorted(found, key=_ORDER.get(sort.removeprefix("-"), _ORDER["number"]))
    return ordered[::-1] if sort.startswith("-") else ordered


def _months(found: list[Line]) -> list[tuple[str, str]]:
    """The months in which somebody consented, the newest first."""
    months = sorted({line.consent[:7] for line in found if len(line.consent) >= 7}, reverse=True)
    named = [(month, f"{MONTHS[int(month[5:]) - 1]} {month[:4]}") for month in months]
    return named + ([(NO_CONSENT, "No consent entered")] if any(not line.consent for line in found) else [])


def counted(found: list[Line]) -> str:
    """'31 screened, 12 registered, 8 failed, 11 in screening'."""
    by = Counter(line.status for line in found)
    again = f" ({by[AGAIN]} screened again)" if by[AGAIN] else ""
    return (f"{len(found)} screened, {by[REGISTERED]} registered, {by[FAILED] + by[AGAIN]} failed{again}, "
            f"{by[IN_SCREENING]} in screening")  # fmt: skip
