"""Ranges of the laboratories of a site, entered once, with the days from and to which they hold."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q

from crf.fields import CodeField, PartialDateField, SuggestField
from crf.references import Clash, SiteReference, Told, out_of_order, too_far
from protocol import laboratory
from protocol import screening_facts as facts
from protocol.codelists import Sex
from protocol.dates import show
from protocol.laboratory import BY_FIELD, TESTS

SEXES = {"": "both", "F": "female", "M": "male"}  # a range for another sex would apply to nobody
_WHOM = {"": "both sexes", "F": "women", "M": "men"}
OLDEST = 150
_ORDER = {code: place for place, code in enumerate(TESTS)}


class ReferenceRange(SiteReference):
    """The range of one test at one laboratory, for a sex and an age (whole years), both limits and both days inclusive.

    Either limit may be absent, and both: laboratories give some results (a clearance, a ratio) with a unit alone. Such a line
    tells the unit; what needs a limit stays undetermined and says so.
    """

    trail_code = "RANGE"
    fact = facts.ReferenceRange
    title = "Laboratory ranges"
    empty = "No laboratory is listed. Enter the ranges of each laboratory once: results are then read with them."
    asked = ("laboratory", "test", "unit", "low", "high", "sex", "age_from", "age_to", "valid_from", "valid_to")
    required = ("laboratory", "test", "valid_from")
    heads = ("Test", "Unit", "Sex", "Age", "Low", "High", "From", "To")
    figures = frozenset({"Low", "High"})
    ends = True
    many = ("enter_ranges", "Enter ranges of a laboratory")
    dataset = "reference_ranges"
    exports = {
        "laboratory": "LBNAM", "test": "LBTESTCD", "unit": "UNIT", "low": "LOW", "high": "HIGH", "sex": "SEX",
        "age_from": "AGEFROM", "age_to": "AGETO", "valid_from": "FROMDAT", "valid_to": "TODAT",
    }  # fmt: skip

    laboratory = SuggestField("Laboratory", help_text="As printed on its reports")
    test = models.CharField("Test", max_length=12, choices=[(each.code, each.label) for each in TESTS.values()])
    unit = models.CharField("Unit", max_length=20, blank=True, default="", help_text="As printed")
    low = models.DecimalField("Lower limit", max_digits=12, decimal_places=4, null=True, blank=True)
    high = models.DecimalField("Upper limit", max_digits=12, decimal_places=4, null=True, blank=True)
    sex = CodeField("Sex", codelist=Sex, max_length=10, help_text="Empty: both")
    age_from = models.PositiveSmallIntegerField("Age from", null=True, blank=True)
    age_to = models.PositiveSmallIntegerField("Age to", null=True, blank=True)
    valid_from = PartialDateField("Valid from")
    valid_to = PartialDateField("Valid to", help_text="Empty: still valid")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")), name="range_low_not_above_high"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site.code} {self.laboratory} {self.test}"

    def faults(self, today: date) -> dict[str, str]:
        wrong = super().faults(today)
        test = TESTS.get(self.test)
        if test is not None and laboratory.canonical_unit(test, self.unit) is None:
            known = ", ".join(test.known_units)
            said = f"“{self.unit}” is no known unit of {test.label}" if self.unit else f"The unit of {test.label} is empty"
            wrong["unit"] = f"{said}. Known: {known}."
        if self.low is not None and self.high is not None and self.low > self.high:
            said = f"The lower limit, {plain(self.low)}, is above the upper limit, {plain(self.high)}"
            wrong["low"] = f"{said}: correct the one that is wrong."
        if self.sex not in SEXES:
            wrong["sex"] = "A range is for women, for men, or for both."
        ages = (self.age_from, self.age_to)
        if any(age is not None and age > OLDEST for age in ages):
            wrong["age_from"] = f"An age is at most {OLDEST} years."
        elif None not in ages and ages[0] > ages[1]:
            wrong["age_from"] = f"Age from {ages[0]} is above age to {ages[1]}: correct the one that is wrong."
        for name in ("valid_from", "valid_to"):
            if said := too_far(getattr(self, name), today):
                wrong[name] = said
        if said := out_of_order(self.valid_from, self.valid_to):
            wrong["valid_to"] = said
        return wrong

    def settle(self, standing: Sequence[Self]) -> None:
        """A laboratory keeps one spelling: results are read with the ranges of exactly that name."""
        names = {each.laboratory.casefold(): each.laboratory for each in standing}
        self.laboratory = names.get(self.laboratory.casefold(), self.laboratory)

    def clashes(self, standing: Sequence[Self]) -> list[Clash]:
        """Of two ranges that apply to the same patient on the same day nobody could say which holds."""
        same = [each for each in standing if (each.laboratory, each.test) == (self.laboratory, self.test)]
        return [self._clash(each) for each in same if self._meets(each)]

    def _meets(self, other: Self) -> bool:
        ages, others = self._ages(), other._ages()
        sexes = "" in (self.sex, other.sex) or self.sex == other.sex
        days = self.valid_from <= (other.valid_to or "9999") and other.valid_from <= (self.valid_to or "9999")
        return sexes and days and self._standing() == other._standing() and ages[0] <= others[1] and others[0] <= ages[1]

    def _ages(self) -> tuple[int, int]:
        return self.age_from or 0, OLDEST if self.age_to is None else self.age_to

    def _standing(self) -> int:
        """A range for a sex and an age goes before one for either, and that before a general one."""
        return bool(self.sex) + (self.age_from is not None or self.age_to is not None)

    def _clash(self, other: Self) -> Clash:
        holds = f"from {show(other.valid_from)}" + (f" to {show(other.valid_to)}" if other.valid_to else "")
        said = f"{TESTS[other.test].label} has a range at {other.laboratory} already: {other.limits}, {other.whom}, {holds}."
        if (self.sex, self._ages()) != (other.sex, other._ages()):
            return Clash(other, f"{said} Both would apply to some patients: enter ranges that do not overlap.")
        if other.valid_from >= self.valid_from:
            way = "It does not begin before this one: withdraw it if it is wrong, or let this one end before that day."
            return Clash(other, f"{said} {way}")
        day = (date.fromisoformat(self.valid_from) - timedelta(days=1)).isoformat()
        return Clash(other, f"{said} It would have to end on {show(day)}.", day)

    @property
    def limits(self) -> str:
        """120 to 160 g/L."""
        low, high = plain(self.low), plain(self.high)
        said = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}" if high else "no limits"
        return f"{said} {self.unit}".rstrip()

    @property
    def whom(self) -> str:
        """Whom it is for: women, 18 to 60 years."""
        ages = self.ages
        return _WHOM.get(self.sex, self.sex) + (f", {ages} years" if ages else "")

    @property
    def ages(self) -> str:
        """18 to 60; '' for any age."""
        if self.age_from is None and self.age_to is None:
            return ""
        return f"{self.age_from or 0} and older" if self.age_to is None else f"{self.age_from or 0} to {self.age_to}"

    @classmethod
    def told(cls, site, lines, today) -> list[Told]:
        """By laboratory and test, in the order of the panels; of one test the newest last."""
        ordered = sorted(lines, key=cls._place)
        return [
            Told(
                each,
                (each.get_test_display(), each.unit, SEXES.get(each.sex, each.sex), each.ages or "any",
                 plain(each.low) or "—", plain(each.high) or "—", show(each.valid_from), show(each.valid_to)),
                *each.standing_on(today.isoformat()), each.laboratory,
            )
            for each in ordered
        ]  # fmt: skip

    def _place(self) -> tuple:
        test = _ORDER.get(self.test, len(_ORDER))
        return self.laboratory.casefold(), test, self.sex, self._ages(), self.valid_from, self.pk

    @classmethod
    def adapt(cls, form, site) -> None:
        from assessments.range_forms import adapt

        adapt(form, site)


def plain(number: Decimal | None) -> str:
    """A limit without needless noughts; '' for none."""
    return "" if number is None else f"{number.normalize():f}"


def laboratories(site) -> list[str]:
    """The names of the laboratories whose ranges the site has entered."""
    known = ReferenceRange.objects.filter(site=site, withdrawn=False)
    return list(known.values_list("laboratory", flat=True).distinct().order_by("laboratory"))


def units(site) -> dict[str, dict[str, str]]:
    """Test → laboratory → the unit in which it gives the result, where all its ranges mean the same one."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    lines = ReferenceRange.objects.filter(site=site, withdrawn=False).order_by("id").values_list("test", "laboratory", "unit")
    for code, name, unit in lines:
        test = TESTS.get(code)
        if test is not None:
            found.setdefault(code, {}).setdefault(name, {})[laboratory.canonical_unit(test, unit) or unit] = unit
    return {
        code: {name: each.popitem()[1] for name, each in names.items() if len(each) == 1} for code, names in found.items()
    }


def suggest_laboratory(form, patient) -> None:
    """Propose the site's laboratories, and for each unit those that are known for its test; an empty box shows the laboratory's."""
    form.fields["laboratory"].widget.proposals = lambda: laboratories(patient.site)
    known = functools.cache(lambda: units(patient.site))  # asked of the database when the page is drawn, and once
    for name in form.fields:
        test = BY_FIELD.get(name.removesuffix("_unit")) if name.endswith("_unit") else None
        if test is not None:
            form.fields[name].widget.proposals = lambda test=test: test.known_units
            form.fields[name].widget.hints = lambda test=test: known().get(test.code, {})
            form.fields[name].widget.hints_by = "laboratory"
