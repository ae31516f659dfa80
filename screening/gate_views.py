"""The pages of the two gates: eligibility, and the release of the first dose."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import check
from accounts.roles import Permission
from patients.access import patient_for
from review.signatures import WrongPassword
from screening import eligibility_page, release
from screening.actions import NotEligible


@require_GET
def eligibility(request, number):
    """Every criterion: the record's words, the answer, the program's result."""
    patient = patient_for(request.user, number, Permission.VIEW)
    return render(request, "screening/eligibility.html", eligibility_page.page(request.user, patient))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def release_dose(request, number):
    """What stands against the first dose; POST releases it."""
    patient, said = patient_for(request.user, number, Permission.VIEW), ""
    if request.method == "POST":
        check(request.user, Permission.REGISTER, patient.site)
        try:
            release.release_first_dose(user=request.user, number=number, password=request.POST.get("password", ""))
        except NotEligible as refusal:
            said = f"Not released: {len(refusal.unmet)} points stand against it. They are listed below."
        except WrongPassword as wrong:
            said = str(wrong)
        else:
            messages.success(request, "The first dose is released.")
            return redirect("release", number)
    return render(request, "screening/release.html", release.page(request.user, patient, said), status=422 if said else 200)
