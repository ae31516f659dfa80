"""Deviations: what the rules propose, what a person enters, and what a person makes of them. docs/adr/0019."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts import outbox
from accounts.access import actor_for, check
from accounts.roles import Permission, Role
from audit import clock
from audit.context import acting, current
from audit.write import save_all
from patients.actions import Refused
from patients.models import Patient
from protocol import parameters
from protocol.engine import Finding
from review import breach
from review import deviation_states as states
from review.deviation_states import Act, Found
from review.models import Deviation, DeviationCategory
from review.texts import storable

WORDS = 3  # a reason has at least so many

# ---- what rules propose ----------------------------------------------------------------------------------------------


def follow(
    *, patient: Patient, known: Mapping[tuple[str, int], Deviation], live: Mapping[tuple[str, int], Finding], why: Mapping[str, str]
) -> None:
    """Make the patient's deviations agree with what the rules find now.

    ``known``: what is on record of the rules that were run, by rule and record; ``live``: what they find; ``why``: reasons by
    rule id. A judgement and an answer hold as long as the rule reads the same. Call inside ``acting`` with the patient locked.
    """
    new, moved = [], []
    for key, found in live.items():
        deviation = known.get(key)
        if deviation is None:
            deviation = Deviation(form=found.rule.form, record=found.record, field=found.rule.field, rule=found.rule.id)
        (moved if deviation.pk else new).append(deviation)
        deviation.patient = patient  # the one already read, with its site
        _found(deviation, found, why.get(found.rule.id, ""))
    for key, deviation in known.items():
        if key not in live and deviation.status != states.WITHDRAWN:
            moved.append(deviation)
            deviation.patient = patient
            _judged(deviation, states.FOLLOWS[deviation.status, Found.GONE])
            deviation.safety_question = deviation.safety_answer = ""
    asked = [each for each in new + moved if each.safety_question == states.ASKED and "safety_question" in each.changed()]
    save_all(new)
    save_all(moved)
    for deviation in asked:
        _ask_safety_desk(deviation)


def _found(deviation: Deviation, found: Finding, why: str) -> None:
    what = Found.SAME if deviation.inputs in ("", found.inputs) else Found.CHANGED  # '': from before digests were kept
    afresh = deviation.pk is None or deviation.status == states.WITHDRAWN or what is Found.CHANGED
    if afresh:
        _judged(deviation, states.PROPOSED if deviation.pk is None else states.FOLLOWS[deviation.status, what])
    if afresh or not deviation.inputs:
        deviation.text, deviation.rests_on = found.fact, found.rule.cites
    if why:
        deviation.why = why
    if why or (deviation.why and not deviation.explained_inputs):
        deviation.explained_inputs = found.inputs
    deviation.inputs = found.inputs
    if found.rule.asks_safety and (afresh or not deviation.safety_question):
        deviation.safety_question, deviation.safety_answer = states.ASKED, ""


def _judged(deviation: Deviation, status: str, *, category: str = "", description: str = "", reason: str = "") -> None:
    deviation.status, deviation.category, deviation.description = status, category, description
    deviation.judgement_reason = reason


def record_deviation(
    *, patient: Patient, form: str, record: int, field: str, rule: str, text: str, rests_on: str, why: str
) -> Deviation:
    """Propose what an act did against the protocol, although no rule finds it in the data: a re-check never withdraws it.

    ``rule``: an id that no rule of the catalogue has. Call inside ``acting`` with the patient locked.
    """
    current()
    text = storable(text)
    known = Deviation.objects.filter(rule=rule, record=record).first()
    deviation = known or Deviation(form=form, record=record, field=field, rule=rule)
    deviation.patient = patient
    if deviation.text != text:
        _judged(deviation, states.PROPOSED)
    deviation.text, deviation.rests_on, deviation.why = text, rests_on, storable(why)
    deviation.save()
    return deviation


# ---- what a person enters --------------------------------------------------------------------------------------------


class NotDone(Refused):
    """Nothing was stored; ``faults`` says why, by field ('' for the whole)."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


