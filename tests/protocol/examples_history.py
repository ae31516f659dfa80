"""For every rule of the screening forms: cases in which it fires, and cases in which it stays quiet.

The patient of ``build``: interview on 3 June 2026, registered on 10 June, first dose on 15 June at 10:00 in Lyon, and today
is 1 September.
"""

from __future__ import annotations

from protocol.criteria import CRITERIA
from tests.protocol.build import case, consent, dd, dm, dose, eot, ie, sf, undated
from tests.protocol.examples import Examples, unregistered
from tests.protocol.screening_build import (
    aid,
    che,
    cm,
    cvh,
    hem,
    hx,
    icfv,
    infection,
    irae,
    line,
    mh,
    om,
    organ,
    procedure,
    pt,
    rel,
    ric,
    rp,
    sclc,
    steroid,
    vax,
)

MAN, WOMAN = dm(sex="M"), dm(sex="F")
RADIO = {"category": "RADIOTHERAPY", "name": "Thorax, 45 Gy"}
SICK = {"symptoms": "Y", "uncontrolled": "Y"}

# Consent form versions: the second is signed by patients in the trial too, the third is not.
V1, V2 = icfv(), icfv(icf_version="2.0", approved_on="2026-07-01", reconsent="Y")
V3 = icfv(icf_version="3.0", approved_on="2026-08-01")
OLD = icfv(icf_version="0.9", approved_on="2025-12-01")


def failing(on, **changes):
    """Heart failure of NYHA class IV, last on a day."""
    return cvh(**{"kind": "CONGESTIVE HEART FAILURE", "nyha": "CLASS IV", "nyha_on": on, **changes})


def signed(on, version="1.0"):
    return consent(on, on, version)


def concluded(**answers):
    return ie(**answers, all_satisfied="Y")


def pairs(question, entry, *, outside=(), perhaps=(), other=()):
    """The examples of a question's two rules: ``entry`` fits, ``outside`` certainly does not, ``perhaps`` may."""
    asked = {answer: hx(**{question: answer}) for answer in ("Y", "N", "")}
    no = Examples(
        [case(asked["N"], entry), case(*outside, *perhaps, asked["N"], entry)],
        [case(asked["N"]), case(asked["Y"], entry), case(asked[""], entry),
         *(case(asked["N"], each) for each in (*outside, *perhaps))],
    )
    yes = Examples(
        [case(asked["Y"]), *(case(asked["Y"], each) for each in outside)],
        [case(asked["Y"], entry), case(asked["N"]), case(asked[""]), case(asked["Y"], *outside, entry),
         *(case(asked["Y"], each) for each in perhaps), *other],
    )  # fmt: skip
    return no, yes


EXAMPLES: dict[str, Examples] = {}

# Questions against their logs: the interview is on 3 June 2026 ----------------------------------------------------------

