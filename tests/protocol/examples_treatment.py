"""Rules of repeated doses, infusions, monitoring, waiting after events, interruption and pregnancy: fires, and stays quiet.

The patient of ``build``: first dose on 15 June 2026 at 10:00 to 11:00 in Lyon, and today is 1 September.
"""

from __future__ import annotations

from protocol import dosing_facts, facts
from tests.protocol.build import ae, case, day, dm, dose, doses, ecog, eot, serious, undated
from tests.protocol.examples import SPRING, Examples, unregistered
from tests.protocol.screening_build import che, hem, make, steroid

CRS, ICANS = "Cytokine release syndrome", "Immune effector cell-associated neurotoxicity syndrome (ICANS)"
CYCLE_1 = doses("2026-06-15", "2026-06-22", "2026-06-29")


def r(on="2026-07-01", mg="1", n=1, **rest):
    return dose(f"R{n}", on, mg=mg, **rest)


def mon(visit="C1D1", on="2026-06-15", until="2026-06-16", at="08:00", since="10:00", **rest):
    return make(facts.Monitoring, {"visit": visit, "started_on": on, "started_time": since, "ended_on": until, "ended_time": at,
                                   "place": "WARD"}, rest)  # fmt: skip


def hold(on="2026-06-18", resumed="N", **rest):
    return make(facts.TreatmentHold, {"decided_on": on, "reason": "ADVERSE EVENT", "resumed": resumed}, rest)


def wd(on="2026-06-20", scope="TREATMENT", **rest):
    return make(facts.Withdrawal, {"withdrawn_on": on, "scope": scope, "visit": "FU"}, rest)


def preg(**rest):
    return make(facts.Pregnancy, {"whose": "PARTNER", "learned_on": "2026-08-20"}, rest)


def crs(grade="2", on="2026-06-16", end="", term=CRS, **rest):
    return ae(term, on=on, end=end, **{"scale": "ASTCT 2019", "grade": grade, **rest})


def grade_3(term, on="2026-06-20", end="", grade="3", **rest):
    return ae(term, on=on, end=end, grade=grade, **rest)


