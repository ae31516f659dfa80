"""The typed snapshots: django-simple-history, tied to the change set and fed from the actor in force."""

from __future__ import annotations

import functools
from datetime import datetime

from django.db import models
from simple_history.models import HistoricalRecords

from audit.context import current
from audit.sql import insert


class HistoryRow(models.Model):
    """Columns that every history table has besides its model's own. The key is deferred: a set is stored at the end."""

    change_set = models.ForeignKey("audit.ChangeSet", models.PROTECT, related_name="+")

    class Meta:
        abstract = True


def _same(row):
    return row.history_user_id


def _ignore(row, user):
    """The user comes from the unit of work alone."""


class Trail(HistoricalRecords):
    """History of an audited model: no row without a unit of work, none of the model's ``unaudited`` fields."""

    def __init__(self, **kwargs):
        kwargs.setdefault("bases", [HistoryRow])
        kwargs["history_user_id_field"] = models.CharField(max_length=150)
        super().__init__(history_user_getter=_same, history_user_setter=_ignore, **kwargs)

    def fields_included(self, model):
        return [field for field in super().fields_included(model) if field.name not in model.unaudited]

    def create_history_model(self, model, inherited):
        history_model = super().create_history_model(model, inherited)
        history_model._history_excluded_fields = list(model.unaudited)
        return history_model

    def post_save(self, instance, created, using=None, **kwargs):
        # Only fields that go in no trail (AuditedModel.save sees to that): an equal row would be a version of nothing.
        fields = kwargs.get("update_fields")
        if fields is None or "version" in fields:
            super().post_save(instance, created, using, **kwargs)

    def create_historical_record(self, instance, history_type, using=None):
        insert([row(instance, history_type)])


@functools.cache
def history_of(model: type[models.Model]) -> type[models.Model]:
    """The history model of an audited model. (``model.history`` builds a manager class anew at each access.)"""
    return model.history.model


def row(instance, history_type: str):
    """The unsaved history row of an audited instance that has just been written inside the open unit of work."""
    work = current()
    history_model = history_of(type(instance))
    values = {field.attname: getattr(instance, field.attname) for field in history_model.tracked_fields}
    return history_model(
        **values,
        history_type=history_type,
        history_date=instance.changed_at,
        history_user_id=work.actor.username,
        history_change_reason=work.reason,
        change_set_id=work.set_for(instance.chain_key(), instance.site_code()).id,
    )


def as_of(model: type[models.Model], moment: datetime | None = None) -> models.QuerySet:
    """The history rows that were the current state at ``moment`` (None: the last ones): the highest id per record."""
    history = model.history.model._default_manager.all()
    if moment is not None:
        history = history.filter(history_date__lte=moment)
    last = history.order_by().values("id").annotate(top=models.Max("history_id")).values("top")
    return history.model._default_manager.filter(history_id__in=last).exclude(history_type="-").order_by("id")
