"""What the investigator judges: organ function before registration, and the check before the first dose."""

from __future__ import annotations

from django.db import models

from crf.declare import AskedIf, Section
from crf.fields import ClockTimeField, CodeField, PartialDateField, yes_no
from crf.models import Crf, one_per_visit
from protocol import codelists
from protocol import screening_facts as facts
from protocol.atoms import FIRST_DOSE
from protocol.criteria import BY_ID
from protocol.visits import UNSCHEDULED
from screening import signed
from screening.results import results


class OrganFunction(Crf):
    """Adequate blood count, kidneys and liver (I5): the record gives no thresholds, so the investigator judges."""

    code = "ORG"
    area = "Screening"
    visits = ("SCR", *UNSCHEDULED)  # results that are taken again are judged again
    comes_last = 1  # it is read from the laboratory
    domain = "FA"
    dated_by = "assessed_on"
    fact = facts.OrganFunction
    sections = (
        Section("Judgement of the investigator", "assessed_on", "haematological", "renal", "liver"),
        Section("To read the values by", "support", "support_on", "gilbert"),
    )
    asks_if = {"support_on": AskedIf("support", "Y")}
    required = ("assessed_on", "haematological", "renal", "liver", "support", "support_on", "gilbert")
    required_first = ("haematological", "renal", "liver", "support", "gilbert")
    exports = {"assessed_on": "FADAT", "haematological": "ADEQHEM", "renal": "ADEQREN", "liver": "ADEQLIV", "support": "BLSUPYN",
               "support_on": "BLSUPDAT", "gilbert": "GILBERT"}  # fmt: skip

    assessed_on = PartialDateField("Date of the judgement", past=True)
    haematological = yes_no("Adequate haematological function")
    renal = yes_no("Adequate renal function")
    liver = yes_no("Adequate liver function")
    support = yes_no("Transfusion or growth factor in the 14 days before the blood count")
    support_on = PartialDateField("Last day of it", past=True)
    gilbert = yes_no("Gilbert syndrome")

    class Meta:
        verbose_name = verbose_name_plural = "Organ function"
        constraints = one_per_visit("ORG")


class FirstDoseCheck(Crf):
    """Gate 2: what is asked in the days before the first infusion; the investigator then releases the dose."""

    code = "REL"
    area = "Tarlatamab"
    visits = ("C1D1",)
    domain = "IE"
    dated_by = "checked_on"
    fact = facts.FirstDoseCheck
    sections = (
        Section("Check", "checked_on", "checked_time"),
        Section("Signs of infection in the last 7 days", "symptoms", "clinical_signs", "radiographic_signs", "uncontrolled",
                "last_sign_on", "last_sign_time"),
        Section("Corticosteroids and immunosuppressants", "immunosuppressant_any"),
        Section("Criteria asked before the first dose", "i09", "e10", "e11", "e12"),
    )  # fmt: skip
    required = ("checked_on", "symptoms", "clinical_signs", "radiographic_signs", "uncontrolled", "immunosuppressant_any", "i09",
                "e10", "e11", "e12")  # fmt: skip
    exports = {
        "checked_on": "IEDAT", "checked_time": "IETIM", "symptoms": "INFSYMP", "clinical_signs": "INFSIGN",
        "radiographic_signs": "INFRADIO", "uncontrolled": "INFUNCON", "last_sign_on": "INFLSDAT", "last_sign_time": "INFLSTIM",
        "immunosuppressant_any": "IMMSUPYN", "i09": "INCL09", "e10": "EXCL10", "e11": "EXCL11", "e12": "EXCL12",
        "released_at": "RELDTC", "released_by": "RELNAM",
    }  # fmt: skip
    system_fields = ("released_at", "released_by")
    computes_from = ("CM", "DM", "EC", "HX", "INF", "PT", "REL", "RP", "RULING")

    checked_on = PartialDateField("Date of the check", past=True)
    checked_time = ClockTimeField("Time of the check")
    symptoms = yes_no("Symptoms")
    clinical_signs = yes_no("Clinical signs")
    radiographic_signs = yes_no("Radiographic signs")
    uncontrolled = yes_no("Acute or uncontrolled systemic infection", help_text="The investigator's judgement")
    last_sign_on = PartialDateField("Last day with a symptom or sign", past=True)
    last_sign_time = ClockTimeField("Time of the last symptom or sign")
    immunosuppressant_any = yes_no("Any systemic corticosteroid or immunosuppressant in the last 7 days", help_text="If yes, enter each in the medication log")  # fmt: skip  # noqa: E501
    i09 = CodeField("I9 second pregnancy test", help_text=BY_ID["I9"].text, codelist=codelists.InclusionAnswer, max_length=20)
    e10 = CodeField("E10 steroids in the week before the first dose", help_text=BY_ID["E10"].text, codelist=codelists.ExclusionAnswer, max_length=20)  # fmt: skip  # noqa: E501
    e11 = CodeField("E11 infection in the week before the first dose", help_text=BY_ID["E11"].text, codelist=codelists.ExclusionAnswer, max_length=20)  # fmt: skip  # noqa: E501
    e12 = CodeField("E12 infection needing parenteral antibiotics, asked again", help_text=BY_ID["E12"].text, codelist=codelists.ExclusionAnswer, max_length=20)  # fmt: skip  # noqa: E501
    released_at = models.DateTimeField("Released", null=True, blank=True, db_comment="When the first dose was released")
    released_by = models.CharField("Released by", max_length=150, blank=True, default="", db_comment="Who released the first dose")  # fmt: skip  # noqa: E501

    class Meta:
        verbose_name = verbose_name_plural = "Check before the first dose"
        constraints = one_per_visit("REL")

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """The program's result for what has been answered."""
        return results(self, case, FIRST_DOSE)

    @classmethod
    def page_extras(cls, user, record) -> dict:
        return signed.page_extras(record)
