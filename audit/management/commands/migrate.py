from django.core.management.commands import migrate

from audit import checks, triggers


class Command(migrate.Command):
    """Django's, which puts the audit triggers in place: missing ones must not keep it from running, and one that fails
    must not leave the database without them."""

    def check(self, *args, **kwargs):
        with checks.repairing():
            super().check(*args, **kwargs)

    def handle(self, *args, **options):
        try:
            super().handle(*args, **options)
        except BaseException:
            triggers.after_failed_migrate()
            raise
