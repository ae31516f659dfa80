from django.apps import AppConfig
from django.core.checks import register


class CrfConfig(AppConfig):
    name = "crf"

    def ready(self):
        from crf import checks, declared

        register(checks.declarations)
        declared.enter_rules()
