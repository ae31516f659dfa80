"""The drug account in plain Python: where a vial can be, what may be done with it there, and how its ledger is read.

A ledger is the list of what was entered about one vial, in order of entry; nothing in it is changed. What was entered wrongly
is taken back by a further entry. Two things follow from the entries that stand: where the vial is (custody, which the
pharmacist enters) and whether an infusion used it (which follows from the infusion's record, whatever the account says).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from protocol import parameters
from protocol.codelists import Codelist
from protocol.dates import PartialDate, show


class VialState(Codelist):
    """Where a vial is, or what became of it."""

    IN_STOCK = "IN STOCK", "In stock"
    DISPENSED = "DISPENSED", "Dispensed"
    RETURNED = "RETURNED", "Returned, to be checked"
    QUARANTINED = "QUARANTINED", "In quarantine"
    USED = "USED", "Used"
    USED_DESTROYED = "USED DESTROYED", "Used, remains destroyed"
    USED_SENT_BACK = "USED SENT BACK", "Used, remains sent back"
    DESTROYED = "DESTROYED", "Destroyed unused"
    SENT_BACK = "SENT BACK", "Sent back unused"
    LOST = "LOST", "Lost"
    ON_THE_WAY = "ON THE WAY", "On the way to another site"
    AT_ANOTHER_SITE = "AT ANOTHER SITE", "At another site"
    USED_AWAY = "USED AWAY", "Used, by the account at another site"
    MISTAKEN = "MISTAKEN", "Entered by mistake"


class VialAct(Codelist):
    """What is entered in the ledger of a vial."""

    RECEIVE = "RECEIVE", "Received"
    DISPENSE = "DISPENSE", "Dispensed"
    TAKE_BACK = "TAKE BACK", "Taken back from the ward"
    RETURN = "RETURN", "Returned to stock"
    QUARANTINE = "QUARANTINE", "Put in quarantine"
    RELEASE = "RELEASE", "Released from quarantine"
    DESTROY = "DESTROY", "Destroyed"
    SEND_BACK = "SEND BACK", "Sent back to the sponsor"
    LOSE = "LOSE", "Lost"
    FIND = "FIND", "Found again"
    SEND_ON = "SEND ON", "Sent to another site"
    ARRIVE = "ARRIVE", "Received at the other site"
    USE = "USE", "Used"
    UNUSE = "UNUSE", "Use taken back"
    CORRECT = "CORRECT", "Entry taken back"


_S, _A = VialState, VialAct

IN_PHARMACY = (_S.IN_STOCK, _S.RETURNED, _S.QUARANTINED)  # what a count of the shelf must find
CONSUMED = (_S.USED, _S.USED_DESTROYED, _S.USED_SENT_BACK, _S.USED_AWAY)
LEFT = (_S.AT_ANOTHER_SITE, _S.USED_AWAY)  # another site's account has it now; it may come back into this one

# Where each act of the pharmacist puts a vial that no infusion has used.
PUTS: dict[VialAct, VialState] = {
    _A.RECEIVE: _S.IN_STOCK, _A.DISPENSE: _S.DISPENSED, _A.TAKE_BACK: _S.RETURNED, _A.RETURN: _S.IN_STOCK,
    _A.QUARANTINE: _S.QUARANTINED, _A.RELEASE: _S.IN_STOCK, _A.DESTROY: _S.DESTROYED, _A.SEND_BACK: _S.SENT_BACK,
    _A.LOSE: _S.LOST, _A.FIND: _S.QUARANTINED, _A.SEND_ON: _S.ON_THE_WAY, _A.ARRIVE: _S.AT_ANOTHER_SITE,
}  # fmt: skip
_WHEN_USED = {
    _S.DESTROYED: _S.USED_DESTROYED, _S.SENT_BACK: _S.USED_SENT_BACK, _S.AT_ANOTHER_SITE: _S.USED_AWAY,
}  # fmt: skip

# From which state an act leads to which; an act that is not here cannot be done. A used vial is dispensed only when the
# entry of the dispensing comes late. The targets of UNUSE and CORRECT depend on what stood before: ``fold`` says them.
TRANSITIONS: dict[tuple[VialState, VialAct], VialState] = {
    (_S.IN_STOCK, _A.DISPENSE): _S.DISPENSED,
    (_S.IN_STOCK, _A.QUARANTINE): _S.QUARANTINED,
    (_S.IN_STOCK, _A.DESTROY): _S.DESTROYED,
    (_S.IN_STOCK, _A.SEND_BACK): _S.SENT_BACK,
    (_S.IN_STOCK, _A.LOSE): _S.LOST,
    (_S.IN_STOCK, _A.SEND_ON): _S.ON_THE_WAY,
    (_S.DISPENSED, _A.TAKE_BACK): _S.RETURNED,
    (_S.DISPENSED, _A.DESTROY): _S.DESTROYED,
    (_S.DISPENSED, _A.LOSE): _S.LOST,
    (_S.RETURNED, _A.RETURN): _S.IN_STOCK,
    (_S.RETURNED, _A.QUARANTINE): _S.QUARANTINED,
    (_S.RETURNED, _A.DESTROY): _S.DESTROYED,
    (_S.RETURNED, _A.SEND_BACK): _S.SENT_BACK,
    (_S.RETURNED, _A.LOSE): _S.LOST,
    (_S.QUARANTINED, _A.RELEASE): _S.IN_STOCK,
    (_S.QUARANTINED, _A.DESTROY): _S.DESTROYED,
    (_S.QUARANTINED, _A.SEND_BACK): _S.SENT_BACK,
    (_S.QUARANTINED, _A.LOSE): _S.LOST,
    (_S.LOST, _A.FIND): _S.QUARANTINED,  # nobody knows how it was kept meanwhile
    (_S.ON_THE_WAY, _A.LOSE): _S.LOST,
    (_S.ON_THE_WAY, _A.ARRIVE): _S.AT_ANOTHER_SITE,
    (_S.AT_ANOTHER_SITE, _A.RECEIVE): _S.IN_STOCK,  # it comes back
    (_S.USED_AWAY, _A.RECEIVE): _S.USED,
    (_S.USED, _A.DISPENSE): _S.USED,
    (_S.USED, _A.DESTROY): _S.USED_DESTROYED,
    (_S.USED, _A.SEND_BACK): _S.USED_SENT_BACK,
    # An infusion that took place is always stored, wherever the account has the vial.
    (_S.IN_STOCK, _A.USE): _S.USED,
    (_S.DISPENSED, _A.USE): _S.USED,
    (_S.RETURNED, _A.USE): _S.USED,
    (_S.QUARANTINED, _A.USE): _S.USED,
    (_S.LOST, _A.USE): _S.USED,
    (_S.DESTROYED, _A.USE): _S.USED_DESTROYED,
    (_S.SENT_BACK, _A.USE): _S.USED_SENT_BACK,
    (_S.ON_THE_WAY, _A.USE): _S.USED,
    (_S.AT_ANOTHER_SITE, _A.USE): _S.USED_AWAY,
}
# ARRIVE is not entered at this site: it follows from the receipt at the other one.
BY_PERSON = tuple(act for act in PUTS if act not in (_A.RECEIVE, _A.ARRIVE))
NEEDS_REASON = frozenset({_A.SEND_ON, _A.QUARANTINE, _A.RELEASE, _A.DESTROY, _A.LOSE, _A.FIND, _A.CORRECT})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ledger. ``on`` is the day it is about, ISO 8601 ('' when nobody knows it); ``takes_back`` names the line
    that it takes back."""

    id: int
    act: VialAct
    on: str = ""
    patient: str = ""
    dose: str = ""
    takes_back: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the entries that stand say of a vial."""

    custody: Entry | None  # the last one of the pharmacist
    out: Entry | None  # the dispensing with which it left the pharmacy, and has not come back
    use: Entry | None
    before_use: Entry | None = None  # as custody, without what was done with the remains

    @property
    def state(self) -> VialState:
        if self.custody is None:
            return _S.MISTAKEN
        where = PUTS[self.custody.act]
        if self.use is None:
            return where
        return _WHEN_USED.get(where, _S.USED)

    @property
    def kept(self) -> VialState:
        """Where the pharmacist has it; of a used vial where the pharmacist had it when it was used.

        It does not change by the use itself, so that what was wrong with the vial stays wrong afterwards.
        """
        return PUTS[self.before_use.act] if self.before_use else _S.MISTAKEN

    @property
    def whose(self) -> tuple[str, str]:
        """(patient's number, dose label) for whom it was used, else for whom it is dispensed; empty for nobody."""
        of = self.use or (self.out if self.state is _S.DISPENSED else None)
        return (of.patient, of.dose) if of else ("", "")


_KEEPS_OUT = frozenset({_A.DESTROY, _A.SEND_BACK, _A.LOSE})  # done with a vial that is out, it does not come back by this


def that_stand(ledger: Iterable[Entry]) -> list[Entry]:
    """The entries that are not taken back, without those that take something back."""
    entries = list(ledger)
    gone = {each.takes_back for each in entries}
    return [each for each in entries if each.takes_back is None and each.id not in gone]


def fold(ledger: Iterable[Entry], until: str = "") -> Standing:
    """Read a ledger; with ``until`` (ISO 8601) only what is dated up to the end of that day."""
    custody = out = use = before_use = None
    for each in that_stand(ledger):
        if until and each.on > until:
            continue
        if each.act is _A.USE:
            use = each
            continue
        custody = each
        if use is None or each.act is _A.DISPENSE:  # a dispensing after the use is one that was entered late
            before_use = each
        if each.act is _A.DISPENSE:
            out = each
        elif each.act not in _KEEPS_OUT:
            out = None
    return Standing(custody, out, use, before_use)


def acts_in(state: VialState) -> list[VialAct]:
    """What the pharmacist can do with a vial in a state, in the order of the list of acts."""
    return [act for act in BY_PERSON if (state, act) in TRANSITIONS and not (state in CONSUMED and act is _A.DISPENSE)]


# ---- why not ---------------------------------------------------------------------------------------------------------

_IS = {
    _S.IN_STOCK: "in stock", _S.DISPENSED: "dispensed", _S.RETURNED: "back from the ward and not yet checked",
    _S.QUARANTINED: "in quarantine", _S.USED: "used", _S.USED_DESTROYED: "used, and its remains are destroyed",
    _S.USED_SENT_BACK: "used, and its remains are sent back", _S.DESTROYED: "destroyed", _S.SENT_BACK: "sent back to the sponsor",
    _S.LOST: "lost", _S.MISTAKEN: "entered by mistake", _S.ON_THE_WAY: "on the way to another site",
    _S.AT_ANOTHER_SITE: "at another site", _S.USED_AWAY: "used, and by the account it is at another site",
}  # fmt: skip
_DONE = {
    _A.DISPENSE: "dispensed", _A.TAKE_BACK: "taken back", _A.RETURN: "returned to stock", _A.QUARANTINE: "put in quarantine",
    _A.RELEASE: "released", _A.DESTROY: "destroyed", _A.SEND_BACK: "sent back", _A.LOSE: "entered as lost",
    _A.FIND: "found again", _A.SEND_ON: "sent to another site", _A.ARRIVE: "received from there",
}  # fmt: skip


def said(standing: Standing) -> str:
    """Where a vial is, in words that end a sentence: dispensed for FR03-001, C1D8."""
    patient, dose = standing.whose
    return _IS[standing.state] + (f" for {patient}, {dose}" if patient else "")


def why_not(number: str, standing: Standing, act: VialAct, on: date, *, expires_on: str = "", whom: tuple[str, str] = ("", "")) -> str:
    """The sentence that says why the pharmacist cannot enter this act of that day, or ''.

    ``whom``: (patient's number, dose label) of a dispensing.
    """
    if (standing.state, act) not in TRANSITIONS:
        return f"{number} is {said(standing)}: it cannot be {_DONE[act]}."
    before = standing.custody.on if standing.custody else ""
    if before > on.isoformat():
        what = standing.custody.act.words if standing.custody else ""
        return f"{number} was {what} on {show(before)}: what comes after it is not dated {show(on.isoformat())}."
    if act is _A.DISPENSE:
        return _late(number, standing, on, whom) or _past_its_date(number, expires_on, on, "dispensed")
    return _past_its_date(number, expires_on, on, "sent to another site") if act is _A.SEND_ON else ""


def _late(number: str, standing: Standing, on: date, whom: tuple[str, str]) -> str:
    """Used already: only the dispensing for that very infusion can still be entered."""
    if standing.use is None:
        return ""
    if standing.whose != whom or standing.custody is None or PUTS[standing.custody.act] is not _S.IN_STOCK:
        return f"{number} is {said(standing)}: it cannot be dispensed."
    if standing.use.on and on.isoformat() > standing.use.on:
        return f"{number} was used on {show(standing.use.on)}: it was not dispensed after that day."
    return ""


def _past_its_date(number: str, expires_on: str, on: date, what: str) -> str:
    return f"{number} expired: its last day is {show(expires_on)}. It must not be {what}." if expired(expires_on, on) else ""


# ---- numbers, strengths, expiry --------------------------------------------------------------------------------------

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9./_-]{0,19}", re.ASCII)
_PREFIX = "((?:[A-Z0-9./_-]*[A-Z./_-])?)"
_RANGE = re.compile(f"{_PREFIX}([0-9]+)-{_PREFIX}([0-9]+)", re.ASCII)
LONGEST = 45  # of what is read as a range
MOST_VIALS = 500  # in one shipment; a longer range is a typing error


