"""The table of what is asked before the first dose (I9b, E10, E11, E12), and of E17 and E18.

Registered on 10 June 2026; the first infusion begins on 15 June at 10:00 in Lyon. Seven days before it is 8 June, three days
12 June.
"""

from __future__ import annotations

import functools

from protocol.atoms import Decision
from tests.protocol.build import day, dm, dose, undated
from tests.protocol.lines import Line, _lines, absent, contradictory, missing, na, present, treated
from tests.protocol.screening_build import anticoagulant, cm, hx, infection, pt, rel, rp, steroid

given = functools.partial(_lines, of=treated)
met_2, not_met_2, na_2 = given(Decision.MET), given(Decision.NOT_MET), given(Decision.NA)
present_2, absent_2, review_2 = given(Decision.PRESENT), given(Decision.ABSENT), given(Decision.REVIEW)
missing_2, unknown_2 = given(Decision.UNDETERMINED), given(Decision.UNDETERMINED, True)

W = {"woman": True}
FIRST = pt("2026-06-03")
BEFORE = {"dose": None, "today": "2026-06-15"}  # the same day at 14:00, nothing given yet
AUTUMN = {"today": "2026-10-26", "enrolled": "2026-10-20", "dose": dose(on="2026-10-25",
                                                                        start="02:10")}  # 02:00 to 03:00 comes twice


def tests(*more):
    """Woman of childbearing potential with a first test on 3 June."""
    return {"pt": (FIRST, *more), **W}


def again(on, own=None, **answers):
    """An interview at screening, and one at an unscheduled visit with these answers only."""
    blank = dict.fromkeys(("potential", "menopausal_status", "pregnant", "breastfeeding", "sexually_active", "willing", "method"), "")
    return own or rp(), rp(visit="UNS01", assessed_on=on, last_period_on="", **{**blank, **answers})


