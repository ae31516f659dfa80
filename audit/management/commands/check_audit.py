from django.core.management.base import BaseCommand, CommandError

from audit import examine


class Command(BaseCommand):
    help = "Compare every row, history row, change, chain and seal; one line per finding, non-zero exit when there is one."

    def add_arguments(self, parser):
        parser.add_argument("--root", action="append", default=[], help="a root that was kept outside this database: it must still be sealed here")  # fmt: skip  # noqa: E501

    def handle(self, **options):
        count = 0
        for line in examine.findings(options["root"]):
            count += 1
            self.stdout.write(line)
        if count:
            raise CommandError(f"{count} finding{'s' * (count > 1)}: the data and the trail do not agree.")
        self.stdout.write("The trail is whole.")