def normal(number: str) -> str:
    """A vial number as the account has it: capitals, no spaces around it."""
    return number.strip().upper()


def numbers(text: str) -> tuple[str, ...]:
    """The vial numbers in a text, each once, in order; between them stand ';', ',' or spaces (or a NUL, which no number has and
    PostgreSQL cannot even compare).
    """
    return tuple(dict.fromkeys(normal(each) for each in re.split(r"[;,\s\x00]+", text) if each))


def listed(text: str) -> list[str]:
    """Every vial number of a list as typed, repeated ones too, with ranges written out (A1001-A1010, A1001 to A1010).

    ValueError, a sentence, for what is no number, a range that runs backwards or is too long.
    """
    found: list[str] = []
    joined = re.sub(r"\s+(?:TO|-|–)\s+|–", "-", text.upper())
    for each in re.split(r"[;,\s]+", joined):
        if not each:
            continue
        found += _written_out(each)
        if len(found) > MOST_VIALS:
            raise ValueError(f"More than {MOST_VIALS} vials in one shipment: check the range “{each}”.")
    return found


def _written_out(text: str) -> list[str]:
    span = _RANGE.fullmatch(text) if len(text) <= LONGEST else None
    if span and span[3] in (span[1], "") and len(span[2]) == len(span[4]):
        first, last, width = int(span[2]), int(span[4]), len(span[2])
        if last < first:
            raise ValueError(f"The range “{text}” runs backwards: enter the lower number first.")
        if last - first >= MOST_VIALS:
            raise ValueError(f"The range “{text}” has {last - first + 1} vials: check it.")
        return [f"{span[1]}{n:0{width}}" for n in range(first, last + 1)]
    if span and span[3] and span[1] == span[3]:
        raise ValueError(f"“{text}” is no range: its two numbers are not of the same length.")
    if not NUMBER.fullmatch(text):
        raise ValueError(f"“{text[:30]}” is no vial number: letters, digits and . / _ - only, at most 20 signs.")
    return [text]


