"""Grades of cytokine release syndrome and of ICANS by ASTCT, from entered findings.

Source: Lee et al., ASTCT consensus grading, Biol Blood Marrow Transplant 2019;25:625-638, tables 'CRS' and 'ICANS' for
adults. Readings that the paper does not spell out are marked OWN. The words of the cells are ours.

The grade is compared with the investigator's own and never takes its place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from protocol import parameters
from protocol.codelists import IceObstacle
from protocol.dates import Moment, Tri, earlier, either
from protocol.graded import NONE_NOW, NOT_IT, Cell, Course, Graded, Judged, Point, course, in_order, settle
from protocol.safety_codelists import Consciousness, OxygenDevice, RaisedPressure, SeizureKind, Vasopressor

FEVER = Decimal("38.0")  # °C, itself a fever
LOW_FLOW = Decimal(6)  # L/min by nasal cannula, itself low

# Cytokine release syndrome --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsFindings:
    """What one assessment found; None and '' are questions without an answer.

    ``temperature`` is the highest of the assessment in °C, ``oxygen_flow`` in L/min, ``oxygen`` an ``OxygenDevice``.
    ``vasopressors`` are the names of those running at that time (an empty set: none).
    """

    temperature: Decimal | None = None
    fever_earlier: Tri = None
    antipyretic_or_anticytokine: Tri = None
    hypotension: Tri = None
    vasopressors: frozenset[str] | None = None
    hypotension_no_other_cause: Tri = None
    oxygen: str = ""
    oxygen_flow: Decimal | None = None
    hypoxia_no_other_cause: Tri = None
    died: bool = False


_NASAL = (OxygenDevice.LOW_FLOW, OxygenDevice.HIGH_FLOW)
_DEVICE: dict[str, tuple[int, str]] = {
    OxygenDevice.NONE: (0, "no oxygen"),
    OxygenDevice.BLOW_BY: (2, "blow-by oxygen"),  # whatever the flow
    OxygenDevice.FACE_MASK: (3, "face mask"),
    OxygenDevice.NON_REBREATHER: (3, "non-rebreather mask"),
    OxygenDevice.VENTURI: (3, "Venturi mask"),
    OxygenDevice.CPAP: (4, "positive pressure (CPAP)"),
    OxygenDevice.BIPAP: (4, "positive pressure (BiPAP)"),
    OxygenDevice.INTUBATION: (4, "positive pressure (intubated and ventilated)"),
}
_ONE, _TWO = frozenset({Vasopressor.NOREPINEPHRINE.value}), frozenset({"NOREPINEPHRINE", "EPINEPHRINE"})

_CRS_ASKED: dict[str, tuple[str, ...]] = {
    "temperature": ("temperature",),
    "fever_earlier": ("was there a fever earlier in this event",),
    "antipyretic_or_anticytokine": ("was antipyretic or anticytokine therapy given",),
    "hypotension": ("hypotension",),
    "vasopressors": ("vasopressors",),
    "hypotension_no_other_cause": ("has the hypotension no other cause",),
    "oxygen": ("oxygen device",),
    "oxygen_flow": ("oxygen flow",),
    "hypoxia_no_other_cause": ("has the lack of oxygen no other cause",),
}


def crs_grade(findings: CrsFindings) -> Graded:
    """The ASTCT grade of cytokine release syndrome at one assessment.

    Low blood pressure and lack of oxygen count only when another cause is ruled out by an answer. What hangs on a question
    without an answer is not called missing before that question is.
    """
    findings, asked = _dependent(findings), dict(_CRS_ASKED)
    if findings.hypotension is None:
        asked["vasopressors"] = ()
    if not findings.oxygen:
        asked["oxygen_flow"] = ()
    # Of each question the answers that the table tells apart.
    every: dict[str, tuple[object, ...]] = {
        "temperature": (FEVER - Decimal("0.1"), FEVER),
        "fever_earlier": (False, True),
        "antipyretic_or_anticytokine": (False, True),
        "hypotension": (False, True),
        "vasopressors": (frozenset(), _ONE, _TWO),
        "hypotension_no_other_cause": (False, True),
        "oxygen": (OxygenDevice.NONE, OxygenDevice.LOW_FLOW, OxygenDevice.FACE_MASK, OxygenDevice.CPAP),
        "oxygen_flow": (LOW_FLOW, LOW_FLOW + Decimal("0.1")),
        "hypoxia_no_other_cause": (False, True),
    }
    unanswered = {name: answers for name, answers in every.items() if getattr(findings, name) in (None, "")}
    return settle(findings, unanswered, asked, _judge_crs)


def _dependent(found: CrsFindings) -> CrsFindings:
    """With an answer that changes nothing wherever the question above it has not asked for one."""
    low, device = found.hypotension or bool(found.vasopressors), found.oxygen
    return dataclasses.replace(
        found,
        vasopressors=frozenset() if found.hypotension is False and found.vasopressors is None else found.vasopressors,
        hypotension_no_other_cause=found.hypotension_no_other_cause if low else True,
        oxygen_flow=found.oxygen_flow if not device or device in _NASAL else LOW_FLOW,
        hypoxia_no_other_cause=found.hypoxia_no_other_cause if device not in ("", OxygenDevice.NONE) else True,
    )


def _judge_crs(found: CrsFindings) -> Judged:
    if found.died:
        return Judged("5", (Cell("Death from cytokine release syndrome", ("died",)),))
    assert found.temperature is not None
    warm = found.temperature >= FEVER
    treated = bool(found.fever_earlier and found.antipyretic_or_anticytokine)
    if not warm and not treated:
        why = "and no earlier one that was treated" if not found.fever_earlier else "and no therapy that would explain it"
        return Judged(NOT_IT, reason=f"Not CRS by ASTCT: no fever of {FEVER} °C or more ({found.temperature} °C), {why}.")
    hypotension, low = _hypotension(found)
    hypoxia, lacking = _hypoxia(found)
    notes = [note for note in (_contradiction(found), _other_causes(found)) if note]
    worst = max(hypotension, hypoxia)
    if not warm and not worst:
        cell = "No fever, low blood pressure or lack of oxygen any more"
        return Judged(NONE_NOW, (Cell(cell, ("temperature",)),), notes=tuple(notes))
    if not warm:
        notes.append("A fever is no longer required after antipyretic or anticytokine therapy.")
    if not worst:
        cells = [Cell(f"Fever: {found.temperature} °C", ("temperature",))]
        if not (found.hypotension or found.vasopressors):
            cells.append(Cell("no hypotension", ("hypotension",)))
        if found.oxygen == OxygenDevice.NONE:
            cells.append(Cell("no hypoxia", ("oxygen",)))
        return Judged("1", tuple(cells), notes=tuple(notes))
    cells = [cell for level, cell in ((hypotension, low), (hypoxia, lacking)) if level == worst]
    return Judged(str(worst), tuple(cells), notes=tuple(notes))


def _hypotension(found: CrsFindings) -> tuple[int, Cell]:
    """Grade of low blood pressure (0 when it has another cause) and the cell of the table."""
    assert found.vasopressors is not None
    rests_on = ("hypotension", "vasopressors", "hypotension_no_other_cause")
    names = sorted(name.lower() for name in found.vasopressors if name != Vasopressor.VASOPRESSIN)
    beside = Vasopressor.VASOPRESSIN in found.vasopressors
    if found.hypotension_no_other_cause is not True or not (found.hypotension or found.vasopressors):
        return 0, Cell("", rests_on)
    if len(names) > 1:
        # OWN: those that run at one assessment are the several at once that the table means.
        return 4, Cell(f"Hypotension: several vasopressors ({', '.join(names)})", rests_on)
    if names:
        return 3, Cell(f"Hypotension: one vasopressor{' with vasopressin' if beside else ''} ({names[0]})", rests_on)
    if beside:
        # OWN: the table counts vasopressin beside another one only; alone it is read as one vasopressor.
        alone = Cell("Hypotension: vasopressin alone, read as one vasopressor", rests_on)
        return parameters.whole("vasopressin_alone_grade"), alone
    return 2, Cell("Hypotension: no vasopressor", rests_on)


def _hypoxia(found: CrsFindings) -> tuple[int, Cell]:
    """Grade of the lack of oxygen (0 when it has another cause) and the cell of the table."""
    if found.hypoxia_no_other_cause is not True:
        return 0, Cell("", ())
    if found.oxygen in _NASAL:
        assert found.oxygen_flow is not None
        rests_on = ("oxygen", "oxygen_flow", "hypoxia_no_other_cause")
        level, name = (2, "low") if found.oxygen_flow <= LOW_FLOW else (3, "high")
        return level, Cell(f"Hypoxia: {name}-flow nasal cannula, {found.oxygen_flow} L/min", rests_on)
    level, words = _DEVICE[found.oxygen]
    return level, Cell(f"Hypoxia: {words}", ("oxygen", "hypoxia_no_other_cause"))


def _contradiction(found: CrsFindings) -> str:
    # OWN: a pressure that a vasopressor holds up is a low pressure all the same.
    named = found.hypotension is False and found.vasopressors
    return "Hypotension is answered No although a vasopressor is entered; the vasopressor counts." if named else ""


def _other_causes(found: CrsFindings) -> str:
    low = (found.hypotension or found.vasopressors) and found.hypotension_no_other_cause is False
    lacking = found.oxygen != OxygenDevice.NONE and found.hypoxia_no_other_cause is False
    words = [word for word, true in (("hypotension", low), ("lack of oxygen", lacking)) if true]
    return f"Not counted, since another cause is entered: {' and '.join(words)}." if words else ""


def crs_course(assessments: Iterable[tuple[Moment | None, CrsFindings]]) -> Course:
    """The course of one cytokine release syndrome; ValueError without an assessment.

    A fever found, and a therapy given, at an assessment that was certainly earlier count for the later ones.
    """
    ordered = sorted(assessments, key=lambda each: in_order(each[0]))
    points = []
    for at, findings in ordered:
        before = [other for when, other in ordered if earlier(when, at)]
        carried = dataclasses.replace(
            findings,
            fever_earlier=_since(findings.fever_earlier, [_had_fever(other) for other in before]),
            antipyretic_or_anticytokine=_since(
                findings.antipyretic_or_anticytokine, [other.antipyretic_or_anticytokine for other in before]
            ),
        )
        points.append(Point(at, crs_grade(carried)))
    return course(points)


def _had_fever(findings: CrsFindings) -> Tri:
    warm = None if findings.temperature is None else findings.temperature >= FEVER
    return either(warm, findings.fever_earlier)


def _since(now: Tri, before: list[Tri]) -> Tri:
    """Answered now, unless it was so at an earlier assessment already; an earlier No settles nothing."""
    return True if any(answer is True for answer in before) else now


# ICANS ----------------------------------------------------------------------------------------------------------------

# Item → points, for the ICE score of adults (0 to 10).
ICE_ITEMS = {"orientation": 4, "naming": 3, "commands": 1, "writing": 1, "attention": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class IcansFindings:
    """What one assessment found; None and '' are questions without an answer.

    ``assessable``: could the ICE score be assessed, and if not, ``obstacle`` says why (an ``IceObstacle``). The items are
    points. ``consciousness``, ``seizure`` and ``raised_pressure`` are values of their codelists; ``deep_focal_weakness`` is
    that of one side or both legs; ``haemorrhage`` is bleeding inside the skull.
    """

    assessable: Tri = None
    obstacle: str = ""
    orientation: Decimal | int | None = None
    naming: Decimal | int | None = None
    commands: Decimal | int | None = None
    writing: Decimal | int | None = None
    attention: Decimal | int | None = None
    consciousness: str = ""
    consciousness_no_other_cause: Tri = None
    seizure: str = ""
    deep_focal_weakness: Tri = None
    raised_pressure: str = ""
    haemorrhage: Tri = None
    died: bool = False

    def score(self) -> tuple[int, int]:
        """Least and greatest ICE score that the entered items allow; ValueError (a sentence) for points that no item has."""
        least = greatest = 0
        for item, most in ICE_ITEMS.items():
            points = getattr(self, item)
            if points is not None and (points != int(points) or not 0 <= points <= most):
                raise ValueError(f"The ICE item {item} has 0 to {most} points, not {points}.")
            least += 0 if points is None else int(points)
            greatest += most if points is None else int(points)
        return least, greatest

    def open_items(self) -> tuple[str, ...]:
        return tuple(item for item in ICE_ITEMS if getattr(self, item) is None)


@dataclass(frozen=True, slots=True)
class _Neurology:
    """The findings with the items summed up; what is not known is filled in by ``settle``."""

    assessable: bool
    obstacle: str
    ice: int | None
    consciousness: str
    consciousness_no_other_cause: Tri
    seizure: str
    deep_focal_weakness: Tri
    raised_pressure: str
    haemorrhage: Tri
    died: bool


def icans_grade(findings: IcansFindings) -> Graded:
    """The ASTCT grade of ICANS at one assessment: that of the worst domain.

    An ICE score that cannot be assessed leaves the other domains to decide; '0' when nothing is found. A score without an
    answer may be any, and one of which items are missing any that they allow.
    """
    items = findings.open_items()
    least, greatest = findings.score()
    entered = len(items) < len(ICE_ITEMS)
    drowsy = findings.consciousness not in ("", Consciousness.ALERT)
    pressed = findings.raised_pressure not in ("", RaisedPressure.NONE)
    known = _Neurology(
        findings.assessable is not False, findings.obstacle, least if least == greatest else None, findings.consciousness,
        findings.consciousness_no_other_cause if drowsy else True, findings.seizure, findings.deep_focal_weakness,
        findings.raised_pressure, findings.haemorrhage if pressed else bool(findings.haemorrhage), findings.died,
    )  # fmt: skip
    every: dict[str, tuple[object, ...]] = {
        "ice": tuple(score for score in sorted({1, 3, 7, 10, least}) if least <= score <= greatest),
        "consciousness": tuple(Consciousness),
        "consciousness_no_other_cause": (False, True),
        "seizure": tuple(SeizureKind),
        "deep_focal_weakness": (False, True),
        "raised_pressure": (RaisedPressure.NONE, RaisedPressure.FOCAL, RaisedPressure.DIFFUSE),
        "haemorrhage": (False, True),
    }
    asked = {
        "ice": tuple(f"ICE item {item}" for item in items) if entered else ("ICE score",),
        "consciousness": ("consciousness",),
        "consciousness_no_other_cause": ("has the depressed consciousness no other cause",),
        "seizure": ("seizure",),
        "deep_focal_weakness": ("deep focal weakness",),
        "raised_pressure": ("raised pressure or swelling of the brain",),
        "haemorrhage": ("bleeding inside the skull",),
    }
    unanswered = {name: answers for name, answers in every.items() if getattr(known, name) in (None, "")}
    if not known.assessable:
        unanswered.pop("ice", None)
    return settle(known, unanswered, asked, _judge_icans)


def _judge_icans(found: _Neurology) -> Judged:
    if found.died:
        return Judged("5", (Cell("Death from ICANS", ("died",)),))
    domains = [_ice(found), _consciousness(found), _seizure(found), _motor(found), _pressure(found)]
    notes = tuple(note for note in (_not_assessable(found), _not_counted(found)) if note)
    worst = max(level for level, _ in domains)
    if worst:
        return Judged(str(worst), tuple(cell for level, cell in domains if level == worst), notes=notes)
    score = "ICE 10 of 10 and" if found.assessable else "ICE not assessable,"
    nothing = Cell(f"{score} no other sign", ("ice", "consciousness", "seizure", "deep_focal_weakness", "raised_pressure"))
    return Judged(NONE_NOW, (nothing,), notes=notes)


def _unarousable(found: _Neurology) -> bool:
    return found.consciousness == Consciousness.UNAROUSABLE and found.consciousness_no_other_cause is True


def _ice(found: _Neurology) -> tuple[int, Cell]:
    both = ("assessable", "ice", "consciousness", "consciousness_no_other_cause")
    if not found.assessable:
        return (4, Cell("ICE: cannot be tested, unarousable", both)) if _unarousable(found) else (0, Cell("", ()))
    assert found.ice is not None
    if found.ice == 0:
        # OWN: who scores 0 and is awake (a global aphasia, say) has grade 3, who cannot be roused grade 4.
        if _unarousable(found):
            return 4, Cell("ICE score 0, unarousable", both)
        roused = "" if found.consciousness == Consciousness.UNAROUSABLE else ", can be roused"
        return 3, Cell(f"ICE score 0{roused}", both)
    level = 3 if found.ice <= 2 else 2 if found.ice <= 6 else 1 if found.ice <= 9 else 0
    return level, Cell(f"ICE score {found.ice}", ("ice",))


_WAKES: dict[str, tuple[int, str]] = {
    Consciousness.ALERT: (0, ""),
    Consciousness.SPONTANEOUS: (1, "wakes without being roused"),
    Consciousness.VOICE: (2, "wakes to a voice"),
    Consciousness.TOUCH: (3, "wakes only to touch"),
    Consciousness.UNAROUSABLE: (4, "cannot be roused, or only by strong or repeated touch"),
}
_SEIZES: dict[str, tuple[int, str]] = {
    SeizureKind.NONE: (0, ""),
    SeizureKind.RESOLVING: (3, "resolves fast, or on EEG only and ends with treatment"),
    SeizureKind.PROLONGED: (4, "longer than 5 minutes, or repeated without recovery in between"),
}
_PRESSES: dict[str, tuple[int, str]] = {
    RaisedPressure.NONE: (0, ""),
    RaisedPressure.FOCAL: (3, "local swelling on a scan"),
    RaisedPressure.DIFFUSE: (4, "diffuse swelling on a scan"),
    RaisedPressure.SIGNS: (4, "posture, sixth-nerve palsy, papilloedema or Cushing's triad"),
}


def _consciousness(found: _Neurology) -> tuple[int, Cell]:
    level, words = _WAKES[found.consciousness]
    counts = found.consciousness_no_other_cause is True
    return level if counts else 0, Cell(f"Consciousness: {words}", ("consciousness", "consciousness_no_other_cause"))


def _seizure(found: _Neurology) -> tuple[int, Cell]:
    level, words = _SEIZES[found.seizure]
    return level, Cell(f"Seizure: {words}", ("seizure",))


def _motor(found: _Neurology) -> tuple[int, Cell]:
    cell = Cell("Motor: deep weakness of one side or both legs", ("deep_focal_weakness",))
    return 4 if found.deep_focal_weakness else 0, cell


def _pressure(found: _Neurology) -> tuple[int, Cell]:
    level, words = _PRESSES[found.raised_pressure]
    # The paper leaves bleeding inside the skull out, with the swelling that comes with it.
    return 0 if found.haemorrhage else level, Cell(f"Raised pressure: {words}", ("raised_pressure", "haemorrhage"))


def _not_assessable(found: _Neurology) -> str:
    if found.assessable:
        return ""
    why = next((each.label for each in IceObstacle if each == found.obstacle), "no reason entered")
    return f"The ICE score could not be assessed ({why}): the other domains decide."


def _not_counted(found: _Neurology) -> str:
    notes = []
    if found.consciousness != Consciousness.ALERT and found.consciousness_no_other_cause is False:
        notes.append("Depressed consciousness is not counted, since another cause is entered.")
    if found.haemorrhage:
        notes.append("Bleeding inside the skull, and the swelling with it, is graded by CTCAE and not counted here.")
    return " ".join(notes)


def icans_course(assessments: Iterable[tuple[Moment | None, IcansFindings]]) -> Course:
    """The course of one ICANS; ValueError without an assessment."""
    return course(Point(at, icans_grade(findings)) for at, findings in assessments)
