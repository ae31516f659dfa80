"""An individual case safety report as an E2B(R3) message (ICH ICSR, HL7 v3), with the fields that the data can fill.

Structure and codes are those of the ICH E2B(R3) implementation guide; element numbers (C.1.1, E.i.7 …) stand at the code that
writes them. The message says everywhere that it is not for transmission: it lacks MedDRA codes, which need a licence, and what
``unfilled`` lists. Identity is masked (nullFlavor MSK): the patient is an investigation number.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

from adverse_events import icsr_words as words
from protocol.codelists import ActionTaken, DeathCause, Outcome, Relationship, Route, Sex
from protocol.icsr import (
    DRUG,
    EU_TRIAL_NUMBER,
    REGISTRY_NUMBER,
    SPONSOR,
    SPONSOR_STUDY,
    STUDY_NAME,
    Administration,
    Drug,
    Event,
    Icsr,
    Judgement,
    Test,
    When,
)
from protocol.report_codelists import Reporter

HL7, XSI = "urn:hl7-org:v3", "http://www.w3.org/2001/XMLSchema-instance"
ICH = "2.16.840.1.113883.3.989.2.1"
MEDDRA, COUNTRY = "2.16.840.1.113883.6.163", "1.0.3166.1.2.2"
NOT_FOR_TRANSMISSION = "NOT-FOR-TRANSMISSION"
WARNING = "NOT FOR TRANSMISSION"

# What no entered data can fill, whatever the case.
ALWAYS_UNFILLED = (
    "E.i.2.1 Reaction, MedDRA lowest level term: needs a MedDRA licence",
    "D.7.1.r Structured medical history, MedDRA: needs a MedDRA licence; history is in D.7.2 as text",
    "D.9.2.r.1 Cause of death, MedDRA: needs a MedDRA licence",
    "F.r.2.2 Test name, MedDRA: needs a MedDRA licence",
    "G.k.7.r.2 Indication, MedDRA: needs a MedDRA licence",
    "G.k.2.1 Product identifiers (MPID, PhPID): not supplied",
    "C.3.3, C.3.4 Person and address of the sender: not supplied",
    "C.2.r.1, C.2.r.2 Name and address of the reporter: masked",
    "D.1 Name or initials, D.2.1 birth date of the patient: masked, never part of a report",
    "N.1.3, N.1.4, N.2.r.2, N.2.r.3 Identifiers of sender and receiver at a gateway: not supplied",
)

_OUTCOME = {
    Outcome.RECOVERED: "1", Outcome.RECOVERING: "2", Outcome.NOT_RECOVERED: "3", Outcome.SEQUELAE: "4", Outcome.FATAL: "5",
    Outcome.UNKNOWN: "0",
}  # fmt: skip
# Interrupted and slowed down have no code of their own: how they are mapped is the sponsor's decision, until then 'unknown'.
_ACTION = {
    ActionTaken.WITHDRAWN: "1", ActionTaken.REDUCED: "2", ActionTaken.INCREASED: "3", ActionTaken.NOT_CHANGED: "4",
    ActionTaken.UNKNOWN: "0", ActionTaken.INTERRUPTED: "0", ActionTaken.RATE_REDUCED: "0", ActionTaken.NOT_APPLICABLE: "9",
}  # fmt: skip
_SEX = {Sex.MALE: "1", Sex.FEMALE: "2"}
# ICH routes of administration.
_ROUTE = {
    Route.ORAL: "048", Route.INTRAVENOUS: "042", Route.SUBCUTANEOUS: "058", Route.INTRAMUSCULAR: "030", Route.TOPICAL: "061",
    Route.INHALATION: "055", Route.NASAL: "045", Route.INTRA_ARTICULAR: "014", Route.RECTAL: "054", Route.OTHER: "050",
}  # fmt: skip
_DRIP = "041"
_QUALIFICATION = {Reporter.PHYSICIAN.label: "1", Reporter.PHARMACIST.label: "2", Reporter.OTHER.label: "3"}
_SERIOUS = (  # E.i.3.2a to f
    ("is_death", "34", "resultsInDeath"), ("is_life_threatening", "21", "isLifeThreatening"),
    ("is_hospitalisation", "33", "requiresInpatientHospitalization"),
    ("is_disability", "35", "resultsInPersistentOrSignificantDisability"),
    ("is_congenital", "12", "congenitalAnomalyBirthDefect"), ("is_medically_important", "26", "otherMedicallyImportantCondition"),
)  # fmt: skip
# Units of results and doses as UCUM writes them, where it writes them otherwise than the forms.
_UCUM = {
    "10^9/L": "10*9/L", "10^12/L": "10*12/L", "umol/L": "umol/L", "mL/min/1.73 m2": "mL/min/{1.73_m2}", "RATIO": "1",
    "mg/L FEU": "mg/L{FEU}", "mIU/L": "m[IU]/L", "IU": "[IU]", "IU/mL": "[IU]/mL", "mg": "mg", "g": "g", "ug": "ug", "mL": "mL",
}  # fmt: skip
_EXACT_UNITS = {"mg", "g", "ug", "mL", "IU"}


def unfilled(report: Icsr) -> list[str]:
    """Every field that the message lacks or cannot fill, in words."""
    own = [f"Not entered: {each}" for each in report.missing]
    event = report.event
    if event.action_taken in (ActionTaken.INTERRUPTED, ActionTaken.RATE_REDUCED):
        own.append("G.k.8 Action taken: interrupted and slowed down have no code; the mapping is the sponsor's decision; sent as unknown")
    if report.susar is None:
        own.append("C.1.7 Expedited report: not yet assessed")
    return [*own, *ALWAYS_UNFILLED]


def file_name(report: Icsr) -> str:
    """Says what it is and what it is not for."""
    return f"{WARNING.replace(' ', '-')}_{report.report_id}_{report.file_part}.xml"


def message(report: Icsr) -> bytes:
    """The message as UTF-8, with a comment at its top that lists what is not filled."""
    root = _Writer(report).batch()
    ET.indent(root, " ")
    lines = [f"{WARNING}: made from the data of trial {SPONSOR_STUDY} for people to read.", "Not filled:", *unfilled(report)]
    comment = "\n ".join(re.sub("-(?=-)", "- ", clean(line)) for line in lines)  # two hyphens would end it
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {comment} -->\n{body}\n'.encode()


def clean(text: str) -> str:
    """Text that XML can hold: a sign that it cannot (a control character, half a pair) is shown as U+FFFD, never dropped."""
    return "".join(sign if _allowed(ord(sign)) else "\ufffd" for sign in text)


def _allowed(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def fit(text: str, most: int) -> str:
    """Text within a field's length; what is cut is marked."""
    text = clean(text).strip()
    return text if len(text) <= most else text[: most - 4] + " […]"


