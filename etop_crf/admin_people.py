"""Users, their roles and the sites in the admin: written by an administrator, with a reason; read by those who audit."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import SPONSOR_ZONE, actor_for, grants
from accounts.actions import change_password
from accounts.models import Membership, User
from accounts.roles import Permission
from audit import clock
from audit.context import Stale, acting
from etop_crf.admin_records import KNOWS, Audited
from patients.access import within_sites


class ManagedForm(forms.ModelForm):
    """Every change in the admin says why, and meets the record that the page was made from."""

    reason = forms.CharField(
        label="Reason for the change", max_length=500, widget=forms.TextInput(attrs={"size": 80, "autocomplete": "off"}),
        help_text="Stands in the history for ever. Write no patient data here.",
    )  # fmt: skip
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["base_version"] = self.instance.version

    def clean(self):
        cleaned = super().clean()
        read = cleaned.get("base_version")
        if self.instance.pk is not None and read is not None and read != self.instance.version:
            raise ValidationError("Somebody else has changed this in the meantime. Load the page again, then make your change.")
        return cleaned


class SiteForm(ManagedForm):
    code = forms.RegexField(
        r"\A[A-Z]{2}[0-9]{2}\Z", label="Code", strip=True, help_text="Country and number, such as FR01. Starts patient numbers; never changes.",
        error_messages={"invalid": "A code is two capital letters and two digits, such as FR01."},
    )  # fmt: skip
    country = forms.RegexField(
        r"\A[A-Z]{2}\Z", label="Country", strip=True, help_text="ISO 3166, two capital letters",
        error_messages={"invalid": "A country is two capital letters, such as FR."},
    )  # fmt: skip


class UserForm(ManagedForm):
    acting_user: User | None = None

    def clean_is_active(self):
        active = self.cleaned_data["is_active"]
        if not active and self.acting_user is not None and self.instance.pk == self.acting_user.pk:
            raise ValidationError("You cannot deactivate your own account: another administrator must.")
        return active


class PasswordMixin(forms.Form):
    """A password that somebody else sets: twice, and good enough."""

    password1 = forms.CharField(
        label="Temporary password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters, not a common word. Hand it over in person or by telephone; it is never mailed.",
    )  # fmt: skip
    password2 = forms.CharField(
        label="Temporary password again", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def check_password(self, user: User) -> None:
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords differ.")
        elif first:
            try:
                validate_password(first, user)
            except ValidationError as error:
                self.add_error("password1", error)


class NewUserForm(PasswordMixin, UserForm):
    def _post_clean(self):
        super()._post_clean()  # now the instance has name and mail, which the password must not resemble
        self.check_password(self.instance)


class SetPasswordForm(PasswordMixin):
    reason = forms.CharField(label="Reason for the change", max_length=500, widget=forms.TextInput(attrs={"size": 60}))
    field_order = ("password1", "password2", "reason")

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self):
        self.check_password(self.user)
        return super().clean()


class Managed(Audited):
    """Written by an administrator alone, with a reason; read by those who audit."""

    knows = (*KNOWS, Permission.MANAGE)
    list_select_related = False
    change_form_template = "admin/managed.html"
    formfield_overrides = {models.DateField: {"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}}

    def get_queryset(self, request):
        return self.visible(request.user, self.model._default_manager.all(), Permission.AUDIT, Permission.MANAGE)

    def has_add_permission(self, request):
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request, obj=None):
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if not (self.has_change_permission(request) if object_id else self.has_add_permission(request)):
            return super().changeform_view(request, object_id)
        edit = admin.ModelAdmin.changeform_view
        if request.method != "POST":
            return edit(self, request, object_id, form_url, extra_context)
        reason = request.POST.get("reason", "").replace("\x00", "")
        try:
            with acting(actor_for(request.user), reason=reason, source="admin"):
                return edit(self, request, object_id, form_url, extra_context)
        except (Stale, IntegrityError):
            messages.error(request, "Somebody else saved the same at the same moment. Look at it, then make your change again.")
            return redirect(request.get_full_path())

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if obj is not None:
            stored = obj if request.method == "GET" else self.record_or_404(request, str(obj.pk))  # not what was just typed
            context |= {name: value for name, value in self.about(request, stored).items() if name not in context}
        return super().render_change_form(request, context, add, change, form_url, obj)

    # A second, weaker trail would only raise the question which one is right.
    def log_addition(self, request, obj, message):
        """In the trail already."""

    def log_change(self, request, obj, message):
        """In the trail already."""


class SiteAdmin(Managed):
    site_path = "id"
    form = SiteForm
    list_display = ("code", "city", "name", "country", "status", "activated_on", "time_zone")
    list_filter = ("status",)
    search_fields = ("code", "city", "name")
    ordering = ("record_order",)
    fieldsets = (
        ("Activation", {"fields": ("status", "activated_on")}),
        ("The site", {"fields": ("code", "name", "city", "country", "time_zone", "contact", "record_order", "comment")}),
        ("Why", {"fields": ("reason", "base_version")}),
    )

    def get_readonly_fields(self, request, obj=None):
        return ("code",) if obj is not None else ()


class MembershipFormSet(forms.BaseInlineFormSet):
    acting_user: User | None = None

    def clean(self):
        super().clean()
        own = self.acting_user is not None and self.instance.pk == self.acting_user.pk
        if own and any(form.has_changed() for form in self.forms):
            raise ValidationError("You cannot change your own roles: another administrator must.")


class MembershipInline(admin.StackedInline):
    model = Membership
    formset = MembershipFormSet
    fieldsets = ((None, {"fields": (("role", "site", "starts_on", "ends_on"),)}),)
    can_delete = False
    show_change_link = False
    verbose_name = "role"
    verbose_name_plural = "roles: a role ends on its last day and is never deleted"
    formfield_overrides = Managed.formfield_overrides

    def get_formset(self, request, obj=None, **kwargs):
        made = super().get_formset(request, obj, **kwargs)
        made.acting_user = request.user
        site = made.form.base_fields["site"]
        site.widget = site.widget.widget  # without the buttons that open a site in a second window
        site.empty_label, site.required = "the whole trial", False
        return made

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("site")

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj is not None else 1

    def has_delete_permission(self, request, obj=None):
        return False


class UserAdmin(Managed):
    form = UserForm
    inlines = (MembershipInline,)
    list_display = ("username", "full_name", "roles", "is_active", "password_set_on")
    list_filter = ("is_active",)
    search_fields = ("username", "full_name")
    ordering = ("username",)
    person = ("username", "full_name", "email", "is_active")
    why = ("Why", {"fields": ("reason", "base_version")})

    def visible(self, user, queryset, *permissions):
        if grants(user).site_ids(*permissions) is None:
            return queryset
        theirs = memberships_for(user, Membership.objects.all(), *permissions)
        return queryset.filter(pk__in=theirs.order_by().values("user"))

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("memberships__site")

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return (("The person", {"fields": (*self.person, "password1", "password2")}), self.why)
        return (("The person", {"fields": (*self.person, "password_link")}), self.why)

    def get_readonly_fields(self, request, obj=None):
        return ("username", "password_link") if obj is not None else ()

    def get_form(self, request, obj=None, change=False, **kwargs):
        made = super().get_form(request, obj, change, form=UserForm if obj is not None else NewUserForm, **kwargs)
        made.acting_user = request.user
        return made

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_password(form.cleaned_data["password1"])
            obj._password = None
            obj.password_set_on, obj.must_change_password = clock.today(SPONSOR_ZONE), True
        super().save_model(request, obj, form, change)

    @admin.display(description="roles of today")
    def roles(self, person):
        today = clock.today(SPONSOR_ZONE)
        held = [m for m in person.memberships.all() if m.starts_on <= today and (m.ends_on is None or m.ends_on >= today)]
        return ", ".join(str(each) for each in held) or "none"

    @admin.display(description="Password")
    def password_link(self, person):
        url = reverse("admin:accounts_user_password", args=[person.pk])
        since = f"Set on {person.password_set_on:%d-%b-%Y}" if person.password_set_on else "Never set"
        must = ", temporary: the person must choose an own one" if person.must_change_password else ""
        return format_html('{}{}. <a href="{}">Set a temporary password</a>', since, must, url)

    def get_urls(self):
        def password(request, object_id):
            return self.admin_site.admin_view(self.password_view)(request, object_id=object_id)

        password.model_admin = self
        return [path("<path:object_id>/password/", password, name="accounts_user_password"), *super().get_urls()]

    @method_decorator(sensitive_post_parameters())
    def password_view(self, request, object_id):
        """A password that the person is to replace; it ends the person's sessions and stands in no trail."""
        person = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, person):
            raise PermissionDenied("An administrator sets passwords.")
        if person is None:
            raise Http404("There is no such user.")
        if person.pk == request.user.pk:
            return redirect("password")
        form = SetPasswordForm(request.POST or None, user=person)
        if request.method == "POST" and form.is_valid():
            set_temporary_password(person, form.cleaned_data["password1"], by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"{person.full_name} has a temporary password, and is logged out everywhere.")
            return redirect("admin:accounts_user_change", person.pk)
        context = {**self.admin_site.each_context(request), "title": "Set a temporary password", "subtitle": None,
                   "form": form, "original": person, "opts": self.opts}  # fmt: skip
        return TemplateResponse(request, "admin/password.html", context)


def set_temporary_password(person: User, password: str, *, by: User, reason: str) -> None:
    """A password that lets the person do nothing but choose an own one."""
    actor = actor_for(by)
    with acting(actor, reason=reason, source="admin"):
        change_password(user=person, password=password, by=actor)


def memberships_for(user, queryset: QuerySet, *permissions: Permission) -> QuerySet:
    """Memberships at the person's sites, and the trial-wide ones: those people work on every site's data."""
    if grants(user).site_ids(*permissions) == set():
        return queryset.none()
    return within_sites(user, queryset, "site", *permissions) | queryset.filter(site__isnull=True)


class MembershipAdmin(Audited):
    """Read here; an administrator changes a membership on the user's page."""

    list_display = ("user", "role", "site", "starts_on", "ends_on", "version", "changed")
    list_filter = ("role",)
    list_select_related = ("user", "site")
    search_fields = ("user__username", "user__full_name")
    search_help_text = "User name"

    knows = (*KNOWS, Permission.MANAGE)

    def visible(self, user, queryset, *permissions):
        return memberships_for(user, queryset, *permissions)

    def get_queryset(self, request):
        return self.visible(request.user, self.model._default_manager.all(), Permission.AUDIT, Permission.MANAGE)
