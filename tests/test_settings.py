"""settings.py and middleware.py: what they refuse, and what production cannot be started without."""

import json
import logging
import logging.config
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as active
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.module_loading import import_string

import run
from etop_crf import settings
from etop_crf.middleware import POLICY, ContentSecurityPolicy

pytestmark = pytest.mark.nodb

ROOT = Path(settings.__file__).resolve().parent.parent


# --- DATABASE_URL --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:////var/lib/etop/crf.sqlite3", "/var/lib/etop/crf.sqlite3"),
        ("sqlite:////tmp/with%20blank%3F.sqlite3", "/tmp/with blank?.sqlite3"),  # noqa: S108
        ("sqlite:///demo.sqlite3", str(ROOT / "demo.sqlite3")),
    ],
)
def test_sqlite_urls(url, name):
    found = settings.database(url)
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", name)
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]
    assert not found.get("ATOMIC_REQUESTS")


def test_what_run_py_writes_is_what_settings_reads(tmp_path):
    path = tmp_path / "a b%20c#d?e.sqlite3"
    assert settings.database(run.sqlite_url(path))["NAME"] == str(path)


def test_postgresql_url_with_everything():
    found = settings.database("postgres://cr%40f:p%2Fw%3A1@db.example.org:5433/trial?sslmode=verify-full&connect_timeout=3")
    assert {key: found[key] for key in ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "NAME", "OPTIONS")} == {
        "ENGINE": "django.db.backends.postgresql",
        "USER": "cr@f",
        "PASSWORD": "p/w:1",
        "HOST": "db.example.org",
        "PORT": "5433",
        "NAME": "trial",
        "OPTIONS": {"sslmode": "verify-full", "connect_timeout": "3"},
    }
    assert not found.get("ATOMIC_REQUESTS")


