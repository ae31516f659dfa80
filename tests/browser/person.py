"""A person at the browser: the few things people do on our pages, in words of the trial."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from playwright.sync_api import Locator, Page

SHOTS = os.environ.get("SHOTS", "")  # a directory: keep pictures of the pages there
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def axe() -> str:
    return (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")


class Person:
    """One browser with one page; ``user`` is who is logged in from the start, or None."""

    def __init__(self, page: Page, user, watch) -> None:
        self.page, self.user, self.watch = page, user, watch

    def open(self, path: str) -> int:
        """Open a page; returns the status."""
        response = self.page.goto(path)
        return response.status if response else 0

    def log_in(self, username: str, password: str) -> None:
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def row(self, field: str) -> Locator:
        """The line of one question."""
        return self.page.locator(f"#q-{field}")

    def choose(self, field: str, value: str) -> None:
        """A radio button by its stored value, or an entry of a drop-down list."""
        radio = self.page.locator(f'input[name="{field}"][value="{value}"]')
        if radio.count():
            radio.check()
        else:
            self.page.locator(f'select[name="{field}"]').select_option(value)

    def date(self, field: str, typed: str) -> None:
        """Type a date as one would say it, "10 6 26", beginning in the day's box."""
        self.page.locator(f'input[name="{field}_0"]').focus()
        self.page.keyboard.type(typed)
        self.page.keyboard.press("Tab")

    def write(self, field: str, text: str) -> None:
        self.page.locator(f'[name="{field}"]').fill(text)

    def press(self, button: str) -> None:
        """Press a button by its words and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).first.click()

    def submit(self) -> None:
        with self.page.expect_navigation():
            self.page.locator('.actionbar button[value="submit"]').click()

    def save(self) -> None:
        with self.page.expect_navigation():
            self.page.locator('.actionbar button[value="save"]').click()

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def boxes(self, field: str) -> list[str]:
        return [self.page.locator(f'input[name="{field}_{n}"]').input_value() for n in range(3)]

    def picture(self, name: str, *, whole: bool = True) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=whole)

    def axe(self) -> list[str]:
        """What axe finds on the page, one line per kind and place."""
        # The bar with the buttons floats over whatever stands beneath it just now: one scrolls, axe does not.
        self.page.evaluate("document.querySelectorAll('.actionbar').forEach(bar => { bar.style.position = 'static' })")
        self.page.evaluate(axe())
        found = self.page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS)  # fmt: skip  # noqa: E501
        return [
            f"{self.page.url} {each['id']} ({each['impact']}): {each['help']}: {node['html'][:160]}"
            for each in found["violations"] for node in each["nodes"][:3]
        ]  # fmt: skip

    def wider_than_page(self) -> int:
        """By how many pixels the page can be scrolled sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
