"""Wrong patient or visit: a record is voided where it stands and entered again, in progress, where it belongs.

Nothing is carried silently: the person sees both places first, the trails of both name the other one, and the new record
is looked at and submitted by a person like any other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from accounts.roles import Permission
from crf import actions, lists, registry
from crf.casebook import visit_label
from crf.conflicts import as_posted
from crf.fields import LinkFormField
from crf.forms import CrfForm, form_for
from crf.models import Crf, State
from crf.strip import strip
from patients.access import patient_for, patients_for, sites_for
from patients.models import Patient
from protocol.engine import Finding
from review.texts import storable

SOURCE = "move"
NOT_ASKED = ("base_version", "entry_token")


@dataclass
class Asked:
    """What the person chose and typed."""

    to: str = ""
    visit: str = ""
    version: str = ""
    reason: str = ""
    token: str = ""

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Asked:
        return cls(data.get("to", "").strip(), data.get("visit", ""), data.get("version", ""),
                   storable(data.get("reason", "")), data.get("token", ""))  # fmt: skip


@dataclass
class Result:
    """The new record; or what stands against the move (``stale``: the record was changed meanwhile)."""

    moved: Crf | None = None
    refusals: list[str] = field(default_factory=list)
    reason_missing: bool = False
    stale: bool = False

    @property
    def status(self) -> int:
        return 409 if self.stale else 422


# ---- the act ---------------------------------------------------------------------------------------------------------


def post(user, number: str, code: str, pk: int, data: Mapping[str, str]) -> Result:
    """Move the record as asked, in one transaction that holds both patients; nothing happens when anything is against it."""
    asked = Asked.of(data)
    try:
        with transaction.atomic():
            # Always in the same order, so that two who move in opposite directions wait and never block each other.
            numbers = sorted({number, asked.to or number})
            held = {each: patient_for(user, each, Permission.ENTER, lock=True) for each in numbers}
            record = registry.record_or_404(held[number], code, pk)
            target = held[asked.to] if asked.to else None
            result = _decide(record, target, asked, user)
            if result.moved is None:
                transaction.set_rollback(True)
    except actions.Unacceptable as refusal:
        result = Result(refusals=_errors(refusal.check.errors))
    return result


def _decide(record: Crf, target: Patient | None, asked: Asked, by) -> Result:
    done = _twin(record, target, asked)
    if done is not None:
        return Result(done)
    if target is None:
        return Result(refusals=["Choose the patient that the record belongs to."])
    against = refusals(record, target, asked.visit)
    if against:
        return Result(refusals=against)
    if asked.version != str(record.version):
        return Result(refusals=[_CHANGED], stale=True)
    form = carried(record, target, asked.token)
    against = lost(record, form)
    if against or not asked.reason:
        return Result(refusals=against, reason_missing=not asked.reason)
    return Result(_move(record, form, asked, by))


_CHANGED = ("Somebody has changed this record since you opened the page. It is shown as it is now: look at the answers again, "
            "then move it.")  # fmt: skip


def _twin(record: Crf, target: Patient | None, asked: Asked) -> Crf | None:
    """What the first click of a double click made."""
    token = _token(asked.token)
    if target is None or token is None or not record.voided:
        return None
    made = type(record).objects.filter(patient=target, entry_token=token, voided=False).select_related("visit").first()
    if made is None or (not made.is_log() and made.slot != asked.visit):
        return None
    made.patient = target
    return made


def _token(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _move(record: Crf, form: CrfForm, asked: Asked, by) -> Crf:
    new, model = form.instance, type(record)
    if model.is_log():
        new.row = actions.next_row(model, form.patient)
    slot = str(new.row) if model.is_log() else asked.visit
    here, there = str(record), f"{form.patient.number} {record.code} {slot}"
    actions.void(record=record, by=by, reason=f"Moved to {there}: {asked.reason}", source=SOURCE)
    saved = actions.save_crf(
        form, by=by, visit="" if model.is_log() else slot, submit=False, reason=f"Moved from {here}: {asked.reason}",
        source=SOURCE,
    )  # fmt: skip
    return saved.record


# ---- what stands against it ------------------------------------------------------------------------------------------


def refusals(record: Crf, target: Patient, visit: str) -> list[str]:
    """Why the record cannot go to that place, in sentences; [] when it can."""
    model = type(record)
    if record.voided:
        return [f"This record is void already: {record.void_reason}"]
    if not model.is_log() and visit not in model.visits:
        return ["Choose the visit that the record belongs to."]
    if target.pk == record.patient_id and (model.is_log() or record.slot == visit):
        return ["The record stands there already: choose another patient" + ("." if _only_patient(model) else " or visit.")]
    if not model.is_log() and _at(model, target, visit) is not None:
        return [f"{registry.title(model.code)} of {target.number} at {visit_label(visit)} is entered already. If that record "
                "is wrong, mark it as entered by mistake first, or move it to where it belongs."]  # fmt: skip
    return []


def _only_patient(model: type[Crf]) -> bool:
    return model.is_log() or len(model.visits) == 1


def _at(model: type[Crf], patient: Patient, visit: str) -> Crf | None:
    return model.objects.filter(patient=patient, visit__code=visit, voided=False).select_related("visit").first()


def carried(record: Crf, target: Patient, token: str = "") -> CrfForm:
    """The form of a new record of ``target`` with the same answers, as its page would send them."""
    model = type(record)
    page = form_for(model)(instance=record, patient=record.patient)
    given: dict[str, list[str]] = {}
    for name in page.fields:
        if name not in NOT_ASKED:
            for key, value in as_posted(page, name, getattr(record, name)):
                given.setdefault(key, []).append(value)
    known = _token(token)
    if known is None or model.objects.filter(entry_token=known).exists():
        known = uuid.uuid4()
    data = MultiValueDict({**given, "base_version": ["0"], "entry_token": [str(known)]})
    form = form_for(model)(data, instance=model(patient=target), patient=target)
    form.is_valid()
    return form


def lost(record: Crf, form: CrfForm) -> list[str]:
    """Answers that the target does not take, or takes otherwise: then nothing is moved at all."""
    code, said = record.code, []
    for name in form.fields:
        if name in NOT_ASKED:
            continue
        was = getattr(record, name)
        answer = f"“{registry.label(code, name)}”: {registry.display(code, name, was)}"
        if was and isinstance(form.fields[name], LinkFormField) and form.patient.pk != record.patient_id:
            said.append(f"{answer} is another patient's. Take the link out here first.")
            continue
        for error in form.errors.get(name, ()):
            said.append(f"{answer} cannot be stored for {form.patient.number}. {error}")
        if name not in form.errors and (getattr(form.instance, name) or "") != (was or ""):
            said.append(f"{answer} would not stay as it is for {form.patient.number}. Correct it here first.")
    return said


def _errors(found: list[Finding]) -> list[str]:
    return [f"{each.message} ({each.rule.id})" for each in found]


# ---- the page --------------------------------------------------------------------------------------------------------


def page(user, number: str, code: str, pk: int, data: Mapping[str, str], result: Result | None = None) -> dict:
    """What templates/crf/relocate.html shows: first the choice of the place, then both places and the question why."""
    asked = Asked.of(data)
    patient = patient_for(user, number, Permission.ENTER)
    record = registry.record_or_404(patient, code, pk)
    target = patient_for(user, asked.to, Permission.ENTER) if asked.to else None
    model = type(record)
    against = result.refusals if result else []
    if target is not None and not against:
        against = refusals(record, target, asked.visit)
    if target is not None and not against:
        form = carried(record, target)
        form.instance.patient = target
        against = lost(record, form) or _errors(actions.examine(form.instance, asked.visit).errors)
    place = visit_label(asked.visit) if not model.is_log() and asked.visit in model.visits else ""
    return {
        "record": record, "title": registry.title(code), "here": _where(record), "strip": strip(patient),
        "patients": _choices(user, record), "visits": [] if _only_patient(model) else [(v, visit_label(v)) for v in model.visits],
        "to": asked.to, "visit": asked.visit or ("" if model.is_log() else record.slot), "target": target, "place": place,
        "refusals": against, "may_move": target is not None and not record.voided and (not against or (result and result.stale)),
        "answers": list(_answers(record)), "left": _left_behind(record), "reason": asked.reason,
        "tried": result is not None, "reason_missing": bool(result and result.reason_missing), "token": asked.token or uuid.uuid4(),
        "there": there(target, model, asked.visit) if target else None,
    }  # fmt: skip


def _where(record: Crf) -> str:
    return f"number {record.slot}" if record.is_log() else visit_label(record.slot)


def _choices(user, record: Crf) -> list[Patient]:
    """The patients for whom the person enters data; without this one where only the patient can be wrong."""
    found = patients_for(user).filter(site__in=sites_for(user, Permission.ENTER))
    return list(found.exclude(pk=record.patient_id) if _only_patient(type(record)) else found)


BESIDES = {"_missing": "no answer, because", "_unit": "unit"}  # siblings of a question


def _answers(record: Crf) -> Iterator[tuple[str, str]]:
    """(question, answer) of everything that has one; a reason for none is one too."""
    for name in form_for(type(record)).base_fields:
        value = getattr(record, name, None)
        if name in NOT_ASKED or value in (None, ""):
            continue
        of, word = next(((name.removesuffix(end), f" – {word}") for end, word in BESIDES.items() if name.endswith(end)), (name, ""))
        shown = f"{registry.display(record.code, name, value)} {getattr(record._meta.get_field(name), 'unit', '')}"
        yield f"{registry.label(record.code, of)}{word}", shown.strip()


def _left_behind(record: Crf) -> list[str]:
    """What the system has noted on the record itself: it stays with the void one."""
    return [registry.label(record.code, name) for name in record.system_fields if getattr(record, name)]


@dataclass
class There:
    """What stands at the target: who it is, the forms of that visit, or the records of that log."""

    who: object
    forms: list[tuple[str, str, str, str]]
    columns: list[str]
    rows: list[dict]


def there(target: Patient, model: type[Crf], visit: str) -> There:
    """The target as the person should know it again before anything is moved there."""
    found = registry.headers([target.pk])
    here = [each for each in found if visit and each.visit == visit and not each.voided]
    forms = [
        (registry.title(each.form), "submitted" if each.state == State.SUBMITTED else "progress",
         "submitted" if each.state == State.SUBMITTED else "in progress", reverse("record", args=[target.number, each.form, each.slot]))
        for each in here
    ]  # fmt: skip
    columns = [registry.label(model.code, name) for name in lists.log_columns(model)] if model.is_log() else []
    return There(strip(target, found), forms, columns, lists.log_rows(target, model) if model.is_log() else [])
