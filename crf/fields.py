"""Model fields of forms. Text columns hold '' for empty; every other column is nullable; being required is a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from crf.widgets import PartialDateWidget, Suggest, TimeInput
from protocol.codelists import Codelist, MissingReason, YesNo
from protocol.dates import PartialDate, parse_time

UNKNOWN_TIME = "UNK"


def _described(args: tuple, kwargs: dict) -> dict:
    """The question is also the column's comment, unless there is a better one."""
    return {"db_comment": str(args[0]), **kwargs} if args else kwargs


class PartialDateField(models.CharField):
    """A clinical date as ISO 8601 text.

    ``least`` is what must be known of it; ``past`` says that it has happened when it is entered, ``after`` names the date
    that it does not come before: both become rules.
    """

    def __init__(
        self, *args: Any, least: Literal["year", "month", "day"] = "day", past: bool = False, after: str = "", **kwargs: Any
    ) -> None:
        self.least, self.past, self.after = least, past, after
        super().__init__(*args, **{"max_length": 10, "blank": True, "default": "", **_described(args, kwargs)})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "least": self.least}

    def formfield(self, **kwargs: Any):
        return PartialDateFormField(least=self.least, label=self.verbose_name, help_text=self.help_text, required=False)


class PartialDateFormField(forms.MultiValueField):
    """Day, month and year in three boxes; UK or UNK where not known."""

    widget = PartialDateWidget
    order = ("year", "month", "day")

    def __init__(self, *, least: str, most: str = "day", **kwargs: Any) -> None:
        self.least, self.most = least, most
        parts = [forms.CharField(required=False, max_length=10) for _ in range(3)]
        super().__init__(parts, require_all_fields=False, **kwargs)

    def compress(self, parts: list[str]) -> str:
        text = self.widget.iso(parts or ["", "", ""])
        if not text:
            return ""
        try:
            precision = PartialDate.parse(text).precision
        except ValueError as error:
            partly = "" if self.least == "day" else f" {_PARTLY[self.least]}"
            raise ValidationError(f"{error}{partly}", code="date") from error
        if self.order.index(precision) < self.order.index(self.least):
            raise ValidationError(_LEAST[self.least], code="precision")
        if self.order.index(precision) > self.order.index(self.most):
            raise ValidationError(_MOST[self.most], code="precision")
        return text


_LEAST = {
    "day": "The full date is needed: day, month and year.",
    "month": "At least month and year are needed.",
    "year": "At least the year is needed.",
}
_PARTLY = {
    "month": "A day that is not known stays empty: Mar-2024.",
    "year": "What is not known stays empty: Mar-2024, or 2024.",
}
_MOST = {
    "year": "Enter the year only: month and day may not be stored in this country.",
    "month": "Enter month and year only: the day may not be stored in this country.",
}


class ResultField(models.CharField):
    """A laboratory result as printed, of the test with this CDISC code; its unit is a sibling."""

    def __init__(self, *args: Any, test: str = "", **kwargs: Any) -> None:
        self.test = test
        super().__init__(*args, **{"max_length": 20, "blank": True, "default": "", **_described(args, kwargs)})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "test": self.test}

    def formfield(self, **kwargs: Any):
        widget = forms.TextInput(attrs={"autocomplete": "off", "class": "result"})
        return forms.CharField(label=self.verbose_name, help_text=self.help_text, required=False, max_length=20, widget=widget)


class UnitField(models.CharField):
    """The unit of the result ``of``, as printed; empty means the unit of the laboratory's range."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("db_comment", f"Unit of {of} as printed")
        super().__init__("Unit", **{"max_length": 20, "blank": True, "default": "", **kwargs})

    def deconstruct(self):
        name, path, _, kwargs = super().deconstruct()
        kwargs.pop("verbose_name", None)
        return name, path, [], {**kwargs, "of": self.of}

    def formfield(self, **kwargs: Any):
        widget = Suggest(attrs={"class": "unit", "placeholder": "unit"})
        return forms.CharField(label=self.verbose_name, required=False, max_length=20, widget=widget)


class ClockTimeField(models.CharField):
    """A wall-clock time at the site, 'HH:MM'; 'UNK' when it is known that nobody knows it.

    ``on`` names the date that it belongs to: that the moment exists and has passed become rules.
    """

    def __init__(self, *args: Any, on: str = "", **kwargs: Any) -> None:
        self.on = on
        super().__init__(*args, **{"max_length": 5, "blank": True, "default": "", **_described(args, kwargs)})

    def formfield(self, **kwargs: Any):
        return ClockTimeFormField(label=self.verbose_name, help_text=self.help_text, required=False, max_length=10)


class ClockTimeFormField(forms.CharField):
    widget = TimeInput

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).strip().upper()
        if not text:
            return ""
        if text in ("UK", UNKNOWN_TIME):
            return UNKNOWN_TIME
        digits = text.replace(".", ":").replace("H", ":")
        if digits.isascii() and digits.isdigit() and len(digits) in (3, 4):
            digits = f"{digits[:-2]}:{digits[-2:]}"
        hours, _, minutes = digits.partition(":")
        try:
            return parse_time(f"{hours.zfill(2)}:{minutes}").strftime("%H:%M")
        except ValueError as error:
            raise ValidationError(str(error), code="time") from error


class LinkField(models.CharField):
    """Another record of the same patient, of the form ``to``: its number in the log, or its visit. No import is needed."""

    def __init__(self, *args: Any, to: str = "", **kwargs: Any) -> None:
        self.to = to
        super().__init__(*args, **{"max_length": 10, "blank": True, "default": "", **_described(args, kwargs)})

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "to": self.to}

    def formfield(self, **kwargs: Any):
        return LinkFormField(label=self.verbose_name, help_text=self.help_text, required=False)


class LinkFormField(forms.ChoiceField):
    """A choice among the patient's records; ``offers`` gives them as (slot, words) when the page is drawn or checked."""

    default_error_messages = {"invalid_choice": "This patient has no such record. Choose one of the list."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=self._choices, **kwargs)
        self.offers: Callable[[], Iterable[tuple[str, str]]] = tuple

    def _choices(self) -> list[tuple[str, str]]:
        return [("", "—"), *self.offers()]

    def __deepcopy__(self, memo: Any) -> LinkFormField:
        copied = super().__deepcopy__(memo)
        copied.choices = copied._choices  # those of the copy's own patient
        return copied

    def valid_value(self, value: Any) -> bool:
        return str(value) in {slot for slot, _ in self.offers()}


