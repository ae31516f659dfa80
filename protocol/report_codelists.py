"""Codelists of the reports of serious events and pregnancies."""

from __future__ import annotations

from protocol.codelists import Codelist


class ReportCategory(Codelist):
    """What a version of a report is: CDASH SAERCAT."""

    ORIGINAL = "ORIGINAL", "Initial report"
    AMENDMENT = "AMENDMENT", "Follow-up"
    NULLIFICATION = "NULLIFICATION", "Nullification"


class ReportChannel(Codelist):
    """By what a first report reached the sponsor, when it was not by this system; the list is ours."""

    TELEPHONE = "TELEPHONE", "Telephone"
    E_MAIL = "E-MAIL", "E-mail"
    FAX = "FAX", "Fax"
    PAPER = "PAPER FORM", "Paper form"
    OTHER = "OTHER", "Other"


class Reporter(Codelist):
    """Who tells of the event: the reporter's qualification, as ICH E2B(R3) C.2.r.4 tells health professionals apart."""

    PHYSICIAN = "PHYSICIAN", "Physician"
    PHARMACIST = "PHARMACIST", "Pharmacist"
    OTHER = "OTHER HEALTH PROFESSIONAL", "Nurse or other health professional"


class Expectedness(Codelist):
    """The sponsor's, against a named version of the reference safety information."""

    EXPECTED = "EXPECTED", "Expected"
    UNEXPECTED = "UNEXPECTED", "Unexpected"


class CaseStatus(Codelist):
    """Where the safety desk stands with an event."""

    OPEN = "OPEN", "Open"
    CLOSED = "CLOSED", "Closed"
