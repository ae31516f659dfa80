"""The outputs of a safety report: who may print one, what a print leaves in the trail, and what the page shows before."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse

from accounts.access import actor_for, grants
from accounts.roles import Permission
from adverse_events import cioms, e2b
from adverse_events.case import Case
from adverse_events.case_page import sees_sponsors_opinion
from adverse_events.icsr import icsr_of
from adverse_events.reports import SafetyReport
from audit.context import event
from crf.strip import strip
from protocol.icsr import Icsr
from protocol.report_codelists import ReportCategory

PRINTED = "print of a safety report"  # what the trail calls it


@dataclass(frozen=True)
class Output:
    """A kind of file: how it is made and named."""

    code: str
    label: str
    note: str
    content_type: str


OUTPUTS = {
    each.code: each for each in (
        Output("cioms", "CIOMS I form (PDF)", "For people and authorities to read", "application/pdf"),
        Output("e2b", "E2B(R3) message (XML)", "Not for transmission: MedDRA codes need a licence", "application/xml"),
    )
}  # fmt: skip


def may_print(user, case: Case) -> bool:
    """The safety desk, and whoever reports at the site. Everybody who reads the case sees the same on the page."""
    held, site = grants(user), case.patient.site
    return held.may(Permission.SAFETY, site) or held.may(Permission.REPORT, site)


def version_of(case: Case, number: str) -> SafetyReport | None:
    """The version asked for, None for what is entered now; 404 for one that was never sent, or takes a report back."""
    if not number:
        return None
    found = next((each for each in case.versions if str(each.number) == number), None)
    if found is None or found.category == ReportCategory.NULLIFICATION:
        raise Http404("There is no such version of the report.")
    return found


def report_of(user, case: Case, number: str) -> Icsr:
    """What this person may read of the report."""
    if not case.has_causality:
        raise Http404("A pregnancy is no adverse event: it has no such form.")
    version = version_of(case, number)
    if version is None and case.record.voided:
        raise Http404("The event was entered by mistake.")
    return icsr_of(case, version, sees_sponsor=sees_sponsors_opinion(user, case))


def printed(user, case: Case, code: str, number: str) -> HttpResponse:
    """The file, which is noted in the trail; PermissionDenied and 404 as everywhere."""
    report = report_of(user, case, number)
    if not may_print(user, case):
        raise PermissionDenied("You may not print a safety report: your role does not include it. What it says stands on this page.")
    output = OUTPUTS.get(code)
    if output is None:
        raise Http404("There is no such output.")
    content, name = (cioms.pdf(report), cioms.file_name(report)) if code == "cioms" else (e2b.message(report), e2b.file_name(report))
    event(actor_for(user, case.patient.site), PRINTED, about=case.patient.number, detail=name, source="safety report", site=case.patient.site.code)
    response = HttpResponse(content, content_type=output.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def page(user, case: Case, number: str) -> dict:
    """What the page shows: the fields of the form, what is not filled, and the versions to choose from."""
    report = report_of(user, case, number)
    sent = [each for each in case.versions if each.category != ReportCategory.NULLIFICATION]
    return {
        "case": case, "patient": case.patient, "strip": strip(case.patient), "report": report, "number": number, "versions": sent,
        "boxes": cioms.boxes(report), "missing": report.missing, "never": [*cioms.ALWAYS_UNFILLED, *e2b.ALWAYS_UNFILLED],
        "outputs": OUTPUTS.values(), "may_print": may_print(user, case), "shown_now": not number and not case.record.voided,
    }  # fmt: skip
