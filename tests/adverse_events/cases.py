"""Safety reports to print and to send: one with everything, and any that hypothesis thinks of."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from protocol import codelists
from protocol.dates import PartialDate
from protocol.icsr import (
    Administration,
    Condition,
    Death,
    Drug,
    Event,
    GradeAt,
    Icsr,
    Judgement,
    Missing,
    Reporter,
    Stay,
    Subject,
    Test,
    When,
)
from protocol.infusion import Span

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
ZONE = "Europe/Athens"


def on(day: str, time: str = "") -> When:
    return When(PartialDate.parse(day), time, ZONE)


FULL = Icsr(
    report_id="GR-ETOP-2925GR01001AE3", as_of=NOW, version=2, sent=True,
    subject=Subject(number="GR01-001", country="GR", age=(67, 67), sex="F", weight_kg=Decimal("61.5"), height_cm=Decimal(164)),
    reporter=Reporter(site="GR01", site_name="Henry Dunant Hospital Center", city="Athens", country="GR", role="Physician"),
    event=Event(
        row=3, term="Cytokine release syndrome", words="πυρετός και υπόταση", soc="Immune system disorders", scale="ASTCT 2019",
        grades=(GradeAt(at=on("2026-03-12", "23:10"), grade="1", source="AE:3"), GradeAt(at=on("2026-03-13", "02:00"), grade="2", source="CRS:1")),
        worst="2", began=on("2026-03-12", "23:10"), ended=on("2026-03-15"), ongoing="N", outcome="RECOVERED/RESOLVED",
        action_taken="DOSE NOT CHANGED", serious="Y", criteria=("is_hospitalisation", "is_medically_important"), stay_planned="N",
        stays=(Stay(kind="Hospital stay", admitted=on("2026-03-12"), discharged=on("2026-03-15", "11:00"), ongoing="N", planned="Y", prolonged="Y"),),
        after_dose="C1D8", since_dose=Span(820, 820),
        investigator=Judgement(relationship="Y", by="Investigator", at=NOW, comment="Typical course"),
        sponsor=Judgement(relationship="Y", by="Sponsor", at=NOW, comment="Agreed", expectedness="EXPECTED", reference="Investigator's Brochure 9.0"),
    ),
    first_received=datetime(2026, 3, 13, 8, 0, tzinfo=UTC), received=datetime(2026, 3, 16, 8, 0, tzinfo=UTC),
    aware=on("2026-03-13", "02:30"),
    narrative="The patient, a 67-year-old woman, had fever of 38.9 °C after the second dose. Η ασθενής ανέκτησε την υγεία της.",
    doses=(
        Administration(label="C1D1", occurrence="GIVEN", began=on("2026-03-05", "10:00"), ended=on("2026-03-05", "11:02"), dose_mg=Decimal(1), completed="Y", lots=("L77",), vials=("V001",)),
        Administration(label="C1D8", occurrence="GIVEN", began=on("2026-03-12", "09:30"), ended=on("2026-03-12", "10:35"), dose_mg=Decimal(10), completed="Y", lots=("L78",), vials=("V002", "V003"), lots_unknown=("V003",)),
        Administration(label="C1D15", occurrence="OMITTED", began=on("2026-03-19"), reason="ADVERSE EVENT"),
    ),
    drugs=(
        Drug(name="Bisoprolol", dose=Decimal("2.5"), unit="mg", frequency="QD", route="ORAL", began=on("2024"), ongoing="Y", indication="Hypertension"),
        Drug(name="Heparin", dose=Decimal(5000), unit="IU", frequency="BID", route="SUBCUTANEOUS", began=on("2026-03-12"), ended=on("2026-03-15"), ongoing="N"),
        Drug(name="Tocilizumab", dose=Decimal(480), unit="mg", frequency="ONCE", route="INTRAVENOUS", began=on("2026-03-13", "03:00"), ended=on("2026-03-13"), ongoing="N", indication="Cytokine release syndrome", treats=True),
    ),
    history=(
        Condition(kind="Disease under study", name="Small cell lung cancer", began=PartialDate.parse("2025-09"), ongoing="Y", remarks="extensive stage at enrolment"),
        Condition(kind="Medical history", name="Hypertension", began=PartialDate.parse("2011"), ongoing="Y"),
    ),
    tests=(
        Test(name="C-reactive protein", at=on("2026-03-13", "03:00"), text="182", unit="mg/L", high="5", flag="HIGH", number=Decimal(182), standard_unit="mg/L"),
        Test(name="Platelets", at=on("2026-03-13", "03:00"), text="<10", unit="G/L", low="150", high="400", flag="LOW", sign="<", number=Decimal(10), standard_unit="10^9/L"),
        Test(name="Prothrombin time (PT)", at=on("2026-03-13"), text="31", unit="%", low="70", flag="LOW"),
    ),
    susar=False, missing=(Missing("the lot of vial V003: the drug account does not know it", "Dose C1D8"),),
)  # fmt: skip

EMPTY = Icsr(
    report_id="FR-ETOP-2925FR03001AE1", as_of=NOW, subject=Subject(number="FR03-001", country="FR"),
    reporter=Reporter(site="FR03", site_name="Lyon - Centre Léon Bérard", city="Lyon", country="FR"), event=Event(row=1, serious="Y"),
    missing=(Missing("which event it is", "Adverse event"),),
)  # fmt: skip
DEAD = Icsr(
    report_id="CH-ETOP-2925CH04001AE2", as_of=NOW, subject=Subject(number="CH04-001", country="CH", age=(70, 71), sex="M"),
    reporter=Reporter(site="CH04", site_name="Kantonsspital St.Gallen", city="Sankt Gallen", country="CH"),
    event=Event(row=2, term="Sepsis", scale="CTCAE 5.0", worst="5", serious="Y", criteria=("is_death",), outcome="FATAL", action_taken="DRUG WITHDRAWN",
                began=on("2026-03"), ended=on("2026-03-18")),
    death=Death(died=on("2026-03-18"), cause="ADVERSE EVENT", autopsy="N"),
)  # fmt: skip

# Anything that a keyboard, a copy from another program or a broken interface may put into a field, and far too much of it.
_SIGNS = st.one_of(
    st.text(max_size=60), st.text(alphabet="\x00\x01\x08\x0b\x0c\x1f\x7f\x85\ud800\udfff\ufffe\uffff\u2028<>&\"'-]", max_size=40),
    st.text(alphabet="αβγΔΕΖάέήίόύώςσ ßéèñçÅøœłřžđŒ", max_size=60), st.sampled_from(["", "-->", "]]>", "<b>&amp;</b>", "<para>", "--", "🦠" * 30]),
    st.sampled_from(["x", "ω", "word ", "\n", "W" * 200]).map(lambda each: each * (20_000 // len(each))),
)  # fmt: skip
_DAYS = st.none() | st.builds(
    on, st.sampled_from(["2026", "2026-03", "2026-03-29", "2026-10-25", "1900-01-01"]), st.sampled_from(["", "00:00", "02:30", "23:59"])
)
_DATES = st.sampled_from([None, *(PartialDate.parse(each) for each in ("1950", "2011-02", "2025-12-31"))])
_FIGURES = st.none() | st.decimals(min_value=0, max_value=100_000, places=3)
_YES = st.sampled_from(["", "Y", "N"])
_AT = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


def _of(codes: type[codelists.Codelist]):
    return st.sampled_from(["", *(each.value for each in codes)])


_JUDGED = st.builds(Judgement, relationship=_of(codelists.Relationship), by=_SIGNS, at=_AT, comment=_SIGNS,
                    expectedness=st.sampled_from(["", "EXPECTED", "UNEXPECTED"]), reference=_SIGNS)  # fmt: skip
_CRITERIA = st.lists(
    st.sampled_from(["is_death", "is_life_threatening", "is_hospitalisation", "is_disability", "is_congenital", "is_medically_important"]),
    unique=True,
).map(tuple)
_SPANS = st.none() | st.builds(Span, st.integers(-10, 100_000), st.integers(-10, 100_000))
_EVENTS = st.builds(
    Event, row=st.integers(1, 99), term=_SIGNS, words=_SIGNS, soc=_SIGNS, scale=_of(codelists.Scale),
    grades=st.lists(st.builds(GradeAt, at=_DAYS, grade=st.sampled_from("012345")), max_size=4).map(tuple), worst=st.sampled_from(["", *"12345"]),
    began=_DAYS, ended=_DAYS, ongoing=_YES, outcome=_of(codelists.Outcome), action_taken=_of(codelists.ActionTaken), serious=_YES, criteria=_CRITERIA,
    stay_planned=_YES, stays=st.lists(st.builds(Stay, kind=_SIGNS, admitted=_DAYS, discharged=_DAYS, ongoing=_YES, planned=_YES, prolonged=_YES), max_size=2).map(tuple),
    after_dose=st.sampled_from(["", "C1D1", "R1"]), since_dose=_SPANS, investigator=_JUDGED, sponsor=_JUDGED,
)  # fmt: skip
_DOSES = st.builds(
    Administration, label=st.sampled_from(["C1D1", "C2D15"]), occurrence=_of(codelists.DoseOccurrence), began=_DAYS, ended=_DAYS, dose_mg=_FIGURES,
    completed=_YES, reason=_of(codelists.DoseReason), lots=st.lists(_SIGNS, max_size=2).map(tuple), vials=st.lists(_SIGNS, max_size=2).map(tuple),
    lots_unknown=st.lists(_SIGNS, max_size=2).map(tuple),
)  # fmt: skip
_DRUGS = st.builds(Drug, name=_SIGNS, dose=_FIGURES, unit=_of(codelists.DoseUnit), frequency=_of(codelists.Frequency), route=_of(codelists.Route),
                   began=_DAYS, ended=_DAYS, ongoing=_YES, indication=_SIGNS, treats=st.booleans())  # fmt: skip
_TESTS = st.builds(Test, name=_SIGNS, at=_DAYS, text=_SIGNS, unit=_SIGNS, low=_SIGNS, high=_SIGNS, flag=st.sampled_from(["LOW", "HIGH"]),
                   sign=st.sampled_from(["", "<", "<=", ">", ">="]), number=_FIGURES, standard_unit=st.sampled_from(["mg/L", "10^9/L", "RATIO"]))  # fmt: skip
REPORTS = st.builds(
    Icsr, report_id=st.just("FR-ETOP-2925FR03001AE1"), as_of=st.just(NOW),
    subject=st.builds(Subject, number=st.just("FR03-001"), country=st.sampled_from(["FR", "GR", "IT", "ES", "CH"]),
                      age=st.sampled_from([None, (57, 57), (57, 58)]), sex=_of(codelists.Sex), weight_kg=_FIGURES, height_cm=_FIGURES),
    reporter=st.builds(Reporter, site=st.just("FR03"), site_name=_SIGNS, city=_SIGNS, country=st.just("FR"), role=_SIGNS),
    event=_EVENTS, version=st.integers(0, 9), sent=st.booleans(), first_received=_AT, received=_AT, aware=_DAYS, narrative=_SIGNS,
    doses=st.lists(_DOSES, max_size=3).map(tuple), drugs=st.lists(_DRUGS, max_size=3).map(tuple),
    history=st.lists(st.builds(Condition, kind=_SIGNS, name=_SIGNS, began=_DATES, ended=_DATES, ongoing=_YES, remarks=_SIGNS), max_size=2).map(tuple),
    tests=st.lists(_TESTS, max_size=2).map(tuple), death=st.none() | st.builds(Death, died=_DAYS, cause=_of(codelists.DeathCause), details=_SIGNS, autopsy=_YES),
    susar=st.sampled_from([None, True, False]), missing=st.lists(st.builds(Missing, _SIGNS, _SIGNS), max_size=3).map(tuple),
)  # fmt: skip
