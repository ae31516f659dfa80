"""What monitors and data management make of the simulated deviations: accepted, rejected, one flagged, one entered by hand."""

from __future__ import annotations

from audit import clock
from crf import entry
from demo import texts
from demo.life import Course, Life
from review.deviation_states import Act
from review.models import DeviationCategory

WORDING = {"DOS-003": "A quarter of the dose was lost when a vial broke; the rest was given."}


def accepted(life: Life, rule: str, category: DeviationCategory) -> Course:
    """The reviewer reads what the site said, and accepts."""
    yield from life.in_days(5, 12)
    life.judge(life.deviation_of(rule), Act.ACCEPT, category=category.value, description=WORDING.get(rule, ""))


def rejected(life: Life, rule: str, reason: str) -> Course:
    yield from life.in_days(5, 12)
    life.judge(life.deviation_of(rule), Act.REJECT, reason=reason)


def flagged(life: Life, rule: str) -> Course:
    """Found again at a review two days before the end: it may be a serious breach, and the sponsor's clock is running."""
    yield life.last_before_the_end(hours=50)
    life.judge(
        life.deviation_of(rule), Act.FLAG, at=clock.now().replace(second=0, microsecond=0),
        reason="No source shows that the criteria were checked before the infusion.",
    )  # fmt: skip


def copy_not_given(life: Life) -> Course:
    """At a visit the reviewer sees what no rule can find, and enters it; the first entry was meant for another patient."""
    yield from life.in_days(30, 40)
    consent = entry.find(life.reviewer, life.number, "IC", "SCR").record
    said = {
        "record": consent.pk, "form": "IC", "started_on": None, "why": texts.NO_COPY[life.country], "category": DeviationCategory.MINOR.value,
        "rests_on": "ICH E6(R2) 4.8.11: the subject receives a copy of the signed and dated consent form before taking part.",
    }  # fmt: skip
    wrong = life.enter_deviation(text="The patient was given the copy of an older version.", **said)
    life.judge(wrong, Act.VOID, reason="Meant for another patient.")
    life.enter_deviation(text="The patient was given the copy of the signed form only at the second visit.", **said)
