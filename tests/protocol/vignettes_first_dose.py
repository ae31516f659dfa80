"""Whole patients around the first dose: as in ``vignettes``, with the real start of the infusion.

The patient was registered on 10 June 2026 and the infusion began on 15 June at 10:00, in Lyon; a woman had her second,
negative pregnancy test on 14 June. Unless said otherwise nothing stands against the release of the dose.
"""

from __future__ import annotations

from protocol.atoms import FIRST_DOSE
from tests.protocol.build import dose
from tests.protocol.screening_build import cm, pt, rel, steroid, whole
from tests.protocol.vignettes import (
    ABSENT,
    MET,
    NOT_MET,
    OPEN,
    PRESENT,
    REFUSED,
    REVIEW,
    UNKNOWABLE,
    Vignette,
    infected,
    on_a_drip,
)


def treated(*more, woman=False, **changes):
    own = {"pt": (pt(), pt("2026-06-14"))} if woman else {}
    return whole(*more, woman=woman, **{"today": "2026-06-15", "enrolled": "2026-06-10", "dose": dose(), **own, **changes})


def at_dose(what, comes, *more, but_for=None, under=None, woman=False, **changes):
    """Around the first dose."""
    without = treated(*more, woman=woman, **{**changes, **but_for}) if but_for else None
    of = treated(*more, woman=woman, **changes)
    return Vignette(what, comes, of, treated(woman=woman), FIRST_DOSE, without, under or {})


def checked(**changes):
    """The check before a man's first dose."""
    return {"rel": rel(i09="NOT APPLICABLE", **changes)}


def on_steroid(*drugs, **changes):
    return {**checked(immunosuppressant_any="Y", **changes), "cm": drugs}


def fever(on, at="", **changes):
    """Symptoms of an acute infection, the last of them on a day and at a time."""
    return checked(**{"symptoms": "Y", "uncontrolled": "Y", "last_sign_on": on, "last_sign_time": at, **changes})


def clocks(zone, country, on, start):
    """A first infusion in the night in which the clocks change."""
    return {"zone": zone, "country": country, "today": on, "dose": dose(on=on, start=start, end="05:30")}


DEXAMETHASONE = {"name": "Dexamethasone", "dose": 8, "started_on": "2026-06-15", "route": "INTRAVENOUS"}
STRONG = {"dose": 40}
NOT_YET = {"dose": None, "now": "2026-06-15T07:00"}

