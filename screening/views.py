"""Registration: the page and the act, the page that confirms it, places that are held, and screening again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import check
from accounts.roles import Permission
from patients.access import patient_for
from patients.actions import Refused
from screening import actions
from screening import registration as pages


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def registration(request, number):
    """What stands against it, and the act; POST registers, or says everything that is in the way."""
    patient = patient_for(request.user, number, Permission.VIEW)
    if request.method == "GET":
        return render(request, "screening/registration.html", pages.page(request.user, patient))
    check(request.user, Permission.REGISTER, patient.site)
    tried = pages.attempt(request.user, patient, request.POST)
    if tried.registered is None:
        patient = patient_for(request.user, number, Permission.VIEW)
        return render(request, "screening/registration.html", pages.page(request.user, patient, tried), status=422)
    messages.success(request, f"{number} is registered as number {tried.registered.enrolment_number}.")
    return redirect("registered", number)


@require_GET
def registered(request, number):
    """The confirmation of a registration, for the screen and for the patient's file."""
    patient = patient_for(request.user, number, Permission.VIEW)
    if patient.enrolment_number is None:
        return redirect("registration", number)
    return render(request, "screening/registered.html", pages.confirmation(patient))


@require_POST
def place(request, number):
    """Hold a place of the trial for the patient, or give it back."""
    act = request.POST.get("action", "")
    try:
        if act == "request":
            actions.hold_place(user=request.user, number=number)
            messages.success(request, f"A place is held for {number}.")
        elif act == "give back":
            actions.give_back_place(user=request.user, number=number, reason=request.POST.get("reason", ""))
            messages.success(request, f"The place that was held for {number} is free again.")
        else:
            patient_for(request.user, number, Permission.ENTER)
            raise Http404("There is no such act.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("registration", number)


@require_POST
def rescreen(request, number):
    """A new screening of a patient whose earlier one ended in a screen failure."""
    try:
        patient = actions.screen_again(user=request.user, number=number)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("patient", number)
    messages.success(request, f"{patient.number} is the new screening number of {number}. Every form is filled in anew.")
    return redirect("patient", patient.number)
