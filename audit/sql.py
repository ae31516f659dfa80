"""Plain INSERTs for the rows that every save writes: the same columns as the ORM's, without building its query anew each time."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from django.db import connection, models


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model in as few statements as the database takes; keys given by the database are not read back."""
    if not rows:
        return
    model = type(rows[0])
    fields, head, places = _statement(model)
    most = max(1, (connection.features.max_query_params or 30_000) // len(fields))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), most):
            batch = rows[start : start + most]
            values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in batch for field in fields]
            cursor.execute(f"{head} {', '.join([places] * len(batch))}", values)


@functools.cache
def _statement(model: type[models.Model]) -> tuple[list[models.Field], str, str]:
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES"  # noqa: S608  the model's own names
    return fields, head, f"({', '.join(['%s'] * len(fields))})"
