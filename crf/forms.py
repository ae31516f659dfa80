"""The entry form of any CRF, made from its model. It cleans types, ranges and codelists; the rules are asked elsewhere."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError

from audit import clock
from crf.declared import rule_id
from crf.fields import LinkFormField, MissingReasonField, PartialDateFormField, UnitField
from crf.links import offers
from crf.models import PAPER, Crf, Origin
from patients.models import Patient
from review.texts import UNSTORABLE

REFUSAL = {"date": "date", "precision": "precision", "time": "time", "min_value": "range", "max_value": "range",
           "invalid_choice": "codelist", "max_length": "length", "nothing": "nothing"}  # fmt: skip


class CrfForm(forms.ModelForm):
    """Base of the entry forms. ``refusals`` maps field → [(id, sentence)] of what cannot be stored."""

    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    entry_token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, patient: Patient, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        self._emptied: set[str] = set()
        if not self.is_bound:
            self.initial["base_version"] = self.instance.version
            if self.instance.pk is None:
                self.initial["entry_token"] = uuid.uuid4()
        # The page of a form is one crispy template, drawn from the declared sections.
        self.helper = FormHelper()
        self.helper.template = "crispy/form_page.html"
        today = clock.today(patient.site.time_zone).isoformat()
        for name, field in self.fields.items():
            if isinstance(field, PartialDateFormField):
                field.widget.attrs["data-today"] = today
            elif isinstance(field, LinkFormField):
                field.offers = self._offers(name)
        type(self.instance).adapt(self, patient)

    def _offers(self, name: str) -> Callable[[], list[tuple[str, str]]]:
        """What a link can point to, asked of the database when it is needed, and once."""
        to, chosen = self.instance._meta.get_field(name).to, getattr(self.instance, name)
        return functools.cache(lambda: offers(self.patient, to, chosen, type(self.instance)))

    def clean(self):
        cleaned = super().clean()
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and UNSTORABLE.search(value):
                self.add_error(name, ValidationError("The text holds signs that cannot be stored. Type it again.", code="text"))  # fmt: skip  # noqa: E501
        self._empty_what_is_not_asked(cleaned)
        self._refuse_nothing(cleaned)
        from_paper = any(cleaned.get(name) for name in PAPER.fields)
        self.instance.origin = Origin.PAPER.value if from_paper else Origin.ENTERED.value
        return cleaned

    def _empty_what_is_not_asked(self, cleaned) -> None:
        form = type(self.instance)
        for name, condition in form.asks_if.items():
            if condition.field in cleaned and not condition.holds(cleaned[condition.field]):
                for each in (name, f"{name}_missing"):
                    self.errors.pop(each, None)
                    if each in self.fields:
                        cleaned[each] = self.fields[each].clean("") if not hasattr(self.fields[each], "fields") else ""
                        self._emptied.add(each)
        for name in self.fields:
            sibling = f"{name}_missing"
            if cleaned.get(sibling) and cleaned.get(name) not in (None, ""):
                self.add_error(name, ValidationError("There is an answer, so there is no reason for a missing one. Remove one of the two.", code="both"))  # fmt: skip  # noqa: E501

    def _refuse_nothing(self, cleaned) -> None:
        """A record of a log says something: one without any answer would be counted, and asked about, for nothing."""
        form = type(self.instance)
        if not form.is_log() or self.errors:
            return
        asked = [name for name in form.questions() if name in self.fields]
        if not any(cleaned.get(each) not in (None, "", []) for name in asked for each in (name, f"{name}_missing")):
            said = "Nothing is entered: answer at least one question. A record that is there by mistake is marked so instead."
            self.add_error(asked[0], ValidationError(said, code="nothing"))

    def _post_clean(self) -> None:
        """Django keeps the stored value of a field that was not posted; what is not asked, or not chosen, is empty.

        (A browser posts nothing for radio buttons of which none is chosen.)
        """
        super()._post_clean()
        on_page = {name for name in self.fields if type(self.instance).in_force(name)}
        radios = {name for name in on_page if isinstance(self.fields[name].widget, forms.RadioSelect)}
        for name in (self._emptied | radios) & set(self.cleaned_data):
            setattr(self.instance, name, self.cleaned_data[name])

    def validate_constraints(self) -> None:
        """Left to the database: its refusal becomes the page that shows both records."""

    def validate_unique(self) -> None:
        """As above."""

    def refusals(self) -> list[tuple[str, str, str]]:
        """(field, rule id, sentence) of every value that its type, range or codelist refuses."""
        form, found = type(self.instance), []
        for name, errors in self.errors.as_data().items():
            for error in errors:
                kind = REFUSAL.get(error.code or "", "type")
                found += [(name, rule_id(form, name, kind), message) for message in error.messages]
        return found


@functools.cache
def form_for(model: type[Crf]) -> type[CrfForm]:
    """The entry form class of a CRF."""
    names = [n for section in (*model.sections, PAPER) for n in section.fields]
    siblings = [f.name for f in model._meta.fields if isinstance(f, MissingReasonField | UnitField)]

    def formfield(field, **kwargs):
        return field.formfield() if hasattr(field, "formfield") else None

    return forms.modelform_factory(model, form=CrfForm, fields=[*names, *siblings], formfield_callback=formfield)
