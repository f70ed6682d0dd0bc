"""Production settings: the default. A missing secret stops the start."""

from datetime import timedelta
from pathlib import Path
from types import ModuleType

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import environment as env
from config.api.settings import (  # noqa: F401  # settings of this module, too
    DRF_STANDARDIZED_ERRORS,
    REST_FRAMEWORK,
    SPECTACULAR_SETTINGS,
)
from config.databases import parse_database_url
from config.logging import logging_settings
from config.schedule import SCHEDULE

BASE_DIR = env.BASE_DIR
STATE_DIR = env.STATE_DIR


def read_secret(name: str) -> str:
    """A secret that ``manage.py prepare`` made in ``secrets/``."""
    path = STATE_DIR / "secrets" / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        raise ImproperlyConfigured(
            f"The secret {path} is missing. Run `make run` or `python -m config.prepare` first."
        ) from None


DEBUG = False
SECRET_KEY = read_secret("django-secret-key")
FIELD_ENCRYPTION_KEY = read_secret("field-encryption-key")
ALLOWED_HOSTS = [
    "*"
]  # nodes are reached by name, by address and through the VPN; nothing is built from Host

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "config.apps.ConsoleConfig",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "two_factor",
    "axes",
    "knox",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_htmx",
    "audit",
    "accounts",
    "django_otp_webauthn",  # after accounts, whose models it asks for
    "nodes",
    "cluster",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.PageCompressionMiddleware",
    "config.middleware.NothingKeptMiddleware",
    "config.middleware.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cluster.middleware.RoleMiddleware",
    "accounts.middleware.AccessMiddleware",
    "config.middleware.RefusalMiddleware",
    "cluster.idempotency.IdempotencyMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.Administrator"
LOGIN_URL = "two_factor:login"
LOGIN_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["accounts.hashing.PatientArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
    {"NAME": "accounts.passwords.ContextValidator"},
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.console",
            ],
        },
    }
]

FORM_RENDERER = "config.forms.ConsoleRenderer"

DATABASES = {"default": parse_database_url(env.DATABASE_URL, default=STATE_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "polled parts")
}
POLLED_PARTS_KEPT_SECONDS = 0.3  # with the 1.5 between two polls less than two seconds

FILE_UPLOAD_HANDLERS = ["config.uploads.NoUpload"]  # a page that wants a file brings its own
FILE_UPLOAD_TEMP_DIR = STATE_DIR  # on disk, and for the owner only; gone with the request

# Sessions and cookies
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "__Host-flotilla-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
PROOF_LIFETIME = timedelta(minutes=5)
"""How old password and code may be for what gives somebody power, or takes it away."""
CSRF_COOKIE_NAME = "__Host-flotilla-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True

# The browser's side
SECURE_HSTS_SECONDS = 31_536_000
SECURE_SSL_REDIRECT = False  # there is no plain HTTP listener to redirect from
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: the other names of this host are not ours
    "security.W008",  # no plain HTTP listener exists to redirect from
    "security.W021",  # HSTS preload: not for a private name
]

# Static files, text, time
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [BASE_DIR / "config" / "static", ("manual", BASE_DIR / "docs" / "images")]
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["map", "png", "jpg", "gif", "woff", "woff2", "gz", "br"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"  # of the API, the commands, the log and whatever is stored
LANGUAGES = [("en", "English"), ("it", "Italiano")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]

# Guessing: one lock for each pair of account and address, so that a stranger locks nobody out
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1  # hour
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "accounts.guesses.counted_address"  # by no header
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # the audit trail is the log
AXES_SENSITIVE_PARAMETERS = [
    *("auth-username", "auth-password", "token-otp", "token-passkey"),
    *("proof-password", "proof-otp", "proof-passkey", "otp", "passkey"),
]

# Passkeys: our own model and questions (accounts.webauthn), and never without a password
OTP_WEBAUTHN_CREDENTIAL_MODEL = "accounts.Passkey"
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
OTP_WEBAUTHN_RP_NAME = "Flotilla"
OTP_WEBAUTHN_RP_ID = env.FQDN
OTP_WEBAUTHN_ALLOWED_ORIGINS = [f"https://{env.FQDN}"]

KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105  # the name of a model
MIGRATION_MODULES = {"knox": None}  # its only table is the one that ours replaces
REST_KNOX = {"TOKEN_PREFIX": "flt_", "AUTH_HEADER_PREFIX": "Bearer"}

# Celery: the database is the truth; a message only says "look at this id"
CELERY_BROKER_URL = env.BROKER_URL or f"redis+socket://{env.EMBEDDED_BROKER_SOCKET}"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONSUMER = "config.worker:SteadyConsumer"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "max_retries": 0,  # a publish fails at once; the sweeper sends again
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "flotilla"
CELERY_TASK_QUEUES = [Queue("flotilla")]
CELERY_BEAT_SCHEDULE = SCHEDULE

LOGGING = logging_settings()
DJANGO_STRUCTLOG_CELERY_ENABLED = True

# What the audit trail asks of the apps above it, which it does not know
AUDIT_NODE = "nodes.role.current"
AUDIT_ACTOR = "accounts.actors.actor_from"
AUDIT_CUSTODIAN = "nodes.custodian.NodeCustodian"
AUDIT_WITNESSES = "cluster.services.witnesses.ask_now"

# Agents: a sync is answered late while there is no news, within a budget of threads a process
AGENT_HOLD_SECONDS = 2.0
AGENT_HELD_CALLS = 8

# What the product knows of this machine
FLOTILLA: ModuleType = env
SHOW_STYLEGUIDE = False  # a page for developers; tests and the lab have it
FAILPOINTS: Path | None = None  # only tests/settings.py and the lab set this
