"""What a report of an event says: taken from what is entered already, and compared with what was sent before.

Nothing is typed a second time. The content is a plain mapping 'FORM:slot.field' → value in stored form, without anything that
identifies the patient, so that each version can be kept as it was sent and compared with the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.urls import reverse

from audit import clock
from audit.values import canonical
from crf import registry
from crf.facts import load_case
from crf.links import links_of
from crf.models import Crf
from protocol import parameters
from protocol.dates import PartialDate
from protocol.dosing_facts import Vial

HISTORY = ("MH",)  # domains that go in whole
MEDICATION = ("CM",)  # domains of which the logs go in, but for what ended long before
NEAR = ("LB", "VS")  # domains that go in around the onset
PERSON = {"DM": ("sex",)}  # of the patient nothing else
DOSES = "EC"


@dataclass(frozen=True)
class Content:
    """What a report says: values by key, and the places ('FORM:slot') that are the event itself and what is linked to it."""

    values: dict[str, str]
    own: frozenset[str]

    def of_event(self, key: str) -> bool:
        """Does the key speak of the event itself, and not of what stands around it?"""
        return place_of(key) in self.own


def place_of(key: str) -> str:
    """'AE:1' of 'AE:1.term'."""
    return key.rpartition(".")[0]


def content_of(record: Crf) -> Content:
    """What a report of the event would say now; void records say nothing. Empty answers are left out."""
    values: dict[str, str] = {}
    event = [record, *_linked(record)]
    around = [each for each in _around(record) if each not in event]
    for each in event + around:
        _add(values, each)
    _add_lots(values, record)
    own = frozenset(f"{each.code}:{each.slot}" for each in event)
    return Content(values, own)


def _add(values: dict[str, str], record: Crf) -> None:
    asked = PERSON.get(record.code, record.questions())
    for name in asked:
        if name in record.identifying:
            continue
        stored = record._meta.get_field(name)
        text = canonical(stored, getattr(record, stored.attname))
        if text is not None:
            values[f"{record.code}:{record.slot}.{name}"] = text


def _linked(record: Crf) -> Iterator[Crf]:
    """Records that point to the event (changes of its grade, assessments, stays, its treatment), and those it points to."""
    present = {each.form for each in registry.headers([record.patient_id]) if not each.voided}
    seen = {(record.code, record.pk)}
    for form in registry.forms():
        names = [link.name for link in links_of(form) if link.to == record.code]
        if not names or form.code not in present:
            continue
        for each in _live(form, record):
            if (form.code, each.pk) not in seen and record.slot in [getattr(each, name) for name in names]:
                seen.add((form.code, each.pk))
                yield each
    for link in links_of(type(record)):
        slot = getattr(record, link.name)
        for each in _live(registry.form(link.to), record) if slot else ():
            if each.slot == slot and (link.to, each.pk) not in seen:
                seen.add((link.to, each.pk))
                yield each


def _live(form: type[Crf], record: Crf) -> list[Crf]:
    """The patient's records of a form, void ones left out, in order of entry."""
    return list(form.objects.filter(patient_id=record.patient_id, voided=False).select_related("visit").order_by("id"))


def _around(record: Crf) -> Iterator[Crf]:
    """Patient, doses, medication, history, and the laboratory around the onset."""
    present = {each.form for each in registry.headers([record.patient_id]) if not each.voided}
    onset = _onset(record)
    for form in sorted(registry.forms(), key=lambda each: (each.code not in PERSON, each.code != DOSES, each.domain not in MEDICATION)):
        if form.code not in present:
            continue
        if form.code in PERSON or form.code == DOSES or form.domain in HISTORY:
            yield from _live(form, record)
        elif form.domain in MEDICATION and form.is_log():
            yield from (each for each in _live(form, record) if not _over_before(each, onset))
        elif form.domain in NEAR:
            yield from (each for each in _live(form, record) if _is_near(each, onset))


def _onset(record: Crf) -> PartialDate:
    """The day of the event, else the day on which the site learned of it, else today at the site."""
    for name in (record.dated_by, "aware_on", "learned_on"):
        found = _date(record, name)
        if found is not None:
            return found
    return PartialDate.of(clock.today(record.patient.site.time_zone))


def _date(record: Crf, name: str) -> PartialDate | None:
    try:
        return PartialDate.parse(getattr(record, name, "") or "")
    except ValueError:
        return None


def _over_before(record: Crf, onset: PartialDate) -> bool:
    """Did a medication certainly end longer before the onset than the parameter says?"""
    ended = _date(record, "ended_on")
    return ended is not None and ended.latest < onset.earliest - timedelta(days=parameters.whole("report_medication_days"))


def _is_near(record: Crf, onset: PartialDate) -> bool:
    """May it lie within so many days of the onset? One without a date is left out."""
    on = _date(record, record.dated_by)
    days = timedelta(days=parameters.whole("report_laboratory_days"))
    return on is not None and on.latest >= onset.earliest - days and on.earliest <= onset.latest + days


def _add_lots(values: dict[str, str], record: Crf) -> None:
    """The lots of the vials that the patient's infusions used, as the drug account has them."""
    for vial in load_case(record.patient, [Vial.form]).of(Vial.form):
        if vial.is_used and vial.patient_number == record.patient.number:
            values |= {f"{vial.where}.dose": vial.dose, f"{vial.where}.lot": vial.lot}


# ---- in words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One answer, or one that has changed: ``old`` is None on a page that compares nothing."""

    label: str
    new: str
    old: str | None = None


@dataclass
class Part:
    """What a report says of one record."""

    title: str
    url: str
    about_event: bool
    lines: list[Line] = field(default_factory=list)


def told(number: str, content: Content) -> list[Part]:
    """All that a report says, record by record; ``number`` is the patient's."""
    return _parts(number, content.values, content.own, lambda key: Line(_label(key), _words(key, content.values[key])))


def changes(number: str, before: Content, now: Content) -> list[Part]:
    """What is new since the last report that was sent: old → new, in the words of the screen."""
    moved = [key for key in dict.fromkeys([*now.values, *before.values]) if before.values.get(key) != now.values.get(key)]
    # By meaning, too: a value that reads the same is no news.
    return _parts(
        number, moved, before.own | now.own,
        lambda key: Line(_label(key), _words(key, now.values.get(key)), _words(key, before.values.get(key))),
    )  # fmt: skip


def _parts(number: str, keys: Iterable[str], own: frozenset[str], line) -> list[Part]:
    parts: dict[str, Part] = {}
    for key in keys:
        place = place_of(key)
        code, _, slot = place.partition(":")
        if place not in parts:
            is_form = code in {form.code for form in registry.forms()}
            url = reverse("record", args=[number, code, slot]) if is_form else ""
            parts[place] = Part(f"{title(code)} {slot}", url, place in own)
        parts[place].lines.append(line(key))
    return sorted(parts.values(), key=lambda part: not part.about_event)


def title(code: str) -> str:
    """What people call a form, or the vial of the drug account."""
    return registry.title(code) if code != Vial.form else "Vial"


def _label(key: str) -> str:
    place, _, name = key.rpartition(".")
    return registry.label(place.partition(":")[0], name)


def _words(key: str, value: str | None) -> str:
    place, _, name = key.rpartition(".")
    return registry.display(place.partition(":")[0], name, value)


def names_in_words(keys: Iterable[str]) -> str:
    """'Grade, Outcome' of some keys, for the page that says what broke a signature."""
    return ", ".join(dict.fromkeys(_label(key) for key in keys))