def paused(*times, start="10:00", end="12:00", **rest):
    pairs = dict(zip(("stopped_1", "restarted_1", "stopped_2", "restarted_2", "stopped_3", "restarted_3"), times, strict=False))
    return dose(start=start, end=end, interruptions=str((len(times) + 1) // 2), **pairs, **rest)


def dex(at="09:15", on="2026-06-15", around="C1D1", **rest):
    return steroid(started_on=on, started_time=at, around_dose=around, purpose="PROPHYLAXIS OF TARLATAMAB AE", **rest)


BLOOD, LIVER, PS = (hem(visit="C1D1", taken_on="2026-06-15", taken_time="08:00"),
                    che(visit="C1D1", taken_on="2026-06-15", taken_time="08:00"), ecog(on="2026-06-15", visit="C1D1"))  # fmt: skip



def vial(number="A1", **rest):
    return make(dosing_facts.Vial, {"number": number, "lot": "L1", "strength_mg": "1", "expires_on": "2027-06", "state": "IN STOCK", "kept": "IN STOCK"}, rest)


EXAMPLES: dict[str, Examples] = {
    # Repeated step-up
    "DOS-040": Examples(
        [case(dose(), r("2026-06-29")),  # day 14 after 1 mg: 10 mg would follow
         case(*CYCLE_1[:2], r("2026-07-13")),  # day 21 after C1D8
         case(*CYCLE_1, r("2026-07-27")),  # day 28 after C1D15
         case(dose(), r("2026-06-30"), r("2026-07-14", n=2))],  # day 14 after the repeated 1 mg
        [case(dose(), r("2026-06-30")), case(*CYCLE_1[:2], r("2026-07-14")), case(*CYCLE_1, r("2026-07-28")),
         case(dose(), r("2026-06-30"), r("2026-07-15", n=2)), case(r("2026-06-29")), case(dose(), r("2026-06")),
         case(dose(), dose("C1D8", "2026-06-29", mg="1")), case(dose(mg="5"), r("2026-06-20"))],
    ),
    "DOS-041": Examples(
        [case(dose(), r(mg="10"))], [case(dose(), r()), case(dose(), r(mg="5")), case(dose(mg="10")), case(dose(), r(mg="none"))]
    ),
    # After the end of it
    "DOS-042": Examples(
        [case(dose(on="2026-06-21"), wd()), case(dose(on="2026-06-21"), wd(scope="TREATMENT; VISITS")), case(dose(on="2026-06-21"), wd("2026-05"))],
        [case(dose(on="2026-06-20"), wd()), case(dose(on="2026-06-21"), wd(scope="VISITS")), case(dose(on="2026-06-21"), wd("2026-06")),
         case(dose(on="2026-06-21")), case(undated("C1D8", "OMITTED"), wd())],
    ),
    "DOS-063": Examples(
        [case(dose(), dose("C1D8", "2026-06-22"), hold()), case(dose("C1D8", "2026-06-22"), hold(resumed="Y", resumed_on="2026-06-23"))],
        [case(dose("C1D8", "2026-06-18"), hold()), case(dose("C1D8", "2026-06-23"), hold(resumed="Y", resumed_on="2026-06-23")),
         case(dose("C1D8", "2026-06-22"), hold(resumed="")), case(dose("C1D8", "2026-06-22"), hold("2026-06")), case(dose(), hold()),
         case(undated("C1D8", "DELAYED"), hold())],
    ),
    # The infusion in time
    "DOS-054": Examples(
        [case(dose(ended_on=day("2026-06-14")))],
        [case(dose(ended_on=day("2026-06-15"))), case(dose(ended_on=day("2026-06-16"))), case(dose()), case(dose(ended_on=day("2026-06")))],
    ),
    "DOS-055": Examples(
        [case(dose(ended_on=day("2026-06-17")))], [case(dose(ended_on=day("2026-06-16"))), case(dose()), case(dose(ended_on=day("2026-06")))]
    ),
    "DOS-053": Examples(
        [case(paused("09:50", "10:10")), case(paused("10:30", "10:20")), case(paused("10:30", "12:01")),
         case(paused("10:30", "10:40", "10:35", "10:50")), case(paused("23:30", "00:10", start="23:00", end="00:40"))],
        [case(paused("10:30", "10:40")), case(paused("10:00", "10:00")), case(paused("11:30", "12:00")), case(paused("", "10:40")),
         case(paused("10:30", "10:40", "11:00", "11:05", "11:10", "11:15")), case(dose()),
         case(paused("23:30", "00:10", start="23:00", end="00:40", ended_on=day("2026-06-16"))),
         case(paused("23:30", "00:10", start="23:00", end="00:40", ended_on=day("2026-06")))],
    ),
    "DOS-058": Examples(
        [case(paused("02:30", "03:10", on=SPRING, start="01:30", end="04:00")), case(paused("01:50", "02:00", on=SPRING, start="01:30", end="04:00")),
         case(paused("02:00", "03:10", on=SPRING, start="01:30", end="04:00"))],
        [case(paused("03:00", "03:10", on=SPRING, start="01:30", end="04:00")), case(paused("01:59", "03:10", on=SPRING, start="01:30", end="04:00")),
         case(paused("10:30", "10:40")), case(paused("", "", on=SPRING)), case(dose(on=SPRING)),
         case(paused("02:30", "02:45", on=SPRING, start="01:30", end="04:00", ended_on=day("2026-03-30"))),
         case(paused("02:30", "02:45", on=SPRING, start="01:30", end="04:00"), zone="Europe/Athens")],
    ),
    "DOS-050": Examples(
        [case(dose(end="10:44")), case(dose(end="11:16")), case(paused("10:20", "10:40", end="11:00"))],
        [case(dose(end="10:45")), case(dose(end="11:15")), case(dose()), case(dose(end="")), case(dose(start="")),
         case(dose(end="10:20", completed="N")), case(paused("10:20", "10:40", end="11:20")), case(paused("10:20", "", end="13:00")),
         case(dose(start="23:30", end="00:30", ended_on=day("2026-06-16")))],
    ),
    "DOS-056": Examples(
        [case(dose(prepared_mg=0)), case(dose("C1D8", "2026-06-22", prepared_mg=9))],
        [case(dose(prepared_mg=1)), case(dose(prepared_mg=2)), case(dose()), case(dose(mg="none", prepared_mg=1))],
    ),
    "DOS-057": Examples(
        [case(dose(prepared_mg=2, completed="Y")), case(dose(prepared_mg=1, completed="N"))],
        [case(dose(prepared_mg=1, completed="Y")), case(dose(prepared_mg=2, completed="N")), case(dose(prepared_mg=2)),
         case(dose(completed="Y")), case(dose(mg="2", prepared_mg=1, completed="N"))],
    ),
    # Before and around it
    "DOS-051": Examples(
        [case(dose(), hem(visit="C1D1", taken_on="2026-06-16")), case(dose(), che(visit="C1D1", taken_on="2026-06-15", taken_time="10:01")),
         case(dose(), ecog(on="2026-06-16", visit="C1D1"))],
        [case(dose(), BLOOD, LIVER, PS), case(dose(), hem(visit="C1D1", taken_on="2026-06-15", taken_time="10:00")),
         case(dose(), hem(visit="C1D1", taken_on="2026-06-15")), case(dose(), hem(visit="C1D8", taken_on="2026-06-21")),
         case(dose(), hem(visit="C1D1", taken_on="2026-06")), case(undated("C1D1", "DELAYED"), hem(visit="C1D1", taken_on="2026-06-16")),
         case(dose(start=""), hem(visit="C1D1", taken_on="2026-06-15", taken_time="12:00"))],
    ),
    "DOS-052": Examples(
        [case(dose()), case(dose(), BLOOD, LIVER), case(dose(), BLOOD, PS)],
        [case(dose(), BLOOD, LIVER, PS), case(undated("C1D1", "DELAYED")), case(undated("C1D1", "OMITTED"))],
    ),
    "DOS-047": Examples(
        [case(dose(premedication="N")), case(dose("C1D8", "2026-06-22", premedication="N")), case(dose(), r("2026-06-30", premedication="N")),
         case(dose(), r("2026-06-30"), dose("C1D8", "2026-07-07", premedication="N")),
         case(*CYCLE_1, r("2026-08-01"), dose("C2D1", "2026-08-08", premedication="N")),
         case(*CYCLE_1, r("2026-08-01"), dose("C2D1", "2026-08-02", premedication="N"))],
        [case(dose(premedication="Y")), case(dose()), case(dose("C1D15", "2026-06-29", premedication="N")),
         case(*CYCLE_1, r("2026-08-01"), dose("C2D1", "2026-08-01", premedication="N")),
         case(*CYCLE_1, dose("C2D1", "2026-07-13", premedication="N")), case(undated("C1D8", "OMITTED", premedication="N"))],
    ),
    "DOS-048": Examples(
        [case(dose(premedication="Y"), mon()), case(dose(premedication="Y"), mon(), dex(around="C1D8")),
         case(dose(premedication="Y"), mon(), dex(drug_class="FLUID"))],
        [case(dose(premedication="Y"), mon(), dex()), case(dose(premedication="Y")), case(dose(premedication="N"), mon()), case(dose(), mon()),
         case(dose(premedication="Y"), mon("C1D8"))],
    ),
    "DOS-049": Examples(
        [case(dose(), dex("08:59")), case(dose(), dex("10:01")), case(dose(), dex(on="2026-06-14", at="")),
         case(dose(), r("2026-06-30"), dex("08:00", on="2026-06-30", around="R1"))],
        [case(dose(), dex("09:00")), case(dose(), dex("10:00")), case(dose(), dex("")), case(dose(start=""), dex("08:00")),
         case(dose(), dex("08:00", around="")), case(dose("C1D15", "2026-06-29"), dex("08:00", on="2026-06-29", around="C1D15")),
         case(dose(), dex("08:00", drug_class="FLUID")), case(undated("C1D1", "DELAYED"), dex("08:00"))],
    ),
    "DOS-059": Examples(
        [case(dose(hydration="N")), case(dose("C1D15", "2026-06-29", hydration="N")), case(dose(), r(hydration="N"))],
        [case(dose(hydration="Y")), case(dose()), case(dose("C2D1", "2026-07-13", hydration="N")), case(undated("C1D8", "OMITTED", hydration="N"))],
    ),
    # Monitoring
    "DOS-046": Examples(
        [case(dose(), mon(at="07:59")),  # 21:59 h from the start
         case(dose("C1D8", "2026-06-22"), mon("C1D8", "2026-06-22", "2026-06-22", "18:00")),
         case(dose("C1D15", "2026-06-29"), mon("C1D15", "2026-06-29", "2026-06-29", "16:59")),  # 5:59 h from the end
         case(dose("C3D1", "2026-07-27"), mon("C3D1", "2026-07-27", "2026-07-27", "13:59")),
         case(dose("C5D1", "2026-08-20"), mon("C5D1", "2026-08-20", "2026-08-20", "12:59")),
         case(dose(), r("2026-06-30"), mon("R1", "2026-06-30", "2026-07-01", "07:59")),
         case(dose(), r("2026-06-30"), dose("C1D8", "2026-07-07"), mon("C1D8", "2026-07-07", "2026-07-07", "18:00")),
         # after CRS of grade 2 with the dose before
         case(*CYCLE_1, crs("2", "2026-06-23", "2026-06-25"), mon("C1D15", "2026-06-29", "2026-06-29", "18:00")),
         case(dose(), mon(until="2026-06-15", at=""))],
        [case(dose(), mon(at="08:00")), case(dose(), mon(until="2026-06-16", at="")), case(dose("C1D15", "2026-06-29"), mon("C1D15", "2026-06-29", "2026-06-29", "17:00")),
         case(dose("C2D15", "2026-07-27"), mon("C2D15", "2026-07-27", "2026-07-27", "17:00")),
         case(dose("C4D15", "2026-07-27"), mon("C4D15", "2026-07-27", "2026-07-27", "14:00")),
         case(dose("C5D1", "2026-08-20"), mon("C5D1", "2026-08-20", "2026-08-20", "13:00")),
         case(*CYCLE_1, crs("1", "2026-06-23", "2026-06-25"), mon("C1D15", "2026-06-29", "2026-06-29", "18:00")),
         case(*CYCLE_1, crs("3", "2026-06-16", "2026-06-18"), mon("C1D15", "2026-06-29", "2026-06-29", "18:00")),
         case(mon(at="07:00")), case(undated("C1D1", "DELAYED"), mon(at="07:00")), case(dose(), mon(until="")),
         # The night on which the clocks go back has 25 hours.
         case(dose(on="2026-10-24"), mon(on="2026-10-24", until="2026-10-25", at="07:00"), today="2026-11-01")],
    ),
    "DOS-067": Examples(
        [case(dose(), mon(on="2026-06-17", until="2026-06-18")), case(dose(), mon(on="2026-06-13"))],
        [case(dose(), mon()), case(dose(), mon(on="2026-06-14")), case(dose(), mon(on="2026-06-16", until="2026-06-17")),
         case(mon(on="2026-06-17")), case(dose(), mon(on="2026-06"))],
    ),
    "DOS-071": Examples(
        [case(dose(), mon(stayed_near="N")), case(dose(), r("2026-06-30"), mon("R1", "2026-06-30", "2026-07-01", stayed_near="N")),
         case(*CYCLE_1, r("2026-08-01"), dose("C2D1", "2026-08-02"), mon("C2D1", "2026-08-02", stayed_near="N"))],
        [case(*CYCLE_1, r("2026-08-01"), dose("C2D1", "2026-08-01"), mon("C2D1", "2026-08-02", stayed_near="N")),
         case(dose(), mon(stayed_near="Y")), case(dose(), mon()), case(dose("C1D15", "2026-06-29"), mon("C1D15", stayed_near="N")),
         case(mon(stayed_near="N"))],
    ),
    # Waiting after events
    "DOS-043": Examples(
        [case(*doses("2026-06-15", "2026-06-22"), crs()), case(*doses("2026-06-15", "2026-06-22"), crs("1", end="2026-06-23")),
         case(*doses("2026-06-15", "2026-06-22"), crs(end="2026-06-23")), case(*doses("2026-06-15", "2026-06-22"), crs(on="2026-06-21")),
         case(*doses("2026-06-15", "2026-06-22"), crs("2", term=ICANS)), case(*doses("2026-06-15", "2026-06-22"), crs("1", "2026-06-22", started_time="09:59"))],
        [case(*doses("2026-06-15", "2026-06-22"), crs(end="2026-06-21")), case(*doses("2026-06-15", "2026-06-22"), crs(end="2026-06-22")),
         case(*doses("2026-06-15", "2026-06-22"), crs(on="2026-06-22")), case(*doses("2026-06-15", "2026-06-22"), crs(on="2026-06-23")),
         case(*doses("2026-06-15", "2026-06-22"), crs("4")), case(*doses("2026-06-15", "2026-06-22"), crs("")),
         case(dose(), undated("C1D8", "DELAYED"), crs()), case(*doses("2026-06-15", "2026-06-22"), crs(ongoing="")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Nausea"))],
    ),
    "DOS-044": Examples(
        [case(*doses("2026-06-15", "2026-06-22"), grade_3("Alanine aminotransferase increased")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Alanine aminotransferase increased", end="2026-06-23")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Neutrophil count decreased", grade="4", end="2026-06-25")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Lung infection", grade="1")),  # any grade during the step-up
         case(*CYCLE_1, dose("C2D1", "2026-07-13"), grade_3("Lung infection", on="2026-07-01")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Anemia"))],
        [case(*doses("2026-06-15", "2026-06-22"), grade_3("Alanine aminotransferase increased", end="2026-06-22")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Fatigue", grade="2")), case(*doses("2026-06-15", "2026-06-22"), crs("3")),
         case(*CYCLE_1, dose("C2D1", "2026-07-13"), grade_3("Lung infection", on="2026-07-01", grade="1")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Alanine aminotransferase increased", grade="4")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Fatigue", on="2026-06-22")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Fatigue", on="2026-06")),
         case(dose(), undated("C1D8", "OMITTED"), grade_3("Fatigue"))],
    ),
    "DOS-073": Examples(
        [case(*doses("2026-06-15", "2026-06-22"), grade_3("Fatigue")), case(*doses("2026-06-15", "2026-06-22"), grade_3("Fatigue", end="2026-06-23")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Lymphocyte count decreased", grade="4", end="2026-06-23"))],
        [case(*doses("2026-06-15", "2026-06-22"), grade_3("Fatigue", grade="2")), case(*doses("2026-06-15", "2026-06-22"), grade_3("Anemia")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Fatigue", end="2026-06-22")), case(*doses("2026-06-15", "2026-06-22"), crs("3")),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Fatigue", end="2026-06"))],
    ),
    "DOS-045": Examples(
        [case(*doses("2026-06-15", "2026-06-22"), crs("4", end="2026-06-18")), case(*doses("2026-06-15", "2026-06-22"), crs("4", on="2026-06-21")),
         case(*doses("2026-06-15", "2026-06-22"), crs("4", end="2026-06-18", term=ICANS)),
         case(*doses("2026-06-15", "2026-06-22"), grade_3("Blood bilirubin increased", grade="4", end="2026-06-21")),
         case(dose("C1D15", "2026-06-29"), crs("3", end="2026-06-18"), crs("3", "2026-06-23", "2026-06-25")),
         case(dose("C1D15", "2026-06-29"), grade_3("Platelet count decreased", grade="4", end="2026-06-21"),
              grade_3("Platelet count decreased", on="2026-06-24", grade="4", end="2026-06-27"))],
        [case(*doses("2026-06-15", "2026-06-22"), crs("3", end="2026-06-18")), case(dose(), crs("4")),
         case(dose("C1D15", "2026-06-29"), crs("2", end="2026-06-18"), crs("3", "2026-06-23", "2026-06-25")),
         case(dose("C1D15", "2026-06-29"), crs("3", end="2026-06-18"), crs("3", "2026-06-29", "2026-07-02")),
         case(*doses("2026-06-15", "2026-06-22"), crs("4", on="2026-06-22")), case(*doses("2026-06-15", "2026-06-22"), crs("4", on="2026-06-23")),
         case(dose(), undated("C1D8", "OMITTED"), crs("4"))],
    ),
    # Vials
    "DOS-060": Examples(
        [case(dose(vials="A9"), vial()), case(dose(vials="A1; B7"), vial())],
        [case(dose(vials="a1"), vial()), case(dose(vials="A9")), case(dose(), vial()), case(undated("C1D1", "OMITTED", vials="A9"), vial())],
    ),
    "DOS-061": Examples(
        [case(dose(vials="A1"), vial(expires_on="2026-06-14")), case(dose(vials="A1"), vial(expires_on="2026-05"))],
        [case(dose(vials="A1"), vial(expires_on="2026-06-15")), case(dose(vials="A1"), vial(expires_on="2026-06")), case(dose(vials="A9"), vial()),
         case(dose(), vial(expires_on="2026-05")), case(dose(on="2026", vials="A1"), vial(expires_on="2026-05"))],
    ),
    "DOS-062": Examples(
        [case(dose(vials="A1"), vial(state="USED", patient_number="FR03-009", dose="C1D1")),
         case(dose(vials="A1"), vial(state="USED DESTROYED", patient_number="FR03-001", dose="C1D8"))],
        [case(dose(vials="A1"), vial(state="USED", patient_number="FR03-001", dose="C1D1")), case(dose(vials="A1"), vial()),
         case(dose(), vial(state="USED", patient_number="FR03-009", dose="C1D1"))],
    ),
    "DOS-068": Examples(
        [case(dose(vials="A1"), vial(kept=kept, state=state)) for kept in ("QUARANTINED", "RETURNED", "DESTROYED", "SENT BACK", "LOST")
         for state in (kept, "USED")],
        [case(dose(vials="A1"), vial(kept=kept, state=state)) for kept in ("IN STOCK", "DISPENSED") for state in (kept, "USED", "USED DESTROYED")],
    ),
    "DOS-069": Examples(
        [case(dose(vials="A1"), vial(state="DISPENSED", dispensed_for="FR03-009 C1D1")),
         case(dose(vials="A1"), vial(state="DISPENSED", dispensed_for="FR03-001 C1D8")),
         case(dose(vials="A1"), vial(state="USED", patient_number="FR03-001", dose="C1D1", dispensed_for="FR03-001 C1D8"))],
        [case(dose(vials="A1"), vial(state="DISPENSED", dispensed_for="FR03-001 C1D1")), case(dose(vials="A1"), vial()),
         case(dose(vials="A9"), vial())],
    ),
    "DOS-070": Examples(
        [case(dose(vials="A1", prepared_mg=2), vial()), case(dose("C1D8", "2026-06-22", vials="A1"), vial())],
        [case(dose(vials="A1", prepared_mg=1), vial()), case(dose(vials="A1"), vial(strength_mg="10")), case(dose(vials="A1; A9", prepared_mg=5), vial()),
         case(dose(mg="none", vials="A1"), vial()), case(dose("C1D8", "2026-06-22"), vial())],
    ),
    # What the adverse event says
    "DOS-064": Examples(
        [case(ae(), undated("C1D8", "DELAYED", reason="ADVERSE EVENT", reason_event="1"))],
        [case(ae(action_taken="DRUG INTERRUPTED"), undated("C1D8", "DELAYED", reason="ADVERSE EVENT", reason_event="1")),
         case(ae(action_taken="DRUG WITHDRAWN"), undated("C1D8", "OMITTED", reason="ADVERSE EVENT", reason_event="1")),
         case(ae(action_taken=""), undated("C1D8", "DELAYED", reason="ADVERSE EVENT", reason_event="1")),
         case(ae(), undated("C1D8", "DELAYED", reason="ADVERSE EVENT")), case(ae(), undated("C1D8", "DELAYED", reason="ADVERSE EVENT", reason_event="9")),
         case(ae(), undated("C1D8", "DELAYED", reason="OTHER", reason_event="1"))],
    ),
    "DOS-065": Examples(
        [case(ae(), eot(reason="ADVERSE EVENT", event="1")), case(ae(action_taken="DRUG INTERRUPTED"), eot(reason="ADVERSE EVENT", event="1"))],
        [case(ae(action_taken="DRUG WITHDRAWN"), eot(reason="ADVERSE EVENT", event="1")), case(ae(), eot()), case(ae(action_taken=""), eot(event="1")),
         case(ae(), eot(reason="ADVERSE EVENT", event="7"))],
    ),
    "DOS-066": Examples(
        [case(ae(), hold(event="1"))],
        [case(ae(action_taken="DRUG INTERRUPTED"), hold(event="1")), case(ae(action_taken="DRUG WITHDRAWN"), hold(event="1")), case(ae(), hold()),
         case(ae(action_taken=""), hold(event="1"))],
    ),
    "DOS-072": Examples(
        [case(wd())], [case(wd(), eot()), case(wd(scope="VISITS")), case(wd(scope="")), unregistered(wd())]
    ),
    "AE-038": Examples(
        [case(ae(action_taken="DRUG WITHDRAWN"), eot())],
        [case(ae(action_taken="DRUG WITHDRAWN"), eot(reason="ADVERSE EVENT")), case(ae(action_taken="DRUG WITHDRAWN")), case(ae(), eot()),
         case(ae(action_taken="DRUG WITHDRAWN"), eot(reason="")), case(ae(action_taken="DRUG WITHDRAWN"), eot(reason="DEATH"))],
    ),
    # Pregnancy; contraception after C1D1 of 15 June lasts to 14 August
    "AE-040": Examples(
        [case(preg(whose="PATIENT"), dm(sex="M"))],
        [case(preg(whose="PATIENT"), dm(sex="F")), case(preg(), dm(sex="M")), case(preg(whose="PATIENT")), case(preg(whose=""), dm(sex="M"))],
    ),
    "AE-041": Examples(
        [case(preg(conceived_on="2026-08-15"), dose()), case(preg(last_period_on="2026-08-15"), dose())],
        [case(preg(conceived_on="2026-08-14"), dose()), case(preg(conceived_on="2026-08"), dose()), case(preg(), dose()),
         case(preg(conceived_on="2026-08-15")), case(preg(conceived_on="2026-08-15"), *doses("2026-06-15", "2026-06-22"))],
    ),
    "AE-042": Examples(
        [case(preg()), case(preg(), eot())], [case(preg(outcome="LIVE BIRTH")), case(preg(outcome="UNKNOWN"))]
    ),
    "AE-043": Examples(
        [case(ae(), preg(anomaly="Y", anomaly_event="1"))],
        [case(serious(because=("is_congenital",)), preg(anomaly="Y", anomaly_event="1")), case(ae(), preg(anomaly="Y")), case(ae(), preg(anomaly_event="8"))],
    ),
    "AE-044": Examples(
        [case(preg(conceived_on="2026-07-02", outcome_on="2026-07-01"))],
        [case(preg(conceived_on="2026-07-01", outcome_on="2026-07-01")), case(preg(conceived_on="2026-07", outcome_on="2026-07-01")),
         case(preg(outcome_on="2026-07-01"))],
    ),
}  # fmt: skip