EXAMPLES["SCR-040"], EXAMPLES["SCR-041"] = pairs(
    "radiotherapy_any", procedure(**RADIO, performed_on="2026-06-03"),
    outside=(procedure(), procedure(**RADIO, performed_on="2026-06-04")),
    perhaps=(procedure(category="", performed_on="2020"),),
    other=(case(hx(radiotherapy_any="Y"), procedure(**RADIO, performed_on="2020")),),
)
EXAMPLES["SCR-042"], EXAMPLES["SCR-043"] = pairs(
    "surgery_any", procedure(performed_on="2026-03-03"),  # three months to the day
    outside=(
        procedure(performed_on="2026-03-02"), procedure(performed_on="2026-06-04"),
        procedure(**RADIO, performed_on="2026-05-01")
    ),
    perhaps=(
        procedure(performed_on="2026-03"), procedure(performed_on=""), procedure(category="", performed_on="2026-05-01")
    ),
    other=(case(hx(surgery_any="Y", asked_on=""), procedure()),),
)
EXAMPLES["SCR-044"], EXAMPLES["SCR-045"] = pairs(
    "irae_any", irae(started_on="2026-06-03"), outside=(irae(started_on="2026-06-04"),)
)
EXAMPLES["SCR-046"], EXAMPLES["SCR-047"] = pairs(
    "medical_any", mh(started_on="2026-06-03"), outside=(mh(started_on="2026-06-04"), mh(started_on="2026-07")),
    other=(case(hx(medical_any="Y"), mh(started_on="")),),
)
EXAMPLES["SCR-048"], EXAMPLES["SCR-049"] = pairs(
    "malignancy_any", om(diagnosed_on="2026-06-03"), outside=(om(diagnosed_on="2026-06-04"), om(diagnosed_on="2026-08")),
    other=(case(hx(malignancy_any="Y"), om()),),
)
EXAMPLES["SCR-050"], EXAMPLES["SCR-051"] = pairs(
    "vascular_any", cvh(occurred_on="2026-06-03"), outside=(cvh(occurred_on="2026-06-04"),),
    perhaps=(cvh(kind="OTHER"), cvh(kind="")), other=(case(hx(vascular_any="Y"), cvh()),),
)
EXAMPLES["SCR-052"], EXAMPLES["SCR-053"] = pairs("autoimmune_any", aid(last_treated_on=""))
EXAMPLES["SCR-054"], EXAMPLES["SCR-055"] = pairs(
    "infection_any", infection(started_on="2026-05-06"),  # 28 days
    outside=(infection(started_on="2026-05-05", last_sign_on="2026-05-05"), infection(started_on="2026-06-04", active="Y"),
             infection(started_on="2026-06-04")),
    perhaps=(infection(started_on="2026-05-05"), infection(started_on=""), infection(started_on="2026-05-05", active="")),
    other=(
        case(hx(infection_any="Y"), infection(active="Y")), case(hx(infection_any="Y"), infection(last_sign_on="2026-05-06")),
        case(hx(infection_any="Y"), infection(started_on="2026-06-03")),
    ),
)
EXAMPLES["SCR-054"].fires += [
    case(hx(), infection(active="Y")), case(hx(), infection(last_sign_on="2026-05-06")),
    case(hx(), infection(last_sign_on="2026-06-20"))
]
EXAMPLES["SCR-056"], EXAMPLES["SCR-057"] = pairs(
    "vaccine_any", vax(given_on="2026-05-06"),
    outside=(vax(given_on="2026-05-05"), vax(given_on="2026-06-04"), vax()),
    perhaps=(vax(given_on="2026-05"), vax(given_on="2026")),
)  # fmt: skip
EXAMPLES |= {
    # The check of 10 June, 09:00: the window begins on 3 June.
    "SCR-058": Examples(
        [case(rel(), steroid()), case(rel(), steroid(ongoing="N", ended_on="2026-06-03")),
         case(rel(), cm(name="Tacrolimus", drug_class="IMMUNOSUPPRESSANT")),
         case(rel(), steroid(started_on="2026-06-10", started_time="08:59"))],
        [case(rel()), case(rel(), cm()), case(rel(), steroid(ongoing="N", ended_on="2026-06-02")),
         case(rel(), steroid(started_on="2026-06-10")), case(rel(), steroid(started_on="2026-06-10", started_time="09:01")),
         case(rel(), steroid(route="NASAL")), case(rel(), steroid(route="")), case(rel(), steroid(drug_class="")),
         case(rel(immunosuppressant_any="Y"), steroid()), case(rel(immunosuppressant_any=""), steroid()),
         case(rel(checked_on=""), steroid(ongoing="N", ended_on="2026-06-08"))],
    ),
    "SCR-059": Examples(
        [case(rel(immunosuppressant_any="Y")), case(rel(immunosuppressant_any="Y"), cm()),
         case(rel(immunosuppressant_any="Y"), steroid(ongoing="N", ended_on="2026-06-02"))],
        [case(rel(immunosuppressant_any="Y"), steroid()), case(rel(immunosuppressant_any="Y"), steroid(ongoing="N", ended_on="2026-06-03")),
         case(rel(immunosuppressant_any="Y"), steroid(started_on="2026-06-10")),
         case(rel(immunosuppressant_any="Y"), steroid(drug_class="")), case(rel()), case(rel(immunosuppressant_any=""))],
    ),
}  # fmt: skip

# The conclusion of the checklist ----------------------------------------------------------------------------------------

_EMPTY = {each.field: "" for each in CRITERIA}

EXAMPLES |= {
    "SCR-060": Examples(
        [case(concluded(i03="NOT FULFILLED")), case(concluded(e04="PRESENT", i01="NOT FULFILLED")),
         case(concluded(i03="NOT APPLICABLE")),
         case(concluded(e17="NOT APPLICABLE"), WOMAN), case(concluded(e12="PRESENT"))],
        [case(concluded()), case(concluded(i03="")), case(concluded(e10="PRESENT", e11="PRESENT")), case(ie(i03="NOT FULFILLED")),
         case(ie(i03="NOT FULFILLED", all_satisfied="N")), case(concluded(i09="NOT APPLICABLE", e17="NOT APPLICABLE"), MAN)],
    ),
    "SCR-061": Examples(
        [case(ie(all_satisfied="N")), case(ie(all_satisfied="N", e17="NOT APPLICABLE"), MAN),
         case(ie(all_satisfied="N", e10="", e11=""))],
        [case(ie(all_satisfied="Y")), case(ie()), case(ie(all_satisfied="N", i03="NOT FULFILLED")),
         case(ie(all_satisfied="N", i03="")),
         case(ie(all_satisfied="N", e10="PRESENT")), case(ie(all_satisfied="N", e11="PRESENT")),
         case(ie(all_satisfied="N", e17="NOT APPLICABLE"), WOMAN), case(ie(**{**_EMPTY, "all_satisfied": "N"}))],
    ),
    "SCR-062": Examples(
        [case(ie(i03="NOT FULFILLED")), case(ie(e04="PRESENT", all_satisfied="Y")), case(ie(e17="NOT APPLICABLE"), WOMAN)],
        [case(ie()), case(ie(i03="")), case(ie(e10="PRESENT", e11="PRESENT")), unregistered(ie(i03="NOT FULFILLED"))],
    ),
}  # fmt: skip

