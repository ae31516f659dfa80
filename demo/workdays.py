"""When people at the sites work: on weekdays that are no holiday, from eight to six."""

from __future__ import annotations

from datetime import date, time, timedelta

OPENS, CLOSES = time(8, 0), time(18, 0)  # when forms are entered, on the site's clock
# Fixed holidays (month, day) of most of the five countries: no infusion is given and no form entered.
HOLIDAYS = {(1, 1), (5, 1), (8, 15), (12, 25), (12, 26)}


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS


def working_day(day: date) -> date:
    """That day, or the first one after it on which people work."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def last_working_day(day: date) -> date:
    """That day, or the last one before it on which people work."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
