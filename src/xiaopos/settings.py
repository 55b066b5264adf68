"""Django's settings, from the deployment.

What may live here: Django's own names. What may not: reading the environment (deployment), business parameters.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from xiaopos.application_plan import rules_of
from xiaopos.deployment import Deployment, read_deployment
from xiaopos.fonts import chinese_font_paths
from xiaopos.network_plan import plan_of

DEPLOYMENT: Deployment = read_deployment(os.environ)
_PLAN = plan_of(DEPLOYMENT)
NETWORKS: tuple[str, ...] = tuple(place.name for place in _PLAN.networks)
"""The card networks of this installation, in the order of its plan."""
NETWORK_ROUTES: tuple[tuple[str, ...], ...] = tuple(rule.networks for rule in _PLAN.rules)
"""The networks of each route of the plan."""
APPLICATION_RULES = rules_of(DEPLOYMENT)
HERE = Path(__file__).resolve().parent

SECRET_KEY = DEPLOYMENT.secret_key
DEBUG = False
ALLOWED_HOSTS = (
    [*DEPLOYMENT.web_hosts, "localhost", "127.0.0.1", "testserver"] if DEPLOYMENT.is_demo else [*DEPLOYMENT.web_hosts]
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "xiaopos.store.people",
    "xiaopos.store.payments",
    "xiaopos.store.ledger",
    "xiaopos.store.merchants",
    "xiaopos.store.fleet",
    "xiaopos.store.jobs",
    "xiaopos.store.keys",
    "xiaopos.store.audit",
    "xiaopos.store.api_keys",
    "xiaopos.store.wallets",
    "xiaopos.store.webhooks",
    "xiaopos.store.shop_codes",
    "xiaopos.store.speakers",
    "xiaopos.store.badges",
    "xiaopos.store.rings",
    "xiaopos.store.screening",
    "xiaopos.store.agents",
    "xiaopos.store.applications",
    "xiaopos.store.advice",
    "xiaopos.store.stock",
    "xiaopos.store.deliveries",
    "xiaopos.store.bindings",
    "xiaopos.web",
]

MIDDLEWARE = [
    "xiaopos.web.headers.SecurityHeaders",  # first: also on static files and on refused host names
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "xiaopos.urls"
WSGI_APPLICATION = "xiaopos.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "xiaopos.web.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]


def _database(deployment: Deployment) -> dict[str, Any]:
    path = deployment.sqlite_path
    if path is not None:
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "CONN_MAX_AGE": None, "OPTIONS": options}
    parts = urlsplit(deployment.database)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database(DEPLOYMENT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "store_people.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "sign_in"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [
    HERE / "web" / "locale" / area for area in ("accounts", "agents", "apply", "cashier", "fleet", "portal", "api")
]
LANGUAGE_COOKIE_NAME = "xiaopos_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = str(DEPLOYMENT.zone)

CHINESE_FONT_FOLDERS = chinese_font_paths()

# What applicants send is held in memory until it is drawn anew and sealed: it never touches a disk in the clear.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 13_000_000

STATIC_URL = "/static/"
STATIC_ROOT = DEPLOYMENT.data_dir / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_NAME = "xiaopos_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEPLOYMENT.is_demo
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# A proxy ends TLS before us: the browser's origin says https where Django sees http.
CSRF_TRUSTED_ORIGINS = [] if DEPLOYMENT.is_demo else [f"https://{name}" for name in DEPLOYMENT.web_hosts]
CSRF_FAILURE_VIEW = "xiaopos.web.errors.form_forged"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0 if DEPLOYMENT.is_demo else 31_536_000

LOGGING_CONFIG = None
