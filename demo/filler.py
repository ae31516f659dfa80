"""Filling in any form from its declaration, as the data that its page would post.

A question is answered from its type, codelist, range and date; it is left empty when the form does not ask it, or when it
is neither required nor a measurement nor decides about another question. Answers given as keywords come first.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import models

from crf.fields import (
    ClockTimeField,
    CodeField,
    CodeSetField,
    LinkField,
    MissingReasonField,
    NumberField,
    OfferField,
    PartialDateField,
    ResultField,
    SuggestField,
    UnitField,
)
from crf.forms import CrfForm, form_for
from crf.models import Crf
from demo import laboratories
from demo.texts import REMARKS
from protocol.dates import PartialDate

Posted = dict[str, Any]


def fill(model: type[Crf], rng: Random, moment: datetime, /, **answers: object) -> Posted:
    """Data for a new record of ``model`` filled in at ``moment`` (in the site's zone), the given ``answers`` as they are.

    A date is an ISO text or a date, several codes a list. TypeError when the form has no such question.
    """
    _refuse_unknown(model, answers)
    filling = _Filling(model, rng, moment, answers)
    posted: Posted = {"base_version": "", "entry_token": str(uuid.UUID(int=rng.getrandbits(128), version=4))}
    for name in form_for(model).base_fields:
        if name not in ("base_version", "entry_token"):
            posted |= boxes(filling.field(name), filling.answer(name))
    return posted


def again(form: CrfForm, /, **answers: object) -> Posted:
    """Data for a stored record as its page shows it (``form`` is unbound), with some answers changed."""
    model = type(form.instance)
    _refuse_unknown(model, answers)
    posted: Posted = {"base_version": str(form.instance.version)}
    for name in form.fields:
        if name not in ("base_version", "entry_token"):
            value = answers.get(name, getattr(form.instance, name))
            posted |= boxes(model._meta.get_field(name), value)
    return posted


def boxes(field: models.Field, value: object) -> Posted:
    """A value as the inputs of its question send it."""
    if isinstance(field, PartialDateField):
        text = value.isoformat() if isinstance(value, date) else value
        parts = field.formfield().widget.decompress(text)
        return {f"{field.name}_{n}": part for n, part in enumerate(parts)}
    if isinstance(field, CodeSetField):
        return {field.name: value.split("; ") if isinstance(value, str) and value else value or []}
    return {field.name: "" if value is None else str(value)}


def _refuse_unknown(model: type[Crf], answers: Mapping[str, object]) -> None:
    unknown = sorted(set(answers) - set(form_for(model).base_fields))
    if unknown:
        raise TypeError(f"The form {model.code} has no {', '.join(unknown)}.")


class _Filling:
    """The answers to one form, worked out once each: one may depend on another."""

    def __init__(self, model: type[Crf], rng: Random, moment: datetime, answers: Mapping[str, object]) -> None:
        self.model, self.rng, self.moment = model, rng, moment
        self.answers: dict[str, object] = dict(answers)
        self.deciding = {condition.field for condition in model.asks_if.values()}

    def field(self, name: str) -> models.Field:
        return self.model._meta.get_field(name)

    def answer(self, name: str) -> object:
        if name not in self.answers:
            self.answers[name] = self._default(name)
        return self.answers[name]

    def _default(self, name: str) -> object:
        field, asked = self.field(name), self.model.asks_if.get(name)
        if asked is not None and not asked.holds(self.answer(asked.field)):
            return ""
        if field.has_default() and field.get_default():
            return field.get_default()  # what the page comes with
        if isinstance(field, MissingReasonField) or not self.model.in_force(name) or self._has_reason_for_none(name):
            return ""
        if isinstance(field, UnitField):
            return laboratories.unit(self.laboratory, self.field(field.of).test) if self.answer(field.of) else ""
        if name in self.model.required or name in self.deciding or _is_measured(field):
            return self._of_its_type(field)
        return ""

    def _has_reason_for_none(self, name: str) -> bool:
        return bool(self.answers.get(f"{name}_missing"))

    @property
    def laboratory(self) -> str:
        return str(self.answers.get("laboratory", ""))

    def _of_its_type(self, field: models.Field) -> object:
        if isinstance(field, LinkField | OfferField):
            return ""  # which record, or result, is meant only a story can say
        if isinstance(field, PartialDateField):
            return self._date(field)
        if isinstance(field, ClockTimeField):
            return f"{self.moment:%H:%M}"
        if isinstance(field, NumberField):
            return self._number(field)
        if isinstance(field, ResultField):
            return laboratories.printed(self.laboratory, field.test, self.rng)
        if isinstance(field, SuggestField):
            return "1.0"
        if isinstance(field, CodeSetField):
            return [self.rng.choice(field.choices)[0]]
        if isinstance(field, CodeField) or field.choices:
            return self.rng.choice(field.choices)[0]
        return self.rng.choice(REMARKS)[: field.max_length or None]

    def _date(self, field: PartialDateField) -> object:
        """Today; of what may be remembered by its year alone, some day of the last years, not before what it follows."""
        today = self.moment.date()
        if not field.past or field.least != "year":
            return today
        day = today - timedelta(days=self.rng.randint(30, 1500))
        first = self.answer(field.after) if field.after else ""
        if first:
            day = max(day, PartialDate.parse(str(first)).latest)
        return day if day <= today else first  # such as the year that is still running

    def _number(self, field: NumberField) -> Decimal:
        """Somewhere in the middle of what can be true and is not doubtful."""
        least = Decimal(field.least if field.doubt_below is None else field.doubt_below)
        most = Decimal(field.most if field.doubt_above is None else field.doubt_above)
        share = Decimal(self.rng.randint(35, 65)) / 100
        return round(least + (most - least) * share, min(field.decimal_places, 1))


def _is_measured(field: models.Field) -> bool:
    """A laboratory result, or a number with its unit."""
    return isinstance(field, ResultField) or (isinstance(field, NumberField) and bool(field.unit))
