from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.access import actor_for, grants
from accounts.models import User
from accounts.roles import Permission
from audit.context import SYSTEM, Actor
from exports.actions import FORMATS, Refused, export, moment_from


class Command(BaseCommand):
    help = "Write the data as of a moment into a new directory: tables, codebook, manifest with SHA-256."

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=list(FORMATS), default="csv")
        parser.add_argument("--out", required=True, metavar="DIR", help="must not exist, or be empty")
        parser.add_argument(
            "--as-of", default="", metavar="TIME", help="ISO 8601, UTC unless it says otherwise; default: now"
        )
        parser.add_argument("--cut", default="", metavar="NAME", help="the moment of a named cut")
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="whose name the trail gets; default: the system"
        )

    def handle(self, format, out, as_of, cut, by, **options):
        try:
            moment = moment_from(as_of) if as_of else None
            manifest = export(to=Path(out), format=format, by=_actor(by), as_of=moment, cut=cut)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
        for file in manifest.files:
            self.stdout.write(f"{file.sha256}  {file.name}  {file.rows} rows, {file.columns} columns")
        self.stdout.write(f"{manifest.sha256}  all {len(manifest.files)} files, as of {manifest.as_of}")


def _actor(username: str) -> Actor:
    """The system, or a person who may take exports."""
    if not username:
        return SYSTEM
    user = User.objects.filter(username=username).first()
    if user is None or not grants(user).may(Permission.EXPORT):
        raise CommandError(f"{username} is nobody who may take data exports.")
    return actor_for(user)
