"""The course of one event of CRS, ICANS or tumour lysis: its assessments, the drugs given for it, and the picture of both.

Drawn by the server as SVG in shapes and words, so that it reads without colour; the same lines stand in a table below it.
What the program works out of an assessment is drawn once the own grade is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crf.declare import Next
from crf.facts import fact_of, load_case
from crf.links import address
from crf.models import Crf
from protocol.codelists import YesNo
from protocol.dates import Moment
from protocol.engine import Case
from protocol.facts import AdverseEvent, moment
from protocol.graded import NONE_NOW
from protocol.infusion import start_of
from protocol.safety_codelists import AssessedGrade, Consciousness, OxygenDevice, RaisedPressure, SeizureKind
from protocol.syndromes import (
    FACT_OF,
    NAMES,
    NEEDS,
    Assessed,
    EventCourse,
    event_course,
    from_onset,
    grade_words,
    onset_of,
    points,
    said,
    since_infusion,
)

WIDTH, LEFT, RIGHT, TOP, STEP = 960, 104, 24, 24, 24  # of the picture, in its own units
GRADES = ("5", "4", "3", "2", "1", NONE_NOW)
_LANE = TOP + STEP * len(GRADES) + 14  # where infusion and drugs stand
_HEIGHT = _LANE + 40
_STEPS = (1, 2, 4, 6, 12, 24, 48, 72, 168, 336)  # hours between two ticks


# In words -------------------------------------------------------------------------------------------------------------


def onset_words(event: AdverseEvent, case: Case) -> str:
    """'Onset 16-Jun-2026 02:10, 16:10 h after the start of infusion C1D1, dose 1; over 17-Jun-2026 09:00'."""
    since = since_infusion(onset_of(event, case.patient), case.of("EC"), case.patient)
    words = f"Onset {_when(event.started_on, event.started_time) or 'not entered'}" + (f", {since}" if since else "")
    if event.ended_on:
        return f"{words}; over {_when(event.ended_on, event.ended_time)}"
    return f"{words}; going on" if event.ongoing == YesNo.YES else words


def drug_words(drug: Any, event: AdverseEvent, case: Case) -> str:
    """'Tocilizumab 560 mg, 16-Jun-2026 04:30, 2:20 h after onset'."""
    dose = f" {drug.dose.normalize():f} {drug.dose_unit}".rstrip() if drug.dose is not None else ""
    parts = (f"{drug.name or 'Drug'}{dose}", _when(drug.started_on, drug.started_time), from_onset(drug, event, case.patient))
    return ", ".join(filter(None, parts))


def _when(on: object, time: str) -> str:
    return " ".join(filter(None, (str(on or ""), time)))


def findings_words(fact: Any) -> str:
    """What an assessment found, in one line."""
    if fact.form == "CRS":
        return _crs_words(fact)
    if fact.form == "ICANS":
        return _icans_words(fact)
    named = (("arrhythmia", fact.arrhythmia), ("seizure", fact.seizure))
    return ", ".join(f"{name} grade {grade}" if grade != "0" else f"no {name}" for name, grade in named if grade)


def looked_at(record: Crf) -> str:
    """An assessment in a line, for the page of what it points to: when, own grade, findings."""
    fact: Any = fact_of(record, "")
    grade = AssessedGrade(fact.grade).label.partition(" –")[0].lower() if fact.grade else ""
    return ", ".join(filter(None, (_when(fact.assessed_on, fact.assessed_time), grade, findings_words(fact))))


def _crs_words(fact: Any) -> str:
    pressure = {YesNo.NO.value: "no hypotension", YesNo.YES.value: "hypotension"}.get(fact.hypotension, "")
    if fact.vasopressor == YesNo.YES:
        pressure += f" on {fact.vasopressors.lower().replace('; ', ', ') or 'a vasopressor'}"
    oxygen = OxygenDevice(fact.oxygen).label.lower() if fact.oxygen else ""
    flow = f" {fact.oxygen_flow.normalize():f} L/min" if fact.oxygen_flow is not None else ""
    warm = f"{fact.temperature.normalize():f} °C" if fact.temperature is not None else ""
    return ", ".join(filter(None, (warm, pressure, oxygen + flow)))


def _icans_words(fact: Any) -> str:
    score = points(fact)
    ice = f"ICE {score} of 10" if score is not None else "ICE not assessable" if fact.assessable == YesNo.NO else ""
    rest = ((Consciousness, fact.consciousness), (SeizureKind, fact.seizure), (RaisedPressure, fact.raised_pressure))
    words = [kind(value).label.partition(",")[0].lower() for kind, value in rest if value and value not in ("NONE",)]
    weak = ["deep weakness"] if fact.deep_focal_weakness == YesNo.YES else []
    return ", ".join(filter(None, (ice, *words, *weak)))


# The picture ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """A shape with its words at a place of the picture."""

    shape: str
    x: int
    y: int
    words: str
    label: str = ""
    label_x: int = 0
    label_y: int = 0


@dataclass(frozen=True)
class Picture:
    """What templates/adverse_events/course.html draws: own grades as a line of steps, computed ones and treatment as marks."""

    levels: tuple[tuple[str, int], ...]
    ticks: tuple[tuple[int, str], ...]
    line: str
    marks: tuple[Mark, ...]
    lane: int = _LANE
    width: int = WIDTH
    height: int = _HEIGHT
    left: int = LEFT


@dataclass(frozen=True)
class Line:
    """A row of the table behind the picture."""

    when: str
    after_onset: str
    what: str
    own: str
    computed: str
    agrees: bool
    url: str


@dataclass(frozen=True)
class Panel:
    """The course as its template shows it."""

    name: str
    onset: str
    worst: str
    worst_computed: str
    picture: Picture | None
    lines: tuple[Line, ...]
    assess_url: str
    drug_url: str


def for_event(record: Crf) -> dict:
    """The panel of an event's page; nothing for other events."""
    if record.pk is None or record.voided or record.term not in FACT_OF:
        return {}
    return _panel(record, record.slot)


