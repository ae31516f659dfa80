"""What an investigator's signature covers, and how it stands on the page of the record."""

from __future__ import annotations

from audit.values import snapshot
from crf import registry
from crf.models import Crf
from review.signatures import standing


def signed_values(record: Crf) -> dict[str, str | None]:
    """Every answer of the form, as the trail writes it."""
    return snapshot(record, [type(record)._meta.get_field(name) for name in record.questions()])


def page_extras(record: Crf) -> dict:
    """The signature over the form of a stored record, once there is one; changed questions in words."""
    if record.pk is None:
        return {}
    signature = standing(record.code, record.pk, signed_values(record))
    if not signature.signed:
        return {}
    words = ", ".join(registry.label(record.code, name) for name in signature.broken)
    return {"extra_template": "screening/signed.html", "signature": signature, "broken_words": words}
