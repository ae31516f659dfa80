"""The chart of a simulated patient: what there is to enter at screening, and every part of it fits the others.

Pure data. A chart is of somebody who is eligible, apart from what its traits say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, auto
from random import Random

from demo import laboratories
from demo.texts import HISTORY
from protocol import parameters
from protocol.codelists import (
    Agent,
    AnticoagulationIntent,
    Assessor,
    EcgInterpretation,
    EchoMethod,
    EffusionMethod,
    ImmuneEventKind,
    InclusionAnswer,
    MalignancyException,
    MedicationClass,
    Nyha,
    PastOutcome,
    ProcedureKind,
    Purpose,
    Route,
    Stage,
    Steroid,
    TestResult,
    VaccineKind,
    VascularEvent,
    ViralLoad,
)  # fmt: skip
from protocol.criteria import CRITERIA

Answers = dict[str, object]


class Trait(Enum):
    """What is special about a patient."""

    LIMITED = auto()  # first line for limited stage, progression during consolidation
    LIMITED_WITHOUT_ICI = auto()  # the same, and never a checkpoint inhibitor: a question for the medical reviewer
    TWO_LINES = auto()  # limited stage long ago, then a line for extensive stage: a question for the medical reviewer
    BRAIN = auto()  # treated brain metastases
    ENDOCRINE = auto()  # endocrine event of the checkpoint inhibitor, stable on replacement
    OTHER_CANCER = auto()  # one that an exception covers, or that is long past
    HEART = auto()  # an old event, or heart failure that is not above class II
    AUTOIMMUNE = auto()  # inactive, local, or on replacement only
    HEPATITIS_B = auto()  # resolved
    HEPATITIS_C = auto()  # treated
    HIV = auto()  # controlled
    ANTICOAGULANT = auto()  # therapeutic, on a stable dose
    PROPHYLAXIS = auto()  # anticoagulant at a prophylactic dose
    INHALED = auto()  # inhaled corticosteroid
    INFECTION = auto()  # over, its parenteral antibiotics completed
    VACCINE = auto()  # outside the windows
    OPERATED = auto()  # a major operation outside the window
    EFFUSION = auto()  # pleural, with an indwelling catheter
    FERTILE = auto()  # a woman of childbearing potential
    PREGNANT = auto()  # found at screening: not eligible
    LUNG = auto()  # interstitial lung disease: not eligible
    LIVER = auto()  # active hepatitis B with an impaired liver: not eligible
    # No matter of the chart:
    ON_PAPER = auto()  # registered on paper
    NOT_RELEASED = auto()  # the first dose is given without a release
    RELEASED_ON_PAPER = auto()  # or with one that is on paper only


# How often further patients have what keeps nobody out, in percent.
_OFTEN = {
    Trait.LIMITED: 14, Trait.BRAIN: 18, Trait.ENDOCRINE: 12, Trait.OTHER_CANCER: 10, Trait.HEART: 14, Trait.AUTOIMMUNE: 8,
    Trait.HEPATITIS_B: 6, Trait.HEPATITIS_C: 3, Trait.HIV: 2, Trait.ANTICOAGULANT: 12, Trait.PROPHYLAXIS: 6,
    Trait.INHALED: 15, Trait.INFECTION: 8, Trait.VACCINE: 15, Trait.OPERATED: 5, Trait.EFFUSION: 8, Trait.FERTILE: 5,
}  # fmt: skip
_ONE_OF = (
    (Trait.TWO_LINES, Trait.LIMITED_WITHOUT_ICI, Trait.LIMITED), (Trait.LIVER, Trait.HEPATITIS_B),
    (Trait.LIVER, Trait.ANTICOAGULANT, Trait.PROPHYLAXIS),
)  # fmt: skip


def joined(traits: Iterable[Trait], *wanted: Trait) -> frozenset[Trait]:
    """The traits with those that are wanted, without any that cannot go with them."""
    found = {*traits, *wanted}
    for group in _ONE_OF:
        kept = [each for each in group if each in wanted] or [each for each in group if each in found]
        found -= set(group) - set(kept[:1])
    return frozenset(found)


def drawn(rng: Random) -> frozenset[Trait]:
    """Traits of a patient of whom no story says more."""
    return joined(trait for trait, percent in _OFTEN.items() if rng.randint(1, 100) <= percent)


@dataclass
class Chart:
    """``answers`` by form code for the forms of screening, ``rows`` the records of logs in order (code, answers).

    ``on`` is the day of consent. Forms and questions that are not here are filled in from their declaration.
    """

    rng: Random
    on: date
    site: str
    country: str
    sex: str
    traits: frozenset[Trait]
    born: date = field(init=False)
    answers: dict[str, Answers] = field(default_factory=dict)
    rows: list[tuple[str, Answers]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if Trait.FERTILE in self.traits:
            self.sex = "F"
        youngest, oldest = (39, 46) if self.fertile else (57, 79) if self.sex == "F" else (48, 79)
        self.born = self._before(365 * self.rng.randint(youngest, oldest) + self.rng.randint(30, 330))
        self.laboratory = laboratories.LABORATORIES[self.site][0].name
        self.weight, self.height = self.rng.randint(50, 94), self.rng.randint(155, 186)
        self.ice = [4, 3, 1, 1, 1 if self.rng.random() < 0.85 else 0]
        self.active = self.rng.random() < 0.6  # sexually
        for part in PARTS:
            part(self)

    # What is asked again and again ------------------------------------------------------------------------------------

    @property
    def fertile(self) -> bool:
        return Trait.FERTILE in self.traits

    def again(self, code: str) -> Answers:
        """Answers to a form that is done at screening and at other visits, as of the day of the visit."""
        return {"ECOG": self._ecog, "VS": self._vital_signs, "ICE": self._ice, "HEM": self._sample, "CHE": self._sample,
                "CMYN": self._medication_asked}.get(code, dict)()  # fmt: skip

    def _ecog(self) -> Answers:
        return {"ecog": "2", "assessor": Assessor.INVESTIGATOR.value}

    def _vital_signs(self) -> Answers:
        draw = self.rng.randint
        return {
            "temperature": f"36.{draw(0, 9)}", "systolic": draw(104, 152), "diastolic": draw(58, 92), "pulse": draw(60, 98),
            "respiration": draw(14, 21), "oxygen_saturation": draw(92, 98), "room_air": "Y",
            "weight": self.weight + draw(-2, 2), "height": self.height,
        }  # fmt: skip

    def _ice(self) -> Answers:
        items = ("orientation", "naming", "commands", "writing", "attention")
        return {"assessable": "Y", **dict(zip(items, self.ice, strict=True))}

    def _sample(self) -> Answers:
        known = laboratories.LABORATORIES[self.site]
        return {"laboratory": (known[-1] if self.rng.random() < 0.3 else known[0]).name}

    def _medication_asked(self) -> Answers:
        anticoagulated = bool(self.traits & {Trait.ANTICOAGULANT, Trait.PROPHYLAXIS})
        return {"any_medication": "Y", "any_anticoagulant": _yes(anticoagulated)}

    def later(self, on: date) -> None:
        """The same person is screened again: what was recent has passed."""
        self.on = on
        recent = ("INF", "VAX")
        self.rows = [
            (code, answers) for code, answers in self.rows
            if code not in recent and not (code == "PR" and answers["category"] == ProcedureKind.SURGERY.value)
        ]  # fmt: skip
        self.answers["HX"] |= dict.fromkeys(("infection_any", "vaccine_any", "surgery_any"), "N")

    def checklist(self, **apart: str) -> Answers:
        """The investigator's answers, but for some."""
        usual: Answers = {each.field: each.satisfied_by for each in CRITERIA}
        not_applicable = InclusionAnswer.NOT_APPLICABLE.value
        if not self.fertile:
            usual["i09"] = not_applicable
        if self.sex == "M":
            usual["e17"] = not_applicable
        if not self.active or (self.sex == "F" and not self.fertile):
            usual["e18"] = not_applicable
        return {**usual, "all_satisfied": _yes(not apart), **apart}

    def first_dose(self, **apart: object) -> Answers:
        """The check before the first dose."""
        answers = ("symptoms", "clinical_signs", "radiographic_signs", "uncontrolled", "immunosuppressant_any")
        i09 = InclusionAnswer.FULFILLED if self.fertile else InclusionAnswer.NOT_APPLICABLE
        return {**dict.fromkeys(answers, "N"), "i09": i09.value, "e10": "ABSENT", "e11": "ABSENT", "e12": "ABSENT", **apart}

    # Days -------------------------------------------------------------------------------------------------------------

    def _before(self, days: int) -> date:
        return self.on - timedelta(days=days)

    def _years_ago(self, least: int, most: int) -> str:
        """A year, or a month of it: nobody remembers the day."""
        day = self._before(365 * self.rng.randint(least, most) + self.rng.randint(0, 200))
        return f"{day:%Y}" if self.rng.random() < 0.5 else f"{day:%Y-%m}"

    def add(self, code: str, **answers: object) -> None:
        self.rows.append((code, answers))