# Childbearing -----------------------------------------------------------------------------------------------------------

EXAMPLES |= {
    "SCR-063": Examples(
        [case(rp(), MAN), case(rp(woman=False, pregnant="N"), MAN), case(rp(woman=False, last_period_on="2020"), MAN)],
        [case(rp(woman=False), MAN), case(rp(), WOMAN), case(rp()), case(rp(), dm(sex="")), case(rp(), dm(sex="INTERSEX"))],
    ),
    "SCR-064": Examples(
        [case(rp(potential="N", no_potential_reason="POSTMENOPAUSAL")),
         case(rp(potential="N", no_potential_reason="POSTMENOPAUSAL", menopausal_status="PERIMENOPAUSAL"))],
        [case(rp(potential="N", no_potential_reason="POSTMENOPAUSAL", menopausal_status="POSTMENOPAUSAL")),
         case(rp(potential="N", no_potential_reason="POSTMENOPAUSAL", menopausal_status="")),
         case(rp(potential="N", no_potential_reason="SURGICALLY STERILE")), case(rp(no_potential_reason="POSTMENOPAUSAL"))],
    ),
    "SCR-065": Examples(
        [case(rp(menopausal_status="POSTMENOPAUSAL"))],
        [case(rp()), case(rp(menopausal_status="PERIMENOPAUSAL")), case(rp(menopausal_status="")),
         case(rp(potential="N", menopausal_status="POSTMENOPAUSAL")),
         case(rp(potential="", menopausal_status="POSTMENOPAUSAL"))],
    ),
    "SCR-066": Examples(
        [case(rp(pregnant="Y", potential="N"))], [case(rp(pregnant="Y")), case(rp(potential="N")),
         case(rp(pregnant="Y", potential=""))]
    ),
    # Up to registration on 10 June
    "SCR-067": Examples(
        [case(rp(), pt(result="POSITIVE")), case(rp(pregnant=""), pt(result="POSITIVE")),
         case(rp(), pt(result="POSITIVE"), rp(pregnant="", visit="UNS01", assessed_on="2026-06-09")),
         case(rp(pregnant="Y"), pt(result="POSITIVE"), rp(visit="UNS01", assessed_on="2026-06-10")),
         case(rp(), pt("2026-06-10", "POSITIVE")),
         case(rp(), pt("2026-06-01"), pt("2026-06-02", "POSITIVE")), unregistered(rp(), pt("2026-08-01", "POSITIVE"))],
        [case(rp()), case(rp(), pt()), case(rp(pregnant="Y"), pt(result="POSITIVE")),
         case(rp(), pt("2026-06-11", "POSITIVE")),
         case(rp(), pt("2026-06-01", "POSITIVE"), pt("2026-06-02")), case(rp(), pt(result="POSITIVE"), pt("2026-06-03")),
         case(rp(), pt("", "POSITIVE")), case(rp(), pt("2026-06", "POSITIVE")),
         case(rp(), pt(result="POSITIVE"), rp(pregnant="Y", visit="UNS01", assessed_on="2026-06-10")),
         case(rp(pregnant="Y"), pt(result="POSITIVE"), rp(visit="UNS01", assessed_on="2026-06-11")),
         case(rp(woman=False), MAN, pt(result="POSITIVE")),
         case(rp(), pt(result="INDETERMINATE"))],
    ),
    # The interview is on 3 June
    "SCR-068": Examples(
        [case(rp(pregnant="Y"), pt()), case(rp(), pt(), rp(pregnant="Y", visit="UNS01", assessed_on="2026-06-03")),
         case(rp(pregnant="Y"), pt("2026-06-02", "POSITIVE"), pt("2026-06-04"), pt("2026-06-05"))],
        [case(rp(pregnant="Y")), case(rp(pregnant="Y"), pt("2026-06-02")), case(rp(), pt()), case(rp(pregnant=""), pt()),
         case(rp(pregnant="Y"), pt(), pt("2026-06-05", "POSITIVE")),
         case(rp(pregnant="Y"), pt(), pt("2026-06", "INDETERMINATE")),
         case(rp(pregnant="Y"), pt("2026-06")), case(rp(pregnant="Y"), pt("")), case(rp(pregnant="Y", assessed_on=""), pt()),
         case(rp(pregnant="Y"), pt(result="")), case(rp(pregnant="Y"), pt(), rp(visit="UNS01", assessed_on="2026-06-04"))],
    ),
    "SCR-069": Examples(
        [case(rp(method="")), case(rp(method="  ")), case(rp(woman=False, method=""), MAN)],
        [case(rp()), case(rp(method="", sexually_active="N")), case(rp(method="", willing="N")),
         case(rp(method="", potential="N")),
         case(rp(method="", willing=""))],
    ),
    "SCR-070": Examples(
        [case(rp(potential=""), WOMAN), case(rp(potential=""), dm(sex="INTERSEX")), case(rp(potential=""), dm(sex="U"))],
        [case(rp(), WOMAN), case(rp(potential="N"), WOMAN), case(rp(woman=False), MAN), case(rp(potential="")),
         case(rp(potential=""), dm(sex="")), case(rp(potential="", visit="UNS01"), WOMAN)],
    ),
    "SCR-071": Examples(
        [case(rp(pregnant=""), WOMAN), case(rp(pregnant="", potential="N"), WOMAN)],
        [case(rp(), WOMAN), case(rp(pregnant="Y"), WOMAN), case(rp(woman=False), MAN), case(rp(pregnant="")),
         case(rp(pregnant="", visit="UNS01"), WOMAN)],
    ),
    "SCR-072": Examples(
        [case(rp(breastfeeding=""), WOMAN)], [case(rp(), WOMAN), case(rp(woman=False), MAN), case(rp(breastfeeding="")),
         case(rp(breastfeeding="", visit="UNS01"), WOMAN)]
    ),
    # Judged on 8 June, when the blood was taken; registration is on 10 June
    "SCR-114": Examples(
        [case(organ(), hem(taken_on="2026-06-09"), che()), case(organ(), hem(), che(taken_on="2026-06-10")),
         case(organ(), hem(), hem(visit="UNS01", taken_on="2026-06-09")),
         case(organ(renal="", haematological=""), che(taken_on="2026-06-09")), case(organ(assessed_on="2026-05"), hem()),
         case(organ(), hem(taken_on="2026-06-09"), organ(visit="UNS01", assessed_on="2026-06-10", haematological="")),
         unregistered(organ(), che(visit="UNS01", taken_on="2026-09-01"))],
        [case(organ(), hem(), che()), case(organ()), case(organ(assessed_on=""), hem()), case(organ(), hem(taken_on="")),
         case(organ(), hem(taken_on="2026-06")), case(organ(), hem(taken_on="2026-06-11")), case(organ(), che(taken_on="2026-06-11")),
         case(organ(), hem(taken_on="2026-06-09"), organ(visit="UNS01", assessed_on="2026-06-09")),
         case(organ(haematological=""), hem(taken_on="2026-06-09")),
         case(organ(renal="", liver=""), hem(), che(taken_on="2026-06-09")),
         case(organ(), che(**dict.fromkeys(("creat", "alt", "ast", "alp", "bili", "alb"), ""), taken_on="2026-06-09")),
         case(organ(), hem(visit="C1D1", taken_on="2026-06-10"))],
    ),
}  # fmt: skip

