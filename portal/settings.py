"""One settings module for every process; what differs between sites comes from environment variables.

DATABASE_URL, REDIS_URL      the servers; `manage.py` starts its own when they are not set
HEDDLE_DATA_DIR              the data folder: secret key, emulator's truth, and the servers' files under `up`
HEDDLE_SECRET_KEY            instead of the one kept in the data folder; the same on every machine of a site
HEDDLE_FABRIC_KEYS           keys that seal the credentials of fabric managers, instead of those kept in the data
                             folder; 32 bytes in base64 each, separated by commas, the first one seals
HEDDLE_BASE_URL              how people reach the portal, such as https://heddle.example.org
HEDDLE_ALLOWED_HOSTS         further host names it answers to, separated by commas
HEDDLE_DEMO                  1 while the demo accounts are in use (set by `up` on a loopback address)
HEDDLE_WAIT_SECONDS_MAX      the longest that `wait` keeps a caller, at most 60 (the default); shorter for a hasty proxy
HEDDLE_API_RATE              calls of one token and of one person, 3000/min unless given; `off` for none
HEDDLE_API_PROJECT_RATE      calls for one project, 12000/min
HEDDLE_PASSWORD_RATE         wrong passwords for one account from one address, 10/15min
HEDDLE_PASSWORD_ACCOUNT_RATE the same for one account from anywhere, 100/15min
HEDDLE_PASSWORD_ADDRESS_RATE the same from one address for all accounts, 30/15min
HEDDLE_METRICS_NETWORKS      networks that may read /metrics without a token, such as 10.0.0.0/8, separated by commas
HEDDLE_WEBHOOK_PRIVATE       private networks that webhooks may call, such as 10.1.2.0/24, separated by commas
HEDDLE_MAIL_URL              the mail server: smtp://user:password@host:587?tls=1, smtps://host, or file:///folder;
                             none: no mail is written
HEDDLE_MAIL_FROM             the sender's address, such as heddle@example.org
HEDDLE_POOL                  the pool of the first start: lab, pod, scale or a file
HEDDLE_LOG                   json or console; HEDDLE_LOG_LEVEL: info, warning …
HEDDLE_ROLE                  web, worker or beat: what this process is (set by its command)
"""

import os
from ipaddress import ip_network
from urllib.parse import urlsplit

from portal.api.conf import REST_FRAMEWORK as REST_FRAMEWORK
from portal.api.conf import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from portal.runtime import environment, logs, mailing, paths
from portal.throttles.rates import rate_of

BASE_DIR = paths.CHECKOUT
HEDDLE_DATA_DIR = paths.data_dir()
HEDDLE_DEMO = environment.flag("HEDDLE_DEMO")
HEDDLE_POOL = os.environ.get("HEDDLE_POOL", "lab")
HEDDLE_WAIT_SECONDS_MAX = float(os.environ.get("HEDDLE_WAIT_SECONDS_MAX", "60"))
HEDDLE_API_RATE = rate_of(os.environ.get("HEDDLE_API_RATE", "3000/min"))
HEDDLE_API_PROJECT_RATE = rate_of(os.environ.get("HEDDLE_API_PROJECT_RATE", "12000/min"))
HEDDLE_PASSWORD_RATE = rate_of(os.environ.get("HEDDLE_PASSWORD_RATE", "10/15min"))
HEDDLE_PASSWORD_ACCOUNT_RATE = rate_of(os.environ.get("HEDDLE_PASSWORD_ACCOUNT_RATE", "100/15min"))
HEDDLE_PASSWORD_ADDRESS_RATE = rate_of(os.environ.get("HEDDLE_PASSWORD_ADDRESS_RATE", "30/15min"))
HEDDLE_WEBHOOK_PRIVATE = [ip_network(word) for word in environment.words("HEDDLE_WEBHOOK_PRIVATE")]
HEDDLE_MAIL = mailing.connection(os.environ.get("HEDDLE_MAIL_URL", ""))
HEDDLE_MAIL_FROM = mailing.sender(os.environ.get("HEDDLE_MAIL_FROM", ""), url=os.environ.get("HEDDLE_MAIL_URL", ""))
HEDDLE_LETTER_LINKS = "portal.letter_links.links"
HEDDLE_METRICS_NETWORKS = [ip_network(word) for word in environment.words("HEDDLE_METRICS_NETWORKS")]
HEDDLE_ROLE = os.environ.get("HEDDLE_ROLE", "")
HEDDLE_BASE_URL = os.environ.get("HEDDLE_BASE_URL", "http://127.0.0.1:8000").rstrip("/")

DEBUG = environment.flag("HEDDLE_DEBUG")
SECRET_KEY = environment.secret_key(data_dir=HEDDLE_DATA_DIR)
_PUBLIC = urlsplit(HEDDLE_BASE_URL)
_IS_HTTPS = _PUBLIC.scheme == "https"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *environment.words("HEDDLE_ALLOWED_HOSTS"), _PUBLIC.hostname or ""]
CSRF_TRUSTED_ORIGINS = [HEDDLE_BASE_URL]

INSTALLED_APPS = [
    "portal.console.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "django_htmx",
    "template_partials",
    "pgtrigger",
    "fabric",
    "scheduler",
    "portal.accounts",
    "portal",
]

MIDDLEWARE = [
    "portal.web.middleware.RequestIdMiddleware",
    "portal.metrics.requests.MeasuringMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.web.middleware.SecurityHeadersMiddleware",
    "portal.web.middleware.SpeechlessMiddleware",
    "portal.web.statics.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"

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
            ],
        },
    },
]

# One dialect everywhere. A role that serves many threads shares connections; a forked one must not.
DATABASES = {"default": environment.database(os.environ.get("DATABASE_URL", "postgresql:///heddle"))}
if DATABASE_CONNECTIONS := int(os.environ.get("HEDDLE_DB_CONNECTIONS", "0")):
    DATABASES["default"]["OPTIONS"] |= {"pool": {"min_size": 1, "max_size": DATABASE_CONNECTIONS, "timeout": 30}}  # type: ignore[operator]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions live in the database and the cache in each process: without Valkey nobody is signed out, nothing fails.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = environment.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
# Early ack: the lease in the Operation row brings back what a killed worker had, sooner than the broker would.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A booking never waits long for a broker that is down: about 0.4 s, then the sweep does it.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "socket_timeout": 20,
    "socket_connect_timeout": 3,
    "health_check_interval": 10,
    "socket_keepalive": True,
}
CELERY_TIMEZONE = "UTC"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.PeopleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
CSRF_FAILURE_VIEW = "portal.web.views.errors.csrf_failed"
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_MAX_AGE = 60

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = "portal.formats"

LOGGING_CONFIG = None
logs.configure(style=os.environ.get("HEDDLE_LOG", "json"), level=os.environ.get("HEDDLE_LOG_LEVEL", "info"))
