"""Nothing without log-in, and log-in ends after a pause; what was typed into a form outlives both."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import escape_leading_slashes

from accounts import login as log_in
from accounts.forms import LoginForm
from accounts.policy import IDLE, SEEN_EVERY
from audit import clock

RESUME_FOR = 12 * 3600  # seconds that typed data can wait on the log-in page
RESUME = "accounts.resume"  # salt: nothing else that we sign can be taken for a kept form
TYPIST = "typist"  # cookie: who logged in here last, so that a form outlives the session but not its author


def resume_page(request, username: str, token: str = ""):
    """The log-in page, holding what was just posted (signed, in the page, nowhere else) until the log-in succeeds.

    Passwords are not held: such a form is typed again. ``token`` is what an earlier log-in page held already.
    """
    if token:
        context = {"form": LoginForm(), "next": "", "login_url": reverse("login"), "resume": True, "resume_token": token}
        return render(request, "registration/login.html", context, status=401)
    pairs = [(k, v) for k, values in request.POST.lists() for v in values if k != "csrfmiddlewaretoken"]
    context = {"form": LoginForm(), "next": "", "login_url": reverse("login")}
    url = escape_leading_slashes(request.get_full_path())  # '//name/' would be another site
    if any("password" in name for name, _ in pairs):
        context["next"] = url
    else:
        kept = {"user": username, "url": url, "pairs": pairs}
        context |= {"resume": True, "resume_token": signing.dumps(kept, salt=RESUME, compress=True)}
    return render(request, "registration/login.html", context, status=401)


def remember_typist(response, username: str):
    """Note on this computer who logged in."""
    response.set_signed_cookie(
        TYPIST, username, salt=TYPIST, max_age=RESUME_FOR, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


def is_save(request) -> bool:
    """A post that somebody typed, not the live check of a form."""
    return request.method == "POST" and request.POST.get("action") != "check"


class LoginRequired(LoginRequiredMiddleware):
    """As Django's; a form that is posted after the session is gone is kept."""

    def handle_no_permission(self, request, view_func):
        if is_save(request):
            return resume_page(request, request.get_signed_cookie(TYPIST, "", salt=TYPIST, max_age=RESUME_FOR))
        return super().handle_no_permission(request, view_func)


def open_before_change(view):
    """Mark a view that is open to people who must first choose a password of their own."""
    view.open_before_change = True
    return view


class IdleTimeout:
    """Ends a session after a pause. It is a view middleware, so that a forged post has been refused before."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        if not request.user.is_authenticated:
            return None
        needs_login = getattr(view_func, "login_required", True)
        now, seen = clock.now(), request.session.get("seen")
        if seen is not None and now - datetime.fromisoformat(seen) > IDLE:
            username = request.user.username
            log_in.leave(request, log_in.IDLE)
            if not needs_login:
                return None
            if is_save(request):
                return resume_page(request, username)
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        if seen is None or now - datetime.fromisoformat(seen) > SEEN_EVERY:
            request.session["seen"] = now.isoformat()
        if request.user.must_change_password and needs_login and not getattr(view_func, "open_before_change", False):
            return redirect("password")
        return None
