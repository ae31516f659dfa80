"""Builds a simulated trial in a migrated database and prints all that it wrote: ``dump.py PATIENTS SEED UNTIL``."""

import json
import sys
from datetime import UTC, datetime

import django

django.setup()

from audit.models import Change, audited_models  # noqa: E402
from demo.build import build  # noqa: E402

build(patients=int(sys.argv[1]), seed=int(sys.argv[2]), until=datetime.fromisoformat(sys.argv[3]).replace(tzinfo=UTC))

rows = {}
for model in audited_models():
    names = [f.attname for f in model._meta.concrete_fields if f.name != "password"]
    rows[model.trail_code] = [list(map(str, row)) for row in model.objects.order_by("pk").values_list(*names)]
names = ("form", "record", "version", "field", "old", "new", "at", "actor", "change_set__reason", "change_set__source")
rows["trail"] = [list(map(str, row)) for row in Change.objects.order_by("id").values_list(*names)]
json.dump(rows, sys.stdout)
