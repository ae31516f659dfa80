"""ASTCT grades of CRS and ICANS: every combination of the tables, their boundaries, what is unknown, and courses."""

from __future__ import annotations

import dataclasses
import itertools
from decimal import Decimal

import pytest

from protocol import parameters
from protocol.astct import (
    ICE_ITEMS,
    CrsFindings,
    IcansFindings,
    crs_course,
    crs_grade,
    icans_course,
    icans_grade,
)
from protocol.codelists import IceObstacle
from protocol.graded import NOT_IT, Graded, Point, course
from protocol.safety_codelists import Consciousness, OxygenDevice, RaisedPressure, SeizureKind, Vasopressor
from tests.protocol.grading import at, crs, icans

NOR, EPI, PHEN, VASO = "NOREPINEPHRINE", "EPINEPHRINE", "PHENYLEPHRINE", "VASOPRESSIN"
LOW, HIGH = OxygenDevice.LOW_FLOW, OxygenDevice.HIGH_FLOW

# CRS: the table -----------------------------------------------------------------------------------------------------------

# What was entered of blood pressure and of oxygen, and the level that the published table gives it.
PRESSURES = [
    (dict(), 0), (dict(pressors=set()), 2), (dict(pressors={NOR}), 3), (dict(pressors={NOR, VASO}), 3),
    (dict(pressors={VASO}), 3), (dict(pressors={NOR, EPI}), 4), (dict(pressors={NOR, PHEN, VASO}), 4),
    (dict(pressors={"OTHER"}), 3), (dict(pressors={"OTHER", NOR}), 4),
    (dict(pressors={NOR, EPI}, hypotension_no_other_cause=False), 0),
]  # fmt: skip
OXYGEN = [
    (dict(), 0), (dict(device=LOW, flow="4"), 2), (dict(device=LOW, flow="6"), 2), (dict(device=LOW, flow="6.0"), 2),
    (dict(device=LOW, flow="6.1"), 3), (dict(device=HIGH, flow="6"), 2), (dict(device=HIGH, flow="6.1"), 3),
    (dict(device=HIGH, flow="40"), 3), (dict(device="BLOW-BY"), 2), (dict(device="BLOW-BY", flow="10"), 2),
    (dict(device="FACE MASK", flow="5"), 3), (dict(device="FACE MASK"), 3), (dict(device="NON-REBREATHER MASK"), 3),
    (dict(device="VENTURI MASK"), 3), (dict(device="CPAP"), 4), (dict(device="BIPAP"), 4), (dict(device="INTUBATION"), 4),
    (dict(device="INTUBATION", hypoxia_no_other_cause=False), 0),
]  # fmt: skip
# Temperature, a fever earlier in the event, therapy given: is it CRS, and is there a fever now?
FEVERS = [
    ("38.0", False, False, True, True), ("38", False, False, True, True), ("41.2", True, True, True, True),
    ("37.9", False, False, False, False), ("37.99", False, False, False, False), ("37.9", True, False, False, False),
    ("37.9", False, True, False, False), ("37.9", True, True, True, False), ("35.5", True, True, True, False),
]  # fmt: skip


@pytest.mark.parametrize(("pressure", "low"), PRESSURES)
def test_crs_table(pressure, low):
    for (device, lacking), (temperature, earlier, treated, is_crs, warm) in itertools.product(OXYGEN, FEVERS):
        found = crs_grade(crs(temperature, fever_earlier=earlier, antipyretic_or_anticytokine=treated, **pressure, **device))
        worst = max(low, lacking)
        expected = NOT_IT if not is_crs else str(worst or (1 if warm else 0))
        assert found.possible == (expected,), (device, temperature, earlier, treated)
        assert found.missing == () and found.grade == (None if expected == NOT_IT else expected)
        assert bool(found.reason) is (expected == NOT_IT) and bool(found.cell) is (expected != NOT_IT)


