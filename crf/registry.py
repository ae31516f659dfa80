"""All forms, found from their models; and ``headers``, what casebook, lists and gates may know of a record without reading it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.apps import apps
from django.db import connection
from django.http import Http404

from crf.models import Crf, State
from patients.models import Patient


@functools.cache
def forms() -> tuple[type[Crf], ...]:
    """Every form, in the order in which the apps and models declare them."""
    return tuple(model for model in apps.get_models() if issubclass(model, Crf))


@functools.cache
def _by_code() -> dict[str, type[Crf]]:
    return {form.code: form for form in forms()}


def form(code: str) -> type[Crf]:
    """The form with this code; LookupError when there is none."""
    return _by_code()[code]


def form_or_404(code: str) -> type[Crf]:
    if code not in _by_code():
        raise Http404("There is no such form.")
    return _by_code()[code]


def record_or_404(patient: Patient, code: str, pk: int) -> Crf:
    """A record of a patient who has been let in by ``patients.access``."""
    found = form_or_404(code).objects.filter(patient=patient, pk=pk).select_related("visit").first()
    if found is None:
        raise Http404("There is no such record.")
    found.patient = patient
    return found


def title(code: str) -> str:
    """What people call the form."""
    return str(form(code)._meta.verbose_name) if code in _by_code() else code


def label(code: str, field: str) -> str:
    """The question behind a field, as on the form; the field's name when it is not a question."""
    if code not in _by_code():
        return field
    for each in form(code)._meta.concrete_fields:
        if field in (each.name, each.attname):
            return str(each.verbose_name)
    return field


def display(code: str, field: str, value: object) -> str:
    """A stored value in the words of the screen: codelist label, date as 05-Mar-2026, '' for empty."""
    from crf.fields import CodeSetField, NumberField, PartialDateField
    from protocol.dates import PartialDate

    if value in (None, ""):
        return ""
    text = str(value)
    found = next((f for f in form(code)._meta.concrete_fields if field in (f.name, f.attname)), None) if code in _by_code() else None  # fmt: skip  # noqa: E501
    if isinstance(found, PartialDateField):
        try:
            return str(PartialDate.parse(text))
        except ValueError:
            return text
    if isinstance(found, NumberField):
        try:
            return f"{Decimal(text).normalize():f}"
        except InvalidOperation:
            return text  # typed, and not yet a number
    if found is not None and found.choices and not isinstance(found, CodeSetField):
        return str(dict(found.flatchoices).get(text, text))
    return text


@dataclass(frozen=True)
class Header:
    """The columns that every form shares."""

    form: str
    record: int
    patient: int
    visit: str
    row: int
    state: str
    voided: bool
    version: int

    @property
    def slot(self) -> str:
        return self.visit or str(self.row)

    @property
    def submitted(self) -> bool:
        return self.state == State.SUBMITTED


def headers(patients: Iterable[int] | None = None, only: Iterable[str] | None = None) -> list[Header]:
    """Headers of all records of some patients (None: of all), in one query whatever the number of forms."""
    ids = None if patients is None else [int(pk) for pk in patients]
    if ids == []:
        return []
    chosen = [each for each in forms() if only is None or each.code in set(only)]
    where = f"WHERE r.patient_id IN ({', '.join(map(str, ids))})" if ids else ""
    parts = [
        f"SELECT '{each.code}', r.id, r.patient_id, v.code, r.row, r.state, r.voided, r.version "  # noqa: S608  no input
        f'FROM "{each._meta.db_table}" r LEFT JOIN patients_visit v ON v.id = r.visit_id {where}'
        for each in chosen
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return [
            Header(code, pk, patient, visit or "", row, state, bool(voided), version)
            for code, pk, patient, visit, row, state, voided, version in cursor.fetchall()
        ]


def patient_status(patient: Patient, found: Iterable[Header]) -> tuple[str, str]:
    """(words, kind) of where the patient stands, from the records that say so."""
    said = [form(each.form).says for each in found if each.submitted and not each.voided]
    top = max((status for status in said if status), key=lambda status: status.rank, default=None)
    if top and (patient.enrolment_number or top.rank >= ALWAYS):
        return top.text, top.kind
    return ("Registered, not yet dosed", "progress") if patient.enrolment_number else ("Screening", "neutral")


ALWAYS = 50  # a status of this rank holds for unregistered patients too (screen failure, death)
