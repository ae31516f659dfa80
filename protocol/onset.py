"""Which dose an event followed, and how long after the START of its infusion. Three-valued: what is not known is not guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from protocol.dates import Moment, earlier
from protocol.facts import Dose, Patient
from protocol.infusion import Span, given, start_of

BEFORE_ANY = ""


@dataclass(frozen=True, slots=True)
class SinceDose:
    """``labels`` are the doses that may have been the last to begin before a moment, '' for none of them; one when it is
    certain. ``span`` is the time since the start of that infusion, when it is certain which."""

    labels: tuple[str, ...]
    span: Span | None = None

    @property
    def label(self) -> str | None:
        """The dose, '' before any; None when it is not certain."""
        return self.labels[0] if len(self.labels) == 1 else None


def since_dose(at: Moment | None, doses: Iterable[Dose], patient: Patient) -> SinceDose | None:
    """The last infusion that had begun at a moment; None when nothing is known of the moment.

    An event of the very minute in which an infusion began counts after it. A dose that may have begun before or after the
    moment (an onset without time on the day of the dose) leaves it open, and so does a given dose without a date.
    """
    if at is None:
        return None
    starts = [(dose, start_of(dose, patient)) for dose in given(doses)]
    before = [(start, dose) for dose, start in starts if start and earlier(at, start) is False]
    open_ones = [dose.visit for dose, start in starts if start is None or earlier(at, start) is None]
    if not before:
        return SinceDose((BEFORE_ANY, *open_ones))
    start, last = max(before, key=_begun)
    if open_ones:
        return SinceDose((last.visit, *open_ones))
    return SinceDose((last.visit,), Span.between(start, at))


def _begun(pair: tuple[Moment, Dose]) -> tuple[datetime, datetime]:
    return pair[0].last, pair[0].first
