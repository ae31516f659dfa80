from django.core.management.base import BaseCommand, CommandError

from audit import examine


class Command(BaseCommand):
    help = "Compare every row, history row, change, chain and seal; one line per finding, non-zero exit when there is one."

    def handle(self, **options):
        count = 0
        for line in examine.findings():
            count += 1
            self.stdout.write(line)
        if count:
            raise CommandError(f"{count} findings: the data and the trail do not agree.")
        self.stdout.write("The trail is whole.")