def for_assessment(record: Crf) -> dict:
    """The same on the page of an assessment of it."""
    return _panel(record, record.event) if record.pk is not None and record.event else {}


def first_assessment(event: Crf) -> Next | None:
    """After an event of CRS, ICANS or tumour lysis comes its first assessment."""
    fact = FACT_OF.get(event.term)
    if fact is None or event.voided:
        return None
    there = any(each.event == event.slot for each in load_case(event.patient, (fact.form,)).of(fact.form))
    return None if there else Next(fact.form, links={"event": event.slot})


def _panel(record: Crf, slot: str) -> dict:
    case = load_case(record.patient, NEEDS)
    event = next((each for each in case.of("AE") if each.slot == slot), None)
    if event is None or event.term not in FACT_OF:
        return {}
    course = event_course(event, case)
    form = FACT_OF[event.term].form
    return {"below_template": "adverse_events/course.html", "course": Panel(
        NAMES[event.term], onset_words(event, case), _grade(course.worst_own), _grade(course.worst_computed), picture(course, case),
        tuple(lines(course, case, record)), address(record.patient, Next(form, links={"event": slot})),
        address(record.patient, Next("CM", links={"for_event": slot})),
    )}  # fmt: skip


def _grade(grade: str) -> str:
    return f"grade {grade}" if grade else ""


def lines(course: EventCourse, case: Case, record: Crf) -> list[Line]:
    """Assessments and drugs in order of time."""
    found = [(_instant(each.at), _assessment_line(each, course.event, record)) for each in course.assessments]
    for drug in course.drugs:
        at = moment(drug.started_on, drug.started_time, case.patient)
        words = drug_words(drug, course.event, case).partition(", ")[0]
        after = from_onset(drug, course.event, case.patient).removesuffix(" after onset")
        found.append((_instant(at), Line(_when(drug.started_on, drug.started_time), after, words, "", "", True,
                                         address(record.patient, Next("CM", drug.slot)))))  # fmt: skip
    last = datetime.max.replace(tzinfo=UTC)
    return [line for _, line in sorted(found, key=lambda pair: pair[0] or last)]


def _assessment_line(each: Assessed, event: AdverseEvent, record: Crf) -> Line:
    fact, grade = each.fact, each.fact.grade
    return Line(
        _when(fact.assessed_on, fact.assessed_time), str(each.from_onset or ""), findings_words(fact) or "nothing entered",
        AssessedGrade(grade).label.partition(" –")[0] if grade else "", said(each.graded, event.term) if grade else "",
        not grade or each.graded.allows(grade), address(record.patient, Next(fact.form, fact.slot)),
    )  # fmt: skip


def _instant(at: Moment | None) -> datetime | None:
    return at.first if at else None


