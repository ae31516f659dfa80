"""The simulated trial: it holds everything that it promises, nothing that it should not, and can be made again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Count

from accounts.models import Site
from adverse_events import case as safety
from adverse_events.models import AdverseEvent
from adverse_events.syndromes import CrsAssessment
from assessments.references import ReferenceRange
from audit import examine
from audit.models import Change, ChangeSet, Installation, audited_models
from crf import registry
from crf.facts import fact_of
from crf.fields import PartialDateField, ResultField
from crf.models import State
from demo import laboratories, references
from demo import trial as demo_trial
from demo.build import NotForDemo, build
from demo.workdays import is_working_day
from dosing.models import Administration, EndOfTreatment
from follow_up.models import Death, Progression
from patients.actions import enrolled
from patients.models import Patient, Slot, SlotStatus
from protocol import parameters
from protocol.codelists import DoseOccurrence
from protocol.eligibility import gate_one
from protocol.scales import CRS, ICANS
from protocol.schedule import calendar
from review import breach
from review.models import Deviation, Query, QueryStatus, Ruling, RulingStatus
from screening.actions import TWICE_GATE, case_of
from screening.judgement import FirstDoseCheck
from screening.models import IcfVersion, InformedConsent, Reconsent, ScreenFailure
from tests.conftest import UNTIL

pytestmark = pytest.mark.django_db


# What is in it --------------------------------------------------------------------------------------------------------


def test_every_registered_form_has_a_record(trial):
    assert {each.form for each in registry.headers()} == {form.code for form in registry.forms()}


def test_twelve_patients_at_eight_sites_or_more(trial):
    assert Patient.objects.filter(rescreening_of=None).count() == 12
    assert Patient.objects.values("site").distinct().count() >= 8


def given(patient_doses):
    return patient_doses.filter(occurrence=DoseOccurrence.GIVEN, voided=False)


def doses_by_patient():
    found = {}
    for pk in given(Administration.objects).values_list("patient", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def queries(**what):
    return Query.objects.filter(**what)


def thread(query) -> list[tuple[str, str]]:
    """(status, author) of each post."""
    return list(query.history.order_by("history_id").values_list("status", "history_user_id"))


def due(event):
    event.patient = Patient.objects.select_related("site").get(pk=event.patient_id)
    return safety.case_of(event).clock.due


def serious():
    return AdverseEvent.objects.filter(serious="Y", is_hospitalisation="Y", voided=False)


def corrected(form: str, field: str):
    """Changes of submitted data that say why."""
    changes = Change.objects.filter(form=form, field=field, old__isnull=False).exclude(change_set__reason="")
    return changes.exclude(change_set__reason__startswith="The event is over")


def texts():
    return " ".join(
        Change.objects.filter(new__isnull=False, field__in=["details", "reason_details", "why"]).values_list("new", flat=True)
    )


def places(patient) -> list[str]:
    return list(patient.slots.order_by("id").values_list("status", flat=True))


def entered_at(patient) -> datetime:
    """When the registration was entered, whenever it happened."""
    return Change.objects.get(form="PATIENT", patient=patient.number, field="enrolled_at").at


def released(is_so: bool):
    return FirstDoseCheck.objects.filter(released_at__isnull=not is_so)


def asked(status):
    """Patients with a question to the medical reviewer."""
    return Patient.objects.filter(pk__in=Ruling.objects.filter(status=status).values("patient"))


STORIES = {
    "on treatment, with different numbers of doses": lambda: len(set(doses_by_patient().values())) >= 4,
    "screen failure for ECOG 1": lambda: ScreenFailure.objects.filter(criteria="I3").exists(),
    "screen failure for another criterion": lambda: ScreenFailure.objects.exclude(criteria__in=["", "I3"]).exists(),
    "registered and never dosed": lambda: (
        Patient.objects.filter(enrolment_number__isnull=False).exclude(pk__in=doses_by_patient()).exists()
    ),
    "a delayed dose, with its reason, given later": lambda: (
        given(Administration.objects).exclude(reason="").exclude(reason_details="").exists()
        and Change.objects.filter(form="EC", field="occurrence", old="DELAYED", new="GIVEN").exists()
    ),
    "an omitted dose": lambda: Administration.objects.filter(occurrence="OMITTED").exclude(reason="").exists(),
    "CRS grade 1, recovered": lambda: AdverseEvent.objects.filter(term=CRS, grade="1").exclude(ended_on="").exists(),
    "CRS grade 2, recovered": lambda: (
        AdverseEvent.objects.filter(term=CRS, patient__in=CrsAssessment.objects.filter(grade="2").values("patient")).exclude(ended_on="").exists()
    ),
    "ICANS": lambda: AdverseEvent.objects.filter(term=ICANS).exists(),
    "a hospital stay reported in time": lambda: any(e.reported_at and e.reported_at <= due(e) for e in serious()),
    "a hospital stay reported late": lambda: any(e.reported_at and e.reported_at > due(e) for e in serious()),
    "a hospital stay whose 24 hours are running": lambda: any(
        e.reported_at is None and UNTIL < due(e) <= UNTIL + timedelta(hours=24) for e in serious()
    ),
    "progression, then the end of treatment": lambda: (
        Progression.objects.exists() and EndOfTreatment.objects.filter(reason="PROGRESSIVE DISEASE").exists()
    ),
    "death from the disease": lambda: Death.objects.filter(cause="DISEASE UNDER STUDY").exists(),
    "a wrong dose, confirmed with its reason": lambda: Deviation.objects.filter(rule="DOS-003").exclude(why="").exists(),
    "an open query": lambda: queries(status=QueryStatus.OPEN).exists(),
    "an answered query that waits": lambda: queries(status=QueryStatus.ANSWERED).exists(),
    "a system query closed by a correction": lambda: any(
        thread(q)[-1][0] == "CLOSED" and thread(q)[-1][1].startswith(("coordinator", "investigator"))
        for q in queries(status=QueryStatus.CLOSED).exclude(rule="")
    ),
    "a system query answered and accepted": lambda: any(
        [status for status, _ in thread(q)] == ["OPEN", "ANSWERED", "CLOSED"] for q in queries().exclude(rule="")
    ),
    "a manual query by a monitor, asked again after it was closed": lambda: any(
        [status for status, _ in thread(q)].count("CLOSED") == 2 for q in queries(rule="", raised_by="monitor")
    ),
    "a value corrected after submission, with a reason": lambda: corrected("EC", "end_time").exists(),
    "a void record": lambda: AdverseEvent.objects.filter(voided=True).exclude(void_reason="").exists(),
    "a form in progress": lambda: AdverseEvent.objects.filter(state=State.IN_PROGRESS).exists(),
    "a date known in part": lambda: AdverseEvent.objects.filter(started_on__regex=r"^[0-9]{4}-[0-9]{2}$").exists(),
    "a form entered from paper": lambda: Administration.objects.filter(origin="PAPER").exists(),
    "a question open to the medical reviewer, and a place held meanwhile": lambda: any(
        patient.enrolment_number is None and places(patient) == ["HELD"] for patient in asked(RulingStatus.OPEN)
    ),
    "a question decided after the place had run out, then registered": lambda: any(
        patient.enrolment_number and places(patient) == ["EXPIRED"] for patient in asked(RulingStatus.DECIDED)
    ),
    "a place used": lambda: Slot.objects.filter(status=SlotStatus.USED, patient__enrolment_number__isnull=False).exists(),
    "a registration on paper, entered later": lambda: any(
        patient.paper_number and entered_at(patient) > patient.enrolled_at
        for patient in Patient.objects.filter(enrolment_source="PAPER")
    ),
    "registered and never dosed, with its end": lambda: any(
        registry.patient_status(patient, registry.headers([patient.pk]))[0] == registry.NEVER_DOSED
        for patient in Patient.objects.exclude(enrolment_number=None)
    ),
    "screened again and registered": lambda: (
        Patient.objects.filter(rescreening_of__isnull=False, enrolment_number__gt=0).exists()
        and not Patient.objects.filter(rescreening_of__enrolment_number__gt=0).exists()
    ),
    "an unscheduled visit with more than its own form": lambda: (
        len({each.form for each in registry.headers() if each.visit == "UNS01"} - {"UV"}) >= 3
    ),
    "a first dose without a release, with its reason": lambda: (
        Deviation.objects.filter(rule="SCR-031").exclude(why="").count() == released(False).count() == 2
    ),
    "most old deviations accepted, in the monitor's own words too": lambda: (
        Deviation.objects.filter(status="ACCEPTED", rule="DOS-003", category="MAJOR").exclude(description="").exists()
        and Deviation.objects.filter(status="ACCEPTED", rule="SCR-031").exists()
    ),
    "a deviation rejected, with its reason": lambda: Deviation.objects.filter(rule="SCR-031", status="REJECTED").exists(),
    "a deviation entered by hand, and one voided": lambda: (
        set(Deviation.objects.filter(rule="").values_list("status", flat=True)) == {"ACCEPTED", "VOID"}
    ),
    "a potential serious breach whose seven days are running": lambda: any(
        UNTIL < breach.due(each.breach_aware_at) <= UNTIL + timedelta(days=6)
        for each in Deviation.objects.filter(breach="POTENTIAL")
    ),
    "first doses with their release": lambda: released(True).count() >= 7,
    "a newer consent signed again": lambda: Reconsent.objects.filter(icf_version=references.SECOND).count() >= 5,
    "hepatitis B watched for reactivation": lambda: registry.form("HBV").objects.count() >= 2,
    "a second pregnancy test before the first dose": lambda: any(
        count >= 2 for _, count in registry.form("PT").objects.values_list("patient").annotate(n=Count("id"))
    ),
    "a stable anticoagulation": lambda: (
        registry.form("CM").objects.filter(intent="THERAPEUTIC", stable_confirmed="Y").exists()
    ),
    "Greek and accents in free text": lambda: any("α" <= sign <= "ω" for sign in texts()) and "é" in texts(),
}


@pytest.mark.parametrize("story", STORIES)
def test_the_story_is_there(trial, story):
    assert STORIES[story]()


def test_a_patient_has_at_most_150_records(trial):
    found = registry.headers()
    assert max(sum(each.patient == pk for each in found) for pk in {each.patient for each in found}) <= 150


def test_adverse_events_are_asked_for_at_every_dose(trial):
    doses = set(given(Administration.objects).values_list("patient__number", "visit__code"))
    asked = registry.form("AEYN").objects.values_list("patient__number", "visit__code")
    assert doses <= set(asked)


# What is not ----------------------------------------------------------------------------------------------------------


def test_the_trail_agrees_with_the_data(trial):
    assert list(examine.findings()) == []


def test_rules_find_only_what_the_stories_want(trial):
    """A query that no story speaks of is a mistake in a story, or in a rule."""
    # Stay, medication and assessments are entered after the event that they belong to: what asks for them closes by itself.
    passing = {"AE-055", "AE-057", "AE-123"}
    wanted = {"", "AE-017", "AE-AEREL-required", "DOS-003", "SCR-031", "SCR-095", *passing}
    assert set(Query.objects.values_list("rule", flat=True)) <= wanted
    left = Query.objects.filter(rule__in=passing).exclude(status=QueryStatus.CLOSED)
    assert set(left.values_list("rule", "patient__number")) <= {("AE-055", "FR03-001")}, "the event whose clock is running"
    assert set(Deviation.objects.values_list("rule", flat=True)) == {"", "DOS-003", "SCR-031"}
    # Nothing is asked of the medical reviewer that no story wants, not even for a moment.
    rulings = set(Ruling.objects.values_list("rule", "status"))
    assert rulings == {("SCR-I01r", RulingStatus.OPEN), ("SCR-I01r", RulingStatus.DECIDED)}
    assert not Query.objects.filter(rule="SCR-095").exclude(status=QueryStatus.CLOSED).exists()
    # Whose clock is still running is in hospital since this morning: that stay is not entered yet.
    waiting = Query.objects.filter(rule="AE-055").exclude(status=QueryStatus.CLOSED).values_list("record", flat=True)
    assert set(waiting) <= set(AdverseEvent.objects.filter(reported_at=None).values_list("pk", flat=True))


def test_what_is_registered_satisfies_every_criterion(trial):
    """By the stored data and as of the day of registration; what is not computed is the investigator's."""
    for patient in Patient.objects.exclude(enrolment_number=None).select_related("site"):
        against = [point for point in gate_one(case_of(patient)) if point.rule != TWICE_GATE]
        assert against == [], (patient.number, [point.sentence for point in against])


