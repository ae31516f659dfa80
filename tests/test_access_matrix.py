"""Every address × every role × own and other site × GET and POST, made from the URLconf.

An address that is not in EXPECT fails until somebody has said who may open it. The rule of the house: another site's
record does not exist (404), a missing right is refused (403), a wrong method is 405, and nothing is open to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from accounts.actions import create_user
from accounts.models import Membership, Site, User
from accounts.roles import SCOPES, SITE_ROLES, Permission, Role
from assessments.references import ReferenceRange
from audit import clock
from audit.context import SYSTEM, acting
from audit.models import Change
from crf import registry
from crf.reference_actions import add
from dosing.stock import Shipment, StockCount, Vial, VialMovement
from patients.models import Patient, Visit
from review.actions import raise_query
from review.deviation_states import RIGHTS, Act
from review.models import Deviation, Query, Ruling
from screening.models import IcfVersion
from tests.adverse_events.doors import REPORTED, SAFETY, report_everything
from tests.clinical.pharmacy import DOORS, FOR_THE_PHARMACY, build_account
from tests.conftest import PASSWORD, World
from tests.doors import ANYBODY, KNOWS, Case, Door, needs, of_patient
from tests.review.tools import ask_reviewer, two_deviations

pytestmark = pytest.mark.django_db
P = Permission
GOOD = (200, 204, 302, 409, 422)
EVENT = {"action": "save", "origin": "EDC", "base_version": "0", "term": "Nausea"}
RANGES = {"laboratory": "CHU", "valid_from_0": "1", "valid_from_1": "1", "valid_from_2": "2026", "k-unit": "mmol/L", "k-low": "3.5"}
VERSION = {"icf_version": "2.0", "approved_on_0": "1", "approved_on_1": "6", "approved_on_2": "2026", "reconsent": "Y"}
ENDED = {"action": "end", "version": "1", "valid_to_0": "1", "valid_to_1": "6", "valid_to_2": "2026"}
ON_A_DEVIATION = {"version": "1", "category": "MINOR", "reason": "Said in three words", "answer": "MEDICATION ERROR"}
ENTERED = {"about": "", "started_on_0": "1", "started_on_1": "6", "started_on_2": "2026", "text": "A scan was missed", "rests_on": "x", "category": "MINOR"}
WITHDRAWN = {"action": "withdraw", "version": "1", "reason": "not approved here"}

EXPECT: dict[str, list[Case]] = {
    "home": [Case(get=ANYBODY)],
    "password": [Case(get=ANYBODY, post=ANYBODY)],
    "ping": [Case(post=ANYBODY)],
    "patients": [Case(get=needs(*KNOWS))],
    "new_patient": [Case(post=Door((P.ENTER,), (P.ENTER,), site_last=True), data={"site": "FR03"})],
    "patient": [Case(get=of_patient(*KNOWS), args="{number}")],
    "release": [Case(get=of_patient(P.VIEW), post=of_patient(P.REGISTER), args="{number}")],
    "registration": [Case(get=of_patient(P.VIEW), post=of_patient(P.REGISTER), args=args) for args in ("{number}", "{fresh}")],
    "registered": [Case(get=of_patient(P.VIEW), args="{number}"), Case(get=of_patient(P.VIEW), args="{fresh}")],
    "place": [Case(post=of_patient(P.ENTER), args="{fresh}", data={"action": "request"}),
              Case(post=of_patient(P.ENTER), args="{number}", data={"action": "give back"})],
    "rescreen": [Case(post=of_patient(P.ENTER), args="{fresh}"), Case(post=of_patient(P.ENTER), args="{number}")],
    "log": [Case(get=of_patient(P.VIEW), args="{number} AE")],
    "record": [
        Case(get=of_patient(P.VIEW), post=of_patient(P.ENTER), args="{number} IC SCR", data={"action": "submit"}),
        Case(get=of_patient(P.VIEW), post=of_patient(P.ENTER), args="{number} AE new", data=EVENT),
        Case(get=of_patient(P.VIEW), post=of_patient(P.ENTER), args="{number} AE {row}", data={"action": "check"}),
        Case(get=of_patient(*KNOWS), post=of_patient(P.ENTER), args="{number} EC C1D1", data={"action": "save"}),
        Case(get=of_patient(*KNOWS), post=of_patient(P.ENTER), args="{number} EC C1D8", data={"action": "next"}),
    ],
    "history": [
        Case(get=of_patient(P.VIEW), args="{number} IC SCR"),
        Case(get=of_patient(P.VIEW), args="{number} AE {row}"),
        Case(get=of_patient(*KNOWS), args="{number} EC C1D1"),
    ],
    "query_raise": [
        Case(post=of_patient(P.RAISE), args="{number} IC SCR", data={"field": "icf_version", "text": "Which?"}),
        Case(post=of_patient(P.RAISE), args="{number} EC C1D1", data={"field": "dose_mg", "text": "Which?"}),
    ],
    "verify": [
        Case(post=of_patient(P.VERIFY), args="{number} IC SCR", data={"version": "1"}),
        Case(post=of_patient(P.VERIFY), args="{number} EC C1D1", data={"action": "withdraw"}),
    ],
    "void": [Case(get=of_patient(P.ENTER), post=of_patient(P.ENTER), args="{number} AE {event}", data={"reason": "typed twice"})],
    "move": [Case(get=of_patient(P.ENTER), post=of_patient(P.ENTER), args="{number} AE {event}", data={"reason": "whose?"})],
    **{name: [Case(get=of_patient(P.VIEW), args=args) for args in ("{number}", "{fresh}")] for name in ("eligibility", "events", "abnormalities")},
    "queries": [Case(get=needs(P.VIEW))],
    "query_act": [
        Case(post=Door((P.ENTER,), (P.VIEW,)), args="{query}", data={"action": "answer", "text": "It is right."}),
        Case(post=Door((P.ENTER, P.RAISE), (P.VIEW,)), args="{query}", data={"action": "comment", "text": "Look."}),
        Case(post=Door((P.CLOSE,), (P.VIEW,)), args="{query}", data={"action": "close"}),
    ],
    "deviations": [Case(get=needs(P.VIEW))],
    "deviation": [
        Case(get=Door(sees=(P.VIEW,)), post=Door((right,), (P.VIEW,)), args="{entered}" if act is Act.VOID else "{deviation}", data=ON_A_DEVIATION | {"action": act})
        for act, right in RIGHTS.items()
    ],
    "new_deviation": [Case(get=of_patient(P.JUDGE), post=of_patient(P.JUDGE), args=args, data=ENTERED) for args in ("{number}", "{fresh}")],
    "screening_log": [Case(get=needs(P.VIEW))],
    "references": [Case(get=needs(P.VIEW))],
    "site_references": [Case(get=Door(sees=(P.VIEW,)), args="{site}")],
    "enter_ranges": [Case(get=Door((P.REFERENCE,), (P.VIEW,)), post=Door((P.REFERENCE,), (P.VIEW,)), args="{site}", data=RANGES)],
    "new_reference": [
        Case(get=Door((P.REFERENCE,), (P.VIEW,)), post=Door((P.REFERENCE,), (P.VIEW,)), args="{site} ICFV", data=VERSION),
        Case(get=Door((P.REFERENCE,), (P.VIEW,)), post=Door((P.REFERENCE,), (P.VIEW,)), args="{site} RANGE"),
    ],
    "reference": [
        Case(get=Door(sees=(P.VIEW,)), post=Door((P.REFERENCE,), (P.VIEW,)), args="{site} RANGE {range}", data=ENDED),
        Case(get=Door(sees=(P.VIEW,)), post=Door((P.REFERENCE,), (P.VIEW,)), args="{site} ICFV {icfv}", data=WITHDRAWN),
    ],
    "rulings": [Case(get=needs(P.VIEW))],
    "ruling": [Case(get=Door(sees=(P.VIEW,)), post=Door((P.DECIDE,), (P.VIEW,)), args="{ruling}", data={"reason": "Too short"})],
    **DOORS,
    **SAFETY,
    "terms": [Case(get=ANYBODY)],
    "grades": [Case(get=ANYBODY)],
    "changes": [Case(get=needs(P.AUDIT))],
    "exports": [Case(get=needs(P.EXPORT), post=needs(P.EXPORT))],
}
OPEN = {"login", "logout"}  # without log-in; tests/accounts walks through them
# The admin's own addresses that belong to no model: who is staff gets in.
STAFF = (P.AUDIT, P.MANAGE)
ADMIN = {
    "index": needs(*STAFF),
    "jsi18n": needs(*STAFF),
    "password_change": needs(*STAFF),
    "password_change_done": needs(*STAFF),
}
ADMIN_ELSEWHERE = {"login", "logout", "autocomplete", "app_list", "catch_all"}  # below, by name
ADMIN_PAGES = ("changelist", "add", "change", "history", "delete")
ADMIN_MORE = {"accounts_user_password"}  # an administrator sets a password
MANAGED = (User, Site, Membership)


# ---- the addresses ---------------------------------------------------------------------------------------------------


def walk(patterns, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from walk(each.url_patterns, namespace + (f"{each.namespace}:" if each.namespace else ""))
        else:
            yield f"{namespace}{each.name or ''}", each


ADDRESSES = dict(walk(get_resolver().url_patterns))


def admin_names() -> set[str]:
    models = {f"{m._meta.app_label}_{m._meta.model_name}_{page}" for m in admin.site._registry for page in ADMIN_PAGES}
    return {f"admin:{name}" for name in {*models, *ADMIN, *ADMIN_MORE, *ADMIN_ELSEWHERE}}


def test_every_address_is_classified():
    """Who adds an address says in EXPECT who may open it."""
    unnamed = [str(pattern.pattern) for name, pattern in walk(get_resolver().url_patterns) if not name.split(":")[-1]]
    assert all(re.fullmatch(r"<path:object_id>/|\(\?P<url>\.\*\)\$", text) for text in unnamed), unnamed  # the admin's short addresses
    names = {name for name in ADDRESSES if not name.endswith(":") and name}
    assert names - admin_names() == {*EXPECT, *OPEN}
    assert not {name for name in names if name.startswith("admin:")} - admin_names()


# ---- the people and the records --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    label: str
    user: User
    permits: frozenset[Permission]
    near: bool
    client: Client


@dataclass
class Stage:
    """Two sites, a patient at each, and everybody who could knock."""

    people: list[Person]
    place: dict[str, object]
    away: dict[str, object]
    records: dict[type, int]

    def who(self, label: str) -> Person:
        return next(person for person in self.people if person.label == label)

    def url(self, name: str, args: str = "", away: bool = False) -> str:
        return reverse(name, args=args.format_map(self.away if away else self.place).split())


def build_patient(world: World, site: str) -> dict[str, object]:
    """A patient on treatment with a serious event and a query; and one who could be registered."""
    patient = world.enrolled(site)
    day = patient.enrolled_on.isoformat()
    world.dose(patient, "C1D1", day, "1")
    event = world.enter(
        patient, "AE", "new", term="Cytokine release syndrome", scale="ASTCT 2019", grade="1", started_on=day, ongoing="Y",
        serious="Y", action="save",
    ).saved.record  # fmt: skip
    pregnancy = world.enter(patient, "PREG", "new", whose="PATIENT", learned_on=day, action="save").saved.record
    report_everything(world, site, event)
    consent = registry.form("IC").objects.get(patient=patient)
    raiser = world.user("MONITOR", site)
    query = raise_query(user=raiser, patient=patient, form="IC", record=consent.pk, field="icf_version", text="?", value="1.0")
    return {"number": patient.number, "row": event.row, "event": event.pk, "pregnancy": pregnancy.row, "query": query.pk, "fresh": world.screened(site).number,
            "patient": patient.pk, "ruling": ask_reviewer(patient).pk, **two_deviations(raiser, patient, consent.pk),
            **build_references(world, site), **build_account(world, site, patient)}  # fmt: skip


def build_references(world: World, site: str) -> dict[str, object]:
    """A version of the consent form; the laboratory's ranges came with the patient's chart."""
    place = world.site(site)
    line = IcfVersion(site=place, icf_version="1.0", approved_on="2026-05-04", reconsent="N")
    add(user=world.user("COORDINATOR", site), site=place, lines=[line])
    return {"site": site, "icfv": line.pk, "range": ReferenceRange.objects.filter(site=place).first().pk}


def build_people(world: World) -> list[Person]:
    today = clock.today("Europe/Zurich")
    day = timedelta(days=1)
    people = []

    def add(label: str, user: User, permits: frozenset[Permission], near: bool) -> None:
        client = world.client(user)
        client.raise_request_exception = False  # what breaks is a 500 in the list of what is wrong
        client.get(reverse("password"))  # notes the activity once, so that no page under test has to
        people.append(Person(label, user, permits, near, client))

    def odd(label: str, role: Role, site: Site | None, starts: date, ends: date | None) -> None:
        user = create_user(username=label.replace(" ", "."), full_name=label, email="", password=PASSWORD, roles=[(role, site)],
                           starts_on=starts, ends_on=ends, by=SYSTEM)  # fmt: skip
        add(label, user, frozenset(), False)

    for role in Role:
        add(f"{role.value} near", world.user(role, *(["FR03"] if role in SITE_ROLES else [])), SCOPES[role].permits, True)
        if role in SITE_ROLES:
            add(f"{role.value} far", world.user(role, "FR01"), SCOPES[role].permits, False)
    odd("expired investigator", Role.INVESTIGATOR, world.site("FR03"), today - 9 * day, today - day)
    odd("future data manager", Role.DATA_MANAGER, None, today + day, None)
    odd("inspector after the end", Role.INSPECTOR, None, today - 9 * day, today - day)
    nobody = create_user(username="nobody", full_name="Nobody", email="", password=PASSWORD, roles=[], starts_on=today, by=SYSTEM)
    add("no role", nobody, frozenset(), False)
    return people


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker) -> Iterator[Stage]:
    """Built once, inside one transaction that is rolled back at the end; each request is rolled back by itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        place, away = build_patient(world, "FR03"), build_patient(world, "FR01")
        people = build_people(world)
        records = {model: model.objects.filter(patient=place["patient"]).values_list("pk", flat=True).first()
                   for model in [*registry.forms(), Visit, Query, Ruling, Deviation, *REPORTED]}  # fmt: skip
        records |= {Patient: place["patient"], ReferenceRange: place["range"], IcfVersion: place["icfv"]}
        records |= {model: model.objects.earliest("id").pk for model in (Shipment, Vial, VialMovement, StockCount)}  # near: made first
        yield Stage(people, place, away, {model: pk for model, pk in records.items() if pk})
        transaction.set_rollback(True)


