"""Exposure and dose calendar of each patient as of a moment. Nothing of it is stored: it follows from the doses as they were."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from audit.history import as_of
from crf import registry
from crf.facts import fact_of
from crf.models import Crf
from exports.history import CHUNK, past
from exports.subjects import SUBJECT, Subject
from exports.tables import Cell, Column, Table
from patients.models import Visit
from protocol import parameters
from protocol.exposure import contraception_until, exposure
from protocol.facts import Dose
from protocol.schedule import calendar

_ASSUMED = str(parameters.PARAMETERS["relative_dose_intensity"].value)
EXPOSURE = (
    *SUBJECT,
    Column("EXNDOSE", "Doses given", "integer", note="Repeated step-up doses included. Derived, as every column of this table."),
    Column("EXNREP", "Of them repeated step-up doses", "integer", note="R1, R2 …: given on a known day."),
    Column("EXNOMIT", "Doses omitted", "integer"),
    Column("EXNDLY", "Doses given later than planned", "integer", note="Planned dates follow from the dose before; a repeated step-up dose that came instead of an overdue one counts."),
    Column("EXDLYD", "Days later than planned, together", "integer", unit="DAYS"),
    Column("EXCUMDS", "Cumulative dose", "number", unit="mg", note="Empty while an amount is not known."),
    Column("EXPLNDS", "Planned dose", "number", unit="mg", note="Of the labels up to the last one given or omitted."),
    Column("EXSTDAT", "First infusion", "date"),
    Column("EXENDAT", "Last infusion", "date"),
    Column("EXDUR", "From the first to the last infusion", "integer", unit="DAYS", note="Both days counted."),
    Column("EXRDI", "Relative dose intensity", "number", note=f"Definition assumed: {_ASSUMED}. 1 is as planned."),
    Column("CONTRDAT", "Last day of contraception", "date", note="60 days after the last dose (E18)."),
)  # fmt: skip
CALENDAR = (
    *SUBJECT,
    Column("VISIT", "Dose", "code", note="Label, or R1, R2 … of a repeated step-up dose."),
    Column("EXSEQ", "Place in the calendar", "integer"),
    Column("PLNDOSE", "Planned dose", "number", unit="mg", note="Empty for a repeated dose, and past the label's restart limit."),
    Column("IDLDAT", "Ideal date", "date", note="Counted from the first dose."),
    Column("PLNDAT", "Planned date", "date", note="Counted from what happened since; of a repeated dose: of the overdue label that it came instead of."),
    Column("WINFRDAT", "First day of the window", "date", note="Empty until the protocol's window is supplied."),
    Column("WINTODAT", "Last day of the window", "date", note="Empty until the protocol's window is supplied."),
    Column("ECSTDAT", "Given on", "date"),
    Column("ECDOSE", "Dose given", "number", unit="mg"),
    Column("DAYSLATE", "Days later than planned", "integer", unit="DAYS", note="Negative when early; to the day of the export while to come."),
    Column("STATUS", "Status", "code", values="planned=Planned | overdue=Overdue | given=Given | delayed=Delayed | omitted=Omitted"),
)  # fmt: skip


def exposures(moment: datetime, subjects: dict[int, Subject]) -> list[Table]:
    """The table of exposure, one row a patient with a dose record, and that of the dose calendar, one row a dose."""

    def figures() -> Iterator[tuple[Cell, ...]]:
        for subject, doses in _doses(moment, subjects):
            found, until = exposure(doses), contraception_until(doses)
            yield (
                *subject.keys, found.doses_given, found.repeated_step_up, found.omitted, found.delayed, found.delay_days,
                found.cumulative_mg, found.planned_mg, found.first_on, found.last_on, found.duration_days,
                found.relative_dose_intensity, until.known if until else None,
            )  # fmt: skip

    def lines() -> Iterator[tuple[Cell, ...]]:
        ended = _ended(moment)
        for subject, doses in _doses(moment, subjects):
            today = moment.astimezone(ZoneInfo(subject.zone)).date()
            for number, row in enumerate(calendar(doses, today=today, ended=subject.number in ended), start=1):
                first, last = row.window or (None, None)
                yield (
                    *subject.keys, row.label, number, row.dose_planned_mg, row.ideal, row.planned, first, last,
                    row.actual.text if row.actual else None, row.dose_given_mg, row.days_late, row.status.value,
                )  # fmt: skip

    return [Table("exposure", "Exposure, one row a patient", EXPOSURE, figures), Table("dose_calendar", "Dose calendar", CALENDAR, lines)]


def _doses(moment: datetime, subjects: dict[int, Subject]) -> Iterator[tuple[Subject, list[Dose]]]:
    """Each patient's dose records, void ones left out."""
    form: type[Crf] = registry.form(Dose.form)
    rows = (
        as_of(form, moment).filter(voided=False).annotate(visit_code=past(Visit, moment, "visit_id", "code")).order_by("patient__number", "id")
    )
    for patient, records in itertools.groupby(rows.iterator(CHUNK), key=lambda row: row.patient_id):
        if patient in subjects:
            yield subjects[patient], [fact_of(record_at(form, row), row.visit_code) for row in records]


def record_at(form: type[Crf], row) -> Crf:
    """A history row as the record that it was."""
    return form(**{field.attname: getattr(row, field.attname) for field in form._meta.concrete_fields if hasattr(row, field.attname)})


def _ended(moment: datetime) -> set[str]:
    return set(as_of(registry.form("EOT"), moment).filter(voided=False).values_list("patient__number", flat=True))
