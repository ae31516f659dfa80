"""Tumour lysis syndrome by Cairo-Bishop: laboratory and clinical, and its grade, with the evidence in words.

Source: Cairo and Bishop, Br J Haematol 2004;127:3-11, tables of laboratory and clinical tumour lysis syndrome and of its
grades, for adults. Readings that the paper does not spell out are marked OWN. The later changes of Howard et al. (2011), who
ask for two criteria within 24 hours and drop the change from baseline, are not part of it.

The grade is compared with the investigator's own and never takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from protocol import parameters
from protocol.calcium import corrected
from protocol.dates import PartialDate, Tri, both, days_between, either
from protocol.exact import Printings, Span, at_least, in_unit, limit_in, quotient, unit_for, words
from protocol.graded import NONE_NOW, NOT_IT, Cell, Graded, Judged, settle
from protocol.panels import Reading
from protocol.safety_codelists import ArrhythmiaGrade, SeizureGrade

# Calendar days before and after the day of the dose that opens the window, both inside.
DAYS_BEFORE, DAYS_AFTER = 3, 7
LEAST_MET = 2
CHANGE = Fraction(1, 4)  # of the baseline, itself enough (OWN: the paper says 25 % and no more)


@dataclass(frozen=True, slots=True)
class Sample:
    """A result, the day it was taken, and for calcium the albumin of the same sample."""

    reading: Reading
    on: PartialDate | None
    albumin: Reading | None = None


@dataclass(frozen=True, slots=True)
class _Criterion:
    """One of the four: its limit in each unit system, itself enough, and whether it rises or falls."""

    test: str
    name: str
    rises: bool
    limit: Printings


def _limits(**printed: str) -> Printings:
    return {unit.replace("_", "/"): Fraction(number) for unit, number in printed.items()}


CRITERIA = (
    _Criterion("URATE", "uric acid", True, _limits(umol_L="476", mg_dL="8")),
    _Criterion("K", "potassium", True, _limits(mmol_L="6")),
    _Criterion("PHOS", "phosphate", True, _limits(mmol_L="1.45", mg_dL="4.5")),
    _Criterion("CA", "calcium", False, _limits(mmol_L="1.75", mg_dL="7")),
)


@dataclass(frozen=True, slots=True)
class LaboratoryTls:
    """``present`` is None while two criteria may be met; ``met`` says which are, ``missing`` what would settle it."""

    present: Tri
    met: tuple[str, ...]
    missing: tuple[str, ...]


def laboratory_tls(
    samples: Iterable[Sample], baseline: Mapping[str, Sample], opened_on: PartialDate | None
) -> LaboratoryTls:
    """Are at least two of the four criteria met in the window around the dose that opens it?

    ``baseline`` has the sample before treatment by test code (CA and CACR each its own); ``opened_on`` is the day of the dose. Two criteria may be met
    on two days (OWN: the paper asks for the window only). What was not measured in the window may be met.
    """
    samples = tuple(samples)
    found = [_criterion(each, _samples_of(each, samples), baseline, opened_on) for each in CRITERIA]
    met = tuple(said for answer, said, _ in found if answer)
    may_be = [missing for answer, _, missing in found if answer is None]
    if len(met) >= LEAST_MET:
        return LaboratoryTls(True, met, ())
    if len(met) + len(may_be) < LEAST_MET:
        return LaboratoryTls(False, met, ())
    return LaboratoryTls(None, met, tuple(dict.fromkeys(word for words_ in may_be for word in words_)))


def _samples_of(criterion: _Criterion, samples: Sequence[Sample]) -> list[Sample]:
    """The samples that the criterion is about.

    Calcium as the laboratory corrected it takes the place of the measured one of that day that nothing corrects (OWN).
    """
    own = [each for each in samples if each.reading.test.code == criterion.test]
    if criterion.test != "CA" or not parameters.flag("tls_calcium_corrected"):
        return own
    reported = [each for each in samples if each.reading.test.code == "CACR"]
    return [*(each for each in own if _corrects(each) or each.on not in [other.on for other in reported]), *reported]


def inside(on: PartialDate | None, opened_on: PartialDate | None) -> Tri:
    """Was the sample taken within 3 days before to 7 days after the day of the dose?"""
    days = days_between(opened_on, on)
    if days is None:
        return None
    if days[0] >= -DAYS_BEFORE and days[1] <= DAYS_AFTER:
        return True
    return False if days[1] < -DAYS_BEFORE or days[0] > DAYS_AFTER else None


def _criterion(
    criterion: _Criterion, samples: Sequence[Sample], baselines: Mapping[str, Sample], opened_on: PartialDate | None
) -> tuple[Tri, str, tuple[str, ...]]:
    """Is the criterion met in the window, by which sample, and what is missing when that is open?"""
    near = [(each, within) for each in samples if (within := inside(each.on, opened_on)) is not False]
    if not near:
        return None, "", (f"{criterion.name} within the window",)
    answers: list[Tri] = []
    missing: list[str] = []
    for sample, within in near:
        baseline = baselines.get(sample.reading.test.code)
        past, changed = _past(criterion, sample), _changed(criterion, sample, baseline)
        answer = both(within, either(past, changed))
        if answer:
            return True, _said(criterion, sample, baseline, bool(past)), ()
        answers.append(answer)
        if answer is None:
            missing += _open_points(criterion, sample, baseline, within, opened_on)
    return either(*answers), "", tuple(dict.fromkeys(missing))


def _open_points(
    criterion: _Criterion, sample: Sample, baseline: Sample | None, within: Tri, opened_on: PartialDate | None
) -> Iterable[str]:
    name = criterion.name
    if opened_on is None:
        yield "the day of the dose that opens the window"
    elif within is None:
        yield f"the exact day of the sample with {name} {sample.reading.text}"
    if in_unit(sample.reading, sample.reading.test.unit) is None:
        yield f"{name} as a number with a unit that converts"
    elif baseline is None or in_unit(baseline.reading, baseline.reading.test.unit) is None:
        yield f"baseline {name}"
    else:
        for what, reading in ((name, sample.reading), (f"baseline {name}", baseline.reading), ("albumin", sample.albumin)):
            if reading and reading.printed and reading.printed.sign:
                yield f"{what} without the sign ({reading.text})"


def _amount(sample: Sample, unit: str, with_albumin: bool) -> Span | None:
    found = in_unit(sample.reading, unit)
    return corrected(found, unit, sample.albumin)[0] if found and with_albumin else found


def _corrects(*samples: Sample) -> bool:
    """Measured calcium is corrected where albumin of the same sample is known: of both samples when two are compared (OWN)."""
    return parameters.flag("tls_calcium_corrected") and all(
        each.reading.test.code == "CA" and in_unit(each.albumin, "g/L") is not None for each in samples
    )


def _past(criterion: _Criterion, sample: Sample) -> Tri:
    unit = unit_for(sample.reading.test, sample.reading.unit, criterion.limit)
    found = _amount(sample, unit, _corrects(sample))
    if found is None:
        return None
    limit = Span.exactly(criterion.limit[unit])
    return at_least(found, limit) if criterion.rises else at_least(limit, found)


def _changed(criterion: _Criterion, sample: Sample, baseline: Sample | None) -> Tri:
    """Is it 25 % or more above (for calcium below) the baseline? None without a baseline."""
    if baseline is None:
        return None
    unit = unit_for(sample.reading.test, sample.reading.unit, criterion.limit)
    albumin = _corrects(sample, baseline)
    found, before = _amount(sample, unit, albumin), _amount(baseline, unit, albumin)
    if found is None or before is None:
        return None
    return at_least(found, before.times(1 + CHANGE)) if criterion.rises else at_least(before.times(1 - CHANGE), found)


def _said(criterion: _Criterion, sample: Sample, baseline: Sample | None, past: bool) -> str:
    unit = unit_for(sample.reading.test, sample.reading.unit, criterion.limit)
    days = f" on {sample.on}" if sample.on else ""
    name = "corrected calcium" if sample.reading.test.code == "CACR" else criterion.name
    value = f"{name} {sample.reading.text} {sample.reading.unit}{days}"
    if past:
        way = "or more" if criterion.rises else "or less"
        note = _corrected_words(sample, unit) if _corrects(sample) else ""
        return f"{value}{note}: {words(criterion.limit[unit], unit)} {way}"
    assert baseline is not None
    way = "above" if criterion.rises else "below"
    note = f"{_corrected_words(sample, unit)}" if _corrects(sample, baseline) else ""
    return f"{value}{note}: 25 % or more {way} baseline {baseline.reading.text} {baseline.reading.unit}"


def _corrected_words(sample: Sample, unit: str) -> str:
    found = in_unit(sample.reading, unit)
    if sample.reading.test.code != "CA" or found is None:
        return ""
    amount, albumin = corrected(found, unit, sample.albumin)
    return f", corrected for albumin {albumin}" + (f" {words(amount.point, unit)}" if amount.point is not None else "")


# Clinical -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalFindings:
    """The investigator's own grades of arrhythmia and seizure ('0' none, '' not answered), and death from the syndrome."""

    arrhythmia: str = ""
    seizure: str = ""
    died: bool = False