class OfferField(models.CharField):
    """One of what the form ``offers`` this patient when it is filled in: found by the program, chosen and never typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 40, "blank": True, "default": "", **_described(args, kwargs)})

    def formfield(self, **kwargs: Any):
        field = LinkFormField(label=self.verbose_name, help_text=self.help_text, required=False)
        field.error_messages["invalid_choice"] = "This is not, or no longer, offered. Choose one of the list."
        return field


class WordsField(models.TextField):
    """Words, as many as needed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"blank": True, "default": "", **_described(args, kwargs)})


class SuggestField(models.CharField):
    """Text of which the page proposes what is known; anything else can be typed, because it may be what stands there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 60, "blank": True, "default": "", **_described(args, kwargs)})

    def formfield(self, **kwargs: Any):
        return forms.CharField(
            label=self.verbose_name, help_text=self.help_text, required=False, max_length=self.max_length, widget=Suggest()
        )


class CodeField(models.CharField):
    """One value of a codelist."""

    def __init__(self, *args: Any, codelist: type[Codelist] | None = None, **kwargs: Any) -> None:
        self.codelist = codelist
        if codelist is not None:
            kwargs["choices"] = codelist.choices()
        super().__init__(*args, **{"max_length": 40, "blank": True, "default": "", **_described(args, kwargs)})

    def formfield(self, **kwargs: Any):
        few = len(self.choices) <= 6
        choices = list(self.choices) if few else [("", "—"), *self.choices]
        return forms.ChoiceField(
            choices=choices, widget=forms.RadioSelect if few else forms.Select, required=False,
            label=self.verbose_name, help_text=self.help_text,
        )  # fmt: skip


def yes_no(question: str, **kwargs: Any) -> CodeField:
    """A question answered yes or no."""
    return CodeField(question, codelist=YesNo, max_length=1, **kwargs)


class CodeSetField(models.CharField):
    """Several values of a list, as text with '; ' between them in the list's order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 400, "blank": True, "default": "", **_described(args, kwargs)})

    def formfield(self, **kwargs: Any):
        return CodeSetFormField(
            choices=list(self.choices), required=False, label=self.verbose_name, help_text=self.help_text
        )

    def validate(self, value: Any, model_instance: Any) -> None:
        """Code by code: the text as a whole is no value of the list."""
        for code in str(value or "").split("; "):
            super().validate(code, model_instance)


class CodeSetFormField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        return value.split("; ") if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        picked = set(super().clean(value))
        return "; ".join(code for code, _ in self.choices if code in picked)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial or ""), data)


class MissingReasonField(CodeField):
    """Why the question ``of`` has no answer: the sibling of a value, never a code in it."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("db_comment", f"Why {of} has no answer")
        super().__init__("No answer, because", codelist=MissingReason, max_length=20, **kwargs)

    def deconstruct(self):
        name, path, _, kwargs = super().deconstruct()
        for derived in ("verbose_name", "max_length"):
            kwargs.pop(derived, None)
        return name, path, [], {**kwargs, "of": self.of}

    def formfield(self, **kwargs: Any):
        choices = [("", "—"), *self.choices]
        return forms.ChoiceField(choices=choices, required=False, label=self.verbose_name)


class NumberField(models.DecimalField):
    """A measured number with its unit, the range outside which it cannot be true, and that outside which it is doubtful."""

    def __init__(
        self, *args: Any, unit: str = "", least: int = 0, most: int = 9999, doubt_below: int | None = None,
        doubt_above: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.unit, self.least, self.most = unit, least, most
        self.doubt_below, self.doubt_above = doubt_below, doubt_above
        kwargs.setdefault("max_digits", 8)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **{"null": True, "blank": True, **_described(args, kwargs)})

    @property
    def validators(self):
        return [*super().validators, MinValueValidator(self.least), MaxValueValidator(self.most)]

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "unit": self.unit, "least": self.least, "most": self.most}

    def formfield(self, **kwargs: Any):
        return NumberFormField(
            max_digits=self.max_digits, decimal_places=self.decimal_places, min_value=self.least, max_value=self.most,
            required=False, label=self.verbose_name, help_text=self.help_text,
        )  # fmt: skip


# Python would also read 1_000, 1e3, NaN and the digits of other scripts.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", re.ASCII)


class NumberFormField(forms.DecimalField):
    """A decimal comma is as good as a point."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any):
        text = str(value).strip().replace(",", ".") if value not in self.empty_values else value
        if isinstance(text, str) and text and not _NUMBER.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        number = super().to_python(text)
        return number + 0 if number == 0 else number  # no negative zero

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value

    def widget_attrs(self, widget) -> dict:
        return {}