def test_who_failed_screening_fails_by_the_criteria_named_on_the_form(trial):
    failures = ScreenFailure.objects.filter(reason="ELIGIBILITY CRITERIA NOT MET").select_related("patient__site")
    assert failures.count() >= 2
    for failure in failures:
        against = {point.criterion for point in gate_one(case_of(failure.patient)) if point.criterion}
        assert against == set(failure.criteria.split("; ")), failure.patient.number


def test_each_site_with_patients_keeps_its_references(trial):
    for site in Site.objects.filter(patients__isnull=False).distinct():
        versions = IcfVersion.objects.filter(site=site, withdrawn=False).order_by("approved_on")
        assert [each.icf_version for each in versions] == [references.FIRST, references.SECOND]
        named = set(ReferenceRange.objects.filter(site=site).values_list("laboratory", flat=True))
        assert named == {each.name for each in laboratories.LABORATORIES[site.code]}
    name = laboratories.LABORATORIES[references.NEW_REAGENT][0].name
    old, new = ReferenceRange.objects.filter(laboratory=name, test="APTT").order_by("valid_from")
    assert (old.valid_to, new.valid_from, new.valid_to) == ("2026-08-31", "2026-09-01", "")


@pytest.mark.parametrize("form", ["HEM", "CHE", "COA"])
def test_results_are_printed_in_the_units_of_their_laboratory(trial, form):
    records = registry.form(form).objects.select_related("patient__site")
    assert records.exists()
    for record in records:
        assert record.laboratory in {each.name for each in laboratories.LABORATORIES[record.patient.site.code]}
        results = [field.name for field in record._meta.concrete_fields if isinstance(field, ResultField)]
        printed = [name for name in results if getattr(record, name)]
        assert len(printed) >= 2 and not any(getattr(record, f"{name}_unit") for name in printed)


