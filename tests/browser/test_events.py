"""Adverse events by keyboard alone: a fever that gets worse, is treated, and ends. What counts is the number of keys and of pages."""

from __future__ import annotations

import pytest

from adverse_events.grades import GradeChange
from adverse_events.models import AdverseEvent
from assessments.medication import Medication
from review.models import Query
from tests.conftest import World

pytestmark = pytest.mark.browser

NAME = """() => { const at = document.activeElement;
  const label = at.labels && at.labels.length ? at.labels[0].innerText : "";
  const flat = (text) => text.replace(/\\s+/g, " ");
  return [at.name || "", flat(at.innerText || ""), flat(label), at.getAttribute("aria-label") || ""] }"""


class Keyboard:
    """Hands that never leave the keyboard; every stroke and every page is counted."""

    def __init__(self, person) -> None:
        self.page, self.keys, self.strokes, self.pages = person.page, person.page.keyboard, 0, 0

    def press(self, key: str) -> None:
        self.keys.press(key)
        self.strokes += 1

    def type(self, text: str) -> None:
        self.keys.type(text)
        self.strokes += len(text)

    def to(self, wanted: str, most: int = 80) -> None:
        """Tab to a question by its name, or to a link or button by its words."""
        for _ in range(most):
            name, *words = self.page.evaluate(NAME)
            if name == wanted or any(word.strip().startswith(wanted) for word in words):
                return
            self.press("Tab")
        raise AssertionError(f"{wanted} is not reached in {most} tabs")

    def answer(self, question: str, keys: str) -> None:
        """Tab to a question and type its answer: a digit chooses a radio button, letters an entry of a list."""
        self.to(question)
        self.type(keys)

    def go(self, key: str = "Enter") -> None:
        """A key that leads to another page."""
        with self.page.expect_navigation():
            self.press(key)
        self.pages += 1