# Disease, earlier treatment, other diseases -----------------------------------------------------------------------------

NO_ICI = {"drugs": "CARBOPLATIN; ETOPOSIDE", "ici_first_on": "", "ici_last_on": ""}
SECOND = {"line_number": 2, "drugs": "TOPOTECAN", "ici_first_on": "", "ici_last_on": ""}

EXAMPLES |= {
    "SCR-073": Examples(
        [case(om(still_active="Y", no_evidence="Y"))],
        [case(om(still_active="Y", no_evidence="N")), case(om(no_evidence="Y")), case(om(still_active="Y")),
         case(om(still_active=""))],
    ),
    "SCR-074": Examples(
        [case(om(active_until="2020-05-02", no_evidence_since="2020-05-01")), case(om(no_evidence_since="2019"))],
        [case(om(active_until="2020-05-01", no_evidence_since="2020-05-01")), case(om(no_evidence_since="2020")),
         case(om(no_evidence_since="2020-05")), case(om()), case(om(active_until="", no_evidence_since="2019"))],
    ),
    "SCR-075": Examples(
        [case(sclc(stage_at_enrolment="LS"))],
        [case(sclc()), case(sclc(stage_at_diagnosis="LS")), case(sclc(stage_at_diagnosis="LS", stage_at_enrolment="LS")),
         case(sclc(stage_at_diagnosis="", stage_at_enrolment="LS")), case(sclc(stage_at_enrolment=""))],
    ),
    "SCR-076": Examples(
        [case(sclc(brain_steroids="Y")), case(sclc(brain_steroids="Y"), cm())],
        [case(sclc(brain_steroids="Y"), steroid()), case(sclc(brain_steroids="Y"), cm(), cm(drug_class="")),
         case(sclc(brain_steroids="N")),
         case(sclc())],
    ),
    "SCR-077": Examples(
        [case(line(ici_first_on="")), case(line(ici_first_on="", ici_last_on="")),
         case(line(drugs="CISPLATIN; ETOPOSIDE; OTHER CHECKPOINT INHIBITOR", ici_first_on=""))],
        [case(line()), case(line(ici_last_on="")), case(line(**NO_ICI)), case(line(drugs="", ici_first_on=""))],
    ),
    "SCR-078": Examples(
        [case(line(drugs="CARBOPLATIN; ETOPOSIDE")), case(line(**{**NO_ICI, "ici_last_on": "2026"})),
         case(line(drugs="OTHER"))],
        [case(line()), case(line(**NO_ICI)), case(line(drugs=""))],
    ),
    "SCR-079": Examples(
        [case(line(drugs="CARBOPLATIN; OTHER")), case(line(drugs="OTHER CHECKPOINT INHIBITOR", other_drug=" "))],
        [case(line()), case(line(drugs="OTHER", other_drug="Trilaciclib")), case(line(drugs=""))],
    ),
    "SCR-080": Examples(
        [case(line(), line()), case(line(), line(line_number=2), line(line_number=2))],
        [case(line(), line(line_number=2)), case(line()), case(line(line_number=""), line(line_number="")),
         case(line(), line(line_number=""))],
    ),
    "SCR-081": Examples(
        [case(line(), sclc(diagnosed_on="2025-10-21")), case(line(), sclc(diagnosed_on="2026"))],
        [case(line(), sclc()), case(line(), sclc(diagnosed_on="2025-10-20")), case(line(), sclc(diagnosed_on="2025")),
         case(line(), sclc(diagnosed_on="2025-10")), case(line()), case(line(chemo_first_on=""), sclc(diagnosed_on="2026"))],
    ),
    "SCR-082": Examples(
        [case(line(), line(**SECOND, chemo_first_on="2025-10-19")), case(line(**SECOND, chemo_first_on="2024"), line())],
        [case(line(), line(**SECOND, chemo_first_on="2025-10-20")), case(line(), line(**SECOND, chemo_first_on="2025")),
         case(line(), line(**SECOND, chemo_first_on="2026-02-01")), case(line(), line(chemo_first_on="2024")),
         case(line(line_number=""), line(**SECOND, chemo_first_on="2024")), case(line(), line(**SECOND, chemo_first_on="")),
         case(line())],
    ),
    "SCR-083": Examples(
        [case(line(chemo_last_on="2026-06-11")), case(line(chemo_first_on="2026-07", chemo_last_on=""))],
        [case(line(chemo_last_on="2026-06-10")), case(line(chemo_last_on="2026-06")), case(line()),
         unregistered(line(chemo_last_on="2026-08"))],
    ),
    "SCR-084": Examples(
        [case(line(ici_last_on="2026-06-11")), case(line(ici_first_on="2026-07", ici_last_on=""))],
        [case(line(ici_last_on="2026-06-10")), case(line(ici_last_on="2026")), case(line()),
         unregistered(line(ici_last_on="2026-08"))],
    ),
    "SCR-085": Examples(
        [case(procedure(performed_on="2026-06-16"), dose()), case(procedure(**RADIO, performed_on="2026-07"), dose()),
         case(procedure(performed_on="2026-06-16"), undated("C1D1", "DELAYED"), dose("C1D8"))],
        [case(procedure(performed_on="2026-06-15"), dose()), case(procedure(performed_on="2026-06"), dose()),
         case(procedure(performed_on="2026-06-16")), case(procedure(performed_on=""), dose()),
         case(procedure(performed_on="2026-06-16"), undated("C1D1", "DELAYED"))],
    ),
    "SCR-113": Examples(
        [case(irae(grade="1", recurrent="Y", recurrence_grade="2"))],
        [case(irae(grade="2", recurrent="Y", recurrence_grade="2")), case(irae(grade="3", recurrent="Y", recurrence_grade="2")),
         case(irae()), case(irae(grade="", recurrent="Y", recurrence_grade="2")), case(irae(recurrent="Y", recurrence_grade=""))],
    ),
    "SCR-086": Examples(
        [case(irae(started_on="2025-10-19"), line()),
         case(irae(started_on="2025-09"), line(), line(line_number=2, ici_first_on="2026-01")),
         case(irae(started_on="2024"), line(), line(**NO_ICI, line_number=2))],
        [case(irae(started_on="2025-10-20"), line()), case(irae(started_on="2025"), line()), case(irae(started_on="2024")),
         case(irae(started_on="2025-12-01"), line(ici_first_on="2026-01-01", line_number=2), line()),
         case(irae(started_on="2024"), line(ici_first_on="")), case(irae(started_on="2024"), line(**NO_ICI)),
         case(irae(started_on="2024"), line(), line(line_number=2, ici_first_on="")), case(irae(started_on=""), line())],
    ),
    "SCR-115": Examples(
        [case(irae(), line(**NO_ICI)), case(irae(started_on=""), line(**NO_ICI), line(**NO_ICI, line_number=2))],
        [case(irae(), line()), case(irae(), line(**NO_ICI), line(line_number=2)), case(irae()), case(line(**NO_ICI)),
         case(irae(), line(**NO_ICI), line(line_number=2, drugs="")), case(irae(term=""), line(**NO_ICI))],
    ),
    "SCR-087": Examples(
        [case(cvh(nyha_on="2025-03-02", ended_on="2025-03-01")), case(cvh(nyha_on="2026", ended_on="2025"))],
        [case(cvh(nyha_on="2025-03-01", ended_on="2025-03-01")), case(cvh(nyha_on="2025-03", ended_on="2025")),
         case(cvh(nyha_on="2025")),
         case(cvh(ended_on="2025")), case(cvh())],
    ),
    "SCR-110": Examples(
        [unregistered(failing("2025-06-09"), today="2026-06-10"), unregistered(failing("2025-05"), today="2026-06-10"),
         unregistered(failing("2020"), today="2026-06-10"), case(failing("2025-06-09"))],
        [unregistered(failing("2025-06-10"), today="2026-06-10"), unregistered(failing("2025-06"), today="2026-06-10"),
         unregistered(failing(""), today="2026-06-10"), case(failing("2025-06-10")),
         unregistered(failing("2020", nyha="CLASS III"), today="2026-06-10"),
         unregistered(failing("2020", nyha=""), today="2026-06-10"),
         unregistered(failing("2020", kind="STROKE"), today="2026-06-10")],
    ),
    "SCR-088": Examples(
        [case(aid(active="N", treatment_ongoing="Y"))],
        [case(aid(active="N", treatment_ongoing="Y", replacement_only="Y")),
         case(aid(active="N", treatment_ongoing="Y", replacement_only="")),
         case(aid(treatment_ongoing="Y")), case(aid(active="N")), case(aid(active="", treatment_ongoing="Y"))],
    ),
    "SCR-089": Examples(
        [case(infection(antibiotics_ended_on="2026-03-31")), case(infection(antibiotics_ended_on="2025"))],
        [case(infection(antibiotics_ended_on="2026-04-01")), case(infection(antibiotics_ended_on="2026")), case(infection()),
         case(infection(started_on="", antibiotics_ended_on="2025"))],
    ),
    "SCR-090": Examples(
        [case(infection(active="Y", symptoms_resolved="Y"))],
        [case(infection(active="Y", symptoms_resolved="N")), case(infection(symptoms_resolved="Y")),
         case(infection(active="Y")),
         case(infection(active="", symptoms_resolved="Y"))],
    ),
    "SCR-091": Examples(
        [case(infection(**SICK)), case(infection(radiographic_signs="Y")),
         case(infection(clinical_signs="Y", uncontrolled=""))],
        [case(infection(**SICK, last_sign_on="2026-04-08")), case(infection()),
         case(infection(symptoms="Y", uncontrolled="N")),
         case(infection(symptoms=""))],
    ),
}  # fmt: skip

