"""Everything that opens, moves or closes a query; deviations follow the same findings (``review.deviations``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from accounts.access import actor_for
from audit import clock
from audit.context import SYSTEM, acting, current
from audit.write import save_all
from patients.models import Patient
from protocol.engine import RULES, Finding, Severity
from review.deviations import follow
from review.models import Deviation, Query, QueryStatus
from review.states import TRANSITIONS, Act, check
from review.texts import storable

OPENS = (Severity.QUERY, Severity.DEVIATION, Severity.ERROR)  # an ERROR only when a re-check finds it in stored data


@dataclass(frozen=True)
class Outcome:
    """What a sync did, for the message on the page."""

    opened: int
    closed: int


def raise_query(*, user, patient: Patient, form: str, record: int, field: str, text: str, value: str, raised_for: str = "") -> Query:
    """A question by a person about one field; ``raised_for``: the desk (RaisedFor) whose question it is."""
    with acting(actor_for(user, patient.site), source="query"):
        query = Query(
            patient=patient, form=form, record=record, field=field, text=storable(text), value=value,
            raised_by=user.username, raised_for=raised_for, opened_at=clock.now(),
        )  # fmt: skip
        query.save()
    return query


def act_on_query(*, user, query: Query, act: Act, text: str, value: str) -> Query:
    """One post in the thread; PermissionDenied with the sentence when the person cannot do it now."""
    with acting(actor_for(user, query.patient.site), source="query"):
        # A save of the patient's data may be moving the same query: both hold the patient, so one waits for the other.
        Patient.objects.select_for_update(of=("self",)).get(pk=query.patient_id)
        query = Query.objects.select_for_update(of=("self",)).select_related("patient__site").get(pk=query.pk)
        check(user, query, act)
        query.status = TRANSITIONS[QueryStatus(query.status), act]
        query.text, query.value = storable(text) or _WORDS[act], value
        if act is Act.CLOSE:
            query.confirmed_inputs = query.inputs
        query.save()
    return query


_WORDS = {
    Act.ANSWER: "The value is confirmed.",
    Act.COMMENT: "(no text)",
    Act.CLOSE: "Accepted.",
    Act.REOPEN: "Please check again.",
}


def sync(
    *, patient: Patient, judged: Mapping[str, int | None], findings: Sequence[Finding], submitted: Collection[tuple[str, int]],
    cause: str, value_of=lambda form, field, record: "", why: Mapping[str, str] | None = None,
) -> Outcome:  # fmt: skip
    """Make the patient's system queries and deviations agree with what the rules find now.

    ``judged``: id of each rule that was run → the one record it was run on (None: all); ``submitted``: (form, record id) of
    the records that may have queries; ``cause``: the change that made it necessary, for queries that close; ``value_of``:
    the value of a field now, in the words of the screen; ``why``: reasons for deviations by rule id.
    Call inside ``acting`` with the patient locked.
    """
    live = {f.key: f for f in findings if f.rule.severity in OPENS and (f.rule.form, f.record) in submitted}
    outcome = _sync_queries(patient, judged, live, cause, value_of)
    if any(RULES[rule].severity is Severity.DEVIATION for rule in judged):
        deviations = {key: f for key, f in live.items() if f.rule.severity is Severity.DEVIATION}
        known = _known(Deviation, patient, judged)
        if known or deviations:
            follow(patient=patient, known=known, live=deviations, why=why or {})
    return outcome


def _known(model, patient, judged) -> dict:
    """What is on record of the judged rules and records. (Filtered here: a patient has few, the rules are many.)"""
    return {
        (each.rule, each.record): each
        for each in model.objects.filter(patient=patient).exclude(rule="")
        if each.rule in judged and judged[each.rule] in (None, each.record)
    }


def _sync_queries(patient, judged, live, cause, value_of) -> Outcome:
    known = _known(Query, patient, judged)
    new, moved, closed = [], [], 0
    for key, found in live.items():
        query = known.get(key)
        if query is None:
            query = Query(
                form=found.rule.form, record=found.record, field=found.rule.field, rule=found.rule.id,
                raised_by=SYSTEM.username, opened_at=clock.now(),
            )  # fmt: skip
            new.append(query)
        elif query.status == QueryStatus.CLOSED and query.confirmed_inputs == found.inputs:
            continue  # a monitor has accepted exactly this
        elif query.status != QueryStatus.CLOSED and query.inputs == found.inputs:
            continue  # already asked
        elif query.status == QueryStatus.CLOSED:
            query.opened_at = clock.now()
            moved.append(query)
        else:
            moved.append(query)
        query.patient = patient  # the one already read, with its site
        query.status, query.text, query.inputs = QueryStatus.OPEN, found.message, found.inputs
        query.value = value_of(query.form, query.field, query.record)
    opened = len(new) + len(moved)
    for key, query in known.items():
        if key not in live and query.status != QueryStatus.CLOSED:
            query.patient = patient
            query.status, query.text, query.confirmed_inputs = QueryStatus.CLOSED, cause, ""
            query.value = value_of(query.form, query.field, query.record)
            moved.append(query)
            closed += 1
    save_all(new)
    save_all(moved)
    return Outcome(opened, closed)


def close_all_of(*, patient: Patient, form: str, record: int, cause: str) -> None:
    """Close every query of a record, for example because it was voided. Call inside ``acting``."""
    current()
    queries = list(Query.objects.filter(patient=patient, form=form, record=record).exclude(status=QueryStatus.CLOSED))
    for query in queries:
        query.patient, query.status, query.text = patient, QueryStatus.CLOSED, cause
    save_all(queries)