def test_a_fever_that_gets_worse_is_treated_and_ends(someone, hands, world: World):
    """The night nurse enters a fever of grade 1; later it is grade 2, paracetamol is given, and it is over."""
    patient = world.enrolled()
    hands.forward(days=5)
    nurse = someone("COORDINATOR", "FR03")
    assert nurse.open(f"/patients/{patient.number}/events/") == 200
    assert "No adverse event is entered" in nurse.text()
    by = Keyboard(nurse)

    # the event: the word that a nurse types, Enter takes the first term, the scale follows it
    by.to("New event")
    by.go()
    by.answer("term", "high fever")
    nurse.page.get_by_role("option", name="Fever", exact=True).wait_for()
    by.press("Enter")
    nurse.page.locator('[name="scale"][value="CTCAE 5.0"]:checked').wait_for()
    by.answer("grade", "1")
    by.answer("special_interest", "no")
    by.answer("started_on_0", "5 7 26")
    by.answer("baseline", "2")
    by.answer("ongoing", "1")
    by.answer("outcome", "4")
    by.answer("relationship", "1")
    by.answer("action_taken", "dose not")
    by.answer("treatment_given", "2")
    by.answer("serious", "2")
    nurse.picture("events-new")
    by.go("Control+Enter")
    event = AdverseEvent.objects.get()
    assert (event.term, event.scale, event.grade, event.started_on, event.state) == ("Fever", "CTCAE 5.0", "1", "2026-07-05", "SUBMITTED")
    assert not Query.objects.exists()
    one_event = by.strokes
    assert one_event <= 110, f"{one_event} keys for one event"

    # it gets worse: from the page of all events, the event is chosen already
    nurse.open(f"/patients/{patient.number}/events/")
    by.pages += 1
    nurse.page.locator("tbody").get_by_role("link", name="Change of grade").wait_for()
    by.to("Change of grade of Fever")
    by.go()
    assert nurse.page.locator('[name="event"]').input_value() == "1"
    by.answer("grade", "2")
    by.answer("changed_on_0", "6 7 26")
    by.press("Tab")
    by.go("Control+Enter")
    assert GradeChange.objects.values_list("event", "grade", "changed_on", "state").get() == ("1", "2", "2026-07-06", "SUBMITTED")

    # paracetamol, added from the event, so that the link stands there
    nurse.open(f"/patients/{patient.number}/form/CM/new/?for_event=1")
    by.pages += 1
    by.answer("name", "Paracetamol")
    by.answer("drug_class", "5")
    assert nurse.page.locator('[name="for_event"]').input_value() == "1"
    by.answer("route", "oral")
    by.answer("started_on_0", "6 7 26")
    by.answer("ongoing", "2")
    by.answer("ended_on_0", "7 7 26")
    by.press("Tab")
    by.go("Control+Enter")
    assert Medication.objects.values_list("for_event", "ended_on", "state").get() == ("1", "2026-07-07", "SUBMITTED")
    assert Query.objects.values_list("rule", flat=True).get() == "AE-058", "the event still says that nothing was given"

    # it is over: the answers and the reason, and the query closes by itself
    nurse.open(f"/patients/{patient.number}/form/AE/1/")
    by.pages += 1
    by.answer("ongoing", "2")
    by.answer("ended_on_0", "7 7 26")
    by.answer("outcome", "1")
    by.answer("treatment_given", "1")
    by.answer("change_reason", "It is over.")
    by.go("Control+Enter")
    event.refresh_from_db()
    assert (event.ongoing, event.ended_on, event.outcome, event.treatment_given) == ("N", "2026-07-07", "RECOVERED/RESOLVED", "Y")
    assert not Query.objects.exclude(status="CLOSED").exists()

    # one line says it all
    nurse.open(f"/patients/{patient.number}/events/?grade=2")
    line = nurse.page.locator(".events tbody tr").inner_text()
    for words in ("Fever", "2 CTCAE 5.0", "1 since 05-Jul-2026", "2 since 06-Jul-2026", "07-Jul-2026", "Recovered", "No"):
        assert words in line, (words, line)
    assert nurse.axe() == []
    assert nurse.wider_than_page() == 0
    nurse.picture("events-log")
    nurse.open(f"/patients/{patient.number}/events/?grade=3")
    assert "No event of this patient fits the filter." in nurse.text()
    assert by.strokes <= 330, f"{by.strokes} keys in all"
    assert by.pages <= 9, f"{by.pages} pages"


def test_the_scale_follows_the_term_until_somebody_chooses_one(someone, world: World):
    patient = world.enrolled()
    nurse = someone("COORDINATOR", "FR03")
    nurse.open(f"/patients/{patient.number}/form/AE/new/")
    by = Keyboard(nurse)

    def term(typed: str, name: str) -> None:
        nurse.page.locator('[name="term"]').fill("")
        by.answer("term", typed)
        nurse.page.get_by_role("option", name=name).first.wait_for()
        by.press("Enter")
        assert nurse.page.locator('[name="term"]').input_value() == name

    def scale(value: str) -> None:
        nurse.page.locator(f'[name="scale"][value="{value}"]:checked').wait_for()

    by.to("term")
    term("throwing up", "Vomiting")
    scale("CTCAE 5.0")
    assert nurse.page.locator('[name="grade"]:checked').count() == 0, "a grade is a judgement"
    nurse.page.locator('[name="term"]').focus()
    term("crs", "Cytokine release syndrome")
    scale("ASTCT 2019")
    nurse.choose("scale", "CTCAE 5.0")
    nurse.page.locator('[name="term"]').focus()
    term("tls", "Tumor lysis syndrome")
    nurse.page.wait_for_timeout(500)
    scale("CTCAE 5.0")

    # what was typed exactly as a term is called is that term, whatever its capitals
    nurse.page.locator('[name="term"]').focus()
    nurse.page.locator('[name="term"]').fill("")
    by.type("nausea")
    nurse.page.get_by_role("option", name="Nausea", exact=True).wait_for()
    by.press("Tab")
    assert nurse.page.locator('[name="term"]').input_value() == "Nausea"
