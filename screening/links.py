"""Where a point of eligibility is mended."""

from __future__ import annotations

from django.urls import reverse

from crf import registry

SCREENING = "SCR"


def mended_at(number: str, form: str, field: str, slot: str = "") -> str:
    """The address of a question: of the record at ``slot``, else of the one that is still to be entered; '' for no form."""
    try:
        model = registry.form(form)
    except LookupError:
        return ""
    visit = SCREENING if SCREENING in model.visits else next(iter(model.visits), "")
    where = slot or ("new" if model.is_log() else visit)
    return reverse("record", args=[number, form, where]) + (f"#q-{field}" if field else "")
