"""For every rule of the shared assessments: cases in which it fires, and cases in which it stays quiet."""

from __future__ import annotations

from tests.protocol.build import case, dd, dm, dose, eot, undated
from tests.protocol.examples import Examples, unregistered
from tests.protocol.screening_build import (
    anticoagulant,
    che,
    cm,
    cmyn,
    coa,
    cv,
    hbv,
    hem,
    lbo,
    pt,
    ser,
    steroid,
    uln,
    vax,
    vs,
)

MAN, WOMAN = dm(sex="M"), dm(sex="F")
TAKES = {"any_medication": "Y"}
THINNED = {"any_anticoagulant": "Y"}
CARRIER = {"hbsag": "POSITIVE", "hbv_dna": "BELOW LOQ"}
RESOLVED = {"hbcab": "POSITIVE", "hbv_dna": "TARGET NOT DETECTED"}
MONITORED = {"hbv_dna_interval_days": 60}  # from 3 June: 2 August
# Of haematology every test has a range, from 1 June 2026 on.
BLOOD = (
    uln("HGB", "200", "g/L", valid_from="2026-06-01"),
    *(uln(test, "200", "G/L", valid_from="2026-06-01") for test in ("WBC", "NEUT", "LYM", "PLAT")),
)
LIVER = {"sodium": "", "k": "", "creat": "", "alp": "", "bili": "", "alb": ""}
ALT, AST = uln("ALT", "40", "U/L"), uln("AST", "40", "U/L")
FOR_WOMEN, FOR_OLD = uln("AST", "35", "U/L", sex="F"), uln("AST", "40", "U/L", age_from=69)


def load(of="hbv_dna", **given):
    """A serology with a viral load: HBsAg or the HCV antibody is positive. ``given``: flag, value, loq."""
    names = {"flag": of, "value": f"{of}_value", "loq": f"{of}_loq"}
    return ser(**{"hbsag" if of == "hbv_dna" else "hcvab": "POSITIVE"}, **{names[name]: given[name] for name in given})


def later(**given):
    """A serology at an unscheduled visit a week later, with these results only."""
    return ser(**{"visit": "UNS-01", "taken_on": "2026-06-09", **dict.fromkeys(("hiv_status", "hbsag", "hbcab", "hcvab"), ""), **given})


def load_differs(of):
    return Examples(
        [case(load(of, flag="ABOVE LOQ", value=19, loq=20)), case(load(of, flag="ABOVE LOQ", value=20, loq=20)),
         case(load(of, flag="BELOW LOQ", value=20, loq=20)), case(load(of, flag="BELOW LOQ", value="20.01", loq=20)),
         case(load(of, flag="AT LOQ", value=21, loq=20)), case(load(of, flag="TARGET NOT DETECTED", value=50, loq=20)),
         case(load(of, flag="NOT DONE", value=50)), case(load(of, flag="NOT DONE", value=10, loq=20))],
        [case(load(of, flag="ABOVE LOQ", value="20.01", loq=20)), case(load(of, flag="BELOW LOQ", value=19, loq=20)),
         case(load(of, flag="AT LOQ", value=20, loq=20)), case(load(of, flag="TARGET NOT DETECTED", value=0, loq=20)),
         case(load(of, flag="BELOW LOQ", value=50)), case(load(of, flag="ABOVE LOQ", loq=20)),
         case(load(of, value=50, loq=20)),
         case(load(of, flag="NOT DONE", loq=20)), case(ser())],
    )  # fmt: skip


