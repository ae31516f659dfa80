"""The clock of a potential serious breach: its boundaries, its mail, and who starts and ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from accounts.models import OutboxMail
from accounts.roles import Role
from audit import clock
from protocol import parameters
from protocol.parameters import PARAMETERS, Origin
from review import breach
from review.deviation_states import Act
from review.deviations import NotDone, link_to
from review.models import Breach, Deviation
from tests.crf.fixtures import NOON
from tests.review.tools import REASON, manual, proposed, step

SECOND = timedelta(seconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_days_are_a_parameter_with_its_source():
    found = PARAMETERS["serious_breach_report_days"]
    assert (found.value, found.origin) == (7, Origin.REGULATION)
    assert "536/2014, Article 52" in found.rests_on
    with parameters.override(serious_breach_report_days=3):
        assert breach.due(NOON) == NOON + timedelta(days=3)


# Sponsor aware at → report due at, UTC. The sponsor's clock is that of Bern: CET is UTC+1, CEST UTC+2.
DUE = [
    ("2026-11-20 12:00", "2026-11-27 12:00"),  # no clock change between
    ("2026-02-22 23:30", "2026-03-01 23:30"),  # over the end of a month; the next day in Bern
    ("2026-03-24 22:30", "2026-03-31 21:30"),  # 23:30 CET → 23:30 CEST: 167 hours, and no minute of an eighth day
    ("2026-03-22 12:00", "2026-03-29 11:00"),  # on the day of the spring change itself
    ("2026-03-22 00:59", "2026-03-29 00:59"),  # 01:59 CET, a minute before the change
    ("2026-03-22 01:30", "2026-03-29 00:30"),  # 02:30 is skipped on 29 March: the earlier reading
    ("2026-10-20 12:00", "2026-10-27 13:00"),  # 14:00 CEST → 14:00 CET: 169 hours, still the seventh day
    ("2026-10-18 00:30", "2026-10-25 00:30"),  # 02:30 comes twice on 25 October: the first
    ("2026-10-25 01:30", "2026-11-01 01:30"),  # aware in the second 02:30 of that night
    ("2026-10-25 00:30", "2026-11-01 01:30"),  # and in the first: on 1 November there is one 02:30
]


@pytest.mark.parametrize(("aware", "due"), DUE)
def test_seven_days_of_the_calendar_on_the_sponsors_clock(aware, due):
    assert breach.due(utc(aware)) == utc(due)


def test_the_due_day_is_the_seventh_all_through_a_year():
    wrong = []
    for hours in range(24 * 366):
        aware = datetime(2026, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
        local, until = (at.astimezone(breach.SPONSOR) for at in (aware, breach.due(aware)))
        elapsed = breach.due(aware) - aware
        if (until.date() - local.date()).days != 7 or not timedelta(hours=166) <= elapsed <= timedelta(hours=169):
            wrong.append((aware, until))
    assert wrong == []


# Until the report is due → what is shown, and whether it is late.
LEFT = [
    (timedelta(days=7), "due in 7 days", "due"),
    (timedelta(days=7) - SECOND, "due in 6 days", "due"),
    (timedelta(days=1), "due in 1 day", "due"),
    (timedelta(days=1) - SECOND, "due in 23 hours", "due"),
    (timedelta(hours=1), "due in 1 hour", "due"),
    (timedelta(hours=1) - SECOND, "due in less than an hour", "due"),
    (timedelta(0), "due in less than an hour", "due"),  # not later than: the last moment is in time
    (-SECOND, "overdue by less than an hour", "overdue"),
    (-timedelta(hours=1), "overdue by 1 hour", "overdue"),
    (-timedelta(days=1) + SECOND, "overdue by 23 hours", "overdue"),
    (-timedelta(days=1), "overdue by 1 day", "overdue"),
    (-timedelta(days=30), "overdue by 30 days", "overdue"),
]


def flagged(aware: datetime, state=Breach.POTENTIAL, ended: datetime | None = None):
    return SimpleNamespace(breach=state, breach_aware_at=aware, breach_ended_at=ended)


@pytest.mark.parametrize(("left", "text", "kind"), LEFT, ids=[text for _, text, _ in LEFT])
def test_what_is_left_is_shown_live(db, left, text, kind):
    with clock.set_to(breach.due(NOON) - left):
        found = breach.standing(flagged(NOON))
    assert (found.text, found.kind, found.due) == (text, kind, breach.due(NOON))


@pytest.mark.parametrize("aware", ["2026-03-24 12:00", "2026-10-20 12:00"])
def test_over_a_clock_change_seven_days_are_called_seven(db, aware):
    with clock.set_to(utc(aware)):
        assert breach.standing(flagged(utc(aware))).text == "due in 7 days"


@pytest.mark.parametrize(
    ("state", "ended", "text", "kind"),
    [
        (Breach.REPORTED, timedelta(0), "Reported in time", "ok"),
        (Breach.REPORTED, SECOND, "Reported late", "warn"),
        (Breach.REPORTED, -timedelta(days=6), "Reported in time", "ok"),
        (Breach.NOT_SERIOUS, timedelta(days=2), "Assessed: not a serious breach", "closed"),
        ("", None, "Not flagged", "neutral"),
    ],
)
def test_a_clock_that_has_ended_stands_still(db, state, ended, text, kind):
    until = breach.due(NOON)
    with clock.set_to(until + timedelta(days=100)):
        found = breach.standing(flagged(NOON, state, until + ended if ended is not None else None))
    assert (found.text, found.kind) == (text, kind)


# ---- starting and ending it ------------------------------------------------------------------------------------------


@pytest.fixture
def deviation(world, noon):
    return proposed(world.patient())


@pytest.fixture
def monitor(world):
    return world.user("MONITOR", "FR03")


@pytest.fixture
def manager(world):
    return world.user("DATA_MANAGER")


def test_flagging_starts_the_clock(monitor, deviation):
    done = step(monitor, deviation, Act.FLAG)
    assert (done.breach, done.breach_reason, done.breach_aware_at, done.breach_ended_at) == (Breach.POTENTIAL, REASON, NOON, None)
    assert done.status == "PROPOSED"


@pytest.mark.parametrize(("act", "first"), [(Act.FLAG, False), (Act.CORRECT, True)])
@pytest.mark.parametrize(("at", "right"), [(NOON, True), (NOON - timedelta(days=400), True), (NOON + timedelta(minutes=1), False), (NOON + SECOND, False)])
def test_awareness_is_never_in_the_future(monitor, deviation, act, first, at, right):
    if first:
        step(monitor, deviation, Act.FLAG, at=NOON - timedelta(hours=1))
    if right:
        assert step(monitor, deviation, act, at=at).breach_aware_at == at
    else:
        with pytest.raises(NotDone) as refused:
            step(monitor, deviation, act, at=at)
        assert "future" in refused.value.faults["at"]


def test_a_correction_moves_the_clock_and_says_why(monitor, deviation):
    step(monitor, deviation, Act.FLAG)
    with pytest.raises(NotDone):
        step(monitor, deviation, Act.CORRECT, at=NOON - timedelta(days=2), reason="")
    done = step(monitor, deviation, Act.CORRECT, at=NOON - timedelta(days=2))
    assert (done.breach, done.breach_reason) == (Breach.POTENTIAL, REASON)
    assert breach.standing(done).text == "due in 5 days"


@pytest.mark.parametrize(
    ("at", "fault"),
    [(NOON, ""), (NOON - timedelta(hours=2), ""), (NOON - timedelta(hours=2, seconds=1), "became aware"), (NOON + SECOND, "future"), (None, "Enter date")],
)
def test_a_report_lies_between_awareness_and_now(monitor, manager, deviation, at, fault):
    step(monitor, deviation, Act.FLAG, at=NOON - timedelta(hours=2))
    if fault:
        with pytest.raises(NotDone) as refused:
            step(manager, deviation, Act.REPORT, at=at, reason="")
        assert fault in refused.value.faults["at"]
    else:
        done = step(manager, deviation, Act.REPORT, at=at, reason="")
        assert (done.breach, done.breach_ended_at) == (Breach.REPORTED, at)


def test_an_assessment_ends_it_now_and_says_why(monitor, manager, deviation):
    step(monitor, deviation, Act.FLAG)
    with pytest.raises(NotDone):
        step(manager, deviation, Act.DISMISS, reason="no")
    done = step(manager, deviation, Act.DISMISS)
    assert (done.breach, done.breach_ended_at, done.breach_end_reason, done.breach_reason) == (Breach.NOT_SERIOUS, NOON, REASON, REASON)


def test_flagged_again_the_clock_runs_as_before(monitor, manager, deviation):
    step(monitor, deviation, Act.FLAG)
    step(manager, deviation, Act.REPORT)
    done = step(manager, deviation, Act.FLAG, reason="It was another report")
    assert (done.breach, done.breach_ended_at, done.breach_end_reason) == (Breach.POTENTIAL, None, "")


# ---- the mail --------------------------------------------------------------------------------------------------------


def mails():
    return OutboxMail.objects.filter(to_role=Role.DATA_MANAGER)


def test_data_management_gets_a_mail_without_patient_data(monitor, deviation):
    step(monitor, deviation, Act.FLAG)
    mail = mails().get()
    assert (mail.to_role, mail.to_site) == (Role.DATA_MANAGER, None)
    assert link_to(deviation) in mail.body
    assert "27-Nov-2026 13:00 CET" in mail.body and "it is the sponsor who reports it" in mail.body
    said = f"{mail.subject} {mail.body} {mail.key}"
    for secret in (deviation.patient.number, "FR03", "Lyon", deviation.text, REASON, "5 mg"):
        assert secret not in said


def test_one_mail_each_time_it_is_flagged(monitor, manager, deviation):
    for _ in range(2):
        step(monitor, deviation, Act.FLAG, version=1)  # the same click twice
    assert mails().count() == 1
    step(monitor, deviation, Act.CORRECT, at=NOON - timedelta(days=1))
    step(manager, deviation, Act.DISMISS)
    assert mails().count() == 1
    step(monitor, deviation, Act.FLAG, reason="New facts have come")
    assert mails().count() == 2


def test_what_is_refused_or_rolled_back_sends_nothing(monitor, deviation):
    with pytest.raises(NotDone):
        step(monitor, deviation, Act.FLAG, at=None)
    with transaction.atomic():
        step(monitor, deviation, Act.FLAG)
        assert mails().exists()
        transaction.set_rollback(True)
    assert not mails().exists()
    assert Deviation.objects.get().breach == ""


def test_one_that_a_person_entered_can_be_flagged_too(world, noon, monitor):
    assert step(monitor, manual(monitor, world.patient()), Act.FLAG).breach == Breach.POTENTIAL
    assert mails().count() == 1
