#!/usr/bin/env python3
"""From a fresh clone to a running demo or a tested tree, with nothing but Python's own library.

    python3 run.py demo [--no-serve] [--port N]    environment, demo database, server on 127.0.0.1
    python3 run.py test [pytest arguments]         every check and test, on SQLite and, with TEST_DATABASE_URL, on PostgreSQL
    python3 run.py bench [arguments]               manage.py bench on a throw-away database
    python3 run.py fuzz [pytest arguments]         tests/fuzz with a thousand examples a form
"""

import sys

if sys.version_info < (3, 11):  # before anything that an older Python could not read
    sys.exit("Python 3.11 or newer is needed; this is Python %d.%d." % sys.version_info[:2])

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
RUNTIME, DEVELOPMENT = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
DEMO, DEMO_KEY = ROOT / "demo.sqlite3", ROOT / ".demo-secret"

# Would lead Python, pip or Django away from this tree and its environment.
MISLEADING = frozenset(
    "PYTHONPATH PYTHONHOME PYTHONSAFEPATH DJANGO_SETTINGS_MODULE PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV".split()
)
# Belong to a production site on this machine: the demo and the tests must never reach its database, key or mail server.
PRODUCTION = frozenset(
    """DATABASE_URL SECRET_KEY ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS STATIC_ROOT ETOP_CRF_INSECURE_HTTP EMAIL_HOST EMAIL_PORT EMAIL_HOST_USER
    EMAIL_HOST_PASSWORD EMAIL_USE_TLS DEFAULT_FROM_EMAIL GUNICORN_CMD_ARGS WEB_CONCURRENCY TEST_DATABASE_NAME""".split()
)


class Stop(Exception):
    """Ends run.py with one sentence for the person in front of it."""


def environment(environ: Mapping[str, str], **changes: str | None) -> dict[str, str]:
    """What a child process inherits: `environ` without what misleads it, with `changes` (None removes a name)."""
    kept = {name: value for name, value in environ.items() if name.upper() not in MISLEADING | PRODUCTION}
    kept |= {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in kept.items() if changes.get(name, "") is not None}


# --- The environment .venv ---------------------------------------------------------------------------------------------------


def stamp(lock: str, version: str = sys.version, platform: str = "") -> str:
    """What an installed environment must match: Python's version, the platform, and the whole text of the lock."""
    return f"python {version}\nplatform {platform or sysconfig.get_platform()}\n{lock}"


def stamp_file(lock: Path) -> Path:
    return VENV / f"{lock.name}.stamp"


def fits(lock: Path) -> bool | None:
    """Whether the environment was made from this lock; None when this lock was never installed into it."""
    try:
        return stamp_file(lock).read_text(encoding="utf-8") == stamp(lock.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def ensure_environment(lock: Path) -> None:
    """Make `.venv` hold what `lock` says. Nothing to do takes no time; an environment that does not fit is made anew.

    While pip works there is no stamp at all, so an environment left half-made is known by that and made anew too.
    """
    answers = {each: fits(each) for each in (RUNTIME, DEVELOPMENT)}
    sound = PYTHON.exists() and False not in answers.values() and True in answers.values()
    if sound and answers[lock]:
        return
    if not sound:
        create_environment()
    stamps = [stamp_file(each) for each, answer in answers.items() if sound and answer] + [stamp_file(lock)]
    texts = {path: stamp((ROOT / path.stem).read_text(encoding="utf-8")) for path in stamps}
    for path in stamps:
        path.unlink(missing_ok=True)
    print(f"Installing {lock.name} into .venv ...", flush=True)
    command = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "--only-binary", ":all:", "-r", lock]
    # PIP_USER=0 also overrules a configuration file that says otherwise.
    if subprocess.run(command, cwd=ROOT, env=environment(os.environ, PIP_USER="0")).returncode:
        raise Stop(f"pip could not install {lock.name} (its own words are above); run the same command again to retry.")
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


def create_environment() -> None:
    """A new, empty `.venv` in place of whatever is there."""
    # When run.py itself runs from .venv, the Python below it: .venv's own is about to go.
    base = getattr(sys, "_base_executable", None) or sys.executable
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise Stop("Python's venv is missing: on Debian or Ubuntu run 'sudo apt install python3-venv', then this command again.")
    if VENV.exists():
        print("The environment .venv is incomplete or was made for something else: making it anew.", flush=True)
    try:
        if VENV.is_symlink():
            VENV.unlink()
        elif VENV.exists():
            shutil.rmtree(VENV)
    except OSError as error:
        raise Stop(f"The environment .venv cannot be replaced ({error}); close the programs that use it.") from error
    made = subprocess.run([base, "-m", "venv", VENV], env=environment(os.environ), capture_output=True, text=True)
    if made.returncode:
        words = (made.stdout + made.stderr).split()
        raise Stop(f"Python could not make the environment .venv: {' '.join(words) or 'no reason given'}")


