"""A real browser on the running site. Every page it opens is watched: an error in the console, a request to another origin or
a broken security policy fails the test, wherever it happens."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from audit import clock
from tests.browser.person import Person
from tests.conftest import World
from tests.plugin_noskip import chromium

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs an event loop in this thread

NOW = datetime(2026, 7, 2, 9, 0, tzinfo=UTC)  # a Thursday, 11:00 in Lyon
STATUS = re.compile(r"the server responded with a status of (\d+)")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
    return {**browser_type_launch_args, "executable_path": chromium(), "args": quiet}


class Hands:
    """The test's hand on the clock of the whole site: it runs from a fixed moment, and can be put forward."""

    def __init__(self) -> None:
        self.start, self.base = time.monotonic(), NOW

    def now(self) -> datetime:
        return self.base + timedelta(seconds=time.monotonic() - self.start)

    def forward(self, **span: float) -> None:
        self.base += timedelta(**span)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The server answers in another thread, so the clock's function itself is replaced, not its context variable."""
    hands = Hands()
    monkeypatch.setattr(clock, "now", hands.now)
    return hands


class Watch:
    """What went wrong in the browser, whoever was looking."""

    def __init__(self, origin: str) -> None:
        self.origin, self.problems = origin, []
        self.expected = {"422", "409", "401"}  # refused forms, conflicts, ended sessions: Chromium logs them as errors

    def over(self, context) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"page error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message) -> None:
        status = STATUS.search(message.text)
        if message.type in ("error", "warning") and not (status and status[1] in self.expected):
            self.problems.append(
                f"console {message.type} on {message.page.url if message.page else '?'}: {message.text}"
            )

    def _request(self, request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.problems.append(f"request to another origin: {request.url}")

    def _response(self, response) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} from {response.url}")


@pytest.fixture
def watch(live_server) -> Iterator[Watch]:
    found = Watch(live_server.url)
    yield found
    assert not found.problems, "\n".join(found.problems)


@pytest.fixture
def someone(browser, live_server, watch, hands, world: World) -> Iterator[Callable[..., Person]]:
    """Opens a browser of its own for a person: ``someone("COORDINATOR", "FR03")`` is logged in; ``someone()`` is nobody yet."""
    contexts = []

    def open_browser(role: str = "", *sites: str, width: int = 1280, height: int = 900, **options) -> Person:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, reduced_motion="reduce",
            locale="en-GB", timezone_id="America/New_York", **options,
        )  # fmt: skip
        context.set_default_timeout(10_000)
        contexts.append(context)
        watch.over(context)
        user = world.user(role, *sites) if role else None
        if user:
            client = Client()
            client.force_login(user)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
        return Person(context.new_page(), user, watch)

    yield open_browser
    for context in contexts:
        context.close()
