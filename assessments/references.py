"""Ranges of the laboratories of a site, entered once, with the days from and to which they hold."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from crf.fields import CodeField, PartialDateField, SuggestField
from crf.references import SiteReference
from protocol import screening_facts as facts
from protocol.codelists import Sex
from protocol.laboratory import BY_FIELD, TESTS


class ReferenceRange(SiteReference):
    """The range of one test at one laboratory, for a sex and an age (whole years), both limits and both days inclusive."""

    trail_code = "RANGE"
    fact = facts.ReferenceRange

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


def suggest_laboratory(form, patient) -> None:
    """Propose the site's laboratories, and for each unit those that are known for its test."""

    def names() -> list[str]:
        known = ReferenceRange.objects.filter(site=patient.site, withdrawn=False)
        return list(known.values_list("laboratory", flat=True).distinct().order_by("laboratory"))

    form.fields["laboratory"].widget.proposals = names
    for name in form.fields:
        test = BY_FIELD.get(name.removesuffix("_unit")) if name.endswith("_unit") else None
        if test is not None:
            form.fields[name].widget.proposals = lambda test=test: test.units
