"""The canonical text of a stored value: what the trail keeps, hashes and compares."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models


def canonical(field: models.Field, value: Any) -> str | None:
    """Text that is the same for the same value on both databases; None for an empty one (NULL or '')."""
    if value is None or value == "":
        return None
    value = field.to_python(value) if not field.is_relation else value
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        rounded = value.quantize(Decimal(1).scaleb(-field.decimal_places))
        return f"{rounded or abs(rounded):f}"  # plain digits, and no minus before a zero: neither database keeps it
    return str(value)


def snapshot(instance: models.Model, fields: list[models.Field]) -> dict[str, str | None]:
    """Canonical text of each field by column attribute name."""
    return {f.attname: canonical(f, getattr(instance, f.attname)) for f in fields}
