"""Deviations on the screen: the register, the page on which one is read and judged, and the entry of one that no rule found."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import check, grants
from accounts.roles import Permission
from audit import clock
from crf import lists, registry
from crf.deviation_forms import CATEGORIES, EntryForm, Posted, offered, read
from crf.deviation_list import deviation_list, shown_date, status_words, title
from crf.registry import Header
from crf.strip import strip
from patients.access import patient_for, within_sites
from patients.models import Patient
from protocol import parameters
from protocol.engine import RULES
from review import breach
from review import deviation_states as states
from review import deviations as review
from review.deviation_states import Act
from review.deviation_steps import KINDS, SAFETY_KINDS, history
from review.models import Deviation, DeviationStatus

DONE = {
    Act.ACCEPT: "The deviation is accepted.", Act.REJECT: "The deviation is rejected.", Act.VOID: "The deviation is void.",
    Act.FLAG: "Flagged as a potential serious breach. Data management gets a mail, without patient data.",
    Act.CORRECT: "The correction is stored.", Act.REPORT: "The report is stored; the clock has ended.",
    Act.DISMISS: "The assessment is stored; the clock has ended.", Act.ANSWER: "The answer is stored.",
}  # fmt: skip


@require_GET
def deviations(request):
    """The deviation register of the person's sites."""
    check(request.user, Permission.VIEW)
    return lists.respond(request, deviation_list(request), "review/deviations.html", "deviations")


@require_http_methods(["GET", "POST"])
def deviation(request, pk):
    """One deviation with its history; POST is one act on it."""
    found = deviation_for(request.user, pk)
    if request.method == "GET":
        return render(request, "review/deviation.html", page(request.user, found))
    posted = read(_act(request.user, found, request.POST), found.patient.site, request.POST)
    try:
        _do(request.user, found, posted)
    except review.NotDone as refusal:
        moved = isinstance(refusal, review.Moved)
        posted.faults = refusal.faults
        now = page(request.user, deviation_for(request.user, pk), posted)
        return render(request, "review/deviation.html", now, status=409 if moved else 422)
    messages.success(request, DONE[posted.act])
    return redirect(f"{reverse('deviation', args=[pk])}#main")  # or the browser would go back to what was refused before


def deviation_for(user, pk: int) -> Deviation:
    """A deviation at the person's sites; 404 otherwise."""
    found = within_sites(user, Deviation.objects.select_related("patient__site"), "patient__site").filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such deviation at your sites.")
    return found


def _act(user, found: Deviation, data: Mapping[str, str]) -> Act:
    """What was posted; 404 for what is no act, 403 for what the person's role does not include."""
    name = data.get("action", "")
    if name not in list(Act):
        raise Http404("There is no such act.")
    if refusal := states.why_no_right(user, found, Act(name)):
        raise PermissionDenied(refusal)
    return Act(name)


def _do(user, found: Deviation, posted: Posted) -> None:
    """Do it; NotDone with every fault, those of the form in place of what follows from them."""
    unread = dict(posted.faults)
    try:
        review.act_on_deviation(user=user, deviation=found, act=posted.act, said=posted.said, version=posted.version)
    except review.Moved:
        raise
    except review.NotDone as refusal:
        raise review.NotDone(refusal.faults | unread) from refusal


def page(user, found: Deviation, posted: Posted | None = None) -> dict:
    """Everything on the page of one deviation; what was posted is shown again when it could not be stored."""
    past, header, rule = history(found), _header(found), RULES.get(found.rule)
    on = f"{found.started_on:%Y-%m-%d}" if found.started_on else header.on if header else ""
    again = past.judged is not None and found.status == states.PROPOSED
    offers = offered(user, found, posted)
    faults = posted.faults if posted else {}
    return {
        "deviation": found, "patient": found.patient, "strip": strip(found.patient), "steps": past.steps, "judged": past.judged,
        "again": again, "status": status_words(found, again=again), "judgement": _judgement(found, again), "kind": KINDS[DeviationStatus(found.status)],
        "about": title(found), "header": header, "on": shown_date(on), "field": registry.label(found.form, found.field) if found.field else "",
        "record_url": _record_url(found, header), "source": rule.source if rule else "", "flag": breach.standing(found),
        "flag_days": parameters.whole(breach.PARAMETER), "safety_kind": SAFETY_KINDS[found.safety_question], "offers": offers,
        "posted": posted, "faults": faults, "whole_fault": faults.get("", ""),
        "gone": posted is not None and posted.act not in [each.act for each in offers],
    }  # fmt: skip