EXAMPLES: dict[str, Examples] = {
    # Medication: the interview is on 3 June 2026, the four weeks begin on 6 May
    "ASM-001": Examples(
        [case(cmyn(), cm()), case(cmyn(), cm(ongoing="N", ended_on="2026-05-06")),
         case(cmyn(), cm(started_on="2026-06-02", ongoing="N", ended_on="2026-06-20"))],
        [case(cmyn()), case(cmyn(**TAKES), cm()), case(cmyn(any_medication=""), cm()),
         case(cmyn(), cm(ongoing="N", ended_on="2026-05-05")),
         case(cmyn(), cm(started_on="2026-06-03")), case(cmyn(), cm(started_on="2026-06-04")),
         case(cmyn(), cm(started_on="2026")),
         case(cmyn(), cm(started_on="")), case(cmyn(), cm(ongoing="N", ended_on="2026-05")), case(cmyn(), cm(ongoing="N")),
         case(cmyn(asked_on=""), cm()), case(cmyn(visit="C1D1", asked_on="2026-06-15"), steroid())],
    ),
    "ASM-002": Examples(
        [case(cmyn(**TAKES)), case(cmyn(**TAKES), cm(ongoing="N", ended_on="2026-05-05")),
         case(cmyn(**TAKES), cm(started_on="2026-06-04"))],
        [case(cmyn(**TAKES), cm()), case(cmyn(**TAKES), cm(started_on="2026-06-03")), case(cmyn(**TAKES), cm(started_on="")),
         case(cmyn()),
         case(cmyn(any_medication="")), case(cmyn(visit="C1D1", **TAKES))],
    ),
    "ASM-003": Examples(
        [case(cmyn(), anticoagulant()),
         case(cmyn(), anticoagulant(started_on="2026-06-02")), case(cmyn(), anticoagulant(ongoing="N", ended_on="2026-06-04")),
         case(cmyn(), anticoagulant(intent="PROPHYLACTIC", ongoing="N", ended_on="2026-06-04"))],
        [case(cmyn()), case(cmyn(), cm()), case(cmyn(**THINNED), anticoagulant()),
         case(cmyn(), anticoagulant(ongoing="N", ended_on="2026-06-03")),
         case(cmyn(), anticoagulant(ongoing="N", ended_on="2026-06-02")),
         case(cmyn(), anticoagulant(started_on="2026-06-03")),
         case(cmyn(), anticoagulant(started_on="2026-07-01")), case(cmyn(any_anticoagulant=""), anticoagulant()),
         case(cmyn(), anticoagulant(drug_class=""))],
    ),
    "ASM-004": Examples(
        [case(cmyn(**THINNED)), case(cmyn(**THINNED), cm()),
         case(cmyn(**THINNED), anticoagulant(ongoing="N", ended_on="2026-06-02"))],
        [case(cmyn(**THINNED), anticoagulant()), case(cmyn(**THINNED), anticoagulant(ongoing="N", ended_on="2026-06-03")),
         case(cmyn(**THINNED), cm(drug_class="")), case(cmyn()), case(cmyn(any_anticoagulant=""))],
    ),
    "ASM-005": Examples(
        [case(anticoagulant(intent="PROPHYLACTIC"))],
        [case(anticoagulant()), case(anticoagulant(intent="")), case(cm()), case(cm(intent="PROPHYLACTIC"))],
    ),
    "ASM-006": Examples(
        [case(anticoagulant()), case(anticoagulant(started_on="2026-06-10")),
         case(anticoagulant(ongoing="N", ended_on="2026-06-10")),
         unregistered(anticoagulant(started_on="2026-09-01"))],
        [case(anticoagulant(stable_confirmed="Y")), case(anticoagulant(stable_confirmed="N")),
         case(anticoagulant(intent="PROPHYLACTIC")),
         case(anticoagulant(started_on="2026-06-11")), case(anticoagulant(ongoing="N", ended_on="2026-06-09")),
         case(anticoagulant(started_on="")),
         case(cm())],
    ),
    "ASM-007": Examples(
        [case(steroid(dose="")), case(steroid(dose_unit="")), case(steroid(frequency="")),
         case(steroid(dose="", dose_unit="", frequency="")),
         case(steroid("Hydrocortisone", "", purpose="REPLACEMENT")), case(steroid(dose="", purpose=""))],
        [case(steroid()), case(steroid(dose="", route="NASAL")), case(steroid(dose="", route="")),
         case(steroid(dose="", purpose="ANTI-EMETIC")),
         case(steroid("Dexamethasone", "", purpose="PROPHYLAXIS OF TARLATAMAB AE")), case(steroid(frequency="PRN")),
         case(steroid(dose_unit="mL")), case(steroid("Other")), case(cm(dose=""))],
    ),
    "ASM-008": Examples(
        [case(vax("LIVE", "2026-06-15"), dose()), case(vax("LIVE-ATTENUATED", "2026-08"), dose())],
        [case(vax("LIVE", "2026-06-14"), dose()), case(vax("LIVE", "2026-06"), dose()),
         case(vax(given_on="2026-07-01"), dose()),
         case(vax("VIRAL NON-REPLICATING", "2026-07-01"), dose()), case(vax("LIVE", "2026-07-01")),
         case(vax("LIVE", ""), dose()),
         case(vax("LIVE", "2026-07-01"), undated("C1D1", "DELAYED"))],
    ),
    "ASM-009": Examples(
        [case(pt(), MAN), case(pt(result=""), MAN)], [case(pt(), WOMAN), case(pt()), case(pt(), dm(sex="")),
         case(pt("", ""), MAN)]
    ),
    # Serology
    "ASM-010": load_differs("hbv_dna"),
    "ASM-011": load_differs("hcv_rna"),
    "ASM-012": Examples(
        [case(ser(hbsag="POSITIVE")), case(ser(hbcab="POSITIVE")), case(ser(hbsag="NOT DONE", hbcab="POSITIVE")),
         case(load(flag="NOT DONE")),
         case(load(value=50)), case(ser(hbsag="POSITIVE", hbcab="POSITIVE"))],
        [case(ser()), case(ser(**CARRIER)), case(ser(**RESOLVED)), case(ser(hbsag="INDETERMINATE", hbcab="NOT DONE")),
         case(load(value=50, loq=20)),
         case(load(flag="ABOVE LOQ")), case(ser(hcvab="POSITIVE")),
         case(ser(hbsag="POSITIVE"), later(hbv_dna="BELOW LOQ")), case(later(hbsag="POSITIVE"), ser(hbv_dna_value=5, hbv_dna_loq=10))],
    ),
    "ASM-013": Examples(
        [case(ser(hcvab="POSITIVE")), case(load("hcv_rna", flag="NOT DONE")), case(load("hcv_rna", loq=20))],
        [case(ser()), case(load("hcv_rna", flag="BELOW LOQ")), case(load("hcv_rna", value=10, loq=20)),
         case(ser(hcvab="INDETERMINATE")),
         case(ser(hbsag="POSITIVE")), case(ser(hcvab="POSITIVE"), later(hcv_rna="BELOW LOQ"))],
    ),
    "ASM-014": Examples(
        [case(ser(**CARRIER)), case(ser(**RESOLVED)), case(ser(**{**CARRIER, "hbv_dna": "TARGET NOT DETECTED"})),
         case(ser(hbsag="POSITIVE"), later(hbv_dna="BELOW LOQ")),
         case(ser(hbcab="POSITIVE"), later(hbv_dna="TARGET NOT DETECTED")),
         case(ser(**CARRIER), later(hbv_dna="ABOVE LOQ", taken_on="2026-09-02"))],  # of tomorrow: it says nothing yet
        [case(ser(**CARRIER, hbv_prophylaxis="GIVEN")), case(ser(**RESOLVED, hbv_prophylaxis="NOT NEEDED")), case(ser()),
         case(ser(**{**CARRIER, "hbv_dna": "ABOVE LOQ"})), case(ser(hbsag="POSITIVE")),
         case(ser(hbsag="POSITIVE"), later(hbv_dna="BELOW LOQ", hbv_prophylaxis="GIVEN")),
         case(ser(**CARRIER, hbv_prophylaxis="GIVEN"), later(hbsag="POSITIVE", hbv_dna="BELOW LOQ")),
         case(ser(**CARRIER), later(hbv_dna="ABOVE LOQ")), case(ser(**CARRIER), later(hbv_dna="ABOVE LOQ", taken_on="2026-09-01"))],
    ),
    "ASM-015": Examples(
        [case(ser(**CARRIER), today="2026-08-02"), case(ser(**RESOLVED)), case(ser(**CARRIER), hbv(taken_on="2026-07-03")),
         case(ser(**RESOLVED, taken_on="2026-05-01"), ser(**CARRIER, visit="UNS01")),
         case(ser(**CARRIER), hbv(taken_on="")),
         case(ser(**CARRIER), ser(visit="UNS01", taken_on="2026-06-20")),  # who was monitored at registration still is
         case(ser(**CARRIER), ser(visit="UNS01", taken_on="2026-06-20", hbv_dna="ABOVE LOQ"))],
        [case(ser(**CARRIER), today="2026-08-01"), case(ser(**CARRIER), hbv(taken_on="2026-07-04")),
         case(ser(**CARRIER), hbv(taken_on="2026-07")),
         case(ser()), case(ser(**{**CARRIER, "hbv_dna": "ABOVE LOQ"})), unregistered(ser(**CARRIER)),
         case(ser(**CARRIER), eot()),
         case(ser(**CARRIER), dd()), case(ser(**CARRIER, taken_on="")),
         case(ser(**CARRIER), ser(visit="UNS01", taken_on="2026-06-09"))],
        under=MONITORED,
    ),
    "ASM-030": Examples(
        [case(ser(hiv_status="KNOWN POSITIVE"), later(hiv_status="NEGATIVE")),
         case(ser(), later(hiv_status="KNOWN POSITIVE", taken_on="2026-06-03")),  # on one day nobody knows which came first
         case(ser(hiv_status="KNOWN POSITIVE", taken_on="2026-06"), later(hiv_status="NEGATIVE")),
         case(ser(hiv_status="KNOWN POSITIVE", taken_on=""), later(hiv_status="NEGATIVE"))],
        [case(ser()), case(ser(), later(hiv_status="KNOWN POSITIVE", taken_on="2026-06-04")),
         case(ser(hiv_status="KNOWN POSITIVE"), later(hiv_status="NOT TESTED")),
         case(ser(hiv_status="KNOWN POSITIVE"), later()), case(ser(taken_on="2026-05"), later(hiv_status="KNOWN POSITIVE"))],
    ),
    **{name: Examples(
        [case(ser(**{marker: "POSITIVE"}), later(**{marker: "NEGATIVE"})),
         case(ser(), later(**{marker: "POSITIVE"}, taken_on="2026-06-03")),
         case(ser(**{marker: "POSITIVE"}, taken_on=""), later(**{marker: "NEGATIVE"}))],
        [case(ser()), case(ser(), later(**{marker: "POSITIVE"}, taken_on="2026-06-04")),
         case(ser(**{marker: "POSITIVE"}), later(**{marker: "NOT DONE"})),
         case(ser(**{marker: "POSITIVE"}), later(**{marker: "INDETERMINATE"})), case(ser(**{marker: "POSITIVE"}), later())],
    ) for name, marker in (("ASM-031", "hbsag"), ("ASM-032", "hbcab"), ("ASM-033", "hcvab"))},
    "ASM-016": Examples(
        [case(hbv(hbv_dna="ABOVE LOQ"))], [case(hbv()), case(hbv(hbv_dna="AT LOQ")), case(hbv(hbv_dna="")),
         case(hbv(hbv_dna="NOT DONE"))]
    ),
    # Laboratory
    "ASM-017": Examples(
        [case(coa(aptt="1.1", aptt_unit="ratio")), case(coa(aptt_unit=""), uln("APTT", "1.2", "ratio")),
         case(coa(aptt_unit=""), uln("APTT", "1.2", "ratio", valid_from="2026-06-08"))],
        [case(coa()), case(coa(aptt_unit=""), uln("APTT", "1.2", "ratio", valid_from="2026-06-09")),
         case(coa(aptt_unit="")), case(coa(aptt="", aptt_unit="ratio")),
         case(coa(ptt="1.1", ptt_unit="ratio"))],
    ),
    "ASM-018": Examples(
        [case(coa(ptt="1.1", ptt_unit="ratio")), case(coa(ptt="1.1"), uln("PTT", "1.2", "P/T")),
         case(coa(ptt="1.1"), uln("PTT", "1.2", "P/T", valid_from="2026-06-08"))],
        [case(coa()), case(coa(ptt="1.1"), uln("PTT", "1.2", "P/T", valid_from="2026-06-09")),
         case(coa(ptt="30", ptt_unit="s")), case(coa(ptt="1.1")), case(coa(aptt_unit="ratio"))],
    ),
    "ASM-019": Examples(
        [case(coa(inr="", pt="90", pt_unit="%")), case(coa(inr="", pt="1.1", pt_unit="ratio")),
         case(coa(inr="", pt="90"), uln("PT", "120", "%")),
         case(coa(inr="", pt="90"), uln("PT", "120", "%", valid_from="2026-06-08"))],
        [case(coa(inr="", pt="90"), uln("PT", "120", "%", valid_from="2026-06-09")), case(coa(pt="90", pt_unit="%")), case(coa(inr="", pt="12", pt_unit="s")), case(coa(inr="")),
         case(coa(inr="", pt="90")), case(coa())],
    ),
    # Laboratory ranges: the sample is of 8 June 2026
    "ASM-020": Examples(
        [case(hem(), uln()), case(hem(), *BLOOD[1:]), case(hem(laboratory="Central Lab"), *BLOOD),
         case(hem(taken_on="2026-05-31"), *BLOOD),
         case(hem(), *(uln(each.test, "200", valid_to="2026-06-07") for each in BLOOD))],
        [case(hem(), *BLOOD), case(hem()), case(hem(taken_on="2026-06-01"), *BLOOD), case(hem(laboratory=""), *BLOOD),
         case(hem(taken_on=""), *BLOOD), case(hem(hgb=""), *BLOOD[1:]), case(hem(taken_on="2026"), *BLOOD),
         case(hem(), *BLOOD[1:], uln("HGB", "200", "g/L", valid_from=""))],
    ),
    "ASM-021": Examples(
        [case(che(**LIVER), ALT), case(che(**LIVER), ALT, FOR_WOMEN, MAN), case(che(**LIVER), ALT, FOR_OLD, dm("1958")),
         case(che(**LIVER), ALT, uln("AST", "40", "U/L", valid_from="2026-06-09"))],
        [case(che(**LIVER), ALT, uln("AST", "40", "U/L", valid_from="2026-06-08")),
         case(che(**LIVER), ALT, AST), case(che(**LIVER)), case(che(**LIVER), ALT, FOR_WOMEN),
         case(che(**LIVER), ALT, FOR_WOMEN, WOMAN),
         case(che(**LIVER), ALT, FOR_OLD, dm("1957")), case(che(**LIVER), ALT, FOR_OLD),
         case(che(**LIVER, creatclr="80"), ALT, AST)],
    ),
    "ASM-022": Examples(
        [case(coa(), uln()), case(coa(laboratory="Elsewhere"), uln(), uln("APTT", "40", "s")),
         case(coa(), uln(), uln("APTT", "40", "s", valid_from="2026-06-09"))],
        [case(coa(), uln(), uln("APTT", "40", "s", valid_from="2026-06-08")), case(coa(), uln(), uln("APTT", "40", "s")), case(coa()), case(coa(aptt=""), uln())],
    ),
    "ASM-034": Examples(
        [case(lbo(), uln()), case(lbo(laboratory="Elsewhere"), uln("TSH", "4.2", "mIU/L")),
         case(lbo(cortisol="300"), uln("TSH", "4.2", "mIU/L")), case(lbo(), uln("TSH", "4.2", "mIU/L", valid_from="2026-06-09"))],
        [case(lbo(), uln("TSH", "4.2", "mIU/L", valid_from="2026-06-08")), case(lbo(), uln("TSH", "4.2", "mIU/L")), case(lbo()), case(lbo(tsh=""), uln()), case(lbo(taken_on=""), uln())],
    ),
    # Examinations
    "ASM-023": Examples(
        [case(vs(systolic=76)), case(vs(systolic=60))],
        [case(vs()), case(vs(systolic=77)), case(vs(systolic="")), case(vs(diastolic="", systolic=20))],
    ),
    "ASM-024": Examples(
        [case(cv(method="MUGA", effusion_method="MUGA"))],
        [case(cv(method="MUGA", effusion_method="CT SCAN")), case(cv(method="MUGA")), case(cv()),
         case(cv(effusion_method="MUGA"))],
    ),
}  # fmt: skip