def test_every_device_and_vasopressor_is_in_the_table():
    assert {each.value for each in OxygenDevice} == {str(row[0].get("device", "NONE")) for row in OXYGEN}
    for each in Vasopressor:
        assert crs_grade(crs(pressors={each.value})).grade == "3"


@pytest.mark.parametrize(("findings", "grade", "cell"), [
    (crs("38.4"), "1", "Fever: 38.4 °C; no hypotension; no hypoxia"),
    (crs("38.4", device=LOW, flow="4"), "2", "Hypoxia: low-flow nasal cannula, 4 L/min"),
    (crs("38.4", device=LOW, flow="8"), "3", "Hypoxia: high-flow nasal cannula, 8 L/min"),
    (crs("38.4", device="BLOW-BY"), "2", "Hypoxia: blow-by oxygen"),
    (crs("38.4", device="VENTURI MASK"), "3", "Hypoxia: Venturi mask"),
    (crs("38.4", device="CPAP"), "4", "Hypoxia: positive pressure (CPAP)"),
    (crs("38.4", pressors=set()), "2", "Hypotension: no vasopressor"),
    (crs("38.4", pressors={NOR}), "3", "Hypotension: one vasopressor (norepinephrine)"),
    (crs("38.4", pressors={NOR, VASO}), "3", "Hypotension: one vasopressor with vasopressin (norepinephrine)"),
    (crs("38.4", pressors={VASO}), "3", "Hypotension: vasopressin alone, read as one vasopressor"),
    (crs("38.4", pressors={NOR, EPI}), "4", "Hypotension: several vasopressors (epinephrine, norepinephrine)"),
    (crs("38.4", pressors=set(), device=LOW, flow="2"), "2",
     "Hypotension: no vasopressor; Hypoxia: low-flow nasal cannula, 2 L/min"),
    (crs("38.4", pressors={NOR}, device=LOW, flow="2"), "3", "Hypotension: one vasopressor (norepinephrine)"),
    (crs("36.9", fever_earlier=True, antipyretic_or_anticytokine=True), "0", "No fever, low blood pressure or lack of oxygen any more"),
    (crs("36.9", died=True), "5", "Death from cytokine release syndrome"),
    (CrsFindings(died=True), "5", "Death from cytokine release syndrome"),
])  # fmt: skip
def test_crs_cells(findings, grade, cell):
    found = crs_grade(findings)
    assert (found.grade, found.cell, found.missing, found.reason) == (grade, cell, (), "")


def test_crs_reasons_and_notes():
    found = crs_grade(crs("37.9"))
    assert found.grade is None and found.reason == (
        "Not CRS by ASTCT: no fever of 38.0 °C or more (37.9 °C), and no earlier one that was treated."
    )
    assert "no therapy" in crs_grade(crs("37.9", fever_earlier=True)).reason
    later = crs_grade(crs("36.9", fever_earlier=True, antipyretic_or_anticytokine=True, pressors=set()))
    assert later.grade == "2" and "no longer required" in later.note
    other = crs_grade(crs(pressors={NOR}, hypotension_no_other_cause=False, device="CPAP", hypoxia_no_other_cause=False))
    assert other.grade == "1" and other.note == "Not counted, since another cause is entered: hypotension and lack of oxygen."
    assert other.cell == "Fever: 38.0 °C"
    contradicted = crs_grade(crs(hypotension=False, vasopressors={NOR}))
    assert contradicted.grade == "3" and "answered No" in contradicted.note
    assert crs_grade(crs()).note == ""


def test_vasopressin_alone_is_a_parameter():
    assert parameters.PARAMETERS["vasopressin_alone_grade"].origin is parameters.Origin.ASSUMPTION
    with parameters.override(vasopressin_alone_grade=2):
        assert crs_grade(crs(pressors={VASO})).grade == "2"
        assert crs_grade(crs(pressors={VASO, NOR})).grade == "3"


# CRS: what is not answered ----------------------------------------------------------------------------------------------------

OTHER_CAUSE_LOW, OTHER_CAUSE_OXYGEN = "has the hypotension no other cause", "has the lack of oxygen no other cause"