def _yes(found: object) -> str:
    return "Y" if found else "N"


# The disease ----------------------------------------------------------------------------------------------------------

_ICI_OF_EXTENSIVE = (Agent.ATEZOLIZUMAB, Agent.DURVALUMAB, Agent.ATEZOLIZUMAB, Agent.SERPLULIMAB)
_CYCLE = timedelta(days=21)


def _disease(chart: Chart) -> None:
    """Diagnosis, the lines of therapy, and the progression that leads to the trial."""
    rng, traits = chart.rng, chart.traits
    progressed = chart._before(rng.randint(9, 40))
    if Trait.TWO_LINES in traits:
        diagnosed = _two_lines(chart, progressed)
    elif traits & {Trait.LIMITED, Trait.LIMITED_WITHOUT_ICI}:
        diagnosed = _limited_stage(chart, progressed)
    else:
        diagnosed = _extensive_stage(chart, progressed, first=progressed - timedelta(days=rng.randint(150, 420)))
    limited = traits & {Trait.TWO_LINES, Trait.LIMITED, Trait.LIMITED_WITHOUT_ICI}
    brain = Trait.BRAIN in traits
    if brain:
        day = progressed + timedelta(days=rng.randint(2, 6))
        chart.add("PR", category=ProcedureKind.RADIOTHERAPY.value, name=HISTORY["brain"][chart.country], performed_on=day,
                  ended_on=day)  # fmt: skip
    chart.answers["SCLC"] = {
        "confirmed_by": rng.choice(("HISTOLOGY", "HISTOLOGY", "CYTOLOGY")),
        "diagnosed_on": f"{diagnosed:%Y-%m}" if rng.random() < 0.3 else diagnosed,
        "stage_at_diagnosis": (Stage.LIMITED if limited else Stage.EXTENSIVE).value,
        "stage_at_enrolment": Stage.EXTENSIVE.value, "progressed_on": progressed, "progression_basis": "RADIOLOGICAL",
        "imaging_on": progressed, "leptomeningeal": "N", "cord_compression": "N",
        "cns_imaging_on": progressed + timedelta(days=1), "cns_imaging_method": "MRI", "brain_metastases": _yes(brain), "brain_treated": "Y",
        "brain_steroids": "N", "liver_metastases": rng.choice("YNN"),
    }  # fmt: skip