# Consent form versions --------------------------------------------------------------------------------------------------

EXAMPLES |= {
    "SCR-092": Examples(
        [case(consent(version="1.1"), V1), case(consent(version="v1.0"), V1, V2)],
        [case(consent(), V1), case(consent(version=" 1.0 "), V1), case(consent(version="1.1")),
         case(consent(version=""), V1),
         case(consent(version="1.0A"), icfv(icf_version="1.0a"))],
    ),
    "SCR-093": Examples(
        [case(signed("2026-01-14"), V1), case(signed("2026-06-30", "2.0"), V1, V2), case(signed("2025"), V1)],
        [case(signed("2026-01-15"), V1), case(signed("2026"), V1), case(signed(""), V1), case(signed("2025", "1.1"), V1),
         case(signed("2025"), icfv(approved_on=""))],
    ),
    "SCR-094": Examples(
        [case(signed("2026-07-01"), V1, V2), case(signed("2026-07-02"), V1, V2), case(signed("2026-06-01", "0.9"), OLD, V1)],
        [case(signed("2026-06-30"), V1, V2), case(signed("2026-07"), V1, icfv(icf_version="2.0", approved_on="2026-07-02")),
         case(signed("2026-07-02", "2.0"), V1, V2), case(signed(""), V1, V2), case(signed("2026-08", "1.1"), V1, V2),
         case(signed("2026-08"), V1)],
    ),
    "SCR-095": Examples(
        [case(consent(), V1, V2), case(consent(), V1, V2, ric(icf_version="1.0")),
         case(consent(), V1, V2, ric(icf_version="2.1")),
         case(consent(), V1, V2, V3), case(consent(version=""), V1, V2),
         case(consent(), V1, icfv(icf_version="2.0", approved_on="2026-06-02", reconsent="Y"))],
        [case(consent(), V1), case(consent(), V1, icfv(icf_version="2.0", approved_on="2026-06-01", reconsent="Y")),
         case(consent(), V1, V2, ric()), case(consent(), V1, V2, V3, ric(icf_version="3.0")),
         case(consent(), V1, V3),
         case(signed("2026-07-01"), V1, V2), case(signed("2026-06-01", "2.0"), V1, V2), case(consent(), V1, V2, dd()),
         case(consent(), V1, V2, sf()), case(consent(), V1, V2, eot(reason="WITHDRAWAL OF CONSENT")),
         unregistered(consent(), V1, V2),
         case(signed(""), V1, V2), case(consent(), V1, icfv(icf_version="2.0", approved_on="2026", reconsent="Y"))],
    ),
    "SCR-096": Examples(
        [case(ric(icf_version="2.1"), V1, V2)], [case(ric(), V1, V2), case(ric(icf_version="2.1")),
         case(ric(icf_version=""), V1)]
    ),
    "SCR-097": Examples(
        [case(ric(patient_signed_on="2026-06-30"), V1, V2)],
        [case(ric(), V1, V2), case(ric(patient_signed_on="2026-07"), V1, V2), case(ric(patient_signed_on=""), V1, V2),
         case(ric())],
    ),
    "SCR-098": Examples(
        [case(ric(patient_signed_on="2026-08-01"), V1, V2, V3), case(ric(icf_version="1.0"), V1, V2)],
        [case(ric(patient_signed_on="2026-07-31"), V1, V2, V3), case(ric(), V1, V2),
         case(ric(icf_version="2.1"), V1, V2, V3),
         case(ric(patient_signed_on=""), V1, V2, V3)],
    ),
    "SCR-099": Examples(
        [case(ric(patient_signed_on="2026-05-31"), consent()), case(ric(patient_signed_on="2025"), consent())],
        [case(ric(patient_signed_on="2026-06-01"), consent()), case(ric(patient_signed_on="2026"), consent()),
         case(ric(), consent("")),
         case(ric(patient_signed_on="2026-05-31"))],
    ),
    "SCR-100": Examples(
        [case(ric(investigator_signed_on="2026-07-02")), case(ric(investigator_signed_on="2026-06"))],
        [case(ric()), case(ric(investigator_signed_on="")), case(ric(investigator_signed_on="2026-07"))],
    ),
}  # fmt: skip

