"""What a site keeps once for all its patients (consent versions, laboratory ranges), and rules read like records."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import Site
from audit.context import STUDY
from audit.models import AuditedModel
from protocol.facts import Fact


class SiteReference(AuditedModel):
    """One line of a site's references. A line entered by mistake is withdrawn with a reason, never deleted."""

    fact: ClassVar[type[Fact]]
    owner: ClassVar[str] = "site"
    standing: ClassVar[str] = "r.site_id = %s AND NOT r.withdrawn"

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_comment="Site")
    withdrawn = models.BooleanField("withdrawn", default=False, db_comment="Entered by mistake")
    withdraw_reason = models.TextField("why it was withdrawn", blank=True, default="", db_comment="Why it was withdrawn")

    class Meta:
        abstract = True

    def chain_key(self) -> str:
        return STUDY

    def site_code(self) -> str:
        return self.site.code