def _line(chart: Chart, number: int, stage: Stage, drugs: list[Agent], first: date, cycles: int, **more: object) -> date:
    """A line of therapy; the value is its last day of chemotherapy."""
    last = first + (cycles - 1) * _CYCLE + timedelta(days=2)
    codes = [agent.value for agent in Agent if agent in drugs]
    chart.add("PST", line_number=number, stage=stage.value, drugs=codes, chemo_first_on=first, chemo_last_on=last, **more)
    return last


def _extensive_stage(chart: Chart, progressed: date, *, first: date, number: int = 1) -> date:
    """Platinum-etoposide with a checkpoint inhibitor until progression; the value is the day of diagnosis."""
    rng = chart.rng
    platinum = rng.choice((Agent.CARBOPLATIN, Agent.CARBOPLATIN, Agent.CISPLATIN))
    drugs = [platinum, Agent.ETOPOSIDE, rng.choice(_ICI_OF_EXTENSIVE)]
    stopped = progressed - timedelta(days=rng.randint(2, 20))
    _line(chart, number, Stage.EXTENSIVE, drugs, first, rng.randint(4, 6), ici_first_on=first, ici_last_on=stopped)
    return first - timedelta(days=rng.randint(6, 24))


def _limited_stage(chart: Chart, progressed: date) -> date:
    """Chemoradiotherapy, consolidation unless it was never given, progression within six months of the chemotherapy."""
    rng = chart.rng
    first = progressed - timedelta(days=3 * 21 + 2 + rng.randint(70, 165))
    drugs = [Agent.CISPLATIN, Agent.ETOPOSIDE]
    inhibitor: Answers = {}
    if Trait.LIMITED_WITHOUT_ICI not in chart.traits:
        drugs.append(Agent.DURVALUMAB)
        stopped = progressed - timedelta(days=rng.randint(2, 12))
        inhibitor = {"ici_first_on": first + timedelta(days=100), "ici_last_on": stopped}
    _line(chart, 1, Stage.LIMITED, drugs, first, 4, **inhibitor)
    _chest(chart, first)
    return first - timedelta(days=rng.randint(6, 24))


