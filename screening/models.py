"""Consent and its versions, demographics, the eligibility checklist and the screen failure."""

from __future__ import annotations

from django.db import models

from crf.declare import AskedIf, Section, Status
from crf.fields import ClockTimeField, CodeField, CodeSetField, PartialDateField, SuggestField, WordsField, yes_no
from crf.models import Crf, State, numbered, one_per_visit
from crf.references import Clash, SiteReference, Told
from patients.actions import let_go
from protocol import codelists, facts, parameters, screening_facts
from protocol.criteria import CRITERIA
from protocol.dates import show
from protocol.eligibility import NEEDS, REGISTRATION
from screening import signed
from screening.results import results

SCREENING = ("SCR",)


class IcfVersion(SiteReference):
    """A version of the consent form, as the ethics committee approved it for a site."""

    trail_code = "ICFV"
    fact = screening_facts.IcfVersion
    title = "Consent form versions"
    empty = "No version is listed. Enter the version that patients sign now: it is proposed on the consent form."
    asked = ("icf_version", "approved_on", "reconsent")
    required = asked
    heads = ("Version", "Approved on", "Patients sign it again", "Signed by", "Still to sign")
    figures = frozenset({"Signed by", "Still to sign"})
    dataset = "icf_versions"
    exports = {"icf_version": "ICFVER", "approved_on": "APPRDAT", "reconsent": "RECONYN"}

    icf_version = models.CharField("Version", max_length=40, help_text="As printed on the form")
    approved_on = PartialDateField("Approved on", help_text="By the ethics committee, for this site")
    reconsent = yes_no("Patients in the trial sign it too")

    class Meta:
        verbose_name = "consent form version"
        constraints = [
            models.UniqueConstraint(
                fields=["site", "icf_version"], condition=models.Q(withdrawn=False), name="one_icf_version_of_a_site"
            )
        ]

    def __str__(self) -> str:
        return f"{self.site.code} {self.icf_version}"

    def faults(self, today) -> dict[str, str]:
        wrong = super().faults(today)
        if self.approved_on > today.isoformat():
            wrong["approved_on"] = "“Approved on” lies in the future: enter a version once it is approved."
        return wrong

    def clashes(self, standing) -> list[Clash]:
        twins = [each for each in standing if each.icf_version.casefold() == self.icf_version.casefold()]
        said = "Version {} is on the list already, approved on {}. If that line is wrong, withdraw it first."
        return [Clash(each, said.format(each.icf_version, show(each.approved_on))) for each in twins]

    @classmethod
    def told(cls, site, lines, today) -> list[Told]:
        from screening.versions import told

        return told(site, lines, today)


def suggest_version(form, patient) -> None:
    """Propose the versions that are approved for the site, the newest first."""

    def versions() -> list[str]:
        known = IcfVersion.objects.filter(site=patient.site, withdrawn=False).order_by("-approved_on")
        return list(known.values_list("icf_version", flat=True))

    form.fields["icf_version"].widget.proposals = versions


class InformedConsent(Crf):
    """Written informed consent (criterion I10)."""

    code = "IC"
    area = "Screening"
    visits = SCREENING
    domain = "DS"
    dated_by = "patient_signed_on"
    fact = facts.Consent
    sections = (
        Section("Signatures", "patient_signed_on", "patient_signed_time", "investigator_signed_on",
                "investigator_signed_time"),
        Section("Document", "icf_version"),
    )  # fmt: skip
    required = ("patient_signed_on", "investigator_signed_on", "icf_version")
    exports = {
        "patient_signed_on": "DSSTDAT",
        "patient_signed_time": "DSSTTIM",
        "investigator_signed_on": "DSINVDAT",
        "investigator_signed_time": "DSINVTIM",
        "icf_version": "DSICFVER",
    }

    patient_signed_on = PartialDateField("Date signed by the patient", db_comment="Date signed by the patient")
    patient_signed_time = ClockTimeField("Time signed by the patient", help_text="If it is on the form", db_comment="Time signed by the patient")  # fmt: skip  # noqa: E501
    investigator_signed_on = PartialDateField("Date signed by the investigator", db_comment="Date signed by the investigator")  # fmt: skip  # noqa: E501
    investigator_signed_time = ClockTimeField("Time signed by the investigator", help_text="If it is on the form")
    icf_version = SuggestField("Version of the consent form", max_length=40, help_text="As printed on the form that was signed", db_comment="Version of the signed consent form")  # fmt: skip  # noqa: E501

    class Meta:
        verbose_name = "Informed consent"
        verbose_name_plural = "Informed consent"
        constraints = one_per_visit("IC")

    @classmethod
    def adapt(cls, form, patient) -> None:
        suggest_version(form, patient)


