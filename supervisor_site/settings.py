"""Every setting of Earshot, by concern. docs/settings.md explains each environment name.

The readers at the top are typed; a required name that is missing is collected, so that one
start tells all of them. What only `serve` and `run_worker` need is checked by `supervisor_site.checks`.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

# --- reading the environment ---------------------------------------------------------------------
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
_missing: list[str] = []


def text(name: str, default: str = "") -> str:
    return str(env.str(name, default=default)).strip()


def required(name: str) -> str:
    value = text(name)
    if not value:
        _missing.append(name)
    return value


def flag(name: str, default: bool = False) -> bool:
    return bool(env.bool(name, default=default))


def number(name: str, default: int) -> int:
    return int(env.int(name, default=default))


def names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


# --- this process ----------------------------------------------------------------------------------
SECRET_KEY = required("SECRET_KEY")
DEBUG = False
ROOT_URLCONF = "supervisor_site.urls"
ASGI_APPLICATION = "supervisor_site.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Telnyx ----------------------------------------------------------------------------------------
TELNYX_API_KEY = text("TELNYX_API_KEY")
TELNYX_PUBLIC_KEYS = names("TELNYX_PUBLIC_KEY")
TELNYX_BASE_URL = text("TELNYX_BASE_URL", "https://api.telnyx.com/v2").rstrip("/")
TELNYX_CONNECTION_ID = text("TELNYX_CONNECTION_ID")
TELNYX_FROM_NUMBER = text("TELNYX_FROM_NUMBER")
TELNYX_REGION = text("TELNYX_REGION")
# Seconds after which a paused recording goes on by itself; 0: never.
RECORDING_RESUME_AFTER = number("RECORDING_RESUME_AFTER", 0)
# Where a pretend Telnyx on this machine keeps its recordings; never believed with the real one.
RECORDING_ORIGINS = names("RECORDING_ORIGINS", "{0.scheme}://{0.netloc}".format(urlsplit(TELNYX_BASE_URL)))

# --- how long things are kept, in days; 0: for ever ------------------------------------------------
INBOX_DAYS = number("INBOX_DAYS", 30)
COMMAND_DAYS = number("COMMAND_DAYS", 0)
RECORDING_DAYS = number("RECORDING_DAYS", 90)

# --- addresses -------------------------------------------------------------------------------------
ALLOWED_HOSTS = names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
TRUSTED_ORIGINS = names("TRUSTED_ORIGINS")
CSRF_TRUSTED_ORIGINS = TRUSTED_ORIGINS
HTTPS = flag("HTTPS")
# How many proxies in front of us may be believed about the client's address and scheme; 0: none.
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0)
APPEND_SLASH = True

# --- packages --------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "supervisor_site.apps.EarshotAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "telephony",
    "dashboard",
    "bridged_calls",
    "recordings",
    "conferences",
    "queues",
    "supervision",
    "activity",
    "agents",
    "wallboards",
    "supervisor_site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

# --- database --------------------------------------------------------------------------------------
DATABASE_URL = text("DATABASE_URL", f"sqlite:///{BASE_DIR / 'earshot.sqlite3'}")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = 0  # under ASGI every request has its own thread: kept connections would leak
_database["CONN_HEALTH_CHECKS"] = True  # a pooled connection may be from before the database restarted
_options = _database.setdefault("OPTIONS", {})
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that reads and then writes would fail under concurrency otherwise.
    _options |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000;",
    }
elif _database["ENGINE"].endswith("postgresql"):
    _options |= {"pool": {"min_size": 2, "max_size": number("DATABASE_POOL", 16), "timeout": 5}}

# --- Redis: the layer between processes, the shared cache -------------------------------------------
REDIS_URL = text("REDIS_URL")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            # The core layer loses bursts silently and its sockets die under redis-py 8's time-out.
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL], "prefix": text("REDIS_PREFIX", "earshot")},
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- people and sign-in ------------------------------------------------------------------------------
AUTH_USER_MODEL = "dashboard.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "dashboard.permissions.RolePermissions",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "dashboard.accounts.Accounts"
ACCOUNT_FORMS = {"login": "dashboard.accounts.SignInForm"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "5/15m/key,60/15m/ip"}
MFA_ADAPTER = "dashboard.accounts.SecondFactors"
MFA_FORMS = {"authenticate": "dashboard.accounts.SecondFactorForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Earshot"
# Whoever may administer or hear recordings sets up a second factor first.
REQUIRE_SECOND_FACTOR = flag("REQUIRE_SECOND_FACTOR", HTTPS)
# "Do not ask on this device": a signed cookie, void once the password or a factor changes.
MFA_TRUST_ENABLED = True
MFA_TRUST_COOKIE_AGE = 12 * 3600
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an admin made the account, so nobody squats on another's address
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # http://localhost, where browsers allow passkeys too
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- browser security ----------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- pages -----------------------------------------------------------------------------------------------
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
                "dashboard.context.page",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "supervisor_site.static.VersionedStaticFiles"},
}
# How old the page of a wallboard becomes before it loads itself again; 0: it never does for its age alone.
WALLBOARD_RELOAD_SECONDS = number("WALLBOARD_RELOAD_SECONDS", 24 * 3600)
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = text("TIME_ZONE", "UTC")

# --- logs: never a secret, never a full number ------------------------------------------------------------
LOG_FORMAT = text("LOG_FORMAT", "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "supervisor_site.logs.Text",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "supervisor_site.logs.Json"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": text("LOG_LEVEL", "WARNING")},
    "loggers": {"earshot": {"level": text("LOG_LEVEL", "INFO")}},
}

if _missing:
    # `serve` asks for these too: whoever sets one name shall hear of all.
    _missing += [name for name in ("TELNYX_API_KEY", "TELNYX_PUBLIC_KEY") if not text(name)]
    raise ImproperlyConfigured(
        f"Settings are missing: {', '.join(_missing)}. Give them as environment variables or in a file "
        f"{BASE_DIR / '.env'}; docs/settings.md says what each one is."
    )
if INBOX_DAYS < 0 or COMMAND_DAYS < 0 or 0 < COMMAND_DAYS < 90:
    raise ImproperlyConfigured(
        f"INBOX_DAYS must not be negative (is {INBOX_DAYS}); COMMAND_DAYS must be 0 or at least 90, because "
        f"the database keeps the command log that long (is {COMMAND_DAYS})."
    )
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT is text or json (is {LOG_FORMAT!r}).")
if RECORDING_DAYS < 0:
    raise ImproperlyConfigured(f"RECORDING_DAYS must not be negative (is {RECORDING_DAYS}).")
if urlsplit(TELNYX_BASE_URL).scheme not in {"http", "https"}:
    raise ImproperlyConfigured(f"TELNYX_BASE_URL must start with https:// (is {TELNYX_BASE_URL!r}).")
