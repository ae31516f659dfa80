"""The benchmark: the site against its budgets, as ratios to a bare form post in the same run where time is measured.

It is also a URLconf, so that the bare form is posted through the same middleware as the real one.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django import forms
from django.conf import settings
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone
from simple_history.models import HistoricalRecords

from etop_crf.urls import urlpatterns as real_urlpatterns

UNTIL = datetime(2027, 6, 1, 12, 0, tzinfo=UTC)
ROUNDS = 9
TIMES = 100  # how many trials the large export holds


@dataclass
class Figure:
    """One measured number with what it may be at most."""

    name: str
    value: float
    unit: str
    budget: float

    @property
    def over(self) -> bool:
        return self.value > self.budget


# ---- the bare form --------------------------------------------------------------------------------------------------


def bare_model(like: type) -> type[models.Model]:
    """A plain model with the 24 text fields of a form and simple-history, nothing else."""
    columns = {name: like._meta.get_field(name).clone() for name in like.questions()}
    columns["note"] = models.CharField(max_length=200, blank=True, default="")
    columns["remark"] = models.CharField(max_length=200, blank=True, default="")
    meta = type("Meta", (), {"app_label": "etop_crf"})
    return type("Bare", (models.Model,), {**columns, "history": HistoricalRecords(), "Meta": meta, "__module__": __name__})


_bare: dict[str, type] = {}


def bare(request, pk):
    """Post of the bare ModelForm, logged in, in one transaction."""
    model = _bare["model"]
    form = _bare["form"](request.POST, instance=model.objects.get(pk=pk))
    if not form.is_valid():
        return HttpResponse(status=422)
    with transaction.atomic():
        form.save()
    return redirect("home")


urlpatterns = [*real_urlpatterns, path("bare/<int:pk>/", bare)]


# ---- measuring ------------------------------------------------------------------------------------------------------


def cpu(act: Callable[[int], object], times: int = 40) -> float:
    """CPU milliseconds of one call, mean of ``times``."""
    start = time.process_time()
    for n in range(times):
        act(n)
    return (time.process_time() - start) / times * 1000


def ratio(act: Callable[[int], object], base: Callable[[int], object]) -> float:
    """Median over interleaved rounds of CPU(act) / CPU(base), order reversed each round."""
    for each in (act, base):
        cpu(each, 10)
    found = []
    for n in range(ROUNDS):
        if n % 2:
            below, above = cpu(base), cpu(act)
        else:
            above, below = cpu(act), cpu(base)
        found.append(above / below)
    return statistics.median(found)


def p95(act: Callable[[], object], times: int = 40) -> float:
    """95th percentile of wall milliseconds."""
    act()
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        spans.append((time.perf_counter() - start) * 1000)
    return sorted(spans)[int(times * 0.95) - 1]


def once(act: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


# ---- figures --------------------------------------------------------------------------------------------------------


def client_of(username: str) -> Client:
    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def save_figures() -> Iterator[Figure]:
    """Saving a form of 24 fields, three of them changed, one query opened or closed."""
    from crf import registry
    from crf.models import State

    model = bare_model(registry.form("AE"))
    _bare.update(model=model, form=forms.modelform_factory(model, exclude=[], formfield_callback=lambda f: f.formfield()))
    with connection.schema_editor() as editor:
        editor.create_model(model)
        editor.create_model(model.history.model)
    with transaction.atomic():
        row = model.objects.create()
    event = registry.form("AE").objects.filter(voided=False, serious="N", state=State.SUBMITTED).first()
    number, site = event.patient.number, event.patient.site.code.lower()
    client = client_of(f"coordinator.{site}")
    url = f"/patients/{number}/form/AE/{event.row}/"
    answers = {name: getattr(event, name) or "" for name in registry.form("AE").questions()}
    posted = {}
    for name, value in answers.items():
        if name in ("started_on", "ended_on", "aware_on"):
            year, month, day = [*str(value).split("-"), "", ""][:3]
            posted |= {f"{name}_0": day, f"{name}_1": month, f"{name}_2": year}
        else:
            posted[name] = value
    version = [event.version]

    def save(n: int):
        # "Dose reduced" is a query, since the protocol foresees no such dose; the next save closes it again.
        odd = version[0] % 2
        changes = {
            "action_taken": "DOSE REDUCED" if odd else "DOSE NOT CHANGED", "relationship": "Y" if odd else "N",
            "term_specify": f"text {version[0]}",
        }  # fmt: skip
        data = {**posted, **changes, "base_version": version[0], "action": "submit", "change_reason": "benchmark"}
        response = client.post(url, data)
        assert response.status_code == 302, response.content.decode()[:3000]  # noqa: S101  a wrong post measures nothing
        version[0] += 1

    turn = [0]

    def plain(n: int):
        turn[0] += 1
        changed = {"term_specify": f"text {turn[0]}", "note": f"text {turn[0]}", "remark": f"text {turn[0]}"}
        response = client.post(f"/bare/{row.pk}/", {**posted, **changed})
        assert response.status_code == 302  # noqa: S101

    save(0)
    counts = []
    for n in range(4):
        with CaptureQueriesContext(connection) as queries:
            save(n)
        counts.append(len(queries))
    yield Figure("save_form_queries", max(counts), "queries", 16 + 8 + 4)
    yield Figure("save_form_cpu", ratio(save, plain), "x bare post", 2.5 if connection.vendor == "sqlite" else 3.0)


def page_figures() -> Iterator[Figure]:
    """Casebook and matrix."""
    from patients.models import Patient

    client = client_of("data.manager")
    longest = Patient.objects.filter(enrolment_number__isnull=False).order_by("enrolment_number").first()
    for name, url, budget in (("casebook", f"/patients/{longest.number}/", 150), ("matrix", "/patients/", 300)):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        yield Figure(f"{name}_queries", len(queries), "queries", 10)
        yield Figure(f"{name}_p95", p95(lambda url=url: client.get(url)), "ms", budget)


def eligibility_figures() -> Iterator[Figure]:
    """The eligibility page of a fully entered patient; the budget allows one query a fact form beside the twelve."""
    from patients.models import Patient
    from protocol.eligibility import NEEDS

    client = client_of("data.manager")
    first = Patient.objects.filter(enrolment_number__isnull=False).order_by("enrolment_number").first()
    url = f"/patients/{first.number}/eligibility/"
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    yield Figure("eligibility_queries", len(queries), "queries", 12 + len(NEEDS))
    yield Figure("eligibility_p95", p95(lambda: client.get(url)), "ms", 150)


def recheck_figure() -> Iterator[Figure]:
    """Every rule over the whole trial."""
    from crf.actions import recheck
    from patients.models import Patient

    yield Figure("recheck_all_rules", once(lambda: recheck(Patient.objects.select_related("site"))), "s", 5)


def export_figures() -> Iterator[Figure]:
    """A full export; then of many times the rows: per row no dearer, and no more memory."""
    from audit.context import SYSTEM
    from exports.actions import export

    def run(name: str):
        return export(to=folder / name, format="csv", by=SYSTEM, as_of=None)

    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        run("warm")
        single = once(lambda: run("one"))
        yield Figure("export_csv", single, "s", 5)
        small = _peak(lambda: run("small"))
        multiply(TIMES)
        many = once(lambda: run("many"))
        yield Figure(f"export_csv_{TIMES}x", many / single / TIMES, "x linear", 1.3)
        yield Figure(f"export_csv_{TIMES}x_memory", _peak(lambda: run("large")) / small, "x export_csv", 1.5)
    finally:
        shutil.rmtree(folder)


def _peak(act: Callable[[], object]) -> float:
    tracemalloc.start()
    act()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def multiply(times: int) -> None:
    """Copy every clinical row and its history with shifted keys; only here, in a throw-away database."""
    from audit import triggers
    from crf import registry

    with triggers.lifted(), transaction.atomic(), connection.cursor() as cursor:
        for form in registry.forms():
            for model in (form, form.history.model):
                table, pk = model._meta.db_table, model._meta.pk.column
                names = [field.column for field in model._meta.concrete_fields]
                cursor.execute(f'SELECT coalesce(max("{pk}"), 0), coalesce(max(id), 0) FROM "{table}"')  # noqa: S608
                top, last = cursor.fetchone()
                for n in range(1, times):
                    shifted = {pk: f'"{pk}" + {top * n}', "id": f"id + {last * n}", "entry_token": "NULL", "row": f'"row" + {1000 * n}',
                               "voided": "voided"}  # fmt: skip
                    if form.visits and model is form:
                        shifted["voided"] = "TRUE" if connection.vendor == "postgresql" else "1"  # one live record a visit
                    values = ", ".join(shifted.get(name, f'"{name}"') for name in names)
                    columns = ", ".join(f'"{name}"' for name in names)
                    cursor.execute(  # noqa: S608  our own names
                        f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}" WHERE "{pk}" <= {top}'  # noqa: S608
                    )


def trail_figures() -> Iterator[Figure]:
    """The page over all changes with a million rows against ten thousand."""
    from audit.models import Change

    client = client_of("data.manager")
    change = Change.objects.exclude(patient="").order_by("-id").first()
    urls = {
        "first_page": "/changes/",
        "site": f"/changes/?site={change.site}",
        "patient": f"/changes/?patient={change.patient}",
        "form": f"/changes/?form={change.form}",
        "user": f"/changes/?user={change.actor}",
        "date": f"/changes/?from={change.at:%Y-%m-%d}&to={change.at:%Y-%m-%d}",
        "after_sdv": "/changes/?after_sdv=1",
    }
    grow_trail(10_000)
    few = {name: statistics.median(cpu(lambda n, url=url: client.get(url), 20) for _ in range(3)) for name, url in urls.items()}
    grow_trail(1_000_000)
    for name, url in urls.items():
        many = statistics.median(cpu(lambda n, url=url: client.get(url), 20) for _ in range(3))
        yield Figure(f"changes_million_{name}", many / few[name], "x ten thousand", 1.2)


NEWEST = 5_000  # rows at the end of the trail that stay the same, so that both sizes show the same pages


def grow_trail(rows: int) -> None:
    """Copy the trail's rows until there are so many; the newest ones are again those that were the newest before."""
    from audit import triggers
    from audit.models import Change

    names = [field.column for field in Change._meta.concrete_fields if field.column not in ("id", "line")]
    columns = ", ".join(f'"{name}"' for name in names)
    newest = list(Change.objects.order_by("-id").values_list("id", flat=True)[:NEWEST])

    def copy(which: str) -> None:
        cursor.execute("SELECT max(line) FROM audit_change")
        line = cursor.fetchone()[0] + 1
        cursor.execute(
            f"INSERT INTO audit_change (line, {columns}) SELECT line + {line}, {columns} FROM audit_change {which}"  # noqa: S608
        )

    with triggers.lifted(), transaction.atomic(), connection.cursor() as cursor:
        while (missing := rows - NEWEST - Change.objects.count()) > 0:
            copy(f"ORDER BY id LIMIT {missing}")
        copy(f"WHERE id BETWEEN {newest[-1]} AND {newest[0]} ORDER BY id")
        cursor.execute("ANALYZE")


