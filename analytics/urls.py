"""The addresses of the managers' pages."""

from django.urls import path

from analytics import views

app_name = "analytics"
urlpatterns = [
    path("", views.index, name="index"),
    path("chances/", views.chances, name="chances"),
    path("chances/<int:pk>/adopt/", views.adopt, name="adopt"),
    path("chances/<int:pk>/revert/", views.revert, name="revert"),
    path("cohorts/", views.cohorts, name="cohorts"),
    path("times/", views.times, name="times"),
    path("wins/", views.wins, name="wins"),
    path("funnel/", views.funnel, name="funnel"),
    path("matrix/", views.matrix, name="matrix"),
    path("forecast/", views.forecast, name="forecast"),
    path("forecast/<int:pk>/<str:month>/adjust/", views.adjust, name="adjust"),
    path("pipeline/", views.pipeline, name="pipeline"),
    path("bridge/", views.bridge, name="bridge"),
    path("bridge/rows/", views.bridge_rows, name="bridge_rows"),
    path("review/", views.review, name="review"),
    path("review/rows/", views.review_rows, name="review_rows"),
    path("review/mark/", views.mark, name="mark"),
    path("review/<int:pk>/unmark/", views.unmark, name="unmark"),
]
