"""The entry forms of the drug account. They read what was typed; what cannot be stored is said by ``accountability``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Site
from crf import registry
from crf.fields import PartialDateFormField
from crf.reference_forms import dated
from crf.widgets import Suggest
from dosing.stock import Vial
from dosing.transfers import other_sites
from patients.models import Patient
from protocol import stock
from protocol.codelists import YesNo
from protocol.stock import NEEDS_REASON, VialAct, VialState


class WholeFormField(forms.Field):
    """A whole number, or nothing."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric", "class": "age", "maxlength": 5})

    def to_python(self, value) -> int | None:
        text = str(value or "").strip()
        if text and not re.fullmatch("[0-9]{1,5}", text, re.ASCII):
            raise ValidationError("Enter a whole number.", code="invalid")
        return int(text) if text else None


class StrengthField(forms.ChoiceField):
    """One of the strengths of the trial's vials."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs) -> None:
        super().__init__(choices=lambda: [(str(each), f"{each} mg") for each in stock.strengths()], **kwargs)

    def clean(self, value) -> Decimal | None:
        text = super().clean(value)
        return Decimal(text) if text else None


def _words(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}))


def _line(label: str, help_text: str = "", **more) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=40, **more)


class AccountForm(forms.Form):
    """``needed``: questions that must have an answer. Sentences of a refusal stand at their questions."""

    needed: tuple[str, ...] = ()

    def __init__(self, *args, site: Site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        dated(self, site)

    def refuse(self, faults: dict[str, list[str]]) -> None:
        """Put the sentences at their questions, those of no question at the top."""
        for name, sentences in faults.items():
            if name in self.fields and name in self.errors:
                continue  # what was typed there could not even be read
            for sentence in filter(None, sentences):
                self.add_error(name if name in self.fields else None, sentence)

    def typed(self) -> dict:
        """What could be read; '' for the rest, None for numbers."""
        return {name: self.cleaned_data.get(name, None if name in ("counted", "strength_mg") else "") for name in self.fields}


class ReceiveForm(AccountForm):
    """A shipment: what came, when, and how it travelled."""

    needed = ("received_on", "strength_mg", "lot", "expires_on", "numbers", "counted", "temperature_kept")

    received_on = PartialDateFormField(least="day", label="Received on", required=False)
    reference = _line("Number of the delivery note", "As printed, if there is one")
    strength_mg = StrengthField(label="Strength", required=False)
    lot = _line("Lot", "As printed on the vials; another lot is another shipment", widget=Suggest())
    expires_on = PartialDateFormField(least="month", label="Expires", help_text="UK for the day when only month and year are printed", required=False)  # fmt: skip  # noqa: E501
    numbers = forms.CharField(
        label="Vial numbers", help_text="A list, or a range such as A1001-A1010", required=False, max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )  # fmt: skip
    counted = WholeFormField(label="Vials in the box", help_text="Counted by hand: it must fit the numbers", required=False)
    temperature_kept = forms.ChoiceField(
        label="Temperature kept on the way?", help_text="No: the vials go into quarantine until the sponsor has decided",
        choices=YesNo.choices(), widget=forms.RadioSelect, required=False,
    )  # fmt: skip
    remark = _words("Remark", "When the temperature was not kept: what the logger shows, and who was told")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot"].widget.proposals = lambda: list(dict.fromkeys(_lots(self.site).values_list("lot", flat=True)))


def _lots(site: Site):
    return Vial.objects.filter(site=site).exclude(state=VialState.MISTAKEN.value).order_by("strength_mg", "lot")


class ActForm(AccountForm):
    """One act for the vials that were chosen: its day, whom it is for when it is a dispensing, and the reason."""

    on = PartialDateFormField(least="day", label="Date", required=False)
    patient = forms.ChoiceField(label="Patient", required=False)
    dose = forms.ChoiceField(label="Dose", required=False)
    to = forms.ChoiceField(label="Site to which they go", required=False)
    reference = _line("Number of the delivery note", "As printed, if there is one")
    reason = _words("Reason")

    def __init__(self, *args, act: VialAct, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        if act is VialAct.SEND_ON:
            self.fields["to"].choices = [("", "—"), *((each.code, f"{each.code} {each.city}") for each in other_sites(self.site))]
            self.fields["reason"].help_text = "Why they go there, and who of the sponsor has agreed"
        else:
            del self.fields["to"], self.fields["reference"]
        if act is VialAct.DISPENSE:
            self.fields["patient"].choices = [("", "—"), *((number, number) for number in registered(self.site))]
            self.fields["dose"].choices = [("", "—"), *((label, label) for label in registry.form("EC").visits)]
        else:
            del self.fields["patient"], self.fields["dose"]
        if act not in NEEDS_REASON:
            self.fields["reason"].label = "Remark"
        self.needed = ("on", *(name for name in ("patient", "dose", "to") if name in self.fields), *(("reason",) if act in NEEDS_REASON else ()))


def registered(site: Site) -> Iterable[str]:
    """The numbers of the patients for whom vials can be dispensed."""
    return Patient.objects.filter(site=site, enrolment_number__isnull=False).order_by("number").values_list("number", flat=True)


class ArriveForm(AccountForm):
    """A box from another site: what came is ticked on the list above the questions."""

    needed = ("received_on", "counted", "temperature_kept")

    received_on = PartialDateFormField(least="day", label="Received on", required=False)
    counted = WholeFormField(label="Vials in the box", help_text="Counted by hand: it must fit the ticks above", required=False)
    temperature_kept = forms.ChoiceField(
        label="Temperature kept on the way?", help_text="No: the vials go into quarantine until the sponsor has decided",
        choices=YesNo.choices(), widget=forms.RadioSelect, required=False,
    )  # fmt: skip
    remark = _words("Remark", "What was missing or broken. When the temperature was not kept: what the logger shows, and who was told")


class CountForm(AccountForm):
    """What was found on the shelf."""

    needed = ("counted_on", "which", "counted")

    counted_on = PartialDateFormField(least="day", label="Counted on", required=False)
    which = forms.ChoiceField(label="Lot", required=False)
    counted = WholeFormField(label="Vials found", help_text="In the pharmacy, with those in quarantine and those just back from the ward", required=False)  # fmt: skip  # noqa: E501
    remark = _words("Remark", "Needed when the account has another number")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        known = dict.fromkeys(_lots(self.site).values_list("strength_mg", "lot"))
        self.fields["which"].choices = [("", "—"), *((f"{mg.normalize():f} {lot}", f"{mg.normalize():f} mg, lot {lot}") for mg, lot in known)]

    def asked(self) -> dict:
        """The answers as ``accountability.count`` takes them."""
        typed = self.typed()
        mg, _, lot = (typed.pop("which") or "").partition(" ")
        return {**typed, "strength_mg": Decimal(mg) if mg else None, "lot": lot}

    def refuse(self, faults: dict[str, list[str]]) -> None:
        super().refuse({"which" if name == "lot" else name: sentences for name, sentences in faults.items()})


class ExpiryForm(AccountForm):
    """Another expiry date for the vials of a lot."""

    needed = ("expires_on", "reason")

    expires_on = PartialDateFormField(least="month", label="New date", help_text="UK for the day when only month and year are printed", required=False)  # fmt: skip  # noqa: E501
    reason = _words("Reason", "Extended: by whom, and the number of the letter. Or typed wrong")
