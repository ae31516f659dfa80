from django.core.management.base import BaseCommand

from accounts import outbox


class Command(BaseCommand):
    help = "Try to send every mail that waits in the outbox; run it every minute."

    def handle(self, **options):
        sent, waiting = outbox.send_pending()
        self.stdout.write(f"{sent} sent, {waiting} waiting")
