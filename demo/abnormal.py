"""Abnormal laboratory results of the simulated trial, and what is said of them."""

from __future__ import annotations

from datetime import timedelta

from adverse_events.abnormalities import judged
from demo.life import Course, Life
from protocol.safety_codelists import AbnormalityAnswer

# Of the visit a week after the first dose; every laboratory of the trial prints both in a unit of this size.
FEW_LYMPHOCYTES = {"HEM": {"lym": "0.3"}}
MUCH_POTASSIUM = {"CHE": {"k": "6.6"}}


def few_lymphocytes(life: Life) -> Course:
    """Lymphocytes of grade 3, which the investigator does not find significant."""
    life.abnormal = dict(FEW_LYMPHOCYTES)
    yield from _judged(life, "LYM")


def much_potassium(life: Life) -> Course:
    """Potassium of grade 3 by the number alone, from a sample that had stood too long."""
    life.abnormal = dict(MUCH_POTASSIUM)
    yield from _judged(life, "K", comment="The sample was haemolysed; potassium was normal on the same day.")


def _judged(life: Life, test: str, **said: object) -> Course:
    """Some days after the visit the investigator says what it is, unless an adverse event has come that covers it."""
    yield life.some_time(life.due + timedelta(days=12), 9, 15)
    places = [each.open.result.place for each in judged(life.patient) if each.open]
    place = next((each for each in places if each.endswith(f" {test}")), None)
    if place is not None:
        yield from life.enter("LBA", by=life.investigator, result=place, answer=AbnormalityAnswer.NOT_SIGNIFICANT.value, **said)
