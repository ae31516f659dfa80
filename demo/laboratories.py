"""The local laboratories of the simulated trial: what they measure, in which units, with which ranges, and how they print.

The ranges are usual ones of adults; they are nobody's in particular. A country's laboratories print in the units that are
common there, with a decimal comma.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from random import Random

from protocol.laboratory import TESTS
from protocol.sites import BY_CODE, SITES


@dataclass(frozen=True)
class Limits:
    """The range of a test, as printed; '' where there is no limit, or where it holds for both sexes."""

    unit: str
    low: str
    high: str
    sex: str = ""


@dataclass(frozen=True)
class Laboratory:
    """One laboratory of a site; ``tests`` by their CDISC code."""

    name: str
    site: str
    tests: dict[str, tuple[Limits, ...]]


def _both(unit: str, low: str, high: str) -> tuple[Limits, ...]:
    return (Limits(unit, low, high),)


def _by_sex(unit: str, men: tuple[str, str], women: tuple[str, str]) -> tuple[Limits, ...]:
    return Limits(unit, *men, "M"), Limits(unit, *women, "F")


# In the standard unit of each test: what is printed where no laboratory is named.
USUAL: dict[str, tuple[Limits, ...]] = {
    "HGB": _by_sex("g/L", ("130", "170"), ("120", "160")),
    "WBC": _both("10^9/L", "4.0", "10.0"), "NEUT": _both("10^9/L", "1.8", "7.5"), "LYM": _both("10^9/L", "1.0", "4.0"),
    "MONO": _both("10^9/L", "0.20", "0.80"), "EOS": _both("10^9/L", "0", "0.50"), "BASO": _both("10^9/L", "0", "0.10"),
    "PLAT": _both("10^9/L", "150", "400"), "CL": _both("mmol/L", "98", "107"),
    "SODIUM": _both("mmol/L", "136", "145"), "K": _both("mmol/L", "3.5", "5.1"), "CA": _both("mmol/L", "2.15", "2.55"),
    "MG": _both("mmol/L", "0.65", "1.05"), "PHOS": _both("mmol/L", "0.81", "1.45"),
    "CREAT": _by_sex("umol/L", ("62", "106"), ("44", "80")), "CREATCLR": _both("mL/min", "60", ""),
    "GFRE": _both("mL/min/1.73 m2", "60", ""), "UREAN": _both("mmol/L", "2.8", "8.1"), "PROT": _both("g/L", "64", "83"),
    "UREA": _both("mmol/L", "2.8", "8.1"), "URATE": _by_sex("umol/L", ("202", "416"), ("143", "339")),
    "GLUC": _both("mmol/L", "4.1", "5.9"), "ALT": _by_sex("U/L", ("", "41"), ("", "33")),
    "AST": _by_sex("U/L", ("", "40"), ("", "32")), "ALP": _both("U/L", "40", "130"),
    "GGT": _by_sex("U/L", ("", "60"), ("", "40")), "LDH": _both("U/L", "135", "225"), "BILI": _both("umol/L", "", "21"),
    "BILDIR": _both("umol/L", "", "5"), "ALB": _both("g/L", "35", "52"), "CRP": _both("mg/L", "", "5"),
    "PT": _both("s", "10.0", "13.5"), "INR": _both("", "0.8", "1.2"), "APTT": _both("s", "25.0", "37.0"),
    "PTT": _both("s", "25.0", "37.0"), "FIBRINO": _both("g/L", "2.0", "4.0"), "DDIMER": _both("mg/L FEU", "", "0.50"),
    "CACR": _both("mmol/L", "2.15", "2.55"), "FERRITIN": _by_sex("ug/L", ("30", "400"), ("13", "150")),
    "LIPASET": _both("U/L", "13", "60"), "AMYLASE": _both("U/L", "28", "100"), "TSH": _both("mIU/L", "0.27", "4.20"),
    "T4FR": _both("pmol/L", "12.0", "22.0"), "T3FR": _both("pmol/L", "3.1", "6.8"), "CORTISOL": _both("nmol/L", "133", "537"),
    "INTLK6": _both("ng/L", "", "7.0"),
}  # fmt: skip

_DECILITRE: dict[str, tuple[Limits, ...]] = {
    "HGB": _by_sex("g/dL", ("13.0", "17.0"), ("12.0", "16.0")),
    "CA": _both("mg/dL", "8.6", "10.2"), "MG": _both("mg/dL", "1.6", "2.6"), "PHOS": _both("mg/dL", "2.5", "4.5"),
    "CREAT": _by_sex("mg/dL", ("0.70", "1.20"), ("0.50", "0.90")), "UREA": _both("mg/dL", "17", "49"),
    "URATE": _by_sex("mg/dL", ("3.4", "7.0"), ("2.4", "5.7")), "GLUC": _both("mg/dL", "74", "106"),
    "BILI": _both("mg/dL", "", "1.20"), "BILDIR": _both("mg/dL", "", "0.30"), "ALB": _both("g/dL", "3.5", "5.2"),
    "FIBRINO": _both("mg/dL", "200", "400"), "PROT": _both("g/dL", "6.4", "8.3"), "CORTISOL": _both("µg/dL", "4.8", "19.5"),
    "T4FR": _both("ng/dL", "0.93", "1.70"), "T3FR": _both("pg/mL", "2.0", "4.4"),
}  # fmt: skip
_COUNTS = ("WBC", "NEUT", "LYM", "MONO", "EOS", "BASO", "PLAT")
_ENZYMES = ("ALT", "AST", "ALP", "GGT", "LDH", "LIPASET", "AMYLASE")
_NOT_MEASURED = ("PTT", "CREATCLR", "UREAN", "CACR")
_QUICK = _both("%", "70", "120")


def _in_units(tests: dict[str, tuple[Limits, ...]], codes: tuple[str, ...], unit: str) -> dict[str, tuple[Limits, ...]]:
    """The same numbers under another name of the unit."""
    return {code: tuple(Limits(unit, each.low, each.high, each.sex) for each in tests[code]) for code in codes}


def _country(code: str) -> dict[str, tuple[Limits, ...]]:
    """What laboratories of a country measure, in the units that they print."""
    counts, enzymes = {"FR": ("G/L", "UI/L"), "GR": ("K/µL", "U/L"), "IT": ("10^3/µL", "U/L"), "ES": ("x10^9/L", "UI/L"),
                       "CH": ("G/l", "U/l")}[code]  # fmt: skip
    tests = USUAL | ({} if code in ("FR", "CH") else _DECILITRE)
    tests |= _in_units(tests, _COUNTS, counts) | _in_units(tests, _ENZYMES, enzymes)
    if code == "FR":
        tests |= {"HGB": _DECILITRE["HGB"], "PT": _QUICK} | _in_units(tests, ("CREAT", "URATE", "BILI", "BILDIR"), "µmol/L")
    if code == "CH":
        tests |= {"PT": _QUICK} | _in_units(tests, ("CREAT", "URATE", "BILI", "BILDIR"), "µmol/l")
    if code == "IT":
        tests |= {"PT": _both("ratio", "0.80", "1.20")}
    return {code: limits for code, limits in tests.items() if code not in _NOT_MEASURED}


# What the laboratory of the emergency department measures, and where its ranges differ.
_AT_NIGHT = (*_COUNTS, "HGB", "SODIUM", "K", "CREAT", "ALT", "AST", "BILI", "CRP", "INR", "APTT")
_DIFFERENT = {"INR": _both("", "0.80", "1.15"), "APTT": _both("s", "24.0", "36.0"), "K": _both("mmol/L", "3.4", "4.8")}
_NAMES = {
    "FR": ("Laboratoire de biologie médicale", "Laboratoire des urgences"),
    "GR": ("Βιοπαθολογικό εργαστήριο", "Εργαστήριο επειγόντων"),
    "IT": ("Laboratorio analisi", "Laboratorio d'urgenza"),
    "ES": ("Laboratorio de análisis clínicos", "Laboratorio de urgencias"),
    "CH": ("Zentrallabor", "Notfalllabor"),
}


def _of_site(site: str, n: int) -> tuple[Laboratory, ...]:
    """One laboratory, or two: every other site has one that works at night too."""
    country, measured = BY_CODE[site].country, _country(BY_CODE[site].country)
    day, night = (f"{name}, {site}" for name in _NAMES[country])
    small = {code: _DIFFERENT.get(code, measured[code]) for code in measured if code in _AT_NIGHT}
    return (Laboratory(day, site, measured), *([Laboratory(night, site, small)] if n % 2 == 0 else []))


LABORATORIES: dict[str, tuple[Laboratory, ...]] = {site.code: _of_site(site.code, n) for n, site in enumerate(SITES)}


@cache
def _by_name() -> dict[str, Laboratory]:
    return {each.name: each for found in LABORATORIES.values() for each in found}


# How results are printed ----------------------------------------------------------------------------------------------

# Where in its range a result lies, in percent: the white cells together are never fewer than their parts.
_SPAN = {"WBC": (45, 90), "NEUT": (10, 45), "LYM": (5, 30), "MONO": (5, 15), "EOS": (2, 12), "BASO": (2, 20)}
_USUAL_SPAN = (12, 88)


def unit(laboratory: str, test: str) -> str:
    """What is entered as the unit of a result: nothing where the laboratory's range says it."""
    return "" if laboratory in _by_name() else TESTS[test].unit


