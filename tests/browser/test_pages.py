"""Every main page, for the roles that open it: accessible by axe, no wider than a ward tablet, fit for paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from adverse_events.models import AdverseEvent
from review.models import Deviation, Query, QueryStatus
from tests.conftest import World

pytestmark = pytest.mark.browser

P = "/patients/FR03-001/"
F = P + "form/"


@pytest.fixture
def busy(hands, world: World):
    """A site in the middle of its work: one patient in every state that a page can show."""
    hands.forward(days=-18)
    world.site("CH01")
    coordinator, monitor = world.user("COORDINATOR", "FR03"), world.user("MONITOR", "FR03")
    patient = world.enrolled()
    world.enter(patient, "IC", "SCR", patient_signed_on="2026-06-10", investigator_signed_on="2026-06-11", icf_version="1.0",
                change_reason="Corrected from the source document")  # fmt: skip
    hands.forward(days=1)
    world.dose(
        patient, "C1D1", "2026-06-15", "10", **{"confirm-DOS-001": "1", "why-DOS-001": "The wrong vial was taken"}
    )
    hands.forward(days=2)
    world.enter(patient, "AE", "new", term="Fever", scale="CTCAE 5.0", grade="2", started_on="2026-06-15", ongoing="N",
                ended_on="2026-06-16", serious="N", relationship="Y", action_taken="DOSE NOT CHANGED", outcome="RECOVERED/RESOLVED")  # fmt: skip  # noqa: E501
    world.enter(patient, "AE", "new", action="save", term="Cytokine release syndrome", scale="ASTCT 2019", grade="3",
                started_on="2026-06-15", ongoing="Y", serious="Y", is_hospitalisation="Y")  # fmt: skip
    world.enter(patient, "AE", "new", term="Nausea", scale="CTCAE 5.0", grade="1", started_on="2026-06-16", ongoing="Y",
                serious="N", relationship="N", action_taken="DOSE NOT CHANGED", outcome="NOT RECOVERED/NOT RESOLVED")  # fmt: skip
    from crf import actions
    from review.actions import act_on_query, raise_query
    from review.states import Act

    actions.void(record=AdverseEvent.objects.get(term="Nausea"), by=coordinator, reason="Belongs to another patient")
    hands.forward(days=5)
    world.enter(patient, "EC", "C1D8", occurrence="DELAYED", reason="ADVERSE EVENT")
    fever = AdverseEvent.objects.get(term="Fever")
    asked = raise_query(user=monitor, patient=patient, form="AE", record=fever.pk, field="grade", value="Grade 2",
                        text="The source says 39.1 °C for two days. Please check the grade.")  # fmt: skip
    asked = asked or Query.objects.get(form="AE", record=fever.pk, rule="")
    act_on_query(user=coordinator, query=asked, act=Act.ANSWER, text="Checked, 39.1 °C is grade 2.", value="Grade 2")
    raise_query(
        user=monitor,
        patient=patient,
        form="AE",
        record=fever.pk,
        field="started_on",
        value="15-Jun-2026",
        text="At what time?",
    )
    second = world.patient()
    world.enter(
        second, "IC", "SCR", patient_signed_on="2026-06-20", investigator_signed_on="2026-06-20", icf_version="1.0"
    )
    world.enter(second, "ECOG", "SCR", assessed_on="2026-06-20", ecog="1")
    world.enter(second, "IE", "SCR", assessed_on="2026-06-20", i03="FULFILLED", i10="FULFILLED", e03="PRESENT")
    hands.forward(days=10)
    assert Query.objects.filter(status=QueryStatus.OPEN).exists()
    return patient


COORDINATOR = {
    "home": "/", "patients": "/patients/", "patients-none": "/patients/?q=zzz", "casebook": P, "casebook-screening": "/patients/FR03-002/",
    "consent": F + "IC/SCR/", "demographics-new": "/patients/FR03-002/form/DM/SCR/", "checklist": F + "IE/SCR/",
    "checklist-queries": "/patients/FR03-002/form/IE/SCR/", "ecog-query": "/patients/FR03-002/form/ECOG/SCR/",
    "dose-deviation": F + "EC/C1D1/", "dose-delayed": F + "EC/C1D8/", "dose-new": F + "EC/C1D15/",
    "event-threads": F + "AE/1/", "event-serious": F + "AE/2/", "event-void": F + "AE/3/", "event-new": F + "AE/new/",
    "failure-new": "/patients/FR03-002/form/SF/SCR/", "log": F + "AE/", "log-empty": "/patients/FR03-002/form/AE/",
    "history": F + "IC/SCR/history/", "registration": P + "registration/", "registered": P + "registered/", "registration-unmet": "/patients/FR03-002/registration/",
    "eligibility": P + "eligibility/", "eligibility-open": "/patients/FR03-002/eligibility/", "release": P + "release/",
    "release-open": "/patients/FR03-002/release/", "haematology": F + "HEM/SCR/", "medication-new": F + "CM/new/",
    "serology-new": "/patients/FR03-002/form/SER/SCR/", "screening-log": "/screening-log/", "rulings": "/rulings/",
    "queries": "/queries/", "queries-none": "/queries/?patient=zzz", "deviations": "/deviations/", "safety": "/safety/",
    "password": "/password/",
}  # fmt: skip
BY_ROLE = {
    "INVESTIGATOR": {"home": "/", "casebook": P, "registration-unmet": "/patients/FR03-002/registration/"},
    "PHARMACIST": {"home": "/", "patients": "/patients/", "casebook": P, "dose": F + "EC/C1D1/"},
    "MONITOR": {
        "home": "/", "event-threads": F + "AE/1/", "queries": "/queries/", "changes": "/changes/", "admin": "/admin/",
        "deviations": "/deviations/", "deviation": "/deviations/{deviation}/", "deviation-new": P + "deviation/",
        "admin-list": "/admin/adverse_events/adverseevent/", "admin-detail": "/admin/adverse_events/adverseevent/{event}/change/",
        "admin-history": "/admin/adverse_events/adverseevent/{event}/history/",
    },
    "MEDICAL_REVIEWER": {"home": "/", "rulings": "/rulings/", "eligibility": P + "eligibility/"},
    "STATISTICIAN": {"home": "/", "exports": "/exports/"},
    "DATA_MANAGER": {"home": "/", "patients": "/patients/", "exports": "/exports/", "changes": "/changes/"},
    "SAFETY_DESK": {"home": "/", "safety": "/safety/", "event-serious": F + "AE/2/"},
    "ADMINISTRATOR": {"home": "/", "admin": "/admin/", "admin-list": "/admin/accounts/user/"},
    "INSPECTOR": {"home": "/", "changes": "/changes/", "casebook": P},
}  # fmt: skip


def look(person, name: str, path: str) -> list[str]:
    """Open one page and say everything that is wrong with it."""
    status = person.open(path)
    person.picture(name)
    if status != 200:
        return [f"{path}: {status}"]
    found = person.axe()
    if (over := person.wider_than_page()) > 1:  # one pixel is rounding
        found.append(f"{path} is {over} px wider than the screen")
    return found


def test_the_coordinators_pages(someone, busy):
    person = someone("COORDINATOR", "FR03", width=1024, height=768)
    found = [line for name, path in COORDINATOR.items() for line in look(person, f"coordinator-{name}", path)]
    void = f"{P}void/AE/{AdverseEvent.objects.get(term='Fever').pk}/"
    found += look(person, "coordinator-void", void)
    # a form with every kind of refusal on it, and a deviation that waits to be confirmed
    person.open(F + "EC/C1D15/")
    person.choose("occurrence", "GIVEN")
    person.date("given_on", "32 6 26")
    person.write("start_time", "25:00")
    person.write("dose_mg", "ten")
    person.submit()
    person.picture("coordinator-errors")
    found += person.axe()
    person.date("given_on", "29 6 26")
    person.write("start_time", "10:00")
    person.write("end_time", "11:00")
    person.write("dose_mg", "5")
    person.submit()
    person.picture("coordinator-confirm")
    found += person.axe()
    assert not found, "\n".join(found)


# Sizes in points of every text that the paper shows, and whether a column runs off it.
ON_PAPER = """() => {
  const sizes = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (walk.nextNode()) {
    range.selectNodeContents(walk.currentNode);
    if (walk.currentNode.textContent.trim() && range.getClientRects().length)
      sizes.push(parseFloat(getComputedStyle(walk.currentNode.parentElement).fontSize) * 0.75);
  }
  const groups = document.querySelector(".criteria-groups");
  return [Math.min(...sizes), groups.scrollWidth - groups.clientWidth, sizes.length];
}"""
A4_LANDSCAPE = {"width": 1085, "height": 756}  # without its margins
# Nearly every criterion is against the patient: as much as the page can have to say.
AGAINST = {
    "SCLC": {"confirmed_by": "NOT CONFIRMED", "stage_at_enrolment": "LS", "progressed_on": "2025-09-20", "leptomeningeal": "Y",
             "cord_compression": "Y"},
    "PST": {"drugs": "CARBOPLATIN; ETOPOSIDE"},
    "HX": dict.fromkeys(("irae_any", "malignancy_any", "vascular_any", "autoimmune_any", "immunosuppression_needed", "transplant",
                         "infection_any", "vaccine_any", "surgery_any", "ild", "pneumonitis_active"), "Y"),
    "VS": {"oxygen_saturation": 88}, "EG": {"interpretation": "ABNORMAL", "significant": "Y"},
    "CV": {"lvef": 40, "effusion": "Y", "effusion_significant": "Y"}, "PLE": {"effusion": "Y", "significant": "Y", "catheter": "N"},
    "SER": {"hiv_status": "KNOWN POSITIVE", "hiv_controlled": "N", "hbsag": "POSITIVE", "hbcab": "POSITIVE", "hbv_dna": "ABOVE LOQ",
            "hcvab": "POSITIVE", "hcv_rna": "ABOVE LOQ"},
    "COA": {"inr": "2.9", "aptt": "90"}, "ORG": {"renal": "N", "liver": "N", "haematological": "N"},
    "RP": {"sexually_active": "Y", "willing": "N"},
}  # fmt: skip
IN_LOGS = (
    ("CVH", {"kind": "MYOCARDIAL INFARCTION", "occurred_on": "2026-06"}), ("CVH", {"kind": "STROKE", "occurred_on": "2026-06"}),
    ("OM", {"kind": "Melanoma", "diagnosed_on": "2026-01", "still_active": "Y", "exception": "NONE"}),
    ("AID", {"name": "Psoriasis", "active": "Y", "systemic": "Y", "replacement_only": "N", "treatment_ongoing": "Y"}),
    ("IRAE", {"term": "Colitis", "category": "OTHER", "grade": "4", "recurrent": "N", "ici_stopped": "Y"}),
    ("INF", {"name": "Pneumonia", "started_on": "2026-06-01", "active": "Y", "parenteral": "Y", "antibiotics_completed": "N"}),
    ("VAX", {"name": "Yellow fever", "kind": "LIVE", "given_on": "2026-06-20"}),
    ("PR", {"category": "SURGERY", "name": "Lobectomy", "performed_on": "2026-06-20", "major": "Y"}),
)  # fmt: skip


def test_eligibility_prints_on_one_legible_page(someone, busy, world):
    """On treatment, hardly begun, satisfied throughout, and with nearly everything against: nothing below 6.5 points."""
    against = world.screened(chart=AGAINST, ecog="3")
    for code, answers in IN_LOGS:
        world.enter(against, code, "new", **answers)
    person = someone("COORDINATOR", "FR03")
    for number in ("FR03-001", "FR03-002", world.screened().number, against.number):
        person.open(f"/patients/{number}/eligibility/")
        person.page.emulate_media(media="print")
        person.page.set_viewport_size(A4_LANDSCAPE)
        person.picture(f"eligibility-on-paper-{number}")
        smallest, over, texts = person.page.evaluate(ON_PAPER)
        assert smallest >= 6.5, (number, smallest)
        assert over <= 1 and texts > 100, (number, over, texts)
        paper = person.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1, number
        person.page.emulate_media(media="null")
    words = person.text()
    assert "Melanoma" in words


def test_the_other_roles_pages(someone, busy):
    event, deviation = AdverseEvent.objects.get(term="Fever").pk, Deviation.objects.get(rule="DOS-001").pk
    found = []
    nobody = someone(width=1024, height=768)
    found += look(nobody, "login", "/login/")
    nobody.log_in("nobody", "not the password")
    expect(nobody.page.get_by_role("alert")).to_contain_text("The user name or the password is not right")
    found += nobody.axe()
    nobody.watch.expected |= {"403", "404"}
    stranger = someone("COORDINATOR", "CH01", width=1024, height=768)
    for path, status in (
        (P, 404),
        (F + "AE/1/", 404),
        ("/changes/", 403),
        ("/admin/adverse_events/adverseevent/", 403),
    ):
        assert stranger.open(path) == status, path
        found += stranger.axe()
    assert "FR03" not in stranger.text()
    for role, pages in BY_ROLE.items():
        person = someone(
            role, *(["FR03"] if role in ("INVESTIGATOR", "PHARMACIST", "MONITOR") else []), width=1024, height=768
        )
        for name, path in pages.items():
            found += look(person, f"{role.lower()}-{name}", path.format(event=event, deviation=deviation))
        person.page.context.close()
    assert not found, "\n".join(found)
