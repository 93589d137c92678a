"""The address at which a change is taken back."""

from django.urls import path

from changes import views

app_name = "changes"
urlpatterns = [path("<int:pk>/undo/", views.undo, name="undo")]
