"""Rulings: when a question is asked, what becomes of its decision, who decides, and what leaves."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import OutboxMail
from accounts.roles import SCOPES, Permission, Role
from audit import clock
from audit.context import SYSTEM, NotAudited, acting
from audit.examine import findings
from audit.models import Change
from protocol.criteria import BY_ID
from protocol.engine import Severity
from review.models import Query, Ruling, RulingOutcome, RulingStatus
from review.rulings import Moved, NotDecided, criterion_of, decide, decisions, link_to, steps, sync
from tests.review.tools import asked

OPEN, DECIDED, WITHDRAWN = RulingStatus.OPEN, RulingStatus.DECIDED, RulingStatus.WITHDRAWN
YES, NO = RulingOutcome.SATISFIED, RulingOutcome.NOT_SATISFIED
A, B, C = "a" * 32, "b" * 32, "c" * 32
RULE, OTHER = "SCR-I01r", "SCR-E03r"
WHY = "The second line was stopped after one dose."


@pytest.fixture
def patient(world):
    return world.patient()


@pytest.fixture
def reviewer(world):
    return world.user("MEDICAL_REVIEWER")


def run(patient, *found, judged=(RULE, OTHER)):
    with acting(SYSTEM, source="check_rules"):
        return sync(patient=patient, judged=judged, findings=found)


def find(patient, inputs=A, rule=RULE):
    """The rule asks, having read ``inputs`` ('' for: it does not ask)."""
    return run(patient, *([asked(rule, f"What of {inputs[:3]}?", inputs)] if inputs else []))


def the(rule=RULE) -> Ruling:
    return Ruling.objects.select_related("patient__site").get(rule=rule)


def answer(reviewer, outcome=YES, reason=WHY, **more):
    ruling = the()
    return decide(user=reviewer, ruling=ruling, outcome=outcome, reason=reason, **{"inputs": ruling.inputs, "version": ruling.version} | more)


# ---- asking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "criterion"),
    [("SCR-I01r", "I1"), ("SCR-I00r", "I0"), ("SCR-I10r", "I10"), ("SCR-E18r", "E18"), ("SCR-E03", "E3"), ("SCR-025", ""),
     ("DOS-001", ""), ("", ""), ("XSCR-I01r", "")],
)  # fmt: skip
def test_a_rule_names_its_criterion(rule, criterion):
    assert criterion_of(rule) == criterion
    assert criterion == "" or criterion in BY_ID


def test_a_finding_asks(patient):
    assert find(patient).asked == 1
    ruling = the()
    assert (ruling.status, ruling.criterion, ruling.question, ruling.inputs) == (OPEN, "I1", "What of aaa?", A)
    assert (ruling.outcome, ruling.reason, ruling.decided_by, ruling.decided_at) == ("", "", "", None)
    assert ruling.asked_at is not None
    assert {(each.patient, each.site) for each in Change.objects.filter(form="RULING")} == {(patient.number, "FR03")}
    assert list(findings()) == []


# What the rule reads one time after the other ('' : it does not ask), with Y and N for decisions, and how it ends.
STORIES = [
    ("A", OPEN, ""),
    ("A A", OPEN, ""),
    ("A B", OPEN, ""),
    ("A -", WITHDRAWN, ""),
    ("A - A", OPEN, ""),
    ("A Y", DECIDED, YES),
    ("A N", DECIDED, NO),
    ("A Y A", DECIDED, YES),
    ("A Y B", OPEN, ""),
    ("A Y B A", DECIDED, YES),
    ("A Y B N", DECIDED, NO),
    ("A Y B N A", DECIDED, YES),
    ("A Y B N A B", DECIDED, NO),
    ("A Y B N C", OPEN, ""),
    ("A Y N", DECIDED, NO),
    ("A Y N B A", DECIDED, NO),
    ("A Y B C A", DECIDED, YES),
    ("A Y -", WITHDRAWN, ""),
    ("A Y - A", DECIDED, YES),
    ("A Y - B", OPEN, ""),
    ("A Y - B - A", DECIDED, YES),
    ("A - B Y - A", OPEN, ""),
    ("A Y - -", WITHDRAWN, ""),
]


def play(patient, reviewer, story):
    for act in story.split():
        if act in "YN":
            answer(reviewer, {"Y": YES, "N": NO}[act])
        else:
            find(patient, "" if act == "-" else act.lower() * 32)


@pytest.mark.parametrize(("story", "status", "outcome"), STORIES, ids=[story for story, *_ in STORIES])
def test_the_life_of_a_ruling(patient, reviewer, story, status, outcome):
    play(patient, reviewer, story)
    ruling = the()
    assert ruling.status == status
    assert {rule: each.outcome for rule, each in decisions(patient).items()} == ({RULE: outcome} if outcome else {})
    if status == DECIDED:
        assert (ruling.outcome, ruling.decided_inputs) == (outcome, ruling.inputs)
    assert list(findings()) == []


@pytest.mark.parametrize("story", ["A", "A Y", "A - ", "A Y -"])
def test_the_same_again_writes_nothing(patient, reviewer, story):
    play(patient, reviewer, story)
    version, changes = the().version, Change.objects.count()
    find(patient, "" if the().status == WITHDRAWN else A)
    assert (the().version, Change.objects.count()) == (version, changes)


def test_only_rules_that_were_run_are_settled(patient):
    find(patient)
    run(patient, judged=[OTHER])
    assert the().status == OPEN
    run(patient, asked(RULE, inputs=B), judged=[OTHER])
    assert the().inputs == A


@pytest.mark.parametrize("severity", [each for each in Severity if each is not Severity.REVIEW])
def test_no_other_finding_asks_the_reviewer(patient, severity):
    assert run(patient, asked(severity=severity)).asked == 0
    assert not Ruling.objects.exists()


def test_two_patients_and_two_rules_do_not_touch(world, patient, reviewer):
    other = world.patient()
    for each in (patient, other):
        run(each, asked(RULE), asked(OTHER))
    run(patient, asked(OTHER, inputs=B))
    assert [(each.patient_id == patient.pk, each.rule, each.status) for each in Ruling.objects.order_by("patient_id", "rule")] == [
        (True, OTHER, OPEN), (True, RULE, WITHDRAWN), (False, OTHER, OPEN), (False, RULE, OPEN),
    ]  # fmt: skip


def test_outside_an_act_nothing_is_asked(patient):
    with pytest.raises(NotAudited):
        sync(patient=patient, judged=[RULE], findings=[asked()])


@pytest.mark.parametrize(("judged", "most"), [((), 0), ((RULE, OTHER), 1)])
def test_where_nothing_is_asked_it_costs_next_to_nothing(patient, judged, most):
    with acting(SYSTEM, source="check_rules"), CaptureQueriesContext(connection) as cost:
        sync(patient=patient, judged=judged, findings=[])
    assert len([each for each in cost if "SAVEPOINT" not in each["sql"]]) <= most


def test_the_database_takes_one_ruling_of_a_rule_and_no_half_decision(patient):
    find(patient)
    for wrong in ({"rule": RULE}, {"rule": OTHER, "status": DECIDED}, {"rule": OTHER, "status": DECIDED, "outcome": YES, "reason": "x",
                  "decided_by": "x", "decided_at": clock.now(), "decided_inputs": B, "inputs": A}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM, source="test"):
            Ruling(patient=patient, question="?", asked_at=clock.now(), **wrong).save()
    assert Ruling.objects.count() == 1


# ---- the mail --------------------------------------------------------------------------------------------------------


def test_the_reviewer_gets_a_mail_without_patient_data(patient):
    find(patient)
    mail = OutboxMail.objects.get()
    assert mail.to_role == Role.MEDICAL_REVIEWER
    said = f"{mail.subject} {mail.body} {mail.key}"
    assert "I1" in mail.body and link_to(the()) in mail.body
    assert link_to(the()).endswith(reverse("ruling", args=[the().pk]))
    for secret in (patient.number, "FR03", "Lyon", the().question):
        assert secret not in said


@pytest.mark.parametrize(
    ("story", "mails"), [("A A", 1), ("A B", 2), ("A B A", 2), ("A - A", 1), ("A Y B A", 2), ("A Y -", 1), ("A Y N", 1)]
)
def test_one_mail_for_each_new_question(patient, reviewer, story, mails):
    play(patient, reviewer, story)
    assert OutboxMail.objects.count() == mails


def test_what_is_rolled_back_sends_nothing(patient):
    with transaction.atomic():
        find(patient)
        transaction.set_rollback(True)
    assert not OutboxMail.objects.exists()


# ---- deciding --------------------------------------------------------------------------------------------------------


def test_a_decision_with_who_when_and_why(patient, reviewer):
    find(patient)
    answer(reviewer, NO)
    ruling = the()
    assert (ruling.status, ruling.outcome, ruling.reason, ruling.decided_by) == (DECIDED, NO, WHY, reviewer.username)
    assert ruling.decided_at >= ruling.asked_at
    last = Change.objects.filter(form="RULING").select_related("change_set").latest("id").change_set
    assert (last.actor, last.role, last.reason, last.source) == (reviewer.username, "Medical reviewer", WHY, "ruling")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MEDICAL_REVIEWER])
def test_nobody_else_decides(world, patient, role):
    find(patient)
    assert Permission.DECIDE not in SCOPES[role].permits
    with pytest.raises(PermissionDenied, match="decide how a criterion's wording applies"):
        answer(world.user(role))
    assert (the().status, the().version) == (OPEN, 1)


@pytest.mark.parametrize(
    ("outcome", "reason", "faults"),
    [
        ("", WHY, {"outcome"}),
        ("MET", WHY, {"outcome"}),
        ("WAIVED", WHY, {"outcome"}),
        ("satisfied", WHY, {"outcome"}),
        (YES, "", {"reason"}),
        (YES, "ok", {"reason"}),
        (YES, "two words", {"reason"}),
        (YES, "  two \n words ", {"reason"}),
        ("", " ", {"outcome", "reason"}),
    ],
)
def test_a_decision_needs_an_answer_and_a_reason(patient, reviewer, outcome, reason, faults):
    find(patient)
    with pytest.raises(NotDecided) as refused:
        answer(reviewer, outcome, reason)
    assert set(refused.value.faults) == faults
    assert (the().status, the().version) == (OPEN, 1)


def test_three_words_are_a_reason_and_odd_signs_are_marked(patient, reviewer):
    find(patient)
    assert answer(reviewer, reason=" one\x00two three four ").reason == "one\ufffdtwo three four"


@pytest.mark.parametrize(
    ("story", "posted", "says"),
    [
        ("A B", {"inputs": A}, "data have changed"),
        ("A Y B", {"inputs": A, "version": 2}, "data have changed"),
        ("A Y", {"version": 1}, "decision has been made"),
        ("A", {"version": 0}, "decision has been made"),
        ("A", {"inputs": ""}, "data have changed"),
        ("A -", {}, "no longer arises"),
        ("A Y -", {}, "no longer arises"),
    ],
)
def test_what_was_not_read_is_not_decided(patient, reviewer, story, posted, says):
    play(patient, reviewer, story)
    before = the()
    with pytest.raises(Moved, match=says):
        answer(reviewer, NO, "A quite different reason", **posted)
    assert (the().version, the().outcome) == (before.version, before.outcome)


def test_the_same_click_twice_is_one_decision(patient, reviewer):
    find(patient)
    shown = the()
    for _ in range(2):
        decide(user=reviewer, ruling=shown, outcome=YES, reason=WHY, inputs=shown.inputs, version=shown.version)
    assert the().version == 2


def test_a_second_thought_is_a_new_version(patient, reviewer):
    find(patient)
    answer(reviewer, YES)
    answer(reviewer, NO, "Read again: it was given twice.")
    assert (the().outcome, the().version) == (NO, 3)
    assert [step.title for step in steps(the())] == ["Asked", "Decided", "Decided anew"]


def test_a_decision_moves_nothing_else(world, reviewer):
    patient = world.screened()
    find(patient)
    forms = Change.objects.exclude(form__in=["RULING", "ACCESS"]).count()
    answer(reviewer)
    assert Change.objects.exclude(form__in=["RULING", "ACCESS"]).count() == forms
    assert not Query.objects.filter(rule=RULE).exists()


def test_no_ruling_is_deleted(patient):
    find(patient)
    with pytest.raises(NotAudited):
        the().delete()
    with pytest.raises(NotAudited):
        Ruling.objects.update(outcome=YES)


# ---- history ---------------------------------------------------------------------------------------------------------


def test_the_history_tells_every_step(world, patient, reviewer):
    play(patient, reviewer, "A Y B N A - A")
    assert [step.kind for step in steps(the())] == ["open", "ok", "open", "warn", "ok", "closed", "ok"]
    got = [(step.title, step.was, step.now) for step in steps(the())]
    assert got == [
        ("Asked", "", "Open"),
        ("Decided", "Open", YES.label),
        ("Asked again", YES.label, "Open"),
        ("Decided", "Open", NO.label),
        ("Decision holds again", NO.label, YES.label),
        ("Withdrawn", YES.label, "Withdrawn"),
        ("Decision holds again", "Withdrawn", YES.label),
    ]
    who = [(step.who, step.role) for step in steps(the())]
    assert who[1] == who[3] == (reviewer.full_name, "Medical reviewer")
    assert {who[n] for n in (0, 2, 4, 5, 6)} == {("The program", "at a re-check of all rules")}
    assert [step.reason for step in steps(the())][1] == WHY
    assert [step.question for step in steps(the())][:3] == ["What of aaa?", "", "What of bbb?"]


def test_the_history_names_whose_save_it_was(world, patient):
    from accounts.access import actor_for

    user = world.user("COORDINATOR")
    with acting(actor_for(user, patient.site), source="form"):
        sync(patient=patient, judged=[RULE], findings=[asked()])
    assert [(step.who, step.role) for step in steps(the())] == [("The program", f"when {user.full_name} saved data")]


# ---- the pages -------------------------------------------------------------------------------------------------------


def url(ruling=None) -> str:
    return reverse("ruling", args=[(ruling or the()).pk])


def posted(**more):
    return {"outcome": YES.value, "reason": WHY, "inputs": the().inputs, "version": str(the().version)} | more


def test_the_reviewer_decides_on_the_page(world, patient, reviewer):
    find(patient)
    client = world.client(reviewer)
    page = client.get(url()).content.decode()
    for words in ("What of aaa?", "only one line of platinum-etoposide doublet", "There is no waiver of a criterion",
                  reverse("eligibility", args=[patient.number]), 'name="outcome"'):  # fmt: skip
        assert words in page, words
    response = client.post(url(), posted())
    assert (response.status_code, response.url) == (302, url())
    assert (the().status, the().outcome, the().reason) == (DECIDED, YES, WHY)
    page = client.get(url()).content.decode()
    assert WHY in page and "Decide anew" in page and reviewer.full_name in page


@pytest.mark.parametrize("role", ["COORDINATOR", "INVESTIGATOR", "MONITOR", "DATA_MANAGER", "INSPECTOR", "SAFETY_DESK"])
def test_others_read_it_and_see_no_form(world, patient, reviewer, role):
    find(patient)
    client = world.client(world.user(role))
    page = client.get(url()).content.decode()
    assert "What of aaa?" in page and "Until then the patient cannot be registered" in page
    assert 'name="outcome"' not in page
    assert client.post(url(), posted()).status_code == 403
    assert the().status == OPEN


@pytest.mark.parametrize(("changes", "status", "says"), [
    ({"outcome": ""}, 422, "Choose one of the two answers."),
    ({"reason": "no"}, 422, "Say in a few words why"),
    ({"inputs": B}, 409, "The data have changed"),
    ({"version": "7"}, 409, "A decision has been made"),
    ({"version": "x"}, 409, "A decision has been made"),
    ({"version": "²"}, 409, "A decision has been made"),
    ({"version": "9" * 30}, 409, "A decision has been made"),
])  # fmt: skip
def test_what_cannot_be_stored_is_said_and_nothing_typed_is_lost(world, patient, reviewer, changes, status, says):
    find(patient)
    response = world.client(reviewer).post(url(), posted(reason="A <i>long</i> thought", **changes) if "reason" not in changes else posted(**changes))
    page = response.content.decode()
    assert response.status_code == status
    assert says in page and 'id="error-summary"' in page
    assert ("A &lt;i&gt;long&lt;/i&gt; thought</textarea>" in page) or changes.get("reason", "") in page
    assert ("checked" in page) is (status == 422 and changes.get("outcome") != ""), "an answer to another question is chosen again"
    assert (the().status, the().version) == (OPEN, 1)


def test_what_was_typed_about_a_withdrawn_question_is_shown(world, patient, reviewer):
    find(patient)
    data = posted()
    find(patient, "")
    page = world.client(reviewer).post(url(), data)
    assert page.status_code == 409
    assert "The question no longer arises" in page.content.decode() and WHY in page.content.decode()


def test_a_decided_one_that_moved_shows_the_question_of_now(world, patient, reviewer):
    find(patient)
    data = posted()
    find(patient, B)
    page = world.client(reviewer).post(url(), data).content.decode()
    assert "What of bbb?" in page and f'value="{B}"' in page and f"{WHY}</textarea>" in page


def test_an_exclusion_says_what_satisfied_means(world, patient, reviewer):
    run(patient, asked(OTHER))
    page = world.client(reviewer).get(url(the(OTHER))).content.decode()
    assert "What it excludes is absent." in page and "What it excludes is present." in page


def test_another_sites_ruling_does_not_exist(world, patient):
    find(patient)
    for role in ("COORDINATOR", "INVESTIGATOR", "MONITOR"):
        client = world.client(world.user(role, "CH01"))
        assert client.get(url()).status_code == 404
        assert client.post(url(), posted()).status_code == 404
        assert patient.number not in client.get(reverse("rulings")).content.decode()


# ---- the list --------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(world, reviewer):
    """FR03-001: I1 decided, E3 open; CH01-001: I1 open; FR03-002: I1 withdrawn."""
    first, far, last = world.patient("FR03"), world.patient("CH01"), world.patient("FR03")
    start = clock.now()
    run(first, asked(RULE))
    answer(reviewer, NO)
    for hours, each, *found in ((1, far, asked(RULE)), (2, first, asked(RULE), asked(OTHER, message="=HYPERLINK(1)")), (3, last, asked(RULE))):
        with clock.set_to(start + timedelta(hours=hours)):
            run(each, *found)
    run(last)


def listed(world, user, **query):
    response = world.client(user).get(reverse("rulings"), query)
    assert response.status_code == 200
    return [(each["ruling"].patient.number, each["ruling"].criterion, each["ruling"].status) for each in response.context["listing"].objects]


ALL = {
    "far": ("CH01-001", "I1", OPEN), "open": ("FR03-001", "E3", OPEN), "decided": ("FR03-001", "I1", DECIDED),
    "gone": ("FR03-002", "I1", WITHDRAWN),
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "far open decided gone"),
        ({"status": "OPEN"}, "far open"),
        ({"status": "DECIDED"}, "decided"),
        ({"status": "nonsense"}, ""),
        ({"site": "CH01"}, "far"),
        ({"site": "FR03", "status": "OPEN"}, "open"),
        ({"criterion": "I1"}, "far decided gone"),
        ({"criterion": "E3"}, "open"),
        ({"patient": "fr03-002"}, "gone"),
        ({"sort": "patient"}, "far decided open gone"),
        ({"sort": "-patient"}, "gone open decided far"),
        ({"sort": "asked"}, "decided far open gone"),
        ({"sort": "-asked"}, "gone open far decided"),
        ({"sort": "criterion"}, "far decided gone open"),
        ({"sort": "-status"}, "gone decided open far"),
        ({"sort": "decided"}, "decided far open gone"),
        ({"sort": "-decided"}, "gone open far decided"),
        ({"sort": "nonsense"}, "far open decided gone"),
        ({"sort": "\x00"}, "far open decided gone"),
    ],
)
def test_filters_and_order(world, reviewer, many, query, expected):
    assert listed(world, reviewer, **query) == [ALL[name] for name in expected.split()]


def test_each_site_sees_its_own(world, many):
    assert listed(world, world.user("COORDINATOR", "CH01")) == [ALL["far"]]
    assert listed(world, world.user("INVESTIGATOR", "FR03"), site="CH01") == []
    assert len(listed(world, world.user("INSPECTOR"))) == 4


@pytest.mark.parametrize("role", ["PHARMACIST", "STATISTICIAN", "ADMINISTRATOR"])
def test_who_reads_no_records_reads_no_rulings(world, many, role):
    client = world.client(world.user(role))
    assert client.get(reverse("rulings")).status_code == 403
    assert client.get(url(Ruling.objects.first())).status_code == 404
    assert reverse("rulings") not in client.get("/").content.decode()


def test_counts_and_heads_keep_the_filter(world, reviewer, many):
    page = world.client(reviewer).get(reverse("rulings"), {"site": "FR03", "status": "OPEN", "sort": "patient"})
    listing = page.context["listing"]
    assert [(each.count, each.text) for each in listing.tallies] == [(1, "open"), (1, "decided"), (1, "withdrawn")]
    assert listing.tallies[1].url == "?site=FR03&status=DECIDED"
    heads = {head.label: (head.url, head.direction) for head in listing.heads}
    assert heads["Patient"] == ("?status=OPEN&site=FR03&sort=-patient", "ascending")
    assert heads["Asked"] == ("?status=OPEN&site=FR03&sort=asked", "")
    html = page.content.decode()
    assert 'aria-sort="ascending"' in html and '<input type="hidden" name="sort" value="patient">' in html
    assert "1 ruling</p>" in html


def test_the_file_holds_exactly_the_list(world, reviewer, many):
    client = world.client(reviewer)
    link = client.get(reverse("rulings"), {"site": "FR03", "sort": "-patient"}).context["listing"].csv_url
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("rulings") + link).content.decode())))
    assert [(row["Patient"], row["Criterion"], row["Status"], row["Decision"]) for row in rows] == [
        ("FR03-002", "I1", "Withdrawn", ""), ("FR03-001", "E3", "Open", ""), ("FR03-001", "I1", "Decided", NO.label),
    ]  # fmt: skip
    assert rows[1]["Question"] == "'=HYPERLINK(1)"
    assert (rows[2]["Decided by"], rows[2]["Reason"]) == (reviewer.username, WHY)


def test_an_empty_list_says_what_would_stand_there(world, reviewer):
    page = world.client(reviewer).get(reverse("rulings")).content.decode()
    assert "No ruling fits. A question stands here when" in page


def test_the_list_costs_the_same_for_one_and_for_many(world, reviewer, patient):
    client = world.client(reviewer)
    find(patient)
    answer(reviewer)
    client.get(reverse("rulings"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("rulings"))
    for _ in range(3):
        run(world.patient(), asked(RULE), asked(OTHER))
    with CaptureQueriesContext(connection) as four:
        client.get(reverse("rulings"))
    assert len(one) == len(four)


# ---- round about -----------------------------------------------------------------------------------------------------


def test_it_waits_on_the_reviewers_home_page(world, patient, reviewer):
    client = world.client(reviewer)

    def task():
        groups = {group.title: group.tasks for group in client.get("/").context["todo"].groups}
        return groups["Rulings"][0]

    assert (task().count, task().kind) == (0, "ok")
    run(patient, asked(RULE), asked(OTHER))
    assert (task().count, task().text, task().kind) == (2, "criteria need your decision", "open")
    answer(reviewer)
    assert (task().count, task().text) == (1, "criterion needs your decision")
    assert client.get(task().url).status_code == 200
    assert "Rulings" not in [group.title for group in world.client(world.user("DATA_MANAGER")).get("/").context["todo"].groups]


def test_it_stands_in_the_menu_and_in_the_admin(world, patient):
    find(patient)
    assert f'<a href="{reverse("rulings")}"' in world.client(world.user("COORDINATOR")).get("/").content.decode()
    auditor = world.client(world.user("MONITOR"))
    shown = auditor.get(reverse("admin:review_ruling_change", args=[the().pk])).content.decode()
    assert "What of aaa?" in shown and url() in shown
    assert auditor.get(reverse("admin:review_ruling_changelist")).status_code == 200
    far = world.client(world.user("MONITOR", "CH01"))
    assert far.get(reverse("admin:review_ruling_change", args=[the().pk])).status_code == 404


def test_it_leaves_without_what_identifies(world, reviewer, tmp_path):
    """Neither in the table nor in the trail; a rule about an identifying field says nothing at all."""
    from exports.actions import export
    from protocol.engine import RULES

    patient = world.patient()
    world.enter(patient, "DM", "SCR", birth_date="1931-07", sex="F")
    about = next(rule for rule in RULES.values() if (rule.form, rule.field) == ("DM", "birth_date"))
    run(patient, asked(RULE, "Born Jul-1931 and treated twice?"), asked(about.id, "Aged 94?", form="DM", field="birth_date"),
        judged=[RULE, about.id])  # fmt: skip
    answer(reviewer, reason="She was born Jul-1931 as said")
    export(to=tmp_path / "out", format="csv", by=SYSTEM)
    files = {path.name: path.read_text(encoding="utf-8-sig") for path in (tmp_path / "out").iterdir()}
    rows = list(csv.DictReader(io.StringIO(files["rulings.csv"])))
    rows = {row["RULE"]: row for row in rows}
    assert rows[RULE]["QUESTION"] == "Born [identifying] and treated twice?"
    assert (rows[RULE]["REASON"], rows[RULE]["OUTCOME"]) == ("She was born [identifying] as said", "SATISFIED")
    assert (rows[about.id]["QUESTION"], rows[about.id]["STATUS"]) == ("", "OPEN")
    assert [name for name, text in files.items() if "1931" in text or "Aged 94" in text] == []
