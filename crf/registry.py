"""All forms, found from their models; and ``headers``, what casebook, lists and gates may know of a record without reading it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.apps import apps
from django.db import connection
from django.db.models import DecimalField
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


@functools.cache
def references() -> dict[str, type]:
    """Models whose rows rules read beside the patient's records, by code: each says ``fact``, ``owner`` and ``standing``."""
    return {model.fact.form: model for model in apps.get_models() if hasattr(model, "standing") and hasattr(model, "fact")}


def fact_source(code: str) -> type:
    """The form or reference that yields the facts of this code; LookupError when there is none."""
    return _by_code().get(code) or references()[code]


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
    found = _field(code, field)
    return str(found.verbose_name) if found is not None else field


def _field(code: str, name: str):
    """The model field of a form or reference, by its name in the trail; None when there is none."""
    if code not in _by_code() and code not in references():
        return None
    return next((each for each in fact_source(code)._meta.concrete_fields if name in (each.name, each.attname)), None)


def display(code: str, field: str, value: object) -> str:
    """A stored value in the words of the screen: codelist label, date as 05-Mar-2026, '' for empty."""
    from crf.fields import CodeSetField, LinkField, PartialDateField
    from protocol.dates import PartialDate

    if value in (None, ""):
        return ""
    text = str(value)
    found = _field(code, field)
    if isinstance(found, PartialDateField):
        try:
            return str(PartialDate.parse(text))
        except ValueError:
            return text
    if isinstance(found, LinkField):
        return f"{title(found.to)} {text}"
    if isinstance(found, DecimalField):
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
    on: str = ""  # the date it is about, ISO 8601; '' where the form has none or may not show it
    says: bool = False  # it says of the patient what its form's ``says`` declares

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
        f"SELECT '{each.code}', r.id, r.patient_id, v.code, r.row, r.state, r.voided, r.version, {_date_of(each)}, {_says(each)} "  # noqa: S608  no input
        f'FROM "{each._meta.db_table}" r LEFT JOIN patients_visit v ON v.id = r.visit_id {where}'
        for each in chosen
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return [
            Header(code, pk, patient, visit or "", row, state, bool(voided), version, on, bool(says))
            for code, pk, patient, visit, row, state, voided, version, on, says in cursor.fetchall()
        ]


def _date_of(form: type[Crf]) -> str:
    """The column with the date that a record is about, as SQL."""
    from crf.fields import PartialDateField

    field = form._meta.get_field(form.dated_by)
    told = isinstance(field, PartialDateField) and form.dated_by not in form.identifying
    return f'r."{field.column}"' if told else "''"


def _says(form: type[Crf]) -> str:
    """Does a record say what its form declares of the patient? As SQL."""
    if form.says is None or form.says.when is None:
        return "0" if form.says is None else "1"
    column = form._meta.get_field(form.says.when.field).column
    values = ", ".join(f"'{value}'" for value in form.says.when.values)
    return f"CASE WHEN r.\"{column}\" IN ({values}) THEN 1 ELSE 0 END"


def screening_failed(found: Iterable[Header]) -> bool:
    """Has the screening ended in a submitted screen failure?"""
    return any(each.form == "SF" and each.submitted and not each.voided for each in found)


def treatment_ended(found: Iterable[Header]) -> bool:
    """Is there a record, finished or not, that treatment was stopped for good?"""
    return any(form(each.form).ends_treatment and not each.voided for each in found)


def never_dosed(patient: Patient, found: Iterable[Header]) -> bool:
    """Registered, and treatment ended for good before any dose was given?"""
    live = [each for each in found if not each.voided]
    ended = any(each.form == "EOT" and each.submitted for each in live)
    return patient.enrolment_number is not None and ended and not any(each.form == "EC" and each.says for each in live)


def patient_status(patient: Patient, found: Iterable[Header]) -> tuple[str, str]:
    """(words, kind) of where the patient stands, from the records that say so."""
    found = list(found)
    speaking = [each for each in found if each.says and not each.voided and _counts(form(each.form), each, patient)]
    top = max((form(each.form).says for each in speaking), key=lambda status: status.rank, default=None)
    if top and top.rank < ALWAYS and never_dosed(patient, found):
        return NEVER_DOSED, "neutral"
    if top and (patient.enrolment_number or top.rank >= ALWAYS):
        return top.text, top.kind
    return ("Registered, not yet dosed", "progress") if patient.enrolment_number else ("Screening", "neutral")


def _counts(model: type[Crf], header: Header, patient: Patient) -> bool:
    """Does what the record says of the patient hold in its state, and of a patient who is or is not registered?"""
    if model.unregistered_only and patient.enrolment_number is not None:
        return False
    return header.submitted or (model.says is not None and model.says.drafts)


NEVER_DOSED = "Registered, never dosed"
ALWAYS = 50  # a status of this rank holds for unregistered patients too (screen failure, death)
