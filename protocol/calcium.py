"""Calcium corrected for albumin. The formula is the usual one and an assumption: see the parameter ``calcium_correction``."""

from __future__ import annotations

from fractions import Fraction

from protocol import parameters
from protocol.exact import Span, in_unit, words
from protocol.panels import Reading


def _figures(name: str) -> dict[str, Fraction]:
    found = parameters.value(name)
    assert isinstance(found, dict)
    return {str(key): Fraction(str(figure)) for key, figure in found.items()}


def corrected(calcium: Span, unit: str, albumin: Reading | None) -> tuple[Span, str]:
    """Calcium in ``unit`` (mmol/L or mg/dL) corrected for the albumin of the same sample, and the albumin in words.

    Without an albumin that can be read, the span that any possible albumin gives, and ''.
    """
    figures, possible = _figures("calcium_correction"), _figures("albumin_possible")
    found = in_unit(albumin, "g/L")
    span = found or Span(possible["least"], True, possible["most"], True)
    if span.high is None:  # printed as more than a number
        span = Span(span.low, span.low_in, max(span.low, possible["most"]), True)
    missing = Span.exactly(figures["albumin"]).less(span)  # grams, below zero when there are more
    point = span.point
    said = ""
    if found is not None and albumin is not None:
        said = words(point, "g/L") if point is not None else f"{albumin.text} {albumin.unit}"
    return calcium.plus(missing.times(figures[unit])), said
