"""Pages of patients, forms and queries. Each view asks the doors of ``patients.access`` first."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import actor_for, check, grants
from accounts.roles import Permission
from audit.trail import changes_of
from crf import actions, casebook, conflicts, entry, lists, pages, registry, relocate
from crf.facts import load_case
from crf.models import State
from crf.strip import NEEDS, strip
from patients.access import patient_for, patients_for, sites_for
from patients.actions import Refused, create_patient
from review import actions as review
from review import verification
from review.states import Act


@require_GET
def patients(request):
    """All patients of the person's sites, one line each, with a cell per visit."""
    check_any(request.user, Permission.VIEW, Permission.DRUG)
    found = lists.patients(request)
    exact = patients_for(request.user).filter(number__iexact=lists.asked(request, "q")).first()
    if exact is not None:
        return redirect("patient", exact.number)
    visits, rows = casebook.matrix(found)
    return render(request, "crf/patients.html", {
        "visits": visits, "rows": rows, "filters": lists.patient_filters(request),
        "sites": sites_for(request.user, Permission.ENTER), "count_text": lists.counted(len(rows), "patient"),
    })  # fmt: skip


def check_any(user, *permissions: Permission) -> None:
    """403 unless the person holds one of the permissions somewhere."""
    if not any(grants(user).may(permission) for permission in permissions):
        raise PermissionDenied(f"You may not {permissions[0].value}: your role does not include it.")


@require_POST
def new_patient(request):
    """A new screening number; the site must be one where the person enters data."""
    site = sites_for(request.user, Permission.ENTER).filter(code=lists.plain(request.POST.get("site", ""))).first()
    if site is None:
        check(request.user, Permission.ENTER)
        raise Http404("There is no such site among yours.")
    try:
        patient = create_patient(site=site, by=actor_for(request.user, site))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("patients")
    messages.success(request, f"{patient.number} is the new patient's screening number.")
    return redirect("patient", patient.number)


@require_GET
def patient(request, number):
    """The casebook."""
    found = patient_for(request.user, number)
    held = grants(request.user)
    sees_all, may_enter = held.may(Permission.VIEW, found.site), held.may(Permission.ENTER, found.site)
    book = casebook.casebook(found, sees_all=sees_all, may_enter=may_enter)
    shown, case = casebook.panels(found, book, _with_strip, sees_all=sees_all, may_enter=may_enter)
    return render(request, "crf/casebook.html", {
        "patient": found, "book": book, "sees_all": sees_all, "legend": casebook.LEGEND,
        "may_judge": held.may(Permission.JUDGE, found.site),
        "may_rescreen": may_enter and found.enrolment_number is None and registry.screening_failed(book.headers),
        "strip": strip(found, book.headers, book.open_queries, case, sees_all=sees_all), "panels": shown,
    })  # fmt: skip


def _with_strip(patient, codes):
    """The facts that the page's parts ask for, and those of the strip, in one query."""
    return load_case(patient, {*codes, *NEEDS})


@require_http_methods(["GET", "POST"])
def record(request, number, code, slot):
    """The page of one record: reading, live check, saving."""
    if request.method == "GET":
        at = entry.find(request.user, number, code, slot)
        return render(request, "crf/record.html", entry.page(at, entry.bound(at, brought=request.GET)))
    if request.POST.get("action") == "check":
        at = entry.find(request.user, number, code, slot)
        check(request.user, Permission.ENTER, at.patient.site)
        found = entry.live(at, entry.bound(at, request.POST))
        return JsonResponse({"findings": [vars(each) | {"citation": ""} for each in found]})
    at, result = entry.post(request.user, number, code, slot, request.POST)
    if result.conflict:
        return conflict(request, at, result.form)
    if result.saved is None:
        return render(request, "crf/record.html", entry.page(at, result.form, result), status=422)
    return saved(request, at, result.saved)


def saved(request, at: entry.Entry, done: actions.Saved) -> HttpResponseRedirect:
    """Say what the save did, and lead on."""
    state = "submitted" if done.record.state == State.SUBMITTED else "saved as a draft, in progress"
    said = [f"{at.model._meta.verbose_name} is {state}."]
    if done.opened:
        said.append(f"{done.opened} {'query was' if done.opened == 1 else 'queries were'} opened.")
    if done.closed:
        said.append(f"{done.closed} {'query was' if done.closed == 1 else 'queries were'} closed.")
    (messages.warning if done.opened else messages.success)(request, " ".join(said))
    if request.POST.get("action") == "next":
        return redirect(entry.following(at))
    return redirect("record", at.patient.number, at.model.code, done.record.slot)


def conflict(request, at: entry.Entry, form):
    """Two people, or one click twice: both values, side by side, and nothing lost."""
    twin = conflicts.twin(at, form)
    if twin is not None:
        return redirect("record", at.patient.number, at.model.code, twin.slot)
    context = {
        "entry": at, "strip": strip(at.patient), "differences": conflicts.differences(at, form),
        "fields": conflicts.posted(at, form, request.POST), "last": conflicts.last_change(at.record),
        "title": str(at.model._meta.verbose_name),
    }
    if not context["differences"]:
        return redirect("record", at.patient.number, at.model.code, at.record.slot)
    return render(request, "crf/conflict.html", context, status=409)