@dataclass(frozen=True, slots=True)
class _Tls:
    laboratory: Tri
    creatinine: int | None
    arrhythmia: str
    seizure: str
    died: bool
    met: tuple[str, ...]
    creatinine_words: str


def tls_grade(
    samples: Iterable[Sample],
    baseline: Mapping[str, Sample],
    opened_on: PartialDate | None,
    clinical: ClinicalFindings,
) -> Graded:
    """The Cairo-Bishop grade: the worst of creatinine, arrhythmia and seizure in a patient with laboratory tumour lysis.

    '0' is laboratory tumour lysis without a clinical sign (OWN); without laboratory tumour lysis it is not that syndrome.
    Of creatinine the samples within the window count (OWN).
    """
    samples = tuple(samples)
    laboratory = laboratory_tls(samples, baseline, opened_on)
    levels, said, missing = _creatinine(samples, opened_on)
    found = _Tls(laboratory.present, levels[0] if len(levels) == 1 else None, clinical.arrhythmia, clinical.seizure,
                 clinical.died, laboratory.met, said)  # fmt: skip
    every: dict[str, tuple[object, ...]] = {
        "laboratory": (False, True),
        "creatinine": levels,
        "arrhythmia": tuple(ArrhythmiaGrade),
        "seizure": tuple(SeizureGrade),
    }
    asked = {
        "laboratory": laboratory.missing,
        "creatinine": missing,
        "arrhythmia": ("arrhythmia",),
        "seizure": ("seizure",),
    }
    unanswered = {name: answers for name, answers in every.items() if getattr(found, name) in (None, "")}
    return settle(found, unanswered, asked, _judge)


