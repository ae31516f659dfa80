"""The clocks of a case: 24 hours across time zones and clock changes, unknown times, other means; the dates for authorities."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Site
from adverse_events.case import Case
from adverse_events.models import AdverseEvent
from adverse_events.pregnancy import Pregnancy
from adverse_events.reports import AuthorityReport, SafetyCase, SafetyReport, SponsorAssessment
from crf.strip import span_words
from patients.models import Patient
from protocol.dates import PartialDate

pytestmark = pytest.mark.nodb

ZONES = {"GR": "Europe/Athens", "CH": "Europe/Zurich", "FR": "Europe/Paris", "ES": "Atlantic/Canary"}
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """UTC from '2026-10-25 00:30'."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def case(country="FR", *, sent=None, other=None, acknowledged=False, now="2026-11-20 12:00", saved="2026-11-20 12:00", sponsor=None, **event) -> Case:
    patient = Patient(number="X-1", site=Site(code="X", country=country, time_zone=ZONES[country]))
    event = {"serious": "Y", "relationship": "", **event}
    record = AdverseEvent(pk=1, patient=patient, row=1, serious_saved_at=at(saved) if saved else None, **event)
    versions = [SafetyReport(number=1, category="ORIGINAL", sent_at=at(sent))] if sent else []
    stored = SafetyCase(other_on=other[0], other_time=other[1], other_channel="FAX",
                        other_acknowledged_at=at(now) if acknowledged else None) if other else None  # fmt: skip
    return Case(record, patient, versions, stored, sponsor, now=at(now))


# ---- 24 hours ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "day", "time", "due", "at_latest"),
    [
        ("GR", "2026-11-20", "03:00", "2026-11-21 01:00", "2026-11-21 01:00"),  # Athens, winter: UTC+2
        ("GR", "2026-07-20", "03:00", "2026-07-21 00:00", "2026-07-21 00:00"),  # summer: UTC+3
        ("CH", "2026-11-20", "03:00", "2026-11-21 02:00", "2026-11-21 02:00"),
        ("ES", "2026-11-20", "03:00", "2026-11-21 03:00", "2026-11-21 03:00"),
        # The night of 24 to 25 October has an hour more: 24 hours end an hour earlier by the wall clock.
        ("GR", "2026-10-24", "12:00", "2026-10-25 09:00", "2026-10-25 09:00"),
        ("CH", "2026-10-24", "12:00", "2026-10-25 10:00", "2026-10-25 10:00"),
        ("CH", "2026-10-25", "02:30", "2026-10-26 00:30", "2026-10-26 01:30"),  # the hour comes twice: it may be either
        ("GR", "2026-10-25", "03:30", "2026-10-26 00:30", "2026-10-26 01:30"),
        # … and the night of 28 to 29 March an hour less.
        ("GR", "2026-03-28", "12:00", "2026-03-29 10:00", "2026-03-29 10:00"),
        ("CH", "2026-03-28", "12:00", "2026-03-29 11:00", "2026-03-29 11:00"),
        ("CH", "2026-03-29", "03:00", "2026-03-30 01:00", "2026-03-30 01:00"),
        # Nobody knows the time: from the first minute of the day, and certainly late only after its last.
        ("GR", "2026-11-20", "UNK", "2026-11-20 22:00", "2026-11-21 21:59"),
        ("CH", "2026-10-25", "UNK", "2026-10-25 22:00", "2026-10-26 22:59"),
        ("CH", "2026-03-29", "", "2026-03-29 23:00", "2026-03-30 21:59"),
        # No date: from the first save.
        ("GR", "", "03:00", "2026-11-21 12:00", "2026-11-21 12:00"),
    ],
)
def test_the_24_hours_of_a_site(country, day, time, due, at_latest):
    clock = case(country, aware_on=day, aware_time=time).clock
    assert (clock.due, clock.at_latest) == (at(due), at(at_latest))


@pytest.mark.parametrize(
    ("sent", "late"),
    [("2026-10-25 09:00", False), ("2026-10-25 09:00:01", True), ("2026-10-25 08:59", False), ("2026-10-25 10:00", True)],
)
def test_a_report_from_athens_over_the_night_with_25_hours(sent, late):
    """The desk in Zurich and the site in Athens look at one instant, whatever their clocks show."""
    found = case("GR", aware_on="2026-10-24", aware_time="12:00", sent=sent, now="2026-10-26 12:00")
    assert found.late is late
    assert found.clock_word[1] == ("Reported late" if late else "Reported in time")


@pytest.mark.parametrize(
    ("sent", "late"), [("2026-11-20 22:00", False), ("2026-11-20 22:01", None), ("2026-11-21 21:59", None), ("2026-11-21 22:00", True)]
)
def test_with_an_unknown_hour_of_awareness_only_what_is_certain_is_said(sent, late):
    found = case("GR", aware_on="2026-11-20", aware_time="UNK", sent=sent, now="2026-11-25 12:00")
    assert found.late is late