def test_consents_are_of_the_version_of_the_day(trial):
    for form in (InformedConsent, Reconsent):
        for consent in form.objects.select_related("patient__site"):
            day = date.fromisoformat(consent.patient_signed_on)
            assert consent.icf_version == references.version_on(consent.patient.site.code, day), consent


def simulated():
    """Change sets of the simulation: whatever was done before it or by another test is not."""
    return ChangeSet.objects.exclude(source__in=["load_study", "test"])


def test_nothing_lies_after_the_end(trial):
    # Sites were loaded when the tests began, so their later changes are dated after that.
    assert simulated().exclude(changes__form="SITE").latest("at").at <= UNTIL
    for model in audited_models():
        if model.trail_code in ("SITE", "STUDY"):
            continue
        assert not model.history.filter(history_date__gt=UNTIL).exists(), model
    for form in registry.forms():
        for field in form._meta.concrete_fields:
            if isinstance(field, PartialDateField) and field.name != "due_on":  # a delivery is expected
                assert not form.objects.filter(**{f"{field.name}__gt": UNTIL.date().isoformat()}).exists(), field


def test_doses_are_given_on_working_days_as_planned(trial):
    for patient in Patient.objects.filter(pk__in=doses_by_patient()):
        doses = Administration.objects.filter(patient=patient, voided=False).select_related("visit")
        facts = [fact_of(each) for each in doses]
        for row in calendar(facts, ahead=0):
            if row.actual is None:
                continue
            assert is_working_day(row.actual.known), (patient, row)
            late = 0 if row.planned is None else row.days_late
            # A week for the delayed dose, a weekend and a holiday for the others; a repeated 1 mg comes after a long delay.
            assert 0 <= late <= (7 if row.n else 21), (patient, row)


