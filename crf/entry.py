"""One record on its page: finding it, reading what was posted, saving it, and what the page shows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.urls import reverse

from accounts.access import check, grants
from accounts.roles import Permission
from audit.context import Stale
from crf import deviation_pages, pages, registry
from crf.actions import Check, Conflict, Saved, Unacceptable, examine, save_crf, unconfirmed
from crf.casebook import casebook, may_see, visit_label
from crf.facts import load_case
from crf.forms import CrfForm, form_for
from crf.links import address, linked_here, prefilled
from crf.models import Crf, State
from crf.strip import strip
from patients.access import patient_for
from patients.models import Patient
from protocol.criteria import meant
from protocol.engine import Finding, also_at
from protocol.rules.questions import MISSING_ENTRY
from review.models import Query, QueryStatus
from review.verification import standing


@dataclass
class Entry:
    """A record of a patient's form at a slot: a visit code, a number in the log, or 'new'."""

    user: object
    patient: Patient
    model: type[Crf]
    slot: str
    record: Crf

    @property
    def visit(self) -> str:
        return "" if self.model.is_log() else self.slot

    @property
    def url(self) -> str:
        return reverse("record", args=[self.patient.number, self.model.code, self.slot])

    @property
    def may_enter(self) -> bool:
        return grants(self.user).may(Permission.ENTER, self.patient.site)

    @property
    def why_not(self) -> str:
        """Why nothing can be entered here now, or ''."""
        if self.record.voided:
            return f"This record was entered by mistake and is void: {self.record.void_reason}"
        return "" if self.may_enter else "Your role reads this form; it enters nothing here."


def find(user, number: str, code: str, slot: str, *, lock: bool = False) -> Entry:
    """The record at a slot, or an unsaved one; 404 when patient, form or slot do not exist for this person."""
    patient = patient_for(user, number, lock=lock)
    model = registry.form_or_404(code)
    sees_all = grants(user).may(Permission.VIEW, patient.site)
    if not may_see(sees_all, model):
        check(user, Permission.VIEW, patient.site)
    if model.is_log() and slot == "new":
        return Entry(user, patient, model, slot, model(patient=patient))
    if model.is_log() != bool(re.fullmatch(r"[1-9][0-9]{0,5}", slot, re.ASCII)) or not (model.is_log() or slot in model.visits):
        raise Http404("There is no such record." if model.is_log() else "This form does not belong to that visit.")
    place = {"row": int(slot)} if model.is_log() else {"visit__code": slot}
    found = model.objects.filter(patient=patient, **place).select_related("visit").order_by("voided", "-id").first()
    if found is None and model.is_log():
        raise Http404("There is no such record.")
    if found is not None and found.voided and not model.is_log():
        found = None  # the place of a void record is free again
    record = found or model(patient=patient)
    record.patient = patient  # with its site, already read
    return Entry(user, patient, model, slot, record)


def bound(entry: Entry, data=None, brought=None) -> CrfForm:
    """The entry form: of what was posted, or of what is stored; ``brought`` by its address a new record has its links."""
    initial = prefilled(entry.model, brought) if brought and entry.record.pk is None else None
    return form_for(entry.model)(data, instance=entry.record, patient=entry.patient, initial=initial)


def reasons(data) -> dict[str, str]:
    """Rule id → why it happened, for the deviations that were ticked."""
    why = {name.removeprefix("why-"): value for name, value in data.items() if name.startswith("why-")}
    return {rule: text.strip() for rule, text in why.items() if data.get(f"confirm-{rule}")}


@dataclass
class Result:
    """What became of a post: saved, or a form with what is in the way."""

    form: CrfForm
    saved: Saved | None = None
    check: Check | None = None
    conflict: bool = False
    reason_missing: bool = False


def post(user, number: str, code: str, slot: str, data) -> tuple[Entry, Result]:
    """Save what was posted; the whole of it is one transaction that holds the patient."""
    try:
        with transaction.atomic():
            entry = find(user, number, code, slot, lock=True)
            check(user, Permission.ENTER, entry.patient.site)
            form = bound(entry, data)
            result = _save(entry, form, data)
            if result.saved is None:
                transaction.set_rollback(True)
    except (Conflict, Stale, IntegrityError):
        entry = find(user, number, code, slot)
        form = bound(entry, data)
        form.is_valid()
        result = Result(form, conflict=True)
    return entry, result


