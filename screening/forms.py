"""What is typed on the registration page when the patient was registered on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Site
from audit import clock
from crf.fields import UNKNOWN_TIME, ClockTimeFormField, PartialDateFormField
from protocol.dates import PartialDate, exists, parse_time
from review.texts import UNSTORABLE
from screening.actions import Paper


class PaperForm(forms.Form):
    """Date, time and number on the paper; and, when points stand against it, that it happened all the same, and why."""

    paper_date = PartialDateFormField(least="day", label="Date on the paper", required=False)
    paper_time = ClockTimeFormField(label="Time on the paper", help_text="24 hours, on the site's clock", required=False, max_length=10)
    paper_number = forms.CharField(label="Number on the paper", max_length=40, required=False)
    all_the_same = forms.BooleanField(label="It was registered all the same", required=False)
    why = forms.CharField(label="Why was it registered all the same?", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, required=False)

    def __init__(self, *args, site: Site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        self.fields["paper_date"].widget.attrs["data-today"] = clock.today(site.time_zone).isoformat()

    def clean(self) -> dict:
        cleaned = super().clean()
        for name, missing in (
            ("paper_date", "Enter the date that stands on the paper."), ("paper_time", "Enter the time that stands on the paper."),
            ("paper_number", "Enter the number that stands on the paper."),
        ):  # fmt: skip
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, missing)
        for name in ("paper_number", "why"):
            if UNSTORABLE.search(cleaned.get(name) or ""):
                self.add_error(name, "The text holds signs that cannot be stored. Type it again.")
        day, at = cleaned.get("paper_date"), cleaned.get("paper_time")
        if at == UNKNOWN_TIME:
            self.add_error("paper_time", "The time must be known: from this moment on the patient is registered.")
        elif day and at and not exists(PartialDate.parse(day).earliest, at, self.site.time_zone):
            gone = ValidationError(f"There was no {at} at the site that night: the clocks went forward. Correct the time.", code="time")
            self.add_error("paper_time", gone)
        return cleaned

    def paper(self) -> Paper:
        """The registration as it was typed. Of an hour that the autumn clock change repeats it takes the first."""
        cleaned = self.cleaned_data
        day, at = PartialDate.parse(cleaned["paper_date"]).earliest, parse_time(cleaned["paper_time"])
        moment = datetime.combine(day, at, ZoneInfo(self.site.time_zone)).astimezone(UTC)
        return Paper(moment, cleaned["paper_number"], cleaned["all_the_same"], cleaned["why"])
