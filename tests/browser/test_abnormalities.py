"""From the to-do page to the answer of a laboratory abnormality, by mouse and keyboard; the pages pass axe and fit a tablet."""

from __future__ import annotations

import pytest

from adverse_events.abnormalities import LaboratoryAbnormality
from adverse_events.models import AdverseEvent
from tests.adverse_events.test_abnormalities import NEUT, blood, dosed, two_ranges
from tests.conftest import World

pytestmark = pytest.mark.browser


@pytest.fixture
def patient(hands, world: World):
    hands.forward(days=40)  # to 11 August 2026
    two_ranges(world)
    patient = dosed(world)
    blood(world, patient, "C1D8", "2026-07-08", "0.4")
    return patient


def look(person, name: str) -> list[str]:
    person.picture(name)
    found = person.axe()
    if (over := person.wider_than_page()) > 1:
        found.append(f"{person.page.url} is {over} px wider than the screen")
    return found


def test_an_abnormality_is_judged_and_another_becomes_an_event(someone, patient, world):
    investigator = someone("INVESTIGATOR", "FR03", width=1024, height=768)
    page = investigator.page
    investigator.open("/")
    found = look(investigator, "abnormalities-todo")
    page.get_by_role("link", name="Neutrophils 0.4 G/L, grade 4, C1D8 08-Jul-2026").click()
    found += look(investigator, "abnormalities-open")
    page.get_by_role("link", name="Not clinically significant").click()
    found += look(investigator, "abnormality-form")
    investigator.submit()
    assert "Laboratory abnormality is submitted." in investigator.text()
    assert "Judged at grade 4, Neutrophil count decreased, in the sample of 08-Jul-2026" in investigator.text()
    stored = LaboratoryAbnormality.objects.get()
    assert (stored.result, stored.answer, stored.grade) == ("HEM C1D8 NEUT", "NOT CLINICALLY SIGNIFICANT", "4")

    blood(world, patient, "C1D15", "2026-07-15", "4.0")
    blood(world, patient, "C2D1", "2026-07-29", "0.9")
    investigator.open(f"/patients/{patient.number}/laboratory-abnormalities/")
    assert "Waiting for an answer (1)" in investigator.text()
    assert "Not clinically significant, judged at grade 4" in investigator.text()
    page.get_by_role("link", name="New adverse event").click()
    assert page.locator('input[name="term"]').input_value() == NEUT
    assert investigator.boxes("started_on") == ["29", "Jul", "2026"]
    assert page.locator('input[name="grade"]:checked').count() == 0
    investigator.choose("scale", "CTCAE 5.0")
    investigator.choose("grade", "3")
    investigator.save()
    assert AdverseEvent.objects.get().term == NEUT
    investigator.open(f"/patients/{patient.number}/laboratory-abnormalities/")
    assert "Waiting for an answer (0)" in investigator.text()
    assert "Adverse event 1: Neutrophil count decreased, worst grade 3" in investigator.text()
    found += look(investigator, "abnormalities-settled")
    assert found == []
