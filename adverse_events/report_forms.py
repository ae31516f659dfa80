"""What is typed on the pages of reports, as forms clean it: moments that may lack their time, and days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Site
from audit import clock
from crf.fields import UNKNOWN_TIME, ClockTimeFormField, PartialDateFormField
from protocol.clocks import day_zero
from protocol.dates import PartialDate, exists


class OtherMeansForm(forms.Form):
    """When an event was first reported by other means, on the site's clock; the time may be unknown."""

    other_on = PartialDateFormField(least="day", label="Date", required=False)
    other_time = ClockTimeFormField(label="Time", required=False, max_length=10)

    def __init__(self, *args, site: Site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        self.fields["other_on"].widget.attrs["data-today"] = clock.today(site.time_zone).isoformat()
        self.fields["other_time"].widget.attrs["aria-label"] = "Time, 24 hours; UNK when nobody knows it"

    def clean(self) -> dict:
        cleaned = super().clean()
        day, at = cleaned.get("other_on"), cleaned.get("other_time")
        if day and at and at != UNKNOWN_TIME and not exists(PartialDate.parse(day).earliest, at, self.site.time_zone):
            gone = f"There was no {at} at the site that night: the clocks went forward. Correct the time."
            self.add_error("other_time", ValidationError(gone, code="time"))
        return cleaned

    def typed(self) -> tuple[dict[str, str], dict[str, str]]:
        """(what can be read, what is wrong by field)."""
        self.is_valid()
        read = {name: str(self.cleaned_data.get(name) or "") for name in self.fields}
        return read, {name: " ".join(sentences) for name, sentences in self.errors.items()}


class DayForm(forms.Form):
    """One day that has passed."""

    on = PartialDateFormField(least="day", label="Date", required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].widget.attrs["data-today"] = day_zero(clock.now()).isoformat()

    def day(self) -> tuple[date | None, str]:
        """(the day, what is wrong with it)."""
        text = self.cleaned_data.get("on") if self.is_valid() else ""
        fault = " ".join(sentence for sentences in self.errors.values() for sentence in sentences)
        return (PartialDate.parse(text).earliest if text else None), fault


def number(data: Mapping[str, str], name: str) -> int:
    """A number that the page itself put there; 0 for anything else."""
    text = data.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
