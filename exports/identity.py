"""What must not leave: identifying answers, and the same answers where a sentence of the program or a person repeats them."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime

from django.db.models import Q

from adverse_events.reports import AuthorityReport, SafetyCase, SafetyReport, SponsorAssessment
from crf import registry
from crf.models import Crf
from exports.history import until
from protocol.engine import RULES
from review.models import Deviation, Query, Ruling, Signature

HIDDEN = "[identifying]"
# The colleagues' addresses are no trial data.
STAFF = {("USER", "email")}
# Digests of values: a short one, such as a year of birth, could be guessed from its digest.
DIGESTS = {(Signature.trail_code, "covered")}
# Fields of queries, deviations and rulings in which the program or a person says something in words.
SAID = {
    "text", "value", "why", "question", "reason", "description", "judgement_reason", "breach_reason", "breach_end_reason", "safety_answer",
}  # fmt: skip

# Records beside the forms in which people write.
IN_WORDS = {
    model.trail_code for model in (Query, Deviation, Ruling, SafetyReport, SafetyCase, SponsorAssessment, AuthorityReport)
}  # fmt: skip


class Identity:
    """The identifying answers that were on record up to a moment."""

    def __init__(self, moment: datetime) -> None:
        self.fields = {(form.code, form._meta.get_field(name).attname) for form in registry.forms() for name in form.identifying}  # fmt: skip  # noqa: E501
        self._answers = _answers(moment)
        self._about = {(model.trail_code, str(pk)) for model in (Query, Deviation) for pk in _about(model, moment)}
        silent = [id for id, rule in RULES.items() if self.hides(rule.form, rule.field)]
        ruled = until(Ruling, moment).filter(rule__in=silent).values_list("id", flat=True) if silent else ()
        self._about |= {(Ruling.trail_code, str(pk)) for pk in ruled}

    def hides(self, form: str, field: str) -> bool:
        """Is this field's value never shown?"""
        return (form, field) in self.fields

    def clean(self, patient: str, text: str | None) -> str:
        """A sentence about a patient, without the patient's identifying answers in any spelling that the program uses."""
        pattern = self._answers.get(patient)
        return pattern.sub(HIDDEN, text) if pattern and text else text or ""

    def said(self, patient: str, form: str, field: str, text: str | None) -> str:
        """What a query or deviation about a field says: nothing when the field is identifying."""
        return "" if self.hides(form, field) else self.clean(patient, text)

    def ruled(self, patient: str, rule: str, text: str | None) -> str:
        """What a ruling says: nothing when its rule asks about an identifying field."""
        about = RULES.get(rule)
        return self.said(patient, about.form, about.field, text) if about else self.clean(patient, text)

    def trail(self, patient: str, form: str, record: str, field: str, value: str | None) -> str:
        """Old or new value of a change as the exported trail may show it."""
        if value is None or (form, field) in self.fields | STAFF | DIGESTS:
            return ""
        if form in IN_WORDS:
            silent = (form, record) in self._about and field in SAID
            return "" if silent else self.clean(patient, value)
        return value

    def reason(self, patient: str, form: str, record: str, text: str) -> str:
        """Why something was changed: nothing of what is about an identifying field, whose reason would speak of the answer."""
        return "" if (form, record) in self._about else self.clean(patient, text)


def _answers(moment: datetime) -> dict[str, re.Pattern[str]]:
    """Patient number → pattern that finds any identifying answer the patient's forms ever held up to ``moment``."""
    found: dict[str, set[str]] = defaultdict(set)
    for form in registry.forms():
        if form.identifying:
            for number, *answers in until(form, moment).order_by().values_list("patient__number", *form.identifying).distinct():  # fmt: skip  # noqa: E501
                for name, answer in zip(form.identifying, answers, strict=True):
                    found[number] |= _spellings(form, name, answer)
    return {
        number: re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(each, key=len, reverse=True))) + r")(?!\w)", re.I)
        for number, each in found.items() if each
    }  # fmt: skip


def _spellings(form: type[Crf], name: str, answer: object) -> set[str]:
    """The answer as stored and as shown. One sign alone (a code) would blank words that mean something else."""
    texts = {str(answer or "").strip(), registry.display(form.code, name, answer).strip()}
    return {text for text in texts if len(text) > 1}


def _about(model, moment: datetime) -> set[int]:
    """Ids of the queries or deviations that were ever about an identifying field."""
    which = Q()
    for form in registry.forms():
        if form.identifying:
            which |= Q(form=form.code, field__in=form.identifying)
    return set(until(model, moment).filter(which).values_list("id", flat=True)) if which else set()
