"""The pages of opportunities: one function per address."""

from opportunities.views.detail import create, detail
from opportunities.views.listing import list_page
from opportunities.views.pipeline import pipeline
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
    "create",
    "delete",
    "detail",
    "edit",
    "list_page",
    "lose",
    "move",
    "pipeline",
    "reassign",
    "reopen",
    "restore",
    "snooze",
    "undo",
    "update",
    "win",
]
