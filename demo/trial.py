"""The simulated trial: which sites open when, who comes with which story, and the clock that leads through all of it."""

from __future__ import annotations

import contextlib
import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.access import SPONSOR_ZONE
from accounts.models import Site
from accounts.roles import Role
from audit import clock
from demo import accounts, pharmacy, references, screening_stories, stories
from demo.chart import Trait, drawn
from demo.life import Course, Life
from demo.stories import Story
from demo.workdays import working_day
from patients.actions import cap, enrolled
from protocol.sites import SITES

START = date(2026, 6, 1)  # the first site is activated

# The sites of the first patients are activated within the first weeks, the others one every two weeks.
FIRST_SITES = {
    "FR03": 0, "GR01": 1, "CH03": 3, "ES05": 4, "FR01": 9, "IT01": 14, "ES03": 16, "FR04": 22, "CH02": 28,
}  # fmt: skip
LATER_SITES = 35


def _day(n: int) -> date:
    return START + timedelta(days=n)


@dataclass(frozen=True)
class Part:
    """A patient to come: the story, the site, the day of consent at the earliest, what the story is told, and the traits.

    ``arrival`` in days after the start, or, when negative, before the end of the simulation. ``traits`` None: drawn.
    """

    story: Story
    site: str
    arrival: int
    told: dict[str, int] = field(default_factory=dict)
    traits: frozenset[Trait] | None = None

    def day(self, until: date) -> date:
        """The day of consent at the earliest, never before the site is open."""
        if self.arrival >= 0:
            return _day(self.arrival)
        return max(until + timedelta(days=self.arrival), activations()[self.site] + timedelta(days=1))


def _part(story: Story, site: str, arrival: int, *traits: Trait, **told: int) -> Part:
    return Part(story, site, arrival, told, frozenset(traits))


# The first patients: together the first twelve show everything that the demo and the tests rely on.
CAST: tuple[Part, ...] = (
    _part(stories.on_treatment, "FR03", 1, Trait.HEPATITIS_B, Trait.VACCINE),
    _part(stories.death_from_disease, "GR01", 3, Trait.LIMITED, Trait.INHALED, Trait.RELEASED_ON_PAPER, count=2),
    _part(stories.icans, "CH03", 8, Trait.ENDOCRINE, Trait.BRAIN),
    _part(stories.progression, "ES05", 10, Trait.FERTILE, count=7),
    _part(screening_stories.screen_failure_lung, "FR03", 15, Trait.OPERATED),
    _part(stories.crs_grade_2, "FR01", 17, Trait.ANTICOAGULANT, Trait.NOT_RELEASED),
    _part(stories.omitted_dose, "IT01", 23, Trait.OTHER_CANCER, Trait.HEART, Trait.ON_PAPER, wrong=True),
    _part(stories.crs_grade_1, "ES03", 30, Trait.TWO_LINES),
    _part(stories.never_dosed, "FR04", 35, Trait.AUTOIMMUNE),
    _part(stories.screened_again, "GR01", 38),
    _part(stories.delayed_dose, "CH02", 43, Trait.INFECTION, Trait.EFFUSION),
    _part(screening_stories.waiting, "FR03", -16),
    _part(screening_stories.screen_failure_liver, "ES05", 47),
    _part(screening_stories.screen_failure_pregnancy, "CH03", 50),
)
LAST = max(part.arrival for part in CAST)
DAYS_BETWEEN = 10  # between two further patients, fewer when there would not be time for all


def activations() -> dict[str, date]:
    """When each site is activated."""
    later = [site.code for site in SITES if site.code not in FIRST_SITES]
    days = {**FIRST_SITES, **{code: LATER_SITES + 14 * n for n, code in enumerate(later)}}
    return {code: working_day(_day(n)) for code, n in days.items()}


def cast(patients: int, seed: int, until: datetime) -> list[Part]:
    """Who comes: the first as they are, the others drawn by weight at the sites that are active."""
    found = list(CAST[:patients])
    rng, opened = Random(f"{seed}/cast"), activations()
    room = (until.date() - _day(LAST)).days - 21
    step = min(DAYS_BETWEEN, room / (patients - len(CAST))) if patients > len(CAST) else DAYS_BETWEEN
    for n in range(1, patients - len(found) + 1):
        arrival = LAST + int(max(step, 0.2) * n)
        site = rng.choice(sorted(code for code, day in opened.items() if day < _day(arrival)))
        (story,) = rng.choices([story for story, _ in stories.DRAWN], [weight for _, weight in stories.DRAWN])
        found.append(Part(story, site, arrival))
    return found


