"""The registration page: what is satisfied, what stands against it, and the act."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import check, grants
from accounts.roles import Permission
from crf import registry
from crf.strip import strip
from patients.access import patient_for
from patients.actions import Refused, cap, enrolled
from protocol.criteria import active
from protocol.eligibility import Decision, due_before_first_dose, evaluate, gate_one
from protocol.engine import Case
from screening.actions import NotEligible, case_of, register_patient


@dataclass
class Line:
    """One criterion: the record's sentence, the investigator's answer, the program's result, and what stands against it."""

    id: str
    short: str
    text: str
    answer: str
    program: str
    program_kind: str
    unmet: list[str]
    later: bool


@require_http_methods(["GET", "POST"])
def registration(request, number):
    """Everything on one page; POST registers."""
    patient = patient_for(request.user, number, Permission.VIEW)
    if request.method == "POST":
        check(request.user, Permission.REGISTER, patient.site)
        return _register(request, number)
    case = case_of(patient)
    unmet = gate_one(case)
    return render(request, "screening/registration.html", {
        "patient": patient, "strip": strip(patient), "lines": _lines(case, unmet), "unmet": _linked(number, unmet),
        "due": due_before_first_dose(case), "used": enrolled(), "cap": cap(),
        "may_register": grants(request.user).may(Permission.REGISTER, patient.site),
        "fail_url": reverse("record", args=[number, "SF", "SCR"]), "checklist_url": reverse("record", args=[number, "IE", "SCR"]),
    })  # fmt: skip


def _register(request, number: str):
    try:
        patient = register_patient(user=request.user, number=number)
    except NotEligible as refusal:
        messages.error(request, f"Not registered: {len(refusal.unmet)} points stand against it. They are listed below.")
    except Refused as refusal:
        messages.error(request, f"Not registered. {refusal}")
    else:
        messages.success(request, f"{number} is registered as number {patient.enrolment_number}.")
    return redirect("registration", number)


def _lines(case: Case, unmet) -> list[Line]:
    checklist = next(iter(case.of("IE")), None)
    against = {}
    for point in unmet:
        against.setdefault(point.criterion, []).append(point.sentence)
    lines = []
    for criterion in active():
        answer = getattr(checklist, criterion.field) if checklist else ""
        result = evaluate(criterion, case)
        shown = bool(answer) and result.verdict is not Decision.NOT_COMPUTED
        lines.append(Line(
            criterion.id, criterion.short, criterion.text, registry.display("IE", criterion.field, answer),
            f"{result.verdict.capitalize()}: {result.evidence}" if shown else "",
            {Decision.MET: "ok", Decision.NOT_MET: "warn"}.get(result.verdict, "neutral"),
            against.get(criterion.id, []), criterion.gates == (2,),
        ))  # fmt: skip
    return lines


def _linked(number: str, unmet) -> list[tuple[str, str, str]]:
    """(rule, sentence, where it is mended) of each unmet point."""
    found = []
    for point in unmet:
        known = point.form in {form.code for form in registry.forms()}
        url = reverse("record", args=[number, point.form, "SCR"]) + f"#q-{point.field}" if known else ""
        found.append((point.rule, point.sentence, url))
    return found