def _two_lines(chart: Chart, progressed: date) -> date:
    """Limited stage first, progression more than six months later, then the line for extensive stage."""
    rng = chart.rng
    again = progressed - timedelta(days=rng.randint(190, 330))  # the second line
    relapsed = again - timedelta(days=rng.randint(12, 25))
    first = relapsed - timedelta(days=65 + rng.randint(240, 420))
    _line(chart, 1, Stage.LIMITED, [Agent.CISPLATIN, Agent.ETOPOSIDE], first, 4, relapsed_on=relapsed)
    _chest(chart, first)
    _extensive_stage(chart, progressed, first=again, number=2)
    return first - timedelta(days=rng.randint(6, 24))


def _chest(chart: Chart, first: date) -> None:
    start = first + timedelta(days=21)
    chart.add("PR", category=ProcedureKind.RADIOTHERAPY.value, name=HISTORY["chest"][chart.country], performed_on=start,
              ended_on=start + timedelta(days=20))  # fmt: skip
    if chart.rng.random() < 0.5:
        day = first + timedelta(days=80)
        chart.add("PR", category=ProcedureKind.CRANIAL.value, name=HISTORY["cranial"][chart.country],
                  performed_on=f"{day:%Y-%m}", ended_on=f"{day + timedelta(days=12):%Y-%m}")  # fmt: skip


# History --------------------------------------------------------------------------------------------------------------


# How often patients have it, in percent.
_COMMON = {"Arterial hypertension": 55, "COPD": 50, "Type 2 diabetes": 25, "Hypercholesterolaemia": 30}