def stamp(at: datetime) -> str:
    """An instant as HL7 writes it, in UTC."""
    return f"{at:%Y%m%d%H%M%S}+0000"


class _Writer:
    """Builds one message. Every method adds elements to the one it is given; their order is the schema's."""

    def __init__(self, report: Icsr) -> None:
        self.report = report
        self.reaction = self._uuid("reaction")

    def _uuid(self, what: str) -> str:
        """The same for the same case, so that the same facts make the same message."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.report.report_id}/{what}"))

    # ---- batch and message ----

    def batch(self) -> ET.Element:
        report = self.report
        root = ET.Element("MCCI_IN200100UV01", {"xmlns": HL7, "xmlns:xsi": XSI, "ITSVersion": "XML_1.0"})
        _id(root, f"{NOT_FOR_TRANSMISSION}-{report.report_id}-{report.file_part}", f"{ICH}.3.22")  # N.1.2
        _el(root, "creationTime", value=stamp(report.as_of))  # N.1.5
        _el(root, "responseModeCode", code="D")
        _id(root, "MCCI_IN200100UV01", "2.16.840.1.113883.1.6", tag="interactionId")
        _el(root, "name", code="1", codeSystem=f"{ICH}.1.1", displayName="ichicsr")  # N.1.1
        self._message(_el(root, "PORR_IN049016UV"))
        _device(root, "receiver", "RCV", f"{ICH}.3.14")  # N.1.4
        _device(root, "sender", "SND", f"{ICH}.3.13")  # N.1.3
        return root

    def _message(self, at: ET.Element) -> None:
        report = self.report
        _id(at, report.report_id, f"{ICH}.3.1")  # N.2.r.1
        _el(at, "creationTime", value=stamp(report.as_of))  # N.2.r.4
        _id(at, "PORR_IN049016UV", "2.16.840.1.113883.1.6", tag="interactionId")
        _el(at, "processingCode", code="T")  # a test, never production
        _el(at, "processingModeCode", code="T")
        _el(at, "acceptAckCode", code="AL")
        _device(at, "receiver", "RCV", f"{ICH}.3.12")  # N.2.r.3
        _device(at, "sender", "SND", f"{ICH}.3.11")  # N.2.r.2
        act = _el(at, "controlActProcess", classCode="CACT", moodCode="EVN")
        _el(act, "code", code="PORR_TE049016UV", codeSystem="2.16.840.1.113883.1.18")
        _el(act, "effectiveTime", value=stamp(report.as_of))  # C.1.2
        self._case(_el(_el(act, "subject", typeCode="SUBJ"), "investigationEvent", classCode="INVSTG", moodCode="EVN"))

    def _case(self, at: ET.Element) -> None:
        report = self.report
        _id(at, report.report_id, f"{ICH}.3.1")  # C.1.1
        _id(at, report.report_id, f"{ICH}.3.2")  # C.1.8.1
        _el(at, "code", code="PAT_ADV_EVNT", codeSystem="2.16.840.1.113883.5.4")
        _text(at, "text", fit(words.narrative(report), 100_000))  # H.1
        _el(at, "statusCode", code="active")
        _instant(_el(at, "effectiveTime"), "low", report.first_received)  # C.1.4
        _instant(at, "availabilityTime", report.received)  # C.1.5
        assessment = _el(_el(at, "component", typeCode="COMP"), "adverseEventAssessment", classCode="INVSTG", moodCode="EVN")
        role = _el(_el(assessment, "subject1", typeCode="SBJ"), "primaryRole", classCode="INVSBJ")
        self._patient(role)
        self._judgements(assessment)
        _flag(_part(at), "1", "additionalDocumentsAvailable", False)  # C.1.6.1
        _flag(_part(at), "23", "localCriteriaForExpedited", report.susar)  # C.1.7
        self._sources(at)

    # ---- where it comes from ----

    def _sources(self, at: ET.Element) -> None:
        report = self.report
        first = _related(at, "1", "initialReport")
        _el(first, "code", code="2", codeSystem=f"{ICH}.1.3")  # C.1.8.2: another than a regulator
        primary = _related(at, "2", "sourceReport", first=True)  # C.2.r.5
        organisation = _el(primary, "assignedPerson", classCode="PSN", determinerCode="INSTANCE")
        name = _el(organisation, "name")
        _el(name, "given", nullFlavor="MSK")  # C.2.r.1.2
        _el(name, "family", nullFlavor="MSK")  # C.2.r.1.4
        qualified = _el(organisation, "asQualifiedEntity", classCode="QUAL")
        known = _QUALIFICATION.get(report.reporter.role)
        _el(qualified, "code", **({"code": known, "codeSystem": f"{ICH}.1.6"} if known else {"nullFlavor": "UNK"}))  # C.2.r.4
        _country(organisation, report.reporter.country)  # C.2.r.3
        at_site = _el(primary, "representedOrganization", classCode="ORG", determinerCode="INSTANCE")
        _text(at_site, "name", fit(report.reporter.site_name, 60))  # C.2.r.2.1
        sender = _el(_el(_author(_el(at, "subjectOf1", typeCode="SUBJ")), "author", typeCode="AUT"), "assignedEntity", classCode="ASSIGNED")
        _code(sender, "6", f"{ICH}.1.7")  # C.3.1: neither company, authority nor health professional
        department = _el(sender, "representedOrganization", classCode="ORG", determinerCode="INSTANCE")
        own = _el(_el(department, "assignedEntity", classCode="ASSIGNED"), "representedOrganization", classCode="ORG", determinerCode="INSTANCE")
        _text(own, "name", SPONSOR)  # C.3.2
        kind = _characteristic(at, "1", "ichReportType")
        _value(kind, "CE", code="2", codeSystem=f"{ICH}.1.2", displayName="Report from study")  # C.1.3
        _value(_characteristic(at, "2", "otherCaseIds"), "BL", nullFlavor="NI")  # C.1.9.1

    # ---- the patient ----

    def _patient(self, role: ET.Element) -> None:
        report = self.report
        subject = report.subject
        person = _el(role, "player1", classCode="PSN", determinerCode="INSTANCE")
        _el(person, "name", nullFlavor="MSK")  # D.1
        sex = _SEX.get(subject.sex)
        _el(person, "administrativeGenderCode", **({"code": sex, "codeSystem": "1.0.5218"} if sex else {"nullFlavor": "UNK"}))  # D.5
        _el(person, "birthTime", nullFlavor="MSK")  # D.2.1
        if report.death:
            _when(person, "deceasedTime", report.death.died)  # D.9.1
        number = _el(person, "asIdentifiedEntity", classCode="IDENT")
        _id(number, fit(subject.number, 20), f"{ICH}.3.10")  # D.1.1.4
        _code(number, "4", f"{ICH}.1.4")
        self._study(_el(role, "subjectOf1", typeCode="SBJ"))
        if subject.age and subject.age[0] == subject.age[1]:
            _quantity(_observed(role), "3", "age", subject.age[0], "a")  # D.2.2
        if subject.weight_kg is not None:
            _quantity(_observed(role), "7", "bodyWeight", subject.weight_kg, "kg")  # D.3
        if subject.height_cm is not None:
            _quantity(_observed(role), "17", "height", int(subject.height_cm.to_integral_value()), "cm")  # D.4
        self._history(role)
        self._death(role)
        self._reaction(_observed(role), report.event)
        self._tests(role)
        self._drugs(role)

    def _study(self, at: ET.Element) -> None:
        study = _el(at, "researchStudy", classCode="CLNTRL", moodCode="EVN")
        _id(study, SPONSOR_STUDY, f"{ICH}.3.5")  # C.5.3
        _code(study, "1", f"{ICH}.1.8")  # C.5.4: clinical trial
        _text(study, "title", STUDY_NAME)  # C.5.2
        for number in (EU_TRIAL_NUMBER, REGISTRY_NUMBER):
            registered = _el(_el(study, "authorization", typeCode="AUTH"), "studyRegistration", classCode="ACT", moodCode="EVN")
            _id(registered, number, f"{ICH}.3.6")  # C.5.1.r.1

    def _history(self, role: ET.Element) -> None:
        text = "\n".join(words.condition(each) for each in self.report.history)
        group = _organiser(role, "1", "relevantMedicalHistoryAndConcurrentConditions")
        about = _el(_el(group, "component", typeCode="COMP"), "observation", classCode="OBS", moodCode="EVN")
        _code(about, "18", f"{ICH}.1.19", "historyAndConcurrentConditionText")
        if text:
            _value(about, "ED").text = fit(text, 10_000)  # D.7.2
        else:
            _value(about, "ED", nullFlavor="UNK")

    def _death(self, role: ET.Element) -> None:
        died = self.report.death
        if died is None:
            return
        if died.cause:
            cause = _observed(role)
            _code(cause, "32", f"{ICH}.1.19", "reportedCauseOfDeath")
            value = _value(cause, "CE", nullFlavor="NI")
            _text(value, "originalText", fit(words.label(DeathCause, died.cause), 250))  # D.9.2.r.2
        _flag(_observed(role), "5", "autopsy", {"Y": True, "N": False}.get(died.autopsy), "UNK")  # D.9.3

    # ---- the event ----

    def _reaction(self, at: ET.Element, event: Event) -> None:
        _el(at, "id", root=self.reaction)
        _code(at, "29", f"{ICH}.1.19", "reaction")
        if event.began or event.ended:
            span = _el(at, "effectiveTime", **{"xsi:type": "IVL_TS"})
            _when(span, "low", event.began)  # E.i.4
            if event.ended:
                _when(span, "high", event.ended)  # E.i.5
        value = _value(at, "CE", nullFlavor="NI")  # E.i.2.1: no MedDRA code
        _text(value, "originalText", fit(event.name or "not yet named", 250), language="eng")  # E.i.1.1
        place = _el(_el(_el(at, "location", typeCode="LOC"), "locatedEntity", classCode="LOCE"), "locatedPlace", classCode="COUNTRY", determinerCode="INSTANCE")
        _code(place, self.report.subject.country, COUNTRY)  # E.i.9
        translated = _about(at, "PERT")
        _code(translated, "30", f"{ICH}.1.19", "reactionForTranslation")
        _value(translated, "ED").text = fit(event.name or "not yet named", 250)  # E.i.1.2
        if event.serious == "Y":
            highlighted = _about(at, "PERT")
            _code(highlighted, "37", f"{ICH}.1.19", "termHighlightedByReporter")
            _value(highlighted, "CE", code="3", codeSystem=f"{ICH}.1.10")  # E.i.3.1: yes, serious
        for name, code, shown in _SERIOUS:
            _flag(_about(at, "PERT"), code, shown, True if name in event.criteria else None)  # E.i.3.2
        outcome = _about(at, "PERT")
        _code(outcome, "27", f"{ICH}.1.19", "outcome")
        _value(outcome, "CE", code=_OUTCOME.get(event.outcome, "0"), codeSystem=f"{ICH}.1.11")  # E.i.7

    def _tests(self, role: ET.Element) -> None:
        if not self.report.tests:
            return
        group = _organiser(role, "3", "testsAndProceduresRelevantToTheInvestigation")
        for test in self.report.tests:
            self._test(_el(_el(group, "component", typeCode="COMP"), "observation", classCode="OBS", moodCode="EVN"), test)

    def _test(self, at: ET.Element, test: Test) -> None:
        name = _el(at, "code", nullFlavor="NI")  # F.r.2.2: no MedDRA code
        _text(name, "originalText", fit(test.name, 250))  # F.r.2.1
        _when(at, "effectiveTime", test.at)  # F.r.1
        unit = _UCUM.get(test.standard_unit, test.standard_unit)
        if test.number is not None:
            _range(_value(at, "IVL_PQ"), test.sign, test.number, unit)  # F.r.3.2, F.r.3.3
        else:
            _value(at, "ED").text = fit(f"{test.text} {test.unit}", 2000)  # F.r.3.4
        comment = _about(at, "PERT")
        _code(comment, "10", f"{ICH}.1.19", "comment")
        _value(comment, "ED").text = fit(words.test(test), 2000)  # F.r.6: as printed, with the laboratory's range

    # ---- the drugs ----

    def _drugs(self, role: ET.Element) -> None:
        """Tarlatamab, and what was taken beside it. What was given for the event is in the narrative, as the guide asks."""
        group = _organiser(role, "4", "drugInformation")
        self._suspect(_el(_el(group, "component", typeCode="COMP"), "substanceAdministration", classCode="SBADM", moodCode="EVN"))
        for n, drug in self._beside():
            at = _el(_el(group, "component", typeCode="COMP"), "substanceAdministration", classCode="SBADM", moodCode="EVN")
            self._concomitant(at, n, drug)

    def _beside(self) -> Iterator[tuple[int, Drug]]:
        yield from enumerate((each for each in self.report.drugs if not each.treats), start=1)

    def _suspect(self, at: ET.Element) -> None:
        report = self.report
        _el(at, "id", root=self._uuid("drug"))
        kind = _product(at, DRUG)  # G.k.2.2
        substance = _el(_el(kind, "ingredient", classCode="ACTI"), "ingredientSubstance", classCode="MMAT", determinerCode="KIND")
        _text(substance, "name", DRUG)  # G.k.2.3.r.1
        self._intervals(at)
        for dose in report.given:
            self._dose(_el(_el(at, "outboundRelationship2", typeCode="COMP"), "substanceAdministration", classCode="SBADM", moodCode="EVN"), dose)
        _indication(at, words.INDICATION)  # G.k.7.r.1
        if report.event.action_taken:
            act = _el(_el(at, "inboundRelationship", typeCode="CAUS"), "act", classCode="ACT", moodCode="EVN")
            _code(act, _ACTION[ActionTaken(report.event.action_taken)], f"{ICH}.1.15")  # G.k.8

    def _intervals(self, at: ET.Element) -> None:
        """From the start of the last dose to the event, where both are known to the minute (G.k.9.i.3.2)."""
        span = self.report.event.since_dose
        if span is not None and span.least == span.most >= 0:
            link = _el(at, "outboundRelationship1", typeCode="SAE")
            _el(link, "pauseQuantity", value=str(span.least), unit="min")
            _el(_el(link, "actReference", classCode="OBS", moodCode="EVN"), "id", root=self.reaction)

    def _dose(self, at: ET.Element, dose: Administration) -> None:
        _text(at, "text", fit(words.dose(dose), 2000))  # G.k.4.r.8
        _period(at, dose.began, dose.ended)  # G.k.4.r.4, G.k.4.r.5
        _route(at, _DRIP, words.ROUTE)
        if dose.dose_mg is not None:
            _el(at, "doseQuantity", value=_number(dose.dose_mg), unit="mg")  # G.k.4.r.1
        if dose.lots:
            held = _el(_el(at, "consumable", typeCode="CSM"), "instanceOfKind", classCode="INST")
            item = _el(held, "productInstanceInstance", classCode="MMAT", determinerCode="INSTANCE")
            _text(item, "lotNumberText", fit("; ".join(dose.lots), 35))  # G.k.4.r.7

    def _concomitant(self, at: ET.Element, n: int, drug: Drug) -> None:
        _el(at, "id", root=self._uuid(f"drug {n}"))
        _product(at, fit(drug.name or "not named", 250))
        dose = _el(_el(at, "outboundRelationship2", typeCode="COMP"), "substanceAdministration", classCode="SBADM", moodCode="EVN")
        _text(dose, "text", fit(words.drug(drug), 2000))
        _period(dose, drug.began, drug.ended)
        if drug.route:
            _route(dose, _ROUTE.get(drug.route, "065"), words.label(Route, drug.route))
        if drug.dose is not None and drug.unit in _EXACT_UNITS:
            _el(dose, "doseQuantity", value=_number(drug.dose), unit=_UCUM[drug.unit])
        if drug.indication:
            _indication(at, fit(drug.indication, 250))

    # ---- opinions ----

    def _judgements(self, at: ET.Element) -> None:
        """G.k.1 for each drug, G.k.9.i.2 for each opinion that was given, H.2 and H.4."""
        self._role("drug", "1", at)
        for n, _ in self._beside():
            self._role(f"drug {n}", "2", at)
        event = self.report.event
        self._opinion(at, "INVESTIGATOR", event.investigator)
        self._opinion(at, "SPONSOR", event.sponsor)
        for judged, code, who in ((event.investigator, "3", "sourceReporter"), (event.sponsor, "1", "sender")):
            if judged.comment:
                said = _el(_el(at, "component1", typeCode="COMP"), "observationEvent", classCode="OBS", moodCode="EVN")
                _code(said, "10", f"{ICH}.1.19", "comment")
                _value(said, "ED").text = fit(judged.comment, 20_000)
                _code(_el(_el(said, "author", typeCode="AUT"), "assignedEntity", classCode="ASSIGNED"), code, f"{ICH}.1.21", who)

    def _role(self, drug: str, code: str, at: ET.Element) -> None:
        act = _el(_part(at), "causalityAssessment", classCode="OBS", moodCode="EVN")
        _code(act, "20", f"{ICH}.1.19", "interventionCharacterization")
        _value(act, "CE", code=code, codeSystem=f"{ICH}.1.13")
        self._of_drug(act, drug)

    def _opinion(self, at: ET.Element, who: str, judged: Judgement) -> None:
        if judged.relationship not in (Relationship.YES, Relationship.NO):
            return
        act = _el(_part(at), "causalityAssessment", classCode="OBS", moodCode="EVN")
        _code(act, "39", f"{ICH}.1.19", "causality")
        _value(act, "ST").text = "Reasonable possibility" if judged.relationship == Relationship.YES else "No reasonable possibility"
        _text(_el(act, "methodCode"), "originalText", "Clinical judgement")  # G.k.9.i.2.r.2
        source = _el(_el(_el(act, "author", typeCode="AUT"), "assignedEntity", classCode="ASSIGNED"), "code")
        _text(source, "originalText", who)  # G.k.9.i.2.r.1
        effect = _el(_el(act, "subject1", typeCode="SUBJ"), "adverseEffectReference", classCode="OBS", moodCode="EVN")
        _el(effect, "id", root=self.reaction)
        self._of_drug(act, "drug")

    def _of_drug(self, act: ET.Element, drug: str) -> None:
        used = _el(_el(act, "subject2", typeCode="SUBJ"), "productUseReference", classCode="SBADM", moodCode="EVN")
        _el(used, "id", root=self._uuid(drug))


# Small parts ------------------------------------------------------------------------------------------------------------


def _el(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, {name: clean(value) for name, value in attributes.items()})


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> ET.Element:
    made = _el(parent, tag, **attributes)
    made.text = clean(text)
    return made


def _id(parent: ET.Element, extension: str, root: str, tag: str = "id") -> ET.Element:
    return _el(parent, tag, extension=extension, root=root)


def _code(parent: ET.Element, code: str, system: str, shown: str = "") -> ET.Element:
    return _el(parent, "code", code=code, codeSystem=system, **({"displayName": shown} if shown else {}))


def _value(parent: ET.Element, kind: str, **attributes: str) -> ET.Element:
    return _el(parent, "value", **{"xsi:type": kind}, **attributes)


def _when(parent: ET.Element, tag: str, at: When | None) -> ET.Element:
    return _el(parent, tag, value=at.hl7) if at else _el(parent, tag, nullFlavor="UNK")


def _instant(parent: ET.Element, tag: str, at: datetime | None) -> ET.Element:
    return _el(parent, tag, value=stamp(at)) if at else _el(parent, tag, nullFlavor="NI")


def _number(value: Decimal | int) -> str:
    return f"{Decimal(value).normalize():f}"


def _device(parent: ET.Element, tag: str, kind: str, root: str) -> None:
    device = _el(_el(parent, tag, typeCode=kind), "device", classCode="DEV", determinerCode="INSTANCE")
    _id(device, NOT_FOR_TRANSMISSION, root)


def _part(parent: ET.Element) -> ET.Element:
    return _el(parent, "component", typeCode="COMP")


def _observed(role: ET.Element) -> ET.Element:
    return _el(_el(role, "subjectOf2", typeCode="SBJ"), "observation", classCode="OBS", moodCode="EVN")


def _about(parent: ET.Element, kind: str) -> ET.Element:
    return _el(_el(parent, "outboundRelationship2", typeCode=kind), "observation", classCode="OBS", moodCode="EVN")


def _organiser(role: ET.Element, code: str, shown: str) -> ET.Element:
    made = _el(_el(role, "subjectOf2", typeCode="SBJ"), "organizer", classCode="CATEGORY", moodCode="EVN")
    _code(made, code, f"{ICH}.1.20", shown)
    return made


def _flag(parent: ET.Element, code: str, shown: str, value: bool | None, null: str = "NI") -> None:
    """A yes or no; in a component of the case as an event, else in the observation that it is given."""
    at = parent if parent.tag == "observation" else _el(parent, "observationEvent", classCode="OBS", moodCode="EVN")
    _code(at, code, f"{ICH}.1.19", shown)
    _value(at, "BL", **({"nullFlavor": null} if value is None else {"value": "true" if value else "false"}))


def _quantity(at: ET.Element, code: str, shown: str, value: Decimal | int, unit: str) -> None:
    _code(at, code, f"{ICH}.1.19", shown)
    _value(at, "PQ", value=_number(value), unit=unit)


def _range(at: ET.Element, sign: str, number: Decimal, unit: str) -> None:
    """A result with its sign as an interval: '<0.3' lies below 0.3."""
    figure = {"value": _number(number), "unit": unit}
    if not sign:
        _el(at, "center", **figure)
        return
    inclusive = "true" if sign.endswith("=") else "false"
    if sign.startswith("<"):
        _el(at, "low", nullFlavor="NINF")
        _el(at, "high", inclusive=inclusive, **figure)
    else:
        _el(at, "low", inclusive=inclusive, **figure)
        _el(at, "high", nullFlavor="PINF")


def _period(at: ET.Element, began: When | None, ended: When | None) -> None:
    if began is None and ended is None:
        return
    span = _el(at, "effectiveTime", **{"xsi:type": "IVL_TS"})
    _when(span, "low", began)
    if ended:
        _when(span, "high", ended)


def _route(at: ET.Element, code: str, shown: str) -> None:
    route = _el(at, "routeCode", code=code, codeSystem=f"{ICH}.1.14")
    _text(route, "originalText", shown)


def _product(at: ET.Element, name: str) -> ET.Element:
    held = _el(_el(at, "consumable", typeCode="CSM"), "instanceOfKind", classCode="INST")
    kind = _el(held, "kindOfProduct", classCode="MMAT", determinerCode="KIND")
    _text(kind, "name", name)
    return kind


def _indication(at: ET.Element, text: str) -> None:
    why = _el(_el(at, "inboundRelationship", typeCode="RSON"), "observation", classCode="OBS", moodCode="EVN")
    _code(why, "19", f"{ICH}.1.19", "indication")
    _text(_value(why, "CE", nullFlavor="NI"), "originalText", text)
    _code(_el(_el(why, "performer", typeCode="PRF"), "assignedEntity", classCode="ASSIGNED"), "3", f"{ICH}.1.21", "sourceReporter")


def _related(at: ET.Element, code: str, shown: str, first: bool = False) -> ET.Element:
    link = _el(at, "outboundRelationship", typeCode="SPRT")
    if first:
        _el(link, "priorityNumber", value="1")
    report = _el(link, "relatedInvestigation", classCode="INVSTG", moodCode="EVN")
    _code(report, code, f"{ICH}.1.22", shown)
    act = _author(_el(report, "subjectOf2", typeCode="SUBJ"))
    return _el(_el(act, "author", typeCode="AUT"), "assignedEntity", classCode="ASSIGNED")


def _author(at: ET.Element) -> ET.Element:
    return _el(at, "controlActEvent", classCode="CACT", moodCode="EVN")


def _country(at: ET.Element, code: str) -> None:
    place = _el(_el(at, "asLocatedEntity", classCode="LOCE"), "location", classCode="COUNTRY", determinerCode="INSTANCE")
    _code(place, code, COUNTRY)


def _characteristic(at: ET.Element, code: str, shown: str) -> ET.Element:
    made = _el(_el(at, "subjectOf2", typeCode="SUBJ"), "investigationCharacteristic", classCode="OBS", moodCode="EVN")
    _code(made, code, f"{ICH}.1.23", shown)
    return made