def last_change() -> int:
    return Change.objects.order_by("-id").values_list("id", flat=True).first() or 0


def ask(client: Client, method: str, url: str, data=None) -> HttpResponse:
    """One request whose effects are taken back; ``wrote`` says whether it left anything in the trail."""
    with transaction.atomic():
        before = last_change()
        response = getattr(client, method.lower())(url, data or {})
        if response.streaming:
            b"".join(response.streaming_content)
        response.wrote = response.status_code < 500 and last_change() != before  # a broken transaction cannot be asked
        transaction.set_rollback(True)
    return response


def status(response: HttpResponse) -> int:
    """200 stands for everything that lets the person in."""
    return 200 if response.status_code in GOOD else response.status_code


# ---- everybody at every address --------------------------------------------------------------------------------------

CASES = [(name, case) for name, cases in EXPECT.items() for case in cases]
each_case = pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name} {case.args} {case.data.get('action', '')}".strip() for name, case in CASES])


@each_case
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_everybody_at_every_address(stage, name, case, method):
    door = case.get if method == "GET" else case.post
    url, wrong = stage.url(name, case.args), []
    for person in stage.people:
        expected = 405 if door is None else door.answer(person.permits, person.near)
        response = ask(person.client, method, url, case.data if method == "POST" else None)
        found = status(response)
        if found != expected:
            wrong.append(f"{method} {url} as {person.label}: {found}, expected {expected}")
        if response.wrote and (method == "GET" or found != 200):
            wrong.append(f"{method} {url} as {person.label}: {found}, and it wrote something")
    assert wrong == []


