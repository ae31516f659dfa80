"""One settings file for the demo and for production; what differs is read from the environment.

Demo        the database is a SQLite file in the repository's root and the key is `.demo-secret` beside it (run.py makes both).
Production  everything else. It starts only with SECRET_KEY and speaks only HTTPS.
Tests       etop_crf/settings_test.py, which changes this file's values where a test needs it.

Environment: DATABASE_URL, SECRET_KEY, ALLOWED_HOSTS, SITE_URL, CSRF_TRUSTED_ORIGINS, STATIC_ROOT, EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER,
EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, DEFAULT_FROM_EMAIL, LOG_LEVEL, ETOP_CRF_INSECURE_HTTP.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def words(name: str, default: str = "") -> list[str]:
    """The comma-separated words of an environment variable."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


# --- Database ----------------------------------------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    """Django's description of the database behind `sqlite:////absolute/path` or `postgres://user:password@host:port/name?option=value`.

    Raises ImproperlyConfigured; its message never repeats the URL, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        port, options = parts.port, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise ImproperlyConfigured("DATABASE_URL cannot be read: its port or its options are malformed.") from error
    name = unquote(parts.path[1:])
    # A connection that is opened once a minute, not once a request: 1.6 times the requests on SQLite, 2 times on PostgreSQL.
    common = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "NAME": name}
    if name and parts.scheme == "sqlite" and not parts.netloc:
        return common | {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(BASE_DIR / name),
            "OPTIONS": {
                # A transaction takes the write lock when it begins; with the default it takes it at the first write, and two
                # that both read first are refused at once ("database is locked"), however long the time-out. For the same
                # reason there is no ATOMIC_REQUESTS: with it every GET would wait for the write lock.
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                # WAL: readers and the writer do not wait for each other. FULL: a committed visit survives a power cut.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    if name and "/" not in name and parts.scheme in {"postgres", "postgresql"}:
        return common | {
            "ENGINE": "django.db.backends.postgresql",
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),  # a socket directory is given as an option: postgres:///name?host=/run/postgresql
            "PORT": str(port or ""),
            "OPTIONS": {"connect_timeout": "10"} | options,
        }
    raise ImproperlyConfigured("DATABASE_URL must be sqlite:////absolute/path or postgres://user:password@host:port/name.")


DATABASES = {"default": database(os.environ.get("DATABASE_URL") or "sqlite:///demo.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Demo or production, and the key -----------------------------------------------------------------------------------------


def secret_key(environ: Mapping[str, str], db: Mapping[str, Any], root: Path) -> tuple[str, bool]:
    """The key that signs sessions, and whether this is production: anything but a SQLite file in `root` without SECRET_KEY.

    The demo's key stands in a file, so that plain `manage.py` works after `run.py demo`; it is never used for another database.
    """
    if key := environ.get("SECRET_KEY"):
        return key, True
    demo_key = root / ".demo-secret"
    if db["ENGINE"].endswith("sqlite3") and Path(db["NAME"]).resolve().parent == root and demo_key.is_file():
        if key := demo_key.read_text(encoding="utf-8").strip():
            return key, False
    raise ImproperlyConfigured("Set SECRET_KEY to a long random text (for the demo, run 'python3 run.py demo': it makes its own key).")


SECRET_KEY, PRODUCTION = secret_key(os.environ, DATABASES["default"], BASE_DIR)

# Never on, in the demo neither: its error pages show local variables, which here are patients' data.
DEBUG = False

# --- Applications ------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "etop_crf.apps.AdminConfig",  # django.contrib.admin with our admin site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",  # whitenoise serves the static files under runserver too, as in production
    "django.contrib.staticfiles",
    "django.forms",  # Django's own widget templates, since FORM_RENDERER looks for ours and its own in one place
    "crispy_forms",
    "crispy_bootstrap5",
    "simple_history",  # for its templates; its request middleware is not installed, see MIDDLEWARE
    # Ours, each may import only what stands before it (tests/test_architecture.py). protocol/ is no app: it has no database.
    "audit",
    "accounts",
    "patients",
    "review",
    "crf",
    "screening",
    "dosing",
    "adverse_events",
    "assessments",
    "follow_up",
    "exports",
    "demo",
    "etop_crf.apps.EtopCrfConfig",  # named in full, since etop_crf.apps holds two configurations
]

MIDDLEWARE = [
    "audit.middleware.RequestId",  # first: every log line and every trail entry can name the request
    "etop_crf.middleware.ContentSecurityPolicy",  # before anything that may answer by itself, so that no response goes without
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginRequired",  # deny by default (Django's own, extended): a view is open only if it says so
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.IdleTimeout",
    # Not here: simple_history.middleware.HistoryRequestMiddleware. The history's user comes from audit.acting(), which refuses
    # a write without an actor; the middleware would write NULL for every command.
]

# Column comments (the data dictionary inside PostgreSQL) have no place in SQLite; they are in docs/forms.md too.
SILENCED_SYSTEM_CHECKS = ["fields.W163"]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

ROOT_URLCONF = "etop_crf.urls"
WSGI_APPLICATION = "etop_crf.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "etop_crf.context.frame",
            ],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False  # a question that cannot be drawn is an error, not a gap in the form

# --- Accounts ----------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- History -----------------------------------------------------------------------------------------------------------------

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True  # a reason is a sentence, 100 characters would cut it
SIMPLE_HISTORY_DATE_INDEX = "composite"  # (history_date, id): what every as-of read asks for
SIMPLE_HISTORY_REVERT_DISABLED = True  # a correction is a new entry with a reason, never a click in the admin
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = True  # without it whoever may see a record may see its history

# --- Sessions, cookies, transport --------------------------------------------------------------------------------------------

# Sessions stay in the database (the default), so that any number of web processes serve one user.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 60 * 60  # the longest shift; accounts.middleware.IdleTimeout ends an unattended one much sooner
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "etop_crf.stale.refused"  # what was typed is shown again, and sent once it is confirmed
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# 'testserver' is the host of Django's test client, through which the demo's simulation fills in the forms.
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1],testserver")
# What links in mails begin with: a mail is written in no request, or in one that names some other host.
SITE_URL = os.environ.get("SITE_URL") or (f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION and ALLOWED_HOSTS else "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")

