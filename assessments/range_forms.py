"""Entering laboratory ranges: one range, or all tests of a laboratory in one grid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Site
from assessments.references import SEXES, ReferenceRange, laboratories
from crf.fields import PartialDateFormField
from crf.reference_forms import dated, tidy
from crf.widgets import Suggest
from protocol.laboratory import TESTS, LabTest, Panel, read_printed, two_readings

# A line without limits is of use: its unit is read with the results, and nobody is asked for a range that does not exist.
NO_LIMITS = "Empty: the laboratory gives none. Where it gives neither limit, the line still tells the unit"
PANELS = {Panel.HAEMATOLOGY: "Haematology", Panel.CHEMISTRY: "Chemistry", Panel.COAGULATION: "Coagulation",
          Panel.OTHER: "Other tests"}  # fmt: skip


class LimitFormField(forms.Field):
    """A limit as printed: 3,5 and 3.5 and 150 000; what could be read in two ways is refused."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal", "class": "limit", "maxlength": 20})

    def to_python(self, value) -> Decimal | None:
        text = str(value or "").strip()
        if not text:
            return None
        ways = two_readings(text)
        if ways is not None:
            few, many = (f"{way:f}" for way in ways)
            raise ValidationError(f"“{text}” can be read as {few} or as {many}. Type {many}, or {few}0.", code="two ways")
        printed = read_printed(text)
        if printed is None or printed.sign:
            said = f"“{text[:20]}” is no number. Enter the limit alone, for example 3.5; leave it empty if there is none."
            raise ValidationError(said, code="invalid")
        number = printed.number.normalize()
        if number.as_tuple().exponent < -4 or number >= 10**8:
            raise ValidationError("A limit has at most four decimal places and eight digits before them.", code="digits")
        return number


class AgeFormField(forms.Field):
    """Whole years."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "age", "maxlength": 3})

    def to_python(self, value) -> int | None:
        text = str(value or "").strip()
        if text and not re.fullmatch("[0-9]{1,3}", text, re.ASCII):
            raise ValidationError("Enter whole years.", code="invalid")
        return int(text) if text else None


def sex_field() -> forms.ChoiceField:
    return forms.ChoiceField(label="Sex", choices=list(SEXES.items()), required=False, widget=forms.RadioSelect)


def adapt(form, site: Site) -> None:
    """The form of one range."""
    form.fields |= {
        "low": LimitFormField(label="Lower limit", help_text="Empty: the laboratory gives none", required=False),
        "high": LimitFormField(label="Upper limit", help_text=NO_LIMITS, required=False),
        "sex": sex_field(), "age_from": AgeFormField(label="Age from", help_text="Whole years; empty: any", required=False),
        "age_to": AgeFormField(label="Age to", help_text="Whole years; empty: any", required=False),
    }  # fmt: skip
    form.order_fields(ReferenceRange.asked)
    form.fields["laboratory"].widget.proposals = lambda: laboratories(site)
    form.fields["test"].choices = [("", "—"), *by_panel()]
    form.fields["unit"].widget = Suggest(attrs={"class": "unit"})


def by_panel() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The tests as choices, under the names of their panels."""
    for panel, title in PANELS.items():
        yield title, [(test.code, test.label) for test in TESTS.values() if test.panel is panel]


class HeadForm(forms.Form):
    """What all ranges of the grid have in common."""

    laboratory = forms.CharField(
        label="Laboratory", help_text="As printed on its reports", required=False, max_length=60, widget=Suggest()
    )
    valid_from = PartialDateFormField(least="day", label="Valid from", required=False)
    sex = sex_field()
    age_from = AgeFormField(label="Age from", required=False)
    age_to = AgeFormField(label="Age to", required=False)

    def __init__(self, *args, site: Site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        dated(self, site)
        self.fields["laboratory"].widget.proposals = lambda: laboratories(site)

    def clean(self):
        cleaned = super().clean()
        tidy(self, cleaned)
        return cleaned


class RowForm(forms.Form):
    """One test: unit and limits as the laboratory prints them."""

    unit = forms.CharField(required=False, max_length=20, widget=Suggest(attrs={"class": "unit"}))
    low = LimitFormField(required=False)
    high = LimitFormField(required=False)

    def __init__(self, test: LabTest, *args, **kwargs) -> None:
        super().__init__(*args, prefix=test.code.lower(), **kwargs)
        self.test = test
        self.fields["unit"].widget.proposals = lambda: test.known_units
        for name, word in (("unit", "Unit"), ("low", "Lower limit"), ("high", "Upper limit")):
            self.fields[name].label = f"{word} of {test.label}"

    def clean(self):
        cleaned = super().clean()
        tidy(self, cleaned)
        return cleaned

    @property
    def is_empty(self) -> bool:
        return not any(str(self.data.get(self.add_prefix(name)) or "").strip() for name in self.fields)


class Grid:
    """All tests of a laboratory in one form."""

    def __init__(self, site: Site, data=None, initial: dict | None = None) -> None:
        self.site = site
        self.head = HeadForm(data, initial=initial, site=site)
        self.rows = [RowForm(test, data) for test in TESTS.values()]

    @property
    def panels(self) -> list[tuple[str, list[RowForm]]]:
        return [(title, [row for row in self.rows if row.test.panel is panel]) for panel, title in PANELS.items()]

    @property
    def filled(self) -> list[RowForm]:
        return [row for row in self.rows if row.is_bound and not row.is_empty]

    def is_valid(self) -> bool:
        """Can everything that was typed be read? Both halves are looked at, so that all is said at once."""
        fine = [form.is_valid() for form in (self.head, *self.filled)]
        if not self.filled:
            self.head.add_error(None, "No range is entered: fill in the row of at least one test.")
        return all(fine) and self.head.is_valid()

    def lines(self) -> list[ReferenceRange]:
        """The ranges as typed, one a filled row."""
        common = self.head.cleaned_data
        return [ReferenceRange(site=self.site, test=row.test.code, **common, **row.cleaned_data) for row in self.filled]

    def faults(self, today: date) -> dict[int, dict[str, str]]:
        """What is wrong with rows that can be read, said while something else is in the way."""
        readable = [row for row in self.filled if row.is_valid()]
        lines = [ReferenceRange(site=self.site, test=row.test.code, **row.cleaned_data) for row in readable]
        found = {line.test: line.faults(today) for line in lines}
        return {
            place: {name: said for name, said in found.get(row.test.code, {}).items() if name in row.fields}
            for place, row in enumerate(self.filled)
        }

    def refuse(self, faults: dict[int, dict[str, str]]) -> None:
        """Put the sentences at their rows; what is wrong with the head is said once."""
        for place, row in enumerate(self.filled):
            for name, sentence in faults.get(place, {}).items():
                if name not in self.head.fields:
                    row.add_error(name if name in row.fields else None, sentence)
                elif name not in self.head.errors:
                    self.head.add_error(name, sentence)
