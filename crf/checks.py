"""System checks that refuse a half-declared form."""

from __future__ import annotations

import dataclasses

from django.core.checks import Error
from django.db import models

from crf.models import PAPER, Crf

SHARED = {"id", "version", "changed_at", "patient", "visit", "row", "state", "voided", "void_reason", "origin", "entry_token"}


def declarations(app_configs=None, **kwargs):
    """Every form is declared whole: each field asked, described and mapped or left out of exports on purpose."""
    from crf import registry

    problems, seen = [], set()
    for form in registry.forms():
        problems += [Error(f"{form.__name__}: {text}", obj=form, id="crf.E001") for text in _problems(form)]
        if form.code in seen:
            problems.append(Error(f"The form code {form.code} is used twice.", obj=form, id="crf.E002"))
        seen.add(form.code)
    return problems


def own_fields(form: type[Crf]) -> list[models.Field]:
    """The fields that the form itself declares: neither shared columns nor the paper section."""
    return [f for f in form._meta.concrete_fields if f.name not in SHARED and f.name not in PAPER.fields]


def _problems(form: type[Crf]):
    names = {field.name for field in own_fields(form)}
    asked = [name for section in form.sections for name in section.fields]
    system = set(form.system_fields)
    siblings = {name for name in names if name.endswith(("_missing", "_unit"))}
    for word in ("code", "area", "domain", "dated_by", "sections"):
        if not getattr(form, word):
            yield f"{word} is not declared"
    if form.dated_by and form.dated_by not in names:
        yield f"dated_by names no field: {form.dated_by}"
    if len(asked) != len(set(asked)):
        yield "a field stands in two sections"
    if names - set(asked) - siblings - system:
        yield f"not in any section: {sorted(names - set(asked) - siblings - system)}"
    if set(asked) - names:
        yield f"sections name no field: {sorted(set(asked) - names)}"
    mapped = set(form.exports) | set(form.not_submitted)
    if names - mapped:
        yield f"neither mapped nor left out of exports: {sorted(names - mapped)}"
    if mapped - names or set(form.exports) & set(form.not_submitted):
        yield f"export mapping is wrong about: {sorted((mapped - names) | (set(form.exports) & set(form.not_submitted)))}"
    if len(set(form.exports.values())) != len(form.exports):
        yield "two fields are mapped to one variable"
    for group in ("required", "asks_if", "identifying"):
        if set(getattr(form, group)) - names:
            yield f"{group} names no field: {sorted(set(getattr(form, group)) - names)}"
    if set(form.required_first) - set(form.required) or (form.required_first and not form.visits):
        yield f"required_first names what is not required, or the form has no visits: {sorted(form.required_first)}"
    for name, condition in form.asks_if.items():
        if condition.field not in names:
            yield f"{name} depends on no field: {condition.field}"
    for field in own_fields(form):
        if not field.db_comment:
            yield f"{field.name} has no db_comment"
        text = isinstance(field, models.CharField | models.TextField)
        if text is field.null:
            yield f"{field.name}: text columns hold '', all others may be NULL"
    told = {attribute.name for attribute in dataclasses.fields(form.fact)}
    for name in form.required:
        read = {name, *([form.asks_if[name].field] if name in form.asks_if else []), f"{name}_missing"} & names
        if read - told:
            yield f"{name} is required, and its fact does not tell: {sorted(read - told)}"
    order = list(form.asks_if)
    for name, condition in form.asks_if.items():
        if condition.field in order[order.index(name) :]:
            yield f"{name} depends on {condition.field}, which must stand before it in asks_if"
    for attribute in dataclasses.fields(form.fact):
        if attribute.name not in {"id", "submitted", "visit", "row"} | names:
            yield f"its fact has an attribute without a field: {attribute.name}"
    if form.fact.form != form.code:
        yield f"its fact belongs to {form.fact.form}"
