"""What the rules see of a record: small frozen dataclasses with the same attribute names as the form's fields.

Dates are ``PartialDate | None``, times are 'HH:MM' or '' (unknown), coded answers are the stored value or ''.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from protocol.dates import Moment, PartialDate

FORMS: dict[str, type[Fact]] = {}


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of the check (UTC), and the date it is at the patient's site."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient, as far as rules need it. ``zone`` is the site's time zone, ``country`` its ISO code."""

    number: str
    country: str
    zone: str
    site_active: bool
    enrolled_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A record of a form. ``visit`` is its visit code, '' for a log form, whose records are numbered by ``row``."""

    form: ClassVar[str] = ""
    id: int | None = None
    submitted: bool = False
    visit: str = ""
    row: int = 0

    def __init_subclass__(cls) -> None:
        super(Fact, cls).__init_subclass__()
        if cls.form:  # none: what several forms share
            FORMS[cls.form] = cls

    @property
    def slot(self) -> str:
        """Where it stands: its visit, or its number in the log. A link to it holds this."""
        return self.visit or str(self.row or "")

    @property
    def where(self) -> str:
        """Names the record among all records of the patient, the same before and after it is stored."""
        return f"{self.form}:{self.visit or self.row}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Fact):
    form: ClassVar[str] = "IC"
    patient_signed_on: PartialDate | None
    investigator_signed_on: PartialDate | None
    icf_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demographics(Fact):
    form: ClassVar[str] = "DM"
    birth_date: PartialDate | None
    sex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EcogAssessment(Fact):
    form: ClassVar[str] = "ECOG"
    assessed_on: PartialDate | None
    ecog: str
    ecog_missing: str = ""
    standard_of_care: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnscheduledVisit(Fact):
    form: ClassVar[str] = "UV"
    visited_on: PartialDate | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility(Fact):
    """The checklist: attributes i00 to i10 and e01 to e18 hold the investigator's own answers."""

    form: ClassVar[str] = "IE"
    assessed_on: PartialDate | None
    i00: str = ""
    i01: str = ""
    i02: str = ""
    i03: str = ""
    i04: str = ""
    i05: str = ""
    i06: str = ""
    i07: str = ""
    i08: str = ""
    i09: str = ""
    i10: str = ""
    e01: str = ""
    e02: str = ""
    e03: str = ""
    e04: str = ""
    e05: str = ""
    e06: str = ""
    e07: str = ""
    e08: str = ""
    e09: str = ""
    e10: str = ""
    e11: str = ""
    e12: str = ""
    e13: str = ""
    e14: str = ""
    e15: str = ""
    e16: str = ""
    e17: str = ""
    e18: str = ""
    all_satisfied: str = ""
    e15_details: str = ""
    e16_details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenFailure(Fact):
    form: ClassVar[str] = "SF"
    decided_on: PartialDate | None
    reason: str
    criteria: str
    details: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose(Fact):
    """One dose of tarlatamab; ``visit`` is its label (C1D1, C1D8 …), or R1, R2 … of a repeated step-up dose.

    Amounts in mg, ``volume_ml`` in mL. ``ended_on`` is empty when the infusion ended on the day it began; the three pairs of
    times are those at which it was stopped and started again. ``vials`` are numbers with '; ' between them.
    """

    form: ClassVar[str] = "EC"
    occurrence: str
    reason: str
    given_on: PartialDate | None
    start_time: str
    end_time: str
    dose_mg: Decimal | None
    dose_mg_missing: str = ""
    ended_on: PartialDate | None = None
    prepared_mg: Decimal | None = None
    volume_ml: Decimal | None = None
    completed: str = ""
    stop_reason: str = ""
    interruptions: str = ""
    stopped_1: str = ""
    restarted_1: str = ""
    stopped_2: str = ""
    restarted_2: str = ""
    stopped_3: str = ""
    restarted_3: str = ""
    premedication: str = ""
    hydration: str = ""
    vials: str = ""
    prepared_by: str = ""
    given_by: str = ""
    reaction: str = ""
    reaction_event: str = ""
    reason_event: str = ""

    @property
    def last_day(self) -> PartialDate | None:
        """The day on which the infusion ended."""
        return self.ended_on or self.given_on

    @property
    def vial_numbers(self) -> tuple[str, ...]:
        """The numbers of the vials, as typed, each once."""
        return tuple(dict.fromkeys(filter(None, (each.strip() for each in self.vials.replace(",", ";").split(";")))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring(Fact):
    """How long and where a patient was watched after a dose; ``visit`` is the dose's label."""

    form: ClassVar[str] = "MON"
    started_on: PartialDate | None
    started_time: str
    ended_on: PartialDate | None
    ended_time: str
    place: str
    stayed_near: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentHold(Fact):
    """Tarlatamab was interrupted, and resumed or not yet."""

    form: ClassVar[str] = "HOLD"
    decided_on: PartialDate | None
    reason: str
    event: str
    resumed: str
    resumed_on: PartialDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfTreatment(Fact):
    form: ClassVar[str] = "EOT"
    ended_on: PartialDate | None
    reason: str
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsAsked(Fact):
    """Were there adverse events since the last visit? (An empty log alone means nothing.)"""

    form: ClassVar[str] = "AEYN"
    any_events: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent(Fact):
    """``grade`` is the one with which it began: ``protocol.event_grades`` has the later ones, and the worst.

    ``is_death`` … ``is_medically_important`` are the six seriousness criteria (Y or ''). ``baseline`` says that the condition
    was there before the first dose, ``worsened`` that it has got worse since.
    """

    form: ClassVar[str] = "AE"
    term: str
    term_specify: str
    scale: str
    grade: str
    started_on: PartialDate | None
    started_time: str
    ongoing: str
    ended_on: PartialDate | None
    ended_time: str
    serious: str
    is_death: str
    is_life_threatening: str
    is_hospitalisation: str
    is_disability: str
    is_congenital: str
    is_medically_important: str
    stay_planned: str
    aware_on: PartialDate | None
    aware_time: str
    relationship: str
    action_taken: str
    outcome: str
    baseline: str = ""
    worsened: str = ""
    special_interest: str = ""
    treatment_given: str = ""
    other_action: str = ""
    left_study: str = ""

    @property
    def criteria(self) -> tuple[str, ...]:
        """The seriousness criteria answered yes, by field name."""
        names = ("is_death", "is_life_threatening", "is_hospitalisation", "is_disability", "is_congenital",
                 "is_medically_important")  # fmt: skip
        return tuple(name for name in names if getattr(self, name) == "Y")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progression(Fact):
    form: ClassVar[str] = "PD"
    progressed_on: PartialDate | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Death(Fact):
    form: ClassVar[str] = "DD"
    died_on: PartialDate | None
    cause: str
    event: str = ""
    autopsy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Fact):
    """The patient withdrew consent; ``scope`` are codes of WithdrawalScope with '; ' between them."""

    form: ClassVar[str] = "WD"
    withdrawn_on: PartialDate | None
    scope: str

    @property
    def of_treatment(self) -> bool:
        return "TREATMENT" in self.scope.split("; ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Fact):
    """A tumour assessment by imaging."""

    form: ClassVar[str] = "SCAN"
    scanned_on: PartialDate | None
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pregnancy(Fact):
    """A pregnancy of the patient or the patient's partner, followed to its outcome."""

    form: ClassVar[str] = "PREG"
    whose: str
    learned_on: PartialDate | None
    learned_time: str
    tested_on: PartialDate | None
    last_period_on: PartialDate | None
    conceived_on: PartialDate | None
    agreed: str
    outcome: str
    outcome_on: PartialDate | None
    anomaly: str
    anomaly_event: str

    @property
    def begun(self) -> PartialDate | None:
        """The day of conception as it is known; without one, of the last period, which comes before it."""
        return self.conceived_on or self.last_period_on


def moment(day: PartialDate | None, clock_time: str, patient: Patient) -> Moment | None:
    """When something happened, from the date and time of a form and the zone of the patient's site."""
    return Moment.of(day, clock_time, patient.zone)
