"""Each trait of an eligible patient leads to registration without a query; each failure is by the criteria it names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from accounts.models import Site
from accounts.roles import Role
from audit import clock
from crf.casebook import open_queries
from demo import accounts, references, screening_stories
from demo.chart import Trait, drawn, joined
from demo.life import Impossible, Life
from demo.screening import eligible
from demo.trial import Timeline
from patients.models import Patient, Slot
from protocol import parameters
from protocol.eligibility import gate_one
from review.models import Deviation, Query, Ruling
from screening.actions import case_of
from screening.models import ScreenFailure

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)  # the second version of the consent form comes in September
END = START + timedelta(days=60)


def life(site: str, *traits: Trait, seed: int = 1, until: datetime = END) -> Life:
    """A patient to come at a site that is open and keeps its references."""
    accounts.create([site])
    people, found = accounts.People(), Site.objects.get(code=site)
    with clock.set_to(START):
        if not found.is_active_on(START.date()):
            accounts.activate(found, date(2026, 6, 1), accounts.administrator())
        references.enter_version(found, people.of(Role.COORDINATOR, site), references.FIRST)
        references.enter_ranges(found, people.of(Role.COORDINATOR, site))
    patient = Life(found, START.date() + timedelta(days=1), until, Random(seed), people)
    patient.traits = joined(traits)
    return patient


def told(patient: Life, course) -> Patient:
    """The patient after the course has been carried out to the end."""
    timeline = Timeline(patient.until)
    patient.meanwhile = timeline.add
    timeline.run([(START, course)])
    return Patient.objects.select_related("site").get(number=patient.number)


# Every trait that keeps nobody out, some together.
HARMLESS = [
    (Trait.LIMITED, Trait.ENDOCRINE, Trait.OPERATED, Trait.HIV), (Trait.TWO_LINES, Trait.HEART, Trait.VACCINE),
    (Trait.BRAIN, Trait.OTHER_CANCER, Trait.ANTICOAGULANT, Trait.ON_PAPER),
    (Trait.FERTILE, Trait.HEPATITIS_C, Trait.AUTOIMMUNE), (Trait.HEPATITIS_B, Trait.PROPHYLAXIS, Trait.EFFUSION),
    (Trait.INFECTION, Trait.INHALED),
]  # fmt: skip


def test_every_trait_that_keeps_nobody_out_is_tried():
    against = {Trait.LUNG, Trait.LIVER, Trait.PREGNANT, Trait.LIMITED_WITHOUT_ICI, Trait.NOT_RELEASED, Trait.RELEASED_ON_PAPER}
    assert {trait for traits in HARMLESS for trait in traits} == set(Trait) - against


@pytest.mark.parametrize("traits", HARMLESS, ids=lambda traits: "-".join(trait.name for trait in traits))
def test_who_is_eligible_is_registered_and_nothing_is_asked(db, traits):
    person = life("IT01", *traits, seed=len(traits[0].name))
    patient = told(person, eligible(person))
    assert person.traits == set(traits) and patient.enrolment_number is not None
    assert list(Query.objects.filter(patient=patient).values_list("rule", "field")) == []
    assert Ruling.objects.filter(patient=patient).count() == (1 if Trait.TWO_LINES in traits else 0)
    assert patient.enrolment_source == ("PAPER" if Trait.ON_PAPER in traits else "EDC")


@pytest.mark.parametrize(("seed", "site"), [(11, "FR01"), (12, "GR01"), (13, "ES03"), (14, "CH02"), (15, "FR03")])
def test_nothing_is_asked_of_patients_drawn_at_random(db, seed, site):
    person = life(site, *drawn(Random(seed)), seed=seed)
    patient = told(person, eligible(person))
    assert patient.enrolment_number is not None and not Query.objects.filter(patient=patient).exists()


FAILURES = {
    screening_stories.screen_failure_ecog: {"I3"}, screening_stories.screen_failure_lung: {"E13"},
    screening_stories.screen_failure_liver: {"I5", "I6", "E9"}, screening_stories.screen_failure_pregnancy: {"I9", "E17"},
}  # fmt: skip


@pytest.mark.parametrize(("story", "criteria"), FAILURES.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_who_fails_does_so_by_the_criteria_on_the_form(db, story, criteria):
    person = life("ES05", Trait.HEPATITIS_B, Trait.ANTICOAGULANT, seed=5)
    patient = told(person, story(person))
    failure = ScreenFailure.objects.get(patient=patient)
    assert set(failure.criteria.split("; ")) == criteria and failure.details
    assert {point.criterion for point in gate_one(case_of(patient)) if point.criterion} == criteria
    assert not open_queries([patient.pk]), "the checklist agrees with the data"
    assert not Ruling.objects.filter(patient=patient).exists() and not Deviation.objects.filter(patient=patient).exists()


def test_a_pregnancy_that_the_interview_missed_is_asked_for_and_corrected(db):
    person = life("CH03", seed=3)
    patient = told(person, screening_stories.screen_failure_pregnancy(person))
    (query,) = Query.objects.filter(patient=patient)
    assert (query.rule, query.status) == ("SCR-067", "CLOSED")


def test_who_declines_gives_the_place_back(db):
    person = life("FR01", seed=2)
    patient = told(person, screening_stories.screen_failure_declined(person))
    assert list(Slot.objects.filter(patient=patient).values_list("status", flat=True)) == ["GIVEN BACK"]
    assert ScreenFailure.objects.get(patient=patient).criteria == ""


@pytest.mark.parametrize("until", [END, datetime(2026, 6, 29, 3, 0, tzinfo=UTC), datetime(2026, 6, 27, 15, 0, tzinfo=UTC)])
def test_a_place_is_held_when_the_simulation_ends(db, until):
    """Also when it ends in the night of a Monday, or on a Saturday."""
    person = life("FR03", seed=4, until=until)
    patient = told(person, screening_stories.waiting(person))
    slot = Slot.objects.get(patient=patient)
    assert slot.status == "HELD" and slot.requested_at <= until < slot.expires_at
    assert Ruling.objects.get(patient=patient).status == "OPEN" and patient.enrolment_number is None


def test_the_same_person_is_screened_again(db):
    person = life("GR01", Trait.VACCINE, Trait.INFECTION, Trait.OPERATED, seed=6, until=END + timedelta(days=30))
    patient = told(person, screening_stories.screened_again(person))
    assert patient.enrolment_number is not None and patient.rescreening_of.enrolment_number is None
    assert not Query.objects.filter(patient__in=[patient, patient.rescreening_of]).exists()


def test_without_a_place_the_patient_is_a_screen_failure(db):
    with parameters.override(enrolment_cap=0):
        person = life("IT01", seed=7)
        patient = told(person, eligible(person))
    assert patient.enrolment_number is None and not Slot.objects.filter(patient=patient).exists()
    assert ScreenFailure.objects.get(patient=patient).reason == "OTHER"


def test_registering_somebody_who_is_not_eligible_stops_the_simulation(db):
    person = life("FR03", Trait.LUNG, seed=8)
    with pytest.raises(Impossible, match="E13"):
        told(person, eligible(person))


def test_releasing_a_dose_that_is_not_checked_stops_the_simulation(db):
    person = life("FR03", seed=9)
    patient = told(person, eligible(person))
    assert patient.enrolment_number is not None
    with clock.set_to(START + timedelta(days=30)), pytest.raises(Impossible, match="is not submitted yet"):
        person.release()
