"""Rules for log-in and sessions. They are ours (21 CFR Part 11 §11.300(d), EMA 2023 guideline Annex 4 ask for such)."""

from datetime import timedelta

FAILURES = 5  # wrong passwords in a row …
LOCKED_FOR = timedelta(minutes=15)  # … lock the account for this long
IDLE = timedelta(minutes=30)  # without a request: log in again
# Activity is written at most this often, since a write takes SQLite's one write lock. The pause is counted from what was
# written: a session ends between 29 and 30 minutes after the last request, never later.
SEEN_EVERY = timedelta(minutes=1)