def picture(course: EventCourse, case: Case) -> Picture | None:
    """The picture over the hours from the infusion (or onset) to the end; None without an assessment that has a grade and a time."""
    drawn = [(at, each) for each in course.judged if (at := _known(each.at))]
    if not drawn:
        return None
    zone = ZoneInfo(case.patient.zone)
    others = [(at, shape, words) for at, shape, words in _besides(course, case) if at]
    first = min([at for at, *_ in others] + [at for at, _ in drawn])
    last = max([at for at, *_ in others] + [at for at, _ in drawn])
    hours = max((last - first) / timedelta(hours=1), 1.0)

    def x(at: datetime) -> int:
        return LEFT + 6 + round((at - first) / timedelta(hours=1) / hours * (WIDTH - LEFT - RIGHT - 12))

    marks = [_beside(shape, x(at), words, said_here) for at, shape, words, said_here in _apart(others, x)]
    for at, each in drawn:
        for grade in each.graded.possible if len(each.graded.possible) < len(GRADES) else ():
            if grade in GRADES:
                sure = len(each.graded.possible) == 1
                marks.append(Mark("computed" if sure else "open", x(at), _level(grade), f"{_local(at, zone)}: {grade_words((grade,))} by the findings"))
        marks.append(Mark("own", x(at), _level(each.fact.grade), f"{_local(at, zone)}: own grade {each.fact.grade}"))
    return Picture(
        tuple((f"Grade {grade}", _level(grade)) for grade in GRADES), tuple(_ticks(first, last, hours, x, zone)),
        _line([(x(at), _level(each.fact.grade)) for at, each in drawn]), tuple(marks),
    )  # fmt: skip


def _known(at: Moment | None) -> datetime | None:
    """A moment with its time of day; one without has no place on an axis of hours."""
    return at.first if at and at.last - at.first < timedelta(hours=2) else None


def _level(grade: str) -> int:
    return TOP + STEP * GRADES.index(grade)


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%d-%b %H:%M}"


def _besides(course: EventCourse, case: Case) -> list[tuple[datetime | None, str, str]]:
    """The infusion before it, onset and end, and the drugs."""
    event, patient = course.event, case.patient
    found = [(_known(course.onset), "onset", "Onset"), (_known(moment(event.ended_on, event.ended_time, patient)), "end", "End")]
    if course.since and course.since.span and course.since.span.most <= 14 * 24 * 60:
        found.append((_known(start_of(course.since.dose, patient)), "infusion", f"Infusion {course.since.dose.visit}"))
    for drug in course.drugs:
        found.append((_known(moment(drug.started_on, drug.started_time, patient)), "drug", f"{drug.name or 'Drug'}"))
    return found


def _beside(shape: str, x: int, words: str, is_said: bool) -> Mark:
    label = _short(words) if is_said else ""
    return Mark(shape, x, _LANE + 10, words, label, min(x - 6, WIDTH - 6 * len(label)), _LANE + 30)


def _short(words: str) -> str:
    return words.partition(" ")[0][:12]


def _apart(others: list, x: Any) -> list:
    """With each mark whether its words have room; those that would stand on others are left to pointer and table."""
    kept, taken = [], -99
    for at, shape, words in sorted(others, key=lambda each: each[0]):
        free = min(x(at) - 6, WIDTH - 6 * len(_short(words))) >= taken
        kept.append((at, shape, words, free))
        taken = x(at) + 6 * len(_short(words)) + 8 if free else taken
    return kept


def _line(places: list[tuple[int, int]]) -> str:
    """Steps from grade to grade, as an SVG path."""
    path = f"M{places[0][0]} {places[0][1]}"
    for at, level in places[1:]:
        path += f" H{at} V{level}"
    return path


def _ticks(first: datetime, last: datetime, hours: float, x: Any, zone: ZoneInfo) -> Iterator[tuple[int, str]]:
    """Hours of the site's clock, at most ten, the day where it changes and there is room."""
    step = next((each for each in _STEPS if hours / each <= 10), _STEPS[-1])
    at, day, free = first.astimezone(zone).replace(minute=0).astimezone(UTC), "", -99
    while at <= last:
        shown = at.astimezone(zone)
        if at < first or shown.hour % min(step, 24):
            at += timedelta(hours=1)
            continue
        date = f"{shown:%d-%b}"
        words = date if step >= 24 else f"{shown:%H:%M}" if date == day else f"{date} {shown:%H:%M}"
        if x(at) >= free and x(at) + 6 * len(words) <= WIDTH:
            yield x(at), words
            day, free = date, x(at) + 6 * len(words) + 6
        at += timedelta(hours=step)