SECOND_TEST: dict[str, list[Line]] = {
    "SCR-I09b": [
        na_2("a man"),
        na_2("a woman not of childbearing potential", rp=rp(potential="N"), pt=None, **W),
        met_2("day 3", **tests(pt("2026-06-12")), says=["12-Jun-2026", "3 days before the first dose on 15-Jun-2026",
                                                        "second test"]),
        not_met_2("day 4", **tests(pt("2026-06-11")), says="within 3 days"),
        met_2("the day before", **tests(pt("2026-06-14"))),
        met_2("the same day, a minute before the infusion", **tests(pt("2026-06-15", tested_time="09:59"))),
        not_met_2("the same day, as it begins", **tests(pt("2026-06-15", tested_time="10:00"))),
        not_met_2("the same day, a minute after it began", **tests(pt("2026-06-15", tested_time="10:01"))),
        unknown_2("the same day, time not known", **tests(pt("2026-06-15", tested_time=""))),
        not_met_2("the day after", **tests(pt("2026-06-16"))),
        met_2("before, and again after", **tests(pt("2026-06-14"), pt("2026-06-16"))),
        unknown_2("the same day, time of the infusion not known", **tests(pt("2026-06-15")), dose=dose(start="")),
        met_2("the day before, time of the infusion not known", **tests(pt("2026-06-14")), dose=dose(start="")),
        not_met_2("one test only, of the week before", **tests(), says="one test only"),
        not_met_2("one test that lies in both windows", pt=pt("2026-06-10"), **W, dose=dose(on="2026-06-12"),
                  says="one test only"),
        met_2("two tests that both lie in both windows", pt=(pt("2026-06-09"), pt("2026-06-10")), **W,
              dose=dose(on="2026-06-12")),
        met_2("the first in both windows too", pt=(pt("2026-06-10"), pt("2026-06-11")), **W, dose=dose(on="2026-06-12")),
        met_2("two tests before registration, the later in both windows", pt=(FIRST, pt("2026-06-10")), **W,
              dose=dose(on="2026-06-12")),
        not_met_2("one test entered twice", pt=(pt("2026-06-10"), pt("2026-06-10")), **W, dose=dose(on="2026-06-12")),
        met_2("two tests of one day", pt=(pt("2026-06-10"), pt("2026-06-10", tested_time="11:00")), **W,
              dose=dose(on="2026-06-12")),
        unknown_2("two of one day, one time not known", pt=(pt("2026-06-10"), pt("2026-06-10", tested_time="")), **W,
                  dose=dose(on="2026-06-12")),
        met_2("whether the first counts is open, the second is another in any case", pt=(pt("2026-05"), pt("2026-06-14")),
              **W),
        unknown_2("two of one day, times not known", pt=(pt("2026-06-10", tested_time=""),) * 2, **W,
                  dose=dose(on="2026-06-12")),
        not_met_2("negative, later positive", **tests(pt("2026-06-13"), pt("2026-06-14", "POSITIVE")), says="positive"),
        met_2("negative, positive only after the infusion", **tests(pt("2026-06-13"), pt("2026-06-16", "POSITIVE"))),
        met_2("positive, later negative", **tests(pt("2026-06-13", "POSITIVE"), pt("2026-06-14"))),
        missing_2("negative, later indeterminate", **tests(pt("2026-06-13"), pt("2026-06-14", "INDETERMINATE"))),
        not_met_2("the second is positive", **tests(pt("2026-06-14", "POSITIVE"))),
        missing_2("the second is indeterminate", **tests(pt("2026-06-14", "INDETERMINATE"))),
        unknown_2("a month that may lie inside", **tests(pt("2026-06"))),
        missing_2("no test", pt=None, **W),
        missing_2("childbearing potential not entered", rp=rp(potential=""), **W),
        na_2("no longer of childbearing potential, asked on the day of the first dose", rp=again("2026-06-15", potential="N"), **W),
        not_met_2("asked the day after it", rp=again("2026-06-16", potential="N"), **W),
        # Before the dose the clock stands in its place
        met_2("nothing given yet, test 3 days ago", **tests(pt("2026-06-12")), **BEFORE, says="this check"),
        not_met_2("nothing given yet, test 4 days ago", **tests(pt("2026-06-11")), **BEFORE),
        met_2("nothing given yet, test today", **tests(pt("2026-06-15")), **BEFORE),
        not_met_2("an omitted dose with a date is none", **tests(pt("2026-06-08")), dose=(
            undated("C1D1", "OMITTED", given_on=day("2026-06-11")), dose("C1D8", "2026-06-15"))),
        met_2("a delayed dose is none", **tests(pt("2026-06-12")), dose=dose(occurrence="DELAYED"), today="2026-06-15"),
        # Clock change
        met_2("before the hour that comes twice", pt=(pt("2026-10-15"), pt("2026-10-25", tested_time="01:59")), **W,
              **AUTUMN),
        unknown_2("in the hour that comes twice", pt=(pt("2026-10-15"), pt("2026-10-25", tested_time="02:05")), **W,
                  **AUTUMN),
        unknown_2("in that hour, by the clock later", pt=(pt("2026-10-15"), pt("2026-10-25", tested_time="02:50")), **W,
                  **AUTUMN),
        not_met_2("after that hour", pt=(pt("2026-10-15"), pt("2026-10-25", tested_time="03:00")), **W, **AUTUMN),
    ],
}  # fmt: skip

IN = {"rel": rel(i09="NOT APPLICABLE", immunosuppressant_any="Y")}
DAY_7, DAY_8 = "2026-06-08", "2026-06-07"
MYCOPHENOLATE = {"name": "Mycophenolate", "drug_class": "IMMUNOSUPPRESSANT", "purpose": "TREATMENT"}
DEXAMETHASONE = {"name": "Dexamethasone", "dose": 8, "route": "INTRAVENOUS", "frequency": "ONCE", "ongoing": "N"}


def taken(*drugs, **rest):
    return {**IN, "cm": drugs, **rest}


def until(last, dose=20, **changes):
    return steroid(dose=dose, ongoing="N", ended_on=last, **changes)


def since(first, dose=20, **changes):
    return steroid(dose=dose, started_on=first, **changes)


def equivalents():
    for name, most in (("Prednisone", "10"), ("Prednisolone", "10"), ("Methylprednisolone", "8"), ("Dexamethasone", "1.5"),
                       ("Hydrocortisone", "40")):  # fmt: skip
        above = str(round(float(most) * 1.05, 3))
        yield review_2(f"{name} {most} mg = 10 mg prednisone", **taken(steroid(name, most)), says="10 mg prednisone")
        yield present_2(f"{name} {above} mg = 10.5 mg", **taken(steroid(name, above)), says="10.5 mg prednisone")
        yield review_2(f"{name} half of it twice a day", **taken(steroid(name, str(float(most) / 2), frequency="BID")))


