"""The entry form of one line of a site's references, made from its model."""

from __future__ import annotations

import functools
import re

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Site
from audit import clock
from crf.fields import PartialDateFormField
from crf.references import SiteReference
from review.texts import UNSTORABLE

_ENDING = re.compile(r"([0-9]{1,18}):([0-9]{1,9})", re.ASCII)


def tidy(form: forms.Form, cleaned: dict) -> None:
    """Texts without needless spaces; signs that cannot be stored are refused."""
    for name, value in list(cleaned.items()):
        if not isinstance(value, str):
            continue
        cleaned[name] = " ".join(value.split())
        if UNSTORABLE.search(value):
            form.add_error(name, ValidationError("The text holds signs that cannot be stored. Type it again.", code="text"))


def dated(form: forms.Form, site: Site) -> None:
    """Dates know the site's day, for the key t."""
    today = clock.today(site.time_zone).isoformat()
    for field in form.fields.values():
        if isinstance(field, PartialDateFormField):
            field.widget.attrs["data-today"] = today


def agreed(data) -> set[tuple[int, int]]:
    """(id, version) of the older lines that the person has agreed to end."""
    return {(int(pk), int(version)) for pk, version in _ENDING.findall(data.get("ending", "")[:20_000])}


def offer(lines) -> str:
    """The value of the tick that agrees to end these lines; ``agreed`` reads it."""
    return " ".join(f"{line.pk}:{line.version}" for line in lines)


class ReferenceForm(forms.ModelForm):
    """What the model cannot store is said by its ``faults`` and ``clashes``; the form reads the values."""

    def __init__(self, *args, site: Site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dated(self, site)
        for name in self.fields:
            self.fields[name].required = False
        type(self.instance).adapt(self, site)

    def clean(self):
        cleaned = super().clean()
        tidy(self, cleaned)
        return cleaned

    def validate_unique(self) -> None:
        """Left to ``faults`` and ``clashes``, which say it in words."""

    def refuse(self, faults: dict[str, str]) -> None:
        """Put the sentences at their fields."""
        for name, sentence in faults.items():
            self.add_error(name or None, sentence)


@functools.cache
def form_for(kind: type[SiteReference]) -> type[ReferenceForm]:
    """The entry form class of a kind of reference."""

    def formfield(field, **kwargs):
        return field.formfield(**kwargs)

    return forms.modelform_factory(kind, form=ReferenceForm, fields=kind.asked, formfield_callback=formfield)
