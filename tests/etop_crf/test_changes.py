"""The page over all changes: the filter, whose changes, paging, the file, and that every filter walks an index."""

from __future__ import annotations

import ast
import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.http import QueryDict

from accounts.models import Site
from audit.context import SYSTEM, acting
from audit.models import Change
from etop_crf import changes

pytestmark = pytest.mark.django_db
ROOT = Path(changes.__file__).resolve().parent.parent


def asked(query: str = "") -> changes.Asked:
    return changes.asked(QueryDict(query).dict())


def listed(client, query: str = "") -> list:
    response = client.get(f"/changes/?{query}")
    assert response.status_code == 200
    return response.context["page"].lines


def rows(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


# ---- whose -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["coordinator", "investigator", "pharmacist", "safety_desk", "medical_reviewer", "statistician", "administrator"])  # fmt: skip  # noqa: E501
@pytest.mark.parametrize("query", ["", "csv=1"])
def test_only_auditors_read_changes(as_, who, query):
    assert as_(who).get(f"/changes/?{query}").status_code == 403


@pytest.mark.parametrize("query", ["", "site=CH01", "patient=CH01-001", "form=DM", "user=coordinator.ch01", "since=2026-01-01"])
def test_a_monitor_reads_the_own_site_alone(as_, small, query):
    assert {line.site for line in listed(as_("monitor"), query)} <= {"FR03"}


def test_what_belongs_to_the_trial_is_for_trial_wide_roles(as_, small):
    assert not listed(as_("monitor"), "form=USER")
    found = listed(as_("data_manager"), "form=USER")
    assert found and {line.site for line in found} == {""}


def test_access_is_in_the_trail_too(as_, small):
    client = as_("monitor")
    client.post("/logout/")
    assert [line.label for line in listed(as_("data_manager"), "form=ACCESS&field=log-out")] == ["Log-out"]
    assert not listed(as_("away_monitor"), "form=ACCESS&field=log-out"), "another site's person"


def test_a_monitor_of_two_sites_reads_both_in_order(as_, world, small):
    both = world.user("MONITOR", "FR03", "CH01")
    found = [line.id for line in listed(as_(both))]
    expected = Change.objects.filter(site__in=["FR03", "CH01"]).order_by("-id").values_list("id", flat=True)[:50]
    assert found == list(expected)
    found = [line.id for line in listed(as_(both), "since=2026-06-10&until=2026-06-20")]
    expected = Change.objects.filter(site__in=["FR03", "CH01"], at__gte="2026-06-10T00:00Z", at__lt="2026-06-21T00:00Z")
    assert found == list(expected.order_by("-at", "-id").values_list("id", flat=True)[:50])


# ---- what ------------------------------------------------------------------------------------------------------------

FILTERS = [
    ("site=CH01", lambda c: c.site == "CH01"),
    ("patient=fr03-001", lambda c: c.patient == "FR03-001"),
    ("form=EC", lambda c: c.form == "EC"),
    ("form=DM&field=birth_date", lambda c: c.form == "DM" and c.field == "birth_date"),
    ("field=dose_mg", lambda c: c.field == "dose_mg"),
    ("user=Investigator.FR03", lambda c: c.actor == "investigator.fr03"),
    ("since=2026-06-17&until=2026-06-17", lambda c: c.at.date() == datetime(2026, 6, 17).date()),
    ("until=2026-06-10", lambda c: c.at < datetime(2026, 6, 11, tzinfo=UTC)),
    ("since=2026-06-01&until=2026-06-30&reason=MISREAD", lambda c: "misread" in c.change_set.reason),
    ("since=2026-06-01&until=2026-06-30&source=registration", lambda c: c.change_set.source == "registration"),
    ("after_sdv=1", lambda c: c.after_sdv),
    ("after_signature=1", lambda c: c.after_signature),
    ("site=FR03&form=DM&after_sdv=1&since=2026-06-01", lambda c: c.form == "DM" and c.after_sdv),
    ("form=NOTHING", lambda c: False),
]  # fmt: skip


@pytest.mark.parametrize(("query", "fits"), FILTERS, ids=[query for query, _ in FILTERS])
def test_the_page_and_the_file_hold_what_the_filter_says(as_, small, query, fits):
    client = as_("data_manager")
    expected = {c.pk for c in Change.objects.select_related("change_set") if fits(c)}
    page = client.get(f"/changes/?{query}").context["page"]
    assert {line.id for line in page.lines} == set(sorted(expected, reverse=True)[:50]) or len(expected) > 50
    assert page.count_text.startswith(f"{len(expected)} ")
    assert {int(row["Change"]) for row in rows(client.get(f"/changes/?{query}&csv=1"))} == expected


@pytest.mark.parametrize(
    "query",
    ["reason=letter", "source=form", "reason=x&since=2026-06-01", "reason=x&since=2026-06-01&until=2026-07-02",
     "since=yesterday", "until=2026-13-01", "since=2026-06-03&until=2026-06-01", "since=0001-01-01"],
)  # fmt: skip
def test_what_cannot_be_searched_is_said_and_nothing_is_shown(as_, small, query):
    response = as_("data_manager").get(f"/changes/?{query}")
    assert response.context["page"].asked.refusals and not response.context["page"].lines
    assert "Not searched:" in response.content.decode()
    assert as_("data_manager").get(f"/changes/?{query}&csv=1").headers["Content-Type"].startswith("text/html")


def test_thirty_one_days_are_searched(as_, small):
    assert listed(as_("data_manager"), "reason=letter&since=2026-06-01&until=2026-07-01")


@pytest.mark.parametrize("query", ["patient=%00", "before=abc", "after=-1", "before=99999999999999999999", "field=%F0%9F%92%A9", "user='%20OR%201=1", "before=0"])  # fmt: skip  # noqa: E501
def test_nonsense_is_no_error(as_, small, query):
    assert as_("data_manager").get(f"/changes/?{query}").status_code == 200


def test_a_post_is_refused(as_, small):
    assert as_("data_manager").post("/changes/", {"site": "FR03"}).status_code == 405


# ---- how it reads ----------------------------------------------------------------------------------------------------


def test_a_line_says_all(as_, small):
    line = listed(as_("monitor"), "after_sdv=1&field=birth_date")[0]
    assert (line.patient, line.form_title, line.slot, line.label) == ("FR03-001", "Demographics", "SCR", "Born")
    assert (line.old, line.new, line.reason, line.note) == ("1958", "1959", "misread the letter", "after verification")
    assert (line.who, line.role, line.door) == ("Site coordinator FR03", "Site coordinator", "entry form")
    assert (line.utc, line.local) == ("17-Jun-2026 09:00 UTC", "17-Jun-2026 11:00 CEST")
    assert line.url == f"/admin/screening/demographics/{small.home_record.pk}/change/"


def test_keys_are_shown_as_names(as_, small):
    words = {(line.form, line.field): line.new for line in listed(as_("data_manager"), "form=MEMBERSHIP")}
    assert words["MEMBERSHIP", "role"] in ("Monitor", "Site coordinator")
    assert words["MEMBERSHIP", "user_id"].startswith(("monitor", "coordinator"))
    found = {line.field: line.new for line in listed(as_("data_manager"), "form=EC")}
    assert found["visit_id"] == "C1D1" and found["patient_id"] == "FR03-001" and found["voided"] == "No"


# ---- paging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "site=FR03", "since=2026-06-10&until=2026-06-20"])
@pytest.mark.parametrize("who", ["data_manager", "monitor"])
def test_paging_goes_through_everything_once_and_back(as_, small, who, query):
    client, pages = as_(who), []
    address = f"?{query}"
    while address:
        page = client.get(f"/changes/{address}").context["page"]
        pages.append([line.id for line in page.lines])
        newest, address = page.newer_url, page.older_url
    seen = [pk for ids in pages for pk in ids]
    assert len(pages) > 2 and len(seen) == len(set(seen))
    assert page.count_text.startswith(f"{len(seen)} ")
    back = [pages[-1]]
    address = newest
    while address:
        page = client.get(f"/changes/{address}").context["page"]
        back.append([line.id for line in page.lines])
        address = page.newer_url
    assert sorted(pk for ids in back for pk in ids) == sorted(seen)


def test_counting_stops(small, monkeypatch):
    monkeypatch.setattr(changes, "COUNTED", 100)
    assert changes.count(asked(), None) == "over 100 changes"
    assert changes.count(asked(), ["FR03", "CH01"]) == "over 100 changes"
    assert changes.count(asked("form=NOTHING"), None) == "0 changes"


# ---- the file --------------------------------------------------------------------------------------------------------


def test_the_file_withholds_what_identifies(as_, small):
    found = rows(as_("monitor").get("/changes/?field=birth_date&csv=1"))
    assert found and all(row["New"] == changes.WITHHELD for row in found)
    assert listed(as_("monitor"), "field=birth_date&patient=FR03-001")[0].new == "1959", "on the screen it is verified"


def test_the_file_is_no_formula(as_, small, world):
    site = Site.objects.get(code="CH01")
    with acting(SYSTEM, reason="=HYPERLINK(1)", source="test"):
        site.comment = "@SUM(A1)"
        site.save()
    row = rows(as_("data_manager").get("/changes/?form=SITE&field=comment&csv=1"))[0]
    assert (row["New"], row["Reason"]) == ("'@SUM(A1)", "'=HYPERLINK(1)")


def test_a_long_file_is_cut_with_a_sentence(as_, small, monkeypatch):
    monkeypatch.setattr(changes, "CSV_ROWS", 120)
    monkeypatch.setattr(changes, "CSV_BATCH", 50)
    found = rows(as_("data_manager").get("/changes/?csv=1"))
    assert len(found) == 121 and found[-1]["Change"].startswith("Cut off after 120 changes")
    assert len({row["Change"] for row in found}) == 121


def test_taking_the_file_is_in_the_trail(as_, small):
    rows(as_("data_manager").get("/changes/?form=DM&csv=1"))
    event = Change.objects.filter(form="ACCESS", field="changes as CSV").get()
    assert (event.actor, event.new) == ("data_manager", "form=DM")


# ---- speed -----------------------------------------------------------------------------------------------------------

INDEXES = [
    ("site=FR03", "change_site"),
    ("patient=FR03-001", "change_patient"),
    ("form=DM", "change_form"),
    ("field=sex", "change_field"),
    ("user=system", "change_actor"),
    ("since=2026-06-10&until=2026-06-20", "change_at"),
    ("until=2026-06-20", "change_at"),
    ("reason=x&since=2026-06-10&until=2026-06-20", "change_at"),
    ("source=form&since=2026-06-10&until=2026-06-20", "change_at"),
    ("after_sdv=1", "change_after_sdv"),
    ("after_signature=1", "change_after_signature"),
]


def plan(queryset) -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # a table of a few pages is read whole unless told otherwise
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
    return queryset.explain()


@pytest.mark.parametrize(("query", "index"), INDEXES, ids=[query for query, _ in INDEXES])
@pytest.mark.parametrize("codes", [None, ["FR03"]], ids=["all sites", "one site"])
def test_every_filter_walks_an_index(small, query, index, codes):
    found = changes.window(asked(query), codes, limit=51).select_related("change_set")
    for queryset in (found, changes.window(asked(query), codes, before=9, limit=51), changes.window(asked(query), codes, limit=10_001).values("id")):  # fmt: skip  # noqa: E501
        text = plan(queryset)
        assert index in text or connection.vendor == "postgresql" and "Index" in text
        assert not re.search(r"SCAN audit_change(?! USING INDEX change_)|Seq Scan on audit_change\b", text), text
    if connection.vendor == "sqlite":
        assert "TEMP B-TREE" not in plan(found), "the index gives the order too"


def test_several_sites_are_read_one_by_one(small):
    text = plan(changes.window(asked(), ["FR03", "CH01"], limit=51))
    assert text.count("change_site") >= 2 or connection.vendor == "postgresql" and text.count("Index") >= 2
    assert not re.search(r"SCAN audit_change(?! USING INDEX change_)|Seq Scan on audit_change\b", text), text


@pytest.mark.parametrize("query", ["", "site=FR03", "patient=FR03-001", "since=2026-06-01", "before=200", "form=MEMBERSHIP"])
@pytest.mark.parametrize("who", ["data_manager", "monitor"])
def test_the_page_asks_eight_things_of_the_database(as_, small, who, query, django_assert_max_num_queries):
    client = as_(who)
    client.get("/changes/")  # the first page of a session also notes that the person is there
    with django_assert_max_num_queries(8):
        client.get(f"/changes/?{query}")


# ---- completeness ----------------------------------------------------------------------------------------------------


def test_every_source_has_words():
    """Every literal ``source=`` of an act is known to the filter."""
    found = {}
    for path in ROOT.rglob("*.py"):
        if {".venv", "tests", "protocol", "node_modules"} & set(path.relative_to(ROOT).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("acting", "event"):
                values = [k.value for k in node.keywords if k.arg == "source"]
                found |= {each.value: path for v in values for each in ast.walk(v) if isinstance(each, ast.Constant) and isinstance(each.value, str)}  # fmt: skip  # noqa: E501
    assert len(found) > 8
    assert {source: path for source, path in found.items() if source not in changes.SOURCES} == {}


def test_choices_come_from_declarations(as_, small, django_assert_num_queries):
    with django_assert_num_queries(0):
        found = {each.name: each for each in changes.filters(asked("form=DM"), [])}
    assert ("birth_date", "Born") in found["field"].options
    assert {"DM", "AE", "PATIENT", "QUERY", "SITE", "USER", "ACCESS"} <= {code for code, _ in found["form"].options}
