"""The laboratory tests of the trial: their units, the exact factors between units, and the spellings of a unit.

Codes are CDISC test codes (LBTESTCD), units CDISC submission values (UNIT), both of controlled terminology 2025-03-28.
Which tests there are, and the plausible ranges, come from the clinical reference, section 5; where it gives no range there
is none.

Where a mass becomes an amount of substance the factor is made from the molar mass and kept as a fraction, so that nothing is
rounded before it is compared. An amount of an enzyme converts by definition: 1 µkat = 60 U, and 1 U is 1 IU.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

_CONTEXT = Context(prec=28)


class Panel(StrEnum):
    HAEMATOLOGY = "HAEMATOLOGY"
    CHEMISTRY = "CHEMISTRY"
    COAGULATION = "COAGULATION"
    OTHER = "OTHER"


def decimal_of(exact: Fraction) -> Decimal:
    """The fraction as a decimal number: exact where it ends, else correct to 28 digits."""
    return _CONTEXT.divide(Decimal(exact.numerator), Decimal(exact.denominator))


@dataclass(frozen=True, slots=True, eq=False)
class LabTest:
    """One laboratory test.

    ``code`` is its CDISC test code, ``field`` the question on the form, ``unit`` its standard unit. ``factors`` holds for
    every unit that converts the exact factor to the standard unit, ``units`` the same as decimal numbers (28 digits).
    ``least`` and ``most`` are the plausible range in the standard unit. ``as_reported`` are units that laboratories print,
    that are accepted, and that convert to nothing.
    """

    code: str
    field: str
    label: str
    panel: Panel
    unit: str
    factors: Mapping[str, Fraction]
    least: Decimal | None = None
    most: Decimal | None = None
    as_reported: tuple[str, ...] = ()
    units: Mapping[str, Decimal] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        decimals = {unit: decimal_of(factor) for unit, factor in self.factors.items()}
        object.__setattr__(self, "units", MappingProxyType(decimals))

    @property
    def known_units(self) -> tuple[str, ...]:
        """Every unit a result may have, the standard unit first."""
        return (*self.factors, *self.as_reported)


# g/mol. The compounds: sums of the IUPAC standard atomic weights (C 12.011, H 1.008, N 14.007, O 15.999), to two decimals.
# The elements: IUPAC standard atomic weights (phosphorus to three decimals). Haemoglobin: one of the four chains with its
# haem, a quarter of 64 458 (ICSH reference method). Laboratories that print mmol/L mean this; some textbooks print mmol/L of
# the whole molecule, a quarter of that number.
MOLAR_MASS: Mapping[str, Fraction] = MappingProxyType({code: Fraction(mass) for code, mass in {
    "HGB": "16114.5",
    "CA": "40.078",
    "MG": "24.305",
    "PHOS": "30.974",  # inorganic phosphate is reported as the mass of phosphorus
    "CREAT": "113.12",  # C4H7N3O
    "UREA": "60.06",  # CH4N2O
    "UREAN": "28.014",  # the two nitrogens of urea: mmol/L is the amount of urea, mg/dL the mass of its nitrogen
    "URATE": "168.11",  # C5H4N4O3, uric acid
    "GLUC": "180.16",  # C6H12O6
    "BILI": "584.67",  # C33H36N4O6; direct bilirubin is reported as bilirubin
    "T4FR": "776.87",  # C15H11I4NO4, iodine 126.904
    "T3FR": "650.98",  # C15H12I3NO4
    "CORTISOL": "362.47",  # C21H30O5
}.items()})  # fmt: skip

_PREFIX = {
    "": Fraction(1), "m": Fraction(1, 1000), "u": Fraction(1, 1000**2), "n": Fraction(1, 1000**3), "p": Fraction(1, 1000**4),
}  # fmt: skip
_VOLUME = {"L": Fraction(1), "dL": Fraction(1, 10)}


def _molar(code: str, standard: str, *others: str) -> dict[str, Fraction]:
    """Factors to the molar unit ``standard`` from molar units and from mass concentrations (g/L, mg/dL, ng/L)."""
    grams_per_mole = MOLAR_MASS[code]

    def moles_per_litre(unit: str) -> Fraction:
        amount, _, volume = unit.partition("/")
        if amount.endswith("mol"):
            return _PREFIX[amount.removesuffix("mol")] / _VOLUME[volume]
        return _PREFIX[amount.removesuffix("g")] / _VOLUME[volume] / grams_per_mole

    return {unit: moles_per_litre(unit) / moles_per_litre(standard) for unit in (standard, *others)}


_COUNT = {"10^9/L": Fraction(1), "10^6/L": Fraction(1, 1000)}
_ENZYME = {"U/L": Fraction(1), "IU/L": Fraction(1), "ukat/L": Fraction(60), "nkat/L": Fraction(60, 1000)}
_UNIVALENT = {"mmol/L": Fraction(1), "mEq/L": Fraction(1)}
_DIVALENT = {"mEq/L": Fraction(1, 2)}
_PROTEIN = {"g/L": Fraction(1), "g/dL": Fraction(10)}
_SECONDS = {"s": Fraction(1)}
_DIMER = {"mg/L FEU": Fraction(1), "ug/L FEU": Fraction(1, 1000)}

_TABLE: tuple[LabTest, ...] = (
    LabTest("HGB", "hgb", "Haemoglobin", Panel.HAEMATOLOGY, "g/L",
            {**_PROTEIN, "mmol/L": MOLAR_MASS["HGB"] / 1000}, Decimal(20), Decimal(250)),
    LabTest("WBC", "wbc", "White blood cells", Panel.HAEMATOLOGY, "10^9/L", _COUNT),
    LabTest("NEUT", "neut", "Neutrophils", Panel.HAEMATOLOGY, "10^9/L", _COUNT, Decimal(0), Decimal(200)),
    LabTest("LYM", "lym", "Lymphocytes", Panel.HAEMATOLOGY, "10^9/L", _COUNT),
    LabTest("MONO", "mono", "Monocytes", Panel.HAEMATOLOGY, "10^9/L", _COUNT),
    LabTest("EOS", "eos", "Eosinophils", Panel.HAEMATOLOGY, "10^9/L", _COUNT),
    LabTest("BASO", "baso", "Basophils", Panel.HAEMATOLOGY, "10^9/L", _COUNT),
    LabTest("PLAT", "plat", "Platelets", Panel.HAEMATOLOGY, "10^9/L", _COUNT, Decimal(0), Decimal(3000)),
    LabTest("SODIUM", "sodium", "Sodium", Panel.CHEMISTRY, "mmol/L", _UNIVALENT),
    LabTest("K", "k", "Potassium", Panel.CHEMISTRY, "mmol/L", _UNIVALENT),
    LabTest("CL", "cl", "Chloride", Panel.CHEMISTRY, "mmol/L", _UNIVALENT),
    LabTest("CA", "ca", "Calcium, total", Panel.CHEMISTRY, "mmol/L", _molar("CA", "mmol/L", "mg/dL", "mg/L") | _DIVALENT),
    LabTest("MG", "mg", "Magnesium", Panel.CHEMISTRY, "mmol/L", _molar("MG", "mmol/L", "mg/dL", "mg/L") | _DIVALENT),
    LabTest("PHOS", "phos", "Phosphate", Panel.CHEMISTRY, "mmol/L", _molar("PHOS", "mmol/L", "mg/dL", "mg/L")),
    LabTest("CREAT", "creat", "Creatinine", Panel.CHEMISTRY, "umol/L", _molar("CREAT", "umol/L", "mmol/L", "mg/dL", "mg/L")),
    LabTest("CREATCLR", "creatclr", "Creatinine clearance", Panel.CHEMISTRY, "mL/min",
            {"mL/min": Fraction(1), "mL/s": Fraction(60)}),
    LabTest("GFRE", "gfre", "Glomerular filtration rate, estimated (eGFR)", Panel.CHEMISTRY, "mL/min/1.73 m2",
            {"mL/min/1.73 m2": Fraction(1)}),
    LabTest("UREA", "urea", "Urea (not urea nitrogen)", Panel.CHEMISTRY, "mmol/L", _molar("UREA", "mmol/L", "mg/dL", "g/L")),
    LabTest("UREAN", "urean", "Urea nitrogen", Panel.CHEMISTRY, "mmol/L", _molar("UREAN", "mmol/L", "mg/dL", "g/L")),
    LabTest("URATE", "urate", "Uric acid", Panel.CHEMISTRY, "umol/L", _molar("URATE", "umol/L", "mmol/L", "mg/dL", "mg/L")),
    LabTest("GLUC", "gluc", "Glucose", Panel.CHEMISTRY, "mmol/L", _molar("GLUC", "mmol/L", "mg/dL", "g/L")),
    LabTest("ALT", "alt", "Alanine aminotransferase (ALT)", Panel.CHEMISTRY, "U/L", _ENZYME),
    LabTest("AST", "ast", "Aspartate aminotransferase (AST)", Panel.CHEMISTRY, "U/L", _ENZYME),
    LabTest("ALP", "alp", "Alkaline phosphatase", Panel.CHEMISTRY, "U/L", _ENZYME),
    LabTest("GGT", "ggt", "Gamma-glutamyl transferase", Panel.CHEMISTRY, "U/L", _ENZYME),
    LabTest("LDH", "ldh", "Lactate dehydrogenase", Panel.CHEMISTRY, "U/L", _ENZYME),
    LabTest("BILI", "bili", "Bilirubin, total", Panel.CHEMISTRY, "umol/L", _molar("BILI", "umol/L", "mg/dL", "mg/L")),
    LabTest("BILDIR", "bildir", "Bilirubin, direct", Panel.CHEMISTRY, "umol/L", _molar("BILI", "umol/L", "mg/dL", "mg/L")),
    LabTest("ALB", "alb", "Albumin", Panel.CHEMISTRY, "g/L", _PROTEIN),
    LabTest("PROT", "prot", "Protein, total", Panel.CHEMISTRY, "g/L", _PROTEIN),
    LabTest("CRP", "crp", "C-reactive protein", Panel.CHEMISTRY, "mg/L", {"mg/L": Fraction(1), "mg/dL": Fraction(10)}),
    # Quick's percentage and the ratio of patient to control hang on the laboratory's reagent: no factor exists.
    LabTest("PT", "pt", "Prothrombin time (PT)", Panel.COAGULATION, "s", _SECONDS, as_reported=("%", "RATIO")),
    LabTest("INR", "inr", "International normalised ratio (INR)", Panel.COAGULATION, "RATIO", {"RATIO": Fraction(1)}),
    LabTest("APTT", "aptt", "Activated partial thromboplastin time (aPTT)", Panel.COAGULATION, "s", _SECONDS,
            as_reported=("RATIO",)),
    LabTest("PTT", "ptt", "Partial thromboplastin time (PTT)", Panel.COAGULATION, "s", _SECONDS, as_reported=("RATIO",)),
    LabTest("FIBRINO", "fibrino", "Fibrinogen", Panel.COAGULATION, "g/L", {"g/L": Fraction(1), "mg/dL": Fraction(1, 100)}),
    # In fibrinogen equivalents; a result without them may be in D-dimer units, about half as large, and converts to nothing.
    LabTest("DDIMER", "ddimer", "D-dimer", Panel.COAGULATION, "mg/L FEU", _DIMER, as_reported=("mg/L", "ug/L")),
    LabTest("CACR", "cacr", "Calcium, corrected", Panel.OTHER, "mmol/L", _molar("CA", "mmol/L", "mg/dL", "mg/L") | _DIVALENT),
    LabTest("FERRITIN", "ferritin", "Ferritin", Panel.OTHER, "ug/L", {"ug/L": Fraction(1)}),
    LabTest("LIPASET", "lipaset", "Lipase", Panel.OTHER, "U/L", _ENZYME),
    LabTest("AMYLASE", "amylase", "Amylase", Panel.OTHER, "U/L", _ENZYME),
    LabTest("TSH", "tsh", "Thyrotropin (TSH)", Panel.OTHER, "mIU/L", {"mIU/L": Fraction(1)}),
    LabTest("T4FR", "t4fr", "Thyroxine, free (fT4)", Panel.OTHER, "pmol/L", _molar("T4FR", "pmol/L", "ng/dL", "ng/L")),
    LabTest("T3FR", "t3fr", "Triiodothyronine, free (fT3)", Panel.OTHER, "pmol/L", _molar("T3FR", "pmol/L", "ng/dL", "ng/L")),
    LabTest("CORTISOL", "cortisol", "Cortisol", Panel.OTHER, "nmol/L", _molar("CORTISOL", "nmol/L", "ug/dL", "ug/L")),
    LabTest("INTLK6", "intlk6", "Interleukin 6", Panel.OTHER, "ng/L", {"ng/L": Fraction(1)}),
)  # fmt: skip

TESTS: dict[str, LabTest] = {test.code: test for test in _TABLE}
BY_FIELD: dict[str, LabTest] = {test.field: test for test in _TABLE}

# How laboratories and people write units, simplified as ``_simple`` does. One spelling may mean two units; the test decides:
# G/L is grams of haemoglobin and 10^9 cells. UI, IE and E are the unit in other languages, M/T and P/T the French ratio of
# patient to control. No word for a thousand that could mean a million (mil, mill).
_THOUSANDS = ("10^3", "k", "1000", "thou", "thousand", "tsd", "miles", "migl")
_SPELLINGS: dict[str, tuple[str, ...]] = {
    **{f"{thousand}/{volume}": ("10^9/L",) for thousand in _THOUSANDS for volume in ("ul", "mm3")},
    **dict.fromkeys(("10^9/l", "giga/l", "gi/l", "gpt/l", "/nl", "1/nl", "10^6/ml"), ("10^9/L",)),
    **dict.fromkeys(("10^6/l", "/ul", "1/ul", "/mm3", "1/mm3", "10^3/ml"), ("10^6/L",)),
    **dict.fromkeys(("g/l", "gr/l"), ("g/L", "10^9/L")),
    "mg/ml": ("g/L",),
    **dict.fromkeys(("g/dl", "gr/dl", "g%"), ("g/dL",)),
    **dict.fromkeys(("mg/dl", "mgr/dl", "mg%"), ("mg/dL",)),
    **dict.fromkeys(("mg/l", "ug/ml"), ("mg/L",)),
    "mmol/l": ("mmol/L",),
    "umol/l": ("umol/L",),
    **dict.fromkeys(("meq/l", "mval/l"), ("mEq/L",)),
    **dict.fromkeys(("u/l", "e/l", "unit/l", "units/l", "mu/ml"), ("U/L",)),
    **dict.fromkeys(("iu/l", "ui/l", "ie/l", "miu/ml", "mui/ml"), ("IU/L",)),
    "ukat/l": ("ukat/L",),
    "nkat/l": ("nkat/L",),
    **dict.fromkeys(("ug/l", "ng/ml"), ("ug/L",)),
    "ug/dl": ("ug/dL",),
    **dict.fromkeys(("ng/l", "pg/ml"), ("ng/L",)),
    "ng/dl": ("ng/dL",),
    "nmol/l": ("nmol/L",),
    **dict.fromkeys(("pmol/l", "fmol/ml"), ("pmol/L",)),
    **dict.fromkeys(("miu/l", "mui/l", "mie/l", "mu/l", "uiu/ml", "uui/ml", "uie/ml", "uu/ml"), ("mIU/L",)),
    **dict.fromkeys(("mg/lfeu", "mgfeu/l", "feumg/l", "ug/mlfeu", "ugfeu/ml", "feuug/ml"), ("mg/L FEU",)),
    **dict.fromkeys(("ug/lfeu", "ugfeu/l", "feuug/l", "ng/mlfeu", "ngfeu/ml", "feung/ml"), ("ug/L FEU",)),
    **dict.fromkeys(("ml/min", "ml/mn"), ("mL/min",)),
    **{f"{rate}/{area}": ("mL/min/1.73 m2",) for rate in ("ml/min", "ml/mn") for area in ("173m2", "1,73m2", "173m^2", "173sqm")},
    **dict.fromkeys(("ml/s", "ml/sec"), ("mL/s",)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "seconde", "secondes", "secondi", "seg", "segs", "segundo",
                     "segundos", "sek", "sekunden"), ("s",)),
    **dict.fromkeys(("%", "percent", "quick%", "%quick", "tp%", "%tp"), ("%",)),
    **dict.fromkeys(("ratio", "rapport", "rapporto", "m/t", "p/t"), ("RATIO",)),
}  # fmt: skip

_SAME = str.maketrans("µμκℓ×·⋅∙•−⁻–∕⁄⁰¹²³⁴⁵⁶⁷⁸⁹", "uuklx....---//0123456789", "()[]")
_PER = re.compile(r"[.*]?([dmun]?l|min|s)\^?-1$")
_POWER = re.compile(r"^[x*.]?10(?:\^|\*\*?|e\+?|exp)?0?([369])(?![0-9])")
_MICRO = re.compile(r"mc(?=l$|g/|mol/|kat/)")


def _simple(typed: str) -> str:
    """In lower case without spaces or points; u for micro, 10^9 for a power however written, '/' for a power of -1, mm3 for
    cubic millimetres (mmc in Italian)."""
    text = "".join(typed.lower().translate(_SAME).split())
    text = _PER.sub(r"/\1", text.replace("/100ml", "/dl"))
    text = text.replace("mmc", "mm3").replace("cumm", "mm3").replace("mm^3", "mm3")
    text = re.sub(r"cells?|cel(?=/)", "", _MICRO.sub("u", text))
    text = _POWER.sub(r"10^\1", text.replace("x1000", "1000"))
    return text.replace(".", "")


def canonical_unit(test: LabTest, typed: str) -> str | None:
    """The CDISC unit that ``typed`` means for this test; None when it is unknown to this test.

    An empty unit means a ratio for the INR and is unknown everywhere else. A known unit need not convert: see
    ``LabTest.as_reported``. Not known on purpose: percentages of white cells, a creatinine clearance per 1.73 m2 of body
    surface, mEq/L of phosphate, urea nitrogen.
    """
    if len(typed) > 60:
        return None
    simple = _simple(typed)
    if test.code == "INR" and simple in ("", "1", "inr"):
        return test.unit
    return next((unit for unit in _SPELLINGS.get(simple, ()) if unit in test.known_units), None)
