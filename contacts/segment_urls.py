"""The addresses of segments."""

from django.urls import path

from contacts import segment_views as views

app_name = "segments"
urlpatterns = [
    path("", views.listing, name="list"),
    path("create/", views.create, name="create"),
    path("add_matching/", views.add_matching, name="add_matching"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/add/", views.add, name="add"),
    path("<int:pk>/paste/", views.paste, name="paste"),
    path("<int:pk>/remove/", views.remove, name="remove"),
]