def test_infusions_take_about_an_hour_by_day(trial):
    for dose in given(Administration.objects):
        start, end = (datetime.combine(date.min, time.fromisoformat(text)) for text in (dose.start_time, dose.end_time))
        assert timedelta(minutes=50) <= end - start <= timedelta(minutes=70), dose
        assert start.time() >= time(8) and end.time() <= time(18), dose


def test_people_work_on_working_days_by_day(trial):
    zones = dict(Patient.objects.values_list("number", "site__time_zone"))
    planned = simulated().filter(chain__in=zones).exclude(source="safety report")
    for each in planned.prefetch_related("changes"):
        forms = {change.form for change in each.changes.all()}
        if "AE" in forms:
            continue  # serious events are entered at any hour
        local = each.at.astimezone(ZoneInfo(zones[each.chain]))
        assert is_working_day(local.date()) and time(8) <= local.time() <= time(18, 30), (each.source, forms, local)


def test_each_act_is_by_somebody_with_the_role_for_it(trial):
    found = simulated().filter(chain__in=Patient.objects.values("number"))
    roles = set(found.values_list("source", "role").distinct())
    assert ("registration", "Investigator") in roles
    assert not [role for source, role in roles if source == "registration" and role != "Investigator"]
    assert not [role for source, role in roles if source == "form" and role not in ("Site coordinator", "Investigator")]