class Moved(NotDone):
    """The deviation has changed since the page was opened."""

    def __init__(self) -> None:
        super().__init__({"": "The deviation has changed since you opened this page. Read it as it is now, then act again."})


@dataclass(frozen=True)
class Entry:
    """A deviation as a person describes it: on a record (form code, id), or with ('', 0) on the patient as a whole."""

    form: str
    record: int
    started_on: date | None
    text: str
    rests_on: str
    why: str
    category: str


def enter_deviation(*, user, patient: Patient, entry: Entry) -> Deviation:
    """Enter what no rule found. Who may enter it may judge it, so it is accepted. The caller has found the record.

    Raises PermissionDenied, and NotDone for what was typed. The same click twice is one deviation.
    """
    check(user, Permission.JUDGE, patient.site)
    if faults := entry_faults(entry, clock.today(patient.site.time_zone)):
        raise NotDone(faults)
    with acting(actor_for(user, patient.site), source="deviation"):
        patient = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk)
        deviation = Deviation(
            patient=patient, form=entry.form, record=entry.record, started_on=entry.started_on, text=storable(entry.text),
            rests_on=storable(entry.rests_on), why=storable(entry.why),
        )  # fmt: skip
        _judged(deviation, states.ACCEPTED, category=entry.category)
        said = ("form", "record", "started_on", "text", "rests_on")
        twin = Deviation.objects.filter(
            patient=patient, rule="", status=states.ACCEPTED, **{name: getattr(deviation, name) for name in said}
        ).first()
        if twin is not None:
            return twin
        deviation.save()
    return deviation


def entry_faults(entry: Entry, today: date) -> dict[str, str]:
    """Everything that is wrong with what was typed, by field; ``today`` at the patient's site."""
    faults = {}
    if entry.started_on is None and not entry.form:
        faults["started_on"] = "Enter the date of the deviation: it belongs to no record that has one."
    elif entry.started_on is not None and entry.started_on > today:
        faults["started_on"] = "The date lies in the future. Correct it."
    if len(storable(entry.text).split()) < WORDS:
        faults["text"] = "Say what happened, so that somebody who was not there understands it."
    if not storable(entry.rests_on):
        faults["rests_on"] = "Quote the sentence of the protocol, or name the section, that it is against."
    return faults | _category_fault(entry.category)


def _category_fault(category: str) -> dict[str, str]:
    return {} if category in DeviationCategory.values else {"category": "Choose major or minor."}


# ---- what a person makes of it ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What a person says with an act. ``at``: when the sponsor became aware, or reported, UTC; None: nothing readable."""

    reason: str = ""
    category: str = ""
    description: str = ""
    at: datetime | None = None
    answer: str = ""


def act_on_deviation(*, user, deviation: Deviation, act: Act, said: Said, version: int) -> Deviation:
    """One step of a person, on the deviation as the page showed it (its ``version``).

    Raises PermissionDenied with the sentence, NotDone for what was typed, and Moved when it is no longer what was read.
    """
    reason = storable(said.reason)
    with acting(actor_for(user, deviation.patient.site), reason=reason, source="deviation"):
        # A save of the patient's data may be moving the same deviation: both hold the patient, so one waits for the other.
        patient = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=deviation.patient_id)
        deviation = Deviation.objects.select_for_update(of=("self",)).get(pk=deviation.pk)
        deviation.patient = patient
        if refusal := states.why_no_right(user, deviation, act):
            raise PermissionDenied(refusal)
        wanted = _wanted(deviation, act, said, reason)
        if deviation.version != version:
            timed = {"breach_ended_at"} if act is Act.DISMISS else set()
            if all(getattr(deviation, name) == value for name, value in wanted.items() if name not in timed):
                return deviation  # the same click twice
            raise Moved()
        states.check(user, deviation, act)
        if faults := _faults(deviation, act, said, reason):
            raise NotDone(faults)
        for name, value in wanted.items():
            setattr(deviation, name, value)
        deviation.save()
        if act is Act.FLAG:
            _tell_data_management(deviation)
    return deviation


