"""What sites and the safety desk do with the reports of simulated events: sent, read, asked about, signed, assessed, closed."""

from __future__ import annotations

from datetime import date, timedelta

from adverse_events import actions
from adverse_events.actions import Judged
from adverse_events.reports import RsiVersion
from crf.models import Crf
from demo.accounts import PASSWORD
from demo.life import Course, Life
from protocol.codelists import Relationship
from protocol.report_codelists import Expectedness, ReportChannel
from review.actions import act_on_query
from review.models import Query
from review.states import Act

# There is no public one that the trial has named: this one says of itself that it is simulated.
RSI = ("Simulated reference safety information, version 1", date(2026, 5, 4))
HOURS = timedelta(hours=1)


def whole_case(life: Life, record: Crf, after: timedelta, narrative: str, end: str) -> Course:
    """The nurse reports at once, the desk asks, the investigator signs; when the event is over there is a follow-up, and the end."""
    yield life.now + after
    life.report(record, narrative, by=life.coordinator)
    life.meanwhile(_desk(life, record))
    life.meanwhile(_to_the_end(life, record, narrative, end))


def _desk(life: Life, record: Crf) -> Course:
    """The desk reads, asks and assesses; the site answers."""
    yield life.in_hours(life.now + 3 * HOURS)
    actions.acknowledge(user=life.desk, case=life.case(record))
    actions.ask(user=life.desk, case=life.case(record), field="action_taken", text="Is the next dose delayed because of the event?")
    yield from life.after(40, 90)
    question = Query.objects.select_related("patient__site").filter(form=record.code, record=record.pk, raised_for="SAFETY").latest("id")
    act_on_query(user=life.coordinator, query=question, act=Act.ANSWER, text="No, it is given as planned.", value=question.value)
    yield from life.after(60, 200)
    sign(life, record)
    yield from life.in_days(1, 2)
    act_on_query(user=life.desk, query=question, act=Act.CLOSE, text="Thank you.", value=question.value)
    assess(life, record)


def _to_the_end(life: Life, record: Crf, narrative: str, end: str) -> Course:
    """Some days after the event is over: the follow-up, its signature, and the case is closed."""
    for _ in range(12):
        yield from life.in_days(4, 6)
        if life.case(record).outcome_is_final:
            break
    if not life.case(record).outcome_is_final:
        return
    life.report(record, f"{narrative} {end}", by=life.coordinator)
    yield from life.after(30, 90)
    sign(life, record)
    yield from life.in_days(1, 2)
    actions.acknowledge(user=life.desk, case=life.case(record))
    if not life.case(record).against_closing:
        actions.close(user=life.desk, case=life.case(record), reason="Recovered, signed, nothing more is to come.")


def late_case(life: Life, record: Crf, after: timedelta, narrative: str) -> Course:
    """Telephoned in time, and reported in the system too late; read and assessed, asked about, not signed yet."""
    called = life.now - 2 * HOURS
    yield life.now + after
    life.report(
        record, narrative, late_reason="The ward had no access to the system over night; the desk was told by telephone.",
        other_on=called.date().isoformat(), other_time=f"{called:%H:%M}", other_channel=ReportChannel.TELEPHONE.value,
    )  # fmt: skip
    life.meanwhile(_read(life, record))


def pregnancy_told(life: Life, record: Crf, after: timedelta) -> Course:
    """A pregnancy is reported like a serious event, read and signed; its outcome is to come."""
    yield life.now + after
    life.report(record, "Test positive at home, confirmed by the general practitioner; the partner has agreed to be followed.", by=life.coordinator)
    yield life.in_hours(life.now + 3 * HOURS)
    actions.acknowledge(user=life.desk, case=life.case(record))
    sign(life, record)


def _read(life: Life, record: Crf) -> Course:
    yield life.in_hours(life.now + 2 * HOURS)
    actions.acknowledge(user=life.desk, case=life.case(record))
    yield from life.after(20, 60)
    assess(life, record)
    actions.ask(user=life.desk, case=life.case(record), field="outcome", text="How is the patient now, and is a lasting deficit expected?")


def sign(life: Life, record: Crf) -> None:
    """The investigator signs the last version, if it is not signed as it stands."""
    case = life.case(record)
    if case.last is not None and not case.signature.stands:
        actions.sign_report(user=life.investigator, case=case, password=PASSWORD, seen=case.last.number)


def assess(life: Life, record: Crf) -> None:
    """The desk's assessment; the version of the reference safety information is put on the list when it is first needed."""
    rsi = RsiVersion.objects.filter(withdrawn=False).first() or actions.add_rsi(user=life.desk, name=RSI[0], dated_on=RSI[1])
    judged = Judged(causality=Relationship.YES.value, expectedness=Expectedness.EXPECTED.value, rsi=str(rsi.pk), comment="")
    actions.assess(user=life.desk, case=life.case(record), judged=judged, version=0)
