"""Which version of the consent form the patients of a site have signed; counts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from accounts.models import Site
from crf import registry
from crf.models import State
from crf.references import Told, standing
from patients.models import Patient
from protocol.codelists import EndOfTreatmentReason
from protocol.dates import show
from screening.models import IcfVersion, InformedConsent, Reconsent, ScreenFailure

GONE = (EndOfTreatmentReason.CONSENT, EndOfTreatmentReason.LOST)  # whoever left so signs nothing more


def told(site: Site, lines: Sequence[IcfVersion], today: date) -> list[Told]:
    """The versions, the one approved last first, with how many patients signed each and how many still have to.

    Who still has to is as rule SCR-095 has it: registered patients whose first consent is older than the approval, and who
    have signed neither this version nor a later one.
    """
    live = standing(lines)
    newest = max((line.approved_on for line in live), default="")
    signed, since = _signed(site), _in_trial(site)
    found = []
    for line in sorted(lines, key=lambda line: (line.approved_on, line.pk), reverse=True):
        cells = (line.icf_version, show(line.approved_on), "Yes" if line.reconsent == "Y" else "No")
        if line.withdrawn:
            found.append(Told(line, (*cells, "", ""), *line.standing_on(today.isoformat())))
            continue
        due = {patient for patient, on in since.items() if on < line.approved_on}
        for each in live:
            if each.approved_on >= line.approved_on:
                due -= signed[_plain(each.icf_version)]
        counts = (str(len(signed[_plain(line.icf_version)])), str(len(due)) if line.reconsent == "Y" else "—")
        state = ("ok", "Newest") if line.approved_on == newest else ("neutral", "Replaced")
        found.append(Told(line, (*cells, *counts), *state))
    return found


def _plain(version: str) -> str:
    return " ".join(version.split()).casefold()


def _signed(site: Site) -> dict[str, set[int]]:
    """Version → ids of the patients of the site who signed it, by submitted consents."""
    found: dict[str, set[int]] = defaultdict(set)
    for form in (InformedConsent, Reconsent):
        rows = form.objects.filter(patient__site=site, voided=False, state=State.SUBMITTED)
        for patient, version in rows.values_list("patient_id", "icf_version"):
            found[_plain(version)].add(patient)
    return found


def _in_trial(site: Site) -> dict[int, str]:
    """Registered patients of the site who are still in the trial → the day of their first consent, ISO 8601."""
    registered = Patient.objects.filter(site=site, enrolled_at__isnull=False).values_list("pk", flat=True)
    consents = InformedConsent.objects.filter(patient__in=registered, voided=False, state=State.SUBMITTED)
    over: set[int] = set()
    for form, only in ((ScreenFailure, {}), (registry.form("DD"), {}), (registry.form("EOT"), {"reason__in": GONE})):
        over.update(form.objects.filter(patient__site=site, voided=False, **only).values_list("patient_id", flat=True))
    days = consents.values_list("patient_id", "patient_signed_on")
    return {patient: on for patient, on in days if on and patient not in over}
