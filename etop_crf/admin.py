"""What stands in the admin: every form of the registry, what belongs to patients and review, users and sites."""

from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.models import Membership, Site, User
from audit.models import audited_models
from crf import registry
from dosing.stock import Shipment, StockCount, Transfer, Vial, VialMovement
from etop_crf.admin_people import MembershipAdmin, SiteAdmin, UserAdmin
from etop_crf.admin_records import (
    CrfAdmin,
    PatientAdmin,
    ReviewedAdmin,
    RulingAdmin,
    ShipmentAdmin,
    SignatureAdmin,
    StudyAdmin,
    TransferAdmin,
    VerificationAdmin,
    VialAdmin,
    VialMovementAdmin,
    VisitAdmin,
    plain_admin,
)
from patients.models import Patient, Study, Visit
from review.models import Deviation, Query, Ruling, Signature, Verification

admin.site.unregister(Group)  # rights come from roles
admin.site.register(Patient, PatientAdmin)
admin.site.register(Visit, VisitAdmin)
for form in registry.forms():
    admin.site.register(form, CrfAdmin)
admin.site.register([Query, Deviation], ReviewedAdmin)
admin.site.register(Verification, VerificationAdmin)
admin.site.register(Signature, SignatureAdmin)
admin.site.register(Ruling, RulingAdmin)
admin.site.register([Shipment, StockCount], ShipmentAdmin)
admin.site.register(Transfer, TransferAdmin)
admin.site.register(Vial, VialAdmin)
admin.site.register(VialMovement, VialMovementAdmin)
admin.site.register(Study, StudyAdmin)
admin.site.register(User, UserAdmin)
admin.site.register(Site, SiteAdmin)
admin.site.register(Membership, MembershipAdmin)
for model in audited_models():
    if not admin.site.is_registered(model):
        admin.site.register(model, plain_admin(model))