STEROIDS: dict[str, list[Line]] = {
    "SCR-E10b": [
        absent_2("none", says="No corticosteroid"),
        absent("none, before the dose"),
        missing_2("not asked", rel=rel(immunosuppressant_any=""), says="in the last 7 days"),
        missing_2("no form", rel=None),
        missing_2("yes, and none entered", **IN, says="of the last 7 days"),
        missing_2("yes, and only one that ended before", **taken(until(DAY_8))),
        absent_2("another medication", cm=(cm(), anticoagulant())),
        missing_2("kind of a medication not entered", cm=cm(drug_class=""), says="kind of medication"),
        # The window
        present_2("last dose 7 days before", **taken(until(DAY_7)), says=["08-Jun-2026", "20 mg prednisone"]),
        absent_2("last dose 8 days before", cm=until(DAY_8), says="outside"),
        present_2("ongoing", **taken(steroid(dose=20))),
        present_2("begun on the day, before the infusion", **taken(since("2026-06-15", started_time="09:59"))),
        present_2("begun as the infusion begins", **taken(since("2026-06-15", started_time="10:00"))),
        absent_2("begun a minute after", cm=since("2026-06-15", started_time="10:01")),
        unknown_2("begun on the day, time not known", **taken(since("2026-06-15"))),
        unknown_2("begun that day at 10:01, time of the infusion not known",
                  **taken(since("2026-06-15", started_time="10:01")), dose=dose(start="")),
        absent_2("begun the day after", cm=since("2026-06-16"), today="2026-06-20"),
        present_2("begun before, ended after the infusion", **taken(until("2026-06-20")), today="2026-06-25"),
        absent_2("ended in the month before", cm=until("2026-05")),
        unknown_2("ended in the month of the boundary", **taken(until("2026-06"))),
        present_2("ended in a month that lies inside or later", **taken(until("2026-06")), enrolled="2026-06-01",
                  dose=dose(on="2026-06-07")),
        unknown_2("begun in the month of the dose, ongoing", **taken(since("2026-06"))),
        present_2("begun in the month before, ongoing", **taken(since("2026-05"))),
        missing_2("first dose not entered", **taken(since("")), says="first or last dose", at="CM.started_on"),
        missing_2("last dose not entered", **taken(until("")), says="first or last dose", at="CM.ended_on"),
        present_2("begun inside, last dose not entered", **taken(until("", started_on="2026-06-10"))),
        present_2("begun inside, ended in the month of the boundary", **taken(until("2026-06", started_on="2026-06-08"))),
        present_2("nothing given yet: 7 days before today", **taken(until(DAY_7)), **BEFORE),
        absent_2("nothing given yet: 8 days before today", cm=until(DAY_8), **BEFORE),
        # Routes
        *(absent_2(f"{route.lower()}", cm=steroid(dose=50, route=route), says="not systemic")
          for route in ("TOPICAL", "RESPIRATORY (INHALATION)", "NASAL", "INTRA-ARTICULAR")),
        *(present_2(f"{route.lower()}", **taken(steroid(dose=50, route=route)))
          for route in ("ORAL", "INTRAVENOUS", "SUBCUTANEOUS", "INTRAMUSCULAR", "RECTAL", "OTHER")),
        missing_2("route not entered", **taken(steroid(dose=20, route="")), says="route of Prednisone"),
        absent_2("route not entered, long ago", cm=until("2026-01-31", route="")),
        # Allowed
        absent_2("prophylactic dexamethasone on the day", **taken(steroid(**DEXAMETHASONE,
                                                                          purpose="PROPHYLAXIS OF TARLATAMAB AE",
                 started_on="2026-06-15", ended_on="2026-06-15")), says="prophylactic dexamethasone, allowed"),
        present_2("prophylactic prednisone is none", **taken(steroid(dose=20, purpose="PROPHYLAXIS OF TARLATAMAB AE"))),
        absent_2("anti-emetic dexamethasone", **taken(steroid(**DEXAMETHASONE, purpose="ANTI-EMETIC",
                                                              started_on="2026-06-10",
                 ended_on="2026-06-10")), says="anti-emetic, allowed"),
        absent_2("an anti-emetic inside, another that ended before", **taken(steroid(purpose="ANTI-EMETIC"), until(DAY_8))),
        absent_2("anti-emetic, last dose not entered", **taken(steroid("Dexamethasone", 8, purpose="ANTI-EMETIC",
                                                                       ongoing="N"))),
        present_2("replacement above the low dose", **taken(steroid("Hydrocortisone", 60, purpose="REPLACEMENT"))),
        review_2("replacement in a low dose", **taken(steroid("Hydrocortisone", 20, purpose="REPLACEMENT")),
                 says="5 mg prednisone"),
        missing_2("purpose not entered", **taken(steroid(dose=20, purpose="")), says="purpose of Prednisone"),
        missing_2("which corticosteroid not entered", **taken(steroid(dose=20, steroid="")), says="steroid of Prednisone"),
        # Immunosuppressants
        present_2("mycophenolate", **taken(cm(**MYCOPHENOLATE)), says="immunosuppressive"),
        present_2("mycophenolate, last dose 7 days before", **taken(cm(**MYCOPHENOLATE, ongoing="N", ended_on=DAY_7))),
        absent_2("mycophenolate, last dose 8 days before", cm=cm(**MYCOPHENOLATE, ongoing="N", ended_on=DAY_8)),
        present_2("beside an entry without a kind", **taken(cm(drug_class=""), cm(**MYCOPHENOLATE))),
        # Low dose
        *equivalents(),
        review_2("5 mg", **taken(steroid()), says=["5 mg prednisone", "also in the week before the first dose"]),
        review_2("low dose, last 7 days before", **taken(until(DAY_7, dose=5))),
        absent_2("low dose, last 8 days before", cm=until(DAY_8, dose=5)),
        review_2("10 mg every other day", **taken(steroid(dose=10, frequency="QOD"))),
        present_2("5 mg three times a day", **taken(steroid(frequency="TID"))),
        present_2("0.02 g", **taken(steroid(dose="0.02", dose_unit="g"))),
        review_2("10000 µg", **taken(steroid(dose=10000, dose_unit="ug"))),
        present_2("dexamethasone 1.6 mg is 10.666… mg: rounded", **taken(steroid("Dexamethasone", "1.6")),
                  says=" 10.67 mg prednisone a day"),
        present_2("10.0004 mg is not shown as 10", **taken(steroid(dose="10.0004")), says=" 10.0004 mg prednisone a day"),
        review_2("5 mg and 5 mg", **taken(steroid(), steroid("Prednisolone"))),
        present_2("5 mg and 5.5 mg", **taken(steroid(), steroid("Prednisolone", "5.5")), says="10.5 mg"),
        present_2("hydrocortisone 20 mg and dexamethasone 1 mg",
                  **taken(steroid("Hydrocortisone", 20), steroid("Dexamethasone", 1))),
        review_2("10 mg, tapered to 5 mg the day after", **taken(until("2026-06-10", dose=10), since("2026-06-11", dose=5)),
                 says="10 mg"),
        present_2("10 mg, and 5 mg from its last day on", **taken(until("2026-06-10", dose=10),
                                                                  since("2026-06-10", dose=5))),
        unknown_2("10 mg and 5 mg, perhaps on one day", **taken(until("2026-06", dose=10, started_on="2026-06-08"),
                                                                since("2026-06-12", dose=5)),
                  says="up to 15 mg"),
        review_2("low dose, how often: as needed", **taken(steroid(frequency="PRN")), says="Is it a low dose"),
        review_2("low dose, unit mL", **taken(steroid(dose_unit="mL"))),
        review_2("another corticosteroid", **taken(steroid("Deflazacort", 6, steroid="OTHER")),
                 says="equivalent in prednisone is not known"),
        present_2("another corticosteroid beside too much prednisone",
                  **taken(steroid("Deflazacort", 6, steroid="OTHER"), steroid(dose=20))),
        missing_2("dose not entered", **taken(steroid(dose=None)), says="daily dose"),
        missing_2("frequency not entered", **taken(steroid(frequency=""))),
        missing_2("unit of the dose not entered", **taken(steroid(dose_unit=""))),
        present_2("two low doses, both begun on the day, before the infusion", **taken(
            since("2026-06-15", 6, started_time="08:00"), since("2026-06-15", 6, started_time="09:00"))),
        present_2("two low doses, both last taken on day 7", **taken(until(DAY_7, 6), until(DAY_7, 6))),
        missing_2("low dose, and another without a route", **taken(steroid(), steroid(route=""))),
        present_2("mycophenolate, and a low dose", **taken(steroid(), cm(**MYCOPHENOLATE))),
    ],
}  # fmt: skip

