"""The house as the plan draws it: who imports whom, how views reach data, how long things may get."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.nodb

ROOT = Path(__file__).resolve().parent.parent
# Each room may import only from rooms before its own; rooms of one line do not know each other.
HOUSE = (
    ("protocol",),
    ("audit",),
    ("accounts",),
    ("patients",),
    ("review",),
    ("crf",),
    ("screening", "dosing", "adverse_events", "assessments", "follow_up"),
    ("exports",),
    ("demo",),
    ("etop_crf",),
)
FLOOR = {room: floor for floor, rooms in enumerate(HOUSE) for room in rooms}
FILE_LINES, FUNCTION_LINES, VIEW_LINES = 600, 60, 20


def files(*rooms: str) -> list[Path]:
    """Every Python file of some rooms (of all), without migrations."""
    found = (path for room in rooms or FLOOR for path in sorted((ROOT / room).rglob("*.py")))
    return [path for path in found if "migrations" not in path.parts]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, top package) of every import, those inside functions and by name included."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, path.relative_to(ROOT).parts[0] if node.level else (node.module or "").split(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "import_string", "__import__")):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value.split(".")[0]


def by_file(*rooms: str):
    return pytest.mark.parametrize("path", files(*rooms), ids=named)


# ---- who imports whom ------------------------------------------------------------------------------------------------


def test_every_package_has_its_place():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages == set(FLOOR)
    apps = {app.split(".")[0] for app in settings.INSTALLED_APPS} & set(FLOOR)
    assert apps == set(FLOOR) - {"protocol"}


def wrong_imports(path: Path) -> list[str]:
    room = path.relative_to(ROOT).parts[0]
    return [
        f"{named(path)}:{line} imports {other}"
        for line, other in imports(path)
        if other == "tests" or (other in FLOOR and other != room and FLOOR[other] >= FLOOR[room])
    ]


def test_imports_go_one_way():
    assert [wrong for path in files() for wrong in wrong_imports(path)] == []


def test_the_protocol_is_plain_python():
    """No Django, no library, no database: what a statistician can read and run anywhere."""
    allowed = set(sys.stdlib_module_names) | {"protocol"}
    wrong = [f"{named(path)}:{line} imports {name}" for path in files("protocol") for line, name in imports(path) if name not in allowed]
    assert wrong == []


def test_the_protocol_runs_without_django():
    code = "import sys, pkgutil, importlib, protocol\n" \
           "for m in pkgutil.walk_packages(protocol.__path__, 'protocol.'): importlib.import_module(m.name)\n" \
           "assert not [m for m in sys.modules if m.split('.')[0] in ('django', 'audit', 'crf', 'sqlite3')]"  # fmt: skip
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_audit_names_no_form_and_no_table_of_others():
    """It must go on working whatever forms there are."""
    codes = {node.value.value for path in files(*HOUSE[6]) for node in ast.walk(tree(path))
             if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code" and isinstance(node.value, ast.Constant)}  # fmt: skip
    assert len(codes) > 5
    wrong = [f"{named(path)}:{node.lineno} {node.value}" for path in files("audit") for node in ast.walk(tree(path))
             if isinstance(node, ast.Constant) and node.value in codes]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize(
    ("room", "source", "wrong"),
    [
        ("crf", "from screening.models import Demographics", True),
        ("crf", "def f():\n    import exports.actions", True),
        ("crf", "importlib.import_module('dosing.models')", True),
        ("dosing", "from adverse_events import models", True),
        ("audit", "import accounts", True),
        ("etop_crf", "from tests.conftest import World", True),
        ("dosing", "from . import models", False),
        ("dosing", "from crf.models import Crf", False),
        ("crf", "import csv, django.http", False),
        ("etop_crf", "from exports import views", False),
    ],
)
def test_the_check_itself(room, source, wrong, monkeypatch):
    path = ROOT / room / "made_up.py"
    monkeypatch.setattr(f"{__name__}.tree", lambda path: ast.parse(source))
    assert bool(wrong_imports(path)) is wrong


# ---- how views reach data --------------------------------------------------------------------------------------------

DOORS = ("objects", "_base_manager", "_default_manager", "history", "raw", "cursor")


def reaches(node: ast.AST) -> list[int]:
    return [each.lineno for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr in DOORS]


def test_views_ask_the_doors():
    """patients.access, the registry and the lists know whose patients a person may see; a view does not ask a model."""
    views = [path for path in files() if path.name == "views.py"]
    assert len(views) >= 4
    assert [f"{named(path)}:{line}" for path in views for line in reaches(tree(path))] == []


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(node: ast.FunctionDef) -> int:
    """Lines from ``def`` to the end, the docstring left out."""
    return node.end_lineno - node.lineno + 1 - (node.body[0].end_lineno - node.body[0].lineno + 1 if ast.get_docstring(node) else 0)


def test_a_view_fits_the_eye():
    views = [(path, node) for path in files() if path.name == "views.py" for node in functions(path)]
    long = [f"{named(path)}:{node.lineno} {node.name} {length(node)}" for path, node in views if length(node) > VIEW_LINES]
    assert long == []


def test_no_function_is_endless():
    long = [f"{named(path)}:{node.lineno} {node.name} {length(node)}" for path in files() for node in functions(path) if length(node) > FUNCTION_LINES]
    assert long == []


def test_no_file_is_endless():
    every = [*files(), *sorted((ROOT / "tests").rglob("*.py")), ROOT / "run.py"]
    long = {named(path): lines for path in every if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES}
    assert long == {}


def test_no_signals_of_our_own_beyond_audit():
    wrong = [f"{named(path)}:{node.lineno}" for path in files(*set(FLOOR) - {"audit"}) for node in ast.walk(tree(path))
             if (isinstance(node, ast.ImportFrom) and "signals" in (node.module or "")) or (isinstance(node, ast.Name) and node.id == "receiver")]  # fmt: skip
    assert wrong == []


def test_one_clock():
    """All time comes from audit.clock: a test or a simulation sets one clock and everything follows."""
    asks = re.compile(r"\b(timezone\.now|datetime\.now|datetime\.utcnow|date\.today|datetime\.today|time\.time)\(")
    found = [named(path) for path in files() if asks.search(path.read_text(encoding="utf-8"))]
    assert [name for name in found if name not in ("audit/clock.py", "etop_crf/bench.py")] == []


def test_no_print_and_no_debugger():
    wrong = [f"{named(path)}:{node.lineno}" for path in files() for node in ast.walk(tree(path))
             if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "breakpoint", "pdb.set_trace")
             and named(path) not in ("etop_crf/bench.py",)]  # fmt: skip
    assert wrong == []


# ---- models ----------------------------------------------------------------------------------------------------------


def test_three_levels_of_inheritance_at_most():
    """AuditedModel → Crf → TheForm."""
    from audit.models import AuditedModel, audited_models
    from crf.models import Crf

    for model in audited_models():
        line = [base for base in model.__mro__ if issubclass(base, AuditedModel)]
        assert len(line) <= 3, line
        if issubclass(model, Crf):
            assert line[1:] == [Crf, AuditedModel]


def test_no_model_takes_a_field_of_its_base():
    """A question called version would be the number of times that the row was written."""
    from audit.models import AuditedModel, audited_models

    base = {field.name: type(field) for field in AuditedModel._meta.fields}
    wrong = [(model.__name__, name) for model in audited_models() for name, kind in base.items()
             if type(model._meta.get_field(name)) is not kind]  # fmt: skip
    assert base and wrong == []


def test_a_form_has_no_mixin():
    from crf import registry

    assert [form.__name__ for form in registry.forms() if len(form.__bases__) != 1] == []


def test_clinical_models_are_all_audited():
    from django.apps import apps

    from audit.models import AppendOnly, AuditedModel

    bare = [m.__name__ for m in apps.get_models() if m.__module__.split(".")[0] in FLOOR and not m.__name__.startswith("Historical")
            and not issubclass(m, AuditedModel | AppendOnly)]  # fmt: skip
    assert bare == ["ChainHead"]


def test_migrations_match_the_models():
    """As ``makemigrations --check``, without a database."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None)
    found = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    assert {app: [operation.describe() for m in todo for operation in m.operations] for app, todo in found.items()} == {}
    assert loader.detect_conflicts() == {}


