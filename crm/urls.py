"""The site's table of contents."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from crm import views
from opportunities import views as opportunities
from search import views as search

handler400 = "crm.views.bad_request"
handler403 = "crm.views.permission_denied"
handler404 = "crm.views.page_not_found"
handler500 = "crm.views.server_error"

urlpatterns = [
    path("", views.my_day, name="my_day"),
    path("pipeline/", opportunities.pipeline, name="pipeline"),
    path("pipeline/changes/", opportunities.changes, name="pipeline_changes"),
    path("pipeline/arrange/", opportunities.arrange, name="arrange"),
    path("opportunities/", include("opportunities.urls")),
    path("tasks/", include("tasks.urls")),
    path("contacts/", include("contacts.urls")),
    path("campaigns/", include("contacts.campaign_urls")),
    path("segments/", include("contacts.segment_urls")),
    path("salespeople/", include("salespeople.urls")),
    path("files/", include("files.urls")),
    path("changes/", include("changes.urls")),
    path("interactions/", include("tasks.interaction_urls")),
    path("quotes/", include("quotes.urls")),
    path("analytics/", include("analytics.urls")),
    path("notices/", include("notices.urls")),
    path("search/", include("search.urls")),
    path("help/keys/", search.keys, name="keys"),
    path("lists/", include("lists.urls")),
    path("export/", include("interchange.urls")),
    path("accounts/", include("salespeople.account_urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
]
