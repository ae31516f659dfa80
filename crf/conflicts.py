"""Two people on one form, or one click twice: what each of them changed, and nothing lost.

The page that was posted says which version it started from. That version still stands in the history, so a field that
this person did not touch keeps what the other one stored.
"""

from __future__ import annotations

from audit.history import history_of
from audit.trail import changes_of
from crf import registry
from crf.fields import PartialDateField
from crf.models import PAPER, Crf


def twin(at, form) -> Crf | None:
    """The record that the first click of a double click made, when the second click brought the same.

    When it brought something else (the page was used again), ``at`` becomes that record, to be compared with.
    """
    token = getattr(form, "cleaned_data", {}).get("entry_token")
    made = at.model.objects.filter(patient=at.patient, entry_token=token).select_related("visit").first() if token else None
    if made is None:
        return None
    made.patient = at.patient
    if not form.errors and all(_same(getattr(made, name), _typed(form, name)) for name in _asked(at.model)):
        return made
    at.record, at.slot = made, made.slot
    return None


def _asked(model: type[Crf]) -> list[str]:
    """Everything that a page asks: questions, why they have no answer, the paper section."""
    names = {field.name for field in model._meta.fields}
    asked = (each for name in (*model.questions(), *PAPER.fields) for each in (name, f"{name}_unit", f"{name}_missing"))
    return [each for each in dict.fromkeys(asked) if each in names]


def _typed(form, name: str) -> object:
    """The answer on the posted page; what cannot be read, as it was typed."""
    if name not in form.errors:
        return form.cleaned_data.get(name)
    raw = form[name].data
    return " ".join(str(part) for part in raw if part) if isinstance(raw, list | tuple) else str(raw or "")


def _same(a: object, b: object) -> bool:
    return ("" if a is None else a) == ("" if b is None else b)


def _touched(at, form) -> list[str]:
    """What this person answered otherwise than the version they started from."""
    base = history_of(at.model)._default_manager.filter(id=at.record.pk, version=form.cleaned_data.get("base_version") or 0)
    started = base.first() if at.record.pk else None
    return [name for name in _asked(at.model) if not _same(_typed(form, name), getattr(started, name, ""))]


def _stored(at) -> Crf:
    return at.model.objects.filter(pk=at.record.pk).first() or at.model(patient=at.patient)


def differences(at, form) -> list[dict[str, str]]:
    """Field by field: what is stored now, and what this person typed instead."""
    stored, found = _stored(at), []
    for name in _touched(at, form):
        now, mine = getattr(stored, name), _typed(form, name)
        if not _same(now, mine):
            found.append({
                "label": registry.label(at.model.code, name), "theirs": registry.display(at.model.code, name, now),
                "mine": registry.display(at.model.code, name, mine),
            })  # fmt: skip
    return found


def posted(at, form, data) -> list[tuple[str, str]]:
    """What was typed, over what is stored now, ready to be sent again for the version that is stored."""
    touched, stored = set(_touched(at, form)), _stored(at)
    left_out = {"csrfmiddlewaretoken", "base_version", "action"}
    pairs = [("base_version", str(stored.version))]
    for name in _asked(at.model):
        if name not in touched:
            left_out |= {name, *(f"{name}_{box}" for box in range(3))}
            pairs += as_posted(form, name, getattr(stored, name))
    return pairs + [(name, value) for name, values in data.lists() for value in values if name not in left_out]


def as_posted(form, name: str, value: object) -> list[tuple[str, str]]:
    if isinstance(form._meta.model._meta.get_field(name), PartialDateField):
        return [(f"{name}_{box}", part) for box, part in enumerate(form.fields[name].widget.decompress(value))]
    shown = form.fields[name].prepare_value(value)
    many = shown if isinstance(shown, list) else [shown]
    return [(name, str(each)) for each in many if each not in (None, "")]


def last_change(record: Crf):
    return changes_of(record.code, record.pk).first() if record.pk else None
