"""From stored records to the safety report that every output is made from: as entered now, or as a version was sent."""

from __future__ import annotations

from collections import defaultdict

from adverse_events.case import Case, sent_content
from adverse_events.report_content import place_of
from adverse_events.reports import SafetyReport
from crf import registry
from crf.facts import fact_from, load_case
from patients.models import Patient
from protocol import engine
from protocol.clocks import is_susar
from protocol.dosing_facts import Vial
from protocol.facts import FORMS, Demographics, Fact
from protocol.icsr import Icsr, Judgement
from protocol.icsr import Reporter as From
from protocol.icsr_build import READS, build
from protocol.report_codelists import Reporter
from protocol.safety_facts import SyndromeAssessment
from protocol.screening_facts import ReferenceRange

# Not in what was sent: read as they stand now. Of the birth date only the age in years goes on, which is why it is not there.
STANDING = (Demographics.form, Vial.form, ReferenceRange.form)


def codes() -> list[str]:
    """Codes of the forms and references that a report reads, as far as there are such forms."""
    assessed = [code for code, kind in FORMS.items() if issubclass(kind, SyndromeAssessment)]
    known = {form.code for form in registry.forms()} | set(registry.references())
    return [code for code in [*(kind.form for kind in READS), *assessed] if code in known]


def icsr_of(case: Case, version: SafetyReport | None = None, *, sees_sponsor: bool = True) -> Icsr:
    """The report of an adverse event: of a version what was sent with it, else what is entered now.

    The sponsor's assessment stands beside a version and is read as it is now; without ``sees_sponsor`` it is left out.
    """
    facts = load_case(case.patient, codes()) if version is None else _as_sent(case.patient, version)
    words, site = version or case.last, case.patient.site
    role = Reporter(words.reporter).label if words and words.reporter else ""  # whoever pressed the button need not be who tells of it
    return build(
        facts, case.record.row, From(site=site.code, site_name=site.name, city=site.city, country=site.country, role=role),
        sponsor=_sponsor(case) if sees_sponsor else Judgement(withheld=True), version=words.number if words else 0, sent=version is not None,
        first_received=case.first_report.first if case.first_report else None, received=words.sent_at if words else None,
        narrative=words.narrative if words else "", susar=is_susar(case.found) if sees_sponsor else None,
    )  # fmt: skip


def _sponsor(case: Case) -> Judgement:
    found = case.sponsor
    if found is None:
        return Judgement()
    return Judgement(
        relationship=found.causality, by="Sponsor" if found.causality else "", at=found.assessed_at, comment=found.comment,
        expectedness=found.expectedness, reference=str(found.rsi) if found.rsi else "",
    )  # fmt: skip


def _as_sent(patient: Patient, version: SafetyReport) -> engine.Case:
    """The facts of a version: its records as they were sent, and the references as they stand."""
    found = load_case(patient, STANDING)
    places: dict[str, dict[str, str]] = defaultdict(dict)
    for key, value in sent_content(version).values.items():
        places[place_of(key)][key.rpartition(".")[2]] = value
    forms = {form.code: form for form in registry.forms()}
    sent: dict[str, list[Fact]] = defaultdict(list)
    for place, values in places.items():
        code, _, slot = place.partition(":")
        if code in forms and code not in STANDING:
            sent[code].append(fact_from(forms[code], slot, values))
    found.records |= {code: tuple(facts) for code, facts in sent.items()}
    return found