@require_GET
def log(request, number, code):
    """All records of a log form."""
    found = patient_for(request.user, number, Permission.VIEW)
    model = registry.form_or_404(code)
    if not model.is_log():
        raise Http404("This form is no log.")
    return render(request, "crf/log.html", {
        "patient": found, "strip": strip(found), "model": model, "title": model._meta.verbose_name_plural,
        "rows": lists.log_rows(found, model), "may_enter": grants(request.user).may(Permission.ENTER, found.site),
        "columns": [registry.label(code, name) for name in lists.log_columns(model)],
    })  # fmt: skip


@require_GET
def history(request, number, code, slot):
    """Every change of one record: old → new, who, when, why."""
    at = entry.find(request.user, number, code, slot)
    if at.record.pk is None:
        raise Http404("There is no such record.")
    sees_all = grants(request.user).may(Permission.VIEW, at.patient.site)
    hidden = () if sees_all else at.model.kept_from_pharmacy
    rows = pages.change_rows(each for each in pages.told(changes_of(code, at.record.pk)) if each.field not in hidden)
    return render(request, "crf/history.html", {
        "entry": at, "title": str(at.model._meta.verbose_name), "strip": strip(at.patient, sees_all=sees_all), "rows": rows,
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def void(request, number, code, pk):
    """Mark a record as entered by mistake, or take that back; always with a reason."""
    patient = patient_for(request.user, number, Permission.ENTER)
    found = registry.record_or_404(patient, code, pk)
    reason = request.POST.get("reason", "").strip()
    if request.method == "POST" and reason:
        return _void(request, found, reason)
    context = {"record": found, "strip": strip(patient), "reason_missing": request.method == "POST"}
    return render(request, "crf/void.html", context, status=422 if request.method == "POST" else 200)


def _void(request, found, reason: str):
    try:
        with transaction.atomic():
            patient_for(request.user, found.patient.number, Permission.ENTER, lock=True)
            act = actions.restore if request.POST.get("act") == "restore" else actions.void
            act(record=found, by=request.user, reason=reason)
    except IntegrityError:
        messages.error(request, "Another record has taken its place, so this one cannot be restored.")
    else:
        messages.success(request, f"{found} is {'void' if found.voided else 'restored'}.")
    return redirect("patient", found.patient.number)


@require_http_methods(["GET", "POST"])
def move(request, number, code, pk):
    """Wrong patient or visit: choose the right one, look at both places, and move the record there."""
    if request.method == "GET":
        return render(request, "crf/relocate.html", relocate.page(request.user, number, code, pk, request.GET))
    result = relocate.post(request.user, number, code, pk, request.POST)
    if result.moved is None:
        context = relocate.page(request.user, number, code, pk, request.POST, result)
        return render(request, "crf/relocate.html", context, status=result.status)
    made = result.moved
    messages.success(request, f"This is the new record, {made}, in progress. Look at every answer, then submit it. The one that was wrong is void.")
    return redirect("record", made.patient.number, code, made.slot)


@require_GET
def queries(request):
    """The queries of the person's sites."""
    check(request.user, Permission.VIEW)
    return lists.respond(request, lists.query_list(request), "crf/queries.html", "queries")


@require_POST
def query_act(request, pk):
    """One post in a query's thread."""
    query = lists.query_for(request.user, pk)
    act = request.POST.get("action", "")
    if act not in list(Act):
        raise Http404("There is no such act.")
    value = lists.value_now(query)
    review.act_on_query(user=request.user, query=query, act=Act(act), text=request.POST.get("text", ""), value=value)
    return redirect((lists.local(request.POST.get("back", "")) or lists.record_url(query)) + f"#thread-{query.pk}")


@require_POST
def query_raise(request, number, code, slot):
    """A question by a monitor or data manager about one field."""
    at = entry.find(request.user, number, code, slot)
    check(request.user, Permission.RAISE, at.patient.site)
    field, text = request.POST.get("field", ""), request.POST.get("text", "").strip()
    if at.record.pk is None or field not in at.model.questions() or not text:
        messages.error(request, "Choose the field and write the question.")
        return redirect(at.url)
    value = registry.display(code, field, getattr(at.record, field))
    review.raise_query(
        user=request.user, patient=at.patient, form=code, record=at.record.pk, field=field, text=text, value=value
    )
    messages.success(request, "The query is open.")
    return redirect(at.url + f"#q-{field}")


@require_POST
def verify(request, number, code, slot):
    """Source data verification of a submitted record, in the version that the page showed."""
    at = entry.find(request.user, number, code, slot, lock=False)
    check(request.user, Permission.VERIFY, at.patient.site)
    about = {"user": request.user, "patient": at.patient, "form": code, "record": at.record.pk}
    if request.POST.get("action") == "withdraw":
        verification.withdraw(**about)
    elif at.record.state != State.SUBMITTED or request.POST.get("version") != str(at.record.version):
        messages.error(request, "The record has changed or is not submitted. Compare what it says now with the source.")
    else:
        verification.verify(**about, version=at.record.version)
        messages.success(request, "Verified against the source.")
    return redirect(at.url)
