from django.core.management.base import BaseCommand, CommandError

from demo import accounts
from demo.build import NotForDemo, refuse_unless_demo


class Command(BaseCommand):
    help = "Print the accounts of the demo, and their password."

    def handle(self, **options):
        try:
            refuse_unless_demo()
        except NotForDemo as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(accounts.table())
