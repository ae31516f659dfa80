"""What the templates are given: plain objects, so that a page asks nothing of the database while it is drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count
from django.urls import reverse

from audit.models import Change, ChangeSet
from crf import registry
from crf.fields import ClockTimeField, CodeField, NumberField, PartialDateField, ResultField, UnitField
from crf.forms import CrfForm
from crf.models import PAPER, Crf
from crf.widgets import TypeAhead
from protocol.engine import Finding
from review.models import Query, QueryStatus
from review.states import Act, can


@dataclass
class Question:
    """One line of a form."""

    field: object
    label: str
    help: str
    unit: str
    code: str
    kind: str
    missing_field: object
    asks_if: str
    findings: list = field(default_factory=list)
    history_url: str = ""
    changes: int = 0
    query_threads: list = field(default_factory=list)
    computed: str = ""
    computed_kind: str = ""
    depends_on: str = ""
    options_url: str = ""
    unit_field: object = None  # where the unit is typed as printed


@dataclass
class Block:
    title: str
    anchor: str
    questions: list[Question]
    collapsed: bool = False


@dataclass
class Shown:
    """A finding as components/finding.html takes it."""

    severity: str
    message: str
    rule_id: str
    citation: str
    anchor: str
    field: str
    confirmed: bool = False  # of a deviation: what has been ticked and typed about it so far
    why: str = ""
    error: str = ""


def to_confirm(finding: Finding, data, unconfirmed: list[Finding]) -> Shown:
    """A deviation that must be confirmed, with what has been said about it."""
    each = shown(finding)
    each.confirmed = bool(data.get(f"confirm-{each.rule_id}"))
    each.why = data.get(f"why-{each.rule_id}", "")
    if finding in unconfirmed and (each.confirmed or each.why.strip()):
        each.error = "Tick it and say why: both are needed."
    return each


def shown(finding: Finding, at: str = "") -> Shown:
    """A finding at the field that its rule names, or at another that it speaks of."""
    rule, field = finding.rule, at or finding.rule.field
    return Shown(rule.severity.value, finding.message, rule.id, rule.cites, f"q-{field}", field)


def blocks(form: CrfForm, *, found: list[Shown], threads: dict[str, list], counts: dict[str, int], computed: dict, history_url: str, hidden: Collection[str] = ()) -> list[Block]:  # fmt: skip  # noqa: E501
    """The sections of the page, the paper section last; ``hidden`` are questions that are not for this reader."""
    model = type(form.instance)
    by_field: dict[str, list[Shown]] = defaultdict(list)
    for each in found:
        by_field[each.field].append(each)
    result = []
    for number, section in enumerate((*model.sections, PAPER)):
        questions = []
        for name in section.fields:
            if name not in form.fields or name in hidden or not model.in_force(name):
                continue
            kind, text = computed.get(name, ("", ""))
            attname = model._meta.get_field(name).attname
            questions.append(
                Question(
                    form[name], str(form[name].label), str(form[name].help_text or ""), _unit(model, name),
                    model.exports.get(name, ""), _kind(model, form, name),
                    form[f"{name}_missing"] if f"{name}_missing" in form.fields else None,
                    str(model.asks_if.get(name, "")),
                    [f for each in (name, f"{name}_missing", f"{name}_unit") for f in by_field.get(each, [])],
                    f"{history_url}#{attname}" if history_url else "", counts.get(attname, 0), threads.get(name, []),
                    text, kind, *model.options_from.get(name, ("", "")),
                    unit_field=form[f"{name}_unit"] if f"{name}_unit" in unit_fields(model) else None,
                )  # fmt: skip
            )
        if questions:
            result.append(Block(section.title, f"section-{number}", questions, collapsed=section is PAPER))
    return result


def unit_fields(model: type[Crf]) -> set[str]:
    """Names of the fields that hold the unit of a result."""
    return {field.name for field in model._meta.concrete_fields if isinstance(field, UnitField)}


def _unit(model: type[Crf], name: str) -> str:
    return getattr(model._meta.get_field(name), "unit", "")


def _kind(model: type[Crf], form: CrfForm, name: str) -> str:
    column = model._meta.get_field(name)
    widget = form.fields[name].widget
    if isinstance(widget, TypeAhead):
        return "typeahead"
    kinds = {"date": PartialDateField, "time": ClockTimeField, "number": NumberField, "result": ResultField}
    for kind, classes in kinds.items():
        if isinstance(column, classes):
            return kind
    if isinstance(column, CodeField):
        return "radio" if widget.__class__.__name__ == "RadioSelect" else "select"
    names = {"Textarea": "textarea", "CheckboxSelectMultiple": "checkboxes", "Select": "select", "RadioSelect": "radio"}
    return names.get(widget.__class__.__name__, "text")


@dataclass
class Post:
    who: str
    role: str
    when: object
    text: str
    value: str
    state: str


@dataclass
class Thread:
    """A query with its posts, as components/thread.html takes it."""

    query: Query
    title: str
    status: str
    status_kind: str
    rule_id: str
    raised_at: object
    posts: list[Post]
    action_url: str
    can_answer: bool
    can_comment: bool
    can_close: bool
    can_reopen: bool

    @property
    def id(self) -> int:
        return self.query.pk


KINDS = {QueryStatus.OPEN: "open", QueryStatus.ANSWERED: "answered", QueryStatus.CLOSED: "closed"}


def threads(user, queries: list[Query]) -> list[Thread]:
    """Threads of some queries of one or more patients, in two queries whatever their number."""
    if not queries:
        return []
    history = Query.history.model._default_manager.filter(id__in=[q.pk for q in queries]).order_by("history_id")
    past = list(history)
    sets = ChangeSet.objects.in_bulk([row.change_set_id for row in past])
    posts: dict[int, list[Post]] = defaultdict(list)
    for row in past:
        act = sets[row.change_set_id]
        system = row.rule and row.raised_by == "system" and row.status != QueryStatus.ANSWERED and act.source not in ("query",)  # fmt: skip  # noqa: E501
        who, role = ("The system", "") if system else (act.actor_name, act.role)
        posts[row.id].append(Post(who, role, row.history_date, row.text, row.value, row.get_status_display()))
    return [
        Thread(
            query, f"{registry.title(query.form)} · {registry.label(query.form, query.field)}",
            query.get_status_display(), KINDS[QueryStatus(query.status)], query.rule, query.opened_at, posts[query.pk],
            reverse("query_act", args=[query.pk]), can(user, query, Act.ANSWER), can(user, query, Act.COMMENT),
            can(user, query, Act.CLOSE), can(user, query, Act.REOPEN),
        )
        for query in queries
    ]  # fmt: skip


def change_counts(record: Crf) -> dict[str, int]:
    """How often each field of a record was changed after it was first entered."""
    rows = Change.objects.filter(form=record.code, record=str(record.pk), version__gt=1)
    return dict(rows.values_list("field").annotate(n=Count("id")).order_by())


@dataclass
class ChangeRow:
    """One change, as components/change_row.html takes it."""

    label: str
    field: str
    old: str
    new: str
    who: str
    role: str
    when: object
    reason: str
    source: str


PLACE = ("patient_id", "visit_id", "row")  # where a record stands, not what it says


def told(changes) -> list:
    """The changes that say something to a reader: neither a new record's place, nor that it is not void."""
    return [each for each in changes if each.field not in PLACE and not (each.field == "voided" and each.version == 1)]


def change_rows(changes) -> list[ChangeRow]:
    """Changes in the words of the screen; the query must have selected their sets."""
    return [
        ChangeRow(
            registry.label(each.form, each.field), each.field, registry.display(each.form, each.field, each.old),
            registry.display(each.form, each.field, each.new), each.change_set.actor_name, each.change_set.role, each.at,
            each.change_set.reason, each.change_set.source,
        )
        for each in changes
    ]  # fmt: skip