def _wanted(deviation: Deviation, act: Act, said: Said, reason: str) -> dict[str, object]:
    """Field → value after the act."""
    description = storable(said.description)
    judged = {
        Act.ACCEPT: (states.ACCEPTED, said.category, "" if description == deviation.text else description),
        Act.REJECT: (states.REJECTED, "", ""),
        Act.VOID: (states.VOID, "", ""),
    }.get(act)
    if judged:
        return dict(zip(("status", "category", "description", "judgement_reason"), (*judged, reason), strict=True))
    flagged = {"breach_aware_at": said.at, "breach_ended_at": None, "breach_end_reason": ""}
    return {
        Act.FLAG: {"breach": states.POTENTIAL, "breach_reason": reason} | flagged,
        Act.CORRECT: {"breach": states.POTENTIAL} | flagged,
        Act.REPORT: {"breach": states.REPORTED, "breach_ended_at": said.at, "breach_end_reason": reason},
        Act.DISMISS: {"breach": states.NOT_SERIOUS, "breach_ended_at": clock.now(), "breach_end_reason": reason},
        Act.ANSWER: {"safety_question": said.answer, "safety_answer": reason},
    }[act]


def _faults(deviation: Deviation, act: Act, said: Said, reason: str) -> dict[str, str]:
    """Everything that is wrong with what was typed, by field."""
    faults = _category_fault(said.category) if act is Act.ACCEPT else {}
    if act is Act.ANSWER and said.answer not in (states.ERROR, states.NO_ERROR):
        faults["answer"] = "Choose one of the two answers."
    if act in (Act.FLAG, Act.CORRECT, Act.REPORT) and (fault := _moment_fault(deviation, act, said.at)):
        faults["at"] = fault
    free = act is Act.REPORT or (act is Act.ACCEPT and deviation.status == states.PROPOSED)
    if not free and len(reason.split()) < WORDS:
        faults["reason"] = "Say in a few words why: an inspector who was not there must understand it."
    return faults


def _moment_fault(deviation: Deviation, act: Act, at: datetime | None) -> str:
    if at is None:
        return "Enter date and time."
    if at > clock.now():
        return "This lies in the future. Correct date or time."
    if act is Act.REPORT and at < deviation.breach_aware_at:
        return "This lies before the sponsor became aware of it. Correct date or time."
    return ""


# ---- mails: where to look, nothing about the patient -----------------------------------------------------------------


def link_to(deviation: Deviation) -> str:
    """The whole address of a deviation, for a mail: number in, nothing about the patient."""
    return settings.SITE_URL + reverse("deviation", args=[deviation.pk])


def _ask_safety_desk(deviation: Deviation) -> None:
    outbox.post(
        key=f"medication-error-{deviation.pk}-{deviation.version}", to_role=Role.SAFETY_DESK,
        subject="START-lung: was it a medication error?",
        body=(
            "A deviation asks the safety desk whether it was a medication error.\n\n"
            f"Read and answer at: {link_to(deviation)}\n\n"
            "This mail holds no patient data. Log in to read the case."
        ),
    )  # fmt: skip


def _tell_data_management(deviation: Deviation) -> None:
    until = breach.due(deviation.breach_aware_at).astimezone(breach.SPONSOR)
    outbox.post(
        key=f"breach-{deviation.pk}-{deviation.version}", to_role=Role.DATA_MANAGER,
        subject="START-lung: a potential serious breach was flagged",
        body=(
            "A deviation was flagged as a potential serious breach. If it is one, it is the sponsor who reports it, not later "
            f"than {until:%d-%b-%Y %H:%M %Z} ({parameters.whole(breach.PARAMETER)} days after becoming aware; Regulation (EU) "
            f"536/2014, Article 52).\n\nRead and assess it at: {link_to(deviation)}\n\n"
            "This mail holds no patient data. Log in to read the case."
        ),
    )  # fmt: skip