def simulate(*, patients: int, seed: int, until: datetime) -> int:
    """Let the patients come and everything happen up to ``until``; returns how many were screened.

    Sites and a database marked DEMO must be there, patients must not.
    """
    parts = cast(patients, seed, until)
    with clock.set_to(preparation()):
        accounts.create(part.site for part in parts)
    people = accounts.People()
    sites = {site.code: site for site in Site.objects.all()}
    screened: list[Life] = []
    courses: list[tuple[datetime, Course]] = [
        (_opening(day), _activation(sites[code], day)) for code, day in activations().items()
    ]
    with_patients = sorted({part.site for part in parts})
    courses += [(_opening(accounts.SINCE), _references(sites[code], people)) for code in with_patients]
    courses += [(_opening(accounts.SINCE), pharmacy.run(sites[code], people, activations()[code])) for code in with_patients]
    timeline = Timeline(until)
    for number, part in enumerate(parts, start=1):
        rng, day = Random(f"{seed}/{number}"), part.day(until.date())
        life = Life(sites[part.site], day, until, rng, people)
        life.traits = drawn(rng) if part.traits is None else part.traits
        life.meanwhile = timeline.add
        courses.append((life.at(day, 7), _coming(life, part, screened)))
    with _no_mail_leaves():
        timeline.run(courses)
    return len(screened)


def preparation() -> datetime:
    """When study, sites and accounts are entered."""
    return _opening(accounts.SINCE)


def _opening(day: date) -> datetime:
    """Nine o'clock at the sponsor's seat."""
    return datetime.combine(day, time(9), ZoneInfo(SPONSOR_ZONE))


def _activation(site: Site, day: date) -> Course:
    accounts.activate(site, day, accounts.administrator())
    yield from ()


def _references(site: Site, people: accounts.People) -> Course:
    """The coordinator keeps the site's lists: before the first patient comes, and when something changes."""
    by, zone = people.of(Role.COORDINATOR, site.code), ZoneInfo(site.time_zone)
    opens = activations()[site.code]
    yield datetime.combine(opens, time(11, 20), zone)
    references.enter_version(site, by, references.FIRST)
    references.enter_ranges(site, by)
    second = references.SECOND
    changes = [(references.approved(site.code, second), lambda: references.enter_version(site, by, second))]
    if site.code == references.NEW_REAGENT:
        changes.append((references.REAGENT_SINCE, lambda: references.enter_new_reagent(site, by)))
    for day, change in sorted(changes, key=lambda each: each[0]):
        yield datetime.combine(max(day, opens), time(8, 15), zone)
        change()


def _coming(life: Life, part: Part, screened: list[Life]) -> Course:
    """The patient's story, unless recruitment is over by then."""
    if enrolled() < cap():
        screened.append(life)
        yield from part.story(life, **part.told)


class Timeline:
    """Runs courses side by side in order of time, with the clock at each moment, and drops what lies after ``until``."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.waiting: list[tuple[datetime, int, Course]] = []
        self.tickets = itertools.count()  # two at one moment: the one that asked first

    def add(self, course: Course) -> None:
        """Start a course at the moment of the clock."""
        self._wait(clock.now(), course)

    def _wait(self, moment: datetime, course: Course) -> None:
        heapq.heappush(self.waiting, (moment.astimezone(UTC), next(self.tickets), course))

    def run(self, courses: Iterable[tuple[datetime, Course]]) -> None:
        for moment, course in courses:
            self._wait(moment, course)
        while self.waiting and self.waiting[0][0] <= self.until:
            moment, _, course = heapq.heappop(self.waiting)
            with clock.set_to(moment):
                wanted = next(course, None)
            if wanted is not None:
                self._wait(max(wanted, moment), course)


@contextlib.contextmanager
def _no_mail_leaves() -> Iterator[None]:
    """Mails of simulated events go to nobody, whatever mail server the settings name."""
    kept, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.dummy.EmailBackend"
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = kept
