"""The admin of this site: for monitors who audit and administrators who manage; another site's record does not exist in it."""

from __future__ import annotations

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from accounts.access import grants
from accounts.roles import Permission

LAST = ("review", "accounts")  # on the start page the patients' data come first


class TrialAdminSite(AdminSite):
    site_header = "START-lung · audit and administration"
    site_title = "START-lung admin"
    index_title = "Every record with its history; users and sites"
    site_url = "/"
    enable_nav_sidebar = True

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated:
                self._guard(request, kwargs.get("object_id"))
            return inner(request, *args, **kwargs)

        guarded.__dict__.update(inner.__dict__)
        return guarded

    def _guard(self, request, object_id: str | None) -> None:
        """404 for a record that the person may not know of, whatever is to be done with it; 403 for the wrong role."""
        owner = getattr(request.resolver_match.func, "model_admin", None)
        if owner is not None and object_id is not None and not owner.is_known(request, object_id):
            raise Http404("There is no such record at your sites.")
        if not self.has_permission(request):
            raise PermissionDenied("The admin is for monitors, data managers, inspectors and administrators.")

    def get_urls(self):
        # Django's redirect from (type, id) to a record's own page asks nobody's leave; no record here needs it.
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def each_context(self, request):
        return super().each_context(request) | {"may_audit": grants(request.user).may(Permission.AUDIT)}

    def get_app_list(self, request, app_label=None):
        """As Django's, but in the order of a patient's way through the trial instead of the alphabet."""
        found = list(self._build_app_dict(request, app_label).values())
        places = {config.label: place for place, config in enumerate(apps.get_app_configs())}
        models = {model: place for place, model in enumerate(self._registry)}
        for app in found:
            app["models"].sort(key=lambda each: models[each["model"]])
        return sorted(found, key=lambda app: (LAST.index(app["app_label"]) + 1 if app["app_label"] in LAST else 0, places[app["app_label"]]))

    # Log-in, log-out and password have one page each in this house.

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request, extra_context=None):
        target = request.GET.get("next") or reverse("admin:index")
        return redirect(f"{reverse('login')}?{urlencode({'next': target})}")

    def logout(self, request, extra_context=None):
        from accounts.views import logout_page

        return logout_page(request)

    def password_change(self, request, extra_context=None):
        return redirect("password")

    def password_change_done(self, request, extra_context=None):
        return redirect("password")
