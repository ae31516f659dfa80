"""What the admin shows of a record: its values in the form's own sections, its whole history, its query threads."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.access import grants
from accounts.models import Membership, Site, User
from accounts.roles import Permission
from audit.models import AuditedModel, Change
from crf import pages, registry
from crf.fields import PartialDateField
from crf.models import PAPER, Crf
from crf.references import SiteReference
from dosing.stock import Vial, VialMovement
from etop_crf.changes import ACCESS, IN_LOG, Line, column, label, lines, moment, title
from patients.access import within_sites
from patients.models import Patient
from protocol.dates import show
from review.models import Deviation, Query, Ruling, Signature, Verification
from review.signatures import covered_fields

HISTORY = 2_000  # changes of one record that a page shows; more than any record has in years

ABOUT_A_RECORD = (Query, Deviation, Verification, Signature)  # these know a record as form code and id


@dataclass
class Value:
    """One question and its answer."""

    label: str
    text: str
    name: str
    changed: int = 0


@dataclass
class Block:
    title: str
    values: list[Value]


@dataclass
class Link:
    label: str
    url: str


def zone_of(record: AuditedModel) -> str:
    """The time zone of the site that the record belongs to; UTC for what belongs to the trial as a whole."""
    owner = getattr(record, "patient", getattr(record, "vial", record))
    site = owner if isinstance(owner, Site) else getattr(owner, "site", None)
    return site.time_zone if site is not None else "UTC"


# ---- values ----------------------------------------------------------------------------------------------------------


def blocks(record: AuditedModel, zone: str, changed: dict[str, int]) -> list[Block]:
    """All stored values, grouped by the form's own sections; what the program keeps itself stands last."""
    if not isinstance(record, Crf):
        names = [each.name for each in record.audited_fields()]
        return [Block(_capital(record._meta.verbose_name), _values(record, [*names, "version", "changed_at"], zone, changed))]
    found = [
        Block(section.title, _values(record, [n for n in section.fields if record.in_force(n)], zone, changed))
        for section in (*record.sections, PAPER)
    ]
    kept = ["patient", "visit", "row", "state", "origin", "voided", "void_reason", *record.system_fields, "version", "changed_at"]
    kept.remove("row" if record.visit_id else "visit")
    found = [block for block in found if block.title != PAPER.title or any(value.text for value in block.values)]
    return [*found, Block("The record", _values(record, kept, zone, changed))]


def _values(record: AuditedModel, names: list[str], zone: str, changed: dict[str, int]) -> list[Value]:
    found = []
    for name in names:
        each = record._meta.get_field(name)
        words = IN_LOG if name == "row" else _capital(each.verbose_name)
        found.append(Value(words, text(record, each, zone), each.attname, changed.get(each.attname, 0)))
    return found


def _capital(words: object) -> str:
    said = str(words)
    return said[:1].upper() + said[1:]


def text(record: AuditedModel, each: models.Field, zone: str) -> str:
    """A stored value in the words of the screen; '' for empty."""
    value = getattr(record, each.attname)
    if isinstance(record, ABOUT_A_RECORD) and each.name in ("form", "field"):
        return title(record.form) if each.name == "form" else label(record.form, record.field) if record.field else ""
    if isinstance(record, Signature) and each.name == "covered":
        return ", ".join(covered_fields(value))
    if each.name == "visit":
        return record.visit.code
    if isinstance(each, models.ForeignKey):
        return str(getattr(record, each.name) or "")
    if isinstance(each, models.BooleanField):
        return "Yes" if value else "No"
    if isinstance(each, models.DateTimeField):
        return _both(value, zone) if value else ""
    if isinstance(each, models.DateField):
        return f"{value:%d-%b-%Y}" if value else ""
    if isinstance(record, Crf) and each.model is not Patient:
        return _answer(record, each)
    if isinstance(record, SiteReference):
        return registry.display(record.trail_code, each.name, value)
    if isinstance(each, PartialDateField):
        return show(value)
    if isinstance(each, models.DecimalField):
        return f"{value.normalize():f}" if value is not None else ""
    return str(dict(each.flatchoices).get(value, value)) if value not in (None, "") else ""


def _answer(record: Crf, each: models.Field) -> str:
    said = registry.display(record.code, each.name, getattr(record, each.name))
    missing = getattr(record, f"{each.name}_missing", "")
    if not said and missing:
        return f"No answer: {registry.display(record.code, f'{each.name}_missing', missing).lower()}"
    unit = getattr(each, "unit", "")
    return f"{said} {unit}" if said and unit else said


def _both(at, zone: str) -> str:
    return moment(at) if zone == "UTC" else f"{moment(at, zone)} ({zone}), {moment(at)}"


# ---- history, threads, links -----------------------------------------------------------------------------------------