def _save(entry: Entry, form: CrfForm, data) -> Result:
    submit = data.get("action") in ("submit", "next")
    was_submitted = entry.record.state == State.SUBMITTED
    if entry.record.voided:
        return Result(form)
    reason = data.get("change_reason", "").strip()
    valid = form.is_valid()
    if valid and (form.cleaned_data.get("base_version") or 0) != entry.record.version:
        raise Conflict()  # before anything is asked about values that are no longer what is stored
    if not valid or (was_submitted and not reason and form.instance.changed()):
        # Refused for another reason: still, all that must be confirmed is asked in the same round.
        found = examine(form.instance, entry.visit)
        if submit or was_submitted:
            found.unconfirmed = unconfirmed(found, reasons(data))
        return Result(form, check=found, reason_missing=valid)
    try:
        saved = save_crf(form, by=entry.user, visit=entry.visit, submit=submit, reason=reason, why=reasons(data))
    except Unacceptable as refusal:
        return Result(form, check=refusal.check)
    return Result(form, saved=saved)


def live(entry: Entry, form: CrfForm) -> list[pages.Shown]:
    """What the rules and the fields say to a form that is still being typed; nothing is stored."""
    form.is_valid()
    found = _refused(form)
    refused = {each.field for each in found}
    placed = examine(form.instance, entry.visit).placed
    about = [pages.shown(f, at) for f, at in _sayable(entry.record, placed) if not f.rule.id.endswith("-required")]
    return found + [each for each in about if each.field not in refused]


def _sayable(record: Crf, placed: list[tuple[Finding, str]]) -> list[tuple[Finding, str]]:
    """What may be said before the record is stored: nothing that holds a judgement, not yet stored, against the program's."""
    stored = record.stored()
    return [(f, at) for f, at in placed if not f.rule.judged or f.rule.form != record.code or stored.get(f.rule.judged)]


def _refused(form: CrfForm) -> list[pages.Shown]:
    return [
        pages.Shown("ERROR", sentence, rule, "", f"q-{field}", field)
        for field, rule, sentence in form.refusals()
        if field != "__all__"
    ]


def page(entry: Entry, form: CrfForm, result: Result | None = None) -> dict:
    """The template's context: sections with findings, threads and marks, the strip, and what must be confirmed."""
    record, stored = entry.record, entry.record.pk is not None
    check_result = result.check if result else None
    summary = _refused(form) if form.is_bound else []
    found = list(summary)
    deviations: list[pages.Shown] = []
    if check_result is not None:
        refused = {each.field for each in summary}
        errors = [f for f in check_result.errors if f.rule.field not in refused]
        summary += [pages.shown(f) for f in errors]
        shown_now = [(f, at) for f, at in _sayable(record, check_result.placed) if f in errors or (f.rule.severity != "ERROR" and not form.errors)]
        found += [pages.shown(f, at) for f, at in shown_now if at not in refused]
        waiting, said = check_result.unconfirmed, reasons(form.data)
        deviations = [
            pages.to_confirm(f, form.data, waiting)
            for f in check_result.deviations if f in waiting or said.get(f.rule.id)
        ]  # fmt: skip
    threads, counts, computed = {}, {}, {}
    sees_all = grants(entry.user).may(Permission.VIEW, entry.patient.site)
    if sees_all and (stored or record.is_log()):
        queries, beside = _queries(record)
        found += beside
        for thread in pages.threads(entry.user, queries):
            threads.setdefault(thread.query.field, []).append(thread)
    if stored:
        counts = pages.change_counts(record)
        if entry.model.computes_from:
            computed = record.computed(load_case(entry.patient, entry.model.computes_from))
    history_url = reverse("history", args=[entry.patient.number, entry.model.code, entry.slot]) if stored else ""
    hidden = () if sees_all else entry.model.kept_from_pharmacy
    return {
        "form": form, "entry": entry, "strip": strip(entry.patient, sees_all=sees_all),
        "sections": pages.blocks(form, found=found, threads=threads, counts=counts, computed=computed, history_url=history_url, hidden=hidden),
        "linked": linked_here(record, may_enter=entry.may_enter) if stored and sees_all else [],
        "summary": summary, "deviations": deviations,
        "page_title": str(entry.model._meta.verbose_name), "page_subtitle": _subtitle(entry),
        "record_status": _status(record), "locked_because": entry.why_not,
        "reason_needed": record.state == State.SUBMITTED and stored,
        "change_reason": form.data.get("change_reason", "") if form.is_bound else "",
        "change_reason_error": "Say in a few words why the answer is changed." if result and result.reason_missing else "",
        "page_links": _links(entry, history_url, stored), **entry.model.page_extras(entry.user, record),
        "verified": standing(record.code, record.pk) if stored else None,
        "may_verify": stored and grants(entry.user).may(Permission.VERIFY, entry.patient.site)
        and record.state == State.SUBMITTED and not record.voided,
        "may_raise": stored and not record.voided and grants(entry.user).may(Permission.RAISE, entry.patient.site),
    }  # fmt: skip


