"""Laboratory abnormalities of a patient: the grade of every result, episodes of a grade that matters, and which are open.

Nothing of it is stored: it follows from the results, the laboratories' ranges, the doses, the adverse events and the answers
as they are, and a corrected value is judged anew by that alone.

* The **baseline** of a test is its last result before the first dose (an assumption: the public record names none). A sample
  of the day of a dose counts as taken before it unless both times are known and say otherwise (an assumption: blood is taken
  before the infusion). Where a result may be on either side of the first dose, the baseline is not known.
* An **episode** of a test and a CTCAE term is a run of results after the first dose that are certainly of the grade that counts
  or worse, until one certainly below it that was certainly taken later. The grade that counts is the parameter
  ``laboratory_event_grade``, or one above the grade of the baseline where that is higher: what was there before is medical
  history. Terms that CTCAE measures against an abnormal baseline need no such comparison.
* A result is **covered** by an adverse event of the term, or one that an answer for the term names, whose course spans the day
  of the sample and whose worst grade is as high. What is not known of an event (its start, its grade) covers: it is asked for
  elsewhere, and a proposal would only be noise.
* An **answer** settles its episode up to the grade that it was given for.

A result that may be of two grades counts with the lowest: never more than what is certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from protocol import ctcae_lab, event_grades, laboratory, panels, parameters
from protocol.codelists import AnticoagulationIntent, DoseOccurrence, MedicationClass
from protocol.ctcae_criteria import OF_TEST, Criterion, When
from protocol.ctcae_lab import LabGrade
from protocol.dates import PartialDate, Tri, before, both, earlier, either, negated
from protocol.engine import Case, look
from protocol.facts import AdverseEvent, Demographics, Dose, Patient, moment
from protocol.laboratory_facts import Chemistry, Coagulation, Haematology, LaboratoryPanel, OtherLaboratory
from protocol.panels import Reading
from protocol.safety_facts import LaboratoryAbnormality
from protocol.screening_facts import Medication, MedicationAsked, ReferenceRange

PANELS = (Haematology.form, Chemistry.form, Coagulation.form, OtherLaboratory.form)
GRADED_WITH = ("RANGE", "DM", "EC", "CM", "CMYN")  # beside the panel's own form, which holds the baseline
NEEDS = (*PANELS, *GRADED_WITH)
JUDGED_WITH = (AdverseEvent.form, LaboratoryAbnormality.form, *event_grades.FORMS)


@dataclass(frozen=True, slots=True)
class Result:
    """A result of a patient. ``after``: was it taken after the first dose? ``on`` is the day of the sample."""

    panel: LaboratoryPanel
    name: str
    reading: Reading
    after: Tri

    @property
    def on(self) -> PartialDate | None:
        return self.panel.taken_on

    @property
    def place(self) -> str:
        """Form, visit and test: 'HEM C2D1 NEUT'."""
        return f"{self.panel.form} {self.panel.slot} {self.reading.test.code}"


class Results:
    """The results of a patient, each test in order of time, and their grades. The facts are looked at, never watched."""

    def __init__(
        self, panels_: Iterable[LaboratoryPanel], *, ranges: Iterable[ReferenceRange] = (), demographics: Demographics | None = None,
        doses: Iterable[Dose] = (), medications: Iterable[Medication] = (), asked: Iterable[MedicationAsked] = (), patient: Patient,
    ) -> None:  # fmt: skip
        self.panels = [look(each) for each in panels_]
        self.demographics, self.patient = look(demographics) if demographics else None, look(patient)
        self._given = [dose for each in doses if (dose := look(each)).occurrence == DoseOccurrence.GIVEN]
        drugs = [look(each) for each in medications]
        self._anticoagulants = [each for each in drugs if each.drug_class == MedicationClass.ANTICOAGULANT
                                and each.intent != AnticoagulationIntent.PROPHYLACTIC]  # fmt: skip
        self._asked = any(look(each).any_anticoagulant for each in asked)
        self._ranges: dict[tuple[str, str], list[ReferenceRange]] = defaultdict(list)
        for each in ranges:
            line = look(each)
            self._ranges[line.laboratory, line.test].append(line)
        self._after = {id(panel): self._is_after(panel) for panel in self.panels}
        self._early = [panel for panel in self.panels if self._after[id(panel)] is not True]
        self._known: dict[str, list[Result]] = {}

    @classmethod
    def of(cls, case: Case, forms: Iterable[str] = PANELS) -> Results:
        """From a case that holds the forms and GRADED_WITH."""
        return cls(
            (panel for form in forms for panel in case.of(form)),  # type: ignore[misc]
            ranges=case.of("RANGE"), demographics=next(iter(case.of("DM")), None), doses=case.of("EC"),  # type: ignore[arg-type]
            medications=case.of("CM"), asked=case.of("CMYN"), patient=case.patient,  # type: ignore[arg-type]
        )  # fmt: skip

    # Which results there are

    def reading(self, panel: LaboratoryPanel, name: str) -> Reading | None:
        test = laboratory.BY_FIELD[name]
        return panels.read(panel, name, self._ranges.get((panel.laboratory, test.code), ()), self.demographics)

    def result(self, panel: LaboratoryPanel, name: str) -> Result | None:
        """The result of a question of one of the panels; None when nothing is entered."""
        reading = self.reading(panel, name)
        return None if reading is None else Result(panel, name, reading, self._after[id(panel)])

    def later(self, test: str) -> list[Result]:
        """The results of a test that were certainly taken after the first dose, in order of time."""
        return self._of(test, [panel for panel in self.panels if self._after[id(panel)] is True])

    def _before(self, test: str) -> list[Result]:
        """Its other results, in order of time."""
        if test not in self._known:
            self._known[test] = self._of(test, self._early)
        return self._known[test]

    def _of(self, test: str, panels_: Iterable[LaboratoryPanel]) -> list[Result]:
        name = laboratory.TESTS[test].field
        found = [self.result(panel, name) for panel in panels_ if hasattr(panel, name)]
        return sorted((each for each in found if each is not None), key=_in_time)

    def at(self, place: str) -> Result | None:
        """The result at a place; None when nothing is entered there now."""
        form, slot, test = (place.split(" ") + ["", "", ""])[:3]
        name = laboratory.TESTS[test].field if test in laboratory.TESTS else ""
        panel = next((each for each in self.panels if (each.form, each.slot) == (form, slot)), None)
        return self.result(panel, name) if panel is not None and name and hasattr(panel, name) else None

    def _is_after(self, panel: LaboratoryPanel) -> Tri:
        return either(*(self._later(panel, dose) for dose in self._given)) if self._given else False

    def _later(self, panel: LaboratoryPanel, dose: Dose) -> Tri:
        """Was the sample taken after the infusion began?"""
        on, given = panel.taken_on, dose.given_on
        if on is not None and given is not None and on.known is not None and on.known == given.known and not (panel.taken_time and dose.start_time):
            return False
        return earlier(moment(given, dose.start_time, self.patient), moment(on, panel.taken_time, self.patient))

    # What they are graded against

    def baseline(self, test: str) -> Result | None:
        """The last result before the first dose; None when there is none, and when it is not clear which it is."""
        results = [each for each in self._before(test) if each.reading.printed is not None]
        if any(each.after is None for each in results):
            return None
        return next((each for each in reversed(results) if each.after is False), None)

    def never_before(self, test: str) -> bool:
        """Is it certain that the test has no baseline: its form was submitted before the first dose, without a result?"""
        if self._before(test):
            return False
        field = laboratory.TESTS[test].field
        return any(panel.submitted and self._after[id(panel)] is False for panel in self._early if hasattr(panel, field))

    def anticoagulated(self, on: PartialDate | None) -> Tri:
        """Was an anticoagulant, other than as prophylaxis, taken on the day? (Which ones count is an assumption.)"""
        taken = either(*(_taken(each, on) for each in self._anticoagulants)) if self._anticoagulants else False
        return None if taken is False and not self._asked and not self._anticoagulants else taken

    def _against(self, result: Result) -> dict[str, object]:
        """What ``ctcae_lab`` asks for beside the reading, of which a test asks only some."""
        test = result.reading.test.code
        criteria = OF_TEST.get(test, ())
        against: dict[str, object] = {}
        if result.after is False or (any(each.needs_baseline for each in criteria) and self.never_before(test)):
            against["at_baseline"] = True
        elif any(each.needs_baseline for each in criteria):
            found = self.baseline(test)
            against["baseline"] = found.reading if found else None
        if test == "CA":
            against["albumin"] = self.reading(result.panel, "alb")
        if test == "INR":
            against["anticoagulated"] = self.anticoagulated(result.on)
        return against

    def grades(self, result: Result) -> tuple[LabGrade, ...]:
        """The grade by every term of its test, with evidence."""
        return ctcae_lab.grades(result.reading, **self._against(result))  # type: ignore[arg-type]

    def possible(self, result: Result) -> dict[str, tuple[str, ...]]:
        """Term → possible grades, lowest first."""
        return dict(ctcae_lab.possible(result.reading, **self._against(result)))  # type: ignore[arg-type]


def _in_time(result: Result) -> tuple[object, ...]:
    """What has no day comes last; of one day by time, an unknown one first, then as entered."""
    on, panel = result.on, result.panel
    return (on is None, on.earliest if on else 0, on.latest if on else 0, str(panel.taken_time), panel.id or 1 << 62)


def _taken(drug: Medication, on: PartialDate | None) -> Tri:
    still = True if drug.ongoing == "Y" else negated(before(drug.ended_on, on))
    return both(negated(before(on, drug.started_on)), still)


# Episodes -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Abnormal:
    """A result of an episode with the grade that is certain, '1' to '4'."""

    result: Result
    grade: str

    @property
    def sort_key(self) -> tuple[str, str]:
        """By grade, then by day."""
        return self.grade, self.result.on.text if self.result.on else ""


@dataclass(frozen=True, slots=True)
class Episode:
    """A run of results of one test that one term grades at what counts, or worse. ``ended``: the result that ended it."""

    test: str
    term: str
    results: tuple[Abnormal, ...]
    ended: Result | None = None

    @property
    def places(self) -> frozenset[str]:
        return frozenset(each.result.place for each in self.results)

    @property
    def worst(self) -> Abnormal:
        """The first result of the highest grade."""
        return max(self.results, key=lambda each: each.grade)


def episodes(found: Results) -> list[Episode]:
    """Every episode of the patient, those of a test and term in order of time."""
    made: list[Episode] = []
    for test in filter(_reachable, OF_TEST):
        graded = [(each, found.possible(each)) for each in found.later(test)]
        for criterion in OF_TEST[test]:
            if graded and criterion.term in graded[0][1]:
                made += _episodes_of(criterion, [(each, grades[criterion.term]) for each, grades in graded], _counts(found, criterion))
    return made


def _reachable(test: str) -> bool:
    """Has a criterion of the test a grade that counts?"""
    least = parameters.whole("laboratory_event_grade")
    return any(grade >= least for criterion in OF_TEST[test] for grade in criterion.grades)


def _counts(found: Results, criterion: Criterion) -> int:
    """From which grade on a result matters: the parameter, or what is worse than the baseline."""
    least = parameters.whole("laboratory_event_grade")
    baseline = found.baseline(criterion.test)
    if baseline is None or When.ABNORMAL in criterion.columns:
        return least
    return max(least, int(found.possible(baseline)[criterion.term][-1]) + 1)


def _episodes_of(criterion: Criterion, graded: Iterable[tuple[Result, tuple[str, ...]]], counts: int) -> Iterator[Episode]:
    run: list[Abnormal] = []
    for result, possible in graded:
        if int(possible[0]) >= counts:
            run.append(Abnormal(result, possible[0]))
        elif run and int(possible[-1]) < counts and _certainly_later(result, run[-1].result):
            yield Episode(criterion.test, criterion.term, tuple(run), result)
            run = []
    if run:
        yield Episode(criterion.test, criterion.term, tuple(run))


def _certainly_later(result: Result, other: Result) -> bool:
    if before(other.on, result.on):
        return True
    same = result.on is not None and other.on is not None and result.on.known is not None and result.on.known == other.on.known
    return same and "" < str(other.panel.taken_time) < str(result.panel.taken_time)


# Proposals ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """An episode with what was said of it. ``open`` is the result that waits for an answer; None when nothing does."""

    episode: Episode
    open: Abnormal | None
    answers: tuple[LaboratoryAbnormality, ...]
    events: tuple[AdverseEvent, ...]


def standings(
    found: Sequence[Episode], events: Iterable[AdverseEvent], answers: Iterable[LaboratoryAbnormality], worst: Mapping[str, str]
) -> list[Standing]:  # fmt: skip
    """How each episode stands. ``worst`` is the worst grade of each event, by its number in the log."""
    looked, said = [look(each) for each in events], [look(each) for each in answers]
    return [_standing(each, looked, said, worst) for each in found]


def _standing(
    episode: Episode, events: Sequence[AdverseEvent], answers: Sequence[LaboratoryAbnormality], worst: Mapping[str, str]
) -> Standing:
    named = {each.event for each in answers if each.term == episode.term and each.event}
    near = [each for each in events if each.term == episode.term or each.slot in named]
    mine = tuple(each for each in answers if each.answer and each.term == episode.term and each.result in episode.places)
    settled = max((each.grade for each in mine), default="")
    waiting = [each for each in episode.results
               if each.grade > settled and not any(_covers(event, each, worst) for event in near)]  # fmt: skip
    covering = tuple(event for event in near if any(_spans(event, each.result.on) for each in episode.results))
    return Standing(episode, max(waiting, key=lambda each: each.grade, default=None), mine, covering)


def _covers(event: AdverseEvent, abnormal: Abnormal, worst: Mapping[str, str]) -> bool:
    grade = worst.get(event.slot, "")
    return _spans(event, abnormal.result.on) and (not grade or grade >= abnormal.grade)


def _spans(event: AdverseEvent, on: PartialDate | None) -> bool:
    """Unless the day is certainly outside the event's course."""
    return not outside(event, on)


def outside(event: AdverseEvent, on: PartialDate | None) -> Tri:
    """Does the day lie before the event began, or after it ended?"""
    ended = False if event.ongoing == "Y" or event.ended_on is None else before(event.ended_on, on)
    return either(before(on, event.started_on), ended)