def as_ranges(found: Sequence[str]) -> str:
    """Numbers as people say them: A1001 to A1003, A1007."""
    runs: list[list[str]] = []
    for number in sorted(found):
        if runs and _follows(runs[-1][-1], number):
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _follows(one: str, two: str) -> bool:
    pattern = re.compile(r"(.*?)([0-9]+)")
    a, b = pattern.fullmatch(one), pattern.fullmatch(two)
    return bool(a and b and a[1] == b[1] and len(a[2]) == len(b[2]) and int(b[2]) == int(a[2]) + 1)


def strengths() -> tuple[Decimal, ...]:
    """Strengths of the vials, mg."""
    known = parameters.value("vial_strengths_mg")
    return tuple(Decimal(str(each)) for each in known) if isinstance(known, tuple) else ()


def last_day(expires_on: str) -> date | None:
    """The last day on which a vial may be used: that of the month when only the month is printed; None for no date."""
    try:
        return PartialDate.parse(expires_on).latest
    except ValueError:
        return None


def first_day(on: str) -> date | None:
    """The first day that a date known in part can be; None for no date."""
    try:
        return PartialDate.parse(on).earliest
    except ValueError:
        return None


def expired(expires_on: str, on: date) -> bool:
    """Is a vial past its date on that day? On the day itself, or in the month that is printed, it is not."""
    last = last_day(expires_on)
    return last is not None and on > last
