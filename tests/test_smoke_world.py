"""The builder itself: one patient from consent to first dose to adverse event."""

import pytest

from tests.crf.fixtures import noon  # noqa: F401


@pytest.mark.usefixtures("noon")
def test_one_patient_from_consent_to_an_adverse_event(world):
    from audit import examine
    from review.models import Deviation, Query

    patient = world.enrolled()
    assert (patient.number, patient.enrolment_number) == ("FR03-001", 1)
    day = patient.enrolled_on.isoformat()
    world.dose(patient, "C1D1", day, "1")
    saved = world.enter(
        patient, "AE", "new", term="Cytokine release syndrome", scale="ASTCT 2019", grade="1", started_on=day, ongoing="Y",
        serious="N", relationship="Y", action_taken="DOSE NOT CHANGED", outcome="RECOVERING/RESOLVING",
        special_interest="CRS", baseline="N", treatment_given="N",
    )  # fmt: skip
    assert saved.saved.record.row == 1
    assert list(Query.objects.values_list("rule", "text")) == []
    assert not Deviation.objects.exists()
    assert list(examine.findings()) == []