# The check before the first dose, and a first dose against it -----------------------------------------------------------

# Released at 11:00 in Lyon on the day of the first dose, which starts at 10:00 unless said otherwise.
MINUTE = "2026-06-15T09"
RELEASED = f"{MINUTE}:00"
PREDNISONE = steroid(dose=20)
WOMEN = (WOMAN, rp(), pt())
SECOND_TEST = pt("2026-06-12")

EXAMPLES |= {
    "SCR-101": Examples(
        [case(rel(checked_on="2026-06-09")), case(rel(checked_on="2026-05"))],
        [case(rel()), case(rel(checked_on="2026-06-11")), case(rel(checked_on="2026-06")), case(rel(checked_on="")),
         unregistered(rel(checked_on="2026-06-09"))],
    ),
    "SCR-102": Examples(
        [case(rel(checked_on="2026-06-16"), dose()), case(rel(checked_on="2026-06-15", checked_time="10:01"), dose()),
         case(rel(checked_on="2026-06-16"), undated("C1D1", "OMITTED"), dose("C1D8"))],
        [case(rel(checked_on="2026-06-15", checked_time="10:00"), dose()),
         case(rel(checked_on="2026-06-15", checked_time=""), dose()),
         case(rel(checked_on="2026-06-15", checked_time="11:00"), dose(start="")), case(rel(checked_on="2026-06"), dose()),
         case(rel(checked_on="2026-06-16")), case(rel(checked_on="2026-06-16"), undated("C1D1", "DELAYED")),
         case(rel(checked_on=""), dose())],
    ),
    "SCR-103": Examples(
        [case(rel(**SICK)), case(rel(clinical_signs="Y"))],
        [case(rel()), case(rel(**SICK, last_sign_on="2026-06-08")), case(rel(symptoms="Y", uncontrolled="N")),
         case(rel(symptoms=""))],
    ),
    "SCR-031": Examples(
        [case(dose()), case(rel(), dose()), case(rel(released_at=RELEASED), dose(start="10:59")),
         case(rel(released_at="2026-06-15T22:00"), dose(start="")), case(dose("C1D8")),
         case(undated("C1D1", "OMITTED"), dose("C1D8")),
         case(dose(), dose("C1D8", "2026-06-22")), case(rel(released_at=f"{MINUTE}:01:00"), dose(start="11:00"))],
        [case(rel(released_at=RELEASED), dose(start="11:00")), case(rel(released_at=f"{MINUTE}:00:20"), dose(start="11:00")),
         case(rel(released_at=f"{MINUTE}:00:59"), dose(start="11:00")), case(rel(released_at=RELEASED), dose(start="")),
         case(rel(released_at=RELEASED), dose(on="2026-06-16")),
         case(rel(released_at=RELEASED), dose(start="11:00"), dose("C1D8", "2026-06-14")),
         case(undated("C1D1", "DELAYED")), case(dose(on="")), case(rel(released_at=RELEASED), dose(on="2026-06"))],
    ),
    "SCR-E10g": Examples(
        [case(rel(), PREDNISONE, dose()), case(steroid(dose=20, ongoing="N", ended_on="2026-06-08"), dose()),
         case(steroid(dose=20, started_on="2026-06-15", started_time="10:00"), dose()),
         case(rel(), cm(name="Tacrolimus", drug_class="IMMUNOSUPPRESSANT", purpose="TREATMENT"), dose()),
         case(PREDNISONE, dose(), dose("C1D8", "2026-06-22"))],
        [case(rel(), dose()), case(steroid(), dose()), case(steroid(dose=20, ongoing="N", ended_on="2026-06-07"), dose()),
         case(steroid(dose=20, started_on="2026-06-15", started_time="10:01"), dose()),
         case(steroid(dose=20, started_on="2026-06-16"), dose()),
         case(steroid(dose=20, started_on="2026-06-15"), dose()),
         case(steroid("Dexamethasone", 8, purpose="PROPHYLAXIS OF TARLATAMAB AE"), dose()),
         case(PREDNISONE, dose(on="2026-06")), case(PREDNISONE), case(PREDNISONE, undated("C1D1", "DELAYED")),
         case(steroid(dose=20, started_on="2026-06-16"), dose(), dose("C1D8", "2026-06-22"))],
    ),
    "SCR-E11g": Examples(
        [case(rel(**SICK, last_sign_on="2026-06-10"), dose()), case(rel(**SICK, last_sign_on="2026-06-08"), dose()),
         case(infection(**SICK, last_sign_on="2026-06-14"), dose()),
         case(infection(**SICK, last_sign_on="2026-06-20"), dose())],
        [case(rel(), dose()), case(rel(**SICK, last_sign_on="2026-06-07"), dose()), case(rel(**SICK), dose()),
         case(infection(**SICK, started_on="2026-06-16", last_sign_on="2026-06-20"), dose()),
         case(rel(symptoms="Y", uncontrolled="N", last_sign_on="2026-06-10"), dose()),
         case(rel(**SICK, last_sign_on="2026-06-10"), dose(on="2026-06")), case(rel(**SICK, last_sign_on="2026-06-10"))],
    ),
    "SCR-I09g": Examples(
        [case(*WOMEN, dose()), case(*WOMEN, pt("2026-06-11"), dose()), case(*WOMEN, pt("2026-06-16"), dose()),
         case(*WOMEN, rp(potential="N", visit="UNS01", assessed_on="2026-06-16"), dose()),
         case(*WOMEN, pt("2026-06-14", "POSITIVE"), dose()), case(*WOMEN, pt("2026-06-15", tested_time="10:00"), dose())],
        [case(*WOMEN, SECOND_TEST, dose()), case(*WOMEN, pt("2026-06-15", tested_time="09:59"), dose()),
         case(*WOMEN, pt("2026-06-15", tested_time=""), dose()), case(WOMAN, rp(), dose()),
         case(WOMAN, rp(potential="N"), pt(), dose()),
         case(*WOMEN, rp(potential="N", visit="UNS01", assessed_on="2026-06-15"), dose()),
         case(MAN, pt(), dose()), case(*WOMEN, dose(on="2026-06")), case(*WOMEN),
         case(*WOMEN, SECOND_TEST, pt("2026-07-20", "POSITIVE"), dose())],
    ),
}  # fmt: skip

