"""A laboratory abnormality that no adverse event covers, and what it is in the investigator's judgement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from crf.casebook import visit_label
from crf.declare import AskedIf, Section
from crf.facts import load_case, load_cases
from crf.fields import CodeField, LinkField, OfferField, PartialDateField, WordsField
from crf.models import Crf, numbered
from patients.models import Patient
from protocol import event_grades, lab_episodes, safety_facts
from protocol.ctcae_lab import LabGrade, said
from protocol.dates import show
from protocol.engine import Case
from protocol.lab_episodes import Abnormal, Episode, Results, Standing
from protocol.safety_codelists import AbnormalityAnswer

_LINKED = (AbnormalityAnswer.EVENT, AbnormalityAnswer.PART)


class LaboratoryAbnormality(Crf):
    """One answer to one proposal. What was judged is worked out by the program when the answer is saved, and kept with it.

    Who may answer: the public record does not say; whoever enters data at the site may, as with every other form (an assumption).
    """

    code = "LBA"
    area = "Safety"
    domain = "FALB"
    dated_by = "sampled_on"
    fact = safety_facts.LaboratoryAbnormality
    sections = (Section("Laboratory abnormality", "result", "answer", "event", "comment"),)
    asks_if = {"event": AskedIf("answer", *_LINKED)}
    required = ("result", "answer", "event")
    exports = {
        "result": "LBAREF", "answer": "LBAANS", "event": "LBAAENO", "comment": "LBACOM", "term": "LBATOX", "grade": "LBATOXGR",
        "sampled_on": "LBADAT",
    }  # fmt: skip
    computes_from = ("LBA",)
    system_fields = ("term", "grade", "sampled_on")
    brings = ("result", "answer")

    result = OfferField("Result", help_text="The results that wait for an answer", db_comment="Form, visit and CDISC test code of the result that was judged")  # fmt: skip  # noqa: E501
    answer = CodeField("What is it?", codelist=AbnormalityAnswer)
    event = LinkField("Adverse event", to="AE", help_text="The event that it is, or that it is part of")
    comment = WordsField("Comment", help_text="If wanted: why it is so judged")
    term = models.CharField("CTCAE term", max_length=200, blank=True, default="", editable=False, db_comment="CTCAE v5.0 term that graded the result")  # fmt: skip  # noqa: E501
    grade = models.CharField("Grade judged", max_length=1, blank=True, default="", editable=False, db_comment="CTCAE v5.0 grade that was judged, worked out by the program")  # fmt: skip  # noqa: E501
    sampled_on = PartialDateField("Day of the sample", editable=False, db_comment="Day of the sample when it was judged")

    class Meta:
        verbose_name = "Laboratory abnormality"
        verbose_name_plural = "Laboratory abnormalities"
        constraints = numbered("LBA")

    def offers(self, name: str, patient: Patient, chosen: str) -> list[tuple[str, str]]:
        """The results that wait for an answer, in words; a record's own stays."""
        found = [(place, in_words(each.open)) for place, each in self._waiting(patient).items()]
        if chosen and chosen not in dict(found):
            found.append((chosen, f"{chosen}, grade {self.grade}"))
        return found

    def computed(self, case: Case) -> dict[str, tuple[str, str]]:
        """What was filled in by the program, in words."""
        if not self.grade:
            return {}
        return {"result": ("", f"Judged at grade {self.grade}, {self.term}, in the sample of {show(self.sampled_on) or 'an unknown day'}")}

    def _waiting(self, patient: Patient) -> dict[str, Standing]:
        """Place → what waits for an answer there; worked out once for a page."""
        known = self.__dict__.setdefault("_known", {})
        if patient.pk not in known:
            known[patient.pk] = {each.open.result.place: each for each in judged(patient) if each.open}
        return known[patient.pk]

    def clean(self) -> None:
        """What is judged is filled in by the program: the term, the grade and the day that the result has now."""
        super().clean()
        if not self.result or self.result == self.stored().get("result"):
            return
        found = self._waiting(self.patient).get(self.result)
        if found is None:
            raise ValidationError({"result": "This result waits for no answer any more. Choose one of the list."})
        on = found.open.result.on
        self.term, self.grade, self.sampled_on = found.episode.term, found.open.grade, on.text if on else ""


def judged(patient: Patient) -> list[Standing]:
    """Every episode of a patient and how it stands."""
    return standings_of(load_case(patient, (*lab_episodes.NEEDS, *lab_episodes.JUDGED_WITH)))


def standings_of(case: Case) -> list[Standing]:
    """As ``judged``, from a case that holds what it needs."""
    return lab_episodes.standings(lab_episodes.episodes(Results.of(case)), case.of("AE"), case.of("LBA"), worst_grades(case))