AWARE = {"aware_on": "2026-11-18", "aware_time": "10:00"}  # due 19 November 09:00 UTC in Paris


@pytest.mark.parametrize(
    ("sent", "other", "acknowledged", "late", "runs"),
    [
        (None, None, False, True, True),
        ("2026-11-20 09:00", None, False, True, False),
        ("2026-11-20 09:00", ("2026-11-19", "10:00"), False, True, False),  # nobody has confirmed it
        ("2026-11-20 09:00", ("2026-11-19", "10:00"), True, False, False),
        ("2026-11-20 09:00", ("2026-11-19", "10:01"), True, True, False),
        ("2026-11-20 09:00", ("2026-11-18", "UNK"), True, False, False),
        ("2026-11-20 09:00", ("2026-11-19", "UNK"), True, None, False),
        ("2026-11-19 08:00", ("2026-11-19", "23:00"), True, False, False),  # the earlier one counts
        (None, ("2026-11-19", "10:00"), False, True, True),
        (None, ("2026-11-19", "10:00"), True, False, False),
    ],
)
def test_a_first_report_by_other_means_counts_once_it_is_confirmed(sent, other, acknowledged, late, runs):
    found = case("FR", sent=sent, other=other, acknowledged=acknowledged, **AWARE)
    assert (found.late, found.runs) == (late, runs)
    assert found.is_waiting is (sent is None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20 * 3600, "report due in 20 h"), (3600, "report due in 1 h"), (3599, "report due in 59 min"), (0, "report due in 0 min"),
     (-1, "report 0 min late"), (-7200, "report 2 h late"), (-71.4 * 3600, "report 71 h late"), (-72 * 3600, "report 3 days late")],
)  # fmt: skip
def test_the_clock_in_words(seconds, words):
    now = at("2026-11-20 12:00")
    assert span_words(now + timedelta(seconds=seconds), now) == words


@pytest.mark.parametrize(
    ("changes", "reportable"), [({}, True), ({"serious": "N"}, False), ({"serious": ""}, False), ({"voided": True}, False)]
)
def test_what_is_reported(changes, reportable):
    found = case(**changes)
    assert (found.is_reportable, found.is_waiting) == (reportable, reportable)
    assert (found.clock is not None) is reportable


# ---- pregnancies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "begun", "reportable"),
    [
        (None, "2026-11-01", True),  # no dose: nothing says that it is not
        ("2026-11-01", "", True),
        ("2026-11-01", "2026-11-01", True),  # the last day is inside
        ("2026-11-01", "2026-11-02", False),
        ("2026-11-01", "2026-11", True),  # it may be
    ],
)
def test_a_pregnancy_is_reported_unless_it_certainly_began_later(until, begun, reportable):
    patient = Patient(number="X-1", site=Site(code="X", country="GR", time_zone="Europe/Athens"))
    record = Pregnancy(pk=1, patient=patient, row=1, learned_on="2026-11-19", learned_time="23:00", conceived_on=begun, first_saved_at=at("2026-11-20 08:00"))
    found = Case(record, patient, until=PartialDate.parse(until) if until else None, now=at("2026-11-20 12:00"))
    assert found.is_reportable is reportable
    assert found.dates == ()
    if reportable:
        assert found.clock.due == at("2026-11-20 21:00")
    record.learned_on = ""
    if reportable:
        assert found.clock.due == at("2026-11-21 08:00")  # from the first save


@pytest.mark.parametrize(("outcome", "final"), [("", False), ("LIVE BIRTH", True), ("UNKNOWN", True)])
def test_a_pregnancy_is_not_over_before_its_outcome(outcome, final):
    patient = Patient(number="X-1", site=Site(code="X", country="FR", time_zone="Europe/Paris"))
    assert Case(Pregnancy(pk=1, patient=patient, outcome=outcome), patient, died=True).outcome_is_final is final


@pytest.mark.parametrize(
    ("outcome", "died", "final"),
    [("", False, False), ("NOT RECOVERED/NOT RESOLVED", False, False), ("RECOVERING/RESOLVING", False, False), ("RECOVERED/RESOLVED", False, True),
     ("RECOVERED/RESOLVED WITH SEQUELAE", False, True), ("FATAL", False, True), ("UNKNOWN", False, True), ("NOT RECOVERED/NOT RESOLVED", True, True)],
)  # fmt: skip
def test_the_outcome_of_an_event_is_final(outcome, died, final):
    found = case(outcome=outcome)
    found.died = died
    assert found.outcome_is_final is final


# ---- authorities ------------------------------------------------------------------------------------------------------

UNEXPECTED = SponsorAssessment(causality="NOT YET ASSESSED", expectedness="UNEXPECTED")
NO = SponsorAssessment(causality="N", expectedness="UNEXPECTED")


def told(found: Case) -> list[tuple[str, str, str]]:
    return [(each.report, each.to, str(each)) for each in found.dates]


