"""What the sites keep once for all their patients, as of a moment: a table for each kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from accounts.models import Site
from audit.history import as_of
from crf.references import SiteReference, kinds
from exports.codebook import reference_column
from exports.history import CHUNK
from exports.subjects import STUDY, STUDYID
from exports.tables import Cell, Column, Table


def references(moment: datetime) -> list[Table]:
    return [_table(kind, moment) for kind in kinds().values()]


def _table(kind: type[SiteReference], moment: datetime) -> Table:
    code = kind.trail_code
    columns = (
        STUDY,
        Column("SITEID", "Site", source=f"{code}.site"),
        Column("RECID", "Number of the line", "integer", note="Joins to audit_trail."),
        *(reference_column(kind, name) for name in kind.asked),
        Column("WITHDRWN", "Withdrawn?", "yes/no", source=f"{code}.withdrawn", note="Entered by mistake: read by no rule."),
        Column("WITHREAS", "Why it was withdrawn", source=f"{code}.withdraw_reason", free_text=True),
    )

    def read() -> Iterator[tuple[Cell, ...]]:
        sites = dict(as_of(Site, moment).values_list("id", "code"))
        answers = (*kind.asked, "withdrawn", "withdraw_reason")
        rows = as_of(kind, moment).order_by("site_id", "id").values_list("site_id", "id", *answers)
        for site, *rest in rows.iterator(CHUNK):
            yield STUDYID, sites.get(site, ""), *rest

    return Table(kind.dataset, kind.title, columns, read)
