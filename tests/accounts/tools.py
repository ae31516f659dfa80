"""What the tests of log-in and sessions share."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from django.db import connection
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import Change
from tests.conftest import PASSWORD


def log_in(username: str, password: str = PASSWORD, client: Client | None = None, **more):
    """Post the log-in page as a browser does; returns (client, response)."""
    client = client or Client()
    return client, client.post(reverse("login"), {"username": username, "password": password, **more})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def later(**delta):
    """The clock, so much later than now; nested calls add up."""
    return clock.set_to(clock.now() + timedelta(**delta))


def acts(username: str | None = None) -> list[tuple[str, str]]:
    """(who it is about, what) of every entry of the trail about access, oldest first."""
    found = Change.objects.filter(form="ACCESS").order_by("id")
    return list((found.filter(record=username) if username else found).values_list("record", "field"))


def hidden(response) -> dict[str, list[str]]:
    """Hidden inputs of a page, name → values in order."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode()):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


def action(response, form: str) -> str:
    """Where the form with this id goes."""
    tag = next(tag for tag in re.findall(r"<form[^>]*>", response.content.decode()) if f'id="{form}"' in tag)
    return unescape(re.search(r'action="([^"]*)"', tag)[1])


def everywhere(text: str) -> list[str]:
    """table.column of every place in the database that holds ``text``."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found += [f"{table}.{name}" for name, value in zip(names, row, strict=True) if text in str(value)]
    return found
