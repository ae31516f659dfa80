"""What the pharmacist has to see to: boxes on the way, vials that expire, and whether the shelf covers the planned doses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Site
from audit import clock
from dosing.drug_pages import Box, boxes, plain
from dosing.stock import Vial
from patients.models import Patient
from protocol import parameters, stock
from protocol.dates import show
from protocol.facts import Dose
from protocol.schedule import Status, calendar
from protocol.stock import IN_PHARMACY, VialState
from protocol.supply import Need, short_of, vials_for


@dataclass
class Supply:
    """Of some sites together; ``missing`` counts vials by (site, strength)."""

    boxes: list[Box]
    missing: Counter[tuple[str, Decimal]] = field(default_factory=Counter)
    until: date | None = None
    undecided: int = 0  # doses whose planned amount is a dash
    expiring: int = 0
    expired: int = 0

    @property
    def words(self) -> str:
        """What is missing, in words; '' for nothing."""
        if not self.missing:
            return ""
        several = len({site for site, _ in self.missing}) > 1
        said = ", ".join(
            f"{n} of {plain(strength)} mg" + (f" at {site}" if several else "") for (site, strength), n in sorted(self.missing.items())
        )
        dashes = f"; {self.undecided} more without a planned amount" if self.undecided else ""
        return f"{said}, until {show(self.until.isoformat())}{dashes}" if self.until else said


def of_sites(sites: Sequence[Site], treated: Iterable[tuple[Patient, date, list[Dose]]]) -> Supply:
    """``treated``: the patients on treatment, each with the day at the site and the doses on record. Two queries."""
    found = Supply(boxes(sites))
    held: dict[int, list[Vial]] = defaultdict(list)
    states = [state.value for state in (*IN_PHARMACY, VialState.DISPENSED)]
    for vial in Vial.objects.filter(site__in=list(sites), state__in=states):
        held[vial.site_id].append(vial)
    needs: dict[int, list[Need]] = defaultdict(list)
    for patient, today, doses in treated:
        dashes, wanted = _needs(patient, today, doses, held[patient.site_id])
        needs[patient.site_id] += wanted
        found.undecided += dashes
    for site in sites:
        today = clock.today(site.time_zone)
        found.until = max(filter(None, [found.until, _horizon(today)]))
        shelf = [(each.strength_mg, stock.last_day(each.expires_on)) for each in held[site.pk] if each.state == VialState.IN_STOCK]
        for strength, n in short_of(needs[site.pk], shelf).items():
            found.missing[site.code, strength] += n
        soon = today + timedelta(days=parameters.whole("expiry_warning_days"))
        lasts = [stock.last_day(each.expires_on) for each in held[site.pk] if VialState(each.state) in IN_PHARMACY]
        found.expiring += sum(last is not None and last <= soon for last in lasts)
        found.expired += sum(last is not None and last < today for last in lasts)
    return found


def _horizon(today: date) -> date:
    return today + timedelta(days=parameters.whole("stock_ahead_days"))


def _needs(patient: Patient, today: date, doses: list[Dose], held: list[Vial]) -> tuple[int, list[Need]]:
    """How many planned doses have no amount, and the vials for those that have one, less those dispensed for them already.

    A dose without a planned date (the first one, or a delayed one) may be given today.
    """
    until, dashes, wanted = _horizon(today), 0, []
    for row in calendar(doses, today=today, ahead=2 + parameters.whole("stock_ahead_days") // parameters.whole("days_to_c1d8")):
        on = row.planned or (today if row.status is Status.DELAYED or row.n == 1 else None)
        if row.status in (Status.GIVEN, Status.OMITTED) or on is None or on > until:
            continue
        if row.dose_planned_mg is None:
            dashes += 1
            continue
        out = Counter(each.strength_mg for each in held if (each.patient_number, each.dose) == (patient.number, row.label))
        for strength, n in vials_for(row.dose_planned_mg).items():
            if n > out[strength]:
                wanted.append(Need(max(on, today), strength, n - out[strength]))
    return dashes, wanted