def _history(chart: Chart) -> None:
    """What else there was: the logs, and the questions beside them."""
    rng, traits = chart.rng, chart.traits
    for term, percent in _COMMON.items():
        if rng.randint(1, 100) <= percent or (term == "COPD" and Trait.INHALED in traits):
            chart.add("MH", term=term, started_on=chart._years_ago(2, 20), ongoing="Y")
    if rng.random() < 0.4:
        year = chart.on.year - rng.randint(6, 25)
        chart.add("MH", term=HISTORY["ulcer"][chart.country], started_on=str(year), ongoing="N", ended_on=str(year + 1))
    if Trait.ANTICOAGULANT in traits:
        chart.add("MH", term="Pulmonary embolism", started_on=chart._before(rng.randint(120, 200)), ongoing="Y")
    if not any(code == "MH" for code, _ in chart.rows):
        chart.add("MH", term="Arterial hypertension", started_on=chart._years_ago(2, 20), ongoing="Y")
    for trait, write in _WRITTEN.items():
        if trait in traits:
            write(chart)
    kinds = {answers.get("category") for code, answers in chart.rows if code == "PR"}
    logs = {code for code, _ in chart.rows}
    chart.answers["HX"] = {
        "radiotherapy_any": _yes(kinds - {ProcedureKind.SURGERY.value}),
        "surgery_any": _yes(ProcedureKind.SURGERY.value in kinds),
        "irae_any": _yes("IRAE" in logs), "medical_any": _yes("MH" in logs), "malignancy_any": _yes("OM" in logs),
        "vascular_any": _yes("CVH" in logs), "autoimmune_any": _yes("AID" in logs), "infection_any": _yes("INF" in logs),
        "vaccine_any": _yes("VAX" in logs), "immunosuppression_needed": "N", "transplant": "N",
        "ild": _yes(Trait.LUNG in traits), "pneumonitis_active": "N", "lung_imaging_on": chart.answers["SCLC"]["imaging_on"],
    }  # fmt: skip
    chart.answers["SU"] = {
        "status": rng.choice(("FORMER", "FORMER", "CURRENT")), "pack_years": rng.randint(15, 70),
        "stopped_on": chart._years_ago(1, 15),
    }  # fmt: skip


def _endocrine(chart: Chart) -> None:
    inhibitor = next(answers for code, answers in reversed(chart.rows) if code == "PST" and "ici_first_on" in answers)
    under_treatment = (inhibitor["ici_last_on"] - inhibitor["ici_first_on"]).days
    onset = inhibitor["ici_first_on"] + timedelta(days=chart.rng.randint(15, min(under_treatment, 80)))
    grade = chart.rng.choice("223")
    chart.add("IRAE", term="Hypothyroidism", category=ImmuneEventKind.ENDOCRINE.value, grade=grade,
              started_on=f"{onset:%Y-%m}", recurrent="N", ici_stopped="N", replacement="Y", stable="Y",
              status=PastOutcome.NOT_RECOVERED.value)  # fmt: skip
    _taken(chart, "Levothyroxine", "Hypothyroidism", "75", unit="ug", since=f"{onset:%Y-%m}")


def _other_cancer(chart: Chart) -> None:
    chart.rng.choice((_skin, _prostate, _breast))(chart)


def _skin(chart: Chart) -> None:
    """Within two years, and an exception."""
    found = chart._before(chart.rng.randint(150, 600))
    gone = found + timedelta(days=chart.rng.randint(15, 40))
    chart.add("OM", kind="Basal cell carcinoma of the skin", diagnosed_on=found, still_active="N", active_until=gone,
              exception=MalignancyException.SKIN.value, adequately_treated="Y", no_evidence="Y",
              no_evidence_since=gone)  # fmt: skip


def _prostate(chart: Chart) -> None:
    """Long ago."""
    year = chart.on.year - chart.rng.randint(5, 9)
    kind = "Prostate carcinoma" if chart.sex == "M" else "Endometrial carcinoma"
    chart.add("OM", kind=kind, diagnosed_on=f"{year}-04", still_active="N", active_until=str(year), adequately_treated="Y",
              exception=MalignancyException.NONE.value, no_evidence="Y", no_evidence_since=str(year + 1))  # fmt: skip


