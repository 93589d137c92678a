"""The addresses of salespeople and teams."""

from django.urls import path

from salespeople import target_views, views

app_name = "salespeople"
urlpatterns = [
    path("", views.listing, name="list"),
    path("mention/", views.mention, name="mention"),
    path("teams/", views.teams, name="teams"),
    path("teams/<int:pk>/", views.team, name="team"),
    path("targets/", target_views.targets, name="targets"),
    path("targets/import/", target_views.import_targets, name="import_targets"),
    path("targets/export/", target_views.export_targets, name="export_targets"),
    path("<int:pk>/", views.detail, name="detail"),
]
