"""E9: HIV, hepatitis C and hepatitis B, as the registry record words them.

Each marker is read from the last record that tells it, so that a later sample may supplement an earlier one; what was not done
or not tested takes no result away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from protocol import parameters
from protocol.atoms import (
    Outcome,
    ago,
    atom,
    latest,
    latest_with,
    missing,
    of_screening,
    present,
    reference,
    review,
    undetermined,
)
from protocol.codelists import HivStatus, TestResult, ViralLoad
from protocol.dates import PartialDate, before
from protocol.engine import look
from protocol.facts import Clock, Patient
from protocol.screening_facts import HbvMonitoring, Serology

# Which record tells ----------------------------------------------------------------------------------------------------------

_NO_RESULT = ("", TestResult.NOT_DONE, HivStatus.NOT_TESTED)


def _telling(name: str, serologies: Iterable[Serology], until: PartialDate) -> Serology | None:
    """The last record with a result of a marker; without any, the last with an answer, or else where it is to be entered."""
    every = of_screening(serologies, "taken_on", until)
    answered = [each for each in every if getattr(each, name)]
    results = [each for each in answered if getattr(each, name) not in _NO_RESULT]
    first = [each for each in every if each.visit == "SCR"]
    return latest(results or answered or first or every, "taken_on", until)


def _loaded(name: str, serologies: Iterable[Serology], until: PartialDate) -> Serology | None:
    """The last record with a viral load."""
    return latest([each for each in serologies if _load_of(name, each)], "taken_on", until)


def _load_of(name: str, each: Serology | None) -> str:
    if each is None:
        return ""
    return _load(getattr(each, name), getattr(each, f"{name}_value"), getattr(each, f"{name}_loq"))


_CONTRADICTORY = "CONTRADICTORY"
_BELOW = (ViralLoad.BELOW, ViralLoad.NOT_DETECTED)


def _load(flag: str, value: Decimal | None, limit: Decimal | None) -> str:
    """A viral load against its limit; '' when none was measured.

    A value exactly at the limit is neither below nor above. What is ticked and what the numbers say may contradict.
    """
    if value is None or limit is None:
        return "" if flag == ViralLoad.NOT_DONE else flag
    if value == limit:
        return ViralLoad.EXACTLY
    counted = ViralLoad.ABOVE if value > limit else ViralLoad.BELOW
    fitting = ("", ViralLoad.ABOVE) if counted is ViralLoad.ABOVE else ("", *_BELOW)
    return (flag or counted) if flag in fitting else _CONTRADICTORY


def _contradicts(name: str, what: str, each: Serology) -> Outcome:
    value, limit = getattr(each, f"{name}_value"), getattr(each, f"{name}_loq")
    said = f"{what} is entered as {getattr(each, name).lower()}, with a value of {value} and a limit of {limit}."
    return undetermined(f"{said} Correct one of them.", f"SER.{name}", each)


_Marker = tuple[str, Serology | None]  # what is said of a marker, and the record that tells it


def _marker(what: str, answer: str, on: Serology | None, needed: bool | None) -> _Marker:
    """A result; without one whether the record's words need it, '' while another marker has to say so first."""
    if answer:
        return f"{what} {answer}", on
    return {True: f"{what} not entered", False: f"{what} not needed", None: ""}[needed], None


def _load_words(name: str, each: Serology | None, serologies: Iterable[Serology], until: PartialDate) -> str:
    """'above the limit of quantification (210, limit 10)'; 'not done' where that was entered; '' when nothing was."""
    load = _load_of(name, each)
    if each is None or not load:
        undone = [one for one in of_screening(serologies, "taken_on", until) if getattr(one, name) == ViralLoad.NOT_DONE]
        return "not done" if undone else ""
    words = load.lower() if load == _CONTRADICTORY else ViralLoad(load).words
    printed = (("", getattr(each, f"{name}_value")), ("limit ", getattr(each, f"{name}_loq")))
    numbers = [f"{what}{number.normalize():f}" for what, number in printed if number is not None]
    return words + (f" ({', '.join(numbers)})" if numbers else "")


def _said(markers: Sequence[_Marker], patient: Patient, clock: Clock) -> str:
    """The markers in words, those of one sample together with its day; last what there is no result of."""
    groups: list[tuple[list[str], Serology]] = []
    lacking = [words for words, record in markers if words and record is None]
    for words, record in markers:
        if record is None:
            continue
        if groups and look(record) is look(groups[-1][1]):
            groups[-1][0].append(words)
        else:
            groups.append(([words], record))
    told = [f"{', '.join(words)}, {ago(on.taken_on, patient, clock)}" for words, on in groups]
    return "; ".join([*told, *lacking]) + "."