SIGNS = {"symptoms": "Y", "clinical_signs": "N", "radiographic_signs": "N", "uncontrolled": "Y"}
FEVER = {"hx": hx(infection_any="Y")}


def checked(last="", at="", **changes):
    return {"rel": rel(**{**SIGNS, "i09": "NOT APPLICABLE", "last_sign_on": last, "last_sign_time": at, **changes})}


def ill(last="", at="", **changes):
    given_ones = {"name": "Pneumonia", **SIGNS, "started_on": "2026-06-01", "active": "Y", "last_sign_on": last,
                  "last_sign_time": at}
    return {**FEVER, "inf": infection(**{**given_ones, **changes})}


INFECTION: dict[str, list[Line]] = {
    "SCR-E11b": [
        absent_2("no sign", says="No symptom or sign"),
        absent("no sign, before the dose"),
        missing_2("no check", rel=None, says="check before the first dose"),
        *(missing_2(f"{name} not answered", rel=rel(**{name: ""}))
          for name in ("symptoms", "clinical_signs", "radiographic_signs")),
        *(present_2(f"{name}, 7 days before", **checked(DAY_7, **{"symptoms": "N", name: "Y"}),
                    says=["7 days before the first dose", "7 days"])
          for name in ("symptoms", "clinical_signs", "radiographic_signs")),
        absent_2("8 days before", **checked(DAY_8), says="8 days before"),
        present_2("on the day, before the infusion", **checked("2026-06-15", "09:59")),
        present_2("on the day, as it begins", **checked("2026-06-15", "10:00")),
        absent_2("on the day, a minute after: an adverse event", **checked("2026-06-15", "10:01")),
        unknown_2("on the day, time not known", **checked("2026-06-15")),
        absent_2("the day after", **checked("2026-06-16"), today="2026-06-20"),
        absent_2("judged as no acute or uncontrolled infection", **checked("2026-06-14", uncontrolled="N"), says="judged"),
        missing_2("not judged", **checked("2026-06-14", uncontrolled=""), says="acute or uncontrolled"),
        absent_2("not judged, and long ago", **checked("2026-05-01", uncontrolled="")),
        missing_2("last day not entered", **checked(), says="last day with a sign"),
        absent_2("in the month before", **checked("2026-05")),
        unknown_2("in the month of the dose", **checked("2026-06")),
        present_2("nothing given yet: 7 days before today", **checked(DAY_7), **BEFORE),
        absent_2("nothing given yet: 8 days before today", **checked(DAY_8), **BEFORE),
        unknown_2("in the year of the dose", **checked("2026")),
        # The log
        present_2("begun on day 7, last sign on some day of that month", **ill("2026-06", started_on=DAY_7)),
        unknown_2("begun before day 7, last sign on some day of that month", **ill("2026-06")),
        present_2("an infection in the log, 7 days before", **ill(DAY_7), says="Pneumonia"),
        absent_2("in the log, 8 days before", **ill(DAY_8)),
        present_2("begun before, last sign after the infusion began", **ill("2026-06-20"), today="2026-06-25"),
        present_2("begun the day before, last sign after", **ill("2026-06-20", started_on="2026-06-14"), today="2026-06-25"),
        unknown_2("begun on the day, last sign after", **ill("2026-06-16", started_on="2026-06-15"), today="2026-06-25"),
        absent_2("begun the day after", **ill("2026-06-20", started_on="2026-06-16"), today="2026-06-25"),
        unknown_2("begun on the day, last sign that day at an unknown time", **ill("2026-06-15", started_on="2026-06-15")),
        present_2("begun on the day, last sign before the infusion", **ill("2026-06-15", "09:00", started_on="2026-06-15")),
        unknown_2("begun on the day, last sign a minute after the infusion began",
                  **ill("2026-06-15", "10:01", started_on="2026-06-15")),
        present_2("begun before, last sign on the day at an unknown time", **ill("2026-06-15")),
        present_2("last sign before the infusion, first day not entered", **ill("2026-06-14", started_on="")),
        missing_2("last sign after, first day not entered", **ill("2026-06-16", started_on=""), today="2026-06-25",
                  says="first day"),
        absent_2("controlled", **ill("2026-06-14", uncontrolled="N")),
        missing_2("in the log, not judged", **ill("2026-06-14", uncontrolled="")),
        missing_2("in the log, last day not entered", **ill()),
        absent_2("without signs", **FEVER, inf=infection()),
        missing_2("signs not answered", **FEVER, inf=infection(symptoms="")),
        present_2("one of two", **FEVER, inf=(infection(), ill("2026-06-14")["inf"])),
    ],
}  # fmt: skip