# The logs beside the look ahead to the first dose: today is 10 June, and seven days before it is 3 June ------------------------

AHEAD = {"today": "2026-06-10"}
LATE_STEROID, EARLY_STEROID = (steroid(dose=40, ongoing="N", ended_on=on) for on in ("2026-06-03", "2026-06-02"))


def fever(on, **changes):
    return infection(**{**SICK, "last_sign_on": on, "started_on": "2026-05-20", **changes})


EXAMPLES["SCR-111"] = Examples(
    [unregistered(ie(), steroid(dose=40), **AHEAD), unregistered(ie(), LATE_STEROID, **AHEAD),
     case(ie(e10="", all_satisfied="Y"), steroid(dose=40), **AHEAD),
     unregistered(ie(), steroid(), **AHEAD),  # a low dose: for the medical reviewer
     unregistered(ie(), steroid(dose=40, ongoing="N", ended_on="2026-06"), **AHEAD),  # a day that nobody knows
     unregistered(ie(), cm(name="Tacrolimus", drug_class="IMMUNOSUPPRESSANT", purpose="TREATMENT"), **AHEAD)],
    [unregistered(ie(), **AHEAD), unregistered(ie(), EARLY_STEROID, **AHEAD), unregistered(ie(e10=""), steroid(dose=40), **AHEAD),
     unregistered(ie(e10="PRESENT"), steroid(dose=40), **AHEAD), unregistered(ie(), cm(), **AHEAD),
     unregistered(ie(), steroid(dose=40, ended_on="2026-05", ongoing="N"), **AHEAD),
     unregistered(ie(), steroid("Dexamethasone", 8, purpose="ANTI-EMETIC"), **AHEAD),
     unregistered(ie(), steroid(dose=40, purpose=""), **AHEAD), case(ie(), steroid(dose=40), dose())],
)
EXAMPLES["SCR-112"] = Examples(
    [unregistered(ie(), fever("2026-06-03"), **AHEAD), unregistered(ie(), fever("2026-06-10"), **AHEAD),
     case(ie(e11="", all_satisfied="N"), fever("2026-06-09"), **AHEAD),
     unregistered(ie(), fever("2026-06"), **AHEAD)],  # a day that nobody knows
    [unregistered(ie(), **AHEAD), unregistered(ie(), fever("2026-06-02"), **AHEAD), unregistered(ie(), fever("2026-05"), **AHEAD),
     unregistered(ie(e11=""), fever("2026-06-09"), **AHEAD), unregistered(ie(e11="PRESENT"), fever("2026-06-09"), **AHEAD),
     unregistered(ie(), fever("2026-06-09", uncontrolled="N"), **AHEAD), unregistered(ie(), fever(""), **AHEAD),
     unregistered(ie(), infection(), **AHEAD), case(ie(), fever("2026-06-09"), dose())],
)
