from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    """Django's admin with our site: read-only for trial data."""

    default = False
    default_site = "etop_crf.admin_site.TrialAdminSite"


class EtopCrfConfig(AppConfig):
    name = "etop_crf"
    verbose_name = "START-lung eCRF"
