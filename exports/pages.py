"""What the page of exports asks and shows."""

from __future__ import annotations

import re
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django import forms

from audit.context import Actor
from audit.models import Change
from exports.actions import CUT_MADE, EXPORTED, FORMATS, Manifest, Refused, export, make_cut, moment_from
from exports.models import Cut

SHOWN = 50  # past exports on the page; the page over all changes has the rest
NOW, MOMENT, OF_CUT = "now", "moment", "cut"


class MomentField(forms.CharField):
    """Date and time in UTC."""

    def __init__(self, **kwargs) -> None:
        attrs = {"placeholder": "2026-03-05 14:30", "autocomplete": "off"}
        help_text = "Year-month-day hour:minute; a date alone means its first minute. UTC, not a site's time"
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), help_text=help_text, **kwargs)

    def clean(self, value: str) -> datetime | None:
        text = super().clean(value)
        try:
            return moment_from(text) if text else None
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class ExportForm(forms.Form):
    """Which data, in which format."""

    format = forms.ChoiceField(label="Format", choices=[(code, each.label) for code, each in FORMATS.items()])
    when = forms.ChoiceField(
        label="Data", widget=forms.RadioSelect, initial=NOW,
        choices=[(NOW, "as they are now"), (MOMENT, "as they were at a moment"), (OF_CUT, "of a cut")],
    )  # fmt: skip
    as_of = MomentField(label="Moment (UTC)", required=False)
    cut = forms.ChoiceField(label="Cut", required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cut"].choices = [
            ("", "—"),
            *((cut.name, f"{cut.name}, {cut.as_of:%Y-%m-%d %H:%M} UTC") for cut in cuts()),
        ]

    def clean(self):
        """Only what belongs to the choice counts; it must be there."""
        cleaned = super().clean()
        for choice, name in ((MOMENT, "as_of"), (OF_CUT, "cut")):
            if cleaned.get("when") != choice:
                self.errors.pop(name, None)
                cleaned[name] = None if name == "as_of" else ""
            elif not cleaned.get(name) and name not in self.errors:
                self.add_error(name, "Enter the moment." if name == "as_of" else "Choose the cut.")
        return cleaned


class CutForm(forms.Form):
    """A new cut."""

    name = forms.CharField(label="Name", max_length=60, help_text="For example Safety review 1")
    as_of = MomentField(label="Moment (UTC)")
    reason = forms.CharField(label="What it is for", max_length=400)


def cuts() -> list[Cut]:
    """All cuts, latest moment first."""
    return list(Cut.objects.all())


def taken() -> list[Change]:
    """The last exports and cuts as the trail has them, newest first."""
    found = Change.objects.filter(form="ACCESS", field__in=(EXPORTED, CUT_MADE)).select_related("change_set")
    return list(found.order_by("-id")[:SHOWN])


def context(export_form: ExportForm | None = None, cut_form: CutForm | None = None) -> dict:
    return {
        "export_form": export_form or ExportForm(prefix="export"), "cut_form": cut_form or CutForm(prefix="cut"),
        "cuts": cuts(), "taken": taken(), "shown": SHOWN,
    }  # fmt: skip


def run(form: ExportForm, by: Actor) -> tuple[BinaryIO, str] | None:
    """The export as an open zip and its file name; None, with the reason in the form, when it is refused."""
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    with tempfile.TemporaryDirectory() as scratch:
        try:
            to = Path(scratch) / "export"
            manifest = export(to=to, format=asked["format"], by=by, as_of=asked["as_of"], cut=asked["cut"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return None
        return _zipped(to, manifest), f"{_name(manifest)}.zip"


def _name(manifest: Manifest) -> str:
    cut = re.sub(r"[^A-Za-z0-9]+", "-", manifest.cut).strip("-").lower()
    stamp = re.sub(r"[^0-9TZ]", "", manifest.as_of.partition(".")[0] + "Z")
    return "-".join(part for part in ("start-lung", manifest.format, cut, stamp) if part)


def _zipped(directory: Path, manifest: Manifest) -> BinaryIO:
    """The files in a zip whose entries carry no clock time, so that the same files give the same zip."""
    file = tempfile.TemporaryFile()  # the response closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(directory.iterdir()):
            entry = zipfile.ZipInfo(f"{_name(manifest)}/{path.name}")
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while piece := source.read(1 << 20):
                    target.write(piece)
    file.seek(0)
    return file


def new_cut(form: CutForm, by: Actor) -> Cut | None:
    """The new cut; None, with the reason in the form, when it is refused."""
    if not form.is_valid():
        return None
    try:
        return make_cut(by=by, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
