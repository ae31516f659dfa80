"""Migrations of many tables and columns that take seconds: Django works out the state of all models again for each operation."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class AddColumn(migrations.AddField):
    """As ``AddField`` of a text column, or of one that may be NULL; on SQLite in place, where Django would copy the whole table.

    A text column gets the default '' in the database too, which a rebuild would leave out and nobody reads.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        text = isinstance(field, models.CharField | models.TextField) and field.get_default() == "" and not field.null
        if not text and not (field.null and field.get_default() is None):
            raise ValueError(f"{self.model_name}.{self.name} is added by AddField: it is neither text nor may be NULL.")
        if schema_editor.connection.vendor == "sqlite" and text and self.allow_migrate_model(schema_editor.connection.alias, model):
            table, column = map(schema_editor.quote_name, (model._meta.db_table, field.column))
            kind = field.db_type(schema_editor.connection)
            schema_editor.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} NOT NULL DEFAULT ''")
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class Together(Operation):
    """Several new models and columns as one operation: the state of the models is worked out once, after all of them."""

    ALLOWED: tuple[type[Operation], ...] = (migrations.CreateModel, AddColumn)  # an index added to a new model would be made twice
    REFUSED = "Only what is new can be added together"

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        wrong = [type(each).__name__ for each in operations if not isinstance(each, self.ALLOWED)]
        if wrong:
            raise ValueError(f"{self.REFUSED}, not {', '.join(sorted(set(wrong)))}.")

    def deconstruct(self):
        return type(self).__name__, [self.operations], {}

    def state_forwards(self, app_label, state) -> None:
        state.__dict__.pop("apps", None)
        for each in self.operations:
            each.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        for each in self.operations:
            each.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        for each in reversed(self.operations):
            each.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(each.describe() for each in self.operations)


class Reworded(Together):
    """Labels, help texts, comments and lists of choices of several fields as one operation; a changed column is refused."""

    ALLOWED = (migrations.AlterField,)
    REFUSED = "Only what a field says can be reworded together"

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        for each in self.operations:
            old, new = (state.apps.get_model(app_label, each.model_name)._meta.get_field(each.name) for state in (from_state, to_state))
            if schema_editor._field_should_be_altered(old, new, ignore={"db_comment"}):
                raise ValueError(f"{each.model_name}.{each.name} changes its column: it is altered by AlterField.")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
