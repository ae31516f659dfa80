"""What becomes of a deviation when the rules run again: judgement, the site's reason, and the question to the safety desk."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import OutboxMail
from accounts.roles import Role
from audit.examine import findings
from audit.models import Change
from crf import registry
from crf.actions import recheck
from patients.models import Patient
from protocol import engine
from protocol.engine import RULES, Severity, Source, Verdict, rule
from protocol.facts import EcogAssessment
from review.deviation_states import Act
from review.deviations import link_to
from review.models import Deviation, DeviationStatus, SafetyQuestion
from tests.crf.page import Page
from tests.review.tools import deviates, follow_up, proposed, step

pytestmark = pytest.mark.usefixtures("noon")

S, Q = DeviationStatus, SafetyQuestion


@pytest.fixture
def patient(world):
    return world.patient()


@pytest.fixture
def monitor(world):
    return world.user("MONITOR", "FR03")


# ---- stories: what the rule reads one time after the other ('-': it does not fire), + accepted, ! rejected ------------

STORIES = [
    ("A", S.PROPOSED, 1), ("A A", S.PROPOSED, 1), ("A B", S.PROPOSED, 2), ("A -", S.WITHDRAWN, 2), ("A - -", S.WITHDRAWN, 2),
    ("A - A", S.PROPOSED, 3), ("A +", S.ACCEPTED, 2), ("A + A", S.ACCEPTED, 2), ("A + B", S.PROPOSED, 3), ("A + B A", S.PROPOSED, 4),
    ("A + -", S.WITHDRAWN, 3), ("A + - A", S.PROPOSED, 4), ("A + B +", S.ACCEPTED, 4), ("A !", S.REJECTED, 2), ("A ! A", S.REJECTED, 2),
    ("A ! B", S.PROPOSED, 3), ("A ! -", S.WITHDRAWN, 3), ("A ! - A", S.PROPOSED, 4), ("A ! - B", S.PROPOSED, 4), ("A + ! A", S.REJECTED, 3),
    ("A ! + A", S.ACCEPTED, 3),
]  # fmt: skip


def play(patient, monitor, story: str, *, asks_safety: bool = False) -> Deviation:
    for act in story.split():
        if act in "+!":
            step(monitor, Deviation.objects.get(), Act.ACCEPT if act == "+" else Act.REJECT)
        elif act == "-":
            follow_up(patient)
        else:
            follow_up(patient, deviates(act * 32, f"{act} was given. Correct it.", asks_safety=asks_safety))
    return Deviation.objects.select_related("patient__site").get()


@pytest.mark.parametrize(("story", "status", "versions"), STORIES, ids=[story for story, *_ in STORIES])
def test_the_life_of_a_deviation(patient, monitor, story, status, versions):
    deviation = play(patient, monitor, story)
    assert (deviation.status, deviation.version) == (status, versions)
    assert bool(deviation.category) == (status == S.ACCEPTED)
    assert bool(deviation.judgement_reason) == (status in (S.ACCEPTED, S.REJECTED))
    if status not in (S.WITHDRAWN,):
        last = [act for act in story.split() if act in "AB"][-1]
        assert (deviation.text, deviation.inputs) == (f"{last} was given.", last * 32)
    assert list(findings()) == []


@pytest.mark.parametrize("story", ["A", "A +", "A !", "A -", "A + -"])
def test_the_same_again_writes_nothing(patient, monitor, story):
    play(patient, monitor, story)
    before = Change.objects.count()
    play(patient, monitor, "-" if story.endswith("-") else "A")
    assert Change.objects.count() == before


def test_the_monitors_words_never_replace_the_programs(patient, monitor):
    step(monitor, proposed(patient), Act.ACCEPT, description="Half of the vial was given")
    deviation = Deviation.objects.get()
    assert (deviation.text, deviation.words) == ("5 mg was given.", "Half of the vial was given")
    follow_up(patient, deviates("b" * 32, "7 mg was given."))
    assert Deviation.objects.get().words == "7 mg was given."  # the words were about something else


def test_two_patients_and_two_rules_do_not_touch(world, patient, monitor):
    other = world.patient()
    follow_up(patient, deviates(), deviates(rule="TST-902"), rules=("TST-901", "TST-902"))
    follow_up(other, deviates(record=2))
    step(monitor, Deviation.objects.get(patient=other), Act.ACCEPT)
    follow_up(patient, deviates(rule="TST-902"), rules=("TST-901", "TST-902"))
    assert list(Deviation.objects.order_by("patient_id", "rule").values_list("status", flat=True)) == [S.WITHDRAWN, S.PROPOSED, S.ACCEPTED]


# ---- the site's reason -----------------------------------------------------------------------------------------------

DOSE = "DOS-001"


@pytest.fixture
def dosed(world, coordinator):
    """A registered patient with 5 mg at C1D1, confirmed with a reason."""
    patient = world.enrolled()
    world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "5", **said("Pump"))
    return patient


def said(why: str) -> dict[str, str]:
    return {f"confirm-{DOSE}": "1", f"why-{DOSE}": why}


def change(world, coordinator, patient, answers: dict, **more) -> int:
    page = Page(world, coordinator, patient, "EC", "C1D1").fill(**answers)
    return page.post("submit", change_reason="Read again", **more).status_code


def the() -> Deviation:
    return Deviation.objects.select_related("patient__site").get(rule=DOSE)


JUDGED = pytest.mark.parametrize("act", [None, Act.ACCEPT, Act.REJECT])


@JUDGED
def test_explained_once_is_explained_however_it_is_judged(world, coordinator, monitor, dosed, act):
    if act:
        step(monitor, the(), act)
    status = the().status
    assert change(world, coordinator, dosed, {"reason_details": "A remark"}) == 302
    assert (the().status, the().why, the().explained) == (status, "Pump", True)


@JUDGED
def test_another_amount_is_explained_and_judged_anew(world, coordinator, monitor, dosed, act):
    if act:
        step(monitor, the(), act)
    assert change(world, coordinator, dosed, {"dose_mg": "7"}) == 422
    assert registry.form("EC").objects.get().dose_mg == 5
    assert the().why == "Pump"
    assert change(world, coordinator, dosed, {"dose_mg": "7"}, **said("  ")) == 422
    assert change(world, coordinator, dosed, {"dose_mg": "7"}, **said("Wrong syringe")) == 302
    deviation = the()
    assert (deviation.status, deviation.why, deviation.category) == (S.PROPOSED, "Wrong syringe", "")
    assert deviation.text.startswith("7 mg was given") and deviation.explained


def test_the_amount_that_comes_back_is_explained_anew(world, coordinator, dosed):
    """What was said about 5 mg was said; since then it was said that 7 mg were given."""
    assert change(world, coordinator, dosed, {"dose_mg": "7"}, **said("Wrong syringe")) == 302
    assert change(world, coordinator, dosed, {"dose_mg": "5"}) == 422
    assert change(world, coordinator, dosed, {"dose_mg": "1"}) == 302
    assert the().status == S.WITHDRAWN
    assert change(world, coordinator, dosed, {"dose_mg": "7"}) == 422


def test_a_reason_that_another_form_overtakes_no_longer_counts(world, coordinator):
    """The end of treatment makes the dose a deviation; moved by a day, it is another finding, which nobody has explained."""
    patient = world.enrolled()
    world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "1")
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-19", reason="PHYSICIAN DECISION")
    why = {"confirm-DOS-006": "1", "why-DOS-006": "The decision fell later"}
    assert change(world, coordinator, patient, {"reason_details": "x"}, **why) == 302
    assert change(world, coordinator, patient, {"reason_details": "y"}) == 302
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-18", reason="PHYSICIAN DECISION", change_reason="Misread")
    deviation = Deviation.objects.get(rule="DOS-006")
    assert (deviation.why, deviation.explained, deviation.status) == ("The decision fell later", False, S.PROPOSED)
    assert change(world, coordinator, patient, {"reason_details": "z"}) == 422
    assert change(world, coordinator, patient, {"reason_details": "z"}, **why) == 302
    assert Deviation.objects.get(rule="DOS-006").explained


def test_a_reason_given_later_moves_no_judgement(world, coordinator, monitor):
    patient = world.enrolled()
    world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "1")
    world.enter(patient, "EOT", "EOT", ended_on="2026-11-19", reason="PHYSICIAN DECISION")
    step(monitor, Deviation.objects.get(rule="DOS-006"), Act.ACCEPT)
    why = {"confirm-DOS-006": "1", "why-DOS-006": "The decision fell later"}
    assert change(world, coordinator, patient, {"reason_details": "x"}, **why) == 302
    deviation = Deviation.objects.get(rule="DOS-006")
    assert (deviation.status, deviation.category, deviation.why) == (S.ACCEPTED, "MAJOR", "The decision fell later")


def test_what_was_stored_before_digests_were_kept_is_taken_up(world, coordinator, dosed):
    from tests.crf.test_rules_loop import behind_its_back

    behind_its_back(Deviation, the().pk, inputs="", explained_inputs="")
    assert the().explained
    recheck(Patient.objects.filter(pk=dosed.pk))
    deviation = the()
    assert (deviation.status, deviation.why) == (S.PROPOSED, "Pump")
    assert deviation.inputs == deviation.explained_inputs != ""
    assert change(world, coordinator, dosed, {"dose_mg": "7"}) == 422


@JUDGED
def test_a_recheck_moves_nothing(dosed, monitor, act):
    if act:
        step(monitor, the(), act)
    before = the().version
    recheck(Patient.objects.filter(pk=dosed.pk))
    assert the().version == before


def test_a_save_costs_as_much_with_a_judged_deviation_as_with_a_proposed_one(world, coordinator, monitor, dosed):
    def cost(text: str) -> int:
        page = Page(world, coordinator, dosed, "EC", "C1D1").fill(reason_details=text)
        with CaptureQueriesContext(connection) as asked:
            assert page.post("submit", change_reason="Read again").status_code == 302
        return len(asked)

    cost("once")
    before = cost("twice")
    step(monitor, the(), Act.ACCEPT)
    assert cost("thrice") == before


# ---- medication error? -----------------------------------------------------------------------------------------------


@pytest.fixture
def asking():
    """A rule that asks the safety desk, in the catalogue for the length of a test."""

    @rule("TST-900", Severity.DEVIATION, "ECOG.ecog", cites="ECOG Performance Status 2.", source=Source.REGISTRY, asks_safety=True)
    def too_far(assessment: EcogAssessment) -> Verdict:
        """The assessment found {ecog}. Correct it, or confirm it and say why."""
        return {"ecog": assessment.ecog} if assessment.ecog in ("3", "4") else False

    yield RULES["TST-900"]
    del RULES["TST-900"]


def assessed(world, patient, ecog: str, why: str = "", **more):
    given = {"confirm-TST-900": "1", "why-TST-900": why} if why else {}
    return world.enter(patient, "ECOG", "SCR", assessed_on="2026-06-10", ecog=ecog, **given, **more)


def asked() -> Deviation:
    return Deviation.objects.select_related("patient__site").get(rule="TST-900")


def mails():
    return OutboxMail.objects.filter(to_role=Role.SAFETY_DESK)


def test_only_a_rule_of_deviations_can_ask(asking):
    with pytest.raises(ValueError, match="makes no deviation"):
        engine.add(dataclasses.replace(asking, id="TST-999", severity=Severity.QUERY))
    assert "TST-999" not in RULES


def test_a_deviation_of_a_rule_that_asks_is_put_to_the_safety_desk(world, patient, asking):
    assessed(world, patient, "3", "The source says so")
    deviation = asked()
    assert (deviation.status, deviation.safety_question, deviation.safety_answer) == (S.PROPOSED, Q.ASKED, "")
    mail = mails().get()
    assert link_to(deviation) in mail.body and mail.to_site is None
    said = f"{mail.subject} {mail.body} {mail.key}"
    for secret in (patient.number, "FR03", "Lyon", deviation.text, "The source says so", "ECOG"):
        assert secret not in said


def test_a_draft_asks_nothing(world, patient, asking):
    assessed(world, patient, "3", action="save")
    assert not Deviation.objects.exists() and not mails().exists()


def test_other_rules_ask_nothing(patient, monitor):
    assert play(patient, monitor, "A").safety_question == ""
    assert play(patient, monitor, "B - A").safety_question == "" and not mails().exists()


def test_the_whole_way_with_the_real_rule(world, coordinator, patient, asking):
    desk = world.user("SAFETY_DESK")
    assessed(world, patient, "3", "The source says so")
    step(desk, asked(), Act.ANSWER, answer="NO MEDICATION ERROR", reason="Nothing was given wrongly")
    assert (asked().safety_question, asked().safety_answer) == (Q.NO_ERROR, "Nothing was given wrongly")
    assessed(world, patient, "4", "Read again", change_reason="Misread")  # other inputs: asked again
    assert (asked().safety_question, asked().safety_answer) == (Q.ASKED, "")
    assert mails().count() == 2
    assessed(world, patient, "2", change_reason="Misread")  # corrected: withdrawn with the deviation
    assert (asked().status, asked().safety_question) == (S.WITHDRAWN, "")
    assert mails().count() == 2
    assessed(world, patient, "4", "After all", change_reason="Right before")
    assert (asked().status, asked().safety_question) == (S.PROPOSED, Q.ASKED)
    assert mails().count() == 3
    assert list(findings()) == []


@pytest.mark.parametrize(
    ("story", "question", "count"),
    [
        ("A", Q.ASKED, 1), ("A A", Q.ASKED, 1), ("A -", "", 1), ("A - A", Q.ASKED, 2), ("A +", Q.ASKED, 1), ("A !", Q.ASKED, 1),
        ("A B", Q.ASKED, 1),  # still waiting: one question, one mail
        ("A Y A", Q.ERROR, 1), ("A Y B", Q.ASKED, 2), ("A Y -", "", 1), ("A Y + A", Q.ERROR, 1), ("A Y !", Q.ERROR, 1), ("A Y - A", Q.ASKED, 2),
    ],
)  # fmt: skip
def test_one_mail_each_time_the_question_opens(world, patient, monitor, story, question, count):
    for act in story.split():
        if act == "Y":
            step(world.user("SAFETY_DESK"), Deviation.objects.get(), Act.ANSWER)
        else:
            play(patient, monitor, act, asks_safety=True)
    assert (Deviation.objects.get().safety_question, mails().count()) == (question, count)


def test_a_rule_that_begins_to_ask_asks_of_what_is_known(patient, monitor):
    play(patient, monitor, "A +")
    assert not mails().exists()
    deviation = play(patient, monitor, "A", asks_safety=True)
    assert (deviation.status, deviation.safety_question, mails().count()) == (S.ACCEPTED, Q.ASKED, 1)


def test_what_is_rolled_back_sends_nothing(world, patient, asking):
    with transaction.atomic():
        assessed(world, patient, "3", "The source says so")
        assert mails().exists()
        transaction.set_rollback(True)
    assert not mails().exists() and not Deviation.objects.exists()


def test_a_post_that_is_refused_asks_nothing(world, patient, asking):
    assert assessed(world, patient, "3", expect=False).saved is None
    assert not mails().exists()


def test_many_at_once_are_asked_one_by_one(patient):
    follow_up(patient, *(deviates(record=n, asks_safety=True) for n in (1, 2, 3)))
    assert mails().count() == 3
    assert all(link_to(each) in " ".join(mails().values_list("body", flat=True)) for each in Deviation.objects.select_related("patient__site"))