@pytest.mark.parametrize(
    ("relationship", "sponsor", "dates"),
    [
        ("", None, ["pending, earliest due 05-Dec-2026"]),
        ("Y", None, ["pending, earliest due 05-Dec-2026"]),  # no version of the reference safety information yet
        ("Y", SponsorAssessment(causality="N", expectedness="UNEXPECTED"), ["due 05-Dec-2026"]),  # the sponsor never downgrades
        ("N", SponsorAssessment(causality="Y", expectedness="UNEXPECTED"), ["due 05-Dec-2026"]),
        ("N", NO, []),
        ("N", None, ["pending, earliest due 05-Dec-2026"]),
        ("Y", SponsorAssessment(causality="Y", expectedness="EXPECTED"), []),
        ("Y", SponsorAssessment(causality="Y", expectedness=""), ["pending, earliest due 05-Dec-2026"]),
    ],
)
def test_a_date_for_authorities_only_of_what_is_or_may_be_a_susar(relationship, sponsor, dates):
    found = case("FR", relationship=relationship, sponsor=sponsor)
    assert [text for _, _, text in told(found)] == dates


@pytest.mark.parametrize(
    ("saved", "day"),
    [("2026-10-24 21:59", "08-Nov-2026"), ("2026-10-24 22:00", "09-Nov-2026"), ("2026-10-25 22:59", "09-Nov-2026"), ("2026-10-25 23:00", "10-Nov-2026")],
)
def test_day_0_is_the_sponsors_calendar_day(saved, day):
    """Midnight in Zurich: 22:00 UTC before the clock change, 23:00 after it; the site's Athens is an hour ahead and does not count."""
    found = case("GR", relationship="Y", sponsor=UNEXPECTED, saved=saved)
    assert told(found) == [("SUSAR, other", "EudraVigilance", f"due {day}")]


def test_a_first_report_by_telephone_before_the_first_save_is_day_0():
    found = case("FR", relationship="Y", sponsor=UNEXPECTED, other=("2026-11-18", "10:00"), acknowledged=True)
    assert told(found)[0][2] == "due 03-Dec-2026"
    found = case("FR", relationship="Y", sponsor=UNEXPECTED, other=("2026-11-18", "10:00"), acknowledged=False)
    assert told(found)[0][2] == "due 05-Dec-2026"


def test_a_fatal_susar_has_7_days_and_8_more_and_a_swiss_site_its_own():
    found = case("CH", relationship="Y", sponsor=UNEXPECTED, is_death="Y", aware_on="2026-11-19", aware_time="10:00")
    found.fatal_entered = at("2026-11-20 12:00")
    assert told(found) == [
        ("SUSAR, fatal or life-threatening", "EudraVigilance", "due 27-Nov-2026"), ("Follow-up to it", "EudraVigilance", "due 05-Dec-2026"),
        ("Fatal serious event", "ethics committee", "due 27-Nov-2026"), ("Fatal SUSAR", "ethics committee", "due 27-Nov-2026"),
        ("SUSAR, other", "ethics committee", "due 04-Dec-2026"),  # the site knew of the event a day before it was fatal
    ]  # fmt: skip
    assert all(each.source for each in found.dates)


def test_a_sponsor_who_finds_it_serious_makes_it_serious_and_never_the_other_way_round():
    assert case(sponsor=SponsorAssessment(serious="N", causality="Y", expectedness="UNEXPECTED"), relationship="Y").found.serious
    assert case(serious="N", sponsor=SponsorAssessment(serious="Y"), relationship="Y").found.serious
    assert not case(serious="N", relationship="Y").found.serious


@pytest.mark.parametrize(
    ("on", "now", "kind", "text"),
    [
        (None, "2026-12-05 12:00", "due", "due 05-Dec-2026"), (None, "2026-12-06 12:00", "overdue", "due 05-Dec-2026, overdue"),
        (date(2026, 12, 5), "2026-12-20 12:00", "ok", "reported 05-Dec-2026"), (date(2026, 12, 6), "2026-12-20 12:00", "warn", "reported 06-Dec-2026, late"),
    ],
)  # fmt: skip
def test_a_report_that_was_made_is_ticked_off(on, now, kind, text):
    found = case("FR", relationship="Y", sponsor=UNEXPECTED, now=now)
    if on:
        found.authority = [AuthorityReport(report="SUSAR, other", recipient="EudraVigilance", reported_on=on, reference="EV-1")]
    (only,) = found.regulatory
    assert (only.kind, only.text) == (kind, text)
    assert (found.next_regulatory is None) is bool(on)


def test_a_report_entered_by_mistake_is_due_again():
    found = case("FR", relationship="Y", sponsor=UNEXPECTED)
    found.authority = [AuthorityReport(report="SUSAR, other", recipient="EudraVigilance", reported_on=date(2026, 12, 1), withdrawn=True)]
    assert found.next_regulatory is not None