@pytest.mark.parametrize(("findings", "possible", "missing", "cell"), [
    # nothing answered: what hangs on another question is not called missing yet
    (CrsFindings(), (NOT_IT, "0", "1", "2", "3", "4"),
     ("temperature", "was there a fever earlier in this event", "was antipyretic or anticytokine therapy given", "hypotension",
      "oxygen device"), ""),
    (crs(hypotension=None, vasopressors=None), ("1", "2", "3", "4"), ("hypotension",), "Fever: 38.0 °C; no hypoxia"),
    (crs(hypotension=True, vasopressors=None), ("2", "3", "4"), ("vasopressors",), ""),
    (crs(hypotension=False, vasopressors=None), ("1",), (), "Fever: 38.0 °C; no hypotension; no hypoxia"),
    (crs(pressors={NOR}, hypotension_no_other_cause=None), ("1", "3"), (OTHER_CAUSE_LOW,), "Fever: 38.0 °C; no hypoxia"),
    (crs(hypotension_no_other_cause=None), ("1",), (), "Fever: 38.0 °C; no hypotension; no hypoxia"),
    (crs(device=""), ("1", "2", "3", "4"), ("oxygen device",), "Fever: 38.0 °C; no hypotension"),
    (crs(device=LOW), ("2", "3"), ("oxygen flow",), ""),
    (crs(device=HIGH), ("2", "3"), ("oxygen flow",), ""),
    (crs(device="FACE MASK"), ("3",), (), "Hypoxia: face mask"),
    (crs(device="CPAP", hypoxia_no_other_cause=None), ("1", "4"), (OTHER_CAUSE_OXYGEN,), "Fever: 38.0 °C; no hypotension"),
    (crs(hypoxia_no_other_cause=None), ("1",), (), "Fever: 38.0 °C; no hypotension; no hypoxia"),
    # certain in spite of what is missing
    (crs(device="CPAP", hypotension=None, vasopressors=None), ("4",), (), "Hypoxia: positive pressure (CPAP)"),
    (crs(pressors={NOR}, device=LOW), ("3",), (), "Hypotension: one vasopressor (norepinephrine)"),
    (crs(pressors=set(), device=LOW), ("2", "3"), ("oxygen flow",), "Hypotension: no vasopressor"),
    (crs(None), (NOT_IT, "1"), ("temperature",), ""),
    (crs(None, fever_earlier=True, antipyretic_or_anticytokine=True), ("0", "1"), ("temperature",), ""),
    (crs(None, fever_earlier=True, antipyretic_or_anticytokine=True, device="CPAP"), ("4",), (),
     "Hypoxia: positive pressure (CPAP)"),
    (crs("38.0", fever_earlier=None, antipyretic_or_anticytokine=None), ("1",), (), "Fever: 38.0 °C; no hypotension; no hypoxia"),
    (crs("37.9", fever_earlier=None, antipyretic_or_anticytokine=True, device="CPAP"), (NOT_IT, "4"),
     ("was there a fever earlier in this event",), ""),
    (crs("37.9", fever_earlier=True, antipyretic_or_anticytokine=None, device="CPAP"), (NOT_IT, "4"),
     ("was antipyretic or anticytokine therapy given",), ""),
    (crs("37.9", fever_earlier=False, antipyretic_or_anticytokine=None), (NOT_IT,), (), ""),
    (crs("37.9", fever_earlier=None, antipyretic_or_anticytokine=False), (NOT_IT,), (), ""),
])  # fmt: skip
def test_crs_unknown(findings, possible, missing, cell):
    found = crs_grade(findings)
    assert (found.possible, found.missing, found.cell) == (possible, missing, cell)
    assert (found.grade is None) is (len(possible) > 1 or possible == (NOT_IT,))


