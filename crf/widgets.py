"""Inputs that our forms need beside Django's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from django import forms

from protocol.dates import MONTHS

UNKNOWN = {"U", "UK", "UN", "UNK", "NK", "UNKNOWN", "?", "-", ""}  # as static/js/dates.js


class PartialDateWidget(forms.MultiWidget):
    """Three small boxes: day, month, year. Shows and reads what was typed, also when it is no date."""

    template_name = "crispy/partial_date.html"

    def __init__(self, attrs=None) -> None:
        boxes = [
            forms.TextInput(attrs={"aria-label": label, "autocomplete": "off", "maxlength": size, "class": css})
            for label, size, css in (
                ("Day", 11, "date-day"), ("Month, a number or Jan to Dec", 11, "date-month"), ("Year", 4, "date-year"),
            )
        ]  # fmt: skip
        super().__init__(boxes, attrs)

    def decompress(self, value) -> list[str]:
        if not value:
            return ["", "", ""]
        year, month, day = [*str(value).split("-"), "", ""][:3]
        name = MONTHS[int(month) - 1] if month.isdigit() and 1 <= int(month) <= 12 else month
        return [str(int(day)) if day else "UNK", name or "UNK", year]

    @staticmethod
    def iso(parts: list[str]) -> str:
        """The three boxes as ISO 8601 text; what cannot be read is kept, so that the error can name it."""
        day, month, year = (str(part or "").strip() for part in parts)
        if not (day or month or year):
            return ""
        month = "" if month.upper() in UNKNOWN else _month(month)
        day = "" if day.upper() in UNKNOWN else day.zfill(2)
        if len(year) == 2 and year.isascii() and year.isdigit():
            year = f"{'19' if year >= '40' else '20'}{year}"  # as static/js/dates.js does while one types
        if day and not month:
            return f"{year}-??-{day}"
        return "-".join(part for part in (year, month, day) if part) or "UNK"  # refused: what is typed is never dropped


def _month(text: str) -> str:
    names = [name.upper() for name in MONTHS]
    return f"{names.index(text[:3].upper()) + 1:02d}" if text[:3].upper() in names else text.zfill(2)


class TimeInput(forms.TextInput):
    """hh:mm; 930 and UNK are understood."""

    def __init__(self, attrs=None) -> None:
        super().__init__({"class": "clock-time", "autocomplete": "off", "placeholder": "hh:mm", **(attrs or {})})


class TypeAhead(forms.TextInput):
    """A text box that proposes terms from ``url`` while one types."""

    def __init__(self, url: str, attrs=None) -> None:
        super().__init__({"data-typeahead-url": url, "autocomplete": "off", **(attrs or {})})


class Suggest(forms.TextInput):
    """A text box with proposals, which ``proposals`` gives when the page is drawn.

    ``hints``: what an empty box means, by the answer to the question ``hints_by``; shown in the box (static/js/form.js).
    """

    template_name = "crispy/suggest.html"

    def __init__(self, attrs=None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.proposals: Callable[[], Iterable[str]] = tuple
        self.hints: Callable[[], dict[str, str]] = dict
        self.hints_by = ""

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        proposals = list(self.proposals())
        if proposals:
            context["widget"]["attrs"]["list"] = f"{context['widget']['attrs'].get('id', name)}_list"
        if hints := self.hints():
            context["widget"]["attrs"] |= {"data-hints": json.dumps(hints), "data-hints-by": self.hints_by}
        return {**context, "proposals": proposals}
