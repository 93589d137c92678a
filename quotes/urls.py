"""The addresses of quotes."""

from django.urls import path

from quotes import views

app_name = "quotes"
urlpatterns = [
    path("", views.listing, name="list"),
    path("create/", views.create, name="create"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/status/", views.change_status, name="change_status"),
]
