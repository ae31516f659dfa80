from datetime import UTC, date, datetime, time, timedelta

from django.core.management.base import BaseCommand, CommandError

from audit import clock
from demo import trial
from demo.build import NotForDemo, refuse_unless_empty_demo

EARLIEST = date(2026, 6, 15)


class Command(BaseCommand):
    help = "Simulate a trial through the real forms, in a database marked DEMO; the same seed and date give the same data."

    def add_arguments(self, parser):
        parser.add_argument("--patients", type=int, default=len(trial.CAST), help="how many come for screening (default %(default)s)")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another trial (default 1)")
        parser.add_argument(
            "--until", type=date.fromisoformat, help="last day, YYYY-MM-DD, from 2026-06-15 on (default: this moment)"
        )

    def handle(self, patients, seed, until, **options):
        try:
            refuse_unless_empty_demo()
        except NotForDemo as refusal:
            raise CommandError(str(refusal)) from refusal
        if patients < 1:
            raise CommandError("At least one patient is needed.")
        # The whole of that day: up to the midnight that ends it.
        end = datetime.combine(until + timedelta(days=1), time(0), UTC) if until else clock.now()
        if end.date() < EARLIEST:
            raise CommandError(f"The simulated trial begins in June 2026: choose {EARLIEST} or later.")
        screened = trial.simulate(patients=patients, seed=seed, until=end)
        self.stdout.write(f"{screened} patients screened up to {end:%Y-%m-%d %H:%M} UTC")
