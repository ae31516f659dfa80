"""The codebook and the list of free text: made from the tables at hand, so that neither can forget a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import models

from crf.fields import ClockTimeField, CodeSetField, LinkField, MissingReasonField, NumberField, PartialDateField
from crf.models import Crf
from crf.references import SiteReference
from exports.tables import Cell, Column, Table

CODEBOOK = (
    Column("TABLE", "Name of the table, and of its file"),
    Column("COLUMN", "Name of the column; empty for a question that is left out"),
    Column("LABEL", "Question as on the form"),
    Column("TYPE", "Type of the values"),
    Column("UNIT", "Unit of the values"),
    Column("VALUES", "Codelist: value=label, with | between"),
    Column("SOURCE", "Form code and field"),
    Column("RANGE", "Values that can be entered"),
    Column("REQUIRED", "Must the question have an answer when it is asked?", "yes/no"),
    Column("ASKEDIF", "Asked only when another column has one of these values"),
    Column("FREETEXT", "Typed in own words?", "yes/no"),
    Column("NOTE", "Remarks"),
)
FREE_TEXT = (
    Column("TABLE", "Name of the table"),
    Column("COLUMN", "Name of the column"),
    Column("FILLED", "Cells that are not empty", "integer"),
)


def column_of(form: type[Crf], name: str) -> Column:
    """The column that a field of a form is exported to, described from the form's declaration."""
    field = form._meta.get_field(name)
    condition = form.asks_if.get(name)
    kind, free = _type(field)
    notes = [str(field.help_text)] if field.help_text else []
    if isinstance(field, MissingReasonField):
        notes.append(f"Why {form.exports.get(field.of, field.of)} has no answer.")
    if isinstance(field, LinkField):
        notes.append(f"Points to {field.to}: its ROW in a log, its VISIT otherwise.")
    if name in form.system_fields:
        notes.append("Written by the program, not asked.")
    if condition:
        parent = form.exports.get(condition.field, condition.field)
    return Column(
        form.exports.get(name, ""), str(field.verbose_name), kind, unit=getattr(field, "unit", ""),
        values=" | ".join(f"{value}={label}" for value, label in field.flatchoices), source=f"{form.code}.{name}",
        range=_range(field), required=name in form.required,
        asked_if=f"{parent}={' or '.join(condition.values)}" if condition else "", note=" ".join(notes), free_text=free,
    )  # fmt: skip


def reference_column(kind: type[SiteReference], name: str) -> Column:
    """The column that a field of a site's reference is exported to."""
    field = kind._meta.get_field(name)
    type_, free = _type(field)
    values = " | ".join(f"{value}={label}" for value, label in field.flatchoices)
    return Column(
        kind.exports[name], str(field.verbose_name), type_, values=values,
        source=f"{kind.trail_code}.{name}", range=_range(field), required=name in kind.required, note=str(field.help_text),
        free_text=free,
    )  # fmt: skip


def _type(field: models.Field) -> tuple[str, bool]:
    """(type, is it free text?) of a model field."""
    for kinds, name in (
        (PartialDateField, "date"), (ClockTimeField, "time"), (CodeSetField, "codes"), (LinkField, "code"),
        (models.DateTimeField, "datetime"), (models.DateField, "date"), (models.BooleanField, "yes/no"),
        (models.IntegerField, "integer"), ((models.DecimalField, models.FloatField), "number"),
    ):  # fmt: skip
        if isinstance(field, kinds):
            return name, False
    return ("code", False) if field.choices else ("text", True)


def _range(field: models.Field) -> str:
    if isinstance(field, NumberField):
        return f"{field.least} to {field.most}, {field.decimal_places} decimal places"
    if isinstance(field, PartialDateField):
        return {"day": "full date", "month": "month and year at least", "year": "year at least"}[field.least]
    if _type(field)[1] and field.max_length:
        return f"at most {field.max_length} characters"
    return ""


def with_codebook(tables: Sequence[Table]) -> list[Table]:
    """The tables, then the codebook over all of them and the list of free text, which must be written last."""
    every = [*tables]
    every.append(Table("codebook", "Codebook", CODEBOOK, lambda: _described(every)))
    every.append(Table("free_text", "Free text, to be read by a person", FREE_TEXT, lambda: _free_text(every)))
    return every


def _described(tables: Sequence[Table]) -> Iterator[tuple[Cell, ...]]:
    for table in tables:
        for column in (*table.columns, *table.left_out):
            gone = column in table.left_out
            yield (
                table.name, "" if gone else column.name, column.label, column.type, column.unit, column.values,
                column.source, column.range, column.required, column.asked_if, column.free_text, column.note,
            )  # fmt: skip


def _free_text(tables: Sequence[Table]) -> Iterator[tuple[Cell, ...]]:
    for table in tables:
        for column in table.columns:
            if column.free_text:
                if not table.was_read:
                    raise RuntimeError(f"The list of free text was written before {table.name}.")
                yield table.name, column.name, table.filled[column.name]