@each_case
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_are_unknown(stage, name, case, method):
    for label in ("COORDINATOR near", "no role"):
        assert ask(stage.who(label).client, method, stage.url(name, case.args)).status_code == 405


@each_case
def test_nobody_gets_in_without_log_in(stage, name, case):
    url = stage.url(name, case.args)
    response = ask(Client(), "GET", url)
    assert (response.status_code, response.url) == (302, f"/login/?next={url}")
    response = ask(Client(), "POST", url, case.data)
    if case.data.get("action") == "check":
        assert response.status_code == 302
    else:
        assert response.status_code == 401
        assert 'name="resume_token"' in response.content.decode()
        assert str(stage.place["number"]) not in response.content.decode()


@each_case
def test_a_forged_post_is_refused(stage, name, case):
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = stage.who("COORDINATOR near").client.cookies["sessionid"].value
    for headers in ({}, {"HTTP_ORIGIN": "https://evil.example"}, {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}):
        with transaction.atomic():
            response = client.post(stage.url(name, case.args), case.data, **headers)
        assert response.status_code == 403
        assert "open too long" in response.content.decode()


def test_a_post_with_its_token_is_accepted(stage):
    """The counter-test of the one above."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = stage.who("COORDINATOR near").client.cookies["sessionid"].value
    page = client.get(reverse("patients")).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    assert ask(client, "POST", reverse("new_patient"), {"site": "FR03", "csrfmiddlewaretoken": token}).status_code == 302


# ---- nobody learns of what they may not know -------------------------------------------------------------------------


def body(response: HttpResponse, *hide: object) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())
    for each in hide:
        text = text.replace(str(each), "…")
    return text


MISSING = {"site": "FR77", "range": 777_777, "icfv": 777_777, "number": "FR01-777", "fresh": "FR01-777", "event": 777_777, "query": 777_777, "ruling": 777_777, "deviation": 777_777, "entered": 777_777, "row": 777, "vial": 777_777, "transfer": 777_777, "pregnancy": 777}


@each_case
def test_another_sites_record_looks_like_none_at_all(stage, name, case):
    if "{" not in case.args:
        return
    person = stage.who("INVESTIGATOR near")
    method = "POST" if case.get is None else "GET"
    there = ask(person.client, method, stage.url(name, case.args, away=True), case.data)
    none = ask(person.client, method, reverse(name, args=case.args.format_map(MISSING).split()), case.data)
    assert there.status_code == none.status_code == 404
    assert body(there, *stage.away.values()) == body(none, *MISSING.values(), *stage.away.values())


@pytest.mark.parametrize("label", ["COORDINATOR near", "INVESTIGATOR near"])
def test_a_record_is_reached_through_its_own_patient_only(stage, label):
    """Own patient's number in the address, another patient's record behind it."""
    client, number = stage.who(label).client, stage.place["number"]
    other = {code: registry.form(code).objects.exclude(patient__number=number).values_list("pk", flat=True) for code in ("IC", "DM", "AE")}
    for code, keys in other.items():
        assert keys
        for pk in keys:
            for method in ("GET", "POST"):
                assert ask(client, method, reverse("void", args=[number, code, pk]), {"reason": "x"}).status_code == 404
    assert ask(client, "POST", reverse("query_act", args=[stage.away["query"]]), {"action": "answer"}).status_code == 404
    assert ask(client, "GET", reverse("safety_event", args=[stage.away["event"]])).status_code == 404


@pytest.mark.parametrize("label", ["COORDINATOR near", "MONITOR near", "PHARMACIST near", "STATISTICIAN near", "ADMINISTRATOR near", "no role"])
@pytest.mark.parametrize(
    "address",
    ["/", "/patients/", "/patients/?q={number}", "/patients/?q=FR01", "/patients/?site=FR01", "/queries/?status=ALL", "/queries/?site=FR01&csv=1",
     "/queries/?patient={number}&csv=1", "/deviations/?csv=1", "/deviations/?site=FR01", "/deviations/?patient={number}&sort=breach", "/references/", "/references/FR03/", "/drug/", "/drug/FR03/reconciliation/?csv=1", "/drug/FR03/?q={number}&csv=1", "/admin/dosing/vial/?q={number}", "/rulings/", "/rulings/?csv=1",
     "/rulings/?patient={number}", "/rulings/?site=FR01&sort=patient", "/safety/", "/patients/{number}/events/", "/patients/{number}/events/?csv=1", "/changes/", "/changes/?csv=1",
     "/changes/?site=FR01", "/changes/?patient={number}&csv=1", "/exports/", "/admin/", "/admin/patients/patient/", "/admin/patients/patient/?q={number}",
     "/admin/review/query/", "/admin/adverse_events/adverseevent/?q={number}", "/admin/screening/demographics/?patient__site__code=FR01"],
)  # fmt: skip
def test_no_list_no_filter_no_file_names_another_sites_patient(stage, label, address):
    number = stage.away["number"]
    with transaction.atomic():
        response = stage.who(label).client.get(address.format(number=number))
        said = b"".join(response.streaming_content).decode() if response.streaming else body(response)
        transaction.set_rollback(True)
    said = said.replace(f'value="{number}"', "").replace(f"patient={number}", "").replace(f"q={number}", "")  # the own filter
    assert response.status_code != 302 or number not in response.url
    assert number not in said
    assert str(stage.away["fresh"]) not in said


def test_a_pharmacist_sees_the_doses_and_nothing_else(stage):
    client, number = stage.who("PHARMACIST near").client, stage.place["number"]
    page = body(ask(client, "GET", reverse("patient", args=[number])))
    assert set(re.findall(r"/form/([A-Z]+)/", page)) == {"EC"}
    assert "Cytokine" not in page
    for form in registry.forms():
        slot = "1" if form.is_log() else form.visits[0]
        answer = ask(client, "GET", reverse("record", args=[number, form.code, slot])).status_code
        assert answer == (200 if form.code == "EC" else 403), form.code
        if form.is_log():
            assert ask(client, "GET", reverse("log", args=[number, form.code])).status_code == 403
    dose = body(ask(client, "GET", reverse("record", args=[number, "EC", "C1D1"])))
    assert "Cytokine" not in dose
    assert not re.search(r'name="action" value="(submit|save)"', dose)


@pytest.mark.parametrize("role", ["STATISTICIAN", "ADMINISTRATOR"])
def test_for_some_roles_no_patient_exists(stage, role):
    client = stage.who(f"{role} near").client
    for case_name, case in CASES:
        if "{number}" in case.args or "{fresh}" in case.args:
            for method in ("GET", "POST"):
                answer = ask(client, method, stage.url(case_name, case.args), case.data).status_code
                assert answer in (404, 405), (case_name, method)


def test_an_inspector_reads_everything_and_writes_nothing(stage):
    client = stage.who("INSPECTOR near").client
    for name, case in CASES:
        if name in ("password", "ping"):
            continue
        if case.get and name not in ("void", "move", "exports", "enter_ranges", "new_reference", "new_deviation", "report", *FOR_THE_PHARMACY):
            assert status(ask(client, "GET", stage.url(name, case.args))) == 200, name
        assert status(ask(client, "POST", stage.url(name, case.args), case.data)) in (403, 405), name


# ---- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "answer"), [(0, 200), (1, 404)])
def test_a_membership_ends_with_its_last_day(stage, days, answer):
    with transaction.atomic():
        today = clock.today("Europe/Zurich")
        user = create_user(username="leaving", full_name="Leaving Soon", email="", password=PASSWORD,
                           roles=[(Role.COORDINATOR, Site.objects.get(code="FR03"))], starts_on=today, ends_on=today, by=SYSTEM)  # fmt: skip
        client = World().client(user)
        with clock.set_to(clock.now() + timedelta(days=days)):
            assert client.get(stage.url("patient", "{number}")).status_code == answer
            assert client.get(reverse("queries")).status_code == (200 if answer == 200 else 403)
        transaction.set_rollback(True)


def test_who_is_deactivated_is_out_in_the_middle_of_a_form(stage):
    url = stage.url("record", "{number} IC SCR")
    with transaction.atomic():
        person = stage.who("COORDINATOR near")
        assert person.client.get(url).status_code == 200
        with acting(SYSTEM, source="test"):
            user = User.objects.get(pk=person.user.pk)
            user.is_active = False
            user.save()
        assert person.client.get(url).status_code == 302
        assert person.client.post(url, {"action": "submit", "icf_version": "9"}).status_code == 401
        transaction.set_rollback(True)


# ---- the admin -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ADMIN)
def test_the_admins_own_pages(stage, name):
    for person in stage.people:
        assert status(ask(person.client, "GET", reverse(f"admin:{name}"))) == ADMIN[name].answer(person.permits, True), person.label


@pytest.mark.parametrize("path", ["/admin/autocomplete/", "/admin/patients/", "/admin/accounts/", "/admin/nothing/here/"])
def test_the_rest_of_the_admin_is_for_its_staff(stage, path):
    for person in stage.people:
        found = ask(person.client, "GET", path).status_code
        assert found in ((200, 301, 302, 403, 404) if person.permits & set(STAFF) else (403,)), person.label


def expected_in_admin(person: Person, model: type, page: str) -> set[int]:
    """What a page of the admin may answer to GET. Details are the business of tests/etop_crf."""
    audits, manages = P.AUDIT in person.permits, P.MANAGE in person.permits
    if model in MANAGED and manages:
        return {200, 403} if page in ("add", "history", "delete") else {200}
    if model in MANAGED:
        return {200, 302, 403, 404} if audits else {403, 404}
    if page in ("changelist", "add"):
        return {200} if audits and page == "changelist" else {403}
    if not (person.near and person.permits & {P.VIEW, P.DRUG}):
        return {404}
    return {200} if audits and page != "delete" else {403}


MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_everybody_in_the_admin(stage, model):
    wrong = []
    key = stage.records.get(model) or model._base_manager.values_list("pk", flat=True).first()
    for page in ADMIN_PAGES:
        if key is None and page not in ("changelist", "add"):
            continue
        try:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[] if page in ("changelist", "add") else [key])
        except NoReverseMatch:
            continue
        if model not in MANAGED and model not in stage.records and page not in ("changelist", "add"):
            continue  # no record of a patient to knock for
        for person in stage.people:
            found = status(ask(person.client, "GET", url))
            if found not in expected_in_admin(person, model, page):
                wrong.append(f"GET {url} as {person.label}: {found}")
            posted = ask(person.client, "POST", url, {"post": "yes", "action": "delete_selected", "_selected_action": key or 0})
            managing = model in MANAGED and P.MANAGE in person.permits
            reading = page in ("changelist", "history") and P.AUDIT in person.permits
            if posted.wrote or posted.status_code >= 500 or (status(posted) == 200 and not managing and not reading):
                wrong.append(f"POST {url} as {person.label}: {posted.status_code}, wrote: {posted.wrote}")
    assert wrong == []


def test_only_an_administrator_sets_a_password(stage):
    url = reverse("admin:accounts_user_password", args=[stage.who("COORDINATOR near").user.pk])
    for person in stage.people:
        for method in ("GET", "POST"):
            response = ask(person.client, method, url, {"password1": "x", "password2": "x"})
            allowed = P.MANAGE in person.permits
            assert response.status_code in ((200, 422) if allowed else (403, 404)), person.label
            assert not response.wrote


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/patients/patient/", "/admin/nothing/", "/admin/jsi18n/",
                                  "/admin/autocomplete/", "/admin/password_change/", "/admin/accounts/user/1/password/"])  # fmt: skip
def test_the_admin_is_closed_to_nobody_in_particular(stage, path):
    response = ask(Client(), "GET", path)
    assert response.status_code == 302
    assert re.match(r"(/admin)?/login/\?next=/admin/", response.url)
    assert ask(Client(), "POST", path, {"x": "y"}).status_code == 401


@pytest.mark.parametrize("page", ["add", "1/change/", "1/password/"])
def test_the_admin_refuses_a_forged_post(stage, page):
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = stage.who("ADMINISTRATOR near").client.cookies["sessionid"].value
    assert ask(client, "POST", f"/admin/accounts/user/{page.rstrip('/')}/", {"username": "forged"}).status_code == 403
    assert not User.objects.filter(username="forged").exists()


# ---- nonsense in addresses -------------------------------------------------------------------------------------------

NONSENSE = ["\x00", "%", "..", "'", "\u0661", "new", "0", "-1", "1e3", "9" * 40, "x" * 5000, "ＳＣＲ", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_an_address_is_not_found(stage, nonsense):
    client, wrong = stage.who("COORDINATOR near").client, []
    for name, args in sorted({(name, case.args) for name, case in CASES if case.args}):
        for place in range(len(args.split())):
            parts = args.format_map(stage.place).split()
            parts[place] = nonsense
            try:
                url = reverse(name, args=parts)
            except NoReverseMatch:
                continue
            if nonsense == "new" and place == 2 and "AE" in parts:
                continue  # the address of a new record
            found = {method: ask(client, method, url).status_code for method in ("GET", "POST")}
            # Reporting an event that does not exist is refused in words.
            if not set(found.values()) <= {404, 405}:
                wrong.append((url, found))
    assert wrong == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("value", ["\x00", "x" * 10_000, "%00", "'; DROP TABLE accounts_user; --", "\U0001f9a0", "9" * 400, "-1", "[]", "\r\n"], ids=range(9))
def test_nonsense_in_a_question_is_answered(stage, method, value):
    """No address breaks, whatever stands behind its question mark or in its form."""
    fields = ("q", "site", "status", "form", "patient", "page", "csv", "term", "scale", "action", "text", "reason", "field", "version", "user", "from",
              "until", "before", "after", "next", "slot", "base_version", "entry_token", "change_reason")  # fmt: skip
    typed = dict.fromkeys(fields, value)
    broken = []
    for label in ("COORDINATOR near", "DATA_MANAGER near"):
        for name, case in CASES:
            url = stage.url(name, case.args)
            kept = {key: case.data[key] for key in ("action", "field") if key in case.data}  # so that the rest is read at all
            answer = ask(stage.who(label).client, method, url, typed | kept)
            if answer.status_code >= 500:
                broken.append((label, name, url))
    assert broken == []
