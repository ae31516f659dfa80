from django.core.management.base import BaseCommand, CommandError

from crf.actions import recheck
from patients.models import Patient
from protocol.engine import RULES, Severity


class Command(BaseCommand):
    help = (
        "Run every rule over all stored data and bring the queries in line; one line per rule that finds something. "
        "Non-zero exit when stored data hold what cannot be true, or when queries had to be opened."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only count what would be found, opened and closed")

    def handle(self, *, dry_run=False, **options):
        done = recheck(Patient.objects.order_by("number"), dry_run=dry_run)
        for rule in (rule for rule in RULES.values() if done.found[rule.id]):
            self.stdout.write(f"{rule.id} {rule.severity.value}: {done.found[rule.id]}")
        would = "would be " if dry_run else ""
        self.stdout.write(f"Queries {would}opened: {done.opened}, {would}closed: {done.closed}.")
        errors = sum(count for rule, count in done.found.items() if RULES[rule].severity is Severity.ERROR)
        if errors or done.opened:
            raise CommandError(f"{errors} values that cannot be true, {done.opened} queries {would}opened.")
        self.stdout.write("Rules and queries agree.")