# Other ends, another cap ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", [datetime(2026, 6, 15, tzinfo=UTC), datetime(2026, 7, 4, 15, 30, tzinfo=UTC)])
def test_an_early_end_gives_fewer_events(db, until):
    last = Change.objects.latest("id").id
    demo_trial.simulate(patients=12, seed=3, until=until)
    written = Change.objects.filter(id__gt=last).exclude(form="SITE")
    assert written.filter(form="IC").exists() and written.filter(form="PATIENT", field="enrolled_at").exists()
    assert not written.filter(at__gt=until).exists()


def test_enrolment_stops_at_the_cap(db):
    """Whoever is in screening when the last place goes is a screen failure; nobody is screened after that."""
    places, before = enrolled() + 3, Patient.objects.count()
    with parameters.override(enrolment_cap=places):
        screened = demo_trial.simulate(patients=12, seed=2, until=datetime(2026, 8, 20, tzinfo=UTC))
    assert enrolled() == places
    assert screened == Patient.objects.count() - before < 12


# Real data are not touched --------------------------------------------------------------------------------------------

NOT_DEMO = "This database is not marked DEMO"


@pytest.mark.parametrize("command", ["simulate_trial", "demo_accounts"])
def test_a_command_refuses_a_database_that_is_not_marked(db, monkeypatch, command):
    monkeypatch.setattr(Installation, "is_demo", classmethod(lambda cls: False))
    with pytest.raises(CommandError, match=NOT_DEMO):
        call_command(command)


def test_build_refuses_a_real_database_and_leaves_it_alone(db, monkeypatch):
    monkeypatch.setattr(Installation, "is_demo", classmethod(lambda cls: False))
    before = Change.objects.count(), Patient.objects.count()
    with pytest.raises(NotForDemo, match=NOT_DEMO):
        build(patients=1, seed=1, until=UNTIL)
    assert (Change.objects.count(), Patient.objects.count()) == before


def test_a_trial_is_not_simulated_into_another(trial):
    with pytest.raises(CommandError, match="holds patients already"):
        call_command("simulate_trial")
    with pytest.raises(NotForDemo, match="holds patients already"):
        build(patients=1, seed=1, until=UNTIL)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [({"patients": 0}, "At least one patient"), ({"until": date(2026, 6, 1)}, "begins in June 2026")],
)
def test_the_command_says_what_it_cannot_simulate(db, monkeypatch, arguments, sentence):
    from demo.management.commands import simulate_trial

    monkeypatch.setattr(simulate_trial, "refuse_unless_empty_demo", lambda: None)
    with pytest.raises(CommandError, match=sentence):
        call_command("simulate_trial", **arguments)
