"""New tables and columns as one operation: what it takes, and that nothing of the state is lost."""

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from audit.schema import AddColumn, Reworded, Together

TEXT = models.CharField(max_length=5, blank=True, default="")
PLAIN = [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=9))]


@pytest.mark.nodb
@pytest.mark.parametrize("operation", [
    migrations.AddField("thing", "extra", TEXT), migrations.AlterField("thing", "name", TEXT), migrations.RemoveField("thing", "name"),
    migrations.AddIndex("thing", models.Index(fields=["name"], name="thing_name")), migrations.RunSQL("SELECT 1"),
], ids=lambda each: type(each).__name__)  # fmt: skip
def test_only_what_is_new_is_added_together(operation):
    with pytest.raises(ValueError, match="Only what is new"):
        Together([operation])


@pytest.mark.nodb
@pytest.mark.parametrize("operation", [AddColumn("thing", "extra", TEXT), migrations.RemoveField("thing", "name"), migrations.RunSQL("SELECT 1")],
                         ids=lambda each: type(each).__name__)  # fmt: skip
def test_only_what_a_field_says_is_reworded_together(operation):
    with pytest.raises(ValueError, match="Only what a field says"):
        Reworded([operation])


def migrated(*operations):
    """The state after some operations on the database at hand, and the columns of the table."""
    state = ProjectState()
    with connection.schema_editor(atomic=connection.vendor == "postgresql") as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards("audit", state)
            operation.database_forwards("audit", editor, before, state)
    return state


@pytest.mark.commits
@pytest.mark.parametrize("together", [True, False])
def test_rows_keep_their_values_and_new_columns_are_empty(transactional_db, together):
    made = migrations.CreateModel("Thing", PLAIN)
    added = [AddColumn("thing", "text", TEXT), AddColumn("thing", "number", models.IntegerField(null=True))]
    with connection.constraint_checks_disabled():
        state = migrated(made)
        thing = state.apps.get_model("audit", "Thing")
        thing.objects.create(name="first")
        before = state.clone()
        with connection.schema_editor(atomic=connection.vendor == "postgresql") as editor:
            for operation in [Together(added)] if together else added:
                operation.state_forwards("audit", state)
                operation.database_forwards("audit", editor, before, state)
                before = state.clone()
        later = state.apps.get_model("audit", "Thing")
        assert list(later.objects.values_list("name", "text", "number")) == [("first", "", None)]
        later.objects.create(name="second", text="x", number=2)
        assert later.objects.count() == 2
        with connection.schema_editor(atomic=connection.vendor == "postgresql") as editor:
            editor.delete_model(later)


@pytest.mark.commits
def test_a_column_that_needs_a_value_is_not_added_in_place(transactional_db):
    column = AddColumn("thing", "yes", models.BooleanField(default=False))
    state = ProjectState()
    migrations.CreateModel("Thing", PLAIN).state_forwards("audit", state)
    before = state.clone()
    column.state_forwards("audit", state)
    with pytest.raises(ValueError, match="neither text nor may be NULL"):
        column.database_forwards("audit", None, before, state)


@pytest.mark.commits
@pytest.mark.parametrize(("field", "changes"), [
    (models.CharField("Called", max_length=9, choices=[("a", "A")], help_text="x", db_comment="Name"), False),
    (models.CharField(max_length=10), True), (models.CharField(max_length=9, null=True), True), (models.CharField(max_length=9, db_column="called"), True),
], ids=["words", "length", "null", "column"])  # fmt: skip
def test_fields_are_reworded_and_no_column_is_changed(transactional_db, field, changes):
    state = migrated(migrations.CreateModel("Thing", PLAIN))
    before = state.clone()
    operation = Reworded([migrations.AlterField("thing", "name", field)])
    operation.state_forwards("audit", state)
    with connection.constraint_checks_disabled(), connection.schema_editor(atomic=connection.vendor == "postgresql") as editor:
        if changes:
            with pytest.raises(ValueError, match="thing.name changes its column"):
                operation.database_forwards("audit", editor, before, state)
        else:
            operation.database_forwards("audit", editor, before, state)
        assert state.apps.get_model("audit", "Thing")._meta.get_field("name").verbose_name == ("name" if changes else "Called")
        editor.delete_model(before.apps.get_model("audit", "Thing"))
