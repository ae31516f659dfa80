"""Every record in the admin: to be read, with its whole history, by those who audit the site it belongs to."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.access import grants
from accounts.models import User
from accounts.roles import Permission
from audit.models import AuditedModel
from crf import registry
from crf.references import SiteReference
from etop_crf import records
from etop_crf.changes import moment
from patients.access import sites_for, within_sites
from patients.models import Patient

KNOWS = (Permission.VIEW, Permission.DRUG, Permission.AUDIT)  # one of these at a site: its records exist for the person


class SiteFilter(admin.SimpleListFilter):
    """The sites that the person audits, and no other."""

    title = "site"
    parameter_name = "site"

    def lookups(self, request, model_admin):
        self.path = model_admin.site_path
        return [(site.code, f"{site.code} {site.city}") for site in sites_for(request.user, Permission.AUDIT)]

    def queryset(self, request, queryset):
        return queryset.filter(**{f"{self.path}__code": self.value()}) if self.value() else queryset


class Audited(admin.ModelAdmin):
    """A record with its history, for those who audit; nobody writes here."""

    site_path = "patient__site"  # how the record's site is reached
    knows = KNOWS
    record_template = "admin/record.html"
    actions = None
    list_per_page = 50
    list_max_show_all = 500
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    list_select_related = ("patient__site", "visit")

    # ---- whose

    def visible(self, user, queryset: QuerySet, *permissions: Permission) -> QuerySet:
        """The rows at the sites where the person holds one of the permissions."""
        return within_sites(user, queryset, self.site_path, *permissions)

    def get_queryset(self, request):
        found = self.visible(request.user, super().get_queryset(request), Permission.AUDIT)
        return found.select_related(*self.list_select_related) if self.list_select_related else found

    def is_known(self, request, object_id: str) -> bool:
        """May the person know that this record exists?"""
        try:
            pk = self.model._meta.pk.to_python(unquote(object_id))
        except ValidationError:
            return False
        return self.visible(request.user, self.model._base_manager.all(), *self.knows).filter(pk=pk).exists()

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    # ---- pages

    def changelist_view(self, request, extra_context=None):
        self._refuse_posts(request)
        return super().changelist_view(request, {"title": str(self.opts.verbose_name_plural).capitalize(), **(extra_context or {})})  # fmt: skip  # noqa: E501

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        self._refuse_posts(request)
        return self.record_page(request, self.record_or_404(request, object_id))

    def history_view(self, request, object_id, extra_context=None):
        """The history stands on the record's own page."""
        found = self.record_or_404(request, object_id)
        return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[found.pk]) + "#history")

    def _refuse_posts(self, request) -> None:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied("In the admin records are read; nobody changes them here.")

    def record_or_404(self, request, object_id: str | None) -> AuditedModel:
        """The record; 403 without the right to read such records, 404 outside the person's sites."""
        if not self.has_view_permission(request):
            raise PermissionDenied("Your role does not read these records.")
        if object_id is None:
            raise PermissionDenied("Records are made on their forms, not here.")
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404("There is no such record at your sites.")
        return found

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404("There is no such record at your sites.")

    def record_page(self, request, record: AuditedModel):
        """All values, the whole history, the queries."""
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), **self.about(request, record)}
        return TemplateResponse(request, self.record_template, context)

    def about(self, request, record: AuditedModel) -> dict:
        """What the record's page shows."""
        zone = records.zone_of(record)
        history = records.history(record, request.user, zone)
        return {
            "title": str(self.opts.verbose_name).capitalize(), "subtitle": None, "record": record, "original": record,
            "opts": self.opts, "zone": zone, "history": history, "history_limit": len(history) >= records.HISTORY,
            "blocks": records.blocks(record, zone, records.change_counts(history, record)),
            "threads": records.threads(record, request.user, zone), "links": records.links(record, request.user),
            "title_in_name": str(record).lower().startswith(str(self.opts.verbose_name).lower()),
            "voided": getattr(record, "voided", False),
            "records": records.records_of(record) if isinstance(record, Patient) else [],
            "memberships": records.memberships(record, request.user) if isinstance(record, User) else [],
        }  # fmt: skip

    # ---- columns

    @admin.display(description="patient", ordering="patient__number")
    def number(self, record):
        return record.patient.number

    @admin.display(description="site", ordering="patient__site__code")
    def site_code(self, record):
        return record.site_code()

    @admin.display(description="changed at", ordering="changed_at")
    def changed(self, record):
        return moment(record.changed_at)


class CrfAdmin(Audited):
    """Any form."""

    list_display = ("number", "site_code", "place", "state", "void", "version", "changed")
    list_filter = (SiteFilter, "state", "voided")
    search_fields = ("patient__number",)
    search_help_text = "Patient number"
    ordering = ("patient__number", "id")

    @admin.display(description="void", ordering="voided")
    def void(self, record):
        return "Void" if record.voided else "—"

    @admin.display(description="visit or number")
    def place(self, record):
        return record.slot


