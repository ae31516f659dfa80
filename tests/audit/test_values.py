"""The canonical text of a value is the same before it is stored and after, for every type, on both databases."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.test.utils import isolate_apps

from audit.models import Change, audited_models
from audit.values import canonical, snapshot
from audit.write import save_all
from tests.audit.build import NOON, a_consent, a_visit, acts, change, check_audit, one_of_each

PLUS_2 = timezone(timedelta(hours=2))
LONG = "Ω≈ç√∫ Ελληνικά 漢字 🫁 e\u0301 \u2028\r\n\t'\"\\ % %s {} " * 400

# field, value as assigned, canonical text
VALUES = [
    ("decimal", Decimal("1.5"), "1.500"), ("decimal", Decimal("-0.000"), "0.000"), ("decimal", Decimal("-0.0004"), "0.000"),
    ("decimal", "12.3456", "12.346"), ("decimal", 7, "7.000"), ("decimal", Decimal("1E+3"), "1000.000"),
    ("decimal", Decimal("99999.999"), "99999.999"), ("decimal", Decimal("-99999.999"), "-99999.999"), ("decimal", 0.1, "0.100"),
    ("decimal", Decimal("2.0005"), "2.000"), ("decimal", Decimal("2.0015"), "2.002"), ("decimal", None, None),
    ("tiny", Decimal("0.0000000"), "0.0000000"), ("tiny", Decimal("0.0000001"), "0.0000001"),
    ("moment", datetime(2026, 3, 29, 3, 0, 0, 1, tzinfo=PLUS_2), "2026-03-29T01:00:00.000001+00:00"),
    ("moment", datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "2026-12-31T23:59:59.999999+00:00"),
    ("moment", NOON.replace(microsecond=0), "2026-06-10T12:00:00.000000+00:00"), ("moment", None, None),
    ("moment", "2026-06-10T12:00:00+02:00", "2026-06-10T10:00:00.000000+00:00"),
    ("day", date(2024, 2, 29), "2024-02-29"), ("day", "2024-02-29", "2024-02-29"), ("day", None, None),
    ("hour", time(7, 5), "07:05:00"), ("hour", time(23, 59, 59, 999999), "23:59:59.999999"), ("hour", "07:05", "07:05:00"),
    ("yes", True, "Y"), ("yes", False, "N"), ("yes", None, None), ("yes", 1, "Y"), ("yes", "0", "N"),
    ("text", "", None), ("text", " ", " "), ("text", "0", "0"), ("text", "None", "None"), ("text", LONG, LONG),
    ("text", "a\r\nb\nc\rd", "a\r\nb\nc\rd"), ("maybe", None, None), ("maybe", "", None), ("maybe", "Ἀθῆναι", "Ἀθῆναι"),
    ("whole", 0, "0"), ("whole", "12", "12"), ("whole", 2**62, str(2**62)), ("whole", -1, "-1"), ("whole", True, "1"),
    ("float", 0.1, "0.1"), ("float", 1e300, "1e+300"), ("float", 3, "3.0"),
    ("key", uuid.UUID(int=7), str(uuid.UUID(int=7))), ("key", uuid.UUID(int=7).hex, str(uuid.UUID(int=7))), ("key", None, None),
]  # fmt: skip


@pytest.mark.commits
@isolate_apps()
def test_every_type_comes_back_as_it_went_in(transactional_db):
    class Specimen(models.Model):
        decimal = models.DecimalField(max_digits=8, decimal_places=3, null=True)
        tiny = models.DecimalField(max_digits=12, decimal_places=7, null=True)
        moment = models.DateTimeField(null=True)
        day = models.DateField(null=True)
        hour = models.TimeField(null=True)
        yes = models.BooleanField(null=True)
        text = models.TextField(default="")
        maybe = models.TextField(null=True)  # noqa: DJ001
        whole = models.BigIntegerField(null=True)
        float = models.FloatField(null=True)
        key = models.UUIDField(null=True)

        class Meta:
            app_label = "audit"
            db_table = "audit_test_specimen"

    with connection.schema_editor() as editor:
        editor.create_model(Specimen)
    try:
        for name, value, text in VALUES:
            field = Specimen._meta.get_field(name)
            assert canonical(field, value) == text, (name, value)
            # An audited model rounds before it stores, see below.
            made = Specimen.objects.create(**{name: Decimal(text) if name == "decimal" and text else value})
            stored = Specimen.objects.get(pk=made.pk)
            assert snapshot(stored, [field]) == snapshot(made, [field]) == {name: text}, (name, value)
            if text is not None and name != "yes":
                assert canonical(field, text) == text, (name, value)
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Specimen)


@pytest.mark.parametrize(
    "field, value",
    [(models.IntegerField(), "1O"), (models.DateField(), "2026-02-30"), (models.BooleanField(), "maybe"),
     (models.DecimalField(max_digits=5, decimal_places=2), "1,5"), (models.UUIDField(), "7")],
)  # fmt: skip
def test_what_is_no_value_of_the_field_is_refused(field, value):
    with pytest.raises(ValidationError):
        canonical(field, value)


def test_every_field_of_every_model_comes_back(db):
    """Old and new in the trail are what the database gives back."""
    for name, record in one_of_each().items():
        again = type(record).objects.get(pk=record.pk)
        assert not again.changed(), name
        assert snapshot(again, again.audited_fields()) == snapshot(record, record.audited_fields())
        trail = {c.field: c.new for c in Change.objects.filter(form=record.trail_code, record=str(record.pk))}
        filled = {k: v for k, v in snapshot(again, again.audited_fields()).items() if v is not None}
        assert trail == filled, name
        assert not set(trail) & {"version", "changed_at", "id", *record.unaudited}
    connection.check_constraints()
    assert check_audit() == []
    assert len(audited_models()) > 15


@pytest.mark.parametrize("typed, stored", [("2.005", "2.00"), ("2.015", "2.02"), ("-0.001", "0.00"), (2.675, "2.68"), ("7", "7.00")])
def test_a_number_with_too_many_places_is_rounded_alike(db, typed, stored):
    """Half to even, on both databases: in the row, in history and in the trail."""
    from dosing.models import Administration

    visit = a_visit(code="C1D1")
    value = typed if isinstance(typed, float) else Decimal(typed)
    with acts():
        one = Administration(patient=visit.patient, visit=visit, dose_mg=value)
        one.save()
        other = Administration(patient=visit.patient, voided=True, dose_mg=value)
        save_all([other])
        other.dose_mg = value + type(value)(1)
        save_all([other])
    again = Administration.objects.get(pk=one.pk)
    line = Change.objects.get(form="EC", field="dose_mg", record=str(one.pk))
    assert (str(again.dose_mg), str(one.dose_mg), line.new, str(one.history.get().dose_mg)) == (stored,) * 4
    assert not again.changed()
    connection.check_constraints()
    assert check_audit() == []


def test_difficult_text_goes_through_row_history_and_trail(db):
    consent = a_consent(a_visit(), void_reason=LONG, paper_number="Nr. 7 / Ω\r\nπ")
    change(consent, LONG, void_reason="", paper_number=" ")
    change(consent, "\u202eright to left", void_reason=LONG[::-1])
    lines = Change.objects.filter(form="IC", field="void_reason").order_by("id").values_list("old", "new")
    assert list(lines) == [(None, LONG), (LONG, None), (None, LONG[::-1])]
    assert consent.history.earliest().void_reason == LONG
    assert consent.history.all()[1].history_change_reason == LONG.strip()
    connection.check_constraints()
    assert check_audit() == []