def _queries(record: Crf) -> tuple[list[Query], list[pages.Shown]]:
    """The record's queries; and, at each other question that an open query contradicts, what it asks.

    Of a log only the record's own: which other record a query means is said in the query. A new record of a log is told of
    the answers that miss one.
    """
    about = Q(form=record.code, record=record.pk)
    elsewhere = also_at(record.code)
    if record.is_log():
        elsewhere = {rule: names for rule, names in elsewhere.items() if rule in MISSING_ENTRY and record.pk is None}
    if record.pk is None and not elsewhere:
        return [], []
    if elsewhere:
        about |= Q(patient=record.patient, rule__in=list(elsewhere)) & ~Q(status=QueryStatus.CLOSED)
    own, beside = [], []
    for query in Query.objects.filter(about).select_related("patient__site").order_by("id"):
        if (query.form, query.record) == (record.code, record.pk):
            own.append(query)
        if query.status != QueryStatus.CLOSED:
            beside += [
                pages.Shown("QUERY", query.text, query.rule, "", f"q-{name}", name) for name in elsewhere.get(query.rule, ())
                if meant(record.code, name, query.text)
            ]  # fmt: skip
    return own, beside


def _subtitle(entry: Entry) -> str:
    if entry.slot == "new":
        return "New record"
    return f"Number {entry.slot}" if entry.model.is_log() else visit_label(entry.slot)


def _status(record: Crf) -> dict[str, str]:
    if record.pk is None:
        return {"kind": "missing", "text": "Not entered yet"}
    if record.voided:
        return {"kind": "void", "text": "Void"}
    if record.state == State.SUBMITTED:
        return {"kind": "submitted", "text": "Submitted"}
    return {"kind": "progress", "text": "In progress"}


def _links(entry: Entry, history_url: str, stored: bool) -> list[dict[str, str]]:
    if not stored:
        return []
    links = [{"label": "History", "url": history_url, "icon": "history"}]
    if entry.may_enter:
        word = "Restore" if entry.record.voided else "Entered by mistake …"
        args = [entry.patient.number, entry.model.code, entry.record.pk]
        links.append({"label": word, "url": reverse("void", args=args), "icon": "void"})
        if not entry.record.voided:
            links.append({"label": "Wrong patient or visit …", "url": reverse("move", args=args), "icon": "right"})
    return links + deviation_pages.page_links(entry.user, entry.record)


def following(entry: Entry) -> str:
    """Where 'submit and next' leads: the next form of the casebook that is still to enter, else the casebook.

    In each visit the forms that rest on others (``comes_last``) come after them. A form may know what follows better.
    """
    if (place := entry.record.follows()) is not None:
        return address(entry.patient, place)
    book = casebook(entry.patient, sees_all=True)
    rows = sorted((row for area in book.areas for row in area.rows), key=lambda row: registry.form(row.code).comes_last)
    cells = [row.cells[column] for column in range(len(book.visits)) for row in rows]
    waiting = [cell for cell in cells if cell and cell.kind in ("missing", "progress") and cell.url != entry.url]
    return waiting[0].url if waiting else reverse("patient", args=[entry.patient.number])
