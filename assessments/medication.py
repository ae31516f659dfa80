"""Medication and vaccines, shared by the whole study."""

from __future__ import annotations

from crf.declare import AskedIf, Next, Section
from crf.facts import fact_of, patient_fact
from crf.fields import ClockTimeField, CodeField, LinkField, NumberField, PartialDateField, WordsField, yes_no
from crf.models import Crf, numbered, one_per_visit
from protocol import codelists
from protocol import screening_facts as facts
from protocol.facts import Dose
from protocol.first_dose import prednisone_equivalent
from protocol.infusion import around
from protocol.rules.common import linked

_CLASS = codelists.MedicationClass


class MedicationAsked(Crf):
    """Was any medication taken? An empty log alone says nothing."""

    code = "CMYN"
    area = "Assessments"
    visits = ("SCR", "C1D1")
    domain = "CM"
    dated_by = "asked_on"
    fact = facts.MedicationAsked
    sections = (Section("Medication", "asked_on", "any_medication", "any_anticoagulant"),)
    required = ("asked_on", "any_medication", "any_anticoagulant")
    exports = {"asked_on": "CMDAT", "any_medication": "CMYN", "any_anticoagulant": "CMACYN"}

    asked_on = PartialDateField("Date of the interview", past=True)
    any_medication = yes_no("Any medication now or in the last 4 weeks", help_text="If yes, enter each in the medication log")
    any_anticoagulant = yes_no("Any anticoagulant now", help_text="If yes, enter it in the medication log")

    class Meta:
        verbose_name = verbose_name_plural = "Medication questions"
        constraints = one_per_visit("CMYN")


class Medication(Crf):
    """One medication, from its first to its last dose."""

    code = "CM"
    area = "Assessments"
    domain = "CM"
    dated_by = "started_on"
    fact = facts.Medication
    sections = (
        Section("Medication", "name", "indication", "drug_class", "steroid", "purpose", "intent", "stable_confirmed",
                "around_dose", "for_event"),
        Section("Dose", "dose", "dose_unit", "frequency", "route"),
        Section("Time", "started_on", "started_time", "changed_on", "ongoing", "ended_on", "ended_time"),
    )
    asks_if = {
        "steroid": AskedIf("drug_class", _CLASS.STEROID),
        "purpose": AskedIf("drug_class", _CLASS.STEROID, _CLASS.IMMUNOSUPPRESSANT),
        "intent": AskedIf("drug_class", _CLASS.ANTICOAGULANT),
        "stable_confirmed": AskedIf("drug_class", _CLASS.ANTICOAGULANT),
        "ended_on": AskedIf("ongoing", "N"),
        "ended_time": AskedIf("ongoing", "N"),
    }
    computes_from = ("CM", "EC")
    required = ("name", "drug_class", "steroid", "purpose", "intent", "route", "started_on", "ongoing", "ended_on")
    exports = {
        "name": "CMTRT", "indication": "CMINDC", "drug_class": "CMCLAS", "steroid": "CMDECOD", "purpose": "CMPURP",
        "intent": "CMINTENT", "stable_confirmed": "CMSTABLE", "around_dose": "CMECNO",
        "for_event": "CMAENO", "dose": "CMDSTXT", "dose_unit": "CMDOSU",
        "frequency": "CMDOSFRQ", "route": "CMROUTE", "started_on": "CMSTDAT", "started_time": "CMSTTIM", "changed_on": "CMCHGDAT",
        "ongoing": "CMONGO", "ended_on": "CMENDAT", "ended_time": "CMENTIM",
    }  # fmt: skip

    name = WordsField("Medication")
    indication = WordsField("Given for")
    drug_class = CodeField("Kind of medication", codelist=_CLASS)
    steroid = CodeField("Which corticosteroid", codelist=codelists.Steroid)
    purpose = CodeField("Purpose", codelist=codelists.Purpose)
    intent = CodeField("Anticoagulation is", codelist=codelists.AnticoagulationIntent)
    stable_confirmed = yes_no("Anticoagulation is on a stable dose", help_text="The investigator's judgement; of a vitamin K antagonist also when single doses follow the INR. Say in “Given for” how.")  # fmt: skip  # noqa: E501
    around_dose = LinkField("Given around which dose of tarlatamab", to="EC", help_text="Of premedication and hydration")
    for_event = LinkField("Given for which adverse event", to="AE", help_text="Of a treatment of an adverse event")
    dose = NumberField("Single dose", least=0, most=100000, max_digits=9, decimal_places=3)
    dose_unit = CodeField("Unit", codelist=codelists.DoseUnit, max_length=10)
    frequency = CodeField("How often", codelist=codelists.Frequency, max_length=10)
    route = CodeField("Route", codelist=codelists.Route)
    started_on = PartialDateField("First dose", least="year", past=True)
    started_time = ClockTimeField("Time of the first dose", help_text="Matters only around an infusion")
    changed_on = PartialDateField("Dose last changed", least="year", past=True, help_text="Leave empty when it never was", after="started_on")  # fmt: skip  # noqa: E501
    ongoing = yes_no("Ongoing")
    ended_on = PartialDateField("Last dose", least="year", past=True, after="started_on")
    ended_time = ClockTimeField("Time of the last dose", help_text="Matters only around an infusion")

    class Meta:
        verbose_name = "Medication"
        verbose_name_plural = "Medication"
        constraints = numbered("CM")

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """How long before or after the infusion it was given; and the equivalent in prednisone of a corticosteroid, by the
        parameter steroid_equivalents (an assumption).
        """
        drug = next((each for each in case.of("CM") if each.id == self.pk), None)
        dose = linked(case.of("EC"), self.around_dose)
        found = {}
        if drug is not None and dose is not None and (words := around(drug, dose, case.patient)):
            found["around_dose"] = ("neutral", words)
        amount = prednisone_equivalent(drug) if drug is not None and drug.drug_class == _CLASS.STEROID else None
        if amount is not None:
            said = f"like {amount.normalize():f} mg of prednisone on a day of treatment (usual equivalents, an assumption)"
            found["frequency"] = ("neutral", said)
        return found

    def follows(self) -> Next | None:
        """Back to the event that it was given for."""
        return Next("AE", self.for_event) if self.for_event else None

    def beside(self, target: Crf) -> str:
        words = " ".join(filter(None, (self.name, f"{self.dose.normalize():f} {self.dose_unit}" if self.dose is not None else "")))
        if target.code != Dose.form:
            return words
        when = around(fact_of(self, ""), fact_of(target), patient_fact(target.patient))
        return ", ".join(filter(None, (words, when)))


class Vaccine(Crf):
    """One vaccination (E5)."""

    code = "VAX"
    area = "Assessments"
    domain = "CM"
    dated_by = "given_on"
    fact = facts.Vaccine
    sections = (Section("Vaccination", "name", "kind", "given_on"),)
    required = ("name", "kind", "given_on")
    exports = {"name": "CMTRT", "kind": "CMVACTYP", "given_on": "CMSTDAT"}

    name = WordsField("Vaccine")
    kind = CodeField("Type of vaccine", codelist=codelists.VaccineKind)
    given_on = PartialDateField("Given on", least="year", past=True)

    class Meta:
        verbose_name = "Vaccination"
        verbose_name_plural = "Vaccinations"
        constraints = numbered("VAX")
