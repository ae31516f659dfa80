"""Pregnancy and contraception: I9, E17 and E18, as the registry record words them."""

from __future__ import annotations

from collections.abc import Sequence

from protocol import parameters
from protocol.atoms import (
    FIRST_DOSE,
    Decision,
    Outcome,
    atom,
    days_from,
    latest,
    latest_with,
    met,
    missing,
    not_applicable,
    present,
    reference,
    slot_of,
    undetermined,
)
from protocol.codelists import PregnancyResult, Sex
from protocol.dates import Moment, PartialDate, Tri, before, both, earlier, either, negated, within_days_before
from protocol.facts import Clock, Demographics, Dose, Patient, moment
from protocol.first_dose import infusion_start
from protocol.screening_facts import Childbearing, PregnancyTest


def _latest(name: str, childbearings: tuple[Childbearing, ...], day: PartialDate) -> tuple[str, Childbearing | None]:
    """The last answer to a question up to a day, and its record: an unscheduled visit may ask again."""
    found = latest_with(name, childbearings, "assessed_on", day)
    return getattr(found, name) if found else "", found


def may_be_pregnant(
    demographics: Demographics | None, childbearings: tuple[Childbearing, ...], day: PartialDate
) -> Outcome | None:
    """None when the patient is of childbearing potential; else why the criterion does not apply, or what is missing."""
    sex = demographics.sex if demographics else ""
    if sex == Sex.MALE:
        return not_applicable("The patient is a man.", "DM.sex", demographics)
    if not sex:
        return missing("sex", "DM.sex", demographics, applies=None)
    answer, childbearing = _latest("potential", childbearings, day)
    if answer == "N":
        return not_applicable("Not of childbearing potential.", "RP.potential", childbearing)
    return None if answer == "Y" else missing("childbearing potential", "RP.potential", childbearing, applies=None)


# I9 ------------------------------------------------------------------------------------------------------------------------

_AT = "PT.result"


def _named(each: PregnancyTest) -> str:
    return f"{each.result.lower()} {each.specimen.lower() or 'pregnancy'} test {each.tested_on or '(date not entered)'}"


def _when(each: PregnancyTest, patient: Patient) -> Moment | None:
    return moment(each.tested_on, each.tested_time, patient)


def _until(tests: Sequence[PregnancyTest], end: Moment, patient: Patient) -> list[PregnancyTest]:
    """Tests with a result that are not certainly after a moment, in order of time as far as it is known."""
    fitting = [each for each in tests if each.result and earlier(end, _when(each, patient)) is not True]

    def order(each: PregnancyTest) -> tuple[str, str, int]:
        return each.tested_on.latest.isoformat() if each.tested_on else "", each.tested_time, each.row

    return sorted(fitting, key=order)


def _end_of(day: PartialDate, patient: Patient) -> Moment:
    whole = moment(day, "", patient)
    assert whole is not None  # a day has a moment
    return Moment.exactly(whole.last)


def _stands(each: PregnancyTest, tests: Sequence[PregnancyTest], patient: Patient) -> Tri:
    """Is it negative, with every test that is not negative before it? An indeterminate one may be either."""
    own: Tri = {PregnancyResult.NEGATIVE: True, PregnancyResult.POSITIVE: False}.get(PregnancyResult(each.result))
    others = []
    for other in tests:
        if other is each or other.result == PregnancyResult.NEGATIVE:
            continue
        earlier_one = earlier(_when(other, patient), _when(each, patient))
        others.append(earlier_one if other.result == PregnancyResult.POSITIVE else earlier_one or None)
    return both(own, *others)


def _one_test(one: PregnancyTest, other: PregnancyTest) -> Tri:
    """Are two entries one test, of one day and one time?"""
    if before(one.tested_on, other.tested_on) or before(other.tested_on, one.tested_on):
        return False
    days_known = all(each.tested_on and each.tested_on.known for each in (one, other))
    return one.tested_time == other.tested_time if days_known and one.tested_time and other.tested_time else None


def _answer(
    tests: Sequence[PregnancyTest], counts: Sequence[Tri], required: str, day: PartialDate, what: str
) -> Outcome:  # fmt: skip
    """The verdict from what each test counts for, with the test that decides."""
    holds = either(*counts)
    spoilt = [each for each in tests if each.result != PregnancyResult.NEGATIVE]
    if holds is not True and spoilt:
        undated = next((each for each in spoilt if each.tested_on is None), None)
        if undated:
            return missing(f"date of the {undated.result.lower()} pregnancy test", "PT.tested_on", undated)
        said = f"The last test is not negative: {_named(spoilt[-1])}."
        if holds is None:
            return undetermined(f"{said} Enter a later test, or the times of tests of one day; {required}.", _AT, spoilt[-1])
        return met(False, said if tests[-1] is spoilt[-1] else f"{_named(spoilt[-1]).capitalize()}; {required}.", _AT,
                   spoilt[-1])
    chosen = next((each for each, answer in reversed(list(zip(tests, counts, strict=True))) if answer is holds), tests[-1])
    since = f", {days_from(chosen.tested_on, day.earliest, what)}" if chosen.tested_on else ""
    return met(holds, f"{_named(chosen)[0].upper()}{_named(chosen)[1:]}{since}; {required}.", _AT, chosen)


def _for_enrolment(tests: Sequence[PregnancyTest], day: PartialDate, patient: Patient) -> list[Tri]:
    days = parameters.whole("pregnancy_test_before_enrolment_days")
    return [both(within_days_before(each.tested_on, day, days), _stands(each, tests, patient)) for each in tests]