class Reconsent(Crf):
    """The patient signed again: a new version, or a first consent that was not valid."""

    code = "RIC"
    area = "Screening"
    domain = "DS"
    dated_by = "patient_signed_on"
    fact = screening_facts.Reconsent
    sections = (
        Section("Signatures", "patient_signed_on", "patient_signed_time", "investigator_signed_on",
                "investigator_signed_time"),
        Section("Document", "icf_version", "reason"),
    )  # fmt: skip
    required = ("patient_signed_on", "investigator_signed_on", "icf_version", "reason")
    exports = {
        "patient_signed_on": "DSSTDAT", "patient_signed_time": "DSSTTIM", "investigator_signed_on": "DSINVDAT",
        "investigator_signed_time": "DSINVTIM", "icf_version": "DSICFVER", "reason": "DSRECREA",
    }  # fmt: skip

    patient_signed_on = PartialDateField("Date signed by the patient", past=True)
    patient_signed_time = ClockTimeField("Time signed by the patient", help_text="If it is on the form")
    investigator_signed_on = PartialDateField("Date signed by the investigator", past=True)
    investigator_signed_time = ClockTimeField("Time signed by the investigator", help_text="If it is on the form")
    icf_version = SuggestField("Version of the consent form", max_length=40, help_text="As printed on the form that was signed")
    reason = CodeField("Why the patient signed again", codelist=codelists.ConsentReason, max_length=20)

    class Meta:
        verbose_name = "Re-consent"
        verbose_name_plural = "Re-consents"
        constraints = numbered("RIC")

    @classmethod
    def adapt(cls, form, patient) -> None:
        suggest_version(form, patient)


class Demographics(Crf):
    """Birth date, as far as the country lets it be stored, and sex."""

    code = "DM"
    area = "Screening"
    visits = SCREENING
    domain = "DM"
    dated_by = "birth_date"
    fact = facts.Demographics
    sections = (Section("Demographics", "birth_date", "sex"),)
    required = ("birth_date", "sex")
    exports = {"birth_date": "BRTHDAT", "sex": "SEX"}
    identifying = ("birth_date",)

    birth_date = PartialDateField("Born", least="year", db_comment="Birth date as far as the country allows")
    sex = CodeField("Sex", codelist=codelists.Sex, db_comment="Sex, CDISC C66731")

    class Meta:
        verbose_name = "Demographics"
        verbose_name_plural = "Demographics"
        constraints = one_per_visit("DM")

    @classmethod
    def adapt(cls, form, patient) -> None:
        """The day, and in some countries the month, may not be stored."""
        most = parameters.birth_date_precision(patient.site.country)
        field = form.fields["birth_date"]
        field.most = most
        field.help_text = {
            "year": "Year only: enter UNK for day and month.",
            "month": "Year, and month if known: enter UNK for the day.",
            "day": "Enter UNK for what is not known.",
        }[most]


def _answer(criterion_id: str) -> CodeField:
    criterion = next(each for each in CRITERIA if each.id == criterion_id)
    codelist = codelists.InclusionAnswer if criterion.kind == "inclusion" else codelists.ExclusionAnswer
    return CodeField(
        f"{criterion.id} {criterion.short}", help_text=criterion.text, codelist=codelist, max_length=20,
        db_comment=f"Investigator's answer to {criterion.id}",
    )  # fmt: skip


def _asked(criterion) -> tuple[str, ...]:
    """A criterion's answer, and what is asked when it is present."""
    return (criterion.field, f"{criterion.field}_details") if criterion.id in ("E15", "E16") else (criterion.field,)


