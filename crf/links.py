"""Links between records of one patient: what a link may point to, and which records point to one at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from crf import registry
from crf.declare import Next
from crf.fields import LinkField
from crf.models import Crf
from patients.models import Patient


def links_of(form: type[Crf]) -> list[LinkField]:
    """The fields of a form that point to other records."""
    return [field for field in form._meta.concrete_fields if isinstance(field, LinkField)]


def offers(patient: Patient, to: str, chosen: str = "", form: type[Crf] = Crf) -> list[tuple[str, str]]:
    """(slot, words) of the patient's records of a form that ``form`` can point to; a void or other one only where it is chosen already."""
    found = registry.form(to).objects.filter(patient=patient).select_related("visit").order_by("voided", "id")
    offered: dict[str, str] = {}
    for record in found:
        if record.slot == chosen or not record.voided and form.points_to(record):
            offered.setdefault(record.slot, f"{record.slot} – {said(record)}" + (" (void)" if record.voided else ""))
    return list(offered.items())


def said(record: Crf) -> str:
    """A record in a few words: its first answer and its date."""
    first = next((name for section in record.sections for name in section.fields), "")
    words = (registry.display(record.code, name, getattr(record, name)) for name in dict.fromkeys((first, record.dated_by)))
    return ", ".join(filter(None, words)) or str(record._meta.verbose_name)


@dataclass(frozen=True)
class Linked:
    """A record that points to the one at hand, in words."""

    title: str
    words: str
    url: str
    status: str


@dataclass(frozen=True)
class Group:
    """The records of one form that point here, and where another one is added."""

    title: str
    question: str
    records: tuple[Linked, ...]
    add_url: str


def linked_here(record: Crf, *, may_enter: bool) -> list[Group]:
    """Everything that points to a record, form by form; a log can be added to from here."""
    return list(_groups(record, may_enter))


def _groups(record: Crf, may_enter: bool) -> Iterator[Group]:
    for form in registry.forms():
        for field in links_of(form):
            if field.to != record.code:
                continue
            found = form.objects.filter(patient=record.patient, voided=False, **{field.name: record.slot})
            records = tuple(_linked(each, record) for each in found.select_related("visit").order_by("id"))
            add = ""
            if may_enter and form.is_log() and not record.voided and form.points_to(record):
                add = address(record.patient, Next(form.code, links={field.name: record.slot}))
            if records or add:
                yield Group(str(form._meta.verbose_name_plural), str(field.verbose_name), records, add)


def _linked(each: Crf, target: Crf) -> Linked:
    url = reverse("record", args=[target.patient.number, each.code, each.slot])
    words = each.beside(target) or said(each)
    return Linked(f"{each._meta.verbose_name} {each.slot}", words, url, each.get_state_display())


def address(patient: Patient, place: Next) -> str:
    """The page of a record, of a new one with the links that it brings."""
    url = reverse("record", args=[patient.number, place.form, place.slot])
    return f"{url}?{urlencode(place.links)}" if place.links else url


def prefilled(form: type[Crf], data) -> dict[str, str]:
    """The links that an address brings to a new record's page."""
    return {field.name: data[field.name][:10] for field in links_of(form) if data.get(field.name)}
