"""Screening as it is entered: from consent to registration, and what is asked before the first dose."""

from __future__ import annotations

from datetime import datetime, timedelta

from crf import registry
from demo import references
from demo.chart import Answers, Chart, Trait
from demo.life import Course, Life
from demo.workdays import working_day
from patients.actions import Refused
from protocol.codelists import ScreenFailureReason
from review.models import RulingOutcome

# Forms that are filled in when something happens, not because a visit takes place.
ON_OCCASION = {"SF", "EC", "MON", "EOT", "PD", "WD", "DD", "AE", "UV", "LBO"}
# Logs of which the charts and the stories speak.
LOGS = {"PST", "PR", "IRAE", "MH", "OM", "CVH", "AID", "INF", "CM", "VAX", "PT", "HBV", "RIC", "HOLD", "SCAN", "PREG",
        "CRS", "ICANS", "TLS"}
ON_DAY_1 = ("SCLC", "HX", "SU", "RP", "CMYN")
ON_DAY_2 = ("ECOG", "VS", "ICE", "EG", "HEM", "CHE", "COA", "SER")
ON_DAY_3 = ("CV", "PLE", "ORG")
BY_INVESTIGATOR = {"ORG", "IE", "REL"}

NO_PLACE = "All places of the trial are taken."


def visit(life: Life, code: str, **answers: Answers) -> Course:
    """Every form that is expected at a visit, filled in; ``answers`` by form code. What releases a dose comes last."""
    usual = {"AEYN": {"any_events": _any_events(life)}, "REL": life.chart.first_dose(checked_time=f"{life.now:%H:%M}")}
    expected = [form.code for form in registry.forms() if code in form.visits and form.code not in ON_OCCASION]
    for form in sorted(expected, key=lambda each: each in BY_INVESTIGATOR):
        given = answers.get(form) or usual.get(form) or life.chart.again(form)
        yield from _enter(life, form, code, given)


def _any_events(life: Life) -> str:
    """Was there an adverse event since the last dose?"""
    return "Y" if any(life.given and onset >= life.given[-1] for onset in life.onsets) else "N"


def _enter(life: Life, form: str, slot: str, answers: Answers) -> Course:
    yield from life.enter(form, slot, by=life.investigator if form in BY_INVESTIGATOR else None, **answers)


# From consent to the checklist ----------------------------------------------------------------------------------------


def screening(life: Life, *, ecog_is_1: bool = False, **checklist: str) -> Course:
    """Consent, the chart form by form over some days, and the investigator's checklist, with some answers apart."""
    yield life.some_time(life.arrival, 9, 11)
    if not life.number:
        life.create()
    chart = _chart(life)
    version = references.version_on(life.site.code, life.today)
    yield from life.enter("IC", "SCR", patient_signed_time=f"{life.now:%H:%M}", icf_version=version)
    yield from life.enter("DM", "SCR", **chart.answers["DM"])
    for code, answers in chart.rows:
        yield from life.enter(code, **answers)
    yield from _forms(life, chart, ON_DAY_1)
    yield from life.in_days(1, 2)
    yield from _forms(life, chart, ON_DAY_2)
    if Trait.ENDOCRINE in chart.traits:
        yield from _enter(life, "LBO", "SCR", chart.answers["LBO"])
    if chart.fertile:
        yield from _tested(life, chart)
    if ecog_is_1:
        yield from life.in_days(1, 2)
        yield from life.change("ECOG", "SCR", "ECOG 1 at the second look, by the investigator.", ecog="1")
    yield from life.in_days(1, 3)
    known = {"IC", "DM", "IE", *ON_OCCASION, *ON_DAY_1, *ON_DAY_2}
    others = [form.code for form in registry.forms() if "SCR" in form.visits and form.code not in {*known, *ON_DAY_3}]
    yield from _forms(life, chart, (*ON_DAY_3, *others))
    yield from life.in_days(1, 4)
    yield from _enter(life, "IE", "SCR", chart.checklist(**checklist))


def _chart(life: Life) -> Chart:
    """The patient's chart; of somebody who is screened again, the one that is known."""
    if life.chart is None:
        life.chart = Chart(life.rng, life.today, life.site.code, life.country, life.sex, life.traits)
    else:
        life.chart.later(life.today)
    life.sex = life.chart.sex
    return life.chart


def _forms(life: Life, chart: Chart, codes: tuple[str, ...]) -> Course:
    for code in codes:
        yield from _enter(life, code, "SCR", {**chart.again(code), **chart.answers.get(code, {})})


def _tested(life: Life, chart: Chart) -> Course:
    """The first pregnancy test. Where it is positive, what was said in the interview is corrected on the next day."""
    pregnant = Trait.PREGNANT in life.traits
    result = "POSITIVE" if pregnant else "NEGATIVE"
    yield from life.enter("PT", specimen="SERUM", result=result, tested_time=f"{life.now:%H:%M}")
    if pregnant:
        yield from life.in_days(1, 1)
        yield from life.change("RP", "SCR", "The pregnancy test is positive.", pregnant="Y")


