from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from audit import clock
from demo import accounts, trial
from demo.build import NotForDemo, build

PATIENTS, SEED = len(trial.CAST), 1


class Command(BaseCommand):
    help = "Make a demo of an empty database: schema, study, sites, accounts and a simulated trial up to now."

    def handle(self, **options):
        call_command("migrate", verbosity=0)
        try:
            screened = build(patients=PATIENTS, seed=SEED, until=clock.now())
        except NotForDemo as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"A simulated trial of {PATIENTS} patients, {screened} screened so far.")
        call_command("check_audit", stdout=self.stdout)
        self.stdout.write(f"\n{accounts.table()}")
