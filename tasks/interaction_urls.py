"""The addresses of interactions."""

from django.urls import path

from tasks.views import interactions, mails

app_name = "interactions"
urlpatterns = [
    path("", interactions.listing, name="list"),
    path("create/", interactions.create, name="create"),
    path("write/", mails.write, name="write"),
    path("keep/", mails.keep, name="keep"),
    path("<int:pk>/", interactions.detail, name="detail"),
    path("<int:pk>/cancel/", interactions.cancel, name="cancel"),
    path("<int:pk>/restore/", interactions.restore, name="restore"),
]