# --- Demo --------------------------------------------------------------------------------------------------------------------


def sqlite_url(path: Path) -> str:
    return "sqlite:///" + quote(path.as_posix())


def ensure_key(path: Path) -> None:
    """The demo's own key, readable by its owner only; settings.py reads it when the database is the demo's."""
    if path.exists() and len(path.read_text(encoding="utf-8").strip()) >= 50:
        return
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(64) + "\n")


def refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        if not WINDOWS:  # a port that its last user has just left is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Stop(f"Port {port} is in use or not allowed; choose another with --port, for example --port {port + 1}.") from error


def sources(root: Path) -> Iterator[Path]:
    """The files that decide what the demo database looks like."""
    for pattern in ("*/migrations/*.py", "demo/**/*", "protocol/data/**/*", "protocol/sites.py"):
        yield from sorted(path for path in root.glob(pattern) if path.is_file() and path.suffix != ".pyc")


def fingerprint(root: Path) -> str:
    """A hash over names and contents of the sources."""
    digest = hashlib.sha256()
    for path in sources(root):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def beside(path: Path, *endings: str) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in endings]


def settle(path: Path) -> None:
    """Move everything in the write-ahead log into the file itself, so that the file alone is the database and may be renamed."""
    connection = sqlite3.connect(path, timeout=1)
    try:
        # Leaving WAL needs the database for oneself: it writes the log back, deletes it, and fails while anyone else has it open.
        (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        if mode != "delete":
            raise sqlite3.OperationalError(f"journal mode stays {mode}")
    except sqlite3.DatabaseError as error:
        raise Stop(f"{path.name} is in use by another program, or damaged ({error}); stop that program, or delete the file.") from error
    finally:
        connection.close()


def manage(*arguments: str, **changes: str | None) -> int:
    env = environment(os.environ, PYTHONUNBUFFERED="1", **changes)
    return subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, env=env).returncode


def ensure_demo() -> None:
    """A complete demo database made from the present sources, and its accounts on the screen."""
    made_from, part = beside(DEMO, ".stamp", ".part")
    wanted = fingerprint(ROOT)
    if DEMO.exists() and made_from.exists() and made_from.read_text(encoding="utf-8") == wanted:
        if manage("demo_accounts", DATABASE_URL=sqlite_url(DEMO)):
            raise Stop("The demo's accounts could not be listed (see above); delete demo.sqlite3 to have it made anew.")
        return
    for path in [part, *beside(part, "-wal", "-shm", "-journal")]:
        path.unlink(missing_ok=True)
    if DEMO.exists():
        print("The sources of the demo have changed: demo.sqlite3 is made anew, the old one is kept as demo.sqlite3.old.", flush=True)
        settle(DEMO)
    if manage("build_demo", DATABASE_URL=sqlite_url(part)):
        raise Stop("The demo database could not be made (see above).")
    settle(part)
    made_from.unlink(missing_ok=True)
    if DEMO.exists():
        settle(DEMO)
        DEMO.replace(DEMO.with_name(DEMO.name + ".old"))
    part.replace(DEMO)
    made_from.write_text(wanted, encoding="utf-8")