class PatientAdmin(Audited):
    site_path = "site"
    list_display = ("number", "site_code", "enrolment_number", "registered", "version", "changed")
    list_filter = (SiteFilter,)
    list_select_related = ("site",)
    search_fields = ("number",)
    search_help_text = "Patient number"
    ordering = ("number",)

    @admin.display(description="screening number", ordering="number")
    def number(self, record):
        return record.number

    @admin.display(description="site", ordering="site__code")
    def site_code(self, record):
        return record.site_code()

    @admin.display(description="registered at", ordering="enrolled_at")
    def registered(self, record):
        return moment(record.enrolled_at, record.site.time_zone) if record.enrolled_at else "—"


class VisitAdmin(Audited):
    list_display = ("number", "site_code", "code", "version", "changed")
    list_filter = (SiteFilter,)
    list_select_related = ("patient__site",)
    search_fields = ("patient__number",)
    search_help_text = "Patient number"
    ordering = ("patient__number", "id")


class ReviewedAdmin(Audited):
    """Queries and deviations."""

    list_display = ("number", "site_code", "form_title", "field", "rule", "status", "text", "version", "changed")
    list_filter = (SiteFilter, "status")
    list_select_related = ("patient__site",)
    search_fields = ("patient__number",)
    search_help_text = "Patient number"
    ordering = ("-id",)

    @admin.display(description="form", ordering="form")
    def form_title(self, record):
        return registry.title(record.form)


class VerificationAdmin(Audited):
    list_display = ("number", "site_code", "form_title", "record", "verified_version", "withdrawn", "version", "changed")
    list_filter = (SiteFilter, "withdrawn")
    list_select_related = ("patient__site",)
    search_fields = ("patient__number",)
    search_help_text = "Patient number"
    ordering = ("-id",)

    form_title = ReviewedAdmin.form_title


class SignatureAdmin(Audited):
    list_display = ("number", "site_code", "form_title", "record", "meaning", "printed_name", "role", "signed_at")
    list_filter = (SiteFilter,)
    list_select_related = ("patient__site",)
    search_fields = ("patient__number",)
    search_help_text = "Patient number"
    ordering = ("-id",)

    form_title = ReviewedAdmin.form_title


class RulingAdmin(Audited):
    list_display = ("number", "site_code", "criterion", "rule", "status", "outcome", "decided_by", "version", "changed")
    list_filter = (SiteFilter, "status")
    list_select_related = ("patient__site",)
    search_fields = ("patient__number",)
    search_help_text = "Patient number"
    ordering = ("-id",)


class ReferenceAdmin(Audited):
    """What a site keeps once for all its patients."""

    site_path = "site"
    list_display = ("__str__", "site_code", "withdrawn", "version", "changed")
    list_filter = (SiteFilter, "withdrawn")
    list_select_related = ("site",)
    ordering = ("site__code", "id")

    @admin.display(description="site", ordering="site__code")
    def site_code(self, record):
        return record.site_code()


class ShipmentAdmin(Audited):
    """Shipments of vials, and counts of the stock."""

    site_path = "site"
    list_display = ("site_code", "strength_mg", "lot", "version", "changed")
    list_filter = (SiteFilter,)
    list_select_related = ("site",)
    ordering = ("site__code", "id")

    site_code = ReferenceAdmin.site_code


class TransferAdmin(ShipmentAdmin):
    """Vials sent from one site to another: a record of the site that sent them."""

    list_display = ("site_code", "to_site", "sent_on", "version", "changed")
    list_select_related = ("site", "to_site")


class VialAdmin(ShipmentAdmin):
    list_display = ("number", "site_code", "strength_mg", "lot", "state", "patient_number", "dose", "version", "changed")
    list_filter = (SiteFilter, "state")
    search_fields = ("number", "patient_number")
    search_help_text = "Vial or patient number"
    ordering = ("site__code", "number", "id")

    @admin.display(description="vial", ordering="number")
    def number(self, record):
        return record.number


class VialMovementAdmin(Audited):
    site_path = "vial__site"
    list_display = ("vial_number", "site_code", "act", "on", "from_state", "to_state", "patient_number", "dose", "changed")
    list_filter = (SiteFilter, "act")
    list_select_related = ("vial__site",)
    search_fields = ("vial__number", "patient_number")
    search_help_text = "Vial or patient number"
    ordering = ("vial__site__code", "vial__number", "id")

    @admin.display(description="vial", ordering="vial__number")
    def vial_number(self, record):
        return record.vial.number

    @admin.display(description="site", ordering="vial__site__code")
    def site_code(self, record):
        return record.site_code()


class StudyAdmin(Audited):
    """What belongs to the trial as a whole and to no site: everybody who audits sees it."""

    list_display = ("__str__", "version", "changed")
    list_select_related = False

    def visible(self, user, queryset, *permissions):
        return queryset if any(grants(user).may(each) for each in permissions) else queryset.none()


def plain_admin(model: type[AuditedModel]) -> type[Audited]:
    """For an audited model that nobody has thought of here: of a patient, of a site, or of the trial as a whole."""
    if issubclass(model, SiteReference):
        return ReferenceAdmin
    if any(field.name == "patient" for field in model._meta.fields):
        return type(f"{model.__name__}Admin", (VisitAdmin,), {"list_display": ("number", "site_code", "version", "changed")})
    return StudyAdmin