def limits(laboratory: str, test: str) -> tuple[Limits, ...]:
    """The ranges of a test, () where the laboratory does not measure it; usual ones of an unknown laboratory."""
    known = _by_name().get(laboratory)
    return USUAL[test] if known is None else known.tests.get(test, ())


def printed(laboratory: str, test: str, rng: Random) -> str:
    """A result inside the range of either sex, as the laboratory prints it; '' for a test that it does not measure."""
    ranges = limits(laboratory, test)
    if not ranges:
        return ""
    lows, highs = [Decimal(each.low) for each in ranges if each.low], [Decimal(each.high) for each in ranges if each.high]
    high = min(highs) if highs else max(lows) * 2
    low = max(lows) if lows else high * Decimal("0.2")
    if test == "CRP" and rng.random() < 0.2:
        return in_digits("<1", laboratory)
    share = Decimal(rng.randint(*_SPAN.get(test, _USUAL_SPAN))) / 100
    return in_digits(str(round(low + (high - low) * share, _decimals(ranges[0]))), laboratory)


def times_limit(laboratory: str, test: str, times: str) -> str:
    """So many times the upper limit, as the laboratory prints it; ValueError for a test without one."""
    ranges = limits(laboratory, test)
    if not ranges or not ranges[0].high:
        raise ValueError(f"{laboratory} prints no upper limit of {test}.")
    return in_digits(str(round(Decimal(ranges[0].high) * Decimal(times), max(2, _decimals(ranges[0])))), laboratory)


def in_digits(number: str, laboratory: str) -> str:
    """With a decimal comma, as the laboratories of the trial print; with a point where none is named."""
    return number.replace(".", ",") if laboratory in _by_name() else number


def _decimals(found: Limits) -> int:
    return max(len(text.partition(".")[2]) for text in (found.low, found.high))


def ranges(laboratory: Laboratory) -> Iterator[dict[str, object]]:
    """Every range of a laboratory, as the site enters it."""
    for code, found in laboratory.tests.items():
        for each in found:
            yield {"laboratory": laboratory.name, "test": code, "unit": each.unit, "low": each.low or None,
                   "high": each.high or None, "sex": each.sex}  # fmt: skip
