"""Labels of codelists within a sentence."""

from __future__ import annotations

import pytest

from protocol.codelists import Confirmation, EchoMethod, EffusionMethod, VaccineKind, ViralLoad


@pytest.mark.parametrize(("value", "words"), [
    (VaccineKind("VIRAL NON-REPLICATING"), "live viral, non-replicating (such as Jynneos)"),
    (VaccineKind("INACTIVATED OR NON-LIVE"), "inactivated or non-live (mRNA and subunit included)"),
    (Confirmation.NOT_CONFIRMED, "not confirmed"), (ViralLoad.BELOW, "below the limit of quantification"),
    (EchoMethod.MUGA, "MUGA scan"), (EchoMethod.ECHO, "echocardiogram (ECHO)"), (EffusionMethod("CT SCAN"), "CT"),
])  # fmt: skip
def test_names_and_abbreviations_keep_their_capitals(value, words):
    assert value.words == words
