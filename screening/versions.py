"""Which version of the consent form the patients of a site have signed; counts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from accounts.models import Site
from crf import registry
from crf.models import State
from crf.references import Told
from patients.models import Patient
from protocol.dates import show
from screening.models import IcfVersion, InformedConsent, Reconsent


def told(site: Site, lines: Sequence[IcfVersion]) -> list[Told]:
    """The versions, the one approved last first, with how many patients signed each and how many still have to."""
    standing = [line for line in lines if not line.withdrawn]
    newest = max((line.approved_on for line in standing), default="")
    signed, present = _signed(site), _in_trial(site)
    found = []
    for line in sorted(lines, key=lambda line: (line.approved_on, line.pk), reverse=True):
        cells = (line.version, show(line.approved_on), "Yes" if line.reconsent == "Y" else "No")
        if line.withdrawn:
            found.append(Told(line, (*cells, "", ""), "void", f"Withdrawn: {line.withdraw_reason}"))
            continue
        by = signed[_plain(line.version)]
        later = [signed[_plain(each.version)] for each in standing if each.approved_on > line.approved_on]
        waiting = present.difference(by, *later)
        state = ("ok", "Newest") if line.approved_on == newest else ("neutral", "Replaced")
        found.append(Told(line, (*cells, str(len(by)), str(len(waiting)) if line.reconsent == "Y" else "—"), *state))
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


def _in_trial(site: Site) -> set[int]:
    """Patients of the site who have consented, and have neither failed screening nor died."""
    ids = list(Patient.objects.filter(site=site).values_list("pk", flat=True))
    ending = [form.code for form in registry.forms() if form.says is not None and form.says.rank >= registry.ALWAYS]
    found = registry.headers(ids, [InformedConsent.code, Reconsent.code, *ending])
    live = [each for each in found if each.submitted and not each.voided]
    gone = {each.patient for each in live if each.form in ending and each.says}
    return {each.patient for each in live if each.form not in ending} - gone
