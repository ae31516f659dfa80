"""The data as of a moment, table by table, read from history: a few queries a form, rows passed on one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Site
from audit.history import as_of
from audit.models import Change
from crf import registry
from crf.models import Crf
from exports.codebook import column_of
from exports.drug import drug_account
from exports.exposure import exposures
from exports.history import CHUNK, past
from exports.identity import Identity
from exports.laboratory import results
from exports.references import references
from exports.safety import safety
from exports.subjects import SOURCES, STUDY, STUDYID, SUBJECT, Subject, subjects_at
from exports.tables import Cell, Column, Table
from patients.models import Visit
from protocol.dates import PartialDate, full_years
from protocol.schedule import visit_order
from review import breach
from review.models import Deviation, Query, Ruling, Signature

BIRTH = "BRTHDAT"  # where it is left out, the age at consent stands in its place
CONSENT = ("IC", "patient_signed_on")

RECORD = (
    *SUBJECT,
    Column("VISIT", "Visit", "code", note="Empty in a log."),
    Column("ROW", "Number of the record in its log", "integer", note="From 1, never used again. Empty at a visit."),
    Column(
        "RECID", "Number of the record within its form", "integer", note="Joins to queries, deviations and audit_trail."
    ),
    Column("STATE", "State", "code", values="IN PROGRESS=In progress | SUBMITTED=Submitted"),
)
ON_PAPER = {"origin": "ORIGIN", "paper_date": "PAPERDAT", "paper_time": "PAPERTIM", "paper_number": "PAPERNUM"}
VOID = Column("VOIDREAS", "Why the record was voided", note="Entered by mistake: in no analysis.", free_text=True)
AGES = (
    Column("AGE", "Age at consent", "integer", unit="YEARS", note="Completed years; empty when not certain."),
    Column("AGEMIN", "Least possible age at consent", "integer", unit="YEARS", note="Of a birth date known in part."),
    Column(
        "AGEMAX", "Greatest possible age at consent", "integer", unit="YEARS", note="Of a birth date known in part."
    ),
)


def tables(moment: datetime) -> list[Table]:
    """Every table of the data as they were at ``moment``; rows are read when asked for."""
    subjects, identity = subjects_at(moment), Identity(moment)
    made = [_patients(subjects), _sites(moment)]
    for form in registry.forms():
        made.append(_form(form, moment, subjects))
        if as_of(form, moment).filter(voided=True).exists():
            made.append(_form(form, moment, subjects, voided=True))
    return [
        *made,
        _queries(moment, subjects, identity),
        _deviations(moment, subjects, identity),
        _rulings(moment, subjects, identity),
        _signatures(moment, subjects),
        *safety(moment, subjects, identity),
        results(moment, subjects),
        *exposures(moment, subjects),
        *references(moment),
        *drug_account(moment),
        _trail(moment, identity),
    ]


# ---- patients and sites ----------------------------------------------------------------------------------------------


def _patients(subjects: dict[int, Subject]) -> Table:
    columns = (
        *SUBJECT,
        Column("COUNTRY", "Country of the site", "code", note="ISO 3166."),
        Column("ENRLNUM", "Enrolment number", "integer", source="PATIENT.enrolment_number"),
        Column("ENRLDAT", "Date of registration at the site", "date"),
        Column("ENRLDTC", "Time of registration", "datetime", source="PATIENT.enrolled_at"),
        Column("ENRLSRC", "Registered here or on paper", "code", source="PATIENT.enrolment_source", values=SOURCES),
        Column("ENRLPAP", "Number on the paper", source="PATIENT.paper_number"),
        Column("RESCRNOF", "Screening number of the earlier screening", source="PATIENT.rescreening_of"),
    )

    def read() -> Iterator[tuple[Cell, ...]]:
        for each in subjects.values():
            day = each.enrolled_at.astimezone(ZoneInfo(each.zone)).date() if each.enrolled_at else None
            earlier = subjects[each.earlier].number if each.earlier in subjects else ""
            yield *each.keys, each.country, each.enrolment, day, each.enrolled_at, each.source, each.paper, earlier

    return Table("patients", "Patients", columns, read)


def _sites(moment: datetime) -> Table:
    names = ("code", "name", "city", "country", "time_zone", "status", "activated_on")
    columns = (
        STUDY,
        Column("SITEID", "Site", source="SITE.code"),
        Column("SITENAME", "Name", source="SITE.name"),
        Column("CITY", "City", source="SITE.city"),
        Column("COUNTRY", "Country", "code", source="SITE.country", note="ISO 3166."),
        Column("TIMEZONE", "Time zone", source="SITE.time_zone", note="Dates and times on forms are the site's."),
        Column("STATUS", "Status", "code", values=_values(Site, "status"), source="SITE.status"),
        Column("ACTIVDAT", "Activated on", "date", source="SITE.activated_on"),
    )

    def read() -> Iterable[tuple[Cell, ...]]:
        rows = as_of(Site, moment).order_by("record_order", "id").values_list(*names)
        return ((STUDYID, *row) for row in rows.iterator(CHUNK))

    return Table("sites", "Sites", columns, read)


def _values(model, name: str) -> str:
    return " | ".join(f"{value}={label}" for value, label in model._meta.get_field(name).flatchoices)


# ---- forms -----------------------------------------------------------------------------------------------------------


def exported(form: type[Crf]) -> list[str]:
    """The fields that leave, in order of the questions, each followed by the reason for a missing answer."""
    asked = [name for section in form.sections for name in section.fields]
    beside = (each for name in asked for each in (name, f"{name}_unit", f"{name}_missing"))
    ordered = [each for each in dict.fromkeys(beside) if each in form.exports]
    # What the program writes, and siblings of questions that themselves do not leave.
    rest = [name for name in form.exports if name not in ordered]
    return [name for name in (*ordered, *rest) if name not in form.identifying]


def _left_out(form: type[Crf]) -> tuple[Column, ...]:
    """The questions of a form that do not leave, with the reason."""
    reasons = dict.fromkeys(form.not_submitted, "Left out: not submitted.")
    reasons |= dict.fromkeys(form.identifying, "Left out: it identifies the patient; blank in the audit trail too.")
    described = {name: column_of(form, name) for name in reasons}
    return tuple(
        Column("", each.label, each.type, source=each.source, note=reasons[name]) for name, each in described.items()
    )


def _birth_field(form: type[Crf]) -> str:
    return next((name for name in form.identifying if form.exports.get(name) == BIRTH), "")


def _form(form: type[Crf], moment: datetime, subjects: dict[int, Subject], *, voided: bool = False) -> Table:
    """The records of a form, or its void ones."""
    names, birth = exported(form), _birth_field(form)
    title = str(form._meta.verbose_name)
    paper = [replace(column_of(form, name), name=variable) for name, variable in ON_PAPER.items()]
    columns = (
        *RECORD, *(AGES if birth else ()), *(column_of(form, name) for name in names), *paper, *([VOID] if voided else []),
    )  # fmt: skip

    def read() -> Iterator[tuple[Cell, ...]]:
        ages = _ages(moment) if birth else {}
        answers = [*names, *ON_PAPER, *(["void_reason"] if voided else [])]
        rows = (
            as_of(form, moment)
            .filter(voided=voided)
            .annotate(visit_code=past(Visit, moment, "visit_id", "code"))
            .order_by("patient__number", "id")
            .values_list("patient_id", "visit_code", "row", "id", "state", birth or "id", *answers)
        )
        for patient, group in itertools.groupby(rows.iterator(CHUNK), key=lambda row: row[0]):
            if patient not in subjects:
                continue  # made by a transaction that was still open when the patients were read
            for _, visit, row, record, state, born, *values in sorted(group, key=_place):
                age = _age(born, ages.get(patient, "")) if birth else ()
                yield *subjects[patient].keys, visit, row or None, record, state, *age, *values

    name = f"{form.code.lower()}_void" if voided else form.code.lower()
    return Table(name, f"{title}, void records" if voided else title, columns, read, _left_out(form))


def _place(row: tuple) -> tuple[int, int, int]:
    """Where a record of a patient stands: by visit in order of time, by number in the log."""
    _, visit, number, record, *_ = row
    try:
        return visit_order(visit) if visit else -1, number, record
    except ValueError:
        return 99_999, number, record


def _ages(moment: datetime) -> dict[int, str]:
    """Patient id → the date on which the patient first signed, from consents that are not void."""
    code, name = CONSENT
    signed: dict[int, str] = {}
    rows = as_of(registry.form(code), moment).filter(voided=False).values_list("patient_id", name)
    for patient, day in rows.iterator(CHUNK):
        if day:
            signed[patient] = min(day, signed.get(patient, day))
    return signed


def _age(born: str, signed: str) -> tuple[int | None, int | None, int | None]:
    """(age when certain, least, greatest) in completed years on the day of consent."""
    try:
        years = full_years(PartialDate.parse(born), PartialDate.parse(signed)) if born and signed else None
    except ValueError:
        years = None
    least, most = years or (None, None)
    return (least if least == most else None), least, most


# ---- review ----------------------------------------------------------------------------------------------------------


def _about() -> tuple[Column, ...]:
    return (
        Column("FORM", "Form code", "code", values=_form_values()),
        Column("RECID", "Number of the record within its form", "integer"),
        Column("FIELD", "Field of the form"),
        Column("VARIABLE", "Column of the form's table", note="Empty when the field is left out."),
        Column("RULE", "Rule", note="Empty when a person raised it."),
    )


def _form_values() -> str:
    return " | ".join(f"{form.code}={form._meta.verbose_name}" for form in registry.forms())


def variable(form: str, field: str) -> str:
    """The column that a field of a form is exported to, or ''."""
    model = registry.form(form) if form in {each.code for each in registry.forms()} else None
    return model.exports.get(field, "") if model and field not in model.identifying else ""


def _queries(moment: datetime, subjects: dict[int, Subject], identity: Identity) -> Table:
    columns = (
        *SUBJECT,
        Column("QUERYID", "Number of the query", "integer"),
        *_about(),
        Column("STATUS", "Status", "code", values=_values(Query, "status"), source="QUERY.status"),
        Column("TEXT", "Latest post", source="QUERY.text", note="Blank about an identifying field.", free_text=True),
        Column(
            "VALUE",
            "Value at the latest post",
            source="QUERY.value",
            note="As on the screen. Blank for an identifying field.",
            free_text=True,
        ),  # noqa: E501
        Column("RAISEDBY", "Raised by", source="QUERY.raised_by"),
        Column("RAISEDFR", "Desk whose question it is", "code", values=_values(Query, "raised_for"), source="QUERY.raised_for"),
        Column("OPENDTC", "Opened at", "datetime", source="QUERY.opened_at"),
        Column("CHGDTC", "Latest post at", "datetime", source="QUERY.changed_at"),
    )

    def read() -> Iterator[tuple[Cell, ...]]:
        for each in as_of(Query, moment).order_by("patient__number", "id").iterator(CHUNK):
            subject = subjects.get(each.patient_id)
            if subject:
                said = [identity.said(subject.number, each.form, each.field, text) for text in (each.text, each.value)]
                yield (
                    *subject.keys, each.id, each.form, each.record, each.field, variable(each.form, each.field),
                    each.rule, each.status, *said, each.raised_by, each.raised_for, each.opened_at, each.changed_at,
                )  # fmt: skip

    return Table("queries", "Queries", columns, read)


def _deviations(moment: datetime, subjects: dict[int, Subject], identity: Identity) -> Table:
    flag, held = "Of the flag “potential serious breach”.", "Of the judgement that holds; empty while none does."
    words = ("text", "description", "why", "judgement_reason", "breach_reason", "breach_end_reason", "safety_answer")

    def code(name: str, label: str, field: str, note: str = "") -> Column:
        return Column(name, label, "code", values=_values(Deviation, field), source=f"DEVIATION.{field}", note=note)

    def said(name: str, label: str, field: str, note: str = "") -> Column:
        return Column(name, label, source=f"DEVIATION.{field}", note=note, free_text=True)

    columns = (
        *SUBJECT,
        Column("DEVID", "Number of the deviation", "integer"),
        *_about(),
        code("STATUS", "Status", "status", "Only ACCEPTED ones are deviations; PROPOSED ones wait to be judged."),
        code("DVCAT", "Category", "category", held),
        said("DVTERM", "What happened, in the words that hold", "description", "The monitor's wording; where there is none, TEXT."),
        Column("DVSTDAT", "Date of the deviation", "date", source="DEVIATION.started_on", note="Empty: that of the record."),
        said("TEXT", "What happened, as the rule or the person first said it", "text"),
        Column("RESTSON", "What the protocol says", source="DEVIATION.rests_on", free_text=True),
        said("WHY", "Why it happened", "why"),
        Column("WHYHOLDS", "Was that said of what is found now?", "yes/no", note="Empty where nothing is said."),
        said("JUDGREAS", "Reason of the judgement", "judgement_reason", held),
        code("BREACH", "Potential serious breach", "breach", "Empty: not flagged."),
        said("BRREAS", "Why it may be a serious breach", "breach_reason", flag),
        Column("BRAWADTC", "Sponsor aware at", "datetime", source="DEVIATION.breach_aware_at", note=flag),
        Column("BRDUEDTC", "Report due at", "datetime", note=flag),
        Column("BRENDDTC", "Reported or assessed at", "datetime", source="DEVIATION.breach_ended_at", note=flag),
        said("BRENDREA", "Outcome of the assessment", "breach_end_reason", flag),
        code("MEDERR", "Medication error?", "safety_question", "Answered by the safety desk. Empty: not asked."),
        said("MEDERREA", "Reason of the safety desk", "safety_answer"),
        Column("CHGDTC", "Latest change at", "datetime", source="DEVIATION.changed_at"),
    )

    def read() -> Iterator[tuple[Cell, ...]]:
        for each in as_of(Deviation, moment).order_by("patient__number", "id").iterator(CHUNK):
            subject = subjects.get(each.patient_id)
            if subject:
                t = {name: identity.said(subject.number, each.form, each.field, getattr(each, name)) for name in words}
                due = breach.due(each.breach_aware_at) if each.breach else None
                holds = each.explained_inputs in ("", each.inputs) if each.why else None
                yield (
                    *subject.keys, each.id, each.form, each.record or None, each.field, variable(each.form, each.field),
                    each.rule, each.status, each.category, t["description"] or t["text"], each.started_on, t["text"],
                    identity.clean(subject.number, each.rests_on), t["why"], holds, t["judgement_reason"], each.breach,
                    t["breach_reason"], each.breach_aware_at, due, each.breach_ended_at, t["breach_end_reason"],
                    each.safety_question, t["safety_answer"], each.changed_at,
                )  # fmt: skip

    return Table("deviations", "Protocol deviations", columns, read)


def _rulings(moment: datetime, subjects: dict[int, Subject], identity: Identity) -> Table:
    last = "Of the latest decision, which holds only while the status is DECIDED."
    columns = (
        *SUBJECT,
        Column("RULINGID", "Number of the ruling", "integer"),
        Column("RULE", "Rule", source="RULING.rule"),
        Column("CRITERION", "Criterion", source="RULING.criterion"),
        Column("STATUS", "Status", "code", values=_values(Ruling, "status"), source="RULING.status"),
        Column("QUESTION", "Question, with the evidence", source="RULING.question", free_text=True),
        Column("ASKEDDTC", "Asked at", "datetime", source="RULING.asked_at"),
        Column("OUTCOME", "Decision", "code", values=_values(Ruling, "outcome"), source="RULING.outcome", note=last),
        Column("REASON", "Reason of the decision", source="RULING.reason", note=last, free_text=True),
        Column("DECIDBY", "Decided by", source="RULING.decided_by", note=last),
        Column("DECIDDTC", "Decided at", "datetime", source="RULING.decided_at", note=last),
    )

    def read() -> Iterator[tuple[Cell, ...]]:
        for each in as_of(Ruling, moment).order_by("patient__number", "id").iterator(CHUNK):
            subject = subjects.get(each.patient_id)
            if subject:
                question, reason = (identity.ruled(subject.number, each.rule, said) for said in (each.question, each.reason))
                yield (
                    *subject.keys, each.id, each.rule, each.criterion, each.status, question, each.asked_at, each.outcome,
                    reason, each.decided_by, each.decided_at,
                )  # fmt: skip

    return Table("rulings", "Rulings of the medical reviewer", columns, read)


def _signatures(moment: datetime, subjects: dict[int, Subject]) -> Table:
    columns = (
        *SUBJECT,
        Column("SIGNID", "Number of the signature", "integer"),
        Column("FORM", "Form code", "code", values=_form_values()),
        Column("RECID", "Number of the record within its form", "integer"),
        Column("MEANING", "Meaning of the signature", source="SIGNATURE.meaning"),
        Column("SIGNER", "Signed by: user name", source="SIGNATURE.signer"),
        Column("SIGNNAME", "Signed by: printed name", source="SIGNATURE.printed_name"),
        Column("ROLE", "In which role", source="SIGNATURE.role"),
        Column("SIGNDTC", "Signed at", "datetime", source="SIGNATURE.signed_at"),
    )

    def read() -> Iterator[tuple[Cell, ...]]:
        for each in as_of(Signature, moment).order_by("patient__number", "id").iterator(CHUNK):
            subject = subjects.get(each.patient_id)
            if subject:
                yield (
                    *subject.keys, each.id, each.form, each.record, each.meaning, each.signer, each.printed_name, each.role,
                    each.signed_at,
                )  # fmt: skip

    return Table("signatures", "Signatures", columns, read)


# ---- the trail -------------------------------------------------------------------------------------------------------

_CHANGE = (
    "change_set__chain", "change_set__seq", "line", "at", "actor", "change_set__actor_name", "change_set__role",
    "change_set__actor_site", "patient", "site", "form", "record", "field", "version", "old", "new", "change_set__reason",
    "change_set__source", "after_sdv", "after_signature", "change_set__hash",
)  # fmt: skip


def _trail(moment: datetime, identity: Identity) -> Table:
    shown = "As stored. Blank for an identifying field."
    columns = (
        STUDY,
        Column("CHAIN", "Hash chain", note="Patient's number, or study."),
        Column("SEQ", "Place of the change set in its chain", "integer"),
        Column("LINE", "Line of the change set", "integer"),
        Column("DTC", "When", "datetime"),
        Column("ACTOR", "Who: user name"),
        Column("ACTORNAM", "Who: name"),
        Column("ROLE", "In which role"),
        Column("ACTSITE", "Site of the person"),
        Column("SUBJID", "Patient's screening number", note="Empty when the change is about no patient."),
        Column("SITEID", "Site of the record"),
        Column("FORM", "Form code, or kind of record"),
        Column("RECID", "Number of the record within its form"),
        Column("FIELD", "Field"),
        Column("VERSION", "Version of the record after the change", "integer"),
        Column("OLD", "Old value", note=shown, free_text=True),
        Column("NEW", "New value", note=shown, free_text=True),
        Column("REASON", "Reason for the change", free_text=True),
        Column("SOURCE", "Through which door"),
        Column("AFTERSDV", "Changed after source data verification?", "yes/no"),
        Column("AFTERSIG", "Changed after signature?", "yes/no"),
        Column("HASH", "Hash of the change set", note="Ties it to the one before in its chain."),
    )

    def read() -> Iterator[tuple[Cell, ...]]:
        rows = Change.objects.filter(at__lte=moment).order_by("id").values_list(*_CHANGE)
        for row in rows.iterator(CHUNK):
            (*who, patient, site, form, record, field, version, old, new, reason, door, sdv, signature, tie) = row
            old, new = (identity.trail(patient, form, record, field, value) for value in (old, new))
            yield (
                STUDYID, *who, patient, site, form, record, field, version, old, new,
                identity.reason(patient, form, record, reason), door, sdv, signature, tie,
            )  # fmt: skip

    return Table("audit_trail", "Audit trail", columns, read)
