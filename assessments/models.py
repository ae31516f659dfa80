"""Forms that several parts of the trial share."""

from __future__ import annotations

from assessments.examinations import AND_EVERY_DOSE, standard_of_care
from crf.declare import Section
from crf.fields import CodeField, MissingReasonField, PartialDateField
from crf.models import Crf, one_per_visit
from protocol import codelists, facts


class EcogAssessment(Crf):
    """ECOG performance status."""

    code = "ECOG"
    area = "Assessments"
    visits = AND_EVERY_DOSE
    domain = "RS"
    dated_by = "assessed_on"
    fact = facts.EcogAssessment
    sections = (Section("ECOG performance status", "assessed_on", "standard_of_care", "assessor", "ecog"),)
    required = ("assessed_on", "ecog")
    exports = {"assessed_on": "RSDAT", "standard_of_care": "RSSOC", "assessor": "RSEVAL", "ecog": "RSORRES",
               "ecog_missing": "RSREASND"}  # fmt: skip

    assessed_on = PartialDateField("Date of assessment", db_comment="Date of the assessment")
    standard_of_care = standard_of_care()
    assessor = CodeField("Assessed by", codelist=codelists.Assessor, max_length=20)
    ecog = CodeField("ECOG performance status", codelist=codelists.Ecog, db_comment="ECOG 0 to 5")
    ecog_missing = MissingReasonField(of="ecog")

    class Meta:
        verbose_name = "ECOG performance status"
        verbose_name_plural = "ECOG performance status"
        constraints = one_per_visit("ECOG")

from assessments import examinations, imaging, laboratory, medication, references, visit_forms  # noqa: E402, F401  more models of this app
