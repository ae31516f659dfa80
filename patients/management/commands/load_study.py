from django.core.management.base import BaseCommand, CommandError

from accounts.actions import load_sites
from audit.models import Installation
from patients.actions import load_study


class Command(BaseCommand):
    help = "Load what the trial's record fixes (19 sites, the study row); can be run again at any time."

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="mark a new database as DEMO, for ever")

    def handle(self, demo, **options):
        load_study(demo=demo)
        if demo and not Installation.is_demo():
            raise CommandError("This database is not marked DEMO, and only a new one can be.")
        self.stdout.write(f"{load_sites()} sites new or changed")
