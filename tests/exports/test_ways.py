"""The two ways to an export: the command and the page."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.roles import SCOPES, Permission, Role
from audit import clock
from audit.context import SYSTEM
from audit.models import Change
from exports.actions import make_cut
from exports.models import Cut
from tests.exports.conftest import FORMULA

pytestmark = pytest.mark.django_db


# ---- command ---------------------------------------------------------------------------------------------------------


def command(tmp_path, **options) -> str:
    out = io.StringIO()
    call_command("export", out=tmp_path / "out", stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_a_line_a_file(tmp_path, story):
    lines = command(tmp_path).splitlines()
    files = sorted(path.name for path in (tmp_path / "out").iterdir() if path.name != "manifest.json")
    assert sorted(line.split()[1] for line in lines[:-1]) == files
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["sha256"] == lines[-1].split()[0]


def test_the_command_takes_a_moment_and_a_name(tmp_path, world, story):
    user = world.user("STATISTICIAN")
    command(tmp_path, as_of=story.moments["before"].isoformat(), by=user.username)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["created_by"] == user.username
    assert manifest["as_of"] == story.moments["before"].isoformat(timespec="microseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"as_of": "yesterday"}, "no moment"),
        ({"as_of": "0001-01-01T00:00+14:00"}, "no moment"),
        ({"as_of": "2100-01-01"}, "future"),
        ({"cut": "Nowhere"}, "no cut"),
        ({"by": "nobody"}, "nobody who may"),
    ],
)
def test_the_command_refuses_in_a_sentence(tmp_path, options, says):
    with pytest.raises(CommandError, match=says):
        command(tmp_path, **options)
    assert not (tmp_path / "out").exists()


def test_the_command_lends_no_name_to_a_role_without_exports(tmp_path, world):
    with pytest.raises(CommandError, match="nobody who may"):
        command(tmp_path, by=world.user("COORDINATOR", "FR03").username)


def test_the_command_keeps_out_of_a_full_directory(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="no empty directory"):
        command(tmp_path)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_the_command_says_when_the_disk_refuses(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export", out=tmp_path / "file" / "out", stdout=io.StringIO())


# ---- page ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_the_page_is_for_those_who_may_export(world, role):
    sites = ("FR03",) if SCOPES[role].at_sites else ()
    client = world.client(world.user(role, *sites))
    allowed = Permission.EXPORT in SCOPES[role].permits
    assert client.get("/exports/").status_code == (200 if allowed else 403)
    before = Change.objects.filter(form="ACCESS", field__in=("export", "cut")).count(), Cut.objects.count()
    if not allowed:
        for action in ("export", "cut"):
            assert (
                client.post("/exports/", {"action": action, "export-format": "csv", "export-when": "now"}).status_code
                == 403
            )
        assert (
            Change.objects.filter(form="ACCESS", field__in=("export", "cut")).count(),
            Cut.objects.count(),
        ) == before


def test_nobody_gets_in_without_logging_in(client):
    assert client.get("/exports/").status_code == 302


@pytest.fixture
def statistician(world):
    return world.client(world.user("STATISTICIAN"))


def post(client, **answers):
    data = {"action": "export", "export-format": "csv", "export-when": "now"}
    return client.post("/exports/", data | {f"export-{name}": value for name, value in answers.items()})


def zipped(response) -> dict[str, bytes]:
    content = b"".join(response.streaming_content)  # the test client closes the response at its end
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_the_page_gives_a_zip(statistician, story):
    response = post(statistician)
    assert response["Content-Type"] == "application/zip"
    assert "start-lung-csv-" in response["Content-Disposition"]
    files = zipped(response)
    assert {"ae.csv", "ae_void.csv", "codebook.csv", "manifest.json"} <= set(files)
    assert b"'=HYPERLINK" in files["ae_void.csv"] and FORMULA[:3] == "=HY"
    assert "system" not in json.loads(files["manifest.json"])["created_by"]


def test_the_page_takes_a_moment_in_utc(statistician, story):
    moment = story.moments["before"]
    files = zipped(post(statistician, when="moment", as_of=f"{moment:%Y-%m-%d %H:%M:%S.%f}"))
    assert "ae_void.csv" not in files or story.patient.number.encode() not in files["ae_void.csv"]
    assert b"seen in the letter" not in files["audit_trail.csv"]


def test_the_page_names_a_cut_and_exports_it(statistician):
    moment = clock.now() - timedelta(hours=1)
    data = {
        "action": "cut",
        "cut-name": "Interim 1",
        "cut-as_of": f"{moment:%Y-%m-%dT%H:%M:%S}",
        "cut-reason": "interim",
    }
    assert statistician.post("/exports/", data).status_code == 302
    page = statistician.get("/exports/").content.decode()
    assert "Interim 1" in page and "interim" in page
    response = post(statistician, when="cut", cut="Interim 1")
    assert "interim-1" in response["Content-Disposition"]
    one, two = zipped(response), zipped(post(statistician, when="cut", cut="Interim 1"))
    assert {name for name in one if one[name] != two[name]} == {"manifest.json"}
    assert "cut Interim 1" in statistician.get("/exports/").content.decode()


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"format": "sas"}, "Select a valid choice"),
        ({"when": "sometime"}, "Select a valid choice"),
        ({"when": "moment"}, "Enter the moment."),
        ({"when": "moment", "as_of": "5 March"}, "This is no moment."),
        ({"when": "moment", "as_of": "2100-01-01"}, "lies in the future"),
        ({"when": "cut"}, "Choose the cut."),
        ({"when": "cut", "cut": "Nowhere"}, "Select a valid choice"),
    ],
)
def test_the_page_refuses_and_keeps_what_was_typed(statistician, answers, says):
    response = post(statistician, **answers)
    assert response.status_code == 422 and says in response.content.decode()
    assert answers.get("as_of", "") in response.content.decode()


def test_what_belongs_to_another_choice_does_not_count(statistician):
    assert zipped(post(statistician, when="now", as_of="rubbish", cut="Nowhere"))


@pytest.mark.parametrize(
    ("name", "as_of", "says"),
    [
        ("<script>", "2026-01-01", "letters, digits"),
        ("Taken", "2026-01-01", "already"),
        ("Later", "2100-01-01", "60 seconds"),
        ("Never", "", "required"),
    ],
)
def test_the_page_refuses_a_cut(statistician, name, as_of, says):
    make_cut(name="Taken", as_of=clock.now() - timedelta(hours=1), reason="x", by=SYSTEM)
    data = {"action": "cut", "cut-name": name, "cut-as_of": as_of, "cut-reason": "x"}
    response = statistician.post("/exports/", data)
    assert response.status_code == 422 and says in response.content.decode()
    assert "<script>" not in response.content.decode().partition("<body")[2]
    assert not Cut.objects.exclude(name="Taken").filter(name=name).exists()


def test_the_page_has_no_inline_style_or_script(statistician, story):
    zipped(post(statistician))
    page = statistician.get("/exports/").content.decode()
    assert "style=" not in page and "<script>" not in page and "onclick" not in page
    assert "UTC" in page
