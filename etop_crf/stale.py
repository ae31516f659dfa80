"""A post whose page is older than the log-in: it is never lost, and never carried out before its author has confirmed it."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.http import escape_leading_slashes
from django.views.decorators.debug import sensitive_post_parameters

from accounts.middleware import RESUME_FOR, TYPIST, is_save, resume_page
from accounts.views import resume
from crf import registry

UNSEEN = ("base_version", "entry_token", "action")  # the machinery of a page, which nobody typed


@sensitive_post_parameters()
def refused(request: HttpRequest, reason: str = ""):
    """Answer a post with a token that is no longer good (Django's CSRF_FAILURE_VIEW), status 403.

    Only what the browser vouches was sent from a page of this site is shown and can be sent again; passwords never are.
    """
    typed = [(k, v) for k, values in request.POST.lists() for v in values if k != "csrfmiddlewaretoken"]
    if not (_from_this_site(request) and is_save(request)):
        return render(request, "403_csrf.html", status=403)
    if token := request.POST.get("resume_token", ""):  # the log-in page that holds a form was itself too old
        return resume(request, request.user, token) if request.user.is_authenticated else resume_page(request, "", token)
    if not request.user.is_authenticated:
        return resume_page(request, request.get_signed_cookie(TYPIST, "", salt=TYPIST, max_age=RESUME_FOR))
    url = escape_leading_slashes(request.get_full_path())
    if any("password" in name for name, _ in typed):
        return render(request, "403_csrf.html", {"url": url}, status=403)
    return render(request, "403_csrf.html", {
        "url": url, "fields": typed, "shown": _in_words(request, typed),
    }, status=403)  # fmt: skip


def _from_this_site(request: HttpRequest) -> bool:
    """Browsers name the origin of every post, and no page can make them name another."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def _in_words(request: HttpRequest, typed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was typed, by question; a date's three boxes as one."""
    try:
        code = resolve(request.path_info).kwargs.get("code", "")
    except Resolver404:
        code = ""
    said: dict[str, list[str]] = {}
    for name, value in typed:
        if name in UNSEEN or not value.strip():
            continue
        stem, _, box = name.rpartition("_")
        question = stem if box in ("0", "1", "2") else name
        said.setdefault(registry.label(code, question), []).append(registry.display(code, name, value))
    return [(label, " ".join(values)) for label, values in said.items()]
