"""Every address of the site, on one screen."""

from django.contrib import admin
from django.urls import path

from accounts import views as accounts
from adverse_events import output_views as outputs
from adverse_events import views as adverse_events
from assessments import ranges
from crf import deviation_pages, reference_pages, rulings
from crf import views as crf
from dosing import views as dosing
from etop_crf import views as home
from exports import views as exports
from screening import gate_views as gates
from screening import log as screening_log
from screening import views as screening

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", accounts.login_page, name="login"),
    path("logout/", accounts.logout_page, name="logout"),
    path("password/", accounts.password_page, name="password"),
    path("session/ping/", accounts.ping, name="ping"),
    path("patients/", crf.patients, name="patients"),
    path("patients/new/", crf.new_patient, name="new_patient"),
    path("patients/<str:number>/", crf.patient, name="patient"),
    path("patients/<str:number>/eligibility/", gates.eligibility, name="eligibility"),
    path("patients/<str:number>/release/", gates.release_dose, name="release"),
    path("patients/<str:number>/registration/", screening.registration, name="registration"),
    path("patients/<str:number>/registered/", screening.registered, name="registered"),
    path("patients/<str:number>/place/", screening.place, name="place"),
    path("patients/<str:number>/rescreen/", screening.rescreen, name="rescreen"),
    path("patients/<str:number>/form/<str:code>/", crf.log, name="log"),
    path("patients/<str:number>/form/<str:code>/<str:slot>/", crf.record, name="record"),
    path("patients/<str:number>/form/<str:code>/<str:slot>/history/", crf.history, name="history"),
    path("patients/<str:number>/form/<str:code>/<str:slot>/query/", crf.query_raise, name="query_raise"),
    path("patients/<str:number>/form/<str:code>/<str:slot>/verify/", crf.verify, name="verify"),
    path("patients/<str:number>/void/<str:code>/<int:pk>/", crf.void, name="void"),
    path("patients/<str:number>/move/<str:code>/<int:pk>/", crf.move, name="move"),
    path("patients/<str:number>/deviation/", deviation_pages.new_deviation, name="new_deviation"),
    path("patients/<str:number>/events/", adverse_events.events, name="events"),
    path("patients/<str:number>/report/<str:code>/<int:row>/", adverse_events.report, name="report"),
    path("patients/<str:number>/laboratory-abnormalities/", adverse_events.laboratory_abnormalities, name="abnormalities"),
    path("queries/", crf.queries, name="queries"),
    path("queries/<int:pk>/", crf.query_act, name="query_act"),
    path("deviations/", deviation_pages.deviations, name="deviations"),
    path("deviations/<int:pk>/", deviation_pages.deviation, name="deviation"),
    path("screening-log/", screening_log.screening_log, name="screening_log"),
    path("rulings/", rulings.rulings, name="rulings"),
    path("rulings/<int:pk>/", rulings.ruling, name="ruling"),
    path("references/", reference_pages.references, name="references"),
    path("references/<str:site>/", reference_pages.site_references, name="site_references"),
    path("references/<str:site>/ranges/", ranges.enter_ranges, name="enter_ranges"),
    path("references/<str:site>/<str:code>/", reference_pages.new_reference, name="new_reference"),
    path("references/<str:site>/<str:code>/<int:pk>/", reference_pages.reference, name="reference"),
    path("drug/", dosing.drug, name="drug"),
    path("drug/<str:site>/", dosing.drug_site, name="drug_site"),
    path("drug/<str:site>/receive/", dosing.drug_receive, name="drug_receive"),
    path("drug/<str:site>/arrivals/<int:pk>/", dosing.drug_arrival, name="drug_arrival"),
    path("drug/<str:site>/act/", dosing.drug_act, name="drug_act"),
    path("drug/<str:site>/vial/<int:pk>/", dosing.drug_vial, name="drug_vial"),
    path("drug/<str:site>/expiry/", dosing.drug_expiry, name="drug_expiry"),
    path("drug/<str:site>/counts/", dosing.drug_counts, name="drug_counts"),
    path("drug/<str:site>/reconciliation/", dosing.drug_reconciliation, name="drug_reconciliation"),
    path("safety/", adverse_events.safety, name="safety"),
    path("safety/reference/", adverse_events.safety_rsi, name="safety_rsi"),
    path("safety/overview/", outputs.safety_overview, name="safety_overview"),
    path("safety/overview/events/", outputs.safety_list, name="safety_list"),
    path("safety/<int:pk>/", adverse_events.safety_event, name="safety_event"),
    path("safety/<str:code>/<int:pk>/", adverse_events.safety_case, name="safety_case"),
    path("safety/<str:code>/<int:pk>/outputs/", outputs.safety_outputs, name="safety_outputs"),
    path("terms/", adverse_events.terms, name="terms"),
    path("terms/grades/", adverse_events.grades, name="grades"),
    path("changes/", home.changes, name="changes"),
    path("exports/", exports.exports, name="exports"),
    path("admin/", admin.site.urls),
]
