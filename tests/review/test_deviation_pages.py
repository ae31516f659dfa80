"""The register, the page of a deviation, and the entry of one that no rule found."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from audit.context import SYSTEM
from crf import registry
from review.deviation_states import Act
from review.models import Breach, Deviation, DeviationStatus, SafetyQuestion
from tests.crf.fixtures import NOON
from tests.crf.page import read
from tests.review.tools import REASON, deviates, follow_up, manual, proposed, step

pytestmark = pytest.mark.usefixtures("noon")

LIST = "/deviations/"


@pytest.fixture
def patient(world):
    return world.patient()


@pytest.fixture
def monitor(world):
    return world.user("MONITOR", "FR03")


@pytest.fixture
def manager(world):
    return world.user("DATA_MANAGER")


@pytest.fixture
def record(world, patient):
    return world.enter(patient, "ECOG", "SCR", assessed_on="2026-06-10", ecog="2").saved.record


@pytest.fixture
def deviation(patient, record):
    return proposed(patient, record=record.pk, asks_safety=True)


def url(deviation) -> str:
    return reverse("deviation", args=[deviation.pk])


def the(deviation) -> Deviation:
    return Deviation.objects.select_related("patient__site").get(pk=deviation.pk)


def acts(page: str) -> list[str]:
    return [act for act in Act if f'name="action" value="{act}"' in page]


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_page_says_what_why_and_where(world, patient, record, deviation):
    follow_up(patient, deviates(record=record.pk, asks_safety=True), why="Read from the wrong page")
    page = world.client(world.user("COORDINATOR", "FR03")).get(url(deviation)).content.decode()
    for words in ("5 mg was given.", "The protocol&#x27;s sentence", "Read from the wrong page", "TST-901", "10-Jun-2026", "Proposed", "Medication error?",
                  reverse("record", args=[patient.number, "ECOG", "SCR"]) + "#q-ecog", reverse("patient", args=[patient.number])):  # fmt: skip
        assert words in page, words
    assert "Correct it." not in page
    assert acts(page) == []


ROLES = {
    "COORDINATOR": [], "INVESTIGATOR": [], "INSPECTOR": [], "MEDICAL_REVIEWER": [], "MONITOR": [Act.ACCEPT, Act.REJECT, Act.FLAG],
    "DATA_MANAGER": [Act.ACCEPT, Act.REJECT, Act.FLAG], "SAFETY_DESK": [Act.ANSWER],
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_offered_what_it_can_do(world, deviation, role):
    assert acts(world.client(world.user(role)).get(url(deviation)).content.decode()) == ROLES[role]


@pytest.mark.parametrize(
    ("steps", "offered"),
    [
        ([Act.ACCEPT], [Act.ACCEPT, Act.REJECT, Act.FLAG]),
        ([Act.REJECT], [Act.ACCEPT]),
        ([Act.ACCEPT, Act.FLAG], [Act.ACCEPT, Act.CORRECT, Act.REPORT, Act.DISMISS]),
        ([Act.ACCEPT, Act.FLAG, Act.REPORT], [Act.ACCEPT, Act.REJECT, Act.FLAG]),
    ],
)
def test_data_management_is_offered_what_the_tables_allow(world, manager, deviation, steps, offered):
    for act in steps:
        step(manager, deviation, act)
    assert set(acts(world.client(manager).get(url(deviation)).content.decode())) == set(offered)


def post(client, deviation, action, **more):
    return client.post(url(deviation), {"action": action, "version": str(the(deviation).version), **more})


def test_the_monitor_accepts_on_the_page(world, monitor, deviation):
    client = world.client(monitor)
    answer = post(client, deviation, "accept", category="MAJOR", description="Half a vial was given", reason="")
    assert (answer.status_code, answer.url) == (302, url(deviation) + "#main")
    stored = the(deviation)
    assert (stored.status, stored.category, stored.description, stored.text) == ("ACCEPTED", "MAJOR", "Half a vial was given", "5 mg was given.")
    page = read(client.get(url(deviation))).shown
    assert "Half a vial was given" in page and "In the program's words" in page and "5 mg was given." in page
    assert "Accepted as major" in page and monitor.full_name in page


def test_what_holds_is_filled_in_to_be_changed(world, monitor, deviation):
    step(monitor, deviation, Act.ACCEPT, category="MINOR", description="Half a vial")
    page = world.client(monitor).get(url(deviation)).content.decode()
    assert "Half a vial</textarea>" in page and '<input type="radio" name="category" value="MINOR" checked>' in page


def test_the_monitor_rejects_on_the_page(world, monitor, deviation):
    assert post(world.client(monitor), deviation, "reject", reason="A slip of the pen").status_code == 302
    assert (the(deviation).status, the(deviation).judgement_reason) == ("REJECTED", "A slip of the pen")
    assert "A slip of the pen" in world.client(monitor).get(url(deviation)).content.decode()


def test_what_is_refused_is_kept_and_said_at_its_field(world, monitor, deviation):
    answer = post(world.client(monitor), deviation, "accept", description="Typed <b>", reason="Said")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert '<a href="#accept-category">Choose major or minor.</a>' in page and 'id="accept-category-error"' in page
    assert "Typed &lt;b&gt;</textarea>" in page and the(deviation).version == 1


def test_flagging_with_date_and_time(world, monitor, deviation):
    client = world.client(monitor)
    shown = read(client.get(url(deviation)), "*").data
    assert (shown["at_date_0"], shown["at_date_1"], shown["at_date_2"], shown["at_time"]) == (["20"], ["Nov"], ["2026"], ["13:00"])  # now, in Lyon
    answer = post(client, deviation, "flag", reason="Ten times the dose", at_date_0="19", at_date_1="nov", at_date_2="26", at_time="930")
    assert answer.status_code == 302
    assert the(deviation).breach_aware_at == NOON - timedelta(days=1, hours=3, minutes=30)
    page = client.get(url(deviation)).content.decode()
    assert "due in 5 days" in page and "26-Nov-2026 09:30 CET" in page and "the sponsor" in page


BAD = [
    ({"at_date_0": "32", "at_date_1": "11", "at_date_2": "2026", "at_time": "10:00"}, "no day 32"),
    ({"at_date_0": "", "at_date_1": "11", "at_date_2": "2026", "at_time": "10:00"}, "full date is needed"),
    ({"at_date_0": "20", "at_date_1": "11", "at_date_2": "2026", "at_time": "25:00"}, "not a time"),
    ({"at_date_0": "20", "at_date_1": "11", "at_date_2": "2026", "at_time": "UNK"}, "time must be known"),
    ({"at_date_0": "20", "at_date_1": "11", "at_date_2": "2026", "at_time": ""}, "Enter date and time"),
    ({"at_date_0": "29", "at_date_1": "3", "at_date_2": "2026", "at_time": "02:30"}, "clocks went forward"),
    ({"at_date_0": "20", "at_date_1": "11", "at_date_2": "2026", "at_time": "13:01"}, "in the future"),
    ({}, "Enter date and time"),
]


@pytest.mark.parametrize(("typed", "says"), BAD, ids=[says for _, says in BAD])
def test_a_moment_that_cannot_be(world, monitor, deviation, typed, says):
    answer = post(world.client(monitor), deviation, "flag", reason="Ten times the dose", **typed)
    assert answer.status_code == 422
    page = read(answer, "*")
    assert says in page.shown
    assert "Ten times the dose" in page.data["reason"][0] or "Ten times the dose" in answer.content.decode()
    if typed:
        assert f'value="{typed["at_time"]}"' in answer.content.decode() or not typed["at_time"]
    assert the(deviation).breach == ""


def test_the_sponsor_ends_the_clock_on_the_page(world, monitor, manager, deviation):
    step(monitor, deviation, Act.FLAG)
    moment = {"at_date_0": "20", "at_date_1": "11", "at_date_2": "2026", "at_time": "13:00"}
    assert post(world.client(monitor), deviation, "report", **moment).status_code == 403
    assert post(world.client(monitor), deviation, "dismiss", reason="It is nothing").status_code == 403
    assert post(world.client(manager), deviation, "report", reason="", **moment).status_code == 302
    assert the(deviation).breach == Breach.REPORTED
    assert "Reported in time" in world.client(manager).get(url(deviation)).content.decode()


def test_the_safety_desk_answers_on_the_page(world, deviation):
    desk = world.client(world.user("SAFETY_DESK"))
    assert post(desk, deviation, "answer", answer="", reason="x").status_code == 422
    assert post(desk, deviation, "answer", answer="MEDICATION ERROR", reason="The wrong vial was taken").status_code == 302
    assert (the(deviation).safety_question, the(deviation).safety_answer) == ("MEDICATION ERROR", "The wrong vial was taken")
    assert "The wrong vial was taken" in desk.get(url(deviation)).content.decode()


def test_what_changed_meanwhile_is_said_and_nothing_is_lost(world, monitor, deviation, patient, record):
    client = world.client(monitor)
    client.get(url(deviation))
    follow_up(patient, deviates("b" * 32, "7 mg was given.", record=record.pk))
    answer = client.post(url(deviation), {"action": "accept", "version": "1", "category": "MINOR", "description": "As I typed", "reason": ""})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "has changed since you opened this page" in page and "As I typed" in page and "7 mg was given." in page
    assert the(deviation).status == "PROPOSED"


def test_what_can_be_done_no_more_leaves_the_typed_words_to_copy(world, monitor, deviation, patient):
    follow_up(patient)
    answer = world.client(monitor).post(url(deviation), {"action": "reject", "version": "1", "reason": "As I typed it"})
    assert answer.status_code == 409
    assert "You had written:" in answer.content.decode() and "As I typed it" in answer.content.decode()


def test_the_monitor_is_told_that_it_changed_after_the_judgement(world, monitor, deviation, patient, record):
    step(monitor, deviation, Act.ACCEPT, description="Half a vial")
    follow_up(patient, deviates("b" * 32, "7 mg was given.", record=record.pk))
    client = world.client(monitor)
    page = client.get(url(deviation)).content.decode()
    assert "What was found has changed since it was judged." in page and f"{monitor.full_name} had accepted it as major" in page
    assert "Half a vial</textarea>" not in page and " checked" not in page  # a judgement is never filled in
    assert "Proposed again" in client.get(LIST).content.decode()
    groups = {group.title: group.tasks for group in client.get("/").context["todo"].groups}
    assert groups["Deviations"][0].detail == "1 changed since they were judged"


@pytest.mark.parametrize("action", ["", "waive", "ACCEPT", "delete", "\x00"])
def test_an_act_that_does_not_exist(world, monitor, deviation, action):
    assert post(world.client(monitor), deviation, action).status_code == 404


@pytest.mark.parametrize("version", ["", "x", "-1", "1e3", "9" * 40, "²"])
def test_a_version_that_is_none_is_one_that_nobody_has_read(world, monitor, deviation, version):
    answer = world.client(monitor).post(url(deviation), {"action": "reject", "version": version, "reason": REASON})
    assert answer.status_code == 409


def test_a_void_record_is_named_and_not_linked(world, coordinator, patient, record, monitor):
    made = manual(monitor, patient, form="ECOG", record=record.pk)
    world.client(coordinator).post(reverse("void", args=[patient.number, "ECOG", record.pk]), {"reason": "typed twice"})
    page = world.client(monitor).get(url(made)).content.decode()
    assert reverse("record", args=[patient.number, "ECOG", "SCR"]) not in page and "Void" in page


# ---- from the record, the casebook, the home page --------------------------------------------------------------------


def test_a_record_leads_to_its_deviations(world, patient, record, deviation, monitor):
    place = reverse("record", args=[patient.number, "ECOG", "SCR"])
    page = world.client(monitor).get(place).content.decode()
    assert url(deviation) in page and "Deviation TST-901: proposed" in page
    assert f'{reverse("new_deviation", args=[patient.number])}?about=ECOG:{record.pk}' in page
    page = world.client(world.user("COORDINATOR", "FR03")).get(place).content.decode()
    assert url(deviation) in page and reverse("new_deviation", args=[patient.number]) not in page
    follow_up(patient)
    assert url(deviation) not in world.client(monitor).get(place).content.decode()


def test_the_casebook_offers_the_entry_to_who_may(world, patient, monitor):
    address, casebook = reverse("new_deviation", args=[patient.number]), reverse("patient", args=[patient.number])
    assert address in world.client(monitor).get(casebook).content.decode()
    assert address not in world.client(world.user("INVESTIGATOR", "FR03")).get(casebook).content.decode()


def tasks(client, title):
    return {group.title: group.tasks for group in client.get("/").context["todo"].groups}.get(title)


def test_the_to_do_leads_to_what_waits(world, patient, record, deviation, monitor, manager):
    other = proposed(world.patient("IT02"), record=1_000_099)
    client = world.client(monitor)
    judge, breach = tasks(client, "Deviations")
    assert (judge.count, judge.kind, breach.count, breach.kind) == (1, "open", 0, "ok")
    assert [each["deviation"] for each in client.get(judge.url).context["listing"].objects] == [deviation]
    assert tasks(world.client(manager), "Deviations")[0].count == 2
    step(monitor, deviation, Act.ACCEPT)
    step(manager, other, Act.FLAG)
    judge, breach = tasks(client, "Deviations")
    assert (judge.count, breach.count) == (0, 0)
    judge, breach = tasks(world.client(manager), "Deviations")
    assert (judge.count, breach.count, breach.kind, breach.detail) == (1, 1, "due", "due in 7 days")
    assert [each["deviation"] for each in world.client(manager).get(breach.url).context["listing"].objects] == [other]
    with clock.set_to(NOON + timedelta(days=7, seconds=1)):
        breach = tasks(world.client(manager), "Deviations")[1]
    assert (breach.kind, breach.detail) == ("overdue", "1 overdue")


def test_the_safety_desks_to_do(world, deviation):
    client = world.client(world.user("SAFETY_DESK"))
    (waiting,) = [task for task in tasks(client, "Safety") if "medication error" in task.text]
    assert (waiting.count, waiting.text, waiting.kind) == (1, "deviation: medication error?", "open")
    assert [each["deviation"] for each in client.get(waiting.url).context["listing"].objects] == [deviation]
    step(world.user("SAFETY_DESK"), deviation, Act.ANSWER)
    assert [task.count for task in tasks(client, "Safety") if "medication error" in task.text] == [0]
    assert tasks(client, "Deviations") is None


@pytest.mark.parametrize("role", ["COORDINATOR", "INVESTIGATOR", "SAFETY_DESK", "INSPECTOR", "PHARMACIST"])
def test_nobody_else_is_told_to_judge(world, deviation, role):
    assert tasks(world.client(world.user(role)), "Deviations") is None


# ---- entry -----------------------------------------------------------------------------------------------------------

ENTRY = {"about": "", "started_on_0": "18", "started_on_1": "11", "started_on_2": "2026", "text": "The scan was not taken", "rests_on": "Scans as planned",
         "why": "The scanner was broken", "category": "MINOR"}  # fmt: skip


def enter(world, user, patient, **more):
    return world.client(user).post(reverse("new_deviation", args=[patient.number]), {**ENTRY, **more})


def test_a_monitor_enters_what_no_rule_found(world, patient, record, monitor):
    answer = enter(world, monitor, patient)
    made = Deviation.objects.get()
    assert (answer.status_code, answer.url) == (302, url(made))
    assert (made.status, made.form, made.record, made.rule, str(made.started_on)) == ("ACCEPTED", "", 0, "", "2026-11-18")
    page = read(world.client(monitor).get(url(made))).shown
    assert "The patient as a whole" in page and "18-Nov-2026" in page and "The scanner was broken" in page and "Entered by a person" in page
    assert set(acts(world.client(monitor).get(url(made)).content.decode())) == {Act.ACCEPT, Act.FLAG, Act.VOID}


def test_on_a_record_its_date_is_that_of_the_record(world, patient, record, monitor):
    place = reverse("new_deviation", args=[patient.number]) + f"?about=ECOG:{record.pk}"
    assert read(world.client(monitor).get(place), "*").data["about"] == [f"ECOG:{record.pk}"]
    enter(world, monitor, patient, about=f"ECOG:{record.pk}", started_on_0="", started_on_1="", started_on_2="")
    made = Deviation.objects.get()
    assert (made.form, made.record, made.started_on) == ("ECOG", record.pk, None)
    assert "10-Jun-2026" in world.client(monitor).get(url(made)).content.decode()


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({"about": "ECOG:99999"}, "about"), ({"about": "ECOG"}, "about"), ({"about": "NOPE:1"}, "about"), ({"about": "ECOG:1:2"}, "about"),
        ({"about": "\x00"}, "about"), ({"started_on_0": "", "started_on_1": "", "started_on_2": ""}, "started_on"),
        ({"started_on_0": "32"}, "started_on"), ({"started_on_0": "21"}, "started_on"), ({"started_on_0": "", "about": "own"}, "started_on"),
        ({"text": "Short one"}, "text"), ({"rests_on": ""}, "rests_on"), ({"category": ""}, "category"), ({"category": "HUGE"}, "category"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_is_said_at_its_field(world, patient, record, monitor, typed, at):
    typed = {**typed, **({"about": f"ECOG:{record.pk}"} if typed.get("about") == "own" else {})}
    answer = enter(world, monitor, patient, **typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'href="#new-{at}"' in page and f'id="new-{at}"' in page and f'id="new-{at}-error"' in page
    assert "The scanner was broken</textarea>" in page
    assert not Deviation.objects.exists()


def test_a_record_of_another_patient_or_a_void_one_is_none(world, coordinator, patient, record, monitor):
    assert enter(world, monitor, world.patient(), about=f"ECOG:{record.pk}").status_code == 422
    world.client(coordinator).post(reverse("void", args=[patient.number, "ECOG", record.pk]), {"reason": "typed twice"})
    assert enter(world, monitor, patient, about=f"ECOG:{record.pk}").status_code == 422


def test_it_is_voided_only_with_a_reason_and_stays_to_be_read(world, patient, monitor):
    made = manual(monitor, patient)
    client = world.client(monitor)
    assert post(client, made, "void", reason=" ").status_code == 422
    assert post(client, made, "reject", reason="It is no deviation").status_code == 403
    assert post(client, made, "void", reason="Meant for another patient").status_code == 302
    page = client.get(url(made)).content.decode()
    assert "Meant for another patient" in page and acts(page) == []
    assert '<tr class="is-void">' in client.get(LIST).content.decode()


# ---- the register ----------------------------------------------------------------------------------------------------


@pytest.fixture
def many(world, patient, record, monitor, manager):
    """One of each kind, by name."""
    second, far = world.patient(), world.patient("CH01")
    made = {
        "plain": proposed(patient, record=record.pk),
        "major": proposed(second, record=1_000_071, form="DM", field="sex"),
        "minor": proposed(second, record=1_000_072, rule="TST-902"),
        "gone": proposed(second, record=1_000_073, rule="TST-903"),
        "no": proposed(far, record=1_000_074, rule="TST-904"),
        "own": manual(monitor, patient),
    }
    step(monitor, made["major"], Act.ACCEPT, category="MAJOR")
    step(monitor, made["major"], Act.FLAG, at=NOON - timedelta(days=2))
    step(monitor, made["minor"], Act.ACCEPT, category="MINOR", description="=HYPERLINK(1)")
    step(monitor, made["own"], Act.FLAG)
    step(manager, made["own"], Act.DISMISS)
    follow_up(second, rules=("TST-903",))
    step(manager, made["no"], Act.REJECT)
    follow_up(patient, deviates(record=record.pk, asks_safety=True))
    return {each.pk: name for name, each in made.items()}


def listed(world, user, many, **query) -> str:
    objects = world.client(user).get(LIST, query).context["listing"].objects
    return " ".join(many[each["deviation"].pk] for each in objects)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "own no gone minor major plain"),
        ({"status": "PROPOSED"}, "plain"), ({"status": "ACCEPTED"}, "own minor major"), ({"status": "REJECTED"}, "no"),
        ({"status": "WITHDRAWN"}, "gone"), ({"status": "VOID"}, ""), ({"status": "zzz"}, ""),
        ({"site": "CH01"}, "no"), ({"site": "FR03", "status": "ACCEPTED", "category": "MAJOR"}, "major"),
        ({"patient": "fr03-001"}, "own plain"), ({"patient": "FR03"}, ""),
        ({"category": "MINOR"}, "own minor"), ({"form": "DM"}, "major"), ({"form": "PATIENT"}, "own"), ({"form": "zzz"}, ""),
        ({"breach": "POTENTIAL"}, "major"), ({"breach": "NOT SERIOUS"}, "own"), ({"breach": "NONE"}, "no gone minor plain"),
        ({"safety": "ASKED"}, "plain"), ({"safety": "NONE"}, "own no gone minor major"),
        ({"sort": "patient"}, "no plain own major minor gone"),
        ({"sort": "-patient"}, "gone minor major own plain no"),
        ({"sort": "status"}, "plain major own minor no gone"),
        ({"sort": "category"}, "major own minor no gone plain"),
        ({"sort": "breach"}, "major own no gone minor plain"),
        ({"sort": "safety"}, "plain own no gone minor major"),
        ({"sort": "-new"}, "plain major minor gone no own"), ({"sort": "nonsense"}, "own no gone minor major plain"),
    ],
)  # fmt: skip
def test_filters_and_order(world, manager, many, query, expected):
    assert listed(world, manager, many, **query) == expected


def test_each_site_sees_its_own(world, many):
    assert listed(world, world.user("COORDINATOR", "CH01"), many) == "no"
    assert listed(world, world.user("MONITOR", "FR03"), many, site="CH01") == ""
    assert len(listed(world, world.user("INSPECTOR"), many).split()) == 6


@pytest.mark.parametrize("role", ["PHARMACIST", "STATISTICIAN", "ADMINISTRATOR"])
def test_who_reads_no_records_reads_no_deviations(world, many, role):
    client = world.client(world.user(role))
    assert client.get(LIST).status_code == 403
    assert client.get(reverse("deviation", args=[min(many)])).status_code == 404


def test_counts_lead_to_what_they_count(world, manager, many):
    listing = world.client(manager).get(LIST, {"site": "FR03", "sort": "-patient"}).context["listing"]
    counts = {each.text: each.count for each in listing.tallies}
    assert counts == {"proposed": 1, "accepted": 3, "rejected": 0, "withdrawn": 1, "void": 0, "potential serious breach running": 1, "medication error? to answer": 1}
    for each in listing.tallies:
        assert len(world.client(manager).get(LIST + each.url).context["listing"].objects) == each.count, each.text


def test_the_clock_in_the_list_is_live(world, manager, many):
    assert "due in 5 days" in world.client(manager).get(LIST).content.decode()
    with clock.set_to(NOON + timedelta(days=6)):
        assert "overdue by 1 day" in world.client(manager).get(LIST).content.decode()


def test_the_file_holds_exactly_the_list(world, manager, many):
    client = world.client(manager)
    link = client.get(LIST, {"site": "FR03", "status": "ACCEPTED", "sort": "category"}).context["listing"].csv_url
    rows = list(csv.DictReader(io.StringIO(client.get(LIST + link).content.decode())))
    assert [many[int(row["Number"])] for row in rows] == ["major", "own", "minor"]
    major, own, minor = rows
    assert (major["Category"], major["Potential serious breach"], major["Sponsor aware at"]) == ("Major", "due in 5 days", "2026-11-18T12:00Z")
    assert (major["Report due at"], major["Reported or assessed at"], major["Rule"]) == ("2026-11-25T12:00Z", "", "TST-901")
    assert (own["Form"], own["Date"], own["Reported or assessed at"]) == ("The patient as a whole", "2026-06-20", "2026-11-20T12:00Z")
    assert minor["Monitor's wording"] == "'=HYPERLINK(1)"


def test_a_reason_of_what_was_found_before_is_marked(world, manager, patient, record):
    found = {"record": record.pk}
    follow_up(patient, deviates(**found), why="The pump failed")
    assert "said of what was found before" not in world.client(manager).get(LIST).content.decode()
    follow_up(patient, deviates("b" * 32, **found))
    assert "(said of what was found before)" in world.client(manager).get(LIST).content.decode()
    assert "said of what was found before" in world.client(manager).get(url(Deviation.objects.get())).content.decode()


def test_an_empty_list_says_what_would_stand_there(world, manager):
    assert "No deviation fits. One stands here when" in world.client(manager).get(LIST).content.decode()


def test_the_list_costs_the_same_for_one_and_for_many(world, manager, patient, record):
    client = world.client(manager)
    proposed(patient, record=record.pk)
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _ in range(3):
        other = world.patient()
        kept = world.enter(other, "ECOG", "SCR", assessed_on="2026-06-10", ecog="2").saved.record
        proposed(other, record=kept.pk)
    with CaptureQueriesContext(connection) as four:
        client.get(LIST)
    assert len(one) == len(four)


def test_a_page_costs_the_same_for_a_long_history(world, monitor, deviation):
    client = world.client(monitor)
    client.get(url(deviation))
    with CaptureQueriesContext(connection) as one:
        client.get(url(deviation))
    for act in (Act.ACCEPT, Act.REJECT, Act.ACCEPT):
        step(monitor, deviation, act)
    with CaptureQueriesContext(connection) as four:
        client.get(url(deviation))
    assert len(four) <= len(one)


# ---- round about -----------------------------------------------------------------------------------------------------


def test_it_stands_in_the_admin_and_in_the_trail(world, monitor, deviation, patient):
    step(monitor, deviation, Act.ACCEPT)
    made = manual(monitor, patient)
    client = world.client(monitor)
    for each in (deviation, made):
        page = client.get(reverse("admin:review_deviation_change", args=[each.pk])).content.decode()
        assert url(each) in page and each.text in page
    assert client.get(reverse("admin:review_deviation_changelist")).status_code == 200
    changes = client.get("/changes/?form=DEVIATION").content.decode()
    assert "Accepted" in changes and "Category" in changes


def test_it_leaves_with_its_judgement_and_without_what_identifies(world, monitor, manager, tmp_path):
    from exports.actions import export

    patient = world.patient()
    world.enter(patient, "DM", "SCR", birth_date="1931-07", sex="F")
    born = registry.form("DM").objects.get(patient=patient)
    plain = proposed(patient, record=1_000_071, asks_safety=True)
    step(monitor, plain, Act.ACCEPT, description="Born Jul-1931 and given 5 mg", reason="As said in 1931-07")
    step(monitor, plain, Act.FLAG, reason="Born Jul-1931 as said")
    step(manager, plain, Act.REPORT, reason="Told them of Jul-1931")
    step(world.user("SAFETY_DESK"), plain, Act.ANSWER, reason="Given in Jul-1931 in error")
    silent = proposed(patient, record=born.pk, form="DM", field="birth_date", rule="TST-902", message="Aged 94. Correct it.")
    step(monitor, silent, Act.REJECT, reason="Aged 94 is right")
    own = manual(monitor, patient, text="Asked about Jul-1931 again", rests_on="Not in Jul-1931")
    with clock.set_to(NOON + timedelta(minutes=1)):
        export(to=tmp_path / "out", format="csv", by=SYSTEM)
    files = {path.name: path.read_text(encoding="utf-8-sig") for path in (tmp_path / "out").iterdir()}
    assert [name for name, text in files.items() if "1931" in text or "Aged 94" in text] == []
    rows = {int(row["DEVID"]): row for row in csv.DictReader(io.StringIO(files["deviations.csv"]))}
    first = rows[plain.pk]
    assert (first["STATUS"], first["DVCAT"], first["DVTERM"], first["TEXT"]) == ("ACCEPTED", "MAJOR", "Born [identifying] and given 5 mg", "5 mg was given.")
    assert (first["BREACH"], first["BRAWADTC"][:16], first["BRDUEDTC"][:16], first["BRENDDTC"][:16]) == ("REPORTED", "2026-11-20T12:00", "2026-11-27T12:00", "2026-11-20T12:00")
    assert (first["MEDERR"], first["MEDERREA"]) == ("MEDICATION ERROR", "Given in [identifying] in error")
    assert (rows[silent.pk]["STATUS"], rows[silent.pk]["TEXT"], rows[silent.pk]["JUDGREAS"], rows[silent.pk]["DVCAT"]) == ("REJECTED", "", "", "")
    assert (rows[own.pk]["FORM"], rows[own.pk]["RECID"], rows[own.pk]["DVSTDAT"], rows[own.pk]["DVTERM"]) == ("", "", "2026-06-20", "Asked about [identifying] again")
    described = {row["COLUMN"]: row for row in csv.DictReader(io.StringIO(files["codebook.csv"])) if row["TABLE"] == "deviations"}
    assert described["DVCAT"]["VALUES"] == "MAJOR=Major | MINOR=Minor" and described["DVCAT"]["SOURCE"] == "DEVIATION.category"
    assert {name for name, row in described.items() if row["FREETEXT"] == "Y"} == {
        "DVTERM", "TEXT", "RESTSON", "WHY", "JUDGREAS", "BRREAS", "BRENDREA", "MEDERREA",
    }  # fmt: skip


def test_the_codes_of_the_export_are_those_of_the_page():
    assert {*DeviationStatus.values} == {"PROPOSED", "ACCEPTED", "REJECTED", "WITHDRAWN", "VOID"}
    assert {*Breach.values} == {"POTENTIAL", "REPORTED", "NOT SERIOUS"}
    assert {*SafetyQuestion.values} == {"ASKED", "MEDICATION ERROR", "NO MEDICATION ERROR"}
