"""Tumour imaging, as far as the dose calendar needs it now: when, and by which method."""

from __future__ import annotations

from crf.declare import Section
from crf.fields import CodeField, PartialDateField, WordsField
from crf.models import Crf, numbered
from protocol import codelists, facts


class Scan(Crf):
    """One scan of the tumour; the interval between scans is not in the record."""

    code = "SCAN"
    area = "Assessments"
    domain = "PR"
    dated_by = "scanned_on"
    fact = facts.Scan
    sections = (Section("Scan", "scanned_on", "method", "regions"),)
    required = ("scanned_on", "method")
    exports = {"scanned_on": "PRSTDAT", "method": "PRTRT", "regions": "PRLOC"}

    scanned_on = PartialDateField("Date of the scan", past=True)
    method = CodeField("Method", codelist=codelists.ScanMethod)
    regions = WordsField("Regions", help_text="Such as: chest and abdomen")

    class Meta:
        verbose_name = "Tumour scan"
        verbose_name_plural = "Tumour scans"
        constraints = numbered("SCAN")
