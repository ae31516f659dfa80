"""The pytest plugin that run.py loads (`-p tests.plugin_noskip`): splits the suite, counts it, and lets nothing be skipped in CI.

- everything under tests/protocol is marked `nodb`, so that `-m nodb` and `-m "not nodb"` together are the whole suite;
- tests that read the simulated trial run after those that start from an empty one, then those that really commit, then
  the browser's;
- without Chromium browser tests are skipped with a sentence, and with CI=true a skipped test is a failed run;
- `--counts FILE` writes {"passed": N, "failed": N, "skipped": N} for run.py.
"""

import json
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

PROTOCOL = Path(__file__).parent / "protocol"
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)


def chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None; CHROMIUM in the environment comes first. Nothing is downloaded."""
    if chosen := os.environ.get("CHROMIUM"):
        return shutil.which(chosen)
    for name in ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome"):
        if found := shutil.which(name):
            return found
    return next((place for place in PLACES if Path(place).exists()), None)


def in_ci() -> bool:
    """Whether nothing may be skipped."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--counts", metavar="FILE", help="write the numbers of passed, failed and skipped tests as JSON")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    no_browser = None if chromium() else pytest.mark.skip(reason="Chromium is not installed")
    for item in items:
        if PROTOCOL in item.path.parents:
            item.add_marker("nodb")
        if no_browser and item.get_closest_marker("browser"):
            item.add_marker(no_browser)
    yield  # pytest's own -m selection and pytest-django's order
    items.sort(
        key=lambda item: (item.get_closest_marker("browser") is not None) * 4
        + (item.get_closest_marker("commits") is not None) * 2
        + ("trial" in getattr(item, "fixturenames", ()))
    )


def counts(stats: dict[str, list[object]]) -> dict[str, int]:
    """What the terminal reporter collected, in run.py's words. A test that failed as expected has passed."""
    numbers = {key: len(reports) for key, reports in stats.items()}
    return {
        "passed": numbers.get("passed", 0) + numbers.get("xfailed", 0),
        "failed": numbers.get("failed", 0) + numbers.get("error", 0) + numbers.get("xpassed", 0),
        "skipped": numbers.get("skipped", 0),
    }


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    numbers = counts(reporter.stats)
    if in_ci() and numbers["skipped"]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if path := session.config.getoption("--counts"):
        Path(path).write_text(json.dumps(numbers), encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if in_ci():
        for report in terminalreporter.stats.get("skipped", []):
            terminalreporter.write_line(f"CI: skipped, which counts as failed: {report.nodeid} {report.longrepr}")
