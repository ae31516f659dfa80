"""Settings of the tests and of the benchmark: settings.py with a throw-away database and without what would only cost time.

TEST_DATABASE_URL  the server to test on; Django makes and drops the database `test_NAME` there. Without it: a new SQLite file.
TEST_DATABASE_NAME for a process that a test starts (a race, a command): the database of the running test, that is
                   `connection.settings_dict["NAME"]`. Everything else such a process needs it inherits.
"""

import atexit
import os
import shutil
import tempfile
from urllib.parse import quote

_url = os.environ.get("TEST_DATABASE_URL")
_name = os.environ.get("TEST_DATABASE_NAME")
if not _url:
    if _name is None:
        # A file, not memory: only a file has a WAL and can be opened by the processes that race each other.
        _directory = tempfile.mkdtemp(prefix="etop-crf-test-")
        _owner = os.getpid()
        atexit.register(lambda: os.getpid() == _owner and shutil.rmtree(_directory, ignore_errors=True))
        _name = os.path.join(_directory, "test.sqlite3")
    _url = "sqlite:///" + quote(_name.replace(os.sep, "/"))

os.environ["DATABASE_URL"] = _url
os.environ["SECRET_KEY"] = "only-for-tests-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
os.environ["ETOP_CRF_INSECURE_HTTP"] = "1"  # the test client and the browser speak plain HTTP
os.environ.pop("ALLOWED_HOSTS", None)

from etop_crf.settings import *  # noqa: E402, F403
from etop_crf.settings import DATABASES  # noqa: E402

PRODUCTION = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]

_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = 0  # an idle connection would keep the test database from being dropped
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"  # no fsync: a test may lose power
    _database["TEST"] = {"NAME": _database["NAME"]}
elif _name:
    _database["NAME"] = _name

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # look a file up when it is asked for: each test client would read all of them anew
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
