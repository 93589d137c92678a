"""The addresses of files that leave the site."""

from django.urls import path

from interchange import views

app_name = "interchange"
urlpatterns = [
    path("<slug:kind>/", views.export, name="export"),
]
