"""The addresses of interactions."""

from django.urls import path

from tasks.views import interactions

app_name = "interactions"
urlpatterns = [
    path("", interactions.listing, name="list"),
    path("create/", interactions.create, name="create"),
    path("<int:pk>/", interactions.detail, name="detail"),
    path("<int:pk>/cancel/", interactions.cancel, name="cancel"),
    path("<int:pk>/restore/", interactions.restore, name="restore"),
]
