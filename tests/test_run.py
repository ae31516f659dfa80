"""run.py: what it decides, without building an environment, and the processes it can start cheaply."""

import json
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import run
from tests import plugin_noskip

pytestmark = pytest.mark.nodb

ROOT = Path(run.__file__).resolve().parent


# --- environment of the children -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE", "PIP_USER", "PIP_TARGET", "DATABASE_URL", "SECRET_KEY", "EMAIL_HOST"],
)
def test_children_do_not_inherit_what_leads_them_astray(name):
    assert run.environment({name: "elsewhere", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_children_inherit_the_rest_with_changes():
    before = {"PATH": "/bin", "TEST_DATABASE_URL": "postgres://x/y", "CI": "true"}
    assert run.environment(before, TEST_DATABASE_URL=None, DATABASE_URL="sqlite:////x") == {
        "PATH": "/bin",
        "CI": "true",
        "DATABASE_URL": "sqlite:////x",
    }
    assert before["TEST_DATABASE_URL"] == "postgres://x/y"


# --- the stamp -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [("lock two", "3.11.7", "linux"), ("lock one", "3.11.8", "linux"), ("lock one", "3.11.7", "win"), ("lock one ", "3.11.7", "linux")],
)
def test_the_stamp_changes_with_lock_python_and_platform(other):
    assert run.stamp("lock one", "3.11.7", "linux") == run.stamp("lock one", "3.11.7", "linux")
    assert run.stamp(*other) != run.stamp("lock one", "3.11.7", "linux")


class Environment:
    """A tree with two locks and a stand-in for `.venv`; pip and venv only note that they were called."""

    def __init__(self, root, monkeypatch):
        self.root, self.calls, self.pip_fails = root, [], False
        for name, path in {"ROOT": "", "VENV": ".venv", "PYTHON": ".venv/python", "RUNTIME": "requirements.txt"}.items():
            monkeypatch.setattr(run, name, root / path)
        monkeypatch.setattr(run, "DEVELOPMENT", root / "requirements-dev.txt")
        monkeypatch.setattr(run, "create_environment", self.create)
        monkeypatch.setattr(run.subprocess, "run", self.pip)
        run.RUNTIME.write_text("django==5.2\n")
        run.DEVELOPMENT.write_text("django==5.2\npytest==9\n")

    def create(self):
        self.calls.append("create")
        shutil.rmtree(run.VENV, ignore_errors=True)
        run.VENV.mkdir()
        run.PYTHON.touch()

    def pip(self, command, **options):
        assert "--require-hashes" in command
        assert command[command.index("--only-binary") + 1] == ":all:"
        assert options["env"]["PIP_USER"] == "0"
        assert not list(run.VENV.glob("*.stamp")), "while pip works no stamp may say that the environment is complete"
        self.calls.append(command[-1].name)
        return subprocess.CompletedProcess(command, int(self.pip_fails))

    def ensure(self, lock):
        self.calls.clear()
        run.ensure_environment(lock)
        return list(self.calls)


@pytest.fixture
def environment(tmp_path, monkeypatch):
    return Environment(tmp_path, monkeypatch)


def test_an_environment_is_made_once(environment):
    assert environment.ensure(run.RUNTIME) == ["create", "requirements.txt"]
    assert environment.ensure(run.RUNTIME) == []


def test_the_tests_are_installed_on_top_and_the_demo_needs_no_second_time(environment):
    environment.ensure(run.RUNTIME)
    assert environment.ensure(run.DEVELOPMENT) == ["requirements-dev.txt"]
    assert environment.ensure(run.DEVELOPMENT) == []
    assert environment.ensure(run.RUNTIME) == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_changed_lock_makes_the_environment_anew(environment, name):
    environment.ensure(run.RUNTIME)
    environment.ensure(run.DEVELOPMENT)
    (environment.root / name).write_text("django==5.3\n")
    assert environment.ensure(run.RUNTIME) == ["create", "requirements.txt"]


def test_a_half_made_environment_is_made_anew(environment):
    environment.ensure(run.RUNTIME)
    environment.pip_fails = True
    with pytest.raises(run.Stop, match="pip could not install requirements-dev.txt"):
        environment.ensure(run.DEVELOPMENT)
    environment.pip_fails = False
    assert environment.ensure(run.RUNTIME) == ["create", "requirements.txt"]


def test_an_environment_without_its_python_is_made_anew(environment):
    environment.ensure(run.RUNTIME)
    run.PYTHON.unlink()
    assert environment.ensure(run.RUNTIME) == ["create", "requirements.txt"]


def test_a_missing_venv_module_is_one_sentence(monkeypatch):
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(run.Stop, match="apt install python3-venv"):
        run.create_environment()


def test_the_lock_of_the_tests_holds_the_lock_of_the_site():
    """The demo and the tests share one environment, so they must not pull it two ways."""

    def pins(path):
        return {line.split()[0] for line in path.read_text().splitlines() if "==" in line and line[0] not in " #"}

    site = pins(ROOT / "requirements.txt")
    assert len(site) >= 8
    assert site <= pins(ROOT / "requirements-dev.txt")


# --- demo ----------------------------------------------------------------------------------------------------------------------


def test_a_busy_port_is_one_sentence_that_names_another():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(run.Stop, match=rf"Port {port} is in use.*--port {port + 1}"):
            run.refuse_busy_port(port)
    run.refuse_busy_port(port)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_that_cannot_be_is_refused(port, capsys):
    with pytest.raises(SystemExit) as refusal:
        run.demo(["--port", port])
    assert refusal.value.code == 2
    assert "port" in capsys.readouterr().err


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "key"
    run.ensure_key(path)
    key = path.read_text()
    assert len(key.strip()) >= 64
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    run.ensure_key(path)
    assert path.read_text() == key
    path.write_text("")  # killed while writing
    run.ensure_key(path)
    assert len(path.read_text().strip()) >= 64
    assert path.read_text() != key


def test_the_fingerprint_of_the_demo_sees_every_source(tmp_path):
    files = ["crf/migrations/0001_initial.py", "demo/story.py", "demo/data/names.csv", "protocol/data/terms.csv"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    seen = {run.fingerprint(tmp_path)}
    for name in files:
        (tmp_path / name).write_text("two")
        seen.add(run.fingerprint(tmp_path))
    (tmp_path / "demo/story.py").rename(tmp_path / "demo/tale.py")
    seen.add(run.fingerprint(tmp_path))
    assert len(seen) == len(files) + 2
    (tmp_path / "README.md").write_text("not a source")
    assert run.fingerprint(tmp_path) in seen


def wal_database(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("INSERT INTO t VALUES (1)")
    connection.commit()
    return connection


def test_a_settled_database_is_one_file(tmp_path):
    path = tmp_path / "demo.sqlite3.part"
    # As after a crash: the log still holds the rows.
    code = "import sys; sys.path.insert(0, sys.argv[1]); from tests.test_run import wal_database; c = wal_database(sys.argv[2]); import os; os._exit(0)"
    subprocess.run([sys.executable, "-c", code, ROOT, path], check=True)
    assert path.with_name(path.name + "-wal").stat().st_size
    run.settle(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT x FROM t").fetchall() == [(1,)]
    connection.close()
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_database_in_use_is_not_settled(tmp_path):
    path = tmp_path / "demo.sqlite3"
    other = wal_database(path)
    try:
        with pytest.raises(run.Stop, match="demo.sqlite3 is in use"):
            run.settle(path)
    finally:
        other.close()
    run.settle(path)


class Demo:
    """The demo's files in a temporary tree; `manage` writes the database that build_demo would."""

    def __init__(self, root, monkeypatch):
        self.root, self.calls, self.fails = root, [], False
        monkeypatch.setattr(run, "ROOT", root)
        monkeypatch.setattr(run, "DEMO", root / "demo.sqlite3")
        monkeypatch.setattr(run, "manage", self.manage)
        (root / "demo").mkdir()
        (root / "demo/story.py").write_text("one")

    def manage(self, command, **changes):
        self.calls.append((command, Path(changes["DATABASE_URL"].removeprefix("sqlite:///")).name))
        if command == "build_demo":
            connection = wal_database(self.root / "demo.sqlite3.part")
            connection.execute("INSERT INTO t VALUES (2)")
            if not self.fails:
                connection.commit()
            connection.close()
        return int(self.fails)

    def ensure(self):
        self.calls.clear()
        run.ensure_demo()
        return list(self.calls)

    def files(self):
        return sorted(path.name for path in self.root.glob("demo.sqlite3*"))


@pytest.fixture
def demo(tmp_path, monkeypatch):
    return Demo(tmp_path, monkeypatch)


def test_the_demo_is_built_under_another_name_and_once(demo):
    assert demo.ensure() == [("build_demo", "demo.sqlite3.part")]
    assert demo.files() == ["demo.sqlite3", "demo.sqlite3.stamp"]
    with sqlite3.connect(run.DEMO) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)
    connection.close()
    assert demo.ensure() == [("demo_accounts", "demo.sqlite3")]


def test_a_demo_that_fails_is_not_served(demo):
    demo.fails = True
    with pytest.raises(run.Stop, match="could not be made"):
        demo.ensure()
    assert not run.DEMO.exists()
    demo.fails = False
    assert demo.ensure() == [("build_demo", "demo.sqlite3.part")]


def test_changed_sources_build_it_anew_and_keep_the_old(demo, capsys):
    demo.ensure()
    before = run.DEMO.read_bytes()
    (demo.root / "demo/story.py").write_text("two")
    assert demo.ensure() == [("build_demo", "demo.sqlite3.part")]
    assert "is made anew, the old one is kept as demo.sqlite3.old" in capsys.readouterr().out
    assert (demo.root / "demo.sqlite3.old").read_bytes() == before
    assert demo.files() == ["demo.sqlite3", "demo.sqlite3.old", "demo.sqlite3.stamp"]


def test_a_demo_that_is_being_served_is_not_replaced(demo):
    demo.ensure()
    (demo.root / "demo/story.py").write_text("two")
    other = sqlite3.connect(run.DEMO)
    try:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("SELECT count(*) FROM t").fetchall()
        with pytest.raises(run.Stop, match="in use"):
            demo.ensure()
    finally:
        other.close()
    assert demo.calls == []
    assert demo.files() == ["demo.sqlite3", "demo.sqlite3.stamp"]


# --- counting tests ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "status", "ci", "expected"),
    [
        ({"passed": 5, "failed": 0, "skipped": 0}, 0, True, (5, 0, 0)),
        ({"passed": 5, "failed": 2, "skipped": 1}, 1, False, (5, 2, 1)),
        ({"passed": 5, "failed": 0, "skipped": 1}, 0, False, (5, 0, 1)),
        ({"passed": 5, "failed": 0, "skipped": 1}, 1, True, (5, 1, 0)),
        ({"passed": 0, "failed": 0, "skipped": 0}, 5, False, (0, 1, 0)),  # no test found
        ({"passed": 0, "failed": 0, "skipped": 3}, 0, False, (0, 1, 3)),  # nothing but skipped
        ({"passed": 5, "failed": 0, "skipped": 0}, 2, False, (5, 1, 0)),  # interrupted
        ("", 0, False, (0, 1, 0)),  # the counts were never written
        ("", -9, True, (0, 1, 0)),  # killed
    ],
)
def test_a_run_that_is_not_whole_has_failed(counts, status, ci, expected):
    assert run.summary(json.dumps(counts) if counts else "", status, ci=ci) == expected


def test_the_closing_line_is_the_one_that_other_programs_read(capsys):
    suite = run.Suite()
    suite.add("sqlite", "tests", 1, 5, 0)
    suite.add("postgresql", "tests", 1, 4, 1)
    assert suite.close() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "9 passed, 1 failed"
    assert run.closing_line(9, 0, 2) == "9 passed, 0 failed, 2 skipped"
    assert run.Suite().close() == 1, "a run without a test has not passed"


def test_a_command_counts_by_its_exit_status(capsys):
    suite = run.Suite()
    for code in (0, 3):
        suite.check("checks", f"exit {code}", [sys.executable, "-c", f"print('out'); raise SystemExit({code})"], dict(os.environ))
    assert (suite.passed, suite.failed) == (1, 1)
    assert "checks     | out" in capsys.readouterr().out


SAMPLE = """
import pytest
def test_good(): pass
@pytest.mark.commits
def test_commits(): pass
@pytest.mark.browser
def test_browser(): pass
def test_last_in_the_file(): pass
@pytest.mark.xfail
def test_known(): assert False
"""


def pytest_run(directory, source, *arguments, **env):
    """A pytest of its own with the plugin and without this project's settings."""
    (directory / "test_sample.py").write_text(source)
    (directory / "pytest.ini").write_text("[pytest]\nmarkers =\n  nodb\n  browser\n  commits\n")
    counts = directory / "counts.json"
    # Only what the plugin needs: the other plugins would look for Django.
    env = run.environment(os.environ, PYTHONPATH=str(ROOT), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", CI=None) | env
    env["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.plugin_noskip", "-p", "no:cacheprovider", "--counts", counts, "-v", *arguments],
        cwd=directory,
        env=env,
        capture_output=True,
        text=True,
    )
    return done, json.loads(counts.read_text()) if counts.exists() else None


def test_commits_run_last_and_browser_after_them(tmp_path):
    done, counts = pytest_run(tmp_path, SAMPLE, CHROMIUM=sys.executable)
    order = [line.split("::")[1].split(" ")[0] for line in done.stdout.splitlines() if "::" in line and "%" in line]
    assert order == ["test_good", "test_last_in_the_file", "test_known", "test_commits", "test_browser"], done.stdout
    assert done.returncode == 0
    assert counts == {"passed": 5, "failed": 0, "skipped": 0}


def test_without_chromium_browser_tests_are_skipped_and_ci_fails(tmp_path):
    done, counts = pytest_run(tmp_path, SAMPLE, "-rs", CHROMIUM="/no/such/browser")
    assert (done.returncode, counts) == (0, {"passed": 4, "failed": 0, "skipped": 1})
    assert "Chromium is not installed" in done.stdout
    done, counts = pytest_run(tmp_path, SAMPLE, CHROMIUM="/no/such/browser", CI="true")
    assert (done.returncode, counts) == (1, {"passed": 4, "failed": 0, "skipped": 1})
    assert "counts as failed: test_sample.py::test_browser" in done.stdout


@pytest.mark.parametrize("ci", ["", "true"])
@pytest.mark.parametrize(
    "source",
    ["import pytest\npytest.skip('whole file', allow_module_level=True)\n", "import pytest\ndef test(): pytest.skip('inside')\n"],
)
def test_no_kind_of_skip_escapes(tmp_path, source, ci):
    done, counts = pytest_run(tmp_path, source + "\ndef test_other(): pass\n", CI=ci)
    assert counts["skipped"] == 1
    assert run.summary(json.dumps(counts), done.returncode, ci=bool(ci))[1] == (1 if ci or not counts["passed"] else 0)


def test_what_lies_under_protocol_needs_no_mark():
    assert plugin_noskip.PROTOCOL == ROOT / "tests" / "protocol"


# --- the command line ----------------------------------------------------------------------------------------------------------


def test_an_unknown_command_shows_the_four(capsys):
    assert run.main(["deploy"]) == 2
    shown = capsys.readouterr().err
    assert all(f"run.py {command}" in shown for command in ("demo", "test", "bench", "fuzz"))


def test_a_reason_to_stop_is_one_line_without_a_traceback(monkeypatch, capsys):
    def refuse(arguments):
        raise run.Stop("Because.")

    monkeypatch.setitem(run.COMMANDS, "demo", refuse)
    monkeypatch.setattr(run.signal, "signal", lambda *_: None)
    assert run.main(["demo"]) == 1
    assert capsys.readouterr().err == "run.py: Because.\n"


def test_an_old_python_is_told_so():
    code = "import sys, runpy; sys.version_info = (3, 9, 0); runpy.run_path(sys.argv[1], run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code, ROOT / "run.py"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip() == "Python 3.11 or newer is needed; this is Python 3.9."


@pytest.mark.parametrize("url", ["sqlite:////tmp/x.sqlite3", "mysql://x/y", "x"])
def test_only_postgresql_is_the_second_database(url, monkeypatch):
    monkeypatch.setattr(run, "ensure_environment", lambda lock: None)
    monkeypatch.setenv("TEST_DATABASE_URL", url)
    with pytest.raises(run.Stop, match="TEST_DATABASE_URL must be postgres"):
        run.test([])
