"""Signatures: who may sign, what breaks one, and the mark on every later change."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.access import actor_for
from accounts.actions import change_password
from accounts.login import FAILED, LOCKED, is_locked
from accounts.models import Membership
from accounts.policy import FAILURES, LOCKED_FOR
from accounts.roles import Permission, Role
from audit import clock
from audit.context import SYSTEM, NotAudited, acting
from audit.examine import findings
from audit.models import Change
from review import signatures
from review.models import Query, Signature
from review.signatures import Proof, Signed, WrongPassword, is_signed, prove, sign, standing
from tests.conftest import PASSWORD

VALUES = {"i01": "FULFILLED", "i03": "FULFILLED", "assessed_on": "2026-06-10", "comment": ""}
MEANING = "every criterion has been checked"


@pytest.fixture
def investigator(world):
    return world.user("INVESTIGATOR")


@pytest.fixture
def patient(world):
    return world.patient()


def signed(user, patient, *, record=1, values=VALUES, meaning=MEANING, password=PASSWORD, **more) -> Signature:
    return sign(user=user, patient=patient, form="IE", record=record, meaning=meaning, values=values, password=password, **more)


def failures(user) -> list[str]:
    return list(Change.objects.filter(form="ACCESS", record=user.username).values_list("field", flat=True))


# ---- signing ---------------------------------------------------------------------------------------------------------


def test_what_a_signature_says(investigator, patient):
    with clock.set_to(datetime(2026, 11, 20, 13, 3, tzinfo=UTC)):
        signed(investigator, patient)
    kept = Signature.objects.get()
    assert (kept.signer, kept.printed_name, kept.role) == (investigator.username, investigator.full_name, "Investigator")
    assert (kept.form, kept.record, kept.patient, kept.meaning) == ("IE", 1, patient, MEANING)
    assert kept.signed_at == datetime(2026, 11, 20, 13, 3, tzinfo=UTC)
    trail = Change.objects.filter(form="SIGNATURE").select_related("change_set")
    assert {(change.patient, change.site, change.actor, change.change_set.source) for change in trail} == {
        (patient.number, "FR03", investigator.username, "signature")
    }
    assert list(findings()) == []


def test_no_value_is_kept_in_it(investigator, patient):
    kept = signed(investigator, patient, values={"birth_date": "1931-07-12"})
    assert "1931" not in kept.covered
    assert signatures.covered_fields(kept.covered) == ("birth_date",)


def test_the_same_values_have_other_digests_in_each_signature(investigator, patient):
    covers = [json.loads(signed(investigator, patient, record=record).covered) for record in (1, 2)]
    assert covers[0]["salt"] != covers[1]["salt"]
    assert not set(covers[0]["fields"].values()) & set(covers[1]["fields"].values())


def test_the_role_is_the_one_that_has_the_right(world, patient):
    """Somebody who is coordinator and investigator signs a registration as investigator."""
    user = world.user("COORDINATOR")
    with acting(SYSTEM, source="test"):
        Membership(user=user, site=patient.site, role=Role.INVESTIGATOR, starts_on=clock.today("Europe/Paris")).save()
    assert signed(user, patient).role == "Site coordinator"
    assert signed(user, patient, right=Permission.REGISTER).role == "Investigator"


@pytest.mark.parametrize(
    ("role", "site", "right"),
    [
        ("COORDINATOR", "FR03", Permission.REGISTER),
        ("MONITOR", "FR03", Permission.REGISTER),
        ("DATA_MANAGER", "", Permission.REGISTER),
        ("INVESTIGATOR", "CH01", Permission.REGISTER),
        ("INVESTIGATOR", "CH01", None),
    ],
)
def test_who_may_not(world, patient, role, site, right):
    with pytest.raises(PermissionDenied):
        signed(world.user(role, *([site] if site else [])), patient, right=right)
    assert not Signature.objects.exists()


@pytest.mark.parametrize(("meaning", "values"), [("", VALUES), (" \n", VALUES), (MEANING, {})])
def test_a_signature_of_nothing_is_no_signature(investigator, patient, meaning, values):
    with pytest.raises(ValueError, match="meaning and values"):
        signed(investigator, patient, meaning=meaning, values=values)
    assert not Signature.objects.exists()


def test_a_signature_is_neither_changed_nor_deleted(investigator, patient):
    kept = Signature.objects.get(pk=signed(investigator, patient).pk)
    kept.meaning = "something else"
    with pytest.raises(NotAudited, match="never changed"), acting(SYSTEM, source="test"):
        kept.save()
    with pytest.raises(NotAudited):
        kept.delete()
    with pytest.raises(NotAudited):
        Signature.objects.all().delete()
    assert Signature.objects.get().meaning == MEANING


# ---- the password ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "wrong", PASSWORD.lower(), f" {PASSWORD}", PASSWORD[:-1]])
def test_a_wrong_password_signs_nothing_and_is_in_the_trail(investigator, patient, typed):
    with pytest.raises(WrongPassword, match="Nothing was signed"):
        signed(investigator, patient, password=typed)
    assert not Signature.objects.exists()
    assert failures(investigator) == [FAILED]


def test_wrong_passwords_lock_the_account_and_then_the_right_one_signs_nothing(investigator, patient):
    for _ in range(FAILURES):
        with pytest.raises(WrongPassword):
            signed(investigator, patient, password="wrong")
    assert is_locked(investigator.username)
    with pytest.raises(WrongPassword, match="locked"):
        signed(investigator, patient)
    assert failures(investigator)[-1] == LOCKED
    with clock.set_to(clock.now() + LOCKED_FOR):
        assert signed(investigator, patient).pk


def test_the_last_try_before_the_lock_signs(investigator, patient):
    for _ in range(FAILURES - 1):
        with pytest.raises(WrongPassword):
            signed(investigator, patient, password="wrong")
    assert signed(investigator, patient).pk


def test_the_old_password_proves_nothing(investigator, patient):
    change_password(user=investigator, password="Another-Staple-7-Pony", by=actor_for(investigator))
    with pytest.raises(WrongPassword):
        signed(investigator, patient)
    assert signed(investigator, patient, password="Another-Staple-7-Pony").pk


def test_a_proof_holds_for_the_person_who_gave_it(world, investigator, patient):
    with pytest.raises(WrongPassword, match="another person"):
        signed(investigator, patient, password=prove(user=world.user("COORDINATOR"), password=PASSWORD))
    assert not Signature.objects.exists()


def test_it_joins_the_open_act_of_the_same_person(investigator, patient):
    proof = prove(user=investigator, password=PASSWORD)
    with acting(actor_for(investigator, patient.site), source="registration"):
        signed(investigator, patient, password=proof)
    sources = Change.objects.filter(form="SIGNATURE").values_list("change_set__source", flat=True)
    assert set(sources) == {"registration"}


def test_inside_an_act_a_password_is_not_even_asked(investigator, patient):
    """A refused act is rolled back, and with it would go the note of the failure: nobody would ever be locked out."""
    for password in (PASSWORD, "wrong"):
        with acting(actor_for(investigator, patient.site), source="registration"), pytest.raises(NotAudited, match="before"):
            signed(investigator, patient, password=password)
    assert not Signature.objects.exists()


def test_it_does_not_join_the_act_of_somebody_else(investigator, patient):
    with pytest.raises(NotAudited), acting(SYSTEM, source="check_rules"):
        signed(investigator, patient, password=Proof(investigator.username))
    assert not Signature.objects.exists()


# ---- what breaks it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "broken"),
    [
        (VALUES, ()),
        (dict(reversed(VALUES.items())), ()),
        (VALUES | {"added_later": "Y"}, ()),
        ({name: value for name, value in VALUES.items() if name != "comment"}, ()),
        (VALUES | {"comment": None}, ()),
        (VALUES | {"i03": "NOT FULFILLED"}, ("i03",)),
        (VALUES | {"i03": ""}, ("i03",)),
        (VALUES | {"i03": None}, ("i03",)),
        (VALUES | {"i03": "fulfilled"}, ("i03",)),
        (VALUES | {"comment": " "}, ("comment",)),
        (VALUES | {"i01": VALUES["assessed_on"], "assessed_on": VALUES["i01"]}, ("assessed_on", "i01")),
        ({}, ("assessed_on", "i01", "i03")),
    ],
)
def test_a_changed_value_breaks_it(investigator, patient, now, broken):
    signed(investigator, patient)
    found = standing("IE", 1, now)
    assert (found.signed, found.broken, found.stands) == (True, broken, not broken)


def test_a_value_that_comes_back_mends_it(investigator, patient):
    signed(investigator, patient)
    assert standing("IE", 1, VALUES | {"i03": "NOT FULFILLED"}).broken
    assert standing("IE", 1, VALUES).stands


def test_the_latest_signature_counts(world, investigator, patient):
    other = world.user("SUB_INVESTIGATOR")
    signed(investigator, patient)
    changed = VALUES | {"i03": "NOT FULFILLED"}
    signed(other, patient, values=changed)
    found = standing("IE", 1, changed)
    assert (found.stands, found.by, found.role) == (True, other.full_name, "Sub-investigator")
    assert standing("IE", 1, VALUES).broken == ("i03",)


def test_a_signature_of_one_meaning(investigator, patient):
    signed(investigator, patient)
    signed(investigator, patient, meaning="the first dose may be given", values={"i09": "FULFILLED"})
    assert standing("IE", 1, VALUES, meaning=MEANING).stands
    assert standing("IE", 1, VALUES).broken == ("i09",)
    assert not standing("IE", 1, VALUES, meaning="nobody said this").signed


@pytest.mark.parametrize(("form", "record"), [("IE", 2), ("DM", 1), ("", 0), ("'; --", 1)])
def test_another_record_is_not_signed(investigator, patient, form, record):
    signed(investigator, patient)
    assert is_signed("IE", 1)
    assert not is_signed(form, record)
    assert standing(form, record, VALUES) == Signed(False)


def test_how_it_is_said(investigator, patient):
    assert (Signed(False).text, Signed(False).kind) == ("Not signed", "neutral")
    signed(investigator, patient)
    found = standing("IE", 1, VALUES)
    assert (found.text, found.kind) == (f"Signed: {MEANING}, by Investigator FR03 (Investigator)", "ok")
    found = standing("IE", 1, VALUES | {"i03": "", "i01": ""})
    assert (found.text, found.kind) == ("Signature broken: i01, i03 changed since", "warn")


@pytest.mark.parametrize(
    ("broken", "words", "says", "icon"),
    [
        ((), "", "Signed: checked, by Ann &lt;b&gt; (Investigator), 05-Jan-2026 14:03", "sign"),
        (("i03",), "", "Signature broken: i03 changed since. It was signed: checked, by Ann", "warn"),
        (("i03", "i04"), "ECOG and age", "Signature broken: ECOG and age changed since.", "warn"),
    ],
)
def test_how_it_is_shown(broken, words, says, icon):
    shown = Signed(True, "Ann <b>", "Investigator", datetime(2026, 1, 5, 14, 3, tzinfo=UTC), "checked", broken)
    html = render_to_string("components/signature.html", {"signature": shown, "broken_words": words})
    assert says in html
    assert f"icons.svg#{icon}" in html


def test_nothing_signed_is_shown_as_such():
    assert "Not signed</span>" in render_to_string("components/signature.html", {"signature": Signed(False)})


# ---- the mark on later changes ---------------------------------------------------------------------------------------


@pytest.fixture
def dose(world, noon):
    """A submitted dose of a registered patient."""
    patient = world.enrolled()
    return patient, world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), "1").saved.record


def sign_dose(world, patient, record) -> Signature:
    return sign(user=world.user("INVESTIGATOR"), patient=patient, form="EC", record=record.pk, meaning="given as entered",
                values={"dose_mg": "1"}, password=PASSWORD)  # fmt: skip


def give(world, patient, mg):
    why = {"confirm-DOS-001": "1", "why-DOS-001": "It happened"}
    world.dose(patient, "C1D1", patient.enrolled_on.isoformat(), mg, change_reason="read again", **why)


def marked() -> list[tuple[str, str]]:
    return list(Change.objects.filter(after_signature=True).order_by("id").values_list("form", "field"))


def test_a_change_before_the_signature_is_not_marked(world, dose):
    give(world, dose[0], "5")
    sign_dose(world, *dose)
    assert marked() == []


def test_a_change_after_it_is_marked_and_the_queries_that_follow_are_not(world, dose):
    sign_dose(world, *dose)
    before = Query.objects.count()
    give(world, dose[0], "5")
    assert Query.objects.count() > before
    assert Change.objects.filter(form="DEVIATION").exists()
    assert marked() == [("EC", "dose_mg")]
    assert not Change.objects.filter(after_sdv=True).exists()


def test_a_void_and_a_restore_after_it_are_marked(world, dose):
    patient, record = dose
    sign_dose(world, patient, record)
    client, url = world.client(world.user("COORDINATOR")), reverse("void", args=[patient.number, "EC", record.pk])
    client.post(url, {"reason": "wrong patient", "act": "void"})
    assert set(marked()) == {("EC", "voided"), ("EC", "void_reason")}
    client.post(url, {"reason": "right after all", "act": "restore"})
    assert len(marked()) == 4


def test_a_query_and_a_verification_neither_break_it_nor_are_marked(world, dose):
    patient, record = dose
    sign_dose(world, patient, record)
    client = world.client(world.user("MONITOR"))
    client.post(reverse("query_raise", args=[patient.number, "EC", "C1D1"]), {"field": "dose_mg", "text": "Sure?"})
    client.post(reverse("verify", args=[patient.number, "EC", "C1D1"]), {"version": record.version})
    assert Query.objects.filter(raised_by="monitor.fr03").exists()
    assert marked() == []
    assert standing("EC", record.pk, {"dose_mg": "1"}).stands


def test_another_record_of_the_form_is_not_marked(world, dose):
    patient, record = dose
    sign_dose(world, patient, record)
    other = world.enrolled()
    world.dose(other, "C1D1", other.enrolled_on.isoformat(), "1")
    give(world, other, "5")
    assert marked() == []


def test_the_page_over_all_changes_finds_them(world, dose):
    sign_dose(world, *dose)
    give(world, dose[0], "5")
    page = world.client(world.user("DATA_MANAGER")).get(reverse("changes"), {"after_signature": "1"}).context["page"]
    assert [(line.form, line.field, line.note) for line in page.lines] == [("EC", "dose_mg", "after signature")]


def test_the_trail_shows_which_fields_and_no_digest(world, dose):
    kept = sign_dose(world, *dose)
    client = world.client(world.user("DATA_MANAGER"))
    page = client.get(reverse("changes"), {"form": "SIGNATURE"}).context["page"]
    assert [line.new for line in page.lines if line.field == "covered" and line.record == str(kept.pk)] == ["dose_mg"]
    shown = client.get(reverse("admin:review_signature_change", args=[kept.pk])).content.decode()
    digest = json.loads(kept.covered)["fields"]["dose_mg"]
    assert "given as entered" in shown and digest not in shown
    assert client.get(reverse("admin:review_signature_changelist")).status_code == 200


# ---- what leaves -----------------------------------------------------------------------------------------------------


def test_a_signature_leaves_without_its_digests(world, dose, tmp_path):
    from exports.actions import export

    kept = sign_dose(world, *dose)
    export(to=tmp_path / "out", format="csv", by=SYSTEM)
    files = {path.name: path.read_text(encoding="utf-8-sig") for path in (tmp_path / "out").iterdir()}
    assert f"given as entered,{kept.signer},{kept.printed_name},Investigator," in files["signatures.csv"]
    secrets = [*json.loads(kept.covered)["fields"].values(), json.loads(kept.covered)["salt"]]
    assert [name for name, text in files.items() if any(secret in text for secret in secrets)] == []
    assert "covered" in files["audit_trail.csv"]