DRIP = {"parenteral": "Y", "antibiotics_completed": "Y", "antibiotics_ended_on": "2026-06-01", "symptoms_resolved": "Y",
        "active": "N"}


def antibiotics(make_present, make_absent, make_missing):
    def row(**changes):
        return {**FEVER, "inf": infection(**{**DRIP, **changes})}

    return [
        make_absent("none", says="No infection"),
        make_missing("not asked", hx=hx(infection_any="")),
        make_missing("yes, and none entered", **FEVER),
        make_missing("no history form", hx=None),
        make_absent("completed and resolved", **row(), says=["antibiotics completed", "symptoms resolved"]),
        make_absent("completed and resolved today: no interval", **row(antibiotics_ended_on="2026-06-10")),
        make_present("not completed", **row(antibiotics_completed="N"), says="not completed"),
        make_present("completed, not resolved", **row(symptoms_resolved="N"), says="not resolved"),
        make_present("not completed, resolved", **row(antibiotics_completed="N", symptoms_resolved="Y")),
        make_present("neither", **row(antibiotics_completed="N", symptoms_resolved="N")),
        make_present("completed and resolved, still active", **row(active="Y"), says="active"),
        make_present("not completed, the rest not answered", **row(antibiotics_completed="N", symptoms_resolved="",
                                                                   active="")),
        make_absent("active, no parenteral antibiotics", **row(parenteral="N", active="Y"), says="no parenteral"),
        make_missing("need not answered", **row(parenteral=""), says="parenteral"),
        make_missing("completion not answered", **row(antibiotics_completed="")),
        make_missing("resolution not answered", **row(symptoms_resolved="")),
        make_missing("activity not answered", **row(active="")),
        make_missing("need not answered, not resolved", **row(parenteral="", symptoms_resolved="N")),
        make_present("one of two", **FEVER, inf=(infection(), infection(**{**DRIP, "symptoms_resolved": "N"}))),
        make_missing("all well, question not answered", hx=hx(infection_any=""), inf=infection(), says="any other"),
    ]