def test_postgresql_url_over_a_socket():
    found = settings.database("postgresql:///trial?host=/run/PostgreSQL")
    assert (found["HOST"], found["PORT"], found["USER"], found["OPTIONS"]["host"]) == ("", "", "", "/run/PostgreSQL")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:s3cret@host/db",
        "postgres://u:s3cret@host",
        "postgres://u:s3cret@host/",
        "postgres://u:s3cret@host/db/table",
        "postgres://u:s3cret@host:port/db",
        "postgres://u:s3cret@host/db?sslmode",
        "postgres://u:s3cret@[host/db",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/file.sqlite3",
        "/tmp/file.sqlite3",  # noqa: S108
        "rubbish",
    ],
)
def test_any_other_url_is_refused_without_repeating_it(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refusal:
        settings.database(url)
    assert "s3cret" not in str(refusal.value)


# --- the key: demo or production -------------------------------------------------------------------------------------------------

KEY = "k" * 64


@pytest.mark.parametrize("name", ["demo.sqlite3", "demo.sqlite3.part"])
def test_the_demo_reads_its_key_from_the_file_beside_it(tmp_path, name):
    (tmp_path / ".demo-secret").write_text(KEY + "\n")
    db = settings.database(run.sqlite_url(tmp_path / name))
    assert settings.secret_key({}, db, tmp_path) == (KEY, False)
    assert settings.secret_key({"SECRET_KEY": "from outside"}, db, tmp_path) == ("from outside", True)


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_the_demo_without_a_key_does_not_start(tmp_path, content):
    if content is not None:
        (tmp_path / ".demo-secret").write_text(content)
    with pytest.raises(ImproperlyConfigured, match="Set SECRET_KEY"):
        settings.secret_key({}, settings.database(run.sqlite_url(tmp_path / "demo.sqlite3")), tmp_path)


@pytest.mark.parametrize("url", ["postgres://crf@127.0.0.1/trial", "sqlite:////var/lib/etop/crf.sqlite3", "sqlite:///sub/crf.sqlite3"])
@pytest.mark.parametrize("environ", [{}, {"SECRET_KEY": ""}])
def test_no_other_database_is_served_with_the_key_of_the_demo(tmp_path, url, environ):
    (tmp_path / ".demo-secret").write_text(KEY)
    with pytest.raises(ImproperlyConfigured, match="Set SECRET_KEY"):
        settings.secret_key(environ, settings.database(url), tmp_path)


SHOWN = """SECRET_KEY PRODUCTION DEBUG ALLOWED_HOSTS SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE
WHITENOISE_USE_FINDERS STORAGES SESSION_COOKIE_HTTPONLY SESSION_EXPIRE_AT_BROWSER_CLOSE USE_TZ TIME_ZONE EMAIL_BACKEND MIDDLEWARE""".split()


def start(**env):
    """The settings as a process of its own sees them: (exit status, stderr, values)."""
    code = f"import json; from etop_crf import settings as s; print(json.dumps({{n: getattr(s, n) for n in {SHOWN!r}}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=run.environment(os.environ) | env, capture_output=True, text=True)
    return done.returncode, done.stderr, json.loads(done.stdout) if done.stdout else None


def test_production_does_not_start_without_a_key():
    status, error, _ = start(DATABASE_URL="postgres://crf@127.0.0.1/trial")
    assert status != 0
    assert error.strip().splitlines()[-1].startswith("django.core.exceptions.ImproperlyConfigured: Set SECRET_KEY")


def test_production_speaks_https_only_and_debug_is_never_on():
    status, error, values = start(DATABASE_URL="postgres://crf@127.0.0.1/trial", SECRET_KEY=KEY, ALLOWED_HOSTS="a.example, b.example", DEBUG="1")
    assert status == 0, error
    assert values["SECRET_KEY"] == KEY
    assert values["PRODUCTION"] is True
    assert values["DEBUG"] is False
    assert values["ALLOWED_HOSTS"] == ["a.example", "b.example"]
    assert values["SECURE_SSL_REDIRECT"] and values["SESSION_COOKIE_SECURE"] and values["CSRF_COOKIE_SECURE"]
    assert values["SECURE_HSTS_SECONDS"] >= 31536000
    assert values["WHITENOISE_USE_FINDERS"] is False
    assert "Manifest" in values["STORAGES"]["staticfiles"]["BACKEND"]
    assert values["EMAIL_BACKEND"].endswith("smtp.EmailBackend")


def test_production_answers_to_no_host_by_default():
    assert start(DATABASE_URL="sqlite:////var/lib/crf.sqlite3", SECRET_KEY=KEY)[2]["ALLOWED_HOSTS"] == []


@pytest.mark.parametrize(("value", "secure"), [("1", False), ("0", True), ("", True), ("yes", True)])
def test_plain_http_only_when_asked_for(value, secure):
    values = start(DATABASE_URL="postgres://crf@127.0.0.1/trial", SECRET_KEY=KEY, ETOP_CRF_INSECURE_HTTP=value)[2]
    found = [values[name] for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")]
    assert found == [secure] * 3
    assert values["DEBUG"] is False


# --- what holds everywhere -------------------------------------------------------------------------------------------------------


def test_the_order_of_the_middleware():
    order = {name.rsplit(".", 1)[1]: place for place, name in enumerate(active.MIDDLEWARE)}
    assert order["RequestId"] == 0
    assert order["ContentSecurityPolicy"] < order["SecurityMiddleware"] < order["WhiteNoiseMiddleware"] < order["SessionMiddleware"]
    assert order["CsrfViewMiddleware"] < order["AuthenticationMiddleware"] < order["LoginRequired"] < order["IdleTimeout"]
    assert issubclass(import_string("accounts.middleware.LoginRequired"), LoginRequiredMiddleware), "deny by default"
    assert "HistoryRequestMiddleware" not in order


def test_names_and_values_that_the_design_promises():
    assert active.DATABASES["default"].get("ATOMIC_REQUESTS", False) is False
    assert (active.USE_TZ, active.TIME_ZONE) == (True, "UTC")
    assert active.SESSION_COOKIE_HTTPONLY and active.SESSION_EXPIRE_AT_BROWSER_CLOSE and active.SESSION_COOKIE_SAMESITE == "Lax"
    assert active.SIMPLE_HISTORY_REVERT_DISABLED is True
    assert {"min_length": 12} in [validator.get("OPTIONS") for validator in active.AUTH_PASSWORD_VALIDATORS]


def test_the_tests_run_on_a_file_or_on_the_server_that_was_named():
    db = active.DATABASES["default"]
    if os.environ.get("TEST_DATABASE_URL"):
        assert db["ENGINE"] == "django.db.backends.postgresql"
    else:
        assert Path(db["TEST"]["NAME"]).is_absolute() and ROOT not in Path(db["TEST"]["NAME"]).parents


def response(**headers):
    return ContentSecurityPolicy(lambda request: HttpResponse("", headers=headers))(RequestFactory().get("/"))


def test_every_response_carries_the_policy():
    assert response()["Content-Security-Policy"] == POLICY
    assert response(**{"Content-Security-Policy": "default-src *"})["Content-Security-Policy"] == POLICY
    assert "camera=()" in response()["Permissions-Policy"]


@pytest.mark.parametrize("weak", ["unsafe-inline", "unsafe-eval", "*", "http:", "https:"])
def test_the_policy_has_no_hole(weak):
    assert weak not in POLICY
    for directive in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'", "object-src 'none'"):
        assert directive in POLICY.split("; ")


def test_pages_are_kept_in_no_cache_and_static_files_are():
    assert response()["Cache-Control"] == "no-store"
    assert response(**{"Cache-Control": "max-age=60, public"})["Cache-Control"] == "max-age=60, public"


def static_names():
    """Every file that a template names with {% static %}, with the template."""
    for template in sorted(ROOT.glob("templates/**/*.html")) + sorted(ROOT.glob("*/templates/**/*.html")):
        for name in re.findall(r"""\{%-?\s*static\s+["']([^"']+)["']""", template.read_text(encoding="utf-8")):
            yield template.relative_to(ROOT).as_posix(), name


def test_every_static_file_that_a_template_names_exists():
    """In production a missing one is an error on every page that names it, the error page too; in the demo nobody would notice."""
    named = list(static_names())
    assert named, "no template names a static file: has {% static %} been spelled another way?"
    assert [pair for pair in named if not finders.find(pair[1])] == []


def test_the_log_mails_nothing():
    handlers = {name for logger in [active.LOGGING["root"], *active.LOGGING["loggers"].values()] for name in logger["handlers"]}
    assert handlers == {"stderr"}


def logged(raiser):
    """What the site's formatter writes when `raiser` fails."""
    try:
        raiser()
    except Exception:
        record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s", ("/x/",), sys.exc_info())
    return logging.config.DictConfigurator({}).configure_formatter(dict(active.LOGGING["formatters"]["line"])).format(record)


def fail_in_the_database():
    try:
        raise IntegrityError("Failing row contains (JANE DOE, 1956)")
    except IntegrityError as error:
        raise ValueError("JANE DOE") from error


def test_a_logged_error_says_where_and_not_what():
    text = logged(fail_in_the_database)
    assert "Internal Server Error: /x/" in text
    assert "IntegrityError (message left out)" in text and "ValueError (message left out)" in text
    assert text.index("IntegrityError (") < text.index("ValueError (")
    assert "in fail_in_the_database" in text
    assert "JANE" not in re.sub(r"^ .*", "", text, flags=re.MULTILINE), "only the lines of source code, which this test wrote, may hold it"


def test_an_error_of_the_program_keeps_its_message():
    assert "AttributeError: 'int' object has no attribute 'patient'" in logged(lambda: (1).patient)
