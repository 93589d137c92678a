"""The addresses of quotes."""

from django.urls import path

from quotes import views

app_name = "quotes"
urlpatterns = [
    path("", views.list_page, name="list"),
    path("create/", views.create, name="create"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/send/", views.send, name="send"),
    path("<int:pk>/status/", views.change_status, name="change_status"),
    path("<int:pk>/pdf/", views.pdf, name="pdf"),
    path("<int:pk>/pdf/<int:number>/", views.revision, name="revision"),
]
