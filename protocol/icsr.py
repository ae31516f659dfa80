"""An individual case safety report as people and authorities read it: one tree of facts, whatever it is printed as.

The CIOMS I form and the E2B(R3) message are both made from it and from nothing else. It holds no identity: the patient is a
number, an age and a sex; name, initials and birth date have no place here. An attribute that is None or '' is not known; what
a report ought to have and has not is said in ``missing``, in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from protocol.dates import Moment, PartialDate, parse_time
from protocol.infusion import Span

# The trial, as the registry record names it.
SPONSOR = "ETOP IBCSG Partners Foundation"
SPONSOR_STUDY = "ETOP 29-25"
STUDY_NAME = "ETOP 29-25 START-lung"
REGISTRY_NUMBER = "NCT07203053"
EU_TRIAL_NUMBER = "2025-522288-13"
DRUG = "Tarlatamab"


@dataclass(frozen=True, slots=True)
class When:
    """A date, perhaps partial, and a wall-clock time at the site ('HH:MM', '' when not known); ``zone`` is the site's."""

    day: PartialDate
    time: str
    zone: str

    @classmethod
    def of(cls, day: PartialDate | None, time: str, zone: str) -> When | None:
        """None when there is no date."""
        return cls(day, time, zone) if day is not None else None

    @property
    def moment(self) -> Moment:
        """The same between two instants (UTC)."""
        found = Moment.of(self.day, self.time, self.zone)
        if found is None:  # pragma: no cover  there is a day
            raise ValueError("A time without a date.")
        return found

    @property
    def offset(self) -> str:
        """How far the site's clock was from UTC, '+0200'; '' when day or time is not known."""
        if self.day.known is None or not self.time:
            return ""
        at = datetime.combine(self.day.known, parse_time(self.time), ZoneInfo(self.zone))
        return at.strftime("%z")[:5]  # local mean time, before zones, had seconds

    @property
    def hl7(self) -> str:
        """As HL7 writes it, no more exact than it is known: 2026, 202603, 20260305, 202603051405+0100."""
        day = self.day.text.replace("-", "")
        return f"{day}{self.time.replace(':', '')}{self.offset}" if self.offset else day

    def __str__(self) -> str:
        return f"{self.day} {self.time}" if self.time else str(self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The patient without identity. ``age`` is the least and greatest age in completed years when the event began."""

    number: str
    country: str
    age: tuple[int, int] | None = None
    sex: str = ""  # codelists.Sex
    weight_kg: Decimal | None = None
    height_cm: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Where the report comes from: the site, never a person by name. ``role`` is the qualification of who tells of the event, a
    label of report_codelists.Reporter."""

    site: str
    site_name: str
    city: str
    country: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeAt:
    """The grade from a moment on; ``at`` None: not dated. ``source`` is the record that says so (AE:1, CRS:2)."""

    at: When | None
    grade: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Somebody's opinion on causality. ``relationship`` is a value of codelists.Relationship, '' when not given.

    ``expectedness`` ('EXPECTED', 'UNEXPECTED' or '') and ``reference``, the version of the reference safety information it
    was judged against, are the sponsor's alone.
    """

    relationship: str = ""
    by: str = ""  # a role, in words
    at: datetime | None = None  # UTC
    comment: str = ""
    expectedness: str = ""
    reference: str = ""
    withheld: bool = False  # given or not, whoever reads this may not see it yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A hospital stay for the event. ``kind`` in words; ``ongoing``, ``planned``, ``prolonged`` by the event: Y, N or ''."""

    kind: str
    admitted: When | None = None
    discharged: When | None = None
    ongoing: str = ""
    planned: str = ""
    prolonged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The event. ``term`` is a CTCAE term or one of the trial's own, never a MedDRA code; ``words`` are the site's own.

    ``grades`` are in order of time; ``worst`` follows from them. ``criteria`` are the seriousness criteria answered yes, by
    field name. ``since_dose`` is the time from the START of the last infusion before onset, when it is certain which.
    """

    row: int
    term: str = ""
    words: str = ""
    soc: str = ""
    scale: str = ""
    grades: tuple[GradeAt, ...] = ()
    worst: str = ""
    began: When | None = None
    ended: When | None = None
    ongoing: str = ""
    outcome: str = ""  # codelists.Outcome
    action_taken: str = ""  # codelists.ActionTaken
    serious: str = ""
    criteria: tuple[str, ...] = ()
    stay_planned: str = ""
    stays: tuple[Stay, ...] = ()
    after_dose: str = ""  # label of the last infusion that began before the event
    since_dose: Span | None = None
    investigator: Judgement = Judgement()
    sponsor: Judgement = Judgement()

    @property
    def name(self) -> str:
        """The term, with the site's own words where it says nothing by itself."""
        return f"{self.term}: {self.words}" if self.term and self.words else self.term or self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """A dose of tarlatamab: given when ``occurrence`` is GIVEN, else delayed or omitted. ``lots`` are those of its vials,
    as the drug account has them; ``lots_unknown`` are vials that no account knows."""

    label: str
    occurrence: str
    began: When | None = None
    ended: When | None = None
    dose_mg: Decimal | None = None
    completed: str = ""
    reason: str = ""
    lots: tuple[str, ...] = ()
    vials: tuple[str, ...] = ()
    lots_unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A medication beside tarlatamab; coded answers as stored. ``treats`` is true when it was given for this event."""

    name: str
    dose: Decimal | None = None
    unit: str = ""
    frequency: str = ""
    route: str = ""
    began: When | None = None
    ended: When | None = None
    ongoing: str = ""
    indication: str = ""
    treats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something of the patient's history; ``kind`` says which part of it, in words."""

    kind: str
    name: str
    began: PartialDate | None = None
    ended: PartialDate | None = None
    ongoing: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A result. ``text`` is as printed; ``unit`` as typed; ``sign`` and ``number`` are in ``standard_unit`` where it converts.

    ``flag`` is LOW, HIGH, NORMAL or '' against the laboratory's range ``low`` to ``high``, in ``unit``.
    """

    __test__ = False  # no test class, whatever its name

    name: str
    at: When | None
    text: str
    unit: str = ""
    low: str = ""
    high: str = ""
    flag: str = ""
    sign: str = ""
    number: Decimal | None = None
    standard_unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Death of the patient, from its own form. ``cause`` is a value of codelists.DeathCause; ``autopsy`` Y, N or ''."""

    died: When | None = None
    cause: str = ""
    details: str = ""
    autopsy: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """What the report ought to have and has not; ``where`` says at which form it is entered, '' when at none."""

    what: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.what} ({self.where})" if self.where else self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Icsr:
    """One report. Instants are UTC. ``version`` counts from 1, the initial report; 0 when none was sent yet. ``sent``: this is what
    was sent as that version; else it is what was entered by ``as_of``, whatever was sent before.

    ``first_received`` is when the sponsor first knew, ``received`` when it had the most recent of what stands here;
    ``aware`` is when the site learned that the event is serious. ``as_of`` is the moment whose facts these are.
    """

    report_id: str
    as_of: datetime
    subject: Subject
    reporter: Reporter
    event: Event
    version: int = 0
    sent: bool = False
    first_received: datetime | None = None
    received: datetime | None = None
    aware: When | None = None
    narrative: str = ""  # the site's own words
    doses: tuple[Administration, ...] = ()
    drugs: tuple[Drug, ...] = ()
    history: tuple[Condition, ...] = ()
    tests: tuple[Test, ...] = ()
    death: Death | None = None
    susar: bool | None = None
    missing: tuple[Missing, ...] = ()

    @property
    def is_initial(self) -> bool:
        """Is it the first report, or would it be?"""
        return self.version == (1 if self.sent else 0)

    @property
    def edition(self) -> str:
        """'version 2', 'not sent, after version 2', or 'not yet sent'."""
        if self.sent:
            return f"version {self.version}"
        return f"not sent, after version {self.version}" if self.version else "not yet sent"

    @property
    def file_part(self) -> str:
        """The same in a file's name."""
        return f"v{self.version}" if self.sent else f"unsent-after-v{self.version}"

    @property
    def given(self) -> tuple[Administration, ...]:
        """The doses given, in order of time."""
        return tuple(each for each in self.doses if each.occurrence == "GIVEN")

    @property
    def first_dose_on(self) -> date | None:
        days = [each.began.day.known for each in self.given if each.began]
        return min((day for day in days if day), default=None)


def report_id(number: str, row: int, country: str) -> str:
    """The number under which a case is known for ever: country, sponsor, trial, patient, event (the form of E2B C.1.1)."""
    return f"{country}-ETOP-2925{number.replace('-', '')}AE{row}"
