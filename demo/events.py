"""What surrounds an adverse event: later grades, the hospital stay, and which events are of special interest."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from crf.models import Crf
from demo.life import Course, Life
from protocol.codelists import Outcome
from protocol.scales import CRS, ICANS, TLS

OF_INTEREST = {
    CRS: "CRS", ICANS: "ICANS", TLS: "TLS", "Neutrophil count decreased": "CYTOPENIA", "Lymphocyte count decreased": "CYTOPENIA", "Anemia": "CYTOPENIA",
    "Alanine aminotransferase increased": "HEPATOTOXICITY",
}  # fmt: skip


HOSPITAL_STAY = {
    "serious": "Y", "is_death": "N", "is_life_threatening": "N", "is_hospitalisation": "Y", "stay_planned": "N",
    "is_disability": "N", "is_congenital": "N", "is_medically_important": "N",
}  # fmt: skip


def ended(moment: datetime, outcome: Outcome = Outcome.RECOVERED) -> dict[str, object]:
    return {"ongoing": "N", "ended_on": moment.date(), "outcome": outcome.value}


def stay(life: Life, event: Crf, until: datetime, *, planned: bool) -> Course:
    """The hospital stay to which a serious event led, or which it made longer; its end is entered when it is over."""
    link = {"planned": "Y", "prolonged": "Y", "prolonged_by": event.slot} if planned else {"planned": "N", "event": event.slot, "prolonged": "N"}
    admitted = life.given[-1] if planned else date.fromisoformat(event.started_on)
    record = yield from life.enter(
        "HO", kind="HOSPITAL STAY", reason=event.term, admitted_on=admitted, admitted_time="", ongoing="Y", **link
    )  # fmt: skip
    life.meanwhile(discharge(life, record, until))


def discharge(life: Life, record: Crf, until: datetime) -> Course:
    """The patient goes home."""
    yield life.in_hours(until + timedelta(hours=20))
    if life.died_on is None or life.died_on > until.date():
        yield from life.change("HO", record.slot, "The patient has gone home.", ongoing="N", discharged_on=until.date())


def regraded(life: Life, record: Crf, grade: str, moment: datetime) -> Course:
    """The grade of an event changes, which is entered at the next occasion."""
    yield life.in_hours(moment + timedelta(hours=20))
    if life.died_on is None or life.died_on > moment.date():
        yield from life.enter("AEG", event=record.slot, grade=grade, changed_on=moment.date(), changed_time="")
