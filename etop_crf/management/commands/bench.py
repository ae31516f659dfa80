from django.core.management.base import BaseCommand
from django.db import connection


class Command(BaseCommand):
    help = "Measure the budgets on a throw-away database and print a table, then one JSON line per figure."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--only", default="", help="run only the figures whose name starts like this")
        parser.add_argument("--patients", type=int, default=48)

    def handle(self, only, patients, **options):
        from etop_crf.bench import run

        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            over = run(only=only, patients=patients, out=self.stdout)
        finally:
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
        if over:
            self.stderr.write(f"Above budget: {', '.join(over)}")
            raise SystemExit(1)