def demo(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py demo")
    parser.add_argument("--no-serve", action="store_true", help="make the demo database, then stop")
    parser.add_argument("--port", type=int, default=8000, choices=range(1, 65536), metavar="N", help="port on 127.0.0.1")
    options = parser.parse_args(arguments)
    if not options.no_serve:
        refuse_busy_port(options.port)
    ensure_environment(RUNTIME)
    ensure_key(DEMO_KEY)
    ensure_demo()
    if manage("check", "--database", "default", "--fail-level", "ERROR", DATABASE_URL=sqlite_url(DEMO)):
        raise Stop("The site's own checks refuse to serve this database (see above).")
    return 0 if options.no_serve else serve(options.port)


def serve(port: int) -> int:
    """Serve the demo until Ctrl+C. Gunicorn with two processes; where it does not exist (Windows), Django's own server."""
    refuse_busy_port(port)
    address = f"127.0.0.1:{port}"
    if WINDOWS:
        command = [PYTHON, "manage.py", "runserver", "--noreload", "--insecure", address]
    else:
        command = [PYTHON, "-m", "gunicorn", "etop_crf.wsgi", "--bind", address, "--workers", "2"]
        command += ["--log-level", "warning", "--no-control-socket"]
    env = environment(os.environ, DATABASE_URL=sqlite_url(DEMO), DJANGO_SETTINGS_MODULE="etop_crf.settings", PYTHONUNBUFFERED="1")
    server = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        while server.poll() is None and not answers(port):
            time.sleep(0.1)
        if server.poll() is None:
            print(f"\nServing the demo on http://{address}/ (Ctrl+C stops it)", flush=True)
        server.wait()
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0
    finally:
        end(server)
    raise Stop("The server has ended by itself (see above).")


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def end(process: subprocess.Popen) -> None:
    """The child is gone when this returns."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# --- Tests -------------------------------------------------------------------------------------------------------------------


class Suite:
    """Runs commands, several at a time, with the lane's name before each line of output, and adds up what they report."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0
        self.lines: list[str] = []
        self.lock = threading.Lock()
        self.running: list[subprocess.Popen] = []

    def say(self, lane: str, text: str) -> None:
        with self.lock:
            print(f"{lane:10} | {text}", flush=True)

    def add(self, lane: str, what: str, seconds: float, passed: int, failed: int, skipped: int = 0) -> None:
        with self.lock:
            self.passed, self.failed, self.skipped = self.passed + passed, self.failed + failed, self.skipped + skipped
            more = f", {skipped} skipped" if skipped else ""
            self.lines.append(f"{'FAILED' if failed else 'ok':6}  {lane:10}  {what:28}  {passed} passed, {failed} failed{more} in {seconds:.0f} s")

    def stream(self, lane: str, command: list[object], env: dict[str, str]) -> int:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        with self.lock:
            self.running.append(process)
        with process:
            for line in process.stdout or ():
                self.say(lane, line.rstrip("\n"))
        return process.returncode

    def check(self, lane: str, what: str, command: list[object], env: dict[str, str]) -> None:
        """A command that is one test: its exit status is the result."""
        self.say(lane, f"--- {what}")
        start = time.monotonic()
        bad = self.stream(lane, command, env) != 0
        self.add(lane, what, time.monotonic() - start, int(not bad), int(bad))

    def pytest(self, lane: str, what: str, arguments: list[str], env: dict[str, str]) -> None:
        """One pytest run. One that found no test, stopped halfway or died counts as a failure whatever it counted."""
        self.say(lane, f"--- {what}")
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="etop-crf-run-") as directory:
            counts = Path(directory) / "counts.json"
            command = [PYTHON, "-m", "pytest", "-p", "tests.plugin_noskip", "--counts", counts, "-q", "--color=no", *arguments]
            status = self.stream(lane, command, env)
            result = summary(counts.read_text(encoding="utf-8") if counts.exists() else "", status, ci=in_ci(os.environ))
        self.add(lane, what, time.monotonic() - start, *result)

    def together(self, *runs: tuple[str, str, list[str], dict[str, str]]) -> None:
        """Several pytest runs side by side."""
        threads = [threading.Thread(target=self.pytest, args=run, daemon=True) for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():  # in short steps, so that Ctrl+C is heard on Windows too
                thread.join(0.5)

    def close(self) -> int:
        """Print the summary; its last line is read by other programs."""
        print("\n" + "\n".join(self.lines))
        print(closing_line(self.passed, self.failed, self.skipped), flush=True)
        return 1 if self.failed or not self.passed else 0


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether nothing may be skipped."""
    return environ.get("CI", "").lower() in {"1", "true", "yes"}


def summary(counts: str, status: int, *, ci: bool) -> tuple[int, int, int]:
    """(passed, failed, skipped) of a pytest run from what it counted and its exit status, which must not contradict each other."""
    numbers = json.loads(counts) if counts else {"passed": 0, "failed": 0, "skipped": 0}
    passed, failed, skipped = numbers["passed"], numbers["failed"], numbers["skipped"]
    if ci:
        failed, skipped = failed + skipped, 0
    if not failed and (status or not passed):
        failed = 1
    return passed, failed, skipped


def closing_line(passed: int, failed: int, skipped: int) -> str:
    return f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")


def checks(scratch: str) -> Iterable[tuple[str, list[object], dict[str, str]]]:
    """Everything that is not pytest: name, command, environment. `scratch` is a directory for what a check leaves behind."""
    tests = environment(os.environ, DJANGO_SETTINGS_MODULE="etop_crf.settings_test", TEST_DATABASE_URL=None)
    # As on a production server; none of these connects to the database.
    production = environment(
        os.environ,
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        SECRET_KEY=secrets.token_urlsafe(64),
        ALLOWED_HOSTS="ecrf.example.org",
        STATIC_ROOT=scratch,
    )
    manage_py: list[object] = [PYTHON, "manage.py"]
    yield "ruff", [PYTHON, "-m", "ruff", "check", "--output-format=concise", "."], tests
    yield "mypy --strict protocol", [PYTHON, "-m", "mypy", "--strict", "protocol"], tests
    yield "migrations are complete", [*manage_py, "makemigrations", "--check", "--dry-run"], tests
    yield "check --deploy", [*manage_py, "check", "--deploy", "--fail-level", "WARNING"], production
    # Hashed names are what production serves; a style sheet that names a missing file fails here.
    yield "collectstatic", [*manage_py, "collectstatic", "--noinput", "--verbosity", "0"], production


def test(arguments: list[str]) -> int:
    ensure_environment(DEVELOPMENT)
    server = os.environ.get("TEST_DATABASE_URL")
    if server and urlsplit(server).scheme not in {"postgres", "postgresql"}:
        raise Stop("TEST_DATABASE_URL must be postgres://user:password@host:port/name; SQLite is always tested.")
    suite = Suite()
    sqlite = environment(os.environ, TEST_DATABASE_URL=None, PYTHONUNBUFFERED="1")
    apart = ["-p", "no:cacheprovider"]  # runs side by side would write one cache
    try:
        if arguments:
            suite.pytest("sqlite", "chosen tests", arguments, sqlite)
            return suite.close()
        with tempfile.TemporaryDirectory(prefix="etop-crf-static-") as directory:
            for what, command, env in checks(directory):
                suite.check("checks", what, command, env)
        runs = [
            ("no db", "tests without a database", ["-m", "nodb", *apart], sqlite),
            ("sqlite", "tests on SQLite", ["-m", "not nodb", *apart, "--output=tests/artifacts/sqlite"], sqlite),
        ]
        if server:
            env = sqlite | {"TEST_DATABASE_URL": server}
            runs.append(("postgresql", "tests on PostgreSQL", ["-m", "not nodb", *apart, "--output=tests/artifacts/postgresql"], env))
        elif in_ci(os.environ):
            suite.add("postgresql", "TEST_DATABASE_URL is not set", 0, 0, 1)
        else:
            suite.say("postgresql", "TEST_DATABASE_URL is not set: not tested on PostgreSQL.")
        suite.together(*runs)
    finally:
        for process in suite.running:
            end(process)
    return suite.close()


def throw_away(command: list[object], **changes: str | None) -> int:
    """Run a command with the settings of the tests, on a database that is gone afterwards."""
    env = environment(os.environ, DJANGO_SETTINGS_MODULE="etop_crf.settings_test", PYTHONUNBUFFERED="1", **changes)
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env).returncode


def bench(arguments: list[str]) -> int:
    ensure_environment(DEVELOPMENT)
    command = [PYTHON, "manage.py", "bench", *arguments]
    status = throw_away(command, TEST_DATABASE_URL=None)
    if os.environ.get("TEST_DATABASE_URL"):
        # The wait for the disk comes in steps of milliseconds and would hide everything else.
        status = throw_away(command, PGOPTIONS="-c synchronous_commit=off") or status
    return status


def fuzz(arguments: list[str]) -> int:
    ensure_environment(DEVELOPMENT)
    suite = Suite()
    env = environment(os.environ, FUZZ_EXAMPLES="1000", TEST_DATABASE_URL=None, PYTHONUNBUFFERED="1")
    suite.pytest("fuzz", "a thousand examples a form", ["tests/fuzz", "-o", "faulthandler_timeout=0", *arguments], env)
    return suite.close()


COMMANDS = {"demo": demo, "test": test, "bench": bench, "fuzz": fuzz}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr if arguments[:1] not in (["-h"], ["--help"]) else sys.stdout)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    # A closed terminal or a service manager ends the children as Ctrl+C does.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: sys.exit(128 + number))
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except Stop as reason:
        print(f"run.py: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
