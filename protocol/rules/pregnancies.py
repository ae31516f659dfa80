"""Rules of pregnancies: whose they are, what is reported, and until when they are followed."""

from __future__ import annotations

from protocol.codelists import PregnantPerson, Sex, YesNo
from protocol.criteria import BY_ID
from protocol.dates import PartialDate, Tri, before, negated
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.exposure import contraception_until
from protocol.facts import AdverseEvent, Demographics, Dose, Pregnancy
from protocol.rules.common import linked

_REPORTED = f"{BY_ID['E18'].text} A pregnancy that began, or an exposure, up to that day is reported like a serious event."
_FOLLOWED = "A pregnancy is followed to its outcome, however long after the last dose that is."


def conceived_in_time(pregnancy: Pregnancy, until: PartialDate) -> Tri:
    """Did it begin by the last day of contraception? Without a day of conception the last period decides, which is before it."""
    return negated(before(until, pregnancy.begun))


@rule("AE-040", Severity.QUERY, "PREG.whose", cites="A man is not pregnant; his partner may be.", source=Source.DESIGN, also=("DM.sex",))
def pregnant_man(pregnancy: Pregnancy, demographics: Demographics | None) -> Verdict:
    """The patient is pregnant, and the sex entered is male: is it the partner's pregnancy? Correct the one that is wrong."""
    if demographics is None or not demographics.sex or not pregnancy.whose:
        return None
    return pregnancy.whose == PregnantPerson.PATIENT and demographics.sex == Sex.MALE


@rule("AE-041", Severity.NOTICE, "PREG.conceived_on", cites=_REPORTED, source=Source.REGISTRY)
def begun_after_contraception(pregnancy: Pregnancy, doses: tuple[Dose, ...]) -> Verdict:
    """The pregnancy began after {until}, the last day of contraception: the record does not ask for it."""
    until = contraception_until([look(dose) for dose in doses])
    inside = conceived_in_time(pregnancy, until) if until else None
    return None if inside is None or until is None else {"until": until} if inside is False else False


@rule("AE-042", Severity.NOTICE, "PREG.outcome", cites=_FOLLOWED, source=Source.ASSUMPTION)
def outcome_to_come(pregnancy: Pregnancy) -> Verdict:
    """The outcome is not known yet: the record stays open until it is, also after the end of treatment."""
    return not pregnancy.outcome if pregnancy.whose else None


@rule("AE-043", Severity.QUERY, "PREG.anomaly_event", cites="ICH E2A: a congenital anomaly is a serious event by itself.",
      source=Source.STANDARD, also=("AE.is_congenital",))
def anomaly_by_another_event(pregnancy: Pregnancy, events: tuple[AdverseEvent, ...]) -> Verdict:
    """The anomaly's event, {term}, is not entered as a congenital anomaly: correct the event, or choose the right one."""
    event = linked(events, pregnancy.anomaly_event)
    return None if event is None else {"term": event.term} if event.is_congenital != YesNo.YES else False


@rule("AE-044", Severity.QUERY, "PREG.outcome_on", cites="A pregnancy ends after it began.", source=Source.DESIGN,
      also=("PREG.conceived_on",))
def outcome_before_conception(pregnancy: Pregnancy) -> Verdict:
    """The outcome lies before the conception: correct the date that is wrong."""
    return before(pregnancy.outcome_on, pregnancy.conceived_on)
