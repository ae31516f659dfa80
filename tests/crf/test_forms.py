"""Laws that every registered form keeps, present and future ones alike."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest
from django.db import models
from django.urls import reverse

from crf import registry
from crf.checks import _problems, declarations, own_fields
from crf.declare import AskedIf, Section
from crf.facts import _attributes
from crf.fields import CodeField, CodeSetField, LinkField, MissingReasonField, PartialDateField, ResultField
from crf.forms import form_for
from crf.models import PAPER
from crf.pages import unit_fields
from protocol import facts, parameters
from protocol.engine import RULES
from tests.crf.page import Page, read

pytestmark = pytest.mark.usefixtures("noon")


def codes() -> list[str]:
    from django.apps import apps

    from crf.models import Crf

    return [model.code for model in apps.get_models() if issubclass(model, Crf)]


FORMS = (
    "IC", "RIC", "DM", "IE", "SF", "SCLC", "PST", "PR", "IRAE", "HX", "MH", "OM", "CVH", "AID", "INF", "SU", "RP", "ORG", "REL",
    "EC", "EOT", "AE", "AEYN", "ECOG", "VS", "EG", "CV", "PLE", "PT", "SER", "HBV", "ICE", "HEM", "CHE", "COA", "LBO", "CMYN", "CM", "VAX",
    "UV", "PD", "DD", "HO", "AEG", "CRS", "ICANS", "TLS", "MON", "HOLD", "SCAN", "PREG", "WD",
)  # fmt: skip


def slot(code: str) -> str:
    model = registry.form(code)
    return "new" if model.is_log() else model.visits[0]


def one_answer(code: str) -> dict[str, str]:
    """The first question that points to no other record answered, of a log, which takes no empty one; nothing of a form at a visit."""
    model = registry.form(code)
    if not model.is_log():
        return {}
    fields = [model._meta.get_field(name) for name in model.questions()]
    field = next(each for each in fields if not isinstance(each, LinkField))
    name = field.name
    return {name: "2026-06-10" if isinstance(field, PartialDateField) else str(field.choices[0][0]) if field.choices else "1"}


def test_the_list_of_forms_is_this(db):
    assert sorted(codes()) == sorted(FORMS)


def test_every_form_is_declared_whole(db):
    assert declarations() == []


# ---- a half-declared form is refused ---------------------------------------------------------------------------------


def fake(like: str, /, fields=None, **changes):
    """A form that differs from a good one in what is given."""
    good = registry.form(like)
    names = ("code", "area", "visits", "domain", "dated_by", "sections", "required", "required_first", "asks_if", "exports", "not_submitted",
             "identifying", "system_fields", "fact")  # fmt: skip
    meta = SimpleNamespace(concrete_fields=fields if fields is not None else good._meta.concrete_fields)
    return SimpleNamespace(**{**{name: getattr(good, name) for name in names}, "_meta": meta, **changes})


def without(mapping: dict, name: str) -> dict:
    return {key: value for key, value in mapping.items() if key != name}


def altered(code: str, name: str, **changes) -> list[models.Field]:
    fields = []
    for field in registry.form(code)._meta.concrete_fields:
        if field.name == name:
            field = copy.copy(field)
            for attribute, value in changes.items():
                setattr(field, attribute, value)
        fields.append(field)
    return fields


def half_declared():
    good = registry.form("EC")
    dose, _, *others = good.sections
    return {
        "code is not declared": {"code": ""},
        "area is not declared": {"area": ""},
        "domain is not declared": {"domain": ""},
        "dated_by is not declared": {"dated_by": ""},
        "sections is not declared": {"sections": ()},
        "dated_by names no field: when": {"dated_by": "when"},
        "a field stands in two sections": {"sections": (*good.sections, Section("Again", "reason"))},
        "not in any section: ['reason_details']": {"sections": (dose, Section("Delay", "reason", "reason_event"), *others)},
        "sections name no field: ['ghost']": {"sections": (*good.sections, Section("Ghost", "ghost"))},
        "neither mapped nor left out of exports: ['dose_mg']": {"exports": without(good.exports, "dose_mg")},
        "neither mapped nor left out of exports: ['dose_mg_missing']": {"exports": without(good.exports, "dose_mg_missing")},
        "export mapping is wrong about: ['ghost']": {"not_submitted": ("ghost",)},
        "export mapping is wrong about: ['reason']": {"not_submitted": ("reason",)},
        "two fields are mapped to one variable": {"exports": {**good.exports, "start_time": "ECENTIM"}},
        "required names no field: ['ghost']": {"required": (*good.required, "ghost")},
        "identifying names no field: ['ghost']": {"identifying": ("ghost",)},
        "required_first names what is not required, or the form has no visits: ['reason_details']": {
            "required_first": ("reason_details",)
        },
        "required_first names what is not required, or the form has no visits: ['occurrence']": {
            "required_first": ("occurrence",), "visits": ()
        },
        "asks_if names no field: ['ghost']": {"asks_if": {**good.asks_if, "ghost": AskedIf("occurrence", "GIVEN")}},
        "reason depends on no field: ghost": {"asks_if": {**good.asks_if, "reason": AskedIf("ghost", "Y")}},
        "end_time depends on start_time, which must stand before it in asks_if": {
            "asks_if": {"end_time": AskedIf("start_time", "09:00"), "start_time": AskedIf("occurrence", "GIVEN")}
        },
        "reason_details is required, and its fact does not tell: ['reason_details']": {
            "required": (*good.required, "reason_details")
        },
        "dose_mg has no db_comment": {"fields": altered("EC", "dose_mg", db_comment=None)},
        "dose_mg: text columns hold '', all others may be NULL": {"fields": altered("EC", "dose_mg", null=False)},
        "reason: text columns hold '', all others may be NULL": {"fields": altered("EC", "reason", null=True)},
        "its fact belongs to EOT": {"fact": facts.EndOfTreatment},
    }


@pytest.mark.parametrize("problem", list(half_declared()))
def test_a_half_declared_form_is_refused(problem):
    changes = half_declared()[problem]
    assert problem in list(_problems(fake("EC", **changes)))


def test_the_unchanged_copy_is_accepted():
    assert list(_problems(fake("EC"))) == []


def test_a_code_used_twice_is_refused(monkeypatch):
    monkeypatch.setattr(registry, "forms", lambda: (registry.form("EC"), registry.form("EC")))
    assert [each.id for each in declarations()] == ["crf.E002"]


# ---- every form ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", FORMS)
def test_declarations_fit_together(code):
    model = registry.form(code)
    names = {field.name for field in own_fields(model)}
    assert set(model.questions()) <= names
    assert all(model._meta.get_field(name).verbose_name for name in names)
    # Nothing in the fact that no rule can trust: each attribute reads a column of the form.
    assert {name for name, _ in _attributes(model)} <= names
    assert not model.is_log() or not model.visits
    assert all(field.blank is not False for field in own_fields(model) if field.name not in model.system_fields)


@pytest.mark.parametrize("code", FORMS)
def test_every_required_question_has_its_rule(code):
    model = registry.form(code)
    for name in model.required:
        rule = RULES[f"{code}-{model.exports.get(name, name.upper())}-required"]
        assert (rule.form, rule.field) == (code, name)


def test_every_rule_speaks_of_a_form_and_a_field_that_exist():
    for rule in RULES.values():
        model = registry.form(rule.form)
        assert rule.field in model.questions() or rule.field == "i00", rule.id
        for name in rule.forms:
            registry.fact_source(name)
        for at in rule.also:
            form, _, field = at.partition(".")
            assert field in registry.form(form).questions(), (rule.id, at)


@pytest.mark.parametrize("code", FORMS)
def test_every_field_is_on_the_page_once_and_can_be_answered(world, coordinator, code):
    patient = world.patient()
    page = Page(world, coordinator, patient, code, slot(code))
    model = registry.form(code)
    wanted = {name for name in form_for(model).base_fields if name.removesuffix("_missing").removesuffix("_unit") not in PAPER.fields}
    html = page.response.content.decode()
    for name in wanted - {"base_version", "entry_token"}:
        boxes = {f"{name}_0", f"{name}_1", f"{name}_2"} & page.read.names
        assert name in page.read.names or len(boxes) == 3, name
        if not name.endswith("_missing") and name not in unit_fields(model):
            assert html.count(f'id="q-{name}"') == 1, name
    assert {"base_version", "entry_token"} <= page.read.names
    for name in PAPER.fields:
        assert f'id="q-{name}"' in html
    for name in model.system_fields:
        assert name not in page.read.names


@pytest.mark.parametrize("code", FORMS)
def test_history_log_and_read_only_pages_open(world, coordinator, code):
    patient = world.patient()
    done = world.enter(patient, code, slot(code), action="save", **one_answer(code)).saved.record
    for user in (coordinator, world.user("MONITOR", "FR03"), world.user("DATA_MANAGER"), world.user("INSPECTOR")):
        client = world.client(user)
        assert client.get(reverse("record", args=[patient.number, code, done.slot])).status_code == 200
        assert client.get(reverse("history", args=[patient.number, code, done.slot])).status_code == 200
        status = 200 if registry.form(code).is_log() else 404
        assert client.get(reverse("log", args=[patient.number, code]), follow=True).status_code == status
    monitor = world.client(world.user("MONITOR", "FR03")).get(reverse("record", args=[patient.number, code, done.slot]))
    assert not read(monitor).names & set(registry.form(code).questions())


def choices(field) -> list:
    return [value for value, _ in field.choices]


def rounds(model):
    """Answers that together use every value of every codelist, also of questions that hang on another answer."""
    fields = [f for f in own_fields(model) if isinstance(f, CodeField | CodeSetField) and not isinstance(f, MissingReasonField)]
    ways = {frozenset(_asking(model, name).items()) for name in model.asks_if}
    for fixed in ({}, *map(dict, sorted(ways, key=sorted))):
        for n in range(max((len(f.choices) for f in fields), default=0)):
            answers = {f.name: choices(f)[n % len(f.choices)] for f in fields} | fixed
            yield {f.name: [answers[f.name]] if isinstance(f, CodeSetField) else answers[f.name] for f in fields}


def _asking(model, name: str) -> dict[str, str]:
    """The answers that lead to a question."""
    condition = model.asks_if.get(name)
    return {condition.field: condition.values[0], **_asking(model, condition.field)} if condition else {}


def asked(model, name: str, answers: dict) -> bool:
    condition = model.asks_if.get(name)
    return condition is None or (condition.holds(answers.get(condition.field)) and asked(model, condition.field, answers))


@pytest.mark.parametrize("code", FORMS)
def test_each_value_of_each_codelist_goes_from_form_to_database_to_page(world, coordinator, code):
    model, patient, seen = registry.form(code), world.patient(), set()
    page = Page(world, coordinator, patient, code, slot(code))
    for answers in rounds(model):
        page.fill(**answers)
        assert page.post("save").status_code == 302, page.read.findings
        stored = model.objects.get(patient=patient)
        page.url = reverse("record", args=[patient.number, code, stored.slot])
        page.open()
        for name, value in answers.items():
            value = value[0] if isinstance(value, list) else value
            expected = value if asked(model, name, answers) else ""
            assert getattr(stored, name) == expected, name
            assert page.read.data.get(name, []) in ([[expected]] if expected else [[], [""]]), name
            if expected:
                seen.add((name, value))
                assert registry.display(code, name, value) not in ("",)
    fields = [f for f in own_fields(model) if isinstance(f, CodeField | CodeSetField) and not isinstance(f, MissingReasonField)]
    assert seen == {(f.name, value) for f in fields for value in choices(f)}


@pytest.mark.parametrize(("code", "name"), [(c, f.of) for c in FORMS for f in registry.form(c)._meta.fields if isinstance(f, MissingReasonField)])  # fmt: skip  # noqa: E501
def test_each_reason_for_no_answer_is_kept(world, coordinator, code, name):
    model, patient = registry.form(code), world.patient()
    condition = model.asks_if.get(name)
    answers = {condition.field: condition.values[0]} if condition else {}
    page = Page(world, coordinator, patient, code, slot(code))
    for value, label in model._meta.get_field(f"{name}_missing").choices:
        page.fill(**answers, **{f"{name}_missing": value})
        assert page.post("save").status_code == 302, page.read.findings
        assert getattr(model.objects.get(patient=patient), f"{name}_missing") == value
        assert page.open().data[f"{name}_missing"] == [value]
        assert label in page.read.shown


def test_a_parameter_that_is_off_takes_its_question_away_and_keeps_what_is_stored(world, coordinator):
    patient = world.patient()
    world.enter(patient, "IE", "SCR", action="save", i00="FULFILLED")
    model = registry.form("IE")
    with parameters.override(i0_active=False):
        page = Page(world, coordinator, patient, "IE", "SCR")
        assert "i00" not in page.read.names
        page.fill(i01="FULFILLED").post("save")
        assert page.response.status_code == 302
        assert "i00" not in model.questions()
    stored = model.objects.get(patient=patient)
    assert (stored.i00, stored.i01) == ("FULFILLED", "FULFILLED")


def test_every_result_of_a_laboratory_may_be_missing_for_a_reason():
    """A haemolysed or clotted sample has no result: Not done."""
    results = [(form, f.name) for form in registry.forms() for f in form._meta.concrete_fields if isinstance(f, ResultField)]
    assert len(results) > 25
    assert [(form.code, name) for form, name in results if not form().missing_field(name)] == []
