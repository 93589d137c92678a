"""The addresses of what people keep of a list, and of what they do with many of its rows."""

from django.urls import path

from lists import builder_views, bulk_views, views

app_name = "lists"
urlpatterns = [
    path("<slug:kind>/views/", views.views_page, name="views"),
    path("<slug:kind>/views/save/", views.save, name="save"),
    path("<slug:kind>/views/<int:pk>/edit/", views.edit, name="edit"),
    path("<slug:kind>/views/<int:pk>/keep/", views.keep, name="keep"),
    path("<slug:kind>/views/<int:pk>/move/", views.move, name="move"),
    path("<slug:kind>/views/<int:pk>/delete/", views.delete, name="delete"),
    path("<slug:kind>/views/open-first/", views.open_first, name="open_first"),
    path("<slug:kind>/filter/", builder_views.build, name="build"),
    path("<slug:kind>/columns/", views.columns, name="columns"),
    path("<slug:kind>/choose/", bulk_views.choose, name="choose"),
    path("<slug:kind>/bulk/<int:pk>/", bulk_views.bulk, name="bulk"),
    path("<slug:kind>/bulk/<int:pk>/undo/", bulk_views.bulk_undo, name="bulk_undo"),
]
