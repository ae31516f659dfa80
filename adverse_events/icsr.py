"""From stored records to the safety report that every output is made from."""

from __future__ import annotations

from typing import Any

from adverse_events.models import AdverseEvent
from crf import registry
from crf.facts import load_case
from protocol.facts import FORMS
from protocol.icsr import Icsr, Reporter
from protocol.icsr_build import READS, build
from protocol.safety_facts import SyndromeAssessment


def codes() -> list[str]:
    """Codes of the forms and references that a report reads, as far as there are such forms."""
    assessed = [code for code, kind in FORMS.items() if issubclass(kind, SyndromeAssessment)]
    known = {form.code for form in registry.forms()} | set(registry.references())
    return [code for code in [*(kind.form for kind in READS), *assessed] if code in known]


def icsr_of(event: AdverseEvent, **judged: Any) -> Icsr:
    """The report of an event from what is stored now, in one query. ``judged``: what ``protocol.icsr_build.build`` takes beside."""
    patient = event.patient
    site = patient.site
    reporter = Reporter(site=site.code, site_name=site.name, city=site.city, country=site.country, role=judged.pop("role", ""))
    return build(load_case(patient, codes()), event.row, reporter, **judged)