def drip(since):
    """Parenteral antibiotics that go on, of an infection since a day."""
    going_on = {"active": "Y", "antibiotics_completed": "N", "antibiotics_ended_on": "", "symptoms_resolved": "N"}
    return {**FEVER, "inf": infection(**{**DRIP, **going_on, "started_on": since})}


REGISTERED = {"today": "2026-09-01", "enrolled": "2026-06-10"}
POSITIVE = pt(result="POSITIVE")

CHILDBEARING: dict[str, list[Line]] = {
    "SCR-E12a": [
        *antibiotics(present, absent, missing),
        present("begun on the day of registration", **drip("2026-06-10"), **REGISTERED),
        absent("begun the day after registration", **drip("2026-06-11"), **REGISTERED, says="after registration on 10-Jun-2026"),
        absent("begun in the month after registration", **drip("2026-07"), **REGISTERED),
        present("begun in the month of registration, before or after it", **drip("2026-06"), **REGISTERED),
        present("first day not entered", **drip(""), **REGISTERED),
        present("begun in the month of the check", **drip("2026-06")),
        present("one begun after registration, one before", **FEVER, **REGISTERED,
                inf=(drip("2026-07-01")["inf"], drip("2026-06-01")["inf"])),
        missing("begun after registration, not asked before it", **{**drip("2026-07-01"), "hx": hx(infection_any="")},
                **REGISTERED, says="any other"),
    ],
    "SCR-E12b": [
        *antibiotics(present_2, absent_2, missing_2),
        present_2("begun between registration and the first dose", **drip("2026-06-12")),
        present_2("begun on the day of the first dose", **drip("2026-06-15"), today="2026-07-25"),
        absent_2("begun the day after the first dose", **drip("2026-06-16"), today="2026-07-25",
                 says="after the first dose on 15-Jun-2026"),
        absent_2("begun in the month after the first dose", **drip("2026-07"), today="2026-07-25"),
        present_2("begun in the month of the first dose", **drip("2026-06"), today="2026-07-25"),
        present_2("nothing given yet, begun today", **drip("2026-06-15"), **BEFORE),
    ],
    "SCR-E17a": [
        na("a man", says="The patient is a man"),
        absent("neither", **W, says="Neither pregnant nor breast-feeding"),
        present("pregnant", rp=rp(pregnant="Y"), **W, says="Pregnant"),
        present("breast-feeding", rp=rp(breastfeeding="Y"), **W, says="Breast-feeding"),
        present("breast-feeding, pregnancy not answered", rp=rp(breastfeeding="Y", pregnant=""), **W),
        missing("pregnancy not answered", rp=rp(pregnant=""), **W, says="is pregnant"),
        missing("breast-feeding not answered", rp=rp(breastfeeding=""), **W),
        missing("no form", rp=None, **W),
        missing("sex not entered", dm=dm("1985", ""), **W, says="sex"),
        contradictory("not pregnant, and a positive test", pt=POSITIVE, **W, says="Correct the one that is wrong"),
        absent("not pregnant, positive and later negative", pt=(POSITIVE, pt(tested_time="15:00")), **W),
        contradictory("not pregnant, negative and later positive", pt=(pt(), pt(result="POSITIVE", tested_time="15:00")),
                      **W),
        absent("not of childbearing potential, neither", rp=rp(potential="N"), **W),
        present("breast-feeding, not of childbearing potential", rp=rp(potential="N", breastfeeding="Y"), **W),
        absent("sex intersex, neither", dm=dm("1985", "INTERSEX"), **W),
        present("pregnant, asked again on the day of the check", rp=again("2026-06-10", pregnant="Y"), **W),
        absent("pregnant, asked again the day after it", rp=again("2026-06-11", pregnant="Y"), **W),
        present("breast-feeding, and only the pregnancy asked again", rp=again("2026-06-10", rp(breastfeeding="Y"), pregnant="N"), **W),
        absent("no longer breast-feeding when asked again", rp=again("2026-06-10", rp(breastfeeding="Y"), breastfeeding="N"), **W),
    ],
    "SCR-E18a": [
        absent("a man, willing", says=["Willing", "60 days"]),
        absent("a woman, willing", **W),
        present("a man, not willing", rp=rp(woman=False, willing="N"), says="Not willing"),
        present("a woman, not willing", rp=rp(willing="N"), **W),
        na("a man, not sexually active", rp=rp(woman=False, sexually_active="N", willing="")),
        na("a woman, not sexually active", rp=rp(sexually_active="N", willing=""), **W, says="Not sexually active"),
        na("a woman not of childbearing potential, not willing", rp=rp(potential="N", willing="N"), **W),
        missing("a man, activity not answered", rp=rp(woman=False, sexually_active=""), says="sexually active"),
        missing("a man, willingness not answered", rp=rp(woman=False, willing=""), says="willingness"),
        missing("a woman, willingness not answered", rp=rp(willing=""), **W),
        missing("a woman, childbearing potential not answered", rp=rp(potential=""), **W),
        missing("no form", rp=None),
        missing("sex not entered", dm=dm("1958", ""), says="sex"),
        present("no longer willing, asked again on the day of the check", rp=again("2026-06-10", sexually_active="Y", willing="N"), **W),
        absent("no longer willing, asked again the day after it", rp=again("2026-06-11", sexually_active="Y", willing="N"), **W),
        missing("asked again, willingness not answered", rp=again("2026-06-10", sexually_active="Y"), **W),
        na("no longer sexually active", rp=again("2026-06-10", rp(willing="N"), sexually_active="N"), **W),
        na("no longer of childbearing potential", rp=again("2026-06-10", rp(willing="N"), potential="N"), **W),
        present("asked again about the pregnancy only, not willing", rp=again("2026-06-10", rp(willing="N"), pregnant="N"), **W),
        present("sex intersex, of childbearing potential, not willing", dm=dm("1985", "INTERSEX"), rp=rp(willing="N"), **W),
    ],
}  # fmt: skip

FIRST_DOSE: dict[str, list[Line]] = {**SECOND_TEST, **STEROIDS, **INFECTION, **CHILDBEARING}
