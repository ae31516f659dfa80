"""What was done before both had signed the consent: on every form that may be routine care, through the entry page."""

from __future__ import annotations

import pytest

from crf import registry
from crf.declared import STANDARD_OF_CARE
from protocol import engine
from protocol.signatures import PROCEDURES
from review.models import Deviation, DeviationStatus
from tests.crf.page import Page
from tests.protocol.build import consent, day
from tests.protocol.screening_build import cv, vs, whole

pytestmark = pytest.mark.usefixtures("noon")

FORMS = [form for form in registry.forms() if any(field.name == STANDARD_OF_CARE for field in form._meta.fields)]


def fired(of, rule):
    return [found.message for found in engine.findings([engine.RULES[rule]], of)]


def test_i10_looks_at_every_form_that_may_be_routine_care():
    assert {form.fact: form.dated_by for form in FORMS} == {fact: name for fact, (name, _) in PROCEDURES.items()}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_the_rule_names_the_date_the_answer_and_both_signatures(form):
    found = [rule for rule in engine.RULES.values() if rule.form == form.code and rule.id.endswith("-consent")]
    assert [rule.field for rule in found] == [form.dated_by]
    assert found[0].also == (f"{form.code}.standard_of_care", "IC.patient_signed_on", "IC.investigator_signed_on")


@pytest.mark.parametrize(("patient", "investigator", "taken", "care", "last"), [
    ("2026-06-02", "2026-06-02", "2026-06-01", "N", "investigator on 02-Jun-2026"),
    ("2026-06-02", "2026-06-02", "2026-06-02", "N", None),
    ("2026-06-01", "2026-06-09", "2026-06-08", "N", "investigator on 09-Jun-2026"),
    ("2026-06-01", "2026-06-09", "2026-06-09", "N", None),
    ("2026-06-09", "2026-06-01", "2026-06-08", "", "patient on 09-Jun-2026"),
    ("2026-06-01", "2026-06-09", "2026-06-08", "Y", None),
    ("2026-06-01", "2026-06-09", "2026-05-31", "Y", None),
    ("", "2026-06-09", "2026-06-08", "N", "investigator on 09-Jun-2026"),
    ("2026-06-09", "", "2026-06-08", "N", "patient on 09-Jun-2026"),
    ("", "", "2026-06-08", "N", None),
    ("2026-06-01", "2026-06-09", "", "N", None),
    # A part of the date that nobody knows
    ("2026-06-01", "2026-06", "2026-06-08", "N", None),
    ("2026-06-01", "2026-06", "2026-05-31", "N", "investigator on Jun-2026"),
    ("2026-06-02", "2026-06-02", "2026-06", "N", None),
    ("2026-06-02", "2026-06-02", "2026-05", "N", "investigator on 02-Jun-2026"),
])  # fmt: skip
def test_before_either_signature(patient, investigator, taken, care, last):
    of = whole(consent=consent(patient, investigator), vs=vs(taken_on=day(taken), standard_of_care=care))
    found = fired(of, "VS-VSDAT-consent")
    assert len(found) == (last is not None)
    assert all(f"(last the {last})" in each for each in found)


def test_no_consent_form_says_nothing():
    assert not fired(whole(consent=None, cv=cv(standard_of_care="N")), "CV-CVDAT-consent")


def test_the_investigator_signs_after_the_scan(world, coordinator):
    """The deviation waits for its reason; answered as routine care, it is withdrawn."""
    patient = world.patient()
    world.enter(patient, "IC", "SCR", patient_signed_on="2026-06-10", investigator_signed_on="2026-06-15", icf_version="1")
    page = Page(world, coordinator, patient, "CV", "SCR")
    page.fill(scanned_on="2026-06-12", method="ECHOCARDIOGRAPHY", lvef="60", effusion="N", standard_of_care="N")
    assert page.post("submit").status_code == 422
    assert "last the investigator on 15-Jun-2026" in page.read.shown
    assert not registry.form("CV").objects.exists()
    why = {"confirm-CV-CVDAT-consent": "1", "why-CV-CVDAT-consent": "The investigator was away"}
    assert page.post("submit", **why).status_code == 302
    assert Deviation.objects.get().why == "The investigator was away"
    page = Page(world, coordinator, patient, "CV", "SCR")
    page.fill(standard_of_care="Y").post("submit", change_reason="It was the routine echocardiogram")
    assert Deviation.objects.get().status == DeviationStatus.WITHDRAWN
