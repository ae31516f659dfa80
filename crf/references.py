"""What a site keeps once for all its patients (consent versions, laboratory ranges), and rules read like records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Self

from django.db import models

from accounts.models import Site
from audit.context import STUDY
from audit.models import AuditedModel
from crf import registry
from protocol.dates import show
from protocol.facts import Fact

AHEAD = timedelta(days=366)  # a day of validity further off is a typing error


@dataclass(frozen=True)
class Told:
    """A line in the words of its list; ``kind`` is that of components/status.html."""

    line: SiteReference
    cells: tuple[str, ...]
    kind: str
    state: str
    group: str = ""


@dataclass(frozen=True)
class Clash:
    """Why a line cannot stand beside another one, and the day on which that one must end so that it can ('': none helps)."""

    with_line: SiteReference
    sentence: str
    end_on: str = ""


class SiteReference(AuditedModel):
    """One line of a site's references. A line entered by mistake is withdrawn with a reason, never deleted or edited.

    title     heading of its list
    empty     the sentence that stands where there is no line
    asked     questions of the entry form, in order
    required  those that must be answered
    heads     columns of the list (its questions when there are none); ``figures`` are those of numbers
    ends      a line has a first and a last day of validity (``valid_from``, ``valid_to``)
    many      address name and words of a page on which many lines are entered together
    dataset   name of its table in an export; ``exports`` maps field → column
    """

    fact: ClassVar[type[Fact]]
    owner: ClassVar[str] = "site"
    standing: ClassVar[str] = "r.site_id = %s AND NOT r.withdrawn"
    title: ClassVar[str] = ""
    empty: ClassVar[str] = ""
    asked: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[tuple[str, ...]] = ()
    heads: ClassVar[tuple[str, ...]] = ()
    figures: ClassVar[frozenset[str]] = frozenset()
    ends: ClassVar[bool] = False
    many: ClassVar[tuple[str, str]] = ("", "")
    dataset: ClassVar[str] = ""
    exports: ClassVar[dict[str, str]] = {}

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_comment="Site")
    withdrawn = models.BooleanField("withdrawn", default=False, db_comment="Entered by mistake")
    withdraw_reason = models.TextField("why it was withdrawn", blank=True, default="", db_comment="Why it was withdrawn")

    class Meta:
        abstract = True

    def chain_key(self) -> str:
        return STUDY

    def site_code(self) -> str:
        return self.site.code

    def needs_reason(self, before) -> bool:
        return True

    def validate_constraints(self, exclude=None) -> None:
        """Left to ``faults``, which says it in words; the database holds the constraint all the same."""

    def answers(self) -> tuple[object, ...]:
        """What was entered; two lines with the same answers say the same."""
        return tuple(getattr(self, name) for name in self.asked)

    def label(self, name: str) -> str:
        return str(self._meta.get_field(name).verbose_name)

    def faults(self, today: date) -> dict[str, str]:
        """Field → the sentence that says why the line cannot be stored."""
        empty = [name for name in self.required if getattr(self, name) in (None, "")]
        return {name: f"“{self.label(name)}” is empty: enter it." for name in empty}

    def settle(self, standing: Sequence[Self]) -> None:
        """Take up the spelling of the lines that stand already."""

    def clashes(self, standing: Sequence[Self]) -> list[Clash]:
        """The standing lines of the site beside which this one cannot stand."""
        return []

    @classmethod
    def adapt(cls, form, site: Site) -> None:
        """Last touches to the entry form."""

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The heads of its list; its questions when it declares none."""
        return cls.heads or tuple(str(cls._meta.get_field(name).verbose_name) for name in cls.asked)

    @classmethod
    def told(cls, site: Site, lines: Sequence[Self], today: date) -> list[Told]:
        """The lines in the words of the list, in its order: each question with its answer, in the order of entry.

        A kind with ``heads`` of its own says it in its own way.
        """
        return [
            Told(each, tuple(each.said(name) or "—" for name in cls.asked), *each.standing_on(today.isoformat())) for each in lines
        ]

    def said(self, name: str) -> str:
        """The answer to a question in the words of the screen; '' for none."""
        return registry.display(self.trail_code, name, getattr(self, name))

    def standing_on(self, day: str) -> tuple[str, str]:
        """(kind of status, words) on a day, ISO 8601: withdrawn, ended, not yet valid or valid."""
        if self.withdrawn:
            return "void", f"Withdrawn: {self.withdraw_reason}"
        if self.ends and self.valid_to and self.valid_to < day:
            return "closed", "Ended"
        return ("progress", "Not yet valid") if self.ends and self.valid_from > day else ("ok", "Valid")


def kinds() -> dict[str, type[SiteReference]]:
    """The kinds of site references, by code."""
    return {code: model for code, model in registry.references().items() if issubclass(model, SiteReference)}


def lines_of(kind: type[SiteReference], site: Site) -> list[SiteReference]:
    """Every line of a site, withdrawn ones too, in the order of entry; each with its site at hand."""
    found = list(kind.objects.filter(site=site).order_by("id"))
    for line in found:
        line.site = site
    return found


def standing(lines: Iterable[SiteReference]) -> list[SiteReference]:
    """Those that are not withdrawn."""
    return [line for line in lines if not line.withdrawn]


def out_of_order(first: str, last: str) -> str:
    """The sentence for a last day before the first, or ''; full dates as ISO 8601 text."""
    if first and last and last < first:
        return f"The last day, {show(last)}, lies before the first, {show(first)}: correct the one that is wrong."
    return ""


def too_far(day: str, today: date) -> str:
    """The sentence for a day of validity that lies more than a year ahead, or ''."""
    if day and day > (today + AHEAD).isoformat():
        return f"{show(day)} lies more than a year ahead: check the year."
    return ""