class Eligibility(Crf):
    """The investigator's own answer to every criterion; the program's result stands beside it and never replaces it."""

    code = "IE"
    area = "Screening"
    visits = SCREENING
    comes_last = 2
    domain = "IE"
    dated_by = "assessed_on"
    fact = facts.Eligibility
    sections = (
        Section("Assessment", "assessed_on"),
        Section("Inclusion criteria", *(each.field for each in CRITERIA if each.kind == "inclusion")),
        Section("Exclusion criteria", *(name for each in CRITERIA if each.kind == "exclusion" for name in _asked(each))),
        Section("Conclusion", "all_satisfied"),
    )
    asks_if = {name: AskedIf(name[:3], codelists.ExclusionAnswer.PRESENT) for name in ("e15_details", "e16_details")}
    computes_from = NEEDS
    # E10 and E11 are about the days before the first dose: their answer here is a look ahead.
    required = ("assessed_on", *(each.field for each in CRITERIA if 1 in each.gates), "e15_details", "e16_details", "all_satisfied")
    exports = {"assessed_on": "IEDAT", **{each.field: each.ietestcd for each in CRITERIA}, "e15_details": "EXCL15T",
               "e16_details": "EXCL16T", "all_satisfied": "IEYN"}  # fmt: skip

    assessed_on = PartialDateField("Date of the assessment", db_comment="Date of the eligibility assessment")
    i00 = _answer("I0")
    i01 = _answer("I1")
    i02 = _answer("I2")
    i03 = _answer("I3")
    i04 = _answer("I4")
    i05 = _answer("I5")
    i06 = _answer("I6")
    i07 = _answer("I7")
    i08 = _answer("I8")
    i09 = _answer("I9")
    i10 = _answer("I10")
    e01 = _answer("E1")
    e02 = _answer("E2")
    e03 = _answer("E3")
    e04 = _answer("E4")
    e05 = _answer("E5")
    e06 = _answer("E6")
    e07 = _answer("E7")
    e08 = _answer("E8")
    e09 = _answer("E9")
    e10 = _answer("E10")
    e11 = _answer("E11")
    e12 = _answer("E12")
    e13 = _answer("E13")
    e14 = _answer("E14")
    e15 = _answer("E15")
    e15_details = WordsField("Which condition")
    e16 = _answer("E16")
    e16_details = WordsField("Why")
    e17 = _answer("E17")
    e18 = _answer("E18")
    all_satisfied = yes_no("Does the patient meet all criteria?")

    class Meta:
        verbose_name = "Eligibility checklist"
        verbose_name_plural = "Eligibility checklists"
        constraints = one_per_visit("IE")

    @classmethod
    def in_force(cls, name: str) -> bool:
        return name != "i00" or parameters.flag("i0_active")

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """The program's result for each criterion that it can compute and that has been answered."""
        return results(self, case, REGISTRATION)

    @classmethod
    def page_extras(cls, user, record) -> dict:
        return signed.page_extras(record)


class ScreenFailure(Crf):
    """Why a screened patient was not registered."""

    code = "SF"
    area = "Screening"
    visits = SCREENING
    domain = "DS"
    dated_by = "decided_on"
    fact = facts.ScreenFailure
    if_needed = unregistered_only = True
    says = Status(60, "Screen failure", "neutral")
    sections = (Section("Screen failure", "decided_on", "reason", "criteria", "details"),)
    asks_if = {"criteria": AskedIf("reason", codelists.ScreenFailureReason.ELIGIBILITY)}
    required = ("decided_on", "reason", "criteria")
    exports = {"decided_on": "DSSTDAT", "reason": "DSDECOD", "criteria": "DSCRIT", "details": "DSTERM"}

    decided_on = PartialDateField("Date of the decision", db_comment="Date of the decision")
    reason = CodeField("Reason", codelist=codelists.ScreenFailureReason, db_comment="Reason, CDISC C66727")
    criteria = CodeSetField(
        "Criteria that are not satisfied", choices=[(each.id, f"{each.id} {each.short}") for each in CRITERIA],
        db_comment="Criteria not satisfied, by id",
    )  # fmt: skip
    details = models.TextField("Details", blank=True, default="", db_comment="Details in words")

    class Meta:
        verbose_name = "Screen failure"
        verbose_name_plural = "Screen failures"
        constraints = one_per_visit("SF")

    def saved(self, before) -> None:
        """Whoever is no longer screened needs no place: what is held goes to the others at once."""
        if self.state == State.SUBMITTED and not self.voided:
            let_go(self.patient)


from screening import history, judgement  # noqa: E402, F401  more models of this app
