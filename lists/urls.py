"""The addresses of what people keep of a list: views and columns."""

from django.urls import path

from lists import views

app_name = "lists"
urlpatterns = [
    path("<slug:kind>/views/", views.views_page, name="views"),
    path("<slug:kind>/views/save/", views.save, name="save"),
    path("<slug:kind>/views/<int:pk>/edit/", views.edit, name="edit"),
    path("<slug:kind>/views/<int:pk>/keep/", views.keep, name="keep"),
    path("<slug:kind>/views/<int:pk>/move/", views.move, name="move"),
    path("<slug:kind>/views/<int:pk>/delete/", views.delete, name="delete"),
    path("<slug:kind>/views/open-first/", views.open_first, name="open_first"),
    path("<slug:kind>/columns/", views.columns, name="columns"),
]
