"""The admin of this site: for monitors who audit and administrators who manage; another site's record does not exist in it."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404


class TrialAdminSite(AdminSite):
    site_header = "START-lung · audit and administration"
    site_title = "START-lung admin"
    index_title = "Every record with its history; users and sites"
    site_url = "/"
    enable_nav_sidebar = True

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                self._not_for(request, kwargs.get("object_id"), view)
            return inner(request, *args, **kwargs)

        return guarded

    def _not_for(self, request, object_id, view):
        """404 for another site's record (it does not exist), 403 for the rest."""
        owner = getattr(view, "__self__", None) or getattr(getattr(view, "__wrapped__", None), "__self__", None)
        if object_id is not None and hasattr(owner, "get_queryset"):
            if not owner.get_queryset(request).filter(pk=object_id).exists():
                raise Http404("There is no such record.")
        raise PermissionDenied("The admin is for monitors, data managers, inspectors and administrators.")

    def login(self, request, extra_context=None):
        from django.shortcuts import redirect

        return redirect("login")
