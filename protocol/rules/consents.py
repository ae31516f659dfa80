"""Rules of the consent form's versions, and of re-consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from protocol.codelists import EndOfTreatmentReason, YesNo
from protocol.criteria import BY_ID
from protocol.dates import before, either
from protocol.engine import Severity, Source, Verdict, look, rule
from protocol.facts import Consent, Death, EndOfTreatment, Patient, ScreenFailure
from protocol.screening_facts import IcfVersion, Reconsent

_VERSIONS = "The patient signs the version of the consent form that the ethics committee has approved for the site."
_Signed = Consent | Reconsent


def _version(name: str, versions: Sequence[IcfVersion]) -> IcfVersion | None:
    """The version of the site with that name, however it is spelled."""
    wanted = name.strip().casefold()
    return next((each for each in versions if look(each).icf_version.strip().casefold() == wanted), None) if wanted else None


def _newest(versions: Sequence[IcfVersion]) -> IcfVersion | None:
    def approved(each: IcfVersion) -> date:
        on = look(each).approved_on
        return on.latest if on else date.min

    return max(versions, key=approved, default=None)


def _unknown(signed: _Signed, versions: Sequence[IcfVersion]) -> Verdict:
    if not signed.icf_version.strip() or not versions:
        return None
    return {"version": signed.icf_version} if _version(signed.icf_version, versions) is None else False


def _too_early(signed: _Signed, versions: Sequence[IcfVersion]) -> Verdict:
    version = _version(signed.icf_version, versions)
    if version is None:
        return None
    early = before(signed.patient_signed_on, version.approved_on)
    return {"version": version.icf_version, "approved": version.approved_on} if early else early


def _outdated(signed: _Signed, versions: Sequence[IcfVersion]) -> Verdict:
    version = _version(signed.icf_version, versions)
    if version is None:
        return None
    approved, on = look(version).approved_on, signed.patient_signed_on
    newer = [
        each for each in versions
        if before(approved, look(each).approved_on) and before(on, look(each).approved_on) is False
    ]  # fmt: skip
    newest = _newest(newer)
    if newest is None:
        return False
    return {"old": signed.icf_version, "new": newest.icf_version, "approved": newest.approved_on}


@rule("SCR-092", Severity.QUERY, "IC.icf_version", cites=_VERSIONS, source=Source.DESIGN)
def consent_version_unknown(consent: Consent, versions: tuple[IcfVersion, ...]) -> Verdict:
    """“{version}” is no version of the consent form on the site's list: correct it, or have the version entered in the
    list.
    """
    return _unknown(consent, versions)


@rule("SCR-093", Severity.QUERY, "IC.icf_version", cites=_VERSIONS, source=Source.DESIGN, also=("IC.patient_signed_on",))
def consent_before_approval(consent: Consent, versions: tuple[IcfVersion, ...]) -> Verdict:
    """The patient signed before version {version} was approved for the site ({approved}): correct the version or the date.
    """
    return _too_early(consent, versions)


@rule("SCR-094", Severity.QUERY, "IC.icf_version", cites=_VERSIONS, source=Source.DESIGN, also=("IC.patient_signed_on",))
def consent_outdated(consent: Consent, versions: tuple[IcfVersion, ...]) -> Verdict:
    """The patient signed version {old}, when version {new} was approved for the site already ({approved}): correct the
    version or the date, or confirm it and say why.
    """
    return _outdated(consent, versions)


@rule("SCR-095", Severity.QUERY, "IC.icf_version", source=Source.DESIGN,
      cites="A version that patients in the trial sign too is signed by each of them.")
def reconsent_due(
    consent: Consent, reconsents: tuple[Reconsent, ...], versions: tuple[IcfVersion, ...], patient: Patient,
    death: Death | None, failure: ScreenFailure | None, end: EndOfTreatment | None,
) -> Verdict:  # fmt: skip
    """Re-consent is due: version {version} was approved for the site on {approved}, and patients in the trial sign it too.
    Enter the re-consent once it is signed.
    """
    gone = end is not None and look(end).reason in (EndOfTreatmentReason.CONSENT, EndOfTreatmentReason.LOST)
    if patient.enrolled_on is None or death is not None or failure is not None or gone:
        return None
    # Whoever has signed a version, or a later one, need not sign it again; that of the first consent was not there to sign.
    both: tuple[Consent | Reconsent, ...] = (consent, *reconsents)
    signed = [_version(look(each).icf_version, versions) for each in both]
    approved = [look(each).approved_on for each in signed if each is not None]
    first = look(consent).patient_signed_on
    due = _newest([
        each for each in versions
        if look(each).reconsent == YesNo.YES and before(first, look(each).approved_on)
        and all(before(on, look(each).approved_on) for on in approved)
    ])  # fmt: skip
    return {"version": due.icf_version, "approved": due.approved_on} if due else False


@rule("SCR-096", Severity.QUERY, "RIC.icf_version", cites=_VERSIONS, source=Source.DESIGN)
def reconsent_version_unknown(reconsent: Reconsent, versions: tuple[IcfVersion, ...]) -> Verdict:
    """“{version}” is no version of the consent form on the site's list: correct it, or have the version entered in the
    list.
    """
    return _unknown(reconsent, versions)


@rule("SCR-097", Severity.QUERY, "RIC.icf_version", cites=_VERSIONS, source=Source.DESIGN, also=("RIC.patient_signed_on",))
def reconsent_before_approval(reconsent: Reconsent, versions: tuple[IcfVersion, ...]) -> Verdict:
    """The patient signed before version {version} was approved for the site ({approved}): correct the version or the date.
    """
    return _too_early(reconsent, versions)


@rule("SCR-098", Severity.QUERY, "RIC.icf_version", cites=_VERSIONS, source=Source.DESIGN, also=("RIC.patient_signed_on",))
def reconsent_outdated(reconsent: Reconsent, versions: tuple[IcfVersion, ...]) -> Verdict:
    """The patient signed version {old}, when version {new} was approved for the site already ({approved}): correct the
    version or the date, or confirm it and say why.
    """
    return _outdated(reconsent, versions)


@rule("SCR-099", Severity.QUERY, "RIC.patient_signed_on", cites="A re-consent follows a consent.", source=Source.DESIGN,
      also=("IC.patient_signed_on",))
def reconsent_before_consent(reconsent: Reconsent, consent: Consent | None) -> Verdict:
    """The re-consent is dated before the first consent ({signed}): correct the date that is wrong."""
    early = before(reconsent.patient_signed_on, consent.patient_signed_on) if consent else None
    return {"signed": consent.patient_signed_on} if consent and early else early


@rule("SCR-100", Severity.NOTICE, "RIC.investigator_signed_on", cites=BY_ID["I10"].text, source=Source.REGISTRY,
      also=("RIC.patient_signed_on",))
def resigned_on_two_days(reconsent: Reconsent) -> Verdict:
    """Patient and investigator signed on different days: check both dates against the signed form."""
    patient, investigator = reconsent.patient_signed_on, reconsent.investigator_signed_on
    return either(before(patient, investigator), before(investigator, patient))
