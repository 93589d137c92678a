"""The addresses of files."""

from django.urls import path

from files import views

app_name = "files"
urlpatterns = [
    path("attach/", views.attach, name="attach"),
    path("<int:pk>/", views.download, name="download"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("<int:pk>/restore/", views.restore, name="restore"),
]
