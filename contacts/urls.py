"""The addresses of contacts."""

from django.urls import path

from contacts import listing, suggesting, tag_views, views

app_name = "contacts"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("create/", views.create, name="create"),
    path("suggest/", suggesting.suggest, name="suggest"),
    path("suggest/companies/", suggesting.suggest_companies, name="suggest_companies"),
    path("suggest/tags/", suggesting.suggest_tags, name="suggest_tags"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/change_kind/", views.change_kind, name="change_kind"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/block/", views.block, name="block"),
    path("<int:pk>/unblock/", views.unblock, name="unblock"),
    path("<int:pk>/tag/", tag_views.tag, name="tag"),
    path("<int:pk>/untag/", tag_views.untag, name="untag"),
]