def test_no_migration_fills_the_database():
    """Sites and users come from audited commands; stored values change through audit.migration_rewrite alone."""
    for path in sorted(ROOT.glob("*/migrations/0*.py")):
        text = path.read_text(encoding="utf-8")
        assert "RunSQL" not in text, named(path)
        assert "RunPython" not in text or "migration_rewrite" in text, named(path)


# ---- requirements ----------------------------------------------------------------------------------------------------


def lines(name: str) -> list[str]:
    return [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if line.strip()]


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
def test_every_library_says_why_it_is_here(name):
    libraries = [line for line in lines(name) if not line.startswith(("#", "-r"))]
    assert libraries
    assert [line for line in libraries if not re.search(r"\S\s+# \S.{9,}", line)] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_has_what_is_asked_for_with_hashes_and_no_address(name):
    wanted = {re.match(r"[a-z0-9-]+", line)[0] for line in lines(f"{name}.in") if not line.startswith(("#", "-r"))}
    pinned = {match[1] for line in lines(f"{name}.txt") if (match := re.match(r"([a-z0-9.-]+)(\[\w+\])?==", line))}
    assert wanted <= pinned
    text = (ROOT / f"{name}.txt").read_text(encoding="utf-8")
    assert text.count("--hash=sha256:") >= len(pinned)
    assert not re.search(r"https?://|--index-url|--extra-index|--find-links", text)
