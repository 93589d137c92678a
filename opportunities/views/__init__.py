"""The pages of opportunities: one function per address."""

from opportunities.views.adding import add
from opportunities.views.asking import answer, ask, unask
from opportunities.views.beside import (
    add_person,
    change_person,
    remove_person,
    tag,
    untag,
)
from opportunities.views.detail import create, detail
from opportunities.views.listing import list_page
from opportunities.views.many import create_many, undo_act
from opportunities.views.pipeline import arrange, changes, pipeline
from opportunities.views.snoozing import snooze
from opportunities.views.verbs import (
    activate,
    delete,
    edit,
    lose,
    move,
    reassign,
    reopen,
    restore,
    undo,
    update,
    win,
)

__all__ = [
    "activate",
    "add",
    "add_person",
    "answer",
    "arrange",
    "ask",
    "change_person",
    "changes",
    "create",
    "create_many",
    "delete",
    "detail",
    "edit",
    "list_page",
    "lose",
    "move",
    "pipeline",
    "reassign",
    "remove_person",
    "reopen",
    "restore",
    "snooze",
    "tag",
    "unask",
    "undo",
    "undo_act",
    "untag",
    "update",
    "win",
]
