"""Every form against bad input: a clear refusal at the field, everything typed is kept, nothing is half-saved, never a 500."""

from __future__ import annotations

import uuid
from random import Random

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from audit.models import ChangeSet
from crf import registry
from crf.fields import ClockTimeField, LinkField, NumberField, OfferField, PartialDateField
from crf.forms import form_for
from protocol.engine import RULES
from review.models import Deviation, Query
from tests.crf.page import read
from tests.crf.test_forms import FORMS, one_answer, slot
from tests.fuzz.nasty import SETTINGS, encoded, one

pytestmark = pytest.mark.usefixtures("noon")
TOKEN = str(uuid.UUID(int=7))


def inputs(model) -> dict[str, tuple[str, ...]]:
    """Name of each input of the page → values that are in order."""
    found = {}
    for name in form_for(model).base_fields:
        if name in ("base_version", "entry_token"):
            continue
        field = model._meta.get_field(name)
        if isinstance(field, PartialDateField):
            found |= {f"{name}_0": ("5", "UNK", "31"), f"{name}_1": ("3", "Mar", "UNK", "2"), f"{name}_2": ("2026", "26", "1958")}
        elif isinstance(field, ClockTimeField):
            found[name] = ("09:30", "930", "UNK")
        elif isinstance(field, NumberField):
            found[name] = ("1", "10", "1,5")
        else:
            found[name] = tuple(str(value) for value, _ in field.choices or ()) or ("Pyrexia", "1.0")
    return found


ABOUT = {
    "base_version": ("0", "1", "1", "2", "-1", "99999999999999999999"), "entry_token": (TOKEN, str(uuid.UUID(int=8))),
    "change_reason": ("Typing error",), "confirm-DOS-001": ("1",), "why-DOS-001": ("It happened",), "confirm-DOS-004": ("1",),
    "why-DOS-004": ("It happened",),
}  # fmt: skip


def body(seed: int, model) -> list[tuple[str, bytes]]:
    """What is posted: some inputs missing, some twice, and what belongs to the page around them."""
    rng = Random(seed)
    pairs = []
    for name, good in inputs(model).items():
        pairs += [(name, value) for value in dict.fromkeys(one(rng, *good) for _ in range(rng.randint(0, 2)))]
    pairs += [(name, one(rng, *good)) for name, good in ABOUT.items() if rng.random() < 0.5]
    pairs.append(("action", rng.choice([b"save", b"submit", b"next", b"check"]) if rng.random() < 0.5 else one(rng, "void")))
    rng.shuffle(pairs)
    return pairs


def state(patient) -> list:
    """Everything of the patient that a save could touch."""
    rows = [(each.form, each.record, each.version, each.state) for each in registry.headers([patient.pk])]
    return [
        sorted(rows), sorted(Query.objects.filter(patient=patient).values_list("id", "version")),
        sorted(Deviation.objects.filter(patient=patient).values_list("id", "version")), ChangeSet.objects.count(),
    ]  # fmt: skip


@pytest.fixture
def places(world):
    """For each form three pages: nothing entered yet, in progress, submitted."""
    from crf import registry

    def made(code):
        model = registry.form(code)
        empty, draft, done = (world.patient() for _ in range(3))
        first = world.enter(draft, code, slot(code), action="save", entry_token=TOKEN, **one_answer(code)).saved.record
        last = world.enter(done, code, slot(code), action="submit", **one_answer(code)).saved.record
        assert model.objects.count() == 2
        return [(empty, slot(code)), (draft, slot(code)), (draft, first.slot), (done, last.slot)]

    return made