ANSWERS = {
    "temperature": (Decimal("36.5"), Decimal("37.9"), Decimal("38.0"), Decimal("40")),
    "fever_earlier": (False, True), "antipyretic_or_anticytokine": (False, True), "hypotension": (False, True),
    "vasopressors": (frozenset(), frozenset({NOR}), frozenset({VASO}), frozenset({NOR, EPI})),
    "hypotension_no_other_cause": (False, True), "oxygen": tuple(each.value for each in OxygenDevice),
    "oxygen_flow": (Decimal(2), Decimal(6), Decimal("6.1"), Decimal(40)), "hypoxia_no_other_cause": (False, True),
}  # fmt: skip


@pytest.mark.parametrize("open_", list(itertools.combinations(ANSWERS, 2)), ids="-".join)
def test_crs_possible_is_what_answers_could_give(open_):
    """Against all answers to two questions at once, whatever the others are: no grade too many, none too few."""
    for base in (crs("38.0"), crs("37.9", fever_earlier=True, antipyretic_or_anticytokine=True, pressors={NOR}),
                 crs("37.9", pressors=set(), device=LOW, flow="7"), crs("39", pressors={NOR, EPI}, device="CPAP")):  # fmt: skip
        blank = {name: "" if name == "oxygen" else None for name in open_}
        full = set()
        for chosen in itertools.product(*(ANSWERS[name] for name in open_)):
            answers = dict(zip(open_, chosen, strict=True))
            if answers.get("vasopressors") and answers.get("hypotension", base.hypotension) is False:
                continue  # an unanswered question about vasopressors means none when the pressure is not low
            whole = dataclasses.replace(base, **answers)
            if whole.oxygen in (LOW, HIGH) and whole.oxygen_flow is None:
                for flow in ANSWERS["oxygen_flow"]:
                    full |= set(crs_grade(dataclasses.replace(whole, oxygen_flow=flow)).possible)
            else:
                full |= set(crs_grade(whole).possible)
        found = crs_grade(dataclasses.replace(base, **blank))
        assert set(found.possible) == full, base
        assert bool(found.missing) is (len(full) > 1)


# CRS: courses -------------------------------------------------------------------------------------------------------------------


def test_crs_course():
    unasked = dict(fever_earlier=None, antipyretic_or_anticytokine=None)
    found = crs_course([
        (at("21:00"), crs("37.1", **{**unasked, "antipyretic_or_anticytokine": False}, device=LOW, flow="2")),
        (at("14:00"), crs("38.6", fever_earlier=False, antipyretic_or_anticytokine=True)),
        (at("18:00"), crs("37.4", **unasked, pressors={NOR})),
        (at("02:00", "2026-06-16"), crs("36.8", **unasked)),
    ])  # fmt: skip
    assert [point.graded.grade for point in found.series] == ["1", "3", "2", "0"]
    assert [point.at for point in found.series] == [at("14:00"), at("18:00"), at("21:00"), at("02:00", "2026-06-16")]
    assert found.worst.grade == "3" and found.reached == at("18:00")
    assert found.worst.cell == "Hypotension: one vasopressor (norepinephrine)"


@pytest.mark.parametrize(("before", "grade"), [("38.0", "3"), ("37.9", None)])
def test_what_counts_as_the_fever_before(before, grade):
    later = crs("36.9", fever_earlier=None, antipyretic_or_anticytokine=True, pressors={NOR})
    found = crs_course([(at("14:00"), crs(before)), (at("16:00"), later)])
    assert found.series[1].graded.grade == grade


def test_nothing_is_carried_back_or_between_times_that_may_be_the_other_way_round():
    unasked = dict(fever_earlier=None, antipyretic_or_anticytokine=None)
    first = crs("37.4", **unasked, pressors={NOR})
    for when in (at("14:00"), at(""), None):
        found = crs_course([(when, first), (at("15:00"), crs("38.6", antipyretic_or_anticytokine=True))])
        afebrile = next(point for point in found.series if point.at == when)
        assert afebrile.graded.possible == (NOT_IT, "3")
        assert found.worst.possible == ("1", "3") and found.reached is None
        assert found.worst.missing == afebrile.graded.missing
    certain = crs_course([(at("", "2026-06-14"), crs("38.6", antipyretic_or_anticytokine=True)), (at("15:00"), first)])
    assert certain.worst.grade == "3" and certain.reached == at("15:00")


