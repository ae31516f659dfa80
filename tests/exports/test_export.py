"""What leaves, and what does not."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.context import SYSTEM, acting
from audit.models import Change
from crf import registry
from exports import actions
from exports.actions import Refused, export, make_cut
from exports.models import Cut
from tests.exports.conftest import BIRTH

pytestmark = pytest.mark.django_db


def test_values_are_those_of_the_moment(story, take):
    before, after = take(as_of=story.moments["before"]), take(as_of=story.moments["after"])
    assert [(row["ROW"], row["AETOXGR"]) for row in before.of("ae", story.patient)] == [("1", "2"), ("2", "2")]
    assert [(row["ROW"], row["AETOXGR"]) for row in after.of("ae", story.patient)] == [("1", "3")]
    assert not [row for row in before["audit_trail"] if row["REASON"] == "seen in the letter"]
    assert [row["NEW"] for row in after["audit_trail"] if row["REASON"] == "seen in the letter"] == ["3"]


def test_the_worst_grade_and_each_grade_of_an_event(world, story, take):
    """A later grade counts from when it is entered, and no longer once it is void."""
    from crf import actions as forms

    event = 1
    world.enter(story.patient, "AEG", "new", event=str(event), grade="1", changed_on="2026-06-20")
    worse = world.enter(story.patient, "AEG", "new", event=str(event), grade="4", changed_on="2026-06-15", changed_time="14:00").saved.record

    def told():
        taken = take(as_of=clock.now())
        (row,) = [each for each in taken.of("ae", story.patient) if each["ROW"] == str(event)]
        rows = [each for each in taken.of("event_grades", story.patient) if each["AESPID"] == str(event)]
        return row["AESTGR"], row["AETOXGR"], [(each["TOXGR"], each["GRDAT"], each["GRTIM"], each["GRFORM"]) for each in rows]

    first = ("3", "2026-06-12", "", "AE")
    assert told() == ("3", "4", [first, ("4", "2026-06-15", "14:00", "AEG"), ("1", "2026-06-20", "", "AEG")])
    worse.patient = story.patient
    forms.void(record=worse, by=world.user("COORDINATOR", "FR03"), reason="of another event")
    assert told() == ("3", "3", [first, ("1", "2026-06-20", "", "AEG")])


def test_every_row_says_whose_it_is(story, take):
    row = take().of("ae", story.patient)[0]
    assert {name: row[name] for name in ("STUDYID", "SITEID", "VISIT", "STATE", "ORIGIN", "AESTDAT")} == {
        "STUDYID": "ETOP 29-25", "SITEID": "FR03", "VISIT": "", "STATE": "SUBMITTED", "ORIGIN": "EDC",
        "AESTDAT": "2026-06-12",
    }  # fmt: skip
    assert take().of("ic", story.patient)[0]["VISIT"] == "SCR"


def test_void_records_stand_apart(story, take):
    after = take(as_of=story.moments["after"])
    void = after.of("ae_void", story.patient)
    assert [(row["ROW"], row["VOIDREAS"]) for row in void] == [("2", "belongs to another patient")]
    assert after.head("ae_void.csv") == [*after.head("ae.csv"), "VOIDREAS"]


def test_no_void_table_without_void_records(take):
    assert not [name for name in take(as_of=datetime(2020, 1, 1, tzinfo=UTC)).files if "_void" in name]


def test_columns_follow_the_questions(take):
    head = take().head("ec.csv")
    own = [name for name in head if name.startswith("EC")]
    assert own == [
        "ECOCCUR", "ECREASOC", "ECAENO", "ECREASDT", "ECPREPDS", "ECREFID", "ECPREPBY", "ECPREMED", "ECSTDAT", "ECSTTIM", "ECENDAT", "ECENTIM",
        "ECGIVBY", "ECCOMPL", "ECSTOPRS", "ECDSTXT", "ECREASND", "ECVAMT", "ECHYDR", "ECITRPN", "ECSTOPT1", "ECRESTT1", "ECSTOPT2", "ECRESTT2",
        "ECSTOPT3", "ECRESTT3", "ECREACT", "ECREACNO",
    ]  # fmt: skip
    assert head[:7] == ["STUDYID", "SITEID", "SUBJID", "VISIT", "ROW", "RECID", "STATE"]


def test_numbers_are_plain(world, take):
    patient = world.enrolled()
    world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "1")
    taken = take()
    assert [row["ECDSTXT"] for row in taken.of("ec", patient)] == ["1"]
    row = taken.of("patients", patient)[0]
    assert row["ENRLNUM"] == str(patient.enrolment_number)
    assert row["ENRLDAT"] == patient.enrolled_on.isoformat()
    assert datetime.fromisoformat(row["ENRLDTC"]) == patient.enrolled_at and row["ENRLDTC"].endswith("Z")
    assert row["COUNTRY"] == "FR"


# ---- identity --------------------------------------------------------------------------------------------------------


def test_the_birth_date_is_in_no_file(story, take):
    """Not as a column, not in the trail, not in the sentences of queries, not in a reason; in no spelling."""
    whole = [take(as_of=moment) for moment in story.moments.values()]
    stored = " ".join(filter(None, Change.objects.filter(patient=story.patient.number).values_list("new", flat=True)))
    assert BIRTH in stored and "Jul-1931" in stored  # the search below could find it
    for taken in whole:
        for name, content in taken.files.items():
            assert not re.search(r"\b(1931|1930)\b", content.decode()), name


def test_the_trail_keeps_the_line_and_blanks_the_value(story, take):
    lines = [row for row in take()["audit_trail"] if (row["FORM"], row["FIELD"]) == ("DM", "birth_date")]
    lines = [row for row in lines if row["SUBJID"] == story.patient.number]
    assert [(row["OLD"], row["NEW"]) for row in lines] == [("", ""), ("", "")]
    assert lines[1]["REASON"] == "it was typed as [identifying]"


def test_a_query_on_an_identifying_field_says_nothing(story, take):
    taken = take()
    about = [row for row in taken.of("queries", story.patient) if row["FIELD"] == "birth_date"]
    assert [(row["TEXT"], row["VALUE"], row["VARIABLE"]) for row in about] == [("", "", "")]
    number = about[0]["QUERYID"]
    trail = [row for row in taken["audit_trail"] if (row["FORM"], row["RECID"]) == ("QUERY", number)]
    assert {row["NEW"] for row in trail if row["FIELD"] in ("text", "value")} == {""}
    assert {row["NEW"] for row in trail if row["FIELD"] == "status"} == {"OPEN"}
    others = [row for row in taken.of("queries", story.patient) if row["FIELD"] != "birth_date"]
    assert others and all(row["TEXT"] for row in others)


def test_identifying_fields_of_all_forms_are_no_columns(take):
    taken = take()
    for form in registry.forms():
        head = taken.head(f"{form.code.lower()}.csv")
        assert len(head) == len(set(head)), form.code
        assert not {form.exports[name] for name in form.identifying} & set(head)
        left = {form.exports[name] for name in form.exports if name not in form.identifying}
        assert left <= set(head)


@pytest.mark.parametrize(
    ("born", "signed", "expected"),
    [
        ("1958-06-10", "2026-06-10", (68, 68, 68)),
        ("1958-06-11", "2026-06-10", (67, 67, 67)),
        ("1958-05", "2026-06-10", (68, 68, 68)),
        ("1958-06", "2026-06-10", (None, 67, 68)),
        ("1958", "2026-06-10", (None, 67, 68)),
        ("1958", "2026-12-31", (68, 68, 68)),
        ("", "2026-06-10", (None, None, None)),
        ("1958", "", (None, None, None)),
        ("1958-??-01", "2026-06-10", (None, None, None)),
    ],
)
def test_age_is_given_when_certain(born, signed, expected):
    from exports.datasets import _age

    assert _age(born, signed) == expected


def test_age_stands_for_the_birth_date(story, take):
    row = take(as_of=story.moments["before"]).of("dm", story.patient)[0]
    assert (row["AGE"], row["AGEMIN"], row["AGEMAX"], row["SEX"]) == ("94", "94", "94", "F")
    assert "BRTHDAT" not in row


def test_addresses_of_colleagues_stay(world, take):
    user = world.user("DATA_MANAGER")
    for name, content in take().files.items():
        assert user.email.encode() not in content, name


# ---- codebook, free text, manifest -----------------------------------------------------------------------------------


def test_the_codebook_has_every_column_and_no_other(story, take):
    taken = take(as_of=story.moments["after"])
    described = {(row["TABLE"], row["COLUMN"]) for row in taken["codebook"] if row["COLUMN"]}
    written = {
        (name.removesuffix(".csv"), column)
        for name in taken.files if name.endswith(".csv") for column in taken.head(name)
    }  # fmt: skip
    assert described == written
    assert len(described) == len([row for row in taken["codebook"] if row["COLUMN"]])


def test_the_codebook_explains(take):
    taken = take()
    by = {(row["TABLE"], row["COLUMN"]): row for row in taken["codebook"]}
    assert "Y=Yes | N=No" in by["ae", "AESER"]["VALUES"]
    assert by["ae", "AEENDAT"]["ASKEDIF"] == "AEONGO=N"
    assert by["ec", "ECDSTXT"] | {"UNIT": "mg", "TYPE": "number", "REQUIRED": "Y"} == by["ec", "ECDSTXT"]
    assert by["ec", "ECDSTXT"]["RANGE"].startswith("0 to 9999")
    assert by["ae", "AETERM"]["FREETEXT"] == "Y" and by["ae", "AESER"]["FREETEXT"] == "N"
    gone = [row for row in taken["codebook"] if not row["COLUMN"]]
    assert [(row["TABLE"], row["SOURCE"]) for row in gone if row["TABLE"] == "dm"] == [("dm", "DM.birth_date")]
    assert all("Left out" in row["NOTE"] for row in gone)


def test_every_field_of_every_form_is_in_the_codebook(take):
    from crf.checks import own_fields

    sources = {row["SOURCE"] for row in take()["codebook"]}
    assert {f"{form.code}.{field.name}" for form in registry.forms() for field in own_fields(form)} <= sources


def test_free_text_is_listed_with_counts(story, take):
    taken = take(as_of=story.moments["before"])
    counts = {(row["TABLE"], row["COLUMN"]): int(row["FILLED"]) for row in taken["free_text"]}
    for (table, column), count in counts.items():
        assert count == sum(row[column] != "" for row in taken[table]), (table, column)
    assert counts["ae", "AETERMSP"] >= 1
    assert {key for key in counts} == {
        (row["TABLE"], row["COLUMN"]) for row in taken["codebook"] if row["FREETEXT"] == "Y"
    }


def test_the_manifest_verifies(story, take):
    taken = take()
    manifest = json.loads((taken.path / "manifest.json").read_text(encoding="utf-8"))
    named = {file["name"]: file for file in manifest["files"]}
    assert set(named) == set(taken.files) - {"manifest.json"}
    for name, file in named.items():
        content = taken.files[name]
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert file["rows"] == len(taken[name.removesuffix(".csv")])
        assert file["columns"] == len(taken.head(name))
    lines = "".join(f"{named[name]['sha256']}  {name}\n" for name in sorted(named))
    assert manifest["sha256"] == hashlib.sha256(lines.encode()).hexdigest() == taken.manifest.sha256
    assert (manifest["study"], manifest["format"], manifest["created_by"]) == ("ETOP 29-25", "csv", "system")
    assert manifest["demo"] is True


def test_the_last_seal_before_the_moment_is_named(take):
    from audit import examine

    seal = examine.seal()
    assert take().manifest.seal == seal.root
    assert take(as_of=seal.at - timedelta(microseconds=1)).manifest.seal != seal.root


def test_the_export_is_in_the_trail(world, take):
    from accounts.access import actor_for

    user = world.user("STATISTICIAN")
    taken = take(by=actor_for(user))
    entry = Change.objects.filter(form="ACCESS", field="export").select_related("change_set").latest("id")
    assert (entry.record, entry.actor, entry.change_set.role) == (user.username, user.username, "Statistician")
    assert taken.manifest.sha256 in entry.new and taken.manifest.as_of in entry.new


def test_an_empty_trial_gives_empty_tables_that_load(take):
    taken = take(as_of=datetime(2020, 1, 1, tzinfo=UTC))
    for name in taken.files:
        if name.endswith(".csv") and name not in ("codebook.csv", "free_text.csv"):
            assert taken[name.removesuffix(".csv")] == [] and taken.head(name), name
    assert {row["FILLED"] for row in taken["free_text"]} == {"0"}


# ---- memory and queries ----------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_patients(world, take):
    world.screened()
    with CaptureQueriesContext(
        connection,
    ) as one:
        take()
    for _ in range(2):
        world.screened()
    with CaptureQueriesContext(connection) as three:
        take()
    assert len(three) == len(one) <= 2 * len(registry.forms()) + 44


# ---- cuts ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def later(monkeypatch):
    """Ten minutes from now."""
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(minutes=10))


def test_a_cut_gives_the_same_files_again(world, story, take, later):
    make_cut(name="Interim 1", as_of=story.moments["after"], reason="interim analysis", by=SYSTEM)
    first = take(cut="Interim 1")
    world.enter(story.patient, "AE", "new", term="Headache", **_event())
    world.patient()
    again = take(cut="Interim 1")
    different = [name for name in first.files if first.files[name] != again.files.get(name)]
    assert different == ["manifest.json"] and set(first.files) == set(again.files)
    old, new = (json.loads(each.files["manifest.json"]) for each in (first, again))
    assert {name for name in old if old[name] != new[name]} == {"created"}
    assert (old["cut"], first.manifest.sha256) == ("Interim 1", again.manifest.sha256)
    assert len(take().of("ae", story.patient)) == len(first.of("ae", story.patient)) + 1


def _event():
    from tests.exports.conftest import EVENT

    return EVENT


def test_a_cut_lies_sixty_seconds_back():
    now = clock.now()
    with acting(SYSTEM, source="test"), pytest.raises(Refused, match="at least 60 seconds back"):
        make_cut(name="Too soon", as_of=now - timedelta(seconds=59), reason="x", by=SYSTEM)
    assert make_cut(name="In time", as_of=now - timedelta(seconds=60), reason="x", by=SYSTEM).pk


@pytest.mark.parametrize(
    ("name", "reason", "says"),
    [
        ("", "x", "letters"),
        ("../up", "x", "letters"),
        ("<b>", "x", "letters"),
        ("a" * 61, "x", "at most 60"),
        ("Fine", "  ", "what the cut is for"),
        ("Taken", "x", "already"),
    ],
)
def test_a_cut_is_refused_in_a_sentence(name, reason, says):
    moment = clock.now() - timedelta(hours=1)
    make_cut(name="Taken", as_of=moment, reason="x", by=SYSTEM)
    with pytest.raises(Refused, match=says):
        make_cut(name=name, as_of=moment, reason=reason, by=SYSTEM)
    assert Cut.objects.filter(as_of=moment).count() == 1


def test_a_cut_is_in_the_trail_with_its_reason():
    make_cut(name="Safety 1", as_of=clock.now() - timedelta(hours=1), reason="DSMB", by=SYSTEM)
    entry = Change.objects.filter(form="ACCESS", field="cut").select_related("change_set").latest("id")
    assert (entry.record, entry.change_set.reason) == ("Safety 1", "DSMB")


# ---- refusals --------------------------------------------------------------------------------------------------------


def test_a_directory_that_holds_something_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(Refused, match="no empty directory"):
        export(to=tmp_path / "out", format="csv", by=SYSTEM)
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine.txt"]


def test_an_empty_directory_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    export(to=tmp_path / "out", format="csv", by=SYSTEM)
    assert (tmp_path / "out" / "manifest.json").exists()


def test_never_half_an_export(tmp_path, monkeypatch):
    """A failure in the middle leaves neither directory nor entry in the trail."""
    taken = Change.objects.filter(form="ACCESS", field="export").count()

    def breaks(tables, directory):
        (directory / "ae.csv").write_text("half")
        yield "ae.csv", 1, 1
        raise OSError(28, "No space left on device")

    broken = actions.Format("x", breaks, ())
    monkeypatch.setitem(actions.FORMATS, "broken", broken)
    with pytest.raises(OSError, match="No space"):
        export(to=tmp_path / "out", format="broken", by=SYSTEM)
    assert list(tmp_path.iterdir()) == []
    assert Change.objects.filter(form="ACCESS", field="export").count() == taken


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"format": "sas"}, "no format sas"),
        ({"cut": "Nowhere"}, "no cut named Nowhere"),
        ({"cut": "A", "as_of": datetime(2026, 1, 1, tzinfo=UTC)}, "not both"),
        ({"as_of": datetime(2100, 1, 1, tzinfo=UTC)}, "future"),
        ({"as_of": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001
    ],
)
def test_refused_in_a_sentence(tmp_path, how, says):
    with pytest.raises(Refused, match=says):
        export(**{"to": tmp_path / "out", "format": "csv", "by": SYSTEM, **how})
    assert list(tmp_path.iterdir()) == []


# ---- one view of the database ----------------------------------------------------------------------------------------


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_all_tables_are_read_in_one_view(tmp_path, monkeypatch):
    """PostgreSQL: one read-only snapshot. SQLite: no transaction, which would hold writers off."""
    seen = []

    def looks(tables, directory):
        for table in tables:
            list(table.rows())
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
                )
                seen.append(cursor.fetchone())
        else:
            seen.append(connection.in_atomic_block)
        (directory / "x").touch()
        yield "x", 0, 0

    monkeypatch.setitem(actions.FORMATS, "looks", actions.Format("x", looks, ()))
    export(to=tmp_path / "out", format="looks", by=SYSTEM)
    assert seen == [("repeatable read", "on") if connection.vendor == "postgresql" else False]
    assert Change.objects.filter(form="ACCESS", field="export").count() == 1
