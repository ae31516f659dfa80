"""Writing a site's references: adding lines, ending one, withdrawing one; and re-running the rules that read them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.access import actor_for, check
from accounts.models import Site
from accounts.roles import Permission
from audit import clock
from audit.context import acting
from audit.write import save_all
from crf import actions
from crf.references import Clash, SiteReference, lines_of, out_of_order, standing, too_far
from patients.models import Patient
from protocol.dates import show
from review.texts import storable

SOURCE = "reference"


class NotKept(Exception):
    """Nothing was stored; ``faults`` says why: place of the line → field → sentence ('' for the line as a whole)."""

    def __init__(self, faults: dict[int, dict[str, str]], clashes: dict[int, list[Clash]] | None = None) -> None:
        super().__init__(" ".join(sentence for each in faults.values() for sentence in each.values()))
        self.faults, self.clashes = faults, clashes or {}

    @property
    def offered(self) -> list[SiteReference]:
        """The older lines that would have to end, when that alone would help."""
        every = [clash for clashes in self.clashes.values() for clash in clashes]
        return [clash.with_line for clash in every] if every and all(clash.end_on for clash in every) else []


class Moved(NotKept):
    """Somebody else has changed the line since the page was opened."""


@dataclass
class Kept:
    """What became of a post: new lines, lines that stood there already, older lines that were ended."""

    new: list[SiteReference] = field(default_factory=list)
    known: list[SiteReference] = field(default_factory=list)
    ended: list[SiteReference] = field(default_factory=list)


def add(*, user, site: Site, lines: Sequence[SiteReference], ending: Collection[tuple[int, int]] = ()) -> Kept:
    """Store new lines of one kind, all or none. A line that stands already (a double click) is passed over.

    ``ending``: (id, version) of older lines that may be ended on the day before. Raises NotKept.
    """
    check(user, Permission.REFERENCE, site)
    today, kept = clock.today(site.time_zone), Kept()
    with acting(actor_for(user, site), reason="a newer line takes its place" if ending else "", source=SOURCE):
        _hold(site)
        present = standing(lines_of(type(lines[0]), site))
        faults: dict[int, dict[str, str]] = {}
        clashes: dict[int, list[Clash]] = {}
        for place, line in enumerate(lines):
            line.settle(present)
            wrong = line.faults(today)
            if wrong:
                faults[place] = wrong
            elif any(line.answers() == each.answers() for each in present):
                kept.known.append(line)
            else:
                against = [each for each in line.clashes(present) if not _end(each, ending, kept)]
                if against:
                    clashes[place] = against
                    faults[place] = {"": " ".join(each.sentence for each in against)}
                kept.new.append(line)
        if faults:
            raise NotKept(faults, clashes)
        save_all(kept.ended)
        save_all(kept.new)
    return kept


def _hold(site: Site) -> None:
    """Whoever writes references of the site waits until this transaction ends."""
    Site.objects.select_for_update().get(pk=site.pk)


def _end(clash: Clash, ending: Collection[tuple[int, int]], kept: Kept) -> bool:
    """End the older line if that helps and was agreed to."""
    older = clash.with_line
    if not clash.end_on or (older.pk, older.version) not in ending:
        return False
    older.valid_to = clash.end_on
    if older not in kept.ended:
        kept.ended.append(older)
    return True


def withdraw(*, user, line: SiteReference, version: int, reason: str) -> SiteReference:
    """Take a line out that was entered by mistake; it stays on the list, struck through. Raises NotKept and Moved."""
    check(user, Permission.REFERENCE, line.site)
    reason = storable(reason)
    with acting(actor_for(user, line.site), reason=reason, source=SOURCE):
        found = _again(line)
        if found.withdrawn:
            return found
        if not reason:
            raise NotKept({0: {"reason": "Say in a few words what is wrong with it."}})
        _same(found, version)
        found.withdrawn, found.withdraw_reason = True, reason
        found.save()
    return found


def end(*, user, line: SiteReference, version: int, on: str) -> SiteReference:
    """Give a line its last day, ``on`` as ISO 8601 text, once. Raises NotKept and Moved."""
    check(user, Permission.REFERENCE, line.site)
    with acting(actor_for(user, line.site), reason="end of validity", source=SOURCE):
        found = _again(line)
        if found.ends and on and found.valid_to == on and not found.withdrawn:
            return found
        said = _cannot_end(found, on, clock.today(line.site.time_zone))
        if said:
            raise NotKept({0: {"valid_to": said}})
        _same(found, version)
        found.valid_to = on
        found.save()
    return found


def _cannot_end(line: SiteReference, on: str, today: date) -> str:
    if not line.ends:
        return "Such a line has no end."
    if line.withdrawn:
        return "This line is withdrawn: it has no end."
    if line.valid_to:
        return f"It ended on {show(line.valid_to)} already. If that is wrong, withdraw the line and enter it again."
    if not on:
        return "Enter the last day on which it holds."
    return out_of_order(line.valid_from, on) or too_far(on, today)


def _again(line: SiteReference) -> SiteReference:
    """The line as it is now, nobody else writing."""
    _hold(line.site)
    found = type(line).objects.get(pk=line.pk)
    found.site = line.site
    return found


def _same(found: SiteReference, version: int) -> None:
    if found.version != version:
        raise Moved({0: {"": "Somebody has changed this line since you opened the page. Look at it as it is now."}})


def recheck(site: Site) -> str:
    """Re-run the rules of all patients of the site, each in a transaction of its own; says in a sentence what followed."""
    patients = list(Patient.objects.filter(site=site).order_by("id"))
    if not patients:
        return ""
    done = actions.recheck(patients)
    whose = "the site's one patient" if len(patients) == 1 else f"the site's {len(patients)} patients"
    counts = ((done.opened, "opened"), (done.closed, "closed"))
    said = [f"{n} {'query was' if n == 1 else 'queries were'} {what}" for n, what in counts if n]
    return f"The rules of {whose} were run again: {' and '.join(said) or 'no query was opened or closed'}."
