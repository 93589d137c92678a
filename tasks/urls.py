"""The addresses of tasks: the list, one of them, and the door's verbs below it."""

from django.urls import path

from tasks.views import activity, calendar, detail, feed, verbs
from tasks.views import list as listing

app_name = "tasks"
urlpatterns = [
    path("", listing.list_page, name="list"),
    path("create/", detail.create, name="create"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("feed/<str:token>.ics", feed.feed, name="feed"),
    path("cancel_many/", listing.cancel_many, name="cancel_many"),
    path("activity/", activity.assign_activity, name="assign_activity"),
    path("suggest/", detail.suggest, name="suggest"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/edit/", detail.edit, name="edit"),
    path("<int:pk>/start/", verbs.start, name="start"),
    path("<int:pk>/complete/", verbs.complete, name="complete"),
    path("<int:pk>/cancel/", verbs.cancel, name="cancel"),
    path("<int:pk>/reopen/", verbs.reopen, name="reopen"),
    path("<int:pk>/reschedule/", verbs.reschedule, name="reschedule"),
    path("<int:pk>/assign/", verbs.assign, name="assign"),
    path("<int:pk>/take/", verbs.take, name="take"),
]
