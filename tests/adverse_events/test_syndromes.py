"""CRS, ICANS and tumour lysis through their forms: every cell of the tables at its boundary, and whole events."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from audit import clock
from crf import registry
from crf.links import linked_here, offers
from protocol.scales import CRS, ICANS, TLS
from review.models import Query, QueryStatus
from tests.crf.keeping import enter as enter_range
from tests.crf.page import Page, read
from tests.protocol.syndrome_build import items

pytestmark = pytest.mark.usefixtures("noon")
DAY = "2026-11-17"
WHO = {"action_taken": "DOSE NOT CHANGED", "relationship": "Y", "serious": "N", "ongoing": "Y", "outcome": "NOT RECOVERED/NOT RESOLVED"}
WARM = {"temperature": "38.6", "fever_earlier": "N", "therapy": "NONE", "hypotension": "N", "oxygen": "NONE", "icu": "N"}
AWAKE = {"assessable": "Y", **items(10), "consciousness": "ALERT", "seizure": "NONE", "deep_focal_weakness": "N",
         "raised_pressure": "NONE", "icu": "N"}  # fmt: skip


@pytest.fixture
def patient(world):
    with clock.set_to(datetime(2026, 11, 12, 9, 0, tzinfo=UTC)):
        return world.enrolled()


@pytest.fixture
def dosed(world, patient):
    """C1D1 on 16 November, from 10:00."""
    world.dose(patient, "C1D1", "2026-11-16", "1")
    return patient


def event(world, patient, term=CRS, time="02:10", day=DAY, **more):
    scale = {"scale": "CAIRO-BISHOP" if term == TLS else "ASTCT 2019", "grade": "1"}
    return world.enter(patient, "AE", "new", term=term, started_on=day, started_time=time, **scale, **WHO, **more).saved.record


def assess(world, patient, code, time="02:40", day=DAY, **answers):
    """An assessment of event 1 by its page; the value is the record."""
    page = Page(world, world.user("COORDINATOR", "FR03"), patient, code, "new")
    page.fill(**{"event": "1", "assessed_on": day, "assessed_time": time, **answers}).post("submit")
    assert page.response.status_code == 302, page.read.findings
    return registry.form(code).objects.latest("id")


def page_of(world, patient, record):
    found = Page(world, world.user("COORDINATOR", "FR03"), patient, record.code, record.slot)
    return found.read.shown


def asked(*rules):
    found = Query.objects.exclude(status=QueryStatus.CLOSED).filter(rule__startswith="AE-1")
    return sorted(each.rule for each in found if not rules or each.rule in rules)


def no_pressor(**more):
    return {**WARM, "hypotension": "Y", "vasopressor": "N", "hypotension_no_other_cause": "Y", **more}


def pressors(*names, **more):
    return {**no_pressor(**more), "vasopressor": "Y", "vasopressors": list(names)}


def device(name, flow="", **more):
    return {**WARM, "oxygen": name, "oxygen_flow": flow, "hypoxia_no_other_cause": "Y", **more}


LOW, HIGH = "LOW FLOW NASAL CANNULA", "HIGH FLOW NASAL CANNULA"
CRS_CELLS = [
    ({**WARM, "temperature": "37.9"}, "", "no fever of 38.0 °C or more (37.9 °C)"), ({**WARM, "temperature": "38,0"}, "1", "Fever: 38 °C"),
    ({**WARM, "temperature": "36.8", "fever_earlier": "Y", "therapy": "ANTIPYRETIC"}, "0", "No fever, low blood pressure or lack of oxygen any more"),
    ({**WARM, "temperature": "36.8", "fever_earlier": "Y", "therapy": "NONE"}, "", "Not CRS by ASTCT"),
    (no_pressor(), "2", "Hypotension: no vasopressor"), (no_pressor(hypotension_no_other_cause="N"), "1", "Not counted, since another cause is entered"),
    (no_pressor(temperature="37.0", fever_earlier="Y", therapy="ANTIPYRETIC"), "2", "A fever is no longer required"),
    (pressors("NOREPINEPHRINE"), "3", "one vasopressor (norepinephrine)"),
    (pressors("NOREPINEPHRINE", "VASOPRESSIN"), "3", "one vasopressor with vasopressin"), (pressors("VASOPRESSIN"), "3", "vasopressin alone"),
    (pressors("NOREPINEPHRINE", "EPINEPHRINE"), "4", "several vasopressors"),
    (device(LOW, "6"), "2", "low-flow nasal cannula, 6 L/min"), (device(LOW, "6.1"), "3", "high-flow nasal cannula, 6.1 L/min"),
    (device(HIGH, "6"), "2", "low-flow nasal cannula"), (device(HIGH, "40"), "3", "high-flow nasal cannula, 40 L/min"),
    (device("BLOW-BY"), "2", "blow-by"), (device("FACE MASK"), "3", "face mask"), (device("NON-REBREATHER MASK"), "3", "non-rebreather"),
    (device("VENTURI MASK"), "3", "Venturi"), (device("CPAP"), "4", "CPAP"), (device("BIPAP"), "4", "BiPAP"), (device("INTUBATION"), "4", "intubated"),
    (device("FACE MASK", hypoxia_no_other_cause="N"), "1", "Not counted, since another cause is entered: lack of oxygen"),
    ({**no_pressor(), "oxygen": "CPAP", "hypoxia_no_other_cause": "Y"}, "4", "CPAP"),  # the worse of both
]  # fmt: skip


@pytest.mark.parametrize(("answers", "grade", "words"), CRS_CELLS, ids=range(len(CRS_CELLS)))
def test_every_cell_of_crs_through_its_form(world, dosed, answers, grade, words):
    event(world, dosed)
    own = grade or "1"
    found = assess(world, dosed, "CRS", **answers, grade=own)
    shown = page_of(world, dosed, found)
    assert words in shown
    assert asked("AE-100", "AE-101") == ([] if grade else ["AE-101"])
    other = "4" if own != "4" else "3"
    page = Page(world, world.user("COORDINATOR", "FR03"), dosed, "CRS", "1").fill(grade=other)
    assert page.post("submit", change_reason="Typing error").status_code == 302
    found.refresh_from_db()
    assert found.grade == other, "the program's grade never takes the place of the own one"
    assert asked("AE-100", "AE-101") == (["AE-100"] if grade else ["AE-101"])


def spread(score, **more):
    return {**AWAKE, **items(score), **more}


UNTESTED = {**AWAKE, **dict.fromkeys(items(10), ""), "assessable": "N", "obstacle": "PHYSICAL CONDITION"}
ICANS_CELLS = [
    *[(spread(score), grade, f"ICE score {score}") for score, grade in ((9, "1"), (7, "1"), (6, "2"), (3, "2"), (2, "3"), (0, "3"))],
    (spread(10), "0", "ICE 10 of 10 and no other sign"), (spread(0, consciousness="UNAROUSABLE", consciousness_no_other_cause="Y"), "4", "ICE score 0, unarousable"),
    ({**UNTESTED, "consciousness": "UNAROUSABLE", "consciousness_no_other_cause": "Y"}, "4", "cannot be tested"),
    (UNTESTED, "0", "The ICE score could not be assessed"),
    (spread(10, consciousness="AWAKENS SPONTANEOUSLY", consciousness_no_other_cause="Y"), "1", "wakes without being roused"),
    (spread(10, consciousness="AWAKENS TO VOICE", consciousness_no_other_cause="Y"), "2", "wakes to a voice"),
    (spread(10, consciousness="AWAKENS TO TOUCH", consciousness_no_other_cause="Y"), "3", "wakes only to touch"),
    (spread(10, consciousness="AWAKENS TO TOUCH", consciousness_no_other_cause="N"), "0", "not counted"),
    (spread(10, seizure="RESOLVING"), "3", "Seizure: resolves fast"), (spread(10, seizure="PROLONGED"), "4", "Seizure: longer than 5 minutes"),
    (spread(10, deep_focal_weakness="Y"), "4", "Motor: deep weakness"),
    (spread(10, raised_pressure="FOCAL OEDEMA", haemorrhage="N"), "3", "local swelling"),
    (spread(10, raised_pressure="DIFFUSE OEDEMA", haemorrhage="N"), "4", "diffuse swelling"),
    (spread(10, raised_pressure="SIGNS", haemorrhage="N"), "4", "sixth-nerve palsy"),
    (spread(10, raised_pressure="FOCAL OEDEMA", haemorrhage="Y"), "0", "graded by CTCAE"),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "grade", "words"), ICANS_CELLS, ids=range(len(ICANS_CELLS)))
def test_every_cell_of_icans_through_its_form(world, patient, answers, grade, words):
    event(world, patient, ICANS)
    found = assess(world, patient, "ICANS", **answers, grade=grade)
    assert words in page_of(world, patient, found)
    assert asked("AE-105") == []
    page = Page(world, world.user("COORDINATOR", "FR03"), patient, "ICANS", "1").fill(grade="1" if grade != "1" else "2")
    page.post("submit", change_reason="Typing error")
    assert asked("AE-105") == ["AE-105"]


BLOOD = {"laboratory": "CHU Lyon", "urate": "300", "urate_unit": "µmol/L", "k": "4.1", "k_unit": "mmol/L", "phos": "1.0", "phos_unit": "mmol/L",
         "ca": "2.30", "ca_unit": "mmol/L", "alb": "40", "alb_unit": "g/L", "creat": "80", "creat_unit": "µmol/L", "alt": "20", "alt_unit": "U/L",
         "ast": "20", "ast_unit": "U/L", "bili": "8", "bili_unit": "µmol/L"}  # fmt: skip


def blood(world, patient, visit, day, **results):
    return world.enter(patient, "CHE", visit, **{**BLOOD, "taken_on": day, "taken_time": "08:00", **results})


TWO = {"k": "6.0", "phos": "1.45"}
TLS_CELLS = [
    ({**TWO, "creat": "149"}, {}, "0", "no clinical sign"), ({**TWO, "creat": "150"}, {}, "1", "exactly 1.5"), ({**TWO, "creat": "151"}, {}, "2", "over 1.5 to 3"),
    ({**TWO, "creat": "300"}, {}, "2", "over 1.5 to 3"), ({**TWO, "creat": "301"}, {}, "3", "over 3 to 6"), ({**TWO, "creat": "600"}, {}, "3", "over 3 to 6"),
    ({**TWO, "creat": "601"}, {}, "4", "over 6"), ({"k": "5.9", "phos": "1.45", "creat": "301"}, {}, "3", "25 % or more above baseline 4.1"),
    ({"k": "5.1", "phos": "1.45"}, {"arrhythmia": "2"}, None, "Not Cairo-Bishop"), ({"urate": "476", "ca": "1.75"}, {"seizure": "4"}, "4", "Seizure: grade 4"),
    ({"urate": "374", "ca": "1.90"}, {"seizure": "2"}, None, "Not Cairo-Bishop"),
    ({**TWO, "ca": "1.80", "alb": "20"}, {"arrhythmia": "3"}, "3", "Arrhythmia: grade 3"),
    ({"k": "6.0", "phos": "1.0", "ca": "1.70", "alb": "20"}, {}, None, "met: potassium 6.0"),  # corrected 2.10
]  # fmt: skip


@pytest.mark.parametrize(("results", "signs", "grade", "words"), TLS_CELLS, ids=range(len(TLS_CELLS)))
def test_every_cell_of_tumour_lysis_through_the_forms(world, dosed, results, signs, grade, words):
    enter_range(world.client(world.user("COORDINATOR", "FR03")), "RANGE", test="CREAT", unit="µmol/L", low="", high="100")
    page = Page(world, world.user("COORDINATOR", "FR03"), dosed, "CHE", "SCR")
    page.fill(**BLOOD, taken_time="08:00").post("submit", change_reason="more results")
    event(world, dosed, TLS)
    blood(world, dosed, "UNS01", DAY, **results)
    found = assess(world, dosed, "TLS", time="20:00", arrhythmia=signs.get("arrhythmia", "0"), seizure=signs.get("seizure", "0"), icu="N", grade=grade or "2")
    shown = page_of(world, dosed, found)
    assert words in shown
    assert "C1D1, 16-Nov-2026: the last before the event" in shown
    assert asked("AE-110", "AE-111") == ([] if grade else ["AE-111"])


def test_the_window_and_the_dose_that_opens_it(world, dosed):
    """Blood of day 8 after C1D1 lies outside its window, and inside that of C1D8, which is then chosen."""
    with clock.set_to(datetime(2026, 11, 26, 12, 0, tzinfo=UTC)):
        world.dose(dosed, "C1D8", "2026-11-24", "10")
        enter_range(world.client(world.user("COORDINATOR", "FR03")), "RANGE", test="CREAT", unit="µmol/L", low="", high="100")
        event(world, dosed, TLS)
        blood(world, dosed, "UNS01", "2026-11-24", **TWO, creat="200")
        found = assess(world, dosed, "TLS", day="2026-11-25", arrhythmia="0", seizure="0", icu="N", grade="2")
        assert "Missing to tell" in page_of(world, dosed, found)
        page = Page(world, world.user("COORDINATOR", "FR03"), dosed, "TLS", "1").fill(opened_by="C1D8")
        page.post("submit", change_reason="The second dose")
        assert "Cairo-Bishop: grade 2 – Creatinine: over 1.5 to 3" in page_of(world, dosed, found)
        assert asked("AE-110", "AE-111", "AE-122") == []


# What is shown, and when ----------------------------------------------------------------------------------------------


def test_the_grade_is_said_only_after_the_own_one_is_saved(world, dosed, coordinator):
    event(world, dosed)
    page = Page(world, coordinator, dosed, "CRS", "new").fill(event="1", assessed_on=DAY, assessed_time="02:40", **no_pressor(), grade="4")
    said = world.client(coordinator).post(page.url, {**page.read.data, "action": "check"}).json()["findings"]
    assert "AE-100" not in {each["rule_id"] for each in said}
    page.fill(grade="")
    page.post("submit")
    found = registry.form("CRS").objects.get()
    shown = page_of(world, dosed, found)
    assert "ASTCT: grade" not in shown and "by the findings" not in shown
    assert asked("AE-100", "AE-101") == []
    again = Page(world, coordinator, dosed, "CRS", "1").fill(grade="4")
    said = world.client(coordinator).post(again.url, {**again.read.data, "action": "check"}).json()["findings"]
    assert "AE-100" not in {each["rule_id"] for each in said}
    again.post("submit", change_reason="Judged")
    shown = page_of(world, dosed, found)
    assert "ASTCT: grade 2 – Hypotension: no vasopressor." in shown
    assert "Differs." in shown
    query = Query.objects.get(rule="AE-100")
    assert (query.form, query.field, query.status) == ("CRS", "grade", QueryStatus.OPEN)
    assert "grade 2 (Hypotension: no vasopressor)" in query.text and "Grade 4" in query.text


def test_what_is_missing_names_the_question(world, dosed):
    event(world, dosed)
    found = assess(world, dosed, "CRS", **{**WARM, "oxygen": "", "hypotension": ""}, grade="1")
    assert "Missing to tell: hypotension, oxygen device" in page_of(world, dosed, found)
    assert asked("AE-100", "AE-101") == []
    assert Query.objects.filter(rule="CRS-FAO2DEV-required").exists()


def test_onset_infusion_and_drugs_are_shown_and_not_asked(world, dosed):
    one = event(world, dosed)
    found = assess(world, dosed, "CRS", **{**WARM, "therapy": "ANTICYTOKINE"}, grade="1")
    assert asked("AE-115") == ["AE-115"]
    world.enter(dosed, "CM", "new", name="Tocilizumab", drug_class="IMMUNOSUPPRESSANT", purpose="TREATMENT", dose="560", dose_unit="mg",
                route="INTRAVENOUS", started_on=DAY, started_time="02:30", ongoing="N", ended_on=DAY, for_event="1")  # fmt: skip
    assert asked("AE-115") == []
    shown = page_of(world, dosed, found)
    assert "Onset 17-Nov-2026 02:10, 16:10 h after the start of infusion C1D1, dose 1; going on" in shown
    assert "16:40 h after the start of infusion C1D1, dose 1" in shown
    assert "Tocilizumab 560 mg, 17-Nov-2026 02:30, 20 min after onset" in shown
    assert "Course: CRS" in page_of(world, dosed, one)
    assert "<svg" in world.client(world.user("COORDINATOR", "FR03")).get(reverse("record", args=[dosed.number, "AE", 1])).content.decode()


def test_the_baseline_ice_stands_beside_each_item(world, patient):
    page = Page(world, world.user("COORDINATOR", "FR03"), patient, "ICANS", "new")
    assert "At baseline (" in page.read.shown
    event(world, patient, ICANS)
    found = assess(world, patient, "ICANS", **spread(8), grade="1")
    assert "ICE score 8 of 10; at baseline (" in page_of(world, patient, found)


def test_a_new_assessment_of_an_event_brings_the_link_and_no_finding(world, dosed, coordinator):
    one = event(world, dosed)
    assess(world, dosed, "CRS", **no_pressor(), grade="2")
    one.patient = dosed
    (group,) = [each for each in linked_here(one, may_enter=True) if each.title == "CRS assessments"]
    assert group.records[0].words == "17-Nov-2026 02:40, grade 2, 38.6 °C, hypotension, no oxygen"
    fresh = read(world.client(coordinator).get(group.add_url))
    assert fresh.data["event"] == ["1"]
    assert not [name for name in ("temperature", "hypotension", "grade", "assessed_time_0") if fresh.data.get(name, [""]) != [""]]
    assert "Onset 17-Nov-2026 02:10" in fresh.shown
    assert "ICANS assessments" not in {each.title for each in linked_here(one, may_enter=True)}


def test_an_assessment_is_offered_events_of_its_term(world, patient):
    event(world, patient)
    event(world, patient, ICANS)
    world.enter(patient, "AE", "new", term="Nausea", scale="CTCAE 5.0", grade="1", started_on=DAY, **WHO)
    assert [slot for slot, _ in offers(patient, "AE", form=registry.form("CRS"))] == ["1"]
    assert [slot for slot, _ in offers(patient, "AE", form=registry.form("ICANS"))] == ["2"]
    assert [slot for slot, _ in offers(patient, "AE")] == ["1", "2", "3"]


def test_submit_and_next_leads_through_the_event(world, dosed, coordinator):
    """From the event to its first assessment, to the drug that the log does not have, and back to the event."""
    page = Page(world, coordinator, dosed, "AE", "new").fill(term=CRS, started_on=DAY, started_time="02:10", scale="ASTCT 2019", grade="1", **WHO)
    assert page.post("next").url.endswith("/form/CRS/new/?event=1")
    page = Page(world, coordinator, dosed, "CRS", "new").fill(event="1", assessed_on=DAY, assessed_time="02:40", **{**WARM, "therapy": "BOTH"}, grade="1")
    assert page.post("next").url.endswith("/form/CM/new/?for_event=1")
    page = Page(world, coordinator, dosed, "CM", "new").fill(name="Tocilizumab", drug_class="IMMUNOSUPPRESSANT", for_event="1")
    assert page.post("next").url.endswith("/form/AE/1/")
    page = Page(world, coordinator, dosed, "CRS", "new").fill(event="1", assessed_on=DAY, assessed_time="03:40", **{**WARM, "therapy": "BOTH"}, grade="1")
    assert page.post("next").url.endswith("/form/AE/1/")
    page = Page(world, coordinator, dosed, "AE", "1").fill(grade="2")
    assert "/form/CRS/" not in page.post("next", change_reason="x").url


# Whole events ---------------------------------------------------------------------------------------------------------


def test_a_crs_from_fever_to_its_end(world, dosed):
    """Grade 1, 2, 3 on a vasopressor, tocilizumab, and nothing any more: no query, and the worst grade is 3."""
    event(world, dosed)
    world.enter(dosed, "CM", "new", name="Tocilizumab", drug_class="IMMUNOSUPPRESSANT", purpose="TREATMENT", route="INTRAVENOUS", started_on=DAY,
                started_time="05:00", ongoing="N", ended_on=DAY, for_event="1")  # fmt: skip
    assess(world, dosed, "CRS", "02:40", **WARM, grade="1")
    assess(world, dosed, "CRS", "04:40", **no_pressor(fever_earlier="Y"), grade="2")
    assess(world, dosed, "CRS", "06:00", **pressors("NOREPINEPHRINE", temperature="37.2", fever_earlier="Y", therapy="ANTICYTOKINE"), grade="3")
    last = assess(world, dosed, "CRS", "20:00", **{**WARM, "temperature": "36.9", "fever_earlier": "Y", "therapy": "ANTICYTOKINE"}, grade="0")
    assert asked() == []
    shown = page_of(world, dosed, last)
    assert "Worst grade at an assessment: grade 3." in shown
    assert shown.index("30 min") < shown.index("2:30 h") < shown.index("17:50 h")


def test_an_icans_and_a_death(world, patient):
    """Death is the event's answer; the assessments keep their grades."""
    event(world, patient, ICANS)
    assess(world, patient, "ICANS", "03:00", **spread(5), grade="2")
    last = assess(world, patient, "ICANS", "09:00", **spread(0, consciousness="UNAROUSABLE", consciousness_no_other_cause="Y"), grade="4")
    assert asked() == []
    page = Page(world, world.user("INVESTIGATOR", "FR03"), patient, "AE", "1")
    page.fill(outcome="FATAL", ongoing="N", ended_on=DAY, serious="Y", is_death="Y", aware_on=DAY, aware_time="12:00").post("submit", change_reason="Died")
    assert page.response.status_code == 302, page.read.findings
    shown = page_of(world, patient, last)
    assert "by the findings grade 5" in shown and "ASTCT: grade 4" in shown
    assert asked("AE-105") == []


