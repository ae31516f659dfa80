"""Reports of serious events and pregnancies as of a moment: versions, cases, the sponsor's assessments, reports to authorities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import models

from adverse_events.reports import AuthorityReport, RsiVersion, SafetyCase, SafetyReport, SponsorAssessment
from audit.history import as_of
from exports.history import CHUNK
from exports.identity import Identity
from exports.subjects import STUDY, STUDYID, SUBJECT, Subject
from exports.tables import Cell, Column, Table

RECID = Column("RECID", "Number of the row", "integer", note="Joins to audit_trail.")
OF_EVENT = (
    *SUBJECT,
    RECID,
    Column("FORM", "Form of the event", "code", values="AE=Adverse event | PREG=Pregnancy"),
    Column("EVENTID", "Number of the event's record", "integer", note="Joins to RECID of ae or preg."),
)


def safety(moment: datetime, subjects: dict[int, Subject], identity: Identity) -> list[Table]:
    return [*(each(moment, subjects, identity) for each in (_reports, _cases, _sponsor, _authorities)), _rsi(moment)]


def _values(model, name: str) -> str:
    return " | ".join(f"{value}={label}" for value, label in model._meta.get_field(name).flatchoices)


def _read(model, moment: datetime, subjects: dict[int, Subject], identity: Identity, *names: str) -> Callable[[], Iterator[tuple[Cell, ...]]]:
    """Rows of a model about an event: subject, number, form and record, then the fields, their words without identity."""
    words = [place for place, name in enumerate(names, start=3) if isinstance(model._meta.get_field(name), models.TextField)]

    def read() -> Iterator[tuple[Cell, ...]]:
        rows = as_of(model, moment).order_by("patient__number", "form", "record", "id")
        for patient, *rest in rows.values_list("patient_id", "id", "form", "record", *names).iterator(CHUNK):
            if patient in subjects:
                for place in words:
                    rest[place] = identity.clean(subjects[patient].number, rest[place])
                yield *subjects[patient].keys, *rest

    return read


def _reports(moment: datetime, subjects: dict[int, Subject], identity: Identity) -> Table:
    columns = (
        *OF_EVENT,
        Column("SAERNUM", "Version of the report", "integer", source="SAEREPORT.number"),
        Column("SAERCAT", "Category of the report", "code", values=_values(SafetyReport, "category"), source="SAEREPORT.category"),
        Column("SENTDTC", "Sent at", "datetime", source="SAEREPORT.sent_at", note="The system's time."),
        Column("ROLE", "Role of the sender", source="SAEREPORT.sent_role"),
        Column("REPORTER", "Who tells of the event", "code", values=_values(SafetyReport, "reporter"), source="SAEREPORT.reporter"),
        Column("NARRATIV", "Narrative", source="SAEREPORT.narrative", free_text=True),
        Column("LATEREAS", "Why it was late", source="SAEREPORT.late_reason", free_text=True),
        Column("NULLREAS", "Why it was nullified", source="SAEREPORT.reason", free_text=True),
        Column("ACKNDTC", "Acknowledged by the safety desk at", "datetime", source="SAEREPORT.acknowledged_at"),
    )  # fmt: skip
    names = ("number", "category", "sent_at", "sent_role", "reporter", "narrative", "late_reason", "reason", "acknowledged_at")
    return Table("safety_reports", "Reports to the safety desk, one row a version", columns, _read(SafetyReport, moment, subjects, identity, *names))


def _cases(moment: datetime, subjects: dict[int, Subject], identity: Identity) -> Table:
    columns = (
        *OF_EVENT,
        Column("OTHRDAT", "First reported by other means on", "date", source="SAECASE.other_on"),
        Column("OTHRTIM", "First reported by other means at", "time", source="SAECASE.other_time"),
        Column("OTHRCHAN", "First reported by", "code", values=_values(SafetyCase, "other_channel"), source="SAECASE.other_channel"),
        Column("OTHRACKN", "That was confirmed at", "datetime", source="SAECASE.other_acknowledged_at", note="Only then it counts."),
        Column("STATUS", "Status of the case", "code", values=_values(SafetyCase, "status"), source="SAECASE.status"),
        Column("STATREAS", "Why it was closed or opened again", source="SAECASE.status_reason", free_text=True),
    )
    names = ("other_on", "other_time", "other_channel", "other_acknowledged_at", "status", "status_reason")
    return Table("safety_cases", "Cases of the safety desk", columns, _read(SafetyCase, moment, subjects, identity, *names))


def _sponsor(moment: datetime, subjects: dict[int, Subject], identity: Identity) -> Table:
    columns = (
        *OF_EVENT,
        Column("SPREL", "Sponsor's causality", "code", values=_values(SponsorAssessment, "causality"), source="SPONSOR.causality"),
        Column("SPEXP", "Expectedness", "code", values=_values(SponsorAssessment, "expectedness"), source="SPONSOR.expectedness"),
        Column("RSIID", "Reference safety information", "integer", source="SPONSOR.rsi", note="Joins to RECID of rsi."),
        Column("SPSER", "Serious, if the sponsor judges otherwise", "code", values="Y=Yes | N=No", source="SPONSOR.serious",
               note="Empty: as the investigator."),
        Column("SPCOM", "Comment", source="SPONSOR.comment", free_text=True),
        Column("SPDTC", "Assessed at", "datetime", source="SPONSOR.assessed_at"),
    )  # fmt: skip
    names = ("causality", "expectedness", "rsi", "serious", "comment", "assessed_at")
    return Table("sponsor_assessments", "The sponsor's assessments", columns, _read(SponsorAssessment, moment, subjects, identity, *names))


def _authorities(moment: datetime, subjects: dict[int, Subject], identity: Identity) -> Table:
    columns = (
        *OF_EVENT,
        Column("REPORT", "Report", source="SAEAUTH.report"),
        Column("RECIP", "To", source="SAEAUTH.recipient"),
        Column("REPDAT", "Reported on", "date", source="SAEAUTH.reported_on"),
        Column("REPREF", "Reference", source="SAEAUTH.reference", free_text=True),
        Column("WITHDRWN", "Withdrawn?", "yes/no", source="SAEAUTH.withdrawn", note="Entered by mistake."),
        Column("WITHREAS", "Why it was withdrawn", source="SAEAUTH.withdraw_reason", free_text=True),
    )
    names = ("report", "recipient", "reported_on", "reference", "withdrawn", "withdraw_reason")
    return Table("authority_reports", "Reports to authorities that were made", columns, _read(AuthorityReport, moment, subjects, identity, *names))


def _rsi(moment: datetime) -> Table:
    columns = (
        STUDY,
        RECID,
        Column("RSINAME", "Document and version", source="RSI.name"),
        Column("RSIDAT", "Date of the version", "date", source="RSI.dated_on"),
        Column("WITHDRWN", "Withdrawn?", "yes/no", source="RSI.withdrawn", note="Entered by mistake."),
        Column("WITHREAS", "Why it was withdrawn", source="RSI.withdraw_reason", free_text=True),
    )

    def read() -> Iterator[tuple[Cell, ...]]:
        names = ("id", "name", "dated_on", "withdrawn", "withdraw_reason")
        for row in as_of(RsiVersion, moment).order_by("id").values_list(*names).iterator(CHUNK):
            yield STUDYID, *row

    return Table("rsi", "Reference safety information", columns, read)
