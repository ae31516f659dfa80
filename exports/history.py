"""Reading history in bulk: rows up to a moment, in one view of the database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

from django.db import connection, models, transaction

CHUNK = 2000  # rows held in memory at a time


@contextlib.contextmanager
def one_view() -> Iterator[None]:
    """PostgreSQL: everything inside sees the database at one instant. SQLite: a transaction would hold writers off."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def until(model: type[models.Model], moment: datetime) -> models.QuerySet:
    """All history rows of a model up to ``moment``, superseded ones too."""
    return model.history.model._default_manager.filter(history_date__lte=moment)


def past(model: type[models.Model], moment: datetime, key: str, column: str) -> models.Subquery:
    """For use in an annotation: ``column`` of the row of ``model`` that ``key`` pointed to, as it was at ``moment``."""
    rows = until(model, moment).filter(id=models.OuterRef(key)).order_by("-history_id")
    return models.Subquery(rows.values(column)[:1])
