"""The drug account as of a moment: shipments, transfers between sites, vials, the lines of their ledgers, and counts. CDASH domain DA where it has a name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import datetime

from accounts.models import Site
from audit.history import as_of
from dosing.stock import Shipment, StockCount, Transfer, Vial, VialMovement
from exports.history import CHUNK
from exports.subjects import STUDY, STUDYID
from exports.tables import Cell, Column, Table
from protocol.stock import VialAct

Sites = Callable[[], dict[int, str]]  # code by id, as of the moment
SITE = Column("SITEID", "Site")
RECID = Column("RECID", "Number of the record", "integer", note="Joins to audit_trail.")
_EXPIRY = "Last day, or last month, in which the vial may be used."
# CDISC names of what is counted; other acts have none.
DATEST = {VialAct.DISPENSE.value: "Dispensed Amount", VialAct.TAKE_BACK.value: "Returned Amount"}


def drug_account(moment: datetime) -> list[Table]:
    sites = functools.cache(lambda: dict(as_of(Site, moment).values_list("id", "code")))  # read once, with the first table
    return [each(moment, sites) for each in (_shipments, _transfers, _vials, _movements, _counts)]


def _values(model, name: str) -> str:
    return " | ".join(f"{value}={label}" for value, label in model._meta.get_field(name).flatchoices)


def _of_vial(code: str) -> tuple[Column, ...]:
    return (
        Column("LOT", "Lot", source=f"{code}.lot"),
        Column("STRENGTH", "Strength of a vial", "number", unit="mg", source=f"{code}.strength_mg"),
    )


def _read(model, moment: datetime, sites: Sites, *names: str) -> Callable[[], Iterator[tuple[Cell, ...]]]:
    """Rows of a model that belongs to a site: study, site, number, then the fields."""

    def read() -> Iterator[tuple[Cell, ...]]:
        rows = as_of(model, moment).order_by("site_id", "id").values_list("site_id", "id", *names)
        for site, *rest in rows.iterator(CHUNK):
            yield STUDYID, sites().get(site, ""), *rest

    return read


def _shipments(moment: datetime, sites: Sites) -> Table:
    columns = (
        STUDY, SITE, RECID,
        Column("RECDAT", "Received on", "date", source="SHIPMENT.received_on"),
        Column("SHIPREF", "Number of the delivery note", source="SHIPMENT.reference", free_text=True),
        *_of_vial("SHIPMENT"),
        Column("EXPDAT", "Expires", "date", source="SHIPMENT.expires_on", note=_EXPIRY),
        Column("TEMPKEPT", "Temperature kept on the way?", "code", values="Y=Yes | N=No", source="SHIPMENT.temperature_kept"),
        Column("REMARK", "Remark", source="SHIPMENT.remark", free_text=True),
        Column("ROLE", "Role of the person who received it", source="SHIPMENT.by_role"),
        Column("TRANSID", "Transfer by which it came", "integer", source="SHIPMENT.transfer",
               note="Joins to RECID of vial_transfers; empty when the sponsor sent it."),
    )  # fmt: skip
    names = ("received_on", "reference", "lot", "strength_mg", "expires_on", "temperature_kept", "remark", "by_role", "transfer_id")
    return Table("shipments", "Shipments of vials", columns, _read(Shipment, moment, sites, *names))


def _transfers(moment: datetime, sites: Sites) -> Table:
    columns = (
        STUDY, SITE, RECID,
        Column("SENTDAT", "Sent on", "date", source="TRANSFER.sent_on"),
        Column("TOSITEID", "Site to which the vials were sent", source="TRANSFER.to_site"),
        Column("SHIPREF", "Number of the delivery note", source="TRANSFER.reference", free_text=True),
        Column("REASON", "Why they were sent, and who agreed", source="TRANSFER.remark", free_text=True),
        Column("ROLE", "Role of the person who sent them", source="TRANSFER.by_role"),
    )  # fmt: skip

    def read() -> Iterator[tuple[Cell, ...]]:
        for study, site, pk, on, to, *rest in _read(Transfer, moment, sites, "sent_on", "to_site_id", "reference", "remark", "by_role")():
            yield study, site, pk, on, sites().get(to, ""), *rest

    return Table("vial_transfers", "Transfers of vials between sites", columns, read)


def _vials(moment: datetime, sites: Sites) -> Table:
    columns = (
        STUDY, SITE, RECID,
        Column("DAREFID", "Vial number", source="VIAL.number"),
        Column("SHIPID", "Shipment", "integer", source="VIAL.shipment", note="Joins to RECID of shipments."),
        *_of_vial("VIAL"),
        Column("EXPDAT", "Expires", "date", source="VIAL.expires_on", note=_EXPIRY),
        Column("STATE", "State", "code", values=_values(Vial, "state"), source="VIAL.state",
               note="MISTAKEN: no such vial came; it is in no balance."),
        Column("SUBJID", "Patient for whom it is dispensed or used", source="VIAL.patient_number", note="Empty for nobody."),
        Column("DOSE", "Dose for which it is dispensed or used", source="VIAL.dose", note="Joins with SUBJID to VISIT of ec."),
        Column("KEPT", "State by the pharmacist's entries", "code", values=_values(Vial, "kept"), source="VIAL.kept",
               note="Of a used vial: when it was used."),
        Column("DISPFOR", "Patient and dose for which it left the pharmacy", source="VIAL.dispensed_for"),
        Column("TRANSID", "Transfer by which it was last sent to another site", "integer", source="VIAL.transfer",
               note="Joins to RECID of vial_transfers. A vial that was at two sites has a row at each."),
    )  # fmt: skip
    names = ("number", "shipment_id", "lot", "strength_mg", "expires_on", "state", "patient_number", "dose", "kept", "dispensed_for", "transfer_id")
    return Table("vials", "Vials", columns, _read(Vial, moment, sites, *names))


def _movements(moment: datetime, sites: Sites) -> Table:
    columns = (
        STUDY, SITE, RECID,
        Column("DAREFID", "Vial number", source="VIAL.number"),
        Column("VIALID", "Vial", "integer", source="VIALMOVE.vial", note="Joins to RECID of vials."),
        Column("DADAT", "Day on which it happened", "date", source="VIALMOVE.on", note="Of what is taken back: the day of that line."),
        Column("ACT", "What happened", "code", values=_values(VialMovement, "act"), source="VIALMOVE.act"),
        Column("DATEST", "CDISC name of what is counted", note="Empty where CDISC has none."),
        Column("DAORRES", "Vials", "integer", note="Always 1: each line is about one vial."),
        Column("DAORRESU", "Unit", note="VIAL."),
        Column("FROMST", "State before", "code", values=_values(VialMovement, "from_state"), source="VIALMOVE.from_state",
               note="Empty for a receipt."),
        Column("TOST", "State after", "code", values=_values(VialMovement, "to_state"), source="VIALMOVE.to_state",
               note="The balance of a state is the number of lines to it less those from it."),
        Column("SUBJID", "Patient for whom it was dispensed or used", source="VIALMOVE.patient_number"),
        Column("DOSE", "Dose for which it was dispensed or used", source="VIALMOVE.dose"),
        Column("REASON", "Reason or remark", source="VIALMOVE.reason", free_text=True),
        Column("TAKESBCK", "Line that it takes back", "integer", source="VIALMOVE.takes_back", note="RECID of that line."),
        Column("ROLE", "Role of the person who entered it", source="VIALMOVE.by_role"),
    )  # fmt: skip

    def read() -> Iterator[tuple[Cell, ...]]:
        vials = {pk: (sites().get(site, ""), number) for pk, site, number in as_of(Vial, moment).values_list("id", "site_id", "number")}
        names = ("on", "act", "from_state", "to_state", "patient_number", "dose", "reason", "takes_back_id", "by_role")
        for pk, vial, on, act, *rest in as_of(VialMovement, moment).values_list("id", "vial_id", *names).iterator(CHUNK):
            site, number = vials.get(vial, ("", ""))
            yield STUDYID, site, pk, number, vial, on, act, DATEST.get(act, ""), 1, "VIAL", *rest

    return Table("vial_movements", "Movements of vials", columns, read)


def _counts(moment: datetime, sites: Sites) -> Table:
    columns = (
        STUDY, SITE, RECID,
        Column("DADAT", "Counted on", "date", source="COUNT.counted_on"),
        *_of_vial("COUNT"),
        Column("DAORRES", "Vials found", "integer", source="COUNT.counted"),
        Column("DAORRESU", "Unit", note="VIAL."),
        Column("EXPECTED", "Vials in the pharmacy by the account at that moment", "integer", source="COUNT.expected"),
        Column("REMARK", "Remark", source="COUNT.remark", free_text=True),
        Column("ROLE", "Role of the person who counted", source="COUNT.by_role"),
    )  # fmt: skip

    def read() -> Iterator[tuple[Cell, ...]]:
        names = ("counted_on", "lot", "strength_mg", "counted", "expected", "remark", "by_role")
        for study, site, pk, on, lot, strength, counted, *rest in _read(StockCount, moment, sites, *names)():
            yield study, site, pk, on, lot, strength, counted, "VIAL", *rest

    return Table("stock_counts", "Counts of the stock", columns, read)