# The atoms -------------------------------------------------------------------------------------------------------------------


@atom("E9", "a", "SER.hiv_status", "SER.hiv_controlled")
def hiv(serologies: tuple[Serology, ...], patient: Patient, clock: Clock) -> Outcome:
    """Known uncontrolled HIV infection; the record asks for no test."""
    day = reference(patient, clock)
    positives = [each for each in serologies if each.hiv_status == HivStatus.POSITIVE]
    positive = latest(positives, "taken_on", day)
    if positive is None:
        found = _telling("hiv_status", serologies, day)
        if found is None or not found.hiv_status:
            return missing("HIV status", "SER.hiv_status", found)
        return present(False, f"HIV: {HivStatus(found.hiv_status).words}.", "SER.hiv_status", found)
    negative = latest([each for each in serologies if each.hiv_status == HivStatus.NEGATIVE], "taken_on", day)
    if negative is not None and before(negative.taken_on, positive.taken_on) is not True:
        first, then = (each.taken_on or "no date" for each in (positive, negative))
        said = f"HIV is entered as known positive ({first}) and as negative ({then}). Correct the one that is wrong."
        return undetermined(said, "SER.hiv_status", negative)
    found = latest_with("hiv_controlled", positives, "taken_on", day)
    if found is None or not found.hiv_controlled:
        return missing("whether the HIV infection is controlled", "SER.hiv_controlled", found)
    word = "controlled" if found.hiv_controlled == "Y" else "not controlled"
    said = f"Known HIV infection, {word}, {ago(found.taken_on, patient, clock)}."
    return present(found.hiv_controlled == "N", said, "SER.hiv_controlled", found)


@atom("E9", "b", "SER.hcvab", "SER.hcv_rna")
def hepatitis_c(serologies: tuple[Serology, ...], patient: Patient, clock: Clock) -> Outcome:
    """Active hepatitis C: antibody with HCV RNA above the limit of quantification."""
    day = reference(patient, clock)
    found, rna = _telling("hcvab", serologies, day), _loaded("hcv_rna", serologies, day)
    load, at = _load_of("hcv_rna", rna), rna or found
    if found is None or not found.hcvab:
        return missing("HCV antibody", "SER.hcvab", found)
    if rna is not None and load == _CONTRADICTORY:
        return _contradicts("hcv_rna", "HCV RNA", rna)
    rna_needed = _yes(found.hcvab)
    words = "" if rna_needed is False and not load else _load_words("hcv_rna", rna, serologies, day)
    said = _said((
        _marker("HCV antibody", found.hcvab.lower(), found, True), _marker("HCV RNA", words, rna, rna_needed),
    ), patient, clock)  # fmt: skip
    if found.hcvab == TestResult.NEGATIVE:
        if load in (ViralLoad.ABOVE, ViralLoad.EXACTLY):
            return review(f"{said} The record speaks of RNA with antibodies only: how does the criterion apply?",
                          "SER.hcv_rna", at)
        return present(False, said, "SER.hcvab", found)
    if found.hcvab != TestResult.POSITIVE:
        return undetermined(f"{said} An antibody result is needed.", "SER.hcvab", found)
    if not load:
        return undetermined(f"{said} HCV RNA is needed.", "SER.hcv_rna", at)
    if load == ViralLoad.EXACTLY:
        return review(f"{said} Exactly at the limit is neither above nor below: how does the criterion apply?",
                      "SER.hcv_rna", at)
    return present(load not in _BELOW, said, "SER.hcv_rna", at)


def _yes(result: str) -> bool | None:
    return {str(TestResult.POSITIVE): True, str(TestResult.NEGATIVE): False}.get(result)


def _needed_beside(antigen: str, antibody: str) -> tuple[bool | None, bool | None]:
    """Are anti-HBc and HBV DNA needed? The antibody of who has no HBsAg; the DNA of a carrier and of who has the antibody."""
    carrier = _yes(antigen)
    if carrier is None:
        return None, None
    return not carrier, True if carrier else _yes(antibody)


