"""Taking an export, and naming a cut. Both leave an entry in the trail; a failed export leaves nothing."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import IntegrityError

from audit import clock
from audit.context import Actor, acting, event
from audit.models import Installation, Seal
from exports import VERSION, csvformat
from exports.codebook import with_codebook
from exports.datasets import STUDYID, tables
from exports.history import one_view
from exports.models import Cut
from exports.tables import Table, plain

SETTLED = timedelta(seconds=60)  # by then every transaction that took its time before a moment has ended
EXPORTED, CUT_MADE = "export", "cut"  # what the trail calls the two acts


class Refused(ValueError):
    """An export or cut that cannot be made; the message is the sentence the person reads."""


@dataclass(frozen=True)
class Format:
    """A file format: ``write`` puts tables into a directory, in order, and gives (file, rows, columns) of each file."""

    label: str
    write: Callable[[Sequence[Table], Path], Iterator[tuple[str, int, int]]]
    conventions: tuple[str, ...]


FORMATS: dict[str, Format] = {"csv": Format("CSV, one file a table", csvformat.write, csvformat.CONVENTIONS)}


@dataclass(frozen=True)
class File:
    name: str
    rows: int
    columns: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What stands in ``manifest.json``. ``sha256`` is that of the lines 'sha256  name' of the files, in order of name."""

    study: str
    demo: bool
    format: str
    as_of: str
    cut: str
    created: str
    created_by: str
    software: str
    seal: str
    conventions: tuple[str, ...]
    files: tuple[File, ...]
    sha256: str

    def json(self) -> str:
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def export(*, to: Path, format: str, by: Actor, as_of: datetime | None = None, cut: str = "") -> Manifest:
    """Write the data as of a moment (now, when neither moment nor cut is given) into the new or empty directory ``to``.

    Everything is written beside it and takes its place when complete. Raises Refused.
    """
    if format not in FORMATS:
        raise Refused(f"There is no format {format}; there is {', '.join(FORMATS)}.")
    moment = _moment(as_of, cut)
    _check_empty(to)
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        manifest = _write(draft, format, moment, cut, by)
        event(by, EXPORTED, about=by.username, detail=_said(manifest), source="export")
        _check_empty(to)
        if to.exists():
            to.rmdir()
        draft.rename(to)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def _moment(as_of: datetime | None, cut: str) -> datetime:
    if as_of is not None and cut:
        raise Refused("Give a moment or a cut, not both.")
    if cut:
        found = Cut.objects.filter(name=cut).first()
        if found is None:
            raise Refused(f"There is no cut named {cut}.")
        return found.as_of
    now = clock.now()
    if as_of is not None and as_of.tzinfo is None:
        raise Refused("The moment has no time zone.")
    if as_of is not None and as_of > now:
        raise Refused(f"{plain(as_of)} lies in the future.")
    return as_of or now


def _check_empty(to: Path) -> None:
    if to.is_symlink() or (to.exists() and (not to.is_dir() or any(to.iterdir()))):
        raise Refused(f"{to} is there already and is no empty directory: name another.")


def _write(draft: Path, format: str, moment: datetime, cut: str, by: Actor) -> Manifest:
    with one_view():
        written = list(FORMATS[format].write(with_codebook(tables(moment)), draft))
        seal = Seal.objects.filter(at__lte=moment).order_by("-id").first()
    files = tuple(
        File(name, rows, columns, (draft / name).stat().st_size, _sha256(draft / name))
        for name, rows, columns in written
    )
    lines = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda file: file.name))
    manifest = Manifest(
        study=STUDYID, demo=Installation.is_demo(), format=format, as_of=plain(moment), cut=cut, created=plain(clock.now()),
        created_by=by.username, software=f"START-lung eCRF {VERSION}", seal=seal.root if seal else "",
        conventions=FORMATS[format].conventions, files=files, sha256=hashlib.sha256(lines.encode()).hexdigest(),
    )  # fmt: skip
    (draft / "manifest.json").write_text(manifest.json(), encoding="utf-8", newline="\n")
    return manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _said(manifest: Manifest) -> str:
    """The export in one line, for the trail."""
    cut = f"; cut {manifest.cut}" if manifest.cut else ""
    return f"{manifest.format}; as of {manifest.as_of}{cut}; {len(manifest.files)} files; sha256 {manifest.sha256}"


def make_cut(*, name: str, as_of: datetime, reason: str, by: Actor) -> Cut:
    """Give a moment a name, for ever. Raises Refused."""
    name, reason = name.strip(), reason.strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}", name):
        raise Refused("A cut's name has letters, digits, spaces, dots, dashes and underscores, at most 60.")
    if not reason:
        raise Refused("Say what the cut is for.")
    if as_of.tzinfo is None:
        raise Refused("The moment has no time zone.")
    if as_of > clock.now() - SETTLED:
        raise Refused("A cut lies at least 60 seconds back, so that everything saved before it is in it.")
    taken = Refused(f"There is a cut named {name} already.")
    if Cut.objects.filter(name=name).exists():
        raise taken
    try:
        with acting(by, reason=reason, source="export"):
            cut = Cut.objects.create(
                name=name, as_of=as_of, created_at=clock.now(), created_by=by.username, reason=reason
            )
            event(by, CUT_MADE, about=name, detail=f"as of {plain(as_of)}", source="export")
    except IntegrityError as error:
        raise taken from error
    return cut


def moment_from(text: str) -> datetime:
    """A moment from ISO 8601 text, in UTC unless it says otherwise. Raises Refused."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused("This is no moment. Enter date and time in UTC, for example 2026-03-05 14:30.") from error
