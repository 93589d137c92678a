"""The addresses of campaigns."""

from django.urls import path

from contacts import campaign_views as views

app_name = "campaigns"
urlpatterns = [
    path("", views.listing, name="list"),
    path("create/", views.create, name="create"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/activate/", views.activate, name="activate"),
    path("<int:pk>/deactivate/", views.deactivate, name="deactivate"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
