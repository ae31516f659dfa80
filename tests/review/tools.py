"""Findings that ask the medical reviewer or propose a deviation, made up: what a rule makes of the data is tested with the rules."""

from __future__ import annotations

from datetime import date

from audit import clock
from audit.context import SYSTEM, acting
from protocol.engine import Finding, Rule, Severity, Source
from review.deviation_states import Act
from review.deviations import Entry, Said, act_on_deviation, enter_deviation, follow
from review.models import Deviation, Ruling
from review.rulings import sync


def asked(rule: str = "SCR-I01r", message: str = "Does a second line count?", inputs: str = "a" * 32, *,
          severity: Severity = Severity.REVIEW, form: str = "IE", field: str = "i01") -> Finding:  # fmt: skip
    made = Rule(rule, severity, form, field, "cited", Source.REGISTRY, "", message, lambda: True, ())
    return Finding(made, None, message, inputs, ())


def ask_reviewer(patient) -> Ruling:
    """An open ruling of a patient."""
    found = asked()
    with acting(SYSTEM, source="check_rules"):
        sync(patient=patient, judged=[found.rule.id], findings=[found])
    return Ruling.objects.get(patient=patient, rule=found.rule.id)


# ---- deviations ------------------------------------------------------------------------------------------------------

RULE = "TST-901"


def deviates(inputs: str = "a" * 32, message: str = "5 mg was given. Correct it.", *, rule: str = RULE, form: str = "ECOG",
             field: str = "ecog", record: int = 1, asks_safety: bool = False) -> Finding:  # fmt: skip
    """What a rule finds against the protocol, made up."""
    made = Rule(rule, Severity.DEVIATION, form, field, "The protocol's sentence", Source.REGISTRY, "", message, lambda: True, (),
                asks_safety=asks_safety)  # fmt: skip
    return Finding(made, record, message, inputs, ())


def follow_up(patient, *found: Finding, why: str = "", rules: tuple[str, ...] = (RULE,)) -> None:
    """The rules were run on all of the patient's data, and found this."""
    known = {(each.rule, each.record): each for each in Deviation.objects.filter(patient=patient, rule__in=rules)}
    with acting(SYSTEM, source="check_rules"):
        follow(patient=patient, known=known, live={each.key: each for each in found}, why=dict.fromkeys(rules, why))


def proposed(patient, **more) -> Deviation:
    """A deviation that a rule proposes."""
    found = deviates(**more)
    follow_up(patient, found, rules=(found.rule.id,))
    return Deviation.objects.select_related("patient__site").get(patient=patient, rule=found.rule.id)


REASON = "Said in three words"


def step(user, deviation, act: Act, *, version: int | None = None, **said) -> Deviation:
    """One act with everything that it needs, unless the test says otherwise."""
    usual = {"reason": REASON, "category": "MAJOR", "at": clock.now().replace(second=0, microsecond=0), "answer": "MEDICATION ERROR"}
    shown = Deviation.objects.select_related("patient__site").get(pk=deviation.pk)
    return act_on_deviation(user=user, deviation=shown, act=act, said=Said(**{**usual, **said}),
                            version=shown.version if version is None else version)  # fmt: skip


def manual(user, patient, **more) -> Deviation:
    """A deviation that a person enters, on the patient as a whole."""
    entry = {"form": "", "record": 0, "started_on": date(2026, 6, 20), "text": "A scan was not taken", "rests_on": "Scans as planned",
             "why": "", "category": "MINOR"}  # fmt: skip
    return enter_deviation(user=user, patient=patient, entry=Entry(**{**entry, **more}))


def two_deviations(monitor, patient, record: int) -> dict[str, object]:
    """One that a rule proposes of the consent form, with a question to the safety desk, flagged; one that a person has entered."""
    found = proposed(patient, form="IC", field="icf_version", record=record, asks_safety=True)
    step(monitor, found, Act.FLAG)
    return {"deviation": found.pk, "entered": manual(monitor, patient).pk}
