"""A safety report in words: what stands on the CIOMS I form and in the free text of an E2B(R3) message alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from protocol import codelists, parameters
from protocol.dates import PartialDate
from protocol.icsr import Administration, Condition, Death, Drug, Event, GradeAt, Icsr, Judgement, Stay, Test, When

CRITERIA = {
    "is_death": "results in death", "is_life_threatening": "life-threatening",
    "is_hospitalisation": "requires or prolongs a hospital stay", "is_disability": "disability or incapacity",
    "is_congenital": "congenital anomaly or birth defect", "is_medically_important": "other medically important event",
}  # fmt: skip
INDICATION = "Extensive-stage small cell lung cancer"
ROUTE = "Intravenous infusion"
UNKNOWN = "not known"
WITHHELD = "not shown before the investigator's own judgement"


def label(codes: type[codelists.Codelist], value: str, otherwise: str = UNKNOWN) -> str:
    """The words of a stored answer."""
    return next((each.label for each in codes if each.value == value), value or otherwise)


def number(value: object) -> str:
    """A decimal as people write it."""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)


def instant(at: datetime | None) -> str:
    """An instant on the sponsor's clock, its offset from UTC said."""
    if at is None:
        return UNKNOWN
    local = at.astimezone(ZoneInfo(str(parameters.value("sponsor_zone"))))
    return f"{local:%d}-{local:%b}-{local:%Y} {local:%H:%M} ({local:%z})"


def when(at: When | None, otherwise: str = UNKNOWN) -> str:
    return str(at) if at else otherwise


def age(report: Icsr) -> str:
    """'57', '57 or 58', or 'not known'."""
    found = report.subject.age
    if found is None:
        return UNKNOWN
    return str(found[0]) if found[0] == found[1] else f"{found[0]} or {found[1]}"


def grade(each: GradeAt) -> str:
    said = "none of it" if each.grade == "0" else f"grade {each.grade}"
    return f"{said} from {each.at}" if each.at else f"{said}, date not known"


def since(event: Event) -> str:
    """'16:00 h after the start of the infusion C1D8'; '' when it is not certain."""
    return f"{event.since_dose} after the start of the infusion {event.after_dose}" if event.since_dose and event.after_dose else ""


def causality(judged: Judgement) -> str:
    """A reasonable possibility, in the codelist's words, and whose opinion it is."""
    if judged.withheld:
        return WITHHELD
    said = label(codelists.Relationship, judged.relationship, "Not yet assessed")
    return f"{said} ({judged.by})" if judged.by and judged.relationship in (codelists.Relationship.YES, codelists.Relationship.NO) else said


def expected(judged: Judgement) -> str:
    """Expected or not, and against what."""
    if judged.withheld:
        return WITHHELD
    if not judged.expectedness:
        return "Not yet assessed"
    said = judged.expectedness.capitalize()
    return f"{said}, against {judged.reference}" if judged.reference else f"{said}, reference safety information not named"


def dose(each: Administration) -> str:
    """One line of a dose: 'C1D8: 10 mg, 12-Mar-2026 09:30 to 10:35, lot L77'."""
    if each.occurrence != codelists.DoseOccurrence.GIVEN:
        return f"{each.label}: {label(codelists.DoseOccurrence, each.occurrence).lower()}, {label(codelists.DoseReason, each.reason).lower()}"
    amount = f"{number(each.dose_mg)} mg" if each.dose_mg is not None else "amount not known"
    parts = [amount, times(each), "" if each.completed != "N" else "not finished", lots(each)]
    return f"{each.label}: {', '.join(filter(None, parts))}"


def times(each: Administration) -> str:
    if each.began is None:
        return "date not known"
    if each.ended is None or not each.ended.time:
        return str(each.began)
    end = each.ended.time if each.ended.day == each.began.day else str(each.ended)
    return f"{each.began} to {end}"


def lots(each: Administration) -> str:
    known = [f"lot {lot}" for lot in each.lots]
    unknown = [f"lot of vial {vial} not known" for vial in each.lots_unknown]
    return ", ".join([*known, *unknown]) or "lot not known"