BEFORE_FIRST_DOSE = [
    at_dose("A woman with a second negative test the day before the infusion.", {"I9": MET}, woman=True,
            but_for={"pt": pt()}),
    at_dose("The second test was 3 days before the infusion.", {"I9": MET}, woman=True, pt=(pt(), pt("2026-06-12")),
            but_for={"pt": (pt(), pt("2026-06-11"))}),
    at_dose("One test two days before registration and 3 before the infusion lies in both windows, and cannot serve both.",
            {"I9": NOT_MET}, woman=True, pt=pt("2026-06-08"), dose=dose(on="2026-06-11")),
    at_dose("Two tests of the same day, in the morning and in the evening, lie in both windows.", {"I9": MET}, woman=True,
            pt=(pt("2026-06-09"), pt("2026-06-09", tested_time="18:00")), dose=dose(on="2026-06-11"),
            but_for={"pt": pt("2026-06-09")}),
    at_dose("The re-test turned positive.", {"I9": NOT_MET}, woman=True, pt=(pt(), pt("2026-06-14", "POSITIVE"))),
    at_dose("The re-test was made an hour after the infusion had begun.", {"I9": NOT_MET}, woman=True,
            pt=(pt(), pt("2026-06-15", tested_time="11:00"))),
    at_dose("The re-test was made an hour before the infusion.", {"I9": MET}, woman=True,
            pt=(pt(), pt("2026-06-15", tested_time="09:00")),
            but_for={"pt": (pt(), pt("2026-06-15", tested_time="11:00"))}),
    at_dose("Prednisone 40 mg until 7 days before the infusion.", {"E10": PRESENT},
            **on_steroid(steroid(**STRONG, ongoing="N", ended_on="2026-06-08"))),
    at_dose("Prednisone 40 mg until 8 days before the infusion.", {"E10": ABSENT}, **checked(),
            cm=steroid(**STRONG, ongoing="N", ended_on="2026-06-07"), but_for={"cm": steroid(**STRONG)}),
    at_dose("Prednisone 40 mg until an unknown day in June.", {"E10": UNKNOWABLE},
            **on_steroid(steroid(**STRONG, ongoing="N", ended_on="2026-06"))),
    at_dose("Prednisone 40 mg begun an hour after the infusion had begun.", {"E10": ABSENT}, **checked(),
            cm=steroid(**STRONG, started_on="2026-06-15", started_time="11:00"),
            but_for=on_steroid(steroid(**STRONG, started_on="2026-06-15", started_time="09:00"))),
    at_dose("Prednisone 5 mg a day in the week before the infusion: allowed 'during the trial'.", {"E10": REVIEW},
            **on_steroid(steroid())),
    at_dose("Prednisone 10 mg a day, exactly the limit of a low dose.", {"E10": REVIEW}, **on_steroid(steroid(dose=10))),
    at_dose("Prednisone 6 mg and dexamethasone 0.75 mg a day are 11 mg together: no low dose.", {"E10": PRESENT},
            **on_steroid(steroid(dose=6), steroid("Dexamethasone", dose="0.75"))),
    at_dose("Hydrocortisone 20 mg a day as replacement is a low dose.", {"E10": REVIEW},
            **on_steroid(steroid("Hydrocortisone", dose=20, purpose="REPLACEMENT"))),
    at_dose("Dexamethasone on the day of the infusion to prevent reactions to tarlatamab.", {"E10": ABSENT},
            **on_steroid(steroid(**DEXAMETHASONE, purpose="PROPHYLAXIS OF TARLATAMAB AE")),
            but_for={"cm": steroid(**DEXAMETHASONE)}),
    at_dose("Dexamethasone against nausea four days before the infusion.", {"E10": ABSENT},
            **on_steroid(steroid(**{**DEXAMETHASONE, "started_on": "2026-06-11"}, purpose="ANTI-EMETIC")),
            but_for={"cm": steroid(**{**DEXAMETHASONE, "started_on": "2026-06-11"})}),
    at_dose("A corticosteroid cream.", {"E10": ABSENT}, **checked(), cm=steroid(**STRONG, route="TOPICAL"),
            but_for=on_steroid(steroid(**STRONG))),
    at_dose("Inhaled budesonide.", {"E10": ABSENT}, **checked(),
            cm=steroid("Budesonide", steroid="OTHER", dose="0.4", route="RESPIRATORY (INHALATION)"),
            but_for=on_steroid(steroid(**STRONG))),
    at_dose("Methotrexate until three days before the infusion.", {"E10": PRESENT}, **checked(immunosuppressant_any="Y"),
            cm=cm(name="Methotrexate", drug_class="IMMUNOSUPPRESSANT", purpose="TREATMENT", ongoing="N",
                  ended_on="2026-06-12")),
    at_dose("A corticosteroid is said to have been taken, and none is entered.", {"E10": OPEN},
            **checked(immunosuppressant_any="Y")),
    at_dose("Fever of an acute infection, last 7 days before the infusion.", {"E11": PRESENT}, **fever("2026-06-08")),
    at_dose("Fever of an acute infection, last 8 days before the infusion.", {"E11": ABSENT}, **fever("2026-06-07"),
            but_for=fever("2026-06-08")),
    at_dose("Fever half an hour before the infusion began.", {"E11": PRESENT}, **fever("2026-06-15", "09:30")),
    at_dose("Fever an hour after the infusion had begun: an adverse event.", {"E11": ABSENT}, **fever("2026-06-15", "11:00"),
            but_for=fever("2026-06-15", "09:30")),
    at_dose("Fever on the day of the infusion, and nobody knows when.", {"E11": UNKNOWABLE}, **fever("2026-06-15")),
    at_dose("A cold two days before the infusion, judged as neither acute nor uncontrolled.", {"E11": ABSENT},
            **fever("2026-06-13", uncontrolled="N"), but_for=fever("2026-06-13")),
    at_dose("A shadow on the CT two days before the infusion, acute infection.", {"E11": PRESENT},
            **fever("2026-06-13", symptoms="N", radiographic_signs="Y")),
    at_dose("A pneumonia from 12 to 20 June was there when the infusion began.", {"E11": PRESENT},
            **infected(started_on="2026-06-12", symptoms="Y", uncontrolled="Y", last_sign_on="2026-06-20"),
            today="2026-06-25"),
    at_dose("The real infusion was two days later than planned, and the fever ended 8 days before it.", {"E11": ABSENT},
            **fever("2026-06-09"), dose=dose(on="2026-06-17"), today="2026-06-17", but_for={"dose": dose(on="2026-06-16")}),
    at_dose("Intravenous antibiotics begun since registration and not completed.", {"E12": PRESENT},
            **infected(active="Y", parenteral="Y", antibiotics_completed="N", symptoms_resolved="N")),
    at_dose("A sepsis under intravenous antibiotics five weeks after the first dose is an adverse event.", {"E12": ABSENT},
            **on_a_drip("2026-07-20", name="Sepsis"), today="2026-07-25", but_for=on_a_drip("2026-06-15", name="Sepsis")),
    at_dose("The check says that steroids are absent; the investigator answers that E10 is present.", {"E10": REFUSED},
            **checked(e10="PRESENT")),
    at_dose("A steroid and fever in the week before the infusion: both are listed.", {"E10": PRESENT, "E11": PRESENT},
            **fever("2026-06-13", immunosuppressant_any="Y"), cm=steroid(**STRONG)),
    # Before the infusion the windows end at the moment of the check.
    at_dose("Not yet infused, checked at 09:00: fever half an hour ago.", {"E11": PRESENT}, **NOT_YET,
            **fever("2026-06-15", "08:30")),
    at_dose("Not yet infused, checked at 09:00: fever until 8 days ago.", {"E11": ABSENT}, **NOT_YET, **fever("2026-06-07"),
            but_for=fever("2026-06-08")),
    at_dose("Not yet infused: prednisone 40 mg until 8 days ago.", {"E10": ABSENT}, **NOT_YET, **checked(),
            cm=steroid(**STRONG, ongoing="N", ended_on="2026-06-07"),
            but_for={"cm": steroid(**STRONG, ongoing="N", ended_on="2026-06-08")}),
    at_dose("Not yet infused: the second pregnancy test was 4 days ago.", {"I9": NOT_MET}, woman=True, **NOT_YET,
            pt=(pt(), pt("2026-06-11"))),
    at_dose("Not yet infused: prednisone 40 mg since this month, day unknown, began before now in any case.", {"E10": PRESENT},
            **NOT_YET, **on_steroid(steroid(**STRONG, started_on="2026-06"))),
    at_dose("Not yet infused: prednisone 40 mg since today, and nobody knows the hour.", {"E10": PRESENT}, **NOT_YET,
            **on_steroid(steroid(**STRONG, started_on="2026-06-15"))),
    at_dose("Infused at 10:00, prednisone 40 mg since that day, and nobody knows the hour.", {"E10": UNKNOWABLE},
            **on_steroid(steroid(**STRONG, started_on="2026-06-15"))),
    at_dose("Not yet infused: fever today, and nobody knows the hour.", {"E11": PRESENT}, **NOT_YET, **fever("2026-06-15")),
    # In Athens the hour from 03:00 to 04:00 comes twice on 25 October 2026, in Madrid the hour from 02:00 to 03:00.
    at_dose("Athens, the night the clocks go back: infusion at 03:30 and fever at 03:45, in an hour that comes twice.",
            {"E11": UNKNOWABLE},
            **clocks("Europe/Athens", "GR", "2026-10-25", "03:30"), **fever("2026-10-25", "03:45")),
    at_dose("Athens, that night: infusion at 02:30 and fever at 02:45, before the clocks go back.", {"E11": ABSENT},
            **clocks("Europe/Athens", "GR", "2026-10-25", "02:30"), **fever("2026-10-25", "02:45"),
            but_for=fever("2026-10-25", "02:15")),
    at_dose("Madrid, that night: infusion at 02:30 and fever at 02:45, in an hour that comes twice.", {"E11": UNKNOWABLE},
            **clocks("Europe/Madrid", "ES", "2026-10-25", "02:30"), **fever("2026-10-25", "02:45")),
    at_dose("Madrid, that night: infusion at 03:30 and fever at 03:45, after the clocks went back.", {"E11": ABSENT},
            **clocks("Europe/Madrid", "ES", "2026-10-25", "03:30"), **fever("2026-10-25", "03:45"),
            but_for=fever("2026-10-25", "03:15")),
    at_dose("Madrid, that night: prednisone 40 mg at 02:15 and infusion at 02:30, in an hour that comes twice.",
            {"E10": UNKNOWABLE},
            **clocks("Europe/Madrid", "ES", "2026-10-25", "02:30"),
            **on_steroid(steroid(**STRONG, started_on="2026-10-25", started_time="02:15"))),
    # On 28 March 2027 the clocks go forward: in Madrid from 02:00 to 03:00, in Athens from 03:00 to 04:00.
    at_dose("Madrid, the night the clocks go forward: fever at 01:50, infusion at 03:10, twenty minutes later.",
            {"E11": PRESENT},
            **clocks("Europe/Madrid", "ES", "2027-03-28", "03:10"), **fever("2027-03-28", "01:50")),
    at_dose("Athens, that night: infusion at 02:55, fever at 04:05, ten minutes later.", {"E11": ABSENT},
            **clocks("Europe/Athens", "GR", "2027-03-28", "02:55"), **fever("2027-03-28", "04:05"),
            but_for=fever("2027-03-28", "02:50")),
]  # fmt: skip
