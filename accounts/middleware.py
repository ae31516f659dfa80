"""Nothing without log-in, and log-in ends after a pause; what was typed into a form outlives both."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core import signing
from django.shortcuts import render
from django.urls import reverse

from accounts import login as log_in
from accounts.policy import IDLE, SEEN_EVERY
from audit import clock

RESUME_FOR = 12 * 3600  # seconds that typed data can wait on the log-in page


def resume_page(request, username: str):
    """The log-in page, holding what was just posted (signed, in the page, nowhere else) until the log-in succeeds."""
    from accounts.forms import LoginForm

    pairs = [(k, v) for k, values in request.POST.lists() for v in values if k != "csrfmiddlewaretoken"]
    token = signing.dumps({"user": username, "url": request.get_full_path(), "pairs": pairs}, compress=True)
    context = {"form": LoginForm(), "resume": True, "resume_token": token, "next": "", "login_url": reverse("login")}
    return render(request, "registration/login.html", context, status=401)


class LoginRequired(LoginRequiredMiddleware):
    """As Django's; a form that is posted after the session is gone is kept."""

    def handle_no_permission(self, request, view_func):
        if request.method == "POST" and request.POST.get("action") != "check":
            return resume_page(request, "")
        return super().handle_no_permission(request, view_func)


class IdleTimeout:
    """Ends a session after a pause. It is a view middleware, so that a forged post has been refused before."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        if not request.user.is_authenticated:
            return None
        now, seen = clock.now(), request.session.get("seen")
        if seen is not None and now - datetime.fromisoformat(seen) > IDLE:
            username = request.user.username
            log_in.leave(request, log_in.IDLE)
            if getattr(view_func, "login_required", True) is False:
                return None
            if request.method == "POST" and request.POST.get("action") != "check":
                return resume_page(request, username)
            from django.contrib.auth.views import redirect_to_login

            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        if seen is None or now - datetime.fromisoformat(seen) > SEEN_EVERY:
            request.session["seen"] = now.isoformat()
        return None