def test_no_course_without_an_assessment_and_none_of_what_is_no_crs():
    with pytest.raises(ValueError, match="at least one"):
        crs_course([])
    never = crs_course([(at("14:00"), crs("37.0"))])
    assert never.worst.possible == (NOT_IT,) and never.worst.grade is None and never.reached is None and never.worst.reason


@pytest.mark.parametrize(("series", "worst", "reached"), [
    ([("1",), ("3",), ("2",)], ("3",), 1), ([("1", "4"), ("3",)], ("3", "4"), None), ([("1", "3"), ("3",)], ("3",), 1),
    ([("0", "1", "2"), ("1",)], ("1", "2"), None), ([(NOT_IT, "2"), (NOT_IT,)], (NOT_IT, "2"), None),
    ([("3",), ("3",)], ("3",), 0), ([("0",)], ("0",), 0), ([("1", "2"), ("2", "4")], ("2", "4"), None),
])  # fmt: skip
def test_worst_of_a_course(series, worst, reached):
    points = [Point(at(f"{10 + n}:00"), Graded(possible)) for n, possible in enumerate(series)]
    found = course(reversed(points))
    assert found.worst.possible == worst
    assert found.reached == (None if reached is None else points[reached].at)
    sampled = {max(each, key=(NOT_IT, *"012345").index) for each in itertools.product(*series)}
    assert set(found.worst.possible) == sampled


# ICANS: the table -----------------------------------------------------------------------------------------------------------------

ICE = {10: 0, 9: 1, 8: 1, 7: 1, 6: 2, 5: 2, 4: 2, 3: 2, 2: 3, 1: 3, 0: 3}
WAKES = {Consciousness.ALERT: 0, Consciousness.SPONTANEOUS: 1, Consciousness.VOICE: 2, Consciousness.TOUCH: 3,
         Consciousness.UNAROUSABLE: 4}  # fmt: skip
SEIZES = {SeizureKind.NONE: 0, SeizureKind.RESOLVING: 3, SeizureKind.PROLONGED: 4}
PRESSES = {RaisedPressure.NONE: 0, RaisedPressure.FOCAL: 3, RaisedPressure.DIFFUSE: 4, RaisedPressure.SIGNS: 4}


@pytest.mark.parametrize("ice", [*ICE, None])
def test_icans_table(ice):
    """Every combination of the five domains, ICE not assessable included."""
    for (wakes, w), (seizure, s), weak, (pressure, p), bled, alone in itertools.product(
        WAKES.items(), SEIZES.items(), (False, True), PRESSES.items(), (False, True), (True, False)
    ):
        answers = dict(consciousness=wakes, seizure=seizure, deep_focal_weakness=weak, raised_pressure=pressure,
                       haemorrhage=bled, consciousness_no_other_cause=alone)  # fmt: skip
        if ice is None:
            answers |= {"assessable": False, "obstacle": "PHYSICAL CONDITION", **dict.fromkeys(ICE_ITEMS)}
        found = icans_grade(icans(ice, **answers))
        levels = [ICE.get(ice, 0), w if alone else 0, s, 4 if weak else 0, 0 if bled else p]
        assert found.possible == (str(max(levels)),), answers
        assert found.missing == () and found.cell
        assert ("could not be assessed" in found.note) is (ice is None)


