"""Facts with defaults that fit together, so that an example of a rule is one line.

The patient of the defaults: born 1958, consent on 1 June 2026, registered on 10 June, first dose on 15 June; today is
1 September 2026, noon UTC, in Lyon.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal

from protocol import facts
from protocol.criteria import CRITERIA
from protocol.dates import PartialDate
from protocol.engine import Case
from protocol.schedule import planned_dose

TODAY = "2026-09-01"
C1D1 = "2026-06-15"


def day(text: str) -> PartialDate | None:
    return PartialDate.parse(text) if text else None


def consent(patient="2026-06-01", investigator="2026-06-01", version="1.0", **rest):
    return facts.Consent(
        patient_signed_on=day(patient), investigator_signed_on=day(investigator), icf_version=version, **rest
    )


def dm(birth="1958-03", sex="F", **rest):
    return facts.Demographics(birth_date=day(birth), sex=sex, **rest)


def ecog(grade="2", on="2026-06-03", visit="SCR", **rest):
    return facts.EcogAssessment(ecog=grade, assessed_on=day(on), visit=visit, **rest)


def ie(on="2026-06-08", **answers):
    satisfied = {each.field: each.satisfied_by for each in CRITERIA}
    return facts.Eligibility(assessed_on=day(on), visit="SCR", **{**satisfied, **answers})


def sf(on="2026-06-09", reason="ELIGIBILITY CRITERIA NOT MET", criteria="I3", details="", **rest):
    return facts.ScreenFailure(decided_on=day(on), reason=reason, criteria=criteria, details=details, **rest)


def dose(label="C1D1", on=C1D1, mg="", occurrence="GIVEN", start="10:00", end="11:00", reason="", **rest):
    given = occurrence == "GIVEN"
    amount = mg or ("1" if label == "C1D1" else "10")
    return facts.Dose(
        visit=label, occurrence=occurrence, reason=reason, given_on=day(on) if given else None,
        start_time=start if given else "", end_time=end if given else "",
        dose_mg=Decimal(amount) if given and amount != "none" else None, **rest,
    )  # fmt: skip


def undated(label, occurrence="GIVEN", **rest):
    return dataclasses.replace(dose(label, occurrence="OMITTED"), occurrence=occurrence, **rest)


def doses(*dates, first=1):
    """Doses given on these dates, from the first label on, in the planned amounts."""
    return tuple(dose(planned_dose(n).label, on) for n, on in enumerate(dates, first))


def eot(on="2026-08-20", reason="PROGRESSIVE DISEASE", **rest):
    return facts.EndOfTreatment(ended_on=day(on), reason=reason, visit="EOT", **rest)


def asked(visit="C1D8", answer="N"):
    return facts.EventsAsked(visit=visit, any_events=answer)


def ae(term="Nausea", on="2026-06-20", end="", **answers):
    """A grade 2 event that is not serious and still goes on, or has ended on the day ``end``."""
    defaults = dict(
        term=term, term_specify="", scale="CTCAE 5.0", grade="2", started_on=day(on), started_time="",
        ongoing="N" if end else "Y", ended_on=day(end), ended_time="", serious="N", is_death="", is_life_threatening="",
        is_hospitalisation="", is_disability="", is_congenital="", is_medically_important="", stay_planned="",
        aware_on=None, aware_time="", relationship="Y", action_taken="DOSE NOT CHANGED",
        outcome="RECOVERED/RESOLVED" if end else "NOT RECOVERED/NOT RESOLVED",
    )  # fmt: skip
    return facts.AdverseEvent(**{**defaults, **answers})


def serious(term="Sepsis", aware="2026-06-21", at="09:00", because=("is_hospitalisation",), **rest):
    return ae(term, **{"serious": "Y", "aware_on": day(aware), "aware_time": at, **dict.fromkeys(because, "Y"), **rest})


def fatal(term="Sepsis", on="2026-06-20", end="2026-07-01", **rest):
    return serious(term, on=on, end=end, because=("is_death",), **{"grade": "5", "outcome": "FATAL", **rest})


def pd(on="2026-08-15", basis="RECIST 1.1", **rest):
    return facts.Progression(progressed_on=day(on), basis=basis, visit="FU", **rest)


def dd(on="2026-08-25", cause="DISEASE UNDER STUDY", **rest):
    return facts.Death(died_on=day(on), cause=cause, visit="FU", **rest)


def case(*records, today=TODAY, now="", enrolled="2026-06-10", zone="Europe/Paris", country="FR", active=True):
    """A case of submitted records, numbered in the order given. ``now`` is an ISO moment in UTC, else noon of today."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC) if now else datetime.fromisoformat(f"{today}T12:00+00:00")
    made = Case(
        facts.Patient("FR03-001", country, zone, active, date.fromisoformat(enrolled) if enrolled else None),
        facts.Clock(moment, date.fromisoformat(today)),
    )
    for number, record in enumerate(records, start=1):
        stored = dataclasses.replace(record, id=number, row=number, submitted=True)
        made.records[record.form] = (*made.records.get(record.form, ()), stored)
    return made


def draft(of, form):
    """The case with the records of one form in progress instead of submitted."""
    records = {**of.records, form: tuple(dataclasses.replace(each, submitted=False) for each in of.of(form))}
    return Case(of.patient, of.clock, records)


def without(of, form):
    return Case(of.patient, of.clock, {code: found for code, found in of.records.items() if code != form})


def eligible(**changes):
    """A patient against whose registration nothing stands; ``changes`` replace records (consent=, dm=, ecog=, ie=)."""
    records = {"consent": consent(), "dm": dm(), "ecog": ecog(), "ie": ie(), **changes}
    extra = [each for each in records.values() if each is not None]
    return case(*extra, today="2026-06-10", enrolled="")