def _breast(chart: Chart) -> None:
    """Of low risk, and free of disease for more than a year."""
    found = chart._before(chart.rng.randint(560, 700))
    free = found + timedelta(days=chart.rng.randint(60, 120))
    kind = "Renal cell carcinoma, pT1a" if chart.sex == "M" else "Breast carcinoma, pT1a pN0"
    chart.add("OM", kind=kind, diagnosed_on=found, still_active="N", active_until=free,
              exception=MalignancyException.LOW_RISK.value, curative="Y", curative_on=free, adequately_treated="Y",
              no_evidence="Y", no_evidence_since=free, low_risk="Y")  # fmt: skip


def _heart(chart: Chart) -> None:
    kind = chart.rng.choice((VascularEvent.INFARCTION, VascularEvent.STROKE, VascularEvent.HEART_FAILURE))
    since: Answers = {"occurred_on": chart._years_ago(3, 9)}
    if kind is VascularEvent.HEART_FAILURE:
        since |= {"nyha": Nyha.II.value, "nyha_on": chart._before(chart.rng.randint(3, 20)), "ongoing": "Y"}
    chart.add("CVH", kind=kind.value, name=HISTORY[kind.name][chart.country], **since)
    _taken(chart, "Acetylsalicylic acid", kind.label, "100", since=str(since["occurred_on"]))


def _autoimmune(chart: Chart) -> None:
    chart.rng.choice((_psoriasis, _arthritis, _thyroiditis))(chart)


def _psoriasis(chart: Chart) -> None:
    chart.add("AID", name="Psoriasis", active="Y", systemic="N")


def _arthritis(chart: Chart) -> None:
    last = str(chart.on.year - chart.rng.randint(4, 8))
    chart.add("AID", name="Rheumatoid arthritis", active="N", systemic="Y", replacement_only="N", treatment_ongoing="N",
              last_treated_on=last)  # fmt: skip


def _thyroiditis(chart: Chart) -> None:
    chart.add("AID", name="Hashimoto thyroiditis", active="Y", systemic="Y", replacement_only="Y", treatment_ongoing="Y")
    if Trait.ENDOCRINE not in chart.traits:
        _taken(chart, "Levothyroxine", "Hashimoto thyroiditis", "100", unit="ug", since=chart._years_ago(2, 10))


def _infection(chart: Chart) -> None:
    began, over = chart._before(chart.rng.randint(23, 26)), chart._before(chart.rng.randint(11, 14))
    chart.add("INF", name=HISTORY["pneumonia"][chart.country], started_on=began, active="N", symptoms="Y",
              clinical_signs="Y", radiographic_signs="Y", uncontrolled="N", last_sign_on=over, parenteral="Y",
              antibiotic="Ceftriaxone", antibiotics_completed="Y", antibiotics_ended_on=over, symptoms_resolved="Y")  # fmt: skip
    _taken(chart, "Ceftriaxone", "Pneumonia", "2", unit="g", since=began, until=over, route=Route.INTRAVENOUS)


def _vaccine(chart: Chart) -> None:
    name, kind = chart.rng.choice((
        ("Influenza", VaccineKind.INACTIVATED), ("COVID-19, mRNA", VaccineKind.INACTIVATED),
        ("Pneumococcus, conjugate", VaccineKind.INACTIVATED), ("Mpox", VaccineKind.NON_REPLICATING),
    ))  # fmt: skip
    chart.add("VAX", name=name, kind=kind.value, given_on=chart._before(chart.rng.randint(5, 26)))


def _operated(chart: Chart) -> None:
    chart.add("PR", category=ProcedureKind.SURGERY.value, name=HISTORY["hip"][chart.country], major="Y",
              performed_on=chart._before(chart.rng.randint(45, 80)))  # fmt: skip


_WRITTEN: dict[Trait, Callable[[Chart], None]] = {
    Trait.ENDOCRINE: _endocrine, Trait.OTHER_CANCER: _other_cancer, Trait.HEART: _heart, Trait.AUTOIMMUNE: _autoimmune,
    Trait.INFECTION: _infection, Trait.VACCINE: _vaccine, Trait.OPERATED: _operated,
}  # fmt: skip