# Gunicorn trusts X-Forwarded-Proto from a proxy on its own machine, so no SECURE_PROXY_SSL_HEADER is needed.
# ETOP_CRF_INSECURE_HTTP=1 is for trying gunicorn over plain HTTP on one's own machine, and for the tests.
HTTPS = PRODUCTION and os.environ.get("ETOP_CRF_INSECURE_HTTP") != "1"
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS

# A question brings several inputs (value, unit, missing-reason, date parts), so a long form passes Django's limit of 1000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# --- Static files: all from this site, none from another ----------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Demo: served from where they lie, nothing to collect. Production: `manage.py collectstatic`, then names that carry a hash.
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or BASE_DIR / "staticfiles") if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site has any business with them
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- Mail: written to the outbox first, sent from there ------------------------------------------------------------------------

if PRODUCTION:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
    EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "1") == "1"
    EMAIL_TIMEOUT = 10  # a mail server that hangs must not hold a request
else:
    # The demo sends nothing; each mail is a file to look at.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = BASE_DIR / ".demo-mail"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "ecrf@localhost")

# --- Language and time ---------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"  # stored in UTC; entered and shown in the site's own zone
USE_TZ = True

# --- Log -----------------------------------------------------------------------------------------------------------------------

# To stderr, where systemd or a container picks it up. No request body, local variable or database message is logged or mailed:
# Django's own handler, which mails the administrators the whole request, is replaced, and tracebacks lose the messages that may
# repeat a value. Who did what stands in the trail, not in the log.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "etop_crf.log.NoValues", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "WARNING"), "propagate": False},
    },
}