def period(began: When | PartialDate | None, ended: When | PartialDate | None, ongoing: str) -> str:
    """'from 2011 continuing', 'from 2011 to Mar-2015', 'on 13-Mar-2026 21:01'."""
    if began and str(began) == str(ended) and ongoing != "Y":
        return f"on {began}" if str(began).count("-") == 2 else f"in {began}"
    until = "continuing" if ongoing == "Y" else f"to {ended}" if ended else ""
    return " ".join(filter(None, [f"from {began}" if began else "", until]))


def drug(each: Drug) -> str:
    unit = label(codelists.DoseUnit, each.unit, "")
    amount = f"{number(each.dose)} {unit}".strip() if each.dose is not None else ""
    dates = period(each.began, each.ended, each.ongoing)
    parts = [each.name or "name not entered", amount, label(codelists.Frequency, each.frequency, "").lower(),
             label(codelists.Route, each.route, "").lower(), dates, f"for {each.indication}" if each.indication else ""]  # fmt: skip
    return ", ".join(filter(None, parts))


def condition(each: Condition) -> str:
    dates = period(each.began, each.ended, each.ongoing)
    return f"{each.kind}: " + ", ".join(filter(None, [each.name, each.remarks, dates]))


def test(each: Test) -> str:
    """'12-Mar-2026: Alanine aminotransferase (ALT) 212 U/L, high (range up to 41)'."""
    limits = f"{each.low} to {each.high}" if each.low and each.high else f"from {each.low}" if each.low else f"up to {each.high}"
    unit = "" if each.unit == "RATIO" else f" {each.unit}"
    return f"{when(each.at, 'date not known')}: {each.name} {each.text}{unit}, {each.flag.lower()} (range {limits})"


def stay(each: Stay) -> str:
    out = "not yet discharged" if each.ongoing == "Y" else f"to {when(each.discharged)}"
    planned = {"Y": "planned per protocol", "N": "not planned"}.get(each.planned, "")
    longer = "made longer by the event" if each.prolonged == "Y" else ""
    return f"{each.kind}: " + ", ".join(filter(None, [f"from {when(each.admitted)} {out}", planned, longer]))


def death(each: Death) -> str:
    autopsy = {"Y": "autopsy done", "N": "no autopsy"}.get(each.autopsy, "autopsy not known")
    return f"Death: {when(each.died)}, cause: {label(codelists.DeathCause, each.cause)}, {autopsy}"


def facts(report: Icsr) -> Iterator[str]:
    """The course in sentences of the program's own, each a fact that was entered or follows from one."""
    event = report.event
    yield f"Event: {event.name or 'not yet named'}" + (f" ({event.soc})" if event.soc else "")
    yield f"Serious because: {', '.join(CRITERIA[each] for each in event.criteria) or UNKNOWN}"
    if event.stay_planned == "Y":
        yield "The hospital stay was planned, as the protocol foresees."
    yield f"Began: {when(event.began)}" + (f", {since(event)}" if since(event) else "")
    graded = "; ".join(grade(each) for each in event.grades) or "grade not known"
    yield f"Grades ({event.scale or 'scale not known'}): {graded}. Worst: {event.worst or UNKNOWN}"
    ended = "still going on" if event.ongoing == "Y" else when(event.ended)
    yield f"Ended: {ended}. Outcome: {label(codelists.Outcome, event.outcome)}"
    yield f"Action taken with tarlatamab: {label(codelists.ActionTaken, event.action_taken)}"
    yield f"Caused by tarlatamab, investigator: {causality(event.investigator)}"
    yield f"Caused by tarlatamab, sponsor: {causality(event.sponsor)}"
    yield f"Expected, sponsor: {expected(event.sponsor)}"
    yield from (stay(each) for each in event.stays)
    if report.death:
        yield death(report.death)
    yield from (f"Given for the event: {drug(each)}" for each in report.drugs if each.treats)
    yield f"The site learned that it is serious: {when(report.aware)}"


def narrative(report: Icsr) -> str:
    """The site's narrative, and the course as entered; without a narrative of the site this is said."""
    first = report.narrative or "The site has written no narrative."
    return "\n".join([first, "", "From the entered data:", *facts(report)])
