"""The addresses of opportunities: the list, one of them, and the door's verbs below it."""

from django.urls import path

from opportunities import suggesting, views

app_name = "opportunities"
urlpatterns = [
    path("", views.list_page, name="list"),
    path("add/", views.add, name="add"),
    path("create/", views.create, name="create"),
    path("suggest/", suggesting.suggest, name="suggest"),
    path("create_many/", views.create_many, name="create_many"),
    path("acts/<uuid:act>/undo/", views.undo_act, name="undo_act"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/activate/", views.activate, name="activate"),
    path("<int:pk>/move/", views.move, name="move"),
    path("<int:pk>/update/", views.update, name="update"),
    path("<int:pk>/win/", views.win, name="win"),
    path("<int:pk>/lose/", views.lose, name="lose"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
    path("<int:pk>/reassign/", views.reassign, name="reassign"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/restore/", views.restore, name="restore"),
    path("<int:pk>/snooze/", views.snooze, name="snooze"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/ask/", views.ask, name="ask"),
    path("<int:pk>/answer/", views.answer, name="answer"),
    path("<int:pk>/unask/", views.unask, name="unask"),
    path("<int:pk>/tag/", views.tag, name="tag"),
    path("<int:pk>/untag/", views.untag, name="untag"),
    path("<int:pk>/add_person/", views.add_person, name="add_person"),
    path("<int:pk>/change_person/<int:contact>/", views.change_person, name="change_person"),
    path("<int:pk>/remove_person/<int:contact>/", views.remove_person, name="remove_person"),
]