# Medication -----------------------------------------------------------------------------------------------------------


def _taken(
    chart: Chart, name: str, against: str, dose: str, *, since: object, until: object = "", unit: str = "mg",
    often: str = "QD", route: Route = Route.ORAL, kind: MedicationClass = MedicationClass.OTHER, **more: object,
) -> None:  # fmt: skip
    course: Answers = {"ongoing": "N", "ended_on": until} if until else {"ongoing": "Y"}
    chart.add("CM", name=name, indication=against, drug_class=kind.value, dose=dose, dose_unit=unit, frequency=often,
              route=route.value, started_on=since, **course, **more)  # fmt: skip


def _medication(chart: Chart) -> None:
    """What the diseases are treated with, and what nearly everybody takes."""
    terms = {str(answers["term"]): str(answers.get("started_on", "")) for code, answers in chart.rows if code == "MH"}
    for term, name, dose, often in (
        ("Arterial hypertension", "Ramipril", "5", "QD"), ("Type 2 diabetes", "Metformin", "850", "BID"),
        ("Hypercholesterolaemia", "Atorvastatin", "20", "QD"),
    ):  # fmt: skip
        if term in terms:
            _taken(chart, name, term, dose, since=terms[term], often=often)
    if Trait.INHALED in chart.traits:
        _taken(chart, "Budesonide", "COPD", "400", unit="ug", often="BID", since=terms["COPD"], route=Route.INHALATION,
               kind=MedicationClass.STEROID, steroid=Steroid.OTHER.value, purpose=Purpose.TREATMENT.value)  # fmt: skip
    if Trait.ANTICOAGULANT in chart.traits:
        since = terms["Pulmonary embolism"]
        _taken(chart, "Apixaban", "Pulmonary embolism", "5", often="BID", since=since, kind=MedicationClass.ANTICOAGULANT,
               intent=AnticoagulationIntent.THERAPEUTIC.value, stable_confirmed="Y")  # fmt: skip
    if Trait.PROPHYLAXIS in chart.traits:
        _taken(chart, "Enoxaparin", "Prophylaxis of thrombosis", "40", since=chart._before(chart.rng.randint(10, 30)),
               route=Route.SUBCUTANEOUS, kind=MedicationClass.ANTICOAGULANT, stable_confirmed="Y",
               intent=AnticoagulationIntent.PROPHYLACTIC.value)  # fmt: skip
    if chart.rng.random() < 0.6 or not any(code == "CM" for code, _ in chart.rows):
        _taken(chart, "Pantoprazole", "Reflux", "40", since=chart._years_ago(1, 3))


# Examinations ---------------------------------------------------------------------------------------------------------


def _examinations(chart: Chart) -> None:
    rng = chart.rng
    abnormal = rng.random() < 0.25
    chart.answers["EG"] = {
        "interpretation": (EcgInterpretation.ABNORMAL if abnormal else EcgInterpretation.NORMAL).value,
        "finding": HISTORY["block"][chart.country], "significant": "N", "heart_rate": rng.randint(60, 96),
        "qtcf": rng.randint(388, 448),
    }  # fmt: skip
    muga = rng.random() < 0.15
    chart.answers["CV"] = {
        "method": (EchoMethod.MUGA if muga else EchoMethod.ECHO).value, "lvef": rng.randint(52, 67), "effusion": "N",
        "effusion_method": EffusionMethod.CT.value if muga else "",
    }  # fmt: skip
    if rng.random() < 0.15:
        chart.answers["CV"] |= {"effusion": "Y", "effusion_significant": "N"}
    chart.answers["PLE"] = {"effusion": "N"}
    if Trait.EFFUSION in chart.traits:
        chart.answers["PLE"] = {"effusion": "Y", "significant": "Y", "catheter": "Y"}
    elif rng.random() < 0.25:
        chart.answers["PLE"] = {"effusion": "Y", "significant": "N", "catheter": "N"}
    if rng.random() < 0.4:  # the scan that showed the progression is used for the trial too
        chart.answers["PLE"] |= {"assessed_on": chart.answers["SCLC"]["imaging_on"], "standard_of_care": "Y"}


