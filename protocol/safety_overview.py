"""How many patients had which event, how grave, and how long after which dose: counted from facts, patient by patient.

A patient counts once in each line, with the worst grade that any of the line's events reached. Drafts count, void records do
not: the desk sees what is known.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from protocol.codelists import Relationship, YesNo
from protocol.dates import Tri, earlier
from protocol.engine import Case
from protocol.event_grades import worst
from protocol.facts import AdverseEvent, Dose, moment
from protocol.infusion import given, start_of
from protocol.onset import SinceDose, since_dose
from protocol.safety_facts import GradeChange, SyndromeAssessment
from protocol.scales import GRADES
from protocol.schedule import is_repeat, order
from protocol.terms import term

NO_GRADE = "0"  # in a line: no grade is entered yet
NOT_NAMED = "Not yet named"
OWN_TERMS, OTHER_TERMS = "Terms of the trial", "Terms outside CTCAE 5.0"
BEFORE, UNCERTAIN = "BEFORE", "UNCERTAIN"  # instead of a dose's label
NO_TIME = "Time not known"


@dataclass(frozen=True, slots=True)
class Happening:
    """One adverse event as the overview counts it. ``grade`` is its worst one ('' when none is entered).

    ``on_treatment`` says whether it began after the first infusion had begun; None when that is not certain. ``since`` is what
    is known of the dose before it.
    """

    patient: str
    site: str
    row: int
    id: int | None
    term: str
    words: str
    soc: str
    scale: str
    grade: str
    serious: str
    relationship: str
    outcome: str
    began: str
    on_treatment: Tri
    since: SinceDose | None

    @property
    def dose(self) -> str:
        """The dose it followed, BEFORE any, or UNCERTAIN."""
        label = self.since.label if self.since else None
        return UNCERTAIN if label is None else label or BEFORE

    @property
    def minutes(self) -> int | None:
        """Minutes from the start of that infusion, when both times are known."""
        span = self.since.span if self.since else None
        return span.least if span is not None and span.least == span.most else None


def happenings(case: Case, site: str) -> list[Happening]:
    """The events of one patient; ``case`` holds AE, AEG, EC and every assessment of CRS, ICANS and tumour lysis."""
    changes = [each for each in case.of(GradeChange.form) if isinstance(each, GradeChange)]
    assessed = [each for facts in case.records.values() for each in facts if isinstance(each, SyndromeAssessment)]
    events = [each for each in case.of(AdverseEvent.form) if isinstance(each, AdverseEvent)]
    doses = _doses(case)
    starts = [start for dose in given(doses) if (start := start_of(dose, case.patient))]
    first = min(starts, key=lambda start: start.first, default=None)
    found = []
    for event in events:
        began, known = moment(event.started_on, event.started_time, case.patient), term(event.term)
        before = earlier(began, first)
        found.append(Happening(
            patient=case.patient.number, site=site, row=event.row, id=event.id, term=event.term or NOT_NAMED, words=event.term_specify,
            soc=(known.soc or OWN_TERMS) if known else OTHER_TERMS, scale=event.scale, grade=worst(event, changes, assessed),
            serious=event.serious, relationship=event.relationship, outcome=event.outcome,
            began=f"{event.started_on or ''} {event.started_time}".strip(), on_treatment=None if before is None else not before,
            since=since_dose(began, doses, case.patient),
        ))  # fmt: skip
    return found


def _doses(case: Case) -> list[Dose]:
    return [each for each in case.of(Dose.form) if isinstance(each, Dose)]


def labels_given(case: Case) -> frozenset[str]:
    """The doses that a patient was given."""
    return frozenset(each.visit for each in given(_doses(case)))


# Counting ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of patients, but for ``events``. ``by_grade``: by the worst grade of each, NO_GRADE among them; they add up to
    ``patients``."""

    by_grade: dict[str, int]
    patients: int
    severe: int  # grade 3 or more
    serious: int
    related: int
    events: int