@atom("I9", "a", "PT.result", "RP.potential")
def first_test(
    demographics: Demographics | None, childbearings: tuple[Childbearing, ...], tests: tuple[PregnancyTest, ...],
    patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Women of childbearing potential: a negative test within 5 weeks before enrolment and no later one that is not."""
    day = reference(patient, clock)
    beside = may_be_pregnant(demographics, childbearings, day)
    if beside is not None:
        return beside
    known = _until(tests, _end_of(day, patient), patient)
    if not known:
        return missing("pregnancy test", _AT)
    required = f"required: within {parameters.whole('pregnancy_test_before_enrolment_days')} days before enrolment"
    what = "registration" if patient.enrolled_on else "this check"
    return _answer(known, _for_enrolment(known, day, patient), required, day, what)


@atom("I9", "b", "PT.result", "RP.potential", gate=FIRST_DOSE)
def second_test(
    demographics: Demographics | None, childbearings: tuple[Childbearing, ...], tests: tuple[PregnancyTest, ...],
    doses: tuple[Dose, ...], patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Women of childbearing potential: a second, negative test within 3 days before the first dose, before the infusion."""
    start, day, what = infusion_start(doses, patient, clock)
    beside = may_be_pregnant(demographics, childbearings, day)
    if beside is not None:
        return beside
    days = parameters.whole("pregnancy_test_before_first_dose_days")
    known = _until(tests, start, patient)
    if not known:
        return missing("second pregnancy test", _AT)
    enrolled = reference(patient, clock)
    of_enrolment = _until(tests, _end_of(enrolled, patient), patient)
    of_first = zip(of_enrolment, _for_enrolment(of_enrolment, enrolled, patient), strict=True)
    first = [each for each, counts in of_first if counts is not False]
    counts = [
        both(
            within_days_before(each.tested_on, day, days), earlier(_when(each, patient), start),
            _stands(each, known, patient),
            either(*(negated(_one_test(other, each)) for other in first)) if first else True,
        )
        for each in known
    ]  # fmt: skip
    required = f"required: a second test within {days} days before the first dose"
    if either(*counts) is False and len(known) == 1 and known[0].result == PregnancyResult.NEGATIVE:
        return met(False, f"There is one test only ({_named(known[0])}); {required}.", _AT, known[0])
    return _answer(known, counts, required, day, what)


# E17, E18 ------------------------------------------------------------------------------------------------------------------


@atom("E17", "a", "RP.pregnant", "RP.breastfeeding")
def pregnant(
    demographics: Demographics | None, childbearings: tuple[Childbearing, ...], tests: tuple[PregnancyTest, ...],
    patient: Patient, clock: Clock,
) -> Outcome:  # fmt: skip
    """Pregnant or breast-feeding."""
    sex = demographics.sex if demographics else ""
    if sex == Sex.MALE:
        return not_applicable("The patient is a man.", "DM.sex", demographics)
    if not sex:
        return missing("sex", "DM.sex", demographics, applies=None)
    applies = True if sex == Sex.FEMALE else None
    day = reference(patient, clock)
    answers = {name: _latest(name, childbearings, day) for name in ("pregnant", "breastfeeding")}
    for name, words in (("pregnant", "Pregnant"), ("breastfeeding", "Breast-feeding")):
        if answers[name][0] == "Y":
            return present(True, f"{words}.", f"RP.{name}", answers[name][1])
    for name, words in (("pregnant", "is pregnant"), ("breastfeeding", "is breast-feeding")):
        if not answers[name][0]:
            return missing(f"whether the patient {words}", f"RP.{name}", answers[name][1], applies=applies)
    childbearing = answers["pregnant"][1]
    last = latest([each for each in tests if each.result], "tested_on", day)
    if last is not None and last.result == PregnancyResult.POSITIVE:
        said = f"Entered as not pregnant, and the last test is positive ({last.tested_on}). Correct the one that is wrong."
        return undetermined(said, "RP.pregnant", childbearing)
    return present(False, "Neither pregnant nor breast-feeding.", "RP.pregnant", childbearing)


@atom("E18", "a", "RP.willing", "RP.sexually_active")
def no_contraception(
    demographics: Demographics | None, childbearings: tuple[Childbearing, ...], patient: Patient, clock: Clock
) -> Outcome:
    """A sexually active man or woman of childbearing potential who is not willing to use effective contraception."""
    day = reference(patient, clock)
    if demographics is None or demographics.sex != Sex.MALE:
        beside = may_be_pregnant(demographics, childbearings, day)
        if beside is not None:
            return beside
    active, childbearing = _latest("sexually_active", childbearings, day)
    if active == "N":
        return not_applicable("Not sexually active.", "RP.sexually_active", childbearing)
    willing = childbearing.willing if childbearing else ""
    if not active or not willing:
        name = "willing" if active else "sexually_active"
        what = "willingness to use contraception" if active else "whether the patient is sexually active"
        return missing(what, f"RP.{name}", childbearing, applies=True if active else None)
    word = "Not willing" if willing == "N" else "Willing"
    days = parameters.whole("contraception_days")
    said = f"{word} to use effective contraception until {days} days after the last dose."
    return Outcome(Decision.PRESENT if willing == "N" else Decision.ABSENT, said, "RP.willing", slot_of(childbearing))
