"""Any form can be filled in from its declaration, and a story that wants what the screen refuses fails aloud."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from accounts.models import Site
from accounts.roles import Role
from audit import clock
from crf import entry, registry
from crf.fields import LinkField, OfferField, PartialDateField
from crf.forms import form_for
from demo import accounts, filler, laboratories
from demo.life import Impossible, Life
from protocol.codelists import DoseOccurrence

FORMS = [form.code for form in registry.forms()]
MOMENT = datetime(2026, 9, 9, 10, 30, tzinfo=UTC)
NEEDED = {"DM": {"birth_date": "1958-04"}}  # the country keeps the day out

pytestmark = pytest.mark.django_db


def filled(code: str, seed: int = 1, **answers):
    return filler.fill(registry.form(code), Random(seed), MOMENT, **{**NEEDED.get(code, {}), **answers})


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("code", FORMS)
def test_any_form_is_filled_in_so_that_its_page_accepts_it(world, code, seed):
    form = form_for(registry.form(code))(filled(code, seed), instance=registry.form(code)(), patient=world.patient())
    assert form.is_valid(), form.refusals()
    record = form.instance
    for name in record.required:
        asked = record.asks_if.get(name)
        if isinstance(record._meta.get_field(name), LinkField | OfferField):
            continue  # which record is meant only a story can say
        if (asked is None or asked.holds(getattr(record, asked.field))) and record.in_force(name):
            assert getattr(record, name) not in ("", None), name


def test_a_question_that_is_not_asked_stays_empty():
    posted = filled("EC", occurrence=DoseOccurrence.OMITTED.value)
    assert posted["dose_mg"] == posted["start_time"] == posted["given_on_2"] == ""
    posted = filled("EC", occurrence=DoseOccurrence.GIVEN.value)
    assert posted["dose_mg"] and posted["start_time"] == "10:30" and posted["given_on_2"] == "2026"


def test_a_value_with_a_reason_for_none_stays_empty():
    assert filled("ECOG", ecog_missing="NOT DONE")["ecog"] == ""


LAB = laboratories.LABORATORIES["FR03"][0].name


def test_results_are_printed_as_the_laboratory_does_and_its_range_gives_the_unit():
    posted = filled("COA", laboratory=LAB)
    assert "," in posted["inr"] and posted["inr_unit"] == posted["aptt_unit"] == ""
    assert posted["ptt"] == posted["ptt_unit"] == "", "not measured there"


def test_results_of_no_known_laboratory_come_with_their_unit():
    posted = filled("HEM")
    assert posted["hgb_unit"] == "g/L" and 100 < float(posted["hgb"]) < 200
    assert filled("HEM", hgb="")["hgb_unit"] == "" and filled("HEM", hgb_missing="NOT DONE")["hgb"] == ""


@pytest.mark.parametrize("code", ["SCLC", "PST", "OM", "CVH", "INF", "PR"])
def test_dates_of_what_has_happened_are_in_order_and_not_in_the_future(world, code):
    patient, model = world.patient(), registry.form(code)
    dates = [field for field in model._meta.concrete_fields if isinstance(field, PartialDateField) and field.past]
    assert any(field.after for field in dates) or code == "CVH"
    for seed in range(30):
        form = form_for(model)(filled(code, seed), instance=model(), patient=patient)
        assert form.is_valid(), form.refusals()
        for field in dates:
            value = getattr(form.instance, field.name)
            assert value <= MOMENT.date().isoformat()
            assert not (value and field.after) or value >= getattr(form.instance, field.after), (seed, field.name)


def test_a_date_that_follows_a_year_still_running_is_that_year():
    assert filled("PST", chemo_first_on="2026")["chemo_last_on_2"] == "2026"
    assert filled("PST", chemo_first_on=date(2026, 9, 9))["chemo_last_on_2"] == "2026"


def test_what_is_neither_required_nor_measured_stays_empty():
    posted = filled("SER", hbsag="NEGATIVE", hbcab="NEGATIVE", hcvab="NEGATIVE", hiv_status="NEGATIVE")
    unasked = ("hbv_dna", "hbv_dna_value", "hcv_rna_loq", "standard_of_care", "hiv_controlled")
    assert not any(posted[name] for name in unasked)


@pytest.mark.parametrize("seed", range(20))
def test_a_number_is_not_doubtful(seed):
    posted = filled("VS", seed)
    assert 30 < float(posted["temperature"]) < 43 and 25 < float(posted["weight"]) < 250
    assert 40 <= int(posted["oxygen_saturation"]) <= 100 and posted["height"]


@pytest.mark.parametrize(
    ("value", "parts"),
    [("2026-03-05", ["5", "Mar", "2026"]), (date(2026, 3, 5), ["5", "Mar", "2026"]), ("2026-03", ["UNK", "Mar", "2026"]),
     ("2026", ["UNK", "UNK", "2026"]), ("", ["", "", ""])],
)  # fmt: skip
def test_a_date_goes_into_three_boxes(value, parts):
    posted = filled("PD", progressed_on=value)
    assert [posted[f"progressed_on_{n}"] for n in range(3)] == parts


def test_several_codes_are_sent_as_a_list():
    assert filled("SF", criteria=["I3", "E13"])["criteria"] == ["I3", "E13"]
    assert filled("SF", criteria="I3; E13")["criteria"] == ["I3", "E13"]


def test_an_answer_to_a_question_that_does_not_exist_is_a_mistake():
    with pytest.raises(TypeError, match="EC has no doze"):
        filled("EC", doze="10")


def test_the_same_random_numbers_give_the_same_answers():
    assert filled("AE", 5) == filled("AE", 5)
    assert filled("AE", 5)["entry_token"] != filled("AE", 6)["entry_token"]


def test_a_stored_record_is_posted_as_its_page_shows_it(trial):
    record = registry.form("EC").objects.filter(occurrence="GIVEN").select_related("patient__site", "visit").first()
    at = entry.find(accounts.People().of(Role.COORDINATOR, record.patient.site.code), record.patient.number, "EC", record.slot)
    form = entry.bound(at, filler.again(entry.bound(at)))
    assert form.is_valid(), form.errors
    assert form.instance.changed() == {}


def life(until: datetime = MOMENT + timedelta(days=300)) -> Life:
    accounts.create(["FR03"])
    return Life(Site.objects.get(code="FR03"), date(2026, 9, 9), until, Random(1), accounts.People())


def carried_out(course, moment: datetime = MOMENT):
    """Run one course alone; its value."""
    while True:
        try:
            with clock.set_to(moment):
                moment = max(moment, next(course))
        except StopIteration as end:
            return end.value


def test_what_the_screen_refuses_stops_the_simulation(db):
    patient = life()
    with clock.set_to(MOMENT):
        patient.create()
    with pytest.raises(Impossible, match="SCR-009"):
        carried_out(patient.enter("ECOG", "SCR", assessed_on="2027-01-01"))
    with pytest.raises(Impossible, match="ECOG-RSORRES-codelist"):
        carried_out(patient.enter("ECOG", "SCR", ecog="9"))
    with pytest.raises(Impossible, match="DOS-001"):  # a deviation that nobody has confirmed
        carried_out(patient.enter("EC", "C1D1", occurrence="GIVEN", start_time="09:00", end_time="10:00", dose_mg="10"))
    assert not registry.form("ECOG").objects.filter(patient__number=patient.number).exists()


def test_a_change_of_a_submitted_record_needs_its_reason(db):
    patient = life()
    with clock.set_to(MOMENT):
        patient.create()
    carried_out(patient.enter("ECOG", "SCR", ecog="2"))
    with pytest.raises(Impossible, match="needs a reason"):
        carried_out(patient.change("ECOG", "SCR", "", ecog="1"))


def test_forms_are_entered_in_working_hours_unless_it_is_urgent(db):
    friday_evening = datetime(2026, 9, 11, 16, 30, tzinfo=UTC)  # half past six in Lyon
    patient = life()
    with clock.set_to(friday_evening):
        (monday,) = patient.after(10, 10)
        (at_once,) = patient.after(10, 10, urgent=True)
    assert (monday.date(), monday.hour) == (date(2026, 9, 14), 8)
    assert at_once - friday_evening < timedelta(minutes=12)