def history(record: AuditedModel, viewer, zone: str) -> list[Line]:
    """The complete history of the record, newest first; of a person also memberships and log-ins."""
    about = Q(form=record.trail_code, record=str(record.pk))
    if isinstance(record, User):
        mine = [str(pk) for pk in memberships(record, viewer).values_list("pk", flat=True)]
        about |= Q(form=Membership.trail_code, record__in=mine)
        if grants(viewer).site_ids(Permission.AUDIT, Permission.MANAGE) is None:
            about |= Q(form=ACCESS, record=record.username)
    rows = Change.objects.filter(about).select_related("change_set").order_by("-id")[:HISTORY]
    found, seen = lines(rows, {record.site_code(): zone} if record.site_code() else {}), set()
    for line in found:  # the latest change of each field is what its value links to
        if line.form == record.trail_code and line.field not in seen:
            seen.add(line.field)
            line.anchor = f"change-{line.field}"
    return found


def memberships(person: User, viewer):
    """The memberships that the viewer may know: all, or those at the viewer's own sites and the trial-wide ones."""
    mine = Membership.objects.filter(user=person).select_related("site")
    allowed = within_sites(viewer, Membership.objects.all(), "site", Permission.AUDIT, Permission.MANAGE)
    return mine.filter(Q(pk__in=allowed.order_by().values("pk")) | Q(site__isnull=True)).order_by("id")


def change_counts(found: list[Line], record: AuditedModel) -> dict[str, int]:
    """How often each field was changed after it was first entered."""
    counts: dict[str, int] = {}
    for line in found:
        if line.form == record.trail_code and line.version > 1:
            counts[line.field] = counts.get(line.field, 0) + 1
    return counts


def threads(record: AuditedModel, viewer, zone: str) -> list[pages.Thread]:
    """The query threads of a record, to be read only: answers are given on the form."""
    about = Query.objects.filter(pk=record.pk) if isinstance(record, Query) else Query.objects.none()
    if isinstance(record, Crf):
        about = Query.objects.filter(form=record.code, record=record.pk)
    found = pages.threads(viewer, list(about.select_related("patient__site").order_by("id")))
    nothing = {"can_answer": False, "can_comment": False, "can_close": False, "can_reopen": False}
    return [
        replace(thread, **nothing, raised_at=moment(thread.raised_at, zone),
                posts=[replace(post, when=moment(post.when, zone)) for post in thread.posts])
        for thread in found
    ]  # fmt: skip


def links(record: AuditedModel, viewer) -> list[Link]:
    """Where else the record can be looked at."""
    patient = record if isinstance(record, Patient) else getattr(record, "patient", None)
    found = []
    if patient is not None and grants(viewer).may(Permission.VIEW, patient.site):
        if isinstance(record, Crf):
            found.append(Link("The form", reverse("record", args=[patient.number, record.code, record.slot])))
        elif isinstance(record, Ruling):
            found.append(Link("The ruling", reverse("ruling", args=[record.pk])))
        elif column(record.trail_code, "form") is not None and record.form in {form.code for form in registry.forms()}:
            model = registry.form(record.form)._meta
            url = reverse(f"admin:{model.app_label}_{model.model_name}_change", args=[record.record])
            found.append(Link(f"The record: {registry.title(record.form)}", url))
        if isinstance(record, Deviation):
            found.append(Link("The deviation", reverse("deviation", args=[record.pk])))
        found.append(Link("Casebook", reverse("patient", args=[patient.number])))
    if isinstance(record, SiteReference) and grants(viewer).may(Permission.VIEW, record.site):
        args = [record.site.code, record.trail_code, record.pk]
        found.append(Link("The line on the site's list", reverse("reference", args=args)))
    if isinstance(record, Vial | VialMovement):
        vial = record if isinstance(record, Vial) else record.vial
        if any(grants(viewer).may(each, vial.site) for each in (Permission.VIEW, Permission.DRUG)):
            found.append(Link("The vial's ledger", reverse("drug_vial", args=[vial.site.code, vial.pk])))
    if patient is not None:
        found.append(Link(f"All changes of {patient.number}", f"{reverse('changes')}?patient={patient.number}"))
    return found


def records_of(patient: Patient) -> list[dict[str, str]]:
    """Every record of a patient, void ones too, with its page in the admin."""
    found = []
    for each in registry.headers([patient.pk]):
        meta = registry.form(each.form)._meta
        state = ("void", "Void") if each.voided else ("submitted", "Submitted") if each.submitted else ("progress", "In progress")
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[each.record])
        found.append({"title": registry.title(each.form), "slot": each.slot, "kind": state[0], "state": state[1],
                      "version": str(each.version), "url": url})  # fmt: skip
    return found