def test_an_event_without_an_assessment_is_asked_for_after_a_day(world, dosed):
    with clock.set_to(datetime(2026, 11, 17, 4, 0, tzinfo=UTC)):
        event(world, dosed)
        assert asked() == []
    from crf.actions import recheck

    recheck([dosed])
    assert asked() == ["AE-123"]
    assess(world, dosed, "CRS", **WARM, grade="1")
    assert asked() == []


def test_outside_the_event_and_of_another_one(world, patient):
    event(world, patient, time="02:41")
    found = assess(world, patient, "CRS", "02:40", **WARM, grade="1")
    assert asked() == ["AE-103"]
    page = Page(world, world.user("COORDINATOR", "FR03"), patient, "AE", "1").fill(term=ICANS, started_time="02:40")
    page.post("submit", change_reason="It was ICANS")
    assert asked("AE-102", "AE-103") == ["AE-102"]
    assert "1 – Immune effector" in page_of(world, patient, found), "what is linked stays linked"


@pytest.mark.parametrize(("day", "time", "rule"), [("2026-11-20", "13:01", "CRS-FATIM-future"), ("2026-11-21", "02:00", "CRS-FADAT-future"), ("2026-03-29", "02:30", "CRS-FATIM-skipped")])
def test_a_moment_that_cannot_be_is_refused(world, patient, coordinator, day, time, rule):
    event(world, patient)
    page = Page(world, coordinator, patient, "CRS", "new").fill(event="1", assessed_on=day, assessed_time=time, **WARM, grade="1")
    assert page.post("submit").status_code == 422
    assert rule in page.read.rules()
    assert not registry.form("CRS").objects.exists()


def test_hours_across_the_autumn_clock_change(world):
    """Infusion on 24 October at 20:00 summer time, onset at 03:30 winter time: eight and a half hours."""
    with clock.set_to(datetime(2026, 10, 20, 9, 0, tzinfo=UTC)):
        patient = world.enrolled()
    world.dose(patient, "C1D1", "2026-10-24", "1", start_time="20:00", end_time="21:00")
    event(world, patient, time="03:30", day="2026-10-25")
    found = assess(world, patient, "CRS", "02:30", "2026-10-25", **WARM, grade="1")  # this hour came twice
    shown = page_of(world, patient, found)
    assert "Onset 25-Oct-2026 03:30, 8:30 h after the start of infusion C1D1, dose 1" in shown
    assert "6:30 h to 7:30 h after the start of infusion" in shown
    assert asked("AE-103") == ["AE-103"]