@atom("E9", "c", "SER.hbsag", "SER.hbv_dna")
def hepatitis_b(serologies: tuple[Serology, ...], patient: Patient, clock: Clock) -> Outcome:
    """Active hepatitis B: HBsAg with HBV DNA above the limit of quantification."""
    day = reference(patient, clock)
    found, core = _telling("hbsag", serologies, day), _telling("hbcab", serologies, day)
    dna = _loaded("hbv_dna", serologies, day)
    load, at = _load_of("hbv_dna", dna), dna or found
    if found is None or not found.hbsag:
        return missing("HBsAg", "SER.hbsag", found)
    if dna is not None and load == _CONTRADICTORY:
        return _contradicts("hbv_dna", "HBV DNA", dna)
    antibody = core.hbcab if core else ""
    core_needed, dna_needed = _needed_beside(found.hbsag, antibody)
    words = "" if dna_needed is False and not load else _load_words("hbv_dna", dna, serologies, day)
    said = _said((
        _marker("HBsAg", found.hbsag.lower(), found, True), _marker("anti-HBc", antibody.lower(), core, core_needed),
        _marker("HBV DNA", words, dna, dna_needed),
    ), patient, clock)  # fmt: skip
    if found.hbsag not in (TestResult.POSITIVE, TestResult.NEGATIVE):
        return undetermined(f"{said} An HBsAg result is needed.", "SER.hbsag", found)
    carrier = found.hbsag == TestResult.POSITIVE
    if load == ViralLoad.EXACTLY:
        return review(f"{said} Exactly at the limit is neither above nor below: how does the criterion apply?",
                      "SER.hbv_dna", at)
    if load == ViralLoad.ABOVE:
        if carrier:
            return present(True, said, "SER.hbv_dna", at)
        return review(f"{said} 'Active' needs HBsAg, 'resolved' needs DNA below the limit: how does it apply?",
                      "SER.hbv_dna", at)
    if not carrier and antibody not in (TestResult.POSITIVE, TestResult.NEGATIVE):
        return undetermined(f"{said} An anti-HBc result is needed.", "SER.hbcab", core)
    if carrier or antibody == TestResult.POSITIVE:
        if not load:
            return undetermined(f"{said} HBV DNA is needed.", "SER.hbv_dna", at)
        state = "Inactive carrier" if carrier else "Resolved infection"
        return present(False, f"{said} {state}: allowed, with regular monitoring.", "SER.hbv_dna", at)
    return present(False, said, "SER.hbsag", found)


def may_reactivate(serologies: Sequence[Serology], until: PartialDate) -> Serology | None:
    """The record with the HBsAg of an inactive carrier or a resolved hepatitis B: it is monitored, and prophylaxis assessed."""
    antigen, core = _telling("hbsag", serologies, until), _telling("hbcab", serologies, until)
    if antigen is None or _load_of("hbv_dna", _loaded("hbv_dna", serologies, until)) not in _BELOW:
        return None
    resolved = antigen.hbsag == TestResult.NEGATIVE and core is not None and core.hbcab == TestResult.POSITIVE
    return antigen if antigen.hbsag == TestResult.POSITIVE or resolved else None


def next_dna(
    serologies: Sequence[Serology], samples: Sequence[HbvMonitoring], patient: Patient, clock: Clock, *, ended: bool
) -> date | None:
    """The day on which the next HBV DNA is due of somebody registered who may reactivate, for as long as treatment lasts.

    None while the interval is to be supplied, and while no sample has a day.
    """
    interval = parameters.value("hbv_dna_interval_days")
    if interval is None or ended or patient.enrolled_on is None:
        return None
    # Who might reactivate at registration is monitored whatever a later serology says, and so is who is found out later.
    if not any(may_reactivate(serologies, day) for day in (reference(patient, clock), PartialDate.of(clock.today))):
        return None
    measured = [
        *(each.taken_on for each in serologies if _load_of("hbv_dna", each)),
        *(each.taken_on for each in samples if each.hbv_dna not in ("", ViralLoad.NOT_DONE)),
    ]  # fmt: skip
    last = max((on.latest for on in measured if on), default=None)
    return last + timedelta(days=parameters.whole("hbv_dna_interval_days")) if last else None


def markers_read(serologies: Sequence[Serology], until: PartialDate) -> list[Serology | None]:
    """The records that E9 reads its markers from; one without an answer is none."""
    names = ("hiv_status", "hbsag", "hbcab", "hcvab")
    found = [(name, _telling(name, serologies, until)) for name in names]
    return [each for name, each in found if each is not None and getattr(each, name)]
