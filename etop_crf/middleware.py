"""What every response of the site carries, whoever made it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Everything comes from the site itself: no inline script, no inline style, no frame, no other origin.
# `data:` images are the small marks inside Bootstrap's style sheet.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "style-src 'self'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    )
)
PERMISSIONS = ", ".join(
    f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)


class ContentSecurityPolicy:
    """Middleware: the content security policy, no device access, and nothing kept in a cache on a shared ward computer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Permissions-Policy"] = PERMISSIONS
        # Pages, JSON and downloads. Static files say themselves how long they may be kept.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
