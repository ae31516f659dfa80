"""The patients as of a moment, and the columns that say whose a row is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Site
from audit.history import as_of
from exports.history import CHUNK
from exports.tables import Column
from patients.models import EnrolmentSource, Patient

STUDYID = "ETOP 29-25"
SOURCES = " | ".join(f"{value}={label}" for value, label in EnrolmentSource.choices)

STUDY = Column("STUDYID", "Study identifier")
SUBJECT = (STUDY, Column("SITEID", "Site of the patient"), Column("SUBJID", "Patient's screening number"))


@dataclass(frozen=True)
class Subject:
    """A patient as of the moment."""

    number: str
    site: str
    country: str
    enrolment: int | None
    enrolled_at: datetime | None
    zone: str
    source: str
    paper: str
    earlier: int | None  # id of the screening before this one

    @property
    def keys(self) -> tuple[str, str, str]:
        return STUDYID, self.site, self.number


def subjects_at(moment: datetime) -> dict[int, Subject]:
    """All patients by id, in order of number. The only thing kept in memory: a line a patient."""
    sites = {site.id: site for site in as_of(Site, moment)}
    return {
        each.id: Subject(
            each.number, sites[each.site_id].code, sites[each.site_id].country, each.enrolment_number,
            each.enrolled_at, sites[each.site_id].time_zone, each.enrolment_source, each.paper_number, each.rescreening_of_id,
        )
        for each in as_of(Patient, moment).order_by("number").iterator(CHUNK) if each.site_id in sites
    }  # fmt: skip
