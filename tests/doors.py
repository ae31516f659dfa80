"""Who gets through which door, in words: what the access matrix is written in."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.roles import Permission

KNOWS = (Permission.VIEW, Permission.DRUG)  # who may know that a patient exists


@dataclass(frozen=True)
class Door:
    """Who gets through. ``sees``: one of these at the record's site, else it does not exist; ``any_of``: one of these
    at the site, else refused; ``site_last``: the right is asked first, the site after it."""

    any_of: tuple[Permission, ...] = ()
    sees: tuple[Permission, ...] = ()
    site_last: bool = False

    def answer(self, permits: frozenset[Permission], near: bool) -> int:
        """404, 403, or 200 for everything that is neither."""
        refused = bool(self.any_of) and not permits & set(self.any_of)
        hidden = bool(self.sees) and not (near and permits & set(self.sees))
        if refused and hidden:
            return 403 if self.site_last else 404
        return 403 if refused else 404 if hidden else 200


ANYBODY = Door()  # who is logged in


def needs(*permissions: Permission) -> Door:
    return Door(any_of=permissions)


def of_patient(*permissions: Permission) -> Door:
    return Door(any_of=permissions, sees=KNOWS)


@dataclass(frozen=True)
class Case:
    """One way to an address; a door that is None is a method that the address does not know (405)."""

    get: Door | None = None
    post: Door | None = None
    args: str = ""
    data: dict[str, str] = field(default_factory=dict)
