"""Later grades of an adverse event, each from when it holds."""

from __future__ import annotations

from crf.declare import Section
from crf.fields import ClockTimeField, CodeField, LinkField, PartialDateField
from crf.models import Crf, numbered
from protocol import codelists, safety_facts


class GradeChange(Crf):
    """From this moment on the event has another grade. CRS, ICANS and tumour lysis need none: their assessments say it."""

    code = "AEG"
    area = "Safety"
    domain = "FA"
    dated_by = "changed_on"
    fact = safety_facts.GradeChange
    sections = (Section("Change of grade", "event", "grade", "changed_on", "changed_time"),)
    required = ("event", "grade", "changed_on")
    exports = {"event": "FAAENO", "grade": "FAORRES", "changed_on": "FADAT", "changed_time": "FATIM"}

    event = LinkField("Adverse event", to="AE")
    grade = CodeField("Grade from then on", codelist=codelists.Grade, max_length=1)
    changed_on = PartialDateField("Since (date)", past=True, least="month")
    changed_time = ClockTimeField("Since (time)", on="changed_on", help_text="If known")

    class Meta:
        verbose_name = "Change of grade"
        verbose_name_plural = "Changes of grade"
        constraints = numbered("AEG")

    def beside(self, target: Crf) -> str:
        """'Grade 2 since 05-Mar-2026 14:00'."""
        from crf import registry

        since = " ".join(filter(None, (registry.display(self.code, "changed_on", self.changed_on), self.changed_time)))
        return " ".join(filter(None, (self.get_grade_display() or "Grade not given", f"since {since}" if since else "")))
