"""Reading the trail."""

from __future__ import annotations

from django.db.models import QuerySet

from audit.models import Change


def changes_of(form: str, record: int) -> QuerySet[Change]:
    """All changes of one record, newest first, with who and why."""
    return Change.objects.filter(form=form, record=str(record)).select_related("change_set").order_by("-id")