def screen_failed(life: Life, reason: ScreenFailureReason, criteria: list[str], details: str) -> Course:
    """The screen failure form, with its reasons."""
    life.over = True
    yield from life.enter("SF", "SCR", reason=reason.value, criteria=criteria, details=details)


# Registration ---------------------------------------------------------------------------------------------------------


def eligible(life: Life) -> Course:
    """Screening and registration of an eligible patient; the value says whether there was a place."""
    yield from screening(life)
    asked = Trait.TWO_LINES in life.traits
    if asked or life.rng.random() < 0.3:
        yield from life.after(10, 40)
        if not life.place_refused():
            life.hold_place()
    if asked:
        yield from decided(life)
    return (yield from registration(life))


def decided(life: Life) -> Course:
    """The medical reviewer is asked about I1 and decides; a place that was held meanwhile has run out by then."""
    yield from life.in_days(4, 5)
    life.decide(
        "I1", RulingOutcome.SATISFIED,
        "The relapse came more than six months after the chemotherapy for limited stage, and was treated as extensive "
        "stage for the first time: that line is the one that counts.",
    )  # fmt: skip


def registration(life: Life) -> Course:
    """The investigator registers; the value is False when all places of the trial are taken."""
    yield from life.in_days(0, 2)
    yield from life.after(20, 90)
    day = life.today
    try:
        if Trait.ON_PAPER in life.traits:
            at = life.now.replace(second=0, microsecond=0)
            yield from life.in_days(1, 1)
            life.register(on_paper=at)
        else:
            life.register()
    except Refused:
        yield from screen_failed(life, ScreenFailureReason.OTHER, [], NO_PLACE)
        return False
    life.due = working_day(day + timedelta(days=life.rng.randint(2, 6)))
    life.meanwhile(signing_again(life))
    return True


def signing_again(life: Life) -> Course:
    """A new version of the consent form: whoever is in the trial signs it too, at the next occasion."""
    approved = references.approved(life.site.code, references.SECOND)
    if references.version_on(life.site.code, life.arrival) == references.SECOND:
        return
    yield life.some_time(approved + timedelta(days=life.rng.randint(2, 14)))
    if life.died_on is None:
        yield from life.enter(
            "RIC", patient_signed_on=life.today, investigator_signed_on=life.today, icf_version=references.SECOND,
            reason="NEW VERSION",
        )  # fmt: skip


# Before the first dose ------------------------------------------------------------------------------------------------


def before_first_dose(life: Life) -> Course:
    """The forms of C1D1 with the check, for women of childbearing potential a second test, and the release."""
    if life.chart.fertile:
        taken = life.now - timedelta(minutes=life.rng.randint(15, 40))
        yield from life.enter("PT", specimen="URINE", result="NEGATIVE", tested_time=f"{taken:%H:%M}")
    yield from visit(life, "C1D1")
    if not life.traits & {Trait.NOT_RELEASED, Trait.RELEASED_ON_PAPER}:
        yield from life.after(5, 25)
        life.release()


def premedication(life: Life, label: str, start: datetime, end: datetime) -> Course:
    """Dexamethasone within the hour before an infusion of the step-up and fluid after it, entered once each, after it."""
    given_at, until = start - timedelta(minutes=life.rng.randint(20, 55)), end + timedelta(hours=4, minutes=30)
    once = {"around_dose": label, "frequency": "ONCE", "route": "INTRAVENOUS", "ongoing": "N"}
    yield from life.enter(
        "CM", name="Dexamethasone", indication="Before tarlatamab", drug_class="CORTICOSTEROID", steroid="DEXAMETHASONE",
        purpose="PROPHYLAXIS OF TARLATAMAB AE", dose="8", dose_unit="mg", started_on=given_at.date(),
        started_time=f"{given_at:%H:%M}", ended_on=given_at.date(), ended_time=f"{given_at:%H:%M}", **once,
    )  # fmt: skip
    if until < life.until.astimezone(life.zone):
        yield until + timedelta(minutes=30)
        yield from life.enter(
            "CM", name="Sodium chloride 0.9 %", indication="After tarlatamab", drug_class="FLUID", dose="1000", dose_unit="mL",
            started_on=end.date(), started_time=f"{end:%H:%M}", ended_on=until.date(), ended_time=f"{until:%H:%M}", **once,
        )  # fmt: skip


def monitoring(life: Life) -> Course:
    """HBV DNA every other month, of those who may reactivate."""
    for _ in range(6):
        yield life.some_time(life.today + timedelta(days=life.rng.randint(50, 64)))
        if life.over or life.died_on is not None:
            return
        yield from life.enter("HBV", hbv_dna="TARGET NOT DETECTED")