@pytest.mark.parametrize(("findings", "grade", "cell"), [
    (icans(), "0", "ICE 10 of 10 and no other sign"),
    (icans(9), "1", "ICE score 9"), (icans(7), "1", "ICE score 7"), (icans(6), "2", "ICE score 6"), (icans(3), "2", "ICE score 3"),
    (icans(2), "3", "ICE score 2"), (icans(1), "3", "ICE score 1"), (icans(0), "3", "ICE score 0, can be roused"),
    (icans(0, consciousness="UNAROUSABLE"), "4",
     "ICE score 0, unarousable; Consciousness: cannot be roused, or only by strong or repeated touch"),
    (icans(0, consciousness="UNAROUSABLE", consciousness_no_other_cause=False), "3", "ICE score 0"),
    (icans(assessable=False, consciousness="UNAROUSABLE"), "4",
     "ICE: cannot be tested, unarousable; Consciousness: cannot be roused, or only by strong or repeated touch"),
    (icans(assessable=False), "0", "ICE not assessable, no other sign"),
    (icans(assessable=False, seizure="RESOLVING"), "3", "Seizure: resolves fast, or on EEG only and ends with treatment"),
    (icans(3, seizure="RESOLVING"), "3", "Seizure: resolves fast, or on EEG only and ends with treatment"),
    (icans(8, consciousness="AWAKENS SPONTANEOUSLY"), "1", "ICE score 8; Consciousness: wakes without being roused"),
    (icans(10, deep_focal_weakness=True), "4", "Motor: deep weakness of one side or both legs"),
    (icans(10, raised_pressure="FOCAL OEDEMA"), "3", "Raised pressure: local swelling on a scan"),
    (icans(10, raised_pressure="FOCAL OEDEMA", haemorrhage=True), "0", "ICE 10 of 10 and no other sign"),
    (icans(10, haemorrhage=True), "0", "ICE 10 of 10 and no other sign"),
    (icans(4, haemorrhage=True), "2", "ICE score 4"),
    (icans(died=True), "5", "Death from ICANS"), (IcansFindings(died=True), "5", "Death from ICANS"),
])  # fmt: skip
def test_icans_cells(findings, grade, cell):
    found = icans_grade(findings)
    assert (found.grade, found.cell, found.missing) == (grade, cell, ())


def test_icans_notes():
    assert icans_grade(icans(assessable=False, obstacle=IceObstacle.LANGUAGE)).note == (
        "The ICE score could not be assessed (No common language): the other domains decide."
    )
    assert "no reason entered" in icans_grade(icans(assessable=False)).note
    assert "graded by CTCAE" in icans_grade(icans(haemorrhage=True)).note
    assert "another cause" in icans_grade(icans(consciousness="AWAKENS TO VOICE", consciousness_no_other_cause=False)).note
    assert icans_grade(icans(5)).note == ""


@pytest.mark.parametrize(("item", "points"), [("orientation", 5), ("naming", 4), ("commands", 2), ("writing", -1), ("attention", Decimal("0.5"))])
def test_an_ice_item_has_its_points_only(item, points):
    with pytest.raises(ValueError, match=f"ICE item {item} has 0 to"):
        icans_grade(icans(**{item: points}))


def test_ice_items_make_ten_and_decimals_are_read():
    assert sum(ICE_ITEMS.values()) == 10
    assert icans(10).score() == (10, 10) and icans(**dict.fromkeys(ICE_ITEMS)).score() == (0, 10)
    assert icans_grade(icans(orientation=Decimal(2))).cell == "ICE score 8"


# ICANS: what is not answered --------------------------------------------------------------------------------------------------

BLANK = dict.fromkeys(ICE_ITEMS)