def _judgement(found: Deviation, again: bool) -> str:
    """The status in words, with the category of one that is accepted."""
    words = status_words(found, again=again)
    return f"{words} as {found.get_category_display().lower()}" if found.category else words


def _header(found: Deviation) -> Header | None:
    """The record that the deviation speaks of, void or not."""
    if not found.form:
        return None
    return next((each for each in registry.headers([found.patient_id], [found.form]) if each.record == found.record), None)


def _record_url(found: Deviation, header: Header | None) -> str:
    """Where the record stands; '' when it is void, since its place may be another's now."""
    if header is None or (header.voided and not registry.form(found.form).is_log()):
        return ""
    return reverse("record", args=[found.patient.number, found.form, header.slot])


# ---- entry -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def new_deviation(request, number):
    """A monitor, or data management, enters what no rule has found."""
    patient = patient_for(request.user, number, Permission.JUDGE)
    if request.method == "GET":
        return render(request, "review/new_deviation.html", entry_page(patient, {"about": request.GET.get("about", "")}))
    form = EntryForm(request.POST, site=patient.site)
    try:
        found = _enter(request.user, patient, form, request.POST)
    except review.NotDone as refusal:
        context = entry_page(patient, request.POST, form, refusal.faults)
        return render(request, "review/new_deviation.html", context, status=422)
    messages.success(request, "The deviation is entered and accepted.")
    return redirect("deviation", found.pk)


FIELDS = ("text", "rests_on", "why", "category")  # as typed; the date is the form's


def _enter(user, patient: Patient, form: EntryForm, data: Mapping[str, str]) -> Deviation:
    """Enter what was posted; NotDone with every fault."""
    about = _about(patient, data.get("about", ""))
    entry = review.Entry(*(about or ("", 0)), started_on=form.day(), **{name: data.get(name, "") for name in FIELDS})
    unread = {name: " ".join(sentences) for name, sentences in form.errors.items()}
    if about is None:
        unread["about"] = "Choose what the deviation is about: this record does not exist, or is void."
    if unread:  # what could not be read is said first; what follows from its lack is not
        raise review.NotDone(review.entry_faults(entry, clock.today(patient.site.time_zone)) | unread)
    return review.enter_deviation(user=user, patient=patient, entry=entry)


_ABOUT = re.compile(r"([A-Z0-9]{1,20}):([0-9]{1,18})", re.ASCII)


def _about(patient: Patient, text: str) -> tuple[str, int] | None:
    """(form code, record id) of a record of the patient that is not void; ('', 0) for '', None for what does not exist."""
    if not text:
        return "", 0
    match = _ABOUT.fullmatch(text)
    wanted = (match[1], int(match[2])) if match else None
    return wanted if wanted in [(each.form, each.record) for each in _records(patient)] else None


def _records(patient: Patient) -> list[Header]:
    return [each for each in registry.headers([patient.pk]) if not each.voided]


def entry_page(patient: Patient, typed: Mapping[str, str], form: EntryForm | None = None, faults: dict[str, str] | None = None) -> dict:
    """The entry page, after a post that was refused with what was typed."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for each in _records(patient):
        when = f", {shown_date(each.on)}" if each.on else ""
        words = f"{each.visit or f'number {each.row}'}{when}"
        groups.setdefault(registry.title(each.form), []).append((f"{each.form}:{each.record}", words))
    return {
        "patient": patient, "strip": strip(patient), "groups": groups, "form": form or EntryForm(site=patient.site),
        "categories": [(value, label, text, typed.get("category") == value) for value, label, text in CATEGORIES],
        "typed": {name: typed.get(name, "") for name in (*FIELDS, "about")}, "faults": faults or {},
    }  # fmt: skip


def page_links(user, record) -> list[dict[str, str]]:
    """For the page of a stored record: its deviations, and the entry of another."""
    held, site = grants(user), record.patient.site
    if not held.may(Permission.VIEW, site):
        return []
    known = Deviation.objects.filter(form=record.code, record=record.pk).order_by("id")
    links = [
        {"label": f"Deviation {each.rule or each.pk}: {each.get_status_display().lower().partition(',')[0]}",
         "url": reverse("deviation", args=[each.pk]), "icon": "deviation"}
        for each in known if each.status not in (states.WITHDRAWN, states.VOID)
    ]  # fmt: skip
    if held.may(Permission.JUDGE, site) and not record.voided:
        url = reverse("new_deviation", args=[record.patient.number])
        links.append({"label": "Enter a deviation …", "url": f"{url}?about={record.code}:{record.pk}", "icon": "deviations"})
    return links
