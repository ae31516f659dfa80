from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self):
        from audit import checks, triggers

        connection_created.connect(triggers.replace_asks_triggers)
        pre_migrate.connect(triggers.before_migrate, sender=self)
        post_migrate.connect(triggers.after_migrate, sender=self)
        register(checks.triggers_present, Tags.database)
        register(checks.audited_models)
