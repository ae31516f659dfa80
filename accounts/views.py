"""Log-in, log-out, password: the pages that belong to a person and not to a patient."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import login as log_in
from accounts.access import actor_for
from accounts.actions import change_password
from accounts.forms import LoginForm, PasswordForm
from accounts.middleware import RESUME, RESUME_FOR, open_before_change, remember_typist

REFUSED = (
    "The user name or the password is not right, or the account is locked for 15 minutes after 5 wrong passwords in a "
    "row. Check both; if you have forgotten your password, ask the administrator of the trial."
)


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def login_page(request):
    token = request.POST.get("resume_token", "")
    target = request.POST.get("next") or request.GET.get("next", "")
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = log_in.enter(request, form.cleaned_data["username"], form.cleaned_data["password"])
        if user is not None:
            response = resume(request, user, token) if token else redirect(_safe(request, target))
            return remember_typist(response, user.username)
        form.add_error(None, REFUSED)
    context = {"form": form, "next": target, "resume": bool(token), "resume_token": token}
    return render(request, "registration/login.html", context)


def _safe(request, target: str) -> str:
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else "/"


def resume(request, user, token: str):
    """After the log-in, send the kept form where it was going; only for the person who typed it."""
    try:
        kept = signing.loads(token, salt=RESUME, max_age=RESUME_FOR)
    except signing.BadSignature:
        messages.error(request, "What you had typed could not be restored. Please enter it again.")
        return redirect("/")
    if kept["user"] not in ("", user.username):
        messages.error(request, "Somebody else had typed into that form, so it was not saved.")
        return redirect("/")
    return render(request, "registration/resume.html", {"action_url": kept["url"], "fields": kept["pairs"]})


@login_not_required
@require_POST
def logout_page(request):
    if request.user.is_authenticated:
        log_in.leave(request)
    return redirect("login")


@require_POST
def ping(request):
    """The person is still there: the middleware notes it."""
    return HttpResponse(status=204)


@open_before_change
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_page(request):
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_password(user=request.user, password=form.cleaned_data["new_password1"], by=actor_for(request.user))
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your password has been changed.")
        return redirect("/")
    if request.user.must_change_password and request.method == "GET":
        messages.warning(request, "Somebody else has set your password. Choose one that only you know.")
    status = 422 if request.method == "POST" else 200
    return render(request, "registration/password_change.html", {"form": form}, status=status)
