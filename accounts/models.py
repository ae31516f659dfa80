"""Sites, people, who works where as what, and the mails that wait to be sent."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password as verify_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from accounts.roles import SITE_ROLES, STUDY_ROLES, Permission, Role
from audit.context import SYSTEM, acting
from audit.models import AppendOnly, AuditedModel, AuditedQuerySet


class SiteStatus(models.TextChoices):
    PLANNED = "PLANNED", "Planned"
    ACTIVE = "ACTIVE", "Active"
    ON_HOLD = "ON HOLD", "On hold"
    CLOSED = "CLOSED", "Closed"


class Site(AuditedModel):
    """A hospital of the trial, named as in the registry record."""

    trail_code = "SITE"
    code = models.CharField("code", max_length=10, unique=True, help_text="Starts patient numbers; never changes.")
    name = models.CharField("name", max_length=200)
    city = models.CharField("city", max_length=100)
    country = models.CharField("country", max_length=2, help_text="ISO 3166 code")
    time_zone = models.CharField("time zone", max_length=60)
    contact = models.CharField("facility contact", max_length=200, blank=True)
    record_order = models.PositiveIntegerField("place in the registry record", unique=True)
    comment = models.TextField("comment", blank=True, help_text="For example how the record spells the name.")
    activated_on = models.DateField("activated on", null=True, blank=True)
    status = models.CharField("status", max_length=10, choices=SiteStatus, default=SiteStatus.PLANNED)

    class Meta:
        ordering = ["record_order"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=SiteStatus.ACTIVE) | Q(activated_on__isnull=False), name="active_site_has_a_date"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.city}, {self.name}"

    def site_code(self) -> str:
        return self.code

    def is_active_on(self, day) -> bool:
        """May patients be registered here on that day?"""
        return self.status == SiteStatus.ACTIVE and self.activated_on is not None and self.activated_on <= day

    def clean(self):
        if self.pk is not None and self.stored().get("code") not in (None, self.code):
            raise ValidationError({"code": "Patient numbers start with the code, so it never changes."})
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": "There is no such time zone. Enter a name such as Europe/Paris."})
        if self.status == SiteStatus.ACTIVE and self.activated_on is None:
            raise ValidationError({"activated_on": "An active site needs the date of its activation."})


class UserManager(BaseUserManager.from_queryset(AuditedQuerySet)):
    def get_by_natural_key(self, username):
        return self.get(username=username)


class User(AuditedModel, AbstractBaseUser):
    """A person. What the person may do comes from memberships alone; the password is in no history and no trail."""

    trail_code = "USER"
    unaudited = ("password",)
    last_login = None

    username = models.CharField(
        "user name", max_length=60, unique=True,
        validators=[RegexValidator(r"\A[a-z0-9][a-z0-9._-]{2,}\Z", "Use three or more of a–z, 0–9, dot, dash, underscore.")],
    )  # fmt: skip
    full_name = models.CharField("full name", max_length=150)
    email = models.EmailField("e-mail", blank=True)
    is_active = models.BooleanField("active", default=True, help_text="Deactivate, never delete.")
    password_set_on = models.DateField("password set on", null=True, blank=True, editable=False)
    # Empty, not "no", for most people: rows and history that are older than the column stay as they were written.
    must_change_password = models.BooleanField(
        "must choose a new password", null=True, blank=True, editable=False,
        help_text="Somebody else has set the password: it opens one page, the one that changes it.",
    )  # fmt: skip

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.username})"

    def clean(self):
        if self.username == SYSTEM.username:
            raise ValidationError({"username": "This name belongs to the system itself."})
        if self.pk is not None and self.stored().get("username") not in (None, self.username):
            raise ValidationError({"username": "The trail knows the person by this name, so it never changes."})

    def get_full_name(self) -> str:
        return self.full_name

    get_short_name = get_full_name

    def check_password(self, raw_password) -> bool:
        """As Django's; a hash made with older settings is renewed in the name of the system."""

        def renew(password):
            with acting(SYSTEM, source="log-in"):
                self.set_password(password)
                self._password = None
                self.save(update_fields=["password"])

        return verify_password(raw_password, self.password, renew)

    @property
    def is_staff(self) -> bool:
        """Who may open the Django admin."""
        from accounts.access import grants

        return grants(self).may(Permission.AUDIT) or grants(self).may(Permission.MANAGE)

    def has_perm(self, perm: str, obj=None) -> bool:
        """Django's question, answered from the roles: auditors read all, administrators manage users and sites."""
        from accounts.access import grants

        app, _, action_model = perm.partition(".")
        action, _, model = action_model.partition("_")
        managed = app == "accounts" and model in ("user", "site", "membership")
        if action == "view":
            return grants(self).may(Permission.AUDIT) or (managed and grants(self).may(Permission.MANAGE))
        return managed and action in ("add", "change") and grants(self).may(Permission.MANAGE)

    def has_module_perms(self, app_label: str) -> bool:
        from accounts.access import grants

        return grants(self).may(Permission.AUDIT) or (app_label == "accounts" and grants(self).may(Permission.MANAGE))


class Membership(AuditedModel):
    """A person's role, at a site or (site empty) in the whole trial, between two dates."""

    trail_code = "MEMBERSHIP"
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField("role", max_length=20, choices=Role)
    starts_on = models.DateField("from")
    ends_on = models.DateField("until", null=True, blank=True, help_text="Last day, inclusive.")

    class Meta:
        ordering = ["user", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=SITE_ROLES, site__isnull=False) | Q(role__in=STUDY_ROLES, site__isnull=True),
                name="membership_site_fits_role",
                violation_error_message="A site role needs a site; a trial-wide role has none.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="membership_dates",
                violation_error_message="The last day lies before the first.",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.INSPECTOR) | Q(ends_on__isnull=False), name="inspector_for_a_limited_time",
                violation_error_message="An inspector's access needs a last day.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_role_display()}{f' at {self.site.code}' if self.site else ''}"

    def site_code(self) -> str:
        return self.site.code if self.site else ""


class OutboxMail(AppendOnly):
    """A mail that must go out, written in the transaction that made it necessary. It carries a link, no patient data."""

    created_at = models.DateTimeField()
    key = models.CharField(max_length=100, unique=True)
    to_role = models.CharField(max_length=20, choices=Role)
    to_site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+", db_comment="Those of this site only")
    subject = models.CharField(max_length=200)
    body = models.TextField()

    def __str__(self) -> str:
        return self.key


class OutboxAttempt(AppendOnly):
    """One try to send a mail; ``error`` is empty when it went out."""

    mail = models.ForeignKey(OutboxMail, models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    error = models.TextField(blank=True)


class OutboxClaim(AppendOnly):
    """Somebody is about to send a mail: the n-th time. Of two at once only one can write the same number, so one sends."""

    mail = models.ForeignKey(OutboxMail, models.PROTECT, related_name="claims")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mail", "number"], name="outbox_claim_number")]
