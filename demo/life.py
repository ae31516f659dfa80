"""One simulated patient as the people at the site see it: what they enter, in whose name, and when.

A method that takes time is a generator: it yields the moment at which it wants to go on, and the clock (``demo.trial``)
stands there when it does. The others act at the moment of the clock. Every act goes through the door that the screen
uses.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.access import actor_for, check
from accounts.models import Site, User
from accounts.roles import Permission, Role
from adverse_events import actions as reports
from adverse_events.case import Case, case_of
from audit import clock
from crf import actions, entry, lists, registry
from crf.models import Crf
from demo import filler
from demo.accounts import PASSWORD, People
from demo.chart import Chart, Trait, joined
from demo.workdays import CLOSES, OPENS, is_working_day, last_working_day, working_day
from patients.access import patient_for
from patients.actions import against_a_place, create_patient, slot_of
from patients.models import Patient
from protocol.schedule import interval_days, label_order, next_label
from review import rulings
from review.actions import act_on_query, raise_query
from review.deviation_states import Act as DeviationAct
from review.deviations import Entry, Said, act_on_deviation, enter_deviation
from review.models import Deviation, Query, Ruling, RulingOutcome
from review.states import Act
from screening.actions import NotEligible, Paper, give_back_place, hold_place, register_patient, screen_again
from screening.release import release_first_dose

# A course of events: yields the moments at which it goes on. Its value is what it has to say to its caller.
Course = Generator[datetime, None, Any]

class Impossible(Exception):
    """A story wants what the screen refuses; the message says which form and why."""


class Life:
    """A patient's time in the trial. ``meanwhile`` starts a course beside the one that is running."""

    def __init__(self, site: Site, arrival: date, until: datetime, rng: Random, people: People) -> None:
        self.site, self.arrival, self.until, self.rng, self.people = site, arrival, until, rng, people
        self.zone = ZoneInfo(site.time_zone)
        self.number = ""
        self.sex = rng.choice("FMM")
        self.country = site.country
        self.traits: frozenset[Trait] = frozenset()
        self.chart: Chart | None = None
        self.label = ""  # of the last dose that was given or omitted
        self.due = arrival  # planned date of the next dose
        self.given: list[date] = []
        self.started: datetime | None = None  # the last infusion
        self.onsets: list[date] = []  # of adverse events
        self.over = False  # treatment has ended, or never begins
        self.repeated = False  # the last dose was a repeated step-up dose
        self.severe = False  # CRS or ICANS of grade 2 or more since the last dose
        self.died_on: date | None = None
        self.meanwhile: Callable[[Course], None] = lambda course: None

    # Time ------------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return clock.now().astimezone(self.zone)

    @property
    def today(self) -> date:
        return self.now.date()

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment on the site's clock."""
        return datetime.combine(day, time(hour, minute), self.zone)

    def last_before_the_end(self, hours: int = 1) -> datetime:
        """When people worked last before the simulation ends; never more than 70 hours before that."""
        latest = (self.until - timedelta(hours=hours)).astimezone(self.zone)
        day = latest.date() if latest.time() >= OPENS else latest.date() - timedelta(days=1)
        earliest = self.until.astimezone(self.zone) - timedelta(hours=70)
        return max(min(latest, self.at(last_working_day(day), 16, 20)), earliest)

    def in_hours(self, moment: datetime) -> datetime:
        """The moment, or when people are next at work."""
        local = moment.astimezone(self.zone)
        if is_working_day(local.date()) and OPENS <= local.time() < CLOSES:
            return local
        day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
        return self.at(working_day(day), 8, self.rng.randint(5, 50))

    def some_time(self, day: date, first: int = 8, last: int = 16) -> datetime:
        """A moment of that day or the next working day, between two hours."""
        return self.at(working_day(day), self.rng.randint(first, last), self.rng.randint(1, 58))

    def in_days(self, least: int, most: int) -> Course:
        """Some days later."""
        yield self.some_time(self.today + timedelta(days=self.rng.randint(least, most)))

    def after(self, least: int, most: int, *, urgent: bool = False) -> Course:
        """Some minutes later; not before the next morning when it is evening, unless it is urgent."""
        moment = self.now + timedelta(minutes=self.rng.randint(least, most), seconds=self.rng.randint(0, 59))
        yield moment if urgent else self.in_hours(moment)

    # People ----------------------------------------------------------------------------------------------------------

    @property
    def coordinator(self) -> User:
        return self.people.of(Role.COORDINATOR, self.site.code)

    @property
    def investigator(self) -> User:
        return self.people.of(Role.INVESTIGATOR, self.site.code)

    @property
    def reviewer(self) -> User:
        return self.people.reviewer(self.site)

    # The patient -----------------------------------------------------------------------------------------------------

    @property
    def patient(self) -> Patient:
        return patient_for(self.coordinator, self.number)

    def is_special(self, *traits: Trait) -> None:
        """The story wants these traits, in place of what cannot go with them."""
        self.traits = joined(self.traits, *traits)

    def create(self) -> None:
        check(self.coordinator, Permission.ENTER, self.site)
        self.number = create_patient(site=self.site, by=actor_for(self.coordinator, self.site)).number

    def create_again(self) -> None:
        """The same person gets another screening number."""
        self.number = screen_again(user=self.coordinator, number=self.number).number
        self.over = False

    def place_refused(self) -> list[str]:
        """Why the patient can have no place of the trial now."""
        return against_a_place(self.patient)

    def hold_place(self) -> None:
        hold_place(user=self.coordinator, number=self.number)

    def give_back_place(self, reason: str) -> None:
        """Let the place go, if one is still held."""
        if slot_of(self.patient) is not None:
            give_back_place(user=self.coordinator, number=self.number, reason=reason)

    def register(self, on_paper: datetime | None = None) -> None:
        """Registration by the investigator, or the entry of one on paper; Impossible with what the page would say."""
        paper = Paper(on_paper, f"R-{on_paper:%y%m%d}") if on_paper else None
        with self._gate():
            register_patient(user=self.investigator, number=self.number, password=PASSWORD, paper=paper)

    def release(self) -> None:
        """The investigator releases the first dose; Impossible with what the page would say."""
        with self._gate():
            release_first_dose(user=self.investigator, number=self.number, password=PASSWORD)

    @contextlib.contextmanager
    def _gate(self) -> Iterator[None]:
        try:
            yield
        except NotEligible as refusal:
            said = " ".join([*(point.sentence for point in refusal.unmet), *refusal.said])
            raise Impossible(f"{self.number} at {self.now:%Y-%m-%d %H:%M}: {said}") from refusal

    def decide(self, criterion: str, outcome: RulingOutcome, reason: str) -> None:
        """The medical reviewer decides how a criterion's wording applies."""
        asked = Ruling.objects.get(patient__number=self.number, criterion=criterion, status=rulings.OPEN)
        rulings.decide(
            user=self.people.of(Role.MEDICAL_REVIEWER), ruling=asked, outcome=outcome.value, reason=reason,
            inputs=asked.inputs, version=asked.version,
        )  # fmt: skip

    # Forms -----------------------------------------------------------------------------------------------------------

    def enter(
        self, code: str, slot: str = "new", *, by: User | None = None, submit: bool = True, urgent: bool = False,
        why: dict[str, str] | None = None, **answers: object,
    ) -> Course:  # fmt: skip
        """Fill in a form, which takes some minutes, and save it; the value is the record.

        ``why``: rule id → reason of a deviation that is confirmed.
        """
        yield from self.after(3, 9, urgent=urgent)
        posted = filler.fill(registry.form(code), self.rng, self.now, **answers)
        return self._post(code, slot, posted, by, submit, why)

    def change(
        self, code: str, slot: str, reason: str, *, by: User | None = None, submit: bool = True, urgent: bool = False,
        **answers: object,
    ) -> Course:  # fmt: skip
        """Change some answers of a stored record, saying why."""
        yield from self.after(1, 4, urgent=urgent)
        page = entry.bound(entry.find(by or self.coordinator, self.number, code, slot))
        return self._post(code, slot, filler.again(page, **answers) | {"change_reason": reason}, by, submit, None)

    def _post(self, code: str, slot: str, posted: filler.Posted, by, submit: bool, why) -> Crf:
        posted["action"] = "submit" if submit else "save"
        for rule, reason in (why or {}).items():
            posted |= {f"confirm-{rule}": "on", f"why-{rule}": reason}
        _, result = entry.post(by or self.coordinator, self.number, code, slot, posted)
        if result.saved is None:
            raise Impossible(f"{self.number} {code} {slot} at {self.now:%Y-%m-%d %H:%M}: {_refusal(result)}")
        return result.saved.record

    def void(self, record: Crf, reason: str) -> None:
        """Say that a record was entered by mistake."""
        with transaction.atomic():
            record.patient = patient_for(self.coordinator, self.number, Permission.ENTER, lock=True)
            actions.void(record=record, by=self.coordinator, reason=reason)

    def report(self, record: Crf, narrative: str, by: User | None = None, **typed: str) -> None:
        """Send the next version of a report to the safety desk."""
        by = by or self.investigator
        last = self.case(record).last
        said = reports.Typed(narrative=narrative, reporter="PHYSICIAN" if by == self.investigator else "OTHER HEALTH PROFESSIONAL", **typed)
        reports.send_report(
            user=by, number=self.number, form=record.code, row=record.row, typed=said, base=last.number if last else 0
        )

    def case(self, record: Crf) -> Case:
        """The case of an event as it stands now."""
        found = type(record).objects.select_related("visit").get(pk=record.pk)
        found.patient = self.patient
        return case_of(found)

    @property
    def desk(self) -> User:
        return self.people.of(Role.SAFETY_DESK)

    # Queries ---------------------------------------------------------------------------------------------------------

    def ask(self, code: str, slot: str, field: str, text: str) -> Query:
        """A question by the monitor, or the data manager, about one answer."""
        at = entry.find(self.reviewer, self.number, code, slot)
        check(self.reviewer, Permission.RAISE, self.site)
        value = registry.display(code, field, getattr(at.record, field))
        return raise_query(
            user=self.reviewer, patient=at.patient, form=code, record=at.record.pk, field=field, text=text, value=value
        )

    def query_of(self, rule: str) -> Query:
        """The query that a rule has opened on one of the patient's records."""
        return Query.objects.filter(patient__number=self.number, rule=rule).latest("id")

    def _act(self, user: User, query: Query, act: Act, text: str) -> None:
        query = lists.query_for(user, query.pk)
        act_on_query(user=user, query=query, act=act, text=text, value=lists.value_now(query))

    def answer(self, query: Query, text: str) -> None:
        self._act(self.coordinator, query, Act.ANSWER, text)

    def comment(self, query: Query, text: str) -> None:
        self._act(self.coordinator, query, Act.COMMENT, text)

    def accept(self, query: Query, text: str) -> None:
        self._act(self.reviewer, query, Act.CLOSE, text)

    def ask_again(self, query: Query, text: str) -> None:
        self._act(self.reviewer, query, Act.REOPEN, text)

    # Deviations ------------------------------------------------------------------------------------------------------

    def deviation_of(self, rule: str) -> Deviation:
        """The deviation that a rule has found in one of the patient's records."""
        return Deviation.objects.select_related("patient__site").filter(patient__number=self.number, rule=rule).latest("id")

    def judge(self, deviation: Deviation, act: DeviationAct, **said: Any) -> None:
        """One step of the reviewer, on the deviation as it stands."""
        act_on_deviation(user=self.reviewer, deviation=deviation, act=act, said=Said(**said), version=deviation.version)

    def enter_deviation(self, **said: Any) -> Deviation:
        """The reviewer enters what no rule has found."""
        return enter_deviation(user=self.reviewer, patient=self.patient, entry=Entry(**said))

    # The dose schedule -----------------------------------------------------------------------------------------------

    @property
    def next_dose(self) -> str:
        return next_label(self.label)

    def used(self, label: str, counted_from: date) -> None:
        """That dose was given, or omitted: the next is due an interval after ``counted_from``."""
        self.label = label
        self.due = counted_from + timedelta(days=interval_days(label_order(self.next_dose)))


def _refusal(result: entry.Result) -> str:
    """What the page would say."""
    if result.conflict:
        return "somebody else saved it first"
    if result.reason_missing:
        return "a change needs a reason"
    said = [f"{field}: {sentence} ({rule})" for field, rule, sentence in result.form.refusals()]
    if result.check is not None:
        found = result.check.errors + result.check.unconfirmed
        said += [f"{each.rule.field}: {each.message} ({each.rule.id})" for each in found]
    return "; ".join(said) or "the record is void"
