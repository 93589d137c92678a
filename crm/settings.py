"""Settings, from the environment first; docs/operations.md lists the variables."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"
env = environ.Env()

# CRM_LOCAL=1: a run on this machine only, without TLS, on a loopback address.
LOCAL = env.bool("CRM_LOCAL", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if LOCAL and env("HOST", default="127.0.0.1") not in ("127.0.0.1", "localhost", "::1"):
    raise ImproperlyConfigured("CRM_LOCAL serves a loopback address only: unset HOST.")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY, at least 50 random characters.")

INSTALLED_APPS = [
    "lists",
    "notices",
    "salespeople",
    "changes",
    "contacts",
    "salescycles",
    "files",
    "tasks",
    "opportunities",
    "quotes",
    "analytics",
    "search",
    "interchange",
    "demo",
    "crm",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "crm.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.compression.TextCompressionMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "salespeople.middleware.SignInMiddleware",
    "salespeople.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.context.site",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {
    "default": {
        **env.db("DATABASE_URL"),
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": env.bool("DISABLE_SERVER_SIDE_CURSORS", default=False),
        "TEST": {"NAME": env("TEST_DATABASE", default="test_crm")},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "salespeople.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
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
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "crm.context.client_address"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
CSRF_FAILURE_VIEW = "crm.views.csrf_failure"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nb", _("Norwegian Bokmål"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("TIME_ZONE", default="Europe/Oslo")
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["crm.formats"]
SITE_CURRENCY = env("SITE_CURRENCY", default="NOK")

STATIC_URL = "/static/"
STATIC_ROOT = LOCAL_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", LOCAL_DIR / "assets"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000  # the form of a quote with as many lines as it may have
# Files lie under random names, outside of what any web server serves; a view hands them out.
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(LOCAL_DIR / "media")))
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = [
    "files.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
MOST_FILES = env.int("MOST_FILES", default=20)  # at once, and of one mail
MOST_FILE_BYTES = env.int("MOST_FILE_BYTES", default=25 * 1024 * 1024)  # of one, and of all at once
PROGRAMS = """
    exe com scr pif msi msp dll sys drv cpl bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta lnk
    url reg inf jar class apk app deb rpm sh bash run php phtml jsp asp aspx cgi pl py
    html htm xhtml shtml mht mhtml svg svgz swf
"""
REFUSED_FILES = frozenset(env.list("REFUSED_FILES", default=PROGRAMS.split()))
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_SECURE = not LOCAL
X_FRAME_OPTIONS = "DENY"

MAIL_HOST = env("MAIL_HOST", default="" if LOCAL else "localhost")
MAILERS = {
    "default": (
        {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": MAIL_HOST,
                "port": env.int("MAIL_PORT", default=587),
                "username": env("MAIL_USER", default=""),
                "password": env("MAIL_PASSWORD", default=""),
                "use_tls": env.bool("MAIL_TLS", default=True),
                "timeout": 10,
            },
        }
        if MAIL_HOST
        else {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    ),
}
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="crm@localhost")
# Mails lead back here; from this hour of the reader's morning on, the daily mail is written.
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{env('PORT', default='8000')}")
DIGEST_HOUR = env.int("DIGEST_HOUR", default=7)

# Who offers: the letterhead of quotes. The defaults are those of the demo data.
COMPANY_NAME = env("COMPANY_NAME", default="Nordlys Salg AS")
COMPANY_ADDRESS = env("COMPANY_ADDRESS", default="Storgata 1, 0155 Oslo")
COMPANY_ORG_NUMBER = env("COMPANY_ORG_NUMBER", default="999 999 999 MVA")
COMPANY_EMAIL = env("COMPANY_EMAIL", default="post@nordlys.example")
COMPANY_PHONE = env("COMPANY_PHONE", default="+47 22 00 00 00")
COMPANY_LOGO = env("COMPANY_LOGO", default="")
if COMPANY_LOGO and not (
    Path(COMPANY_LOGO).is_file()
    and Path(COMPANY_LOGO).suffix.lower() in (".svg", ".png", ".jpg", ".jpeg")
):
    raise ImproperlyConfigured("COMPANY_LOGO is not the path of an SVG, PNG or JPEG file.")
QUOTE_VALID_DAYS = env.int("QUOTE_VALID_DAYS", default=30)
QUOTE_VAT_PERCENT = env.int("QUOTE_VAT_PERCENT", default=25)  # of a line without a product
QUOTE_TERMS = env("QUOTE_TERMS", default="")  # empty: payment within 30 days

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"axes": {"level": "WARNING"}},  # a sign-in is no event worth a line
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