def worst_by_patient(found: Iterable[Happening]) -> dict[str, str]:
    """Patient → the worst grade of the patient's events; NO_GRADE when none has one."""
    grades: dict[str, str] = {}
    for each in found:
        grades[each.patient] = max(grades.get(each.patient, NO_GRADE), each.grade or NO_GRADE)
    return grades


def counts(found: Sequence[Happening]) -> Counts:
    """The numbers of one line."""
    grades = worst_by_patient(found)
    each_grade = Counter(grades.values())
    return Counts(
        by_grade={grade: each_grade[grade] for grade in (*GRADES, NO_GRADE)}, patients=len(grades),
        severe=sum(grade >= "3" for grade in grades.values()), serious=len({each.patient for each in found if each.serious == YesNo.YES}),
        related=len({each.patient for each in found if each.relationship == Relationship.YES}), events=len(found),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: all events (``soc`` and ``term`` ''), a class (``term`` ''), or a term of it."""

    soc: str
    term: str
    counts: Counts


def by_class(found: Sequence[Happening]) -> list[Line]:
    """All events, then class by class with its terms; what more patients had comes first. [] without any event."""
    if not found:
        return []
    classes: dict[str, list[Happening]] = defaultdict(list)
    for each in found:
        classes[each.soc].append(each)
    lines = [Line("", "", counts(found))]
    for whole in sorted((Line(soc, "", counts(events)) for soc, events in classes.items()), key=_place):
        terms: dict[str, list[Happening]] = defaultdict(list)
        for each in classes[whole.soc]:
            terms[each.term].append(each)
        lines += [whole, *sorted((Line(whole.soc, name, counts(events)) for name, events in terms.items()), key=_place)]
    return lines


def _place(line: Line) -> tuple[int, int, str]:
    return -line.counts.patients, -line.counts.events, line.term or line.soc


# After which dose -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Onsets:
    """Minutes from the start of the last infusion, in order; ``unknown`` events have no exact time."""

    minutes: tuple[int, ...]
    unknown: int

    @property
    def median(self) -> int | None:
        """To the minute, the half rounded up."""
        return int(statistics.median(self.minutes) + 0.5) if self.minutes else None


def onsets(found: Iterable[Happening]) -> Onsets:
    """How long after the start of the infusion events began, of those that followed one for certain."""
    after = [each for each in found if each.dose not in (BEFORE, UNCERTAIN)]
    known = sorted(each.minutes for each in after if each.minutes is not None)
    return Onsets(tuple(known), len(after) - len(known))


@dataclass(frozen=True, slots=True)
class DoseLine:
    """Events of a term that began after a dose and before the next. ``dosed`` patients were given it (0 where there is none)."""

    dose: str
    dosed: int
    counts: Counts
    onsets: Onsets


def by_dose(found: Sequence[Happening], doses_given: Iterable[frozenset[str]]) -> list[DoseLine]:
    """One line for each dose that anybody was given, in the order of the schedule, then what cannot be placed.

    ``found`` are the events of one term; ``doses_given`` the labels of each patient.
    """
    dosed = Counter(label for labels in doses_given for label in labels)
    after: dict[str, list[Happening]] = defaultdict(list)
    for each in found:
        after[each.dose].append(each)
    labels = sorted(set(dosed) | (set(after) - {BEFORE, UNCERTAIN}), key=_in_schedule)
    rest = [place for place in (BEFORE, UNCERTAIN) if after[place]]
    return [DoseLine(label, dosed[label], counts(after[label]), onsets(after[label])) for label in (*labels, *rest)]


def _in_schedule(label: str) -> tuple[int, int, str]:
    """Planned doses by number, then repeated step-up doses."""
    number = order(label)
    if number is not None:
        return 0, number, label
    return 1, int(label[1:]) if is_repeat(label) else 0, label
