"""What each site of the simulated trial keeps for its patients: consent form versions, and its laboratories' ranges."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Site, User
from assessments.references import ReferenceRange
from crf import reference_actions
from demo.laboratories import LABORATORIES, ranges
from demo.workdays import working_day
from protocol.sites import SITES
from screening.models import IcfVersion

FIRST, SECOND = "2.0", "3.0"
_PLACE = {site.code: n for n, site in enumerate(SITES)}
RANGES_SINCE = date(2026, 1, 1)
# The laboratory of one site gets another reagent: from this day on its aPTT has another range.
NEW_REAGENT, REAGENT_SINCE = "FR03", date(2026, 9, 1)


def approved(site: str, version: str) -> date:
    """When the ethics committee approved a version for a site: not everywhere on the same day."""
    first = date(2026, 4, 20) if version == FIRST else date(2026, 9, 21)
    return working_day(first + timedelta(days=_PLACE[site]))


def version_on(site: str, day: date) -> str:
    """The version that is signed on a day."""
    return SECOND if day >= approved(site, SECOND) else FIRST


def enter_version(site: Site, by: User, version: str) -> None:
    """Put a version on the site's list; patients in the trial sign the second one too."""
    line = IcfVersion(site=site, icf_version=version, approved_on=approved(site.code, version).isoformat(),
                      reconsent="Y" if version == SECOND else "N")  # fmt: skip
    reference_actions.add(user=by, site=site, lines=[line])
    reference_actions.recheck(site)


def enter_ranges(site: Site, by: User) -> None:
    """Enter the ranges of the site's laboratories, a laboratory at a time."""
    for laboratory in LABORATORIES[site.code]:
        lines = [_line(site, **found, valid_from=RANGES_SINCE) for found in ranges(laboratory)]
        reference_actions.add(user=by, site=site, lines=lines)


def enter_new_reagent(site: Site, by: User) -> None:
    """The range of the aPTT changes: the old one ends on the day before."""
    name = LABORATORIES[site.code][0].name
    old = ReferenceRange.objects.get(site=site, laboratory=name, test="APTT", withdrawn=False)
    limits = {"unit": old.unit, "low": "26.0", "high": "38.0", "sex": ""}
    line = _line(site, laboratory=name, test="APTT", **limits, valid_from=REAGENT_SINCE)
    reference_actions.add(user=by, site=site, lines=[line], ending=[(old.pk, old.version)])


def _line(site: Site, *, low, high, valid_from: date, **found) -> ReferenceRange:
    limits = {name: Decimal(text) if text else None for name, text in (("low", low), ("high", high))}
    return ReferenceRange(site=site, **found, **limits, valid_from=valid_from.isoformat())