def clone_figure() -> Iterator[Figure]:
    """Clone, environment, demo data: everything before the first page."""
    git = shutil.which("git")
    if git is None or not (Path(settings.BASE_DIR) / ".git").exists():
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run([git, "clone", "-q", str(settings.BASE_DIR), str(clone)], check=True)  # noqa: S603
        command = [sys.executable, "run.py", "demo", "--no-serve"]
        yield Figure("fresh_clone_to_demo", once(lambda: subprocess.run(command, cwd=clone, check=True, capture_output=True)), "s", 60)  # fmt: skip  # noqa: E501, S603


PARTS = {
    "save": save_figures, "page": page_figures, "eligibility": eligibility_figures, "recheck": recheck_figure, "export": export_figures,
    "trail": trail_figures, "clone": clone_figure,
}  # fmt: skip


def run(*, only: str, patients: int, out) -> list[str]:
    """Build the trial, measure, print; returns the names of the figures above their budget."""
    from demo.build import build

    figures: list[Figure] = []
    with override_settings(ROOT_URLCONF="etop_crf.bench", DEBUG=False):
        if any(not only or name.startswith(only) for name in PARTS if name != "clone"):
            took = once(lambda: build(patients=patients, seed=1, until=UNTIL))
            out.write(f"{timezone.now():%H:%M:%S} {patients} patients simulated in {took:.0f} s on {connection.vendor}")
        for name, part in PARTS.items():
            if not only or name.startswith(only):
                figures += part()
    out.write(f"{'figure':34}{'value':>12}  {'unit':18}{'budget':>8}")
    for each in figures:
        out.write(f"{each.name:34}{each.value:12.2f}  {each.unit:18}{each.budget:8g}{'  ABOVE' if each.over else ''}")
    for each in figures:
        out.write(json.dumps({**asdict(each), "value": round(each.value, 3)}))
    return [each.name for each in figures if each.over]
