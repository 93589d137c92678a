"""The addresses of salespeople and teams."""

from django.urls import path

from salespeople import views

app_name = "salespeople"
urlpatterns = [
    path("", views.listing, name="list"),
    path("teams/", views.teams, name="teams"),
    path("teams/<int:pk>/", views.team, name="team"),
    path("<int:pk>/", views.detail, name="detail"),
]
