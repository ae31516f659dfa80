"""The drug account of a site: shipments, vials, the ledger of every vial, and counts of the shelf."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from accounts.models import Site
from audit.models import AuditedModel
from crf.fields import CodeField, PartialDateField, WordsField, yes_no
from protocol import dosing_facts as facts
from protocol.stock import Entry, VialAct, VialState


def strength() -> models.DecimalField:
    return models.DecimalField("Strength", max_digits=6, decimal_places=2, db_comment="Strength of the vial, mg")


def lot() -> models.CharField:
    return models.CharField("Lot", max_length=40, db_comment="Lot, as printed on the vial")


def expiry() -> PartialDateField:
    return PartialDateField("Expires", least="month", db_comment="Last day, or last month, in which the vial may be used")


def role() -> models.CharField:
    return models.CharField("Entered by", max_length=60, blank=True, default="", db_comment="Role of the person at that moment")


class Transfer(AuditedModel):
    """Vials that one site sent to another in one box. Whether they have come there is said by their ledgers."""

    trail_code = "TRANSFER"
    written_once = True

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_comment="Site that sent them")
    to_site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_comment="Site to which they were sent")
    sent_on = PartialDateField("Sent on", db_comment="Day on which they were sent")
    reference = models.CharField("Delivery note", max_length=40, blank=True, default="", db_comment="Number of the delivery note")
    remark = WordsField("Reason", db_comment="Why they were sent, and who agreed")
    by_role = role()

    class Meta:
        verbose_name = "transfer of vials"
        verbose_name_plural = "transfers of vials"

    def __str__(self) -> str:
        return f"{self.site.code} to {self.to_site.code}, {self.sent_on}"

    def site_code(self) -> str:
        return self.site.code


def transfer(comment: str) -> models.ForeignKey:
    return models.ForeignKey(Transfer, models.PROTECT, null=True, blank=True, related_name="+", db_comment=comment)


class Shipment(AuditedModel):
    """Vials of one lot and strength that came to a site on one day."""

    trail_code = "SHIPMENT"

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_comment="Site")
    received_on = PartialDateField("Received on", db_comment="Day on which it came")
    reference = models.CharField("Delivery note", max_length=40, blank=True, default="", db_comment="Number of the delivery note")
    lot = lot()
    strength_mg = strength()
    expires_on = expiry()
    temperature_kept = yes_no("Temperature kept on the way?", db_comment="Temperature kept on the way?")
    remark = WordsField("Remark", db_comment="Remark, always there when the temperature was not kept")
    by_role = role()
    transfer = transfer("Transfer from another site by which it came; empty when the sponsor sent it")

    class Meta:
        verbose_name = "shipment of vials"
        verbose_name_plural = "shipments of vials"

    def __str__(self) -> str:
        return f"{self.site.code} lot {self.lot}, {self.received_on}"

    def site_code(self) -> str:
        return self.site.code


class Vial(AuditedModel):
    """A vial, as its ledger has it now: state, and whose it is while it is dispensed or used. Only ``accountability`` writes it."""

    trail_code = "VIAL"
    fact = facts.Vial
    owner = "site"
    standing = f"r.site_id = %s AND r.state <> '{VialState.MISTAKEN.value}'"

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_comment="Site")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="vials", db_comment="Shipment with which it came")
    number = models.CharField("Vial number", max_length=20, db_comment="Number of the vial, in capitals")
    lot = lot()
    strength_mg = strength()
    expires_on = expiry()
    state = CodeField("State", codelist=VialState, db_comment="Where it is, or what became of it")
    patient_number = models.CharField("Patient", max_length=20, blank=True, default="", db_comment="Patient for whom it is dispensed or used")  # fmt: skip  # noqa: E501
    dose = models.CharField("Dose", max_length=12, blank=True, default="", db_comment="Dose for which it is dispensed or used")
    kept = CodeField("Kept as", codelist=VialState, db_comment="State by the pharmacist's entries; of a used vial when it was used")
    transfer = transfer("Transfer by which it was last sent to another site")
    dispensed_for = models.CharField("Dispensed for", max_length=33, blank=True, default="", db_comment="Patient and dose for which it left the pharmacy")  # fmt: skip  # noqa: E501

    class Meta:
        verbose_name = "vial"
        constraints = [  # what was entered by mistake, or is at another site, leaves its number to the vial that has it
            models.UniqueConstraint(Upper("number"), condition=~Q(state__in=["MISTAKEN", "AT ANOTHER SITE", "USED AWAY"]), name="vial_number"),
        ]
        indexes = [models.Index(fields=["site", "patient_number", "dose"], name="vial_whose")]

    def __str__(self) -> str:
        return f"{self.site.code} {self.number}"

    def site_code(self) -> str:
        return self.site.code


class VialMovement(AuditedModel):
    """One line of a vial's ledger. It is written once: what is wrong is taken back by a further line."""

    trail_code = "VIALMOVE"
    written_once = True

    vial = models.ForeignKey(Vial, models.PROTECT, related_name="movements", db_comment="Vial")
    act = CodeField("What happened", codelist=VialAct, db_comment="What happened to the vial")
    on = PartialDateField("On", least="year", db_comment="Day on which it happened; empty when nobody knows it")
    from_state = CodeField("From", codelist=VialState, db_comment="State before it; empty for a receipt")
    to_state = CodeField("To", codelist=VialState, db_comment="State after it")
    patient_number = models.CharField("Patient", max_length=20, blank=True, default="", db_comment="Patient for whom it was dispensed or used")  # fmt: skip  # noqa: E501
    dose = models.CharField("Dose", max_length=12, blank=True, default="", db_comment="Dose for which it was dispensed or used")
    reason = WordsField("Reason", db_comment="Reason, or remark")
    takes_back = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="taken_back_by", db_comment="The line that this one takes back")  # fmt: skip  # noqa: E501
    by_role = role()

    class Meta:
        verbose_name = "movement of a vial"
        verbose_name_plural = "movements of vials"

    def __str__(self) -> str:
        return f"{self.vial} {self.act}"

    def site_code(self) -> str:
        return self.vial.site.code

    def entry(self) -> Entry:
        """As ``protocol.stock`` reads it."""
        return Entry(self.pk, VialAct(self.act), self.on, self.patient_number, self.dose, self.takes_back_id)


class StockCount(AuditedModel):
    """A count of the vials of one lot that lie in the pharmacy, beside the number that the account had at that moment."""

    trail_code = "COUNT"
    written_once = True

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_comment="Site")
    counted_on = PartialDateField("Counted on", db_comment="Day of the count")
    strength_mg = strength()
    lot = lot()
    counted = models.PositiveIntegerField("Counted", db_comment="Vials found in the pharmacy")
    expected = models.PositiveIntegerField("In the account", db_comment="Vials in the pharmacy by the account, when it was entered")
    remark = WordsField("Remark", db_comment="Remark")
    by_role = role()

    class Meta:
        verbose_name = "count of the stock"
        verbose_name_plural = "counts of the stock"

    def __str__(self) -> str:
        return f"{self.site.code} lot {self.lot}, {self.counted_on}"

    def site_code(self) -> str:
        return self.site.code