@pytest.mark.parametrize(("findings", "possible", "missing"), [
    (IcansFindings(), ("0", "1", "2", "3", "4"),
     ("ICE score", "consciousness", "seizure", "deep focal weakness", "raised pressure or swelling of the brain")),
    (icans(assessable=None, **BLANK), ("0", "1", "2", "3"), ("ICE score",)),
    (icans(assessable=None), ("0",), ()),
    (icans(10, orientation=None), ("0", "1", "2"), ("ICE item orientation",)),  # 6 to 10
    (icans(9, attention=None), ("0", "1"), ("ICE item attention",)),  # 9 or 10
    (icans(8, attention=None, writing=0, orientation=3), ("1",), ()),  # 7 or 8
    (icans(0, orientation=None), ("2", "3"), ("ICE item orientation",)),  # 0 to 4
    (icans(0, commands=None), ("3",), ()),  # 0 or 1
    (icans(0, naming=None, seizure="PROLONGED"), ("4",), ()),
    (icans(0, consciousness=""), ("3", "4"), ("consciousness",)),
    (icans(10, consciousness="", seizure="RESOLVING"), ("3", "4"), ("consciousness",)),
    (icans(10, consciousness="UNAROUSABLE", consciousness_no_other_cause=None), ("0", "4"),
     ("has the depressed consciousness no other cause",)),
    (icans(10, consciousness_no_other_cause=None), ("0",), ()),
    (icans(7, seizure=""), ("1", "3", "4"), ("seizure",)),
    (icans(7, deep_focal_weakness=None), ("1", "4"), ("deep focal weakness",)),
    (icans(7, raised_pressure=""), ("1", "3", "4"), ("raised pressure or swelling of the brain",)),
    (icans(7, raised_pressure="", haemorrhage=None), ("1", "3", "4"), ("raised pressure or swelling of the brain",)),
    (icans(7, raised_pressure="SIGNS", haemorrhage=None), ("1", "4"), ("bleeding inside the skull",)),
    (icans(7, haemorrhage=None), ("1",), ()),
    (icans(7, raised_pressure="", haemorrhage=True), ("1",), ()),
    (icans(deep_focal_weakness=True, seizure="", consciousness="", raised_pressure="", **BLANK), ("4",), ()),
    (icans(assessable=False, consciousness="", **BLANK), ("0", "1", "2", "3", "4"), ("consciousness",)),
])  # fmt: skip
def test_icans_unknown(findings, possible, missing):
    found = icans_grade(findings)
    assert (found.possible, found.missing) == (possible, missing)


def test_a_cell_that_rests_on_no_answer_is_not_quoted():
    assert icans_grade(icans(7, seizure="")).cell == "ICE score 7"
    assert icans_grade(icans(10, seizure="")).cell == ""
    assert icans_grade(icans(0, consciousness="")).cell == ""


ICANS_ANSWERS = {
    "consciousness": tuple(each.value for each in Consciousness), "consciousness_no_other_cause": (False, True),
    "seizure": tuple(each.value for each in SeizureKind), "deep_focal_weakness": (False, True),
    "raised_pressure": tuple(each.value for each in RaisedPressure), "haemorrhage": (False, True),
    "orientation": range(5), "naming": range(4), "attention": range(2),
}  # fmt: skip


@pytest.mark.parametrize("open_", list(itertools.combinations(ICANS_ANSWERS, 2)), ids="-".join)
def test_icans_possible_is_what_answers_could_give(open_):
    for base in (icans(10), icans(4, consciousness="AWAKENS TO VOICE", raised_pressure="FOCAL OEDEMA"),
                 icans(0, consciousness="UNAROUSABLE"), icans(8, seizure="RESOLVING", haemorrhage=True)):  # fmt: skip
        full = set()
        for chosen in itertools.product(*(ICANS_ANSWERS[name] for name in open_)):
            full |= set(icans_grade(dataclasses.replace(base, **dict(zip(open_, chosen, strict=True)))).possible)
        blank = {name: "" if name in ("consciousness", "seizure", "raised_pressure") else None for name in open_}
        assert set(icans_grade(dataclasses.replace(base, **blank)).possible) == full, base


def test_icans_course():
    found = icans_course([
        (None, icans(9)), (at("08:00"), icans(10)), (at("12:00"), icans(5)), (at("10:00"), icans(2, died=False)), (at("16:00"), icans(2)),
    ])  # fmt: skip
    assert [point.graded.grade for point in found.series] == ["0", "3", "2", "3", "1"]
    assert found.worst.grade == "3" and found.reached == at("10:00") and found.worst.cell == "ICE score 2"


def test_grades_allow_what_is_possible():
    found = crs_grade(crs(device=LOW))
    assert found.allows("2") and found.allows("3") and not found.allows("1") and not found.allows("4")
