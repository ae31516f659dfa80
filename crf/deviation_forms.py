"""What a person types on the page of a deviation, and what is read from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Site
from audit import clock
from crf.fields import UNKNOWN_TIME, ClockTimeFormField, PartialDateFormField
from protocol.dates import PartialDate, exists, parse_time
from review import deviation_states as states
from review.deviation_states import Act
from review.deviations import Said
from review.models import Deviation, DeviationCategory


@dataclass(frozen=True)
class Offer:
    """An act as the page offers it: what its form asks for, in the order of the page."""

    title: str
    button: str
    asks: tuple[str, ...]
    reason: str = "Why?"
    intro: str = ""


OFFERS: dict[Act, Offer] = {
    Act.ANSWER: Offer(
        "Was it a medication error?", "Store the answer", ("answer", "reason"),
        intro="Your answer changes nothing of the data, nor of the monitor's judgement. A medication error is followed up as your own procedures say.",
    ),
    Act.ACCEPT: Offer("Accept", "Accept the deviation", ("category", "description", "reason")),
    Act.REJECT: Offer("Reject", "Reject it", ("reason",), "Why is it no deviation?"),
    Act.REPORT: Offer("It was reported", "Store the report", ("at", "reason"), "Where and how (may stay empty)",
                      "Who reports to the authority is the sponsor; the program reports nothing. Enter when it was done: that ends the clock."),
    Act.DISMISS: Offer("Assessed: not a serious breach", "Store the assessment", ("reason",), intro="This ends the clock."),
    Act.CORRECT: Offer("Correct when the sponsor became aware", "Store the correction", ("at", "reason"), "Why is it corrected?"),
    Act.FLAG: Offer("Flag as a potential serious breach", "Flag it", ("at", "reason"), "Why may it be a serious breach?",
                    "A breach is serious when it is likely to affect to a significant degree the safety and rights of a patient, or the "
                    "reliability and robustness of the data (Article 52). Data management gets a mail, without patient data; the clock runs "
                    "from the moment at which the sponsor became aware."),
    Act.VOID: Offer("Entered by mistake", "Void it", ("reason",), intro="Nothing is deleted: it is struck through and counts no more. It cannot be taken back; enter it anew instead."),
}  # fmt: skip
AT = {Act.FLAG: "Sponsor aware at", Act.CORRECT: "Sponsor aware at", Act.REPORT: "Reported at"}
ANSWERS = (
    (states.ERROR, "It was a medication error"),
    (states.NO_ERROR, "It was no medication error"),
)  # fmt: skip
# The usual reading (ICH E3, questions and answers, on important deviations): the protocol's own definition is not public.
CATEGORIES = (
    (DeviationCategory.MAJOR, "Major", "It may significantly affect the patient's rights, safety or well-being, or the completeness, accuracy or reliability of the data."),
    (DeviationCategory.MINOR, "Minor", "It may not."),
)  # fmt: skip


class MomentForm(forms.Form):
    """A past moment on the site's clock; of an hour that the autumn clock change repeats it takes the first."""

    at_date = PartialDateFormField(least="day", label="Date", required=False)
    at_time = ClockTimeFormField(label="Time", required=False, max_length=10)

    def __init__(self, *args, site: Site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.site = site
        self.fields["at_date"].widget.attrs["data-today"] = clock.today(site.time_zone).isoformat()
        self.fields["at_time"].widget.attrs["aria-label"] = "Time, 24 hours"

    def clean(self) -> dict:
        cleaned = super().clean()
        day, at = cleaned.get("at_date"), cleaned.get("at_time")
        if at == UNKNOWN_TIME:
            self.add_error("at_time", "The time must be known: the clock runs from it.")
        elif day and at and not exists(PartialDate.parse(day).earliest, at, self.site.time_zone):
            gone = f"There was no {at} at the site that night: the clocks went forward. Correct the time."
            self.add_error("at_time", ValidationError(gone, code="time"))
        return cleaned

    def moment(self) -> datetime | None:
        """As typed, UTC; None when a part is missing or refused."""
        if not self.is_valid() or not (self.cleaned_data["at_date"] and self.cleaned_data["at_time"]):
            return None
        day, at = PartialDate.parse(self.cleaned_data["at_date"]).earliest, parse_time(self.cleaned_data["at_time"])
        return datetime.combine(day, at, ZoneInfo(self.site.time_zone)).astimezone(UTC)


def moment_form(act: Act, site: Site, data: Mapping[str, str] | None = None, at: datetime | None = None) -> MomentForm:
    """The form of an act's moment, as posted or (``data`` None) showing ``at``."""
    local = (at or clock.now()).astimezone(ZoneInfo(site.time_zone))
    initial = {"at_date": local.date().isoformat(), "at_time": f"{local:%H:%M}"}
    return MomentForm(data, site=site, initial=initial, auto_id=f"{act}-%s")


@dataclass
class Offered:
    """An act that the person can do now, with what was typed and what is wrong with it."""

    act: Act
    offer: Offer
    typed: dict[str, str]
    faults: dict[str, str]
    moment: MomentForm | None
    is_open: bool
    optional_reason: bool = False

    @property
    def categories(self) -> list[tuple[str, str, str, bool]]:
        return [(value, label, text, self.typed.get("category") == value) for value, label, text in CATEGORIES]

    @property
    def answers(self) -> list[tuple[str, str, bool]]:
        return [(value, label, self.typed.get("answer") == value) for value, label in ANSWERS]

    @property
    def at_label(self) -> str:
        return AT.get(self.act, "")


@dataclass
class Posted:
    """What was posted to one act: read, and as it was typed."""

    act: Act
    said: Said
    typed: dict[str, str]
    moment: MomentForm | None
    version: int
    faults: dict[str, str] = field(default_factory=dict)


TYPED = ("category", "description", "reason", "answer")


def read(act: Act, site: Site, data: Mapping[str, str]) -> Posted:
    """A post to the page of a deviation."""
    typed = {name: data.get(name, "") for name in TYPED}
    version = data.get("version", "")
    moment = moment_form(act, site, data) if "at" in OFFERS[act].asks else None
    posted = Posted(act, Said(**typed, at=moment.moment() if moment else None), typed, moment,
                    int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0)  # fmt: skip
    if moment is not None and moment.errors:
        posted.faults["at"] = " ".join(sentence for errors in moment.errors.values() for sentence in errors)
    return posted


def offered(user, deviation: Deviation, posted: Posted | None = None) -> list[Offered]:
    """What the person can do with the deviation now, the first thing to do open."""
    found = []
    for act, offer in OFFERS.items():
        if not states.can(user, deviation, act):
            continue
        mine = posted if posted is not None and posted.act is act else None
        typed = mine.typed if mine else _before(deviation, act)
        moment = (mine.moment if mine else moment_form(act, deviation.patient.site, at=_known(deviation, act))) if "at" in offer.asks else None
        waits = (act is Act.ANSWER and deviation.safety_question == states.ASKED) or (act is Act.ACCEPT and deviation.status == states.PROPOSED)
        optional = act is Act.REPORT or (act is Act.ACCEPT and deviation.status == states.PROPOSED)
        found.append(Offered(act, _worded(deviation, act, offer), typed, mine.faults if mine else {}, moment, bool(mine) or waits, optional))
    return found


def _worded(deviation: Deviation, act: Act, offer: Offer) -> Offer:
    """The offer in words that fit where the deviation stands."""
    if act is Act.ACCEPT and deviation.status == states.ACCEPTED:
        return Offer("Change category or wording", "Store the change", offer.asks, "Why is it changed?")
    if act is Act.ACCEPT and deviation.status == states.REJECTED:
        return Offer("Accept it after all", offer.button, offer.asks, "Why is it accepted after all?")
    if act is Act.ACCEPT:
        return Offer(offer.title, offer.button, offer.asks, "Remark (may stay empty)")
    if act is Act.FLAG and deviation.breach:
        return Offer("Flag it again", offer.button, offer.asks, offer.reason, "What had ended the clock is taken back; it stays in the history.")
    if act is Act.ANSWER and deviation.safety_question != states.ASKED:
        return Offer("Answer anew", offer.button, offer.asks, "Why is it answered anew?", offer.intro)
    return offer


def _before(deviation: Deviation, act: Act) -> dict[str, str]:
    """What a form shows that nobody has typed in yet: a judgement that holds, for changing it. One that fell is made anew."""
    if act is Act.ACCEPT and deviation.status == states.ACCEPTED:
        return {"category": deviation.category, "description": deviation.description}
    return {}


def _known(deviation: Deviation, act: Act) -> datetime | None:
    return None if act is Act.REPORT else deviation.breach_aware_at


class EntryForm(forms.Form):
    """The date of a deviation that a person enters."""

    started_on = PartialDateFormField(least="day", label="Date of the deviation", required=False)

    def __init__(self, *args, site: Site, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["started_on"].widget.attrs["data-today"] = clock.today(site.time_zone).isoformat()

    def day(self) -> date | None:
        text = self.cleaned_data.get("started_on") if self.is_valid() else ""
        return PartialDate.parse(text).earliest if text else None