@pytest.mark.parametrize("code", FORMS)
def test_bad_input_is_refused_whole_and_nothing_typed_is_lost(world, coordinator, places, code):
    model, client, where = registry.form(code), world.client(coordinator), places(code)
    seen = set()

    @SETTINGS
    @given(place=st.sampled_from(range(4)), pairs=st.integers(0, 1 << 48).map(lambda seed: body(seed, model)))
    def run(place, pairs):
        patient, at = where[place]
        url = reverse("record", args=[patient.number, code, at])
        with transaction.atomic():
            before = state(patient)
            response = client.post(url, encoded(pairs), content_type="application/x-www-form-urlencoded")
            seen.add(response.status_code)
            assert response.status_code in (200, 302, 409, 422)
            if response.status_code != 302:
                assert state(patient) == before
            if response.status_code == 200:
                assert all(each["rule_id"] and each["field"] for each in response.json()["findings"])
            if response.status_code in (409, 422):
                kept_whole(model, response, pairs)
            if response.status_code == 422:
                named(model, response)
            if response.status_code == 302:
                assert len(state(patient)[0]) - len(before[0]) in (0, 1)
            transaction.set_rollback(True)

    run()
    assert 422 in seen


def last_of(pairs) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in pairs}


def kept_whole(model, response, pairs) -> None:
    """Each text that was typed stands in the answer, ready to be corrected."""
    page = read(response, "*")
    boxes = {name for name, good in inputs(model).items() if name.rsplit("_", 1)[0] in _columns(model, PartialDateField)}
    texts = boxes | {name for name in inputs(model) if name in _columns(model, ClockTimeField, NumberField)}
    chosen = _columns(model, LinkField, OfferField)  # from a list of what the patient has
    texts |= {name for name in inputs(model) if name in _columns(model, object) - chosen and not model._meta.get_field(name).choices}
    if response.status_code == 409:  # compared as it would be stored: what is not asked is empty
        texts = {name for name in texts if name not in model.asks_if and name.rsplit("_", 1)[0] not in model.asks_if}
    for name, value in last_of(pairs).items():
        if name in texts and value and model.in_force(name):
            shown = page.data.get(name, [""])[-1]
            assert _plain(shown) == _plain(value), name
    if response.status_code == 422 and "change_reason" in page.names:
        assert _plain(page.data["change_reason"][0]) == _plain(last_of(pairs).get("change_reason", ""))


def _columns(model, *kinds) -> set[str]:
    return {field.name for field in model._meta.concrete_fields if isinstance(field, kinds)}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def named(model, response) -> None:
    """A refusal says what is in the way: a field with the id of its rule, or that a reason is missing."""
    page = read(response)
    reasons = [(place, rule) for place, rule, severity, _ in page.findings if severity == "ERROR" or place == "deviations"]
    assert reasons or "change_reason_error" in response.content.decode() or "confirm-" in response.content.decode()
    html = response.content.decode()
    for place, rule, severity, text in page.findings:
        assert rule
        assert text
        assert rule in RULES or rule.startswith(f"{model.code}-")
        if severity == "ERROR" and place not in ("summary", ""):
            assert f'id="q-{place}"' in html


@pytest.mark.parametrize("code", FORMS)
def test_wrong_places_do_not_exist(world, coordinator, code):
    patient, client = world.patient(), world.client(coordinator)
    assert client.get(reverse("record", args=[patient.number, code, slot(code)])).status_code == 200
    wrong = ["0", "-1", "1", "999999", "9999999", "1e3", "１", "٣", "NEW", "new ", "scr", "C1D2", "C0D1", "C999D1", "..", "%00", "x" * 500, "👩", "<b>", "SCR;"]  # fmt: skip  # noqa: E501
    for each in wrong:
        for method in ("get", "post"):
            for name in ("record", "history"):
                if (name, method) != ("history", "post"):
                    url = reverse(name, args=[patient.number, code, each])
                    assert getattr(client, method)(url, {"action": "save"} if method == "post" else None).status_code == 404, each


@pytest.mark.parametrize("code", FORMS)
def test_a_nul_in_the_address(world, coordinator, code):
    patient, client = world.patient(), world.client(coordinator)
    for name in ("record", "history"):
        assert client.get(reverse(name, args=[patient.number, code, "a\x00b"])).status_code == 404


@pytest.mark.parametrize("name", ["patient", "registration"])
@pytest.mark.parametrize("number", ["FR03-1", "fr03-001", "%00", "a\x00b", "x" * 500, "١", "FR03-001 ", "' OR 1=1", "\ufffd"])
def test_numbers_that_no_patient_has(world, coordinator, name, number):
    world.patient()
    assert world.client(coordinator).get(reverse(name, args=[number])).status_code == 404