def worst_grades(case: Case) -> dict[str, str]:
    """The worst grade of each event, by its number in the log."""
    return {event.slot: event_grades.worst_in(case, event) for event in case.of("AE")}


def open_ones(patients: Iterable[Patient]) -> list[tuple[Patient, Standing]]:
    """What waits for an answer, of many patients, in one query."""
    everybody = list(patients)
    cases = load_cases(everybody, (*lab_episodes.NEEDS, *lab_episodes.JUDGED_WITH))
    return [(patient, each) for patient in everybody for each in standings_of(cases[patient.pk]) if each.open]


def in_words(abnormal: Abnormal) -> str:
    """'Neutrophils 0.4 G/L, grade 4, C2D1 06-Jul-2026': short enough for a list of choices."""
    result = abnormal.result
    return f"{said(result.reading)}, grade {abnormal.grade}, {visit_label(result.panel.slot)} {result.on}"


# The page -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """A button: the form with what it is about already chosen."""

    words: str
    url: str


@dataclass(frozen=True)
class Line:
    """An episode on the page. ``abnormal`` is the result that waits, or the worst one of an episode that is settled."""

    standing: Standing
    abnormal: Abnormal
    value: str
    range: str
    grade: LabGrade
    place: str
    url: str
    answers: tuple[Answer, ...]
    settled: tuple[tuple[str, str], ...]  # (words, address) of each answer and event

    @property
    def grade_words(self) -> str:
        """'Grade 3', or 'Grade 3 or 4' where the number leaves it open."""
        return f"Grade {' or '.join(self.grade.possible)}"

    @property
    def others(self) -> int:
        """How many more results the episode has."""
        return len(self.standing.episode.results) - 1


def page(patient: Patient, *, may_enter: bool) -> dict[str, list[Line]]:
    """Open ones, the worst and newest first, and settled ones, the newest first."""
    case = load_case(patient, (*lab_episodes.NEEDS, *lab_episodes.JUDGED_WITH))
    found, worst = Results.of(case), worst_grades(case)
    lines = [_line(patient, found, each, worst, may_enter) for each in standings_of(case)]
    waiting = sorted((each for each in lines if each.standing.open), key=lambda line: line.abnormal.sort_key, reverse=True)
    settled = sorted((each for each in lines if not each.standing.open), key=lambda line: line.abnormal.sort_key[1], reverse=True)
    return {"open": waiting, "settled": settled}


def _line(patient: Patient, found: Results, standing: Standing, worst: Mapping[str, str], may_enter: bool) -> Line:
    abnormal = standing.open or standing.episode.worst
    result, reading = abnormal.result, abnormal.result.reading
    grade = next(each for each in found.grades(result) if each.term == standing.episode.term)
    form = reverse("record", args=[patient.number, result.panel.form, result.panel.slot])
    answers = _answers(patient, standing.episode, abnormal) if standing.open and may_enter else ()
    return Line(
        standing, abnormal, f"{reading.text} {reading.unit}".strip(), _range(reading), grade, visit_label(result.panel.slot),
        f"{form}#q-{result.name}", answers, tuple(_settled(patient, standing, worst)),
    )  # fmt: skip


def _range(reading) -> str:
    limits = reading.range
    if limits is None or (limits.low is None and limits.high is None):
        return "no range"
    low, high = (f"{each.normalize():f}" if each is not None else "" for each in (limits.low, limits.high))
    return f"{f'{low} to {high}' if low and high else f'from {low}' if low else f'up to {high}'} {limits.unit}".strip()


def _answers(patient: Patient, episode: Episode, abnormal: Abnormal) -> tuple[Answer, ...]:
    """A new event with term and day brought along; or the answer, of which the person has still to choose and to save."""
    result = abnormal.result
    event = {"term": episode.term, "started_on": result.on.text if result.on else ""}
    judge, new = (reverse("record", args=[patient.number, code, "new"]) for code in ("LBA", "AE"))
    words = {"EVENT": "An event that is entered", "NOT CLINICALLY SIGNIFICANT": "Not clinically significant",
             "PART OF ANOTHER EVENT": "Part of another event"}  # fmt: skip
    return (
        Answer("New adverse event", f"{new}?{urlencode(event)}"),
        *(Answer(text, f"{judge}?{urlencode({'result': result.place, 'answer': value})}") for value, text in words.items()),
    )


def _settled(patient: Patient, standing: Standing, worst: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for each in standing.answers:
        yield f"{AbnormalityAnswer(each.answer).label}, judged at grade {each.grade}", reverse("record", args=[patient.number, "LBA", each.slot])
    for event in standing.events:
        yield f"Adverse event {event.slot}: {event.term}, worst grade {worst[event.slot] or '?'}", reverse("record", args=[patient.number, "AE", event.slot])