def _judge(found: _Tls) -> Judged:
    if found.died:
        return Judged("5", (Cell("Death from tumour lysis syndrome", ("died",)),))
    if not found.laboratory:
        met = "; ".join(found.met) or "none"
        return Judged(NOT_IT, reason=f"Not Cairo-Bishop: laboratory tumour lysis needs two criteria in the window, met: {met}.")
    assert found.creatinine is not None
    cells = (
        (found.creatinine, Cell(f"Creatinine: {found.creatinine_words}", ("creatinine",))),
        (int(found.arrhythmia), Cell(f"Arrhythmia: grade {found.arrhythmia}, as the investigator graded it", ("arrhythmia",))),
        (int(found.seizure), Cell(f"Seizure: grade {found.seizure}, as the investigator graded it", ("seizure",))),
    )
    worst = max(level for level, _ in cells)
    evidence = Cell(f"Laboratory tumour lysis: {'; '.join(found.met)}", ("laboratory",))
    if not worst:
        nothing = Cell("no clinical sign", ("creatinine", "arrhythmia", "seizure"))
        return Judged(NONE_NOW, (evidence, nothing))
    return Judged(str(worst), (*(cell for level, cell in cells if level == worst), evidence))


# Multiples of the upper limit of normal. Grade 1 is 'exactly 1.5', read as printed (OWN): the ratio of the two printed
# numbers, not rounded. So grade 1 by creatinine is rare, and 1.5001 times the limit is grade 2.
_EXACTLY = Fraction(3, 2)
_LEVELS: tuple[tuple[int, Span, str], ...] = (
    (0, Span(Fraction(0), True, _EXACTLY, False), "under 1.5"),
    (1, Span.exactly(_EXACTLY), "exactly 1.5"),
    (2, Span(_EXACTLY, False, Fraction(3), True), "over 1.5 to 3"),
    (3, Span(Fraction(3), False, Fraction(6), True), "over 3 to 6"),
    (4, Span(Fraction(6), False, None, False), "over 6"),
)


def creatinine_levels(reading: Reading) -> tuple[int, ...]:
    """The grades that a creatinine may have by its multiple of the upper limit; all of them without number, unit or limit."""
    standard = reading.test.unit
    found, limit = in_unit(reading, standard), limit_in(reading, "high", standard)
    if found is None or limit is None:
        return tuple(level for level, _, _ in _LEVELS)
    ratio = quotient(found, limit)
    return tuple(level for level, span, _ in _LEVELS if ratio.meets(span))


def _creatinine(samples: Sequence[Sample], opened_on: PartialDate | None) -> tuple[tuple[int, ...], str, tuple[str, ...]]:
    """The grades that the worst creatinine of the window may have, that one in words, and what is missing."""
    near = [(each, within) for each in samples
            if each.reading.test.code == "CREAT" and (within := inside(each.on, opened_on)) is not False]  # fmt: skip
    if not near:
        return tuple(level for level, _, _ in _LEVELS), "", ("creatinine within the window",)
    possible = [creatinine_levels(each.reading) if within else (0, *creatinine_levels(each.reading)) for each, within in near]
    least = max(min(levels) for levels in possible)
    levels = tuple(sorted({level for each in possible for level in each if level >= least}))
    missing: list[str] = []
    for (sample, within), own in zip(near, possible, strict=True):
        if max(own) > least:
            missing += _missing_of(sample.reading, within)
    bearing = next(sample for (sample, _), own in zip(near, possible, strict=True) if min(own) == least)
    return levels, _multiple(bearing, least), tuple(dict.fromkeys(missing))


def _missing_of(reading: Reading, within: Tri) -> Iterable[str]:
    if within is None:
        yield "the exact days of the creatinine and of the dose that opens the window"
    if in_unit(reading, reading.test.unit) is None:
        yield "creatinine as a number with a unit that converts"
    elif limit_in(reading, "high", reading.test.unit) is None:
        yield "upper limit of normal of creatinine"
    elif len(creatinine_levels(reading)) > 1:
        yield f"creatinine without the sign ({reading.text})"


def _multiple(sample: Sample, level: int) -> str:
    said = next(each for number, _, each in _LEVELS if number == level)
    day = f" on {sample.on}" if sample.on else ""
    return f"{said} times the upper limit ({sample.reading.text} {sample.reading.unit}{day})"
