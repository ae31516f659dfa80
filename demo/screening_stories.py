"""Stories that are told by the screening itself: who is not eligible, who waits, who is screened again."""

from __future__ import annotations

from demo import texts
from demo.chart import Trait
from demo.life import Course, Life
from demo.screening import eligible, screen_failed, screening
from protocol.codelists import ExclusionAnswer, InclusionAnswer, ScreenFailureReason

NOT_FULFILLED, PRESENT = InclusionAnswer.NOT_FULFILLED.value, ExclusionAnswer.PRESENT.value


def _not_eligible(life: Life, criteria: list[str], details: str) -> Course:
    yield from life.in_days(0, 2)
    yield from screen_failed(life, ScreenFailureReason.ELIGIBILITY, criteria, details)


def screen_failure_ecog(life: Life) -> Course:
    """ECOG was entered as 2 and is 1 on the second look: not eligible."""
    yield from screening(life, ecog_is_1=True, i03=NOT_FULFILLED)
    yield from _not_eligible(life, ["I3"], texts.ECOG_HAS_CHANGED[life.country])


def screened_again(life: Life) -> Course:
    """Not eligible with ECOG 1; weeks later ECOG is 2, the same person is screened again and registered."""
    yield from screen_failure_ecog(life)
    yield from life.in_days(30, 45)
    life.create_again()
    life.arrival = life.today
    return (yield from eligible(life))


def screen_failure_lung(life: Life) -> Course:
    """Interstitial lung disease on the scan of screening: not eligible."""
    life.is_special(Trait.LUNG)
    yield from screening(life, e13=PRESENT)
    yield from _not_eligible(life, ["E13"], texts.LUNG_DISEASE[life.country])


def screen_failure_liver(life: Life) -> Course:
    """Active hepatitis B with an INR above the limit and an impaired liver: not eligible by three criteria."""
    life.is_special(Trait.LIVER)
    yield from screening(life, i05=NOT_FULFILLED, i06=NOT_FULFILLED, e09=PRESENT)
    yield from _not_eligible(life, ["I5", "I6", "E9"], texts.LIVER_DISEASE[life.country])


def screen_failure_pregnancy(life: Life) -> Course:
    """The pregnancy test of screening is positive: not eligible."""
    life.is_special(Trait.PREGNANT, Trait.FERTILE)
    yield from screening(life, i09=NOT_FULFILLED, e17=PRESENT)
    yield from _not_eligible(life, ["I9", "E17"], texts.POSITIVE_TEST[life.country])


def screen_failure_declined(life: Life) -> Course:
    """The patient decides against taking part; the place that was held is given back."""
    yield from screening(life)
    yield from life.after(10, 30)
    if not life.place_refused():
        life.hold_place()
    yield from life.after(60, 200)
    life.give_back_place("The patient has decided against taking part.")
    yield from screen_failed(life, ScreenFailureReason.SUBJECT, [], texts.DECLINED[life.country])


def waiting(life: Life) -> Course:
    """In screening to the end: the medical reviewer is asked about I1, and a place is held meanwhile."""
    life.is_special(Trait.LIMITED_WITHOUT_ICI)
    life.meanwhile(held_to_the_end(life))
    yield from screening(life)


def held_to_the_end(life: Life) -> Course:
    """A place is held on the last day before the end."""
    yield life.last_before_the_end()
    if life.number and not life.place_refused():
        life.hold_place()