def _blood(chart: Chart) -> None:
    rng = chart.rng
    negative = TestResult.NEGATIVE.value
    hiv = rng.choice(("NEGATIVE", "NEGATIVE", "NOT TESTED"))
    chart.answers["SER"] = {"hiv_status": hiv, "hbsag": negative, "hbcab": negative, "hcvab": negative}
    if Trait.HIV in chart.traits:
        chart.answers["SER"] |= {"hiv_status": "KNOWN POSITIVE", "hiv_controlled": "Y"}
    if Trait.HEPATITIS_B in chart.traits:
        chart.answers["SER"] |= {"hbcab": "POSITIVE", "hbv_dna": ViralLoad.NOT_DETECTED.value, "hbv_prophylaxis": "GIVEN"}
        _taken(chart, "Entecavir", "Prophylaxis of hepatitis B", "0.5", since=chart._before(rng.randint(5, 12)))
    if Trait.HEPATITIS_C in chart.traits:
        chart.answers["SER"] |= {"hcvab": "POSITIVE", "hcv_rna": ViralLoad.NOT_DETECTED.value}
    for code in ("HEM", "CHE", "COA", "LBO"):
        chart.answers[code] = {"laboratory": chart.laboratory}
    gilbert = _yes(rng.random() < 0.04)
    chart.answers["ORG"] = {"haematological": "Y", "renal": "Y", "liver": "Y", "support": "N", "gilbert": gilbert}
    if Trait.LIVER in chart.traits:
        chart.answers["SER"] |= {"hbsag": "POSITIVE", "hbcab": "POSITIVE", "hbv_dna": ViralLoad.ABOVE.value,
                                 "hbv_dna_value": "48200", "hbv_dna_loq": "10", "hbv_dna_unit_code": "IU/mL",
                                 "hbv_prophylaxis": ""}  # fmt: skip
        chart.answers["COA"] |= {"inr": laboratories.times_limit(chart.laboratory, "INR", "1.6")}
        chart.answers["CHE"] |= {"alt": laboratories.times_limit(chart.laboratory, "ALT", "4.2"),
                                 "bili": laboratories.times_limit(chart.laboratory, "BILI", "2.1")}  # fmt: skip
        chart.answers["ORG"] |= {"liver": "N"}


def _childbearing(chart: Chart) -> None:
    """Who the patient is, and what is asked about pregnancy and contraception."""
    exact = parameters.birth_date_precision(chart.country) != "year" and chart.rng.random() < 0.9
    chart.answers["DM"] = {"birth_date": f"{chart.born:%Y-%m}" if exact else f"{chart.born:%Y}", "sex": chart.sex}
    asked: Answers = {"potential": "", "pregnant": "", "breastfeeding": "", "willing": "Y"}
    asked["sexually_active"] = _yes(chart.active)
    if chart.sex == "F":
        asked |= {"potential": _yes(chart.fertile), "pregnant": "N", "breastfeeding": "N"}
    if chart.fertile:
        asked |= {"menopausal_status": "PREMENOPAUSAL", "last_period_on": chart._before(chart.rng.randint(5, 24))}
    elif chart.sex == "F":
        year = str(chart.born.year + chart.rng.randint(48, 53))
        asked |= {"no_potential_reason": "POSTMENOPAUSAL", "menopausal_status": "POSTMENOPAUSAL", "last_period_on": year}
    if chart.active and (chart.fertile or chart.sex == "M"):
        asked["method"] = HISTORY["method"][chart.country]
    chart.answers["RP"] = asked


PARTS: tuple[Callable[[Chart], None], ...] = (_disease, _history, _blood, _medication, _examinations, _childbearing)
